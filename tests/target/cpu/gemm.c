/* gemm for the CPU. Compile with: cc -std=gnu11 -O3 -march=native -fwrapv -ffp-contract=off -fno-math-errno -fno-trapping-math -shared -fPIC */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define KILN static inline __attribute__((unused))
/* long functions that are often called: one copy is enough */
#define KILN_CALL static __attribute__((noinline, unused))

KILN uint32_t k_bits(float x) { uint32_t u; memcpy(&u, &x, sizeof u); return u; }
KILN float k_float(uint32_t u) { float x; memcpy(&x, &u, sizeof x); return x; }

typedef struct { uint16_t bits; } bf16_t;
KILN float bf16_to(bf16_t b) { return k_float((uint32_t)b.bits << 16); }
KILN bf16_t bf16_from(float x)
{
    uint32_t u = k_bits(x), r = (u + 0x7fff + (u >> 16 & 1)) >> 16;
    return (bf16_t){(uint16_t)((u & 0x7fffffff) > 0x7f800000 ? u >> 16 | 0x40 : r)};
}
KILN float bf16_round(float x) { return bf16_to(bf16_from(x)); }

/* 0 <= i < n */
KILN int k_in(int64_t i, int64_t n) { return (uint64_t)i < (uint64_t)n; }

/* how many of `want` places are there when `left` are left */
KILN int64_t k_room(int64_t left, int64_t want) { return left < 0 ? 0 : left < want ? left : want; }

/* n elements of which the first `have` exist; the others become 0 */
KILN void k_fetch_bf16(bf16_t *to, const bf16_t *from, int64_t have, int64_t n)
{
    if (have == n) {
        memcpy(to, from, (size_t)n * sizeof(bf16_t));
        return;
    }
    if (have)
        memcpy(to, from, (size_t)have * sizeof(bf16_t));
    memset(to + have, 0, (size_t)(n - have) * sizeof(bf16_t));
}

/* gcc's vectors, as wide as the machine's */
#ifdef __AVX512F__
enum { K_BYTES = 64 };
#elif defined __AVX__
enum { K_BYTES = 32 };
#else
enum { K_BYTES = 16 };
#endif

/* multiply and add in one instruction, in the functions marked so and nowhere else */
#ifdef __clang__
#define K_FUSE
#define K_FUSE_HERE _Pragma("clang fp contract(fast)")
#else
#define K_FUSE __attribute__((optimize("fp-contract=fast")))
#define K_FUSE_HERE
#endif

/* C (rows, cols) += A (rows, depth) B (depth, cols). A is at a[i * ai + k * ak]; B comes in panels
   of K_COLS columns, as k_panels makes them; K_ROWS rows of C by one panel stay in registers. */
enum { K_LANES_f32 = K_BYTES / sizeof(float), K_COLS_f32 = 2 * K_LANES_f32 };
enum { K_ROWS_f32 = K_BYTES == 64 ? 8 : 4, K_DEPTH_f32 = 256 };
typedef float k_vec_f32
    __attribute__((vector_size(K_BYTES), aligned(sizeof(float)), may_alias));
typedef struct { const float *at; int64_t i, k; } k_left_f32;

static inline __attribute__((always_inline)) K_FUSE void k_block_f32(
    const int rows, int64_t depth, k_left_f32 a, const float *b, float *c, int64_t ldc)
{
    K_FUSE_HERE
    k_vec_f32 sum[K_ROWS_f32][2];
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < 2; v++)
            sum[i][v] = *(const k_vec_f32 *)(c + i * ldc + v * K_LANES_f32);
    for (int64_t k = 0; k < depth; k++, b += K_COLS_f32)
        for (int i = 0; i < rows; i++)
            for (int v = 0; v < 2; v++)
                sum[i][v] += a.at[i * a.i + k * a.k] * *(const k_vec_f32 *)(b + v * K_LANES_f32);
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < 2; v++)
            *(k_vec_f32 *)(c + i * ldc + v * K_LANES_f32) = sum[i][v];
}
static K_FUSE __attribute__((noinline)) void k_blocks_f32(
    int64_t rows, int64_t depth, k_left_f32 a, const float *b, float *c, int64_t ldc)
{
    for (; rows >= K_ROWS_f32; rows -= K_ROWS_f32, a.at += K_ROWS_f32 * a.i, c += K_ROWS_f32 * ldc)
        k_block_f32(K_ROWS_f32, depth, a, b, c, ldc);
    for (; rows > 0; rows--, a.at += a.i, c += ldc)
        k_block_f32(1, depth, a, b, c, ldc);
}
/* the last columns, fewer than a panel has: in a block of full width beside C */
static __attribute__((noinline)) void k_edge_f32(
    int64_t rows, int64_t cols, int64_t depth, k_left_f32 a, const float *b, float *c, int64_t ldc)
{
    for (; rows > 0; rows -= K_ROWS_f32, a.at += K_ROWS_f32 * a.i, c += K_ROWS_f32 * ldc) {
        float beside[K_ROWS_f32][K_COLS_f32] = {{0}};
        int64_t n = rows < K_ROWS_f32 ? rows : K_ROWS_f32;
        for (int64_t i = 0; i < n; i++)
            memcpy(beside[i], c + i * ldc, (size_t)cols * sizeof(float));
        k_blocks_f32(n, depth, a, b, beside[0], K_COLS_f32);
        for (int64_t i = 0; i < n; i++)
            memcpy(c + i * ldc, beside[i], (size_t)cols * sizeof(float));
    }
}
KILN_CALL void k_gemm_f32(int64_t rows, int64_t cols, int64_t depth, const float *a, int64_t ai,
                          int64_t ak, const float *b, float *c, int64_t ldc)
{
    for (int64_t j = 0; j < cols; j += K_COLS_f32, b += depth * K_COLS_f32)
        for (int64_t k = 0; k < depth; k += K_DEPTH_f32) {
            int64_t some = depth - k < K_DEPTH_f32 ? depth - k : K_DEPTH_f32;
            k_left_f32 left = {a + k * ak, ai, ak};
            if (cols - j >= K_COLS_f32)
                k_blocks_f32(rows, some, left, b + k * K_COLS_f32, c + j, ldc);
            else
                k_edge_f32(rows, cols - j, some, left, b + k * K_COLS_f32, c + j, ldc);
        }
}

/* four rows of four as four columns, K_COLS apart */
typedef float k_four_f32
    __attribute__((vector_size(4 * sizeof(float)), aligned(sizeof(float)), may_alias));
KILN void k_turn_f32(float *to, const k_four_f32 r[4])
{
#if defined __clang__ || __GNUC__ >= 12
    k_four_f32 a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5);
    k_four_f32 b = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
    k_four_f32 c = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
    k_four_f32 d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
    *(k_four_f32 *)to = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    *(k_four_f32 *)(to + K_COLS_f32) = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    *(k_four_f32 *)(to + 2 * K_COLS_f32) = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    *(k_four_f32 *)(to + 3 * K_COLS_f32) = __builtin_shufflevector(b, d, 2, 3, 6, 7);
#else
    for (int j = 0; j < 4; j++, to += K_COLS_f32)
        for (int i = 0; i < 4; i++)
            to[i] = r[i][j];
#endif
}

KILN void k_four_bf16_f32(const bf16_t *x, k_four_f32 *r)
{
    float lane[4];
    for (int l = 0; l < 4; l++)
        lane[l] = bf16_to(x[l]);
    memcpy(r, lane, sizeof *r);
}
/* b[k * bk + j * bj] as panels of K_COLS columns, each (depth, K_COLS); the last one is filled up
   with zeros */
KILN_CALL void k_panels_bf16_f32(
    int64_t depth, int64_t cols, const bf16_t *b, int64_t bk, int64_t bj, float *to)
{
    for (int64_t j = 0; j < cols; j += K_COLS_f32, b += K_COLS_f32 * bj, to += depth * K_COLS_f32) {
        int64_t n = cols - j < K_COLS_f32 ? cols - j : K_COLS_f32, done = 0;
        if (n < K_COLS_f32)
            memset(to, 0, (size_t)(depth * K_COLS_f32) * sizeof(float));
        if (bj == 1) {
            for (int64_t k = 0; k < depth; k++)
                for (int64_t v = 0; v < n; v++)
                    to[k * K_COLS_f32 + v] = bf16_to(b[k * bk + v]);
            continue;
        }
        if (bk == 1 && n % 4 == 0) { /* rows of b are columns of the panel: four by four */
            done = depth / 4 * 4;
            for (int64_t v = 0; v < n; v += 4)
                for (int64_t k = 0; k < done; k += 4) {
                    k_four_f32 r[4];
                    for (int i = 0; i < 4; i++)
                        k_four_bf16_f32(b + (v + i) * bj + k, &r[i]);
                    k_turn_f32(to + k * K_COLS_f32 + v, r);
                }
        }
        for (int64_t k = done; k < depth; k++)
            for (int64_t v = 0; v < n; v++)
                to[k * K_COLS_f32 + v] = bf16_to(b[k * bk + v * bj]);
    }
}

/* rows of an element type as rows of float, one after the other */
KILN_CALL void k_rows_bf16_f32(
    int64_t rows, int64_t cols, const bf16_t *from, int64_t ld, float *to)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            to[i * cols + j] = bf16_to(from[i * ld + j]);
}

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

/* ---- gemm ---- */

typedef struct {
    const bf16_t *A; /* (40, 36) */
    const bf16_t *B; /* (36, 24) */
    float *C; /* (40, 24) */
} gemm_args;

typedef struct {
    _Alignas(64) bf16_t A_s[32][16];
    _Alignas(64) bf16_t B_s[16][16];
    _Alignas(64) float sums[32][16];
    _Alignas(64) float left_f32[512]; /* of gemm's operands */
    _Alignas(64) float right_f32[512]; /* of gemm's operands */
} gemm_0_tiles;

/* gemm_0: one block of grid (2, 2) */
static int gemm_0(const void *call, void *scratch, int64_t block)
{
    const gemm_args *args = call;
    const bf16_t *const A = args->A;
    const bf16_t *const B = args->B;
    float *const C = args->C;
    const int bx = (int)(block % 2);
    const int by = (int)(block / 2);
    gemm_0_tiles *my = scratch;

    /* compute */
    /* T.fill(sums, 0.0) */
    memset(my->sums, 0, sizeof my->sums);
    for (int k = 0; k < 3; k++) {
        /* reader */
        /* T.copy(A[by * 32:by * 32 + 32, k * 16:k * 16 + 16], A_s) */
        const int64_t A_have = k_room(36 - k * 16, 16);
        for (int i = 0; i < 32; i++)
            k_fetch_bf16(my->A_s[i], &A[(by * 32 + i) * 36 + k * 16], k_in(by * 32 + i, 40) ? A_have : 0, 16);
        /* T.copy(B[k * 16:k * 16 + 16, bx * 16:bx * 16 + 16], B_s) */
        const int64_t B_have = k_room(24 - bx * 16, 16);
        for (int i = 0; i < 16; i++)
            k_fetch_bf16(my->B_s[i], &B[(k * 16 + i) * 24 + bx * 16], k_in(k * 16 + i, 36) ? B_have : 0, 16);

        /* compute */
        /* T.gemm(A_s, B_s, sums) */
        k_rows_bf16_f32(32, 16, my->A_s[0], 16, my->left_f32);
        k_panels_bf16_f32(16, 16, my->B_s[0], 16, 1, my->right_f32);
        k_gemm_f32(32, 16, 16, my->left_f32, 16, 1, my->right_f32, my->sums[0], 16);
    }
    /* T.copy(sums, C[by * 32:by * 32 + 32, bx * 16:bx * 16 + 16]) */
    const int64_t C_have = k_room(24 - bx * 16, 16);
    for (int i = 0; i < 32; i++)
        if (k_in(by * 32 + i, 40))
            memcpy(&C[(by * 32 + i) * 24 + bx * 16], my->sums[i], (size_t)C_have * sizeof(float));
    return 0;
}

size_t gemm_workspace(const gemm_args *args)
{
    (void)args;
    return 0;
}

int gemm(const gemm_args *args, void *workspace, void *pool)
{
    (void)workspace;
    int bad = k_run(pool, 4, sizeof(gemm_0_tiles), gemm_0, args);
    return bad;
}

const char *gemm_error(int code)
{
    switch (code) {
    case -1: return "no memory for the tiles";
    case 0: return "no error";
    default: return "unknown error";
    }
}
