/* CUDA text to an sm_90a cubin through NVRTC, opened at first use: no compiler, no header and no
   driver is needed, so this works on machines without a GPU. The assembler's own report (registers,
   spills, serialised wgmma) comes back with the cubin, because a kernel that spills is right and
   slow, and must not be so in silence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "run/nvrtc.h"

/* our own declarations of the part of nvrtc.h that we call */
typedef struct NvrtcProgram *NvrtcHandle;
#define NVRTC_FUNCTIONS(F)                                                                         \
    F(Version, (int *major, int *minor))                                                           \
    F(CreateProgram, (NvrtcHandle * out, const char *text, const char *name, int n,                \
                      const char *const *headers, const char *const *names))                       \
    F(CompileProgram, (NvrtcHandle p, int n, const char *const *options))                          \
    F(DestroyProgram, (NvrtcHandle * p))                                                           \
    F(GetProgramLogSize, (NvrtcHandle p, size_t * n))                                              \
    F(GetProgramLog, (NvrtcHandle p, char *out))                                                   \
    F(GetCUBINSize, (NvrtcHandle p, size_t * n))                                                   \
    F(GetCUBIN, (NvrtcHandle p, char *out))

typedef struct {
    void *lib;
    int major, minor;
#define F(name, args) int(*name) args;
    NVRTC_FUNCTIONS(F)
#undef F
} Nvrtc;

static void *open_library(Err *e)
{
    static const char *const usual[] = {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so",
                                        "/usr/local/cuda/lib64/libnvrtc.so"};
    const char *own = getenv("KILN_NVRTC");
    bool named = own && *own;
    for (int i = 0; i < (named ? 1 : COUNT(usual)); i++) {
        Err ignored = {0};
        void *lib = sys_dlopen(named ? own : usual[i], &ignored);
        if (lib) return lib;
    }
    err_set(e, E0632,
            "install CUDA's runtime compiler (package 'cuda-nvrtc' or the wheel 'nvidia-cuda-nvrtc') or name "
            "the library in the environment variable KILN_NVRTC",
            "found no NVRTC library ('%s'%s)", named ? own : usual[0], named ? ", named by KILN_NVRTC" : " and others");
    return NULL;
}

static bool open_nvrtc(Nvrtc *rtc, Err *e)
{
    static const char help[] = "version 12 or later is needed";
    const char *missing = NULL;
    *rtc = (Nvrtc){.lib = open_library(e)};
    if (!rtc->lib) return false;
#define F(name, args)                                                                              \
    *(void **)&rtc->name = sys_dlsym(rtc->lib, "nvrtc" #name);                                     \
    if (!rtc->name) missing = "nvrtc" #name;
    NVRTC_FUNCTIONS(F)
#undef F
    if (!missing && rtc->Version(&rtc->major, &rtc->minor) == 0 && rtc->major >= 12) return true;
    if (missing)
        err_set(e, E0632, help, "the NVRTC library has no '%s'", missing);
    else
        err_set(e, E0632, help, "NVRTC is version %d.%d", rtc->major, rtc->minor);
    sys_dlclose(rtc->lib);
    return false;
}

bool nvrtc_version(int *major, int *minor, Err *e)
{
    Nvrtc rtc;
    if (!open_nvrtc(&rtc, e)) return false;
    *major = rtc.major;
    *minor = rtc.minor;
    sys_dlclose(rtc.lib);
    return true;
}

/* ---- what the assembler said ---------------------------------------------------------------- */

/* the number right before `what` in `line`, or 0 */
static int number_before(const char *line, const char *what)
{
    const char *at = strstr(line, what);
    if (!at) return 0;
    while (at > line && at[-1] == ' ') at--;
    while (at > line && at[-1] >= '0' && at[-1] <= '9') at--;
    return atoi(at);
}

/* Right, and slower than it should be, never in silence: spills, and the first line of kind C75xx (wgmma serialised, setmaxnreg
   ignored). */
static void warn(Cx *cx, Span span, char *log)
{
    int spilled = 0;
    const char *remark = NULL;
    for (char *line = log, *end; line; line = end) {
        end = strchr(line, '\n');
        if (end) *end++ = 0;
        spilled += number_before(line, "bytes spill stores") + number_before(line, "bytes spill loads");
        bool told = strstr(line, "C75") || strstr(line, "serialized") || strstr(line, "setmaxnreg");
        if (told && !remark) remark = line;
    }
    if (spilled)
        report(cx, E0635, span, "use smaller tiles or more threads", "%d bytes of registers are spilled", spilled);
    if (remark) report(cx, E0635, span, NULL, "the assembler says: %.255s", remark);
}

/* the first line of the log that says "error", for the message */
static const char *first_error(const char *log)
{
    const char *at = strstr(log, "error");
    if (!at) return *log ? log : "no message";
    while (at > log && at[-1] != '\n') at--;
    return at;
}

static const void *build(const Nvrtc *rtc, NvrtcHandle p, Cx *cx, Span span, const char *name, Err *e)
{
    static const char *const options[] = {"--gpu-architecture=sm_90a", "--std=c++17", "--ptxas-options=-v",
                                          "--no-source-include", "--device-as-default-execution-space"};
    size_t n = 0, size = 0;
    int status = rtc->CompileProgram(p, COUNT(options), options);
    if (rtc->GetProgramLogSize(p, &n) != 0) n = 0;
    char *log = arena_alloc(&cx->arena, n + 1);
    if (n) rtc->GetProgramLog(p, log);
    if (status != 0) {
        const char *line = first_error(log);
        err_set(e, E0633, "this is a bug of the emitter: please report it with the program that shows it",
                "NVRTC refuses the CUDA text of '%s': %.*s", name, (int)strcspn(line, "\n"), line);
        return NULL;
    }
    rtc->GetCUBINSize(p, &size);
    char *cubin = arena_alloc(&cx->arena, size);
    if (size == 0 || rtc->GetCUBIN(p, cubin) != 0) {
        err_set(e, E0601, NULL, "NVRTC gave no cubin for '%s'", name);
        return NULL;
    }
    warn(cx, span, log);
    return cubin;
}

const void *nvrtc_build(Cx *cx, Span span, const char *name, const char *text, Err *e)
{
    Nvrtc rtc;
    NvrtcHandle p = NULL;
    const void *cubin = NULL;
    if (!open_nvrtc(&rtc, e)) return NULL;
    if (rtc.CreateProgram(&p, text, name, 0, NULL, NULL) == 0)
        cubin = build(&rtc, p, cx, span, name, e);
    else
        err_set(e, E0601, NULL, "NVRTC could not take the text of '%s'", name);
    rtc.DestroyProgram(&p);
    sys_dlclose(rtc.lib);
    return cubin;
}
