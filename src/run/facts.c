/* What this machine has that kernels need: `kiln doctor`. Everything is looked at as the devices
   themselves do it. */
#include "run/compiler.h"
#include "run/nvrtc.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <gnu/libc-version.h>
#define LIBC "glibc", gnu_get_libc_version()
#else
#define LIBC "not glibc", ""
#endif

typedef struct {
    Arena *arena;
    Text *out;
} Facts;

/* need: the device that cannot do without, or "-"; state: ok, missing, note */
static void fact(Facts *f, const char *need, const char *item, const char *state, const char *found,
                 const char *help)
{
    char *one = arena_copy(f->arena, found, strcspn(found, "\n"));
    for (char *s = one; *s; s++)
        if (*s == '\t') *s = ' ';
    text_clean(one);
    text_add(f->out, "%s\t%s\t%s\t%s\t%s\n", item, state, one, need, help && *help ? help : "-");
}

/* ---- processor ------------------------------------------------------------------------------ */

/* the text after "key : " in /proc/cpuinfo, or NULL */
static const char *cpuinfo(Arena *a, const char *text, const char *key)
{
    const char *p = strstr(text, key);
    while (p && p != text && p[-1] != '\n') p = strstr(p + 1, key);
    p = p ? strchr(p, ':') : NULL;
    return p ? arena_copy(a, p + 1 + (p[1] == ' '), strcspn(p + 1 + (p[1] == ' '), "\n")) : NULL;
}

static void processor(Facts *f)
{
    static const char *const wanted[] = {"avx2", "fma", "f16c", "avx512f", "avx512_bf16", "avx512_fp16",
                                         "amx_bf16", "asimd", "fphp", "bf16", "sve"};
    size_t n = 0;
    Err e = {0};
    char *text = sys_read(f->arena, "/proc/cpuinfo", &n, &e);
    const char *model = text ? cpuinfo(f->arena, text, "model name") : NULL;
    const char *flags = text ? cpuinfo(f->arena, text, "flags") : NULL;
    if (text && !flags) flags = cpuinfo(f->arena, text, "Features");
    Text has = text_new(f->arena);
    const char *all = arena_printf(f->arena, " %s ", flags ? flags : "");
    for (int i = 0; i < COUNT(wanted); i++)
        if (strstr(all, arena_printf(f->arena, " %s ", wanted[i]))) text_add(&has, " %s", wanted[i]);
    fact(f, "-", "processor", "ok",
         arena_printf(f->arena, "%s, %d cores;%s", model ? model : "unknown", sys_cores(),
                      has.n ? has.s : " no vector extensions known"), NULL);
}

/* ---- compilers, drivers --------------------------------------------------------------------- */

static void compiler(Facts *f, const char *need, const Compiler *c)
{
    const char *command = compiler_command(c), *why = "none is found", *version;
    bool works = command && compiler_works(f->arena, c, &why);
    if (works) why = (version = compiler_version(f->arena, c)) ? version : "no version";
    fact(f, need, c->name, works ? "ok" : "missing", command ? arena_printf(f->arena, "%s: %s", command, why) : why,
         works ? NULL : c->install);
}

/* there, or missing for the reason that e gives */
static void driver(Facts *f, const char *item, bool there, const char *found, const Err *e)
{
    fact(f, "cuda", item, there ? "ok" : "missing", there ? found : e->text, there ? NULL : e->help);
}

static void cuda(Facts *f)
{
    Err e = {0};
    int major = 0, minor = 0;
    char name[256] = "";
    bool there = nvrtc_version(&major, &minor, &e);
    driver(f, "NVRTC", there, arena_printf(f->arena, "version %d.%d", major, minor), &e);
    there = cuda_probe(name, sizeof name, &e);
    driver(f, "CUDA driver", there, name, &e);
}

/* ---- folders -------------------------------------------------------------------------------- */

static int64_t folder_bytes(Facts *f, const char *path)
{
    const char *argv[] = {"du", "-sk", path, NULL};
    Text log = text_new(f->arena);
    return sys_exists(path) && sys_run(argv, &log, 10) == 0 ? atoll(log.s) : 0;
}

static void folders(Facts *f)
{
    Err e = {0};
    const char *tmp = sys_tempdir(f->arena, &e), *cache = mock_cache(f->arena);
    if (tmp) {
        const char *base = arena_copy(f->arena, tmp, (size_t)(strrchr(tmp, '/') - tmp));
        fact(f, "cpu", "temporary folder", "ok", base, NULL);
        sys_rmdir(tmp);
    } else {
        fact(f, "cpu", "temporary folder", "missing", e.text, e.help);
    }
    const char *said = getenv("XDG_CACHE_HOME");
    if (said && *said && *said != '/')
        fact(f, "-", "XDG_CACHE_HOME", "note", arena_printf(f->arena, "'%s' is not an absolute path and is ignored", said),
             "set it to an absolute path, or not at all");
    if (!cache) {
        fact(f, "-", "cache folder", "note", "none: nothing is kept between runs", "set HOME or XDG_CACHE_HOME");
        return;
    }
    Err bad = {0};
    if (sys_mkdir(cache, &bad) && access(cache, W_OK) == 0)
        fact(f, "-", "cache folder", "ok",
             arena_printf(f->arena, "%s, %lld KiB", cache, (long long)folder_bytes(f, cache)), NULL);
    else
        fact(f, "-", "cache folder", "note", arena_printf(f->arena, "%s cannot be written: nothing is kept between runs", cache),
             "make it writable, or name another one with XDG_CACHE_HOME");
}

static void environment(Facts *f)
{
    static const char *const names[] = {"CC", "CXX", "KILN_NVRTC", "KILN_THREADS", "XDG_CACHE_HOME", "TMPDIR",
                                        "NO_COLOR", "CLICOLOR_FORCE"};
    Text t = text_new(f->arena);
    for (int i = 0; i < COUNT(names); i++)
        if (getenv(names[i])) text_add(&t, "%s%s=%s", t.n ? " " : "", names[i], getenv(names[i]));
    fact(f, "-", "environment", "ok", t.n ? t.s : "none of the variables that count is set", NULL);
}

void machine_facts(Text *out)
{
    Facts f = {.arena = out->arena, .out = out};
    text_add(out, "item\tstate\tfound\tneeded by\thelp\n");
    fact(&f, "-", "C library", "ok", arena_printf(f.arena, "%s %s", LIBC), NULL);
    processor(&f);
    compiler(&f, "cpu", &compiler_c);
    compiler(&f, "mock", &compiler_cxx);
    cuda(&f);
    folders(&f);
    environment(&f);
}
