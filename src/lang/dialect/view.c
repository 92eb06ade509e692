/* T.: other shapes of the same memory, pointers to elements, tensors at an address. */
#include "lang/dialect.h"
#include <string.h>

/* ---- places ---- */

bool is_region(const Value *v)
{
    return (v->kind == VAL_BUF && v->buf->ndim && v->buf->space != SP_BARRIER) ||
           (v->kind == VAL_REF && v->ref->slices) || v->kind == VAL_SLOT;
}

bool is_place(const Value *v)
{
    return (v->kind == VAL_BUF && !v->buf->ndim) || (v->kind == VAL_REF && !v->ref->slices) ||
           v->kind == VAL_POINTER;
}

Value pointer_to(Eval *ev, Value v, Span at)
{
    Ref *r = NEW(&ev->cx->arena, Ref);
    if (v.kind == VAL_POINTER) return v;
    if (v.kind == VAL_SLOT && ev->block) {
        name_fresh(ev, &v, "slot");
        v = slot_tile(v);
    }
    if (v.kind == VAL_BUF) {
        r->buf = v.buf;
        for (int d = 0; d < v.buf->ndim; d++) r->lo[d] = expr_i32(ev->cx, 0);
    } else if (v.kind == VAL_REF) {
        r->buf = v.ref->buf;
        Expr **idx = element_index(ev, v.ref, at);
        for (int d = 0; d < r->buf->ndim; d++) r->lo[d] = idx[d];
    } else if (v.kind == VAL_EXPR && v.expr->kind == E_LOAD) {
        r->buf = v.expr->buf;
        for (int d = 0; d < r->buf->ndim; d++) r->lo[d] = v.expr->idx[d];
    } else {
        eval_fail(ev, E0204, at, NULL, "an element of a buffer is needed here, not %s",
                  value_name[v.kind]);
    }
    return (Value){.kind = VAL_POINTER, .ref = r};
}

Expr *to_place(Eval *ev, Value v, Span at)
{
    v = pointer_to(ev, v, at);
    return expr_load(ev->cx, v.ref->buf, v.ref->lo, at);
}

Expr *place_after(Eval *ev, Expr *place, Expr *by)
{
    int64_t k;
    const Buf *b = place->buf;
    Expr *idx[MAXDIM];
    if (!b->ndim || (expr_const(by, &k) && !k)) return place;
    for (int d = 0; d < b->ndim; d++) idx[d] = place->idx[d];
    idx[b->ndim - 1] = build_op(ev, OP_add, idx[b->ndim - 1], by, place->span);
    return expr_load(ev->cx, place->buf, idx, place->span);
}

/* T.access_ptr(place, "r", extents..., offset), T.address_of(place), T.tvm_access_ptr(type, place,
   offset, ...): op is the slot of the place, with 10 times that of the offset */
Value t_pointer(Eval *ev, Call *c)
{
    int at = c->fn->op % 10, by = c->fn->op / 10;
    Expr *place = to_place(ev, c->arg[at], c->at[at]);
    if (by && c->arg[by].kind != VAL_NONE)
        place = place_after(ev, place, to_expr(ev, c->arg[by], c->at[by]));
    return pointer_to(ev, value_expr(place), c->span);
}

/* ---- views ---- */

/* declared here, or at the start of each launch when there is none yet */
static Value declare(Eval *ev, Buf *b, Span at)
{
    if (ev->launch) {
        emit(ev, S_ALLOC, at)->alloc = b;
        return value_buf(b);
    }
    Dialect *d = dialect(ev);
    if (d->npending == COUNT(d->pending))
        eval_fail(ev, E0206, at, NULL, "more than %d views outside of T.Kernel", COUNT(d->pending));
    d->pending[d->npending++] = b;
    return value_buf(b);
}

static Buf *buffer_arg(Eval *ev, Call *c, int slot)
{
    Value v = c->arg[slot];
    if (v.kind == VAL_SLOT) v = slot_tile(v);
    if (v.kind == VAL_REF && v.ref->slices) { /* all of it, written with colons */
        bool whole = true;
        for (int d = 0; d < v.ref->buf->ndim; d++) {
            int64_t lo;
            whole &= v.ref->hi[d] && expr_const(v.ref->lo[d], &lo) && !lo &&
                     expr_same(v.ref->hi[d], v.ref->buf->dim[d]);
        }
        if (whole) return v.ref->buf;
    }
    if (v.kind == VAL_POINTER) return v.ref->buf;
    if (v.kind != VAL_BUF || v.buf->space == SP_BARRIER)
        eval_fail(ev, E0204, c->at[slot], NULL, "'T.%s' needs a whole buffer, not %s", c->fn->name,
                  value_name[v.kind]);
    return v.buf;
}

static Value view(Eval *ev, Call *c, Buf *of, int n, Expr *const *dim, DType t)
{
    Buf *b = buf_new(ev->cx, "", t, of->space, n, dim, c->span);
    int64_t had = buf_elems(of), have = buf_elems(b);
    b->of = of;
    if (had >= 0 && have >= 0 && have * dtype_info[t].bits != had * dtype_info[of->type].bits)
        eval_fail(
            ev, E0213, c->span, NULL,
            "'%s' has %lld elements of %d bits; %lld elements of %d bits are not the same memory",
            of->name, (long long)had, dtype_info[of->type].bits, (long long)have,
            dtype_info[t].bits);
    return declare(ev, b, c->span);
}

/* T.view(buffer, shape, dtype), T.reshape(buffer, shape); without a shape the last axis changes */
Value t_view(Eval *ev, Call *c)
{
    Buf *of = buffer_arg(ev, c, 0);
    Expr *dim[MAXDIM];
    bool typed = c->n > 2 && c->arg[2].kind != VAL_NONE;
    DType t = typed ? to_dtype(ev, c->arg[2], c->at[2]) : of->type;
    int n = of->ndim, from = dtype_info[of->type].bits, to = dtype_info[t].bits;
    if (c->arg[1].kind != VAL_NONE) {
        n = shape_arg(ev, c->arg[1], c->at[1], SHAPE_TENSOR, dim);
        return view(ev, c, of, n, dim, t);
    }
    for (int d = 0; d < n; d++) dim[d] = of->dim[d];
    if (n && from > to)
        dim[n - 1] = build_op(ev, OP_mul, dim[n - 1], expr_i32(ev->cx, from / to), c->span);
    else if (n && from < to)
        dim[n - 1] = build_op(ev, OP_floordiv, dim[n - 1], expr_i32(ev->cx, to / from), c->span);
    return view(ev, c, of, n, dim, t);
}

/* ---- tensors at an address ---- */

/* T.make_tensor(pointer, shape, dtype, strides); a dump writes the strides before the type */
Value t_make_tensor(Eval *ev, Call *c)
{
    Expr *dim[MAXDIM];
    Value type = c->arg[2], strides = c->arg[3];
    if (type.kind == VAL_TUPLE || type.kind == VAL_LIST) {
        type = c->arg[3];
        strides = c->arg[2];
    }
    int n = shape_arg(ev, c->arg[1], c->at[1], SHAPE_TENSOR, dim);
    DType t = to_dtype(ev, type, c->at[2]);
    if (c->arg[0].kind == VAL_POINTER || c->arg[0].kind == VAL_BUF) {
        Value p = pointer_to(ev, c->arg[0], c->at[0]);
        for (int d = 0; d < p.ref->buf->ndim; d++) {
            int64_t lo;
            if (!expr_const(p.ref->lo[d], &lo) || lo)
                eval_fail(ev, E0901, c->at[0], NULL, "a tensor that begins inside of another");
        }
        if (strides.kind != VAL_NONE)
            eval_fail(ev, E0901, c->at[3], NULL, "strides of a tensor over another");
        return view(ev, c, p.ref->buf, n, dim, t);
    }
    Buf *b = buf_new(ev->cx, "", t, SP_GLOBAL, n, dim, c->span);
    b->pointer = expr_cast(ev->cx, to_expr(ev, c->arg[0], c->at[0]), DT_handle, c->at[0]);
    if (strides.kind != VAL_NONE) {
        int have = shape_arg(ev, strides, c->at[3], SHAPE_STRIDES, b->stride);
        if (have != n)
            eval_fail(ev, E0203, c->at[3], NULL, "%d strides for %d dimensions", have, n);
    }
    return declare(ev, b, c->span);
}
