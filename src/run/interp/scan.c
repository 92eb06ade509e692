/* Tile operations that join elements: reductions and scans along an axis, atomic updates; and what
   an atomic or a reduction over threads makes of two values.

   Sums are added in double and rounded once for each result; max and min skip NaN as T.max and
   T.min do, unless the operation lets a NaN win. An atomic update rounds for each element, as the
   machines do. */
#include "run/interp/interp.h"
#include <math.h>
#include <string.h>

/* ---- reductions and scans ---- */

static double join_f(TileOp op, bool nan, double a, double b)
{
    if (nan && (isnan(a) || isnan(b))) return NAN;
    switch (op) {
    case TO_reduce_max: return op_fold_f(OP_max, a, b, 0);
    case TO_reduce_min: return op_fold_f(OP_min, a, b, 0);
    case TO_reduce_absmax: return op_fold_f(OP_max, a, fabs(b), 0);
    case TO_cummax: return op_fold_f(OP_max, a, b, 0);
    case TO_reduce_abssum: return a + fabs(b);
    default: return a + b;
    }
}

static int64_t abs_i(DType t, int64_t a)
{
    return a < 0 && dtype_info[t].cls == CLS_I ? (int64_t)(0 - (uint64_t)a) : a;
}

static bool takes_abs(TileOp op)
{
    return op == TO_reduce_absmax || op == TO_reduce_abssum;
}

static int64_t join_i(TileOp op, DType t, int64_t a, int64_t b)
{
    if (takes_abs(op)) b = abs_i(t, b);
    switch (op) {
    case TO_reduce_max:
    case TO_cummax:
    case TO_reduce_absmax: return op_fold_as(t, OP_max, a, b, 0);
    case TO_reduce_min: return op_fold_as(t, OP_min, a, b, 0);
    case TO_reduce_bitand: return a & b;
    case TO_reduce_bitor: return a | b;
    case TO_reduce_bitxor: return a ^ b;
    default: return (int64_t)((uint64_t)a + (uint64_t)b);
    }
}

/* len elements, `step` apart, joined; `start` is what was there, NULL: nothing */
static Res join_line(TileOp op, bool nan, DType type, const Val *v, const uint8_t *bad, int64_t len,
                     int64_t step, const Res *start)
{
    bool floats = dtype_is_float(type);
    Res r = start ? *start : (Res){.v = v[0], .bad = bad[0]};
    if (!start && takes_abs(op)) {
        if (floats)
            r.v.f = fabs(r.v.f);
        else
            r.v.i = abs_i(type, r.v.i);
    }
    for (int64_t k = start ? 0 : 1; k < len; k++) {
        if (bad[k * step] && !r.bad) r.bad = bad[k * step];
        if (floats)
            r.v.f = join_f(op, nan, r.v.f, v[k * step].f);
        else
            r.v.i = join_i(op, type, r.v.i, v[k * step].i);
    }
    if (floats)
        r.v.f = dtype_round(type, r.v.f);
    else
        r.v.i = dtype_wrap(type, r.v.i);
    return r;
}

/* the source in the class of the destination; floats are not rounded before they are joined */
static void to_class(Task *t, Span at, Val *v, uint8_t *bad, int64_t n, DType from, DType to)
{
    if (dtype_is_float(from) && dtype_is_float(to)) return;
    interp_convert_all(t, at, v, bad, n, from, to);
}

void interp_reduce(Task *t, const Ins *ins, const Place *src, const Place *dst)
{
    const Tile *x = ins->tile;
    Val *v = t->m->scratch[0], *out = t->m->scratch[1];
    uint8_t *bad = t->m->scratch_bad[0], *out_bad = t->m->scratch_bad[1];
    DType type = dst->mem->type;
    interp_fetch(t, src, v, bad, NULL, ins->stmt->span);
    to_class(t, ins->stmt->span, v, bad, x->arg[0].n, src->mem->type, type);
    bool clear = ins->stmt->tile.clear;
    if (!clear) interp_fetch(t, dst, out, out_bad, NULL, ins->stmt->span);
    for (int64_t o = 0; o < x->outer; o++)
        for (int64_t i = 0; i < x->inner; i++) {
            int64_t at = o * x->len * x->inner + i, to = o * x->inner + i;
            Res start = {.v = out[to], .bad = clear ? CLEAN : out_bad[to]};
            Res r = join_line(x->op, ins->stmt->tile.nan, type, v + at, bad + at, x->len, x->inner,
                              clear ? NULL : &start);
            out[to] = r.v;
            out_bad[to] = (uint8_t)r.bad;
        }
    interp_put(t, dst, out, out_bad, ins->stmt->span);
}

static void scan_line(TileOp op, DType type, bool reverse, Val *v, uint8_t *bad, int64_t len,
                      int64_t step)
{
    Res sum = {.bad = CLEAN};
    for (int64_t k = 0; k < len; k++) {
        int64_t at = (reverse ? len - 1 - k : k) * step;
        if (bad[at] && !sum.bad) sum.bad = bad[at];
        if (!dtype_is_float(type)) {
            sum.v.i = k ? join_i(op, type, sum.v.i, v[at].i) : v[at].i;
            v[at].i = sum.v.i = dtype_wrap(type, sum.v.i);
        } else {
            sum.v.f = k ? join_f(op, false, sum.v.f, v[at].f) : v[at].f;
            v[at].f = dtype_round(type, sum.v.f);
        }
        bad[at] = (uint8_t)sum.bad;
    }
}

void interp_scan(Task *t, const Ins *ins, const Place *src, const Place *dst)
{
    const Tile *x = ins->tile;
    Val *v = t->m->scratch[0];
    uint8_t *bad = t->m->scratch_bad[0];
    DType type = dst->mem->type;
    interp_fetch(t, src, v, bad, NULL, ins->stmt->span);
    to_class(t, ins->stmt->span, v, bad, x->arg[0].n, src->mem->type, type);
    for (int64_t o = 0; o < x->outer; o++)
        for (int64_t i = 0; i < x->inner; i++) {
            int64_t at = o * x->len * x->inner + i;
            scan_line(x->op, type, ins->stmt->tile.reverse, v + at, bad + at, x->len, x->inner);
        }
    interp_put(t, dst, v, bad, ins->stmt->span);
}

/* ---- atomic updates ---- */

Val interp_join(Fn fn, DType type, Val a, Val b)
{
    Op op = OP_add;
    switch (fn) {
    case FN_atomic_max:
    case FN_warp_reduce_max:
    case FN_allreduce_max: op = OP_max; break;
    case FN_atomic_min:
    case FN_warp_reduce_min:
    case FN_allreduce_min: op = OP_min; break;
    case FN_atomic_and:
    case FN_warp_reduce_and: op = OP_band; break;
    case FN_atomic_or:
    case FN_warp_reduce_or: op = OP_bor; break;
    case FN_atomic_xor: op = OP_bxor; break;
    default: break;
    }
    Val r;
    if (dtype_is_float(type))
        r.f = dtype_round(type, op_fold_f(op, a.f, b.f, 0));
    else
        r.i = dtype_wrap(type, op_fold_as(type, op, a.i, b.i, 0));
    return r;
}

typedef struct {
    Task *t;
    const Ins *ins;
    Mem *mem;
    const Val *v;
    const uint8_t *bad;
    Fn fn;
} Update;

static void update_element(void *user, int64_t at, int64_t number)
{
    const Update *u = user;
    Mem *m = u->mem;
    char text[200];
    Res r = interp_load_element(m, at);
    int64_t bad = r.bad ? r.bad : u->bad[number];
    if (bad && m->space == SP_GLOBAL) {
        interp_poison(u->t, u->ins->stmt->span, bad, "%s",
                      interp_element(m, at, text, sizeof text));
        return;
    }
    if (m->stamp && !interp_stamp_atomic(u->t, m, at, u->ins->stmt->span)) return;
    interp_store_element(m, at, (Res){interp_join(u->fn, m->type, r.v, u->v[number]), bad});
}

void interp_atomic_tile(Task *t, const Ins *ins, const Place *src, const Place *dst)
{
    const Tile *x = ins->tile;
    Val *v = t->m->scratch[0];
    uint8_t *bad = t->m->scratch_bad[0];
    interp_fetch(t, src, v, bad, NULL, ins->stmt->span);
    interp_convert_all(t, ins->stmt->span, v, bad, x->arg[0].n, src->mem->type, dst->mem->type);
    if (!x->in_order) {
        interp_spread(x, v, bad, t->m->scratch[1], t->m->scratch_bad[1]);
        v = t->m->scratch[1];
        bad = t->m->scratch_bad[1];
    }
    Update u = {t, ins, dst->mem, v, bad, FN_atomic_add};
    if (x->op == TO_atomic_max) u.fn = FN_atomic_max;
    if (x->op == TO_atomic_min) u.fn = FN_atomic_min;
    t->m->changes++;
    interp_each_element(t, dst, update_element, &u);
}
