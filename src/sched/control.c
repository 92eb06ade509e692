/* Control pipes. Needs roles; where compute may not load from global memory, a scalar that it binds
   from there comes from the reader, which binds the same one: `keys = length[b]` stays in the
   reader, which sends it on; compute waits for it. Afterwards no two roles share a variable any
   more: the launch is what reading its own text would give. */
#include "sched/split.h"

typedef struct {
    Cx *cx;
    Names *names;
    Launch *launch;
    bool stuck;
} Control;

static Stmt *role_block(const Launch *l, Role r)
{
    for (Stmt *s = l->body; s; s = s->next)
        if (s->kind == S_ROLE && s->role.role == r) return s;
    return NULL;
}

/* where the reader binds v */
static Stmt *find_let(Stmt *list, const Var *v)
{
    for (Stmt *s = list; s; s = s->next) {
        Stmt *found = NULL;
        if (s->kind == S_LET && s->let.var == v) return s;
        if (s->kind == S_LOOP) found = find_let(s->loop.body, v);
        if (s->kind == S_IF && !(found = find_let(s->branch.then, v)))
            found = find_let(s->branch.other, v);
        if (found) return found;
    }
    return NULL;
}

static Stmt *verb(Control *c, PipeVerb v, Pipe *p, Buf *slot, Span at)
{
    Stmt *s = stmt_new(c->cx, S_VERB, at);
    s->verb.verb = v;
    s->verb.pipe = p;
    s->verb.slot[0] = slot;
    s->verb.handle = slot ? slot->name : NULL;
    return s;
}

static Buf *slot_new(Control *c, Pipe *p, const char *name, Span at)
{
    Expr *one = expr_i32(c->cx, 1);
    Buf *b = buf_new(c->cx, name, p->tile[0].type, SP_SLOT, 1, &one, at);
    b->pipe = p;
    return b;
}

static Pipe *pipe_new(Control *c, const Var *v)
{
    Pipe *p = NEW(&c->cx->arena, Pipe);
    p->name = names_fresh(c->names, arena_printf(&c->cx->arena, "%s_p", v->name));
    p->span = v->span;
    p->ntile = p->depth = 1;
    p->from = R_READER;
    p->to = 1u << R_COMPUTE;
    p->tile[0].type = v->type;
    p->tile[0].ndim = 1;
    p->tile[0].dim[0] = 1;
    Launch *l = c->launch;
    Pipe **old = l->pipe;
    l->pipe = NEWN(&c->cx->arena, Pipe *, l->npipe + 1);
    for (int k = 0; k < l->npipe; k++) l->pipe[k] = old[k];
    l->pipe[l->npipe++] = p;
    return p;
}

/* reader: `v = ...` is followed by acquire, store, commit */
static void send(Control *c, Stmt *let, Pipe *p, const char *handle)
{
    Var *v = let->let.var;
    Buf *slot = slot_new(c, p, handle, let->span);
    Stmt *store = stmt_new(c->cx, S_STORE, let->span), *after = let->next;
    store->store.buf = slot;
    store->store.idx = NEWN(&c->cx->arena, Expr *, MAXDIM);
    store->store.idx[0] = expr_i32(c->cx, 0);
    store->store.value = expr_var(c->cx, v, let->span);
    Tail tail = &let->next;
    stmt_add(&tail, verb(c, PV_ACQUIRE, p, slot, let->span));
    stmt_add(&tail, store);
    stmt_add(&tail, verb(c, PV_COMMIT, p, NULL, let->span));
    *tail = after;
}

/* compute: `v = ...` becomes wait, `v = slot[0]`, release */
static void receive(Control *c, Stmt **at, Pipe *p, const char *handle)
{
    Stmt *let = *at, *after = let->next;
    Buf *slot = slot_new(c, p, handle, let->span);
    Expr *zero = expr_i32(c->cx, 0);
    let->let.value = expr_load(c->cx, slot, &zero, let->span);
    Tail tail = at;
    stmt_add(&tail, verb(c, PV_WAIT, p, slot, let->span));
    stmt_add(&tail, let);
    stmt_add(&tail, verb(c, PV_RELEASE, p, NULL, let->span));
    *tail = after;
}

static void control_list(Control *c, Stmt **list, Stmt *reader)
{
    for (Stmt **at = list, *s; (s = *at); at = &s->next) {
        if (s->kind == S_LOOP && s->loop.how != LOOP_PARALLEL)
            control_list(c, &s->loop.body, reader);
        if (s->kind == S_IF) {
            control_list(c, &s->branch.then, reader);
            control_list(c, &s->branch.other, reader);
        }
        if (s->kind != S_LET || !expr_loads_global(s->let.value)) continue;
        Stmt *let = reader ? find_let(reader->role.body, s->let.var) : NULL;
        if (!let) {
            c->stuck = true;
            return;
        }
        Pipe *p = pipe_new(c, s->let.var);
        const char *handle =
            names_fresh(c->names, arena_printf(&c->cx->arena, "%s_s", s->let.var->name));
        send(c, let, p, handle);
        receive(c, at, p, handle);
    }
}

/* ---- variables of its own for every role -------------------------------------------------------
 */

/* the variables in scope, the newest first: they fill the array from its end */
typedef struct {
    Cx *cx;
    int cap, top;
    VarSub *sub;
} Own;

static void own_var(Own *o, Var **v)
{
    if (o->top == 0) {
        int n = o->cap, cap = MAX(32, 2 * n);
        VarSub *sub = NEWN(&o->cx->arena, VarSub, cap);
        for (int i = 0; i < n; i++) sub[cap - n + i] = o->sub[i];
        o->sub = sub;
        o->top = cap - n;
        o->cap = cap;
    }
    Var *to = var_new(o->cx, (*v)->name, (*v)->type, (*v)->kind, (*v)->span);
    o->sub[--o->top] = (VarSub){*v, expr_var(o->cx, to, to->span)};
    *v = to;
}

static Stmt *own_list(Own *o, const Stmt *list)
{
    Stmt *head = NULL;
    Tail tail = &head;
    int mark = o->cap - o->top;
    for (; list; list = list->next) {
        Stmt hollow = *list;
        if (list->kind == S_LOOP) hollow.loop.body = NULL;
        if (list->kind == S_IF) hollow.branch.then = hollow.branch.other = NULL;
        if (list->kind == S_ROLE) hollow.role.body = NULL;
        Stmt *s =
            stmt_add(&tail, stmt_copy(o->cx, &hollow,
                                      &(Subst){.nvar = o->cap - o->top, .var = o->sub + o->top}));
        int inside = o->cap - o->top;
        if (s->kind == S_LOOP) {
            for (int k = 0; k < s->loop.n; k++) own_var(o, &s->loop.var[k]);
            s->loop.body = own_list(o, list->loop.body);
        } else if (s->kind == S_ROLE) {
            if (s->role.group) own_var(o, &s->role.group);
            s->role.body = own_list(o, list->role.body);
        } else if (s->kind == S_IF) {
            s->branch.then = own_list(o, list->branch.then);
            s->branch.other = own_list(o, list->branch.other);
        }
        o->top = o->cap - inside;
        if (s->kind == S_LET) own_var(o, &s->let.var);
    }
    o->top = o->cap - mark;
    return head;
}

Stmt *own_variables(Cx *cx, Stmt *list)
{
    return own_list(&(Own){.cx = cx}, list);
}

static bool control_launch(Cx *cx, Launch *l, Names *names, const Limits *lim)
{
    Control c = {.cx = cx, .names = names, .launch = l};
    Stmt *compute = role_block(l, R_COMPUTE);
    if (!lim->compute_loads_global && compute)
        control_list(&c, &compute->role.body, role_block(l, R_READER));
    return !c.stuck;
}

Launch *control_copy(Cx *cx, const Launch *l, Names *names, const Limits *lim)
{
    Launch *n = NEW(&cx->arena, Launch);
    *n = *l;
    n->body = list_copy(cx, l->body, &(Subst){0});
    if (!control_launch(cx, n, names, lim)) return NULL;
    launch_link(cx, n);
    return n;
}

void sched_control(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt)
{
    (void)opt;
    Names *names = names_of(cx, p);
    for (Launch *l = p->launch; l; l = l->next) {
        if (!l->npipe) continue;
        if (!control_launch(cx, l, names, lim))
            fail(cx, E0902, l->span, NULL,
                 "compute of '%s' needs a scalar that the reader does not have", l->name);
        l->body = own_variables(cx, l->body);
        launch_link(cx, l);
    }
}
