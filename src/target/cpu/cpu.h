/* cpu: a merged schedule as one readable C file. Also what the run side must know of that file.

   cpu.c       the target: limits, the file's frame (arguments, workspace, entry points)
   name.c      identifiers, after the source
   uses.c      what is read and written
   prelude.c   which sections of prelude.h a program needs
   expr.c      expressions and element accesses
   stmt.c      statements, loops and roles
   move.c      copy and fill
   math.c      gemm, reductions, running sums
   prelude.h   the C that the emitted text leans on                                             */
#ifndef KILN_CPU_H
#define KILN_CPU_H
#include "target/emitter.h"

/* ---- the run side's part -------------------------------------------------------------------- */

/* The emitted file exports, for a program NAME:

       typedef struct { ... } NAME_args;
       size_t NAME_workspace(const NAME_args *);
       int NAME(const NAME_args *, void *workspace, void *pool);
       const char *NAME_error(int);

   NAME_args has a pointer for each tensor and a value for each scalar, in the order of the
   parameters, then each open size. Scalars of narrow float types are passed as float. */
typedef struct {
    const char *symbol;                         /* NAME */
    int nlaunch;
    const char *(*role_text)[NROLE];            /* by launch */
    int nfault;
    const ErrCode *fault;                       /* what results 1 .. nfault mean */
} CpuPlan;

/* Threads that a caller lends. `run` calls block(call, scratch, i) for i = 0 .. n - 1, in any order
   and at the same time, each with `bytes` of scratch (64-byte aligned) that no other call uses
   meanwhile. It gives the first result that is not 0; -1: no memory. The emitted text declares the
   same struct. */
typedef int CpuBlock(const void *call, void *scratch, int64_t at);
typedef struct CpuPool CpuPool;
struct CpuPool {
    int (*run)(CpuPool *pool, int64_t n, size_t bytes, CpuBlock *block, const void *call);
};

/* how the text wants to be compiled: integers wrap, float arithmetic is neither fused nor
   reordered, infinities and NaN are what they are */
#define CPU_FLAGS                                                                                  \
    "-std=gnu11 -O3 -march=native -fwrapv -ffp-contract=off -fno-math-errno -fno-trapping-math"

/* ---- uses.c: what a launch reads and writes, so that nothing dead is emitted ----------------- */

typedef struct { const void *object; bool read, written; } Use;         /* a Var or a Buf */
typedef struct { Cx *cx; Use *use; int n, cap; } Uses;
const Uses *cpu_uses(Cx *cx, const Launch *l);
Use cpu_use(const Uses *u, const void *object);

/* ---- the emitter's state -------------------------------------------------------------------- */

enum { MAXNEED = 256, MAXFAULT = 4096, MAXKNOWN = 32 };

struct Emit {
    EMITTER
    const char *symbol;
    const char *(*role_text)[NROLE];

    struct { const char *section; DType num, elem; } need[MAXNEED];
    int nneed;
    const char *fault[MAXFAULT];                /* texts of the results 1 .. nfault */
    ErrCode fault_code[MAXFAULT];
    int nfault;

    /* one launch */
    const Uses *uses;
    NameRules rules;
    struct { const Expr *idx, *dim; } known[MAXKNOWN];  /* indices the loops around keep in range */
    int nknown;
    int only;                                   /* the role to show, or -1: all */
    int inside;                                 /* the role block we are in, or -1 */
    int said;                                   /* whose comment was written last, or -1 */
    int count;                                  /* statements and comments of the innermost block */
    int work;                                   /* statements that do something, so far */
    bool ours;                                  /* in a nest that stands for a tile operation */
    bool faults;                                /* the launch can fail */
    int64_t side[3][NDTYPE];                    /* elements of gemm's copies beside the tiles: left,
                                                   right, sum; by type */
};

/* ---- name.c --------------------------------------------------------------------------------- */

/* `want` where C allows it as a global name, else something like it */
const char *cpu_symbol(Cx *cx, const char *want);
NameRules cpu_name_rules(const char *symbol);

/* ---- prelude.c ------------------------------------------------------------------------------ */

bool cpu_has(const char *section);
/* DT_none where the section is not about a type */
void cpu_need(Emit *e, const char *section, DType num, DType elem);
void cpu_prelude(Emit *e, Text *out);           /* what is needed, in order */

/* ---- expr.c --------------------------------------------------------------------------------- */

extern const Dialect cpu_dialect;
DType cpu_num(DType t);                         /* what values of type t are computed in */
const char *cpu_short(DType t);                 /* f32, bf16, i8, ... */
const char *cpu_value_type(DType t);            /* C type of a value: narrow floats are float */
const char *cpu_elem_type(Emit *e, DType t);    /* C type of an element in memory */
Piece cpu_cast(Emit *e, Piece x, DType from, DType to);
const char *cpu_to_elem(Emit *e, const char *value, DType from, DType to);
const char *cpu_from_elem(Emit *e, const char *place, DType t);
const char *cpu_store_value(Emit *e, const Expr *x, DType t);   /* as an element of type t */
const char *cpu_zero(Emit *e, DType t);         /* an element */

/* the place of an element, an lvalue; proved[d]: dimension d needs no check. `guard` gets what must
   hold for a global, or NULL */
const char *cpu_place(Emit *e, const Buf *b, const Piece *idx, const bool *proved, Span at,
                      const char **guard);
const char *cpu_element(Emit *e, const Buf *b, Expr *const *idx, Span at, const char **guard);
/* the result that means this error here */
int cpu_fault(Emit *e, ErrCode code, Span at, const char *text);
bool cpu_proved(const Emit *e, const Expr *idx, const Expr *dim);       /* 0 <= idx < dim here */

/* ---- stmt.c --------------------------------------------------------------------------------- */

void cpu_line(Emit *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cpu_comment(Emit *e, const Stmt *s);       /* the statement as the source has it */
/* loops around lines; "" is a bare block */
void cpu_nest(Emit *e, int nhead, const char *const *head, int nline, const char *const *line);
void cpu_stmts(Emit *e, const Stmt *list);

/* a block of C that gets its braces when it is closed; false: nothing was in it, and nothing is
   written */
typedef struct {
    Text text, *outer;
    int count, work, said, mark, held, known;
    const Scope *scope;
} Block;
void cpu_open(Emit *e, Block *b);
bool cpu_close(Emit *e, Block *b, const char *head);

/* ---- move.c, math.c ------------------------------------------------------------------------- */

void cpu_copy(Emit *e, const Stmt *s);
void cpu_fill(Emit *e, const Stmt *s);
void cpu_gemm(Emit *e, const Stmt *s);
void cpu_reduce(Emit *e, const Stmt *s);
void cpu_lowered(Emit *e, const Stmt *s);        /* a tile operation as a nest */
void cpu_hold(Emit *e, const Expr *value, const char *name);

/* the extent of a tile that is not proved inside of its buffer is checked before it is used; of a
   tensor, at each element */
void cpu_check_region(Emit *e, const Region *r);

/* a region under loops: loop l walks dimension dim[l] (-1: none) */
typedef struct {
    const Region *r;
    const int *dim;
    int cut;                                    /* a dimension whose check is a loop's end; or -1 */
    const char *place, *guard;                  /* the element, and what must hold for it */
} Side;
/* sets place and guard where loop l has the value var[l]; var NULL: at the region's corner in that
   dimension */
void cpu_find_place(Emit *e, Side *s, int nloop, const char *const *var);
void cpu_loop_names(Emit *e, int n, const char **var);  /* i, j, k ... */
const char *cpu_address(Emit *e, const char *place);
#endif
