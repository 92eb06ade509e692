/* Between global memory and tiles in L1, by the data-movement processors: whole tiles as pages, or
   rows through scratch memory; and element code that only moves. A tile is a slot of a pipe, or an
   array by rows that the role keeps for itself. */
#include "target/metalium/metalium.h"
#include <string.h>

static Expr *plus(Emit *e, Expr *a, Var *v)
{
    return v ? expr_add(e->cx, a, expr_var(e->cx, v, a->span)) : a;
}

/* ---- loops over the extents of a copy ---- */

typedef struct {
    int n;
    Var *var[MAXDIM];
    int64_t ext[MAXDIM];
    Stmt *loop[MAXDIM];
    Scope scope[MAXDIM];
    int names;
    const Scope *outer;
} Loops;

/* a loop statement of our own, so that the ranges of its variable are known */
static void loops_add(Emit *e, Loops *l, const char *name, int64_t ext, Span at)
{
    l->var[l->n] = var_new(e->cx, name, DT_int32, V_LOOP, at);
    l->ext[l->n] = ext;
    l->loop[l->n] = lower_loop(e->cx, l->var[l->n], ext);
    l->n++;
}

static void loops_open(Emit *e, Loops *l, int from, int to)
{
    if (from == 0) {
        l->names = e->names.n;
        l->outer = e->scope;
    }
    for (int k = from; k < to; k++) {
        const char *name = name_new(e, l->var[k], l->var[k]->name);
        emit_open(e, emit_f(e, "for (int32_t %s = 0; %s < %lld; ++%s) {", name, name,
                            (long long)l->ext[k], name));
        l->scope[k] = (Scope){.outer = e->scope, .stmt = l->loop[k], .launch = e->launch};
        e->scope = &l->scope[k];
    }
}

static void loops_close(Emit *e, Loops *l, int from, int to)
{
    for (int k = from; k < to; k++) emit_close(e);
    if (from == 0) {
        e->names.n = l->names;
        e->scope = l->outer;
    } else
        e->scope = &l->scope[from - 1];
}

/* ---- whole tiles ---- */

static Expr *tile_count(Emit *e, Expr *dim)
{
    Expr *up = expr_add(e->cx, dim, expr_int(e->cx, TT_TILE - 1, dim->type, dim->span));
    return expr_op(e->cx, OP_floordiv, up, expr_int(e->cx, TT_TILE, dim->type, dim->span), NULL,
                   dim->span);
}

typedef struct {
    const Region *global, *tile;
    int row, col;
    Expr *r, *c;
} Tiled;

/* tile rows or columns of the tensor that this iteration meets; its condition is added to *ok when
 * it is not proved */
static Expr *tile_coord(Emit *e, const Tiled *t, int axis, Expr *step, const char **ok)
{
    const Region *g = t->global;
    Expr *at = expr_add(e->cx, exact_div(e->cx, g->off[axis], TT_TILE), step);
    if (!region_in_bounds(g, axis, e->scope)) {
        *ok = both(
            e, *ok,
            below(e, at, tile_count(e, g->buf->dim[axis]), expr_not_negative(e, g->off[axis])));
    }
    return at;
}

static const char *tiled_page(Emit *e, const Tiled *t, const char **ok, Expr **row, Expr **col)
{
    const Region *g = t->global;
    Expr *page = NULL;
    for (int d = 0; d < g->buf->ndim; d++) {
        if (d == t->row || d == t->col) continue;
        if (!index_in_bounds(g->off[d], g->buf->dim[d], e->scope))
            *ok = both(e, *ok, below(e, g->off[d], g->buf->dim[d], false));
        page = page ? expr_add(e->cx, expr_mul(e->cx, page, g->buf->dim[d]), g->off[d]) : g->off[d];
    }
    *row = tile_coord(e, t, t->row, t->r, ok);
    *col = tile_coord(e, t, t->col, t->c, ok);
    Expr *rows = tile_count(e, g->buf->dim[t->row]), *cols = tile_count(e, g->buf->dim[t->col]);
    page = page ? expr_add(e->cx, expr_mul(e->cx, page, rows), *row) : *row;
    page = expr_add(e->cx, expr_mul(e->cx, page, cols), *col);
    return expr_text(e, page, P_COND);
}

static const char *edge_text(Emit *e, Expr *dim, Expr *tile)
{
    Expr *left = expr_op(e->cx, OP_sub, dim,
                         expr_mul(e->cx, tile, expr_int(e->cx, TT_TILE, tile->type, tile->span)),
                         NULL, dim->span);
    return expr_text(e, left, P_COND);
}

static void read_tile(Emit *e, const char *ok, const char *page, const char *name,
                      const char *place, int bytes)
{
    if (ok) text_line(e->out, "if (%s)", ok);
    text_line(e->out, "%snoc_async_read_page(%s, %s, %s);", ok ? "    " : "", page, name, place);
    if (ok) text_line(e->out, "else");
    if (ok) text_line(e->out, "    zero_l1(%s, %d);", place, bytes);
    e->reading = true;
}

/* what lies beyond the edge of the tensor is 0 in its pages */
static void write_tile(Emit *e, const Tiled *t, const char *ok, const char *page, const char *name,
                       const char *place, Expr *row, Expr *col)
{
    const Buf *b = t->global->buf;
    const char *c = format_info[format_needed(e->cx, b)].c;
    int64_t rows, cols;
    bool edge = !expr_const(b->dim[t->row], &rows) || rows % TT_TILE ||
                !expr_const(b->dim[t->col], &cols) || cols % TT_TILE;
    if (ok) emit_open(e, emit_f(e, edge ? "if (%s) {" : "if (%s)", ok));
    if (edge)
        text_line(e->out, "zero_edge<%s>(%s, %s, %s);", c, place, edge_text(e, b->dim[t->row], row),
                  edge_text(e, b->dim[t->col], col));
    text_line(e->out, "noc_async_write_page(%s, %s, %s);", page, name, place);
    if (ok && edge) emit_close(e);
    if (ok && !edge) e->out->indent--;
    e->writing = true;
}

static void copy_tiles(Emit *e, const Stmt *s, const Region *g, const Region *t, bool in, int row,
                       int col)
{
    Value *v = value_of(e, t->buf);
    int bytes = 1024 * format_info[v->place.format].bytes;
    Tiled tiled = {.global = g,
                   .tile = t,
                   .row = row,
                   .col = col,
                   .r = expr_i32(e->cx, 0),
                   .c = expr_i32(e->cx, 0)};
    Loops loops = {.n = 0};
    int64_t nr = (g->ext[row] + TT_TILE - 1) / TT_TILE, nc = (g->ext[col] + TT_TILE - 1) / TT_TILE;
    if (nr > 1) {
        loops_add(e, &loops, "r", nr, s->span);
        tiled.r = expr_var(e->cx, loops.var[loops.n - 1], s->span);
    }
    if (nc > 1) {
        loops_add(e, &loops, "c", nc, s->span);
        tiled.c = expr_var(e->cx, loops.var[loops.n - 1], s->span);
    }
    loops_open(e, &loops, 0, loops.n);
    const char *ok = NULL, *name = tensor_name(e, g->buf);
    Expr *gr, *gc;
    const char *page = tiled_page(e, &tiled, &ok, &gr, &gc);
    Expr *at = expr_add(e->cx, exact_div(e->cx, t->off[0], TT_TILE), tiled.r);
    at = expr_add(e->cx, expr_mul(e->cx, at, expr_i32(e->cx, v->place.ct)),
                  expr_add(e->cx, exact_div(e->cx, t->off[1], TT_TILE), tiled.c));
    at = expr_mul(e->cx, at, expr_i32(e->cx, bytes));
    int64_t zero;
    const char *place = slot_address(e, t->buf);
    if (!expr_const(at, &zero) || zero)
        place = emit_f(e, "%s + %s", place, expr_text(e, at, P_ADD));
    if (in)
        read_tile(e, ok, page, name, place, bytes);
    else
        write_tile(e, &tiled, ok, page, name, place, gr, gc);
    loops_close(e, &loops, 0, loops.n);
}

/* ---- rows ---- */

typedef struct {
    const Region *g, *t;
    Loops loops;
    Expr *gi[MAXDIM], *ti[MAXDIM];
    int outer;
    int64_t n;
    Format format;
    int64_t bytes;
    int names;
} Rows;

/* the loops of a copy: first those that do not run along rows of the tensor, then the one that does
 */
static void rows_plan(Emit *e, Rows *r, const CopyShape *shape, bool in, Span at)
{
    static const char *const names[] = {"i", "j", "k", "l", "m"};
    int last = r->g->buf->ndim - 1, along = -1;
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < shape->n; k++) {
            bool is_along = (in ? shape->src[k] : shape->dst[k]) == last;
            if (is_along != (pass == 1)) continue;
            if (is_along) along = k;
            loops_add(e, &r->loops, names[MIN(r->loops.n, 4)], shape->ext[k], at);
        }
    r->outer = along >= 0 ? r->loops.n - 1 : r->loops.n;
    r->n = along >= 0 ? shape->ext[along] : 1;
    for (int d = 0; d < r->g->buf->ndim; d++) r->gi[d] = r->g->off[d];
    for (int d = 0; d < r->t->buf->ndim; d++) r->ti[d] = r->t->off[d];
    int at_loop = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < shape->n; k++) {
            int g = in ? shape->src[k] : shape->dst[k], t = in ? shape->dst[k] : shape->src[k];
            if ((g == last) != (pass == 1)) continue;
            Var *v = r->loops.var[at_loop++];
            if (g >= 0 && g != last) r->gi[g] = plus(e, r->gi[g], v);
            if (t >= 0) r->ti[t] = plus(e, r->ti[t], v);
        }
    r->format = format_needed(e->cx, r->g->buf);
    int size = format_info[r->format].bytes;
    r->bytes = (r->n * size + 2 * TT_ALIGN - 1) / TT_ALIGN * TT_ALIGN;
}

/* rows of scratch memory that are filled before any of them is used */
static int64_t rows_batch(const Rows *r)
{
    int64_t n = 1;
    for (int k = 0; k < r->outer; k++) n *= r->loops.ext[k];
    return n * r->bytes <= 192 << 10 ? n : 1;
}

static const char *row_scratch(Emit *e, const Rows *r, int64_t batch)
{
    scratch(e, TT_ALIGN + batch * r->bytes);
    if (batch == 1) return emit_f(e, "scratch + %d", TT_ALIGN);
    Expr *at = expr_i32(e->cx, 0);
    for (int k = 0; k < r->outer; k++)
        at = plus(e, expr_mul(e->cx, at, expr_i32(e->cx, r->loops.ext[k])), r->loops.var[k]);
    return emit_f(e, "scratch + %d + %s * %lld", TT_ALIGN, expr_text(e, at, P_MUL),
                  (long long)r->bytes);
}

static const char *convert(Emit *e, DType from, DType to, const char *element)
{
    if (from == to) return element;
    Var *v = var_new(e->cx, "x", from, V_LET, (Span){0});
    int names = e->names.n;
    name_as(e, v, from_device(e, from, element)); /* the element stands for the variable */
    const char *s = to_device(
        e, to,
        expr_text(e, expr_cast(e->cx, expr_var(e->cx, v, (Span){0}), to, (Span){0}), P_COND));
    e->names.n = names;
    return s;
}

/* the condition that element first + j is inside of the row, or NULL */
static const char *along_ok(Emit *e, const Rows *r)
{
    int last = r->g->buf->ndim - 1;
    Region along = *r->g;
    if (region_in_bounds(&along, last, e->scope)) return NULL;
    Expr *x = r->outer < r->loops.n ? plus(e, r->gi[last], r->loops.var[r->outer]) : r->gi[last];
    return below(e, x, r->g->buf->dim[last], false);
}

static const char *j_name(Emit *e, const Rows *r)
{
    return r->outer < r->loops.n ? name_of(e, r->loops.var[r->outer]) : "0";
}

/* a name for the row in scratch memory, in the innermost loop or, without one, in a block of its
 * own */
static const char *open_row(Emit *e, Rows *r, const char *name, const char *at, const char *first)
{
    const char *c = format_info[r->format].c;
    if (!r->outer) {
        emit_open(e, "{");
    }
    r->names = e->names.n;
    const char *row = name_new(e, r, name);
    text_line(e->out, "const L1<%s> %s = row_at<%s>(%s, %s);", c, row, c, at, first);
    return row;
}

static void close_row(Emit *e, Rows *r)
{
    e->names.n = r->names;
    loops_close(e, &r->loops, 0, r->outer);
    if (r->outer) return;
    emit_close(e);
}

static void read_rows(Emit *e, const Stmt *s, const Region *g, const Region *t,
                      const CopyShape *shape)
{
    Rows r = {.g = g, .t = t};
    rows_plan(e, &r, shape, true, s->span);
    int64_t batch = rows_batch(&r);
    const char *c = format_info[r.format].c, *tensor = tensor_name(e, g->buf);
    int last = g->buf->ndim - 1;
    Expr *const *gi = r.gi;
    loops_open(e, &r.loops, 0, r.outer);
    const char *ok = inside(e, g->buf, gi, last), *from = row_scratch(e, &r, batch),
               *first = expr_text(e, gi[last], P_COND);
    text_line(e->out, "%sread_row<%s>(%s, %s, %s, %lld, %s, %s);", when(e, ok), c, tensor,
              tensor_page(e, g->buf, gi), first, (long long)r.n,
              expr_text(e, g->buf->dim[last], P_COND), from);
    if (batch > 1 || !r.outer) {
        loops_close(e, &r.loops, 0, r.outer);
        text_line(e->out, "noc_async_read_barrier();");
        loops_open(e, &r.loops, 0, r.outer);
    } else
        text_line(e->out, "noc_async_read_barrier();");
    e->reading = false;
    const char *row = open_row(e, &r, "from", from, first);
    loops_open(e, &r.loops, r.outer, r.loops.n);
    const char *value =
        convert(e, g->buf->type, t->buf->type, emit_f(e, "%s[%s]", row, j_name(e, &r)));
    ok = both(e, inside(e, g->buf, gi, last), along_ok(e, &r));
    text_line(e->out, ok ? "%s = %s ? %s : %s;" : "%s = %.0s%s;", element_text(e, t->buf, r.ti),
              ok ? ok : "", value, "0");
    loops_close(e, &r.loops, r.outer, r.loops.n);
    close_row(e, &r);
}

static void write_rows(Emit *e, const Stmt *s, const Region *t, const Region *g,
                       const CopyShape *shape)
{
    Rows r = {.g = g, .t = t};
    rows_plan(e, &r, shape, false, s->span);
    int64_t batch = rows_batch(&r);
    const char *c = format_info[r.format].c, *tensor = tensor_name(e, g->buf);
    int last = g->buf->ndim - 1;
    loops_open(e, &r.loops, 0, r.outer);
    const char *to = row_scratch(e, &r, batch), *first = expr_text(e, r.gi[last], P_COND);
    const char *row = open_row(e, &r, "to", to, first), *ok = inside(e, g->buf, r.gi, last);
    loops_open(e, &r.loops, r.outer, r.loops.n);
    const char *value = convert(e, t->buf->type, g->buf->type, element_text(e, t->buf, r.ti)),
               *along = along_ok(e, &r);
    text_line(e->out, "%s%s[%s] = %s;", when(e, along), row, j_name(e, &r), value);
    loops_close(e, &r.loops, r.outer, r.loops.n);
    text_line(e->out, "%swrite_row<%s>(%s, %s, %s, %lld, %s, %s);", when(e, ok), c, tensor,
              tensor_page(e, g->buf, r.gi), first, (long long)r.n,
              expr_text(e, g->buf->dim[last], P_COND), to);
    if (batch == 1) text_line(e->out, "noc_async_write_barrier();");
    close_row(e, &r);
    if (batch > 1)
        text_line(e->out,
                  "noc_async_write_barrier();"); /* the next statement may use the scratch memory */
    e->writing = false;
}

/* ---- element by element ---- */

void move_store(Emit *e, const Stmt *s)
{
    Buf *b = s->store.buf;
    const Expr *v = s->store.value;
    const char *value;
    if (v->kind == E_LOAD && v->type == b->type && !is_tensor(v->buf) && v->buf->space != SP_LOCAL)
        value = element_text(e, v->buf,
                             v->idx); /* as the device holds it: no conversion there and back */
    else
        value = to_device(e, b->type, expr_text(e, v, P_COND));
    if (!is_tensor(b)) {
        text_line(e->out, "%s = %s;", element_text(e, b, s->store.idx), value);
        return;
    }
    const char *ok = inside(e, b, s->store.idx, -1), *c = format_info[format_needed(e->cx, b)].c;
    text_line(e->out, "%sstore_element<%s>(%s, %s, %s, %s, %s);", when(e, ok), c, tensor_name(e, b),
              tensor_page(e, b, s->store.idx), expr_text(e, s->store.idx[b->ndim - 1], P_COND),
              value, scratch(e, TT_ALIGN));
}

/* ---- nests ---- */

static void nest_loops(Emit *e, const Stmt *s, Loops *loops, int n)
{
    for (int k = 0; k < n; k++) {
        loops->ext[k] = 0;
        loops->var[k] = s->loop.var[k];
        expr_const(s->loop.hi[k], &loops->ext[k]);
        loops->loop[k] = lower_loop(e->cx, loops->var[k], 0);
        loops->loop[k]->loop.hi[0] = s->loop.hi[k];
    }
    loops->n = n;
}

static void nest_text(Emit *e, const Stmt *s)
{
    Loops loops = {.n = 0};
    nest_loops(e, s, &loops, s->loop.n);
    int names = e->names.n;
    const Scope *outer = e->scope;
    bool block = !loops.n && s->loop.body->next;
    if (block) emit_open(e, "{");
    for (int k = 0; k < loops.n; k++) {
        const char *v = name_new(e, loops.var[k], loops.var[k]->name),
                   *type = c_type(loops.var[k]->type);
        text_line(e->out, "for (%s %s = 0; %s < %s; ++%s) {", type, v, v,
                  expr_text(e, s->loop.hi[k], P_REL), v);
        e->out->indent++;
        loops.scope[k] = (Scope){.outer = e->scope, .stmt = loops.loop[k], .launch = e->launch};
        e->scope = &loops.scope[k];
    }
    emit_list(e, s->loop.body);
    for (int k = 0; k < loops.n + block; k++) emit_close(e);
    e->scope = outer;
    e->names.n = names;
}

/* ---- copies and fills ---- */

static void move_copy(Emit *e, const Stmt *s)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    CopyShape shape;
    if (!copy_shape(src, dst, &shape))
        fail(e->cx, E0902, s->span, NULL, "the extents of this copy do not fit");
    bool from = is_tensor(src->buf), to = is_tensor(dst->buf);
    int row, col;
    if (from != to) {
        const Region *g = from ? src : dst, *t = from ? dst : src;
        if (e->plan->tensor[plan_tensor(e->plan, g->buf)].tiled &&
            tiled_copy(g, t, from, &row, &col))
            copy_tiles(e, s, g, t, from, row, col);
        else if (from)
            read_rows(e, s, src, dst, &shape);
        else
            write_rows(e, s, src, dst, &shape);
    } else
        nest_text(e, lower_tile(e, s));
}

static void move_fill(Emit *e, const Stmt *s)
{
    const Region *r = &s->tile.arg[0];
    Value *v = r->buf->space == SP_SLOT ? value_of(e, r->buf) : NULL;
    bool zero = (s->tile.value->kind == E_INT && !s->tile.value->i) ||
                (s->tile.value->kind == E_FLOAT && s->tile.value->f == 0);
    if (v && zero && region_is_whole(r) && !v->scalar)
        text_line(e->out, "zero_l1(%s, %d);", slot_address(e, r->buf),
                  tiles(&v->place) * 1024 * format_info[v->place.format].bytes);
    else
        nest_text(e, lower_tile(e, s));
}

void move_tile(Emit *e, const Stmt *s)
{
    emit_comment(e, s);
    if (s->tile.op == TO_copy)
        move_copy(e, s);
    else if (s->tile.op == TO_fill)
        move_fill(e, s);
    else
        nest_text(e, lower_tile(e, s));
}

/* ---- nests that gather ---- */

/* Rows picked by an index: t[i, d] = G[at(i), base + d]. Reads a row at a time instead of an
 * element. */
static bool gather(Emit *e, const Stmt *s)
{
    Map m[2];
    int n = 0;
    const char *why;
    if (!lift_nest(e->cx, s, m, COUNT(m), &n, &why) || n != 1 || m[0].guard ||
        is_tensor(m[0].dst) || s->loop.n < 2)
        return false;
    Expr *load = m[0].value;
    while (load->kind == E_CAST) load = load->arg[0];
    if (load->kind != E_LOAD || !is_tensor(load->buf) || load->buf->ndim < 2) return false;
    Buf *g = load->buf;
    int last = g->ndim - 1, inner = s->loop.n - 1;
    Var *j = s->loop.var[inner];
    int64_t coef = 0;
    Expr *base;
    if (!expr_affine(e->cx, load->idx[last], &j, 1, &coef, &base) || coef != 1 ||
        expr_has_load(base))
        return false;
    for (int d = 0; d < last; d++)
        if (expr_uses(load->idx[d], j)) return false;
    Format f = format_needed(e->cx, g);
    const char *c = format_info[f].c;
    Loops loops = {.n = 0};
    nest_loops(e, s, &loops, s->loop.n);
    loops_open(e, &loops, 0, inner);
    Expr *gi[MAXDIM];
    for (int d = 0; d < last; d++) {
        gi[d] = load->idx[d];
        if (!expr_has_load(gi[d])) continue;
        Var *at = var_new(e->cx, "at", DT_int32, V_LET, s->span);
        const char *value = expr_text(e, gi[d], P_COND);
        text_line(e->out, "const int32_t %s = %s;", name_new(e, at, "at"), value);
        gi[d] = expr_var(e->cx, at, s->span);
    }
    gi[last] = base;
    int64_t bytes =
        (loops.ext[inner] * format_info[f].bytes + 2 * TT_ALIGN - 1) / TT_ALIGN * TT_ALIGN;
    scratch(e, TT_ALIGN + bytes);
    const char *from = emit_f(e, "scratch + %d", TT_ALIGN), *first = expr_text(e, base, P_COND);
    const char *ok = inside(e, g, gi, last), *tensor = tensor_name(e, g);
    if (ok) {
        const char *there = name_new(e, g, "there");
        text_line(e->out, "const bool %s = %s;", there, ok);
        ok = there;
    }
    text_line(e->out, "%sread_row<%s>(%s, %s, %s, %lld, %s, %s);", when(e, ok), c, tensor,
              tensor_page(e, g, gi), first, (long long)loops.ext[inner],
              expr_text(e, g->dim[last], P_COND), from);
    text_line(e->out, "noc_async_read_barrier();");
    e->reading = false;
    const char *row = name_new(e, load, "from");
    text_line(e->out, "const L1<%s> %s = row_at<%s>(%s, %s);", c, row, c, from, first);
    loops_open(e, &loops, inner, inner + 1);
    if (!index_in_bounds(load->idx[last], g->dim[last], e->scope))
        ok = both(e, ok, below(e, load->idx[last], g->dim[last], false));
    const char *value = emit_f(e, "%s[%s]", row, name_of(e, j));
    value = convert(e, g->type, m[0].dst->type, value);
    text_line(e->out, ok ? "%s = %s ? %s : %s;" : "%s = %.0s%s;",
              element_text(e, m[0].dst, m[0].dst_idx), ok ? ok : "", value, "0");
    loops_close(e, &loops, inner, inner + 1);
    loops_close(e, &loops, 0, inner);
    return true;
}

void move_nest(Emit *e, const Stmt *s)
{
    emit_comment(e, s);
    if (!gather(e, s)) nest_text(e, s);
}
