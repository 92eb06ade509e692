/* The token game: what decide.c and protocol.c share. */
#ifndef KILN_TILE_PROTOCOL_H
#define KILN_TILE_PROTOCOL_H
#include "tile/tile.h"

enum { MAXAGENT = 8, MAXNEST = 12, MAXFLIGHT = 16, MAXCHOICE = 128, MAXGROUPS = 4, SENT = 16 };

/* ---- decide.c: numbers that govern verbs, as far as they are known --------------------------- */

enum { MAXTERMS = 6 };
/* k + sum of coef * atom. varies: made with the variable of a loop that runs. loop: which one, when
   its number of iterations is a choice, MIXED: several; then k holds step * iter, and what it holds
   besides stays the same in every iteration. */
enum { MIXED = -1, MAXPERIOD = 8 };
typedef struct {
    int64_t k, step, iter;
    int n, loop;
    bool varies;
    struct {
        int atom;
        int64_t coef;
    } t[MAXTERMS];
} Val;

/* What is not arithmetic on known numbers. Equal text, equal value: lets are substituted, loop
 * variables stand for their present value. */
typedef struct {
    const char *text;
    bool boolean, varies, counts, size;
    Op op;
    int narg, nidx;
    Val arg[MAXARG], *idx;
    int last[MAXAGENT]; /* the latest place of each player where it is known to be asked for */
} Atom;                 /* counts: a loop runs by it; size: never negative */

typedef struct {
    Cx *cx;
    int natom, cap, *at; /* at: hash of the interned texts */
    Atom *atom;
    int nlearnt;          /* places where atoms were asked for */
    int ncount;           /* atoms that are known to count */
    Text scratch;         /* names are made here */
    int64_t reach, shift; /* an atom that counts is tried from -1 - shift to reach + shift */
} Decide;

typedef struct { int atom; int64_t value; unsigned used, wanted; } Choice; /* agents that have asked for it; that may ask */

/* where expressions are evaluated; unknown gives the values of lets, loop variables, scalars and
 * slots, or makes an atom of them */
typedef struct Place Place;
struct Place { Val (*var)(Place *, const Var *); Val (*load)(Place *, const Expr *, const Val *idx); void *user; };

Text *decide_text(Decide *d); /* empty, until it is asked for again */
Val val_int(int64_t k);
Val val_add(Decide *d, Val a, Val b, int64_t by); /* a + by * b */
Val val_atom(Decide *d, const char *text, bool boolean, bool varies);
Val val_of(Decide *d, Place *p, const Expr *e);
void val_print(Text *out, const Val *v);
/* its number under these choices; false: *need has to be chosen first */
bool val_known(Decide *d, const Val *v, const Choice *choice, int n, int64_t *out, int *need);
void val_counts(Decide *d, const Val *v); /* the atoms in it count something */
void decide_range(const Decide *d, int atom, int64_t *lo, int64_t *hi);

/* ---- the part of a role that matters -------------------------------------------------------- */

typedef enum { N_LOOP, N_IF, N_VERB, N_GEMM, N_AWAIT, N_TURN, N_LET, N_SCALAR, N_SEND, N_USE } NodeKind;
typedef struct { const Buf *buf; bool write; } Use;
typedef struct Node Node;
struct Node {
    NodeKind kind;
    int number;
    Stmt *s;
    Node *next, *child, *other;
    int pipe; /* VERB, SEND */
    int nuse;
    Use *use; /* slots and fragments that the statement touches */
};

typedef struct { const Var *var; const Buf *buf; } Cell; /* something with a value: a let or loop variable, or a LOCAL scalar */

typedef struct {
    Role role;
    int group;
    const Stmt *block;
    Node *body;
    int ncell, nslot;
    Cell *cell;
    const Buf **slot; /* the slots that its verbs open */
    int *slot_pipe;
} Agent;

typedef struct { const Pipe *pipe; int group; unsigned from, to; } Ring; /* agents as bits */

typedef struct { int agent; const Node *node; } Move;

typedef struct Game Game;
typedef struct State State;
struct Game {
    Cx *cx;
    const Launch *launch;
    Decide decide;
    int nagent, nring, nnode;
    Agent agent[MAXAGENT];
    Ring *ring;
    int *first_ring;        /* by pipe */
    size_t bytes;           /* of a state */
    int cap, deepest, held; /* rings count as that deep at most; the deepest ring; the most slots of
                               one ring that a role held at once */
    int nwritten;
    const Buf *
        *written; /* tensors that the launch stores to: what is loaded from them may change */
    bool skips;   /* verbs in a loop stand under a condition */
    int64_t steps, positions;
    unsigned decides[MAXNEST + 1]; /* agents with a decision inside of so many loops or more */
    int need_nest;
    int64_t learning; /* 1 + the choice that is made everywhere; 0: playing for all cases */
    uint64_t (*seen)[2];
    int nseen, capseen;
    State *pool[MAXCHOICE + 1];
    bool *unfinished;
    Choice made[MAXCHOICE];
    Move *move; /* of the case at hand, for telling */
    int capmove;
    const char *why;
    int agent_wrong;
    const char *out_of_reach; /* why the game cannot be finished */
};

/* ---- a position ----------------------------------------------------------------------------- */

typedef struct {
    const Node *at, *head; /* the next statement; the first one of this body */
    const Node *loop;      /* whose body it is, NULL: the role's or a branch's */
    Val var;
    int64_t left;
} Frame; /* loop: whose body it is in, NULL: the role's or a branch's */
typedef struct { const Stmt *gemm; int nslot; int ring[3]; int64_t slot[3]; const Buf *acc, *operand[2]; } Flight;

typedef struct { Frame frame[MAXNEST]; int nframe, nflight; bool stuck_on_choice; Flight flight[MAXFLIGHT]; } Walker;

typedef struct { int64_t open[MAXAGENT], done[MAXAGENT]; } Counter; /* acquired and committed, or waited for and released */

/* followed in one block of memory by the counters of the rings, the values of the cells, the places
 * of the slots, the sent scalars */
struct State {
    Walker walker[MAXAGENT];
    int nchoice, nmove, nmade; /* nmade: choices that led here, the forgotten ones too */
    Choice choice[MAXCHOICE];
    int token[8][MAXGROUPS];
};

/* ---- walks.c: what a role's text comes down to ----------------------------------------------- */

bool game_agents(Game *g, Text *why); /* every role, every group of compute */
void game_rings(Game *g);
bool game_writes(const Game *g, const Buf *b);
int cell_of(const Agent *a, const Var *v, const Buf *b); /* -1: none */

/* ---- steps.c: the rules ---------------------------------------------------------------------- */

typedef enum { MOVED, BLOCKED, CHOOSE, WRONG } Outcome;
size_t state_bytes(const Game *g);
Counter *state_counter(const Game *g, State *s); /* of ring 0, 1, ... */
Val *state_cell(const Game *g, State *s, int agent, int cell);
Val *state_sent(const Game *g, State *s, int ring, int64_t place);
int64_t ring_least(const Game *g, const Counter *c, unsigned agents, bool done);
int step_ring(
    Game *g, State *s, int agent,
    const Node *verb); /* which ring a verb is on, 0 of its pipe when that is not known yet */
int state_place(const State *s, int agent);
int64_t *state_slot(const Game *g, State *s, int agent, int slot);
Outcome step(Game *g, State *s, int agent, int *need);
Outcome game_wrong(Game *g, int agent, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static inline bool finished(const State *s, int agent)
{
    return s->walker[agent].nframe == 0;
}

/* ---- timeline.c ------------------------------------------------------------------------------ */

const char *agent_name(const Game *g, int a);
void timeline_tell(Game *g, State *s, const char *what, Text *out);
#endif
