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
#include "run/interp/interp.h"
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
    if (!p->inside && !b->mem->guarded) {
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
    if ((op == TO_copy || op == TO_cumsum || op == TO_cummax) && interp_same_place(read, written)) return true;
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
    int64_t i[MAXDIM], base, at, step, len, lo, hi;
    int n;
} Rows;

static void row_here(Rows *r)
{
    const Place *p = r->p;
    const Mem *m = p->mem;
    int last = r->n - 1;
    bool in = true;
    r->at = r->base;
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
    if (r->n) r->at += r->hi > r->lo ? p->off[last] * r->step : 0;
}

static Rows rows_of(const Task *t, const Place *p)
{
    const Mem *m = p->mem;
    int n = m->ndim;
    Rows r = {.p = p, .n = n, .len = n ? p->ext[n - 1] : 1, .step = n ? m->stride[n - 1] : 1};
    r.base = m->per * t->lead;
    row_here(&r);
    return r;
}

/* its elements lie one after another, with a mark of poison each */
static bool is_dense(const Rows *r)
{
    return r->step == 1 && !r->p->mem->fine;
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

/* the part of a row that is in range; true: some of it is poison */
static bool fetch_row(const Rows *r, Val *out, uint8_t *bad)
{
    const Mem *m = r->p->mem;
    bool any = false;
    size_t n = (size_t)(r->hi - r->lo);
    if (!is_dense(r)) {
        for (int64_t k = r->lo; k < r->hi; k++) {
            Res x = interp_load_element(m, r->at + k * r->step);
            out[k] = x.v;
            bad[k] = (uint8_t)x.bad;
            any |= x.bad != CLEAN;
        }
        return any;
    }
    if (m->raw)
        interp_load_run(m, r->at + r->lo, r->hi - r->lo, out + r->lo);
    else
        memcpy(out + r->lo, m->v + r->at + r->lo, n * sizeof *out);
    if (m->bad && n) {
        memcpy(bad + r->lo, m->bad + r->at + r->lo, n);
        for (int64_t k = r->lo; k < r->hi && !any; k++) any = bad[k] != CLEAN;
    }
    return any;
}

static void fetch_outside(const Rows *r, Val *out, uint8_t *bad, const Res *outside)
{
    for (int64_t k = 0; outside && k < r->len; k++) {
        if (k == r->lo) k = r->hi;
        if (k == r->len) break;
        out[k] = outside->v;
        bad[k] = (uint8_t)outside->bad;
    }
}

static bool stamp_row(Task *t, const Rows *r, const Val *in, Span at)
{
    const Mem *m = r->p->mem;
    if (!m->stamp) return true;
    if (r->step == 1)
        return in ? interp_stamp_write(t, m, r->at + r->lo, r->hi - r->lo, in + r->lo, at)
                  : interp_stamp_read(t, m, r->at + r->lo, r->hi - r->lo, at);
    for (int64_t k = r->lo; k < r->hi; k++) {
        int64_t to = r->at + k * r->step;
        if (!(in ? interp_stamp_write(t, m, to, 1, in + k, at)
                 : interp_stamp_read(t, m, to, 1, at)))
            return false;
    }
    return true;
}

bool interp_fetch(Task *t, const Place *p, Val *out, uint8_t *bad, const Res *outside, Span at)
{
    bool any = outside && outside->bad;
    Rows r = rows_of(t, p);
    do {
        if (r.hi - r.lo < r.len) memset(out, 0, sizeof *out * (size_t)r.len);
        memset(bad, CLEAN, (size_t)r.len);
        if (!stamp_row(t, &r, NULL, at)) return false;
        any |= fetch_row(&r, out, bad);
        if (r.hi - r.lo < r.len) fetch_outside(&r, out, bad, outside);
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

static void put_row(const Rows *r, const Val *in, const uint8_t *bad)
{
    Mem *m = r->p->mem;
    size_t n = (size_t)(r->hi - r->lo);
    if (!is_dense(r)) {
        for (int64_t k = r->lo; k < r->hi; k++)
            interp_store_element(m, r->at + k * r->step, (Res){in[k], bad[k]});
        return;
    }
    if (m->raw)
        interp_store_run(m, r->at + r->lo, r->hi - r->lo, in + r->lo);
    else
        memcpy(m->v + r->at + r->lo, in + r->lo, n * sizeof *in);
    if (m->bad && n) memcpy(m->bad + r->at + r->lo, bad + r->lo, n);
}

/* out of range is skipped; poison may not go into a tensor that is passed in */
void interp_put(Task *t, const Place *p, const Val *in, const uint8_t *bad, Span at)
{
    Mem *m = p->mem;
    Rows r = rows_of(t, p);
    if (t->m->failed) return;
    t->m->changes++;
    do {
        for (int64_t k = r.lo; m->space == SP_GLOBAL && k < r.hi; k++)
            if (bad[k]) {
                poisoned(t, &r, k, bad[k], at);
                return;
            }
        if (!stamp_row(t, &r, in, at)) return;
        put_row(&r, in, bad);
        in += r.len;
        bad += r.len;
    } while (next_row(&r));
}

/* the elements in range, one by one: where they lie, and the number in the region */
void interp_each_element(Task *t, const Place *p, void (*visit)(void *, int64_t, int64_t),
                         void *user)
{
    Rows r = rows_of(t, p);
    int64_t number = 0;
    do {
        for (int64_t k = r.lo; k < r.hi && !t->m->failed; k++)
            visit(user, r.at + k * r.step, number + k);
        number += r.len;
    } while (next_row(&r));
}

/* ---- copy, fill ---- */

void interp_convert_all(Task *t, Span at, Val *v, uint8_t *bad, int64_t n, DType from, DType to)
{
    if (from == to) return;
    for (int64_t k = 0; k < n; k++) {
        Res r = interp_convert(v[k], from, to);
        v[k] = r.v;
        if (!bad[k]) bad[k] = (uint8_t)interp_arith(t, r.bad, at);
    }
}

/* source elements in the order of the destination; some stay while the destination moves on */
void interp_spread(const Tile *t, const Val *v, const uint8_t *bad, Val *out, uint8_t *out_bad)
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

/* T.tma_copy, T.async_copy: what it writes may not be touched before it has landed. The bytes that
 * a barrier counts are expected and arrive at once. */
typedef struct {
    const Mem *mem;
    int flight;
} Departure;

static void depart_element(void *user, int64_t at, int64_t number)
{
    const Departure *d = user;
    (void)number;
    interp_stamp_flight(d->mem, at, 1, d->flight);
}

static void depart(Task *t, const Ins *ins, const Place *dst)
{
    const Bar *bar = ins->tile->barrier ? interp_bar(t, ins->tile->barrier) : NULL;
    if (t->m->failed || !dst->mem->stamp || dst->mem->guarded) return;
    Departure d = {dst->mem, interp_landing(t, ins->stmt, t->lead, bar)};
    interp_each_element(t, dst, depart_element, &d);
}

static void copy(Task *t, const Ins *ins, const Place *src, const Place *dst)
{
    const Tile *x = ins->tile;
    Val *v = t->m->scratch[0];
    uint8_t *bad = t->m->scratch_bad[0];
    Res outside = {.bad = CLEAN};
    if (x->value) outside = interp_eval(t, x->value);
    interp_fetch(t, src, v, bad, x->value ? &outside : NULL, ins->stmt->span);
    interp_convert_all(t, ins->stmt->span, v, bad, x->arg[0].n, src->mem->type, dst->mem->type);
    if (!x->in_order) {
        interp_spread(x, v, bad, t->m->scratch[1], t->m->scratch_bad[1]);
        v = t->m->scratch[1];
        bad = t->m->scratch_bad[1];
    }
    interp_put(t, dst, v, bad, ins->stmt->span);
    if (x->barrier || ins->stmt->tile.async) depart(t, ins, dst);
}

static void fill(Task *t, const Ins *ins, const Place *dst)
{
    Res r = interp_eval(t, ins->tile->value);
    if (t->m->failed) return;
    int64_t n = ins->tile->arg[0].n;
    for (int64_t k = 0; k < n; k++) t->m->scratch[0][k] = r.v;
    memset(t->m->scratch_bad[0], (int)r.bad, (size_t)n);
    interp_put(t, dst, t->m->scratch[0], t->m->scratch_bad[0], ins->stmt->span);
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
    bool spoiled = interp_fetch(t, &p[0], v[0], bad[0], NULL, s->span);
    spoiled |= interp_fetch(t, &p[1], v[1], bad[1], NULL, s->span);
    if (s->tile.trans_a) transpose(v[0], bad[0], x->k, x->m, mc->acc);
    if (s->tile.trans_b) transpose(v[1], bad[1], x->n, x->k, mc->acc);
    int64_t count = x->m * x->n;
    if (s->tile.clear) {
        memset(v[2], 0, sizeof(Val) * (size_t)count);
        memset(bad[2], CLEAN, (size_t)count);
    } else {
        interp_fetch(t, &p[2], v[2], bad[2], NULL, s->span);
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
    interp_put(t, &p[2], v[2], bad[2], s->span);
    if (s->tile.start) interp_fly(t, ins, p);
}

/* ---- one operation ---- */

static void operate(Task *t, const Ins *ins)
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
    case TO_cumsum:
    case TO_cummax: interp_scan(t, ins, &p[0], &p[1]); break;
    case TO_atomic_add:
    case TO_atomic_max:
    case TO_atomic_min: interp_atomic_tile(t, ins, &p[0], &p[1]); break;
    default: interp_reduce(t, ins, &p[0], &p[1]); break;
    }
}

static bool agrees(Task *t, const X *x)
{
    if (!x || !x->varies) return true;
    Mark mark = interp_mark(t->m);
    Res *r = interp_push(t->m, t->n);
    interp_eval_lanes(t, x, interp_lanes(t), r);
    bool same = true;
    for (int k = 1; k < t->n && same; k++) same = !memcmp(&r[k], &r[0], sizeof *r);
    interp_pop(t->m, mark);
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
    if (!ins->tile->each || together(t, ins->tile)) {
        operate(t, ins);
        return;
    }
    int lead = t->lead;
    t->alone = true;
    for (int k = 0; k < t->n && !t->m->failed; k++) {
        t->lead = t->lane[k];
        operate(t, ins);
    }
    t->alone = false;
    t->lead = lead;
}
