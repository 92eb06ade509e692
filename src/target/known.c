/* What no emitter can spell yet is refused here by name, before any looks at it: launches that
   speak of threads, and element types and buffers without a text. The interpreter runs their
   schedules. */
#include "target/target.h"

typedef struct {
    Cx *cx;
    const Target *target;
    const Launch *launch;
    const Expr *update; /* the statement at hand: an atomic update that the target can spell */
} Known;

static _Noreturn void refuse(Known *k, Span at, const char *what)
{
    fail(k->cx, E0412, at, "the interpreter runs it: --device interp", "%s: not on %s yet", what,
         k->target->name);
}

static void known_type(Known *k, DType t, Span at)
{
    if (t != DT_none && !dtype_info[t].c)
        refuse(k, at, arena_printf(&k->cx->arena, "elements of type %s", dtype_info[t].name));
}

static void known_buf(Known *k, const Buf *b)
{
    known_type(k, b->type, b->span);
    if (b->stride[0]) refuse(k, b->span, "a tensor with strides of its own");
    if (b->of) refuse(k, b->span, "a view of a buffer");
    if (b->pointer || b->type == DT_handle) refuse(k, b->span, "memory behind a pointer");
    if (b->space == SP_BARRIER) refuse(k, b->span, "a barrier");
}

static void known_expr(Visitor *v, Expr *e)
{
    Known *k = v->user;
    known_type(k, e->type, e->span);
    if (e->kind == E_CALL && e != k->update)
        refuse(k, e->span, arena_printf(&k->cx->arena, "T.%s", fn_info[e->fn].name));
    if (e->kind == E_VAR && e->var->kind == V_THREAD) refuse(k, e->span, "the index of a thread");
}

static void known_tile(Known *k, const Stmt *s)
{
    static const bool written[NTILEOP] = {
        [TO_copy] = true,          [TO_gemm] = true,       [TO_fill] = true,
        [TO_reduce_sum] = true,    [TO_reduce_max] = true, [TO_reduce_min] = true,
        [TO_reduce_absmax] = true, [TO_cumsum] = true};
    if (!written[s->tile.op] && !(stmt_is_update(s) && k->target->limits->atomics))
        refuse(k, s->span, arena_printf(&k->cx->arena, "T.%s", tileop_info[s->tile.op].name));
    if (s->tile.barrier || s->tile.async || (s->tile.start && !k->launch->npipe))
        refuse(k, s->span,
               s->tile.start ? "a gemm that the program awaits by itself"
                             : "a copy that the program awaits by itself");
    if (s->tile.op == TO_copy && s->tile.value)
        refuse(k, s->span, "a copy with a value for elements out of range");
    if (s->tile.nan) refuse(k, s->span, "nan_propagate");
}

static void known_stmt(Visitor *v, Stmt *s)
{
    Known *k = v->user;
    bool update = s->kind == S_EVAL && stmt_is_update(s) && k->target->limits->atomics;
    k->update = update ? s->eval : NULL;
    switch (s->kind) {
    case S_WHILE: refuse(k, s->span, "a while loop");
    case S_JUMP: refuse(k, s->span, "break, continue or return");
    case S_ALLOC: known_buf(k, s->alloc); break;
    case S_TILE: known_tile(k, s); break;
    default: break;
    }
}

void target_known(Cx *cx, const Prog *p, const Target *target)
{
    Known k = {.cx = cx, .target = target};
    for (int i = 0; i < p->nparam; i++) {
        if (p->param[i].buf) known_buf(&k, p->param[i].buf);
        if (p->param[i].scalar) known_type(&k, p->param[i].scalar->type, p->param[i].scalar->span);
    }
    for (int i = 0; i < p->ntemp; i++) known_buf(&k, p->temp[i]);
    Visitor v = {.stmt = known_stmt, .expr = known_expr, .user = &k};
    for (const Launch *l = p->launch; l; l = l->next) {
        const Stmt *repeated;
        k.launch = l;
        walk_stmts(&v, l->body);
        if (launch_repeated(l, &repeated, 1))
            refuse(&k, repeated->span, "a statement that runs once for each thread");
    }
}
