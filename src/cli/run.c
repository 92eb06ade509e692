/* run and diff: the same values on one machine, or on several that are compared. */
#include "cli.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers ----------------------------------------------------------------------------- */

static double at(const Value *v, int64_t i)
{
    return kiln_get(v->param.dtype, v->arg.data, i);
}

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
        double x = at(v, i);
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
    for (int64_t i = 0; i < v->count && i < 8; i++) printf("%s%.6g", i ? ", " : "", at(v, i));
    printf("%s]\n", v->count > 8 ? ", ..." : "");
}

/* ---- run --------------------------------------------------------------------------------- */

static bool device_present(const Options *o, const char *name)
{
    char *there = table_find(o->cx, "devices", name, 2);
    bool yes = there && strcmp(there, "yes") == 0;
    free(there);
    return yes;
}

/* a kernel compiled for what the device runs; the interpreter runs tile programs, and schedules as
 * they are */
static kiln_kernel *compile_for_device(const Options *o, const char *device, int *status)
{
    char *target = table_find(o->cx, "devices", device, 1);
    if (!target) {
        *status = complain(o, USAGE, "`kiln ops --devices` lists them", "there is no device '%s'",
                           device);
        return NULL;
    }
    kiln_kernel *k = compile_for(o, strcmp(target, "-") == 0 ? NULL : target, NULL, status);
    free(target);
    return k;
}

/* --device, or: what runs a schedule given as FILE, else the CPU when it can, else the interpreter.
 * Owned. */
static char *choose_device(const Options *o, int *status)
{
    *status = OK;
    if (option(o, O_device)) return get_text("%s", option(o, O_device));
    char *target = target_of_source(o, status), *name;
    if (*status != OK) return NULL;
    for (int row = 0; (name = table_cell(o->cx, "devices", row, 0)); row++) {
        char *its = table_cell(o->cx, "devices", row, 1);
        bool fits = target ? strcmp(its, target) == 0 : strcmp(name, "cpu") == 0;
        free(its);
        if (fits && device_present(o, name)) break;
        free(name);
    }
    free(target);
    return name ? name : get_text("interp");
}

static int run_once(const Options *o, kiln_kernel *k, const char *device, Values *v, kiln_timing *t)
{
    int status = (int)kiln_run(k, device, v->args, v->n, t);
    fputs(kiln_messages(o->cx), stderr);
    return status;
}

static void print_times(const char *device, const kiln_timing *t)
{
    printf("%s  %.6g s", device, t->seconds);
    if (t->repeat && t->flops > 0 && t->seconds > 0)
        printf("  %.6g GFLOP/s", t->flops / t->seconds * 1e-9);
    printf("\n");
}

static int run_on(const Options *o, const char *device, int repeat)
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
    values_free(&v);
    kiln_free(k);
    return status;
}

int run_run(const Options *o)
{
    int64_t repeat = 0;
    if (!option_int(o, O_repeat, &repeat)) return USAGE;
    if (repeat < 0 || repeat > 1000000)
        return complain(o, USAGE, NULL, "--repeat takes 0 to 1000000");
    int status;
    char *device = choose_device(o, &status);
    if (!device) return status;
    status = run_on(o, device, (int)repeat);
    free(device);
    return status;
}

/* ---- diff -------------------------------------------------------------------------------- */

typedef struct {
    double atol, rtol;
} Bound;

/* What two right machines may differ by, relative to the element and to the size of all of them: they
 * sum in different orders, and where terms cancel the error is of the terms' size. */
static double rtol_of(const char *dtype, const char *device)
{
    static const struct {
        const char *name;
        double rtol;
    } row[] = {{"float64", 1e-9},  {"float32", 1e-3},        {"float16", 4e-3},
               {"bfloat16", 2e-2}, {"float8_e4m3fn", 0.13}, {"float8_e5m2", 0.26}};
    /* the chip's matrix unit takes float32 operands with 10 bits of mantissa */
    if (strcmp(dtype, "float32") == 0 && strcmp(device, "mock") == 0) return 1e-2;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        if (strcmp(row[i].name, dtype) == 0) return row[i].rtol;
    return 0;
}

/* the root of the mean square of what is finite */
static double size_of(const Value *v)
{
    double sum = 0;
    int64_t n = 0;
    for (int64_t i = 0; i < v->count; i++) {
        double x = at(v, i);
        if (isfinite(x)) sum += x * x, n++;
    }
    return n ? sqrt(sum / (double)n) : 0;
}

static bool close_to(double x, double y, Bound b)
{
    if (isnan(x) || isnan(y)) return isnan(x) && isnan(y);
    return x == y || (isfinite(x) && isfinite(y) && fabs(x - y) <= b.atol + b.rtol * fabs(y));
}

static void print_place(const Value *v, int64_t i)
{
    int64_t idx[KILN_MAXDIM];
    for (int d = v->arg.ndim - 1; d >= 0; d--) {
        idx[d] = i % v->arg.dim[d];
        i /= v->arg.dim[d];
    }
    printf("%s[", v->param.name);
    for (int d = 0; d < v->arg.ndim; d++) printf("%s%lld", d ? ", " : "", (long long)idx[d]);
    printf("]");
}

/* integers of 64 bits are compared as bits: a double would hide the low ones */
static bool same_bits(const Value *a, const Value *b, int64_t i)
{
    size_t n = a->bytes / (size_t)a->count;
    return memcmp((const char *)a->arg.data + (size_t)i * n,
                  (const char *)b->arg.data + (size_t)i * n, n) == 0;
}

/* one output of one machine against the first machine; how many elements differ */
static int64_t compare(const Value *v, const Value *ref, const char *device, const char *first,
                       bool exact, Bound bound)
{
    int64_t wrong = 0, where = -1;
    double most = 0;
    for (int64_t i = 0; i < v->count; i++) {
        double x = at(v, i), y = at(ref, i);
        bool ok = exact ? same_bits(v, ref, i) : close_to(x, y, bound);
        if (isfinite(x) && isfinite(y)) most = fmax(most, fabs(x - y));
        if (!ok && wrong++ == 0) where = i;
    }
    printf("  %-8s %-8s %-8s max |x - y| %.3g", v->param.name, device, wrong ? "DIFFERS" : "ok",
           most);
    if (wrong) {
        printf(";  %lld of %lld elements, first ", (long long)wrong, (long long)v->count);
        print_place(v, where);
        printf(": %.9g, on %s %.9g", at(v, where), first, at(ref, where));
    }
    printf("\n");
    return wrong;
}

static int compare_all(const Options *o, const Values *v, const Values *ref, const char *device,
                       const char *first)
{
    int status = OK;
    for (int i = 0; i < v->n; i++) {
        if (!v->v[i].param.written) continue;
        Bound b = {.rtol = rtol_of(v->v[i].param.dtype, device)};
        bool exact = b.rtol == 0; /* integers and bools */
        if (!exact && !option_real(o, O_rtol, &b.rtol)) return USAGE;
        b.atol = b.rtol * size_of(&ref->v[i]);
        if (!exact && !option_real(o, O_atol, &b.atol)) return USAGE;
        if (compare(&v->v[i], &ref->v[i], device, first, exact, b)) status = DIFFERS;
    }
    return status;
}

/* --device A,B,C, or every device that can run here */
static char *diff_devices(const Options *o)
{
    if (option(o, O_device)) return get_text("%s", option(o, O_device));
    char *list = get_text("interp"), *name;
    for (int row = 0; (name = table_cell(o->cx, "devices", row, 0)); row++) {
        if (strcmp(name, "interp") != 0 && device_present(o, name)) {
            char *more = get_text("%s,%s", list, name);
            free(list);
            list = more;
        }
        free(name);
    }
    return list;
}

typedef struct {
    Values start, first;
    bool begun;
    int status;
} Diff;

static void diff_one(const Options *o, const char *device, const char *first, Diff *d)
{
    int status;
    kiln_kernel *k = compile_for_device(o, device, &status);
    if (k && !d->begun) {
        status = values_make(o, k, &d->start) ? OK : USAGE;
        d->begun = status == OK;
    }
    if (k && status == OK) {
        Values v = values_copy(&d->start);
        kiln_timing t = {.size = sizeof t};
        status = run_once(o, k, device, &v, &t);
        if (status == OK) printf("%-8s %.3g s\n", device, t.seconds);
        if (status == OK && d->first.v) {
            status = compare_all(o, &v, &d->first, device, first);
            values_free(&v);
        } else if (status == OK) {
            d->first = v;
            status = values_write(o, &v) ? OK : ENVIRONMENT;
        } else {
            values_free(&v);
        }
    }
    kiln_free(k);
    if (status != OK && (d->status == OK || d->status == DIFFERS)) d->status = status;
}

int run_diff(const Options *o)
{
    Diff d = {0};
    int n;
    char *list = diff_devices(o), **device = split_list(list, ',', &n);
    if (n < 2)
        d.status = complain(o, USAGE, "--device takes a list: interp,cpu,mock",
                            "diff needs two devices or more");
    for (int i = 0; i < n && (d.status == OK || d.status == DIFFERS); i++)
        diff_one(o, device[i], device[0], &d);
    values_free(&d.start);
    values_free(&d.first);
    free(device);
    free(list);
    return d.status;
}
