/* The CUDA driver, opened at first use: devices, memory, modules, tensor maps, launches, events.
   Our own declarations of its C ABI; nothing is linked. Everything here works on the device's
   primary context, which is pushed around each call and popped again, so that a process that uses
   CUDA by itself notices nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "run/nvrtc.h"
#include "run/run.h"
#include "target/cuda/cuda.h"

typedef int CuResult;
typedef int CuDevice;
typedef uint64_t CuPtr;
typedef struct CuCtx *CuContext;
typedef struct CuMod *CuModule;
typedef struct CuFunc *CuFunction;
typedef struct CuStr *CuStream;
typedef struct CuEv *CuEvent;

#define DRIVER_FUNCTIONS(F)                                                                        \
    F(Init, "cuInit", (unsigned flags))                                                            \
    F(GetErrorName, "cuGetErrorName", (CuResult r, const char **name))                             \
    F(GetErrorString, "cuGetErrorString", (CuResult r, const char **text))                         \
    F(DriverGetVersion, "cuDriverGetVersion", (int *version))                                      \
    F(DeviceGet, "cuDeviceGet", (CuDevice * d, int ordinal))                                       \
    F(DeviceGetCount, "cuDeviceGetCount", (int *n))                                                \
    F(DeviceGetName, "cuDeviceGetName", (char *name, int n, CuDevice d))                           \
    F(DeviceGetAttribute, "cuDeviceGetAttribute", (int *value, int attribute, CuDevice d))         \
    F(PrimaryCtxRetain, "cuDevicePrimaryCtxRetain", (CuContext * c, CuDevice d))                   \
    F(PrimaryCtxRelease, "cuDevicePrimaryCtxRelease_v2", (CuDevice d))                             \
    F(CtxPush, "cuCtxPushCurrent_v2", (CuContext c))                                               \
    F(CtxPop, "cuCtxPopCurrent_v2", (CuContext * c))                                               \
    F(ModuleLoad, "cuModuleLoadData", (CuModule * m, const void *cubin))                           \
    F(ModuleUnload, "cuModuleUnload", (CuModule m))                                                \
    F(ModuleGetFunction, "cuModuleGetFunction", (CuFunction * f, CuModule m, const char *name))    \
    F(FuncSetAttribute, "cuFuncSetAttribute", (CuFunction f, int attribute, int value))            \
    F(MemAlloc, "cuMemAlloc_v2", (CuPtr * p, size_t n))                                            \
    F(MemFree, "cuMemFree_v2", (CuPtr p))                                                          \
    F(MemcpyHtoD, "cuMemcpyHtoDAsync_v2", (CuPtr to, const void *from, size_t n, CuStream s))      \
    F(MemcpyDtoH, "cuMemcpyDtoHAsync_v2", (void *to, CuPtr from, size_t n, CuStream s))            \
    F(MemsetD8, "cuMemsetD8Async", (CuPtr p, unsigned char v, size_t n, CuStream s))               \
    F(StreamCreate, "cuStreamCreate", (CuStream * s, unsigned flags))                              \
    F(StreamDestroy, "cuStreamDestroy_v2", (CuStream s))                                           \
    F(StreamSynchronize, "cuStreamSynchronize", (CuStream s))                                      \
    F(EventCreate, "cuEventCreate", (CuEvent * e, unsigned flags))                                 \
    F(EventDestroy, "cuEventDestroy_v2", (CuEvent e))                                              \
    F(EventRecord, "cuEventRecord", (CuEvent e, CuStream s))                                       \
    F(EventSynchronize, "cuEventSynchronize", (CuEvent e))                                         \
    F(EventElapsedTime, "cuEventElapsedTime", (float *ms, CuEvent a, CuEvent b))                   \
    F(LaunchKernel, "cuLaunchKernel",                                                              \
      (CuFunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, \
       unsigned shared, CuStream s, void **params, void **extra))                                  \
    F(TensorMapEncodeTiled, "cuTensorMapEncodeTiled",                                              \
      (void *map, int type, uint32_t rank, void *base, const uint64_t *dim,                        \
       const uint64_t *stride, const uint32_t *box, const uint32_t *step, int interleave,          \
       int swizzle, int promotion, int fill))

enum {
    ATTR_MULTIPROCESSORS = 16,
    ATTR_MAJOR = 75,
    ATTR_MINOR = 76,
    FUNC_DYNAMIC_SHARED = 8,
    STREAM_NON_BLOCKING = 1
};

typedef struct {
    void *lib;
#define F(name, symbol, args) CuResult(*name) args;
    DRIVER_FUNCTIONS(F)
#undef F
    CuDevice device;
    CuContext context;
} Driver;

typedef struct { /* lives in the arena of the compilation */
    Driver drv;
    const Prog *prog;
    const CudaPlan *plan;
    CuModule module;
    CuFunction *kernel; /* one a launch */
    CuStream stream;
    int nplace, *place; /* of the temporaries in the workspace */
} Loaded;

static bool check(const Driver *d, CuResult r, const char *what, Err *e)
{
    const char *name = NULL, *text = NULL;
    if (r == 0) return true;
    d->GetErrorName(r, &name);
    d->GetErrorString(r, &text);
    const char *help =
        r == 2 ? "the device is out of memory: use smaller tensors"
        : r == 700 || r == 716 || r == 717 || r == 719
            ? "the kernel went wrong on the device; this is a bug of ours: run with --device=interp"
            : NULL;
    return err_set(e, E0601, help, "%s: %s (%s)", what, text ? text : "unknown error",
                   name ? name : "?");
}

/* ---- the driver ----------------------------------------------------------------------------- */

static void driver_close(Driver *d)
{
    if (d->context) d->PrimaryCtxRelease(d->device);
    if (d->lib) sys_dlclose(d->lib);
    *d = (Driver){0};
}

static bool find_hopper(Driver *d, Err *e)
{
    static const char help[] = "the text and the machine code can be made anywhere; running them "
                               "needs an H100, H200 or GH200";
    int n = 0;
    if (d->Init(0) != 0 || d->DeviceGetCount(&n) != 0 || n == 0)
        return err_set(e, E0631, help, "the CUDA driver finds no device");
    for (int i = 0; i < n; i++) {
        int major = 0, minor = 0;
        if (d->DeviceGet(&d->device, i) != 0) continue;
        d->DeviceGetAttribute(&major, ATTR_MAJOR, d->device);
        d->DeviceGetAttribute(&minor, ATTR_MINOR, d->device);
        if (major == 9 && minor == 0) return true;
    }
    return err_set(e, E0631, help, "none of the %d CUDA devices has compute capability 9.0", n);
}

static bool driver_open(Driver *d, Err *e)
{
    Err ignored = {0};
    const char *missing = NULL;
    *d = (Driver){.lib = sys_dlopen("libcuda.so.1", &ignored)};
    if (!d->lib)
        return err_set(e, E0631, "install NVIDIA's driver, or run with --device=cpu",
                       "found no CUDA driver ('libcuda.so.1')");
#define F(name, symbol, args)                                                                      \
    *(void **)&d->name = sys_dlsym(d->lib, symbol);                                                \
    if (!d->name) missing = symbol;
    DRIVER_FUNCTIONS(F)
#undef F
    if (missing)
        err_set(e, E0631, "a driver for CUDA 12 or later is needed", "the CUDA driver has no '%s'", missing);
    else if (find_hopper(d, e))
        return true;
    driver_close(d);
    return false;
}

static bool enter(Driver *d, Err *e) /* our context on top, until leave() */
{
    if (!d->context &&
        !check(d, d->PrimaryCtxRetain(&d->context, d->device), "opening the device", e))
        return false;
    return check(d, d->CtxPush(d->context), "choosing the device", e);
}

static void leave_device(Driver *d)
{
    CuContext ignored;
    d->CtxPop(&ignored);
}

bool cuda_probe(char *name, int n, Err *e)
{
    Driver d;
    if (!driver_open(&d, e)) return false;
    if (d.DeviceGetName(name, n, d.device) != 0) snprintf(name, (size_t)n, "a Hopper GPU");
    driver_close(&d);
    return true;
}

static bool present(const char **why)
{
    Err e = {0};
    char name[256];
    int major, minor;
    bool driver = cuda_probe(name, sizeof name, &e), rtc = driver && nvrtc_version(&major, &minor, &e);
    *why = !driver ? "no Hopper GPU with a driver" : !rtc ? "no NVRTC library" : NULL;
    return rtc;
}

/* ---- loading -------------------------------------------------------------------------------- */

static void unload(void *loaded)
{
    Loaded *l = loaded;
    Err e = {0};
    if (l->drv.context && enter(&l->drv, &e)) {
        if (l->stream) l->drv.StreamDestroy(l->stream);
        if (l->module) l->drv.ModuleUnload(l->module);
        leave_device(&l->drv);
    }
    driver_close(&l->drv);
}

static bool load_module(Loaded *l, const void *cubin, Err *e)
{
    const Driver *d = &l->drv;
    if (!check(d, d->ModuleLoad(&l->module, cubin), "loading the machine code", e))
        return false;
    if (!check(d, d->StreamCreate(&l->stream, STREAM_NON_BLOCKING), "creating a stream", e))
        return false;
    for (int i = 0; i < l->plan->nlaunch; i++) {
        const CudaLaunch *k = &l->plan->launch[i];
        if (!check(d, d->ModuleGetFunction(&l->kernel[i], l->module, k->kernel), k->kernel, e))
            return false;
        if (!check(d, d->FuncSetAttribute(l->kernel[i], FUNC_DYNAMIC_SHARED, (int)k->shared),
                   "asking for shared memory", e))
            return false;
    }
    return true;
}

static void *load(Cx *cx, const Prog *p, const Code *code, Err *e)
{
    Loaded *l = NEW(&cx->arena, Loaded);
    l->prog = p;
    l->plan = code->plan;
    l->place = NEWN(&cx->arena, int, p->ntemp + 1);
    l->nplace = workspace_places(cx, p, l->place);
    l->kernel = NEWN(&cx->arena, CuFunction, l->plan->nlaunch);
    const void *cubin = nvrtc_build(cx, p->span, code->file[0].name, code->file[0].text, e);
    if (!cubin || !driver_open(&l->drv, e)) return NULL;
    bool inside = enter(&l->drv, e), ok = inside && load_module(l, cubin, e);
    if (inside) leave_device(&l->drv);
    if (ok) return l;
    unload(l);
    return NULL;
}

/* ---- one call ------------------------------------------------------------------------------- */

enum { FLUSH = 256 << 20 };

typedef struct {
    uint64_t w[16];
} __attribute__((aligned(64))) TensorMap;
typedef struct {
    Loaded *l;
    Call *call;
    CuPtr *param, *place, scratch; /* device memory of each; what empties the cache */
    CuEvent start, stop;
    TensorMap map[MAXCUDAARG];
    int64_t scalar[MAXCUDAARG];
} Run;

/* A tensor without elements still gets an address, and zeros to read: tensor maps have no empty
   extents, and their strides are multiples of 16 bytes. */
static int64_t room(const Run *r, const Buf *b)
{
    int64_t n = dtype_bytes(b->type);
    bool empty = false;
    for (int d = 0; d < b->ndim; d++) {
        int64_t dim = bind_dim(b, d, r->l->prog, r->call->arg, r->call->size);
        empty |= dim == 0;
        n *= MAX(dim, 1);
    }
    return MAX(empty ? 16 * n : n, 16);
}

static bool take(Run *r, CuPtr *at, size_t n, bool clear, Err *e)
{
    const Driver *d = &r->l->drv;
    return check(d, d->MemAlloc(at, n), "taking device memory", e) &&
           (!clear || check(d, d->MemsetD8(*at, 0, n, r->l->stream), "clearing device memory", e));
}

static bool alloc_all(Run *r, Err *e)
{
    const Prog *p = r->l->prog;
    const Driver *d = &r->l->drv;
    for (int i = 0; i < p->nparam; i++) {
        const Buf *b = p->param[i].buf;
        if (!b) continue;
        size_t n = (size_t)room(r, b), bytes = tensor_bytes(&r->call->arg[i].tensor);
        if (!take(r, &r->param[i], n, bytes < n, e)) return false;
        if (bytes &&
            !check(d, d->MemcpyHtoD(r->param[i], r->call->arg[i].tensor.data, bytes, r->l->stream),
                   "copying to the device", e))
            return false;
    }
    for (int k = 0; k < r->l->nplace; k++) {
        int64_t n = 0;
        for (int i = 0; i < p->ntemp; i++)
            if (r->l->place[i] == k) n = MAX(n, room(r, p->temp[i]));
        if (!take(r, &r->place[k], (size_t)n, true, e)) return false;
    }
    return true;
}

static CuPtr address(const Run *r, const Buf *b)
{
    const Prog *p = r->l->prog;
    for (int i = 0; i < p->nparam; i++)
        if (p->param[i].buf == b) return r->param[i];
    for (int i = 0; i < p->ntemp; i++)
        if (p->temp[i] == b) return r->l->place[i] < 0 ? 0 : r->place[r->l->place[i]];
    return 0;
}

static bool encode_map(Run *r, const CudaMap *m, TensorMap *out, Err *e)
{
    static const int type_of[] = {
        [1] = 0, [2] = 1, [4] = 2, [8] = 4}; /* unsigned integers: the bits go as they are */
    static const int swizzle_of[] = {[0] = 0, [32 / 32] = 1, [64 / 32] = 2, [128 / 32] = 3};
    const Buf *b = m->buf;
    uint64_t dim[MAXRANK] = {0}, stride[MAXRANK] = {0}, bytes = (uint64_t)dtype_bytes(b->type);
    uint32_t box[MAXRANK] = {0}, step[MAXRANK] = {1, 1, 1, 1, 1};
    for (int k = 0; k < b->ndim; k++) {
        dim[k] =
            (uint64_t)MAX(bind_dim(b, b->ndim - 1 - k, r->l->prog, r->call->arg, r->call->size), 1);
        box[k] = (uint32_t)m->box[k];
        bytes = (bytes * dim[k] + 15) / 16 * 16; /* exact, but for a tensor without elements */
        stride[k] = bytes;
    }
    const Driver *d = &r->l->drv;
    CuResult status = d->TensorMapEncodeTiled(out, type_of[dtype_bytes(b->type)], (uint32_t)b->ndim,
                                              (void *)(uintptr_t)address(r, b), dim, stride, box,
                                              step, 0, swizzle_of[m->swizzle / 32], 2, 0);
    if (status == 0) return true;
    return err_set(e, E0634, "a tensor that the copy engine reads starts at a multiple of 16 bytes",
                   "no tensor map for '%s'", b->name);
}

static bool launch(Run *r, int at, Err *e)
{
    const CudaLaunch *k = &r->l->plan->launch[at];
    void *value[MAXCUDAARG];
    CuPtr pointer[MAXCUDAARG];
    int64_t grid[MAXGRID];
    if (!bind_grid(k->launch, r->call, grid, e)) return false;
    if (!grid[0] || !grid[1] || !grid[2]) return true;
    for (int d = 1; d < MAXGRID; d++)
        if (grid[d] > 65535)
            return err_set(e, E0634, "put the long axis first",
                           "'%s' has %lld blocks along axis %d, a launch has at most %d", k->kernel, (long long)grid[d], d, 65535);
    for (int i = 0; i < k->narg; i++) {
        const CudaArg *a = &k->arg[i];
        if (a->kind == CA_MAP) {
            if (!encode_map(r, &a->map, &r->map[i], e)) return false;
            value[i] = &r->map[i];
        } else if (a->kind == CA_BUFFER) {
            pointer[i] = address(r, a->buf);
            value[i] = &pointer[i];
        } else {
            call_scalar(r->call, a->var, &r->scalar[i]);
            value[i] = &r->scalar[i];
        }
    }
    const Driver *d = &r->l->drv;
    return check(d,
                 d->LaunchKernel(r->l->kernel[at], (unsigned)grid[0], (unsigned)grid[1],
                                 (unsigned)grid[2], (unsigned)k->threads, 1, 1, (unsigned)k->shared,
                                 r->l->stream, value, NULL),
                 k->kernel, e);
}

static bool launch_all(Run *r, Err *e)
{
    for (int i = 0; i < r->l->plan->nlaunch; i++)
        if (!launch(r, i, e)) return false;
    return true;
}

static bool fetch(Run *r, Err *e)
{
    const Driver *d = &r->l->drv;
    const Prog *p = r->l->prog;
    for (int i = 0; i < p->nparam; i++) {
        const Buf *b = p->param[i].buf;
        size_t n = b && buf_use(p, b).written ? tensor_bytes(&r->call->arg[i].tensor) : 0;
        if (n && !check(d, d->MemcpyDtoH(r->call->arg[i].tensor.data, r->param[i], n, r->l->stream),
                        "copying from the device", e))
            return false;
    }
    return check(d, d->StreamSynchronize(r->l->stream), "copying from the device", e);
}

/* Once, by the device's clock. Where runs are compared, more than the L2 cache holds is written before: it empties the cache, and
   while it lasts the host has put the launches into the queue. */
static bool once(void *arg, double *seconds, Err *e)
{
    Run *r = arg;
    const Driver *d = &r->l->drv;
    float ms = 0;
    bool ok = (!r->scratch || check(d, d->MemsetD8(r->scratch, 0, FLUSH, r->l->stream), "timing", e)) &&
              check(d, d->EventRecord(r->start, r->l->stream), "timing", e) && launch_all(r, e) &&
              check(d, d->EventRecord(r->stop, r->l->stream), "timing", e) &&
              check(d, d->EventSynchronize(r->stop), r->l->prog->name, e) &&
              check(d, d->EventElapsedTime(&ms, r->start, r->stop), "timing", e);
    *seconds = ms / 1e3;
    return ok;
}

static bool run(Run *r, Err *e)
{
    const Driver *d = &r->l->drv;
    Call *c = r->call;
    if (!alloc_all(r, e) || !check(d, d->EventCreate(&r->start, 0), "timing", e) ||
        !check(d, d->EventCreate(&r->stop, 0), "timing", e) || !once(r, &c->seconds, e) || !fetch(r, e))
        return false;
    return c->repeat <= 0 ||
           (check(d, d->MemAlloc(&r->scratch, FLUSH), "timing", e) && call_repeat(c, once, r, e));
}

static bool call(void *loaded, Call *c, Err *e)
{
    Loaded *l = loaded;
    const Driver *d = &l->drv;
    int n = l->prog->nparam + l->nplace;
    if (!enter(&l->drv, e)) return false;
    CuPtr *memory = calloc((size_t)n + 1, sizeof *memory);
    Run r = {.l = l, .call = c, .param = memory, .place = memory + l->prog->nparam};
    bool ok = memory ? run(&r, e) : err_set(e, E0601, NULL, "out of memory");
    d->StreamSynchronize(l->stream);
    for (int i = 0; memory && i < n; i++)
        if (memory[i]) d->MemFree(memory[i]);
    if (r.scratch) d->MemFree(r.scratch);
    if (r.start) d->EventDestroy(r.start);
    if (r.stop) d->EventDestroy(r.stop);
    free(memory);
    leave_device(&l->drv);
    return ok;
}

const Device device_cuda = {
    .name = "cuda",
    .help = "an NVIDIA Hopper GPU, through NVRTC and the driver",
    .target = "cuda",
    .present = present,
    .load = load,
    .call = call,
    .unload = unload,
};
