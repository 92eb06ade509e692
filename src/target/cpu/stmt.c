/* Statements: loops, branches, lets, stores, roles. Tile operations are in move.c and math.c. */
#include "target/cpu/cpu.h"
#include <string.h>

/* ---- lines and blocks ----------------------------------------------------------------------- */

void cpu_line(Emit *e, const char *fmt, ...)
{
    va_list ap;
    Text t = text_new(&e->cx->arena);
    va_start(ap, fmt);
    text_vadd(&t, fmt, ap);
    va_end(ap);
    text_line(e->out, "%s", t.s);
    e->count++;
}

void cpu_comment(Emit *e, const Stmt *s)
{
    cpu_line(e, "/* %s */", stmt_line(e->cx, s));
}

void cpu_nest(Emit *e, int nhead, const char *const *head, int nline, const char *const *line)
{
    int count = e->count;
    for (int i = 0; i < nhead; i++) {
        bool brace = nline > 1 && i == nhead - 1;
        cpu_line(e, "%s%s%s", head[i], brace && *head[i] ? " " : "", brace ? "{" : "");
        e->out->indent++;
    }
    for (int i = 0; i < nline; i++) cpu_line(e, "%s", line[i]);
    e->out->indent -= nhead;
    if (nhead && nline > 1) {
        e->out->indent += nhead - 1;
        text_line(e->out, "}");
        e->out->indent -= nhead - 1;
    }
    e->count = count + (nhead ? 1 : nline);
}

void cpu_open(Emit *e, Block *b)
{
    *b = (Block){.text = text_new(&e->cx->arena),
                 .outer = e->out,
                 .count = e->count,
                 .work = e->work,
                 .said = e->said,
                 .mark = e->names.n,
                 .held = e->nheld,
                 .known = e->nknown,
                 .scope = e->scope};
    b->text.indent = e->out->indent + 1;
    e->out = &b->text;
    e->count = 0;
}

bool cpu_close(Emit *e, Block *b, const char *head)
{
    bool nothing = e->work == b->work, one = e->count == 1;
    if (e->said != b->said)
        e->said = -1; /* several roles in there: say again whose the next statement is */
    e->out = b->outer;
    e->count = b->count + !nothing;
    e->scope = b->scope;
    e->nheld = b->held;
    e->nknown = b->known;
    e->names.n = b->mark;
    if (nothing) return false;
    if (strchr(b->text.s, '\n')[1] && !strncmp(head, "if", 2))
        one = false; /* no else shall find the wrong if */
    text_line(e->out, "%s%s", head, one ? "" : *head ? " {" : "{");
    text_put(e->out, b->text.s, b->text.n);
    if (!one) text_line(e->out, "}");
    return true;
}

/* what is known from here to the end of the block */
static void enter(Emit *e, const Stmt *s, bool other)
{
    Scope *k = NEW(&e->cx->arena, Scope);
    *k = (Scope){.outer = e->scope, .stmt = s, .other = other};
    e->scope = k;
}

/* ---- indices that are needed twice get a name ----------------------------------------------- */

typedef struct {
    const Buf *buf;
    bool found;
} Written;

static void see_write(Visitor *v, Stmt *s, Buf *b, bool write)
{
    (void)s;
    Written *w = v->user;
    w->found |= write && b == w->buf;
}

/* Can x be computed here, even where it would not be needed? All its names exist, its loads are
   proved or guarded, it divides by nothing that could be 0, and what it reads is not written in
   `nest`. */
static bool is_safe(Emit *e, const Expr *x, const Stmt *nest)
{
    switch (x->kind) {
    case E_VAR: return name_of(e, x->var) != NULL;
    case E_OP:
        if (op_info[x->op].rule == RULE_shift || x->op == OP_floordiv || x->op == OP_floormod ||
            x->op == OP_div) {
            int64_t v;
            if (!expr_const(x->arg[1], &v) || v <= 0) return false;
        }
        for (int i = 0; i < op_info[x->op].nargs; i++)
            if (!is_safe(e, x->arg[i], nest)) return false;
        return true;
    case E_CAST:
    case E_BITS: return is_safe(e, x->arg[0], nest);
    case E_LOAD: {
        Written w = {.buf = x->buf};
        Visitor v = {.access = see_write, .user = &w};
        if (nest) walk_stmts(&v, nest->loop.body);
        if (w.found || !name_of(e, x->buf)) return false;
        for (int d = 0; d < x->buf->ndim; d++)
            if (!is_safe(e, x->idx[d], nest) ||
                (!is_tensor(x->buf) && !cpu_proved(e, x->idx[d], x->buf->dim[d])))
                return false;
        return true;
    }
    default: return true;
    }
}

static bool is_held(const Emit *e, const Expr *x)
{
    for (int i = 0; i < e->nheld; i++)
        if (expr_same(e->held[i].value, x)) return true;
    return false;
}

void cpu_hold(Emit *e, const Expr *value, const char *name)
{
    if (e->nheld == MAXHELD)
        fail(e->cx, E0903, value->span, NULL, "more than %d values with a name", MAXHELD);
    e->held[e->nheld].value = value;
    e->held[e->nheld++].name = name;
}

/* an index of a tensor that is looked up in memory itself, and is needed for the check and for the
 * access */
static void hold_index(Emit *e, const Buf *b, Expr *const *idx, const Stmt *nest)
{
    for (int d = 0; is_tensor(b) && d < b->ndim; d++) {
        const Expr *x = idx[d];
        if (!expr_has_load(x) || is_held(e, x) || cpu_proved(e, x, b->dim[d]) ||
            !is_safe(e, x, nest) || e->nheld == MAXHELD)
            continue;
        const char *value = expr_text(e, x, P_COND), *name = name_new(e, x, "at");
        cpu_line(e, "const %s %s = %s;", cpu_value_type(x->type), name, value);
        cpu_hold(e, x, name);
    }
}

static void hold_expr(Emit *e, const Expr *x, const Stmt *nest)
{
    switch (x->kind) {
    case E_OP:
        for (int i = 0; i < op_info[x->op].nargs; i++) hold_expr(e, x->arg[i], nest);
        break;
    case E_CAST:
    case E_BITS: hold_expr(e, x->arg[0], nest); break;
    case E_LOAD:
        for (int d = 0; d < x->buf->ndim; d++) hold_expr(e, x->idx[d], nest);
        hold_index(e, x->buf, x->idx, nest);
        break;
    default: break;
    }
}

typedef struct {
    Emit *e;
    const Stmt *nest;
} Hold;

static void hold_stmt(Visitor *v, Stmt *s)
{
    Hold *h = v->user;
    if (s->kind == S_STORE) {
        hold_expr(h->e, s->store.value, h->nest);
        for (int d = 0; d < s->store.buf->ndim; d++) hold_expr(h->e, s->store.idx[d], h->nest);
        hold_index(h->e, s->store.buf, s->store.idx, h->nest);
    }
    if (s->kind == S_LET) hold_expr(h->e, s->let.value, h->nest);
    if (s->kind == S_IF) hold_expr(h->e, s->branch.cond, h->nest);
}

/* ---- loops ---------------------------------------------------------------------------------- */

/* an end that may stand in the condition of a for: it costs little, and the loop cannot change it
 */
static bool costs(void *user, const Expr *x)
{
    (void)user;
    if (x->kind != E_OP) return x->kind == E_LOAD;
    bool divides = x->op == OP_floordiv || x->op == OP_floormod;
    return x->op == OP_max || x->op == OP_min || (divides && x->arg[1]->kind != E_INT);
}

static bool is_plain(const Expr *x)
{
    return !expr_any(x, costs, NULL);
}

static void serial_loop(Emit *e, const Stmt *s)
{
    Block b;
    Var *v = s->loop.var[0];
    const char *type = cpu_value_type(v->type);
    Piece lo = cpu_cast(e, expr_piece(e, s->loop.lo), s->loop.lo->type, v->type);
    Piece hi = cpu_cast(e, expr_piece(e, s->loop.hi[0]), s->loop.hi[0]->type, v->type);
    cpu_open(e, &b);
    const char *name = name_new(e, v, v->name), *end = expr_fit(e, hi, P_SHIFT), *more = "";
    if (!is_plain(s->loop.hi[0])) { /* computed once, before the loop */
        end = name_new(e, s, emit_f(e, "%s_end", v->name));
        more = emit_f(e, ", %s = %s", end, hi.s);
    }
    const char *next = s->loop.step == 1 ? emit_f(e, "%s++", name)
                       : s->loop.step == -1
                           ? emit_f(e, "%s--", name)
                           : emit_f(e, "%s %s %lld", name, s->loop.step < 0 ? "-=" : "+=",
                                    (long long)(s->loop.step < 0 ? -s->loop.step : s->loop.step));
    enter(e, s, false);
    cpu_stmts(e, s->loop.body);
    cpu_close(e, &b,
              emit_f(e, "for (%s %s = %s%s; %s %s %s; %s)", type, name, lo.s, more, name,
                     s->loop.step > 0 ? "<" : ">", end, next));
}

/* An index that is a variable of the nest plus something that does not change in the nest and is
   not negative: where all that the nest does is to store to tensors under this index, the variable
   can stop where the tensor ends. */
typedef struct {
    Emit *e;
    const Stmt *nest;
    Var *var;
    const Expr *idx, *dim;
    Expr *base;
    bool fits;
} Stop;

static void see_store(Visitor *v, Stmt *s)
{
    Stop *stop = v->user;
    if (s->kind == S_LET) return;
    stop->fits &= s->kind == S_STORE && is_tensor(s->store.buf);
    bool found = false;
    for (int d = 0; stop->fits && d < s->store.buf->ndim && !found; d++) {
        const Expr *idx = s->store.idx[d], *dim = s->store.buf->dim[d];
        int64_t coef[MAXPAR];
        Expr *base;
        if (stop->idx) {
            found = expr_same(stop->idx, idx) && expr_same(stop->dim, dim);
            continue;
        }
        if (cpu_proved(stop->e, idx, dim) ||
            !expr_affine(stop->e->cx, s->store.idx[d], stop->nest->loop.var, stop->nest->loop.n,
                         coef, &base))
            continue;
        for (int k = 0; k < stop->nest->loop.n; k++)
            found = coef[k] == (stop->nest->loop.var[k] == stop->var) && (found || k == 0);
        Range r = expr_range(base, stop->e->scope);
        found = found && r.known && r.lo >= 0 && base->kind != E_LOAD;
        if (found) {
            stop->idx = idx;
            stop->dim = dim;
            stop->base = base;
        }
    }
    stop->fits &= found;
}

/* the end of variable k, or NULL: it runs to its own; needs the scope of the nest */
static const char *stop_text(Emit *e, const Stmt *s, int k)
{
    Stop stop = {.e = e, .nest = s, .var = s->loop.var[k], .fits = true};
    Visitor v = {.stmt = see_store, .user = &stop};
    walk_stmts(&v, s->loop.body);
    if (!stop.fits || !stop.idx || !is_safe(e, stop.base, s) || e->nknown == COUNT(e->known))
        return NULL;
    e->known[e->nknown].idx = stop.idx;
    e->known[e->nknown++].dim = stop.dim;
    cpu_need(e, "room", DT_none, DT_none);
    Piece base = expr_piece(e, stop.base), dim = expr_piece(e, stop.dim);
    const char *left = strcmp(base.s, "0")
                           ? emit_f(e, "%s - %s", expr_fit(e, dim, P_ADD), expr_fit(e, base, P_MUL))
                           : dim.s;
    return emit_f(e, "(%s)k_room(%s, %s)", cpu_value_type(s->loop.var[k]->type), left,
                  expr_text(e, s->loop.hi[k], P_COND));
}

/* variable k of a T.Parallel nest and those inside of it */
static void parallel_loop(Emit *e, const Stmt *s, int k)
{
    Block b;
    if (k == s->loop.n && (k || !s->loop.body->next)) {
        cpu_stmts(e, s->loop.body);
        return;
    }
    if (s->loop.n == 0) { /* a nest of no variables is a block */
        cpu_open(e, &b);
        cpu_stmts(e, s->loop.body);
        cpu_close(e, &b, "");
        return;
    }
    Var *v = s->loop.var[k];
    Piece hi = cpu_cast(e, expr_piece(e, s->loop.hi[k]), s->loop.hi[k]->type, v->type);
    cpu_open(e, &b);
    if (k == 0) enter(e, s, false);
    const char *stop = stop_text(e, s, k), *name = name_new(e, v, v->name),
               *end = stop ? stop : expr_fit(e, hi, P_SHIFT), *more = "";
    if (stop || !is_plain(s->loop.hi[k])) {
        more = end;
        end = name_new(e, more, emit_f(e, "%s_end", v->name));
        more = emit_f(e, ", %s = %s", end, more);
    }
    Hold h = {e, s};
    Visitor hold = {.stmt = hold_stmt, .user = &h};
    walk_stmts(&hold, s->loop.body);
    parallel_loop(e, s, k + 1);
    cpu_close(e, &b,
              emit_f(e, "for (%s %s = 0%s; %s < %s; %s++)", cpu_value_type(v->type), name, more,
                     name, end, name));
}

typedef struct {
    Emit *e;
    const Stmt *tile;
    int n;
    Var *var[2 * MAXDIM]; /* of the loops around */
} Trust;

/* an index into a region of a tile: its offset and loop variables */
static void trust(Trust *t, const Buf *b, Expr *const *idx)
{
    int64_t coef[2 * MAXDIM];
    Expr *base;
    for (int i = 0; tileop_info[t->tile->tile.op].operands[i]; i++) {
        const Region *r = &t->tile->tile.arg[i];
        for (int d = 0; r->buf == b && !is_tensor(b) && d < b->ndim; d++) {
            if (t->e->nknown == MAXKNOWN || cpu_proved(t->e, idx[d], b->dim[d]) ||
                !expr_affine(t->e->cx, idx[d], t->var, t->n, coef, &base) ||
                !expr_same(base, r->off[d]))
                continue;
            t->e->known[t->e->nknown].idx = idx[d];
            t->e->known[t->e->nknown++].dim = b->dim[d];
        }
    }
}

static void trust_load(Visitor *v, Expr *x)
{
    if (x->kind == E_LOAD) trust(v->user, x->buf, x->idx);
}

static void trust_store(Visitor *v, Stmt *s)
{
    Trust *t = v->user;
    for (int k = 0; s->kind == S_LOOP && k < s->loop.n && t->n < COUNT(t->var); k++)
        t->var[t->n++] = s->loop.var[k];
    if (s->kind == S_STORE) trust(t, s->store.buf, s->store.idx);
}

/* its regions of tiles have been checked, so their elements need not be */
void cpu_lowered(Emit *e, const Stmt *s)
{
    Stmt *nest = lower_tile(e, s);
    int known = e->nknown;
    Trust t = {.e = e, .tile = s};
    Visitor v = {.stmt = trust_store, .expr = trust_load, .user = &t};
    walk_stmts(&v, nest);
    e->ours = true;
    parallel_loop(e, nest, 0);
    e->ours = false;
    e->nknown = known;
}

/* ---- the other statements ------------------------------------------------------------------- */

enum { MAXARM = 64 };
typedef struct {
    const char *cond, *body;
    bool one;
} Arm; /* cond NULL: else */

/* the body of one arm, written aside; false: nothing is in it */
static bool arm_body(Emit *e, const Stmt *s, bool other, Arm *arm)
{
    Block b;
    cpu_open(e, &b);
    enter(e, s, other);
    cpu_stmts(e, other ? s->branch.other : s->branch.then);
    int work = e->work;
    Text *outer = b.outer, aside = text_new(&e->cx->arena);
    aside.indent = outer->indent;
    arm->body = b.text.s;
    arm->one = e->count == 1 && b.text.n && !strchr(b.text.s, '\n')[1];
    b.outer = &aside; /* closes the block's names and scope; what it writes is not used */
    cpu_close(e, &b, "if");
    e->count = b.count;
    e->out = outer;
    return work != b.work;
}

static const char *negated(Emit *e, const char *cond)
{
    return emit_f(e, "!(%s)", cond);
}

/* if, else if ..., else: an arm that does nothing still decides for those after it */
static void branch(Emit *e, const Stmt *s)
{
    Arm arm[MAXARM];
    int n = 0, work = e->work;
    bool braces = false;
    for (const Stmt *k = s; k;) {
        arm[n].cond = expr_text(e, k->branch.cond, P_COND);
        arm_body(e, k, false, &arm[n]);
        braces |= !arm[n++].one;
        const Stmt *other = k->branch.other;
        bool chain = other && other->kind == S_IF && !other->next && n < MAXARM - 1 && e->only < 0;
        if (other && !chain) {
            arm[n].cond = NULL;
            if (arm_body(e, k, true, &arm[n])) braces |= !arm[n++].one;
        }
        k = chain ? other : NULL;
    }
    if (e->work == work) return;
    if (n == 2 && !arm[1].cond && !*arm[0].body) { /* only the else does something */
        arm[1].cond = negated(e, arm[0].cond);
        arm[0] = arm[1];
        braces = !arm[0].one;
        n = 1;
    }
    const char *open = braces ? " {" : "";
    for (int i = 0; i < n; i++) {
        const char *before = !i       ? ""
                             : braces ? "} else"
                                      : "else",
                   *space = i && arm[i].cond ? " " : "";
        text_line(e->out, arm[i].cond ? "%s%sif (%s)%s" : "%s%s%s%s", before, space,
                  arm[i].cond ? arm[i].cond : "", open);
        text_put(e->out, arm[i].body, strlen(arm[i].body));
    }
    if (braces) text_line(e->out, "}");
    e->count++;
}

static void let(Emit *e, const Stmt *s)
{
    const Var *v = s->let.var;
    if (cpu_use(e->uses, v).read) {
        int held = e->nheld;
        hold_expr(e, s->let.value, NULL);
        Piece x = cpu_cast(e, expr_piece(e, s->let.value), s->let.value->type, v->type);
        const char *name = name_new(e, v, v->name);
        cpu_line(e, "const %s %s = %s;", cpu_value_type(v->type), name, x.s);
        e->nheld = held; /* later statements may write what it was read from */
    }
    enter(e, s, false);
}

static void store(Emit *e, const Stmt *s)
{
    const Buf *b = s->store.buf;
    if (b->space == SP_LOCAL && !e->ours && !cpu_use(e->uses, b).read) return;
    e->work++;
    int held = e->nheld;
    Hold h = {e, NULL};
    Visitor v = {.user = &h};
    hold_stmt(&v, (Stmt *)s);
    const char *guard, *place = cpu_element(e, b, s->store.idx, s->span, &guard);
    int known = e->nknown;
    for (int d = 0; guard && d < b->ndim && e->nknown < MAXKNOWN; d++) {
        e->known[e->nknown].idx = s->store.idx[d]; /* where it is stored it is in range */
        e->known[e->nknown++].dim = b->dim[d];
    }
    const char *value =
        is_variable(b) ? cpu_cast(e, expr_piece(e, s->store.value), s->store.value->type, b->type).s
                       : cpu_store_value(e, s->store.value, b->type);
    e->nknown = known;
    const char *head = emit_f(e, "if (%s)", guard ? guard : "");
    const char *line = emit_f(e, "%s = %s;", place, value);
    cpu_nest(e, guard != NULL, &head, 1, &line);
    e->nheld = held;
}

/* an atomic update: another thread of the pool may be at the same element */
static void update(Emit *e, const Stmt *s)
{
    const Expr *call = s->eval, *to = call->args[0];
    const char *op = fn_info[call->fn].name + strlen("atomic_"), *guard;
    const char *place = cpu_element(e, to->buf, to->idx, s->span, &guard);
    const char *value = cpu_store_value(e, call->args[1], to->buf->type);
    e->work++;
    cpu_need(e, emit_f(e, "atomic-%s", op), DT_none, to->buf->type);
    const char *head = emit_f(e, "if (%s)", guard ? guard : "");
    const char *line =
        emit_f(e, "k_atomic_%s_%s(&%s, %s);", op, cpu_short(to->buf->type), place, value);
    cpu_nest(e, guard != NULL, &head, 1, &line);
}

/* T.alloc_var and T.alloc_local; gives the statement that was done with it: the store that follows
 * at once is the initial value */
static const Stmt *local(Emit *e, const Stmt *s)
{
    const Buf *b = s->alloc;
    if (!e->ours && !cpu_use(e->uses, b).read) return s;
    const Stmt *first = s->next;
    Piece init = {"0", P_PRIMARY};
    bool joined = is_variable(b) && first && first->kind == S_STORE && first->store.buf == b &&
                  is_safe(e, first->store.value, NULL);
    if (joined)
        init = cpu_cast(e, expr_piece(e, first->store.value), first->store.value->type, b->type);
    const char *name = name_new(e, b, b->name);
    if (is_variable(b)) {
        cpu_line(e, "%s %s = %s;", cpu_value_type(b->type), name, init.s);
        return joined ? first : s;
    }
    Text t = text_new(&e->cx->arena);
    for (int d = 0; d < b->ndim; d++) text_add(&t, "[%s]", expr_text(e, b->dim[d], P_COND));
    cpu_line(e, "%s %s%s = {0};", cpu_elem_type(e, b->type), name, t.s);
    return s;
}

static void tile_op(Emit *e, const Stmt *s)
{
    e->work++;
    cpu_comment(e, s);
    switch (s->tile.op) {
    case TO_copy: cpu_copy(e, s); break;
    case TO_fill: cpu_fill(e, s); break;
    case TO_gemm: cpu_gemm(e, s); break;
    case TO_cumsum:
    case TO_atomic_add:
    case TO_atomic_max:
    case TO_atomic_min: cpu_lowered(e, s); break;
    default: cpu_reduce(e, s); break;
    }
}

static void role(Emit *e, const Stmt *s)
{
    int outer = e->inside;
    Text hidden = text_new(&e->cx->arena), *out = e->out;
    bool shown = e->only < 0 || e->only == (int)s->role.role;
    int count = e->count, work = e->work;
    if (!shown) e->out = &hidden; /* its names are made all the same */
    e->inside = (int)s->role.role;
    if (shown && e->only < 0 && e->said != e->inside) {
        if (e->count) text_line(e->out, "%s", "");
        cpu_line(e, "/* %s */", role_name[e->inside]);
        e->said = e->inside;
    }
    if (s->role.group) {
        Block b;
        cpu_open(e, &b);
        const char *g = name_new(e, s->role.group, s->role.group->name);
        enter(e, s, false);
        cpu_stmts(e, s->role.body);
        cpu_close(e, &b, emit_f(e, "for (int %s = 0; %s < %d; %s++)", g, g, s->role.groups, g));
    } else {
        cpu_stmts(e, s->role.body);
    }
    e->inside = outer;
    if (!shown) {
        e->out = out;
        e->count = count;
        e->work = work;
    }
}

/* with a role to show, what stands in no role is compute's */
static bool hidden(const Emit *e, const Stmt *s)
{
    bool structure = s->kind == S_LOOP || s->kind == S_IF || s->kind == S_ROLE ||
                     s->kind == S_LET || s->kind == S_ALLOC;
    bool nest = s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL;
    return e->only >= 0 && e->only != R_COMPUTE && e->inside < 0 && (!structure || nest);
}

void cpu_stmts(Emit *e, const Stmt *list)
{
    for (const Stmt *s = list; s; s = s->next) {
        if (hidden(e, s)) continue;
        switch (s->kind) {
        case S_LOOP:
            if (s->loop.how == LOOP_PARALLEL)
                parallel_loop(e, s, 0);
            else
                serial_loop(e, s);
            break;
        case S_IF: branch(e, s); break;
        case S_LET: let(e, s); break;
        case S_STORE: store(e, s); break;
        case S_TILE: tile_op(e, s); break;
        case S_ALLOC:
            if (s->alloc->space == SP_LOCAL) s = local(e, s);
            break;
        case S_ROLE: role(e, s); break;
        case S_EVAL: update(e, s); break;
        case S_WHILE:
        case S_JUMP: fail(e->cx, E0902, s->span, NULL, "threads reached a target that has none");
        case S_AWAIT: break; /* a gemm is done when it returns */
        case S_VERB:
        case S_TURN:
            fail(e->cx, E0501, s->span, "give the cpu the tile program, or a schedule made for it",
                 "the cpu runs one sequence a launch, without pipes");
        }
    }
}
