/* list: the kernels of a file, or of all .py files below a folder, and what they take. */
#include "cli.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { KERNEL, STYLE, LINE, WHAT, NAME, TYPE, DEFAULT, NCOL };

typedef struct {
    char *cell[NCOL];
} Row;

typedef struct {
    Row *row;
    int n;
} Rows;

static Rows rows_of(const char *table)
{
    Rows out = {0};
    int cap = 0;
    table += strcspn(table, "\n");
    for (table += *table == '\n'; *table; table += *table == '\n') {
        if (out.n == cap) {
            Row *more = get_memory(sizeof *more * (size_t)(cap = 2 * cap + 16));
            if (out.n) memcpy(more, out.row, sizeof *more * (size_t)out.n);
            free(out.row);
            out.row = more;
        }
        for (int col = 0; col < NCOL; col++) {
            int n = (int)strcspn(table, "\t\n");
            out.row[out.n].cell[col] = get_text("%.*s", n, table);
            table += n + (table[n] == '\t');
        }
        out.n++;
    }
    return out;
}

static void rows_free(Rows *r)
{
    for (int i = 0; i < r->n; i++)
        for (int col = 0; col < NCOL; col++) free(r->row[i].cell[col]);
    free(r->row);
}

static bool is(const Row *r, int col, const char *s)
{
    return strcmp(r->cell[col], s) == 0;
}

/* the rows of a kernel follow its own */
static int end_of(const Rows *r, int from)
{
    int i = from + 1;
    while (i < r->n && !is(&r->row[i], WHAT, "kernel")) i++;
    return i;
}

static const struct {
    const char *what, *title;
} group[] = {{"parameter", "parameters"}, {"tensor", "tensors"}, {"scalar", "scalars"},
             {"const", "const"},          {"dynamic", "dynamic"}};
enum { NGROUP = sizeof group / sizeof group[0] };

static void print_kernel(const Rows *r, int from)
{
    printf("  %s  (%s, line %s)\n", r->row[from].cell[NAME], r->row[from].cell[STYLE], r->row[from].cell[LINE]);
    for (int g = 0; g < NGROUP; g++) {
        bool some = false;
        for (int i = from + 1; i < end_of(r, from); i++) {
            const Row *p = &r->row[i];
            if (!is(p, WHAT, group[g].what)) continue;
            bool typed = !is(p, TYPE, "-") && g != 0;
            if (some)
                fputs(typed ? "\n                " : ", ", stdout);
            else
                printf("    %-10s  ", group[g].title);
            some = true;
            printf("%s%s%s", p->cell[NAME], typed ? ": " : "", typed ? p->cell[TYPE] : "");
            if (!is(p, DEFAULT, "-")) printf("%s%s", typed ? " = " : "=", p->cell[DEFAULT]);
        }
        if (some) putchar('\n');
    }
}

static void json_kernel(Json *j, const Rows *r, int from)
{
    json_open(j, NULL, '{');
    json_text(j, "name", r->row[from].cell[NAME]);
    json_text(j, "style", r->row[from].cell[STYLE]);
    json_int(j, "line", atoi(r->row[from].cell[LINE]));
    for (int g = 0; g < NGROUP; g++) {
        json_open(j, group[g].title, '[');
        for (int i = from + 1; i < end_of(r, from); i++) {
            const Row *p = &r->row[i];
            if (!is(p, WHAT, group[g].what)) continue;
            json_open(j, NULL, '{');
            json_text(j, "name", p->cell[NAME]);
            json_text(j, "type", is(p, TYPE, "-") ? NULL : p->cell[TYPE]);
            json_text(j, "default", is(p, DEFAULT, "-") ? NULL : p->cell[DEFAULT]);
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
    Rows r = rows_of(table);
    if (r.n || !l->folder) {
        if (l->json) {
            json_open(l->json, NULL, '{');
            json_text(l->json, "file", path);
            json_open(l->json, "kernels", '[');
        } else if (r.n) {
            printf("%s\n", path);
        }
        for (int i = 0; i < r.n; i = end_of(&r, i), l->kernels++)
            l->json ? json_kernel(l->json, &r, i) : print_kernel(&r, i);
        if (l->json) {
            json_close(l->json, ']');
            json_close(l->json, '}');
        }
    }
    rows_free(&r);
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
        l->status = complain_as(l->o, "E0702", USAGE, NULL, "the folder '%s' cannot be read", path);
        return;
    }
    for (int i = 0; i < n; i++) {
        char *sub = get_text("%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/", entry[i]->d_name);
        struct stat st;
        if (entry[i]->d_name[0] != '.' && stat(sub, &st) == 0) {
            if (S_ISDIR(st.st_mode) && depth < 32) list_folder(l, sub, depth + 1);
            if (S_ISREG(st.st_mode) && is_program(sub)) list_file(l, sub);
        }
        free(sub);
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
        return complain_as(o, "E0210", BAD, "a kernel is a function with T.Kernel in it, or a factory of one",
                           "there is no kernel in '%s'", o->arg);
    return l.status;
}
