/* fault for the CPU. Compile with: cc -std=gnu11 -O3 -march=native -fwrapv -ffp-contract=off -fno-math-errno -fno-trapping-math -shared -fPIC */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define KILN static inline __attribute__((unused))
/* long functions that are often called: one copy is enough */
#define KILN_CALL static __attribute__((noinline, unused))

/* rounds towards minus infinity */
KILN int32_t k_floordiv_i32(int32_t a, int32_t b)
{
    if (b == -1)
        return -a;              /* the machine's division overflows on the smallest number */
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* i where 0 <= i < n; else 0, and `fault` is told */
KILN int64_t k_within(int64_t i, int64_t n, int32_t *fault, int32_t code)
{
    if ((uint64_t)i < (uint64_t)n)
        return i;
    *fault = code;
    return 0;
}

/* x; for 0 it gives 1, and `fault` is told */
KILN int32_t k_nonzero_i32(int32_t x, int32_t *fault, int32_t code)
{
    if (x)
        return x;
    *fault = code;
    return 1;
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

/* ---- fault ---- */

typedef struct {
    const int32_t *index; /* (n) */
    int32_t *out; /* (n) */
    int n;
} fault_kernel_args;

typedef struct {
    _Alignas(64) int32_t x[16];
} fault_kernel_0_tiles;

/* fault_0: one block of grid (1) */
static int fault_kernel_0(const void *call, void *scratch, int64_t block)
{
    const fault_kernel_args *args = call;
    const int n = args->n;
    const int32_t *const index = args->index;
    int32_t *const out = args->out;
    (void)block;
    fault_kernel_0_tiles *my = scratch;
    int fault = 0;

    /* compute */
    /* T.fill(x, 3) */
    for (int i = 0; i < 16; i++)
        my->x[i] = 3;

    /* writer */
    for (int i = 0; i < n; i++)
        out[i] = my->x[k_within(index[i], 16, &fault, 1)] + k_floordiv_i32(100, k_nonzero_i32(index[i], &fault, 2));
    return fault;
}

size_t fault_kernel_workspace(const fault_kernel_args *args)
{
    (void)args;
    return 0;
}

int fault_kernel(const fault_kernel_args *args, void *workspace, void *pool)
{
    (void)workspace;
    int bad = k_run(pool, 1, sizeof(fault_kernel_0_tiles), fault_kernel_0, args);
    return bad;
}

const char *fault_kernel_error(int code)
{
    switch (code) {
    case -1: return "no memory for the tiles";
    case 0: return "no error";
    case 1: return "fault.py:18: index 0 of 'x' is not inside of its 16 elements";
    case 2: return "fault.py:18: division by zero";
    default: return "unknown error";
    }
}
