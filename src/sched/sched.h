/* sched: tile program -> schedule. Each file is one pass; every pass changes the launches of a program in place and leaves it legal.
   The list, in order, is in driver/passes.c; it is one list for all targets: passes ask the Limits.

   threads/   a launch that says what each thread does becomes one of tiles
   ring.c     tiles with an axis of slots become tiles of one slot, and their loops pipelined ones
   plan.c     global memory inside element code becomes copies of staged tiles, or moves (gathers) the reader can do
   index.c    values of parallel indices become tiles the reader fills   (limits without compute_has_index)
   split.c    every statement to reader, compute or writer; shared tiles between roles become pipes; or one merged sequence
   control.c  scalars that compute may not load come through control pipes  (limits without compute_loads_global)
   groups.c   compute's rows divided among groups                           (limits with max_groups > 1)
   depth.c    as many slots as the program asks for and memory holds
   overlap.c  gemms started early and awaited late                          (limits with async_gemm)        */
#ifndef KILN_SCHED_H
#define KILN_SCHED_H
#include "tile/tile.h"

typedef struct { int stages, groups, roles; } SchedOptions;       /* 0: let the pass decide */

typedef struct {
    const char *name;
    void (*run)(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt);
    const char *help;
} Pass;

void sched_threads(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt);
void sched_ring(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt);
void sched_plan(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt);
void sched_index(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt);
void sched_split(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt);
void sched_control(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt);
void sched_groups(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt);
void sched_depth(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt);
void sched_overlap(Cx *cx, Prog *p, const Limits *lim, const SchedOptions *opt);
#endif
