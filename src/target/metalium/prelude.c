/* Which functions of prelude.hpp a kernel needs: those its body calls, and those they call. A
   section of the prelude runs from one empty line to the next; it is taken whole when one of the
   names it declares is used. */
#include "target/metalium/metalium.h"
#include <string.h>

extern const char target_metalium_prelude_hpp[];

enum { MAXSECTION = 64 };
typedef struct {
    const char *at;
    size_t n;
    bool taken;
} Section;

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool uses(const char *text, size_t n, const char *word, size_t len)
{
    for (size_t i = 0; i + len <= n; i++)
        if (!strncmp(text + i, word, len) && !(i && word_char(text[i - 1])) &&
            !(i + len < n && word_char(text[i + len])))
            return true;
    return false;
}

/* a line of the section that starts a function or a type: the word before the first bracket, or
 * after "using" */
static bool declares_used(const Section *s, const char *text, size_t n)
{
    for (const char *line = s->at, *end = s->at + s->n; line < end;) {
        const char *eol = memchr(line, '\n', (size_t)(end - line));
        eol = eol ? eol : end;
        const char *stop = NULL;
        if (!strncmp(line, "inline ", 7) || !strncmp(line, "ALWI ", 5) ||
            !strncmp(line, "template ", 9)) {
            const char *using = strstr(line, " using ");
            stop = using && using < eol ? strstr(using, " = ")
                                        : memchr(line, '(', (size_t)(eol - line));
        }
        if (stop && stop < eol) {
            const char *start = stop;
            while (start > line && word_char(start[-1])) start--;
            if (uses(text, n, start, (size_t)(stop - start))) return true;
        }
        line = eol + 1;
    }
    return false;
}

static int sections(Section *out)
{
    int n = 0;
    const char *s = strstr(target_metalium_prelude_hpp, "\n\n");
    while (s && n < MAXSECTION) {
        s += strspn(s, "\n");
        const char *end = strstr(s, "\n\n");
        size_t len = end ? (size_t)(end - s) + 1 : strlen(s);
        if (len) out[n++] = (Section){s, len, false};
        s = end;
    }
    return n;
}

void prelude_pick(Text *out, const char *body)
{
    Section s[MAXSECTION];
    int n = sections(s);
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < n; i++) {
            if (s[i].taken) continue;
            bool need = declares_used(&s[i], body, strlen(body));
            for (int k = 0; k < n && !need; k++)
                need = s[k].taken && declares_used(&s[i], s[k].at, s[k].n);
            if (need) more = s[i].taken = true;
        }
    }
    for (int i = 0; i < n; i++)
        if (s[i].taken) {
            text_put(out, s[i].at, s[i].n);
            text_put(out, "\n", 1);
        }
}
