/* What the threads of a warp, or of a block, compute together: shuffles, votes, reductions, and the
   product of small matrices that lie in their registers. Among those that are here: a value asked
   of a thread that is not is poison. */
#include "run/interp/interp.h"
#include <string.h>

enum { WARP = 32 };

/* where each thread of the block stands among those that call; -1: it does not */
static int16_t *positions(Task *t, Lanes l)
{
    int n = (t->m->code->nthread + WARP - 1) / WARP * WARP;
    int16_t *at = (int16_t *)interp_push(t->m, n);
    memset(at, -1, sizeof *at * (size_t)n);
    for (int k = 0; k < l.n; k++) at[l.thread[k]] = (int16_t)k;
    return at;
}

/* the lane that a shuffle reads, in groups of `width` lanes */
static int64_t shuffle_from(Fn fn, int64_t lane, int64_t by, int64_t width)
{
    int64_t first = lane & ~(width - 1), from = lane;
    switch (fn) {
    case FN_shfl: return first + (by & (width - 1));
    case FN_shfl_xor: from = lane ^ by; break;
    case FN_shfl_up: from = lane - by; break;
    default: from = lane + by; break;
    }
    return from < first || from >= first + width ? lane : from;
}

static void shuffle(Task *t, const X *x, Lanes l, const Res *v, Res *out)
{
    const int16_t *at = positions(t, l);
    Res *by = interp_push(t->m, l.n), *width = interp_push(t->m, l.n);
    interp_eval_lanes(t, x->arg[1], l, by);
    interp_eval_lanes(t, x->arg[2], l, width);
    for (int k = 0; k < l.n; k++) {
        int lane = l.thread[k] % WARP;
        int64_t w = width[k].v.i;
        if (w < 1 || w > WARP || (w & (w - 1))) {
            interp_fail(t, x->span, E0628, NULL, "T.%s in groups of %lld lanes",
                        fn_info[x->fn].name, (long long)w);
            return;
        }
        int64_t from = shuffle_from(x->fn, lane, by[k].v.i, w);
        int position = from >= 0 && from < WARP ? at[l.thread[k] - lane + from] : -1;
        int64_t bad = by[k].bad ? by[k].bad : width[k].bad;
        if (bad || position < 0)
            out[k] = (Res){.bad = bad ? bad : interp_arith(t, BAD_LANE, x->span)};
        else
            out[k] = v[position];
    }
}

/* ---- votes and reductions ---- */

/* threads of one key share a result: those of a warp; of a block (mask >= 0) those that differ only
 * along the axes of the mask */
static int key_of(const Launch *l, int thread, int64_t mask)
{
    int key = 0, step = 1;
    if (mask < 0) return thread / WARP;
    for (int d = 0; d < MAXGRID; d++) {
        int n = MAX(l->thread_ext[d], 1);
        if (!(mask >> d & 1)) key += thread % n * step;
        thread /= n;
        step *= n;
    }
    return key;
}

/* what a thread brings: its value, whether a condition holds, or a bit of its own */
static Res share(const X *x, Res v, int thread)
{
    bool bits = x->fn == FN_ballot_sync || x->fn == FN_activemask, holds = v.v.i || !x->narg;
    if (!bits && x->fn != FN_any_sync && x->fn != FN_all_sync) return v;
    return (Res){.v.i = (int64_t)holds << (bits ? thread % WARP : 0), .bad = v.bad};
}

static void reduce(Task *t, const X *x, Lanes l, const Res *v, Res *out)
{
    const Launch *launch = t->m->code->launch;
    int64_t mask = -1;
    bool axes = fn_info[x->fn].level == LEVEL_BLOCK;
    if (axes && !interp_index(t, x->arg[1], &mask, "the axes of a reduction")) return;
    int16_t *first = positions(t, (Lanes){0, NULL});
    for (int k = 0; k < l.n; k++) {
        int16_t *at = &first[key_of(launch, l.thread[k], mask)];
        Res mine = share(x, v[k], l.thread[k]);
        if (*at < 0) *at = (int16_t)k;
        Res *sum = &out[*at];
        if (*at == k || (mine.bad && !sum->bad))
            *sum = mine;
        else if (!sum->bad)
            sum->v = interp_join(interp_fn_op(x->fn), x->type, sum->v, mine.v);
    }
    for (int k = 0; k < l.n; k++) out[k] = out[first[key_of(launch, l.thread[k], mask)]];
}

/* ---- mma.sync: matrices in the registers of a warp ---- */

/* Thread (g, q) = (lane / 4, lane % 4). A register of 32 bits holds `pack` elements of a row of A, or of
   a column of B: register j of A begins at row g + 8 (j % 2), column pack (q + 4 (j / 2)); of B at row
   pack (q + 4 j), column g. C has two elements in row g, columns 2 q and 2 q + 1, and two in row g + 8. */
typedef struct { int rows, cols, pack; char which; } Matrix;

static int spot(const Matrix *o, int lane, int e)
{
    int g = lane / 4, q = lane % 4, j = e / o->pack, in = e % o->pack;
    if (o->which == 'b') {
        int regs = o->rows / (4 * o->pack), block = j / regs;
        return (o->pack * (q + 4 * (j % regs)) + in) * o->cols + g + 8 * block;
    }
    int tall = o->rows / 8;
    if (o->which == 'a')
        return (g + 8 * (j % tall)) * o->cols + o->pack * (q + 4 * (j / tall)) + in;
    int pair = e / 2;
    return (g + 8 * (pair % tall)) * o->cols + 2 * q + e % 2 + 8 * (pair / tall);
}

/* registers to a matrix, or back */
static DType move(Task *t, const X *place, const Matrix *o, const uint16_t *thread, Dense matrix,
                  bool back)
{
    Mem *m = NULL;
    int n = o->rows * o->cols / WARP;
    EACH_THREAD(t, ((Lanes){WARP, thread}), lane) {
        int64_t at = interp_locate(t, place->buf, place->arg, back, place->span, &m);
        if (at < 0 || at + n > m->per * t->lead + m->n)
            interp_fail(t, place->span, E0611, NULL, "T.mma takes %d elements of '%s' from here", n,
                        t->m->code->use[place->buf].buf->name);
        for (int e = 0; e < n && !t->m->failed; e++) {
            int k = spot(o, lane, e);
            Res r = {matrix.v[k], matrix.bad[k]};
            if (back) interp_store_at(t, m, at + e, r, place->span);
            if (!back) r = interp_load_at(t, m, at + e, place->span, false);
            matrix.v[k] = r.v;
            matrix.bad[k] = (uint8_t)r.bad;
        }
    }
    return m ? m->type : DT_none;
}

static Dense dense(Task *t, int64_t n)
{
    return (Dense){(Val *)interp_push(t->m, n), (uint8_t *)interp_push(t->m, n)};
}

static int packed(const Task *t, const X *place)
{
    int bits = dtype_info[t->bound[place->buf].mem->type].bits;
    return bits >= 32 ? 1 : 32 / bits;
}

static void mma(Task *t, const X *x, Lanes l)
{
    int64_t s[3];
    for (int i = 0; i < 3; i++)
        if (!interp_index(t, x->arg[i], &s[i], "a size of T.mma")) return;
    int m = (int)s[0], n = (int)s[1], k = (int)s[2], pa = packed(t, x->arg[3]),
        pb = packed(t, x->arg[4]);
    if ((m != 8 && m != 16) || n < 8 || n % 8 || k % (4 * pa) || k % (4 * pb) || k > 256 || n > 256) {
        interp_fail(t, x->span, E0619, NULL, "T.mma of %d x %d x %d on these types", m, n, k);
        return;
    }
    Matrix oa = {m, k, pa, 'a'}, ob = {k, n, pb, 'b'}, oc = {m, n, 1, 'c'};
    Dense a = dense(t, m * k), b = dense(t, k * n), c = dense(t, m * n);
    for (int w = 0; w < l.n && !t->m->failed; w += WARP) {
        const uint16_t *thread = l.thread + w;
        if (w + WARP > l.n || thread[0] % WARP || thread[WARP - 1] != thread[0] + WARP - 1) {
            interp_fail(t, x->span, E0628, NULL, "T.mma takes all threads of a warp");
            break;
        }
        move(t, x->arg[3], &oa, thread, a, false);
        move(t, x->arg[4], &ob, thread, b, false);
        DType type = move(t, x->arg[5], &oc, thread, c, false);
        if (t->m->failed) break;
        interp_multiply(type, a, b, c, m, n, k);
        move(t, x->arg[5], &oc, thread, c, true);
    }
}

/* ---- one call ---- */

void interp_warp_lanes(Task *t, const X *x, Lanes l, Res *out)
{
    Mark mark = interp_mark(t->m);
    Res *v = interp_push(t->m, l.n);
    memset(out, 0, sizeof *out * (size_t)l.n);
    memset(v, 0, sizeof *v * (size_t)l.n);
    if (x->narg && x->fn != FN_mma) interp_eval_lanes(t, x->arg[0], l, v);
    if (x->fn == FN_mma)
        mma(t, x, l);
    else if (x->fn >= FN_shfl && x->fn <= FN_shfl_down)
        shuffle(t, x, l, v, out);
    else
        reduce(t, x, l, v, out);
    interp_pop(t->m, mark);
}
