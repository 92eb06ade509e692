/* A program over kiln.h, in C99 and in C++17: compile, ask, run, compare, and refuse. Exit status
 * 0: all as it should be. */
#include "kiln.h"
#include <stdio.h>
#include <string.h>

static int wrong;

static void check(int ok, const char *what)
{
    if (!ok) {
        printf("FAIL %s\n", what);
        wrong++;
    }
}

static const char *const text =
    "import tilelang.language as T\n"
    "n = T.dynamic(\"n\")\n"
    "@T.prim_func\n"
    "def twice(x: T.Tensor((n,), \"float32\"), y: T.Tensor((n,), \"float32\"), by: T.float32):\n"
    "    with T.Kernel(T.ceildiv(n, 32), threads=128) as b:\n"
    "        for i in T.Parallel(32):\n"
    "            y[b * 32 + i] = x[b * 32 + i] * by\n";

static void run_on(kiln_context *cx, const char *target, const char *device)
{
    enum { N = 77 };
    float x[N], y[N];
    int i;
    kiln_source src;
    kiln_arg args[3];
    kiln_kernel *k;
    memset(&src, 0, sizeof src);
    src.size = sizeof src;
    src.path = "twice.py";
    src.text = text;
    src.target = target;
    k = kiln_compile(cx, &src);
    check(k != NULL, device);
    if (!k) {
        printf("%s", kiln_messages(cx));
        return;
    }
    check(strcmp(kiln_name(k), "twice") == 0 && kiln_params(k) == 3 && kiln_sizes(k) == 1,
          "the program's face");
    for (i = 0; i < N; i++) {
        x[i] = (float)i;
        y[i] = -1;
    }
    memset(args, 0, sizeof args);
    args[0].data = x;
    args[1].data = y;
    for (i = 0; i < 2; i++) {
        args[i].dtype = "float32";
        args[i].ndim = 1;
        args[i].dim[0] = N;
    }
    args[2].f = 2.5;
    check(kiln_run(k, device, args, 3, NULL) == KILN_OK, "the run");
    if (kiln_last(cx) != KILN_OK) printf("%s", kiln_messages(cx));
    for (i = 0; i < N && y[i] == 2.5f * (float)i; i++)
        ;
    check(i == N, "the numbers");
    args[1].dim[0] = N - 1;
    check(kiln_run(k, device, args, 3, NULL) == KILN_USAGE,
          "a shape that contradicts another is refused");
    check(strlen(kiln_messages(cx)) > 0, "and said so");
    check(kiln_run(k, "abacus", args, 3, NULL) == KILN_USAGE, "an unknown device is refused");
    kiln_free(k);
}

static void faces(kiln_context *cx)
{
    kiln_source src;
    kiln_param p;
    kiln_kernel *k;
    int64_t size = 40, dim[KILN_MAXDIM];
    memset(&src, 0, sizeof src);
    src.size = sizeof src;
    src.text = text;
    k = kiln_compile(cx, &src);
    check(k != NULL, "a tile program needs no target");
    if (!k) return;
    p.size = sizeof p;
    check(kiln_param_get(k, 0, &p) == KILN_OK && strcmp(p.name, "x") == 0 && p.ndim == 1 &&
              p.dim[0] == -1 && p.read && !p.written,
          "x");
    check(kiln_param_get(k, 1, &p) == KILN_OK && strcmp(p.dim_text[0], "n") == 0 && !p.read &&
              p.written,
          "y");
    check(kiln_param_get(k, 2, &p) == KILN_OK && p.scalar && strcmp(p.dtype, "float32") == 0, "by");
    check(kiln_param_get(k, 3, &p) == KILN_USAGE, "there is no fourth");
    check(kiln_shape(k, 0, &size, dim) == KILN_OK && dim[0] == 40, "the shape of x for n = 40");
    check(strstr(kiln_text(k, "tile"), "def twice(") != NULL, "the tile text");
    check(kiln_text(k, "sched") == NULL && kiln_text(k, "nonsense") == NULL,
          "no schedule without a target");
    kiln_free(k);
}

static void refusals(kiln_context *cx)
{
    kiln_source src;
    memset(&src, 0, sizeof src);
    src.size = sizeof src;
    src.text = "this is not a kernel\n";
    check(kiln_compile(cx, &src) == NULL && kiln_last(cx) == KILN_PROGRAM, "nonsense is refused");
    check(strstr(kiln_messages(cx), "error[E") != NULL, "with a code");
    src.text = NULL;
    src.path = "no/such/file.py";
    check(kiln_compile(cx, &src) == NULL && kiln_last(cx) == KILN_USAGE,
          "a missing file is refused");
    src.text = text;
    src.target = "abacus";
    check(kiln_compile(cx, &src) == NULL && kiln_last(cx) == KILN_USAGE,
          "an unknown target is refused");
    check(kiln_explain(cx, "E0301") != NULL && kiln_explain(cx, "E9999") == NULL, "explain");
    check(kiln_table(cx, "ops") != NULL && kiln_table(cx, "nonsense") == NULL, "tables");
    check(kiln_dtype_bits("bfloat16") == 16 && kiln_dtype_bits("nonsense") == 0, "types");
}

int main(void)
{
    kiln_context *cx = kiln_open();
    faces(cx);
    run_on(cx, NULL, "interp");
    run_on(cx, "cpu", "cpu");
    refusals(cx);
    kiln_close(cx);
    return wrong != 0;
}
