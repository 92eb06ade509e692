/* Which buffers a nest of parallel loops must watch for races. Where no two iterations can touch
   one element, nothing is recorded when it runs: a buffer that is only read, one that comes into
   being inside of the nest, and one whose accesses all have the same index, which differs between
   iterations. All others are watched, element by element. */
#include "run/interp/interp.h"
#include <string.h>

typedef struct {
    const Buf *buf;
    Expr **idx;
    bool write, fresh; /* fresh: it comes into being here */
} Access;
typedef struct {
    Arena *a;
    const Stmt *nest;
    Access *at;
    int n, cap;
} Seen;

static void see(Seen *s, Access access)
{
    if (s->n == s->cap) {
        int cap = s->cap ? s->cap * 2 : 32;
        Access *at = NEWN(s->a, Access, cap);
        if (s->n) memcpy(at, s->at, sizeof *at * (size_t)s->n);
        s->at = at;
        s->cap = cap;
    }
    s->at[s->n++] = access;
}

static void see_expr(Visitor *v, Expr *e)
{
    if (e->kind == E_LOAD) see(v->user, (Access){.buf = e->buf, .idx = e->idx});
}

static void see_stmt(Visitor *v, Stmt *s)
{
    if (s->kind == S_STORE)
        see(v->user, (Access){.buf = s->store.buf, .idx = s->store.idx, .write = true});
    if (s->kind == S_ALLOC) see(v->user, (Access){.buf = s->alloc, .fresh = true});
}

/* ---- indices that differ between iterations ---- */

static bool binds(const Stmt *s, const Var *v);

static bool list_binds(const Stmt *list, const Var *v)
{
    for (const Stmt *s = list; s; s = s->next)
        if (binds(s, v)) return true;
    return false;
}

static bool binds(const Stmt *s, const Var *v)
{
    if (s->kind == S_LET) return s->let.var == v;
    if (s->kind == S_IF) return list_binds(s->branch.then, v) || list_binds(s->branch.other, v);
    if (s->kind != S_LOOP) return false;
    for (int i = 0; i < s->loop.n; i++)
        if (s->loop.var[i] == v) return true;
    return list_binds(s->loop.body, v);
}

typedef struct {
    const Stmt *nest;
    bool found;
} Inner;

static void find_inner(Visitor *v, Expr *e)
{
    Inner *in = v->user;
    in->found |= e->kind == E_LOAD || (e->kind == E_VAR && binds(in->nest, e->var));
}

/* may e have different values in different iterations */
static bool varies(const Stmt *nest, Expr *e)
{
    Inner in = {.nest = nest};
    Visitor v = {.expr = find_inner, .user = &in};
    walk_expr(&v, e);
    return in.found;
}

/* v itself, or v plus what is the same in all iterations */
static bool is_var_plus(const Stmt *nest, Expr *e, const Var *v)
{
    if (e->kind == E_VAR) return e->var == v;
    if (e->kind != E_OP || (e->op != OP_add && e->op != OP_sub)) return false;
    if (is_var_plus(nest, e->arg[0], v)) return !varies(nest, e->arg[1]);
    return e->op == OP_add && is_var_plus(nest, e->arg[1], v) && !varies(nest, e->arg[0]);
}

/* each variable of the nest has a dimension of its own */
static bool one_to_one(const Stmt *nest, const Access *a)
{
    for (int i = 0; i < nest->loop.n; i++) {
        bool found = false;
        int64_t hi;
        if (expr_const(nest->loop.hi[i], &hi) && hi <= 1) continue;
        for (int d = 0; d < a->buf->ndim && !found; d++)
            found = is_var_plus(nest, a->idx[d], nest->loop.var[i]);
        if (!found) return false;
    }
    return true;
}

static bool same_index(const Access *x, const Access *y)
{
    for (int d = 0; d < x->buf->ndim; d++)
        if (!expr_same(x->idx[d], y->idx[d])) return false;
    return true;
}

/* ---- the verdict ---- */

static bool can_meet(const Seen *s, const Buf *buf)
{
    const Access *first = NULL;
    bool written = false, same = true;
    for (int i = 0; i < s->n; i++) {
        const Access *a = &s->at[i];
        if (a->buf != buf) continue;
        if (a->fresh) return false;
        written |= a->write;
        if (first)
            same = same && same_index(first, a);
        else
            first = a;
    }
    return written && !(same && one_to_one(s->nest, first));
}

const Nest *interp_nest(Arena *a, const Stmt *nest)
{
    Seen s = {.a = a, .nest = nest};
    Visitor v = {.stmt = see_stmt, .expr = see_expr, .user = &s};
    walk_stmts(&v, nest->loop.body);
    Nest *n = NEW(a, Nest);
    n->buf = NEWN(a, const Buf *, s.n);
    for (int i = 0; i < s.n; i++)
        if (s.at[i].write && !interp_watches(n, s.at[i].buf) && can_meet(&s, s.at[i].buf))
            n->buf[n->n++] = s.at[i].buf;
    return n;
}

bool interp_watches(const Nest *n, const Buf *b)
{
    for (int i = 0; n && i < n->n; i++)
        if (n->buf[i] == b) return true;
    return false;
}
