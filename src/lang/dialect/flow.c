/* T.: kernels and macros, launches, loops, sizes, the types of parameters. */
#include "lang/dialect.h"
#include <string.h>

/* ---- decorators ---- */

static Value mark(Eval *ev, Call *c, FuncRole role, const char *what)
{
    Value f = c->arg[0];
    if (f.kind == VAL_NONE) /* @T.prim_func(...): the function comes later */
        return value_partial(ev->cx, (Value){.kind = VAL_BUILTIN, .builtin = c->fn}, (Seq){0},
                             (Dict){0});
    if (f.kind != VAL_FUNC)
        eval_fail(ev, E0204, c->at[0], NULL, "%s decorates a function, not %s", what,
                  value_name[f.kind]);
    f.func->role = role;
    f.func->traced = true;
    return f;
}

Value t_prim_func(Eval *ev, Call *c)
{
    return mark(ev, c, F_PRIM, "T.prim_func");
}

Value t_macro(Eval *ev, Call *c)
{
    return mark(ev, c, F_MACRO, "T.macro");
}

/* ---- launches ---- */

/* their number, and how many along each axis */
static int count_threads(Eval *ev, Value v, Span at, int ext[MAXGRID])
{
    Int n = 1;
    bool many = v.kind == VAL_TUPLE || v.kind == VAL_LIST;
    if (many && (!v.seq->n || v.seq->n > MAXGRID))
        eval_fail(ev, E0203, at, NULL, "threads has 1 to %d axes, not %d", (int)MAXGRID, v.seq->n);
    for (int i = 0; i < MAXGRID; i++) {
        Int k = i && !many           ? 1
                : v.kind == VAL_NONE ? 128
                : !many              ? to_int(ev, v, at, "the number of threads")
                : i < v.seq->n       ? to_int(ev, v.seq->at[i], at, "the number of threads")
                                     : 1;
        if (k < 1 || k > 1024 || (n *= k) > 1024)
            eval_fail(ev, E0205, at, NULL, "a block has 1 to 1024 threads, not %lld", (long long)k);
        ext[i] = (int)k;
    }
    return (int)n;
}

Value t_kernel(Eval *ev, Call *c)
{
    FrameSpec f = {.kind = FRAME_KERNEL,
                   .n = MAX(c->rest.n, 1),
                   .grid = {expr_i32(ev->cx, 1)}, /* no grid: one block */
                   .span = c->span};
    f.threads = count_threads(ev, c->arg[1], c->at[1], f.thread_ext);
    if (f.n > MAXGRID)
        eval_fail(ev, E0203, c->span, NULL, "a grid has 1 to %d dimensions, not %d", (int)MAXGRID,
                  f.n);
    import_source(ev, c->arg[3], c->at[3]);
    count_threads(ev, c->arg[4].kind == VAL_NONE ? value_int(1) : c->arg[4], c->at[4],
                  dialect(ev)->cluster);
    for (int k = 0; k < c->rest.n; k++) f.grid[k] = to_extent(ev, c->rest.at[k], c->span);
    return value_frame(ev, f);
}

/* ---- loops ---- */

static Value loop_value(Eval *ev, LoopSpec l)
{
    LoopSpec *p = NEW(&ev->cx->arena, LoopSpec);
    *p = l;
    return (Value){.kind = VAL_LOOP, .loop = p};
}

/* T.serial(stop) or T.serial(start, stop) */
static LoopSpec one_index(Eval *ev, Call *c, LoopKind how)
{
    LoopSpec l = {.how = how, .n = 1, .step = 1};
    bool both = c->arg[1].kind != VAL_NONE;
    l.lo = both ? to_extent(ev, c->arg[0], c->at[0]) : expr_i32(ev->cx, 0);
    l.hi[0] = to_extent(ev, c->arg[both], c->at[both]);
    return l;
}

/* with a step */
Value t_steps(Eval *ev, Call *c)
{
    LoopSpec l = one_index(ev, c, (LoopKind)c->fn->op);
    l.step = (int64_t)to_int(ev, c->arg[2], c->at[2], "the step of a loop");
    if (!l.step) eval_fail(ev, E0205, c->at[2], NULL, "a step of 0");
    return loop_value(ev, l);
}

Value t_vectorized(Eval *ev, Call *c)
{
    return loop_value(ev, one_index(ev, c, LOOP_VECTOR));
}

Value t_pipelined(Eval *ev, Call *c)
{
    LoopSpec l = one_index(ev, c, LOOP_PIPELINED);
    l.stages = int_arg(ev, c, 2, 0, 64, "num_stages");
    return loop_value(ev, l);
}

static LoopSpec many_indices(Eval *ev, Call *c, LoopKind how, const Seq *extent, Span at)
{
    LoopSpec l = {.how = how, .n = extent->n, .step = 1, .lo = expr_i32(ev->cx, 0)};
    if (!l.n || l.n > MAXPAR)
        eval_fail(ev, E0203, at, NULL, "'T.%s' takes 1 to %d extents, not %d", c->fn->name,
                  (int)MAXPAR, l.n);
    for (int k = 0; k < l.n; k++) l.hi[k] = to_extent(ev, extent->at[k], at);
    return l;
}

Value t_parallel(Eval *ev, Call *c)
{
    return loop_value(ev, many_indices(ev, c, LOOP_PARALLEL, &c->rest, c->span));
}

Value t_grid(Eval *ev, Call *c)
{
    LoopSpec l = many_indices(ev, c, LOOP_SERIAL, &c->rest, c->span);
    l.grid = true;
    return loop_value(ev, l);
}

Value t_persistent(Eval *ev, Call *c)
{
    LoopSpec l =
        many_indices(ev, c, LOOP_SERIAL, eval_items(ev, c->arg[0], c->at[0]), c->at[0]);
    l.wave = to_extent(ev, c->arg[1], c->at[1]);
    l.index = to_extent(ev, c->arg[2], c->at[2]);
    l.group = to_extent(ev, c->arg[3], c->at[3]);
    return loop_value(ev, l);
}

/* ---- sizes ---- */

/* the names in "M, N" one after the other; false at the end */
static bool next_name(Eval *ev, const char **s, const char **name)
{
    *s += strspn(*s, ", ");
    size_t n = strcspn(*s, ", ");
    if (!n) return false;
    *name = intern_n(ev->cx, *s, n);
    *s += n;
    return true;
}

/* the same name is the same size everywhere */
static Value dynamic_size(Eval *ev, const char *name, DType type, Span at)
{
    given_value(ev, name); /* bound at the launch */
    for (int i = 0; i < ev->sizes.n; i++)
        if (ev->sizes.at[i].expr->var->open == name && ev->sizes.at[i].expr->type == type)
            return ev->sizes.at[i];
    Value v = value_expr(expr_var(ev->cx, var_new(ev->cx, name, type, V_SIZE, at), at));
    seq_add(ev->cx, &ev->sizes, v);
    return v;
}

/* T.dynamic("m, n", type): of the launch; T.const("M, N"): of the compilation */
Value t_sizes(Eval *ev, Call *c)
{
    const char *s = to_str(ev, c->arg[0], c->at[0], "the name of a size"), *name;
    bool open = c->n > 1;
    DType type = open ? to_dtype(ev, c->arg[1], c->at[1]) : DT_int32;
    Value all = value_seq(ev->cx, VAL_TUPLE, 0);
    if (!dtype_is_int(type))
        eval_fail(ev, E0204, c->at[1], NULL, "a size is an integer, not a %s",
                  dtype_info[type].name);
    while (next_name(ev, &s, &name))
        seq_add(ev->cx, all.seq,
                open ? dynamic_size(ev, name, type, c->span) : const_size(ev, name, c->span));
    if (!all.seq->n) eval_fail(ev, E0203, c->at[0], NULL, "a size needs a name");
    return all.seq->n == 1 ? all.seq->at[0] : all;
}

/* ---- tensors ---- */

static Value tensor_type(Eval *ev, Value shape, Span at, DType type, bool output)
{
    TensorSpec *t = NEW(&ev->cx->arena, TensorSpec);
    t->ndim = shape_arg(ev, shape, at, SHAPE_TENSOR, t->dim);
    t->type = type;
    t->output = output;
    return (Value){.kind = VAL_TENSOR, .tensor = t};
}

/* the type of a parameter; with the memory of a buffer, another shape of it */
Value t_tensor(Eval *ev, Call *c)
{
    static const int of[] = {2, 0, 1}; /* as T.view has its parameters */
    Call as = *c;
    for (int i = 0; i < COUNT(of); i++) as.arg[i] = c->arg[of[i]], as.at[i] = c->at[of[i]];
    if (c->arg[2].kind != VAL_NONE) return t_view(ev, &as);
    return tensor_type(ev, c->arg[0], c->at[0], to_dtype(ev, c->arg[1], c->at[1]),
                       to_bool(ev, c->arg[4], c->at[4], "out"));
}

/* T.StridedTensor(shape, strides, dtype) */
Value t_strided(Eval *ev, Call *c)
{
    Value v = tensor_type(ev, c->arg[0], c->at[0], to_dtype(ev, c->arg[2], c->at[2]),
                          to_bool(ev, c->arg[3], c->at[3], "out"));
    int n = shape_arg(ev, c->arg[1], c->at[1], SHAPE_STRIDES, v.tensor->stride);
    if (n != v.tensor->ndim)
        eval_fail(ev, E0203, c->at[1], NULL, "%d strides for %d dimensions", n, v.tensor->ndim);
    return v;
}

/* T.ptr: a parameter that is an address */
Value t_ptr(Eval *ev, Call *c)
{
    (void)ev;
    (void)c;
    return value_dtype(DT_handle);
}

/* a buffer now; the parameter is added when the kernel returns it */
Value t_empty(Eval *ev, Call *c)
{
    if (!ev->prog)
        eval_fail(ev, E0209, c->span, NULL,
                  "T.empty makes an output of a kernel; this is outside of one");
    /* T.empty((M, N), dtype) or T.empty(M, N, dtype=...) */
    int n = c->rest.n;
    bool typed =
        n > 1 && (c->rest.at[n - 1].kind == VAL_DTYPE || c->rest.at[n - 1].kind == VAL_STR);
    bool list = n && (c->rest.at[0].kind == VAL_TUPLE || c->rest.at[0].kind == VAL_LIST);
    if (!n || (list && n > 1 + typed))
        eval_fail(ev, E0203, c->span, NULL, "T.empty takes a shape and a type");
    Value type = typed ? c->rest.at[n - 1] : c->arg[1];
    Value shape = list ? c->rest.at[0]
                       : (Value){.kind = VAL_TUPLE, .seq = &(Seq){n - typed, n, c->rest.at}};
    const TensorSpec *t =
        tensor_type(ev, shape, c->span,
                    type.kind == VAL_NONE ? DT_float32 : to_dtype(ev, type, c->at[1]), true)
            .tensor;
    Buf *b = buf_new(ev->cx, "", t->type, SP_GLOBAL, t->ndim, t->dim, c->span);
    seq_add(ev->cx, &ev->outputs, value_buf(b));
    return value_buf(b);
}

/* ---- effects and branches as calls ---- */

Value t_evaluate(Eval *ev, Call *c)
{
    drop_value(ev, c->arg[0], c->span);
    return NONE_VALUE;
}

/* with T.If(condition): with T.Then(): ... with T.Else(): ... */
Value t_branch(Eval *ev, Call *c)
{
    Expr *cond = c->n ? to_cond(ev, c, 0) : NULL;
    return value_frame(
        ev, (FrameSpec){.kind = (FrameKind)c->fn->op, .cond = cond, .span = c->span});
}

/* a block of the level below: its statements stand where it stands */
Value t_sblock(Eval *ev, Call *c)
{
    return value_frame(ev, (FrameSpec){.kind = FRAME_NONE, .span = c->span});
}

Value t_loop_break(Eval *ev, Call *c)
{
    bool in = false;
    for (const Block *b = ev->block; b; b = b->outer)
        in |= b->stmt && (b->stmt->kind == S_WHILE ||
                          (b->stmt->kind == S_LOOP && b->stmt->loop.how != LOOP_PARALLEL));
    if (!in)
        eval_fail(ev, E0209, c->span, NULL, "T.loop_break outside of a serial loop of the kernel");
    emit(ev, S_JUMP, c->span)->jump = JUMP_BREAK;
    return NONE_VALUE;
}

Value t_thread_return(Eval *ev, Call *c)
{
    emit(ev, S_JUMP, c->span)->jump = JUMP_RETURN;
    return NONE_VALUE;
}

/* T.bind(value): computed once, here */
Value t_bind(Eval *ev, Call *c)
{
    return emit_let(ev, "bound", c->arg[0], c->span);
}

Value t_todo(Eval *ev, Call *c)
{
    eval_fail(ev, E0901, c->callee, NULL, "'T.%s' is not built yet: %s", c->fn->name, c->fn->help);
}
