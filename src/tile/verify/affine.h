/* affine: what is known of index arithmetic at a place, in 128 bits. Shared by the files of tile that prove something.

   affine.c   forms k + sum of coef * atom, the conditions around a place as forms that are not negative, proofs from them
   point.c    expressions at a point: the value when all variables have one
   reach.c    points at which a place is surely reached; the search for one where something holds */
#ifndef KILN_TILE_AFFINE_H
#define KILN_TILE_AFFINE_H
#include "tile/tile.h"

typedef __int128 Wide;

/* ---- affine.c ------------------------------------------------------------------------------- */

enum { MAXATOM = 12, MAXFACT = 24, MAXQUOTIENT = 12 };    /* small enough for the stack of a thread */
typedef struct Form Form;
/* A variable; floor(of / by); or an expression that is no arithmetic, which `loads` when memory is in it. It lies in lo .. hi.
   second: its value in the second of two iterations that are compared. */
typedef struct {
    const Var *var;
    const Form *of;
    int64_t by;
    const Expr *other;
    bool second, loads;
    int64_t coef;
    Wide lo, hi;
} Term;
struct Form {
    Wide k;
    int n;
    Term t[MAXATOM];
};

/* what is taken not to wrap around, without proof: nothing; signed arithmetic, where that is an error by itself; all */
typedef enum { TRUST_NONE, TRUST_SIGNED, TRUST_ALL } Trust;
typedef struct {
    const Scope *at;
    int left;                           /* work that it may still cost: without it the answer is "not known" */
    int nquotient, nfact;
    Trust trust;
    bool gathered;                      /* the conditions around `at` are among the facts */
    Form quotient[MAXQUOTIENT];         /* what quotients are of */
    Form fact[MAXFACT];                 /* not negative at this place */
} Affine;

void affine_at(Affine *a, const Scope *at);
bool affine_form(Affine *a, const Expr *e, Form *out);          /* false: too large, or not an integer */
bool affine_proves(Affine *a, const Form *f);                   /* f >= 0 at this place */
void form_range(const Form *f, Wide *lo, Wide *hi);             /* by the ranges of its atoms */
bool form_add(Form *f, const Form *g, Wide by);                 /* f += by * g; false: too large */
Form form_int(Wide k);
Form form_term(const Term *t, Wide coef);
bool term_same(const Term *a, const Term *b);
Wide wide_gcd(Wide x, Wide y);
static inline Wide wide_floor(Wide a, Wide b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

/* range.c: the scope that binds v, as its variable number k; NULL: none here does */
const Scope *scope_of(const Scope *at, const Var *v, int *k);
bool stmt_binds(const Stmt *s, const Var *v, int *k);
bool range_exact(Op op, Range x, Range y, Wide *lo, Wide *hi);  /* of a sum, a difference, a product, before it wraps; false: another */
/* the comparisons that hold when c does, or when it does not */
void cond_compares(const Expr *c, bool holds, void (*fn)(void *user, Op op, const Expr *x, const Expr *y), void *user);

/* ---- point.c -------------------------------------------------------------------------------- */

enum { MAXBOUND = 48 };
typedef struct { double f; int64_t i; } Num;                    /* f for float types, i for the others */
typedef struct { int n; const Var *var[MAXBOUND]; Num value[MAXBOUND]; } Point;

/* what is under it may wrap around: a hash is made so */
static inline bool op_folds_bits(Op op) { return op == OP_floormod || op == OP_band || op == OP_bxor; }
/* of a choice the first operand is evaluated, and then at most one other: this one, or NULL */
static inline bool op_chooses(Op op) { return op == OP_select || op == OP_and || op == OP_or; }
static inline Expr *expr_chosen(const Expr *e, bool first)
{
    return e->op == OP_select ? e->arg[first ? 1 : 2] : first == (e->op == OP_and) ? e->arg[1] : NULL;
}
void point_bind(Point *p, const Var *v, Num x);
/* false: memory, calls, arithmetic without a result, a variable without a value. *wraps (may be NULL) is set when signed arithmetic
   leaves its type; without it that is false, too */
bool point_value(const Point *p, const Expr *e, Num *out, bool *wraps);
bool point_int(const Point *p, const Expr *e, int64_t *out);
void point_print(Text *out, const Point *p, const Expr *const *about, int n);   /* "i = 63, bx = 0": the variables in these */

/* ---- reach.c -------------------------------------------------------------------------------- */

/* NEVER: every point was tried, and each is known */
typedef enum { REACH_UNKNOWN, REACH_FOUND, REACH_NEVER } Reach;
/* does it hold at this point; *unknown: it cannot be said */
typedef bool (*PointTest)(void *user, const Point *p, bool *unknown);
/* the variables in `about` take many values, the others one; budget: steps that it may take, which are taken off */
Reach reach_find(const Scope *at, const Expr *const *about, int n, PointTest test, void *user, int64_t *budget, Point *out);
#endif
