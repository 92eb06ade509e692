/* Tile operations. Each fetches its operands as dense arrays of values, computes, and puts the
   result back; so one loop serves tiles, slots and tensors, and all that is read is read before
   anything is written.

   The choices that numbers depend on:
   - gemm multiplies and adds in double and rounds once to the type of C at its end: the order of
   the sum does not show. Integers wrap. fp32 operands keep all their bits (machines may round them
   to tf32).
   - reduce_sum and cumsum add in double and round once for each result; max and min skip NaN as
   T.max and T.min do.
   - a copy between equal types moves the values as they are; otherwise each is converted as T.cast
   does. */
#include "run/interp.h"
#include <math.h>
#include <string.h>

/* ---- where a region lies ---- */

static const int64_t FAR = 1ll << 60; /* beyond every tensor; sums with extents do not overflow */

static bool find_offsets(Task *t, const Box *x, const Mem *mem, Place *p)
{
    p->mem = (Mem *)mem;
    p->inside = true;
    for (int d = 0; d < mem->ndim; d++) {
        if (!interp_index(t, x->off[d], &p->off[d], "the offset of a region")) return false;
        p->off[d] = MAX(MIN(p->off[d], FAR), -FAR);
        p->ext[d] = x->ext[d];
        p->inside &= p->off[d] >= 0 && p->off[d] <= mem->dim[d] - x->ext[d];
    }
    return true;
}

static void outside(Task *t, const Box *x, const Place *p)
{
    char off[160], ext[160], dim[160];
    int n = p->mem->ndim;
    interp_fail(t, x->span, E0611, NULL,
                "the region of '%s' at [%s] with extents (%s) is outside of its shape (%s)",
                t->m->code->use[x->buf].buf->name, interp_list(off, sizeof off, p->off, n),
                interp_list(ext, sizeof ext, p->ext, n),
                interp_list(dim, sizeof dim, p->mem->dim, n));
}

/* how an operand is used: 'r' read, 'w' written, 'u' updated */
static bool find_place(Task *t, const Ins *ins, const Box *x, char use, Place *p)
{
    Bound *b = interp_bound(t, x->buf, x->span);
    if (!b || !find_offsets(t, x, b->mem, p)) return false;
    if (!p->inside && !b->mem->raw) {
        outside(t, x, p);
        return false;
    }
    if (use != 'r' && b->shared) {
        interp_fail(t, x->span, E0616, NULL, "'%s' is written while other roles read the same slot",
                    t->m->code->use[x->buf].buf->name);
        return false;
    }
    bool chain = use == 'u' && ins->tile->op == TO_gemm && ins->stmt->tile.start;
    return !b->mem->busy || interp_flight_free(t, p, use != 'r', chain, x->span);
}

/* an operation may not read elements that it writes, unless each is read only for itself */
static bool apart(Task *t, const Ins *ins, const Place *read, const Place *written)
{
    TileOp op = ins->tile->op;
    if (interp_disjoint(read, written)) return true;
    if ((op == TO_copy || op == TO_cumsum) && interp_same_place(read, written)) return true;
    interp_fail(t, ins->stmt->span, E0614, "copy to another buffer first",
                "T.%s reads and writes overlapping parts of '%s'", tileop_info[op].name,
                read->mem->name);
    return false;
}

/* ---- dense arrays ---- */

/* A region row by row: `at` is the offset of a row's first element, [lo, hi) the part of the row
 * that is in range. */
typedef struct {
    const Place *p;
    int64_t i[MAXDIM], at, len, lo, hi;
    int n;
} Rows;

static void row_here(Rows *r)
{
    const Place *p = r->p;
    const Mem *m = p->mem;
    int last = r->n - 1;
    bool in = true;
    r->at = 0;
    for (int d = 0; d < last; d++) {
        int64_t x = p->off[d] + r->i[d];
        in &= x >= 0 && x < m->dim[d];
        if (in) r->at += x * m->stride[d];
    }
    r->lo = 0;
    r->hi = r->len;
    if (r->n && !p->inside) {
        int64_t off = p->off[last];
        r->lo = off >= 0 ? 0 : off <= -r->len ? r->len : -off;
        r->hi = off >= m->dim[last] ? 0 : MIN(r->len, m->dim[last] - off);
        if (!in || r->hi < r->lo) r->lo = r->hi = 0;
    }
    if (r->n) r->at += r->hi > r->lo ? p->off[last] : 0;
}

static Rows rows_of(const Place *p)
{
    Rows r = {.p = p, .n = p->mem->ndim, .len = p->mem->ndim ? p->ext[p->mem->ndim - 1] : 1};
    row_here(&r);
    return r;
}

static bool next_row(Rows *r)
{
    for (int d = r->n - 2; d >= 0; d--) {
        if (++r->i[d] < r->p->ext[d]) {
            row_here(r);
            return true;
        }
        r->i[d] = 0;
    }
    return false;
}

/* false: nothing in it is poison, and `bad` is all clean; out of range reads 0 */
static bool fetch(Task *t, const Place *p, Val *out, uint8_t *bad, Span at)
{
    const Mem *m = p->mem;
    bool any = false;
    Rows r = rows_of(p);
    do {
        size_t n = (size_t)(r.hi - r.lo);
        if (n < (size_t)r.len) memset(out, 0, sizeof *out * (size_t)r.len);
        if (m->raw)
            interp_load_run(m, r.at + r.lo, r.hi - r.lo, out + r.lo);
        else
            memcpy(out + r.lo, m->v + r.at + r.lo, n * sizeof *out);
        if (m->writer && !interp_block_read(t, m, r.at + r.lo, r.hi - r.lo, at)) return false;
        memset(bad, CLEAN, (size_t)r.len);
        if (m->bad && n) {
            memcpy(bad + r.lo, m->bad + r.at + r.lo, n);
            for (int64_t k = r.lo; k < r.hi && !any; k++) any = bad[k] != CLEAN;
        }
        out += r.len;
        bad += r.len;
    } while (next_row(&r));
    return any;
}

static void poisoned(Task *t, const Rows *r, int64_t k, int64_t bad, Span at)
{
    const Place *p = r->p;
    int64_t idx[MAXDIM] = {0};
    char where[160];
    for (int d = 0; d < r->n; d++) idx[d] = p->off[d] + (d == r->n - 1 ? k : r->i[d]);
    interp_poison(t, at, bad, "'%s' at [%s]", p->mem->name,
                  interp_list(where, sizeof where, idx, r->n));
}

/* out of range is skipped; poison may not go into a tensor that is passed in */
static void put(Task *t, const Place *p, const Val *in, const uint8_t *bad, Span at)
{
    Mem *m = p->mem;
    Rows r = rows_of(p);
    if (t->m->failed) return;
    do {
        size_t n = (size_t)(r.hi - r.lo);
        for (int64_t k = r.lo; m->space == SP_GLOBAL && k < r.hi; k++)
            if (bad[k]) {
                poisoned(t, &r, k, bad[k], at);
                return;
            }
        if (m->writer && !interp_block_write(t, m, r.at + r.lo, r.hi - r.lo, in + r.lo, at)) return;
        if (m->raw)
            interp_store_run(m, r.at + r.lo, r.hi - r.lo, in + r.lo);
        else
            memcpy(m->v + r.at + r.lo, in + r.lo, n * sizeof *in);
        if (m->bad && n) memcpy(m->bad + r.at + r.lo, bad + r.lo, n);
        in += r.len;
        bad += r.len;
    } while (next_row(&r));
}

/* ---- copy, fill ---- */

static void convert_all(Task *t, Span at, Val *v, uint8_t *bad, int64_t n, DType from, DType to)
{
    if (from == to) return;
    for (int64_t k = 0; k < n; k++) {
        Res r = interp_convert(v[k], from, to);
        v[k] = r.v;
        if (!bad[k]) bad[k] = (uint8_t)interp_arith(t, r.bad, at);
    }
}

/* source elements in the order of the destination; some stay while the destination moves on */
static void spread(const Tile *t, const Val *v, const uint8_t *bad, Val *out, uint8_t *out_bad)
{
    const CopyShape *s = &t->shape;
    int64_t i[MAXDIM] = {0}, stride[MAXDIM] = {0};
    for (int d = 0; d < s->n; d++) {
        if (s->src[d] < 0) continue;
        stride[d] = 1;
        for (int k = s->src[d] + 1; k < MAXDIM && t->arg[0].ext[k] > 0; k++)
            stride[d] *= t->arg[0].ext[k];
    }
    for (int64_t k = 0, at = 0; k < t->arg[1].n; k++) {
        out[k] = v[at];
        out_bad[k] = bad[at];
        for (int d = s->n - 1; d >= 0; d--) {
            at += stride[d];
            if (++i[d] < s->ext[d]) break;
            at -= stride[d] * s->ext[d];
            i[d] = 0;
        }
    }
}

static void copy(Task *t, const Ins *ins, const Place *src, const Place *dst)
{
    const Tile *x = ins->tile;
    Val *v = t->m->scratch[0];
    uint8_t *bad = t->m->scratch_bad[0];
    fetch(t, src, v, bad, ins->stmt->span);
    convert_all(t, ins->stmt->span, v, bad, x->arg[0].n, src->mem->type, dst->mem->type);
    if (!x->in_order) {
        spread(x, v, bad, t->m->scratch[1], t->m->scratch_bad[1]);
        v = t->m->scratch[1];
        bad = t->m->scratch_bad[1];
    }
    put(t, dst, v, bad, ins->stmt->span);
}

static void fill(Task *t, const Ins *ins, const Place *dst)
{
    Res r = interp_eval(t, ins->tile->value);
    if (t->m->failed) return;
    int64_t n = ins->tile->arg[0].n;
    for (int64_t k = 0; k < n; k++) t->m->scratch[0][k] = r.v;
    memset(t->m->scratch_bad[0], (int)r.bad, (size_t)n);
    put(t, dst, t->m->scratch[0], t->m->scratch_bad[0], ins->stmt->span);
}

/* ---- gemm ---- */

/* in place: rows x cols becomes cols x rows, through `spare` */
static void transpose(Val *v, uint8_t *bad, int64_t rows, int64_t cols, double *spare)
{
    Val *to = (Val *)spare;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) to[j * rows + i] = v[i * cols + j];
    memcpy(v, to, sizeof *v * (size_t)(rows * cols));
    uint8_t *b = (uint8_t *)spare;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) b[j * rows + i] = bad[i * cols + j];
    memcpy(bad, b, (size_t)(rows * cols));
}

/* c[0..n) += a * b[0..n) for four rows of c at once: b is read once */
static void four_rows(double *restrict c, const Val *a, const Val *restrict b, int64_t n, int64_t k)
{
    double *restrict c1 = c + n, *restrict c2 = c1 + n, *restrict c3 = c2 + n;
    for (int64_t p = 0; p < k; p++, b += n) {
        double a0 = a[p].f, a1 = a[p + k].f, a2 = a[p + 2 * k].f, a3 = a[p + 3 * k].f;
        for (int64_t j = 0; j < n; j++) {
            double x = b[j].f;
            c[j] += a0 * x;
            c1[j] += a1 * x;
            c2[j] += a2 * x;
            c3[j] += a3 * x;
        }
    }
}

static void multiply(double *c, const Val *a, const Val *b, int64_t m, int64_t n, int64_t k)
{
    int64_t i = 0;
    for (; i + 4 <= m; i += 4) four_rows(c + i * n, a + i * k, b, n, k);
    for (; i < m; i++)
        for (int64_t p = 0; p < k; p++)
            for (int64_t j = 0; j < n; j++) c[i * n + j] += a[i * k + p].f * b[p * n + j].f;
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

static void gemm(Task *t, const Ins *ins, const Place p[MAXARG])
{
    Machine *mc = t->m;
    const Tile *x = ins->tile;
    const Stmt *s = ins->stmt;
    Val **v = mc->scratch;
    uint8_t **bad = mc->scratch_bad;
    DType type = p[2].mem->type;
    bool spoiled = fetch(t, &p[0], v[0], bad[0], s->span);
    spoiled |= fetch(t, &p[1], v[1], bad[1], s->span);
    if (s->tile.trans_a) transpose(v[0], bad[0], x->k, x->m, mc->acc);
    if (s->tile.trans_b) transpose(v[1], bad[1], x->n, x->k, mc->acc);
    int64_t count = x->m * x->n;
    if (s->tile.clear) {
        memset(v[2], 0, sizeof(Val) * (size_t)count);
        memset(bad[2], CLEAN, (size_t)count);
    } else {
        fetch(t, &p[2], v[2], bad[2], s->span);
    }
    if (dtype_is_float(type)) {
        for (int64_t k = 0; k < count; k++) mc->acc[k] = v[2][k].f;
        multiply(mc->acc, v[0], v[1], x->m, x->n, x->k);
        for (int64_t k = 0; k < count; k++) v[2][k].f = dtype_round(type, mc->acc[k]);
    } else {
        multiply_ints(v[2], v[0], v[1], x->m, x->n, x->k);
        for (int64_t k = 0; k < count; k++) v[2][k].i = dtype_wrap(type, v[2][k].i);
    }
    if (spoiled) spoil(bad[0], bad[1], bad[2], x->m, x->n, x->k);
    put(t, &p[2], v[2], bad[2], s->span);
    if (s->tile.start) interp_fly(t, ins, p);
}

/* ---- reductions and scans ---- */

static double join_f(TileOp op, double a, double b)
{
    switch (op) {
    case TO_reduce_max: return op_fold_f(OP_max, a, b, 0);
    case TO_reduce_min: return op_fold_f(OP_min, a, b, 0);
    case TO_reduce_absmax: return op_fold_f(OP_max, a, fabs(b), 0);
    default: return a + b;
    }
}

static int64_t abs_i(DType t, int64_t a)
{
    return a < 0 && t != DT_uint64 ? (int64_t)(0 - (uint64_t)a) : a;
}

static int64_t join_i(TileOp op, DType t, int64_t a, int64_t b)
{
    if (op == TO_reduce_absmax) b = abs_i(t, b);
    bool more = t == DT_uint64 ? (uint64_t)a > (uint64_t)b : a > b;
    switch (op) {
    case TO_reduce_max:
    case TO_reduce_absmax: return more ? a : b;
    case TO_reduce_min: return more ? b : a;
    default: return (int64_t)((uint64_t)a + (uint64_t)b);
    }
}

/* len elements, `step` apart, joined; `start` is what was there, NULL: nothing */
static Res join_line(TileOp op, DType type, const Val *v, const uint8_t *bad, int64_t len,
                     int64_t step, const Res *start)
{
    bool floats = dtype_is_float(type);
    Res r = start ? *start : (Res){.v = v[0], .bad = bad[0]};
    if (!start && op == TO_reduce_absmax) {
        if (floats)
            r.v.f = fabs(r.v.f);
        else
            r.v.i = abs_i(type, r.v.i);
    }
    for (int64_t k = start ? 0 : 1; k < len; k++) {
        if (bad[k * step] && !r.bad) r.bad = bad[k * step];
        if (floats)
            r.v.f = join_f(op, r.v.f, v[k * step].f);
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
    convert_all(t, at, v, bad, n, from, to);
}

static void reduce(Task *t, const Ins *ins, const Place *src, const Place *dst)
{
    const Tile *x = ins->tile;
    Val *v = t->m->scratch[0], *out = t->m->scratch[1];
    uint8_t *bad = t->m->scratch_bad[0], *out_bad = t->m->scratch_bad[1];
    DType type = dst->mem->type;
    fetch(t, src, v, bad, ins->stmt->span);
    to_class(t, ins->stmt->span, v, bad, x->arg[0].n, src->mem->type, type);
    bool clear = ins->stmt->tile.clear;
    if (!clear) fetch(t, dst, out, out_bad, ins->stmt->span);
    for (int64_t o = 0; o < x->outer; o++)
        for (int64_t i = 0; i < x->inner; i++) {
            int64_t at = o * x->len * x->inner + i, to = o * x->inner + i;
            Res start = {.v = out[to], .bad = clear ? CLEAN : out_bad[to]};
            Res r =
                join_line(x->op, type, v + at, bad + at, x->len, x->inner, clear ? NULL : &start);
            out[to] = r.v;
            out_bad[to] = (uint8_t)r.bad;
        }
    put(t, dst, out, out_bad, ins->stmt->span);
}

static void scan_line(DType type, bool reverse, Val *v, uint8_t *bad, int64_t len, int64_t step)
{
    Res sum = {.bad = CLEAN};
    for (int64_t k = 0; k < len; k++) {
        int64_t at = (reverse ? len - 1 - k : k) * step;
        if (bad[at] && !sum.bad) sum.bad = bad[at];
        if (!dtype_is_float(type)) {
            sum.v.i = (int64_t)((uint64_t)sum.v.i + (uint64_t)v[at].i);
            v[at].i = dtype_wrap(type, sum.v.i);
        } else {
            sum.v.f = k ? sum.v.f + v[at].f : v[at].f;
            v[at].f = dtype_round(type, sum.v.f);
        }
        bad[at] = (uint8_t)sum.bad;
    }
}

static void scan(Task *t, const Ins *ins, const Place *src, const Place *dst)
{
    const Tile *x = ins->tile;
    Val *v = t->m->scratch[0];
    uint8_t *bad = t->m->scratch_bad[0];
    DType type = dst->mem->type;
    fetch(t, src, v, bad, ins->stmt->span);
    to_class(t, ins->stmt->span, v, bad, x->arg[0].n, src->mem->type, type);
    for (int64_t o = 0; o < x->outer; o++)
        for (int64_t i = 0; i < x->inner; i++) {
            int64_t at = o * x->len * x->inner + i;
            scan_line(type, ins->stmt->tile.reverse, v + at, bad + at, x->len, x->inner);
        }
    put(t, dst, v, bad, ins->stmt->span);
}

/* ---- one operation ---- */

void interp_tile(Task *t, const Ins *ins)
{
    const Tile *x = ins->tile;
    Place p[MAXARG] = {0};
    const char *use = tileop_info[x->op].operands;
    for (int i = 0; i < x->narg; i++)
        if (!find_place(t, ins, &x->arg[i], use[i], &p[i])) return;
    for (int i = 0; i < x->narg; i++)
        for (int k = 0; k < x->narg; k++)
            if (use[i] == 'r' && use[k] != 'r' && !apart(t, ins, &p[i], &p[k])) return;
    switch (x->op) {
    case TO_copy: copy(t, ins, &p[0], &p[1]); break;
    case TO_fill: fill(t, ins, &p[0]); break;
    case TO_gemm: gemm(t, ins, p); break;
    case TO_cumsum: scan(t, ins, &p[0], &p[1]); break;
    default: reduce(t, ins, &p[0], &p[1]); break;
    }
}
