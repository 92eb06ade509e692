/* A lost game as text: what was chosen, the last moves in columns, and where everybody stands. */
#include "tile/protocol/protocol.h"
#include <stdio.h>
#include <string.h>

const char *agent_name(const Game *g, int a)
{
    const Agent *x = &g->agent[a];
    return x->block && x->block->role.groups > 1
               ? arena_printf(&g->cx->arena, "%s %d", role_name[x->role], x->group)
               : role_name[x->role];
}

static const Node *stands_at(const Game *g, int agent)
{
    const Walker *w = &g->s->walker[agent];
    for (int f = w->nframe - 1; f >= 0; f--)
        if (w->frame[f].at) return w->frame[f].at;
    return NULL;
}

static const char *place_text(Game *g, const Node *n)
{
    Span at = n->s->span;
    if (!at.file) return stmt_line(g->cx, n->s);
    int line, col;
    span_line_col(g->cx, at, &line, &col);
    return arena_printf(&g->cx->arena, "%s:%d: %s", g->cx->source[at.file]->path, line,
                        stmt_line(g->cx, n->s));
}

static const char *blocked_text(Game *g, int agent, const Node *n)
{
    if (n->kind == N_TURN) return "waits for its turn";
    if (n->kind != N_VERB) return "";
    g->now = agent;
    int ring = step_ring(g, n);
    const Pipe *p = g->launch->pipe[n->pipe];
    int64_t made = ring_least(g, ring, g->ring[ring].from),
            gone = ring_least(g, ring, g->ring[ring].to), mine = g->s->counter[ring].open[agent];
    if (n->s->verb.verb == PV_ACQUIRE && mine - gone >= p->depth)
        return arena_printf(&g->cx->arena, "no free slot: %lld acquired, %lld released, depth %d",
                            (long long)mine, (long long)gone, p->depth);
    if (n->s->verb.verb == PV_WAIT && mine >= made)
        return arena_printf(&g->cx->arena, "nothing there: %lld committed, %lld taken",
                            (long long)made, (long long)mine);
    return "";
}

static void say_val(const Game *g, const Val *v, Text *out, int deep);

/* an atom in words like the program's own */
static void say_atom(const Game *g, int atom, Text *out, int deep)
{
    const Atom *a = &g->atom[atom];
    char sign[8];
    if (deep > 6) {
        text_add(out, "...");
    } else if (a->follows && sscanf(op_info[a->op].source, "($0 %7s $1)", sign) == 1) {
        say_val(g, &a->arg[0], out, deep + 1);
        text_add(out, " %s ", sign);
        say_val(g, &a->arg[1], out, deep + 1);
    } else { /* an operation, or a variable or a tensor with its subscripts */
        text_put(out, a->text, strcspn(a->text, a->follows ? "(" : "@"));
        for (int i = 0; i < a->narg; i++) {
            text_add(out, i ? ", " : a->follows ? "(" : "[");
            say_val(g, &a->arg[i], out, deep + 1);
        }
        text_add(out, !a->narg ? "" : a->follows ? ")" : "]");
    }
}

static void say_val(const Game *g, const Val *v, Text *out, int deep)
{
    for (int i = 0; i < v->n; i++) {
        int64_t c = v->t[i].coef;
        text_add(out, i ? c < 0 ? " - " : " + " : c < 0 ? "-" : "");
        if (c != 1 && c != -1) text_add(out, "%lld * ", (long long)(c < 0 ? -c : c));
        say_atom(g, v->t[i].atom, out, deep);
    }
    if (v->n && v->k)
        text_add(out, v->k < 0 ? " - %lld" : " + %lld", (long long)(v->k < 0 ? -v->k : v->k));
    if (!v->n) text_add(out, "%lld", (long long)v->k);
}

static void tell_choice(const Game *g, int atom, const char *how, Text *out)
{
    text_add(out, "  %s ", how);
    say_atom(g, atom, out, 0);
    if (g->atom[atom].boolean)
        text_add(out, " is %s\n", g->atom[atom].value ? "true" : "false");
    else
        text_add(out, " = %lld\n", (long long)g->atom[atom].value);
}

enum { SHOWN = 24, WIDTH = 22 };

static const char *move_text(Game *g, const Node *n)
{
    if (n->kind == N_VERB)
        return arena_printf(&g->cx->arena, "%s %s", verb_name[n->s->verb.verb],
                            n->s->verb.pipe->name);
    if (n->kind == N_TURN)
        return arena_printf(&g->cx->arena, "%s %s", n->s->turn.give ? "give" : "take",
                            n->s->turn.order->name);
    if (n->kind == N_GEMM)
        return arena_printf(&g->cx->arena, "start %s", n->s->tile.arg[2].buf->name);
    return arena_printf(&g->cx->arena, "await %d", n->s->pending);
}

/* a column for each role; a line for each move, time runs downwards */
static void tell_moves(Game *g, Text *out)
{
    text_add(out, "   ");
    for (int a = 0; a < g->nagent; a++)
        text_add(out, " %-*s", a + 1 < g->nagent ? WIDTH : 0, agent_name(g, a));
    text_add(out, "\n");
    if (g->s->nmove > SHOWN) text_add(out, "    ... %d moves before\n", g->s->nmove - SHOWN);
    for (int k = MAX(0, g->s->nmove - SHOWN); k < g->s->nmove; k++)
        text_add(out, "    %*s%s\n", g->move[k].agent * (WIDTH + 1), "",
                 move_text(g, g->move[k].node));
}

static void tell_counts(Game *g, int a, Text *out)
{
    const char *sep = "";
    for (int r = 0; r < g->nring; r++) {
        const Counter *c = &g->s->counter[r];
        const Ring *ring = &g->ring[r];
        bool from = ring->from & 1u << a;
        if (!((ring->from | ring->to) & 1u << a)) continue;
        text_add(out, ring->pipe->each ? "%s%s[%d]" : "%s%s", sep, ring->pipe->name, ring->group);
        text_add(out, from ? " acquired %lld committed %lld" : " waited %lld released %lld",
                 (long long)c->open[a], (long long)c->done[a]);
        sep = ", ";
    }
}

void timeline_tell(Game *g, int nmade, const char *what, Text *out)
{
    text_add(out, "%s\n", what);
    int first = MAX(0, nmade - 8);
    for (int k = first; k < nmade; k++)
        tell_choice(g, g->made[k], k > first ? "and " : "when", out);
    tell_moves(g, out);
    for (int a = 0; a < g->nagent; a++) {
        const Node *n = stands_at(g, a);
        bool end = finished(g, a) || !n;
        text_add(out, "  %s %s", agent_name(g, a), end ? "is at its end" : "stands at ");
        if (!end) text_add(out, "%s   %s", place_text(g, n), blocked_text(g, a, n));
        text_add(out, "\n      ");
        tell_counts(g, a, out);
        text_add(out, "\n");
    }
}
