/* T.PersistentTileScheduler: which tile a block that lives on takes next. Tiles are counted along
   one axis within panels of the other; its state is four variables of the kernel. */
#include "lang/dialect.h"
#include <string.h>

static Value get(Eval *ev, const Value *o, const char *name)
{
    const Value *v = attr_find(&o->object->attrs, intern(ev->cx, name));
    return v ? *v : NONE_VALUE;
}

static void set(Eval *ev, Value o, const char *name, Value v)
{
    attr_set(ev->cx, &o.object->attrs, intern(ev->cx, name), v);
}

Value t_tile_scheduler(Eval *ev, Call *c)
{
    static const char *const methods[] = {"init", "next_tile", "valid", "coord"},
                             *const state[] = {"m_idx", "n_idx", "linear_idx", "current_iter"};
    Value o = dialect_object(ev, "PersistentTileScheduler"), m = c->arg[0], cluster = c->arg[5];
    bool m_first = to_bool(ev, c->arg[4], c->at[4], "column_major");
    m = eval_binary(ev, PY_floordiv,
                    eval_binary(ev, PY_add, m,
                                eval_binary(ev, PY_sub, cluster, value_int(1), c->span), c->span),
                    cluster, c->span);
    set(ev, o, "total", eval_binary(ev, PY_mul, m, c->arg[1], c->span));
    set(ev, o, "primary", m_first ? m : c->arg[1]);
    set(ev, o, "secondary", m_first ? c->arg[1] : m);
    set(ev, o, "m_first", value_bool(m_first));
    set(ev, o, "swizzle_size", c->arg[3]);
    set(ev, o, "cluster_size", cluster);
    set(ev, o, "num_workers",
        c->arg[2].kind != VAL_NONE
            ? c->arg[2]
            : eval_binary(ev, PY_floordiv, value_int(132), cluster, c->span));
    for (int i = 0; i < COUNT(methods); i++) object_method(ev, o, "scheduler", methods[i]);
    if (!to_bool(ev, c->arg[6], c->at[6], "stateful")) return o;
    const char *prefix =
        c->arg[7].kind == VAL_NONE ? "tile" : to_str(ev, c->arg[7], c->at[7], "name");
    for (int i = 0; i < COUNT(state); i++) {
        Value v = emit_alloc(ev, SP_LOCAL, DT_int32, 0, NULL, c->span);
        name_fresh(ev, &v, arena_printf(&ev->cx->arena, "%s_%s", prefix, state[i]));
        set(ev, o, state[i], v);
    }
    return o;
}

/* the row and column of a tile */
Value t_scheduler_coord(Eval *ev, Call *c)
{
    const Value *o = &c->arg[0];
    Span at = c->span;
    Value id = c->arg[1], primary = get(ev, o, "primary"), panel = get(ev, o, "swizzle_size");
    Value strip = eval_binary(ev, PY_mul, primary, panel, at),
          group = eval_binary(ev, PY_floordiv, id, strip, at);
    Value base = eval_binary(ev, PY_mul, group, panel, at),
          left = eval_binary(ev, PY_sub, get(ev, o, "secondary"), base, at);
    Expr *width = build_op(ev, OP_min, to_expr(ev, panel, at), to_expr(ev, left, at), at);
    Value wide = simplify(value_expr(build_op(ev, OP_max, expr_i32(ev->cx, 1), width, at)));
    Value in = eval_binary(ev, PY_sub, id, eval_binary(ev, PY_mul, group, strip, at), at);
    Value fast = eval_binary(ev, PY_floordiv, in, wide, at),
          slow = eval_binary(ev, PY_add, base, eval_binary(ev, PY_mod, in, wide, at), at);
    Value out = value_seq(ev->cx, VAL_TUPLE, 2);
    bool m_first = get(ev, o, "m_first").i != 0;
    out.seq->at[0] = m_first ? fast : slow;
    out.seq->at[1] = m_first ? slow : fast;
    return out;
}

static void store(Eval *ev, Call *c, const char *name, Value v)
{
    Value to = get(ev, &c->arg[0], name);
    if (to.kind != VAL_BUF)
        eval_fail(ev, E0209, c->span, "leave stateful=False out", "this scheduler has no state");
    emit_store(ev, to.buf, NULL, to_typed(ev, v, DT_int32, c->span), c->span);
}

/* scheduler.init(first), scheduler.next_tile(step): the state after the step */
Value t_scheduler_step(Eval *ev, Call *c)
{
    bool first = !strcmp(c->fn->name, "init");
    Value one = value_int(1), step = c->arg[1];
    if (step.kind == VAL_NONE) step = get(ev, &c->arg[0], "num_workers");
    store(ev, c, "current_iter",
          first ? value_int(0)
                : eval_binary(ev, PY_add, get(ev, &c->arg[0], "current_iter"), one, c->span));
    store(ev, c, "linear_idx",
          first ? step : eval_binary(ev, PY_add, get(ev, &c->arg[0], "linear_idx"), step, c->span));
    Call as = *c;
    as.arg[1] = get(ev, &c->arg[0], "linear_idx");
    Value at = t_scheduler_coord(ev, &as);
    store(ev, c, "m_idx", at.seq->at[0]);
    store(ev, c, "n_idx", at.seq->at[1]);
    return NONE_VALUE;
}

Value t_scheduler_valid(Eval *ev, Call *c)
{
    return eval_compare(ev, PY_lt, get(ev, &c->arg[0], "linear_idx"), get(ev, &c->arg[0], "total"),
                        c->span);
}
