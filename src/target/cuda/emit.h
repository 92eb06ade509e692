/* cuda: a schedule as CUDA text for sm_90a, and the plan that a launch of it needs.

   plan.c     where every buffer lives: registers, shared memory, slots
   memory.c   the frame: warps of each role, what lies where in shared memory, barriers
   lower.c    copies, fills and plain gemms as element nests
   expr.c     expressions, element accesses with their bounds
   nest.c     T.Parallel nests over registers or over the threads of a role
   mask.c     nests that mask, skipped where they change nothing
   gemm.c     WGMMA: which gemms can, descriptors, one function a shape
   move.c     TMA: which copies can, tensor maps
   reduce.c   reductions and running sums
   sync.c     the barriers that the threads of a role need among themselves
   role.c     statements and verbs
   emit.c     kernels, the program, the target                                                   */
#ifndef KILN_CUDA_EMIT_H
#define KILN_CUDA_EMIT_H
#include "target/cuda/cuda.h"
#include "target/emitter.h"

#define CUDA_SHARED 232448                              /* bytes a block may have: 227 KB */

/* ---- plan.c --------------------------------------------------------------------------------- */

/* How a tile lies in shared memory: `lead` matrices of rows x cols. chunk 0: row-major. Else columns are cut into chunks of
   `chunk` elements (16, 32 or 64 of 2 bytes), stored one after the other, each row-major and swizzled as WGMMA and TMA do. */
typedef struct { DType type; int64_t lead, rows, cols, bytes; int chunk; } Tile;

typedef enum { AT_GLOBAL, AT_SHARED, AT_SLOT, AT_LOCAL, AT_ACC, AT_ROW } Where;
/* SHARED, SLOT: a tile.  LOCAL: each thread has its own.
   ACC: registers, as WGMMA leaves an accumulator: `blocks` times 64 rows a warpgroup; 2-byte types as pairs in u32.
   ROW: registers, one value a row of such a tile, the same in the 4 lanes that share the row */
typedef struct {
    Buf *buf;
    const char *name;                                   /* in the text, from its declaration on */
    Where where;
    Tile tile;                                          /* SHARED, SLOT */
    int64_t at;                                         /* SHARED: bytes from the start of shared memory */
    int64_t rows, cols;                                 /* ACC, ROW */
    int blocks;
    const char *slot, *pipe;                            /* SLOT: its number and its pipe, as text */
    bool swizzle;                                       /* wanted by WGMMA or TMA */
    bool gemm;                                          /* the accumulator of one */
    const Stmt *why;                                    /* a fragment in shared memory: the statement that needs it there */
    int64_t overrun;                                    /* bytes behind it that WGMMA reads for rows that do not exist */
} Place;

typedef struct {
    Pipe *pipe;
    const char *name;
    int depth;                                          /* may be less than the schedule's, when memory is short */
    Tile tile[MAXTILES];
    int64_t tile_at[MAXTILES], slot_bytes, at;          /* of tile 0 of slot 0 of group 0 */
    int bars;                                           /* index of its first barrier: full[depth], then empty[depth], a group */
    int rings;                                          /* number of groups of an `each` pipe, else 1 */
    int64_t align;
    bool fixed;                                         /* the protocol needs this depth */
    int64_t overrun;                                    /* as in Place */
    bool swizzle[MAXTILES];
} PipePlan;

/* one role of a launch with pipes, or the whole of a merged launch */
typedef struct {
    Role role;
    bool present, merged;
    const Stmt *stmt;                                   /* S_ROLE */
    Stmt *body;
    int groups, warps;                                  /* warps a group */
    int first_warp;
    bool lane;                                          /* one thread does everything: all its copies are TMA */
    int barrier;                                        /* named barrier of group 0 */
} RolePlan;

typedef struct {
    Launch *launch;
    int nplace, npipe, warps, producer_warps;
    int warpgroups, registers;                          /* of a compute group; registers that its fragments take */
    Place **place;
    PipePlan *pipe;
    RolePlan role[NROLE];                               /* merged: role[R_COMPUTE] alone */
    bool merged;
    int64_t shared, bars_at;
    int nbar, order_barrier;                            /* first named barrier of the order tokens */
    int64_t scratch_at;                                 /* 256 bytes for each compute group */
    int regs_producer, regs_compute;                    /* setmaxnreg, or 0 */
} LaunchPlan;

bool cuda_evict(Emit *e, Place *p);                     /* from registers to shared memory; true: it was in registers */
void cuda_plan_places(Emit *e);
Place *cuda_plan_add(Emit *e, Buf *b);                       /* a buffer that lowering made */
void cuda_plan_fragments(Emit *e);
void cuda_plan_swizzles(Emit *e);
Place *cuda_plan_find(const LaunchPlan *p, const Buf *b);    /* never NULL for a buffer of the launch */
PipePlan *cuda_plan_pipe(const LaunchPlan *p, const Pipe *pipe);

/* ---- memory.c ------------------------------------------------------------------------------- */

LaunchPlan *cuda_plan_launch(Emit *e, Launch *l);            /* all of it */
int cuda_tile_unit(const Tile *t);                           /* 16-byte columns a chunk, 0 when row-major */

/* ---- the emitter's state -------------------------------------------------------------------- */

enum { MAXHAZARD = 128 };
/* what the threads of the role did to shared buffers since they last met */
typedef struct { const void *what; bool read, written, own; } Hazard;
typedef struct {
    int n, nunfenced;
    Hazard at[MAXHAZARD];
    const void *unfenced[MAXHAZARD];                    /* written by ordinary stores, not yet seen by WGMMA and TMA */
} Hazards;

/* a T.Parallel nest: which thread runs which iteration */
typedef enum { RUN_STRIDED, RUN_ACC, RUN_ROW } Run;
typedef struct {
    const Stmt *stmt;                                   /* outermost loop */
    int n;
    Var *var[MAXPAR];
    Expr *ext[MAXPAR];
    Stmt *body;
    Run run;
    int row, col;                                       /* ACC, ROW: which variables */
    int64_t rows, cols;
    int blocks;
} Nest;

struct Emit {
    EMITTER
    LaunchPlan *plan;
    CudaLaunch *need;
    const RolePlan *role;
    Text gemms;                                         /* functions of the shapes in use */
    int ngemm;
    struct { const char *key, *name; } gemm[64];
    int nstarted, loop_started;                         /* gemms issued so far in this role; before the innermost loop */
    const Stmt *started[16];                            /* the newest of them */
    const Stmt *loop;                                   /* the innermost serial loop we are in */
    const Nest *nest;                                   /* the nest we are inside of */
    const char *row_reg, *col_reg;                      /* its register indices */
    int wide;                                           /* in a nest that copies 16 bytes an iteration: so many elements */
    bool lanes;                                         /* in a nest: only one lane of four may store outside registers */
    Hazards hazard;
    const Stmt *settling;                               /* plan: the statement looked at */
    int nwrapped;
    struct { const Stmt *from; Stmt *to; } wrapped[64]; /* gemms whose accumulator is a copy */
    bool lowered_inside;
};

/* ---- expr.c --------------------------------------------------------------------------------- */

extern const Dialect cuda_dialect;
const char *cuda_value_type(DType t);                        /* narrow floats are float */
const char *cuda_store_text(Emit *e, const Expr *x, DType t);        /* as an element of type t */
const char *cuda_element_text(Emit *e, const Buf *b, Expr *const *idx);      /* the place of an element, an lvalue */
const char *cuda_register_text(Emit *e, const Buf *b, Expr *const *idx);     /* which register of an ACC fragment, in its nest */
const char *cuda_tile_index(Emit *e, const Tile *t, const Buf *b, Expr *const *idx);
/* what must hold for the access to a global to be in bounds, or NULL when it is proved */
const char *cuda_guard_text(Emit *e, const Buf *b, Expr *const *idx);
bool cuda_expr_divisible(const Expr *x, int64_t by);

/* ---- lower.c -------------------------------------------------------------------------------- */

Stmt *cuda_lower_tile(Emit *e, const Stmt *s);               /* a copy, fill or gemm as a nest, made once */
Stmt *cuda_lower_accumulator(Emit *e, const Stmt *s, Buf **acc);     /* a gemm whose C lies elsewhere: load, gemm in registers, store */
Stmt *cuda_gemm_in_registers(Emit *e, const Stmt *s);        /* that list, if the plan made one */

/* ---- nest.c --------------------------------------------------------------------------------- */

Nest cuda_nest_of(Emit *e, const Stmt *s);                   /* perfect nests of parallel loops are one nest */
bool cuda_nest_settle(Emit *e, const Stmt *s);               /* plan: a fragment that does not fit moves to shared memory; true: one did */
void cuda_nest_choose(Emit *e, Nest *n);                     /* how it runs, from where its fragments live */
void cuda_nest_emit(Emit *e, const Stmt *s);
bool cuda_nest_linear(const Nest *n, const Buf *b);          /* iteration e, on thread e % threads, touches element e of b and no other */
int cuda_nest_wide(Emit *e, const Nest *n);                   /* elements of 16 bytes that a thread copies at once; 0: one element */

/* ---- mask.c --------------------------------------------------------------------------------- */

Expr *cuda_mask_idle(Emit *e, const Nest *n);           /* when this holds the nest changes nothing; or NULL */

/* ---- gemm.c --------------------------------------------------------------------------------- */

bool cuda_gemm_can(Emit *e, const Stmt *s);                  /* shapes and types that WGMMA takes; C may live anywhere */
int cuda_tile_chunk(const Buf *b);                           /* elements a chunk of a swizzled tile of this shape, or 0 */
void cuda_gemm_emit(Emit *e, const Stmt *s);
void cuda_await_emit(Emit *e, const Stmt *s);
void cuda_await_all(Emit *e);

/* ---- move.c --------------------------------------------------------------------------------- */

bool cuda_move_is_tma(Emit *e, const Stmt *s, Role role);
void cuda_move_collect(Emit *e, const Stmt *s, Role role);   /* its tensor map becomes a kernel argument */
void cuda_move_emit(Emit *e, const Stmt *s);

/* ---- stores.c ------------------------------------------------------------------------------- */

bool cuda_stores_meet(Emit *e);                              /* can two TMA stores of the role touch one element? */

/* ---- reduce.c ------------------------------------------------------------------------------- */

bool cuda_reduce_settle(Emit *e, const Stmt *s);             /* plan: what cannot be reduced in registers goes to shared memory */
void cuda_reduce_emit(Emit *e, const Stmt *s);               /* and running sums */

/* ---- role.c --------------------------------------------------------------------------------- */

void cuda_role_emit(Emit *e, const RolePlan *r);             /* all of a role, from its pipes on */
void cuda_stmts_emit(Emit *e, Stmt *list);
int cuda_role_threads(const RolePlan *r);                    /* of one group */
const char *cuda_role_barrier(Emit *e);                      /* number of its named barrier */
const char *cuda_role_scratch(Emit *e);                      /* where its 256 bytes for reductions are */
const char *cuda_slot_barrier(Emit *e, const Buf *slot);     /* the barrier that says that the slot is full */

/* ---- sync.c --------------------------------------------------------------------------------- */

void cuda_sync_before(Emit *e, const Stmt *unit, bool async);        /* the barrier that `unit` needs before it; async: WGMMA reads */
void cuda_sync_before_value(Emit *e, Expr *x);
void cuda_sync_all(Emit *e);
void cuda_sync_forget(Emit *e, const Pipe *p);               /* a verb has ordered its slots */
Hazards cuda_sync_enter_loop(Emit *e, Stmt *body);           /* the last iteration counts before the first; gives what was before */
void cuda_sync_merge(Emit *e, const Hazards *h);
#endif
