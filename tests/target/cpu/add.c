/* add for the CPU. Compile with: cc -std=gnu11 -O3 -march=native -fwrapv -ffp-contract=off -fno-math-errno -fno-trapping-math -shared -fPIC */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define KILN static inline __attribute__((unused))
/* long functions that are often called: one copy is enough */
#define KILN_CALL static __attribute__((noinline, unused))

/* how many of `want` places are there when `left` are left */
KILN int64_t k_room(int64_t left, int64_t want) { return left < 0 ? 0 : left < want ? left : want; }

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

/* ---- add ---- */

typedef struct {
    const float *A; /* (100, 70) */
    const float *B; /* (100, 70) */
    float *C; /* (100, 70) */
} add_args;

/* add_0: one block of grid (2, 4) */
static int add_0(const void *call, void *scratch, int64_t block)
{
    const add_args *args = call;
    const float *const A = args->A;
    const float *const B = args->B;
    float *const C = args->C;
    const int bx = (int)(block % 2);
    const int by = (int)(block / 2);
    (void)scratch;

    /* compute */
    for (int i = 0, i_end = (int)k_room(100 - by * 32, 32); i < i_end; i++)
        for (int j = 0, j_end = (int)k_room(70 - bx * 64, 64); j < j_end; j++)
            C[(by * 32 + i) * 70 + bx * 64 + j] = A[(by * 32 + i) * 70 + bx * 64 + j] + B[(by * 32 + i) * 70 + bx * 64 + j];
    return 0;
}

size_t add_workspace(const add_args *args)
{
    (void)args;
    return 0;
}

int add(const add_args *args, void *workspace, void *pool)
{
    (void)workspace;
    int bad = k_run(pool, 8, 0, add_0, args);
    return bad;
}

const char *add_error(int code)
{
    switch (code) {
    case -1: return "no memory for the tiles";
    case 0: return "no error";
    default: return "unknown error";
    }
}
