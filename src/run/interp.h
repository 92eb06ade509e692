/* interp: what the files of the interpreter share. The interpreter defines what a program means: it is written to be pedantic first
   and fast second. A launch is turned into code once: names become registers, nesting becomes jumps. Then every block of the grid runs,
   one after another, as a set of tasks (one a role and compute group; a launch without pipes has one), each with a place in its code
   and registers of its own, so that a task can stop at a verb and go on later.

   interp_code.c   a launch as code
   interp_race.c   what a nest of parallel loops must watch
   interp_expr.c   expressions, conversions, single elements
   interp_tile.c   tile operations on regions
   interp_pipe.c   rings, turns, gemms in flight, what a deadlock looks like
   interp.c        the machine: tasks, blocks, launches; the device */
#ifndef KILN_INTERP_H
#define KILN_INTERP_H
#include "run/run.h"

/* ---- values --------------------------------------------------------------------------------- */

typedef union { double f; int64_t i; } Val;     /* floats, rounded to their type; integers and bools, wrapped to it */
typedef struct { Val v; int64_t bad; } Res;     /* bad: poison, as the number of its origin; 0 is none */

/* where poison came from: arithmetic without a result (Machine.arith says where), or a buffer (Machine.origin); numbers beyond
   the table fall together in the last */
enum { CLEAN, BAD_DIVISION, BAD_SHIFT, BAD_CONVERSION, BAD_BUFFER, BAD_LAST = 255 };

/* who touched an element in the current nest; -1 nobody, -2 several iterations */
typedef struct { uint32_t nest; int32_t writer, reader; bool mixed; } Shadow;

/* the memory of one buffer */
typedef struct {
    const char *name;
    DType type;
    Space space;
    int ndim;
    int64_t dim[MAXDIM], stride[MAXDIM], n;     /* in elements */
    void *raw;                                  /* GLOBAL, TEMP: elements as they lie in memory; */
    Val *v;                                     /* the others */
    uint8_t *bad;                               /* poison of each element; NULL: never poison (a tensor that is passed in) */
    uint8_t origin;                             /* the poison of an element that was never written */
    int busy;                                   /* operands of started gemms that lie here */
    Shadow *shadow;                             /* NULL: no nest needs to watch it */
    uint32_t *writer, *reader;                  /* tensors: which block touched an element in this launch, from 1; 0 none; MANY */
} Mem;

/* what a name of a buffer means to a task at the moment. A slot is held while *tail <= seq. */
typedef struct { Mem *mem; const int64_t *tail; int64_t seq; bool shared; } Bound;      /* shared: other roles read it too */

/* ---- code ----------------------------------------------------------------------------------- */

typedef enum {
    X_CONST, X_REG, X_LOAD, X_SELECT, X_AND, X_OR,
    X_FLOAT, X_COMPARE, X_INT, X_U64,           /* operations: floats, floats to bool, integers, unsigned 64 bit */
    X_TO_FLOAT, X_ROUND, X_TO_INT, X_WRAP, X_BITS       /* conversions: int to float, float to float, float to int, int to int */
} XKind;
typedef struct X X;
struct X {
    XKind kind;
    DType type, from;                           /* of the result; of the operands */
    Op op;
    Span span;
    Val value;                                  /* CONST */
    int reg;                                    /* REG */
    int buf, narg;                              /* LOAD; operands or indices */
    bool watch;                                 /* LOAD: recorded for races */
    X *arg[];
};

typedef struct Where Where;                     /* the loops around a place, for messages */
struct Where { const Where *outer; const Var *var; int reg; };

typedef struct { int buf; X *off[MAXDIM]; int64_t ext[MAXDIM], n; Span span; } Box;     /* a region; n elements */
typedef struct {
    TileOp op;
    int narg;
    Box arg[MAXARG];
    X *value;                                   /* fill */
    int64_t m, n, k;                            /* gemm */
    int64_t outer, len, inner;                  /* reduce, cumsum: the source as (outer, len, inner) */
    CopyShape shape;
    bool in_order;                              /* copy: the k-th element of one is the k-th of the other */
} Tile;

typedef enum { I_LET, I_STORE, I_LOOP, I_NEXT, I_PAR, I_PAR_NEXT, I_IF, I_JUMP, I_TILE, I_ALLOC, I_VERB, I_AWAIT, I_TURN, I_END } InsKind;
typedef struct {
    InsKind kind;
    const Stmt *stmt;
    const Where *where;
    int to;                                     /* where it jumps */
    int buf, narg;                              /* STORE, ALLOC */
    X *idx[MAXDIM];                             /* STORE: indices; PAR: upper bounds */
    X *value;                                   /* STORE, LET; IF: condition; LOOP: lower bound; VERB: which ring */
    int64_t step;                               /* LOOP, NEXT */
    int loop, reg[MAXPAR];                      /* LOOP, NEXT, PAR, PAR_NEXT; LET: reg[0] */
    bool watch;                                 /* STORE: recorded for races; PAR, PAR_NEXT: the outermost of a nest */
    int nwatched, *watched;                     /* PAR_NEXT: local buffers that the nest writes */
    Tile *tile;
    int pipe, slot[MAXTILES];                   /* VERB; TURN: pipe is the number of the order */
} Ins;

typedef struct {
    const Stmt *stmt;                           /* the role block; NULL: the statements outside of roles */
    Role role;
    int groups, group_reg;                      /* group_reg -1: no variable */
    Ins *ins;
    int nins;
    bool *gives, *takes;                        /* by pipe: does this body produce or consume */
} Body;

typedef struct {
    const Buf *buf;
    int home;                                   /* the body that allocates it; -1: a tensor or a slot */
    bool watched;                               /* needs Mem.shadow */
    bool read, written;
} Use;

typedef struct {
    const Launch *launch;
    int nreg, nloop, nbody, nbuf, block_reg[MAXGRID];
    Body *body;                                 /* [0]: what stands outside of roles, run first; all of it in a launch without pipes */
    Use *use;                                   /* by buffer */
    int64_t scratch;                            /* elements of the largest region */
} Program;

/* ---- the machine ---------------------------------------------------------------------------- */

typedef struct { int64_t at[MAXPAR], hi[MAXPAR]; } LoopState;
/* since the block began: a producer has acquired `head` and committed `tail`, a consumer has waited and released */
typedef struct { int64_t head, tail; bool in; } Part;
typedef struct {
    const Pipe *pipe;
    int which;
    Mem *slot;                                  /* depth x ntile */
    int64_t *gen;                               /* by slot: for which acquire it was made poison */
    Part *from, *to;                            /* by task */
} Ring;

/* a region of memory; inside: all of it is in range */
typedef struct { Mem *mem; int64_t off[MAXDIM], ext[MAXDIM]; bool inside; } Place;
typedef struct { Place arg[MAXARG]; const Ins *ins; } Flight;                           /* a started gemm */
enum { MAXFLIGHT = 64 };

typedef struct Machine Machine;
typedef struct {
    Machine *m;
    const Body *body;
    int number, group, pc;
    bool done;
    Res *reg;
    Bound *bound;                               /* by buffer */
    LoopState *loop;
    uint32_t nest;                              /* the nest it is in; 0: none */
    int32_t iter;                               /* which of its iterations */
    int nflight;
    Flight flight[MAXFLIGHT];                   /* oldest first */
} Task;

struct Machine {
    const Cx *cx;
    const Prog *prog;
    Call *call;
    Err *err;
    bool failed;
    Arena all, one;                             /* lives for the call; for one launch */
    int64_t memory;                             /* bytes in tiles and temporaries */
    const char *origin[BAD_LAST + 1];
    Span arith[BAD_BUFFER];                     /* the first place of each */
    int norigin;
    Mem *tensor, *temp;                         /* by parameter; by temporary */
    uint32_t nest;                              /* the newest */

    const Program *code;                        /* of the launch that runs */
    int64_t block[MAXGRID];
    uint32_t block_number;                      /* from 1 */
    int ntask, nring, *first_ring;              /* by pipe: its first ring */
    Task *task;
    Ring *ring;
    int *turn;                                  /* by order: whose it is */
    Val *scratch[3];
    uint8_t *scratch_bad[3];
    double *acc;
};

/* interp_code.c: NULL on error */
Program *interp_compile(Machine *m, const Launch *l);

/* interp_race.c: the buffers on which iterations of a nest could meet; none outside of a nest (NULL) */
typedef struct { const Buf **buf; int n; } Nest;
const Nest *interp_nest(Arena *a, const Stmt *nest);
bool interp_watches(const Nest *n, const Buf *b);

/* interp_expr.c */
Res interp_eval(Task *t, const X *x);
bool interp_index(Task *t, const X *x, int64_t *out, const char *what);         /* an integer that must not be poison */
void interp_store(Task *t, const Ins *ins);
void interp_nest_end(Task *t, const Ins *ins);
Res interp_convert(Val v, DType from, DType to);
Bound *interp_bound(Task *t, int buf, Span at);                                 /* NULL: not held, an error */
void interp_load_run(const Mem *m, int64_t at, int64_t n, Val *out);            /* n elements of a tensor in a row */
void interp_store_run(const Mem *m, int64_t at, int64_t n, const Val *in);

/* false: another block wrote what is read here, or the like: a race */
bool interp_block_read(Task *t, const Mem *m, int64_t at, int64_t n, Span span);
bool interp_block_write(Task *t, const Mem *m, int64_t at, int64_t n, const Val *v, Span span);

/* interp_tile.c */
void interp_tile(Task *t, const Ins *ins);

/* interp_pipe.c: false: it must wait */
bool interp_verb(Task *t, const Ins *ins);
bool interp_turn(Task *t, const Ins *ins);
void interp_land(Task *t, int pending);                                         /* all but the newest `pending` gemms */
bool interp_flight_free(Task *t, const Place *p, bool write, bool accumulates, Span at);       /* false: an error */
bool interp_disjoint(const Place *a, const Place *b);
bool interp_same_place(const Place *a, const Place *b);
void interp_fly(Task *t, const Ins *ins, const Place arg[MAXARG]);
void interp_deadlock(Machine *m);
void interp_block_end(Machine *m);              /* nothing may be left in flight or in a ring */

/* interp.c */
void interp_fail(Task *t, Span at, ErrCode code, const char *help, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));      /* the first one counts */
const char *interp_place(const Machine *m, Span at, char *out, size_t n);       /* "gemm.py:14: ", or "" */
const char *interp_list(char *out, size_t size, const int64_t *v, int n);        /* "3, 0" */
/* poison reaches what fmt names; says where it came from */
void interp_poison(Task *t, Span at, int64_t bad, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
int64_t interp_arith(Task *t, int64_t bad, Span at);    /* notes the place; gives bad */
char *interp_element(const Mem *m, int64_t k, char *out, size_t size);          /* "'A' at [3, 0]" */
void *interp_memory(Machine *m, Arena *a, int64_t n, size_t size, const char *name);   /* n * size bytes; NULL is an error */
bool interp_shape(Machine *m, Mem *mem);        /* strides and n from dim; false is an error */
#endif
