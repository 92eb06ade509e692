/* Where the elements of tile buffers lie. A matrix is tiles row by row; a vector is either
   vertical, in column 0 of one column of tiles, as reductions of rows leave it and broadcasts along
   rows want it, or horizontal, in row 0 of one row of tiles. Which one follows from the statements
   of compute; a vector that would have to be both does not lift. */
#include "target/metalium/metalium.h"

/* ---- values ---- */

int tiles(const Place *p)
{
    return p->rt * p->ct;
}

Value *slot_value(Emit *e, const Pipe *p, int tile, Role to)
{
    for (int i = 0; i < e->nvalue; i++)
        if (!e->value[i].buf && e->value[i].pipe == p && e->value[i].tile == tile &&
            e->value[i].to == to)
            return &e->value[i];
    return NULL;
}

/* the consumer whose copy a role handles first: itself, or for the producer the first one there is
 */
static Role first_consumer(const Emit *e, const Pipe *p)
{
    if (p->from != e->role) return e->role;
    for (int r = 0; r < NROLE; r++)
        if (p->to & 1u << r) return (Role)r;
    return e->role;
}

Value *value_of(Emit *e, const Buf *b)
{
    for (int i = 0; i < e->nvalue; i++)
        if (e->value[i].buf == b && (e->role == R_COMPUTE || b->space != SP_SLOT))
            return &e->value[i];
    return b->space == SP_SLOT && b->pipe
               ? slot_value(e, b->pipe, b->tile, first_consumer(e, b->pipe))
               : NULL;
}

static Value *value_new(Emit *e, Span at)
{
    if (e->nvalue == MAXVALUE) {
        unlifted(e, at, "more than %d tile values in one launch", MAXVALUE);
        e->nvalue--; /* nothing of this is kept */
    }
    Value *v = &e->value[e->nvalue++];
    *v = (Value){.cb = -1, .fpu_cb = -1};
    return v;
}

static bool shape(Emit *e, Value *v, DType t, int ndim, const int64_t *dim, Span at)
{
    if (!format_of(t, &v->place.format))
        return unlifted(e, at, "no data format holds %s", dtype_info[t].name);
    if (ndim < 1 || ndim > 2) return unlifted(e, at, "a tile with %d axes", ndim);
    v->place.rows = ndim == 2 ? dim[0] : 1;
    v->place.cols = dim[ndim - 1];
    return true;
}

static void slots(Emit *e)
{
    for (int k = 0; k < e->launch->npipe; k++) {
        const Pipe *p = e->launch->pipe[k];
        for (int t = 0; t < p->ntile; t++)
            for (int to = 0; to < NROLE; to++) {
                if (!(p->to & 1u << to)) continue;
                Value *v = value_new(e, p->span);
                v->pipe = p;
                v->tile = t;
                v->to = (Role)to;
                shape(e, v, p->tile[t].type, p->tile[t].ndim, p->tile[t].dim, p->span);
                v->scalar =
                    p->tile[t].ndim == 1 && p->tile[t].dim[0] == 1 && dtype_is_int(p->tile[t].type);
            }
    }
}

static void own_value(Emit *e, Buf *b)
{
    int64_t dim[MAXDIM] = {0};
    for (int d = 0; d < b->ndim; d++)
        if (!expr_const(b->dim[d], &dim[d]))
            unlifted(e, b->span, "'%s' has a size that is not constant", b->name);
    Value *v = value_new(e, b->span);
    v->buf = b;
    v->pipe = b->pipe;
    shape(e, v, b->type, b->ndim, dim, b->span);
    DType t = b->type;
    if (t == DT_float8_e4m3fn || t == DT_float8_e5m2 ||
        (dtype_is_int(t) && dtype_info[t].bits < 32))
        unlifted(e, b->span, "'%s' needs rounding to %s, which tiles do not have", b->name,
                 dtype_info[t].name);
}

/* ---- what compute does with them ---- */

typedef struct {
    Emit *e;
    Buf *slot;
    int writes, reads;
} Count;

static void count_access(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Count *c = v->user;
    (void)s;
    if (b == c->slot) ++*(write ? &c->writes : &c->reads);
}

static bool writes_whole(const Stmt *s, const Buf *slot)
{
    if (s->kind == S_TILE) {
        const char *o = tileop_info[s->tile.op].operands;
        for (int i = 0; o[i]; i++)
            if (o[i] != 'r' && s->tile.arg[i].buf == slot) return region_is_whole(&s->tile.arg[i]);
        return false;
    }
    if (s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL) {
        int64_t ext, dim;
        const Stmt *st = s->loop.body;
        for (; st && st->kind == S_LET; st = st->next)
            ;
        if (!st || st->kind != S_STORE || st->store.buf != slot || st->next ||
            s->loop.n != slot->ndim)
            return false;
        for (int d = 0; d < slot->ndim; d++)
            if (st->store.idx[d]->kind != E_VAR || st->store.idx[d]->var != s->loop.var[d] ||
                !expr_const(s->loop.hi[d], &ext) || !expr_const(slot->dim[d], &dim) || ext != dim)
                return false;
        return true;
    }
    return false;
}

/* in the list that acquires the slot itself: no loop, no branch around it */
static bool whole_write(const Stmt *list, const Buf *slot)
{
    for (const Stmt *s = list; s; s = s->next)
        if (writes_whole(s, slot)) return true;
    return false;
}

/* A slot that compute fills can be packed only once and never read: what is more than that goes to
 * a value of its own, copied at the commit. */
static void find_values(Emit *e, Stmt *list, Stmt *body)
{
    for (Stmt *s = list; s; s = s->next) {
        if (s->kind == S_ALLOC && (s->alloc->space == SP_FRAG || s->alloc->space == SP_SHARED))
            own_value(e, s->alloc);
        if (s->kind == S_VERB && s->verb.verb == PV_ACQUIRE)
            for (int t = 0; t < s->verb.pipe->ntile; t++) {
                Count c = {e, s->verb.slot[t], 0, 0};
                Visitor v = {.access = count_access, .user = &c};
                walk_stmts(&v, body);
                bool many = s->verb.pipe->to & (s->verb.pipe->to - 1);
                if (many || c.reads || c.writes != 1 || !whole_write(s->next, c.slot))
                    own_value(e, c.slot);
            }
        if (s->kind == S_LOOP && s->loop.how != LOOP_PARALLEL) find_values(e, s->loop.body, body);
        if (s->kind == S_IF) {
            find_values(e, s->branch.then, body);
            find_values(e, s->branch.other, body);
        }
    }
}

/* ---- orientation ---- */

enum { UNKNOWN, VERTICAL, HORIZONTAL };
typedef struct {
    int n;
    struct {
        int a, b;
    } same[1024];
    int is[MAXVALUE];
} Orient;

static int index_of(Emit *e, const Buf *b)
{
    Value *v = value_of(e, b);
    return v ? (int)(v - e->value) : -1;
}

static bool is_vector(const Emit *e, int v, const Buf *b)
{
    return v >= 0 && b->ndim == 1 && !e->value[v].scalar;
}

static void turn(Emit *e, Orient *o, int v, int how, const Buf *b, Span at)
{
    if (o->is[v] && o->is[v] != how)
        unlifted(e, at, "'%s' is used as a row and as a column", b->name);
    o->is[v] = how;
}

static void tie(Emit *e, Orient *o, int a, int b, Span at)
{
    if (o->n == COUNT(o->same)) {
        unlifted(e, at, "too many vectors");
        return;
    }
    o->same[o->n].a = a;
    o->same[o->n++].b = b;
}

/* the parallel variable in an index, or NULL; the rest must not use any of them */
static Var *index_var(Emit *e, const Stmt *nest, Expr *idx)
{
    int64_t coef[MAXPAR] = {0};
    Expr *base;
    if (!expr_affine(e->cx, idx, nest->loop.var, nest->loop.n, coef, &base)) return NULL;
    Var *found = NULL;
    for (int k = 0; k < nest->loop.n; k++)
        if (coef[k]) {
            if (coef[k] != 1 || found) return NULL;
            found = nest->loop.var[k];
        }
    return found;
}

typedef struct {
    Emit *e;
    Orient *o;
    const Stmt *nest;
    Var *row, *col;
    const Buf *dst;
} NestLook;

/* an operand against the rows and columns of the destination */
static void orient_load(Visitor *v, Expr *x)
{
    NestLook *l = v->user;
    int i = x->kind == E_LOAD ? index_of(l->e, x->buf) : -1, d = index_of(l->e, l->dst);
    if (i < 0 || d < 0) return;
    if (is_vector(l->e, i, x->buf)) {
        Var *at = index_var(l->e, l->nest, x->idx[0]);
        if (!at) return;
        if (is_vector(l->e, d, l->dst))
            tie(l->e, l->o, i, d, x->span);
        else if (at == l->row)
            turn(l->e, l->o, i, VERTICAL, x->buf, x->span);
        else if (at == l->col)
            turn(l->e, l->o, i, HORIZONTAL, x->buf, x->span);
    } else if (x->buf->ndim == 2 && is_vector(l->e, d, l->dst)) {
        Var *r = index_var(l->e, l->nest, x->idx[0]), *c = index_var(l->e, l->nest, x->idx[1]);
        if (r && !c) turn(l->e, l->o, d, VERTICAL, l->dst, x->span);
        if (c && !r) turn(l->e, l->o, d, HORIZONTAL, l->dst, x->span);
    }
}

static void orient_nest(Emit *e, Orient *o, const Stmt *nest)
{
    Map map[8];
    int n = 0;
    const char *why = NULL;
    if (!lift_nest(e->cx, nest, map, COUNT(map), &n, &why)) {
        unlifted(e, nest->span, "%s", why ? why : "a nest of another form");
        return;
    }
    for (int k = 0; k < n; k++) {
        Buf *d = map[k].dst;
        NestLook l = {e, o, nest, NULL, NULL, d};
        l.col = index_var(e, nest, map[k].dst_idx[d->ndim - 1]);
        if (d->ndim == 2) l.row = index_var(e, nest, map[k].dst_idx[0]);
        Visitor v = {.expr = orient_load, .user = &l};
        walk_expr(&v, map[k].value);
        walk_expr(&v, map[k].guard);
    }
}

/* a vector beside a slice of a matrix */
static void orient_slice(Emit *e, Orient *o, int vec, const Region *v, const Region *m)
{
    if (m->buf->ndim == 2 && m->ext[0] == 1 && m->ext[1] != 1)
        turn(e, o, vec, HORIZONTAL, v->buf, v->span);
    if (m->buf->ndim == 2 && m->ext[1] == 1 && m->ext[0] != 1)
        turn(e, o, vec, VERTICAL, v->buf, v->span);
}

static void orient_tile(Emit *e, Orient *o, const Stmt *s)
{
    const Region *a = &s->tile.arg[0], *b = &s->tile.arg[1];
    if (s->tile.op == TO_gemm || s->tile.op == TO_fill) return;
    int x = index_of(e, a->buf), y = index_of(e, b->buf);
    bool vx = is_vector(e, x, a->buf), vy = is_vector(e, y, b->buf);
    if (s->tile.op == TO_copy) {
        if (vx && vy)
            tie(e, o, x, y, s->span);
        else if (vx)
            orient_slice(e, o, x, a, b);
        else if (vy)
            orient_slice(e, o, y, b, a);
    } else if (vy && a->buf->ndim == 2 && b->ext[0] != 1)
        turn(e, o, y, s->tile.dim == 1 ? VERTICAL : HORIZONTAL, b->buf, s->span);
}

static void orient_list(Emit *e, Orient *o, const Stmt *list)
{
    for (const Stmt *s = list; s; s = s->next) {
        if (s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL)
            orient_nest(e, o, s);
        else if (s->kind == S_LOOP)
            orient_list(e, o, s->loop.body);
        else if (s->kind == S_TILE)
            orient_tile(e, o, s);
        else if (s->kind == S_IF) {
            orient_list(e, o, s->branch.then);
            orient_list(e, o, s->branch.other);
        } else if (s->kind == S_VERB && s->verb.verb == PV_ACQUIRE)
            for (int t = 0; t < s->verb.pipe->ntile;
                 t++) { /* a value of its own and the slot it is copied to agree */
                int own = index_of(e, s->verb.slot[t]);
                Value *slot = slot_value(e, s->verb.pipe, t, first_consumer(e, s->verb.pipe));
                if (own >= 0 && slot && e->value[own].buf && s->verb.slot[t]->ndim == 1)
                    tie(e, o, own, (int)(slot - e->value), s->span);
            }
    }
}

static void spread(Emit *e, Orient *o)
{
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < o->n; i++) {
            int *a = &o->is[o->same[i].a], *b = &o->is[o->same[i].b];
            if (*a && *b && *a != *b)
                unlifted(e, e->launch->span, "vectors of one nest lie as a row and as a column");
            else if (*a != *b) {
                *a = *b = *a | *b;
                more = true;
            }
        }
    }
}

/* ---- all of it ---- */

static const Stmt *role_body(const Launch *l, Role r)
{
    for (const Stmt *s = l->body; s; s = s->next)
        if (s->kind == S_ROLE && s->role.role == r) return s->role.body;
    return NULL;
}

bool place_values(Emit *e)
{
    Orient *o = NEW(&e->cx->arena, Orient);
    Stmt *compute = (Stmt *)role_body(e->launch, R_COMPUTE);
    Role was = e->role;
    e->role = R_COMPUTE;
    slots(e);
    find_values(e, compute, compute);
    orient_list(e, o, compute);
    spread(e, o);
    for (int i = 0; i < e->nvalue; i++) {
        Place *p = &e->value[i].place;
        p->vertical = o->is[i] == VERTICAL;
        if (p->vertical) {
            p->rows = p->cols;
            p->cols = 1;
        }
        p->rt = (int)((p->rows + TT_TILE - 1) / TT_TILE);
        p->ct = (int)((p->cols + TT_TILE - 1) / TT_TILE);
    }
    for (int i = 0; i < e->nvalue;
         i++) /* every consumer's copy of a slot lies as compute wants it */
        for (int k = 0; k < e->nvalue; k++) {
            Value *a = &e->value[i], *b = &e->value[k];
            if (!a->buf && !b->buf && a->pipe == b->pipe && a->tile == b->tile &&
                (a->to == R_COMPUTE || a->pipe->from == R_COMPUTE))
                b->place = a->place;
        }
    e->role = was;
    return !e->why;
}

const char *place_at(Emit *e, const Place *p, const char *row, const char *col)
{
    if (p->rows == 1 && p->cols == 1) return "0";
    if (p->rt == 1 && p->ct == 1 && p->cols == 1) return emit_f(e, "tile_at(%s, 0, 1)", row);
    return emit_f(e, "tile_at(%s, %s, %d)", row, col, p->ct);
}
