/* The .def files as arrays, and the meaning of an element operation on constants. */
#include "tile/tile.h"
#include <math.h>
#include <string.h>

#define NONE NULL
const DTypeInfo dtype_info[NDTYPE] = {
    [DT_none] = {"none", 0, CLS_none, NULL, NULL, NULL},
#define DTYPE(id, bits, cls, c, cuda, tt) [DT_##id] = {#id, bits, CLS_##cls, c, cuda, tt},
#include "dtypes.def"
#undef DTYPE
};
const OpInfo op_info[NOP] = {
#define OP(id, n, rule, source, fold, numpy, domain, c, cuda, tt)                                  \
    [OP_##id] = {#id, n, RULE_##rule, source, numpy, domain, c, cuda, tt},
#include "ops.def"
#undef OP
};
const TileOpInfo tileop_info[NTILEOP] = {
#define TILEOP(id, operands, engine, help) [TO_##id] = {#id, operands, ENGINE_##engine, help},
#include "tileops.def"
#undef TILEOP
};
#undef NONE
const FnInfo fn_info[NFN] = {
#define CALL(id, args, result, level, help) [FN_##id] = {#id, args, result, LEVEL_##level, help},
#include "calls.def"
#undef CALL
};
const char *const role_name[NROLE] = {"reader", "compute", "writer"};
const char *const verb_name[NVERB] = {"acquire", "commit", "wait", "release"};

char fn_arg(Fn fn, int k)
{
    const char *a = fn_info[fn].args;
    while (*a == 's') a++; /* the text is no argument */
    for (; *a; a++) {
        if (a[1] == '*') return *a;
        if (k-- == 0) return *a;
        if (a[1] == '?') a++;
    }
    return 0;
}

/* ---- types ---- */

static const struct {
    const char *name;
    DType type;
} alias[] = {{"float", DT_float32},
             {"half", DT_float16},
             {"double", DT_float64},
             {"int", DT_int32},
             {"uint", DT_uint32},
             {"long", DT_int64},
             {"fp16", DT_float16},
             {"bf16", DT_bfloat16},
             {"fp32", DT_float32},
             {"f16", DT_float16},
             {"f32", DT_float32},
             {"f64", DT_float64},
             {"float8_e4m3", DT_float8_e4m3fn},
             {"e4m3_float8", DT_float8_e4m3fn},
             {"e5m2_float8", DT_float8_e5m2},
             {"boolean", DT_bool},
             {"short", DT_int16},
             {"ushort", DT_uint16},
             {"ulong", DT_uint64}};

DType dtype_named(const char *name)
{
    for (int t = 1; t < NDTYPE; t++)
        if (!strcmp(dtype_info[t].name, name)) return (DType)t;
    for (int i = 0; i < COUNT(alias); i++)
        if (!strcmp(alias[i].name, name)) return alias[i].type;
    return DT_none;
}

DType dtype_promote(DType a, DType b)
{
    if (a == b) return a;
    const DTypeInfo *x = &dtype_info[a], *y = &dtype_info[b];
    if (x->cls == CLS_B) return b;
    if (y->cls == CLS_B) return a;
    if ((x->cls == CLS_F) != (y->cls == CLS_F)) return x->cls == CLS_F ? a : b;
    if (x->bits != y->bits) return x->bits > y->bits ? a : b;
    if (x->cls == CLS_F) /* tf32 is fp32 with less; bf16 with fp16 gives fp16; fp8 meet in e4m3 */
        return x->bits == 32 ? DT_float32 : x->bits == 16 ? DT_float16 : DT_float8_e4m3fn;
    if (a == DT_handle || b == DT_handle) return DT_uint64; /* an address is a number */
    return x->cls == CLS_U ? a : b;
}

double dtype_round(DType t, double x)
{
    switch (t) {
    case DT_float4_e2m1fn: return e2m1_to(e2m1_from(x));
    case DT_float8_e8m0fnu: return e8m0_to(e8m0_from(x));
    case DT_float8_e4m3fn: return e4m3_to(e4m3_from(x));
    case DT_float8_e5m2: return e5m2_to(e5m2_from(x));
    case DT_tfloat32: return (double)tf32_from(x);
    case DT_float16: return f16_to(f16_from(x));
    case DT_bfloat16: return bf16_to(bf16_from(x));
    case DT_float32: return (double)(float)x;
    default: return x;
    }
}

int64_t dtype_wrap(DType t, int64_t v)
{
    const DTypeInfo *d = &dtype_info[t];
    if (d->cls == CLS_B) return v != 0;
    if (d->bits >= 64) return v;
    uint64_t mask = (1ull << d->bits) - 1, low = (uint64_t)v & mask;
    if (d->cls == CLS_I && (low >> (d->bits - 1))) low |= ~mask;
    return (int64_t)low;
}

/* ---- the meaning of operations; the arguments are named a, b, c in ops.def ---- */

static int64_t fold_floordiv(int64_t a, int64_t b)
{
    if (b == 0 || (b == -1 && a == INT64_MIN))
        return 0; /* callers report a division by zero before they come here */
    return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
}

static int64_t fold_floormod(int64_t a, int64_t b)
{
    return b == 0 || b == -1 ? 0 : a - fold_floordiv(a, b) * b;
}

#define fold_max(a, b)                                                                             \
    _Generic((a), double : fmax((double)(a), (double)(b)), default : ((a) > (b) ? (a) : (b)))
#define fold_min(a, b)                                                                             \
    _Generic((a), double : fmin((double)(a), (double)(b)), default : ((a) < (b) ? (a) : (b)))

double op_fold_f(Op op, double a, double b, double c)
{
    (void)b, (void)c;
    switch (op) {
#define ANY(e) (double)(e)
#define FLT(e) (e)
#define INT(e) 0
#define OP(id, n, rule, source, fold, numpy, domain, cc, cuda, tt)                                 \
    case OP_##id:                                                                                  \
        return fold;
#include "ops.def"
#undef OP
#undef ANY
#undef FLT
#undef INT
    default: return 0;
    }
}

/* two's complement: sums and products wrap instead of overflowing */
int64_t op_fold_i(Op op, int64_t a, int64_t b, int64_t c)
{
    switch (op) {
    case OP_add: return (int64_t)((uint64_t)a + (uint64_t)b);
    case OP_sub: return (int64_t)((uint64_t)a - (uint64_t)b);
    case OP_mul: return (int64_t)((uint64_t)a * (uint64_t)b);
    case OP_neg: return (int64_t)(0 - (uint64_t)a);
    case OP_abs: return a < 0 ? (int64_t)(0 - (uint64_t)a) : a;
    case OP_div: return b ? (int64_t)((uint64_t)a / (uint64_t)b) : 0; /* on unsigned only */
    default: break;
    }
    (void)c;
    switch (op) {
#define ANY(e) (int64_t)(e)
#define FLT(e) 0
#define INT(e) (e)
#define OP(id, n, rule, source, fold, numpy, domain, cc, cuda, tt)                                 \
    case OP_##id:                                                                                  \
        return fold;
#include "ops.def"
#undef OP
#undef ANY
#undef FLT
#undef INT
    default: return 0;
    }
}

/* what depends on the highest bit being a bit, not a sign; divisors are not 0, shifts below 64 */
static int64_t fold_unsigned(Op op, uint64_t a, uint64_t b, int64_t c)
{
    const uint64_t flip = 1ull << 63;
    switch (op) {
    case OP_div:
    case OP_floordiv: return (int64_t)(a / b);
    case OP_floormod: return (int64_t)(a % b);
    case OP_shr: return (int64_t)(a >> b);
    case OP_max: return (int64_t)(a > b ? a : b);
    case OP_min: return (int64_t)(a < b ? a : b);
    case OP_abs: return (int64_t)a;
    default: break;
    }
    if (op_info[op].rule == RULE_cmp)
        return op_fold_i(op, (int64_t)(a ^ flip), (int64_t)(b ^ flip), c);
    return op_fold_i(op, (int64_t)a, (int64_t)b, c);
}

int64_t op_fold_as(DType t, Op op, int64_t a, int64_t b, int64_t c)
{
    bool wide = dtype_info[t].cls == CLS_U && dtype_info[t].bits == 64;
    return wide ? fold_unsigned(op, (uint64_t)a, (uint64_t)b, c) : op_fold_i(op, a, b, c);
}
