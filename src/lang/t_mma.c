/* T.: the matrix instructions of a warp (mma.sync), as the emitter objects of the library hand them
   out. Loads and stores are the loads and stores of each lane, by the layout that the instruction
   has: with g = lane / 4, t = lane % 4 and p elements in a register of 32 bits, element e of
   register r is A (rows x k)   row g + 8 (r % 2), column t p + e + 4 p (r / 2) B (k x columns) row
   t p + e + 4 p r, column g C (rows x columns) row g + 8 (r / 2), column 2 t + r % 2 */
#include "lang/dialect.h"
#include <string.h>

typedef struct {
    DType a, b, c;
    bool trans_a, trans_b, m_first;
    int row_warps, col_warps, row_tiles, col_tiles, chunk;
    int m, n, k, rows, cols;       /* one step of a warp, and how many of them it does */
    int local_a, local_b, local_c; /* elements of a lane in one step */
} Emitter;

static int64_t field(Eval *ev, const Value *o, const char *name)
{
    const Value *v = attr_find(&o->object->attrs, intern(ev->cx, name));
    return v && v->kind == VAL_INT ? (int64_t)v->i : v && v->kind == VAL_BOOL ? v->i != 0 : 0;
}

static const struct {
    const char *name;
    size_t at;
} numbers[] = {
    {"block_row_warps", offsetof(Emitter, row_warps)},
    {"block_col_warps", offsetof(Emitter, col_warps)},
    {"warp_row_tiles", offsetof(Emitter, row_tiles)},
    {"warp_col_tiles", offsetof(Emitter, col_tiles)},
    {"chunk", offsetof(Emitter, chunk)},
    {"micro_size_x", offsetof(Emitter, m)},
    {"micro_size_y", offsetof(Emitter, n)},
    {"micro_size_k", offsetof(Emitter, k)},
    {"M_DIM", offsetof(Emitter, m)},
    {"n_dim", offsetof(Emitter, n)},
    {"k_dim", offsetof(Emitter, k)},
    {"warp_rows", offsetof(Emitter, rows)},
    {"warp_cols", offsetof(Emitter, cols)},
    {"mma_num_inst_m", offsetof(Emitter, rows)},
    {"mma_num_inst_n", offsetof(Emitter, cols)},
    {"local_size_a", offsetof(Emitter, local_a)},
    {"local_size_b", offsetof(Emitter, local_b)},
    {"local_size_out", offsetof(Emitter, local_c)},
};

/* TensorCoreIntrinEmitter(a_dtype, b_dtype, accum_dtype, a_transposed, ...) */
Value t_mma_emitter(Eval *ev, Call *c)
{
    static const char *const methods[] = {"ldmatrix_a",
                                          "ldmatrix_b",
                                          "mma",
                                          "mma_atom",
                                          "stmatrix",
                                          "extract_thread_binding",
                                          "make_mma_load_layout",
                                          "make_mma_store_layout"};
    Emitter e = {.a = to_dtype(ev, c->arg[0], c->at[0]),
                 .b = to_dtype(ev, c->arg[1], c->at[1]),
                 .c = to_dtype(ev, c->arg[2], c->at[2]),
                 .trans_a = to_bool(ev, c->arg[3], c->at[3], "a_transposed"),
                 .trans_b = to_bool(ev, c->arg[4], c->at[4], "b_transposed")};
    int *size[5] = {&e.row_warps, &e.col_warps, &e.row_tiles, &e.col_tiles, &e.chunk};
    for (int i = 0; i < 5; i++) {
        Int k = to_int(ev, c->arg[5 + i], c->at[5 + i], "a size of the emitter");
        if (k < 1 || k > 1024)
            eval_fail(ev, E0205, c->at[5 + i], NULL, "a size of %lld", (long long)k);
        *size[i] = (int)k;
    }
    int bits = dtype_info[e.a].bits;
    bool wide = bits == 64;
    if (dtype_info[e.b].bits != bits || bits < 8)
        eval_fail(ev, E0901, c->span, NULL, "matrix instructions on %s and %s",
                  dtype_info[e.a].name, dtype_info[e.b].name);
    if (to_int(ev, c->arg[10], c->at[10], "reduce_k") != 1 ||
        to_int(ev, c->arg[11], c->at[11], "num_elems_per_byte") != 1)
        eval_fail(ev, E0901, c->span, NULL, "an emitter that splits K or takes packed elements");
    e.k = MIN(256 / bits, e.chunk);
    e.m = wide ? 8 : 16;
    e.n = wide || e.col_tiles % 16 ? 8 : 16;
    if (e.row_tiles % e.m || e.col_tiles % 8 || (e.k != 4 && e.k != 8 && e.k != 16 && e.k != 32))
        eval_fail(ev, E0205, c->span, NULL,
                  "a warp does steps of %d x %d x %d; %d x %d x %d is not made of those", e.m, e.n,
                  e.k, e.row_tiles, e.col_tiles, e.chunk);
    e.rows = e.row_tiles / e.m;
    e.cols = e.col_tiles / e.n;
    e.local_a = e.m * e.k / 32;
    e.local_b = e.n * e.k / 32;
    e.local_c = e.m * e.n / 32;
    Value o = dialect_object(ev, "TensorCoreIntrinEmitter");
    for (int i = 0; i < COUNT(numbers); i++)
        attr_set(ev->cx, &o.object->attrs, intern(ev->cx, numbers[i].name),
                 value_int(*(const int *)((const char *)&e + numbers[i].at)));
    attr_set(ev->cx, &o.object->attrs, intern(ev->cx, "threads"),
             value_int(32 * e.row_warps * e.col_warps));
    attr_set(ev->cx, &o.object->attrs, intern(ev->cx, "a_dtype"), value_dtype(e.a));
    attr_set(ev->cx, &o.object->attrs, intern(ev->cx, "b_dtype"), value_dtype(e.b));
    attr_set(ev->cx, &o.object->attrs, intern(ev->cx, "accum_dtype"), value_dtype(e.c));
    attr_set(ev->cx, &o.object->attrs, intern(ev->cx, "a_transposed"), value_bool(e.trans_a));
    attr_set(ev->cx, &o.object->attrs, intern(ev->cx, "b_transposed"), value_bool(e.trans_b));
    attr_set(ev->cx, &o.object->attrs, intern(ev->cx, "is_m_first"),
             value_bool(to_bool(ev, c->arg[12], c->at[12], "is_m_first")));
    for (int i = 0; i < COUNT(methods); i++) object_method(ev, o, "mma", methods[i]);
    return o;
}

static Emitter emitter_of(Eval *ev, Call *c)
{
    const Value *o = &c->arg[0];
    Emitter e = {.trans_a = field(ev, o, "a_transposed"),
                 .trans_b = field(ev, o, "b_transposed"),
                 .m_first = field(ev, o, "is_m_first")};
    for (int i = 0; i < COUNT(numbers); i++)
        *(int *)((char *)&e + numbers[i].at) = (int)field(ev, o, numbers[i].name);
    e.a = attr_find(&o->object->attrs, intern(ev->cx, "a_dtype"))->dtype;
    return e;
}

/* ---- index arithmetic ---- */

typedef struct {
    Eval *ev;
    Span at;
} In;

static Expr *num(In in, int64_t k)
{
    return expr_i32(in.ev->cx, k);
}
static Expr *add(In in, Expr *a, Expr *b)
{
    return build_op(in.ev, OP_add, a, b, in.at);
}
static Expr *times(In in, Expr *a, int64_t k)
{
    return build_op(in.ev, OP_mul, a, num(in, k), in.at);
}
static Expr *quotient(In in, Expr *a, int64_t k)
{
    return build_op(in.ev, OP_floordiv, a, num(in, k), in.at);
}
static Expr *rest(In in, Expr *a, int64_t k)
{
    return build_op(in.ev, OP_floormod, a, num(in, k), in.at);
}

typedef struct {
    Expr *lane, *m, *n;
} Warp; /* where a thread is: its lane, the row and the column of its warp */

static Warp warp_of(In in, const Emitter *e, Expr *thread)
{
    Expr *warp = quotient(in, thread, 32);
    Warp w = {.lane = rest(in, thread, 32)};
    if (e->m_first) {
        w.n = rest(in, warp, e->col_warps);
        w.m = rest(in, quotient(in, warp, e->col_warps), e->row_warps);
    } else {
        w.m = rest(in, warp, e->row_warps);
        w.n = rest(in, quotient(in, warp, e->row_warps), e->col_warps);
    }
    return w;
}

static Warp here(In in, const Emitter *e)
{
    if (!in.ev->launch)
        eval_fail(in.ev, E0209, in.at, NULL, "matrix instructions outside of T.Kernel");
    return warp_of(in, e, thread_index(in.ev, 0, in.at));
}

/* element i of one step in a lane: (row, column) of A; (column, k) of B; (row, column) of C */
static void place_a(In in, const Emitter *e, Expr *lane, int i, Expr *out[2])
{
    int p = 32 / dtype_info[e->a].bits, r = p ? i / p : 0;
    Expr *g = quotient(in, lane, 4), *t = rest(in, lane, 4);
    out[0] = add(in, g, num(in, 8 * (r % 2)));
    out[1] = p ? add(in, times(in, t, p), num(in, i % p + 4 * p * (r / 2))) : t;
}

static void place_b(In in, const Emitter *e, Expr *lane, int i, Expr *out[2])
{
    int p = 32 / dtype_info[e->a].bits, half = e->n == 16 ? e->local_b / 2 : e->local_b,
        k = i % half;
    Expr *g = quotient(in, lane, 4), *t = rest(in, lane, 4);
    out[0] = add(in, g, num(in, 8 * (i / half)));
    out[1] = p ? add(in, times(in, t, p), num(in, k % p + 4 * p * (k / p))) : t;
}

static void place_c(In in, const Emitter *e, Expr *lane, int i, Expr *out[2])
{
    int half = e->n == 16 ? e->local_c / 2 : e->local_c, k = i % half;
    Expr *g = quotient(in, lane, 4), *t = rest(in, lane, 4);
    out[0] = add(in, g, num(in, 8 * (k / 2)));
    out[1] = add(in, times(in, t, 2), num(in, k % 2 + 8 * (i / half)));
}

/* ---- methods ---- */

/* where the matrix begins in a buffer, all axes; the last two hold it */
static Region matrix_arg(Eval *ev, Call *c, int slot)
{
    Region r = to_region(ev, c->arg[slot], c->at[slot]);
    if (r.buf->ndim < 2) eval_fail(ev, E0204, c->at[slot], NULL, "'%s' is no matrix", r.buf->name);
    return r;
}

static Expr *element(In in, const Region *r, Expr *row, Expr *col)
{
    Expr *idx[MAXDIM];
    int n = r->buf->ndim;
    for (int d = 0; d < n; d++) idx[d] = r->off[d];
    idx[n - 2] = add(in, r->off[n - 2], row);
    idx[n - 1] = add(in, r->off[n - 1], col);
    return expr_load(in.ev->cx, r->buf, idx, in.at);
}

static void put(In in, Expr *first, Expr *by, Expr *v)
{
    Expr *to = place_after(in.ev, first, by);
    emit_store(in.ev, to->buf, to->idx, v, in.at);
}

/* emitter.ldmatrix_a(A_local, A_shared, ki, rk): the elements that the lane needs of the next step
 */
static Value load(Eval *ev, Call *c, bool is_a)
{
    Emitter e = emitter_of(ev, c);
    In in = {ev, c->span};
    Warp w = here(in, &e);
    Region from = matrix_arg(ev, c, 2);
    Expr *local = to_place(ev, c->arg[1], c->at[1]);
    Expr *k0 = add(in, times(in, to_expr(ev, c->arg[4], c->at[4]), e.chunk),
                   times(in, to_expr(ev, c->arg[3], c->at[3]), e.k));
    int count = is_a ? e.rows : e.cols, each = is_a ? e.local_a : e.local_b,
        step = is_a ? e.m : e.n;
    bool k_first = is_a ? e.trans_a : !e.trans_b;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < each; j++) {
            Expr *at[2];
            (is_a ? place_a : place_b)(in, &e, w.lane, j, at);
            Expr *base = add(in, times(in, is_a ? w.m : w.n, is_a ? e.row_tiles : e.col_tiles),
                             num(in, i * step));
            Expr *line = add(in, base, at[0]), *k = add(in, k0, at[1]);
            put(in, local, num(in, i * each + j),
                k_first ? element(in, &from, k, line) : element(in, &from, line, k));
        }
    return NONE_VALUE;
}

Value t_ldmatrix_a(Eval *ev, Call *c)
{
    return load(ev, c, true);
}

Value t_ldmatrix_b(Eval *ev, Call *c)
{
    return load(ev, c, false);
}

static bool is_fragment(const Value *v)
{
    return v->kind == VAL_BUF && v->buf->space == SP_FRAG;
}

/* one step (i, j) of a warp: C += A B */
static void atom(Eval *ev, Call *c, const Emitter *e, Expr *i, Expr *j, Expr *k_inner)
{
    In in = {ev, c->span};
    Expr *a = to_place(ev, c->arg[1], c->at[1]), *b = to_place(ev, c->arg[2], c->at[2]),
         *to = to_place(ev, c->arg[3], c->at[3]);
    Expr *ao = times(in, i, e->local_a), *bo = times(in, j, e->local_b);
    Expr *co = add(in, times(in, i, (int64_t)e->cols * e->local_c), times(in, j, e->local_c));
    if (is_fragment(&c->arg[1]))
        ao = add(in, ao, times(in, k_inner, (int64_t)e->rows * e->local_a));
    if (is_fragment(&c->arg[2]))
        bo = add(in, bo, times(in, k_inner, (int64_t)e->cols * e->local_b));
    for (int half = 0; half < e->n / 8; half++) {
        Expr *arg[6] = {num(in, e->m),
                        num(in, 8),
                        num(in, e->k),
                        place_after(ev, a, ao),
                        place_after(ev, b, add(in, bo, num(in, half * e->local_b / 2))),
                        place_after(ev, to, add(in, co, num(in, half * e->local_c / 2)))};
        emit_eval(ev, build_call(ev, c, FN_mma, arg, 6, NULL, DT_none), c->span);
    }
}

Value t_mma(Eval *ev, Call *c)
{
    Emitter e = emitter_of(ev, c);
    In in = {ev, c->span};
    Expr *k = to_expr(ev, c->arg[4], c->at[4]);
    for (int i = 0; i < e.rows; i++)
        for (int j = 0; j < e.cols; j++) atom(ev, c, &e, num(in, i), num(in, j), k);
    return NONE_VALUE;
}

Value t_mma_atom(Eval *ev, Call *c)
{
    Emitter e = emitter_of(ev, c);
    atom(ev, c, &e, to_expr(ev, c->arg[4], c->at[4]), to_expr(ev, c->arg[5], c->at[5]),
         to_expr(ev, c->arg[6], c->at[6]));
    return NONE_VALUE;
}

/* emitter.stmatrix(C_local, C): to a matrix, or to one cut into steps (4 axes) */
Value t_stmatrix(Eval *ev, Call *c)
{
    Emitter e = emitter_of(ev, c);
    In in = {ev, c->span};
    Warp w = here(in, &e);
    Expr *from = to_place(ev, c->arg[1], c->at[1]), *block[2] = {num(in, 0), num(in, 0)};
    const Buf *to = c->arg[2].kind == VAL_BUF ? c->arg[2].buf : NULL;
    if (!to || (to->ndim != 2 && to->ndim != 4))
        eval_fail(ev, E0204, c->at[2], NULL, "stmatrix writes a whole buffer of 2 or 4 axes");
    for (int d = 0; d < 2; d++) /* of the grid, when it writes to the whole matrix */
        if (c->arg[3 + d].kind != VAL_NONE)
            block[d] = times(in, to_expr(ev, c->arg[3 + d], c->at[3 + d]),
                             d ? e.col_warps * e.cols : e.row_warps * e.rows);
    for (int i = 0; i < e.rows; i++)
        for (int j = 0; j < e.cols; j++)
            for (int k = 0; k < e.local_c; k++) {
                Expr *at[2], *tile[2], *idx[4];
                place_c(in, &e, w.lane, k, at);
                tile[0] = add(in, add(in, block[0], times(in, w.m, e.rows)), num(in, i));
                tile[1] = add(in, add(in, block[1], times(in, w.n, e.cols)), num(in, j));
                if (to->ndim == 4) {
                    idx[0] = tile[0], idx[1] = tile[1], idx[2] = at[0], idx[3] = at[1];
                } else {
                    idx[0] = add(in, times(in, tile[0], e.m), at[0]);
                    idx[1] = add(in, times(in, tile[1], e.n), at[1]);
                }
                Expr *v = place_after(ev, from, num(in, (i * e.cols + j) * e.local_c + k));
                emit_store(ev, c->arg[2].buf, idx, v, c->span);
            }
    return NONE_VALUE;
}

/* lane, column of the warp, row of the warp */
Value t_mma_threads(Eval *ev, Call *c)
{
    Emitter e = emitter_of(ev, c);
    In in = {ev, c->span};
    if (c->arg[2].kind != VAL_NONE) e.m_first = to_bool(ev, c->arg[2], c->at[2], "is_m_first");
    Warp w = warp_of(in, &e, to_expr(ev, c->arg[1], c->at[1]));
    Value out = value_seq(ev->cx, VAL_TUPLE, 3);
    out.seq->at[0] = value_expr(w.lane);
    out.seq->at[1] = value_expr(w.n);
    out.seq->at[2] = value_expr(w.m);
    return out;
}

/* T.mma(m, n, k, a, b, c) as a dump writes it */
Value t_mma_call(Eval *ev, Call *c)
{
    Expr *arg[6];
    for (int i = 0; i < 6; i++)
        arg[i] = i < 3 ? to_expr(ev, c->arg[i], c->at[i]) : to_place(ev, c->arg[i], c->at[i]);
    return emit_eval(ev, build_call(ev, c, FN_mma, arg, 6, NULL, DT_none), c->span);
}
