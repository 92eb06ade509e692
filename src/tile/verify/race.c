/* Do two iterations of a T.Parallel nest touch one element, one of them writing? It is a race when
   the values differ or one of them reads.

   Proved free: the indices of two accesses, one in an iteration p and one in q, are set equal. Each
   equation between affine forms falls apart by size and divisibility (8 i + j = 8 i' + j' with
   0 <= j < 8 says i = i' and j = j'); when every variable of the nest must be the same in both,
   they are the same iteration. Equations that cannot hold, also under the conditions around the
   accesses, keep them apart; and two writes of one value are no race.

   Refuted: the nest is run on paper (meet.c) and two iterations meet. Else it is unknown. */
#include "tile/verify/verify.h"
#include <string.h>

enum { MAXACCESS = 96, MAXEQUATION = 24 };

typedef struct {
    const Buf *buf, *root;
    Expr *const *idx;
    const Scope *sc;
    const Stmt *store; /* what writes it; NULL: a call does */
    bool write, atomic;
} Access;

typedef struct {
    Check *c;
    const Stmt *nest;
    int n;
    bool full; /* there are more accesses than fit */
    Access at[MAXACCESS];
} Nest;

/* ---- the accesses of a nest ---------------------------------------------------------------------
 */

static void add(Nest *n, const Buf *b, Expr *const *idx, const Scope *sc, const Stmt *store,
                char letter, bool atomic)
{
    if (b->space == SP_LOCAL || b->space == SP_BARRIER) return; /* each thread has its own */
    if (n->n == MAXACCESS) {
        n->full = true;
        return;
    }
    n->at[n->n++] = (Access){b, buf_root(b), idx, sc, store, letter != 'r', atomic};
}

typedef struct {
    Nest *n;
    const Scope *sc;
} Reading;

static void read_expr(Visitor *v, Expr *e)
{
    Reading *r = v->user;
    if (e->kind == E_LOAD) add(r->n, e->buf, e->idx, r->sc, NULL, 'r', false);
    if (e->kind != E_CALL) return;
    bool atomic = !strncmp(fn_info[e->fn].name, "atomic_", 7);
    for (int k = 0; k < e->nargs; k++) {
        char place = call_place(e, k);
        if (place && place != 'b')
            add(r->n, e->args[k]->buf, e->args[k]->idx, r->sc, NULL, place, atomic);
    }
}

static void read_in(Nest *n, Expr *e, const Scope *sc)
{
    Visitor v = {.expr = read_expr, .user = &(Reading){n, sc}};
    walk_expr(&v, e);
}

static const Scope *scope_new(Cx *cx, const Scope *outer, const Stmt *s, bool other)
{
    Scope *n = NEW(&cx->arena, Scope);
    *n = (Scope){.outer = outer, .stmt = s, .other = other};
    return n;
}

static void gather(Nest *n, const Stmt *list, const Scope *sc)
{
    Cx *cx = n->c->cx;
    StmtPart p[MAXPART];
    for (const Stmt *s = list; s; s = s->next) {
        int np = stmt_parts(s, p);
        for (int i = 0; i < np; i++)
            if (p[i].kind == PART_EXPR)
                read_in(n, *p[i].expr, sc);
            else if (p[i].kind == PART_LIST)
                gather(n, *p[i].list, scope_new(cx, sc, s, p[i].list == &s->branch.other));
        if (s->kind == S_LET) sc = scope_new(cx, sc, s, false);
        if (s->kind == S_STORE) add(n, s->store.buf, s->store.idx, sc, s, 'w', false);
    }
}

static bool written(const Nest *n, const Buf *root)
{
    for (int i = 0; i < n->n; i++)
        if (n->at[i].write && n->at[i].root == root) return true;
    return false;
}

/* ---- what differs between iterations
 * -------------------------------------------------------------- */

static bool binds(void *user, const Stmt *s)
{
    int k;
    return stmt_binds(s, user, &k);
}

bool nest_binds(const Stmt *nest, const Var *v)
{
    return binds((void *)v, nest) || stmt_any(nest->loop.body, binds, (void *)v);
}

static bool varies(void *user, const Expr *e)
{
    const Nest *n = user;
    return e->kind == E_CALL || (e->kind == E_VAR && nest_binds(n->nest, e->var)) ||
           (e->kind == E_LOAD && written(n, buf_root(e->buf)));
}

static bool term_varies(const Nest *n, const Term *t)
{
    if (t->var) return nest_binds(n->nest, t->var);
    if (t->other) return expr_any(t->other, varies, (void *)n);
    for (int i = 0; i < t->of->n; i++)
        if (term_varies(n, &t->of->t[i])) return true;
    return false;
}

static void mark_second(const Nest *n, Form *f)
{
    for (int i = 0; i < f->n; i++) f->t[i].second = term_varies(n, &f->t[i]);
}

/* ---- equations --------------------------------------------------------------------------------
 */

struct Meeting {
    const Nest *n;
    Affine a, b; /* what is known at the first access, and at the second */
    int neq;
    Form eq[MAXEQUATION]; /* each is 0 when the two accesses meet */
    int nsame;
    Term same[MAXEQUATION]; /* atoms that are the same in both iterations then */
    int nsplit;
    struct {
        Term var;
        Form is;
    } split[8]; /* variables taken apart: i is 8 (i // 8) + i % 8 */
};

static Wide positive(Wide x)
{
    return x < 0 ? -x : x;
}

/* can it not be 0 */
static bool never_zero(Meeting *m, const Form *f)
{
    Wide lo, hi, g = 0;
    form_range(f, &lo, &hi);
    if (lo > 0 || hi < 0) return true;
    for (int i = 0; i < f->n; i++) g = wide_gcd(g, f->t[i].coef);
    if (g ? f->k % g != 0 : f->k != 0) return true;
    for (int sign = 1; sign >= -1; sign -= 2) {
        Form x = form_int(-1);
        if (form_add(&x, f, sign) && affine_proves(&m->a, &x)) return true;
    }
    return false;
}

/* f = big + rest, big a multiple of g, rest between -g and g: then both are 0 */
static bool falls_apart(const Form *f, Form *big, Form *rest)
{
    for (int i = 0; i < f->n; i++) {
        Wide g = positive(f->t[i].coef), lo, hi;
        if (g < 2) continue;
        *big = form_int(0);
        *rest = form_int(f->k % g);
        for (int k = 0; k < f->n; k++) {
            Form *to = f->t[k].coef % g == 0 ? big : rest;
            to->t[to->n++] = f->t[k];
        }
        if (!rest->n && !rest->k) continue;
        for (int turn = 0; turn < 2; turn++) {
            form_range(rest, &lo, &hi);
            if (lo > -g && hi < g) {
                big->k = f->k - rest->k;
                return true;
            }
            rest->k += rest->k > 0 ? -g : g;
        }
    }
    return false;
}

/* c (x - x') = 0 */
static bool says_same(const Form *f)
{
    if (f->n != 2 || f->k != 0 || f->t[0].coef != -f->t[1].coef) return false;
    Term x = f->t[0];
    x.second = f->t[1].second;
    return f->t[0].second != f->t[1].second && term_same(&x, &f->t[1]);
}

static bool is_same(const Meeting *m, const Term *t)
{
    for (int i = 0; i < m->nsame; i++)
        if (term_same(&m->same[i], t)) return true;
    return false;
}

/* the second of what is the same becomes the first */
static void unify(const Meeting *m, Form *f)
{
    Form g = form_int(f->k);
    for (int i = 0; i < f->n; i++) {
        Form one = form_term(&f->t[i], f->t[i].coef);
        Term first = f->t[i];
        first.second = false;
        if (f->t[i].second && is_same(m, &first)) one.t[0].second = false;
        if (!form_add(&g, &one, 1)) return;
    }
    *f = g;
}

static void add_equation(Meeting *m, const Form *f)
{
    if ((f->n || f->k) && m->neq < MAXEQUATION) m->eq[m->neq++] = *f;
}

/* f with a variable replaced by what it is made of */
static void replace(Form *f, const Term *var, const Form *is)
{
    for (int i = 0; i < f->n; i++) {
        if (!term_same(&f->t[i], var)) continue;
        Form g = *f;
        Wide coef = f->t[i].coef;
        g.t[i] = g.t[--g.n];
        if (form_add(&g, is, coef)) *f = g;
        return;
    }
}

/* Where a quotient occurs, a variable in what it is of is replaced by quotient and remainder: the
 * remainder is an atom of its own then, marked by a negative divisor. */
static void split(Meeting *m, const Term *q)
{
    Form of = *q->of;
    if (q->second) mark_second(m->n, &of);
    for (int i = 0; i < of.n && m->nsplit < COUNT(m->split); i++) {
        Term v = of.t[i], rest = *q;
        bool had = !v.var || positive(v.coef) != 1 || !term_varies(m->n, &v);
        for (int k = 0; k < m->nsplit && !had; k++) had = term_same(&m->split[k].var, &v);
        if (had) continue;
        rest.by = -q->by;
        rest.lo = 0;
        rest.hi = q->by - 1;
        /* v coef is rest + by q - (what else there is) */
        Form low = form_term(&rest, 1), high = form_term(q, q->by), others = of,
             whole = form_int(0);
        others.t[i] = others.t[--others.n];
        if (!form_add(&low, &high, 1) || !form_add(&low, &others, -1) ||
            !form_add(&whole, &low, v.coef))
            return;
        for (int k = 0; k < m->neq; k++) replace(&m->eq[k], &v, &whole);
        m->split[m->nsplit].var = v;
        m->split[m->nsplit++].is = whole;
        return;
    }
}

static void split_all(Meeting *m)
{
    for (int i = 0; i < m->neq; i++)
        for (int k = 0; k < m->eq[i].n; k++) {
            Term q = m->eq[i].t[k];
            if (q.of && q.by > 0) split(m, &q);
        }
}

/* false: they cannot all hold */
static bool solve(Meeting *m)
{
    bool news = true;
    for (int round = 0; round < 12 && news; round++) {
        news = false;
        for (int i = 0; i < m->neq; i++) {
            Form *f = &m->eq[i], big, rest;
            unify(m, f);
            if (never_zero(m, f)) return false;
            if (f->n && !says_same(f)) {
                if (m->neq == MAXEQUATION || !falls_apart(f, &big, &rest)) continue;
                *f = big;
                add_equation(m, &rest);
                news = true;
                continue;
            }
            if (f->n && m->nsame < MAXEQUATION) {
                m->same[m->nsame] = f->t[0];
                m->same[m->nsame++].second = false;
                news = true;
            }
            *f = m->eq[--m->neq];
            i--;
        }
        for (int i = 0; i < m->a.nfact && news; i++) unify(m, &m->a.fact[i]);
    }
    return true;
}

/* ---- two accesses -------------------------------------------------------------------------------
 */

static bool var_same(const Meeting *m, Var *v, const Access *x, const Access *y)
{
    const Term first = {.var = v};
    if (is_same(m, &first)) return true;
    for (int k = 0; k < m->nsplit; k++) {
        bool all = term_same(&m->split[k].var, &first);
        const Form *is = &m->split[k].is;
        for (int i = 0; i < is->n && all; i++)
            all = is_same(m, &is->t[i]) || !term_varies(m->n, &is->t[i]);
        if (all) return true;
    }
    Expr e = {.kind = E_VAR, .type = v->type, .var = v};
    Range a = expr_range(&e, x->sc), b = expr_range(&e, y->sc);
    return a.known && b.known && a.lo == a.hi && b.lo == b.hi && a.lo == b.lo;
}

static bool same_iteration(const Meeting *m, const Access *x, const Access *y)
{
    for (int k = 0; k < m->n->nest->loop.n; k++)
        if (!var_same(m, m->n->nest->loop.var[k], x, y)) return false;
    return true;
}

typedef struct {
    const Meeting *m;
    const Access *x, *y;
    int deep;
} Differing;

/* may this node have another value in the other iteration */
static bool differs(void *user, const Expr *e)
{
    Differing *d = user;
    const Nest *n = d->m->n;
    if (e->kind == E_CALL) return true;
    if (e->kind == E_LOAD) return written(n, buf_root(e->buf)) || e->buf->space == SP_LOCAL;
    if (e->kind != E_VAR || !nest_binds(n->nest, e->var) || var_same(d->m, e->var, d->x, d->y))
        return false;
    int k;
    const Scope *x = scope_of(d->x->sc, e->var, &k), *y = scope_of(d->y->sc, e->var, &k);
    return !x || !y || x->stmt->kind != S_LET || y->stmt != x->stmt || d->deep++ > 16 ||
           expr_any(x->stmt->let.value, differs, d);
}

/* two stores of one value: it is made in one way from what is the same in both iterations */
static bool same_value(const Meeting *m, const Access *x, const Access *y)
{
    if (!x->store || !y->store || !expr_same(x->store->store.value, y->store->store.value))
        return false;
    return !expr_any(x->store->store.value, differs, &(Differing){m, x, y, 0});
}

/* proved that different iterations do not race on these two */
static bool apart(const Nest *n, const Access *x, const Access *y)
{
    if (x->atomic && y->atomic) return true;
    if (x->buf != y->buf) return false; /* two views of the same bytes */
    Meeting *m = n->c->meeting;
    m->n = n;
    m->neq = m->nsame = m->nsplit = 0;
    affine_at(&m->a, x->sc);
    affine_at(&m->b, y->sc);
    m->a.trust = m->b.trust = TRUST_SIGNED;
    for (int d = 0; d < x->buf->ndim; d++) {
        Form f, g;
        if (!affine_form(&m->a, x->idx[d], &f) || !affine_form(&m->b, y->idx[d], &g)) continue;
        mark_second(n, &g);
        if (form_add(&f, &g, -1)) {
            if (!f.n && f.k) return true;
            add_equation(m, &f);
        }
    }
    affine_proves(&m->a, &(Form){.k = -1, .n = 0}); /* gathers what is known at both places */
    affine_proves(&m->b, &(Form){.k = -1, .n = 0});
    for (int i = 0; i < m->b.nfact && m->a.nfact < MAXFACT; i++) {
        m->a.fact[m->a.nfact] = m->b.fact[i];
        mark_second(n, &m->a.fact[m->a.nfact++]);
    }
    m->a.left = 2000;
    split_all(m);
    if (!solve(m) || same_iteration(m, x, y)) return true;
    return x->write && y->write && same_value(m, x, y);
}

/* ---- the verdict --------------------------------------------------------------------------------
 */

static bool buf_free(const Nest *n, const Buf *root)
{
    for (int i = 0; i < n->n; i++) {
        if (n->at[i].root != root) continue;
        for (int k = i; k < n->n; k++)
            if (n->at[k].root == root && (n->at[i].write || n->at[k].write) &&
                ((n->c->budget -= 60) < 0 || !apart(n, &n->at[i], &n->at[k])))
                return false;
    }
    return true;
}

static bool allocates(void *user, const Stmt *s)
{
    return s->kind == S_ALLOC && s->alloc == user;
}

void check_nest_races(Check *c, const Stmt *nest, const Scope *sc)
{
    Nest *n = NEW(&c->cx->arena, Nest);
    if (!c->meeting) c->meeting = NEW(&c->cx->arena, Meeting);
    *n = (Nest){.c = c, .nest = nest};
    gather(n, nest->loop.body, scope_new(c->cx, sc, nest, false));
    for (int i = 0; i < n->n; i++) {
        const Buf *root = n->at[i].root;
        bool first = n->at[i].write;
        for (int k = 0; k < i && first; k++) first = !(n->at[k].write && n->at[k].root == root);
        if (!first || stmt_any(nest->loop.body, allocates, (void *)root)) continue;
        if (!n->full && buf_free(n, root)) continue;
        Reach met = check_meeting(c, nest, root, sc);
        if (met == REACH_FOUND) return;
        if (met == REACH_NEVER) continue;
        Span at = n->at[i].store ? n->at[i].store->span : nest->span;
        if (check_told(c, E0315, at)) continue;
        c->nremark++;
        report(c->cx, E0315, at, NULL, "iterations of this nest may meet in one element of '%s'",
               root->name);
    }
}
