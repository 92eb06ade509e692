/* The verifier against enumeration. Programs with one nest over small ranges, an index and a condition drawn at random: every iteration is
   run here. What is proved (nothing said) must hold, what is refuted (an error) must not; how many are decided is counted, too. */
#include "tile/tile.h"
#include "unit.h"
#include <string.h>

enum { NVAR = 3, SIZE = 40 };
static const int64_t ext[NVAR] = {6, 5, 4};
static uint64_t seed = 11;
static int decided, asked, outsides, races;      /* questions; programs that are refused, rightly */

static int below(int n)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (int)((seed >> 20) % (uint64_t)n);
}

typedef struct {
    Var *var[NVAR];                             /* the block, and two of the nest */
    Expr *index, *other, *cond, *value;
    bool reads;
} Drawn;

static Expr *draw(Cx *cx, const Drawn *d, int deep)
{
    static const Op any[] = {OP_add, OP_add, OP_sub, OP_mul, OP_mul, OP_floordiv, OP_floormod, OP_floormod, OP_max, OP_min, OP_bxor, OP_select};
    if (deep > 2 || below(4) == 0)
        return below(4) ? expr_var(cx, d->var[below(NVAR)], (Span){0}) : expr_i32(cx, below(12) - 2);
    Op op = any[below(COUNT(any))];
    Expr *a = draw(cx, d, deep + 1), *b = draw(cx, d, deep + 1);
    if (op == OP_mul) b = expr_i32(cx, below(9) - 1);
    if (op == OP_floordiv || op == OP_floormod) b = expr_i32(cx, 1 + below(7));
    if (op == OP_select) return expr_op(cx, op, expr_op(cx, OP_lt, a, b, NULL, (Span){0}), b, draw(cx, d, deep + 1), (Span){0});
    return expr_op(cx, op, a, b, NULL, (Span){0});
}

/* 8 i + j and the like: what programs write */
static Expr *plain(Cx *cx, const Drawn *d)
{
    Expr *e = expr_mul(cx, expr_var(cx, d->var[1], (Span){0}), expr_i32(cx, 1 + below(8)));
    e = expr_add(cx, e, expr_mul(cx, expr_var(cx, d->var[2], (Span){0}), expr_i32(cx, below(5))));
    if (below(2)) e = expr_op(cx, below(2) ? OP_floordiv : OP_floormod, e, expr_i32(cx, 1 + below(30)), NULL, (Span){0});
    return below(3) ? e : expr_add(cx, e, expr_i32(cx, below(9) - 2));
}

static int64_t value(Cx *cx, Expr *e, const Drawn *d, const int64_t *at)
{
    VarSub sub[NVAR];
    int64_t v = 0;
    for (int k = 0; k < NVAR; k++) sub[k] = (VarSub){d->var[k], expr_i32(cx, at[k])};
    expr_const(expr_subst(cx, e, &(Subst){.nvar = NVAR, .var = sub}), &v);
    return v;
}

/* with T.Kernel(ext[0]) as b: for i, j in T.Parallel(ext[1], ext[2]): if cond: s[index] = s[other] or a value */
static Prog *program(Cx *cx, Drawn *d, Buf **s)
{
    static const char *const name[] = {"b", "i", "j"};
    for (int k = 0; k < NVAR; k++) d->var[k] = var_new(cx, name[k], DT_int32, k ? V_LOOP : V_BLOCK, (Span){0});
    d->index = below(2) ? plain(cx, d) : draw(cx, d, 0);
    d->other = below(3) ? d->index : plain(cx, d);
    d->reads = below(2);
    d->cond = expr_op(cx, OP_lt, draw(cx, d, 1), below(2) ? expr_i32(cx, below(20)) : draw(cx, d, 1), NULL, (Span){0});
    d->value = draw(cx, d, 1);
    *s = buf_new(cx, "s", DT_int32, SP_SHARED, 1, (Expr *[]){expr_i32(cx, SIZE)}, (Span){0});
    Prog *p = NEW(&cx->arena, Prog);
    Launch *l = NEW(&cx->arena, Launch);
    *p = (Prog){.name = "p", .launch = l};
    *l = (Launch){.name = "p", .ngrid = 1, .threads = 32, .thread_ext = {32, 1, 1}};
    l->grid[0] = expr_i32(cx, ext[0]);
    l->block[0] = d->var[0];
    Stmt *alloc = stmt_new(cx, S_ALLOC, (Span){0}), *fill = stmt_new(cx, S_TILE, (Span){0}), *nest = stmt_new(cx, S_LOOP, (Span){0}),
         *test = stmt_new(cx, S_IF, (Span){0}), *store = stmt_new(cx, S_STORE, (Span){0});
    alloc->alloc = *s;
    fill->tile.op = TO_fill;
    fill->tile.arg[0] = region_whole(cx, *s, (Span){0});
    fill->tile.value = expr_i32(cx, 0);
    nest->loop.how = LOOP_PARALLEL, nest->loop.n = 2, nest->loop.step = 1;
    for (int k = 0; k < 2; k++) nest->loop.var[k] = d->var[k + 1], nest->loop.hi[k] = expr_i32(cx, ext[k + 1]);
    test->branch.cond = d->cond;
    store->store.buf = *s;
    store->store.idx = NEWN(&cx->arena, Expr *, 1);
    store->store.idx[0] = d->index;
    store->store.value = d->reads ? expr_load(cx, *s, &d->other, (Span){0}) : d->value;
    l->body = alloc;
    alloc->next = fill;
    fill->next = nest;
    nest->loop.body = test;
    test->branch.then = store;
    return p;
}

/* what happens: an index outside; two iterations of one block that race */
static void enumerate(Cx *cx, Drawn *d, bool *outside, bool *race)
{
    int64_t at[NVAR];
    *outside = *race = false;
    for (at[0] = 0; at[0] < ext[0]; at[0]++) {
        int writer[SIZE], reader[SIZE];
        int64_t held[SIZE];
        memset(writer, -1, sizeof writer);
        memset(reader, -1, sizeof reader);
        for (int it = 0; it < ext[1] * ext[2]; it++) {
            at[1] = it / ext[2], at[2] = it % ext[2];
            if (!value(cx, d->cond, d, at)) continue;
            int64_t w = value(cx, d->index, d, at), r = value(cx, d->other, d, at), v = value(cx, d->value, d, at);
            bool in = w >= 0 && w < SIZE && (!d->reads || (r >= 0 && r < SIZE));
            *outside |= !in;
            if (!in) continue;
            if (d->reads) {
                *race |= writer[r] >= 0 && writer[r] != it;
                reader[r] = reader[r] < 0 ? it : reader[r];
                *race |= reader[w] >= 0 && reader[w] != it;
            }
            *race |= writer[w] >= 0 && (d->reads || held[w] != v);
            writer[w] = it;
            held[w] = v;
        }
    }
}

static void check(Cx *cx, void *arg)
{
    check_prog(cx, arg, NULL);
}

static bool said(const Cx *cx, ErrCode code)
{
    for (const Diag *d = cx->diags; d; d = d->next)
        if (d->code == code) return true;
    return false;
}

static void one(Cx *cx, void *arg)
{
    Drawn d = {0};
    Buf *s;
    bool outside, race;
    (void)arg;
    Prog *p = program(cx, &d, &s);
    guarded(cx, check, p);
    enumerate(cx, &d, &outside, &race);
    Text t = text_new(&cx->arena);
    print_prog(&t, p);
    bool refuted = said(cx, E0305), unknown = said(cx, E0311);
    CHECK(!refuted || outside, "refuted, but in bounds: %s", t.s);
    CHECK(refuted || unknown || !outside, "proved, but out of bounds: %s", t.s);
    asked++;
    decided += refuted || !unknown;
    outsides += refuted;
    if (refuted) return;                /* races are asked about where all else is right */
    refuted = said(cx, E0314), unknown = said(cx, E0315);
    CHECK(!refuted || race, "a race is claimed: %s", t.s);
    CHECK(refuted || unknown || !race || outside, "a race is overlooked: %s", t.s);
    asked++;
    decided += refuted || !unknown;
    races += refuted;
}

int main(void)
{
    for (int n = 0; n < 3000; n++) {
        Cx *cx = cx_open();
        guarded(cx, one, NULL);
        cx_close(cx);
    }
    CHECK(decided * 20 > asked * 17, "only %d of %d questions are decided", decided, asked);
    CHECK(outsides > 300 && races > 300, "%d programs leave a tile, %d race", outsides, races);
    printf("%d of %d questions are decided; %d programs leave a tile, %d race\n", decided, asked, outsides, races);
    return unit_done();
}
