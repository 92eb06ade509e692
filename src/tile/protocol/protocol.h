/* The token game: what its files share.

   walks.c      what a role's text comes down to
   values.c     the numbers that govern verbs, as far as they are known
   steps.c      the rules: what the next step of a player does, and what is wrong
   protocol.c   the search over what is not known
   timeline.c   a lost game as text */
#ifndef KILN_TILE_PROTOCOL_H
#define KILN_TILE_PROTOCOL_H
#include "tile/tile.h"

enum { MAXAGENT = 8, MAXNEST = 12, MAXFLIGHT = 16, MAXGROUPS = 4, MAXTOKEN = 8, MAXTERMS = 6 };
enum { SENT = 16, MAXPERIOD = 8, MAXDEPTH = 2000 };

typedef struct Game Game;
typedef struct Node Node;

/* ---- values.c ------------------------------------------------------------------------------- */

/* k + sum of coef * atom. loop: the loop whose variable is in it when the number of its iterations
   is a choice, MIXED: several; then k holds step * iter, and what it holds besides stays the same
   in every iteration. */
enum { MIXED = -1 };
typedef struct {
    int64_t k, step, iter;
    int n, loop;
    struct {
        int atom;
        int64_t coef;
    } t[MAXTERMS];
} Val;

/* What is not arithmetic on known numbers. Equal text, equal value: lets are substituted, loop
 * variables stand for their present value. */
typedef struct {
    const char *text;
    bool boolean, counts, follows; /* counts: a loop runs by it; follows: it is `op` of its args */
    Op op;
    int narg;
    Val *arg; /* operands or indices */
    int64_t lo, hi; /* where it surely lies */
    bool chosen;    /* in the case at hand: */
    int64_t value, asked; /* asked: when it was last needed */
} Atom;

Val val_int(int64_t k);
Val val_of(Game *g, const Expr *e); /* for the player whose move it is */
Val val_add(Game *g, Val a, Val b, int64_t by); /* a + by * b */
Val val_private(Game *g, const char *what, DType t);
/* named by this text and the values */
Val val_atom(Game *g, bool boolean, const Val *arg, int n, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void val_print(Text *out, const Val *v);
bool val_known(Game *g, const Val *v, int64_t *out); /* false: g->need has to be chosen first */
void val_counts(Game *g, const Val *v);              /* the atoms in it count something */
void atom_tried(const Game *g, const Atom *a, int64_t *lo, int64_t *hi);

/* ---- walks.c -------------------------------------------------------------------------------- */

typedef enum { N_LOOP, N_IF, N_VERB, N_GEMM, N_AWAIT, N_TURN, N_LET, N_SCALAR, N_SEND, N_USE } NodeKind;
typedef struct { const Buf *buf; bool write; } Use;
struct Node {
    NodeKind kind;
    int number;
    Stmt *s;
    Node *next, *child, *other;
    int pipe; /* VERB, SEND */
    int nuse, capuse;
    Use *use; /* slots and fragments that the statement touches */
};

typedef struct {
    Role role;
    int group;
    const Stmt *block;
    Node *body;
    int name, nname; /* its own among those of the game */
} Agent;
/* what has a value, a let or loop variable or a LOCAL scalar (pipe -1); or the slot that a verb opens */
typedef struct { const void *what; int pipe; } Named;
typedef struct { const Pipe *pipe; int group; unsigned from, to; } Ring; /* agents as bits */

bool game_agents(Game *g, Text *why); /* every role, every group of compute */
void game_rings(Game *g);
bool game_writes(const Game *g, const Buf *b);
int game_name(const Game *g, const void *what); /* of the player whose move it is; -1: none */

/* ---- a position ----------------------------------------------------------------------------- */

typedef struct {
    const Node *at, *head; /* the next statement; the first one of this body */
    const Node *loop;      /* whose body it is, NULL: the role's or a branch's */
    int64_t left;
} Frame;
typedef struct { int ring; int64_t at; } Place; /* which slot of which ring */
typedef struct { const Stmt *gemm; int nslot; Place slot[2]; } Flight;
typedef struct { Frame frame[MAXNEST]; int nframe, nflight; Flight flight[MAXFLIGHT]; } Walker;
typedef struct { int64_t open[MAXAGENT], done[MAXAGENT]; } Counter; /* acquired and committed, or waited for and released */

typedef struct {
    Walker *walker;   /* of each agent */
    Counter *counter; /* of each ring */
    Val *cell;        /* of each name that has a value, */
    Place *slot;      /* and where the others are */
    Val *sent;        /* SENT scalars of each ring */
    int token[MAXTOKEN][MAXGROUPS], nmove;
} State;

typedef struct { int agent; const Node *node; } Move;
typedef struct Won Won;

struct Game {
    Cx *cx;
    const Launch *launch;
    int nagent, nring, nnode, nname, capname;
    Agent agent[MAXAGENT];
    Named *name;
    Ring *ring;
    int *first_ring; /* by pipe */
    int nwritten, capwritten;
    const Buf **started; /* what gemms that are started add to */
    int nstarted, capstarted;
    const Buf **written; /* tensors that the launch stores to: what is loaded from them may change */

    int natom, capatom, *at; /* at: hash of the texts */
    Atom *atom;
    int ncount;   /* atoms that are known to count */
    Text scratch; /* names are made here */

    int deepest, held;    /* the deepest ring; the most slots of one ring that a role held at once */
    bool skips;           /* verbs in a loop stand under a condition */
    int64_t reach, shift; /* an atom that counts is tried from -1 - shift to reach + shift */

    State *s; /* the position, and whose move it is */
    int now;
    int need; /* what has to be chosen before it can move */
    int made[MAXDEPTH];
    State *pool[MAXDEPTH];
    Won **won;
    int64_t clock, steps;
    Move *move; /* of the case at hand, for telling */
    int capmove;
    const char *why;
    int agent_wrong;
    const char *out_of_reach; /* why the game cannot be finished */
};

/* ---- steps.c -------------------------------------------------------------------------------- */

typedef enum { MOVED, BLOCKED, CHOOSE, WRONG } Outcome;
int64_t ring_least(const Game *g, int ring, unsigned agents); /* how many of its slots they all are done with */
int step_ring(Game *g, const Node *verb); /* which ring a verb is on, the first of its pipe when that is not known yet */
Outcome step(Game *g);
Outcome game_wrong(Game *g, int agent, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static inline bool finished(const Game *g, int agent) { return g->s->walker[agent].nframe == 0; }

/* ---- timeline.c ------------------------------------------------------------------------------ */

const char *agent_name(const Game *g, int a);
void timeline_tell(Game *g, int nmade, const char *what, Text *out);
#endif
