/* Which statement writes an element of a tensor, in which block, and where in its tile: a search over
   the blocks and the loops around every statement that writes the tensor. Variables are intervals;
   an interval that cannot reach the element is left, others are halved, late ones first, so that
   what is found is the last to write. Indices that depend on data may be anything. */
#include "api/api.h"
#include <string.h>

enum { BUDGET = 200000 };
typedef struct {
    Env env; /* first: what is around the statement that is looked at */
    const int64_t *index;
    const Buf *buf;
    int budget;
    bool guess; /* something on the way depends on data */
    const Launch *launch;
    Cx *cx;
    const Stmt *look, *found; /* that is looked at; the last one so far that writes the element */
    const char *where;
} Search;

static const Span64 everything = {INT64_MIN, INT64_MAX, false};

/* ---- intervals of expressions ---------------------------------------------------------------- */

static Span64 of_int(__int128 lo, __int128 hi)
{
    if (lo < INT64_MIN / 2 || hi > INT64_MAX / 2) return everything;
    return (Span64){(int64_t)lo, (int64_t)hi, true};
}

static Span64 point(int64_t v)
{
    return (Span64){v, v, true};
}

bool is_point(Span64 s)
{
    return s.sure && s.lo == s.hi;
}

static Span64 var_range(Env *s, const Var *v)
{
    for (int i = s->nframe - 1; i >= 0; i--) {
        if (s->frame[i].var != v) continue;
        if (s->frame[i].kind == F_VAR) return s->frame[i].now;
        int was = s->nframe;
        s->nframe = i; /* what the value may use */
        Span64 r = env_range(s, s->frame[i].expr);
        s->nframe = was;
        return r;
    }
    for (int i = 0; i < s->prog->nsize; i++)
        if (s->prog->size[i] == v) return point(s->size[i]);
    for (int i = 0; i < s->prog->nparam; i++)
        if (s->prog->param[i].scalar == v && !dtype_is_float(v->type)) return point(s->arg[i].i);
    return everything;
}

/* operations that are monotone in each operand, comparisons included: their extremes are at the corners */
static bool corner(Op op, __int128 a, __int128 b, __int128 *out)
{
    switch (op) {
    case OP_add: *out = a + b; return true;
    case OP_sub: *out = a - b; return true;
    case OP_mul: *out = a * b; return true;
    case OP_neg: *out = -a; return true;
    case OP_min: *out = MIN(a, b); return true;
    case OP_max: *out = MAX(a, b); return true;
    case OP_lt: *out = a < b; return true;
    case OP_le: *out = a <= b; return true;
    case OP_gt: *out = a > b; return true;
    case OP_ge: *out = a >= b; return true;
    case OP_floordiv: *out = b > 0 ? op_fold_i(op, (int64_t)a, (int64_t)b, 0) : 0; return b > 0;
    default: return false;
    }
}

static Span64 corners(Op op, Span64 a, Span64 b)
{
    __int128 v, lo = 0, hi = 0;
    for (int i = 0; i < 4; i++) {
        if (!corner(op, i & 1 ? a.hi : a.lo, i & 2 ? b.hi : b.lo, &v)) return everything;
        lo = i ? MIN(lo, v) : v;
        hi = i ? MAX(hi, v) : v;
    }
    return of_int(lo, hi);
}

static Span64 op_range(Env *s, const Expr *e)
{
    Span64 a[MAXARG] = {{0}};
    bool points = true, sure = true;
    int n = op_info[e->op].nargs;
    for (int i = 0; i < n; i++) {
        a[i] = env_range(s, e->arg[i]);
        points &= is_point(a[i]);
        sure &= a[i].sure;
    }
    bool divides = e->op == OP_div || e->op == OP_floordiv || e->op == OP_floormod;
    if (points && !(divides && a[1].lo == 0))
        return point(dtype_wrap(e->type, op_fold_i(e->op, a[0].lo, n > 1 ? a[1].lo : 0, n > 2 ? a[2].lo : 0)));
    if (e->op == OP_and && ((a[0].sure && !a[0].hi) || (a[1].sure && !a[1].hi))) return point(0);
    if (e->op == OP_or && ((a[0].sure && a[0].lo) || (a[1].sure && a[1].lo))) return point(1);
    if (sure && (e->op == OP_eq || e->op == OP_ne) && (a[0].hi < a[1].lo || a[0].lo > a[1].hi)) return point(e->op == OP_ne);
    Span64 r = sure ? corners(e->op, a[0], a[1]) : everything;
    if (sure && e->op == OP_select) r = of_int(MIN(a[1].lo, a[2].lo), MAX(a[1].hi, a[2].hi));
    if (sure && e->op == OP_floormod && is_point(a[1]) && a[1].lo > 0) {
        int64_t m = a[1].lo, first = op_fold_i(OP_floordiv, a[0].lo, m, 0);
        bool same = first == op_fold_i(OP_floordiv, a[0].hi, m, 0);
        r = same ? of_int(a[0].lo - first * m, a[0].hi - first * m) : of_int(0, m - 1);
    }
    return e->type == DT_bool && !r.sure ? (Span64){0, 1, sure} : r;
}

bool env_push(Env *s, Frame f)
{
    if (s->nframe < MAXFRAME) s->frame[s->nframe++] = f;
    return s->nframe < MAXFRAME;
}

Span64 env_range(Env *s, const Expr *e)
{
    if (dtype_is_float(e->type)) return everything;
    switch (e->kind) {
    case E_INT: return point(e->i);
    case E_VAR: return var_range(s, e->var);
    case E_CAST: {
        if (dtype_is_float(e->arg[0]->type)) return everything;
        Span64 r = env_range(s, e->arg[0]);
        bool same = r.sure && dtype_wrap(e->type, r.lo) == r.lo && dtype_wrap(e->type, r.hi) == r.hi;
        return is_point(r) ? point(dtype_wrap(e->type, r.lo)) : same ? r : everything;
    }
    case E_OP: return op_range(s, e);
    default: return everything;
    }
}

/* ---- search ---------------------------------------------------------------------------------- */

typedef struct {
    const Stmt *stmt;
    Expr *const *off;   /* an element: its indices; NULL: somewhere in the tensor */
    const int64_t *ext; /* NULL: 1 of each */
} Write;

/* can a variable have a value in its interval; narrows it to its bounds */
static bool narrow(Search *s, int i)
{
    Frame *f = &s->env.frame[i];
    int was = s->env.nframe;
    s->env.nframe = i;
    Span64 lo = f->lo ? env_range(&s->env, f->lo) : point(0), hi = env_range(&s->env, f->hi);
    s->env.nframe = was;
    if (lo.sure) f->now.lo = MAX(f->now.lo, lo.lo);
    if (hi.sure) f->now.hi = MIN(f->now.hi, hi.hi - 1);
    s->guess |= !lo.sure || !hi.sure;
    bool off_step = is_point(f->now) && is_point(lo) && (f->now.lo - lo.lo) % f->step != 0;
    return f->now.lo <= f->now.hi && !off_step;
}

static bool holds(Search *s, int i)
{
    int was = s->env.nframe;
    s->env.nframe = i;
    Span64 c = env_range(&s->env, s->env.frame[i].expr);
    s->env.nframe = was;
    s->guess |= !c.sure;
    return !c.sure || (s->env.frame[i].kind == F_IF ? c.hi != 0 : c.lo == 0);
}

static bool reaches(Search *s, const Write *w)
{
    for (int i = 0; i < s->env.nframe; i++)
        if ((s->env.frame[i].kind == F_VAR && !narrow(s, i)) ||
            ((s->env.frame[i].kind == F_IF || s->env.frame[i].kind == F_ELSE) && !holds(s, i)))
            return false;
    for (int d = 0; w->off && d < s->buf->ndim; d++) {
        Span64 r = env_range(&s->env, w->off[d]);
        s->guess |= !r.sure;
        if (r.sure && (s->index[d] < r.lo || s->index[d] > r.hi + (w->ext ? w->ext[d] : 1) - 1)) return false;
    }
    return true;
}

/* when it fails, every interval is as it was */
static bool search(Search *s, const Write *w)
{
    Env *env = &s->env;
    Frame before[MAXFRAME], narrowed[MAXFRAME];
    size_t n = sizeof *before * (size_t)env->nframe;
    if (s->budget-- <= 0) return false;
    memcpy(before, env->frame, n);
    if (reaches(s, w)) {
        int at = 0;
        while (at < env->nframe && (env->frame[at].kind != F_VAR || is_point(env->frame[at].now))) at++;
        if (at == env->nframe) return true;
        Span64 all = env->frame[at].now;
        int64_t middle = all.lo + (all.hi - all.lo) / 2;
        memcpy(narrowed, env->frame, n);
        for (int half = 1; half >= 0; half--) {
            env->frame[at].now = half ? (Span64){middle + 1, all.hi, true} : (Span64){all.lo, middle, true};
            if (search(s, w)) return true;
            memcpy(env->frame, narrowed, n);
        }
    }
    memcpy(env->frame, before, n);
    return false;
}

/* ---- what was found --------------------------------------------------------------------------- */

static void tell_block(const Search *s, Text *t)
{
    for (int k = 0; k < s->launch->ngrid; k++)
        text_add(t, "%s%s=%lld", k ? ", " : "block ", s->env.frame[k].var->name, (long long)s->env.frame[k].now.lo);
    bool first = true;
    for (int i = s->launch->ngrid; i < s->env.nframe; i++) {
        const Frame *f = &s->env.frame[i];
        if (f->kind != F_VAR) continue;
        text_add(t, "%s%s=%lld", first ? ", iteration " : ", ", f->var->name, (long long)f->now.lo);
        first = false;
    }
}

static void tell_tile(Search *s, const Write *w, Text *t)
{
    Span64 off[MAXDIM];
    bool known = w->ext != NULL;
    for (int d = 0; known && d < s->buf->ndim; d++) {
        off[d] = env_range(&s->env, w->off[d]);
        known = is_point(off[d]);
    }
    if (!known) return;
    text_add(t, "; element [");
    for (int d = 0; d < s->buf->ndim; d++) text_add(t, "%s%lld", d ? ", " : "", (long long)(s->index[d] - off[d].lo));
    text_add(t, "] of the tile %s[", s->buf->name);
    for (int d = 0; d < s->buf->ndim; d++)
        text_add(t, "%s%lld:%lld", d ? ", " : "", (long long)off[d].lo, (long long)(off[d].lo + w->ext[d]));
    text_add(t, "]");
}

static void consider(Search *s, const Write *w)
{
    for (int i = 0; i < s->env.nframe; i++)
        if (s->env.frame[i].kind == F_VAR) s->env.frame[i].now = (Span64){INT64_MIN / 4, INT64_MAX / 4, true};
    s->guess = false;
    s->budget = BUDGET;
    bool hit = search(s, w), sure = hit && !s->guess;
    if (!hit && (s->budget > 0 || s->found)) return;
    Text t = text_new(&s->cx->arena);
    text_add(&t, "the last statement that writes it: ");
    if (s->env.prog->launch->next) text_add(&t, "launch '%s', ", s->launch->name);
    if (sure) {
        tell_block(s, &t);
        tell_tile(s, w, &t);
    } else {
        text_add(&t, "which block does, depends on data");
    }
    s->found = w->stmt;
    s->where = t.s;
}

/* ---- statements ------------------------------------------------------------------------------- */

static const Buf *root(const Buf *b)
{
    while (b && b->of) b = b->of;
    return b;
}

static void look_at(Search *s, const Stmt *stmt, const Buf *b, Expr *const *off, const int64_t *ext)
{
    if (root(b) != s->buf) return;
    bool own = b == s->buf;
    Write w = {.stmt = stmt, .off = own ? off : NULL, .ext = own ? ext : NULL};
    consider(s, &w);
}

static void look_call(Visitor *v, Expr *e)
{
    Search *s = v->user;
    if (e->kind != E_CALL) return;
    for (int k = 0; k < e->nargs; k++) {
        char how = call_place(e, k);
        if ((how == 'w' || how == 'u') && e->args[k]->kind == E_LOAD)
            look_at(s, s->look, e->args[k]->buf, e->args[k]->idx, NULL);
    }
}

static void look_stmts(Search *s, const Stmt *list);
static Stmt *loop_over(Cx *cx, Var *v, Expr *count, Stmt *body);

static void look_loop(Search *s, const Stmt *l)
{
    int was = s->env.nframe;
    bool ok = true;
    for (int k = 0; k < l->loop.n; k++)
        ok &= env_push(&s->env, (Frame){.kind = F_VAR, .var = l->loop.var[k], .lo = k == 0 ? l->loop.lo : NULL,
                                        .hi = l->loop.hi[k], .step = MAX(l->loop.step, 1)});
    if (ok) look_stmts(s, l->loop.body);
    s->env.nframe = was;
}

static void look_branch(Search *s, const Stmt *b)
{
    for (int other = 0; other < 2; other++) {
        if (!env_push(&s->env, (Frame){.kind = other ? F_ELSE : F_IF, .expr = b->branch.cond})) return;
        look_stmts(s, other ? b->branch.other : b->branch.then);
        s->env.nframe--;
    }
}

static void look_stmt(Search *s, const Stmt *x)
{
    Visitor v = {.expr = look_call, .user = s};
    s->look = x;
    switch (x->kind) {
    case S_LOOP: look_loop(s, x); return;
    case S_IF: look_branch(s, x); return;
    case S_WHILE: look_stmts(s, x->branch.then); return;
    case S_ROLE:
        look_stmts(s, x->role.group ? loop_over(s->cx, x->role.group, expr_i32(s->cx, x->role.groups), x->role.body)
                                    : x->role.body);
        return;
    case S_LET:
        walk_expr(&v, x->let.value);
        env_push(&s->env, (Frame){.kind = F_LET, .var = x->let.var, .expr = x->let.value});
        return;
    case S_STORE:
        walk_expr(&v, x->store.value);
        look_at(s, x, x->store.buf, x->store.idx, NULL);
        return;
    case S_EVAL: walk_expr(&v, x->eval); return;
    case S_TILE:
        for (int k = 0; tileop_info[x->tile.op].operands[k]; k++)
            if (tileop_info[x->tile.op].operands[k] != 'r')
                look_at(s, x, x->tile.arg[k].buf, x->tile.arg[k].off, x->tile.arg[k].ext);
        return;
    default: return;
    }
}

static void look_stmts(Search *s, const Stmt *list)
{
    int was = s->env.nframe;
    for (; list; list = list->next) look_stmt(s, list);
    s->env.nframe = was;
}

static Stmt *loop_over(Cx *cx, Var *v, Expr *count, Stmt *body)
{
    Stmt *l = stmt_new(cx, S_LOOP, v->span);
    l->loop.n = 1;
    l->loop.var[0] = v;
    l->loop.lo = expr_i32(cx, 0);
    l->loop.hi[0] = count;
    l->loop.step = 1;
    l->loop.body = body;
    return l;
}

Stmt *launch_nest(Cx *cx, const Launch *l, bool threads)
{
    Stmt *body = l->body;
    for (int k = MAXGRID - 1; k >= 0 && threads; k--)
        if (l->thread[k]) body = loop_over(cx, l->thread[k], expr_i32(cx, l->thread_ext[k]), body);
    for (int k = l->ngrid - 1; k >= 0; k--) body = loop_over(cx, l->block[k], l->grid[k], body);
    return body;
}

void blame(Cx *cx, const Call *call, int param, const int64_t *index, const char *text)
{
    const Prog *p = call->prog;
    Search *s = NEW(&cx->arena, Search);
    *s = (Search){.cx = cx, .env = {.prog = p, .arg = call->arg, .size = call->size}, .index = index, .buf = p->param[param].buf};
    for (s->launch = p->launch; s->launch; s->launch = s->launch->next) look_stmts(s, launch_nest(cx, s->launch, true));
    Diag *d = report(cx, E0705, s->found ? s->found->span : s->buf->span,
                     "`kiln reduce FILE -- kiln diff {}` finds the smallest program that differs", "%s", text);
    note(cx, d, (Span){0}, "%s", s->found ? s->where : "no statement of the program writes this element");
}
