/* A writer of JSON: what opens is closed, keys and texts are escaped, what is not UTF-8 becomes
   U+FFFD. */
#include "cli.h"
#include <stdlib.h>
#include <string.h>

/* bytes of the UTF-8 character at s, 0 when it is none */
static int utf8(const unsigned char *s)
{
    int n = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    for (int i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80) return 0;
    bool bad = (s[0] == 0xE0 && n == 3 && s[1] < 0xA0) || (s[0] == 0xED && n == 3 && s[1] > 0x9F) ||
               (s[0] == 0xF0 && n == 4 && s[1] < 0x90) || (s[0] == 0xF4 && n == 4 && s[1] > 0x8F);
    return bad ? 0 : n;
}

static void put_string(FILE *to, const char *s)
{
    fputc('"', to);
    for (int n; *s; s += n ? n : 1) {
        n = utf8((const unsigned char *)s);
        if (n == 0)
            fputs("\\ufffd", to);
        else if (*s == '"' || *s == '\\')
            fprintf(to, "\\%c", *s);
        else if (*s == '\n')
            fputs("\\n", to);
        else if (*s == '\t')
            fputs("\\t", to);
        else if (n == 1 && ((unsigned char)*s < 0x20 || *s == 0x7F))
            fprintf(to, "\\u%04x", (unsigned char)*s);
        else
            fwrite(s, 1, (size_t)n, to);
    }
    fputc('"', to);
}

static void begin(Json *j, const char *key)
{
    if (j->some) fputs(", ", j->to);
    j->some = true;
    if (!key) return;
    put_string(j->to, key);
    fputs(": ", j->to);
}

void json_open(Json *j, const char *key, char bracket)
{
    begin(j, key);
    fputc(bracket, j->to);
    j->some = false;
}

void json_close(Json *j, char bracket)
{
    fputc(bracket, j->to);
    j->some = true;
}

void json_text(Json *j, const char *key, const char *value)
{
    begin(j, key);
    if (value)
        put_string(j->to, value);
    else
        fputs("null", j->to);
}

void json_int(Json *j, const char *key, long long value)
{
    begin(j, key);
    fprintf(j->to, "%lld", value);
}

void json_bool(Json *j, const char *key, bool value)
{
    begin(j, key);
    fputs(value ? "true" : "false", j->to);
}

void json_table(FILE *to, const char *table)
{
    enum { MAXCOL = 12 };
    char *name[MAXCOL] = {0};
    int ncol = 0;
    Json j = {.to = to};
    json_open(&j, NULL, '[');
    for (const char *line = table; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        bool head = line == table;
        const char *p = line;
        if (!head) json_open(&j, NULL, '{');
        for (int col = 0; col < MAXCOL; col++) {
            size_t n = strcspn(p, "\t\n");
            char *cell = get_text("%.*s", (int)n, p);
            if (head)
                name[ncol++] = cell;
            else if (col < ncol)
                json_text(&j, name[col], cell);
            p += n;
            if (*p != '\t') break;
            p++;
        }
        if (!head) json_close(&j, '}');
    }
    json_close(&j, ']');
    fputc('\n', to);
}
