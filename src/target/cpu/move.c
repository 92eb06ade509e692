/* T.copy and T.fill as loops. A dimension of a tensor that is not proved in range is checked: rows
   that only move are cut to what exists, everything else asks for each row or element. What does
   not exist reads 0 and is not written. */
#include "target/cpu/cpu.h"
#include <string.h>

void cpu_check_region(Emit *e, const Region *r)
{
    for (int d = 0; d < r->buf->ndim && !is_tensor(r->buf); d++) {
        int64_t n;
        if (region_in_bounds(r, d, e->scope) || !expr_const(r->buf->dim[d], &n)) continue;
        int code = cpu_fault(
            e, E0611, r->span,
            emit_f(e, "the region of '%s' is not inside of its %lld elements in dimension %d",
                   r->buf->name, (long long)n, d));
        cpu_need(e, "in", DT_none, DT_none);
        const char *head = emit_f(e, "if (!k_in(%s, %lld))", expr_text(e, r->off[d], P_COND),
                                  (long long)(n - r->ext[d] + 1));
        const char *line = emit_f(e, "return %d;", code);
        cpu_nest(e, 1, &head, 1, &line);
    }
}

/* ---- one side of a move --------------------------------------------------------------------- */

static Piece plus(Emit *e, Piece off, const char *var)
{
    if (!var) return off;
    if (!strcmp(off.s, "0")) return (Piece){var, P_PRIMARY};
    return (Piece){emit_f(e, "%s + %s", expr_fit(e, off, P_ADD), var), P_ADD};
}

static bool is_proved(Emit *e, const Region *r, int d)
{
    return !is_tensor(r->buf) || region_in_bounds(r, d, e->scope) ||
           (r->ext[d] == 1 && cpu_proved(e, r->off[d], r->buf->dim[d]));
}

void cpu_find_place(Emit *e, Side *s, int nloop, const char *const *var)
{
    const Region *r = s->r;
    Piece idx[MAXDIM];
    bool proved[MAXDIM];
    for (int d = 0; d < r->buf->ndim; d++) {
        const char *v = NULL;
        for (int l = 0; l < nloop; l++)
            if (s->dim[l] == d) v = var[l];
        idx[d] = plus(e, expr_piece(e, r->off[d]), v);
        proved[d] = d == s->cut || is_proved(e, r, d);
    }
    s->place = cpu_place(e, r->buf, idx, proved, r->span, &s->guard);
}

/* the dimension that loop l walks, when its check can be a bound: it must not begin below 0 */
static int cut_at(Emit *e, const Side *s, int l)
{
    int d = l >= 0 ? s->dim[l] : -1;
    if (d < 0 || is_proved(e, s->r, d)) return -1;
    Range off = expr_range(s->r->off[d], e->scope);
    return off.known && off.lo >= 0 ? d : -1;
}

/* declares how many elements of dimension `cut` exist; gives the name */
static const char *room(Emit *e, const Side *s)
{
    const Region *r = s->r;
    Piece off = expr_piece(e, r->off[s->cut]), dim = expr_piece(e, r->buf->dim[s->cut]);
    const char *left = strcmp(off.s, "0")
                           ? emit_f(e, "%s - %s", expr_fit(e, dim, P_ADD), expr_fit(e, off, P_MUL))
                           : dim.s;
    cpu_need(e, "room", DT_none, DT_none);
    const char *name = name_new(e, NULL, emit_f(e, "%s_have", r->buf->name));
    cpu_line(e, "const int64_t %s = k_room(%s, %lld);", name, left, (long long)r->ext[s->cut]);
    return name;
}

/* ---- copy ----------------------------------------------------------------------------------- */

typedef struct {
    Side src, dst;
    CopyShape shape;
    const char *var[MAXDIM], *head[MAXDIM + 1];
    int mark;
} Copy;

static const char *loop_head(Emit *e, const char *var, const char *end)
{
    return emit_f(e, "for (int %s = 0; %s < %s; %s++)", var, var, end, var);
}

void cpu_loop_names(Emit *e, int n, const char **var)
{
    static const char *const letter[MAXDIM] = {"i", "j", "k", "l", "m", "n", "o", "p"};
    for (int l = 0; l < n; l++) var[l] = name_new(e, NULL, letter[l]);
}

static void loops(Emit *e, Copy *c)
{
    c->mark = e->names.n;
    cpu_loop_names(e, c->shape.n, c->var);
    for (int l = 0; l < c->shape.n; l++) {
        c->head[l] = loop_head(e, c->var[l], emit_f(e, "%lld", (long long)c->shape.ext[l]));
    }
}

static const char *first_of(Emit *e, const Buf *b)
{
    return emit_f(e, "%s%s", is_tensor(b) || b->space == SP_LOCAL ? "" : "my->", name_of(e, b));
}

/* all of one buffer to all of another of the same type: one block of memory */
static bool copy_block(Emit *e, const Copy *c)
{
    const Buf *src = c->src.r->buf, *dst = c->dst.r->buf, *sized = is_tensor(dst) ? src : dst;
    if (src->type != dst->type || !region_is_whole(c->src.r) || !region_is_whole(c->dst.r) ||
        buf_elems(src) != buf_elems(dst))
        return false;
    if (!src->ndim || !dst->ndim || is_tensor(sized)) return false;
    cpu_line(e, "memcpy(%s, %s, sizeof %s);", first_of(e, dst), first_of(e, src),
             first_of(e, sized));
    return true;
}

const char *cpu_address(Emit *e, const char *place)
{
    size_t n = strlen(place);
    bool first = n > 3 && !strcmp(place + n - 3, "[0]");
    return first ? emit_f(e, "%.*s", (int)n - 3, place)
                 : emit_f(e, "&%s", place); /* &x[i][0] is x[i] */
}

/* rows that lie one element after the other on both sides and only move */
static bool copy_rows(Emit *e, Copy *c)
{
    int n = c->shape.n - 1;
    if (n < 0 || c->src.r->buf->type != c->dst.r->buf->type ||
        (is_tensor(c->src.r->buf) && is_tensor(c->dst.r->buf)))
        return false;
    Side *side[] = {&c->src, &c->dst}, *cut = NULL;
    for (int i = 0; i < 2; i++) {
        Side *s = side[i];
        if (s->dim[n] != s->r->buf->ndim - 1) return false;
        s->cut = cut_at(e, s, n);
        if (s->cut < 0 && !is_proved(e, s->r, s->dim[n])) return false;
        if (s->cut >= 0) cut = s;
    }
    long long ext = (long long)c->shape.ext[n];
    const char *have = cut ? room(e, cut) : emit_f(e, "%lld", ext),
               *type = cpu_elem_type(e, c->src.r->buf->type);
    loops(e, c);
    cpu_find_place(e, &c->src, n, c->var);
    cpu_find_place(e, &c->dst, n, c->var);
    const char *to = cpu_address(e, c->dst.place), *from = cpu_address(e, c->src.place), *line;
    if (c->src.guard || cut == &c->src) {
        cpu_need(e, "fetch", DT_none, c->src.r->buf->type);
        const char *some = c->src.guard ? emit_f(e, "%s ? %s : 0", c->src.guard, have) : have;
        line = emit_f(e, "k_fetch_%s(%s, %s, %s, %lld);", cpu_short(c->src.r->buf->type), to, from,
                      some, ext);
    } else {
        line = emit_f(e, "memcpy(%s, %s, %s%s * sizeof(%s));", to, from, cut ? "(size_t)" : "",
                      have, type);
    }
    if (c->dst.guard) c->head[n] = emit_f(e, "if (%s)", c->dst.guard);
    cpu_nest(e, n + (c->dst.guard != NULL), c->head, 1, &line);
    e->names.n = c->mark;
    return true;
}

void cpu_copy(Emit *e, const Stmt *s)
{
    Copy c = {.src = {.r = &s->tile.arg[0], .dim = c.shape.src, .cut = -1},
              .dst = {.r = &s->tile.arg[1], .dim = c.shape.dst, .cut = -1}};
    if (!copy_shape(c.src.r, c.dst.r, &c.shape))
        fail(e->cx, E0902, s->span, NULL, "the extents of a copy do not fit");
    cpu_check_region(e, c.src.r);
    cpu_check_region(e, c.dst.r);
    if (!copy_block(e, &c) && !copy_rows(e, &c)) cpu_lowered(e, s);
}

/* ---- fill ----------------------------------------------------------------------------------- */

void cpu_fill(Emit *e, const Stmt *s)
{
    const Region *r = &s->tile.arg[0];
    const Buf *b = r->buf;
    const Expr *x = s->tile.value;
    cpu_check_region(e, r);
    bool zero = (x->kind == E_INT && x->i == 0) ||
                (x->kind == E_FLOAT && memcmp(&x->f, &(double){0}, sizeof x->f) == 0);
    if (zero && region_is_whole(r) && b->ndim && !is_tensor(b)) {
        cpu_line(e, "memset(%s, 0, sizeof %s);", first_of(e, b), first_of(e, b));
        return;
    }
    int held = e->nheld;
    if (x->kind == E_LOAD || x->kind == E_OP || x->kind == E_CAST) { /* computed once */
        const char *value = expr_text(e, x, P_COND), *name = name_new(e, x, "value");
        cpu_line(e, "const %s %s = %s;", cpu_value_type(x->type), name, value);
        cpu_hold(e, x, name);
    }
    cpu_lowered(e, s);
    e->nheld = held;
}
