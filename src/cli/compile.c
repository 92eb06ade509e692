/* check and emit, and what all commands share: a kernel from FILE[:KERNEL] and the options. */
#include "cli.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char **split_list(const char *s, char by, int *n)
{
    char **out = get_memory((strlen(s) + 2) * sizeof *out);
    *n = 0;
    for (char *p = get_text("%s", s), *end; p; p = end) {
        end = strchr(p, by);
        if (end) *end++ = 0;
        out[(*n)++] = p;
    }
    return out;
}

/* ---- a kernel ---------------------------------------------------------------------------- */

/* FILE[:KERNEL]; a colon that a file's name has is the file's. Gives the file; *entry points into
 * `arg` or is NULL. */
char *split_file(const char *arg, const char **entry)
{
    const char *from = strncmp(arg, "lib:", 4) == 0 ? arg + 4 : arg, *colon = strrchr(from, ':');
    struct stat st;
    *entry = NULL;
    if (!colon || !colon[1] || stat(arg, &st) == 0) return get_text("%s", arg);
    *entry = colon + 1;
    return get_text("%.*s", (int)(colon - arg), arg);
}

kiln_source source_of(const Options *o)
{
    int n = 0;
    const char **flag = get_memory(sizeof *flag * (size_t)(o->n[O_remarks] + o->n[O_warn] + 1));
    for (int i = 0; i < o->n[O_remarks]; i++)
        flag[n++] = get_text("-R%s", o->value[O_remarks][i] ? o->value[O_remarks][i] : "");
    for (int i = 0; i < o->n[O_warn]; i++) flag[n++] = get_text("-W%s", o->value[O_warn][i]);
    return (kiln_source){.size = sizeof(kiln_source), .color = o->color_err, .werror = o->n[O_werror] > 0, .flags = flag};
}

static kiln_kernel *compile(const Options *o, const char *text, const char *target, const char *stage,
                            bool tell, int *status)
{
    const char *bind[MAXREPEAT + 1] = {0};
    for (int i = 0; i < o->n[O_define]; i++) {
        bind[i] = o->value[O_define][i];
        if (!strchr(bind[i], '=') || bind[i][0] == '=') {
            *status = complain(o, "E0701", NULL, "-D takes NAME=VALUE, not '%s'", bind[i]);
            return NULL;
        }
    }
    int64_t stages = 0, groups = 0;
    *status = USAGE;
    if (!option_int(o, O_stages, 1, 64, &stages) || !option_int(o, O_groups, 1, 64, &groups)) return NULL;
    kiln_source s = source_of(o);
    s.bind = bind;
    s.target = target;
    s.stage = stage;
    s.stop_after = option(o, O_stop);
    s.stages = (int)stages;
    s.groups = (int)groups;
    char *path = split_file(o->arg, &s.entry);
    s.path = strcmp(path, "-") == 0 ? "<stdin>" : path;
    s.text = text ? text : strcmp(path, "-") == 0 ? o->input : NULL;
    kiln_kernel *k = kiln_compile(o->cx, &s);
    if (tell) report_messages(o);
    *status = (int)kiln_last(o->cx);
    return k;
}

kiln_kernel *compile_for(const Options *o, const char *target, const char *stage, int *status)
{
    return compile(o, NULL, target, stage, true, status);
}

/* a schedule names its target; NULL: the source is a tile program, or wrong (then *status tells) */
char *target_of_source(const Options *o, int *status)
{
    kiln_kernel *k = compile_for(o, NULL, "tile", status);
    char *target = k && kiln_target(k) ? get_text("%s", kiln_target(k)) : NULL;
    kiln_free(k);
    return target;
}

/* a schedule is for its own target; a tile program for all of them, or for the one that is asked
 * for. The front end reads the text once. */
int check(const Options *o, const char *text, bool tell)
{
    int status;
    const char *said = option(o, O_target);
    kiln_kernel *k = compile(o, text, said, said ? "text" : "tile", tell, &status);
    Table targets = table_of(o, "targets");
    for (int i = 1; k && !said && status == OK && i < targets.n; i++) {
        const char *target = targets.row[i][0];
        if (kiln_target(k) && strcmp(kiln_target(k), target) != 0) continue;
        status = (int)kiln_prove(k, target);
        if (tell) report_messages(o);
    }
    kiln_free(k);
    return status;
}

int run_check(const Options *o)
{
    return check(o, NULL, true);
}

/* ---- emit -------------------------------------------------------------------------------- */

int cannot_write(const Options *o, const char *path)
{
    int why = errno;
    return complain(o, "E0706", path ? "check that the folder exists and can be written" : NULL,
                    "cannot write %s%s%s: %s", path ? "'" : "", path ? path : "the standard output",
                    path ? "'" : "", strerror(why));
}

int write_file(const Options *o, const char *path, const void *one, size_t n, const void *two, size_t m)
{
    struct stat st;
    bool plain = stat(path, &st) != 0 || S_ISREG(st.st_mode); /* not /dev/stdout */
    char *name = plain ? get_text("%s.tmp%ld", path, (long)getpid()) : get_text("%s", path);
    FILE *f = fopen(name, "wb");
    bool ok = f && fwrite(one, 1, n, f) == n && fwrite(two, 1, m, f) == m;
    int why = errno;
    if (f && fclose(f) != 0 && ok) ok = false, why = errno;
    if (ok && plain && rename(name, path) != 0) ok = false, why = errno;
    if (ok) return OK;
    if (plain) unlink(name);
    errno = why;
    return cannot_write(o, path);
}

int write_text(const Options *o, const char *path, const char *text)
{
    if (path) return write_file(o, path, text, strlen(text), "", 0);
    return fputs(text, stdout) >= 0 && fflush(stdout) == 0 ? OK : cannot_write(o, NULL);
}

static int write_folder(const Options *o, const char *folder, kiln_kernel *k)
{
    int status = OK;
    for (int i = 0; i < kiln_files(k) && status == OK; i++) {
        const char *name, *text = kiln_file(k, i, &name);
        status = write_text(o, get_text("%s/%s", folder, name), text);
    }
    return status;
}

int run_emit(const Options *o)
{
    const char *target = option(o, O_target), *stage = option(o, O_emit), *out = option(o, O_out);
    if (!stage) stage = o->n[O_stop] ? "sched" : target ? "text" : "tile";
    bool needs_target = strcmp(stage, "sched") == 0 || strcmp(stage, "text") == 0;
    if (needs_target && !target)
        return complain(o, "E0701", "`kiln ops --targets` lists them", "--emit=%s needs --target",
                        stage);
    if (o->n[O_stop] && strcmp(stage, "sched") != 0)
        return complain(o, "E0701", NULL, "--stop-after goes with --emit=sched");
    int status;
    kiln_kernel *k = compile_for(o, target, stage, &status);
    if (!k) return status;
    struct stat st;
    const char *text = kiln_text(k, stage);
    if (out && strcmp(out, "-") == 0) out = NULL;
    if (!text)
        status = complain(o, "E0902", NULL, "there is no text of stage %s", stage);
    else if (out && strcmp(stage, "text") == 0 && stat(out, &st) == 0 && S_ISDIR(st.st_mode))
        status = write_folder(o, out, k);
    else
        status = write_text(o, out, text);
    kiln_free(k);
    return status;
}
