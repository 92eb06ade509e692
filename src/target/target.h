/* target: schedule -> text. One folder a target: limits, an emitter, a device prelude.
   A target is data: what it can hold (Limits), and the function that spells a schedule.             */
#ifndef KILN_TARGET_H
#define KILN_TARGET_H
#include "tile/tile.h"

enum { MAXFILE = 32 };
typedef struct {
    int nfile;
    struct { const char *name, *text; Role role; int launch; } file[MAXFILE];   /* what of which launch it spells */
    const void *plan;                                   /* what the run side needs besides text: CpuPlan, CudaPlan, MetaliumPlan */
} Code;

typedef struct {
    const char *name, *help;
    const Limits *limits;
    void (*emit)(Cx *cx, const Prog *sched, Code *out); /* fails with E05xx on what the target cannot say */
    /* the piece of the text that spells this role of this launch, for showing targets side by side */
    const char *(*role_text)(Cx *cx, const Code *code, int launch, Role role);
} Target;

extern const Target target_cpu, target_cuda, target_metalium;
const Target *target_named(const char *name);           /* "cpu", "cuda", "cuda:sm_90a", "metalium", "metalium:wormhole", ...; or NULL */
extern const Target *const targets[];                   /* NULL at the end */

void target_known(Cx *cx, const Prog *sched, const Target *t);          /* known.c: fails (E0412) on what no emitter can spell yet */

#endif
