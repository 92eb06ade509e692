/* Ranges and affine forms against enumeration: expressions drawn at random over three loop variables, every value they can take. */
#include "tile/tile.h"
#include "unit.h"

enum { NVAR = 3 };
static const int64_t lo[NVAR] = {0, -3, 2}, hi[NVAR] = {5, 4, 9};       /* hi: one past the last */
static uint64_t seed = 7;

static int below(int n)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (int)((seed >> 20) % (uint64_t)n);
}

static Expr *draw(Cx *cx, Var *const *var, int deep, bool affine)
{
    static const Op any[] = {OP_add, OP_sub, OP_mul, OP_floordiv, OP_floormod, OP_max, OP_min, OP_select, OP_band, OP_shr};
    if (deep > 3 || below(4) == 0)
        return below(3) ? expr_var(cx, var[below(NVAR)], (Span){0}) : expr_i32(cx, below(15) - 5);
    Op op = affine ? below(2) ? OP_add : below(3) ? OP_sub : OP_mul : any[below(COUNT(any))];
    Expr *a = draw(cx, var, deep + 1, affine), *b = draw(cx, var, deep + 1, affine);
    if (op == OP_mul && affine) b = expr_i32(cx, below(9) - 4);
    if (op == OP_floordiv || op == OP_floormod) b = expr_i32(cx, 1 + below(6));
    if (op == OP_shr) b = expr_i32(cx, below(4));
    if (op == OP_select) return expr_op(cx, op, expr_op(cx, OP_lt, a, b, NULL, (Span){0}), b, draw(cx, var, deep + 1, affine), (Span){0});
    return expr_op(cx, op, a, b, NULL, (Span){0});
}

static int64_t value(Cx *cx, Expr *e, Var *const *var, const int64_t *at)
{
    VarSub sub[NVAR];
    int64_t v = 0;
    for (int k = 0; k < NVAR; k++) sub[k] = (VarSub){var[k], expr_i32(cx, at[k])};
    expr_const(expr_subst(cx, e, &(Subst){.nvar = NVAR, .var = sub}), &v);
    return v;
}

static void compare(Cx *cx, Expr *e, Var *const *var, const Scope *scope, bool affine)
{
    Range r = expr_range(e, scope);
    int64_t coef[NVAR], at[NVAR], b = 0;
    Expr *base;
    bool is = expr_affine(cx, e, var, NVAR, coef, &base), outside = false, other = false;
    if (is) expr_const(base, &b);
    for (at[0] = lo[0]; at[0] < hi[0]; at[0]++)
        for (at[1] = lo[1]; at[1] < hi[1]; at[1]++)
            for (at[2] = lo[2]; at[2] < hi[2]; at[2]++) {
                int64_t v = value(cx, e, var, at);
                outside |= r.known && (v < r.lo || v > r.hi);
                other |= is && v != b + coef[0] * at[0] + coef[1] * at[1] + coef[2] * at[2];
            }
    Text t = text_new(&cx->arena);
    print_expr(&t, e);
    CHECK(r.known, "no range for %s", t.s);
    CHECK(!outside, "%s leaves [%lld, %lld]", t.s, (long long)r.lo, (long long)r.hi);
    CHECK(!other, "%s is not its affine form", t.s);
    if (affine) CHECK(is, "%s is affine", t.s);
}

static void ranges(Cx *cx, void *arg)
{
    (void)arg;
    Var *var[NVAR];
    Stmt loop[NVAR];
    Scope scope[NVAR];
    for (int k = 0; k < NVAR; k++) {
        static const char *const name[] = {"i", "j", "k"};
        var[k] = var_new(cx, name[k], DT_int32, V_LOOP, (Span){0});
        loop[k] = *stmt_new(cx, S_LOOP, (Span){0});
        loop[k].loop.how = LOOP_SERIAL, loop[k].loop.n = 1, loop[k].loop.step = 1, loop[k].loop.var[0] = var[k];
        loop[k].loop.lo = expr_i32(cx, lo[k]), loop[k].loop.hi[0] = expr_i32(cx, hi[k]);
        scope[k] = (Scope){.outer = k ? &scope[k - 1] : NULL, .stmt = &loop[k]};
    }
    for (int n = 0; n < 400; n++) {
        bool affine = n % 2;
        compare(cx, draw(cx, var, 0, affine), var, &scope[NVAR - 1], affine);
    }

    /* a loop of an open size; a branch that narrows; a place that proves nothing */
    Var *n = var_new(cx, "n", DT_int32, V_SIZE, (Span){0}), *t = var_new(cx, "t", DT_int32, V_LOOP, (Span){0});
    Expr *size = expr_var(cx, n, (Span){0}), *x = expr_var(cx, t, (Span){0});
    Stmt *open = stmt_new(cx, S_LOOP, (Span){0}), *test = stmt_new(cx, S_IF, (Span){0});
    open->loop.how = LOOP_SERIAL, open->loop.n = 1, open->loop.step = 1, open->loop.var[0] = t;
    open->loop.lo = expr_i32(cx, 0), open->loop.hi[0] = size;
    test->branch.cond = expr_op(cx, OP_lt, x, expr_i32(cx, 10), NULL, (Span){0});
    Scope in = {.stmt = open}, then = {.outer = &in, .stmt = test}, other = {.outer = &in, .stmt = test, .other = true};
    CHECK(index_in_bounds(x, size, &in), "index_in_bounds(x, size, &in)");
    CHECK(!index_in_bounds(expr_add(cx, x, expr_i32(cx, 1)), size, &in), "!index_in_bounds(expr_add(cx, x, expr_i32(cx, 1)), size, &in)");
    CHECK(index_in_bounds(x, expr_i32(cx, 10), &then), "index_in_bounds(x, expr_i32(cx, 10), &then)");
    CHECK(!index_in_bounds(x, expr_i32(cx, 10), &other), "!index_in_bounds(x, expr_i32(cx, 10), &other)");
    CHECK(expr_range(x, &other).lo == 10, "expr_range(x, &other).lo == 10");
    Range wraps = expr_range(expr_mul(cx, x, expr_i32(cx, 1000)), &in);
    CHECK(wraps.lo == INT32_MIN && wraps.hi == INT32_MAX, "wraps.lo == INT32_MIN && wraps.hi == INT32_MAX");
}

int main(void)
{
    Cx *cx = cx_open();
    CHECK(guarded(cx, ranges, NULL), "guarded(cx, ranges, NULL)");
    cx_close(cx);
    return unit_done();
}
