/* lang: dialect text -> tile program. Nothing here knows a target.

   lex.c          text -> tokens (tokens.def)
   ast.c          the nodes of the syntax tree (ast.def), their equality
   parse_expr.c   tokens -> expressions (pyops.def)
   parse.c        tokens -> statements, with recovery at statement ends
   unparse.c      tree -> text that parses to the same tree                                     */
#ifndef KILN_LANG_H
#define KILN_LANG_H
#include "base/base.h"
#include "tile/tile.h"

typedef __int128 Int;       /* a Python integer; what does not fit is a diagnosed error */

/* ---- lex.c ---------------------------------------------------------------------------------- */

/* FSTART, (MIDDLE | field)*, FEND make an f-string; a field is the operator "{", the tokens of an expression, then
   "=", "!" NAME and ":" (MIDDLE | field)*, each if written, then "}". NEWLINE ends a statement. */
typedef enum { T_EOF, T_NEWLINE, T_INDENT, T_DEDENT, T_NAME, T_KEYWORD, T_OP, T_INT, T_FLOAT, T_STR, T_FSTART, T_MIDDLE, T_FEND } TokenKind;
typedef struct {
    TokenKind kind;
    Span span;
    const char *text;       /* NAME, KEYWORD, OP: interned; STR, MIDDLE: what it means; INT: digits when `big` */
    size_t len;             /* STR, MIDDLE */
    bool bytes, imaginary, big;
    Int i;
    double f;
} Token;
typedef struct { Token *at; int n; } Tokens;            /* ends with NEWLINE, EOF */

Tokens lex(Cx *cx, uint32_t file);                      /* records what is wrong and goes on */

/* ---- ast.c ---------------------------------------------------------------------------------- */

typedef enum {
#define NODE(kind, level, form) N_##kind,
#include "ast.def"
#undef NODE
    NNODE
} NodeKind;
typedef struct { const char *name; int level; const char *form; } NodeInfo;
extern const NodeInfo node_info[NNODE];

typedef enum {
#define PYOP(name, text, level, method) PY_##name,
#include "pyops.def"
#undef PYOP
    NPYOP
} PyOp;
typedef struct { const char *name, *text; int level; const char *method; } PyOpInfo;
extern const PyOpInfo pyop_info[NPYOP];

typedef struct Node Node;
struct Node {               /* which members a kind has: ast.def */
    NodeKind kind;
    uint8_t op;             /* a PyOp, or what ast.def says */
    uint16_t height;        /* of the tree below: bounded, so that walkers may recurse */
    Span span;
    Node *next;             /* in a list */
    const char *name;       /* interned */
    size_t len;             /* str: bytes in name */
    Int i;
    double f;
    union {
        Node *kid[4];
        struct {
            union { Node *items, *obj, *left, *test, *target, *elt, *lo; };
            union { Node *right, *value, *iter, *args, *index, *hi; };
            union { Node *body, *annotation, *clauses, *step; };
            Node *orelse;
        };
    };
};
enum { PARAM_PLAIN, PARAM_SLASH, PARAM_STAR, PARAM_DSTAR };

Node *node_new(Cx *cx, NodeKind k, Span s);
int node_height(const Node *n);                         /* from its kids' heights */
bool ast_same(const Node *a, const Node *b);            /* node by node; places do not count. Lists too */

/* ---- parse_expr.c, parse.c ------------------------------------------------------------------- */

enum { MAXHEIGHT = 800, MAXNEST = 120 };                /* of trees; of recursion and of blocks */

typedef struct {
    Cx *cx;
    Token *at;              /* the next token */
    uint32_t file;
    int nest, block;
    bool in_def, in_loop;
} Parser;

/* what both files use */
bool parse_at(const Parser *p, const char *text);       /* the next token is this operator or keyword */
bool parse_accept(Parser *p, const char *text);
void parse_expect(Parser *p, const char *text, const char *after);
_Noreturn void parse_fail(Parser *p, const char *wanted);               /* "expected `wanted`, found ..." */
Node *parse_done(Parser *p, Node *n);                   /* closes the span; checks the height */
void parse_enter(Parser *p);                            /* one level of recursion */
const char *parse_name(Parser *p, const char *what);
Node *parse_expr(Parser *p);                            /* an expression without a bare comma */
Node *parse_exprs(Parser *p);                           /* with commas: a tuple; stars allowed */
Node *parse_targets(Parser *p);                         /* what stands between `for` and `in` */
Node *parse_bitors(Parser *p);                          /* the same, of any form: patterns */
Node *parse_params(Parser *p, const char *close, bool annotated);
Node *parse_args(Parser *p);                            /* after "(", eats ")" */
Node *parse_named(Parser *p);                           /* expression or walrus */
void parse_target(Parser *p, Node *n, const char *verb);                /* n may be assigned to, or it fails */

Node *parse_module(Cx *cx, uint32_t file);              /* lexes and parses; records what is wrong; never NULL */

/* ---- unparse.c ------------------------------------------------------------------------------ */

void unparse(Text *out, const Node *n);                 /* a module, a statement or an expression */
#endif
