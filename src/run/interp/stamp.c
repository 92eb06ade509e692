/* Races between threads and between blocks.

   Each element that several can touch carries a stamp: who wrote it last and when, who read it
   last. Time is a counter of what groups of threads do. A group knows of each thread of its block
   up to when it has heard of it: an arrival at a barrier tells what the arriving thread knows, a
   wait hears what was told up to the end of the phase; threads in step know of each other. And it
   knows when its block last heard from other blocks (T.sync_grid, or an atomic or a polled flag
   that another block stored). What was done before that is ordered, what was done since by somebody
   else is not. Nothing that is ordered is ever taken for a race; some races between blocks that
   exchange flags pass unseen.

   Threads of one group are in step, and a target puts a barrier between two statements that meet in
   shared memory; so within a group only one and the same statement can race there. In global memory
   no target puts barriers: there threads must have met. */
#include "run/interp/interp.h"
#include <stdio.h>

static const uint32_t MANY = UINT32_MAX;

static uint16_t who(const Task *t)
{
    return (uint16_t)(t->alone ? t->lead : t->lead | TOGETHER);
}

static Stamp *stamp_at(const Mem *m, int64_t k)
{
    int bits = dtype_info[m->type].bits;
    return &m->stamp[bits == m->stamp_bits ? k : k * bits / m->stamp_bits];
}

/* ---- is it ordered ---- */

static bool in_one_statement(const Task *t, uint16_t other)
{
    uint16_t me = who(t);
    bool single = !((other | me) & TOGETHER);
    return t->repeated && !(single && (other & THREAD_MASK) == me);
}

/* what `other` did at `time` to memory of this block, and t does now */
static bool meets_thread(const Task *t, const Mem *m, uint16_t other, uint32_t time)
{
    int thread = other & THREAD_MASK;
    if (!t->m->code->threads) return false;
    bool single = !((other | who(t)) & TOGETHER);
    if (m->guarded && single)
        return thread != t->lead && time >= t->seen[t->m->code->nthread + thread];
    if (t->b->of[thread] == t) return time == t->step && in_one_statement(t, other);
    return time >= t->seen[thread];
}

static bool meets(const Task *t, const Mem *m, uint32_t block, uint16_t thread, uint32_t time)
{
    if (!block) return false;
    if (block != t->b->number) return m->guarded && time >= t->ordered; /* tiles belong to one */
    return meets_thread(t, m, thread, time);
}

/* ---- reports ---- */

/* theirs NULL: two write different values */
static bool race(Task *t, const Mem *m, int64_t k, Span at, uint32_t block, uint16_t thread,
                 const char *theirs, const char *mine)
{
    bool blocks = block != t->b->number, single = !(thread & TOGETHER) && t->alone;
    char text[200], one[32] = "one block", other[32] = "another";
    if (!blocks) {
        snprintf(one, sizeof one, single ? "thread %d" : "one group of threads",
                 thread & THREAD_MASK);
        if (single) snprintf(other, sizeof other, "thread %d", t->lead);
    }
    interp_element(m, k, text, sizeof text);
    const char *help = blocks ? "blocks of a grid run in any order, and at the same time"
                              : "threads run at their own pace: a barrier must stand between";
    if (theirs)
        interp_fail(t, at, E0614, help, "%s %s by %s and %s by %s", text, theirs, one, mine, other);
    else
        interp_fail(t, at, E0614, help, "%s gets different values from different %s", text,
                    blocks ? "blocks" : "threads");
    return false;
}

static bool landed(Task *t, const Mem *m, int64_t k, Stamp *s, Span at, const char *done)
{
    char text[200];
    if (s->wblock == t->b->number && !interp_has_landed(t->b, (int)s->flight)) {
        interp_fail(t, at, E0625, NULL,
                    "%s is %s while the copy of line %d is in flight: nothing has waited for it",
                    interp_element(m, k, text, sizeof text), done,
                    interp_line(t, t->b->landing[s->flight].stmt));
        return false;
    }
    s->flight = 0;
    return true;
}

/* ---- reading and writing ---- */

static void note_reader(const Task *t, const Mem *m, Stamp *s)
{
    uint32_t me = t->b->number;
    bool others = s->rblock && (s->rblock != me || s->rthread != who(t)) &&
                  meets(t, m, s->rblock, s->rthread, s->rtime);
    s->rthread = others && s->rblock == me ? (uint16_t)(t->lead | TOGETHER) : who(t);
    s->rblock = others && s->rblock != me ? MANY : me;
    s->rtime = t->step;
}

bool interp_stamp_read(Task *t, const Mem *m, int64_t k, int64_t n, Span span)
{
    for (int64_t i = k; i < k + n; i++) {
        Stamp *s = stamp_at(m, i);
        if (meets(t, m, s->wblock, s->wthread, s->wtime))
            return race(t, m, i, span, s->wblock, s->wthread, "is written", "read");
        if (s->flight && !landed(t, m, i, s, span, "read")) return false;
        note_reader(t, m, s);
    }
    return true;
}

static bool same_value(const Mem *m, int64_t k, const Val *v)
{
    return v && interp_same(interp_load_element(m, k), (Res){.v = *v});
}

/* two that write the same value do not race, and neither do those who read it in that statement */
static bool may_write(Task *t, const Mem *m, int64_t k, Stamp *s, const Val *v, Span span)
{
    bool own = s->rblock == t->b->number && s->rtime == t->step;
    if (meets(t, m, s->rblock, s->rthread, s->rtime) && !(own && same_value(m, k, v)))
        return race(t, m, k, span, s->rblock, s->rthread, "is read", "written");
    if (meets(t, m, s->wblock, s->wthread, s->wtime) && !same_value(m, k, v))
        return race(t, m, k, span, s->wblock, s->wthread, v ? NULL : "is written", "updated");
    return !s->flight || landed(t, m, k, s, span, "written");
}

bool interp_stamp_write(Task *t, const Mem *m, int64_t k, int64_t n, const Val *v, Span span)
{
    for (int64_t i = k; i < k + n; i++) {
        Stamp *s = stamp_at(m, i);
        if (!may_write(t, m, i, s, &v[i - k], span)) return false;
        s->wblock = t->b->number;
        s->wthread = who(t);
        s->wtime = t->step;
    }
    return true;
}

/* somebody else's value has been seen: what came before it is ordered */
static void acquire(Task *t, const Stamp *s)
{
    if (!s->wblock) return;
    if (s->wblock != t->b->number) {
        t->step = t->ordered = t->b->ordered = ++t->m->clock;
    } else if (t->m->code->threads && (s->wthread & THREAD_MASK) != t->lead &&
               t->b->of[s->wthread & THREAD_MASK] != t) {
        interp_met_all(t);
    }
}

bool interp_stamp_atomic(Task *t, const Mem *m, int64_t k, Span span)
{
    Stamp *s = stamp_at(m, k);
    if (s->wthread & ATOMIC) {
        acquire(t, s);
        if (meets(t, m, s->rblock, s->rthread, s->rtime))
            return race(t, m, k, span, s->rblock, s->rthread, "is read", "updated");
    } else if (!may_write(t, m, k, s, NULL, span)) {
        return false;
    }
    s->wblock = t->b->number;
    s->wthread = who(t) | ATOMIC;
    s->wtime = t->step;
    return true;
}

void interp_stamp_spin(Task *t, const Mem *m, int64_t k)
{
    acquire(t, stamp_at(m, k));
}

void interp_stamp_flight(const Mem *m, int64_t k, int flight)
{
    stamp_at(m, k)->flight = (uint32_t)flight;
}
