/* Arguments to parameters: of the program's own functions and classes, and of the rows of
 * builtins.def. */
#include "lang/dialect.h"
#include <stdlib.h>
#include <string.h>

enum { MAXCALLS = 200 };

/* ---- the table ---- */

#define SIGNATURE_1 "x"
#define SIGNATURE_2 "x, y"
#define SIGNATURE_3 "condition, x, y"

const Builtin builtins[] = {
#define BUILTIN(scope, name, handler, signature, help) {#scope, #name, handler, signature, help, 0},
#define BUILTIN_OP(scope, name, handler, op, signature, help)                                      \
    {#scope, #name, handler, signature, help, op},
#include "lang/builtins.def"
#undef BUILTIN
/* every element operation is a function of T. by its own name */
#define OP(id, n, rule, source, fold, numpy, domain, c, cuda, tt)                                  \
    {"T", #id, t_element, SIGNATURE_##n, source, OP_##id},
#include "tile/ops.def"
#undef OP
    {0},
};

const Builtin *builtin_find(const char *scope, const char *name)
{
    for (const Builtin *b = builtins; b->name; b++)
        if (b->name[0] == name[0] && !strcmp(b->name, name) && !strcmp(b->scope, scope)) return b;
    return NULL;
}

const char *did_you_mean(Cx *cx, const char *name, const char *const *names, int n)
{
    const char *near = nearest(name, names, n);
    return near ? arena_printf(&cx->arena, "did you mean '%s'?", near) : NULL;
}

int builtin_names(Eval *ev, const char *scope, const char **names, int cap)
{
    int n = 0;
    for (const Builtin *b = builtins; b->name && n < cap; b++)
        if (!strcmp(b->scope, scope)) names[n++] = b->name;
    for (int t = 1; t < NDTYPE && !strcmp(scope, "T") && n < cap; t++) names[n++] = dtype_info[t].name;
    return n + prelude_names(ev, scope, names + n, cap - n);
}

const char *builtin_nearest(Eval *ev, const char *scope, const char *name)
{
    const char *names[COUNT(builtins) + NDTYPE];
    return did_you_mean(ev->cx, name, names, builtin_names(ev, scope, names, COUNT(names)));
}

/* ---- arguments to parameters ---- */

static const char *parameters(Eval *ev, const Signature *s)
{
    return s->text ? arena_printf(&ev->cx->arena, "its parameters are: %s", s->text) : NULL;
}

static _Noreturn void unknown_keyword(Eval *ev, const Signature *s, const char *name, Span at)
{
    const char *names[MAXNAMES];
    int n = 0;
    for (int i = 0; i < s->n && n < MAXNAMES; i++)
        if (!s->slot[i].star) names[n++] = s->slot[i].name;
    const char *near = did_you_mean(ev->cx, name, names, n);
    eval_fail(ev, E0203, at, near ? near : parameters(ev, s), "'%s' has no %s '%s'", s->name,
              s->fields ? "field" : "parameter", name);
}

static int find_slot(const Signature *s, const char *name, int star)
{
    int k = 0;
    for (; k < s->n; k++) {
        const Formal *p = &s->slot[k];
        if (star ? p->star == star : !p->star && !p->by_place && p->name == name) break;
    }
    return k;
}

void bind_args(Eval *ev, const Signature *s, const Args *a, Bound *b)
{
    int k = 0, star = find_slot(s, NULL, 1), others = find_slot(s, NULL, 2);
    for (int i = 0; i < a->pos.n; i++) {
        Span at = a->pos_at ? a->pos_at[i] : a->span;
        while (k < star && k < s->n && s->slot[k].by_name) k++;
        if (k < s->n && k < star && k < others) {
            b->arg[k] = a->pos.at[i];
            b->at[k++] = at;
        } else if (star < s->n && *s->slot[star].name) {
            seq_add(ev->cx, &b->rest, a->pos.at[i]);
        } else {
            eval_fail(ev, E0203, at, parameters(ev, s), "'%s' %s %d %s, not %d", s->name,
                      s->fields ? "has" : s->text ? "takes at most" : "takes", i,
                      s->fields ? "fields" : "arguments", a->pos.n);
        }
    }
    for (int i = 0; i < a->named.n; i++) {
        const char *name = a->names.at[i].s;
        Span at = a->named_at ? a->named_at[i] : a->span;
        int to = find_slot(s, name, 0);
        if (to == s->n && others == s->n) unknown_keyword(ev, s, name, at);
        if (to == s->n) {
            attr_set(ev->cx, &b->others, name, a->named.at[i]);
            continue;
        }
        if (b->arg[to].kind != VAL_UNSET)
            eval_fail(ev, E0203, at, NULL, "'%s' gets its %s '%s' twice", s->name, s->fields ? "field" : "argument", name);
        b->arg[to] = a->named.at[i];
        b->at[to] = at;
    }
}

/* ---- rows of the table: "a, b=1, *rest, **others"; "/a" is not known by its name ---- */

static const char *show_name(Eval *ev, const Builtin *f)
{
    bool own = !strcmp(f->scope, "py");
    return arena_printf(&ev->cx->arena, "%s%s%s", own ? "" : f->scope, own ? "" : ".", f->name);
}

/* the texts of the defaults, or NULL, in value */
static Signature parse_signature(Eval *ev, const Builtin *f, Formal slot[MAXSLOT], const char *value[MAXSLOT])
{
    Signature sig = {.name = f->name, .text = f->signature, .slot = slot};
    for (const char *s = f->signature; *s && sig.n < MAXSLOT; sig.n++) {
        Formal *p = &slot[sig.n];
        *p = (Formal){.by_place = *s == '/'};
        s += p->by_place;
        for (; *s == '*'; s++) p->star++;
        size_t len = strcspn(s, ",=");
        p->name = intern_n(ev->cx, s, len);
        s += len;
        value[sig.n] = *s == '=' ? s + 1 : NULL;
        s += strcspn(s, ",");
        s += strspn(s, ", ");
    }
    return sig;
}

static Value default_value(Cx *cx, const char *s)
{
    if (s[0] == '"') return value_str(cx, s + 1, strcspn(s + 1, "\""));
    if (!strncmp(s, "None", 4)) return NONE_VALUE;
    if (!strncmp(s, "True", 4) || !strncmp(s, "False", 5)) return value_bool(s[0] == 'T');
    size_t len = strcspn(s, ",");
    return memchr(s, '.', len) ? value_float(strtod(s, NULL)) : value_int(strtol(s, NULL, 10));
}

void builtin_keyword(Eval *ev, const Builtin *f, const char *name, Span at)
{
    Formal slot[MAXSLOT];
    const char *value[MAXSLOT];
    Signature s = parse_signature(ev, f, slot, value);
    s.name = show_name(ev, f);
    if (find_slot(&s, name, 0) == s.n && find_slot(&s, NULL, 2) == s.n) unknown_keyword(ev, &s, name, at);
}

static Value call_builtin(Eval *ev, const Builtin *f, const Args *a)
{
    Formal slot[MAXSLOT];
    const char *value[MAXSLOT];
    Bound b = {0};
    Signature s = parse_signature(ev, f, slot, value);
    s.name = show_name(ev, f);
    Call c = {.fn = f, .span = a->span, .callee = a->callee, .n = s.n};
    b.arg = c.arg;
    b.at = c.at;
    bind_args(ev, &s, a, &b);
    c.rest = b.rest;
    c.others = b.others;
    bool decorates = s.n && value[0] && (!strcmp(slot[0].name, "func") || !strcmp(slot[0].name, "cls"));
    if (decorates && c.arg[0].kind == VAL_UNSET) { /* options: the function comes with the next call */
        Dict named = {0};
        for (int i = 0; i < a->named.n; i++) attr_set(ev->cx, &named, a->names.at[i].s, a->named.at[i]);
        return value_partial(ev->cx, (Value){.kind = VAL_BUILTIN, .builtin = f}, (Seq){0}, named);
    }
    for (int i = 0; i < s.n; i++) {
        if (c.arg[i].kind != VAL_UNSET || slot[i].star) continue;
        if (!value[i])
            eval_fail(ev, E0203, a->span, parameters(ev, &s), "'%s' needs its argument '%s'", s.name, slot[i].name);
        c.arg[i] = default_value(ev->cx, value[i]);
        c.at[i] = a->span;
    }
    bool plain = !strcmp(f->scope, "T");
    for (int i = 0; i < s.n && plain; i++) c.arg[i] = plain_value(c.arg[i]);
    for (int i = 0; i < c.rest.n && plain; i++) c.rest.at[i] = plain_value(c.rest.at[i]);
    return f->run(ev, &c);
}

/* ---- the program's own functions ---- */

static bool by_reference(const Node *param)
{
    return ast_called(param->annotation, "Ref") || ast_called(param->annotation, "Var");
}

/* a macro's parameter: a symbolic value is computed once, before the body; buffers and T.Ref stay
 * what they are */
static Value pass(Eval *ev, const Func *f, const Node *param, Value v, Span at)
{
    if (f->role == F_MACRO && by_reference(param) && v.kind != VAL_BUF && v.kind != VAL_REF &&
        v.kind != VAL_SLOT)
        eval_fail(ev, E0204, at, "a T.alloc_var, or an element of a buffer",
                  "'%s' is passed by reference, and cannot be %s", param->name, value_name[v.kind]);
    if (f->role != F_MACRO || by_reference(param) || !is_symbolic(&v) || !ev->launch ||
        v.kind == VAL_SLOT)
        return v;
    return emit_let(ev, param->name, v, at);
}

typedef struct {
    Func *func;
    const Env *env;
    Value got;
} Configs;

static const Value *config_argument(Eval *ev, const Configs *c, const char *name)
{
    const Value *have = given_value(ev, name);
    for (const Binding *b = c->env ? c->env->first : NULL; b && !have; b = b->next)
        if (b->name == name) have = &b->value;
    int k = 0;
    for (const Node *p = c->func->node->items; p && !have; p = p->next, k++)
        if (p->name == name && p->value) have = &c->func->defaults[k];
    return have;
}

/* the configurations; a function that makes them gets the kernel's arguments by their names, or by
   their places where it takes any number of them */
static void read_configs(Eval *ev, void *arg)
{
    Configs *c = arg;
    Value v = eval_in(ev, c->func->host, c->func->configs);
    if (v.kind == VAL_FUNC) {
        Args a = {.span = c->func->configs->span, .callee = c->func->configs->span};
        for (const Node *p = v.func->node->items; p; p = p->next) {
            const Value *have = p->op == PARAM_PLAIN ? config_argument(ev, c, p->name) : NULL;
            for (const Node *q = p->op == PARAM_STAR && *p->name ? c->func->node->items : NULL;
                 q && q->op == PARAM_PLAIN; q = q->next) {
                const Value *at = config_argument(ev, c, q->name);
                if (!at) break;
                seq_add(ev->cx, &a.pos, *at);
            }
            if (!have) continue;
            seq_add(ev->cx, &a.names, value_key(p->name));
            seq_add(ev->cx, &a.named, *have);
        }
        v = eval_call(ev, v, &a);
    }
    const Seq *all = v.kind == VAL_DICT ? NULL : eval_items(ev, v, c->func->configs->span);
    c->got = !all ? v : all->n ? all->at[0] : NONE_VALUE;
}

/* the value of a tuner's first configuration, for a parameter that has no other. Configurations that
   cannot be computed here are none: the host's tools may have made them */
const Value *tuned_value(Eval *ev, Func *f, const char *name, const Env *env)
{
    if (!f->configs) return NULL;
    if (!f->tuned) {
        Configs c = {.func = f, .env = env};
        bool fine = attempt(ev, read_configs, &c, NULL);
        f->tuned = fine && c.got.kind == VAL_DICT ? c.got.dict : value_dict(ev->cx).dict;
    }
    return dict_find(f->tuned, value_key(name));
}

Signature def_signature(Eval *ev, const Func *f)
{
    Signature s = {.name = f->name};
    for (const Node *p = f->node->items; p; p = p->next) s.n++;
    s.slot = NEWN(&ev->cx->arena, Formal, s.n + 1);
    bool star = false;
    int k = 0;
    for (const Node *p = f->node->items; p; p = p->next, k++) {
        star |= p->op == PARAM_STAR;
        s.slot[k] = (Formal){.name = p->name, .node = p, .by_name = star || p->op == PARAM_SLASH};
        if (p->op == PARAM_STAR || p->op == PARAM_DSTAR) s.slot[k].star = p->op == PARAM_STAR ? 1 : 2;
        for (int i = 0; i <= k && p->op == PARAM_SLASH; i++) s.slot[i].by_place = true;
    }
    return s;
}

/* a parameter without an argument: its default, or a tuner's value */
static Value default_param(Eval *ev, Func *f, const Args *a, int k, const Node *p, const Env *env)
{
    Value given = f->defaults[k];
    bool none = given.kind == VAL_UNSET || given.kind == VAL_NONE;
    const Value *tuned = none ? tuned_value(ev, f, p->name, env) : NULL;
    if (tuned || given.kind != VAL_UNSET) return tuned ? *tuned : given;
    Diag *d = report(ev->cx, E0203, a->span, NULL, "'%s' needs its argument '%s'", f->name, p->name);
    note(ev->cx, d, p->span, "it is a parameter without a default");
    leave(ev->cx);
}

void call_bind(Eval *ev, Func *f, const Args *a, Env *env)
{
    Signature s = def_signature(ev, f);
    Bound b = {.arg = NEWN(&ev->cx->arena, Value, s.n + 1), .at = NEWN(&ev->cx->arena, Span, s.n + 1)};
    bind_args(ev, &s, a, &b);
    for (int round = 0; round < 2; round++) /* what was given, then what follows from it */
        for (int k = 0; k < s.n; k++) {
            const Node *p = s.slot[k].node;
            bool given = b.arg[k].kind != VAL_UNSET;
            if (p->op != PARAM_PLAIN || given != (round == 0)) continue;
            env_set(ev, env, p->name, given ? pass(ev, f, p, b.arg[k], b.at[k]) : default_param(ev, f, a, k, p, env));
        }
    for (int k = 0; k < s.n; k++) {
        if (!s.slot[k].star || !*s.slot[k].name) continue;
        Value v = s.slot[k].star == 1 ? value_seq(ev->cx, VAL_TUPLE, 0) : value_dict(ev->cx);
        if (s.slot[k].star == 1)
            *v.seq = b.rest;
        else
            *v.dict = b.others;
        env_set(ev, env, s.slot[k].name, v);
    }
}

static Value run_func(Eval *ev, Func *f, const Args *a)
{
    prelude_blame(f, a->span);
    Env *env = env_new(ev, f->env), *outer = ev->env;
    Frame frame = {.outer = ev->frame, .func = f, .call = a->span, .args = a};
    int calls = 0, branches = ev->branches, loops = ev->loops;
    for (const Frame *c = ev->frame; c; c = c->outer) calls++;
    if (calls > MAXCALLS)
        eval_fail(raising(ev, "RecursionError"), E0215, a->span,
                  "a recursion has to end at compile time",
                  "compile-time calls nest deeper than %d", (int)MAXCALLS);
    call_bind(ev, f, a, env);
    Seq yielded = {0};
    if (f->yields) frame.yielded = &yielded;
    ev->env = env;
    ev->frame = &frame;
    ev->branches = ev->loops = 0;
    Value out = NONE_VALUE;
    if (f->node->kind == N_lambda)
        out = eval(ev, f->node->value);
    else if (exec(ev, f->node->body) == FLOW_RETURN)
        out = ev->result;
    ev->branches = branches;
    ev->loops = loops;
    ev->frame = frame.outer;
    ev->env = outer;
    return f->yields ? value_iter(ev->cx, &yielded) : out;
}

/* what the arguments of a cached function are, as a key; false when they are not all known */
static bool cache_key(Eval *ev, const Args *a, Value *key)
{
    *key = value_seq(ev->cx, VAL_TUPLE, 0);
    seq_add_all(ev->cx, key->seq, &a->pos);
    seq_add_all(ev->cx, key->seq, &a->names);
    seq_add_all(ev->cx, key->seq, &a->named);
    return value_hashable(key);
}

static Value call_func(Eval *ev, Func *f, const Args *a)
{
    Value key;
    if (!f->cached || f->property || !cache_key(ev, a, &key)) return run_func(ev, f, a);
    if (!f->results) f->results = NEW(&ev->cx->arena, Dict);
    Value *have = dict_find(f->results, key);
    if (have) return *have;
    Value out = run_func(ev, f, a);
    dict_set(ev->cx, f->results, key, out);
    return out;
}

/* a call of tilelang.jit's function: a kernel that its factory returns knows which of its parameters are outputs */
static Value call_jit(Eval *ev, Func *f, const Args *a)
{
    if (is_eager(f)) return compose_call(ev, f, a);
    Value v = call_func(ev, f, a);
    if (v.kind != VAL_FUNC || v.func->role != F_PRIM || !f->out_idx) return v;
    Func *kernel = NEW(&ev->cx->arena, Func);
    *kernel = *v.func;
    kernel->outputs = eval_in(ev, f->host, f->out_idx);
    if (!strcmp(kernel->name, "main")) kernel->name = f->name;
    return (Value){.kind = VAL_FUNC, .func = kernel};
}

/* ---- any call ---- */

/* what a partial holds, then the arguments of this call */
static Value call_partial(Eval *ev, const Value *fn, const Args *a)
{
    Args all = {.span = a->span, .callee = a->callee};
    seq_add_all(ev->cx, &all.pos, fn->self[0].seq);
    seq_add_all(ev->cx, &all.pos, &a->pos);
    const Dict *held = fn->self[1].dict;
    for (int i = 0; i < held->n; i++) {
        bool again = false;
        for (int k = 0; k < a->names.n; k++) again |= a->names.at[k].s == held->key[i].s;
        if (again) continue;
        seq_add(ev->cx, &all.names, held->key[i]);
        seq_add(ev->cx, &all.named, held->val[i]);
    }
    seq_add_all(ev->cx, &all.names, &a->names);
    seq_add_all(ev->cx, &all.named, &a->named);
    return eval_call(ev, *fn->fn, &all);
}

/* At compile time the result is as foreign as the function, and an error where it is needed. In a
   kernel, or with values of the program, it would be needed at once. */
static Value call_foreign(Eval *ev, Value fn, const Args *a)
{
    bool here = ev->launch != NULL;
    for (int i = 0; i < a->pos.n; i++) here |= !value_known(&a->pos.at[i]);
    for (int i = 0; i < a->named.n; i++) here |= !value_known(&a->named.at[i]);
    if (here)
        eval_fail(ev, E0202, a->callee,
                  "give its result as a parameter, or as a constant of the module",
                  "'%s' is not part of the program and cannot be called here", fn.s);
    return value_foreign(ev->cx, "%s(%s)", fn.s, a->pos.n + a->named.n ? "..." : "");
}

Value eval_call(Eval *ev, Value fn, const Args *a)
{
    switch (fn.kind) {
    case VAL_BUILTIN: return call_builtin(ev, fn.builtin, a);
    case VAL_FUNC:
        if (fn.func->role == F_PRIM) return compose_call(ev, fn.func, a);
        return fn.func->role == F_JIT ? call_jit(ev, fn.func, a) : call_func(ev, fn.func, a);
    case VAL_METHOD: {
        Args with = *a;
        with.pos = (Seq){0};
        seq_add(ev->cx, &with.pos, *fn.self);
        seq_add_all(ev->cx, &with.pos, &a->pos);
        Span *at = NEWN(&ev->cx->arena, Span, a->pos.n + 1);
        at[0] = a->callee;
        for (int i = 0; i < a->pos.n; i++) at[i + 1] = a->pos_at ? a->pos_at[i] : a->span;
        with.pos_at = at;
        return eval_call(ev, *fn.fn, &with);
    }
    case VAL_PARTIAL: return call_partial(ev, &fn, a);
    case VAL_CLASS: return make_object(ev, fn.cls, a);
    case VAL_DTYPE: return call_dtype(ev, fn, a);
    case VAL_OBJECT:
        return eval_call(ev, eval_attr(ev, fn, intern(ev->cx, "__call__"), a->callee), a);
    case VAL_FOREIGN: return call_foreign(ev, fn, a);
    default: eval_fail(ev, E0204, a->callee, NULL, "%s cannot be called", value_name[fn.kind]);
    }
}

Value call_simple(Eval *ev, Value fn, const Value *arg, int n, Span at)
{
    Args a = {.span = at, .callee = at};
    for (int i = 0; i < n; i++) seq_add(ev->cx, &a.pos, arg[i]);
    return eval_call(ev, fn, &a);
}
