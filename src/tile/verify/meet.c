/* A T.Parallel nest run on paper, at one point of what is around it: where do two iterations meet
   in an element that one of them writes? Only what is known for certain counts: indices and
   conditions that can be computed, values that can be computed and differ, a read of what another
   iteration writes. What an iteration reads after it has written it itself is its own. A large nest
   is tried at the ends of its ranges.

   The same for one statement that all threads of the block run: nothing can stand between its
   reads and its writes. Between two statements a barrier may be put, so they are left alone. */
#include "tile/verify/verify.h"
#include <string.h>

enum { MAXTABLE = 1 << 13, NOBODY = -1 };

/* who touched an element first */
struct Cell {
    int64_t element; /* NOBODY: a free place in the table */
    int64_t writer, reader;
    bool known;
    Num value;
};

typedef struct {
    Check *c;
    const Buf *root;
    const Stmt *nest; /* NULL: threads */
    int64_t ext[MAXPAR],
        tried[MAXPAR]; /* of each variable: how many values there are, and are tried */
    Point p;
    int64_t iter, left; /* which iteration or thread; steps that may still be taken */
    bool lost;          /* something here cannot be computed: nothing is said */
    bool reads;         /* the buffer is read */
    bool open;          /* not everything was seen, or there may be a race after all */
    int ncell;
    bool said;
} Paper;

/* ---- elements
 * ------------------------------------------------------------------------------------- */

/* which element; false: not known, or out of range, where nothing is touched */
static bool element(const Point *p, const Buf *b, Expr *const *idx, int64_t *out)
{
    *out = 0;
    for (int d = 0; d < b->ndim; d++) {
        int64_t i, n;
        if (!point_int(p, idx[d], &i) || !point_int(p, b->dim[d], &n) || i < 0 || i >= n ||
            __builtin_mul_overflow(*out, n, out) || __builtin_add_overflow(*out, i, out))
            return false;
    }
    return true;
}

static Cell *cell_of(Paper *w, int64_t e)
{
    Check *c = w->c;
    if (!c->cell) c->cell = NEWN(&c->cx->arena, Cell, MAXTABLE);
    for (int k = 0; k < MAXTABLE && !w->ncell; k++) c->cell[k].element = NOBODY;
    uint64_t h = (uint64_t)e * 0x9e3779b97f4a7c15u;
    for (int k = (int)(h >> 51) % MAXTABLE;; k = (k + 1) % MAXTABLE) {
        Cell *x = &c->cell[k];
        if (x->element == e) return x;
        if (x->element != NOBODY) continue;
        w->lost |= w->ncell++ > MAXTABLE / 4 * 3;
        *x = (Cell){.element = e, .writer = NOBODY, .reader = NOBODY};
        return x;
    }
}

static bool differ(const Stmt *s, Num a, Num b)
{
    return dtype_is_float(s->store.value->type) ? a.f != b.f && (a.f == a.f || b.f == b.f)
                                                : a.i != b.i;
}

/* ---- what is said ------------------------------------------------------------------------------
 */

/* the values of the variables in iteration number `iter`: all of a range, or its two ends */
static void values_of(const Paper *w, int64_t iter, int64_t v[MAXPAR])
{
    for (int k = w->nest->loop.n - 1; k >= 0; k--) {
        int64_t n = w->tried[k], i = iter % n;
        v[k] = i < n - n / 4 ? i : w->ext[k] - n + i;
        iter /= n;
    }
}

/* iteration number `iter` as "i = 3, j = 0", thread number `iter` as it is */
static const char *who(Paper *w, int64_t iter)
{
    Text t = text_new(&w->c->cx->arena);
    int64_t v[MAXPAR];
    int n = w->nest ? w->nest->loop.n : 0;
    if (!n) text_add(&t, "%lld", (long long)iter);
    if (n) values_of(w, iter, v);
    for (int k = 0; k < n; k++)
        text_add(&t, "%s%s = %lld", k ? ", " : "(", w->nest->loop.var[k]->name, (long long)v[k]);
    text_add(&t, n ? ")" : "");
    return t.s;
}

static void tell(Paper *w, bool read, int64_t other, Span at)
{
    const char *kind = w->nest ? "iterations" : "threads";
    Diag *d = report(w->c->cx, E0314, at,
                     read ? "copy to another buffer first, or make the loop serial"
                          : "give each of them an element of its own",
                     read ? "%s %s and %s touch one element of '%s': one reads it, one writes it"
                          : "%s %s and %s write different values to one element of '%s'",
                     kind, who(w, other), who(w, w->iter), w->root->name);
    note_buf(w->c, d, w->root);
    w->said = true;
}

/* ---- the run
 * ------------------------------------------------------------------------------------- */

/* two threads of a warp go in step */
static bool in_step(const Paper *w, int64_t other)
{
    return !w->nest && other / 32 == w->iter / 32;
}

static void on_read(Paper *w, const Expr *e)
{
    int64_t k;
    if (buf_root(e->buf) != w->root) return;
    w->reads = true;
    if (e->buf != w->root || !element(&w->p, e->buf, e->idx, &k)) {
        w->open = true;
        return;
    }
    Cell *c = cell_of(w, k);
    if (c->writer == w->iter || (c->writer != NOBODY && in_step(w, c->writer))) return;
    if (c->writer != NOBODY)
        tell(w, true, c->writer, e->span);
    else if (c->reader == NOBODY)
        c->reader = w->iter;
}

static void on_write(Paper *w, const Stmt *s)
{
    int64_t k;
    if (buf_root(s->store.buf) != w->root) return;
    if (s->store.buf != w->root) {
        w->lost = true;
        return;
    }
    Num x;
    bool known = point_value(&w->p, s->store.value, &x, NULL);
    if (!element(&w->p, w->root, s->store.idx, &k)) {
        w->open = true;
        return;
    }
    Cell *c = cell_of(w, k);
    bool mine = c->writer == NOBODY || c->writer == w->iter;
    if (c->reader != NOBODY && c->reader != w->iter && !in_step(w, c->reader)) {
        tell(w, true, c->reader, s->span);
    } else if (!mine && known && c->known && differ(s, x, c->value) &&
               (w->root->space != SP_FRAG || !w->reads)) {
        tell(w, false, c->writer, s->span);
    } else if (mine) {
        c->writer = w->iter;
        c->known = known;
        c->value = x;
    }
    w->open |= !mine && !(known && c->known && !differ(s, x, c->value));
}

/* the loads of e that are surely evaluated */
static void reads(Paper *w, const Expr *e)
{
    int64_t holds;
    Expr **kid;
    if (e->kind == E_OP && op_chooses(e->op)) {
        reads(w, e->arg[0]);
        bool known = point_int(&w->p, e->arg[0], &holds);
        w->open |= !known;
        if (known && expr_chosen(e, holds)) reads(w, expr_chosen(e, holds));
        return;
    }
    for (int i = 0, n = expr_kids(e, &kid); i < n; i++)
        if (e->kind != E_CALL)
            reads(w, kid[i]);
        else
            w->lost |= kid[i]->kind == E_LOAD && buf_root(kid[i]->buf) == w->root;
    if (e->kind == E_LOAD) on_read(w, e);
}

typedef struct {
    const Buf *root;
    bool found;
} Touching;

static void find_touch(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Touching *t = v->user;
    (void)s, (void)write;
    t->found |= buf_root(b) == t->root;
}

static bool touches(const Stmt *list, const Buf *root)
{
    Touching t = {.root = root};
    Visitor v = {.access = find_touch, .user = &t};
    walk_stmts(&v, (Stmt *)list);
    return t.found;
}

static void run(Paper *w, const Stmt *list);

static void run_loop(Paper *w, const Stmt *s)
{
    int64_t lo = 0, hi, step = s->loop.how == LOOP_PARALLEL ? 1 : s->loop.step;
    if (s->loop.n != 1 || (s->loop.lo && !point_int(&w->p, s->loop.lo, &lo)) ||
        !point_int(&w->p, s->loop.hi[0], &hi)) {
        w->lost |= touches(s->loop.body, w->root);
        return;
    }
    if (!touches(s->loop.body, w->root)) return;
    for (int64_t i = lo; (step > 0 ? i < hi : i > hi) && w->left > 0 && !w->lost && !w->said;
         i += step) {
        int mark = w->p.n;
        point_bind(&w->p, s->loop.var[0], (Num){.i = i});
        run(w, s->loop.body);
        w->p.n = mark;
    }
}

static void run_branch(Paper *w, const Stmt *s)
{
    int64_t holds;
    reads(w, s->branch.cond);
    if (!point_int(&w->p, s->branch.cond, &holds)) {
        w->lost |= touches(s->branch.then, w->root) || touches(s->branch.other, w->root);
        return;
    }
    int mark = w->p.n;
    run(w, holds ? s->branch.then : s->branch.other);
    w->p.n = mark;
}

static void run(Paper *w, const Stmt *list)
{
    StmtPart p[MAXPART];
    for (const Stmt *s = list; s && !w->lost && !w->said && w->left-- > 0; s = s->next) {
        Num x;
        switch (s->kind) {
        case S_LOOP: run_loop(w, s); break;
        case S_IF: run_branch(w, s); break;
        case S_ALLOC: break;
        case S_LET:
        case S_STORE:
        case S_EVAL:
            for (int i = 0, n = stmt_parts(s, p); i < n; i++)
                if (p[i].kind == PART_EXPR) reads(w, *p[i].expr);
            if (s->kind == S_STORE && !w->said) on_write(w, s);
            if (s->kind == S_LET && point_value(&w->p, s->let.value, &x, NULL))
                point_bind(&w->p, s->let.var, x);
            break;
        default: w->lost = true;
        }
    }
}

/* ---- a nest -------------------------------------------------------------------------------------
 */

static bool accept(void *user, const Point *p, bool *unknown)
{
    (void)user, (void)p, (void)unknown;
    return true;
}

static bool sample_nest(Paper *w)
{
    static const int64_t most[MAXPAR] = {4096, 64, 16, 8};
    const Stmt *s = w->nest;
    for (int k = 0; k < s->loop.n; k++) {
        if (!point_int(&w->p, s->loop.hi[k], &w->ext[k]) || w->ext[k] <= 0) return false;
        w->tried[k] = MIN(w->ext[k], most[s->loop.n - 1]);
    }
    return true;
}

static bool is_outer(void *user, const Expr *e)
{
    return e->kind == E_VAR && !nest_binds(user, e->var);
}

/* whatever decides what the nest does */
static void deciding(const Stmt *list, const Expr **out, int max, int *n)
{
    StmtPart p[MAXPART];
    for (const Stmt *s = list; s; s = s->next)
        for (int i = 0, np = stmt_parts(s, p); i < np; i++)
            if (p[i].kind == PART_LIST)
                deciding(*p[i].list, out, max, n);
            else if (p[i].kind == PART_EXPR && *p[i].expr && *n < max)
                out[(*n)++] = *p[i].expr;
}

Reach check_meeting(Check *c, const Stmt *nest, const Buf *root, const Scope *sc)
{
    Paper w = {.c = c, .root = root, .nest = nest, .left = MIN(c->budget, 60000)};
    const Expr *about[64];
    int n = 0;
    if (c->unsure || w.left < 1000) return REACH_UNKNOWN;
    deciding(nest->loop.body, about, COUNT(about), &n);
    if (reach_find(sc, about, n, accept, NULL, &c->budget, &w.p) != REACH_FOUND || !sample_nest(&w))
        return REACH_UNKNOWN;
    int64_t total = 1, before = w.left, v[MAXPAR];
    int mark = w.p.n;
    for (int k = 0; k < nest->loop.n; k++) total *= w.tried[k];
    for (w.iter = 0; w.iter < total && !w.said && !w.lost && w.left > 0; w.iter++) {
        w.p.n = mark;
        values_of(&w, w.iter, v);
        for (int k = nest->loop.n - 1; k >= 0; k--)
            point_bind(&w.p, nest->loop.var[k], (Num){.i = v[k]});
        run(&w, nest->loop.body);
    }
    c->budget -= before - w.left;
    if (w.said) return REACH_FOUND;
    bool all = !w.lost && !w.open && w.left > 0;
    for (int k = 0; k < nest->loop.n; k++) {
        int64_t ext;
        all &= expr_const(nest->loop.hi[k], &ext) && ext == w.tried[k];
    }
    for (int i = 0; i < n && all; i++) all = !expr_any(about[i], is_outer, (void *)nest);
    return all && n < COUNT(about) ? REACH_NEVER : REACH_UNKNOWN;
}

/* ---- threads ------------------------------------------------------------------------------------
 */

typedef struct {
    Paper paper;
    const Stmt *store;
    bool begun;
} Threads;

static bool same_place(const Launch *l, const Point *p, const Point *q)
{
    for (int i = 0; i < p->n; i++) {
        bool thread = false;
        for (int d = 0; d < MAXGRID; d++) thread |= l->thread[d] == p->var[i];
        if (!thread && !dtype_is_float(p->var[i]->type) &&
            (i >= q->n || q->var[i] != p->var[i] ||
             (p->var[i]->kind != V_LET && p->value[i].i != q->value[i].i)))
            return false;
    }
    return true;
}

/* called for every thread, and for every iteration of what is around it: the first one counts */
static bool one_thread(void *user, const Point *p, bool *unknown)
{
    Threads *t = user;
    Paper *w = &t->paper;
    const Launch *l = w->c->launch;
    (void)unknown;
    if (t->begun && !same_place(l, p, &w->p)) return false;
    t->begun = true;
    w->p = *p;
    w->iter = 0;
    for (int d = MAXGRID - 1; d >= 0; d--) {
        int64_t i = 0;
        Expr v = {.kind = E_VAR, .type = DT_int32, .var = l->thread[d]};
        if (l->thread[d] && !point_int(p, &v, &i)) return false;
        w->iter = w->iter * MAX(l->thread_ext[d], 1) + i;
    }
    for (int d = 0; d < t->store->store.buf->ndim; d++) reads(w, t->store->store.idx[d]);
    reads(w, t->store->store.value);
    if (!w->said && !w->lost) on_write(w, t->store);
    return w->said || w->lost;
}

void check_thread_races(Check *c, const Stmt *store, const Scope *sc)
{
    const Buf *b = store->store.buf;
    if (b->space != SP_SHARED || c->unsure || c->budget < 1000) return;
    Threads t = {.paper = {.c = c, .root = buf_root(b)}, .store = store};
    const Expr *about[MAXDIM + 1];
    Point p;
    for (int d = 0; d < b->ndim; d++) about[d] = store->store.idx[d];
    about[b->ndim] = store->store.value;
    reach_find(sc, about, b->ndim + 1, one_thread, &t, &c->budget, &p);
}

/* ---- a copy within one buffer
 * -------------------------------------------------------------------- */

void check_copy_overlap(Check *c, const Stmt *s, const Scope *sc)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    bool same = true;
    Point p;
    if (src->buf != dst->buf || c->unsure || src->buf->space == SP_GLOBAL ||
        src->buf->space == SP_TEMP)
        return;
    for (int d = 0; d < src->buf->ndim; d++) {
        int64_t by;
        if (!expr_difference(dst->off[d], src->off[d], &by)) return;
        if (by >= src->ext[d] || -by >= dst->ext[d]) return;
        same &= by == 0 && src->ext[d] == dst->ext[d];
    }
    if (same || reach_find(sc, NULL, 0, accept, NULL, &c->budget, &p) != REACH_FOUND) return;
    report(c->cx, E0314, s->span, "copy to another buffer first",
           "T.copy within '%s': it writes elements that it also reads", src->buf->name);
}
