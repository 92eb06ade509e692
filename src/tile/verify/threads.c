/* Does a launch run once for its block, or once for each of its threads? Once for each when it
   speaks of threads: their index, a call that counts or joins them. And when a statement of the
   block, outside of tile operations and T.Parallel, does something else the second time: an atomic
   update, A[0] = A[0] + 1. All other programs mean the same either way, and run once.

   The reading of an old value may go through lets and scalars: x = A[0]; A[0] = x + 1. So every let
   and every local buffer carries the loads that it was made from. */
#include "tile/tile.h"
#include <string.h>

enum { MAXHELD = 64, MAXLOADS = 24 };

/* what a let or a local buffer was made from */
typedef struct {
    const Var *var;
    const Buf *buf;
    int n;
    const Expr *load[MAXLOADS];
} Held;

typedef struct {
    const Stmt **out;
    int max, n;
    int nheld;
    Held held[MAXHELD];
    int nloop;
    const Stmt *loop[16]; /* the serial loops around this place */
} Block;

/* ---- calls that speak of threads ----------------------------------------------------------------
 */

/* each thread alone does the same as all of them: nothing, or nothing that counts */
static bool neutral(Fn fn)
{
    static const bool is[NFN] = {
        [FN_sync_threads] = true,  [FN_sync_warp] = true,       [FN_sync_grid] = true,
        [FN_fence] = true,         [FN_cp_async_commit] = true, [FN_cp_async_wait] = true,
        [FN_device_assert] = true, [FN_print] = true,           [FN_import_source] = true};
    return is[fn] || !strncmp(fn_info[fn].name, "atomic_", 7);
}

static void find_thread(Visitor *v, Expr *e)
{
    if (e->kind == E_CALL)
        *(bool *)v->user |= !neutral(e->fn) || (e->fn == FN_sync_threads && e->nargs > 0);
}

static bool speaks_of_threads(const Launch *l)
{
    bool found = l->thread[0] || l->thread[1] || l->thread[2];
    Visitor v = {.expr = find_thread, .user = &found};
    if (!found) walk_stmts(&v, l->body);
    return found;
}

/* ---- statements that are not the same twice
 * -------------------------------------------------------- */

static Held *held(Block *b, const Var *var, const Buf *buf, bool add)
{
    for (int i = 0; i < b->nheld; i++)
        if (b->held[i].var == var && b->held[i].buf == buf) return &b->held[i];
    if (!add || b->nheld == MAXHELD) return NULL;
    b->held[b->nheld] = (Held){.var = var, .buf = buf};
    return &b->held[b->nheld++];
}

static void hold(Held *h, const Expr *load)
{
    for (int i = 0; i < h->n; i++)
        if (h->load[i] == load) return;
    if (h->n < MAXLOADS) h->load[h->n++] = load;
}

typedef struct {
    Block *b;
    Held all; /* the loads that an expression is made from, through lets and locals */
} Loads;

static void find_loads(Visitor *v, Expr *e)
{
    Loads *l = v->user;
    const Held *from = NULL;
    if (e->kind == E_LOAD && e->buf->space != SP_LOCAL && e->buf->space != SP_FRAG)
        hold(&l->all, e);
    else if (e->kind == E_LOAD)
        from = held(l->b, NULL, e->buf, false);
    else if (e->kind == E_VAR)
        from = held(l->b, e->var, NULL, false);
    for (int i = 0; from && i < from->n; i++) hold(&l->all, from->load[i]);
}

static Loads loads_of(Block *b, Expr *e)
{
    Loads l = {.b = b};
    Visitor v = {.expr = find_loads, .user = &l};
    walk_expr(&v, e);
    return l;
}

/* Does this dimension tell the two places apart, whenever they are used? `d` elements apart in the
 * same iteration: another iteration may meet the place. What was written before it is read is the
 * same each time; what is overwritten after it was read is not. */
static bool apart(const Block *b, const Expr *read, const Expr *write)
{
    int64_t d;
    if (!expr_difference(read, write, &d) || d == 0) return false;
    for (int k = b->nloop - 1; k >= 0; k--) {
        const Stmt *s = b->loop[k];
        if (!expr_uses(write, s->loop.var[0])) continue;
        return s->loop.step > 0 ? d < 0 : d > 0;
    }
    return true;
}

static bool reads_old(Block *b, const Stmt *s)
{
    const Buf *to = s->store.buf;
    Loads l = loads_of(b, s->store.value);
    for (int i = 0; i < l.all.n; i++) {
        const Expr *load = l.all.load[i];
        bool different = load->buf != to;
        for (int d = 0; d < to->ndim && !different; d++)
            different = apart(b, load->idx[d], s->store.idx[d]);
        if (!different) return true;
    }
    return false;
}

/* an atomic that adds up, or one whose result is used, which differs from thread to thread */
static bool is_update(void *used, const Expr *e)
{
    if (e->kind != E_CALL || !strchr(fn_info[e->fn].args, 'u') || e->fn == FN_mma) return false;
    bool once = e->fn == FN_atomic_max || e->fn == FN_atomic_min || e->fn == FN_atomic_and ||
                e->fn == FN_atomic_or || e->fn == FN_atomic_exch;
    return *(bool *)used || !once;
}

static bool updates(const Expr *e, bool used)
{
    return expr_any(e, is_update, &used);
}

/* a let or a local buffer gets this value */
static void keep(Block *b, const Var *var, const Buf *buf, Expr *value)
{
    Loads l = loads_of(b, value);
    Held *h = l.all.n ? held(b, var, buf, true) : NULL;
    for (int i = 0; h && i < l.all.n; i++) hold(h, l.all.load[i]);
}

static void scan(Block *b, const Stmt *list)
{
    StmtPart p[MAXPART];
    for (const Stmt *s = list; s; s = s->next) {
        bool twice = false, own = false, inner = s->kind == S_LOOP && b->nloop < COUNT(b->loop);
        if (s->kind == S_TILE) continue;
        /* each iteration runs once, whoever runs it */
        if (s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL) continue;
        int n = stmt_parts(s, p);
        for (int i = 0; i < n; i++)
            twice |= p[i].kind == PART_EXPR && updates(*p[i].expr, s->kind != S_EVAL);
        if (s->kind == S_STORE) {
            own = s->store.buf->space == SP_LOCAL || s->store.buf->space == SP_FRAG;
            twice = twice || (!own && reads_old(b, s));
        }
        if (twice && b->n++ < b->max) b->out[b->n - 1] = s;
        if (own) keep(b, NULL, s->store.buf, s->store.value);
        if (s->kind == S_LET) keep(b, s->let.var, NULL, s->let.value);
        if (inner) b->loop[b->nloop++] = s;
        for (int i = 0; i < n; i++)
            if (p[i].kind == PART_LIST) scan(b, *p[i].list);
        b->nloop -= inner;
    }
}

/* ---- the two questions --------------------------------------------------------------------------
 */

int launch_repeated(const Launch *l, const Stmt **out, int max)
{
    if (l->threads <= 1 || l->npipe || speaks_of_threads(l)) return 0;
    Block b = {.out = out, .max = max};
    scan(&b, l->body);
    return MIN(b.n, max);
}

bool launch_threads(const Launch *l)
{
    const Stmt *one[1];
    return speaks_of_threads(l) || launch_repeated(l, one, 1) > 0;
}
