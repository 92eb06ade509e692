/* sizes for the CPU. Compile with: cc -std=gnu11 -O3 -march=native -fwrapv -ffp-contract=off -fno-math-errno -fno-trapping-math -shared -fPIC */
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

/* 0 <= i < n */
KILN int k_in(int64_t i, int64_t n) { return (uint64_t)i < (uint64_t)n; }

/* how many of `want` places are there when `left` are left */
KILN int64_t k_room(int64_t left, int64_t want) { return left < 0 ? 0 : left < want ? left : want; }

/* n elements of which the first `have` exist; the others become 0 */
KILN void k_fetch_f32(float *to, const float *from, int64_t have, int64_t n)
{
    if (have == n) {
        memcpy(to, from, (size_t)n * sizeof(float));
        return;
    }
    if (have)
        memcpy(to, from, (size_t)have * sizeof(float));
    memset(to + have, 0, (size_t)(n - have) * sizeof(float));
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

KILN int64_t k_grid(int64_t x, int64_t y, int64_t z)
{
    return x > 0 && y > 0 && z > 0 ? x * y * z : 0;
}

/* ---- sizes ---- */

typedef struct {
    const float *A; /* (n, m) */
    float scale;
    float *B; /* (m) */
    int n;
    int m;
} sizes_args;

/* the arguments, and the temporaries in the workspace */
typedef struct {
    const sizes_args *args;
    float *part; /* ((n + 15) // 16, m) */
} sizes_call;

static size_t sizes_place(const sizes_args *args, unsigned char *workspace, sizes_call *call)
{
    const int n = args->n;
    const int m = args->m;
    size_t at = 0;
    call->args = args;
    call->part = (float *)k_place(workspace, &at, sizeof(float) * (size_t)k_floordiv_i32(n + 15, 16) * (size_t)m);
    return at;
}

typedef struct {
    _Alignas(64) float x[16][32];
    _Alignas(64) float s[32];
} sizes_0_tiles;

/* sizes_0: one block of grid ((m + 31) // 32, (n + 15) // 16) */
static int sizes_0(const void *call, void *scratch, int64_t block)
{
    const sizes_call *with = call;
    const sizes_args *args = with->args;
    const int n = args->n;
    const int m = args->m;
    const float *const A = args->A;
    float *const part = with->part;
    const int bx = (int)(block % (int64_t)k_floordiv_i32(m + 31, 32));
    const int by = (int)(block / (int64_t)k_floordiv_i32(m + 31, 32));
    sizes_0_tiles *my = scratch;

    /* reader */
    /* T.copy(A[by * 16:by * 16 + 16, bx * 32:bx * 32 + 32], x) */
    const int64_t A_have = k_room(m - bx * 32, 32);
    for (int i = 0; i < 16; i++)
        k_fetch_f32(my->x[i], &A[(int64_t)(by * 16 + i) * m + bx * 32], k_in(by * 16 + i, n) ? A_have : 0, 32);

    /* compute */
    /* T.reduce_sum(x, s, dim=0) */
    for (int i = 0; i < 32; i++)
        my->s[i] = 0;
    for (int j = 0; j < 16; j++)
        for (int i = 0; i < 32; i++)
            my->s[i] = my->s[i] + my->x[j][i];
    /* T.copy(s, part[by:by + 1, bx * 32:bx * 32 + 32]) */
    const int64_t part_have = k_room(m - bx * 32, 32);
    memcpy(&part[(int64_t)by * m + bx * 32], my->s, (size_t)part_have * sizeof(float));
    return 0;
}

typedef struct {
    _Alignas(64) float s[32];
} sizes_1_tiles;

/* sizes_1: one block of grid ((m + 31) // 32) */
static int sizes_1(const void *call, void *scratch, int64_t block)
{
    const sizes_call *with = call;
    const sizes_args *args = with->args;
    const float scale = args->scale;
    const int n = args->n;
    const int m = args->m;
    float *const B = args->B;
    const float *const part = with->part;
    const int bx = (int)block;
    sizes_1_tiles *my = scratch;

    /* compute */
    /* T.fill(s, 0.0) */
    memset(my->s, 0, sizeof my->s);
    for (int k = 0; k < k_floordiv_i32(n + 15, 16); k++)
        for (int j = 0; j < 32; j++)
            my->s[j] = my->s[j] + (k_in(bx * 32 + j, m) ? part[(int64_t)k * m + bx * 32 + j] : 0) * scale;
    /* T.copy(s, B[bx * 32:bx * 32 + 32]) */
    const int64_t B_have = k_room(m - bx * 32, 32);
    memcpy(&B[bx * 32], my->s, (size_t)B_have * sizeof(float));
    return 0;
}

size_t sizes_workspace(const sizes_args *args)
{
    sizes_call call;
    return sizes_place(args, NULL, &call);
}

int sizes(const sizes_args *args, void *workspace, void *pool)
{
    sizes_call call;
    sizes_place(args, workspace, &call);
    const int n = args->n;
    const int m = args->m;
    int bad = k_run(pool, k_grid(k_floordiv_i32(m + 31, 32), k_floordiv_i32(n + 15, 16), 1), sizeof(sizes_0_tiles), sizes_0, &call);
    if (!bad)
        bad = k_run(pool, k_grid(k_floordiv_i32(m + 31, 32), 1, 1), sizeof(sizes_1_tiles), sizes_1, &call);
    return bad;
}

const char *sizes_error(int code)
{
    switch (code) {
    case -1: return "no memory for the tiles";
    case 0: return "no error";
    default: return "unknown error";
    }
}
