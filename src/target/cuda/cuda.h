/* What a launch of the cuda target needs besides its text: read by run/cuda.c, made by emit.c. All of it lives in the arena of
   the compilation. */
#ifndef KILN_CUDA_H
#define KILN_CUDA_H
#include "target/target.h"

enum { MAXCUDAARG = 96, MAXRANK = 5 };
typedef struct { const Buf *buf; int64_t box[MAXRANK]; int swizzle; } CudaMap;     /* box: innermost first; swizzle: bytes, or 0 */
typedef enum { CA_BUFFER, CA_MAP, CA_VAR } CudaArgKind;
typedef struct { CudaArgKind kind; const Buf *buf; CudaMap map; const Var *var; } CudaArg;      /* VAR: a size or a scalar parameter */
typedef struct {
    const char *kernel;
    const Launch *launch;                               /* its grid, over sizes and scalar parameters */
    int threads;
    int64_t shared;
    int narg;
    CudaArg arg[MAXCUDAARG];
    const char *role_text[NROLE];
} CudaLaunch;
typedef struct { int nlaunch; CudaLaunch *launch; } CudaPlan;
#endif
