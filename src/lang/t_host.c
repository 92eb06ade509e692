/* The host's side of the dialect: what makes functions kernels, and memory that the host would make. */
#include "lang/lang.h"
#include <string.h>

/* a decorator with options, whose function comes with the next call */
static Value later(Eval *ev, Call *c, const char *const *names, int n)
{
    Value v = {.kind = VAL_PARTIAL,
               .self = NEWN(&ev->cx->arena, Value, 2),
               .fn = NEW(&ev->cx->arena, Value)};
    *v.fn = (Value){.kind = VAL_BUILTIN, .builtin = c->fn};
    v.self[0] = value_seq(ev->cx, VAL_TUPLE, 0);
    v.self[1] = value_dict(ev->cx);
    for (int i = 0; i < n; i++)
        if (c->arg[i + 1].kind != VAL_NONE)
            attr_set(ev->cx, v.self[1].dict, intern(ev->cx, names[i]), c->arg[i + 1]);
    return v;
}

static Func *kernel_of(Eval *ev, Call *c)
{
    Value f = c->arg[0];
    if (f.kind != VAL_FUNC)
        eval_fail(ev, E0204, c->at[0], NULL, "'%s' decorates a function, not %s", c->fn->name,
                  value_name[f.kind]);
    if (f.func->role == F_PLAIN) f.func->role = F_JIT;
    return f.func;
}

/* @jit, jit(f, out_idx=...), jit(out_idx=...)(f) */
Value py_jit(Eval *ev, Call *c)
{
    static const char *const names[] = {"out_idx"};
    if (c->arg[0].kind == VAL_NONE) return later(ev, c, names, COUNT(names));
    Func *f = kernel_of(ev, c);
    if (c->arg[1].kind != VAL_NONE) f->outputs = c->arg[1];
    return c->arg[0];
}

Value py_autotune(Eval *ev, Call *c)
{
    static const char *const names[] = {"configs"};
    if (c->arg[0].kind == VAL_NONE) return later(ev, c, names, COUNT(names));
    Func *f = kernel_of(ev, c);
    Value v = c->arg[1];
    if (v.kind == VAL_NONE || v.kind == VAL_FUNC) return c->arg[0];
    const Seq *all = v.kind == VAL_DICT ? NULL : eval_items(ev, v, c->at[1]);
    if (!all || (all->n && all->at[0].kind == VAL_DICT)) f->tuned = all ? all->at[0].dict : v.dict;
    return c->arg[0];
}

/* tilelang.compile(kernel, out_idx=...): the kernel, which knows what it returns */
Value py_compile(Eval *ev, Call *c)
{
    if (c->arg[0].kind != VAL_FUNC || c->arg[0].func->role != F_PRIM)
        eval_fail(ev, E0204, c->at[0], NULL, "'compile' takes a function with @T.prim_func, not %s",
                  value_name[c->arg[0].kind]);
    Func *f = NEW(&ev->cx->arena, Func);
    *f = *c->arg[0].func;
    if (c->arg[1].kind != VAL_NONE) f->outputs = c->arg[1];
    return (Value){.kind = VAL_FUNC, .func = f};
}

/* ---- memory between kernels ---- */

static Value new_tensor(Eval *ev, Call *c, Value shape, Value dtype)
{
    Args a = {.span = c->span, .callee = c->callee};
    if (!ev->prog || ev->launch)
        eval_fail(ev, E0202, c->callee, NULL, "'torch.%s' has no meaning here", c->fn->name);
    if (dtype.kind == VAL_NONE)
        eval_fail(ev, E0203, c->span, "write dtype=torch.float16",
                  "'torch.%s' needs a type: the host's default is not known here", c->fn->name);
    seq_add(ev->cx, &a.pos, shape);
    seq_add(ev->cx, &a.pos, dtype);
    return eval_call(ev, (Value){.kind = VAL_BUILTIN, .builtin = builtin_find("T", "empty")}, &a);
}

Value py_torch_empty(Eval *ev, Call *c)
{
    bool list = c->rest.n == 1 && (c->rest.at[0].kind == VAL_TUPLE || c->rest.at[0].kind == VAL_LIST);
    Value shape = {.kind = VAL_TUPLE, .seq = NEW(&ev->cx->arena, Seq)};
    *shape.seq = list ? *c->rest.at[0].seq : c->rest;
    return new_tensor(ev, c, shape, c->arg[1]);
}

Value py_torch_like(Eval *ev, Call *c)
{
    Value x = c->arg[0];
    if (x.kind != VAL_BUF) eval_fail(ev, E0204, c->at[0], NULL, "a tensor, not %s", value_name[x.kind]);
    Value shape = eval_attr(ev, x, intern(ev->cx, "shape"), c->span);
    return new_tensor(ev, c, shape, c->arg[1].kind == VAL_NONE ? value_dtype(x.buf->type) : c->arg[1]);
}
