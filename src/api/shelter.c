/* A call that finds no memory fails like any other: what it asked for is given back with the context or
   the kernel, and the context says so in words that need none. */
#include "api/api.h"

static void say_so(kiln_context *cx)
{
    message_begin(cx);
    cx->messages = "error[E0904]: out of memory\n";
    cx->last = KILN_ENVIRONMENT;
}

typedef struct {
    Job *j;
    void (*job)(Job *);
} Sheltered;

static void do_job(Cx *own, void *arg)
{
    const Sheltered *s = arg;
    (void)own;
    s->job(s->j);
}

bool shelter(Job *j, void (*job)(Job *))
{
    Sheltered s = {j, job};
    cx_forget(j->owner->own);
    if (guarded(j->owner->own, do_job, &s)) return true;
    say_so(j->owner);
    return false;
}

Cx *shelter_cx(kiln_context *cx)
{
    Cx *out = cx_open();
    if (!out) say_so(cx);
    if (out) out->parent = cx->own;
    return out;
}
