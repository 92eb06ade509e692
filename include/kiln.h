/* Kiln: a compiler and runtime for tile programs. This is the whole C interface: opaque handles,
   plain structs, errors as text.

     kiln_context *cx = kiln_open();
     const char *bind[] = {"M=512", "N=512", "K=256", NULL};
     kiln_source src = {sizeof src};
     src.path = "gemm.py";
     src.bind = bind;
     src.target = "cpu";
     kiln_kernel *k = kiln_compile(cx, &src);
     if (!k) fputs(kiln_messages(cx), stderr);
     ... kiln_run(k, "cpu", args, nargs, NULL) ...
     kiln_free(k);
     kiln_close(cx);

   Nothing is global: contexts are independent, each is used by one thread at a time. A kernel
   belongs to the context that made it and is freed before it. Texts belong to the handle they were
   asked from and live until it is freed, if nothing else is said. Structs begin with their size,
   which the caller sets, so that they can grow without breaking who was compiled before. */
#ifndef KILN_H
#define KILN_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define KILN_API __attribute__((visibility("default")))
#else
#define KILN_API
#endif

#define KILN_VERSION "0.1.0"
#define KILN_MAXDIM 8

typedef struct kiln_context kiln_context;
typedef struct kiln_kernel kiln_kernel;

/* also the exit statuses of the command */
typedef enum {
    KILN_OK = 0,
    KILN_PROGRAM = 1,     /* the program is wrong, not supported, or not built yet */
    KILN_USAGE = 2,       /* the call is wrong: unknown names, missing sizes, shapes */
    KILN_ENVIRONMENT = 3, /* a driver, a compiler or a machine is missing or said no */
    KILN_INTERNAL = 4     /* a bug of ours */
} kiln_status;

/* ---- contexts ------------------------------------------------------------------------------- */

KILN_API const char *kiln_version(void);
KILN_API kiln_context *kiln_open(void); /* NULL: out of memory */
KILN_API void kiln_close(kiln_context *cx);
/* what the last call on this context had to say: errors, warnings, remarks; "" when nothing. Lives
   until the next call. */
KILN_API const char *kiln_messages(const kiln_context *cx);
KILN_API kiln_status kiln_last(const kiln_context *cx);

/* the same as data, for editors and other programs */
typedef struct {
    size_t size;            /* sizeof(kiln_diagnostic) */
    const char *code, *kind; /* "E0304"; "error", "unsupported", "todo", "device", "bug", "warning",
                               "remark" */
    const char *title;      /* of the code */
    const char *text, *help;
    const char *path; /* NULL: about no place */
    int line, col;    /* from 1; columns count characters */
    int end_line, end_col; /* the place after the last character */
    int notes;
} kiln_diagnostic;
KILN_API int kiln_diagnostics(const kiln_context *cx);
/* message i; with note >= 0 that note of it, which has a text and perhaps a place, nothing else */
KILN_API kiln_status kiln_diagnostic_get(const kiln_context *cx, int i, int note,
                                         kiln_diagnostic *out);

/* what `kiln explain` prints; NULL for an unknown code. Lives until the next kiln_explain or
   kiln_table. */
KILN_API const char *kiln_explain(kiln_context *cx, const char *code);
/* a table as lines of tab-separated columns, the first line names them: targets, devices, passes,
   ops, tileops, dtypes, builtins, errors, warnings, library, doctor; NULL for an
   unknown one. "language" is no table but the page docs/language.md. Lives as long. */
KILN_API const char *kiln_table(kiln_context *cx, const char *name);

/* ---- compiling ------------------------------------------------------------------------------ */

typedef struct {
    size_t size;             /* sizeof(kiln_source) */
    const char *path;        /* a file, or "lib:gemm" of the library; with `text` a name */
    const char *text;        /* the program; NULL: read `path` */
    const char *entry;       /* which kernel of the file; NULL: the only one */
    const char *const *bind; /* "name=value", NULL at the end; may be NULL */
    const char *target;      /* of kiln_table(cx, "targets"); NULL: the tile program alone */
    const char *stage;       /* where to stop: "ast", "tile", "sched", "text"; NULL: at the end */
    const char *stop_after;  /* a pass of kiln_table(cx, "passes"), to see an unfinished schedule */
    int stages, groups, roles; /* of the schedule; 0: as the program says and the machine allows */
    int color;               /* messages with terminal colours */
    int werror;              /* warnings are errors */
    int remarks;             /* messages tell what fell back to something slower, and why */
    /* what becomes of warnings and remarks, in order: "-Werror", "-Werror=NAME", "-Wno-NAME",
       "-WNAME", "-R", "-RNAME"; NULL at the end. NAME: a code, a name of kiln_table(cx, "warnings")
       or a word of one. May be NULL */
    const char *const *flags;
} kiln_source;

/* the kernels of a source and what they take, told from its text: lines of tab-separated columns as
   of kiln_table: kernel, style (lazy, eager, prim_func), line, what (kernel, parameter, tensor,
   scalar, const, dynamic), name, type, default; "-" where there is none. NULL: see kiln_messages. */
KILN_API const char *kiln_list(kiln_context *cx, const kiln_source *source);

/* a program made a little simpler, in another way for each step 0, 1, ...; how: "tree" (step 0 prints
   the program's own tree) or "lines" (for texts that are no programs; step 0 is the text). NULL:
   there are no more ways. Lives as a table does. */
KILN_API const char *kiln_simpler(kiln_context *cx, const char *text, const char *how, int step);

/* NULL: see kiln_messages */
KILN_API kiln_kernel *kiln_compile(kiln_context *cx, const kiln_source *source);
KILN_API void kiln_free(kiln_kernel *k);
/* makes and proves the schedule for a target and forgets it; the kernel is compiled as far as the
   tile program. What the target cannot do (unsupported, not built yet, too little memory) is told as
   a remark, and no error. */
KILN_API kiln_status kiln_prove(kiln_kernel *k, const char *target);

/* ---- what a kernel is ----------------------------------------------------------------------- */

KILN_API const char *kiln_name(const kiln_kernel *k);
/* the target it is compiled for, or that a schedule given as source names; NULL: none */
KILN_API const char *kiln_target(const kiln_kernel *k);
/* the text of a stage: "ast", "tile", "sched", "text" (all its files, each under a line with its
   name); NULL: not compiled that far */
KILN_API const char *kiln_text(kiln_kernel *k, const char *stage);
KILN_API int kiln_files(const kiln_kernel *k); /* how many files the text has */
KILN_API const char *kiln_file(const kiln_kernel *k, int i, const char **name);
KILN_API int kiln_launches(const kiln_kernel *k);
KILN_API const char *kiln_launch_name(const kiln_kernel *k, int i);
/* the part of the text that spells a role ("reader", "compute", "writer") of a launch, for reading;
   "" when there is none, NULL before text */
KILN_API const char *kiln_role_text(kiln_kernel *k, int launch, const char *role);

typedef struct {
    size_t size;              /* sizeof(kiln_param) */
    const char *name, *dtype; /* "float32", ... */
    int scalar;               /* 1: a number, given in kiln_arg.i or .f */
    int ndim;
    int64_t dim[KILN_MAXDIM];          /* -1 where it depends on a size left open */
    const char *dim_text[KILN_MAXDIM]; /* as the program says it: "n", "T.ceildiv(n, 2)", "128" */
    int read, written;                 /* does the program read it, write it */
} kiln_param;

KILN_API int kiln_params(const kiln_kernel *k);
KILN_API kiln_status kiln_param_get(kiln_kernel *k, int i, kiln_param *out);
KILN_API int kiln_sizes(const kiln_kernel *k); /* sizes left open (T.dynamic) */
KILN_API const char *kiln_size_name(const kiln_kernel *k, int i);
/* the shape of parameter i when the open sizes have these values (kiln_sizes(k) of them); scalars
   count as 0 */
KILN_API kiln_status kiln_shape(kiln_kernel *k, int i, const int64_t *sizes, int64_t *dim);

/* ---- running -------------------------------------------------------------------------------- */

typedef struct { /* one parameter, in order. A tensor: host memory, row-major, contiguous */
    void *data;
    const char *dtype;
    int ndim;
    int64_t dim[KILN_MAXDIM];
    int64_t i; /* a scalar: integers and bools in i, floats in f; an output: 1 if it holds values already */
    double f;
} kiln_arg;

typedef struct {
    size_t size;    /* sizeof(kiln_timing) */
    int repeat;     /* in: time this many runs after one to warm up; 0: run once */
    double seconds; /* out: the median of them, on the device's own clock where it has one */
    double flops;   /* out: of all matrix products in one run; -1: depends on the data */
    void (*say)(void *to, const char *line); /* in: told every line of T.print; may be NULL */
    void *say_to;
} kiln_timing;

/* on a device of kiln_table(cx, "devices"); `timing` may be NULL. Messages go to the kernel's
   context. */
KILN_API kiln_status kiln_run(kiln_kernel *k, const char *device, kiln_arg *args, int nargs,
                              kiln_timing *timing);

/* tells, as message E0705 with this text, which statement writes an element of parameter `param`, in
   which block, and where in the tile it writes; args as of a run */
KILN_API kiln_status kiln_blame(kiln_kernel *k, int param, const int64_t *index,
                                const kiln_arg *args, int nargs, const char *text);

/* a message of the caller's own, told as all others are: with the colours and flags of `how` */
KILN_API kiln_status kiln_say(kiln_context *cx, const kiln_source *how, const char *code,
                              const char *text, const char *help);
/* the word of the list that `word` may have been meant to be, or NULL */
KILN_API const char *kiln_nearest(const char *word, const char *const *words, int n);

/* elements of tensors as numbers, rounded to nearest even when set; integers beyond 2^53 lose bits.
   Bits: 0 for an unknown type. */
KILN_API int kiln_dtype_bits(const char *dtype);
KILN_API double kiln_get(const char *dtype, const void *data, int64_t at);
KILN_API void kiln_set(const char *dtype, void *data, int64_t at, double value);

#ifdef __cplusplus
}
#endif
#endif
