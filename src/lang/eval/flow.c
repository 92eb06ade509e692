/* Statements that decide what runs: branches, loops, contexts, jumps. On known values they are
   Python's; in a traced function an `if` or `while` on a symbolic value, and a loop over range(),
   belong to the program. */
#include "lang/lang.h"
#include <string.h>

/* ---- branches ---- */

static void branch_body(Eval *ev, const Node *body, Tail tail)
{
    Tail saved;
    Block *b = open_block(ev, tail, &saved);
    ev->branches++;
    Flow f = exec(ev, body);
    ev->branches--;
    close_block(ev, b, saved);
    if ((f == FLOW_BREAK || f == FLOW_CONTINUE) && !ev->loops)
        eval_fail(ev, E0209, body->span,
                  "loop over T.serial, or decide with values that are known when it is compiled",
                  "'%s' out of a loop of the compile time, under a condition known only when the "
                  "kernel runs",
                  f == FLOW_BREAK ? "break" : "continue");
}

/* a condition of the program */
static Expr *device_test(Eval *ev, Value test, const Node *n, const char *word)
{
    if (!tracing(ev)) {
        const char *help = ev->launch ? "decorate the function with @T.macro" : NULL;
        eval_fail(ev, E0207, n->span, help,
                  "the condition of this '%s' is known only when the kernel runs, but this code runs "
                  "at compile time",
                  word);
    }
    return expr_cast(ev->cx, to_expr(ev, test, n->span), DT_bool, n->span);
}

Flow exec_if(Eval *ev, const Node *n)
{
    Value test = simplify(eval(ev, n->test));
    bool number = test.kind == VAL_BOOL || test.kind == VAL_INT;
    if (!is_symbolic(&test) && !(ev->dump && tracing(ev) && number))
        return exec(ev, to_bool(ev, test, n->test->span, "the condition") ? n->body : n->orelse);
    Expr *cond = device_test(ev, test, n->test, "if");
    Stmt *s = emit(ev, S_IF, n->span);
    s->branch.cond = cond;
    branch_body(ev, n->body, &s->branch.then);
    if (n->orelse) branch_body(ev, n->orelse, &s->branch.other);
    return FLOW_NEXT;
}

/* ---- loops ---- */

/* `else` of a loop: Python's own at compile time, not there in a kernel */
static Flow loop_else(Eval *ev, const Node *n)
{
    if (n->orelse && tracing(ev))
        eval_fail(ev, E0209, n->orelse->span, "put it after the loop, under a condition",
                  "'else' of a loop in a kernel");
    return exec(ev, n->orelse);
}

static Flow known_loop(Eval *ev, const Node *n, const Seq *items)
{
    Seq all = *items; /* the body may change the list */
    Flow f = FLOW_NEXT;
    int loops = ev->loops;
    ev->loops = 0;
    for (int i = 0; i < all.n && f != FLOW_BREAK && f != FLOW_RETURN; i++) {
        eval_step(ev, n->span);
        exec_bind(ev, n->target, all.at[i]);
        f = exec(ev, n->body);
    }
    ev->loops = loops;
    if (f == FLOW_BREAK) return FLOW_NEXT;
    return f == FLOW_RETURN ? f : loop_else(ev, n);
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

Flow exec_for(Eval *ev, const Node *n)
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

Flow device_body(Eval *ev, const Node *body, bool may_jump)
{
    int loops = ev->loops;
    ev->branches++;
    ev->loops = may_jump ? 1 : -1;
    exec(ev, body); /* a jump has been emitted */
    ev->loops = loops;
    ev->branches--;
    return FLOW_NEXT;
}

static Flow device_while(Eval *ev, const Node *n, Value test, Tail before)
{
    Tail saved;
    Expr *cond = device_test(ev, test, n->test, "while");
    if (ev->tail != before)
        eval_fail(ev, E0901, n->test->span, "compute it into a T.alloc_var before the loop and in it",
                  "a condition of 'while' that needs statements of its own");
    Stmt *s = emit(ev, S_WHILE, n->span);
    s->branch.cond = cond;
    Block *b = open_block(ev, &s->branch.then, &saved);
    b->stmt = s;
    device_body(ev, n->body, true);
    close_block(ev, b, saved);
    return loop_else(ev, n);
}

Flow exec_while(Eval *ev, const Node *n)
{
    Flow f = FLOW_NEXT;
    int loops = ev->loops;
    bool first = true;
    for (; f != FLOW_BREAK && f != FLOW_RETURN; first = false) {
        Tail before = ev->tail;
        Value test = simplify(eval(ev, n->test));
        if (is_symbolic(&test) && first) return device_while(ev, n, test, before);
        if (!to_bool(ev, test, n->test->span, "the condition")) {
            ev->loops = loops;
            return loop_else(ev, n);
        }
        ev->loops = 0;
        f = exec(ev, n->body);
    }
    ev->loops = loops;
    return f == FLOW_BREAK ? FLOW_NEXT : f;
}

Flow exec_jump(Eval *ev, const Node *n)
{
    bool leaves = n->kind == N_break;
    if (ev->loops < 0)
        eval_fail(ev, E0209, n->span, "put the rest of the body under an 'if'",
                  "'%s' in a loop whose iterations run side by side", node_info[n->kind].name);
    if (ev->loops && ev->launch) emit(ev, S_JUMP, n->span)->jump = leaves ? JUMP_BREAK : JUMP_CONTINUE;
    return leaves ? FLOW_BREAK : FLOW_CONTINUE;
}

/* ---- contexts ---- */

/* an object with __enter__ and __exit__ */
static Flow object_context(Eval *ev, const Node *n, const Node *item, Value v)
{
    Span at = item->obj->span;
    Value got, swallow = NONE_VALUE, none[3] = {NONE_VALUE, NONE_VALUE, NONE_VALUE};
    if (!call_special(ev, v, "__enter__", NULL, 0, at, &got))
        eval_fail(ev, E0204, at, NULL, "'%s' is no context: it has no __enter__", v.object->cls->name);
    if (item->value) exec_assign(ev, item->value, got);
    Flow flow = FLOW_NEXT;
    Caught *c = NEW(&ev->cx->arena, Caught);
    if (attempt_body(ev, n->body, &flow, c)) {
        call_special(ev, v, "__exit__", none, 3, at, &got);
        return flow;
    }
    Value type = {.kind = VAL_CLASS, .cls = c->error.object->cls};
    call_special(ev, v, "__exit__", (Value[]){type, c->error, NONE_VALUE}, 3, at, &swallow);
    if (!to_bool(ev, swallow, at, "the result of __exit__")) raise_again(ev, c);
    return FLOW_NEXT;
}

Flow exec_with(Eval *ev, const Node *n, const Node *item)
{
    if (ast_called(item->obj, "Kernel")) compose_launch(ev);
    Value v = eval(ev, item->obj);
    Node *inner = (Node *)n;
    if (item->next) { /* with a, b: is two, one inside the other */
        Node *rest = NEW(&ev->cx->arena, Node);
        *rest = *n;
        rest->items = item->next;
        rest->next = NULL;
        inner = NEW(&ev->cx->arena, Node);
        *inner = *n;
        inner->body = rest;
    }
    if (v.kind == VAL_FRAME) {
        Flow f = exec_frame(ev, inner, v.frame, item->value);
        bool jumped = ev->loops && (f == FLOW_BREAK || f == FLOW_CONTINUE);
        return jumped ? FLOW_NEXT : f; /* some threads, or some iterations, go on behind it */
    }
    if (v.kind == VAL_OBJECT) return object_context(ev, inner, item, v);
    if (v.kind == VAL_FOREIGN)
        eval_fail(ev, E0202, item->obj->span, NULL, "'%s' is not part of the program", v.s);
    eval_fail(ev, E0204, item->obj->span, NULL, "%s is no context", value_name[v.kind]);
}
