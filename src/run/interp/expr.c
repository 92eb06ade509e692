/* Expressions, conversions, and single elements of tensors and tiles.

   Arithmetic is done in double or in 64-bit integers and brought to the type of the result once.
   For + - * / and square roots of fp32, fp16, bf16 and fp8 that is the correctly rounded result;
   functions are those of the C library in double, rounded once. Integers wrap to their width.
   Poison spreads from operands to results; it is an error only where it decides something: an
   index, a branch, a trip count, an element of a tensor that is passed in. A selection with a
   poisoned condition is poison; the arm that is not chosen is not looked at. Index arithmetic that
   leaves its type is an error at once.

   A group of threads evaluates an expression for each of its threads; what does not depend on the
   thread (X_ONCE) only for the first. All loads of a statement come before its stores, as they do
   where threads are in step. */
#include "run/interp/interp.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- conversions ---- */

/* one bit of what is cut off stays in the last place, so that rounding again cannot meet a false
 * tie */
static double from_int(int64_t i, bool is_unsigned)
{
    bool negative = !is_unsigned && i < 0;
    uint64_t mag = negative ? 0 - (uint64_t)i : (uint64_t)i;
    int cut = mag >> 53 ? 11 - __builtin_clzll(mag) : 0;
    uint64_t low = mag & ((1ull << cut) - 1);
    double d = ldexp((double)(mag >> cut | (low != 0)), cut);
    return negative ? -d : d;
}

static double int_to_float(int64_t i, DType from, DType to)
{
    bool wide = dtype_info[from].cls == CLS_U && dtype_info[from].bits == 64;
    if (to == DT_float64) return wide ? (double)(uint64_t)i : (double)i;
    return dtype_round(to, from_int(i, wide));
}

/* Toward zero. What the type cannot hold has no meaning in the dialect, and machines differ: it is
 * poison. */
static Res float_to_int(double f, DType to)
{
    const DTypeInfo *d = &dtype_info[to];
    Res r = {.bad = CLEAN};
    double whole = trunc(f), top = ldexp(1, d->cls == CLS_U ? d->bits : d->bits - 1);
    if (d->cls == CLS_B)
        r.v.i = f != 0;
    else if (!(whole < top && whole >= (d->cls == CLS_U ? 0 : -top)))
        r.bad = BAD_CONVERSION;
    else
        r.v.i = whole >= 0x1p63 ? (int64_t)(uint64_t)whole : (int64_t)whole;
    return r;
}

static inline double round_to(DType t, double v)
{
    return t == DT_float32 ? (double)(float)v : dtype_round(t, v);
}

static inline int64_t wrap_to(DType t, int64_t v)
{
    return t == DT_int32 ? (int32_t)v : dtype_wrap(t, v);
}

Res interp_convert(Val v, DType from, DType to)
{
    Res r = {.v = v, .bad = CLEAN};
    bool from_float = dtype_is_float(from), to_float = dtype_is_float(to);
    if (from_float && !to_float) return float_to_int(v.f, to);
    if (from_float)
        r.v.f = round_to(to, v.f);
    else if (to_float)
        r.v.f = int_to_float(v.i, from, to);
    else
        r.v.i = wrap_to(to, v.i);
    return r;
}

/* the bits of a value of type t, low first, and back */
Val interp_reinterpret(Val v, DType from, DType to)
{
    uint64_t bits = 0;
    Mem a = {.type = from, .raw = &bits}, b = {.type = to, .raw = &bits};
    interp_store_run(&a, 0, 1, &v);
    interp_load_run(&b, 0, 1, &v);
    return v;
}

Val interp_join(Op op, DType type, Val a, Val b)
{
    if (dtype_is_float(type)) return (Val){.f = round_to(type, op_fold_f(op, a.f, b.f, 0))};
    return (Val){.i = wrap_to(type, op_fold_as(type, op, a.i, b.i, 0))};
}

/* ---- operations ---- */

/* an index must not wrap: nobody means the element that it then names */
static void check_wrap(Task *t, const X *x, int64_t a, int64_t b, int64_t result)
{
    static const char *const sign[NOP] = {
        [OP_add] = "+", [OP_sub] = "-", [OP_mul] = "*", [OP_shl] = "<<"};
    int64_t exact = 0;
    bool lost = x->op == OP_add   ? __builtin_add_overflow(a, b, &exact)
                : x->op == OP_sub ? __builtin_sub_overflow(a, b, &exact)
                : x->op == OP_mul ? __builtin_mul_overflow(a, b, &exact)
                : x->op == OP_shl ? b > 62 || __builtin_mul_overflow(a, 1ll << b, &exact)
                                  : __builtin_sub_overflow((int64_t)0, a, &exact);
    char left[40] = "";
    if (!lost && exact == result) return;
    if (x->narg > 1) snprintf(left, sizeof left, "%lld %s ", (long long)a, sign[x->op]);
    interp_fail(t, x->span, E0620, "compute it in int64, or index with more dimensions",
                x->narg > 1 ? "%s%lld does not fit %s, and leads to an index"
                            : "%s-(%lld) does not fit %s, and leads to an index",
                left, (long long)(x->narg > 1 ? b : a), dtype_info[x->type].name);
}

/* 0 & x, 0 * x, -1 | x are known whatever x is */
static Res one_poisoned(const X *x, Res a, Res b)
{
    Res known = a.bad ? b : a, bad = {.bad = a.bad ? a.bad : b.bad};
    if (x->kind != X_INT || known.bad) return bad;
    bool zero = (x->op == OP_band || x->op == OP_mul) && known.v.i == 0;
    bool ones = x->op == OP_bor && wrap_to(x->type, ~known.v.i) == 0;
    return zero || ones ? known : bad;
}

static Res int_operation(Task *t, const X *x, int64_t a, int64_t b)
{
    bool divides = x->op == OP_floordiv || x->op == OP_floormod || x->op == OP_div;
    if (divides && b == 0) return (Res){.bad = interp_arith(t, BAD_DIVISION, x->span)};
    if (x->rule == RULE_shift && (uint64_t)b >= (uint64_t)dtype_info[x->type].bits)
        return (Res){.bad = interp_arith(t, BAD_SHIFT, x->span)};
    Res r = {.v.i = wrap_to(x->type, op_fold_as(x->from, x->op, a, b, 0))};
    if (x->checked) check_wrap(t, x, a, b, r.v.i);
    return r;
}

static Res operation(Task *t, const X *x)
{
    Res a = interp_eval(t, x->arg[0]), b = {.bad = CLEAN};
    if (x->narg > 1) b = interp_eval(t, x->arg[1]);
    if (a.bad || b.bad) return one_poisoned(x, a, b);
    if (x->kind == X_INT) return int_operation(t, x, a.v.i, b.v.i);
    double f = op_fold_f(x->op, a.v.f, b.v.f, 0);
    if (x->rule == RULE_cmp) return (Res){.v.i = f != 0};
    return (Res){.v.f = round_to(x->type, f)};
}

/* `decides` on the left is the result, and on the right, too, when the left is poison */
static Res logic(Task *t, const X *x, bool decides)
{
    Res a = interp_eval(t, x->arg[0]);
    if (!a.bad && (a.v.i != 0) == decides) return a;
    Res b = interp_eval(t, x->arg[1]);
    return !a.bad || (!b.bad && (b.v.i != 0) == decides) ? b : a;
}

static Res cast(Task *t, const X *x)
{
    Res a = interp_eval(t, x->arg[0]);
    if (a.bad) return (Res){.bad = a.bad};
    if (x->kind == X_BITS) return (Res){.v = interp_reinterpret(a.v, x->from, x->type)};
    a = interp_convert(a.v, x->from, x->type);
    interp_arith(t, a.bad, x->span);
    return a;
}

/* ---- single elements ---- */

bool interp_index(Task *t, const X *x, int64_t *out, const char *what)
{
    Res r = interp_eval(t, x);
    *out = r.v.i;
    if (r.bad) interp_poison(t, x->span, r.bad, "%s", what);
    return !t->m->failed;
}

static const char *buffer_name(const Task *t, int buf)
{
    return t->m->code->use[buf].buf->name;
}

Mem *interp_mem(Task *t, int buf, bool write, Span at)
{
    const Bound *b = &t->bound[buf];
    if (b->mem && *b->tail <= b->seq && !(write && b->shared)) return b->mem;
    const Buf *name = t->m->code->use[buf].buf;
    if (!b->mem)
        interp_fail(t, at, E0616, NULL, "'%s' is used before it exists", name->name);
    else if (*b->tail > b->seq)
        interp_fail(t, at, E0616,
                    "use a slot between its acquire and commit, or between its wait and release",
                    "'%s' is used when its slot in '%s' is no longer held", name->name,
                    name->pipe ? name->pipe->name : "a pipe");
    else
        interp_fail(t, at, E0616, NULL, "'%s' is written while other roles read the same slot",
                    name->name);
    return NULL;
}

int64_t interp_locate(Task *t, int buf, X *const *idx, bool write, Span at, Mem **mem)
{
    Mem *m = *mem = interp_mem(t, buf, write, at);
    if (!m) return FAILED;
    Place p;
    int64_t k = m->per * t->lead, *where = p.off;
    bool inside = true;
    for (int d = 0; d < m->ndim; d++) {
        Res r = interp_eval(t, idx[d]);
        if (r.bad) {
            interp_poison(t, at, r.bad, "index %d of '%s'", d, buffer_name(t, buf));
            return FAILED;
        }
        where[d] = r.v.i;
        inside &= (uint64_t)where[d] < (uint64_t)m->dim[d];
        k += inside ? where[d] * m->stride[d] : 0;
    }
    if (t->m->failed) return FAILED;
    if (!inside && m->guarded) return OUTSIDE;
    if (!inside) {
        char text[160], shape[160];
        interp_fail(t, at, E0611, NULL, "'%s' is %s at [%s], outside of its shape (%s)",
                    buffer_name(t, buf), write ? "written" : "read",
                    interp_list(text, sizeof text, where, m->ndim),
                    interp_list(shape, sizeof shape, m->dim, m->ndim));
        return FAILED;
    }
    if (!m->busy) return k;
    p.mem = m; /* is no started gemm concerned with this element */
    for (int d = 0; d < m->ndim; d++) p.ext[d] = 1;
    return interp_flight_free(t, &p, write, false, at) ? k : FAILED;
}

/* a condition of a while loop may wait for what others store: to read is no race then */
Res interp_load_at(Task *t, Mem *m, int64_t k, Span at, bool spin)
{
    if (m->stamp && spin)
        interp_stamp_spin(t, m, k);
    else if (m->stamp && !interp_stamp_read(t, m, k, 1, at))
        return (Res){.bad = CLEAN};
    return interp_load_element(m, k);
}

static Res load(Task *t, const X *x)
{
    Mem *m;
    int64_t k = interp_locate(t, x->buf, x->arg, false, x->span, &m);
    if (k < 0) return (Res){.bad = CLEAN};
    if (x->watch && m->shadow && t->nest) interp_watch_read(t, m, k, x->span);
    return interp_load_at(t, m, k, x->span, x->spin);
}

bool interp_may_hold(Task *t, const Mem *m, int64_t k, int64_t bad, Span at)
{
    char text[200];
    if (bad && m->space == SP_GLOBAL)
        interp_poison(t, at, bad, "%s", interp_element(m, k, text, sizeof text));
    return !t->m->failed;
}

bool interp_same(Res a, Res b)
{
    return a.bad == b.bad && !memcmp(&a.v, &b.v, sizeof a.v);
}

void interp_store_at(Task *t, Mem *m, int64_t k, Res r, Span at)
{
    if (!interp_may_hold(t, m, k, r.bad, at)) return;
    if (m->stamp && !interp_stamp_write(t, m, k, 1, &r.v, at)) return;
    /* who polls gets nowhere by storing the same again */
    t->m->changes += !t->m->code->waits || !interp_same(interp_load_element(m, k), r);
    interp_store_element(m, k, r);
}

/* ---- expressions ---- */

static Res once(Task *t, const X *x)
{
    Once *o = &t->m->once[x->reg];
    if (o->step == t->step) return o->r;
    int lead = t->lead;
    bool alone = t->alone;
    t->lead = t->lane[0];
    t->alone = false;
    o->r = interp_eval(t, x->arg[0]);
    o->step = t->step;
    t->lead = lead;
    t->alone = alone;
    return o->r;
}

/* a call by one thread, or by a block without threads */
static Res one_call(Task *t, const X *x)
{
    Res r = {.bad = CLEAN};
    uint16_t thread = (uint16_t)t->lead;
    interp_call_lanes(t, x, (Lanes){1, &thread}, &r);
    return r;
}

Res interp_eval(Task *t, const X *x)
{
    Res r = {.bad = CLEAN};
    switch (x->kind) {
    case X_CONST: return (Res){x->value, CLEAN};
    case X_REG: return t->reg[x->reg];
    case X_LANE: return *interp_lane(t, x->reg, t->lead);
    case X_ONCE: return once(t, x);
    case X_LOAD: return load(t, x);
    case X_SELECT:
        r = interp_eval(t, x->arg[0]);
        return r.bad ? r : interp_eval(t, x->arg[r.v.i ? 1 : 2]);
    case X_AND:
    case X_OR: return logic(t, x, x->kind == X_OR);
    case X_FLOAT:
    case X_INT: return operation(t, x);
    case X_CAST:
    case X_BITS: return cast(t, x);
    case X_CALL: return one_call(t, x);
    case X_PLACE: break;
    }
    return r;
}

/* ---- for all threads of a group ---- */

bool interp_next(Task *t, Lanes l, int k, int lead, bool alone)
{
    bool more = k < l.n && !t->m->failed;
    t->lead = more ? l.thread[k] : lead;
    t->alone = more ? t->m->code->threads : alone;
    return more;
}

void interp_eval_lanes(Task *t, const X *x, Lanes l, Res *out)
{
    memset(out, 0, sizeof *out * (size_t)l.n);
    if (x->kind == X_CALL) {
        interp_call_lanes(t, x, l, out);
    } else if (x->varies) {
        EACH_THREAD(t, l, k) out[k] = interp_eval(t, x);
    } else {
        Res r = interp_eval(t, x);
        for (int k = 0; k < l.n; k++) out[k] = r;
    }
}

static void store_lanes(Task *t, const Ins *ins)
{
    Span at = ins->stmt->span;
    Mem *m = NULL;
    Res *value = interp_push(t->m, t->n);
    int64_t *to = (int64_t *)interp_push(t->m, t->n);
    EACH_THREAD(t, interp_lanes(t), k) {
        to[k] = interp_locate(t, ins->buf, ins->idx, true, at, &m);
        if (to[k] >= 0) value[k] = interp_eval(t, ins->value);
    }
    EACH_THREAD(t, interp_lanes(t), i)
        if (to[i] >= 0) interp_store_at(t, m, to[i], value[i], at);
}

void interp_store(Task *t, const Ins *ins)
{
    if (ins->varies) {
        store_lanes(t, ins);
        return;
    }
    Span at = ins->stmt->span;
    Mem *m;
    int64_t k = interp_locate(t, ins->buf, ins->idx, true, at, &m);
    if (k < 0) return; /* nobody asks for a value that is not stored */
    Res r = interp_eval(t, ins->value);
    if (t->m->failed) return;
    if (ins->watch && m->shadow && t->nest && !(r.bad && m->space == SP_GLOBAL))
        interp_watch_write(t, m, k, at, r);
    interp_store_at(t, m, k, r, at);
}
