/* Numbers that govern verbs: trip counts, conditions, numbers of rings. They are linear forms over
   atoms; an atom is everything that is not arithmetic on known numbers, named by its text. Two
   roles that compute the same text compute the same value, so an atom chosen once holds for all of
   them. Comparisons are atoms that know their operands: they follow from chosen counts where those
   are small, and are free choices otherwise, which allows more than can happen, never less.  */
#include "tile/protocol/protocol.h"
#include <string.h>

Val val_int(int64_t k)
{
    return (Val){.k = k};
}

void val_print(Text *out, const Val *v)
{
    text_add(out, "%lld", (long long)v->k);
    for (int i = 0; i < v->n; i++)
        text_add(out, "+%lld*#%d", (long long)v->t[i].coef, v->t[i].atom);
}

Text *decide_text(Decide *d)
{
    if (!d->scratch.s) d->scratch = text_new(&d->cx->arena);
    d->scratch.n = 0;
    return &d->scratch;
}

/* ---- atoms ---------------------------------------------------------------------------------- */

static size_t place_of(const Decide *d, const char *text)
{
    size_t mask = 2 * (size_t)d->cap - 1, h = ((size_t)(uintptr_t)text >> 4) * 0x9E3779B97F4A7C15u;
    for (h = (h ^ h >> 29) & mask; d->at[h] && d->atom[d->at[h] - 1].text != text;
         h = (h + 1) & mask)
        ;
    return h;
}

static Atom *atom_named(Decide *d, const char *text, int *number)
{
    text = intern(d->cx, text);
    if (d->natom == d->cap) {
        Atom *old = d->atom;
        d->cap = MAX(64, 2 * d->cap);
        d->atom = NEWN(&d->cx->arena, Atom, d->cap);
        d->at = NEWN(&d->cx->arena, int, 2 * d->cap);
        for (int i = 0; i < d->natom; i++) {
            d->atom[i] = old[i];
            d->at[place_of(d, old[i].text)] = i + 1;
        }
    }
    size_t h = place_of(d, text);
    if (!d->at[h]) {
        d->at[h] = ++d->natom;
        d->atom[d->natom - 1].text = text;
    }
    *number = d->at[h] - 1;
    return &d->atom[*number];
}

static Val val_term(int atom, bool varies)
{
    Val v = {.n = 1, .varies = varies};
    v.t[0].atom = atom;
    v.t[0].coef = 1;
    return v;
}

Val val_atom(Decide *d, const char *text, bool boolean, bool varies)
{
    int k;
    Atom *a = atom_named(d, text, &k);
    a->boolean = boolean;
    a->varies = varies;
    return val_term(k, varies);
}

/* an operation on values that are not all numbers */
static Val atom_of(Decide *d, Op op, bool boolean, int n, const Val *arg)
{
    Text *t = decide_text(d);
    bool varies = false;
    text_add(t, "%s(", op_info[op].name);
    for (int i = 0; i < n; i++) {
        if (i) text_add(t, ",");
        val_print(t, &arg[i]);
        varies |= arg[i].varies;
    }
    text_add(t, ")");
    int k;
    Atom *a = atom_named(d, t->s, &k);
    a->boolean = boolean;
    a->varies = varies;
    a->op = op;
    a->narg = n;
    memcpy(a->arg, arg, sizeof *arg * (size_t)n);
    return val_term(k, varies);
}

/* ---- arithmetic ----------------------------------------------------------------------------- */

static bool add_term(Val *v, int atom, int64_t coef)
{
    for (int i = 0; i < v->n; i++)
        if (v->t[i].atom == atom) {
            if (__builtin_add_overflow(v->t[i].coef, coef, &v->t[i].coef)) return false;
            if (!v->t[i].coef) v->t[i] = v->t[--v->n];
            return true;
        }
    if (v->n == MAXTERMS) return false;
    v->t[v->n].atom = atom;
    v->t[v->n++].coef = coef;
    for (int i = v->n - 1; i > 0 && v->t[i].atom < v->t[i - 1].atom;
         i--) { /* in order, so that equal forms have equal text */
        int a = v->t[i].atom;
        int64_t c = v->t[i].coef;
        v->t[i] = v->t[i - 1];
        v->t[i - 1].atom = a;
        v->t[i - 1].coef = c;
    }
    return true;
}

static void sort_terms(Val *v)
{
    Val s = *v;
    s.n = 0;
    for (int i = 0; i < v->n; i++) add_term(&s, v->t[i].atom, v->t[i].coef);
    *v = s;
}

/* which loop the sum follows, and how fast */
static void add_loop(Val *r, const Val *b, int64_t by)
{
    if (!b->loop) return;
    if (!r->loop) {
        r->loop = b->loop;
        r->step = b->step * by;
        r->iter = b->iter;
    } else if (r->loop != b->loop || r->iter != b->iter) {
        r->loop = MIXED;
    } else if (r->loop != MIXED && !(r->step += b->step * by)) {
        r->loop = 0;
    }
}

Val val_add(Decide *d, Val a, Val b, int64_t by)
{
    Val r = a;
    int64_t k;
    r.varies |= b.varies;
    bool small = by <= INT32_MAX && by >= INT32_MIN && b.step <= INT32_MAX && b.step >= INT32_MIN;
    bool fits =
        small && !__builtin_mul_overflow(b.k, by, &k) && !__builtin_add_overflow(r.k, k, &r.k);
    for (int i = 0; i < b.n && fits; i++)
        fits = !__builtin_mul_overflow(b.t[i].coef, by, &k) && add_term(&r, b.t[i].atom, k);
    if (!fits) return atom_of(d, OP_add, false, 3, (Val[]){a, b, val_int(by)});
    add_loop(&r, &b, by);
    sort_terms(&r);
    return r;
}

static Val val_scale(Decide *d, Val a, int64_t by)
{
    Val zero = {0};
    return val_add(d, zero, a, by);
}

/* A number compared with 0. Where it follows a loop whose length is chosen, only so many iterations
   are played: the comparison is known when it has changed for good within the first `shift` of
   them, so that two rings and more are played after it. */
static bool compares(const Decide *d, const Val *diff)
{
    if (diff->loop == 0) return true;
    if (diff->loop == MIXED || diff->step == 0) return false;
    int64_t at = diff->k - diff->step * diff->iter,
            step = diff->step < 0 ? -diff->step : diff->step;
    if (diff->step > 0) at = -at;
    return at <= d->shift * step; /* at / step is the iteration in which it changes */
}

/* remainders by small numbers repeat within what is played */
static bool remainder_known(const Val *arg)
{
    return arg[1].loop == 0 && arg[1].k > 0 && arg[1].k <= MAXPERIOD && arg[0].loop != MIXED;
}

static Val compare(Decide *d, Op op, const Val *arg)
{
    /* one form for all comparisons: the difference against 0, as <, <= or == */
    bool swap = op == OP_gt || op == OP_ge, negate = op == OP_ne;
    Val diff = val_add(d, arg[swap], arg[!swap], -1);
    op = op == OP_gt ? OP_lt : op == OP_ge ? OP_le : op == OP_ne ? OP_eq : op;
    if (!diff.n && compares(d, &diff)) return val_int(op_fold_i(op, diff.k, 0, 0) ^ negate);
    Val a = atom_of(d, op, true, 2, (Val[]){diff, val_int(0)});
    return negate ? val_add(d, val_int(1), a, -1) : a;
}

static Val op_of(Decide *d, const Expr *e, Val *arg)
{
    int n = op_info[e->op].nargs;
    bool floats = false, exact = true, boolean = e->type == DT_bool;
    for (int i = 0; i < n; i++) {
        floats |= dtype_is_float(e->arg[i]->type);
        exact &= !arg[i].n && !arg[i].loop;
    }
    if (floats) return atom_of(d, e->op, boolean, n, arg);
    if (op_info[e->op].rule == RULE_cmp) return compare(d, e->op, arg);
    switch (e->op) {
    case OP_add: return val_add(d, arg[0], arg[1], 1);
    case OP_sub: return val_add(d, arg[0], arg[1], -1);
    case OP_neg: return val_scale(d, arg[0], -1);
    case OP_not: return val_add(d, val_int(1), arg[0], -1);
    case OP_mul:
        for (int i = 0; i < 2; i++)
            if (!arg[i].n && !arg[i].loop) return val_scale(d, arg[!i], arg[i].k);
        break;
    case OP_select:
        if (!arg[0].n) return arg[0].k ? arg[1] : arg[2];
        break;
    case OP_and:
    case OP_or:
        for (int i = 0; i < 2; i++)
            if (!arg[i].n) return (arg[i].k != 0) == (e->op == OP_or) ? arg[i] : arg[!i];
        break;
    case OP_max:
    case OP_min: {
        Val diff = val_add(d, arg[0], arg[1], -1);
        if (!diff.n && compares(d, &diff))
            return (diff.k > 0) == (e->op == OP_max) ? arg[0] : arg[1];
        break;
    }
    case OP_floordiv:
    case OP_floormod:
    case OP_div:
        if (!arg[1].n && arg[1].k == 0) exact = false;
        if (e->op == OP_floormod && !arg[0].n && !arg[1].n && remainder_known(arg))
            return val_int(op_fold_i(OP_floormod, arg[0].k, arg[1].k, 0));
        break;
    default: break;
    }
    if (exact) {
        Val v = val_int(op_fold_i(e->op, arg[0].k, n > 1 ? arg[1].k : 0, n > 2 ? arg[2].k : 0));
        for (int i = 0; i < n; i++) v.varies |= arg[i].varies;
        return v;
    }
    return atom_of(d, e->op, boolean, n, arg);
}

Val val_of(Decide *d, Place *p, const Expr *e)
{
    Val arg[MAXDIM] = {{0}};
    switch (e->kind) {
    case E_INT: return val_int(e->i);
    case E_FLOAT: return val_atom(d, arena_printf(&d->cx->arena, "%a", e->f), false, false);
    case E_VAR: return p->var(p, e->var);
    case E_OP:
        for (int i = 0; i < op_info[e->op].nargs; i++) arg[i] = val_of(d, p, e->arg[i]);
        return op_of(d, e, arg);
    case E_CAST:
    case E_BITS: {
        Val a = val_of(d, p, e->arg[0]);
        bool ints = !dtype_is_float(e->type) && !dtype_is_float(e->arg[0]->type);
        if (ints && dtype_info[e->type].bits >= 32)
            return a; /* counts are small; the interpreter reports what overflows */
        Text *t = decide_text(d);
        text_add(t, "%s(", dtype_info[e->type].name);
        val_print(t, &a);
        text_add(t, ")");
        return val_atom(d, t->s, e->type == DT_bool, a.varies);
    }
    case E_LOAD:
        for (int k = 0; k < e->buf->ndim; k++) arg[k] = val_of(d, p, e->idx[k]);
        return p->load(p, e, arg);
    case E_CALL: return val_atom(d, fn_info[e->fn].name, e->type == DT_bool, true);
    }
    return val_int(0);
}

/* ---- choices -------------------------------------------------------------------------------- */

static bool chosen(const Choice *c, int n, int atom, int64_t *out)
{
    for (int i = 0; i < n; i++)
        if (c[i].atom == atom) {
            *out = c[i].value;
            return true;
        }
    return false;
}

/* Only small counts are tried. What compares a count with a loop's variable, or with a small
   number, behaves alike for the larger ones; what weighs them differently, or puts a large number
   between them, does not. */
static bool scales(const Decide *d, const Val *v)
{
    int64_t c = 0, rest = v->k - v->step * v->iter, step = v->step < 0 ? -v->step : v->step;
    if (v->loop == MIXED) return false;
    for (int i = 0; i < v->n; i++) {
        int64_t k = v->t[i].coef < 0 ? -v->t[i].coef : v->t[i].coef;
        if (c && k != c) return false;
        c = k;
    }
    if (!v->n) c = MAX(step, 1);
    return (!v->loop || step == c) && rest <= (d->shift + 2) * c && rest >= -(d->shift + 2) * c;
}

static bool may_follow(const Decide *d, const Atom *a)
{
    bool plain = a->op == OP_max || a->op == OP_min || a->op == OP_select || a->boolean;
    for (int i = 0; i < a->narg; i++)
        if (!scales(d, &a->arg[i])) return false;
    return a->narg && plain;
}

/* follows from what is chosen */
static bool follows(Decide *d, int atom, const Choice *c, int n, int64_t *out)
{
    const Atom *a = &d->atom[atom];
    int64_t v[MAXARG] = {0};
    if (!may_follow(d, a)) return false;
    for (int i = 0; i < a->narg; i++) {
        const Val *x = &a->arg[i];
        v[i] = x->k;
        for (int k = 0; k < x->n; k++) {
            int64_t y;
            if (!chosen(c, n, x->t[k].atom, &y) && !follows(d, x->t[k].atom, c, n, &y))
                return false;
            v[i] += x->t[k].coef * y;
        }
    }
    *out = op_fold_i(a->op, v[0], v[1], v[2]);
    return true;
}

/* what to choose so that the atom is known: a count in it that loops run by, else the atom itself
 */
static int to_choose(const Decide *d, int atom, const Choice *c, int n)
{
    const Atom *a = &d->atom[atom];
    int64_t x;
    if (!may_follow(d, a)) return atom;
    for (int i = 0; i < a->narg; i++)
        for (int k = 0; k < a->arg[i].n; k++) {
            int t = a->arg[i].t[k].atom;
            if (chosen(c, n, t, &x)) continue;
            if (d->atom[t].counts) return t;
            int deeper = to_choose(d, t, c, n);
            if (deeper != t) return deeper;
        }
    return atom;
}

void val_counts(Decide *d, const Val *v)
{
    for (int i = 0; i < v->n; i++) {
        Atom *a = &d->atom[v->t[i].atom];
        d->ncount += !a->counts;
        a->counts = true;
    }
}

bool val_known(Decide *d, const Val *v, const Choice *c, int n, int64_t *out, int *need)
{
    *out = v->k;
    for (int i = 0; i < v->n; i++) {
        int64_t x;
        if (!chosen(c, n, v->t[i].atom, &x) && !follows(d, v->t[i].atom, c, n, &x)) {
            *need = to_choose(d, v->t[i].atom, c, n);
            return false;
        }
        *out += v->t[i].coef * x;
    }
    return true;
}

void decide_range(const Decide *d, int atom, int64_t *lo, int64_t *hi)
{
    *lo = d->atom[atom].boolean || d->atom[atom].size ? 0 : -1 - d->shift;
    *hi = d->atom[atom].boolean ? 1 : d->reach + d->shift;
}
