/* Functions of the C library that fail when they are told to, for a build of the command (-Wl,--wrap=...): the KILN_FAULT-th call of all
   finds no memory or a broken disk. When KILN_FAULT is 0, or at the end, the number of calls and, of the one that failed, its name go to
   the file KILN_FAULT_LOG. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static long calls, fail_at;
static const char *failed = "-";

__attribute__((constructor)) static void begin(void)
{
    const char *n = getenv("KILN_FAULT");
    fail_at = n ? atol(n) : 0;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("KILN_FAULT_LOG");
    FILE *__real_fopen(const char *, const char *);
    FILE *f = path ? __real_fopen(path, "w") : NULL;
    if (!f) return;
    fprintf(f, "%ld %s\n", calls, failed);
    fclose(f);
}

static int fails(const char *name, int why)
{
    if (++calls != fail_at) return 0;
    failed = name;
    errno = why;
    return 1;
}

#define WRAP(type, name, params, args, bad, why)                                                                                                          \
    type __real_##name params;                                                                                                                            \
    type __wrap_##name params;                                                                                                                            \
    type __wrap_##name params { return fails(#name, why) ? bad : __real_##name args; }

WRAP(void *, malloc, (size_t n), (n), NULL, ENOMEM)
WRAP(void *, calloc, (size_t n, size_t m), (n, m), NULL, ENOMEM)
WRAP(void *, realloc, (void *p, size_t n), (p, n), NULL, ENOMEM)
WRAP(char *, strdup, (const char *s), (s), NULL, ENOMEM)
WRAP(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL, EIO)
WRAP(int, fstat, (int fd, struct stat *s), (fd, s), -1, EIO)
WRAP(int, stat, (const char *path, struct stat *s), (path, s), -1, EIO)
WRAP(int, lstat, (const char *path, struct stat *s), (path, s), -1, EIO)
WRAP(int, rename, (const char *a, const char *b), (a, b), -1, EIO)
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode), -1, ENOSPC)
WRAP(char *, mkdtemp, (char *path), (path), NULL, ENOSPC)
WRAP(DIR *, opendir, (const char *path), (path), NULL, EIO)
WRAP(size_t, fwrite, (const void *p, size_t size, size_t n, FILE *f), (p, size, n, f), 0, ENOSPC)
WRAP(int, fputs, (const char *s, FILE *f), (s, f), EOF, ENOSPC)
WRAP(int, fflush, (FILE *f), (f), EOF, ENOSPC)

/* a read that fails leaves a mark in the stream */
size_t __real_fread(void *p, size_t size, size_t n, FILE *f);
size_t __wrap_fread(void *p, size_t size, size_t n, FILE *f);
size_t __wrap_fread(void *p, size_t size, size_t n, FILE *f)
{
    static int bad;
    if (!bad && fails("fread", EIO)) bad = 1;
    if (!bad) return __real_fread(p, size, n, f);
    errno = EIO;
    return 0;
}

int __wrap_ferror(FILE *f);
int __real_ferror(FILE *f);
int __wrap_ferror(FILE *f)
{
    return strcmp(failed, "fread") == 0 ? 1 : __real_ferror(f);
}

/* the bytes that were not written are lost, and the stream is closed all the same */
int __real_fclose(FILE *f);
int __wrap_fclose(FILE *f);
int __wrap_fclose(FILE *f)
{
    int bad = fails("fclose", ENOSPC);
    return __real_fclose(f) || bad ? EOF : 0;
}
