/* mutants COUNT FILE[:KERNEL] [NAME=VALUE ...]: one change at random in the verbs, awaits, turns or
   loops of the program's schedule, COUNT times. What the token game lets pass must run: the
   interpreter, which counts slots by itself, must not get stuck or find a slot misused. Prints
   "passed P refused R", and "FAIL ..." with the schedule for each that the game should have lost. */
#include "driver/driver.h"
#include "run/run.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 1;

static int below(int n)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (int)((seed >> 20) % (uint64_t)n);
}

/* ---- changes -------------------------------------------------------------------------------- */

enum { MAXPLACE = 4000 };
typedef struct {
    int n;
    Stmt **at[MAXPLACE]; /* the links that lead to a statement worth changing */
} Places;

static bool worth(const Stmt *s)
{
    return s->kind == S_VERB || s->kind == S_AWAIT || s->kind == S_TURN || s->kind == S_IF ||
           (s->kind == S_LOOP && s->loop.how != LOOP_PARALLEL);
}

static void find(Places *p, Stmt **list)
{
    for (; *list; list = &(*list)->next) {
        Stmt *s = *list;
        if (worth(s) && p->n < MAXPLACE) p->at[p->n++] = list;
        if (s->kind == S_LOOP) find(p, &s->loop.body);
        if (s->kind == S_ROLE) find(p, &s->role.body);
        if (s->kind == S_IF) find(p, &s->branch.then), find(p, &s->branch.other);
    }
}

static bool swap(Stmt **at)
{
    Stmt *s = *at, *n = s->next;
    if (!n || n->kind == S_ALLOC) return false;
    *at = n;
    s->next = n->next;
    n->next = s;
    return true;
}

static bool change(Cx *cx, Stmt **at)
{
    Stmt *s = *at;
    bool opens = s->kind == S_VERB && (s->verb.verb == PV_ACQUIRE || s->verb.verb == PV_WAIT);
    switch (s->kind) {
    case S_LOOP: {
        Expr **end = below(3) ? &s->loop.hi[0] : &s->loop.lo;
        *end = expr_add(cx, *end, expr_i32(cx, below(2) ? 1 : -1));
        return true;
    }
    case S_IF:
        s->branch.cond = expr_op(cx, OP_not, s->branch.cond, NULL, NULL, s->span);
        return true;
    default: break;
    }
    if (opens) { /* what follows uses its slot: it may change places with another verb, or have fewer slots */
        if (below(2) && s->verb.pipe->depth > 1) return s->verb.pipe->depth--, true;
        return s->next && s->next->kind == S_VERB && swap(at);
    }
    switch (below(3)) {
    case 0: *at = s->next; return true;
    case 1: {
        Stmt *twin = NEW(&cx->arena, Stmt);
        *twin = *s;
        s->next = twin;
        return true;
    }
    default: return swap(at);
    }
}

static bool mutate(Cx *cx, Prog *p)
{
    Places *places = NEW(&cx->arena, Places);
    for (Launch *l = p->launch; l; l = l->next)
        if (l->npipe) find(places, &l->body);
    for (int tries = 0; tries < 50 && places->n; tries++)
        if (change(cx, places->at[below(places->n)])) return true;
    return false;
}

/* ---- running -------------------------------------------------------------------------------- */

static bool misuse(const Cx *cx, const Prog *p, const char *const *bind, char *why, size_t n)
{
    int64_t size[64] = {0};
    uint64_t values = 99;
    Err e = {0};
    for (int s = 0; s < p->nsize && s < 64; s++) {
        size[s] = 70;
        for (int b = 0; bind[b]; b++) {
            size_t len = strlen(p->size[s]->name);
            if (!strncmp(bind[b], p->size[s]->name, len) && bind[b][len] == '=') size[s] = atoll(bind[b] + len + 1);
        }
    }
    Arg *arg = calloc((size_t)p->nparam + 1, sizeof *arg);
    for (int i = 0; i < p->nparam; i++) {
        const Buf *b = p->param[i].buf;
        Tensor *t = &arg[i].tensor;
        int64_t count = 1;
        if (!b) continue;
        *t = (Tensor){.type = b->type, .ndim = b->ndim};
        for (int d = 0; d < b->ndim; d++) count *= t->dim[d] = bind_dim(b, d, p, arg, size);
        t->data = calloc(1, tensor_bytes(t) + 1);
        for (int64_t k = 0; k < count; k++) {
            values = values * 6364136223846793005u + 1442695040888963407u;
            tensor_set(t, k, (double)(values >> 40) / 0x1p21); /* 0 .. 8 */
        }
    }
    Call c = {.prog = p, .arg = arg, .size = size};
    bool ran = interp_run(cx, p, &c, &e);
    for (int i = 0; i < p->nparam; i++) free(arg[i].tensor.data);
    free(arg);
    snprintf(why, n, "%s", e.text);
    return !ran && (e.code == E0615 || e.code == E0616 || e.code == E0617);
}

int main(int argc, char **argv)
{
    const char *bind[64] = {0};
    int passed = 0, refused = 0, wrong = 0;
    if (argc < 3) return 2;
    for (int i = 3; i < argc && i < 66; i++) bind[i - 3] = argv[i];
    char *colon = strrchr(argv[2], ':');
    if (colon) *colon = 0;
    for (int k = 0; k < atoi(argv[1]); k++) {
        Cx *cx = cx_open();
        Unit u;
        Request rq = {.path = argv[2], .entry = colon ? colon + 1 : NULL, .bind = bind, .target = k % 3 ? "cuda" : "metalium"};
        seed = 88172645463325252u + (uint64_t)k * 7919;
        if (!driver_front(cx, &rq, &u) || !driver_schedule(cx, &rq, &u) || !mutate(cx, u.sched)) {
            cx_close(cx);
            continue;
        }
        bool won = true;
        char why[1024];
        for (Launch *l = u.sched->launch; l; l = l->next) {
            Text t = text_new(&cx->arena);
            won &= check_protocol(cx, l, &t);
        }
        *(won ? &passed : &refused) += 1;
        if (won && misuse(cx, u.sched, bind, why, sizeof why)) {
            Text t = text_new(&cx->arena);
            print_prog(&t, u.sched);
            printf("FAIL the game is won, but %s\n%s", why, t.s);
            wrong++;
        }
        cx_close(cx);
    }
    printf("passed %d refused %d\n", passed, refused);
    return wrong != 0;
}
