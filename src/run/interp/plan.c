/* What is known of a launch before it becomes code: which buffers each thread has for itself, which
   must lie in memory as they are, which variables end up in an index; and the shapes that a tile
   operation works on. */
#include "run/interp/interp.h"
#include <string.h>

/* ---- a map from pointers ---- */

static size_t map_slot(const Table *m, const void *key)
{
    size_t i = ((uintptr_t)key >> 4) * 0x9E3779B97F4A7C15u >> 20 & (m->cap - 1);
    while (m->key[i] && m->key[i] != key) i = (i + 1) & (m->cap - 1);
    return i;
}

void **interp_map(Arena *a, Table *m, const void *key)
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

static bool marked(const Table *m, const void *key)
{
    return m->cap && m->val[map_slot(m, key)];
}

/* ---- the plan ---- */

struct Plan {
    Arena *a;
    bool threads;
    Table each, bytes, index;
    const Stmt *nest; /* the outermost T.Parallel around that runs once for its group */
    bool more;        /* a variable was added */
};

static const Buf *root_of(const Buf *b)
{
    while (b->of) b = b->of;
    return b;
}

static void mark(Plan *p, Table *t, const void *key)
{
    void **at = interp_map(p->a, t, key);
    p->more |= !*at;
    *at = p;
}

typedef struct {
    const Buf *own[32];
    int n;
    bool found;
} Stores;

static void find_local_store(Visitor *v, Stmt *s)
{
    Stores *in = v->user;
    if (s->kind == S_ALLOC && in->n < COUNT(in->own)) in->own[in->n++] = s->alloc;
    if (s->kind != S_STORE || s->store.buf->space != SP_LOCAL || !s->store.buf->ndim) return;
    for (int i = 0; i < in->n; i++)
        if (in->own[i] == s->store.buf) return;
    in->found = true;
}

bool interp_plan_private(const Stmt *nest)
{
    Stores in = {.n = 0};
    Visitor v = {.stmt = find_local_store, .user = &in};
    walk_stmts(&v, nest->loop.body);
    return in.found;
}

/* an element of a fragment that is written outside of a nest: every thread has its own */
static void own_element(Plan *p, const Buf *b)
{
    b = root_of(b);
    if (p->threads && b->space == SP_FRAG && !p->nest) mark(p, &p->each, b);
}

/* what leads to an index by arithmetic that is expected not to wrap */
static void mark_index(Plan *p, const Expr *e)
{
    if (e->kind == E_VAR && e->var->kind == V_LET) mark(p, &p->index, e->var);
    if (e->kind == E_CAST && dtype_info[e->type].cls == CLS_I) mark_index(p, e->arg[0]);
    if (e->kind != E_OP) return;
    switch (e->op) {
    case OP_add:
    case OP_sub:
    case OP_mul:
    case OP_neg:
    case OP_floordiv:
    case OP_max:
    case OP_min:
    case OP_select:
        for (int i = e->op == OP_select; i < op_info[e->op].nargs; i++) mark_index(p, e->arg[i]);
        break;
    default: break;
    }
}

static void mark_indices(Plan *p, const Buf *b, Expr *const *idx)
{
    for (int d = 0; d < b->ndim; d++) mark_index(p, idx[d]);
}

static void plan_stmt(Visitor *v, Stmt *s)
{
    Plan *p = v->user;
    switch (s->kind) {
    case S_LOOP:
        if (s->loop.how == LOOP_PARALLEL && !p->nest && !interp_plan_private(s)) p->nest = s;
        break;
    case S_STORE:
        own_element(p, s->store.buf);
        mark_indices(p, s->store.buf, s->store.idx);
        break;
    case S_TILE:
        for (int i = 0; i < MAXARG && tileop_info[s->tile.op].operands[i]; i++)
            mark_indices(p, s->tile.arg[i].buf, s->tile.arg[i].off);
        break;
    case S_ALLOC:
        if (s->alloc->of && s->alloc->type != s->alloc->of->type)
            mark(p, &p->bytes, root_of(s->alloc));
        break;
    case S_LET:
        if (marked(&p->index, s->let.var)) mark_index(p, s->let.value);
        break;
    default: break;
    }
}

static void plan_after(Visitor *v, Stmt *s)
{
    Plan *p = v->user;
    if (p->nest == s) p->nest = NULL;
}

static void plan_expr(Visitor *v, Expr *e)
{
    Plan *p = v->user;
    if (e->kind == E_LOAD) mark_indices(p, e->buf, e->idx);
    for (int i = 0; e->kind == E_CALL && i < e->nargs; i++)
        if (strchr("uw", call_place(e, i)) && call_place(e, i)) own_element(p, e->args[i]->buf);
}

Plan *interp_plan(Arena *a, const Launch *l)
{
    Plan *p = NEW(a, Plan);
    p->a = a;
    p->threads = launch_threads(l);
    Visitor v = {.stmt = plan_stmt, .after = plan_after, .expr = plan_expr, .user = p};
    do {
        p->more = false;
        walk_stmts(&v, l->body);
    } while (p->more);
    return p;
}

bool interp_plan_threads(const Plan *p)
{
    return p->threads;
}

bool interp_plan_each(const Plan *p, const Buf *b)
{
    b = root_of(b);
    return p->threads && (b->space == SP_LOCAL || marked(&p->each, b));
}

bool interp_plan_bytes(const Plan *p, const Buf *b)
{
    return marked(&p->bytes, root_of(b));
}

bool interp_plan_index(const Plan *p, const Var *v)
{
    return marked(&p->index, v);
}

typedef struct {
    const Buf *buf;
    bool found;
} Retyped;

static void find_view(Visitor *v, Stmt *s)
{
    Retyped *r = v->user;
    r->found |= s->kind == S_ALLOC && s->alloc->of && s->alloc->type != s->alloc->of->type &&
                root_of(s->alloc) == r->buf;
}

bool interp_retyped(const Prog *p, const Buf *b)
{
    Retyped r = {.buf = b};
    Visitor v = {.stmt = find_view, .user = &r};
    for (const Launch *l = p->launch; l; l = l->next) walk_stmts(&v, l->body);
    return r.found;
}

/* ---- the shapes of a tile operation ---- */

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

static const char *gemm_shape(const Stmt *s, Tile *t)
{
    const Region *r = s->tile.arg;
    int64_t a0, a1, b0, b1, c0, c1;
    if (!matrix(&r[0], &a0, &a1) || !matrix(&r[1], &b0, &b1) || !matrix(&r[2], &c0, &c1))
        return "takes matrices";
    t->m = s->tile.trans_a ? a1 : a0;
    t->k = s->tile.trans_a ? a0 : a1;
    t->n = s->tile.trans_b ? b0 : b1;
    if (t->k != (s->tile.trans_b ? b1 : b0) || t->m != c0 || t->n != c1)
        return "has operands whose shapes do not fit";
    bool f = dtype_is_float(r[2].buf->type);
    if (f != dtype_is_float(r[0].buf->type) || f != dtype_is_float(r[1].buf->type))
        return "mixes integers and floats";
    return NULL;
}

static const char *axis_shape(const Stmt *s, Tile *t)
{
    const Region *src = &s->tile.arg[0];
    int dim = s->tile.dim;
    if (dim < 0 || dim >= src->buf->ndim) return "has an axis that its source does not have";
    t->outer = t->inner = 1;
    t->len = src->ext[dim];
    for (int d = 0; d < dim; d++) t->outer *= src->ext[d];
    for (int d = dim + 1; d < src->buf->ndim; d++) t->inner *= src->ext[d];
    bool scan = t->op == TO_cumsum || t->op == TO_cummax;
    int64_t want = scan ? t->arg[0].n : t->outer * t->inner;
    return t->arg[1].n != want ? "has a destination of another size" : NULL;
}

const char *interp_plan_tile(const Stmt *s, Tile *t)
{
    switch (t->op) {
    case TO_fill: return NULL;
    case TO_gemm: return gemm_shape(s, t);
    case TO_copy:
    case TO_atomic_add:
    case TO_atomic_max:
    case TO_atomic_min:
        t->in_order = t->arg[0].n == t->arg[1].n;
        return copy_shape(&s->tile.arg[0], &s->tile.arg[1], &t->shape)
                   ? NULL
                   : "has extents that do not fit";
    default: return axis_shape(s, t);
    }
}
