/* The machine's compilers of C and C++, for the devices that need one: cpu.c, mock.c; and facts.c, which tells of them. */
#ifndef KILN_COMPILER_H
#define KILN_COMPILER_H
#include "run/run.h"

typedef struct {
    const char *name, *variable; /* of the environment, that names the command */
    const char *usual[4], *none; /* commands, else; what is said when there is none of them */
    const char *install, *suffix;
    ErrCode missing, refused;
} Compiler;
extern const Compiler compiler_c, compiler_cxx;

const char *compiler_command(const Compiler *c);        /* NULL: there is none. Looks, and starts nothing */
bool compiler_there(const Compiler *c);
/* options as words, then files, NULL at the end; `made` must then be there. A text that is refused is our mistake, unless the compiler
   refuses everything */
bool compiler_run(Arena *a, const Compiler *c, const char *options, const char *const *files, const char *made, Err *e);
/* can it translate an empty program? else why not */
bool compiler_works(Arena *a, const Compiler *c, const char **why);
const char *compiler_version(Arena *a, const Compiler *c);      /* the first line it prints, or NULL */
const char *mock_cache(Arena *a);                       /* the folder of what is kept between runs; NULL: there is none */
#endif
