/* The token game: the verbs of all roles are played over the real depths and group counts.
   docs/protocol.md says what a won game proves.

   Every role is a resumable walk over the part of its structure that matters: verbs, awaits, turns,
   loops and branches around them, scalars, and every use of a slot or of a fragment that a started
   gemm holds. Counters only grow and nobody's move takes a move away from another, so one greedy
   run decides a case. What decides a trip count or a branch is chosen once, for all roles
   (values.c), when nobody can move without it. The cases are explored depth first. A position from
   which all cases were won is kept with the earlier choices that mattered there, and is not
   explored again where these are the same. */
#include "tile/protocol/protocol.h"
#include <string.h>

/* ---- the end -------------------------------------------------------------------------------- */

static Outcome check_end(Game *g)
{
    for (int r = 0; r < g->nring; r++) {
        const Counter *c = &g->s->counter[r];
        const char *name = g->ring[r].pipe->name;
        int64_t made = ring_least(g, r, g->ring[r].from);
        for (int a = 0; a < g->nagent; a++) {
            if (!((g->ring[r].from | g->ring[r].to) & 1u << a)) continue;
            if (c->open[a] != c->done[a])
                return game_wrong(g, a, "at its end %s still holds %lld of the slots of '%s'",
                                  agent_name(g, a), (long long)(c->open[a] - c->done[a]), name);
            if (c->done[a] != made)
                return game_wrong(g, a, "at the end '%s' was filled %lld times, and %s took %lld",
                                  name, (long long)made, agent_name(g, a), (long long)c->done[a]);
        }
    }
    for (int a = 0; a < g->nagent; a++)
        if (g->s->walker[a].nflight)
            return game_wrong(g, a, "a gemm that was started is never awaited");
    for (int o = 0; o < MIN(g->launch->norder, MAXTOKEN); o++)
        if (g->s->token[o][0] != 1)
            return game_wrong(g, 0, "at the end the token '%s' is not back at group 0",
                              g->launch->order[o]->name);
    return MOVED;
}

/* ---- positions ------------------------------------------------------------------------------ */

enum { MAXSTEPS = 4000000, NBUCKET = 4096 };

static State *state_new(Game *g)
{
    Arena *a = &g->cx->arena;
    State *s = NEW(a, State);
    s->walker = NEWN(a, Walker, g->nagent);
    s->counter = NEWN(a, Counter, g->nring);
    s->cell = NEWN(a, Val, g->nname);
    s->sent = NEWN(a, Val, SENT * g->nring);
    s->slot = NEWN(a, Place, g->nname);
    return s;
}

static void state_copy(const Game *g, State *to, const State *from)
{
    memcpy(to->walker, from->walker, sizeof *to->walker * (size_t)g->nagent);
    memcpy(to->counter, from->counter, sizeof *to->counter * (size_t)g->nring);
    memcpy(to->cell, from->cell, sizeof *to->cell * (size_t)g->nname);
    memcpy(to->sent, from->sent, sizeof *to->sent * SENT * (size_t)g->nring);
    memcpy(to->slot, from->slot, sizeof *to->slot * (size_t)g->nname);
    memcpy(to->token, from->token, sizeof to->token);
    to->nmove = from->nmove;
}

/* two sums of a position, different ones */
typedef struct {
    uint64_t a, b;
} Key;

static void mix(Key *h, int64_t x)
{
    h->a = (h->a ^ (uint64_t)x) * 0x9E3779B97F4A7C15u;
    h->a ^= h->a >> 32;
    h->b = (h->b + (uint64_t)x + 1) * 0xD6E8FEB86659FD93u;
    h->b ^= h->b >> 29;
}

static void mix_val(Key *h, const Val *v)
{
    mix(h, v->k);
    mix(h, v->step);
    mix(h, v->iter);
    mix(h, (int64_t)v->loop * MAXTERMS + v->n);
    for (int i = 0; i < v->n; i++) {
        mix(h, v->t[i].atom);
        mix(h, v->t[i].coef);
    }
}

/* a ring counts from the oldest slot that somebody still has to give back */
static void mix_ring(Key *h, const Game *g, int r)
{
    const Counter *c = &g->s->counter[r];
    unsigned in = g->ring[r].from | g->ring[r].to;
    int64_t base = ring_least(g, r, in), end = base;
    for (int a = 0; a < g->nagent; a++) {
        const Agent *x = &g->agent[a];
        if (!(in & 1u << a)) continue;
        mix(h, c->open[a] - base);
        mix(h, c->done[a] - base);
        end = MAX(end, c->open[a]);
        for (int k = x->name; k < x->name + x->nname; k++) {
            if (g->name[k].pipe < 0) continue;
            Place p = g->s->slot[k];
            bool held = p.ring == r && p.at >= c->done[a] && p.at < c->open[a];
            mix(h, held ? p.at - base : -1);
        }
    }
    for (; base < end; base++) mix_val(h, &g->s->sent[r * SENT + base % SENT]);
}

static Key key_of(const Game *g)
{
    Key h = {1, 1};
    for (int a = 0; a < g->nagent; a++) {
        const Walker *w = &g->s->walker[a];
        mix(&h, w->nframe * MAXFLIGHT + w->nflight);
        for (int f = 0; f < w->nframe; f++) {
            mix(&h, w->frame[f].at ? w->frame[f].at->number : 0);
            mix(&h, w->frame[f].left);
        }
        for (int f = 0; f < w->nflight; f++) {
            const Flight *x = &w->flight[f];
            mix(&h, (intptr_t)x->gemm);
            for (int k = 0; k < x->nslot; k++)
                mix(&h, x->slot[k].at - g->s->counter[x->slot[k].ring].done[a]);
        }
    }
    for (int c = 0; c < g->nname; c++) mix_val(&h, &g->s->cell[c]);
    for (int r = 0; r < g->nring; r++) mix_ring(&h, g, r);
    for (int o = 0; o < MIN(g->launch->norder, MAXTOKEN); o++)
        for (int k = 0; k < MAXGROUPS; k++) mix(&h, g->s->token[o][k]);
    return h;
}

/* a position from which every case was won, as long as these choices are as they were */
struct Won {
    Won *next;
    Key key;
    int n;
    struct {
        int atom;
        int64_t value;
    } choice[];
};

static bool won_before(Game *g, Key key)
{
    for (const Won *w = g->won[key.a % NBUCKET]; w; w = w->next) {
        bool same = w->key.a == key.a && w->key.b == key.b;
        for (int i = 0; i < w->n && same; i++) {
            const Atom *a = &g->atom[w->choice[i].atom];
            same = a->chosen && a->value == w->choice[i].value;
        }
        for (int i = 0; i < w->n && same; i++) g->atom[w->choice[i].atom].asked = ++g->clock;
        if (same) return true;
    }
    return false;
}

/* of the choices made before, those that were asked for since then */
static void keep_won(Game *g, Key key, int nmade, int64_t since)
{
    int n = 0;
    for (int i = 0; i < nmade; i++) n += g->atom[g->made[i]].asked > since;
    Won *w = arena_alloc(&g->cx->arena, sizeof *w + sizeof *w->choice * (size_t)n);
    w->key = key;
    for (int i = 0; i < nmade; i++) {
        const Atom *a = &g->atom[g->made[i]];
        if (a->asked <= since) continue;
        w->choice[w->n].atom = g->made[i];
        w->choice[w->n++].value = a->value;
    }
    w->next = g->won[key.a % NBUCKET];
    g->won[key.a % NBUCKET] = w;
}

/* ---- playing ------------------------------------------------------------------------------- */

/* runs everybody as far as it goes; CHOOSE: nobody can go on without g->need */
static Outcome run(Game *g)
{
    int need = -1;
    bool done = false;
    for (bool moved = true; moved;) {
        moved = false;
        done = true;
        need = -1;
        for (g->now = 0; g->now < g->nagent; g->now++) {
            Outcome o = MOVED;
            while (!finished(g, g->now) && (o = step(g)) == MOVED) {
                moved = true;
                if (++g->steps > MAXSTEPS) {
                    g->out_of_reach = "it has too many cases to play";
                    return WRONG;
                }
            }
            if (o == WRONG) return o;
            done &= o == MOVED;
            /* counts first: conditions may follow from them */
            if (o == CHOOSE && (need < 0 || (g->atom[need].boolean && !g->atom[g->need].boolean)))
                need = g->need;
        }
    }
    g->need = need;
    return need >= 0 ? CHOOSE : done ? check_end(g) : BLOCKED;
}

static bool explore(Game *g, int depth, Text *why)
{
    State *s = g->s;
    Outcome o = run(g);
    Key key = {0};
    if (o == MOVED) return true;
    if (o == CHOOSE) {
        key = key_of(g);
        if (won_before(g, key)) return true;
        if (depth == MAXDEPTH) g->out_of_reach = "it has too many cases to play";
    }
    if (g->out_of_reach)
        text_add(why, "the game cannot be played to its end: %s\n", g->out_of_reach);
    else if (o == WRONG)
        timeline_tell(g, depth,
                      arena_printf(&g->cx->arena, "%s: %s", agent_name(g, g->agent_wrong), g->why),
                      why);
    else if (o == BLOCKED)
        timeline_tell(g, depth, "nobody can go on", why);
    if (o != CHOOSE || g->out_of_reach) return false;

    int need = g->made[depth] = g->need;
    int64_t lo, hi, since = g->clock;
    bool won = true;
    atom_tried(g, &g->atom[need], &lo, &hi);
    if (!g->pool[depth]) g->pool[depth] = state_new(g);
    for (int64_t k = 0; k <= hi - lo && won; k++) {
        g->atom[need].chosen = true;
        g->atom[need].value = lo > 0    ? lo + k
                              : k <= hi ? k
                                        : hi - k; /* 0, 1, ... read best when lost */
        g->s = g->pool[depth];
        state_copy(g, g->s, s);
        won = explore(g, depth + 1, why);
    }
    g->atom[need].chosen = false;
    g->s = s;
    if (won) keep_won(g, key, depth, since);
    return won;
}

/* ---- setting up ----------------------------------------------------------------------------- */

/* numbers that stand beside counts: peeled iterations, small comparisons; and the periods of
 * remainders */
typedef struct {
    int64_t most, period;
} Literals;

static void literals(const Expr *e, Literals *l)
{
    int64_t k;
    if (e->kind == E_INT && e->i >= -32 && e->i <= 32)
        l->most = MAX(l->most, e->i < 0 ? -e->i : e->i);
    if (e->kind == E_CAST) literals(e->arg[0], l);
    if (e->kind != E_OP) return;
    Rule r = op_info[e->op].rule;
    if (e->op == OP_floormod && expr_const(e->arg[1], &k) && k > 0 && k <= MAXPERIOD)
        l->period = MAX(l->period, k);
    if (e->op == OP_add || e->op == OP_sub || e->op == OP_neg || e->op == OP_floormod ||
        e->op == OP_max || e->op == OP_min || r == RULE_cmp || r == RULE_logic ||
        e->op == OP_select)
        for (int i = 0; i < op_info[e->op].nargs; i++) literals(e->arg[i], l);
}

/* what in the text decides how many iterations are enough */
static void survey(Game *g, const Node *n, int nest, Literals *most)
{
    for (; n; n = n->next) {
        g->skips |= n->kind == N_IF && nest > 0;
        if (n->kind == N_LET) literals(n->s->let.value, most);
        if (n->kind == N_IF) literals(n->s->branch.cond, most);
        if (n->kind == N_LOOP) literals(n->s->loop.lo, most);
        if (n->kind == N_LOOP && n->s->loop.hi[0]->kind != E_INT) literals(n->s->loop.hi[0], most);
        survey(g, n->child, nest + (n->kind == N_LOOP), most);
        survey(g, n->other, nest, most);
    }
}

/* how many iterations are enough: docs/protocol.md */
static int64_t enough(const Game *g, const Literals *l)
{
    int64_t n = g->nagent, d = g->deepest, most = MAX(2 * d + 2, d + n * g->held + 1);
    return (g->skips ? MAX(most, n * d + 2) : most) + 2 * l->period;
}

static bool play(Game *g, Text *why)
{
    g->s = state_new(g);
    for (int a = 0; a < g->nagent; a++) {
        g->s->walker[a].nframe = 1;
        g->s->walker[a].frame[0].at = g->agent[a].body;
    }
    for (int o = 0; o < MIN(g->launch->norder, MAXTOKEN); o++) g->s->token[o][0] = 1;
    g->won = NEWN(&g->cx->arena, Won *, NBUCKET);
    g->steps = 0;
    g->why = g->out_of_reach = NULL;
    return explore(g, 0, why);
}

bool check_protocol(Cx *cx, const Launch *l, Text *why)
{
    Game *g = NEW(&cx->arena, Game);
    Literals most = {0};
    g->cx = cx;
    g->launch = l;
    if (!game_agents(g, why)) return false;
    game_rings(g);
    for (int a = 0; a < g->nagent; a++) survey(g, g->agent[a].body, 0, &most);
    g->shift = most.most;
    g->held = 1;
    for (int tries = 0;; tries++) { /* once more when it turns out that more has to be tried, or
                  that the operand of a condition counts iterations */
        int counted = g->ncount;
        int64_t reach = g->reach = enough(g, &most);
        Text t = text_new(&cx->arena);
        bool won = play(g, &t);
        if (won && enough(g, &most) <= reach) return true;
        if (!won && (g->ncount == counted || tries == 20)) {
            text_put(why, t.s, t.n);
            return false;
        }
    }
}
