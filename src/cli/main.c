/* The command: which of its parts is asked for; ops and explain. */
#include "cli.h"
#include <stdlib.h>
#include <string.h>

char *read_all(FILE *f)
{
    size_t n = 0, cap = 1 << 16;
    char *s = get_memory(cap);
    for (size_t got; (got = fread(s + n, 1, cap - n - 1, f)) > 0;) {
        n += got;
        if (cap - n < 4096) {
            char *more = get_memory(cap * 2);
            memcpy(more, s, n);
            s = more;
            cap *= 2;
        }
    }
    s[n] = 0;
    return s;
}

/* columns of a table, aligned */
static void print_aligned(const char *table)
{
    enum { MAXCOL = 12 };
    size_t wide[MAXCOL] = {0};
    for (int pass = 0; pass < 2; pass++) {
        int col = 0;
        for (const char *p = table; *p; p++) {
            size_t n = strcspn(p, "\t\n");
            bool last = p[n] != '\t';
            if (!pass && n > wide[col]) wide[col] = n;
            if (pass) printf("%-*.*s%s", last ? 0 : (int)wide[col], (int)n, p, last ? "\n" : "  ");
            col = last ? 0 : col + (col < MAXCOL - 1);
            p += n;
        }
    }
}

static int run_ops(const Options *o)
{
    static const struct {
        Opt opt;
        const char *table;
    } pick[] = {{O_tileops, "tileops"}, {O_dtypes, "dtypes"}, {O_targets, "targets"},
                {O_devices, "devices"}, {O_passes, "passes"}, {O_errors, "errors"},
                {O_library, "library"}, {O_builtins, "builtins"}, {O_warnings, "warnings"}};
    const char *name = "ops";
    for (size_t i = 0; i < sizeof pick / sizeof pick[0]; i++)
        if (o->n[pick[i].opt]) name = pick[i].table;
    if (o->n[O_doc]) {
        fputs(kiln_table(o->cx, "language"), stdout);
        return OK;
    }
    const char *table = kiln_table(o->cx, name);
    if (o->n[O_json])
        json_table(stdout, table);
    else if (o->n[O_table])
        fputs(table, stdout);
    else
        print_aligned(table);
    return OK;
}

/* a paragraph in lines of at most 100 columns */
static void print_wrapped(const char *s, int n)
{
    do {
        int take = n < 100 ? n : 100;
        while (take < n && take > 1 && s[take] != ' ') take--;
        printf("%.*s\n", take, s);
        for (s += take, n -= take; n > 0 && *s == ' '; n--) s++;
    } while (n > 0);
}

static int run_explain(const Options *o)
{
    const char *text = kiln_explain(o->cx, o->arg);
    if (!text)
        return complain(o, USAGE, "`kiln ops --errors` lists them", "there is no error code '%s'",
                        o->arg);
    for (const char *end; *text; text = end + (*end == '\n')) {
        end = text + strcspn(text, "\n");
        print_wrapped(text, (int)(end - text));
    }
    return OK;
}

int main(int argc, char **argv)
{
    static int (*const run[NCMD])(const Options *) = {
        [C_check] = run_check, [C_emit] = run_emit, [C_run] = run_run, [C_diff] = run_diff,
        [C_show] = run_show, [C_list] = run_list, [C_reduce] = run_reduce, [C_ops] = run_ops,
        [C_explain] = run_explain, [C_doctor] = run_doctor, [C_completion] = run_completion,
        [C_help] = run_help};
    Options o = {.cx = kiln_open(), .report = report_open()};
    if (!o.cx) {
        fputs("kiln: device[E0904]: out of memory\n", stderr);
        return ENVIRONMENT;
    }
    int status = options_parse(argc, argv, &o);
    if (status < 0) {
        if (o.arg && o.arg[0] == '-' && (!o.arg[1] || o.arg[1] == ':')) o.input = read_all(stdin);
        status = o.input && ferror(stdin) && !refuse(&o, "E0702", NULL, "cannot read the standard input") ? USAGE : run[o.cmd](&o);
    }
    if (fflush(stdout) != 0 && status == OK) status = cannot_write(&o, NULL);
    report_close(&o, status);
    kiln_close(o.cx);
    memory_end();
    return status;
}
