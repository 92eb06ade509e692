/* reduce: takes pieces out of a program as long as it fails in the same way. What is taken out, the
   library says (kiln_simpler); whether it still fails says `check`, or a command. */
#define _GNU_SOURCE
#include "cli.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* how a program fails: the status, and the first error that is told, without its numbers and names */
typedef struct {
    int status;
    char code[8], text[160];
} Outcome;

typedef struct {
    const Options *o;
    char *best; /* from malloc */
    char *folder, *file; /* folder: of files for the command; NULL: the program's own */
    const char *how;
    Outcome wanted;
    int64_t steps, most_steps, timeout;
    double start, time, shown;
    size_t first;
} Reduce;

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    interrupted = number;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- how does it fail ------------------------------------------------------------------------ */

static bool same(const Outcome *a, const Outcome *b)
{
    return a->status == b->status && strcmp(a->code, b->code) == 0 && strcmp(a->text, b->text) == 0;
}

/* what a message says whatever it is about: 'A_s' and 128 become ' and # */
static void put_error(Outcome *out, const char *code, const char *text)
{
    size_t n = 0;
    bool quoted = false, number = false;
    snprintf(out->code, sizeof out->code, "%.5s", code);
    for (const char *p = text; *p && *p != '\n' && n + 1 < sizeof out->text; p++) {
        bool digit = *p >= '0' && *p <= '9';
        if (*p == '\'') quoted = !quoted;
        if ((!quoted || *p == '\'') && !(digit && number)) out->text[n++] = digit ? '#' : *p;
        number = digit;
    }
    out->text[n] = 0;
}

static Outcome by_check(const Options *o, const char *text)
{
    Outcome out = {.status = check(o, text, false)};
    for (int i = 0; i < kiln_diagnostics(o->cx) && !out.code[0]; i++) {
        kiln_diagnostic d = {.size = sizeof d};
        kiln_diagnostic_get(o->cx, i, -1, &d);
        if (strcmp(d.kind, "warning") != 0 && strcmp(d.kind, "remark") != 0) put_error(&out, d.code, d.text);
    }
    return out;
}

/* "[E0304]: text" in what a command says */
static void find_code(const char *said, Outcome *out)
{
    for (const char *p = said; (p = strstr(p, "[E")) && !out->code[0]; p++)
        if (strspn(p + 2, "0123456789") == 4 && p[6] == ']') put_error(out, p + 1, p + 7);
}

/* the words of the command with the program's name in them; NULL at the end */
static char **words_for(const Reduce *r, const char *file)
{
    const Options *o = r->o;
    const char *oracle = option(o, O_oracle), *entry;
    const char *shell[] = {"/bin/sh", "-c", oracle};
    const char *const *from = oracle ? shell : (const char *const *)o->rest;
    int n = oracle ? 3 : o->nrest;
    char **out = get_memory((size_t)(n + 2) * sizeof *out);
    bool placed = false;
    split_file(o->arg, &entry);
    const char *name = entry ? get_text("%s:%s", file, entry) : file;
    for (int i = 0; i < n; i++) {
        const char *at = strstr(from[i], "{}");
        placed |= at != NULL;
        out[i] = at ? get_text("%.*s%s%s", (int)(at - from[i]), from[i], name, at + 2) : get_text("%s", from[i]);
    }
    if (!placed && oracle) out[2] = get_text("%s %s", oracle, name);
    if (!placed && !oracle) out[n] = get_text("%s", name);
    return out;
}

static Outcome by_command(Reduce *r, const char *file)
{
    Outcome out = {.status = 127};
    char **argv = words_for(r, file), said[1 << 16];
    double until = now() + (double)r->timeout;
    FILE *f = tmpfile();
    pid_t pid = f ? fork() : -1;
    if (pid == 0) {
        int null = open("/dev/null", O_RDONLY);
        setpgid(0, 0);
        if (null >= 0) dup2(null, 0);
        dup2(fileno(f), 1);
        dup2(fileno(f), 2);
        execvp(argv[0], argv);
        _exit(127);
    }
    if (pid > 0) {
        int status = 0;
        bool ended;
        while (!(ended = waitpid(pid, &status, WNOHANG) == pid) && now() < until && !interrupted) usleep(500);
        kill(-pid, SIGKILL); /* and what it may have left behind */
        if (!ended) waitpid(pid, &status, 0);
        out.status = !ended ? 124 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        rewind(f);
        said[fread(said, 1, sizeof said - 1, f)] = 0;
        find_code(said, &out);
    }
    if (f) fclose(f);
    return out;
}

static bool is_command(const Options *o)
{
    return o->nrest || option(o, O_oracle);
}

static Outcome outcome(Reduce *r, const char *text)
{
    Outcome none = {.status = -1};
    if (!is_command(r->o)) return by_check(r->o, text);
    return write_text(r->o, r->file, text) == OK ? by_command(r, r->file) : none;
}

/* ---- progress -------------------------------------------------------------------------------- */

static void show_progress(Reduce *r, bool last)
{
    if (!report_is_text(r->o) || !isatty(STDERR_FILENO)) return;
    if (!last && now() - r->shown < 0.1) return;
    r->shown = now();
    fprintf(stderr, "\r\033[K%zu to %zu bytes, %lld programs tried, %.0f s%s", r->first, strlen(r->best), (long long)r->steps,
            r->shown - r->start, last ? "\r\033[K" : "");
    fflush(stderr);
}

static bool over(const Reduce *r)
{
    return interrupted || r->steps >= r->most_steps || now() - r->start > r->time;
}

static bool still_fails(Reduce *r, const char *text)
{
    r->steps++;
    show_progress(r, false);
    Outcome got = outcome(r, text);
    return same(&got, &r->wanted);
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* takes a text that is small enough and fails in the same way. They are many: each is given back. */
static bool keep_simpler(Reduce *r, const char *s, size_t most)
{
    char *text = strlen(s) < most ? strdup(s) : NULL, *out = text;
    bool ok = text && still_fails(r, text);
    if (ok) {
        out = r->best;
        r->best = text;
    }
    free(out);
    return ok;
}

/* all ways once; true when something could be taken out */
static bool sweep(Reduce *r)
{
    bool some = false;
    const char *s;
    for (int step = 1; !over(r) && (s = kiln_simpler(r->o->cx, r->best, r->how, step));) {
        bool ok = keep_simpler(r, s, strlen(r->best));
        some |= ok;
        step += !ok; /* when it is out, the next piece has this number */
    }
    return some;
}

static void reduce(Reduce *r)
{
    r->how = "tree";
    const char *s = kiln_simpler(r->o->cx, r->best, r->how, 0);
    if (!s || !keep_simpler(r, s, SIZE_MAX)) r->how = "lines";
    while (!over(r) && sweep(r))
        ;
    show_progress(r, true);
}

/* ---- the command ----------------------------------------------------------------------------- */

static char *program_text(const Options *o, const char *path)
{
    if (strcmp(path, "-") == 0) return strdup(o->input ? o->input : "");
    FILE *f = fopen(path, "rb");
    char *text = f ? strdup(read_all(f)) : NULL;
    if (!f) complain(o, "E0702", "check the path", "cannot read '%s': %s", path, strerror(errno));
    if (f) fclose(f);
    return text;
}

/* a file for the command in a folder of its own; beside the program when it fails in another way there (it imports its neighbours) */
static bool choose_file(Reduce *r, const char *path)
{
    const char *tmp = getenv("TMPDIR"), *base = strrchr(path, '/');
    base = strcmp(path, "-") == 0 ? "program.py" : base ? base + 1 : path;
    r->folder = get_text("%s/kiln-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(r->folder)) {
        complain(r->o, "E0706", "set TMPDIR to a folder that can be written", "cannot make '%s': %s", r->folder,
                 strerror(errno));
        return false;
    }
    r->file = get_text("%s/%s", r->folder, base);
    Outcome there = outcome(r, r->best);
    r->wanted = strcmp(path, "-") == 0 ? there : by_command(r, path);
    if (same(&there, &r->wanted)) return true;
    unlink(r->file);
    rmdir(r->folder);
    r->folder = NULL;
    r->file = get_text("%.*skiln_reduce_%ld.py", (int)(strlen(path) - strlen(base)), path, (long)getpid());
    return true;
}

static int finish(Reduce *r)
{
    const char *out = option(r->o, O_out);
    int status = write_text(r->o, out && strcmp(out, "-") != 0 ? out : NULL, r->best);
    if (report_is_text(r->o) && status == OK)
        fprintf(stderr, "kiln: %zu to %zu bytes, %lld programs tried, %.1f s; status %d%s%s%s\n", r->first, strlen(r->best),
                (long long)r->steps, now() - r->start, r->wanted.status, r->wanted.code[0] ? ", " : "", r->wanted.code,
                over(r) ? "; stopped before the end" : "");
    return status;
}

int run_reduce(const Options *o)
{
    Reduce r = {.o = o, .most_steps = 20000, .timeout = 20, .time = 300, .start = now()};
    if (!option_int(o, O_steps, 1, INT32_MAX, &r.most_steps) || !option_int(o, O_timeout, 1, 3600, &r.timeout) ||
        !option_real(o, O_time, &r.time))
        return USAGE;
    if (o->nrest && option(o, O_oracle))
        return complain(o, "E0701", NULL, "--oracle and a command after -- exclude each other");
    const char *entry;
    char *path = split_file(o->arg, &entry);
    int status = USAGE;
    r.best = program_text(o, path);
    r.first = r.best ? strlen(r.best) : 0;
    struct sigaction stop = {.sa_handler = on_signal};
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    if (r.best && (!is_command(o) || choose_file(&r, path))) {
        if (!is_command(o)) r.wanted = by_check(o, r.best);
        if (r.wanted.status == OK) {
            status = complain(o, "E0701", "give a command that fails: kiln reduce FILE -- kiln diff {}",
                              "'%s' does not fail: there is nothing to reduce", o->arg);
        } else {
            reduce(&r);
            status = finish(&r);
        }
    }
    if (r.file) unlink(r.file);
    if (r.folder) rmdir(r.folder);
    free(r.best);
    return status;
}
