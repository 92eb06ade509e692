/* A T.Parallel nest as maps over tiles: for each store its value, its guard, and how every operand
   is indexed by the rows and columns of the domain. Lets of the nest are substituted. What does not
   fit (inner loops, scalars of its own) is said in few words.

   Maps run one after the other, each over all of the domain. So what a let or a condition has read
   must not be overwritten before its last use: substituted, it would be read again, and changed. */
#include "tile/tile.h"
#include <string.h>

typedef struct {
    Cx *cx;
    const Stmt *nest;
    Map *out;
    int max, n;
    Map shape; /* variables and extents, the same for every map */
    int nlet;
    VarSub let[64];
    bool stale[64]; /* let[k] has read what a store since then has overwritten */
    const char *why;
} Lift;

/* the condition around a statement, of this branch and those outside of it */
typedef struct Branch Branch;
struct Branch {
    Branch *outer;
    Expr *all, *own;
    bool stale;
};

static const char overwritten[] = "it uses a value that was read from where it has stored since";

/* the place of the variable that this index is, -1: no variable in it, -2: something made of
 * variables */
static int index_var(const Lift *l, const Expr *e)
{
    while (e->kind == E_CAST && dtype_is_int(e->type) && dtype_is_int(e->arg[0]->type))
        e = e->arg[0];
    for (int k = 0; k < l->shape.nvar; k++) {
        if (e->kind == E_VAR && e->var == l->shape.var[k]) return k;
        if (expr_uses(e, l->shape.var[k])) return -2;
    }
    return -1;
}

/* leading variables must come first and in order; what remains decides */
static Axis axis_of(const Lift *l, const Buf *b, Expr *const *idx)
{
    int n = l->shape.nvar, row = n > 1 ? n - 2 : 0, col = n > 1 ? n - 1 : -1, lead = 0, row_at = -1,
        col_at = -1;
    for (int d = 0; d < b->ndim; d++) {
        int k = index_var(l, idx[d]);
        if (k == -2) return AX_OTHER;
        if (k < 0) continue;
        if (k == row && row_at < 0)
            row_at = d;
        else if (k == col && col_at < 0)
            col_at = d;
        else if (k == lead && k < row && row_at < 0 && col_at < 0)
            lead++;
        else
            return AX_OTHER;
    }
    if (row_at < 0 && col_at < 0) return lead ? AX_OTHER : AX_SCALAR;
    if (lead && lead != row) return AX_OTHER;
    if (row_at >= 0 && col_at >= 0) return row_at < col_at ? AX_FULL : AX_TRANSPOSED;
    return row_at >= 0 ? (col < 0 ? AX_FULL : AX_ROWS) : AX_COLS;
}

typedef struct {
    Lift *l;
    Map *m;
} Finding;

static void find_load(Visitor *v, Expr *e)
{
    Finding *f = v->user;
    if (e->kind != E_LOAD || e->buf->space == SP_LOCAL) return;
    for (int i = 0; i < f->m->nload; i++)
        if (expr_same(f->m->load[i].load, e)) return;
    if (f->m->nload == COUNT(f->m->load))
        f->l->why = "it has more than 32 operands";
    else
        f->m->load[f->m->nload++] = (Operand){e, axis_of(f->l, e->buf, e->idx)};
}

/* e with the lets of the nest in it */
static Expr *substituted(Lift *l, Expr *e)
{
    Subst sub = {.nvar = l->nlet, .var = l->let};
    for (int k = 0; k < l->nlet; k++)
        if (l->stale[k] && expr_uses(e, l->let[k].var)) l->why = overwritten;
    return expr_subst(l->cx, e, &sub);
}

static bool loads_from(void *buf, const Expr *e)
{
    return e->kind == E_LOAD && e->buf == buf;
}

static void overwrite(Lift *l, const Buf *b, Branch *guard)
{
    for (int k = 0; k < l->nlet; k++) l->stale[k] |= expr_any(l->let[k].to, loads_from, (void *)b);
    for (Branch *g = guard; g; g = g->outer) g->stale |= expr_any(g->own, loads_from, (void *)b);
}

static void lift_store(Lift *l, const Stmt *s, Branch *guard)
{
    if (s->store.buf->space == SP_LOCAL) {
        l->why = "it keeps a scalar of its own";
        return;
    }
    if (l->n == l->max) {
        l->why = "it has too many stores";
        return;
    }
    for (Branch *g = guard; g; g = g->outer)
        if (g->stale) l->why = overwritten;
    Map *m = &l->out[l->n++];
    *m = l->shape;
    m->nest = l->nest;
    m->dst = s->store.buf;
    m->dst_idx = NEWN(&l->cx->arena, Expr *, MAXDIM);
    for (int d = 0; d < s->store.buf->ndim; d++) m->dst_idx[d] = substituted(l, s->store.idx[d]);
    m->dst_axis = axis_of(l, m->dst, m->dst_idx);
    m->value = substituted(l, s->store.value);
    m->guard = guard ? guard->all : NULL;
    Visitor v = {.expr = find_load, .user = &(Finding){l, m}};
    walk_expr(&v, m->value);
    if (guard) walk_expr(&v, m->guard);
    overwrite(l, m->dst, guard);
}

static void lift_list(Lift *l, const Stmt *list, Branch *guard);

/* one branch, under a condition whose value was read before either branch */
static void lift_branch(Lift *l, const Stmt *list, Branch *outer, Branch *own, bool other)
{
    Expr *c = own->own;
    if (other) c = expr_op(l->cx, OP_not, c, NULL, NULL, c->span);
    own->all = outer ? expr_op(l->cx, OP_and, outer->all, c, NULL, c->span) : c;
    lift_list(l, list, own);
}

static void lift_list(Lift *l, const Stmt *list, Branch *guard)
{
    int mark = l->nlet;
    for (const Stmt *s = list; s && !l->why; s = s->next) {
        switch (s->kind) {
        case S_STORE: lift_store(l, s, guard); break;
        case S_LET:
            if (l->nlet == COUNT(l->let))
                l->why = "it binds more than 64 values";
            else {
                Expr *value = substituted(l, s->let.value);
                l->stale[l->nlet] = false;
                l->let[l->nlet++] = (VarSub){s->let.var, value};
            }
            break;
        case S_IF: {
            Branch own = {.outer = guard, .own = substituted(l, s->branch.cond)};
            lift_branch(l, s->branch.then, guard, &own, false);
            lift_branch(l, s->branch.other, guard, &own, true);
            break;
        }
        case S_LOOP: l->why = "there is a loop in it"; break;
        default: l->why = "there is more than element code in it";
        }
    }
    l->nlet = mark;
}

bool lift_nest(Cx *cx, const Stmt *nest, Map *out, int max, int *n, const char **why)
{
    Lift l = {.cx = cx, .nest = nest, .out = out, .max = max};
    *n = 0;
    l.shape.nvar = nest->loop.n;
    for (int k = 0; k < nest->loop.n; k++) {
        l.shape.var[k] = nest->loop.var[k];
        if (!expr_const(nest->loop.hi[k], &l.shape.ext[k])) l.why = "its size is not constant";
    }
    if (!l.why) lift_list(&l, nest->loop.body, NULL);
    if (why) *why = l.why;
    *n = l.why ? 0 : l.n;
    return !l.why;
}
