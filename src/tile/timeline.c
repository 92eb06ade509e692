/* A lost game as text: what was chosen, the last moves in columns, and where everybody stands. */
#include "tile/protocol.h"
#include <string.h>

const char *agent_name(const Game *g, int a)
{
    const Agent *x = &g->agent[a];
    return x->block && x->block->role.groups > 1 ? arena_printf(&g->cx->arena, "%s %d", role_name[x->role], x->group)
                                                 : role_name[x->role];
}

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
    int ring = step_ring(g, s, agent, n);
    const Pipe *p = g->launch->pipe[n->pipe];
    const Counter *c = &state_counter(g, s)[ring];
    if (n->s->verb.verb == PV_ACQUIRE)
        return arena_printf(&g->cx->arena, "no free slot: %lld acquired, %lld released, depth %d", (long long)c->open[agent],
                            (long long)ring_least(g, c, g->ring[ring].to, true), p->depth);
    return arena_printf(&g->cx->arena, "nothing there: %lld committed, %lld taken", (long long)ring_least(g, c, g->ring[ring].from, true),
                        (long long)c->open[agent]);
}

/* a choice, said with the expression's own words where it has some */
static void tell_choice(Game *g, const Choice *c, const char *how, Text *out)
{
    const char *t = g->decide.atom[c->atom].text, *at = strchr(t, '@');
    int n = at && !strchr(t, '(') && !strchr(t, ' ') ? (int)(at - t) : (int)strlen(t);
    text_add(out, "  %s %.*s = %lld\n", how, MIN(n, 60), t, (long long)c->value);
}

enum { SHOWN = 24, WIDTH = 22 };

static const char *move_text(Game *g, const Node *n)
{
    if (n->kind == N_VERB)
        return arena_printf(&g->cx->arena, "%s %s", verb_name[n->s->verb.verb], n->s->verb.pipe->name);
    if (n->kind == N_TURN)
        return arena_printf(&g->cx->arena, "%s %s", n->s->turn.give ? "give" : "take", n->s->turn.order->name);
    if (n->kind == N_GEMM)
        return arena_printf(&g->cx->arena, "start %s", n->s->tile.arg[2].buf->name);
    return arena_printf(&g->cx->arena, "await %d", n->s->pending);
}

/* a column for each role; a line for each move, time runs downwards */
static void tell_moves(Game *g, const State *s, Text *out)
{
    text_add(out, "   ");
    for (int a = 0; a < g->nagent; a++)
        text_add(out, " %-*s", a + 1 < g->nagent ? WIDTH : 0, agent_name(g, a));
    text_add(out, "\n");
    if (s->nmove > SHOWN)
        text_add(out, "    ... %d moves before\n", s->nmove - SHOWN);
    for (int k = MAX(0, s->nmove - SHOWN); k < s->nmove; k++)
        text_add(out, "    %*s%s\n", g->move[k].agent * (WIDTH + 1), "", move_text(g, g->move[k].node));
}

static void tell_counts(Game *g, State *s, int a, Text *out)
{
    const char *sep = "";
    for (int r = 0; r < g->nring; r++) {
        const Counter *c = &state_counter(g, s)[r];
        const Ring *ring = &g->ring[r];
        bool from = ring->from & 1u << a;
        if (!((ring->from | ring->to) & 1u << a))
            continue;
        text_add(out, ring->pipe->each ? "%s%s[%d]" : "%s%s", sep, ring->pipe->name, ring->group);
        text_add(out, from ? " acquired %lld committed %lld" : " waited %lld released %lld", (long long)c->open[a], (long long)c->done[a]);
        sep = ", ";
    }
}

void timeline_tell(Game *g, State *s, const char *what, Text *out)
{
    text_add(out, "%s\n", what);
    for (int k = 0; k < s->nchoice && k < 8; k++)
        tell_choice(g, &s->choice[k], k ? "and " : "when", out);
    tell_moves(g, s, out);
    for (int a = 0; a < g->nagent; a++) {
        const Node *n = stands_at(s, a);
        bool end = finished(s, a) || !n;
        text_add(out, "  %s %s", agent_name(g, a), end ? "is at its end" : "stands at ");
        if (!end)
            text_add(out, "%s   %s", place_text(g, n), blocked_text(g, s, a, n));
        text_add(out, "\n      ");
        tell_counts(g, s, a, out);
        text_add(out, "\n");
    }
}
