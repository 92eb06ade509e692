/* flow for the CPU. Compile with: cc -std=gnu11 -O3 -march=native -fwrapv -ffp-contract=off -fno-math-errno -fno-trapping-math -shared -fPIC */
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

/* ---- flow ---- */

typedef struct {
    const int32_t *length; /* (40) */
    float *var_double; /* (40) */
    int32_t *var_register; /* (40, 3) */
} flow_args;

/* flow_0: one block of grid (40) */
static int flow_0(const void *call, void *scratch, int64_t block)
{
    const flow_args *args = call;
    const int32_t *const length = args->length;
    float *const var_double = args->var_double;
    int32_t *const var_register = args->var_register;
    const int var_block = (int)block;
    (void)scratch;

    int var_int8_t = 0;
    float var_my = 0;
    float small[4] = {0};
    var_int8_t = 5;
    var_my = 0.0f;
    for (int i = 0; i < 4; i++)
        small[i] = 0.5f * (float)i;
    for (int var_switch = 0, switch_end = var_int8_t; var_switch < switch_end; var_switch++) {
        var_int8_t = var_int8_t + var_switch;
        var_my = var_my + small[var_switch % 4];
    }
    const int var_auto = var_int8_t * 2;
    if (length[var_block] > 0) {
        for (int i = k_floormod_i32(length[var_block], 7); i > -2; i -= 3)
            var_my = var_my + (float)i;
    } else if (length[var_block] == 0) {
        var_my = -var_my;
    } else {
        for (int i = 0; i < 3; i++)
            if (i == 1)
                var_my = var_my * 2.0f;
            else
                var_my = var_my - 1.0f;
    }

    /* writer */
    var_double[var_block] = var_my;

    /* compute */
    for (int var_memcpy = 0; var_memcpy < 3; var_memcpy++)
        var_register[var_block * 3 + var_memcpy] = var_auto + var_memcpy * length[var_block];
    return 0;
}

size_t flow_workspace(const flow_args *args)
{
    (void)args;
    return 0;
}

int flow(const flow_args *args, void *workspace, void *pool)
{
    (void)workspace;
    int bad = k_run(pool, 40, 0, flow_0, args);
    return bad;
}

const char *flow_error(int code)
{
    switch (code) {
    case -1: return "no memory for the tiles";
    case 0: return "no error";
    default: return "unknown error";
    }
}
