/* run: values made, a kernel run on them, what it wrote summed up. */
#include "cli.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers ----------------------------------------------------------------------------- */

static void print_shape(FILE *to, const Value *v)
{
    fputc('(', to);
    for (int d = 0; d < v->arg.ndim; d++)
        fprintf(to, "%s%lld", d ? ", " : "", (long long)v->arg.dim[d]);
    fprintf(to, "%s)", v->arg.ndim == 1 ? "," : "");
}

/* name, type, shape, the ends, the mean, and the first values */
static void print_summary(const Value *v)
{
    double lo = INFINITY, hi = -INFINITY, sum = 0;
    int64_t nans = 0, infs = 0, finite = 0;
    for (int64_t i = 0; i < v->count; i++) {
        double x = value_at(v, i);
        if (isnan(x)) {
            nans++;
        } else if (isinf(x)) {
            infs++;
        } else {
            lo = fmin(lo, x);
            hi = fmax(hi, x);
            sum += x;
            finite++;
        }
    }
    printf("%s  %s ", v->param.name, v->param.dtype);
    print_shape(stdout, v);
    if (finite) printf("  min %.6g  max %.6g  mean %.6g", lo, hi, sum / (double)finite);
    if (infs) printf("  inf %lld", (long long)infs);
    if (nans) printf("  nan %lld", (long long)nans);
    printf("\n    [");
    for (int64_t i = 0; i < v->count && i < 8; i++) printf("%s%.6g", i ? ", " : "", value_at(v, i));
    printf("%s]\n", v->count > 8 ? ", ..." : "");
}

/* ---- run --------------------------------------------------------------------------------- */

enum { NAME, TARGET, PRESENT };

bool devices_known(const Options *o, char **device, int n)
{
    Table t = table_of(o, "devices");
    for (int i = 0; i < n; i++)
        if (!table_find(&t, device[i]))
            return !complain(o, "E0701", "`kiln ops --devices` lists them", "there is no device '%s'", device[i]);
    return true;
}

/* a kernel compiled for what the device runs; the interpreter runs tile programs, and schedules as
 * they are */
kiln_kernel *compile_for_device(const Options *o, char *device, int *status)
{
    *status = USAGE;
    if (!devices_known(o, &device, 1)) return NULL;
    Table t = table_of(o, "devices");
    char *target = table_find(&t, device)[TARGET];
    return compile_for(o, strcmp(target, "-") == 0 ? NULL : target, NULL, status);
}

/* --device, or: what runs a schedule given as FILE, else the CPU when it can, else the interpreter. */
static char *choose_device(const Options *o, int *status)
{
    *status = OK;
    if (option(o, O_device)) return get_text("%s", option(o, O_device));
    char *target = target_of_source(o, status);
    if (*status != OK) return NULL;
    Table t = table_of(o, "devices");
    for (int i = 1; i < t.n; i++) {
        char **r = t.row[i];
        bool fits = strcmp(target ? r[TARGET] : r[NAME], target ? target : "cpu") == 0;
        if (fits && strcmp(r[PRESENT], "yes") == 0) return r[NAME];
    }
    return get_text("interp");
}

/* a line of T.print */
static void say(void *to, const char *line)
{
    (void)to;
    puts(line);
}

int run_once(const Options *o, kiln_kernel *k, const char *device, Values *v, kiln_timing *t)
{
    t->say = say;
    int status = (int)kiln_run(k, device, v->args, v->n, t);
    report_messages(o);
    return status;
}

static void print_times(const char *device, const kiln_timing *t)
{
    printf("%s  %.6g s", device, t->seconds);
    if (t->repeat && t->flops > 0 && t->seconds > 0)
        printf("  %.6g GFLOP/s", t->flops / t->seconds * 1e-9);
    printf("\n");
}

static int run_on(const Options *o, char *device, int repeat)
{
    int status;
    kiln_kernel *k = compile_for_device(o, device, &status);
    if (!k) return status;
    Values v;
    kiln_timing t = {.size = sizeof t, .repeat = repeat};
    status = values_make(o, k, &v) ? run_once(o, k, device, &v, &t) : USAGE;
    if (status == OK) {
        for (int i = 0; i < v.n; i++)
            if (v.v[i].param.written) print_summary(&v.v[i]);
        print_times(device, &t);
        status = values_write(o, &v) ? OK : ENVIRONMENT;
    }
    kiln_free(k);
    return status;
}

int run_run(const Options *o)
{
    int64_t repeat = 0;
    int status;
    if (!option_int(o, O_repeat, 0, 1000000, &repeat)) return USAGE;
    char *device = choose_device(o, &status);
    return device ? run_on(o, device, (int)repeat) : status;
}
