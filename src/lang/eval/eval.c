/* Expressions of the compile-time evaluator: a value is known, or stands for an expression, buffer
 * or region of the program. */
#include "lang/dialect.h"
#include <string.h>

enum { MAXDEPTH = 2500, MAXMEMORY = 128 << 20 };

/* ---- failing with the calls that lead here ---- */

bool in_prelude(const Cx *cx, Span at)
{
    return at.file && !strncmp(cx->source[at.file]->path, "<prelude/", 9);
}

void eval_fail(Eval *ev, ErrCode code, Span at, const char *help, const char *fmt, ...)
{
    va_list ap;
    Text t = text_new(&ev->cx->arena);
    va_start(ap, fmt);
    text_vadd(&t, fmt, ap);
    va_end(ap);
    for (const Frame *f = ev->frame; f && in_prelude(ev->cx, at); f = f->outer)
        if (f->call.file) at = f->call; /* whoever called it is to blame */
    Diag *d = report(ev->cx, code, at, help, "%s", t.s);
    int shown = 0;
    Span last = at;
    for (const Frame *f = ev->frame; f && shown < 5; f = f->outer) {
        bool ours = !f->func || !f->call.file || f->func->env->module->prelude;
        if (ours || (f->call.at == last.at && f->call.file == last.file)) continue;
        note(ev->cx, d, f->call, "in '%s', called from here", f->func->name);
        last = f->call;
        shown++;
    }
    leave(ev->cx);
}

/* ---- names ---- */

static bool names_outer(const Env *env, const char *name)
{
    for (const Node *s = env->outer_names; s; s = s->next)
        if (s->name == name) return true;
    return false;
}

Env *env_new(Eval *ev, Env *outer)
{
    Env *env = NEW(&ev->cx->arena, Env);
    *env = (Env){.outer = outer, .module = outer->module};
    return env;
}

/* the binding that is visible from env, below the module's own names; classes show theirs to their
 * own body only */
Binding *env_find(Env *env, const char *name)
{
    for (Env *e = env; e && e != &e->module->env; e = e->outer) {
        if (e != env && e->is_class) continue;
        for (Binding *b = e->first; b; b = b->next)
            if (b->name == name && b->value.kind != VAL_UNSET) return b;
    }
    return NULL;
}

void env_set(Eval *ev, Env *env, const char *name, Value v)
{
    Binding *b = NULL;
    if (names_outer(env, name) && (b = env_find(env->outer, name))) {
        b->value = v;
        b->block = ev->block;
        return;
    }
    for (b = env->first; b && b->name != name; b = b->next) {
    }
    if (!b) {
        b = NEW(&ev->cx->arena, Binding);
        b->name = name;
        b->next = env->first;
        env->first = b;
    }
    if (env == &env->module->env && b->value.kind != VAL_UNSET && b->at != env->module->now) {
        Binding *older = NEW(&ev->cx->arena, Binding);
        *older = *b;
        b->older = older;
    }
    b->value = v;
    b->block = ev->block;
    b->at = env->module->now;
}

static _Noreturn void unknown_name(Eval *ev, const char *name, Span at)
{
    const char *names[512];
    int n = 0;
    for (const Env *e = ev->env; e; e = e->outer)
        for (const Binding *b = e->first; b && n < COUNT(names); b = b->next)
            if (b->value.kind > VAL_POISON) names[n++] = b->name;
    n += module_names(ev->env->module, names + n, COUNT(names) - n);
    n += builtin_names(ev, "py", names + n, COUNT(names) - n);
    const char *help = did_you_mean(ev->cx, name, names, n);
    if (!help && dtype_named(name))
        help = arena_printf(&ev->cx->arena, "did you mean 'T.%s'?", name);
    eval_fail(ev, E0201, at, help, "'%s' is not known here", name);
}

Value eval_name(Eval *ev, const char *name, Span at)
{
    Binding *b = env_find(ev->env, name);
    Value v;
    bool found = b || module_lookup(ev, ev->env->module, name, &v);
    if ((b ? b->value.kind : found ? v.kind : VAL_UNSET) == VAL_POISON)
        leave(ev->cx); /* told where it failed */
    if (b) {
        if (b->block && b->block->over && is_symbolic(&b->value) && ev->launch)
            eval_fail(ev, E0208, at, "carry it out in a T.alloc_var, or compute it again",
                      "'%s' has its value only inside the loop or branch that computes it", name);
        return b->value;
    }
    if (found) return v;
    const Builtin *f = builtin_find("py", name);
    if (!f && prelude_lookup(ev, "py", name, &v)) return v;
    if (!f) unknown_name(ev, name, at);
    if (!f->signature) return f->run(ev, &(Call){.fn = f, .span = at, .callee = at});
    return (Value){.kind = VAL_BUILTIN, .builtin = f};
}

/* ---- strings, displays ---- */

/* texts and fields; the format of a field is made of them, too */
static void format_parts(Eval *ev, Text *out, const Node *p)
{
    for (; p; p = p->next) {
        if (p->kind == N_str) {
            text_put(out, p->name, p->len);
            continue;
        }
        Value v = eval(ev, p->obj);
        Text spec = text_new(&ev->cx->arena);
        format_parts(ev, &spec, p->value);
        if (*p->name) v = value_shown(ev, v, strcmp(p->name, "s") != 0);
        value_format(ev, out, &v, spec.s, p->span);
    }
}

static Value eval_fstr(Eval *ev, const Node *n)
{
    Text t = text_new(&ev->cx->arena);
    format_parts(ev, &t, n->items);
    return text_value(ev, &t, n->span);
}

static void add_items(Eval *ev, Seq *s, const Node *list)
{
    for (; list; list = list->next) {
        if (list->kind != N_star) {
            seq_add(ev->cx, s, eval(ev, list));
            continue;
        }
        seq_add_all(ev->cx, s, eval_items(ev, eval(ev, list->obj), list->span));
    }
}

static Value eval_display(Eval *ev, const Node *n)
{
    Value v = value_seq(ev->cx, n->kind == N_tuple ? VAL_TUPLE : VAL_LIST, 0);
    add_items(ev, v.seq, n->items);
    if (n->kind != N_set) return v;
    for (int i = 0; i < v.seq->n; i++) eval_key(ev, v.seq->at[i], n->span);
    return value_set(ev->cx, v.seq);
}

static Value eval_dict(Eval *ev, const Node *n)
{
    Value v = {.kind = VAL_DICT, .dict = NEW(&ev->cx->arena, Dict)};
    for (const Node *p = n->items; p; p = p->next) {
        if (p->kind == N_pair) {
            Value key = eval_key(ev, eval(ev, p->left), p->left->span);
            dict_set(ev->cx, v.dict, key, eval(ev, p->value));
            continue;
        }
        Value more = eval(ev, p->obj);
        if (more.kind != VAL_DICT)
            eval_fail(ev, E0204, p->span, NULL, "'**' needs a dict, not %s", value_name[more.kind]);
        dict_add_all(ev->cx, v.dict, more.dict);
    }
    return v;
}

/* ---- operators ---- */

static Value symbolic_bool(Eval *ev, PyOp op, Value a, Value b, Span at)
{
    return value_op(ev, op == PY_and ? OP_and : OP_or, a, b, at);
}

/* decided as soon as the left side is known; otherwise both sides belong to the program */
static Value eval_bool(Eval *ev, const Node *n)
{
    Value v = eval(ev, n->items);
    for (const Node *c = n->items->next; c; c = c->next) {
        Value known = simplify(v);
        if (is_symbolic(&known)) {
            v = symbolic_bool(ev, n->op, v, eval(ev, c), n->span);
        } else {
            if (to_bool(ev, known, n->span, "an operand") == (n->op == PY_or)) return known;
            v = eval(ev, c);
        }
    }
    return v;
}

static Value eval_chain(Eval *ev, const Node *n)
{
    Value left = eval(ev, n->left), all = {0};
    for (const Node *l = n->right; l; l = l->next) {
        Value right = eval(ev, l->left);
        Value r = simplify(
            eval_compare(ev, l->op, left, right, l->next || l != n->right ? l->span : n->span));
        if (all.kind == VAL_UNSET)
            all = r;
        else
            all = is_symbolic(&all) || is_symbolic(&r) ? symbolic_bool(ev, PY_and, all, r, n->span)
                                                       : r;
        if (!is_symbolic(&all) && !to_bool(ev, all, n->span, "a comparison")) return all;
        left = right;
    }
    return all;
}

static Value eval_ternary(Eval *ev, const Node *n)
{
    Value test = simplify(eval(ev, n->test));
    if (!is_symbolic(&test))
        return eval(ev, to_bool(ev, test, n->test->span, "the condition") ? n->value : n->orelse);
    Expr *yes = to_expr(ev, eval(ev, n->value), n->value->span),
         *no = to_expr(ev, eval(ev, n->orelse), n->orelse->span);
    return simplify(
        value_expr(expr_op(ev->cx, OP_select, to_expr(ev, test, n->test->span), yes, no, n->span)));
}

typedef struct {
    Args a;
    Span *pos_at, *named_at;
    bool exact;
} CallArgs; /* exact: no star, so every argument has a span */

static void add_named(Eval *ev, CallArgs *to, const char *name, Value v)
{
    seq_add(ev->cx, &to->a.names, value_key(name));
    seq_add(ev->cx, &to->a.named, v);
}

static void eval_arg(Eval *ev, CallArgs *to, const Node *c)
{
    if (c->kind == N_keyword) {
        to->named_at[to->exact ? to->a.named.n : 0] = c->span;
        add_named(ev, to, c->name, eval(ev, c->value));
    } else if (c->kind == N_dstar) {
        Value d = eval(ev, c->obj);
        to->exact = false;
        if (d.kind != VAL_DICT)
            eval_fail(ev, E0204, c->span, NULL, "'**' needs a dict, not %s", value_name[d.kind]);
        for (int i = 0; i < d.dict->n; i++)
            add_named(ev, to, to_str(ev, d.dict->key[i], c->span, "a name after '**'"),
                      d.dict->val[i]);
    } else if (c->kind == N_star) {
        seq_add_all(ev->cx, &to->a.pos, eval_items(ev, eval(ev, c->obj), c->span));
        to->exact = false;
    } else {
        to->pos_at[to->exact ? to->a.pos.n : 0] = c->span;
        seq_add(ev->cx, &to->a.pos, eval(ev, c));
    }
}

static Value eval_call_node(Eval *ev, const Node *n)
{
    Value fn = eval(ev, n->obj);
    int count = 1;
    for (const Node *c = n->args; c; c = c->next) count++;
    CallArgs to = {.exact = true,
                   .pos_at = NEWN(&ev->cx->arena, Span, count),
                   .named_at = NEWN(&ev->cx->arena, Span, count)};
    to.a.span = n->span;
    to.a.callee = n->obj->kind == N_attr ? attr_span(n->obj) : n->obj->span;
    for (const Node *c = n->args; c; c = c->next) eval_arg(ev, &to, c);
    to.a.pos_at = to.exact ? to.pos_at : NULL;
    to.a.named_at = to.exact ? to.named_at : NULL;
    return eval_call(ev, fn, &to.a);
}

static Value eval_slice(Eval *ev, const Node *n)
{
    Value v = value_seq(ev->cx, VAL_SLICE, 3);
    for (int i = 0; i < 3; i++) v.seq->at[i] = n->kid[i] ? eval(ev, n->kid[i]) : NONE_VALUE;
    return v;
}

static Value eval_const(const Node *n)
{
    if (!strcmp(n->name, "True") || !strcmp(n->name, "False")) return value_bool(n->name[0] == 'T');
    return (Value){.kind = strcmp(n->name, "None") ? VAL_ELLIPSIS : VAL_NONE};
}

static Value eval_walrus(Eval *ev, const Node *n)
{
    Value v = eval(ev, n->value);
    Env *env = ev->env;
    while (env->is_comp) env = env->outer;
    env_set(ev, env, n->name, v);
    return v;
}

static Value eval_node(Eval *ev, const Node *n)
{
    switch (n->kind) {
    case N_name: return eval_name(ev, n->name, n->span);
    case N_int:
        if (n->name) eval_fail(ev, E0217, n->span, NULL, "this integer needs more than 127 bits");
        return value_int(n->i);
    case N_float:
        if (n->op) eval_fail(ev, E0204, n->span, NULL, "complex numbers do not occur in kernels");
        return value_float(n->f);
    case N_str: return (Value){.kind = VAL_STR, .s = n->name, .len = n->len};
    case N_fstr: return eval_fstr(ev, n);
    case N_const: return eval_const(n);
    case N_tuple:
    case N_list:
    case N_set: return eval_display(ev, n);
    case N_dict: return eval_dict(ev, n);
    case N_binary: {
        Value a = eval(ev, n->left);
        return eval_binary(ev, n->op, a, eval(ev, n->right), n->span);
    }
    case N_unary: return eval_unary(ev, n->op, eval(ev, n->left), n->span);
    case N_bool: return eval_bool(ev, n);
    case N_compare: return eval_chain(ev, n);
    case N_ternary: return eval_ternary(ev, n);
    case N_lambda: return make_func(ev, n);
    case N_call: return eval_call_node(ev, n);
    case N_attr: return eval_attr(ev, eval(ev, n->obj), n->name, attr_span(n));
    case N_sub: return eval_index(ev, eval(ev, n->obj), n);
    case N_slice: return eval_slice(ev, n);
    case N_comp: return eval_comp(ev, n);
    case N_walrus: return eval_walrus(ev, n);
    case N_yield: return eval_yield(ev, n);
    default:
        eval_fail(ev, E0901, n->span, NULL, "'%s' in code that a kernel needs",
                  node_info[n->kind].name);
    }
}

Value eval_in(Eval *ev, Env *env, const Node *n)
{
    Env *was = ev->env;
    ev->env = env;
    Value v = eval(ev, n);
    ev->env = was;
    return v;
}

void eval_spend(Eval *ev, int64_t steps, Span at)
{
    ev->fuel -= steps;
    if (ev->fuel < 0) eval_fail(ev, E0206, at, NULL, "compile-time code runs for too long");
    if (ev->cx->arena.used - ev->memory > MAXMEMORY)
        eval_fail(ev, E0214, at, NULL, "compile-time code needs more than %d MB",
                  (int)MAXMEMORY >> 20);
}

void eval_step(Eval *ev, Span at)
{
    eval_spend(ev, 1, at);
}

Value eval(Eval *ev, const Node *n)
{
    if (++ev->depth > MAXDEPTH)
        eval_fail(ev, E0215, n->span, NULL, "compile-time code nests deeper than %d levels",
                  (int)MAXDEPTH);
    eval_step(ev, n->span);
    Value v = eval_node(ev, n);
    ev->depth--;
    return v;
}
