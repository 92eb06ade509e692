/* Visiting programs, and copying them with variables and buffers replaced. */
#include "tile/tile.h"
#include <string.h>

/* ---- visiting ---- */

char call_place(const Expr *e, int k)
{
    char letter = fn_arg(e->fn, k);
    return letter == 'r' || letter == 'w' || letter == 'u' || letter == 'b' ? letter : 0;
}

void walk_expr(Visitor *v, Expr *e)
{
    if (!e) return;
    if (v->expr) v->expr(v, e);
    switch (e->kind) {
    case E_OP:
        for (int i = 0; i < op_info[e->op].nargs; i++) walk_expr(v, e->arg[i]);
        break;
    case E_CAST:
    case E_BITS: walk_expr(v, e->arg[0]); break;
    case E_LOAD:
        for (int d = 0; d < e->buf->ndim; d++) walk_expr(v, e->idx[d]);
        break;
    case E_CALL:
        for (int i = 0; i < e->nargs; i++)
            if (call_place(e, i))
                for (int d = 0; d < e->args[i]->buf->ndim; d++) walk_expr(v, e->args[i]->idx[d]);
            else
                walk_expr(v, e->args[i]);
        break;
    default: break;
    }
}

typedef struct {
    bool (*expr)(void *, const Expr *);
    bool (*stmt)(void *, const Stmt *);
    void *user;
    bool found;
} Any;

static void any_expr(Visitor *v, Expr *e)
{
    Any *a = v->user;
    a->found = a->found || a->expr(a->user, e);
}

bool expr_any(const Expr *e, bool (*test)(void *user, const Expr *), void *user)
{
    Any a = {.expr = test, .user = user};
    Visitor v = {.expr = any_expr, .user = &a};
    walk_expr(&v, (Expr *)e);
    return a.found;
}

static void any_stmt(Visitor *v, Stmt *s)
{
    Any *a = v->user;
    a->found = a->found || a->stmt(a->user, s);
}

bool stmt_any(const Stmt *list, bool (*test)(void *user, const Stmt *), void *user)
{
    Any a = {.stmt = test, .user = user};
    Visitor v = {.stmt = any_stmt, .user = &a};
    walk_stmts(&v, (Stmt *)list);
    return a.found;
}

typedef struct {
    Visitor *v;
    Stmt *s;
} Loads;

static void load_access(Visitor *inner, Expr *e)
{
    Loads *l = inner->user;
    if (e->kind == E_LOAD) l->v->access(l->v, l->s, e->buf, false);
    if (e->kind != E_CALL) return;
    for (int i = 0; i < e->nargs; i++) {
        char place = call_place(e, i);
        if (place == 'r' || place == 'u') l->v->access(l->v, l->s, e->args[i]->buf, false);
        if (place == 'w' || place == 'u' || place == 'b')
            l->v->access(l->v, l->s, e->args[i]->buf, true);
    }
}

/* the expressions of one statement, without those of the statements in it */
static void own_exprs(Visitor *v, Stmt *s)
{
    switch (s->kind) {
    case S_LOOP:
        walk_expr(v, s->loop.lo);
        for (int i = 0; i < s->loop.n; i++) walk_expr(v, s->loop.hi[i]);
        break;
    case S_IF:
    case S_WHILE: walk_expr(v, s->branch.cond); break;
    case S_EVAL: walk_expr(v, s->eval); break;
    case S_LET: walk_expr(v, s->let.value); break;
    case S_STORE:
        for (int d = 0; d < s->store.buf->ndim; d++) walk_expr(v, s->store.idx[d]);
        walk_expr(v, s->store.value);
        break;
    case S_TILE:
        for (const char *o = tileop_info[s->tile.op].operands; *o; o++) {
            const Region *r = &s->tile.arg[o - tileop_info[s->tile.op].operands];
            for (int d = 0; d < r->buf->ndim; d++) walk_expr(v, r->off[d]);
        }
        walk_expr(v, s->tile.value);
        if (s->tile.barrier) walk_expr(v, s->tile.barrier->idx[0]);
        break;
    case S_VERB: walk_expr(v, s->verb.which); break;
    default: break;
    }
}

static void accesses(Visitor *v, Stmt *s)
{
    Loads l = {v, s};
    Visitor inner = {.expr = load_access, .user = &l};
    own_exprs(&inner, s);
    if (s->kind == S_STORE) v->access(v, s, s->store.buf, true);
    if (s->kind != S_TILE) return;
    const char *o = tileop_info[s->tile.op].operands;
    for (int i = 0; o[i]; i++) {
        Buf *b = s->tile.arg[i].buf;
        if (o[i] == 'r' || (o[i] == 'u' && !s->tile.clear)) v->access(v, s, b, false);
        if (o[i] != 'r') v->access(v, s, b, true);
    }
    if (s->tile.barrier) v->access(v, s, s->tile.barrier->buf, true);
}

void walk_stmts(Visitor *v, Stmt *list)
{
    for (Stmt *s = list; s; s = s->next) {
        if (v->stmt) v->stmt(v, s);
        if (v->expr) own_exprs(v, s);
        if (v->access) accesses(v, s);
        switch (s->kind) {
        case S_LOOP: walk_stmts(v, s->loop.body); break;
        case S_IF:
        case S_WHILE:
            walk_stmts(v, s->branch.then);
            walk_stmts(v, s->branch.other);
            break;
        case S_ROLE: walk_stmts(v, s->role.body); break;
        default: break;
        }
        if (v->after) v->after(v, s);
    }
}

/* ---- copying ---- */

static Buf *buf_subst(Buf *b, const Subst *s)
{
    for (int i = 0; i < s->nbuf; i++)
        if (s->buf[i].buf == b) return s->buf[i].to;
    return b;
}

/* a place stays a place: what it loads is not replaced, its buffer and indices are */
static Expr *call_subst(Cx *cx, Expr *e, const Subst *s)
{
    Expr **args = NEWN(&cx->arena, Expr *, e->nargs + 1);
    bool changed = false;
    for (int i = 0; i < e->nargs; i++) {
        args[i] = expr_subst(cx, e->args[i], s);
        changed |= args[i] != e->args[i];
    }
    return changed ? expr_call(cx, e->fn, args, e->nargs, e->text, e->type, e->span) : e;
}

Expr *expr_subst(Cx *cx, Expr *e, const Subst *s)
{
    if (!e) return NULL;
    switch (e->kind) {
    case E_VAR:
        for (int i = 0; i < s->nvar; i++)
            if (s->var[i].var == e->var) return s->var[i].to;
        return e;
    case E_OP: {
        Expr *arg[MAXARG] = {0};
        bool changed = false;
        for (int i = 0; i < op_info[e->op].nargs; i++) {
            arg[i] = expr_subst(cx, e->arg[i], s);
            changed |= arg[i] != e->arg[i];
        }
        return changed ? expr_op(cx, e->op, arg[0], arg[1], arg[2], e->span) : e;
    }
    case E_CAST:
    case E_BITS: {
        Expr *a = expr_subst(cx, e->arg[0], s);
        return a == e->arg[0]      ? e
               : e->kind == E_CAST ? expr_cast(cx, a, e->type, e->span)
                                   : expr_bits(cx, a, e->type, e->span);
    }
    case E_LOAD: {
        Buf *b = buf_subst(e->buf, s);
        Expr *idx[MAXDIM];
        bool changed = b != e->buf;
        for (int d = 0; d < e->buf->ndim; d++) {
            idx[d] = expr_subst(cx, e->idx[d], s);
            changed |= idx[d] != e->idx[d];
        }
        return changed ? expr_load(cx, b, idx, e->span) : e;
    }
    case E_CALL: return call_subst(cx, e, s);
    default: return e;
    }
}

static Region region_subst(Cx *cx, const Region *r, const Subst *s)
{
    Region n = *r;
    n.buf = buf_subst(r->buf, s);
    for (int d = 0; d < r->buf->ndim; d++) n.off[d] = expr_subst(cx, r->off[d], s);
    return n;
}

Stmt *stmt_copy(Cx *cx, const Stmt *s, const Subst *sub)
{
    Stmt *n = NEW(&cx->arena, Stmt);
    *n = *s;
    n->next = NULL;
    switch (s->kind) {
    case S_LOOP:
        n->loop.lo = expr_subst(cx, s->loop.lo, sub);
        for (int i = 0; i < s->loop.n; i++) n->loop.hi[i] = expr_subst(cx, s->loop.hi[i], sub);
        n->loop.body = list_copy(cx, s->loop.body, sub);
        break;
    case S_IF:
    case S_WHILE:
        n->branch.cond = expr_subst(cx, s->branch.cond, sub);
        n->branch.then = list_copy(cx, s->branch.then, sub);
        n->branch.other = list_copy(cx, s->branch.other, sub);
        break;
    case S_LET: n->let.value = expr_subst(cx, s->let.value, sub); break;
    case S_STORE:
        n->store.buf = buf_subst(s->store.buf, sub);
        n->store.idx = NEWN(&cx->arena, Expr *, s->store.buf->ndim + 1);
        for (int d = 0; d < s->store.buf->ndim; d++)
            n->store.idx[d] = expr_subst(cx, s->store.idx[d], sub);
        n->store.value = expr_subst(cx, s->store.value, sub);
        break;
    case S_TILE:
        for (int i = 0; tileop_info[s->tile.op].operands[i]; i++)
            n->tile.arg[i] = region_subst(cx, &s->tile.arg[i], sub);
        n->tile.value = expr_subst(cx, s->tile.value, sub);
        n->tile.barrier = expr_subst(cx, s->tile.barrier, sub);
        break;
    case S_EVAL: n->eval = expr_subst(cx, s->eval, sub); break;
    case S_ALLOC: n->alloc = buf_subst(s->alloc, sub); break;
    case S_ROLE: n->role.body = list_copy(cx, s->role.body, sub); break;
    case S_VERB:
        n->verb.which = expr_subst(cx, s->verb.which, sub);
        for (int i = 0; i < MAXTILES; i++)
            if (s->verb.slot[i]) n->verb.slot[i] = buf_subst(s->verb.slot[i], sub);
        break;
    case S_JUMP:
    case S_AWAIT:
    case S_TURN: break;
    }
    return n;
}

Stmt *list_copy(Cx *cx, const Stmt *s, const Subst *sub)
{
    Stmt *head = NULL;
    for (Tail tail = &head; s; s = s->next) stmt_add(&tail, stmt_copy(cx, s, sub));
    return head;
}
