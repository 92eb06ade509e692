/* api: kiln.h over the driver and the devices.

   api.c       contexts, kernels, texts, running
   tables.c    the tables of the compiler as text
   work.c      what a run costs: operations of the matrix products */
#ifndef KILN_API_H
#define KILN_API_H
#include "driver/driver.h"
#include "kiln.h"
#include "ops/ops.h"
#include "run/run.h"

struct kiln_context {
    Arena arena; /* owns this struct too */
    Arena said;  /* messages of the last call */
    Arena shown; /* the last table or explanation */
    const char *messages;
    kiln_status last;
};

/* operations of all gemms of one run; -1 when a trip count or a branch around one depends on the
 * contents of a tensor */
double work_flops(const Prog *p, const Arg *arg, const int64_t *size);
#endif
