/* What a role's text comes down to: verbs, awaits, turns, started gemms, the loops and branches
   around them, scalars, and every use of a slot or fragment. The rest cannot get stuck and is left
   out. */
#include "tile/protocol/protocol.h"
#include <string.h>

static void find_verbs(Visitor *v, Stmt *s)
{
    if (s->kind == S_VERB || s->kind == S_AWAIT || s->kind == S_TURN ||
        (s->kind == S_TILE && s->tile.start))
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

typedef struct {
    Cx *cx;
    int n, cap;
    Use *use;
    bool local;
} Uses;

static void add_use(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Uses *u = v->user;
    (void)s;
    u->local |= b->space == SP_LOCAL && write;
    if (b->space != SP_SLOT && b->space != SP_FRAG) return;
    for (int i = 0; i < u->n; i++)
        if (u->use[i].buf == b && u->use[i].write == write) return;
    if (u->n == u->cap) {
        Use *old = u->use;
        u->cap = MAX(4, 2 * u->cap);
        u->use = NEWN(&u->cx->arena, Use, u->cap);
        if (u->n) memcpy(u->use, old, sizeof *old * (size_t)u->n);
    }
    u->use[u->n++] = (Use){b, write};
}

static void add_load(Visitor *v, Expr *e)
{
    if (e->kind == E_LOAD) add_use(v, NULL, e->buf, false);
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
        if (g->launch->pipe[k] == p) return k;
    return -1;
}

int cell_of(const Agent *a, const Var *v, const Buf *b)
{
    for (int i = 0; i < a->ncell; i++)
        if (a->cell[i].var == v && a->cell[i].buf == b) return i;
    return -1;
}

static void add_cell(Game *g, Agent *a, const Var *v, const Buf *b)
{
    if (cell_of(a, v, b) >= 0) return;
    if (a->ncell % 16 == 0) {
        Cell *old = a->cell;
        a->cell = NEWN(&g->cx->arena, Cell, a->ncell + 16);
        if (a->ncell) memcpy(a->cell, old, sizeof *old * (size_t)a->ncell);
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
    case S_LOOP:
        return s->loop.how != LOOP_PARALLEL && has_verbs((Stmt *)s) ? N_LOOP
               : u->local                                           ? N_SCALAR
                                                                    : N_USE;
    case S_IF: return has_verbs((Stmt *)s) ? N_IF : u->local ? N_SCALAR : N_USE;
    case S_VERB: return N_VERB;
    case S_AWAIT: return N_AWAIT;
    case S_TURN: return N_TURN;
    case S_LET: return N_LET;
    case S_TILE: return s->tile.start ? N_GEMM : u->local ? N_SCALAR : N_USE;
    case S_STORE:
        return s->store.buf->space == SP_LOCAL  ? N_SCALAR
               : s->store.buf->space == SP_SLOT ? N_SEND
                                                : N_USE;
    default: return N_USE;
    }
}

static void local_cells(Visitor *v, Stmt *s, Buf *b, bool write)
{
    void **to = v->user;
    (void)s, (void)write;
    if (b->space == SP_LOCAL) add_cell(to[0], to[1], NULL, b);
}

static Node *build(Game *g, Agent *a, Stmt *list)
{
    Node *head = NULL, **tail = &head;
    for (Stmt *s = list; s; s = s->next) {
        Uses u = uses_of(g->cx, s);
        if (s->kind == S_ALLOC) continue;
        NodeKind kind = kind_of(s, &u);
        if (s->kind == S_ROLE) { /* of a merged launch: only tells where its statements come from */
            Node *in = build(g, a, s->role.body);
            *tail = in;
            while (*tail) tail = &(*tail)->next;
            continue;
        }
        if (kind == N_USE && !u.n) continue;
        Node *n = NEW(&g->cx->arena, Node);
        *n = (Node){
            .kind = kind, .number = ++g->nnode, .s = s, .nuse = u.n, .use = u.use, .pipe = -1};
        if (kind == N_LET) add_cell(g, a, s->let.var, NULL);
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
        if (kind == N_SEND) n->pipe = pipe_number(g, s->store.buf->pipe);
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

/* ---- agents and rings ----------------------------------------------------------------------- */

static void find_written(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Game *g = v->user;
    (void)s;
    if (!write || (b->space != SP_GLOBAL && b->space != SP_TEMP) || game_writes(g, b)) return;
    if (g->nwritten % 16 == 0) {
        const Buf **old = g->written;
        g->written = NEWN(&g->cx->arena, const Buf *, g->nwritten + 16);
        for (int i = 0; i < g->nwritten; i++) g->written[i] = old[i];
    }
    g->written[g->nwritten++] = b;
}

bool game_writes(const Game *g, const Buf *b)
{
    for (int i = 0; i < g->nwritten; i++)
        if (g->written[i] == b) return true;
    return false;
}

bool game_agents(Game *g, Text *why)
{
    Visitor written = {.access = find_written, .user = g};
    walk_stmts(&written, g->launch->body);
    const Launch *l = g->launch;
    if (!l->npipe) { /* one sequence: only its gemms can go wrong */
        g->agent[0] = (Agent){.role = R_COMPUTE};
        g->nagent = 1;
        g->agent[0].body = build(g, &g->agent[0], l->body);
        return true;
    }
    for (Stmt *s = l->body; s; s = s->next) {
        if (s->kind != S_ROLE) continue;
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
        if (roles & 1u << g->agent[a].role &&
            (!each || g->agent[a].role != R_COMPUTE || g->agent[a].group == group))
            set |= 1u << a;
    return set;
}

void game_rings(Game *g)
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
            g->ring[g->nring++] = (Ring){p, i, agents_of(g, 1u << p->from, p->each, i),
                                         agents_of(g, p->to, p->each, i)};
        g->deepest = MAX(g->deepest, MIN(p->depth, g->cap));
    }
}
