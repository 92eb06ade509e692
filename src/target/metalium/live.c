/* Which values of compute are alive where. A value is a block in a circular buffer: it must be
   pushed before it is read and popped once nobody reads it any more, the same way on every path.
   Backwards over structured statements, loops until nothing changes. */
#include "target/metalium/metalium.h"

uint64_t value_bit(Emit *e, const Buf *b)
{
    Value *v = value_of(e, b);
    return v && v->buf ? (uint64_t)1 << (v - e->value) : 0;
}

/* ---- what a statement reads and what it defines anew ---- */

typedef struct {
    Emit *e;
    uint64_t reads;
} Reads;

static void load(Visitor *v, Expr *x)
{
    Reads *r = v->user;
    if (x->kind == E_LOAD) r->reads |= value_bit(r->e, x->buf);
}

uint64_t expr_reads(Emit *e, const Expr *x)
{
    Reads r = {e, 0};
    Visitor v = {.expr = load, .user = &r};
    walk_expr(&v, (Expr *)x);
    return r.reads;
}

static uint64_t tile_reads(Emit *e, const Stmt *s, uint64_t *kills)
{
    uint64_t reads = 0;
    const char *o = tileop_info[s->tile.op].operands;
    for (int i = 0; o[i]; i++) {
        const Region *r = &s->tile.arg[i];
        uint64_t bit = value_bit(e, r->buf);
        bool anew = o[i] != 'r' && region_is_whole(r) && (o[i] == 'w' || s->tile.clear);
        *(anew ? kills : &reads) |= bit;
        for (int d = 0; d < r->buf->ndim; d++) reads |= expr_reads(e, r->off[d]);
    }
    return reads | expr_reads(e, s->tile.value);
}

static int row_of(const Emit *e, const Stmt *s)
{
    for (int i = 0; i < e->nlive; i++)
        if (e->live[i].stmt == s) return i;
    return -1;
}

static uint64_t effect(Emit *e, const Stmt *s, uint64_t *kills)
{
    *kills = 0;
    switch (s->kind) {
    case S_TILE: return tile_reads(e, s, kills);
    case S_LOOP:
        if (s->loop.how == LOOP_PARALLEL) return nest_reads(e, s, kills);
        return expr_reads(e, s->loop.lo) | expr_reads(e, s->loop.hi[0]);
    case S_IF: return expr_reads(e, s->branch.cond);
    case S_LET: return expr_reads(e, s->let.value);
    case S_STORE: {
        uint64_t reads = expr_reads(e, s->store.value) | value_bit(e, s->store.buf);
        for (int d = 0; d < s->store.buf->ndim; d++) reads |= expr_reads(e, s->store.idx[d]);
        return reads;
    }
    case S_VERB: {
        uint64_t own = 0;
        int at = row_of(e, s);
        for (int t = 0; t < s->verb.pipe->ntile; t++) {
            const Buf *b = s->verb.verb == PV_ACQUIRE             ? s->verb.slot[t]
                           : s->verb.verb == PV_COMMIT && at >= 0 ? e->live[at].slot[t]
                                                                  : NULL;
            if (b) own |= value_bit(e, b);
        }
        if (s->verb.verb == PV_ACQUIRE) *kills = own;
        return s->verb.verb == PV_COMMIT ? own : 0;
    }
    default: return 0;
    }
}

uint64_t stmt_reads(Emit *e, const Stmt *s)
{
    uint64_t kills, reads = effect(e, s, &kills);
    return s->kind == S_VERB && s->verb.verb == PV_ACQUIRE ? 0 : reads;
}

/* ---- rows, in the order of the text; a commit knows the slots of the acquire before it ---- */

typedef struct {
    const Pipe *pipe;
    const Buf *const *slot;
} Current;

static void add_rows(Emit *e, Stmt *list, Current *cur)
{
    for (Stmt *s = list; s; s = s->next) {
        if (e->nlive == e->caplive) {
            int cap = MAX(64, 2 * e->caplive);
            const Live *old = e->live;
            e->live = NEWN(&e->cx->arena, Live, cap);
            for (int i = 0; i < e->nlive; i++) e->live[i] = old[i];
            e->caplive = cap;
        }
        e->live[e->nlive].stmt = s;
        if (s->kind == S_VERB && s->verb.verb == PV_ACQUIRE)
            for (int k = 0; k < e->launch->npipe; k++)
                if (e->launch->pipe[k] == s->verb.pipe)
                    cur[k] = (Current){s->verb.pipe, (const Buf *const *)s->verb.slot};
        if (s->kind == S_VERB && s->verb.verb == PV_COMMIT)
            for (int k = 0; k < e->launch->npipe; k++)
                if (cur[k].pipe == s->verb.pipe)
                    for (int t = 0; t < s->verb.pipe->ntile; t++)
                        e->live[e->nlive].slot[t] = cur[k].slot[t];
        e->nlive++;
        if (s->kind == S_LOOP && s->loop.how != LOOP_PARALLEL) add_rows(e, s->loop.body, cur);
        if (s->kind == S_IF) {
            add_rows(e, s->branch.then, cur);
            add_rows(e, s->branch.other, cur);
        }
    }
}

Value *commit_value(Emit *e, const Stmt *commit, int tile)
{
    int at = row_of(e, commit);
    const Buf *b = at >= 0 ? e->live[at].slot[tile] : NULL;
    Value *v = b ? value_of(e, b) : NULL;
    return v && v->buf ? v : NULL;
}

/* ---- backwards ---- */

static uint64_t live_list(Emit *e, const Stmt *list, uint64_t out);

static uint64_t live_before(Emit *e, const Stmt *s, uint64_t out)
{
    int row = row_of(e, s);
    uint64_t kills, reads = effect(e, s, &kills);
    e->live[row].after = out;
    if (s->kind == S_IF)
        return reads | live_list(e, s->branch.then, out) | live_list(e, s->branch.other, out);
    if (s->kind == S_LOOP && s->loop.how != LOOP_PARALLEL) {
        uint64_t head = e->live[row].head, again;
        while ((again = live_list(e, s->loop.body, head | out)) != head)
            head = e->live[row].head = head | again;
        return reads | head | out;
    }
    return reads | (out & ~kills);
}

static uint64_t live_list(Emit *e, const Stmt *list, uint64_t out)
{
    if (!list) return out;
    return live_before(e, list, live_list(e, list->next, out));
}

void live_find(Emit *e, Stmt *body)
{
    e->nlive = 0;
    Current *cur = NEWN(&e->cx->arena, Current, e->launch->npipe + 1);
    for (int i = 0; i < e->caplive; i++) e->live[i] = (Live){0};
    add_rows(e, body, cur);
    live_list(e, body, 0);
}

uint64_t live_after(const Emit *e, const Stmt *s)
{
    int row = row_of(e, s);
    return row >= 0 ? e->live[row].after : 0;
}

uint64_t live_head(const Emit *e, const Stmt *loop)
{
    int row = row_of(e, loop);
    return row >= 0 ? e->live[row].head : 0;
}
