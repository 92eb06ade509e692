/* One sequence: the program's own order, in which role blocks only tell where each statement comes
   from. Needs a launch without roles. What is allocated or bound stays outside of the blocks, so
   that every block sees it. */
#include "sched/inside.h"

enum { MIXED = -1, NEUTRAL = -2 }; /* statements of several roles; of none */

static int role_of(const Facts *f, const Stmt *c);

static int role_of_list(const Facts *f, const Stmt *list)
{
    int all = NEUTRAL;
    for (const Stmt *c = list; c; c = c->next) {
        int r = role_of(f, c);
        if (r == NEUTRAL && (c->kind == S_ALLOC || c->kind == S_LET))
            continue; /* goes along with what is around it */
        if (r == NEUTRAL || (all != NEUTRAL && r != all)) return MIXED;
        all = r;
    }
    return all;
}

static int role_of(const Facts *f, const Stmt *c)
{
    if (stmt_is_leaf(c)) return ptr_get(&f->home, c) ? (int)facts_home(f, c) : NEUTRAL;
    if (c->kind == S_LOOP) return role_of_list(f, c->loop.body);
    if (c->kind != S_IF) return NEUTRAL;
    int a = role_of_list(f, c->branch.then), b = role_of_list(f, c->branch.other);
    return a == b || !c->branch.other ? a : !c->branch.then ? b : MIXED;
}

static bool stays_outside(const Facts *f, const Stmt *c)
{
    return c->kind == S_ALLOC || c->kind == S_LET || role_of(f, c) == NEUTRAL;
}

static Stmt *wrap(Cx *cx, const Facts *f, Stmt *list)
{
    Stmt *head = NULL, *next, *block = NULL;
    Tail tail = &head, inside = NULL;
    for (Stmt *c = list; c; c = next) {
        next = c->next;
        c->next = NULL;
        int r = role_of(f, c);
        if (stays_outside(f, c) || r == MIXED) {
            block = NULL;
            if (c->kind == S_LOOP && !stmt_is_leaf(c)) c->loop.body = wrap(cx, f, c->loop.body);
            if (c->kind == S_IF) {
                c->branch.then = wrap(cx, f, c->branch.then);
                c->branch.other = wrap(cx, f, c->branch.other);
            }
            stmt_add(&tail, c);
            continue;
        }
        if (!block || block->role.role != (Role)r) {
            block = stmt_add(&tail, stmt_new(cx, S_ROLE, c->span));
            block->role.role = (Role)r;
            block->role.groups = 1;
            inside = &block->role.body;
        }
        stmt_add(&inside, c);
    }
    return head;
}

void merge_launch(Cx *cx, Launch *l, const Limits *lim)
{
    Facts *f = facts_new(cx, l, lim);
    facts_find(f);
    l->body = wrap(cx, f, l->body);
}
