/* Access planning. Needs a launch without roles; gives the same launch where global memory is
   touched by copies and by nests that only move, as far as the tiles this takes fit the target.

   In a T.Parallel nest of compute an affine load becomes a load of a staged tile, filled by a
   T.copy of its bounding box just before the nest; an affine store that meets every element of its
   box becomes a store to a staged tile and a T.copy after it. A copy that moves between global
   memory and a fragment, converts, repeats its source, or has both sides in global memory goes
   through a staged tile of the tensor's own type. What has no small box stays as it is: element
   code on global memory.

   Reading a box ahead is safe because elements out of range read 0 wherever they are read.  */
#include "sched/inside.h"
#include <string.h>

/* a staged tile, which way it goes, and the statement that used it last */
typedef struct {
    Buf *tile;
    Role by; /* filled by the reader, or emptied by the writer */
    int used;
} Staged;

typedef struct {
    Cx *cx;
    const Limits *lim;
    Facts *facts;
    Names *names;
    Tail alloc;                /* staged tiles come into being at the head of the launch */
    int64_t bytes;             /* of all shared tiles so far */
    int nstage, capstage, now; /* now: the number of the statement at hand */
    Staged *stage;
} Plan;

static Stmt *plan_list(Plan *p, Stmt *list);

/* ---- staged tiles --------------------------------------------------------------------------- */

static bool fits(const Plan *p, int64_t elems, DType t)
{
    return elems <= p->lim->shared && p->bytes + elems * dtype_bytes(t) <= p->lim->shared;
}

/* up to so many staged tiles each have a pipe of their own, which lets the roles run ahead */
enum { SEPARATE = 16 };

static Staged *used_before(Plan *p, Role by, DType t, int ndim, const int64_t *ext)
{
    for (int k = 0; k < p->nstage; k++) {
        const Buf *b = p->stage[k].tile;
        bool same =
            p->stage[k].by == by && p->stage[k].used != p->now && b->type == t && b->ndim == ndim;
        for (int d = 0; d < ndim && same; d++) {
            int64_t n = 0;
            same = expr_const(b->dim[d], &n) && n == ext[d];
        }
        if (same) return &p->stage[k];
    }
    return NULL;
}

/* a tile of that shape, NULL when there is no room; one that an earlier statement has done with
   serves again when there are many */
static Buf *staged(Plan *p, Role by, const Buf *tensor, int ndim, const int64_t *ext, Span s)
{
    int64_t elems = 1;
    for (int d = 0; d < ndim; d++)
        if (__builtin_mul_overflow(elems, ext[d], &elems)) return NULL;
    bool room = fits(p, elems, tensor->type);
    Staged *old = p->nstage < SEPARATE && room ? NULL : used_before(p, by, tensor->type, ndim, ext);
    if (old) {
        old->used = p->now;
        return old->tile;
    }
    if (!room) return NULL;
    if (p->nstage == p->capstage) {
        Staged *more = NEWN(&p->cx->arena, Staged, p->capstage = MAX(32, 2 * p->capstage));
        for (int k = 0; k < p->nstage; k++) more[k] = p->stage[k];
        p->stage = more;
    }
    const char *base = arena_printf(&p->cx->arena, "%s_t", tensor->name);
    Buf *tile = names_tile(p->names, base, tensor->type, ndim, ext, s);
    p->bytes += elems * dtype_bytes(tile->type);
    p->stage[p->nstage++] = (Staged){tile, by, p->now};
    stmt_add(&p->alloc, stmt_alloc(p->cx, tile));
    return tile;
}

/* ---- copies --------------------------------------------------------------------------------- */

static bool region_known(const Plan *p, const Region *r, Role role)
{
    unsigned h = 0;
    for (int d = 0; d < r->buf->ndim; d++) h |= facts_hidden(p->facts, r->off[d]);
    return !(h & 1u << role);
}

/* a tile like the region: without its dimensions of one element when those pair by themselves */
static Buf *region_tile(Plan *p, Role by, const Region *r, bool keep_ones)
{
    int64_t ext[MAXDIM];
    int n = 0;
    for (int d = 0; d < r->buf->ndim; d++)
        if (r->ext[d] != 1 || keep_ones) ext[n++] = r->ext[d];
    if (!n) ext[n++] = 1;
    return staged(p, by, r->buf, n, ext, r->span);
}

static Buf *box_tile(Plan *p, Role by, const Box *box, Span s)
{
    int64_t ext[MAXDIM];
    return staged(p, by, box->region.buf, box_shape(box, ext), ext, s);
}

static bool repeats(const Region *src, const Region *dst)
{
    CopyShape c;
    if (!copy_shape(src, dst, &c)) return true;
    for (int k = 0; k < c.n; k++)
        if (c.src[k] < 0) return true;
    return false;
}

/* same element type, same extents: a machine can move it without looking at the elements */
static bool moves_as_is(const Region *src, const Region *dst)
{
    return src->buf->type == dst->buf->type && !repeats(src, dst);
}

static Region copy_over(Plan *p, const Region *src, Buf *tile, Expr **outside, Span s, Tail *out)
{
    Region r = region_whole(p->cx, tile, s);
    stmt_add(out, stmt_tile_op(p->cx, TO_copy, src, &r, s))->tile.value = *outside;
    *outside = NULL;
    return r;
}

static void plan_copy(Plan *p, Stmt *s, Tail *out)
{
    Region src = s->tile.arg[0], dst = s->tile.arg[1];
    bool in = buf_is_global(src.buf), to = buf_is_global(dst.buf);
    bool ones = repeats(&src, &dst);
    bool via_in = in && dst.buf->space != SP_LOCAL && region_known(p, &src, R_READER) &&
                  (to || dst.buf->space != SP_SHARED || !moves_as_is(&src, &dst) ||
                   !region_known(p, &dst, R_READER));
    bool via_out = to && src.buf->space != SP_LOCAL && region_known(p, &dst, R_WRITER) &&
                   !(in && moves_as_is(&src, &dst)) &&
                   (in || src.buf->space != SP_SHARED || !moves_as_is(&src, &dst) ||
                    !region_known(p, &src, R_WRITER));
    Expr *outside = s->tile.value; /* the first copy is the one that may leave its tensor */
    Buf *t = via_in ? region_tile(p, R_READER, &src, ones) : NULL;
    if (t) src = copy_over(p, &src, t, &outside, s->span, out);
    t = via_out ? region_tile(p, R_WRITER, &dst, ones) : NULL;
    if (t) src = copy_over(p, &src, t, &outside, s->span, out);
    stmt_add(out, stmt_tile_op(p->cx, TO_copy, &src, &dst, s->span))->tile.value = outside;
}

static void plan_fill(Plan *p, Stmt *s, Tail *out)
{
    Region *dst = &s->tile.arg[0];
    Buf *t = region_known(p, dst, R_WRITER) ? region_tile(p, R_WRITER, dst, false) : NULL;
    if (!t) {
        stmt_add(out, s);
        return;
    }
    Region r = region_whole(p->cx, t, dst->span);
    Stmt *fill = stmt_tile_op(p->cx, TO_fill, &r, NULL, s->span);
    fill->tile.value = s->tile.value;
    stmt_add(out, fill);
    stmt_add(out, stmt_tile_op(p->cx, TO_copy, &r, dst, s->span));
}

/* ---- nests ---------------------------------------------------------------------------------- */

enum { MAXSTAGED = 64 };
typedef struct {
    Plan *p;
    Stmt *nest;
    Domain domain;
    int nbound, nstaged;
    Var *bound[MAXSTAGED]; /* bound in the nest, but not part of the domain */
    struct {
        Box box;
        Buf *tile;
    } staged[MAXSTAGED];
    Stmt *before, *after;
    Tail before_end, after_end;
    bool too_many;
} Nest;

static void find_bound(Visitor *v, Stmt *s)
{
    Nest *n = v->user;
    Var *const *var = s->kind == S_LOOP ? s->loop.var : &s->let.var;
    int count = s->kind == S_LOOP ? s->loop.n : s->kind == S_LET;
    if (s->kind == S_LOOP && domain_add(&n->domain, s)) return;
    for (int k = 0; k < count; k++) {
        if (n->nbound == MAXSTAGED)
            n->too_many = true;
        else
            n->bound[n->nbound++] = var[k];
    }
}

/* the box stands outside of the nest: nothing that the nest binds or makes may be in it */
static bool box_free(const Nest *n, const Box *b, Role role)
{
    for (int d = 0; d < b->region.buf->ndim; d++) {
        Expr *off = b->region.off[d];
        if (facts_hidden(n->p->facts, off) & 1u << role) return false;
        for (int k = 0; k < n->nbound; k++)
            if (expr_uses(off, n->bound[k])) return false;
    }
    return true;
}

/* a tensor that the nest reads and writes has an order of its own */
typedef struct {
    const Buf *buf;
    bool read, written;
} Use;

static void find_use(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Use *u = v->user;
    (void)s;
    if (b == u->buf) *(write ? &u->written : &u->read) = true;
}

static bool read_and_written(const Nest *n, const Buf *b)
{
    Use u = {.buf = b};
    Visitor v = {.access = find_use, .user = &u};
    stmt_visit(&v, n->nest);
    return u.read && u.written;
}

/* not many times more than what the nest asks for */
static bool worth_it(const Nest *n, const Box *b)
{
    int64_t points = 1;
    for (int v = 0; v < n->domain.n; v++)
        for (int d = 0; d < b->region.buf->ndim; d++)
            if (b->coef[d][v] && n->domain.ext[v] > 1) {
                points *= n->domain.ext[v];
                break;
            }
    return b->elems <= 4 * points;
}

static bool same_box(const Box *a, const Box *b)
{
    if (a->region.buf != b->region.buf) return false;
    for (int d = 0; d < a->region.buf->ndim; d++)
        if (a->region.ext[d] != b->region.ext[d] || !expr_same(a->region.off[d], b->region.off[d]))
            return false;
    return true;
}

static Buf *stage_load(Nest *n, const Box *box, Span span)
{
    Plan *p = n->p;
    for (int k = 0; k < n->nstaged; k++)
        if (same_box(&n->staged[k].box, box)) return n->staged[k].tile;
    if (n->nstaged == MAXSTAGED) return NULL;
    Buf *t = box_tile(p, R_READER, box, span);
    if (!t) return NULL;
    n->staged[n->nstaged].box = *box;
    n->staged[n->nstaged++].tile = t;
    Region src = box->region, dst = region_whole(p->cx, t, span);
    src.span = span;
    stmt_add(&n->before_end, stmt_tile_op(p->cx, TO_copy, &src, &dst, span));
    return t;
}

static Expr *load_fn(Cx *cx, Expr *e, void *user)
{
    Nest *n = user;
    const Limits *lim = n->p->lim;
    if (!lim->compute_has_index && expr_uses_index(e, n->domain.var, n->domain.n) &&
        expr_no_tile(e) && !(facts_hidden(n->p->facts, e) & 1u << R_READER))
        return e; /* becomes a tile as a whole, later */
    if (e->kind != E_LOAD || !buf_is_global(e->buf)) return NULL;
    Box box;
    if (!nest_box(cx, &n->domain, e->buf, e->idx, &box) || !box_free(n, &box, R_READER) ||
        !worth_it(n, &box) || read_and_written(n, e->buf))
        return NULL;
    Buf *t = stage_load(n, &box, e->span);
    Expr *idx[MAXDIM];
    box_index(cx, &n->domain, &box, idx);
    return t ? expr_load(cx, t, idx, e->span) : NULL;
}

static void stage_store(Nest *n, Stmt *s)
{
    Plan *p = n->p;
    Box box;
    Buf *b = s->store.buf;
    if (!buf_is_global(b) || !nest_box(p->cx, &n->domain, b, s->store.idx, &box) || !box.dense ||
        !box_free(n, &box, R_WRITER) || read_and_written(n, b))
        return;
    Buf *t = box_tile(p, R_WRITER, &box, s->span);
    if (!t) return;
    Region src = region_whole(p->cx, t, s->span), dst = box.region;
    dst.span = s->span;
    stmt_add(&n->after_end, stmt_tile_op(p->cx, TO_copy, &src, &dst, s->span));
    s->store.buf = t;
    s->store.idx = NEWN(&p->cx->arena, Expr *, MAXDIM);
    box_index(p->cx, &n->domain, &box, s->store.idx);
}

/* only stores that every iteration executes */
static void stage_stores(Nest *n, Stmt *list)
{
    for (Stmt *s = list; s; s = s->next) {
        Domain probe = {0};
        if (s->kind == S_STORE)
            stage_store(n, s);
        else if (s->kind == S_LOOP && domain_add(&probe, s))
            stage_stores(n, s->loop.body);
    }
}

static void plan_nest(Plan *p, Stmt *s, Tail *out)
{
    Stmt *nest = nest_inline_lets(p->cx, s);
    Nest n = {.p = p, .nest = nest};
    n.before_end = &n.before;
    n.after_end = &n.after;
    Visitor v = {.stmt = find_bound, .user = &n};
    bool constant = domain_add(&n.domain, nest);
    walk_stmts(&v, nest->loop.body);
    if (!constant || n.too_many) {
        stmt_add(out, s);
        return;
    }
    list_map(p->cx, nest->loop.body, load_fn, &n);
    stage_stores(&n, nest->loop.body);
    list_append(out, n.before);
    stmt_add(out, nest);
    list_append(out, n.after);
}

/* ---- statements ----------------------------------------------------------------------------- */

static bool touches_global(const Stmt *s)
{
    for (int i = 0; tileop_info[s->tile.op].operands[i]; i++)
        if (buf_is_global(s->tile.arg[i].buf)) return true;
    return false;
}

static bool nest_touches_global(Stmt *nest);

/* scalars from global memory get a name where compute may not load them itself: named ones can be
 * sent */
typedef struct {
    Plan *p;
    Tail *out;
} Hoist;

static Expr *hoist_fn(Cx *cx, Expr *e, void *user)
{
    Hoist *h = user;
    if (e->kind != E_LOAD || !buf_is_global(e->buf) ||
        facts_hidden(h->p->facts, e) & 1u << R_READER)
        return NULL;
    Var *v = var_new(cx, names_fresh(h->p->names, arena_printf(&cx->arena, "%s_v", e->buf->name)),
                     e->type, V_LET, e->span);
    Stmt *let = stmt_add(h->out, stmt_new(cx, S_LET, e->span));
    let->let.var = v;
    let->let.value = e;
    return expr_var(cx, v, e->span);
}

static void hoist_scalars(Plan *p, Stmt *s, Tail *out)
{
    Hoist h = {p, out};
    if (p->lim->compute_loads_global) return;
    if (s->kind == S_LOOP && s->loop.how != LOOP_PARALLEL) {
        s->loop.lo = expr_map(p->cx, s->loop.lo, hoist_fn, &h);
        s->loop.hi[0] = expr_map(p->cx, s->loop.hi[0], hoist_fn, &h);
    } else if (s->kind == S_IF) {
        s->branch.cond = expr_map(p->cx, s->branch.cond, hoist_fn, &h);
    } else if (s->kind == S_LET && facts_hidden(p->facts, s->let.value) & 1u << R_READER) {
        stmt_map(p->cx, s, hoist_fn, &h);
    } else if (s->kind == S_TILE || s->kind == S_STORE) {
        Role home = facts_home(p->facts, s);
        if (home == R_COMPUTE) stmt_map(p->cx, s, hoist_fn, &h);
    }
}

static void plan_stmt(Plan *p, Stmt *s, Tail *out)
{
    p->now++;
    hoist_scalars(p, s, out);
    if (s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL) {
        Stmt *copy = nest_touches_global(s) ? nest_as_copy(p->cx, s) : NULL;
        if (copy && touches_global(copy))
            plan_copy(p, copy, out);
        else if (facts_home(p->facts, s) == R_COMPUTE && nest_touches_global(s))
            plan_nest(p, s, out);
        else
            stmt_add(out, s);
        return;
    }
    if (s->kind == S_LOOP) s->loop.body = plan_list(p, s->loop.body);
    if (s->kind == S_IF) {
        s->branch.then = plan_list(p, s->branch.then);
        s->branch.other = plan_list(p, s->branch.other);
    }
    if (s->kind == S_TILE && s->tile.op == TO_copy && touches_global(s))
        plan_copy(p, s, out);
    else if (s->kind == S_TILE && s->tile.op == TO_fill && touches_global(s))
        plan_fill(p, s, out);
    else
        stmt_add(out, s);
}

static void global_access(Visitor *v, Stmt *s, Buf *b, bool write)
{
    (void)s, (void)write;
    *(bool *)v->user |= buf_is_global(b);
}

static bool nest_touches_global(Stmt *nest)
{
    bool touches = false;
    Visitor v = {.access = global_access, .user = &touches};
    stmt_visit(&v, nest);
    return touches;
}

static Stmt *plan_list(Plan *p, Stmt *list)
{
    Stmt *head = NULL, *next;
    Tail tail = &head;
    for (Stmt *s = list; s; s = next) {
        next = s->next;
        s->next = NULL;
        plan_stmt(p, s, &tail);
    }
    return head;
}

void sched_plan(Cx *cx, Prog *prog, const Limits *lim, const SchedOptions *opt)
{
    if (sched_roles(lim, opt) == 1) return;
    Names *names = names_of(cx, prog);
    for (Launch *l = prog->launch; l; l = l->next) {
        Span where;
        if (launch_whole(l, &where)) continue;
        Facts *f = facts_new(cx, l, lim);
        facts_find(f);
        if (lim->compute_loads_global && facts_in_order(f))
            continue; /* stays one sequence: direct accesses are as good */
        Stmt *allocs = NULL;
        Plan p = {.cx = cx,
                  .lim = lim,
                  .facts = f,
                  .names = names,
                  .alloc = &allocs,
                  .bytes = list_shared(l->body)};
        Stmt *body = plan_list(&p, l->body);
        *p.alloc = body;
        l->body = allocs ? allocs : body;
    }
}
