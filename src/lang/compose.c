/* Kernels that call kernels. A call with buffers puts the launches of the kernel that is called where the call stands, after
   those that are there: one program of several launches. Its tensors become the buffers that are passed; what it makes by
   T.empty is a buffer of the program like any other.

   An eager kernel has sizes (T.const) that its arguments give. Its body runs twice: first with symbols for them, up to the
   first launch, where each symbol meets the dimension that it stands for; then with what was found. */
#include "lang/lang.h"

enum { MAXSIZES = 64 };

struct Inlined {
    Inlined *outer;
    const Func *f;
    bool first, stopped; /* the first run, which ends at the first launch */
    Dict consts;         /* name -> its symbol in the first run, its value in the second */
    int nsub;
    VarSub sub[MAXSIZES]; /* symbols of the kernel that is called: what they are here */
};

typedef struct {
    Eval *ev;
    Func *f;
    Env *env;
    Value out;
} Run;

/* ---- dimensions ---- */

static Expr *known_here(Eval *ev, const Inlined *in, Expr *e)
{
    Subst s = {.nvar = in->nsub, .var = (VarSub *)in->sub};
    return expr_subst(ev->cx, e, &s);
}

static bool same_extent(const Expr *a, const Expr *b)
{
    int64_t gap;
    return expr_same(a, b) || (expr_difference(a, b, &gap) && gap == 0);
}

/* a symbol takes the dimension it meets first; every other dimension has to be what it says */
static void match_dim(Eval *ev, Inlined *in, Expr *want, Expr *have, const char *name, int d, Span at)
{
    want = known_here(ev, in, want);
    if (same_extent(want, have)) return;
    if (want->kind == E_VAR && want->var->kind == V_SIZE && in->nsub < MAXSIZES) {
        in->sub[in->nsub++] = (VarSub){want->var, have};
        return;
    }
    if (in->first) return; /* checked in the second run */
    Text t = text_new(&ev->cx->arena);
    print_expr(&t, want);
    text_add(&t, ", not ");
    print_expr(&t, have);
    eval_fail(ev, E0203, at, NULL, "dimension %d of '%s' has to be %s", d, name, t.s);
}

static void match_tensor(Eval *ev, Inlined *in, const TensorSpec *t, const Value *v, const char *name, Span at)
{
    if (v->kind == VAL_REF)
        eval_fail(ev, E0901, at, "pass the whole tensor, and where the part begins",
                  "a part of a tensor as the argument '%s' of a kernel", name);
    if (v->kind != VAL_BUF)
        eval_fail(ev, E0204, at, NULL, "'%s' is a tensor, but %s is passed", name, value_name[v->kind]);
    const Buf *b = v->buf;
    if (b->ndim != t->ndim)
        eval_fail(ev, E0203, at, NULL, "'%s' has %d dimensions, but '%s' has %d", name, t->ndim,
                  b->name, b->ndim);
    if (b->type != t->type)
        eval_fail(ev, E0203, at, NULL, "'%s' holds %s, but '%s' %s", name, dtype_info[t->type].name,
                  b->name, dtype_info[b->type].name);
    for (int d = 0; d < t->ndim; d++) match_dim(ev, in, t->dim[d], b->dim[d], name, d, at);
}

bool compose_declare(Eval *ev, const TensorSpec *t, const char *name, Span at)
{
    Inlined *in = ev->inlined;
    if (!in || !ev->frame || ev->frame->func != in->f) return false;
    const Binding *b = env_find(ev->env, name);
    if (!b || b->value.kind == VAL_UNSET)
        eval_fail(ev, E0209, at, NULL, "'%s' is not a parameter of the kernel", name);
    match_tensor(ev, in, t, &b->value, name, at);
    return true;
}

/* ---- sizes of an eager kernel ---- */

bool compose_const(Eval *ev, const char *name, Span at, Value *out)
{
    Inlined *in = ev->inlined;
    if (!in) return false;
    Value *v = attr_find(&in->consts, name);
    if (!v && !in->first)
        eval_fail(ev, E0210, at, "use it as a dimension of a parameter, by itself",
                  "no argument of '%s' tells the size '%s'", in->f->name, name);
    if (!v) {
        Var *size = var_new(ev->cx, name, DT_int32, V_SIZE, at);
        attr_set(ev->cx, &in->consts, name, value_expr(expr_var(ev->cx, size, at)));
        v = attr_find(&in->consts, name);
    }
    *out = *v;
    return true;
}

/* symbols to what they met; a name that met nothing is forgotten, and an error where it is asked for again */
static void settle_consts(Eval *ev, Inlined *in)
{
    Dict found = {0};
    for (int i = 0; i < in->consts.n; i++) {
        const Expr *symbol = in->consts.val[i].expr;
        for (int k = 0; k < in->nsub; k++)
            if (in->sub[k].var == symbol->var)
                attr_set(ev->cx, &found, in->consts.key[i].s, simplify(value_expr(in->sub[k].to)));
    }
    in->consts = found;
    in->nsub = 0;
}

void compose_launch(Eval *ev)
{
    if (!ev->inlined || !ev->inlined->first) return;
    ev->inlined->stopped = true;
    leave(ev->cx);
}

/* ---- the body ---- */

static void run_step(Cx *cx, void *arg)
{
    Run *r = arg;
    (void)cx;
    r->out = exec(r->ev, r->f->node->body) == FLOW_RETURN ? r->ev->result : NONE_VALUE;
}

static Value run_body(Eval *ev, Func *f, Env *env, Span at)
{
    Frame frame = {.outer = ev->frame, .func = f, .call = at};
    Env *was = ev->env;
    Run r = {ev, f, env, NONE_VALUE};
    ev->env = env;
    ev->frame = &frame;
    run_step(ev->cx, &r);
    ev->frame = frame.outer;
    ev->env = was;
    return r.out;
}

/* up to the first launch; nothing of it stays but what the sizes are */
static void first_run(Eval *ev, Inlined *in, Func *f, Env *env, Span at)
{
    Eval was = *ev;
    Frame frame = {.outer = ev->frame, .func = f, .call = at};
    Run r = {ev, f, env, NONE_VALUE};
    int outputs = ev->outputs.n, temps = ev->prog->ntemp;
    Tail saved;
    in->first = true;
    ev->env = env;
    ev->frame = &frame;
    open_block(ev, NULL, &saved);
    bool fine = guarded(ev->cx, run_step, &r);
    int64_t fuel = ev->fuel;
    *ev = was;
    ev->fuel = fuel;
    ev->outputs.n = outputs;
    ev->prog->ntemp = temps;
    if (!fine) leave(ev->cx);
    if (!in->stopped)
        eval_fail(ev, E0210, at, NULL, "'%s' launches nothing: there is no T.Kernel in it", f->name);
    in->first = false;
    settle_consts(ev, in);
}

static Value call_eager(Eval *ev, Inlined *in, Func *f, const Args *a)
{
    f->traced = true;
    first_run(ev, in, f, call_bind(ev, f, a), a->span);
    return run_body(ev, f, call_bind(ev, f, a), a->span);
}

/* ---- a T.prim_func ---- */

/* the outputs that out_idx names: not passed, made here */
static void find_outputs(Eval *ev, const Func *f, int n, bool *output)
{
    const Func *jit = f->maker ? f->maker : f;
    if (!jit->out_idx) return;
    Env *was = ev->env;
    ev->env = jit->env;
    Value v = eval(ev, jit->out_idx), one = value_seq(ev->cx, VAL_TUPLE, 1);
    ev->env = was;
    one.seq->at[0] = v;
    if (v.kind == VAL_NONE) return;
    const Seq *all = v.kind == VAL_INT ? one.seq : eval_items(ev, v, jit->out_idx->span);
    for (int i = 0; i < all->n; i++) {
        Int k = to_int(ev, all->at[i], jit->out_idx->span, "out_idx");
        if (k < -n || k >= n)
            eval_fail(ev, E0213, jit->out_idx->span, NULL, "out_idx %lld of %d parameters",
                      (long long)k, n);
        output[k < 0 ? k + n : k] = true;
    }
}

static const Value *passed(const Args *a, const char *name, int *next)
{
    for (int k = 0; k < a->named.n; k++)
        if (a->names.at[k].s == name) return &a->named.at[k];
    return *next < a->pos.n ? &a->pos.at[(*next)++] : NULL;
}

static Value output_of(Eval *ev, const Inlined *in, const TensorSpec *t, Span at)
{
    Expr *dim[MAXDIM];
    for (int d = 0; d < t->ndim; d++) dim[d] = known_here(ev, in, t->dim[d]);
    Value v = value_buf(buf_new(ev->cx, "", t->type, SP_GLOBAL, t->ndim, dim, at));
    seq_add(ev->cx, &ev->outputs, v);
    return v;
}

static Value call_prim(Eval *ev, Inlined *in, Func *f, const Args *a)
{
    Env *env = NEW(&ev->cx->arena, Env), *was = ev->env;
    *env = (Env){.outer = f->env, .module = f->env->module};
    int n = 0, next = 0, k = 0;
    for (const Node *p = f->node->items; p; p = p->next) n += p->op == PARAM_PLAIN;
    bool *output = NEWN(&ev->cx->arena, bool, n + 1);
    Value *type = NEWN(&ev->cx->arena, Value, n + 1), made = value_seq(ev->cx, VAL_LIST, 0);
    find_outputs(ev, f, n, output);
    ev->env = f->env;
    for (const Node *p = f->node->items; p; p = p->next) {
        if (p->op != PARAM_PLAIN) continue;
        type[k++] = p->annotation ? eval(ev, p->annotation) : NONE_VALUE;
    }
    ev->env = was;
    k = 0;
    for (const Node *p = f->node->items; p; p = p->next) {
        if (p->op != PARAM_PLAIN || output[k++]) continue;
        const Value *v = passed(a, p->name, &next);
        if (!v)
            eval_fail(ev, E0203, a->span, NULL, "'%s' needs its argument '%s'", f->name, p->name);
        if (type[k - 1].kind == VAL_TENSOR)
            match_tensor(ev, in, type[k - 1].tensor, v, p->name, a->span);
        Value here = *v;
        if (type[k - 1].kind == VAL_DTYPE)
            here = value_expr(to_typed(ev, *v, type[k - 1].dtype, a->span));
        env_set(ev, env, p->name, here);
    }
    if (next < a->pos.n)
        eval_fail(ev, E0203, a->span, NULL, "'%s' takes %d arguments, not %d", f->name, next, a->pos.n);
    k = 0;
    for (const Node *p = f->node->items; p; p = p->next) {
        if (p->op != PARAM_PLAIN || !output[k++]) continue;
        if (type[k - 1].kind != VAL_TENSOR)
            eval_fail(ev, E0203, a->span, NULL, "the output '%s' of '%s' is not a tensor", p->name, f->name);
        Value v = output_of(ev, in, type[k - 1].tensor, a->span);
        env_set(ev, env, p->name, v);
        seq_add(ev->cx, made.seq, v);
    }
    f->traced = true;
    run_body(ev, f, env, a->span);
    return made.seq->n == 0 ? NONE_VALUE : made.seq->n == 1 ? made.seq->at[0] : made;
}

/* ---- the call ---- */

/* the launches that came with the call speak of its own symbols: these become what they are here */
static void settle_sizes(Eval *ev, const Inlined *in, Launch *l, int temp)
{
    Subst s = {.nvar = in->nsub, .var = (VarSub *)in->sub};
    if (!in->nsub) return;
    for (; l; l = l->next) {
        for (int d = 0; d < l->ngrid; d++) l->grid[d] = expr_subst(ev->cx, l->grid[d], &s);
        l->body = list_copy(ev->cx, l->body, &s);
    }
    for (; temp < ev->prog->ntemp; temp++) {
        Buf *b = ev->prog->temp[temp];
        for (int d = 0; d < b->ndim; d++) b->dim[d] = expr_subst(ev->cx, b->dim[d], &s);
    }
}

bool compose_applies(const Eval *ev, const Func *f)
{
    return ev->prog && !ev->launch &&
           (f->role == F_PRIM || (f->role == F_JIT && def_is_eager(f->node, true)));
}

Value compose_call(Eval *ev, Func *f, const Args *a)
{
    compose_launch(ev);
    if (ev->branches)
        eval_fail(ev, E0901, a->span, NULL, "a launch under a condition known only when it runs");
    Inlined in = {.outer = ev->inlined, .f = f};
    Launch **first = ev->launch_end;
    int temp = ev->prog->ntemp;
    ev->inlined = &in;
    Value out = f->role == F_PRIM ? call_prim(ev, &in, f, a) : call_eager(ev, &in, f, a);
    ev->inlined = in.outer;
    settle_sizes(ev, &in, *first, temp);
    return out;
}
