/* doctor: what this machine has, what is missing for which device, and what to do. */
#include "cli.h"
#include <stdlib.h>
#include <string.h>

/* is this row needed for one of the devices that are asked for; the CPU when none is */
static bool is_needed(const Options *o, const char *device)
{
    int n;
    const char *asked = option(o, O_device);
    char **list = split_list(asked ? asked : "cpu", ',', &n);
    bool yes = false;
    for (int i = 0; i < n; i++)
        yes |= strcmp(list[i], device) == 0;
    free(list);
    return yes;
}

static bool devices_known(const Options *o)
{
    int n;
    char **list = split_list(option(o, O_device) ? option(o, O_device) : "cpu", ',', &n);
    bool ok = true;
    for (int i = 0; i < n && ok; i++) {
        char *there = table_find(o->cx, "devices", list[i], 0);
        ok = there != NULL;
        if (!ok) complain(o, USAGE, "`kiln ops --devices` lists them", "there is no device '%s'", list[i]);
        free(there);
    }
    free(list);
    return ok;
}

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
    enum { ITEM, STATE, FOUND, DEVICE, HELP, NCOL };
    if (!devices_known(o)) return USAGE;
    const char *table = kiln_table(o->cx, "doctor");
    char *copy = get_text("%s", table);
    int status = OK, n;
    char **line = split_list(copy, '\n', &n);
    if (o->n[O_json]) json_table(stdout, copy);
    for (int i = 1; i < n; i++) {
        int ncell;
        char **cell = split_list(line[i], '\t', &ncell);
        if (ncell == NCOL) {
            bool bad = strcmp(cell[STATE], "missing") == 0 && is_needed(o, cell[DEVICE]);
            if (bad) status = ENVIRONMENT;
            if (!o->n[O_json]) print_fact(o, cell[ITEM], cell[STATE], cell[FOUND], cell[DEVICE], cell[HELP], bad);
        }
        free(cell);
    }
    free(line);
    free(copy);
    return status;
}
