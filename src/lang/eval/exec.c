/* Statements of the compile-time evaluator. In a traced function (a kernel, a macro) they belong to
   the program that grows: a symbolic value is bound once, an `if` on one emits a branch, a loop
   over range() runs on the device. In any other function they are plain Python. */
#include "lang/dialect.h"
#include <string.h>

static bool in_traced(const Eval *ev)
{
    return ev->frame && ev->frame->func && ev->frame->func->traced;
}

bool tracing(const Eval *ev)
{
    return ev->launch && in_traced(ev);
}

/* ---- assignment ---- */

/* the T.alloc_var that a name of a traced function stands for, or NULL */
static Buf *variable(Eval *ev, const char *name)
{
    if (!in_traced(ev)) return NULL;
    Binding *b = env_find(ev->env, name);
    return b && b->value.kind == VAL_BUF && !b->value.buf->ndim && *b->value.buf->name ? b->value.buf : NULL;
}

static void bind_name(Eval *ev, const Node *target, Value v)
{
    Buf *var = ev->fresh_targets ? NULL : variable(ev, target->name);
    bool fresh = v.kind == VAL_BUF && !*v.buf->name;
    if (var && !fresh &&
        (is_symbolic(&v) || is_number(&v))) {
        emit_store(ev, var, NULL, to_typed(ev, v, var->type, target->span), target->span);
        return;
    }
    if (ev->block && !in_prelude(ev->cx, target->span)) name_fresh(ev, &v, target->name);
    v = slot_tile(v);
    if (tracing(ev) && v.kind != VAL_SLOT && !fresh && (is_symbolic(&v) || (ev->dump && is_number(&v))))
        v = emit_let(ev, target->name, v, target->span);
    env_set(ev, ev->env, target->name, v);
}

/* list[lo:hi] = items, without a step */
static void assign_slice(Eval *ev, Seq *s, Value slice, Value v, Span at)
{
    Int lo, hi, step, n = s->n;
    slice_bounds(ev, &slice, s->n, at, &lo, &hi, &step);
    if (step != 1) eval_fail(ev, E0901, at, NULL, "an assignment to a slice with a step");
    Value more = value_seq(ev->cx, VAL_LIST, 0); /* it may be the list itself */
    seq_add_all(ev->cx, more.seq, eval_items(ev, v, at));
    hi = MAX(lo, hi);
    Int grown = more.seq->n - (hi - lo);
    eval_spend(ev, (n - hi) / 32, at);
    for (Int i = 0; i < grown; i++) seq_add(ev->cx, s, NONE_VALUE);
    if (n > hi) memmove(&s->at[hi + grown], &s->at[hi], (size_t)(n - hi) * sizeof *s->at);
    if (more.seq->n) memcpy(&s->at[lo], more.seq->at, (size_t)more.seq->n * sizeof *s->at);
    s->n = (int)(n + grown);
}

static void assign_item(Eval *ev, const Node *target, Value v)
{
    Value o = eval(ev, target->obj);
    if (o.kind == VAL_DICT) {
        Value key = eval(ev, target->index);
        dict_set(ev->cx, o.dict, eval_key(ev, key, target->index->span), v);
    } else if (o.kind == VAL_LIST && target->index->kind == N_slice) {
        assign_slice(ev, o.seq, eval(ev, target->index), v, target->span);
    } else if (o.kind == VAL_OBJECT) {
        Value got, pair[2] = {eval(ev, target->index), v};
        if (!call_special(ev, o, "__setitem__", pair, 2, target->span, &got))
            eval_fail(ev, E0204, target->span, NULL, "items of '%s' cannot be assigned to",
                      o.object->cls->name);
    } else if (o.kind == VAL_FOREIGN) {
        return; /* settings of the host's libraries mean nothing here */
    } else if (o.kind == VAL_LIST) {
        o.seq->at[item_index(ev, eval(ev, target->index), o.seq->n, target->index->span)] = v;
    } else if (o.kind == VAL_BUF || o.kind == VAL_REF) {
        assign_element(ev, eval_index(ev, o, target), v, target->span);
    } else {
        eval_fail(ev, E0204, target->span, NULL, "items of %s cannot be assigned to",
                  value_name[o.kind]);
    }
}

static bool loads(const Expr *e)
{
    if (e->kind == E_LOAD) return true;
    int n = e->kind == E_OP ? op_info[e->op].nargs : e->kind == E_CAST || e->kind == E_BITS;
    for (int i = 0; i < n; i++)
        if (loads(e->arg[i])) return true;
    return false;
}

/* all of the right side is read before any of the left side is written */
static Value read_first(Eval *ev, Value v, Span at)
{
    if (!tracing(ev) || !is_symbolic(&v) || v.kind == VAL_SLOT ||
        (v.kind == VAL_BUF && !*v.buf->name))
        return v;
    Expr *e = to_expr(ev, v, at);
    return loads(e) ? emit_let(ev, "old", value_expr(e), at) : v;
}

static void assign_many(Eval *ev, const Node *target, Value v)
{
    int names = 0, star = -1;
    bool memory = false; /* a target that later values may read */
    for (const Node *t = target->items; t; t = t->next, names++) {
        if (t->kind == N_star) star = names;
        memory |= t->kind == N_sub || (t->kind == N_name && variable(ev, t->name));
    }
    Seq *items = eval_items(ev, v, target->span);
    Seq read = {0}, value = {0};
    for (int i = 0; i < items->n; i++)
        seq_add(ev->cx, &read, memory ? read_first(ev, items->at[i], target->span) : items->at[i]);
    if (!spread(ev, &read, names, star, &value))
        eval_fail(raising(ev, "ValueError"), E0203, target->span, NULL, "%d names for %d values",
                  names, items->n);
    int k = 0;
    for (const Node *t = target->items; t; t = t->next, k++)
        exec_assign(ev, k == star ? t->obj : t, value.at[k]);
}

void exec_assign(Eval *ev, const Node *target, Value v)
{
    switch (target->kind) {
    case N_name: bind_name(ev, target, v); break;
    case N_attr: assign_attr(ev, eval(ev, target->obj), target->name, v, target->span); break;
    case N_sub: assign_item(ev, target, v); break;
    case N_tuple:
    case N_list: assign_many(ev, target, v); break;
    default: eval_fail(ev, E0901, target->span, NULL, "this target of an assignment");
    }
}

void exec_bind(Eval *ev, const Node *target, Value v)
{
    bool outer = ev->fresh_targets;
    ev->fresh_targets = true;
    exec_assign(ev, target, v);
    ev->fresh_targets = outer;
}

/* x += v: the old value is read where it is, the new one goes back there */
static void exec_augment(Eval *ev, const Node *n)
{
    Value old = eval(ev, n->target), more = eval(ev, n->value);
    if (old.kind == VAL_LIST && n->op == PY_add) {
        seq_add_all(ev->cx, old.seq, eval_items(ev, more, n->value->span));
        return;
    }
    if ((old.kind == VAL_SET || old.kind == VAL_DICT) && n->op == PY_bitor && more.kind == old.kind) {
        dict_add_all(ev->cx, old.dict, more.dict);
        return;
    }
    Value v;
    const char *own = *pyop_info[n->op].method
                          ? arena_printf(&ev->cx->arena, "__i%s", pyop_info[n->op].method + 2)
                          : "";
    if (!call_special(ev, old, own, &more, 1, n->span, &v)) v = eval_binary(ev, n->op, old, more, n->span);
    if (n->target->kind == N_sub && old.kind == VAL_REF)
        assign_element(ev, old, v, n->target->span);
    else
        exec_assign(ev, n->target, v);
}

static void exec_annotate(Eval *ev, const Node *n)
{
    if (!in_traced(ev)) {
        if (n->value) exec_assign(ev, n->target, eval(ev, n->value));
        return;
    }
    Value type = eval(ev, n->annotation);
    if (n->value) {
        Value v = eval(ev, n->value);
        if (type.kind == VAL_DTYPE && (is_symbolic(&v) || is_number(&v)))
            v = simplify(
                value_expr(expr_cast(ev->cx, to_expr(ev, v, n->value->span), type.dtype, n->span)));
        exec_assign(ev, n->target, v);
    } else if (type.kind == VAL_TENSOR && n->target->kind == N_name) {
        declare_param(ev, type.tensor, n->target->name, n->span);
    } else if (n->target->kind == N_name && type.kind != VAL_DTYPE) {
        eval_fail(ev, E0204, n->annotation->span, NULL, "%s does not declare a parameter",
                  value_name[type.kind]);
    }
}

/* ---- return ---- */

static Flow exec_return(Eval *ev, const Node *n)
{
    if (ev->branches)
        eval_fail(ev, E0209, n->span, "put the rest under an 'else'",
                  "'return' under a condition or loop that runs on the device");
    ev->result = n->obj ? eval(ev, n->obj) : NONE_VALUE;
    return FLOW_RETURN;
}

/* ---- definitions ---- */

static bool see_yield(const Node *n, const char *name)
{
    (void)name;
    return n->kind == N_yield;
}

Value make_func(Eval *ev, const Node *n)
{
    Func *f = NEW(&ev->cx->arena, Func);
    int params = 0, k = 0;
    *f = (Func){.name = n->kind == N_def ? n->name : "lambda", .node = n, .env = ev->env};
    for (const Node *p = n->items; p; p = p->next) params++;
    f->defaults = NEWN(&ev->cx->arena, Value, params + 1);
    for (const Node *p = n->items; p; p = p->next, k++)
        if (p->value) f->defaults[k] = eval(ev, p->value);
    f->traced = in_traced(ev) ||
                (n->kind == N_def && def_has_kernel(n->body, false));
    f->yields = n->kind == N_def && ast_find(n->body, see_yield, NULL, false);
    f->host = ev->env;
    return (Value){.kind = VAL_FUNC, .func = f};
}

static const Node *keyword_of(const Node *call, const char *name)
{
    for (const Node *a = call->args; a; a = a->next)
        if (a->kind == N_keyword && !strcmp(a->name, name)) return a->value;
    return NULL;
}

/* decorators of the host that leave what a function means as it is */
static bool is_transparent(const char *name)
{
    static const char *const some[] = {"tilelang.", "pytest.",  "abc.",           "typing.",
                                       "torch.no_grad", "torch.inference_mode", "torch.compile",
                                       "torch.compiler.", "torch.jit."};
    for (int i = 0; i < COUNT(some); i++)
        if (!strncmp(name, some[i], strlen(some[i]))) return true;
    return false;
}

/* tilelang.jit(...) and autotune(...) have arguments for the host; what a kernel needs of them is
 * kept as text */
static bool host_decorator(Eval *ev, const Node *d, Value f)
{
    Value with = eval(ev, d->kind == N_call ? d->obj : d);
    if (with.kind == VAL_FOREIGN) return is_transparent(with.s);
    if (d->kind != N_call || f.kind != VAL_FUNC || with.kind != VAL_BUILTIN ||
        strcmp(with.builtin->scope, "tilelang"))
        return false;
    for (const Node *a = d->args; a; a = a->next)
        if (a->kind == N_keyword) builtin_keyword(ev, with.builtin, a->name, a->span);
    if (f.func->role == F_PLAIN) f.func->role = F_JIT;
    if (!strcmp(with.builtin->name, "jit")) f.func->out_idx = keyword_of(d, "out_idx");
    if (!strcmp(with.builtin->name, "autotune")) f.func->configs = keyword_of(d, "configs");
    return true;
}

/* the innermost decorator first */
static Value decorate(Eval *ev, const Node *d, Value f)
{
    if (!d) return f;
    Value inner = decorate(ev, d->next, f);
    if (host_decorator(ev, d, inner)) return inner;
    Value with = eval(ev, d);
    if (with.kind == VAL_FOREIGN) /* an error where somebody needs what it makes */
        return value_foreign(ev->cx, "%s(%s)", with.s,
                             inner.kind == VAL_FUNC ? inner.func->name : "...");
    return call_simple(ev, with, &inner, 1, d->span);
}

/* ---- statements ---- */

static void del_item(Eval *ev, const Node *n)
{
    Value o = eval(ev, n->obj), key = eval(ev, n->index), got;
    if (o.kind == VAL_DICT) {
        if (dict_remove(o.dict, key)) return;
        eval_fail(raising(ev, "KeyError"), E0205, n->span, NULL, "the dict has no such key");
    }
    if (o.kind == VAL_OBJECT && call_special(ev, o, "__delitem__", &key, 1, n->span, &got)) return;
    if (o.kind != VAL_LIST)
        eval_fail(ev, E0204, n->span, NULL, "items of %s cannot be deleted", value_name[o.kind]);
    Value none = value_seq(ev->cx, VAL_LIST, 0), slice = key;
    if (key.kind != VAL_SLICE) {
        int i = item_index(ev, key, o.seq->n, n->index->span);
        slice = value_seq(ev->cx, VAL_SLICE, 3);
        slice.seq->at[0] = value_int(i);
        slice.seq->at[1] = value_int(i + 1);
        slice.seq->at[2] = NONE_VALUE;
    }
    assign_slice(ev, o.seq, slice, none, n->span);
}

static void exec_del(Eval *ev, const Node *list)
{
    for (; list; list = list->next) {
        if (list->kind == N_name) {
            eval_name(ev, list->name, list->span);
            env_set(ev, ev->env, list->name, (Value){0});
        } else if (list->kind == N_sub) {
            del_item(ev, list);
        } else if (list->kind == N_tuple || list->kind == N_list) {
            exec_del(ev, list->items);
        } else {
            eval_fail(ev, E0901, list->span, NULL, "'del' of an attribute");
        }
    }
}

static void exec_outer_names(Eval *ev, const Node *n)
{
    for (const Node *name = n->items; name; name = name->next) {
        Node *copy = node_new(ev->cx, N_name, name->span);
        copy->name = name->name;
        copy->next = (Node *)ev->env->outer_names;
        ev->env->outer_names = copy;
    }
}

static Flow exec_one(Eval *ev, const Node *n)
{
    switch (n->kind) {
    case N_expr:
        if (n->obj->kind != N_str && n->obj->kind != N_const) drop_value(ev, eval(ev, n->obj), n->span);
        return FLOW_NEXT;
    case N_assign: {
        Value v = eval(ev, n->value);
        for (const Node *t = n->items; t; t = t->next) exec_assign(ev, t, v);
        return FLOW_NEXT;
    }
    case N_augment: exec_augment(ev, n); return FLOW_NEXT;
    case N_annotate: exec_annotate(ev, n); return FLOW_NEXT;
    case N_if: return exec_if(ev, n);
    case N_for: return exec_for(ev, n);
    case N_while: return exec_while(ev, n);
    case N_with: return exec_with(ev, n, n->items);
    case N_return: return exec_return(ev, n);
    case N_assert: exec_assert(ev, n); return FLOW_NEXT;
    case N_raise: exec_raise(ev, n);
    case N_def:
        env_set(ev, ev->env, n->name, decorate(ev, n->orelse, make_func(ev, n)));
        return FLOW_NEXT;
    case N_class:
        env_set(ev, ev->env, n->name, decorate(ev, n->orelse, make_class(ev, n)));
        return FLOW_NEXT;
    case N_import:
    case N_from: exec_import(ev, n); return FLOW_NEXT;
    case N_global:
    case N_nonlocal: exec_outer_names(ev, n); return FLOW_NEXT;
    case N_del: exec_del(ev, n->items); return FLOW_NEXT;
    case N_pass: return FLOW_NEXT;
    case N_break:
    case N_continue: return exec_jump(ev, n);
    case N_try: return exec_try(ev, n);
    case N_match: return exec_match(ev, n);
    default:
        eval_fail(ev, E0901, n->span, NULL, "'%s' in code that a kernel needs",
                  node_info[n->kind].name);
    }
}

/* ---- recovery: in a kernel a statement that fails is left out, and the next one is tried ---- */

enum { MAXERRORS = 20 };

typedef struct {
    Eval *ev;
    const Node *n;
    Flow flow;
    bool done;
} Step;

static void exec_step(Cx *cx, void *arg)
{
    Step *step = arg;
    (void)cx;
    step->flow = exec_one(step->ev, step->n);
    step->done = true;
}

/* the names that a statement would have bound: what uses them fails without another message */
static void poison(Eval *ev, const Node *n)
{
    for (; n; n = n->next) {
        if (n->kind == N_name && !variable(ev, n->name))
            env_set(ev, ev->env, n->name, (Value){.kind = VAL_POISON});
        switch (n->kind) {
        case N_assign:
        case N_with:
        case N_tuple:
        case N_list: poison(ev, n->items); break;
        case N_annotate:
        case N_augment:
        case N_for: poison(ev, n->target); break;
        case N_item: poison(ev, n->value); break;
        default: break;
        }
        bool block = n->kind == N_for || n->kind == N_if || n->kind == N_while || n->kind == N_with;
        if (block) poison(ev, n->body);
        if (block) poison(ev, n->orelse);
    }
}

/* past these there is no going on */
static bool is_limit(ErrCode code)
{
    return code == E0206 || code == E0214 || code == E0215 || code == E0218 || code == E0903;
}

static Flow exec_guarded(Eval *ev, const Node *n)
{
    Cx *cx = ev->cx;
    Eval was = *ev;
    Step step = {.ev = ev, .n = n};
    guarded(cx, exec_step, &step);
    if (step.done) return step.flow;
    const Diag *last = cx->diags;
    while (last && last->next) last = last->next;
    eval_restore(ev, &was);
    module_settle(ev);
    if (cx->nerror >= MAXERRORS || !last || is_limit(last->code)) leave(cx);
    Node only = *n;
    only.next = NULL;
    poison(ev, &only);
    return FLOW_NEXT;
}

Flow exec(Eval *ev, const Node *body)
{
    for (; body; body = body->next) {
        eval_step(ev, body->span);
        Flow f = tracing(ev) && !ev->catching ? exec_guarded(ev, body) : exec_one(ev, body);
        if (f != FLOW_NEXT) return f;
    }
    return FLOW_NEXT;
}
