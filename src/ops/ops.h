/* ops: the faces of the library's operators. Their programs are the files of lib, which the build embeds.  */
#ifndef KILN_OPS_H
#define KILN_OPS_H
#include "base/base.h"

typedef struct { const char *name, *program, *help; } Operator;
extern const Operator operators[];                      /* name NULL at the end */

const char *ops_source(const char *name);               /* the program of an operator; NULL when there is no such operator */

#endif
