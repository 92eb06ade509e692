/* The split. Needs a planned launch; gives reader, compute and writer joined by pipes, or one
   merged sequence.

   Every leaf has a home (facts.c). Loops, branches, lets and scalars are copied into each role that
   needs them. A shared tile that stays in one role is that role's own; one that crosses becomes a
   pipe, if every read sees exactly the writes of its own generation (pipes.c). A tile that does not
   keep to generations is *demoted*: the reader fills a fresh tile and compute copies it over (or
   compute copies into a fresh tile that the writer takes), which always does. What cannot be split
   is merged, and a remark says why.

   Order is kept in every role and each pipe holds at least what is alive at once in the program's
   order, so the result cannot get stuck; the token game is played all the same, and a schedule that
   loses it is merged.  */
#include "sched/split.h"
#include <string.h>

/* ---- who needs what ------------------------------------------------------------------------- */

static void give_up(Split *s, Span at, const char *why)
{
    if (!s->why) {
        s->why = why;
        s->where = at;
    }
}

static void index_list(Split *s, Stmt *list, Stmt *parent)
{
    for (Stmt *c = list; c; c = c->next) {
        ptr_set(&s->parent, c, (int64_t)(intptr_t)parent);
        if (c->kind == S_LET) ptr_set(&s->let, c->let.var, (int64_t)(intptr_t)c);
        if (c->kind == S_ALLOC) ptr_set(&s->alloc, c->alloc, (int64_t)(intptr_t)c);
        if (c->kind == S_IF) {
            index_list(s, c->branch.then, c);
            index_list(s, c->branch.other, c);
        } else if (c->kind == S_LOOP && !stmt_is_leaf(c)) {
            index_list(s, c->loop.body, c);
        } else if (c->kind == S_ROLE || c->kind == S_VERB || c->kind == S_AWAIT ||
                   c->kind == S_TURN) {
            give_up(s, c->span, "it has roles already");
        }
    }
}

static Stmt *parent_of(const Split *s, const Stmt *c)
{
    return (Stmt *)(intptr_t)ptr_get(&s->parent, c);
}

unsigned split_need(const Split *s, const Stmt *c)
{
    return (unsigned)ptr_get(&s->need, c);
}

typedef struct {
    Split *s;
    Role role;
    const Buf *local;
} Needing;

static void need(Split *s, Stmt *c, Role r);

static void writes_local(Visitor *v, Stmt *c, Buf *b, bool write)
{
    Needing *n = v->user;
    (void)c;
    if (write && b == n->local) n->local = NULL; /* found */
}

/* every leaf that writes the scalar */
static void need_writers(Split *s, Stmt *list, const Buf *local, Role r)
{
    for (Stmt *c = list; c; c = c->next) {
        if (c->kind == S_IF) {
            need_writers(s, c->branch.then, local, r);
            need_writers(s, c->branch.other, local, r);
        } else if (c->kind == S_LOOP && !stmt_is_leaf(c)) {
            need_writers(s, c->loop.body, local, r);
        } else if (stmt_is_leaf(c)) {
            Needing n = {s, r, local};
            Visitor v = {.access = writes_local, .user = &n};
            stmt_visit(&v, c);
            if (!n.local) need(s, c, r);
        }
    }
}

static void need_buf(Split *s, Buf *b, Role r, Span at)
{
    if (b->space == SP_FRAG && r != R_COMPUTE)
        give_up(s, at,
                arena_printf(&s->cx->arena, "the %s would need a value that compute makes in '%s'",
                             role_name[r], b->name));
    if (buf_is_global(b) && r == R_COMPUTE && !s->lim->compute_loads_global && !s->in_let)
        give_up(s, at,
                arena_printf(&s->cx->arena, "compute cannot reach '%s' in global memory", b->name));
    if (b->space != SP_LOCAL && !b->of) return;
    Stmt *a = (Stmt *)(intptr_t)ptr_get(&s->alloc, b);
    if (a && !(split_need(s, a) & 1u << r)) {
        need(s, a, r);
        if (!b->of) need_writers(s, s->body, b, r);
    }
}

static void need_expr(Visitor *v, Expr *e)
{
    Needing *n = v->user;
    if (e->kind == E_VAR && e->var->kind == V_LET) {
        Stmt *let = (Stmt *)(intptr_t)ptr_get(&n->s->let, e->var);
        if (let) need(n->s, let, n->role);
    }
    if (e->kind == E_LOAD) need_buf(n->s, e->buf, n->role, e->span);
}

static void need_access(Visitor *v, Stmt *c, Buf *b, bool write)
{
    Needing *n = v->user;
    (void)write;
    need_buf(n->s, b, n->role, c->span);
}

/* a let that loads from global memory reaches compute through the reader, where compute cannot load
 */
static void need_let(Split *s, Stmt *c, Role r)
{
    bool loads = expr_loads(c->let.value, NULL);
    Visitor v = {.expr = need_expr, .user = &(Needing){s, r, NULL}};
    s->in_let = true;
    walk_expr(&v, c->let.value);
    s->in_let = false;
    if (loads && r == R_COMPUTE && !s->lim->compute_loads_global && expr_loads_global(c->let.value))
        need(s, c, R_READER);
}

static void need(Split *s, Stmt *c, Role r)
{
    if (!c || split_need(s, c) & 1u << r || s->why) return;
    ptr_set(&s->need, c, split_need(s, c) | 1u << r);
    s->changed = true;
    bool in_let = s->in_let;
    s->in_let = false;
    need(s, parent_of(s, c), r);
    Needing n = {s, r, NULL};
    Visitor v = {.expr = need_expr, .access = need_access, .user = &n};
    if (c->kind == S_LET) {
        need_let(s, c, r);
    } else if (c->kind == S_LOOP && !stmt_is_leaf(c)) {
        walk_expr(&v, c->loop.lo);
        walk_expr(&v, c->loop.hi[0]);
    } else if (c->kind == S_IF) {
        walk_expr(&v, c->branch.cond);
    } else if (c->kind != S_ALLOC) {
        if (ptr_get(&s->facts->home, c) && facts_home(s->facts, c) != r)
            give_up(s, c->span,
                    arena_printf(&s->cx->arena, "the %s needs what only the %s can do here",
                                 role_name[r], role_name[facts_home(s->facts, c)]));
        stmt_visit(&v, c);
    }
    s->in_let = in_let;
}

static void need_effects(Split *s, Stmt *list)
{
    for (Stmt *c = list; c; c = c->next) {
        if (c->kind == S_IF) {
            need_effects(s, c->branch.then);
            need_effects(s, c->branch.other);
        } else if (c->kind == S_LOOP && !stmt_is_leaf(c)) {
            need_effects(s, c->loop.body);
        } else if (ptr_get(&s->facts->home, c)) {
            need(s, c, facts_home(s->facts, c));
        }
    }
}

/* ---- shared tiles --------------------------------------------------------------------------- */

static TileUse *use_of(Split *s, const Buf *b)
{
    for (int i = 0; i < s->ntile; i++)
        if (s->tile[i].buf == b) return &s->tile[i];
    return NULL;
}

static void find_tiles(Visitor *v, Stmt *c)
{
    Split *s = v->user;
    if (c->kind != S_ALLOC || c->alloc->space != SP_SHARED) return;
    if (s->ntile == s->captile) {
        TileUse *old = s->tile;
        s->captile = MAX(16, 2 * s->captile);
        s->tile = NEWN(&s->cx->arena, TileUse, s->captile);
        if (s->ntile) memcpy(s->tile, old, sizeof *old * (size_t)s->ntile);
    }
    s->tile[s->ntile++] = (TileUse){.buf = c->alloc};
}

typedef struct {
    Split *s;
    unsigned roles;
} Using;

static void use_access(Visitor *v, Stmt *c, Buf *b, bool write)
{
    Using *u = v->user;
    (void)c;
    TileUse *t = b->space == SP_SHARED ? use_of(u->s, b) : NULL;
    if (t) *(write ? &t->writers : &t->readers) |= u->roles;
}

static void use_expr(Visitor *v, Expr *e)
{
    if (e->kind == E_LOAD) use_access(v, NULL, e->buf, false);
}

static void use_tiles(Split *s, Stmt *list)
{
    for (Stmt *c = list; c; c = c->next) {
        Using u = {s, split_need(s, c)};
        Visitor v = {.access = use_access, .user = &u}, e = {.expr = use_expr, .user = &u};
        if (c->kind == S_IF) {
            walk_expr(&e, c->branch.cond);
            use_tiles(s, c->branch.then);
            use_tiles(s, c->branch.other);
        } else if (c->kind == S_LOOP && !stmt_is_leaf(c)) {
            walk_expr(&e, c->loop.lo);
            walk_expr(&e, c->loop.hi[0]);
            use_tiles(s, c->loop.body);
        } else {
            stmt_visit(&v, c);
        }
    }
}

static const unsigned RD = 1u << R_READER, CO = 1u << R_COMPUTE, WR = 1u << R_WRITER;

/* what each tile becomes; false when one has to be demoted first, or the launch merged */
static bool judge_tiles(Split *s)
{
    for (int i = 0; i < s->ntile; i++) {
        TileUse *t = &s->tile[i];
        unsigned all = t->writers | t->readers;
        if (!(all & (all - 1)) || !t->writers) continue; /* one role's own, or never written */
        if (t->writers & (t->writers - 1) || t->writers == WR) {
            t->broken = true;
        } else if (t->writers == CO && t->readers & RD) {
            give_up(s, t->buf->span,
                    arena_printf(&s->cx->arena,
                                 "what the reader fetches depends on '%s', which compute makes",
                                 t->buf->name));
            return false;
        } else {
            t->producer = t->writers == RD ? R_READER : R_COMPUTE;
            t->consumers = t->readers & ~t->writers;
            t->own = t->writers == RD && t->readers & RD;
        }
    }
    return true;
}

/* ---- the attempt ---------------------------------------------------------------------------- */

/* fills everything that is found anew for each attempt; false: give up or demote (s->why says
 * which) */
static bool analyse(Split *s)
{
    PtrMap none = {.arena = &s->cx->arena};
    s->parent = s->let = s->alloc = s->need = none;
    s->ntile = s->ngen = 0;
    s->body = s->launch->body;
    facts_find(s->facts);
    const Buf *both = facts_in_order(s->facts);
    if (both) {
        give_up(s, both->span,
                arena_printf(
                    &s->cx->arena,
                    "'%s' is both read and written, and only the program's order keeps that right",
                    both->name));
        return false;
    }
    both = facts_two_writers(s->facts);
    if (both) {
        give_up(s, both->span,
                arena_printf(&s->cx->arena,
                             "both compute and writer store to '%s', and only the "
                             "program's order keeps that right",
                             both->name));
        return false;
    }
    index_list(s, s->body, NULL);
    need_effects(s, s->body);
    Visitor v = {.stmt = find_tiles, .user = s};
    walk_stmts(&v, s->body);
    do {
        s->changed = false;
        if (s->why) return false;
        for (int i = 0; i < s->ntile; i++) s->tile[i] = (TileUse){.buf = s->tile[i].buf};
        use_tiles(s, s->body);
        if (!judge_tiles(s)) return false;
        pipes_place(s);
        for (int g = 0; g < s->ngen;
             g++) /* the verbs stand in every role of the pipe, whatever else is there */
            for (Role r = R_READER; r < NROLE; r++)
                if (s->gen[g].tile->consumers & 1u << r)
                    need(s, parent_of(s, s->gen[g].first_w), r);
    } while (s->changed);
    return true;
}

/* is there anything to join? else one sequence is as good */
static bool crosses(const Split *s)
{
    for (int i = 0; i < s->ntile; i++)
        if (s->tile[i].consumers) return true;
    return false;
}

static bool accepted(Split *s, Launch *l)
{
    launch_link(s->cx, l);
    const char *no = NULL;
    Launch *known = control_copy(s->cx, l, s->names, s->lim);
    if (!known) {
        give_up(s, l->span, "a scalar that compute needs cannot be sent by the reader");
        return false;
    }
    if (s->lim->lifts && !s->lim->lifts(s->cx, known, &no)) {
        give_up(s, l->span, no ? no : "compute has no such operation on tiles");
        return false;
    }
    int64_t bytes =
        launch_shared(known); /* at depth 1 everywhere, the least that this split takes */
    if (bytes > s->lim->shared) {
        give_up(s, l->span,
                arena_printf(&s->cx->arena,
                             "its roles would need %lld bytes of shared memory, there are %lld",
                             (long long)bytes, (long long)s->lim->shared));
        return false;
    }
    Text why = text_new(&s->cx->arena);
    if (check_protocol(s->cx, known, &why)) return true;
    give_up(s, l->span, arena_printf(&s->cx->arena, "its pipes would not fit together\n%s", why.s));
    return false;
}

/* the launch as roles, or NULL */
static Launch *try_split(Split *s)
{
    for (int round = 0;; round++) {
        bool done = analyse(s);
        if (s->why) return NULL;
        TileUse *broken = NULL;
        for (int i = 0; i < s->ntile && !broken; i++)
            broken = s->tile[i].broken ? &s->tile[i] : NULL;
        if (done && !broken) break;
        if (!broken || round > 2 * s->ntile || !tile_demote(s, broken)) {
            give_up(s, broken ? broken->buf->span : s->launch->span,
                    broken ? arena_printf(&s->cx->arena,
                                          "the reads of '%s' cannot be matched with its writes",
                                          broken->buf->name)
                           : "its tiles cannot be joined by pipes");
            return NULL;
        }
    }
    if (!crosses(s)) return NULL;
    Launch *l = roles_build(s);
    return l && accepted(s, l) ? l : NULL;
}

static Launch *split_copy(Cx *cx, Names *names, const Launch *l, const Limits *lim, Split *s)
{
    Launch *work = NEW(&cx->arena, Launch);
    *work = *l;
    work->body = list_copy(cx, l->body, &(Subst){0});
    *s = (Split){
        .cx = cx, .lim = lim, .names = names, .launch = work, .facts = facts_new(cx, work, lim)};
    return try_split(s);
}

bool split_possible(Cx *cx, Names *names, const Launch *l, const Limits *lim)
{
    Split s;
    return split_copy(cx, names, l, lim, &s) != NULL;
}

static void remark_whole(Cx *cx, const Launch *l, const char *why, Span where)
{
    Diag *d = report(cx, E0410, l->span, NULL, "'%s' runs as one sequence: %s", l->name, why);
    if (where.file && where.at != l->span.at) note(cx, d, where, "here");
}

static void split_launch(Cx *cx, Names *names, Launch *l, const Limits *lim)
{
    Split s;
    Launch *done = split_copy(cx, names, l, lim, &s);
    if (done) {
        l->body = done->body;
        l->npipe = done->npipe;
        l->pipe = done->pipe;
        return;
    }
    if (s.why) remark_whole(cx, l, s.why, s.where);
    merge_launch(cx, l, lim);
}

void sched_split(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt)
{
    Names *names = names_of(cx, p);
    for (Launch *l = p->launch; l; l = l->next) {
        Span where;
        const char *whole = launch_whole(l, &where);
        if (whole && launch_threads(l)) continue; /* threads/ has told why */
        if (whole)
            remark_whole(cx, l, whole, where);
        else if (sched_roles(lim, opt) > 1)
            split_launch(cx, names, l, lim);
        else
            merge_launch(cx, l, lim);
    }
}
