/* T.: what a schedule says more than a tile program: roles, pipes with their four verbs, order
 * tokens. */
#include "lang/dialect.h"
#include <string.h>

/* ---- roles ---- */

Value t_role(Eval *ev, Call *c)
{
    return value_frame(ev, (FrameSpec){.kind = FRAME_ROLE,
                                       .role = (Role)c->fn->op,
                                       .groups = int_arg(ev, c, 0, 1, 8, "groups"),
                                       .span = c->span});
}

/* ---- pipes ---- */

static void pipe_tile(Eval *ev, Pipe *p, const char *name, Value shape, Value type, Span at)
{
    if (p->ntile == MAXTILES)
        eval_fail(ev, E0203, at, NULL, "a slot holds at most %d tiles", (int)MAXTILES);
    Expr *dim[MAXDIM];
    int n = shape_arg(ev, shape, at, SHAPE_TILE, dim), k = p->ntile++;
    p->tile[k].name = name;
    p->tile[k].type = to_dtype(ev, type, at);
    p->tile[k].ndim = n;
    for (int d = 0; d < n; d++) expr_const(dim[d], &p->tile[k].dim[d]);
}

static Launch *schedule(Eval *ev, Call *c)
{
    need_launch(ev, c);
    ev->prog->stage = STAGE_SCHED;
    return ev->launch;
}

Value t_pipe(Eval *ev, Call *c)
{
    Launch *l = schedule(ev, c);
    Pipe *p = NEW(&ev->cx->arena, Pipe);
    *p = (Pipe){.name = "", .depth = int_arg(ev, c, 2, 1, 1024, "depth"), .span = c->span};
    if (c->arg[3].kind != VAL_NONE) {
        p->each = !strcmp(to_str(ev, c->arg[3], c->at[3], "each"), "group");
        if (!p->each) eval_fail(ev, E0205, c->at[3], NULL, "each is \"group\" or not there");
    }
    if (c->arg[0].kind != VAL_DICT) {
        pipe_tile(ev, p, NULL, c->arg[0], c->arg[1], c->at[0]);
    } else {
        const Dict *d = c->arg[0].dict;
        for (int i = 0; i < d->n; i++) {
            const Value *pair = &d->val[i];
            if (pair->kind != VAL_TUPLE || pair->seq->n != 2)
                eval_fail(ev, E0204, c->at[0], NULL, "each tile of a slot is (shape, type)");
            pipe_tile(ev, p, to_str(ev, d->key[i], c->at[0], "the name of a tile"),
                      pair->seq->at[0], pair->seq->at[1], c->at[0]);
        }
        if (!p->ntile) eval_fail(ev, E0203, c->at[0], NULL, "a slot without tiles");
    }
    l->pipe = list_add(ev, l->pipe, &l->npipe, p);
    return (Value){.kind = VAL_PIPE, .pipe = p};
}

static Stmt *verb(Eval *ev, Call *c)
{
    schedule(ev, c);
    if (c->arg[0].kind != VAL_PIPE)
        eval_fail(ev, E0204, c->at[0], NULL, "'T.%s' needs a pipe, not %s", c->fn->name,
                  value_name[c->arg[0].kind]);
    Pipe *p = c->arg[0].pipe;
    if (p->each && !c->arg[0].which)
        eval_fail(ev, E0203, c->at[0], arena_printf(&ev->cx->arena, "write %s[g]", p->name),
                  "'%s' is one ring for each group; which one is meant?", p->name);
    if (!ev->roles) eval_fail(ev, E0209, c->span, NULL, "'T.%s' outside of a role", c->fn->name);
    Stmt *s = emit(ev, S_VERB, c->span);
    s->verb.verb = (PipeVerb)c->fn->op;
    s->verb.pipe = p;
    s->verb.which = c->arg[0].which;
    return s;
}

Value t_verb(Eval *ev, Call *c)
{
    verb(ev, c);
    return NONE_VALUE;
}

/* acquire and wait give the slot's tiles */
Value t_slot(Eval *ev, Call *c)
{
    Stmt *s = verb(ev, c);
    Pipe *p = s->verb.pipe;
    for (int i = 0; i < p->ntile; i++) {
        Expr *dim[MAXDIM];
        for (int d = 0; d < p->tile[i].ndim; d++) dim[d] = expr_i32(ev->cx, p->tile[i].dim[d]);
        s->verb.slot[i] =
            buf_new(ev->cx, "", p->tile[i].type, SP_SLOT, p->tile[i].ndim, dim, c->span);
        s->verb.slot[i]->pipe = p;
        s->verb.slot[i]->tile = i;
    }
    return (Value){.kind = VAL_SLOT, .slot = s};
}

/* ---- tokens ---- */

Value t_order(Eval *ev, Call *c)
{
    Launch *l = schedule(ev, c);
    Order *o = NEW(&ev->cx->arena, Order);
    *o = (Order){.name = "", .n = int_arg(ev, c, 0, 1, 8, "the number of groups"), .span = c->span};
    l->order = list_add(ev, l->order, &l->norder, o);
    return (Value){.kind = VAL_ORDER, .order = o};
}

Value t_turn(Eval *ev, Call *c)
{
    schedule(ev, c);
    if (c->arg[0].kind != VAL_ORDER)
        eval_fail(ev, E0204, c->at[0], NULL, "'T.%s' needs a token of T.order, not %s", c->fn->name,
                  value_name[c->arg[0].kind]);
    Stmt *s = emit(ev, S_TURN, c->span);
    s->turn.order = c->arg[0].order;
    s->turn.give = c->fn->op;
    return NONE_VALUE;
}
