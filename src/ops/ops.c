/* The table of the library's operators, and the text of each. */
#include "ops/ops.h"
#include <string.h>

extern const Embedded lib[]; /* every file of lib/ */

const Operator operators[] = {
#define OPERATOR(name, program, help) {#name, program, help},
#include "ops/operators.def"
#undef OPERATOR
    {NULL, NULL, NULL},
};

static const char *text_of(const char *program)
{
    for (const Embedded *e = lib; e->name; e++)
        if (!strcmp(e->name, program)) return e->text;
    return NULL;
}

const char *ops_source(const char *name)
{
    for (const Operator *o = operators; o->name; o++)
        if (!strcmp(o->name, name)) return text_of(o->program);
    return NULL;
}
