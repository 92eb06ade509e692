/* Text to tokens: indentation, brackets, numbers, strings and f-strings as in Python 3.12.
   Everything is bounded; what is wrong is recorded and skipped, so that the parser sees the rest of
   the file. */
#include "lang/syntax/lex.h"
#include <stdlib.h>
#include <string.h>

enum { MAXSOURCE = 8 << 20 };


Span lex_span(const Lexer *l, size_t from, size_t to)
{
    return (Span){l->file, (uint32_t)from, (uint32_t)(to - from)};
}

int lex_peek(const Lexer *l, size_t ahead)
{
    return l->at + ahead < l->n ? (unsigned char)l->s[l->at + ahead] : 0;
}

Token *lex_push(Lexer *l, TokenKind kind, size_t from)
{
    if (l->out.n == l->cap) {
        if (l->cap >= MAXTOKENS)
            fail(l->cx, E0106, lex_span(l, from, l->at), NULL, "more than %d tokens in one file",
                 (int)MAXTOKENS);
        l->cap = l->cap ? 2 * l->cap : 1024;
        Token *more = NEWN(&l->cx->arena, Token, l->cap);
        if (l->out.n) memcpy(more, l->out.at, (size_t)l->out.n * sizeof *more);
        l->out.at = more;
    }
    Token *t = &l->out.at[l->out.n++];
    *t = (Token){.kind = kind, .span = lex_span(l, from, l->at)};
    return t;
}

/* ---- names, keywords, operators ---- */

void lex_push_op(Lexer *l, size_t len)
{
    size_t from = l->at;
    l->at += len;
    lex_push(l, T_OP, from)->text = intern_n(l->cx, l->s + from, len);
}

static const char *const keywords[] = {
#define OPERATOR(text)
#define KEYWORD(text) text,
#include "lang/tokens.def"
#undef KEYWORD
#undef OPERATOR
};
static const char *const operators[] = {
#define OPERATOR(text) text,
#define KEYWORD(text)
#include "lang/tokens.def"
#undef KEYWORD
#undef OPERATOR
};

static bool in_table(const char *const *table, int n, const char *s, size_t len)
{
    for (int i = 0; i < n; i++)
        if (table[i][0] == s[0] && strlen(table[i]) == len && !memcmp(table[i], s, len)) return true;
    return false;
}

bool lex_is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* the length of the UTF-8 sequence at s, and its code point; 0 when it is none */
int lex_utf8(const char *text, size_t left, uint32_t *code)
{
    const unsigned char *s = (const unsigned char *)text;
    int len = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (len == 0 || s[0] > 0xf4 || (size_t)len > left) return 0;
    *code = len == 1 ? s[0] : s[0] & (0x7fu >> len);
    for (int k = 1; k < len; k++) {
        if ((s[k] & 0xc0) != 0x80) return 0;
        *code = *code << 6 | (s[k] & 0x3f);
    }
    return *code < least[len] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000) ? 0 : len;
}

/* letters beyond ASCII: all but what is plainly punctuation or a symbol */
static bool is_wide_letter(uint32_t c)
{
    return c >= 0xaa && (c >= 0xc0 || c == 0xaa || c == 0xb5 || c == 0xba) && c != 0xd7 &&
           c != 0xf7 && !(c >= 0x2000 && c < 0x2070) && !(c >= 0x2190 && c < 0x2c00) &&
           !(c >= 0x3000 && c < 0x3005) && !(c >= 0xfe00 && c < 0xfe10) && c != 0xfeff &&
           !(c >= 0xff00 && c < 0xff10) && c < 0x1f000;
}

/* the length of the letter (or digit, when `digits`) at l->at; 0 when there is none */
static int letter(const Lexer *l, bool digits)
{
    int c = lex_peek(l, 0);
    uint32_t code;
    if (c < 0x80) return lex_is_letter(c) || (digits && is_digit(c));
    int len = lex_utf8(l->s + l->at, l->n - l->at, &code);
    return len && is_wide_letter(code) ? len : 0;
}

static void bad_char(Lexer *l)
{
    size_t from = l->at;
    uint32_t code = 0;
    int len = lex_utf8(l->s + l->at, l->n - l->at, &code);
    l->at += (size_t)MAX(len, 1);
    const char *help = code == '!'                                 ? "Python writes 'not'"
                       : code == '$' || code == '?' || code < 0x80 ? NULL
                       : code >= 0x2018 && code <= 0x201f ? "a typographic quote; write ' or \""
                                                          : NULL;
    if (!len)
        report(l->cx, E0105, lex_span(l, from, l->at), "save the file as UTF-8",
               "byte 0x%02x is not UTF-8", (unsigned char)l->s[from]);
    else if (code < 0x20 || code == 0x7f)
        report(l->cx, E0105, lex_span(l, from, l->at), NULL, "control character 0x%02x",
               (unsigned)code);
    else
        report(l->cx, E0105, lex_span(l, from, l->at), help, "'%.*s' has no meaning in Python", len,
               l->s + from);
}

/* ---- numbers ---- */

int lex_digit(int c)
{
    return is_digit(c)            ? c - '0'
           : c >= 'a' && c <= 'z' ? c - 'a' + 10
           : c >= 'A' && c <= 'Z' ? c - 'A' + 10
                                  : 99;
}

/* digits of `base` with single underscores between them; appends them to buf */
static size_t take_digits(Lexer *l, int base, char *buf, size_t cap, size_t have)
{
    size_t first = have;
    while (lex_digit(lex_peek(l, 0)) < base ||
           (lex_peek(l, 0) == '_' && have > first && lex_digit(lex_peek(l, 1)) < base)) {
        if (lex_peek(l, 0) != '_' && have + 1 < cap) buf[have++] = (char)lex_peek(l, 0);
        l->at++;
    }
    buf[have] = 0;
    return have;
}

static void set_int(Lexer *l, Token *t, const char *digits, int base)
{
    for (const char *c = digits; *c; c++)
        if (__builtin_mul_overflow(t->i, (Int)base, &t->i) ||
            __builtin_add_overflow(t->i, (Int)lex_digit(*c), &t->i))
            t->big = true;
    if (t->big) {
        t->i = 0;
        t->text = intern_n(l->cx, l->s + t->span.at, t->span.len);
    }
}

/* the digits, point and exponent of a decimal number; true when it is a float */
static bool take_decimal(Lexer *l, char *buf, size_t cap)
{
    bool real = false;
    size_t have = take_digits(l, 10, buf, cap, 0);
    if (lex_peek(l, 0) == '.') {
        real = true;
        l->at++;
        buf[have++] = '.';
        if (is_digit(lex_peek(l, 0))) have = take_digits(l, 10, buf, cap, have);
    }
    size_t sign = lex_peek(l, 1) == '+' || lex_peek(l, 1) == '-';
    if ((lex_peek(l, 0) | 32) == 'e' && is_digit(lex_peek(l, 1 + sign))) {
        real = true;
        buf[have++] = 'e';
        if (sign) buf[have++] = (char)lex_peek(l, 1);
        l->at += 1 + sign;
        have = take_digits(l, 10, buf, cap, have);
    }
    buf[have] = 0;
    return real;
}

static void lex_number(Lexer *l)
{
    char buf[512];
    size_t from = l->at, room = 8; /* room for the point, the exponent and its sign */
    int base = 10, c = lex_peek(l, 1) | 32;
    bool real = false;
    if (lex_peek(l, 0) == '0' && (c == 'x' || c == 'o' || c == 'b')) {
        base = c == 'x' ? 16 : c == 'o' ? 8 : 2;
        l->at += lex_peek(l, 2) == '_' ? 3 : 2;
        take_digits(l, base, buf, sizeof buf - room, 0);
    } else {
        real = take_decimal(l, buf, sizeof buf - room);
    }
    bool imaginary = base == 10 && (lex_peek(l, 0) | 32) == 'j';
    l->at += imaginary;
    bool junk = letter(l, true) || !*buf;
    while (letter(l, true)) l->at += (size_t)letter(l, true);
    Token *t = lex_push(l, real || imaginary ? T_FLOAT : T_INT, from);
    t->imaginary = imaginary;
    if (junk)
        report(l->cx, E0104, t->span, NULL, "'%.*s' is not a number", (int)MIN(t->span.len, 80),
               l->s + from);
    else if (base == 10 && t->kind == T_INT && buf[0] == '0' && buf[strspn(buf, "0")])
        report(l->cx, E0104, t->span, "octal numbers are written 0o17",
               "a decimal number cannot begin with 0");
    else if (strlen(buf) + room + 1 >= sizeof buf)
        report(l->cx, E0104, t->span, NULL, "a number of more than %d digits",
               (int)(sizeof buf - room - 2));
    if (t->kind == T_FLOAT)
        t->f = strtod(buf, NULL);
    else if (!junk)
        set_int(l, t, buf, base);
}

/* ---- lines and brackets ---- */

void lex_open(Lexer *l)
{
    if (l->nbracket == MAXBRACKET)
        fail(l->cx, E0106, lex_span(l, l->at, l->at + 1), NULL,
             "more than %d brackets inside one another", (int)MAXBRACKET);
    l->bracket[l->nbracket].open = l->s[l->at];
    l->bracket[l->nbracket++].at = l->at;
}

static void close_bracket(Lexer *l, char c)
{
    char open = c == ')' ? '(' : c == ']' ? '[' : '{';
    Span here = lex_span(l, l->at, l->at + 1);
    if (!l->nbracket) {
        report(l->cx, E0103, here, NULL, "'%c' closes nothing", c);
        return;
    }
    size_t at = l->bracket[l->nbracket - 1].at;
    if (l->bracket[l->nbracket - 1].open != open) {
        Diag *d = report(l->cx, E0103, here, NULL, "'%c' does not close '%c'", c,
                         l->bracket[l->nbracket - 1].open);
        note(l->cx, d, lex_span(l, at, at + 1), "'%c' is opened here",
             l->bracket[l->nbracket - 1].open);
    }
    l->nbracket--;
}

static void lex_operator(Lexer *l)
{
    for (int i = 0; i < COUNT(operators); i++) {
        if (operators[i][0] != l->s[l->at]) continue;
        size_t len = strlen(operators[i]);
        if (len <= l->n - l->at && !memcmp(operators[i], l->s + l->at, len)) {
            char c = operators[i][0];
            if (strchr("([{", c))
                lex_open(l);
            else if (strchr(")]}", c))
                close_bracket(l, c);
            lex_push_op(l, len);
            return;
        }
    }
    bad_char(l);
}

static void lex_word(Lexer *l)
{
    size_t from = l->at;
    while (letter(l, true)) l->at += (size_t)letter(l, true);
    bool key = in_table(keywords, COUNT(keywords), l->s + from, l->at - from);
    lex_push(l, key ? T_KEYWORD : T_NAME, from)->text = intern_n(l->cx, l->s + from, l->at - from);
}

/* a statement that begins here shows that a bracket above was forgotten: these words never stand
 * inside one */
static bool starts_statement(const Lexer *l)
{
    static const char *const words[] = {"def",   "class",    "with",  "return", "import",
                                        "while", "try",      "raise", "assert", "pass",
                                        "break", "continue", "del",   "global", "nonlocal"};
    size_t len = 0;
    while (lex_is_letter(lex_peek(l, len)) || is_digit(lex_peek(l, len))) len++;
    size_t after = len;
    while (lex_peek(l, after) == ' ') after++;
    bool name_only = lex_peek(l, after) == '=' || lex_peek(l, after) == ',' || lex_peek(l, after) == ')' ||
                     lex_peek(l, after) == ':';
    return !name_only && in_table(words, COUNT(words), l->s + l->at, len);
}

static void forget_brackets(Lexer *l)
{
    size_t at = l->bracket[l->nbracket - 1].at;
    report(l->cx, E0103, lex_span(l, at, at + 1), NULL, "'%c' is never closed",
           l->bracket[l->nbracket - 1].open);
    l->nbracket = 0;
}

static void end_line(Lexer *l)
{
    if (l->out.n && l->out.at[l->out.n - 1].kind != T_NEWLINE &&
        l->out.at[l->out.n - 1].kind != T_INDENT && l->out.at[l->out.n - 1].kind != T_DEDENT)
        lex_push(l, T_NEWLINE, l->at);
    l->line_start = true;
}

/* blanks at the start of a line become INDENT and DEDENT; empty lines and lines of comment count
 * for nothing */
static void lex_indent(Lexer *l)
{
    int col = 0, alt = 0; /* a tab goes to the next multiple of 8, or counts 1 */
    size_t from = l->at;
    for (;; l->at++) {
        int c = lex_peek(l, 0);
        if (c == ' ')
            col++, alt++;
        else if (c == '\t')
            col = (col / 8 + 1) * 8, alt++;
        else if (c == '\f')
            col = alt = 0;
        else
            break;
    }
    int c = lex_peek(l, 0);
    if (l->at >= l->n || c == '\n' || c == '\r' || c == '#' ||
        (c == '\\' && (lex_peek(l, 1) == '\n' || lex_peek(l, 1) == '\r')))
        return;
    l->line_start = false;
    int top = l->nindent; /* counted either way, the line must be on the same side of the block */
    if (col > l->indent[top] ? alt <= l->alt[top] : col == l->indent[top] && alt != l->alt[top])
        report(l->cx, E0102, lex_span(l, from, l->at), "use four spaces a level",
               "tabs and spaces are mixed in this indentation");
    if (col > l->indent[top]) {
        if (l->nindent + 1 == MAXNEST)
            fail(l->cx, E0106, lex_span(l, from, l->at), NULL,
                 "more than %d blocks inside one another", (int)MAXNEST - 1);
        l->indent[++l->nindent] = col;
        l->alt[l->nindent] = alt;
        lex_push(l, T_INDENT, from);
        return;
    }
    while (col < l->indent[l->nindent]) {
        l->nindent--;
        lex_push(l, T_DEDENT, l->at);
    }
    if (col != l->indent[l->nindent] || (top != l->nindent && alt != l->alt[l->nindent]))
        report(l->cx, E0102, lex_span(l, from, l->at), NULL,
               "this indentation fits no block around it");
}

static void lex_newline(Lexer *l)
{
    size_t from = l->at;
    l->at += lex_peek(l, 0) == '\r' && lex_peek(l, 1) == '\n' ? 2 : 1;
    if (l->nbracket) {
        while (lex_peek(l, 0) == ' ' || lex_peek(l, 0) == '\t') l->at++;
        if (!l->fdepth && starts_statement(l)) {
            forget_brackets(l);
            while (l->at > 0 && (l->s[l->at - 1] == ' ' || l->s[l->at - 1] == '\t')) l->at--;
            end_line(l);
        }
        return;
    }
    size_t after = l->at;
    l->at = from;
    end_line(l);
    l->at = after;
}

void lex_token(Lexer *l)
{
    if (l->line_start && !l->nbracket) lex_indent(l);
    int c = lex_peek(l, 0);
    if (l->at >= l->n) return;
    if (c == ' ' || c == '\t' || c == '\f')
        l->at++;
    else if (c == '\n' || c == '\r')
        lex_newline(l);
    else if (c == '#')
        while (l->at < l->n && lex_peek(l, 0) != '\n' && lex_peek(l, 0) != '\r') l->at++;
    else if (c == '\\' && (lex_peek(l, 1) == '\n' || lex_peek(l, 1) == '\r'))
        l->at += lex_peek(l, 1) == '\r' && lex_peek(l, 2) == '\n' ? 3 : 2;
    else if (lex_string(l))
        return;
    else if (letter(l, false))
        lex_word(l);
    else if (is_digit(c) || (c == '.' && is_digit(lex_peek(l, 1))))
        lex_number(l);
    else
        lex_operator(l);
}

/* under a guard: the bounds leave by fail(), and what was read before them is still parsed */
static void lex_all(Cx *cx, void *arg)
{
    Lexer *l = arg;
    (void)cx;
    while (l->at < l->n) lex_token(l);
}

/* comments and strings hold any characters, but no other bytes */
static void check_bytes(Lexer *l)
{
    uint32_t code;
    for (l->at = 0; l->at < l->n;) {
        int len = lex_utf8(l->s + l->at, l->n - l->at, &code);
        if (!len || !code) {
            bad_char(l);
            return;
        }
        l->at += (size_t)len;
    }
}

Tokens lex(Cx *cx, uint32_t file)
{
    const Source *src = cx->source[file];
    Lexer *l = NEW(&cx->arena, Lexer);
    int errors = cx->nerror;
    *l = (Lexer){.cx = cx, .s = src->text, .n = src->n, .file = file, .line_start = true};
    if (l->n >= 3 && !memcmp(l->s, "\xef\xbb\xbf", 3)) l->at = 3;
    if (l->n > MAXSOURCE) {
        report(cx, E0109, lex_span(l, 0, 0), NULL, "a file of more than %d MB", (int)MAXSOURCE >> 20);
        l->at = l->n;
    }
    guarded(cx, lex_all, l);
    if (l->nbracket) forget_brackets(l);
    if (cx->nerror == errors) check_bytes(l);
    l->at = l->n;
    end_line(l);
    for (; l->nindent; l->nindent--) lex_push(l, T_DEDENT, l->n);
    lex_push(l, T_EOF, l->n);
    return l->out;
}
