/* Intervals of index expressions. What is not known is unknown, never wrong: a
   range covers every value that the expression can take at that place, wrapped to its type as it is
   there. */
#include "tile/verify/affine.h"
#include <string.h>

/* lets may refer to lets twice and more: what is left of the work this question may cost; without
 * it the answer is the whole type */
typedef struct {
    int left;
} Fuel;
static Range range_at(const Expr *e, const Scope *at, Fuel *f);

static Range unknown(void)
{
    return (Range){0};
}

/* every value of an integer type; 64 bits stay unknown, their bounds would only overflow later */
static Range range_of_type(DType t)
{
    const DTypeInfo *d = &dtype_info[t];
    if (d->cls == CLS_B) return (Range){true, 0, 1};
    if (d->bits >= 64 || d->cls == CLS_F || d->cls == CLS_none) return unknown();
    int64_t half = (int64_t)1 << (d->bits - 1);
    return d->cls == CLS_U ? (Range){true, 0, 2 * half - 1} : (Range){true, -half, half - 1};
}

/* [lo, hi] of mathematical values as a range of type t: when it does not fit, the value wraps and
 * can be anything of the type */
static Range fit(DType t, Wide lo, Wide hi)
{
    Range all = range_of_type(t);
    if (lo < INT64_MIN || hi > INT64_MAX || lo > hi) return all;
    if (all.known && (lo < all.lo || hi > all.hi)) return all;
    if (t == DT_uint64 && lo < 0) return all;
    return (Range){true, (int64_t)lo, (int64_t)hi};
}

static Range hull(Range a, Range b)
{
    if (!a.known || !b.known) return unknown();
    return (Range){true, MIN(a.lo, b.lo), MAX(a.hi, b.hi)};
}

/* ---- variables ------------------------------------------------------------------------------ */

static Range loop_range(const Stmt *s, int k, const Scope *outer, Fuel *f)
{
    Range hi = range_at(s->loop.hi[k], outer, f);
    if (s->loop.how == LOOP_PARALLEL)
        return hi.known ? (Range){true, 0, MAX(hi.hi - 1, 0)} : unknown();
    Range lo = range_at(s->loop.lo, outer, f);
    if (!lo.known || !hi.known) return unknown();
    if (s->loop.step < 0) return (Range){true, MIN(hi.lo + 1, lo.lo), lo.hi};
    Range r = {true, lo.lo, MAX(hi.hi - 1, lo.lo)};
    if (lo.lo == lo.hi && r.hi > r.lo) r.hi = r.lo + (r.hi - r.lo) / s->loop.step * s->loop.step;
    return r;
}

bool stmt_binds(const Stmt *s, const Var *v, int *k)
{
    *k = 0;
    while (s->kind == S_LOOP && *k < s->loop.n && s->loop.var[*k] != v) ++*k;
    return s->kind == S_LOOP   ? *k < s->loop.n
           : s->kind == S_LET  ? s->let.var == v
           : s->kind == S_ROLE ? s->role.group == v
                               : false;
}

const Scope *scope_of(const Scope *at, const Var *v, int *k)
{
    for (; at; at = at->outer) {
        if (at->stmt && stmt_binds(at->stmt, v, k)) return at;
        for (*k = 0; at->launch && *k < MAXGRID; ++*k)
            if (at->launch->block[*k] == v || at->launch->thread[*k] == v) return at;
    }
    return NULL;
}

/* of variable k of a scope */
static Range bound_range(const Scope *s, const Var *v, int k, Fuel *f)
{
    const Stmt *at = s->stmt;
    int own;
    if (!at || !stmt_binds(at, v, &own)) {
        const Launch *l = s->launch;
        if (l->block[k] != v) return (Range){true, 0, MAX(l->thread_ext[k], 1) - 1};
        Range n = range_at(l->grid[k], s->outer, f);
        return n.known ? (Range){true, 0, MAX(n.hi - 1, 0)} : unknown();
    }
    if (at->kind == S_LOOP) return loop_range(at, k, s->outer, f);
    return at->kind == S_LET ? range_at(at->let.value, s->outer, f)
                             : (Range){true, 0, at->role.groups - 1};
}

static const Op negated[NOP] = {[OP_lt] = OP_ge, [OP_ge] = OP_lt, [OP_gt] = OP_le,
                                [OP_le] = OP_gt, [OP_eq] = OP_ne, [OP_ne] = OP_eq};
static const Op mirrored[NOP] = {[OP_lt] = OP_gt, [OP_gt] = OP_lt, [OP_le] = OP_ge,
                                 [OP_ge] = OP_le, [OP_eq] = OP_eq, [OP_ne] = OP_ne};

static void narrow(Range *r, Op op, Range by)
{
    if (!by.known) return;
    Range n = *r;
    switch (op) {
    case OP_lt: n.hi = by.hi > INT64_MIN ? MIN(n.hi, by.hi - 1) : n.hi; break;
    case OP_le: n.hi = MIN(n.hi, by.hi); break;
    case OP_gt: n.lo = by.lo < INT64_MAX ? MAX(n.lo, by.lo + 1) : n.lo; break;
    case OP_ge: n.lo = MAX(n.lo, by.lo); break;
    case OP_eq:
        n.lo = MAX(n.lo, by.lo);
        n.hi = MIN(n.hi, by.hi);
        break;
    default: break;
    }
    if (n.lo <= n.hi) /* else the place is never reached; any range is right */
        *r = n;
}

void cond_compares(const Expr *c, bool holds,
                   void (*fn)(void *user, Op op, const Expr *x, const Expr *y), void *user)
{
    if (c->kind != E_OP) return;
    if (c->op == OP_not) {
        cond_compares(c->arg[0], !holds, fn, user);
    } else if (c->op == (holds ? OP_and : OP_or)) {
        cond_compares(c->arg[0], holds, fn, user);
        cond_compares(c->arg[1], holds, fn, user);
    } else if (op_info[c->op].rule == RULE_cmp && !dtype_is_float(c->arg[0]->type)) {
        fn(user, holds ? c->op : negated[c->op], c->arg[0], c->arg[1]);
    }
}

typedef struct {
    const Var *v;
    const Scope *at;
    Range *r;
    Fuel *f;
} Narrowing;

static void narrow_var(void *user, Op op, const Expr *x, const Expr *y)
{
    Narrowing *n = user;
    if (x->kind == E_VAR && x->var == n->v) narrow(n->r, op, range_at(y, n->at, n->f));
    if (y->kind == E_VAR && y->var == n->v) narrow(n->r, mirrored[op], range_at(x, n->at, n->f));
}

static Range var_range(const Var *v, const Scope *at, Fuel *f)
{
    Range r = v->kind == V_SIZE ? (Range){true, 0, INT32_MAX} : range_of_type(v->type);
    int k;
    const Scope *s = scope_of(at, v, &k);
    Range b = s ? bound_range(s, v, k, f) : unknown();
    if (b.known) r = b;
    if (!r.known) return r;
    for (; at != s; at = at->outer)
        if (at->stmt && at->stmt->kind == S_IF)
            cond_compares(at->stmt->branch.cond, !at->other, narrow_var,
                          &(Narrowing){v, at->outer, &r, f});
    return r;
}

/* ---- expressions ---------------------------------------------------------------------------- */

/* sums, differences and products, before they are wrapped; false: another operation */
bool range_exact(Op op, Range a, Range b, Wide *lo, Wide *hi)
{
    Wide p[4] = {(Wide)a.lo * b.lo, (Wide)a.lo * b.hi, (Wide)a.hi * b.lo, (Wide)a.hi * b.hi};
    *lo = op == OP_add ? (Wide)a.lo + b.lo : (Wide)a.lo - b.hi;
    *hi = op == OP_add ? (Wide)a.hi + b.hi : (Wide)a.hi - b.lo;
    for (int i = 0; op == OP_mul && i < 4; i++) {
        *lo = i ? MIN(*lo, p[i]) : p[0];
        *hi = i ? MAX(*hi, p[i]) : p[0];
    }
    return op == OP_add || op == OP_sub || op == OP_mul;
}

static Range range_mul(DType t, Range a, Range b)
{
    Wide lo, hi;
    range_exact(OP_mul, a, b, &lo, &hi);
    return fit(t, lo, hi);
}

static Range range_div(DType t, Range a, Range b)
{
    if (b.lo <= 0 || a.lo == INT64_MIN) return range_of_type(t);
    Wide p[4] = {wide_floor(a.lo, b.lo), wide_floor(a.lo, b.hi), wide_floor(a.hi, b.lo),
                 wide_floor(a.hi, b.hi)};
    return fit(t, MIN(MIN(p[0], p[1]), MIN(p[2], p[3])), MAX(MAX(p[0], p[1]), MAX(p[2], p[3])));
}

static Range range_mod(DType t, Range a, Range b)
{
    if (b.lo <= 0) return range_of_type(t);
    if (a.lo >= 0 && a.hi < b.lo) return a;
    return fit(t, 0, a.lo >= 0 ? MIN(a.hi, b.hi - 1) : b.hi - 1);
}

/* what comparing gives: decided when the intervals are apart */
static Range range_cmp(Op op, Range a, Range b)
{
    bool always = false, never = false, one = a.lo == a.hi && b.lo == b.hi && a.lo == b.lo;
    if (op == OP_gt || op == OP_le) return range_cmp(op == OP_gt ? OP_lt : OP_ge, b, a);
    if (op == OP_lt || op == OP_ge) {
        always = op == OP_lt ? a.hi < b.lo : a.lo >= b.hi;
        never = op == OP_lt ? a.lo >= b.hi : a.hi < b.lo;
    } else if (op == OP_eq || op == OP_ne) {
        bool apart = a.hi < b.lo || b.hi < a.lo;
        always = op == OP_eq ? one : apart;
        never = op == OP_eq ? apart : one;
    }
    return (Range){true, always, !never};
}

static Range op_range(const Expr *e, const Scope *at, Fuel *f)
{
    Range a[MAXARG] = {{0}};
    for (int i = 0; i < op_info[e->op].nargs; i++) {
        if (dtype_is_float(e->arg[i]->type)) return range_of_type(e->type);
        a[i] = range_at(e->arg[i], at, f);
        if (!a[i].known) return range_of_type(e->type);
    }
    Wide lo, hi;
    if (op_info[e->op].rule == RULE_cmp) return range_cmp(e->op, a[0], a[1]);
    if (range_exact(e->op, a[0], a[1], &lo, &hi)) return fit(e->type, lo, hi);
    switch (e->op) {
    case OP_neg: return fit(e->type, -(Wide)a[0].hi, -(Wide)a[0].lo);
    case OP_floordiv: return range_div(e->type, a[0], a[1]);
    case OP_floormod: return range_mod(e->type, a[0], a[1]);
    case OP_max: return (Range){true, MAX(a[0].lo, a[1].lo), MAX(a[0].hi, a[1].hi)};
    case OP_min: return (Range){true, MIN(a[0].lo, a[1].lo), MIN(a[0].hi, a[1].hi)};
    case OP_and: return (Range){true, a[0].lo && a[1].lo, a[0].hi && a[1].hi};
    case OP_or: return (Range){true, a[0].lo || a[1].lo, a[0].hi || a[1].hi};
    case OP_not: return (Range){true, !a[0].hi, !a[0].lo};
    case OP_select: return a[0].lo ? a[1] : !a[0].hi ? a[2] : hull(a[1], a[2]);
    case OP_band:
        if (a[0].lo >= 0 && a[1].lo >= 0) return (Range){true, 0, MIN(a[0].hi, a[1].hi)};
        break;
    case OP_bor:
    case OP_bxor: /* no bit above the highest of both */
        if (a[0].lo >= 0 && a[1].lo >= 0) {
            int64_t top = MAX(a[0].hi, a[1].hi);
            for (int k = 1; k < 64; k *= 2) top |= top >> k;
            return (Range){true, e->op == OP_bor ? MAX(a[0].lo, a[1].lo) : 0, top};
        }
        break;
    case OP_shr:
        if (a[1].lo == a[1].hi && a[1].lo >= 0 && a[1].lo < 63)
            return fit(e->type, a[0].lo >> a[1].lo, a[0].hi >> a[1].lo);
        break;
    case OP_shl:
        if (a[1].lo == a[1].hi && a[1].lo >= 0 && a[1].lo < 62)
            return range_mul(e->type, a[0],
                             (Range){true, (int64_t)1 << a[1].lo, (int64_t)1 << a[1].lo});
        break;
    default: break;
    }
    return range_of_type(e->type);
}

static Range range_at(const Expr *e, const Scope *at, Fuel *f)
{
    if (f->left-- <= 0) return range_of_type(e->type);
    switch (e->kind) {
    case E_INT: return e->type == DT_uint64 && e->i < 0 ? unknown() : (Range){true, e->i, e->i};
    case E_VAR: return dtype_is_float(e->var->type) ? unknown() : var_range(e->var, at, f);
    case E_OP: return op_range(e, at, f);
    case E_CAST: {
        if (dtype_is_float(e->arg[0]->type)) return range_of_type(e->type);
        Range a = range_at(e->arg[0], at, f);
        return a.known ? fit(e->type, a.lo, a.hi) : range_of_type(e->type);
    }
    default: return range_of_type(e->type);
    }
}

Range expr_range(const Expr *e, const Scope *at)
{
    Fuel f = {100000};
    return range_at(e, at, &f);
}

static bool is_var(void *user, const Expr *e)
{
    return e->kind == E_VAR && e->var == user;
}

bool expr_uses(const Expr *e, const Var *v)
{
    return expr_any(e, is_var, (void *)v);
}
