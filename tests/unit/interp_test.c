/* The interpreter on small programs: what comes out, and what is refused with which words. Each
   case is the body of one launch over fixed arguments:

     A  (8, 8) float32    A[i, j] = 8 i + j       H  (8, 8) float16   the same / 4
     I  (8,) int32        0 1 2 3 4 5 6 7         J  (8,) int32   7 -1 3 3 100 0 2 5
     n  int32 = 5         C  (8, 8) float32, preset to -1     D  (8,) int32, preset to -1       */
#include "driver/driver.h"
#include "run/run.h"
#include "unit.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    float a[64], c[64];
    uint16_t h[64];
    int32_t i[8], j[8], d[8];
} Data;

static const int32_t JUMPS[8] = {7, -1, 3, 3, 100, 0, 2, 5};

typedef struct {
    const char *name;
    int grid;         /* blocks; the block variable is b. 0: the body has its own launches */
    const char *body; /* lines of the launch, not indented */
    double (*c)(int i, int j); /* expected C; NULL: as it was */
    double (*d)(int i);        /* expected D */
    const char *code, *says;   /* expected error and some of its words */
} Case;

static const char HEAD[] =
    "import tilelang.language as T\n\n"
    "@T.prim_func\n"
    "def k(A: T.Tensor((8, 8), \"float32\"), H: T.Tensor((8, 8), \"float16\"), "
    "I: T.Tensor((8,), \"int32\"), J: T.Tensor((8,), \"int32\"), n: T.int32, "
    "C: T.Tensor((8, 8), \"float32\"), D: T.Tensor((8,), \"int32\")):\n";

static char *source(const Case *c)
{
    size_t size = strlen(c->body) * 2 + 4096;
    char *s = malloc(size), *to = s;
    bool roles = strstr(c->body, "T.reader") != NULL;
    to += sprintf(to, "%s%s", roles ? "# stage: sched   target: cuda\n" : "", HEAD);
    if (c->grid) to += sprintf(to, "    with T.Kernel(%d, threads=128) as b:\n", c->grid);
    for (const char *line = c->body; *line;) {
        size_t n = strcspn(line, "\n");
        to += sprintf(to, "%s%.*s\n", c->grid ? "        " : "    ", (int)n, line);
        line += n + (line[n] == '\n');
    }
    return s;
}

static void fill(Data *d)
{
    for (int k = 0; k < 64; k++) {
        d->a[k] = (float)k;
        d->h[k] = f16_from(k / 4.0);
        d->c[k] = -1;
    }
    for (int k = 0; k < 8; k++) {
        d->i[k] = k;
        d->j[k] = JUMPS[k];
        d->d[k] = -1;
    }
}

/* the body begins at line 6, or 7 after the line that names the stage */
static bool run(const Case *c, const char *text, Data *d, Err *e)
{
    Cx *cx = cx_open();
    Unit u;
    Request rq = {.path = "k.py", .text = text};
    bool ok = driver_front(cx, &rq, &u);
    if (!ok) {
        Text t = text_new(&cx->arena);
        for (const Diag *g = cx->diags; g; g = g->next) diag_print(cx, g, &t, false);
        CHECK(false, "%s: does not compile\n%s", c->name, t.s);
    } else {
        Arg arg[7] = {{.tensor = {d->a, DT_float32, 2, {8, 8}}},
                      {.tensor = {d->h, DT_float16, 2, {8, 8}}},
                      {.tensor = {d->i, DT_int32, 1, {8}}},
                      {.tensor = {d->j, DT_int32, 1, {8}}},
                      {.i = 5},
                      {.tensor = {d->c, DT_float32, 2, {8, 8}}},
                      {.tensor = {d->d, DT_int32, 1, {8}}}};
        int64_t size[1];
        Call call = {.prog = u.tile, .arg = arg, .size = size};
        ok = bind_sizes(u.tile, arg, size, e) && interp_run(cx, u.tile, &call, e);
    }
    cx_close(cx);
    return ok;
}

static void check_values(const Case *c, const Data *d)
{
    for (int i = 0; i < 8; i++) {
        for (int j = 0; j < 8; j++) {
            double want = c->c ? c->c(i, j) : -1, got = d->c[i * 8 + j];
            CHECK(want == got || (isnan(want) && isnan(got)), "%s: C[%d, %d] is %g, expected %g",
                  c->name, i, j, got, want);
        }
        double want = c->d ? c->d(i) : -1;
        CHECK(want == d->d[i], "%s: D[%d] is %d, expected %g", c->name, i, d->d[i], want);
    }
}

static void check(const Case *c)
{
    Data d;
    Err e = {0};
    char *text = source(c);
    fill(&d);
    bool ok = run(c, text, &d, &e);
    if (c->code) {
        CHECK(e.set && !strcmp(err_info[e.code].name, c->code), "%s: expected %s, found %s %s",
              c->name, c->code, e.set ? err_info[e.code].name : "no error", e.text);
        CHECK(!e.set || strstr(e.text, c->says), "%s: expected words '%s' in: %s", c->name, c->says,
              e.text);
        CHECK(!e.set || !strncmp(e.text, "k.py:", 5), "%s: no place in: %s", c->name, e.text);
    } else {
        CHECK(ok, "%s: %s", c->name, e.text);
        if (ok) check_values(c, &d);
    }
    free(text);
}

/* ---- what is expected ---- */

static double twice(int i, int j)
{
    return 2.0 * (8 * i + j);
}
static double plain(int i, int j)
{
    return 8 * i + j;
}
static double transposed(int i, int j)
{
    return 8 * j + i;
}
static double shifted(int i, int j)
{
    return i >= 2 ? 8 * (i - 2) + j : 0;
}
static double quarter(int i, int j)
{
    return (8 * i + j) / 4.0;
}
static double row_sum(int i, int j)
{
    return j == 0 ? 64 * i + 28 : -1;
}
static double aat(int i, int j)
{
    double s = 0;
    for (int k = 0; k < 8; k++) s += (8 * i + k) * (double)(8 * j + k);
    return s;
}
static double running(int i, int j)
{
    return 8 * i * (j + 1) + j * (j + 1) / 2.0;
}
static double backwards(int i, int j)
{
    return running(i, 7) - running(i, j) + 8 * i + j;
}
static double gathered(int i, int j)
{
    return JUMPS[i] >= 0 && JUMPS[i] < 8 ? 8 * JUMPS[i] + j : 0;
}
static double third(int i)
{
    return (i - 5 < 0 ? -((5 - i + 2) / 3) : (i - 5) / 3);
}
static double rest(int i)
{
    return ((i - 5) % 3 + 3) % 3;
}
static double wraps(int i)
{
    return (int8_t)(i * 50);
}
static double counted(int i)
{
    return i == 0 ? 28 : -1;
}
static double iota(int i)
{
    return i;
}
static double minus(int i)
{
    return 7 - i;
}
static double half_rounded(int i)
{
    return i == 0 ? 2048 : -1;
}
static double first_row(int i, int j)
{
    return i == 0 ? j : -1;
}
static double sum_of_rows(int i, int j)
{
    return i == 0 ? 8 * 28 + 8 * j : -1;
}

static double quotients(int i)
{
    return i ? 8 / i : -1;
}
static double magnitude(int i)
{
    return i == 0 ? 4 : 8 * i + 4;
}
static double unsigned_facts(int i)
{
    /* x = 2^32 - 1, y = x 2^32 */
    static const double want[8] = {1, 1, 7, 0, 16777215, 1, 1, -1};
    return want[i];
}
static double converted(int i)
{
    static const double want[8] = {-2, 0x40a00000, 448, 504, 0x40a0, 5, 57344, 16384};
    return want[i];
}

/* a ring of one-row slots: reader to compute to writer, twice each row */
#define ROW_PIPES(depth)                                                                           \
    "p = T.pipe((1, 8), \"float32\", depth=" depth ")\n"                                           \
    "q = T.pipe((1, 8), \"float32\", depth=" depth ")\n"

#define ROW_PIPE(depth) "p = T.pipe((1, 8), \"float32\", depth=" depth ")\n"

static double d_row_end(int i)
{
    return 8 * i + 7;
}

static double d_neighbour(int i)
{
    return i ^ 1;
}

static double d_all_hundred(int i)
{
    (void)i;
    return 100;
}

static double d_hundred(int i)
{
    return i ? -1 : 100;
}

static const Case cases[] = {
    {"guarded copy", 1,
     "s = T.alloc_shared((8, 8), \"float32\")\n"
     "T.copy(A[n - 7:n + 1, 0:8], s)\n"
     "T.copy(s, C)\n",
     shifted, NULL, NULL, NULL},
    {"store beyond the tensor is skipped", 2,
     "for i, j in T.Parallel(8, 8):\n"
     "    C[i, j + b * 8] = A[i, j + b * 8] * 2.0\n",
     twice, NULL, NULL, NULL},
    {"copy converts", 1, "T.copy(H, C)\n", quarter, NULL, NULL, NULL},
    {"copy of a column", 1,
     "f = T.alloc_fragment((8, 8), \"float32\")\n"
     "for i in T.serial(8):\n"
     "    T.copy(A[0:8, i], f[i, 0:8])\n"
     "T.copy(f, C)\n",
     transposed, NULL, NULL, NULL},
    {"gemm", 1,
     "s = T.alloc_shared((8, 8), \"float32\")\n"
     "f = T.alloc_fragment((8, 8), \"float32\")\n"
     "T.copy(A, s)\n"
     "T.gemm(s, s, f, transpose_B=True, clear_accum=True)\n"
     "T.copy(f, C)\n",
     aat, NULL, NULL, NULL},
    {"gemm, A transposed too", 1,
     "s = T.alloc_shared((8, 8), \"float32\")\n"
     "r = T.alloc_shared((8, 8), \"float32\")\n"
     "f = T.alloc_fragment((8, 8), \"float32\")\n"
     "for i, j in T.Parallel(8, 8):\n"
     "    s[i, j] = A[j, i]\n"
     "T.copy(A, r)\n"
     "T.clear(f)\n"
     "T.gemm(s, r, f, transpose_A=True, transpose_B=True)\n"
     "T.copy(f, C)\n",
     aat, NULL, NULL, NULL},
    {"reduce", 1,
     "f = T.alloc_fragment((8, 8), \"float32\")\n"
     "r = T.alloc_fragment((8,), \"float32\")\n"
     "T.copy(A, f)\n"
     "T.reduce_sum(f, r, dim=1)\n"
     "T.copy(r, C[0:8, 0])\n",
     row_sum, NULL, NULL, NULL},
    {"reduce onto what is there", 1,
     "f = T.alloc_fragment((8, 8), \"float32\")\n"
     "r = T.alloc_fragment((8,), \"float32\")\n"
     "T.copy(A, f)\n"
     "T.fill(r, 100.0)\n"
     "T.reduce_max(f, r, dim=0, clear=False)\n"
     "T.reduce_min(f, r, dim=0, clear=False)\n"
     "T.copy(r, C[0, 0:8])\n",
     first_row, NULL, NULL, NULL},
    {"reduce rows", 1,
     "f = T.alloc_fragment((8, 8), \"float32\")\n"
     "r = T.alloc_fragment((8,), \"float32\")\n"
     "T.copy(A, f)\n"
     "T.reduce_sum(f, r, dim=0)\n"
     "T.copy(r, C[0, 0:8])\n",
     sum_of_rows, NULL, NULL, NULL},
    {"cumsum", 1,
     "f = T.alloc_fragment((8, 8), \"float32\")\n"
     "T.copy(A, f)\n"
     "T.cumsum(f, f, dim=1)\n"
     "T.copy(f, C)\n",
     running, NULL, NULL, NULL},
    {"cumsum from the end", 1,
     "f = T.alloc_fragment((8, 8), \"float32\")\n"
     "T.copy(A, f)\n"
     "T.cumsum(f, f, dim=1, reverse=True)\n"
     "T.copy(f, C)\n",
     backwards, NULL, NULL, NULL},
    {"gather, guarded", 1,
     "for i, j in T.Parallel(8, 8):\n"
     "    C[i, j] = A[J[i], j]\n",
     gathered, NULL, NULL, NULL},
    {"floor division", 1,
     "for i in T.Parallel(8):\n"
     "    D[i] = (i - n) // 3\n",
     NULL, third, NULL, NULL},
    {"floor remainder", 1,
     "for i in T.Parallel(8):\n"
     "    D[i] = (i - n) % 3\n",
     NULL, rest, NULL, NULL},
    {"integers wrap", 1,
     "for i in T.Parallel(8):\n"
     "    D[i] = T.cast(T.cast(i, \"int8\") * T.int8(50), \"int32\")\n",
     NULL, wraps, NULL, NULL},
    {"fp16 rounds at every step", 1,
     "x = T.cast(n, \"float16\") + T.float16(2043.0)\n"
     "D[0] = T.cast(x + T.float16(1.0), \"int32\")\n",
     NULL, half_rounded, NULL, NULL},
    {"a variable of its own", 1,
     "x = T.alloc_var(\"int32\")\n"
     "x = 0\n"
     "for i in T.serial(8):\n"
     "    x = x + I[i]\n"
     "D[0] = x\n",
     NULL, counted, NULL, NULL},
    {"a loop that counts down", 1,
     "x = T.alloc_var(\"int32\")\n"
     "x = 0\n"
     "for i in T.serial(7, -1, -1):\n"
     "    D[i] = x\n"
     "    x = x + 1\n",
     NULL, minus, NULL, NULL},
    {"the arm not taken is not looked at", 1,
     "s = T.alloc_shared((8,), \"int32\")\n"
     "T.copy(I, s)\n"
     "for i in T.Parallel(8):\n"
     "    D[i] = T.if_then_else(i < 8 and s[i] >= 0, s[i], s[i + 8])\n",
     NULL, iota, NULL, NULL},
    {"and stops early", 1,
     "s = T.alloc_shared((8,), \"int32\")\n"
     "T.copy(I, s)\n"
     "for i in T.Parallel(16):\n"
     "    if i < 8 and s[i] >= 0:\n"
     "        D[i] = s[i]\n",
     NULL, iota, NULL, NULL},
    {"the same value twice is no race", 1,
     "for i, j in T.Parallel(8, 8):\n"
     "    D[i] = i\n",
     NULL, iota, NULL, NULL},
    {"scratch of an iteration", 1,
     "x = T.alloc_var(\"int32\")\n"
     "for i in T.Parallel(8):\n"
     "    x = I[i]\n"
     "    D[i] = x\n",
     NULL, iota, NULL, NULL},
    {"poison that goes nowhere", 1,
     "f = T.alloc_fragment((16,), \"int32\")\n"
     "for i in T.Parallel(8):\n"
     "    f[i] = I[i]\n"
     "for i in T.Parallel(16):\n"
     "    f[i] = f[i] + 0 * n\n"
     "T.copy(f[0:8], D)\n",
     NULL, iota, NULL, NULL},
    {"nothing to do", 1,
     "for i in T.serial(n - 5):\n"
     "    D[i] = 100 // (n - 5)\n",
     NULL, NULL, NULL, NULL},

    {"a quotient nobody uses", 1,
     "f = T.alloc_fragment((8,), \"int32\")\n"
     "for i in T.Parallel(8):\n"
     "    f[i] = 8 // I[i]\n"
     "T.copy(f[1:8], D[1:8])\n"
     "for i in T.Parallel(8):\n"
     "    D[i + 8] = 8 // (i - n)\n",
     NULL, quotients, NULL, NULL},

    {"a tile read out of range", 1,
     "s = T.alloc_shared((8,), \"int32\")\n"
     "T.copy(I, s)\n"
     "for i in T.Parallel(8):\n"
     "    D[i] = s[J[i]]\n",
     NULL, NULL, "E0611", "'s' is read at [-1], outside of its shape (8)"},
    {"a tile written out of range", 1,
     "s = T.alloc_shared((8,), \"int32\")\n"
     "for i in T.Parallel(8):\n"
     "    s[i + n] = i\n",
     NULL, NULL, "E0611", "'s' is written at [8]"},
    {"a region out of range", 1,
     "s = T.alloc_shared((8, 8), \"float32\")\n"
     "T.copy(A[0:4, 0:8], s[n:n + 4, 0:8])\n",
     NULL, NULL, "E0611", "the region of 's' at [5, 0] with extents (4, 8)"},
    {"uninitialised, stored", 1,
     "s = T.alloc_shared((8,), \"int32\")\n"
     "for i in T.Parallel(8):\n"
     "    if i != n:\n"
     "        s[i] = i\n"
     "T.copy(s, D)\n",
     NULL, NULL, "E0612", "'D' at [5] gets an uninitialised value that comes from 's'"},
    {"uninitialised, a branch", 1,
     "s = T.alloc_shared((8,), \"int32\")\n"
     "if s[n] > 0:\n"
     "    D[0] = 1\n",
     NULL, NULL, "E0612", "branch"},
    {"uninitialised, but the other operand decides", 1,
     "s = T.alloc_local((2,), \"int32\")\n"
     "if ((s[n - 4] & 0) != 0) or ((0 * s[n - 4]) != 0):\n"
     "    D[0] = 7\n"
     "if ((s[n - 4] | -1) < 0) and ((s[n - 4] > 0) or (n == 5)):\n"
     "    for i in T.Parallel(8):\n"
     "        D[i] = 100\n"
     "T.atomic_add(C[0, 0], T.if_then_else((n > 5) and (s[n - 4] > 0), 1.0, 0.0))\n",
     NULL, d_all_hundred, NULL, NULL},
    {"uninitialised, and the other operand does not decide", 1,
     "s = T.alloc_local((2,), \"int32\")\n"
     "if (s[n - 4] & 1) != 0:\n"
     "    D[0] = 7\n",
     NULL, NULL, "E0612", "branch"},
    {"the largest magnitude of doubles", 1,
     "f = T.alloc_fragment((8, 8), \"float64\")\n"
     "r = T.alloc_fragment((8,), \"float64\")\n"
     "for i, j in T.Parallel(8, 8):\n"
     "    f[i, j] = -A[i, j]\n"
     "T.reduce_absmax(f, r, dim=1)\n"
     "for i in T.Parallel(8):\n"
     "    D[i] = T.cast(r[i], \"int32\")\n",
     NULL, d_row_end, NULL, NULL},
    {"those who choose an arm go there together", 1,
     "tx = T.get_thread_binding(0)\n"
     "v = T.if_then_else(tx < 8, T.shfl_xor(tx, 1), 100)\n"
     "if (tx < 8) and (T.activemask() == 255) and ((tx < 4) or (T.activemask() == 240)):\n"
     "    D[tx] = v\n",
     NULL, d_neighbour, NULL, NULL},
    {"a shift that leads to an index loses bits", 1, "D[(n * 400000000) << 4] = 1\n", NULL, NULL,
     "E0620", "2000000000 << 4 does not fit int32"},
    {"uninitialised, an index", 1,
     "s = T.alloc_shared((8,), \"int32\")\n"
     "D[s[n]] = 1\n",
     NULL, NULL, "E0612", "index 0 of 'D'"},
    {"threads count one by one", 1,
     "D[0] = 0\n"
     "tx = T.get_thread_binding(0)\n"
     "T.sync_threads()\n"
     "if tx < 100:\n"
     "    T.atomic_add(D[0], 1)\n",
     NULL, d_hundred, NULL, NULL},
    {"deadlock of threads", 1,
     "bar = T.alloc_barrier([128])\n"
     "tx = T.get_thread_binding(0)\n"
     "if tx < 64:\n"
     "    T.barrier_arrive(bar[0])\n"
     "    T.barrier_wait(bar[0], 0)\n",
     NULL, NULL, "E0615", "threads 0 to 63"},
    {"race between threads", 1,
     "s = T.alloc_shared((128,), \"int32\")\n"
     "tx = T.get_thread_binding(0)\n"
     "s[J[tx % 8] % 4] = tx\n"
     "D[tx % 8] = s[0]\n",
     NULL, NULL, "E0614", "different values from different threads"},
    {"race in global memory without a barrier", 1,
     "tx = T.get_thread_binding(0)\n"
     "if tx < 8:\n"
     "    D[tx] = tx\n"
     "    D[tx] = D[(tx + J[2]) % 8]\n",
     NULL, NULL, "E0614", "is written by thread"},
    {"a copy that nobody waited for", 1,
     "s = T.alloc_shared((8, 8), \"float32\")\n"
     "bar = T.alloc_barrier([1])\n"
     "tx = T.get_thread_binding(0)\n"
     "T.tma_copy(A, s, barrier=bar[0])\n"
     "T.copy(s, C)\n",
     NULL, NULL, "E0625", "in flight"},
    {"device assertion", 1,
     "tx = T.get_thread_binding(0)\n"
     "T.device_assert(tx < 100)\n",
     NULL, NULL, "E0623", "thread 100"},
    {"a lane that is not there", 1,
     "tx = T.get_thread_binding(0)\n"
     "if tx < 8:\n"
     "    D[tx] = T.shfl_xor(tx, 8)\n",
     NULL, NULL, "E0613", "lane"},
    {"an index that leaves int32", 1,
     "D[0] = I[J[4] * 21474837]\n",
     NULL, NULL, "E0620", "does not fit int32"},
    {"a loop without end", 1,
     "while D[0] < 0:\n"
     "    D[1] = 1\n",
     NULL, NULL, "E0615", "while loop"},
    {"uninitialised, a trip count", 1,
     "x = T.alloc_local((1,), \"int32\")\n"
     "for i in T.serial(x[0]):\n"
     "    D[i] = 1\n",
     NULL, NULL, "E0612", "bound of a loop"},
    {"uninitialised through a gemm", 1,
     "s = T.alloc_shared((8, 8), \"float32\")\n"
     "f = T.alloc_fragment((8, 8), \"float32\")\n"
     "T.copy(A, s)\n"
     "T.gemm(s, s, f)\n"
     "T.copy(f, C)\n",
     NULL, NULL, "E0612", "comes from 'f'"},
    {"an integer that cannot hold the float", 1, "D[0] = T.cast(A[7, 7] * 1.0e10, \"int32\")\n",
     NULL, NULL, "E0613", "cannot hold it"},
    {"division by zero", 1, "D[0] = 7 // (n - 5)\n", NULL, NULL, "E0613", "division by zero"},
    {"a negative shift", 1, "D[0] = 7 << (n - 6)\n", NULL, NULL, "E0613",
     "a shift by a negative amount"},
    {"race, different values", 1,
     "for i, j in T.Parallel(8, 8):\n"
     "    D[i] = J[j]\n",
     NULL, NULL, "E0614", "'D' at [0] gets different values"},
    {"race, read of another's write", 1,
     "s = T.alloc_shared((8,), \"int32\")\n"
     "T.copy(I, s)\n"
     "for i in T.Parallel(8):\n"
     "    s[i] = s[I[7 - i]] + 1\n",
     NULL, NULL, "E0614", "'s'"},
    {"race, a sum in one variable", 1,
     "x = T.alloc_var(\"int32\")\n"
     "x = 0\n"
     "for i in T.Parallel(8):\n"
     "    x = x + I[i]\n"
     "D[0] = x\n",
     NULL, NULL, "E0614", "'x'"},
    {"race, a variable after the nest", 1,
     "x = T.alloc_var(\"int32\")\n"
     "for i in T.Parallel(8):\n"
     "    x = I[i]\n"
     "D[0] = x\n",
     NULL, NULL, "E0612", "comes from 'x'"},
    {"race, an overlapping copy", 1,
     "s = T.alloc_shared((8,), \"int32\")\n"
     "T.copy(I, s)\n"
     "T.copy(s[0:7], s[n - 4:n + 3])\n",
     NULL, NULL, "E0614", "overlapping parts of 's'"},
    {"race, blocks write different values", 2, "T.copy(A[b, 0:8], C[0, 0:8])\n", NULL, NULL,
     "E0614", "'C' at [0, 0] gets different values from different blocks (at b = 1)"},
    {"race, a block reads what another writes", 2, "C[0, b] = C[0, 1 - b] + 1.0\n", NULL, NULL,
     "E0614", "'C' at [0, 0] is written by one block and read by another"},
    {"race, a block writes what another has read", 2,
     "if b == 0:\n"
     "    D[0] = T.cast(C[0, 0], \"int32\")\n"
     "else:\n"
     "    C[0, 0] = 1.0\n",
     NULL, NULL, "E0614", "'C' at [0, 0] is read by one block and written by another"},
    {"where and when", 2,
     "for i in T.serial(8):\n"
     "    D[i] = 1 // (i - 3 * b)\n",
     NULL, NULL, "E0613",
     "k.py:7: division by zero, and 'D' at [0] gets the result (at b = 0, i = 0)"},

    {"three roles", 2,
     ROW_PIPES("2") "with T.reader():\n"
                    "    for i in T.serial(8):\n"
                    "        s = T.acquire(p)\n"
                    "        T.copy(A[i, 0:8], s)\n"
                    "        T.commit(p)\n"
                    "with T.compute():\n"
                    "    for i in T.serial(8):\n"
                    "        s = T.wait(p)\n"
                    "        o = T.acquire(q)\n"
                    "        for j in T.Parallel(8):\n"
                    "            o[0, j] = s[0, j] * 2.0\n"
                    "        T.commit(q)\n"
                    "        T.release(p)\n"
                    "with T.writer():\n"
                    "    for i in T.serial(8):\n"
                    "        s = T.wait(q)\n"
                    "        T.copy(s, C[i, 0:8])\n"
                    "        T.release(q)\n",
     twice, NULL, NULL, NULL},
    {"two groups fill a slot together", 1,
     "p = T.pipe((8, 8), \"float32\", depth=1)\n"
     "q = T.pipe((8, 8), \"float32\", depth=1)\n"
     "with T.reader():\n"
     "    s = T.acquire(p)\n"
     "    T.copy(A, s)\n"
     "    T.commit(p)\n"
     "with T.compute(groups=2) as g:\n"
     "    s = T.wait(p)\n"
     "    f = T.alloc_fragment((4, 8), \"float32\")\n"
     "    T.copy(s[g * 4:g * 4 + 4, 0:8], f)\n"
     "    T.release(p)\n"
     "    o = T.acquire(q)\n"
     "    T.copy(f, o[g * 4:g * 4 + 4, 0:8])\n"
     "    T.commit(q)\n"
     "with T.writer():\n"
     "    s = T.wait(q)\n"
     "    T.copy(s, C)\n"
     "    T.release(q)\n",
     plain, NULL, NULL, NULL},
    {"a ring for each group, and turns", 1,
     "p = T.pipe((4, 8), \"float32\", depth=1, each=\"group\")\n"
     "turn = T.order(2)\n"
     "with T.reader():\n"
     "    s = T.acquire(p[0])\n"
     "    T.copy(A[0:4, 0:8], s)\n"
     "    T.commit(p[0])\n"
     "    s2 = T.acquire(p[1])\n"
     "    T.copy(A[4:8, 0:8], s2)\n"
     "    T.commit(p[1])\n"
     "with T.compute(groups=2) as g:\n"
     "    s = T.wait(p[g])\n"
     "    f = T.alloc_fragment((4, 8), \"float32\")\n"
     "    T.copy(s, f)\n"
     "    T.release(p[g])\n"
     "    T.take(turn)\n"
     "    T.copy(f, C[g * 4:g * 4 + 4, 0:8])\n"
     "    T.give(turn)\n",
     plain, NULL, NULL, NULL},
    {"two tiles in a slot, gemms in flight, released one behind", 1,
     "ab = T.pipe({\"a\": ((8, 4), \"float32\"), \"b\": ((8, 4), \"float32\")}, depth=2)\n"
     "with T.reader():\n"
     "    for k in T.serial(2):\n"
     "        s = T.acquire(ab)\n"
     "        T.copy(A[0:8, k * 4:k * 4 + 4], s.a)\n"
     "        T.copy(A[0:8, k * 4:k * 4 + 4], s.b)\n"
     "        T.commit(ab)\n"
     "with T.compute():\n"
     "    f = T.alloc_fragment((8, 8), \"float32\")\n"
     "    T.clear(f)\n"
     "    for k in T.serial(2):\n"
     "        s = T.wait(ab)\n"
     "        T.gemm(s.a, s.b, f, transpose_B=True, start=True)\n"
     "        if k > 0:\n"
     "            T.await_(1)\n"
     "            T.release(ab)\n"
     "    T.await_(0)\n"
     "    T.release(ab)\n"
     "    T.copy(f, C)\n",
     aat, NULL, NULL, NULL},
    {"a deadlock", 1,
     ROW_PIPES("2") "with T.reader():\n"
                    "    for i in T.serial(8):\n"
                    "        s = T.acquire(p)\n"
                    "        T.copy(A[i, 0:8], s)\n"
                    "        T.commit(p)\n"
                    "    for i in T.serial(8):\n"
                    "        s = T.acquire(q)\n"
                    "        T.copy(A[i, 0:8], s)\n"
                    "        T.commit(q)\n"
                    "with T.compute():\n"
                    "    for i in T.serial(8):\n"
                    "        s = T.wait(p)\n"
                    "        o = T.wait(q)\n"
                    "        T.release(q)\n"
                    "        T.release(p)\n",
     NULL, NULL, "E0615",
     "reader (line 11) waits for a free slot of 'p' (depth 2, 2 acquired, compute has released 0); "
     "compute (line 21) waits for slot 0 of 'q' (reader has committed 0)"},
    {"a release one behind in a ring of one slot", 1,
     ROW_PIPE("1") "with T.reader():\n"
                   "    for i in T.serial(8):\n"
                   "        s = T.acquire(p)\n"
                   "        T.copy(A[i, 0:8], s)\n"
                   "        T.commit(p)\n"
                   "with T.compute():\n"
                   "    for i in T.serial(8):\n"
                   "        s = T.wait(p)\n"
                   "        if i > 0:\n"
                   "            T.release(p)\n"
                   "    T.release(p)\n",
     NULL, NULL, "E0615", "compute (line 15) waits for slot 1 of 'p'"},
    {"a slot is left", 1,
     ROW_PIPE("2") "with T.reader():\n"
                   "    for i in T.serial(3):\n"
                   "        s = T.acquire(p)\n"
                   "        T.copy(A[i, 0:8], s)\n"
                   "        T.commit(p)\n"
                   "with T.compute():\n"
                   "    for i in T.serial(2):\n"
                   "        s = T.wait(p)\n"
                   "        T.release(p)\n",
     NULL, NULL, "E0616", "1 slots of 'p' are left: compute has released 2 of 3"},
    {"a slot used after its release", 1,
     ROW_PIPE("1") "with T.reader():\n"
                   "    s = T.acquire(p)\n"
                   "    T.copy(A[0, 0:8], s)\n"
                   "    T.commit(p)\n"
                   "with T.compute():\n"
                   "    s = T.wait(p)\n"
                   "    T.release(p)\n"
                   "    T.copy(s, C[0, 0:8])\n",
     NULL, NULL, "E0616", "'s' is used when its slot in 'p' is no longer held"},
    {"what was in a slot does not survive", 1,
     ROW_PIPE("1") "with T.reader():\n"
                   "    for i in T.serial(2):\n"
                   "        s = T.acquire(p)\n"
                   "        if i == 0:\n"
                   "            T.copy(A[0, 0:8], s)\n"
                   "        T.commit(p)\n"
                   "with T.compute():\n"
                   "    for i in T.serial(2):\n"
                   "        s = T.wait(p)\n"
                   "        T.copy(s, C[0, 0:8])\n"
                   "        T.release(p)\n",
     NULL, NULL, "E0612", "'C' at [0, 0] gets an uninitialised value that comes from 'p'"},
    {"an accumulator read in flight", 1,
     "p = T.pipe((8, 8), \"float32\", depth=1)\n"
     "with T.reader():\n"
     "    s = T.acquire(p)\n"
     "    T.copy(A, s)\n"
     "    T.commit(p)\n"
     "with T.compute():\n"
     "    f = T.alloc_fragment((8, 8), \"float32\")\n"
     "    s = T.wait(p)\n"
     "    T.gemm(s, s, f, transpose_B=True, clear_accum=True, start=True)\n"
     "    T.copy(f, C)\n"
     "    T.await_(0)\n"
     "    T.release(p)\n",
     NULL, NULL, "E0617",
     "'f' is read while it is the accumulator of a gemm that was started at line 15"},
    {"an operand released in flight", 1,
     "p = T.pipe((8, 8), \"float32\", depth=1)\n"
     "with T.reader():\n"
     "    s = T.acquire(p)\n"
     "    T.copy(A, s)\n"
     "    T.commit(p)\n"
     "with T.compute():\n"
     "    f = T.alloc_fragment((8, 8), \"float32\")\n"
     "    s = T.wait(p)\n"
     "    T.gemm(s, s, f, transpose_B=True, clear_accum=True, start=True)\n"
     "    T.release(p)\n"
     "    T.await_(0)\n"
     "    T.copy(f, C)\n",
     NULL, NULL, "E0617", "'p' is released while it is an operand"},
    {"an operand overwritten in flight", 1,
     "p = T.pipe((8, 8), \"float32\", depth=1)\n"
     "with T.reader():\n"
     "    s = T.acquire(p)\n"
     "    T.copy(A, s)\n"
     "    T.commit(p)\n"
     "with T.compute():\n"
     "    f = T.alloc_fragment((8, 8), \"float32\")\n"
     "    h = T.alloc_fragment((8, 8), \"float32\")\n"
     "    s = T.wait(p)\n"
     "    T.copy(s, h)\n"
     "    T.gemm(h, s, f, transpose_B=True, clear_accum=True, start=True)\n"
     "    for i, j in T.Parallel(8, 8):\n"
     "        h[i, j] = 0.0\n"
     "    T.await_(0)\n"
     "    T.release(p)\n"
     "    T.copy(f, C)\n",
     NULL, NULL, "E0617", "'h' is written while it is an operand"},
    {"a gemm never awaited", 1,
     "p = T.pipe((8, 8), \"float32\", depth=1)\n"
     "with T.reader():\n"
     "    s = T.acquire(p)\n"
     "    T.copy(A, s)\n"
     "    T.commit(p)\n"
     "with T.compute():\n"
     "    f = T.alloc_fragment((8, 8), \"float32\")\n"
     "    h = T.alloc_fragment((8, 8), \"float32\")\n"
     "    s = T.wait(p)\n"
     "    T.copy(s, h)\n"
     "    T.release(p)\n"
     "    T.gemm(h, h, f, transpose_B=True, clear_accum=True, start=True)\n",
     NULL, NULL, "E0617", "still in flight at the end"},
    {"role blocks of one sequence run in the order of the text", 1,
     "s = T.alloc_shared((8, 8), \"float32\")\n"
     "with T.reader():\n"
     "    T.copy(A, s)\n"
     "with T.compute():\n"
     "    for i, j in T.Parallel(8, 8):\n"
     "        s[i, j] = s[i, j] * 2.0\n"
     "with T.writer():\n"
     "    T.copy(s, C)\n",
     twice, NULL, NULL, NULL},
    {"a turn not given back", 1,
     "turn = T.order(2)\n"
     "p = T.pipe((4, 8), \"float32\", depth=1)\n"
     "with T.reader():\n"
     "    s = T.acquire(p)\n"
     "    T.copy(A[0:4, 0:8], s)\n"
     "    T.commit(p)\n"
     "with T.compute(groups=2) as g:\n"
     "    s = T.wait(p)\n"
     "    T.release(p)\n"
     "    if g == 0:\n"
     "        T.take(turn)\n"
     "        T.give(turn)\n",
     NULL, NULL, "E0616", "'turn' is with group 1 instead of group 0"},
    {"a turn nobody gives", 1,
     "turn = T.order(2)\n"
     "p = T.pipe((4, 8), \"float32\", depth=1)\n"
     "with T.reader():\n"
     "    s = T.acquire(p)\n"
     "    T.copy(A[0:4, 0:8], s)\n"
     "    T.commit(p)\n"
     "with T.compute(groups=2) as g:\n"
     "    s = T.wait(p)\n"
     "    T.take(turn)\n"
     "    T.release(p)\n",
     NULL, NULL, "E0615",
     "compute group 1 (line 15) waits for its turn in 'turn', which group 0 has"},
    {"a release too many", 1,
     "p = T.pipe((4, 8), \"float32\", depth=1)\n"
     "with T.reader():\n"
     "    s = T.acquire(p)\n"
     "    T.copy(A[0:4, 0:8], s)\n"
     "    T.commit(p)\n"
     "with T.compute():\n"
     "    s = T.wait(p)\n"
     "    T.release(p)\n"
     "    T.release(p)\n",
     NULL, NULL, "E0616", "release of 'p', of which this role holds no slot"},
    {"a temporary between two launches, half of it filled", 0,
     "tmp = T.alloc_global((8, 8), \"float32\")\n"
     "with T.Kernel(2, threads=128) as b:\n"
     "    f = T.alloc_fragment((4, 8), \"float32\")\n"
     "    if b == 0:\n"
     "        T.copy(A[0:4, 0:8], f)\n"
     "    T.copy(f, tmp[b * 4:b * 4 + 4, 0:8])\n"
     "with T.Kernel(1, threads=128) as c:\n"
     "    for j in T.Parallel(8):\n"
     "        C[0, j] = tmp[0, j]\n",
     first_row, NULL, NULL, NULL},
    {"a temporary that was never written", 0,
     "tmp = T.alloc_global((8, 8), \"float32\")\n"
     "with T.Kernel(1, threads=128) as b:\n"
     "    f = T.alloc_fragment((8, 8), \"float32\")\n"
     "    T.copy(A[0:4, 0:8], f[0:4, 0:8])\n"
     "    T.copy(f, tmp)\n"
     "with T.Kernel(1, threads=128) as c:\n"
     "    T.copy(tmp[0:5, 0:8], C[0:5, 0:8])\n",
     NULL, NULL, "E0612", "'C' at [4, 0] gets an uninitialised value that comes from 'f'"},
    {"an unsigned number above the sign bit", 1,
     "x = T.cast(n - 6, \"uint32\")\n"
     "y = T.cast(x, \"uint64\") << T.uint64(32)\n"
     "D[0] = T.if_then_else(x > T.uint32(5), 1, 0)\n"
     "D[1] = T.if_then_else(y > T.uint64(5), 1, 0)\n"
     "D[2] = T.cast(y >> T.uint64(61), \"int32\")\n"
     "D[3] = T.cast(y % T.uint64(10), \"int32\")\n"
     "D[4] = T.cast(T.max(y, T.uint64(1)) // T.uint64(1 << 40), \"int32\")\n"
     "D[5] = T.cast(x >> T.uint32(31), \"int32\")\n"
     "D[6] = T.cast(T.cast(y, \"float32\") / 18446742974197923840.0, \"int32\")\n"
     "D[7] = T.cast(T.reinterpret(x, \"int32\"), \"int32\")\n",
     NULL, unsigned_facts, NULL, NULL},
    {"conversions", 1,
     "x = T.cast(n, \"float32\")\n"
     "D[0] = T.cast(-x / 2.0, \"int32\")\n"
     "D[1] = T.reinterpret(x, \"int32\")\n"
     "D[2] = T.cast(T.cast(x * 100.0, \"float8_e4m3fn\"), \"int32\")\n"
     "D[3] = T.cast(T.cast(x * 100.6, \"bfloat16\"), \"int32\")\n"
     "D[4] = T.cast(T.reinterpret(T.cast(x, \"bfloat16\"), \"uint16\"), \"int32\")\n"
     "D[5] = T.cast(T.max(x / 0.0 - x / 0.0, x), \"int32\")\n"
     "D[6] = T.cast(T.cast(x * 1.0e30, \"float8_e5m2\"), \"int32\")\n"
     "D[7] = T.cast(T.cast(n * 3277, \"float16\"), \"int32\")\n",
     NULL, converted, NULL, NULL},
    {"a row spread over all rows", 1,
     "f = T.alloc_fragment((8, 8), \"float32\")\n"
     "T.copy(I, f)\n"
     "for i, j in T.Parallel(8, 8):\n"
     "    f[i, j] = f[i, j] + T.cast(i * 8, \"float32\")\n"
     "T.copy(f, C)\n",
     plain, NULL, NULL, NULL},
    {"integers multiply exactly", 1,
     "s = T.alloc_shared((8, 8), \"int8\")\n"
     "f = T.alloc_fragment((8, 8), \"int32\")\n"
     "for i, j in T.Parallel(8, 8):\n"
     "    s[i, j] = T.cast(I[i] * 8 + j, \"int8\")\n"
     "T.gemm(s, s, f, transpose_B=True, clear_accum=True)\n"
     "T.copy(f, C)\n",
     aat, NULL, NULL, NULL},
    {"the greatest magnitude", 1,
     "f = T.alloc_fragment((8, 8), \"float32\")\n"
     "r = T.alloc_fragment((8,), \"float32\")\n"
     "for i, j in T.Parallel(8, 8):\n"
     "    f[i, j] = 3.0 - A[i, j]\n"
     "T.fill(r, -T.infinity(\"float32\"))\n"
     "T.reduce_absmax(f[0:1, 0:8], r[0:1], dim=1, clear=False)\n"
     "T.reduce_absmax(f[1:8, 0:8], r[1:8], dim=1)\n"
     "for i in T.Parallel(8):\n"
     "    D[i] = T.cast(r[i], \"int32\")\n",
     NULL, magnitude, NULL, NULL},
};

int main(void)
{
    for (int i = 0; i < COUNT(cases); i++) check(&cases[i]);
    return unit_done();
}
