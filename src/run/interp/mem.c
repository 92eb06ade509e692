/* The memory of buffers: where their elements lie, what they hold, which are poison.

   Tensors are used where they lie, in their own format; so are tiles that have views of another
   type. All other tiles hold values. Elements of less than a byte are packed, the first in the
   lowest bits. Poison is noted for each element, or for each byte where elements of several widths
   share the memory. */
#include "run/interp/interp.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const int64_t MEMORY_LIMIT = 8ll << 30; /* bytes of values in tiles and temporaries */
static const int64_t STAMP_LIMIT = 1 << 25;    /* races on larger tensors are not looked for */

void *interp_memory(Machine *m, Arena *a, int64_t n, size_t size, const char *name)
{
    int64_t bytes;
    if (n < 0 || __builtin_mul_overflow(n, (int64_t)size, &bytes) ||
        bytes > MEMORY_LIMIT - m->memory) {
        interp_refuse(
            m, "run smaller sizes",
            "'%s' needs more memory than the interpreter may use (%lld MiB for all tiles)", name,
            (long long)(MEMORY_LIMIT >> 20));
        return NULL;
    }
    m->memory += bytes;
    return arena_alloc(a, (size_t)bytes);
}

/* ---- elements in a row ---- */

#define EACH_TYPE(ROW)                                                                             \
    ROW(DT_bool, uint8_t, i, x != 0, (uint8_t)(v != 0))                                            \
    ROW(DT_int8, int8_t, i, x, (int8_t)v)                                                          \
    ROW(DT_int16, int16_t, i, x, (int16_t)v)                                                       \
    ROW(DT_int32, int32_t, i, x, (int32_t)v)                                                       \
    ROW(DT_int64, int64_t, i, x, v)                                                                \
    ROW(DT_uint8, uint8_t, i, x, (uint8_t)v)                                                       \
    ROW(DT_uint16, uint16_t, i, x, (uint16_t)v)                                                    \
    ROW(DT_uint32, uint32_t, i, x, (uint32_t)v)                                                    \
    ROW(DT_uint64, uint64_t, i, (int64_t)x, (uint64_t)v)                                           \
    ROW(DT_handle, uint64_t, i, (int64_t)x, (uint64_t)v)                                           \
    ROW(DT_float8_e8m0fnu, uint8_t, f, e8m0_to(x), e8m0_from(v))                                   \
    ROW(DT_float8_e4m3fn, uint8_t, f, e4m3_to(x), e4m3_from(v))                                    \
    ROW(DT_float8_e5m2, uint8_t, f, e5m2_to(x), e5m2_exact(v))                                     \
    ROW(DT_float16, uint16_t, f, f16_to(x), f16_from(v))                                           \
    ROW(DT_bfloat16, uint16_t, f, bf16_to(x), bf16_from(v))                                        \
    ROW(DT_tfloat32, float, f, x, (float)v)                                                        \
    ROW(DT_float32, float, f, x, (float)v)                                                         \
    ROW(DT_float64, double, f, x, v)

/* values in a tile are rounded already; an infinity that was loaded is stored again, not saturated
 */
static uint8_t e5m2_exact(double v)
{
    return isinf(v) ? v < 0 ? 0xfc : 0x7c : e5m2_from(v);
}

static void load_packed(const Mem *m, int64_t at, int64_t n, Val *out)
{
    int bits = dtype_info[m->type].bits;
    for (int64_t k = 0; k < n; k++) {
        int64_t bit = (at + k) * bits;
        int code = ((const uint8_t *)m->raw)[bit / 8] >> bit % 8 & ((1 << bits) - 1);
        if (m->type == DT_float4_e2m1fn)
            out[k].f = e2m1_to((uint8_t)code);
        else
            out[k].i = dtype_wrap(m->type, code);
    }
}

static void store_packed(const Mem *m, int64_t at, int64_t n, const Val *in)
{
    int bits = dtype_info[m->type].bits, mask = (1 << bits) - 1;
    for (int64_t k = 0; k < n; k++) {
        int64_t bit = (at + k) * bits;
        uint8_t *to = (uint8_t *)m->raw + bit / 8;
        int code = m->type == DT_float4_e2m1fn ? e2m1_from(in[k].f) : (int)(in[k].i & mask);
        *to = (uint8_t)((*to & ~(mask << bit % 8)) | code << bit % 8);
    }
}

void interp_load_run(const Mem *m, int64_t at, int64_t n, Val *out)
{
    switch (m->type) {
#define ROW(id, T, member, get, put)                                                               \
    case id:                                                                                       \
        for (int64_t k = 0; k < n; k++) {                                                          \
            T x = ((const T *)m->raw)[at + k];                                                     \
            out[k].member = get;                                                                   \
        }                                                                                          \
        break;
        EACH_TYPE(ROW)
#undef ROW
    default: load_packed(m, at, n, out); break;
    }
}

void interp_store_run(const Mem *m, int64_t at, int64_t n, const Val *in)
{
    switch (m->type) {
#define ROW(id, T, member, get, put)                                                               \
    case id:                                                                                       \
        for (int64_t k = 0; k < n; k++) {                                                          \
            __typeof__(in[k].member) v = in[k].member;                                             \
            ((T *)m->raw)[at + k] = put;                                                           \
        }                                                                                          \
        break;
        EACH_TYPE(ROW)
#undef ROW
    default: store_packed(m, at, n, in); break;
    }
}

/* ---- one element ---- */

/* the marks of element k: one, or one for each byte */
static uint8_t *marks_of(const Mem *m, int64_t k, int64_t *n)
{
    int bits = m->fine ? dtype_info[m->type].bits : 8;
    *n = MAX(bits / 8, 1);
    return m->bad + k * bits / 8;
}

Res interp_load_element(const Mem *m, int64_t at)
{
    Res r = {.bad = CLEAN};
    int64_t n = 0;
    const uint8_t *bad = m->bad ? marks_of(m, at, &n) : NULL;
    for (int64_t k = 0; k < n; k++) r.bad = MAX(r.bad, bad[k]);
    if (m->raw)
        interp_load_run(m, at, 1, &r.v);
    else
        r.v = m->v[at];
    return r;
}

void interp_store_element(Mem *m, int64_t at, Res r)
{
    int64_t n = 0;
    uint8_t *bad = m->bad ? marks_of(m, at, &n) : NULL;
    for (int64_t k = 0; k < n; k++) bad[k] = (uint8_t)r.bad;
    if (m->raw)
        interp_store_run(m, at, 1, &r.v);
    else
        m->v[at] = r.v;
}

/* the dimension with the longest stride among those not yet taken */
static int next_dim(const Mem *m, unsigned taken)
{
    int best = -1;
    for (int d = 0; d < m->ndim; d++)
        if (!(taken >> d & 1) && (best < 0 || m->stride[d] > m->stride[best])) best = d;
    return best;
}

char *interp_element(const Mem *m, int64_t k, char *out, size_t size)
{
    int64_t idx[MAXDIM] = {0};
    char where[160], thread[40] = "";
    if (m->per) {
        snprintf(thread, sizeof thread, " of thread %lld", (long long)(k / m->per));
        k %= m->per;
    }
    unsigned taken = 0;
    for (int i = 0; i < m->ndim; i++) {
        int d = next_dim(m, taken);
        taken |= 1u << d;
        if (m->stride[d] <= 0) continue;
        idx[d] = k / m->stride[d];
        k %= m->stride[d];
    }
    snprintf(out, size, "'%s' at [%s]%s", m->name, interp_list(where, sizeof where, idx, m->ndim),
             thread);
    return out;
}

/* ---- making it ---- */

static bool make_shape(Machine *m, Mem *mem)
{
    mem->n = 1;
    for (int d = mem->ndim - 1; d >= 0; d--) {
        mem->stride[d] = mem->n;
        if (mem->dim[d] < 0 || __builtin_mul_overflow(mem->n, mem->dim[d], &mem->n))
            return interp_refuse(m, NULL, "dimension %d of '%s' is %lld", d, mem->name,
                                 (long long)mem->dim[d]);
    }
    return true;
}

static uint8_t origin_of(Machine *m, const char *name)
{
    for (int i = BAD_BUFFER; i < m->norigin; i++)
        if (!strcmp(m->origin[i], name)) return (uint8_t)i;
    if (m->norigin == BAD_LAST) return BAD_LAST;
    m->origin[m->norigin] = name;
    return (uint8_t)m->norigin++;
}

/* how many marks of poison n elements have */
static int64_t marks(const Mem *m, int64_t n)
{
    return m->fine ? (n * dtype_info[m->type].bits + 7) / 8 : n;
}

void interp_forget(Mem *m, int thread)
{
    bool zero = m->space == SP_LOCAL && !m->ndim;
    int64_t from = thread < 0 ? 0 : m->per * thread;
    int64_t n = thread < 0 && m->per ? m->per * m->copies : m->n;
    if (m->bar)
        for (int64_t k = 0; k < n; k++) interp_open_bar(&m->bar[k], m->bar[k].expected);
    if (m->bad) memset(m->bad + marks(m, from), zero ? CLEAN : m->origin, (size_t)marks(m, n));
    for (int64_t k = from; zero && k < from + n; k++)
        interp_store_element(m, k, (Res){.bad = CLEAN});
}

/* strides that the program gives; the memory ends with its last element */
static bool own_strides(Machine *m, Mem *mem, const Buf *b)
{
    int64_t last = 0;
    bool empty = false;
    for (int d = 0; d < b->ndim; d++) {
        int64_t far;
        if (!bind_eval(b->stride[d], m->prog, m->call->arg, m->call->size, &mem->stride[d]) ||
            mem->stride[d] < 0 ||
            __builtin_mul_overflow(mem->stride[d], MAX(mem->dim[d] - 1, 0), &far) ||
            __builtin_add_overflow(last, far, &last))
            return interp_refuse(m, NULL, "stride %d of '%s' is negative, too large or unknown", d,
                                 mem->name);
        empty |= mem->dim[d] == 0;
    }
    mem->n = empty ? 0 : last + 1;
    return true;
}

bool interp_open_tensor(Machine *m, Mem *mem, const Buf *b, void *data, bool poison)
{
    mem->guarded = true;
    mem->stamp_bits = dtype_info[b->type].bits;
    if (!make_shape(m, mem) || (b->stride[0] && !own_strides(m, mem, b))) return false;
    mem->raw = data;
    mem->copies = 1;
    if (!data)
        mem->raw = interp_memory(m, &m->all, (mem->n * mem->stamp_bits + 7) / 8, 1, b->name);
    if (!poison) return !m->failed;
    mem->fine = interp_retyped(m->prog, b);
    mem->bad = interp_memory(m, &m->all, marks(mem, mem->n), 1, b->name);
    if (m->failed) return false;
    mem->origin = origin_of(m, b->name);
    interp_forget(mem, -1);
    return true;
}

static bool open_values(Machine *m, Mem *mem, const Use *use, int64_t n)
{
    if (use->bytes) {
        mem->raw = interp_memory(m, &m->one, (n * mem->stamp_bits + 7) / 8, 1, mem->name);
        mem->fine = true;
    } else {
        mem->v = interp_memory(m, &m->one, n, sizeof(Val), mem->name);
    }
    mem->bad = interp_memory(m, &m->one, marks(mem, n), 1, mem->name);
    return !m->failed;
}

bool interp_open_tile(Machine *m, Mem *mem, const Use *use, bool stamped)
{
    int nthread = m->code->nthread;
    mem->stamp_bits = dtype_info[mem->type].bits;
    if (!make_shape(m, mem)) return false;
    if (use->each && nthread > 1) mem->per = (mem->n + 7) / 8 * 8;
    mem->copies = mem->per ? nthread : 1;
    int64_t n = mem->per ? mem->per * nthread : mem->n;
    if (mem->space == SP_BARRIER) {
        mem->bar = interp_memory(m, &m->one, n, sizeof(Bar), mem->name);
        return !m->failed;
    }
    if (!open_values(m, mem, use, n)) return false;
    if (use->watched && !mem->per)
        mem->shadow = interp_memory(m, &m->one, n, sizeof(Shadow), mem->name);
    if (stamped && !mem->per && n <= STAMP_LIMIT)
        mem->stamp = interp_memory(m, &m->one, n, sizeof(Stamp), mem->name);
    if (m->failed) return false;
    mem->origin = origin_of(m, mem->name);
    interp_forget(mem, -1);
    return true;
}

bool interp_view(Machine *m, Mem *mem, const Mem *of)
{
    if (!make_shape(m, mem)) return false;
    int64_t bits = dtype_info[mem->type].bits, from = dtype_info[of->type].bits;
    if (mem->n * bits > of->n * from)
        return interp_refuse(m, NULL, "'%s' is a view of '%s', which is smaller", mem->name,
                             of->name);
    mem->per = of->per * from / bits;
    mem->copies = of->copies;
    mem->guarded = of->guarded;
    mem->raw = of->raw;
    mem->v = of->v;
    mem->bad = of->bad;
    mem->fine = of->fine;
    mem->origin = of->origin;
    mem->stamp = of->stamp;
    mem->stamp_bits = of->stamp_bits;
    return true;
}
