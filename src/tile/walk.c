/* What nodes are made of; comparing, visiting and copying them with variables and buffers replaced.
 */
#include "tile/tile.h"
#include <string.h>

/* ---- parts ---- */

char call_place(const Expr *e, int k)
{
    char letter = fn_arg(e->fn, k);
    return letter == 'r' || letter == 'w' || letter == 'u' || letter == 'b' ? letter : 0;
}

int expr_kids(const Expr *e, Expr ***kid)
{
    switch (e->kind) {
    case E_OP: *kid = (Expr **)e->arg; return op_info[e->op].nargs;
    case E_CAST:
    case E_BITS: *kid = (Expr **)e->arg; return 1;
    case E_LOAD: *kid = e->idx; return e->buf->ndim;
    case E_CALL: *kid = e->args; return e->nargs;
    default: return 0;
    }
}

static void part(StmtPart **p, PartKind kind, const void *at)
{
    *(*p)++ = (StmtPart){.kind = kind, .at = (void *)at};
}

int stmt_parts(const Stmt *s, StmtPart out[MAXPART])
{
    StmtPart *at = out, **p = &at;
    const char *operands = s->kind == S_TILE ? tileop_info[s->tile.op].operands : "";
    switch (s->kind) {
    case S_LOOP:
        part(p, PART_EXPR, &s->loop.lo);
        for (int i = 0; i < s->loop.n; i++) part(p, PART_EXPR, &s->loop.hi[i]);
        part(p, PART_LIST, &s->loop.body);
        break;
    case S_IF:
    case S_WHILE:
        part(p, PART_EXPR, &s->branch.cond);
        part(p, PART_LIST, &s->branch.then);
        part(p, PART_LIST, &s->branch.other);
        break;
    case S_LET: part(p, PART_EXPR, &s->let.value); break;
    case S_STORE:
        part(p, PART_BUF, &s->store.buf);
        for (int d = 0; d < s->store.buf->ndim; d++) part(p, PART_EXPR, &s->store.idx[d]);
        part(p, PART_EXPR, &s->store.value);
        break;
    case S_EVAL: part(p, PART_EXPR, &s->eval); break;
    case S_TILE:
        for (int i = 0; operands[i]; i++) {
            const Region *r = &s->tile.arg[i];
            part(p, PART_BUF, &r->buf);
            for (int d = 0; d < r->buf->ndim; d++) part(p, PART_EXPR, &r->off[d]);
        }
        part(p, PART_EXPR, &s->tile.value);
        part(p, PART_PLACE, &s->tile.barrier);
        break;
    case S_ALLOC: part(p, PART_BUF, &s->alloc); break;
    case S_ROLE: part(p, PART_LIST, &s->role.body); break;
    case S_VERB:
        part(p, PART_EXPR, &s->verb.which);
        for (int i = 0; i < MAXTILES; i++) part(p, PART_BUF, &s->verb.slot[i]);
        break;
    case S_JUMP:
    case S_AWAIT:
    case S_TURN: break;
    }
    return (int)(at - out);
}

/* equal structure; variables and buffers are compared by identity */
bool expr_same(const Expr *a, const Expr *b)
{
    if (a == b) return true;
    if (!a || !b || a->kind != b->kind || a->type != b->type) return false;
    Expr **x, **y;
    switch (a->kind) {
    case E_INT: return a->i == b->i;
    case E_FLOAT: return memcmp(&a->f, &b->f, sizeof a->f) == 0;
    case E_VAR: return a->var == b->var;
    case E_OP:
        if (a->op != b->op) return false;
        break;
    case E_LOAD:
        if (a->buf != b->buf) return false;
        break;
    case E_CALL: return false; /* two calls are never the same value */
    default: break;
    }
    int n = expr_kids(a, &x);
    expr_kids(b, &y);
    for (int i = 0; i < n; i++)
        if (!expr_same(x[i], y[i])) return false;
    return true;
}

/* ---- visiting ---- */

static void walk_kids(Visitor *v, const Expr *e)
{
    Expr **kid;
    int n = expr_kids(e, &kid);
    for (int i = 0; i < n; i++)
        if (e->kind == E_CALL && call_place(e, i))
            walk_kids(v, kid[i]);
        else
            walk_expr(v, kid[i]);
}

void walk_expr(Visitor *v, Expr *e)
{
    if (!e) return;
    if (v->expr) v->expr(v, e);
    walk_kids(v, e);
}

bool expr_any(const Expr *e, bool (*test)(void *user, const Expr *), void *user)
{
    Expr **kid;
    if (e && test(user, e)) return true;
    for (int i = 0, n = e ? expr_kids(e, &kid) : 0; i < n; i++) {
        bool place = e->kind == E_CALL && call_place(e, i);
        for (int d = 0; place && d < kid[i]->buf->ndim; d++)
            if (expr_any(kid[i]->idx[d], test, user)) return true;
        if (!place && expr_any(kid[i], test, user)) return true;
    }
    return false;
}

bool stmt_any(const Stmt *list, bool (*test)(void *user, const Stmt *), void *user)
{
    StmtPart p[MAXPART];
    for (const Stmt *s = list; s; s = s->next) {
        if (test(user, s)) return true;
        for (int i = 0, n = stmt_parts(s, p); i < n; i++)
            if (p[i].kind == PART_LIST && stmt_any(*p[i].list, test, user)) return true;
    }
    return false;
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
static void own_exprs(Visitor *v, const StmtPart *p, int n)
{
    for (int i = 0; i < n; i++)
        if (p[i].kind == PART_EXPR)
            walk_expr(v, *p[i].expr);
        else if (p[i].kind == PART_PLACE && *p[i].expr)
            walk_kids(v, *p[i].expr);
}

static void accesses(Visitor *v, Stmt *s, const StmtPart *p, int n)
{
    Loads l = {v, s};
    Visitor inner = {.expr = load_access, .user = &l};
    own_exprs(&inner, p, n);
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
    StmtPart p[MAXPART];
    for (Stmt *s = list; s; s = s->next) {
        if (v->stmt) v->stmt(v, s);
        int n = stmt_parts(s, p);
        if (v->expr) own_exprs(v, p, n);
        if (v->access) accesses(v, s, p, n);
        for (int i = 0; i < n; i++)
            if (p[i].kind == PART_LIST) walk_stmts(v, *p[i].list);
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

/* A node is made anew when something in it is replaced, so that it is folded again. A place stays a
 * place: what it loads is not replaced, its buffer and indices are. */
Expr *expr_subst(Cx *cx, Expr *e, const Subst *s)
{
    Expr **kid, *few[MAXDIM] = {0}, **arg = few;
    if (!e) return NULL;
    for (int i = 0; e->kind == E_VAR && i < s->nvar; i++)
        if (s->var[i].var == e->var) return s->var[i].to;
    int n = expr_kids(e, &kid);
    Buf *b = e->kind == E_LOAD ? buf_subst(e->buf, s) : NULL;
    bool changed = b && b != e->buf;
    if (n > MAXDIM) arg = NEWN(&cx->arena, Expr *, n);
    for (int i = 0; i < n; i++) {
        arg[i] = expr_subst(cx, kid[i], s);
        changed |= arg[i] != kid[i];
    }
    if (!changed) return e;
    switch (e->kind) {
    case E_OP: return expr_op(cx, e->op, arg[0], arg[1], arg[2], e->span);
    case E_CAST: return expr_cast(cx, arg[0], e->type, e->span);
    case E_BITS: return expr_bits(cx, arg[0], e->type, e->span);
    case E_LOAD: return expr_load(cx, b, arg, e->span);
    default: return expr_call(cx, e->fn, arg, n, e->text, e->type, e->span);
    }
}

Stmt *stmt_copy(Cx *cx, const Stmt *s, const Subst *sub)
{
    StmtPart p[MAXPART];
    Stmt *c = NEW(&cx->arena, Stmt);
    *c = *s;
    c->next = NULL;
    if (s->kind == S_STORE) {
        c->store.idx = NEWN(&cx->arena, Expr *, s->store.buf->ndim + 1);
        memcpy(c->store.idx, s->store.idx, sizeof(Expr *) * (size_t)s->store.buf->ndim);
    }
    int n = stmt_parts(c, p);
    for (int i = 0; i < n; i++) {
        if (p[i].kind == PART_EXPR || p[i].kind == PART_PLACE)
            *p[i].expr = expr_subst(cx, *p[i].expr, sub);
        if (p[i].kind == PART_BUF) *p[i].buf = buf_subst(*p[i].buf, sub);
        if (p[i].kind == PART_LIST) *p[i].list = list_copy(cx, *p[i].list, sub);
    }
    return c;
}

Stmt *list_copy(Cx *cx, const Stmt *s, const Subst *sub)
{
    Stmt *head = NULL;
    for (Tail tail = &head; s; s = s->next) stmt_add(&tail, stmt_copy(cx, s, sub));
    return head;
}
