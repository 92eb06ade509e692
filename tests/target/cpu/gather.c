/* gather for the CPU. Compile with: cc -std=gnu11 -O3 -march=native -fwrapv -ffp-contract=off -fno-math-errno -fno-trapping-math -shared -fPIC */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define KILN static inline __attribute__((unused))
/* long functions that are often called: one copy is enough */
#define KILN_CALL static __attribute__((noinline, unused))

/* has the sign of b */
KILN int32_t k_floormod_i32(int32_t a, int32_t b)
{
    if (b == -1)
        return 0;
    int32_t r = a % b;
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

/* 0 <= i < n */
KILN int k_in(int64_t i, int64_t n) { return (uint64_t)i < (uint64_t)n; }

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

/* ---- gather ---- */

typedef struct {
    const float *X; /* (40, 32) */
    const int32_t *index; /* (20) */
    float *Y; /* (20, 32) */
    float *Z; /* (40, 32) */
} gather_args;

typedef struct {
    _Alignas(64) float rows[16][32];
} gather_0_tiles;

/* gather_0: one block of grid (2) */
static int gather_0(const void *call, void *scratch, int64_t block)
{
    const gather_args *args = call;
    const float *const X = args->X;
    const int32_t *const index = args->index;
    float *const Y = args->Y;
    const int b = (int)block;
    gather_0_tiles *my = scratch;

    /* reader */
    for (int i = 0; i < 16; i++) {
        const int at = (k_in(b * 16 + i, 20) ? index[b * 16 + i] : 0) - 3;
        for (int d = 0; d < 32; d++)
            my->rows[i][d] = k_in(at, 40) ? X[at * 32 + d] : 0;
    }

    /* writer */
    /* T.copy(rows, Y[b * 16:b * 16 + 16, 0:32]) */
    for (int i = 0; i < 16; i++)
        if (k_in(b * 16 + i, 20))
            memcpy(&Y[(b * 16 + i) * 32], my->rows[i], 32 * sizeof(float));
    return 0;
}

/* gather_1: one block of grid (1) */
static int gather_1(const void *call, void *scratch, int64_t block)
{
    const gather_args *args = call;
    const float *const X = args->X;
    const int32_t *const index = args->index;
    float *const Z = args->Z;
    (void)block;
    (void)scratch;

    /* compute */
    for (int i = 0; i < 40; i++)
        for (int d = 0; d < 32; d++)
            Z[i * 32 + d] = index[i % 20] > 2 ? X[k_floormod_i32(index[i % 20], 40) * 32 + d] : X[i * 32 + d];
    return 0;
}

size_t gather_workspace(const gather_args *args)
{
    (void)args;
    return 0;
}

int gather(const gather_args *args, void *workspace, void *pool)
{
    (void)workspace;
    int bad = k_run(pool, 2, sizeof(gather_0_tiles), gather_0, args);
    if (!bad)
        bad = k_run(pool, 1, 0, gather_1, args);
    return bad;
}

const char *gather_error(int code)
{
    switch (code) {
    case -1: return "no memory for the tiles";
    case 0: return "no error";
    default: return "unknown error";
    }
}
