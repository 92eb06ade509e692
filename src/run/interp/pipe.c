/* What joins the tasks of a block: rings of slots, order tokens, and gemms that were started and
   have not landed.

   A ring counts. Each producer has acquired `head` slots and committed `tail` of them, each
   consumer has waited for `head` and released `tail`; slot k of the ring is k % depth. A slot is
   full when every producer has committed it and free again when every consumer has released it. So
   one rule serves a reader that feeds several groups and groups that fill a slot together.

   A started gemm is computed at once, but until it has landed nobody may look at its result or
   change its operands; that is all a machine may assume, and more than most programs that break it
   would show. */
#include "run/interp/interp.h"
#include <stdio.h>
#include <string.h>

/* ---- regions that meet ---- */

bool interp_disjoint(const Place *a, const Place *b)
{
    for (int d = 0; a->mem == b->mem && d < a->mem->ndim; d++)
        if (a->off[d] + a->ext[d] <= b->off[d] || b->off[d] + b->ext[d] <= a->off[d]) return true;
    return a->mem != b->mem;
}

bool interp_same_place(const Place *a, const Place *b)
{
    return a->mem == b->mem && !memcmp(a->off, b->off, sizeof a->off) &&
           !memcmp(a->ext, b->ext, sizeof a->ext);
}

/* ---- gemms in flight ---- */

static int line_of(const Task *t, const Stmt *s)
{
    int line = 0, col;
    if (t->m->cx && s->span.file) span_line_col(t->m->cx, s->span, &line, &col);
    return line;
}

static void in_flight(Task *t, const Flight *f, const Mem *m, const char *done, const char *role,
                      Span at)
{
    char when[32] = "";
    int line = line_of(t, f->ins->stmt);
    if (line) snprintf(when, sizeof when, " at line %d", line);
    interp_fail(t, at, E0617, "T.await_(0) waits for all gemms, T.await_(1) for all but the newest",
                "'%s' is %s while it is %s of a gemm that was started%s and is still in flight",
                m->name, done, role, when);
}

bool interp_flight_free(Task *t, const Place *p, bool write, bool accumulates, Span at)
{
    for (int i = 0; i < t->nflight; i++) {
        const Flight *f = &t->flight[i];
        bool chained =
            accumulates && interp_same_place(p, &f->arg[2]); /* in order, on the same registers */
        if (!chained && !interp_disjoint(p, &f->arg[2])) {
            in_flight(t, f, p->mem, write ? "written" : "read", "the accumulator", at);
            return false;
        }
        for (int k = 0; write && k < 2; k++)
            if (!interp_disjoint(p, &f->arg[k])) {
                in_flight(t, f, p->mem, "written", "an operand", at);
                return false;
            }
    }
    return true;
}

void interp_fly(Task *t, const Ins *ins, const Place arg[MAXARG])
{
    if (t->nflight == MAXFLIGHT) {
        interp_fail(t, ins->stmt->span, E0617, NULL, "more than %d gemms are in flight", MAXFLIGHT);
        return;
    }
    Flight *f = &t->flight[t->nflight++];
    f->ins = ins;
    for (int i = 0; i < MAXARG; i++) {
        f->arg[i] = arg[i];
        f->arg[i].mem->busy++;
    }
}

void interp_land(Task *t, int pending)
{
    int n = t->nflight - pending;
    if (n <= 0) return;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < MAXARG; k++) t->flight[i].arg[k].mem->busy--;
    memmove(t->flight, t->flight + n, sizeof *t->flight * (size_t)(t->nflight - n));
    t->nflight -= n;
}

/* a slot that is given away may not be an operand */
static bool slot_lands(Task *t, const Ring *r, int64_t seq, const Ins *ins)
{
    int n = r->pipe->ntile;
    const Mem *slot = &r->slot[seq % r->pipe->depth * n];
    for (int i = 0; i < t->nflight; i++)
        for (int k = 0; k < MAXARG; k++) {
            const Mem *m = t->flight[i].arg[k].mem;
            if (m < slot || m >= slot + n) continue;
            in_flight(t, &t->flight[i], m,
                      ins->stmt->verb.verb == PV_RELEASE ? "released" : "committed",
                      k == 2 ? "the accumulator" : "an operand", ins->stmt->span);
            return false;
        }
    return true;
}

/* ---- rings ---- */

/* the least advanced of those who take part; 0 when nobody does */
static int64_t least_tail(const Block *m, const Part *part)
{
    int64_t least = -1;
    for (int i = 0; i < m->ntask; i++)
        if (part[i].in && (least < 0 || part[i].tail < least)) least = part[i].tail;
    return MAX(least, 0);
}

static Ring *ring_of(Task *t, const Ins *ins)
{
    Machine *m = t->m;
    const Pipe *pipe = ins->stmt->verb.pipe;
    int64_t which = pipe->each && t->body->role == R_COMPUTE ? t->group : 0;
    if (ins->value && !interp_index(t, ins->value, &which, "the group of a pipe")) return NULL;
    int first = m->first_ring[ins->pipe], n = m->first_ring[ins->pipe + 1] - first;
    if (which < 0 || which >= n) {
        interp_fail(t, ins->stmt->span, E0616, NULL,
                    "'%s' has %d ring%s, one for each group, but ring %lld is used", pipe->name, n,
                    n == 1 ? "" : "s", (long long)which);
        return NULL;
    }
    Ring *r = &t->b->ring[first + which];
    PipeVerb v = ins->stmt->verb.verb;
    if (!(v == PV_ACQUIRE || v == PV_COMMIT ? r->from : r->to)[t->number].in) {
        interp_fail(t, ins->stmt->span, E0616, NULL, "'%s' belongs to another group", pipe->name);
        return NULL;
    }
    return r;
}

static int members(const Block *m, const Part *part)
{
    int n = 0;
    for (int i = 0; i < m->ntask; i++) n += part[i].in;
    return n;
}

/* the names of the slot's tiles mean the tiles of slot `seq` from here on */
static void hold(Task *t, const Ins *ins, Ring *r, int64_t seq, const int64_t *tail, bool shared)
{
    int n = r->pipe->ntile;
    for (int k = 0; k < n; k++)
        t->bound[ins->slot[k]] = (Bound){.mem = &r->slot[seq % r->pipe->depth * n + k],
                                         .tail = tail,
                                         .seq = seq,
                                         .shared = shared};
}

/* what an earlier round left in a slot is not there any more: it is poison from the first acquire
 * on */
static void refresh(Ring *r, int64_t seq)
{
    int at = (int)(seq % r->pipe->depth);
    if (r->gen[at] == seq) return;
    r->gen[at] = seq;
    for (int k = 0; k < r->pipe->ntile; k++) {
        Mem *m = &r->slot[at * r->pipe->ntile + k];
        memset(m->bad, m->origin, (size_t)m->n);
    }
}

static bool may_acquire(const Block *m, const Ring *r, const Part *p)
{
    return p->head < least_tail(m, r->to) + r->pipe->depth;
}

static bool may_wait(const Block *m, const Ring *r, const Part *p)
{
    return p->head < least_tail(m, r->from);
}

static bool acquire(Task *t, const Ins *ins, Ring *r)
{
    Part *p = &r->from[t->number];
    if (!may_acquire(t->b, r, p)) return false;
    refresh(r, p->head);
    hold(t, ins, r, p->head++, &p->tail, false);
    return true;
}

static bool await_slot(Task *t, const Ins *ins, Ring *r)
{
    Part *p = &r->to[t->number];
    if (!may_wait(t->b, r, p)) return false;
    hold(t, ins, r, p->head++, &p->tail, members(t->b, r->to) > 1);
    return true;
}

/* commit and release: the oldest slot that this task holds */
static bool give_up(Task *t, const Ins *ins, Ring *r, Part *p)
{
    if (p->tail == p->head) {
        interp_fail(t, ins->stmt->span, E0616, NULL, "%s of '%s', of which this role holds no slot",
                    verb_name[ins->stmt->verb.verb], r->pipe->name);
        return true;
    }
    if (slot_lands(t, r, p->tail, ins)) p->tail++;
    return true;
}

bool interp_verb(Task *t, const Ins *ins)
{
    Ring *r = ring_of(t, ins);
    if (!r) return true;
    switch (ins->stmt->verb.verb) {
    case PV_ACQUIRE: return acquire(t, ins, r);
    case PV_WAIT: return await_slot(t, ins, r);
    case PV_COMMIT: return give_up(t, ins, r, &r->from[t->number]);
    default: return give_up(t, ins, r, &r->to[t->number]);
    }
}

/* ---- order tokens ---- */

bool interp_turn(Task *t, const Ins *ins)
{
    const Order *o = ins->stmt->turn.order;
    int *turn = &t->b->turn[ins->pipe];
    if (!ins->stmt->turn.give) return *turn == t->group;
    if (*turn != t->group)
        interp_fail(t, ins->stmt->span, E0616, NULL, "group %d gives '%s', which group %d has",
                    t->group, o->name, *turn);
    else
        *turn = (*turn + 1) % MAX(o->n, 1);
    return true;
}

/* ---- when nothing moves, and at the end ---- */

static void add(char *out, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void add(char *out, size_t size, const char *fmt, ...)
{
    size_t n = strlen(out);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(out + n, size - n, fmt, ap);
    va_end(ap);
}

static void who(const Task *t, char *out, size_t size)
{
    add(out, size, "%s", t->body->stmt ? role_name[t->body->role] : "the block");
    if (t->body->groups > 1) add(out, size, " group %d", t->group);
}

/* who has committed or released how much */
static void counts(const Block *m, const Part *part, const char *verb, char *out, size_t size)
{
    bool first = true;
    for (int i = 0; i < m->ntask; i++) {
        if (!part[i].in) continue;
        add(out, size, "%s", first ? "" : ", ");
        who(&m->task[i], out, size);
        add(out, size, " has %s %lld", verb, (long long)part[i].tail);
        first = false;
    }
    if (first) add(out, size, "nobody else takes part");
}

static void reason(Task *t, char *out, size_t size)
{
    const Ins *ins = &t->body->ins[t->pc];
    int line = line_of(t, ins->stmt);
    who(t, out, size);
    if (line) add(out, size, " (line %d)", line);
    if (ins->kind == I_TURN) {
        add(out, size, " waits for its turn in '%s', which group %d has",
            ins->stmt->turn.order->name, t->b->turn[ins->pipe]);
        return;
    }
    Ring *r = ring_of(t, ins);
    if (!r) return;
    if (ins->stmt->verb.verb == PV_ACQUIRE) {
        add(out, size, " waits for a free slot of '%s' (depth %d, %lld acquired, ", r->pipe->name,
            r->pipe->depth, (long long)r->from[t->number].head);
        counts(t->b, r->to, "released", out, size);
    } else {
        add(out, size, " waits for slot %lld of '%s' (", (long long)r->to[t->number].head,
            r->pipe->name);
        counts(t->b, r->from, "committed", out, size);
    }
    add(out, size, ")");
}

void interp_deadlock(Block *b)
{
    char text[960] = "";
    Task *first = NULL;
    for (int i = 0; i < b->ntask; i++) {
        if (b->task[i].done) continue;
        add(text, sizeof text, "%s", first ? "; " : "");
        reason(&b->task[i], text, sizeof text);
        if (!first) first = &b->task[i];
    }
    interp_fail(first, first->body->ins[first->pc].stmt->span, E0615,
                "`kiln explain E0615` lists the usual reasons", "the roles wait for each other: %s",
                text);
}

static void part_end(Task *t, const Ring *r, const Part *p, const char *head, const char *tail)
{
    char name[64] = "";
    who(t, name, sizeof name);
    if (p->head != p->tail)
        interp_fail(t, r->pipe->span, E0616, NULL,
                    "at the end of the block %s has %s %lld slots of '%s' and %s %lld", name, head,
                    (long long)p->head, r->pipe->name, tail, (long long)p->tail);
}

static void ring_end(Block *b, const Ring *r)
{
    int64_t full = least_tail(b, r->from);
    for (int i = 0; i < b->ntask; i++) {
        Task *t = &b->task[i];
        char name[64] = "";
        who(t, name, sizeof name);
        if (r->from[i].in) {
            part_end(t, r, &r->from[i], "acquired", "committed");
            if (r->from[i].tail != full)
                interp_fail(t, r->pipe->span, E0616, NULL,
                            "at the end of the block %s has committed %lld slots of '%s', another "
                            "group only %lld",
                            name, (long long)r->from[i].tail, r->pipe->name, (long long)full);
        }
        if (r->to[i].in) {
            part_end(t, r, &r->to[i], "waited for", "released");
            if (r->to[i].tail != full)
                interp_fail(
                    t, r->pipe->span, E0616,
                    "every slot that is committed must be waited for and released by each consumer",
                    "at the end of the block %lld slots of '%s' are left: %s has released %lld of "
                    "%lld",
                    (long long)(full - r->to[i].tail), r->pipe->name, name,
                    (long long)r->to[i].tail, (long long)full);
        }
    }
    if (full && !members(b, r->to))
        interp_fail(&b->task[0], r->pipe->span, E0616, NULL,
                    "'%s' is filled %lld times and nobody takes from it", r->pipe->name,
                    (long long)full);
}

void interp_block_end(Machine *m, Block *b)
{
    for (int i = 0; i < b->ntask; i++) {
        Task *t = &b->task[i];
        if (t->nflight)
            interp_fail(t, t->flight[0].ins->stmt->span, E0617, "add T.await_(0)",
                        "a gemm is still in flight at the end of the block");
    }
    for (int i = 0; i < b->nring; i++) ring_end(b, &b->ring[i]);
    for (int i = 0; i < m->code->launch->norder; i++)
        if (b->turn[i])
            interp_fail(&b->task[0], m->code->launch->order[i]->span, E0616,
                        "every group must take and give equally often",
                        "at the end of the block '%s' is with group %d instead of group 0",
                        m->code->launch->order[i]->name, b->turn[i]);
}
