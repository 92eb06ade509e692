/* What the emitters share. A target's text is C or C++ with names of its own: how those differ is a
   Dialect; everything else of an expression is said once.

   names.c    identifiers
   lower.c    tile operations as nests of element stores
   expr.c     expressions                                                                          */
#ifndef KILN_EMITTER_H
#define KILN_EMITTER_H
#include "target/target.h"

/* ---- names.c -------------------------------------------------------------------------------- */

typedef struct NameRules NameRules;
struct NameRules {
    const char *words, *prelude;                        /* taken: " words between blanks "; what the prelude declares */
    bool (*also)(Cx *cx, const NameRules *r, const char *name);         /* and these; or NULL */
    const char *symbol;                                 /* the kernel's own name, for `also` */
};
enum { MAXNAME = 1024 };
typedef struct { const void *what; const char *name; } Named;
typedef struct {
    const NameRules *rules;
    int n, nused, capused;
    Named at[MAXNAME];                                  /* live, innermost last; to drop some, set n back */
    const void **used;                                  /* whose names were asked for; to forget that, set nused to 0 */
} Names;

typedef struct Emit Emit;
const char *name_new(Emit *e, const void *what, const char *want);      /* unique among the live ones */
const char *name_as(Emit *e, const void *what, const char *name);       /* this very text */
const char *name_of(Emit *e, const void *what);         /* NULL: none; notes that it was asked for */
bool name_used(const Emit *e, const void *what);
void name_program(Emit *e);                             /* its tensors, scalars and sizes */
const char *name_plain(Cx *cx, const char *want);       /* in letters that the text allows */
bool name_reserved(Cx *cx, const NameRules *r, const char *name);
bool name_char(char c);
bool text_has_word(const char *text, const char *word);
bool code_has_word(Cx *cx, const char *text, const char *word);         /* outside of comments */

/* ---- the emitter's state: every target's own struct Emit begins with this --------------------- */

typedef struct Dialect Dialect;
enum { MAXHELD = 256 };
#define EMITTER                                                                                    \
    Cx *cx;                                                                                        \
    const Dialect *c;                                                                              \
    const Prog *prog;                                                                              \
    const Launch *launch;                                                                          \
    Text *out;                                                                                     \
    Names names;                                                                                   \
    const Scope *scope;                                                                            \
    int nheld;                                                                                     \
    struct { const Expr *value; const char *name; } held[MAXHELD];      /* values that have a name */ \
    int nlowered;                                                                                  \
    struct { const Stmt *from; Stmt *to; } *lowered;    /* tile operations as nests */

/* ---- expr.c --------------------------------------------------------------------------------- */

/* text with the precedence of its outermost operator */
typedef enum {
    P_COND = 1, P_OR, P_AND, P_BITS, P_EQ, P_REL, P_SHIFT, P_ADD, P_MUL, P_UNARY, P_PRIMARY
} Prec;
typedef struct { const char *s; Prec prec; } Piece;

struct Dialect {
    const char *target;
    const char *inf[2], *nan[2];                        /* as float, as double */
    const char *min32, *min64, *wide;                   /* the least integers; a cast to 64 bits */
    bool no_double;                                     /* it has none: they are held as float */
    bool grouped;                                       /* a + (b + c) stays as it is: its compiler is led by it */
    bool small_casts;                                   /* templates must see the type of every small integer */
    const char *(*row)(Op op);                          /* its text in ops.def, or NULL */
    const char *(*function)(Emit *e, const char *name, DType t);        /* which a row calls for operands of type t; or NULL */
    Piece (*operand)(Emit *e, const Expr *op, int i, Piece p);          /* checks around operand i; or NULL */
    Piece (*cast)(Emit *e, Piece x, DType from, DType to);
    Piece (*bits)(Emit *e, const Expr *x);
    Piece (*load)(Emit *e, const Expr *x);
};

const char *emit_f(Emit *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void emit_open(Emit *e, const char *head);               /* a line, and what follows further in */
void emit_close(Emit *e);                               /* } */
bool dtype_is_narrow(DType t);                          /* a float that is computed with as another one */
Piece expr_primary(const char *s);
const char *expr_fit(Emit *e, Piece p, Prec least);     /* in parentheses when it binds weaker */
Piece expr_piece(Emit *e, const Expr *x);
const char *expr_text(Emit *e, const Expr *x, Prec least);
Piece expr_raw(Emit *e, const Expr *op);                /* an operation, not yet brought back to its type */
Piece expr_ctype(Emit *e, const char *type, Piece x);   /* (type)x */
Piece expr_linear(Emit *e, const Buf *b, const Piece *idx);     /* row-major position */
bool expr_has_load(const Expr *x);                         /* an element somewhere in it; T.alloc_var is none */
bool expr_not_negative(Emit *e, const Expr *x);

/* ---- lower.c -------------------------------------------------------------------------------- */

Stmt *lower_tile(Emit *e, const Stmt *s);               /* a copy, fill, gemm, reduction or running sum as a nest, made once */
Stmt *lower_loop(Cx *cx, Var *v, int64_t ext);          /* for v in T.serial(ext), as yet empty */
DType lower_number(DType src, DType dst);               /* what a reduction is made in */
/* what a reduction keeps: dimensions src[k] and dst[k] of extent ext[k]; the axis is axis_dst of a running sum, else -1 */
typedef struct { int n, src[MAXDIM + 1], dst[MAXDIM + 1], axis_dst; int64_t ext[MAXDIM + 1]; } Kept;
void lower_kept(Emit *e, const Stmt *s, Kept *l);

static inline bool is_tensor(const Buf *b)              /* in global memory */
{
    return b->space == SP_GLOBAL || b->space == SP_TEMP;
}

static inline bool is_variable(const Buf *b)            /* T.alloc_var: without an index */
{
    return b->space == SP_LOCAL && b->ndim == 0;
}
#endif
