/* The rules of the token game: what the next step of a player does, and what is wrong. */
#include "tile/protocol/protocol.h"
#include <string.h>

Outcome game_wrong(Game *g, int agent, const char *fmt, ...)
{
    Text t = text_new(&g->cx->arena);
    va_list ap;
    va_start(ap, fmt);
    text_vadd(&t, fmt, ap);
    va_end(ap);
    g->why = t.s;
    g->agent_wrong = agent;
    return WRONG;
}

static Walker *walker(const Game *g)
{
    return &g->s->walker[g->now];
}

/* ---- verbs ---------------------------------------------------------------------------------- */

int64_t ring_least(const Game *g, int ring, unsigned agents)
{
    int64_t n = INT64_MAX;
    for (int a = 0; a < g->nagent; a++)
        if (agents & 1u << a) n = MIN(n, g->s->counter[ring].done[a]);
    return n == INT64_MAX ? 0 : n;
}

/* the ring that a verb is on; -1: g->need has to be chosen, -2: there is none */
static int ring_of(Game *g, const Node *n, int64_t *which)
{
    int ring = g->first_ring[n->pipe], end = g->first_ring[n->pipe + 1];
    *which = 0;
    if (n->s->verb.pipe->each) {
        Val v = val_of(g, n->s->verb.which);
        if (!val_known(g, &v, which)) return -1;
    }
    return *which < 0 || *which >= end - ring ? -2 : ring + (int)*which;
}

int step_ring(Game *g, const Node *verb)
{
    int64_t which;
    int ring = ring_of(g, verb, &which);
    return ring < 0 ? g->first_ring[verb->pipe] : ring;
}

static bool in_flight(const Walker *w, int ring, int64_t at)
{
    for (int f = 0; f < w->nflight; f++)
        for (int k = 0; k < w->flight[f].nslot; k++)
            if (w->flight[f].slot[k].ring == ring && w->flight[f].slot[k].at == at) return true;
    return false;
}

static Outcome do_verb(Game *g, const Node *n)
{
    const Pipe *p = n->s->verb.pipe;
    int me = g->now;
    int64_t which;
    int ring = ring_of(g, n, &which);
    if (ring == -1) return CHOOSE;
    if (ring == -2) return game_wrong(g, me, "'%s' has no ring %lld", p->name, (long long)which);
    Counter *c = &g->s->counter[ring];
    const Ring *r = &g->ring[ring];
    PipeVerb verb = n->s->verb.verb;
    if (verb == PV_COMMIT || verb == PV_RELEASE) {
        if (c->done[me] == c->open[me])
            return game_wrong(g, me, "no slot of '%s' is held here", p->name);
        if (in_flight(walker(g), ring, c->done[me]))
            return game_wrong(
                g, me,
                "the slot of '%s' is given back while a gemm that was started still reads it",
                p->name);
        c->done[me]++;
        return MOVED;
    }
    if (!((verb == PV_ACQUIRE ? r->from : r->to) & 1u << me))
        return game_wrong(g, me, "this ring of '%s' belongs to another group", p->name);
    int64_t at = c->open[me];
    if (verb == PV_ACQUIRE ? at - ring_least(g, ring, r->to) >= p->depth
                           : at >= ring_least(g, ring, r->from))
        return BLOCKED;
    c->open[me]++;
    g->held = MAX(g->held, (int)(c->open[me] - c->done[me]));
    for (int t = 0; t < p->ntile; t++) {
        int slot = game_name(g, n->s->verb.slot[t]);
        if (slot >= 0) g->s->slot[slot] = (Place){ring, at};
    }
    return MOVED;
}

/* ---- gemms that were started, turns --------------------------------------------------------- */

static bool slot_held(const Game *g, int slot)
{
    Place p = g->s->slot[slot];
    const Counter *c = &g->s->counter[p.ring];
    return p.at >= c->done[g->now] && p.at < c->open[g->now];
}

static bool is_operand(const Stmt *gemm, const Buf *b)
{
    return gemm->tile.arg[0].buf == b || gemm->tile.arg[1].buf == b;
}

/* every slot that a statement touches is held, and no gemm in flight works on its fragments */
static Outcome check_uses(Game *g, const Node *n)
{
    const Walker *w = walker(g);
    for (int i = 0; i < n->nuse; i++) {
        const Buf *b = n->use[i].buf;
        if (b->space == SP_SLOT) {
            int slot = game_name(g, b);
            if (slot < 0 || !slot_held(g, slot))
                return game_wrong(g, g->now, "'%s' is used here, but its slot is not held any more",
                                  b->name);
            continue;
        }
        bool chained = n->kind == N_GEMM && n->s->tile.arg[2].buf == b && !is_operand(n->s, b);
        for (int f = 0; f < w->nflight; f++) {
            const Stmt *gemm = w->flight[f].gemm;
            bool acc = gemm->tile.arg[2].buf == b;
            if ((acc && !chained) || (is_operand(gemm, b) && n->use[i].write))
                return game_wrong(
                    g, g->now,
                    acc ? "'%s' is used while a gemm that was started still adds to it"
                        : "'%s' is written while a gemm that was started still reads it",
                    b->name);
        }
    }
    return MOVED;
}

static Outcome do_gemm(Game *g, const Node *n)
{
    Walker *w = walker(g);
    if (w->nflight == MAXFLIGHT)
        return game_wrong(g, g->now, "more than 16 gemms are started and not awaited");
    Flight *f = &w->flight[w->nflight++];
    *f = (Flight){.gemm = n->s};
    for (int k = 0; k < 2; k++) {
        int slot = game_name(g, n->s->tile.arg[k].buf);
        if (slot >= 0) f->slot[f->nslot++] = g->s->slot[slot];
    }
    return MOVED;
}

static Outcome do_await(Game *g, const Node *n)
{
    Walker *w = walker(g);
    int landed = MAX(0, w->nflight - n->s->pending);
    w->nflight -= landed;
    memmove(w->flight, w->flight + landed, sizeof *w->flight * (size_t)w->nflight);
    return MOVED;
}

static Outcome do_turn(Game *g, const Node *n)
{
    int o = 0, group = g->agent[g->now].group;
    const Order *order = n->s->turn.order;
    while (o < g->launch->norder && g->launch->order[o] != order) o++;
    if (o >= MAXTOKEN || o == g->launch->norder)
        return game_wrong(g, g->now, "more than 8 order tokens");
    int *token = g->s->token[o];
    if (n->s->turn.give)
        return ++token[(group + 1) % order->n] == 1
                   ? MOVED
                   : game_wrong(g, g->now, "the token '%s' is given twice", order->name);
    if (!token[group]) return BLOCKED;
    token[group]--;
    return MOVED;
}

/* ---- values that are set -------------------------------------------------------------------- */

static void set_cell(Game *g, const void *what, Val x)
{
    int c = game_name(g, what);
    if (c >= 0) g->s->cell[c] = x;
}

/* what a statement without verbs does to a scalar: named by its text and by what it starts from */
typedef struct {
    Game *g;
    Text *text;
} Effect;

static void add_start(Effect *e, const char *name, int cell)
{
    text_add(e->text, " %s=", name);
    if (cell >= 0) val_print(e->text, &e->g->s->cell[cell]);
}

static void effect_read(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Effect *e = v->user;
    (void)s;
    if (b->space == SP_LOCAL) {
        if (b->ndim == 0 && !write) add_start(e, b->name, game_name(e->g, b));
    } else if (b->space == SP_SHARED || b->space == SP_FRAG || b->space == SP_SLOT ||
               game_writes(e->g, b)) {
        Val p = val_private(e->g, b->name, DT_int32);
        val_print(e->text, &p);
    }
}

static void effect_var(Visitor *v, Expr *x)
{
    Effect *e = v->user;
    int c = x->kind == E_VAR ? game_name(e->g, x->var) : -1;
    if (c >= 0)
        add_start(e, x->var->name, c); /* else bound in the statement, or the same for all */
}

static void effect_write(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Effect *e = v->user;
    (void)s;
    if (write && b->space == SP_LOCAL)
        set_cell(e->g, b,
                 val_atom(e->g, b->type == DT_bool, NULL, 0, "%s@%s", b->name, e->text->s));
}

static Outcome do_scalar(Game *g, const Node *n)
{
    if (n->s->kind == S_STORE && n->s->store.buf->ndim == 0) {
        set_cell(g, n->s->store.buf, val_of(g, n->s->store.value));
        return MOVED;
    }
    Text t = text_new(&g->cx->arena);
    Effect e = {.g = g, .text = &t};
    Stmt one = *n->s;
    one.next = NULL;
    print_stmt(&t, &one);
    walk_stmts(&(Visitor){.access = effect_read, .expr = effect_var, .user = &e}, &one);
    walk_stmts(&(Visitor){.access = effect_write, .user = &e}, &one);
    return MOVED;
}

static Outcome do_send(Game *g, const Node *n)
{
    const Buf *b = n->s->store.buf;
    int slot = game_name(g, b);
    if (slot < 0 || buf_elems(b) != 1 || b->pipe->ntile != 1) return MOVED;
    Place at = g->s->slot[slot];
    g->s->sent[at.ring * SENT + at.at % SENT] = val_of(g, n->s->store.value);
    return MOVED;
}

static Outcome do_let(Game *g, const Node *n)
{
    const Var *v = n->s->let.var;
    set_cell(g, v,
             dtype_is_float(v->type) ? val_private(g, v->name, DT_float32)
                                     : val_of(g, n->s->let.value));
    return MOVED;
}

/* ---- loops and branches --------------------------------------------------------------------- */

static Outcome enter(Game *g, const Node *loop, const Node *body, int64_t left)
{
    Walker *w = walker(g);
    if (w->nframe == MAXNEST) {
        g->out_of_reach = "loops and branches are nested too deep";
        return WRONG;
    }
    w->frame[w->nframe++] = (Frame){body, body, loop, left};
    return MOVED;
}

static Outcome do_loop(Game *g, const Node *n)
{
    const Stmt *l = n->s;
    bool up = l->loop.step > 0;
    Val lo = val_of(g, l->loop.lo), hi = val_of(g, l->loop.hi[0]),
        span = up ? val_add(g, hi, lo, -1) : val_add(g, lo, hi, -1);
    int64_t count, step = up ? l->loop.step : -l->loop.step;
    val_counts(g, &span);
    if (!val_known(g, &span, &count)) return CHOOSE;
    walker(g)->frame[walker(g)->nframe - 1].at = n->next;
    if (count <= 0) return MOVED;
    if (span.n || span.loop) { /* its length is a choice */
        lo.loop = lo.loop ? MIXED : n->number;
        lo.step = l->loop.step;
        lo.iter = 0;
    }
    set_cell(g, l->loop.var[0], lo);
    return enter(g, n, n->child, (count - 1) / step);
}

static Outcome do_branch(Game *g, const Node *n)
{
    Val c = val_of(g, n->s->branch.cond);
    int64_t holds;
    if (!val_known(g, &c, &holds)) return CHOOSE;
    walker(g)->frame[walker(g)->nframe - 1].at = n->next;
    const Node *body = holds ? n->child : n->other;
    return body ? enter(g, NULL, body, 0) : MOVED;
}

/* the end of a body: the next iteration, or what follows the loop; what the body binds ends */
static Outcome leave_body(Game *g)
{
    Walker *w = walker(g);
    Frame *f = &w->frame[w->nframe - 1];
    for (const Node *n = f->head; n; n = n->next)
        if (n->kind == N_LET) set_cell(g, n->s->let.var, val_int(0));
    int var = f->loop ? game_name(g, f->loop->s->loop.var[0]) : -1;
    if (f->left > 0) {
        f->left--;
        f->at = f->head;
        g->s->cell[var].k += f->loop->s->loop.step;
        g->s->cell[var].iter++;
    } else {
        if (var >= 0) g->s->cell[var] = val_int(0);
        w->nframe--;
    }
    return MOVED;
}

/* ---- one step ------------------------------------------------------------------------------- */

/* the moves that led to this position; what other cases did after it is overwritten */
static void record(Game *g, const Node *n)
{
    g->move = arena_grow(&g->cx->arena, g->move, g->s->nmove, &g->capmove, sizeof *g->move);
    g->move[g->s->nmove++] = (Move){g->now, n};
}

Outcome step(Game *g)
{
    Walker *w = walker(g);
    Frame *f = &w->frame[w->nframe - 1];
    const Node *n = f->at;
    if (!n) return leave_body(g);
    Outcome o = check_uses(g, n);
    if (o != MOVED) return o;
    switch (n->kind) {
    case N_LOOP: return do_loop(g, n);
    case N_IF: return do_branch(g, n);
    case N_VERB: o = do_verb(g, n); break;
    case N_TURN: o = do_turn(g, n); break;
    case N_GEMM: o = do_gemm(g, n); break;
    case N_AWAIT: o = do_await(g, n); break;
    case N_LET: o = do_let(g, n); break;
    case N_SCALAR: o = do_scalar(g, n); break;
    case N_SEND: o = do_send(g, n); break;
    case N_USE: break;
    }
    if (o != MOVED) return o;
    f->at = n->next;
    if (n->kind == N_VERB || n->kind == N_TURN || n->kind == N_GEMM || n->kind == N_AWAIT)
        record(g, n);
    return MOVED;
}
