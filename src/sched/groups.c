/* Groups. Needs roles; gives a compute role of G groups that run the same text, each on its own
   rows of the output tile: fragments of R rows become R / G rows, what is taken from slots and
   shared tiles is offset by the group's first row. Pipes stay whole: every group waits and
   releases, a slot that compute fills is full when all groups have committed.

   A fragment is either dealt out by rows or kept whole, computed alike in every group; then it may
   depend on nothing that is dealt out. Where a statement needs rows of another group (a reduction
   over rows, a transposed access, a shared tile of compute's own) the launch keeps one group, and a
   remark says which statement it was.  */
#include "sched/inside.h"
#include <string.h>

typedef struct {
    Cx *cx;
    Stmt *role;
    int groups;
    int64_t rows, each; /* of the whole, of one group */
    Expr *first;        /* g * each */
    PtrMap kind;        /* fragment, private or produced tile -> DEALT or WHOLE */
    bool changed;
    const Stmt *bad;
} Groups;

enum { DEALT = 1, WHOLE = 2 };

static bool dealt(const Groups *g, const Buf *b)
{
    return ptr_get(&g->kind, b) == DEALT;
}

/* a tile that other groups must not see half of: fragments, compute's own tiles, slots that compute
 * fills */
static bool ours(const Groups *g, const Buf *b)
{
    return ptr_get(&g->kind, b) != 0;
}

static bool no(Groups *g, const Stmt *s)
{
    if (!g->bad) g->bad = s;
    return false;
}

static bool all_rows(const Groups *g, const Region *r, int d)
{
    int64_t off;
    return d >= 0 && r->ext[d] == g->rows && expr_const(r->off[d], &off) && off == 0;
}

/* the group's share of dimension d */
static void take_rows(Groups *g, Region *r, int d)
{
    r->ext[d] = g->each;
    if (!dealt(g, r->buf) || r->buf->space != SP_FRAG)
        r->off[d] = expr_add(g->cx, r->off[d], g->first);
}

/* ---- tile operations ------------------------------------------------------------------------ */

/* which dimension of the region is dealt out: 0 of what is dealt, -1 none, -2 not possible */
static int row_dim(const Groups *g, const Region *r)
{
    if (!dealt(g, r->buf)) return -1;
    return all_rows(g, r, 0) ? 0 : -2;
}

static bool share_gemm(Groups *g, Stmt *s)
{
    Region *a = &s->tile.arg[0], *b = &s->tile.arg[1], *c = &s->tile.arg[2];
    int m = a->buf->ndim - (s->tile.trans_a ? 1 : 2);
    if (row_dim(g, c) != 0 || c->buf->ndim != 2 || dealt(g, b->buf) || m < 0 ||
        a->ext[m] != g->rows)
        return no(g, s);
    if (ours(g, a->buf) && (!dealt(g, a->buf) || m != 0 || !all_rows(g, a, 0))) return no(g, s);
    take_rows(g, a, m);
    take_rows(g, c, 0);
    return true;
}

static bool share_copy(Groups *g, Stmt *s)
{
    Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    CopyShape shape;
    int from = row_dim(g, src), to = row_dim(g, dst);
    if (from == -2 || to == -2 || !copy_shape(src, dst, &shape)) return no(g, s);
    if (from < 0 && to < 0) /* alike in every group */
        return ours(g, dst->buf) && dst->buf->space == SP_FRAG &&
                       (!ours(g, src->buf) || src->buf->space == SP_FRAG)
                   ? true
                   : no(g, s);
    for (int k = 0; k < shape.n; k++) {
        bool rows_in = from >= 0 && shape.src[k] == from, rows_out = to >= 0 && shape.dst[k] == to;
        if (!rows_in && !rows_out) continue;
        int other = rows_in ? shape.dst[k] : shape.src[k];
        const Region *x = rows_in ? dst : src;
        if (!(rows_in && rows_out) && other >= 0 && (ours(g, x->buf) || x->ext[other] != g->rows))
            return no(g, s); /* the other side is another group's too */
        if (other < 0 && !rows_out) return no(g, s);
        if (shape.src[k] >= 0) take_rows(g, src, shape.src[k]);
        if (shape.dst[k] >= 0) take_rows(g, dst, shape.dst[k]);
        return from < 0 || to < 0 || (rows_in && rows_out) ? true : no(g, s);
    }
    return no(g, s);
}

static bool share_fill(Groups *g, Stmt *s)
{
    int d = row_dim(g, &s->tile.arg[0]);
    if (d == -2 || (d < 0 && s->tile.arg[0].buf->space != SP_FRAG)) return no(g, s);
    if (d == 0) take_rows(g, &s->tile.arg[0], 0);
    return true;
}

/* reductions and scans along another axis than the rows */
static bool share_reduce(Groups *g, Stmt *s)
{
    Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    int from = row_dim(g, src), to = row_dim(g, dst);
    if (from == -2 || to == -2) return no(g, s);
    if (from < 0 && to < 0)
        return dst->buf->space == SP_FRAG && (!ours(g, src->buf) || src->buf->space == SP_FRAG)
                   ? true
                   : no(g, s);
    if (s->tile.dim == 0 || to != 0 || (from < 0 && ours(g, src->buf)) || src->ext[0] != g->rows)
        return no(g, s);
    take_rows(g, src, 0);
    take_rows(g, dst, 0);
    return true;
}

static bool share_tile(Groups *g, Stmt *s)
{
    switch (s->tile.op) {
    case TO_gemm: return share_gemm(g, s);
    case TO_copy:
    case TO_atomic_add:
    case TO_atomic_max:
    case TO_atomic_min: return share_copy(g, s);
    case TO_fill: return share_fill(g, s);
    default: return share_reduce(g, s);
    }
}

/* ---- nests ---------------------------------------------------------------------------------- */

typedef struct {
    Groups *g;
    Var *row;
    bool mixed, stores_whole, stores_out;
} RowUse;

static void row_access(RowUse *u, const Buf *b, Expr *const *idx, bool write)
{
    if (dealt(u->g, b)) {
        Var *v = b->ndim && idx[0]->kind == E_VAR ? idx[0]->var : NULL;
        u->mixed |= !v || (u->row && u->row != v);
        u->row = v ? v : u->row;
    } else if (write) {
        u->stores_whole |= b->space == SP_FRAG || b->space == SP_LOCAL;
        u->stores_out |= b->space != SP_FRAG && b->space != SP_LOCAL;
    } else {
        u->mixed |= ours(u->g, b) &&
                    b->space != SP_FRAG; /* a tile that other groups may not have finished */
    }
}

static void row_load(Visitor *v, Expr *e)
{
    if (e->kind == E_LOAD) row_access(v->user, e->buf, e->idx, false);
}

static void row_store(Visitor *v, Stmt *s)
{
    RowUse *u = v->user;
    const Expr *to = s->kind == S_EVAL ? s->eval->args[0] : NULL; /* of an atomic update */
    if (s->kind == S_STORE) row_access(u, s->store.buf, s->store.idx, true);
    if (to) row_access(u, to->buf, to->idx, true);
    u->mixed |= to && !buf_is_global(to->buf);
}

typedef struct {
    Groups *g;
    Var *row;
    Expr *shifted;
} Shift;

/* the row as a value, or where it addresses something whole */
static Expr *shift_fn(Cx *cx, Expr *e, void *user)
{
    Shift *h = user;
    if (e->kind == E_VAR && e->var == h->row) return h->shifted;
    if (e->kind != E_LOAD || !dealt(h->g, e->buf) || e->buf->space != SP_FRAG) return NULL;
    Expr *idx[MAXDIM];
    idx[0] = e->idx[0];
    for (int d = 1; d < e->buf->ndim; d++) idx[d] = expr_map(cx, e->idx[d], shift_fn, user);
    return expr_load(cx, e->buf, idx, e->span);
}

static void shift_list(Shift *h, Stmt *list)
{
    Cx *cx = h->g->cx;
    for (Stmt *s = list; s; s = s->next) {
        if (s->kind == S_STORE) {
            bool own = dealt(h->g, s->store.buf) && s->store.buf->space == SP_FRAG;
            for (int d = own; d < s->store.buf->ndim; d++)
                s->store.idx[d] = expr_map(cx, s->store.idx[d], shift_fn, h);
            s->store.value = expr_map(cx, s->store.value, shift_fn, h);
        } else if (s->kind == S_IF) {
            s->branch.cond = expr_map(cx, s->branch.cond, shift_fn, h);
            shift_list(h, s->branch.then);
            shift_list(h, s->branch.other);
        } else if (s->kind == S_LOOP) {
            s->loop.lo = expr_map(cx, s->loop.lo, shift_fn, h);
            for (int k = 0; k < s->loop.n; k++)
                s->loop.hi[k] = expr_map(cx, s->loop.hi[k], shift_fn, h);
            shift_list(h, s->loop.body);
        } else if (s->kind == S_LET) {
            s->let.value = expr_map(cx, s->let.value, shift_fn, h);
        } else if (s->kind == S_EVAL) {
            s->eval = expr_map(cx, s->eval, shift_fn, h);
        }
    }
}

static bool share_nest(Groups *g, Stmt *s)
{
    RowUse u = {.g = g};
    Visitor v = {.stmt = row_store, .expr = row_load, .user = &u};
    stmt_visit(&v, s);
    if (u.mixed || (u.row && u.stores_whole) || (!u.row && u.stores_out)) return no(g, s);
    if (!u.row) return true; /* alike in every group */
    for (int k = 0; k < s->loop.n; k++) {
        int64_t n;
        if (s->loop.var[k] != u.row) continue;
        if (!expr_const(s->loop.hi[k], &n) || n != g->rows) return no(g, s);
        s->loop.hi[k] = expr_i32(g->cx, g->each);
        Expr *i = expr_var(g->cx, u.row, s->span);
        shift_list(&(Shift){g, u.row, expr_add(g->cx, i, g->first)}, s->loop.body);
        return true;
    }
    return no(g, s); /* the row is the variable of an inner loop */
}

/* ---- statements ----------------------------------------------------------------------------- */

static void scalar_load(Visitor *v, Expr *e)
{
    RowUse *u = v->user;
    if (e->kind == E_LOAD && ours(u->g, e->buf) &&
        (dealt(u->g, e->buf) || e->buf->space != SP_FRAG))
        u->mixed = true;
}

static bool share_scalar(Groups *g, Stmt *s)
{
    RowUse u = {.g = g};
    Visitor v = {.expr = scalar_load, .user = &u};
    if (s->kind == S_LOOP) {
        walk_expr(&v, s->loop.lo);
        walk_expr(&v, s->loop.hi[0]);
    } else if (s->kind == S_IF) {
        walk_expr(&v, s->branch.cond);
    } else {
        stmt_visit(&v, s);
        Buf *b = s->kind == S_STORE ? s->store.buf : NULL;
        u.mixed |= b && b->space != SP_LOCAL && (b->space != SP_FRAG || dealt(g, b));
    }
    return u.mixed ? no(g, s) : true;
}

static bool share_list(Groups *g, Stmt *list)
{
    for (Stmt *s = list; s; s = s->next) {
        bool good = true;
        switch (s->kind) {
        case S_TILE: good = share_tile(g, s); break;
        case S_LOOP:
            if (s->loop.how == LOOP_PARALLEL)
                good = share_nest(g, s);
            else
                good = share_scalar(g, s) && share_list(g, s->loop.body);
            break;
        case S_IF:
            good = share_scalar(g, s) && share_list(g, s->branch.then) &&
                   share_list(g, s->branch.other);
            break;
        case S_LET:
        case S_STORE: good = share_scalar(g, s); break;
        default: break;
        }
        if (!good) return false;
    }
    return true;
}

/* ---- which tiles are dealt out -------------------------------------------------------------- */

static void find_rows(Visitor *v, Stmt *s)
{
    Groups *g = v->user;
    if (s->kind != S_TILE || s->tile.op != TO_gemm) return;
    const Region *c = &s->tile.arg[2];
    int64_t m = c->buf->ndim == 2 && region_is_whole(c) ? c->ext[0] : -1;
    g->rows = g->rows && g->rows != m ? -1 : m;
}

static void find_tiles(Visitor *v, Stmt *s)
{
    Groups *g = v->user;
    if (s->kind == S_ALLOC && s->alloc->space != SP_LOCAL) ptr_set(&g->kind, s->alloc, WHOLE);
    if (s->kind == S_VERB && s->verb.verb == PV_ACQUIRE)
        for (int t = 0; t < s->verb.pipe->ntile; t++) ptr_set(&g->kind, s->verb.slot[t], WHOLE);
}

static void deal_out(Groups *g, const Buf *b)
{
    int64_t n;
    if (ptr_get(&g->kind, b) != WHOLE || !b->ndim || !expr_const(b->dim[0], &n) || n != g->rows)
        return;
    ptr_set(&g->kind, b, DEALT);
    g->changed = true;
}

static void spread_tile(Groups *g, const Stmt *s)
{
    const Region *a = &s->tile.arg[0], *b = &s->tile.arg[1], *c = &s->tile.arg[2];
    CopyShape shape;
    if (s->tile.op == TO_gemm) {
        deal_out(g, c->buf);
        if (!s->tile.trans_a) deal_out(g, a->buf);
    } else if (s->tile.op == TO_copy && copy_shape(a, b, &shape)) {
        for (int k = 0; k < shape.n; k++) {
            if (dealt(g, a->buf) && shape.src[k] == 0 && shape.dst[k] == 0) deal_out(g, b->buf);
            if (dealt(g, b->buf) && shape.dst[k] == 0 && shape.src[k] == 0) deal_out(g, a->buf);
        }
    } else if (s->tile.op != TO_copy && s->tile.op != TO_fill && s->tile.dim != 0) {
        if (dealt(g, a->buf)) deal_out(g, b->buf);
        if (dealt(g, b->buf)) deal_out(g, a->buf);
    }
}

typedef struct {
    Groups *g;
    Var *row;
} Spread;

static void spread_access(Spread *p, const Buf *b, Expr *const *idx)
{
    if (!b->ndim || idx[0]->kind != E_VAR) return;
    if (dealt(p->g, b))
        p->row = idx[0]->var;
    else if (p->row == idx[0]->var)
        deal_out(p->g, b);
}

static void spread_load(Visitor *v, Expr *e)
{
    if (e->kind == E_LOAD) spread_access(v->user, e->buf, e->idx);
}

static void spread_store(Visitor *v, Stmt *s)
{
    if (s->kind == S_STORE) spread_access(v->user, s->store.buf, s->store.idx);
}

/* from the accumulators of the gemms to everything that is indexed by the same rows */
static void spread(Groups *g, Stmt *list)
{
    for (Stmt *s = list; s; s = s->next) {
        if (s->kind == S_TILE)
            spread_tile(g, s);
        else if (s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL) {
            Spread p = {.g = g};
            Visitor v = {.stmt = spread_store, .expr = spread_load, .user = &p};
            stmt_visit(&v, s);
        } else if (s->kind == S_LOOP)
            spread(g, s->loop.body);
        else if (s->kind == S_IF) {
            spread(g, s->branch.then);
            spread(g, s->branch.other);
        }
    }
}

/* fragments get their new size: a buffer of that size stands for them everywhere */
static void resize(Groups *g)
{
    BufSub *sub = NEWN(&g->cx->arena, BufSub, g->kind.n + 1);
    int n = 0;
    for (int i = 0; i < g->kind.n; i++) {
        Buf *b = (Buf *)g->kind.row[i].key, *to;
        if (b->space != SP_FRAG || !dealt(g, b)) continue;
        to = NEW(&g->cx->arena, Buf);
        *to = *b;
        to->dim[0] = expr_i32(g->cx, g->each);
        sub[n++] = (BufSub){b, to};
    }
    g->role->role.body = list_copy(g->cx, g->role->role.body, &(Subst){.nbuf = n, .buf = sub});
}

static bool deal(Groups *g)
{
    g->kind = (PtrMap){.arena = &g->cx->arena};
    Visitor v = {.stmt = find_tiles, .user = g};
    walk_stmts(&v, g->role->role.body);
    do {
        g->changed = false;
        spread(g, g->role->role.body);
    } while (g->changed);
    g->role->role.body = list_copy(g->cx, g->role->role.body, &(Subst){0});
    if (!share_list(g, g->role->role.body)) return false;
    resize(g);
    return true;
}

static void groups_launch(Cx *cx, Launch *l, Names *names, const Limits *lim, int most)
{
    Stmt *role = l->body;
    while (role && (role->kind != S_ROLE || role->role.role != R_COMPUTE)) role = role->next;
    if (!l->npipe || !role || role->role.groups > 1) return;
    Groups g = {.cx = cx, .role = role};
    Visitor v = {.stmt = find_rows, .user = &g};
    walk_stmts(&v, role->role.body);
    int n = most;
    while (n > 1 && (g.rows <= 0 || g.rows % ((int64_t)n * lim->group_rows) != 0)) n--;
    if (n < 2) return;
    Var *group = var_new(cx, names_fresh(names, "g"), DT_int32, V_GROUP, role->span);
    g.groups = n;
    g.each = g.rows / n;
    g.first = expr_mul(cx, expr_var(cx, group, role->span), expr_i32(cx, g.each));
    Stmt *body = role->role.body;
    role->role.groups = n;
    role->role.group = group;
    Text why = text_new(&cx->arena);
    if (deal(&g) && check_protocol(cx, l, &why)) return;
    role->role.body = body;
    role->role.groups = 1;
    role->role.group = NULL;
    Diag *d = report(cx, E0411, l->span, NULL, "compute of '%s' keeps one group: %s", l->name,
                     g.bad ? "a statement needs the rows of another group"
                           : "the pipes would not fit together");
    if (g.bad) note(cx, d, g.bad->span, "this one: %s", stmt_line(cx, g.bad));
}

void sched_groups(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt)
{
    int most = opt && opt->groups ? MIN(opt->groups, lim->max_groups) : lim->max_groups;
    Names *names = names_of(cx, p);
    if (most < 2 || lim->group_rows < 1) return;
    for (Launch *l = p->launch; l; l = l->next) groups_launch(cx, l, names, lim, most);
}
