/* A launch as code. Every variable gets a register and every buffer a number, loops and branches
   become jumps, expressions become trees of X with the kind of arithmetic already chosen. Nothing
   is looked up by name when the code runs.

   Needs a program that check_prog accepted; what it should have refused is reported as an internal
   error all the same. */
#include "run/interp.h"
#include <string.h>

/* ---- a map from pointers ---- */

typedef struct {
    const void **key;
    void **val;
    size_t cap, n;
} Table;

static size_t map_slot(const Table *m, const void *key)
{
    size_t i = ((uintptr_t)key >> 4) * 0x9E3779B97F4A7C15u >> 20 & (m->cap - 1);
    while (m->key[i] && m->key[i] != key) i = (i + 1) & (m->cap - 1);
    return i;
}

static void **map_at(Arena *a, Table *m, const void *key)
{
    if (m->n * 2 >= m->cap) {
        Table big = {.cap = m->cap ? m->cap * 2 : 256, .n = m->n};
        big.key = NEWN(a, const void *, big.cap);
        big.val = NEWN(a, void *, big.cap);
        for (size_t i = 0; i < m->cap; i++)
            if (m->key[i]) {
                size_t to = map_slot(&big, m->key[i]);
                big.key[to] = m->key[i];
                big.val[to] = m->val[i];
            }
        *m = big;
    }
    size_t i = map_slot(m, key);
    if (!m->key[i]) {
        m->key[i] = key;
        m->n++;
    }
    return &m->val[i];
}

/* ---- the builder ---- */

typedef struct {
    Machine *m;
    Arena *a;
    const Launch *launch;
    Program *out;
    Table reg, buf, expr; /* Var -> register + 1, Buf -> number + 1, Expr -> X */
    int buf_cap;
    Body *body; /* being filled */
    int number, ins_cap;
    const Where *where;
    const Stmt *stmt;
    const Nest *nest; /* the outermost T.Parallel around, or NULL */
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
    void **at = map_at(b->a, &b->reg, v);
    if (!*at) *at = (void *)(intptr_t)++b->out->nreg;
    return (int)(intptr_t)*at - 1;
}

static int buf_of(Build *b, const Buf *buf)
{
    void **at = map_at(b->a, &b->buf, buf);
    if (*at) return (int)(intptr_t)*at - 1;
    Program *p = b->out;
    if (p->nbuf == b->buf_cap) {
        int cap = b->buf_cap ? b->buf_cap * 2 : 32;
        Use *use = NEWN(b->a, Use, cap);
        if (p->nbuf) memcpy(use, p->use, sizeof *use * (size_t)p->nbuf);
        p->use = use;
        b->buf_cap = cap;
    }
    p->use[p->nbuf] = (Use){.buf = buf, .home = -1};
    *at = (void *)(intptr_t)++p->nbuf;
    return p->nbuf - 1;
}

/* a buffer that is read ('r'), written ('w') or both ('u'): it must have come into being */
static int used_buf(Build *b, const Buf *buf, char how, Span at)
{
    int i = buf_of(b, buf);
    Use *use = &b->out->use[i];
    bool tile = buf->space == SP_SHARED || buf->space == SP_FRAG || buf->space == SP_LOCAL;
    if (tile && use->home != b->number && use->home != 0)
        refuse(b, at, E0902, "is used in a role where it is not allocated", buf->name);
    use->read |= how != 'w';
    use->written |= how != 'r';
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
    return c;
}

static XKind op_kind(Op op, DType operands)
{
    if (op == OP_select) return X_SELECT;
    if (op == OP_and) return X_AND;
    if (op == OP_or) return X_OR;
    if (dtype_is_float(operands)) return op_info[op].rule == RULE_cmp ? X_COMPARE : X_FLOAT;
    return operands == DT_uint64 ? X_U64 : X_INT;
}

static X *operation(Build *b, const Expr *e)
{
    int n = op_info[e->op].nargs;
    DType operands = e->arg[e->op == OP_select]->type;
    X *x = x_new(b, op_kind(e->op, operands), e->type, e->span, n);
    x->from = operands;
    x->op = e->op;
    for (int i = 0; i < n; i++) x->arg[i] = expr(b, e->arg[i]);
    return x;
}

static X *load(Build *b, const Expr *e)
{
    X *x = x_new(b, X_LOAD, e->type, e->span, e->buf->ndim);
    x->buf = used_buf(b, e->buf, 'r', e->span);
    x->watch = interp_watches(b->nest, e->buf);
    for (int d = 0; d < e->buf->ndim; d++) x->arg[d] = expr(b, e->idx[d]);
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
    case E_VAR:
        if (!*map_at(b->a, &b->reg, e->var))
            refuse(b, e->span, E0902, "is used outside of its scope", e->var->name);
        x = x_new(b, X_REG, e->type, e->span, 0);
        x->reg = reg_of(b, e->var);
        return x;
    case E_OP: return operation(b, e);
    case E_CAST: return convert(b, expr(b, e->arg[0]), e->type, e->span);
    case E_BITS:
        x = x_new(b, X_BITS, e->type, e->span, 1);
        x->from = e->arg[0]->type;
        x->arg[0] = expr(b, e->arg[0]);
        return x;
    case E_LOAD: return load(b, e);
    case E_CALL: refuse(b, e->span, E0619, "is not run yet", fn_info[e->fn].name); break;
    }
    return NULL;
}

/* expressions may be shared, and so is their code */
static X *expr(Build *b, const Expr *e)
{
    X *x = *map_at(b->a, &b->expr, e);
    if (x) return x;
    x = fresh_expr(b, e);
    *map_at(b->a, &b->expr, e) = x;
    return x;
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
    *w = (Where){.outer = b->where, .var = v, .reg = reg_of(b, v)};
    b->where = w;
}

static void stmts(Build *b, const Stmt *list);

static X *int_constant(Build *b, int64_t v)
{
    X *x = x_new(b, X_CONST, DT_int64, (Span){0}, 0);
    x->value.i = v;
    return x;
}

static void counted(Build *b, const Var *v, X *lo, X *hi, int64_t step, const Stmt *s,
                    const Stmt *body)
{
    const Where *outer = b->where;
    int id = b->out->nloop++, start = b->body->nins, reg = reg_of(b, v);
    Ins loop = {.value = lo, .idx[0] = hi, .step = step, .loop = id, .reg[0] = reg};
    emit_ins(b, I_LOOP, loop);
    push_where(b, v);
    stmts(b, body);
    b->stmt = s;
    loop.to = start + 1;
    emit_ins(b, I_NEXT, loop);
    b->body->ins[start].to = b->body->nins;
    b->where = outer;
}

static void serial_loop(Build *b, const Stmt *s)
{
    X *lo = s->loop.lo ? expr(b, s->loop.lo) : int_constant(b, 0), *hi = expr(b, s->loop.hi[0]);
    counted(b, s->loop.var[0], lo, hi, s->loop.step, s, s->loop.body);
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
    int start = b->body->nins;
    Ins loop = {.loop = b->out->nloop++, .narg = s->loop.n, .watch = outermost};
    for (int i = 0; i < s->loop.n; i++) {
        loop.idx[i] = expr(b, s->loop.hi[i]);
        loop.reg[i] = reg_of(b, s->loop.var[i]);
    }
    emit_ins(b, I_PAR, loop);
    for (int i = 0; i < s->loop.n; i++) push_where(b, s->loop.var[i]);
    if (outermost) { /* loads inside are compiled anew: they may be watched */
        b->nest = interp_nest(b->a, s);
        b->expr = (Table){0};
    }
    stmts(b, s->loop.body);
    b->stmt = s;
    loop.to = start + 1;
    Ins *tail = emit_ins(b, I_PAR_NEXT, loop);
    if (outermost) {
        watch_locals(b, tail);
        b->nest = NULL;
        b->expr = (Table){0};
    }
    b->body->ins[start].to = b->body->nins;
    b->where = outer;
}

static void branch(Build *b, const Stmt *s)
{
    X *cond = expr(b, s->branch.cond);
    int at = b->body->nins;
    emit(b, I_IF)->value = cond;
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
}

static void store(Build *b, const Stmt *s)
{
    const Buf *buf = s->store.buf;
    X *idx[MAXDIM], *value = convert(b, expr(b, s->store.value), buf->type, s->span);
    for (int d = 0; d < buf->ndim; d++) idx[d] = expr(b, s->store.idx[d]);
    Ins *i = emit(b, I_STORE);
    i->value = value;
    i->buf = used_buf(b, buf, 'w', s->span);
    i->narg = buf->ndim;
    memcpy(i->idx, idx, sizeof *idx * (size_t)buf->ndim);
    i->watch = interp_watches(b->nest, buf);
    if (i->watch) b->out->use[i->buf].watched = true;
}

/* ---- tile operations ---- */

static Box box(Build *b, const Region *r, char how)
{
    Box x = {.buf = used_buf(b, r->buf, how, r->span), .n = 1, .span = r->span};
    for (int d = 0; d < r->buf->ndim; d++) {
        x.off[d] = expr(b, r->off[d]);
        x.ext[d] = r->ext[d];
        if (r->ext[d] <= 0 || __builtin_mul_overflow(x.n, r->ext[d], &x.n) || x.n > INT32_MAX) {
            refuse(b, r->span, E0618, "has a region that is empty or too large", r->buf->name);
            x.n = 1;
        }
    }
    b->out->scratch = MAX(b->out->scratch, x.n);
    return x;
}

/* rows and columns: the last two dimensions, those before are 1 */
static bool matrix(const Region *r, int64_t *rows, int64_t *cols)
{
    int n = r->buf->ndim;
    for (int d = 0; d < n - 2; d++)
        if (r->ext[d] != 1) return false;
    if (n < 2) return false;
    *rows = r->ext[n - 2];
    *cols = r->ext[n - 1];
    return true;
}

static void gemm_shape(Build *b, const Stmt *s, Tile *t)
{
    const Region *r = s->tile.arg;
    int64_t a0, a1, b0, b1, c0, c1;
    if (!matrix(&r[0], &a0, &a1) || !matrix(&r[1], &b0, &b1) || !matrix(&r[2], &c0, &c1)) {
        refuse(b, s->span, E0902, "takes matrices", "T.gemm");
        return;
    }
    t->m = s->tile.trans_a ? a1 : a0;
    t->k = s->tile.trans_a ? a0 : a1;
    t->n = s->tile.trans_b ? b0 : b1;
    if (t->k != (s->tile.trans_b ? b1 : b0) || t->m != c0 || t->n != c1)
        refuse(b, s->span, E0902, "has operands whose shapes do not fit", "T.gemm");
    bool f = dtype_is_float(r[2].buf->type);
    if (f != dtype_is_float(r[0].buf->type) || f != dtype_is_float(r[1].buf->type))
        refuse(b, s->span, E0902, "mixes integers and floats", "T.gemm");
}

static void axis_shape(Build *b, const Stmt *s, Tile *t)
{
    const Region *src = &s->tile.arg[0];
    int dim = s->tile.dim;
    if (dim < 0 || dim >= src->buf->ndim) {
        refuse(b, s->span, E0902, "has an axis that its source does not have",
               tileop_info[t->op].name);
        return;
    }
    t->outer = t->inner = 1;
    t->len = src->ext[dim];
    for (int d = 0; d < dim; d++) t->outer *= src->ext[d];
    for (int d = dim + 1; d < src->buf->ndim; d++) t->inner *= src->ext[d];
    int64_t want = t->op == TO_cumsum ? t->arg[0].n : t->outer * t->inner;
    if (t->arg[1].n != want)
        refuse(b, s->span, E0902, "has a destination of another size", tileop_info[t->op].name);
}

static void copy_plan(Build *b, const Stmt *s, Tile *t)
{
    if (!copy_shape(&s->tile.arg[0], &s->tile.arg[1], &t->shape))
        refuse(b, s->span, E0902, "has extents that do not fit", "T.copy");
    t->in_order = t->arg[0].n == t->arg[1].n;
}

static void tile(Build *b, const Stmt *s)
{
    Tile *t = NEW(b->a, Tile);
    t->op = s->tile.op;
    const char *how = tileop_info[t->op].operands;
    t->narg = (int)strlen(how);
    for (int i = 0; i < t->narg; i++) t->arg[i] = box(b, &s->tile.arg[i], how[i]);
    switch (t->op) {
    case TO_copy: copy_plan(b, s, t); break;
    case TO_gemm: gemm_shape(b, s, t); break;
    case TO_fill:
        t->value = convert(b, expr(b, s->tile.value), s->tile.arg[0].buf->type, s->span);
        break;
    default: axis_shape(b, s, t); break;
    }
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
    emit(b, I_ALLOC)->buf = i;
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
    case S_LET: {
        X *value = convert(b, expr(b, s->let.value), s->let.var->type, s->span);
        Ins *i = emit(b, I_LET);
        i->value = value;
        i->reg[0] = reg_of(b, s->let.var);
        break;
    }
    case S_STORE: store(b, s); break;
    case S_TILE: tile(b, s); break;
    case S_ALLOC: alloc(b, s); break;
    case S_ROLE: inline_role(b, s); break;
    case S_VERB: verb(b, s); break;
    case S_AWAIT: emit(b, I_AWAIT); break;
    case S_TURN: turn(b, s); break;
    case S_WHILE:
    case S_JUMP:
    case S_EVAL: refuse(b, s->span, E0619, "is not run yet", "the statement"); break;
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
    b->expr = (Table){0};
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
    b.out = NEW(b.a, Program);
    b.out->launch = l;
    const Prog *p = m->prog;
    for (int i = 0; i < p->nsize; i++)
        reg_of(&b, p->size[i]); /* the first registers: sizes, then scalars */
    for (int i = 0; i < p->nparam; i++)
        if (p->param[i].scalar) reg_of(&b, p->param[i].scalar);
    for (int d = 0; d < l->ngrid; d++) {
        b.out->block_reg[d] = reg_of(&b, l->block[d]);
        push_where(&b, l->block[d]);
    }
    bodies(&b);
    return m->failed ? NULL : b.out;
}
