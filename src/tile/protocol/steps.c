/* The rules of the token game: what a role knows at a place, what its next step does, and what is
 * wrong. */
#include "tile/protocol/protocol.h"
#include <string.h>

/* ---- the parts of a position ---------------------------------------------------------------- */

Counter *state_counter(const Game *g, State *s)
{
    (void)g;
    return (Counter *)(s + 1);
}

Val *state_cell(const Game *g, State *s, int agent, int cell)
{
    Val *v = (Val *)(state_counter(g, s) + g->nring);
    for (int a = 0; a < agent; a++) v += g->agent[a].ncell;
    return v + cell;
}

int64_t *state_slot(const Game *g, State *s, int agent, int slot)
{
    int64_t *p = (int64_t *)state_cell(g, s, g->nagent, 0);
    for (int a = 0; a < agent; a++) p += g->agent[a].nslot;
    return p + slot;
}

Val *state_sent(const Game *g, State *s, int ring, int64_t place)
{
    Val *v = (Val *)state_slot(g, s, g->nagent, 0);
    return v + ring * SENT + place % SENT;
}

size_t state_bytes(const Game *g)
{
    size_t n =
        sizeof(State) + sizeof(Counter) * (size_t)g->nring + sizeof(Val) * SENT * (size_t)g->nring;
    for (int a = 0; a < g->nagent; a++)
        n += sizeof(Val) * (size_t)g->agent[a].ncell + sizeof(int64_t) * (size_t)g->agent[a].nslot;
    return n;
}

/* ---- values at a place ---------------------------------------------------------------------- */

typedef struct {
    Place place;
    Game *g;
    State *s;
    int agent;
} Here;

static int slot_of(const Agent *a, const Buf *b)
{
    for (int i = 0; i < a->nslot; i++)
        if (a->slot[i] == b) return i;
    return -1;
}

static Val here_var(Place *p, const Var *v)
{
    Here *h = (Here *)p;
    Agent *a = &h->g->agent[h->agent];
    if (v->kind == V_GROUP) return val_int(a->group);
    int c = cell_of(a, v, NULL);
    if (c >= 0) return *state_cell(h->g, h->s, h->agent, c);
    /* blocks, sizes and scalar parameters: the same variable for all roles. A variable of a loop
     * without verbs is not asked for */
    Text *t = decide_text(&h->g->decide);
    text_add(t, "%s@%p", v->name, (const void *)v);
    Val x = val_atom(&h->g->decide, t->s, v->type == DT_bool, false);
    h->g->decide.atom[x.t[0].atom].size = v->kind == V_SIZE || v->kind == V_BLOCK;
    return x;
}

/* a value that nobody else can know, and that is another one each time this place is passed: named
 * by the position */
static Val private_value(Here *h, const char *what, DType t)
{
    const Walker *w = &h->s->walker[h->agent];
    Text *text = decide_text(&h->g->decide);
    text_add(text, "%s of agent %d at", what, h->agent);
    for (int f = 0; f < w->nframe; f++) {
        text_add(text, " %d.%lld.", w->frame[f].at ? w->frame[f].at->number : 0,
                 (long long)w->frame[f].left);
        val_print(text, &w->frame[f].var);
    }
    return val_atom(&h->g->decide, text->s, t == DT_bool, true);
}

static Val slot_load(Here *h, const Expr *e, const Val *idx)
{
    Game *g = h->g;
    const Agent *a = &g->agent[h->agent];
    int slot = slot_of(a, e->buf);
    if (slot < 0) return private_value(h, e->buf->name, e->type);
    int ring = g->first_ring[a->slot_pipe[slot]];
    const Pipe *p = g->launch->pipe[a->slot_pipe[slot]];
    int64_t place = *state_slot(g, h->s, h->agent, slot);
    bool scalar = p->ntile == 1 && !p->each && buf_elems(e->buf) == 1;
    if (scalar && p->depth <= SENT) return *state_sent(g, h->s, ring, place);
    if (p->each) return private_value(h, e->buf->name, e->type);
    /* whatever the producer put there: the same for all who read it */
    Text *t = decide_text(&g->decide);
    text_add(t, "slot %d.%d %lld", ring, e->buf->tile, (long long)place);
    for (int d = 0; d < e->buf->ndim; d++) {
        text_add(t, ",");
        val_print(t, &idx[d]);
    }
    return val_atom(&g->decide, t->s, e->type == DT_bool, true);
}

static Val here_load(Place *p, const Expr *e, const Val *idx)
{
    Here *h = (Here *)p;
    switch (e->buf->space) {
    case SP_GLOBAL:
    case SP_TEMP: {
        if (game_writes(h->g, e->buf)) return private_value(h, e->buf->name, e->type);
        Text *t = decide_text(&h->g->decide);
        bool varies = false;
        text_add(t, "%s@%p[", e->buf->name, (const void *)e->buf);
        for (int d = 0; d < e->buf->ndim; d++) {
            val_print(t, &idx[d]);
            text_add(t, ",");
            varies |= idx[d].varies;
        }
        Val x = val_atom(&h->g->decide, t->s, e->type == DT_bool, varies);
        Atom *a = &h->g->decide.atom[x.t[0].atom];
        if (!a->idx) {
            a->nidx = e->buf->ndim;
            a->idx = NEWN(&h->g->cx->arena, Val, MAXDIM);
            memcpy(a->idx, idx, sizeof *idx * (size_t)e->buf->ndim);
        }
        return x;
    }
    case SP_LOCAL: {
        int c = e->buf->ndim == 0 ? cell_of(&h->g->agent[h->agent], NULL, e->buf) : -1;
        return c >= 0 ? *state_cell(h->g, h->s, h->agent, c)
                      : private_value(h, e->buf->name, e->type);
    }
    case SP_SLOT: return slot_load(h, e, idx);
    default: return private_value(h, e->buf->name, e->type);
    }
}

static Here here(Game *g, State *s, int agent)
{
    return (Here){{here_var, here_load, NULL}, g, s, agent};
}

static Val eval(Here *h, const Expr *e)
{
    return val_of(&h->g->decide, &h->place, e);
}

/* ---- rules ---------------------------------------------------------------------------------- */

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

int64_t ring_least(const Game *g, const Counter *c, unsigned agents, bool done)
{
    int64_t n = INT64_MAX;
    for (int a = 0; a < g->nagent; a++)
        if (agents & 1u << a) n = MIN(n, done ? c->done[a] : c->open[a]);
    return n == INT64_MAX ? 0 : n;
}

static bool slot_held(const Game *g, State *s, int agent, int slot)
{
    const Agent *a = &g->agent[agent];
    int64_t place = *state_slot(g, s, agent, slot);
    int ring = (int)(place >> 40);
    (void)a;
    place &= ((int64_t)1 << 40) - 1;
    const Counter *c = &state_counter(g, s)[ring];
    return place >= c->done[agent] && place < c->open[agent];
}

/* every slot that a statement touches is held, and no gemm in flight works on its fragments */
static Outcome check_uses(Game *g, State *s, int agent, const Node *n)
{
    Walker *w = &s->walker[agent];
    const Agent *a = &g->agent[agent];
    for (int i = 0; i < n->nuse; i++) {
        const Buf *b = n->use[i].buf;
        if (b->space == SP_SLOT) {
            int slot = slot_of(a, b);
            if (slot < 0 || !slot_held(g, s, agent, slot))
                return game_wrong(g, agent, "'%s' is used here, but its slot is not held any more",
                                  b->name);
            continue;
        }
        for (int f = 0; f < w->nflight; f++) {
            const Flight *fl = &w->flight[f];
            bool acc = fl->acc == b, operand = fl->operand[0] == b || fl->operand[1] == b;
            bool chained = n->kind == N_GEMM && n->s->tile.arg[2].buf == b &&
                           n->s->tile.arg[0].buf != b && n->s->tile.arg[1].buf != b;
            if ((acc && !chained) || (operand && n->use[i].write))
                return game_wrong(
                    g, agent,
                    acc ? "'%s' is used while a gemm that was started still adds to it"
                        : "'%s' is written while a gemm that was started still reads it",
                    b->name);
        }
    }
    return MOVED;
}

static bool in_flight(const Walker *w, int ring, int64_t place)
{
    for (int f = 0; f < w->nflight; f++)
        for (int k = 0; k < w->flight[f].nslot; k++)
            if (w->flight[f].ring[k] == ring && w->flight[f].slot[k] == place) return true;
    return false;
}

/* where a player is, as a number that grows: of the next statement of its role's own list */
int state_place(const State *s, int agent)
{
    const Walker *w = &s->walker[agent];
    return w->nframe == 0 ? INT32_MAX : w->frame[0].at ? w->frame[0].at->number : INT32_MAX - 1;
}

/* what a number was made from has been asked for here */
static void asked(Game *g, State *s, int agent, const Val *v, int deep)
{
    for (int i = 0; i < v->n; i++) {
        Atom *a = &g->decide.atom[v->t[i].atom];
        for (int k = 0; k < s->nchoice; k++)
            if (s->choice[k].atom == v->t[i].atom) s->choice[k].used |= 1u << agent;
        if (a->last[agent] < state_place(s, agent)) {
            a->last[agent] = state_place(s, agent);
            g->decide.nlearnt++;
        }
        for (int k = 0; k < a->narg && deep < 8; k++) asked(g, s, agent, &a->arg[k], deep + 1);
    }
}

static int64_t number(Game *g, State *s, int agent, const Val *v, Outcome *out, int *need)
{
    int64_t x;
    bool known = val_known(&g->decide, v, s->choice, s->nchoice, &x, need);
    *out = known ? MOVED : CHOOSE;
    if (v->n) asked(g, s, agent, v, 0);
    return known ? x : 0;
}

/* the ring that a verb is on; -1: *need has to be chosen, -2: there is none */
static int ring_of(Game *g, State *s, int agent, const Node *n, int64_t *which, int *need)
{
    int ring = g->first_ring[n->pipe],
        end = n->pipe + 1 < g->launch->npipe ? g->first_ring[n->pipe + 1] : g->nring;
    *which = 0;
    if (n->s->verb.pipe->each) {
        Here h = here(g, s, agent);
        Val v = eval(&h, n->s->verb.which);
        Outcome o;
        *which = number(g, s, agent, &v, &o, need);
        if (o == CHOOSE) return -1;
    }
    return *which < 0 || *which >= end - ring ? -2 : ring + (int)*which;
}

int step_ring(Game *g, State *s, int agent, const Node *verb)
{
    int64_t which;
    int need, ring = ring_of(g, s, agent, verb, &which, &need);
    return ring < 0 ? g->first_ring[verb->pipe] : ring;
}

static Outcome do_verb(Game *g, State *s, int agent, const Node *n, int *need)
{
    const Agent *a = &g->agent[agent];
    Walker *w = &s->walker[agent];
    const Pipe *p = n->s->verb.pipe;
    int64_t which;
    int ring = ring_of(g, s, agent, n, &which, need);
    if (ring == -1) return CHOOSE;
    if (ring == -2) return game_wrong(g, agent, "'%s' has no ring %lld", p->name, (long long)which);
    Counter *c = &state_counter(g, s)[ring];
    const Ring *r = &g->ring[ring];
    int64_t place = c->open[agent];
    switch (n->s->verb.verb) {
    case PV_ACQUIRE:
        if (!(r->from & 1u << agent))
            return game_wrong(g, agent, "this ring of '%s' belongs to another group", p->name);
        if (place - ring_least(g, c, r->to, true) >= MIN(p->depth, g->cap)) return BLOCKED;
        c->open[agent]++;
        break;
    case PV_WAIT:
        if (!(r->to & 1u << agent))
            return game_wrong(g, agent, "this ring of '%s' belongs to another group", p->name);
        if (place >= ring_least(g, c, r->from, true)) return BLOCKED;
        c->open[agent]++;
        break;
    case PV_COMMIT:
    case PV_RELEASE:
        if (c->done[agent] == c->open[agent])
            return game_wrong(g, agent, "no slot of '%s' is held here", p->name);
        if (in_flight(w, ring, c->done[agent]))
            return game_wrong(
                g, agent,
                "the slot of '%s' is given back while a gemm that was started still reads it",
                p->name);
        c->done[agent]++;
        return MOVED;
    default: break;
    }
    g->held = MAX(g->held, (int)(c->open[agent] - c->done[agent]));
    for (int t = 0; t < p->ntile; t++) {
        int slot = slot_of(a, n->s->verb.slot[t]);
        if (slot >= 0) *state_slot(g, s, agent, slot) = (int64_t)ring << 40 | place;
    }
    return MOVED;
}

static Outcome do_gemm(Game *g, State *s, int agent, const Node *n)
{
    Walker *w = &s->walker[agent];
    if (w->nflight == MAXFLIGHT)
        return game_wrong(g, agent, "more than 16 gemms are started and not awaited");
    Flight *f = &w->flight[w->nflight++];
    *f = (Flight){.gemm = n->s, .acc = n->s->tile.arg[2].buf};
    for (int k = 0; k < 2; k++) {
        const Buf *b = n->s->tile.arg[k].buf;
        int slot = b->space == SP_SLOT ? slot_of(&g->agent[agent], b) : -1;
        f->operand[k] = b;
        if (slot < 0) continue;
        int64_t place = *state_slot(g, s, agent, slot);
        f->ring[f->nslot] = (int)(place >> 40);
        f->slot[f->nslot++] = place & (((int64_t)1 << 40) - 1);
    }
    return MOVED;
}

static Outcome do_turn(Game *g, State *s, int agent, const Node *n)
{
    int o = 0, group = g->agent[agent].group;
    while (o < g->launch->norder && g->launch->order[o] != n->s->turn.order) o++;
    if (o >= 8 || o == g->launch->norder) return game_wrong(g, agent, "more than 8 order tokens");
    if (n->s->turn.give) {
        int next = (group + 1) % n->s->turn.order->n;
        if (++s->token[o][next] > 1)
            return game_wrong(g, agent, "the token '%s' is given twice", n->s->turn.order->name);
        return MOVED;
    }
    if (!s->token[o][group]) return BLOCKED;
    s->token[o][group]--;
    return MOVED;
}

static void set_cell(Game *g, State *s, int agent, const Var *v, const Buf *b, Val x)
{
    int c = cell_of(&g->agent[agent], v, b);
    if (c >= 0) *state_cell(g, s, agent, c) = x;
}

/* what a statement without verbs does to a scalar: named by its text and by what it starts from */
typedef struct {
    Here *h;
    Subst sub;
    Text *text;
    const Stmt *s;
} Effect;

static void effect_read(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Effect *e = v->user;
    (void)s;
    if (b->space == SP_LOCAL && b->ndim == 0 && !write) {
        int c = cell_of(&e->h->g->agent[e->h->agent], NULL, b);
        text_add(e->text, " %s=", b->name);
        if (c >= 0) val_print(e->text, state_cell(e->h->g, e->h->s, e->h->agent, c));
    } else if (b->space != SP_LOCAL && (b->space == SP_SHARED || b->space == SP_FRAG ||
                                        b->space == SP_SLOT || game_writes(e->h->g, b))) {
        Val p = private_value(e->h, b->name, DT_int32);
        val_print(e->text, &p);
    }
}

static void effect_var(Visitor *v, Expr *x)
{
    Effect *e = v->user;
    if (x->kind != E_VAR) return;
    int c = cell_of(&e->h->g->agent[e->h->agent], x->var, NULL);
    if (c < 0) return; /* bound in the statement itself, or the same for all */
    text_add(e->text, " %s=", x->var->name);
    val_print(e->text, state_cell(e->h->g, e->h->s, e->h->agent, c));
}

static void effect_write(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Effect *e = v->user;
    (void)s;
    if (write && b->space == SP_LOCAL)
        set_cell(e->h->g, e->h->s, e->h->agent, NULL, b,
                 val_atom(&e->h->g->decide,
                          arena_printf(&e->h->g->cx->arena, "%s after %s", b->name, e->text->s),
                          b->type == DT_bool, true));
}

static void do_scalar(Game *g, State *s, int agent, const Node *n)
{
    Here h = here(g, s, agent);
    if (n->s->kind == S_STORE && n->s->store.buf->ndim == 0) {
        set_cell(g, s, agent, NULL, n->s->store.buf, eval(&h, n->s->store.value));
        return;
    }
    Text t = text_new(&g->cx->arena);
    Effect e = {.h = &h, .text = &t, .s = n->s};
    Stmt one = *n->s;
    one.next = NULL;
    print_stmt(&t, &one);
    Visitor reads = {.access = effect_read, .expr = effect_var, .user = &e},
            writes = {.access = effect_write, .user = &e};
    walk_stmts(&reads, &one);
    walk_stmts(&writes, &one);
}

static void do_send(Game *g, State *s, int agent, const Node *n)
{
    const Buf *b = n->s->store.buf;
    int slot = slot_of(&g->agent[agent], b);
    if (slot < 0 || buf_elems(b) != 1 || b->pipe->ntile != 1) return;
    int64_t place = *state_slot(g, s, agent, slot);
    Here h = here(g, s, agent);
    *state_sent(g, s, (int)(place >> 40), place & (((int64_t)1 << 40) - 1)) =
        eval(&h, n->s->store.value);
}

/* ---- one step ------------------------------------------------------------------------------- */

static Outcome enter(Game *g, State *s, int agent, const Node *loop, const Node *body, Val var,
                     int64_t left)
{
    Walker *w = &s->walker[agent];
    if (w->nframe == MAXNEST) {
        g->out_of_reach = "loops and branches are nested too deep";
        return WRONG;
    }
    w->frame[w->nframe++] = (Frame){body, body, loop, var, left};
    return MOVED;
}

static Outcome do_loop(Game *g, State *s, int agent, const Node *n, int *need)
{
    Here h = here(g, s, agent);
    const Stmt *l = n->s;
    Val lo = eval(&h, l->loop.lo), hi = eval(&h, l->loop.hi[0]);
    Val span = l->loop.step > 0 ? val_add(&g->decide, hi, lo, -1) : val_add(&g->decide, lo, hi, -1);
    val_counts(&g->decide, &span);
    Outcome o;
    int64_t step = l->loop.step > 0 ? l->loop.step : -l->loop.step,
            count = number(g, s, agent, &span, &o, need);
    if (o == CHOOSE) return o;
    count = count <= 0 ? 0 : (count - 1) / step + 1;
    s->walker[agent].frame[s->walker[agent].nframe - 1].at = n->next;
    if (!count) return MOVED;
    lo.varies = true;
    if (span.n || span.loop) { /* its length is a choice */
        lo.loop = lo.loop ? MIXED : n->number;
        lo.step = l->loop.step;
        lo.iter = 0;
    }
    set_cell(g, s, agent, l->loop.var[0], NULL, lo);
    return enter(g, s, agent, n, n->child, lo, count - 1);
}

static Outcome do_branch(Game *g, State *s, int agent, const Node *n, int *need)
{
    Here h = here(g, s, agent);
    Val c = eval(&h, n->s->branch.cond);
    Outcome o;
    int64_t x = number(g, s, agent, &c, &o, need);
    if (o == CHOOSE) return o;
    s->walker[agent].frame[s->walker[agent].nframe - 1].at = n->next;
    const Node *body = x ? n->child : n->other;
    return body ? enter(g, s, agent, NULL, body, val_int(0), 0) : MOVED;
}

/* what a body binds ends with it */
static void forget_body(Game *g, State *s, int agent, const Node *n)
{
    for (; n; n = n->next)
        if (n->kind == N_LET) set_cell(g, s, agent, n->s->let.var, NULL, val_int(0));
}

/* the end of a body: the next iteration, or what follows the loop */
static void leave_body(Game *g, State *s, int agent)
{
    Walker *w = &s->walker[agent];
    Frame *f = &w->frame[w->nframe - 1];
    forget_body(g, s, agent, f->head);
    if (f->left > 0) {
        f->left--;
        f->var.k += f->loop->s->loop.step;
        f->var.iter++;
        f->at = f->head;
        set_cell(g, s, agent, f->loop->s->loop.var[0], NULL, f->var);
    } else {
        if (f->loop) set_cell(g, s, agent, f->loop->s->loop.var[0], NULL, val_int(0));
        w->nframe--;
    }
}

/* the moves that led to this position; what other cases did after it is overwritten */
static void record(Game *g, State *s, int agent, const Node *n)
{
    if (s->nmove == g->capmove) {
        Move *old = g->move;
        g->capmove = MAX(256, 2 * g->capmove);
        g->move = NEWN(&g->cx->arena, Move, g->capmove);
        if (s->nmove) memcpy(g->move, old, sizeof *old * (size_t)s->nmove);
    }
    g->move[s->nmove++] = (Move){agent, n};
}

Outcome step(Game *g, State *s, int agent, int *need)
{
    Walker *w = &s->walker[agent];
    Frame *f = &w->frame[w->nframe - 1];
    const Node *n = f->at;
    if (!n) {
        leave_body(g, s, agent);
        return MOVED;
    }
    Outcome o = check_uses(g, s, agent, n);
    if (o != MOVED) return o;
    switch (n->kind) {
    case N_LOOP: return do_loop(g, s, agent, n, need);
    case N_IF: return do_branch(g, s, agent, n, need);
    case N_VERB: o = do_verb(g, s, agent, n, need); break;
    case N_TURN: o = do_turn(g, s, agent, n); break;
    case N_GEMM: o = do_gemm(g, s, agent, n); break;
    case N_AWAIT:
        if (w->nflight > n->s->pending) {
            int landed = w->nflight - n->s->pending;
            memmove(w->flight, w->flight + landed, sizeof *w->flight * (size_t)n->s->pending);
            w->nflight = n->s->pending;
        }
        break;
    case N_LET: {
        Here h = here(g, s, agent);
        bool floats = dtype_is_float(n->s->let.var->type);
        set_cell(g, s, agent, n->s->let.var, NULL,
                 floats ? private_value(&h, n->s->let.var->name, DT_float32)
                        : eval(&h, n->s->let.value));
        break;
    }
    case N_SCALAR: do_scalar(g, s, agent, n); break;
    case N_SEND: do_send(g, s, agent, n); break;
    case N_USE: break;
    }
    if (o != MOVED) return o;
    w->frame[w->nframe - 1].at = n->next;
    if (n->kind == N_VERB || n->kind == N_TURN || n->kind == N_GEMM || n->kind == N_AWAIT)
        record(g, s, agent, n);
    return MOVED;
}
