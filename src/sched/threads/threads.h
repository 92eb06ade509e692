/* A launch of threads on its way to tiles: what these files share.

   threads.c  the pass: what differs between threads, which statements are done once, alone or together
   each.c     what each thread does alone, as nests over the threads
   talk.c     what threads say to each other: shuffles, votes, reductions
   strands.c  groups with work of their own: one order, and the proof that it satisfies their barriers */
#ifndef KILN_SCHED_THREADS_H
#define KILN_SCHED_THREADS_H
#include "sched/inside.h"

/* threads lo <= rank < hi; the rank counts all axes, x fastest */
typedef struct {
    int lo, hi;
} Some;

/* what certain threads have yet to do */
typedef struct {
    Stmt *at;
    Some who;
} Strand;

/* where statements go: a list, and at its end those of each thread that are not yet a nest */
typedef struct {
    Tail tail;
    Stmt *each;
    Tail each_end;
    Some who;
} Out;

typedef struct {
    const Buf *buf;
    int64_t count[64];
    bool phase[64];
} Barrier;
typedef struct {
    int n;
    Barrier at[32];
} Barriers;

enum { MAXENV = 32, MAXLET = 128 };
typedef struct {
    Cx *cx;
    Launch *launch;
    Names *names;
    PtrMap varies; /* Var, LOCAL or FRAG buffer -> its value differs between threads */
    PtrMap own;    /* such a buffer -> the one that holds it for all threads */
    PtrMap who;    /* a barrier's statement -> how many threads execute it */
    Tail alloc;    /* at the head of the launch */
    int nlet;      /* lets of threads: what stands for them */
    VarSub let[MAXLET];
    int nfix; /* lets of indices that all threads share: where parities are told */
    VarSub fix[MAXLET];
    int nenv; /* loops around, in the first iteration */
    VarSub env[MAXENV];
    Barriers now; /* at this place, in the first iterations */
    int apart;    /* branches of groups around this place */
    bool in_step; /* a nest for each statement: all threads are done with it before the next one */
    const char *why;
    Span where;
} Threads;

/* ---- threads.c ------------------------------------------------------------------------------- */

void threads_stuck(Threads *t, Span at, const char *why);
void threads_step(Threads *t, Stmt **at, Some who, Out *out); /* the statement, and `at` behind it */
bool threads_vary(const Threads *t, const Expr *e);           /* its value differs between threads */
bool threads_joint(const Threads *t, const Stmt *s);          /* more than each thread by itself */
bool threads_joint_call(void *user, const Expr *e);

/* ---- each.c ---------------------------------------------------------------------------------- */

int threads_extent(const Threads *t, int axis);
/* the axes of more than one thread, slowest first: so lies a fragment with an element a thread */
int threads_lead(Threads *t, Expr **idx, int64_t *ext);
Expr *threads_rank(Threads *t);
Buf *threads_fragment(Threads *t, const char *name, DType type, int n, const int64_t *ext, Span at);
Buf *threads_own(Threads *t, Buf *b); /* what holds b for all threads; NULL: all have the same */
Expr *threads_expr(Threads *t, Expr *e);
Stmt *threads_store(Threads *t, Buf *b, Expr *const *idx, Expr *value, Span at);
Stmt *threads_head(Threads *t, const Stmt *s); /* a copy without its statements */
Stmt *threads_alone(Threads *t, Stmt *s);      /* a copy for a nest over the threads */
void threads_each(Threads *t, Out *out, Stmt *s, Some who); /* into the nest that is to come */
void threads_flush(Threads *t, Out *out);                   /* the nest comes */

/* ---- talk.c ---------------------------------------------------------------------------------- */

/* a let, store or update that talks: first what is said, then what becomes of it */
Stmt *threads_talk(Threads *t, Stmt *s, Some who, Out *out);

/* ---- strands.c ------------------------------------------------------------------------------- */

bool is_barrier(Fn fn); /* arrives at a barrier in shared memory, or waits there */
/* a branch by the index of threads; the groups take their turns in one order */
void strands_branch(Threads *t, Stmt **at, Some who, Out *out);
void strands_barrier(Threads *t, Stmt *s, Some who, Out *out);
/* loops and uniform branches that hold something joint */
void strands_compound(Threads *t, Stmt *s, Some who, Out *out);
/* in this order every wait finds its phase complete, whatever the trip counts are */
bool strands_proved(Threads *t, Stmt *list);
#endif
