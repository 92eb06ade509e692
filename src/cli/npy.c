/* Array files (.npy, versions 1 to 3): a magic word, a header that is a Python dictionary, and the
   elements.

   The file's type need not be the parameter's: bfloat16 and float8 come as raw uint16 and uint8 (or
   opaque V2, V1); floats of another width are rounded; integers of another width are taken when
   every value fits. */
#include "cli.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    char kind;
    int bytes;
    bool fortran, swap; /* swap: big-endian */
    int ndim;
    int64_t dim[KILN_MAXDIM];
    int64_t count;
} Head;
/* kind: as in numpy: f i u b V */

static bool damaged(const Options *o, const char *path, const char *what)
{
    return !complain(o, "E0703", "numpy.save writes such files: version 1 to 3, numbers or bools, up to 8 dimensions",
                  "'%s' is not an .npy file that can be read: %s", path, what);
}

/* the text after 'key': in the header, or NULL */
static const char *entry(const char *head, const char *key)
{
    const char *p = strstr(head, key);
    if (!p) return NULL;
    p += strlen(key);
    while (*p == '\'' || *p == '"' || *p == ' ' || *p == ':') p++;
    return p;
}

static const char *parse_head(const char *text, Head *h)
{
    const char *descr = entry(text, "descr"), *order = entry(text, "fortran_order"),
               *shape = entry(text, "shape");
    if (!descr || !order || !shape || *shape != '(')
        return "its header lacks descr, fortran_order or shape";
    h->swap = *descr == '>';
    if (strchr("<>|=", *descr)) descr++;
    h->kind = *descr;
    h->bytes = atoi(descr + 1);
    if (!strchr("fiubV", h->kind) ||
        (h->bytes != 1 && h->bytes != 2 && h->bytes != 4 && h->bytes != 8))
        return "its element type is not a number or a bool";
    h->fortran = strncmp(order, "True", 4) == 0;
    h->count = 1;
    for (const char *p = shape + 1; *p && *p != ')';) {
        char *end;
        long long v = strtoll(p, &end, 10);
        if (end == p) return "its shape is not a tuple of numbers";
        if (h->ndim == KILN_MAXDIM) return "it has more than 8 dimensions";
        if (v < 0) return "its shape has a negative dimension";
        if (v && h->count > INT64_MAX / 16 / v) return "its shape is too large";
        h->dim[h->ndim++] = v;
        h->count *= v;
        for (p = end; *p == ',' || *p == ' ' || *p == 'L'; p++)
            ;
    }
    return NULL;
}

static bool read_head(const Options *o, FILE *f, const char *path, Head *h)
{
    unsigned char b[12];
    *h = (Head){0};
    if (fread(b, 1, 10, f) != 10 || memcmp(b, "\x93NUMPY", 6) != 0)
        return damaged(o, path, "it does not begin like one");
    if (b[6] < 1 || b[6] > 3) return damaged(o, path, "its version is not 1, 2 or 3");
    size_t n = (size_t)b[8] | (size_t)b[9] << 8;
    if (b[6] >= 2) {
        if (fread(b + 10, 1, 2, f) != 2) return damaged(o, path, "it ends in its header");
        n |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
    }
    if (n > 1 << 20) return damaged(o, path, "its header is too long");
    char *text = get_memory(n + 1);
    const char *wrong = fread(text, 1, n, f) == n ? parse_head(text, h) : "it ends in its header";
    return wrong ? damaged(o, path, wrong) : true;
}

static FILE *open_file(const Options *o, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        complain(o, "E0702", "a value is a file that can be read, or a SPEC: `kiln run --help` lists them",
                    "cannot open '%s': %s", path, strerror(errno));
    return f;
}

bool npy_shape(const Options *o, const char *path, int *ndim, int64_t *dim)
{
    Head h;
    FILE *f = open_file(o, path);
    if (!f) return false;
    bool ok = read_head(o, f, path, &h);
    fclose(f);
    if (ok) {
        *ndim = h.ndim;
        memcpy(dim, h.dim, sizeof(int64_t) * (size_t)h.ndim);
    }
    return ok;
}

/* the kind numpy would give a dtype of ours; what it does not have is 'V', raw bits */
static char kind_of(const char *dtype)
{
    return strcmp(dtype, "bfloat16") == 0 ? 'V' : "fViub"[class_of(dtype)];
}

static const char *file_dtype(const Head *h)
{
    if (h->kind == 'b' && h->bytes == 1) return "bool";
    if (h->kind == 'V' || h->kind == 'b' || (h->kind == 'f' && h->bytes == 1)) return NULL;
    return get_text("%s%d", h->kind == 'f' ? "float" : h->kind == 'i' ? "int" : "uint", 8 * h->bytes);
}

/* where element `at` (row-major) of a column-major file is */
static int64_t column_major(const Head *h, int64_t at)
{
    int64_t out = 0, idx[KILN_MAXDIM] = {0};
    for (int d = h->ndim - 1; d >= 0; d--) {
        idx[d] = at % h->dim[d];
        at /= h->dim[d];
    }
    for (int d = h->ndim - 1; d >= 0; d--) out = out * h->dim[d] + idx[d];
    return out;
}

static int64_t int_at(const Head *h, const void *data, int64_t at)
{
    uint64_t x = 0;
    int unused = 64 - 8 * h->bytes;
    memcpy(&x, (const char *)data + at * h->bytes, (size_t)h->bytes); /* little-endian */
    return h->kind == 'i' ? (int64_t)(x << unused) >> unused : (int64_t)x;
}

static bool fits(int64_t v, const Head *from, char kind, int bits)
{
    bool huge = from->kind == 'u' && from->bytes == 8 && v < 0; /* 2^63 and more */
    if (kind == 'b') return v == 0 || v == 1;
    if (kind == 'u') return bits == 64 ? huge || v >= 0 : !huge && v >= 0 && v >> bits == 0;
    return !huge &&
           (bits == 64 || (v >= -((int64_t)1 << (bits - 1)) && v < (int64_t)1 << (bits - 1)));
}

/* false: warnings are errors */
static bool warn_rounded(const Options *o, const char *path, const char *own, const Value *v, int64_t n)
{
    return !complain(o, "E0708", "convert it where it is written: a.astype(...) in numpy",
                     "'%s' holds %s, '%s' is %s: %lld of %lld values are rounded", path, own, v->param.name, v->param.dtype,
                     (long long)n, (long long)v->count);
}

static void swap_bytes(unsigned char *p, int64_t count, int bytes)
{
    for (; count > 0; count--, p += bytes)
        for (int i = 0; i < bytes / 2; i++) {
            unsigned char t = p[i];
            p[i] = p[bytes - 1 - i];
            p[bytes - 1 - i] = t;
        }
}

/* raw: same size and meaning; floats: by value; integers and bools: by value when it fits */
static bool convert(const Options *o, const char *path, const Head *h, const void *from, Value *v)
{
    const char *dtype = v->param.dtype, *own = file_dtype(h);
    int bits = kiln_dtype_bits(dtype), bytes = (bits + 7) / 8;
    char kind = kind_of(dtype);
    bool floats = kind == 'f' || kind == 'V',
         raw = kind == 'V' ? h->bytes == bytes && (h->kind == 'u' || h->kind == 'V')
                           : own && strcmp(own, dtype) == 0;
    bool by_value = floats && h->kind == 'f',
         ints = !floats && own && h->kind != 'f' && h->kind != 'V';
    if (!raw && !by_value && !ints)
        return !complain(o, "E0703",
                      kind == 'V' ? "give float32, or the raw bits as unsigned integers" : "convert it: a.astype(...) in numpy",
                      "'%s' holds %s, '%s' is %s", path, own ? own : "opaque bytes", v->param.name, dtype);
    int64_t rounded = 0;
    for (int64_t i = 0; i < h->count; i++) {
        int64_t at = h->fortran ? column_major(h, i) : i;
        if (raw && bits >= 8) {
            memcpy((char *)v->arg.data + i * bytes, (const char *)from + at * bytes, (size_t)bytes);
        } else if (by_value) {
            double x = kiln_get(own, from, at);
            kiln_set(dtype, v->arg.data, i, x);
            rounded += kind == 'f' && bits > 8 && x == x && kiln_get(dtype, v->arg.data, i) != x;
        } else {
            int64_t x = int_at(h, from, at);
            if (!fits(x, h, raw ? 'u' : kind, bits))
                return !complain(o, "E0703", NULL, "element %lld of '%s' is %lld, which %s cannot hold", (long long)i, path,
                              (long long)x, dtype);
            if (bits < 8)
                kiln_set(raw ? "uint4" : dtype, v->arg.data, i, (double)x);
            else
                memcpy((char *)v->arg.data + i * bytes, &x, (size_t)bytes);
        }
    }
    return !rounded || warn_rounded(o, path, own, v, rounded);
}

/* bytes from here to the end of the file, so that a header that lies asks for no memory */
static size_t room_left(FILE *f)
{
    struct stat st;
    long at = ftell(f);
    if (at < 0 || fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode)) return SIZE_MAX;
    return st.st_size > at ? (size_t)(st.st_size - at) : 0;
}

bool npy_read(const Options *o, const char *path, Value *v)
{
    Head h = {0};
    FILE *f = open_file(o, path);
    bool ok = f && read_head(o, f, path, &h);
    size_t n = (size_t)h.count * (size_t)h.bytes;
    void *raw = ok && n <= room_left(f) ? get_memory(n) : NULL;
    if (ok && (!raw || fread(raw, 1, n, f) != n)) ok = damaged(o, path, "it ends before its last element");
    if (f) fclose(f);
    if (!ok) return false;
    if (h.swap) swap_bytes(raw, h.count, h.bytes);
    v->count = h.count;
    v->bytes = value_bytes(v->param.dtype, h.count);
    v->arg.data = get_memory(v->bytes);
    v->arg.ndim = h.ndim;
    memcpy(v->arg.dim, h.dim, sizeof h.dim);
    return convert(o, path, &h, raw, v);
}

/* the elements as they go into a file, those of less than a byte in one each */
static const void *file_data(const Value *v, char *kind, int *bytes)
{
    const char *dtype = v->param.dtype;
    int bits = kiln_dtype_bits(dtype);
    *kind = kind_of(dtype);
    if (*kind == 'V') {
        *kind = 'u';
        if (bits < 8) dtype = "uint4";
    }
    *bytes = (bits + 7) / 8;
    if (bits >= 8) return v->arg.data;
    void *out = get_memory((size_t)v->count);
    for (int64_t i = 0; i < v->count; i++)
        kiln_set(*kind == 'i' ? "int8" : "uint8", out, i, kiln_get(dtype, v->arg.data, i));
    return out;
}

bool npy_write(const Options *o, const char *path, const Value *v)
{
    enum { BEGIN = 10 };
    int bytes, at = 0;
    char kind, shape[KILN_MAXDIM * 22 + 2] = "", head[512] = "\x93NUMPY\1";
    const void *data = file_data(v, &kind, &bytes);
    for (int d = 0; d < v->arg.ndim; d++)
        at += snprintf(shape + at, sizeof shape - (size_t)at, "%lld,%s", (long long)v->arg.dim[d],
                       d + 1 < v->arg.ndim ? " " : "");
    if (v->arg.ndim > 1) shape[at - 1] = 0;
    int n = BEGIN + snprintf(head + BEGIN, sizeof head - BEGIN, "{'descr': '%c%c%d', 'fortran_order': False, 'shape': (%s), }",
                             bytes == 1 ? '|' : '<', kind, bytes, shape);
    while (n % 64 != 63) head[n++] = ' '; /* the elements begin at a multiple of 64 */
    head[n++] = '\n';
    head[8] = (char)((n - BEGIN) & 255);
    head[9] = (char)((n - BEGIN) >> 8);
    return write_file(o, path, head, (size_t)n, data, (size_t)v->count * (size_t)bytes) == OK;
}
