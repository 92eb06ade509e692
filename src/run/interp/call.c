/* Calls: barriers, copies in flight, atomics, random numbers, messages. Each is done for the
   threads that make it together; a block without threads makes it as one.

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

static int64_t place(Task *t, const X *x, bool write, Mem **mem)
{
    return interp_locate(t, x->buf, x->arg, write, x->span, mem);
}

Bar *interp_bar(Task *t, const X *x)
{
    Mem *m;
    int64_t k = place(t, x, false, &m);
    return k >= 0 && m->bar ? &m->bar[k] : NULL;
}

/* ---- barriers ---- */

/* all that the phase waits for have come: the next one begins */
static void complete(Bar *b, int64_t want)
{
    if (b->pending < want || b->bytes > 0) return;
    if (b->n) memcpy(b->known, b->told, sizeof *b->told * b->n);
    b->phase++;
    b->pending = 0;
}

/* all of a group arrive; true: `want` have, and all of them go on */
static bool meet(Task *t, Bar *b, int64_t want)
{
    if (!t->waits) {
        t->ticket = b->phase;
        b->pending += t->n;
        interp_tell(t, b, t->n);
    }
    if (b->phase == t->ticket) complete(b, want);
    t->waits = b->phase == t->ticket;
    if (!t->waits) interp_hear(t, b);
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

static bool named_arrive(Task *t, const X *x)
{
    int64_t id = number(t, x, 0, 0), want = number(t, x, 1, 0);
    if (t->m->failed || id < 0 || id >= GRID) return true;
    t->b->meet[id].pending += t->n;
    interp_tell(t, &t->b->meet[id], t->n);
    complete(&t->b->meet[id], want);
    return true;
}

static bool sync_warp(Task *t, const X *x)
{
    (void)x;
    interp_met(t);
    return true;
}

/* orders memory as others see it: all that is done here is seen at once */
static void fence(Task *t, const X *x)
{
    (void)t, (void)x;
}

/* the threads of the block meet; the last one arrives for the block at the meeting of all blocks */
static bool sync_grid(Task *t, const X *x)
{
    (void)x;
    Block *b = t->b;
    Bar *here = &b->meet[GRID], *all = &t->m->grid;
    if (!t->waits) {
        t->ticket = all->phase;
        here->pending += t->n;
        all->pending += here->pending == b->nlive;
    }
    if (all->phase == t->ticket) complete(all, t->m->blocks);
    t->waits = all->phase == t->ticket;
    if (t->waits) return false;
    here->pending = 0;
    b->ordered = ++t->m->clock;
    interp_met_all(t);
    return true;
}

static void barrier_call(Task *t, const X *x)
{
    Bar *b = interp_bar(t, x->arg[0]);
    if (!b) return;
    if (x->narg > 1) b->bytes += number(t, x, 1, 0);
    if (x->fn == FN_barrier_expect) return;
    b->pending++;
    interp_tell(t, b, 1);
    complete(b, b->expected);
}

static bool phase_done(Task *t, const X *x)
{
    const Bar *b = interp_bar(t, x->arg[0]);
    int64_t parity = number(t, x, 1, 0);
    return !b || t->m->failed || (b->phase & 1) != (parity & 1);
}

static void hear(Task *t, const X *x)
{
    const Bar *b = interp_bar(t, x->arg[0]);
    if (b) interp_hear(t, b);
}

static bool barrier_wait(Task *t, const X *x)
{
    bool varies = x->arg[1]->varies || x->arg[0]->arg[0]->varies, done = true;
    EACH_THREAD(t, ((Lanes){varies ? t->n : 1, t->lane}), k) done = done && phase_done(t, x);
    if (!done) return false;
    EACH_THREAD(t, ((Lanes){varies ? t->n : 1, t->lane}), k) hear(t, x);
    return true;
}

/* ---- copies in flight ---- */

bool interp_has_landed(const Block *b, int flight)
{
    const Landing *l = &b->landing[flight];
    return l->landed || (l->bar && l->bar->phase > l->phase);
}

int interp_landing(Task *t, const Stmt *s, const Bar *bar, bool closed)
{
    Block *b = t->b;
    ThreadState *own = &b->thread[t->lead];
    if (!bar && !closed && own->open) return own->open;
    Landing l = {.thread = bar ? -1 : t->lead, .group = own->groups + 1, .stmt = s, .bar = bar};
    if (bar) l.phase = bar->phase;
    if (!bar && closed) own->groups++;
    if (!bar && !closed) own->open = b->nlanding;
    b->landing = interp_grow(&t->m->one, b->landing, b->nlanding, &b->landing_cap, sizeof l);
    b->landing[b->nlanding] = l;
    return b->nlanding++;
}

static void commit(Task *t, const X *x)
{
    (void)x;
    t->b->thread[t->lead].groups++;
    t->b->thread[t->lead].open = 0;
}

static void land(Task *t, const X *x)
{
    Block *b = t->b;
    int64_t pending = number(t, x, 0, 0);
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
    interp_tell(t, bar, 1);
    complete(bar, bar->expected);
}

static void cp_async(Task *t, const X *x)
{
    Mem *dst, *src = NULL;
    bool wanted = x->fn != FN_cp_async_if || number(t, x, 3, 0) != 0;
    int64_t to = place(t, x->arg[0], true, &dst), bytes = number(t, x, 2, 0);
    int64_t from = wanted ? place(t, x->arg[1], false, &src) : OUTSIDE;
    if (t->m->failed || to < 0) return;
    int bits = dtype_info[dst->type].bits;
    int64_t n = bytes * 8 / bits, end = dst->per ? to / dst->per * dst->per + dst->n : dst->n;
    if (src && dtype_info[src->type].bits != bits) {
        interp_fail(t, x->span, E0619, NULL, "a copy of bytes between elements of %d and %d bits",
                    dtype_info[src->type].bits, bits);
        return;
    }
    int flight = dst->stamp ? interp_landing(t, t->body->ins[t->pc].stmt, NULL, false) : 0;
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
        if (flight) interp_stamp_flight(dst, to + k, flight);
    }
}

/* ---- atomics ---- */

static void load(Task *t, const X *x, Res *out)
{
    Mem *m;
    int64_t k = place(t, x->arg[0], false, &m);
    if (k >= 0) *out = interp_load_at(t, m, k, x->span, true);
}

/* gives what was there before */
static void atomic(Task *t, const X *x, Res *out)
{
    Mem *m;
    int64_t k = place(t, x->arg[0], true, &m);
    if (k < 0) return;
    Res v = interp_eval(t, x->arg[1]), w = {.bad = CLEAN}, r = v;
    if (x->narg > 2) w = interp_eval(t, x->arg[2]);
    *out = v;
    if (m->stamp && !interp_stamp_atomic(t, m, k, x->span)) return;
    Res old = *out = interp_load_element(m, k);
    if (x->fn == FN_atomic_cas)
        r.v = memcmp(&old.v, &v.v, sizeof v.v) ? old.v : w.v;
    else if (x->fn != FN_atomic_store && x->fn != FN_atomic_exch)
        r.v = interp_join(interp_fn_op(x->fn), m->type, old.v, v.v);
    bool blind = x->fn == FN_atomic_store || x->fn == FN_atomic_exch;
    r.bad = v.bad ? v.bad : w.bad ? w.bad : blind ? CLEAN : old.bad;
    if (!interp_may_hold(t, m, k, r.bad, x->span)) return;
    t->m->changes += !interp_same(r, old);
    interp_store_element(m, k, r);
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

static void next_random(Task *t, const X *x, Res *out)
{
    Philox *p = &t->b->thread[t->lead].rng;
    if (!p->open)
        interp_fail(t, x->span, E0628, NULL, "T.%s comes before T.rng_init", fn_info[x->fn].name);
    else if (x->fn == FN_rng_rand)
        out->v.i = interp_random(p);
    else
        out->v.f = x->text && !strcmp(x->text, "normal") ? interp_random_normal(p, x->type)
                                                         : interp_random_uniform(p, x->type);
}

static void foreign(Task *t, const X *x)
{
    interp_fail(t, x->span, E0624, NULL, "'%s' is text for another compiler",
                x->text ? x->text : fn_info[x->fn].name);
}

/* ---- one call ---- */

/* What a call does: for the whole group at once (false: it must wait), or for the one thread that t
   acts for. What a warp or a block computes together is in warp.c; `op` is what joins two values.
 */
static const struct {
    bool (*group)(Task *t, const X *x);
    void (*act)(Task *t, const X *x);
    void (*gives)(Task *t, const X *x, Res *out);
    Op op;
} calls[NFN] = {
    [FN_sync_threads] = {.group = sync_threads},
    [FN_sync_warp] = {.group = sync_warp},
    [FN_sync_grid] = {.group = sync_grid},
    [FN_named_arrive] = {.group = named_arrive},
    [FN_barrier_wait] = {.group = barrier_wait},
    [FN_fence] = {.act = fence},
    [FN_barrier_arrive] = {.act = barrier_call},
    [FN_barrier_expect] = {.act = barrier_call},
    [FN_barrier_arrive_expect] = {.act = barrier_call},
    [FN_cp_async_barrier] = {.act = hand_over},
    [FN_cp_async] = {.act = cp_async},
    [FN_cp_async_if] = {.act = cp_async},
    [FN_cp_async_commit] = {.act = commit},
    [FN_cp_async_wait] = {.act = land},
    [FN_atomic_add] = {.gives = atomic, .op = OP_add},
    [FN_atomic_max] = {.gives = atomic, .op = OP_max},
    [FN_atomic_min] = {.gives = atomic, .op = OP_min},
    [FN_atomic_and] = {.gives = atomic, .op = OP_band},
    [FN_atomic_or] = {.gives = atomic, .op = OP_bor},
    [FN_atomic_xor] = {.gives = atomic, .op = OP_bxor},
    [FN_atomic_exch] = {.gives = atomic},
    [FN_atomic_cas] = {.gives = atomic},
    [FN_atomic_load] = {.gives = load},
    [FN_atomic_store] = {.gives = atomic},
    [FN_any_sync] = {.op = OP_bor},
    [FN_all_sync] = {.op = OP_band},
    [FN_ballot_sync] = {.op = OP_bor},
    [FN_activemask] = {.op = OP_bor},
    [FN_warp_reduce_sum] = {.op = OP_add},
    [FN_warp_reduce_max] = {.op = OP_max},
    [FN_warp_reduce_min] = {.op = OP_min},
    [FN_warp_reduce_and] = {.op = OP_band},
    [FN_warp_reduce_or] = {.op = OP_bor},
    [FN_allreduce_sum] = {.op = OP_add},
    [FN_allreduce_max] = {.op = OP_max},
    [FN_allreduce_min] = {.op = OP_min},
    [FN_rng_init] = {.act = open_random},
    [FN_rng_rand] = {.gives = next_random},
    [FN_rng_rand_float] = {.gives = next_random},
    [FN_device_assert] = {.act = device_assert},
    [FN_print] = {.act = print},
    [FN_extern] = {.act = foreign},
    [FN_import_source] = {.act = foreign},
};

Op interp_fn_op(Fn fn)
{
    return calls[fn].op;
}

bool interp_joins_threads(Fn fn)
{
    return !calls[fn].group && !calls[fn].act && !calls[fn].gives;
}

void interp_call_lanes(Task *t, const X *x, Lanes l, Res *out)
{
    if (!interp_joins_threads(x->fn)) {
        EACH_THREAD(t, l, k)
        {
            if (calls[x->fn].act) calls[x->fn].act(t, x);
            if (calls[x->fn].gives) calls[x->fn].gives(t, x, &out[k]);
        }
    } else if (t->nest && t->n > 1) {
        interp_fail(t, x->span, E0628, NULL,
                    "T.%s joins threads, but stands in an iteration of T.Parallel",
                    fn_info[x->fn].name);
    } else {
        interp_warp_lanes(t, x, l, out);
    }
}

bool interp_call_stmt(Task *t, const Ins *ins)
{
    const X *x = ins->value;
    if (calls[x->fn].group) return calls[x->fn].group(t, x);
    Mark mark = interp_mark(t->m);
    uint16_t self = (uint16_t)t->lead;
    Lanes l = t->nest ? (Lanes){1, &self} : interp_lanes(t);
    interp_eval_lanes(t, x, l, interp_push(t->m, l.n));
    interp_pop(t->m, mark);
    return true;
}

void interp_call_reason(Task *t, const X *x, Text *out)
{
    if (x->fn == FN_barrier_wait) {
        char text[200] = "";
        Mem *m = NULL;
        int64_t k = place(t, x->arg[0], false, &m), parity = number(t, x, 1, 0);
        if (k < 0) return;
        const Bar *b = &m->bar[k];
        text_add(out,
                 " waits for a phase of parity %lld of %s (phase %lld has %lld of %lld arrivals",
                 (long long)(parity & 1), interp_element(m, k, text, sizeof text),
                 (long long)b->phase, (long long)b->pending, (long long)b->expected);
        text_add(out, b->bytes > 0 ? ", %lld bytes are missing)" : ")", (long long)b->bytes);
    } else if (x->fn == FN_sync_grid) {
        text_add(out, " waits at T.sync_grid (%lld of %lld blocks are there)",
                 (long long)t->m->grid.pending, (long long)t->m->blocks);
    } else {
        int64_t id = number(t, x, 0, 0), want = number(t, x, 1, t->b->nlive);
        text_add(out, " waits at T.sync_threads(%lld) (%lld of %lld threads are there)",
                 (long long)id, (long long)t->b->meet[id].pending, (long long)want);
    }
}
