/* check and emit, and what all commands share: a kernel from FILE[:KERNEL] and the options. */
#include "cli.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

char **split_list(const char *s, char by, int *n)
{
    char *copy = get_text("%s", s),
         **out = get_memory((strlen(s) + 2) * sizeof *out + strlen(s) + 1);
    char *text = (char *)(out + strlen(s) + 2); /* one block: the pointers, then the text */
    strcpy(text, copy);
    free(copy);
    *n = 0;
    for (char *p = text; p;) {
        char *end = strchr(p, by);
        if (end) *end++ = 0;
        out[(*n)++] = p;
        p = end;
    }
    return out;
}

/* ---- tables ------------------------------------------------------------------------------ */

char *table_cell(kiln_context *cx, const char *table, int row, int col)
{
    const char *p = kiln_table(cx, table);
    for (int r = -1; p && *p && r < row; r++) {
        p = strchr(p, '\n');
        p = p ? p + 1 : NULL;
    }
    if (!p || !*p) return NULL;
    for (; col > 0; col--) p += strcspn(p, "\t\n") + 1;
    return get_text("%.*s", (int)strcspn(p, "\t\n"), p);
}

char *table_find(kiln_context *cx, const char *table, const char *key, int col)
{
    char *first;
    for (int row = 0; (first = table_cell(cx, table, row, 0)); row++) {
        bool same = strcmp(first, key) == 0;
        free(first);
        if (same) return table_cell(cx, table, row, col);
    }
    return NULL;
}

/* ---- a kernel ---------------------------------------------------------------------------- */

/* FILE[:KERNEL]; a colon that a file's name has is the file's. Gives the file, owned; *entry points
 * into `arg` or is NULL. */
static char *split_file(const char *arg, const char **entry)
{
    const char *from = strncmp(arg, "lib:", 4) == 0 ? arg + 4 : arg, *colon = strrchr(from, ':');
    struct stat st;
    *entry = NULL;
    if (!colon || !colon[1] || stat(arg, &st) == 0) return get_text("%s", arg);
    *entry = colon + 1;
    return get_text("%.*s", (int)(colon - arg), arg);
}

kiln_kernel *compile_for(const Options *o, const char *target, const char *stage, int *status)
{
    const char *bind[MAXREPEAT + 1] = {0};
    for (int i = 0; i < o->n[O_define]; i++) {
        bind[i] = o->value[O_define][i];
        if (!strchr(bind[i], '=')) {
            *status = complain(o, USAGE, NULL, "-D takes NAME=VALUE, not '%s'", bind[i]);
            return NULL;
        }
    }
    int64_t stages = 0, groups = 0;
    *status = USAGE;
    if (!option_int(o, O_stages, &stages) || !option_int(o, O_groups, &groups)) return NULL;
    kiln_source s = {.size = sizeof s,
                     .bind = bind,
                     .target = target,
                     .stage = stage,
                     .stop_after = option(o, O_stop),
                     .stages = (int)stages,
                     .groups = (int)groups,
                     .color = o->color_err,
                     .werror = o->n[O_werror] > 0,
                     .remarks = o->n[O_remarks] > 0};
    char *path = split_file(o->arg, &s.entry);
    s.path = strcmp(path, "-") == 0 ? "<stdin>" : path;
    s.text = strcmp(path, "-") == 0 ? o->input : NULL;
    kiln_kernel *k = kiln_compile(o->cx, &s);
    fputs(kiln_messages(o->cx), stderr);
    *status = (int)kiln_last(o->cx);
    free(path);
    return k;
}

/* a schedule names its target; NULL: the source is a tile program, or wrong (then *status tells) */
char *target_of_source(const Options *o, int *status)
{
    kiln_kernel *k = compile_for(o, NULL, "tile", status);
    char *target = k && kiln_target(k) ? get_text("%s", kiln_target(k)) : NULL;
    kiln_free(k);
    return target;
}

int run_check(const Options *o)
{
    int status;
    const char *said = option(o, O_target);
    char *only = said ? get_text("%s", said) : target_of_source(o, &status), *target;
    if (only) {
        kiln_free(compile_for(o, only, "sched", &status));
        free(only);
        return status;
    }
    for (int row = 0; status == OK && (target = table_cell(o->cx, "targets", row, 0)); row++) {
        kiln_free(compile_for(o, target, "sched", &status));
        free(target);
    }
    return status;
}

/* ---- emit -------------------------------------------------------------------------------- */

static int write_text(const Options *o, const char *path, const char *text)
{
    FILE *f = path ? fopen(path, "w") : stdout;
    bool ok = f && fputs(text, f) >= 0;
    if (f && (path ? fclose(f) : fflush(f)) != 0) ok = false;
    return ok ? OK
              : complain(o, ENVIRONMENT, NULL, "cannot write '%s': %s",
                         path ? path : "the standard output", strerror(errno));
}

static int write_folder(const Options *o, const char *folder, kiln_kernel *k)
{
    int status = OK;
    for (int i = 0; i < kiln_files(k) && status == OK; i++) {
        const char *name, *text = kiln_file(k, i, &name);
        char *path = get_text("%s/%s", folder, name);
        status = write_text(o, path, text);
        free(path);
    }
    return status;
}

int run_emit(const Options *o)
{
    const char *target = option(o, O_target), *stage = option(o, O_emit), *out = option(o, O_out);
    if (!stage) stage = o->n[O_stop] ? "sched" : target ? "text" : "tile";
    bool needs_target = strcmp(stage, "sched") == 0 || strcmp(stage, "text") == 0;
    if (needs_target && !target)
        return complain(o, USAGE, "`kiln ops --targets` lists them", "--emit=%s needs --target",
                        stage);
    if (o->n[O_stop] && strcmp(stage, "sched") != 0)
        return complain(o, USAGE, NULL, "--stop-after goes with --emit=sched");
    int status;
    kiln_kernel *k = compile_for(o, target, stage, &status);
    if (!k) return status;
    struct stat st;
    const char *text = kiln_text(k, stage);
    if (out && strcmp(out, "-") == 0) out = NULL;
    if (!text)
        status = complain(o, INTERNAL, NULL, "there is no text of stage %s", stage);
    else if (out && strcmp(stage, "text") == 0 && stat(out, &st) == 0 && S_ISDIR(st.st_mode))
        status = write_folder(o, out, k);
    else
        status = write_text(o, out, text);
    kiln_free(k);
    return status;
}
