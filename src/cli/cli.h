/* cli: the command. It parses options and prints; everything else is behind kiln.h, and it has no
   other door.

   options.c   the table of commands and options (options.def): parsing
   help.c      --help and the manual page, from the same table
   complete.c  completion for shells, from the same table
   report.c    messages: text, JSON, SARIF
   json.c      a writer of JSON
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
    const char *name, *args, *help, *more, *examples;
} CmdInfo;
typedef struct {
    char letter;
    const char *name, *arg, *cmds, *help;
} OptInfo;
extern const CmdInfo cmd_info[NCMD];
extern const OptInfo opt_info[NOPT];
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

/* -1: go on; else leave with this exit status (help was printed, or the usage was wrong) */
int options_parse(int argc, char **argv, Options *o);
bool option_goes(Cmd c, Opt o); /* with this command */
bool option_listed(Opt o);      /* its argument is one of a list */
int run_help(const Options *o);
const char *option(const Options *o, Opt opt); /* its last value, or NULL */
/* false: said, and no number in the range; out is untouched when the option was not given */
bool option_int(const Options *o, Opt opt, int64_t lo, int64_t hi, int64_t *out);
bool option_real(const Options *o, Opt opt, double *out);

/* a message of the command itself; gives the status, so that one may `return complain(...)` */
int complain(const Options *o, int status, const char *help, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* the same with this code; gives false */
bool refuse(const Options *o, const char *code, const char *help, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* memory is zeroed, and lives until the command ends; a command that finds none says so and ends */
void *get_memory(size_t n);
char *get_text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void memory_end(void);

/* ---- help.c, complete.c ---------------------------------------------------------------------- */

void help_all(FILE *to);
void help_command(FILE *to, const Options *o, Cmd c);
void help_man(void);
int run_completion(const Options *o);

/* ---- report.c ------------------------------------------------------------------------------- */

Report *report_open(void);
void report_as(const Options *o, const char *form); /* "text", "json", "sarif"; NULL: text */
void report_messages(const Options *o);             /* what the last call of the library had to say */
bool report_is_text(const Options *o);
/* a message of the command's own, a warning as -W wants it; help may be NULL; true: it is an error */
bool report_own(const Options *o, const char *code, const char *text, const char *help);
void report_close(const Options *o, int status); /* writes what is written at the end */

/* ---- json.c --------------------------------------------------------------------------------- */

typedef struct {
    FILE *to;
    bool some; /* a comma goes before the next value */
} Json;
void json_open(Json *j, const char *key, char bracket); /* key: NULL in an array */
void json_close(Json *j, char bracket);
void json_text(Json *j, const char *key, const char *value); /* NULL: null */
void json_int(Json *j, const char *key, long long value);
void json_bool(Json *j, const char *key, bool value);
void json_table(FILE *to, const char *table); /* lines of tab-separated columns as an array of objects */

/* ---- npy.c, spec.c, values.c ----------------------------------------------------------------- */

typedef struct {
    kiln_param param; /* dim_text only while the kernel lives */
    kiln_arg arg;  /* what it holds */
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
size_t value_bytes(const char *dtype, int64_t count);
/* shapes from files and -D, contents from files and SPECs */
bool values_make(const Options *o, kiln_kernel *k, Values *out);
Values values_copy(const Values *v);
bool values_write(const Options *o, const Values *v); /* --output */
int values_find(const Values *v, const char *name);

/* ---- compile.c ------------------------------------------------------------------------------- */

/* `check` of this text in place of FILE's (NULL: FILE); tell: print the messages */
int check(const Options *o, const char *text, bool tell);
/* one that prints its messages; NULL: *status says with what to leave */
kiln_kernel *compile_for(const Options *o, const char *target, const char *stage, int *status);
/* the target that a schedule given as FILE names, owned; or NULL */
char *target_of_source(const Options *o, int *status);
int cannot_write(const Options *o, const char *path); /* with errno; NULL: the standard output */
/* a file that is there as a whole or not at all: written beside, then renamed */
FILE *save_open(const char *path, char **tmp);
bool save_close(FILE *f, const char *path, char *tmp, bool ok); /* ok: all was written; false: errno */
int write_text(const Options *o, const char *path, const char *text);
char *split_file(const char *arg, const char **entry); /* FILE[:KERNEL] */
char *read_all(FILE *f);
const char *const *flags_of(const Options *o); /* -W and -R, as kiln_source.flags has them */
int run_check(const Options *o);
int run_emit(const Options *o);

/* a row of kiln_table: the text of column `col`, or NULL when there is no such row; row 0 follows
 * the header. Owned by the caller. */
char *table_cell(kiln_context *cx, const char *table, int row, int col);
char *table_at(const char *table, int row, int col); /* of the text of a table */
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
/* the piece that goes next: one that no other text still has something before; NULL: the end */
const Piece *pieces_next(Pieces *p, int n);
const char *pieces_title(const Pieces *p, int n, const char *key); /* the best that is next */
const char *pieces_take(Pieces *p, const char *key); /* its text; "" when it is not next */

/* ---- run.c, diff.c, show.c, list.c, reduce.c, doctor.c --------------------------------------- */

bool device_present(const Options *o, const char *name);
bool devices_known(const Options *o, char **device, int n);
kiln_kernel *compile_for_device(const Options *o, char *device, int *status);
int run_once(const Options *o, kiln_kernel *k, const char *device, Values *v, kiln_timing *t);
int run_run(const Options *o);
int run_diff(const Options *o);
int run_show(const Options *o);
int run_list(const Options *o);
int run_reduce(const Options *o);
int run_doctor(const Options *o);
#endif
