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
#include "builtins.def"
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
    const Builtin *later = NULL; /* a row that only says that it is not built yet */
    for (const Builtin *b = builtins; b->name; b++) {
        if (strcmp(b->name, name) || strcmp(b->scope, scope)) continue;
        if (b->run != t_todo) return b;
        later = b;
    }
    return later;
}

const char *builtin_nearest(Cx *cx, const char *scope, const char *name)
{
    const char *names[COUNT(builtins) + NDTYPE];
    int n = 0;
    for (const Builtin *b = builtins; b->name; b++)
        if (!strcmp(b->scope, scope)) names[n++] = b->name;
    for (int t = 1; t < NDTYPE && !strcmp(scope, "T"); t++) names[n++] = dtype_info[t].name;
    const char *near = nearest(name, names, n);
    return near ? arena_printf(&cx->arena, "did you mean '%s'?", near) : NULL;
}

/* ---- signatures: "a, b=1, *rest, **others" ---- */

typedef struct {
    const char *name;
    int len;
    const char *value;
    int star;
} Slot; /* value: the text of the default, or NULL */

static int parse_signature(const char *s, Slot slot[MAXSLOT])
{
    int n = 0;
    while (*s && n < MAXSLOT) {
        Slot *p = &slot[n++];
        *p = (Slot){0};
        for (; *s == '*'; s++) p->star++;
        p->name = s;
        p->len = (int)strcspn(s, ",=");
        s += p->len;
        if (*s == '=') p->value = s + 1;
        s += strcspn(s, ",");
        s += strspn(s, ", ");
    }
    return n;
}

static Value default_value(Cx *cx, const char *s)
{
    if (s[0] == '"') return value_str(cx, s + 1, strcspn(s + 1, "\""));
    if (!strncmp(s, "None", 4)) return NONE_VALUE;
    if (!strncmp(s, "True", 4) || !strncmp(s, "False", 5)) return value_bool(s[0] == 'T');
    size_t len = strcspn(s, ",");
    return memchr(s, '.', len) ? value_float(strtod(s, NULL)) : value_int(strtol(s, NULL, 10));
}

static const char *show_name(Eval *ev, const Builtin *f)
{
    return arena_printf(&ev->cx->arena, "%s%s%s", strcmp(f->scope, "py") ? f->scope : "",
                        strcmp(f->scope, "py") ? "." : "", f->name);
}

static _Noreturn void unknown_keyword(Eval *ev, const Builtin *f, const Slot *slot, int n,
                                      const char *name, Span at)
{
    const char *names[MAXSLOT];
    int have = 0;
    for (int i = 0; i < n; i++)
        if (!slot[i].star)
            names[have++] = arena_printf(&ev->cx->arena, "%.*s", slot[i].len, slot[i].name);
    const char *near = nearest(name, names, have);
    const char *help = near ? arena_printf(&ev->cx->arena, "did you mean '%s'?", near)
                            : arena_printf(&ev->cx->arena, "its parameters are: %s", f->signature);
    eval_fail(ev, E0203, at, help, "'%s' has no parameter '%s'", show_name(ev, f), name);
}

/* positional and named arguments into slots */
static void place_args(Eval *ev, const Args *a, Call *c, const Slot *slot, int n)
{
    int k = 0;
    for (int i = 0; i < a->pos.n; i++) {
        Span at = a->pos_at ? a->pos_at[i] : a->span;
        if (k < n && slot[k].star == 1) {
            seq_add(ev->cx, &c->rest, a->pos.at[i]);
            continue;
        }
        if (k >= n || slot[k].star)
            eval_fail(ev, E0203, at,
                      arena_printf(&ev->cx->arena, "its parameters are: %s", c->fn->signature),
                      "'%s' takes at most %d arguments, not %d", show_name(ev, c->fn), k, a->pos.n);
        c->arg[k] = a->pos.at[i];
        c->at[k++] = at;
    }
    for (int i = 0; i < a->named.n; i++) {
        const char *name = a->names.at[i].s;
        Span at = a->named_at ? a->named_at[i] : a->span;
        int to = 0;
        while (to < n && (slot[to].star || (int)strlen(name) != slot[to].len ||
                          strncmp(name, slot[to].name, strlen(name))))
            to++;
        if (to == n && n && slot[n - 1].star == 2) {
            attr_set(ev->cx, &c->others, name, a->named.at[i]);
            continue;
        }
        if (to == n) unknown_keyword(ev, c->fn, slot, n, name, at);
        if (c->arg[to].kind != VAL_UNSET)
            eval_fail(ev, E0203, at, NULL, "'%s' gets its argument '%s' twice",
                      show_name(ev, c->fn), name);
        c->arg[to] = a->named.at[i];
        c->at[to] = at;
    }
}

static Value call_builtin(Eval *ev, const Builtin *f, const Args *a)
{
    Slot slot[MAXSLOT];
    Call c = {.fn = f, .span = a->span, .callee = a->callee};
    int n = c.n = parse_signature(f->signature, slot);
    place_args(ev, a, &c, slot, n);
    for (int i = 0; i < n; i++) {
        if (c.arg[i].kind != VAL_UNSET || slot[i].star) continue;
        if (!slot[i].value)
            eval_fail(ev, E0203, a->span,
                      arena_printf(&ev->cx->arena, "its parameters are: %s", f->signature),
                      "'%s' needs its argument '%.*s'", show_name(ev, f), slot[i].len,
                      slot[i].name);
        c.arg[i] = default_value(ev->cx, slot[i].value);
        c.at[i] = a->span;
    }
    return f->run(ev, &c);
}

/* ---- the program's own functions ---- */

static bool by_reference(const Node *param)
{
    const Node *a = param->annotation;
    if (a && a->kind == N_call) a = a->obj;
    if (a && a->kind == N_sub) a = a->obj;
    return a && (a->kind == N_attr || a->kind == N_name) &&
           (!strcmp(a->name, "Ref") || !strcmp(a->name, "Var"));
}

/* a macro's parameter: a symbolic value is computed once, before the body; buffers and T.Ref stay
 * what they are */
static Value pass(Eval *ev, const Func *f, const Node *param, Value v, Span at)
{
    if (f->role != F_MACRO || by_reference(param) || !is_symbolic(&v) || !ev->launch ||
        v.kind == VAL_SLOT)
        return v;
    return emit_let(ev, param->name, v, at);
}

/* the value of a tuner's first configuration, for a parameter that has no other */
const Value *tuned_value(Eval *ev, const Func *f, const char *name)
{
    if (!f->configs) return NULL;
    Env *was = ev->env;
    ev->env = f->env;
    Value v = eval(ev, f->configs);
    if (v.kind == VAL_FUNC) v = call_simple(ev, v, NULL, 0, f->configs->span);
    ev->env = was;
    if ((v.kind != VAL_LIST && v.kind != VAL_TUPLE) || !v.seq->n || v.seq->at[0].kind != VAL_DICT)
        return NULL;
    return dict_find(v.seq->at[0].dict, value_str(ev->cx, name, strlen(name)));
}

static void default_params(Eval *ev, Func *f, const Args *a, Env *env)
{
    int k = 0;
    for (const Node *p = f->node->items; p; p = p->next, k++) {
        if (p->op != PARAM_PLAIN) continue;
        Binding *b = NULL;
        for (b = env->first; b && b->name != p->name; b = b->next) {
        }
        if (b) continue;
        bool none = f->defaults[k].kind == VAL_UNSET || f->defaults[k].kind == VAL_NONE;
        const Value *tuned = none ? tuned_value(ev, f, p->name) : NULL;
        if (none && !tuned && f->defaults[k].kind == VAL_UNSET) {
            Diag *d = report(ev->cx, E0203, a->span, NULL, "'%s' needs its argument '%s'", f->name,
                             p->name);
            note(ev->cx, d, p->span, "it is a parameter without a default");
            leave(ev->cx);
        }
        env_set(ev, env, p->name, tuned ? *tuned : f->defaults[k]);
    }
}

static void bind_params(Eval *ev, Func *f, const Args *a, Env *env)
{
    Value rest = value_seq(ev->cx, VAL_TUPLE, 0),
          others = {.kind = VAL_DICT, .dict = NEW(&ev->cx->arena, Dict)};
    const Node *p = f->node->items, *star = NULL, *dstar = NULL;
    int i = 0;
    for (const Node *q = p; q; q = q->next) {
        if (q->op == PARAM_STAR && *q->name) star = q;
        if (q->op == PARAM_DSTAR) dstar = q;
    }
    for (; p && p->op != PARAM_STAR && p->op != PARAM_DSTAR && i < a->pos.n; p = p->next) {
        if (p->op == PARAM_SLASH) continue;
        env_set(ev, env, p->name, pass(ev, f, p, a->pos.at[i], a->pos_at ? a->pos_at[i] : a->span));
        i++;
    }
    for (; i < a->pos.n && star; i++) seq_add(ev->cx, rest.seq, a->pos.at[i]);
    if (i < a->pos.n)
        eval_fail(ev, E0203, a->pos_at ? a->pos_at[i] : a->span, NULL,
                  "'%s' takes %d arguments, not %d", f->name, i, a->pos.n);
    for (int k = 0; k < a->named.n; k++) {
        const char *name = a->names.at[k].s;
        Span at = a->named_at ? a->named_at[k] : a->span;
        const Node *to = f->node->items;
        while (to && (to->op != PARAM_PLAIN || to->name != name)) to = to->next;
        if (to) {
            for (const Binding *b = env->first; b; b = b->next)
                if (b->name == name)
                    eval_fail(ev, E0203, at, NULL, "'%s' gets its argument '%s' twice", f->name,
                              name);
            env_set(ev, env, name, pass(ev, f, to, a->named.at[k], at));
        } else if (dstar) {
            attr_set(ev->cx, others.dict, name, a->named.at[k]);
        } else {
            const char *names[64];
            int n = 0;
            for (const Node *q = f->node->items; q && n < COUNT(names); q = q->next)
                if (q->op == PARAM_PLAIN) names[n++] = q->name;
            const char *near = nearest(name, names, n);
            eval_fail(ev, E0203, at,
                      near ? arena_printf(&ev->cx->arena, "did you mean '%s'?", near) : NULL,
                      "'%s' has no parameter '%s'", f->name, name);
        }
    }
    if (star) env_set(ev, env, star->name, rest);
    if (dstar) env_set(ev, env, dstar->name, others);
    default_params(ev, f, a, env);
}

Env *call_bind(Eval *ev, Func *f, const Args *a)
{
    Env *env = NEW(&ev->cx->arena, Env);
    *env = (Env){.outer = f->env, .module = f->env->module};
    bind_params(ev, f, a, env);
    return env;
}

Value call_func(Eval *ev, Func *f, const Args *a)
{
    Env *outer = ev->env;
    Frame frame = {.outer = ev->frame, .func = f, .call = a->span};
    int calls = 0, branches = ev->branches;
    for (const Frame *c = ev->frame; c; c = c->outer) calls++;
    if (calls > MAXCALLS)
        eval_fail(ev, E0206, a->span, "a recursion has to end at compile time",
                  "compile-time calls nest deeper than %d", (int)MAXCALLS);
    ev->env = call_bind(ev, f, a);
    ev->frame = &frame;
    ev->branches = 0;
    Value out = NONE_VALUE;
    if (f->node->kind == N_lambda)
        out = eval(ev, f->node->value);
    else if (exec(ev, f->node->body) == FLOW_RETURN)
        out = ev->result;
    ev->branches = branches;
    ev->frame = frame.outer;
    ev->env = outer;
    return out;
}

/* ---- classes ---- */

static void record_fields(Eval *ev, Class *c, Object *o, const Args *a)
{
    if (a->pos.n > c->fields.n)
        eval_fail(ev, E0203, a->span, NULL, "'%s' has %d fields, not %d", c->name, c->fields.n,
                  a->pos.n);
    for (int i = 0; i < c->fields.n; i++) {
        const char *name = c->fields.at[i].s;
        const Value *v = i < a->pos.n ? &a->pos.at[i] : NULL;
        for (int k = 0; k < a->named.n; k++)
            if (a->names.at[k].s == name) v = &a->named.at[k];
        if (!v) v = attr_find(&c->attrs, name);
        if (!v) eval_fail(ev, E0203, a->span, NULL, "'%s' needs its field '%s'", c->name, name);
        attr_set(ev->cx, &o->attrs, name, *v);
    }
    for (int k = 0; k < a->named.n; k++)
        if (!attr_find(&o->attrs, a->names.at[k].s))
            eval_fail(ev, E0203, a->named_at ? a->named_at[k] : a->span, NULL,
                      "'%s' has no field '%s'", c->name, a->names.at[k].s);
}

static Value make_object(Eval *ev, Class *c, const Args *a)
{
    Value v = {.kind = VAL_OBJECT, .object = NEW(&ev->cx->arena, Object)};
    v.object->cls = c;
    if (c->is_enum) { /* Colour(2): the member of that value */
        for (int i = 0; i < c->attrs.n && a->pos.n == 1; i++) {
            const Value *m = &c->attrs.val[i];
            if (m->kind == VAL_OBJECT &&
                value_same(attr_find(&m->object->attrs, intern(ev->cx, "value")), &a->pos.at[0]))
                return *m;
        }
        eval_fail(ev, E0205, a->span, NULL, "'%s' has no member of that value", c->name);
    }
    const Value *init = NULL;
    for (const Class *k = c; k && !init; k = k->base)
        init = attr_find(&k->attrs, intern(ev->cx, "__init__"));
    if (init) {
        Args with = *a;
        with.pos = (Seq){0};
        with.pos_at = NULL;
        seq_add(ev->cx, &with.pos, v);
        for (int i = 0; i < a->pos.n; i++) seq_add(ev->cx, &with.pos, a->pos.at[i]);
        eval_call(ev, *init, &with);
    } else if (c->is_record) {
        record_fields(ev, c, v.object, a);
        const char *post = intern(ev->cx, "__post_init__");
        if (attr_find(&c->attrs, post))
            call_simple(ev, *attr_find(&c->attrs, post), &v, 1, a->span);
    } else if (a->pos.n || a->named.n) {
        eval_fail(ev, E0203, a->span, NULL, "'%s' takes no arguments", c->name);
    }
    return v;
}

/* ---- any call ---- */

/* what a partial holds, then the arguments of this call */
static Value call_partial(Eval *ev, const Value *fn, const Args *a)
{
    Args all = {.span = a->span, .callee = a->callee};
    for (int i = 0; i < fn->self[0].seq->n; i++) seq_add(ev->cx, &all.pos, fn->self[0].seq->at[i]);
    for (int i = 0; i < a->pos.n; i++) seq_add(ev->cx, &all.pos, a->pos.at[i]);
    const Dict *held = fn->self[1].dict;
    for (int i = 0; i < held->n; i++) {
        bool again = false;
        for (int k = 0; k < a->names.n; k++) again |= a->names.at[k].s == held->key[i].s;
        if (again) continue;
        seq_add(ev->cx, &all.names, held->key[i]);
        seq_add(ev->cx, &all.named, held->val[i]);
    }
    for (int k = 0; k < a->named.n; k++) {
        seq_add(ev->cx, &all.names, a->names.at[k]);
        seq_add(ev->cx, &all.named, a->named.at[k]);
    }
    return eval_call(ev, *fn->fn, &all);
}

/* a kernel remembers the factory that returned it */
static Value made_by(const Func *f, Value v)
{
    if (f->role == F_JIT && v.kind == VAL_FUNC && v.func->role == F_PRIM && !v.func->maker)
        v.func->maker = f;
    return v;
}

Value eval_call(Eval *ev, Value fn, const Args *a)
{
    switch (fn.kind) {
    case VAL_BUILTIN: return call_builtin(ev, fn.builtin, a);
    case VAL_FUNC:
        if (compose_applies(ev, fn.func)) return compose_call(ev, fn.func, a);
        if (fn.func->role == F_PRIM)
            eval_fail(ev, E0209, a->span,
                      ev->launch ? "write its body as a T.macro" : "call it in a kernel, or name it as the entry",
                      "a kernel is called where launches stand, not here");
        return made_by(fn.func, call_func(ev, fn.func, a));
    case VAL_METHOD: {
        Args with = *a;
        with.pos = (Seq){0};
        seq_add(ev->cx, &with.pos, *fn.self);
        for (int i = 0; i < a->pos.n; i++) seq_add(ev->cx, &with.pos, a->pos.at[i]);
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
    case VAL_FOREIGN:
        eval_fail(ev, E0202, a->callee,
                  "give its result as a parameter, or as a constant of the module",
                  "'%s' is not part of the program and cannot be called here", fn.s);
    default: eval_fail(ev, E0204, a->callee, NULL, "%s cannot be called", value_name[fn.kind]);
    }
}

Value call_simple(Eval *ev, Value fn, const Value *arg, int n, Span at)
{
    Args a = {.span = at, .callee = at};
    for (int i = 0; i < n; i++) seq_add(ev->cx, &a.pos, arg[i]);
    return eval_call(ev, fn, &a);
}
