/* The host's side of the dialect: what makes functions kernels, and memory that the host would make. */
#include "lang/lang.h"
#include <string.h>

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
    Func *f = kernel_of(ev, c);
    if (c->arg[1].kind != VAL_NONE) f->outputs = c->arg[1];
    return c->arg[0];
}

Value py_autotune(Eval *ev, Call *c)
{
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

/* a tensor of the host: its shape and type are known, its values are not */
static Value host_tensor(Eval *ev, Value shape, Value dtype)
{
    Value v = value_object(ev->cx, class_new(ev, "torch.Tensor", NULL, 0));
    v.object->cls->foreign = true;
    attr_set(ev->cx, &v.object->attrs, intern(ev->cx, "shape"), shape);
    attr_set(ev->cx, &v.object->attrs, intern(ev->cx, "ndim"), value_int(shape.seq->n));
    attr_set(ev->cx, &v.object->attrs, intern(ev->cx, "dtype"),
             dtype.kind == VAL_NONE ? value_dtype(DT_float32) : dtype);
    return v;
}

static Value shape_of(Eval *ev, Call *c)
{
    bool list = c->rest.n == 1 && (c->rest.at[0].kind == VAL_TUPLE || c->rest.at[0].kind == VAL_LIST);
    return value_tuple(ev->cx, list ? *c->rest.at[0].seq : c->rest);
}

/* torch.rand(4, 8), torch.full((4, 8), 1.0) */
Value py_torch_tensor(Eval *ev, Call *c)
{
    bool full = !c->rest.n && c->arg[0].kind != VAL_UNSET;
    if (full) c->rest = *eval_items(ev, c->arg[0], c->at[0]);
    return host_tensor(ev, shape_of(ev, c), c->arg[full ? 2 : 1]);
}

/* torch.randint(high, size) and torch.randint(low, high, size) */
Value py_torch_randint(Eval *ev, Call *c)
{
    Value size = c->arg[2].kind == VAL_NONE ? c->arg[1] : c->arg[2];
    c->rest = *eval_items(ev, size, c->span);
    return host_tensor(ev, shape_of(ev, c), c->arg[3].kind == VAL_NONE ? value_dtype(DT_int64) : c->arg[3]);
}

static Value new_tensor(Eval *ev, Call *c, Value shape, Value dtype)
{
    Args a = {.span = c->span, .callee = c->callee};
    if (!ev->prog) return host_tensor(ev, shape, dtype);
    if (ev->launch)
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
    return new_tensor(ev, c, shape_of(ev, c), c->arg[1]);
}

Value py_torch_like(Eval *ev, Call *c)
{
    Value x = c->arg[0];
    if (x.kind != VAL_BUF) eval_fail(ev, E0204, c->at[0], NULL, "a tensor, not %s", value_name[x.kind]);
    Value shape = eval_attr(ev, x, intern(ev->cx, "shape"), c->span);
    return new_tensor(ev, c, shape, c->arg[1].kind == VAL_NONE ? value_dtype(x.buf->type) : c->arg[1]);
}
