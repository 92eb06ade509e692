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

static Span64 product(Span64 a, Span64 b)
{
    __int128 p[] = {(__int128)a.lo * b.lo, (__int128)a.lo * b.hi, (__int128)a.hi * b.lo, (__int128)a.hi * b.hi};
    __int128 lo = p[0], hi = p[0];
    for (int i = 1; i < 4; i++) {
        lo = MIN(lo, p[i]);
        hi = MAX(hi, p[i]);
    }
    return of_int(lo, hi);
}

/* -1 never, 1 always, 0 sometimes */
static Span64 truth(int how)
{
    return how < 0 ? point(0) : how > 0 ? point(1) : (Span64){0, 1, true};
}

static Span64 compared(Op op, Span64 a, Span64 b)
{
    switch (op) {
    case OP_lt: return truth(a.hi < b.lo ? 1 : a.lo >= b.hi ? -1 : 0);
    case OP_le: return truth(a.hi <= b.lo ? 1 : a.lo > b.hi ? -1 : 0);
    case OP_gt: return truth(a.lo > b.hi ? 1 : a.hi <= b.lo ? -1 : 0);
    case OP_ge: return truth(a.lo >= b.hi ? 1 : a.hi < b.lo ? -1 : 0);
    case OP_eq: return truth(a.hi < b.lo || a.lo > b.hi ? -1 : 0);
    case OP_ne: return truth(a.hi < b.lo || a.lo > b.hi ? 1 : 0);
    default: return truth(0);
    }
}

static Span64 op_range(Env *s, const Expr *e)
{
    Span64 a[MAXARG] = {{0}};
    bool points = true, sure = true;
    int n = op_info[e->op].nargs;
    for (int i = 0; i < n; i++) {
        a[i] = dtype_is_float(e->arg[i]->type) ? everything : env_range(s, e->arg[i]);
        points &= is_point(a[i]);
        sure &= a[i].sure;
    }
    bool divides = e->op == OP_div || e->op == OP_floordiv || e->op == OP_floormod;
    if (points && !(divides && a[1].lo == 0))
        return point(dtype_wrap(e->type, op_fold_i(e->op, a[0].lo, n > 1 ? a[1].lo : 0, n > 2 ? a[2].lo : 0)));
    if (e->op == OP_and && ((a[0].sure && !a[0].hi) || (a[1].sure && !a[1].hi))) return point(0);
    if (e->op == OP_or && ((a[0].sure && a[0].lo) || (a[1].sure && a[1].lo))) return point(1);
    if (op_info[e->op].rule == RULE_cmp && sure) return compared(e->op, a[0], a[1]);
    if (e->type == DT_bool) return (Span64){0, 1, sure};
    if (!sure) return everything;
    switch (e->op) {
    case OP_add: return of_int((__int128)a[0].lo + a[1].lo, (__int128)a[0].hi + a[1].hi);
    case OP_sub: return of_int((__int128)a[0].lo - a[1].hi, (__int128)a[0].hi - a[1].lo);
    case OP_mul: return product(a[0], a[1]);
    case OP_neg: return of_int(-(__int128)a[0].hi, -(__int128)a[0].lo);
    case OP_min: return of_int(MIN(a[0].lo, a[1].lo), MIN(a[0].hi, a[1].hi));
    case OP_max: return of_int(MAX(a[0].lo, a[1].lo), MAX(a[0].hi, a[1].hi));
    case OP_select: return of_int(MIN(a[1].lo, a[2].lo), MAX(a[1].hi, a[2].hi));
    case OP_floordiv:
        if (!is_point(a[1]) || a[1].lo <= 0) break;
        return of_int(op_fold_i(OP_floordiv, a[0].lo, a[1].lo, 0), op_fold_i(OP_floordiv, a[0].hi, a[1].lo, 0));
    case OP_floormod: {
        if (!is_point(a[1]) || a[1].lo <= 0) break;
        int64_t m = a[1].lo, first = op_fold_i(OP_floordiv, a[0].lo, m, 0);
        if (first != op_fold_i(OP_floordiv, a[0].hi, m, 0)) return of_int(0, m - 1);
        return of_int(a[0].lo - first * m, a[0].hi - first * m);
    }
    default: break;
    }
    return everything;
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
    Span64 lo = f->lo ? env_range(&s->env, f->lo) : point(0), hi = f->hi ? env_range(&s->env, f->hi) : point(f->count);
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

static void save(const Search *s, Span64 *to)
{
    for (int i = 0; i < s->env.nframe; i++) to[i] = s->env.frame[i].now;
}

static void restore(Search *s, const Span64 *from)
{
    for (int i = 0; i < s->env.nframe; i++) s->env.frame[i].now = from[i];
}

static bool search(Search *s, const Write *w)
{
    Span64 before[MAXFRAME], narrowed[MAXFRAME];
    if (s->budget-- <= 0) return false;
    save(s, before);
    if (reaches(s, w)) {
        int at = 0;
        while (at < s->env.nframe && (s->env.frame[at].kind != F_VAR || is_point(s->env.frame[at].now))) at++;
        if (at == s->env.nframe) return true;
        Span64 all = s->env.frame[at].now;
        int64_t middle = all.lo + (all.hi - all.lo) / 2;
        save(s, narrowed);
        for (int half = 1; half >= 0; half--) {
            s->env.frame[at].now = half ? (Span64){middle + 1, all.hi, true} : (Span64){all.lo, middle, true};
            if (search(s, w)) return true;
            restore(s, narrowed);
        }
    }
    restore(s, before);
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

static void look_loop(Search *s, const Stmt *l)
{
    int was = s->env.nframe;
    bool ok = true;
    for (int k = 0; k < l->loop.n; k++)
        ok &= env_push(&s->env, (Frame){.kind = F_VAR, .var = l->loop.var[k], .lo = k == 0 ? l->loop.lo : NULL,
                              .hi = l->loop.hi[k], .step = l->loop.step > 0 ? l->loop.step : 1});
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
    case S_ROLE: {
        int was = s->env.nframe;
        if (!x->role.group || env_push(&s->env, (Frame){.kind = F_VAR, .var = x->role.group, .count = x->role.groups, .step = 1}))
            look_stmts(s, x->role.body);
        s->env.nframe = was;
        return;
    }
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

void blame(Cx *cx, const Call *call, int param, const int64_t *index, const char *text)
{
    const Prog *p = call->prog;
    Search *s = NEW(&cx->arena, Search);
    *s = (Search){.cx = cx, .env = {.prog = p, .arg = call->arg, .size = call->size}, .index = index, .buf = p->param[param].buf};
    for (const Launch *l = p->launch; l; l = l->next) {
        s->launch = l;
        s->env.nframe = 0;
        for (int k = 0; k < l->ngrid; k++)
            env_push(&s->env, (Frame){.kind = F_VAR, .var = l->block[k], .hi = l->grid[k], .step = 1});
        for (int k = 0; k < MAXGRID; k++)
            if (l->thread[k]) env_push(&s->env, (Frame){.kind = F_VAR, .var = l->thread[k], .count = l->thread_ext[k], .step = 1});
        look_stmts(s, l->body);
    }
    Diag *d = report(cx, E0705, s->found ? s->found->span : s->buf->span,
                     "`kiln reduce FILE -- kiln diff {}` finds the smallest program that differs", "%s", text);
    note(cx, d, (Span){0}, "%s", s->found ? s->where : "no statement of the program writes this element");
}
