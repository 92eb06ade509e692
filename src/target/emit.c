/* What all emitters share: the text of an element operation with its operands put in. */
#include "target/target.h"

/* $0 $1 $2 become the operands; any other $ stays, for the target that wrote it into its column */
void emit_op(Text *out, const char *tmpl, const char *const arg[3])
{
    for (const char *p = tmpl; *p; p++) {
        if (*p == '$' && p[1] >= '0' && p[1] < '0' + MAXARG && arg[p[1] - '0'])
            text_add(out, "%s", arg[*++p - '0']);
        else
            text_put(out, p, 1);
    }
}
