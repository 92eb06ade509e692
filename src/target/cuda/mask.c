/* A nest that only masks, X[i, j] = T.if_then_else(condition, X[i, j], other), does nothing where
   the condition holds for all of its iterations: a causal mask below the diagonal, a bound on the
   keys before the last block. Then one comparison for the block stands for thousands: an affine
   condition holds everywhere when it holds at its worst corner. */
#include "target/cuda/emit.h"

/* the worst value of each variable for `a - b` to stay small (up) or great */
static bool corner(Emit *e, const Nest *n, Expr *a, Expr *b, bool up, Expr *out[2])
{
    int64_t of_a[MAXPAR], of_b[MAXPAR], ext;
    VarSub at[MAXPAR];
    Expr *base;
    if (!expr_affine(e->cx, a, n->var, n->n, of_a, &base) ||
        !expr_affine(e->cx, b, n->var, n->n, of_b, &base))
        return false;
    for (int k = 0; k < n->n; k++) {
        if (!expr_const(n->ext[k], &ext)) return false;
        bool last = up ? of_a[k] > of_b[k] : of_a[k] < of_b[k];
        at[k] = (VarSub){n->var[k], expr_i32(e->cx, last ? ext - 1 : 0)};
    }
    Subst s = {.nvar = n->n, .var = at};
    out[0] = expr_subst(e->cx, a, &s);
    out[1] = expr_subst(e->cx, b, &s);
    return true;
}

/* a condition without the variables of the nest from which `c` follows for all of them; NULL: not
 * found */
static Expr *everywhere(Emit *e, const Nest *n, Expr *c)
{
    if (c->kind != E_OP) return NULL;
    if (c->op == OP_and) {
        Expr *a = everywhere(e, n, c->arg[0]), *b = a ? everywhere(e, n, c->arg[1]) : NULL;
        return b ? expr_op(e->cx, OP_and, a, b, NULL, c->span) : NULL;
    }
    bool up = c->op == OP_lt || c->op == OP_le, down = c->op == OP_gt || c->op == OP_ge;
    Expr *at[2];
    if ((!up && !down) || !dtype_is_int(c->arg[0]->type) ||
        !corner(e, n, c->arg[0], c->arg[1], up, at))
        return NULL;
    return expr_op(e->cx, c->op, at[0], at[1], NULL, c->span);
}

static bool same_place(const Expr *load, const Stmt *store)
{
    if (load->kind != E_LOAD || load->buf != store->store.buf) return false;
    for (int d = 0; d < load->buf->ndim; d++)
        if (!expr_same(load->idx[d], store->store.idx[d])) return false;
    return true;
}

Expr *cuda_mask_idle(Emit *e, const Nest *n)
{
    const Stmt *s = n->body;
    if (!s || s->next || s->kind != S_STORE || s->store.value->kind != E_OP ||
        s->store.value->op != OP_select)
        return NULL;
    return same_place(s->store.value->arg[1], s) ? everywhere(e, n, s->store.value->arg[0]) : NULL;
}
