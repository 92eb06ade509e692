/* Threads. Needs a launch without roles that says what each thread does; gives one of tiles, where
   it can, which the passes behind take apart like any other.

   What a thread does by itself becomes a T.Parallel nest over the threads, from one place where
   they meet to the next; what a thread keeps from one nest to another lies in a fragment with an
   element for each. Shuffles and reductions over threads become such fragments and reductions of
   them. Groups of threads with work of their own get one order (strands.c), and their barriers,
   copies and gemms in flight have then nothing left to say: the schedule makes its own. The
   verifier looks at the result; what it refuses, or what has no such form, stays as it was, and a
   remark says why. */
#include "sched/threads/threads.h"
#include <string.h>

void threads_stuck(Threads *t, Span at, const char *why)
{
    if (t->why) return;
    t->why = why;
    t->where = at;
}

/* ---- what differs between threads --------------------------------------------------------------
 */

static bool varying_node(void *user, const Expr *e)
{
    const Threads *t = user;
    if (e->kind == E_VAR) return e->var->kind == V_THREAD || ptr_get(&t->varies, e->var);
    if (e->kind == E_LOAD) return ptr_get(&t->varies, e->buf) != 0;
    return e->kind == E_CALL;
}

bool threads_vary(const Threads *t, const Expr *e)
{
    return e && expr_any(e, varying_node, (void *)t);
}

static bool each_has_own(const Buf *b)
{
    return b->space == SP_LOCAL || b->space == SP_FRAG;
}

typedef struct {
    Threads *t;
    PtrMap at,
        stored; /* LOCAL buffer -> the group that uses it, -1: several; stored to in a group */
    int group, ngroup;
    bool changed;
} Vary;

static void vary(Vary *v, const void *key)
{
    if (ptr_get(&v->t->varies, key)) return;
    ptr_set(&v->t->varies, key, 1);
    v->changed = true;
}

/* every thread of a group may hold another value than those of the next group */
static void vary_access(Visitor *w, Stmt *s, Buf *b, bool write)
{
    Vary *v = w->user;
    (void)s;
    if (b->space != SP_LOCAL) return;
    int64_t at = ptr_get(&v->at, b);
    ptr_set(&v->at, b, at && at != v->group + 1 ? -1 : v->group + 1);
    if (write && v->group) ptr_set(&v->stored, b, 1);
    if (ptr_get(&v->stored, b) && ptr_get(&v->at, b) == -1) vary(v, b);
}

static void vary_call(Visitor *w, Expr *e)
{
    Vary *v = w->user;
    for (int k = 0; e->kind == E_CALL && k < e->nargs; k++) {
        char place = call_place(e, k);
        if (place && place != 'r' && each_has_own(e->args[k]->buf)) vary(v, e->args[k]->buf);
    }
}

static void vary_list(Vary *v, Stmt *list, bool apart);

static void vary_branch(Vary *v, Stmt *s, bool apart)
{
    Threads *t = v->t;
    bool differs = threads_vary(t, s->branch.cond), groups = differs && threads_joint(t, s);
    int outer = v->group;
    Stmt *lists[2] = {s->branch.then, s->branch.other};
    for (int k = 0; k < 2; k++) {
        if (groups) v->group = ++v->ngroup;
        vary_list(v, lists[k], apart || (differs && !groups));
    }
    v->group = outer;
}

/* apart: some threads may not be here */
static void vary_list(Vary *v, Stmt *list, bool apart)
{
    Threads *t = v->t;
    for (Stmt *s = list; s; s = s->next) {
        Stmt one = *s;
        one.next = NULL;
        Visitor w = {.access = vary_access, .expr = vary_call, .user = v};
        if (s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL) {
            walk_stmts(&w, &one);
            continue;
        }
        if (s->kind == S_LOOP) one.loop.body = NULL;
        if (s->kind == S_IF || s->kind == S_WHILE) one.branch.then = one.branch.other = NULL;
        walk_stmts(&w, &one);
        if (s->kind == S_LET && threads_vary(t, s->let.value)) vary(v, s->let.var);
        if (s->kind == S_STORE && each_has_own(s->store.buf)) {
            bool differs = apart || threads_vary(t, s->store.value);
            for (int d = 0; d < s->store.buf->ndim; d++)
                differs |= threads_vary(t, s->store.idx[d]);
            if (differs) vary(v, s->store.buf);
        }
        if (s->kind == S_TILE && tileop_info[s->tile.op].operands[1]) {
            bool differs = apart;
            const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
            for (int d = 0; d < src->buf->ndim; d++) differs |= threads_vary(t, src->off[d]);
            if (dst->buf->space == SP_LOCAL && (differs || ptr_get(&t->varies, src->buf)))
                vary(v, dst->buf);
        }
        if (s->kind == S_LOOP) {
            bool differs = threads_vary(t, s->loop.lo) || threads_vary(t, s->loop.hi[0]);
            if (differs) vary(v, s->loop.var[0]);
            vary_list(v, s->loop.body, apart || differs);
        }
        if (s->kind == S_IF || s->kind == S_WHILE) vary_branch(v, s, apart);
    }
}

static void find_varying(Threads *t)
{
    Vary v = {.t = t};
    do {
        PtrMap none = {.arena = &t->cx->arena};
        v.at = v.stored = none;
        v.changed = false;
        v.group = v.ngroup = 0;
        vary_list(&v, t->launch->body, false);
    } while (v.changed);
}

/* ---- what threads do together
 * -------------------------------------------------------------------- */

bool threads_joint_call(void *user, const Expr *e)
{
    (void)user;
    if (e->kind != E_CALL) return false;
    return fn_info[e->fn].level != LEVEL_THREAD || is_barrier(e->fn) || e->fn == FN_named_arrive ||
           e->fn == FN_fence || e->fn == FN_cp_async_commit || e->fn == FN_cp_async_wait;
}

static bool by_thread(const Threads *t, const Stmt *s)
{
    if (s->tile.op != TO_copy && s->tile.op != TO_fill) return false;
    bool own = false;
    for (int i = 0; tileop_info[s->tile.op].operands[i]; i++) {
        const Region *r = &s->tile.arg[i];
        own |= r->buf->space == SP_LOCAL || ptr_get(&t->varies, r->buf);
        for (int d = 0; d < r->buf->ndim; d++) own |= threads_vary(t, r->off[d]);
    }
    return own;
}

typedef struct {
    const Threads *t;
    bool found;
} Joint;

static void joint_stmt(Visitor *v, Stmt *s)
{
    Joint *j = v->user;
    j->found |= s->kind == S_AWAIT || (s->kind == S_TILE && !by_thread(j->t, s)) ||
                (s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL);
}

static void joint_expr(Visitor *v, Expr *e)
{
    ((Joint *)v->user)->found |= threads_joint_call(NULL, e);
}

/* break or continue of a loop around the statement */
static bool jumps_out(const Stmt *s)
{
    if (s->kind == S_JUMP) return s->jump != JUMP_RETURN;
    if (s->kind != S_IF) return false;
    for (int k = 0; k < 2; k++)
        for (const Stmt *c = k ? s->branch.other : s->branch.then; c; c = c->next)
            if (jumps_out(c)) return true;
    return false;
}

bool threads_joint(const Threads *t, const Stmt *s)
{
    Joint j = {.t = t};
    Visitor v = {.stmt = joint_stmt, .expr = joint_expr, .user = &j};
    Stmt one = *s;
    one.next = NULL;
    walk_stmts(&v, &one);
    return j.found || (s->kind == S_IF && jumps_out(s));
}

/* ---- statements ----------------------------------------------------------------------------- */

/* a meeting of the threads that changes nothing for a block that is one sequence */
static bool is_meeting(Fn fn)
{
    return fn == FN_sync_threads || fn == FN_sync_warp || fn == FN_fence ||
           fn == FN_cp_async_commit || fn == FN_cp_async_wait;
}

static void meet(Threads *t, Stmt *s, Some who, Out *out)
{
    const Expr *e = s->eval;
    bool all = who.lo == 0 && who.hi == t->launch->threads;
    int64_t n = 0;
    if (is_barrier(e->fn)) {
        strands_barrier(t, s, who, out);
        return;
    }
    if (e->fn == FN_sync_threads) {
        if (e->nargs > 1) expr_const(e->args[1], &n);
        if (e->nargs > 1 ? n != who.hi - who.lo : !all)
            threads_stuck(t, s->span, "only some threads meet");
    } else if (!is_meeting(e->fn)) {
        threads_stuck(t, s->span,
                      arena_printf(&t->cx->arena, "T.%s is said by threads", fn_info[e->fn].name));
    }
    threads_flush(t, out);
}

static bool pure_node(void *user, const Expr *e)
{
    (void)user;
    return e->kind == E_LOAD || e->kind == E_CALL;
}

static void let_add(Threads *t, Var *v, Expr *to, Span at)
{
    if (t->nlet == MAXLET)
        threads_stuck(t, at, "it has too many names");
    else
        t->let[t->nlet++] = (VarSub){v, to};
}

/* a value of each thread: written out where it is made of indices alone, else kept for all threads
 */
static void each_let(Threads *t, Stmt *s, Some who, Out *out)
{
    Expr *value = threads_expr(t, s->let.value);
    if (!expr_any(value, pure_node, NULL)) {
        let_add(t, s->let.var, value, s->span);
        return;
    }
    Expr *idx[MAXDIM];
    int64_t ext[MAXDIM];
    int n = threads_lead(t, idx, ext);
    Buf *b = threads_fragment(t, s->let.var->name, value->type, n, ext, s->span);
    threads_each(t, out, threads_store(t, b, idx, value, s->span), who);
    let_add(t, s->let.var, expr_load(t->cx, b, idx, s->span), s->span);
}

typedef struct {
    const Threads *t;
    bool differs;
} Alike;

static void alike_expr(Visitor *v, Expr *e)
{
    Alike *a = v->user;
    a->differs |= varying_node((void *)a->t, e);
}

static void alike_stmt(Visitor *v, Stmt *s)
{
    Alike *a = v->user;
    if (s->kind == S_STORE)
        a->differs |= ptr_get(&a->t->varies, s->store.buf) ||
                      (!each_has_own(s->store.buf) && expr_loads(s->store.value, s->store.buf));
    a->differs |= s->kind == S_TILE || s->kind == S_JUMP ||
                  (s->kind == S_ALLOC && ptr_get(&a->t->varies, s->alloc));
}

/* every thread does the same: once is enough */
static bool alike(const Threads *t, Stmt *s)
{
    Alike a = {.t = t};
    Visitor v = {.stmt = alike_stmt, .expr = alike_expr, .user = &a};
    stmt_visit(&v, s);
    return !a.differs;
}

/* a tile operation or nest of the block */
static void of_block(Threads *t, Stmt *s, Out *out)
{
    Alike a = {.t = t};
    Visitor v = {.expr = alike_expr, .user = &a};
    stmt_visit(&v, s);
    if (a.differs) threads_stuck(t, s->span, "what the block does together depends on the thread");
    threads_flush(t, out);
    Stmt *n = stmt_add(&out->tail, stmt_copy(t->cx, s, &(Subst){0}));
    if (n->kind == S_TILE) {
        n->tile.async = n->tile.start = false;
        n->tile.barrier = NULL;
    }
}

/* a loop or branch that all threads take alike */
static bool uniform_compound(const Threads *t, const Stmt *s)
{
    if (s->kind == S_LOOP)
        return s->loop.how != LOOP_PARALLEL && !threads_vary(t, s->loop.lo) &&
               !threads_vary(t, s->loop.hi[0]);
    return (s->kind == S_IF || s->kind == S_WHILE) && !threads_vary(t, s->branch.cond);
}

/* once for all of them */
static void once(Threads *t, Stmt *s, Out *out)
{
    Subst none = {0}, fix = {.nvar = t->nfix, .var = t->fix};
    threads_flush(t, out);
    stmt_add(&out->tail, stmt_copy(t->cx, s, &none));
    if (s->kind == S_LET && t->nfix < MAXLET && !expr_any(s->let.value, pure_node, NULL))
        t->fix[t->nfix++] = (VarSub){s->let.var, expr_subst(t->cx, s->let.value, &fix)};
}

/* by each for itself */
static void alone(Threads *t, Stmt *s, Some who, Out *out)
{
    if (s->kind == S_JUMP)
        threads_stuck(t, s->span, "some threads leave a loop early");
    else if (s->kind == S_LET)
        each_let(t, s, who, out);
    else
        threads_each(t, out, threads_alone(t, s), who);
    if (t->in_step) threads_flush(t, out);
}

/* by all together; `at` goes on behind what follows in other groups, too */
static void together(Threads *t, Stmt *s, Stmt **at, Some who, Out *out)
{
    if (s->kind == S_EVAL && threads_joint_call(NULL, s->eval)) {
        meet(t, s, who, out);
    } else if (s->kind == S_LET || s->kind == S_STORE || s->kind == S_EVAL) {
        alone(t, threads_talk(t, s, who, out), who, out);
    } else if (s->kind == S_AWAIT) {
        threads_flush(t, out);
    } else if (s->kind == S_TILE || (s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL)) {
        of_block(t, s, out);
    } else if (s->kind == S_IF && threads_vary(t, s->branch.cond)) {
        *at = s;
        strands_branch(t, at, who, out);
    } else {
        strands_compound(t, s, who, out);
    }
}

void threads_step(Threads *t, Stmt **at, Some who, Out *out)
{
    Stmt *s = *at;
    *at = s->next;
    if (s->kind == S_ALLOC) {
        if (s->alloc->space != SP_BARRIER && !threads_own(t, s->alloc))
            stmt_add(&out->tail, stmt_alloc(t->cx, s->alloc));
    } else if (threads_joint(t, s) || (t->in_step && uniform_compound(t, s))) {
        together(t, s, at, who, out);
    } else if (alike(t, s) || (s->kind == S_JUMP && s->jump != JUMP_RETURN && !t->apart)) {
        once(t, s, out);
    } else {
        alone(t, s, who, out);
    }
}

/* ---- launches ------------------------------------------------------------------------------- */

typedef bool CallTest(Fn fn);

static void drop_calls(Stmt **list, CallTest *test)
{
    for (Stmt **at = list; *at;) {
        Stmt *s = *at;
        bool drop = s->kind == S_EVAL && s->eval->kind == E_CALL && test(s->eval->fn);
        if (s->kind == S_LOOP && s->loop.how != LOOP_PARALLEL && s->loop.body) {
            drop_calls(&s->loop.body, test);
            drop = !s->loop.body;
        } else if (s->kind == S_IF && (s->branch.then || s->branch.other)) {
            drop_calls(&s->branch.then, test);
            drop_calls(&s->branch.other, test);
            drop = !s->branch.then && !s->branch.other;
        } else if (s->kind == S_WHILE) {
            drop_calls(&s->branch.then, test);
        }
        if (drop)
            *at = s->next;
        else
            at = &s->next;
    }
}

typedef struct {
    Prog prog;
    Launch launch;
} Trial;

static void verify(Cx *cx, void *arg)
{
    Trial *t = arg;
    launch_link(cx, &t->launch);
    check_prog(cx, &t->prog, NULL);
}

/* what the verifier has against the launch: errors, and nests whose iterations may meet. What it
   says is forgotten: the program itself has been told of */
typedef struct {
    bool wrong;
    int meetings;
} Verdict;

static Verdict verdict(Cx *cx, const Prog *p, const Launch *l)
{
    Trial t = {.prog = *p, .launch = *l};
    t.prog.launch = &t.launch;
    t.launch.next = NULL;
    Diag **end = cx->diag_end;
    int before = cx->nerror;
    Verdict v = {.wrong = !guarded(cx, verify, &t)};
    for (const Diag *d = *end; d; d = d->next) v.meetings += d->code == E0315;
    cx->diag_end = end;
    *end = NULL;
    cx->nerror = before;
    return v;
}

/* the launch in tiles; false: `why` says why not */
static bool in_tiles(Threads *t, Launch *work)
{
    Stmt *allocs = NULL, *body = NULL;
    t->launch = work;
    t->alloc = &allocs;
    find_varying(t);
    Out out = {.tail = &body};
    Some all = {0, work->threads};
    for (Stmt *s = list_copy(t->cx, work->body, &(Subst){0}); s && !t->why;)
        threads_step(t, &s, all, &out);
    threads_flush(t, &out);
    if (!t->why && !strands_proved(t, body))
        threads_stuck(t, work->span, "no single order of its groups satisfies its barriers");
    if (t->why) return false;
    drop_calls(&body, is_barrier);
    *t->alloc = body;
    work->body = allocs ? allocs : body;
    for (int axis = 0; axis < MAXGRID; axis++) work->thread[axis] = NULL;
    return !launch_threads(work);
}

/* long nests where no two threads may meet in them; else the threads go in step, as the
 * interpreter's do */
static const char *threads_launch(Cx *cx, const Prog *p, Launch *l, Names *names, Span *where)
{
    int meetings = verdict(cx, p, l).meetings;
    for (int in_step = 0; in_step < 2; in_step++) {
        Launch work = *l;
        PtrMap none = {.arena = &cx->arena};
        Threads *t = NEW(&cx->arena, Threads);
        *t = (Threads){
            .cx = cx, .names = names, .varies = none, .own = none, .who = none, .in_step = in_step};
        if (!in_tiles(t, &work)) {
            *where = t->where;
            return t->why ? t->why : "something in it is still said by threads";
        }
        Verdict v = verdict(cx, p, &work);
        if (v.wrong || (!in_step && v.meetings > meetings)) continue;
        *l = work;
        return NULL;
    }
    return "its threads touch the same elements without meeting";
}

void sched_threads(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt)
{
    (void)lim, (void)opt;
    Names *names = names_of(cx, p);
    for (Launch *l = p->launch; l; l = l->next) {
        Span where = {0};
        if (!launch_threads(l)) {
            drop_calls(&l->body, is_meeting);
            continue;
        }
        const char *why = threads_launch(cx, p, l, names, &where);
        if (!why) continue;
        Diag *d = report(cx, E0410, l->span, NULL, "'%s' stays as its threads are written: %s",
                         l->name, why);
        if (where.file && where.at != l->span.at) note(cx, d, where, "here");
    }
}
