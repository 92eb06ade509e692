/* The barriers that the threads of one role need among themselves. Between statements each thread
   runs ahead as it likes; a barrier is put before a statement that touches a buffer in memory which
   another thread may have written since the last barrier, or may still have to read. Pipes need
   none: their verbs order every access to a slot.

   WGMMA and TMA see shared memory through another path than ordinary stores: what was written so
   needs a fence in every thread that wrote, before the barrier. */
#include <string.h>
#include "target/cuda/emit.h"

typedef struct {
    Emit *e;
    Hazards *to;
    const Nest *nest;
} Seen;

static void add(Hazards *h, Emit *e, const void *what, bool read, bool written, bool own)
{
    for (int i = 0; i < h->n; i++)
        if (h->at[i].what == what) {
            h->at[i] = (Hazard){what, h->at[i].read | read, h->at[i].written | written,
                                h->at[i].own & own};
            return;
        }
    if (h->n == MAXHAZARD)
        fail(e->cx, E0901, e->plan->launch->span, NULL, "launch '%s' has more than %d buffers",
             e->plan->launch->name, MAXHAZARD);
    h->at[h->n++] = (Hazard){what, read, written, own};
}

static const void *key(Emit *e, const Buf *b) /* NULL: each thread has its own */
{
    Where w = cuda_plan_find(e->plan, b)->where;
    if (w == AT_ACC || w == AT_ROW || w == AT_LOCAL) return NULL;
    return b->space == SP_SLOT ? (const void *)b->pipe : b;
}

static void see(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Seen *x = v->user;
    const void *k = key(x->e, b);
    (void)s;
    if (k) add(x->to, x->e, k, !write, write, x->nest && cuda_nest_linear(x->nest, b));
}

static void accesses(Emit *e, const Stmt *list, bool alone, Hazards *to)
{
    Stmt first = *list;
    Nest n;
    Seen x = {e, to, NULL};
    Visitor v = {.access = see, .user = &x};
    if (alone) first.next = NULL;
    if (alone && first.kind == S_TILE && (first.tile.op == TO_copy || first.tile.op == TO_fill))
        first = *cuda_lower_tile(e, list);
    if (alone && first.kind == S_LOOP && first.loop.how == LOOP_PARALLEL) {
        n = cuda_nest_of(e, &first);
        cuda_nest_choose(e, &n);
        x.nest =
            cuda_nest_wide(e, &n) ? NULL : &n; /* 16 bytes a thread: others hold the elements */
    }
    walk_stmts(&v, &first);
}

/* ---- barriers ------------------------------------------------------------------------------- */

void cuda_sync_all(Emit *e)
{
    int threads = cuda_role_threads(e->role);
    if (threads == 32)
        text_line(e->out, "__syncwarp();");
    else if (threads > 1 && e->role->merged)
        text_line(e->out, "__syncthreads();");
    else if (threads > 1 && e->role->groups > 1)
        text_line(e->out, "group_sync(%s, %d);", cuda_role_barrier(e), threads);
    else if (threads > 1)
        text_line(e->out, "role_sync<%s, %d>();", cuda_role_barrier(e), threads);
    e->hazard.n = 0;
}

static bool conflict(const Hazards *before, const Hazards *now)
{
    for (int i = 0; i < before->n; i++)
        for (int j = 0; j < now->n; j++) {
            const Hazard *b = &before->at[i], *n = &now->at[j];
            if (b->what == n->what && (b->written || n->written) && !(b->own && n->own))
                return true;
        }
    return false;
}

static bool unfenced(const Hazards *h, const void *what)
{
    for (int i = 0; i < h->nunfenced; i++)
        if (h->unfenced[i] == what) return true;
    return false;
}

static void unfence(Hazards *h, const void *what)
{
    if (!unfenced(h, what) && h->nunfenced < MAXHAZARD) h->unfenced[h->nunfenced++] = what;
}

static void meet(Emit *e, const Hazards *now, bool async)
{
    bool fence = false;
    for (int j = 0; async && j < now->n; j++) fence |= unfenced(&e->hazard, now->at[j].what);
    if (fence) {
        text_line(e->out, "fence_async();");
        e->hazard.nunfenced = 0;
    }
    if (fence || conflict(&e->hazard, now)) cuda_sync_all(e);
    for (int j = 0; j < now->n; j++) {
        const Hazard *h = &now->at[j];
        add(&e->hazard, e, h->what, h->read, h->written, h->own);
        if (h->written && !async) unfence(&e->hazard, h->what);
    }
}

void cuda_sync_before(Emit *e, const Stmt *unit, bool async)
{
    Hazards now = {0};
    accesses(e, unit, true, &now);
    meet(e, &now, async);
}

void cuda_sync_before_value(Emit *e, Expr *x)
{
    Stmt let = {.kind = S_LET, .let.value = x};
    cuda_sync_before(e, &let, false);
}

void cuda_sync_forget(Emit *e, const Pipe *p)
{
    for (int i = 0; i < e->hazard.n; i++)
        if (e->hazard.at[i].what == p) e->hazard.at[i--] = e->hazard.at[--e->hazard.n];
    for (int i = 0; i < e->hazard.nunfenced; i++)
        if (e->hazard.unfenced[i] == p)
            e->hazard.unfenced[i--] = e->hazard.unfenced[--e->hazard.nunfenced];
}

Hazards cuda_sync_enter_loop(Emit *e, Stmt *body)
{
    Hazards before = e->hazard, in_loop = {0};
    if (body) accesses(e, body, false, &in_loop);
    for (int i = 0; i < in_loop.n; i++) {
        const Hazard *h = &in_loop.at[i];
        add(&e->hazard, e, h->what, h->read, h->written, false);
        if (h->written) unfence(&e->hazard, h->what);
    }
    return before;
}

void cuda_sync_merge(Emit *e, const Hazards *h)
{
    for (int i = 0; i < h->n; i++)
        add(&e->hazard, e, h->at[i].what, h->at[i].read, h->at[i].written, h->at[i].own);
    for (int i = 0; i < h->nunfenced; i++) unfence(&e->hazard, h->unfenced[i]);
}
