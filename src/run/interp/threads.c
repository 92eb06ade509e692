/* Threads of a block, as groups that go in step. A group is a task whose variables have a value for
   each thread where they depend on it. Where a condition or a trip count differs between threads
   the group divides: both parts are tasks of their own, and meet again in a frame, at the place
   where the branch or the loop has ended. The last part to get there goes on for all of them. So
   parts may wait for each other, as a producer and a consumer do.

   A frame counts its parts. A part that leaves an outer loop from inside takes its threads to that
   loop's frame; a frame that nobody comes to is dropped, and so is the part it stood for. */
#include "run/interp/interp.h"
#include <stdio.h>
#include <string.h>


/* ---- groups and frames ---- */

static Task *new_group(Block *b, const Task *like)
{
    Machine *m = like->m;
    const Program *p = m->code;
    Task *t = b->unused;
    if (t) {
        b->unused = t->next;
    } else {
        t = NEW(&m->one, Task);
        t->reg = NEWN(&m->one, Res, p->nreg);
        t->loop = NEWN(&m->one, LoopState, p->nloop);
        t->lane = NEWN(&m->one, uint16_t, p->nthread);
    }
    Task *next = b->group;
    Res *reg = t->reg;
    LoopState *loop = t->loop;
    uint16_t *lane = t->lane;
    *t = *like;
    t->reg = reg;
    t->loop = loop;
    t->lane = lane;
    memcpy(reg, like->reg, sizeof *reg * (size_t)p->nreg);
    memcpy(loop, like->loop, sizeof *loop * (size_t)p->nloop);
    t->next = next;
    b->group = t;
    for (int i = 0; i < t->nflight; i++)
        for (int k = 0; k < MAXARG; k++) t->flight[i].arg[k].mem->busy++;
    return t;
}

static void end_group(Task *t)
{
    Block *b = t->b;
    interp_land(t, 0);
    Task **at = &b->group;
    while (*at != t) at = &(*at)->next;
    *at = t->next;
    t->next = b->unused;
    b->unused = t;
    t->done = true;
}

static Frame *push_frame(Task *t, int pc, int parts)
{
    Block *b = t->b;
    Frame *f = b->frames;
    if (f) {
        b->frames = f->outer;
    } else {
        f = NEW(&t->m->one, Frame);
        f->lane = NEWN(&t->m->one, uint16_t, t->m->code->nthread);
        f->next = b->all;
        b->all = f;
    }
    *f = (Frame){.outer = t->frame, .next = f->next, .pc = pc, .parts = parts, .lane = f->lane};
    t->frame = f;
    return f;
}

static void take_lanes(Task *t, const uint16_t *lane, int n)
{
    memmove(t->lane, lane, sizeof *lane * (size_t)n);
    t->n = n;
    t->lead = n ? lane[0] : 0;
    for (int k = 0; k < n; k++) t->b->of[lane[k]] = t;
}

/* threads come to a frame; they stay in ascending order */
static void deposit(Task *t, Frame *f, const uint16_t *lane, int n)
{
    int i = f->n - 1, k = n - 1, to = f->n + n;
    while (k >= 0)
        f->lane[--to] = i >= 0 && f->lane[i] > lane[k] ? f->lane[i--] : lane[k--];
    f->n += n;
    f->joined = MAX(f->joined, t->joined);
    f->ordered = MAX(f->ordered, t->ordered);
    for (k = 0; k < n; k++) t->b->of[lane[k]] = NULL;
}

/* a part of the frame has ended; false: with it the task */
static bool part_ends(Task *t, Frame *f)
{
    Block *b = t->b;
    while (f && --f->parts == 0) {
        Frame *outer = f->outer;
        f->outer = b->frames;
        b->frames = f;
        if (f->n) {
            t->pc = f->pc;
            t->frame = outer;
            t->joined = MAX(t->joined, f->joined);
            t->ordered = MAX(t->ordered, f->ordered);
            t->step = t->synced = ++t->m->clock;
            take_lanes(t, f->lane, f->n);
            return true;
        }
        f = outer;
    }
    end_group(t);
    return false;
}

static bool arrive(Task *t)
{
    deposit(t, t->frame, t->lane, t->n);
    return part_ends(t, t->frame);
}

/* all of the group goes to a place outside of the constructs it is in */
static bool jump_out(Task *t, int pc)
{
    Frame *f = t->frame;
    while (f && f->pc != pc) f = f->outer;
    if (!f) {
        t->pc = pc;
        return true;
    }
    deposit(t, f, t->lane, t->n);
    return part_ends(t, t->frame);
}

/* those that `stays` marks go on at pc, the others have come to the innermost frame */
static bool sift(Task *t, const bool *stays, int pc)
{
    Mark mark = interp_mark(t->m);
    uint16_t *gone = (uint16_t *)interp_push(t->m, t->n);
    int n = 0, left = 0;
    for (int k = 0; k < t->n; k++) {
        if (stays[k])
            t->lane[n++] = t->lane[k];
        else
            gone[left++] = t->lane[k];
    }
    if (left) deposit(t, t->frame, gone, left);
    interp_pop(t->m, mark);
    if (!n) return part_ends(t, t->frame);
    if (left) t->step = t->synced = ++t->m->clock;
    take_lanes(t, t->lane, n);
    t->pc = pc;
    return true;
}

/* ---- conditions and loops that differ between threads ---- */

static bool *conditions(Task *t, const X *x, int *nhold)
{
    Res *r = interp_push(t->m, t->n);
    bool *holds = (bool *)interp_push(t->m, t->n);
    interp_eval_lanes(t, x, interp_lanes(t), r);
    *nhold = 0;
    for (int k = 0; k < t->n; k++) {
        if (r[k].bad) {
            t->lead = t->lane[k];
            interp_poison(t, x->span, r[k].bad, "the condition of a branch");
        }
        *nhold += holds[k] = r[k].v.i != 0;
    }
    return holds;
}

static bool branch(Task *t, const Ins *ins)
{
    Mark mark = interp_mark(t->m);
    int n;
    bool *holds = conditions(t, ins->value, &n);
    if (n == t->n || !n) {
        t->pc = n ? t->pc + 1 : ins->to;
    } else if (!t->m->failed) {
        push_frame(t, ins->join, 2);
        Task *other = new_group(t->b, t);
        uint16_t *lane = (uint16_t *)interp_push(t->m, t->n), in = 0, out = 0;
        for (int k = 0; k < t->n; k++) {
            if (holds[k])
                t->lane[in++] = t->lane[k];
            else
                lane[out++] = t->lane[k];
        }
        take_lanes(t, t->lane, in);
        take_lanes(other, lane, out);
        t->step = t->synced = other->step = other->synced = ++t->m->clock;
        t->pc++;
        other->pc = ins->to;
    }
    interp_pop(t->m, mark);
    return true;
}

static bool test(Task *t, const Ins *ins)
{
    Mark mark = interp_mark(t->m);
    int n;
    bool *holds = conditions(t, ins->value, &n), here = true;
    if (!t->m->failed) here = sift(t, holds, t->pc + 1);
    interp_pop(t->m, mark);
    return here;
}

static Res *lane_register(const Task *t, int reg)
{
    return t->b->lane + (int64_t)reg * t->m->code->nthread;
}

/* one bound of a loop, for all threads; those in step count alike unless they begin apart */
static void set_bound(Task *t, const X *x, Res *bound)
{
    interp_eval_lanes(t, x, interp_lanes(t), bound);
    for (int k = 0; k < t->n; k++)
        if (bound[k].bad) interp_poison(t, x->span, bound[k].bad, "the bound of a loop");
}

/* the head of a loop (enter) and its tail: which threads have another turn */
static bool turn(Task *t, const Ins *ins, bool enter)
{
    Machine *m = t->m;
    Mark mark = interp_mark(m);
    Res *own = lane_register(t, ins->reg[0]), *all = &t->reg[ins->reg[0]];
    bool *stays = (bool *)interp_push(m, t->n), here = true, over = false;
    int64_t *end = t->b->end + (int64_t)ins->loop * m->code->nthread, *at = &t->loop[ins->loop].at[0];
    if (enter) {
        Res *bound = interp_push(m, t->n);
        set_bound(t, ins->value, bound);
        *at = bound[0].v.i;
        for (int k = 0; k < t->n; k++) own[t->lane[k]] = bound[k];
        set_bound(t, ins->idx[0], bound);
        for (int k = 0; k < t->n; k++) end[t->lane[k]] = bound[k].v.i;
    } else if (!ins->each) {
        over = __builtin_add_overflow(*at, ins->step, at);
    }
    if (!ins->each) *all = (Res){.v.i = *at};
    for (int k = 0; k < t->n; k++) {
        int64_t *i = ins->each ? &own[t->lane[k]].v.i : at, hi = end[t->lane[k]];
        bool past = over;
        if (!enter && ins->each) past = __builtin_add_overflow(*i, ins->step, i);
        stays[k] = !past && (ins->step > 0 ? *i < hi : *i > hi);
    }
    if (!m->failed) here = sift(t, stays, enter ? t->pc + 1 : ins->to);
    interp_pop(m, mark);
    return here;
}

static void let(Task *t, const Ins *ins)
{
    Mark mark = interp_mark(t->m);
    Res *r = interp_push(t->m, t->n);
    interp_eval_lanes(t, ins->value, interp_lanes(t), r);
    for (int k = 0; k < t->n; k++) lane_register(t, ins->reg[0])[t->lane[k]] = r[k];
    interp_pop(t->m, mark);
    t->pc++;
}

/* ---- one group ---- */

/* A nest is shared by the threads that are here: iteration f belongs to thread f % n of them. */
static void nest(Task *t, const Ins *head)
{
    for (int exit = head->to; t->pc != exit && !t->m->failed;) {
        const Ins *ins = &t->body->ins[t->pc];
        if (!interp_step(t, ins)) {
            interp_fail(t, ins->stmt->span, E0628, NULL,
                        "threads cannot wait for each other inside of T.Parallel");
            return;
        }
        if (ins->kind == I_PAR || ins->kind == I_PAR_NEXT)
            t->lead = t->lane[t->nest ? t->iter % t->n : 0];
    }
}

static bool finish(Task *t)
{
    t->b->nlive -= t->n;
    for (int k = 0; k < t->n; k++) t->b->of[t->lane[k]] = NULL;
    return part_ends(t, t->frame);
}

typedef enum { GONE, MOVED, STAYS } Step;

static Step step(Task *t, const Ins *ins)
{
    bool shared = ins->kind == I_STORE || ins->kind == I_LET || ins->kind == I_CALL;
    t->step = ++t->m->clock;
    t->repeated = shared && t->n > 1;
    switch (ins->kind) {
    case I_IF:
        if (ins->varies) return branch(t, ins) ? MOVED : GONE;
        break;
    case I_WHILE:
        if (ins->varies) return test(t, ins) ? MOVED : GONE;
        break;
    case I_LOOP:
    case I_NEXT:
        if (ins->varies) return turn(t, ins, ins->kind == I_LOOP) ? MOVED : GONE;
        break;
    case I_LET:
        if (!ins->varies) break;
        let(t, ins);
        return MOVED;
    case I_STORE:
        if (!ins->varies) break;
        interp_store_lanes(t, ins);
        t->pc++;
        return MOVED;
    case I_ENTER:
        push_frame(t, ins->to, 1);
        t->pc++;
        return MOVED;
    case I_LEAVE: return jump_out(t, ins->to) ? MOVED : GONE;
    case I_RETURN:
    case I_END: return finish(t) ? MOVED : GONE;
    case I_BACK:
        interp_step(t, ins);
        return t->spins % TURNS ? MOVED : STAYS;
    case I_PAR: nest(t, ins); return MOVED;
    default: break;
    }
    if (!interp_step(t, ins)) return STAYS;
    if (ins->kind == I_TILE && !ins->tile->each) t->joined = ++t->m->clock;
    return MOVED;
}

bool interp_run_group(Task *t)
{
    Machine *m = t->m;
    uint64_t changes = m->changes;
    for (bool moved = false; !m->failed; moved = true) {
        while (t->frame && t->pc == t->frame->pc)
            if (!arrive(t)) return true;
        const Ins *ins = &t->body->ins[t->pc];
        switch (step(t, ins)) {
        case GONE: return true;
        case STAYS: return ins->kind == I_BACK ? m->changes != changes : moved;
        case MOVED: break;
        }
    }
    return true;
}

void interp_met(Task *t)
{
    t->step = t->synced = t->joined = ++t->m->clock;
    t->ordered = MAX(t->ordered, t->b->ordered);
}

/* ---- a block of threads ---- */

bool interp_open_threads(Machine *m, Block *b)
{
    const Program *p = m->code;
    b->thread = NEWN(&m->one, ThreadState, p->nthread);
    if (!p->threads) return true;
    b->of = NEWN(&m->one, Task *, p->nthread);
    b->lane = interp_memory(m, &m->one, (int64_t)p->nreg * p->nthread, sizeof(Res), "threads");
    b->end = interp_memory(m, &m->one, (int64_t)p->nloop * p->nthread, sizeof(int64_t), "threads");
    return !m->failed;
}

void interp_start_threads(Machine *m, Block *b)
{
    const Program *p = m->code;
    const Launch *l = p->launch;
    b->nlive = p->nthread;
    memset(b->meet, 0, sizeof b->meet);
    memset(b->thread, 0, sizeof *b->thread * (size_t)p->nthread);
    b->nlanding = 1;
    if (!p->threads) return;
    Task *t = new_group(b, &b->task[0]);
    for (int k = 0; k < p->nthread; k++) t->lane[k] = (uint16_t)k;
    take_lanes(t, t->lane, p->nthread);
    for (int k = 0, rest; k < p->nthread; k++) {
        rest = k;
        for (int d = 0; d < MAXGRID; d++) {
            int n = MAX(l->thread_ext[d], 1);
            if (l->thread[d]) lane_register(t, p->thread_reg[d])[k] = (Res){.v.i = rest % n};
            rest /= n;
        }
    }
}

/* ---- when nothing moves ---- */

static bool inside(const Task *t, const Frame *f)
{
    const Frame *at = t->frame;
    while (at && at != f) at = at->outer;
    return at != NULL;
}

/* Those who have come to a frame need not wait there when others wait for them: they go on as a group
   of their own, and the rest of the frame as another. */
static bool release_frame(Block *b, Frame *f)
{
    Task *like = b->group;
    while (like && !inside(like, f)) like = like->next;
    if (!like) return false;
    Task *t = new_group(b, like);
    interp_land(t, 0);
    t->waits = false;
    t->spins = 0;
    t->pc = f->pc;
    t->frame = f->outer;
    if (f->outer) f->outer->parts++;
    t->joined = f->joined;
    t->ordered = f->ordered;
    t->synced = ++t->m->clock;
    take_lanes(t, f->lane, f->n);
    f->n = 0;
    return true;
}

bool interp_release(Machine *m)
{
    for (Block *b = m->first; b; b = b->next)
        for (Frame *f = b->all; f; f = f->next)
            if (f->parts > 0 && f->n && release_frame(b, f)) return true;
    return false;
}

/* "threads 0 to 127", "threads 0 to 30 and 32" */
static void who(const Task *t, Text *out)
{
    text_add(out, "%s ", t->n == 1 ? "thread" : "threads");
    for (int k = 0; k < t->n;) {
        int e = k;
        while (e + 1 < t->n && t->lane[e + 1] == t->lane[e] + 1) e++;
        text_add(out, "%s%d", !k ? "" : e == t->n - 1 ? " and " : ", ", t->lane[k]);
        if (e > k) text_add(out, " to %d", t->lane[e]);
        k = e + 1;
        if (out->n > 700) return;
    }
}

static void reason(Task *t, Text *out)
{
    const Ins *ins = &t->body->ins[t->pc];
    int line = 0, col;
    if (t->m->cx && ins->stmt->span.file) span_line_col(t->m->cx, ins->stmt->span, &line, &col);
    if (t->m->code->threads)
        who(t, out);
    else
        text_add(out, "the block");
    if (line) text_add(out, " (line %d)", line);
    if (ins->kind == I_CALL)
        interp_call_reason(t, ins->value, out);
    else
        text_add(out, " waits in a while loop for what nobody stores");
}

/* the blocks that have begun all wait; the oldest tells for what */
void interp_stuck(Machine *m)
{
    Block *b = m->first;
    if (m->code->nbody > 1) {
        interp_deadlock(b);
        return;
    }
    Text text = text_new(&m->one);
    Task *first = m->code->threads ? b->group : &b->task[0];
    for (Task *t = first; t && text.n < 700; t = m->code->threads ? t->next : NULL) {
        text_add(&text, "%s", t == first ? "" : "; ");
        reason(t, &text);
    }
    if (m->nblock > 1) text_add(&text, "; %d more blocks wait, too", m->nblock - 1);
    if (first)
        interp_fail(first, first->body->ins[first->pc].stmt->span, E0615,
                    "`kiln explain E0615` lists the usual reasons",
                    "nobody can go on in block %u: %s", b->number - 1, text.s);
}
