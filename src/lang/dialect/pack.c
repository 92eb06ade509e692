/* T.: packed values: two, four or eight lanes that are computed with together. Each lane is a value
   of its own in the program; memory holds the lanes side by side. */
#include "lang/dialect.h"
#include <stdlib.h>
#include <string.h>

enum { MAXLANES = 64 };

/* ---- types: float16x2, uint32x4 ---- */

/* T.float16x2: the element type and how many */
Value t_packed_type(Eval *ev, Call *c)
{
    const char *x = strrchr(c->fn->name, 'x');
    Value v = value_dtype(dtype_named(intern_n(ev->cx, c->fn->name, (size_t)(x - c->fn->name))));
    v.lanes = (int)strtol(x + 1, NULL, 10);
    return v;
}

/* "float16x2" or T.float16x2; lanes 1 for the others */
Value packed_dtype(Eval *ev, Value v, Span at)
{
    if (v.kind == VAL_DTYPE && v.lanes > 1) return v;
    const char *x = v.kind == VAL_STR ? strrchr(v.s, 'x') : NULL;
    DType t = x ? dtype_named(intern_n(ev->cx, v.s, (size_t)(x - v.s))) : DT_none;
    if (t == DT_none || x[1] < '2' || x[1] > '8' || x[2]) {
        Value plain = value_dtype(to_dtype(ev, v, at));
        plain.lanes = 1;
        return plain;
    }
    Value out = value_dtype(t);
    out.lanes = x[1] - '0';
    return out;
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

/* each lane is read where the value is made */
static Value settle(Eval *ev, Value v, Span at)
{
    for (int i = 0; i < v.seq->n && ev->launch; i++)
        v.seq->at[i] = emit_let(ev, "lane", v.seq->at[i], at);
    return v.seq->n == 1 ? v.seq->at[0] : v;
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

/* T.add2(x, y), T.fma2(x, y, z): the operation on each lane */
Value t_pairwise(Eval *ev, Call *c)
{
    Value x[3], out;
    int n = c->n;
    for (int i = 0; i < n; i++) {
        x[i] = to_lanes(ev, c->arg[i], c->at[i]);
        if (x[i].seq->n != 2)
            eval_fail(ev, E0204, c->at[i], NULL, "'T.%s' works on pairs", c->fn->name);
    }
    out = vector_of(ev, 2);
    for (int k = 0; k < 2; k++) {
        Expr *e[3] = {0};
        for (int i = 0; i < n; i++) e[i] = to_expr(ev, x[i].seq->at[k], c->at[i]);
        Expr *r;
        if (n == 3) { /* rounded once: the product of narrow floats is exact in float64 */
            DType t = e[0]->type;
            for (int i = 0; i < 3; i++) e[i] = expr_cast(ev->cx, e[i], DT_float64, c->span);
            r = build_op(ev, OP_add, build_op(ev, OP_mul, e[0], e[1], c->span), e[2], c->span);
            r = expr_cast(ev->cx, r, t, c->span);
        } else {
            r = expr_op(ev->cx, (Op)c->fn->op, e[0], e[1], NULL, c->span);
        }
        out.seq->at[k] = value_expr(r);
    }
    return out;
}

/* ---- the same bits in lanes of another width ---- */

static DType bits_type(int bits)
{
    return bits == 8 ? DT_uint8 : bits == 16 ? DT_uint16 : bits == 32 ? DT_uint32 : DT_uint64;
}

static Value as_bits(Eval *ev, Value v, Span at)
{
    Expr *e = to_expr(ev, v, at);
    return value_expr(expr_bits(ev->cx, e, bits_type(dtype_info[e->type].bits), at));
}

Value lanes_bits(Eval *ev, Value v, DType t, Span at)
{
    int from = dtype_info[to_expr(ev, v.seq->at[0], at)->type].bits, to = dtype_info[t].bits;
    int total = from * v.seq->n;
    if (from < 8 || to < 8 || total % to)
        eval_fail(ev, E0302, at, NULL, "T.reinterpret keeps the width: %d bits are no lanes of %s",
                  total, dtype_info[t].name);
    Value out = vector_of(ev, total / to);
    for (int i = 0; i < out.seq->n; i++) {
        Expr *e = NULL;
        DType word = bits_type(to);
        if (from >= to) {
            int k = i * to / from, shift = i * to % from;
            e = as_bits(ev, v.seq->at[k], at).expr;
            if (shift) e = build_op(ev, OP_shr, e, expr_i32(ev->cx, shift), at);
            e = expr_cast(ev->cx, e, word, at);
        }
        for (int k = 0; from < to && k < to / from; k++) {
            Expr *part =
                expr_cast(ev->cx, as_bits(ev, v.seq->at[i * (to / from) + k], at).expr, word, at);
            if (k) part = build_op(ev, OP_shl, part, expr_i32(ev->cx, k * from), at);
            e = e ? build_op(ev, OP_bor, e, part, at) : part;
        }
        out.seq->at[i] = value_expr(expr_bits(ev->cx, e, t, at));
    }
    return out;
}

/* ---- wide loads and stores ---- */

static Value zeros_where(Eval *ev, Value v, Expr *when, Span at)
{
    for (int i = 0; i < v.seq->n; i++) {
        Expr *e = v.seq->at[i].expr;
        v.seq->at[i] =
            value_expr(expr_op(ev->cx, OP_select, when, e, expr_int(ev->cx, 0, e->type, at), at));
    }
    return v;
}

/* T.ldg64(place): so many bits from there on, in words of 32 */
Value t_wide_load(Eval *ev, Call *c)
{
    Expr *from = to_place(ev, c->arg[0], c->at[0]);
    int bits = c->fn->op, n = bits / MAX(dtype_info[from->type].bits, 1);
    if (n < 1)
        eval_fail(ev, E0204, c->at[0], NULL, "an element of %d bits is more than 'T.%s' loads",
                  dtype_info[from->type].bits, c->fn->name);
    Value v = vector_of(ev, n);
    for (int i = 0; i < n; i++)
        v.seq->at[i] = value_expr(place_after(ev, from, expr_i32(ev->cx, i)));
    v = lanes_bits(ev, v, DT_uint32, c->span);
    if (c->n > 1 && c->arg[1].kind != VAL_NONE)
        v = zeros_where(
            ev, v, expr_cast(ev->cx, to_expr(ev, c->arg[1], c->at[1]), DT_bool, c->at[1]), c->span);
    return settle(ev, v, c->span);
}

static void store_lanes(Eval *ev, Expr *to, Value v, Span at)
{
    for (int i = 0; i < v.seq->n; i++) {
        Expr *place = place_after(ev, to, expr_i32(ev->cx, i));
        emit_store(ev, place->buf, place->idx, to_typed(ev, v.seq->at[i], place->type, at), at);
    }
}

Value t_wide_store(Eval *ev, Call *c)
{
    Expr *to = to_place(ev, c->arg[0], c->at[0]);
    Value v = to_lanes(ev, c->arg[1], c->at[1]);
    Block *b = NULL;
    Tail saved;
    int have = v.seq->n * dtype_info[to_expr(ev, v.seq->at[0], c->at[1])->type].bits;
    if (have != c->fn->op)
        eval_fail(ev, E0204, c->at[1], NULL, "'T.%s' stores %d bits, not %d", c->fn->name,
                  c->fn->op, have);
    v = lanes_bits(ev, v, to->type, c->span);
    if (c->n > 2 && c->arg[2].kind != VAL_NONE) {
        Stmt *s = emit(ev, S_IF, c->span);
        s->branch.cond = expr_cast(ev->cx, to_expr(ev, c->arg[2], c->at[2]), DT_bool, c->at[2]);
        b = open_block(ev, &s->branch.then, &saved);
    }
    store_lanes(ev, to, v, c->span);
    if (b) close_block(ev, b, saved);
    return NONE_VALUE;
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

Value t_ramp(Eval *ev, Call *c)
{
    Int n = to_int(ev, c->arg[2], c->at[2], "lanes");
    if (n < 1 || n > MAXLANES)
        eval_fail(ev, E0205, c->at[2], NULL, "1 to %d lanes, not %lld", (int)MAXLANES,
                  (long long)n);
    Value out = vector_of(ev, (int)n);
    for (int i = 0; i < n; i++)
        out.seq->at[i] =
            eval_binary(ev, PY_add, c->arg[0],
                        eval_binary(ev, PY_mul, c->arg[1], value_int(i), c->span), c->span);
    return out;
}

Value t_broadcast(Eval *ev, Call *c)
{
    Int n = to_int(ev, c->arg[1], c->at[1], "lanes");
    if (n < 1 || n > MAXLANES)
        eval_fail(ev, E0205, c->at[1], NULL, "1 to %d lanes, not %lld", (int)MAXLANES,
                  (long long)n);
    Value out = vector_of(ev, (int)n);
    for (int i = 0; i < n; i++) out.seq->at[i] = c->arg[0];
    return out;
}

/* T.Shuffle(vectors, indices): lanes of all of them */
Value t_lanes_of(Eval *ev, Call *c)
{
    Value all = vector_of(ev, 0), out = vector_of(ev, 0);
    const Seq *from = eval_items(ev, c->arg[0], c->at[0]),
              *want = eval_items(ev, c->arg[1], c->at[1]);
    for (int i = 0; i < from->n; i++) {
        Value v = to_lanes(ev, from->at[i], c->at[0]);
        for (int k = 0; k < v.seq->n; k++) seq_add(ev->cx, all.seq, v.seq->at[k]);
    }
    for (int i = 0; i < want->n; i++) {
        Int k = to_int(ev, want->at[i], c->at[1], "the number of a lane");
        if (k < 0 || k >= all.seq->n)
            eval_fail(ev, E0213, c->at[1], NULL, "lane %lld of %d", (long long)k, all.seq->n);
        seq_add(ev->cx, out.seq, all.seq->at[k]);
    }
    return out.seq->n == 1 ? out.seq->at[0] : out;
}

Value t_extract_lane(Eval *ev, Call *c)
{
    Value v = to_lanes(ev, c->arg[0], c->at[0]);
    Int k = to_int(ev, c->arg[1], c->at[1], "the number of a lane");
    if (k < 0 || k >= v.seq->n)
        eval_fail(ev, E0213, c->at[1], NULL, "lane %lld of %d", (long long)k, v.seq->n);
    return v.seq->at[k];
}

/* T.float16(x) converts; T.float16x2(x, y) packs; T.int32() is a name that T.let gives a value */
Value call_dtype(Eval *ev, Value type, const Args *a)
{
    if (a->named.n)
        eval_fail(ev, E0203, a->span, NULL, "'T.%s' has no named parameters",
                  dtype_info[type.dtype].name);
    if (type.lanes > 1) {
        Value out = vector_of(ev, type.lanes);
        if (a->pos.n == 1 && (a->pos.at[0].kind == VAL_VECTOR || is_region(&a->pos.at[0]))) {
            Value v = to_lanes(ev, a->pos.at[0], a->span);
            if (v.seq->n != type.lanes)
                eval_fail(ev, E0204, a->span, NULL, "%d lanes for %d", v.seq->n, type.lanes);
            for (int i = 0; i < type.lanes; i++)
                out.seq->at[i] = value_expr(to_typed(ev, v.seq->at[i], type.dtype, a->span));
            return out;
        }
        if (a->pos.n != 1 && a->pos.n != type.lanes)
            eval_fail(ev, E0203, a->span, NULL, "%d values for %d lanes", a->pos.n, type.lanes);
        for (int i = 0; i < type.lanes; i++)
            out.seq->at[i] =
                value_expr(to_typed(ev, a->pos.at[a->pos.n == 1 ? 0 : i], type.dtype, a->span));
        return out;
    }
    if (!a->pos.n)
        return value_expr(
            expr_var(ev->cx, var_new(ev->cx, "", type.dtype, V_LET, a->span), a->span));
    if (type.dtype == DT_handle && (a->pos.at[0].kind == VAL_STR || a->pos.at[0].kind == VAL_DTYPE))
        return type; /* T.ptr("float16") */
    if (a->pos.n != 1)
        eval_fail(ev, E0203, a->span, NULL, "'T.%s' converts one value, not %d",
                  dtype_info[type.dtype].name, a->pos.n);
    if (a->pos.at[0].kind == VAL_VECTOR) {
        Value v = a->pos.at[0], out = vector_of(ev, v.seq->n);
        for (int i = 0; i < v.seq->n; i++)
            out.seq->at[i] = value_expr(to_typed(ev, v.seq->at[i], type.dtype, a->span));
        return out;
    }
    return value_expr(to_typed(ev, a->pos.at[0], type.dtype, a->span));
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
