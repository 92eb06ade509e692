/* T.gemm, reductions and running sums. Sums are made in the wide type (float, double, or the
 * integers of the result) and rounded once. */
#include "target/cpu/cpu.h"
#include <string.h>

/* ---- gemm ----------------------------------------------------------------------------------- */

typedef struct {
    const Region *r;
    DType type;
    int64_t rows, cols, ld;
    const char *at;
} Matrix;

static Matrix matrix(Emit *e, const Region *r, const Stmt *s)
{
    int n = r->buf->ndim;
    bool flat = n >= 2 && !is_tensor(r->buf);
    for (int d = 0; d < n - 2; d++) flat &= r->ext[d] == 1;
    if (!flat)
        fail(e->cx, E0501, r->span.file ? r->span : s->span, "copy it to a tile first",
             "gemm on the cpu takes tiles of two dimensions, not '%s'", r->buf->name);
    cpu_check_region(e, r);
    Side side = {.r = r, .cut = -1};
    cpu_find_place(e, &side, 0, NULL);
    Matrix m = {.r = r,
                .type = r->buf->type,
                .rows = r->ext[n - 2],
                .cols = r->ext[n - 1],
                .at = cpu_address(e, side.place)};
    expr_const(r->buf->dim[n - 1], &m.ld);
    return m;
}

/* room beside the tiles for `elems` numbers; gives the place */
static const char *beside(Emit *e, int which, DType num, int64_t elems)
{
    static const char *const name[] = {"left", "right", "sum"};
    e->side[which][num] = MAX(e->side[which][num], elems);
    return emit_f(e, "my->%s_%s", name[which], cpu_short(num));
}

/* a matrix as rows of num, where it is that already or in a copy; gives its first element, and sets
 * ld */
static const char *as_rows(Emit *e, Matrix *m, int which, DType num)
{
    if (m->type == num) return m->at;
    const char *to = beside(e, which, num, m->rows * m->cols);
    cpu_need(e, "rows", num, m->type);
    if (dtype_is_float(m->type)) cpu_elem_type(e, m->type);
    cpu_line(e, "k_rows_%s_%s(%lld, %lld, %s, %lld, %s);", cpu_short(m->type), cpu_short(num),
             (long long)m->rows, (long long)m->cols, m->at, (long long)m->ld, to);
    m->ld = m->cols;
    return to;
}

static void clear_rows(Emit *e, const Matrix *m, const char *at, DType num)
{
    const char *size = emit_f(e, "%lld * sizeof(%s)", (long long)m->cols, dtype_info[num].c), *head,
               *line;
    if (m->ld == m->cols) {
        cpu_line(e, "memset(%s, 0, %lld * %s);", at, (long long)m->rows, size);
        return;
    }
    int mark = e->names.n;
    const char *i = name_new(e, NULL, "i");
    head = emit_f(e, "for (int %s = 0; %s < %lld; %s++)", i, i, (long long)m->rows, i);
    line = emit_f(e, "memset(%s + %s * %lld, 0, %s);", at, i, (long long)m->ld, size);
    cpu_nest(e, 1, &head, 1, &line);
    e->names.n = mark;
}

/* the sum, back to where C is */
static void put_back(Emit *e, const Matrix *c, const char *from, DType num)
{
    int mark = e->names.n, dim[MAXDIM] = {c->r->buf->ndim - 2, c->r->buf->ndim - 1};
    const char *var[2], *head[2], *line;
    cpu_loop_names(e, 2, var);
    head[0] =
        emit_f(e, "for (int %s = 0; %s < %lld; %s++)", var[0], var[0], (long long)c->rows, var[0]);
    head[1] =
        emit_f(e, "for (int %s = 0; %s < %lld; %s++)", var[1], var[1], (long long)c->cols, var[1]);
    Side side = {.r = c->r, .dim = dim, .cut = -1};
    cpu_find_place(e, &side, 2, var);
    line = emit_f(
        e, "%s = %s;", side.place,
        cpu_to_elem(e, emit_f(e, "%s[%s * %lld + %s]", from, var[0], (long long)c->cols, var[1]),
                    num, c->type));
    cpu_nest(e, 2, head, 1, &line);
    e->names.n = mark;
}

static DType gemm_num(const Matrix *a, const Matrix *b, const Matrix *c)
{
    if (!dtype_is_float(c->type)) return cpu_num(c->type);
    return a->type == DT_float64 || b->type == DT_float64 || c->type == DT_float64 ? DT_float64
                                                                                   : DT_float32;
}

void cpu_gemm(Emit *e, const Stmt *s)
{
    Matrix a = matrix(e, &s->tile.arg[0], s), b = matrix(e, &s->tile.arg[1], s),
           c = matrix(e, &s->tile.arg[2], s);
    DType num = gemm_num(&a, &b, &c);
    const char *type = cpu_short(num);
    long long rows = (long long)c.rows, cols = (long long)c.cols,
              depth = (long long)(s->tile.trans_a ? a.rows : a.cols);

    const char *left = as_rows(e, &a, 0, num);
    long long ai = s->tile.trans_a ? 1 : (long long)a.ld,
              ak = s->tile.trans_a ? (long long)a.ld : 1;

    int64_t widest = 128 / dtype_bytes(num); /* columns of a panel, on any machine */
    const char *right = beside(e, 1, num, (cols + widest - 1) / widest * widest * depth);
    cpu_need(e, "panels", num, b.type);
    cpu_elem_type(e, b.type);
    cpu_line(e, "k_panels_%s_%s(%lld, %lld, %s, %lld, %lld, %s);", cpu_short(b.type), type, depth,
             cols, b.at, s->tile.trans_b ? 1LL : (long long)b.ld,
             s->tile.trans_b ? (long long)b.ld : 1LL, right);

    Matrix sum = c;
    const char *to = c.at;
    if (s->tile.clear) {
        if (c.type != num) {
            to = beside(e, 2, num, c.rows * c.cols);
            sum.ld = sum.cols;
        }
        clear_rows(e, &sum, to, num);
    } else {
        to = as_rows(e, &sum, 2, num);
    }
    cpu_line(e, "k_gemm_%s(%lld, %lld, %lld, %s, %lld, %lld, %s, %s, %lld);", type, rows, cols,
             depth, left, ai, ak, right, to, (long long)sum.ld);
    if (c.type != num) put_back(e, &c, to, num);
}

/* ---- reductions ----------------------------------------------------------------------------- */

typedef struct {
    const Stmt *s;
    Side src, dst;
    Kept kept; /* and behind it the axis */
    int nloop;
    const char *var[MAXDIM + 1], *head[MAXDIM + 2];
    DType num; /* what the sum is made in */
    int mark;
} Reduce;

/* loops over what stays, then one along the axis */
static void pair(Emit *e, Reduce *r)
{
    lower_kept(e, r->s, &r->kept);
    int n = r->nloop = r->kept.n;
    r->kept.src[n] = r->s->tile.dim;
    r->kept.dst[n] = -1;
    r->kept.ext[n] = r->src.r->ext[r->s->tile.dim];
    r->src.dim = r->kept.src;
    r->dst.dim = r->kept.dst;
    r->mark = e->names.n;
    cpu_loop_names(e, n + 1, r->var);
    for (int l = 0; l <= n; l++)
        r->head[l] = emit_f(e, "for (int %s = 0; %s < %lld; %s++)", r->var[l], r->var[l],
                            (long long)r->kept.ext[l], r->var[l]);
}

/* an element of the source as a number to join; what is no float is brought to the type of the
 * result first */
static const char *operand(Emit *e, const Reduce *r)
{
    DType from = r->src.r->buf->type, to = r->dst.r->buf->type;
    Piece x = {cpu_from_elem(e, r->src.place, from), P_PRIMARY};
    if (!(dtype_is_float(from) && dtype_is_float(to)))
        x = cpu_cast(e, x, from, to);
    else if (r->num == DT_float64)
        x = cpu_cast(e, x, from == DT_float64 ? from : DT_float32, DT_float64);
    return r->src.guard ? emit_f(e, "(%s ? %s : 0)", r->src.guard, x.s) : expr_fit(e, x, P_MUL);
}

static void need_of(Emit *e, const char *name, DType num)
{
    const char *kind = dtype_is_float(num)            ? "-float"
                       : dtype_info[num].cls == CLS_U ? "-unsigned"
                                                      : "";
    const char *section = emit_f(e, "%s%s", name, kind);
    cpu_need(e, cpu_has(section) ? section : name, num, DT_none);
}

static const char *absolute(Emit *e, const char *x, DType num)
{
    need_of(e, "abs", num);
    return emit_f(e, "k_abs_%s(%s)", cpu_short(num), x);
}

static const char *join(Emit *e, const Reduce *r, const char *a, const char *b)
{
    TileOp op = r->s->tile.op;
    if (op == TO_reduce_sum) return emit_f(e, "%s + %s", a, b);
    const char *name = op == TO_reduce_min ? "min" : "max";
    need_of(e, name, r->num);
    return emit_f(e, "k_%s_%s(%s, %s)", name, cpu_short(r->num), a,
                  op == TO_reduce_absmax ? absolute(e, b, r->num) : b);
}

static bool simple(const Reduce *r)
{
    return !r->src.guard && !r->dst.guard;
}

static const char *old_value(Emit *e, const Reduce *r)
{
    DType t = r->dst.r->buf->type;
    const char *x = cpu_from_elem(e, r->dst.place, t);
    return r->num == DT_float64 && t != DT_float64 ? emit_f(e, "(double)%s", x) : x;
}

static const char *result(Emit *e, const Reduce *r, const char *x)
{
    return emit_f(e, "%s = %s;", r->dst.place, cpu_to_elem(e, x, r->num, r->dst.r->buf->type));
}

/* along rows: a function of the prelude with several sums side by side */
static bool reduce_rows(Emit *e, Reduce *r)
{
    static const char *const row[NTILEOP] = {[TO_reduce_sum] = "sum",
                                             [TO_reduce_max] = "max",
                                             [TO_reduce_min] = "min",
                                             [TO_reduce_absmax] = "absmax"};
    DType from = r->src.r->buf->type;
    const Region *src = r->src.r;
    if (r->num != DT_float32 || !dtype_is_float(from) || r->s->tile.dim != src->buf->ndim - 1)
        return false;
    cpu_find_place(e, &r->src, r->nloop, r->var);
    cpu_find_place(e, &r->dst, r->nloop, r->var);
    if (!simple(r)) return false;
    const char *name = row[r->s->tile.op];
    cpu_elem_type(e, from);
    cpu_need(e, emit_f(e, "row-%s", name), DT_none, from);
    const char *x = emit_f(e, "k_row_%s_%s(%s, %lld)", name, cpu_short(from),
                           cpu_address(e, r->src.place), (long long)r->kept.ext[r->nloop]);
    const char *line = result(e, r, r->s->tile.clear ? x : join(e, r, old_value(e, r), x));
    cpu_nest(e, r->nloop, r->head, 1, &line);
    return true;
}

/* along columns: whole rows are joined to the row of results */
static bool reduce_columns(Emit *e, Reduce *r)
{
    int n = r->nloop;
    if (n == 0 || r->num != r->dst.r->buf->type || r->s->tile.dim > r->kept.src[n - 1])
        return false;
    cpu_find_place(e, &r->src, n + 1, r->var);
    cpu_find_place(e, &r->dst, n, r->var);
    if (!simple(r)) return false;
    const char *head[MAXDIM + 2], *line = result(e, r, join(e, r, r->dst.place, operand(e, r)));
    int before = 0; /* loops over what stays outside of the axis */
    while (before < n && r->kept.src[before] < r->s->tile.dim) before++;
    memcpy(head, r->head, sizeof *head * (size_t)before);
    head[before] = r->head[n];
    memcpy(head + before + 1, r->head + before, sizeof *head * (size_t)(n - before));
    if (r->s->tile.clear) {
        const char *var[MAXDIM + 1], *start = "0";
        memcpy(var, r->var, sizeof var);
        var[n] = NULL;
        if (r->s->tile.op != TO_reduce_sum) {
            Reduce first = *r;
            cpu_find_place(e, &first.src, n + 1, var);
            start = operand(e, &first);
            if (r->s->tile.op == TO_reduce_absmax) start = absolute(e, start, r->num);
        }
        const char *init = emit_f(e, "%s = %s;", r->dst.place, start);
        cpu_nest(e, n, r->head, 1, &init);
    }
    cpu_nest(e, n + 1, head, 1, &line);
    return true;
}

void cpu_reduce(Emit *e, const Stmt *s)
{
    Reduce r = {
        .s = s, .src = {.r = &s->tile.arg[0], .cut = -1}, .dst = {.r = &s->tile.arg[1], .cut = -1}};
    cpu_check_region(e, r.src.r);
    cpu_check_region(e, r.dst.r);
    pair(e, &r);
    r.num = lower_number(r.src.r->buf->type, r.dst.r->buf->type);
    bool done = reduce_rows(e, &r) || reduce_columns(e, &r);
    e->names.n = r.mark;
    if (!done) cpu_lowered(e, s);
}
