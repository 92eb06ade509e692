/* What each thread does by itself, as T.Parallel nests over the threads: the index of a thread
   becomes a variable of the nest, what a thread keeps an element of a fragment, copies of its own
   loops. */
#include "sched/threads/threads.h"
#include <string.h>

/* ---- ranks ---------------------------------------------------------------------------------- */

static Expr *thread_var(Threads *t, int axis)
{
    static const char *const name[MAXGRID] = {"tx", "ty", "tz"};
    Launch *l = t->launch;
    if (!l->thread[axis])
        l->thread[axis] =
            var_new(t->cx, names_fresh(t->names, name[axis]), DT_int32, V_THREAD, l->span);
    return expr_var(t->cx, l->thread[axis], l->span);
}

int threads_extent(const Threads *t, int axis)
{
    return MAX(t->launch->thread_ext[axis], 1);
}

/* the axes of more than one thread, slowest first: how a fragment with an element a thread is laid
 * out */
int threads_lead(Threads *t, Expr **idx, int64_t *ext)
{
    int n = 0;
    for (int axis = MAXGRID - 1; axis >= 0; axis--)
        if (threads_extent(t, axis) > 1 || (axis == 0 && !n)) {
            idx[n] = thread_var(t, axis);
            ext[n++] = threads_extent(t, axis);
        }
    return n;
}

Expr *threads_rank(Threads *t)
{
    Expr *r = NULL;
    for (int axis = MAXGRID - 1; axis >= 0; axis--)
        if (threads_extent(t, axis) > 1 || (axis == 0 && !r)) {
            Expr *i = thread_var(t, axis);
            r = r ? expr_add(t->cx, expr_mul(t->cx, r, expr_i32(t->cx, threads_extent(t, axis))), i)
                  : i;
        }
    return r;
}

typedef struct {
    const char *name;
    int n;
} Count;

static bool count_name(void *user, const Stmt *s)
{
    Count *c = user;
    c->n += (s->kind == S_ALLOC && s->alloc->name == c->name) ||
            (s->kind == S_LET && s->let.var->name == c->name);
    for (int k = 0; s->kind == S_LOOP && k < s->loop.n; k++)
        c->n += s->loop.var[k]->name == c->name;
    return false;
}

/* what it stands for is gone, so it has that one's name if nobody else does */
static const char *name_for(Threads *t, const char *name)
{
    Count c = {name, 0};
    stmt_any(t->launch->body, count_name, &c);
    return c.n == 1 ? name : names_fresh(t->names, name);
}

Buf *threads_fragment(Threads *t, const char *name, DType type, int n, const int64_t *ext, Span at)
{
    Expr *dim[MAXDIM];
    for (int d = 0; d < n; d++) dim[d] = expr_i32(t->cx, ext[d]);
    Buf *b = buf_new(t->cx, name_for(t, name), type, SP_FRAG, n, dim, at);
    stmt_add(&t->alloc, stmt_alloc(t->cx, b));
    return b;
}

/* ---- what each thread does by itself
 * --------------------------------------------------------------- */

/* the fragment that holds b for all threads */
Buf *threads_own(Threads *t, Buf *b)
{
    Buf *f = (Buf *)(intptr_t)ptr_get(&t->own, b);
    if (f || !ptr_get(&t->varies, b)) return f;
    Expr *idx[MAXDIM];
    int64_t ext[MAXDIM + MAXGRID];
    int n = threads_lead(t, idx, ext);
    if (n + b->ndim > MAXDIM) {
        threads_stuck(t, b->span, "what each thread keeps has too many axes");
        return b;
    }
    for (int d = 0; d < b->ndim; d++)
        if (!expr_const(b->dim[d], &ext[n + d]))
            threads_stuck(t, b->span, "what each thread keeps has no constant size");
    f = threads_fragment(t, b->name, b->type, n + b->ndim, ext, b->span);
    ptr_set(&t->own, b, (int64_t)(intptr_t)f);
    return f;
}

static Expr *each_fn(Cx *cx, Expr *e, void *user);

Expr *threads_expr(Threads *t, Expr *e)
{
    return expr_map(t->cx, e, each_fn, t);
}

static void own_index(Threads *t, Buf *b, Expr *const *idx, Expr **out)
{
    int64_t ext[MAXDIM];
    int n = threads_lead(t, out, ext);
    for (int d = 0; d < b->ndim; d++) out[n + d] = threads_expr(t, idx[d]);
}

static Expr *each_fn(Cx *cx, Expr *e, void *user)
{
    Threads *t = user;
    if (e->kind == E_VAR)
        for (int k = t->nlet - 1; k >= 0; k--)
            if (t->let[k].var == e->var) return t->let[k].to;
    if (e->kind == E_CALL) {
        for (int k = 0; k < e->nargs; k++)
            if (call_place(e, k) && ptr_get(&t->varies, e->args[k]->buf))
                threads_stuck(t, e->span, "a call changes what each thread has for itself");
        const char *name = fn_info[e->fn].name;
        if (strncmp(name, "atomic_", 7) != 0 && e->fn != FN_print && e->fn != FN_device_assert)
            threads_stuck(t, e->span, "a call belongs to the thread that makes it");
    }
    Buf *f = e->kind == E_LOAD ? threads_own(t, e->buf) : NULL;
    if (!f || t->why) return NULL;
    Expr *idx[MAXDIM];
    own_index(t, e->buf, e->idx, idx);
    return expr_load(cx, f, idx, e->span);
}

static Stmt *each_list(Threads *t, Stmt *list);

Stmt *threads_store(Threads *t, Buf *b, Expr *const *idx, Expr *value, Span at)
{
    Stmt *s = stmt_new(t->cx, S_STORE, at);
    s->store.buf = b;
    s->store.idx = NEWN(&t->cx->arena, Expr *, MAXDIM);
    memcpy(s->store.idx, idx, sizeof *idx * (size_t)b->ndim);
    s->store.value = expr_cast(t->cx, value, b->type, at);
    return s;
}

static Stmt *each_store(Threads *t, Buf *b, Expr *const *idx, Expr *value, Span at)
{
    Expr *to[MAXDIM];
    Buf *f = threads_own(t, b);
    if (t->why) return stmt_new(t->cx, S_EVAL, at);
    if (f)
        own_index(t, b, idx, to);
    else
        for (int d = 0; d < b->ndim; d++) to[d] = threads_expr(t, idx[d]);
    return threads_store(t, f ? f : b, to, threads_expr(t, value), at);
}

static Stmt *serial(Threads *t, int64_t n, Var **v, Span at)
{
    Stmt *s = stmt_new(t->cx, S_LOOP, at);
    *v = var_new(t->cx, names_fresh(t->names, "e"), DT_int32, V_LOOP, at);
    s->loop.how = LOOP_SERIAL;
    s->loop.n = 1;
    s->loop.var[0] = *v;
    s->loop.lo = expr_i32(t->cx, 0);
    s->loop.hi[0] = expr_i32(t->cx, n);
    s->loop.step = 1;
    return s;
}

/* a copy or fill by one thread, as loops */
static Stmt *each_tile(Threads *t, const Stmt *s)
{
    Cx *cx = t->cx;
    const Region *src = &s->tile.arg[0], *dst = s->tile.op == TO_fill ? src : &s->tile.arg[1];
    CopyShape shape;
    Expr *from[MAXDIM], *to[MAXDIM];
    if (!copy_shape(src, dst, &shape)) {
        threads_stuck(t, s->span, "a copy of one thread has no shape");
        return stmt_new(cx, S_EVAL, s->span);
    }
    for (int d = 0; d < src->buf->ndim; d++) from[d] = src->off[d];
    for (int d = 0; d < dst->buf->ndim; d++) to[d] = dst->off[d];
    Stmt *head = NULL;
    Tail tail = &head;
    for (int k = 0; k < shape.n; k++) {
        Var *v;
        if (shape.ext[k] == 1) continue;
        Stmt *loop = serial(t, shape.ext[k], &v, s->span);
        Expr *i = expr_var(cx, v, s->span);
        if (shape.src[k] >= 0) from[shape.src[k]] = expr_add(cx, from[shape.src[k]], i);
        if (shape.dst[k] >= 0) to[shape.dst[k]] = expr_add(cx, to[shape.dst[k]], i);
        *tail = loop;
        tail = &loop->loop.body;
    }
    Expr *value = s->tile.op == TO_fill ? s->tile.value : expr_load(cx, src->buf, from, s->span);
    *tail = each_store(t, dst->buf, to, value, s->span);
    return head;
}

/* T.cp_async(dst, src, bytes[, cond]) */
static Stmt *each_async(Threads *t, const Expr *call)
{
    Cx *cx = t->cx;
    const Expr *dst = call->args[0], *src = call->args[1];
    int64_t bytes = 0;
    Var *v;
    expr_const(call->args[2], &bytes);
    Stmt *loop = serial(t, bytes / MAX(dtype_bytes(dst->buf->type), 1), &v, call->span);
    Expr *i = expr_var(cx, v, call->span), *from[MAXDIM], *to[MAXDIM];
    for (int d = 0; d < src->buf->ndim; d++)
        from[d] = d + 1 < src->buf->ndim ? src->idx[d] : expr_add(cx, src->idx[d], i);
    for (int d = 0; d < dst->buf->ndim; d++)
        to[d] = d + 1 < dst->buf->ndim ? dst->idx[d] : expr_add(cx, dst->idx[d], i);
    Expr *value = expr_load(cx, src->buf, from, call->span);
    if (call->fn == FN_cp_async_if)
        value = expr_op(cx, OP_select, call->args[3], value,
                        expr_cast(cx, expr_i32(cx, 0), value->type, call->span), call->span);
    loop->loop.body = each_store(t, dst->buf, to, value, call->span);
    return loop;
}

Stmt *threads_head(Threads *t, const Stmt *s)
{
    Stmt *n = NEW(&t->cx->arena, Stmt);
    *n = *s;
    n->next = NULL;
    if (s->kind == S_LOOP) {
        n->loop.lo = threads_expr(t, s->loop.lo);
        n->loop.hi[0] = threads_expr(t, s->loop.hi[0]);
        n->loop.body = NULL;
    } else if (s->kind == S_IF || s->kind == S_WHILE) {
        n->branch.cond = threads_expr(t, s->branch.cond);
        n->branch.then = n->branch.other = NULL;
    } else if (s->kind == S_LET) {
        n->let.value = threads_expr(t, s->let.value);
    } else if (s->kind == S_EVAL && !threads_joint_call(NULL, s->eval)) {
        n->eval = threads_expr(t, s->eval);
    }
    return n;
}

Stmt *threads_alone(Threads *t, Stmt *s)
{
    if (s->kind == S_TILE) return each_tile(t, s);
    if (s->kind == S_STORE)
        return each_store(t, s->store.buf, s->store.idx, s->store.value, s->span);
    if (s->kind == S_EVAL && (s->eval->fn == FN_cp_async || s->eval->fn == FN_cp_async_if))
        return each_async(t, s->eval);
    if (s->kind == S_JUMP && s->jump == JUMP_RETURN)
        threads_stuck(t, s->span, "a thread ends before the others");
    Stmt *n = threads_head(t, s);
    if (s->kind == S_LOOP) {
        n->loop.body = each_list(t, s->loop.body);
        if (n->loop.how == LOOP_PIPELINED) n->loop.how = LOOP_SERIAL;
    } else if (s->kind == S_IF || s->kind == S_WHILE) {
        n->branch.then = each_list(t, s->branch.then);
        n->branch.other = each_list(t, s->branch.other);
    }
    return n;
}

static Stmt *each_list(Threads *t, Stmt *list)
{
    Stmt *head = NULL;
    Tail tail = &head;
    for (Stmt *s = list; s; s = s->next)
        if (s->kind != S_ALLOC)
            stmt_add(&tail, threads_alone(t, s));
        else if (!threads_own(t, s->alloc))
            stmt_add(&tail, stmt_alloc(t->cx, s->alloc));
    return head;
}

/* the threads of a nest: its variables stand for their indices */
void threads_flush(Threads *t, Out *out)
{
    if (!out->each) return;
    Cx *cx = t->cx;
    int64_t ext[MAXDIM];
    Expr *idx[MAXDIM];
    int all = t->launch->threads, n = threads_lead(t, idx, ext), nsub = 0;
    bool whole = out->who.lo == 0 && out->who.hi == all && n <= MAXPAR;
    Stmt *nest = stmt_new(cx, S_LOOP, out->each->span);
    VarSub sub[MAXGRID];
    nest->loop.how = LOOP_PARALLEL;
    nest->loop.lo = expr_i32(cx, 0);
    nest->loop.step = 1;
    nest->loop.n = whole ? n : 1;
    for (int k = 0; k < nest->loop.n; k++) {
        const char *name = idx[whole ? k : n - 1]->var->name; /* the thread's own is gone by then */
        nest->loop.var[k] = var_new(cx, name, DT_int32, V_LOOP, nest->span);
        nest->loop.hi[k] = expr_i32(cx, whole ? ext[k] : out->who.hi - out->who.lo);
        if (whole) sub[nsub++] = (VarSub){idx[k]->var, expr_var(cx, nest->loop.var[k], nest->span)};
    }
    Expr *rank = whole ? NULL
                       : expr_add(cx, expr_var(cx, nest->loop.var[0], nest->span),
                                  expr_i32(cx, out->who.lo));
    for (int axis = 0; axis < MAXGRID; axis++) {
        if (!t->launch->thread[axis] || (whole && threads_extent(t, axis) > 1) ||
            (whole && n == 1 && axis == 0))
            continue;
        Expr *by = expr_i32(cx, threads_extent(t, axis)), *i = whole ? expr_i32(cx, 0) : rank;
        bool last = true;
        for (int k = axis + 1; k < MAXGRID; k++) last &= threads_extent(t, k) == 1;
        if (!whole && !last) i = expr_op(cx, OP_floormod, rank, by, NULL, nest->span);
        if (!whole) rank = expr_op(cx, OP_floordiv, rank, by, NULL, nest->span);
        sub[nsub++] = (VarSub){t->launch->thread[axis], i};
    }
    nest->loop.body = list_copy(cx, out->each, &(Subst){.nvar = nsub, .var = sub});
    stmt_add(&out->tail, nest);
    out->each = NULL;
}

void threads_each(Threads *t, Out *out, Stmt *s, Some who)
{
    if (out->each && (out->who.lo != who.lo || out->who.hi != who.hi)) threads_flush(t, out);
    if (!out->each) out->each_end = &out->each;
    out->who = who;
    stmt_add(&out->each_end, s);
}
