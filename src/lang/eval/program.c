/* From a source file, an entry and its bindings to a tile program or a schedule. The entry is a
   T.prim_func, a factory that returns one, or an eager function that is a kernel itself; a
   factory's parameters are bound by name or by their defaults. */
#include "lang/lang.h"
#include <string.h>

enum { FUEL = 20000000 };

/* ---- values of parameters ---- */

/* the signature says all of the parameters' types */
static bool is_typed(const Node *def)
{
    for (const Node *p = def->items; p; p = p->next)
        if (p->op == PARAM_PLAIN && !p->annotation) return false;
    return true;
}

/* an eager function's parameter that is an argument of the launch: its type is a tensor's or a
 * scalar's, in the signature or in the body */
static bool is_argument(Eval *ev, const Func *f, const Node *p, Value *type)
{
    *type = p->annotation ? eval_in(ev, f->env, p->annotation) : NONE_VALUE;
    return ast_find(f->node->body, see_declaration, p->name, false) || type->kind == VAL_TENSOR || type->kind == VAL_DTYPE;
}

static _Noreturn void missing_values(Eval *ev, const Func *f, const Text *missing)
{
    eval_fail(ev, E0210, f->node->span, arena_printf(&ev->cx->arena, "give%s", missing->s),
              "'%s' has parameters without a value", f->name);
}

/* what a parameter of the entry is compiled for: -D, its default, the first configuration of a
   tuner; false when there is none */
static bool entry_param(Eval *ev, Func *f, const Node *p, int k, Value *out)
{
    const Value *v = given_value(ev, p->name);
    bool none = f->defaults[k].kind == VAL_UNSET || f->defaults[k].kind == VAL_NONE;
    if (!v && none) v = tuned_value(ev, f, p->name, NULL);
    *out = v ? *v : f->defaults[k];
    const Node *type = p->annotation; /* -D dtype=float16 of `dtype: T.dtype` is the type, not its name */
    bool is_type = type && type->kind == N_attr && !strcmp(type->name, "dtype");
    if (is_type && out->kind == VAL_STR && dtype_named(out->s))
        *out = value_dtype(dtype_named(out->s));
    return out->kind != VAL_UNSET;
}

/* binds what an eager entry is compiled for */
static void bind_entry(Eval *ev, Func *f, Env *env)
{
    Text missing = text_new(&ev->cx->arena);
    int k = 0;
    for (const Node *p = f->node->items; p; p = p->next, k++) {
        Value type, v;
        if (p->op == PARAM_STAR && *p->name)
            env_set(ev, env, p->name, value_seq(ev->cx, VAL_TUPLE, 0));
        if (p->op == PARAM_DSTAR) env_set(ev, env, p->name, value_dict(ev->cx));
        if (p->op != PARAM_PLAIN || is_argument(ev, f, p, &type)) continue;
        if (entry_param(ev, f, p, k, &v))
            env_set(ev, env, p->name, v);
        else
            text_add(&missing, " -D %s=...", p->name);
    }
    if (missing.n) missing_values(ev, f, &missing);
}

/* ---- parameters of the kernel ---- */

static void add_param(Eval *ev, Param p)
{
    Prog *prog = ev->prog;
    Param *more = NEWN(&ev->cx->arena, Param, prog->nparam + 1);
    if (prog->nparam) memcpy(more, prog->param, (size_t)prog->nparam * sizeof *more);
    more[prog->nparam++] = p;
    prog->param = more;
}

static bool is_size(const Prog *p, const Var *v)
{
    for (int i = 0; i < p->nsize; i++)
        if (p->size[i] == v) return true;
    return false;
}

/* sizes are listed in the order in which the parameters first need them */
static void add_sizes(Eval *ev, const Expr *e)
{
    Prog *prog = ev->prog;
    if (e->kind == E_VAR && e->var->kind == V_SIZE) {
        if (is_size(prog, e->var)) return;
        Var **more = NEWN(&ev->cx->arena, Var *, prog->nsize + 1);
        if (prog->nsize) memcpy(more, prog->size, (size_t)prog->nsize * sizeof *more);
        name_size(ev, e->var);
        more[prog->nsize++] = e->var;
        prog->size = more;
    }
    int n = e->kind == E_OP ? op_info[e->op].nargs : e->kind == E_CAST || e->kind == E_BITS;
    for (int i = 0; i < n; i++) add_sizes(ev, e->arg[i]);
}

static Buf *tensor_param(Eval *ev, const TensorSpec *t, const char *name, Span at)
{
    for (int d = 0; d < t->ndim; d++) add_sizes(ev, t->dim[d]);
    for (int d = 0; d < t->ndim && t->stride[0]; d++) add_sizes(ev, t->stride[d]);
    Buf *b = buf_new(ev->cx, fresh_name(ev, name), t->type, SP_GLOBAL, t->ndim, t->dim, at);
    memcpy(b->stride, t->stride, sizeof b->stride);
    return b;
}

/* an eager function's `A: T.Tensor(...)` */
void declare_param(Eval *ev, const TensorSpec *t, const char *name, Span at)
{
    const Func *f = ev->frame->func;
    Binding *b = ev->phase && ev->phase->nested ? env_find(ev->env, name) : NULL;
    if (b) { /* of a kernel that is called: the argument is there */
        phase_param(ev, t, name, &b->value, at);
        return;
    }
    bool param = false;
    for (const Node *p = f->node->items; p; p = p->next) param |= p->name == name;
    if (!param || f->role == F_MACRO)
        eval_fail(ev, E0209, at, NULL, "'%s' is not a parameter of an eager kernel", name);
    Value v = value_buf(tensor_param(ev, t, name, at));
    attr_set(ev->cx, &ev->tensors, name, v);
    env_set(ev, ev->env, name, v);
}

/* ---- bodies ---- */

static void begin_program(Eval *ev, Func *f)
{
    Prog *p = NEW(&ev->cx->arena, Prog);
    Tail none;
    *p = (Prog){.name = f->name, .stage = ev->stage, .target = ev->target, .span = f->node->span};
    ev->prog = p;
    ev->launch_end = &p->launch;
    f->traced = true;
    open_block(ev, NULL, &none);
}

/* a store into an element */
static bool see_store(const Node *n, const char *name)
{
    (void)name;
    const Node *to = n->kind == N_augment ? n->target : n->kind == N_assign ? n->items : NULL;
    return to && to->kind == N_sub;
}

/* a kernel that stores, or binds threads, without a T.Kernel around: one block of one thread */
Flow run_statements(Eval *ev, const Func *f)
{
    const Node *def = f->node;
    bool bare = f->role == F_PRIM  ? ast_find(def->body, see_store, NULL, false) != NULL
                : f->role == F_JIT ? ast_find(def->body, see_call, "thread_binding", false) != NULL
                                   : false;
    if (def_has_kernel(def->body, true) || !bare) return exec(ev, def->body);
    FrameSpec one = {.kind = FRAME_KERNEL, .n = 1, .threads = 1, .thread_ext = {1, 1, 1}, .span = def->span};
    one.grid[0] = expr_i32(ev->cx, 1);
    return exec_frame(ev, def, &one, NULL);
}

/* runs the body of f with its names in env */
static Value run_body(Eval *ev, Func *f, Env *env)
{
    Frame frame = {.func = f};
    Env *was = ev->env;
    ev->env = env;
    ev->frame = &frame;
    Value out = run_statements(ev, f) == FLOW_RETURN ? ev->result : NONE_VALUE;
    ev->frame = NULL;
    ev->env = was;
    if (ev->cx->nerror) leave(ev->cx); /* statements that failed were left out */
    return out;
}

/* the value of a parameter by its type */
static Value param_value(Eval *ev, const Node *p, Value type)
{
    if (type.kind == VAL_TENSOR) return value_buf(tensor_param(ev, type.tensor, p->name, p->span));
    Var *v = var_new(ev->cx, fresh_name(ev, p->name), to_dtype(ev, type, p->annotation->span),
                     V_SCALAR, p->span);
    return value_expr(expr_var(ev->cx, v, p->span));
}

static void add_value(Eval *ev, const Value *v, bool output)
{
    if (v->kind == VAL_BUF)
        add_param(ev, (Param){.buf = v->buf, .output = output});
    else
        add_param(ev, (Param){.scalar = v->expr->var});
}

static void see_read(Visitor *v, Stmt *s, Buf *b, bool write)
{
    const Buf **what = v->user;
    (void)s;
    while (b->of) b = b->of;
    if (b == *what && !write) *what = NULL;
}

static bool is_read(const Prog *p, const Buf *b)
{
    Visitor v = {.access = see_read, .user = &b};
    for (Launch *l = p->launch; l; l = l->next) walk_stmts(&v, l->body);
    return !b;
}

/* what T.empty made is an output when it is returned, and else lives between the launches */
static void add_temp(Eval *ev, Buf *b)
{
    Prog *p = ev->prog;
    Buf **more = NEWN(&ev->cx->arena, Buf *, p->ntemp + 1);
    if (p->ntemp) memcpy(more, p->temp, (size_t)p->ntemp * sizeof *more);
    b->space = SP_TEMP;
    more[p->ntemp++] = b;
    p->temp = more;
}

/* a T.empty that is returned is an output; any other one is memory between the launches */
static void add_outputs(Eval *ev, Value returned, Span at)
{
    Value one = value_seq(ev->cx, VAL_TUPLE, 0);
    if (returned.kind != VAL_NONE) seq_add(ev->cx, one.seq, returned);
    const Seq *all =
        returned.kind == VAL_TUPLE || returned.kind == VAL_LIST ? returned.seq : one.seq;
    for (int k = 0; k < all->n; k++)
        if (all->at[k].kind != VAL_BUF)
            eval_fail(ev, E0210, at, "an output is made by T.empty",
                      "'%s' is a kernel that returns %s", ev->prog->name,
                      value_name[all->at[k].kind]);
    for (int i = 0; i < ev->outputs.n; i++) {
        Value v = ev->outputs.at[i];
        bool given = false;
        for (int k = 0; k < all->n; k++)
            given |= all->at[k].kind == VAL_BUF && all->at[k].buf == v.buf;
        name_fresh(ev, &v, given ? "out" : "temp");
        if (!given && !is_read(ev->prog, v.buf))
            eval_fail(ev, E0210, v.buf->span, "return it, or leave it out",
                      "'%s' is made by T.empty, but it is not returned and no launch reads it",
                      v.buf->name);
        if (!given) {
            add_temp(ev, v.buf);
            continue;
        }
        for (int d = 0; d < v.buf->ndim; d++) add_sizes(ev, v.buf->dim[d]);
        add_param(ev, (Param){.buf = v.buf, .output = true});
    }
}

static void build_prim(Eval *ev, Func *f)
{
    Env *env = env_new(ev, f->env);
    begin_program(ev, f);
    for (const Node *p = f->node->items; p; p = p->next) {
        if (p->op == PARAM_SLASH || (p->op == PARAM_STAR && !*p->name)) continue;
        if (!p->annotation || p->op != PARAM_PLAIN)
            eval_fail(ev, E0210, p->span, "write name: T.Tensor(shape, type)",
                      "the parameter '%s' of a kernel has no type", p->name);
        Value type = eval_in(ev, f->env, p->annotation), v = param_value(ev, p, type);
        given_value(ev, p->name); /* of the launch, not of the kernel */
        add_value(ev, &v, type.kind == VAL_TENSOR && type.tensor->output);
        env_set(ev, env, p->name, v);
    }
    add_outputs(ev, run_body(ev, f, env), f->node->span);
}

/* arguments of the launch: what has a tensor's or a scalar's type in the signature */
static void enter_entry(Eval *ev, Func *f, const Args *a, Env *env)
{
    (void)a;
    bind_entry(ev, f, env);
    for (const Node *p = f->node->items; p; p = p->next) {
        Value type, v;
        if (!is_argument(ev, f, p, &type) || (type.kind != VAL_TENSOR && type.kind != VAL_DTYPE))
            continue;
        v = param_value(ev, p, type);
        given_value(ev, p->name); /* of the launch, not of the kernel */
        attr_set(ev->cx, &ev->tensors, p->name, v);
        env_set(ev, env, p->name, v);
    }
}

/* arguments in the order of the signature, wherever they got their types; then the outputs */
static void build_eager(Eval *ev, Func *f)
{
    begin_program(ev, f);
    Args none = {.span = f->node->span, .callee = f->node->span};
    Value returned = phase_run(ev, f, &none, enter_entry);
    for (const Node *p = f->node->items; p; p = p->next) {
        const Value *v = attr_find(&ev->tensors, p->name);
        if (v) add_value(ev, v, false);
    }
    add_outputs(ev, returned, f->node->span);
}

/* ---- after the body ---- */

/* out_idx of tilelang.jit: which parameters are outputs */
static void mark_outputs(Eval *ev, const Func *f)
{
    Value v = f->outputs;
    Span at = f->out_idx ? f->out_idx->span : f->node->span;
    if (f->out_idx && v.kind == VAL_UNSET) v = eval_in(ev, f->host, f->out_idx);
    if (v.kind == VAL_NONE || v.kind == VAL_UNSET) return;
    int n, *place = output_places(ev, v, ev->prog->nparam, at, &n);
    for (int i = 0; i < n; i++) ev->prog->param[place[i]].output = true;
}

static void name_alloc(Visitor *v, Stmt *s)
{
    if (s->kind != S_ALLOC) return;
    Value b = value_buf(s->alloc);
    name_fresh(v->user, &b, "unnamed");
}

/* a size is found from the shapes of the arguments, so it must be in one */
static void check_size(Visitor *v, Expr *e)
{
    Eval *ev = v->user;
    if (e->kind != E_VAR || e->var->kind != V_SIZE) return;
    if (is_size(ev->prog, e->var)) return;
    eval_fail(ev, E0210, e->var->span, "use it as a dimension of a parameter",
              "the size '%s' is in the shape of no parameter, so a launch cannot know it",
              e->var->name);
}

static void finish_program(Eval *ev, const Func *f)
{
    Prog *p = ev->prog;
    Visitor v = {.stmt = name_alloc, .expr = check_size, .user = ev};
    int k = 0;
    if (!p->launch && f->role != F_PRIM)
        eval_fail(ev, E0210, f->node->span, NULL,
                  "'%s' launches nothing: there is no T.Kernel in it", f->name);
    for (Launch *l = p->launch; l; l = l->next) {
        l->name = intern(ev->cx, arena_printf(&ev->cx->arena, "%s_%d", p->name, k++));
        for (int d = 0; d < l->ngrid; d++) walk_expr(&v, l->grid[d]);
        walk_stmts(&v, l->body);
    }
    for (int i = 0; i < p->ntemp; i++) {
        Value b = value_buf(p->temp[i]);
        name_fresh(ev, &b, "temp");
        for (int d = 0; d < b.buf->ndim; d++) walk_expr(&v, b.buf->dim[d]);
    }
}

/* ---- the entry ---- */

/* a kernel by itself, perhaps through a macro or through kernels that it calls: it launches, or says what its tensors are */
bool def_is_eager(const Node *n, bool jit)
{
    if (n->kind != N_def) return false;
    if (def_has_kernel(n->body, false)) return true;
    for (const Node *p = n->items; p; p = p->next) {
        const Node *a = p->annotation; /* without a shape it is a tensor of the host */
        bool shape = a && (a->kind == N_call || a->kind == N_sub);
        if (shape && (ast_called(a, "Tensor") || ast_called(a, "StridedTensor"))) return true;
        if (jit && ast_find(n->body, see_declaration, p->name, false)) return true;
    }
    return jit && (ast_find(n->body, see_call, "const", false) || ast_find(n->body, see_call, "empty", false));
}

bool is_eager(const Func *f)
{
    return def_is_eager(f->node, f->role == F_JIT);
}

/* the function whose parameters a callable has */
static Func *signature_of(Eval *ev, Value v)
{
    Value init;
    switch (v.kind) {
    case VAL_FUNC: return v.func->wrapped ? (Func *)v.func->wrapped : v.func;
    case VAL_METHOD:
    case VAL_PARTIAL: return signature_of(ev, *v.fn);
    case VAL_CLASS: return attr_lookup(ev, v, intern(ev->cx, "__init__"), (Span){0}, &init) ? signature_of(ev, init) : NULL;
    case VAL_OBJECT: return attr_lookup(ev, v, intern(ev->cx, "__call__"), (Span){0}, &init) ? signature_of(ev, init) : NULL;
    default: return NULL;
    }
}

/* a factory called with -D, defaults and the first configuration of a tuner */
static Value call_factory(Eval *ev, Value v, Func *f)
{
    Text missing = text_new(&ev->cx->arena);
    Args a = {0};
    bool by_place = true, self = v.kind == VAL_CLASS || v.kind == VAL_OBJECT ||
                (v.kind == VAL_METHOD && !f->is_static);
    const Dict *held = v.kind == VAL_PARTIAL ? v.self[1].dict : NULL;
    int k = 0, skip = self + (v.kind == VAL_PARTIAL ? v.self[0].seq->n : 0);
    for (const Node *p = f->node->items; p; p = p->next, k++) {
        Value value;
        by_place &= p->op == PARAM_PLAIN || p->op == PARAM_SLASH;
        if (p->op != PARAM_PLAIN || skip-- > 0) continue;
        bool fixed = held && attr_find(held, p->name) && !given_value(ev, p->name);
        by_place &= !fixed;
        if (fixed) continue;
        if (!entry_param(ev, f, p, k, &value)) {
            text_add(&missing, " -D %s=...", p->name);
        } else if (by_place) {
            seq_add(ev->cx, &a.pos, value);
        } else {
            seq_add(ev->cx, &a.names, (Value){.kind = VAL_STR, .s = p->name, .len = strlen(p->name)});
            seq_add(ev->cx, &a.named, value);
        }
    }
    if (missing.n) missing_values(ev, f, &missing);
    Value out = eval_call(ev, v, &a);
    if (ev->cx->nerror) leave(ev->cx);
    return out;
}

/* calls factories until a kernel comes out */
static Func *find_kernel(Eval *ev, Value v)
{
    for (int depth = 0; v.kind != VAL_FUNC || (v.func->role != F_PRIM && !is_eager(v.func)); depth++) {
        Func *f = signature_of(ev, v);
        if (!f || depth > 16)
            eval_fail(ev, E0210, (Span){ev->main->tree->span.file, 0, 0},
                      "a factory returns a function with @T.prim_func", "%s is not a kernel",
                      value_name[v.kind]);
        Value out = call_factory(ev, v, f);
        if (out.kind == VAL_FUNC && !strcmp(out.func->name, "main")) out.func->name = f->name;
        if (!signature_of(ev, out))
            eval_fail(ev, E0210, f->node->span, "a factory returns a function with @T.prim_func",
                      "'%s' returns %s, not a kernel", f->name, value_name[out.kind]);
        v = out;
    }
    return v.func;
}

/* "# stage: sched   target: cuda" in the first line: the text is a dump */
static void read_header(Eval *ev, const Source *src)
{
    static const char stage[] = "# stage: ", target[] = "target: ";
    const char *s = src->text, *end = s + strcspn(s, "\n");
    if (strncmp(s, stage, strlen(stage))) return;
    s += strlen(stage);
    ev->dump = true;
    ev->stage = !strncmp(s, "sched", 5) ? STAGE_SCHED : STAGE_TILE;
    const char *t = strstr(s, target);
    if (t && t < end) {
        t += strlen(target);
        ev->target = intern_n(ev->cx, t, strcspn(t, " \r\n"));
    }
}

Prog *lang_program(Cx *cx, uint32_t file, const char *entry, const char *const *bind)
{
    Eval *ev = NEW(&cx->arena, Eval);
    ev->cx = cx;
    ev->fuel = cx->opt.fuel ? cx->opt.fuel : FUEL;
    ev->memory = cx->arena.used;
    read_header(ev, cx->source[file]);
    ev->main = module_main(ev, file);
    ev->env = &ev->main->env;
    read_bindings(ev, bind);
    Value v = entry_value(ev, entry);
    Func *f = find_kernel(ev, v), *asked = signature_of(ev, v);
    if (f->role == F_PRIM && is_typed(f->node))
        build_prim(ev, f);
    else
        build_eager(ev, f);
    mark_outputs(ev, f);
    finish_program(ev, f);
    check_used(ev, asked);
    return ev->prog;
}

const char *lang_ast_text(Cx *cx, uint32_t file)
{
    Text t = text_new(&cx->arena);
    int errors = cx->nerror;
    Node *n = parse_module(cx, file);
    if (cx->nerror > errors) leave(cx);
    unparse(&t, n);
    return t.s;
}
