/* The tile program that grows: names, blocks, statements, loops and contexts. */
#include "lang/dialect.h"
#include <string.h>

/* ---- names: unique among what is visible, so that the printed program reads back ---- */

/* who has the name, or NULL; a program of very many names pays for the search */
static struct Names *taken(Eval *ev, const char *name)
{
    struct Names *n = NULL;
    int steps = 0;
    for (const Block *b = ev->block; b && !n; b = b->outer)
        for (n = b->names; n && n->name != name; n = n->next) steps++;
    ev->fuel -= steps / 8;
    return n;
}

/* a dump has unique names already; of its sizes it tells how they are called by others */
static const char *new_name(Eval *ev, const char *base, bool unique)
{
    const char *name = intern(ev->cx, base);
    struct Names *first = unique ? NULL : taken(ev, name);
    if (first || (!unique && !strcmp(base, "T"))) {
        int k = first ? first->used : 0;
        do name = intern(ev->cx, arena_printf(&ev->cx->arena, "%s_%d", base, ++k));
        while (taken(ev, name));
        if (first) first->used = k;
    }
    struct Names *n = NEW(&ev->cx->arena, struct Names);
    n->name = name;
    n->next = ev->block->names;
    ev->block->names = n;
    return name;
}

const char *fresh_name(Eval *ev, const char *base)
{
    return new_name(ev, base, ev->dump);
}

void name_size(Eval *ev, Var *v)
{
    v->name = new_name(ev, v->open, false);
}

static void name_slot(Eval *ev, Stmt *s, const char *name)
{
    if (s->verb.handle) return;
    s->verb.handle = fresh_name(ev, name);
    for (int i = 0; i < s->verb.pipe->ntile; i++) {
        const char *tile = s->verb.pipe->tile[i].name;
        s->verb.slot[i]->name =
            tile ? intern(ev->cx, arena_printf(&ev->cx->arena, "%s.%s", s->verb.handle, tile))
                 : s->verb.handle;
    }
}

/* buffers, lists of them, and lists of those; `left` items at most */
static void name_all(Eval *ev, const Value *v, const char *name, int depth, int *left)
{
    if (v->kind == VAL_BUF && !*v->buf->name) v->buf->name = fresh_name(ev, name);
    if (v->kind == VAL_PIPE && !*v->pipe->name) v->pipe->name = fresh_name(ev, name);
    if (v->kind == VAL_ORDER && !*v->order->name) v->order->name = fresh_name(ev, name);
    if (v->kind == VAL_SLOT) name_slot(ev, v->slot, name);
    bool list = v->kind == VAL_TUPLE || v->kind == VAL_LIST;
    int n = depth > 1 ? 0 : list ? v->seq->n : v->kind == VAL_DICT ? v->dict->n : 0;
    for (int i = 0; i < n && --*left > 0; i++)
        name_all(ev, list ? &v->seq->at[i] : &v->dict->val[i], name, depth + 1, left);
}

void name_fresh(Eval *ev, const Value *v, const char *name)
{
    name_all(ev, v, name, 0, &(int){4096});
}

Value slot_tile(Value v)
{
    return v.kind == VAL_SLOT && !v.slot->verb.pipe->tile[0].name ? value_buf(v.slot->verb.slot[0])
                                                                  : v;
}

/* ---- blocks and statements ---- */

Block *open_block(Eval *ev, Tail tail, Tail *saved)
{
    Block *b = NEW(&ev->cx->arena, Block);
    b->outer = ev->block;
    b->launch = ev->launch;
    *saved = ev->tail;
    ev->block = b;
    ev->tail = tail;
    return b;
}

static void add_names(Eval *ev, Block *to, const struct Names *n)
{
    for (; n; n = n->next) {
        struct Names *copy = NEW(&ev->cx->arena, struct Names);
        copy->name = n->name;
        copy->next = to->gone;
        to->gone = copy;
    }
}

/* what a closed block declared is declared in the one around it */
void keep_names(Eval *ev, Block *b)
{
    struct Names **end = &b->names;
    while (*end) end = &(*end)->next;
    if (ev->block) *end = ev->block->names, ev->block->names = b->names;
}

void close_block(Eval *ev, Block *b, Tail saved)
{
    b->over = true;
    if (b->outer) { /* whoever is named for the whole launch must not have these names */
        add_names(ev, b->outer, b->names);
        add_names(ev, b->outer, b->gone);
    }
    ev->block = b->outer;
    ev->tail = saved;
}

/* views that stand before the launch */
static void declare_pending(Eval *ev, Span at)
{
    for (int i = 0; ev->dialect && i < ev->dialect->npending; i++)
        emit(ev, S_ALLOC, at)->alloc = ev->dialect->pending[i];
}

Stmt *emit(Eval *ev, StmtKind k, Span at)
{
    if (!ev->launch)
        eval_fail(ev, E0209, at, "statements that run stand inside of 'with T.Kernel(...)'",
                  "nothing can run here: this is outside of T.Kernel");
    if (++ev->statements > MAXSTATEMENTS)
        eval_fail(ev, E0218, at, "T.serial makes a loop of what a Python list writes out",
                  "more than %d statements in one program", (int)MAXSTATEMENTS);
    return stmt_add(&ev->tail, stmt_new(ev->cx, k, at));
}

Expr *build_op(Eval *ev, Op op, Expr *a, Expr *b, Span at)
{
    return expr_op(ev->cx, op, a, b, NULL, at);
}

Value emit_eval(Eval *ev, Expr *call, Span at)
{
    emit(ev, S_EVAL, at)->eval = call;
    return NONE_VALUE;
}

static bool has_effect(const Expr *e)
{
    if (e->kind == E_CALL) return true;
    int n = e->kind == E_OP ? op_info[e->op].nargs : e->kind == E_CAST || e->kind == E_BITS;
    for (int i = 0; i < n; i++)
        if (has_effect(e->arg[i])) return true;
    return false;
}

void drop_value(Eval *ev, Value v, Span at)
{
    if (v.kind == VAL_TUPLE || v.kind == VAL_LIST || v.kind == VAL_VECTOR)
        for (int i = 0; i < v.seq->n; i++) drop_value(ev, v.seq->at[i], at);
    if (v.kind != VAL_EXPR || !ev->launch || !has_effect(v.expr)) return;
    if (v.expr->kind == E_CALL)
        emit_eval(ev, v.expr, at);
    else
        emit_let(ev, "unused", v, at);
}

/* sums of products of indices: nothing to compute again, and more of the compiler knows what they
   are when they stand where they are used */
static bool is_plain(const Expr *e, int *nodes)
{
    if (++*nodes > 12 || !dtype_is_int(e->type)) return false;
    if (e->kind != E_OP) return e->kind == E_INT || e->kind == E_VAR;
    bool sum = e->op == OP_add || e->op == OP_sub || e->op == OP_mul;
    return sum && is_plain(e->arg[0], nodes) && is_plain(e->arg[1], nodes);
}

Value emit_let(Eval *ev, const char *name, Value v, Span at)
{
    int nodes = 0;
    Expr *e = to_expr(ev, v, at);
    if (e->kind == E_VAR && e->var->kind == V_THREAD && !*e->var->name) {
        e->var->name = fresh_name(ev, name);
        return v;
    }
    if (!ev->dump && (e->kind == E_VAR || e->kind == E_INT || e->kind == E_FLOAT ||
                      is_plain(e, &nodes) || !ev->launch)) {
        if (!ev->launch && e->kind == E_LOAD)
            eval_fail(ev, E0209, at, "move it into 'with T.Kernel(...)'",
                      "a tensor is read outside of T.Kernel");
        return simplify(value_expr(e));
    }
    Var *var = var_new(ev->cx, fresh_name(ev, name), e->type, V_LET, at);
    Stmt *s = emit(ev, S_LET, at);
    s->let.var = var;
    s->let.value = e;
    return value_expr(expr_var(ev->cx, var, at));
}

void emit_store(Eval *ev, Buf *b, Expr *const *idx, Expr *value, Span at)
{
    Stmt *s = emit(ev, S_STORE, at);
    s->store.buf = b;
    s->store.idx = NEWN(&ev->cx->arena, Expr *, b->ndim + 1);
    for (int d = 0; d < b->ndim; d++) s->store.idx[d] = idx[d];
    s->store.value = expr_cast(ev->cx, value, b->type, at);
}

Value emit_alloc(Eval *ev, Space sp, DType t, int ndim, Expr *const *dim, Span at)
{
    Buf *b = buf_new(ev->cx, "", t, sp, ndim, dim, at);
    emit(ev, S_ALLOC, at)->alloc = b;
    return value_buf(b);
}

/* ---- loops ---- */

/* iterations that run side by side cannot be left one by one */
static Flow loop_body(Eval *ev, const Node *n, LoopKind how)
{
    return device_body(ev, n->body, how != LOOP_PARALLEL && how != LOOP_VECTOR);
}

/* the names before `in` or after `as` */
static const Node *targets_of(const Node *target)
{
    bool many = target->kind == N_tuple || target->kind == N_list;
    return many ? target->items : target;
}

static const Node *check_targets(Eval *ev, const Node *n, int want)
{
    int have = 0;
    for (const Node *t = targets_of(n->target); t; t = t == n->target ? NULL : t->next, have++)
        if (t->kind != N_name) eval_fail(ev, E0204, t->span, NULL, "a loop's index is a name");
    if (have != want)
        eval_fail(ev, E0203, n->target->span, NULL,
                  "the loop has %d extents, but %d names stand before 'in'", want, have);
    return targets_of(n->target);
}

static Stmt *open_loop(Eval *ev, LoopKind how, Expr *lo, int64_t step, Nest *nest, Span at)
{
    Stmt *s = emit(ev, S_LOOP, at);
    s->loop.how = how;
    s->loop.step = step;
    s->loop.lo = lo;
    nest->block = open_block(ev, &s->loop.body, &nest->saved);
    nest->block->stmt = s;
    return s;
}

/* one more index; the value is bound inside of the loop */
static Expr *add_index(Eval *ev, Stmt *s, const char *name, Expr *hi, Span at)
{
    DType type = s->loop.lo->type == DT_int64 || hi->type == DT_int64 ? DT_int64 : DT_int32;
    int k = s->loop.n++;
    s->loop.hi[k] = hi;
    s->loop.var[k] = var_new(ev->cx, fresh_name(ev, name), type, V_LOOP, at);
    return expr_var(ev->cx, s->loop.var[k], at);
}

void emit_branch(Eval *ev, Nest *nest, Expr *cond, Span at)
{
    Stmt *s = emit(ev, S_IF, at);
    s->branch.cond = expr_cast(ev->cx, cond, DT_bool, at);
    nest->block = open_block(ev, &s->branch.then, &nest->saved);
}

void emit_nest(Eval *ev, Nest *nest, LoopKind how, int n, const int64_t *ext, Span at)
{
    static const char *const names[] = {"i", "j", "k"};
    Stmt *s = open_loop(ev, how, expr_i32(ev->cx, 0), 1, nest, at);
    for (int k = 0; k < n; k++)
        nest->index[k] =
            add_index(ev, s, names[k < COUNT(names) ? k : 0], expr_i32(ev->cx, ext[k]), at);
}

/* T.thread_binding: every thread runs the body for itself */
static Flow thread_loop(Eval *ev, const Node *n, const LoopSpec *l)
{
    const Node *t = check_targets(ev, n, 1);
    Value index = {.kind = VAL_LOOP, .loop = (LoopSpec *)l};
    env_set(ev, ev->env, t->name, value_expr(to_expr(ev, index, n->iter->span)));
    return loop_body(ev, n, LOOP_VECTOR);
}

/* one loop statement; the indices are bound inside of it */
static const Node *begin_loop(Eval *ev, const Node *n, const LoopSpec *l, const Node *targets,
                              int first, int count, Nest *nest)
{
    Stmt *s = open_loop(ev, l->how, l->lo, l->step, nest, n->span);
    s->loop.stages = l->how == LOOP_PIPELINED ? l->stages : 0;
    for (int k = 0; k < count; k++, targets = targets->next)
        env_set(ev, ev->env, targets->name,
                value_expr(add_index(ev, s, targets->name, l->hi[first + k], targets->span)));
    return targets;
}

static Expr *op2(Eval *ev, Op op, Expr *a, Expr *b, Span at)
{
    return expr_op(ev->cx, op, a, b, NULL, at);
}

/* T.Persistent: tile w * wave + index of the domain, whose last axis goes in groups and slowest.
   What is beyond the last tile is beyond the end of that axis, so one condition guards the body. */
static Flow persistent_loop(Eval *ev, const Node *n, const LoopSpec *l)
{
    Span at = n->iter->span;
    Expr *last = l->hi[l->n - 1], *one = expr_i32(ev->cx, 1), *extent[MAXPAR + 1], *total;
    Expr *group = l->group;
    int64_t g;
    if (expr_const(group, &g) && g <= 1)
        group = one;
    else
        group = op2(ev, OP_max, one, op2(ev, OP_min, group, last, at), at);
    extent[0] =
        op2(ev, OP_floordiv, op2(ev, OP_add, last, op2(ev, OP_sub, group, one, at), at), group, at);
    for (int k = 1; k < l->n; k++) extent[k] = l->hi[k - 1];
    extent[l->n] = group;
    total = extent[0];
    for (int k = 1; k <= l->n; k++) total = op2(ev, OP_mul, total, extent[k], at);

    Nest nest;
    Stmt *s = open_loop(ev, LOOP_SERIAL, expr_i32(ev->cx, 0), 1, &nest, n->span);
    Expr *up = op2(ev, OP_add, total, op2(ev, OP_sub, l->wave, one, at), at);
    Expr *rest = add_index(ev, s, "wave", op2(ev, OP_floordiv, up, l->wave, at), at);
    rest = op2(ev, OP_add, op2(ev, OP_mul, rest, l->wave, at), l->index, at);
    rest = emit_let(ev, "tile", value_expr(rest), at).expr;

    Expr *coord[MAXPAR + 1];
    for (int k = l->n; k >= 1; k--) {
        coord[k] = op2(ev, OP_floormod, rest, extent[k], at);
        rest = op2(ev, OP_floordiv, rest, extent[k], at);
    }
    coord[l->n] = op2(ev, OP_add, op2(ev, OP_mul, rest, group, at), coord[l->n], at);
    const Node *t = targets_of(n->target);
    Value index = NONE_VALUE;
    for (int k = 1; k <= l->n; k++, t = t->next) {
        index = emit_let(ev, t->name, value_expr(coord[k]), t->span);
        env_set(ev, ev->env, t->name, index);
    }
    Nest guard;
    emit_branch(ev, &guard, op2(ev, OP_lt, to_expr(ev, index, at), last, at), at);
    Flow f = loop_body(ev, n, LOOP_SERIAL);
    close_block(ev, guard.block, guard.saved);
    close_block(ev, nest.block, nest.saved);
    return f;
}

Flow exec_loop(Eval *ev, const Node *n, const LoopSpec *l)
{
    Nest nest[MAXPAR];
    const Node *t = check_targets(ev, n, l->n);
    int depth = 0, each = l->grid ? 1 : l->n;
    if (n->orelse)
        eval_fail(ev, E0209, n->orelse->span, NULL, "'else' after a loop that runs on the device");
    if (l->wave) return persistent_loop(ev, n, l);
    if (l->axis) return thread_loop(ev, n, l);
    for (; depth * each < l->n; depth++)
        t = begin_loop(ev, n, l, t, depth, each, &nest[depth]);
    Flow f = loop_body(ev, n, l->grid && l->n > 1 ? LOOP_PARALLEL : l->how);
    while (depth-- > 0) close_block(ev, nest[depth].block, nest[depth].saved);
    return f;
}

/* ---- contexts ---- */

/* an index of blocks: with the name in the program, or one of ours */
static Value block_var(Eval *ev, int k, const char *name, Span at)
{
    static const char *const names[MAXGRID] = {"bx", "by", "bz"};
    ev->launch->block[k] =
        var_new(ev->cx, fresh_name(ev, name ? name : names[k]), DT_int32, V_BLOCK, at);
    return value_expr(expr_var(ev->cx, ev->launch->block[k], at));
}

static void bind_blocks(Eval *ev, const FrameSpec *f, const Node *target)
{
    int k = 0;
    if (target && target->kind == N_name && f->n > 1) { /* one name for all: a tuple */
        Value all = value_seq(ev->cx, VAL_TUPLE, f->n);
        for (; k < f->n; k++) all.seq->at[k] = block_var(ev, k, NULL, target->span);
        env_set(ev, ev->env, target->name, all);
        return;
    }
    const Node *t = target ? targets_of(target) : NULL;
    for (; t && k < f->n; t = t == target ? NULL : t->next, k++) {
        if (t->kind != N_name)
            eval_fail(ev, E0204, t->span, NULL, "the index of a block is a name");
        env_set(ev, ev->env, t->name, block_var(ev, k, t->name, t->span));
    }
    if (target && (t || k != f->n))
        eval_fail(ev, E0203, target->span, NULL,
                  "the grid has %d dimensions, but another number of names stands after 'as'",
                  f->n);
    for (; k < f->n; k++) block_var(ev, k, NULL, f->span);
}

static Flow exec_kernel(Eval *ev, const Node *n, const FrameSpec *f, const Node *target)
{
    Tail saved;
    compose_launch(ev);
    if (!ev->prog)
        eval_fail(ev, E0209, f->span, NULL, "T.Kernel stands in a kernel, not in a factory");
    if (ev->launch)
        eval_fail(ev, E0209, f->span, "put the launches one after the other",
                  "T.Kernel inside of T.Kernel");
    if (ev->branches)
        eval_fail(ev, E0901, f->span, NULL, "a launch under a condition known only when it runs");
    Launch *l = NEW(&ev->cx->arena, Launch);
    *l = (Launch){.ngrid = f->n, .threads = f->threads, .span = f->span};
    memcpy(l->grid, f->grid, sizeof l->grid);
    memcpy(l->thread_ext, f->thread_ext, sizeof l->thread_ext);
    *ev->launch_end = l;
    ev->launch_end = &l->next;
    ev->launch = l;
    Block *b = open_block(ev, &l->body, &saved);
    bind_blocks(ev, f, target);
    declare_pending(ev, f->span);
    Flow flow = exec(ev, n->body);
    close_reducers(ev);
    close_block(ev, b, saved);
    ev->launch = NULL;
    return flow;
}

static Flow exec_role(Eval *ev, const Node *n, const FrameSpec *f, const Node *target)
{
    Tail saved;
    if (ev->roles) eval_fail(ev, E0209, f->span, NULL, "a role inside of a role");
    Stmt *s = emit(ev, S_ROLE, f->span);
    ev->prog->stage = STAGE_SCHED;
    s->role.role = f->role;
    s->role.groups = f->groups;
    Block *b = open_block(ev, &s->role.body, &saved);
    if (target) {
        if (target->kind != N_name)
            eval_fail(ev, E0204, target->span, NULL, "the index of a group is a name");
        Value g = value_int(0);
        if (f->groups > 1) {
            s->role.group =
                var_new(ev->cx, fresh_name(ev, target->name), DT_int32, V_GROUP, target->span);
            g = value_expr(expr_var(ev->cx, s->role.group, target->span));
        }
        env_set(ev, ev->env, target->name, g);
    } else if (f->groups > 1) {
        eval_fail(ev, E0203, f->span, "write 'as g'", "groups need a name for their index");
    }
    ev->roles++;
    Flow flow = exec(ev, n->body);
    ev->roles--;
    close_block(ev, b, saved);
    return flow;
}

/* the body under a condition */
static Flow exec_under(Eval *ev, const Node *n, Tail tail)
{
    Tail saved;
    Block *b = open_block(ev, tail, &saved);
    ev->branches++;
    Flow flow = exec(ev, n->body);
    ev->branches--;
    close_block(ev, b, saved);
    return flow;
}

static Flow exec_where(Eval *ev, const Node *n, const FrameSpec *f)
{
    int64_t known;
    if (expr_const(f->cond, &known)) return known ? exec(ev, n->body) : FLOW_NEXT;
    Stmt *s = emit(ev, S_IF, f->span);
    s->branch.cond = f->cond;
    return exec_under(ev, n, &s->branch.then);
}

/* with T.If(c): with T.Then(): ... with T.Else(): ... */
static Flow exec_branch(Eval *ev, const Node *n, const FrameSpec *f)
{
    Dialect *d = dialect(ev);
    Stmt *outer = d->branch;
    if (f->kind == FRAME_IF) {
        d->branch = emit(ev, S_IF, f->span);
        d->branch->branch.cond = f->cond;
        Flow flow = exec(ev, n->body);
        d->branch = outer;
        return flow;
    }
    if (!outer)
        eval_fail(ev, E0209, f->span, "write 'with T.If(condition):' around it",
                  "T.Then and T.Else outside of T.If");
    d->branch = NULL;
    Flow flow =
        exec_under(ev, n, f->kind == FRAME_THEN ? &outer->branch.then : &outer->branch.other);
    d->branch = outer;
    return flow;
}

Flow exec_frame(Eval *ev, const Node *n, const FrameSpec *f, const Node *target)
{
    switch (f->kind) {
    case FRAME_KERNEL: return exec_kernel(ev, n, f, target);
    case FRAME_ROLE: return exec_role(ev, n, f, target);
    case FRAME_IF:
    case FRAME_THEN:
    case FRAME_ELSE: return exec_branch(ev, n, f);
    case FRAME_WHERE: return exec_where(ev, n, f);
    default: return exec(ev, n->body);
    }
}
