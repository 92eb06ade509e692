/* T.: operations that are loops of simpler ones, written out here: no later stage knows them. */
#include "lang/dialect.h"
#include <string.h>

static Expr *number(Eval *ev, int64_t k)
{
    return expr_i32(ev->cx, k);
}

static Expr *load(Eval *ev, const Region *r, Expr *const *by, int from, Span at)
{
    Expr *idx[MAXDIM];
    for (int d = 0; d < r->buf->ndim; d++)
        idx[d] = d < from ? r->off[d] : build_op(ev, OP_add, r->off[d], by[d - from], at);
    return expr_load(ev->cx, r->buf, idx, at);
}

static Value store(Eval *ev, const Region *r, Expr *const *by, int from, Expr *e, Span at)
{
    Expr *place = load(ev, r, by, from, at);
    emit_store(ev, place->buf, place->idx, e, at);
    return NONE_VALUE;
}

/* the last two extents, after which the others must be 1 */
static void matrix(Eval *ev, Call *c, int slot, Region *r, int64_t ext[2])
{
    *r = to_region(ev, c->arg[slot], c->at[slot]);
    if (r->buf->ndim < 2)
        eval_fail(ev, E0204, c->at[slot], NULL, "'T.%s' needs a matrix, '%s' has one dimension",
                  c->fn->name, r->buf->name);
    for (int d = 0; d + 2 < r->buf->ndim; d++)
        if (r->ext[d] != 1)
            eval_fail(ev, E0213, c->at[slot], NULL, "'T.%s' needs a matrix, not %lld of them",
                      c->fn->name, (long long)r->ext[d]);
    ext[0] = r->ext[r->buf->ndim - 2];
    ext[1] = r->ext[r->buf->ndim - 1];
}

/* dst[j, i] = src[i, j] */
Value t_transpose(Eval *ev, Call *c)
{
    Region src, dst;
    int64_t have[2], want[2];
    matrix(ev, c, 0, &src, have);
    matrix(ev, c, 1, &dst, want);
    if (have[0] != want[1] || have[1] != want[0])
        eval_fail(ev, E0213, c->span, NULL, "the transpose of %lld x %lld is not %lld x %lld",
                  (long long)have[0], (long long)have[1], (long long)want[0], (long long)want[1]);
    Nest n;
    emit_nest(ev, &n, 2, want, c->span);
    Expr *from[2] = {n.index[1], n.index[0]};
    Expr *e = load(ev, &src, from, src.buf->ndim - 2, c->span);
    store(ev, &dst, n.index, dst.buf->ndim - 2, e, c->span);
    close_block(ev, n.block, n.saved);
    return NONE_VALUE;
}

/* The windows of an image (N, H, W, C) as rows: row m is the output pixel, column k the place in
   the window and the channel. What lies outside of the image reads 0, as any element outside of a
   tensor. */
Value t_im2col(Eval *ev, Call *c)
{
    Region img = to_region(ev, c->arg[0], c->at[0]), col;
    int64_t tile[2], k[4];
    static const char *const names[] = {"kernel", "stride", "dilation", "pad"};
    Span at = c->span;
    matrix(ev, c, 1, &col, tile);
    if (img.buf->ndim != 4)
        eval_fail(ev, E0204, c->at[0], NULL, "an image has 4 dimensions (N, H, W, C), '%s' has %d",
                  img.buf->name, img.buf->ndim);
    for (int i = 0; i < 4; i++) k[i] = (int64_t)to_int(ev, c->arg[4 + i], c->at[4 + i], names[i]);
    if (k[0] < 1 || k[1] < 1 || k[2] < 1)
        eval_fail(ev, E0205, c->span, NULL, "kernel, stride and dilation are 1 or more");
    Expr *size[2], *const *dim = img.buf->dim;
    for (int i = 0; i < 2; i++) { /* of the output */
        Expr *span =
            build_op(ev, OP_add, dim[1 + i], number(ev, 2 * k[3] - k[2] * (k[0] - 1) - 1), at);
        size[i] = build_op(ev, OP_add, build_op(ev, OP_floordiv, span, number(ev, k[1]), at),
                           number(ev, 1), at);
    }
    Nest n;
    Expr *row = to_expr(ev, c->arg[2], c->at[2]), *step = to_expr(ev, c->arg[3], c->at[3]);
    emit_nest(ev, &n, 2, tile, at);
    Expr *m =
        build_op(ev, OP_add, build_op(ev, OP_mul, row, number(ev, tile[0]), at), n.index[0], at);
    Expr *q =
        build_op(ev, OP_add, build_op(ev, OP_mul, step, number(ev, tile[1]), at), n.index[1], at);
    m = emit_let(ev, "m", value_expr(m), at).expr;
    q = emit_let(ev, "q", value_expr(q), at).expr;
    Expr *area = build_op(ev, OP_mul, size[0], size[1], at),
         *tap = build_op(ev, OP_floordiv, q, dim[3], at);
    Expr *in = build_op(ev, OP_floormod, m, area, at);
    Expr *out[2] = {build_op(ev, OP_floordiv, in, size[1], at),
                    build_op(ev, OP_floormod, in, size[1], at)};
    Expr *at_tap[2] = {build_op(ev, OP_floordiv, tap, number(ev, k[0]), at),
                       build_op(ev, OP_floormod, tap, number(ev, k[0]), at)};
    Expr *idx[4] = {build_op(ev, OP_floordiv, m, area, at), NULL, NULL,
                    build_op(ev, OP_floormod, q, dim[3], at)};
    for (int i = 0; i < 2; i++) {
        Expr *begin = build_op(ev, OP_mul, out[i], number(ev, k[1]), at);
        Expr *far = build_op(ev, OP_mul, at_tap[i], number(ev, k[2]), at);
        idx[1 + i] =
            build_op(ev, OP_sub, build_op(ev, OP_add, begin, far, at), number(ev, k[3]), at);
    }
    store(ev, &col, n.index, col.buf->ndim - 2, load(ev, &img, idx, 0, at), at);
    close_block(ev, n.block, n.saved);
    return NONE_VALUE;
}

/* ---- matrices of which half the elements are there ---- */

typedef struct {
    int kept, group;
} Sparse; /* so many elements of a group of so many */

static Sparse sparse_of(Eval *ev, DType t, Span at)
{
    int bits = dtype_info[t].bits;
    if (bits == 32) return (Sparse){1, 2};
    if (bits != 16 && bits != 8)
        eval_fail(ev, E0204, at, NULL, "there are no sparse matrices of %s", dtype_info[t].name);
    return (Sparse){2, 4};
}

Value t_sparse_groups(Eval *ev, Call *c)
{
    static const DType types[] = {DT_float32, DT_float16,       DT_bfloat16,   DT_int8,
                                  DT_uint8,   DT_float8_e4m3fn, DT_float8_e5m2};
    Value all = {.kind = VAL_DICT, .dict = NEW(&ev->cx->arena, Dict)};
    for (int i = 0; i < COUNT(types); i++) {
        Sparse s = sparse_of(ev, types[i], c->span);
        Value pair = value_seq(ev->cx, VAL_TUPLE, 2);
        pair.seq->at[0] = value_int(s.kept);
        pair.seq->at[1] = value_int(s.group);
        dict_set(ev->cx, all.dict, value_dtype(types[i]), pair);
    }
    return all;
}

Value t_sparse_factor(Eval *ev, Call *c)
{
    DType a = to_dtype(ev, c->arg[0], c->at[0]);
    if (c->arg[1].kind == VAL_NONE) return value_int(dtype_info[a].bits <= 8 ? 1 : 2);
    return value_int(dtype_info[to_dtype(ev, c->arg[1], c->at[1])].bits / 4 *
                     sparse_of(ev, a, c->at[0]).group);
}

/* Of every group of elements of A some are there, and E tells in 4 bits which: the full A is made,
   then it is an ordinary gemm. Groups: two of four, of 32 bits one of two. */
Value t_gemm_sp(Eval *ev, Call *c)
{
    Region a, e;
    int64_t as[2], es[2];
    Span at = c->span;
    matrix(ev, c, 0, &a, as);
    matrix(ev, c, 1, &e, es);
    bool ta = to_bool(ev, c->arg[4], c->at[4], "transpose_A"),
         te = to_bool(ev, c->arg[5], c->at[5], "transpose_E");
    bool wide = dtype_info[a.buf->type].bits == 32;
    Sparse of = sparse_of(ev, a.buf->type, c->at[0]);
    int kept = of.kept, group = of.group, bits = dtype_info[e.buf->type].bits;
    int64_t rows = as[ta], full = as[!ta] * 2, words = full / group * 4 / MAX(bits, 1);
    if (!dtype_is_int(e.buf->type) || bits < 4 || es[te] != rows || es[!te] != words)
        eval_fail(ev, E0213, c->at[1], NULL,
                  "the positions of %lld x %lld elements are %lld x %lld words of %d bits, not "
                  "%lld x %lld",
                  (long long)rows, (long long)full, (long long)rows, (long long)words, bits,
                  (long long)es[te], (long long)es[!te]);
    Expr *dim[2] = {number(ev, rows), number(ev, full)};
    Value dense = emit_alloc(ev, a.buf->space, a.buf->type, 2, dim, at);
    name_fresh(ev, &dense, "dense");
    Nest n;
    emit_nest(ev, &n, 2, (int64_t[]){rows, full}, at);
    Expr *i = n.index[0], *k = n.index[1], *g = build_op(ev, OP_floordiv, k, number(ev, group), at);
    Expr *word = build_op(ev, OP_floordiv, g, number(ev, bits / 4), at),
         *ei[2] = {te ? word : i, te ? i : word};
    Expr *shift = build_op(ev, OP_mul, build_op(ev, OP_floormod, g, number(ev, bits / 4), at),
                           number(ev, 4), at);
    Expr *meta = expr_cast(ev->cx, load(ev, &e, ei, e.buf->ndim - 2, at),
                           bits == 64 ? DT_int64 : DT_int32, at);
    Expr *four = build_op(ev, OP_shr, meta, shift, at),
         *mine = build_op(ev, OP_floormod, k, number(ev, group), at);
    Expr *value = expr_cast(ev->cx, number(ev, 0), a.buf->type, at);
    for (int s = kept - 1; s >= 0; s--) {
        Expr *pos =
            build_op(ev, OP_band, build_op(ev, OP_shr, four, number(ev, wide ? 1 : 2 * s), at),
                     number(ev, wide ? 1 : 3), at);
        Expr *j =
            build_op(ev, OP_add, build_op(ev, OP_mul, g, number(ev, kept), at), number(ev, s), at);
        Expr *ai[2] = {ta ? j : i, ta ? i : j};
        value = expr_op(ev->cx, OP_select, build_op(ev, OP_eq, pos, mine, at),
                        load(ev, &a, ai, a.buf->ndim - 2, at), value, at);
    }
    emit_store(ev, dense.buf, n.index, value, at);
    close_block(ev, n.block, n.saved);
    Call as_gemm = *c; /* A, B, C, transpose_A, transpose_B, policy, clear_accum */
    as_gemm.arg[0] = dense;
    as_gemm.arg[1] = c->arg[2];
    as_gemm.at[1] = c->at[2];
    as_gemm.arg[2] = c->arg[3];
    as_gemm.at[2] = c->at[3];
    as_gemm.arg[3] = value_bool(false);
    as_gemm.arg[4] = c->arg[6];
    as_gemm.at[4] = c->at[6];
    as_gemm.arg[6] = c->arg[8];
    as_gemm.at[6] = c->at[8];
    as_gemm.arg[8] = value_bool(false);
    as_gemm.arg[9] = NONE_VALUE;
    return t_gemm(ev, &as_gemm);
}

/* c += the sum of four products of bytes */
Value t_dp4a(Eval *ev, Call *c)
{
    Expr *p[3], *sum = NULL;
    for (int i = 0; i < 3; i++) {
        p[i] = to_place(ev, c->arg[i], c->at[i]);
        DType want = i < 2 ? DT_int8 : DT_int32;
        if (p[i]->type != want)
            eval_fail(ev, E0204, c->at[i], NULL, "T.dp4a takes elements of %s here, not %s",
                      dtype_info[want].name, dtype_info[p[i]->type].name);
    }
    sum = p[2];
    for (int k = 0; k < 4; k++) {
        Expr *x[2];
        for (int i = 0; i < 2; i++)
            x[i] = expr_cast(ev->cx, place_after(ev, p[i], number(ev, k)), DT_int32, c->span);
        sum = build_op(ev, OP_add, sum, build_op(ev, OP_mul, x[0], x[1], c->span), c->span);
    }
    emit_store(ev, p[2]->buf, p[2]->idx, sum, c->span);
    return NONE_VALUE;
}
