/* A split launch written out: one copy of the program a role, with what the role needs and the
   verbs of its pipes. Needs homes, needs and generations; the working copy stays as it is, every
   role gets statements of its own. */
#include "sched/split.h"
#include <string.h>

typedef struct {
    Split *s;
    Role role;
    int n;
    int cap;
    BufSub *sub; /* what stands for a tile now: its slot, the reader's own tile, the role's
                           own scalar */
    Buf **own,
        **slot; /* by tile: what the reader keeps for itself, and the slot it fills besides */
} Writing;

/* ---- pipes ---------------------------------------------------------------------------------- */

/* A_s, A_shared, A_t and A_t_2 all give A_p */
static const char *pipe_base(Cx *cx, const char *tile)
{
    static const char *const ends[] = {"_shared", "_s", "_t"};
    size_t n = strlen(tile), digits = n;
    while (digits > 1 && tile[digits - 1] >= '0' && tile[digits - 1] <= '9') digits--;
    if (digits < n && digits > 1 && tile[digits - 1] == '_') n = digits - 1;
    for (int i = 0; i < COUNT(ends); i++) {
        size_t k = strlen(ends[i]);
        if (n > k && strncmp(tile + n - k, ends[i], k) == 0)
            return arena_printf(&cx->arena, "%.*s_p", (int)(n - k), tile);
    }
    return arena_printf(&cx->arena, "%s_p", tile);
}

static Pipe *pipe_for(Split *s, const TileUse *t)
{
    Pipe *p = NEW(&s->cx->arena, Pipe);
    p->name = names_fresh(s->names, pipe_base(s->cx, t->buf->name));
    p->span = t->buf->span;
    p->ntile = 1;
    p->depth = 1;
    p->from = t->producer;
    p->to = t->consumers;
    p->tile[0].type = t->buf->type;
    p->tile[0].ndim = t->buf->ndim;
    for (int d = 0; d < t->buf->ndim; d++) expr_const(t->buf->dim[d], &p->tile[0].dim[d]);
    return p;
}

static Stmt *verb(Writing *w, PipeVerb v, Pipe *p, Span at)
{
    Stmt *s = stmt_new(w->s->cx, S_VERB, at);
    s->verb.verb = v;
    s->verb.pipe = p;
    return s;
}

static Buf *slot_new(Writing *w, const TileUse *t)
{
    Buf *b = buf_new(w->s->cx, t->buf->name, t->buf->type, SP_SLOT, t->buf->ndim, t->buf->dim,
                     t->buf->span);
    b->pipe = t->pipe;
    return b;
}

static void stand_for(Writing *w, Buf *b, Buf *to)
{
    for (int i = 0; i < w->n; i++)
        if (w->sub[i].buf == b) {
            w->sub[i].to = to;
            return;
        }
    if (w->n == w->cap) {
        BufSub *old = w->sub;
        w->sub = NEWN(&w->s->cx->arena, BufSub, w->cap = MAX(32, 2 * w->cap));
        for (int i = 0; i < w->n; i++) w->sub[i] = old[i];
    }
    w->sub[w->n++] = (BufSub){b, to};
}

static Stmt *opening(Writing *w, PipeVerb v, const Gen *g, Span at, bool use)
{
    Stmt *s = verb(w, v, g->tile->pipe, at);
    s->verb.slot[0] = slot_new(w, g->tile);
    s->verb.handle = g->tile->buf->name;
    size_t tile = (size_t)(g->tile - w->s->tile);
    if (w->own[tile])
        w->slot[tile] = s->verb.slot[0];
    else if (use)
        stand_for(w, g->tile->buf, s->verb.slot[0]);
    return s;
}

/* ---- statements ----------------------------------------------------------------------------- */

static Stmt *write_list(Writing *w, Stmt *list);

static bool produces(const Writing *w, const Gen *g)
{
    return g->tile->producer == w->role;
}

static bool consumes(const Writing *w, const Gen *g)
{
    return g->tile->consumers & 1u << w->role;
}

static void verbs_before(Writing *w, Stmt *c, Tail *out)
{
    for (int i = 0; i < w->s->ngen; i++) {
        const Gen *g = &w->s->gen[i];
        if (produces(w, g) && g->first_w == c)
            stmt_add(out, opening(w, PV_ACQUIRE, g, c->span, true));
        if (consumes(w, g) && g->first_r[w->role] == c)
            stmt_add(out, opening(w, PV_WAIT, g, c->span, true));
    }
}

static void verbs_after(Writing *w, Stmt *c, Tail *out)
{
    for (int i = 0; i < w->s->ngen; i++) {
        const Gen *g = &w->s->gen[i];
        if (produces(w, g) && g->last_w == c)
            stmt_add(out, verb(w, PV_COMMIT, g->tile->pipe, c->span));
        if (consumes(w, g) && !g->first_r[w->role] && g->last_w == c) /* not looked at: let pass */
            stmt_add(out, opening(w, PV_WAIT, g, c->span, false));
        if (consumes(w, g) && (g->first_r[w->role] ? g->last_r[w->role] : g->last_w) == c)
            stmt_add(out, verb(w, PV_RELEASE, g->tile->pipe, c->span));
    }
}

typedef struct {
    Writing *w;
    bool fills;
} Filling;

static void fill_access(Visitor *v, Stmt *c, Buf *b, bool write)
{
    Filling *f = v->user;
    Writing *w = f->w;
    (void)c;
    for (int i = 0; write && i < w->s->ntile; i++)
        if (w->own[i] && w->s->tile[i].buf == b) {
            f->fills = true;
            stand_for(w, b, w->slot[i]);
        }
}

/* a tile that the reader keeps stands for the pipe's in all that it reads; what it fetches goes to
 * both */
static void write_leaf(Writing *w, Stmt *c, Tail *out)
{
    Filling f = {.w = w};
    Visitor v = {.access = fill_access, .user = &f};
    stmt_visit(&v, c);
    stmt_add(out, stmt_copy(w->s->cx, c, &(Subst){.nbuf = w->n, .buf = w->sub}));
    if (!f.fills) return;
    for (int i = 0; i < w->s->ntile; i++)
        if (w->own[i]) stand_for(w, w->s->tile[i].buf, w->own[i]);
    stmt_add(out, stmt_copy(w->s->cx, c, &(Subst){.nbuf = w->n, .buf = w->sub}));
}

static void own_tiles(Writing *w)
{
    Cx *cx = w->s->cx;
    w->own = NEWN(&cx->arena, Buf *, w->s->ntile + 1);
    w->slot = NEWN(&cx->arena, Buf *, w->s->ntile + 1);
    for (int i = 0; i < w->s->ntile; i++) {
        TileUse *t = &w->s->tile[i];
        if (!t->own || w->role != t->producer) continue;
        const char *name =
            names_fresh(w->s->names, arena_printf(&cx->arena, "%s_own", t->buf->name));
        w->own[i] =
            buf_new(cx, name, t->buf->type, SP_SHARED, t->buf->ndim, t->buf->dim, t->buf->span);
        stand_for(w, t->buf, w->own[i]);
    }
}

static void write_alloc(Writing *w, Stmt *c, Tail *out)
{
    Buf *b = c->alloc, *to = b;
    unsigned here = 1u << w->role;
    bool keep = split_need(w->s, c) & here; /* scalars */
    if (b->space == SP_FRAG) keep = w->role == R_COMPUTE;
    for (int i = 0; b->space == SP_SHARED && i < w->s->ntile; i++) {
        const TileUse *t = &w->s->tile[i];
        if (t->buf != b) continue;
        keep = t->consumers ? t->own && t->producer == w->role : (t->writers | t->readers) & here;
        if (w->own[i]) to = w->own[i];
    }
    if (!keep) return;
    if (b->space == SP_LOCAL || b->of) { /* each role has its own */
        to = NEW(&w->s->cx->arena, Buf);
        *to = *b;
        stand_for(w, b, to);
    }
    stmt_add(out, stmt_alloc(w->s->cx, to));
}

static void write_stmt(Writing *w, Stmt *c, Tail *out)
{
    if (c->kind == S_ALLOC) {
        write_alloc(w, c, out);
        return;
    }
    if (!(split_need(w->s, c) & 1u << w->role)) return;
    Subst sub = {.nbuf = w->n, .buf = w->sub};
    if (stmt_is_leaf(c)) {
        write_leaf(w, c, out);
    } else if (c->kind == S_IF || c->kind == S_LOOP) {
        Stmt hollow = *c;
        if (c->kind == S_IF)
            hollow.branch.then = hollow.branch.other = NULL;
        else
            hollow.loop.body = NULL;
        Stmt *n = stmt_add(out, stmt_copy(w->s->cx, &hollow, &sub));
        if (c->kind == S_IF) {
            n->branch.then = write_list(w, c->branch.then);
            n->branch.other = write_list(w, c->branch.other);
        } else {
            n->loop.body = write_list(w, c->loop.body);
        }
    } else {
        stmt_add(out, stmt_copy(w->s->cx, c, &sub));
    }
}

static Stmt *write_list(Writing *w, Stmt *list)
{
    Stmt *head = NULL;
    Tail tail = &head;
    for (Stmt *c = list; c; c = c->next) {
        verbs_before(w, c, &tail);
        write_stmt(w, c, &tail);
        verbs_after(w, c, &tail);
    }
    return head;
}

/* a let is work when its value has to be sent to compute */
static bool has_work(const Writing *w, const Stmt *list)
{
    bool sends = w->role == R_READER && !w->s->lim->compute_loads_global;
    for (; list; list = list->next)
        if (list->kind == S_LET ? sends && expr_loads_global(list->let.value)
                                : list->kind != S_ALLOC)
            return true;
    return false;
}

Launch *roles_build(Split *s)
{
    Launch *l = NEW(&s->cx->arena, Launch);
    *l = *s->launch;
    l->npipe = 0;
    l->pipe = NEWN(&s->cx->arena, Pipe *, s->ntile + 1);
    for (int i = 0; i < s->ntile; i++)
        if (s->tile[i].consumers) l->pipe[l->npipe++] = s->tile[i].pipe = pipe_for(s, &s->tile[i]);
    l->body = NULL;
    Tail tail = &l->body;
    for (Role r = R_READER; r < NROLE; r++) {
        Writing w = {.s = s, .role = r};
        own_tiles(&w);
        Stmt *body = write_list(&w, s->body);
        if (!has_work(&w, body)) continue;
        Stmt *role = stmt_add(&tail, stmt_new(s->cx, S_ROLE, l->span));
        role->role.role = r;
        role->role.groups = 1;
        role->role.body = body;
    }
    return l;
}
