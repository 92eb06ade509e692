/* Where the verbs of a pipe stand. Needs the uses of every shared tile; gives the generations of
   those that cross.

   A generation is a stretch of one statement list: statements that write the tile, then statements
   that read it, and nothing older or newer is seen: before anything reads, the writes have covered
   the whole tile (unless there is just one generation in the launch). The list is the innermost one
   that holds both, so `for k: copy; gemm` has its verbs in the loop and `copy; for k: gemm` around
   it.  */
#include "sched/split.h"
#include <stdlib.h>
#include <string.h>

typedef enum { C_NONE, C_WRITE, C_READ, C_CLOSED, C_BAD } Class;

typedef struct {
    Split *s;
    TileUse *t;
    int loops;
} Place;

/* ---- what a statement does to the tile ------------------------------------------------------ */

typedef struct {
    const Buf *buf;
    bool read, write;
} Touch;

static void touch_access(Visitor *v, Stmt *c, Buf *b, bool write)
{
    Touch *t = v->user;
    (void)c;
    if (b == t->buf) *(write ? &t->write : &t->read) = true;
}

static void touch_expr(Visitor *v, Expr *e)
{
    if (e->kind == E_LOAD) touch_access(v, NULL, e->buf, false);
}

static Touch touch_own(const Buf *b, Stmt *c)
{
    Touch t = {.buf = b};
    Visitor v = {.access = touch_access, .user = &t}, e = {.expr = touch_expr, .user = &t};
    if (c->kind == S_IF) {
        walk_expr(&e, c->branch.cond);
    } else if (c->kind == S_LOOP && !stmt_is_leaf(c)) {
        walk_expr(&e, c->loop.lo);
        walk_expr(&e, c->loop.hi[0]);
    } else {
        stmt_visit(&v, c);
    }
    return t;
}

/* the producer's own reads count as writes: they end before the commit. A reader that keeps its own
 * tile reads that one */
static Class class_of_touch(const Place *p, const Stmt *c, Touch t)
{
    unsigned who = split_need(p->s, c);
    bool w = t.write, r = false;
    if (p->t->own && t.read && t.write) return C_BAD;
    if (t.read) {
        if (who & 1u << p->t->producer && !p->t->own) w = true;
        r = (who & p->t->consumers) != 0;
    }
    return w && r ? C_BAD : w ? C_WRITE : r ? C_READ : C_NONE;
}

/* ---- what a generation's writes cover ---------------------------------------------------------
 */

enum { MAXBOX = 256 };
typedef struct {
    int64_t lo[MAXDIM], hi[MAXDIM];
} Block; /* lo <= x < hi */
typedef struct {
    int n, ndim;
    bool full;
    Block block[MAXBOX];
} Rest; /* what is not covered yet */

static void rest_subtract(Rest *r, const Block *b)
{
    int n = r->n;
    for (int i = 0; i < n && !r->full; i++) {
        Block k = r->block[i];
        bool apart = false;
        for (int d = 0; d < r->ndim; d++) apart |= b->hi[d] <= k.lo[d] || b->lo[d] >= k.hi[d];
        if (apart) continue;
        r->block[i] = (Block){{0}, {0}}; /* empty in every dimension */
        for (int d = 0; d < r->ndim; d++)
            for (int side = 0; side < 2; side++) {
                Block piece = k;
                if (side)
                    piece.lo[d] = MAX(b->hi[d], k.lo[d]);
                else
                    piece.hi[d] = MIN(b->lo[d], k.hi[d]);
                if (piece.lo[d] >= piece.hi[d]) continue;
                if (r->n == MAXBOX) {
                    r->full = true; /* too ragged to follow: what is left stays uncovered */
                    r->block[i] = k;
                    return;
                }
                r->block[r->n++] = piece;
                *(side ? &k.hi[d] : &k.lo[d]) =
                    side ? MIN(b->hi[d], k.hi[d]) : MAX(b->lo[d], k.lo[d]);
            }
    }
}

static bool rest_empty(const Rest *r)
{
    for (int i = 0; i < r->n; i++)
        if (r->ndim == 0 || r->block[i].lo[0] < r->block[i].hi[0]) return false;
    return true;
}

static Rest *rest_new(Cx *cx, const Buf *b)
{
    Rest *r = NEW(&cx->arena, Rest);
    r->n = 1;
    r->ndim = b->ndim;
    for (int d = 0; d < b->ndim; d++) expr_const(b->dim[d], &r->block[0].hi[d]);
    return r;
}

/* the elements that are surely written while the domain runs: a region of ext elements at affine
 * offsets, each a constant */
static void cover_region(Cx *cx, const Domain *d, Rest *rest, Expr *const *off, const int64_t *ext)
{
    Block b = {{0}, {0}};
    for (int k = 0; k < rest->ndim; k++) {
        int64_t coef[MAXDOMAIN], base, low = 0, reach = ext[k];
        Expr *e;
        if (!expr_affine(cx, off[k], d->var, d->n, coef, &e) || !expr_const(e, &base)) return;
        for (int left = 1; left;) { /* steps no wider than what is covered so far join up */
            left = 0;
            int best = -1;
            for (int v = 0; v < d->n; v++)
                if (coef[v] && d->ext[v] > 1) {
                    left++;
                    if (best < 0 || llabs(coef[v]) < llabs(coef[best])) best = v;
                }
            if (!left) break;
            if (llabs(coef[best]) > reach) return;
            reach += llabs(coef[best]) * (d->ext[best] - 1);
            low += coef[best] < 0 ? coef[best] * (d->lo[best] + d->ext[best] - 1)
                                  : coef[best] * d->lo[best];
            coef[best] = 0;
            for (int j = k + 1; j < rest->ndim;
                 j++) /* a variable in two dimensions walks a diagonal */
                if (expr_uses(off[j], d->var[best])) return;
        }
        for (int v = 0; v < d->n; v++) low += coef[v] * d->lo[v];
        b.lo[k] = base + low;
        b.hi[k] = base + low + reach;
    }
    rest_subtract(rest, &b);
}

static const int64_t one_each[MAXDIM] = {1, 1, 1, 1, 1, 1, 1, 1};

typedef struct {
    Place *p;
    Rest *rest;
    bool early;
} Cover;

/* walks the writes in order; early: something reads before the tile is covered */
static void cover_list(Cover *c, Stmt *list, const Domain *d, bool sure)
{
    Cx *cx = c->p->s->cx;
    const Buf *buf = c->p->t->buf;
    for (Stmt *s = list; s; s = s->next) {
        Touch t = touch_own(buf, s);
        if (t.read && !rest_empty(c->rest) && !c->p->t->own) c->early = true;
        if (s->kind == S_LOOP) {
            Domain inner = *d;
            bool runs = domain_add(&inner, s);
            cover_list(c, s->loop.body, runs ? &inner : d, sure && runs);
        } else if (s->kind == S_IF) {
            cover_list(c, s->branch.then, d, false);
            cover_list(c, s->branch.other, d, false);
        } else if (s->kind == S_STORE && s->store.buf == buf && sure) {
            cover_region(cx, d, c->rest, s->store.idx, one_each);
        } else if (s->kind == S_TILE && sure) {
            const char *o = tileop_info[s->tile.op].operands;
            for (int i = 0; o[i]; i++)
                if (o[i] != 'r' && s->tile.arg[i].buf == buf)
                    cover_region(cx, d, c->rest, s->tile.arg[i].off, s->tile.arg[i].ext);
        }
    }
}

/* nothing of an earlier generation can be seen in this one */
static bool complete(Place *p, const Gen *g)
{
    Cover c = {.p = p, .rest = rest_new(p->s->cx, p->t->buf)};
    Domain none = {0};
    for (Stmt *s = g->first_w;; s = s->next) {
        Stmt *next = s->next;
        s->next = NULL;
        cover_list(&c, s, &none, true);
        s->next = next;
        if (s == g->last_w) break;
    }
    return !c.early && rest_empty(c.rest);
}

/* ---- generations ---------------------------------------------------------------------------- */

static Gen *gen_add(Place *p, Stmt *first)
{
    Split *s = p->s;
    if (s->ngen == s->capgen) {
        Gen *old = s->gen;
        s->capgen = MAX(16, 2 * s->capgen);
        s->gen = NEWN(&s->cx->arena, Gen, s->capgen);
        if (s->ngen) memcpy(s->gen, old, sizeof *old * (size_t)s->ngen);
    }
    s->gen[s->ngen] = (Gen){.tile = p->t, .first_w = first, .last_w = first};
    return &s->gen[s->ngen++];
}

/* which consumers look at the tile in c */
static unsigned looking(const Place *p, Stmt *c)
{
    Touch t = touch_own(p->t->buf, c);
    unsigned roles = t.read ? split_need(p->s, c) & p->t->consumers : 0;
    if (c->kind == S_IF) {
        for (Stmt *k = c->branch.then; k; k = k->next) roles |= looking(p, k);
        for (Stmt *k = c->branch.other; k; k = k->next) roles |= looking(p, k);
    } else if (c->kind == S_LOOP && !stmt_is_leaf(c)) {
        for (Stmt *k = c->loop.body; k; k = k->next) roles |= looking(p, k);
    }
    return roles;
}

static void gen_read(const Place *p, Gen *g, Stmt *c)
{
    unsigned roles = looking(p, c);
    for (Role r = R_READER; r < NROLE; r++)
        if (roles & 1u << r) {
            if (!g->first_r[r]) g->first_r[r] = c;
            g->last_r[r] = c;
        }
}

static Class place_list(Place *p, Stmt *list);

static Class join_branches(Class a, Class b)
{
    return a == b || b == C_NONE ? a : a == C_NONE ? b : C_BAD;
}

static Class class_of(Place *p, Stmt *c)
{
    Class head = class_of_touch(p, c, touch_own(p->t->buf, c)), body = C_NONE;
    if (c->kind == S_IF)
        body = join_branches(place_list(p, c->branch.then), place_list(p, c->branch.other));
    else if (c->kind == S_LOOP && !stmt_is_leaf(c)) {
        p->loops++;
        body = place_list(p, c->loop.body);
        p->loops--;
    }
    if (head == C_NONE || body == C_NONE) return head == C_NONE ? body : head;
    return head == body && head == C_READ ? C_READ : C_BAD;
}

/* A list is  (writes reads | closed)*  , or writes alone, or reads alone. */
static Class place_list(Place *p, Stmt *list)
{
    int open = -1, first_gen = p->s->ngen; /* open: the generation that is being written or read */
    bool reading = false, reads_alone = false, closed = false;
    for (Stmt *c = list; c; c = c->next) {
        Class k = class_of(p, c);
        if (k == C_BAD || (reads_alone && k != C_NONE && k != C_READ)) return C_BAD;
        if (k == C_WRITE) {
            if (open < 0 || reading) {
                gen_add(p, c);
                open = p->s->ngen - 1;
            }
            p->s->gen[open].last_w = c;
            reading = false;
        } else if (k == C_READ) {
            if (open < 0) {
                if (closed) return C_BAD;
                reads_alone = true;
                continue;
            }
            gen_read(p, &p->s->gen[open], c);
            reading = true;
        } else if (k == C_CLOSED) {
            if (open >= 0 && !reading) return C_BAD;
            open = -1;
            closed = true;
        }
    }
    if (reads_alone) return C_READ;
    if (open >= 0 && !reading) {
        if (closed || p->s->ngen - first_gen > 1) return C_BAD;
        p->s->ngen = first_gen;
        return C_WRITE;
    }
    return p->s->ngen > first_gen || closed ? C_CLOSED : C_NONE;
}

static bool in_loop(const Split *s, const Stmt *c)
{
    for (c = (Stmt *)(intptr_t)ptr_get(&s->parent, c); c;
         c = (Stmt *)(intptr_t)ptr_get(&s->parent, c))
        if (c->kind == S_LOOP) return true;
    return false;
}

static bool place_tile(Split *s, TileUse *t)
{
    Place p = {.s = s, .t = t};
    int first = s->ngen;
    if (place_list(&p, s->body) != C_CLOSED) return false;
    bool once = s->ngen - first == 1 && !in_loop(s, s->gen[first].first_w);
    for (int g = first; g < s->ngen; g++)
        if (!once && !complete(&p, &s->gen[g])) return false;
    return true;
}

void pipes_place(Split *s)
{
    s->ngen = 0;
    for (int i = 0; i < s->ntile; i++) {
        TileUse *t = &s->tile[i];
        int before = s->ngen;
        if (!t->consumers || t->broken) continue;
        if (!place_tile(s, t)) {
            t->broken = true;
            s->ngen = before;
        }
    }
}
