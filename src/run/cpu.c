/* C through the machine's compiler: the emitted text becomes a shared library in a private folder
   that is gone when it is loaded, and its blocks run on a pool of threads. KILN_THREADS says how
   many; otherwise one a core. */
#include "run/compiler.h"
#include "run/pool.h"
#include <stdio.h>
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

enum { MAXWORD = 64 };

/* true when a compiler ran; `status` is what it said */
static bool run_compiler(Arena *a, const char *cc, const char *source, const char *library,
                         Text *log, int *status)
{
    const char *argv[MAXWORD];
    int n = compiler_words(a, cc, argv, 0, 32);
    if (!n) return false;
    n = compiler_words(a, CPU_FLAGS " -w -shared -fPIC -o", argv, n, MAXWORD - 4);
    argv[n++] = library;
    argv[n++] = source;
    argv[n++] = "-lm";
    argv[n] = NULL;
    *status = sys_run(argv, log, 600);
    return *status != -1;
}

/* is the first word of `cc` a program in one of the folders of PATH? */
static bool is_there(const char *cc)
{
    char path[4096];
    int n = (int)strcspn(cc, " \t");
    if (memchr(cc, '/', (size_t)n))
        return snprintf(path, sizeof path, "%.*s", n, cc) < (int)sizeof path && sys_exists(path);
    const char *dir = getenv("PATH");
    while (dir && *dir) {
        int len = (int)strcspn(dir, ":");
        if (snprintf(path, sizeof path, "%.*s/%.*s", len, dir, n, cc) < (int)sizeof path &&
            sys_exists(path))
            return true;
        dir += len + (dir[len] == ':');
    }
    return false;
}

static const char *const usual[] = {"cc", "gcc", "clang", NULL};

const char *cpu_compiler(Arena *a)
{
    const char *chosen = getenv("CC");
    if (chosen && *chosen) return arena_text(a, chosen);
    for (int i = 0; usual[i]; i++)
        if (is_there(usual[i])) return usual[i];
    return NULL;
}

/* looks, and starts nothing: a compiler that does not work says so when it is needed */
static bool cpu_present(const char **why)
{
    Arena a = {0};
    const char *cc = cpu_compiler(&a);
    bool found = cc && is_there(cc);
    *why = found ? NULL : "there is no C compiler";
    arena_free(&a);
    return found;
}

/* a text that is refused is our mistake, unless the compiler refuses everything */
static bool compile(Arena *a, const char *source, const char *library, Err *e)
{
    const char *cc = cpu_compiler(a), *why = NULL;
    const char *named = getenv("CC") && *getenv("CC") ? "CC is the command of a C compiler"
                                                      : "install one (Debian: apt install gcc), or name it with CC";
    if (!cc)
        return err_set(e, E0621, named, "there is no C compiler: cc, gcc and clang are not found");
    Text log = text_new(a);
    int status = 0;
    bool ran = run_compiler(a, cc, source, library, &log, &status);
    if (ran && status == 0 && sys_exists(library)) return true;
    if (!ran) return err_set(e, E0621, named, "the compiler '%s' cannot be started", cc);
    if (!compiler_works(a, cc, ".c", &why))
        return err_set(e, E0621, named, "the compiler '%s' does not work: %.800s", cc, why);
    return err_set(e, E0622, NULL, "'%s' does not compile the emitted text: %.800s", cc,
                   compiler_words_said(a, &log, status));
}

static void *library_of(Arena *a, const Code *code, Err *e)
{
    const char *dir = sys_tempdir(a, e);
    if (!dir) return NULL;
    const char *source = arena_printf(a, "%s/%s", dir, code->file[0].name),
               *library = arena_printf(a, "%s/kernel.so", dir);
    void *lib = NULL;
    if (sys_write(source, code->file[0].text, strlen(code->file[0].text), e) &&
        compile(a, source, library, e))
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

/* the fields of NAME_args, laid out as C does */
typedef struct {
    unsigned char *at;
    size_t n;
} Fields;

static void field(Fields *f, const void *value, size_t size)
{
    f->n = (f->n + size - 1) / size * size;
    memcpy(f->at + f->n, value, size);
    f->n += size;
}

static void scalar(Fields *f, DType t, int64_t i, double d)
{
    const DTypeInfo *info = &dtype_info[t];
    if (t == DT_float64) {
        field(f, &d, sizeof d);
    } else if (info->cls == CLS_F) {
        float x = (float)dtype_round(t, d);
        field(f, &x, sizeof x);
    } else {
        int64_t v = dtype_wrap(t, i);
        field(f, &v,
              (size_t)dtype_bytes(t)); /* the low bytes come first on every machine we emit for */
    }
}

static void fill_args(const Call *c, Fields *f)
{
    const Prog *p = c->prog;
    for (int i = 0; i < p->nparam; i++) {
        if (p->param[i].buf)
            field(f, &c->arg[i].tensor.data, sizeof(void *));
        else
            scalar(f, p->param[i].scalar->type, c->arg[i].i, c->arg[i].f);
    }
    for (int i = 0; i < p->nsize; i++) scalar(f, p->size[i]->type, c->size[i], 0);
}

/* once, or a warm-up and the median of c->repeat runs; gives the first result that is not 0 */
static int run_timed(Loaded *l, Call *c, const void *args, void *workspace)
{
    int bad = l->entry(args, workspace, l->pool);
    if (bad || c->repeat <= 0) return bad;
    double *t = malloc(sizeof *t * (size_t)c->repeat);
    if (!t) return -1;
    for (int i = 0; i < c->repeat && !bad; i++) {
        double start = sys_now();
        bad = l->entry(args, workspace, l->pool);
        t[i] = sys_now() - start;
    }
    if (!bad) c->seconds = median(t, c->repeat);
    free(t);
    return bad;
}

static bool cpu_call(void *loaded, Call *c, Err *e)
{
    Loaded *l = loaded;
    Fields f = {.at = calloc((size_t)(c->prog->nparam + c->prog->nsize) + 1, 16)};
    if (!f.at) return err_set(e, E0618, NULL, "no memory for the arguments");
    fill_args(c, &f);
    double start = sys_now();
    size_t bytes = l->workspace(f.at);
    void *workspace = bytes ? aligned_alloc(64, (bytes + 63) / 64 * 64) : NULL;
    bool ok = workspace || !bytes;
    if (!ok)
        err_set(e, E0618, "smaller sizes need less", "no memory for a workspace of %zu bytes",
                bytes);
    int bad = ok ? run_timed(l, c, f.at, workspace) : 0;
    if (ok && !bad && c->repeat <= 0) c->seconds = sys_now() - start;
    if (bad)
        ok = err_set(e, bad > 0 && bad <= l->plan->nfault ? l->plan->fault[bad - 1] : E0618, NULL, "%s",
                     l->error(bad));
    free(workspace);
    free(f.at);
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
