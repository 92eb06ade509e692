/* T.: which thread and block this is. */
#include "lang/dialect.h"
#include <string.h>

/* ---- indices ---- */

/* a name that nothing in this launch has had */
static const char *launch_name(Eval *ev, const char *base)
{
    Block *b = ev->block;
    const char *name = intern(ev->cx, base);
    while (b->outer && b->outer->launch == ev->launch) b = b->outer;
    for (int k = 1;; k++) {
        bool used = false;
        for (const struct Names *n = b->gone; n; n = n->next) used |= n->name == name;
        if (!used) break;
        name = intern(ev->cx, arena_printf(&ev->cx->arena, "%s_%d", base, k));
    }
    name = fresh_name(ev, name);
    struct Names *n = NEW(&ev->cx->arena, struct Names);
    n->name = name;
    n->next = b->names;
    b->names = n;
    return name;
}

Expr *thread_index(Eval *ev, int axis, Span at)
{
    static const char *const names[MAXGRID] = {"tx", "ty", "tz"};
    Launch *l = ev->launch;
    if (!ev->dump && l->thread_ext[axis] == 1) return expr_int(ev->cx, 0, DT_int32, at);
    if (!l->thread[axis]) {
        const char *name = ev->dump ? "" : launch_name(ev, names[axis]);
        l->thread[axis] = var_new(ev->cx, name, DT_int32, V_THREAD, at);
    }
    return expr_var(ev->cx, l->thread[axis], at);
}

typedef enum { THREAD_INDEX, BLOCK_INDEX, THREAD_EXTENT, BLOCK_EXTENT } AxisFact;

static Value axis_fact(Eval *ev, AxisFact what, int k, Span at)
{
    const Launch *l = ev->launch;
    bool there = k < l->ngrid;
    switch (what) {
    case THREAD_INDEX: return simplify(value_expr(thread_index(ev, k, at)));
    case BLOCK_INDEX:
        return there ? value_expr(expr_var(ev->cx, l->block[k], at)) : value_int(0);
    case THREAD_EXTENT: return value_int(l->thread_ext[k]);
    default: return there ? simplify(value_expr(l->grid[k])) : value_int(1);
    }
}

/* of one axis; without the parameter, of all of them */
Value t_axis(Eval *ev, Call *c)
{
    AxisFact what = (AxisFact)c->fn->op;
    bool threads = what == THREAD_INDEX || what == THREAD_EXTENT;
    need_launch(ev, c);
    if (c->n) return axis_fact(ev, what, int_arg(ev, c, 0, 0, MAXGRID - 1, "an axis"), c->span);
    Value all = value_seq(ev->cx, VAL_TUPLE, threads ? MAXGRID : ev->launch->ngrid);
    for (int k = 0; k < all.seq->n; k++) all.seq->at[k] = axis_fact(ev, what, k, c->span);
    return all;
}

/* ---- for tx in T.thread_binding(n, thread="threadIdx.x") ---- */

static int axis_named(Eval *ev, Value v, Span at, const char *prefix)
{
    const char *s = to_str(ev, v, at, "the name of an axis");
    size_t n = strlen(prefix);
    if (strncmp(s, prefix, n) || !s[n] || s[n + 1] || !strchr("xyz", s[n])) return -1;
    return s[n] - 'x';
}

Value t_thread_binding(Eval *ev, Call *c)
{
    bool both = c->arg[1].kind != VAL_NONE && c->arg[1].kind != VAL_STR;
    const Func *f = ev->frame ? ev->frame->func : NULL;
    int name = c->arg[1].kind == VAL_STR ? 1 : 2; /* T.thread_binding(n, "threadIdx.x") */
    need_launch(ev, c);
    Launch *l = ev->launch;
    Value lo = both ? c->arg[0] : value_int(0);
    Int first = to_int(ev, lo, c->at[0], "the first thread"),
        n = to_int(ev, c->arg[both], c->at[both], "the number of threads");
    bool none = c->arg[name].kind == VAL_NONE;
    int axis = none ? 0 : axis_named(ev, c->arg[name], c->at[name], "threadIdx."),
        block = none ? -1 : axis_named(ev, c->arg[name], c->at[name], "blockIdx.");
    if (axis < 0 && (block < 0 || block >= l->ngrid))
        eval_fail(ev, E0205, c->at[name], "threadIdx.x, threadIdx.y and threadIdx.z",
                  "T.thread_binding goes over the threads of an axis");
    if (f && f->role != F_MACRO && !def_has_kernel(f->node->body, true) && n > 0 && n <= 1024) {
        if (block >= 0) /* without T.Kernel it says what the launch is */
            l->grid[block] = expr_i32(ev->cx, (int64_t)n);
        if (block < 0) l->thread_ext[axis] = l->threads = (int)n;
    }
    int64_t have = block < 0 ? l->thread_ext[axis] : -1;
    if (block >= 0) expr_const(l->grid[block], &have);
    if (first != 0 || n != have)
        eval_fail(ev, E0205, c->span, "give T.Kernel the same number of threads",
                  "T.thread_binding over %lld threads, but the launch has %lld along this axis",
                  (long long)n, (long long)have);
    LoopSpec *spec = NEW(&ev->cx->arena, LoopSpec);
    *spec = (LoopSpec){.n = 1, .step = 1, .axis = block < 0 ? axis + 1 : MAXGRID + 1 + block};
    return (Value){.kind = VAL_LOOP, .loop = spec};
}

/* T.launch_thread("threadIdx.x", n) inside of T.Kernel: the index */
Value t_launch_thread(Eval *ev, Call *c)
{
    need_launch(ev, c);
    int axis = axis_named(ev, c->arg[0], c->at[0], "threadIdx."),
        block = axis_named(ev, c->arg[0], c->at[0], "blockIdx.");
    if (axis < 0 && block < 0)
        eval_fail(ev, E0205, c->at[0], "threadIdx.x, blockIdx.x", "there is no axis of that name");
    if (axis >= 0 && c->n > 1 && c->arg[1].kind != VAL_NONE &&
        to_int(ev, c->arg[1], c->at[1], "the number of threads") != ev->launch->thread_ext[axis])
        eval_fail(ev, E0205, c->at[1], "give T.Kernel the same number of threads",
                  "the launch has %d threads along this axis", ev->launch->thread_ext[axis]);
    return axis_fact(ev, axis >= 0 ? THREAD_INDEX : BLOCK_INDEX, axis >= 0 ? axis : block, c->span);
}
