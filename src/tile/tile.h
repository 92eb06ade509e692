/* tile: the program as data. Every stage reads or writes what is declared here; nothing else is shared between lang, sched and target.

   build.c    the only maker of nodes: typing, promotion, constant folding
   print.c    program -> dialect text (a dump is a program: parse(print(x)) equals x)
   walk.c     the parts of nodes: compare, visit, copy with substitution
   region.c   the shape of a copy
   lift.c     T.Parallel nests as maps over tiles
   workspace.c    which temporaries may share their place
   verify/    what is legal at each stage, bounds, initialisation, races; ranges and affine forms, which others use too
   protocol/  the token game over schedules: nobody waits for ever, no slot is overwritten while it is read     */
#ifndef KILN_TILE_H
#define KILN_TILE_H
#include "base/base.h"

enum { MAXDIM = 8, MAXPAR = 4, MAXTILES = 4, MAXGRID = 3, MAXARG = 3 };

/* ---- element types (dtypes.def) ------------------------------------------------------------- */

typedef enum {
    DT_none,
#define DTYPE(id, bits, cls, c, cuda, tt) DT_##id,
#include "dtypes.def"
#undef DTYPE
    NDTYPE
} DType;
typedef enum { CLS_none, CLS_B, CLS_I, CLS_U, CLS_F } DClass;
typedef struct { const char *name; int bits; DClass cls; const char *c, *cuda, *tt; } DTypeInfo;
extern const DTypeInfo dtype_info[NDTYPE];

DType dtype_named(const char *name);                    /* dialect names and aliases ("float", "half", "bf16", ...); DT_none */
DType dtype_promote(DType a, DType b);                  /* measured rules: float beats int, wider wins, bf16 + fp16 = fp16 ... */
static inline bool dtype_is_float(DType t) { return dtype_info[t].cls == CLS_F; }
static inline bool dtype_is_int(DType t) { return dtype_info[t].cls == CLS_I || dtype_info[t].cls == CLS_U; }
static inline int dtype_bytes(DType t) { return (dtype_info[t].bits + 7) / 8; }

/* ---- element operations (ops.def) ----------------------------------------------------------- */

typedef enum {
#define OP(id, n, rule, source, fold, numpy, domain, c, cuda, tt) OP_##id,
#include "ops.def"
#undef OP
    NOP
} Op;
typedef enum { RULE_arith, RULE_cmp, RULE_logic, RULE_ints, RULE_shift, RULE_flt, RULE_same, RULE_select } Rule;
typedef struct { const char *name; int nargs; Rule rule; const char *source, *numpy, *domain, *c, *cuda, *tt; } OpInfo;
extern const OpInfo op_info[NOP];                       /* a text is NULL where the row says NONE */
/* the meaning: on values held as double (floats) or int64 (integers, bools) */
double op_fold_f(Op op, double a, double b, double c);
int64_t op_fold_i(Op op, int64_t a, int64_t b, int64_t c);
int64_t op_fold_as(DType operands, Op op, int64_t a, int64_t b, int64_t c);     /* the same where 64 bits may be unsigned; not wrapped */
/* round x to what type t holds; wrap v to the width of t */
double dtype_round(DType t, double x);
int64_t dtype_wrap(DType t, int64_t v);

/* ---- calls (calls.def): what threads say to each other, and effects --------------------------- */

typedef enum {
#define CALL(id, args, result, level, help) FN_##id,
#include "calls.def"
#undef CALL
    NFN
} Fn;
/* who takes part: each thread alone, a warp together, the threads of the block, all blocks */
typedef enum { LEVEL_THREAD, LEVEL_WARP, LEVEL_BLOCK, LEVEL_GRID } Level;
/* args: one letter each, see calls.def; result: a dtype, "arg0" (the type of the first argument), "void" or "any" */
typedef struct { const char *name, *args, *result; Level level; const char *help; } FnInfo;
extern const FnInfo fn_info[NFN];
char fn_arg(Fn fn, int k);                              /* the letter of argument k; 0 when there are not so many */

/* ---- expressions: immutable, may be shared -------------------------------------------------- */

typedef struct Expr Expr;
typedef struct Buf Buf;
typedef struct Pipe Pipe;
typedef struct Stmt Stmt;

typedef enum { V_LOOP, V_LET, V_BLOCK, V_THREAD, V_SIZE, V_SCALAR, V_GROUP } VarKind;
/* LOOP: of a for; LET: bound once by S_LET; BLOCK: of T.Kernel; THREAD: T.get_thread_binding; SIZE: T.dynamic; SCALAR: a parameter;
   GROUP: of T.compute(groups=) */
typedef struct {
    const char *name;
    DType type;
    VarKind kind;
    Span span;
    const char *open;                                   /* SIZE: what T.dynamic, -D and messages call it; `name` may be another */
} Var;                                                  /* identity is the pointer */

typedef enum { E_INT, E_FLOAT, E_VAR, E_OP, E_CAST, E_BITS, E_LOAD, E_CALL } ExprKind;
struct Expr {
    ExprKind kind;
    DType type;
    Span span;
    union {
        int64_t i;                                      /* INT: integers and bools */
        double f;                                       /* FLOAT: already rounded to `type` */
        Var *var;
        struct { Op op; Expr *arg[MAXARG]; };           /* OP; arg[0] alone for CAST (by value) and BITS (reinterpret) */
        struct { Buf *buf; Expr **idx; };               /* LOAD of one element; idx has buf->ndim entries */
        struct { Fn fn; int nargs; Expr **args; const char *text; };    /* CALL; a place among args is a LOAD that is not read as one */
    };
};

/* ---- buffers and regions -------------------------------------------------------------------- */

typedef enum { SP_GLOBAL, SP_TEMP, SP_SHARED, SP_FRAG, SP_LOCAL, SP_SLOT, SP_BARRIER } Space;
/* GLOBAL: a tensor parameter, or memory behind a pointer.  TEMP: T.alloc_global, lives between the launches of one call.
   SHARED: a tile of the block.  FRAG: a tile of the compute role.  LOCAL: T.alloc_var (ndim 0) and T.alloc_local, of each thread.
   SLOT: the tile that acquire or wait gave.  BARRIER: T.alloc_barrier, one dimension, type uint64. */
struct Buf {
    const char *name;
    DType type;
    Space space;
    int ndim;
    Expr *dim[MAXDIM];                                  /* constants, except in GLOBAL and TEMP */
    Expr *stride[MAXDIM];                               /* in elements, T.StridedTensor; stride[0] NULL: row-major without gaps */
    Buf *of;                                            /* a view: the same bytes as this buffer's; or NULL */
    Expr *pointer;                                      /* GLOBAL from T.make_tensor: its address, a handle; or NULL */
    int64_t *arrive;                                    /* BARRIER: how many arrivals complete a phase, for each */
    Span span;
    Pipe *pipe;                                         /* SLOT: of which pipe, and which of its tiles */
    int tile;
};
typedef struct { Buf *buf; Expr *off[MAXDIM]; int64_t ext[MAXDIM]; Span span; } Region;     /* buf->ndim of each */

/* ---- statements ----------------------------------------------------------------------------- */

typedef enum {
#define TILEOP(id, operands, engine, help) TO_##id,
#include "tileops.def"
#undef TILEOP
    NTILEOP
} TileOp;
typedef enum { ENGINE_MOVE, ENGINE_COMPUTE } Engine;
typedef struct { const char *name, *operands; Engine engine; const char *help; } TileOpInfo;
extern const TileOpInfo tileop_info[NTILEOP];

typedef enum { R_READER, R_COMPUTE, R_WRITER, NROLE } Role;
extern const char *const role_name[NROLE];
typedef enum { PV_ACQUIRE, PV_COMMIT, PV_WAIT, PV_RELEASE, NVERB } PipeVerb;
extern const char *const verb_name[NVERB];
typedef enum { LOOP_SERIAL, LOOP_PARALLEL, LOOP_UNROLL, LOOP_VECTOR, LOOP_PIPELINED } LoopKind;

/* a ring of `depth` slots; a slot holds one or more tiles, committed together */
struct Pipe {
    const char *name;
    int ntile;
    struct { const char *name; DType type; int ndim; int64_t dim[MAXDIM]; } tile[MAXTILES];    /* name NULL when there is just one */
    int depth;
    bool each;                                          /* one such ring for each compute group */
    Role from;  unsigned to;                            /* by launch_link(): who produces; who consumes, as bits 1u << role */
    Span span;
};
typedef struct { const char *name; int n; Span span; } Order;           /* a token that n groups hand round, starting at group 0 */

typedef enum { S_LOOP, S_WHILE, S_IF, S_JUMP, S_LET, S_STORE, S_EVAL, S_TILE, S_ALLOC, S_ROLE, S_VERB, S_AWAIT, S_TURN } StmtKind;
typedef enum { JUMP_BREAK, JUMP_CONTINUE, JUMP_RETURN } Jump;           /* RETURN: this thread is done with the launch */
struct Stmt {
    StmtKind kind;
    Span span;
    Stmt *next;
    union {
        struct { LoopKind how; int n, stages; Var *var[MAXPAR]; Expr *lo, *hi[MAXPAR]; int64_t step; Stmt *body; } loop;
        /* n > 1 only for PARALLEL, where each var runs 0 .. hi[k]; else `for var in range(lo, hi, step)`, step != 0; stages: PIPELINED */
        struct { Expr *cond; Stmt *then, *other; } branch;             /* IF; WHILE: then is the body */
        Jump jump;
        struct { Var *var; Expr *value; } let;
        struct { Buf *buf; Expr **idx, *value; } store;
        struct {
            TileOp op; Region arg[MAXARG];              /* in the order of tileop_info[op].operands */
            bool trans_a, trans_b;                      /* gemm */
            bool clear;                                 /* gemm: C is not read; reduce: dst is not read */
            bool start;                                 /* gemm: issued, not awaited (schedule) */
            int dim;                                    /* reduce, cumsum: the axis, 0 <= dim */
            bool reverse;                               /* cumsum */
            bool nan;                                   /* reduce_max, _min, _absmax: a NaN wins */
            Expr *value;                                /* fill; copy: what elements out of range read as (NULL: 0) */
            Expr *barrier;                              /* copy: T.tma_copy, its bytes are counted on this barrier (a place); or NULL */
            bool async;                                 /* copy: T.async_copy, lands when ptx_wait_group says so */
        } tile;
        Expr *eval;                                     /* EVAL: a CALL for its effect */
        Buf *alloc;                                     /* the buffer comes into being here: SHARED, FRAG, LOCAL, BARRIER; or a view */
        struct { Role role; int groups; Var *group; Stmt *body; } role;         /* groups >= 1; group NULL when there is one */
        struct { PipeVerb verb; Pipe *pipe; Expr *which; Buf *slot[MAXTILES]; const char *handle; } verb;
        /* which: the group's ring of an `each` pipe, else NULL; slot and handle: set by acquire and wait */
        int pending;                                    /* AWAIT: all but the newest `pending` started gemms have landed */
        struct { Order *order; bool give; } turn;
    };
};
/* Where role blocks may stand. A launch with pipes has them at top level only, one a role, and nothing else but pipes between them.
   A launch without pipes (the CPU's, or a merged one) is one sequence; role blocks then tell where each statement comes from, and
   run in the order of the text. */

typedef enum { STAGE_TILE, STAGE_SCHED } Stage;

typedef struct Launch Launch;
struct Launch {
    Launch *next;
    const char *name;                                   /* PROG_k, unique in the program */
    int ngrid;
    Expr *grid[MAXGRID];
    Var *block[MAXGRID];
    int threads;                                        /* what T.Kernel said; 128 when it said nothing */
    int thread_ext[MAXGRID];                            /* their shape: x, y, z; the product is `threads` */
    Var *thread[MAXGRID];                               /* the index of a thread; NULL where the program does not ask */
    int npipe, norder;
    Pipe **pipe;
    Order **order;
    Stmt *body;
    Span span;
};

typedef struct { Buf *buf; Var *scalar; bool output; } Param;           /* one of the two; output: made by T.empty or named by out_idx */
typedef struct {
    const char *name;
    Stage stage;
    const char *target;                                 /* SCHED: for whose limits; else NULL */
    int nparam, ntemp, nsize;
    Param *param;
    Buf **temp;                                         /* T.alloc_global, in order */
    Var **size;                                         /* T.dynamic symbols, in order of first use in the parameters */
    Launch *launch;
    Span span;
} Prog;

/* what a target can hold, and what the passes ask instead of its name */
typedef struct {
    const char *target;
    int roles;                                          /* 1: one sequence; 3: reader, compute and writer run at the same time */
    int64_t shared;                                     /* bytes for slots and shared tiles */
    int max_depth;
    int max_groups, group_rows;                         /* split groups of so many rows each (0: no groups) */
    bool compute_loads_global;                          /* scalars may be loaded from global memory in the compute role */
    bool compute_has_index;                             /* compute may use a parallel index as a value */
    bool atomics;                                       /* elements and tiles may be updated atomically */
    bool async_gemm;                                    /* T.gemm(start=True) means something */
    /* can the compute role of this launch, written out as roles, be spelled as tile operations? NULL: always. `why` gets a short reason
       when it cannot; the launch then becomes one merged sequence */
    bool (*lifts)(Cx *cx, const Launch *split, const char **why);
} Limits;

/* ---- build.c: the only maker of nodes ------------------------------------------------------- */

typedef Stmt **Tail;                                    /* where the next statement goes */
Var *var_new(Cx *cx, const char *name, DType t, VarKind k, Span s);
Buf *buf_new(Cx *cx, const char *name, DType t, Space sp, int ndim, Expr *const *dim, Span s);
Expr *expr_int(Cx *cx, int64_t v, DType t, Span s);     /* DT_int32, DT_int64, DT_bool ... */
Expr *expr_i32(Cx *cx, int64_t v);
Expr *expr_float(Cx *cx, double v, DType t, Span s);    /* rounds to t */
Expr *expr_var(Cx *cx, Var *v, Span s);
Expr *expr_op(Cx *cx, Op op, Expr *a, Expr *b, Expr *c, Span s);        /* types, promotes, folds; fails on a type error (E0302) */
Expr *expr_cast(Cx *cx, Expr *e, DType t, Span s);      /* e itself when it has type t */
Expr *expr_bits(Cx *cx, Expr *e, DType t, Span s);      /* reinterpret; widths must agree */
Expr *expr_load(Cx *cx, Buf *b, Expr *const *idx, Span s);
/* type: of the result where the row says "any", else ignored; checks the arguments against the row (E0302) */
Expr *expr_call(Cx *cx, Fn fn, Expr *const *args, int n, const char *text, DType type, Span s);
Expr *expr_add(Cx *cx, Expr *a, Expr *b);               /* index arithmetic, folded */
Expr *expr_mul(Cx *cx, Expr *a, Expr *b);
bool expr_const(const Expr *e, int64_t *v);             /* an integer constant */
Region region_whole(Cx *cx, Buf *b, Span s);
bool region_is_whole(const Region *r);
Stmt *stmt_new(Cx *cx, StmtKind k, Span s);
Stmt *stmt_add(Tail *tail, Stmt *s);                    /* appends and moves the tail */
int64_t buf_elems(const Buf *b);                        /* -1 when a dim is not constant */
const Buf *buf_root(const Buf *b);                      /* the buffer whose bytes it shows */
/* T.atomic_add(x[i], v) and the like, of elements or tiles, whose old value nobody wants */
bool stmt_is_update(const Stmt *s);

/* ---- walk.c --------------------------------------------------------------------------------- */

int expr_kids(const Expr *e, Expr ***kid);              /* the operands, indices or arguments of e; how many */
char call_place(const Expr *call, int k);               /* 'r', 'w', 'u' or 'b' when argument k is a place, else 0 */

/* The nodes that a statement is made of, in the order of its text: visiting and copying go through this list. */
typedef enum { PART_BUF, PART_EXPR, PART_PLACE, PART_LIST } PartKind;   /* PLACE: a load that is not read as one */
typedef struct { PartKind kind; union { void *at; Buf **buf; Expr **expr; Stmt **list; }; } StmtPart;   /* these may lead to NULL */
enum { MAXPART = 32 };
int stmt_parts(const Stmt *s, StmtPart out[MAXPART]);

typedef struct Visitor Visitor;
struct Visitor {                                        /* NULL members are skipped */
    void (*stmt)(Visitor *, Stmt *);                    /* before its parts */
    void (*after)(Visitor *, Stmt *);                   /* after its parts */
    void (*expr)(Visitor *, Expr *);                    /* every expression node, outermost first */
    void (*access)(Visitor *, Stmt *, Buf *, bool write);       /* every buffer a statement reads or writes (update: both calls) */
    void *user;
};
void walk_stmts(Visitor *v, Stmt *list);
void walk_expr(Visitor *v, Expr *e);
bool expr_same(const Expr *a, const Expr *b);           /* structure; variables and buffers by identity */
bool expr_any(const Expr *e, bool (*test)(void *user, const Expr *), void *user);       /* does it hold for a node of e */
bool stmt_any(const Stmt *list, bool (*test)(void *user, const Stmt *), void *user);    /* for a statement of the list or in it */

typedef struct { Var *var; Expr *to; } VarSub;
typedef struct { Buf *buf, *to; } BufSub;
typedef struct { int nvar, nbuf; VarSub *var; BufSub *buf; } Subst;
Expr *expr_subst(Cx *cx, Expr *e, const Subst *s);      /* rebuilt through build.c, so folded again */
Stmt *stmt_copy(Cx *cx, const Stmt *s, const Subst *sub);       /* with its parts, not its `next`; loop and let variables are kept */
Stmt *list_copy(Cx *cx, const Stmt *s, const Subst *sub);

/* ---- region.c ------------------------------------------------------------------------------- */

/* A copy as a loop nest: loop d runs 0 .. ext[d]; it moves dimension src[d] of the source and dst[d] of the destination (-1: stays). */
typedef struct { int n; int64_t ext[MAXDIM]; int src[MAXDIM], dst[MAXDIM]; } CopyShape;
bool copy_shape(const Region *src, const Region *dst, CopyShape *out);          /* false: the extents do not fit */
bool expr_difference(const Expr *a, const Expr *b, int64_t *out);               /* a - b, when linear terms cancel to a constant */

/* ---- lift.c: a T.Parallel nest as a map over tiles --------------------------------------------- */

/* How the last two axes of a map's domain (rows i, columns j) index one operand; in a map of one variable x[i] is FULL. */
typedef enum { AX_FULL, AX_COLS, AX_ROWS, AX_SCALAR, AX_TRANSPOSED, AX_OTHER } Axis;
/* FULL x[i, j]; COLS x[j], one row spread down; ROWS x[i], one column spread across; SCALAR: no variable; OTHER: anything else */
typedef struct { const Expr *load; Axis axis; } Operand;
typedef struct {
    const Stmt *nest;
    int nvar;  Var *var[MAXPAR];  int64_t ext[MAXPAR];  /* constant extents */
    Buf *dst;  Expr **dst_idx;  Axis dst_axis;
    Expr *value;                                        /* lets of the nest substituted */
    Expr *guard;                                        /* conjunction of the ifs around the store, or NULL */
    int nload;  Operand load[32];                       /* every distinct tile load in value and guard */
} Map;
/* one map for each store of the nest, in order; false with a reason when the nest is not of that form */
bool lift_nest(Cx *cx, const Stmt *nest, Map *out, int max, int *n, const char **why);

/* ---- workspace.c ----------------------------------------------------------------------------- */

/* place[i] for temporary i: those of one place are never needed at the same time; -1: not needed. Gives the number of places */
int workspace_places(Cx *cx, const Prog *p, int *place);

/* ---- print.c -------------------------------------------------------------------------------- */

void print_prog(Text *out, const Prog *p);
void print_expr(Text *out, const Expr *e);
void print_stmt(Text *out, const Stmt *s);              /* one statement with its parts */
const char *stmt_line(Cx *cx, const Stmt *s);           /* its first line, for comments in emitted text */

/* ---- range.c: integers only; what is not known is unknown, never wrong ----------------------- */

typedef struct { bool known; int64_t lo, hi; } Range;   /* inclusive */
typedef struct Scope Scope;                             /* the loops, lets and branches around a place */
struct Scope { const Scope *outer; const Stmt *stmt; bool other; const Launch *launch; };   /* other: in the else branch */
Range expr_range(const Expr *e, const Scope *at);
bool index_in_bounds(const Expr *idx, const Expr *dim, const Scope *at);        /* proved 0 <= idx < dim */
bool region_in_bounds(const Region *r, int d, const Scope *at);                 /* proved for dimension d, all of its extent */
/* e = base + sum coef[k] * var[k]; false when e is not affine in these variables (base keeps the rest) */
bool expr_affine(Cx *cx, Expr *e, Var *const *var, int n, int64_t *coef, Expr **base);
bool expr_uses(const Expr *e, const Var *v);

/* ---- threads.c ------------------------------------------------------------------------------ */

/* does it run once for each thread of the block, and not once for the block: it speaks of threads, or repeats something */
bool launch_threads(const Launch *l);
/* of a launch that does not speak of threads: the statements of the block, outside of tile operations and T.Parallel, that do something
   else when they run again; at most max of them; how many */
int launch_repeated(const Launch *l, const Stmt **out, int max);

/* ---- check.c -------------------------------------------------------------------------------- */

void launch_link(Cx *cx, Launch *l);                    /* sets Pipe.from and .to from the verbs; fails on two producers (E0303) */
void check_prog(Cx *cx, const Prog *p, const Limits *lim);      /* legality of p->stage; lim may be NULL; records, then leaves if any */
/* the token game; false with a counter-example as text */
bool check_protocol(Cx *cx, const Launch *l, Text *why);
#endif
