/* inject MODE STRIDE FILE[:KERNEL] [NAME=VALUE ...]: compiles a program again and again; each time another request for memory finds none: the first, the
   second, and so on until there are no more (STRIDE 1), or every STRIDE-th after the first 200. Once that request alone fails, once all after it,
   too. Each time the call must fail with E0904 and the status of the environment, and leave no memory behind. MODE: check (the tile program and a schedule
   for each target), emit (the text for each target), run (on the interpreter). Prints "FAIL ..." lines and "N requests, N tries, N wrong". */
#include "../fuzz/arena.h"
#include "kiln.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *targets[] = {NULL, "cpu", "cuda", "metalium"};

typedef struct {
    kiln_status status;
    char said[400];
} Outcome;

static kiln_status run_zeros(kiln_kernel *k)
{
    enum { MOST = 16 };
    kiln_arg arg[MOST] = {0};
    int64_t size[MOST];
    int n = kiln_params(k);
    kiln_status s = KILN_OK;
    for (int i = 0; i < MOST; i++) size[i] = 64;
    for (int i = 0; i < n && i < MOST; i++) {
        kiln_param p = {.size = sizeof p};
        s = kiln_param_get(k, i, &p);
        if (s != KILN_OK) break;
        arg[i].dtype = p.dtype;
        arg[i].ndim = p.ndim;
        if (p.scalar) continue;
        size_t bytes = (size_t)kiln_dtype_bits(p.dtype);
        s = kiln_shape(k, i, size, arg[i].dim);
        if (s != KILN_OK) break;
        for (int d = 0; d < p.ndim; d++) bytes *= (size_t)arg[i].dim[d];
        arg[i].data = calloc(bytes / 8 + 8, 1);
    }
    if (s == KILN_OK) s = kiln_run(k, "interp", arg, n, NULL);
    for (int i = 0; i < n && i < MOST; i++) free(arg[i].data);
    return s;
}

/* one whole use of the library */
static Outcome use(const char *mode, const char *path, const char *entry, const char *const *bind)
{
    Outcome o = {0};
    kiln_context *cx = kiln_open();
    if (!cx) return (Outcome){KILN_ENVIRONMENT, "E0904: no context"};
    int ntarget = strcmp(mode, "run") == 0 ? 1 : 4;
    for (int t = 0; t < ntarget && o.status == KILN_OK; t++) {
        kiln_source s = {.size = sizeof s, .path = path, .entry = entry, .bind = bind, .target = targets[t]};
        if (strcmp(mode, "check") == 0) s.stage = targets[t] ? "sched" : "tile";
        kiln_kernel *k = kiln_compile(cx, &s);
        o.status = kiln_last(cx);
        if (k && strcmp(mode, "emit") == 0 && targets[t] && !kiln_text(k, "text")) o.status = kiln_last(cx);
        if (k && strcmp(mode, "run") == 0) o.status = run_zeros(k);
        if (o.status == KILN_PROGRAM && t > 0) o.status = KILN_OK; /* not for this target */
        snprintf(o.said, sizeof o.said, "%s", kiln_messages(cx));
        kiln_free(k);
    }
    kiln_close(cx);
    return o;
}

int main(int argc, char **argv)
{
    if (argc < 4) return 2;
    const char *bind[32] = {0};
    for (int i = 4; i < argc && i < 35; i++) bind[i - 4] = argv[i];
    char *colon = strrchr(argv[3], ':');
    if (colon) *colon++ = 0;
    long stride = atol(argv[2]), tries = 0, wrong = 0;
    arena_test.fail_at = 0;
    Outcome whole = use(argv[1], argv[3], colon, bind);
    long all = arena_test.requests;
    if (whole.status != KILN_OK) printf("FAIL without a failure: %s\n", whole.said), wrong++;
    for (long n = 1; n <= all; n += n < 200 ? 1 : stride)
        for (int forever = 0; forever < 2; forever++, tries++) {
            arena_test = (ArenaTest){.fail_at = n, .forever = forever};
            Outcome o = use(argv[1], argv[3], colon, bind);
            bool ok = o.status == KILN_ENVIRONMENT && strstr(o.said, "E0904") && arena_test.live == 0;
            if (ok) continue;
            if (wrong++ < 10)
                printf("FAIL request %ld of %ld%s: status %d, %ld blocks left, '%s'\n", n, all, forever ? " and all after it" : "", o.status,
                       arena_test.live, o.said);
        }
    printf("%ld requests, %ld tries, %ld wrong\n", all, tries, wrong);
    return wrong != 0;
}
