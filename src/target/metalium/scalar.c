/* Tile operations as loops over elements in L1: what a merged launch has instead of the compute
 * role. */
#include "target/metalium/metalium.h"

typedef struct {
    Var *var;
    const char *name;
} Index;

static Index open_index(Emit *e, const char *name, int64_t ext, Span at)
{
    Index i = {.var = var_new(e->cx, name, DT_int32, V_LOOP, at)};
    i.name = name_new(e, i.var, name);
    text_line(e->out, "for (int32_t %s = 0; %s < %lld; ++%s) {", i.name, i.name, (long long)ext,
              i.name);
    e->out->indent++;
    return i;
}

static void close_index(Emit *e)
{
    e->out->indent--;
    text_line(e->out, "}");
}

/* element text of a region: at[d] is added to its offsets where it is not NULL */
static const char *at_text(Emit *e, const Region *r, Var *const *at)
{
    Expr *idx[MAXDIM];
    for (int d = 0; d < r->buf->ndim; d++)
        idx[d] = at[d] ? expr_add(e->cx, r->off[d], expr_var(e->cx, at[d], r->span)) : r->off[d];
    return element_text(e, r->buf, idx);
}

static const char *value_at(Emit *e, const Region *r, Var *const *at)
{
    return from_device(e, r->buf->type, at_text(e, r, at));
}

/* the last two axes of an operand; all others have extent 1 */
static const char *matrix_at(Emit *e, const Region *r, Var *row, Var *col)
{
    Var *at[MAXDIM] = {0};
    at[r->buf->ndim - 2] = row;
    at[r->buf->ndim - 1] = col;
    return value_at(e, r, at);
}

static void scalar_gemm(Emit *e, const Stmt *s)
{
    const Region *a = &s->tile.arg[0], *b = &s->tile.arg[1], *c = &s->tile.arg[2];
    int na = a->buf->ndim, nc = c->buf->ndim, names = e->names.n;
    int64_t depth = a->ext[s->tile.trans_a ? na - 2 : na - 1];
    DType t = c->buf->type;
    Index i = open_index(e, "i", c->ext[nc - 2], s->span),
          j = open_index(e, "j", c->ext[nc - 1], s->span);
    Var *at[MAXDIM] = {0};
    at[nc - 2] = i.var;
    at[nc - 1] = j.var;
    const char *sum = name_new(e, s, "sum"), *type = dtype_is_float(t) ? "float" : c_type(t);
    text_line(e->out, "%s %s = %s;", type, sum, s->tile.clear ? "0" : value_at(e, c, at));
    Index k = open_index(e, "k", depth, s->span);
    const char *x =
        matrix_at(e, a, s->tile.trans_a ? k.var : i.var, s->tile.trans_a ? i.var : k.var);
    const char *y =
        matrix_at(e, b, s->tile.trans_b ? j.var : k.var, s->tile.trans_b ? k.var : j.var);
    text_line(e->out, "%s += %s * %s;", sum, x, y);
    close_index(e);
    text_line(e->out, "%s = %s;", at_text(e, c, at), to_device(e, t, sum));
    close_index(e);
    close_index(e);
    e->names.n = names;
}

static const char *start_of(Emit *e, const Stmt *s)
{
    DType t = s->tile.arg[1].buf->type;
    if (s->tile.op == TO_reduce_sum || s->tile.op == TO_reduce_absmax) return "0";
    bool max = s->tile.op == TO_reduce_max;
    if (dtype_is_float(t)) return max ? "-__builtin_inff()" : "__builtin_inff()";
    int bits = dtype_info[t].bits;
    bool u = dtype_info[t].cls == CLS_U;
    int64_t v = u     ? (max ? 0 : (int64_t)((1ull << bits) - 1))
                : max ? -((int64_t)1 << (bits - 1))
                      : ((int64_t)1 << (bits - 1)) - 1;
    return expr_text(e, expr_int(e->cx, v, t, s->span), P_COND);
}

static void scalar_reduce(Emit *e, const Stmt *s)
{
    static const char *const names[] = {"i", "j", "k", "l"};
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    Var *from[MAXDIM] = {0}, *to[MAXDIM] = {0};
    int live = e->names.n, opened = 0, dim = s->tile.dim;
    bool keeps = dst->buf->ndim == src->buf->ndim;
    for (int d = 0, t = 0; d < src->buf->ndim; d++) {
        if (d == dim) {
            t += keeps;
            continue;
        }
        if (src->ext[d] > 1) {
            from[d] = open_index(e, names[opened < 4 ? opened : 3], src->ext[d], s->span).var;
            opened++;
            to[t] = from[d];
        }
        t++;
    }
    DType t = dst->buf->type;
    if (!opened) text_line(e->out, "{");
    e->out->indent += !opened;
    const char *acc = name_new(e, s, "acc"), *type = dtype_is_float(t) ? "float" : c_type(t);
    text_line(e->out, "%s %s = %s;", type, acc,
              s->tile.clear ? start_of(e, s) : value_at(e, dst, to));
    from[dim] = open_index(e, "n", src->ext[dim], s->span).var;
    const char *x = value_at(e, src, from);
    switch (s->tile.op) {
    case TO_reduce_sum: text_line(e->out, "%s += %s;", acc, x); break;
    case TO_reduce_max:
        text_line(e->out, "%s = k_max<%s, %s>(%s, %s);", acc, type, type, acc, x);
        break;
    case TO_reduce_min:
        text_line(e->out, "%s = k_min<%s, %s>(%s, %s);", acc, type, type, acc, x);
        break;
    default:
        text_line(e->out, "%s = k_max<%s, %s>(%s, k_abs<%s>(%s));", acc, type, type, acc, type, x);
        break;
    }
    close_index(e);
    text_line(e->out, "%s = %s;", at_text(e, dst, to), to_device(e, t, acc));
    for (int k = 0; k < MAX(opened, 1); k++) close_index(e);
    e->names.n = live;
}

static void scalar_cumsum(Emit *e, const Stmt *s)
{
    static const char *const names[] = {"i", "j", "k", "l"};
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    Var *at[MAXDIM] = {0};
    int live = e->names.n, opened = 0, dim = s->tile.dim;
    for (int d = 0; d < src->buf->ndim; d++)
        if (d != dim && src->ext[d] > 1) {
            at[d] = open_index(e, names[opened < 4 ? opened : 3], src->ext[d], s->span).var;
            opened++;
        }
    DType t = dst->buf->type;
    if (!opened) text_line(e->out, "{");
    e->out->indent += !opened;
    const char *acc = name_new(e, s, "acc"), *type = dtype_is_float(t) ? "float" : c_type(t);
    text_line(e->out, "%s %s = 0;", type, acc);
    Index n = open_index(e, "n", src->ext[dim], s->span);
    at[dim] = n.var;
    if (s->tile.reverse) { /* the same loop, counted from the end */
        Var *m = var_new(e->cx, "m", DT_int32, V_LET, s->span);
        text_line(e->out, "const int32_t %s = %lld - %s;", name_new(e, m, "m"),
                  (long long)src->ext[dim] - 1, n.name);
        at[dim] = m;
    }
    text_line(e->out, "%s += %s;", acc, value_at(e, src, at));
    text_line(e->out, "%s = %s;", at_text(e, dst, at), to_device(e, t, acc));
    close_index(e);
    for (int k = 0; k < MAX(opened, 1); k++) close_index(e);
    e->names.n = live;
}

void scalar_tile(Emit *e, const Stmt *s)
{
    switch (s->tile.op) {
    case TO_gemm: scalar_gemm(e, s); break;
    case TO_cumsum: scalar_cumsum(e, s); break;
    case TO_reduce_sum:
    case TO_reduce_max:
    case TO_reduce_min:
    case TO_reduce_absmax: scalar_reduce(e, s); break;
    default:
        fail(e->cx, E0901, s->span, NULL, "this target does not do T.%s on one core yet",
             tileop_info[s->tile.op].name);
    }
}
