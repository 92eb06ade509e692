/* The token game: the verbs of all roles are played over the real depths and group counts.
   docs/protocol.md says what a won game proves.

   Every role is a resumable walk over the part of its structure that matters: verbs, awaits, turns,
   loops and branches around them, scalars, and every use of a slot or of a fragment that a started
   gemm holds. Counters only grow and nobody's move takes a move away from another, so one greedy
   run decides a case. What decides a trip count or a branch is chosen once, for all roles
   (decide.c); the cases are explored depth first, and a position that was seen before is not
   explored again.  */
#include "tile/protocol/protocol.h"
#include <string.h>

/* ---- the end -------------------------------------------------------------------------------- */

static Outcome check_end(Game *g, State *s)
{
    for (int r = 0; r < g->nring; r++) {
        const Counter *c = &state_counter(g, s)[r];
        const char *name = g->ring[r].pipe->name;
        int64_t made = ring_least(g, c, g->ring[r].from, true);
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
        if (s->walker[a].nflight)
            return game_wrong(g, a, "a gemm that was started is never awaited");
    for (int o = 0; o < g->launch->norder && o < 8; o++)
        if (g->launch->norder && s->token[o][0] != 1)
            return game_wrong(g, 0, "at the end the token '%s' is not back at group 0",
                              g->launch->order[o]->name);
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
    mix(h, &v->step, sizeof v->step);
    mix(h, &v->iter, sizeof v->iter);
    mix(h, &v->loop, sizeof v->loop);
    mix(h, &v->n, sizeof v->n);
    for (int i = 0; i < v->n; i++) {
        mix(h, &v->t[i].atom, sizeof v->t[i].atom);
        mix(h, &v->t[i].coef, sizeof v->t[i].coef);
    }
}

/* a ring counts from the oldest slot that somebody still has to give back */
static void mix_ring(uint64_t h[2], Game *g, State *s, int r)
{
    const Counter *c = &state_counter(g, s)[r];
    unsigned in = g->ring[r].from | g->ring[r].to;
    int64_t base = ring_least(g, c, in, true), end = base;
    for (int a = 0; a < g->nagent; a++) {
        if (!(in & 1u << a)) continue;
        int64_t open = c->open[a] - base, done = c->done[a] - base;
        mix(h, &open, sizeof open);
        mix(h, &done, sizeof done);
        end = MAX(end, c->open[a]);
        for (int k = 0; k < g->agent[a].nslot; k++) {
            int64_t place = *state_slot(g, s, a, k), at = (place & (((int64_t)1 << 40) - 1));
            bool held = place >> 40 == r && at >= c->done[a] && at < c->open[a];
            at = held ? at - base : -1;
            mix(h, &at, sizeof at);
        }
    }
    for (; base < end; base++) mix_val(h, state_sent(g, s, r, base));
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
        for (int c = 0; c < g->agent[a].ncell; c++) mix_val(h, state_cell(g, s, a, c));
    }
    for (int r = 0; r < g->nring; r++) mix_ring(h, g, s, r);
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
        uint64_t(*old)[2] = g->seen;
        int n = g->capseen;
        g->capseen = MAX(1024, 2 * n);
        g->seen = (void *)NEWN(&g->cx->arena, uint64_t, 2 * (size_t)g->capseen);
        for (int i = 0; i < n; i++)
            if (old[i][0] | old[i][1]) {
                size_t k = old[i][0] & (size_t)(g->capseen - 1);
                while (g->seen[k][0] | g->seen[k][1]) k = (k + 1) & (size_t)(g->capseen - 1);
                g->seen[k][0] = old[i][0];
                g->seen[k][1] = old[i][1];
            }
    }
    size_t k = h[0] & (size_t)(g->capseen - 1);
    for (; g->seen[k][0] | g->seen[k][1]; k = (k + 1) & (size_t)(g->capseen - 1))
        if (g->seen[k][0] == h[0] && g->seen[k][1] == h[1]) return true;
    g->seen[k][0] = h[0];
    g->seen[k][1] = h[1];
    g->nseen++;
    return false;
}

/* A choice is forgotten when nobody is known to ask for it again: everybody is past the last place
   where he did, or, if it is one of an iteration, everybody who decides anything at that depth of
   loops has used it. If it is chosen again, and differently, this only adds cases. */
static bool over(Game *g, State *s, const Choice *c)
{
    const Atom *a = &g->decide.atom[c->atom];
    if (a->varies && !(c->wanted & ~c->used)) return true;
    for (int k = 0; k < g->nagent; k++)
        if (state_place(s, k) <= a->last[k]) return false;
    return true;
}

static void forget(Game *g, State *s)
{
    int n = 0;
    for (int k = 0; k < s->nchoice; k++)
        if (g->learning || !over(g, s, &s->choice[k])) s->choice[n++] = s->choice[k];
    s->nchoice = n;
}

static int loops_around(const Walker *w)
{
    int n = 0;
    for (int f = 0; f < w->nframe; f++) n += w->frame[f].loop != NULL;
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
                if (o == WRONG) return o;
                if (o == CHOOSE) {
                    w->stuck_on_choice = true;
                    if (*need < 0 ||
                        (g->decide.atom[*need].boolean && !g->decide.atom[atom].boolean)) {
                        *need = atom; /* counts first: conditions may follow from them */
                        g->need_nest = loops_around(w);
                    }
                }
                if (o != MOVED) break;
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
        if (s->walker[a].stuck_on_choice) return CHOOSE;
    }
    return done ? check_end(g, s) : BLOCKED;
}

/* ---- playing ------------------------------------------------------------------------------- */

static bool explore(Game *g, State *s, int depth, Text *why)
{
    int need = -1;
    Outcome o = run(g, s, &need);
    if (o == MOVED) return true;
    if (o == WRONG) {
        if (g->out_of_reach)
            text_add(why, "the game cannot be played to its end: %s\n", g->out_of_reach);
        else
            timeline_tell(
                g, s, arena_printf(&g->cx->arena, "%s: %s", agent_name(g, g->agent_wrong), g->why),
                why);
        return false;
    }
    if (o == BLOCKED) {
        timeline_tell(g, s, "nobody can go on", why);
        return false;
    }
    forget(g, s);
    if (!g->learning && seen_before(g, s)) return true;
    if (depth == MAXCHOICE || s->nchoice == MAXCHOICE || ++g->positions > MAXPOSITIONS) {
        g->out_of_reach = "it has too many cases to play";
        text_add(why, "the game cannot be played to its end: %s\n", g->out_of_reach);
        return false;
    }
    if (!g->pool[depth]) g->pool[depth] = arena_alloc(&g->cx->arena, g->bytes);
    int nest = g->need_nest;
    int64_t lo, hi;
    decide_range(&g->decide, need, &lo, &hi);
    if (g->learning) lo = hi = MIN(hi, g->learning - 1);
    for (int64_t k = 0; k <= hi - lo; k++) {
        int64_t v = g->learning ? lo : k <= hi ? k : hi - k; /* 0, 1, ... read best when lost */
        State *n = g->pool[depth];
        memcpy(n, s, g->bytes);
        n->choice[n->nchoice++] = g->made[n->nmade++] = (Choice){need, v, 0, g->decides[nest]};
        if (!explore(g, n, depth + 1, why)) return false;
    }
    return true;
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

static void literal_stmt(const Node *n, Literals *most)
{
    for (; n; n = n->next) {
        if (n->kind == N_LET) literals(n->s->let.value, most);
        if (n->kind == N_LOOP) {
            literals(n->s->loop.lo, most);
            if (n->s->loop.hi[0]->kind != E_INT) literals(n->s->loop.hi[0], most);
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
        g->skips |= n->kind == N_IF && nest > 0;
        if (n->kind == N_LOOP || n->kind == N_IF)
            for (int d = 0; d <= nest && d <= MAXNEST; d++) g->decides[d] |= 1u << agent;
        find_decisions(g, agent, n->child, nest + (n->kind == N_LOOP));
        find_decisions(g, agent, n->other, nest);
    }
}

/* how many iterations are enough: docs/protocol.md */
static int64_t enough(const Game *g, const Literals *l)
{
    int64_t n = g->nagent, d = g->deepest, most = MAX(2 * d + 2, d + n * g->held + 1);
    return (g->skips ? MAX(most, n * d + 2) : most) + 2 * l->period;
}

static bool play_from_start(Game *g, Text *why)
{
    const Launch *l = g->launch;
    State *s = arena_alloc(&g->cx->arena, g->bytes);
    for (int a = 0; a < g->nagent; a++) {
        s->walker[a].nframe = 1;
        s->walker[a].frame[0] = (Frame){.at = g->agent[a].body};
    }
    for (int o = 0; o < l->norder && o < 8; o++) s->token[o][0] = 1;
    g->seen = NULL;
    g->nseen = g->capseen = 0;
    g->steps = g->positions = 0;
    g->why = g->out_of_reach = NULL;
    return explore(g, s, 0, why);
}

/* first some cases that only tell who asks for what, and where for the last time */
static bool play(Game *g, Text *why)
{
    for (g->learning = 1; g->learning <= 4; g->learning++) {
        Text none = text_new(&g->cx->arena);
        play_from_start(g, &none);
    }
    g->learning = 0;
    return play_from_start(g, why);
}

/* with rings of at most `cap` slots: who wins with short rings wins with longer ones, which only
 * let the producer go on earlier */
static bool play_capped(Cx *cx, const Launch *l, int cap, Text *why, bool *unfinished)
{
    Game *g = NEW(&cx->arena, Game);
    Literals most = {0};
    g->cx = cx;
    g->launch = l;
    g->decide.cx = cx;
    g->cap = cap;
    if (!game_agents(g, why)) return false;
    game_rings(g);
    for (int a = 0; a < g->nagent; a++) {
        literal_stmt(g->agent[a].body, &most);
        find_decisions(g, a, g->agent[a].body, 0);
    }
    g->decide.shift = most.most;
    g->held = 1;
    g->bytes = state_bytes(g);
    for (int tries = 0;;) { /* once more when it turns out that more has to be tried, or that the
                  operand of a condition counts iterations */
        int learnt = g->decide.ncount + g->decide.nlearnt;
        int64_t reach = g->decide.reach = enough(g, &most);
        Text t = text_new(&cx->arena);
        bool won = play(g, &t);
        if (won && enough(g, &most) <= reach) return true;
        if (!won && (g->decide.ncount + g->decide.nlearnt == learnt || ++tries > 20)) {
            *unfinished = g->out_of_reach != NULL;
            text_put(why, t.s, t.n);
            return false;
        }
    }
}

bool check_protocol(Cx *cx, const Launch *l, Text *why)
{
    bool unfinished = false;
    if (play_capped(cx, l, INT32_MAX, why, &unfinished)) return true;
    for (int cap = 1; unfinished && cap <= 2; cap++) { /* fewer slots, fewer cases */
        Text none = text_new(&cx->arena);
        bool too = false;
        if (play_capped(cx, l, cap, &none, &too)) return true;
    }
    return false;
}
