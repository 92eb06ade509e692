/* CUDA text -> machine code, for the files of run/. */
#ifndef KILN_NVRTC_H
#define KILN_NVRTC_H
#include "base/base.h"

bool nvrtc_version(int *major, int *minor, Err *e);     /* is there a library that can be used? */
/* a cubin, in the arena of `cx`; NULL on error. Spills and a tensor core that waits are reported as E0635, at `span` */
const void *nvrtc_build(Cx *cx, Span span, const char *name, const char *text, Err *e);

/* cuda.c: is there a driver with a device that can run here? its name, or what is missing */
bool cuda_probe(char *name, int n, Err *e);
#endif
