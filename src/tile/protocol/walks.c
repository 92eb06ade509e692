/* What a role's text comes down to: verbs, awaits, turns, started gemms, the loops and branches
   around them, scalars, and every use of a slot or fragment. The rest cannot get stuck and is left
   out. */
#include "tile/protocol/protocol.h"
#include <string.h>

static bool is_verb(void *user, const Stmt *s)
{
    (void)user;
    return s->kind == S_VERB || s->kind == S_AWAIT || s->kind == S_TURN ||
           (s->kind == S_TILE && s->tile.start);
}

static bool has_verbs(const Stmt *s)
{
    Stmt one = *s;
    one.next = NULL;
    return stmt_any(&one, is_verb, NULL);
}

/* accumulators of gemms that are started: whether a branch touches them is for its condition to say */
static void find_started(Visitor *v, Stmt *s)
{
    Game *g = v->user;
    if (s->kind != S_TILE || !s->tile.start) return;
    g->started =
        arena_grow(&g->cx->arena, g->started, g->nstarted, &g->capstarted, sizeof *g->started);
    g->started[g->nstarted++] = s->tile.arg[2].buf;
}

typedef struct {
    const Game *g;
    bool found;
} Touch;

static void touch(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Touch *t = v->user;
    (void)s, (void)write;
    for (int i = 0; i < t->g->nstarted; i++) t->found |= t->g->started[i] == b;
}

static bool touches_started(const Game *g, Stmt *one)
{
    Touch t = {.g = g};
    Visitor v = {.access = touch, .user = &t};
    if (g->nstarted) walk_stmts(&v, one);
    return t.found;
}

typedef struct {
    Game *g;
    Agent *agent;
    Node *node;
    bool local; /* it sets scalars */
} Uses;

static int find_name(const Game *g, const Agent *a, const void *what)
{
    for (int i = a->name; i < a->name + a->nname; i++)
        if (g->name[i].what == what) return i;
    return -1;
}

int game_name(const Game *g, const void *what)
{
    return find_name(g, &g->agent[g->now], what);
}

static void add_name(Game *g, Agent *a, const void *what, int pipe)
{
    if (find_name(g, a, what) >= 0) return;
    g->name = arena_grow(&g->cx->arena, g->name, g->nname, &g->capname, sizeof *g->name);
    g->name[g->nname++] = (Named){what, pipe};
    a->nname++;
}

static void add_use(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Uses *u = v->user;
    Node *n = u->node;
    (void)s;
    u->local |= b->space == SP_LOCAL && write;
    if (b->space != SP_SLOT && b->space != SP_FRAG) return;
    for (int i = 0; i < n->nuse; i++)
        if (n->use[i].buf == b && n->use[i].write == write) return;
    n->use = arena_grow(&u->g->cx->arena, n->use, n->nuse, &n->capuse, sizeof *n->use);
    n->use[n->nuse++] = (Use){b, write};
}

static void add_load(Visitor *v, Expr *e)
{
    if (e->kind == E_LOAD) add_use(v, NULL, e->buf, false);
}

static void add_local(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Uses *u = v->user;
    (void)s, (void)write;
    if (b->space == SP_LOCAL) add_name(u->g, u->agent, b, -1);
}

static int pipe_number(const Game *g, const Pipe *p)
{
    int k = 0;
    while (k < g->launch->npipe && g->launch->pipe[k] != p) k++;
    return k < g->launch->npipe ? k : -1;
}

static NodeKind kind_of(const Stmt *s, bool verbs, bool local)
{
    switch (s->kind) {
    case S_VERB: return N_VERB;
    case S_AWAIT: return N_AWAIT;
    case S_TURN: return N_TURN;
    case S_LET: return N_LET;
    case S_LOOP:
        if (verbs && s->loop.how != LOOP_PARALLEL) return N_LOOP;
        break;
    case S_IF:
        if (verbs) return N_IF;
        break;
    case S_TILE:
        if (s->tile.start) return N_GEMM;
        break;
    case S_STORE:
        if (s->store.buf->space == SP_SLOT) return N_SEND;
        break;
    default: return N_USE;
    }
    return local ? N_SCALAR : N_USE;
}

static Node *build(Game *g, Agent *a, Stmt *list);

static Node *build_node(Game *g, Agent *a, Stmt *s)
{
    Node *n = NEW(&g->cx->arena, Node);
    Uses u = {.g = g, .agent = a, .node = n};
    Visitor uses = {.access = add_use, .user = &u}, loads = {.expr = add_load, .user = &u},
            locals = {.access = add_local, .user = &u};
    Stmt one = *s;
    one.next = NULL;
    bool verbs = has_verbs(s) || (s->kind == S_IF && touches_started(g, &one));
    *n = (Node){.s = s, .number = ++g->nnode, .pipe = -1};
    if (s->kind == S_IF && verbs) {
        walk_expr(&loads, s->branch.cond);
    } else if (s->kind == S_LOOP && verbs) {
        walk_expr(&loads, s->loop.lo);
        walk_expr(&loads, s->loop.hi[0]);
    } else if (s->kind != S_VERB) {
        walk_stmts(&uses, &one);
    }
    n->kind = kind_of(s, verbs, u.local);
    switch (n->kind) {
    case N_USE: return n->nuse ? n : NULL;
    case N_LET: add_name(g, a, s->let.var, -1); break;
    case N_LOOP:
        add_name(g, a, s->loop.var[0], -1);
        n->child = build(g, a, s->loop.body);
        break;
    case N_IF:
        n->child = build(g, a, s->branch.then);
        n->other = build(g, a, s->branch.other);
        break;
    case N_SCALAR: walk_stmts(&locals, &one); break;
    case N_SEND: n->pipe = pipe_number(g, s->store.buf->pipe); break;
    case N_VERB:
        n->pipe = pipe_number(g, s->verb.pipe);
        for (int t = 0; t < s->verb.pipe->ntile && s->verb.slot[t]; t++)
            add_name(g, a, s->verb.slot[t], n->pipe);
        break;
    default: break;
    }
    return n;
}

static Node *build(Game *g, Agent *a, Stmt *list)
{
    Node *head = NULL, **tail = &head;
    for (Stmt *s = list; s; s = s->next) {
        if (s->kind == S_ALLOC) continue;
        /* a role in a merged launch only tells where its statements come from */
        *tail = s->kind == S_ROLE ? build(g, a, s->role.body) : build_node(g, a, s);
        while (*tail) tail = &(*tail)->next;
    }
    return head;
}

/* ---- agents and rings ----------------------------------------------------------------------- */

static void find_written(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Game *g = v->user;
    (void)s;
    if (!write || (b->space != SP_GLOBAL && b->space != SP_TEMP) || game_writes(g, b)) return;
    g->written =
        arena_grow(&g->cx->arena, g->written, g->nwritten, &g->capwritten, sizeof *g->written);
    g->written[g->nwritten++] = b;
}

bool game_writes(const Game *g, const Buf *b)
{
    for (int i = 0; i < g->nwritten; i++)
        if (g->written[i] == b) return true;
    return false;
}

static void add_agent(Game *g, Role role, int group, const Stmt *block, Stmt *body)
{
    Agent *a = &g->agent[g->nagent++];
    *a = (Agent){.role = role, .group = group, .block = block, .name = g->nname};
    a->body = build(g, a, body);
}

bool game_agents(Game *g, Text *why)
{
    Visitor written = {.stmt = find_started, .access = find_written, .user = g};
    walk_stmts(&written, g->launch->body);
    const Launch *l = g->launch;
    if (!l->npipe) { /* one sequence: only its gemms can go wrong */
        add_agent(g, R_COMPUTE, 0, NULL, l->body);
        return true;
    }
    for (Stmt *s = l->body; s; s = s->next) {
        if (s->kind != S_ROLE) continue;
        for (int k = 0; k < s->role.groups; k++) {
            if (g->nagent == MAXAGENT || k == MAXGROUPS) {
                text_add(why, "the game is for at most %d groups\n", MAXGROUPS);
                return false;
            }
            add_agent(g, s->role.role, k, s, s->role.body);
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
        g->deepest = MAX(g->deepest, p->depth);
    }
    g->first_ring[l->npipe] = g->nring;
}
