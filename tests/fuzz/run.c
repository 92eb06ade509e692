/* Any text to the front end, and what it accepts to the interpreter, when the program is small: on drawn values the run ends, with a result or with a
   message, and does so twice in the same way. */
#include "fuzz.h"
#include "run/run.h"

enum { SIZE = 5, MOST_WORK = 200000, MOST_BYTES = 1 << 18, MOST_PARAM = 24 };

/* ---- how much there is to do: loops multiply; sizes and indices count as 8, what is computed from data as without end ------ */

static void find_data(Visitor *v, Expr *e)
{
    if (e->kind == E_LOAD || e->kind == E_CALL || (e->kind == E_VAR && e->var->kind == V_LET)) *(bool *)v->user = true;
}

static double times(const Expr *e)
{
    int64_t n;
    bool data = false;
    Visitor v = {.expr = find_data, .user = &data};
    if (!e) return 1;
    if (expr_const(e, &n)) return n > 1 ? (double)n : 1;
    walk_expr(&v, (Expr *)(uintptr_t)e);
    return data ? 1e9 : 8;
}

static double work(const Stmt *s);

static double loop_work(const Stmt *s)
{
    double n = 1;
    int64_t lo;
    if (s->loop.how == LOOP_PARALLEL)
        for (int k = 0; k < s->loop.n; k++) n *= times(s->loop.hi[k]);
    else if (expr_const(s->loop.lo, &lo) && lo >= 0)
        n = times(s->loop.hi[0]);
    else
        n = 1e9;
    return n * (1 + work(s->loop.body));
}

static double tile_work(const Stmt *s)
{
    double n = 0;
    for (int i = 0; i < MAXARG; i++) {
        const Region *r = &s->tile.arg[i];
        double m = 1;
        for (int d = 0; r->buf && d < r->buf->ndim; d++) m *= (double)r->ext[d];
        n += m;
    }
    return s->tile.op == TO_gemm ? n * 64 : n;
}

static double work(const Stmt *list)
{
    double n = 0;
    for (const Stmt *s = list; s; s = s->next) {
        n++;
        if (s->kind == S_WHILE) n += 1e9;
        if (s->kind == S_LOOP) n += loop_work(s);
        if (s->kind == S_IF) n += work(s->branch.then) + work(s->branch.other);
        if (s->kind == S_ROLE) n += s->role.groups * work(s->role.body);
        if (s->kind == S_TILE) n += tile_work(s);
        if (s->kind == S_ALLOC) n += (double)MAX(buf_elems(s->alloc), 0);
    }
    return n;
}

static bool is_small(const Prog *p)
{
    double n = 0;
    for (const Launch *l = p->launch; l; l = l->next) {
        double blocks = 1;
        for (int d = 0; d < l->ngrid; d++) blocks *= times(l->grid[d]);
        n += blocks * (1 + work(l->body));
    }
    return n < MOST_WORK && p->nparam <= MOST_PARAM && p->nsize <= MOST_PARAM;
}

/* ---- a run ------------------------------------------------------------------------------------- */

typedef struct {
    Arg arg[MOST_PARAM];
    int64_t size[MOST_PARAM];
    Err err;
    bool ran;
} Run;

static bool make_args(const Prog *p, Run *r)
{
    uint64_t x = 7;
    for (int s = 0; s < p->nsize; s++) r->size[s] = SIZE;
    for (int i = 0; i < p->nparam; i++) r->arg[i].i = 3, r->arg[i].f = 1.5;
    for (int i = 0; i < p->nparam; i++) {
        const Buf *b = p->param[i].buf;
        Tensor *t = &r->arg[i].tensor;
        if (!b) continue;
        *t = (Tensor){.type = b->type, .ndim = b->ndim};
        double bytes = dtype_info[b->type].bits / 8.0 + 1;
        for (int d = 0; d < b->ndim; d++) {
            t->dim[d] = bind_dim(b, d, p, r->arg, r->size);
            if (t->dim[d] < 0) return false;
            bytes *= (double)t->dim[d];
        }
        if (bytes > MOST_BYTES) return false;
        t->data = calloc(tensor_bytes(t) + 16, 1);
        for (uint8_t *at = t->data, *end = at + tensor_bytes(t); at < end; at++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            *at = (uint8_t)((x >> 59) & 3);
        }
    }
    return true;
}

static void free_args(const Prog *p, Run *r)
{
    for (int i = 0; i < p->nparam; i++) free(r->arg[i].tensor.data);
}

static void run(const Cx *cx, const Prog *p, Run *r)
{
    Call c = {.prog = p, .arg = r->arg, .size = r->size};
    r->ran = bind_sizes(p, r->arg, r->size, &r->err) && interp_run(cx, p, &c, &r->err);
    if (!r->ran && !r->err.set) fuzz_stop("a run failed without a word", NULL);
    if (!r->ran && err_info[r->err.code].kind == K_BUG) fuzz_stop("an internal error", r->err.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (memchr(data, 0, size)) return -1;
    Input in = {.text = strndup((const char *)data, size)};
    find_binds(&in);
    Cx *cx = cx_open();
    cx->opt.fuel = FUEL;
    Unit u;
    Request rq = {.path = "<fuzz>", .text = in.text, .bind = in.bind};
    Run a = {0}, b = {0};
    if (driver_front(cx, &rq, &u) && is_small(u.tile)) {
        const Prog *p = u.tile;
        if (make_args(p, &a) && make_args(p, &b)) {
            run(cx, p, &a);
            run(cx, p, &b);
            if (a.ran != b.ran || strcmp(a.err.text, b.err.text)) fuzz_stop("two runs end differently", a.err.text);
            for (int i = 0; i < p->nparam; i++)
                if (p->param[i].buf && memcmp(a.arg[i].tensor.data, b.arg[i].tensor.data, tensor_bytes(&a.arg[i].tensor)))
                    fuzz_stop("two runs give different results", p->param[i].buf->name);
        }
        free_args(p, &a);
        free_args(p, &b);
    }
    cx_close(cx);
    free_input(&in);
    return 0;
}
