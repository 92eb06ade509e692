/* WGMMA. One function of the emitted text is one gemm: all its k16 steps in one asm block, between
   wgmma.fence and commit_group. It takes the accumulator's registers, and each operand as registers
   (A only) or as the low word of a matrix descriptor; the steps and the high word are constants.

   An operand in shared memory lies in chunks (Tile): `rows` rows of `chunk` elements each,
   swizzled. K-major: k runs along the row, 16 elements of k are 32 bytes. MN-major: k runs over
   rows, 16 of them are 16 chunk rows; the other axis crosses chunks, whose distance the descriptor
   tells. */
#include <string.h>
#include "target/cuda/emit.h"

typedef struct {
    int rows, chunk;
    bool k_major;
} Side; /* chunk 0: in registers */
typedef struct {
    int blocks, n, k, npiece;
    Side a, b;
    const char *type;
    bool clear;
} Shape;

/* ---- which gemms --------------------------------------------------------------------------- */

static bool whole_fragment(const Region *r)
{
    return r->buf->space == SP_FRAG && region_is_whole(r);
}

int cuda_tile_chunk(const Buf *b)
{
    int64_t rows, cols;
    if (b->ndim < 2 || !expr_const(b->dim[b->ndim - 2], &rows) ||
        !expr_const(b->dim[b->ndim - 1], &cols) || rows % 8)
        return 0;
    return cols % 64 == 0 ? 64 : cols % 32 == 0 ? 32 : cols % 16 == 0 ? 16 : 0;
}

static bool shared_operand(const Region *r, bool k_major)
{
    const Buf *b = r->buf;
    int64_t col;
    int chunk = cuda_tile_chunk(b);
    if (!chunk || b->space == SP_GLOBAL || b->space == SP_TEMP || b->space == SP_LOCAL)
        return false;
    if (!expr_const(r->off[b->ndim - 1], &col) || !cuda_expr_divisible(r->off[b->ndim - 2], 8))
        return false;
    return col % (k_major ? 16 : chunk) == 0;
}

static bool leading_ones(const Region *r)
{
    for (int d = 0; d < r->buf->ndim - 2; d++)
        if (r->ext[d] != 1) return false;
    return r->buf->ndim >= 2;
}

bool cuda_gemm_can(Emit *e, const Stmt *s)
{
    const Region *a = &s->tile.arg[0], *b = &s->tile.arg[1], *c = &s->tile.arg[2];
    if (!leading_ones(a) || !leading_ones(b) || !leading_ones(c)) return false;
    DType t = a->buf->type;
    int64_t m = c->ext[c->buf->ndim - 2], n = c->ext[c->buf->ndim - 1];
    int64_t k = s->tile.trans_a ? a->ext[a->buf->ndim - 2] : a->ext[a->buf->ndim - 1];
    if ((t != DT_bfloat16 && t != DT_float16) || b->buf->type != t || c->buf->type != DT_float32)
        return false;
    if (k % 16 || n % 8 || m < 8 || (n > 256 && n % 64)) return false;
    if (s->tile.trans_a && m % 64)
        return false; /* the padding rows of A would be read across chunks */
    bool a_fragment =
        whole_fragment(a) && !s->tile.trans_a && cuda_plan_find(e->plan, a->buf)->where == AT_ACC;
    return (a_fragment || shared_operand(a, !s->tile.trans_a)) &&
           shared_operand(b, s->tile.trans_b);
}

/* ---- the function --------------------------------------------------------------------------- */

static void registers(Text *t, int from, int n)
{
    text_add(t, "{");
    for (int i = 0; i < n; i++) text_add(t, "%s%%%d", i ? ", " : "", from + i);
    text_add(t, "}");
}

/* where step k16 of an operand starts, in units of 16 bytes from its descriptor */
static int step_at(const Side *s, int step)
{
    int chunk_bytes = s->chunk * 2, k = 16 * step;
    if (!s->k_major) return k * chunk_bytes / 16;
    return (k / s->chunk * s->rows * chunk_bytes + k % s->chunk * 2) / 16;
}

/* ... and where its rows (K-major) or columns (MN-major) from `at` on start */
static int shift_at(const Side *s, int at)
{
    return s->k_major ? at * s->chunk * 2 / 16 : at / s->chunk * s->rows * s->chunk * 2 / 16;
}

static unsigned high_word(const Side *s)
{
    unsigned swizzle = s->chunk == 64 ? 1u : s->chunk == 32 ? 2u : 3u;
    return swizzle << 30 |
           (unsigned)(8 * s->chunk * 2 / 16); /* and the distance of groups of 8 rows */
}

static void step_text(Emit *e, const Shape *g, int block, int piece, int step)
{
    Text *t = e->out;
    int n = g->n / g->npiece, total = g->blocks * g->n / 2,
        first = block * g->n / 2 + piece * n / 2;
    if (g->a.chunk)
        text_line(t, "\"add.s64 da, a0, %d;\\n\"",
                  step_at(&g->a, step) + shift_at(&g->a, 64 * block));
    text_line(t, "\"add.s64 db, b0, %d;\\n\"", step_at(&g->b, step) + shift_at(&g->b, piece * n));
    Text line = text_new(&e->cx->arena);
    text_add(&line, "\"wgmma.mma_async.sync.aligned.m64n%dk16.f32.%s.%s ", n, g->type, g->type);
    registers(&line, first, n / 2);
    if (g->a.chunk) {
        text_add(&line, ", da, db, ");
    } else {
        text_add(&line, ", ");
        registers(&line, total + block * g->k / 4 + 4 * step, 4);
        text_add(&line, ", db, ");
    }
    text_add(&line, "%s, 1, 1", g->clear && step == 0 ? "zero" : "one");
    if (g->a.chunk) text_add(&line, ", %d", !g->a.k_major);
    text_add(&line, ", %d;\\n\"", !g->b.k_major);
    text_line(t, "%s", line.s);
}

static void operands_text(Text *t, const char *how, const char *name, int n)
{
    for (int i = 0; i < n; i++) text_add(t, "%s\"%s\"(%s[%d])", i ? ", " : "", how, name, i);
}

static const char *side_words(Emit *e, const Side *s)
{
    return s->chunk ? emit_f(e, "%s in chunks of %d x %d", s->k_major ? "K-major" : "MN-major",
                             s->rows, s->chunk)
                    : "registers";
}

static void function_text(Emit *e, const Shape *g, const char *name)
{
    Text *before = e->out, *t = e->out = &e->gemms;
    int total = g->blocks * g->n / 2, na = g->a.chunk ? 0 : g->blocks * g->k / 4;
    text_line(t, "/* d (%d x %d) %s A B over k = %d; A: %s; B: %s */", 64 * g->blocks, g->n,
              g->clear ? "=" : "+=", g->k, side_words(e, &g->a), side_words(e, &g->b));
    text_line(t,
              na ? "DEV void %s(float (&d)[%d], u32 (&a)[%d], u32 b)"
                 : "DEV void %s(float (&d)[%d], u32 a, u32 b)",
              name, total, na);
    text_line(t, "{");
    t->indent++;
    text_line(t, "asm volatile(\"{\\n\"");
    t->indent++;
    text_line(t, "\".reg .b64 da, db, a0, b0; .reg .pred one, zero; .reg .b32 t;\\n\"");
    text_line(t, "\"mov.b32 t, 0; setp.ne.b32 zero, t, 0; setp.eq.b32 one, t, 0;\\n\"");
    if (!na) text_line(t, "\"mov.b64 a0, {%%%d, %%%d};\\n\"", total, total + 2);
    text_line(t, "\"mov.b64 b0, {%%%d, %%%d};\\n\"", total + (na ? na : 1),
              total + (na ? na + 1 : 3));
    text_line(t, "\"wgmma.fence.sync.aligned;\\n\"");
    for (int step = 0; step < g->k / 16; step++)
        for (int block = 0; block < g->blocks; block++)
            for (int piece = 0; piece < g->npiece; piece++) step_text(e, g, block, piece, step);
    text_line(t, "\"wgmma.commit_group.sync.aligned;\\n\"");
    text_line(t, "\"}\\n\"");
    Text line = text_new(&e->cx->arena);
    operands_text(&line, g->clear ? "=f" : "+f", "d", total);
    text_line(t, ": %s", line.s);
    line = text_new(&e->cx->arena);
    operands_text(&line, "r", "a", na);
    if (na)
        text_line(t, ": %s, \"r\"(b), \"n\"(0x%x) : \"memory\");", line.s, high_word(&g->b));
    else
        text_line(t, ": \"r\"(a), \"r\"(b), \"n\"(0x%x), \"n\"(0x%x) : \"memory\");",
                  high_word(&g->a), high_word(&g->b));
    t->indent -= 2;
    text_line(t, "}");
    e->out = before;
}

/* one function a shape and program */
static const char *function_of(Emit *e, const Shape *g)
{
    const char *key = emit_f(e, "%d %d %d %d %d %s a%d.%d.%d b%d.%d.%d", g->blocks, g->n, g->k,
                             g->npiece, g->clear, g->type, g->a.rows, g->a.chunk, g->a.k_major,
                             g->b.rows, g->b.chunk, g->b.k_major);
    int at = 0, same = 0;
    const char *base = emit_f(e, "gemm_%dx%dx%d", 64 * g->blocks, g->n, g->k);
    for (; at < e->ngemm; at++) {
        if (strcmp(e->gemm[at].key, key) == 0) return e->gemm[at].name;
        same += strncmp(e->gemm[at].name, base, strlen(base)) == 0;
    }
    if (e->ngemm == COUNT(e->gemm))
        fail(e->cx, E0901, e->plan->launch->span, NULL,
             "a program with more than %d shapes of gemm", COUNT(e->gemm));
    const char *name = same ? emit_f(e, "%s_%d", base, same) : base;
    e->gemm[at].key = key;
    e->gemm[at].name = name;
    e->ngemm++;
    function_text(e, g, name);
    return name;
}

/* ---- the call ------------------------------------------------------------------------------- */

static Side side_of(const Place *p, bool k_major)
{
    if (p->where == AT_ACC) return (Side){0};
    return (Side){(int)p->tile.rows, p->tile.chunk, k_major};
}

/* the low word of the descriptor of a region, from its rows (K-major A: those of this warpgroup) on
 */
static const char *descriptor(Emit *e, const Region *r, const Side *s, int64_t rows_each)
{
    const Buf *b = r->buf;
    const Place *p = cuda_plan_find(e->plan, b);
    const char *rows = expr_text(e, r->off[b->ndim - 2], P_MUL), *at = NULL;
    int64_t col, row, row_bytes = s->chunk * 2;
    expr_const(r->off[b->ndim - 1], &col);
    int64_t bytes = col / s->chunk * s->rows * row_bytes + col % s->chunk * 2;
    if (expr_const(r->off[b->ndim - 2], &row))
        bytes += row * row_bytes;
    else
        at = emit_f(e, "%s * %d", rows, (int)row_bytes);
    if (rows_each) { /* each warpgroup its own: rows of A, or columns of A transposed */
        int64_t each =
            s->k_major ? rows_each * row_bytes : rows_each / s->chunk * s->rows * row_bytes;
        const char *mine = emit_f(e, "tid / 128 * %d", (int)each);
        at = at ? emit_f(e, "%s + %s", at, mine) : mine;
    }
    for (int d = 0; d < b->ndim - 2; d++) { /* leading dimensions choose a matrix */
        int64_t v, step = p->tile.rows * p->tile.cols * 2;
        for (int k = d + 1; k < b->ndim - 2; k++)
            if (expr_const(b->dim[k], &v)) step *= v;
        if (expr_const(r->off[d], &v))
            bytes += v * step;
        else
            at = emit_f(e, at ? "%s * %d + %s" : "%s * %d%s", expr_text(e, r->off[d], P_MUL),
                        (int)step, at ? at : "");
    }
    const char *offset = !at     ? emit_f(e, "%d", (int)bytes)
                         : bytes ? emit_f(e, "%s + %d", at, (int)bytes)
                                 : at;
    int lbo = s->k_major ? 16 : (int)(s->rows * row_bytes);
    return emit_f(e, "descriptor(%s, %s, %d)", name_of(e, b), offset, lbo);
}

static void started(Emit *e, const Stmt *s)
{
    if (e->nstarted == COUNT(e->started)) { /* only the newest matter */
        memmove(e->started, e->started + 1, sizeof e->started - sizeof e->started[0]);
        e->nstarted--;
    }
    e->started[e->nstarted++] = s;
}

void cuda_gemm_emit(Emit *e, const Stmt *s)
{
    const Region *a = &s->tile.arg[0], *b = &s->tile.arg[1], *c = &s->tile.arg[2];
    const Place *pa = cuda_plan_find(e->plan, a->buf), *pb = cuda_plan_find(e->plan, b->buf),
                *pc = cuda_plan_find(e->plan, c->buf);
    int64_t k = s->tile.trans_a ? a->ext[a->buf->ndim - 2] : a->ext[a->buf->ndim - 1];
    Shape g = {.blocks = pc->blocks,
               .n = (int)pc->cols,
               .k = (int)k,
               .a = side_of(pa, !s->tile.trans_a),
               .b = side_of(pb, s->tile.trans_b),
               .type = a->buf->type == DT_bfloat16 ? "bf16" : "f16",
               .clear = s->tile.clear};
    for (g.npiece = 1; g.n / g.npiece > 256 || g.n % g.npiece || g.n / g.npiece % 8 ||
                       (g.npiece > 1 && !g.b.k_major && g.n / g.npiece % g.b.chunk);)
        g.npiece++;
    bool many = e->role->warps > 4; /* rows dealt to several warpgroups */
    const char *ta =
        g.a.chunk ? descriptor(e, a, &g.a, many ? 64 * pc->blocks : 0) : name_of(e, a->buf);
    text_line(e->out, "%s(%s, %s, %s);", function_of(e, &g), name_of(e, c->buf), ta,
              descriptor(e, b, &g.b, 0));
    started(e, s);
    if (!s->tile.start) cuda_await_all(e);
}

/* ---- awaiting ------------------------------------------------------------------------------- */

/* Between the start of a gemm and its await the compiler must neither read nor move the registers
   of the gemm: after the wait they pass through an empty asm, so that every use of them stands
   behind it. */
static void landed(Emit *e, const Buf *b)
{
    if (cuda_plan_find(e->plan, b)->where == AT_ACC && name_of(e, b))
        text_add(e->out, " landed(%s);", name_of(e, b));
}

typedef struct {
    Emit *e;
    int n;
    const Stmt *at[64];
} Gemms;

static void see_gemm(Visitor *v, Stmt *s)
{
    Gemms *g = v->user;
    if (s->kind != S_TILE || s->tile.op != TO_gemm || !s->tile.start) return;
    if (!cuda_gemm_can(g->e, s) || cuda_gemm_in_registers(g->e, s)) return; /* done at once */
    if (g->n == COUNT(g->at)) memmove(g->at, g->at + 1, sizeof g->at - sizeof g->at[0]), g->n--;
    g->at[g->n++] = s;
}

static bool uses(const Stmt *gemm, const Buf *b)
{
    return gemm->tile.arg[0].buf == b || gemm->tile.arg[2].buf == b;
}

/* may b belong to one of the newest `pending` gemms? Inside a loop these may also be the last ones
 * of its body. */
static bool in_flight(Emit *e, const Buf *b, int pending)
{
    for (int i = 0; i < pending && i < e->nstarted; i++)
        if (uses(e->started[e->nstarted - 1 - i], b)) return true;
    if (e->nstarted - e->loop_started >= pending || !e->loop) return false;
    Gemms g = {.e = e};
    Visitor v = {.stmt = see_gemm, .user = &g};
    walk_stmts(&v, e->loop->loop.body);
    for (int i = 0; i < pending && i < g.n; i++)
        if (uses(g.at[g.n - 1 - i], b)) return true;
    return false;
}

static void await_text(Emit *e, int pending)
{
    Gemms g = {.e = e};
    Visitor v = {.stmt = see_gemm, .user = &g};
    walk_stmts(&v, e->role->body);
    text_add(e->out, "%*sgemm_wait<%d>();", 4 * e->out->indent, "", pending);
    const Buf *named[2 * COUNT(g.at) + 4];
    int n = 0;
    if (e->nstarted)
        g.at[g.n < COUNT(g.at) ? g.n++ : g.n - 1] =
            e->started[e->nstarted - 1]; /* one that was not `start` */
    for (int i = 0; i < g.n; i++)
        for (int side = 0; side <= 2; side += 2) {
            const Buf *b = g.at[i]->tile.arg[side].buf;
            bool seen = in_flight(e, b, pending);
            for (int j = 0; j < n; j++) seen |= named[j] == b;
            if (seen) continue;
            named[n++] = b;
            landed(e, b);
        }
    text_add(e->out, "\n");
}

void cuda_await_all(Emit *e)
{
    await_text(e, 0);
}

void cuda_await_emit(Emit *e, const Stmt *s)
{
    await_text(e, s->pending);
}
