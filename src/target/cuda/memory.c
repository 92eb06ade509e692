/* The frame of a launch: warps of each role, what lies where in shared memory, barriers. */
#include <string.h>
#include "target/cuda/emit.h"

int cuda_tile_unit(const Tile *t)
{
    return t->chunk / 8;
}

static int64_t round_up(int64_t n, int64_t to)
{
    return (n + to - 1) / to * to;
}

static Tile tile_new(const Buf *b, DType type, int ndim, const int64_t *dim, bool swizzle)
{
    Tile t = {.type = type, .lead = 1, .rows = 1, .cols = 1};
    int64_t elems = 1;
    for (int d = 0; d < ndim; d++) {
        elems *= dim[d];
        if (d < ndim - 2)
            t.lead *= dim[d];
        else if (d == ndim - 2)
            t.rows = dim[d];
        else
            t.cols = dim[d];
    }
    t.bytes = elems * dtype_bytes(type);
    t.chunk = swizzle ? cuda_tile_chunk(b) : 0;
    return t;
}

static Tile tile_of(Emit *e, const Buf *b, bool swizzle)
{
    int64_t dim[MAXDIM];
    for (int d = 0; d < b->ndim; d++)
        if (!expr_const(b->dim[d], &dim[d]))
            fail(e->cx, E0501, b->span, "make its shape constant",
                 "buffer '%s' in shared memory has a shape that is not constant", b->name);
    return tile_new(b, b->type, b->ndim, dim, swizzle);
}

/* ---- tiles ---------------------------------------------------------------------------------- */

static void pipe_tiles(Emit *e, PipePlan *p)
{
    int64_t at = 0;
    for (int i = 0; i < p->pipe->ntile; i++) {
        const Buf *b = NULL;
        for (int k = 0; k < e->plan->nplace && !b; k++)
            if (e->plan->place[k]->buf->pipe == p->pipe && e->plan->place[k]->buf->tile == i)
                b = e->plan->place[k]->buf;
        p->tile[i] = tile_new(b, p->pipe->tile[i].type, p->pipe->tile[i].ndim, p->pipe->tile[i].dim,
                              b && p->swizzle[i]);
        at = round_up(at, p->tile[i].chunk ? 1024 : 128);
        p->tile_at[i] = at;
        at += p->tile[i].bytes;
        if (p->tile[i].chunk) p->align = 1024;
    }
    p->slot_bytes = round_up(at, p->align);
}

static void make_tiles(Emit *e)
{
    LaunchPlan *p = e->plan;
    for (int i = 0; i < p->npipe; i++) {
        p->pipe[i].align = 128;
        pipe_tiles(e, &p->pipe[i]);
    }
    for (int i = 0; i < p->nplace; i++) {
        Place *f = p->place[i];
        if (f->where == AT_SLOT) f->tile = cuda_plan_pipe(p, f->buf->pipe)->tile[f->buf->tile];
        if (f->where == AT_SHARED) f->tile = tile_of(e, f->buf, f->swizzle);
    }
}

/* ---- warps ---------------------------------------------------------------------------------- */

typedef struct {
    Emit *e;
    Role role;
} OfRole;

static bool is_wide(void *user, const Stmt *s)
{
    const OfRole *of = user;
    return (s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL) ||
           (s->kind == S_TILE && !cuda_move_is_tma(of->e, s, of->role));
}

static bool one_lane(Emit *e, RolePlan *r) /* nothing but TMA and scalars */
{
    OfRole of = {e, r->role};
    return !stmt_any(r->body, is_wide, &of);
}

static void make_warps(Emit *e)
{
    LaunchPlan *p = e->plan;
    RolePlan *reader = &p->role[R_READER], *writer = &p->role[R_WRITER],
             *compute = &p->role[R_COMPUTE];
    compute->warps = compute->present ? 4 * p->warpgroups : 0;
    compute->groups = MAX(compute->groups, 1);
    if (!p->merged) {
        reader->lane = reader->present && one_lane(e, reader);
        writer->lane = writer->present && one_lane(e, writer);
        int nw = writer->present ? writer->groups : 0, nr = reader->present ? reader->groups : 0;
        reader->warps = nr == 0 ? 0 : reader->lane ? 1 : writer->lane || !nw ? MAX(4 - nw, 1) : 2;
        writer->warps = nw == 0 ? 0 : writer->lane ? 1 : MAX((4 - nr * reader->warps) / nw, 1);
        p->producer_warps = (int)round_up(nr * reader->warps + nw * writer->warps, 4);
        writer->first_warp = nr * reader->warps;
        compute->first_warp = p->producer_warps;
    }
    p->warps = p->producer_warps + compute->groups * compute->warps;
    int id = p->merged ? 0 : 1;
    compute->barrier = id;
    reader->barrier = id + compute->groups;
    writer->barrier = reader->barrier + MAX(reader->groups, 1);
    p->order_barrier = writer->barrier + MAX(writer->groups, 1);
    int last = p->order_barrier;
    for (int i = 0; i < p->launch->norder; i++) last += p->launch->order[i]->n;
    if (last > 16)
        fail(e->cx, E0501, p->launch->span, "use fewer groups or order tokens",
             "launch '%s' needs %d named barriers, there are 16", p->launch->name, last);
}

/* Shares of the registers: a block of n threads starts with 65536 / n each; the producers give
 * theirs to the compute groups. */
static void make_registers(LaunchPlan *p)
{
    static const struct {
        int warps, producer, compute;
    } share[] = {{12, 40, 232}, {16, 32, 160}};
    bool narrow = (!p->role[R_READER].present || p->role[R_READER].lane) &&
                  (!p->role[R_WRITER].present || p->role[R_WRITER].lane);
    for (int i = 0; i < COUNT(share); i++)
        if (!p->merged && narrow && p->producer_warps == 4 && p->warps == share[i].warps &&
            p->registers + 40 > 65536 / (32 * p->warps) - 24) {
            p->regs_producer = share[i].producer;
            p->regs_compute = share[i].compute;
        }
}

/* ---- shared memory -------------------------------------------------------------------------- */

static int64_t place_all(LaunchPlan *p)
{
    int64_t at = 0, read_to = 0;
    int groups = p->role[R_COMPUTE].groups;
    p->nbar = 0;
    for (int i = 0; i < p->npipe; i++) {
        PipePlan *q = &p->pipe[i];
        at = round_up(at, q->align);
        q->at = at;
        q->bars = p->nbar;
        at += q->slot_bytes * q->depth * q->rings;
        read_to = MAX(read_to, at + q->overrun);
        p->nbar += 2 * q->depth * q->rings;
    }
    for (int i = 0; i < p->nplace; i++) {
        Place *f = p->place[i];
        if (f->where != AT_SHARED) continue;
        at = round_up(at, f->tile.chunk ? 1024 : 128);
        f->tile.bytes =
            groups > 1 ? round_up(f->tile.bytes, f->tile.chunk ? 1024 : 128) : f->tile.bytes;
        f->at = at;
        at += f->tile.bytes * groups;
        read_to = MAX(read_to, at + f->overrun);
    }
    at = round_up(at, 128);
    p->scratch_at = at;
    p->bars_at = at + 256 * groups;
    return MAX(p->bars_at + 8 * p->nbar, read_to);
}

/* one slot less where it saves most and the protocol still holds; false: nothing to save */
static bool save_memory(Emit *e)
{
    LaunchPlan *p = e->plan;
    PipePlan *best = NULL;
    for (int i = 0; i < p->npipe; i++) {
        PipePlan *q = &p->pipe[i];
        int64_t saves = q->slot_bytes * q->rings;
        if (q->depth < 2 || q->fixed || (best && saves <= best->slot_bytes * best->rings)) continue;
        best = q;
    }
    if (!best) return false;
    Text why = text_new(&e->cx->arena);
    int kept = best->pipe->depth;
    best->pipe->depth = best->depth - 1; /* for the checker only: the schedule stays as it is */
    bool holds = check_protocol(e->cx, p->launch, &why);
    best->pipe->depth = kept;
    if (holds)
        best->depth--;
    else
        best->fixed = true;
    return true;
}

static void make_memory(Emit *e)
{
    LaunchPlan *p = e->plan;
    for (p->shared = place_all(p); p->shared > CUDA_SHARED; p->shared = place_all(p))
        if (!save_memory(e))
            fail(e->cx, E0502, p->launch->span, "use smaller tiles or fewer stages",
                 "launch '%s' needs %lld bytes of shared memory, a block has %d", p->launch->name,
                 (long long)p->shared, CUDA_SHARED);
}

/* ---- the whole plan ------------------------------------------------------------------------- */

static void find_roles(LaunchPlan *p, Launch *l)
{
    p->merged = l->npipe == 0;
    if (p->merged) {
        p->role[R_COMPUTE] = (RolePlan){
            .role = R_COMPUTE, .present = true, .merged = true, .body = l->body, .groups = 1};
        return;
    }
    for (Stmt *s = l->body; s; s = s->next)
        if (s->kind == S_ROLE)
            p->role[s->role.role] = (RolePlan){.role = s->role.role,
                                               .present = true,
                                               .stmt = s,
                                               .body = s->role.body,
                                               .groups = MAX(s->role.groups, 1)};
}

LaunchPlan *cuda_plan_launch(Emit *e, Launch *l)
{
    LaunchPlan *p = e->plan = NEW(&e->cx->arena, LaunchPlan);
    p->launch = l;
    p->npipe = l->npipe;
    p->pipe = NEWN(&e->cx->arena, PipePlan, l->npipe + 1);
    find_roles(p, l);
    for (int i = 0; i < l->npipe; i++) {
        Pipe *q = l->pipe[i];
        p->pipe[i] = (PipePlan){
            .pipe = q, .depth = q->depth, .rings = q->each ? MAX(p->role[R_COMPUTE].groups, 1) : 1};
    }
    cuda_plan_places(e);
    cuda_plan_fragments(e);
    cuda_plan_swizzles(e);
    make_tiles(e);
    make_warps(e);
    make_registers(p);
    make_memory(e);
    return p;
}
