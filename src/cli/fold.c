/* Texts for narrow columns: lines folded to a width, and texts cut into pieces, one for each
   statement of the schedule, so that several spellings can be set side by side. */
#include "cli.h"
#include <string.h>

/* columns that n bytes of UTF-8 take; every character counts as one */
int fold_columns(const char *s, int n)
{
    int c = 0;
    for (int i = 0; i < n; i++) c += ((unsigned char)s[i] & 0xC0) != 0x80;
    return c;
}

int fold_prefix(const char *s, int n, int c)
{
    int i = 0;
    while (i < n && (c > 0 || ((unsigned char)s[i] & 0xC0) == 0x80)) c -= ((unsigned char)s[i++] & 0xC0) != 0x80;
    return i;
}

typedef struct {
    const char *s; /* without what stands around it */
    int n, indent;
} Line;

/* a line of a text; *text moves over it */
static bool next_line(const char **text, Line *out)
{
    if (!**text) return false;
    *out = (Line){.s = *text, .n = (int)strcspn(*text, "\n")};
    *text += out->n + ((*text)[out->n] == '\n');
    while (out->n > 0 && strchr(" \t\r", out->s[out->n - 1])) out->n--;
    for (; out->n > 0 && (*out->s == ' ' || *out->s == '\t'); out->s++, out->n--) out->indent += *out->s == '\t' ? 4 : 1;
    return true;
}

/* ---- folding ---------------------------------------------------------------------------------- */

/* where to fold text that is too long: after the last blank, comma or opening bracket that fits,
   else hard */
static int fold_at(const char *s, int n, int width)
{
    int most = fold_prefix(s, n, width);
    if (most >= n) return n;
    for (int i = most; i > most / 3; i--)
        if (s[i] == ' ' || s[i - 1] == ',' || s[i - 1] == '(') return i;
    return most;
}

static void fold_line(Lines *out, const char *s, int n, int indent, int width)
{
    if (indent > width / 2) indent = width / 2;
    for (bool first = true; n > 0 || first; first = false) {
        int more = first ? indent : indent + 2 < width / 2 ? indent + 2 : indent;
        int take = fold_at(s, n, width - more);
        out->line[out->n++] = get_text("%*s%.*s", more, "", take, s);
        s += take;
        n -= take;
        for (; n > 0 && *s == ' '; n--) s++;
    }
}

/* where the comment at the end of a line begins, or n */
static int comment_at(const char *s, int n)
{
    for (int i = 1; i + 3 < n; i++)
        if (s[i] == ' ' && (strncmp(s + i + 1, "// ", 3) == 0 || strncmp(s + i + 1, "/* ", 3) == 0))
            return i + 1;
    return n;
}

/* a line that must be folded and ends in a comment: the comment goes above it */
static void fold_commented(Lines *out, const char *s, int n, int indent, int width)
{
    int at = fold_columns(s, n) > width - indent ? comment_at(s, n) : n;
    if (at < n) {
        fold_line(out, s + at, n - at, indent, width);
        for (n = at; n > 0 && s[n - 1] == ' '; n--)
            ;
    }
    fold_line(out, s, n, indent, width);
}

int fold_indent(const char *text)
{
    int least = 1000;
    for (Line l; next_line(&text, &l);)
        if (l.n && l.indent < least) least = l.indent;
    return least;
}

Lines fold_text(const char *text, int base, int width)
{
    Lines out = {.line = get_memory(sizeof *out.line * (strlen(text) + 1))}; /* of one byte or more each */
    for (Line l; next_line(&text, &l);)
        if (l.n)
            fold_commented(&out, l.s, l.n, l.indent > base ? (l.indent - base) / 2 : 0, width);
        else if (out.n > 0)
            out.line[out.n++] = "";
    while (out.n > 0 && !out.line[out.n - 1][0]) out.n--;
    return out;
}

/* ---- pieces -----------------------------------------------------------------------------------
 */

/* the comment that is the whole line, without its marks; NULL: another line */
static char *whole_comment(const char *s, int n)
{
    if (n > 6 && strncmp(s, "/* ", 3) == 0 && strncmp(s + n - 3, " */", 3) == 0)
        return get_text("%.*s", n - 6, s + 3);
    return n > 3 && strncmp(s, "// ", 3) == 0 ? get_text("%.*s", n - 3, s + 3) : NULL;
}

static bool is_nest(const char *s)
{
    return strncmp(s, "for ", 4) == 0 && strstr(s, " in T.Parallel(");
}

static bool is_store(const char *s)
{
    return strchr(s, '[') && strstr(s, "] = ");
}

/* What two spellings of a statement have in common: the call and its buffers, without indices and
   flags, since every machine has a schedule of its own; a nest is said by its head or by its store.
   NULL: the comment is no statement, it explains. */
static const char *key_of(const char *s)
{
    if (strncmp(s, "T.", 2) != 0) return is_nest(s) || is_store(s) ? "nest" : NULL;
    char *out = get_text("%s", s), *to = out;
    int depth = 0;
    for (const char *p = s; *p; p++) {
        if (*p == '=' && !depth) break;
        depth += (*p == '[') - (*p == ']');
        if (!depth && *p != ']' && *p != ')') *to++ = *p;
    }
    while (to > out && *to != ',' && strchr(s, '=')) to--; /* the name before the '=' */
    *to = 0;
    return out;
}

Pieces pieces_of(const char *text)
{
    Pieces out = {.at = get_memory(sizeof(Piece) * (strlen(text) / 3 + 2)), .n = 1};
    out.at[0] = (Piece){.key = "", .text = ""};
    Line l;
    for (const char *p = text; next_line(&p, &l);) {
        char *title = whole_comment(l.s, l.n);
        const char *key = title ? key_of(title) : NULL;
        Piece *last = &out.at[out.n - 1];
        if (key)
            out.at[out.n++] = (Piece){title, key, ""};
        else
            last->text = get_text("%s%*s%.*s\n", last->text, l.indent, "", l.n, l.s);
    }
    return out;
}

static bool is_next(const Pieces *p, const char *key)
{
    return p->next < p->n && strcmp(p->at[p->next].key, key) == 0;
}

static bool comes_later(const Pieces *p, const char *key)
{
    for (int i = p->next + 1; i < p->n && !is_next(p, key); i++)
        if (strcmp(p->at[i].key, key) == 0) return true;
    return false;
}

const Piece *pieces_next(Pieces *p, int n)
{
    const Piece *any = NULL;
    for (int i = 0; i < n; i++) {
        if (p[i].next == p[i].n) continue;
        const Piece *mine = &p[i].at[p[i].next];
        bool later = false;
        for (int k = 0; k < n; k++) later |= k != i && comes_later(&p[k], mine->key);
        if (!any || !later) any = mine;
        if (!later) break;
    }
    return any;
}

const char *pieces_title(const Pieces *p, int n, const char *key)
{
    const char *title = NULL;
    for (int i = 0; i < n; i++)
        if (is_next(&p[i], key) && (!title || is_nest(title))) title = p[i].at[p[i].next].title;
    return title;
}

const char *pieces_take(Pieces *p, const char *key)
{
    return is_next(p, key) ? p->at[p->next++].text : "";
}
