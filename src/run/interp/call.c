/* Calls: barriers, copies in flight, atomics, random numbers, messages. Each is done for the threads
   that make it together; a block without threads makes it as one.

   A copy that is started is done at once, but its destination may not be touched until it has
   landed: that is all that a machine promises. */
#include "run/interp/interp.h"
#include <stdio.h>
#include <string.h>

/* ---- arguments ---- */

static int64_t number(Task *t, const X *x, int k, int64_t none)
{
    int64_t v = none;
    if (k < x->narg) interp_index(t, x->arg[k], &v, "an argument of the call");
    return v;
}

/* the element that a place names, for the thread that t acts for; OUTSIDE or FAILED without */
static int64_t place(Task *t, const X *x, Mem **mem, bool write)
{
    Res idx[MAXDIM];
    Bound *b = interp_bound(t, x->buf, x->span);
    if (!b) return FAILED;
    for (int d = 0; d < x->narg; d++) idx[d] = interp_eval(t, x->arg[d]);
    *mem = b->mem;
    return interp_locate(t, b, x->buf, idx, x->span, write);
}

Bar *interp_bar(Task *t, const X *x)
{
    Mem *m;
    int64_t k = place(t, x, &m, false);
    return k >= 0 && m->bar ? &m->bar[k] : NULL;
}

/* ---- barriers ---- */

/* all of a group arrive; true: `want` have, and all of them go on */
static bool meet(Task *t, Meet *m, int64_t want)
{
    if (!t->waits) {
        t->ticket = m->round;
        t->waits = true;
        m->arrived += t->n;
    }
    if (m->round == t->ticket && m->arrived >= want) {
        m->round++;
        m->arrived = 0;
    }
    t->waits = m->round == t->ticket;
    if (!t->waits) interp_met(t);
    return !t->waits;
}

static bool sync_threads(Task *t, const X *x)
{
    int64_t id = number(t, x, 0, 0), want = number(t, x, 1, t->b->nlive);
    if (!t->m->code->threads || t->m->failed) return true;
    if (id < 0 || id >= GRID || want < t->n) {
        interp_fail(t, x->span, E0628, NULL,
                    "barrier %lld for %lld threads, and %d arrive: there are barriers 0 to %d",
                    (long long)id, (long long)want, t->n, GRID - 1);
        return true;
    }
    return meet(t, &t->b->meet[id], want);
}

static void named_arrive(Task *t, const X *x)
{
    int64_t id = number(t, x, 0, 0), want = number(t, x, 1, 0);
    if (t->m->failed || id < 0 || id >= GRID) return;
    Meet *m = &t->b->meet[id];
    m->arrived += t->n;
    if (m->arrived < want) return;
    m->round++;
    m->arrived = 0;
}

/* the threads of the block meet; the last one arrives for the block at the meeting of all blocks */
static bool sync_grid(Task *t)
{
    Block *b = t->b;
    Meet *m = &b->meet[GRID], *all = &t->m->grid;
    if (!t->waits) {
        t->waits = true;
        t->ticket = all->round;
        m->arrived += t->n;
        all->arrived += m->arrived == b->nlive;
    }
    if (all->round == t->ticket && all->arrived == t->m->blocks) {
        all->round++;
        all->arrived = 0;
    }
    if (all->round == t->ticket) return false;
    t->waits = false;
    m->arrived = 0;
    b->ordered = ++t->m->clock;
    interp_met(t);
    return true;
}

static void settle(Bar *b)
{
    if (b->pending < b->expected || b->bytes > 0) return;
    b->phase++;
    b->pending = 0;
}

static void barrier_call(Task *t, const X *x)
{
    Bar *b = interp_bar(t, x->arg[0]);
    if (!b) return;
    if (x->fn == FN_barrier_expect || x->fn == FN_barrier_arrive_expect)
        b->bytes += number(t, x, 1, 0);
    if (x->fn == FN_barrier_expect) return;
    b->pending++;
    settle(b);
}

static bool phase_done(Task *t, const X *x)
{
    const Bar *b = interp_bar(t, x->arg[0]);
    int64_t parity = number(t, x, 1, 0);
    return !b || t->m->failed || (b->phase & 1) != (parity & 1);
}

static bool barrier_wait(Task *t, const X *x)
{
    bool varies = x->arg[1]->varies || x->arg[0]->arg[0]->varies, done = true;
    int lead = t->lead;
    for (int k = 0; k < (varies ? t->n : 1) && done; k++) {
        if (varies) t->lead = t->lane[k];
        done = phase_done(t, x);
    }
    t->lead = lead;
    if (done) interp_met(t);
    return done;
}

/* ---- copies in flight ---- */

bool interp_has_landed(const Block *b, int flight)
{
    const Landing *l = &b->landing[flight];
    return l->landed || (l->bar && l->bar->phase > l->phase);
}

static int new_landing(Task *t, Landing l)
{
    Block *b = t->b;
    if (b->nlanding >= b->landing_cap) {
        int cap = MAX(b->landing_cap * 2, 64);
        Landing *more = NEWN(&t->m->one, Landing, cap);
        if (b->landing) memcpy(more, b->landing, sizeof l * (size_t)b->nlanding);
        b->landing = more;
        b->landing_cap = cap;
    }
    b->landing[b->nlanding] = l;
    return b->nlanding++;
}

int interp_landing(Task *t, const Stmt *s, int thread, const Bar *bar)
{
    if (bar)
        return new_landing(
            t, (Landing){.thread = -1, .bar = bar, .phase = bar->phase, .stmt = s});
    ThreadState *own = &t->b->thread[thread];
    return new_landing(t, (Landing){.thread = thread, .group = ++own->groups, .stmt = s});
}

/* the landing of the copies that the thread has not yet put in a group */
static int open_landing(Task *t, const Stmt *s)
{
    ThreadState *own = &t->b->thread[t->lead];
    if (!own->open)
        own->open = new_landing(
            t, (Landing){.thread = t->lead, .group = own->groups + 1, .stmt = s});
    return own->open;
}

static void land(Task *t, int64_t pending)
{
    Block *b = t->b;
    ThreadState *own = &b->thread[t->lead];
    int first = MAX(own->first, 1);
    bool behind = false;
    for (int i = first; i < b->nlanding; i++) {
        Landing *l = &b->landing[i];
        if (l->thread != t->lead) continue;
        l->landed |= l->group <= own->groups - pending;
        behind |= !l->landed;
        if (!behind) own->first = i + 1;
    }
}

/* the barrier's phase waits for what this thread has started */
static void hand_over(Task *t, const X *x)
{
    Block *b = t->b;
    Bar *bar = interp_bar(t, x->arg[0]);
    if (!bar) return;
    ThreadState *own = &b->thread[t->lead];
    for (int i = MAX(own->first, 1); i < b->nlanding; i++) {
        Landing *l = &b->landing[i];
        if (l->thread != t->lead || l->landed || l->bar) continue;
        l->bar = bar;
        l->phase = bar->phase;
    }
    own->first = b->nlanding;
    own->open = 0;
    bar->pending++;
    settle(bar);
}

static void cp_async(Task *t, const X *x, const Ins *ins)
{
    Mem *dst, *src = NULL;
    bool wanted = x->fn != FN_cp_async_if || number(t, x, 3, 0) != 0;
    int64_t to = place(t, x->arg[0], &dst, true), bytes = number(t, x, 2, 0);
    int64_t from = wanted ? place(t, x->arg[1], &src, false) : OUTSIDE;
    if (t->m->failed || to < 0) return;
    int bits = dtype_info[dst->type].bits;
    int64_t n = bytes * 8 / bits, end = dst->per ? to / dst->per * dst->per + dst->n : dst->n;
    if (src && dtype_info[src->type].bits != bits) {
        interp_fail(t, x->span, E0619, NULL, "a copy of bytes between elements of %d and %d bits",
                    dtype_info[src->type].bits, bits);
        return;
    }
    int flight = dst->stamp ? open_landing(t, ins->stmt) : 0;
    for (int64_t k = 0; k < n && !t->m->failed; k++) {
        Res r = {.bad = CLEAN};
        if (to + k >= end) {
            interp_fail(t, x->span, E0611, NULL, "the copy of %lld bytes leaves '%s'",
                        (long long)bytes, dst->name);
            return;
        }
        if (from >= 0 && from + k < src->n) {
            r = interp_load_at(t, src, from + k, x->span, false);
            if (src->type != dst->type) r.v = interp_reinterpret(r.v, src->type, dst->type);
        }
        interp_store_at(t, dst, to + k, r, x->span);
        if (flight) interp_stamp_flight(dst, to + k, 1, flight);
    }
}

/* ---- atomics ---- */

static Res atomic(Task *t, const X *x)
{
    Mem *m = NULL;
    char text[200];
    bool loads = x->fn == FN_atomic_load;
    int64_t k = place(t, x->arg[0], &m, !loads);
    if (k < 0) return (Res){.bad = CLEAN};
    Res v = {.bad = CLEAN}, w = {.bad = CLEAN};
    if (x->narg > 1) v = interp_eval(t, x->arg[1]);
    if (x->narg > 2) w = interp_eval(t, x->arg[2]);
    if (loads) return interp_load_at(t, m, k, x->span, true);
    if (m->stamp && !interp_stamp_atomic(t, m, k, x->span)) return v;
    Res old = interp_load_element(m, k), r = {.bad = CLEAN};
    switch (x->fn) {
    case FN_atomic_store:
    case FN_atomic_exch: r = v; break;
    case FN_atomic_cas: r = memcmp(&old.v, &v.v, sizeof v.v) ? old : w; break;
    default: r.v = interp_join(x->fn, m->type, old.v, v.v);
    }
    bool blind = x->fn == FN_atomic_store || x->fn == FN_atomic_exch;
    r.bad = v.bad ? v.bad : w.bad ? w.bad : blind ? CLEAN : old.bad;
    if (r.bad && m->space == SP_GLOBAL) {
        interp_poison(t, x->span, r.bad, "%s", interp_element(m, k, text, sizeof text));
        return r;
    }
    t->m->changes += r.bad != old.bad || memcmp(&r.v, &old.v, sizeof r.v);
    interp_store_element(m, k, r);
    return old;
}

/* ---- messages ---- */

static void add_value(Text *out, DType t, Res r)
{
    if (r.bad)
        text_add(out, "(uninitialised)");
    else if (dtype_is_float(t))
        text_add(out, "%.9g", r.v.f);
    else if (dtype_info[t].cls == CLS_B)
        text_add(out, r.v.i ? "True" : "False");
    else
        text_add(out, dtype_info[t].cls == CLS_U ? "%llu" : "%lld", (unsigned long long)r.v.i);
}

static void print(Task *t, const X *x)
{
    Machine *m = t->m;
    char block[80];
    if (!m->call->say) return;
    Text out = text_new(&m->one);
    text_add(&out, "block (%s)",
             interp_list(block, sizeof block, t->b->at, m->code->launch->ngrid));
    if (m->code->threads) text_add(&out, ", thread %d", t->lead);
    text_add(&out, ":%s%s", x->text && *x->text ? " " : "", x->text ? x->text : "");
    for (int k = 0; k < x->narg; k++) {
        text_add(&out, " ");
        add_value(&out, x->arg[k]->type, interp_eval(t, x->arg[k]));
    }
    if (!m->failed) m->call->say(m->call->say_to, out.s);
}

static void device_assert(Task *t, const X *x)
{
    Res r = interp_eval(t, x->arg[0]);
    if (r.bad) interp_poison(t, x->span, r.bad, "a device assertion");
    if (r.v.i) return;
    char who[40] = "";
    if (t->m->code->threads) snprintf(who, sizeof who, " for thread %d", t->lead);
    interp_fail(t, x->span, E0623, NULL, "the assertion does not hold%s%s%s", who,
                x->text && *x->text ? ": " : "", x->text ? x->text : "");
}

/* ---- random numbers ---- */

static void open_random(Task *t, const X *x)
{
    Philox *p = &t->b->thread[t->lead].rng;
    uint64_t v[3];
    if (x->text)
        interp_fail(t, x->span, E0619, "leave the generator out: it is Philox then",
                    "the generator '%s'", x->text);
    for (int k = 0; k < 3; k++) v[k] = (uint64_t)number(t, x, k, 0);
    interp_random_open(p, v[0], v[1], v[2]);
}

static Res next_random(Task *t, const X *x)
{
    Philox *p = &t->b->thread[t->lead].rng;
    Res r = {.bad = CLEAN};
    if (!p->open)
        interp_fail(t, x->span, E0628, NULL, "T.%s comes before T.rng_init", fn_info[x->fn].name);
    else if (x->fn == FN_rng_rand)
        r.v.i = interp_random(p);
    else
        r.v.f = x->text && !strcmp(x->text, "normal") ? interp_random_normal(p, x->type)
                                                      : interp_random_uniform(p, x->type);
    return r;
}

/* ---- one call ---- */

/* of one thread: t acts for it */
static Res single(Task *t, const X *x)
{
    switch (x->fn) {
    case FN_barrier_arrive:
    case FN_barrier_expect:
    case FN_barrier_arrive_expect: barrier_call(t, x); break;
    case FN_cp_async_barrier: hand_over(t, x); break;
    case FN_cp_async_commit:
        t->b->thread[t->lead].groups++;
        t->b->thread[t->lead].open = 0;
        break;
    case FN_cp_async_wait: land(t, number(t, x, 0, 0)); break;
    case FN_rng_init: open_random(t, x); break;
    case FN_rng_rand:
    case FN_rng_rand_float: return next_random(t, x);
    case FN_device_assert: device_assert(t, x); break;
    case FN_print: print(t, x); break;
    case FN_fence: break;
    default:
        if (x->fn >= FN_atomic_add && x->fn <= FN_atomic_store) return atomic(t, x);
        interp_fail(t, x->span, E0624, NULL, "'%s' is text for another compiler",
                    x->text ? x->text : fn_info[x->fn].name);
    }
    return (Res){.bad = CLEAN};
}

void interp_call_lanes(Task *t, const X *x, Lanes l, Res *out)
{
    Level level = fn_info[x->fn].level;
    if (level == LEVEL_WARP || (level == LEVEL_BLOCK && x->narg)) {
        if (t->nest && t->n > 1)
            interp_fail(t, x->span, E0628, NULL,
                        "T.%s joins threads, but stands in an iteration of T.Parallel",
                        fn_info[x->fn].name);
        else
            interp_warp_lanes(t, x, l, out);
        return;
    }
    int lead = t->lead;
    bool alone = t->alone;
    for (int k = 0; k < l.n; k++) {
        t->lead = l.thread[k];
        t->alone = t->m->code->threads;
        out[k] = t->m->failed ? (Res){.bad = CLEAN} : single(t, x);
    }
    t->lead = lead;
    t->alone = alone;
}

bool interp_call_stmt(Task *t, const Ins *ins)
{
    const X *x = ins->value;
    switch (x->fn) {
    case FN_sync_threads: return sync_threads(t, x);
    case FN_sync_warp: interp_met(t); return true;
    case FN_sync_grid: return sync_grid(t);
    case FN_named_arrive: named_arrive(t, x); return true;
    case FN_barrier_wait: return barrier_wait(t, x);
    case FN_fence: return true;
    default: break;
    }
    Mark mark = interp_mark(t->m);
    uint16_t self = (uint16_t)t->lead;
    Lanes l = {1, &self};
    if (t->m->code->threads && !t->nest) l = interp_lanes(t);
    if (x->fn == FN_cp_async || x->fn == FN_cp_async_if) {
        int lead = t->lead;
        for (int k = 0; k < l.n && !t->m->failed; k++) {
            t->lead = l.thread[k];
            t->alone = t->m->code->threads;
            cp_async(t, x, ins);
        }
        t->lead = lead;
        t->alone = false;
    } else {
        interp_call_lanes(t, x, l, interp_push(t->m, l.n));
    }
    interp_pop(t->m, mark);
    return true;
}

void interp_call_reason(Task *t, const X *x, Text *out)
{
    if (x->fn == FN_barrier_wait) {
        char text[200] = "";
        Mem *m = NULL;
        int64_t k = place(t, x->arg[0], &m, false), parity = number(t, x, 1, 0);
        if (k < 0) return;
        const Bar *b = &m->bar[k];
        text_add(out,
                 " waits for a phase of parity %lld of %s (phase %lld has %lld of %lld arrivals",
                 (long long)(parity & 1), interp_element(m, k, text, sizeof text),
                 (long long)b->phase, (long long)b->pending, (long long)b->expected);
        text_add(out, b->bytes > 0 ? ", %lld bytes are missing)" : ")", (long long)b->bytes);
    } else if (x->fn == FN_sync_grid) {
        text_add(out, " waits at T.sync_grid (%lld of %lld blocks are there)",
                 (long long)t->m->grid.arrived, (long long)t->m->blocks);
    } else {
        int64_t id = number(t, x, 0, 0), want = number(t, x, 1, t->b->nlive);
        text_add(out, " waits at T.sync_threads(%lld) (%lld of %lld threads are there)",
                 (long long)id, (long long)t->b->meet[id].arrived, (long long)want);
    }
}
