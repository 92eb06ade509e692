/* T.: atomics on elements and on tiles. */
#include "lang/dialect.h"

enum { ORDER_LOAD = 1, ORDER_STORE = 2, ORDER_BOTH = 4 };

/* which orders an operation may have */
static void check_order(Eval *ev, Call *c, int slot, int kind)
{
    static const char *const orders[] = {"relaxed", "consume", "acquire",
                                         "release", "acq_rel", "seq_cst"};
    static const int of[COUNT(orders)] = {7, 5, 5, 6, 4, 7};
    if (slot >= c->n || c->arg[slot].kind == VAL_NONE) return;
    int k = choice_arg(ev, c, slot, orders, COUNT(orders), "memory order");
    if (!(of[k] & kind))
        eval_fail(ev, E0205, c->at[slot], NULL, "'T.%s' cannot have the memory order '%s'",
                  c->fn->name, orders[k]);
}

static bool has_tile_form(Fn fn, TileOp *op)
{
    *op = fn == FN_atomic_add   ? TO_atomic_add
          : fn == FN_atomic_max ? TO_atomic_max
                                : TO_atomic_min;
    return fn == FN_atomic_add || fn == FN_atomic_max || fn == FN_atomic_min;
}

/* dst op= src for each element of a region */
static Value on_tile(Eval *ev, Call *c, TileOp op)
{
    Value f = {.kind = VAL_BUILTIN, .builtin = c->fn};
    if (!is_region(&c->arg[1]) && !is_place(&c->arg[1])) /* one number for all of them */
        return prelude_call(ev, "fill_atomic", (Value[]){f, c->arg[0], c->arg[1]}, 3, c->span);
    Call as = *c; /* copy's rules: value to destination */
    for (int i = 0; i < 2; i++) as.arg[i] = c->arg[!i], as.at[i] = c->at[!i];
    Region arg[2];
    copy_regions(ev, &as, &arg[0], &arg[1]);
    emit_tile(ev, c, op, arg, 2);
    return NONE_VALUE;
}

/* T.atomic_add(dst, value, memory_order, return_prev, ...) */
Value t_atomic(Eval *ev, Call *c)
{
    TileOp op;
    bool prev = to_bool(ev, c->arg[3], c->at[3], "return_prev");
    bool tiled = has_tile_form((Fn)c->fn->op, &op);
    check_order(ev, c, 2, ORDER_BOTH);
    if (is_region(&c->arg[0]) || (is_region(&c->arg[1]) && tiled)) {
        if (!tiled)
            eval_fail(ev, E0204, c->at[0], "name the element", "'T.%s' works on one element",
                      c->fn->name);
        if (prev)
            eval_fail(ev, E0204, c->span, "use it on single elements",
                      "return_prev=True of an atomic on a tile");
        return on_tile(ev, c, op);
    }
    Value old = t_call(ev, c);
    return prev || ev->dump ? old : emit_eval(ev, old.expr, c->span);
}

/* T.atomic_cas, T.atomic_load, T.atomic_store: the order is the last parameter */
Value t_ordered(Eval *ev, Call *c)
{
    Fn fn = (Fn)c->fn->op;
    check_order(ev, c, c->n - 1,
                fn == FN_atomic_load    ? ORDER_LOAD
                : fn == FN_atomic_store ? ORDER_STORE
                                        : ORDER_BOTH);
    return t_call(ev, c);
}
