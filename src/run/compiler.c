/* The machine's compilers of C and C++: started with the words of their command, and asked, when they
   refuse a text, whether they can translate anything at all. */
#include "run/compiler.h"
#include <string.h>

int compiler_words(Arena *a, const char *text, const char **out, int n, int most)
{
    for (const char *p = text; *p && n < most - 1;) {
        size_t len = strcspn(p, " \t");
        if (len) out[n++] = arena_copy(a, p, len);
        p += len + strspn(p + len, " \t");
    }
    out[n] = NULL;
    return n;
}

const char *compiler_words_said(Arena *a, const Text *log, int status)
{
    size_t n = log->n;
    while (n && (log->s[n - 1] == '\n' || log->s[n - 1] == ' ')) n--;
    if (!n) return arena_printf(a, "it says nothing and ends with status %d", status);
    return arena_printf(a, "%.*s", (int)MIN(n, 800), log->s);
}

bool compiler_works(Arena *a, const char *command, const char *suffix, const char **why)
{
    static const char text[] = "int kiln_probe(int x);\nint kiln_probe(int x) { return x + 1; }\n";
    Err e = {0};
    const char *argv[64], *dir = sys_tempdir(a, &e);
    *why = dir ? NULL : arena_text(a, e.text);
    if (!dir) return false;
    const char *source = arena_printf(a, "%s/probe%s", dir, suffix), *out = arena_printf(a, "%s/probe.so", dir);
    int n = compiler_words(a, command, argv, 0, 48), status = -1;
    Text log = text_new(a);
    n = compiler_words(a, "-shared -fPIC -o", argv, n, 60);
    argv[n++] = out;
    argv[n++] = source;
    argv[n] = NULL;
    bool ok = sys_write(source, text, strlen(text), &e);
    if (ok) status = sys_run(argv, &log, 60);
    if (!ok)
        *why = arena_text(a, e.text);
    else if (status == -1)
        *why = "it cannot be started";
    else if (status != 0)
        *why = compiler_words_said(a, &log, status);
    else if (!sys_exists(out))
        *why = "it ends with status 0 and has made nothing";
    sys_rmdir(dir);
    return !*why;
}

const char *compiler_version(Arena *a, const char *command)
{
    const char *argv[64];
    Text log = text_new(a);
    int n = compiler_words(a, command, argv, 0, 48);
    argv[n++] = "--version";
    argv[n] = NULL;
    return sys_run(argv, &log, 20) == 0 && log.n ? arena_copy(a, log.s, strcspn(log.s, "\n")) : NULL;
}
