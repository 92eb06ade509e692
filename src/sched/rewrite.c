/* Rewriting: copies of expressions and statements in which a pass replaces what it wants; and names
 * for what passes add. */
#include "sched/inside.h"
#include <string.h>

static Expr *load_map(Cx *cx, Expr *e, ExprFn *fn, void *user)
{
    Expr *idx[MAXDIM];
    bool changed = false;
    for (int d = 0; d < e->buf->ndim; d++) {
        idx[d] = expr_map(cx, e->idx[d], fn, user);
        changed |= idx[d] != e->idx[d];
    }
    return changed ? expr_load(cx, e->buf, idx, e->span) : e;
}

/* the place of a call is no load that something could stand for: only its indices change */
static Expr *call_map(Cx *cx, Expr *e, ExprFn *fn, void *user)
{
    Expr **args = NEWN(&cx->arena, Expr *, e->nargs + 1);
    bool changed = false;
    for (int i = 0; i < e->nargs; i++) {
        args[i] = call_place(e, i) ? load_map(cx, e->args[i], fn, user)
                                   : expr_map(cx, e->args[i], fn, user);
        changed |= args[i] != e->args[i];
    }
    return changed ? expr_call(cx, e->fn, args, e->nargs, e->text, e->type, e->span) : e;
}

Expr *expr_map(Cx *cx, Expr *e, ExprFn *fn, void *user)
{
    if (!e) return NULL;
    Expr *to = fn(cx, e, user);
    if (to) return to;
    switch (e->kind) {
    case E_OP: {
        Expr *arg[MAXARG] = {0};
        bool changed = false;
        for (int i = 0; i < op_info[e->op].nargs; i++) {
            arg[i] = expr_map(cx, e->arg[i], fn, user);
            changed |= arg[i] != e->arg[i];
        }
        return changed ? expr_op(cx, e->op, arg[0], arg[1], arg[2], e->span) : e;
    }
    case E_CAST:
    case E_BITS: {
        Expr *a = expr_map(cx, e->arg[0], fn, user);
        return a == e->arg[0]      ? e
               : e->kind == E_CAST ? expr_cast(cx, a, e->type, e->span)
                                   : expr_bits(cx, a, e->type, e->span);
    }
    case E_LOAD: return load_map(cx, e, fn, user);
    case E_CALL: return call_map(cx, e, fn, user);
    default: return e;
    }
}

static void map_parts(Cx *cx, Stmt *s, ExprFn *fn, void *user)
{
    switch (s->kind) {
    case S_LOOP:
        s->loop.lo = expr_map(cx, s->loop.lo, fn, user);
        for (int k = 0; k < s->loop.n; k++) s->loop.hi[k] = expr_map(cx, s->loop.hi[k], fn, user);
        list_map(cx, s->loop.body, fn, user);
        break;
    case S_IF:
        s->branch.cond = expr_map(cx, s->branch.cond, fn, user);
        list_map(cx, s->branch.then, fn, user);
        list_map(cx, s->branch.other, fn, user);
        break;
    case S_LET: s->let.value = expr_map(cx, s->let.value, fn, user); break;
    case S_EVAL: s->eval = expr_map(cx, s->eval, fn, user); break;
    case S_STORE:
        for (int d = 0; d < s->store.buf->ndim; d++)
            s->store.idx[d] = expr_map(cx, s->store.idx[d], fn, user);
        s->store.value = expr_map(cx, s->store.value, fn, user);
        break;
    case S_TILE:
        for (int i = 0; tileop_info[s->tile.op].operands[i]; i++)
            for (int d = 0; d < s->tile.arg[i].buf->ndim; d++)
                s->tile.arg[i].off[d] = expr_map(cx, s->tile.arg[i].off[d], fn, user);
        s->tile.value = expr_map(cx, s->tile.value, fn, user);
        break;
    case S_ROLE: list_map(cx, s->role.body, fn, user); break;
    case S_VERB: s->verb.which = expr_map(cx, s->verb.which, fn, user); break;
    default: break;
    }
}

void list_map(Cx *cx, Stmt *list, ExprFn *fn, void *user)
{
    for (Stmt *s = list; s; s = s->next) map_parts(cx, s, fn, user);
}

void stmt_map(Cx *cx, Stmt *s, ExprFn *fn, void *user)
{
    map_parts(cx, s, fn, user);
}

void list_append(Tail *tail, Stmt *list)
{
    for (Stmt *next; list; list = next) {
        next = list->next;
        list->next = NULL;
        stmt_add(tail, list);
    }
}

Stmt *stmt_tile_op(Cx *cx, TileOp op, const Region *a, const Region *b, Span s)
{
    Stmt *t = stmt_new(cx, S_TILE, s);
    t->tile.op = op;
    t->tile.arg[0] = *a;
    if (b) t->tile.arg[1] = *b;
    return t;
}

Stmt *stmt_alloc(Cx *cx, Buf *b)
{
    Stmt *s = stmt_new(cx, S_ALLOC, b->span);
    s->alloc = b;
    return s;
}

Buf *names_tile(Names *n, const char *base, DType t, int ndim, const int64_t *ext, Span s)
{
    Expr *dim[MAXDIM];
    for (int d = 0; d < ndim; d++) dim[d] = expr_i32(n->cx, ext[d]);
    return buf_new(n->cx, names_fresh(n, base), t, SP_SHARED, ndim, dim, s);
}

/* ---- lets of a nest ------------------------------------------------------------------------- */

enum { MAXINLINE = 64 };
typedef struct {
    Cx *cx;
    int n;
    VarSub let[MAXINLINE];
} Inline;

static Stmt *inline_list(Inline *in, const Stmt *list)
{
    Stmt *head = NULL;
    Tail tail = &head;
    int mark = in->n;
    for (; list; list = list->next) {
        Stmt hollow = *list;
        if (list->kind == S_LOOP) hollow.loop.body = NULL;
        if (list->kind == S_IF) hollow.branch.then = hollow.branch.other = NULL;
        Stmt *s = stmt_copy(in->cx, &hollow, &(Subst){.nvar = in->n, .var = in->let});
        if (s->kind == S_LET && in->n < MAXINLINE && !expr_loads(s->let.value, NULL)) {
            in->let[in->n++] = (VarSub){s->let.var, s->let.value};
            continue;
        }
        if (list->kind == S_LOOP) s->loop.body = inline_list(in, list->loop.body);
        if (list->kind == S_IF) {
            s->branch.then = inline_list(in, list->branch.then);
            s->branch.other = inline_list(in, list->branch.other);
        }
        stmt_add(&tail, s);
    }
    in->n = mark;
    return head;
}

Stmt *nest_inline_lets(Cx *cx, const Stmt *nest)
{
    Inline in = {.cx = cx};
    Stmt *s = stmt_copy(cx, nest, &(Subst){0});
    s->loop.body = inline_list(&in, nest->loop.body);
    return s;
}

/* ---- names ---------------------------------------------------------------------------------- */

static void take(Names *n, const char *name)
{
    if (name) ptr_set(&n->taken, name, 1);
}

static void name_expr(Visitor *v, Expr *e)
{
    if (e->kind == E_VAR) take(v->user, e->var->name);
    if (e->kind == E_LOAD) take(v->user, e->buf->name);
}

static void name_stmt(Visitor *v, Stmt *s)
{
    switch (s->kind) {
    case S_ALLOC: take(v->user, s->alloc->name); break;
    case S_LET: take(v->user, s->let.var->name); break;
    case S_LOOP:
        for (int k = 0; k < s->loop.n; k++) take(v->user, s->loop.var[k]->name);
        break;
    case S_VERB: take(v->user, s->verb.handle); break;
    case S_ROLE:
        if (s->role.group) take(v->user, s->role.group->name);
        break;
    default: break;
    }
}

Names *names_of(Cx *cx, const Prog *p)
{
    Names *n = NEW(&cx->arena, Names);
    n->cx = cx;
    n->taken.arena = &cx->arena;
    take(n, p->name);
    take(n, intern(cx, "T"));
    for (int i = 0; i < p->nparam; i++)
        take(n, p->param[i].buf ? p->param[i].buf->name : p->param[i].scalar->name);
    for (int i = 0; i < p->ntemp; i++) take(n, p->temp[i]->name);
    for (int i = 0; i < p->nsize; i++) take(n, p->size[i]->name);
    Visitor v = {.stmt = name_stmt, .expr = name_expr, .user = n};
    for (const Launch *l = p->launch; l; l = l->next) {
        for (int d = 0; d < l->ngrid; d++) take(n, l->block[d]->name);
        for (int k = 0; k < l->npipe; k++) take(n, l->pipe[k]->name);
        for (int k = 0; k < l->norder; k++) take(n, l->order[k]->name);
        walk_stmts(&v, l->body);
    }
    return n;
}

const char *names_fresh(Names *n, const char *base)
{
    const char *name = intern(n->cx, base);
    for (int k = 2; ptr_get(&n->taken, name); k++)
        name = intern(n->cx, arena_printf(&n->cx->arena, "%s_%d", base, k));
    take(n, name);
    return name;
}
