/* Running tasks. A task is one sequence of its own: a role of a schedule, a block without threads,
   or a group of threads that go in step, whose variables have a value for each thread where they
   depend on it. Where a condition or a trip count differs between threads the group divides: both
   parts are tasks of their own, and meet again in a frame, at the place where the branch or the
   loop has ended. The last part to get there goes on for all of them. So parts may wait for each
   other, as a producer and a consumer do.

   A frame counts its parts. A part that leaves an outer loop from inside takes its threads to that
   loop's frame; a frame that nobody comes to is dropped, and so is the part it stood for. */
#include "run/interp/interp.h"
#include <string.h>

/* ---- groups and frames ---- */

void interp_add_task(Block *b, Task *t)
{
    Task **end = &b->group;
    while (*end) end = &(*end)->next;
    t->next = NULL;
    *end = t;
}

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
        t->seen = NEWN(&m->one, uint32_t, 2 * p->nthread);
    }
    Task old = *t;
    *t = *like;
    t->seen = old.seen;
    if (like->seen) memcpy(t->seen, like->seen, sizeof *t->seen * 2 * (size_t)p->nthread);
    t->reg = memcpy(old.reg, like->reg, sizeof *t->reg * (size_t)p->nreg);
    t->loop = memcpy(old.loop, like->loop, sizeof *t->loop * (size_t)p->nloop);
    t->lane = old.lane;
    interp_add_task(b, t);
    for (int i = 0; i < t->nflight; i++)
        for (int k = 0; k < MAXARG; k++) t->flight[i].arg[k].mem->busy++;
    return t;
}

static void end_task(Task *t)
{
    Block *b = t->b;
    Task **at = &b->group;
    while (*at != t) at = &(*at)->next;
    *at = t->next;
    t->done = true;
    if (!t->m->code->threads) return;
    interp_land(t, 0);
    t->next = b->unused;
    b->unused = t;
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
        f->seen = NEWN(&t->m->one, uint32_t, 2 * t->m->code->nthread);
        f->next = b->all;
        b->all = f;
    }
    *f = (Frame){.outer = t->frame,
                 .next = f->next,
                 .pc = pc,
                 .parts = parts,
                 .lane = f->lane,
                 .seen = f->seen};
    memset(f->seen, 0, sizeof *f->seen * 2 * (size_t)t->m->code->nthread);
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

/* ---- who knows of whom ---- */

static void learn(const Task *t, uint32_t *to, const uint32_t *from)
{
    for (int k = 0; k < 2 * t->m->code->nthread; k++) to[k] = MAX(to[k], from[k]);
}

/* what these threads have done until now is ordered before what follows, by a barrier or by being
 * in step */
static void order(Task *t, uint32_t *seen, const uint16_t *lane, int n, bool barrier)
{
    uint32_t now = t->m->clock + 1;
    for (int k = 0; k < n; k++) {
        seen[lane[k]] = now;
        if (barrier) seen[t->m->code->nthread + lane[k]] = now;
    }
}

void interp_met(Task *t)
{
    if (t->seen) order(t, t->seen, t->lane, t->n, true);
    t->step = ++t->m->clock;
    t->ordered = MAX(t->ordered, t->b->ordered);
}

void interp_met_all(Task *t)
{
    t->step = ++t->m->clock;
    for (int k = 0; t->seen && k < 2 * t->m->code->nthread; k++) t->seen[k] = t->step;
    t->ordered = MAX(t->ordered, t->b->ordered);
}

void interp_tell(Task *t, Bar *b, int n)
{
    if (!t->seen) return;
    if (!b->n) {
        b->n = 2 * (size_t)t->m->code->nthread;
        b->told = NEWN(&t->m->one, uint32_t, b->n);
        b->known = NEWN(&t->m->one, uint32_t, b->n);
    }
    if (n > 1 || t->lead == t->lane[0]) learn(t, b->told, t->seen);
    order(t, b->told, n > 1 ? t->lane : &(uint16_t){(uint16_t)t->lead}, n, true);
}

void interp_hear(Task *t, const Bar *b)
{
    if (t->seen && b->n) learn(t, t->seen, b->known);
    t->step = ++t->m->clock;
    t->ordered = MAX(t->ordered, t->b->ordered);
}

/* threads come to a frame; they stay in ascending order */
static void deposit(Task *t, Frame *f, const uint16_t *lane, int n)
{
    int i = f->n - 1, k = n - 1, to = f->n + n;
    while (k >= 0) f->lane[--to] = i >= 0 && f->lane[i] > lane[k] ? f->lane[i--] : lane[k--];
    f->n += n;
    learn(t, f->seen, t->seen);
    order(t, f->seen, lane, n, false);
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
            learn(t, t->seen, f->seen);
            t->ordered = MAX(t->ordered, f->ordered);
            t->step = ++t->m->clock;
            take_lanes(t, f->lane, f->n);
            return true;
        }
        f = outer;
    }
    end_task(t);
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

/* threads that go on come to the front of t->lane, the others to `gone`; how many go on */
static int divide(Task *t, const Res *stays, uint16_t *gone)
{
    int n = 0;
    for (int k = 0; k < t->n; k++) {
        if (stays[k].v.i)
            t->lane[n++] = t->lane[k];
        else
            *gone++ = t->lane[k];
    }
    return n;
}

/* those that `stays` marks go on at pc, the others have come to the innermost frame */
static bool sift(Task *t, const Res *stays, int pc)
{
    uint16_t *gone = (uint16_t *)interp_push(t->m, t->n);
    int n = divide(t, stays, gone), left = t->n - n;
    if (left) deposit(t, t->frame, gone, left);
    if (!n) return part_ends(t, t->frame);
    if (left) order(t, t->seen, gone, left, false);
    t->step = ++t->m->clock;
    take_lanes(t, t->lane, n);
    t->pc = pc;
    return true;
}

/* ---- conditions and loops that differ between threads ---- */

/* of all threads; none may be poison */
static Res *values(Task *t, const X *x, const char *what)
{
    Res *r = interp_push(t->m, t->n);
    interp_eval_lanes(t, x, interp_lanes(t), r);
    EACH_THREAD(t, interp_lanes(t), k)
    if (r[k].bad) interp_poison(t, x->span, r[k].bad, "%s", what);
    return r;
}

static bool branch(Task *t, const Ins *ins)
{
    const Res *holds = values(t, ins->value, "the condition of a branch");
    uint16_t *gone = (uint16_t *)interp_push(t->m, t->n);
    int all = t->n, n = t->m->failed ? 0 : divide(t, holds, gone);
    if (n && n < all) {
        push_frame(t, ins->join, 2);
        Task *other = new_group(t->b, t);
        take_lanes(t, t->lane, n);
        take_lanes(other, gone, all - n);
        order(t, t->seen, other->lane, other->n, false);
        order(t, other->seen, t->lane, t->n, false);
        t->step = other->step = ++t->m->clock;
        other->pc = ins->to;
    }
    t->pc = n ? t->pc + 1 : ins->to;
    return true;
}

static bool test(Task *t, const Ins *ins)
{
    const Res *holds = values(t, ins->value, "the condition of a branch");
    return t->m->failed || sift(t, holds, t->pc + 1);
}

static bool more(const Ins *ins, int64_t at, int64_t hi)
{
    return ins->step > 0 ? at < hi : at > hi;
}

/* the head of a loop (enter) and its tail: which threads have another turn; those in step count
 * alike unless they begin apart */
static bool turn(Task *t, const Ins *ins, bool enter)
{
    Res *own = interp_lane(t, ins->reg, 0), *stays;
    int64_t *end = t->b->end + (int64_t)ins->loop * t->m->code->nthread;
    int64_t *at = &t->loop[ins->loop].at;
    bool over = !enter && !ins->each && __builtin_add_overflow(*at, ins->step, at);
    if (enter) {
        stays = values(t, ins->value, "the bound of a loop");
        *at = stays[0].v.i;
        for (int k = 0; k < t->n; k++) own[t->lane[k]] = stays[k];
        stays = values(t, ins->idx[0], "the bound of a loop");
        for (int k = 0; k < t->n; k++) end[t->lane[k]] = stays[k].v.i;
    } else {
        stays = interp_push(t->m, t->n);
    }
    if (!ins->each) t->reg[ins->reg] = (Res){.v.i = *at};
    for (int k = 0; k < t->n; k++) {
        int64_t *i = ins->each ? &own[t->lane[k]].v.i : at;
        bool past = over || (!enter && ins->each && __builtin_add_overflow(*i, ins->step, i));
        stays[k].v.i = !past && more(ins, *i, end[t->lane[k]]);
    }
    return t->m->failed || sift(t, stays, enter ? t->pc + 1 : ins->to);
}

static void let_lanes(Task *t, const Ins *ins)
{
    Res *r = interp_push(t->m, t->n);
    interp_eval_lanes(t, ins->value, interp_lanes(t), r);
    for (int k = 0; k < t->n; k++) *interp_lane(t, ins->reg, t->lane[k]) = r[k];
}

/* ---- one instruction, once for the task ---- */

/* the head of a loop (enter) and its tail */
static void loop(Task *t, const Ins *ins, bool enter)
{
    LoopState *l = &t->loop[ins->loop];
    bool over = !enter && __builtin_add_overflow(l->at, ins->step, &l->at);
    if (enter && !(interp_index(t, ins->value, &l->at, "the bound of a loop") &&
                   interp_index(t, ins->idx[0], &l->hi, "the bound of a loop")))
        return;
    bool some = !over && more(ins, l->at, l->hi);
    if (some) t->reg[ins->reg] = (Res){.v.i = l->at};
    t->pc = some == enter ? t->pc + 1 : ins->to;
}

static void condition(Task *t, const Ins *ins)
{
    Res r = interp_eval(t, ins->value);
    if (r.bad) interp_poison(t, ins->value->span, r.bad, "the condition of a branch");
    t->pc = r.v.i ? t->pc + 1 : ins->to;
}

static void again(Task *t, const Ins *ins)
{
    if (++t->spins * (ins->varies ? t->n : 1) >= MAXTURNS)
        interp_fail(t, (Span){0}, E0627, NULL, "a while loop has not ended after %lld turns",
                    (long long)t->spins);
    t->pc = ins->to;
}

/* false: it must wait */
static bool once(Task *t, const Ins *ins)
{
    bool goes_on = true;
    switch (ins->kind) {
    case I_LET: t->reg[ins->reg] = interp_eval(t, ins->value); break;
    case I_STORE: interp_store(t, ins); break;
    case I_LOOP:
    case I_NEXT: loop(t, ins, ins->kind == I_LOOP); return true;
    case I_NEST:
        t->nest = ++t->m->nest;
        t->iter = -1;
        break;
    case I_ITER:
        t->iter++;
        t->lead = t->lane[t->n > 1 ? t->iter % t->n : 0];
        break;
    case I_NEST_END:
        interp_nest_end(t);
        t->nest = 0;
        t->lead = t->lane[0];
        break;
    case I_IF:
    case I_WHILE: condition(t, ins); return true;
    case I_BACK: again(t, ins); return true;
    case I_JUMP:
    case I_LEAVE: t->pc = ins->to; return true;
    case I_TILE: interp_tile(t, ins); break;
    case I_ALLOC: interp_alloc(t, ins); break;
    case I_CALL: goes_on = interp_call_stmt(t, ins); break;
    case I_VERB: goes_on = interp_verb(t, ins); break;
    case I_TURN: goes_on = interp_turn(t, ins); break;
    case I_AWAIT: interp_land(t, ins->stmt->pending); break;
    case I_ENTER:
    case I_RETURN:
    case I_END: break;
    }
    t->pc += goes_on;
    return goes_on;
}

/* ---- one task ---- */

/* A nest of parallel loops runs in order; no correct program can tell. It is shared by the threads
   that are here: iteration f belongs to thread f % n of them. */
static void nest(Task *t, const Ins *head)
{
    for (int exit = head->to; t->pc != exit && !t->m->failed;) {
        const Ins *ins = &t->body->ins[t->pc];
        if (!once(t, ins)) {
            interp_fail(t, ins->stmt->span, E0628, NULL,
                        "threads cannot wait for each other inside of T.Parallel");
            return;
        }
    }
}

static bool finish(Task *t)
{
    t->b->nlive -= t->n;
    for (int k = 0; k < t->n && t->b->of; k++) t->b->of[t->lane[k]] = NULL;
    return part_ends(t, t->frame);
}

typedef enum { GONE, MOVED, STAYS } Step;

static Step step(Task *t, const Ins *ins)
{
    t->step = ++t->m->clock;
    t->repeated = t->n > 1 && (ins->kind == I_STORE || ins->kind == I_LET || ins->kind == I_CALL);
    switch (ins->varies ? ins->kind : I_JUMP) {
    case I_IF: return branch(t, ins) ? MOVED : GONE;
    case I_WHILE: return test(t, ins) ? MOVED : GONE;
    case I_LOOP:
    case I_NEXT: return turn(t, ins, ins->kind == I_LOOP) ? MOVED : GONE;
    case I_LET:
        let_lanes(t, ins);
        t->pc++;
        return MOVED;
    default: break;
    }
    switch (ins->kind) {
    case I_ENTER: push_frame(t, ins->to, 1); break;
    case I_LEAVE: return jump_out(t, ins->to) ? MOVED : GONE;
    case I_RETURN:
    case I_END: return finish(t) ? MOVED : GONE;
    case I_NEST: nest(t, ins); return MOVED;
    default: break;
    }
    if (!once(t, ins)) return STAYS;
    if (ins->kind == I_TILE && !ins->tile->each) interp_met(t);
    return ins->kind == I_BACK && t->spins % TURNS == 0 ? STAYS : MOVED;
}

bool interp_run_task(Task *t)
{
    Machine *m = t->m;
    uint64_t changes = m->changes;
    for (bool moved = false; !m->failed; moved = true) {
        while (t->frame && t->pc == t->frame->pc)
            if (!arrive(t)) return true;
        const Ins *ins = &t->body->ins[t->pc];
        Mark mark = interp_mark(m);
        Step s = step(t, ins);
        interp_pop(m, mark);
        if (s == GONE) return true;
        if (s == MOVED) continue;
        if (ins->kind != I_BACK) return moved;
        if (m->changes == changes) t->spins -= TURNS - 1; /* it waits for others */
        return m->changes != changes;
    }
    return true;
}

/* ---- a block of threads ---- */

void interp_open_bar(Bar *b, int64_t expected)
{
    *b = (Bar){.expected = expected, .told = b->told, .known = b->known, .n = b->n};
    if (!b->n) return;
    memset(b->told, 0, sizeof *b->told * b->n);
    memset(b->known, 0, sizeof *b->known * b->n);
}

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
    for (int k = 0; k < MAXBARRIER; k++) interp_open_bar(&b->meet[k], 0);
    memset(b->thread, 0, sizeof *b->thread * (size_t)p->nthread);
    b->nlanding = 1;
    if (!p->threads) {
        interp_add_task(b, &b->task[0]);
        return;
    }
    Task *t = new_group(b, &b->task[0]);
    memset(t->seen, 0, sizeof *t->seen * 2 * (size_t)p->nthread);
    for (int k = 0; k < p->nthread; k++) t->lane[k] = (uint16_t)k;
    take_lanes(t, t->lane, p->nthread);
    for (int k = 0, rest; k < p->nthread; k++) {
        rest = k;
        for (int d = 0; d < MAXGRID; d++) {
            int n = MAX(l->thread_ext[d], 1);
            if (l->thread[d]) *interp_lane(t, p->thread_reg[d], k) = (Res){.v.i = rest % n};
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

/* Those who have come to a frame need not wait there when others wait for them: they go on as a
   group of their own, and the rest of the frame as another. */
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
    learn(t, t->seen, f->seen);
    t->ordered = f->ordered;
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
