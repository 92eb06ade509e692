/* Which temporaries of a program may lie in one place of its workspace: those that no launch needs
   at the same time. A temporary is needed from the first launch that touches it to the last. */
#include "tile/tile.h"

typedef struct {
    const Buf *buf;
    int first, last; /* launches; first -1: none touches it */
    int now;
} Life;

static void see_access(Visitor *v, Stmt *s, Buf *b, bool write)
{
    Life *life = v->user;
    (void)s, (void)write;
    while (b->of) b = b->of;
    if (b != life->buf) return;
    if (life->first < 0) life->first = life->now;
    life->last = life->now;
}

static Life life_of(const Prog *p, const Buf *b)
{
    Life life = {.buf = b, .first = -1};
    Visitor v = {.access = see_access, .user = &life};
    for (Launch *l = p->launch; l; l = l->next, life.now++) walk_stmts(&v, l->body);
    return life;
}

static bool same_size(const Buf *a, const Buf *b)
{
    if (dtype_info[a->type].bits != dtype_info[b->type].bits || a->ndim != b->ndim) return false;
    for (int d = 0; d < a->ndim; d++)
        if (!expr_same(a->dim[d], b->dim[d])) return false;
    return true;
}

/* a place that is free by then; one of the same size when there is one. -1: none */
static int find_place(const Prog *p, const Life *life, const int *place, int i, int nplace)
{
    int found = -1;
    for (int k = 0; k < nplace; k++) {
        bool free = true, same = false;
        for (int j = 0; j < i; j++) {
            if (place[j] != k) continue;
            free &= life[j].last < life[i].first || life[i].last < life[j].first;
            same |= same_size(p->temp[j], p->temp[i]);
        }
        if (free && same) return k;
        if (free && found < 0) found = k;
    }
    return found;
}

int workspace_places(Cx *cx, const Prog *p, int *place)
{
    Life *life = NEWN(&cx->arena, Life, p->ntemp + 1);
    int n = 0;
    for (int i = 0; i < p->ntemp; i++) {
        life[i] = life_of(p, p->temp[i]);
        place[i] = -1;
        if (life[i].first < 0) continue;
        place[i] = find_place(p, life, place, i, n);
        if (place[i] < 0) place[i] = n++;
    }
    return n;
}
