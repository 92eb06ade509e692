/* Drawn inputs. Every element is a function of (seed, number of the parameter, number of the
   element), made from the counter generator Philox 4x32-10, so that anybody can draw the same
   values again. What each SPEC means stands in `kiln run --help`. */
#include "cli.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t seed, stream;
} Draw;

/* Philox 4x32-10 with counter (i lo, i hi, stream, 0) and key (seed, 0): the first word */
static uint32_t word(Draw d, uint64_t i)
{
    uint32_t c[4] = {(uint32_t)i, (uint32_t)(i >> 32), d.stream, 0}, key[2] = {d.seed, 0};
    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)0xD2511F53u * c[0], b = (uint64_t)0xCD9E8D57u * c[2];
        uint32_t next[4] = {(uint32_t)(b >> 32) ^ c[1] ^ key[0], (uint32_t)b,
                            (uint32_t)(a >> 32) ^ c[3] ^ key[1], (uint32_t)a};
        memcpy(c, next, sizeof c);
        key[0] += 0x9E3779B9u;
        key[1] += 0xBB67AE85u;
    }
    return c[0];
}

static double normal(Draw d, int64_t i, int64_t n)
{
    double u = ((double)(word(d, (uint64_t)i) >> 9) + 0.5) * 0x1p-23,
           v = (double)word(d, (uint64_t)(n + i)) * 0x1p-32;
    return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}

/* an integer in lo .. hi - 1 */
static int64_t below(Draw d, uint64_t i, int64_t lo, int64_t hi)
{
    uint64_t n = (uint64_t)hi - (uint64_t)lo;
    unsigned __int128 wide =
        (unsigned __int128)(((uint64_t)word(d, 2 * i) << 32) | word(d, 2 * i + 1)) * n;
    return (int64_t)((uint64_t)lo + (uint64_t)(wide >> 64));
}

typedef enum { FLOAT, FLOAT8, SIGNED, UNSIGNED, BOOL } Class;

static Class class_of(const char *dtype)
{
    return dtype[0] == 'b' && dtype[1] == 'o' ? BOOL
           : dtype[0] == 'u' || dtype[0] == 'h' ? UNSIGNED
           : dtype[0] == 'i'                  ? SIGNED
           : strncmp(dtype, "float8", 6) == 0 || strncmp(dtype, "float4", 6) == 0 ? FLOAT8
                                              : FLOAT;
}

/* integers within -8 .. 8, and what fewer bits can hold */
static double small(Class c, int bits, uint32_t w, Draw d, int64_t i)
{
    if (c == UNSIGNED) return w >> (32 - (bits < 4 ? bits : 4));
    if (c == SIGNED && bits < 8) return (double)below(d, (uint64_t)i, -(1 << (bits - 1)), 1 << (bits - 1));
    int most = bits < 8 ? 4 : 8;
    return (double)below(d, (uint64_t)i, -most, most + 1);
}

static void fill_normal(Value *v, Draw d)
{
    Class c = class_of(v->param.dtype);
    int bits = kiln_dtype_bits(v->param.dtype);
    double top = bits < 8 ? (1 << (c == SIGNED ? bits - 1 : bits)) - 1 : INFINITY;
    for (int64_t i = 0; i < v->count; i++) {
        double x = c == BOOL ? word(d, (uint64_t)i) >> 31 : normal(d, i, v->count);
        if (c == SIGNED || c == UNSIGNED) x = fmin(fmax(rint(c == UNSIGNED ? fabs(3 * x) : 3 * x), -top - 1), top);
        kiln_set(v->param.dtype, v->arg.data, i, x);
    }
}

static void fill_grid(Value *v, Draw d)
{
    Class c = class_of(v->param.dtype);
    int bits = kiln_dtype_bits(v->param.dtype);
    for (int64_t i = 0; i < v->count; i++) {
        uint32_t w = word(d, (uint64_t)i);
        kiln_set(v->param.dtype, v->arg.data, i,
                 c == FLOAT ? ((double)(w >> 24) - 128) / 64 : c == BOOL ? w >> 31 : small(c, bits, w, d, i));
    }
}

/* 0 .. n - 1 in a random order; only the first `take` places are settled */
static int64_t *shuffled(Draw d, int64_t n, int64_t take, uint64_t from)
{
    int64_t *p = get_memory((size_t)n * sizeof *p);
    for (int64_t i = 0; i < n; i++) p[i] = i;
    for (int64_t i = 0; i < take && i < n - 1; i++) {
        int64_t j = below(d, from + (uint64_t)i, i, n), t = p[i];
        p[i] = p[j];
        p[j] = t;
    }
    return p;
}

static void fill_perm(Value *v, Draw d)
{
    int64_t *p = shuffled(d, v->count, v->count, 0);
    for (int64_t i = 0; i < v->count; i++) kiln_set(v->param.dtype, v->arg.data, i, (double)p[i]);
}

static void fill_ragged(Value *v, Draw d, int64_t limit)
{
    for (int64_t i = 0; i < v->count; i++)
        kiln_set(v->param.dtype, v->arg.data, i, (double)below(d, (uint64_t)i, 0, limit + 1));
    if (v->count > 1) { /* both ends, at two different places */
        int64_t a = below(d, 1u << 31, 0, v->count), b = below(d, (1u << 31) + 1, 0, v->count - 1);
        kiln_set(v->param.dtype, v->arg.data, a, (double)limit);
        kiln_set(v->param.dtype, v->arg.data, b < a ? b : b + 1, 0);
    }
}

static void fill_topk(Value *v, Draw d, int64_t limit)
{
    int64_t n = v->arg.ndim ? v->arg.dim[v->arg.ndim - 1] : 1, most = n < limit ? n : limit;
    for (int64_t row = 0; n && row < v->count / n; row++) {
        Draw at = {d.seed, d.stream + 0x10000u};
        int64_t given = row % 3 == 0 ? most : below(at, (uint64_t)row, 0, most + 1);
        int64_t *p = shuffled(d, limit, given, (uint64_t)(row * n));
        for (int64_t i = 0; i < n; i++)
            kiln_set(v->param.dtype, v->arg.data, row * n + i, i < given ? (double)p[i] : -1);
    }
}

static void fill_range(Value *v, Draw d, double lo, double hi)
{
    Class c = class_of(v->param.dtype);
    for (int64_t i = 0; i < v->count; i++) {
        double u =
            ((double)word(d, 2 * (uint64_t)i) + (double)word(d, 2 * (uint64_t)i + 1) * 0x1p-32) *
            0x1p-32;
        kiln_set(v->param.dtype, v->arg.data, i,
                 c == FLOAT || c == FLOAT8
                     ? lo + u * (hi - lo)
                     : (double)below(d, (uint64_t)i, (int64_t)ceil(lo), (int64_t)ceil(hi)));
    }
}

/* "name", "name(a)" or "name(a,b)"; how many numbers there are, -1 when it is malformed */
static int numbers(const char *spec, size_t name, double at[2])
{
    const char *p = spec + name;
    if (!*p) return 0;
    if (*p++ != '(') return -1;
    for (int n = 0; n < 2; n++) {
        char *end;
        at[n] = strtod(p, &end);
        if (end == p || at[n] != at[n]) return -1;
        for (p = end; *p == ' '; p++)
            ;
        if (*p == ')') return p[1] ? -1 : n + 1;
        if (*p++ != ',') return -1;
    }
    return -1;
}

typedef enum { NORMAL, GRID, ZEROS, PERM, RAGGED, TOPK, RANGE, NSPEC } Spec;
static const struct {
    const char *name;
    int least, most;
} spec_info[NSPEC] = {
    [NORMAL] = {"normal", 0, 0}, [GRID] = {"grid", 0, 0},     [ZEROS] = {"zeros", 0, 0},
    [PERM] = {"perm", 0, 0},     [RAGGED] = {"ragged", 0, 1}, [TOPK] = {"topk", 0, 1},
    [RANGE] = {"range", 2, 2},
};

static int find(const char *spec)
{
    size_t n = strcspn(spec, "(");
    for (int i = 0; i < NSPEC; i++)
        if (strlen(spec_info[i].name) == n && strncmp(spec, spec_info[i].name, n) == 0) return i;
    return -1;
}

bool spec_known(const char *spec)
{
    return find(spec) >= 0;
}

static bool wrong(const Options *o, const Value *v, const char *spec, const char *why)
{
    return !complain(o, "E0701", "`kiln run --help` says what each SPEC means", "'%s' for '%s': %s", spec, v->param.name, why);
}

/* is x a value of the type, or near one: does it survive being stored */
static bool holds(const char *dtype, double x)
{
    double room[2] = {0};
    kiln_set(dtype, room, 0, x);
    double y = kiln_get(dtype, room, 0);
    Class c = class_of(dtype);
    return c == FLOAT || c == FLOAT8 ? isfinite(y) && fabs(y - x) <= 0.5 * fabs(x) + 1e-6 : y == x;
}

/* every value that the SPEC may draw is one of the type */
static bool type_holds(const Options *o, const char *spec, const Value *v, Spec i, const double at[2], int64_t limit)
{
    const char *dtype = v->param.dtype;
    Class c = class_of(dtype);
    bool real = c == FLOAT || c == FLOAT8;
    double lo = 0, hi = 0;
    if (i == PERM) hi = v->count ? (double)(v->count - 1) : 0;
    if (i == RAGGED) hi = (double)limit;
    if (i == TOPK) hi = limit ? (double)(limit - 1) : 0;
    if (i == RANGE) lo = real ? at[0] : ceil(at[0]), hi = real ? at[1] : ceil(at[1]) - 1;
    bool exact = i == PERM || i == RAGGED || i == TOPK;
    double room[2] = {0};
    kiln_set(dtype, room, 0, hi);
    bool ok = holds(dtype, lo) && holds(dtype, hi) && !(exact && kiln_get(dtype, room, 0) != hi);
    return ok || wrong(o, v, spec, get_text("%s cannot hold the values from %.17g to %.17g", dtype, lo, hi));
}

bool spec_fill(const Options *o, const char *spec, Value *v, uint64_t seed, int index,
               int64_t limit)
{
    double at[2] = {0};
    int i = find(spec), n = i < 0 ? -1 : numbers(spec, strlen(spec_info[i].name), at);
    if (n < 0 || n < spec_info[i].least || n > spec_info[i].most)
        return wrong(o, v, spec,
                      "a SPEC is one of normal, grid, zeros, perm, ragged, ragged(limit), topk, "
                      "topk(limit), range(lo,hi)");
    Class c = class_of(v->param.dtype);
    if (n == 1) limit = fabs(at[0]) < 0x1p62 ? (int64_t)at[0] : -1;
    if (n == 1 && at[0] != floor(at[0])) return wrong(o, v, spec, "the limit must be an integer");
    if ((i == RAGGED || i == TOPK) && (limit < 0 || limit > INT32_MAX))
        return wrong(o, v, spec, "the limit must be between 0 and 2^31 - 1");
    if (i == TOPK && limit > 1 << 24) return wrong(o, v, spec, "the limit of topk is at most 2^24");
    if (i == TOPK && c != SIGNED)
        return wrong(o, v, spec, "its padding is -1, so it needs a signed integer type");
    if (i == RANGE && (!(at[0] < at[1]) || fabs(at[0]) > 0x1p53 || fabs(at[1]) > 0x1p53))
        return wrong(o, v, spec, "lo must be below hi, both within 2^53");
    if (i == RANGE && c != FLOAT && c != FLOAT8 && ceil(at[0]) >= ceil(at[1]))
        return wrong(o, v, spec, "there is no integer between lo and hi");
    if (!type_holds(o, spec, v, (Spec)i, at, limit)) return false;
    Draw d = {(uint32_t)seed, (uint32_t)index};
    switch ((Spec)i) {
    case NORMAL: fill_normal(v, d); break;
    case GRID: fill_grid(v, d); break;
    case PERM: fill_perm(v, d); break;
    case RAGGED: fill_ragged(v, d, limit); break;
    case TOPK: fill_topk(v, d, limit); break;
    case RANGE: fill_range(v, d, at[0], at[1]); break;
    default: break; /* zeros: memory is */
    }
    return true;
}
