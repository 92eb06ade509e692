/* Drawn inputs. Every element is a function of (seed, number of the parameter, number of the
   element), made from the counter generator Philox 4x32-10, so that anybody can draw the same
   values again. What each SPEC means stands in `kiln run --help`. */
#include "cli.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t seed, stream;
    Class class;
    int bits;
    int64_t count, limit;
    double lo, hi;
} Draw;

/* Philox 4x32-10 with counter (i lo, i hi, stream, 0) and key (seed, 0): the first word */
static uint32_t word(const Draw *d, uint64_t i)
{
    uint32_t c[4] = {(uint32_t)i, (uint32_t)(i >> 32), d->stream, 0}, key[2] = {d->seed, 0};
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

static uint64_t two_words(const Draw *d, uint64_t i)
{
    return (uint64_t)word(d, 2 * i) << 32 | word(d, 2 * i + 1);
}

/* an integer in lo .. hi - 1 */
static int64_t below(const Draw *d, uint64_t i, int64_t lo, int64_t hi)
{
    uint64_t n = (uint64_t)hi - (uint64_t)lo;
    return (int64_t)((uint64_t)lo + (uint64_t)((unsigned __int128)two_words(d, i) * n >> 64));
}

/* ---- one element ------------------------------------------------------------------------- */

static double draw_normal(const Draw *d, int64_t i)
{
    if (d->class == BOOL) return word(d, (uint64_t)i) >> 31;
    double u = ((double)(word(d, (uint64_t)i) >> 9) + 0.5) * 0x1p-23,
           v = (double)word(d, (uint64_t)(d->count + i)) * 0x1p-32,
           x = sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
    if (is_real(d->class)) return x;
    double top = d->bits < 8 ? (1 << (d->class == SIGNED ? d->bits - 1 : d->bits)) - 1 : INFINITY;
    return fmin(fmax(rint(d->class == UNSIGNED ? fabs(3 * x) : 3 * x), -top - 1), top);
}

/* integers within -8 .. 8, and what fewer bits can hold */
static double draw_grid(const Draw *d, int64_t i)
{
    uint32_t w = word(d, (uint64_t)i);
    int few = d->bits < 8 ? d->bits : 4;
    switch (d->class) {
    case FLOAT: return ((double)(w >> 24) - 128) / 64;
    case BOOL: return w >> 31;
    case UNSIGNED: return w >> (32 - (few < 4 ? few : 4));
    default: break;
    }
    if (d->class == SIGNED && d->bits < 8) return (double)below(d, (uint64_t)i, -(1 << (few - 1)), 1 << (few - 1));
    int most = d->bits < 8 ? 4 : 8;
    return (double)below(d, (uint64_t)i, -most, most + 1);
}

static double draw_length(const Draw *d, int64_t i)
{
    return (double)below(d, (uint64_t)i, 0, d->limit + 1);
}

static double draw_range(const Draw *d, int64_t i)
{
    if (!is_real(d->class)) return (double)below(d, (uint64_t)i, (int64_t)ceil(d->lo), (int64_t)ceil(d->hi));
    double u = ((double)word(d, 2 * (uint64_t)i) + (double)word(d, 2 * (uint64_t)i + 1) * 0x1p-32) * 0x1p-32;
    return d->lo + u * (d->hi - d->lo);
}

/* ---- all together ------------------------------------------------------------------------ */

static void put(Value *v, int64_t at, int64_t x)
{
    kiln_set(v->param.dtype, v->arg.data, at, (double)x);
}

/* 0 .. n - 1 in a random order; only the first `take` places are settled */
static int64_t *shuffled(const Draw *d, int64_t n, int64_t take, uint64_t from)
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

static void fill_perm(Value *v, const Draw *d)
{
    int64_t *p = shuffled(d, v->count, v->count, 0);
    for (int64_t i = 0; i < v->count; i++) put(v, i, p[i]);
}

/* both ends are among the lengths, at two different places */
static void fill_ends(Value *v, const Draw *d)
{
    if (v->count < 2) return;
    int64_t a = below(d, 1u << 31, 0, v->count), b = below(d, (1u << 31) + 1, 0, v->count - 1);
    put(v, a, d->limit);
    put(v, b < a ? b : b + 1, 0);
}

static void fill_topk(Value *v, const Draw *d)
{
    int64_t n = v->arg.ndim ? v->arg.dim[v->arg.ndim - 1] : 1, most = n < d->limit ? n : d->limit;
    Draw rows = *d;
    rows.stream += 0x10000u;
    for (int64_t row = 0; n && row < v->count / n; row++) {
        int64_t given = row % 3 == 0 ? most : below(&rows, (uint64_t)row, 0, most + 1);
        int64_t *p = shuffled(d, d->limit, given, (uint64_t)(row * n));
        for (int64_t i = 0; i < n; i++) put(v, row * n + i, i < given ? p[i] : -1);
    }
}

/* ---- the SPEC ---------------------------------------------------------------------------- */

typedef enum { NORMAL, GRID, ZEROS, PERM, RAGGED, TOPK, RANGE, NSPEC } Spec;
static const struct {
    const char *name;
    int least, most; /* numbers in brackets */
    double (*draw)(const Draw *d, int64_t i);
    void (*fill)(Value *v, const Draw *d); /* after that */
} spec_info[NSPEC] = {
    [NORMAL] = {"normal", 0, 0, draw_normal, NULL}, [GRID] = {"grid", 0, 0, draw_grid, NULL},
    [ZEROS] = {"zeros", 0, 0, NULL, NULL},          [PERM] = {"perm", 0, 0, NULL, fill_perm},
    [RAGGED] = {"ragged", 0, 1, draw_length, fill_ends}, [TOPK] = {"topk", 0, 1, NULL, fill_topk},
    [RANGE] = {"range", 2, 2, draw_range, NULL},
};

/* "name", "name(a)" or "name(a,b)"; how many numbers there are, -1 when it is malformed */
static int numbers(const char *p, double at[2])
{
    if (!*p) return 0;
    for (int n = 0; n < 2 && *p++ == (n ? ',' : '('); n++) {
        char *end;
        at[n] = strtod(p, &end);
        if (end == p || at[n] != at[n]) return -1;
        p = end + strspn(end, " ");
        if (*p == ')') return p[1] ? -1 : n + 1;
    }
    return -1;
}

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

/* is x a value of the type, or, among drawn reals, near one: does it survive being stored */
static bool holds(const char *dtype, double x, bool near)
{
    double room[2] = {0};
    kiln_set(dtype, room, 0, x);
    double y = kiln_get(dtype, room, 0);
    return y == x || (near && isfinite(y) && fabs(y - x) <= 0.5 * fabs(x) + 1e-6);
}

/* what is wrong with it for this tensor, or NULL */
static const char *mistake(Spec i, const Value *v, Draw *d)
{
    bool real = is_real(d->class);
    if ((i == RAGGED || i == TOPK) && (d->limit < 0 || d->limit > INT32_MAX)) return "the limit must be between 0 and 2^31 - 1";
    if (i == TOPK && d->limit > 1 << 24) return "the limit of topk is at most 2^24";
    if (i == TOPK && d->class != SIGNED) return "its padding is -1, so it needs a signed integer type";
    if (i == RANGE && (!(d->lo < d->hi) || fabs(d->lo) > 0x1p53 || fabs(d->hi) > 0x1p53))
        return "lo must be below hi, both within 2^53";
    if (i == RANGE && !real && ceil(d->lo) >= ceil(d->hi)) return "there is no integer between lo and hi";
    double lo = 0, hi = 0;
    if (i == PERM) hi = v->count ? (double)(v->count - 1) : 0;
    if (i == RAGGED) hi = (double)d->limit;
    if (i == TOPK) hi = d->limit ? (double)(d->limit - 1) : 0;
    if (i == RANGE) lo = real ? d->lo : ceil(d->lo), hi = real ? d->hi : ceil(d->hi) - 1;
    bool near = real && i == RANGE;
    if (holds(v->param.dtype, lo, near) && holds(v->param.dtype, hi, near)) return NULL;
    return get_text("%s cannot hold the values from %.17g to %.17g", v->param.dtype, lo, hi);
}

bool spec_fill(const Options *o, const char *spec, Value *v, uint64_t seed, int index, int64_t limit)
{
    double at[2] = {0};
    int i = find(spec), n = i < 0 ? -1 : numbers(spec + strlen(spec_info[i].name), at);
    const char *why = NULL;
    if (n == 1) limit = fabs(at[0]) < 0x1p62 ? (int64_t)at[0] : -1;
    Draw d = {(uint32_t)seed, (uint32_t)index, class_of(v->param.dtype), kiln_dtype_bits(v->param.dtype), v->count, limit,
              at[0], at[1]};
    if (n < 0 || n < spec_info[i].least || n > spec_info[i].most)
        why = "a SPEC is one of normal, grid, zeros, perm, ragged, ragged(limit), topk, topk(limit), range(lo,hi)";
    else if (n == 1 && at[0] != floor(at[0]))
        why = "the limit must be an integer";
    else
        why = mistake((Spec)i, v, &d);
    if (why)
        return !complain(o, "E0701", "`kiln run --help` says what each SPEC means", "'%s' for '%s': %s", spec, v->param.name, why);
    for (int64_t k = 0; spec_info[i].draw && k < v->count; k++)
        kiln_set(v->param.dtype, v->arg.data, k, spec_info[i].draw(&d, k));
    if (spec_info[i].fill) spec_info[i].fill(v, &d);
    return true;
}
