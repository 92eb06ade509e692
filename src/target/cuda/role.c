/* The statements of one role as text, one after the other; each tile operation behind its line of
 * the schedule. */
#include <string.h>
#include "target/cuda/emit.h"

int cuda_role_threads(const RolePlan *r)
{
    return r->lane ? 1 : 32 * r->warps;
}

const char *cuda_role_barrier(Emit *e)
{
    const RolePlan *r = e->role;
    const char *g = r->groups > 1 ? name_of(e, r->stmt->role.group) : NULL;
    return g ? emit_f(e, "%d + %s", r->barrier, g) : emit_f(e, "%d", r->barrier);
}

const char *cuda_role_scratch(Emit *e)
{
    const RolePlan *r = e->role;
    const char *g = r->groups > 1 ? name_of(e, r->stmt->role.group) : NULL;
    return g ? emit_f(e, "%d + 256 * %s", (int)e->plan->scratch_at, g)
             : emit_f(e, "%d", (int)e->plan->scratch_at);
}

static void comment(Emit *e, const Stmt *s)
{
    const char *line = stmt_line(e->cx, s);
    text_line(e->out, "/* %s */", strstr(line, "*/") ? tileop_info[s->tile.op].name : line);
}

static void block(Emit *e, Stmt *list)
{
    int mark = e->names.n;
    e->out->indent++;
    cuda_stmts_emit(e, list);
    e->out->indent--;
    e->names.n = mark;
}

/* ---- declarations and stores ---------------------------------------------------------------- */

static void alloc_text(Emit *e, const Stmt *s)
{
    const Buf *b = s->alloc;
    const Place *p = cuda_plan_find(e->plan, b);
    const char *type = dtype_info[b->type].cuda, *name = name_new(e, b, b->name);
    bool pairs = dtype_bytes(b->type) == 2;
    switch (p->where) {
    case AT_ACC:
        text_line(e->out, "%s %s[%d];", pairs ? "u32" : type, name,
                  (int)(p->blocks * p->cols / (pairs ? 4 : 2)));
        break;
    case AT_ROW: text_line(e->out, "%s %s[%d];", type, name, 2 * p->blocks); break;
    case AT_LOCAL:
        if (b->ndim)
            text_line(e->out, "%s %s[%d] = {};", type, name, (int)buf_elems(b));
        else
            text_line(e->out, "%s %s = {};", type, name);
        break;
    default:
        if (e->role->groups > 1)
            text_line(e->out, "%s *const %s = (%s *)(smem + %d + %d * %s);", type, name, type,
                      (int)p->at, (int)p->tile.bytes, name_of(e, e->role->stmt->role.group));
        else
            text_line(e->out, "%s *const %s = (%s *)(smem + %d);", type, name, type, (int)p->at);
    }
}

/* of the threads that hold the same: memory is written by one */
static const char *one_of(const Emit *e)
{
    if (!e->nest && cuda_role_threads(e->role) > 1) return "tid == 0";
    return e->nest && e->lanes ? "tid % 4 == 0" : NULL;
}

static void guarded_line(Emit *e, const char *who, const char *guard, const char *to)
{
    if (who || guard)
        text_line(e->out, "if (%s%s%s) %s;", who ? who : "", who && guard ? " && " : "",
                  guard ? guard : "", to);
    else
        text_line(e->out, "%s;", to);
}

static void store_emit(Emit *e, const Stmt *s)
{
    const Buf *b = s->store.buf;
    const Place *p = cuda_plan_find(e->plan, b);
    bool memory = p->where != AT_ACC && p->where != AT_ROW && p->where != AT_LOCAL;
    const char *guard = cuda_guard_text(e, b, s->store.idx),
               *value = cuda_store_text(e, s->store.value, b->type);
    const char *to = p->where == AT_ACC && dtype_bytes(b->type) == 2
                         ? emit_f(e, "put(%s[%s / 2], %s, %s)", name_of(e, b),
                                  cuda_register_text(e, b, s->store.idx), e->col_reg, value)
                         : emit_f(e, "%s = %s", cuda_element_text(e, b, s->store.idx), value);
    guarded_line(e, memory ? one_of(e) : NULL, guard, to);
}

static void update_emit(Emit *e, const Stmt *s)
{
    const Expr *call = s->eval, *at = call->args[0];
    const char *guard = cuda_guard_text(e, at->buf, at->idx);
    guarded_line(e, one_of(e), guard,
                 emit_f(e, "%s(&%s, %s)", fn_info[call->fn].name,
                        cuda_element_text(e, at->buf, at->idx),
                        cuda_store_text(e, call->args[1], at->buf->type)));
}

static void let_emit(Emit *e, const Stmt *s)
{
    const char *value = expr_text(e, s->let.value, P_COND);
    text_line(e->out, "const %s %s = %s;", cuda_value_type(s->let.var->type),
              name_new(e, s->let.var, s->let.var->name), value);
}

/* ---- control flow --------------------------------------------------------------------------- */

static void if_emit(Emit *e, const Stmt *s)
{
    Scope in = {.outer = e->scope, .stmt = s},
          other = {.outer = e->scope, .stmt = s, .other = true};
    const Scope *before = e->scope;
    if (!e->nest) cuda_sync_before_value(e, s->branch.cond);
    Hazards start = e->hazard;
    text_line(e->out, "if (%s) {", expr_text(e, s->branch.cond, P_COND));
    e->scope = &in;
    block(e, s->branch.then);
    e->scope = &other;
    Hazards then = e->hazard;
    if (!e->nest) e->hazard = start;
    if (s->branch.other) {
        text_line(e->out, "} else {");
        block(e, s->branch.other);
    }
    if (!e->nest) cuda_sync_merge(e, &then);
    text_line(e->out, "}");
    e->scope = before;
}

static bool heavy(void *user, const Stmt *s) /* not worth unrolling */
{
    (void)user;
    return s->kind == S_TILE || s->kind == S_VERB ||
           (s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL);
}

static bool simple(const Expr *x)
{
    return x->kind == E_INT || (x->kind == E_VAR);
}

static void serial_emit(Emit *e, const Stmt *s)
{
    int mark = e->names.n;
    const Scope *before = e->scope;
    if (!e->nest) {
        cuda_sync_before_value(e, s->loop.lo);
        cuda_sync_before_value(e, s->loop.hi[0]);
    }
    const char *lo = expr_text(e, s->loop.lo, P_COND), *hi = expr_text(e, s->loop.hi[0], P_COND),
               *type = cuda_value_type(s->loop.var[0]->type);
    const char *v = name_new(e, s->loop.var[0], s->loop.var[0]->name), *end = hi;
    Text head = text_new(&e->cx->arena);
    text_add(&head, "for (%s %s = %s", type, v, lo);
    if (!simple(s->loop.hi[0])) { /* the range is fixed when the loop starts */
        end = name_new(e, &s->loop.hi[0], emit_f(e, "%s_end", v));
        text_add(&head, ", %s = %s", end, hi);
    }
    text_add(&head, "; %s %s %s; ", v, s->loop.step < 0 ? ">" : "<", end);
    if (s->loop.step == 1)
        text_add(&head, "%s++) {", v);
    else
        text_add(&head, "%s += %lld) {", v, (long long)s->loop.step);
    if (s->loop.how == LOOP_UNROLL || s->loop.how == LOOP_VECTOR)
        text_line(e->out, "#pragma unroll");
    else if (stmt_any(s->loop.body, heavy, NULL))
        text_line(e->out, "#pragma unroll 1");
    Scope in = {.outer = before, .stmt = s};
    const Stmt *outer_loop = e->loop;
    int outer_started = e->loop_started;
    Hazards start;
    if (!e->nest) start = cuda_sync_enter_loop(e, s->loop.body);
    e->scope = &in;
    e->loop = s;
    e->loop_started = e->nstarted;
    text_line(e->out, "%s", head.s);
    block(e, s->loop.body);
    text_line(e->out, "}");
    e->loop = outer_loop;
    e->loop_started = outer_started;
    e->scope = before;
    if (!e->nest) cuda_sync_merge(e, &start);
    e->names.n = mark;
}

/* a parallel loop inside of a nest: all of it by the thread that has the iteration around it */
static void inner_parallel(Emit *e, const Stmt *s)
{
    int mark = e->names.n;
    Scope in = {.outer = e->scope, .stmt = s};
    const Scope *before = e->scope;
    for (int k = 0; k < s->loop.n; k++) {
        const char *hi = expr_text(e, s->loop.hi[k], P_SHIFT),
                   *v = name_new(e, s->loop.var[k], s->loop.var[k]->name);
        text_line(e->out, "for (int %s = 0; %s < %s; %s++)%s", v, v, hi, v,
                  k == s->loop.n - 1 ? " {" : "");
    }
    e->scope = &in;
    block(e, s->loop.body);
    text_line(e->out, "}");
    e->scope = before;
    e->names.n = mark;
}

static void loop_emit(Emit *e, const Stmt *s)
{
    if (s->loop.how != LOOP_PARALLEL) {
        serial_emit(e, s);
    } else if (e->nest) {
        inner_parallel(e, s);
    } else {
        comment(e, s);
        cuda_sync_before(e, s, false);
        cuda_nest_emit(e, s);
    }
}

/* ---- tile operations ------------------------------------------------------------------------ */

/* all rows of a fragment and columns from a multiple of 16 on; of a tile, a region of that size at
 * its end */
static bool columns_of(const Region *r, const Place *frag)
{
    return r->buf->ndim == 2 && r->ext[0] == frag->rows &&
           cuda_expr_divisible(r->off[0], 1 << 30) && cuda_expr_divisible(r->off[1], 16) &&
           r->ext[1] % 16 == 0;
}

static bool same_size(const Region *tile, const Region *frag)
{
    int n = tile->buf->ndim;
    for (int d = 0; d < n - 2; d++)
        if (tile->ext[d] != 1) return false;
    return n >= 2 && tile->ext[n - 2] == frag->ext[0] && tile->ext[n - 1] == frag->ext[1] &&
           cuda_expr_divisible(tile->off[n - 1], 8);
}

/* fragment to and from a swizzled tile: stmatrix and ldmatrix; fragment to its 2-byte pairs: in
 * registers */
static bool copy_fragment(Emit *e, const Stmt *s)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    const Place *ps = cuda_plan_find(e->plan, src->buf), *pd = cuda_plan_find(e->plan, dst->buf);
    const char *from = name_of(e, src->buf), *to = name_of(e, dst->buf),
               *type = dtype_info[dst->buf->type].cuda;
    bool pairs = dst->buf->type == DT_bfloat16 || dst->buf->type == DT_float16,
         same = src->buf->type == dst->buf->type;
    if (!pairs || (!same && src->buf->type != DT_float32)) return false;
    if (ps->where == AT_ACC && pd->where == AT_ACC && !same && region_is_whole(src) &&
        region_is_whole(dst)) {
        text_line(e->out, "pack_frag<%s>(%s, %s);", type, to, from);
        return true;
    }
    bool out = ps->where == AT_ACC;
    const Place *frag = out ? ps : pd, *tile = out ? pd : ps;
    const Region *f = out ? src : dst, *t = out ? dst : src;
    if (frag->where != AT_ACC || (tile->where != AT_SHARED && tile->where != AT_SLOT) ||
        !tile->tile.chunk || tile->tile.lead != 1)
        return false;
    if (!columns_of(f, frag) || !same_size(t, f) || frag->rows % 64 || (!out && !same))
        return false;
    int n = t->buf->ndim;
    text_line(e->out, "%s<%s, %d, %d, %d, %d, %d>(%s, %s, %s, %s, %s, tid);",
              out ? "store_frag" : "load_frag", type, frag->blocks, (int)frag->cols, (int)f->ext[1],
              (int)tile->tile.rows, cuda_tile_unit(&tile->tile), out ? to : from,
              expr_text(e, t->off[n - 2], P_COND), expr_text(e, t->off[n - 1], P_COND),
              out ? from : to, expr_text(e, f->off[1], P_COND));
    return true;
}

static void remark(Emit *e, const Stmt *s)
{
    if (s->tile.op == TO_gemm)
        report(e->cx, E0503, s->span,
               "they take 2-byte floats of one type, float32 sums, K a multiple of 16 and N of 8",
               "T.gemm runs without tensor cores");
    if (s->tile.op == TO_copy && !e->role->merged && e->role->role != R_COMPUTE)
        report(e->cx, E0503, s->span,
               "it takes one type, rows that are multiples of 16 bytes, and whole tiles",
               "T.copy runs without the copy engine");
}

static void tile_emit(Emit *e, Stmt *s)
{
    if (!e->lowered_inside) comment(e, s);
    if (s->tile.op == TO_copy && cuda_move_is_tma(e, s, e->role->role)) {
        cuda_move_emit(e, s);
    } else if (s->tile.op == TO_gemm && cuda_gemm_can(e, s)) {
        Stmt *list = cuda_gemm_in_registers(e, s);
        if (list) {
            e->lowered_inside = true;
            text_line(e->out, "{");
            block(e, list);
            text_line(e->out, "}");
            e->lowered_inside = false;
            return;
        }
        cuda_sync_before(e, s, true);
        cuda_gemm_emit(e, s);
    } else if (s->tile.op == TO_copy || s->tile.op == TO_fill || s->tile.op == TO_gemm ||
               stmt_is_update(s)) {
        remark(e, s);
        cuda_sync_before(e, s, false);
        if (s->tile.op != TO_copy || !copy_fragment(e, s)) cuda_nest_emit(e, cuda_lower_tile(e, s));
    } else {
        cuda_sync_before(e, s, false);
        cuda_reduce_emit(e, s);
    }
}

/* ---- pipes ---------------------------------------------------------------------------------- */

static bool own_ring(Emit *e,
                     const Stmt *s) /* the group's own ring of an `each` pipe, or the only one */
{
    const Expr *w = s->verb.which;
    return !w || (w->kind == E_VAR && w->var == e->role->stmt->role.group);
}

static bool is_verb(void *pipe, const Stmt *s)
{
    return s->kind == S_VERB && s->verb.pipe == pipe;
}

/* does this role hold more than one slot of a pipe, or one across a loop that takes more? Then its
 * two ends are told apart */
static bool lags(const Stmt *list, const Pipe *p, int *held)
{
    for (const Stmt *s = list; s; s = s->next) {
        if (s->kind == S_VERB && s->verb.pipe == p) {
            bool take = s->verb.verb == PV_ACQUIRE || s->verb.verb == PV_WAIT;
            if (*held != !take) return true;
            *held = take;
        }
        const Stmt *part[2] = {s->kind == S_LOOP ? s->loop.body
                               : s->kind == S_IF ? s->branch.then
                                                 : NULL,
                               s->kind == S_IF ? s->branch.other : NULL};
        for (int i = 0; i < 2; i++) {
            int inside = 0;
            if (part[i] && (lags(part[i], p, &inside) || inside)) return true;
            if (*held && part[i] && stmt_any(part[i], is_verb, (void *)p)) return true;
        }
    }
    return false;
}

typedef struct {
    const Pipe *pipe;
    bool any, all_own, stored;
    Emit *e;
} Use;

static void see_verb(Visitor *v, Stmt *s)
{
    Use *u = v->user;
    if (s->kind == S_VERB && s->verb.pipe == u->pipe) {
        u->any = true;
        u->all_own &= own_ring(u->e, s);
    }
    if (s->kind == S_TILE && s->tile.op == TO_copy && s->tile.arg[0].buf->pipe == u->pipe &&
        cuda_move_is_tma(u->e, s, u->e->role->role))
        u->stored = true;
}

static Use use_of(Emit *e, const Pipe *p)
{
    Use u = {.pipe = p, .all_own = true, .e = e};
    Visitor v = {.stmt = see_verb, .user = &u};
    walk_stmts(&v, e->role->body);
    return u;
}

static const char *ring_text(Emit *e, const Stmt *s,
                             const char *times) /* "" or "+ g * times" of the ring of a verb */
{
    const PipePlan *p = cuda_plan_pipe(e->plan, s->verb.pipe);
    if (p->rings == 1) return "";
    return emit_f(e, " + %s * %s", times, s->verb.which ? expr_text(e, s->verb.which, P_MUL) : "0");
}

static const char *end_text(Emit *e, const Stmt *s) /* this role's end of the pipe */
{
    const char *name = name_of(e, s->verb.pipe);
    return use_of(e, s->verb.pipe).all_own
               ? name
               : emit_f(e, "%s[%s]", name, expr_text(e, s->verb.which, P_COND));
}

static void take_emit(Emit *e, const Stmt *s)
{
    const PipePlan *p = cuda_plan_pipe(e->plan, s->verb.pipe);
    const char *end = end_text(e, s);
    const char *slot =
        name_new(e, s, emit_f(e, "%s_slot", s->verb.handle ? s->verb.handle : p->pipe->name));
    text_line(e->out, "const u32 %s = %s.%s();", slot, end, verb_name[s->verb.verb]);
    const char *ring = ring_text(e, s, emit_f(e, "%d", (int)(p->slot_bytes * p->depth)));
    for (int i = 0; i < p->pipe->ntile; i++) {
        Buf *b = s->verb.slot[i];
        if (!b) continue;
        Place *at = cuda_plan_find(e->plan, b);
        const char *type = dtype_info[b->type].cuda;
        at->slot = slot;
        at->pipe = end;
        text_line(e->out, "%s *const %s = (%s *)(smem + %s%d * %s%s);", type,
                  name_new(e, b, b->name), type,
                  p->at + p->tile_at[i] ? emit_f(e, "%d + ", (int)(p->at + p->tile_at[i])) : "",
                  (int)p->slot_bytes, slot, ring);
    }
}

/* before a slot is given back that may have been stored to a tensor; by_tma: TMA reads it */
static void store_end(Emit *e, bool by_tma)
{
    bool one = cuda_role_threads(e->role) == 1, meet = cuda_stores_meet(e);
    if (meet && !one) { /* what the threads have stored comes before what TMA stores next */
        text_line(e->out, "fence_async_global();");
        cuda_sync_all(e);
    }
    if (!by_tma) return;
    text_line(e->out, "%s%s();", one ? "" : "if (tid == 0) ", meet ? "store_landed" : "store_sent");
    if (meet && !one) cuda_sync_all(e);
}

static void verb_emit(Emit *e, const Stmt *s)
{
    cuda_sync_forget(e, s->verb.pipe);
    if (s->verb.verb == PV_ACQUIRE || s->verb.verb == PV_WAIT) {
        take_emit(e, s);
        return;
    }
    bool one = cuda_role_threads(e->role) == 1;
    if (s->verb.verb == PV_RELEASE) store_end(e, use_of(e, s->verb.pipe).stored);
    if (s->verb.verb == PV_COMMIT && e->role->role == R_READER && !one)
        text_line(e->out, "copy16_done();");
    text_line(e->out, "%s.%s%s();", end_text(e, s), verb_name[s->verb.verb], one ? "" : "_warp");
}

const char *cuda_slot_barrier(Emit *e, const Buf *slot)
{
    const Place *p = cuda_plan_find(e->plan, slot);
    return emit_f(e, "%s.full(%s)", p->pipe, p->slot);
}

static void turn_emit(Emit *e, const Stmt *s)
{
    const Order *o = s->turn.order;
    int base = e->plan->order_barrier, threads = 2 * cuda_role_threads(e->role);
    for (int i = 0; i < e->plan->launch->norder && e->plan->launch->order[i] != o; i++)
        base += e->plan->launch->order[i]->n;
    const char *g = e->role->groups > 1 ? name_of(e, e->role->stmt->role.group) : NULL;
    if (o->n < 2 || !g) return; /* nobody to take turns with */
    if (s->turn.give)
        text_line(e->out, "turn_give(%d + (%s + 1) %% %d, %d);", base, g, o->n, threads);
    else
        text_line(e->out, "turn_take(%d + %s, %d);", base, g, threads);
}

/* ---- lists ---------------------------------------------------------------------------------- */

static void stmt_emit(Emit *e, Stmt *s)
{
    switch (s->kind) {
    case S_LOOP: loop_emit(e, s); break;
    case S_IF: if_emit(e, s); break;
    case S_LET:
        if (!e->nest) cuda_sync_before(e, s, false);
        let_emit(e, s);
        break;
    case S_STORE:
        if (!e->nest) cuda_sync_before(e, s, false);
        store_emit(e, s);
        break;
    case S_TILE: tile_emit(e, s); break;
    case S_ALLOC: alloc_text(e, s); break;
    case S_ROLE:
        cuda_stmts_emit(e, s->role.body);
        break; /* of a merged launch: it only tells where a statement comes from */
    case S_VERB: verb_emit(e, s); break;
    case S_AWAIT: cuda_await_emit(e, s); break;
    case S_TURN: turn_emit(e, s); break;
    case S_EVAL:
        if (!e->nest) cuda_sync_before(e, s, false);
        update_emit(e, s);
        break;
    case S_WHILE:
    case S_JUMP: fail(e->cx, E0902, s->span, NULL, "threads reached a target that has none");
    }
}

void cuda_stmts_emit(Emit *e, Stmt *list)
{
    const Scope *before = e->scope;
    for (Stmt *s = list; s; s = s->next) {
        stmt_emit(e, s);
        if (s->kind == S_LET) {
            Scope *let = NEW(&e->cx->arena, Scope);
            *let = (Scope){.outer = e->scope, .stmt = s};
            e->scope = let;
        }
    }
    e->scope = before;
}

static void pipe_ends(Emit *e)
{
    for (int i = 0; i < e->plan->npipe; i++) {
        const PipePlan *p = &e->plan->pipe[i];
        Use u = use_of(e, p->pipe);
        if (!u.any) continue;
        int held = 0, ring = 2 * p->depth;
        bool lag = lags(e->role->body, p->pipe, &held) || held;
        const char *name = name_new(e, p->pipe, p->pipe->name),
                   *type = emit_f(e, "%s<%d>", lag ? "LaggingPipe" : "Pipe", p->depth);
        const char *g = u.all_own && p->rings > 1 ? name_of(e, e->role->stmt->role.group) : NULL;
        if (g) {
            text_line(e->out, "%s %s(bars + 8 * (%d + %d * %s));", type, name, p->bars, ring, g);
        } else if (u.all_own) {
            text_line(e->out, "%s %s(bars + %d);", type, name, 8 * p->bars);
        } else {
            Text list = text_new(&e->cx->arena);
            for (int k = 0; k < p->rings; k++)
                text_add(&list, "%s%s(bars + %d)", k ? ", " : "", type, 8 * (p->bars + ring * k));
            text_line(e->out, "%s %s[%d] = {%s};", type, name, p->rings, list.s);
        }
    }
}

static void first_turns(Emit *e) /* the token of each order starts at group 0 */
{
    const Launch *l = e->plan->launch;
    int base = e->plan->order_barrier;
    const char *g = e->role->groups > 1 ? name_of(e, e->role->stmt->role.group) : NULL;
    for (int i = 0; i < l->norder; base += l->order[i++]->n)
        if (g && l->order[i]->n > 1)
            text_line(e->out, "if (%s == %d) turn_give(%d, %d);", g, l->order[i]->n - 1, base,
                      2 * cuda_role_threads(e->role));
}

void cuda_role_emit(Emit *e, const RolePlan *r)
{
    Scope in = {.outer = e->scope, .stmt = r->stmt};
    const Scope *before = e->scope;
    int mark = e->names.n;
    e->role = r;
    e->hazard = (Hazards){0};
    e->nstarted = e->loop_started = 0;
    e->loop = NULL;
    if (r->stmt) e->scope = &in;
    if (r->groups > 1) {
        const char *g = name_new(e, r->stmt->role.group, r->stmt->role.group->name);
        text_line(e->out,
                  r->warps == 1 ? "const int %s = warp - %d;" : "const int %s = (warp - %d) / %d;",
                  g, r->first_warp, r->warps);
    }
    if (cuda_role_threads(r) > 1 && !r->merged) {
        if (r->groups > 1)
            text_line(e->out, "const int tid = (threadIdx.x - %d) %% %d;", 32 * r->first_warp,
                      cuda_role_threads(r));
        else
            text_line(e->out,
                      r->first_warp ? "const int tid = threadIdx.x - %d;"
                                    : "const int tid = threadIdx.x;",
                      32 * r->first_warp);
    }
    pipe_ends(e);
    if (r->role == R_COMPUTE) first_turns(e);
    cuda_stmts_emit(e, r->body);
    if (r->role == R_WRITER) text_line(e->out, "store_done();");
    e->names.n = mark;
    e->scope = before;
}
