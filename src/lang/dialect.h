/* What the functions of scope T share.

   args.c       what handlers ask of their arguments
   emit.c       names and statements of the tile program that grows
   index.c      subscripts of buffers: elements, regions, the pairing of extents
   flow.c       launches, loops, sizes
   tile.c       buffers, tile operations; reduce.c: reductions over threads, reducers
   elem.c       element functions; pack.c: packed values
   view.c       views, pointers, tensors at an address
   thread.c     threads and blocks
   calls.c      what threads tell each other, by tile/calls.def; barriers, what is in flight
   atomic.c     atomics
   sched.c      what a schedule says more
   layout.c     hints: layouts and annotations
   extern.c     foreign source
   kiln.c       module kiln: what prelude/ needs besides, which has the functions made of others     */
#ifndef KILN_DIALECT_H
#define KILN_DIALECT_H
#include "lang/lang.h"

typedef struct {
    Buf *buf;
    Expr *value;
} SafeValue; /* T.annotate_safe_value: what the elements outside of a tensor read */
typedef struct {
    Buf *buf;
    TileOp op;   /* how contributions are joined */
    bool strict; /* T.reducer_init, _update, T.finalize_reducer in turn, and nothing else */
    bool plain;  /* used as a fragment */
    enum { R_NEW, R_OPEN, R_DONE } state;
    const Block *begun; /* where T.reducer_init stands */
} Reducer;

typedef struct Dialect {
    int nsafe, nreducer, npending;
    SafeValue safe[32];
    Reducer reducer[64];
    Buf *pending[32];         /* declared before the launch: each launch declares it at its start */
    Stmt *branch;             /* of the T.If that is open */
    int cluster[MAXGRID];     /* blocks of a cluster */
    const char *hint[64];     /* hints that were told to be left out */
    int nhint;
    const char *source[16]; /* of T.import_source; NULL: of another package */
    int nsource;
} Dialect;


/* ---- args.c ---- */
Dialect *dialect(Eval *ev);
void need_launch(Eval *ev, Call *c);                 /* fails outside of T.Kernel */
Expr *to_cond(Eval *ev, Call *c, int slot);          /* a bool */
Expr *to_whole(Eval *ev, Value v, Span at, const char *what, const char *help);    /* an integer */
Expr *to_extent(Eval *ev, Value v, Span at);
int int_between(Eval *ev, Value v, Span at, int lo, int hi, const char *what);     /* known, and within */
int int_arg(Eval *ev, Call *c, int slot, int lo, int hi, const char *what);
/* which of these names it is */
int choice_arg(Eval *ev, Call *c, int slot, const char *const *names, int n, const char *what);
Seq one_or_more(const Value *v);                     /* what a list holds, or *v alone */
typedef enum { SHAPE_TILE, SHAPE_MEMORY, SHAPE_TENSOR, SHAPE_STRIDES } ShapeOf;
/* constants from 1; numbers from 1; from 0; any */
int shape_arg(Eval *ev, Value v, Span at, ShapeOf what, Expr *dim[MAXDIM]);
Value value_frame(Eval *ev, FrameSpec f);
void *list_add(Eval *ev, void *list, int *n, void *item);        /* a longer copy of a list of pointers */

/* ---- thread.c ---- */
Expr *thread_index(Eval *ev, int axis, Span at);

/* ---- calls.c ---- */
/* one barrier: an element of what T.alloc_barrier gave, or that itself when it is only one */
Expr *to_barrier(Eval *ev, Call *c, Value v, Span at);
/* a row of tile/calls.def: the value, or for its effect */
Value make_call(Eval *ev, Call *c, Fn fn, const Value *arg, int n, const char *text);

/* ---- view.c ---- */
Value pointer_to(Eval *ev, Value v, Span at);        /* to its first element */
Expr *to_place(Eval *ev, Value v, Span at);          /* an element as an argument of a call */
Expr *place_after(Eval *ev, Expr *place, Expr *by);  /* so many elements further, along the last axis */
bool is_region(const Value *v);                      /* a buffer or part of one, more than an element */
bool is_place(const Value *v);                       /* an element that can be written */

/* ---- tile.c ---- */
Value alloc_tile(Eval *ev, Call *c, Space sp);
Stmt *emit_tile(Eval *ev, Call *c, TileOp op, const Region *arg, int n);

/* ---- index.c ---- */
Expr *load_element(Eval *ev, Buf *b, Expr *const *idx, Span at);
int nearness(const Buf *b); /* of memory to the threads */

/* ---- emit.c ---- */
Expr *build_op(Eval *ev, Op op, Expr *a, Expr *b, Span at);
Value emit_eval(Eval *ev, Expr *call, Span at);      /* for its effect */
void drop_value(Eval *ev, Value v, Span at);         /* a bare expression: what it does still happens */

typedef struct {
    Expr *index[MAXPAR];
    Block *block;
    Tail saved;
} Nest; /* blocks of our own: close_block(block, saved) ends them */
void emit_nest(Eval *ev, Nest *nest, LoopKind how, int n, const int64_t *ext, Span at);
void emit_branch(Eval *ev, Nest *nest, Expr *cond, Span at);     /* an if, in the same way */
bool in_parallel(const Eval *ev);                    /* inside of a T.Parallel loop */

/* ---- layout.c ---- */
Expr *safe_value(Eval *ev, const Buf *b);            /* what stands outside of a tensor; NULL: 0 */
void leave_out(Eval *ev, const char *name, const char *help, Span at);   /* a remark, once for each name */

/* ---- elem.c ---- */
Expr *extreme_value(Eval *ev, DType t, bool low, Span at);       /* the greatest or least finite one */

/* ---- pack.c ---- */
enum { MAXLANES = 64 };
Value packed_dtype(Eval *ev, Value v, Span at);      /* an element type with lanes; 1: not packed */
Value to_lanes(Eval *ev, Value v, Span at);          /* a packed value, or one lane */
Value lanes_map(Eval *ev, PyOp op, Value a, Value b, Span at);
bool lanes_store(Eval *ev, Value target, Value v, Span at);
Value call_dtype(Eval *ev, Value type, const Args *a);

/* ---- reduce.c ---- */
void check_reducer(Eval *ev, const Buf *b, Span at, const char *what); /* before a use as a fragment */
void close_reducers(Eval *ev);
bool reducer_store(Eval *ev, Buf *b, Expr *const *idx, Value v, Span at); /* r[i] = r[i] + v: a contribution */
TileOp join_arg(Eval *ev, Call *c, int slot);           /* "sum", "max", ... */
void check_batch(Eval *ev, Call *c, int slot, int64_t results);

/* ---- prelude.c ---- */
Value prelude_call(Eval *ev, const char *name, const Value *arg, int n, Span at);  /* of prelude/kiln-*.py */
void prelude_blame(const Func *f, Span at);          /* f is called there */
Span prelude_place(Eval *ev, const char *param, Span otherwise); /* of the program's argument for it */

/* ---- extern.c ---- */
void import_source(Eval *ev, Value v, Span at);

#endif
