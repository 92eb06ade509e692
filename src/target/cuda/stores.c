/* Can two stores of a role touch one element? Stores of TMA land in any order, and beside those of
   the threads. Where two may meet, the second waits until the first has landed, not only until its
   slot has been read. */
#include "target/cuda/emit.h"

enum { MAXSTORES = 64 };
typedef struct {
    Region at;
    bool tma;
} Store;
typedef struct {
    int n;
    bool meet;
    Store at[MAXSTORES];
} Stores;

static bool apart(const Region *a, const Region *b)
{
    for (int d = 0; d < a->buf->ndim; d++) {
        int64_t gap;
        if (!expr_difference(a->off[d], b->off[d], &gap)) continue;
        if (gap >= b->ext[d] || -gap >= a->ext[d]) return true;
    }
    return false;
}

/* every loop around it moves it along a dimension of its own, by at least its extent there */
static bool moves(Cx *cx, const Region *r, const Stmt *const *loop, int n)
{
    bool taken[MAXDIM] = {false};
    for (int i = 0; i < n; i++) {
        int d = 0;
        for (; d < r->buf->ndim; d++) {
            Expr *base;
            int64_t coef, by;
            if (taken[d] || !expr_affine(cx, r->off[d], loop[i]->loop.var, 1, &coef, &base))
                continue;
            by = coef * loop[i]->loop.step;
            if (!expr_uses(base, loop[i]->loop.var[0]) && (by >= r->ext[d] || -by >= r->ext[d]))
                break;
        }
        if (d == r->buf->ndim) return false;
        taken[d] = true;
    }
    return true;
}

/* one more store; those of threads alone are in order by themselves */
static void add(Emit *e, Stores *all, const Store *s, const Stmt *const *loop, int nloop)
{
    all->meet |= all->n == MAXSTORES || (s->tma && !moves(e->cx, &s->at, loop, nloop));
    for (int i = 0; i < all->n; i++) {
        const Store *o = &all->at[i];
        all->meet |= o->at.buf == s->at.buf && (o->tma || s->tma) && !apart(&o->at, &s->at);
    }
    if (!all->meet) all->at[all->n++] = *s;
}

static void see(Emit *e, Stores *all, const Stmt *list, const Stmt **loop, int nloop)
{
    for (const Stmt *s = list; s && !all->meet; s = s->next) {
        Store st = {.tma = false};
        if (s->kind == S_LOOP) {
            loop[nloop] = s;
            see(e, all, s->loop.body, loop,
                nloop + (s->loop.n == 1 && s->loop.how != LOOP_PARALLEL));
        } else if (s->kind == S_IF) {
            see(e, all, s->branch.then, loop, nloop);
            see(e, all, s->branch.other, loop, nloop);
        } else if (s->kind == S_TILE && s->tile.op == TO_copy && is_tensor(s->tile.arg[1].buf)) {
            st = (Store){s->tile.arg[1], cuda_move_is_tma(e, s, e->role->role)};
            add(e, all, &st, loop, nloop);
        } else if (s->kind == S_STORE && is_tensor(s->store.buf)) {
            st.at.buf = s->store.buf; /* anywhere in the tensor: apart from nothing */
            for (int d = 0; d < s->store.buf->ndim; d++) {
                st.at.off[d] = expr_i32(e->cx, 0);
                st.at.ext[d] = INT32_MAX;
            }
            add(e, all, &st, loop, nloop);
        }
    }
}

bool cuda_stores_meet(Emit *e)
{
    Stores all = {0};
    const Stmt *loop[64];
    see(e, &all, e->role->body, loop, 0);
    return all.meet;
}
