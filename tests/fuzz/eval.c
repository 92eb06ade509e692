/* Any text to the whole front end: parser, compile-time evaluator, verifier. What is accepted is printed and read again: the same
   program, node by node. Options stand in the text as in the tests: "# run: -D NAME=VALUE ...". */
#include "fuzz.h"
#include "../tools/same.h"

typedef struct {
    const Prog *prog;
    Text out;
} Dump;

static void print_dump(Cx *cx, void *arg)
{
    Dump *d = arg;
    d->out = text_new(&cx->arena);
    print_prog(&d->out, d->prog);
}

/* printed, read in a compilation of its own, compared */
static void round_trip(Cx *cx, const Prog *p)
{
    Dump dump = {.prog = p};
    if (!guarded(cx, print_dump, &dump)) {
        fuzz_messages(cx, true);
        return;
    }
    Cx *other = cx_open();
    other->opt.fuel = 20 * FUEL;
    Unit u;
    Request rq = {.path = "<dump>", .text = dump.out.s};
    if (!driver_front(other, &rq, &u)) {
        ErrCode code = other->diags->code;
        if (code != E0106 && code != E0206 && code != E0903) {
            fputs(dump.out.s, stderr);
            Arena own = {0};
            Text t = text_new(&own);
            diag_print(other, other->diags, &t, false);
            fuzz_stop("a dump does not read back", t.s);
        }
    } else {
        Text why = text_new(&other->arena);
        Dump again = {.prog = u.tile};
        if (!prog_same(p, u.tile, &why)) {
            fputs(dump.out.s, stderr);
            fuzz_stop("a dump reads back as another program", why.s);
        }
        if (guarded(other, print_dump, &again) && strcmp(again.out.s, dump.out.s)) {
            fputs(again.out.s, stderr);
            fuzz_stop("a dump prints as another text", dump.out.s);
        }
    }
    cx_close(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (memchr(data, 0, size)) return -1;
    Input in = {.text = strndup((const char *)data, size)};
    find_binds(&in);
    Cx *cx = cx_open();
    cx->opt.fuel = FUEL;
    Unit u;
    Request rq = {.path = "<fuzz>", .text = in.text, .bind = in.bind};
    bool ok = driver_front(cx, &rq, &u);
    fuzz_messages(cx, !ok);
    if (ok) round_trip(cx, u.tile);
    cx_close(cx);
    free_input(&in);
    return 0;
}
