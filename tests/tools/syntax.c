/* syntax: reads texts from the standard input, each as a line with its length and then its bytes, and answers each with a line: "ok",
   or the code and place of every syntax error, "E0101:3:7 E0103:9:1". */
#include "lang/lang.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    const char *text;
    size_t n;
} Job;

static void parse(Cx *cx, void *arg)
{
    Job *j = arg;
    parse_module(cx, cx_source(cx, "<stdin>", j->text, j->n));
}

int main(void)
{
    Job j;
    while (scanf("%zu", &j.n) == 1 && getchar() == '\n') {
        char *text = malloc(j.n + 1);
        j.text = text;
        if (fread(text, 1, j.n, stdin) != j.n) return 1;
        Cx *cx = cx_open();
        bool ok = guarded(cx, parse, &j);
        if (ok) printf("ok");
        for (const Diag *d = cx->diags; d; d = d->next) {
            int line = 0, col = 0;
            if (d->span.file) span_line_col(cx, d->span, &line, &col);
            printf("%s%s:%d:%d", d == cx->diags ? "" : " ", err_info[d->code].name, line, col);
        }
        if (!ok && !cx->diags) printf("refused");
        printf("\n");
        cx_close(cx);
        free(text);
    }
    return 0;
}
