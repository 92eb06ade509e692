/* lang: dialect text -> tile program. Nothing here knows a target. A room for each step:

   syntax/    text -> tree
     lex.c          text -> tokens (tokens.def); lex_string.c: strings and f-strings
     ast.c          the nodes of the syntax tree (ast.def), their equality
     parse_expr.c   tokens -> expressions (pyops.def); parse_atom.c: displays, calls, subscripts
     parse.c        tokens -> statements, with recovery at statement ends; parse_block.c: those with blocks
     unparse.c      tree -> text that parses to the same tree
     list.c         which kernels a file holds, and what they take
     reduce.c       a program made smaller, one step at a time
   eval/      tree -> values and statements, at compile time
     value.c        the values; show.c: as text
     arith.c        operators on them: Python's on known values, tile expressions on symbolic ones
     eval.c         expressions; items.c: what is iterated over; item.c: subscripts of known containers; attr.c: attributes
     exec.c         statements; flow.c: branches, loops, contexts; match.c; raise.c: exceptions
     class.c        classes and objects
     call.c         arguments to parameters, of the program's functions and of the dialect's (builtins.def)
     module.c       modules: names bound when they are asked for, the program's own package, nothing else
     prelude.c      what of the dialect and of Python is written in Python itself (prelude/)
     compose.c      kernels that call kernels: several launches in one program
     entry.c        which kernel of a file; -D
     program.c      from an entry and its bindings to a program
   python/    Python's library: types and functions, items, numbers, methods, records; host.c: tilelang's and torch's
   dialect/   T.: see dialect.h
   prelude/   what of both is written in the dialect itself                                      */
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
#define NODE(kind, level, kids, text) N_##kind,
#include "ast.def"
#undef NODE
    NNODE
} NodeKind;
typedef struct { const char *name; int level; const char *kids, *text; } NodeInfo;
extern const NodeInfo node_info[NNODE];

typedef enum {
#define PYOP(name, text, level, method, tile) PY_##name,
#include "pyops.def"
#undef PYOP
    NPYOP
} PyOp;
typedef struct { const char *name, *text; int level; const char *method; int tile; } PyOpInfo;
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
typedef bool See(const Node *n, const char *name);
/* the first node in a list, and below, that is `what`; not in functions, lambdas and classes that stand there, unless `inner` */
const Node *ast_find(const Node *list, See *what, const char *name, bool inner);
/* what is asked for: a name; that name called, or called and perhaps dotted; `name: type` without a value */
See see_name, see_call, see_declaration;
bool word_in(const char *word, const char *words);      /* words: " a b c " */
bool ast_called(const Node *n, const char *name);       /* a decorator, a type, what is called: name, x.name, name(...) */

/* ---- parse_expr.c, parse_atom.c, parse.c, parse_block.c ---------------------------------------- */

enum { MAXHEIGHT = 800, MAXNEST = 120 };                /* of trees; of recursion and of blocks */

typedef struct {
    Cx *cx;
    Token *at;              /* the next token */
    uint32_t file;
    int nest, block;
    uint32_t from;          /* where the statement begins */
    bool in_def, in_loop;
} Parser;

/* what these files share */
enum { LEVEL_OR = 4, LEVEL_AND = 5, LEVEL_NOT = 6, LEVEL_BITOR = 8 };   /* of pyops.def */
typedef struct { Node *first, *last; } NodeList;
void parse_add(NodeList *l, Node *n);
Node *parse_start(Parser *p, NodeKind k);               /* a node that begins at the next token */
Node *parse_after(Parser *p, NodeKind k);               /* the same, and that token is eaten */
Node *parse_leaf(Parser *p, NodeKind k, const char *name);              /* one without kids, where the next token is */
Node *parse_commas(Parser *p, Node *item(Parser *), const char *close); /* items up to `close`: a list */
Node *parse_wrap(Parser *p, NodeKind k, Node *first);   /* one that begins where `first` began, its first kid */
Node *parse_level(Parser *p, int level);                /* operators of at least this level */
Node *parse_star(Parser *p);                            /* after a look at "*" */
Node *parse_primary(Parser *p);
Node *parse_compound(Parser *p);                        /* a statement with blocks; NULL when none begins here */
Node *parse_block(Parser *p, const char *after);
bool parse_at(const Parser *p, const char *text);       /* the next token is this operator or keyword */
bool parse_accept(Parser *p, const char *text);
bool parse_ends(const Parser *p, const char *words);    /* the line, or one of these words: each is followed by a blank */
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

/* ---- value.c: what the compile-time evaluator computes with ------------------------------------ */

typedef struct Value Value;
typedef struct Eval Eval;
typedef struct Env Env;
typedef struct Func Func;
typedef struct Class Class;
typedef struct Module Module;
typedef struct Builtin Builtin;
typedef struct Block Block;

typedef enum {
#define VALUE(kind, name, scope, types) VAL_##kind,
#include "values.def"
#undef VALUE
    NVAL
} ValueKind;

typedef struct { int n, cap; Value *at; } Seq;          /* TUPLE, LIST; SLICE and RANGE: lo, hi, step */
typedef struct { int n, cap; Value *key, *val; int *slot, nslot; Value *missing; } Dict;
/* in order of insertion; also the attributes of an object, and SET; slot: a hash of the keys, when there are many; missing: makes the
   value of a key that is not there */
typedef struct { Class *cls; Dict attrs; Seq items; } Object;           /* items: of a named tuple, its fields in order */
typedef struct { Seq all; int at; } Iter;               /* what is left of an iterator: all[at ..]; everything was computed at once */

/* a buffer with a subscript; per dimension one element, or [lo, hi) */
typedef struct { Buf *buf; Expr *lo[MAXDIM], *hi[MAXDIM]; bool slices; } Ref;          /* hi NULL: one element; slices: any */
/* T.Tensor(...); stride[0] NULL: row-major */
typedef struct { int ndim; Expr *dim[MAXDIM], *stride[MAXDIM]; DType type; bool output; } TensorSpec;
typedef struct {
    LoopKind how; int n, stages, axis; bool grid; Expr *lo, *hi[MAXPAR]; int64_t step; Expr *wave, *index, *group;
} LoopSpec;
/* T.serial(...); grid: nested loops; wave: T.Persistent over the tiles hi[..], so many at a time, in groups of the last one's;
   axis: over the threads of this axis, 1 the first (T.thread_binding) */
typedef enum { FRAME_KERNEL, FRAME_ROLE, FRAME_NONE, FRAME_IF, FRAME_THEN, FRAME_ELSE, FRAME_WHERE } FrameKind;
typedef struct {
    FrameKind kind; int n, threads, groups, thread_ext[MAXGRID]; Role role; Expr *grid[MAXGRID], *cond; Span span;
} FrameSpec;
/* T.Kernel(...), a role; T.If, T.Then, T.Else; WHERE: the threads for which cond holds (T.ws) */

struct Value {
    ValueKind kind;
    union {
        Int i;                                          /* INT, BOOL */
        double f;
        struct { const char *s; size_t len; };          /* STR: interned; FOREIGN: its dotted name */
        struct { DType dtype; int lanes; };             /* lanes: of a packed type, else 0 */
        Seq *seq;                                       /* also VECTOR: its lanes */
        Dict *dict;
        Iter *iter;
        Func *func;
        const Builtin *builtin;
        struct { Value *self, *fn; };                   /* METHOD: fn and its first argument; PARTIAL: fn, a tuple and a dict;
                                                           SUPER: an object or class, and the class whose bases are asked */
        Class *cls;
        Object *object;
        Module *module;
        Expr *expr;
        Buf *buf;
        Ref *ref;                                       /* REF; POINTER: to its element */
        TensorSpec *tensor;
        LoopSpec *loop;
        FrameSpec *frame;
        struct { Pipe *pipe; Expr *which; };
        Order *order;
        Stmt *slot;                                     /* the verb that gave it */
    };
};

typedef struct { const char *name, *scope, *types; } ValueInfo;
extern const ValueInfo value_info[NVAL];                /* values.def */
extern const char *const value_name[NVAL];              /* as messages call it */
#define NONE_VALUE ((Value){.kind = VAL_NONE})
Value value_int(Int i);
Value value_bool(bool b);
Value value_float(double f);
Value value_str(Cx *cx, const char *s, size_t n);
Value value_text(Cx *cx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
Value value_key(const char *name);                      /* interned */
Value value_dtype(DType t);
Value value_expr(Expr *e);
Value value_buf(Buf *b);
Value value_seq(Cx *cx, ValueKind k, int n);            /* n unset items */
Value value_iter(Cx *cx, const Seq *s);
Value value_dict(Cx *cx);                               /* empty */
Value value_tuple(Cx *cx, Seq s);
Value value_object(Cx *cx, Class *c);                   /* without attributes */
Value value_partial(Cx *cx, Value fn, Seq pos, Dict named);
Value value_foreign(Cx *cx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void seq_add(Cx *cx, Seq *s, Value v);
void seq_add_all(Cx *cx, Seq *s, const Seq *more);
Value *dict_find(const Dict *d, Value key);             /* NULL when it is not there */
bool dict_remove(Dict *d, Value key);                   /* false when it is not there */
Value value_set(Cx *cx, const Seq *s);                  /* s NULL: empty */
void dict_set(Cx *cx, Dict *d, Value key, Value v);
void dict_add_all(Cx *cx, Dict *d, const Dict *more);
Value *attr_find(const Dict *d, const char *name);      /* name interned */
void attr_set(Cx *cx, Dict *d, const char *name, Value v);
bool value_same(const Value *a, const Value *b);        /* == on known values; a type equals its name */
bool value_is(const Value *a, const Value *b);
bool is_int(const Value *v);                            /* bool, too */
bool is_number(const Value *v);
bool value_known(const Value *v);                       /* nothing symbolic at its top */
bool value_hashable(const Value *v);

/* ---- show.c: values as text --------------------------------------------------------------------- */

void text_int(Text *out, Int i);
bool text_escape(Text *out, unsigned char c, char quote);       /* false when c stands for itself in a string */
void text_float(Text *out, double f);                   /* the fewest digits that read back as the same number */
void value_show(Eval *ev, Text *out, const Value *v, bool repr);        /* str() or repr(), by the program's methods */
void value_format(Eval *ev, Text *out, const Value *v, const char *spec, Span at);       /* format() */
Value value_shown(Eval *ev, Value v, bool repr);        /* as a string */
Value text_value(Eval *ev, const Text *t, Span at);     /* the text as a string; fails when it is too long */

/* ---- the evaluator's own state ----------------------------------------------------------------- */

typedef struct Binding Binding;
struct Binding {
    Binding *next;
    const char *name;
    Value value;
    Block *block;           /* where a symbolic value is defined */
    int at, resolved;       /* of a module: bound by this statement; all statements before that one have run */
    Binding *older;         /* of a module: the value before */
};
struct Env {                /* the names of one call, class body, comprehension or module */
    Env *outer;
    Binding *first;
    Module *module;
    bool is_class, is_comp;
    const Node *outer_names;        /* global and nonlocal statements, a list */
};

typedef enum { F_PLAIN, F_MACRO, F_PRIM, F_JIT } FuncRole;     /* a helper; T.macro; T.prim_func; tilelang.jit */
struct Func {
    const char *name;
    const Node *node;       /* def or lambda */
    Env *env;               /* where it was defined */
    FuncRole role;
    bool traced;            /* its statements belong to the program: names are bound once, ifs and loops may be symbolic */
    bool property, is_static, is_classmethod, cached, yields;
    Value *defaults;        /* one a parameter; UNSET: none */
    const Func *wrapped;    /* functools.wraps: the function whose parameters these are */
    Func *setter;           /* of a property */
    const Class *owner;     /* of a method: the class whose body it stands in */
    Dict *results;          /* cached: by arguments */
    const Node *out_idx;    /* of tilelang.jit and configs of autotune: evaluated when they are needed, in `host` */
    const Node *configs;
    Env *host;
    Dict *tuned;            /* that configuration, when it was asked for; empty: there is none */
    Value outputs;          /* out_idx of tilelang.compile, or of the factory that returned the kernel */
};
struct Class {
    const char *name;
    Dict attrs;
    int nline;
    Class **line;           /* where attributes are looked up, in order: this class, its bases, theirs */
    /* foreign: a base is not part of the program; is_record..: dataclass, NamedTuple, Enum, Flag, exception; frozen: no assignment;
       ordered: a dataclass has an order, str() of an Enum gives the value; plain: members of an Enum are numbers or strings, too */
    union {
        struct { bool foreign, is_record, is_tuple, is_enum, is_flag, is_error, frozen, ordered, plain; };
        bool trait[9];      /* what a class has of its bases */
    };
    bool by_name, by_identity;      /* of a dataclass: arguments by name alone; == compares identity */
    Seq fields;             /* of a record: names */
};

typedef struct Caught Caught;
typedef struct Running { struct Running *outer; Module *module; int now; } Running;    /* a module's statement that is being run */
/* a kernel whose body runs: the entry, or one that it calls. T.const sizes are symbols until the first launch of a call whose arguments
   have yet to tell them (phase one), values from then on (phase two) */
typedef struct Calling Calling;
struct Calling {
    Calling *outer;
    const Func *func;
    Span call;
    bool nested, stopped;
    int unknown;            /* sizes that are symbols */
    Dict sizes;             /* T.const by name */
    Subst bound;            /* open sizes of the callee: what they are in the caller */
    int nout, *out;         /* parameters that the call makes */
    Seq made;
};
typedef struct Frame Frame;
/* the calls that lead here */
struct Frame { Frame *outer; const Func *func; Span call; const struct Args *args; Seq *yielded; };

struct Block {              /* a list of statements that grows: the names declared in it, and whether it is over */
    Block *outer;
    bool over;
    const Stmt *stmt;       /* the loop whose body this is, or NULL */
    const Launch *launch;
    struct Names { struct Names *next; const char *name; int used; } *names, *gone;
    /* used: the last NAME_k made of it; gone: those of blocks inside that are over */
};

struct Eval {
    Cx *cx;
    Module *modules;        /* all that were asked for */
    Module *main;
    const char *root, *real_root;   /* the folder outside of which nothing is read: as the program was named, and in truth */
    Env *env;
    Frame *frame;
    int depth;              /* of recursion */
    int64_t fuel;           /* steps left */
    size_t memory;          /* what the arena held at the start */
    bool dump;              /* the text is a dump: names and lets are taken as they stand */
    Stage stage;            /* what its header says */
    const char *target;
    Value result;           /* of return */
    Value raised;           /* the exception that leaves, if it is the program's own; UNSET: it follows from the code */
    const char *raises;     /* else its class, where the code does not tell; NULL */
    const Caught *handled;  /* in an except block: what it caught */
    Running *running;
    Calling *phase;           /* of the kernel whose body runs; NULL in a factory */
    bool fresh_targets;     /* what is assigned to is bound anew */
    int catching;           /* try statements around this place: no recovery inside of them */
    int loops;              /* the innermost loop of this call runs on the device: 1, -1 when it cannot be left; else 0 */
    Dict given;             /* -D name=value */
    Dict used;              /* those of them that something asked for */
    /* the program that grows */
    Prog *prog;
    Launch *launch;         /* NULL outside of T.Kernel */
    Launch **launch_end;
    Tail tail;              /* NULL where no statement may stand */
    Block *block;
    Dict tensors;           /* arguments of an eager kernel, by name */
    Seq outputs;            /* of T.empty, in order */
    Seq sizes;              /* T.dynamic symbols, all of them */
    int branches;           /* symbolic ifs and loops around this place, in this call */
    int roles;              /* role blocks around this place */
    int statements;         /* that were emitted */
    struct Dialect *dialect;        /* what the T. functions remember */
};

typedef struct Args {       /* the arguments of a call, as written */
    Span span;              /* of the whole call */
    Span callee;
    Seq pos, named;
    Seq names;              /* of `named` */
    const Span *pos_at, *named_at;      /* may be NULL */
} Args;

/* records with the calls that lead here, and leaves; what a `try` of the program may catch goes by the code */
_Noreturn void eval_fail(Eval *ev, ErrCode code, Span at, const char *help, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

bool in_prelude(const Cx *cx, Span at);                 /* Python's library, as far as it is written in Python */

typedef enum { FLOW_NEXT, FLOW_BREAK, FLOW_CONTINUE, FLOW_RETURN } Flow;
Eval *raising(Eval *ev, const char *name);              /* the next eval_fail raises an exception of that class */

/* ---- arith.c ---------------------------------------------------------------------------------- */

Expr *to_expr(Eval *ev, Value v, Span at);              /* as an element value: literals, loads, symbols */
Expr *to_typed(Eval *ev, Value v, DType t, Span at);    /* converted to t; a literal is rounded once */
Int to_int(Eval *ev, Value v, Span at, const char *what);       /* known, or it fails */
bool to_bool(Eval *ev, Value v, Span at, const char *what);
DType to_dtype(Eval *ev, Value v, Span at);
const char *to_str(Eval *ev, Value v, Span at, const char *what);
Value simplify(Value v);                                /* an int32, bool constant is a known value again */
bool is_symbolic(const Value *v);                       /* EXPR, an element of a buffer, a T.alloc_var */
Value value_op(Eval *ev, Op op, Value a, Value b, Span at);     /* of the program; b UNSET: a is the only operand */
Value eval_unary(Eval *ev, PyOp op, Value a, Span at);
Value eval_binary(Eval *ev, PyOp op, Value a, Value b, Span at);
Value eval_compare(Eval *ev, PyOp op, Value a, Value b, Span at);

/* ---- eval.c ----------------------------------------------------------------------------------- */

Value eval(Eval *ev, const Node *n);
Value eval_in(Eval *ev, Env *env, const Node *n);       /* with the names of env */
void eval_step(Eval *ev, Span at);                      /* spends fuel; fails when it, or memory, is used up */
void eval_spend(Eval *ev, int64_t steps, Span at);      /* the same for many steps at once */
Env *env_new(Eval *ev, Env *outer);                     /* of a call, a class, a comprehension */
Binding *env_find(Env *env, const char *name);
Value eval_name(Eval *ev, const char *name, Span at);
void env_set(Eval *ev, Env *env, const char *name, Value v);

/* ---- items.c ---------------------------------------------------------------------------------- */

Seq *eval_items(Eval *ev, Value v, Span at);            /* what a known iterable gives */
Value eval_comp(Eval *ev, const Node *n);
Value eval_yield(Eval *ev, const Node *n);
Value eval_key(Eval *ev, Value v, Span at);             /* v itself; fails when it cannot be a key */

/* ---- item.c ----------------------------------------------------------------------------------- */

Value item_of(Eval *ev, Value v, Value idx, Span at);   /* of a known container */
/* items for n targets, of which the one at `star` takes a list of what the others leave; -1: none does. False when they do not fit */
bool spread(Eval *ev, const Seq *items, int n, int star, Seq *out);
int item_index(Eval *ev, Value idx, int n, Span at);    /* of n items; fails when it is none */
void slice_bounds(Eval *ev, const Value *slice, int n, Span at, Int *lo, Int *hi, Int *step);

/* ---- attr.c ----------------------------------------------------------------------------------- */

Value eval_attr(Eval *ev, Value v, const char *name, Span at);
bool attr_lookup(Eval *ev, Value v, const char *name, Span at, Value *out);     /* false when there is none */
void assign_attr(Eval *ev, Value o, const char *name, Value v, Span at);
Value bind_method(Eval *ev, Value self, Value fn);
Span attr_span(const Node *n);                          /* of the name after the dot */

/* ---- class.c, record.c -------------------------------------------------------------------------- */

Value make_class(Eval *ev, const Node *n);
Value make_object(Eval *ev, Class *c, const Args *a);
Class *class_new(Eval *ev, const char *name, Class *const *base, int n);
Value *class_find(const Class *c, const char *name);
bool class_below(const Class *c, const Class *of);      /* c is `of`, or made of it */
/* the special method of an object's class: called if it is there */
bool call_special(Eval *ev, Value v, const char *name, const Value *arg, int n, Span at, Value *out);
Value plain_value(Value v);                             /* a member of IntEnum is its number, a named tuple a tuple */
bool is_member(const Class *c, const Value *v);         /* of the Enum c */
const Value *class_member(const Class *c, const Value *v, int n);
Value enum_member(Eval *ev, Class *c, Value name, Value value);
void record_init(Eval *ev, Class *c, Object *o, const Args *a);
Seq *record_items(Eval *ev, const Value *v);            /* the fields of a record, in order */
bool is_instance(Eval *ev, const Value *v, const Value *type);

/* ---- raise.c ---------------------------------------------------------------------------------- */

Class *error_class(Eval *ev, const char *name);         /* one of Python's exceptions, or NULL */
_Noreturn void exec_raise(Eval *ev, const Node *n);
void exec_assert(Eval *ev, const Node *n);
struct Caught { Value error; Diag *said; int errors; };        /* an exception, and the messages that it had recorded */
/* runs fn; false, with what it raised, when that is something a program may catch; leaves on anything else. out NULL: whatever it was,
   it is forgotten */
bool attempt(Eval *ev, void (*fn)(Eval *, void *), void *arg, Caught *out);
bool attempt_body(Eval *ev, const Node *body, Flow *flow, Caught *out);        /* the same with statements */
_Noreturn void raise_again(Eval *ev, const Caught *c);  /* as if it had not been caught */
Flow exec_try(Eval *ev, const Node *n);
void eval_restore(Eval *ev, const Eval *was);           /* after a failure: where the evaluator stood; what it learned stays */

/* ---- exec.c ----------------------------------------------------------------------------------- */

Flow exec(Eval *ev, const Node *body);                  /* a list of statements */
bool tracing(const Eval *ev);                           /* statements belong to the program */
void exec_assign(Eval *ev, const Node *target, Value v);
void exec_bind(Eval *ev, const Node *target, Value v);  /* a loop's target: binds anew, never stores into a T.alloc_var */
Value make_func(Eval *ev, const Node *n);

/* ---- flow.c: statements that decide what runs ------------------------------------------------------ */

Flow exec_if(Eval *ev, const Node *n);
Flow exec_for(Eval *ev, const Node *n);
Flow exec_while(Eval *ev, const Node *n);
Flow exec_with(Eval *ev, const Node *n, const Node *item);
Flow exec_jump(Eval *ev, const Node *n);                /* break, continue */
Flow device_body(Eval *ev, const Node *body, bool may_jump);            /* of a loop that runs on the device */
Flow exec_match(Eval *ev, const Node *n);               /* match.c */

/* ---- call.c ----------------------------------------------------------------------------------- */

enum { MAXSLOT = 20, MAXNAMES = 64 };
typedef struct {            /* the arguments of a builtin: one a parameter of its signature, defaults filled in */
    const Builtin *fn;
    Span span, callee;
    Value arg[MAXSLOT];
    Span at[MAXSLOT];
    int n;
    Seq rest;               /* *name */
    Dict others;            /* **name */
} Call;
typedef struct { const char *name; int star; bool by_place, by_name; const Node *node; } Formal;  /* star: of *name 1, of **name 2 */
typedef struct { const char *name, *text; Formal *slot; int n; bool fields; } Signature;  /* text: of builtins.def; fields: of a record */
typedef struct { Value *arg; Span *at; Seq rest; Dict others; } Bound;  /* one a slot; UNSET: not given */
void bind_args(Eval *ev, const Signature *s, const Args *a, Bound *b);
Signature def_signature(Eval *ev, const Func *f);
typedef Value Handler(Eval *ev, Call *c);
struct Builtin { const char *scope, *name; Handler *run; const char *signature, *help; int op; };
extern const Builtin builtins[];                        /* name NULL at the end */
enum { MARK_PROPERTY, MARK_CACHED, MARK_STATIC, MARK_CLASS };           /* py_mark */
#define BUILTIN(scope, name, handler, signature, help) Handler handler;
#include "builtins.def"
#undef BUILTIN
Handler t_element;                                      /* of every row of tile/ops.def */

const Builtin *builtin_find(const char *scope, const char *name);
void builtin_keyword(Eval *ev, const Builtin *f, const char *name, Span at);    /* fails when f has no parameter of that name */
const char *did_you_mean(Cx *cx, const char *name, const char *const *names, int n);       /* a help, or NULL */
int builtin_names(Eval *ev, const char *scope, const char **names, int cap);    /* of the table and of the prelude */
const char *builtin_nearest(Eval *ev, const char *scope, const char *name);     /* as a help */
Value eval_call(Eval *ev, Value fn, const Args *a);
Value call_simple(Eval *ev, Value fn, const Value *arg, int n, Span at);
void call_bind(Eval *ev, Func *f, const Args *a, Env *env);     /* arguments to the names of parameters */
const Value *tuned_value(Eval *ev, Func *f, const char *name, const Env *env);  /* of autotune's first configuration, or NULL */

/* ---- module.c --------------------------------------------------------------------------------- */

struct Module {
    Module *next;
    const char *name;       /* dotted */
    Node *tree;             /* of a source file */
    struct Pending *pending;        /* its statements, in order; each runs when a name it binds is asked for */
    int now;                /* the statement that runs; after them all: INT_MAX */
    Env env;
    const char *path, *dir; /* source: dir is the folder that its imports start from, NULL when there is none */
    bool is_package;
    Module *outer;          /* of what is inside of a function: where other names are found */
    const Embedded *prelude;        /* of a text of prelude/ */
    const char *scope;      /* of builtins.def, for modules that it describes */
    bool strict, dtypes;    /* other names are mistakes; names of element types are attributes */
    bool searched;          /* by a star import that is being looked through */
};
Module *module_main(Eval *ev, uint32_t file);
int module_names(const Module *m, const char **names, int cap);  /* what its top level defines, for "did you mean" */
Module *module_text(Eval *ev, const char *path, const char *text);
Module *module_inside(Eval *ev, Module *outer, const Node *body, const Node *def);      /* the statements of a function up to def */
void module_check(Eval *ev, Module *m);                 /* its asserts, as far as their conditions are known */
bool module_lookup(Eval *ev, Module *m, const char *name, Value *out);  /* runs what binds the name */
void module_settle(Eval *ev);                           /* after a failure: no statement of a module runs any more */
void module_resume(Eval *ev);                           /* after one that was caught: those that ran then */
void exec_import(Eval *ev, const Node *n);
bool prelude_lookup(Eval *ev, const char *scope, const char *name, Value *out);         /* what is written in the dialect itself */
int prelude_names(Eval *ev, const char *scope, const char **names, int cap);
bool module_has(Eval *ev, Module *m, const char *name, Span at, Value *out);
Value module_attr(Eval *ev, Module *m, const char *name, Span at);

/* ---- index.c ---------------------------------------------------------------------------------- */

Value eval_index(Eval *ev, Value v, const Node *n);     /* v[...], n the subscript */
Expr *ref_load(Eval *ev, const Ref *r, Span at);
Expr **element_index(Eval *ev, const Ref *r, Span at);       /* proved negative ones count from the end */
Region to_region(Eval *ev, Value v, Span at);           /* a buffer or a subscript with constant extents */
void copy_regions(Eval *ev, Call *c, Region *src, Region *dst); /* the extents of a T.copy's two sides */
void assign_element(Eval *ev, Value target, Value v, Span at);

enum { MAXSTATEMENTS = 100000 };
/* ---- emit.c ----------------------------------------------------------------------------------- */

void name_size(Eval *ev, Var *v);                       /* the same of an open size */
const char *fresh_name(Eval *ev, const char *base);     /* not used by what is visible here; declared */
Block *open_block(Eval *ev, Tail tail, Tail *saved);
void close_block(Eval *ev, Block *b, Tail saved);
void keep_names(Eval *ev, Block *b);
void name_fresh(Eval *ev, const Value *v, const char *name);    /* buffers, pipes, tokens, slots without a name get this one */
Value slot_tile(Value v);                               /* a slot of one tile is that tile */
Stmt *emit(Eval *ev, StmtKind k, Span at);              /* fails where no statement may stand */
Value emit_let(Eval *ev, const char *name, Value v, Span at);   /* a symbolic value gets its name */
void emit_store(Eval *ev, Buf *b, Expr *const *idx, Expr *value, Span at);
Value emit_alloc(Eval *ev, Space sp, DType t, int ndim, Expr *const *dim, Span at);
void name_fresh(Eval *ev, const Value *v, const char *name);    /* what has no name yet (buffers, pipes, tokens: name "") gets this one */
Flow exec_loop(Eval *ev, const Node *n, const LoopSpec *l);
Flow exec_frame(Eval *ev, const Node *n, const FrameSpec *f, const Node *target);

/* ---- compose.c -------------------------------------------------------------------------------- */

Value const_size(Eval *ev, const char *name, Span at);  /* of T.const */
void compose_launch(Eval *ev);                          /* before a launch: phase one ends here */
/* an argument against its parameter's type */
void phase_param(Eval *ev, const TensorSpec *t, const char *name, const Value *v, Span at);
typedef void Enter(Eval *ev, Func *f, const Args *a, Env *env);         /* binds the parameters in env */
Value phase_run(Eval *ev, Func *f, const Args *a, Enter *enter);        /* the body of the entry, an eager kernel */
int *output_places(Eval *ev, Value out_idx, int n, Span at, int *count);        /* which of n parameters out_idx names */
Value compose_call(Eval *ev, Func *f, const Args *a);   /* a kernel that the entry calls */

/* ---- entry.c ---------------------------------------------------------------------------------- */

Value entry_value(Eval *ev, const char *entry);         /* what the name means; NULL: the only kernel of the file */
void read_bindings(Eval *ev, const char *const *bind);  /* -D */
void check_used(Eval *ev, const Func *f);               /* every -D meant something */
Value *given_value(Eval *ev, const char *name);         /* of -D, or NULL */
/* what a function of a module is, by its text alone */
bool def_decorated(const Node *def, const char *name);
bool def_has_kernel(const Node *n, bool inner);         /* inner: functions defined there count too */
Flow run_statements(Eval *ev, const Func *f);           /* a kernel's, which may have no T.Kernel around them */
bool def_is_kernel(const Node *n);                      /* a kernel or a factory of one */

/* ---- program.c -------------------------------------------------------------------------------- */

/* the program that `entry` names (NULL: the only kernel of the file) with its parameters bound; fails, under a guard of the caller */
Prog *lang_program(Cx *cx, uint32_t file, const char *entry, const char *const *bind);
const char *lang_ast_text(Cx *cx, uint32_t file);       /* the tree as text that reads back as the same tree */
bool is_eager(const Func *f);                           /* a kernel by itself, not a factory of one */
void declare_param(Eval *ev, const TensorSpec *t, const char *name, Span at);   /* a tensor parameter gets its type */
bool def_is_eager(const Node *n, bool jit);             /* jit: it is decorated so */

/* ---- list.c ----------------------------------------------------------------------------------- */

/* lines of tab-separated columns: kernel, style, line, what (parameter, tensor, scalar, const, dynamic), name, type, default */
const char *lang_list(Cx *cx, uint32_t file);

/* ---- reduce.c --------------------------------------------------------------------------------- */

/* the program made simpler in way `step`, from 0: its own tree printed, then smaller ones; tree false: by lines and characters, 0 is the
   text itself. NULL: no more ways */
const char *lang_simpler(Cx *cx, uint32_t file, bool tree, int step);
#endif
