/* The token game: the verbs of all roles are played over the real depths and group counts. docs/protocol.md says what a won game proves.

   Every role is a resumable walk over the part of its structure that matters: verbs, awaits, turns, loops and branches around them,
   scalars, and every use of a slot or of a fragment that a started gemm holds. Counters only grow and nobody's move takes a move away
   from another, so one greedy run decides a case. What decides a trip count or a branch is chosen once, for all roles (decide.c); the
   cases are explored depth first, and a position that was seen before is not explored again.  */
#include "tile/protocol.h"
#include <string.h>

enum { MAXAGENT = 8, MAXNEST = 12, MAXFLIGHT = 16, MAXCHOICE = 128, MAXGROUPS = 4 };

/* ---- the part of a role that matters -------------------------------------------------------- */

typedef enum { N_LOOP, N_IF, N_VERB, N_GEMM, N_AWAIT, N_TURN, N_LET, N_SCALAR, N_SEND, N_USE } NodeKind;
typedef struct { const Buf *buf; bool write; } Use;
typedef struct Node Node;
struct Node {
    NodeKind kind;
    int number;
    Stmt *s;
    Node *next, *child, *other;
    int pipe;                   /* VERB, SEND */
    int nuse;
    Use *use;                   /* slots and fragments that the statement touches */
};

typedef struct { const Var *var; const Buf *buf; } Cell;        /* something with a value: a let or loop variable, or a LOCAL scalar */

typedef struct {
    Role role;
    int group;
    const Stmt *block;
    Node *body;
    int ncell, nslot;
    Cell *cell;
    const Buf **slot;           /* the slots that its verbs open */
    int *slot_pipe;
} Agent;

typedef struct { const Pipe *pipe; int group; unsigned from, to; } Ring;        /* agents as bits */

typedef struct Game Game;
typedef struct State State;
struct Game {
    Cx *cx;
    const Launch *launch;
    Decide decide;
    int nagent, nring, nnode;
    Agent agent[MAXAGENT];
    Ring *ring;
    int *first_ring;            /* by pipe */
    size_t bytes;               /* of a state */
    int64_t steps, positions;
    unsigned decides[MAXNEST + 1];      /* agents with a decision inside of so many loops or more */
    int need_nest;
    uint64_t (*seen)[2];
    int nseen, capseen;
    State *pool[MAXCHOICE + 1];
    bool *unfinished;
    const char *why;
    int agent_wrong;
    const char *out_of_reach;   /* why the game cannot be finished */
};

/* ---- a position ----------------------------------------------------------------------------- */

typedef struct { const Node *at; const Node *loop; Val var; int64_t left; } Frame;     /* loop: whose body it is in, NULL: the role's or a branch's */
typedef struct { const Stmt *gemm; int nslot; int ring[3]; int64_t slot[3]; const Buf *acc, *operand[2]; } Flight;

typedef struct {
    Frame frame[MAXNEST];
    int nframe, nflight;
    bool stuck_on_choice;
    Flight flight[MAXFLIGHT];
} Walker;

typedef struct { int64_t open[MAXAGENT], done[MAXAGENT]; } Counter;    /* acquired and committed, or waited for and released */

/* followed in one block of memory by the counters of the rings, the values of the cells, the places of the slots, the sent scalars */
struct State {
    Walker walker[MAXAGENT];
    int nchoice;
    Choice choice[MAXCHOICE];
    int token[8][MAXGROUPS];
};

static Counter *counter(const Game *g, State *s)
{
    (void)g;
    return (Counter *)(s + 1);
}

static Val *cell_value(const Game *g, State *s, int agent, int cell)
{
    Val *v = (Val *)(counter(g, s) + g->nring);
    for (int a = 0; a < agent; a++)
        v += g->agent[a].ncell;
    return v + cell;
}

static int64_t *slot_place(const Game *g, State *s, int agent, int slot)
{
    int64_t *p = (int64_t *)cell_value(g, s, g->nagent, 0);
    for (int a = 0; a < agent; a++)
        p += g->agent[a].nslot;
    return p + slot;
}

enum { SENT = 16 };
static Val *sent_value(const Game *g, State *s, int ring, int64_t place)
{
    Val *v = (Val *)slot_place(g, s, g->nagent, 0);
    return v + ring * SENT + place % SENT;
}

static size_t state_bytes(const Game *g)
{
    size_t n = sizeof(State) + sizeof(Counter) * (size_t)g->nring + sizeof(Val) * SENT * (size_t)g->nring;
    for (int a = 0; a < g->nagent; a++)
        n += sizeof(Val) * (size_t)g->agent[a].ncell + sizeof(int64_t) * (size_t)g->agent[a].nslot;
    return n;
}

/* ---- building the walks --------------------------------------------------------------------- */

static void find_verbs(Visitor *v, Stmt *s)
{
    if (s->kind == S_VERB || s->kind == S_AWAIT || s->kind == S_TURN || (s->kind == S_TILE && s->tile.start))
        *(bool *)v->user = true;
}

static bool has_verbs(Stmt *s)
{
    bool found = false;
    Stmt one = *s;
    one.next = NULL;
    Visitor v = {.stmt = find_verbs, .user = &found};
    walk_stmts(&v, &one);
    return found;
}

typedef struct { Cx *cx; int n, cap; Use *use; bool local; } Uses;

static void add_use(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Uses *u = v->user;
    (void)s;
    u->local |= b->space == SP_LOCAL && write;
    if (b->space != SP_SLOT && b->space != SP_FRAG)
        return;
    for (int i = 0; i < u->n; i++)
        if (u->use[i].buf == b && u->use[i].write == write)
            return;
    if (u->n == u->cap) {
        Use *old = u->use;
        u->cap = MAX(4, 2 * u->cap);
        u->use = NEWN(&u->cx->arena, Use, u->cap);
        if (u->n)
            memcpy(u->use, old, sizeof *old * (size_t)u->n);
    }
    u->use[u->n++] = (Use){b, write};
}

static void add_load(Visitor *v, Expr *e)
{
    if (e->kind == E_LOAD)
        add_use(v, NULL, e->buf, false);
}

static Uses uses_of(Cx *cx, Stmt *s)
{
    Uses u = {.cx = cx};
    Visitor v = {.access = add_use, .user = &u}, e = {.expr = add_load, .user = &u};
    if (s->kind == S_IF && has_verbs(s)) {
        walk_expr(&e, s->branch.cond);
    } else if (s->kind == S_LOOP && has_verbs(s)) {
        walk_expr(&e, s->loop.lo);
        walk_expr(&e, s->loop.hi[0]);
    } else {
        Stmt one = *s;
        one.next = NULL;
        walk_stmts(&v, &one);
    }
    return u;
}

static int pipe_number(const Game *g, const Pipe *p)
{
    for (int k = 0; k < g->launch->npipe; k++)
        if (g->launch->pipe[k] == p)
            return k;
    return -1;
}

static int cell_of(Agent *a, const Var *v, const Buf *b)
{
    for (int i = 0; i < a->ncell; i++)
        if (a->cell[i].var == v && a->cell[i].buf == b)
            return i;
    return -1;
}

static void add_cell(Game *g, Agent *a, const Var *v, const Buf *b)
{
    if (cell_of(a, v, b) >= 0)
        return;
    if (a->ncell % 16 == 0) {
        Cell *old = a->cell;
        a->cell = NEWN(&g->cx->arena, Cell, a->ncell + 16);
        if (a->ncell)
            memcpy(a->cell, old, sizeof *old * (size_t)a->ncell);
    }
    a->cell[a->ncell++] = (Cell){v, b};
}

static void add_slot(Game *g, Agent *a, const Buf *b, int pipe)
{
    if (a->nslot % 16 == 0) {
        const Buf **old = a->slot;
        int *was = a->slot_pipe;
        a->slot = NEWN(&g->cx->arena, const Buf *, a->nslot + 16);
        a->slot_pipe = NEWN(&g->cx->arena, int, a->nslot + 16);
        for (int i = 0; i < a->nslot; i++) {
            a->slot[i] = old[i];
            a->slot_pipe[i] = was[i];
        }
    }
    a->slot[a->nslot] = b;
    a->slot_pipe[a->nslot++] = pipe;
}

static NodeKind kind_of(const Stmt *s, const Uses *u)
{
    switch (s->kind) {
    case S_LOOP: return s->loop.how != LOOP_PARALLEL && has_verbs((Stmt *)s) ? N_LOOP : u->local ? N_SCALAR : N_USE;
    case S_IF: return has_verbs((Stmt *)s) ? N_IF : u->local ? N_SCALAR : N_USE;
    case S_VERB: return N_VERB;
    case S_AWAIT: return N_AWAIT;
    case S_TURN: return N_TURN;
    case S_LET: return N_LET;
    case S_TILE: return s->tile.start ? N_GEMM : u->local ? N_SCALAR : N_USE;
    case S_STORE: return s->store.buf->space == SP_LOCAL ? N_SCALAR : s->store.buf->space == SP_SLOT ? N_SEND : N_USE;
    default: return N_USE;
    }
}

static void local_cells(Visitor *v, Stmt *s, Buf *b, bool write)
{
    void **to = v->user;
    (void)s, (void)write;
    if (b->space == SP_LOCAL)
        add_cell(to[0], to[1], NULL, b);
}

static Node *build(Game *g, Agent *a, Stmt *list)
{
    Node *head = NULL, **tail = &head;
    for (Stmt *s = list; s; s = s->next) {
        Uses u = uses_of(g->cx, s);
        if (s->kind == S_ALLOC)
            continue;
        NodeKind kind = kind_of(s, &u);
        if (s->kind == S_ROLE) {                /* of a merged launch: only tells where its statements come from */
            Node *in = build(g, a, s->role.body);
            *tail = in;
            while (*tail)
                tail = &(*tail)->next;
            continue;
        }
        if (kind == N_USE && !u.n)
            continue;
        Node *n = NEW(&g->cx->arena, Node);
        *n = (Node){.kind = kind, .number = ++g->nnode, .s = s, .nuse = u.n, .use = u.use, .pipe = -1};
        if (kind == N_LET)
            add_cell(g, a, s->let.var, NULL);
        if (kind == N_LOOP) {
            add_cell(g, a, s->loop.var[0], NULL);
            n->child = build(g, a, s->loop.body);
        }
        if (kind == N_IF) {
            n->child = build(g, a, s->branch.then);
            n->other = build(g, a, s->branch.other);
        }
        if (kind == N_SCALAR) {
            void *to[2] = {g, a};
            Visitor v = {.access = local_cells, .user = to};
            Stmt one = *s;
            one.next = NULL;
            walk_stmts(&v, &one);
        }
        if (kind == N_SEND)
            n->pipe = pipe_number(g, s->store.buf->pipe);
        if (kind == N_VERB) {
            n->pipe = pipe_number(g, s->verb.pipe);
            n->nuse = 0;
            for (int t = 0; t < s->verb.pipe->ntile && s->verb.slot[t]; t++)
                add_slot(g, a, s->verb.slot[t], n->pipe);
        }
        *tail = n;
        tail = &n->next;
    }
    return head;
}

/* ---- values at a place ---------------------------------------------------------------------- */

typedef struct { Place place; Game *g; State *s; int agent; } Here;

static int slot_of(const Agent *a, const Buf *b)
{
    for (int i = 0; i < a->nslot; i++)
        if (a->slot[i] == b)
            return i;
    return -1;
}

static Val here_var(Place *p, const Var *v)
{
    Here *h = (Here *)p;
    Agent *a = &h->g->agent[h->agent];
    if (v->kind == V_GROUP)
        return val_int(a->group);
    int c = cell_of(a, v, NULL);
    if (c >= 0)
        return *cell_value(h->g, h->s, h->agent, c);
    /* blocks, sizes and scalar parameters: the same variable for all roles. A variable of a loop without verbs is not asked for */
    return val_atom(&h->g->decide, arena_printf(&h->g->cx->arena, "%s@%p", v->name, (const void *)v), v->type == DT_bool, false);
}

/* a value that nobody else can know, and that is another one each time this place is passed: named by the position */
static Val private_value(Here *h, const char *what, DType t)
{
    const Walker *w = &h->s->walker[h->agent];
    Text text = text_new(&h->g->cx->arena);
    text_add(&text, "%s of agent %d at", what, h->agent);
    for (int f = 0; f < w->nframe; f++) {
        text_add(&text, " %d.%lld.", w->frame[f].at ? w->frame[f].at->number : 0, (long long)w->frame[f].left);
        val_print(&text, &w->frame[f].var);
    }
    return val_atom(&h->g->decide, text.s, t == DT_bool, true);
}

static Val slot_load(Here *h, const Expr *e, const Val *idx)
{
    Game *g = h->g;
    const Agent *a = &g->agent[h->agent];
    int slot = slot_of(a, e->buf);
    if (slot < 0)
        return private_value(h, e->buf->name, e->type);
    int ring = g->first_ring[a->slot_pipe[slot]];
    const Pipe *p = g->launch->pipe[a->slot_pipe[slot]];
    int64_t place = *slot_place(g, h->s, h->agent, slot);
    bool scalar = p->ntile == 1 && !p->each && buf_elems(e->buf) == 1;
    if (scalar && p->depth <= SENT)
        return *sent_value(g, h->s, ring, place);
    Text t = text_new(&g->cx->arena);           /* whatever the producer put there: the same for all who read it */
    text_add(&t, "slot %d.%d %lld", ring, e->buf->tile, (long long)place);
    for (int d = 0; d < e->buf->ndim; d++) {
        text_add(&t, ",");
        val_print(&t, &idx[d]);
    }
    return p->each ? private_value(h, e->buf->name, e->type) : val_atom(&g->decide, t.s, e->type == DT_bool, true);
}

static Val here_load(Place *p, const Expr *e, const Val *idx)
{
    Here *h = (Here *)p;
    switch (e->buf->space) {
    case SP_GLOBAL:
    case SP_TEMP: {
        Text t = text_new(&h->g->cx->arena);
        bool varies = false;
        text_add(&t, "%s@%p[", e->buf->name, (const void *)e->buf);
        for (int d = 0; d < e->buf->ndim; d++) {
            val_print(&t, &idx[d]);
            text_add(&t, ",");
            varies |= idx[d].varies;
        }
        return val_atom(&h->g->decide, t.s, e->type == DT_bool, varies);
    }
    case SP_LOCAL: {
        int c = e->buf->ndim == 0 ? cell_of(&h->g->agent[h->agent], NULL, e->buf) : -1;
        return c >= 0 ? *cell_value(h->g, h->s, h->agent, c) : private_value(h, e->buf->name, e->type);
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

typedef enum { MOVED, BLOCKED, CHOOSE, WRONG } Outcome;

static Outcome wrong(Game *g, int agent, const char *why)
{
    g->why = why;
    g->agent_wrong = agent;
    return WRONG;
}

static int64_t least(const Game *g, const Counter *c, unsigned agents, bool done)
{
    int64_t n = INT64_MAX;
    for (int a = 0; a < g->nagent; a++)
        if (agents & 1u << a)
            n = MIN(n, done ? c->done[a] : c->open[a]);
    return n == INT64_MAX ? 0 : n;
}

static bool slot_held(const Game *g, State *s, int agent, int slot)
{
    const Agent *a = &g->agent[agent];
    int64_t place = *slot_place(g, s, agent, slot);
    int ring = (int)(place >> 40);
    (void)a;
    place &= ((int64_t)1 << 40) - 1;
    const Counter *c = &counter(g, s)[ring];
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
                return wrong(g, agent, arena_printf(&g->cx->arena, "'%s' is used here, but its slot is not held any more", b->name));
            continue;
        }
        for (int f = 0; f < w->nflight; f++) {
            const Flight *fl = &w->flight[f];
            bool acc = fl->acc == b, operand = fl->operand[0] == b || fl->operand[1] == b;
            bool chained = n->kind == N_GEMM && n->s->tile.arg[2].buf == b && n->s->tile.arg[0].buf != b && n->s->tile.arg[1].buf != b;
            if ((acc && !chained) || (operand && n->use[i].write))
                return wrong(g, agent, arena_printf(&g->cx->arena, acc ? "'%s' is used while a gemm that was started still adds to it"
                                                    : "'%s' is written while a gemm that was started still reads it", b->name));
        }
    }
    return MOVED;
}

static bool in_flight(const Walker *w, int ring, int64_t place)
{
    for (int f = 0; f < w->nflight; f++)
        for (int k = 0; k < w->flight[f].nslot; k++)
            if (w->flight[f].ring[k] == ring && w->flight[f].slot[k] == place)
                return true;
    return false;
}

static int64_t number(Game *g, State *s, int agent, const Val *v, Outcome *out, int *need)
{
    int64_t x;
    *out = MOVED;
    if (val_known(&g->decide, v, s->choice, s->nchoice, &x, need)) {
        for (int i = 0; i < v->n; i++)
            for (int k = 0; k < s->nchoice; k++)
                if (s->choice[k].atom == v->t[i].atom)
                    s->choice[k].used |= 1u << agent;
        return x;
    }
    *out = CHOOSE;
    return 0;
}

static Outcome do_verb(Game *g, State *s, int agent, const Node *n, int *need)
{
    const Agent *a = &g->agent[agent];
    Walker *w = &s->walker[agent];
    const Pipe *p = n->s->verb.pipe;
    int ring = g->first_ring[n->pipe];
    if (p->each) {
        Here h = here(g, s, agent);
        Val v = eval(&h, n->s->verb.which);
        Outcome o;
        int64_t k = number(g, s, agent, &v, &o, need);
        if (o == CHOOSE)
            return o;
        if (k < 0 || ring + k >= (n->pipe + 1 < g->launch->npipe ? g->first_ring[n->pipe + 1] : g->nring))
            return wrong(g, agent, arena_printf(&g->cx->arena, "'%s' has no ring %lld", p->name, (long long)k));
        ring += (int)k;
    }
    Counter *c = &counter(g, s)[ring];
    const Ring *r = &g->ring[ring];
    int64_t place = c->open[agent];
    switch (n->s->verb.verb) {
    case PV_ACQUIRE:
        if (!(r->from & 1u << agent))
            return wrong(g, agent, arena_printf(&g->cx->arena, "this ring of '%s' belongs to another group", p->name));
        if (place - least(g, c, r->to, true) >= p->depth)
            return BLOCKED;
        c->open[agent]++;
        break;
    case PV_WAIT:
        if (!(r->to & 1u << agent))
            return wrong(g, agent, arena_printf(&g->cx->arena, "this ring of '%s' belongs to another group", p->name));
        if (place >= least(g, c, r->from, true))
            return BLOCKED;
        c->open[agent]++;
        break;
    case PV_COMMIT:
    case PV_RELEASE:
        if (c->done[agent] == c->open[agent])
            return wrong(g, agent, arena_printf(&g->cx->arena, "no slot of '%s' is held here", p->name));
        if (in_flight(w, ring, c->done[agent]))
            return wrong(g, agent, arena_printf(&g->cx->arena, "the slot of '%s' is given back while a gemm that was started still reads it", p->name));
        c->done[agent]++;
        return MOVED;
    default: break;
    }
    for (int t = 0; t < p->ntile; t++) {
        int slot = slot_of(a, n->s->verb.slot[t]);
        if (slot >= 0)
            *slot_place(g, s, agent, slot) = (int64_t)ring << 40 | place;
    }
    return MOVED;
}

static Outcome do_gemm(Game *g, State *s, int agent, const Node *n)
{
    Walker *w = &s->walker[agent];
    if (w->nflight == MAXFLIGHT)
        return wrong(g, agent, "more than 16 gemms are started and not awaited");
    Flight *f = &w->flight[w->nflight++];
    *f = (Flight){.gemm = n->s, .acc = n->s->tile.arg[2].buf};
    for (int k = 0; k < 2; k++) {
        const Buf *b = n->s->tile.arg[k].buf;
        int slot = b->space == SP_SLOT ? slot_of(&g->agent[agent], b) : -1;
        f->operand[k] = b;
        if (slot < 0)
            continue;
        int64_t place = *slot_place(g, s, agent, slot);
        f->ring[f->nslot] = (int)(place >> 40);
        f->slot[f->nslot++] = place & (((int64_t)1 << 40) - 1);
    }
    return MOVED;
}

static Outcome do_turn(Game *g, State *s, int agent, const Node *n)
{
    int o = 0, group = g->agent[agent].group;
    while (o < g->launch->norder && g->launch->order[o] != n->s->turn.order)
        o++;
    if (o >= 8 || o == g->launch->norder)
        return wrong(g, agent, "more than 8 order tokens");
    if (n->s->turn.give) {
        int next = (group + 1) % n->s->turn.order->n;
        if (++s->token[o][next] > 1)
            return wrong(g, agent, arena_printf(&g->cx->arena, "the token '%s' is given twice", n->s->turn.order->name));
        return MOVED;
    }
    if (!s->token[o][group])
        return BLOCKED;
    s->token[o][group]--;
    return MOVED;
}

static void set_cell(Game *g, State *s, int agent, const Var *v, const Buf *b, Val x)
{
    int c = cell_of(&g->agent[agent], v, b);
    if (c >= 0)
        *cell_value(g, s, agent, c) = x;
}

/* what a statement without verbs does to a scalar: named by its text and by what it starts from */
typedef struct { Here *h; Subst sub; Text *text; const Stmt *s; } Effect;

static void effect_read(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Effect *e = v->user;
    (void)s;
    if (b->space == SP_LOCAL && b->ndim == 0 && !write) {
        int c = cell_of(&e->h->g->agent[e->h->agent], NULL, b);
        text_add(e->text, " %s=", b->name);
        if (c >= 0)
            val_print(e->text, cell_value(e->h->g, e->h->s, e->h->agent, c));
    } else if (b->space != SP_GLOBAL && b->space != SP_TEMP && b->space != SP_LOCAL) {
        Val p = private_value(e->h, b->name, DT_int32);
        val_print(e->text, &p);
    }
}

static void effect_var(Visitor *v, Expr *x)
{
    Effect *e = v->user;
    if (x->kind != E_VAR)
        return;
    int c = cell_of(&e->h->g->agent[e->h->agent], x->var, NULL);
    if (c < 0)
        return;                 /* bound in the statement itself, or the same for all */
    text_add(e->text, " %s=", x->var->name);
    val_print(e->text, cell_value(e->h->g, e->h->s, e->h->agent, c));
}

static void effect_write(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Effect *e = v->user;
    (void)s;
    if (write && b->space == SP_LOCAL)
        set_cell(e->h->g, e->h->s, e->h->agent, NULL, b,
                 val_atom(&e->h->g->decide, arena_printf(&e->h->g->cx->arena, "%s after %s", b->name, e->text->s), b->type == DT_bool, true));
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
    Visitor reads = {.access = effect_read, .expr = effect_var, .user = &e}, writes = {.access = effect_write, .user = &e};
    walk_stmts(&reads, &one);
    walk_stmts(&writes, &one);
}

static void do_send(Game *g, State *s, int agent, const Node *n)
{
    const Buf *b = n->s->store.buf;
    int slot = slot_of(&g->agent[agent], b);
    if (slot < 0 || buf_elems(b) != 1 || b->pipe->ntile != 1)
        return;
    int64_t place = *slot_place(g, s, agent, slot);
    Here h = here(g, s, agent);
    *sent_value(g, s, (int)(place >> 40), place & (((int64_t)1 << 40) - 1)) = eval(&h, n->s->store.value);
}

/* ---- one step ------------------------------------------------------------------------------- */

static Outcome enter(Game *g, State *s, int agent, const Node *loop, const Node *body, Val var, int64_t left)
{
    Walker *w = &s->walker[agent];
    if (w->nframe == MAXNEST) {
        g->out_of_reach = "loops and branches are nested too deep";
        return WRONG;
    }
    w->frame[w->nframe++] = (Frame){body, loop, var, left};
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
    int64_t step = l->loop.step > 0 ? l->loop.step : -l->loop.step, count = number(g, s, agent, &span, &o, need);
    if (o == CHOOSE)
        return o;
    count = count <= 0 ? 0 : (count + step - 1) / step;
    s->walker[agent].frame[s->walker[agent].nframe - 1].at = n->next;
    if (!count)
        return MOVED;
    lo.varies = true;
    set_cell(g, s, agent, l->loop.var[0], NULL, lo);
    return enter(g, s, agent, n, n->child, lo, count - 1);
}

static Outcome do_branch(Game *g, State *s, int agent, const Node *n, int *need)
{
    Here h = here(g, s, agent);
    Val c = eval(&h, n->s->branch.cond);
    Outcome o;
    int64_t x = number(g, s, agent, &c, &o, need);
    if (o == CHOOSE)
        return o;
    s->walker[agent].frame[s->walker[agent].nframe - 1].at = n->next;
    const Node *body = x ? n->child : n->other;
    return body ? enter(g, s, agent, NULL, body, val_int(0), 0) : MOVED;
}

static bool finished(const State *s, int agent)
{
    return s->walker[agent].nframe == 0;
}

/* the end of a body: the next iteration, or what follows the loop */
static void leave_body(Game *g, State *s, int agent)
{
    Walker *w = &s->walker[agent];
    Frame *f = &w->frame[w->nframe - 1];
    if (f->left > 0) {
        f->left--;
        f->var = val_add(&g->decide, f->var, val_int(f->loop->s->loop.step), 1);
        f->var.varies = true;
        f->at = f->loop->child;
        set_cell(g, s, agent, f->loop->s->loop.var[0], NULL, f->var);
    } else {
        w->nframe--;
    }
}

static Outcome step(Game *g, State *s, int agent, int *need)
{
    Walker *w = &s->walker[agent];
    Frame *f = &w->frame[w->nframe - 1];
    const Node *n = f->at;
    if (!n) {
        leave_body(g, s, agent);
        return MOVED;
    }
    Outcome o = check_uses(g, s, agent, n);
    if (o != MOVED)
        return o;
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
        set_cell(g, s, agent, n->s->let.var, NULL, floats ? private_value(&h, n->s->let.var->name, DT_float32) : eval(&h, n->s->let.value));
        break;
    }
    case N_SCALAR: do_scalar(g, s, agent, n); break;
    case N_SEND: do_send(g, s, agent, n); break;
    case N_USE: break;
    }
    if (o == MOVED)
        w->frame[w->nframe - 1].at = n->next;
    return o;
}

/* ---- the end -------------------------------------------------------------------------------- */

static const char *agent_name(const Game *g, int a)
{
    const Agent *x = &g->agent[a];
    return x->block && x->block->role.groups > 1 ? arena_printf(&g->cx->arena, "%s %d", role_name[x->role], x->group)
                                                 : role_name[x->role];
}

static Outcome check_end(Game *g, State *s)
{
    for (int r = 0; r < g->nring; r++) {
        const Counter *c = &counter(g, s)[r];
        const char *name = g->ring[r].pipe->name;
        int64_t made = least(g, c, g->ring[r].from, true);
        for (int a = 0; a < g->nagent; a++) {
            if (!((g->ring[r].from | g->ring[r].to) & 1u << a))
                continue;
            if (c->open[a] != c->done[a])
                return wrong(g, a, arena_printf(&g->cx->arena, "at its end %s still holds %lld of the slots of '%s'", agent_name(g, a),
                                                (long long)(c->open[a] - c->done[a]), name));
            if (c->done[a] != made)
                return wrong(g, a, arena_printf(&g->cx->arena, "at the end '%s' was filled %lld times, and %s took %lld", name,
                                                (long long)made, agent_name(g, a), (long long)c->done[a]));
        }
    }
    for (int a = 0; a < g->nagent; a++)
        if (s->walker[a].nflight)
            return wrong(g, a, "a gemm that was started is never awaited");
    for (int o = 0; o < g->launch->norder && o < 8; o++)
        if (g->launch->norder && s->token[o][0] != 1)
            return wrong(g, 0, arena_printf(&g->cx->arena, "at the end the token '%s' is not back at group 0", g->launch->order[o]->name));
    return MOVED;
}

/* ---- exploring ------------------------------------------------------------------------------ */

enum { MAXSTEPS = 4000000, MAXPOSITIONS = 60000 };

static void mix(uint64_t h[2], const void *data, size_t n)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < n; i++) {
        h[0] = (h[0] ^ p[i]) * 0x100000001B3u;
        h[1] = (h[1] + p[i] + 1) * 0x9E3779B97F4A7C15u;
        h[1] ^= h[1] >> 29;
    }
}

static void mix_val(uint64_t h[2], const Val *v)
{
    mix(h, &v->k, sizeof v->k);
    mix(h, &v->n, sizeof v->n);
    for (int i = 0; i < v->n; i++) {
        mix(h, &v->t[i].atom, sizeof v->t[i].atom);
        mix(h, &v->t[i].coef, sizeof v->t[i].coef);
    }
}

static void hash_state(Game *g, State *s, uint64_t h[2])
{
    h[0] = 0xcbf29ce484222325u;
    h[1] = 1;
    for (int a = 0; a < g->nagent; a++) {
        const Walker *w = &s->walker[a];
        mix(h, &w->nframe, sizeof w->nframe);
        mix(h, &w->nflight, sizeof w->nflight);
        for (int f = 0; f < w->nframe; f++) {
            int at = w->frame[f].at ? w->frame[f].at->number : 0;
            mix(h, &at, sizeof at);
            mix(h, &w->frame[f].left, sizeof w->frame[f].left);
            mix_val(h, &w->frame[f].var);
        }
        for (int c = 0; c < g->agent[a].ncell; c++)
            mix_val(h, cell_value(g, s, a, c));
    }
    for (int r = 0; r < g->nring; r++) {
        mix(h, &counter(g, s)[r], sizeof(Counter));
        for (int k = 0; k < SENT; k++)
            mix_val(h, sent_value(g, s, r, k));
    }
    for (int k = 0; k < s->nchoice; k++) {
        mix(h, &s->choice[k].atom, sizeof s->choice[k].atom);
        mix(h, &s->choice[k].value, sizeof s->choice[k].value);
        mix(h, &s->choice[k].used, sizeof s->choice[k].used);
    }
    mix(h, s->token, sizeof s->token);
}

static bool seen_before(Game *g, State *s)
{
    uint64_t h[2];
    hash_state(g, s, h);
    if (2 * (g->nseen + 1) > g->capseen) {
        uint64_t (*old)[2] = g->seen;
        int n = g->capseen;
        g->capseen = MAX(1024, 2 * n);
        g->seen = (void *)NEWN(&g->cx->arena, uint64_t, 2 * (size_t)g->capseen);
        for (int i = 0; i < n; i++)
            if (old[i][0] | old[i][1]) {
                size_t k = old[i][0] & (size_t)(g->capseen - 1);
                while (g->seen[k][0] | g->seen[k][1])
                    k = (k + 1) & (size_t)(g->capseen - 1);
                g->seen[k][0] = old[i][0];
                g->seen[k][1] = old[i][1];
            }
    }
    size_t k = h[0] & (size_t)(g->capseen - 1);
    for (; g->seen[k][0] | g->seen[k][1]; k = (k + 1) & (size_t)(g->capseen - 1))
        if (g->seen[k][0] == h[0] && g->seen[k][1] == h[1])
            return true;
    g->seen[k][0] = h[0];
    g->seen[k][1] = h[1];
    g->nseen++;
    return false;
}

/* A choice of one iteration is forgotten when everybody has used it who decides anything at that depth of loops: if it is chosen again,
   and differently, this only adds cases. */
static void forget(Game *g, State *s)
{
    int n = 0;
    for (int k = 0; k < s->nchoice; k++)
        if (s->choice[k].wanted & ~s->choice[k].used || !g->decide.atom[s->choice[k].atom].varies)
            s->choice[n++] = s->choice[k];
    s->nchoice = n;
}

static int loops_around(const Walker *w)
{
    int n = 0;
    for (int f = 0; f < w->nframe; f++)
        n += w->frame[f].loop != NULL;
    return n;
}

/* runs everybody as far as it goes; CHOOSE: nobody can go on without *need */
static Outcome run(Game *g, State *s, int *need)
{
    for (bool moved = true; moved;) {
        moved = false;
        *need = -1;
        for (int a = 0; a < g->nagent; a++) {
            Walker *w = &s->walker[a];
            w->stuck_on_choice = false;
            while (!finished(s, a)) {
                int atom = -1;
                Outcome o = step(g, s, a, &atom);
                if (o == WRONG)
                    return o;
                if (o == CHOOSE) {
                    w->stuck_on_choice = true;
                    if (*need < 0 || (g->decide.atom[*need].boolean && !g->decide.atom[atom].boolean)) {
                        *need = atom;           /* counts first: conditions may follow from them */
                        g->need_nest = loops_around(w);
                    }
                }
                if (o != MOVED)
                    break;
                moved = true;
                if (++g->steps > MAXSTEPS) {
                    g->out_of_reach = "it has too many cases to play";
                    return WRONG;
                }
            }
        }
    }
    bool done = true;
    for (int a = 0; a < g->nagent; a++) {
        done &= finished(s, a);
        if (s->walker[a].stuck_on_choice)
            return CHOOSE;
    }
    return done ? check_end(g, s) : BLOCKED;
}

/* ---- telling what went wrong ---------------------------------------------------------------- */

static const Node *stands_at(const State *s, int agent)
{
    const Walker *w = &s->walker[agent];
    for (int f = w->nframe - 1; f >= 0; f--)
        if (w->frame[f].at)
            return w->frame[f].at;
    return NULL;
}

static const char *place_text(Game *g, const Node *n)
{
    Span at = n->s->span;
    if (!at.file)
        return stmt_line(g->cx, n->s);
    int line, col;
    span_line_col(g->cx, at, &line, &col);
    return arena_printf(&g->cx->arena, "%s:%d: %s", g->cx->source[at.file]->path, line, stmt_line(g->cx, n->s));
}

static const char *blocked_text(Game *g, State *s, int agent, const Node *n)
{
    if (n->kind == N_TURN)
        return "waits for its turn";
    if (n->kind != N_VERB)
        return "";
    int ring = g->first_ring[n->pipe];
    const Pipe *p = g->launch->pipe[n->pipe];
    if (p->each) {
        Here h = here(g, s, agent);
        Val v = eval(&h, n->s->verb.which);
        ring += v.n ? 0 : (int)v.k;
    }
    const Counter *c = &counter(g, s)[ring];
    if (n->s->verb.verb == PV_ACQUIRE)
        return arena_printf(&g->cx->arena, "no free slot: %lld acquired, %lld released, depth %d", (long long)c->open[agent],
                            (long long)least(g, c, g->ring[ring].to, true), p->depth);
    return arena_printf(&g->cx->arena, "nothing there: %lld committed, %lld taken", (long long)least(g, c, g->ring[ring].from, true),
                        (long long)c->open[agent]);
}

/* the choices, every role's counts, and where it stands */
static void tell(Game *g, State *s, const char *what, Text *out)
{
    text_add(out, "%s\n", what);
    for (int k = 0; k < s->nchoice && k < 8; k++) {
        const char *t = g->decide.atom[s->choice[k].atom].text, *at = strchr(t, '@');
        int n = at && !strchr(t, '(') ? (int)(at - t) : (int)strlen(t);
        text_add(out, "    %s %.*s = %lld\n", k ? "and " : "with", MIN(n, 60), t, (long long)s->choice[k].value);
    }
    for (int a = 0; a < g->nagent; a++) {
        text_add(out, "    %-10s", agent_name(g, a));
        for (int r = 0; r < g->nring; r++) {
            const Counter *c = &counter(g, s)[r];
            const Ring *ring = &g->ring[r];
            bool from = ring->from & 1u << a;
            if (!((ring->from | ring->to) & 1u << a))
                continue;
            text_add(out, ring->pipe->each ? " %s[%d]" : " %s", ring->pipe->name, ring->group);
            text_add(out, from ? " acquired %lld committed %lld;" : " waited %lld released %lld;", (long long)c->open[a], (long long)c->done[a]);
        }
        const Node *n = stands_at(s, a);
        if (finished(s, a) || !n)
            text_add(out, " at its end\n");
        else
            text_add(out, "\n               stands at %s   %s\n", place_text(g, n), blocked_text(g, s, a, n));
    }
}

static bool explore(Game *g, State *s, int depth, Text *why)
{
    int need = -1;
    Outcome o = run(g, s, &need);
    if (o == MOVED)
        return true;
    if (o == WRONG) {
        if (g->out_of_reach)
            text_add(why, "the game cannot be played to its end: %s\n", g->out_of_reach);
        else
            tell(g, s, arena_printf(&g->cx->arena, "%s: %s", agent_name(g, g->agent_wrong), g->why), why);
        return false;
    }
    if (o == BLOCKED) {
        tell(g, s, "nobody can go on", why);
        return false;
    }
    forget(g, s);
    if (seen_before(g, s))
        return true;
    if (depth == MAXCHOICE || s->nchoice == MAXCHOICE || ++g->positions > MAXPOSITIONS) {
        text_add(why, "the game cannot be played to its end: it has too many cases\n");
        return false;
    }
    if (!g->pool[depth])
        g->pool[depth] = arena_alloc(&g->cx->arena, g->bytes);
    int nest = g->need_nest;
    int64_t lo, hi;
    decide_range(&g->decide, need, &lo, &hi);
    for (int64_t v = lo; v <= hi; v++) {
        State *n = g->pool[depth];
        memcpy(n, s, g->bytes);
        n->choice[n->nchoice++] = (Choice){need, v, 0, g->decides[nest]};
        if (!explore(g, n, depth + 1, why))
            return false;
    }
    return true;
}

/* ---- setting up ----------------------------------------------------------------------------- */

/* numbers that stand beside counts: peeled iterations, small comparisons */
static void literals(const Expr *e, int64_t *most)
{
    if (e->kind == E_INT && e->i >= -32 && e->i <= 32)
        *most = MAX(*most, e->i < 0 ? -e->i : e->i);
    if (e->kind == E_CAST)
        literals(e->arg[0], most);
    if (e->kind != E_OP)
        return;
    Rule r = op_info[e->op].rule;
    if (e->op == OP_add || e->op == OP_sub || e->op == OP_neg || r == RULE_cmp || r == RULE_logic || e->op == OP_select)
        for (int i = 0; i < op_info[e->op].nargs; i++)
            literals(e->arg[i], most);
}

static void literal_stmt(const Node *n, int64_t *most)
{
    for (; n; n = n->next) {
        if (n->kind == N_LET)
            literals(n->s->let.value, most);
        if (n->kind == N_LOOP) {
            literals(n->s->loop.lo, most);
            if (n->s->loop.hi[0]->kind != E_INT)
                literals(n->s->loop.hi[0], most);
            literal_stmt(n->child, most);
        }
        if (n->kind == N_IF) {
            literals(n->s->branch.cond, most);
            literal_stmt(n->child, most);
            literal_stmt(n->other, most);
        }
    }
}

static void find_decisions(Game *g, int agent, const Node *n, int nest)
{
    for (; n; n = n->next) {
        if (n->kind == N_LOOP || n->kind == N_IF)
            for (int d = 0; d <= nest && d <= MAXNEST; d++)
                g->decides[d] |= 1u << agent;
        find_decisions(g, agent, n->child, nest + (n->kind == N_LOOP));
        find_decisions(g, agent, n->other, nest);
    }
}

static bool add_agents(Game *g, Text *why)
{
    const Launch *l = g->launch;
    if (!l->npipe) {            /* one sequence: only its gemms can go wrong */
        g->agent[0] = (Agent){.role = R_COMPUTE};
        g->nagent = 1;
        g->agent[0].body = build(g, &g->agent[0], l->body);
        return true;
    }
    for (Stmt *s = l->body; s; s = s->next) {
        if (s->kind != S_ROLE)
            continue;
        for (int k = 0; k < s->role.groups; k++) {
            if (g->nagent == MAXAGENT || k == MAXGROUPS) {
                text_add(why, "the game is for at most %d groups\n", MAXGROUPS);
                return false;
            }
            Agent *a = &g->agent[g->nagent++];
            *a = (Agent){.role = s->role.role, .group = k, .block = s};
            a->body = build(g, a, s->role.body);
        }
    }
    return true;
}

static unsigned agents_of(const Game *g, unsigned roles, bool each, int group)
{
    unsigned set = 0;
    for (int a = 0; a < g->nagent; a++)
        if (roles & 1u << g->agent[a].role && (!each || g->agent[a].role != R_COMPUTE || g->agent[a].group == group))
            set |= 1u << a;
    return set;
}

static void add_rings(Game *g)
{
    const Launch *l = g->launch;
    int groups = 1;
    for (int a = 0; a < g->nagent; a++)
        if (g->agent[a].role == R_COMPUTE && g->agent[a].block)
            groups = g->agent[a].block->role.groups;
    g->first_ring = NEWN(&g->cx->arena, int, l->npipe + 1);
    g->ring = NEWN(&g->cx->arena, Ring, l->npipe * groups + 1);
    for (int k = 0; k < l->npipe; k++) {
        const Pipe *p = l->pipe[k];
        g->first_ring[k] = g->nring;
        for (int i = 0; i < (p->each ? groups : 1); i++)
            g->ring[g->nring++] = (Ring){p, i, agents_of(g, 1u << p->from, p->each, i), agents_of(g, p->to, p->each, i)};
        g->decide.reach = MAX(g->decide.reach, 2 * p->depth + 2);
    }
}

static bool play(Game *g, Text *why)
{
    const Launch *l = g->launch;
    State *s = arena_alloc(&g->cx->arena, g->bytes);
    for (int a = 0; a < g->nagent; a++) {
        s->walker[a].nframe = 1;
        s->walker[a].frame[0] = (Frame){.at = g->agent[a].body};
    }
    for (int o = 0; o < l->norder && o < 8; o++)
        s->token[o][0] = 1;
    g->seen = NULL;
    g->nseen = g->capseen = 0;
    g->steps = g->positions = 0;
    g->why = g->out_of_reach = NULL;
    return explore(g, s, 0, why);
}

bool check_protocol(Cx *cx, const Launch *l, Text *why)
{
    Game *g = NEW(&cx->arena, Game);
    g->cx = cx;
    g->launch = l;
    g->decide.cx = cx;
    if (!add_agents(g, why))
        return false;
    add_rings(g);
    int64_t most = 0;
    for (int a = 0; a < g->nagent; a++) {
        literal_stmt(g->agent[a].body, &most);
        find_decisions(g, a, g->agent[a].body, 0);
    }
    g->decide.shift = most;
    g->bytes = state_bytes(g);
    for (;;) {                  /* a condition may have been asked before the loop that tells that its operand counts: then once more */
        int counts = g->decide.ncount;
        Text t = text_new(&cx->arena);
        if (play(g, &t))
            return true;
        if (g->decide.ncount == counts) {
            text_put(why, t.s, t.n);
            return false;
        }
    }
}
