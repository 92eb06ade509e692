/* What a program may say, from the tables: element types, operations, functions. */
#include "driver/driver.h"
#include "lang/lang.h"
#include <string.h>

static const char *word(const char *s)
{
    return s ? s : "-";
}

void driver_builtins(Text *t)
{
    text_add(t, "scope\tname\tparameters\thelp\n");
    for (const Builtin *b = builtins; b->name; b++)
        text_add(t, "%s\t%s\t%s\t%s\n", b->scope, b->name, word(b->signature), word(b->help));
}

void driver_language(Text *t)
{
    text_add(t, "%s", "");
}
