/* C through the machine's compiler: the emitted text becomes a shared library in a private folder
   that is gone when it is loaded, and its blocks run on a pool of threads. KILN_THREADS says how
   many; otherwise one a core. */
#include "run/compiler.h"
#include "run/pool.h"
#include <stdlib.h>
#include <string.h>

typedef struct { /* lives in the arena of the compilation */
    void *lib;
    CpuPool *pool;
    int (*entry)(const void *args, void *workspace, void *pool);
    size_t (*workspace)(const void *args);
    const char *(*error)(int result);
    const CpuPlan *plan;
} Loaded;

/* ---- compiling ------------------------------------------------------------------------------ */

static bool cpu_present(const char **why)
{
    *why = "there is no C compiler";
    return compiler_there(&compiler_c);
}

static void *library_of(Arena *a, const Code *code, Err *e)
{
    const char *dir = sys_tempdir(a, e);
    if (!dir) return NULL;
    const char *source = arena_printf(a, "%s/%s", dir, code->file[0].name),
               *library = arena_printf(a, "%s/kernel.so", dir);
    const char *files[] = {library, source, "-lm", NULL};
    void *lib = NULL;
    if (sys_write(source, code->file[0].text, strlen(code->file[0].text), e) &&
        compiler_run(a, &compiler_c, CPU_FLAGS " -w -shared -fPIC -o", files, library, e))
        lib = sys_dlopen(library, e);
    sys_rmdir(dir);
    return lib;
}

/* ---- loading -------------------------------------------------------------------------------- */

static int threads_wanted(void)
{
    const char *s = getenv("KILN_THREADS");
    long n = s ? strtol(s, NULL, 10) : 0;
    return n > 0 && n <= 4096 ? (int)n : sys_cores();
}

static void cpu_unload(void *loaded)
{
    Loaded *l = loaded;
    pool_close(l->pool);
    if (l->lib) sys_dlclose(l->lib);
}

static void *cpu_load(Cx *cx, const Prog *p, const Code *code, Err *e)
{
    (void)p;
    Loaded *l = NEW(&cx->arena, Loaded);
    *l = (Loaded){.plan = code->plan, .lib = library_of(&cx->arena, code, e)};
    if (!l->lib) return NULL;
    const char *name = l->plan->symbol;
    *(void **)&l->entry = sys_dlsym(l->lib, name);
    *(void **)&l->workspace = sys_dlsym(l->lib, arena_printf(&cx->arena, "%s_workspace", name));
    *(void **)&l->error = sys_dlsym(l->lib, arena_printf(&cx->arena, "%s_error", name));
    l->pool = pool_open(threads_wanted());
    if (l->pool && l->entry && l->workspace && l->error) return l;
    err_set(e, E0618, NULL, "no memory for '%s'", name);
    cpu_unload(l);
    return NULL;
}

/* ---- calling -------------------------------------------------------------------------------- */

/* the next field of NAME_args, where C puts it; gives the end of all so far */
static size_t field(unsigned char *args, size_t end, const void *value, size_t size)
{
    end = (end + size - 1) / size * size;
    memcpy(args + end, value, size);
    return end + size;
}

static void fill_args(const Call *c, unsigned char *args)
{
    const Prog *p = c->prog;
    unsigned char value[8];
    size_t end = 0;
    for (int i = 0; i < p->nparam + p->nsize; i++) {
        const Param *param = i < p->nparam ? &p->param[i] : NULL;
        if (param && param->buf)
            end = field(args, end, &c->arg[i].tensor.data, sizeof(void *));
        else
            end = field(args, end, value, call_scalar(c, param ? param->scalar : p->size[i - p->nparam], value));
    }
}

typedef struct {
    const Loaded *l;
    void *args, *workspace;
} Run;

static bool once(void *arg, double *seconds, Err *e)
{
    const Run *r = arg;
    const CpuPlan *plan = r->l->plan;
    double start = sys_now();
    int bad = r->l->entry(r->args, r->workspace, r->l->pool);
    *seconds = sys_now() - start;
    return !bad || err_set(e, bad > 0 && bad <= plan->nfault ? plan->fault[bad - 1] : E0618, NULL, "%s", r->l->error(bad));
}

static bool cpu_call(void *loaded, Call *c, Err *e)
{
    Run r = {.l = loaded, .args = calloc((size_t)(c->prog->nparam + c->prog->nsize) + 1, 16)};
    if (!r.args) return err_set(e, E0618, NULL, "no memory for the arguments");
    fill_args(c, r.args);
    size_t bytes = r.l->workspace(r.args);
    r.workspace = bytes ? aligned_alloc(64, (bytes + 63) / 64 * 64) : NULL;
    bool ok = r.workspace || !bytes;
    if (!ok) err_set(e, E0618, "smaller sizes need less", "no memory for a workspace of %zu bytes", bytes);
    ok = ok && once(&r, &c->seconds, e) && (c->repeat <= 0 || call_repeat(c, once, &r, e));
    free(r.workspace);
    free(r.args);
    return ok;
}

const Device device_cpu = {
    .name = "cpu",
    .help = "C through the machine's compiler, on a pool of threads",
    .target = "cpu",
    .present = cpu_present,
    .load = cpu_load,
    .call = cpu_call,
    .unload = cpu_unload,
};
