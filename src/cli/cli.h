/* cli: the command. It parses options and prints; everything else is behind kiln.h, and it has no
   other door.

   options.c   the table of commands and options (options.def): parsing
   help.c      --help and the manual page, from the same table
   complete.c  completion for shells, from the same table
   report.c    messages: text, JSON, SARIF
   json.c      JSON by a format
   table.c     the tables of the library
   npy.c       array files
   spec.c      drawn inputs: normal, grid, zeros, perm, ragged, topk, range(lo,hi)
   values.c    parameters of a program and what they hold
   compile.c   check, emit, and what all commands share: a kernel from the options
   run.c       run
   diff.c      diff
   fold.c      texts for narrow columns
   show.c      show
   list.c      list
   reduce.c    reduce
   doctor.c    doctor
   main.c      which command; ops, explain */
#ifndef KILN_CLI_H
#define KILN_CLI_H
#include "kiln.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

enum {
    OK = KILN_OK,
    BAD = KILN_PROGRAM,
    USAGE = KILN_USAGE,
    ENVIRONMENT = KILN_ENVIRONMENT,
    INTERNAL = KILN_INTERNAL,
    DIFFERS = 5 /* a check failed */
};

/* ---- options.c ------------------------------------------------------------------------------ */

typedef enum {
#define CMD(id, args, help, more, examples) C_##id,
#define OPT(id, letter, name, arg, cmds, help)
#include "options.def"
#undef CMD
#undef OPT
    NCMD
} Cmd;
typedef enum {
#define CMD(id, args, help, more, examples)
#define OPT(id, letter, name, arg, cmds, help) O_##id,
#include "options.def"
#undef CMD
#undef OPT
    NOPT
} Opt;
typedef struct {
    char letter;
    const char *name, *arg, *cmds, *help;
} OptInfo;
typedef struct Report Report;

enum { MAXREPEAT = 128 };
typedef struct {
    Cmd cmd;
    kiln_context *cx;
    const char *arg; /* FILE[:KERNEL], CODE, ...; NULL: none */
    char *input;     /* the standard input, when FILE is '-'; owned */
    int n[NOPT];     /* how often an option was given */
    const char *value[NOPT][MAXREPEAT];
    char **rest; /* the words after "--" */
    int nrest;
    Report *report;
    bool color;     /* on the standard output */
    bool color_err; /* in messages */
} Options;

typedef struct {
    const char *name;
    int (*run)(const Options *); /* gives the exit status */
    const char *args, *help, *more, *examples;
} CmdInfo;
extern const CmdInfo cmd_info[NCMD];
extern const OptInfo opt_info[NOPT];
#define CMD(id, args, help, more, examples) int run_##id(const Options *o);
#define OPT(id, letter, name, arg, cmds, help)
#include "options.def"
#undef CMD
#undef OPT

/* -1: go on; else leave with this exit status (help was printed, or the usage was wrong) */
int options_parse(int argc, char **argv, Options *o);
bool option_goes(Cmd c, Opt o); /* with this command */
bool option_listed(Opt o);      /* its argument is one of a list */
const char *option(const Options *o, Opt opt); /* its last value, or NULL */
/* false: said, and no number in the range; out is untouched when the option was not given */
bool option_int(const Options *o, Opt opt, int64_t lo, int64_t hi, int64_t *out);
bool option_real(const Options *o, Opt opt, double *out);

/* memory is zeroed, and lives until the command ends; a command that finds none says so and ends */
_Noreturn void no_memory(void);
void *get_memory(size_t n);
char *get_text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *get_vtext(const char *fmt, va_list ap);
void memory_end(void);

/* ---- help.c ---------------------------------------------------------------------------------- */

void help_all(FILE *to);
void help_command(FILE *to, const Options *o, Cmd c);
void help_man(void);

/* ---- report.c ------------------------------------------------------------------------------- */

Report *report_open(void);
void report_as(const Options *o, const char *form); /* "text", "json", "sarif"; NULL: text */
void report_messages(const Options *o);             /* what the last call of the library had to say */
bool report_is_text(const Options *o);
/* a message of the command's own, told as all are; gives the status it ends the command with: OK for a warning that is no error */
int complain(const Options *o, const char *code, const char *help, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void report_close(const Options *o, int status); /* writes what is written at the end */

/* ---- json.c, table.c ------------------------------------------------------------------------- */

/* ' stands for "; %s: a text between quotes, NULL: null; %d: an int */
void json_put(FILE *to, const char *fmt, ...);

enum { MAXCOL = 12 };
typedef char *Row[MAXCOL + 1]; /* NULL at the end */
typedef struct {
    int n;
    Row *row; /* row 0 names the columns */
} Table;
Table table_read(const char *text);
Table table_of(const Options *o, const char *name);    /* of kiln_table */
char **table_find(const Table *t, const char *key);     /* the row that begins so, or NULL */
void table_print(const Table *t);                       /* columns aligned */
void table_json(const Table *t);                        /* an array of objects */

/* ---- npy.c, spec.c, values.c ----------------------------------------------------------------- */

typedef struct {
    kiln_param param; /* dim_text only while the kernel lives */
    kiln_arg arg;  /* what it holds */
    int64_t count; /* elements */
    size_t bytes;
} Value;

typedef enum { FLOAT, SMALL_FLOAT, SIGNED, UNSIGNED, BOOL } Class; /* SMALL_FLOAT: of 8 bits and less */
Class class_of(const char *dtype);
bool is_real(Class c);

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
size_t value_bytes(const char *dtype, int64_t count);
double value_at(const Value *v, int64_t i);
/* shapes from files and -D, contents from files and SPECs */
bool values_make(const Options *o, kiln_kernel *k, Values *out);
Values values_copy(const Values *v);
bool values_write(const Options *o, const Values *v); /* --output */

/* ---- compile.c ------------------------------------------------------------------------------- */

/* `check` of this text in place of FILE's (NULL: FILE); tell: print the messages */
int check(const Options *o, const char *text, bool tell);
/* one that prints its messages; NULL: *status says with what to leave */
kiln_kernel *compile_for(const Options *o, const char *target, const char *stage, int *status);
/* the target that a schedule given as FILE names, owned; or NULL */
char *target_of_source(const Options *o, int *status);
int cannot_write(const Options *o, const char *path); /* with errno; NULL: the standard output */
/* two pieces as one file, which is there as a whole or not at all: written beside, then renamed; gives the status */
int write_file(const Options *o, const char *path, const void *one, size_t n, const void *two, size_t m);
int write_text(const Options *o, const char *path, const char *text);
char *split_file(const char *arg, const char **entry); /* FILE[:KERNEL] */
char *read_all(FILE *f);
kiln_source source_of(const Options *o); /* what the options say of messages, and nothing else */
char **split_list(const char *s, char by, int *n);

/* ---- fold.c --------------------------------------------------------------------------------- */

typedef struct {
    const char **line;
    int n;
} Lines;
int fold_columns(const char *s, int n);       /* of n bytes */
int fold_prefix(const char *s, int n, int c); /* bytes of the first c columns */
int fold_indent(const char *text);            /* the least indentation of all lines with text */
/* lines of at most `width` columns; indentation beyond `base` is halved */
Lines fold_text(const char *text, int base, int width);

/* Every target puts a statement of the schedule as a comment over what it spells it with. So a text
   falls into pieces, and pieces of the same statement are set side by side. */
typedef struct {
    const char *title, *key; /* the statement, and what it is on every machine; NULL and "": before the first */
    const char *text;
} Piece;
typedef struct {
    Piece *at;
    int n, next;
} Pieces;
Pieces pieces_of(const char *text);
/* the piece that goes next: one that no other text still has something before; NULL: the end */
const Piece *pieces_next(Pieces *p, int n);
const char *pieces_title(const Pieces *p, int n, const char *key); /* the best that is next */
const char *pieces_take(Pieces *p, const char *key); /* its text; "" when it is not next */

/* ---- run.c ----------------------------------------------------------------------------------- */

bool devices_known(const Options *o, char **device, int n);
kiln_kernel *compile_for_device(const Options *o, char *device, int *status);
int run_once(const Options *o, kiln_kernel *k, const char *device, Values *v, kiln_timing *t);
#endif
