/* Affine forms of index expressions, and proofs from the conditions around a place.

   A form is k + sum of coef * atom over mathematical integers. An expression is taken apart as long
   as its value fits its type, so that nothing has wrapped; the rest is an atom by itself. Division
   and remainder by a constant share one atom, the quotient: x // c is q and x % c is x - c q, with
   0 <= x - c q < c as a fact. What divides evenly is taken out first: (64 i + j) // 64 is i where
   0 <= j < 64.

   A proof of f >= 0 looks at the ranges of the atoms; then it takes off a multiple of a fact such
   that an atom cancels, and looks again, two or three times. */
#include "tile/verify/affine.h"
#include <string.h>

static const Wide LARGE = (Wide)1 << 60; /* coefficients stay below, so sums of products fit */

void affine_at(Affine *a, const Scope *at)
{
    a->at = at;
    a->left = 4000;
    a->nquotient = a->nfact = 0;
    a->gathered = false;
    a->trust = TRUST_NONE;
}

Form form_int(Wide k)
{
    Form f;
    f.k = k;
    f.n = 0;
    return f;
}

Form form_term(const Term *t, Wide coef)
{
    Form f;
    f.k = 0;
    f.n = 1;
    f.t[0] = *t;
    f.t[0].coef = coef;
    return f;
}

/* ---- sums ----------------------------------------------------------------------------------- */

static bool form_same(const Form *a, const Form *b)
{
    if (a->k != b->k || a->n != b->n) return false;
    for (int i = 0; i < a->n; i++) {
        bool found = false;
        for (int j = 0; j < b->n && !found; j++)
            found = term_same(&a->t[i], &b->t[j]) && a->t[i].coef == b->t[j].coef;
        if (!found) return false;
    }
    return true;
}

bool term_same(const Term *a, const Term *b)
{
    if (a->second != b->second || a->var != b->var || !a->of != !b->of || a->by != b->by)
        return false;
    if (a->of) return a->of == b->of || form_same(a->of, b->of);
    return a->var || (a->other && b->other && expr_same(a->other, b->other));
}

static bool small(Wide x)
{
    return x > -LARGE && x < LARGE;
}

static bool add_term(Form *f, const Term *t, Wide by)
{
    Wide coef = t->coef * by;
    if (!small(coef)) return false;
    for (int i = 0; i < f->n; i++) {
        if (!term_same(&f->t[i], t)) continue;
        f->t[i].coef += coef;
        if (!small(f->t[i].coef)) return false;
        if (f->t[i].coef == 0) f->t[i] = f->t[--f->n];
        return true;
    }
    if (coef == 0) return true;
    if (f->n == MAXATOM) return false;
    f->t[f->n] = *t;
    f->t[f->n++].coef = coef;
    return true;
}

bool form_add(Form *f, const Form *g, Wide by)
{
    if (!small(by) || !small(g->k)) return false;
    f->k += g->k * by;
    bool fits = small(f->k);
    for (int i = 0; i < g->n && fits; i++) fits = add_term(f, &g->t[i], by);
    return fits;
}

static bool scale(Form *f, Wide by)
{
    Form g = *f;
    *f = form_int(0);
    return form_add(f, &g, by);
}

void form_range(const Form *f, Wide *lo, Wide *hi)
{
    *lo = *hi = f->k;
    for (int i = 0; i < f->n; i++) {
        Wide c = f->t[i].coef;
        *lo += c * (c > 0 ? f->t[i].lo : f->t[i].hi);
        *hi += c * (c > 0 ? f->t[i].hi : f->t[i].lo);
    }
}

/* ---- expressions ---------------------------------------------------------------------------- */

static void type_range(DType t, Wide *lo, Wide *hi)
{
    const DTypeInfo *d = &dtype_info[t];
    bool sign = d->cls == CLS_I;
    *lo = sign ? -((Wide)1 << (d->bits - 1)) : 0;
    *hi = d->cls == CLS_B ? 1 : ((Wide)1 << (sign ? d->bits - 1 : d->bits)) - 1;
}

static bool fits(Trust trust, DType t, const Form *f)
{
    Wide lo, hi, least, most;
    if (trust == TRUST_ALL || (trust == TRUST_SIGNED && dtype_info[t].cls == CLS_I)) return true;
    type_range(t, &least, &most);
    form_range(f, &lo, &hi);
    return lo >= least && hi <= most;
}

static bool is_memory(void *user, const Expr *e)
{
    (void)user;
    return e->kind == E_LOAD || e->kind == E_CALL;
}

static void add_fact(Affine *a, const Form *f)
{
    for (int i = 0; i < f->n; i++)
        if (f->t[i].loads) return; /* memory may have changed since */
    if (f->n && a->nfact < MAXFACT) a->fact[a->nfact++] = *f;
}

static void set_range(Affine *a, Term *t, const Expr *e)
{
    Range r = expr_range(e, a->at);
    type_range(e->type, &t->lo, &t->hi);
    if (r.known) {
        t->lo = r.lo;
        t->hi = r.hi;
    }
}

static Form atom(Affine *a, const Expr *e)
{
    Term t = {.var = e->kind == E_VAR ? e->var : NULL, .other = e->kind == E_VAR ? NULL : e};
    t.loads = t.other && expr_any(e, is_memory, NULL);
    set_range(a, &t, e);
    return form_term(&t, 1);
}

/* a conversion of integers that no value is changed by */
static bool keeps_value(DType from, DType to)
{
    const DTypeInfo *a = &dtype_info[from], *b = &dtype_info[to];
    return b->cls == CLS_I ? a->bits < b->bits + (a->cls == CLS_I)
                           : b->cls == CLS_U && a->cls == CLS_U && b->bits >= a->bits;
}

static bool form_expr(Affine *a, const Expr *e, Form *out);

/* what a let is made from, unless memory is in it: then it has its value once and for all */
static bool form_let(Affine *a, const Expr *e, Form *out)
{
    int k;
    const Scope *s = scope_of(a->at, e->var, &k);
    if (!s || !form_expr(a, s->stmt->let.value, out)) return false;
    for (int i = 0; i < out->n; i++)
        if (out->t[i].loads) return false;
    return true;
}

Wide wide_gcd(Wide x, Wide y)
{
    while (y) {
        Wide rest = x % y;
        x = y;
        y = rest;
    }
    return x < 0 ? -x : x;
}

/* floor(f / by), by > 0, f without what divides evenly */
static bool quotient_atom(Affine *a, Form *f, int64_t by, Form *out)
{
    if (f->n == 1 && f->t[0].of && f->t[0].coef == 1 && by < (1 << 20) &&
        f->t[0].by < (1 << 20)) { /* floor((floor(x / c) + k) / by) is floor((x + c k) / (c by)) */
        int64_t c = f->t[0].by;
        Form x = *f->t[0].of;
        x.k += f->k * c;
        *f = x;
        by *= c;
    }
    Wide g = by, lo, hi;
    for (int i = 0; i < f->n; i++) g = wide_gcd(g, f->t[i].coef);
    for (int i = 0; i < f->n; i++) f->t[i].coef /= g;
    f->k = wide_floor(f->k, g);
    by /= (int64_t)g;
    form_range(f, &lo, &hi);
    if (wide_floor(lo, by) == wide_floor(hi, by)) {
        *out = form_int(wide_floor(lo, by));
        return true;
    }
    if (a->nquotient == MAXQUOTIENT) return false;
    Form *of = &a->quotient[a->nquotient++];
    *of = *f;
    Term q = {.of = of, .by = by, .lo = wide_floor(lo, by), .hi = wide_floor(hi, by)};
    for (int i = 0; i < f->n; i++) q.loads |= f->t[i].loads;
    *out = form_term(&q, 1);
    Form rest = *of;
    if (form_add(&rest, out, -by)) {
        add_fact(a, &rest);
        Form room = form_int(by - 1);
        if (form_add(&room, &rest, -1)) add_fact(a, &room);
    }
    return true;
}

static bool form_floordiv(Affine *a, const Form *f, int64_t by, Form *out)
{
    Form rest = form_int(f->k - wide_floor(f->k, by) * by), q;
    *out = form_int(wide_floor(f->k, by));
    for (int i = 0; i < f->n; i++) {
        Term t = f->t[i];
        bool even = t.coef % by == 0;
        if (even) t.coef /= by;
        if (!add_term(even ? out : &rest, &t, 1)) return false;
    }
    return quotient_atom(a, &rest, by, &q) && form_add(out, &q, 1);
}

static bool form_floormod(Affine *a, const Form *f, int64_t by, Form *out)
{
    Form q;
    *out = *f;
    return form_floordiv(a, f, by, &q) && form_add(out, &q, -by);
}

/* T.min(x, y) is at most each of them */
static void bound_facts(Affine *a, const Expr *e, const Form *self)
{
    for (int k = 0; k < 2; k++) {
        Form x;
        if (!form_expr(a, e->arg[k], &x)) continue;
        Form f = e->op == OP_min ? x : *self;
        if (form_add(&f, e->op == OP_min ? self : &x, -1)) add_fact(a, &f);
    }
}

static bool form_op(Affine *a, const Expr *e, Form *out)
{
    Form x, y;
    int64_t c;
    switch (e->op) {
    case OP_add:
    case OP_sub:
        if (!form_expr(a, e->arg[0], out) || !form_expr(a, e->arg[1], &y)) return false;
        return form_add(out, &y, e->op == OP_add ? 1 : -1);
    case OP_neg: return form_expr(a, e->arg[0], out) && scale(out, -1);
    case OP_mul:
        if (!form_expr(a, e->arg[0], &x) || !form_expr(a, e->arg[1], &y) || (x.n && y.n))
            return false;
        *out = x.n ? x : y;
        return scale(out, x.n ? y.k : x.k);
    case OP_shl:
        return expr_const(e->arg[1], &c) && c >= 0 && c < 40 && form_expr(a, e->arg[0], out) &&
               scale(out, (Wide)1 << c);
    case OP_div:
    case OP_floordiv:
        return dtype_is_int(e->type) && expr_const(e->arg[1], &c) && c > 0 &&
               form_expr(a, e->arg[0], &x) && form_floordiv(a, &x, c, out);
    case OP_shr:
        return expr_const(e->arg[1], &c) && c >= 0 && c < 40 && form_expr(a, e->arg[0], &x) &&
               form_floordiv(a, &x, (int64_t)1 << c, out);
    case OP_floormod:
        return expr_const(e->arg[1], &c) && c > 0 && form_expr(a, e->arg[0], &x) &&
               form_floormod(a, &x, c, out);
    case OP_band: /* with a mask of the low bits */
        return expr_const(e->arg[1], &c) && c > 0 && (c & (c + 1)) == 0 && c < (int64_t)1 << 40 &&
               form_expr(a, e->arg[0], &x) && form_floormod(a, &x, c + 1, out);
    default: return false;
    }
}

static bool form_expr(Affine *a, const Expr *e, Form *out)
{
    if (dtype_is_float(e->type) || e->type == DT_none || a->left-- <= 0) return false;
    bool taken = false;
    switch (e->kind) {
    case E_INT:
        *out = form_int(e->type == DT_uint64 ? (Wide)(uint64_t)e->i : e->i);
        return small(out->k);
    case E_VAR: taken = e->var->kind == V_LET && form_let(a, e, out); break;
    case E_CAST:
        taken = !dtype_is_float(e->arg[0]->type) && form_expr(a, e->arg[0], out) &&
                (keeps_value(e->arg[0]->type, e->type) || fits(TRUST_NONE, e->type, out));
        break;
    case E_OP: taken = op_info[e->op].rule != RULE_cmp && form_op(a, e, out); break;
    default: break;
    }
    if (taken && fits(a->trust, e->type, out)) return true;
    if (a->left <= 0) return false;
    *out = atom(a, e);
    if (e->kind == E_OP && (e->op == OP_min || e->op == OP_max)) bound_facts(a, e, out);
    return true;
}

bool affine_form(Affine *a, const Expr *e, Form *out)
{
    return form_expr(a, e, out);
}

static bool form_uses(const Form *f, const Var *v)
{
    for (int i = 0; i < f->n; i++) {
        const Term *t = &f->t[i];
        if (t->var == v || (t->of && form_uses(t->of, v)) || (t->other && expr_uses(t->other, v)))
            return true;
    }
    return false;
}

/* ---- for others ----------------------------------------------------------------------------- */

bool expr_difference(const Expr *a, const Expr *b, int64_t *out)
{
    Affine work;
    Form f, g;
    affine_at(&work, NULL);
    work.trust = TRUST_ALL;
    if (!form_expr(&work, a, &f) || !form_expr(&work, b, &g) || !form_add(&f, &g, -1) || f.n)
        return false;
    *out = (int64_t)f.k;
    return true;
}

bool expr_affine(Cx *cx, Expr *e, Var *const *var, int n, int64_t *coef, Expr **base)
{
    Affine work;
    Form f;
    VarSub zero[MAXPAR + 1];
    affine_at(&work, NULL);
    work.trust = TRUST_SIGNED;
    if (n > COUNT(zero) || dtype_is_float(e->type) || e->type == DT_bool ||
        !form_expr(&work, e, &f))
        return false;
    for (int k = 0; k < n; k++) {
        coef[k] = 0;
        zero[k] = (VarSub){var[k], expr_int(cx, 0, var[k]->type, e->span)};
        for (int i = 0; i < f.n; i++) {
            if (f.t[i].var == var[k])
                coef[k] = (int64_t)f.t[i].coef;
            else if (form_uses(&(Form){.n = 1, .t = {f.t[i]}}, var[k]))
                return false;
        }
    }
    *base = expr_subst(cx, e, &(Subst){.nvar = n, .var = zero});
    return true;
}

/* ---- facts ---------------------------------------------------------------------------------- */

/* y - x - gap >= 0 */
static void fact_order(Affine *a, const Expr *x, const Expr *y, int gap)
{
    Form f, g;
    if (!form_expr(a, y, &f) || !form_expr(a, x, &g) || !form_add(&f, &g, -1)) return;
    f.k -= gap;
    add_fact(a, &f);
}

static void fact_compared(void *user, Op op, const Expr *x, const Expr *y)
{
    if (op == OP_lt || op == OP_le || op == OP_eq) fact_order(user, x, y, op == OP_lt);
    if (op == OP_gt || op == OP_ge || op == OP_eq) fact_order(user, y, x, op == OP_gt);
}

/* where the ends are constants the range of the variable says it all */
static void fact_loop(Affine *a, const Stmt *s)
{
    int64_t c;
    bool nest = s->loop.how == LOOP_PARALLEL, down = !nest && s->loop.step < 0;
    for (int k = 0; k < s->loop.n; k++) {
        const Expr v = {.kind = E_VAR, .type = s->loop.var[k]->type, .var = s->loop.var[k]},
                   *lo = s->loop.lo, *hi = s->loop.hi[k];
        if (!expr_const(hi, &c)) fact_order(a, down ? hi : &v, down ? &v : hi, 1);
        if (!nest && !expr_const(lo, &c)) fact_order(a, down ? &v : lo, down ? lo : &v, 0);
    }
}

static void gather(Affine *a)
{
    if (a->gathered) return;
    a->gathered = true;
    for (const Scope *s = a->at; s; s = s->outer) {
        for (int d = 0; s->launch && d < s->launch->ngrid; d++) {
            int64_t c;
            Expr v = {.kind = E_VAR, .type = s->launch->block[d]->type, .var = s->launch->block[d]};
            if (!expr_const(s->launch->grid[d], &c)) fact_order(a, &v, s->launch->grid[d], 1);
        }
        if (s->stmt && (s->stmt->kind == S_IF || s->stmt->kind == S_WHILE))
            cond_compares(s->stmt->branch.cond, !s->other, fact_compared, a);
        if (s->stmt && s->stmt->kind == S_LOOP) fact_loop(a, s->stmt);
    }
}

/* ---- proofs --------------------------------------------------------------------------------- */

static bool proves(Affine *a, const Form *f, int deep)
{
    Wide lo, hi;
    form_range(f, &lo, &hi);
    if (lo >= 0) return true;
    if (deep == 0 || hi < 0) return false;
    for (int k = 0; k < a->nfact; k++) {
        const Form *fact = &a->fact[k];
        for (int i = 0; i < fact->n; i++)
            for (int j = 0; j < f->n; j++) {
                Wide by = fact->t[i].coef, of = f->t[j].coef;
                if ((by > 0) != (of > 0) || !term_same(&fact->t[i], &f->t[j])) continue;
                if (a->left-- <= 0) return false;
                Wide g = wide_gcd(by, of), times = (by > 0 ? by : -by) / g;
                Form left = form_int(times - 1); /* whole numbers: times * f > -times is enough */
                if (form_add(&left, f, times) &&
                    form_add(&left, fact, -((of > 0 ? of : -of) / g)) && proves(a, &left, deep - 1))
                    return true;
            }
    }
    return false;
}

bool affine_proves(Affine *a, const Form *f)
{
    Wide lo, hi;
    form_range(f, &lo, &hi);
    if (lo >= 0) return true;
    gather(a);
    return proves(a, f, 3);
}
