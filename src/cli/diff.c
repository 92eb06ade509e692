/* diff: the same values on several machines, compared with the first. */
#include "cli.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
        double x = value_at(v, i);
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
    if (kiln_dtype_bits(a->param.dtype) < 8) return value_at(a, i) == value_at(b, i);
    size_t n = a->bytes / (size_t)a->count;
    return memcmp((const char *)a->arg.data + (size_t)i * n,
                  (const char *)b->arg.data + (size_t)i * n, n) == 0;
}

typedef struct {
    const Options *o;
    Values start, ref;         /* before a run; after that on the first machine */
    const char *first, *device; /* that machine; the one that is compared with it */
    int status;
} Diff;

/* the statement that writes the element, its block, the place in its tile */
static void blame(const Diff *c, kiln_kernel *k, const Values *all, int param, int64_t i)
{
    const Value *v = &all->v[param];
    int64_t idx[KILN_MAXDIM];
    index_of(v, i, idx);
    kiln_blame(k, param, idx, all->args, all->n,
               get_text("'%s' differs: %s is %.9g on %s and %.9g on %s", v->param.name, place_of(v, i), value_at(v, i), c->device,
                        value_at(&c->ref.v[param], i), c->first));
    if (report_is_text(c->o))
        fputs(kiln_messages(c->o->cx), stdout); /* it is what was asked for */
    else
        report_messages(c->o);
}

/* one output of one machine against the first machine; the first element that differs, or -1 */
static int64_t compare(const Diff *c, const Value *v, const Value *ref, bool exact, Bound bound)
{
    int64_t wrong = 0, where = -1;
    double most = 0;
    for (int64_t i = 0; i < v->count; i++) {
        double x = value_at(v, i), y = value_at(ref, i);
        bool ok = exact ? same_bits(v, ref, i) : close_to(x, y, bound);
        if (isfinite(x) && isfinite(y)) most = fmax(most, fabs(x - y));
        if (!ok && wrong++ == 0) where = i;
    }
    printf("  %-8s %-8s %-8s max |x - y| %.3g", v->param.name, c->device, wrong ? "DIFFERS" : "ok", most);
    if (wrong) {
        double x = value_at(v, where), y = value_at(ref, where);
        printf(";  %lld of %lld elements, first %s: %.9g, on %s %.9g; |x - y| %.3g, bound %.3g", (long long)wrong,
               (long long)v->count, place_of(v, where), x, c->first, y, fabs(x - y), exact ? 0 : bound.atol + bound.rtol * fabs(y));
    }
    printf("\n");
    return where;
}

static int compare_all(const Diff *c, kiln_kernel *k, const Values *all)
{
    int status = OK;
    for (int i = 0; i < all->n; i++) {
        const Value *v = &all->v[i], *ref = &c->ref.v[i];
        if (!v->param.written) continue;
        Bound b = {.rtol = rtol_of(v->param.dtype, c->device)};
        bool exact = b.rtol == 0; /* integers and bools */
        if (!exact && !option_real(c->o, O_rtol, &b.rtol)) return USAGE;
        b.atol = b.rtol * size_of(ref);
        if (!exact && !option_real(c->o, O_atol, &b.atol)) return USAGE;
        int64_t where = compare(c, v, ref, exact, b);
        if (where < 0) continue;
        blame(c, k, all, i, where);
        status = DIFFERS;
    }
    return status;
}

/* --device A,B,C, or every device that can run here */
static const char *diff_devices(const Options *o)
{
    if (option(o, O_device)) return option(o, O_device);
    const char *list = "interp";
    Table t = table_of(o, "devices");
    for (int i = 1; i < t.n; i++)
        if (strcmp(t.row[i][0], "interp") != 0 && strcmp(t.row[i][2], "yes") == 0)
            list = get_text("%s,%s", list, t.row[i][0]);
    return list;
}

static int diff_one(Diff *d, kiln_kernel *k)
{
    if (!d->start.v && !values_make(d->o, k, &d->start)) return USAGE;
    Values v = values_copy(&d->start);
    kiln_timing t = {.size = sizeof t};
    int status = run_once(d->o, k, d->device, &v, &t);
    if (status != OK) return status;
    printf("%-8s %.3g s\n", d->device, t.seconds);
    if (d->ref.v) return compare_all(d, k, &v);
    d->ref = v;
    return values_write(d->o, &v) ? OK : ENVIRONMENT;
}

int run_diff(const Options *o)
{
    Diff d = {.o = o};
    int n;
    char **device = split_list(diff_devices(o), ',', &n);
    double x;
    if (!devices_known(o, device, n) || !option_real(o, O_atol, &x) || !option_real(o, O_rtol, &x))
        return USAGE; /* before anything runs */
    if (n < 2)
        return complain(o, "E0701", "--device takes a list: interp,cpu,mock", "diff needs two devices or more");
    d.first = device[0];
    for (int i = 0; i < n && (d.status == OK || d.status == DIFFERS); i++) {
        int status;
        kiln_kernel *k = compile_for_device(o, device[i], &status);
        d.device = device[i];
        if (k) status = diff_one(&d, k);
        kiln_free(k);
        if (status != OK) d.status = status;
    }
    return d.status;
}
