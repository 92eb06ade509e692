/* The machine's compilers, for the devices that need one: cpu.c, mock.c; and facts.c, which tells of
   them. */
#ifndef KILN_COMPILER_H
#define KILN_COMPILER_H
#include "run/run.h"

/* the words of a command into out[n ...], NULL at the end; gives their number, at most most - 1 */
int compiler_words(Arena *a, const char *text, const char **out, int n, int most);
/* what a compiler that failed had to say, or that it said nothing */
const char *compiler_words_said(Arena *a, const Text *log, int status);
/* can it translate an empty program (suffix ".c", ".cpp")? else why not */
bool compiler_works(Arena *a, const char *command, const char *suffix, const char **why);
const char *compiler_version(Arena *a, const char *command); /* the first line it prints, or NULL */
const char *cpu_compiler(Arena *a);  /* the command: CC, else the first of the usual ones that is there; NULL: none */
const char *mock_compiler(void);     /* CXX, else g++ */
const char *mock_cache(Arena *a);    /* the folder of what is kept between runs; NULL: there is none */
#endif
