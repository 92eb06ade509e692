/* Subscripts of buffers: elements and regions, and how the extents of a copy's two sides pair. */
#include "lang/dialect.h"
#include <string.h>

/* ---- buffers ---- */

static Expr *as_index(Eval *ev, Value v, Span at)
{
    return to_whole(ev, v, at, "an index", "convert it with T.cast(x, \"int32\")");
}

/* an index of an axis that is longer than 32 bits count is computed in 64 */
static Expr *as_wide(Eval *ev, Expr *e)
{
    bool sum = e->kind == E_OP && dtype_is_int(e->type) && op_info[e->op].nargs == 2 &&
               (op_info[e->op].rule == RULE_arith || op_info[e->op].rule == RULE_ints);
    if (e->type == DT_int64) return e;
    return sum ? build_op(ev, e->op, as_wide(ev, e->arg[0]), as_wide(ev, e->arg[1]), e->span)
               : expr_cast(ev->cx, e, DT_int64, e->span);
}

/* an expression without these is not worth asking about */
static bool may_be_negative(const Expr *e)
{
    if (e->kind == E_INT) return e->i < 0;
    if (e->kind != E_OP) return false;
    if (e->op == OP_sub || e->op == OP_neg) return true;
    for (int i = 0; i < op_info[e->op].nargs; i++)
        if (may_be_negative(e->arg[i])) return true;
    return false;
}

static const Scope *scope_of(Eval *ev)
{
    Scope *inner = NULL, **tail = &inner;
    for (const Block *b = ev->block; b; b = b->outer) {
        if (!b->stmt) continue;
        *tail = NEW(&ev->cx->arena, Scope);
        (*tail)->stmt = b->stmt;
        (*tail)->launch = b->launch;
        tail = (Scope **)&(*tail)->outer;
    }
    return inner;
}

/* a bound that is a negative number counts from the end. In a dump every index stands as it is */
static Expr *wrap(Eval *ev, Expr *e, Expr *dim, Span at)
{
    int64_t k;
    bool from_end = !ev->dump && expr_const(e, &k) && k < 0;
    return from_end ? expr_op(ev->cx, OP_add, dim, e, NULL, at) : e;
}

/* The indices of one element: those that are proved negative count from the end. Not so the origin
   of a region: a window that reaches beyond the start reads 0 there, also in the first block. */
Expr **element_index(Eval *ev, const Ref *r, Span at)
{
    Expr **idx = NEWN(&ev->cx->arena, Expr *, r->buf->ndim);
    for (int d = 0; d < r->buf->ndim; d++) {
        idx[d] = r->lo[d];
        if (ev->dump || !may_be_negative(idx[d])) continue;
        Range range = expr_range(idx[d], scope_of(ev));
        if (range.known && range.hi < 0)
            idx[d] = expr_op(ev->cx, OP_add, r->buf->dim[d], idx[d], NULL, at);
    }
    return idx;
}

/* dimension d of the buffer gets [lo, hi) of what it had, or the element lo */
static void narrow(Eval *ev, Ref *r, int d, const Value *item, Span at)
{
    int64_t long_axis;
    bool wide = !ev->dump && expr_const(r->buf->dim[d], &long_axis) && long_axis > INT32_MAX;
    Expr *base = r->lo[d], *size = expr_op(ev->cx, OP_sub, r->hi[d], base, NULL, at), *lo,
         *hi = NULL;
    if (item->kind == VAL_SLICE) {
        const Value *part = item->seq->at;
        if (part[2].kind != VAL_NONE && to_int(ev, part[2], at, "a step") != 1)
            eval_fail(ev, E0213, at, NULL, "a region of a buffer has no step");
        if (part[0].kind == VAL_NONE && part[1].kind == VAL_NONE) return;
        lo = part[0].kind == VAL_NONE ? expr_i32(ev->cx, 0)
                                      : wrap(ev, as_index(ev, part[0], at), size, at);
        hi = part[1].kind == VAL_NONE ? size : wrap(ev, as_index(ev, part[1], at), size, at);
        r->hi[d] = expr_op(ev->cx, OP_add, base, hi, NULL, at);
    } else {
        lo = wrap(ev, as_index(ev, *item, at), size, at);
        r->hi[d] = NULL;
    }
    r->lo[d] = expr_op(ev->cx, OP_add, base, lo, NULL, at);
    if (wide) r->lo[d] = as_wide(ev, r->lo[d]);
    if (wide && r->hi[d]) r->hi[d] = as_wide(ev, r->hi[d]);
}

/* x[T.Ramp(a, 1, n)] is x[a:a + n] */
static Value ramp_slice(Eval *ev, const Value *v, Span at)
{
    Value out = value_seq(ev->cx, VAL_SLICE, 3);
    Expr *first = to_expr(ev, v->seq->at[0], at);
    for (int i = 1; i < v->seq->n; i++) {
        int64_t far;
        if (!expr_difference(to_expr(ev, v->seq->at[i], at), first, &far) || far != i)
            eval_fail(ev, E0901, at, "one after the other", "elements that are not side by side");
    }
    out.seq->at[0] = v->seq->at[0];
    out.seq->at[1] = eval_binary(ev, PY_add, v->seq->at[0], value_int(v->seq->n), at);
    out.seq->at[2] = NONE_VALUE;
    return out;
}

static Value buf_index(Eval *ev, Value v, Value idx, Span at)
{
    Value one = value_seq(ev->cx, VAL_TUPLE, 1);
    one.seq->at[0] = idx;
    const Seq *items = idx.kind == VAL_TUPLE || idx.kind == VAL_LIST ? idx.seq : one.seq;
    Ref *r = NEW(&ev->cx->arena, Ref);
    if (v.kind == VAL_REF) {
        *r = *v.ref;
    } else {
        r->buf = v.buf;
        for (int d = 0; d < v.buf->ndim; d++) {
            r->lo[d] = expr_i32(ev->cx, 0);
            r->hi[d] = v.buf->dim[d];
        }
    }
    int open = 0, d = 0, dots = -1;
    for (int k = 0; k < r->buf->ndim; k++) open += r->hi[k] != NULL;
    for (int i = 0; i < items->n; i++)
        if (items->at[i].kind == VAL_ELLIPSIS) dots = i;
    if (items->n - (dots >= 0) > open)
        eval_fail(ev, E0213, at, NULL, "'%s' has %d dimension%s, not %d", r->buf->name, open,
                  open == 1 ? "" : "s", items->n);
    bool had[MAXDIM] = {0};
    for (int k = 0; k < r->buf->ndim; k++) had[k] = r->hi[k] != NULL;
    for (int i = 0; i < items->n; i++) {
        if (i == dots) {
            for (int skip = open - (items->n - 1); skip > 0; d++) skip -= had[d];
            continue;
        }
        while (!had[d]) d++;
        Value item = items->at[i];
        if (item.kind == VAL_VECTOR) item = ramp_slice(ev, &item, at);
        narrow(ev, r, d++, &item, at);
    }
    r->slices = false;
    for (int k = 0; k < r->buf->ndim; k++) r->slices |= r->hi[k] != NULL;
    return (Value){.kind = VAL_REF, .ref = r};
}

/* outside of the tensor stands what T.annotate_safe_value says instead of 0 */
Expr *load_element(Eval *ev, Buf *b, Expr *const *idx, Span at)
{
    Expr *e = expr_load(ev->cx, b, idx, at), *other = ev->dump ? NULL : safe_value(ev, b),
         *inside = NULL;
    for (int d = 0; other && d < b->ndim; d++) {
        Expr *in = build_op(ev, OP_and, build_op(ev, OP_ge, idx[d], expr_i32(ev->cx, 0), at),
                            build_op(ev, OP_lt, idx[d], b->dim[d], at), at);
        inside = inside ? build_op(ev, OP_and, inside, in, at) : in;
    }
    return inside ? expr_op(ev->cx, OP_select, inside, e, other, at) : e;
}

Expr *ref_load(Eval *ev, const Ref *r, Span at)
{
    if (r->slices) {
        int given = 0;
        for (int d = 0; d < r->buf->ndim; d++) given += r->hi[d] == NULL;
        eval_fail(ev, E0213, at, NULL,
                  "an element of '%s' has %d indices; here are %d, the rest is a region",
                  r->buf->name, r->buf->ndim, given);
    }
    check_reducer(ev, r->buf, at, "read");
    return load_element(ev, r->buf, element_index(ev, r, at), at);
}

void assign_element(Eval *ev, Value target, Value v, Span at)
{
    if (target.kind == VAL_BUF && !target.buf->ndim) {
        emit_store(ev, target.buf, NULL, to_typed(ev, v, target.buf->type, at), at);
        return;
    }
    if (target.kind != VAL_REF)
        eval_fail(ev, E0204, at, NULL, "%s has no elements that can be assigned to",
                  value_name[target.kind]);
    check_reducer(ev, target.ref->buf, at, "stored to");
    if (target.ref->slices && lanes_store(ev, target, v, at)) return;
    if (target.ref->slices)
        eval_fail(ev, E0213, at, "T.copy and T.fill write regions",
                  "only single elements of '%s' are assigned to; this is a region",
                  target.ref->buf->name);
    Buf *b = target.ref->buf;
    Expr **idx = element_index(ev, target.ref, at);
    if (reducer_store(ev, b, idx, v, at)) return;
    emit_store(ev, b, idx, to_typed(ev, v, b->type, at), at);
}

/* ---- regions ---- */

Region to_region(Eval *ev, Value v, Span at)
{
    if (v.kind == VAL_SLOT && ev->block) { /* used in place, without a name */
        name_fresh(ev, &v, "slot");
        v = slot_tile(v);
    }
    if (v.kind == VAL_BUF || v.kind == VAL_REF)
        check_reducer(ev, v.kind == VAL_BUF ? v.buf : v.ref->buf, at, "used as a tile");
    if (v.kind == VAL_BUF) return region_whole(ev->cx, v.buf, at);
    if (v.kind != VAL_REF) {
        if (v.kind == VAL_FOREIGN)
            eval_fail(ev, E0202, at, NULL, "'%s' is not part of the program", v.s);
        eval_fail(ev, E0204, at, NULL, "a buffer or a region of one is needed here, not %s",
                  value_name[v.kind]);
    }
    const Ref *r = v.ref;
    Region out = {.buf = r->buf, .span = at};
    for (int d = 0; d < r->buf->ndim; d++) {
        out.off[d] = r->lo[d];
        out.ext[d] = 1;
        if (!r->hi[d]) continue;
        if (!expr_difference(r->hi[d], r->lo[d], &out.ext[d])) {
            Text t = text_new(&ev->cx->arena);
            print_expr(&t, expr_op(ev->cx, OP_sub, r->hi[d], r->lo[d], NULL, at));
            eval_fail(ev, E0207, at,
                      "copy a region of constant size: what lies outside of the tensor reads 0 and "
                      "is not written",
                      "the extent of dimension %d of '%s' is %s, which is known only when it runs",
                      d, r->buf->name, t.s);
        }
        if (out.ext[d] <= 0)
            eval_fail(ev, E0213, at, NULL,
                      "dimension %d of this region of '%s' is empty: %lld elements", d,
                      r->buf->name, (long long)out.ext[d]);
    }
    return out;
}

/* a side that names only where it begins takes the extents of the other, aligned at the right */
static void take_extents(Eval *ev, Region *r, const Region *other)
{
    int shift = other->buf->ndim - r->buf->ndim;
    for (int d = 0; d < other->buf->ndim; d++) {
        if (d - shift >= 0)
            r->ext[d - shift] = other->ext[d];
        else if (other->ext[d] != 1)
            eval_fail(ev, E0213, r->span, NULL,
                      "'%s' has %d dimensions, too few for the %d of '%s'", r->buf->name,
                      r->buf->ndim, other->buf->ndim, other->buf->name);
    }
}

static int thick(const Region *r)
{
    int n = 0;
    for (int d = 0; d < r->buf->ndim; d++) n += r->ext[d] != 1;
    return n;
}

/* an element that meets an extent becomes the start of one; a dimension that has only one element
 * is repeated instead */
static void grow(Region *r, int d, int64_t ext)
{
    int64_t size;
    if (r->ext[d] == 1 && !(expr_const(r->buf->dim[d], &size) && size == 1)) r->ext[d] = ext;
}

/* sides with different numbers of extents other than 1 are aligned at the right */
static void widen(Region *a, Region *b)
{
    if (thick(a) == thick(b)) return;
    for (int k = 1; k <= a->buf->ndim && k <= b->buf->ndim; k++) {
        int i = a->buf->ndim - k, j = b->buf->ndim - k;
        grow(a, i, b->ext[j]);
        grow(b, j, a->ext[i]);
        if (a->ext[i] != 1 && b->ext[j] != 1) a->ext[i] = b->ext[j] = MAX(a->ext[i], b->ext[j]);
    }
}

int nearness(const Buf *b)
{
    return b->space == SP_FRAG || b->space == SP_LOCAL                              ? 2
           : b->space == SP_SHARED || b->space == SP_SLOT || b->space == SP_BARRIER ? 1
                                                                                    : 0;
}

/* Extents other than 1 pair in order. Where a pair differs, the side whose memory is nearer to the
   threads says how much is moved; it must not be less than what the source has. */
static void settle_extents(Region *src, Region *dst)
{
    bool by_dst = nearness(dst->buf) > nearness(src->buf);
    if (thick(src) != thick(dst)) return;
    for (int i = 0, j = 0; i < src->buf->ndim && j < dst->buf->ndim; i++, j++) {
        while (i < src->buf->ndim && src->ext[i] == 1) i++;
        while (j < dst->buf->ndim && dst->ext[j] == 1) j++;
        if (i == src->buf->ndim || j == dst->buf->ndim) return;
        if (by_dst && dst->ext[j] > src->ext[i])
            src->ext[i] = dst->ext[j];
        else if (!by_dst)
            dst->ext[j] = src->ext[i];
    }
}

void copy_regions(Eval *ev, Call *c, Region *src, Region *dst)
{
    bool from = c->arg[0].kind == VAL_REF && !c->arg[0].ref->slices,
         to = c->arg[1].kind == VAL_REF && !c->arg[1].ref->slices;
    *src = to_region(ev, c->arg[0], c->at[0]);
    *dst = to_region(ev, c->arg[1], c->at[1]);
    if (from && !to)
        take_extents(ev, src, dst);
    else if (to && !from)
        take_extents(ev, dst, src);
    else if (!ev->dump)
        widen(src, dst);
    if (!ev->dump) settle_extents(src, dst);
}

/* ---- any subscript ---- */

static Value pipe_index(Eval *ev, Value v, Value idx, Span at)
{
    if (!v.pipe->each)
        eval_fail(ev, E0213, at, NULL, "'%s' is one ring, not one for each group", v.pipe->name);
    v.which = as_index(ev, idx, at);
    return v;
}

Value eval_index(Eval *ev, Value v, const Node *n)
{
    Value idx = eval(ev, n->index);
    switch (v.kind) {
    case VAL_BUF:
    case VAL_REF:
        if (v.kind == VAL_BUF && !v.buf->ndim && idx.kind == VAL_INT && !idx.i)
            return v; /* x[0] of a T.alloc_var */
        return buf_index(ev, v, idx, n->span);
    case VAL_PIPE: return pipe_index(ev, v, idx, n->span);
    case VAL_BUILTIN: {
        if (strcmp(v.builtin->scope, "T")) return v;        /* list[int] */
        Args a = {.span = n->span, .callee = n->obj->span}; /* T.Tensor[shape, dtype] */
        bool typed = false; /* T.Tensor[n, dtype]; else all of it is the shape */
        for (int i = 0; idx.kind == VAL_TUPLE && i < idx.seq->n; i++)
            typed |= idx.seq->at[i].kind != VAL_INT && !is_symbolic(&idx.seq->at[i]);
        const Seq *items = typed && n->index->kind == N_tuple ? idx.seq : NULL;
        if (items)
            a.pos = *items;
        else
            seq_add(ev->cx, &a.pos, idx);
        return eval_call(ev, v, &a);
    }
    default: return item_of(ev, v, idx, n->index->span);
    }
}
