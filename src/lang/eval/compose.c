/* Kernels that call kernels. A call puts the launches of the callee where it stands, in order, with
   the caller's buffers as its parameters; what it returns is a buffer of the caller. An eager
   callee runs in two phases: with symbols for its T.const sizes up to its first launch, then again
   with what the shapes of the arguments say. */
#include "lang/lang.h"
#include <string.h>

/* ---- sizes that a kernel is compiled for ---- */

Value const_size(Eval *ev, const char *name, Span at)
{
    Calling *p = ev->phase;
    if (!p)
        eval_fail(ev, E0209, at, "give it as a parameter of the factory",
                  "T.const stands in an eager kernel; this is none");
    Value *have = attr_find(&p->sizes, name);
    if (!have && !p->nested) have = given_value(ev, name); /* the entry's: -D */
    if (have) return is_symbolic(have) ? *have : value_int(to_int(ev, *have, at, arena_printf(&ev->cx->arena, "the size '%s'", name)));
    Value v = value_expr(expr_var(ev->cx, var_new(ev->cx, name, DT_int32, V_SIZE, at), at));
    attr_set(ev->cx, &p->sizes, name, v);
    p->unknown++;
    return v;
}

void compose_launch(Eval *ev)
{
    Calling *p = ev->phase;
    if (!p || !p->unknown) return;
    p->stopped = true;
    leave(ev->cx);
}

/* ---- shapes ---- */

static Expr *bound(const Subst *s, const Var *v)
{
    for (int i = 0; i < s->nvar; i++)
        if (s->var[i].var == v) return s->var[i].to;
    return NULL;
}

static void bind_var(Cx *cx, Subst *s, Var *v, Expr *to)
{
    VarSub *more = NEWN(&cx->arena, VarSub, s->nvar + 1);
    if (s->nvar) memcpy(more, s->var, (size_t)s->nvar * sizeof *more);
    more[s->nvar++] = (VarSub){v, to};
    s->var = more;
}

static bool same_extent(const Expr *a, const Expr *b)
{
    int64_t gap;
    return expr_same(a, b) || (expr_difference(a, b, &gap) && gap == 0);
}

/* a size of the callee takes the dimension it meets first; every other one has to be what it says */
static void fit_dim(Eval *ev, Expr *want, Expr *have, const char *name, int d, Span at)
{
    Calling *p = ev->phase;
    want = expr_subst(ev->cx, want, &p->bound);
    if (same_extent(want, have)) return;
    if (want->kind == E_VAR && want->var->kind == V_SIZE && !bound(&p->bound, want->var)) {
        bind_var(ev->cx, &p->bound, want->var, have);
        return;
    }
    if (p->unknown) return; /* checked in phase two */
    eval_fail(ev, E0203, at, NULL, "dimension %d of '%s' has to be %s, not %s", d, name,
              value_shown(ev, value_expr(want), false).s, value_shown(ev, value_expr(have), false).s);
}

void phase_param(Eval *ev, const TensorSpec *t, const char *name, const Value *v, Span at)
{
    if (v->kind == VAL_REF)
        eval_fail(ev, E0901, at, "pass the whole tensor, and where the part begins",
                  "a part of a tensor as the argument '%s' of a kernel", name);
    if (v->kind == VAL_FOREIGN)
        eval_fail(ev, E0202, at, NULL, "'%s' is not part of the program: it is no tensor here", v->s);
    if (v->kind != VAL_BUF)
        eval_fail(ev, E0204, at, NULL, "'%s' is a tensor, but %s is passed", name, value_name[v->kind]);
    const Buf *b = v->buf;
    if (t->ndim != b->ndim)
        eval_fail(ev, E0203, at, NULL, "'%s' has %d dimensions, but '%s' has %d", name, t->ndim,
                  b->name, b->ndim);
    if (t->type != b->type)
        eval_fail(ev, E0203, at, NULL, "'%s' holds %s, but '%s' %s", name, dtype_info[t->type].name,
                  b->name, dtype_info[b->type].name);
    for (int d = 0; d < t->ndim; d++) fit_dim(ev, t->dim[d], b->dim[d], name, d, at);
}

/* ---- one call ---- */

typedef struct {
    Eval *ev;
    Func *func;
    Env *env;
    Value result;
} Job;

static void run(Cx *cx, void *arg)
{
    Job *j = arg;
    Eval *ev = j->ev;
    (void)cx;
    Frame frame = {.outer = ev->frame, .func = j->func};
    if (ev->phase->nested) frame.call = ev->phase->call;
    ev->env = j->env;
    ev->frame = &frame;
    ev->branches = ev->loops = 0;
    j->result = run_statements(ev, j->func) == FLOW_RETURN ? ev->result : NONE_VALUE;
}

/* the sizes of phase one get the values that the arguments' shapes gave them */
static void solve(Eval *ev, Calling *p)
{
    for (int i = 0; i < p->sizes.n; i++) {
        Value *v = &p->sizes.val[i];
        if (v->kind != VAL_EXPR || v->expr->kind != E_VAR) continue;
        Expr *to = bound(&p->bound, v->expr->var);
        if (!to)
            eval_fail(ev, E0210, p->call, "use it as a dimension of a parameter, by itself",
                      "no argument of '%s' tells the size '%s'", p->func->name, p->sizes.key[i].s);
        *v = simplify(value_expr(to));
    }
    p->unknown = 0;
    p->stopped = false;
    p->bound = (Subst){0};
}

/* of the entry: nothing but -D tells its sizes */
static _Noreturn void missing_sizes(Eval *ev, const Calling *p)
{
    Text missing = text_new(&ev->cx->arena);
    for (int i = 0; i < p->sizes.n; i++)
        if (p->sizes.val[i].kind == VAL_EXPR) text_add(&missing, " -D %s=...", p->sizes.key[i].s);
    eval_fail(ev, E0210, p->func->node->span, arena_printf(&ev->cx->arena, "give%s", missing.s),
              "'%s' is compiled for sizes that were not given", p->func->name);
}

/* the body once, and again when it stopped before its first launch for want of a size */
static Value run_phases(Eval *ev, Calling *p, Func *f, const Args *a, Enter *enter)
{
    Eval was = *ev;
    for (int round = 0;; round++) {
        Tail saved;
        Job j = {.ev = ev, .func = f, .env = env_new(ev, f->env)};
        ev->phase = p;
        Block *b = open_block(ev, NULL, &saved);
        enter(ev, f, a, j.env);
        bool fine = guarded(ev->cx, run, &j);
        if (!fine || (p->stopped && round)) leave(ev->cx);
        if (!p->stopped) {
            close_block(ev, b, saved);
            keep_names(ev, b); /* its buffers belong to the whole program */
            ev->phase = was.phase;
            ev->env = was.env;
            ev->frame = was.frame;
            ev->branches = was.branches;
            ev->loops = was.loops;
            return j.result;
        }
        eval_restore(ev, &was);
        if (!p->nested) missing_sizes(ev, p);
        solve(ev, p);
    }
}

Value phase_run(Eval *ev, Func *f, const Args *a, Enter *enter)
{
    Calling *p = NEW(&ev->cx->arena, Calling);
    *p = (Calling){.outer = ev->phase, .func = f, .call = a->span};
    return run_phases(ev, p, f, a, enter);
}

static void substitute_shape(Cx *cx, Buf *b, const Subst *s)
{
    for (int d = 0; d < b->ndim; d++) b->dim[d] = expr_subst(cx, b->dim[d], s);
}

/* the callee's own open sizes, in what the call added, become those of its arguments */
static void substitute(Eval *ev, const Calling *p, Launch **from, int temps, int outputs)
{
    Cx *cx = ev->cx;
    if (!p->bound.nvar) return;
    for (Launch *l = *from; l; l = l->next) {
        for (int d = 0; d < l->ngrid; d++) l->grid[d] = expr_subst(cx, l->grid[d], &p->bound);
        l->body = list_copy(cx, l->body, &p->bound);
    }
    for (int i = temps; i < ev->prog->ntemp; i++) substitute_shape(cx, ev->prog->temp[i], &p->bound);
    for (int i = outputs; i < ev->outputs.n; i++) substitute_shape(cx, ev->outputs.at[i].buf, &p->bound);
}

/* ---- eager kernels ---- */

/* a tensor fits its type, a number gets it */
static void enter_param(Eval *ev, Value type, const char *name, Value *v, Span at)
{
    if (type.kind == VAL_TENSOR) phase_param(ev, type.tensor, name, v, at);
    if (type.kind == VAL_DTYPE) *v = simplify(value_expr(to_typed(ev, *v, type.dtype, at)));
}

static void enter_eager(Eval *ev, Func *f, const Args *a, Env *env)
{
    call_bind(ev, f, a, env);
    for (const Node *p = f->node->items; p; p = p->next) {
        Binding *b = env->first;
        while (b && b->name != p->name) b = b->next;
        if (!p->annotation || !b) continue;
        enter_param(ev, eval_in(ev, f->env, p->annotation), p->name, &b->value, a->span);
    }
}

/* ---- kernels of a factory ---- */

static bool is_output(const Calling *p, int k)
{
    for (int i = 0; i < p->nout; i++)
        if (p->out[i] == k) return true;
    return false;
}

int *output_places(Eval *ev, Value out_idx, int n, Span at, int *count)
{
    const Seq *s = out_idx.kind == VAL_INT ? &(Seq){1, 1, &out_idx} : eval_items(ev, out_idx, at);
    int *place = NEWN(&ev->cx->arena, int, s->n + 1);
    for (int i = 0; i < s->n; i++) {
        Int k = to_int(ev, s->at[i], at, "out_idx");
        if (k < -n || k >= n) eval_fail(ev, E0213, at, NULL, "out_idx %lld of %d parameters", (long long)k, n);
        place[i] = (int)(k < 0 ? k + n : k);
    }
    *count = s->n;
    return place;
}

/* which parameters the call makes and returns: all of out_idx, unless every parameter is given */
static void find_outputs(Eval *ev, const Func *f, const Args *a, Calling *p)
{
    int n = 0;
    for (const Node *q = f->node->items; q; q = q->next) n += q->op == PARAM_PLAIN;
    if (f->outputs.kind == VAL_UNSET || f->outputs.kind == VAL_NONE || a->pos.n + a->named.n >= n) return;
    p->out = output_places(ev, f->outputs, n, a->span, &p->nout);
}

static Value output_buffer(Eval *ev, const TensorSpec *t, Span at)
{
    Expr *dim[MAXDIM];
    for (int d = 0; d < t->ndim; d++) dim[d] = expr_subst(ev->cx, t->dim[d], &ev->phase->bound);
    Value v = value_buf(buf_new(ev->cx, "", t->type, SP_GLOBAL, t->ndim, dim, at));
    seq_add(ev->cx, &ev->outputs, v);
    seq_add(ev->cx, &ev->phase->made, v);
    return v;
}

static void enter_prim(Eval *ev, Func *f, const Args *a, Env *env)
{
    int k = 0, n = 0;
    Signature s = def_signature(ev, f);
    for (int i = 0; i < s.n; i++) /* what the call makes is not given */
        if (s.slot[i].node->op == PARAM_PLAIN && !is_output(ev->phase, k++)) s.slot[n++] = s.slot[i];
    s.n = n;
    Bound b = {.arg = NEWN(&ev->cx->arena, Value, n + 1), .at = NEWN(&ev->cx->arena, Span, n + 1)};
    bind_args(ev, &s, a, &b);
    for (int i = 0; i < n; i++) {
        const Node *p = s.slot[i].node;
        Value type = p->annotation ? eval_in(ev, f->env, p->annotation) : NONE_VALUE, v = b.arg[i];
        if (v.kind == VAL_UNSET)
            eval_fail(ev, E0203, a->span, NULL, "'%s' needs its argument '%s'", f->name, p->name);
        enter_param(ev, type, p->name, &v, a->span);
        env_set(ev, env, p->name, v);
    }
    k = 0;
    for (const Node *p = f->node->items; p; p = p->next) { /* the inputs told the sizes of the outputs */
        if (p->op != PARAM_PLAIN || !is_output(ev->phase, k++)) continue;
        Value type = p->annotation ? eval_in(ev, f->env, p->annotation) : NONE_VALUE;
        if (type.kind != VAL_TENSOR)
            eval_fail(ev, E0203, a->span, NULL, "'%s' needs its argument '%s'", f->name, p->name);
        env_set(ev, env, p->name, output_buffer(ev, type.tensor, a->span));
    }
}

/* ---- any kernel ---- */

Value compose_call(Eval *ev, Func *f, const Args *a)
{
    if (!ev->prog)
        eval_fail(ev, E0209, a->span, "call it in a function whose tensor parameters have types",
                  "'%s' is a kernel: it is launched by another one, not while a factory runs", f->name);
    if (ev->launch)
        eval_fail(ev, E0209, a->span, "write its body as a T.macro",
                  "'%s' is a kernel, called inside of another one's T.Kernel", f->name);
    if (ev->branches)
        eval_fail(ev, E0901, a->span, NULL, "a launch under a condition known only when it runs");
    int depth = 0;
    for (const Calling *p = ev->phase; p; p = p->outer) depth++;
    if (depth > 32) eval_fail(ev, E0215, a->span, NULL, "kernels that call kernels, 32 levels deep");
    compose_launch(ev); /* the caller's own sizes are needed from here on */
    Calling *p = NEW(&ev->cx->arena, Calling);
    *p = (Calling){.outer = ev->phase, .func = f, .call = a->span, .nested = true};
    Launch **from = ev->launch_end;
    int temps = ev->prog->ntemp, outputs = ev->outputs.n;
    bool traced = f->traced, prim = f->role == F_PRIM;
    f->traced = true;
    if (prim) find_outputs(ev, f, a, p);
    Value out = run_phases(ev, p, f, a, prim ? enter_prim : enter_eager);
    f->traced = traced;
    substitute(ev, p, from, temps, outputs);
    if (!p->made.n) return out;
    if (p->made.n == 1) return p->made.at[0];
    Value all = value_seq(ev->cx, VAL_LIST, 0);
    for (int i = 0; i < p->made.n; i++) seq_add(ev->cx, all.seq, p->made.at[i]);
    return all;
}
