/* Element nests over memory: which box of a tensor an access covers while the nest runs, and nests
 * that are copies in disguise. */
#include "sched/inside.h"
#include <string.h>

/* ---- domains -------------------------------------------------------------------------------- */

bool domain_add(Domain *d, const Stmt *loop)
{
    for (int k = 0; k < loop->loop.n; k++) {
        int64_t lo = 0, hi;
        if (d->n == MAXDOMAIN || !expr_const(loop->loop.hi[k], &hi)) return false;
        if (loop->loop.how != LOOP_PARALLEL &&
            (!expr_const(loop->loop.lo, &lo) || loop->loop.step != 1))
            return false;
        if (hi <= lo || hi - lo > INT32_MAX) return false;
        d->var[d->n] = loop->loop.var[k];
        d->lo[d->n] = lo;
        d->ext[d->n++] = hi - lo;
    }
    return true;
}

/* ---- boxes ---------------------------------------------------------------------------------- */

/* one index: its lowest value as an expression, how many values it may take, whether it takes each
 * of them */
static bool box_dim(Cx *cx, const Domain *d, Expr *idx, int64_t coef[MAXDOMAIN], Expr **off,
                    int64_t *ext, bool *dense)
{
    if (!expr_affine(cx, idx, d->var, d->n, coef, off)) return false;
    int64_t low = 0, span = 0, reach = 0;
    for (int k = 0; k < d->n; k++) {
        int64_t c = coef[k], far = d->ext[k] - 1, first;
        if (c > INT32_MAX || c < INT32_MIN ||
            __builtin_mul_overflow(c, c < 0 ? d->lo[k] + far : d->lo[k], &first))
            return false;
        if (__builtin_add_overflow(low, first, &low) ||
            __builtin_add_overflow(span, (c < 0 ? -c : c) * far, &span))
            return false;
    }
    /* steps in rising order: each may be at most one more than what the smaller ones reach */
    *dense = true;
    for (int64_t done = 0; *dense;) {
        int64_t next = INT64_MAX, far = 0;
        for (int k = 0; k < d->n; k++) {
            int64_t c = coef[k] < 0 ? -coef[k] : coef[k];
            if (d->ext[k] > 1 && c > done && c < next) next = c;
        }
        if (next == INT64_MAX) break;
        for (int k = 0; k < d->n; k++)
            if (d->ext[k] > 1 && (coef[k] == next || coef[k] == -next))
                far += (d->ext[k] - 1) * next;
        *dense = next <= reach + 1;
        reach += far;
        done = next;
    }
    *ext = span + 1;
    if (low) *off = expr_add(cx, *off, expr_i32(cx, low));
    return span < INT32_MAX;
}

bool nest_box(Cx *cx, const Domain *d, Buf *b, Expr *const *idx, Box *out)
{
    memset(out, 0, sizeof *out);
    out->region.buf = b;
    out->dense = true;
    out->elems = 1;
    bool used[MAXDOMAIN] = {0};
    for (int k = 0; k < b->ndim; k++) {
        int64_t *coef = out->coef[k];
        bool dense;
        if (!box_dim(cx, d, idx[k], coef, &out->region.off[k], &out->region.ext[k], &dense))
            return false;
        out->dense &= dense;
        for (int v = 0; v < d->n; v++)
            if (coef[v] && d->ext[v] > 1) {
                out->dense &= !used[v]; /* a variable in two dimensions walks a diagonal */
                used[v] = true;
            }
        if (__builtin_mul_overflow(out->elems, out->region.ext[k], &out->elems)) return false;
    }
    return true;
}

/* the shape of a tile for the box: its dimensions of more than one element, at least one */
int box_shape(const Box *box, int64_t *ext)
{
    int n = 0;
    for (int k = 0; k < box->region.buf->ndim; k++)
        if (box->region.ext[k] > 1) ext[n++] = box->region.ext[k];
    if (!n) ext[n++] = 1;
    return n;
}

/* the indices in a tile of box_shape of what idx addresses in the tensor */
void box_index(Cx *cx, const Domain *d, const Box *box, Expr **out)
{
    int n = 0;
    for (int k = 0; k < box->region.buf->ndim; k++) {
        if (box->region.ext[k] <= 1) continue;
        Expr *sum = NULL;
        int64_t low = 0;
        for (int v = 0; v < d->n; v++) {
            int64_t c = box->coef[k][v];
            if (!c) continue;
            low += c * (c < 0 ? d->lo[v] + d->ext[v] - 1 : d->lo[v]);
            Expr *x = expr_var(cx, d->var[v], (Span){0});
            x = c == 1 ? x : expr_mul(cx, x, expr_i32(cx, c));
            sum = sum ? expr_add(cx, sum, x) : x;
        }
        out[n++] = low ? expr_add(cx, sum, expr_i32(cx, -low)) : sum;
    }
    if (!n) out[0] = expr_i32(cx, 0);
}

/* ---- nests that are copies ------------------------------------------------------------------ */

/* the k-th dimension of more than one element, from place *at on; -1: none is left */
static int next_thick(const Region *r, int *at)
{
    while (*at < r->buf->ndim && r->ext[*at] == 1) ++*at;
    return *at < r->buf->ndim ? (*at)++ : -1;
}

/* both boxes are walked by the same variables in the same order, by steps of one */
static bool same_walk(const Domain *d, const Box *a, const Box *b)
{
    for (int i = 0, j = 0;;) {
        int p = next_thick(&a->region, &i), q = next_thick(&b->region, &j);
        if (p < 0 || q < 0) return p == q;
        for (int v = 0; v < d->n; v++) {
            int64_t ca = d->ext[v] > 1 ? a->coef[p][v] : 0, cb = d->ext[v] > 1 ? b->coef[q][v] : 0;
            if (ca != cb || (ca != 0 && ca != 1)) return false;
        }
        if (a->region.ext[p] != b->region.ext[q]) return false;
    }
}

/* every variable of more than one iteration moves the box: each element is visited once */
static bool one_visit(const Domain *d, const Box *b)
{
    for (int v = 0; v < d->n; v++) {
        int dims = 0;
        for (int k = 0; k < b->region.buf->ndim; k++) dims += b->coef[k][v] != 0;
        if (d->ext[v] > 1 && dims != 1) return false;
    }
    for (int k = 0; k < b->region.buf->ndim; k++) {
        int vars = 0;
        for (int v = 0; v < d->n; v++) vars += d->ext[v] > 1 && b->coef[k][v] != 0;
        if (vars > 1) return false;
    }
    return true;
}

/* `for i, j in T.Parallel: X[..i.., ..j..] = Y[..i.., ..j..]` as T.copy; NULL when it is something
 * else */
Stmt *nest_as_copy(Cx *cx, const Stmt *nest)
{
    const Stmt *s = nest->loop.body;
    if (!s || s->kind != S_STORE || s->next) return NULL;
    Expr *value = s->store.value;
    if (value->kind == E_CAST && value->type == s->store.buf->type) value = value->arg[0];
    Domain d = {0};
    Box src, dst;
    for (int k = 0; k < s->store.buf->ndim; k++)
        if (expr_loads(s->store.idx[k], s->store.buf)) return NULL;
    if (value->kind != E_LOAD || expr_loads(value, s->store.buf) ||
        s->store.buf->space == SP_LOCAL || value->buf->space == SP_LOCAL)
        return NULL;
    if (!domain_add(&d, nest) || !nest_box(cx, &d, value->buf, value->idx, &src) ||
        !nest_box(cx, &d, s->store.buf, s->store.idx, &dst))
        return NULL;
    CopyShape shape;
    src.region.span = value->span;
    dst.region.span = s->span;
    if (!one_visit(&d, &dst) || !same_walk(&d, &src, &dst) ||
        !copy_shape(&src.region, &dst.region, &shape))
        return NULL;
    return stmt_tile_op(cx, TO_copy, &src.region, &dst.region, nest->span);
}
