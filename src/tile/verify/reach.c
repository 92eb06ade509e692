/* Points at which a place is surely reached, and the search for one where something holds.

   From the outermost scope inwards: a loop gives its variables values, a let is computed, a branch
   goes on where its condition holds. What cannot be said (a condition on memory, a trip count that
   is open) ends that way, and then the search knows less, never something wrong.

   First at the corners: the first and last values of each variable and one in between. Then, while
   the budget lasts, everywhere: when that finds nothing, there is nothing. */
#include "tile/verify/affine.h"

enum { MAXDEPTH = 64, MAXFREE = MAXBOUND, MOST = 20000 }; /* steps of one search */

typedef struct {
    const Scope *path[MAXDEPTH]; /* outermost first */
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

/* ---- which variables matter ---------------------------------------------------------------------
 */

static void add_free(Visitor *v, Expr *e)
{
    Search *s = v->user;
    if (e->kind != E_VAR) return;
    for (int i = 0; i < s->nfree; i++)
        if (s->free[i] == e->var) return;
    if (s->nfree < MAXFREE) s->free[s->nfree++] = e->var;
}

static void free_in(Search *s, const Expr *e)
{
    Visitor v = {.expr = add_free, .user = s};
    walk_expr(&v, (Expr *)e);
}

static bool is_free(const Search *s, const Var *v)
{
    for (int i = 0; i < s->nfree; i++)
        if (s->free[i] == v) return true;
    return false;
}

/* from the innermost scope outwards, so that what a let or a bound is made from comes later */
static void find_free(Search *s)
{
    for (int i = s->n - 1; i >= 0; i--) {
        const Stmt *at = s->path[i]->stmt;
        if (!at) continue;
        if (at->kind == S_IF) free_in(s, at->branch.cond);
        if (at->kind == S_LET && is_free(s, at->let.var)) free_in(s, at->let.value);
        for (int k = 0; at->kind == S_LOOP && k < at->loop.n; k++) free_in(s, at->loop.hi[k]);
        if (at->kind == S_LOOP && at->loop.lo) free_in(s, at->loop.lo);
    }
}

/* ---- the search ---------------------------------------------------------------------------------
 */

static bool enter(Search *s, int depth);

/* every value, or a few of them: lo, lo + step, ... count of them */
static bool try_values(Search *s, int depth, const Var *v, int64_t lo, int64_t step, int64_t count,
                       bool (*next)(Search *, int depth, int k), int k)
{
    bool free = is_free(s, v);
    if (!free) count = MIN(count, 1);
    int64_t few[] = {0, count - 1, 1, count / 2, count - 2};
    bool all = !s->corners || count <= COUNT(few);
    if (!all) s->complete = false;
    for (int64_t i = 0; i < (all ? count : COUNT(few)); i++) {
        if (*s->budget <= 0) {
            s->complete = false;
            return false;
        }
        int mark = s->p.n;
        point_bind(&s->p, v, (Num){.i = lo + step * (all ? i : few[i])});
        bool found = next(s, depth, k + 1);
        if (found) return true;
        s->p.n = mark;
    }
    return false;
}

static bool unsaid(Search *s)
{
    s->complete = false;
    return false;
}

static bool loop_vars(Search *s, int depth, int k)
{
    const Stmt *at = s->path[depth]->stmt;
    int64_t lo = 0, hi;
    if (k == at->loop.n) return enter(s, depth + 1);
    bool parallel = at->loop.how == LOOP_PARALLEL;
    if ((!parallel && !point_int(&s->p, at->loop.lo, &lo)) ||
        !point_int(&s->p, at->loop.hi[k], &hi))
        return unsaid(s);
    Wide step = parallel ? 1 : at->loop.step,
         count = step > 0 ? ((Wide)hi - lo + step - 1) / step : ((Wide)lo - hi - step - 1) / -step;
    if (step > 0 ? hi <= lo : lo <= hi) return false;
    if (count > INT64_MAX) return unsaid(s);
    return try_values(s, depth, at->loop.var[k], lo, (int64_t)step, (int64_t)count, loop_vars, k);
}

/* block 0 is there in every launch; how many others, an open size may decide */
static bool launch_vars(Search *s, int depth, int k)
{
    const Launch *l = s->path[depth]->launch;
    while (k >= l->ngrid && k < l->ngrid + MAXGRID && !l->thread[k - l->ngrid]) k++;
    if (k == l->ngrid + MAXGRID) return enter(s, depth + 1);
    int64_t count = 1;
    if (k >= l->ngrid)
        return try_values(s, depth, l->thread[k - l->ngrid], 0, 1,
                          MAX(l->thread_ext[k - l->ngrid], 1), launch_vars, k);
    if (!point_int(&s->p, l->grid[k], &count)) {
        count = 1;
        if (is_free(s, l->block[k])) s->complete = false;
    }
    return try_values(s, depth, l->block[k], 0, 1, count, launch_vars, k);
}

static bool group_var(Search *s, int depth, int k)
{
    const Stmt *at = s->path[depth]->stmt;
    if (k || !at->role.group) return enter(s, depth + 1);
    return try_values(s, depth, at->role.group, 0, 1, at->role.groups, group_var, k);
}

static bool enter_let(Search *s, int depth)
{
    const Stmt *at = s->path[depth]->stmt;
    Num x;
    int mark = s->p.n;
    if (is_free(s, at->let.var) && point_value(&s->p, at->let.value, &x, NULL))
        point_bind(&s->p, at->let.var, x);
    if (enter(s, depth + 1)) return true;
    s->p.n = mark;
    return false;
}

static bool enter(Search *s, int depth)
{
    int64_t holds;
    if (s->p.n > MAXBOUND - 8) return unsaid(s);
    if (depth == s->n) {
        bool unknown = false;
        --*s->budget;
        if (s->test(s->user, &s->p, &unknown) && !unknown) return true;
        s->asked = true;
        s->known |= !unknown;
        return unknown ? unsaid(s) : false;
    }
    const Scope *at = s->path[depth];
    if (at->launch) return launch_vars(s, depth, 0);
    if (!at->stmt) return enter(s, depth + 1);
    --*s->budget;
    switch (at->stmt->kind) {
    case S_LOOP: return loop_vars(s, depth, 0);
    case S_LET: return enter_let(s, depth);
    case S_ROLE: return group_var(s, depth, 0);
    case S_WHILE: return unsaid(s);
    case S_IF:
        if (!point_int(&s->p, at->stmt->branch.cond, &holds)) return unsaid(s);
        return (holds != 0) == at->other ? false : enter(s, depth + 1);
    default: return enter(s, depth + 1);
    }
}

Reach reach_find(const Scope *at, const Expr *const *about, int n, PointTest test, void *user,
                 int64_t *budget, Point *out)
{
    Search s;
    s.n = s.nfree = s.p.n = 0;
    s.test = test;
    s.user = user;
    int64_t left = MIN(*budget, MOST), before = left;
    s.budget = &left;
    s.asked = s.known = false;
    int depth = 0;
    for (const Scope *k = at; k; k = k->outer) depth++;
    if (depth > MAXDEPTH || *budget <= 0) return REACH_UNKNOWN;
    s.n = depth;
    for (const Scope *k = at; k; k = k->outer) s.path[--depth] = k;
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
