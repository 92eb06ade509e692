/* metalium: a schedule as the three kernels of a Tenstorrent core, and the plan that a host program needs to start them.

   metalium.c   the target: limits, launches, files
   format.c     element types in device memory
   name.c       identifiers, after the source
   prelude.c    which functions of prelude.hpp a kernel needs
   layout.c     each global tensor as tiles or as rows
   place.c      where the elements of a tile buffer lie: rows and columns, the orientation of vectors
   expr.c       expressions of indices and scalars
   stmt.c       loops, branches, lets, verbs: what all roles share
   move.c       copies and element code between global memory and slots
   live.c       which tile values are alive where, in the compute role
   compute.c    tile operations;  map.c: element code on tiles
   scalar.c     a merged launch: one processor, rows in L1
   plan.c       the plan as JSON                                                                     */
#ifndef KILN_METALIUM_H
#define KILN_METALIUM_H
#include "target/target.h"

/* ==== the run side's part ====================================================================== */

/* how elements are held on the device; a type that the chip does not have is held in a wider one */
typedef enum { FMT_BF16, FMT_F32, FMT_I32, FMT_U32, NFORMAT } Format;
typedef struct { const char *name; int code, bytes; const char *c; } FormatInfo;        /* name and code of tt::DataFormat; type in C++ */
extern const FormatInfo format_info[NFORMAT];
bool format_of(DType t, Format *out);                   /* false: no format holds it */

enum { TT_TILE = 32, TT_ALIGN = 64, TT_CB = 32, TT_ARGS = 64 };

/* A tensor in device memory. Rows: a page is one row of the last axis, rounded up to TT_ALIGN bytes. Tiled: a page is one tile of the axes
   `row` and `col`, pages ordered by the other axes first, then tile rows, then tile columns; what lies beyond the edge of the tensor is 0. */
typedef struct { const Buf *buf; Format format; bool tiled; int row, col; } MetaliumTensor;

/* a circular buffer: `pages` pages of `bytes`; alias: another view of the memory of that buffer, pushed and popped together with it */
typedef struct { const char *name; Format format; int bytes, pages; bool to_dest; int alias; } MetaliumCb;

typedef enum { ARG_FIRST, ARG_COUNT, ARG_TENSOR, ARG_SIZE, ARG_SCALAR, NARG } ArgKind;      /* FIRST, COUNT: the blocks of this core */
typedef struct { ArgKind kind; int index; } MetaliumArg;        /* index: of MetaliumPlan.tensor, Prog.size, Prog.param */
typedef struct {
    const char *file, *text;                            /* text NULL: this role has nothing to do */
    int narg;  MetaliumArg arg[TT_ARGS];                /* the run-time arguments */
    int ntensor;  int tensor[TT_ARGS];                  /* two compile-time words each: 2, and the size of a page (0 when it is not constant) */
} MetaliumKernel;
typedef struct {
    const Launch *launch;
    bool merged;                                        /* one kernel on one data-movement processor, in the reader's place */
    bool full_sync;                                     /* compute uses all destination registers at once */
    int ncb;  MetaliumCb cb[TT_CB];                     /* by number */
    MetaliumKernel kernel[NROLE];
} MetaliumLaunch;
typedef struct {
    const Prog *prog;
    int ntensor;  MetaliumTensor *tensor;               /* the tensor parameters, then the temporaries */
    int nlaunch;  MetaliumLaunch *launch;
    const char *json;
} MetaliumPlan;

/* ==== the emitter's state ====================================================================== */

enum { MAXNAMED = 512, MAXVALUE = 64, MAXINCLUDE = 40 };

/* The tiles of a buffer. A vector lies in one column of tiles or in one row of tiles: rows x cols elements with one of them 1. */
typedef struct {
    Format format;
    int64_t rows, cols;
    int rt, ct;                                         /* tiles down, tiles across */
    bool vertical;                                      /* of a vector: in column 0 */
} Place;

/* a tile value that compute makes and keeps in a circular buffer of its own, or a slot of a pipe it reads or fills */
typedef struct {
    Buf *buf;                                           /* NULL: a slot */
    const Pipe *pipe;  int tile;
    Place place;
    int cb, fpu_cb;                                     /* fpu_cb: the view the matrix engine reads, or the same */
    bool dst_use, fpu_use;                              /* read into the destination registers; read by the matrix engine */
    bool twice;                                         /* redefined while it is alive: room for two */
    bool scalar;                                        /* a control pipe: one word, no tile */
    unsigned elements;                                  /* roles that access single elements: they need a pointer */
    Role to;                                            /* of a slot: which consumer's copy */
} Value;

/* C++ text with the precedence of its outermost operator */
typedef enum { P_COND = 1, P_OR, P_AND, P_BITOR, P_BITXOR, P_BITAND, P_EQ, P_REL, P_SHIFT, P_ADD, P_MUL, P_UNARY, P_PRIMARY } Prec;

typedef struct { int a, b, packer; } Config;           /* what SrcA, SrcB and the packer are set for: a format, or -1: not known */

typedef struct {                                        /* one launch */
    Cx *cx;
    const Prog *prog;
    const Launch *launch;
    MetaliumPlan *plan;
    MetaliumLaunch *to;
    int nvalue;  Value value[MAXVALUE];

    /* one kernel */
    Role role;
    Text *out;                                          /* the body */
    const Scope *scope;
    struct { const void *what; const char *name; } name[MAXNAMED];     /* live declarations, innermost last */
    int nname;
    MetaliumKernel *kernel;
    int ninclude;  const char *include[MAXINCLUDE];     /* of compute */
    int64_t scratch_bytes, memory_bytes;                /* of the buffer a data-movement kernel keeps for itself: scratch first */
    int own_cb;
    struct { const Buf *buf; int64_t at; } memory[MAXVALUE];    /* tiles of a data-movement role's own, by rows */
    int nmemory;
    const void *used[MAXNAMED];                         /* variables that are read: found by a first pass over the kernel */
    int nused;
    const char *why;                                    /* what does not lift, or NULL */
    Span why_at;

    /* compute */
    bool reading, writing;                              /* transfers were begun that no barrier has waited for */
    uint64_t full;                                      /* values that hold a block now, by index */
    int held[MAXVALUE];                                 /* slots of a pipe that are waited for or acquired now */
    Config config;
    bool one_format;                                    /* all buffers of compute are alike: nothing is ever reconfigured */
    int cb_one, cb_tmp;                                 /* a tile of ones; -1: not needed */
    struct { const Stmt *stmt; uint64_t after, head; const Buf *slot[MAXTILES]; } *live;       /* of live.c */
    int nlive, caplive;
} Emit;

/* ---- name.c ---- */
const char *tt_name_new(Emit *e, const void *what, const char *want);   /* unique among the live ones */
const char *tt_name(Emit *e, const void *what);
void tt_name_drop(Emit *e, int nname);
const char *tt_plain(Cx *cx, const char *want);         /* letters C++ allows */

/* ---- prelude.c ---- */
void prelude_pick(Text *out, const char *body);         /* the functions that body calls, and those they call */

/* ---- layout.c ---- */
void layout_tensors(Cx *cx, MetaliumPlan *plan);
int plan_tensor(const MetaliumPlan *plan, const Buf *b);
bool multiple_of(const Expr *e, int64_t m);             /* proved */
Expr *exact_div(Cx *cx, Expr *e, int64_t m);            /* e / m, where e is a multiple of m */
/* a copy between a tensor and a buffer of tiles, tile by tile; axes of the tensor that are the rows and columns of the tiles */
bool tiled_copy(const Region *global, const Region *tile, bool global_is_src, int *row, int *col);

/* ---- place.c ---- */
bool place_values(Emit *e);                             /* values of this launch, their places and numbers; false: e->why */
Value *value_of(Emit *e, const Buf *b);                 /* NULL: not a tile value */
Value *slot_value(Emit *e, const Pipe *p, int tile, Role to);
int tiles(const Place *p);
const char *place_at(Emit *e, const Place *p, const char *row, const char *col);        /* element number in its tiles */

/* ---- expr.c ---- */
void note_used(Emit *e, const void *what);
bool is_used(const Emit *e, const void *what);
const char *expr_text(Emit *e, const Expr *x, Prec outer);
const char *c_type(DType t);
const char *tensor_name(Emit *e, const Buf *b);         /* the accessor; notes that the kernel needs it */
const char *tensor_page(Emit *e, const Buf *b, Expr *const *idx);       /* rows: the page of these indices (the last one not used) */
const char *inside(Emit *e, const Buf *b, Expr *const *idx, int skip);  /* condition that indices are in range, without axis `skip`; NULL: proved */
const char *element_load(Emit *e, const Buf *b, Expr *const *idx);
const char *to_device(Emit *e, DType t, const char *value);     /* a value of type t as an element on the device */
const char *from_device(Emit *e, DType t, const char *element);
const char *element_text(Emit *e, const Buf *b, Expr *const *idx);      /* an element in L1, as the device holds it */
const char *scratch(Emit *e, int64_t bytes);            /* its address; good for one statement */

/* ---- stmt.c ---- */
bool unlifted(Emit *e, Span at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));    /* gives false */
void emit_list(Emit *e, const Stmt *list);
void emit_comment(Emit *e, const Stmt *s);
void open_loop(Emit *e, const char *var, const char *count);    /* for (uint32_t ...), indented; nothing when count is "1" */
void close_loop(Emit *e, const char *count);
bool is_tile_load(Emit *e, const Expr *x);              /* a load of tiles, which no scalar code of compute can do */

/* ---- move.c ---- */
void move_tile(Emit *e, const Stmt *s);
void move_store(Emit *e, const Stmt *s);
void move_nest(Emit *e, const Stmt *s);
void barrier(Emit *e, bool reads);

/* ---- live.c: sets of values are bits by their index in Emit.value ---- */
void live_find(Emit *e, Stmt *body);
uint64_t live_after(const Emit *e, const Stmt *s);
uint64_t live_head(const Emit *e, const Stmt *loop);    /* at the start of the loop's body */
uint64_t stmt_reads(Emit *e, const Stmt *s);            /* what must be there before it */
Value *commit_value(Emit *e, const Stmt *commit, int tile);     /* the value of compute's own that this commit copies, or NULL */

/* ---- compute.c ---- */
void compute_begin(Emit *e, Stmt *body);                /* liveness, what the engine starts with */
void compute_enter(Emit *e, const Stmt *loop);          /* before the loop */
void compute_leave(Emit *e);
void compute_tile(Emit *e, const Stmt *s);
void compute_after(Emit *e, const Stmt *s);             /* drops what nobody reads any more */
void compute_commit(Emit *e, const Stmt *s, int tile, Value *slot);
void config_join(Emit *e, const Config *other);
void config_forget(Emit *e);                            /* at the start of a loop that changes it */
void include(Emit *e, const char *header);
void use_srca(Emit *e, int cb);
void use_sources(Emit *e, int a, int b);
void use_packer(Emit *e, int cb);
void prime(Emit *e, uint64_t values);
void drop(Emit *e, uint64_t values);
void begin_block(Emit *e, Value *v);
void end_block(Emit *e, Value *v);
void compute_numbers(Emit *e);                          /* a circular buffer for each value */

/* ---- map.c ---- */
typedef enum { BC_NONE, BC_ROW, BC_COL, BC_SCALAR } BroadcastKind;
void compute_nest(Emit *e, const Stmt *s);
uint64_t nest_reads(Emit *e, const Stmt *s, uint64_t *kills);

/* ---- scalar.c ---- */
void scalar_tile(Emit *e, const Stmt *s);               /* gemm, reductions, running sums on arrays in L1 */

/* ---- plan.c ---- */
const char *plan_json(Cx *cx, const MetaliumPlan *plan);
#endif
