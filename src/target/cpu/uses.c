/* What a launch reads and writes. A let that nobody reads is not emitted, and then what only it
 * reads is not read either. */
#include "target/cpu/cpu.h"
#include <string.h>

static Use *find(Uses *u, const void *object)
{
    for (int i = 0; i < u->n; i++)
        if (u->use[i].object == object) return &u->use[i];
    if (u->n == u->cap) {
        Use *more = NEWN(&u->cx->arena, Use, u->cap ? u->cap * 2 : 64);
        if (u->n) memcpy(more, u->use, sizeof *more * (size_t)u->n);
        u->use = more;
        u->cap = u->cap ? u->cap * 2 : 64;
    }
    u->use[u->n] = (Use){.object = object};
    return &u->use[u->n++];
}

static void read_expr(Visitor *v, Expr *x)
{
    if (x->kind == E_VAR) find(v->user, x->var)->read = true;
    if (x->kind == E_LOAD) {
        find(v->user, x->buf)->read = true;
        Visitor dims = {.expr = read_expr, .user = v->user};
        for (int d = 0; d < x->buf->ndim; d++) walk_expr(&dims, x->buf->dim[d]);
    }
}

static void read_region(Uses *u, const Region *r, char use)
{
    Visitor v = {.expr = read_expr, .user = u};
    for (int d = 0; d < r->buf->ndim; d++) {
        walk_expr(&v, r->off[d]);
        walk_expr(&v, r->buf->dim[d]);
    }
    Use *b = find(u, r->buf);
    b->read |= use != 'w';
    b->written |= use != 'r';
}

static void read_stmt(Visitor *v, Stmt *s)
{
    Uses *u = v->user;
    Visitor in = {.expr = read_expr, .user = u};
    switch (s->kind) {
    case S_LOOP:
        walk_expr(&in, s->loop.lo);
        for (int i = 0; i < s->loop.n; i++) walk_expr(&in, s->loop.hi[i]);
        break;
    case S_IF: walk_expr(&in, s->branch.cond); break;
    case S_LET:
        if (find(u, s->let.var)->read) walk_expr(&in, s->let.value);
        break;
    case S_STORE:
        find(u, s->store.buf)->written = true;
        if (s->store.buf->space == SP_LOCAL && !find(u, s->store.buf)->read) break;
        walk_expr(&in, s->store.value);
        for (int d = 0; d < s->store.buf->ndim; d++) {
            walk_expr(&in, s->store.idx[d]);
            walk_expr(&in, s->store.buf->dim[d]);
        }
        break;
    case S_EVAL: {
        const Expr *to = s->eval->args[0];
        find(u, to->buf)->read = find(u, to->buf)->written = true;
        walk_expr(&in, s->eval);
        for (int d = 0; d < to->buf->ndim; d++) walk_expr(&in, to->buf->dim[d]);
        break;
    }
    case S_TILE:
        for (int i = 0; tileop_info[s->tile.op].operands[i]; i++)
            read_region(u, &s->tile.arg[i], tileop_info[s->tile.op].operands[i]);
        walk_expr(&in, s->tile.value);
        break;
    default: break;
    }
}

static int count_read(const Uses *u)
{
    int n = 0;
    for (int i = 0; i < u->n; i++) n += u->use[i].read;
    return n;
}

const Uses *cpu_uses(Cx *cx, const Launch *l)
{
    Uses *u = NEW(&cx->arena, Uses);
    u->cx = cx;
    Visitor v = {.stmt = read_stmt, .user = u};
    for (int before = -1; before != count_read(u);) { /* until nothing new is read through lets */
        before = count_read(u);
        walk_stmts(&v, l->body);
    }
    return u;
}

Use cpu_use(const Uses *u, const void *object)
{
    for (int i = 0; i < u->n; i++)
        if (u->use[i].object == object) return u->use[i];
    return (Use){.object = object};
}
