/* metalium: a schedule as the three kernels of a Tenstorrent core, and the plan a host program
   needs to start them.

   metalium.c   the target: limits, launches, the frame of a kernel
   format.c     element types in device memory
   name.c       identifiers, after the source
   prelude.c    which functions of prelude.hpp a kernel needs
   layout.c     each global tensor as tiles or as rows
   place.c      where the elements of a tile buffer lie: rows, columns, the orientation of vectors
   expr.c       expressions of indices and scalars
   stmt.c       loops, branches, lets, verbs: what all roles share
   move.c       copies and element code between global memory and slots
   live.c       which tile values are alive where, in the compute role
   compute.c    tile operations; reduce.c: reductions
   map.c        element code on tiles
   plan.c       the plan as JSON                                                                  */
#ifndef KILN_METALIUM_H
#define KILN_METALIUM_H
#include "target/emitter.h"

/* ==== the run side's part ==================================================================== */

/* How elements are held on the device; a type the chip does not have is held in a wider one.
   name and code: of tt::DataFormat; c: the type in C++. */
typedef enum { FMT_BF16, FMT_F32, FMT_I32, FMT_U32, NFORMAT } Format;
typedef struct { const char *name; int code, bytes; const char *c; } FormatInfo;
extern const FormatInfo format_info[NFORMAT];
bool format_of(DType t, Format *out);           /* false: no format holds it */
Format format_needed(Cx *cx, const Buf *b);      /* fails instead */

enum { TT_TILE = 32, TT_ALIGN = 64, TT_CB = 32, TT_ARGS = 64 };

/* A tensor in device memory. Rows: a page is one row of the last axis, rounded up to TT_ALIGN
   bytes. Tiled: a page is one tile of the axes `row` and `col`; pages are ordered by the other axes first,
   then tile rows, then tile columns; what lies beyond the edge of the tensor is 0. */
typedef struct { const Buf *buf; Format format; bool tiled; int row, col; } MetaliumTensor;

/* A circular buffer: `pages` pages of `bytes`. alias: another view of the memory of that buffer,
   pushed and popped together with it; -1: memory of its own. */
typedef struct {
    const char *name;
    Format format;
    int bytes, pages;
    bool to_dest;                               /* unpacked to the destination registers, in full */
    int alias;
} MetaliumCb;

/* FIRST and COUNT: the blocks of this core. index: of MetaliumPlan.tensor, Prog.size, Prog.param */
typedef enum { ARG_FIRST, ARG_COUNT, ARG_TENSOR, ARG_SIZE, ARG_SCALAR, NARG } ArgKind;
typedef struct { ArgKind kind; int index; } MetaliumArg;

typedef struct {
    const char *file, *text;                    /* text NULL: this role has nothing to do */
    int narg;
    MetaliumArg arg[TT_ARGS];                   /* the run-time arguments */
    int ntensor;
    int tensor[TT_ARGS];                        /* two compile-time words each: 2, and the size of a
                                                   page, 0 when it is not constant */
} MetaliumKernel;

typedef struct {
    const Launch *launch;
    bool merged;                                /* one kernel, in the reader's place */
    bool full_sync;                             /* compute uses all destination registers at once */
    int ncb;
    MetaliumCb cb[TT_CB];                       /* by number */
    MetaliumKernel kernel[NROLE];
} MetaliumLaunch;

typedef struct {
    const Prog *prog;
    int ntensor;
    MetaliumTensor *tensor;                     /* the tensor parameters, then the temporaries */
    int nlaunch;
    MetaliumLaunch *launch;
    const char *json;
} MetaliumPlan;

/* ==== the emitter's state ==================================================================== */

enum { MAXVALUE = 64, MAXINCLUDE = 40 };

/* The tiles of a buffer. A vector lies in one column of tiles or in one row of tiles: rows x cols
   elements, one of them 1. */
typedef struct {
    Format format;
    int64_t rows, cols;
    int rt, ct;                                 /* tiles down, tiles across */
    bool vertical;                              /* of a vector: in column 0 */
} Place;

/* a tile value that compute makes and keeps in a circular buffer of its own, or a slot of a pipe */
typedef struct {
    Buf *buf;                                   /* NULL: a slot */
    const Pipe *pipe;
    int tile;
    Role to;                                    /* of a slot: which consumer's copy */
    Place place;
    int cb, fpu_cb;                             /* fpu_cb: the matrix engine's view, or the same */
    bool dst_use, fpu_use;                      /* read into destination registers; by the engine */
    bool twice;                                 /* redefined while it is alive: room for two */
    bool scalar;                                /* a control pipe: one word, no tile */
    unsigned elements;                          /* roles that access single elements of a slot, */
    unsigned pages;                             /* and whole pages: by name both */
} Value;

/* what SrcA, SrcB and the packer are set for: a format, or -1: not known */
typedef struct { int a, b, packer; } Config;

typedef struct { const Stmt *stmt; uint64_t after, head; const Buf *slot[MAXTILES]; } Live;

/* tiles a statement needs besides: turned, negated or made absolute, maxima so far, what is left */
typedef enum { TEMP_TURNED, TEMP_PREPARED, TEMP_HIGH, TEMP_LOW } TempKind;
typedef struct { const Stmt *stmt; TempKind kind; Value value; } Temp;

struct Emit {                                   /* one launch; prog NULL: only asked whether it lifts */
    EMITTER
    MetaliumPlan *plan;
    MetaliumLaunch *to;
    int nvalue;
    Value value[MAXVALUE];

    /* one kernel; its body is written twice: what the first pass uses, the second one declares */
    Role role;
    MetaliumKernel *kernel;
    const char *include[MAXINCLUDE];            /* headers of compute */
    int ninclude;
    struct { const Buf *buf; int64_t at; } memory[MAXVALUE];    /* arrays of a data mover's own */
    int nmemory;
    int64_t memory_bytes, scratch_bytes;        /* of the buffer those and scratch rows lie in */
    int own_cb;
    int taken[MAXVALUE];                        /* by pipe: slots waited for or acquired now */
    bool reading, writing;                      /* transfers that no barrier has waited for */
    const char *why;                            /* what does not lift, or NULL; and where */
    Span why_at;

    /* compute */
    uint64_t full;                              /* values that hold a block now, by index */
    Config config;
    bool one_format;                            /* all buffers alike: nothing is reconfigured */
    int cb_one;                                 /* a tile of ones, or -1 */
    Temp temp[MAXVALUE];
    int ntemp;
    Live *live;
    int nlive, caplive;
};

/* ---- name.c ---- */
extern const NameRules tt_name_rules;

/* ---- prelude.c ---- */
void prelude_pick(Text *out, const char *body);         /* what body calls, and what that calls */

/* ---- layout.c ---- */
void layout_tensors(Cx *cx, MetaliumPlan *plan);
int plan_tensor(const MetaliumPlan *plan, const Buf *b);
bool multiple_of(const Expr *e, int64_t m);             /* proved */
Expr *exact_div(Cx *cx, Expr *e, int64_t m);            /* e / m, where e is a multiple of m */
/* a copy between a tensor and tiles, tile by tile; which axes of the tensor are rows and columns */
bool tiled_copy(const Region *global, const Region *tile, bool global_is_src, int *row, int *col);

/* ---- place.c ---- */
bool place_values(Emit *e);                             /* of this launch; false: e->why */
Value *value_of(Emit *e, const Buf *b);                 /* NULL: not a tile value */
Value *slot_value(Emit *e, const Pipe *p, int tile, Role to);
int tiles(const Place *p);
const char *place_at(Emit *e, const Place *p, const char *row, const char *col);

/* ---- expr.c ---- */
extern const Dialect metalium_dialect;
const char *c_type(DType t);
const char *tensor_name(Emit *e, const Buf *b);         /* notes that the kernel needs it */
const char *tensor_page(Emit *e, const Buf *b, Expr *const *idx);       /* of rows */
const char *below(Emit *e, const Expr *x, const Expr *end, bool not_negative);  /* the condition that 0 <= x < end */
const char *both(Emit *e, const char *a, const char *b);        /* conditions; NULL: none */
const char *when(Emit *e, const char *condition);       /* "if (condition) ", or nothing */
/* the condition that indices are in range, without axis `skip`; NULL: proved */
const char *inside(Emit *e, const Buf *b, Expr *const *idx, int skip);
const char *element_load(Emit *e, const Buf *b, Expr *const *idx);      /* from global memory */
const char *element_text(Emit *e, const Buf *b, Expr *const *idx);      /* in L1, as it is held */
const char *slot_address(Emit *e, const Buf *slot);     /* of its first page */
const char *to_device(Emit *e, DType t, const char *value);
const char *from_device(Emit *e, DType t, const char *element);
const char *scratch(Emit *e, int64_t bytes);            /* its address; good for one statement */
bool is_tile_load(Emit *e, const Expr *x);

/* ---- stmt.c ---- */
bool unlifted(Emit *e, Span at, const char *fmt, ...)   /* gives false */
    __attribute__((format(printf, 3, 4)));
void emit_list(Emit *e, const Stmt *list);
void emit_comment(Emit *e, const Stmt *s);
void barrier(Emit *e, bool reads);
void open_loop(Emit *e, const char *var, const char *count);    /* nothing when count is "1" */
void close_loop(Emit *e, const char *count);

/* ---- move.c ---- */
void move_tile(Emit *e, const Stmt *s);
void move_store(Emit *e, const Stmt *s);
void move_nest(Emit *e, const Stmt *s);

/* ---- live.c: sets of values are bits, by their index in Emit.value ---- */
uint64_t value_bit(Emit *e, const Buf *b);       /* 0: not a value of compute's own */
uint64_t expr_reads(Emit *e, const Expr *x);
void live_find(Emit *e, Stmt *body);
uint64_t live_after(const Emit *e, const Stmt *s);
uint64_t live_head(const Emit *e, const Stmt *loop);    /* at the start of the loop's body */
uint64_t stmt_reads(Emit *e, const Stmt *s);            /* what must be there before it */
Value *commit_value(Emit *e, const Stmt *commit, int tile);     /* what it copies, or NULL */

/* ---- compute.c ---- */
void compute_numbers(Emit *e);                          /* a circular buffer for each value */
void compute_begin(Emit *e, Stmt *body);                /* liveness, the engine's start */
void compute_enter(Emit *e, const Stmt *loop);          /* before the loop */
void compute_leave(Emit *e);
void compute_tile(Emit *e, const Stmt *s);
void compute_after(Emit *e, const Stmt *s);             /* drops what nobody reads any more */
void compute_commit(Emit *e, const Stmt *s, int tile, Value *slot);
void config_join(Emit *e, const Config *other);
void config_forget(Emit *e);                            /* at the start of a loop */
void config_forget_sources(Emit *e);
void include(Emit *e, const char *header);
void use_srca(Emit *e, int cb);
void use_sources(Emit *e, int a, int b);
void use_packer(Emit *e, int cb);
void prime(Emit *e, uint64_t values);
void drop(Emit *e, uint64_t values);
void begin_block(Emit *e, Value *v);
void end_block(Emit *e, Value *v);

/* tiles row .. row + rt, col .. col + ct of a value */
typedef struct { Value *v; Expr *row, *col; int rt, ct; } View;
bool view_of(Emit *e, const Region *r, View *out);
View view_whole(Emit *e, Value *v);
const char *tile_number(Emit *e, const View *v, Expr *r, Expr *c, Prec outer);
/* a loop over tiles of our own; no text, and index 0, when there is just one */
typedef struct { Expr *at; const char *count; int names; } Steps;
Steps steps_open(Emit *e, const char *name, int n, Span at);
void steps_close(Emit *e, const Steps *s);
void temp_need(Emit *e, const Stmt *s, TempKind kind);
Value *temp_open(Emit *e, const Stmt *s, TempKind kind, int rt, int ct);
void temp_ready(Emit *e, const Value *v);
void temp_more(Emit *e, const Value *v);                /* another block, then instead of the first */
void temp_next(Emit *e, const Value *v);
void temp_close(Emit *e, const Value *v);
bool is_float_format(Format f);
bool zero_padded(const Value *v);
void sfpu(Emit *e, const char *header, const char *name, const char *args);     /* init and call */

/* ---- reduce.c ---- */
void compute_reduce(Emit *e, const Stmt *s);
void reduce_marks(Emit *e, const Stmt *s);              /* which views and temporaries it needs */

/* ---- map.c ---- */
typedef enum { BC_NONE, BC_ROW, BC_COL, BC_SCALAR, BC_TRANSPOSED } BroadcastKind;
void compute_nest(Emit *e, const Stmt *s);
uint64_t nest_reads(Emit *e, const Stmt *s, uint64_t *kills);

/* ---- plan.c ---- */
const char *plan_json(Cx *cx, const MetaliumPlan *plan);
#endif
