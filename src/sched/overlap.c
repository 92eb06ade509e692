/* Overlap. Needs roles with depths; gives gemms that are started early and awaited late, in loops
   of two forms, each legal by the order of reads and writes alone:

   behind   `wait; gemms; release` and nothing else: the gemms of one iteration are awaited after
   those of the next were started, so the slots of iteration k are released one behind. The first
   iteration is peeled. Needs two slots. rotated  `A; B` with B = the last gemm and its slots, A =
   the first gemm and the rest: iteration n starts its first gemm, then the last gemm of iteration n
   - 1, and works on while that one runs; what touches its accumulator or writes its operand comes
   after the await. A(first) stands before the loop, B(last) after it. Groups take turns in
   starting.

   Whatever the token game does not win is taken back.  */
#include "sched/inside.h"
#include <string.h>

typedef struct {
    Cx *cx;
    Launch *launch;
    Names *names;
    Order *turn; /* made at the first loop that takes turns */
    int groups, tries;
    bool all, changed; /* all: every loop that fits, to be played together */
} Overlap;

/* ---- what a statement touches --------------------------------------------------------------- */

/* buffers, and the pipe in place of its slots: verbs write it, uses of a slot read it */
enum { MAXTOUCH = 64 };
typedef struct {
    int n;
    bool full;
    struct {
        const void *what;
        bool write;
    } of[MAXTOUCH];
} Touches;

static void touch(Touches *t, const void *what, bool write)
{
    for (int i = 0; i < t->n; i++)
        if (t->of[i].what == what) {
            t->of[i].write |= write;
            return;
        }
    t->full |= t->n == MAXTOUCH;
    if (t->n < MAXTOUCH) {
        t->of[t->n].what = what;
        t->of[t->n++].write = write;
    }
}

static void touch_access(Visitor *v, Stmt *s, Buf *b, bool write)
{
    (void)s;
    if (b->space == SP_SLOT) {
        touch(v->user, b->pipe, false);
        touch(v->user, b, write);
    } else if (!buf_is_global(b) || write) {
        touch(v->user, b, write);
    }
}

static void touch_expr(Visitor *v, Expr *e)
{
    if (e->kind == E_VAR && e->var->kind == V_LET) touch(v->user, e->var, false);
    if (e->kind == E_LOAD) touch_access(v, NULL, e->buf, false);
}

static void touch_stmt(Visitor *v, Stmt *s)
{
    if (s->kind == S_LET) touch(v->user, s->let.var, true);
    if (s->kind == S_VERB) {
        touch(v->user, s->verb.pipe, true);
        for (int t = 0; t < MAXTILES && s->verb.slot[t]; t++) touch(v->user, s->verb.slot[t], true);
    }
}

static Touches touches(Stmt *s)
{
    Touches t = {0};
    Visitor v = {.stmt = touch_stmt, .expr = touch_expr, .access = touch_access, .user = &t};
    stmt_visit(&v, s);
    return t;
}

static bool conflict(const Touches *a, const Touches *b)
{
    if (a->full || b->full) return true;
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < b->n; k++)
            if (a->of[i].what == b->of[k].what && (a->of[i].write || b->of[k].write)) return true;
    return false;
}

static bool uses(const Touches *t, const void *what)
{
    for (int i = 0; i < t->n; i++)
        if (t->of[i].what == what) return true;
    return false;
}

/* ---- a loop body ---------------------------------------------------------------------------- */

enum { MAXBODY = 128 };
typedef struct {
    int n, ngemm, first, last;
    Stmt *s[MAXBODY];
    Touches t[MAXBODY];
} Body;

static bool is_gemm(const Stmt *s)
{
    return s->kind == S_TILE && s->tile.op == TO_gemm;
}

static bool is_verb(const Stmt *s, PipeVerb v)
{
    return s->kind == S_VERB && s->verb.verb == v;
}

static void find_inner(Visitor *v, Stmt *s)
{
    if (s->kind == S_ALLOC || is_gemm(s) || s->kind == S_VERB || s->kind == S_AWAIT ||
        s->kind == S_TURN)
        *(bool *)v->user = true;
}

/* false: the body has something in it that no form allows for */
static bool look(Body *b, Stmt *list)
{
    b->n = b->ngemm = 0;
    b->first = b->last = -1;
    for (Stmt *s = list; s; s = s->next) {
        bool inner = false;
        Visitor v = {.stmt = find_inner, .user = &inner};
        if (s->kind == S_LOOP) walk_stmts(&v, s->loop.body);
        if (s->kind == S_IF) {
            walk_stmts(&v, s->branch.then);
            walk_stmts(&v, s->branch.other);
        }
        if (inner || b->n == MAXBODY || s->kind == S_ALLOC || s->kind == S_AWAIT ||
            s->kind == S_TURN || (is_gemm(s) && s->tile.start))
            return false;
        if (is_gemm(s)) {
            b->ngemm++;
            b->first = b->first < 0 ? b->n : b->first;
            b->last = b->n;
        }
        b->t[b->n] = touches(s);
        b->s[b->n++] = s;
    }
    return b->ngemm > 0;
}

/* ---- writing -------------------------------------------------------------------------------- */

/* a copy of statements with slots of their own and another value for the loop's variable */
typedef struct {
    Cx *cx;
    int nbuf;
    BufSub buf[MAXBODY];
    VarSub var;
    bool has_var;
} Again;

static Stmt *again(Again *a, const Stmt *s)
{
    if (s->kind == S_VERB)
        for (int t = 0; t < MAXTILES && s->verb.slot[t] && a->nbuf < MAXBODY; t++) {
            Buf *old = s->verb.slot[t], *to = NEW(&a->cx->arena, Buf);
            *to = *old;
            a->buf[a->nbuf++] = (BufSub){old, to};
        }
    return stmt_copy(a->cx, s,
                     &(Subst){.nvar = a->has_var, .var = &a->var, .nbuf = a->nbuf, .buf = a->buf});
}

static Stmt *await(Cx *cx, int pending, Span at)
{
    Stmt *s = stmt_new(cx, S_AWAIT, at);
    s->pending = pending;
    return s;
}

static Stmt *take_turn(Overlap *o, bool give, Span at)
{
    Stmt *s = stmt_new(o->cx, S_TURN, at);
    s->turn.order = o->turn;
    s->turn.give = give;
    return s;
}

static Stmt *started(Stmt *gemm)
{
    gemm->tile.start = true;
    return gemm;
}

/* the loop without its first iteration, and a test when it may have none */
static Stmt *rest_of(Cx *cx, const Stmt *loop, Stmt *body)
{
    Stmt *s = stmt_new(cx, S_LOOP, loop->span);
    s->loop = loop->loop;
    s->loop.lo = expr_add(cx, loop->loop.lo, expr_i32(cx, loop->loop.step));
    s->loop.body = body;
    return s;
}

static Stmt *if_runs(Cx *cx, const Stmt *loop, Stmt *list)
{
    Expr *runs = expr_op(cx, loop->loop.step > 0 ? OP_lt : OP_gt, loop->loop.lo, loop->loop.hi[0],
                         NULL, loop->span);
    int64_t sure;
    if (expr_const(runs, &sure)) return sure ? list : NULL;
    Stmt *s = stmt_new(cx, S_IF, loop->span);
    s->branch.cond = runs;
    s->branch.then = list;
    return s;
}

/* ---- one behind ----------------------------------------------------------------------------- */

/* waits, gemms that only add up, releases */
static bool fits_behind(const Body *b)
{
    int stage = 0;
    for (int i = 0; i < b->n; i++) {
        const Stmt *s = b->s[i];
        int now = is_verb(s, PV_WAIT) ? 0 : is_gemm(s) ? 1 : is_verb(s, PV_RELEASE) ? 2 : 3;
        if (now == 3 || now < stage || (now == 1 && s->tile.clear) ||
            (s->kind == S_VERB && s->verb.pipe->depth < 2))
            return false;
        stage = now;
    }
    for (int i = b->first; i <= b->last; i++) /* accumulators are nobody's operands */
        for (int k = b->first; k <= b->last; k++)
            for (int x = 0; x < 2; x++)
                if (b->s[i]->tile.arg[2].buf == b->s[k]->tile.arg[x].buf) return false;
    return stage == 2;
}

static Stmt *write_behind(Overlap *o, const Stmt *loop, const Body *b)
{
    Cx *cx = o->cx;
    Stmt *head = NULL, *body = NULL;
    Tail out = &head, in = &body;
    Again peel = {.cx = cx, .var = {loop->loop.var[0], loop->loop.lo}, .has_var = true},
          step = {.cx = cx}, end = {.cx = cx};
    for (int i = 0; i < b->n; i++) {
        bool release = is_verb(b->s[i], PV_RELEASE);
        if (!release) {
            stmt_add(&out, again(&peel, b->s[i]));
            stmt_add(&in, again(&step, b->s[i]));
        }
        if (i == b->last) stmt_add(&in, await(cx, b->ngemm, loop->span));
        if (release) stmt_add(&in, again(&step, b->s[i]));
    }
    for (Stmt *s = head; s; s = s->next)
        if (is_gemm(s)) started(s);
    for (Stmt *s = body; s; s = s->next)
        if (is_gemm(s)) started(s);
    stmt_add(&out, rest_of(cx, loop, body));
    stmt_add(&out, await(cx, 0, loop->span));
    for (int i = b->last + 1; i < b->n; i++) stmt_add(&out, again(&end, b->s[i]));
    return if_runs(cx, loop, head);
}

/* ---- rotated -------------------------------------------------------------------------------- */

typedef enum { PART_A, PART_B } Part;

/* B: the last gemm, the waits for what only it reads, the releases of that */
static bool divide(const Body *b, Part *part)
{
    const Touches *g = &b->t[b->last];
    for (int i = 0; i < b->n; i++) {
        part[i] = i == b->last ? PART_B : PART_A;
        if (b->s[i]->kind != S_VERB || !uses(g, b->s[i]->verb.pipe)) continue;
        for (int k = 0; k < b->n; k++)
            if (k != b->last && b->s[k]->kind != S_VERB && uses(&b->t[k], b->s[i]->verb.pipe))
                return false; /* others read the slot too: it cannot be kept back */
        part[i] = PART_B;
    }
    for (int i = 0; i < b->n; i++) {
        if (i > b->last && part[i] == PART_A && !is_verb(b->s[i], PV_RELEASE)) return false;
        for (int k = 0; part[i] == PART_B && k < b->n;
             k++) /* nothing bound in the iteration is needed in the next one */
            if (b->s[k]->kind == S_LET && uses(&b->t[i], b->s[k]->let.var)) return false;
    }
    return true;
}

static bool fits_rotated(const Body *b, Part *part, bool *late)
{
    if (b->ngemm != 2 || !divide(b, part)) return false;
    const Touches *g = &b->t[b->last];
    for (int i = 0; i <= b->first; i++) /* what runs before the last gemm of the iteration before */
        if ((i < b->first && !is_verb(b->s[i], PV_WAIT) && b->s[i]->kind != S_LET) ||
            part[i] != PART_A || conflict(&b->t[i], g))
            return false;
    for (int i = b->first + 1; i < b->n; i++) {
        late[i] = false;
        if (part[i] == PART_B) continue;
        late[i] = conflict(&b->t[i], g);
        for (int k = b->first + 1; k < i && !late[i]; k++)
            late[i] = late[k] && part[k] == PART_A && conflict(&b->t[k], &b->t[i]);
    }
    return true;
}

static void write_part(Again *a, const Body *b, const Part *part, Part which, Tail *out)
{
    for (int i = 0; i < b->n; i++)
        if (part[i] == which) stmt_add(out, again(a, b->s[i]));
}

static Stmt *write_rotated(Overlap *o, const Stmt *loop, const Body *b, const Part *part,
                           const bool *late)
{
    Cx *cx = o->cx;
    Var *n = loop->loop.var[0];
    Span at = loop->span;
    Expr *before =
        expr_op(cx, OP_sub, expr_var(cx, n, at), expr_i32(cx, loop->loop.step), NULL, at);
    Expr *count = expr_op(cx, OP_sub, loop->loop.hi[0], loop->loop.lo, NULL, at), *final;
    Expr *step = expr_i32(cx, loop->loop.step), *one = expr_i32(cx, loop->loop.step > 0 ? 1 : -1);
    final = expr_op(cx, OP_floordiv, expr_op(cx, OP_sub, count, one, NULL, at), step, NULL, at);
    final = expr_add(cx, loop->loop.lo, expr_mul(cx, final, step));

    Stmt *head = NULL, *body = NULL;
    Tail out = &head, in = &body;
    Again peel = {.cx = cx, .var = {n, loop->loop.lo}, .has_var = true}, now = {.cx = cx};
    Again last = {.cx = cx, .var = {n, before}, .has_var = true},
          end = {.cx = cx, .var = {n, final}, .has_var = true};
    write_part(&peel, b, part, PART_A, &out);

    for (int i = 0; i < b->first; i++) stmt_add(&in, again(&now, b->s[i]));
    if (o->groups > 1) stmt_add(&in, take_turn(o, false, at));
    stmt_add(&in, started(again(&now, b->s[b->first])));
    for (int i = 0; i <= b->last; i++)
        if (part[i] == PART_B)
            stmt_add(&in, i == b->last ? started(again(&last, b->s[i])) : again(&last, b->s[i]));
    if (o->groups > 1) stmt_add(&in, take_turn(o, true, at));
    stmt_add(&in, await(cx, 1, at));
    for (int i = b->first + 1; i < b->n; i++)
        if (part[i] == PART_A && !late[i]) stmt_add(&in, again(&now, b->s[i]));
    stmt_add(&in, await(cx, 0, at));
    for (int i = b->last + 1; i < b->n; i++)
        if (part[i] == PART_B) stmt_add(&in, again(&last, b->s[i]));
    for (int i = b->first + 1; i < b->n; i++)
        if (part[i] == PART_A && late[i]) stmt_add(&in, again(&now, b->s[i]));

    stmt_add(&out, rest_of(cx, loop, body));
    write_part(&end, b, part, PART_B, &out);
    return if_runs(cx, loop, head);
}

/* ---- loops ---------------------------------------------------------------------------------- */

static Order *new_turn(Overlap *o)
{
    Order *t = NEW(&o->cx->arena, Order), **old = o->launch->order;
    t->name = names_fresh(o->names, "turn");
    t->n = o->groups;
    t->span = o->launch->span;
    o->launch->order = NEWN(&o->cx->arena, Order *, o->launch->norder + 1);
    for (int k = 0; k < o->launch->norder; k++) o->launch->order[k] = old[k];
    o->launch->order[o->launch->norder++] = t;
    return t;
}

static Stmt *overlapped(Overlap *o, Stmt *loop)
{
    Body *b = NEW(&o->cx->arena, Body);
    Part part[MAXBODY];
    bool late[MAXBODY] = {0};
    if (!look(b, loop->loop.body)) return NULL;
    if (fits_behind(b)) return write_behind(o, loop, b);
    if (!fits_rotated(b, part, late)) return NULL;
    if (o->groups > 1 && !o->turn) o->turn = new_turn(o);
    return write_rotated(o, loop, b, part, late);
}

enum { MAXTRIES = 24 }; /* loops that are tried one by one, when all of them at once do not win */

/* what the game does not win is put back */
static void overlap_list(Overlap *o, Stmt **list)
{
    for (Stmt **at = list, *s; (s = *at); at = &(*at)->next) {
        if (s->kind == S_IF) {
            overlap_list(o, &s->branch.then);
            overlap_list(o, &s->branch.other);
        }
        if (s->kind != S_LOOP || s->loop.how != LOOP_SERIAL) continue;
        int norder = o->launch->norder;
        Order **order = o->launch->order, *turn = o->turn;
        Stmt *now = o->tries > 0 ? overlapped(o, s) : NULL, *end = now;
        if (!now) {
            overlap_list(o, &s->loop.body);
            continue;
        }
        while (end->next) end = end->next;
        end->next = s->next;
        *at = now;
        o->changed = true;
        Text why = text_new(&o->cx->arena);
        if (o->all || (o->tries--, check_protocol(o->cx, o->launch, &why))) {
            while (*at != end) at = &(*at)->next;
            continue;
        }
        *at = s;
        o->launch->norder = norder;
        o->launch->order = order;
        o->turn = turn;
    }
}

static void overlap_launch(Cx *cx, Launch *l, Stmt *role, Names *names)
{
    Stmt *body = role->role.body;
    Launch before = *l;
    Text why = text_new(&cx->arena);
    Overlap o = {.cx = cx, .launch = l, .names = names, .groups = role->role.groups};
    o.tries = MAXTRIES;
    o.all = true;
    role->role.body = list_copy(cx, body, &(Subst){0});
    overlap_list(&o, &role->role.body);
    if (o.changed && !check_protocol(cx, l, &why)) {
        *l = before;
        role->role.body = body;
        o.all = false;
        o.turn = NULL;
        overlap_list(&o, &role->role.body);
    }
    l->body = own_variables(cx, l->body);
}

void sched_overlap(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt)
{
    (void)opt;
    if (!lim->async_gemm) return;
    Names *names = names_of(cx, p);
    for (Launch *l = p->launch; l; l = l->next) {
        Stmt *s = l->npipe ? l->body : NULL;
        while (s && (s->kind != S_ROLE || s->role.role != R_COMPUTE)) s = s->next;
        if (s) overlap_launch(cx, l, s, names);
    }
}
