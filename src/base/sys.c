/* Files, processes, shared libraries, time. The only file of base/ that may ask which system it is
 * on. */
#define _GNU_SOURCE
#include "base/base.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- files ---- */

char *sys_read(Arena *a, const char *path, size_t *n, Err *e)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    if (!f || fstat(fileno(f), &st) != 0 || S_ISDIR(st.st_mode)) {
        err_set(e, E0702, "check the path", "cannot read '%s': %s", path,
                f && S_ISDIR(st.st_mode) ? "it is a folder" : strerror(errno));
        if (f) fclose(f);
        return NULL;
    }
    Text t = text_new(a);
    char part[16384];
    for (size_t got; (got = fread(part, 1, sizeof part, f)) > 0;) text_put(&t, part, got);
    bool bad = ferror(f);
    fclose(f);
    if (bad) {
        err_set(e, E0702, NULL, "cannot read '%s': %s", path, strerror(errno));
        return NULL;
    }
    *n = t.n;
    return t.s;
}

bool sys_write(const char *path, const void *data, size_t n, Err *e)
{
    char tmp[4096];
    if (snprintf(tmp, sizeof tmp, "%s.tmp%ld", path, (long)gettid()) >= (int)sizeof tmp)
        return err_set(e, E0701, NULL, "the path '%.60s...' is too long", path);
    FILE *f = fopen(tmp, "wb");
    bool ok = f && fwrite(data, 1, n, f) == n;
    if (f && fclose(f) != 0) ok = false;
    if (ok && rename(tmp, path) == 0) return true;
    int why = errno;
    unlink(tmp);
    return err_set(e, E0706, "check that the folder exists and can be written",
                   "cannot write '%s': %s", path, strerror(why));
}

char *sys_real(Arena *a, const char *path, bool folder)
{
    char real[PATH_MAX];
    struct stat st;
    if (!realpath(path, real) || stat(real, &st) != 0) return NULL;
    if (folder ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode)) return NULL;
    return arena_text(a, real);
}

bool sys_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool sys_mkdir(const char *path, Err *e)
{
    char part[4096];
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return err_set(e, E0701, NULL, "the path '%.60s...' is too long", path);
    for (char *p = part + 1; *p; p++)
        if (*p == '/') {
            *p = 0;
            mkdir(part, 0700);
            *p = '/';
        }
    struct stat st;
    if (mkdir(part, 0700) != 0 && (errno != EEXIST || stat(part, &st) != 0 || !S_ISDIR(st.st_mode)))
        return err_set(e, E0706, NULL, "cannot make the folder '%s': %s", path, strerror(errno));
    return true;
}

char *sys_tempdir(Arena *a, Err *e)
{
    const char *base = getenv("TMPDIR");
    char *path = arena_printf(a, "%s/kiln-XXXXXX", base && *base ? base : "/tmp");
    if (mkdtemp(path)) return path;
    err_set(e, E0601, "set TMPDIR to a folder that can be written",
            "cannot make a temporary folder: %s", strerror(errno));
    return NULL;
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

void sys_rmdir(const char *path)
{
    nftw(path, drop, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- processes ---- */

/* read what the child says until it closes its end; false when the time is over */
static bool drain(int fd, Text *log, double until)
{
    for (;;) {
        double left = until - sys_now();
        if (left <= 0) return false;
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int r = poll(&p, 1, left > 1 ? 1000 : (int)(left * 1000) + 1);
        if (r < 0 && errno != EINTR) return true;
        if (r <= 0) continue;
        char part[4096];
        ssize_t n = read(fd, part, sizeof part);
        if (n <= 0) return true;
        if (log) text_put(log, part, (size_t)n);
    }
}

int sys_run(const char *const *argv, Text *log, double timeout_s)
{
    int fd[2];
    if (pipe2(fd, O_CLOEXEC) != 0) return -1;
    pid_t pid = fork();
    if (pid < 0) {
        close(fd[0]);
        close(fd[1]);
        return -1;
    }
    if (pid == 0) {
        int null = open("/dev/null", O_RDONLY);
        setpgid(0, 0);
        if (null >= 0) dup2(null, 0);
        dup2(fd[1], 1);
        dup2(fd[1], 2);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(fd[1]);
    bool in_time = drain(fd[0], log, sys_now() + timeout_s);
    close(fd[0]);
    if (!in_time) {
        kill(-pid, SIGKILL);
        if (log) text_add(log, "\n%s: stopped after %.0f s\n", argv[0], timeout_s);
    }
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!WIFEXITED(status)) return 128;
    return WEXITSTATUS(status) == 127 ? -1 : WEXITSTATUS(status);
}

/* ---- the machine ---- */

double sys_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* the whole cores that a cgroup v2 quota allows; 0 when there is none */
static int cgroup_cores(void)
{
    FILE *f = fopen("/sys/fs/cgroup/cpu.max", "r");
    if (!f) return 0;
    long quota, period;
    int n = fscanf(f, "%ld %ld", &quota, &period);
    fclose(f);
    return n == 2 && period > 0 ? (int)MAX((quota + period - 1) / period, 1) : 0;
}

int sys_cores(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    int quota = cgroup_cores();
    return quota && quota < n ? quota : n;
}

void *sys_dlopen(const char *path, Err *e)
{
    void *lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!lib) err_set(e, E0601, NULL, "cannot load '%s': %s", path, dlerror());
    return lib;
}

void *sys_dlsym(void *lib, const char *name)
{
    return dlsym(lib, name);
}

void sys_dlclose(void *lib)
{
    dlclose(lib);
}
