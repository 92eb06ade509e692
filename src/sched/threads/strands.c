/* Groups of threads that are joined by barriers, as one sequence. Each group is a strand; the first
   strand goes on until it would have to wait, then the next one does. Loops that strands run alike
   are run together. The order is found in the first iteration of every loop and then played over
   all of them: where each wait finds its phase complete, the sequence is one of the orders in which
   the machine could have run the program, and the barriers have nothing left to say. */
#include "sched/threads/threads.h"
#include <string.h>

bool is_barrier(Fn fn)
{
    return fn == FN_barrier_arrive || fn == FN_barrier_wait || fn == FN_barrier_expect ||
           fn == FN_barrier_arrive_expect || fn == FN_cp_async_barrier;
}

static bool is_barrier_stmt(void *user, const Stmt *s)
{
    (void)user;
    return s->kind == S_EVAL && s->eval->kind == E_CALL && is_barrier(s->eval->fn);
}

static bool has_barrier(const Stmt *s)
{
    Stmt one = *s;
    one.next = NULL;
    return stmt_any(&one, is_barrier_stmt, NULL);
}

/* ---- barriers ------------------------------------------------------------------------------- */

static Expr *with(const Threads *t, const VarSub *env, int n, Expr *e)
{
    e = expr_subst(t->cx, e, &(Subst){.nvar = t->nfix, .var = (VarSub *)t->fix});
    return expr_subst(t->cx, e, &(Subst){.nvar = n, .var = (VarSub *)env});
}

static bool known(const Threads *t, const VarSub *env, int n, Expr *e, int64_t *out)
{
    return expr_const(with(t, env, n, e), out);
}

static Barrier *barrier_of(Barriers *b, const Buf *buf)
{
    for (int i = 0; i < b->n; i++)
        if (b->at[i].buf == buf) return &b->at[i];
    if (b->n == COUNT(b->at)) return NULL;
    b->at[b->n] = (Barrier){.buf = buf};
    return &b->at[b->n++];
}

typedef enum { PASSES, WAITS, UNKNOWN } Answer;

/* what the call does to the barriers: a wait passes, or must wait */
static Answer barrier_do(Threads *t, Barriers *b, const VarSub *env, int n, const Expr *call,
                         int64_t threads)
{
    const Expr *place = call->args[0];
    Barrier *bar = barrier_of(b, place->buf);
    int64_t i, parity, size = buf_elems(place->buf);
    if (!bar || size > COUNT(bar->count) || !known(t, env, n, place->idx[0], &i) || i < 0 ||
        i >= size)
        return UNKNOWN;
    if (call->fn == FN_barrier_wait) {
        if (!known(t, env, n, call->args[1], &parity)) return UNKNOWN;
        return bar->phase[i] != (parity & 1) ? PASSES : WAITS;
    }
    if (call->fn == FN_barrier_expect) return PASSES;
    bar->count[i] += threads;
    if (bar->count[i] > place->buf->arrive[i]) return UNKNOWN;
    if (bar->count[i] == place->buf->arrive[i]) {
        bar->count[i] = 0;
        bar->phase[i] = !bar->phase[i];
    }
    return PASSES;
}

void strands_barrier(Threads *t, Stmt *s, Some who, Out *out)
{
    Stmt *c = threads_head(t, s);
    threads_flush(t, out);
    ptr_set(&t->who, c, who.hi - who.lo);
    stmt_add(&out->tail, c);
    barrier_do(t, &t->now, t->env, t->nenv, c->eval, who.hi - who.lo);
}

static bool ready(Threads *t, const Stmt *s)
{
    if (!is_barrier_stmt(NULL, s)) return true;
    Barriers probe = t->now;
    return s->eval->fn != FN_barrier_wait ||
           barrier_do(t, &probe, t->env, t->nenv, s->eval, 0) == PASSES;
}

/* ---- groups --------------------------------------------------------------------------------- */

static bool holds(Threads *t, Expr *cond, int rank, bool *out)
{
    VarSub sub[MAXGRID];
    int n = 0;
    int64_t v;
    for (int d = 0; d < MAXGRID; d++) {
        int ext = MAX(t->launch->thread_ext[d], 1);
        if (t->launch->thread[d])
            sub[n++] = (VarSub){t->launch->thread[d], expr_i32(t->cx, rank % ext)};
        rank /= ext;
    }
    cond = expr_subst(t->cx, cond, &(Subst){.nvar = t->nlet, .var = t->let});
    if (!known(t, sub, n, cond, &v)) return false;
    *out = v != 0;
    return true;
}

/* the threads of `in` for which cond is `want`; false when they are not side by side, or not known
 */
static bool some_of(Threads *t, Expr *cond, bool want, Some in, Some *out)
{
    bool ended = false, h;
    *out = (Some){in.hi, in.hi};
    for (int r = in.lo; r < in.hi; r++) {
        if (!holds(t, cond, r, &h)) return false;
        if (h != want) {
            ended = ended || out->lo < r;
            if (out->lo < r && out->hi == in.hi) out->hi = r;
        } else if (out->lo == in.hi) {
            out->lo = r;
        } else if (ended) {
            return false;
        }
    }
    return true;
}

enum { MAXSTRAND = 8 };
typedef struct {
    int n;
    Strand at[MAXSTRAND];
} Strands;

static void add_strand(Threads *t, Strands *s, Stmt *list, Some who)
{
    if (!list || who.lo == who.hi) return;
    if (s->n == MAXSTRAND)
        threads_stuck(t, list->span, "it has too many groups of threads");
    else
        s->at[s->n++] = (Strand){list, who};
}

/* if ... else if ... else: a strand each */
static void find_strands(Threads *t, Stmt *s, Some who, Strands *out)
{
    Some a, b;
    bool yes = some_of(t, s->branch.cond, true, who, &a);
    if (!yes || (!some_of(t, s->branch.cond, false, who, &b) && s->branch.other)) {
        threads_stuck(t, s->span,
                      "a branch with work for the block is not by the index of threads");
        return;
    }
    Stmt *lists[2] = {s->branch.then, s->branch.other};
    Some some[2] = {a, b};
    for (int k = 0; k < 2; k++) {
        Stmt *l = lists[k];
        if (l && !l->next && l->kind == S_IF && threads_joint(t, l) && some[k].lo < some[k].hi)
            find_strands(t, l, some[k], out);
        else
            add_strand(t, out, l, some[k]);
    }
}

/* ---- one order ------------------------------------------------------------------------------ */

static bool is_compound(const Stmt *s)
{
    return (s->kind == S_LOOP && s->loop.how != LOOP_PARALLEL) || s->kind == S_IF ||
           s->kind == S_WHILE;
}

/* the same loop or branch; strict: by name, too */
static bool same_head(const Stmt *a, const Stmt *b, bool strict)
{
    if (!a || !b || a->kind != b->kind) return false;
    if (a->kind == S_IF) return expr_same(a->branch.cond, b->branch.cond);
    if (a->kind != S_LOOP || a->loop.step != b->loop.step) return false;
    if (strict && (a->loop.how != b->loop.how || a->loop.var[0]->name != b->loop.var[0]->name))
        return false;
    return expr_same(a->loop.lo, b->loop.lo) && expr_same(a->loop.hi[0], b->loop.hi[0]);
}

static void merge(Threads *t, Strands *s, Out *out);
static void play(Threads *t, Barriers *b, Stmt *list);

/* into the loop or branch that `head` begins: its first iteration is what the order is found in */
static Stmt *enter(Threads *t, const Stmt *s, int *mark)
{
    Stmt *head = threads_head(t, s);
    *mark = t->nenv;
    if (s->kind == S_LOOP && t->nenv < MAXENV)
        t->env[t->nenv++] = (VarSub){s->loop.var[0], with(t, t->env, *mark, head->loop.lo)};
    return head;
}

static Stmt **body_of(Stmt *head, int k)
{
    return head->kind == S_LOOP ? &head->loop.body : k ? &head->branch.other : &head->branch.then;
}

/* the strands whose next statements are alike run them together */
static void fuse(Threads *t, Strands *s, const bool *in, int first, Out *out)
{
    Barriers before = t->now;
    int mark;
    Stmt *lead = s->at[first].at, *head = enter(t, lead, &mark);
    threads_flush(t, out);
    for (int k = 0; k < (lead->kind == S_LOOP ? 1 : 2); k++) {
        Strands inner = {.n = 0};
        for (int i = 0; i < s->n; i++) {
            if (!in[i]) continue;
            Stmt *body = *body_of(s->at[i].at, k);
            if (lead->kind == S_LOOP && i != first) {
                VarSub sub = {s->at[i].at->loop.var[0],
                              expr_var(t->cx, lead->loop.var[0], lead->span)};
                body = list_copy(t->cx, body, &(Subst){.nvar = 1, .var = &sub});
            }
            add_strand(t, &inner, body, s->at[i].who);
        }
        Out o = {.tail = body_of(head, k), .who = {0, 0}};
        *o.tail = NULL;
        merge(t, &inner, &o);
        threads_flush(t, &o);
    }
    t->nenv = mark;
    stmt_add(&out->tail, head);
    t->now = before;
    Stmt one = *head;
    one.next = NULL;
    if (has_barrier(head) && !t->why) play(t, &t->now, &one);
}

void strands_compound(Threads *t, Stmt *s, Some who, Out *out)
{
    Strands one = {.n = 1, .at = {{s, who}}};
    bool in[MAXSTRAND] = {true};
    fuse(t, &one, in, 0, out);
}

static bool waits_inside(const Threads *t, const Stmt *s)
{
    return is_compound(s) && has_barrier(s) &&
           !(s->kind == S_IF && threads_vary(t, s->branch.cond));
}

/* Everybody waits, or stands before a loop: of the loops the one that most strands stand before, by
   name rather than by its bounds alone. -1: everybody waits. */
static int alike(const Threads *t, const Strands *s, bool *in)
{
    int first = -1, most = 0;
    bool named = false;
    for (int strict = 1; strict >= 0 && most < 2; strict--)
        for (int i = 0; i < s->n; i++) {
            int n = 0;
            if (!s->at[i].at || !waits_inside(t, s->at[i].at)) continue;
            for (int j = 0; j < s->n; j++) n += same_head(s->at[i].at, s->at[j].at, strict);
            if (n <= most) continue;
            most = n;
            first = i;
            named = strict;
        }
    for (int i = 0; i < s->n && first >= 0; i++)
        in[i] = i == first || same_head(s->at[i].at, s->at[first].at, named);
    return first;
}

static void merge(Threads *t, Strands *s, Out *out)
{
    for (bool left = true; left && !t->why;) {
        bool moved = false;
        left = false;
        for (int i = 0; i < s->n; i++) {
            Strand *k = &s->at[i];
            while (k->at && !t->why && !waits_inside(t, k->at) && ready(t, k->at)) {
                threads_step(t, &k->at, k->who, out);
                moved = true;
            }
            left |= k->at != NULL;
        }
        if (moved || !left) continue;
        bool in[MAXSTRAND];
        int first = alike(t, s, in);
        if (first < 0) {
            for (int i = 0; i < s->n && first < 0; i++)
                if (s->at[i].at)
                    threads_stuck(
                        t, s->at[i].at->span,
                        "its groups wait for each other in a way that has no single order");
            return;
        }
        fuse(t, s, in, first, out);
        for (int i = 0; i < s->n; i++)
            if (in[i]) s->at[i].at = s->at[i].at->next;
    }
}

static Stmt *list_end(Stmt *list)
{
    while (list->next) list = list->next;
    return list;
}

/* the strands of one more branch: each goes on one that is there, or is of other threads than all
 * of them */
static bool join(Threads *t, Strands *all, const Strands *more)
{
    Strands to = *all;
    for (int i = 0; i < more->n; i++) {
        Some a = more->at[i].who;
        int k = 0;
        for (; k < to.n; k++) {
            Some b = to.at[k].who;
            if (a.lo == b.lo && a.hi == b.hi) break;
            if (a.lo < b.hi && b.lo < a.hi) return false;
        }
        if (k == MAXSTRAND) return false;
        if (k == to.n) to.at[to.n++] = more->at[i];
    }
    for (int i = 0; i < more->n; i++)
        for (int k = 0; k < all->n; k++)
            if (more->at[i].who.lo == all->at[k].who.lo &&
                more->at[i].who.hi == all->at[k].who.hi) {
                to.at[k].at = list_copy(t->cx, to.at[k].at, &(Subst){0});
                list_end(to.at[k].at)->next = more->at[i].at;
            }
    *all = to;
    return true;
}

void strands_branch(Threads *t, Stmt **at, Some who, Out *out)
{
    Strands all = {.n = 0};
    while (*at && !t->why && (*at)->kind == S_IF && threads_vary(t, (*at)->branch.cond) &&
           threads_joint(t, *at)) {
        Strands more = {.n = 0};
        find_strands(t, *at, who, &more);
        if (!join(t, &all, &more)) break;
        *at = (*at)->next;
    }
    t->apart++;
    merge(t, &all, out);
    t->apart--;
}

/* ---- the proof ------------------------------------------------------------------------------ */

/* what is not known is tried: trip counts up to so many, conditions both ways */
enum { MAXTRIPS = 17, MAXCHOICE = 4, MAXPLAYED = 400000 };
typedef struct {
    int n, first, left;
    const Expr *what[MAXCHOICE];
    int value[MAXCHOICE], of[MAXCHOICE];
    VarSub env[MAXENV];
    int nenv;
    bool loose; /* something could not be told */
} Game;

static int64_t choose(Game *g, const Expr *what, int of)
{
    for (int i = 0; i < g->n; i++)
        if (expr_same(g->what[i], what)) return g->value[i];
    if (g->n == MAXCHOICE) {
        g->loose = true;
        return 0;
    }
    g->what[g->n] = what;
    g->of[g->n] = of;
    g->value[g->n] = g->first;
    return g->value[g->n++];
}

static bool play_list(Threads *t, Game *g, Barriers *b, Stmt *list);

static bool play_loop(Threads *t, Game *g, Barriers *b, Stmt *s)
{
    int64_t lo, hi;
    Expr *from = with(t, g->env, g->nenv, s->loop.lo),
         *to = with(t, g->env, g->nenv, s->loop.hi[0]);
    if (!expr_const(from, &lo) || g->nenv == MAXENV) return false;
    if (!expr_const(to, &hi)) hi = lo + s->loop.step * choose(g, to, MAXTRIPS);
    VarSub *v = &g->env[g->nenv++];
    v->var = s->loop.var[0];
    bool good = true;
    for (int64_t i = lo; good && (s->loop.step > 0 ? i < hi : i > hi); i += s->loop.step) {
        v->to = expr_int(t->cx, i, v->var->type, s->span);
        good = play_list(t, g, b, s->loop.body);
    }
    g->nenv--;
    return good;
}

static bool play_list(Threads *t, Game *g, Barriers *b, Stmt *list)
{
    for (Stmt *s = list; s; s = s->next) {
        if (!has_barrier(s)) continue;
        if (--g->left < 0 || s->kind == S_WHILE) return false;
        if (s->kind == S_LOOP) {
            if (!play_loop(t, g, b, s)) return false;
        } else if (s->kind == S_IF) {
            int64_t c;
            Expr *cond = with(t, g->env, g->nenv, s->branch.cond);
            if (!expr_const(cond, &c)) {
                if (g->nenv) return false; /* it may differ from one iteration to the next */
                c = choose(g, cond, 2);
            }
            if (!play_list(t, g, b, c ? s->branch.then : s->branch.other)) return false;
        } else if (barrier_do(t, b, g->env, g->nenv, s->eval, ptr_get(&t->who, s)) != PASSES) {
            return false;
        }
    }
    return true;
}

/* once, with one trip where it is not known how many */
static void play(Threads *t, Barriers *b, Stmt *list)
{
    Game g = {.left = MAXPLAYED, .nenv = t->nenv, .first = 1};
    memcpy(g.env, t->env, sizeof g.env);
    play_list(t, &g, b, list);
}

bool strands_proved(Threads *t, Stmt *list)
{
    Game g = {.left = MAXPLAYED};
    do {
        Barriers fresh = {.n = 0};
        g.nenv = 0;
        if (!play_list(t, &g, &fresh, list) || g.loose) return false;
        while (g.n && ++g.value[g.n - 1] == g.of[g.n - 1]) g.n--; /* the next choice */
    } while (g.n);
    return true;
}
