/* A launch as code. Every variable gets a register and every buffer a number, loops and branches
   become jumps, expressions become trees of X with the kind of arithmetic already chosen. Nothing
   is looked up by name when the code runs.

   Where threads go in step, what joins them (a shuffle) becomes a statement of its own before the
   expression that it stands in.

   Needs a program that check_prog accepted. */
#include "run/interp/interp.h"
#include <string.h>

/* ---- the builder ---- */

/* the loop around: jumps that leave it, or its iteration; a chain through Ins.to, -1 ends it */
typedef struct Leaving Leaving;
struct Leaving {
    Leaving *outer;
    int breaks, continues;
};

typedef struct {
    Machine *m;
    Arena *a;
    const Launch *launch;
    Plan plan;
    Program *out;
    Table reg, buf, varies; /* Var -> register + 1, Buf -> number + 1, Var -> differs by thread */
    Table expr, index;      /* Expr -> X, as a value and as an index */
    int buf_cap;
    Body *body; /* being filled */
    int number, ins_cap;
    const Where *where;
    const Stmt *stmt;
    const Nest *nest; /* the outermost T.Parallel around, or NULL */
    Leaving *leaving;
    bool spin, joined; /* joined: the statement has calls that join threads */
} Build;

static int reg_of(Build *b, const Var *v)
{
    void **at = interp_map(b->a, &b->reg, v);
    if (!*at) *at = (void *)(intptr_t)++b->out->nreg;
    return (int)(intptr_t)*at - 1;
}

static int buf_of(Build *b, const Buf *buf)
{
    void **at = interp_map(b->a, &b->buf, buf);
    if (*at) return (int)(intptr_t)*at - 1;
    Program *p = b->out;
    p->use = interp_grow(b->a, p->use, p->nbuf, &b->buf_cap, sizeof *p->use);
    p->use[p->nbuf] = (Use){.buf = buf,
                            .home = -1,
                            .each = interp_has_each(&b->plan, buf),
                            .bytes = interp_retyped(b->m->prog, buf)};
    *at = (void *)(intptr_t)++p->nbuf;
    return p->nbuf - 1;
}

/* a buffer that is read ('r'), written ('w') or both ('u') */
static int used_buf(Build *b, const Buf *buf, char how)
{
    for (const Buf *root = buf; root; root = root->of) {
        int i = buf_of(b, root);
        b->out->use[i].read |= how != 'w';
        b->out->use[i].written |= how != 'r';
    }
    return buf_of(b, buf);
}

/* ---- instructions ---- */

static void forget_exprs(Build *b)
{
    b->expr = b->index = (Table){0};
}

static Ins *emit_ins(Build *b, InsKind k, Ins ins)
{
    Body *body = b->body;
    if (b->joined) forget_exprs(b); /* threads join anew in each statement */
    b->joined = false;
    body->ins = interp_grow(b->a, body->ins, body->nins, &b->ins_cap, sizeof ins);
    Ins *i = &body->ins[body->nins++];
    *i = ins;
    i->kind = k;
    i->stmt = b->stmt;
    i->where = b->where;
    return i;
}

static Ins *emit(Build *b, InsKind k)
{
    return emit_ins(b, k, (Ins){0});
}

/* ---- expressions ---- */

static X *x_new(Build *b, XKind k, DType t, Span at, int narg)
{
    X *x = arena_alloc(b->a, sizeof(X) + sizeof(X *) * (size_t)narg);
    x->kind = k;
    x->type = x->from = t;
    x->span = at;
    x->narg = narg;
    return x;
}

/* is_index: it leads to an index */
static X *expr(Build *b, const Expr *e, bool is_index);
static void stmts(Build *b, const Stmt *list);

static bool is_varying(Build *b, const Var *v)
{
    return *interp_map(b->a, &b->varies, v) != NULL;
}

/* code that runs for a group of threads at once, not for one iteration of its nest */
static bool in_lanes(const Build *b)
{
    return b->out->threads && !b->nest;
}

/* an operand of x; what does not depend on the thread is evaluated once for all of them */
static X *once(Build *b, X *x)
{
    if (!in_lanes(b) || x->varies || x->kind == X_CONST || x->kind == X_REG || x->kind == X_ONCE)
        return x;
    X *o = x_new(b, X_ONCE, x->type, x->span, 1);
    o->reg = b->out->nonce++;
    o->arg[0] = x;
    return o;
}

static void add_arg(X *x, int i, X *arg)
{
    x->arg[i] = arg;
    x->varies |= arg->varies;
}

static void args_once(Build *b, X *x)
{
    for (int i = 0; i < x->narg && x->varies; i++) x->arg[i] = once(b, x->arg[i]);
}

static X *convert(Build *b, X *x, XKind kind, DType to, Span at)
{
    if (x->type == to) return x;
    X *c = x_new(b, kind, to, at, 1);
    c->from = x->type;
    add_arg(c, 0, x);
    return c;
}

static X *lane_of(Build *b, int reg, DType type, Span at)
{
    X *x = x_new(b, X_LANE, type, at, 0);
    x->reg = reg;
    x->varies = true;
    return x;
}

static bool joins(void *user, const Expr *e)
{
    (void)user;
    return e->kind == E_CALL && interp_joins_threads(e->fn);
}

static void set_lane(Build *b, int reg, X *value)
{
    emit_ins(b, I_LET, (Ins){.value = value, .reg = reg, .varies = true});
}

/* A selection (and, or) whose arms join threads: those that choose an arm go there together, by a
 * branch. */
static X *arms(Build *b, const Expr *e, bool is_index)
{
    int reg = b->out->nreg++;
    X *cond = expr(b, e->arg[0], false);
    if (e->op != OP_select) set_lane(b, reg, cond);
    int at = b->body->nins, skip = -1;
    if (e->op == OP_or) {
        X *no = x_new(b, X_INT, DT_bool, e->span, 1);
        no->op = OP_not;
        add_arg(no, 0, cond);
        cond = no;
    }
    emit_ins(b, I_IF, (Ins){.value = cond, .varies = cond->varies});
    set_lane(b, reg, expr(b, e->arg[1], is_index));
    if (e->op == OP_select) {
        skip = b->body->nins;
        emit(b, I_JUMP);
    }
    b->body->ins[at].to = b->body->nins;
    if (e->op == OP_select) set_lane(b, reg, expr(b, e->arg[2], is_index));
    b->body->ins[at].join = b->body->nins;
    if (skip >= 0) b->body->ins[skip].to = b->body->nins;
    b->joined = true;
    return lane_of(b, reg, e->type, e->span);
}

static X *operation(Build *b, const Expr *e, bool is_index)
{
    int n = op_info[e->op].nargs;
    DType operands = e->arg[e->op == OP_select]->type;
    bool chooses = e->op == OP_select || e->op == OP_and || e->op == OP_or;
    for (int i = 1; chooses && in_lanes(b) && i < n; i++)
        if (expr_any(e->arg[i], joins, NULL)) return arms(b, e, is_index);
    XKind kind = e->op == OP_select          ? X_SELECT
                 : e->op == OP_and           ? X_AND
                 : e->op == OP_or            ? X_OR
                 : dtype_is_float(operands) ? X_FLOAT
                                             : X_INT;
    X *x = x_new(b, kind, e->type, e->span, n);
    x->from = operands;
    x->op = e->op;
    x->rule = op_info[e->op].rule;
    bool may_wrap = e->op == OP_add || e->op == OP_sub || e->op == OP_mul || e->op == OP_neg ||
                    e->op == OP_shl;
    x->checked = is_index && kind == X_INT && may_wrap && dtype_info[e->type].cls == CLS_I;
    for (int i = 0; i < n; i++) {
        bool on = interp_leads_on(e->op) && !(e->op == OP_select && i == 0);
        add_arg(x, i, expr(b, e->arg[i], on && is_index));
    }
    args_once(b, x);
    return x;
}

/* an element of a buffer: LOAD reads it, PLACE is where it lies */
static X *element(Build *b, XKind kind, const Expr *e, char how)
{
    X *x = x_new(b, kind, e->type, e->span, e->buf->ndim);
    x->buf = used_buf(b, e->buf, how);
    x->watch = interp_watches(b->nest, e->buf);
    x->spin = b->spin;
    x->varies = b->out->use[x->buf].each;
    for (int d = 0; d < e->buf->ndim; d++) add_arg(x, d, expr(b, e->idx[d], true));
    args_once(b, x);
    return x;
}

static X *call(Build *b, const Expr *e)
{
    X *x = x_new(b, X_CALL, e->type, e->span, e->nargs);
    char first = fn_arg(e->fn, 0);
    x->fn = e->fn;
    x->text = e->text;
    b->out->waits |= e->fn == FN_sync_grid;
    for (int i = 0; i < e->nargs; i++) {
        char place = call_place(e, i);
        add_arg(x, i, place ? element(b, X_PLACE, e->args[i], place == 'b' ? 'u' : place)
                            : expr(b, e->args[i], false));
        if (place == 'u' || place == 'w') x->from = e->args[i]->type;
        if (fn_arg(e->fn, i) == 'v' && (first == 'u' || first == 'w'))
            x->arg[i] = convert(b, x->arg[i], X_CAST, x->from, e->span);
    }
    x->varies = b->out->threads;
    if (!in_lanes(b) || !interp_joins_threads(e->fn) || !strcmp(fn_info[e->fn].result, "void"))
        return x;
    int reg = b->out->nreg++;
    b->joined = true;
    set_lane(b, reg, x);
    return lane_of(b, reg, e->type, e->span);
}

static X *variable(Build *b, const Expr *e)
{
    X *x = x_new(b, is_varying(b, e->var) ? X_LANE : X_REG, e->type, e->span, 0);
    x->reg = reg_of(b, e->var);
    x->varies = x->kind == X_LANE;
    return x;
}

static X *fresh_expr(Build *b, const Expr *e, bool is_index)
{
    X *x = NULL;
    bool signed_int = dtype_info[e->type].cls == CLS_I;
    switch (e->kind) {
    case E_INT:
    case E_FLOAT:
        x = x_new(b, X_CONST, e->type, e->span, 0);
        x->value = e->kind == E_INT ? (Val){.i = e->i} : (Val){.f = e->f};
        return x;
    case E_VAR: return variable(b, e);
    case E_OP: return operation(b, e, is_index);
    case E_CAST:
        x = expr(b, e->arg[0], signed_int && is_index);
        return convert(b, x, X_CAST, e->type, e->span);
    case E_BITS: return convert(b, expr(b, e->arg[0], false), X_BITS, e->type, e->span);
    case E_LOAD: return element(b, X_LOAD, e, 'r');
    case E_CALL: return call(b, e);
    }
    return x;
}

/* expressions may be shared, and so is their code */
static X *expr(Build *b, const Expr *e, bool is_index)
{
    Table *memo = is_index ? &b->index : &b->expr;
    X *x = *interp_map(b->a, memo, e);
    if (x) return x;
    x = fresh_expr(b, e, is_index);
    *interp_map(b->a, memo, e) = x;
    return x;
}

/* ---- loops and branches ---- */

static void push_where(Build *b, const Var *v)
{
    Where *w = NEW(b->a, Where);
    *w = (Where){.outer = b->where, .var = v, .reg = reg_of(b, v), .varies = is_varying(b, v)};
    b->where = w;
}

static X *int_constant(Build *b, int64_t v)
{
    X *x = x_new(b, X_CONST, DT_int64, (Span){0}, 0);
    x->value.i = v;
    return x;
}

/* does this loop's own body say `jump` */
static bool says(const Stmt *list, Jump jump)
{
    for (const Stmt *s = list; s; s = s->next) {
        if (s->kind == S_JUMP && s->jump == jump) return true;
        if (s->kind == S_IF && (says(s->branch.then, jump) || says(s->branch.other, jump)))
            return true;
    }
    return false;
}

static void land_at(Build *b, int chain, int to)
{
    while (chain >= 0) {
        int next = b->body->ins[chain].to;
        b->body->ins[chain].to = to;
        chain = next;
    }
}

/* where threads may leave a loop, or its iteration, apart from the others they meet at its end */
static int open_frame(Build *b, bool needed)
{
    if (!needed || !in_lanes(b)) return -1;
    emit(b, I_ENTER);
    return b->body->nins - 1;
}

static void close_frame(Build *b, int enter)
{
    if (enter >= 0) b->body->ins[enter].to = b->body->nins;
}

static void private_nest(Build *b, const Stmt *s, int k);

/* the body of a loop, between its head and its tail; or the loops in it, from number `inner` on */
static void loop_body(Build *b, const Stmt *s, const Stmt *body, int inner, Leaving *l)
{
    int enter = open_frame(b, says(body, JUMP_CONTINUE));
    *l = (Leaving){.outer = b->leaving, .breaks = -1, .continues = -1};
    b->leaving = l;
    if (!inner && b->nest && b->nest->stmt == s) emit(b, I_ITER);
    if (inner)
        private_nest(b, s, inner);
    else
        stmts(b, body);
    b->stmt = s;
    b->leaving = l->outer;
    close_frame(b, enter);
    land_at(b, l->continues, b->body->nins);
}

static void counted(Build *b, const Stmt *s, const Var *v, Ins loop, const Stmt *body, int inner)
{
    const Where *outer = b->where;
    Leaving leaving;
    loop.each = in_lanes(b) && loop.value->varies;
    loop.varies = loop.each || (in_lanes(b) && loop.idx[0]->varies);
    if (loop.each) *interp_map(b->a, &b->varies, v) = b;
    loop.loop = b->out->nloop++;
    loop.reg = reg_of(b, v);
    int enter = open_frame(b, loop.varies || says(body, JUMP_BREAK)), start = b->body->nins;
    emit_ins(b, I_LOOP, loop);
    push_where(b, v);
    loop_body(b, s, body, inner, &leaving);
    loop.to = start + 1;
    emit_ins(b, I_NEXT, loop);
    b->body->ins[start].to = b->body->nins;
    close_frame(b, enter);
    land_at(b, leaving.breaks, b->body->nins);
    b->where = outer;
}

static void serial_loop(Build *b, const Stmt *s)
{
    Ins loop = {.value = s->loop.lo ? expr(b, s->loop.lo, false) : int_constant(b, 0)};
    loop.idx[0] = expr(b, s->loop.hi[0], false);
    loop.step = s->loop.step;
    counted(b, s, s->loop.var[0], loop, s->loop.body, 0);
}

/* the loops of a nest, one inside of the other */
static void private_nest(Build *b, const Stmt *s, int k)
{
    Ins loop = {.value = int_constant(b, 0), .idx[0] = expr(b, s->loop.hi[k], false), .step = 1};
    counted(b, s, s->loop.var[k], loop, s->loop.body, k + 1 < s->loop.n ? k + 1 : 0);
}

static void while_loop(Build *b, const Stmt *s)
{
    Leaving leaving;
    int enter = open_frame(b, true), first = b->body->nins;
    forget_exprs(b);
    b->spin = b->out->waits = true;
    X *cond = expr(b, s->branch.cond, false);
    b->spin = false;
    forget_exprs(b);
    bool varies = in_lanes(b) && cond->varies, costs = false;
    int test = b->body->nins;
    emit_ins(b, I_WHILE, (Ins){.value = cond, .varies = varies});
    loop_body(b, s, s->branch.then, 0, &leaving);
    for (int i = first; i < b->body->nins; i++) costs |= b->body->ins[i].varies;
    emit_ins(b, I_BACK, (Ins){.to = first, .varies = costs});
    b->body->ins[test].to = b->body->nins;
    close_frame(b, enter);
    if (enter >= 0 && !varies && !says(s->branch.then, JUMP_BREAK))
        b->body->ins[enter] = (Ins){.kind = I_JUMP, .stmt = s, .to = first}; /* they stay together */
    land_at(b, leaving.breaks, b->body->nins);
}

static void jump(Build *b, const Stmt *s)
{
    if (s->jump == JUMP_RETURN) {
        emit(b, I_RETURN);
        return;
    }
    int *chain = s->jump == JUMP_BREAK ? &b->leaving->breaks : &b->leaving->continues;
    int at = b->body->nins;
    emit(b, I_LEAVE)->to = *chain;
    *chain = at;
}

static void parallel_loop(Build *b, const Stmt *s)
{
    int start = b->body->nins;
    if (b->nest || (in_lanes(b) && interp_private(s))) {
        private_nest(b, s, 0);
        return;
    }
    emit(b, I_NEST);
    b->nest = interp_nest(b->a, s);
    forget_exprs(b); /* loads inside are compiled anew: they may be watched */
    private_nest(b, s, 0);
    emit(b, I_NEST_END);
    b->nest = NULL;
    forget_exprs(b);
    b->body->ins[start].to = b->body->nins;
}

/* two ways, and where they meet; `other` may be empty */
static void branch(Build *b, const Stmt *s)
{
    X *cond = expr(b, s->branch.cond, false);
    int at = b->body->nins;
    emit_ins(b, I_IF, (Ins){.value = cond, .varies = in_lanes(b) && cond->varies});
    stmts(b, s->branch.then);
    int skip = b->body->nins;
    if (s->branch.other) emit(b, I_JUMP);
    b->body->ins[at].to = b->body->nins;
    stmts(b, s->branch.other);
    if (s->branch.other) b->body->ins[skip].to = b->body->nins;
    b->body->ins[at].join = b->body->nins;
}

static void store(Build *b, const Stmt *s)
{
    const Buf *buf = s->store.buf;
    Ins i = {.value = convert(b, expr(b, s->store.value, false), X_CAST, buf->type, s->span)};
    i.buf = used_buf(b, buf, 'w');
    bool varies = i.value->varies || b->out->use[i.buf].each;
    for (int d = 0; d < buf->ndim; d++) {
        i.idx[d] = expr(b, s->store.idx[d], true);
        varies |= i.idx[d]->varies;
    }
    i.varies = varies && in_lanes(b);
    if (i.varies) i.value = once(b, i.value);
    for (int d = 0; d < buf->ndim && i.varies; d++) i.idx[d] = once(b, i.idx[d]);
    i.watch = interp_watches(b->nest, buf);
    b->out->use[i.buf].watched |= i.watch;
    emit_ins(b, I_STORE, i);
}

static void let(Build *b, const Stmt *s)
{
    Var *v = s->let.var;
    X *value = expr(b, s->let.value, interp_marked(&b->plan.index, v));
    value = convert(b, value, X_CAST, v->type, s->span);
    bool varies = in_lanes(b) && value->varies;
    if (varies) *interp_map(b->a, &b->varies, v) = b;
    emit_ins(b, I_LET, (Ins){.value = value, .reg = reg_of(b, v), .varies = varies});
}

/* ---- tile operations ---- */

static Box box(Build *b, const Region *r, char how, bool *varies)
{
    Box x = {.buf = used_buf(b, r->buf, how), .n = 1, .span = r->span};
    *varies |= b->out->use[x.buf].each;
    for (int d = 0; d < r->buf->ndim; d++) {
        x.off[d] = expr(b, r->off[d], true);
        x.ext[d] = r->ext[d];
        *varies |= x.off[d]->varies;
        if (__builtin_mul_overflow(x.n, r->ext[d], &x.n)) x.n = INT64_MAX;
    }
    b->out->scratch = MAX(b->out->scratch, x.n);
    return x;
}

/* m, n, k; or the source as (outer, len, inner) */
static void shape(const Stmt *s, Tile *t)
{
    const Region *r = s->tile.arg;
    if (t->op == TO_gemm) {
        int nc = r[2].buf->ndim, na = r[0].buf->ndim;
        t->m = r[2].ext[nc - 2];
        t->n = r[2].ext[nc - 1];
        t->k = r[0].ext[na - (s->tile.trans_a ? 2 : 1)];
    }
    if (t->narg == 2) copy_shape(&r[0], &r[1], &t->shape);
    t->outer = t->inner = 1;
    t->len = r[0].ext[s->tile.dim];
    for (int d = 0; d < s->tile.dim; d++) t->outer *= r[0].ext[d];
    for (int d = s->tile.dim + 1; d < r[0].buf->ndim; d++) t->inner *= r[0].ext[d];
}

static void tile(Build *b, const Stmt *s)
{
    Tile *t = NEW(b->a, Tile);
    t->op = s->tile.op;
    const char *how = tileop_info[t->op].operands;
    t->narg = (int)strlen(how);
    bool varies = false;
    for (int i = 0; i < t->narg; i++) t->arg[i] = box(b, &s->tile.arg[i], how[i], &varies);
    shape(s, t);
    if (s->tile.value) {
        X *value = expr(b, s->tile.value, false);
        t->value = convert(b, value, X_CAST, s->tile.arg[0].buf->type, s->span);
        varies |= value->varies;
    }
    if (s->tile.barrier) {
        t->barrier = element(b, X_PLACE, s->tile.barrier, 'u');
        varies |= t->barrier->varies;
    }
    t->each = varies && in_lanes(b);
    if (s->tile.barrier || s->tile.async) b->out->stamps = true;
    emit(b, I_TILE)->tile = t;
}

/* ---- verbs ---- */

static void verb(Build *b, const Stmt *s)
{
    Ins i = {.value = s->verb.which ? expr(b, s->verb.which, false) : NULL};
    bool gives = s->verb.verb == PV_ACQUIRE || s->verb.verb == PV_COMMIT;
    while (b->launch->pipe[i.pipe] != s->verb.pipe) i.pipe++;
    b->body->side[gives][i.pipe] = true;
    if (s->verb.verb == PV_ACQUIRE || s->verb.verb == PV_WAIT)
        for (int k = 0; k < s->verb.pipe->ntile; k++) i.slot[k] = buf_of(b, s->verb.slot[k]);
    emit_ins(b, I_VERB, i);
}

static void turn(Build *b, const Stmt *s)
{
    int order = 0;
    while (b->launch->order[order] != s->turn.order) order++;
    emit(b, I_TURN)->pipe = order;
}

/* ---- statements ---- */

static void alloc(Build *b, const Stmt *s)
{
    Ins i = {.buf = buf_of(b, s->alloc), .pipe = -1};
    b->out->use[i.buf].home = b->number;
    if (s->alloc->of) i.pipe = used_buf(b, s->alloc->of, 'r');
    if (s->alloc->pointer) i.value = expr(b, s->alloc->pointer, false);
    emit_ins(b, I_ALLOC, i);
}

static void eval(Build *b, const Stmt *s)
{
    X *x = s->eval->kind == E_CALL ? expr(b, s->eval, false) : NULL;
    if (x && x->kind == X_CALL) emit(b, I_CALL)->value = x; /* a shuffle is done already */
}

/* a role block in the one sequence of a merged launch: its groups run one after the other */
static void inline_role(Build *b, const Stmt *s)
{
    Ins loop = {.value = int_constant(b, 0), .idx[0] = int_constant(b, s->role.groups), .step = 1};
    if (s->role.group)
        counted(b, s, s->role.group, loop, s->role.body, 0);
    else
        stmts(b, s->role.body);
}

static void stmt(Build *b, const Stmt *s)
{
    switch (s->kind) {
    case S_LOOP:
        if (s->loop.how == LOOP_PARALLEL)
            parallel_loop(b, s);
        else
            serial_loop(b, s);
        break;
    case S_IF: branch(b, s); break;
    case S_LET: let(b, s); break;
    case S_STORE: store(b, s); break;
    case S_TILE: tile(b, s); break;
    case S_ALLOC: alloc(b, s); break;
    case S_ROLE: inline_role(b, s); break;
    case S_VERB: verb(b, s); break;
    case S_AWAIT: emit(b, I_AWAIT); break;
    case S_TURN: turn(b, s); break;
    case S_WHILE: while_loop(b, s); break;
    case S_JUMP: jump(b, s); break;
    case S_EVAL: eval(b, s); break;
    }
}

static void stmts(Build *b, const Stmt *list)
{
    for (const Stmt *s = list; s; s = s->next) {
        b->stmt = s;
        stmt(b, s);
    }
}

/* ---- the launch ---- */

static void open_body(Build *b, int number, const Stmt *role)
{
    b->body = &b->out->body[number];
    b->number = number;
    b->ins_cap = 0;
    forget_exprs(b);
    *b->body = (Body){.stmt = role, .groups = 1, .group_reg = -1};
    for (int i = 0; i < 2; i++) b->body->side[i] = NEWN(b->a, bool, b->launch->npipe);
}

static void role_body(Build *b, int number, const Stmt *s)
{
    const Where *outer = b->where;
    b->stmt = s;
    open_body(b, number, s);
    b->body->role = s->role.role;
    b->body->groups = MAX(s->role.groups, 1);
    if (s->role.group) {
        b->body->group_reg = reg_of(b, s->role.group);
        push_where(b, s->role.group);
    }
    stmts(b, s->role.body);
    b->stmt = s;
    emit(b, I_END);
    b->where = outer;
}

/* with pipes: what stands outside of roles is body 0, each role is a body; without: all of it is
 * body 0 */
static void bodies(Build *b)
{
    const Launch *l = b->launch;
    int n = 1;
    for (const Stmt *s = l->body; s && l->npipe; s = s->next) n += s->kind == S_ROLE;
    b->out->body = NEWN(b->a, Body, n);
    b->out->nbody = n;
    open_body(b, 0, NULL);
    for (const Stmt *s = l->body; s; s = s->next) {
        b->stmt = s;
        if (s->kind != S_ROLE || !l->npipe) stmt(b, s);
    }
    emit(b, I_END);
    n = 1;
    for (const Stmt *s = l->body; s && l->npipe; s = s->next)
        if (s->kind == S_ROLE) role_body(b, n++, s);
}

Program *interp_compile(Machine *m, const Launch *l)
{
    Build b = {.m = m, .a = &m->one, .launch = l, .plan = interp_plan(&m->one, l)};
    const Prog *p = m->prog;
    b.out = NEW(b.a, Program);
    *b.out = (Program){.launch = l, .threads = b.plan.threads, .stamps = b.plan.threads};
    b.out->nthread = b.plan.threads ? MAX(l->threads, 1) : 1;
    if (b.out->nthread > THREAD_MASK)
        interp_refuse(m, NULL, "'%s' has more threads than a block may have", l->name);
    for (int i = 0; i < p->nsize; i++)
        reg_of(&b, p->size[i]); /* the first registers: sizes, then scalars */
    for (int i = 0; i < p->nparam; i++)
        if (p->param[i].scalar) reg_of(&b, p->param[i].scalar);
    for (int d = 0; d < l->ngrid; d++) {
        b.out->block_reg[d] = reg_of(&b, l->block[d]);
        push_where(&b, l->block[d]);
    }
    for (int d = 0; d < MAXGRID; d++)
        if (l->thread[d]) {
            b.out->thread_reg[d] = reg_of(&b, l->thread[d]);
            if (b.out->threads) *interp_map(b.a, &b.varies, l->thread[d]) = &b;
        }
    bodies(&b);
    return m->failed ? NULL : b.out;
}
