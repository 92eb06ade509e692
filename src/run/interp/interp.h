/* interp: what the files of the interpreter share. The interpreter defines what a program means: it is written to be pedantic first
   and fast second. A launch is turned into code once: names become registers, nesting becomes jumps. Then the blocks of the grid run,
   one after another, each as a set of tasks with a place in the code and registers of its own, so that a task can stop and go on later:
   a role or a compute group of a schedule, the one sequence of a tile program, or a group of threads in step. A block that cannot go on
   by itself stays, and the next one begins.

   code.c     a launch as code: expressions, statements
   plan.c     what is known about a launch before: per-thread memory, indices
   mem.c      buffers: elements of every width, poison, views, strides
   expr.c     expressions, conversions, single elements; for one thread, or for each of a group
   region.c   regions of buffers as dense arrays; tile.c: what tile operations make of them
   call.c     calls: barriers, copies in flight, atomics, messages; warp.c: what a warp does together
   race.c     races between iterations of a nest of parallel loops
   stamp.c    races between threads and between blocks
   pipe.c     rings, turns, gemms in flight; what a deadlock looks like
   threads.c  tasks: groups of threads that divide and meet again
   block.c    what a block has: tiles, rings, tasks
   random.c   Philox
   interp.c   errors; blocks of a grid, launches, the device */
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

/* a barrier: the phase it is in, how many have arrived; in shared memory also the bytes and the arrivals that the phase waits for */
typedef struct { int64_t phase, pending, bytes, expected; uint32_t *told, *known; size_t n; } Bar;
/* told: what those who have arrived know (see Task); known: what was told when a phase was complete */

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
    X_CONST, X_REG, X_LANE, X_ONCE, X_LOAD, X_SELECT, X_AND, X_OR,      /* LANE: a register that each thread has */
    X_FLOAT, X_INT, X_CAST, X_BITS, X_PLACE, X_CALL                     /* operations: on floats, on integers */
} XKind;
typedef struct X X;
struct X {
    XKind kind;
    DType type, from;                           /* of the result; of the operands */
    Op op;                                      /* FLOAT, INT */
    Rule rule;
    bool checked;                               /* leads to an index: must not wrap */
    Fn fn;                                      /* CALL */
    const char *text;
    Span span;
    Val value;                                  /* CONST */
    int reg;                                    /* REG, LANE; ONCE: its number */
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
} Tile;

/* ENTER: what leaves for `to` meets there again.  LEAVE: break and continue.  BACK: the end of a while loop.  NEST, ITER, NEST_END: the
   outermost of parallel loops, the head of each iteration. */
typedef enum {
    I_LET, I_STORE, I_LOOP, I_NEXT, I_NEST, I_ITER, I_NEST_END, I_IF, I_WHILE, I_BACK, I_JUMP, I_ENTER, I_LEAVE, I_RETURN, I_CALL, I_TILE,
    I_ALLOC, I_VERB, I_AWAIT, I_TURN, I_END
} InsKind;
typedef struct {
    InsKind kind;
    const Stmt *stmt;
    const Where *where;
    int to, join;                               /* where it jumps; IF: where both branches have ended */
    int buf;                                    /* STORE, ALLOC */
    X *idx[MAXDIM];                             /* STORE: indices; LOOP: the upper bound */
    X *value;                                   /* STORE, LET, CALL; IF, WHILE: condition; LOOP: lower bound; VERB: which ring */
    int64_t step;                               /* LOOP, NEXT */
    int loop, reg;                              /* LOOP, NEXT; LET: reg */
    bool varies;                                /* LET, STORE, IF, WHILE: has to do with threads; LOOP, NEXT: its bounds do;
                                                   BACK: something in the loop does */
    bool each;                                  /* LOOP, NEXT: every thread has its own variable */
    bool watch;                                 /* STORE: recorded for races */
    Tile *tile;
    int pipe, slot[MAXTILES];                   /* VERB; TURN: pipe is the number of the order */
} Ins;

typedef struct {
    const Stmt *stmt;                           /* the role block; NULL: the statements outside of roles */
    Role role;
    int groups, group_reg;                      /* group_reg -1: no variable */
    Ins *ins;
    int nins;
    bool *side[2];                              /* by pipe: does this body consume, does it produce */
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
    int nreg, nonce, nloop, nbody, nbuf, block_reg[MAXGRID], thread_reg[MAXGRID];
    Body *body;                                 /* [0]: what stands outside of roles, run first; all of it in a launch without pipes */
    Use *use;                                   /* by buffer */
    int64_t scratch;                            /* elements of the largest region */
} Program;

/* ---- the machine ---------------------------------------------------------------------------- */

typedef struct { int64_t at, hi; } LoopState;
/* since the block began: a producer has acquired `head` and committed `tail`, a consumer has waited and released */
typedef struct { int64_t head, tail; bool in; } Part;
typedef struct {
    const Pipe *pipe;
    int which;
    Mem *slot;                                  /* depth x ntile */
    int64_t *gen;                               /* by slot: for which acquire it was made poison */
    Part *side[2];                              /* by task: who consumes, who produces */
} Ring;

/* a region of memory; inside: all of it is in range */
typedef struct { Mem *mem; int64_t off[MAXDIM], ext[MAXDIM]; bool inside; } Place;
/* its elements row by row: `at` is the offset of a row's first element, [lo, hi) the part of the row that is in range; `done` elements
   came before */
typedef struct { const Place *p; int64_t i[MAXDIM], base, at, step, len, lo, hi, done; int n; } Rows;
typedef struct { Val *v; uint8_t *bad; } Dense;                                         /* values and their poison, in a row */
typedef struct { Place arg[MAXARG]; const Ins *ins; } Flight;                           /* a started gemm */
enum { MAXFLIGHT = 64, MAXBARRIER = 32, GRID = MAXBARRIER - 1 };
/* turns of a while loop before others have theirs, and before it is taken to be endless; a turn in which threads differ counts for
   each of them */
enum { TURNS = 512, MAXTURNS = 1 << 25 };

/* threads that wait at one place for others of their group: who left for `pc`, and how many parts are still to come */
typedef struct Frame Frame;
struct Frame { Frame *outer, *next; int pc, parts, n; uint16_t *lane; uint32_t *seen, ordered; };

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

    Task *next;                                 /* the others of the block */
    int n, lead;                                /* how many threads; whose copies a scalar expression means */
    uint16_t *lane;                             /* in ascending order */
    bool alone;                                 /* `lead` acts by itself, not for its group */
    bool repeated;                              /* several threads do the statement at once */
    Frame *frame;
    uint32_t step;                              /* the time of what it does */
    uint32_t *seen;                             /* by thread: what it did before this time is ordered; then the same, by barriers alone */
    uint32_t ordered;                           /* when it last met other blocks */
    bool waits;                                 /* has arrived at a barrier */
    int64_t ticket;                             /* and in which round of it */
    int64_t spins;                              /* turns of a while loop in a row */
};

/* copies in flight: of a thread's group of copies, or until a phase of a barrier is complete */
typedef struct { int thread; int64_t group; const Bar *bar; int64_t phase; bool landed; const Stmt *stmt; } Landing;

typedef struct { uint32_t key[2], counter[4], out[4]; int at; bool open, spare[2]; double normal[2]; } Philox;
typedef struct { int64_t groups; int open, first; Philox rng; } ThreadState;
/* groups of copies closed; the landing of the open one; all before `first` are done with */

struct Block {
    Block *next;
    int64_t at[MAXGRID];
    uint32_t number;                            /* from 1 */
    int ntask, nring;
    Task *task;                                 /* roles; the one of a block without; what groups of threads begin as */
    Ring *ring;
    int *turn;                                  /* by order: whose it is */
    uint32_t ordered;                           /* when it last heard from other blocks */
    int nlive;                                  /* threads that have not returned */
    Task *group, *unused;                       /* tasks that have not ended, oldest first */
    Task **of;                                  /* by thread: its group; NULL: it waits for its group, or has returned */
    Frame *frames, *all;                        /* unused; all there are */
    Res *lane;                                  /* registers of threads: by register, by thread */
    int64_t *end;                               /* upper bounds of loops that differ between threads: by loop, by thread */
    Bar meet[MAXBARRIER];                       /* of the hardware */
    ThreadState *thread;
    Landing *landing;
    int nlanding, landing_cap;
};

/* what X_ONCE gave, and when */
typedef struct { uint32_t step; Res r; } Once;

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
    Mem *tensor;                                /* parameters, then temporaries */
    int ntensor;
    uint32_t nest;                              /* the newest */

    const Program *code;                        /* of the launch that runs */
    Block *first, *spare;                       /* that have begun and not ended, oldest first; for the next one */
    uint32_t clock;                             /* counts what tasks do */
    uint64_t changes;                           /* how often memory that others see got another value */
    Bar grid;                                   /* T.sync_grid: blocks */
    int64_t blocks;                             /* of the grid */
    int *first_ring;                            /* by pipe: its first ring */
    Dense scratch[4];
    Once *once;
    Stack *stack, *stack_first;
};

/* code.c: NULL on error */
Program *interp_compile(Machine *m, const Launch *l);

/* plan.c */
typedef struct { const void **key; void **val; size_t cap, n; } Table;          /* from pointers */
void **interp_map(Arena *a, Table *m, const void *key);         /* the value of a key, NULL at first */
bool interp_marked(const Table *m, const void *key);            /* has it a value */
/* each: written by threads for themselves; index: an index depends on it; nest: the outermost T.Parallel around that runs once for its
   group; more: something was added */
typedef struct { Arena *a; bool threads; Table each, index; const Stmt *nest; bool more; } Plan;
Plan interp_plan(Arena *a, const Launch *l);
bool interp_has_each(const Plan *p, const Buf *b);              /* have threads copies of their own */
bool interp_leads_on(Op op);                                    /* does an operand lead to the index that the result is */
bool interp_private(const Stmt *nest);                          /* a T.Parallel nest that each thread runs alone */
bool interp_retyped(const Prog *p, const Buf *b);               /* are there views of another type */

/* race.c: the buffers on which iterations of a nest could meet; none outside of a nest (NULL) */
typedef struct { const Stmt *stmt; const Buf **buf; int n; } Nest;
const Nest *interp_nest(Arena *a, const Stmt *nest);
bool interp_watches(const Nest *n, const Buf *b);
void interp_watch_read(Task *t, Mem *m, int64_t k, Span at);
void interp_watch_write(Task *t, Mem *m, int64_t k, Span at, Res new);
void interp_nest_end(Task *t);

/* mem.c */
void *interp_memory(Machine *m, Arena *a, int64_t n, size_t size, const char *name);   /* n * size bytes; NULL is an error */
bool interp_open_tensor(Machine *m, Mem *mem, const Buf *b, void *data, bool poison);
bool interp_open_tile(Machine *m, Mem *mem, const Use *use, bool stamped);
bool interp_view(Machine *m, Mem *mem, const Mem *of);          /* the bytes of `of`, by mem's type and shape */
void interp_forget(Mem *m, int thread);         /* its copy (-1: all) is poison; a variable of its own is 0 */
void interp_load_run(const Mem *m, int64_t at, int64_t n, Val *out);            /* n elements in memory in a row */
void interp_store_run(const Mem *m, int64_t at, int64_t n, const Val *in);
Res interp_load_element(const Mem *m, int64_t at);
void interp_store_element(Mem *m, int64_t at, Res r);
char *interp_element(const Mem *m, int64_t k, char *out, size_t size);          /* "'A' at [3, 0]" */

/* expr.c */
Res interp_eval(Task *t, const X *x);
bool interp_index(Task *t, const X *x, int64_t *out, const char *what);         /* an integer that must not be poison */
void interp_store(Task *t, const Ins *ins);
Res interp_convert(Val v, DType from, DType to);
Val interp_reinterpret(Val v, DType from, DType to);
Val interp_join(Op op, DType type, Val a, Val b);       /* what an atomic or a reduction makes of two */
bool interp_same(Res a, Res b);
Mem *interp_mem(Task *t, int buf, bool write, Span at);         /* NULL: not held, or not to be written: an error */
/* the element of a buffer: OUTSIDE of a tensor, which is guarded; FAILED with an error */
enum { OUTSIDE = -1, FAILED = -2 };
int64_t interp_locate(Task *t, int buf, X *const *idx, bool write, Span at, Mem **mem);
Res interp_load_at(Task *t, Mem *m, int64_t k, Span at, bool spin);
void interp_store_at(Task *t, Mem *m, int64_t k, Res r, Span at);
bool interp_may_hold(Task *t, const Mem *m, int64_t k, int64_t bad, Span at);   /* poison may not go into a tensor that is passed in */
void interp_eval_lanes(Task *t, const X *x, Lanes l, Res *out); /* for threads of the group; results one after another */
/* do something for each thread: t acts for it, alone, in the body; there is no way out of the body but its end */
#define EACH_THREAD(t, l, k) for (int k = 0, lead_ = (t)->lead, alone_ = (t)->alone; interp_next(t, l, k, lead_, alone_); k++)
bool interp_next(Task *t, Lanes l, int k, int lead, bool alone);
static inline Lanes interp_lanes(const Task *t) { return (Lanes){t->n, t->lane}; }
static inline Res *interp_lane(const Task *t, int reg, int thread) { return &t->b->lane[(int64_t)reg * t->m->code->nthread + thread]; }

/* region.c */
bool interp_find_place(Task *t, const Ins *ins, const Box *x, char use, Place *p);      /* use: 'r' read, 'w' written, 'u' updated */
bool interp_disjoint(const Place *a, const Place *b);
bool interp_same_place(const Place *a, const Place *b);
Rows interp_rows(const Task *t, const Place *p);
bool interp_next_row(Rows *r);
void interp_fetch(Task *t, const Place *p, Dense out, Res outside, Span at);
void interp_put(Task *t, const Place *p, Dense in, Span at);    /* out of range is skipped */

/* tile.c */
void interp_tile(Task *t, const Ins *ins);
void interp_multiply(DType type, Dense a, Dense b, Dense c, int64_t m, int64_t n, int64_t k);   /* c += a b */

/* threads.c */
bool interp_open_threads(Machine *m, Block *b);
void interp_start_threads(Machine *m, Block *b);
void interp_add_task(Block *b, Task *t);
bool interp_run_task(Task *t);                  /* until it must wait or has ended; true when it got anywhere */
bool interp_release(Machine *m);                /* when nobody moves: threads that wait for their group go on without it */
void interp_met(Task *t);                       /* the threads of t have met */
void interp_met_all(Task *t);                   /* those of the block, as far as one can tell */
void interp_open_bar(Bar *b, int64_t expected);
void interp_tell(Task *t, Bar *b, int n);       /* n threads of t arrive: it or all of them */
void interp_hear(Task *t, const Bar *b);        /* t has waited for it */

/* call.c */
void interp_call_lanes(Task *t, const X *x, Lanes l, Res *out);
bool interp_call_stmt(Task *t, const Ins *ins); /* false: it must wait */
void interp_call_reason(Task *t, const X *x, Text *out);        /* what it waits for */
bool interp_joins_threads(Fn fn);               /* a warp or a block computes it together */
Op interp_fn_op(Fn fn);                         /* of atomics and reductions */
int interp_landing(Task *t, const Stmt *s, const Bar *bar, bool closed);        /* the number of a copy that starts now; closed: a group
                                                                                   of copies by itself */
bool interp_has_landed(const Block *b, int flight);
Bar *interp_bar(Task *t, const X *place);       /* NULL: an error */

/* warp.c: among the threads of a warp that are here */
void interp_warp_lanes(Task *t, const X *x, Lanes l, Res *out);

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
void interp_stamp_flight(const Mem *m, int64_t k, int flight);

/* pipe.c */
bool interp_verb(Task *t, const Ins *ins);      /* false: it must wait */
bool interp_turn(Task *t, const Ins *ins);
void interp_land(Task *t, int pending);         /* all but the newest `pending` gemms */
bool interp_flight_free(Task *t, const Place *p, bool write, bool accumulates, Span at);       /* false: an error */
void interp_fly(Task *t, const Ins *ins, const Place arg[MAXARG]);
void interp_stuck(Machine *m);                  /* no block can go on: says why */
void interp_block_end(Machine *m, Block *b);    /* nothing may be left in flight or in a ring */

/* block.c */
bool interp_open_tensors(Machine *m);
bool interp_watch_tensors(Machine *m);
void interp_alloc(Task *t, const Ins *ins);     /* a buffer comes into being; what it held before is poison, a variable of its own is 0 */
Block *interp_start_block(Machine *m, const int64_t *at, uint32_t number);      /* NULL: an error */

/* interp.c */
void interp_fail(Task *t, Span at, ErrCode code, const char *help, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));      /* the first one counts */
/* poison reaches what fmt names; says where it came from */
void interp_poison(Task *t, Span at, int64_t bad, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
bool interp_refuse(Machine *m, const char *help, const char *fmt, ...) __attribute__((format(printf, 3, 4)));    /* E0618; gives false */
int64_t interp_arith(Task *t, int64_t bad, Span at);            /* notes the place; gives bad */
const char *interp_list(char *out, size_t size, const int64_t *v, int n);       /* "3, 0" */
int interp_line(const Task *t, const Stmt *s);                  /* 0: nobody knows */
Res *interp_push(Machine *m, int64_t n);        /* room that interp_pop gives back */
typedef struct { Stack *s; size_t used; } Mark;
Mark interp_mark(Machine *m);
void interp_pop(Machine *m, Mark mark);
void *interp_grow(Arena *a, void *at, int n, int *cap, size_t size);    /* an array of n has room for one more */
#endif
