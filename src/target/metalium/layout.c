/* Each global tensor as tiles or as rows. Tiles where every access of the program is a copy of
   whole tiles of the same two axes, by a split launch; rows otherwise: gathers, odd offsets,
   vectors, whatever scalar code touches. */
#include "target/metalium/metalium.h"

/* ---- multiples ---- */

bool multiple_of(const Expr *e, int64_t m)
{
    int64_t v;
    if (expr_const(e, &v)) return v % m == 0;
    if (e->kind == E_CAST)
        return dtype_is_int(e->type) && dtype_is_int(e->arg[0]->type) && multiple_of(e->arg[0], m);
    if (e->kind != E_OP) return false;
    switch (e->op) {
    case OP_add:
    case OP_sub:
    case OP_max:
    case OP_min: return multiple_of(e->arg[0], m) && multiple_of(e->arg[1], m);
    case OP_mul: return multiple_of(e->arg[0], m) || multiple_of(e->arg[1], m);
    case OP_neg: return multiple_of(e->arg[0], m);
    default: return false;
    }
}

Expr *exact_div(Cx *cx, Expr *e, int64_t m)
{
    int64_t v;
    if (expr_const(e, &v)) return expr_int(cx, v / m, e->type, e->span);
    if (e->kind == E_CAST) return expr_cast(cx, exact_div(cx, e->arg[0], m), e->type, e->span);
    Expr *a = e->arg[0], *b = e->arg[1];
    if (e->op == OP_neg) return expr_op(cx, OP_neg, exact_div(cx, a, m), NULL, NULL, e->span);
    if (e->op != OP_mul)
        return expr_op(cx, e->op, exact_div(cx, a, m), exact_div(cx, b, m), NULL, e->span);
    if (multiple_of(b, m)) return expr_op(cx, OP_mul, a, exact_div(cx, b, m), NULL, e->span);
    return expr_op(cx, OP_mul, exact_div(cx, a, m), b, NULL, e->span);
}

/* ---- copies of whole tiles ---- */

/* along this axis the copy takes whole tiles, or ends where the tensor ends */
static bool whole_tiles(const Region *g, int axis)
{
    int64_t off, dim;
    if (!multiple_of(g->off[axis], TT_TILE)) return false;
    if (g->ext[axis] % TT_TILE == 0) return true;
    return expr_const(g->off[axis], &off) && expr_const(g->buf->dim[axis], &dim) &&
           off + g->ext[axis] == dim;
}

/* the same on the side of the tiles: whole tiles, or up to the end of the buffer */
static bool whole_in_tile(const Region *t, int d)
{
    int64_t off, dim;
    if (!expr_const(t->buf->dim[d], &dim) || !multiple_of(t->off[d], TT_TILE)) return false;
    return t->ext[d] % TT_TILE == 0 || (expr_const(t->off[d], &off) && off + t->ext[d] == dim);
}

bool tiled_copy(const Region *global, const Region *tile, bool global_is_src, int *row, int *col)
{
    CopyShape shape;
    if (tile->buf->space != SP_SLOT) return false; /* an array of the role's own */
    if (tile->buf->ndim != 2 || tile->ext[0] < 2 || tile->ext[1] < 2) return false;
    if (global->buf->type != tile->buf->type) return false; /* pages go as they are */
    if (!copy_shape(global_is_src ? global : tile, global_is_src ? tile : global, &shape) ||
        shape.n != 2)
        return false;
    *row = *col = -1;
    for (int k = 0; k < 2; k++) {
        int g = global_is_src ? shape.src[k] : shape.dst[k],
            t = global_is_src ? shape.dst[k] : shape.src[k];
        if (t == 0) *row = g;
        if (t == 1) *col = g;
    }
    return *row >= 0 && *col >= 0 && whole_tiles(global, *row) && whole_tiles(global, *col) &&
           whole_in_tile(tile, 0) && whole_in_tile(tile, 1);
}

/* ---- the choice ---- */

typedef struct {
    MetaliumPlan *plan;
    bool merged;
    bool *rows, *seen;
} Look;

int plan_tensor(const MetaliumPlan *plan, const Buf *b)
{
    for (int i = 0; i < plan->ntensor; i++)
        if (plan->tensor[i].buf == b) return i;
    return -1;
}

static void access(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Look *look = v->user;
    int i = plan_tensor(look->plan, b), row, col;
    (void)write;
    if (i < 0) return;
    MetaliumTensor *t = &look->plan->tensor[i];
    bool tiled = false;
    if (!look->merged && s->kind == S_TILE && s->tile.op == TO_copy) {
        bool src = s->tile.arg[0].buf == b;
        const Region *g = &s->tile.arg[!src], *other = &s->tile.arg[src];
        /* what the indices of a copy load is scalar: then b is not one of the two */
        tiled = (src || s->tile.arg[1].buf == b) && plan_tensor(look->plan, other->buf) < 0 &&
                tiled_copy(g, other, src, &row, &col) &&
                (!look->seen[i] || (row == t->row && col == t->col));
        if (tiled) {
            t->row = row;
            t->col = col;
        }
    }
    look->seen[i] = true;
    look->rows[i] |= !tiled;
}

/* an index of a copy that loads from a tensor is a scalar access of that tensor, even when the copy
 * is of the same one */
static void index_load(Visitor *v, Expr *x)
{
    Look *look = v->user;
    int i = x->kind == E_LOAD ? plan_tensor(look->plan, x->buf) : -1;
    if (i >= 0) look->rows[i] = true;
}

void layout_tensors(Cx *cx, MetaliumPlan *plan)
{
    Look look = {.plan = plan,
                 .rows = NEWN(&cx->arena, bool, plan->ntensor + 1),
                 .seen = NEWN(&cx->arena, bool, plan->ntensor + 1)};
    for (const Launch *l = plan->prog->launch; l; l = l->next) {
        look.merged = l->npipe == 0;
        Visitor v = {.access = access, .user = &look}, loads = {.expr = index_load, .user = &look};
        walk_stmts(&v, l->body);
        walk_stmts(&loads, l->body);
    }
    for (int i = 0; i < plan->ntensor; i++) plan->tensor[i].tiled = look.seen[i] && !look.rows[i];
}
