/* Diagnostics as text for people: the place, the message, the source lines with carets under them,
   notes, help.

   A line is shown as cells: tabs become blanks, wide characters take two columns, combining ones
   none, and what would disturb a terminal becomes '?'. Long lines are cut around the caret. */
#include "base/base.h"
#include <ctype.h>
#include <string.h>

enum { WIDTH = 100, BEFORE = 40, TAB = 4, MAXMARK = 6, MAXLINES = 4 };

/* ---- characters ---- */

typedef struct {
    uint32_t from, to;
} Chars;

/* Unicode: combining marks and characters without width, and those of width 2 */
static const Chars narrow[] = {
    {0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5C7},   {0x610, 0x61A},     {0x64B, 0x65F},
    {0x670, 0x670},   {0x6D6, 0x6ED},   {0x711, 0x711},   {0x730, 0x74A},     {0x93C, 0x93C},
    {0x941, 0x948},   {0x94D, 0x94D},   {0xE31, 0xE31},   {0xE34, 0xE3A},     {0xE47, 0xE4E},
    {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D}, {0x2060, 0x2064},   {0x20D0, 0x20FF},
    {0x302A, 0x302D}, {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},   {0xFEFF, 0xFEFF},
    {0x1F3FB, 0x1F3FF}, {0xE0100, 0xE01EF}};
static const Chars broad[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x23F0, 0x23F0},
    {0x23F3, 0x23F3},   {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},
    {0x26A1, 0x26A1},   {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},
    {0x26CE, 0x26CE},   {0x26D4, 0x26D4},   {0x2705, 0x2705},   {0x270A, 0x270B},
    {0x2728, 0x2728},   {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27B0, 0x27B0},   {0x2B1B, 0x2B1C},
    {0x2B50, 0x2B50},   {0x2E80, 0x303E},   {0x3041, 0x4DBF},   {0x4E00, 0xA4CF},
    {0xA960, 0xA97C},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE10, 0xFE19},
    {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x17000, 0x18AFF},
    {0x1B000, 0x1B2FF}, {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E},
    {0x1F191, 0x1F19A}, {0x1F200, 0x1F265}, {0x1F300, 0x1F3FA}, {0x1F400, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD}};

static bool among(const Chars *set, int n, uint32_t c)
{
    for (int i = 0; i < n; i++)
        if (c >= set[i].from && c <= set[i].to) return true;
    return false;
}

/* the character at s, of at most n bytes; 0 bytes long when it is not UTF-8 */
static int decode(const char *s, size_t n, uint32_t *out)
{
    const unsigned char *b = (const unsigned char *)s;
    int len = b[0] < 0x80 ? 1 : b[0] < 0xC2 ? 0 : b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : b[0] < 0xF5 ? 4 : 0;
    if (!len || (size_t)len > n) return 0;
    uint32_t c = len == 1 ? b[0] : b[0] & (0x7Fu >> len);
    for (int i = 1; i < len; i++) {
        if ((b[i] & 0xC0) != 0x80) return 0;
        c = c << 6 | (b[i] & 0x3F);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return 0;
    *out = c;
    return len;
}

/* what a terminal must not be given: controls, and marks that turn the direction of text round */
static bool harmful(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200E && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void text_clean(char *s)
{
    for (size_t n = strlen(s); n;) {
        uint32_t c;
        int len = decode(s, n, &c);
        if (!len || (harmful(c) && c != '\n' && c != '\t')) {
            if (len < 1) len = 1;
            memset(s, '?', (size_t)len);
        }
        s += len;
        n -= (size_t)len;
    }
}

typedef struct {
    int len, width; /* bytes; columns */
    bool shown;     /* else '?' or, for a tab, blanks */
} Cell;

static Cell cell_at(const char *s, size_t n, int col)
{
    uint32_t c;
    int len = decode(s, n, &c);
    if (!len) return (Cell){1, 1, false};
    if (c == '\t') return (Cell){1, TAB - col % TAB, false};
    if (harmful(c)) return (Cell){len, 1, false};
    if (among(narrow, COUNT(narrow), c)) return (Cell){len, 0, true};
    return (Cell){len, among(broad, COUNT(broad), c) ? 2 : 1, true};
}

/* ---- lines ---- */

/* a line ends with LF, CR LF or CR */
static bool ends_line(const Source *s, uint32_t at)
{
    return s->text[at] == '\n' || (s->text[at] == '\r' && !(at + 1 < s->n && s->text[at + 1] == '\n'));
}

static bool is_end(const Source *s, uint32_t at)
{
    return s->text[at] == '\n' || s->text[at] == '\r';
}

static uint32_t line_start(const Source *s, uint32_t at)
{
    while (at > 0 && !ends_line(s, at - 1)) at--;
    return at;
}

static uint32_t line_end(const Source *s, uint32_t at)
{
    while (at < s->n && !is_end(s, at)) at++;
    return at;
}

static uint32_t next_line(const Source *s, uint32_t at)
{
    while (at < s->n && !ends_line(s, at)) at++;
    return at < s->n ? at + 1 : at;
}

/* line and column, from 1; columns count characters */
static void line_col(const Source *src, uint32_t to, int *line, int *col)
{
    *line = *col = 1;
    for (uint32_t i = 0; src && i < to && i < src->n; i++) {
        if (ends_line(src, i)) {
            ++*line;
            *col = 1;
        } else if (((unsigned char)src->text[i] & 0xC0) != 0x80 && src->text[i] != '\r') {
            bool mark = i == 0 && src->n > 2 && !memcmp(src->text, "\xEF\xBB\xBF", 3);
            *col += !mark; /* a byte-order mark is not a character of the program */
        }
    }
}

void span_line_col(const Cx *cx, Span s, int *line, int *col)
{
    line_col(cx->source[s.file], s.at, line, col);
}

void span_end(const Cx *cx, Span s, int *line, int *col)
{
    const Source *src = cx->source[s.file];
    uint32_t to = s.at + s.len;
    if (src && to > src->n) to = (uint32_t)src->n;
    line_col(src, MAX(to, s.at), line, col);
}

/* ---- excerpts ---- */

typedef struct {
    uint32_t at, end; /* bytes */
    char first, rest; /* what stands under them */
    int from, to;     /* columns in the line that is shown */
} Mark;

/* the columns of every mark in the line [start, end); gives how many columns the line has */
static int measure(const Source *src, uint32_t start, uint32_t end, Mark *mark, int n)
{
    int col = 0;
    for (int k = 0; k < n; k++) mark[k].from = mark[k].to = -1;
    for (uint32_t i = start; i < end;) {
        Cell c = cell_at(src->text + i, end - i, col);
        for (int k = 0; k < n; k++) {
            if (mark[k].from < 0 && mark[k].at < i + (uint32_t)c.len) mark[k].from = col;
            if (mark[k].end > i) mark[k].to = col + c.width;
        }
        col += c.width;
        i += (uint32_t)c.len;
    }
    for (int k = 0; k < n; k++) {
        if (mark[k].from < 0) mark[k].from = col; /* at the end of the line */
        if (mark[k].to <= mark[k].from) mark[k].to = mark[k].from + 1;
    }
    return col;
}

static void put_cells(const Source *src, uint32_t start, uint32_t end, int from, int to, Text *out)
{
    int col = 0;
    for (uint32_t i = start; i < end && col < to;) {
        Cell c = cell_at(src->text + i, end - i, col);
        bool whole = col >= from && col + c.width <= to;
        if (whole && c.shown) text_put(out, src->text + i, (size_t)c.len);
        for (int k = 0; k < c.width && (!whole || !c.shown); k++)
            if (col + k >= from && col + k < to) text_put(out, src->text[i] == '\t' || c.shown ? " " : "?", 1);
        col += c.width;
        i += (uint32_t)c.len;
    }
}

static void put_marks(const Mark *mark, int n, int from, int to, int indent, Text *out)
{
    char under[WIDTH + 8];
    int last = 0;
    for (int col = from; col < to; col++) {
        char c = ' ';
        for (int k = n - 1; k >= 0; k--)
            if (col >= mark[k].from && col < mark[k].to)
                c = col == mark[k].from ? mark[k].first : mark[k].rest;
        under[col - from] = c;
        if (c != ' ') last = col - from + 1;
    }
    text_add(out, "%*s%.*s", indent, "", last, under);
}

/* one line, cut around mark[0] when it is long, and what stands under it */
static void show_line(const Source *src, uint32_t at, Mark *mark, int n, int indent,
                      const char *on, const char *off, Text *out)
{
    uint32_t start = line_start(src, at), end = line_end(src, at);
    int cols = measure(src, start, end, mark, n), from = 0, to = MAX(cols, mark[0].to);
    if (to > WIDTH) {
        from = MAX(0, MIN(mark[0].from - BEFORE, to - WIDTH));
        to = MIN(to, from + WIDTH);
    }
    text_add(out, "%*s%s", indent, "", from ? "..." : "");
    put_cells(src, start, end, from, to, out);
    while (out->n && out->s[out->n - 1] == ' ') out->s[--out->n] = 0;
    text_add(out, "%s\n%s", to < cols ? "..." : "", on);
    put_marks(mark, n, from, to, indent + (from ? 3 : 0), out);
    text_add(out, "%s\n", off);
}

/* the lines of a range: all of them when they are few, else the first and the last */
static void show(const Cx *cx, Span s, const Span *more, int nmore, int indent, int lines,
                 const char *on, const char *off, Text *out)
{
    const Source *src = cx->source[s.file];
    uint32_t at = MIN(s.at, (uint32_t)src->n), end = MIN(at + s.len, (uint32_t)src->n);
    while (end > at + 1 && is_end(src, end - 1)) end--;
    Mark mark[MAXMARK] = {{.at = at, .end = end, .first = '^', .rest = '~'}};
    int n = 1;
    for (int k = 0; k < nmore && n < MAXMARK; k++)
        mark[n++] = (Mark){.at = more[k].at, .end = more[k].at + more[k].len, .first = '-', .rest = '-'};
    show_line(src, at, mark, n, indent, on, off, out);
    int count = 1;
    uint32_t last = line_start(src, end ? end - (end > at) : 0);
    for (uint32_t l = next_line(src, at); l <= last && l < end && lines > 1; l = next_line(src, l)) {
        uint32_t text = l;
        while (text < end && (src->text[text] == ' ' || src->text[text] == '\t')) text++;
        if (text >= end || is_end(src, text)) continue;
        if (++count >= lines && l < last) {
            text_add(out, "%*s...\n", indent, "");
            l = last;
            for (text = l; text < end && (src->text[text] == ' ' || src->text[text] == '\t');) text++;
        }
        Mark rest = {.at = text, .end = end, .first = '~', .rest = '~'};
        show_line(src, l, &rest, 1, indent, on, off, out);
    }
}

/* ---- a diagnostic ---- */

const char *const diag_kind_name[] = {
    [K_ERROR] = "error", [K_UNSUPPORTED] = "unsupported", [K_TODO] = "todo",     [K_DEVICE] = "device",
    [K_BUG] = "bug",     [K_WARNING] = "warning",         [K_REMARK] = "remark",
};

char *diag_why(Arena *a, ErrCode code)
{
    const char *s = err_info[code].explain, *end = s;
    while (*end && !(*end == '.' && (!end[1] || end[1] == ' ' || end[1] == '\n'))) end++;
    char *out = arena_copy(a, s, (size_t)(end - s));
    bool word = out[0] && (out[1] == ' ' || islower((unsigned char)out[1]));
    if (word) out[0] = (char)tolower((unsigned char)out[0]);
    return out;
}

char *diag_help(Arena *a, ErrCode code)
{
    return arena_printf(a, "`kiln explain %s` tells more", err_info[code].name);
}

static void place(const Cx *cx, Span s, Text *out)
{
    if (!s.file) return;
    int line, col;
    span_line_col(cx, s, &line, &col);
    text_add(out, "%s:%d:%d: ", cx->source[s.file]->path, line, col);
}

static bool same_line(const Cx *cx, Span a, Span b)
{
    const Source *src = cx->source[a.file];
    return a.file && a.file == b.file && a.at <= src->n && b.at <= src->n &&
           line_start(src, a.at) == line_start(src, b.at);
}

/* is there anything to see: a line that is not empty */
static bool has_line(const Cx *cx, Span s)
{
    const Source *src = cx->source[s.file];
    if (!s.file) return false;
    uint32_t at = MIN(s.at, (uint32_t)src->n);
    return line_end(src, at) > line_start(src, at);
}

static bool told_before(const Cx *cx, const Diag *d)
{
    for (const Diag *e = cx->diags; e && e != d; e = e->next)
        if (e->code == d->code) return true;
    return false;
}

/* A note about a place in the line of the message is marked there; others show their line. */
static void print_notes(const Cx *cx, const Diag *d, const char *on, const char *off, Text *out)
{
    int shown = 0;
    Span last = d->span;
    for (const Note *n = d->notes; n; n = n->next) {
        text_add(out, "    note: ");
        place(cx, n->span, out);
        text_add(out, "%s\n", n->text);
        bool near = !has_line(cx, n->span) || same_line(cx, d->span, n->span) || same_line(cx, last, n->span);
        if (!near && shown++ < MAXLINES) show(cx, n->span, NULL, 0, 8, 1, on, off, out);
        last = n->span;
    }
}

void diag_print(const Cx *cx, const Diag *d, Text *out, bool color)
{
    const char *hue = !color                 ? ""
                      : d->kind == K_REMARK  ? "\033[36m"
                      : d->kind == K_WARNING ? "\033[35m"
                                             : "\033[31m";
    const char *bold = color ? "\033[1m" : "", *off = color ? "\033[0m" : "";
    text_add(out, "%s", bold);
    place(cx, d->span, out);
    text_add(out, "%s%s[%s]%s%s: %s%s\n", hue, diag_kind_name[d->kind], err_info[d->code].name, off,
             bold, d->text, off);
    Span near[MAXMARK];
    int n = 0;
    for (const Note *k = d->notes; k && n < MAXMARK; k = k->next)
        if (same_line(cx, d->span, k->span)) near[n++] = k->span;
    if (has_line(cx, d->span)) show(cx, d->span, near, n, 4, MAXLINES, hue, off, out);
    bool again = told_before(cx, d);
    Arena *a = out->arena;
    if (d->notes)
        print_notes(cx, d, color ? "\033[36m" : "", off, out);
    else if (!again)
        text_add(out, "    note: %s\n", diag_why(a, d->code));
    if (d->help || !again) text_add(out, "    help: %s\n", d->help ? d->help : diag_help(a, d->code));
}
