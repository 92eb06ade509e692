/* Reductions and running sums.

   Into row registers: each thread reduces its own columns, then the 4 lanes that share the row.
   In shared memory: a line by a warp, where there are many lines; else each line by all threads of
   the role. */
#include <string.h>
#include "target/cuda/emit.h"

static const char *combiner(TileOp op)
{
    return op == TO_reduce_sum   ? "Sum"
           : op == TO_reduce_max ? "Max"
           : op == TO_reduce_min ? "Min"
                                 : "AbsMax";
}

static Expr *variable(Emit *e, const char *want)
{
    Var *v = var_new(e->cx, want, DT_int32, V_LOOP, (Span){0});
    name_new(e, v, want);
    return expr_var(e->cx, v, v->span);
}

static const char *name(Emit *e, const Expr *v)
{
    return name_of(e, v->var);
}

static Expr *element(Emit *e, const Region *r, Expr *const *at)
{
    Expr *idx[MAXDIM];
    for (int d = 0; d < r->buf->ndim; d++)
        idx[d] = at[d] ? expr_add(e->cx, r->off[d], at[d]) : r->off[d];
    return expr_load(e->cx, r->buf, idx, r->span);
}

/* ---- into row registers --------------------------------------------------------------------- */

/* plan: what cannot be reduced in registers goes to shared memory */
bool cuda_reduce_settle(Emit *e, const Stmt *s)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    Place *ps = cuda_plan_find(e->plan, src->buf), *pd = cuda_plan_find(e->plan, dst->buf);
    bool can = s->tile.op != TO_cumsum && pd->where == AT_ROW && src->buf->ndim == 2 &&
               s->tile.dim == 1 && region_is_whole(src) && region_is_whole(dst) &&
               src->ext[0] == pd->rows && ps->where != AT_ROW;
    if (can) return false;
    bool moved = cuda_evict(e, ps);
    return cuda_evict(e, pd) || moved;
}

static void into_rows(Emit *e, const Stmt *s)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    const Place *ps = cuda_plan_find(e->plan, src->buf), *pd = cuda_plan_find(e->plan, dst->buf);
    const char *f = combiner(s->tile.op), *to = name_of(e, dst->buf);
    if (ps->where == AT_ACC && src->buf->type == dst->buf->type &&
        dtype_bytes(dst->buf->type) == 4) {
        text_line(e->out, "reduce_rows<%s, %d, %s>(%s, %s);", f, (int)ps->cols,
                  s->tile.clear ? "true" : "false", to, name_of(e, src->buf));
        return;
    }
    Expr *i = variable(e, "i"), *j = variable(e, "j"), *at[2] = {i, j};
    const char *type = cuda_value_type(dst->buf->type), *x = name_new(e, &x, "x"), *c = name(e, j);
    int cols = (int)src->ext[1];
    e->row_reg = name_new(e, &i, "r");
    e->col_reg = c;
    text_line(e->out, "#pragma unroll");
    text_line(e->out, "for (int %s = 0; %s < %d; %s++) {", e->row_reg, e->row_reg, 2 * pd->blocks,
              e->row_reg);
    e->out->indent++;
    const char *row = emit_f(e, "frag_row<%d>(tid, %s)", pd->blocks, e->row_reg);
    if (ps->where != AT_ACC)
        text_line(e->out, pd->rows % 64 ? "const int %s = min(%s, %d);" : "const int %s = %s;",
                  name(e, i), row, (int)pd->rows - 1);
    text_line(e->out, "%s %s = %s<%s>::none();", type, x, f, type);
    if (ps->where == AT_ACC)
        text_line(e->out, "#pragma unroll\n%*sfor (int %s = 0; %s < %d; %s++)", 4 * e->out->indent,
                  "", c, c, cols / 4, c);
    else
        text_line(e->out, "for (int %s = tid %% 4; %s < %d; %s += 4)", c, c, cols, c);
    text_line(e->out, "    %s = %s<%s>::of(%s, %s);", x, f, type, x,
              expr_text(e, expr_cast(e->cx, element(e, src, at), dst->buf->type, s->span), P_COND));
    text_line(e->out, "%s = quad_reduce<%s<%s>>(%s);", x, f, type, x);
    if (!s->tile.clear)
        text_line(e->out, "%s = %s<%s>::of(plain(%s[%s]), %s);", x, f, type, to, e->row_reg, x);
    text_line(e->out, "%s[%s] = to<%s>(%s);", to, e->row_reg, dtype_info[dst->buf->type].cuda, x);
    emit_close(e);
}

/* ---- in shared memory ----------------------------------------------------------------------- */

/* the lines along an axis: the index of each dimension in the source and in the destination of line
 * number `line`, element k */
typedef struct {
    int64_t lines, length;
    Expr *src[MAXDIM], *dst[MAXDIM];
} Lines;

static Lines lines_of(Emit *e, const Stmt *s, Expr *line, Expr *k)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    Lines l = {.lines = 1, .length = src->ext[s->tile.dim]};
    bool kept = dst->buf->ndim == src->buf->ndim, scan = s->tile.op == TO_cumsum;
    Expr *rest = line;
    for (int d = src->buf->ndim - 1; d >= 0; d--) {
        if (d == s->tile.dim) {
            l.src[d] = k;
            if (scan) l.dst[d] = k;
            continue;
        }
        Expr *ext = expr_i32(e->cx, src->ext[d]);
        l.lines *= src->ext[d];
        l.src[d] = src->ext[d] == 1 ? NULL : expr_op(e->cx, OP_floormod, rest, ext, NULL, s->span);
        l.dst[kept || d < s->tile.dim ? d : d - 1] = l.src[d];
        rest = expr_op(e->cx, OP_floordiv, rest, ext, NULL, s->span);
    }
    return l;
}

static void in_memory(Emit *e, const Stmt *s)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    const char *f = combiner(s->tile.op), *type = cuda_value_type(dst->buf->type);
    bool scan = s->tile.op == TO_cumsum;
    Expr *line = variable(e, "line"), *k = variable(e, "k");
    Lines l = lines_of(e, s, line, k);
    int threads = cuda_role_threads(e->role), warps = threads / 32;
    bool by_warp = l.lines >= warps || warps == 1;
    const Scope *before = e->scope;
    /* proves line numbers to be small and not negative, so that they are divided as C does */
    Scope lines = {.outer = before, .stmt = lower_loop(e->cx, line->var, l.lines)},
          along = {.outer = &lines, .stmt = lower_loop(e->cx, k->var, l.length)};
    e->scope = &along;
    const char *get = emit_f(
        e, "[&](int %s) { return %s; }", name(e, k),
        expr_text(e, expr_cast(e->cx, element(e, src, l.src), dst->buf->type, s->span), P_COND));
    Expr *to = element(e, dst, l.dst);
    const char *place = cuda_element_text(e, dst->buf, to->idx),
               *ctype = dtype_info[dst->buf->type].cuda, *v = name(e, line);
    text_line(e->out,
              by_warp ? "for (int %s = tid / 32; %s < %d; %s += %d) {"
                      : "for (int %s = 0; %s < %d; %s++) {",
              v, v, (int)l.lines, v, warps);
    e->out->indent++;
    const char *team = by_warp ? "Warp{tid % 32}"
                               : emit_f(e, "Team<%d>{tid, %s, smem + %s}", threads,
                                        cuda_role_barrier(e), cuda_role_scratch(e));
    if (scan) {
        text_line(e->out,
                  "scan_line<%s, %s>(%s, %d, %s, [&](int %s, %s sum) { %s = to<%s>(sum); });", type,
                  s->tile.reverse ? "true" : "false", team, (int)l.length, get, name(e, k), type,
                  place, ctype);
    } else {
        const char *x = name_new(e, &x, "x");
        text_line(e->out, "%s %s = reduce_line<%s<%s>, %s>(%s, %d, %s);", type, x, f, type, type,
                  team, (int)l.length, get);
        const char *old =
            s->tile.clear ? x
                          : emit_f(e, "%s<%s>::of(%s, %s)", f, type, expr_text(e, to, P_COND), x);
        text_line(e->out, "if (%s == 0) %s = to<%s>(%s);", by_warp ? "tid % 32" : "tid", place,
                  ctype, old);
    }
    emit_close(e);
    e->scope = before;
}

void cuda_reduce_emit(Emit *e, const Stmt *s)
{
    int mark = e->names.n;
    if (cuda_plan_find(e->plan, s->tile.arg[1].buf)->where == AT_ROW)
        into_rows(e, s);
    else
        in_memory(e, s);
    e->names.n = mark;
}
