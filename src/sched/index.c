/* Values of parallel indices, and gathers. Needs a planned launch; where compute cannot use an
   index as a value, each maximal part of a nest of compute that does, and otherwise looks only at
   scalars and global memory, becomes a load of a staged tile over just the variables it uses. A
   nest that fills the tile stands before; it makes its values from indices alone, so the reader
   executes it. Conditions become 1 and 0 in bfloat16.  */
#include "sched/inside.h"

enum { MAXMADE = 32 };
typedef struct {
    Cx *cx;
    const Limits *lim;
    Facts *facts;
    Names *names;
    Tail alloc;
    int64_t bytes;
    /* of the nest at hand */
    Domain domain;
    int nbound, nmade;
    Var *bound[MAXMADE]; /* bound in the nest and not part of the domain */
    bool too_many;
    struct {
        const Expr *e;
        Expr *load;
    } made[MAXMADE];
    Stmt *before;
    Tail before_end;
} Index;

static void find_bound(Visitor *v, Stmt *s)
{
    Index *x = v->user;
    int count = s->kind == S_LOOP ? s->loop.n : s->kind == S_LET;
    if (s->kind == S_LOOP && domain_add(&x->domain, s)) return;
    for (int k = 0; k < count; k++) {
        if (x->nbound == MAXMADE)
            x->too_many = true;
        else
            x->bound[x->nbound++] = s->kind == S_LOOP ? s->loop.var[k] : s->let.var;
    }
}

/* the reader can make it: an index as a value or an element of global memory, nothing that compute
   makes, nothing bound deeper in the nest */
static bool can_make(const Index *x, const Expr *e)
{
    bool gather = e->kind == E_LOAD && buf_is_global(e->buf);
    if ((!gather && !expr_uses_index(e, x->domain.var, x->domain.n)) || !expr_no_tile(e) ||
        facts_hidden(x->facts, e) & 1u << R_READER)
        return false;
    for (int k = 0; k < x->nbound; k++)
        if (expr_uses(e, x->bound[k])) return false;
    return true;
}

static Expr *make(Index *x, Expr *e)
{
    Cx *cx = x->cx;
    int used[MAXDOMAIN], n = 0;
    int64_t ext[MAXDIM], elems = 1;
    bool truth = e->type == DT_bool;
    DType t = truth ? DT_bfloat16 : e->type;
    for (int k = 0; k < x->domain.n; k++)
        if (expr_uses(e, x->domain.var[k])) {
            if (n == MAXPAR) return NULL;
            used[n] = k;
            ext[n++] = x->domain.ext[k];
            if (__builtin_mul_overflow(elems, x->domain.ext[k], &elems) || elems > x->lim->shared)
                return NULL;
        }
    if (!n || x->nmade == MAXMADE || x->bytes + elems * dtype_bytes(t) > x->lim->shared)
        return NULL;
    Buf *tile = names_tile(x->names,
                           truth               ? "mask_t"
                           : e->kind == E_LOAD ? "rows_t"
                                               : "index_t",
                           t, n, ext, e->span);
    x->bytes += elems * dtype_bytes(t);
    stmt_add(&x->alloc, stmt_alloc(cx, tile));

    Stmt *nest = stmt_add(&x->before_end, stmt_new(cx, S_LOOP, e->span)),
         *store = stmt_new(cx, S_STORE, e->span);
    Expr **from = NEWN(&cx->arena, Expr *, MAXDIM), *to[MAXDIM];
    VarSub sub[MAXPAR];
    nest->loop.how = LOOP_PARALLEL;
    nest->loop.n = n;
    nest->loop.lo = expr_i32(cx, 0);
    nest->loop.step = 1;
    nest->loop.body = store;
    for (int k = 0; k < n; k++) {
        Var *old = x->domain.var[used[k]],
            *v = var_new(cx, old->name, old->type, V_LOOP, old->span);
        Expr *lo = expr_i32(cx, x->domain.lo[used[k]]);
        nest->loop.var[k] = v;
        nest->loop.hi[k] = expr_i32(cx, ext[k]);
        from[k] = expr_var(cx, v, e->span);
        sub[k] = (VarSub){old, expr_add(cx, from[k], lo)};
        to[k] = expr_op(cx, OP_sub, expr_var(cx, old, e->span), lo, NULL, e->span);
    }
    Expr *value = expr_subst(cx, e, &(Subst){.nvar = n, .var = sub});
    if (truth)
        value = expr_op(cx, OP_select, value, expr_float(cx, 1, t, e->span),
                        expr_float(cx, 0, t, e->span), e->span);
    store->store.buf = tile;
    store->store.idx = from;
    store->store.value = value;

    Expr *load = expr_load(cx, tile, to, e->span);
    if (truth) load = expr_op(cx, OP_ne, load, expr_float(cx, 0, t, e->span), NULL, e->span);
    x->made[x->nmade].e = e;
    x->made[x->nmade++].load = load;
    return load;
}

static Expr *index_fn(Cx *cx, Expr *e, void *user)
{
    Index *x = user;
    (void)cx;
    if (e->kind == E_INT || e->kind == E_FLOAT || !can_make(x, e)) return NULL;
    for (int k = 0; k < x->nmade; k++)
        if (expr_same(x->made[k].e, e)) return x->made[k].load;
    return make(x, e);
}

/* values and conditions; subscripts address, they are no values */
static Expr *value_fn(Cx *cx, Expr *e, void *user)
{
    Expr *to = index_fn(cx, e, user);
    return to ? to : e->kind == E_LOAD ? e : NULL;
}

static void index_values(Index *x, Stmt *list)
{
    for (Stmt *s = list; s; s = s->next) {
        if (s->kind == S_STORE) s->store.value = expr_map(x->cx, s->store.value, value_fn, x);
        if (s->kind == S_LET) s->let.value = expr_map(x->cx, s->let.value, value_fn, x);
        if (s->kind == S_LOOP) index_values(x, s->loop.body);
        if (s->kind == S_IF) {
            s->branch.cond = expr_map(x->cx, s->branch.cond, value_fn, x);
            index_values(x, s->branch.then);
            index_values(x, s->branch.other);
        }
    }
}

static void index_nest(Index *x, Stmt *nest, Tail *out)
{
    x->domain.n = x->nbound = x->nmade = 0;
    x->too_many = false;
    x->before = NULL;
    x->before_end = &x->before;
    Stmt *flat = nest_inline_lets(x->cx, nest);
    if (domain_add(&x->domain, flat)) {
        Visitor v = {.stmt = find_bound, .user = x};
        walk_stmts(&v, flat->loop.body);
        if (!x->too_many) index_values(x, flat->loop.body);
    }
    list_append(out, x->before);
    stmt_add(out, x->nmade ? flat : nest);
}

static Stmt *index_list(Index *x, Stmt *list)
{
    Stmt *head = NULL, *next;
    Tail tail = &head;
    for (Stmt *s = list; s; s = next) {
        next = s->next;
        s->next = NULL;
        if (s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL &&
            facts_home(x->facts, s) == R_COMPUTE) {
            index_nest(x, s, &tail);
            continue;
        }
        if (s->kind == S_LOOP && s->loop.how != LOOP_PARALLEL)
            s->loop.body = index_list(x, s->loop.body);
        if (s->kind == S_IF) {
            s->branch.then = index_list(x, s->branch.then);
            s->branch.other = index_list(x, s->branch.other);
        }
        stmt_add(&tail, s);
    }
    return head;
}

void sched_index(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt)
{
    if (lim->compute_has_index || sched_roles(lim, opt) == 1) return;
    Names *names = names_of(cx, p);
    for (Launch *l = p->launch; l; l = l->next) {
        Span where;
        if (launch_whole(l, &where)) continue;
        Facts *f = facts_new(cx, l, lim);
        facts_find(f);
        if (facts_in_order(f)) continue;
        Stmt *allocs = NULL, *whole = list_copy(cx, l->body, &(Subst){0});
        Index x = {.cx = cx,
                   .lim = lim,
                   .facts = f,
                   .names = names,
                   .alloc = &allocs,
                   .bytes = list_shared(l->body)};
        Stmt *body = index_list(&x, l->body);
        *x.alloc = body;
        l->body = allocs ? allocs : body;
        if (allocs && !split_possible(cx, names, l, lim))
            l->body = whole; /* one sequence makes its indices itself */
    }
}
