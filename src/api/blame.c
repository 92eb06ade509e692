/* Which statement writes an element of a tensor, in which block, and where in its tile: a search over
   the blocks and the loops around every statement that writes the tensor. Variables are intervals;
   an interval that cannot reach the element is left, others are halved, late ones first, so that
   what is found is the last to write. Indices that depend on data may be anything. */
#include "api/api.h"

enum { BUDGET = 200000, MAXFRAME = 96 };

/* what is around a statement: a let, a branch, or a loop of ours over one variable, which is narrowed while we search */
typedef struct {
    Scope scope;
    Stmt stmt;
    Expr lo, hi;           /* of the loop, numbers: lo <= variable < hi; of a size or a scalar: lo */
    const Expr *from, *to; /* of the loop, as the program says it; from NULL: 0 */
    int64_t step;          /* 0: no loop */
} Frame;

typedef struct {
    int64_t lo, hi;
} Interval;

typedef struct {
    const Prog *prog;
    const Launch *launch;
    const int64_t *index;
    const Buf *buf;
    int budget, nframe, nvalue; /* the first nvalue frames are sizes and scalars */
    bool guess;                 /* something on the way depends on data */
    Cx *cx;
    const Stmt *look, *found; /* that is looked at; the last one so far that writes the element */
    const char *where;
    Point call, at; /* what has a value in this call; at this place of the search */
    Frame frame[MAXFRAME];
} Search;

/* ---- frames ---------------------------------------------------------------------------------- */

static Frame *push(Search *s, const Stmt *stmt, bool other)
{
    if (s->nframe == MAXFRAME) return NULL;
    Frame *f = &s->frame[s->nframe++];
    *f = (Frame){.scope = {.outer = s->nframe > 1 ? &f[-1].scope : NULL, .stmt = stmt ? stmt : &f->stmt, .other = other}};
    return f;
}

static bool push_loop(Search *s, Var *v, const Expr *from, const Expr *to, int64_t step)
{
    Frame *f = push(s, NULL, false);
    if (!f) return false;
    f->lo = f->hi = (Expr){.kind = E_INT, .type = DT_int64};
    f->stmt = (Stmt){.kind = S_LOOP, .loop = {.n = 1, .var = {v}, .lo = &f->lo, .hi = {&f->hi}, .step = 1}};
    f->from = from;
    f->to = to;
    f->step = step > 0 ? step : 1;
    return true;
}

static void push_value(Search *s, Var *v, int64_t value)
{
    Frame *f = push(s, NULL, false);
    if (!f) return;
    f->lo = (Expr){.kind = E_INT, .type = DT_int64, .i = value};
    f->stmt = (Stmt){.kind = S_LET, .let = {v, &f->lo}};
}

static const Var *var_of(const Frame *f)
{
    return f->stmt.loop.var[0];
}

static bool is_point(Range r)
{
    return r.known && r.lo == r.hi;
}

static Range range_of(Search *s, const Expr *e, const Scope *at)
{
    int64_t v;
    Range r = point_int(&s->at, e, &v) ? (Range){true, v, v} : expr_range(e, at);
    s->guess |= !is_point(r);
    return r;
}

/* ---- search ---------------------------------------------------------------------------------- */

typedef struct {
    const Stmt *stmt;
    Expr *const *off;   /* an element: its indices; NULL: somewhere in the tensor */
    const int64_t *ext; /* NULL: 1 of each */
} Write;

/* can the variable have a value in its interval; narrows it to its bounds */
static bool narrow(Search *s, Frame *f)
{
    Range zero = {true, 0, 0}, lo = f->from ? range_of(s, f->from, f->scope.outer) : zero,
          hi = range_of(s, f->to, f->scope.outer);
    if (lo.known) f->lo.i = MAX(f->lo.i, lo.lo);
    if (hi.known) f->hi.i = MIN(f->hi.i, hi.hi);
    if (f->lo.i + 1 == f->hi.i) point_bind(&s->at, var_of(f), (Num){.i = f->lo.i});
    bool off_step = f->lo.i + 1 == f->hi.i && is_point(lo) && (f->lo.i - lo.lo) % f->step != 0;
    return f->lo.i < f->hi.i && !off_step;
}

/* can what is around the statement have a value, and the condition hold */
static bool enters(Search *s, Frame *f)
{
    const Stmt *x = f->scope.stmt;
    int64_t v;
    if (f->step) return narrow(s, f);
    if (x->kind == S_LET && point_int(&s->at, x->let.value, &v)) point_bind(&s->at, x->let.var, (Num){.i = v});
    if (x->kind != S_IF) return true;
    Range c = range_of(s, x->branch.cond, f->scope.outer);
    return !c.known || (f->scope.other ? c.lo == 0 : c.hi != 0);
}

static bool reaches(Search *s, const Write *w)
{
    s->at = s->call;
    s->guess = false;
    for (int i = s->nvalue; i < s->nframe; i++)
        if (!enters(s, &s->frame[i])) return false;
    for (int d = 0; w->off && d < s->buf->ndim; d++) {
        Range r = range_of(s, w->off[d], &s->frame[s->nframe - 1].scope);
        if (r.known && (s->index[d] < r.lo || s->index[d] > r.hi + (w->ext ? w->ext[d] : 1) - 1)) return false;
    }
    return true;
}

static void restore(Search *s, const Interval *from)
{
    for (int i = 0; i < s->nframe; i++) {
        s->frame[i].lo.i = from[i].lo;
        s->frame[i].hi.i = from[i].hi;
    }
}

/* when it fails, every interval is as it was */
static bool search(Search *s, const Write *w)
{
    Interval before[MAXFRAME], all;
    if (s->budget-- <= 0) return false;
    for (int i = 0; i < s->nframe; i++) before[i] = (Interval){s->frame[i].lo.i, s->frame[i].hi.i};
    if (reaches(s, w)) {
        Frame *f = s->frame;
        while (f < s->frame + s->nframe && (!f->step || f->lo.i + 1 == f->hi.i)) f++;
        if (f == s->frame + s->nframe) return true;
        Interval narrowed[MAXFRAME];
        for (int i = 0; i < s->nframe; i++) narrowed[i] = (Interval){s->frame[i].lo.i, s->frame[i].hi.i};
        all = (Interval){f->lo.i, f->hi.i};
        int64_t middle = all.lo + (all.hi - all.lo) / 2;
        for (int half = 1; half >= 0; half--) {
            f->lo.i = half ? middle : all.lo;
            f->hi.i = half ? all.hi : middle;
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
    int n = 0;
    for (const Frame *f = s->frame; f < s->frame + s->nframe; f++)
        if (f->step) {
            const char *before = n == 0 ? "block " : n == s->launch->ngrid ? ", iteration " : ", ";
            text_add(t, "%s%s=%lld", before, var_of(f)->name, (long long)f->lo.i);
            n++;
        }
}

static void tell_tile(Search *s, const Write *w, Text *t)
{
    int64_t off[MAXDIM];
    if (!w->ext) return;
    for (int d = 0; d < s->buf->ndim; d++)
        if (!point_int(&s->at, w->off[d], &off[d])) return;
    text_add(t, "; element [");
    for (int d = 0; d < s->buf->ndim; d++) text_add(t, "%s%lld", d ? ", " : "", (long long)(s->index[d] - off[d]));
    text_add(t, "] of the tile %s[", s->buf->name);
    for (int d = 0; d < s->buf->ndim; d++)
        text_add(t, "%s%lld:%lld", d ? ", " : "", (long long)off[d], (long long)(off[d] + w->ext[d]));
    text_add(t, "]");
}

static void consider(Search *s, const Write *w)
{
    for (Frame *f = s->frame; f < s->frame + s->nframe; f++)
        if (f->step) {
            f->lo.i = INT64_MIN / 4;
            f->hi.i = INT64_MAX / 4;
        }
    s->budget = BUDGET;
    bool hit = search(s, w), sure = hit && !s->guess;
    if (!hit && (s->budget > 0 || s->found)) return;
    Text t = text_new(&s->cx->arena);
    text_add(&t, "the last statement that writes it: ");
    if (s->prog->launch->next) text_add(&t, "launch '%s', ", s->launch->name);
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
    int was = s->nframe;
    bool ok = true;
    for (int k = 0; k < l->loop.n; k++)
        ok &= push_loop(s, l->loop.var[k], k == 0 ? l->loop.lo : NULL, l->loop.hi[k], l->loop.step);
    if (ok) look_stmts(s, l->loop.body);
    s->nframe = was;
}

static void look_branch(Search *s, const Stmt *b)
{
    for (int other = 0; other < 2; other++) {
        if (!push(s, b, other)) return;
        look_stmts(s, other ? b->branch.other : b->branch.then);
        s->nframe--;
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
        push(s, x, false);
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
    int was = s->nframe;
    for (; list; list = list->next) look_stmt(s, list);
    s->nframe = was;
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
    *s = (Search){.cx = cx, .prog = p, .index = index, .buf = p->param[param].buf, .call = bind_point(call)};
    for (int i = 0; i < p->nsize; i++) push_value(s, p->size[i], call->size[i]);
    for (int i = 0; i < p->nparam; i++)
        if (p->param[i].scalar) push_value(s, p->param[i].scalar, call->arg[i].i);
    s->nvalue = s->nframe;
    for (s->launch = p->launch; s->launch; s->launch = s->launch->next) look_stmts(s, launch_nest(cx, s->launch, true));
    Diag *d = report(cx, E0705, s->found ? s->found->span : s->buf->span,
                     "`kiln reduce FILE -- kiln diff {}` finds the smallest program that differs", "%s", text);
    note(cx, d, (Span){0}, "%s", s->found ? s->where : "no statement of the program writes this element");
}
