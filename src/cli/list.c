/* list: the kernels of a file, or of all .py files below a folder, and what they take. */
#include "cli.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { KERNEL, STYLE, LINE, WHAT, NAME, TYPE, DEFAULT };

static const struct {
    const char *what, *title;
} group[] = {{"parameter", "parameters"}, {"tensor", "tensors"}, {"scalar", "scalars"},
             {"const", "const"},          {"dynamic", "dynamic"}};
enum { NGROUP = sizeof group / sizeof group[0] };

typedef struct {
    const Options *o;
    bool folder;
    int files, kernels, status;
} List;

/* a cell, NULL where there is nothing to say */
static const char *told(const char *cell)
{
    return strcmp(cell, "-") != 0 ? cell : NULL;
}

/* what follows the row of a kernel belongs to it; those of one group */
static void list_group(const Table *t, int from, int g, bool json)
{
    int n = 0;
    if (json) json_put(stdout, ", %s: [", group[g].title);
    for (int i = from + 1; i < t->n && strcmp(t->row[i][WHAT], "kernel") != 0; i++) {
        char **r = t->row[i];
        const char *type = told(r[TYPE]), *value = told(r[DEFAULT]);
        if (strcmp(r[WHAT], group[g].what) != 0) continue;
        if (json) {
            json_put(stdout, n++ ? ", " : "");
            json_put(stdout, "{'name': %s, 'type': %s, 'default': %s}", r[NAME], type, value);
            continue;
        }
        if (!g) type = NULL;
        if (n++)
            fputs(type ? "\n                " : ", ", stdout);
        else
            printf("    %-10s  ", group[g].title);
        printf("%s%s%s%s%s", r[NAME], type ? ": " : "", type ? type : "", !value ? "" : type ? " = " : "=",
               value ? value : "");
    }
    fputs(json ? "]" : n ? "\n" : "", stdout);
}

static void list_file(List *l, const char *path)
{
    bool input = strcmp(path, "-") == 0, json = l->o->n[O_json];
    kiln_source s = {.size = sizeof s, .path = input ? "<stdin>" : path, .text = input ? l->o->input : NULL,
                     .color = l->o->color_err};
    const char *text = kiln_list(l->o->cx, &s);
    report_messages(l->o);
    if (!text && l->status == OK) l->status = (int)kiln_last(l->o->cx);
    Table t = table_read(text ? text : "");
    if (!text || (t.n < 2 && l->folder)) return;
    if (json)
        json_put(stdout, l->files++ ? ", {'file': %s, 'kernels': [" : "{'file': %s, 'kernels': [", path);
    else if (t.n > 1)
        puts(path);
    for (int i = 1; i < t.n; i++) {
        char **r = t.row[i];
        if (strcmp(r[WHAT], "kernel") != 0) continue;
        if (json)
            json_put(stdout, i > 1 ? ", {'name': %s, 'style': %s, 'line': %d" : "{'name': %s, 'style': %s, 'line': %d",
                     r[NAME], r[STYLE], atoi(r[LINE]));
        else
            printf("  %s  (%s, line %s)\n", r[NAME], r[STYLE], r[LINE]);
        for (int g = 0; g < NGROUP; g++) list_group(&t, i, g, json);
        if (json) putchar('}');
        l->kernels++;
    }
    if (json) fputs("]}", stdout);
}

static bool is_program(const char *name)
{
    size_t n = strlen(name);
    return n > 3 && strcmp(name + n - 3, ".py") == 0;
}

static void list_folder(List *l, const char *path, int depth)
{
    struct dirent **entry;
    int n = scandir(path, &entry, NULL, alphasort);
    if (n < 0) {
        l->status = complain(l->o, "E0702", NULL, "the folder '%s' cannot be read", path);
        return;
    }
    for (int i = 0; i < n; i++) {
        char *sub = get_text("%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/", entry[i]->d_name);
        struct stat st;
        if (entry[i]->d_name[0] != '.' && stat(sub, &st) == 0) {
            if (S_ISDIR(st.st_mode) && depth < 32) list_folder(l, sub, depth + 1);
            if (S_ISREG(st.st_mode) && is_program(sub)) list_file(l, sub);
        }
        free(entry[i]);
    }
    free(entry);
}

int run_list(const Options *o)
{
    struct stat st;
    List l = {.o = o, .folder = stat(o->arg, &st) == 0 && S_ISDIR(st.st_mode)};
    if (o->n[O_json]) putchar('[');
    if (l.folder)
        list_folder(&l, o->arg, 0);
    else
        list_file(&l, o->arg);
    if (o->n[O_json]) puts("]");
    if (!l.kernels && l.status == OK)
        return complain(o, "E0210", "a kernel is a function with T.Kernel in it, or a factory of one",
                        "there is no kernel in '%s'", o->arg);
    return l.status;
}
