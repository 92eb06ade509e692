/* roundtrip FILE[:KERNEL] [NAME=VALUE ...]: every dump of a program is printed, read and compared
   node by node with what it came from. One line a dump: "ok tile", "ok cpu", ..., "refused cuda
   E0501" when the target refuses the program, "FAIL cpu why". */
#include "driver/driver.h"
#include "same.h"
#include <stdio.h>
#include <string.h>

static int wrong;

static void print_diags(const Cx *cx)
{
    Text t = text_new(&((Cx *)(size_t)cx)->arena);
    for (const Diag *d = cx->diags; d; d = d->next) diag_print(cx, d, &t, false);
    printf("%s", t.s);
}

/* print p, read the text in a compilation of its own, compare; then print that: the same text */
static void compare(Cx *cx, const Prog *p, const char *what)
{
    Text text = text_new(&cx->arena), again = text_new(&cx->arena), why = text_new(&cx->arena);
    print_prog(&text, p);
    Cx *other = cx_open();
    Unit u;
    Request rq = {.path = what, .text = text.s};
    if (!driver_front(other, &rq, &u)) {
        printf("FAIL %s does not read back\n", what);
        print_diags(other);
        wrong++;
    } else {
        print_prog(&again, u.tile);
        bool same = prog_same(p, u.tile, &why), fixed = strcmp(text.s, again.s) == 0;
        if (same && fixed)
            printf("ok %s\n", what);
        else
            printf("FAIL %s: %s\n", what, same ? "prints another text the second time" : why.s);
        wrong += !same || !fixed;
    }
    cx_close(other);
}

static void round_target(const Request *base, const Target *t)
{
    Cx *cx = cx_open();
    Unit u;
    Request rq = *base;
    rq.target = t->name;
    bool own = driver_front(cx, &rq, &u) && (!u.tile->target || target_named(u.tile->target) == t);
    if (!own)
        ; /* a schedule for somebody else */
    else if (driver_schedule(cx, &rq, &u))
        compare(cx, u.sched, t->name);
    else
        printf("refused %s %s\n", t->name,
               cx->diags ? err_info[cx->diags->code].name : "without a word");
    if (own && cx->diags && err_info[cx->diags->code].kind == K_BUG) {
        print_diags(cx);
        wrong++;
    }
    cx_close(cx);
}

int main(int argc, char **argv)
{
    char path[1024];
    if (argc < 2) return 2;
    snprintf(path, sizeof path, "%s", argv[1]);
    char *colon = strrchr(path, ':');
    if (colon) *colon++ = 0;
    Request rq = {.path = path, .entry = colon, .bind = (const char *const *)argv + 2};
    Cx *cx = cx_open();
    Unit u;
    if (!driver_front(cx, &rq, &u)) {
        printf("refused tile %s\n", cx->diags ? err_info[cx->diags->code].name : "without a word");
        print_diags(cx);
    } else {
        compare(cx, u.tile, "tile");
        for (int i = 0; targets[i]; i++) round_target(&rq, targets[i]);
    }
    cx_close(cx);
    return wrong != 0;
}
