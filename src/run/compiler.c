/* The machine's compilers of C and C++: started with the words of their command, and asked, when they
   refuse a text, whether they can translate anything at all. */
#include "run/compiler.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const Compiler compiler_c = {
    .name = "C compiler",
    .variable = "CC",
    .usual = {"cc", "gcc", "clang"},
    .none = "cc, gcc and clang are not found",
    .install = "install one (Debian: apt install gcc), or name it with CC",
    .suffix = ".c",
    .missing = E0621,
    .refused = E0622,
};
const Compiler compiler_cxx = {
    .name = "C++ compiler",
    .variable = "CXX",
    .usual = {"g++", "clang++"},
    .none = "g++ and clang++ are not found",
    .install = "install one (Debian: apt install g++), or name it with CXX",
    .suffix = ".cpp",
    .missing = E0641,
    .refused = E0642,
};

/* is the first word of a command a program in one of the folders of PATH? */
static bool is_there(const char *command)
{
    char path[4096];
    int n = (int)strcspn(command, " \t");
    if (memchr(command, '/', (size_t)n))
        return snprintf(path, sizeof path, "%.*s", n, command) < (int)sizeof path && sys_exists(path);
    const char *dir = getenv("PATH");
    while (dir && *dir) {
        int len = (int)strcspn(dir, ":");
        if (snprintf(path, sizeof path, "%.*s/%.*s", len, dir, n, command) < (int)sizeof path && sys_exists(path))
            return true;
        dir += len + (dir[len] == ':');
    }
    return false;
}

/* the one that is asked for; NULL: none is */
static const char *chosen(const Compiler *c)
{
    const char *said = getenv(c->variable);
    return said && *said ? said : NULL;
}

const char *compiler_command(const Compiler *c)
{
    if (chosen(c)) return chosen(c);
    for (int i = 0; c->usual[i]; i++)
        if (is_there(c->usual[i])) return c->usual[i];
    return NULL;
}

bool compiler_there(const Compiler *c)
{
    const char *command = compiler_command(c);
    return command && is_there(command);
}

/* the words of a text into out[n ...]; gives their number, at most most */
static int words(Arena *a, const char *text, const char **out, int n, int most)
{
    for (const char *p = text; *p && n < most;) {
        size_t len = strcspn(p, " \t");
        if (len) out[n++] = arena_copy(a, p, len);
        p += len + strspn(p + len, " \t");
    }
    return n;
}

/* the exit status; -1: it could not be started */
static int start(Arena *a, const Compiler *c, const char *options, const char *const *files, Text *log, double timeout)
{
    const char *argv[64] = {0};
    int n = words(a, compiler_command(c), argv, 0, 24);
    if (!n) return -1;
    n = words(a, options, argv, n, 40);
    while (*files && n < COUNT(argv) - 1) argv[n++] = *files++;
    return sys_run(argv, log, timeout);
}

/* what a compiler that failed had to say, or that it said nothing */
static const char *said(Arena *a, const Text *log, int status)
{
    size_t n = log->n;
    while (n && (log->s[n - 1] == '\n' || log->s[n - 1] == ' ')) n--;
    if (!n) return arena_printf(a, "it says nothing and ends with status %d", status);
    return arena_printf(a, "%.*s", (int)MIN(n, 800), log->s);
}

/* did it end for want of memory or room, which is no fault of the text */
static bool starved(const Text *log, int status)
{
    static const char *const words[] = {"memory exhausted", "out of memory", "Cannot allocate memory", "No space left",
                                        "Killed signal"};
    for (int i = 0; i < COUNT(words); i++)
        if (strstr(log->s, words[i])) return true;
    return status == 128; /* a signal, or the time */
}

bool compiler_works(Arena *a, const Compiler *c, const char **why)
{
    static const char text[] = "int kiln_probe(int x);\nint kiln_probe(int x) { return x + 1; }\n";
    Err e = {0};
    const char *dir = sys_tempdir(a, &e);
    const char *source = arena_printf(a, "%s/probe%s", dir, c->suffix), *out = arena_printf(a, "%s/probe.so", dir);
    const char *files[] = {out, source, NULL};
    Text log = text_new(a);
    *why = NULL;
    int status = -1;
    if (!dir || !sys_write(source, text, strlen(text), &e))
        *why = arena_text(a, e.text);
    else if ((status = start(a, c, "-shared -fPIC -o", files, &log, 60)) == -1)
        *why = "it cannot be started";
    else if (status != 0)
        *why = said(a, &log, status);
    else if (!sys_exists(out))
        *why = "it ends with status 0 and has made nothing";
    if (dir) sys_rmdir(dir);
    return !*why;
}

bool compiler_run(Arena *a, const Compiler *c, const char *options, const char *const *files, const char *made, Err *e)
{
    const char *command = compiler_command(c), *why = NULL;
    const char *help = chosen(c) ? arena_printf(a, "%s is the command of a %s", c->variable, c->name) : c->install;
    if (!command) return err_set(e, c->missing, help, "there is no %s: %s", c->name, c->none);
    Text log = text_new(a);
    int status = start(a, c, options, files, &log, 600);
    if (status == 0 && sys_exists(made)) return true;
    if (status == -1) return err_set(e, c->missing, help, "the compiler '%s' cannot be started", command);
    if (status > 0 && starved(&log, status))
        return err_set(e, E0601, "the compiler needs more memory, time or room in TMPDIR", "the compiler '%s' gave up: %.800s", command,
                       said(a, &log, status));
    if (!compiler_works(a, c, &why))
        return err_set(e, c->missing, help, "the compiler '%s' does not work: %.800s", command, why);
    return err_set(e, c->refused, NULL, "'%s' does not compile the emitted text: %.800s", command, said(a, &log, status));
}

const char *compiler_version(Arena *a, const Compiler *c)
{
    const char *none[] = {NULL};
    Text log = text_new(a);
    return start(a, c, "--version", none, &log, 20) == 0 && log.n ? arena_copy(a, log.s, strcspn(log.s, "\n")) : NULL;
}
