/* diff: the same values on several machines, compared with the first. */
#include "cli.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double at(const Value *v, int64_t i)
{
    return kiln_get(v->param.dtype, v->arg.data, i);
}

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
               {"bfloat16", 2e-2}, {"float8_e4m3fn", 0.13}, {"float8_e5m2", 0.26},
               {"tfloat32", 2e-3}, {"float4_e2m1fn", 0.5},   {"float8_e8m0fnu", 1}};
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

static void index_of(const Value *v, int64_t i, int64_t *idx)
{
    for (int d = v->arg.ndim - 1; d >= 0; d--) {
        idx[d] = i % v->arg.dim[d];
        i /= v->arg.dim[d];
    }
}

/* "C[3, 4]" */
static char *place_of(const Value *v, int64_t i)
{
    int64_t idx[KILN_MAXDIM];
    index_of(v, i, idx);
    char *out = get_text("%s[", v->param.name);
    for (int d = 0; d < v->arg.ndim; d++) out = get_text("%s%s%lld", out, d ? ", " : "", (long long)idx[d]);
    return get_text("%s]", out);
}

/* integers of 64 bits are compared as bits: a double would hide the low ones */
static bool same_bits(const Value *a, const Value *b, int64_t i)
{
    if (kiln_dtype_bits(a->param.dtype) < 8) return at(a, i) == at(b, i);
    size_t n = a->bytes / (size_t)a->count;
    return memcmp((const char *)a->arg.data + (size_t)i * n,
                  (const char *)b->arg.data + (size_t)i * n, n) == 0;
}

typedef struct {
    const Options *o;
    kiln_kernel *k;
    const Values *v, *ref;
    const char *device, *first;
} Compare;

/* the statement that writes the element, its block, the place in its tile */
static void blame(const Compare *c, int param, int64_t i)
{
    const Value *v = &c->v->v[param];
    int64_t idx[KILN_MAXDIM];
    index_of(v, i, idx);
    kiln_blame(c->k, param, idx, c->v->args, c->v->n,
               get_text("'%s' differs: %s is %.9g on %s and %.9g on %s", v->param.name, place_of(v, i), at(v, i), c->device,
                        at(&c->ref->v[param], i), c->first));
    if (report_is_text(c->o))
        fputs(kiln_messages(c->o->cx), stdout); /* it is what was asked for */
    else
        report_messages(c->o);
}

/* one output of one machine against the first machine; how many elements differ */
static int64_t compare(const Compare *c, int param, bool exact, Bound bound)
{
    const Value *v = &c->v->v[param], *ref = &c->ref->v[param];
    int64_t wrong = 0, where = -1;
    double most = 0;
    for (int64_t i = 0; i < v->count; i++) {
        double x = at(v, i), y = at(ref, i);
        bool ok = exact ? same_bits(v, ref, i) : close_to(x, y, bound);
        if (isfinite(x) && isfinite(y)) most = fmax(most, fabs(x - y));
        if (!ok && wrong++ == 0) where = i;
    }
    printf("  %-8s %-8s %-8s max |x - y| %.3g", v->param.name, c->device, wrong ? "DIFFERS" : "ok", most);
    if (wrong) {
        double x = at(v, where), y = at(ref, where);
        printf(";  %lld of %lld elements, first %s: %.9g, on %s %.9g; |x - y| %.3g, bound %.3g", (long long)wrong,
               (long long)v->count, place_of(v, where), x, c->first, y, fabs(x - y), exact ? 0 : bound.atol + bound.rtol * fabs(y));
    }
    printf("\n");
    if (wrong) blame(c, param, where);
    return wrong;
}

static int compare_all(const Compare *c)
{
    int status = OK;
    for (int i = 0; i < c->v->n; i++) {
        const Value *v = &c->v->v[i];
        if (!v->param.written) continue;
        Bound b = {.rtol = rtol_of(v->param.dtype, c->device)};
        bool exact = b.rtol == 0; /* integers and bools */
        if (!exact && !option_real(c->o, O_rtol, &b.rtol)) return USAGE;
        b.atol = b.rtol * size_of(&c->ref->v[i]);
        if (!exact && !option_real(c->o, O_atol, &b.atol)) return USAGE;
        if (compare(c, i, exact, b)) status = DIFFERS;
    }
    return status;
}

/* --device A,B,C, or every device that can run here */
static char *diff_devices(const Options *o)
{
    if (option(o, O_device)) return get_text("%s", option(o, O_device));
    char *list = get_text("interp");
    Table t = table_of(o, "devices");
    for (int i = 1; i < t.n; i++)
        if (strcmp(t.row[i][0], "interp") != 0 && strcmp(t.row[i][2], "yes") == 0)
            list = get_text("%s,%s", list, t.row[i][0]);
    return list;
}

typedef struct {
    Values start, first;
    bool begun;
    int status;
} Diff;

static void diff_one(const Options *o, char *device, const char *first, Diff *d)
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
            Compare c = {.o = o, .k = k, .v = &v, .ref = &d->first, .device = device, .first = first};
            status = compare_all(&c);
        } else if (status == OK) {
            d->first = v;
            status = values_write(o, &v) ? OK : ENVIRONMENT;
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
    double x;
    if (!devices_known(o, device, n) || !option_real(o, O_atol, &x) || !option_real(o, O_rtol, &x))
        d.status = USAGE; /* before anything runs */
    else if (n < 2)
        d.status = complain(o, "E0701", "--device takes a list: interp,cpu,mock",
                            "diff needs two devices or more");
    for (int i = 0; i < n && (d.status == OK || d.status == DIFFERS); i++)
        diff_one(o, device[i], device[0], &d);
    return d.status;
}
