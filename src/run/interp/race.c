/* Races between the iterations of a nest of parallel loops. Before it runs: which buffers it must
   watch. Where no two iterations can touch one element, nothing is recorded: a buffer that is only
   read, one that comes into being inside of the nest, and one whose accesses all have the same
   index, which differs between iterations. All others are watched, element by element. */
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
    s->at = interp_grow(s->a, s->at, s->n, &s->cap, sizeof *s->at);
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

static bool binds(void *var, const Stmt *s)
{
    bool found = s->kind == S_LET && s->let.var == var;
    for (int i = 0; s->kind == S_LOOP && i < s->loop.n; i++) found |= s->loop.var[i] == var;
    return found;
}

/* may e have different values in different iterations */
static bool differs(void *nest, const Expr *e)
{
    const Stmt *s = nest;
    return e->kind == E_LOAD ||
           (e->kind == E_VAR && (binds(e->var, s) || stmt_any(s->loop.body, binds, e->var)));
}

/* v itself, or v plus what is the same in all iterations */
static bool is_var_plus(const Stmt *nest, const Expr *e, const Var *v)
{
    if (e->kind == E_VAR) return e->var == v;
    if (e->kind != E_OP || (e->op != OP_add && e->op != OP_sub)) return false;
    bool first = is_var_plus(nest, e->arg[0], v);
    return (first || (e->op == OP_add && is_var_plus(nest, e->arg[1], v))) &&
           !expr_any(e->arg[first], differs, (void *)nest);
}

/* each variable of the nest has a dimension of its own */
static bool one_to_one(const Stmt *nest, const Access *a)
{
    for (int i = 0; i < nest->loop.n; i++) {
        int64_t hi;
        bool found = expr_const(nest->loop.hi[i], &hi) && hi <= 1;
        for (int d = 0; d < a->buf->ndim && !found; d++)
            found = is_var_plus(nest, a->idx[d], nest->loop.var[i]);
        if (!found) return false;
    }
    return true;
}

/* ---- the verdict ---- */

static bool can_meet(const Seen *s, const Access *first)
{
    for (const Access *a = s->at; a < s->at + s->n; a++) {
        if (a->buf != first->buf) continue;
        if (a->fresh) return false;
        for (int d = 0; d < a->buf->ndim; d++)
            if (!expr_same(first->idx[d], a->idx[d])) return true;
    }
    return !one_to_one(s->nest, first);
}

const Nest *interp_nest(Arena *a, const Stmt *nest)
{
    Seen s = {.a = a, .nest = nest};
    Visitor v = {.stmt = see_stmt, .expr = see_expr, .user = &s};
    walk_stmts(&v, nest->loop.body);
    Nest *n = NEW(a, Nest);
    n->stmt = nest;
    n->buf = NEWN(a, const Buf *, s.n);
    for (int i = 0; i < s.n; i++)
        if (s.at[i].write && !interp_watches(n, s.at[i].buf) && can_meet(&s, &s.at[i]))
            n->buf[n->n++] = s.at[i].buf;
    return n;
}

bool interp_watches(const Nest *n, const Buf *b)
{
    for (int i = 0; n && i < n->n; i++)
        if (n->buf[i] == b) return true;
    return false;
}

/* ---- while it runs ---- */

static void race(Task *t, const Mem *m, int64_t k, Span at, const char *what)
{
    char text[200];
    interp_fail(t, at, E0614, "iterations of T.Parallel run in any order", "%s %s",
                interp_element(m, k, text, sizeof text), what);
}

static Shadow *shadow_at(Task *t, Mem *m, int64_t k)
{
    Shadow *s = &m->shadow[k];
    if (s->nest != t->nest) *s = (Shadow){.nest = t->nest, .writer = -1, .reader = -1};
    return s;
}

void interp_watch_read(Task *t, Mem *m, int64_t k, Span at)
{
    Shadow *s = shadow_at(t, m, k);
    if (s->writer != -1 && s->writer != t->iter)
        race(t, m, k, at, "is written in one iteration and read in another");
    if (s->writer == -1) s->reader = s->reader == -1 || s->reader == t->iter ? t->iter : -2;
}

/* A variable of its own (T.alloc_var) is one a thread: several iterations may use it as scratch,
 * but nobody knows afterwards what it holds. */
void interp_watch_write(Task *t, Mem *m, int64_t k, Span at, Res new)
{
    Shadow *s = shadow_at(t, m, k);
    if (s->reader != -1 && s->reader != t->iter)
        race(t, m, k, at, "is read in one iteration and written in another");
    if (s->writer != -1 && s->writer != t->iter) {
        Res old = interp_load_element(m, k);
        bool other = !old.bad != !new.bad || (!old.bad && !interp_same(old, new));
        if (other && m->space != SP_LOCAL)
            race(t, m, k, at, "gets different values in different iterations");
        s->mixed |= other;
    }
    s->writer = t->iter;
}

void interp_nest_end(Task *t)
{
    for (int i = 0; i < t->m->code->nbuf; i++) {
        Mem *m = t->bound[i].mem;
        for (int64_t k = 0; m && m->space == SP_LOCAL && m->shadow && k < m->n; k++)
            if (m->shadow[k].nest == t->nest && m->shadow[k].mixed)
                interp_store_element(m, k, (Res){interp_load_element(m, k).v, m->origin});
    }
}
