/* What the emitted C leans on, in sections that begin with a comment "==== name: needs ====". The
   emitter copies the sections that a program uses, in this order. In a section written for
   `num_t`, each type in use gets its own copy: `num_t` becomes the type, `_num` in names its short
   name; `elem_t`, `_elem` and elem_value() are the same for elements in memory. There are no
   branches where gcc has to vectorise it. */

/* ==== base: ==== */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define KILN static inline __attribute__((unused))
/* long functions that are often called: one copy is enough */
#define KILN_CALL static __attribute__((noinline, unused))

/* ==== bits: base ==== */
KILN uint32_t k_bits(float x) { uint32_t u; memcpy(&u, &x, sizeof u); return u; }
KILN float k_float(uint32_t u) { float x; memcpy(&x, &u, sizeof x); return x; }

/* ==== bits64: base ==== */
KILN uint64_t k_bits64(double x) { uint64_t u; memcpy(&u, &x, sizeof u); return u; }
KILN double k_double(uint64_t u) { double x; memcpy(&x, &u, sizeof x); return x; }

/* ==== odd: bits bits64 ==== */
/* x as a float whose last bit says whether anything was cut off: rounding that to a narrow type is
   rounding x, once */
KILN float k_odd(double x)
{
    float f = (float)x;
    if (f == x || x != x)
        return f;
    uint32_t u = k_bits(f);
    return k_float((k_bits64(f) << 1 > k_bits64(x) << 1 ? u - 1 : u) | 1);
}

/* ==== f16: bits ==== */
typedef struct { uint16_t bits; } f16_t;
KILN float f16_to(f16_t h)
{
    uint32_t u = h.bits, v = k_bits(k_float((u & 0x7fff) << 13) * 0x1p112f);
    return k_float((v >= 0x47800000 ? v | 0x7f800000 : v) | (u & 0x8000) << 16);
}
KILN f16_t f16_from(float x)
{
    uint32_t u = k_bits(x), sign = u >> 16 & 0x8000;
    u &= 0x7fffffff;
    uint32_t small = k_bits(k_float(u) + 0.5f) - 0x3f000000; /* the adder rounds subnormals */
    uint32_t r = u < 0x38800000 ? small : (u - 0x38000000 + 0xfff + (u >> 13 & 1)) >> 13;
    r = u >= 0x47800000 ? 0x7c00 : r;
    r = u > 0x7f800000 ? 0x7e00 | (u >> 13 & 0x3ff) : r;
    return (f16_t){(uint16_t)(r | sign)};
}
KILN float f16_round(float x) { return f16_to(f16_from(x)); }

/* ==== bf16: bits ==== */
typedef struct { uint16_t bits; } bf16_t;
KILN float bf16_to(bf16_t b) { return k_float((uint32_t)b.bits << 16); }
KILN bf16_t bf16_from(float x)
{
    uint32_t u = k_bits(x), r = (u + 0x7fff + (u >> 16 & 1)) >> 16;
    return (bf16_t){(uint16_t)((u & 0x7fffffff) > 0x7f800000 ? u >> 16 | 0x40 : r)};
}
KILN float bf16_round(float x) { return bf16_to(bf16_from(x)); }

/* ==== e4m3: bits ==== */
typedef struct { uint8_t bits; } e4m3_t;
KILN float e4m3_to(e4m3_t b)
{
    uint32_t u = b.bits, v = k_bits(k_float((u & 0x7f) << 20) * 0x1p120f);
    return k_float(((u & 0x7f) == 0x7f ? 0x7fc00000 : v) | (u & 0x80) << 24);
}
KILN e4m3_t e4m3_from(float x)
{
    uint32_t u = k_bits(x), sign = u >> 24 & 0x80;
    u &= 0x7fffffff;
    uint32_t v = u < 0x43e00000 ? u : 0x43e00000; /* saturates at 448 */
    uint32_t small = k_bits(k_float(v) + 0x1p14f) - 0x46800000;
    uint32_t r = v < 0x3c800000 ? small : (v - 0x3c000000 + 0x7ffff + (v >> 20 & 1)) >> 20;
    return (e4m3_t){(uint8_t)((u > 0x7f800000 ? 0x7f : r) | sign)};
}
KILN float e4m3_round(float x) { return e4m3_to(e4m3_from(x)); }

/* ==== e5m2: bits ==== */
typedef struct { uint8_t bits; } e5m2_t;
KILN float e5m2_to(e5m2_t b)
{
    uint32_t u = b.bits, v = k_bits(k_float((u & 0x7f) << 21) * 0x1p112f);
    return k_float((v >= 0x47800000 ? v | 0x7f800000 : v) | (u & 0x80) << 24);
}
KILN e5m2_t e5m2_from(float x)
{
    uint32_t u = k_bits(x), sign = u >> 24 & 0x80;
    u &= 0x7fffffff;
    uint32_t v = u < 0x47600000 ? u : 0x47600000; /* saturates at 57344 */
    uint32_t small = k_bits(k_float(v) + 128.0f) - 0x43000000;
    uint32_t r = v < 0x38800000 ? small : (v - 0x38000000 + 0xfffff + (v >> 21 & 1)) >> 21;
    return (e5m2_t){(uint8_t)((u > 0x7f800000 ? 0x7e | (u >> 21 & 1) : r) | sign)};
}
/* what is an e5m2 already: an infinity stays one */
KILN e5m2_t e5m2_keep(float x)
{
    return x - x == 0 || x != x ? e5m2_from(x) : (e5m2_t){x < 0 ? 0xfc : 0x7c};
}
KILN float e5m2_round(float x) { return e5m2_to(e5m2_from(x)); }

/* ==== max-float: base ==== */
/* of a number and a NaN, the number */
KILN num_t k_max_num(num_t a, num_t b) { return a > b || b != b ? a : b; }

/* ==== min-float: base ==== */
KILN num_t k_min_num(num_t a, num_t b) { return a < b || b != b ? a : b; }

/* ==== max: base ==== */
KILN num_t k_max_num(num_t a, num_t b) { return a > b ? a : b; }

/* ==== min: base ==== */
KILN num_t k_min_num(num_t a, num_t b) { return a < b ? a : b; }

/* ==== abs-float: base ==== */
KILN num_t k_abs_num(num_t a) { return a < 0 ? -a : a; }

/* ==== abs: base ==== */
KILN num_t k_abs_num(num_t a) { return a < 0 ? -a : a; }

/* ==== abs-unsigned: base ==== */
KILN num_t k_abs_num(num_t a) { return a; }

/* ==== floordiv: base ==== */
/* rounds towards minus infinity */
KILN num_t k_floordiv_num(num_t a, num_t b)
{
    if (b == -1)
        return -a;              /* the machine's division overflows on the smallest number */
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* ==== floormod: base ==== */
/* has the sign of b */
KILN num_t k_floormod_num(num_t a, num_t b)
{
    if (b == -1)
        return 0;
    num_t r = a % b;
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

/* ==== floordiv-unsigned: base ==== */
KILN num_t k_floordiv_num(num_t a, num_t b) { return a / b; }

/* ==== floormod-unsigned: base ==== */
KILN num_t k_floormod_num(num_t a, num_t b) { return a % b; }

/* ==== exp-scale: bits ==== */
/* p 2^n, in two steps so that results below the normal numbers come out right; -300 <= n <= 300 */
KILN float k_scale(float p, int32_t n)
{
    int32_t half = n >> 1;
    return p * k_float((uint32_t)(half + 127) << 23) * k_float((uint32_t)(n - half + 127) << 23);
}

/* ==== exp2: exp-scale ==== */
/* 2^x to the last bit or two; written so that loops around it vectorise */
KILN float k_exp2_f32(float x)
{
    x = x < -160.0f ? -160.0f : x;
    x = x > 160.0f ? 160.0f : x;
    float whole = x + 0x1.8p23f;
    float r = x - (whole - 0x1.8p23f);
    float p = 1.534581242594868e-4f;
    p = p * r + 1.3399930903688073e-3f;
    p = p * r + 9.618489071726799e-3f;
    p = p * r + 5.550328642129898e-2f;
    p = p * r + 2.4022646248340607e-1f;
    p = p * r + 6.931471824645996e-1f;
    p = p * r + 1.0f;
    return k_scale(p, (int32_t)(k_bits(whole) - 0x4b400000));
}

/* ==== exp: exp-scale ==== */
/* e^x to the last bit or two; written so that loops around it vectorise */
KILN float k_exp_f32(float x)
{
    x = x < -110.0f ? -110.0f : x;
    x = x > 110.0f ? 110.0f : x;
    float whole = x * 1.44269504f + 0x1.8p23f, n = whole - 0x1.8p23f;
    float r = (x - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f; /* ln 2 in two parts: exact */
    float p = 1.3836845755577087e-3f;
    p = p * r + 8.374815806746483e-3f;
    p = p * r + 4.166822507977486e-2f;
    p = p * r + 1.6666419804096222e-1f;
    p = p * r + 4.9999991059303284e-1f;
    p = p * r * r + r + 1.0f;
    return k_scale(p, (int32_t)(k_bits(whole) - 0x4b400000));
}

/* ==== in: base ==== */
/* 0 <= i < n */
KILN int k_in(int64_t i, int64_t n) { return (uint64_t)i < (uint64_t)n; }

/* ==== room: base ==== */
/* how many of `want` places are there when `left` are left */
KILN int64_t k_room(int64_t left, int64_t want) { return left < 0 ? 0 : left < want ? left : want; }

/* ==== within: base ==== */
/* i where 0 <= i < n; else 0, and `fault` is told */
KILN int64_t k_within(int64_t i, int64_t n, int32_t *fault, int32_t code)
{
    if ((uint64_t)i < (uint64_t)n)
        return i;
    *fault = code;
    return 0;
}

/* ==== nonzero: base ==== */
/* x; for 0 it gives 1, and `fault` is told */
KILN num_t k_nonzero_num(num_t x, int32_t *fault, int32_t code)
{
    if (x)
        return x;
    *fault = code;
    return 1;
}

/* ==== atomic-add: base ==== */
KILN void k_atomic_add_elem(elem_t *at, elem_t v)
{
    elem_t was, now;
    __atomic_load(at, &was, __ATOMIC_RELAXED);
    do now = elem_back(elem_value(was) + elem_value(v));
    while (!__atomic_compare_exchange(at, &was, &now, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

/* ==== atomic-max: base ==== */
KILN void k_atomic_max_elem(elem_t *at, elem_t v)
{
    elem_t was;
    __atomic_load(at, &was, __ATOMIC_RELAXED);
    while (elem_value(was) < elem_value(v) &&
           !__atomic_compare_exchange(at, &was, &v, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) ;
}

/* ==== atomic-min: base ==== */
KILN void k_atomic_min_elem(elem_t *at, elem_t v)
{
    elem_t was;
    __atomic_load(at, &was, __ATOMIC_RELAXED);
    while (elem_value(v) < elem_value(was) &&
           !__atomic_compare_exchange(at, &was, &v, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) ;
}

/* ==== atomic-and: base ==== */
KILN void k_atomic_and_elem(elem_t *at, elem_t v) { __atomic_fetch_and(at, v, __ATOMIC_RELAXED); }

/* ==== atomic-or: base ==== */
KILN void k_atomic_or_elem(elem_t *at, elem_t v) { __atomic_fetch_or(at, v, __ATOMIC_RELAXED); }

/* ==== atomic-xor: base ==== */
KILN void k_atomic_xor_elem(elem_t *at, elem_t v) { __atomic_fetch_xor(at, v, __ATOMIC_RELAXED); }

/* ==== atomic-exch: base ==== */
KILN void k_atomic_exch_elem(elem_t *at, elem_t v) { __atomic_store(at, &v, __ATOMIC_RELAXED); }

/* ==== fetch: base ==== */
/* n elements of which the first `have` exist; the others become 0 */
KILN void k_fetch_elem(elem_t *to, const elem_t *from, int64_t have, int64_t n)
{
    if (have == n) {
        memcpy(to, from, (size_t)n * sizeof(elem_t));
        return;
    }
    if (have)
        memcpy(to, from, (size_t)have * sizeof(elem_t));
    memset(to + have, 0, (size_t)(n - have) * sizeof(elem_t));
}

/* ==== vec: base ==== */
/* gcc's vectors, as wide as the machine's */
#ifdef __AVX512F__
enum { K_BYTES = 64 };
#elif defined __AVX__
enum { K_BYTES = 32 };
#else
enum { K_BYTES = 16 };
#endif

/* ==== row: vec bits ==== */
typedef float k_row_t __attribute__((vector_size(K_BYTES)));
typedef int32_t k_mask_t __attribute__((vector_size(K_BYTES)));
enum { K_ROW = K_BYTES / sizeof(float) };
KILN k_row_t k_choose(k_mask_t mask, k_row_t a, k_row_t b)
{
    return (k_row_t)(((k_mask_t)a & mask) | ((k_mask_t)b & ~mask));
}

/* ==== row-of: row ==== */
KILN k_row_t k_row_of_elem(const elem_t *x)
{
    float lane[K_ROW];
    k_row_t r;
    for (int l = 0; l < K_ROW; l++)
        lane[l] = elem_value(x[l]);
    memcpy(&r, lane, sizeof r);
    return r;
}

/* ==== row-sum: row-of ==== */
KILN_CALL float k_row_sum_elem(const elem_t *x, int64_t n)
{
    int64_t whole = n / (2 * K_ROW) * (2 * K_ROW);
    k_row_t a = (k_row_t){0} + 0.0f, b = a;
    float r = 0.0f;
    for (int64_t i = 0; i < whole; i += 2 * K_ROW) {
        a += k_row_of_elem(x + i);
        b += k_row_of_elem(x + i + K_ROW);
    }
    for (int64_t i = whole; i < n; i++)
        r = r + elem_value(x[i]);
    for (int l = 0; l < K_ROW; l++)
        r = r + a[l] + b[l];
    return r;
}

/* ==== row-nan: base ==== */
/* what an extreme of x is when none was found: NaN where there is nothing but NaN */
KILN_CALL float k_row_nan_elem(const elem_t *x, int64_t n, float none)
{
    for (int64_t i = 0; i < n; i++)
        if (elem_value(x[i]) == elem_value(x[i]))
            return none;
    return NAN;
}

/* ==== row-max: row-of row-nan max-float.f32 ==== */
KILN_CALL float k_row_max_elem(const elem_t *x, int64_t n)
{
    int64_t whole = n / (2 * K_ROW) * (2 * K_ROW);
    k_row_t a = (k_row_t){0} + -INFINITY, b = a;
    float r = -INFINITY;
    for (int64_t i = 0; i < whole; i += 2 * K_ROW) {
        k_row_t p = k_row_of_elem(x + i), q = k_row_of_elem(x + i + K_ROW);
        a = k_choose(p > a, p, a);
        b = k_choose(q > b, q, b);
    }
    for (int64_t i = whole; i < n; i++)
        r = k_max_f32(r, elem_value(x[i]));
    for (int l = 0; l < K_ROW; l++)
        r = k_max_f32(r, k_max_f32(a[l], b[l]));
    return r > -INFINITY ? r : k_row_nan_elem(x, n, r);
}

/* ==== row-min: row-of row-nan min-float.f32 ==== */
KILN_CALL float k_row_min_elem(const elem_t *x, int64_t n)
{
    int64_t whole = n / (2 * K_ROW) * (2 * K_ROW);
    k_row_t a = (k_row_t){0} + INFINITY, b = a;
    float r = INFINITY;
    for (int64_t i = 0; i < whole; i += 2 * K_ROW) {
        k_row_t p = k_row_of_elem(x + i), q = k_row_of_elem(x + i + K_ROW);
        a = k_choose(p < a, p, a);
        b = k_choose(q < b, q, b);
    }
    for (int64_t i = whole; i < n; i++)
        r = k_min_f32(r, elem_value(x[i]));
    for (int l = 0; l < K_ROW; l++)
        r = k_min_f32(r, k_min_f32(a[l], b[l]));
    return r < INFINITY ? r : k_row_nan_elem(x, n, r);
}

/* ==== row-absmax: row-of row-nan max-float.f32 ==== */
KILN_CALL float k_row_absmax_elem(const elem_t *x, int64_t n)
{
    int64_t whole = n / (2 * K_ROW) * (2 * K_ROW);
    k_row_t a = (k_row_t){0} + -INFINITY, b = a;
    float r = -INFINITY;
    for (int64_t i = 0; i < whole; i += 2 * K_ROW) {
        k_row_t p = k_row_of_elem(x + i), q = k_row_of_elem(x + i + K_ROW);
        p = (k_row_t)((k_mask_t)p & 0x7fffffff);
        q = (k_row_t)((k_mask_t)q & 0x7fffffff);
        a = k_choose(p > a, p, a);
        b = k_choose(q > b, q, b);
    }
    for (int64_t i = whole; i < n; i++)
        r = k_max_f32(r, fabsf(elem_value(x[i])));
    for (int l = 0; l < K_ROW; l++)
        r = k_max_f32(r, k_max_f32(a[l], b[l]));
    return r >= 0 ? r : k_row_nan_elem(x, n, r);
}

/* ==== fuse: base ==== */
/* multiply and add in one instruction, in the functions marked so and nowhere else */
#ifdef __clang__
#define K_FUSE
#define K_FUSE_HERE _Pragma("clang fp contract(fast)")
#else
#define K_FUSE __attribute__((optimize("fp-contract=fast")))
#define K_FUSE_HERE
#endif

/* ==== gemm: fuse vec ==== */
/* C (rows, cols) += A (rows, depth) B (depth, cols). A is at a[i * ai + k * ak]; B comes in panels
   of K_COLS columns, as k_panels makes them; K_ROWS rows of C by one panel stay in registers. */
enum { K_LANES_num = K_BYTES / sizeof(num_t), K_COLS_num = 2 * K_LANES_num };
enum { K_ROWS_num = K_BYTES == 64 ? 8 : 4, K_DEPTH_num = 256 };
typedef num_t k_vec_num
    __attribute__((vector_size(K_BYTES), aligned(sizeof(num_t)), may_alias));
typedef struct { const num_t *at; int64_t i, k; } k_left_num;

static inline __attribute__((always_inline)) K_FUSE void k_block_num(
    const int rows, int64_t depth, k_left_num a, const num_t *b, num_t *c, int64_t ldc)
{
    K_FUSE_HERE
    k_vec_num sum[K_ROWS_num][2];
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < 2; v++)
            sum[i][v] = *(const k_vec_num *)(c + i * ldc + v * K_LANES_num);
    for (int64_t k = 0; k < depth; k++, b += K_COLS_num)
        for (int i = 0; i < rows; i++)
            for (int v = 0; v < 2; v++)
                sum[i][v] += a.at[i * a.i + k * a.k] * *(const k_vec_num *)(b + v * K_LANES_num);
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < 2; v++)
            *(k_vec_num *)(c + i * ldc + v * K_LANES_num) = sum[i][v];
}
static K_FUSE __attribute__((noinline)) void k_blocks_num(
    int64_t rows, int64_t depth, k_left_num a, const num_t *b, num_t *c, int64_t ldc)
{
    for (; rows >= K_ROWS_num; rows -= K_ROWS_num, a.at += K_ROWS_num * a.i, c += K_ROWS_num * ldc)
        k_block_num(K_ROWS_num, depth, a, b, c, ldc);
    for (; rows > 0; rows--, a.at += a.i, c += ldc)
        k_block_num(1, depth, a, b, c, ldc);
}
/* the last columns, fewer than a panel has: in a block of full width beside C */
static __attribute__((noinline)) void k_edge_num(
    int64_t rows, int64_t cols, int64_t depth, k_left_num a, const num_t *b, num_t *c, int64_t ldc)
{
    for (; rows > 0; rows -= K_ROWS_num, a.at += K_ROWS_num * a.i, c += K_ROWS_num * ldc) {
        num_t beside[K_ROWS_num][K_COLS_num] = {{0}};
        int64_t n = rows < K_ROWS_num ? rows : K_ROWS_num;
        for (int64_t i = 0; i < n; i++)
            memcpy(beside[i], c + i * ldc, (size_t)cols * sizeof(num_t));
        k_blocks_num(n, depth, a, b, beside[0], K_COLS_num);
        for (int64_t i = 0; i < n; i++)
            memcpy(c + i * ldc, beside[i], (size_t)cols * sizeof(num_t));
    }
}
KILN_CALL void k_gemm_num(int64_t rows, int64_t cols, int64_t depth, const num_t *a, int64_t ai,
                          int64_t ak, const num_t *b, num_t *c, int64_t ldc)
{
    for (int64_t j = 0; j < cols; j += K_COLS_num, b += depth * K_COLS_num)
        for (int64_t k = 0; k < depth; k += K_DEPTH_num) {
            int64_t some = depth - k < K_DEPTH_num ? depth - k : K_DEPTH_num;
            k_left_num left = {a + k * ak, ai, ak};
            if (cols - j >= K_COLS_num)
                k_blocks_num(rows, some, left, b + k * K_COLS_num, c + j, ldc);
            else
                k_edge_num(rows, cols - j, some, left, b + k * K_COLS_num, c + j, ldc);
        }
}

/* ==== turn: gemm ==== */
/* four rows of four as four columns, K_COLS apart */
typedef num_t k_four_num
    __attribute__((vector_size(4 * sizeof(num_t)), aligned(sizeof(num_t)), may_alias));
KILN void k_turn_num(num_t *to, const k_four_num r[4])
{
#if defined __clang__ || __GNUC__ >= 12
    k_four_num a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5);
    k_four_num b = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
    k_four_num c = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
    k_four_num d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
    *(k_four_num *)to = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    *(k_four_num *)(to + K_COLS_num) = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    *(k_four_num *)(to + 2 * K_COLS_num) = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    *(k_four_num *)(to + 3 * K_COLS_num) = __builtin_shufflevector(b, d, 2, 3, 6, 7);
#else
    for (int j = 0; j < 4; j++, to += K_COLS_num)
        for (int i = 0; i < 4; i++)
            to[i] = r[i][j];
#endif
}

/* ==== panels: turn ==== */
KILN void k_four_elem_num(const elem_t *x, k_four_num *r)
{
    num_t lane[4];
    for (int l = 0; l < 4; l++)
        lane[l] = elem_value(x[l]);
    memcpy(r, lane, sizeof *r);
}
/* b[k * bk + j * bj] as panels of K_COLS columns, each (depth, K_COLS); the last one is filled up
   with zeros */
KILN_CALL void k_panels_elem_num(
    int64_t depth, int64_t cols, const elem_t *b, int64_t bk, int64_t bj, num_t *to)
{
    for (int64_t j = 0; j < cols; j += K_COLS_num, b += K_COLS_num * bj, to += depth * K_COLS_num) {
        int64_t n = cols - j < K_COLS_num ? cols - j : K_COLS_num, done = 0;
        if (n < K_COLS_num)
            memset(to, 0, (size_t)(depth * K_COLS_num) * sizeof(num_t));
        if (bj == 1) {
            for (int64_t k = 0; k < depth; k++)
                for (int64_t v = 0; v < n; v++)
                    to[k * K_COLS_num + v] = elem_value(b[k * bk + v]);
            continue;
        }
        if (bk == 1 && n % 4 == 0) { /* rows of b are columns of the panel: four by four */
            done = depth / 4 * 4;
            for (int64_t v = 0; v < n; v += 4)
                for (int64_t k = 0; k < done; k += 4) {
                    k_four_num r[4];
                    for (int i = 0; i < 4; i++)
                        k_four_elem_num(b + (v + i) * bj + k, &r[i]);
                    k_turn_num(to + k * K_COLS_num + v, r);
                }
        }
        for (int64_t k = done; k < depth; k++)
            for (int64_t v = 0; v < n; v++)
                to[k * K_COLS_num + v] = elem_value(b[k * bk + v * bj]);
    }
}

/* ==== rows: base ==== */
/* rows of an element type as rows of num_t, one after the other */
KILN_CALL void k_rows_elem_num(
    int64_t rows, int64_t cols, const elem_t *from, int64_t ld, num_t *to)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            to[i * cols + j] = elem_value(from[i * ld + j]);
}

/* ==== run: base ==== */
/* Threads that a caller lends: `run` calls block(call, scratch, i) for i = 0 .. n - 1, in any order
   and at the same time, each with `bytes` of 64-byte aligned scratch of its own. It gives the first
   result that is not 0; -1: no memory. */
typedef int kiln_block(const void *call, void *scratch, int64_t at);
typedef struct kiln_pool kiln_pool;
struct kiln_pool {
    int (*run)(kiln_pool *pool, int64_t n, size_t bytes, kiln_block *block, const void *call);
};
KILN int k_run(void *pool, int64_t n, size_t bytes, kiln_block *block, const void *call)
{
    kiln_pool *threads = pool;
    if (threads)
        return threads->run(threads, n, bytes, block, call);
    void *scratch = aligned_alloc(64, bytes / 64 * 64 + 64);
    int bad = scratch ? 0 : -1;
    for (int64_t i = 0; i < n && !bad; i++)
        bad = block(call, scratch, i);
    free(scratch);
    return bad;
}

/* ==== place: base ==== */
KILN size_t k_larger(size_t a, size_t b)
{
    return a > b ? a : b;
}
/* the next 64-byte aligned place of a workspace */
KILN void *k_place(unsigned char *workspace, size_t *at, size_t bytes)
{
    size_t here = *at;
    *at += (bytes + 63) / 64 * 64;
    return workspace ? workspace + here : NULL;
}

/* ==== grid: base ==== */
KILN int64_t k_grid(int64_t x, int64_t y, int64_t z)
{
    return x > 0 && y > 0 && z > 0 ? x * y * z : 0;
}
