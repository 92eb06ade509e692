/* doctor: what this machine has, what is missing for which device, and what to do. */
#include "cli.h"
#include <string.h>

enum { ITEM, STATE, FOUND, DEVICE, HELP };

static void print_fact(const Options *o, char **fact, bool bad)
{
    bool ok = strcmp(fact[STATE], "ok") == 0;
    const char *hue = !o->color ? "" : bad ? "\033[31m" : ok ? "\033[32m" : "\033[33m";
    printf("%s%-8s%s %-17s %s", hue, bad ? "MISSING" : fact[STATE], o->color ? "\033[0m" : "", fact[ITEM], fact[FOUND]);
    if (strcmp(fact[STATE], "missing") == 0) printf("  (for --device=%s)", fact[DEVICE]);
    putchar('\n');
    if (strcmp(fact[HELP], "-") != 0) printf("         fix: %s\n", fact[HELP]);
}

int run_doctor(const Options *o)
{
    int n, status = OK;
    char **asked = split_list(option(o, O_device) ? option(o, O_device) : "cpu", ',', &n);
    if (!devices_known(o, asked, n)) return USAGE;
    Table t = table_of(o, "doctor");
    if (o->n[O_json]) table_json(&t);
    for (int i = 1; i < t.n; i++) {
        bool bad = false;
        for (int k = 0; k < n; k++) bad |= strcmp(t.row[i][STATE], "missing") == 0 && strcmp(asked[k], t.row[i][DEVICE]) == 0;
        if (bad) status = ENVIRONMENT;
        if (!o->n[O_json]) print_fact(o, t.row[i], bad);
    }
    return status;
}
