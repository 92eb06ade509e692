/* base: memory, text, errors, numbers, the operating system. Knows nothing about compilers.

   mem.c    Arena                one compilation's memory: zeroed, never freed piece by piece
   text.c   Text                 a growing string with indentation, for emitters and printers
   diag.c   Cx, fail, guard      one compilation's context and its diagnostics
   excerpt.c                     diagnostics as text, with the source under them
   num.c    number formats       fp16, bf16, fp8, fp4, tf32 to and from double, exactly
   sys.c    files, processes     the only file here with #if                                     */
#ifndef KILN_BASE_H
#define KILN_BASE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- mem.c ---------------------------------------------------------------------------------- */

typedef struct Chunk Chunk;
typedef struct Cx Cx;
/* used: bytes given out. More than `limit` (0: none), or more than the machine has, leaves to the guard of `cx`; an arena without
   one is for code that cannot go on without memory */
typedef struct { Chunk *first; size_t used, limit; Cx *cx; } Arena;

void *arena_alloc(Arena *a, size_t size);               /* zeroed, 16-byte aligned; never NULL */
void arena_free(Arena *a);
char *arena_copy(Arena *a, const char *s, size_t n);    /* NUL-terminated */
char *arena_text(Arena *a, const char *s);              /* text.c: the whole of it; NULL of NULL */
char *arena_printf(Arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* an array of n things with room for one more: `old`, or one of twice its capacity */
void *arena_grow(Arena *a, void *old, int n, int *cap, size_t size);

#define NEW(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define NEWN(a, T, n) ((T *)arena_alloc((a), sizeof(T) * (size_t)(n)))
#define COUNT(x) ((int)(sizeof(x) / sizeof((x)[0])))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* a text of a folder that the build embeds; the Makefile makes `const Embedded lib[]`, ended by a NULL name */
typedef struct { const char *name, *text; } Embedded;

/* ---- text.c --------------------------------------------------------------------------------- */

typedef struct { Arena *arena; char *s; size_t n, cap; int indent; } Text;    /* s is always NUL-terminated */

Text text_new(Arena *a);
void text_add(Text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_line(Text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));   /* indent, text, newline; "" is an empty line */
void text_vadd(Text *t, const char *fmt, va_list ap);
void text_put(Text *t, const char *s, size_t n);        /* bytes as they are */

/* ---- diag.c --------------------------------------------------------------------------------- */

typedef struct { uint32_t file, at, len; } Span;        /* bytes of Cx.source[file]; file 0 is "nowhere" */

typedef enum { K_ERROR, K_UNSUPPORTED, K_TODO, K_DEVICE, K_BUG, K_WARNING, K_REMARK } Kind;

typedef enum {
#define ERR(code, kind, title, explain) E##code,
#include "errors.def"
#undef ERR
    NERR
} ErrCode;

typedef struct { const char *name, *kind_name, *title, *explain; Kind kind; } ErrInfo;
extern const ErrInfo err_info[NERR];                    /* indexed by ErrCode */

typedef struct Note Note;
struct Note { Note *next; Span span; const char *text; };       /* span.file == 0: no place */

typedef struct Diag Diag;
struct Diag { Diag *next; ErrCode code; Kind kind; Span span; const char *text; char *help; Note *notes; };

typedef struct { const char *path, *text; size_t n; } Source;

typedef struct Name Name;
typedef struct Guard Guard;
/* what becomes of a warning or a remark: shown as its kind says (warnings yes, remarks no), dropped, shown, an error */
typedef enum { TREAT_DEFAULT, TREAT_OFF, TREAT_SHOW, TREAT_ERROR } Treat;
typedef struct { bool fast_math, werror; int verbose; int64_t fuel; uint8_t treat[NERR]; } CxOptions;
/* werror: every warning is an error; fuel: steps of the evaluator, 0: as many as ever */

struct Cx {                 /* one compilation; the first parameter everywhere on the compile side */
    Arena arena;            /* owns every node */
    Name *names[1024];      /* interned strings: equal text, equal pointer */
    Source *source[256];    /* [0] unused */
    int nsource;
    Diag *diags, **diag_end;
    int nerror;
    Guard *guard;           /* innermost */
    Cx *parent;             /* whose guard is meant where there is none of its own; or NULL */
    CxOptions opt;
    Diag last;              /* says that memory is used up, which takes none */
    bool exhausted;         /* it is: no guard but the outermost goes on */
};

Cx *cx_open(void);          /* NULL: out of memory */
void cx_close(Cx *cx);
void cx_forget(Cx *cx);                                 /* what was recorded */
const char *intern(Cx *cx, const char *s);
const char *intern_n(Cx *cx, const char *s, size_t n);
uint32_t cx_source(Cx *cx, const char *path, const char *text, size_t n);       /* copies both; gives the file number */

/* record and go on; record and leave to the innermost guard. `help` may be NULL. The kind is the code's own. */
Diag *report(Cx *cx, ErrCode code, Span at, const char *help, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
_Noreturn void fail(Cx *cx, ErrCode code, Span at, const char *help, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void note(Cx *cx, Diag *d, Span at, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
_Noreturn void leave(Cx *cx);                           /* to the innermost guard, after report() */
_Noreturn void leave_exhausted(Cx *cx, bool limit);     /* to the outermost: a bound of memory is met, or the machine has no more */

struct Guard { Guard *outer; jmp_buf at; };
/* run fn under a guard; false when it failed or recorded an error. The one setjmp of the library. */
bool guarded(Cx *cx, void (*fn)(Cx *, void *), void *arg);

const char *nearest(const char *name, const char *const *names, int n); /* "did you mean", or NULL */

/* ---- excerpt.c ------------------------------------------------------------------------------ */

extern const char *const diag_kind_name[];              /* by Kind */
void diag_print(const Cx *cx, const Diag *d, Text *out, bool color);    /* file:line:col, source with carets, notes, help */
char *diag_why(Arena *a, ErrCode code);                 /* the note of a message that has none: the first sentence of the explanation */
char *diag_help(Arena *a, ErrCode code);                /* the help of one that has none */
void span_line_col(const Cx *cx, Span s, int *line, int *col);          /* from 1; columns count characters */
void span_end(const Cx *cx, Span s, int *line, int *col);               /* the place after its last character */
void text_clean(char *s);                               /* controls and what is not UTF-8 become '?', in place */

/* ---- the run side --------------------------------------------------------------------------- */

/* filled, never thrown */
typedef struct { ErrCode code; bool set; Span at; char text[1024], help[512]; } Err;   /* at: of the program, where it is known */
bool err_set(Err *e, ErrCode code, const char *help, const char *fmt, ...) __attribute__((format(printf, 4, 5)));   /* gives false */

/* ---- num.c: every conversion exact over all bit patterns; round to nearest even --------------- */

uint16_t f16_from(double x);    double f16_to(uint16_t b);
uint16_t bf16_from(double x);   double bf16_to(uint16_t b);
uint8_t e4m3_from(double x);    double e4m3_to(uint8_t b);      /* saturating; NaN stays NaN */
uint8_t e5m2_from(double x);    double e5m2_to(uint8_t b);      /* saturating */
uint8_t e8m0_from(double x);    double e8m0_to(uint8_t b);      /* powers of two; signs are dropped */
uint8_t e2m1_from(double x);    double e2m1_to(uint8_t b);      /* saturating, in the low four bits; NaN becomes 6 */
float tf32_from(double x);

/* ---- sys.c ---------------------------------------------------------------------------------- */

char *sys_read(Arena *a, const char *path, size_t *n, Err *e);          /* NULL on error */
bool sys_write(const char *path, const void *data, size_t n, Err *e);   /* to a temporary, then renamed */
char *sys_real(Arena *a, const char *path, bool folder);                /* without links; NULL when it is no file, or no folder */
bool sys_exists(const char *path);
bool sys_mkdir(const char *path, Err *e);                               /* with parents, 0700 */
char *sys_tempdir(Arena *a, Err *e);                                    /* fresh, private */
void sys_rmdir(const char *path);                                       /* a folder and what is in it */
/* run argv (NULL-terminated); output and errors of the child are appended to `log` (may be NULL); exit status, -1 if it could not start */
int sys_run(const char *const *argv, Text *log, double timeout_s);
double sys_now(void);                                                   /* seconds, monotonic */
int sys_cores(void);                                                    /* affinity and cgroup limits honoured */
void *sys_dlopen(const char *path, Err *e);
void *sys_dlsym(void *lib, const char *name);
void sys_dlclose(void *lib);
#endif
