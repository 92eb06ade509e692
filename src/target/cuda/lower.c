/* Tile operations as nests (target/lower.c), with a place for what a nest allocates; gemms whose
   accumulator lies elsewhere. */
#include "target/cuda/emit.h"

static void see_alloc(Visitor *v, Stmt *s)
{
    if (s->kind == S_ALLOC) cuda_plan_add(v->user, s->alloc);
}

Stmt *cuda_lower_tile(Emit *e, const Stmt *s)
{
    Stmt *nest = lower_tile(e, s);
    Visitor v = {.stmt = see_alloc, .user = e};
    walk_stmts(&v, nest);
    return nest;
}

/* acc = T.alloc_fragment(...); T.copy(C, acc); T.gemm(A, B, acc); T.copy(acc, C) */
Stmt *cuda_lower_accumulator(Emit *e, const Stmt *s, Buf **acc)
{
    const Region *c = &s->tile.arg[2];
    int n = c->buf->ndim;
    Expr *dim[2] = {expr_i32(e->cx, c->ext[n - 2]), expr_i32(e->cx, c->ext[n - 1])};
    *acc = buf_new(e->cx, "acc", c->buf->type, SP_FRAG, 2, dim, s->span);
    Region whole = region_whole(e->cx, *acc, s->span);
    Stmt *list = NULL, *alloc = stmt_new(e->cx, S_ALLOC, s->span),
         *in = stmt_new(e->cx, S_TILE, s->span), *out = stmt_new(e->cx, S_TILE, s->span);
    Stmt *gemm = NEW(&e->cx->arena, Stmt);
    Tail tail = &list;
    alloc->alloc = *acc;
    in->tile.op = out->tile.op = TO_copy;
    in->tile.arg[0] = out->tile.arg[1] = *c;
    in->tile.arg[1] = out->tile.arg[0] = whole;
    *gemm = *s;
    gemm->next = NULL;
    gemm->tile.arg[2] = whole;
    gemm->tile.start = false;
    stmt_add(&tail, alloc);
    if (!s->tile.clear) stmt_add(&tail, in);
    stmt_add(&tail, gemm);
    stmt_add(&tail, out);
    return list;
}

Stmt *cuda_gemm_in_registers(Emit *e, const Stmt *s)
{
    for (int i = 0; i < e->nwrapped; i++)
        if (e->wrapped[i].from == s) return e->wrapped[i].to;
    return NULL;
}
