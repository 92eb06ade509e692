/* A launch as code. Every variable gets a register and every buffer a number, loops and branches
   become jumps, expressions become trees of X with the kind of arithmetic already chosen. Nothing
   is looked up by name when the code runs.

   Needs a program that check_prog accepted; what it should have refused is reported as an internal
   error all the same. */
#include "run/interp/interp.h"
#include <stdio.h>
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
    const Plan *plan;
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
    bool is_index, spin;
} Build;

static void refuse(Build *b, Span at, ErrCode code, const char *text, const char *name)
{
    if (b->m->failed) return;
    char place[256];
    if (!at.file && b->stmt) at = b->stmt->span;
    b->m->failed = true;
    err_set(b->m->err, code, NULL, "%s'%s' %s", interp_place(b->m, at, place, sizeof place), name,
            text);
}

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
    if (p->nbuf == b->buf_cap) {
        int cap = b->buf_cap ? b->buf_cap * 2 : 32;
        Use *use = NEWN(b->a, Use, cap);
        if (p->nbuf) memcpy(use, p->use, sizeof *use * (size_t)p->nbuf);
        p->use = use;
        b->buf_cap = cap;
    }
    p->use[p->nbuf] = (Use){.buf = buf,
                            .home = -1,
                            .each = interp_plan_each(b->plan, buf),
                            .bytes = interp_plan_bytes(b->plan, buf)};
    *at = (void *)(intptr_t)++p->nbuf;
    return p->nbuf - 1;
}

/* a buffer that is read ('r'), written ('w') or both ('u'): it must have come into being */
static int used_buf(Build *b, const Buf *buf, char how, Span at)
{
    int i = buf_of(b, buf);
    Use *use = &b->out->use[i];
    bool tile = buf->space == SP_SHARED || buf->space == SP_FRAG || buf->space == SP_LOCAL ||
                buf->space == SP_BARRIER || buf->of || buf->pointer;
    if (tile && use->home != b->number && use->home != 0)
        refuse(b, at, E0902, "is used in a role where it is not allocated", buf->name);
    for (const Buf *root = buf; root; root = root->of) {
        use = &b->out->use[buf_of(b, root)];
        use->read |= how != 'w';
        use->written |= how != 'r';
    }
    return i;
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

static X *expr(Build *b, const Expr *e);

static X *convert(Build *b, X *x, DType to, Span at)
{
    if (x->type == to) return x;
    bool from_float = dtype_is_float(x->type), to_float = dtype_is_float(to);
    XKind k = to_float ? from_float ? X_ROUND : X_TO_FLOAT : from_float ? X_TO_INT : X_WRAP;
    X *c = x_new(b, k, to, at, 1);
    c->from = x->type;
    c->arg[0] = x;
    c->varies = x->varies;
    return c;
}

static bool is_wide(DType t)
{
    return dtype_info[t].cls == CLS_U && dtype_info[t].bits == 64;
}

static XKind op_kind(Op op, DType operands)
{
    if (op == OP_select) return X_SELECT;
    if (op == OP_and) return X_AND;
    if (op == OP_or) return X_OR;
    if (dtype_is_float(operands)) return op_info[op].rule == RULE_cmp ? X_COMPARE : X_FLOAT;
    return is_wide(operands) ? X_U64 : X_INT;
}

/* does an operand of this operation lead to the index that its result is */
static bool leads_on(Op op)
{
    return op == OP_add || op == OP_sub || op == OP_mul || op == OP_neg || op == OP_floordiv ||
           op == OP_max || op == OP_min || op == OP_select;
}

static bool may_wrap(Op op)
{
    return op == OP_add || op == OP_sub || op == OP_mul || op == OP_neg;
}

/* an expression that is no part of the index around it */
static X *plain(Build *b, const Expr *e)
{
    bool was = b->is_index;
    b->is_index = false;
    X *x = expr(b, e);
    b->is_index = was;
    return x;
}

static X *index_expr(Build *b, const Expr *e)
{
    bool was = b->is_index;
    b->is_index = true;
    X *x = expr(b, e);
    b->is_index = was;
    return x;
}

static X *operation(Build *b, const Expr *e)
{
    int n = op_info[e->op].nargs;
    DType operands = e->arg[e->op == OP_select]->type;
    X *x = x_new(b, op_kind(e->op, operands), e->type, e->span, n);
    x->from = operands;
    x->op = e->op;
    if (b->is_index && x->kind == X_INT && dtype_info[e->type].cls == CLS_I && may_wrap(e->op))
        x->kind = X_CHECKED;
    for (int i = 0; i < n; i++) {
        bool on = leads_on(e->op) && !(e->op == OP_select && i == 0);
        x->arg[i] = on ? expr(b, e->arg[i]) : plain(b, e->arg[i]);
        if (x->arg[i]) x->varies |= x->arg[i]->varies;
    }
    return x;
}

/* an element of a buffer: LOAD reads it, PLACE is where it lies */
static X *element(Build *b, XKind kind, const Expr *e, char how)
{
    X *x = x_new(b, kind, e->type, e->span, e->buf->ndim);
    x->buf = used_buf(b, e->buf, how, e->span);
    x->watch = interp_watches(b->nest, e->buf);
    x->spin = b->spin;
    x->varies = b->out->use[x->buf].each;
    for (int d = 0; d < e->buf->ndim; d++) {
        x->arg[d] = index_expr(b, e->idx[d]);
        if (x->arg[d]) x->varies |= x->arg[d]->varies;
    }
    return x;
}

static X *call(Build *b, const Expr *e)
{
    X *x = x_new(b, X_CALL, e->type, e->span, e->nargs);
    x->fn = e->fn;
    x->text = e->text;
    x->varies = b->out->threads;
    b->out->waits |= e->fn == FN_sync_grid;
    for (int i = 0; i < e->nargs; i++) {
        char place = call_place(e, i);
        x->arg[i] = place ? element(b, X_PLACE, e->args[i], place == 'b' ? 'u' : place)
                          : plain(b, e->args[i]);
        if (place == 'u' || place == 'w') x->from = e->args[i]->type;
        if (fn_arg(e->fn, i) == 'v' && (fn_arg(e->fn, 0) == 'u' || fn_arg(e->fn, 0) == 'w') && x->arg[i])
            x->arg[i] = convert(b, x->arg[i], x->from, e->span);
    }
    return x;
}

static X *variable(Build *b, const Expr *e)
{
    if (!*interp_map(b->a, &b->reg, e->var))
        refuse(b, e->span, E0902, "is used outside of its scope", e->var->name);
    bool varies = *interp_map(b->a, &b->varies, e->var) != NULL;
    X *x = x_new(b, varies ? X_LANE : X_REG, e->type, e->span, 0);
    x->reg = reg_of(b, e->var);
    x->varies = varies;
    return x;
}

static X *fresh_expr(Build *b, const Expr *e)
{
    X *x;
    switch (e->kind) {
    case E_INT:
        x = x_new(b, X_CONST, e->type, e->span, 0);
        x->value.i = e->i;
        return x;
    case E_FLOAT:
        x = x_new(b, X_CONST, e->type, e->span, 0);
        x->value.f = e->f;
        return x;
    case E_VAR: return variable(b, e);
    case E_OP: return operation(b, e);
    case E_CAST:
        x = dtype_info[e->type].cls == CLS_I ? expr(b, e->arg[0]) : plain(b, e->arg[0]);
        return x ? convert(b, x, e->type, e->span) : NULL;
    case E_BITS:
        x = x_new(b, X_BITS, e->type, e->span, 1);
        x->from = e->arg[0]->type;
        x->arg[0] = plain(b, e->arg[0]);
        x->varies = x->arg[0] && x->arg[0]->varies;
        return x;
    case E_LOAD: return element(b, X_LOAD, e, 'r');
    case E_CALL: return call(b, e);
    }
    return NULL;
}

/* expressions may be shared, and so is their code */
static X *expr(Build *b, const Expr *e)
{
    Table *memo = b->is_index ? &b->index : &b->expr;
    X *x = *interp_map(b->a, memo, e);
    if (x) return x;
    x = fresh_expr(b, e);
    *interp_map(b->a, b->is_index ? &b->index : &b->expr, e) = x;
    return x;
}

static void forget_exprs(Build *b)
{
    b->expr = b->index = (Table){0};
}

/* ---- instructions ---- */

static Ins *emit_ins(Build *b, InsKind k, Ins ins)
{
    Body *body = b->body;
    if (body->nins == b->ins_cap) {
        int cap = b->ins_cap ? b->ins_cap * 2 : 64;
        Ins *more = NEWN(b->a, Ins, cap);
        if (body->nins) memcpy(more, body->ins, sizeof *more * (size_t)body->nins);
        body->ins = more;
        b->ins_cap = cap;
    }
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

static void push_where(Build *b, const Var *v)
{
    Where *w = NEW(b->a, Where);
    bool varies = *interp_map(b->a, &b->varies, v) != NULL;
    *w = (Where){.outer = b->where, .var = v, .reg = reg_of(b, v), .varies = varies};
    b->where = w;
}

/* code that runs for a group of threads at once, not for one iteration of its nest */
static bool in_lanes(const Build *b)
{
    return b->out->threads && !b->nest;
}

static void stmts(Build *b, const Stmt *list);

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

/* the body of a loop, between its head and its tail; threads that continue early wait for the
 * others */
static void loop_body(Build *b, const Stmt *s, const Stmt *body, Leaving *l)
{
    bool meet = in_lanes(b) && says(body, JUMP_CONTINUE);
    int enter = b->body->nins;
    *l = (Leaving){.outer = b->leaving, .breaks = -1, .continues = -1};
    b->leaving = l;
    if (meet) emit(b, I_ENTER);
    stmts(b, body);
    b->stmt = s;
    b->leaving = l->outer;
    if (meet) b->body->ins[enter].to = b->body->nins;
    land_at(b, l->continues, b->body->nins);
}

static void counted(Build *b, const Var *v, X *lo, X *hi, int64_t step, const Stmt *s,
                    const Stmt *body)
{
    const Where *outer = b->where;
    Leaving leaving;
    bool varies = in_lanes(b) && (lo->varies || hi->varies);
    bool meet = varies || (in_lanes(b) && says(body, JUMP_BREAK));
    if (in_lanes(b) && lo->varies) *interp_map(b->a, &b->varies, v) = b;
    int enter = b->body->nins;
    if (meet) emit(b, I_ENTER);
    int id = b->out->nloop++, start = b->body->nins, reg = reg_of(b, v);
    Ins loop = {
        .value = lo, .idx[0] = hi, .step = step, .loop = id, .reg[0] = reg, .varies = varies};
    loop.each = in_lanes(b) && lo->varies;
    emit_ins(b, I_LOOP, loop);
    push_where(b, v);
    loop_body(b, s, body, &leaving);
    loop.to = start + 1;
    emit_ins(b, I_NEXT, loop);
    int exit = b->body->nins;
    b->body->ins[start].to = exit;
    if (meet) b->body->ins[enter].to = exit;
    land_at(b, leaving.breaks, exit);
    b->where = outer;
}

static void serial_loop(Build *b, const Stmt *s)
{
    X *lo = s->loop.lo ? expr(b, s->loop.lo) : int_constant(b, 0), *hi = expr(b, s->loop.hi[0]);
    if (lo && hi) counted(b, s->loop.var[0], lo, hi, s->loop.step, s, s->loop.body);
}

static void while_loop(Build *b, const Stmt *s)
{
    Leaving leaving;
    Table memo = b->expr, index = b->index;
    forget_exprs(b);
    b->spin = b->out->waits = true;
    X *cond = expr(b, s->branch.cond);
    b->spin = false;
    b->expr = memo;
    b->index = index;
    bool varies = in_lanes(b) && cond && cond->varies;
    bool meet = varies || (in_lanes(b) && says(s->branch.then, JUMP_BREAK));
    int enter = b->body->nins;
    if (meet) emit(b, I_ENTER);
    int test = b->body->nins;
    emit_ins(b, I_WHILE, (Ins){.value = cond, .varies = varies});
    loop_body(b, s, s->branch.then, &leaving);
    emit_ins(b, I_BACK, (Ins){.to = test});
    int exit = b->body->nins;
    b->body->ins[test].to = exit;
    if (meet) b->body->ins[enter].to = exit;
    land_at(b, leaving.breaks, exit);
}

/* a nest that each thread runs alone: its loops one inside of the other */
static void private_nest(Build *b, const Stmt *s, int k)
{
    if (k == s->loop.n) {
        stmts(b, s->loop.body);
        return;
    }
    const Where *outer = b->where;
    X *lo = int_constant(b, 0), *hi = expr(b, s->loop.hi[k]);
    if (!hi) return;
    bool varies = in_lanes(b) && hi->varies;
    int enter = b->body->nins, id = b->out->nloop++;
    if (varies) emit(b, I_ENTER);
    int start = b->body->nins;
    Ins loop = {.value = lo, .idx[0] = hi, .step = 1, .loop = id, .varies = varies};
    loop.reg[0] = reg_of(b, s->loop.var[k]);
    emit_ins(b, I_LOOP, loop);
    push_where(b, s->loop.var[k]);
    private_nest(b, s, k + 1);
    b->stmt = s;
    loop.to = start + 1;
    emit_ins(b, I_NEXT, loop);
    b->body->ins[start].to = b->body->nins;
    if (varies) b->body->ins[enter].to = b->body->nins;
    b->where = outer;
}

static void jump(Build *b, const Stmt *s)
{
    if (s->jump == JUMP_RETURN) {
        emit(b, I_RETURN);
        return;
    }
    if (!b->leaving) {
        refuse(b, s->span, E0902, "stands outside of a loop", "a jump");
        return;
    }
    int *chain = s->jump == JUMP_BREAK ? &b->leaving->breaks : &b->leaving->continues;
    int at = b->body->nins;
    emit(b, I_LEAVE)->to = *chain;
    *chain = at;
}

static void watch_locals(Build *b, Ins *ins)
{
    ins->watched = NEWN(b->a, int, b->nest->n);
    for (int i = 0; i < b->nest->n; i++)
        if (b->nest->buf[i]->space == SP_LOCAL)
            ins->watched[ins->nwatched++] = buf_of(b, b->nest->buf[i]);
}

static void parallel_loop(Build *b, const Stmt *s)
{
    const Where *outer = b->where;
    bool outermost = !b->nest;
    if (in_lanes(b) && interp_plan_private(s)) {
        private_nest(b, s, 0);
        return;
    }
    int start = b->body->nins;
    Leaving *leaving = b->leaving;
    b->leaving = NULL;
    Ins loop = {.loop = b->out->nloop++, .narg = s->loop.n, .watch = outermost};
    for (int i = 0; i < s->loop.n; i++) {
        loop.idx[i] = expr(b, s->loop.hi[i]);
        loop.reg[i] = reg_of(b, s->loop.var[i]);
    }
    emit_ins(b, I_PAR, loop);
    for (int i = 0; i < s->loop.n; i++) push_where(b, s->loop.var[i]);
    if (outermost) { /* loads inside are compiled anew: they may be watched */
        b->nest = interp_nest(b->a, s);
        forget_exprs(b);
    }
    stmts(b, s->loop.body);
    b->leaving = leaving;
    b->stmt = s;
    loop.to = start + 1;
    Ins *tail = emit_ins(b, I_PAR_NEXT, loop);
    if (outermost) {
        watch_locals(b, tail);
        b->nest = NULL;
        forget_exprs(b);
    }
    b->body->ins[start].to = b->body->nins;
    b->where = outer;
}

static void branch(Build *b, const Stmt *s)
{
    X *cond = expr(b, s->branch.cond);
    int at = b->body->nins;
    emit_ins(b, I_IF, (Ins){.value = cond, .varies = in_lanes(b) && cond && cond->varies});
    stmts(b, s->branch.then);
    if (s->branch.other) {
        int skip = b->body->nins;
        emit(b, I_JUMP);
        b->body->ins[at].to = b->body->nins;
        stmts(b, s->branch.other);
        b->body->ins[skip].to = b->body->nins;
    } else {
        b->body->ins[at].to = b->body->nins;
    }
    b->body->ins[at].join = b->body->nins;
}

static void store(Build *b, const Stmt *s)
{
    const Buf *buf = s->store.buf;
    X *idx[MAXDIM], *value = expr(b, s->store.value);
    if (!value) return;
    value = convert(b, value, buf->type, s->span);
    bool varies = value->varies;
    for (int d = 0; d < buf->ndim; d++) {
        idx[d] = index_expr(b, s->store.idx[d]);
        varies |= idx[d] && idx[d]->varies;
    }
    Ins *i = emit(b, I_STORE);
    i->value = value;
    i->buf = used_buf(b, buf, 'w', s->span);
    i->narg = buf->ndim;
    memcpy(i->idx, idx, sizeof *idx * (size_t)buf->ndim);
    i->varies = in_lanes(b) && (varies || b->out->use[i->buf].each);
    i->watch = interp_watches(b->nest, buf);
    if (i->watch) b->out->use[i->buf].watched = true;
}

static void let(Build *b, const Stmt *s)
{
    X *value = interp_plan_index(b->plan, s->let.var) ? index_expr(b, s->let.value)
                                                      : expr(b, s->let.value);
    if (!value) return;
    value = convert(b, value, s->let.var->type, s->span);
    bool varies = in_lanes(b) && value->varies;
    if (varies) *interp_map(b->a, &b->varies, s->let.var) = b;
    emit_ins(b, I_LET, (Ins){.value = value, .reg[0] = reg_of(b, s->let.var), .varies = varies});
}

/* ---- tile operations ---- */

static Box box(Build *b, const Region *r, char how)
{
    Box x = {.buf = used_buf(b, r->buf, how, r->span), .n = 1, .span = r->span};
    for (int d = 0; d < r->buf->ndim; d++) {
        x.off[d] = index_expr(b, r->off[d]);
        x.ext[d] = r->ext[d];
        if (r->ext[d] <= 0 || __builtin_mul_overflow(x.n, r->ext[d], &x.n) || x.n > INT32_MAX) {
            refuse(b, r->span, E0618, "has a region that is empty or too large", r->buf->name);
            x.n = 1;
        }
    }
    b->out->scratch = MAX(b->out->scratch, x.n);
    return x;
}

static bool box_varies(const Build *b, const Box *x)
{
    if (b->out->use[x->buf].each) return true;
    for (int d = 0; d < b->out->use[x->buf].buf->ndim; d++)
        if (x->off[d] && x->off[d]->varies) return true;
    return false;
}

static void tile(Build *b, const Stmt *s)
{
    Tile *t = NEW(b->a, Tile);
    t->op = s->tile.op;
    const char *how = tileop_info[t->op].operands;
    t->narg = (int)strlen(how);
    for (int i = 0; i < t->narg; i++) {
        t->arg[i] = box(b, &s->tile.arg[i], how[i]);
        t->each |= in_lanes(b) && box_varies(b, &t->arg[i]);
    }
    const char *wrong = interp_plan_tile(s, t);
    char name[40];
    snprintf(name, sizeof name, "T.%s", tileop_info[t->op].name);
    if (wrong) refuse(b, s->span, E0902, wrong, name);
    if (s->tile.value) {
        X *value = expr(b, s->tile.value);
        if (value) t->value = convert(b, value, s->tile.arg[0].buf->type, s->span);
        t->each |= in_lanes(b) && value && value->varies;
    }
    if (s->tile.barrier) {
        t->barrier = element(b, X_PLACE, s->tile.barrier, 'u');
        t->each |= in_lanes(b) && t->barrier->varies;
    }
    if (s->tile.barrier || s->tile.async) b->out->stamps = true;
    emit(b, I_TILE)->tile = t;
}

/* ---- verbs ---- */

static int pipe_number(Build *b, const Pipe *p, Span at)
{
    for (int i = 0; i < b->launch->npipe; i++)
        if (b->launch->pipe[i] == p) return i;
    refuse(b, at, E0902, "is not a pipe of this launch", p->name);
    return 0;
}

static void verb(Build *b, const Stmt *s)
{
    int pipe = pipe_number(b, s->verb.pipe, s->span);
    bool gives = s->verb.verb == PV_ACQUIRE || s->verb.verb == PV_COMMIT;
    if (b->m->failed) return;
    X *which = s->verb.which ? expr(b, s->verb.which) : NULL;
    Ins *i = emit(b, I_VERB);
    i->pipe = pipe;
    i->value = which;
    (gives ? b->body->gives : b->body->takes)[pipe] = true;
    if (s->verb.verb == PV_ACQUIRE || s->verb.verb == PV_WAIT)
        for (int k = 0; k < s->verb.pipe->ntile; k++) i->slot[k] = buf_of(b, s->verb.slot[k]);
}

static void turn(Build *b, const Stmt *s)
{
    for (int i = 0; i < b->launch->norder; i++)
        if (b->launch->order[i] == s->turn.order) {
            emit(b, I_TURN)->pipe = i;
            return;
        }
    refuse(b, s->span, E0902, "is not an order of this launch", s->turn.order->name);
}

/* ---- statements ---- */

static void alloc(Build *b, const Stmt *s)
{
    int i = buf_of(b, s->alloc);
    b->out->use[i].home = b->number;
    int of = s->alloc->of ? used_buf(b, s->alloc->of, 'r', s->span) : -1;
    X *pointer = s->alloc->pointer ? expr(b, s->alloc->pointer) : NULL;
    emit_ins(b, I_ALLOC, (Ins){.buf = i, .pipe = of, .value = pointer});
}

static void eval(Build *b, const Stmt *s)
{
    if (s->eval->kind != E_CALL) return;
    X *x = expr(b, s->eval);
    emit(b, I_CALL)->value = x;
}

/* a role block in the one sequence of a merged launch: its groups run one after the other */
static void inline_role(Build *b, const Stmt *s)
{
    if (b->launch->npipe > 0) {
        refuse(b, s->span, E0902, "stands inside of another block", role_name[s->role.role]);
        return;
    }
    if (!s->role.group) {
        stmts(b, s->role.body);
        return;
    }
    counted(b, s->role.group, int_constant(b, 0), int_constant(b, s->role.groups), 1, s,
            s->role.body);
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
    for (const Stmt *s = list; s && !b->m->failed; s = s->next) {
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
    b->body->gives = NEWN(b->a, bool, b->launch->npipe);
    b->body->takes = NEWN(b->a, bool, b->launch->npipe);
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
    if (!l->npipe) {
        stmts(b, l->body);
    } else {
        for (const Stmt *s = l->body; s && !b->m->failed; s = s->next) {
            b->stmt = s;
            if (s->kind != S_ROLE) stmt(b, s);
        }
    }
    emit(b, I_END);
    n = 1;
    for (const Stmt *s = l->body; s && l->npipe && !b->m->failed; s = s->next)
        if (s->kind == S_ROLE) role_body(b, n++, s);
}

Program *interp_compile(Machine *m, const Launch *l)
{
    Build b = {.m = m, .a = &m->one, .launch = l};
    b.plan = interp_plan(b.a, l);
    b.out = NEW(b.a, Program);
    b.out->launch = l;
    b.out->threads = b.out->stamps = interp_plan_threads(b.plan);
    b.out->nthread = b.out->threads ? MAX(l->threads, 1) : 1;
    if (b.out->nthread > THREAD_MASK)
        refuse(&b, l->span, E0618, "has more threads than a block may have", l->name);
    const Prog *p = m->prog;
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
