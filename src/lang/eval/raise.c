/* Exceptions of the compile time: raise, assert, try. What the evaluator itself refuses (a name that
   is not known, a call that does not fit) can be caught as what Python would have raised; limits,
   foreign names and mistakes in the kernel cannot. */
#include "lang/lang.h"
#include <string.h>

Class *error_class(Eval *ev, const char *name)
{
    Value v;
    bool found = prelude_lookup(ev, "py", name, &v) && v.kind == VAL_CLASS && v.cls->is_error;
    return found ? v.cls : NULL;
}

/* what Python raises where this code is reported; NULL: nothing that a program could catch */
static const char *class_of_code(ErrCode code)
{
    static const struct {
        ErrCode code;
        const char *name;
    } raised[] = {{E0201, "NameError"},  {E0203, "TypeError"},   {E0204, "TypeError"}, {E0302, "TypeError"},
                  {E0205, "ValueError"}, {E0211, "ImportError"}, {E0213, "IndexError"}};
    for (int i = 0; i < COUNT(raised); i++)
        if (raised[i].code == code) return raised[i].name;
    return NULL;
}

Eval *raising(Eval *ev, const char *name)
{
    ev->raises = name;
    return ev;
}

static Value new_error(Eval *ev, Class *c, const char *text)
{
    Value v = value_object(ev->cx, c), args = value_seq(ev->cx, VAL_TUPLE, 1);
    args.seq->at[0] = value_text(ev->cx, "%s", text);
    attr_set(ev->cx, &v.object->attrs, intern(ev->cx, "args"), args);
    return v;
}

/* ---- raise and assert ---- */

static bool is_error(const Value *v)
{
    return v->kind == VAL_OBJECT && v->object->cls->is_error;
}

_Noreturn void exec_raise(Eval *ev, const Node *n)
{
    if (!n->obj && ev->handled) raise_again(ev, ev->handled);
    if (!n->obj)
        eval_fail(raising(ev, "RuntimeError"), E0205, n->span, NULL, "there is no exception to raise again");
    Value v = eval(ev, n->obj);
    if (n->value) eval(ev, n->value); /* the cause is not shown */
    if (v.kind == VAL_CLASS && v.cls->is_error)
        v = make_object(ev, v.cls, &(Args){.span = n->span, .callee = n->span});
    if (v.kind == VAL_FOREIGN)
        eval_fail(ev, E0205, n->span, NULL, "the program raised %s", v.s);
    if (!is_error(&v))
        eval_fail(ev, E0204, n->span, NULL, "%s is no exception", value_name[v.kind]);
    const char *text = value_shown(ev, v, false).s;
    ev->raised = v;
    eval_fail(ev, E0205, n->span, NULL, "the program raised %s%s%.4000s", v.object->cls->name,
              *text ? ": " : "", text);
}

/* in phase one an assert about sizes waits for phase two */
void exec_assert(Eval *ev, const Node *n)
{
    Value test = simplify(eval(ev, n->test));
    if (is_symbolic(&test)) {
        if (!ev->phase || !ev->phase->unknown)
            report(ev->cx, E0212, n->test->span, NULL,
                   "this condition is known only when the kernel is launched; it is not checked");
        return;
    }
    if (to_bool(ev, test, n->test->span, "the condition")) return;
    raising(ev, "AssertionError");
    if (!n->value) eval_fail(ev, E0205, n->test->span, NULL, "this assertion does not hold");
    const char *said = value_shown(ev, eval(ev, n->value), false).s;
    ev->raised = new_error(ev, error_class(ev, "AssertionError"), said);
    eval_fail(ev, E0205, n->test->span, NULL, "assertion: %.4000s", said);
}

/* ---- catching ---- */

typedef struct {
    Eval *ev;
    void (*fn)(Eval *, void *);
    void *arg;
    bool done;
} Try;

static void run(Cx *cx, void *arg)
{
    Try *t = arg;
    (void)cx;
    t->fn(t->ev, t->arg);
    t->done = true;
}

void eval_restore(Eval *ev, const Eval *was)
{
    Eval now = *ev;
    *ev = *was;
    ev->fuel = now.fuel;
    ev->modules = now.modules;
    ev->sizes = now.sizes;
    ev->used = now.used;
}

bool attempt(Eval *ev, void (*fn)(Eval *, void *), void *arg, Caught *out)
{
    Cx *cx = ev->cx;
    Eval was = *ev;
    Try t = {.ev = ev, .fn = fn, .arg = arg};
    int count = cx->nerror;
    Diag **end = cx->diag_end;
    ev->catching++;
    ev->raised = (Value){0};
    ev->raises = NULL;
    guarded(cx, run, &t);
    if (t.done) {
        ev->catching = was.catching;
        return true;
    }
    const Diag *d = *end;
    while (d && d->next) d = d->next;
    const char *name = d ? class_of_code(d->code) : NULL;
    if (out && !name) leave(cx); /* nothing that a program can catch */
    if (ev->raises) name = ev->raises;
    if (out) *out = (Caught){.error = ev->raised, .said = *end, .errors = cx->nerror - count};
    eval_restore(ev, &was);
    cx->nerror = count;
    cx->diag_end = end;
    *end = NULL;
    module_resume(ev);
    if (out && out->error.kind == VAL_UNSET) out->error = new_error(ev, error_class(ev, name), d->text);
    return false;
}

/* as if it had not been caught */
_Noreturn void raise_again(Eval *ev, const Caught *c)
{
    Cx *cx = ev->cx;
    *cx->diag_end = c->said;
    while (*cx->diag_end) cx->diag_end = &(*cx->diag_end)->next;
    cx->nerror += c->errors;
    ev->raised = c->error;
    leave(cx);
}

/* ---- try ---- */

typedef struct {
    const Node *body;
    Flow flow;
} Body;

static void run_body(Eval *ev, void *arg)
{
    Body *b = arg;
    b->flow = exec(ev, b->body);
}

bool attempt_body(Eval *ev, const Node *body, Flow *flow, Caught *out)
{
    Body b = {.body = body};
    bool fine = attempt(ev, run_body, &b, out);
    *flow = b.flow;
    return fine;
}

static bool handles(Eval *ev, const Node *h, const Value *error)
{
    if (!h->obj) return true;
    Value type = eval(ev, h->obj);
    if (type.kind != VAL_CLASS && type.kind != VAL_TUPLE && type.kind != VAL_FOREIGN)
        eval_fail(ev, E0204, h->obj->span, NULL, "%s is no exception", value_name[type.kind]);
    return is_instance(ev, error, &type);
}

/* a handler, or the exception again when there is none for it */
static void run_handlers(Eval *ev, void *arg)
{
    Body *b = arg;
    for (const Node *h = b->body->items; h; h = h->next) {
        if (!handles(ev, h, &ev->handled->error)) continue;
        if (h->name) env_set(ev, ev->env, h->name, ev->handled->error);
        b->flow = exec(ev, h->body);
        return;
    }
    raise_again(ev, ev->handled);
}

Flow exec_try(Eval *ev, const Node *n)
{
    const Caught *outer = ev->handled;
    Caught *c = NEW(&ev->cx->arena, Caught); /* what a handler caught may be kept */
    Body body = {.body = n->body}, rest = {.body = n->orelse}, handlers = {.body = n};
    bool fine = attempt(ev, run_body, &body, c);
    Flow f = body.flow;
    if (fine && f == FLOW_NEXT) {
        fine = n->value ? attempt(ev, run_body, &rest, c) : (run_body(ev, &rest), true);
        f = rest.flow;
    } else if (!fine) {
        Caught *second = NEW(&ev->cx->arena, Caught);
        ev->handled = c;
        fine = n->value ? attempt(ev, run_handlers, &handlers, second) : (run_handlers(ev, &handlers), true);
        f = handlers.flow;
        c = second;
        ev->handled = outer;
    }
    Value result = ev->result;
    Flow last = exec(ev, n->value);
    if (last != FLOW_NEXT) return last;
    ev->result = result;
    if (!fine) raise_again(ev, c);
    return f;
}
