/* The parameters of a program and what they hold. Open sizes are solved from the shapes of array
   files and from -D; every other shape follows from them. */
#include "cli.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* NAME=WHAT given to an option that may be repeated; the last one counts. NULL: not given */
static const char *given(const Options *o, Opt opt, const char *name)
{
    size_t n = strlen(name);
    for (int i = o->n[opt] - 1; i >= 0; i--)
        if (strncmp(o->value[opt][i], name, n) == 0 && o->value[opt][i][n] == '=')
            return o->value[opt][i] + n + 1;
    return NULL;
}

Class class_of(const char *dtype)
{
    if (dtype[0] == 'b' && dtype[1] == 'o') return BOOL;
    if (dtype[0] == 'u' || dtype[0] == 'h') return UNSIGNED;
    if (dtype[0] == 'i') return SIGNED;
    return kiln_dtype_bits(dtype) <= 8 ? SMALL_FLOAT : FLOAT;
}

bool is_real(Class c)
{
    return c == FLOAT || c == SMALL_FLOAT;
}

/* every NAME=... names a parameter */
static bool names_known(const Options *o, Opt opt, const Values *v)
{
    for (int i = 0; i < o->n[opt]; i++) {
        const char *s = o->value[opt][i], *eq = strchr(s, '=');
        if (!eq || !eq[1])
            return !complain(o, "E0701", NULL, "--%s takes %s, not '%s'", opt_info[opt].name, opt_info[opt].arg, s);
        const char *name = get_text("%.*s", (int)(eq - s), s), *list = "it has";
        bool known = false;
        for (int k = 0; k < v->n; k++) {
            known |= strcmp(v->v[k].param.name, name) == 0;
            list = get_text("%s%s %s", list, k ? "," : "", v->v[k].param.name);
        }
        if (!known) return !complain(o, "E0701", list, "the program has no parameter '%s'", name);
    }
    return true;
}

static bool is_file(const char *what)
{
    return what && !spec_known(what);
}

/* ---- sizes ------------------------------------------------------------------------------- */

static bool sizes_from_defines(const Options *o, kiln_kernel *k, int64_t *size)
{
    for (int i = 0; i < kiln_sizes(k); i++) {
        const char *s = given(o, O_define, kiln_size_name(k, i));
        char *end;
        size[i] = -1;
        if (!s) continue;
        errno = 0;
        size[i] = strtoll(s, &end, 0);
        if (!*s || *end || size[i] < 0 || errno)
            return !complain(o, "E0704", "a size is an integer from 0", "size '%s' is a number, not '%s'", kiln_size_name(k, i), s);
    }
    return true;
}

static bool sizes_from_files(const Options *o, kiln_kernel *k, const Values *v, int64_t *size)
{
    for (int i = 0; i < v->n; i++) {
        const kiln_param *p = &v->v[i].param;
        const char *path = given(o, O_input, p->name);
        int ndim;
        int64_t dim[KILN_MAXDIM];
        if (p->scalar || !is_file(path)) continue;
        if (!npy_shape(o, path, &ndim, dim)) return false;
        if (ndim != p->ndim)
            return !complain(o, "E0703", NULL, "'%s' has %d dimensions, '%s' has %d", path, ndim, p->name, p->ndim);
        for (int d = 0; d < ndim; d++)
            for (int n = 0; n < kiln_sizes(k); n++) {
                if (strcmp(p->dim_text[d], kiln_size_name(k, n)) != 0) continue;
                if (size[n] >= 0 && size[n] != dim[d])
                    return !complain(o, "E0704", "one size has one value: see the shapes and the -D of this call",
                                     "size '%s' is %lld and, by %s, %lld", p->dim_text[d], (long long)size[n], path,
                                     (long long)dim[d]);
                size[n] = dim[d];
            }
    }
    return true;
}

static bool solve_sizes(const Options *o, kiln_kernel *k, const Values *v, int64_t *size)
{
    if (!sizes_from_defines(o, k, size) || !sizes_from_files(o, k, v, size)) return false;
    for (int i = 0; i < kiln_sizes(k); i++)
        if (size[i] < 0)
            return !complain(o, "E0704", get_text("give -D %s=N, or an array file for a parameter with that size", kiln_size_name(k, i)),
                          "size '%s' is not known", kiln_size_name(k, i));
    return true;
}

double value_at(const Value *v, int64_t i)
{
    return kiln_get(v->param.dtype, v->arg.data, i);
}

/* ---- contents ---------------------------------------------------------------------------- */

/* elements of less than a byte lie packed */
size_t value_bytes(const char *dtype, int64_t count)
{
    int bits = kiln_dtype_bits(dtype);
    return bits < 8 ? ((size_t)count * (size_t)bits + 7) / 8 : (size_t)count * (size_t)((bits + 7) / 8);
}

static bool shape_tensor(const Options *o, Value *v)
{
    v->count = 1;
    for (int d = 0; d < v->arg.ndim; d++) {
        int64_t n = v->arg.dim[d];
        if (n < 0 || (n && v->count > INT64_MAX / 16 / n))
            return !complain(o, "E0704", NULL, "dimension %d of '%s' would be %lld", d, v->param.name, (long long)n);
        v->count *= n;
    }
    v->bytes = value_bytes(v->param.dtype, v->count);
    return true;
}

static bool fill_scalar(const Options *o, Value *v, const char *what)
{
    char *end = NULL;
    if (!what) return !complain(o, "E0701", "give --input NAME=NUMBER", "'%s' is a number and has no value", v->param.name);
    bool truth = strcmp(what, "True") == 0 || strcmp(what, "False") == 0;
    v->arg.i = truth ? what[0] == 'T' : strtoll(what, &end, 0);
    if (truth || is_real(class_of(v->param.dtype))) v->arg.f = truth ? what[0] == 'T' : strtod(what, &end);
    return truth || (end != what && !*end) ||
           !complain(o, "E0701", NULL, "'%s' is %s, not '%s'", v->param.name, v->param.dtype, what);
}

static bool fill_tensor(const Options *o, Value *v, int index, uint64_t seed, int64_t limit)
{
    const char *what = given(o, O_input, v->param.name);
    v->arg.i = what != NULL;
    if (is_file(what)) return npy_read(o, what, v);
    v->arg.data = get_memory(v->bytes);
    bool normal = v->param.read && is_real(class_of(v->param.dtype));
    return spec_fill(o, what ? what : normal ? "normal" : "zeros", v, seed, index, limit);
}

static bool fill_all(const Options *o, kiln_kernel *k, Values *out, const int64_t *size)
{
    int64_t seed = 0, limit = 0;
    if (!option_int(o, O_seed, 0, UINT32_MAX, &seed)) return false;
    for (int i = 0; i < out->n; i++) {
        Value *v = &out->v[i];
        v->arg.dtype = v->param.dtype;
        v->arg.ndim = v->param.ndim;
        if (v->param.scalar) continue;
        kiln_shape(k, i, size, v->arg.dim);
        if (!shape_tensor(o, v)) return false;
        for (int d = 0; d < v->arg.ndim; d++) limit = v->arg.dim[d] > limit ? v->arg.dim[d] : limit;
    }
    for (int i = 0; i < out->n; i++) {
        Value *v = &out->v[i];
        if (v->param.scalar ? !fill_scalar(o, v, given(o, O_input, v->param.name))
                            : !fill_tensor(o, v, i, (uint64_t)seed, limit))
            return false;
    }
    return true;
}

static void gather_args(Values *v)
{
    v->args = get_memory(sizeof *v->args * (size_t)v->n);
    for (int i = 0; i < v->n; i++) v->args[i] = v->v[i].arg;
}

bool values_make(const Options *o, kiln_kernel *k, Values *out)
{
    *out = (Values){.n = kiln_params(k)};
    out->v = get_memory(sizeof *out->v * (size_t)out->n);
    for (int i = 0; i < out->n; i++) {
        kiln_param *p = &out->v[i].param;
        p->size = sizeof *p;
        kiln_param_get(k, i, p);
        p->name = get_text("%s", p->name); /* values outlive the kernel; its texts do not */
    }
    int64_t *size = get_memory(sizeof *size * (size_t)kiln_sizes(k));
    if (!names_known(o, O_input, out) || !names_known(o, O_output, out) || !solve_sizes(o, k, out, size) ||
        !fill_all(o, k, out, size))
        return false;
    gather_args(out);
    return true;
}

Values values_copy(const Values *v)
{
    Values out = {.n = v->n, .v = get_memory(sizeof *out.v * (size_t)v->n)};
    for (int i = 0; i < v->n; i++) {
        out.v[i] = v->v[i];
        if (v->v[i].param.scalar) continue;
        out.v[i].arg.data = get_memory(v->v[i].bytes);
        memcpy(out.v[i].arg.data, v->v[i].arg.data, v->v[i].bytes);
    }
    gather_args(&out);
    return out;
}

bool values_write(const Options *o, const Values *v)
{
    for (int i = 0; i < v->n; i++) {
        const char *path = given(o, O_output, v->v[i].param.name);
        if (path && v->v[i].param.scalar)
            return !complain(o, "E0701", NULL, "'%s' is a number; only tensors are written", v->v[i].param.name);
        if (path && !npy_write(o, path, &v->v[i])) return false;
    }
    return true;
}
