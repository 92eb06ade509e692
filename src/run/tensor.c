/* What devices share: the elements of a tensor as numbers, who uses one, the middle of several times. */
#include "run/run.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t tensor_bytes(const Tensor *t)
{
    size_t n = 1;
    for (int d = 0; d < t->ndim; d++) n *= (size_t)t->dim[d];
    int bits = dtype_info[t->type].bits;
    return bits < 8 ? (n * (size_t)bits + 7) / 8 : n * (size_t)dtype_bytes(t->type);
}

/* the place of an element; elements of less than a byte: the first in the lowest bits */
static uint8_t *place(const Tensor *t, int64_t at, int *shift)
{
    int64_t bits = dtype_info[t->type].bits, bit = at * bits;
    *shift = (int)(bit % 8);
    return (uint8_t *)t->data + bit / 8;
}

double tensor_get(const Tensor *t, int64_t at)
{
    int shift, bits = dtype_info[t->type].bits;
    const uint8_t *from = place(t, at, &shift);
    uint64_t code = 0;
    float single;
    double wide;
    memcpy(&code, from, (size_t)dtype_bytes(t->type)); /* the low bytes come first on every machine we run on */
    if (bits < 8) code = code >> shift & ((1u << bits) - 1);
    switch (t->type) {
    case DT_bool: return code != 0;
    case DT_float4_e2m1fn: return e2m1_to((uint8_t)code);
    case DT_float8_e8m0fnu: return e8m0_to((uint8_t)code);
    case DT_float8_e4m3fn: return e4m3_to((uint8_t)code);
    case DT_float8_e5m2: return e5m2_to((uint8_t)code);
    case DT_float16: return f16_to((uint16_t)code);
    case DT_bfloat16: return bf16_to((uint16_t)code);
    case DT_tfloat32:
    case DT_float32: memcpy(&single, from, sizeof single); return single;
    case DT_float64: memcpy(&wide, from, sizeof wide); return wide;
    default: return dtype_info[t->type].cls == CLS_U ? (double)code : (double)dtype_wrap(t->type, (int64_t)code);
    }
}

/* the integer nearest to zero, held within 64 bits; NaN gives 0 */
static int64_t whole(double v)
{
    if (isnan(v)) return 0;
    if (v >= 0x1p63) return v < 0x1p64 ? (int64_t)(uint64_t)v : INT64_MAX;
    return v < -0x1p63 ? INT64_MIN : (int64_t)v;
}

static uint64_t code_of(DType t, double v)
{
    uint64_t code = 0;
    float single = t == DT_tfloat32 ? tf32_from(v) : (float)v;
    switch (t) {
    case DT_bool: return v != 0;
    case DT_float4_e2m1fn: return e2m1_from(v);
    case DT_float8_e8m0fnu: return e8m0_from(v);
    case DT_float8_e4m3fn: return e4m3_from(v);
    case DT_float8_e5m2: return e5m2_from(v);
    case DT_float16: return f16_from(v);
    case DT_bfloat16: return bf16_from(v);
    case DT_tfloat32:
    case DT_float32: memcpy(&code, &single, sizeof single); return code;
    case DT_float64: memcpy(&code, &v, sizeof v); return code;
    default: return (uint64_t)whole(v);
    }
}

void tensor_set(const Tensor *t, int64_t at, double v)
{
    int shift, bits = dtype_info[t->type].bits;
    uint8_t *to = place(t, at, &shift);
    uint64_t code = code_of(t->type, v);
    if (bits < 8) {
        unsigned mask = ((1u << bits) - 1) << shift;
        code = (*to & ~mask) | ((unsigned)code << shift & mask);
    }
    memcpy(to, &code, (size_t)dtype_bytes(t->type));
}

/* floats narrower than float32 are passed as one; of an integer the low bytes come first on every machine we emit for */
size_t call_scalar(const Call *c, const Var *v, void *out)
{
    const Prog *p = c->prog;
    int64_t i = 0;
    double f = 0;
    for (int k = 0; k < p->nsize; k++)
        if (p->size[k] == v) i = c->size[k];
    for (int k = 0; k < p->nparam; k++)
        if (p->param[k].scalar == v) i = c->arg[k].i, f = c->arg[k].f;
    float single = (float)dtype_round(v->type, f);
    bool wide = v->type == DT_float64, real = dtype_is_float(v->type);
    int64_t wrapped = dtype_wrap(v->type, i);
    size_t n = wide ? sizeof f : real ? sizeof single : (size_t)dtype_bytes(v->type);
    memcpy(out, wide ? (void *)&f : real ? (void *)&single : (void *)&wrapped, n);
    return n;
}

static void note_access(Visitor *v, Stmt *s, Buf *b, bool write)
{
    BufUse *u = v->user;
    (void)s;
    if (b == u->buf) *(write ? &u->written : &u->read) = true;
}

static void note_load(Visitor *v, Expr *e)
{
    BufUse *u = v->user;
    if (e->kind == E_LOAD && e->buf == u->buf) u->read = true;
}

BufUse buf_use(const Prog *p, const Buf *b)
{
    BufUse u = {.buf = b};
    Visitor v = {.access = note_access, .expr = note_load, .user = &u};
    for (const Launch *l = p->launch; l; l = l->next) walk_stmts(&v, l->body);
    return u;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median(double *t, int n)
{
    qsort(t, (size_t)n, sizeof *t, ascending);
    return t[n / 2];
}

bool call_repeat(Call *c, bool (*once)(void *arg, double *seconds, Err *e), void *arg, Err *e)
{
    double *t = calloc((size_t)c->repeat, sizeof *t);
    bool ok = t || err_set(e, E0618, NULL, "no memory for the times");
    for (int i = 0; ok && i < c->repeat; i++) ok = once(arg, &t[i], e);
    if (ok) c->seconds = median(t, c->repeat);
    free(t);
    return ok;
}
