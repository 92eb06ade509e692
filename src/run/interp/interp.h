/* interp: what the files of the interpreter share. The interpreter defines what a program means: it is written to be pedantic first
   and fast second. A launch is turned into code once: names become registers, nesting becomes jumps. Then the blocks of the grid run,
   one after another, each as a set of tasks with a place in the code and registers of its own, so that a task can stop and go on later:
   a role or a compute group of a schedule, the one sequence of a tile program, or a group of threads in step. A block that cannot go on
   by itself stays, and the next one begins.

   code.c     a launch as code: expressions, statements
   plan.c     what is known about a launch before: per-thread memory, indices, shapes of tile operations
   race.c     what a nest of parallel loops must watch
   mem.c      buffers: elements of every width, poison, views, strides
   expr.c     expressions, conversions, single elements
   tile.c     tile operations on regions; scan.c: reductions, scans and atomic updates
   pipe.c     rings, turns, gemms in flight, what a deadlock of roles looks like
   threads.c  groups of threads: they divide and meet again; what a deadlock of threads looks like
   lanes.c    expressions for all threads of a group at once
   call.c     calls: barriers, copies in flight, atomics, messages; warp.c: what a warp does together
   stamp.c    races between threads and between blocks
   random.c   Philox
   interp.c   the machine: blocks, launches; the device */
#ifndef KILN_INTERP_H
#define KILN_INTERP_H
#include "run/run.h"

/* ---- values --------------------------------------------------------------------------------- */

typedef union { double f; int64_t i; } Val;     /* floats, rounded to their type; integers and bools, wrapped to it */
typedef struct { Val v; int64_t bad; } Res;     /* bad: poison, as the number of its origin; 0 is none */

/* where poison came from: arithmetic without a result (Machine.arith says where), a lane that is not there, or a buffer
   (Machine.origin); numbers beyond the table fall together in the last */
enum { CLEAN, BAD_DIVISION, BAD_SHIFT, BAD_CONVERSION, BAD_LANE, BAD_BUFFER, BAD_LAST = 255 };

/* who touched an element in the current nest; -1 nobody, -2 several iterations */
typedef struct { uint32_t nest; int32_t writer, reader; bool mixed; } Shadow;

/* who touched an element in this launch: block (from 1; 0 nobody, MANY several), thread (TOGETHER: its group did) and when; and the
   copy in flight that wrote it (0: none) */
typedef struct { uint32_t wblock, wtime, rblock, rtime, flight; uint16_t wthread, rthread; } Stamp;
enum { TOGETHER = 0x8000, ATOMIC = 0x4000, THREAD_MASK = 0x3fff };

/* a barrier in shared memory: the phase it is in, what the phase still waits for */
typedef struct { int64_t phase, pending, bytes, expected; } Bar;

/* the memory of one buffer */
typedef struct Mem Mem;
struct Mem {
    const char *name;
    DType type;
    Space space;
    int ndim;
    int64_t dim[MAXDIM], stride[MAXDIM], n;     /* in elements; n: from the first to the last */
    int64_t per;                                /* threads have copies of their own, so far apart; 0: there is one */
    int copies;                                 /* how many there are */
    bool guarded;                               /* out of range reads 0, and is not written */
    void *raw;                                  /* elements as they lie in memory: tensors, and what has views of another type; */
    Val *v;                                     /* the others */
    uint8_t *bad;                               /* poison of each element (of each byte: fine); NULL: never poison (a tensor passed in) */
    bool fine;
    uint8_t origin;                             /* the poison of an element that was never written */
    int busy;                                   /* operands of started gemms that lie here */
    Shadow *shadow;                             /* NULL: no nest needs to watch it */
    Stamp *stamp;                               /* NULL: nobody else can meet us here */
    int stamp_bits;                             /* bits of memory for each stamp */
    Bar *bar;                                   /* BARRIER */
};

/* what a name of a buffer means to a task at the moment. A slot is held while *tail <= seq. */
typedef struct { Mem *mem; const int64_t *tail; int64_t seq; bool shared; } Bound;      /* shared: other roles read it too */

/* ---- code ----------------------------------------------------------------------------------- */

typedef enum {
    X_CONST, X_REG, X_LANE, X_LOAD, X_SELECT, X_AND, X_OR,      /* LANE: a register that each thread has */
    X_FLOAT, X_COMPARE, X_INT, X_U64, X_CHECKED,        /* operations: floats, floats to bool, integers, unsigned 64 bit, indices */
    X_TO_FLOAT, X_ROUND, X_TO_INT, X_WRAP, X_BITS,      /* conversions: int to float, float to float, float to int, int to int */
    X_PLACE, X_CALL
} XKind;
typedef struct X X;
struct X {
    XKind kind;
    DType type, from;                           /* of the result; of the operands */
    Op op;
    Fn fn;                                      /* CALL */
    const char *text;
    Span span;
    Val value;                                  /* CONST */
    int reg;                                    /* REG, LANE */
    int buf, narg;                              /* LOAD, PLACE; operands or indices */
    bool watch;                                 /* LOAD: recorded for races between iterations */
    bool spin;                                  /* LOAD: the condition of a while loop, which may wait for others */
    bool varies;                                /* may differ between the threads of a group */
    X *arg[];
};

typedef struct Where Where;                     /* the loops around a place, for messages */
struct Where { const Where *outer; const Var *var; int reg; bool varies; };

typedef struct { int buf; X *off[MAXDIM]; int64_t ext[MAXDIM], n; Span span; } Box;     /* a region; n elements */
typedef struct {
    TileOp op;
    int narg;
    Box arg[MAXARG];
    X *value, *barrier;                         /* fill, copy: outside; tma_copy */
    bool each;                                  /* every thread does it for itself */
    int64_t m, n, k;                            /* gemm */
    int64_t outer, len, inner;                  /* reduce, cumsum: the source as (outer, len, inner) */
    CopyShape shape;
    bool in_order;                              /* copy: the k-th element of one is the k-th of the other */
} Tile;

/* ENTER: what leaves for `to` meets there again.  LEAVE: break and continue.  BACK: the end of a while loop. */
typedef enum {
    I_LET, I_STORE, I_LOOP, I_NEXT, I_PAR, I_PAR_NEXT, I_IF, I_WHILE, I_BACK, I_JUMP, I_ENTER, I_LEAVE, I_RETURN, I_CALL, I_TILE, I_ALLOC,
    I_VERB, I_AWAIT, I_TURN, I_END
} InsKind;
typedef struct {
    InsKind kind;
    const Stmt *stmt;
    const Where *where;
    int to, join;                               /* where it jumps; IF: where both branches have ended */
    int buf, narg;                              /* STORE, ALLOC */
    X *idx[MAXDIM];                             /* STORE: indices; PAR: upper bounds */
    X *value;                                   /* STORE, LET, CALL; IF, WHILE: condition; LOOP: lower bound; VERB: which ring */
    int64_t step;                               /* LOOP, NEXT */
    int loop, reg[MAXPAR];                      /* LOOP, NEXT, PAR, PAR_NEXT; LET: reg[0] */
    bool varies;                                /* LET, STORE, IF, WHILE: has to do with threads; LOOP, NEXT: its bounds do */
    bool each;                                  /* LOOP, NEXT: every thread has its own variable */
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
    bool each;                                  /* threads have copies of their own */
    bool bytes;                                 /* has views of another type: lies in memory as it is */
} Use;

typedef struct {
    const Launch *launch;
    bool threads;                               /* runs once for each thread of the block */
    bool stamps;                                /* threads or copies in flight meet in shared memory */
    bool waits;                                 /* blocks may wait for each other */
    int nthread;                                /* 1 where it runs once for the block */
    int nreg, nloop, nbody, nbuf, block_reg[MAXGRID], thread_reg[MAXGRID];
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
enum { MAXFLIGHT = 64, MAXBARRIER = 32, GRID = MAXBARRIER - 1 };
/* turns of a while loop before others have theirs, and before it is taken to be endless */
enum { TURNS = 512, MAXTURNS = 1 << 25 };

/* threads that wait at one place for others of their group: who left for `pc`, and how many parts are still to come */
typedef struct Frame Frame;
struct Frame { Frame *outer, *next; int pc, parts, n; uint16_t *lane; uint32_t joined, ordered; };

typedef struct { int n; const uint16_t *thread; } Lanes;

typedef struct Machine Machine;
typedef struct Block Block;
typedef struct Task Task;
struct Task {
    Machine *m;
    Block *b;
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

    Task *next;                                 /* a group of threads: the others of the block */
    int n, lead;                                /* how many threads; whose copies a scalar expression means */
    uint16_t *lane;                             /* in ascending order */
    bool alone;                                 /* `lead` acts by itself, not for its group */
    bool repeated;                              /* several threads do the statement at once */
    Frame *frame;
    uint32_t step;                              /* the time of what it does */
    uint32_t synced, joined, ordered;           /* when it last met the others: by a barrier or a branch; by a barrier; other blocks */
    bool waits;                                 /* has arrived at a barrier */
    int64_t ticket;                             /* and in which round of it */
    int64_t spins;                              /* turns of a while loop in a row */
};

/* one barrier of the hardware */
typedef struct { int64_t round, arrived; } Meet;

/* copies in flight: of a thread's group of copies, or until a phase of a barrier is complete */
typedef struct { int thread; int64_t group; const Bar *bar; int64_t phase; bool landed; const Stmt *stmt; } Landing;

typedef struct { uint32_t key[2], counter[4], out[4]; int at; bool open, spare[2]; double normal[2]; } Philox;
typedef struct { int64_t groups; int open, first; Philox rng; } ThreadState;
/* groups of copies closed; the landing of the open one; all before `first` are done with */

struct Block {
    Block *next;
    bool done;
    int64_t at[MAXGRID];
    uint32_t number;                            /* from 1 */
    int ntask, nring;
    Task *task;                                 /* roles; the one of a block without */
    Ring *ring;
    int *turn;                                  /* by order: whose it is */
    uint32_t ordered;                           /* when it last heard from other blocks */
    int nlive;                                  /* threads that have not returned */
    Task *group, *unused;
    Task **of;                                  /* by thread: its group; NULL: it waits for its group, or has returned */
    Frame *frames, *all;                        /* unused; all there are */
    Res *lane;                                  /* registers of threads: by register, by thread */
    int64_t *end;                               /* upper bounds of loops that differ between threads: by loop, by thread */
    Meet meet[MAXBARRIER];
    ThreadState *thread;
    Landing *landing;
    int nlanding, landing_cap;
};

typedef struct Stack Stack;
struct Stack { Stack *next; size_t used, cap; Res at[]; };

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
    Block *first, *spare;                       /* that have begun and not ended, oldest first; for the next one */
    int nblock;                                 /* resident */
    uint32_t clock;                             /* counts what groups of threads do */
    uint64_t changes;                           /* how often memory that others see got another value */
    Meet grid;                                  /* T.sync_grid: blocks */
    int64_t blocks;                             /* of the grid */
    int *first_ring;                            /* by pipe: its first ring */
    Val *scratch[3];
    uint8_t *scratch_bad[3];
    double *acc;
    Stack *stack, *stack_first;
};

/* code.c: NULL on error */
Program *interp_compile(Machine *m, const Launch *l);

/* plan.c */
typedef struct { const void **key; void **val; size_t cap, n; } Table;          /* from pointers */
void **interp_map(Arena *a, Table *m, const void *key);         /* the value of a key, NULL at first */
typedef struct Plan Plan;
Plan *interp_plan(Arena *a, const Launch *l);
bool interp_plan_threads(const Plan *p);
bool interp_plan_each(const Plan *p, const Buf *b);             /* have threads copies of their own */
bool interp_plan_bytes(const Plan *p, const Buf *b);            /* are there views of another type */
bool interp_plan_index(const Plan *p, const Var *v);            /* does an index depend on it */
bool interp_plan_private(const Stmt *nest);                     /* a T.Parallel nest that each thread runs alone */
bool interp_retyped(const Prog *p, const Buf *b);               /* are there views of another type in any launch */
const char *interp_plan_tile(const Stmt *s, Tile *t);           /* shapes; NULL: fine, or what is wrong */

/* race.c: the buffers on which iterations of a nest could meet; none outside of a nest (NULL) */
typedef struct { const Buf **buf; int n; } Nest;
const Nest *interp_nest(Arena *a, const Stmt *nest);
bool interp_watches(const Nest *n, const Buf *b);

/* mem.c */
void *interp_memory(Machine *m, Arena *a, int64_t n, size_t size, const char *name);   /* n * size bytes; NULL is an error */
bool interp_shape(Machine *m, Mem *mem);        /* strides and n from dim; false is an error */
bool interp_open_tensor(Machine *m, Mem *mem, const Buf *b, void *data, bool poison);
bool interp_open_tile(Machine *m, Mem *mem, const Use *use, bool stamped);
bool interp_view(Machine *m, Mem *mem, const Mem *of);          /* the bytes of `of`, by mem's type and shape */
uint8_t interp_origin(Machine *m, const char *name);
void interp_forget(Mem *m);                     /* all of it is poison; a variable of its own is 0 */
void interp_forget_copy(Mem *m, int thread);
void interp_load_run(const Mem *m, int64_t at, int64_t n, Val *out);            /* n elements in memory in a row */
void interp_store_run(const Mem *m, int64_t at, int64_t n, const Val *in);
Res interp_load_element(const Mem *m, int64_t at);
void interp_store_element(Mem *m, int64_t at, Res r);
char *interp_element(const Mem *m, int64_t k, char *out, size_t size);          /* "'A' at [3, 0]" */

/* expr.c */
Res interp_eval(Task *t, const X *x);
bool interp_index(Task *t, const X *x, int64_t *out, const char *what);         /* an integer that must not be poison */
void interp_store(Task *t, const Ins *ins);
void interp_nest_end(Task *t, const Ins *ins);
Res interp_convert(Val v, DType from, DType to);
Res interp_operate(Task *t, const X *x, const Res a[MAXARG]);                   /* operations and conversions on operands */
Bound *interp_bound(Task *t, int buf, Span at);                                 /* NULL: not held, an error */
/* the element of a buffer: OUTSIDE of a tensor, which is guarded; FAILED with an error */
enum { OUTSIDE = -1, FAILED = -2 };
int64_t interp_locate(Task *t, const Bound *b, int buf, const Res *idx, Span at, bool write);
Res interp_load_at(Task *t, Mem *m, int64_t k, Span at, bool spin);
void interp_store_at(Task *t, Mem *m, int64_t k, Res r, Span at);
Val interp_reinterpret(Val v, DType from, DType to);

/* lanes.c: for threads of the group; results one after another */
void interp_eval_lanes(Task *t, const X *x, Lanes l, Res *out);
void interp_store_lanes(Task *t, const Ins *ins);
Res *interp_push(Machine *m, int64_t n);        /* room that interp_pop gives back */
typedef struct { Stack *s; size_t used; } Mark;
Mark interp_mark(Machine *m);
void interp_pop(Machine *m, Mark mark);

/* threads.c */
bool interp_open_threads(Machine *m, Block *b);
void interp_start_threads(Machine *m, Block *b);
bool interp_run_group(Task *t);                 /* true when it got anywhere */
bool interp_release(Machine *m);                /* when nobody moves: threads that wait for their group go on without it */
void interp_stuck(Machine *m);                  /* no block can go on: says why */
void interp_met(Task *t);                       /* t has met others: what they did before is seen from here on */
Lanes interp_lanes(const Task *t);

/* call.c */
void interp_call_lanes(Task *t, const X *x, Lanes l, Res *out);
bool interp_call_stmt(Task *t, const Ins *ins); /* false: it must wait */
void interp_call_reason(Task *t, const X *x, Text *out);        /* what it waits for */
int interp_landing(Task *t, const Stmt *s, int thread, const Bar *bar);         /* the number of a copy that starts now */
bool interp_has_landed(const Block *b, int flight);
Bar *interp_bar(Task *t, const X *place);       /* NULL: an error */

/* warp.c: among the threads of a warp that are here */
void interp_warp_lanes(Task *t, const X *x, Lanes l, Res *out);
void interp_mma(Task *t, const X *x, Lanes l);

/* random.c */
void interp_random_open(Philox *p, uint64_t seed, uint64_t sequence, uint64_t offset);
uint32_t interp_random(Philox *p);
double interp_random_uniform(Philox *p, DType t);
double interp_random_normal(Philox *p, DType t);

/* stamp.c: false: another block or thread wrote what is read here, or the like: a race. k: elements of the buffer */
bool interp_stamp_read(Task *t, const Mem *m, int64_t k, int64_t n, Span span);
bool interp_stamp_write(Task *t, const Mem *m, int64_t k, int64_t n, const Val *v, Span span);
bool interp_stamp_atomic(Task *t, const Mem *m, int64_t k, Span span);
void interp_stamp_spin(Task *t, const Mem *m, int64_t k);
void interp_stamp_flight(const Mem *m, int64_t k, int64_t n, int flight);

/* tile.c */
void interp_tile(Task *t, const Ins *ins);
bool interp_fetch(Task *t, const Place *p, Val *out, uint8_t *bad, const Res *outside, Span at);       /* true: some of it is poison */
void interp_put(Task *t, const Place *p, const Val *in, const uint8_t *bad, Span at);
void interp_each_element(Task *t, const Place *p, void (*visit)(void *, int64_t at, int64_t number), void *user);
void interp_convert_all(Task *t, Span at, Val *v, uint8_t *bad, int64_t n, DType from, DType to);
void interp_spread(const Tile *t, const Val *v, const uint8_t *bad, Val *out, uint8_t *out_bad);

/* scan.c */
void interp_reduce(Task *t, const Ins *ins, const Place *src, const Place *dst);
void interp_scan(Task *t, const Ins *ins, const Place *src, const Place *dst);
void interp_atomic_tile(Task *t, const Ins *ins, const Place *src, const Place *dst);
Val interp_join(Fn fn, DType type, Val a, Val b);       /* what an atomic or a reduction over threads makes of two */

/* pipe.c: false: it must wait */
bool interp_verb(Task *t, const Ins *ins);
bool interp_turn(Task *t, const Ins *ins);
void interp_land(Task *t, int pending);                                         /* all but the newest `pending` gemms */
bool interp_flight_free(Task *t, const Place *p, bool write, bool accumulates, Span at);       /* false: an error */
bool interp_disjoint(const Place *a, const Place *b);
bool interp_same_place(const Place *a, const Place *b);
void interp_fly(Task *t, const Ins *ins, const Place arg[MAXARG]);
void interp_deadlock(Block *b);
void interp_block_end(Machine *m, Block *b);    /* nothing may be left in flight or in a ring */

/* interp.c */
bool interp_step(Task *t, const Ins *ins);      /* one instruction, once; false: it must wait */
void interp_fail(Task *t, Span at, ErrCode code, const char *help, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));      /* the first one counts */
const char *interp_place(const Machine *m, Span at, char *out, size_t n);       /* "gemm.py:14: ", or "" */
const char *interp_list(char *out, size_t size, const int64_t *v, int n);        /* "3, 0" */
/* poison reaches what fmt names; says where it came from */
void interp_poison(Task *t, Span at, int64_t bad, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
int64_t interp_arith(Task *t, int64_t bad, Span at);    /* notes the place; gives bad */
#endif
