/* Who can execute a statement, and who can know a value: found once for a launch, asked by plan,
   index, split and the merged form.

   Needs a launch without roles. A value is hidden from a role when it is made of tiles that this
   role cannot see: fragments belong to compute, a shared tile that compute writes is seen by
   compute and the writer only. Homes and hidden values depend on each other, so both are found
   together: everything starts as the reader's or the writer's where its form allows, and moves to
   compute when an expression in it turns out to be hidden. Moves are one way, so it ends.  */
#include "sched/inside.h"
#include <string.h>

/* ---- pointer maps --------------------------------------------------------------------------- */

static size_t place_of(const PtrMap *m, const void *key)
{
    size_t mask = 2 * (size_t)m->cap - 1, h = (size_t)((uintptr_t)key >> 4) * 0x9E3779B97F4A7C15u;
    for (h = (h ^ h >> 29) & mask; m->at[h] && m->row[m->at[h] - 1].key != key; h = (h + 1) & mask)
        ;
    return h;
}

int64_t ptr_get(const PtrMap *m, const void *key)
{
    int at = m->cap ? m->at[place_of(m, key)] : 0;
    return at ? m->row[at - 1].value : 0;
}

void ptr_set(PtrMap *m, const void *key, int64_t value)
{
    if (m->n == m->cap) {
        PtrMap old = *m;
        m->cap = MAX(32, 2 * old.cap);
        m->row = NEWN(m->arena, PairRow, m->cap);
        m->at = NEWN(m->arena, int, 2 * m->cap);
        for (int i = 0; i < old.n; i++) {
            m->row[i] = old.row[i];
            m->at[place_of(m, old.row[i].key)] = i + 1;
        }
    }
    size_t h = place_of(m, key);
    if (!m->at[h]) m->at[h] = ++m->n;
    m->row[m->at[h] - 1] = (PairRow){key, value};
}

/* ---- small questions ------------------------------------------------------------------------ */

bool stmt_is_leaf(const Stmt *s)
{
    return s->kind == S_TILE || s->kind == S_STORE || s->kind == S_ALLOC || s->kind == S_EVAL ||
           (s->kind == S_LOOP && s->loop.how == LOOP_PARALLEL);
}

bool buf_is_global(const Buf *b)
{
    return b->space == SP_GLOBAL || b->space == SP_TEMP;
}

bool buf_is_tile(const Buf *b)
{
    return b->space == SP_SHARED || b->space == SP_FRAG || b->space == SP_SLOT;
}

void stmt_visit(Visitor *v, Stmt *s)
{
    Stmt one = *s;
    one.next = NULL;
    walk_stmts(v, &one);
}

/* ---- expressions ---------------------------------------------------------------------------- */

/* not what stands in the subscripts of a load */
static bool any_value(const Expr *e, bool (*test)(void *, const Expr *), void *user)
{
    if (test(user, e)) return true;
    int n = e->kind == E_OP ? op_info[e->op].nargs : e->kind == E_CAST || e->kind == E_BITS;
    for (int i = 0; i < n; i++)
        if (any_value(e->arg[i], test, user)) return true;
    return false;
}

typedef struct {
    Var *const *var;
    int n;
} Among;

static bool is_among(void *user, const Expr *e)
{
    const Among *a = user;
    for (int k = 0; k < a->n && e->kind == E_VAR; k++)
        if (a->var[k] == e->var) return true;
    return false;
}

bool expr_uses_index(const Expr *e, Var *const *var, int n)
{
    return any_value(e, is_among, &(Among){var, n});
}

static bool is_tile(void *user, const Expr *e)
{
    (void)user;
    return e->kind == E_LOAD && buf_is_tile(e->buf);
}

bool expr_no_tile(const Expr *e)
{
    return !any_value(e, is_tile, NULL);
}

static bool is_load(void *buf, const Expr *e)
{
    return e->kind == E_LOAD && (!buf || e->buf == buf);
}

bool expr_loads(const Expr *e, const Buf *b)
{
    return expr_any(e, is_load, (void *)b);
}

static bool is_global_load(void *user, const Expr *e)
{
    (void)user;
    return e->kind == E_LOAD && buf_is_global(e->buf);
}

bool expr_loads_global(const Expr *e)
{
    return expr_any(e, is_global_load, NULL);
}

static void add_bytes(Visitor *v, Stmt *s)
{
    if (s->kind == S_ALLOC && s->alloc->space == SP_SHARED)
        *(int64_t *)v->user += MAX(buf_elems(s->alloc), 0) * dtype_bytes(s->alloc->type);
}

int64_t list_shared(Stmt *list)
{
    int64_t bytes = 0;
    Visitor v = {.stmt = add_bytes, .user = &bytes};
    walk_stmts(&v, list);
    return bytes;
}

int sched_roles(const Limits *lim, const SchedOptions *opt)
{
    return opt && opt->roles ? MIN(opt->roles, lim->roles) : lim->roles;
}

/* ---- launches that no pass takes apart --------------------------------------------------------
 */

/* the statement updates b, and does not look at it otherwise */
static bool only_updates(const Stmt *s, const Buf *b)
{
    if (!stmt_is_update(s)) return false;
    if (s->kind == S_TILE) return s->tile.arg[1].buf == b && s->tile.arg[0].buf != b;
    return s->eval->args[0]->buf == b && !expr_loads(s->eval, b);
}

typedef struct {
    const char *why;
    Span where;
    const Expr *update; /* the call that is a statement of its own */
} Whole;

static void stays(Whole *w, Span at, const char *why)
{
    if (!w->why) *w = (Whole){.why = why, .where = at};
}

static void whole_stmt(Visitor *v, Stmt *s)
{
    Whole *w = v->user;
    const Buf *b = s->kind == S_ALLOC ? s->alloc : NULL;
    w->update = s->kind == S_EVAL && stmt_is_update(s) ? s->eval : NULL;
    if (s->kind == S_WHILE) stays(w, s->span, "it has a while loop");
    if (s->kind == S_JUMP) stays(w, s->span, "it leaves a loop early");
    if (s->kind == S_TILE && (s->tile.barrier || s->tile.async || s->tile.start))
        stays(w, s->span, "it awaits what it started by itself");
    if (b && b->space == SP_BARRIER) stays(w, b->span, "it has barriers of its own");
    if (b && (b->pointer || (b->of && !buf_is_global(b))))
        stays(w, b->span, "it looks at one memory in two ways");
}

static void whole_expr(Visitor *v, Expr *e)
{
    Whole *w = v->user;
    if (e->kind == E_CALL && e != w->update) stays(w, e->span, "it makes calls that have an order");
}

const char *launch_whole(const Launch *l, Span *where)
{
    Whole w = {0};
    Visitor v = {.stmt = whole_stmt, .expr = whole_expr, .user = &w};
    if (launch_threads(l)) stays(&w, l->span, "it says what each thread does");
    walk_stmts(&v, l->body);
    *where = w.where;
    return w.why;
}

/* ---- hidden values -------------------------------------------------------------------------- */

static unsigned load_hidden(const Facts *f, const Buf *b)
{
    unsigned writers = (unsigned)ptr_get(&f->writers, b);
    switch (b->space) {
    case SP_FRAG: return 1u << R_READER | 1u << R_WRITER;
    case SP_LOCAL: return (unsigned)ptr_get(&f->hidden, b);
    case SP_SHARED: return writers & ~(1u << R_READER) ? 1u << R_READER : 0;
    default: return 0;
    }
}

typedef struct {
    const Facts *f;
    unsigned roles;
} Hidden;

static void add_hidden(Visitor *v, Expr *e)
{
    Hidden *h = v->user;
    if (e->kind == E_VAR) h->roles |= (unsigned)ptr_get(&h->f->hidden, e->var);
    if (e->kind == E_LOAD) h->roles |= load_hidden(h->f, e->buf);
}

unsigned facts_hidden(const Facts *f, const Expr *e)
{
    Hidden h = {.f = f};
    Visitor v = {.expr = add_hidden, .user = &h};
    walk_expr(&v, (Expr *)e);
    return h.roles;
}

static unsigned region_hidden(const Facts *f, const Region *r)
{
    unsigned h = 0;
    for (int d = 0; d < r->buf->ndim; d++) h |= facts_hidden(f, r->off[d]);
    return h;
}

static void mark(Facts *f, PtrMap *m, const void *key, unsigned bits)
{
    unsigned old = (unsigned)ptr_get(m, key);
    if ((old | bits) == old) return;
    ptr_set(m, key, old | bits);
    f->changed = true;
}

/* ---- element code that only moves ----------------------------------------------------------- */

/* the value is an element of global memory (else: of a shared tile), perhaps converted or chosen;
 * counts the elements */
static bool moves(const Expr *e, bool from_global, int *loads)
{
    switch (e->kind) {
    case E_LOAD: ++*loads; return from_global ? buf_is_global(e->buf) : e->buf->space == SP_SHARED;
    case E_CAST:
    case E_BITS: return moves(e->arg[0], from_global, loads);
    case E_OP:
        return e->op == OP_select && moves(e->arg[1], from_global, loads) &&
               moves(e->arg[2], from_global, loads);
    default: return true;
    }
}

enum { MAXLOOK = 64 };
typedef struct {
    Facts *f;
    unsigned hidden;           /* of all expressions */
    bool other;                /* something that no mover can execute */
    bool to_shared, to_global; /* where it stores */
    bool moves_in, moves_out;  /* all of its stores do */
    int nvar, nlet, nread, nwrite;
    Var *var[MAXLOOK]; /* parallel variables and those of inner loops */
    VarSub let[MAXLOOK];
    const Buf *read[MAXLOOK], *write[MAXLOOK]; /* shared tiles */
} Look;

static void look_expr(Visitor *v, Expr *e)
{
    Look *l = v->user;
    if (e->kind == E_VAR) l->hidden |= (unsigned)ptr_get(&l->f->hidden, e->var);
    if (e->kind != E_LOAD) return;
    l->hidden |= load_hidden(l->f, e->buf);
    if (e->buf->space != SP_SHARED) return;
    if (l->nread == MAXLOOK)
        l->other = true;
    else
        l->read[l->nread++] = e->buf;
}

static void look_store(Look *l, const Stmt *s)
{
    const Buf *b = s->store.buf;
    if ((b->space != SP_SHARED && !buf_is_global(b)) || l->nwrite == MAXLOOK) {
        l->other = true;
        return;
    }
    l->write[l->nwrite++] = b;
    l->to_shared |= b->space == SP_SHARED;
    l->to_global |= buf_is_global(b);
    Expr *value = expr_subst(l->f->cx, s->store.value, &(Subst){.nvar = l->nlet, .var = l->let});
    int in = 0, out = 0;
    bool made = !l->f->lim->compute_has_index && expr_no_tile(value) &&
                expr_uses_index(value, l->var, l->nvar);
    l->moves_in &= made || (moves(value, true, &in) && in);
    l->moves_out &= moves(value, false, &out) && out;
}

static void look_stmt(Visitor *v, Stmt *s)
{
    Look *l = v->user;
    switch (s->kind) {
    case S_STORE: look_store(l, s); break;
    case S_LOOP:
        for (int k = 0; k < s->loop.n && l->nvar < MAXLOOK; k++) l->var[l->nvar++] = s->loop.var[k];
        break;
    case S_LET:
        if (l->nlet == MAXLOOK)
            l->other = true;
        else
            l->let[l->nlet++] =
                (VarSub){s->let.var, expr_subst(l->f->cx, s->let.value,
                                                &(Subst){.nvar = l->nlet, .var = l->let})};
        break;
    case S_IF: break;
    default: l->other = true;
    }
}

/* of a nest or an element store: reader when it only brings in, writer when it only takes out */
static Role element_home(Facts *f, Stmt *s)
{
    Look l = {.f = f, .moves_in = true, .moves_out = true};
    Visitor v = {.stmt = look_stmt, .expr = look_expr, .user = &l};
    stmt_visit(&v, s);
    for (int i = 0; i < l.nread; i++)
        for (int k = 0; k < l.nwrite; k++) l.other |= l.read[i] == l.write[k];
    if (l.other || l.to_shared == l.to_global) return R_COMPUTE;
    if (l.to_shared && l.moves_in && !(l.hidden & 1u << R_READER)) return R_READER;
    if (l.to_global && !(l.hidden & 1u << R_WRITER) && (l.moves_out || s->kind == S_STORE))
        return R_WRITER;
    return R_COMPUTE;
}

static Role tile_home(const Facts *f, const Stmt *s)
{
    if (s->tile.op != TO_copy) return R_COMPUTE;
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    unsigned h = region_hidden(f, src) | region_hidden(f, dst);
    if (buf_is_global(src->buf) && dst->buf->space == SP_SHARED && !(h & 1u << R_READER))
        return R_READER;
    if (src->buf->space == SP_SHARED && buf_is_global(dst->buf) && !(h & 1u << R_WRITER))
        return R_WRITER;
    return R_COMPUTE;
}

/* ---- the walk ------------------------------------------------------------------------------- */

typedef struct {
    Facts *f;
    Role home;
} Leaf;

static void leaf_access(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Leaf *l = v->user;
    if (b->space == SP_SHARED) {
        if (write) mark(l->f, &l->f->writers, b, 1u << l->home);
    } else if (buf_is_global(b)) {
        if (write || !only_updates(s, b))
            mark(l->f, &l->f->global, buf_root(b), write ? 2u | 4u << l->home : 1u);
    } else if (b->space == SP_LOCAL && write)
        mark(l->f, &l->f->hidden, b, ALL_ROLES & ~(1u << R_COMPUTE));
}

static void nest_let(Visitor *v, Stmt *s)
{
    Leaf *l = v->user;
    if (s->kind == S_LET) mark(l->f, &l->f->hidden, s->let.var, facts_hidden(l->f, s->let.value));
}

static void find_leaf(Facts *f, Stmt *s, unsigned control)
{
    if (s->kind == S_ALLOC) return;
    Leaf l = {f, R_COMPUTE};
    Visitor lets = {.stmt = nest_let, .user = &l};
    stmt_visit(&lets, s);
    if (s->kind == S_STORE &&
        s->store.buf->space == SP_LOCAL) { /* a scalar: every role may keep its own */
        unsigned h = facts_hidden(f, s->store.value) | control;
        for (int d = 0; d < s->store.buf->ndim; d++) h |= facts_hidden(f, s->store.idx[d]);
        mark(f, &f->hidden, s->store.buf, h);
        return;
    }
    int64_t before = ptr_get(&f->home, s);
    bool stays = ptr_get(&f->forced, s) || before == 1 + R_COMPUTE;
    l.home = stays ? R_COMPUTE : s->kind == S_TILE ? tile_home(f, s) : element_home(f, s);
    if (control & 1u << l.home) l.home = R_COMPUTE;
    if (before != 1 + (int64_t)l.home) {
        ptr_set(&f->home, s, 1 + (int64_t)l.home);
        f->changed = true;
    }
    Visitor v = {.access = leaf_access, .user = &l};
    stmt_visit(&v, s);
}

static void scalar_access(Visitor *v, Expr *e)
{
    Facts *f = v->user;
    if (e->kind == E_LOAD && buf_is_global(e->buf)) mark(f, &f->global, buf_root(e->buf), 1);
}

static void find_list(Facts *f, Stmt *list, unsigned control)
{
    for (Stmt *s = list; s; s = s->next) {
        Visitor scalars = {.expr = scalar_access, .user = f};
        if (stmt_is_leaf(s)) {
            find_leaf(f, s, control);
            if (s->kind == S_STORE) stmt_visit(&scalars, s);
        } else if (s->kind == S_LET) {
            mark(f, &f->hidden, s->let.var, facts_hidden(f, s->let.value));
            stmt_visit(&scalars, s);
        } else if (s->kind == S_LOOP) {
            walk_expr(&scalars, s->loop.lo);
            walk_expr(&scalars, s->loop.hi[0]);
            find_list(f, s->loop.body,
                      control | facts_hidden(f, s->loop.lo) | facts_hidden(f, s->loop.hi[0]));
        } else if (s->kind == S_IF) {
            walk_expr(&scalars, s->branch.cond);
            unsigned h = control | facts_hidden(f, s->branch.cond);
            find_list(f, s->branch.then, h);
            find_list(f, s->branch.other, h);
        }
    }
}

Facts *facts_new(Cx *cx, Launch *l, const Limits *lim)
{
    Facts *f = NEW(&cx->arena, Facts);
    PtrMap none = {.arena = &cx->arena};
    *f = (Facts){.cx = cx,
                 .lim = lim,
                 .launch = l,
                 .home = none,
                 .hidden = none,
                 .writers = none,
                 .global = none,
                 .forced = none};
    return f;
}

/* homes only move to compute and sets only grow, so every round but the last makes progress; sets
   that grew for a home that was given up later are found anew: too many hidden values cost speed,
   never correctness, but they are easily avoided */
void facts_find(Facts *f)
{
    PtrMap none = {.arena = &f->cx->arena};
    for (PtrMap last = none;; last = f->home) {
        f->hidden = f->writers = f->global = none;
        f->home = none;
        for (int i = 0; i < last.n; i++) /* keep what has moved to compute */
            if (last.row[i].value == 1 + R_COMPUTE)
                ptr_set(&f->home, last.row[i].key, 1 + R_COMPUTE);
        int moved = f->home.n;
        do {
            f->changed = false;
            find_list(f, f->launch->body, 0);
        } while (f->changed);
        int now = 0;
        for (int i = 0; i < f->home.n; i++) now += f->home.row[i].value == 1 + R_COMPUTE;
        if (now == moved) return;
    }
}

Role facts_home(const Facts *f, const Stmt *leaf)
{
    int64_t h = ptr_get(&f->home, leaf);
    return h ? (Role)(h - 1) : R_COMPUTE;
}

const Buf *facts_in_order(const Facts *f)
{
    for (int i = 0; i < f->global.n; i++)
        if ((f->global.row[i].value & 3) == 3) return f->global.row[i].key;
    return NULL;
}

const Buf *facts_two_writers(const Facts *f)
{
    for (int i = 0; i < f->global.n; i++) {
        int64_t roles = f->global.row[i].value >> 2;
        if (roles & (roles - 1)) return f->global.row[i].key;
    }
    return NULL;
}
