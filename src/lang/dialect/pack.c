/* T.: packed values: two, four or eight lanes that are computed with together. Each lane is a value
   of its own in the program; memory holds the lanes side by side. */
#include "lang/dialect.h"
#include <stdlib.h>
#include <string.h>

/* ---- types: float16x2, uint32x4 ---- */

/* "float16x2" or T.float16x2; lanes 1 for the others */
Value packed_dtype(Eval *ev, Value v, Span at)
{
    if (v.kind == VAL_DTYPE && v.lanes > 1) return v;
    const char *x = v.kind == VAL_STR ? strrchr(v.s, 'x') : NULL;
    DType t = x ? dtype_named(intern_n(ev->cx, v.s, (size_t)(x - v.s))) : DT_none;
    bool packed = t != DT_none && x[1] >= '2' && x[1] <= '8' && !x[2];
    Value out = value_dtype(packed ? t : to_dtype(ev, v, at));
    out.lanes = packed ? x[1] - '0' : 1;
    return out;
}

/* T.float16x2 */
Value t_packed_type(Eval *ev, Call *c)
{
    return packed_dtype(ev, value_text(ev->cx, "%s", c->fn->name), c->span);
}

/* ---- lanes of a value ---- */

static Value vector_of(Eval *ev, int n)
{
    return value_seq(ev->cx, VAL_VECTOR, n);
}

/* the elements of a short region, one after the other; 0 when it is none */
static int region_lanes(Eval *ev, const Ref *r, Expr **place, Span at)
{
    int n = 1, last = r->buf->ndim - 1;
    Region whole = to_region(ev, (Value){.kind = VAL_REF, .ref = (Ref *)r}, at);
    for (int d = 0; d <= last; d++)
        if (d < last && whole.ext[d] != 1) return 0;
    if (whole.ext[last] > MAXLANES) return 0;
    n = (int)whole.ext[last];
    *place = expr_load(ev->cx, r->buf, whole.off, at);
    return n;
}

Value to_lanes(Eval *ev, Value v, Span at)
{
    if (v.kind == VAL_VECTOR) return v;
    if (v.kind == VAL_REF && v.ref->slices) {
        Expr *first;
        int n = region_lanes(ev, v.ref, &first, at);
        Value out = vector_of(ev, n);
        if (!n)
            eval_fail(ev, E0204, at, NULL, "this region of '%s' is no packed value",
                      v.ref->buf->name);
        for (int i = 0; i < n; i++)
            out.seq->at[i] = value_expr(place_after(ev, first, expr_i32(ev->cx, i)));
        return out;
    }
    Value one = vector_of(ev, 1);
    one.seq->at[0] = value_expr(to_expr(ev, v, at));
    return one;
}

Value lanes_map(Eval *ev, PyOp op, Value a, Value b, Span at)
{
    bool va = a.kind == VAL_VECTOR, vb = b.kind == VAL_VECTOR;
    int n = va ? a.seq->n : b.seq->n;
    if (va && vb && a.seq->n != b.seq->n)
        eval_fail(ev, E0204, at, NULL, "packed values of %d and %d lanes", a.seq->n, b.seq->n);
    Value out = vector_of(ev, n);
    for (int i = 0; i < n; i++)
        out.seq->at[i] = eval_binary(ev, op, va ? a.seq->at[i] : a, vb ? b.seq->at[i] : b, at);
    return out;
}

/* ---- stores ---- */

static void store_lanes(Eval *ev, Expr *to, Value v, Span at)
{
    for (int i = 0; i < v.seq->n; i++) {
        Expr *place = place_after(ev, to, expr_i32(ev->cx, i));
        emit_store(ev, place->buf, place->idx, to_typed(ev, v.seq->at[i], place->type, at), at);
    }
}

/* x[a:b] = packed value, or another short region: all is read before any is written. False: it is
 * no such store */
bool lanes_store(Eval *ev, Value target, Value v, Span at)
{
    Expr *first;
    bool packed = v.kind == VAL_VECTOR, region = v.kind == VAL_REF && v.ref->slices;
    if (!packed && !region) return false;
    int n = region_lanes(ev, target.ref, &first, at);
    if (!n) return false;
    v = to_lanes(ev, v, at);
    if (v.seq->n != n)
        eval_fail(ev, E0213, at, NULL, "%d elements of '%s' for %d values", n,
                  target.ref->buf->name, v.seq->n);
    if (region)
        for (int i = 0; i < n; i++) v.seq->at[i] = emit_let(ev, "lane", v.seq->at[i], at);
    store_lanes(ev, first, v, at);
    return true;
}

/* ---- making and taking apart ---- */

/* T.float16(x) converts; T.float16x2(x, y) packs; T.int32() is a name that T.let gives a value */
Value call_dtype(Eval *ev, Value type, const Args *a)
{
    Value v = a->pos.n ? a->pos.at[0] : NONE_VALUE;
    const char *name = dtype_info[type.dtype].name;
    const Seq *lanes = &a->pos;
    int n = MAX(type.lanes, 1);
    if (a->named.n) eval_fail(ev, E0203, a->span, NULL, "'T.%s' has no named parameters", name);
    if (!a->pos.n && n == 1)
        return value_expr(
            expr_var(ev->cx, var_new(ev->cx, "", type.dtype, V_LET, a->span), a->span));
    if (type.dtype == DT_handle && (v.kind == VAL_STR || v.kind == VAL_DTYPE))
        return type; /* T.ptr("float16") */
    if (a->pos.n == 1 && (v.kind == VAL_VECTOR || (n > 1 && is_region(&v)))) {
        lanes = to_lanes(ev, v, a->span).seq;
        if (n == 1) n = lanes->n;
        if (lanes->n != n)
            eval_fail(ev, E0204, a->span, NULL, "%d lanes for %d", lanes->n, n);
    } else if (a->pos.n != 1 && a->pos.n != n) {
        eval_fail(ev, E0203, a->span, NULL, "%d values for %d lanes of %s", a->pos.n, n, name);
    } else if (n == 1) {
        return value_expr(to_typed(ev, v, type.dtype, a->span));
    }
    Value out = vector_of(ev, n);
    for (int i = 0; i < n; i++)
        out.seq->at[i] =
            value_expr(to_typed(ev, lanes->at[lanes->n == 1 ? 0 : i], type.dtype, a->span));
    return out;
}

/* T.let(name, value): what T.int32() stands for from here on */
Value t_let(Eval *ev, Call *c)
{
    Value v = c->arg[0];
    if (v.kind != VAL_EXPR || v.expr->kind != E_VAR || v.expr->var->kind != V_LET ||
        *v.expr->var->name)
        eval_fail(ev, E0204, c->at[0], "x = T.int32(); T.let(x, value)",
                  "T.let gives a new name its value, not %s", value_name[v.kind]);
    Expr *e = to_typed(ev, c->arg[1], v.expr->type, c->at[1]);
    v.expr->var->name = fresh_name(ev, "let");
    Stmt *s = emit(ev, S_LET, c->span);
    s->let.var = v.expr->var;
    s->let.value = e;
    return v;
}
