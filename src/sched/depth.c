/* Depths. Needs roles; gives every pipe as many slots as the pipelined loop around its producer
   asks for, fewer where memory ends. A T.Pipelined loop has then done its work and becomes a serial
   one. */
#include "sched/inside.h"

typedef struct {
    const Pipe *pipe;
    int stages, found;
} Ask;

/* the innermost pipelined loop around an acquire; the most that any acquire asks for */
static void ask(Ask *a, const Stmt *list, int stages)
{
    for (const Stmt *s = list; s; s = s->next) {
        if (s->kind == S_LOOP)
            ask(a, s->loop.body, s->loop.how == LOOP_PIPELINED ? MAX(s->loop.stages, 1) : stages);
        else if (s->kind == S_IF) {
            ask(a, s->branch.then, stages);
            ask(a, s->branch.other, stages);
        } else if (s->kind == S_ROLE)
            ask(a, s->role.body, stages);
        else if (s->kind == S_VERB && s->verb.verb == PV_ACQUIRE && s->verb.pipe == a->pipe)
            a->found = MAX(a->found, stages);
    }
}

int64_t pipe_slot_bytes(const Pipe *p)
{
    int64_t bytes = 0;
    for (int t = 0; t < p->ntile; t++) {
        int64_t n = dtype_bytes(p->tile[t].type);
        for (int d = 0; d < p->tile[t].ndim; d++) n *= p->tile[t].dim[d];
        bytes += n;
    }
    return bytes;
}

static int groups_of(const Stmt *body)
{
    for (; body; body = body->next)
        if (body->kind == S_ROLE && body->role.role == R_COMPUTE) return body->role.groups;
    return 1;
}

int64_t launch_shared(const Launch *l)
{
    int64_t bytes = list_shared(l->body);
    for (int k = 0; k < l->npipe; k++)
        bytes += pipe_slot_bytes(l->pipe[k]) * l->pipe[k]->depth *
                 (l->pipe[k]->each ? groups_of(l->body) : 1);
    return bytes;
}

static void make_serial(Visitor *v, Stmt *s)
{
    (void)v;
    if (s->kind == S_LOOP && s->loop.how == LOOP_PIPELINED) {
        s->loop.how = LOOP_SERIAL;
        s->loop.stages = 0;
    }
}

/* one slot less where it frees most, among the deepest */
static bool shrink(Launch *l, const int *least)
{
    int best = -1;
    for (int k = 0; k < l->npipe; k++) {
        if (l->pipe[k]->depth <= least[k]) continue;
        int deeper = best < 0 ? 1 : l->pipe[k]->depth - l->pipe[best]->depth;
        if (deeper > 0 ||
            (deeper == 0 && pipe_slot_bytes(l->pipe[k]) > pipe_slot_bytes(l->pipe[best])))
            best = k;
    }
    if (best < 0) return false;
    l->pipe[best]->depth--;
    return true;
}

static void depth_launch(Cx *cx, Launch *l, const Limits *lim, const SchedOptions *opt)
{
    int *least = NEWN(&cx->arena, int, l->npipe + 1);
    for (int k = 0; k < l->npipe; k++) {
        Ask a = {.pipe = l->pipe[k], .found = 1};
        ask(&a, l->body, 1);
        int want = a.found > 1 && opt && opt->stages > 0 ? opt->stages : a.found;
        least[k] = l->pipe[k]->depth; /* what an earlier pass needs for the proof */
        l->pipe[k]->depth = MAX(MIN(want, lim->max_depth), least[k]);
    }
    while (launch_shared(l) > lim->shared && shrink(l, least))
        ;
    Visitor v = {.stmt = make_serial};
    walk_stmts(&v, l->body);
}

void sched_depth(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt)
{
    for (Launch *l = p->launch; l; l = l->next) depth_launch(cx, l, lim, opt);
}
