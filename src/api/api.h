/* api: kiln.h over the driver and the devices.

   api.c       contexts, kernels, texts, running
   shelter.c   a call that finds no memory
   messages.c  what a call had to say; warnings and remarks
   tables.c    the tables of the compiler as text
   blame.c     which statement writes an element
   work.c      what a run costs: operations of the matrix products */
#ifndef KILN_API_H
#define KILN_API_H
#include "driver/driver.h"
#include "kiln.h"
#include "ops/ops.h"
#include "run/run.h"

typedef struct {
    kiln_diagnostic own, *note; /* own.notes of them */
} Kept;

struct kiln_context {
    Cx *own;     /* its arena owns this struct, its guard is around every call that asks for memory */
    Arena said;  /* messages of the last call */
    Arena shown; /* the last table or explanation */
    const char *messages;
    Kept *diag;
    int ndiag;
    kiln_status last;
};

/* ---- shelter.c ------------------------------------------------------------------------------ */

typedef struct { /* what a public call is given and what it gives; each uses some of it */
    kiln_context *owner;
    const kiln_source *source;
    Cx *cx;
    kiln_kernel *kernel;
    const char *name, *text, *help, *out;
    int which, step, nargs;
    const kiln_arg *args;
    kiln_timing *timing;
    const int64_t *at; /* sizes; an index */
    int64_t *dim;
    kiln_param *param;
    bool ok;
} Job;

/* does the job, which may ask for memory anywhere; false when there was none, and then j->owner says so */
bool shelter(Job *j, void (*job)(Job *));
Cx *shelter_cx(kiln_context *cx); /* a compilation whose requests are under that guard; NULL: none, and the context says so */

/* ---- messages.c ----------------------------------------------------------------------------- */

void message_begin(kiln_context *cx); /* forgets those of the call before */
bool message_flags(Cx *cx, const kiln_source *s); /* takes what it says of warnings; false: a flag is wrong, and reported */
void message_slug(ErrCode code, char *out, size_t size); /* the title with dashes */
/* takes what a compilation recorded over into the context: all of it; the first error decides the
 * status */
kiln_status message_tell(kiln_context *to, const Cx *cx, bool color, bool remarks);
/* an error of the run side or of a call, said the way diagnostics are */
kiln_status message_tell_err(kiln_context *to, const Cx *cx, const Err *e, bool color);

/* ---- blame.c: who wrote an element ----------------------------------------------------------- */

Stmt *launch_nest(Cx *cx, const Launch *l, bool threads); /* the body in loops over its blocks, and over the threads it asks for */

/* records, as E0705 with this text, which statement of the tile program writes an element of a
 * parameter, in which block, and where in the tile it writes */
void blame(Cx *cx, const Call *call, int param, const int64_t *index, const char *text);

/* ---- work.c --------------------------------------------------------------------------------- */

/* operations of all gemms of one run; -1 when a trip count or a branch around one depends on the
 * contents of a tensor */
double work_flops(Cx *cx, const Prog *p, const Call *call);
#endif
