/* What is known of a launch before it becomes code: which buffers each thread has for itself, which
   must lie in memory as they are, which variables end up in an index. */
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

bool interp_marked(const Table *m, const void *key)
{
    return m->cap && m->val[map_slot(m, key)];
}

/* ---- buffers ---- */

static const Buf *root_of(const Buf *b)
{
    while (b->of) b = b->of;
    return b;
}

static bool retypes(void *root, const Stmt *s)
{
    return s->kind == S_ALLOC && s->alloc->of && s->alloc->type != s->alloc->of->type &&
           root_of(s->alloc) == root;
}

bool interp_retyped(const Prog *p, const Buf *b)
{
    for (const Launch *l = p->launch; l; l = l->next)
        if (stmt_any(l->body, retypes, (void *)root_of(b))) return true;
    return false;
}

static bool allocates(void *buf, const Stmt *s)
{
    return s->kind == S_ALLOC && s->alloc == buf;
}

static bool stores_local(void *nest, const Stmt *s)
{
    if (s->kind != S_STORE || s->store.buf->space != SP_LOCAL || !s->store.buf->ndim) return false;
    return !stmt_any(((const Stmt *)nest)->loop.body, allocates, s->store.buf);
}

bool interp_private(const Stmt *nest)
{
    return stmt_any(nest->loop.body, stores_local, (void *)nest);
}

/* ---- the plan ---- */

static void mark(Plan *p, Table *t, const void *key)
{
    void **at = interp_map(p->a, t, key);
    p->more |= !*at;
    *at = p;
}

/* an element of a fragment that is written outside of a nest: every thread has its own */
static void own_element(Plan *p, const Buf *b)
{
    b = root_of(b);
    if (p->threads && b->space == SP_FRAG && !p->nest) mark(p, &p->each, b);
}

bool interp_has_each(const Plan *p, const Buf *b)
{
    b = root_of(b);
    return p->threads && (b->space == SP_LOCAL || interp_marked(&p->each, b));
}

bool interp_leads_on(Op op)
{
    return op == OP_add || op == OP_sub || op == OP_mul || op == OP_neg || op == OP_floordiv ||
           op == OP_max || op == OP_min || op == OP_select || op == OP_shl;
}

static void mark_index(Plan *p, const Expr *e)
{
    if (e->kind == E_VAR && e->var->kind == V_LET) mark(p, &p->index, e->var);
    if (e->kind == E_CAST && dtype_info[e->type].cls == CLS_I) mark_index(p, e->arg[0]);
    if (e->kind == E_OP && interp_leads_on(e->op))
        for (int i = e->op == OP_select; i < op_info[e->op].nargs; i++) mark_index(p, e->arg[i]);
}

static void mark_indices(Plan *p, const Buf *b, Expr *const *idx)
{
    for (int d = 0; d < b->ndim; d++) mark_index(p, idx[d]);
}

static void plan_stmt(Visitor *v, Stmt *s)
{
    Plan *p = v->user;
    if (s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL && !p->nest && !interp_private(s))
        p->nest = s;
    if (s->kind == S_STORE) {
        own_element(p, s->store.buf);
        mark_indices(p, s->store.buf, s->store.idx);
    }
    for (int i = 0; s->kind == S_TILE && i < MAXARG && tileop_info[s->tile.op].operands[i]; i++)
        mark_indices(p, s->tile.arg[i].buf, s->tile.arg[i].off);
    if (s->kind == S_LET && interp_marked(&p->index, s->let.var)) mark_index(p, s->let.value);
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
        if (call_place(e, i) == 'u' || call_place(e, i) == 'w') own_element(p, e->args[i]->buf);
}

Plan interp_plan(Arena *a, const Launch *l)
{
    Plan p = {.a = a, .threads = launch_threads(l), .more = true};
    Visitor v = {.stmt = plan_stmt, .after = plan_after, .expr = plan_expr, .user = &p};
    while (p.more) {
        p.more = false;
        walk_stmts(&v, l->body);
    }
    return p;
}
