/* Statements of the compile-time evaluator. In a traced function (a kernel, a macro) they belong to
   the program that grows: a symbolic value is bound once, an `if` on one emits a branch, a loop
   over range() runs on the device. In any other function they are plain Python. */
#include "lang/dialect.h"
#include <string.h>

static bool tracing(const Eval *ev)
{
    return ev->launch && ev->frame && ev->frame->func && ev->frame->func->traced;
}

/* ---- assignment ---- */

static bool is_var(const Value *v)
{
    return v->kind == VAL_BUF && v->buf->ndim == 0 && *v->buf->name;
}

/* the T.alloc_var that a name of a traced function stands for, or NULL */
static Buf *variable(Eval *ev, const char *name)
{
    if (!ev->frame || !ev->frame->func || !ev->frame->func->traced) return NULL;
    Binding *b = env_find(ev->env, name);
    return b && is_var(&b->value) ? b->value.buf : NULL;
}

static void bind_name(Eval *ev, const Node *target, Value v)
{
    Buf *var = variable(ev, target->name);
    bool fresh = v.kind == VAL_BUF && !*v.buf->name;
    if (var && !fresh &&
        (is_symbolic(&v) || v.kind == VAL_INT || v.kind == VAL_FLOAT || v.kind == VAL_BOOL)) {
        emit_store(ev, var, NULL, to_typed(ev, v, var->type, target->span), target->span);
        return;
    }
    if (ev->block) name_fresh(ev, &v, target->name);
    v = slot_tile(v);
    bool number = v.kind == VAL_INT || v.kind == VAL_FLOAT || v.kind == VAL_BOOL;
    if (tracing(ev) && v.kind != VAL_SLOT && !fresh && (is_symbolic(&v) || (ev->dump && number)))
        v = emit_let(ev, target->name, v, target->span);
    env_set(ev, ev->env, target->name, v);
}

static void assign_attr(Eval *ev, const Node *target, Value v)
{
    Value o = eval(ev, target->obj);
    if (o.kind == VAL_OBJECT)
        attr_set(ev->cx, &o.object->attrs, target->name, v);
    else if (o.kind == VAL_CLASS)
        attr_set(ev->cx, &o.cls->attrs, target->name, v);
    else if (o.kind != VAL_FOREIGN) /* settings of the host's libraries mean nothing here */
        eval_fail(ev, E0204, target->span, NULL, "attributes of %s cannot be assigned to",
                  value_name[o.kind]);
}

static void assign_item(Eval *ev, const Node *target, Value v)
{
    Value o = eval(ev, target->obj);
    if (o.kind == VAL_DICT) {
        dict_set(ev->cx, o.dict, eval(ev, target->index), v);
    } else if (o.kind == VAL_LIST) {
        Int i = to_int(ev, eval(ev, target->index), target->index->span, "the index of a list");
        if (i < -o.seq->n || i >= o.seq->n)
            eval_fail(ev, E0213, target->index->span, NULL, "index %lld of %d items", (long long)i,
                      o.seq->n);
        o.seq->at[i < 0 ? i + o.seq->n : i] = v;
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
    if (star < 0 ? items->n != names : items->n < names - 1)
        eval_fail(ev, E0203, target->span, NULL, "%d names for %d values", names, items->n);
    Seq read = {0};
    for (int i = 0; i < items->n; i++)
        seq_add(ev->cx, &read, memory ? read_first(ev, items->at[i], target->span) : items->at[i]);
    int i = 0, k = 0;
    for (const Node *t = target->items; t; t = t->next, k++) {
        if (k != star) {
            exec_assign(ev, t, read.at[i++]);
            continue;
        }
        Value rest = value_seq(ev->cx, VAL_LIST, 0);
        for (int more = read.n - (names - 1); more > 0; more--)
            seq_add(ev->cx, rest.seq, read.at[i++]);
        exec_assign(ev, t->obj, rest);
    }
}

void exec_assign(Eval *ev, const Node *target, Value v)
{
    switch (target->kind) {
    case N_name: bind_name(ev, target, v); break;
    case N_attr: assign_attr(ev, target, v); break;
    case N_sub: assign_item(ev, target, v); break;
    case N_tuple:
    case N_list: assign_many(ev, target, v); break;
    default: eval_fail(ev, E0901, target->span, NULL, "this target of an assignment");
    }
}

/* x += v: the old value is read where it is, the new one goes back there */
static void exec_augment(Eval *ev, const Node *n)
{
    Value old = eval(ev, n->target), more = eval(ev, n->value);
    if (old.kind == VAL_LIST && n->op == PY_add) {
        const Seq *s = eval_items(ev, more, n->value->span);
        for (int i = 0; i < s->n; i++) seq_add(ev->cx, old.seq, s->at[i]);
        return;
    }
    Value v = eval_binary(ev, n->op, old, more, n->span);
    if (n->target->kind == N_sub && old.kind == VAL_REF)
        assign_element(ev, old, v, n->target->span);
    else
        exec_assign(ev, n->target, v);
}

static void exec_annotate(Eval *ev, const Node *n)
{
    if (!ev->frame || !ev->frame->func || !ev->frame->func->traced) {
        if (n->value) exec_assign(ev, n->target, eval(ev, n->value));
        return;
    }
    Value type = eval(ev, n->annotation);
    if (n->value) {
        Value v = eval(ev, n->value);
        bool number =
            is_symbolic(&v) || v.kind == VAL_INT || v.kind == VAL_FLOAT || v.kind == VAL_BOOL;
        if (type.kind == VAL_DTYPE && number)
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

/* ---- branches and loops ---- */

static void branch_body(Eval *ev, const Node *body, Tail tail)
{
    Tail saved;
    Block *b = open_block(ev, tail, &saved);
    ev->branches++;
    Flow f = exec(ev, body);
    ev->branches--;
    close_block(ev, b, saved);
    if (f == FLOW_BREAK || f == FLOW_CONTINUE)
        eval_fail(ev, E0901, body->span, NULL,
                  "'break' or 'continue' under a condition known only when it runs");
}

static Flow exec_if(Eval *ev, const Node *n)
{
    Value test = simplify(eval(ev, n->test));
    bool number = test.kind == VAL_BOOL || test.kind == VAL_INT;
    if (!is_symbolic(&test) && !(ev->dump && tracing(ev) && number))
        return exec(ev, to_bool(ev, test, n->test->span, "the condition") ? n->body : n->orelse);
    if (!tracing(ev)) {
        const char *help = ev->launch ? "decorate the function with @T.macro" : NULL;
        eval_fail(
            ev, E0207, n->test->span, help,
            "the condition is known only when the kernel runs, but this code runs at compile time");
    }
    Stmt *s = emit(ev, S_IF, n->span);
    s->branch.cond = expr_cast(ev->cx, to_expr(ev, test, n->test->span), DT_bool, n->test->span);
    branch_body(ev, n->body, &s->branch.then);
    if (n->orelse) branch_body(ev, n->orelse, &s->branch.other);
    return FLOW_NEXT;
}

static Flow known_loop(Eval *ev, const Node *n, const Seq *items)
{
    Seq all = *items; /* the body may change the list */
    Flow f = FLOW_NEXT;
    for (int i = 0; i < all.n && f != FLOW_BREAK && f != FLOW_RETURN; i++) {
        exec_assign(ev, n->target, all.at[i]);
        f = exec(ev, n->body);
    }
    if (f == FLOW_BREAK) return FLOW_NEXT;
    return f == FLOW_RETURN ? f : exec(ev, n->orelse);
}

static LoopSpec range_loop(Eval *ev, const Value *r, Span at)
{
    LoopSpec l = {.how = LOOP_SERIAL, .n = 1};
    l.lo = to_expr(ev, r->seq->at[0], at);
    l.hi[0] = to_expr(ev, r->seq->at[1], at);
    l.step = (int64_t)to_int(ev, r->seq->at[2], at, "the step of a loop");
    if (!l.step) eval_fail(ev, E0205, at, NULL, "a step of 0");
    return l;
}

static Flow exec_for(Eval *ev, const Node *n)
{
    Value it = eval(ev, n->iter);
    if (it.kind == VAL_LOOP) {
        if (!tracing(ev) && ev->launch)
            eval_fail(ev, E0209, n->span, "decorate the function with @T.macro",
                      "a loop of the kernel in a function that runs at compile time");
        return exec_loop(ev, n, it.loop);
    }
    if (it.kind == VAL_RANGE && tracing(ev)) {
        LoopSpec l = range_loop(ev, &it, n->iter->span);
        return exec_loop(ev, n, &l);
    }
    return known_loop(ev, n, eval_items(ev, it, n->iter->span));
}

static Flow exec_while(Eval *ev, const Node *n)
{
    Flow f = FLOW_NEXT;
    while (f != FLOW_BREAK && f != FLOW_RETURN) {
        Value test = simplify(eval(ev, n->test));
        if (is_symbolic(&test))
            eval_fail(ev, E0901, n->test->span, "use a T.serial loop with a bound",
                      "'while' on a condition known only when it runs");
        if (!to_bool(ev, test, n->test->span, "the condition")) return exec(ev, n->orelse);
        f = exec(ev, n->body);
    }
    return f == FLOW_BREAK ? FLOW_NEXT : f;
}

static Flow exec_with(Eval *ev, const Node *n, const Node *item)
{
    if (!item) return exec(ev, n->body);
    Value v = eval(ev, item->obj);
    if (v.kind != VAL_FRAME) {
        if (v.kind == VAL_FOREIGN)
            eval_fail(ev, E0202, item->obj->span, NULL, "'%s' is not part of the program", v.s);
        eval_fail(ev, E0204, item->obj->span, NULL, "%s is no context", value_name[v.kind]);
    }
    if (item->next) { /* with a, b: is two, one inside the other */
        if (v.frame->kind != FRAME_NONE)
            eval_fail(ev, E0901, item->next->span, "write one 'with' inside the other",
                      "several contexts in one 'with'");
        return exec_with(ev, n, item->next);
    }
    return exec_frame(ev, n, v.frame, item->value);
}

/* ---- assert, raise, return ---- */

static void exec_assert(Eval *ev, const Node *n)
{
    Value test = simplify(eval(ev, n->test));
    if (is_symbolic(&test)) {
        report(ev->cx, E0212, n->test->span, NULL,
               "this condition is known only when the kernel is launched; it is not checked");
        return;
    }
    if (to_bool(ev, test, n->test->span, "the condition")) return;
    if (!n->value) eval_fail(ev, E0205, n->test->span, NULL, "this assertion does not hold");
    Value said = eval(ev, n->value);
    Text t = text_new(&ev->cx->arena);
    value_show(&t, &said, false);
    eval_fail(ev, E0205, n->test->span, NULL, "assertion: %s", t.s);
}

static _Noreturn void exec_raise(Eval *ev, const Node *n)
{
    Text t = text_new(&ev->cx->arena);
    const Node *what = n->obj;
    if (what && what->kind == N_call) {
        const char *name =
            what->obj->kind == N_name || what->obj->kind == N_attr ? what->obj->name : "exception";
        text_add(&t, "%s", name);
        for (const Node *a = what->args; a; a = a->next) {
            Value v = eval(ev, a->kind == N_keyword ? a->value : a);
            text_add(&t, a == what->args ? ": " : ", ");
            value_show(&t, &v, false);
        }
    } else {
        text_add(&t, "%s", what && what->name ? what->name : "exception");
    }
    eval_fail(ev, E0205, n->span, NULL, "the program raised %s", t.s);
}

static Flow exec_return(Eval *ev, const Node *n)
{
    if (ev->branches)
        eval_fail(ev, E0209, n->span, "put the rest under an 'else'",
                  "'return' under a condition or loop that runs on the device");
    ev->result = n->obj ? eval(ev, n->obj) : NONE_VALUE;
    return FLOW_RETURN;
}

/* ---- definitions ---- */

static bool has_kernel(const Node *n, bool top)
{
    for (; n; n = n->next) {
        if (n->kind == N_call && n->obj->kind == N_attr && !strcmp(n->obj->name, "Kernel"))
            return true;
        if (!top && (n->kind == N_def || n->kind == N_lambda)) continue;
        for (int k = 0; k < COUNT(n->kid); k++)
            if (has_kernel(n->kid[k], false)) return true;
    }
    return false;
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
    f->traced = (ev->frame && ev->frame->func && ev->frame->func->traced) ||
                (n->kind == N_def && has_kernel(n->body, false));
    return (Value){.kind = VAL_FUNC, .func = f};
}

static const Node *keyword_of(const Node *call, const char *name)
{
    for (const Node *a = call->args; a; a = a->next)
        if (a->kind == N_keyword && !strcmp(a->name, name)) return a->value;
    return NULL;
}

/* tilelang.jit(...) and autotune(...) have arguments for the host; what a kernel needs of them is
 * kept as text */
static bool host_decorator(Eval *ev, const Node *d, Value f)
{
    Value with = eval(ev, d->kind == N_call ? d->obj : d);
    if (with.kind == VAL_FOREIGN && !strncmp(with.s, "tilelang.", 9)) return true;
    if (d->kind != N_call || f.kind != VAL_FUNC || with.kind != VAL_BUILTIN ||
        strcmp(with.builtin->scope, "tilelang"))
        return false;
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
    if (with.kind == VAL_FOREIGN)
        eval_fail(ev, E0202, d->span, "remove it, or name the function under it by another name",
                  "the decorator '%s' is not part of the program", with.s);
    return call_simple(ev, with, &inner, 1, d->span);
}

static void add_fields(Eval *ev, Class *c, const Node *body)
{
    for (const Node *s = body; s; s = s->next)
        if (s->kind == N_annotate && s->target->kind == N_name) {
            bool have = false;
            for (int i = 0; i < c->fields.n; i++) have |= c->fields.at[i].s == s->target->name;
            if (!have)
                seq_add(
                    ev->cx, &c->fields,
                    (Value){.kind = VAL_STR, .s = s->target->name, .len = strlen(s->target->name)});
        }
}

/* Enum: every plain name of the body becomes a member */
static void make_members(Eval *ev, Class *c, bool plain)
{
    Int next = 1;
    for (int i = 0; i < c->attrs.n; i++) {
        Value *v = &c->attrs.val[i];
        if (v->kind == VAL_FUNC || v->kind == VAL_BUILTIN || c->attrs.key[i].s[0] == '_') continue;
        if (v->kind == VAL_ELLIPSIS) *v = value_int(next); /* auto() */
        if (v->kind == VAL_INT) next = v->i + 1;
        if (plain) continue;
        Value m = {.kind = VAL_OBJECT, .object = NEW(&ev->cx->arena, Object)};
        m.object->cls = c;
        attr_set(ev->cx, &m.object->attrs, intern(ev->cx, "name"), c->attrs.key[i]);
        attr_set(ev->cx, &m.object->attrs, intern(ev->cx, "value"), *v);
        *v = m;
    }
}

static void add_bases(Eval *ev, Class *c, const Node *bases, bool *plain)
{
    for (const Node *b = bases; b; b = b->next) {
        if (b->kind == N_keyword || b->kind == N_star || b->kind == N_dstar) continue;
        Value v = eval(ev, b);
        const char *name = v.kind == VAL_BUILTIN ? v.builtin->name : "";
        if (v.kind == VAL_CLASS) {
            c->base = v.cls;
            c->is_enum |= v.cls->is_enum;
            c->is_record |= v.cls->is_record;
            for (int i = 0; i < v.cls->fields.n; i++)
                seq_add(ev->cx, &c->fields, v.cls->fields.at[i]);
        }
        *plain |= !strcmp(name, "IntEnum") || !strcmp(name, "StrEnum") || !strcmp(name, "IntFlag");
        c->is_enum |= *plain || !strcmp(name, "Enum");
        c->is_record |= !strcmp(name, "NamedTuple");
    }
}

static Value make_class(Eval *ev, const Node *n)
{
    Class *c = NEW(&ev->cx->arena, Class);
    bool plain = false;
    *c = (Class){.name = n->name, .node = n, .env = ev->env};
    add_bases(ev, c, n->items, &plain);
    add_fields(ev, c, n->body);
    Env *env = NEW(&ev->cx->arena, Env), *outer = ev->env;
    *env = (Env){.outer = outer, .module = outer->module, .is_class = true};
    ev->env = env;
    exec(ev, n->body);
    ev->env = outer;
    Seq in_order = {0}; /* bindings are kept newest first */
    for (const Binding *b = env->first; b; b = b->next)
        seq_add(ev->cx, &in_order, (Value){.kind = VAL_STR, .s = b->name, .len = strlen(b->name)});
    for (int i = in_order.n - 1; i >= 0; i--)
        attr_set(ev->cx, &c->attrs, in_order.at[i].s, env_find(env, in_order.at[i].s)->value);
    if (c->is_enum) make_members(ev, c, plain);
    return (Value){.kind = VAL_CLASS, .cls = c};
}

/* ---- statements ---- */

static void exec_del(Eval *ev, const Node *list)
{
    for (; list; list = list->next) {
        if (list->kind != N_name) eval_fail(ev, E0901, list->span, NULL, "'del' of an item");
        env_set(ev, ev->env, list->name, (Value){0});
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
        if (n->obj->kind != N_str) drop_value(ev, eval(ev, n->obj), n->span);
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
    case N_break: return FLOW_BREAK;
    case N_continue: return FLOW_CONTINUE;
    case N_try: { /* what fails at compile time is an error, so handlers never run */
        Flow f = exec(ev, n->body);
        if (f == FLOW_NEXT) f = exec(ev, n->orelse);
        Flow last = exec(ev, n->value);
        return last == FLOW_NEXT ? f : last;
    }
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

static void poison_one(Eval *ev, const Node *n);

/* the names that a statement would have bound: what uses them fails without another message */
static void poison(Eval *ev, const Node *n)
{
    for (; n; n = n->next) {
        if (n->kind == N_name && !variable(ev, n->name))
            env_set(ev, ev->env, n->name, (Value){.kind = VAL_POISON});
        switch (n->kind) {
        case N_assign: poison(ev, n->items); break;
        case N_tuple:
        case N_list: poison(ev, n->items); break;
        case N_annotate:
        case N_augment:
        case N_for: poison_one(ev, n->target); break;
        case N_item: poison_one(ev, n->value); break;
        case N_with: poison(ev, n->items); break;
        default: break;
        }
        bool block = n->kind == N_for || n->kind == N_if || n->kind == N_while || n->kind == N_with;
        if (block) poison(ev, n->body);
        if (block) poison(ev, n->orelse);
    }
}

static void poison_one(Eval *ev, const Node *n)
{
    if (!n) return;
    Node only = *n;
    only.next = NULL;
    poison(ev, &only);
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
    int64_t fuel = ev->fuel;
    *ev = was;
    ev->fuel = fuel;
    module_settle(ev);
    if (cx->nerror >= MAXERRORS || !last || last->code == E0206) leave(cx);
    poison_one(ev, n);
    return FLOW_NEXT;
}

Flow exec(Eval *ev, const Node *body)
{
    for (; body; body = body->next) {
        eval_step(ev, body->span);
        Flow f = tracing(ev) ? exec_guarded(ev, body) : exec_one(ev, body);
        if (f != FLOW_NEXT) return f;
    }
    return FLOW_NEXT;
}
