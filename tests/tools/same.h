/* Are two programs the same, node by node? What they name is compared by name, places are not. Each same_x says in `why` where two
   nodes first differ. */
#include "tile/tile.h"
#include <string.h>

static bool differ(Text *why, const char *what, const char *a, const char *b)
{
    if (why && why->n == 0)
        text_add(why, "%s: %s and %s", what, a ? a : "nothing", b ? b : "nothing");
    return false;
}

static bool same_name(Text *why, const char *what, const char *a, const char *b)
{
    return (!a && !b) || (a && b && !strcmp(a, b)) || differ(why, what, a, b);
}

static bool same_number(Text *why, const char *what, int64_t a, int64_t b)
{
    if (a == b) return true;
    if (why && why->n == 0) text_add(why, "%s: %lld and %lld", what, (long long)a, (long long)b);
    return false;
}

static bool same_var(Text *why, const Var *a, const Var *b)
{
    if (!a || !b) return a == b || differ(why, "variable", a ? a->name : NULL, b ? b->name : NULL);
    return same_name(why, "variable", a->name, b->name) &&
           same_number(why, a->name, a->type, b->type) &&
           same_number(why, a->name, a->kind, b->kind);
}

static bool same_expr(Text *why, const Expr *a, const Expr *b);

static bool same_buf(Text *why, const Buf *a, const Buf *b)
{
    if (!a || !b) return a == b || differ(why, "buffer", a ? a->name : NULL, b ? b->name : NULL);
    return same_name(why, "buffer", a->name, b->name) &&
           same_number(why, a->name, a->type, b->type) &&
           same_number(why, a->name, a->space, b->space) &&
           same_number(why, a->name, a->ndim, b->ndim) &&
           same_name(why, a->name, a->pipe ? a->pipe->name : NULL,
                     b->pipe ? b->pipe->name : NULL) &&
           same_name(why, a->name, a->of ? a->of->name : NULL, b->of ? b->of->name : NULL) &&
           same_number(why, a->name, a->tile, b->tile);
}

/* where a buffer is declared its dimensions are compared too; where it is used the name is enough
 */
static bool same_decl(Text *why, const Buf *a, const Buf *b)
{
    if (!same_buf(why, a, b)) return false;
    for (int d = 0; a && d < a->ndim; d++)
        if (!same_expr(why, a->dim[d], b->dim[d]) || !same_expr(why, a->stride[d], b->stride[d]))
            return false;
    if (a && a->space == SP_BARRIER)
        for (int64_t i = 0; i < buf_elems(a); i++)
            if (!same_number(why, a->name, a->arrive[i], b->arrive[i])) return false;
    return !a || same_expr(why, a->pointer, b->pointer);
}

static bool same_exprs(Text *why, Expr *const *a, Expr *const *b, int n)
{
    for (int i = 0; i < n; i++)
        if (!same_expr(why, a[i], b[i])) return false;
    return true;
}

static bool same_expr(Text *why, const Expr *a, const Expr *b)
{
    if (!a || !b) return a == b || differ(why, "expression", a ? "one" : NULL, b ? "one" : NULL);
    if (!same_number(why, "kind of an expression", a->kind, b->kind) ||
        !same_number(why, "type of an expression", a->type, b->type))
        return false;
    bool same = true;
    switch (a->kind) {
    case E_INT: return same_number(why, "integer", a->i, b->i);
    case E_FLOAT:
        return memcmp(&a->f, &b->f, sizeof a->f) == 0 || (a->f != a->f && b->f != b->f) ||
               differ(why, "float", "one", "another");
    case E_VAR: return same_var(why, a->var, b->var);
    case E_OP: same = same_name(why, "operation", op_info[a->op].name, op_info[b->op].name); break;
    case E_LOAD: same = same_buf(why, a->buf, b->buf); break;
    case E_CALL:
        same = same_name(why, "call", fn_info[a->fn].name, fn_info[b->fn].name) &&
               same_number(why, fn_info[a->fn].name, a->nargs, b->nargs) &&
               same_name(why, "text", a->text, b->text);
        break;
    default: break;
    }
    Expr **x, **y;
    int n = same ? expr_kids(a, &x) : 0;
    if (same) expr_kids(b, &y);
    return same && same_exprs(why, x, y, n);
}

static bool same_list(Text *why, const Stmt *a, const Stmt *b);

/* what is in a statement itself */
static bool same_head(Text *why, const Stmt *a, const Stmt *b)
{
    switch (a->kind) {
    case S_LOOP:
        if (!same_number(why, "kind of loop", a->loop.how, b->loop.how) || !same_number(why, "loop variables", a->loop.n, b->loop.n) ||
            !same_number(why, "stages", a->loop.stages, b->loop.stages) || !same_number(why, "step", a->loop.step, b->loop.step))
            return false;
        for (int i = 0; i < a->loop.n; i++)
            if (!same_var(why, a->loop.var[i], b->loop.var[i])) return false;
        return true;
    case S_JUMP: return same_number(why, "jump", a->jump, b->jump);
    case S_LET: return same_var(why, a->let.var, b->let.var);
    case S_TILE:
        if (!same_name(why, "tile operation", tileop_info[a->tile.op].name, tileop_info[b->tile.op].name)) return false;
        for (int i = 0; tileop_info[a->tile.op].operands[i]; i++)
            for (int d = 0; d < a->tile.arg[i].buf->ndim; d++)
                if (!same_number(why, "extent", a->tile.arg[i].ext[d], b->tile.arg[i].ext[d])) return false;
        return same_number(why, "transpose_A", a->tile.trans_a, b->tile.trans_a) && same_number(why, "transpose_B", a->tile.trans_b, b->tile.trans_b) &&
               same_number(why, "clear", a->tile.clear, b->tile.clear) && same_number(why, "start", a->tile.start, b->tile.start) &&
               same_number(why, "dim", a->tile.dim, b->tile.dim) && same_number(why, "reverse", a->tile.reverse, b->tile.reverse) &&
               same_number(why, "nan_propagate", a->tile.nan, b->tile.nan) && same_number(why, "async", a->tile.async, b->tile.async);
    case S_ROLE:
        return same_number(why, "role", a->role.role, b->role.role) && same_number(why, "groups", a->role.groups, b->role.groups) &&
               same_var(why, a->role.group, b->role.group);
    case S_VERB:
        return same_number(why, "verb", a->verb.verb, b->verb.verb) && same_name(why, "pipe", a->verb.pipe->name, b->verb.pipe->name) &&
               same_name(why, "slot", a->verb.handle, b->verb.handle);
    case S_AWAIT: return same_number(why, "await", a->pending, b->pending);
    case S_TURN: return same_number(why, "turn", a->turn.give, b->turn.give) && same_name(why, "order", a->turn.order->name, b->turn.order->name);
    default: return true;
    }
}

static bool same_stmt(Text *why, const Stmt *a, const Stmt *b)
{
    StmtPart p[MAXPART], q[MAXPART];
    if (!same_number(why, "kind of statement", a->kind, b->kind) || !same_head(why, a, b)) return false;
    int n = stmt_parts(a, p), m = stmt_parts(b, q);
    bool declares = a->kind == S_ALLOC || a->kind == S_VERB, same = true;
    for (int i = 0; i < MIN(n, m) && same; i++)
        same = !same_number(why, "kind of a part", p[i].kind, q[i].kind) ? false
               : p[i].kind == PART_LIST                                   ? same_list(why, *p[i].list, *q[i].list)
               : p[i].kind != PART_BUF                                    ? same_expr(why, *p[i].expr, *q[i].expr)
               : declares                                                 ? same_decl(why, *p[i].buf, *q[i].buf)
                                                                          : same_buf(why, *p[i].buf, *q[i].buf);
    return same && same_number(why, "parts of a statement", n, m);
}

static bool same_list(Text *why, const Stmt *a, const Stmt *b)
{
    for (; a && b; a = a->next, b = b->next)
        if (!same_stmt(why, a, b)) return false;
    return (!a && !b) || differ(why, "length of a statement list", a ? "longer" : "shorter",
                                b ? "longer" : "shorter");
}

static bool same_pipe(Text *why, const Pipe *a, const Pipe *b)
{
    if (!same_name(why, "pipe", a->name, b->name) ||
        !same_number(why, "tiles of a pipe", a->ntile, b->ntile) ||
        !same_number(why, "depth", a->depth, b->depth) ||
        !same_number(why, "each", a->each, b->each) ||
        !same_number(why, "producer", a->from, b->from) ||
        !same_number(why, "consumers", a->to, b->to))
        return false;
    for (int i = 0; i < a->ntile; i++) {
        if (!same_name(why, a->name, a->tile[i].name, b->tile[i].name) ||
            !same_number(why, a->name, a->tile[i].type, b->tile[i].type) ||
            !same_number(why, a->name, a->tile[i].ndim, b->tile[i].ndim))
            return false;
        for (int d = 0; d < a->tile[i].ndim; d++)
            if (!same_number(why, a->name, a->tile[i].dim[d], b->tile[i].dim[d])) return false;
    }
    return true;
}

static bool same_launch(Text *why, const Launch *a, const Launch *b)
{
    if (!same_name(why, "launch", a->name, b->name) ||
        !same_number(why, "grid", a->ngrid, b->ngrid) ||
        !same_exprs(why, a->grid, b->grid, a->ngrid) ||
        !same_number(why, "threads", a->threads, b->threads) ||
        !same_number(why, "pipes", a->npipe, b->npipe) ||
        !same_number(why, "orders", a->norder, b->norder))
        return false;
    for (int i = 0; i < a->ngrid; i++)
        if (!same_var(why, a->block[i], b->block[i])) return false;
    for (int i = 0; i < MAXGRID; i++)
        if (!same_var(why, a->thread[i], b->thread[i]) ||
            !same_number(why, "threads", a->thread_ext[i], b->thread_ext[i]))
            return false;
    for (int i = 0; i < a->npipe; i++)
        if (!same_pipe(why, a->pipe[i], b->pipe[i])) return false;
    for (int i = 0; i < a->norder; i++)
        if (!same_name(why, "order", a->order[i]->name, b->order[i]->name) ||
            !same_number(why, "order", a->order[i]->n, b->order[i]->n))
            return false;
    return same_list(why, a->body, b->body);
}

static bool prog_same(const Prog *a, const Prog *b, Text *why)
{
    if (!same_name(why, "program", a->name, b->name) ||
        !same_number(why, "stage", a->stage, b->stage) ||
        !same_name(why, "target", a->target, b->target) ||
        !same_number(why, "parameters", a->nparam, b->nparam) ||
        !same_number(why, "temporaries", a->ntemp, b->ntemp) ||
        !same_number(why, "sizes", a->nsize, b->nsize))
        return false;
    for (int i = 0; i < a->nparam; i++)
        if (!same_decl(why, a->param[i].buf, b->param[i].buf) ||
            !same_var(why, a->param[i].scalar, b->param[i].scalar) ||
            !same_number(why, "output", a->param[i].output, b->param[i].output))
            return false;
    for (int i = 0; i < a->ntemp; i++)
        if (!same_decl(why, a->temp[i], b->temp[i])) return false;
    for (int i = 0; i < a->nsize; i++)
        if (!same_var(why, a->size[i], b->size[i])) return false;
    const Launch *x = a->launch, *y = b->launch;
    for (; x && y; x = x->next, y = y->next)
        if (!same_launch(why, x, y)) return false;
    return (!x && !y) || differ(why, "launches", x ? "more" : "fewer", y ? "more" : "fewer");
}
