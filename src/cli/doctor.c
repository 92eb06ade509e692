/* doctor: what this machine has, what is missing for which device, and what to do. */
#include "cli.h"
#include <stdlib.h>
#include <string.h>

static void print_fact(const Options *o, const char *item, const char *state, const char *found,
                       const char *device, const char *help, bool bad)
{
    const char *mark = strcmp(state, "ok") == 0 ? "ok" : strcmp(state, "note") == 0 ? "note" : bad ? "MISSING" : "missing";
    const char *hue = !o->color ? "" : bad ? "\033[31m" : strcmp(state, "ok") == 0 ? "\033[32m" : "\033[33m";
    printf("%s%-8s%s %-17s %s", hue, mark, o->color ? "\033[0m" : "", item, found);
    if (strcmp(state, "missing") == 0) printf("  (for --device=%s)", device);
    putchar('\n');
    if (strcmp(help, "-") != 0) printf("         fix: %s\n", help);
}

int run_doctor(const Options *o)
{
    enum { ITEM, STATE, FOUND, DEVICE, HELP };
    int n, status = OK;
    char **asked = split_list(option(o, O_device) ? option(o, O_device) : "cpu", ',', &n), *item;
    if (!devices_known(o, asked, n)) return USAGE;
    const char *table = get_text("%s", kiln_table(o->cx, "doctor")); /* looking takes time: once */
    if (o->n[O_json]) json_table(stdout, table);
    for (int row = 0; (item = table_at(table, row, ITEM)); row++) {
        const char *state = table_at(table, row, STATE), *device = table_at(table, row, DEVICE);
        bool bad = false;
        for (int i = 0; i < n; i++) bad |= strcmp(state, "missing") == 0 && strcmp(asked[i], device) == 0;
        if (bad) status = ENVIRONMENT;
        if (!o->n[O_json]) print_fact(o, item, state, table_at(table, row, FOUND), device, table_at(table, row, HELP), bad);
    }
    return status;
}
