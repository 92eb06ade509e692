/* list: the kernels of a file, or of all .py files below a folder, and what they take. */
#include "cli.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { KERNEL, STYLE, LINE, WHAT, NAME, TYPE, DEFAULT };

/* the cell, NULL where there is none ("-") or no such row */
static char *get(const char *table, int row, int col)
{
    char *s = table_at(table, row, col);
    return s && strcmp(s, "-") != 0 ? s : NULL;
}

/* row i belongs to the kernel of an earlier row and is of this sort; what NULL: of any */
static bool is(const char *table, int i, const char *what)
{
    char *s = get(table, i, WHAT);
    return s && strcmp(s, what ? what : "kernel") == 0 ? what != NULL : s && !what;
}

static const struct {
    const char *what, *title;
} group[] = {{"parameter", "parameters"}, {"tensor", "tensors"}, {"scalar", "scalars"},
             {"const", "const"},          {"dynamic", "dynamic"}};
enum { NGROUP = sizeof group / sizeof group[0] };

static void print_kernel(const char *t, int from)
{
    printf("  %s  (%s, line %s)\n", get(t, from, NAME), get(t, from, STYLE), get(t, from, LINE));
    for (int g = 0; g < NGROUP; g++) {
        bool some = false;
        for (int i = from + 1; is(t, i, NULL); i++) {
            const char *type = g ? get(t, i, TYPE) : NULL, *value = get(t, i, DEFAULT);
            if (!is(t, i, group[g].what)) continue;
            if (some)
                fputs(type ? "\n                " : ", ", stdout);
            else
                printf("    %-10s  ", group[g].title);
            some = true;
            printf("%s%s%s%s%s", get(t, i, NAME), type ? ": " : "", type ? type : "", !value ? "" : type ? " = " : "=",
                   value ? value : "");
        }
        if (some) putchar('\n');
    }
}

static void json_kernel(Json *j, const char *t, int from)
{
    json_open(j, NULL, '{');
    json_text(j, "name", get(t, from, NAME));
    json_text(j, "style", get(t, from, STYLE));
    json_int(j, "line", atoi(get(t, from, LINE)));
    for (int g = 0; g < NGROUP; g++) {
        json_open(j, group[g].title, '[');
        for (int i = from + 1; is(t, i, NULL); i++) {
            if (!is(t, i, group[g].what)) continue;
            json_open(j, NULL, '{');
            json_text(j, "name", get(t, i, NAME));
            json_text(j, "type", get(t, i, TYPE));
            json_text(j, "default", get(t, i, DEFAULT));
            json_close(j, '}');
        }
        json_close(j, ']');
    }
    json_close(j, '}');
}

typedef struct {
    const Options *o;
    Json *json; /* NULL: text */
    bool folder;
    int kernels, status;
} List;

static void list_file(List *l, const char *path)
{
    bool input = strcmp(path, "-") == 0;
    kiln_source s = {.size = sizeof s, .path = input ? "<stdin>" : path, .text = input ? l->o->input : NULL,
                     .color = l->o->color_err};
    const char *table = kiln_list(l->o->cx, &s);
    report_messages(l->o);
    if (!table) {
        if (l->status == OK) l->status = (int)kiln_last(l->o->cx);
        return;
    }
    table = get_text("%s", table);
    bool some = get(table, 0, NAME);
    if (!some && l->folder) return;
    if (l->json) {
        json_open(l->json, NULL, '{');
        json_text(l->json, "file", path);
        json_open(l->json, "kernels", '[');
    } else if (some) {
        printf("%s\n", path);
    }
    for (int i = 0; get(table, i, NAME); i++) {
        if (!is(table, i, "kernel")) continue;
        l->kernels++;
        l->json ? json_kernel(l->json, table, i) : print_kernel(table, i);
    }
    if (l->json) {
        json_close(l->json, ']');
        json_close(l->json, '}');
    }
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
        l->status = refuse(l->o, "E0702", NULL, "the folder '%s' cannot be read", path) ? OK : USAGE;
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
    Json j = {.to = stdout};
    List l = {.o = o, .json = o->n[O_json] ? &j : NULL};
    l.folder = stat(o->arg, &st) == 0 && S_ISDIR(st.st_mode);
    if (l.json) json_open(&j, NULL, '[');
    if (l.folder)
        list_folder(&l, o->arg, 0);
    else
        list_file(&l, o->arg);
    if (l.json) {
        json_close(&j, ']');
        putchar('\n');
    }
    if (!l.kernels && l.status == OK)
        return refuse(o, "E0210", "a kernel is a function with T.Kernel in it, or a factory of one",
                      "there is no kernel in '%s'", o->arg) ? OK : BAD;
    return l.status;
}
