/* What belongs to a schedule: who produces and consumes on each pipe, where roles and verbs may
   stand, and what the target's memory holds. */
#include "tile/verify/verify.h"

/* ---- launch_link ---------------------------------------------------------------------------- */

typedef struct {
    Cx *cx;
    int role;
} Link;

static void link_verb(Link *k, const Stmt *s)
{
    Pipe *p = s->verb.pipe;
    bool gives = s->verb.verb == PV_ACQUIRE || s->verb.verb == PV_COMMIT;
    if (k->role < 0) return; /* check_prog says what is wrong with it */
    if (!gives) {
        p->to |= 1u << k->role;
        return;
    }
    if ((int)p->from >= 0 && p->from != (Role)k->role)
        fail(k->cx, E0303, s->span, "give each producing role a pipe of its own",
             "both %s and %s produce into '%s'", role_name[p->from], role_name[k->role], p->name);
    p->from = (Role)k->role;
}

static void link_enter(Visitor *v, Stmt *s)
{
    Link *k = v->user;
    if (s->kind == S_ROLE) k->role = (int)s->role.role;
    if (s->kind == S_VERB) link_verb(k, s);
}

static void link_leave(Visitor *v, Stmt *s)
{
    if (s->kind == S_ROLE) ((Link *)v->user)->role = -1;
}

void launch_link(Cx *cx, Launch *l)
{
    for (int i = 0; i < l->npipe; i++) {
        l->pipe[i]->from = (Role)-1;
        l->pipe[i]->to = 0;
    }
    Link k = {cx, -1};
    walk_stmts(&(Visitor){.stmt = link_enter, .after = link_leave, .user = &k}, l->body);
    for (int i = 0; i < l->npipe; i++) {
        Pipe *p = l->pipe[i];
        if ((int)p->from < 0 || !p->to)
            fail(cx, E0303, p->span,
                 "a pipe is acquired and committed by one role, waited for and released by others",
                 (int)p->from < 0 ? "no role produces into '%s'" : "no role takes from '%s'",
                 p->name);
        if (p->to & 1u << p->from)
            fail(cx, E0303, p->span, "a tile of one role alone is a T.alloc_shared",
                 "%s both produces into '%s' and takes from it", role_name[p->from], p->name);
    }
}

/* ---- statements of a schedule --------------------------------------------------------------- */

bool check_schedule_only(Check *c, const Stmt *s, const char *what)
{
    if (c->prog->stage == STAGE_SCHED) return true;
    report(c->cx, E0308, s->span,
           "a schedule begins with a comment that names its stage: # stage: sched   target: cuda",
           "%s in a tile program", what);
    return false;
}

static bool has_pipe(const Launch *l, const Pipe *p)
{
    for (int k = 0; k < l->npipe; k++)
        if (l->pipe[k] == p) return true;
    return false;
}

static void check_which(Check *c, const Stmt *s, const Scope *sc)
{
    const Pipe *p = s->verb.pipe;
    if (!p->each != !s->verb.which) {
        report(
            c->cx, E0303, s->span, p->each ? "say whose: T.wait(q[g])" : "take the subscript away",
            p->each ? "'%s' is a ring for each group" : "'%s' is one ring for all groups", p->name);
        return;
    }
    if (!s->verb.which) return;
    check_integer(c, s->verb.which, "the number of a group", sc);
    Range r = expr_range(s->verb.which, sc);
    if (r.known && (r.lo < 0 || r.hi >= c->groups))
        report(c->cx, E0303, s->span, NULL, "there are %d groups; '%s' is asked for ring %lld",
               c->groups, p->name, (long long)(r.lo < 0 ? r.lo : r.hi));
}

void check_verb(Check *c, const Stmt *s, const Scope *sc)
{
    const Pipe *p = s->verb.pipe;
    if (!check_schedule_only(c, s, "a pipe verb")) return;
    if (c->role < 0)
        report(c->cx, E0308, s->span, "put it into T.reader(), T.compute() or T.writer()",
               "T.%s outside of a role", verb_name[s->verb.verb]);
    if (!has_pipe(c->launch, p))
        report(c->cx, E0303, s->span, NULL, "'%s' is not a pipe of this launch", p->name);
    if (c->in_nest)
        report(c->cx, E0308, s->span, NULL, "T.%s inside of T.Parallel", verb_name[s->verb.verb]);
    check_which(c, s, sc);
    if (s->verb.verb != PV_ACQUIRE && s->verb.verb != PV_WAIT) return;
    for (int t = 0; t < p->ntile; t++) check_see(c, s->verb.slot[t], s->verb.verb == PV_WAIT);
}

void check_role(Check *c, const Stmt *s, const Scope *sc)
{
    if (!check_schedule_only(c, s, "a role")) return;
    if (c->role >= 0)
        report(c->cx, E0308, s->span, NULL, "%s inside of %s", role_name[s->role.role],
               role_name[c->role]);
    if (s->role.groups < 1 || (s->role.groups > 1 && (s->role.role != R_COMPUTE || !s->role.group)))
        report(c->cx, E0308, s->span, "with T.compute(groups=2) as g:", "%d groups of %s",
               s->role.groups, role_name[s->role.role]);
    if (c->in_nest) report(c->cx, E0308, s->span, NULL, "a role inside of T.Parallel");
    int role = c->role;
    c->role = (int)s->role.role;
    check_list(c, s->role.body, &(Scope){.outer = sc, .stmt = s});
    c->role = role;
}

void check_turn(Check *c, const Stmt *s)
{
    if (!check_schedule_only(c, s, "an order token")) return;
    if (c->role != R_COMPUTE)
        report(c->cx, E0308, s->span, NULL, "only the groups of compute take turns");
    else if (s->turn.order->n != c->groups)
        report(c->cx, E0308, s->span, NULL, "the token '%s' is for %d groups; compute has %d",
               s->turn.order->name, s->turn.order->n, c->groups);
}

/* ---- launches with pipes -------------------------------------------------------------------- */

void check_roles(Check *c)
{
    unsigned had = 0;
    for (const Stmt *s = c->launch->body; s; s = s->next) {
        if (s->kind != S_ROLE) {
            report(c->cx, E0308, s->span, "put it into the role that it belongs to",
                   "a launch with pipes has statements in roles only");
            continue;
        }
        if (had & 1u << s->role.role)
            report(c->cx, E0308, s->span, "write both parts into one block", "a second block of %s",
                   role_name[s->role.role]);
        had |= 1u << s->role.role;
        if (s->role.role == R_COMPUTE) c->groups = s->role.groups;
    }
    for (int k = 0; k < c->launch->npipe; k++) {
        const Pipe *p = c->launch->pipe[k];
        if (p->depth < 1 || p->ntile < 1)
            report(c->cx, E0303, p->span, NULL, "'%s' has %d slots of %d tiles", p->name, p->depth,
                   p->ntile);
    }
}

/* ---- memory --------------------------------------------------------------------------------- */

static int64_t bytes_of(DType t, int64_t elements)
{
    return (elements * dtype_info[t].bits + 7) / 8;
}

static int64_t slot_bytes(const Pipe *p)
{
    int64_t sum = 0;
    for (int t = 0; t < p->ntile; t++) {
        int64_t n = 1;
        for (int d = 0; d < p->tile[t].ndim; d++) n *= p->tile[t].dim[d];
        sum += bytes_of(p->tile[t].type, n);
    }
    return sum;
}

static void add_bytes(Visitor *v, Stmt *s)
{
    int64_t *sum = v->user, n;
    if (s->kind == S_ALLOC && s->alloc->space == SP_SHARED && !s->alloc->of &&
        (n = buf_elems(s->alloc)) > 0)
        *sum += bytes_of(s->alloc->type, n);
}

void check_limits(Check *c)
{
    const Launch *l = c->launch;
    int64_t bytes = 0;
    Visitor v = {.stmt = add_bytes, .user = &bytes};
    walk_stmts(&v, l->body);
    for (int k = 0; k < l->npipe; k++) {
        const Pipe *p = l->pipe[k];
        bytes += slot_bytes(p) * p->depth * (p->each ? c->groups : 1);
        if (p->depth > c->lim->max_depth)
            report(c->cx, E0309, p->span, NULL, "'%s' has %d slots; %s allows %d", p->name,
                   p->depth, c->lim->target, c->lim->max_depth);
    }
    if (bytes > c->lim->shared)
        report(c->cx, E0309, l->span, "use smaller tiles or fewer stages",
               "'%s' needs %lld bytes for its tiles; %s has %lld", l->name, (long long)bytes,
               c->lim->target, (long long)c->lim->shared);
    if (c->groups > MAX(c->lim->max_groups, 1))
        report(c->cx, E0309, l->span, NULL, "compute has %d groups; %s allows %d", c->groups,
               c->lim->target, MAX(c->lim->max_groups, 1));
}
