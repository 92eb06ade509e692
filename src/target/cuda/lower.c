/* Copies, fills and gemms without an instruction of their own, as nests of element stores: what
   remains to be said of them is then said once, for all nests. Every tile statement is lowered
   once; the nests are ours, the schedule stays as it is. */
#include <string.h>
#include "target/cuda/emit.h"

static Stmt *parallel(Emit *e, const Stmt *s, int n, const int64_t *ext, Var **var)
{
    static const char *const names[] = {"i", "j", "k", "l", "m", "n", "o", "p"};
    Stmt *outer = NULL, *loop = NULL;
    for (int d = 0; d < n || !loop;
         d++) { /* MAXPAR variables a loop; a copy may have more: loops in loops */
        if (d % MAXPAR == 0) {
            Stmt *next = stmt_new(e->cx, S_LOOP, s->span);
            next->loop.how = LOOP_PARALLEL;
            next->loop.lo = expr_i32(e->cx, 0);
            next->loop.step = 1;
            if (loop)
                loop->loop.body = next;
            else
                outer = next;
            loop = next;
        }
        var[d] = var_new(e->cx, n ? names[d] : "i", DT_int32, V_LOOP, s->span);
        loop->loop.var[d % MAXPAR] = var[d];
        loop->loop.hi[d % MAXPAR] = expr_i32(e->cx, n ? ext[d] : 1);
        loop->loop.n = d % MAXPAR + 1;
    }
    return outer;
}

static Stmt *innermost(Stmt *loop)
{
    while (loop->loop.body) loop = loop->loop.body;
    return loop;
}

static Stmt *store(Emit *e, const Stmt *s, Buf *b, Expr *const *idx, Expr *value)
{
    Stmt *st = stmt_new(e->cx, S_STORE, s->span);
    st->store.buf = b;
    st->store.idx = NEWN(&e->cx->arena, Expr *, b->ndim + 1);
    if (b->ndim) memcpy(st->store.idx, idx, sizeof *idx * (size_t)b->ndim);
    st->store.value = expr_cast(e->cx, value, b->type, s->span);
    return st;
}

/* the index of a region's element: its offset, and the loop variable of each dimension that moves
 */
static void region_index(Emit *e, const Region *r, int n, const int *dim, Var *const *var,
                         Expr **idx)
{
    for (int d = 0; d < r->buf->ndim; d++) idx[d] = r->off[d];
    for (int k = 0; k < n; k++)
        if (dim[k] >= 0)
            idx[dim[k]] = expr_add(e->cx, idx[dim[k]], expr_var(e->cx, var[k], r->span));
}

Stmt *cuda_lower_copy(Emit *e, const Stmt *s)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    CopyShape c;
    Var *var[MAXDIM];
    Expr *from[MAXDIM] = {0}, *to[MAXDIM] = {0};
    if (!copy_shape(src, dst, &c))
        fail(e->cx, E0902, s->span, NULL, "a copy whose extents do not fit reached the target");
    Stmt *nest = parallel(e, s, c.n, c.ext, var);
    region_index(e, src, c.n, c.src, var, from);
    region_index(e, dst, c.n, c.dst, var, to);
    innermost(nest)->loop.body =
        store(e, s, dst->buf, to, expr_load(e->cx, src->buf, from, s->span));
    return nest;
}

Stmt *cuda_lower_fill(Emit *e, const Stmt *s)
{
    const Region *dst = &s->tile.arg[0];
    Var *var[MAXDIM];
    Expr *to[MAXDIM] = {0};
    int64_t ext[MAXDIM];
    int dim[MAXDIM], n = 0;
    for (int d = 0; d < dst->buf->ndim; d++)
        if (dst->ext[d] != 1) {
            dim[n] = d;
            ext[n++] = dst->ext[d];
        }
    Stmt *nest = parallel(e, s, n, ext, var);
    region_index(e, dst, n, dim, var, to);
    innermost(nest)->loop.body = store(e, s, dst->buf, to, s->tile.value);
    return nest;
}

/* the two dimensions of a gemm operand: the last two; those before have extent 1 */
static Expr *operand(Emit *e, const Region *r, Expr *row, Expr *col)
{
    Expr *idx[MAXDIM];
    int n = r->buf->ndim;
    for (int d = 0; d < n; d++) idx[d] = r->off[d];
    idx[n - 2] = expr_add(e->cx, idx[n - 2], row);
    idx[n - 1] = expr_add(e->cx, idx[n - 1], col);
    return expr_load(e->cx, r->buf, idx, r->span);
}

/* for i, j in T.Parallel(M, N): sum = C[i, j] or 0; for k in T.serial(K): sum = sum + A[i, k] *
 * B[k, j]; C[i, j] = sum */
Stmt *cuda_lower_gemm(Emit *e, const Stmt *s)
{
    Cx *cx = e->cx;
    const Region *a = &s->tile.arg[0], *b = &s->tile.arg[1], *c = &s->tile.arg[2];
    int na = a->buf->ndim, nc = c->buf->ndim;
    int64_t ext[2] = {c->ext[nc - 2], c->ext[nc - 1]},
            depth = s->tile.trans_a ? a->ext[na - 2] : a->ext[na - 1];
    Var *var[MAXDIM], *k = var_new(cx, "k", DT_int32, V_LOOP, s->span);
    Stmt *nest = parallel(e, s, 2, ext, var);
    Expr *i = expr_var(cx, var[0], s->span), *j = expr_var(cx, var[1], s->span),
         *kk = expr_var(cx, k, s->span);
    Expr *old = operand(e, c, i, j);
    DType t =
        dtype_is_float(c->buf->type) && dtype_bytes(c->buf->type) < 4 ? DT_float32 : c->buf->type;
    Buf *sum = buf_new(cx, "sum", t, SP_LOCAL, 0, NULL, s->span);
    cuda_plan_add(e, sum);
    Expr *sum_now = expr_load(cx, sum, NULL, s->span);

    Stmt *alloc = stmt_new(cx, S_ALLOC, s->span), *loop = stmt_new(cx, S_LOOP, s->span);
    alloc->alloc = sum;
    Expr *zero = dtype_is_float(t) ? expr_float(cx, 0, t, s->span) : expr_int(cx, 0, t, s->span);
    Expr *x = s->tile.trans_a ? operand(e, a, kk, i) : operand(e, a, i, kk);
    Expr *y = s->tile.trans_b ? operand(e, b, j, kk) : operand(e, b, kk, j);
    Expr *product = expr_op(cx, OP_mul, expr_cast(cx, x, t, s->span), expr_cast(cx, y, t, s->span),
                            NULL, s->span);
    loop->loop.how = LOOP_SERIAL;
    loop->loop.n = 1;
    loop->loop.var[0] = k;
    loop->loop.lo = expr_i32(cx, 0);
    loop->loop.hi[0] = expr_i32(cx, depth);
    loop->loop.step = 1;
    loop->loop.body = store(e, s, sum, NULL, expr_op(cx, OP_add, sum_now, product, NULL, s->span));
    Tail tail = &nest->loop.body;
    stmt_add(&tail, alloc);
    stmt_add(&tail, store(e, s, sum, NULL, s->tile.clear ? zero : expr_cast(cx, old, t, s->span)));
    stmt_add(&tail, loop);
    stmt_add(&tail, store(e, s, c->buf, old->idx, sum_now));
    return nest;
}

Stmt *cuda_lower_tile(Emit *e, const Stmt *s)
{
    for (int i = 0; i < e->nlowered; i++)
        if (e->lowered[i].from == s) return e->lowered[i].to;
    Stmt *to = s->tile.op == TO_copy   ? cuda_lower_copy(e, s)
               : s->tile.op == TO_fill ? cuda_lower_fill(e, s)
                                       : cuda_lower_gemm(e, s);
    if ((e->nlowered & (e->nlowered + 1)) == 0) { /* full at 0, 1, 3, 7 ...: double */
        void *more = arena_alloc(&e->cx->arena, sizeof *e->lowered * (size_t)(2 * e->nlowered + 1));
        if (e->nlowered) memcpy(more, e->lowered, sizeof *e->lowered * (size_t)e->nlowered);
        e->lowered = more;
    }
    e->lowered[e->nlowered].from = s;
    e->lowered[e->nlowered++].to = to;
    return to;
}

/* acc = T.alloc_fragment(...); T.copy(C, acc); T.gemm(A, B, acc); T.copy(acc, C) */
Stmt *cuda_lower_accumulator(Emit *e, const Stmt *s, Buf **acc)
{
    const Region *c = &s->tile.arg[2];
    int n = c->buf->ndim;
    Expr *dim[2] = {expr_i32(e->cx, c->ext[n - 2]), expr_i32(e->cx, c->ext[n - 1])};
    *acc = buf_new(e->cx, "acc", c->buf->type, SP_FRAG, 2, dim, s->span);
    Region whole = region_whole(e->cx, *acc, s->span);
    Stmt *list = NULL, *alloc = stmt_new(e->cx, S_ALLOC, s->span),
         *in = stmt_new(e->cx, S_TILE, s->span), *out = stmt_new(e->cx, S_TILE, s->span);
    Stmt *gemm = NEW(&e->cx->arena, Stmt);
    Tail tail = &list;
    alloc->alloc = *acc;
    in->tile.op = out->tile.op = TO_copy;
    in->tile.arg[0] = out->tile.arg[1] = *c;
    in->tile.arg[1] = out->tile.arg[0] = whole;
    *gemm = *s;
    gemm->next = NULL;
    gemm->tile.arg[2] = whole;
    gemm->tile.start = false;
    stmt_add(&tail, alloc);
    if (!s->tile.clear) stmt_add(&tail, in);
    stmt_add(&tail, gemm);
    stmt_add(&tail, out);
    return list;
}

Stmt *cuda_gemm_in_registers(Emit *e, const Stmt *s)
{
    for (int i = 0; i < e->nwrapped; i++)
        if (e->wrapped[i].from == s) return e->wrapped[i].to;
    return NULL;
}
