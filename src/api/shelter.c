/* A call that finds no memory fails like any other: what it asked for is given back with the context or
   the kernel, and the context says so in words that need none. */
#include "api/api.h"

static void say_so(kiln_context *cx)
{
    arena_free(&cx->said);
    cx->messages = "error[E0904]: out of memory\n";
    cx->diag = NULL;
    cx->ndiag = 0;
    cx->last = KILN_ENVIRONMENT;
}

bool shelter(kiln_context *cx, void (*fn)(Cx *own, void *arg), void *arg)
{
    Cx *own = cx->own;
    own->diags = NULL;
    own->diag_end = &own->diags;
    own->nerror = 0;
    own->exhausted = false;
    if (guarded(own, fn, arg)) return true;
    say_so(cx);
    return false;
}

Cx *shelter_cx(kiln_context *cx)
{
    Cx *out = cx_open();
    if (!out) say_so(cx);
    if (out) out->parent = cx->own;
    return out;
}
