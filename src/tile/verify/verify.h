/* verify: what the files of the verifier share.

   affine.h   ranges, forms, proofs, points that are reached
   threads.c  does a launch run once for its block or once for each thread
   check.c    one walk over every launch that knows the scope of each place: names, types, statements
   rules.c    the rule of each tile operation and of each call
   stage.c    what belongs to a schedule: roles, pipes, verbs, limits
   bounds.c   does an index stay inside of its tile; does index arithmetic fit its type
   init.c     is a tile written before it is read
   race.c     can two iterations of a nest meet in one element
   meet.c     do they: a nest, or a statement of many threads, run on paper

   bounds, init and race answer proved, refuted or unknown. Refuted is an error with a witness (for init.c a warning), unknown a remark. */
#ifndef KILN_TILE_VERIFY_H
#define KILN_TILE_VERIFY_H
#include "tile/verify/affine.h"

typedef struct Cell Cell;
typedef struct Meeting Meeting;
typedef struct Seen Seen;
struct Seen { const Seen *next; const Buf *buf; bool waited; };     /* buffers that exist here; waited: a slot to be read only */

typedef struct {
    Cx *cx;
    const Prog *prog;
    const Limits *lim;
    const Launch *launch;
    const Seen *seen;
    int role, groups;           /* the role around this place, -1: none */
    bool in_nest;               /* in a T.Parallel */
    bool breakable;             /* the innermost loop is one that break and continue may leave */
    bool unsure;                /* a jump may have gone past this place */
    bool threads;               /* the launch runs once for each thread */
    int first_error, nremark;
    Meeting *meeting;           /* race.c: room for its equations */
    Cell *cell;                  /* meet.c: its table */
    int64_t budget;             /* steps that searches for witnesses may still take */
} Check;

/* check.c */
Span span_or(const Span *best, Span other);                         /* the first that is a place */
const char *shape_text(Cx *cx, int n, const int64_t *ext);
void note_buf(Check *c, Diag *d, const Buf *b);                     /* where it comes from, and its shape */
bool check_told(const Check *c, ErrCode code, Span at);             /* has it been said; and may it be said again */
void check_expr(Check *c, Expr *e, const Scope *sc);
void check_integer(Check *c, Expr *e, const char *what, const Scope *sc);
void check_place(Check *c, const Expr *place, char letter, const Scope *sc);
void check_list(Check *c, const Stmt *list, const Scope *sc);
void check_see(Check *c, const Buf *b, bool waited);                /* from here on it exists */

/* rules.c */
void check_tile_rule(Check *c, const Stmt *s);
void check_call(Check *c, Expr *e, const Scope *sc);

/* stage.c */
bool check_schedule_only(Check *c, const Stmt *s, const char *what);
void check_role(Check *c, const Stmt *s, const Scope *sc);
void check_verb(Check *c, const Stmt *s, const Scope *sc);
void check_turn(Check *c, const Stmt *s);
void check_roles(Check *c);
void check_limits(Check *c);

/* bounds.c */
/* of dimension d, where `off` is an index (ext 0) or a region of so many elements starts */
void check_bounds(Check *c, const Buf *b, int d, const Expr *off, int64_t ext, Span span, const Scope *sc);

/* init.c */
void check_init(Check *c);

/* race.c */
bool nest_binds(const Stmt *nest, const Var *v);                    /* does it, or a let or loop in it, bind v */
void check_nest_races(Check *c, const Stmt *nest, const Scope *sc);

/* meet.c: FOUND: two of them meet, and it is said; NEVER: all were tried */
Reach check_meeting(Check *c, const Stmt *nest, const Buf *root, const Scope *sc);
void check_thread_races(Check *c, const Stmt *store, const Scope *sc);
void check_copy_overlap(Check *c, const Stmt *copy, const Scope *sc);
#endif
