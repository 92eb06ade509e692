/* compile TIMES < ROWS: what the front end and the verifier take for each row "FILE<tab>KERNEL<tab>NAME=VALUE<tab>..." (KERNEL may be empty), in this
   process, TIMES times after one to warm up. Answers each with a line: "ok" or the first error's code, the median and the least in milliseconds,
   and the bytes of its text. */
#define _GNU_SOURCE
#include "kiln.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* of this process: the machine may be busy with others */
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* one compilation up to the checked tile program; its code when it is refused */
static double compile(const kiln_source *s, char code[8])
{
    double from = now();
    kiln_context *cx = kiln_open();
    kiln_kernel *k = kiln_compile(cx, s);
    const char *at = k ? NULL : strstr(kiln_messages(cx), "[E");
    snprintf(code, 8, "%.5s", k ? "ok" : at ? at + 1 : "?");
    kiln_free(k);
    kiln_close(cx);
    return now() - from;
}

int main(int argc, char **argv)
{
    int times = argc > 1 ? atoi(argv[1]) : 9;
    char *line = NULL, code[8];
    size_t cap = 0;
    double *took = calloc((size_t)times, sizeof *took);
    while (getline(&line, &cap, stdin) > 0) {
        const char *field[64] = {0};
        int n = 0;
        line[strcspn(line, "\n")] = 0;
        for (char *rest = line, *w; n < 63 && (w = strsep(&rest, "\t"));) field[n++] = w;
        kiln_source s = {.size = sizeof s, .path = field[0], .entry = n > 1 && *field[1] ? field[1] : NULL, .bind = field + 2, .stage = "tile"};
        struct stat st;
        compile(&s, code);
        for (int i = 0; i < times; i++) took[i] = compile(&s, code);
        qsort(took, (size_t)times, sizeof *took, by_value);
        printf("%s\t%.4f\t%.4f\t%lld\n", code, took[times / 2], took[0], stat(field[0], &st) == 0 ? (long long)st.st_size : 0);
        fflush(stdout);
    }
    free(took);
    free(line);
    return 0;
}
