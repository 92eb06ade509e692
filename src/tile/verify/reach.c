/* Points at which a place is surely reached, and the search for one where something holds.

   From the outermost scope inwards: a loop gives its variables values, a let is computed, a branch
   goes on where its condition holds. What cannot be said (a condition on memory, a trip count that
   is open) ends that way, and then the search knows less, never something wrong.

   First at the corners: the first and last values of each variable and one in between. Then, while
   the budget lasts, everywhere: when that finds nothing, there is nothing. */
#include "tile/verify/affine.h"

enum { MAXSTEP = 96, MAXFREE = MAXBOUND, MOST = 20000 }; /* MOST steps of one search */

/* A variable that takes `count` or hi - lo values, the first being lo; a let, which has a value; or
 * a condition. */
typedef struct {
    const Var *var;
    const Expr *lo, *hi, *value, *cond;
    int64_t by, count;
    bool block; /* how many blocks there are, an open size may decide; block 0 is there always */
    bool holds, again; /* again: the condition of a while, of which nothing is known */
} Step;

typedef struct {
    Step step[MAXSTEP]; /* outermost first */
    int n;
    const Var *free[MAXFREE]; /* the variables that matter */
    int nfree;
    bool corners, complete; /* complete: nothing was left out */
    bool asked, known;      /* at some point; and there it could be said */
    PointTest test;
    void *user;
    int64_t *budget;
    Point p;
} Search;

/* ---- the steps to a place ------------------------------------------------------------------- */

static void add_step(Search *s, Step x)
{
    if (s->n < MAXSTEP) s->step[s->n] = x;
    s->n++;
}

static void add_scope(Search *s, const Scope *at)
{
    const Launch *l = at->launch;
    const Stmt *in = l ? NULL : at->stmt;
    if (at->outer) add_scope(s, at->outer);
    for (int d = 0; l && d < l->ngrid; d++)
        add_step(s, (Step){.var = l->block[d], .hi = l->grid[d], .by = 1, .block = true});
    for (int d = 0; l && d < MAXGRID; d++)
        if (l->thread[d])
            add_step(s, (Step){.var = l->thread[d], .count = MAX(l->thread_ext[d], 1), .by = 1});
    if (!in) return;
    bool nest = in->kind == S_LOOP && in->loop.how == LOOP_PARALLEL;
    for (int k = 0; in->kind == S_LOOP && k < in->loop.n; k++)
        add_step(s, (Step){.var = in->loop.var[k],
                           .lo = nest ? NULL : in->loop.lo,
                           .hi = in->loop.hi[k],
                           .by = nest ? 1 : in->loop.step});
    if (in->kind == S_LET) add_step(s, (Step){.var = in->let.var, .value = in->let.value});
    if (in->kind == S_ROLE && in->role.group)
        add_step(s, (Step){.var = in->role.group, .count = in->role.groups, .by = 1});
    if (in->kind == S_IF || in->kind == S_WHILE)
        add_step(
            s, (Step){.cond = in->branch.cond, .holds = !at->other, .again = in->kind == S_WHILE});
}

/* ---- which variables matter ----------------------------------------------------------------- */

static bool is_free(const Search *s, const Var *v)
{
    for (int i = 0; i < s->nfree; i++)
        if (s->free[i] == v) return true;
    return false;
}

static void add_free(Visitor *v, Expr *e)
{
    Search *s = v->user;
    if (e->kind == E_VAR && !is_free(s, e->var) && s->nfree < MAXFREE) s->free[s->nfree++] = e->var;
}

static void free_in(Search *s, const Expr *e)
{
    walk_expr(&(Visitor){.expr = add_free, .user = s}, (Expr *)e);
}

/* from the innermost step outwards, so that what a let or a bound is made from comes later */
static void find_free(Search *s)
{
    for (int i = s->n - 1; i >= 0; i--) {
        const Step *at = &s->step[i];
        if (at->value && !is_free(s, at->var)) continue;
        if (at->block || at->again) continue;
        free_in(s, at->cond);
        free_in(s, at->value);
        free_in(s, at->hi);
        free_in(s, at->lo);
    }
}

/* ---- the search ----------------------------------------------------------------------------- */

static bool enter(Search *s, int depth);

static bool unsaid(Search *s)
{
    s->complete = false;
    return false;
}

/* every value, or a few of them: lo, lo + by, ... count of them */
static bool try_values(Search *s, int depth, int64_t lo, int64_t count)
{
    const Step *at = &s->step[depth];
    if (!is_free(s, at->var)) count = MIN(count, 1);
    int64_t few[] = {0, count - 1, 1, count / 2, count - 2};
    bool all = !s->corners || count <= COUNT(few);
    if (!all) s->complete = false;
    for (int64_t i = 0; i < (all ? count : COUNT(few)); i++) {
        if (*s->budget <= 0) return unsaid(s);
        int mark = s->p.n;
        point_bind(&s->p, at->var, (Num){.i = lo + at->by * (all ? i : few[i])});
        if (enter(s, depth + 1)) return true;
        s->p.n = mark;
    }
    return false;
}

static bool enter_values(Search *s, int depth)
{
    const Step *at = &s->step[depth];
    int64_t lo = 0, hi = at->count;
    if (at->lo && !point_int(&s->p, at->lo, &lo)) return unsaid(s);
    if (at->hi && !point_int(&s->p, at->hi, &hi)) {
        if (!at->block) return unsaid(s);
        hi = 1;
        if (is_free(s, at->var)) s->complete = false;
    }
    Wide count = at->by > 0 ? ((Wide)hi - lo + at->by - 1) / at->by
                            : ((Wide)lo - hi - at->by - 1) / -(Wide)at->by;
    if (at->by > 0 ? hi <= lo : lo <= hi) return false;
    return count > INT64_MAX ? unsaid(s) : try_values(s, depth, lo, (int64_t)count);
}

static bool enter(Search *s, int depth)
{
    const Step *at = &s->step[depth];
    if (s->p.n > MAXBOUND - 8) return unsaid(s);
    --*s->budget;
    if (depth == s->n) {
        bool unknown = false;
        if (s->test(s->user, &s->p, &unknown) && !unknown) return true;
        s->asked = true;
        s->known |= !unknown;
        return unknown ? unsaid(s) : false;
    }
    if (at->cond) {
        int64_t holds;
        if (at->again || !point_int(&s->p, at->cond, &holds)) return unsaid(s);
        return (holds != 0) == at->holds && enter(s, depth + 1);
    }
    if (!at->value) return enter_values(s, depth);
    Num x;
    int mark = s->p.n;
    if (is_free(s, at->var) && point_value(&s->p, at->value, &x, NULL))
        point_bind(&s->p, at->var, x);
    bool found = enter(s, depth + 1);
    if (!found) s->p.n = mark;
    return found;
}

Reach reach_find(const Scope *at, const Expr *const *about, int n, PointTest test, void *user,
                 int64_t *budget, Point *out)
{
    Search s;
    int64_t left = MIN(*budget, MOST), before = left;
    s.n = s.nfree = s.p.n = 0;
    s.test = test;
    s.user = user;
    s.budget = &left;
    s.asked = s.known = false;
    if (at) add_scope(&s, at);
    if (s.n > MAXSTEP || *budget <= 0) return REACH_UNKNOWN;
    for (int i = 0; i < n; i++) free_in(&s, about[i]);
    find_free(&s);
    Reach answer = REACH_UNKNOWN;
    for (int round = 0; round < 2 && answer == REACH_UNKNOWN && (s.known || !s.asked); round++) {
        s.corners = round == 0;
        s.complete = true;
        s.p.n = 0;
        if (enter(&s, 0)) {
            *out = s.p;
            answer = REACH_FOUND;
        } else if (s.complete) {
            answer = REACH_NEVER;
        }
    }
    *budget -= before - left;
    return answer;
}
