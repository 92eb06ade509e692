/* Demotion: a shared tile that does not keep to generations becomes compute's own. What the reader
   brings into it goes through a fresh tile that compute copies over; what the writer takes from it,
   compute first copies into a fresh tile. A fresh tile has one write and one read next to each
   other, so it always becomes a pipe. A nest that cannot be taken apart like this moves to compute
   as it is. */
#include "sched/split.h"
#include <string.h>

typedef struct {
    Split *s;
    TileUse *t;
    bool changed;
} Demote;

typedef struct {
    const Buf *buf;
    bool found;
    bool write;
} Seek;

static void seek_access(Visitor *v, Stmt *c, Buf *b, bool write)
{
    Seek *k = v->user;
    (void)c;
    k->found |= b == k->buf && write == k->write;
}

static bool accesses(Stmt *c, const Buf *b, bool write)
{
    Seek k = {b, false, write};
    Visitor v = {.access = seek_access, .user = &k};
    stmt_visit(&v, c);
    return k.found;
}

/* the tile comes into being at the head of the launch, where nothing has to be looked for */
static Buf *staged(Demote *d, int ndim, const int64_t *ext, Span at)
{
    Split *s = d->s;
    Buf *b = d->t->buf, *t = names_tile(s->names, arena_printf(&s->cx->arena, "%s_t", b->name),
                                        b->type, ndim, ext, at);
    Stmt *a = stmt_alloc(s->cx, t);
    a->next = s->launch->body;
    s->launch->body = a;
    return t;
}

/* copy -> copy to a fresh tile; copy from it */
static bool part_copy(Demote *d, Stmt *c)
{
    Cx *cx = d->s->cx;
    const Region *mine = &c->tile.arg[c->tile.arg[1].buf == d->t->buf];
    int64_t ext[MAXDIM];
    int n = 0;
    for (int k = 0; k < mine->buf->ndim; k++)
        if (mine->ext[k] != 1) ext[n++] = mine->ext[k];
    if (!n) ext[n++] = 1;
    Region fresh = region_whole(cx, staged(d, n, ext, c->span), c->span);
    Stmt *second = stmt_tile_op(cx, TO_copy, &fresh, &c->tile.arg[1], c->span);
    CopyShape shape;
    if (!copy_shape(&c->tile.arg[0], &fresh, &shape) ||
        !copy_shape(&fresh, &c->tile.arg[1], &shape))
        return false;
    c->tile.arg[1] = fresh;
    second->next = c->next;
    c->next = second;
    return true;
}

/* nest that fills: the same nest into a fresh tile over its variables; a nest that copies from
 * there */
static bool part_nest(Demote *d, Stmt *c)
{
    Cx *cx = d->s->cx;
    Stmt *store = c->loop.body;
    Domain dom = {0};
    if (!store || store->kind != S_STORE || store->next || !domain_add(&dom, c)) return false;
    Expr **idx = NEWN(&cx->arena, Expr *, MAXDIM);
    for (int k = 0; k < dom.n; k++) idx[k] = expr_var(cx, dom.var[k], c->span);
    Buf *fresh = staged(d, dom.n, dom.ext, c->span);
    Stmt *second = stmt_copy(cx, c, &(Subst){0});
    second->loop.body->store.value = expr_load(cx, fresh, idx, c->span);
    store->store.buf = fresh;
    store->store.idx = idx;
    second->next = c->next;
    c->next = second;
    return true;
}

static void part(Demote *d, Stmt *c, bool writes)
{
    bool done =
        c->kind == S_TILE ? part_copy(d, c) : c->kind == S_LOOP && writes && part_nest(d, c);
    if (!done) ptr_set(&d->s->facts->forced, c, 1);
    d->changed = true;
}

static void demote_list(Demote *d, Stmt *list, Role from, bool writes)
{
    for (Stmt *c = list, *next; c; c = next) {
        next = c->next;
        if (c->kind == S_IF) {
            demote_list(d, c->branch.then, from, writes);
            demote_list(d, c->branch.other, from, writes);
        } else if (c->kind == S_LOOP && !stmt_is_leaf(c)) {
            demote_list(d, c->loop.body, from, writes);
        } else if (stmt_is_leaf(c) && c->kind != S_ALLOC && facts_home(d->s->facts, c) == from &&
                   accesses(c, d->t->buf, writes)) {
            part(d, c, writes);
        }
    }
}

bool tile_demote(Split *s, TileUse *t)
{
    Demote d = {.s = s, .t = t};
    if (t->writers & 1u << R_READER)
        demote_list(&d, s->launch->body, R_READER, true);
    else
        demote_list(&d, s->launch->body, R_WRITER, false);
    return d.changed;
}
