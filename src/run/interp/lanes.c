/* Expressions and stores of a group of threads: each node is evaluated for all of them before the
   next one. What does not depend on the thread is evaluated once. All loads of a statement come
   before its stores, as they do where threads are in step. */
#include "run/interp/interp.h"
#include <stdlib.h>
#include <string.h>

/* ---- room for intermediate results ---- */

static const size_t STACK_SIZE = 1 << 16;

Mark interp_mark(Machine *m)
{
    return (Mark){m->stack, m->stack ? m->stack->used : 0};
}

void interp_pop(Machine *m, Mark mark)
{
    m->stack = mark.s ? mark.s : m->stack_first;
    if (m->stack) m->stack->used = mark.used;
}

Res *interp_push(Machine *m, int64_t n)
{
    Stack *s = m->stack;
    size_t need = (size_t)n;
    while (s && s->used + need > s->cap) {
        s = s->next;
        if (s) s->used = 0;
    }
    if (!s) {
        size_t cap = MAX(STACK_SIZE, need);
        s = arena_alloc(&m->one, sizeof *s + sizeof *s->at * cap);
        s->cap = cap;
        Stack **end = &m->stack_first;
        while (*end) end = &(*end)->next;
        *end = s;
    }
    m->stack = s;
    Res *at = s->at + s->used;
    s->used += need;
    return at;
}

Lanes interp_lanes(const Task *t)
{
    return (Lanes){t->n, t->lane};
}

/* ---- expressions ---- */

static Res *lane_register(const Task *t, int reg)
{
    return t->b->lane + (int64_t)reg * t->m->code->nthread;
}

static void all_the_same(Task *t, const X *x, Lanes l, Res *out)
{
    Res r = interp_eval(t, x);
    for (int k = 0; k < l.n; k++) out[k] = r;
}

/* one value for each thread by which `cond` chooses; only those threads evaluate it */
static void choose(Task *t, const X *x, Lanes l, const Res *cond, bool wanted, Res *out)
{
    Mark mark = interp_mark(t->m);
    Res *some = interp_push(t->m, l.n);
    uint16_t *thread = (uint16_t *)interp_push(t->m, l.n), n = 0;
    for (int k = 0; k < l.n; k++)
        if (!cond[k].bad && (cond[k].v.i != 0) == wanted) thread[n++] = l.thread[k];
    if (n) interp_eval_lanes(t, x, (Lanes){n, thread}, some);
    n = 0;
    for (int k = 0; k < l.n; k++)
        if (!cond[k].bad && (cond[k].v.i != 0) == wanted) out[k] = some[n++];
    interp_pop(t->m, mark);
}

/* T.if_then_else, and, or: the condition is in out and stays where it decides */
static void decide(Task *t, const X *x, Lanes l, Res *out)
{
    Mark mark = interp_mark(t->m);
    Res *cond = interp_push(t->m, l.n);
    interp_eval_lanes(t, x->arg[0], l, cond);
    memcpy(out, cond, sizeof *out * (size_t)l.n);
    if (x->kind == X_SELECT) {
        choose(t, x->arg[1], l, cond, true, out);
        choose(t, x->arg[2], l, cond, false, out);
    } else {
        choose(t, x->arg[1], l, cond, x->kind == X_AND, out);
    }
    interp_pop(t->m, mark);
}

/* the indices of all threads: by dimension, by thread */
static const Res *indices(Task *t, X *const *idx, int ndim, Lanes l)
{
    Res *at = interp_push(t->m, (int64_t)l.n * MAX(ndim, 1));
    for (int d = 0; d < ndim; d++) interp_eval_lanes(t, idx[d], l, at + (int64_t)d * l.n);
    return at;
}

/* where thread k's element lies; acts for it */
static int64_t locate(Task *t, const Bound *b, int buf, const Res *idx, Lanes l, int k, Span at,
                      bool write)
{
    Res where[MAXDIM];
    for (int d = 0; d < b->mem->ndim; d++) where[d] = idx[(int64_t)d * l.n + k];
    t->lead = l.thread[k];
    return interp_locate(t, b, buf, where, at, write);
}

static void load(Task *t, const X *x, Lanes l, Res *out)
{
    Mark mark = interp_mark(t->m);
    Bound *b = interp_bound(t, x->buf, x->span);
    const Res *idx = indices(t, x->arg, x->narg, l);
    int lead = t->lead;
    t->alone = true;
    for (int k = 0; k < l.n; k++) {
        int64_t at = t->m->failed ? FAILED : locate(t, b, x->buf, idx, l, k, x->span, false);
        out[k] = at < 0 ? (Res){.bad = CLEAN}
                        : interp_load_at(t, b->mem, at, x->span, x->spin);
    }
    t->alone = false;
    t->lead = lead;
    interp_pop(t->m, mark);
}

static void operation(Task *t, const X *x, Lanes l, Res *out)
{
    Mark mark = interp_mark(t->m);
    Res *arg = interp_push(t->m, (int64_t)l.n * MAX(x->narg, 1));
    for (int i = 0; i < x->narg; i++)
        interp_eval_lanes(t, x->arg[i], l, arg + (int64_t)i * l.n);
    Res a[MAXARG] = {0};
    for (int k = 0; k < l.n; k++) {
        for (int i = 0; i < x->narg; i++) a[i] = arg[(int64_t)i * l.n + k];
        out[k] = interp_operate(t, x, a);
    }
    interp_pop(t->m, mark);
}

void interp_eval_lanes(Task *t, const X *x, Lanes l, Res *out)
{
    if (t->m->failed) {
        memset(out, 0, sizeof *out * (size_t)l.n);
        return;
    }
    if (!x->varies) {
        all_the_same(t, x, l, out);
        return;
    }
    switch (x->kind) {
    case X_LANE:
        for (int k = 0; k < l.n; k++) out[k] = lane_register(t, x->reg)[l.thread[k]];
        break;
    case X_LOAD: load(t, x, l, out); break;
    case X_SELECT:
    case X_AND:
    case X_OR: decide(t, x, l, out); break;
    case X_CALL: interp_call_lanes(t, x, l, out); break;
    case X_CONST:
    case X_REG:
    case X_PLACE: all_the_same(t, x, l, out); break;
    default: operation(t, x, l, out); break;
    }
}

/* ---- statements ---- */

/* the threads whose element is in range, and where it lies; the others store nothing */
static Lanes in_range(Task *t, const Ins *ins, const Bound *b, Lanes l, int64_t *to)
{
    Span at = ins->stmt->span;
    const Res *idx = indices(t, ins->idx, ins->narg, l);
    uint16_t *thread = (uint16_t *)interp_push(t->m, l.n), n = 0;
    for (int k = 0; k < l.n && !t->m->failed; k++) {
        to[n] = locate(t, b, ins->buf, idx, l, k, at, true);
        if (to[n] >= 0) thread[n++] = l.thread[k];
    }
    return (Lanes){n, thread};
}

void interp_store_lanes(Task *t, const Ins *ins)
{
    Span at = ins->stmt->span;
    Bound *b = interp_bound(t, ins->buf, at);
    if (!b) return;
    Mark mark = interp_mark(t->m);
    int64_t *to = (int64_t *)interp_push(t->m, t->n);
    int lead = t->lead;
    Lanes l = in_range(t, ins, b, interp_lanes(t), to);
    Res *value = interp_push(t->m, l.n);
    t->lead = lead;
    interp_eval_lanes(t, ins->value, l, value);
    t->alone = true;
    for (int k = 0; k < l.n && !t->m->failed; k++) {
        t->lead = l.thread[k];
        interp_store_at(t, b->mem, to[k], value[k], at);
    }
    t->alone = false;
    t->lead = lead;
    interp_pop(t->m, mark);
}
