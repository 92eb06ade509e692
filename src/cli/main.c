/* The command: which of its parts is asked for; ops and explain. */
#include "cli.h"
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

/* an option of ops that is no form is the name of a table */
int run_ops(const Options *o)
{
    const char *name = "ops";
    for (int i = O_tileops; i <= O_library; i++)
        if (o->n[i]) name = opt_info[i].name;
    if (o->n[O_doc] || o->n[O_table]) {
        fputs(kiln_table(o->cx, o->n[O_doc] ? "language" : name), stdout);
        return OK;
    }
    Table t = table_of(o, name);
    (o->n[O_json] ? table_json : table_print)(&t);
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

int run_explain(const Options *o)
{
    const char *text = kiln_explain(o->cx, o->arg);
    if (!text)
        return complain(o, "E0701", "`kiln ops --errors` lists them", "there is no error code '%s'", o->arg);
    for (const char *end; *text; text = end + (*end == '\n')) {
        end = text + strcspn(text, "\n");
        print_wrapped(text, (int)(end - text));
    }
    return OK;
}

/* FILE is '-' or '-:KERNEL': all of it is read before anything is done */
static int read_input(Options *o)
{
    if (!o->arg || o->arg[0] != '-' || (o->arg[1] && o->arg[1] != ':')) return OK;
    o->input = read_all(stdin);
    return ferror(stdin) ? complain(o, "E0702", NULL, "cannot read the standard input") : OK;
}

int main(int argc, char **argv)
{
    Options o = {.cx = kiln_open(), .report = report_open()};
    if (!o.cx) no_memory();
    int status = options_parse(argc, argv, &o);
    if (status < 0) {
        status = read_input(&o);
        if (status == OK) status = cmd_info[o.cmd].run(&o);
    }
    if (fflush(stdout) != 0 && status == OK) status = cannot_write(&o, NULL);
    report_close(&o, status);
    kiln_close(o.cx);
    memory_end();
    return status;
}
