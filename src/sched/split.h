/* One attempt at splitting a launch: what split.c, pipes.c, roles.c and demote.c share. */
#ifndef KILN_SCHED_SPLIT_H
#define KILN_SCHED_SPLIT_H
#include "sched/inside.h"

typedef struct { /* a shared tile of the launch */
    Buf *buf;
    unsigned writers, readers; /* roles, as bits */
    Role producer;             /* when it crosses */
    unsigned consumers;        /* 0: it does not */
    bool own;    /* the reader reads what it fetched too, and keeps a tile of its own for that */
    bool broken; /* does not keep to generations */
    Pipe *pipe;
} TileUse;

/* One generation: the writes between first_w and last_w are what the reads see. All of them are
   statements of one list; first_r is NULL in a role that does not look at it. */
typedef struct {
    TileUse *tile;
    Stmt *first_w, *last_w, *first_r[NROLE], *last_r[NROLE];
} Gen;

typedef struct {
    Cx *cx;
    const Limits *lim;
    Names *names;
    Launch *launch; /* a working copy */
    Stmt *body;
    Facts *facts;
    PtrMap parent, let, alloc; /* Stmt -> Stmt around it; let Var -> Stmt; Buf -> Stmt */
    PtrMap need;               /* Stmt -> roles that execute it */
    int ntile, captile, ngen, capgen;
    TileUse *tile;
    Gen *gen;
    bool changed, in_let;
    const char *why; /* why it cannot be split */
    Span where;
} Split;

unsigned split_need(const Split *s, const Stmt *c);
void pipes_place(Split *s); /* the generations of every tile that crosses; marks the ones that have
                               none as broken */
bool tile_demote(Split *s, TileUse *t); /* the tile becomes compute's own; false: not possible */
Launch *roles_build(Split *s);          /* a launch with three roles or fewer, and its pipes */
#endif
