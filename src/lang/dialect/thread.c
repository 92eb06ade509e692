/* T.: which thread this is, what the threads of a warp and of a block tell each other. */
#include "lang/dialect.h"
#include <string.h>

/* ---- indices ---- */

static void need_launch(Eval *ev, Span at, const char *what)
{
    if (!ev->launch)
        eval_fail(ev, E0209, at, "use it inside of 'with T.Kernel(...)'",
                  "'T.%s' outside of T.Kernel", what);
}

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

Expr *thread_rank(Eval *ev, Span at)
{
    Expr *rank = thread_index(ev, 0, at);
    int before = ev->launch->thread_ext[0];
    for (int k = 1; k < MAXGRID; k++) {
        if (ev->launch->thread_ext[k] == 1) continue;
        Expr *n = build_op(ev, OP_mul, thread_index(ev, k, at), expr_i32(ev->cx, before), at);
        rank = build_op(ev, OP_add, rank, n, at);
        before *= ev->launch->thread_ext[k];
    }
    return rank;
}

static int axis_arg(Eval *ev, Call *c, int slot)
{
    Int k = to_int(ev, c->arg[slot], c->at[slot], "the axis");
    if (k < 0 || k >= MAXGRID)
        eval_fail(ev, E0205, c->at[slot], NULL, "an axis is 0, 1 or 2, not %lld", (long long)k);
    return (int)k;
}

static Value index_value(Expr *e)
{
    return simplify(value_expr(e));
}

Value t_thread_index(Eval *ev, Call *c)
{
    need_launch(ev, c->span, c->fn->name);
    return index_value(thread_index(ev, axis_arg(ev, c, 0), c->span));
}

Value t_thread_indices(Eval *ev, Call *c)
{
    need_launch(ev, c->span, c->fn->name);
    Value all = value_seq(ev->cx, VAL_TUPLE, MAXGRID);
    for (int k = 0; k < MAXGRID; k++) all.seq->at[k] = index_value(thread_index(ev, k, c->span));
    return all;
}

static Value block_index(Eval *ev, int k, Span at)
{
    Launch *l = ev->launch;
    return k < l->ngrid ? value_expr(expr_var(ev->cx, l->block[k], at)) : value_int(0);
}

Value t_block_index(Eval *ev, Call *c)
{
    need_launch(ev, c->span, c->fn->name);
    return block_index(ev, axis_arg(ev, c, 0), c->span);
}

Value t_block_indices(Eval *ev, Call *c)
{
    need_launch(ev, c->span, c->fn->name);
    Value all = value_seq(ev->cx, VAL_TUPLE, ev->launch->ngrid);
    for (int k = 0; k < ev->launch->ngrid; k++) all.seq->at[k] = block_index(ev, k, c->span);
    return all;
}

Value t_thread_extent(Eval *ev, Call *c)
{
    need_launch(ev, c->span, c->fn->name);
    return value_int(ev->launch->thread_ext[axis_arg(ev, c, 0)]);
}

Value t_thread_extents(Eval *ev, Call *c)
{
    need_launch(ev, c->span, c->fn->name);
    Value all = value_seq(ev->cx, VAL_TUPLE, MAXGRID);
    for (int k = 0; k < MAXGRID; k++) all.seq->at[k] = value_int(ev->launch->thread_ext[k]);
    return all;
}

static Value block_extent(Eval *ev, int k)
{
    Launch *l = ev->launch;
    return k < l->ngrid ? simplify(value_expr(l->grid[k])) : value_int(1);
}

Value t_block_extent(Eval *ev, Call *c)
{
    need_launch(ev, c->span, c->fn->name);
    return block_extent(ev, axis_arg(ev, c, 0));
}

Value t_block_extents(Eval *ev, Call *c)
{
    need_launch(ev, c->span, c->fn->name);
    Value all = value_seq(ev->cx, VAL_TUPLE, ev->launch->ngrid);
    for (int k = 0; k < ev->launch->ngrid; k++) all.seq->at[k] = block_extent(ev, k);
    return all;
}

/* ---- lanes, warps, groups of warps ---- */

static Int size_arg(Eval *ev, Call *c, int slot, Int otherwise, const char *what)
{
    if (c->arg[slot].kind == VAL_NONE) return otherwise;
    Int n = to_int(ev, c->arg[slot], c->at[slot], what);
    if (n < 1 || n > 1024)
        eval_fail(ev, E0205, c->at[slot], NULL, "%s is 1 to 1024, not %lld", what, (long long)n);
    return n;
}

static Value rank_by(Eval *ev, Call *c, Op op, Int n)
{
    need_launch(ev, c->span, c->fn->name);
    return index_value(
        build_op(ev, op, thread_rank(ev, c->span), expr_i32(ev->cx, (int64_t)n), c->span));
}

Value t_lane(Eval *ev, Call *c)
{
    return rank_by(ev, c, OP_floormod, size_arg(ev, c, 0, 32, "warp_size"));
}

Value t_warp(Eval *ev, Call *c)
{
    return rank_by(ev, c, OP_floordiv, size_arg(ev, c, 0, 32, "warp_size"));
}

Value t_warp_group(Eval *ev, Call *c)
{
    Int warps = size_arg(ev, c, 1, 4, "warps_per_group");
    return rank_by(ev, c, OP_floordiv, warps * size_arg(ev, c, 0, 32, "warp_size"));
}

/* one thread of each group of so many; 0: of the block */
Value t_elect(Eval *ev, Call *c)
{
    Int n = to_int(ev, c->arg[0], c->at[0], "thread_extent");
    need_launch(ev, c->span, c->fn->name);
    if (n < 0) eval_fail(ev, E0205, c->at[0], NULL, "a group of %lld threads", (long long)n);
    if (n == 0) n = ev->launch->threads;
    Value mine = rank_by(ev, c, OP_floormod, n);
    return eval_compare(ev, PY_eq, mine, value_int(0), c->span);
}

/* ---- with T.ws(k): the threads of some groups of 128 ---- */

Value t_ws(Eval *ev, Call *c)
{
    need_launch(ev, c->span, c->fn->name);
    FrameSpec *f = NEW(&ev->cx->arena, FrameSpec);
    if (!c->rest.n) eval_fail(ev, E0203, c->span, NULL, "'T.ws' needs the number of a warp group");
    Expr *group =
        build_op(ev, OP_floordiv, thread_rank(ev, c->span), expr_i32(ev->cx, 128), c->span);
    Expr *cond = NULL;
    for (int i = 0; i < c->rest.n; i++) {
        Int k = to_int(ev, c->rest.at[i], c->span, "the number of a warp group");
        if (k < 0 || k >= 8)
            eval_fail(ev, E0205, c->span, NULL, "a warp group is 0 to 7, not %lld", (long long)k);
        Expr *one = build_op(ev, OP_eq, group, expr_i32(ev->cx, (int64_t)k), c->span);
        cond = cond ? build_op(ev, OP_or, cond, one, c->span) : one;
    }
    *f = (FrameSpec){.kind = FRAME_WHERE, .cond = cond, .span = c->span};
    return (Value){.kind = VAL_FRAME, .frame = f};
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
    need_launch(ev, c->span, c->fn->name);
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
    need_launch(ev, c->span, c->fn->name);
    int axis = axis_named(ev, c->arg[0], c->at[0], "threadIdx."),
        block = axis_named(ev, c->arg[0], c->at[0], "blockIdx.");
    if (axis < 0 && block < 0)
        eval_fail(ev, E0205, c->at[0], "threadIdx.x, blockIdx.x", "there is no axis of that name");
    if (axis >= 0 && c->n > 1 && c->arg[1].kind != VAL_NONE &&
        to_int(ev, c->arg[1], c->at[1], "the number of threads") != ev->launch->thread_ext[axis])
        eval_fail(ev, E0205, c->at[1], "give T.Kernel the same number of threads",
                  "the launch has %d threads along this axis", ev->launch->thread_ext[axis]);
    return axis >= 0 ? index_value(thread_index(ev, axis, c->span))
                     : block_index(ev, block, c->span);
}

/* ---- shuffles, votes, reductions of a warp: value first, then integers with defaults ---- */

static Expr *int_arg(Eval *ev, Call *c, int slot)
{
    Expr *e = to_expr(ev, c->arg[slot], c->at[slot]);
    if (dtype_is_float(e->type))
        eval_fail(ev, E0204, c->at[slot], NULL, "'T.%s' needs an integer here, not a %s",
                  c->fn->name, dtype_info[e->type].name);
    return e->type == DT_bool ? expr_cast(ev->cx, e, DT_int32, c->at[slot]) : e;
}

static Value shuffle(Eval *ev, Call *c, Value v, Fn fn)
{
    if (v.kind == VAL_VECTOR) {
        Value out = value_seq(ev->cx, VAL_VECTOR, v.seq->n);
        for (int i = 0; i < v.seq->n; i++) out.seq->at[i] = shuffle(ev, c, v.seq->at[i], fn);
        return out;
    }
    Expr *arg[3] = {to_expr(ev, v, c->at[0]), int_arg(ev, c, 1), int_arg(ev, c, 2)};
    return value_expr(build_call(ev, c, fn, arg, 3, NULL, DT_none));
}

Value t_shuffle(Eval *ev, Call *c)
{
    return shuffle(ev, c, c->arg[0], (Fn)c->fn->op);
}

/* T.tvm_warp_shuffle(mask, value, lane, width, warp_size) */
Value t_tvm_shuffle(Eval *ev, Call *c)
{
    Call as = *c;
    for (int i = 0; i < 3; i++) {
        as.arg[i] = c->arg[i + 1];
        as.at[i] = c->at[i + 1];
    }
    return shuffle(ev, &as, as.arg[0], (Fn)c->fn->op);
}

static Value vote(Eval *ev, Call *c, Fn fn, Expr *e)
{
    return value_expr(build_call(ev, c, fn, &e, 1, NULL, DT_none));
}

Value t_vote(Eval *ev, Call *c)
{
    return vote(ev, c, (Fn)c->fn->op, to_expr(ev, c->arg[0], c->at[0]));
}

Value t_activemask(Eval *ev, Call *c)
{
    return value_expr(build_call(ev, c, FN_activemask, NULL, 0, NULL, DT_none));
}

/* a barrier that counts where a condition holds */
Value t_sync_vote(Eval *ev, Call *c)
{
    Expr *holds = expr_cast(ev->cx, to_expr(ev, c->arg[0], c->at[0]), DT_bool, c->at[0]);
    Expr *arg[2] = {expr_cast(ev->cx, holds, DT_int32, c->at[0]), expr_i32(ev->cx, 7)};
    return value_expr(build_call(ev, c, (Fn)c->fn->op, arg, 2, NULL, DT_none));
}

/* T.block_rank_in_cluster(): clusters are blocks side by side */
Value t_cluster_rank(Eval *ev, Call *c)
{
    need_launch(ev, c->span, c->fn->name);
    Expr *rank = expr_int(ev->cx, 0, DT_int32, c->span);
    int before = 1;
    for (int k = 0; k < ev->launch->ngrid; before *= dialect(ev)->cluster[k++]) {
        Expr *in = build_op(ev, OP_floormod, to_expr(ev, block_index(ev, k, c->span), c->span),
                            expr_i32(ev->cx, dialect(ev)->cluster[k]), c->span);
        rank = build_op(ev, OP_add, rank,
                        build_op(ev, OP_mul, in, expr_i32(ev->cx, before), c->span), c->span);
    }
    return index_value(rank);
}

/* T.mma(m, n, k, a, b, c) as a dump writes it */
Value t_mma_call(Eval *ev, Call *c)
{
    Expr *arg[6];
    for (int i = 0; i < 6; i++)
        arg[i] = i < 3 ? to_expr(ev, c->arg[i], c->at[i]) : to_place(ev, c->arg[i], c->at[i]);
    return emit_eval(ev, build_call(ev, c, FN_mma, arg, 6, NULL, DT_none), c->span);
}

/* ---- random numbers ---- */

Value t_rng_init(Eval *ev, Call *c)
{
    Expr *arg[3];
    bool canonical = c->arg[0].kind == VAL_STR; /* another generator, as a dump writes it */
    Call as = *c;
    if (canonical) {
        for (int i = 0; i < 4; i++) as.arg[i] = c->arg[(i + 1) % 4];
        c = &as;
    }
    const char *kind = to_str(ev, c->arg[3], c->at[3], "generator");
    bool philox = strstr(kind, "Philox") != NULL;
    if (!philox && strcmp(kind, "curandStateMRG32k3a_t") && strcmp(kind, "curandStateXORWOW_t"))
        eval_fail(ev, E0205, c->at[3], "curandStatePhilox4_32_10_t", "there is no generator '%s'",
                  kind);
    for (int i = 0; i < 3; i++)
        if (i != 1 || c->arg[1].kind != VAL_NONE) arg[i] = int_arg(ev, c, i);
    if (c->arg[1].kind == VAL_NONE) {
        need_launch(ev, c->span, c->fn->name);
        Expr *before = build_op(ev, OP_mul, to_expr(ev, block_index(ev, 0, c->span), c->span),
                                expr_i32(ev->cx, ev->launch->thread_ext[0]), c->span);
        arg[1] = build_op(ev, OP_add, thread_index(ev, 0, c->span), before, c->span);
    }
    return emit_eval(ev, build_call(ev, c, FN_rng_init, arg, 3, philox ? NULL : kind, DT_none),
                     c->span);
}

Value t_rng_rand(Eval *ev, Call *c)
{
    return value_expr(build_call(ev, c, FN_rng_rand, NULL, 0, NULL, DT_none));
}

Value t_rng_float(Eval *ev, Call *c)
{
    bool canonical = c->arg[0].kind == VAL_STR; /* as a dump writes it */
    const char *kind = to_str(ev, c->arg[!canonical], c->at[!canonical], "dist");
    Int bits = canonical ? 32 : to_int(ev, c->arg[0], c->at[0], "bit");
    if (strcmp(kind, "uniform") && strcmp(kind, "normal"))
        eval_fail(ev, E0205, c->at[1], "uniform and normal", "there is no distribution '%s'", kind);
    if (bits != 32 && bits != 64)
        eval_fail(ev, E0205, c->at[0], NULL, "a random float has 32 or 64 bits, not %lld",
                  (long long)bits);
    if (bits == 64) { /* made of 32 random bits, as curand does */
        if (strcmp(kind, "uniform"))
            eval_fail(ev, E0901, c->at[0], NULL, "normal random numbers of 64 bits");
        Expr *r = build_call(ev, c, FN_rng_rand, NULL, 0, NULL, DT_none),
             *step = expr_float(ev->cx, 0x1p-32, DT_float64, c->span);
        r = build_op(ev, OP_mul, expr_cast(ev->cx, r, DT_float64, c->span), step, c->span);
        return value_expr(
            build_op(ev, OP_add, r, expr_float(ev->cx, 0x1p-33, DT_float64, c->span), c->span));
    }
    return value_expr(build_call(ev, c, FN_rng_rand_float, NULL, 0, kind, DT_none));
}
