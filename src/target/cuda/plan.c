/* Where every buffer of a launch lives. Fragments start as registers where their shape allows: two
   dimensions as an accumulator (ACC), one dimension as the rows of one (ROW). Every statement that
   cannot use them there sends them to shared memory, until nothing moves any more: slower, and
   right for whatever the program does. */
#include <string.h>
#include "target/cuda/emit.h"

static const Place nowhere;

Place *cuda_plan_find(const LaunchPlan *p, const Buf *b)
{
    for (int i = 0; i < p->nplace; i++)
        if (p->place[i]->buf == b) return p->place[i];
    return (Place *)&nowhere; /* not reached: collect() has seen every buffer */
}

PipePlan *cuda_plan_pipe(const LaunchPlan *p, const Pipe *pipe)
{
    for (int i = 0; i < p->npipe; i++)
        if (p->pipe[i].pipe == pipe) return &p->pipe[i];
    return NULL;
}

/* ---- every buffer has a place --------------------------------------------------------------- */

Place *cuda_plan_add(Emit *e, Buf *b)
{
    static const Where first[] = {
        [SP_GLOBAL] = AT_GLOBAL, [SP_TEMP] = AT_GLOBAL, [SP_SHARED] = AT_SHARED,
        [SP_FRAG] = AT_SHARED,   [SP_LOCAL] = AT_LOCAL, [SP_SLOT] = AT_SLOT};
    LaunchPlan *p = e->plan;
    for (int i = 0; i < p->nplace; i++)
        if (p->place[i]->buf == b) return p->place[i];
    if ((p->nplace & (p->nplace + 1)) == 0) { /* full at 0, 1, 3, 7 ...: double */
        Place **more = NEWN(&e->cx->arena, Place *, 2 * p->nplace + 1);
        if (p->nplace) memcpy(more, p->place, sizeof *more * (size_t)p->nplace);
        p->place = more;
    }
    Place *n = p->place[p->nplace++] = NEW(&e->cx->arena, Place);
    n->buf = b;
    n->where = first[b->space];
    return n;
}

static void see_access(Visitor *v, Stmt *s, Buf *b, bool write)
{
    (void)s, (void)write;
    cuda_plan_add(v->user, b);
}

static void see_decl(Visitor *v, Stmt *s)
{
    if (s->kind == S_ALLOC) cuda_plan_add(v->user, s->alloc);
    for (int i = 0; s->kind == S_VERB && i < MAXTILES; i++)
        if (s->verb.slot[i]) cuda_plan_add(v->user, s->verb.slot[i]);
}

static void collect(Emit *e, Launch *l)
{
    Visitor v = {.stmt = see_decl, .access = see_access, .user = e};
    walk_stmts(&v, l->body);
}

/* ---- fragments in registers ----------------------------------------------------------------- */

static int blocks64(int64_t rows)
{
    return (int)((rows + 63) / 64);
}

static bool frag_dims(const Buf *b, int64_t *rows, int64_t *cols)
{
    *cols = 1;
    return b->ndim >= 1 && b->ndim <= 2 && expr_const(b->dim[0], rows) &&
           (b->ndim == 1 || expr_const(b->dim[1], cols)) && *rows >= 8;
}

static bool acc_shape(const Buf *b, int64_t *rows, int64_t *cols)
{
    int size = dtype_bytes(b->type);
    bool pairs = b->type == DT_bfloat16 || b->type == DT_float16;
    return frag_dims(b, rows, cols) && *cols % 8 == 0 && *cols <= 512 && (size == 4 || pairs);
}

static void see_frag(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Place *p = cuda_plan_find(((Emit *)v->user)->plan, b);
    (void)s, (void)write;
    if (b->space == SP_FRAG && acc_shape(b, &p->rows, &p->cols)) p->where = AT_ACC;
}

static void see_gemm(Visitor *v, Stmt *s)
{
    Emit *e = v->user;
    if (s->kind == S_TILE && s->tile.op == TO_gemm && cuda_gemm_can(e, s))
        cuda_plan_find(e->plan, s->tile.arg[2].buf)->gemm = true;
}

/* one value a row: of the rows of some accumulator */
static void row_candidates(Emit *e)
{
    for (int i = 0; i < e->plan->nplace; i++) {
        Place *p = e->plan->place[i];
        int64_t rows, cols;
        if (p->buf->space != SP_FRAG || p->where == AT_ACC || !frag_dims(p->buf, &rows, &cols) ||
            cols != 1)
            continue;
        for (int k = 0; k < e->plan->nplace; k++)
            if (e->plan->place[k]->where == AT_ACC && e->plan->place[k]->rows == rows) {
                p->where = AT_ROW;
                p->rows = rows;
                p->cols = 1;
            }
    }
}

/* registers of a thread that the fragments take when their rows are dealt to `groups` warpgroups */
static int64_t registers(const LaunchPlan *p, int groups)
{
    int64_t n = 0;
    for (int i = 0; i < p->nplace; i++) {
        const Place *f = p->place[i];
        int64_t blocks = (blocks64(f->rows) + groups - 1) / groups;
        if (f->where == AT_ACC) n += blocks * f->cols / (dtype_bytes(f->buf->type) == 2 ? 4 : 2);
        if (f->where == AT_ROW) n += 2 * blocks;
    }
    return n;
}

static int gcd(int a, int b)
{
    return b ? gcd(b, a % b) : a;
}

/* Warpgroups of a compute group: as the program asks, more when registers are short, as the rows of
 * its gemms divide. */
static int choose_warpgroups(Emit *e, int asked, int most)
{
    LaunchPlan *p = e->plan;
    int shared = 0, n = 0;
    bool gemm = false;
    for (int i = 0; i < p->nplace; i++) gemm |= p->place[i]->where == AT_ACC && p->place[i]->gemm;
    for (int i = 0; i < p->nplace; i++)
        if (p->place[i]->where == AT_ACC && p->place[i]->gemm == gemm)
            shared = gcd(blocks64(p->place[i]->rows), shared);
    if (!shared) return MIN(asked, most);
    for (int k = 1; k <= MIN(shared, most); k++)
        if (shared % k == 0 && (k <= asked || registers(p, n) > 190)) n = k;
    return n;
}

static void deal_rows(Emit *e, int groups)
{
    e->plan->warpgroups = groups;
    for (int i = 0; i < e->plan->nplace; i++) {
        Place *f = e->plan->place[i];
        if (f->where != AT_ACC && f->where != AT_ROW) continue;
        f->blocks = blocks64(f->rows) / groups;
        bool great = !f->gemm && f->where == AT_ACC && f->blocks * f->cols / 2 > 128;
        if (blocks64(f->rows) % groups || great) f->where = AT_SHARED;
    }
}

/* ---- settling ------------------------------------------------------------------------------- */

bool cuda_evict(Emit *e, Place *p)
{
    if (p->where != AT_ACC && p->where != AT_ROW) return false;
    p->where = AT_SHARED;
    p->why = e->settling;
    return true;
}

typedef struct {
    Emit *e;
    bool moved;
} Settle;

static void see_scalar(Visitor *v, Expr *x) /* a register element cannot be had by all threads */
{
    Settle *s = v->user;
    if (x->kind == E_LOAD) s->moved |= cuda_evict(s->e, cuda_plan_find(s->e->plan, x->buf));
}

static bool settle_gemm(Emit *e, const Stmt *s)
{
    const Region *a = &s->tile.arg[0], *b = &s->tile.arg[1], *c = &s->tile.arg[2];
    Place *pa = cuda_plan_find(e->plan, a->buf), *pb = cuda_plan_find(e->plan, b->buf),
          *pc = cuda_plan_find(e->plan, c->buf);
    if (!cuda_gemm_can(e, s)) return cuda_nest_settle(e, cuda_lower_tile(e, s));
    bool moved = cuda_evict(e, pb);
    if (!region_is_whole(c) || pc->where == AT_ROW) moved |= cuda_evict(e, pc);
    if (!region_is_whole(a) || s->tile.trans_a || pa->where == AT_ROW ||
        pa->rows != c->ext[c->buf->ndim - 2])
        moved |= cuda_evict(e, pa);
    return moved;
}

static bool settle_tile(Emit *e, const Stmt *s)
{
    if (s->tile.op == TO_gemm) return settle_gemm(e, s);
    if (s->tile.op == TO_copy || s->tile.op == TO_fill || stmt_is_update(s))
        return cuda_nest_settle(e, cuda_lower_tile(e, s));
    return cuda_reduce_settle(e, s);
}

static bool settle(Emit *e, Stmt *list)
{
    Settle x = {e, false};
    Visitor v = {.expr = see_scalar, .user = &x};
    for (Stmt *s = list; s; s = s->next) {
        e->settling = s;
        Stmt own = *s; /* its own expressions, not those of its parts */
        own.next = NULL;
        if (s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL) {
            x.moved |= cuda_nest_settle(e, s);
            own.loop.body = NULL;
        } else if (s->kind == S_LOOP) {
            x.moved |= settle(e, s->loop.body);
            own.loop.body = NULL;
        } else if (s->kind == S_IF) {
            x.moved |= settle(e, s->branch.then);
            x.moved |= settle(e, s->branch.other);
            own.branch.then = own.branch.other = NULL;
        } else if (s->kind == S_ROLE) {
            x.moved |= settle(e, s->role.body);
            continue;
        } else if (s->kind == S_TILE) {
            x.moved |= settle_tile(e, s);
        } else if (s->kind == S_STORE || s->kind == S_EVAL) {
            Buf *b = s->kind == S_STORE ? s->store.buf : s->eval->args[0]->buf;
            x.moved |= cuda_evict(e, cuda_plan_find(e->plan, b));
        }
        e->settling = s;
        walk_stmts(&v, &own);
    }
    return x.moved;
}

static void see_foreign(Visitor *v, Stmt *s, Buf *b,
                        bool write) /* fragments of the reader and the writer */
{
    (void)s, (void)write;
    cuda_evict(v->user, cuda_plan_find(((Emit *)v->user)->plan, b));
}

static void explain(Emit *e)
{
    for (int i = 0; i < e->plan->nplace; i++) {
        const Place *p = e->plan->place[i];
        if (p->where != AT_SHARED || !p->why) continue;
        Diag *d = report(e->cx, E0503, p->buf->span, NULL,
                         "fragment '%s' lies in shared memory, not in registers", p->buf->name);
        note(e->cx, d, p->why->span, "its elements are not where this needs them");
    }
}

void cuda_plan_fragments(Emit *e)
{
    LaunchPlan *p = e->plan;
    RolePlan *r = &p->role[R_COMPUTE];
    Visitor frag = {.access = see_frag, .user = e}, gemm = {.stmt = see_gemm, .user = e},
            foreign = {.access = see_foreign, .user = e};
    int asked = MAX((p->launch->threads + 127) / 128 / MAX(r->groups, 1), 1);
    walk_stmts(&frag, r->body);
    walk_stmts(&gemm, r->body);
    row_candidates(e);
    deal_rows(e, choose_warpgroups(e, asked, p->merged ? 8 : MAX(4 / MAX(r->groups, 1), 1)));
    for (int i = 0; i < NROLE; i++)
        if (i != R_COMPUTE) walk_stmts(&foreign, p->role[i].body);
    while (settle(e, r->body)) {
    }
    explain(e);
    p->registers = (int)registers(p, p->warpgroups);
}

/* ---- gemms whose accumulator is elsewhere, and tiles that WGMMA and TMA want swizzled ---------
 */

static void want_swizzle(Emit *e, const Buf *b)
{
    Place *p = cuda_plan_find(e->plan, b);
    if (p->where == AT_SLOT)
        cuda_plan_pipe(e->plan, b->pipe)->swizzle[b->tile] = true;
    else if (p->where == AT_SHARED)
        p->swizzle = true;
}

/* WGMMA works on 64 rows: where A has fewer it reads on behind them, and what comes of it is
 * dropped */
static void want_overrun(Emit *e, const Region *a)
{
    int64_t rows = a->ext[a->buf->ndim - 2];
    Place *p = cuda_plan_find(e->plan, a->buf);
    if (rows % 64 == 0 || p->where == AT_ACC) return;
    int64_t bytes = (blocks64(rows) * 64 - rows) * cuda_tile_chunk(a->buf) * 2;
    if (p->where == AT_SLOT)
        cuda_plan_pipe(e->plan, a->buf->pipe)->overrun = bytes;
    else
        p->overrun = bytes;
}

static void see_operands(Visitor *v, Stmt *s)
{
    Emit *e = v->user;
    if (s->kind != S_TILE || s->tile.op != TO_gemm || !cuda_gemm_can(e, s)) return;
    const Region *c = &s->tile.arg[2];
    want_swizzle(e, s->tile.arg[0].buf);
    want_swizzle(e, s->tile.arg[1].buf);
    want_overrun(e, &s->tile.arg[0]);
    if (cuda_plan_find(e->plan, c->buf)->where == AT_ACC) return;
    if (e->nwrapped == COUNT(e->wrapped))
        fail(e->cx, E0901, s->span, NULL, "a launch with more than %d gemms into shared memory",
             COUNT(e->wrapped));
    Buf *acc;
    e->wrapped[e->nwrapped].from = s;
    e->wrapped[e->nwrapped++].to = cuda_lower_accumulator(e, s, &acc);
    Place *p = cuda_plan_add(e, acc);
    p->where = AT_ACC;
    p->gemm = true;
    acc_shape(acc, &p->rows, &p->cols);
    p->blocks = blocks64(p->rows) / e->plan->warpgroups;
}

/* what the writer takes by TMA is filled by stmatrix, without conflicts of banks */
static void see_store(Visitor *v, Stmt *s)
{
    Emit *e = v->user;
    if (s->kind != S_TILE || s->tile.op != TO_copy) return;
    const Buf *b = s->tile.arg[0].buf;
    if (b->space == SP_SLOT && dtype_bytes(b->type) == 2 && cuda_tile_chunk(b) == 64)
        want_swizzle(e, b);
}

void cuda_plan_swizzles(Emit *e)
{
    Visitor operands = {.stmt = see_operands, .user = e}, stores = {.stmt = see_store, .user = e};
    walk_stmts(&operands, e->plan->role[R_COMPUTE].body);
    walk_stmts(&stores, e->plan->role[R_WRITER].body);
}

void cuda_plan_places(Emit *e)
{
    collect(e, e->plan->launch);
}
