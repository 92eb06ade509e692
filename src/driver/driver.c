/* Source text -> tile program -> schedule -> text: the three steps, each under a guard of its own,
   each checked.

   What leaves a step is proved: the tile program and the schedule pass check_prog, and the token
   game is won by every launch. */
#include "driver/driver.h"
#include "lang/lang.h"
#include <string.h>

typedef struct {
    const Request *rq;
    Unit *unit;
    const char *text;
    SourceText which;
    int step;
} Job;

static uint32_t load_source(Cx *cx, const Request *rq)
{
    const char *path = rq->path ? rq->path : "<text>";
    if (rq->text) return cx_source(cx, path, rq->text, strlen(rq->text));
    Err e = {0};
    size_t n = 0;
    char *text = sys_read(&cx->arena, path, &n, &e);
    if (!text) {
        const char *help = e.help[0] ? arena_text(&cx->arena, e.help) : NULL;
        if (strncmp(path, "lib:", 4) == 0) help = "`kiln ops --library` lists its programs";
        fail(cx, E0702, (Span){0}, help, "%s", e.text);
    }
    if (memchr(text, 0, n)) fail(cx, E0702, (Span){0}, NULL, "'%s' is not a text", path);
    return cx_source(cx, path, text, n);
}

/* A schedule is a program of its own: its launches and statements are copies, its parameters and
 * buffers are shared. */
static Prog *prog_copy(Cx *cx, const Prog *p)
{
    Prog *q = NEW(&cx->arena, Prog);
    *q = *p;
    Launch **tail = &q->launch;
    Subst none = {0};
    for (const Launch *l = p->launch; l; l = l->next) {
        Launch *m = NEW(&cx->arena, Launch);
        *m = *l;
        m->body = list_copy(cx, l->body, &none);
        *tail = m;
        tail = &m->next;
    }
    *tail = NULL;
    return q;
}

/* ---- source -> tile ------------------------------------------------------------------------- */

static void front(Cx *cx, void *arg)
{
    Job *job = arg;
    uint32_t file = load_source(cx, job->rq);
    Prog *p = lang_program(cx, file, job->rq->entry, job->rq->bind);
    if (cx->nerror) leave(cx);
    for (Launch *l = p->launch; l; l = l->next) launch_link(cx, l);
    check_prog(cx, p, NULL);
    job->unit->tile = p;
}

bool driver_front(Cx *cx, const Request *rq, Unit *out)
{
    *out = (Unit){.cx = cx};
    Job job = {.rq = rq, .unit = out};
    return guarded(cx, front, &job);
}

static void source_text(Cx *cx, void *arg)
{
    Job *job = arg;
    uint32_t file = load_source(cx, job->rq);
    switch (job->which) {
    case TEXT_AST: job->text = lang_ast_text(cx, file); break;
    case TEXT_LIST: job->text = lang_list(cx, file); break;
    default: job->text = lang_simpler(cx, file, job->which == TEXT_TREE, job->step);
    }
}

const char *driver_text(Cx *cx, const Request *rq, SourceText which, int step)
{
    Job job = {.rq = rq, .which = which, .step = step};
    return guarded(cx, source_text, &job) ? job.text : NULL;
}

/* ---- tile -> schedule ----------------------------------------------------------------------- */

static void prove(Cx *cx, const Prog *p, const Limits *lim)
{
    check_prog(cx, p, lim);
    for (const Launch *l = p->launch; l; l = l->next) {
        Text why = text_new(&cx->arena);
        if (!check_protocol(cx, l, &why))
            fail(cx, E0401, l->span, "`kiln explain E0401` tells how to read the timeline",
                 "the pipes of '%s' do not fit together\n%s", l->name, why.s);
    }
}

static const Target *find_target(Cx *cx, const char *name)
{
    const Target *t = target_named(name);
    if (t) return t;
    const char *names[16];
    int n = 0;
    for (; targets[n] && n < COUNT(names); n++) names[n] = targets[n]->name;
    const char *close = nearest(name, names, n);
    fail(cx, E0701, (Span){0}, close ? arena_printf(&cx->arena, "did you mean '%s'?", close) : NULL,
         "there is no target '%s'", name);
}

/* A source that is a schedule already is proved and taken as it is; it must be for the target that
 * is asked for. */
static void take_schedule(Cx *cx, Unit *u)
{
    Prog *p = u->tile;
    if (p->target && target_named(p->target) != u->target)
        fail(cx, E0701, p->span, "give the target that its first line names",
             "'%s' is a schedule for %s, not for %s", p->name, p->target, u->target->name);
    prove(cx, p, u->target->limits);
    u->sched = p;
}

/* more groups or slots than the target has are not an error: the same options go to several targets
 */
static void check_options(Cx *cx, const Prog *p, const Limits *lim, const SchedOptions *opt)
{
    if (opt->stages < 0 || opt->groups < 0)
        fail(cx, E0701, (Span){0}, NULL, "a schedule of %d stages and %d groups", opt->stages,
             opt->groups);
    if (lim->roles == 1) return;
    if (opt->groups > MAX(lim->max_groups, 1))
        report(cx, E0707, p->span, NULL, "%d compute groups are asked for; '%s' has %d at most",
               opt->groups, lim->target, MAX(lim->max_groups, 1));
    if (opt->stages > lim->max_depth)
        report(cx, E0707, p->span, NULL, "%d slots a pipe are asked for; '%s' has %d at most",
               opt->stages, lim->target, lim->max_depth);
}

static void schedule(Cx *cx, void *arg)
{
    Job *job = arg;
    Unit *u = job->unit;
    const char *stop = job->rq->stop_after;
    u->target = find_target(cx, job->rq->target);
    if (u->tile->stage == STAGE_SCHED) {
        take_schedule(cx, u);
        return;
    }

    const Limits *lim = u->target->limits;
    check_options(cx, u->tile, lim, &job->rq->sched);
    Prog *p = prog_copy(cx, u->tile);
    p->stage = STAGE_SCHED;
    p->target = lim->target;
    bool stopped = false;
    for (const Pass *pass = passes; pass->name && !stopped; pass++) {
        pass->run(cx, p, lim, &job->rq->sched);
        if (cx->nerror) leave(cx);
        for (Launch *l = p->launch; l; l = l->next) launch_link(cx, l);
        check_prog(cx, p, NULL);
        stopped = stop && strcmp(stop, pass->name) == 0;
    }
    if (stop && !stopped)
        fail(cx, E0701, (Span){0}, "`kiln ops --passes` lists them", "there is no pass '%s'", stop);
    if (!stopped) prove(cx, p, lim);
    u->sched = p;
}

bool driver_schedule(Cx *cx, const Request *rq, Unit *io)
{
    Job job = {.rq = rq, .unit = io};
    return guarded(cx, schedule, &job);
}

/* ---- schedule -> text ----------------------------------------------------------------------- */

static void know(Cx *cx, void *arg)
{
    const Unit *u = ((Job *)arg)->unit;
    target_known(cx, u->sched, u->target);
}

bool driver_known(Cx *cx, Unit *io)
{
    return guarded(cx, know, &(Job){.unit = io});
}

static void spell(Cx *cx, void *arg)
{
    Unit *u = ((Job *)arg)->unit;
    target_known(cx, u->sched, u->target);
    u->target->emit(cx, u->sched, &u->code);
}

bool driver_emit(Cx *cx, const Request *rq, Unit *io)
{
    Job job = {.rq = rq, .unit = io};
    if (rq->stop_after) return true; /* an unfinished schedule has no text */
    return guarded(cx, spell, &job);
}
