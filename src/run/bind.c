/* Arguments against parameters: element types, ranks and dimensions are compared, the sizes a
   program leaves open (T.dynamic) are solved from the shapes. A dimension may be a size, or linear
   in one size that is not known yet; when all are known, every dimension is computed and compared. */
#include "run/run.h"
#include <string.h>

/* ---- expressions of sizes and scalars ---- */

static int size_index(const Prog *p, const Var *v)
{
    for (int i = 0; i < p->nsize; i++)
        if (p->size[i] == v) return i;
    return -1;
}

/* the values that the expression may use; known: which sizes have one, NULL: all */
static Point values(const Expr *e, const Prog *p, const Arg *arg, const int64_t *size, const bool *known)
{
    Point out = {0};
    for (int i = 0; i < p->nsize; i++)
        if ((!known || known[i]) && (!e || expr_uses(e, p->size[i]))) point_bind(&out, p->size[i], (Num){.i = size[i]});
    for (int i = 0; i < p->nparam; i++)
        if (p->param[i].scalar && (!e || expr_uses(e, p->param[i].scalar)))
            point_bind(&out, p->param[i].scalar, (Num){.i = arg[i].i, .f = arg[i].f});
    return out;
}

Point bind_point(const Call *c)
{
    return values(NULL, c->prog, c->arg, c->size, NULL);
}

bool bind_eval(const Expr *e, const Prog *p, const Arg *arg, const int64_t *size, int64_t *out)
{
    Point at = values(e, p, arg, size, NULL);
    return point_int(&at, e, out);
}

int64_t bind_dim(const Buf *b, int d, const Prog *p, const Arg *arg, const int64_t *size)
{
    int64_t v;
    return bind_eval(b->dim[d], p, arg, size, &v) ? v : -1;
}

/* ---- solving for sizes ---- */

typedef struct {
    const Prog *prog;
    const Arg *arg;
    int64_t *size;
    bool *known;
    int *from;    /* the parameter whose shape gave the size */
    Arena *arena; /* for messages */
    Err *err;
} Binder;

/* e as coef * size[at] + base with one unknown size (at -1: none, e is base); false when it is of
 * no such form */
typedef struct {
    int at;
    int64_t coef, base;
} Linear;

static bool linear_of(const Binder *k, const Expr *e, Linear *out)
{
    Point known = values(e, k->prog, k->arg, k->size, k->known);
    *out = (Linear){.at = -1};
    if (point_int(&known, e, &out->base)) return true;
    if (e->kind == E_CAST && !dtype_is_float(e->type)) return linear_of(k, e->arg[0], out);
    if (e->kind == E_VAR) {
        *out = (Linear){.at = size_index(k->prog, e->var), .coef = 1};
        return out->at >= 0;
    }
    Linear a, b;
    if (e->kind != E_OP || op_info[e->op].nargs != 2) return false;
    if (!linear_of(k, e->arg[0], &a) || !linear_of(k, e->arg[1], &b)) return false;
    if (a.at >= 0 && b.at >= 0 && a.at != b.at) return false;
    int sign = e->op == OP_sub ? -1 : 1;
    out->at = a.at >= 0 ? a.at : b.at;
    if (e->op == OP_add || e->op == OP_sub)
        return !__builtin_mul_overflow(b.coef, sign, &b.coef) &&
               !__builtin_mul_overflow(b.base, sign, &b.base) &&
               !__builtin_add_overflow(a.coef, b.coef, &out->coef) &&
               !__builtin_add_overflow(a.base, b.base, &out->base);
    if (e->op != OP_mul || (a.at >= 0 && b.at >= 0)) return false;
    Linear *with = a.at >= 0 ? &a : &b, *by = a.at >= 0 ? &b : &a;
    return !__builtin_mul_overflow(with->coef, by->base, &out->coef) &&
           !__builtin_mul_overflow(with->base, by->base, &out->base);
}

const char *bind_text(Arena *a, const Expr *e)
{
    Text t = text_new(a);
    print_expr(&t, e);
    return t.s;
}

/* where the sizes in e got their values: "n = 5 from 'A'" */
static void add_origin(Binder *b, const Expr *e, Text *out)
{
    if (e->kind == E_VAR) {
        int i = size_index(b->prog, e->var);
        if (i >= 0)
            text_add(out, "%s%s = %lld from '%s'", out->n ? ", " : "", e->var->name,
                     (long long)b->size[i], b->prog->param[b->from[i]].buf->name);
    } else if (e->kind == E_OP || e->kind == E_CAST) {
        for (int i = 0; i < (e->kind == E_CAST ? 1 : op_info[e->op].nargs); i++)
            add_origin(b, e->arg[i], out);
    }
}

static bool bad_dim(Binder *b, const Buf *buf, int d, int64_t want, int64_t found)
{
    Text from = text_new(b->arena), expected = text_new(b->arena);
    add_origin(b, buf->dim[d], &from);
    if (from.n) text_add(&expected, "%s = ", bind_text(b->arena, buf->dim[d]));
    text_add(&expected, from.n ? "%lld (%s)" : "%lld", (long long)want, from.s);
    return err_set(b->err, E0602, NULL, "'%s', dimension %d: expected %s, found %lld", buf->name, d, expected.s, (long long)found);
}

static int64_t stride_of(const Tensor *t, int d)
{
    int64_t s = 1;
    for (int k = t->ndim - 1; k > d; k--) s *= t->dim[k];
    return t->strided ? t->stride[d] : s;
}

/* one dimension, or its stride, gives a size, if it can; *more tells that it did */
static bool solve_dim(Binder *b, int param, int d, bool stride, bool *more)
{
    const Buf *buf = b->prog->param[param].buf;
    const Tensor *t = &b->arg[param].tensor;
    const Expr *e = stride ? buf->stride[d] : buf->dim[d];
    int64_t found = stride ? stride_of(t, d) : t->dim[d];
    Linear l;
    if (!linear_of(b, e, &l) || l.at < 0 || l.coef == 0) return true;
    int64_t rest = found - l.base;
    if (rest % l.coef != 0 || rest / l.coef < 0)
        return err_set(
            b->err, E0602, NULL,
            "'%s', %s %d: expected %s for a whole number '%s' of at least 0, found %lld", buf->name,
            stride ? "stride" : "dimension", d, bind_text(b->arena, e), b->prog->size[l.at]->name,
            (long long)found);
    b->size[l.at] = rest / l.coef;
    b->known[l.at] = true;
    b->from[l.at] = param;
    *more = true;
    return true;
}

static bool solve_sizes(Binder *b)
{
    const Prog *p = b->prog;
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < p->nparam; i++)
            for (int d = 0; p->param[i].buf && d < p->param[i].buf->ndim; d++)
                for (int stride = 0; stride <= (p->param[i].buf->stride[0] != NULL); stride++)
                    if (!solve_dim(b, i, d, stride, &more)) return false;
    }
    for (int i = 0; i < p->nsize; i++)
        if (!b->known[i])
            return err_set(b->err, E0602,
                           "use the size by itself as a dimension of a tensor parameter",
                           "size '%s': expected a parameter whose shape tells it, found none",
                           p->size[i]->open);
    return true;
}

/* ---- one argument ---- */

/* a bool tensor may be passed as bytes */
static bool type_fits(DType want, DType found)
{
    return want == found || (want == DT_bool && (found == DT_uint8 || found == DT_int8));
}

static bool check_tensor(const Buf *b, const Tensor *t, Err *e)
{
    if (!type_fits(b->type, t->type))
        return err_set(e, E0602, NULL, "'%s': expected elements of type %s, found %s", b->name,
                       dtype_info[b->type].name, dtype_info[t->type].name);
    if (t->ndim != b->ndim)
        return err_set(e, E0602, NULL, "'%s': expected %d dimension%s, found %d", b->name, b->ndim,
                       b->ndim == 1 ? "" : "s", t->ndim);
    int64_t n = dtype_bytes(t->type);
    for (int d = 0; d < t->ndim; d++) {
        if (t->dim[d] < 0)
            return err_set(e, E0602, NULL, "'%s', dimension %d: expected at least 0, found %lld",
                           b->name, d, (long long)t->dim[d]);
        if (__builtin_mul_overflow(n, t->dim[d], &n))
            return err_set(e, E0602, NULL,
                           "'%s': expected a tensor that fits memory, found more than 2^63 bytes",
                           b->name);
    }
    if (n > 0 && !t->data)
        return err_set(e, E0602, NULL, "'%s': expected a tensor, found none", b->name);
    return true;
}

static bool check_scalar(const Var *v, const Arg *a, Err *e)
{
    if (dtype_is_float(v->type) || dtype_wrap(v->type, a->i) == a->i) return true;
    return err_set(e, E0602, NULL, "'%s': expected a value of type %s, found %lld", v->name,
                   dtype_info[v->type].name, (long long)a->i);
}

/* an axis of one element has any stride */
static bool check_stride(Binder *b, const Buf *buf, const Tensor *t, int d)
{
    Tensor dense = {.ndim = t->ndim};
    memcpy(dense.dim, t->dim, sizeof dense.dim);
    int64_t want = stride_of(&dense, d), found = stride_of(t, d);
    if (buf->stride[0] && !bind_eval(buf->stride[d], b->prog, b->arg, b->size, &want)) want = -1;
    if (want == found || t->dim[d] <= 1) return true;
    return err_set(b->err, E0602, NULL, "'%s', stride %d: expected %lld, found %lld", buf->name, d,
                   (long long)want, (long long)found);
}

static bool check_dims(Binder *b)
{
    for (int i = 0; i < b->prog->nparam; i++) {
        const Buf *buf = b->prog->param[i].buf;
        for (int d = 0; buf && d < buf->ndim; d++) {
            int64_t want = bind_dim(buf, d, b->prog, b->arg, b->size),
                    found = b->arg[i].tensor.dim[d];
            if (want < 0)
                return err_set(b->err, E0602, NULL,
                               "'%s', dimension %d: expected %s, which has no value of at least 0 "
                               "here, found %lld",
                               buf->name, d, bind_text(b->arena, buf->dim[d]), (long long)found);
            if (want != found) return bad_dim(b, buf, d, want, found);
            if (!check_stride(b, buf, &b->arg[i].tensor, d)) return false;
        }
    }
    return true;
}

bool bind_grid(const Launch *l, const Call *c, int64_t grid[MAXGRID], Err *e)
{
    int64_t blocks = 1;
    for (int d = 0; d < MAXGRID; d++) {
        grid[d] = 1;
        if (d < l->ngrid && !bind_eval(l->grid[d], c->prog, c->arg, c->size, &grid[d]))
            return err_set(e, E0602, NULL, "the grid of '%s' cannot be computed", l->name);
        grid[d] = MAX(grid[d], 0);
        if (grid[d] > INT32_MAX || blocks * grid[d] > INT32_MAX) /* block numbers are int32 on every machine */
            return err_set(e, E0618, "let a block do more, or divide the call", "'%s' has more than %d blocks", l->name,
                           INT32_MAX);
        blocks *= grid[d];
    }
    return true;
}

static bool check_grids(const Prog *p, const Arg *arg, const int64_t *size, Err *e)
{
    const Call c = {.prog = p, .arg = (Arg *)(uintptr_t)arg, .size = (int64_t *)(uintptr_t)size};
    int64_t grid[MAXGRID];
    for (const Launch *l = p->launch; l; l = l->next)
        if (!bind_grid(l, &c, grid, e)) return false;
    return true;
}

bool bind_sizes(const Prog *p, const Arg *arg, int64_t *size, Err *e)
{
    for (int i = 0; i < p->nparam; i++)
        if (p->param[i].buf ? !check_tensor(p->param[i].buf, &arg[i].tensor, e)
                            : !check_scalar(p->param[i].scalar, &arg[i], e))
            return false;
    Arena arena = {0};
    Binder b = {.prog = p, .arg = arg, .size = size, .arena = &arena, .err = e};
    b.known = NEWN(&arena, bool, p->nsize);
    b.from = NEWN(&arena, int, p->nsize);
    bool ok = solve_sizes(&b) && check_dims(&b) && check_grids(p, arg, size, e);
    arena_free(&arena);
    return ok;
}
