/* The token game: what decide.c and protocol.c share. */
#ifndef KILN_TILE_PROTOCOL_H
#define KILN_TILE_PROTOCOL_H
#include "tile/tile.h"

/* ---- decide.c: numbers that govern verbs, as far as they are known ------------------------------ */

enum { MAXTERMS = 6 };
/* k + sum of coef * atom; varies: made with the variable of a loop that runs */
typedef struct { int64_t k; int n; bool varies; struct { int atom; int64_t coef; } t[MAXTERMS]; } Val;

/* What is not arithmetic on known numbers. Equal text, equal value: lets are substituted, loop variables stand for their present value. */
typedef struct { const char *text; bool boolean, varies, counts; Op op; int narg; Val arg[MAXARG]; } Atom;      /* counts: a loop runs by it */

typedef struct {
    Cx *cx;
    int natom, cap, *at;        /* at: hash of the interned texts */
    Atom *atom;
    int ncount;                 /* atoms that are known to count */
    int64_t reach, shift;       /* an atom that counts is tried from -1 - shift to reach + shift */
} Decide;

typedef struct { int atom; int64_t value; unsigned used, wanted; } Choice;      /* agents that have asked for it; that may ask */

/* where expressions are evaluated; unknown gives the values of lets, loop variables, scalars and slots, or makes an atom of them */
typedef struct Place Place;
struct Place { Val (*var)(Place *, const Var *); Val (*load)(Place *, const Expr *, const Val *idx); void *user; };

Val val_int(int64_t k);
Val val_add(Decide *d, Val a, Val b, int64_t by);               /* a + by * b */
Val val_atom(Decide *d, const char *text, bool boolean, bool varies);
Val val_of(Decide *d, Place *p, const Expr *e);
void val_print(Text *out, const Val *v);
/* its number under these choices; false: *need has to be chosen first */
bool val_known(Decide *d, const Val *v, const Choice *choice, int n, int64_t *out, int *need);
void val_counts(Decide *d, const Val *v);                       /* the atoms in it count something */
void decide_range(const Decide *d, int atom, int64_t *lo, int64_t *hi);
#endif
