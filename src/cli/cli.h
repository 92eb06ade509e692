/* cli: the command. It parses options and prints; everything else is behind kiln.h, and it has no
   other door.

   options.c   the table of commands and options (options.def): parsing, help, completion
   npy.c       array files
   spec.c      drawn inputs: normal, grid, zeros, perm, ragged, topk, range(lo,hi)
   values.c    parameters of a program and what they hold
   compile.c   check, emit, and what all commands share: a kernel from the options
   run.c       run, diff
   fold.c      texts for narrow columns
   show.c      show
   main.c      which command; ops, explain */
#ifndef KILN_CLI_H
#define KILN_CLI_H
#include "kiln.h"
#include <stdbool.h>
#include <stdio.h>

enum {
    OK = KILN_OK,
    BAD = KILN_PROGRAM,
    USAGE = KILN_USAGE,
    ENVIRONMENT = KILN_ENVIRONMENT,
    INTERNAL = KILN_INTERNAL,
    DIFFERS = 5
};

/* ---- options.c ------------------------------------------------------------------------------ */

typedef enum {
#define CMD(id, args, help, more) C_##id,
#define OPT(id, letter, name, arg, cmds, help)
#include "options.def"
#undef CMD
#undef OPT
    NCMD
} Cmd;
typedef enum {
#define CMD(id, args, help, more)
#define OPT(id, letter, name, arg, cmds, help) O_##id,
#include "options.def"
#undef CMD
#undef OPT
    NOPT
} Opt;
extern const char *const cmd_name[NCMD];

enum { MAXREPEAT = 128 };
typedef struct {
    Cmd cmd;
    kiln_context *cx;
    const char *arg; /* FILE[:KERNEL], CODE, ...; NULL: none */
    char *input;     /* the standard input, when FILE is '-'; owned */
    int n[NOPT];     /* how often an option was given */
    const char *value[NOPT][MAXREPEAT];
    bool color;     /* on the standard output */
    bool color_err; /* in messages */
} Options;

/* -1: go on; else leave with this exit status (help was printed, or the usage was wrong) */
int options_parse(int argc, char **argv, Options *o);
void options_help(FILE *to, const Options *o, bool all); /* all: of every command; else of o->cmd */
int options_completion(const char *shell);
const char *option(const Options *o, Opt opt); /* its last value, or NULL */
/* false: said and wrong; out is untouched when the option was not given */
bool option_int(const Options *o, Opt opt, int64_t *out);
bool option_real(const Options *o, Opt opt, double *out);

/* "kiln: " and the text to stderr; gives the status, so that one may `return complain(...)` */
int complain(const Options *o, int status, const char *help, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void *get_memory(size_t n); /* zeroed; a command that runs out of memory says so and ends */
char *get_text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- npy.c, spec.c, values.c ----------------------------------------------------------------- */

typedef struct {
    kiln_param param; /* its name is the one below; dim_text only while the kernel lives */
    char *name;
    kiln_arg arg;  /* what it holds; owned */
    int64_t count; /* elements */
    size_t bytes;
    bool from_file;
} Value;

/* reads an array into v->arg (allocating it): the type is the parameter's, converted where that
 * loses nothing but rounding */
bool npy_read(const Options *o, const char *path, Value *v);
bool npy_write(const Options *o, const char *path, const Value *v);
bool npy_shape(const Options *o, const char *path, int *ndim, int64_t *dim);

/* fills a tensor; limit: what ragged and topk count up to when the SPEC does not say */
bool spec_known(const char *spec);
bool spec_fill(const Options *o, const char *spec, Value *v, uint64_t seed, int index,
               int64_t limit);

typedef struct {
    int n;
    Value *v;
    kiln_arg *args;
} Values;
/* shapes from files and -D, contents from files and SPECs */
bool values_make(const Options *o, kiln_kernel *k, Values *out);
void values_free(Values *v);
Values values_copy(const Values *v);
bool values_write(const Options *o, const Values *v); /* --output */
int values_find(const Values *v, const char *name);

/* ---- compile.c ------------------------------------------------------------------------------- */

/* one that prints its messages; NULL: *status says with what to leave */
kiln_kernel *compile_for(const Options *o, const char *target, const char *stage, int *status);
/* the target that a schedule given as FILE names, owned; or NULL */
char *target_of_source(const Options *o, int *status);
int run_check(const Options *o);
int run_emit(const Options *o);

/* a row of kiln_table: the text of column `col`, or NULL when there is no such row; row 0 follows
 * the header. Owned by the caller. */
char *table_cell(kiln_context *cx, const char *table, int row, int col);
char *table_find(kiln_context *cx, const char *table, const char *key, int col);
char **split_list(const char *s, char by, int *n);

/* ---- fold.c --------------------------------------------------------------------------------- */

typedef struct {
    char **line;
    int n, cap;
} Lines;
int fold_columns(const char *s, int n);       /* of n bytes */
int fold_prefix(const char *s, int n, int c); /* bytes of the first c columns */
int fold_indent(const char *text);            /* the least indentation of all lines with text */
/* lines of at most `width` columns; indentation beyond `base` is halved */
Lines fold_text(const char *text, int base, int width);
void fold_free(Lines *l);

/* Every target puts a statement of the schedule as a comment over what it spells it with. So a text
   falls into pieces, and pieces of the same statement are set side by side. */
typedef struct {
    char *title, *key; /* the statement, and what it is on every machine; NULL: before the first */
    char *text;
} Piece;
typedef struct {
    Piece *at;
    int n, next;
} Pieces;
Pieces pieces_of(const char *text);
void pieces_free(Pieces *p);
/* the piece that goes next: one that no other text still has something before; NULL: the end */
const Piece *pieces_next(Pieces *p, int n);
const char *pieces_title(const Pieces *p, int n, const char *key); /* the best that is next */
const char *pieces_take(Pieces *p, const char *key); /* its text; "" when it is not next */

/* ---- run.c, show.c ----------------------------------------------------------------------- */

int run_run(const Options *o);
int run_diff(const Options *o);
int run_show(const Options *o);
#endif
