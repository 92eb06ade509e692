/* Module kiln: what prelude/ needs and the dialect has no words for. */
#include "lang/dialect.h"
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

Value kiln_value(Eval *ev, Call *c)
{
    return value_expr(to_expr(ev, c->arg[0], c->at[0]));
}

Value kiln_let(Eval *ev, Call *c)
{
    return emit_let(ev, to_str(ev, c->arg[0], c->at[0], "the name"), c->arg[1], c->at[1]);
}

Value kiln_lanes(Eval *ev, Call *c)
{
    Value v = to_lanes(ev, c->arg[0], c->at[0]), out = value_seq(ev->cx, VAL_LIST, v.seq->n);
    for (int i = 0; i < v.seq->n; i++)
        out.seq->at[i] = value_expr(to_expr(ev, v.seq->at[i], c->at[0]));
    return out;
}

Value kiln_vector(Eval *ev, Call *c)
{
    const Seq *lanes = eval_items(ev, c->arg[0], c->at[0]);
    if (lanes->n < 1 || lanes->n > MAXLANES)
        eval_fail(ev, E0205, c->at[0], NULL, "1 to %d lanes, not %d", (int)MAXLANES, lanes->n);
    Value out = value_seq(ev->cx, VAL_VECTOR, 0);
    *out.seq = *lanes;
    return out;
}

Value kiln_is_vector(Eval *ev, Call *c)
{
    (void)ev;
    return value_bool(c->arg[0].kind == VAL_VECTOR);
}

Value kiln_same(Eval *ev, Call *c)
{
    Expr *x = to_expr(ev, c->arg[0], c->at[0]), *y = to_expr(ev, c->arg[1], c->at[1]);
    int64_t a, b;
    return value_bool(expr_const(x, &a) && expr_const(y, &b) ? a == b : expr_same(x, y));
}

/* ---- regions and places ---- */

/* kiln.tile(x, n): a region with its axes of one element left out until n are left */
Value kiln_tile(Eval *ev, Call *c)
{
    Region r = to_region(ev, c->arg[0], c->at[0]);
    Int n = to_int(ev, c->arg[1], c->at[1], "the number of axes");
    Ref *ref = NEW(&ev->cx->arena, Ref);
    ref->buf = r.buf;
    int left = r.buf->ndim;
    for (int d = 0; d < r.buf->ndim; d++) {
        ref->lo[d] = r.off[d];
        bool drop = left > n && r.ext[d] == 1;
        if (!drop) ref->hi[d] = build_op(ev, OP_add, r.off[d], expr_i32(ev->cx, r.ext[d]), c->span);
        left -= drop;
        ref->slices |= !drop;
    }
    if (left != n)
        eval_fail(ev, E0204, c->at[0], NULL, "'%s' has %d axes here, not %d", r.buf->name, left,
                  (int)n);
    return (Value){.kind = VAL_REF, .ref = ref};
}

/* kiln.extents(x): of the axes of a region */
Value kiln_extents(Eval *ev, Call *c)
{
    Region r = to_region(ev, c->arg[0], c->at[0]);
    Value v = c->arg[0], out = value_seq(ev->cx, VAL_TUPLE, 0);
    for (int d = 0; d < r.buf->ndim; d++)
        if (v.kind != VAL_REF || v.ref->hi[d]) seq_add(ev->cx, out.seq, value_int(r.ext[d]));
    return out;
}

/* kiln.at(x, k): the element k after a place, along the last axis; kiln.put(x, k, v) stores one */
Value kiln_at(Eval *ev, Call *c)
{
    Expr *place =
        place_after(ev, to_place(ev, c->arg[0], c->at[0]), to_expr(ev, c->arg[1], c->at[1]));
    if (c->n > 2)
        emit_store(ev, place->buf, place->idx, to_typed(ev, c->arg[2], place->type, c->at[2]),
                   c->span);
    return c->n > 2 ? NONE_VALUE : value_expr(place);
}

/* where a whole buffer lies; "region": a part of one; "": one element */
Value kiln_space(Eval *ev, Call *c)
{
    const Value *v = &c->arg[0];
    return value_text(ev->cx, "%s",
                      !is_region(v)                                        ? ""
                      : v->kind == VAL_BUF && v->buf->space == SP_FRAG ? "local.fragment"
                                                                           : "region");
}

/* kiln.each(x, f, parallel): f of each element of a region, in loops over it; of a value, f of it */
Value kiln_each(Eval *ev, Call *c)
{
    if (!is_region(&c->arg[0])) return call_simple(ev, c->arg[1], &c->arg[0], 1, c->span);
    Region r = to_region(ev, c->arg[0], c->at[0]);
    bool parallel = to_bool(ev, c->arg[2], c->at[2], "parallel");
    Expr *idx[MAXDIM];
    Nest nest[MAXDIM];
    int64_t ext[MAXDIM];
    int axis[MAXDIM], n = 0, open = 0;
    for (int d = 0; d < r.buf->ndim; d++) {
        idx[d] = r.off[d];
        if (r.ext[d] != 1) axis[n] = d, ext[n++] = r.ext[d];
    }
    if (parallel && n > MAXPAR)
        eval_fail(ev, E0901, c->span, NULL, "an atomic on more than %d axes", (int)MAXPAR);
    if (parallel && n)
        emit_nest(ev, &nest[open++], LOOP_PARALLEL, n, ext, c->span);
    else
        for (; open < n; open++) emit_nest(ev, &nest[open], LOOP_SERIAL, 1, &ext[open], c->span);
    for (int k = 0; k < n; k++)
        idx[axis[k]] = build_op(ev, OP_add, idx[axis[k]],
                                parallel ? nest[0].index[k] : nest[k].index[0], c->span);
    Value place = value_expr(expr_load(ev->cx, r.buf, idx, c->span));
    call_simple(ev, c->arg[1], &place, 1, c->span);
    while (open-- > 0) close_block(ev, nest[open].block, nest[open].saved);
    return NONE_VALUE;
}

/* ---- the launch ---- */

/* with kiln.where(condition): the threads for which it holds */
Value kiln_where(Eval *ev, Call *c)
{
    return value_frame(
        ev, (FrameSpec){.kind = FRAME_WHERE, .cond = to_cond(ev, c, 0), .span = c->span});
}

/* how many blocks along each axis of the grid make a cluster */
Value kiln_cluster(Eval *ev, Call *c)
{
    (void)c;
    Value out = value_seq(ev->cx, VAL_TUPLE, MAXGRID);
    for (int k = 0; k < MAXGRID; k++) out.seq->at[k] = value_int(dialect(ev)->cluster[k]);
    return out;
}

/* kiln.call("name", args..., text=None): a row of tile/calls.def */
Value kiln_call(Eval *ev, Call *c)
{
    const char *name = to_str(ev, c->arg[0], c->at[0], "the name");
    const char *text =
        c->arg[2].kind == VAL_NONE ? NULL : to_str(ev, c->arg[2], c->at[2], "the text");
    Fn fn = 0;
    while (fn < NFN && strcmp(fn_info[fn].name, name)) fn++;
    return make_call(ev, c, fn, c->rest.at, c->rest.n, text);
}

Value kiln_hint(Eval *ev, Call *c)
{
    leave_out(ev, to_str(ev, c->arg[0], c->at[0], "name"), to_str(ev, c->arg[1], c->at[1], "help"),
              c->span);
    return NONE_VALUE;
}

/* kiln.fail("E0205", message, help, at): at the argument for this parameter of the function that the
   program called */
Value kiln_fail(Eval *ev, Call *c)
{
    const char *code = to_str(ev, c->arg[0], c->at[0], "the code"), *help = NULL;
    Span at = c->span;
    int k = 0;
    while (k < NERR && strcmp(err_info[k].name, code)) k++;
    if (c->arg[2].kind != VAL_NONE) help = to_str(ev, c->arg[2], c->at[2], "help");
    if (c->arg[3].kind != VAL_NONE) at = prelude_place(ev, to_str(ev, c->arg[3], c->at[3], "at"), at);
    eval_fail(ev, (ErrCode)k, at, help, "%s", to_str(ev, c->arg[1], c->at[1], "the message"));
}
