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

struct Nvrtc {
    void *lib;
    int major, minor;
#define F(name, args) int(*name) args;
    NVRTC_FUNCTIONS(F)
#undef F
};

static const char *const library_names[] = {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so",
                                            "/usr/local/cuda/lib64/libnvrtc.so"};

static void *open_library(Err *e)
{
    const char *own = getenv("KILN_NVRTC");
    bool named = own && *own;
    for (int i = 0; i < (named ? 1 : COUNT(library_names)); i++) {
        Err ignored = {0};
        void *lib = sys_dlopen(named ? own : library_names[i], &ignored);
        if (lib) return lib;
    }
    err_set(e, E0632,
            "install CUDA's runtime compiler (package 'cuda-nvrtc' or the wheel "
            "'nvidia-cuda-nvrtc') or name "
            "the library in the environment variable KILN_NVRTC",
            "found no NVRTC library ('%s'%s)", named ? own : library_names[0],
            named ? ", named by KILN_NVRTC" : " and others");
    return NULL;
}

Nvrtc *nvrtc_open(Err *e)
{
    void *lib = open_library(e);
    if (!lib) return NULL;
    Nvrtc *rtc = calloc(1, sizeof *rtc);
    if (!rtc) {
        sys_dlclose(lib);
        err_set(e, E0601, NULL, "out of memory");
        return NULL;
    }
    rtc->lib = lib;
    const char *missing = NULL;
#define F(name, args)                                                                              \
    *(void **)&rtc->name = sys_dlsym(lib, "nvrtc" #name);                                          \
    if (!rtc->name) missing = "nvrtc" #name;
    NVRTC_FUNCTIONS(F)
#undef F
    if (missing || rtc->Version(&rtc->major, &rtc->minor) != 0 || rtc->major < 12) {
        if (missing)
            err_set(e, E0632, "version 12 or later is needed", "the NVRTC library has no '%s'",
                    missing);
        else
            err_set(e, E0632, "version 12 or later is needed", "NVRTC is version %d.%d", rtc->major,
                    rtc->minor);
        nvrtc_close(rtc);
        return NULL;
    }
    return rtc;
}

void nvrtc_version(const Nvrtc *rtc, int *major, int *minor)
{
    *major = rtc->major;
    *minor = rtc->minor;
}

void nvrtc_close(Nvrtc *rtc)
{
    if (!rtc) return;
    sys_dlclose(rtc->lib);
    free(rtc);
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

/* The lines that matter: registers, spills, and C75xx (wgmma serialised, setmaxnreg ignored). */
static void read_log(CudaBinary *out)
{
    for (char *line = out->log; line && *line;) {
        char *end = strchr(line, '\n');
        if (end) *end = 0;
        out->registers = MAX(out->registers, number_before(line, "registers"));
        out->spill_bytes +=
            number_before(line, "bytes spill stores") + number_before(line, "bytes spill loads");
        if (!out->remark[0] &&
            (strstr(line, "C75") || strstr(line, "serialized") || strstr(line, "setmaxnreg")))
            snprintf(out->remark, sizeof out->remark, "%.*s", (int)sizeof out->remark - 1, line);
        if (end) *end = '\n';
        line = end ? end + 1 : NULL;
    }
}

static char *program_log(const Nvrtc *rtc, NvrtcHandle p)
{
    size_t n = 0;
    if (rtc->GetProgramLogSize(p, &n) != 0) n = 0;
    char *log = calloc(n + 1, 1);
    if (log && n) rtc->GetProgramLog(p, log);
    return log;
}

/* the first line of the log that says "error", for the message */
static const char *first_error(const char *log)
{
    const char *at = log ? strstr(log, "error") : NULL;
    if (!at) return log && *log ? log : "no message";
    while (at > log && at[-1] != '\n') at--;
    return at;
}

bool nvrtc_build(const Nvrtc *rtc, const char *name, const char *text, CudaBinary *out, Err *e)
{
    static const char *const options[] = {"--gpu-architecture=sm_90a", "--std=c++17",
                                          "--ptxas-options=-v", "--no-source-include",
                                          "--device-as-default-execution-space"};
    NvrtcHandle p = NULL;
    bool ok = false;
    memset(out, 0, sizeof *out);
    if (rtc->CreateProgram(&p, text, name, 0, NULL, NULL) != 0)
        return err_set(e, E0601, NULL, "NVRTC could not take the text of '%s'", name);
    int status = rtc->CompileProgram(p, COUNT(options), options);
    out->log = program_log(rtc, p);
    if (status != 0) {
        const char *line = first_error(out->log);
        err_set(e, E0633,
                "this is a bug of the emitter: please report it with the program that shows it",
                "NVRTC refuses the CUDA text of '%s': %.*s", name, (int)strcspn(line, "\n"), line);
        goto out;
    }
    if (rtc->GetCUBINSize(p, &out->size) != 0 || out->size == 0 ||
        !(out->cubin = malloc(out->size)) || rtc->GetCUBIN(p, out->cubin) != 0) {
        err_set(e, E0601, NULL, "NVRTC gave no cubin for '%s'", name);
        goto out;
    }
    read_log(out);
    ok = true;
out:
    rtc->DestroyProgram(&p);
    if (!ok) cuda_binary_free(out);
    return ok;
}

void cuda_binary_free(CudaBinary *b)
{
    free(b->cubin);
    free(b->log);
    memset(b, 0, sizeof *b);
}
