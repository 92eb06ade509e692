/* Reductions by the matrix engine. It knows sums and maxima along rows or columns of tiles, and
   reads operands of 32 bits shortened to 19. A minimum is the negative maximum of the negatives;
   absolute values are taken first.

   What the engine cuts off is reduced as well, where it matters. A sum adds the parts x - short(x).
   A maximum m of shortened values is refined: m + max(x - m), twice, is the maximum to the last
   bit, because subtracting m keeps the order and leaves few bits to the greatest. Sums are done so
   unless fast mathematics is asked for; maxima only when they are compared with elements or handed
   on as they are: in arithmetic, as in a softmax, the shortened one is as good. */
#include "target/metalium/metalium.h"

/* ---- does it matter? ---- */

typedef struct {
    Emit *e;
    uint64_t known;
    bool matters, more;
} Taint;

/* is x such a value itself, chosen or converted perhaps, but not computed with? */
static bool handed_on(Taint *t, const Expr *x)
{
    switch (x->kind) {
    case E_LOAD: return value_bit(t->e, x->buf) & t->known;
    case E_CAST: return handed_on(t, x->arg[0]);
    case E_BITS: return handed_on(t, x->arg[0]);
    case E_OP:
        switch (x->op) {
        case OP_select: return handed_on(t, x->arg[1]) || handed_on(t, x->arg[2]);
        case OP_max:
        case OP_min: return handed_on(t, x->arg[0]) || handed_on(t, x->arg[1]);
        case OP_neg:
        case OP_abs: return handed_on(t, x->arg[0]);
        default: return false;
        }
    default: return false;
    }
}

static void look_compared(Visitor *v, Expr *x)
{
    Taint *t = v->user;
    if (x->kind == E_BITS) t->matters |= handed_on(t, x);
    if (x->kind != E_OP || op_info[x->op].rule != RULE_cmp) return;
    t->matters |= (handed_on(t, x->arg[0]) && expr_has_load(x->arg[1])) ||
                  (handed_on(t, x->arg[1]) && expr_has_load(x->arg[0]));
}

static void flows_to(Taint *t, const Buf *b)
{
    uint64_t bit = value_bit(t->e, b);
    if (!bit || b->space == SP_SLOT) t->matters = true; /* it leaves compute */
    t->more |= (t->known | bit) != t->known;
    t->known |= bit;
}

static void look_stmt(Visitor *v, Stmt *s)
{
    Taint *t = v->user;
    if (s->kind == S_TILE && s->tile.op != TO_gemm && s->tile.op != TO_fill &&
        value_bit(t->e, s->tile.arg[0].buf) & t->known)
        flows_to(t, s->tile.arg[1].buf);
    if (s->kind == S_STORE && handed_on(t, s->store.value)) flows_to(t, s->store.buf);
    if (s->kind == S_LET) t->matters |= handed_on(t, s->let.value);
}

static bool matters(Emit *e, const Buf *result)
{
    Taint t = {
        .e = e, .known = value_bit(e, result), .more = true, .matters = !value_bit(e, result)};
    Visitor v = {.stmt = look_stmt, .expr = look_compared, .user = &t};
    while (t.more && !t.matters) {
        t.more = false;
        for (Stmt *s = e->launch->body; s; s = s->next)
            if (s->kind == S_ROLE && s->role.role == R_COMPUTE) walk_stmts(&v, s->role.body);
    }
    return t.matters;
}

static bool in_full(Emit *e, const Stmt *s)
{
    Value *src = value_of(e, s->tile.arg[0].buf);
    if (!src || src->place.format != FMT_F32 || e->cx->opt.fast_math) return false;
    return s->tile.op == TO_reduce_sum || matters(e, s->tile.arg[1].buf);
}

static bool is_prepared(const Stmt *s)
{
    return s->tile.op == TO_reduce_min || s->tile.op == TO_reduce_absmax;
}

void reduce_marks(Emit *e, const Stmt *s)
{
    Value *src = value_of(e, s->tile.arg[0].buf);
    bool full = in_full(e, s);
    e->cb_one = 0;
    if (is_prepared(s)) {
        temp_need(e, s, TEMP_PREPARED);
        if (e->ntemp) e->temp[e->ntemp - 1].value.dst_use = full;
    }
    if (src) {
        src->fpu_use |= !is_prepared(s);
        src->dst_use |= full || is_prepared(s);
    }
    if (full) temp_need(e, s, TEMP_LOW);
    if (full && s->tile.op != TO_reduce_sum) temp_need(e, s, TEMP_HIGH);
}

/* ---- parts of it ---- */

typedef enum { POOL_SUM, POOL_MAX } PoolKind;
typedef struct {
    const Stmt *s;
    bool across;
    PoolKind pool;
} Reduction;

static void load(Emit *e, int cb, const char *tile, int reg)
{
    const char *name = e->to->cb[cb].name;
    include(e, "tile_move_copy.h");
    use_srca(e, cb);
    text_line(e->out, "copy_init(%s);", name);
    text_line(e->out, "copy_tile(%s, %s, %d);", name, tile, reg);
}

/* the tiles of a, negated or made absolute */
static View prepared(Emit *e, const Stmt *s, const View *a)
{
    Value *v = temp_open(e, s, TEMP_PREPARED, a->rt, a->ct);
    if (tiles(&v->place) > 1) use_srca(e, a->v->cb);
    Steps r = steps_open(e, "r", a->rt, s->span), c = steps_open(e, "c", a->ct, s->span);
    text_line(e->out, "tile_regs_acquire();");
    load(e, a->v->cb, tile_number(e, a, r.at, c.at, P_COND), 0);
    if (s->tile.op == TO_reduce_min)
        sfpu(e, "eltwise_unary/negative.h", "negative_tile", "0");
    else
        sfpu(e, "compute_kernel_api.h", "abs_tile", "0");
    text_line(e->out, "pack_out(%s, 1);", e->to->cb[v->cb].name);
    steps_close(e, &c);
    steps_close(e, &r);
    temp_ready(e, v);
    return view_whole(e, v);
}

/* The parts of a that are left: x - short(x), or x - top for a row's or column's value; 0 where
   both are the same, infinities too. */
static View left_of(Emit *e, const Reduction *d, const View *a, const Value *top)
{
    Value *v = temp_open(e, d->s, TEMP_LOW, a->rt, a->ct);
    text_line(e->out, top ? "// %s less the maximum so far" : "// what the engine cuts off %s",
              d->s->tile.arg[0].buf->name);
    if (tiles(&v->place) > 1 && !e->one_format) config_forget_sources(e);
    Steps r = steps_open(e, "r", a->rt, d->s->span), c = steps_open(e, "c", a->ct, d->s->span);
    const char *tile = tile_number(e, a, r.at, c.at, P_COND);
    text_line(e->out, "tile_regs_acquire();");
    load(e, a->v->cb, tile, 0);
    text_line(e->out, "copy_tile(%s, %s, 2);", e->to->cb[a->v->cb].name, tile);
    if (top) {
        const char *way = d->across ? "COL" : "ROW", *name = e->to->cb[top->cb].name;
        include(e, "bcast.h");
        use_srca(e, top->cb);
        text_line(e->out, "unary_bcast_init<BroadcastType::%s>(%s);", way, name);
        text_line(e->out, "unary_bcast<BroadcastType::%s>(%s, %s, 1);", way, name,
                  expr_text(e, d->across ? r.at : c.at, P_COND));
    } else
        load(e, a->v->fpu_cb, tile, 1);
    sfpu(e, "eltwise_binary_sfpu.h", "sub_binary_tile", "0, 1, 0");
    sfpu(e, "eltwise_binary_sfpu.h", "eq_binary_tile", "2, 1, 2");
    sfpu(e, "eltwise_unary/fill.h", "fill_tile", "3, 0.0f");
    include(e, "eltwise_unary/where.h");
    text_line(e->out, "where_tile_init();");
    text_line(e->out, "where_tile<DataFormat::Float32>(2, 3, 0, 0);");
    text_line(e->out, "pack_out(%s, 1);", e->to->cb[v->cb].name);
    steps_close(e, &c);
    steps_close(e, &r);
    temp_ready(e, v);
    return view_whole(e, v);
}

/* what was there before, in the register behind the result */
static void combine(Emit *e, const Stmt *s, const Value *old, const char *tile)
{
    load(e, old->cb, tile, 1);
    if (s->tile.op == TO_reduce_sum)
        sfpu(e, "eltwise_binary_sfpu.h", "add_binary_tile", "0, 1, 0");
    else
        sfpu(e, "binary_max_min.h",
             s->tile.op == TO_reduce_min ? "binary_min_tile" : "binary_max_tile", "0, 1, 0");
}

static void reduce_view(Emit *e, const Reduction *d, const View *a, const char *what, Expr *o)
{
    Steps i = steps_open(e, d->across ? "c" : "r", d->across ? a->ct : a->rt, d->s->span);
    text_line(e->out, "reduce_tile%s(%s, %s, %s, 0, 0);", what, e->to->cb[a->v->fpu_cb].name,
              e->to->cb[e->cb_one].name,
              d->across ? tile_number(e, a, o, i.at, P_COND) : tile_number(e, a, i.at, o, P_COND));
    steps_close(e, &i);
}

/* Reduces a, and `more` with it, into `to`; then adds `add`, and at the last step negates a minimum
 * and combines with what was there. */
static void reduce_to(Emit *e, const Reduction *d, const View *a, const View *more, const Value *to,
                      const Value *add, bool last)
{
    const Stmt *s = d->s;
    bool sum = d->pool == POOL_SUM, old = last && !s->tile.clear;
    int first = d->across && sum ? e->cb_one : a->v->fpu_cb,
        second = d->across && sum ? a->v->fpu_cb : e->cb_one;
    const char *what = emit_f(e, "<PoolType::%s, ReduceDim::%s>", sum ? "SUM" : "MAX",
                              d->across ? "REDUCE_ROW" : "REDUCE_COL");
    int outer = d->across ? a->rt : a->ct;
    if ((old || add) && outer > 1 && !e->one_format)
        config_forget_sources(e);
    else
        use_sources(e, first, second);
    Steps o = steps_open(e, d->across ? "r" : "c", outer, s->span);
    const char *tile = expr_text(e, o.at, P_COND);
    text_line(e->out, "tile_regs_acquire();");
    use_sources(e, first, second);
    text_line(e->out, "reduce_init%s(%s, %s, %s);", what, e->to->cb[a->v->fpu_cb].name,
              e->to->cb[e->cb_one].name, e->to->cb[to->cb].name);
    reduce_view(e, d, a, what, o.at);
    if (more) reduce_view(e, d, more, what, o.at);
    text_line(e->out, "reduce_uninit();");
    if (add) {
        load(e, add->cb, tile, 1);
        sfpu(e, "eltwise_binary_sfpu.h", "add_binary_tile", "0, 1, 0");
    }
    if (last && s->tile.op == TO_reduce_min)
        sfpu(e, "eltwise_unary/negative.h", "negative_tile", "0");
    if (old) combine(e, s, to, tile);
    text_line(e->out, "pack_out(%s, 1);", e->to->cb[to->cb].name);
    steps_close(e, &o);
}

/* the maximum of shortened values, refined twice */
static void reduce_refined(Emit *e, const Reduction *d, const View *a, Value *to)
{
    int rt = d->across ? a->rt : 1, ct = d->across ? 1 : a->ct;
    Value *top = temp_open(e, d->s, TEMP_HIGH, rt, ct);
    e->to->cb[top->cb].pages = 2 * rt * ct;
    reduce_to(e, d, a, NULL, top, NULL, false);
    temp_ready(e, top);
    View left = left_of(e, d, a, top);
    temp_more(e, top);
    reduce_to(e, d, &left, NULL, top, top, false);
    temp_close(e, left.v);
    temp_next(e, top);
    left = left_of(e, d, a, top);
    begin_block(e, to);
    reduce_to(e, d, &left, NULL, to, top, true);
    temp_close(e, left.v);
    temp_close(e, top);
}

/* ---- the statement ---- */

static bool reduce_lifts(Emit *e, const Stmt *s, const View *a, const View *b)
{
    int64_t n = s->tile.arg[0].ext[s->tile.dim];
    if (!is_float_format(a->v->place.format) || !is_float_format(b->v->place.format) ||
        !region_is_whole(&s->tile.arg[1]))
        return unlifted(e, s->span, "a reduction of integers, or into a part of a tile");
    if (n % TT_TILE && !(s->tile.op == TO_reduce_sum && zero_padded(a->v)))
        return unlifted(e, s->span, "a reduction over %lld elements, not a multiple of %d",
                        (long long)n, TT_TILE);
    return true;
}

void compute_reduce(Emit *e, const Stmt *s)
{
    View a, b;
    if (!view_of(e, &s->tile.arg[0], &a) || !view_of(e, &s->tile.arg[1], &b) ||
        !reduce_lifts(e, s, &a, &b))
        return;
    /* across: the columns of each row become one */
    bool across = s->tile.arg[0].buf->ndim == 2 ? s->tile.dim == 1 : !a.v->place.vertical,
         full = in_full(e, s);
    Reduction d = {s, across, s->tile.op == TO_reduce_sum ? POOL_SUM : POOL_MAX};
    include(e, "reduce.h");
    if (is_prepared(s)) a = prepared(e, s, &a);
    if (full && d.pool == POOL_MAX)
        reduce_refined(e, &d, &a, b.v);
    else if (full) {
        View left = left_of(e, &d, &a, NULL);
        begin_block(e, b.v);
        reduce_to(e, &d, &a, &left, b.v, NULL, true);
        temp_close(e, left.v);
    } else {
        begin_block(e, b.v);
        reduce_to(e, &d, &a, NULL, b.v, NULL, true);
    }
    if (is_prepared(s)) temp_close(e, a.v);
    end_block(e, b.v);
}
