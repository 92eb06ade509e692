/* Expressions of the compile-time evaluator: a value is known, or stands for an expression, buffer
 * or region of the program. */
#include "lang/dialect.h"
#include <string.h>

enum { MAXDEPTH = 2500, MAXMEMORY = 128 << 20 };

/* ---- failing with the calls that lead here ---- */

void eval_fail(Eval *ev, ErrCode code, Span at, const char *help, const char *fmt, ...)
{
    va_list ap;
    Text t = text_new(&ev->cx->arena);
    va_start(ap, fmt);
    text_vadd(&t, fmt, ap);
    va_end(ap);
    Diag *d = report(ev->cx, code, at, help, "%s", t.s);
    int shown = 0;
    Span last = at;
    for (const Frame *f = ev->frame; f && shown < 5; f = f->outer) {
        if (!f->func || !f->call.file || (f->call.at == last.at && f->call.file == last.file))
            continue;
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
    for (const Builtin *b = builtins; b->name && n < COUNT(names); b++)
        if (!strcmp(b->scope, "py")) names[n++] = b->name;
    const char *near = nearest(name, names, n);
    const char *help = near ? arena_printf(&ev->cx->arena, "did you mean '%s'?", near) : NULL;
    if (!near && dtype_named(name))
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
    if (!f) unknown_name(ev, name, at);
    return (Value){.kind = VAL_BUILTIN, .builtin = f};
}

/* ---- attributes ---- */

Span attr_span(const Node *n)
{
    uint32_t len = (uint32_t)strlen(n->name);
    return (Span){n->span.file, n->span.at + n->span.len - MIN(len, n->span.len), len};
}

static Value method(Eval *ev, Value self, Value fn)
{
    Value m = {
        .kind = VAL_METHOD, .self = NEW(&ev->cx->arena, Value), .fn = NEW(&ev->cx->arena, Value)};
    *m.self = self;
    *m.fn = fn;
    return m;
}

static Value *class_attr(const Class *c, const char *name)
{
    for (; c; c = c->base) {
        Value *v = attr_find(&c->attrs, name);
        if (v) return v;
    }
    return NULL;
}

static bool object_attr(Eval *ev, Value v, const char *name, Span at, Value *out)
{
    Value *a = v.kind == VAL_OBJECT ? attr_find(&v.object->attrs, name) : NULL;
    if (a) {
        *out = *a;
        return true;
    }
    a = class_attr(v.kind == VAL_OBJECT ? v.object->cls : v.cls, name);
    if (!a) return false;
    *out = *a;
    if (a->kind != VAL_FUNC) return true;
    if (a->func->is_classmethod)
        *out = method(
            ev, v.kind == VAL_CLASS ? v : (Value){.kind = VAL_CLASS, .cls = v.object->cls}, *a);
    else if (v.kind == VAL_OBJECT && a->func->property)
        *out = call_simple(ev, *a, &v, 1, at);
    else if (v.kind == VAL_OBJECT && !a->func->is_static)
        *out = method(ev, v, *a);
    return true;
}

/* attributes that are data; false when the kind has none of that name */
static bool data_attr(Eval *ev, const Value *v, const char *name, Value *out)
{
    const Buf *b = v->kind == VAL_BUF ? v->buf : v->kind == VAL_REF ? v->ref->buf : NULL;
    if (v->kind == VAL_DTYPE) {
        if (!strcmp(name, "bits"))
            *out = value_int(dtype_info[v->dtype].bits);
        else if (!strcmp(name, "itemsize") || !strcmp(name, "bytes"))
            *out = value_int(dtype_bytes(v->dtype));
        else if (!strcmp(name, "name"))
            *out = value_text(ev->cx, "%s", dtype_info[v->dtype].name);
        else
            return false;
        return true;
    }
    if (!strcmp(name, "dtype") && (b || v->kind == VAL_EXPR)) {
        *out = value_dtype(b ? b->type : v->expr->type);
        return true;
    }
    if (v->kind != VAL_BUF) return false;
    if (!strcmp(name, "shape")) {
        *out = value_seq(ev->cx, VAL_TUPLE, b->ndim);
        for (int d = 0; d < b->ndim; d++) out->seq->at[d] = simplify(value_expr(b->dim[d]));
    } else if (!strcmp(name, "data")) {
        *out = pointer_to(ev, *v, (Span){0});
    } else if (!strcmp(name, "ndim")) {
        *out = value_int(b->ndim);
    } else {
        return false;
    }
    return true;
}

static bool slot_attr(const Value *v, const char *name, Value *out)
{
    const Pipe *p = v->slot->verb.pipe;
    for (int i = 0; i < p->ntile; i++)
        if (p->tile[i].name && !strcmp(p->tile[i].name, name)) {
            *out = value_buf(v->slot->verb.slot[i]);
            return true;
        }
    return false;
}

/* where builtins.def keeps the methods of a kind */
static const char *method_scope(const Value *v)
{
    switch (v->kind) {
    case VAL_LIST:
    case VAL_TUPLE:
    case VAL_SET: return "list";
    case VAL_DICT: return "dict";
    case VAL_STR: return "str";
    case VAL_INT: return "int";
    case VAL_DTYPE: return "dtype";
    case VAL_BUF:
    case VAL_REF:
    case VAL_EXPR: return "element";
    case VAL_FUNC: return "function";
    default: return "object";
    }
}

Value eval_attr(Eval *ev, Value v, const char *name, Span at)
{
    Value out;
    switch (v.kind) {
    case VAL_MODULE: return module_attr(ev, v.module, name, at);
    case VAL_FOREIGN:
        out = value_text(ev->cx, "%s.%s", v.s, name);
        out.kind = VAL_FOREIGN;
        return out;
    case VAL_OBJECT:
    case VAL_CLASS:
        if (object_attr(ev, v, name, at, &out)) return out;
        break;
    case VAL_SLOT:
        if (slot_attr(&v, name, &out)) return out;
        break;
    default:
        if (data_attr(ev, &v, name, &out)) return out;
    }
    if (!strcmp(name, "__name__") && (v.kind == VAL_FUNC || v.kind == VAL_CLASS))
        return value_text(ev->cx, "%s", v.kind == VAL_FUNC ? v.func->name : v.cls->name);
    const Builtin *f = builtin_find(method_scope(&v), name);
    if (!f && v.kind == VAL_DTYPE && (f = builtin_find("str", name)))
        v = value_text(ev->cx, "%s", dtype_info[v.dtype].name);
    if (f) return method(ev, v, (Value){.kind = VAL_BUILTIN, .builtin = f});
    eval_fail(ev, E0204, at, builtin_nearest(ev->cx, method_scope(&v), name),
              "%s has no attribute '%s'", value_name[v.kind], name);
}

/* ---- strings, displays, comprehensions ---- */

static void format_field(Eval *ev, Text *out, const Node *f)
{
    Value v = eval(ev, f->obj);
    Text spec = text_new(&ev->cx->arena);
    for (const Node *s = f->value; s; s = s->next) {
        if (s->kind == N_field)
            format_field(ev, &spec, s);
        else
            text_put(&spec, s->name, s->len);
    }
    if (*f->name && strcmp(f->name, "s")) {
        Text shown = text_new(&ev->cx->arena);
        value_show(&shown, &v, true);
        v = value_str(ev->cx, shown.s, shown.n);
    }
    value_format(ev, out, &v, spec.s, f->span);
}

static Value eval_fstr(Eval *ev, const Node *n)
{
    Text t = text_new(&ev->cx->arena);
    for (const Node *p = n->items; p; p = p->next) {
        if (p->kind == N_field)
            format_field(ev, &t, p);
        else
            text_put(&t, p->name, p->len);
    }
    return value_str(ev->cx, t.s, t.n);
}

Seq *eval_items(Eval *ev, Value v, Span at)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    switch (v.kind) {
    case VAL_LIST:
    case VAL_TUPLE:
    case VAL_SET: return v.seq;
    case VAL_DICT:
        for (int i = 0; i < v.dict->n; i++) seq_add(ev->cx, out.seq, v.dict->key[i]);
        return out.seq;
    case VAL_DTYPE: /* a type is its name, too */
        return eval_items(ev, value_text(ev->cx, "%s", dtype_info[v.dtype].name), at);
    case VAL_STR:
        for (size_t i = 0; i < v.len; i++) seq_add(ev->cx, out.seq, value_str(ev->cx, v.s + i, 1));
        return out.seq;
    case VAL_RANGE: {
        Int lo = to_int(ev, v.seq->at[0], at, "the start of the range"),
            hi = to_int(ev, v.seq->at[1], at, "the end of the range");
        Int step = to_int(ev, v.seq->at[2], at, "the step of the range");
        for (Int i = lo; step > 0 ? i < hi : i > hi; i += step) {
            if (out.seq->n >= 1 << 20)
                eval_fail(ev, E0206, at, NULL, "a range of more than %d values", 1 << 20);
            seq_add(ev->cx, out.seq, value_int(i));
        }
        return out.seq;
    }
    case VAL_CLASS:
        if (v.cls->is_enum) {
            for (int i = 0; i < v.cls->attrs.n; i++)
                if (v.cls->attrs.val[i].kind == VAL_OBJECT)
                    seq_add(ev->cx, out.seq, v.cls->attrs.val[i]);
            return out.seq;
        }
        break;
    case VAL_FOREIGN:
        eval_fail(ev, E0202, at, NULL,
                  "'%s' is not part of the program: what it holds is not known here", v.s);
    case VAL_EXPR:
    case VAL_REF:
    case VAL_BUF:
        eval_fail(ev, E0204, at, "loop over its indices with T.serial or T.Parallel",
                  "a buffer or a value of the kernel cannot be iterated over");
    default: break;
    }
    eval_fail(ev, E0204, at, NULL, "%s cannot be iterated over", value_name[v.kind]);
}

static void add_items(Eval *ev, Seq *s, const Node *list)
{
    for (; list; list = list->next) {
        if (list->kind != N_star) {
            seq_add(ev->cx, s, eval(ev, list));
            continue;
        }
        const Seq *more = eval_items(ev, eval(ev, list->obj), list->span);
        for (int i = 0; i < more->n; i++) seq_add(ev->cx, s, more->at[i]);
    }
}

static Value eval_display(Eval *ev, const Node *n)
{
    Value v = value_seq(ev->cx,
                        n->kind == N_tuple  ? VAL_TUPLE
                        : n->kind == N_list ? VAL_LIST
                                            : VAL_SET,
                        0);
    if (n->kind != N_set) {
        add_items(ev, v.seq, n->items);
        return v;
    }
    Seq all = {0};
    add_items(ev, &all, n->items);
    for (int i = 0; i < all.n; i++) {
        bool in = false;
        for (int k = 0; k < v.seq->n; k++) in |= value_same(&v.seq->at[k], &all.at[i]);
        if (!in) seq_add(ev->cx, v.seq, all.at[i]);
    }
    return v;
}

static Value eval_dict(Eval *ev, const Node *n)
{
    Value v = {.kind = VAL_DICT, .dict = NEW(&ev->cx->arena, Dict)};
    for (const Node *p = n->items; p; p = p->next) {
        if (p->kind == N_pair) {
            Value key = eval(ev, p->left);
            dict_set(ev->cx, v.dict, key, eval(ev, p->value));
            continue;
        }
        Value more = eval(ev, p->obj);
        if (more.kind != VAL_DICT)
            eval_fail(ev, E0204, p->span, NULL, "'**' needs a dict, not %s", value_name[more.kind]);
        for (int i = 0; i < more.dict->n; i++)
            dict_set(ev->cx, v.dict, more.dict->key[i], more.dict->val[i]);
    }
    return v;
}

/* the loops of a comprehension, from clause c inwards */
static void comp_loop(Eval *ev, const Node *n, const Node *c, Value *out)
{
    if (!c) {
        Value v = eval(ev, n->elt);
        if (n->op == ':')
            dict_set(ev->cx, out->dict, v, eval(ev, n->value));
        else
            seq_add(ev->cx, out->seq, v);
        return;
    }
    const Seq *items = eval_items(ev, eval(ev, c->iter), c->iter->span);
    for (int i = 0; i < items->n; i++) {
        bool keep = true;
        exec_assign(ev, c->target, items->at[i]);
        for (const Node *f = c->clauses; f && keep; f = f->next)
            keep = to_bool(ev, eval(ev, f), f->span, "the filter of a comprehension");
        if (keep) comp_loop(ev, n, c->next, out);
    }
}

static Value eval_comp(Eval *ev, const Node *n)
{
    Env *own = NEW(&ev->cx->arena, Env); /* not on the stack: lambdas inside may keep it */
    Value out = value_seq(ev->cx, n->op == '{' ? VAL_SET : VAL_LIST, 0);
    if (n->op == ':') out = (Value){.kind = VAL_DICT, .dict = NEW(&ev->cx->arena, Dict)};
    *own = (Env){.outer = ev->env, .module = ev->env->module, .is_comp = true};
    ev->env = own;
    comp_loop(ev, n, n->clauses, &out);
    ev->env = own->outer;
    return out;
}

/* ---- operators ---- */

static Value symbolic_bool(Eval *ev, PyOp op, Value a, Value b, Span at)
{
    return simplify(value_expr(expr_op(ev->cx, op == PY_and ? OP_and : OP_or, to_expr(ev, a, at),
                                       to_expr(ev, b, at), NULL, at)));
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
    seq_add(ev->cx, &to->a.names, (Value){.kind = VAL_STR, .s = name, .len = strlen(name)});
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
        const Seq *s = eval_items(ev, eval(ev, c->obj), c->span);
        to->exact = false;
        for (int i = 0; i < s->n; i++) seq_add(ev->cx, &to->a.pos, s->at[i]);
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
        if (n->name) eval_fail(ev, E0206, n->span, NULL, "this integer needs more than 127 bits");
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
    case N_await:
    case N_yield:
        eval_fail(ev, E0901, n->span, "return a list instead", "'%s' in code that a kernel needs",
                  node_info[n->kind].name);
    default:
        eval_fail(ev, E0901, n->span, NULL, "'%s' in code that a kernel needs",
                  node_info[n->kind].name);
    }
}

void eval_step(Eval *ev, Span at)
{
    if (--ev->fuel < 0) eval_fail(ev, E0206, at, NULL, "compile-time code runs for too long");
    if (ev->cx->arena.used - ev->memory > MAXMEMORY)
        eval_fail(ev, E0206, at, NULL, "compile-time code needs more than %d MB",
                  (int)MAXMEMORY >> 20);
}

Value eval(Eval *ev, const Node *n)
{
    if (++ev->depth > MAXDEPTH)
        eval_fail(ev, E0206, n->span, NULL, "compile-time code nests deeper than %d levels",
                  (int)MAXDEPTH);
    eval_step(ev, n->span);
    Value v = eval_node(ev, n);
    ev->depth--;
    return v;
}
