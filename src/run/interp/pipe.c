/* What joins the tasks of a block: rings of slots, order tokens, and gemms that were started and
   have not landed.

   A ring counts. Each producer has acquired `head` slots and committed `tail` of them, each
   consumer has waited for `head` and released `tail`; slot k of the ring is k % depth. A slot is
   full when every producer has committed it and free again when every consumer has released it. So
   one rule serves a reader that feeds several groups and groups that fill a slot together.

   A started gemm is computed at once, but until it has landed nobody may look at its result or
   change its operands; that is all a machine may assume, and more than most programs that break it
   would show.

   And what is told when nothing moves any more, or something is left over at the end. */
#include "run/interp/interp.h"
#include <stdio.h>
#include <string.h>

/* ---- gemms in flight ---- */

static void in_flight(Task *t, const Flight *f, const Mem *m, const char *done, const char *role,
                      Span at)
{
    char when[32] = "";
    int line = interp_line(t, f->ins->stmt);
    if (line) snprintf(when, sizeof when, " at line %d", line);
    interp_fail(t, at, E0617,
                "T.await_(0) or T.wait_wgmma(0) waits for all gemms, with 1 for all but the newest",
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

static bool gives(const Ins *ins)
{
    PipeVerb v = ins->stmt->verb.verb;
    return v == PV_ACQUIRE || v == PV_COMMIT;
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
    if (!r->side[gives(ins)][t->number].in) {
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
    for (int k = 0; k < r->pipe->ntile; k++) interp_forget(&r->slot[at * r->pipe->ntile + k], -1);
}

/* acquire and wait: the next slot, when it is free, or full */
static bool take(Task *t, const Ins *ins, Ring *r)
{
    bool to_fill = gives(ins);
    Part *p = &r->side[to_fill][t->number];
    int64_t ready = least_tail(t->b, r->side[!to_fill]) + (to_fill ? r->pipe->depth : 0);
    if (p->head >= ready) return false;
    if (to_fill) refresh(r, p->head);
    hold(t, ins, r, p->head++, &p->tail, !to_fill && members(t->b, r->side[0]) > 1);
    return true;
}

/* commit and release: the oldest slot that this task holds */
static bool give_up(Task *t, const Ins *ins, Ring *r)
{
    Part *p = &r->side[gives(ins)][t->number];
    if (p->tail == p->head)
        interp_fail(t, ins->stmt->span, E0616, NULL, "%s of '%s', of which this role holds no slot",
                    verb_name[ins->stmt->verb.verb], r->pipe->name);
    else if (slot_lands(t, r, p->tail, ins))
        p->tail++;
    return true;
}

bool interp_verb(Task *t, const Ins *ins)
{
    PipeVerb v = ins->stmt->verb.verb;
    Ring *r = ring_of(t, ins);
    if (!r) return true;
    return v == PV_ACQUIRE || v == PV_WAIT ? take(t, ins, r) : give_up(t, ins, r);
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

/* ---- when nothing moves ---- */

/* "reader", "compute group 1", "the block", "threads 0 to 30 and 32" */
static void who(const Task *t, Text *out)
{
    if (!t->m->code->threads) {
        text_add(out, "%s", t->body->stmt ? role_name[t->body->role] : "the block");
        if (t->body->groups > 1) text_add(out, " group %d", t->group);
        return;
    }
    text_add(out, "%s ", t->n == 1 ? "thread" : "threads");
    for (int k = 0, e; k < t->n && out->n <= 700; k = e + 1) {
        for (e = k; e + 1 < t->n && t->lane[e + 1] == t->lane[e] + 1;) e++;
        text_add(out, "%s%d", !k ? "" : e == t->n - 1 ? " and " : ", ", t->lane[k]);
        if (e > k) text_add(out, " to %d", t->lane[e]);
    }
}

/* who has committed or released how much */
static void counts(const Block *b, const Part *part, const char *verb, Text *out)
{
    const char *comma = "";
    for (int i = 0; i < b->ntask; i++) {
        if (!part[i].in) continue;
        text_add(out, "%s", comma);
        who(&b->task[i], out);
        text_add(out, " has %s %lld", verb, (long long)part[i].tail);
        comma = ", ";
    }
    if (!*comma) text_add(out, "nobody else takes part");
}

static void slot_reason(Task *t, const Ins *ins, Text *out)
{
    Ring *r = ring_of(t, ins);
    if (!r) return;
    if (gives(ins)) {
        text_add(out, " waits for a free slot of '%s' (depth %d, %lld acquired, ", r->pipe->name,
                 r->pipe->depth, (long long)r->side[1][t->number].head);
        counts(t->b, r->side[0], "released", out);
    } else {
        text_add(out, " waits for slot %lld of '%s' (", (long long)r->side[0][t->number].head,
                 r->pipe->name);
        counts(t->b, r->side[1], "committed", out);
    }
    text_add(out, ")");
}

static void reason(Task *t, Text *out)
{
    const Ins *ins = &t->body->ins[t->pc];
    int line = interp_line(t, ins->stmt);
    who(t, out);
    if (line) text_add(out, " (line %d)", line);
    if (ins->kind == I_VERB)
        slot_reason(t, ins, out);
    else if (ins->kind == I_CALL)
        interp_call_reason(t, ins->value, out);
    else if (ins->kind == I_TURN)
        text_add(out, " waits for its turn in '%s', which group %d has",
                 ins->stmt->turn.order->name, t->b->turn[ins->pipe]);
    else
        text_add(out, " waits in a while loop for what nobody stores");
}

void interp_stuck(Machine *m)
{
    Block *b = m->first;
    Text text = text_new(&m->one);
    if (!b->group) return;
    if (m->code->nbody > 1)
        text_add(&text, "the roles wait for each other: ");
    else
        text_add(&text, "nobody can go on in block %u: ", b->number - 1);
    for (Task *t = b->group; t && text.n < 800; t = t->next) {
        reason(t, &text);
        if (t->next) text_add(&text, "; ");
    }
    int more = 0;
    for (b = b->next; b; b = b->next) more++;
    b = m->first;
    if (more && m->code->nbody == 1) text_add(&text, "; %d more blocks wait, too", more);
    interp_fail(b->group, b->group->body->ins[b->group->pc].stmt->span, E0615,
                "`kiln explain E0615` lists the usual reasons", "%s", text.s);
}

/* ---- at the end of a block ---- */

/* of all who produce (fills), or consume, everyone has come as far as the others */
static void part_end(Task *t, const Ring *r, bool fills, int64_t full)
{
    const Part *p = &r->side[fills][t->number];
    if (!p->in || (p->head == p->tail && p->tail == full)) return;
    Text name = text_new(&t->m->one);
    who(t, &name);
    if (p->head != p->tail)
        interp_fail(t, r->pipe->span, E0616, NULL,
                    "at the end of the block %s has %s %lld slots of '%s' and %s %lld", name.s,
                    fills ? "acquired" : "waited for", (long long)p->head, r->pipe->name,
                    fills ? "committed" : "released", (long long)p->tail);
    else if (fills)
        interp_fail(t, r->pipe->span, E0616, NULL,
                    "at the end of the block %s has committed %lld slots of '%s', another group "
                    "only %lld",
                    name.s, (long long)p->tail, r->pipe->name, (long long)full);
    else
        interp_fail(t, r->pipe->span, E0616,
                    "every slot that is committed must be waited for and released by each consumer",
                    "at the end of the block %lld slots of '%s' are left: %s has released %lld of "
                    "%lld",
                    (long long)(full - p->tail), r->pipe->name, name.s, (long long)p->tail,
                    (long long)full);
}

void interp_block_end(Machine *m, Block *b)
{
    for (int i = 0; i < b->ntask; i++)
        if (b->task[i].nflight)
            interp_fail(&b->task[i], b->task[i].flight[0].ins->stmt->span, E0617,
                        "add T.await_(0) or T.wait_wgmma(0)",
                        "a gemm is still in flight at the end of the block");
    for (Ring *r = b->ring; r < b->ring + b->nring; r++) {
        int64_t full = least_tail(b, r->side[1]);
        for (int i = 0; i < 2 * b->ntask; i++) part_end(&b->task[i / 2], r, !(i % 2), full);
        if (full && !members(b, r->side[0]))
            interp_fail(&b->task[0], r->pipe->span, E0616, NULL,
                        "'%s' is filled %lld times and nobody takes from it", r->pipe->name,
                        (long long)full);
    }
    for (int i = 0; i < m->code->launch->norder; i++)
        if (b->turn[i])
            interp_fail(&b->task[0], m->code->launch->order[i]->span, E0616,
                        "every group must take and give equally often",
                        "at the end of the block '%s' is with group %d instead of group 0",
                        m->code->launch->order[i]->name, b->turn[i]);
}
