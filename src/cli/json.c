/* JSON by a format, as printf has it: keys and brackets stand in it as they are, ' for ". What is not
   UTF-8 becomes U+FFFD. */
#include "cli.h"
#include <stdarg.h>
#include <string.h>

/* bytes of the UTF-8 character at s, 0 when it is none */
static int utf8(const unsigned char *s)
{
    int n = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    for (int i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80) return 0;
    bool bad = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
               (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F);
    return bad ? 0 : n;
}

static void put_text(FILE *to, const char *s)
{
    fputc('"', to);
    for (int n; *s; s += n ? n : 1) {
        n = utf8((const unsigned char *)s);
        const char *plain = *s == '\n' ? "\\n" : *s == '\t' ? "\\t" : n == 0 ? "\\ufffd" : NULL;
        if (plain)
            fputs(plain, to);
        else if (*s == '"' || *s == '\\')
            fprintf(to, "\\%c", *s);
        else if (n == 1 && ((unsigned char)*s < 0x20 || *s == 0x7F))
            fprintf(to, "\\u%04x", (unsigned char)*s);
        else
            fwrite(s, 1, (size_t)n, to);
    }
    fputc('"', to);
}

void json_put(FILE *to, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    for (; *fmt; fmt++) {
        if (*fmt != '%') {
            fputc(*fmt == '\'' ? '"' : *fmt, to);
        } else if (*++fmt == 'd') {
            fprintf(to, "%d", va_arg(ap, int));
        } else {
            const char *s = va_arg(ap, const char *);
            s ? put_text(to, s) : (void)fputs("null", to);
        }
    }
    va_end(ap);
}
