/* Rings by hand. Needs a launch without roles; gives shared tiles without the axis that only tells
   the slot of an iteration: `A_s[k % 2, :, :]`, written whole and then read in every round of a
   loop, becomes `A_s[:, :]`, and the loop a pipelined one of as many stages. The passes behind make
   slots of their own, of which the machine may have more or fewer. */
#include "sched/inside.h"

typedef struct {
    Cx *cx;
    Buf *buf, *to; /* the tile, and the one that stands for it */
    Expr *slot;    /* the first index of every access */
    Stmt *loop;    /* around all of them */
    bool ring;
} Ring;

static void use_slot(Ring *r, Expr *e)
{
    r->ring &= !r->slot || expr_same(r->slot, e);
    r->slot = e;
}

static void find_load(Visitor *v, Expr *e)
{
    Ring *r = v->user;
    if (e->kind == E_LOAD && e->buf == r->buf) use_slot(r, e->idx[0]);
    for (int k = 0; e->kind == E_CALL && k < e->nargs; k++)
        if (call_place(e, k) && e->args[k]->buf == r->buf) r->ring = false;
}

static void find_use(Visitor *v, Stmt *s)
{
    Ring *r = v->user;
    if (s->kind == S_STORE && s->store.buf == r->buf) use_slot(r, s->store.idx[0]);
    if (s->kind == S_ALLOC && s->alloc->of == r->buf) r->ring = false;
    for (int i = 0; s->kind == S_TILE && tileop_info[s->tile.op].operands[i]; i++) {
        const Region *g = &s->tile.arg[i];
        if (g->buf != r->buf) continue;
        use_slot(r, g->off[0]);
        r->ring &= g->ext[0] == 1;
    }
}

static bool touches(const Ring *r, Stmt *s)
{
    Ring probe = {.buf = r->buf, .ring = true};
    Visitor v = {.stmt = find_use, .expr = find_load, .user = &probe};
    stmt_visit(&v, s);
    return probe.slot != NULL || !probe.ring;
}

static bool writes_slot(const Ring *r, const Stmt *s)
{
    if (s->kind != S_TILE || (s->tile.op != TO_copy && s->tile.op != TO_fill)) return false;
    const Region *dst = &s->tile.arg[s->tile.op == TO_copy];
    if (dst->buf != r->buf || (s->tile.op == TO_copy && s->tile.arg[0].buf == r->buf)) return false;
    for (int d = 1; d < dst->buf->ndim; d++) {
        int64_t n;
        if (!expr_const(dst->buf->dim[d], &n) || n != dst->ext[d]) return false;
    }
    return true;
}

/* the innermost loop around all accesses; its first access writes the slot */
static void find_loop(Ring *r, Stmt *list)
{
    Stmt *only = NULL;
    int n = 0;
    for (Stmt *s = list; s; s = s->next)
        if (touches(r, s) && n++ == 0) only = s;
    if (n == 1 && only->kind == S_LOOP && only->loop.how != LOOP_PARALLEL) {
        r->loop = only;
        find_loop(r, only->loop.body);
    } else if (n) {
        r->ring &= r->loop && writes_slot(r, only);
    }
}

static Expr *slot_fn(Cx *cx, Expr *e, void *user)
{
    Ring *r = user;
    if (e->kind != E_LOAD || e->buf != r->buf) return NULL;
    Expr *idx[MAXDIM];
    for (int d = 1; d < e->buf->ndim; d++) idx[d - 1] = expr_map(cx, e->idx[d], slot_fn, user);
    return expr_load(cx, r->to, idx, e->span);
}

static void slot_stmt(Visitor *v, Stmt *s)
{
    Ring *r = v->user;
    if (s->kind == S_STORE && s->store.buf == r->buf) {
        s->store.buf = r->to;
        s->store.idx++;
    }
    for (int i = 0; s->kind == S_TILE && tileop_info[s->tile.op].operands[i]; i++) {
        Region *g = &s->tile.arg[i];
        if (g->buf != r->buf) continue;
        g->buf = r->to;
        for (int d = 0; d < r->to->ndim; d++) {
            g->off[d] = g->off[d + 1];
            g->ext[d] = g->ext[d + 1];
        }
    }
    if (s->kind == S_ALLOC && s->alloc == r->buf) s->alloc = r->to;
}

static void find_shared(Visitor *v, Stmt *s)
{
    PtrMap *all = v->user;
    if (s->kind == S_ALLOC && s->alloc->space == SP_SHARED && s->alloc->ndim > 1 && !s->alloc->of)
        ptr_set(all, s->alloc, 1);
}

static void open_ring(Cx *cx, Launch *l, Buf *b)
{
    int64_t slots;
    Ring r = {.cx = cx, .buf = b, .ring = true};
    Visitor v = {.stmt = find_use, .expr = find_load, .user = &r};
    walk_stmts(&v, l->body);
    if (!r.ring || !r.slot || !expr_const(b->dim[0], &slots) || slots < 2) return;
    find_loop(&r, l->body);
    if (!r.ring || !r.loop || expr_const(r.slot, &(int64_t){0})) return;
    r.to = NEW(&cx->arena, Buf);
    *r.to = *b;
    r.to->ndim--;
    for (int d = 0; d < r.to->ndim; d++) r.to->dim[d] = b->dim[d + 1];
    list_map(cx, l->body, slot_fn, &r);
    v = (Visitor){.stmt = slot_stmt, .user = &r};
    walk_stmts(&v, l->body);
    if (r.loop->loop.how == LOOP_PIPELINED) slots = MAX(slots, r.loop->loop.stages);
    r.loop->loop.how = LOOP_PIPELINED;
    r.loop->loop.stages = (int)slots;
}

void sched_ring(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt)
{
    (void)lim, (void)opt;
    for (Launch *l = p->launch; l; l = l->next) {
        Span where;
        PtrMap all = {.arena = &cx->arena};
        Visitor v = {.stmt = find_shared, .user = &all};
        if (launch_whole(l, &where)) continue;
        walk_stmts(&v, l->body);
        for (int i = 0; i < all.n; i++) open_ring(cx, l, (Buf *)all.row[i].key);
    }
}
