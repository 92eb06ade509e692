/* CUDA text -> machine code, for the files of run/. */
#ifndef KILN_NVRTC_H
#define KILN_NVRTC_H
#include "base/base.h"

typedef struct Nvrtc Nvrtc;
typedef struct {
    void *cubin;                                        /* from malloc; cuda_binary_free */
    size_t size;
    char *log;
    int registers, spill_bytes;                         /* most registers of a kernel; all spills */
    char remark[256];                                   /* the first C75xx line: wgmma serialised, setmaxnreg ignored; or "" */
} CudaBinary;

Nvrtc *nvrtc_open(Err *e);                              /* NULL on error */
void nvrtc_version(const Nvrtc *rtc, int *major, int *minor);
void nvrtc_close(Nvrtc *rtc);
bool nvrtc_build(const Nvrtc *rtc, const char *name, const char *text, CudaBinary *out, Err *e);
void cuda_binary_free(CudaBinary *b);

/* cuda.c: is there a driver with a device that can run here? its name, or what is missing */
bool cuda_probe(char *name, int n, Err *e);
#endif
