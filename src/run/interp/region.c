/* Regions of buffers: where they lie, whether they meet, and their elements as dense arrays of
   values. So one loop of a tile operation serves tiles, slots and tensors; and all that is read is
   read before anything is written. */
#include "run/interp/interp.h"
#include <string.h>

/* ---- where a region lies ---- */

static const int64_t FAR = 1ll << 60; /* beyond every tensor; sums with extents do not overflow */

bool interp_find_place(Task *t, const Ins *ins, const Box *x, char use, Place *p)
{
    Mem *m = p->mem = interp_mem(t, x->buf, use != 'r', x->span);
    if (!m) return false;
    p->inside = true;
    for (int d = 0; d < m->ndim; d++) {
        if (!interp_index(t, x->off[d], &p->off[d], "the offset of a region")) return false;
        p->off[d] = MAX(MIN(p->off[d], FAR), -FAR);
        p->ext[d] = x->ext[d];
        p->inside &= p->off[d] >= 0 && p->off[d] <= m->dim[d] - x->ext[d];
    }
    if (!p->inside && !m->guarded) {
        char off[160], ext[160], dim[160];
        interp_fail(t, x->span, E0611, NULL,
                    "the region of '%s' at [%s] with extents (%s) is outside of its shape (%s)",
                    t->m->code->use[x->buf].buf->name, interp_list(off, sizeof off, p->off, m->ndim),
                    interp_list(ext, sizeof ext, p->ext, m->ndim),
                    interp_list(dim, sizeof dim, m->dim, m->ndim));
        return false;
    }
    bool chain = use == 'u' && ins->tile->op == TO_gemm && ins->stmt->tile.start;
    return !m->busy || interp_flight_free(t, p, use != 'r', chain, x->span);
}

bool interp_disjoint(const Place *a, const Place *b)
{
    for (int d = 0; a->mem == b->mem && d < a->mem->ndim; d++)
        if (a->off[d] + a->ext[d] <= b->off[d] || b->off[d] + b->ext[d] <= a->off[d]) return true;
    return a->mem != b->mem;
}

bool interp_same_place(const Place *a, const Place *b)
{
    return a->mem == b->mem && !memcmp(a->off, b->off, sizeof a->off) &&
           !memcmp(a->ext, b->ext, sizeof a->ext);
}

/* ---- row by row ---- */

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

Rows interp_rows(const Task *t, const Place *p)
{
    const Mem *m = p->mem;
    int n = m->ndim;
    Rows r = {.p = p, .n = n, .len = n ? p->ext[n - 1] : 1, .step = n ? m->stride[n - 1] : 1};
    r.base = m->per * t->lead;
    row_here(&r);
    return r;
}

bool interp_next_row(Rows *r)
{
    r->done += r->len;
    for (int d = r->n - 2; d >= 0; d--) {
        if (++r->i[d] < r->p->ext[d]) {
            row_here(r);
            return true;
        }
        r->i[d] = 0;
    }
    return false;
}

static bool stamp_row(Task *t, const Rows *r, const Val *in, Span at)
{
    const Mem *m = r->p->mem;
    int64_t n = r->step == 1 ? r->hi - r->lo : 1; /* elements that lie one after another */
    for (int64_t k = r->lo; m->stamp && n && k < r->hi; k += n) {
        int64_t to = r->at + k * r->step;
        if (!(in ? interp_stamp_write(t, m, to, n, in + k, at)
                 : interp_stamp_read(t, m, to, n, at)))
            return false;
    }
    return true;
}

/* ---- dense arrays ---- */

/* its elements lie one after another, with a mark of poison each */
static bool is_dense(const Rows *r)
{
    return r->step == 1 && !r->p->mem->fine;
}

/* the part of a row that is in range */
static void fetch_row(const Rows *r, Val *out, uint8_t *bad)
{
    const Mem *m = r->p->mem;
    size_t n = (size_t)(r->hi - r->lo);
    if (!is_dense(r)) {
        for (int64_t k = r->lo; k < r->hi; k++) {
            Res x = interp_load_element(m, r->at + k * r->step);
            out[k] = x.v;
            bad[k] = (uint8_t)x.bad;
        }
        return;
    }
    if (m->raw)
        interp_load_run(m, r->at + r->lo, r->hi - r->lo, out + r->lo);
    else
        memcpy(out + r->lo, m->v + r->at + r->lo, n * sizeof *out);
    if (m->bad)
        memcpy(bad + r->lo, m->bad + r->at + r->lo, n);
    else
        memset(bad + r->lo, CLEAN, n);
}

void interp_fetch(Task *t, const Place *p, Dense out, Res outside, Span at)
{
    Rows r = interp_rows(t, p);
    do {
        Val *v = out.v + r.done;
        uint8_t *bad = out.bad + r.done;
        for (int64_t k = 0; r.hi - r.lo < r.len && k < r.len; k++) {
            v[k] = outside.v;
            bad[k] = (uint8_t)outside.bad;
        }
        if (!stamp_row(t, &r, NULL, at)) return;
        fetch_row(&r, v, bad);
    } while (interp_next_row(&r));
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

void interp_put(Task *t, const Place *p, Dense in, Span at)
{
    Rows r = interp_rows(t, p);
    if (t->m->failed) return;
    t->m->changes++;
    do {
        const Val *v = in.v + r.done;
        const uint8_t *bad = in.bad + r.done;
        for (int64_t k = r.lo; p->mem->space == SP_GLOBAL && k < r.hi; k++)
            if (bad[k]) {
                poisoned(t, &r, k, bad[k], at);
                return;
            }
        if (!stamp_row(t, &r, v, at)) return;
        put_row(&r, v, bad);
    } while (interp_next_row(&r));
}
