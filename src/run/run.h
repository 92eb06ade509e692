/* run: text -> running kernel. Devices, arguments, the interpreter.

   bind.c     arguments against parameters: ranks, types, sizes solved from shapes
   tensor.c   elements as numbers, and what else devices share
   interp/    the interpreter: what programs mean; runs tile programs and schedules
   cpu.c      C through the system's compiler, on a pool of threads
   nvrtc.c, cuda.c   CUDA text -> cubin -> driver
   compiler.c, facts.c   the machine's compilers; what this machine has
   mock.c     Metalium kernels through the host's C++ compiler, on a mock of the chip        */
#ifndef KILN_RUN_H
#define KILN_RUN_H
#include "target/target.h"
#include "tile/verify/affine.h"

/* host memory, row-major; `strided`: by these strides (elements), else without gaps. Elements of less than a byte are packed. */
typedef struct { void *data; DType type; int ndim; int64_t dim[MAXDIM]; bool strided; int64_t stride[MAXDIM]; } Tensor;
/* a tensor parameter (i: an output that holds values already), or a scalar in i or f by its type */
typedef struct { Tensor tensor; int64_t i; double f; } Arg;

typedef struct {
    const Prog *prog;                                   /* the parameters the args belong to */
    Arg *arg;                                           /* prog->nparam */
    int64_t *size;                                      /* prog->nsize values, solved by bind_sizes */
    void (*say)(void *to, const char *line);            /* what T.print prints, a line; NULL: nobody listens */
    void *say_to;
    int repeat;                                         /* time this many runs after a warm-up; 0: run once */
    double seconds;                                     /* out: median of the repeats, device time where the device has it */
} Call;

bool bind_sizes(const Prog *p, const Arg *arg, int64_t *size, Err *e);  /* shapes, types and ranks checked against the parameters */
bool bind_grid(const Launch *l, const Call *c, int64_t grid[MAXGRID], Err *e);  /* blocks along each axis, 1 beyond the last */
/* expressions of sizes and scalars */
bool bind_eval(const Expr *e, const Prog *p, const Arg *arg, const int64_t *size, int64_t *out);
const char *bind_text(Arena *a, const Expr *e);          /* as the program says it */
Point bind_point(const Call *c);                        /* the sizes and scalars of a call */
int64_t bind_dim(const Buf *b, int d, const Prog *p, const Arg *arg, const int64_t *size);
size_t call_scalar(const Call *c, const Var *v, void *out);     /* a scalar or a size as it is passed to a kernel: up to 8 bytes */

size_t tensor_bytes(const Tensor *t);
double tensor_get(const Tensor *t, int64_t at);         /* as double */
void tensor_set(const Tensor *t, int64_t at, double v); /* rounded to the type */
typedef struct { const Buf *buf; bool read, written; } BufUse;
BufUse buf_use(const Prog *p, const Buf *b);            /* what the program does with it */
double median(double *t, int n);                        /* sorts them */
/* c->repeat runs; c->seconds becomes the median of what they take */
bool call_repeat(Call *c, bool (*once)(void *arg, double *seconds, Err *e), void *arg, Err *e);

typedef struct Device Device;
struct Device {
    const char *name, *help;
    const char *target;                                 /* whose schedule and text it runs; NULL: the tile program itself */
    bool (*present)(const char **why);                  /* can it run here? NULL: always */
    void *(*load)(Cx *cx, const Prog *p, const Code *code, Err *e);     /* NULL on error */
    bool (*call)(void *loaded, Call *c, Err *e);
    void (*unload)(void *loaded);
};
extern const Device device_interp, device_cpu, device_cuda, device_mock;
/* facts.c: what this machine has, as lines of tab-separated columns: item, state (ok, missing, note), found, device that needs it, help */
void machine_facts(Text *out);
extern const Device *const devices[];                   /* NULL at the end */
const Device *device_named(const char *name);

/* the interpreter also runs a schedule: give it Unit.sched instead of Unit.tile. `cx` (may be NULL) tells where a span is */
bool interp_run(const Cx *cx, const Prog *p, Call *c, Err *e);
#endif
