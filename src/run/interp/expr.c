/* Expressions, conversions, and single elements of tensors and tiles.

   Arithmetic is done in double or in 64-bit integers and brought to the type of the result once.
   For + - * / and square roots of fp32, fp16, bf16 and fp8 that is the correctly rounded result;
   functions are those of the C library in double, rounded once. Integers wrap to their width.
   Poison spreads from operands to results; it is an error only where it decides something: an
   index, a branch, a trip count, an element of a tensor that is passed in. A selection with a
   poisoned condition is poison; the arm that is not chosen is not looked at. Index arithmetic that
   leaves its type is an error at once. */
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

Res interp_convert(Val v, DType from, DType to)
{
    Res r = {.v = v, .bad = CLEAN};
    bool from_float = dtype_is_float(from), to_float = dtype_is_float(to);
    if (from == to) return r;
    if (from_float && !to_float) return float_to_int(v.f, to);
    if (from_float)
        r.v.f = dtype_round(to, v.f);
    else if (to_float)
        r.v.f = int_to_float(v.i, from, to);
    else
        r.v.i = dtype_wrap(to, v.i);
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

/* ---- operations ---- */

static inline double round_to(DType t, double v)
{
    return t == DT_float32 ? (double)(float)v : dtype_round(t, v);
}

static inline int64_t wrap_to(DType t, int64_t v)
{
    return t == DT_int32 ? (int32_t)v : dtype_wrap(t, v);
}

static bool is_division(Op op)
{
    return op == OP_floordiv || op == OP_floormod || op == OP_div;
}

static void wrapped(Task *t, const X *x, const Res a[MAXARG])
{
    char text[80];
    if (x->narg == 1)
        snprintf(text, sizeof text, "-(%lld)", (long long)a[0].v.i);
    else
        snprintf(text, sizeof text, "%lld %c %lld", (long long)a[0].v.i,
                 x->op == OP_add   ? '+'
                 : x->op == OP_sub ? '-'
                                   : '*',
                 (long long)a[1].v.i);
    interp_fail(t, x->span, E0620, "compute it in int64, or index with more dimensions",
                "%s does not fit %s, and leads to an index", text, dtype_info[x->type].name);
}

/* an index must not wrap: nobody means the element that it then names */
static void check_wrap(Task *t, const X *x, const Res a[MAXARG], int64_t result)
{
    int64_t exact = 0;
    bool lost = x->op == OP_add   ? __builtin_add_overflow(a[0].v.i, a[1].v.i, &exact)
                : x->op == OP_sub ? __builtin_sub_overflow(a[0].v.i, a[1].v.i, &exact)
                : x->op == OP_mul ? __builtin_mul_overflow(a[0].v.i, a[1].v.i, &exact)
                                  : __builtin_sub_overflow((int64_t)0, a[0].v.i, &exact);
    if (lost || exact != result) wrapped(t, x, a);
}

static Res int_operation(Task *t, const X *x, const Res a[MAXARG])
{
    Res r = {.bad = CLEAN};
    if (is_division(x->op) && a[1].v.i == 0)
        r.bad = interp_arith(t, BAD_DIVISION, x->span);
    else if (op_info[x->op].rule == RULE_shift &&
             (uint64_t)a[1].v.i >= (uint64_t)dtype_info[x->type].bits)
        r.bad = interp_arith(t, BAD_SHIFT, x->span);
    if (r.bad) return r;
    r.v.i = x->kind == X_U64 ? op_fold_as(x->from, x->op, a[0].v.i, a[1].v.i, a[2].v.i)
                             : op_fold_i(x->op, a[0].v.i, a[1].v.i, a[2].v.i);
    r.v.i = wrap_to(x->type, r.v.i);
    if (x->kind == X_CHECKED) check_wrap(t, x, a, r.v.i);
    return r;
}

static Res conversion(Task *t, const X *x, Res a)
{
    switch (x->kind) {
    case X_ROUND: a.v.f = round_to(x->type, a.v.f); return a;
    case X_WRAP: a.v.i = wrap_to(x->type, a.v.i); return a;
    case X_BITS: a.v = interp_reinterpret(a.v, x->from, x->type); return a;
    default:
        a = interp_convert(a.v, x->from, x->type);
        interp_arith(t, a.bad, x->span);
        return a;
    }
}

Res interp_operate(Task *t, const X *x, const Res a[MAXARG])
{
    Res r = {.bad = CLEAN};
    for (int i = 0; i < x->narg; i++)
        if (a[i].bad) return (Res){.bad = a[i].bad};
    switch (x->kind) {
    case X_FLOAT:
        r.v.f = round_to(x->type, op_fold_f(x->op, a[0].v.f, a[1].v.f, a[2].v.f));
        return r;
    case X_COMPARE: r.v.i = op_fold_f(x->op, a[0].v.f, a[1].v.f, 0) != 0; return r;
    case X_INT:
    case X_U64:
    case X_CHECKED: return int_operation(t, x, a);
    default: return conversion(t, x, a[0]);
    }
}

static Res operation(Task *t, const X *x)
{
    Res a[MAXARG] = {0};
    for (int i = 0; i < x->narg; i++) a[i] = interp_eval(t, x->arg[i]);
    return interp_operate(t, x, a);
}

/* ---- single elements ---- */

bool interp_index(Task *t, const X *x, int64_t *out, const char *what)
{
    Res r = interp_eval(t, x);
    *out = r.v.i;
    if (r.bad) interp_poison(t, x->span, r.bad, "%s", what);
    return !t->m->failed;
}

Bound *interp_bound(Task *t, int buf, Span at)
{
    Bound *b = &t->bound[buf];
    if (b->mem && *b->tail <= b->seq) return b;
    const Buf *name = t->m->code->use[buf].buf;
    if (b->mem)
        interp_fail(t, at, E0616,
                    "use a slot between its acquire and commit, or between its wait and release",
                    "'%s' is used when its slot in '%s' is no longer held", name->name,
                    name->pipe ? name->pipe->name : "a pipe");
    else
        interp_fail(t, at, E0616, NULL, "'%s' is used before it exists", name->name);
    return NULL;
}

static void out_of_range(Task *t, const Mem *m, const char *name, const int64_t *idx, Span at,
                         bool write)
{
    char where[160], shape[160];
    interp_fail(t, at, E0611, NULL, "'%s' is %s at [%s], outside of its shape (%s)", name,
                write ? "written" : "read", interp_list(where, sizeof where, idx, m->ndim),
                interp_list(shape, sizeof shape, m->dim, m->ndim));
}

/* is no started gemm concerned with this element */
static bool element_lands(Task *t, Mem *m, const int64_t *idx, bool write, Span at)
{
    Place p = {.mem = m};
    for (int d = 0; d < m->ndim; d++) {
        p.off[d] = idx[d];
        p.ext[d] = 1;
    }
    return interp_flight_free(t, &p, write, false, at);
}

int64_t interp_locate(Task *t, const Bound *b, int buf, const Res *idx, Span at, bool write)
{
    Mem *m = b->mem;
    int64_t k = m->per * t->lead, where[MAXDIM];
    bool inside = true;
    for (int d = 0; d < m->ndim; d++) {
        if (idx[d].bad) {
            interp_poison(t, at, idx[d].bad, "index %d of '%s'", d,
                          t->m->code->use[buf].buf->name);
            return FAILED;
        }
        where[d] = idx[d].v.i;
        inside &= (uint64_t)where[d] < (uint64_t)m->dim[d];
        k += inside ? where[d] * m->stride[d] : 0;
    }
    if (t->m->failed) return FAILED;
    if (!inside) {
        if (m->guarded) return OUTSIDE;
        out_of_range(t, m, t->m->code->use[buf].buf->name, where, at, write);
        return FAILED;
    }
    if (m->busy && !element_lands(t, m, where, write, at)) return FAILED;
    return k;
}

static int64_t element(Task *t, const Bound *b, int buf, X *const *idx, Span at, bool write)
{
    Res where[MAXDIM];
    for (int d = 0; d < b->mem->ndim; d++) where[d] = interp_eval(t, idx[d]);
    return interp_locate(t, b, buf, where, at, write);
}

static void race(Task *t, const Mem *m, int64_t k, Span at, const char *what)
{
    char text[200];
    interp_fail(t, at, E0614, "iterations of T.Parallel run in any order", "%s %s",
                interp_element(m, k, text, sizeof text), what);
}

static Shadow *shadow_at(Task *t, Mem *m, int64_t k)
{
    Shadow *s = &m->shadow[k];
    if (s->nest != t->nest) *s = (Shadow){.nest = t->nest, .writer = -1, .reader = -1};
    return s;
}

static void watch_read(Task *t, Mem *m, int64_t k, Span at)
{
    Shadow *s = shadow_at(t, m, k);
    if (s->writer != -1 && s->writer != t->iter)
        race(t, m, k, at, "is written in one iteration and read in another");
    if (s->writer == -1) s->reader = s->reader == -1 || s->reader == t->iter ? t->iter : -2;
}

/* A variable of its own (T.alloc_var) is one a thread: several iterations may use it as scratch,
 * but nobody knows afterwards what it holds. */
static void watch_write(Task *t, Mem *m, int64_t k, Span at, Res new)
{
    Shadow *s = shadow_at(t, m, k);
    if (s->reader != -1 && s->reader != t->iter)
        race(t, m, k, at, "is read in one iteration and written in another");
    if (s->writer != -1 && s->writer != t->iter) {
        Res old = interp_load_element(m, k);
        bool differs = (old.bad != 0) != (new.bad != 0) ||
                       (!old.bad && memcmp(&old.v, &new.v, sizeof old.v) != 0);
        if (differs && m->space != SP_LOCAL)
            race(t, m, k, at, "gets different values in different iterations");
        s->mixed |= differs;
    }
    s->writer = t->iter;
}

/* ---- loads and stores ---- */

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
    Res none = {.bad = CLEAN};
    Bound *b = interp_bound(t, x->buf, x->span);
    if (!b) return none;
    int64_t k = element(t, b, x->buf, x->arg, x->span, false);
    if (k < 0) return none;
    if (x->watch && b->mem->shadow && t->nest) watch_read(t, b->mem, k, x->span);
    return interp_load_at(t, b->mem, k, x->span, x->spin);
}

/* poison may not go into a tensor that is passed in */
void interp_store_at(Task *t, Mem *m, int64_t k, Res r, Span at)
{
    char text[200];
    if (r.bad && m->space == SP_GLOBAL) {
        interp_poison(t, at, r.bad, "%s", interp_element(m, k, text, sizeof text));
        return;
    }
    if (m->stamp && !interp_stamp_write(t, m, k, 1, &r.v, at)) return;
    bool changes = true;
    if (t->m->code->waits) { /* who polls gets nowhere by storing the same again */
        Res old = interp_load_element(m, k);
        changes = old.bad != r.bad || memcmp(&old.v, &r.v, sizeof r.v) != 0;
    }
    t->m->changes += changes;
    interp_store_element(m, k, r);
}

void interp_store(Task *t, const Ins *ins)
{
    Span at = ins->stmt->span;
    Bound *b = interp_bound(t, ins->buf, at);
    if (!b) return;
    if (b->shared) {
        interp_fail(t, at, E0616, NULL, "'%s' is written while other roles read the same slot",
                    t->m->code->use[ins->buf].buf->name);
        return;
    }
    int64_t k = element(t, b, ins->buf, ins->idx, at, true);
    if (k < 0) return; /* nobody asks for a value that is not stored */
    Res r = interp_eval(t, ins->value);
    if (t->m->failed) return;
    if (ins->watch && b->mem->shadow && t->nest && !(r.bad && b->mem->space == SP_GLOBAL))
        watch_write(t, b->mem, k, at, r);
    interp_store_at(t, b->mem, k, r, at);
}

void interp_nest_end(Task *t, const Ins *ins)
{
    for (int i = 0; i < ins->nwatched; i++) {
        Mem *m = t->bound[ins->watched[i]].mem;
        for (int64_t k = 0; m && m->shadow && k < m->n; k++) {
            if (m->shadow[k].nest != t->nest || !m->shadow[k].mixed) continue;
            Res r = interp_load_element(m, k);
            r.bad = m->origin;
            interp_store_element(m, k, r);
        }
    }
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
    switch (x->kind) {
    case X_CONST: return (Res){x->value, CLEAN};
    case X_REG: return t->reg[x->reg];
    case X_LANE: return t->b->lane[x->reg * t->m->code->nthread + t->lead];
    case X_LOAD: return load(t, x);
    case X_SELECT: {
        Res c = interp_eval(t, x->arg[0]);
        return c.bad ? c : interp_eval(t, x->arg[c.v.i ? 1 : 2]);
    }
    case X_AND: {
        Res a = interp_eval(t, x->arg[0]);
        return a.bad || !a.v.i ? a : interp_eval(t, x->arg[1]);
    }
    case X_OR: {
        Res a = interp_eval(t, x->arg[0]);
        return a.bad || a.v.i ? a : interp_eval(t, x->arg[1]);
    }
    case X_FLOAT:
    case X_COMPARE:
    case X_INT:
    case X_U64:
    case X_CHECKED:
    case X_TO_FLOAT:
    case X_ROUND:
    case X_TO_INT:
    case X_WRAP:
    case X_BITS: return operation(t, x);
    case X_CALL: return one_call(t, x);
    case X_PLACE: break;
    }
    return (Res){.bad = CLEAN};
}
