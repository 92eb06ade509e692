/* Element code on tiles: T.Parallel nests as maps. Operands are loaded into destination registers,
   whole or spread from a row, a column or one element; the value is computed there in the order
   that needs the fewest registers; the result is packed. */
#include "target/metalium/metalium.h"
#include <string.h>

typedef enum { D_FLOAT, D_INT, D_UINT } DKind;
static const char *const kind_format[] = {"DataFormat::Float32", "DataFormat::Int32",
                                          "DataFormat::UInt32"};

enum {
    REGISTERS = 4
}; /* 32 bits wide, half of them in use at a time; twice as many with all of them */

typedef struct {
    Emit *e;
    const Map *m;
    Var *row, *col; /* variables of the destination's rows and columns; NULL: just one */
    Expr *r, *c;    /* the tile at hand */
    const char *fpu_init, *sfpu_init; /* done last in this tile's text */
    int most;                         /* registers used */
} MapText;

/* ---- operands ---- */

typedef struct {
    Value *v;
    Expr *tile;
    BroadcastKind how;
} Feed;

/* one coordinate of an operand: does it follow the destination's variable, and at which tile does
 * it start */
static bool coordinate(MapText *t, Expr *idx, Var *mine, Var *other, bool *follows, Expr **tile)
{
    Var *vars[2];
    int64_t coef[2] = {0};
    int n = 0, at_mine = -1;
    if (mine) {
        at_mine = n;
        vars[n++] = mine;
    }
    if (other) vars[n++] = other;
    Expr *base = idx;
    if (n && !expr_affine(t->e->cx, idx, vars, n, coef, &base)) return false;
    for (int k = 0; k < n; k++)
        if (coef[k] && (k != at_mine || coef[k] != 1)) return false;
    *follows = at_mine >= 0 && coef[at_mine] == 1;
    if (!multiple_of(base, TT_TILE)) return false;
    *tile = exact_div(t->e->cx, base, TT_TILE);
    return true;
}

static bool source_of(MapText *t, const Expr *x, Feed *out)
{
    Emit *e = t->e;
    Value *v = value_of(e, x->buf);
    if (!v || v->scalar)
        return unlifted(e, x->span, "element code reads '%s', which is no tile", x->buf->name);
    Expr *zero = expr_i32(e->cx, 0), *row = zero, *col = zero, *tr, *tc;
    if (x->buf->ndim == 2) {
        row = x->idx[0];
        col = x->idx[1];
    } else if (v->place.vertical)
        row = x->idx[0];
    else
        col = x->idx[0];
    bool follows_r, follows_c;
    if (t->row && t->col && coordinate(t, row, t->col, t->row, &follows_r, &tr) && follows_r &&
        coordinate(t, col, t->row, t->col, &follows_c, &tc) && follows_c) {
        if (v->place.format != FMT_BF16)
            return unlifted(e, x->span, "'%s' is turned, in a format the engine would shorten",
                            x->buf->name);
        tr = expr_add(e->cx, tr, t->c);
        tc = expr_add(e->cx, tc, t->r);
        *out = (Feed){v, expr_add(e->cx, expr_mul(e->cx, tr, expr_i32(e->cx, v->place.ct)), tc),
                      BC_TRANSPOSED};
        return true;
    }
    if (!coordinate(t, row, t->row, t->col, &follows_r, &tr) ||
        !coordinate(t, col, t->col, t->row, &follows_c, &tc))
        return unlifted(e, x->span, "'%s' is indexed in a way that is no row, column or whole tile",
                        x->buf->name);
    bool down = t->row && !follows_r, across = t->col && !follows_c;
    if (follows_r) tr = expr_add(e->cx, tr, t->r);
    if (follows_c) tc = expr_add(e->cx, tc, t->c);
    out->v = v;
    out->tile = expr_add(e->cx, expr_mul(e->cx, tr, expr_i32(e->cx, v->place.ct)), tc);
    out->how = down && across ? BC_SCALAR : down ? BC_ROW : across ? BC_COL : BC_NONE;
    return true;
}

static void fpu_init(MapText *t, const char *text)
{
    if (!t->fpu_init || strcmp(t->fpu_init, text)) text_line(t->e->out, "%s", text);
    t->fpu_init = text;
}

static void sfpu_init(MapText *t, const char *text)
{
    if (!t->sfpu_init || strcmp(t->sfpu_init, text)) text_line(t->e->out, "%s;", text);
    t->sfpu_init = text;
}

static void load(MapText *t, const Expr *x, int reg)
{
    static const char *const type[] = {"NONE", "ROW", "COL", "SCALAR"};
    Emit *e = t->e;
    Feed s = {0};
    if (!source_of(t, x, &s)) return;
    const char *cb = e->to->cb[s.v->cb].name, *tile = expr_text(e, s.tile, P_COND);
    if (s.how == BC_NONE) {
        include(e, "tile_move_copy.h");
        use_srca(e, s.v->cb);
        fpu_init(t, emit_f(e, "copy_init(%s);", cb));
        text_line(e->out, "copy_tile(%s, %s, %d);", cb, tile, reg);
        return;
    }
    if (s.how == BC_TRANSPOSED) {
        include(e, "transpose.h");
        use_srca(e, s.v->fpu_cb);
        cb = e->to->cb[s.v->fpu_cb].name;
        fpu_init(t, emit_f(e, "transpose_init(%s);", cb));
        text_line(e->out, "transpose_tile(%s, %s, %d);", cb, tile, reg);
        return;
    }
    include(e, "bcast.h");
    if (format_info[s.v->place.format].bytes == 4)
        use_srca(e, s.v->cb);
    else
        use_sources(e, s.v->cb, s.v->cb);
    fpu_init(t, emit_f(e, "unary_bcast_init<BroadcastType::%s>(%s);", type[s.how], cb));
    text_line(e->out, "unary_bcast<BroadcastType::%s>(%s, %s, %d);", type[s.how], cb, tile, reg);
}

/* ---- what an expression is ---- */

static bool has_tile(MapText *t, const Expr *x)
{
    switch (x->kind) {
    case E_LOAD:
        return x->buf->space != SP_LOCAL && x->buf->space != SP_GLOBAL &&
               x->buf->space != SP_TEMP && is_tile_load(t->e, x);
    case E_OP:
        for (int i = 0; i < op_info[x->op].nargs; i++)
            if (has_tile(t, x->arg[i])) return true;
        return false;
    case E_CAST:
    case E_BITS: return has_tile(t, x->arg[0]);
    default: return false;
    }
}

static bool uses_index(MapText *t, const Expr *x)
{
    for (int k = 0; k < t->m->nvar; k++)
        if (expr_uses(x, t->m->var[k])) return true;
    return false;
}

static DKind kind_of_type(DType t)
{
    return dtype_is_float(t) || t == DT_bool ? D_FLOAT
           : dtype_info[t].cls == CLS_U      ? D_UINT
                                             : D_INT;
}

static DKind kind_of(MapText *t, const Expr *x)
{
    if (x->type != DT_bool) return kind_of_type(x->type);
    if (x->kind == E_OP && op_info[x->op].rule == RULE_cmp)
        return has_tile(t, x) ? kind_of_type(x->arg[0]->type) : D_FLOAT;
    if (x->kind == E_OP && x->op == OP_not) return kind_of(t, x->arg[0]);
    return D_FLOAT;
}

/* x != 0 and conversions to bool say the same as x where only zero or not matters */
static const Expr *truth(MapText *t, const Expr *x)
{
    while (has_tile(t, x)) {
        if (x->kind == E_CAST && x->type == DT_bool && dtype_is_float(x->arg[0]->type))
            x = x->arg[0];
        else if (x->kind == E_OP && x->op == OP_ne && x->arg[1]->kind == E_FLOAT &&
                 x->arg[1]->f == 0 && dtype_is_float(x->arg[0]->type))
            x = x->arg[0];
        else if (x->kind == E_CAST && dtype_is_float(x->type) &&
                 (dtype_is_float(x->arg[0]->type) || x->arg[0]->type == DT_bool))
            x = x->arg[0];
        else
            break;
    }
    return x;
}

/* Operations with one operand that is the same for all elements, where the chip has them, as
   op(x, s); op(s, x) is the same with `mirror` */
static const struct {
    Op op, mirror;
    const char *call;
} scalar_ops[] = {
#define SCALAR(name)                                                                               \
    "binop_with_scalar_tile_init(); " name "_unary_tile($d, $s)|eltwise_unary/binop_with_scalar.h"
    {OP_add, OP_add, SCALAR("add")},
    {OP_sub, NOP, SCALAR("sub")},
    {NOP, OP_sub, SCALAR("rsub")},
    {OP_mul, OP_mul, SCALAR("mul")},
#undef SCALAR
    {OP_max, OP_max, "unary_max_tile($d, $s)|compute_kernel_api.h"},
    {OP_min, OP_min, "unary_min_tile($d, $s)|compute_kernel_api.h"},
    {OP_gt, OP_lt, "unary_gt_tile($d, $s)|eltwise_unary/comp.h"},
    {OP_ge, OP_le, "unary_ge_tile($d, $s)|eltwise_unary/comp.h"},
    {OP_lt, OP_gt, "unary_lt_tile($d, $s)|eltwise_unary/comp.h"},
    {OP_le, OP_ge, "unary_le_tile($d, $s)|eltwise_unary/comp.h"},
    {OP_eq, OP_eq, "unary_eq_tile($d, $s)|eltwise_unary/comp.h"},
    {OP_ne, OP_ne, "unary_ne_tile($d, $s)|eltwise_unary/comp.h"},
};

/* on integers, and on signed ones alone; a row of ops.def speaks of floats */
static const struct {
    Op op;
    bool is_signed;
    const char *call;
} int_ops[] = {
    {OP_add, false, "add_int_tile_init(); add_int_tile<$T>($0, $1, $d)|add_int_sfpu.h"},
    {OP_sub, false, "sub_int_tile_init(); sub_int_tile<$T>($0, $1, $d)|sub_int_sfpu.h"},
    {OP_mul, false, "mul_int_tile_init<$T>(); mul_int_tile<$T>($0, $1, $d)|mul_int_sfpu.h"},
    {OP_band, false,
     "binary_bitwise_tile_init(); bitwise_and_binary_tile<$T>($0, $1, $d)|binary_bitwise_sfpu.h"},
    {OP_bor, false,
     "binary_bitwise_tile_init(); bitwise_or_binary_tile<$T>($0, $1, $d)|binary_bitwise_sfpu.h"},
    {OP_bxor, false,
     "binary_bitwise_tile_init(); bitwise_xor_binary_tile<$T>($0, $1, $d)|binary_bitwise_sfpu.h"},
    {OP_shl, false,
     "binary_shift_tile_init(); binary_left_shift_tile<$T>($0, $1, $d)|binary_shift.h"},
    {OP_eq, false, "eq_int_tile_init<$T>(); eq_int_tile<$T>($0, $1, $d)|binary_comp.h"},
    {OP_ne, false, "ne_int_tile_init<$T>(); ne_int_tile<$T>($0, $1, $d)|binary_comp.h"},
    {OP_lt, false, "lt_int_tile_init<$T>(); lt_int_tile<$T>($0, $1, $d)|binary_comp.h"},
    {OP_gt, false, "gt_int_tile_init<$T>(); gt_int_tile<$T>($0, $1, $d)|binary_comp.h"},
    {OP_le, false, "le_int_tile_init<$T>(); le_int_tile<$T>($0, $1, $d)|binary_comp.h"},
    {OP_ge, false, "ge_int_tile_init<$T>(); ge_int_tile<$T>($0, $1, $d)|binary_comp.h"},
    {OP_select, false, "where_tile_init(); where_tile<$T>($0, $1, $2, $d)|eltwise_unary/where.h"},
    {OP_not, false,
     "logical_not_tile_init(); logical_not_tile<$T>($d)|eltwise_unary/logical_not.h"},
    {OP_max, true,
     "binary_max_int32_tile_init(); binary_max_int32_tile($0, $1, $d)|binary_max_min.h"},
    {OP_min, true,
     "binary_min_int32_tile_init(); binary_min_int32_tile($0, $1, $d)|binary_max_min.h"},
    {OP_shr, true,
     "binary_shift_tile_init(); binary_right_shift_tile<$T>($0, $1, $d)|binary_shift.h"},
    {OP_neg, true, "negative_tile_init(); negative_tile_int32($d)|eltwise_unary/negative.h"},
    {OP_abs, true, "abs_tile_init(); abs_tile_int32($d)|compute_kernel_api.h"},
};

static const char *call_of(Op op, DKind k)
{
    if (k == D_FLOAT) return op_info[op].tt;
    for (int i = 0; i < COUNT(int_ops); i++)
        if (int_ops[i].op == op && (k == D_INT || !int_ops[i].is_signed)) return int_ops[i].call;
    return NULL;
}

/* the row "[init; ]call|header" as text */
static void emit_call(MapText *t, const char *row, const int reg[3], int d, DKind k, const char *s)
{
    Emit *e = t->e;
    const char *bar = strchr(row, '|'), *semi = strstr(row, "; ");
    if (bar) include(e, bar + 1);
    size_t n = bar ? (size_t)(bar - row) : strlen(row);
    Text out = text_new(&e->cx->arena);
    for (size_t i = 0; i < n; i++) {
        if (row[i] != '$' || i + 1 == n) {
            text_put(&out, row + i, 1);
            continue;
        }
        char c = row[++i];
        if (c == 'd')
            text_add(&out, "%d", d);
        else if (c == 'T')
            text_add(&out, "%s", kind_format[k]);
        else if (c == 's')
            text_add(&out, "%s", s);
        else
            text_add(&out, "%d", reg[c - '0']);
    }
    const char *call = out.s;
    if (semi && semi < row + n) {
        const char *cut = strstr(out.s, "; ");
        sfpu_init(t, arena_copy(&e->cx->arena, out.s, (size_t)(cut - out.s)));
        call = cut + 2;
    } else
        sfpu_init(t, emit_f(e, "%.*s_init()", (int)strcspn(out.s, "<("), out.s));
    text_line(e->out, "%s;", call);
}

/* ---- registers ---- */

/* the call for an operation of a tile and a scalar, and which operand is the tile; or NULL */
static const char *scalar_form(MapText *t, const Expr *x, int *tile)
{
    if (x->kind != E_OP || op_info[x->op].nargs != 2 || !dtype_is_float(x->arg[0]->type))
        return NULL;
    bool a = has_tile(t, x->arg[0]), b = has_tile(t, x->arg[1]);
    *tile = b;
    for (int i = 0; i < COUNT(scalar_ops) && a != b; i++)
        if ((b ? scalar_ops[i].mirror : scalar_ops[i].op) == x->op) return scalar_ops[i].call;
    return NULL;
}

/* registers that evaluation needs, all operands on the way counted */
static int need(MapText *t, const Expr *x)
{
    int tile;
    if (!has_tile(t, x) || x->kind == E_LOAD) return 1;
    if (x->kind == E_CAST || x->kind == E_BITS) return need(t, x->arg[0]);
    if (scalar_form(t, x, &tile)) return need(t, x->arg[tile]);
    int n[3] = {0}, count = op_info[x->op].nargs;
    for (int i = 0; i < count; i++)
        n[i] = need(t, x->op == OP_select && i == 0 ? truth(t, x->arg[0]) : x->arg[i]);
    for (int i = 0; i < count; i++)
        for (int k = i + 1; k < count; k++)
            if (n[k] > n[i]) {
                int swap = n[i];
                n[i] = n[k];
                n[k] = swap;
            }
    int most = 0;
    for (int i = 0; i < count; i++) most = MAX(most, n[i] + i);
    return most;
}

static void eval(MapText *t, const Expr *x, int reg);

static void typecast(MapText *t, DKind from, DKind to, int reg)
{
    if (from == to) return;
    include(t->e, "eltwise_unary/typecast.h");
    const char *type = emit_f(t->e, "<static_cast<uint32_t>(%s), static_cast<uint32_t>(%s)>",
                              kind_format[from], kind_format[to]);
    sfpu_init(t, emit_f(t->e, "typecast_tile_init%s()", type));
    text_line(t->e->out, "typecast_tile%s(%d);", type, reg);
}

static void eval_as(MapText *t, const Expr *x, DKind k, int reg)
{
    eval(t, x, reg);
    typecast(t, kind_of(t, x), k, reg);
}

static void eval_scalar(MapText *t, const Expr *x, int reg)
{
    Emit *e = t->e;
    if (uses_index(t, x)) {
        unlifted(e, x->span, "an index is used as a value");
        return;
    }
    include(e, "eltwise_unary/fill.h");
    sfpu_init(t, "fill_tile_init()");
    const char *s = expr_text(e, x, P_COND);
    DKind k = kind_of_type(x->type);
    if (k != D_FLOAT)
        text_line(e->out, "fill_tile_int<%s>(%d, %s);", kind_format[k], reg, s);
    else
        text_line(e->out,
                  x->type == DT_bool ? "fill_tile(%d, %s ? 1.0f : 0.0f);" : "fill_tile(%d, %s);",
                  reg, s);
}

static void eval_op(MapText *t, const Expr *x, int reg)
{
    Emit *e = t->e;
    int tile, n = op_info[x->op].nargs, at[3] = {reg, reg, reg}, order[3] = {0, 1, 2}, size[3];
    const char *s = scalar_form(t, x, &tile);
    if (s) {
        const Expr *scalar = x->arg[!tile];
        if (uses_index(t, scalar)) {
            unlifted(e, scalar->span, "an index is used as a value");
            return;
        }
        eval(t, x->arg[tile], reg);
        bool zero = scalar->kind == E_FLOAT && scalar->f == 0;
        if (zero && x->op == OP_max)
            emit_call(t, "relu_tile($d)|eltwise_unary/relu.h", at, reg, D_FLOAT, NULL);
        else
            emit_call(t, s, at, reg, D_FLOAT, emit_f(e, "bits(%s)", expr_text(e, scalar, P_COND)));
        return;
    }
    DKind k = x->op == OP_select                            ? kind_of_type(x->type)
              : op_info[x->op].rule == RULE_logic && n == 2 ? D_FLOAT
                                                            : kind_of(t, x->arg[0]);
    const char *call = call_of(x->op, k);
    if (!call) {
        unlifted(e, x->span, "'%s' on %s", op_info[x->op].name,
                 dtype_info[x->arg[n - 1]->type].name);
        return;
    }
    const Expr *arg[3] = {x->arg[0], x->arg[1], x->arg[2]};
    if (x->op == OP_select) arg[0] = truth(t, x->arg[0]);
    for (int i = 0; i < n; i++) size[i] = need(t, arg[i]);
    for (int i = 0; i < n; i++) /* the greedy ones first, otherwise in order */
        for (int j = n - 1; j > i; j--)
            if (size[order[j]] > size[order[j - 1]]) {
                int swap = order[j];
                order[j] = order[j - 1];
                order[j - 1] = swap;
            }
    for (int i = 0; i < n; i++) {
        at[order[i]] = reg + i;
        eval_as(t, arg[order[i]], k, reg + i);
    }
    t->most = MAX(t->most, reg + n);
    emit_call(t, call, at, reg, k, NULL);
}

static void eval(MapText *t, const Expr *x, int reg)
{
    t->most = MAX(t->most, reg + 1);
    if (t->e->why) return;
    if (!has_tile(t, x)) {
        eval_scalar(t, x, reg);
        return;
    }
    switch (x->kind) {
    case E_LOAD: load(t, x, reg); break;
    case E_OP: eval_op(t, x, reg); break;
    case E_CAST: {
        DKind to = kind_of(t, x);
        DType from = x->arg[0]->type;
        eval_as(t, x->arg[0], to, reg);
        if (x->type == DT_bool && from != DT_bool)
            emit_call(t, "nez_tile($d)|eltwise_unary/comp.h", (int[3]){reg, reg, reg}, reg, D_FLOAT,
                      NULL);
        if (dtype_is_int(x->type) && dtype_info[x->type].bits < 32)
            unlifted(t->e, x->span, "a conversion to %s", dtype_info[x->type].name);
        if (x->type == DT_float8_e4m3fn || x->type == DT_float8_e5m2)
            unlifted(t->e, x->span, "a conversion to %s", dtype_info[x->type].name);
        break;
    }
    default: unlifted(t->e, x->span, "bits reinterpreted as another type");
    }
}

/* ---- one map ---- */

static bool covers(MapText *t, Value *v, Expr *idx, int64_t size, Var **var)
{
    int64_t zero;
    *var = NULL;
    if (expr_const(idx, &zero)) return zero == 0 && size == 1;
    for (int k = 0; k < t->m->nvar; k++)
        if (idx->kind == E_VAR && idx->var == t->m->var[k] && t->m->ext[k] == size) {
            *var = t->m->var[k];
            return true;
        }
    (void)v;
    return false;
}

/* the destination is written whole, each element once */
static bool destination(MapText *t, Value *v)
{
    const Map *m = t->m;
    Expr *zero = expr_i32(t->e->cx, 0), *row = zero, *col = zero;
    if (m->dst->ndim == 2) {
        row = m->dst_idx[0];
        col = m->dst_idx[1];
    } else if (v->place.vertical)
        row = m->dst_idx[0];
    else
        col = m->dst_idx[0];
    if (!covers(t, v, row, v->place.rows, &t->row) || !covers(t, v, col, v->place.cols, &t->col))
        return unlifted(t->e, m->nest->span, "element code writes a part of '%s'", m->dst->name);
    for (int k = 0; k < m->nvar; k++)
        if (m->ext[k] > 1 && m->var[k] != t->row && m->var[k] != t->col)
            return unlifted(t->e, m->nest->span, "'%s' is written more than once", m->dst->name);
    if (t->row && t->row == t->col)
        return unlifted(t->e, m->nest->span, "only a diagonal of '%s' is written", m->dst->name);
    return true;
}

typedef struct {
    MapText *t;
    int key, count;
    bool alike;
    int cb;
} Keys;

static void look_key(Visitor *v, Expr *x)
{
    Keys *k = v->user;
    if (x->kind != E_LOAD || x->buf->space == SP_LOCAL || !is_tile_load(k->t->e, x)) return;
    Value *val = value_of(k->t->e, x->buf);
    int key = val->place.format;
    k->alike &= !k->count || key == k->key;
    k->key = key;
    k->cb = val->cb;
    k->count++;
}

static void emit_map(Emit *e, const Map *m, Expr *value)
{
    MapText t = {.e = e, .m = m};
    Value *v = value_of(e, m->dst);
    if (!v || v->scalar) {
        unlifted(e, m->nest->span, "element code writes '%s', which is no tile of compute",
                 m->dst->name);
        return;
    }
    if (!destination(&t, v)) return;
    Keys keys = {.t = &t, .alike = true};
    Visitor look = {.expr = look_key, .user = &keys};
    walk_expr(&look, value);
    begin_block(e, v);
    bool loops = tiles(&v->place) > 1;
    if (keys.count && keys.alike && format_info[keys.key].bytes == 4)
        use_srca(e, keys.cb);
    else if (keys.count && keys.alike)
        use_sources(e, keys.cb, keys.cb);
    else if (keys.count && loops && !e->one_format)
        e->config.a = e->config.b = -1;
    Steps r = steps_open(e, "r", v->place.rt, m->nest->span),
          c = steps_open(e, "c", v->place.ct, m->nest->span);
    t.r = r.at;
    t.c = c.at;
    text_line(e->out, "tile_regs_acquire();");
    eval_as(&t, value,
            v->place.format == FMT_I32   ? D_INT
            : v->place.format == FMT_U32 ? D_UINT
                                         : D_FLOAT,
            0);
    if (t.most > 2 * REGISTERS)
        unlifted(e, m->nest->span, "an expression that needs %d destination registers", t.most);
    e->to->full_sync |= t.most > REGISTERS;
    text_line(e->out, "pack_out(%s, 1);", e->to->cb[v->cb].name);
    steps_close(e, &c);
    steps_close(e, &r);
    end_block(e, v);
}

/* what is stored: the value, or where a guard does not hold what was there */
static Expr *stored(Emit *e, const Map *m)
{
    Expr *value = expr_cast(e->cx, m->value, m->dst->type, m->nest->span);
    return m->guard ? expr_op(e->cx, OP_select, m->guard, value,
                              expr_load(e->cx, m->dst, m->dst_idx, m->nest->span), m->nest->span)
                    : value;
}

void compute_nest(Emit *e, const Stmt *s)
{
    Map m[8];
    int n = 0;
    const char *why = NULL;
    emit_comment(e, s);
    if (!lift_nest(e->cx, s, m, COUNT(m), &n, &why)) {
        unlifted(e, s->span, "%s", why ? why : "a nest of another form");
        return;
    }
    prime(e, stmt_reads(e, s) & ~e->full);
    for (int k = 0; k < n && !e->why; k++) emit_map(e, &m[k], stored(e, &m[k]));
}

/* ---- for liveness ---- */

uint64_t nest_reads(Emit *e, const Stmt *s, uint64_t *kills)
{
    Map m[8];
    int n = 0;
    const char *why;
    uint64_t reads = 0;
    *kills = 0;
    if (!lift_nest(e->cx, s, m, COUNT(m), &n, &why)) return 0;
    for (int k = 0; k < n; k++) {
        reads |= expr_reads(e, stored(e, &m[k])) & ~*kills;
        *kills |= value_bit(e, m[k].dst);
    }
    return reads;
}
