/* What the passes share.

   facts.c    who can execute a statement, who can know a value
   rewrite.c  copies with replacements, fresh names
   moves.c    element nests over global memory: their bounding boxes, and nests that are copies
   merge.c    a launch as one sequence */
#ifndef KILN_SCHED_INSIDE_H
#define KILN_SCHED_INSIDE_H
#include "sched/sched.h"

/* ---- facts.c --------------------------------------------------------------------------------- */

typedef struct {
    const void *key;
    int64_t value;
} PairRow;
typedef struct {
    Arena *arena;
    int n, cap, *at;
    PairRow *row;
} PtrMap; /* pointer -> number, absent: 0; rows in the order they came */
int64_t ptr_get(const PtrMap *m, const void *key);
void ptr_set(PtrMap *m, const void *key, int64_t value);

enum { ALL_ROLES = (1 << NROLE) - 1 };

/* What can be said of a launch before it is split. A *leaf* is a statement that one role executes
   whole: a tile operation, an element store, an allocation, a T.Parallel nest. Roles as bits, 1 <<
   role. */
typedef struct {
    Cx *cx;
    const Limits *lim;
    Launch *launch;
    PtrMap home;    /* leaf with an effect on tiles or globals -> 1 + role */
    PtrMap hidden;  /* Var (let) or LOCAL buffer -> roles that cannot know its value */
    PtrMap writers; /* SHARED buffer -> roles */
    PtrMap global;  /* GLOBAL or TEMP buffer -> 1 read, 2 written, 4 << role: by that role */
    PtrMap forced; /* leaf that split.c wants in compute, whatever it is; given from outside, may be
                      empty */
    bool changed;
} Facts;
void facts_find(
    Facts *f); /* fills what is empty; cx, lim, launch and arenas are set by facts_new */
Facts *facts_new(Cx *cx, Launch *l, const Limits *lim);
unsigned facts_hidden(const Facts *f, const Expr *e); /* roles that cannot evaluate e */
Role facts_home(const Facts *f, const Stmt *leaf);    /* of a leaf with an effect */
bool stmt_is_leaf(const Stmt *s);
bool buf_is_global(const Buf *b);             /* GLOBAL or TEMP */
bool buf_is_tile(const Buf *b);               /* SHARED, FRAG or SLOT */
bool expr_no_tile(const Expr *e);             /* made of indices, scalars and global memory alone */
bool expr_loads(const Expr *e, const Buf *b); /* b NULL: anything */
bool expr_loads_global(const Expr *e);
bool expr_uses_index(const Expr *e, Var *const *var,
                     int n); /* a variable as a value, not only to address a tile or tensor */
/* why no pass takes the launch apart: it says itself what runs where and when; NULL: they may */
const char *launch_whole(const Launch *l, Span *where);
void stmt_visit(Visitor *v, Stmt *s); /* walk_stmts on this statement alone */
int64_t list_shared(Stmt *list);      /* of all shared tiles that come into being in it */
int sched_roles(const Limits *lim, const SchedOptions *opt);
/* a tensor is read and written in this launch: the program's own order is the only one; NULL when
 * there is none */
const Buf *facts_in_order(const Facts *f);
const Buf *facts_two_writers(const Facts *f); /* stored to by two roles, likewise */

/* ---- rewrite.c ------------------------------------------------------------------------------- */

typedef Expr *ExprFn(Cx *cx, Expr *e,
                     void *user); /* what stands for e, or NULL: look into its parts */
Expr *expr_map(Cx *cx, Expr *e, ExprFn *fn, void *user);
void stmt_map(Cx *cx, Stmt *s, ExprFn *fn,
              void *user); /* every expression in s, in place: s is the pass's own copy */
void list_map(Cx *cx, Stmt *list, ExprFn *fn, void *user);

Stmt *nest_inline_lets(Cx *cx,
                       const Stmt *nest); /* a copy; lets that load nothing are written out */
void list_append(Tail *tail, Stmt *list);
typedef struct {
    Cx *cx;
    PtrMap taken;
} Names;
Names *names_of(Cx *cx, const Prog *p);
const char *names_fresh(Names *names,
                        const char *base); /* not yet a name of the program, nor given before */
Buf *names_tile(Names *names, const char *base, DType t, int ndim, const int64_t *ext,
                Span s); /* SHARED */
Stmt *stmt_tile_op(Cx *cx, TileOp op, const Region *a, const Region *b, Span s);
Stmt *stmt_alloc(Cx *cx, Buf *b);

/* ---- moves.c --------------------------------------------------------------------------------- */

enum { MAXDOMAIN = 12 };
/* the variables of a nest and of the loops in it, each running lo .. lo + ext - 1 */
typedef struct {
    int n;
    Var *var[MAXDOMAIN];
    int64_t lo[MAXDOMAIN], ext[MAXDOMAIN];
} Domain;
/* what an access covers while all of them run: region + sum of coef * var in each dimension */
typedef struct {
    Region region;
    int64_t coef[MAXDIM][MAXDOMAIN];
    int64_t elems;
    bool dense;
} Box; /* dense: every element is met */
bool domain_add(Domain *d,
                const Stmt *loop); /* false: its bounds are not constant, or it may not run */
bool nest_box(Cx *cx, const Domain *d, Buf *b, Expr *const *idx, Box *out); /* false: not affine */
int box_shape(const Box *box, int64_t *ext); /* the dimensions of a tile for it */
void box_index(Cx *cx, const Domain *d, const Box *box, Expr **out); /* MAXDIM entries */
Stmt *nest_as_copy(Cx *cx, const Stmt *nest);

/* ---- split.c, merge.c, depth.c, control.c ---------------------------------------------------- */

bool split_possible(Cx *cx, Names *names, const Launch *l, const Limits *lim);
void merge_launch(Cx *cx, Launch *l, const Limits *lim);
int64_t pipe_slot_bytes(const Pipe *p);
int64_t launch_shared(const Launch *l);  /* of its pipes at their depths, and its own tiles */
Stmt *own_variables(Cx *cx, Stmt *list); /* a copy in which no two places bind the same variable */
/* a copy of a launch in roles in which scalars from global memory reach compute through pipes;
 * NULL: one cannot */
Launch *control_copy(Cx *cx, const Launch *l, Names *names, const Limits *lim);

#endif
