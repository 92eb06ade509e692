/* Tables that the library tells as lines of tab-separated columns: read, and printed again. */
#include "cli.h"
#include <string.h>

Table table_read(const char *text)
{
    Table t = {0};
    int lines = 0;
    for (const char *p = text; *p; p++) lines += *p == '\n';
    t.row = get_memory(sizeof *t.row * (size_t)(lines + 1));
    for (const char *p = text; *p; t.n++)
        for (int col = 0;; col++) {
            size_t n = strcspn(p, "\t\n");
            if (col < MAXCOL) t.row[t.n][col] = get_text("%.*s", (int)n, p);
            p += n;
            if (*p++ != '\t') break;
        }
    return t;
}

Table table_of(const Options *o, const char *name)
{
    const char *text = kiln_table(o->cx, name);
    if (!text) no_memory();
    return table_read(text);
}

char **table_find(const Table *t, const char *key)
{
    for (int i = 1; i < t->n; i++)
        if (strcmp(t->row[i][0], key) == 0) return t->row[i];
    return NULL;
}

void table_print(const Table *t)
{
    int wide[MAXCOL] = {0};
    for (int i = 0; i < t->n; i++)
        for (int col = 0; t->row[i][col]; col++) {
            int n = (int)strlen(t->row[i][col]);
            if (n > wide[col]) wide[col] = n;
        }
    for (int i = 0; i < t->n; i++)
        for (int col = 0; t->row[i][col]; col++) {
            bool last = !t->row[i][col + 1];
            printf("%-*s%s", last ? 0 : wide[col], t->row[i][col], last ? "\n" : "  ");
        }
}

void table_json(const Table *t)
{
    putchar('[');
    for (int i = 1; i < t->n; i++) {
        printf(i > 1 ? ", {" : "{");
        for (int col = 0; t->row[0][col] && t->row[i][col]; col++)
            json_put(stdout, col ? ", %s: %s" : "%s: %s", t->row[0][col], t->row[i][col]);
        putchar('}');
    }
    puts("]");
}
