/* TMA: copies between global memory and a slot by the bulk copy engine, in the reader and in the
   writer. One copy is a few boxes: one for each chunk of a swizzled tile, one for each 256 elements
   of a long row, else one. Elements of a box that lie outside of the tensor read as 0 and are not
   written, as the dialect wants it. */
#include <string.h>
#include "target/cuda/emit.h"

enum { MAXBOX = 256 }; /* elements along one axis of a box */

typedef struct {
    const Region *global, *slot;
    CudaMap map;
    int pieces;
    int64_t step, step_bytes; /* of a piece: elements along the inner axis, bytes in the slot */
    int64_t bytes, at;        /* of the whole copy; where it starts in the slot's tile */
} Move;

/* every stride of the tensor but the inner one is known to be a multiple of 16 bytes */
static bool strides_fit(const Buf *b)
{
    int64_t known = dtype_bytes(b->type);
    for (int d = b->ndim - 1; d > 0; d--) {
        int64_t v;
        if (expr_const(b->dim[d], &v))
            known = known % 16 ? known * v : known;
        else if (known % 16 && cuda_expr_divisible(b->dim[d], 16))
            known = 16;
        if (known % 16) return false;
    }
    return true;
}

/* the slot's side: rows from a constant one on, everything else whole */
static bool slot_side(Emit *e, const Region *r, const Tile *t, Move *m)
{
    int first = 0;
    int64_t v, dim, row_bytes = dtype_bytes(t->type);
    while (first < r->buf->ndim && expr_const(r->buf->dim[first], &dim) && dim == 1) first++;
    for (int d = first + 1; d < r->buf->ndim; d++) {
        if (!expr_const(r->buf->dim[d], &dim) || r->ext[d] != dim) return false;
        row_bytes *= dim;
    }
    for (int d = 0; d < r->buf->ndim; d++)
        if (!expr_const(r->off[d], &v) || (v && d != first)) return false;
    if (first == r->buf->ndim) return false;
    expr_const(r->off[first], &v);
    (void)e;
    if (!t->chunk) {
        m->at = v * row_bytes;
        return m->at % 128 == 0;
    }
    m->at = v * t->chunk * 2;
    bool rows_first =
        first == r->buf->ndim - 2; /* one matrix; a first dimension that is the columns' is whole */
    return t->lead == 1 && v % 8 == 0 && (rows_first || v == 0);
}

static bool boxes(const Region *g, const Tile *t, const CopyShape *c, Move *m)
{
    int n = g->buf->ndim, size = dtype_bytes(g->buf->type);
    int64_t inner = g->ext[n - 1], rest = 1;
    /* a row that starts elsewhere is an illegal instruction, though every stride is right */
    if (!cuda_expr_divisible(g->off[n - 1], 16 / MIN(size, 16))) return false;
    for (int d = 0; d < n; d++) m->map.box[d] = g->ext[n - 1 - d];
    for (int d = 1; d < n; d++) {
        rest *= m->map.box[d];
        if (m->map.box[d] > MAXBOX) return false;
    }
    (void)c;
    m->bytes = inner * rest * size;
    m->step = t->chunk ? t->chunk : inner <= MAXBOX ? inner : MAXBOX;
    if (inner % m->step || (!t->chunk && inner > MAXBOX && rest > 1)) return false;
    m->pieces = (int)(inner / m->step);
    m->step_bytes = t->chunk ? t->rows * t->chunk * size : m->step * size;
    m->map.box[0] = m->step;
    m->map.swizzle = t->chunk * 2;
    return m->step * size % 16 == 0 && (m->pieces == 1 || m->step_bytes % 128 == 0);
}

static bool move_of(Emit *e, const Stmt *s, Role role, Move *m)
{
    memset(m, 0, sizeof *m);
    if (s->kind != S_TILE || s->tile.op != TO_copy || e->plan->merged || role == R_COMPUTE)
        return false;
    m->global = &s->tile.arg[role == R_READER ? 0 : 1];
    m->slot = &s->tile.arg[role == R_READER ? 1 : 0];
    const Buf *g = m->global->buf, *b = m->slot->buf;
    CopyShape c;
    if ((g->space != SP_GLOBAL && g->space != SP_TEMP) || b->space != SP_SLOT ||
        g->type != b->type || g->ndim > MAXRANK)
        return false;
    if (!copy_shape(&s->tile.arg[0], &s->tile.arg[1], &c) || c.n == 0) return false;
    for (int k = 0; k < c.n; k++)
        if (c.src[k] < 0 || c.dst[k] < 0) return false;
    if ((role == R_READER ? c.src : c.dst)[c.n - 1] != g->ndim - 1) return false;
    const Tile *t = &cuda_plan_find(e->plan, b)->tile;
    m->map.buf = g;
    return strides_fit(g) && slot_side(e, m->slot, t, m) && boxes(m->global, t, &c, m);
}

bool cuda_move_is_tma(Emit *e, const Stmt *s, Role role)
{
    Move m;
    return move_of(e, s, role, &m);
}

static bool same_map(const CudaMap *a, const CudaMap *b)
{
    return a->buf == b->buf && a->swizzle == b->swizzle &&
           memcmp(a->box, b->box, sizeof a->box) == 0;
}

/* the kernel argument of a map */
static CudaArg *map_arg(Emit *e, const CudaMap *map)
{
    for (int i = 0; i < e->need->narg; i++)
        if (e->need->arg[i].kind == CA_MAP && same_map(&e->need->arg[i].map, map))
            return &e->need->arg[i];
    if (e->need->narg == MAXCUDAARG)
        fail(e->cx, E0901, e->plan->launch->span, NULL,
             "launch '%s' needs more than %d kernel arguments", e->plan->launch->name, MAXCUDAARG);
    CudaArg *a = &e->need->arg[e->need->narg++];
    *a = (CudaArg){.kind = CA_MAP, .buf = map->buf, .map = *map};
    name_new(e, a, emit_f(e, "%s_map", map->buf->name));
    return a;
}

void cuda_move_collect(Emit *e, const Stmt *s, Role role)
{
    Move m;
    if (move_of(e, s, role, &m)) map_arg(e, &m.map);
}

void cuda_move_emit(Emit *e, const Stmt *s)
{
    Move m;
    if (!move_of(e, s, e->role->role, &m)) return;
    const char *map = name_of(e, map_arg(e, &m.map)), *slot = name_of(e, m.slot->buf),
               *at = emit_f(e, "smem_addr(%s)", slot);
    Text where = text_new(&e->cx->arena);
    int n = m.global->buf->ndim;
    const char *piece = m.pieces > 1 ? name_new(e, &m, "piece") : NULL;
    for (int d = n - 1; d >= 0; d--)
        text_add(&where, ", %s%s",
                 expr_text(e, m.global->off[d], d == n - 1 && piece ? P_ADD : P_COND),
                 d == n - 1 && piece ? emit_f(e, " + %d * %s", (int)m.step, piece) : "");
    if (m.at) at = emit_f(e, "%s + %d", at, (int)m.at);
    if (piece) at = emit_f(e, "%s + %d * %s", at, (int)m.step_bytes, piece);
    if (!e->role->lane) text_line(e->out, "if (tid == 0) {");
    if (!e->role->lane) e->out->indent++;
    const char *full = emit_f(e, "%s", cuda_slot_barrier(e, m.slot->buf));
    if (e->role->role == R_READER) text_line(e->out, "bar_expect(%s, %d);", full, (int)m.bytes);
    if (piece) {
        text_line(e->out, "for (int %s = 0; %s < %d; %s++)", piece, piece, m.pieces, piece);
        e->out->indent++;
        e->names.n = e->names.n - 1;
    }
    if (e->role->role == R_READER)
        text_line(e->out, "tma_load(%s, &%s, %s%s);", at, map, full, where.s);
    else
        text_line(e->out, "tma_store(&%s, %s%s);", map, at, where.s);
    if (piece) e->out->indent--;
    if (e->role->lane) return;
    emit_close(e);
}
