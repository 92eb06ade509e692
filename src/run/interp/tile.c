/* Tile operations. Each fetches its operands as dense arrays, computes, and puts the result back.

   The choices that numbers depend on:
   - gemm multiplies and adds in double and rounds once to the type of C at its end: the order of
   the sum does not show. Integers wrap. fp32 operands keep all their bits (machines may round them
   to tf32).
   - reduce_sum and cumsum add in double and round once for each result; max and min skip NaN as
   T.max and T.min do, unless the operation lets a NaN win.
   - an atomic update rounds for each element, as the machines do.
   - a copy between equal types moves the values as they are; otherwise each is converted as T.cast
   does. */
#include "run/interp/interp.h"
#include <math.h>
#include <string.h>

typedef struct Work Work;
typedef struct {
    void (*run)(Work *w);
    Op join;        /* what becomes of two elements */
    bool magnitude; /* of their absolute values */
    bool in_place;  /* source and destination may be the same */
} Row;

/* one operation: its operands, and room for what they hold */
struct Work {
    Task *t;
    const Ins *ins;
    const Tile *x;
    const Row *row;
    Place p[MAXARG];
    Dense *d;
    Span at;
};

static const Res zero = {.bad = CLEAN};

/* ---- the source, as the destination wants it ---- */

static void convert(Work *w, DType from, DType to)
{
    Dense d = w->d[0];
    for (int64_t k = 0; from != to && k < w->x->arg[0].n; k++) {
        Res r = interp_convert(d.v[k], from, to);
        d.v[k] = r.v;
        if (!d.bad[k]) d.bad[k] = (uint8_t)interp_arith(w->t, r.bad, w->at);
    }
}

/* source elements in the order of the destination; some stay while the destination moves on */
static Dense spread(const Work *w)
{
    const Tile *x = w->x;
    const CopyShape *s = &x->shape;
    Dense in = w->d[0], out = w->d[1];
    int64_t i[MAXDIM] = {0}, stride[MAXDIM] = {0};
    if (x->arg[0].n == x->arg[1].n) return in;
    for (int d = 0; d < s->n; d++) {
        if (s->src[d] < 0) continue;
        stride[d] = 1;
        for (int k = s->src[d] + 1; k < MAXDIM && x->arg[0].ext[k] > 0; k++)
            stride[d] *= x->arg[0].ext[k];
    }
    for (int64_t k = 0, at = 0; k < x->arg[1].n; k++) {
        out.v[k] = in.v[at];
        out.bad[k] = in.bad[at];
        for (int d = s->n - 1; d >= 0; d--) {
            at += stride[d];
            if (++i[d] < s->ext[d]) break;
            at -= stride[d] * s->ext[d];
            i[d] = 0;
        }
    }
    return out;
}

/* fetched, converted, and in the order of the destination */
static Dense moved(Work *w, Res outside)
{
    interp_fetch(w->t, &w->p[0], w->d[0], outside, w->at);
    convert(w, w->p[0].mem->type, w->p[1].mem->type);
    return spread(w);
}

/* ---- copy, fill, atomic updates ---- */

/* T.tma_copy, T.async_copy: what it writes may not be touched before it has landed. The bytes that
 * a barrier counts are expected and arrive at once. */
static void depart(Work *w)
{
    const Bar *bar = w->x->barrier ? interp_bar(w->t, w->x->barrier) : NULL;
    const Mem *m = w->p[1].mem;
    if (w->t->m->failed || !m->stamp || m->guarded) return;
    int flight = interp_landing(w->t, w->ins->stmt, bar, true);
    Rows r = interp_rows(w->t, &w->p[1]);
    do
        for (int64_t k = r.lo; k < r.hi; k++) interp_stamp_flight(m, r.at + k * r.step, flight);
    while (interp_next_row(&r));
}

static void copy(Work *w)
{
    Res outside = w->x->value ? interp_eval(w->t, w->x->value) : zero;
    interp_put(w->t, &w->p[1], moved(w, outside), w->at);
    if (w->x->barrier || w->ins->stmt->tile.async) depart(w);
}

static void fill(Work *w)
{
    Res r = interp_eval(w->t, w->x->value);
    for (int64_t k = 0; k < w->x->arg[0].n; k++) w->d[0].v[k] = r.v;
    memset(w->d[0].bad, (int)r.bad, (size_t)w->x->arg[0].n);
    interp_put(w->t, &w->p[0], w->d[0], w->at);
}

static void update(Work *w)
{
    Dense in = moved(w, zero);
    Mem *m = w->p[1].mem;
    Rows r = interp_rows(w->t, &w->p[1]);
    w->t->m->changes++;
    do {
        for (int64_t k = r.lo; k < r.hi && !w->t->m->failed; k++) {
            int64_t at = r.at + k * r.step;
            Res old = interp_load_element(m, at);
            Val v = interp_join(w->row->join, m->type, old.v, in.v[r.done + k]);
            int64_t bad = old.bad ? old.bad : in.bad[r.done + k];
            if (!interp_may_hold(w->t, m, at, bad, w->at)) return;
            if (m->stamp && !interp_stamp_atomic(w->t, m, at, w->at)) return;
            interp_store_element(m, at, (Res){v, bad});
        }
    } while (interp_next_row(&r));
}

/* ---- reductions and scans ---- */

/* len elements, `step` apart. `sum` is what was there, none: nothing; each sum so far goes to `each`, or all into `sum` */
static void join_line(const Work *w, Dense in, int64_t step, bool none, Res *sum, bool each)
{
    const Stmt *s = w->ins->stmt;
    DType type = w->p[1].mem->type;
    bool floats = dtype_is_float(type);
    DType exact = floats ? DT_float64 : type;
    for (int64_t k = 0; k < w->x->len; k++, none = false) {
        int64_t at = (s->tile.reverse ? w->x->len - 1 - k : k) * step;
        Val v = in.v[at];
        if (in.bad[at] && !sum->bad) sum->bad = in.bad[at];
        if (floats && w->row->magnitude)
            v.f = fabs(v.f);
        else if (w->row->magnitude)
            v.i = op_fold_as(type, OP_abs, v.i, 0, 0);
        if (floats && s->tile.nan && (isnan(v.f) || (!none && isnan(sum->v.f))))
            sum->v.f = NAN;
        else
            sum->v = none ? v : interp_join(w->row->join, exact, sum->v, v);
        if (!each) continue;
        in.v[at] = interp_convert(sum->v, type, type).v;
        in.bad[at] = (uint8_t)sum->bad;
    }
    sum->v = interp_convert(sum->v, type, type).v;
}

static void along(Work *w)
{
    const Tile *x = w->x;
    DType from = w->p[0].mem->type, to = w->p[1].mem->type;
    bool scan = w->row->in_place, clear = scan || w->ins->stmt->tile.clear;
    Dense in = w->d[0], out = w->d[1];
    interp_fetch(w->t, &w->p[0], in, zero, w->at);
    /* floats are not rounded before they are joined */
    if (!dtype_is_float(from) || !dtype_is_float(to)) convert(w, from, to);
    if (!clear) interp_fetch(w->t, &w->p[1], out, zero, w->at);
    for (int64_t k = 0; k < x->outer * x->inner; k++) {
        int64_t at = k / x->inner * x->len * x->inner + k % x->inner;
        Res sum = {.bad = CLEAN};
        if (!clear) sum = (Res){out.v[k], out.bad[k]};
        join_line(w, (Dense){in.v + at, in.bad + at}, x->inner, clear, &sum, scan);
        if (scan) continue;
        out.v[k] = sum.v;
        out.bad[k] = (uint8_t)sum.bad;
    }
    interp_put(w->t, &w->p[1], scan ? in : out, w->at);
}

/* ---- gemm ---- */

/* in place: rows x cols becomes cols x rows, through `spare` */
static void transpose(Dense d, int64_t rows, int64_t cols, void *spare)
{
    Val *to = spare;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) to[j * rows + i] = d.v[i * cols + j];
    memcpy(d.v, to, sizeof *to * (size_t)(rows * cols));
    uint8_t *bad = spare;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) bad[j * rows + i] = d.bad[i * cols + j];
    memcpy(d.bad, bad, (size_t)(rows * cols));
}

/* c[0..n) += a * b[0..n) for four rows of c at once: b is read once */
static void four_rows(Val *restrict c, const Val *a, const Val *restrict b, int64_t n, int64_t k)
{
    Val *restrict c1 = c + n, *restrict c2 = c1 + n, *restrict c3 = c2 + n;
    for (int64_t p = 0; p < k; p++, b += n) {
        double a0 = a[p].f, a1 = a[p + k].f, a2 = a[p + 2 * k].f, a3 = a[p + 3 * k].f;
        for (int64_t j = 0; j < n; j++) {
            double x = b[j].f;
            c[j].f += a0 * x;
            c1[j].f += a1 * x;
            c2[j].f += a2 * x;
            c3[j].f += a3 * x;
        }
    }
}

static void multiply_floats(Val *c, const Val *a, const Val *b, int64_t m, int64_t n, int64_t k)
{
    int64_t i = 0;
    for (; i + 4 <= m; i += 4) four_rows(c + i * n, a + i * k, b, n, k);
    for (; i < m; i++)
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++) c[i * n + j].f += a[i * k + p].f * b[p * n + j].f;
}

static void multiply_ints(Val *c, const Val *a, const Val *b, int64_t m, int64_t n, int64_t k)
{
    for (int64_t i = 0; i < m; i++)
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++)
                c[i * n + j].i = (int64_t)((uint64_t)c[i * n + j].i +
                                           (uint64_t)a[i * k + p].i * (uint64_t)b[p * n + j].i);
}

/* a poisoned operand spoils its row of C, or its column */
static void spoil(const uint8_t *a, const uint8_t *b, uint8_t *c, int64_t m, int64_t n, int64_t k)
{
    for (int64_t i = 0; i < m; i++)
        for (int64_t p = 0; p < k; p++)
            if (a[i * k + p]) {
                memset(c + i * n, a[i * k + p], (size_t)n);
                break;
            }
    for (int64_t p = 0; p < k; p++)
        for (int64_t j = 0; j < n; j++)
            if (b[p * n + j])
                for (int64_t i = 0; i < m; i++) c[i * n + j] = b[p * n + j];
}

void interp_multiply(DType type, Dense a, Dense b, Dense c, int64_t m, int64_t n, int64_t k)
{
    (dtype_is_float(type) ? multiply_floats : multiply_ints)(c.v, a.v, b.v, m, n, k);
    for (int64_t i = 0; i < m * n; i++) c.v[i] = interp_convert(c.v[i], type, type).v;
    spoil(a.bad, b.bad, c.bad, m, n, k);
}

static void gemm(Work *w)
{
    const Tile *x = w->x;
    const Stmt *s = w->ins->stmt;
    Dense *d = w->d;
    for (int i = 0; i < 2 + !s->tile.clear; i++) interp_fetch(w->t, &w->p[i], d[i], zero, w->at);
    if (s->tile.trans_a) transpose(d[0], x->k, x->m, d[3].v);
    if (s->tile.trans_b) transpose(d[1], x->n, x->k, d[3].v);
    if (s->tile.clear) {
        memset(d[2].v, 0, sizeof *d[2].v * (size_t)(x->m * x->n));
        memset(d[2].bad, CLEAN, (size_t)(x->m * x->n));
    }
    interp_multiply(w->p[2].mem->type, d[0], d[1], d[2], x->m, x->n, x->k);
    interp_put(w->t, &w->p[2], d[2], w->at);
    if (s->tile.start) interp_fly(w->t, w->ins, w->p);
}

/* ---- one operation ---- */

static const Row rows[NTILEOP] = {
    [TO_copy] = {copy, .in_place = true},
    [TO_gemm] = {gemm},
    [TO_fill] = {fill},
    [TO_reduce_sum] = {along, OP_add},
    [TO_reduce_max] = {along, OP_max},
    [TO_reduce_min] = {along, OP_min},
    [TO_reduce_absmax] = {along, OP_max, .magnitude = true},
    [TO_reduce_abssum] = {along, OP_add, .magnitude = true},
    [TO_reduce_bitand] = {along, OP_band},
    [TO_reduce_bitor] = {along, OP_bor},
    [TO_reduce_bitxor] = {along, OP_bxor},
    [TO_cumsum] = {along, OP_add, .in_place = true},
    [TO_cummax] = {along, OP_max, .in_place = true},
    [TO_atomic_add] = {update, OP_add},
    [TO_atomic_max] = {update, OP_max},
    [TO_atomic_min] = {update, OP_min},
};

/* an operation may not read elements that it writes, unless each is read only for itself */
static bool apart(const Work *w, const Place *read, const Place *written)
{
    if (interp_disjoint(read, written)) return true;
    if (w->row->in_place && interp_same_place(read, written)) return true;
    interp_fail(w->t, w->at, E0614, "copy to another buffer first",
                "T.%s reads and writes overlapping parts of '%s'", tileop_info[w->x->op].name,
                read->mem->name);
    return false;
}

static void operate(Task *t, const Ins *ins)
{
    const Tile *x = ins->tile;
    Work w = {t, ins, x, &rows[x->op], .d = t->m->scratch, .at = ins->stmt->span};
    const char *use = tileop_info[x->op].operands;
    for (int i = 0; i < x->narg; i++)
        if (!interp_find_place(t, ins, &x->arg[i], use[i], &w.p[i])) return;
    for (int i = 0; i < x->narg; i++)
        for (int k = 0; k < x->narg; k++)
            if (use[i] == 'r' && use[k] != 'r' && !apart(&w, &w.p[i], &w.p[k])) return;
    w.row->run(&w);
}

static bool agrees(Task *t, const X *x)
{
    if (!x || !x->varies) return true;
    Res *r = interp_push(t->m, t->n);
    interp_eval_lanes(t, x, interp_lanes(t), r);
    bool same = true;
    for (int k = 1; k < t->n && same; k++) same = interp_same(r[k], r[0]);
    return same;
}

/* do all threads mean the same elements of memory that they share */
static bool together(Task *t, const Tile *x)
{
    bool same = agrees(t, x->value) && (!x->barrier || agrees(t, x->barrier->arg[0]));
    for (int i = 0; i < x->narg && same; i++) {
        const Mem *m = t->bound[x->arg[i].buf].mem;
        same = m && !m->per;
        for (int d = 0; same && d < m->ndim; d++) same = agrees(t, x->arg[i].off[d]);
    }
    return same;
}

/* once for all threads that are here; or by each of them, on memory of its own */
void interp_tile(Task *t, const Ins *ins)
{
    if (!ins->tile->each || together(t, ins->tile))
        operate(t, ins);
    else
        EACH_THREAD(t, interp_lanes(t), k) operate(t, ins);
}
