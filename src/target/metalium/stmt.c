/* Statements that all roles share: loops, branches, lets, scalars, and the verbs of pipes. */
#include "target/metalium/metalium.h"
#include <string.h>

bool unlifted(Emit *e, Span at, const char *fmt, ...)
{
    if (e->why) return false;
    Text t = text_new(&e->cx->arena);
    va_list ap;
    va_start(ap, fmt);
    text_vadd(&t, fmt, ap);
    va_end(ap);
    e->why = t.s;
    e->why_at = at;
    return false;
}

/* what of the source this is; of a nest, its stores */
void emit_comment(Emit *e, const Stmt *s)
{
    if (s->kind != S_LOOP || !s->loop.body) {
        text_line(e->out, "// %s", stmt_line(e->cx, s));
        return;
    }
    const Stmt *in = s->loop.body;
    bool stores = true;
    for (const Stmt *b = in; b; b = b->next) stores &= b->kind == S_STORE || b->kind == S_LET;
    if (!stores) text_line(e->out, "// %s", stmt_line(e->cx, s));
    for (const Stmt *b = in; b && stores; b = b->next)
        text_line(e->out, "// %s", stmt_line(e->cx, b));
}

/* ---- loops of ours: over tiles, rows, elements ---- */

void open_loop(Emit *e, const char *var, const char *count)
{
    if (!strcmp(count, "1")) return;
    text_line(e->out, "for (uint32_t %s = 0; %s < %s; ++%s) {", var, var, count, var);
    e->out->indent++;
}

void close_loop(Emit *e, const char *count)
{
    if (strcmp(count, "1")) emit_close(e);
}

/* ---- loops, branches, lets of the program ---- */

static bool simple_bound(const Expr *x)
{
    return x->kind == E_INT || x->kind == E_VAR;
}

static void emit_loop(Emit *e, const Stmt *s)
{
    int names = e->names.n;
    if (e->role == R_COMPUTE) compute_enter(e, s);
    const char *lo = expr_text(e, s->loop.lo, P_COND), *hi = expr_text(e, s->loop.hi[0], P_COND);
    const char *type = c_type(s->loop.var[0]->type),
               *v = name_new(e, s->loop.var[0], s->loop.var[0]->name);
    const char *step = s->loop.step == 1    ? emit_f(e, "++%s", v)
                       : s->loop.step == -1 ? emit_f(e, "--%s", v)
                                            : emit_f(e, "%s += %lld", v, (long long)s->loop.step);
    if (simple_bound(s->loop.hi[0]))
        text_line(e->out, "for (%s %s = %s; %s %s %s; %s) {", type, v, lo, v,
                  s->loop.step > 0 ? "<" : ">", hi, step);
    else {
        const char *end = name_new(e, s, emit_f(e, "%s_end", v));
        text_line(e->out, "for (%s %s = %s, %s = %s; %s %s %s; %s) {", type, v, lo, end, hi, v,
                  s->loop.step > 0 ? "<" : ">", end, step);
    }
    e->out->indent++;
    Scope scope = {.outer = e->scope, .stmt = s, .launch = e->launch};
    e->scope = &scope;
    emit_list(e, s->loop.body);
    e->scope = scope.outer;
    emit_close(e);
    if (e->role == R_COMPUTE) compute_leave(e);
    e->names.n = names;
}

static void emit_branch(Emit *e, const Stmt *s)
{
    Config before = e->config;
    uint64_t full = e->full, live = e->role == R_COMPUTE ? live_after(e, s) : 0;
    text_line(e->out, "if (%s) {", expr_text(e, s->branch.cond, P_COND));
    e->out->indent++;
    Scope then = {.outer = e->scope, .stmt = s, .launch = e->launch},
          other = {.outer = e->scope, .stmt = s, .other = true, .launch = e->launch};
    e->scope = &then;
    emit_list(e, s->branch.then);
    /* both ways must leave the same values behind: those the rest will read */
    Config after = e->config;
    uint64_t full_then = e->full;
    Text *out = e->out;
    Text rest = text_new(&e->cx->arena);
    rest.indent = out->indent;
    e->out = &rest;
    e->scope = &other;
    e->config = before;
    e->full = full;
    emit_list(e, s->branch.other);
    drop(e, e->full & ~live);
    prime(e, full_then & live & ~e->full);
    uint64_t full_other = e->full;
    e->out = out;
    e->full = full_then;
    drop(e, e->full & ~live);
    prime(e, full_other & ~e->full);
    e->scope = then.outer;
    out->indent--;
    text_line(out, rest.n ? "} else {" : "}");
    text_put(out, rest.s, rest.n);
    if (rest.n) text_line(out, "}");
    config_join(e, &after);
}

static void emit_let(Emit *e, const Stmt *s)
{
    const char *value = expr_text(e, s->let.value, P_COND);
    const char *name = name_new(e, s->let.var, s->let.var->name);
    if (name_used(e, s->let.var))
        text_line(e->out, "const %s %s = %s;", c_type(s->let.var->type), name, value);
}

static bool loads(void *buf, const Expr *x)
{
    return x->kind == E_LOAD && x->buf == buf;
}

/* the store that gives a variable its first value, right behind its declaration; or NULL */
static const Stmt *first_store(const Emit *e, const Stmt *s)
{
    const Stmt *st = s->next;
    bool is = e->role != R_COMPUTE && is_variable(s->alloc) && st && st->kind == S_STORE &&
              st->store.buf == s->alloc && !expr_any(st->store.value, loads, s->alloc);
    return is ? st : NULL;
}

static void emit_local(Emit *e, const Buf *b, const Stmt *first)
{
    const char *value = first ? expr_text(e, first->store.value, P_COND) : "{}", *dims = "",
               *name = name_new(e, b, b->name);
    if (!name_used(e, b)) return;
    for (int d = 0; d < b->ndim; d++)
        dims = emit_f(e, "%s[%s]", dims, expr_text(e, b->dim[d], P_COND));
    text_line(e->out, "%s %s%s = %s;", c_type(b->type), name, dims, value);
}

static void emit_alloc(Emit *e, const Stmt *s)
{
    Buf *b = s->alloc;
    if (b->space == SP_LOCAL) {
        emit_local(e, b, first_store(e, s));
        return;
    }
    const char *name = name_new(e, b, b->name);
    if (e->role == R_COMPUTE) return;
    Format f;
    int64_t n = buf_elems(b);
    if (!format_of(b->type, &f) || n < 0)
        fail(e->cx, E0901, b->span, NULL, "this target cannot place '%s' (%s) in L1", b->name,
             dtype_info[b->type].name);
    int k = 0;
    while (k < e->nmemory && e->memory[k].buf != b) k++;
    if (k == MAXVALUE)
        fail(e->cx, E0903, b->span, NULL, "more than %d tiles of one role's own", MAXVALUE);
    if (k == e->nmemory) {
        e->memory[e->nmemory].buf = b;
        e->memory[e->nmemory++].at = e->memory_bytes;
        e->memory_bytes += (n * format_info[f].bytes + TT_ALIGN - 1) / TT_ALIGN * TT_ALIGN;
    }
    if (name_used(e, b))
        text_line(e->out,
                  e->memory[k].at ? "const L1<%s> %s = l1<%s>(memory + %lld);"
                                  : "const L1<%s> %s = l1<%s>(memory);",
                  format_info[f].c, name, format_info[f].c, (long long)e->memory[k].at);
}

/* ---- verbs ---- */

static const char *page_count(Emit *e, const Value *v, int times)
{
    return emit_f(e, "%d", (v->scalar ? 1 : tiles(&v->place)) * times);
}

static void each_view(Emit *e, const char *call, const Value *v, int times)
{
    text_line(e->out, "%s(%s, %s);", call, e->to->cb[v->cb].name, page_count(e, v, times));
    if (v->fpu_cb != v->cb)
        text_line(e->out, "%s(%s, %s);", call, e->to->cb[v->fpu_cb].name, page_count(e, v, times));
}

static void slot_pointer(Emit *e, Value *v, const Buf *slot, const char *get)
{
    const char *name = name_new(e, slot, slot->name), *c = format_info[v->place.format].c;
    if (e->role == R_COMPUTE) return;
    if (v->elements & 1u << e->role)
        text_line(e->out, "const L1<%s> %s = l1<%s>(%s(%s));", c, name, c, get,
                  e->to->cb[v->cb].name);
    else if (v->pages & 1u << e->role)
        text_line(e->out, "const uint32_t %s = %s(%s);", name, get, e->to->cb[v->cb].name);
}

/* What single elements do not fill in the tiles of a slot is 0: sums and products over whole tiles
   are right then. Pages bring their own zeros. */
static void clear_padding(Emit *e, const Value *v, const Buf *slot)
{
    const Place *p = &v->place;
    if (e->role == R_COMPUTE || v->scalar || !(v->elements & 1u << e->role) || slot->ndim != 2 ||
        (p->rows % TT_TILE == 0 && p->cols % TT_TILE == 0))
        return;
    text_line(e->out, "zero_l1(%s, %d);", slot_address(e, slot),
              tiles(p) * 1024 * format_info[p->format].bytes);
}

static void emit_acquire(Emit *e, const Stmt *s, int t)
{
    const Pipe *p = s->verb.pipe;
    bool first = true;
    if (e->role == R_COMPUTE &&
        value_of(e, s->verb.slot[t])
            ->buf) { /* a value of its own; the slot is filled at the commit */
        name_new(e, s->verb.slot[t], s->verb.slot[t]->name);
        return;
    }
    for (int to = 0; to < NROLE; to++) {
        Value *v = slot_value(e, p, t, (Role)to);
        if (!v) continue;
        each_view(e, "cb_reserve_back", v, 1);
        if (first) {
            slot_pointer(e, v, s->verb.slot[t], "get_write_ptr");
            clear_padding(e, v, s->verb.slot[t]);
        }
        first = false;
    }
}

static void emit_commit(Emit *e, const Stmt *s, int t)
{
    const Pipe *p = s->verb.pipe;
    const Value *from = NULL;
    for (int to = 0; to < NROLE; to++) {
        Value *v = slot_value(e, p, t, (Role)to);
        if (!v) continue;
        if (e->role == R_COMPUTE)
            compute_commit(e, s, t, v);
        else if (from)
            text_line(e->out,
                      "copy_l1(get_write_ptr(%s), get_write_ptr(%s), %s * get_tile_size(%s));",
                      e->to->cb[v->cb].name, e->to->cb[from->cb].name, page_count(e, v, 1),
                      e->to->cb[v->cb].name);
        if (!from) from = v;
        v->elements |= from->elements & 1u << e->role;
    }
    for (int to = 0; to < NROLE; to++) {
        Value *v = slot_value(e, p, t, (Role)to);
        if (v) each_view(e, "cb_push_back", v, 1);
    }
}

void barrier(Emit *e, bool reads)
{
    if (reads ? e->reading : e->writing)
        text_line(e->out, reads ? "noc_async_read_barrier();" : "noc_async_write_barrier();");
    *(reads ? &e->reading : &e->writing) = false;
}

static void emit_verb(Emit *e, const Stmt *s)
{
    const Pipe *p = s->verb.pipe;
    int64_t ring;
    if (s->verb.which && !(expr_const(s->verb.which, &ring) && ring == 0))
        fail(e->cx, E0901, s->span, NULL,
             "this target has one compute group, '%s' has a ring for each of several", p->name);
    int at = 0;
    while (at < e->launch->npipe && e->launch->pipe[at] != p) at++;
    PipeVerb verb = s->verb.verb;
    if (verb == PV_ACQUIRE || verb == PV_WAIT) {
        if (e->taken[at]++)
            fail(e->cx, E0901, s->span, NULL,
                 "this target holds one slot of '%s' at a time: a second one may lie on the other "
                 "side of the ring's end",
                 p->name);
    } else
        e->taken[at]--;
    if (verb == PV_COMMIT && e->role != R_COMPUTE) barrier(e, true);
    if (verb == PV_RELEASE && e->role != R_COMPUTE) barrier(e, false);
    for (int t = 0; t < p->ntile; t++) {
        Value *v = slot_value(e, p, t, e->role);
        switch (verb) {
        case PV_ACQUIRE: emit_acquire(e, s, t); break;
        case PV_COMMIT: emit_commit(e, s, t); break;
        case PV_WAIT:
            each_view(e, "cb_wait_front", v, 1);
            slot_pointer(e, v, s->verb.slot[t], "get_read_ptr");
            break;
        default: each_view(e, "cb_pop_front", v, 1);
        }
    }
}

/* ---- lists ---- */

static void emit_store(Emit *e, const Stmt *s)
{
    if (s->store.buf->space != SP_LOCAL) {
        if (e->role == R_COMPUTE)
            unlifted(e, s->span, "compute stores an element of '%s'", s->store.buf->name);
        else
            move_store(e, s);
        return;
    }
    const char *value = expr_text(e, s->store.value, P_COND), *at = "";
    for (int d = 0; d < s->store.buf->ndim; d++)
        at = emit_f(e, "%s[%s]", at, expr_text(e, s->store.idx[d], P_COND));
    if (name_used(e, s->store.buf))
        text_line(e->out, "%s%s = %s;", name_of(e, s->store.buf), at, value);
}

static void emit_stmt(Emit *e, const Stmt *s)
{
    bool compute = e->role == R_COMPUTE;
    if (compute && (s->kind == S_IF || s->kind == S_LET || s->kind == S_STORE))
        prime(e, stmt_reads(e, s) & ~e->full);
    switch (s->kind) {
    case S_LOOP:
        if (s->loop.how != LOOP_PARALLEL)
            emit_loop(e, s);
        else if (compute)
            compute_nest(e, s);
        else
            move_nest(e, s);
        break;
    case S_IF: emit_branch(e, s); break;
    case S_LET: emit_let(e, s); break;
    case S_STORE: emit_store(e, s); break;
    case S_TILE:
        if (compute)
            compute_tile(e, s);
        else
            move_tile(e, s);
        break;
    case S_ALLOC: emit_alloc(e, s); break;
    case S_ROLE: emit_list(e, s->role.body); break;
    case S_VERB: emit_verb(e, s); break;
    case S_WHILE:
    case S_JUMP:
    case S_EVAL: fail(e->cx, E0902, s->span, NULL, "threads reached a target that has none");
    case S_AWAIT:
    case S_TURN: break; /* in order anyway, one group */
    }
    if (compute) compute_after(e, s);
}

void emit_list(Emit *e, const Stmt *list)
{
    int names = e->names.n;
    const Scope *outer = e->scope;
    for (const Stmt *s = list; s; s = s->next) {
        emit_stmt(e, s);
        if (s->kind == S_ALLOC && first_store(e, s)) s = s->next;
        if (s->kind == S_LET) {
            Scope *let = NEW(&e->cx->arena, Scope);
            *let = (Scope){.outer = e->scope, .stmt = s, .launch = e->launch};
            e->scope = let;
        }
    }
    e->scope = outer;
    e->names.n = names;
}
