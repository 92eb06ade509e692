/* T.Parallel nests. Which thread runs which iteration follows from where the fragments of the nest
   live:

     RUN_ACC      each thread runs the elements of its own accumulator registers, loops unrolled
     RUN_ROW      each thread runs its own rows; further variables are dealt to the 4 lanes that
   share a row RUN_STRIDED  iteration e runs on thread e % threads; every operand lies in memory

   settle() is the same rule seen from the plan: what cannot take part in a nest in registers goes
   to shared memory. */
#include <string.h>
#include "target/cuda/emit.h"

Nest cuda_nest_of(Emit *e, const Stmt *s)
{
    (void)e;
    Nest n = {.stmt = s};
    for (;;) {
        for (int k = 0; k < s->loop.n; k++) {
            n.var[n.n] = s->loop.var[k];
            n.ext[n.n++] = s->loop.hi[k];
        }
        n.body = s->loop.body;
        const Stmt *in = n.body;
        if (!in || in->next || in->kind != S_LOOP || in->loop.how != LOOP_PARALLEL ||
            n.n + in->loop.n > MAXPAR)
            return n;
        for (int k = 0; k < in->loop.n; k++) /* a triangle stays a loop in a loop */
            for (int v = 0; v < n.n; v++)
                if (expr_uses(in->loop.hi[k], n.var[v])) return n;
        s = in;
    }
}

/* ---- where a nest can run ------------------------------------------------------------------- */

typedef struct {
    Place *place;
    Expr *const *idx;
    bool write;
} Access;
typedef struct {
    Emit *e;
    Place *shared; /* what threads update together: it cannot lie in their registers */
    int n;
    Access at[256];
} Accesses;

static void add_access(Accesses *a, Buf *b, Expr *const *idx, bool write)
{
    Place *p = cuda_plan_find(a->e->plan, b);
    if (p->where != AT_ACC && p->where != AT_ROW) return;
    if (a->n == COUNT(a->at))
        fail(a->e->cx, E0901, b->span, NULL, "a T.Parallel nest with more than %d accesses",
             COUNT(a->at));
    a->at[a->n++] = (Access){p, idx, write};
}

static void see_expr(Visitor *v, Expr *x)
{
    if (x->kind == E_LOAD) add_access(v->user, x->buf, x->idx, false);
}

static void see_stmt(Visitor *v, Stmt *s)
{
    Accesses *a = v->user;
    if (s->kind == S_STORE) add_access(a, s->store.buf, s->store.idx, true);
    if (s->kind == S_EVAL) a->shared = cuda_plan_find(a->e->plan, s->eval->args[0]->buf);
    if (s->kind == S_TILE)
        fail(a->e->cx, E0901, s->span, "move it out of the nest", "'T.%s' inside T.Parallel",
             tileop_info[s->tile.op].name);
}

static int var_at(const Nest *n, const Expr *x) /* which variable of the nest x is, or -1 */
{
    for (int k = 0; x->kind == E_VAR && k < n->n; k++)
        if (x->var == n->var[k]) return k;
    return -1;
}

static bool spans(const Nest *n, int var, int64_t ext) /* the variable runs over all of it */
{
    int64_t v;
    return var >= 0 && expr_const(n->ext[var], &v) && v == ext;
}

static bool row_index(const Place *p, Expr *const *idx) /* [i] or [i, 0] */
{
    int64_t v;
    return p->buf->ndim == 1 || (expr_const(idx[1], &v) && v == 0);
}

/* which variable counts the columns of an access, from a multiple of 8 on; -1: none */
static int col_var(Emit *e, const Nest *n, Expr *x)
{
    int64_t coef, ext;
    Expr *base;
    for (int k = 0; k < n->n; k++) {
        Var *v = n->var[k];
        if (!expr_uses(x, v) || !expr_affine(e->cx, x, &v, 1, &coef, &base) || coef != 1) continue;
        return cuda_expr_divisible(base, 8) && expr_const(n->ext[k], &ext) && ext % 8 == 0 ? k : -1;
    }
    return -1;
}

/* the first fragment whose index is a variable that runs over all rows and one that runs over
 * columns; accumulators of gemms first */
static bool find_acc(Nest *n, const Accesses *a)
{
    int64_t cols;
    for (int gemm = 1; gemm >= 0; gemm--)
        for (int i = 0; i < a->n; i++) {
            const Place *p = a->at[i].place;
            if (p->where != AT_ACC || p->gemm < gemm || n->n != 2) continue;
            int r = var_at(n, a->at[i].idx[0]), c = col_var(a->e, n, a->at[i].idx[1]);
            if (r == c || c < 0 || !spans(n, r, p->rows)) continue;
            expr_const(n->ext[c], &cols);
            *n = (Nest){n->stmt,
                        n->n,
                        {n->var[0], n->var[1]},
                        {n->ext[0], n->ext[1]},
                        n->body,
                        RUN_ACC,
                        r,
                        c,
                        p->rows,
                        cols,
                        p->blocks};
            return true;
        }
    return false;
}

static bool find_row(Nest *n, const Accesses *a)
{
    for (int i = 0; i < a->n; i++) {
        const Place *p = a->at[i].place;
        int r = p->where == AT_ROW && row_index(p, a->at[i].idx) ? var_at(n, a->at[i].idx[0]) : -1;
        if (!spans(n, r, p->rows)) continue;
        n->run = RUN_ROW;
        n->row = r;
        n->rows = p->rows;
        n->blocks = p->blocks;
        return true;
    }
    return false;
}

static bool fits(Emit *e, const Nest *n, const Access *a)
{
    const Place *p = a->place;
    if (p->rows != n->rows || n->run == RUN_STRIDED || var_at(n, a->idx[0]) != n->row) return false;
    if (p->where == AT_ACC) return n->run == RUN_ACC && col_var(e, n, a->idx[1]) == n->col;
    return row_index(p, a->idx) && (!a->write || (n->run == RUN_ROW && n->n == 1));
}

static void collect(Emit *e, const Nest *n, Accesses *a)
{
    Visitor v = {.expr = see_expr, .stmt = see_stmt, .user = a};
    a->e = e;
    a->n = 0;
    a->shared = NULL;
    walk_stmts(&v, n->body);
}

static void choose(Nest *n, const Accesses *a)
{
    n->run = RUN_STRIDED;
    if (!find_acc(n, a)) find_row(n, a);
}

bool cuda_nest_settle(Emit *e, const Stmt *s)
{
    Accesses *a = NEW(&e->cx->arena, Accesses);
    Nest n = cuda_nest_of(e, s);
    collect(e, &n, a);
    if (a->shared && cuda_evict(e, a->shared)) return true;
    choose(&n, a);
    for (int i = 0; i < a->n; i++)
        if (!fits(e, &n, &a->at[i])) return cuda_evict(e, a->at[i].place);
    return false;
}

void cuda_nest_choose(Emit *e, Nest *n)
{
    Accesses *a = NEW(&e->cx->arena, Accesses);
    collect(e, n, a);
    choose(n, a);
}

/* ---- which accesses stay in one thread ------------------------------------------------------ */

typedef struct {
    const Nest *n;
    const Buf *b;
    bool linear;
} Linear;

static void see_index(Linear *l, const Buf *b, Expr *const *idx)
{
    int64_t v;
    if (b != l->b) return;
    int k = 0;
    for (int d = 0; d < b->ndim; d++) {
        if (expr_const(b->dim[d], &v) && v == 1 && expr_const(idx[d], &v) && v == 0) continue;
        int64_t ext;
        if (!expr_const(b->dim[d], &ext) || k == l->n->n || var_at(l->n, idx[d]) != k ||
            !spans(l->n, k, ext))
            l->linear = false;
        k++;
    }
    if (k != l->n->n) l->linear = false;
}

static void linear_expr(Visitor *v, Expr *x)
{
    if (x->kind == E_LOAD) see_index(v->user, x->buf, x->idx);
}

static void linear_stmt(Visitor *v, Stmt *s)
{
    if (s->kind == S_STORE) see_index(v->user, s->store.buf, s->store.idx);
    if (s->kind == S_EVAL)
        ((Linear *)v->user)->linear &= s->eval->args[0]->buf != ((Linear *)v->user)->b;
}

bool cuda_nest_linear(const Nest *n, const Buf *b)
{
    Linear l = {n, b, n->run == RUN_STRIDED};
    Visitor v = {.expr = linear_expr, .stmt = linear_stmt, .user = &l};
    walk_stmts(&v, n->body);
    return l.linear;
}

/* ---- text ----------------------------------------------------------------------------------- */

static void open_loop(Emit *e, const char *var, const char *from, const char *to, const char *step)
{
    emit_open(e, emit_f(e, "for (int %s = %s; %s < %s; %s%s) {", var, from, var, to, var, step));
}

/* the body, after the declarations of those of its variables that it uses */
static void wide_text(Emit *e, const Stmt *s);

static void body_text(Emit *e, const Nest *n, const char *const *value)
{
    Text *outer = e->out, inner = text_new(&e->cx->arena);
    inner.indent = outer->indent;
    const char *name[MAXPAR];
    for (int k = 0; k < n->n; k++) name[k] = name_new(e, n->var[k], n->var[k]->name);
    const char *inside = NULL;
    if (n->run != RUN_STRIDED && n->rows % 64)
        inside = emit_f(e, "%s < %d", name[n->row], (int)n->rows);
    if (inside) inner.indent++;
    e->out = &inner;
    if (e->wide)
        wide_text(e, n->body);
    else
        cuda_stmts_emit(e, n->body);
    e->out = outer;
    for (int k = 0; k < n->n; k++)
        if (value[k] && (text_has_word(inner.s, name[k]) || (inside && k == n->row)))
            text_line(e->out, "const int %s = %s;", name[k], value[k]);
    if (inside) text_line(e->out, "if (%s) {", inside);
    text_put(e->out, inner.s, inner.n);
    if (inside) text_line(e->out, "}");
}

static void emit_acc(Emit *e, const Nest *n)
{
    const char *value[MAXPAR] = {0};
    e->row_reg = name_new(e, &n->row, "r");
    e->col_reg = name_new(e, &n->col, "c");
    value[n->row] = emit_f(e, "frag_row<%d>(tid, %s)", n->blocks, e->row_reg);
    value[n->col] = emit_f(e, "frag_col(tid, %s)", e->col_reg);
    text_line(e->out, "#pragma unroll");
    open_loop(e, e->row_reg, "0", emit_f(e, "%d", 2 * n->blocks), "++");
    text_line(e->out, "#pragma unroll");
    open_loop(e, e->col_reg, "0", emit_f(e, "%d", (int)n->cols / 4), "++");
    body_text(e, n, value);
    emit_close(e);
    emit_close(e);
}

/* the variables but the row's as digits of one number, dealt to the lanes */
static void emit_row(Emit *e, const Nest *n)
{
    const char *value[MAXPAR] = {0};
    e->row_reg = name_new(e, &n->row, "r");
    value[n->row] = emit_f(e, "frag_row<%d>(tid, %s)", n->blocks, e->row_reg);
    text_line(e->out, "#pragma unroll");
    open_loop(e, e->row_reg, "0", emit_f(e, "%d", 2 * n->blocks), "++");
    if (n->n == 1) {
        e->lanes = true;
        body_text(e, n, value);
        e->lanes = false;
        emit_close(e);
        return;
    }
    const char *at = name_new(e, &n->n, "at"), *all = NULL, *rest = at;
    for (int k = n->n - 1; k >= 0; k--) {
        if (k == n->row) continue;
        const char *ext = expr_text(e, n->ext[k], P_UNARY);
        value[k] = emit_f(e, "%s %% %s", rest, ext);
        rest = emit_f(e, "%s / %s", rest, ext);
        all = all ? emit_f(e, "%s * %s", ext, all) : ext;
    }
    for (int k = 0; k < n->n; k++) /* the first digit needs no remainder */
        if (k != n->row) {
            value[k] = emit_f(e, "%.*s", (int)(strrchr(value[k], '%') - value[k] - 1), value[k]);
            break;
        }
    open_loop(e, at, "tid % 4", all, " += 4");
    body_text(e, n, value);
    emit_close(e);
    emit_close(e);
}

/* ---- copies of 16 bytes at a time ------------------------------------------------------------ */

/* idx[last] is the variable plus a multiple of `width`, and no other index uses it */
static bool along(Emit *e, const Buf *b, Expr **idx, Var *v, int width)
{
    int64_t coef, cols;
    Expr *base;
    for (int d = 0; d < b->ndim - 1; d++)
        if (expr_uses(idx[d], v)) return false;
    if (b->ndim == 0 || !expr_affine(e->cx, idx[b->ndim - 1], &v, 1, &coef, &base)) return false;
    return coef == 1 && cuda_expr_divisible(base, width) &&
           expr_const(b->dim[b->ndim - 1], &cols) && cols % width == 0;
}

/* Rows of global memory into shared memory, perhaps picked by an index: 16 bytes are then either
   all in bounds or all out. Gives the elements of 16 bytes, or 0. */
int cuda_nest_wide(Emit *e, const Nest *n)
{
    const Stmt *s = n->body;
    int64_t ext;
    if (n->run != RUN_STRIDED || s->kind != S_STORE || s->next || s->store.value->kind != E_LOAD ||
        !n->n)
        return 0;
    const Expr *from = s->store.value;
    Where to = cuda_plan_find(e->plan, s->store.buf)->where;
    Var *v = n->var[n->n - 1];
    int width = 16 / dtype_bytes(from->buf->type);
    if (from->buf->type != s->store.buf->type ||
        cuda_plan_find(e->plan, from->buf)->where != AT_GLOBAL ||
        (to != AT_SHARED && to != AT_SLOT))
        return 0;
    if (!expr_const(n->ext[n->n - 1], &ext) || ext % width || cuda_role_threads(e->role) == 1)
        return 0;
    return along(e, from->buf, from->idx, v, width) &&
                   along(e, s->store.buf, s->store.idx, v, width)
               ? width
               : 0;
}

static void wide_text(Emit *e, const Stmt *s)
{
    const Expr *from = s->store.value;
    const char *guard = cuda_guard_text(e, from->buf, from->idx);
    text_line(e->out, "copy16(&%s, &%s, %s);", cuda_element_text(e, s->store.buf, s->store.idx),
              cuda_element_text(e, from->buf, from->idx), guard ? guard : "true");
}

static void emit_strided(Emit *e, const Nest *n)
{
    int width = cuda_nest_wide(e, n);
    const char *value[MAXPAR] = {0}, *all = NULL;
    const char *at = name_new(e, &n->n, "at");
    int64_t total = 1, v;
    const char *rest = at;
    for (int k = n->n - 1; k >= 0; k--) {
        bool last = width && k == n->n - 1; /* counts groups of 16 bytes */
        const char *ext = expr_text(e, n->ext[k], P_UNARY);
        bool known = expr_const(n->ext[k], &v);
        if (last) ext = emit_f(e, "%d", (int)(v /= width));
        total = total >= 0 && known ? total * v : -1;
        value[k] = k ? emit_f(e, "%s %% %s", rest, ext) : rest;
        if (last) value[k] = emit_f(e, "%s * %d", k ? emit_f(e, "(%s)", value[k]) : rest, width);
        rest = emit_f(e, "%s / %s", rest, ext);
        all = all ? emit_f(e, "%s * %s", ext, all) : ext;
    }
    if (all && total >= 0) all = emit_f(e, "%d", (int)total);
    int threads = cuda_role_threads(e->role);
    open_loop(e, at, threads == 1 ? "0" : "tid", all ? all : "1",
              threads == 1 ? "++" : emit_f(e, " += %d", threads));
    e->wide = width;
    body_text(e, n, value);
    emit_close(e);
    if (!width) return;
    bool later = e->role->role == R_READER &&
                 n->body->store.buf->space == SP_SLOT; /* its commit waits for them */
    e->wide = 0;
    if (!later) text_line(e->out, "copy16_done();");
}

void cuda_nest_emit(Emit *e, const Stmt *s)
{
    Nest n = cuda_nest_of(e, s);
    cuda_nest_choose(e, &n);
    int mark = e->names.n;
    Scope outer[MAXPAR];
    const Scope *before = e->scope;
    int depth = 0;
    for (const Stmt *l = s;; l = l->loop.body) { /* the loops that make up the nest */
        outer[depth] = (Scope){.outer = e->scope, .stmt = l};
        e->scope = &outer[depth++];
        if (l->loop.body == n.body) break;
    }
    Expr *idle = cuda_mask_idle(e, &n);
    if (idle) emit_open(e, emit_f(e, "if (!%s) {", expr_text(e, idle, P_PRIMARY)));
    e->nest = &n;
    if (n.run == RUN_ACC)
        emit_acc(e, &n);
    else if (n.run == RUN_ROW)
        emit_row(e, &n);
    else
        emit_strided(e, &n);
    e->nest = NULL;
    if (idle) emit_close(e);
    e->scope = before;
    e->names.n = mark;
}
