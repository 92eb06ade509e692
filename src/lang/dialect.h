/* What the functions of scope T share.

   emit.c       names and statements of the tile program that grows
   index.c      subscripts of buffers: elements, regions, the pairing of extents
   flow.c       launches, loops, sizes
   tile.c       buffers, tile operations; reduce.c: reductions over threads, reducers, any_of and all_of
   elem.c       element functions; pack.c: packed pairs, wide loads and stores
   view.c       views, pointers, tensors at an address
   thread.c     threads, warps, votes and shuffles
   barrier.c    barriers, asynchronous copies
   atomic.c     atomics
   sched.c      what a schedule says more
   layout.c     hints: layouts and annotations
   extern.c     foreign source                                                                   */
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
    int allreduce;            /* of the T.attr that is open: an Fn, or -1 */
    int cluster[MAXGRID];     /* blocks of a cluster */
    const Builtin *hint[64];  /* hints that were told to be left out */
    int nhint;
    const char *source[16]; /* of T.import_source; NULL: of another package */
    int nsource;
} Dialect;

Dialect *dialect(Eval *ev);

/* ---- thread.c ---- */
Expr *thread_index(Eval *ev, int axis, Span at);
Expr *thread_rank(Eval *ev, Span at); /* all axes as one number, x fastest */

/* ---- view.c ---- */
Value pointer_to(Eval *ev, Value v, Span at);        /* to its first element */
Expr *to_place(Eval *ev, Value v, Span at);          /* an element as an argument of a call */
Expr *place_after(Eval *ev, Expr *place, Expr *by);  /* so many elements further, along the last axis */
bool is_region(const Value *v);                      /* a buffer or part of one, more than an element */
bool is_place(const Value *v);                       /* an element that can be written */
int array_of(Eval *ev, Value v, Expr *dim[MAXDIM]);  /* a shape; -1 when it has too many axes */

/* ---- tile.c ---- */
Value alloc_tile(Eval *ev, Call *c, Space sp);

/* ---- index.c ---- */
Expr *load_element(Eval *ev, Buf *b, Expr *const *idx, Span at);
int nearness(const Buf *b); /* of memory to the threads */

/* ---- emit.c ---- */
Expr *build_op(Eval *ev, Op op, Expr *a, Expr *b, Span at);
Expr *build_call(Eval *ev, Call *c, Fn fn, Expr *const *arg, int n, const char *text, DType t);
Value emit_eval(Eval *ev, Expr *call, Span at);      /* for its effect */
void drop_value(Eval *ev, Value v, Span at);         /* a bare expression: what it does still happens */
Stmt *emit_loop(Eval *ev, LoopKind how, Expr *hi, const char *name, Expr **index, Block **b, Tail *saved,
                Span at);

typedef struct {
    Expr *index[MAXPAR];
    Block *block;
    Tail saved;
} Nest; /* a T.Parallel nest of our own: close_block(block, saved) ends it */
void emit_nest(Eval *ev, Nest *nest, int n, const int64_t *ext, Span at);

/* ---- layout.c ---- */
void ignore_hint(Eval *ev, Call *c);                 /* a remark, once for each name */
Value dialect_object(Eval *ev, const char *name);    /* an object of a class of the dialect */
void object_method(Eval *ev, Value o, const char *scope, const char *name);

/* ---- pack.c ---- */
Value packed_dtype(Eval *ev, Value v, Span at);      /* an element type with lanes; 1: not packed */
Value to_lanes(Eval *ev, Value v, Span at);          /* a packed value, or one lane */
Value lanes_map(Eval *ev, PyOp op, Value a, Value b, Span at);
Value lanes_bits(Eval *ev, Value v, DType t, Span at);
bool lanes_store(Eval *ev, Value target, Value v, Span at);
Value call_dtype(Eval *ev, Value type, const Args *a);

/* ---- reduce.c ---- */
void check_reducer(Eval *ev, const Buf *b, Span at, const char *what); /* before a use as a fragment */
void close_reducers(Eval *ev);
void check_batch(Eval *ev, Call *c, int slot, int64_t results);

/* ---- prelude.c ---- */
Value prelude_call(Eval *ev, const char *name, const Args *a);
void prelude_blame(Eval *ev, const Func *f, Span at);

/* ---- extern.c ---- */
void import_source(Eval *ev, Value v, Span at);

/* ---- atomic.c ---- */
bool reducer_store(Eval *ev, Buf *b, Expr *const *idx, Value v, Span at);
Reducer *find_reducer(Eval *ev, const Buf *b);
Expr *safe_value(Eval *ev, const Buf *b);            /* NULL: 0 */
#endif
