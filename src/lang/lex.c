/* Text to tokens: indentation, brackets, numbers, strings and f-strings as in Python 3.12.
   Everything is bounded; what is wrong is recorded and skipped, so that the parser sees the rest of
   the file. */
#include "lang/lang.h"
#include <stdlib.h>
#include <string.h>

enum { MAXBRACKET = 200, MAXFSTRING = 16, MAXTOKENS = 1 << 22 };

typedef struct {
    Cx *cx;
    const char *s; /* the text; s[n] is 0 */
    size_t n, at;
    uint32_t file;
    Tokens out;
    int cap;
    int nindent, indent[MAXNEST];
    int nbracket;
    struct {
        char open;
        size_t at;
    } bracket[MAXBRACKET];
    int fdepth; /* f-strings around this place */
    bool line_start;
} Lexer;

static Span span_of(const Lexer *l, size_t from, size_t to)
{
    return (Span){l->file, (uint32_t)from, (uint32_t)(to - from)};
}

static int peek(const Lexer *l, size_t ahead)
{
    return l->at + ahead < l->n ? (unsigned char)l->s[l->at + ahead] : 0;
}

static Token *push(Lexer *l, TokenKind kind, size_t from)
{
    if (l->out.n == l->cap) {
        if (l->cap >= MAXTOKENS)
            fail(l->cx, E0106, span_of(l, from, l->at), NULL, "more than %d tokens in one file",
                 (int)MAXTOKENS);
        l->cap = l->cap ? 2 * l->cap : 1024;
        Token *more = NEWN(&l->cx->arena, Token, l->cap);
        if (l->out.n) memcpy(more, l->out.at, (size_t)l->out.n * sizeof *more);
        l->out.at = more;
    }
    Token *t = &l->out.at[l->out.n++];
    *t = (Token){.kind = kind, .span = span_of(l, from, l->at)};
    return t;
}

/* ---- names, keywords, operators ---- */

static const char *const keywords[] = {
#define OPERATOR(text)
#define KEYWORD(text) text,
#include "tokens.def"
#undef KEYWORD
#undef OPERATOR
};
static const char *const operators[] = {
#define OPERATOR(text) text,
#define KEYWORD(text)
#include "tokens.def"
#undef KEYWORD
#undef OPERATOR
};

static bool in_table(const char *const *table, int n, const char *s, size_t len)
{
    for (int i = 0; i < n; i++)
        if (strlen(table[i]) == len && !memcmp(table[i], s, len)) return true;
    return false;
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* the length of the UTF-8 sequence at s, and its code point; 0 when it is none */
static int utf8(const char *text, size_t left, uint32_t *code)
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
    int c = peek(l, 0);
    uint32_t code;
    if (c < 0x80) return is_letter(c) || (digits && is_digit(c));
    int len = utf8(l->s + l->at, l->n - l->at, &code);
    return len && is_wide_letter(code) ? len : 0;
}

static void bad_char(Lexer *l)
{
    size_t from = l->at;
    uint32_t code = 0;
    int len = utf8(l->s + l->at, l->n - l->at, &code);
    l->at += (size_t)MAX(len, 1);
    const char *help = code == '!'                                 ? "Python writes 'not'"
                       : code == '$' || code == '?' || code < 0x80 ? NULL
                       : code >= 0x2018 && code <= 0x201f ? "a typographic quote; write ' or \""
                                                          : NULL;
    if (!len)
        report(l->cx, E0105, span_of(l, from, l->at), "save the file as UTF-8",
               "byte 0x%02x is not UTF-8", (unsigned char)l->s[from]);
    else if (code < 0x20 || code == 0x7f)
        report(l->cx, E0105, span_of(l, from, l->at), NULL, "control character 0x%02x",
               (unsigned)code);
    else
        report(l->cx, E0105, span_of(l, from, l->at), help, "'%.*s' has no meaning in Python", len,
               l->s + from);
}

/* ---- numbers ---- */

static int digit_value(int c)
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
    while (digit_value(peek(l, 0)) < base ||
           (peek(l, 0) == '_' && have > first && digit_value(peek(l, 1)) < base)) {
        if (peek(l, 0) != '_' && have + 1 < cap) buf[have++] = (char)peek(l, 0);
        l->at++;
    }
    buf[have] = 0;
    return have;
}

static void set_int(Lexer *l, Token *t, const char *digits, int base)
{
    for (const char *c = digits; *c; c++)
        if (__builtin_mul_overflow(t->i, (Int)base, &t->i) ||
            __builtin_add_overflow(t->i, (Int)digit_value(*c), &t->i))
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
    if (peek(l, 0) == '.') {
        real = true;
        l->at++;
        buf[have++] = '.';
        if (is_digit(peek(l, 0))) have = take_digits(l, 10, buf, cap, have);
    }
    size_t sign = peek(l, 1) == '+' || peek(l, 1) == '-';
    if ((peek(l, 0) | 32) == 'e' && is_digit(peek(l, 1 + sign))) {
        real = true;
        buf[have++] = 'e';
        if (sign) buf[have++] = (char)peek(l, 1);
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
    int base = 10, c = peek(l, 1) | 32;
    bool real = false;
    if (peek(l, 0) == '0' && (c == 'x' || c == 'o' || c == 'b')) {
        base = c == 'x' ? 16 : c == 'o' ? 8 : 2;
        l->at += peek(l, 2) == '_' ? 3 : 2;
        take_digits(l, base, buf, sizeof buf - room, 0);
    } else {
        real = take_decimal(l, buf, sizeof buf - room);
    }
    bool imaginary = base == 10 && (peek(l, 0) | 32) == 'j';
    l->at += imaginary;
    bool junk = letter(l, true) || !*buf;
    while (letter(l, true)) l->at += (size_t)letter(l, true);
    Token *t = push(l, real || imaginary ? T_FLOAT : T_INT, from);
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

/* ---- strings ---- */

typedef struct {
    bool raw, bytes, format;
    char quote;
    bool triple;
} StrForm;

/* the prefix and quotes at l->at, if a string begins here; gives how many characters they are */
static int string_start(const Lexer *l, StrForm *f)
{
    int n = 0;
    *f = (StrForm){0};
    for (; n < 3 && is_letter(peek(l, (size_t)n)); n++) {
        int c = peek(l, (size_t)n) | 32;
        bool *seen = c == 'r' ? &f->raw : c == 'b' ? &f->bytes : c == 'f' ? &f->format : NULL;
        if ((seen && *seen) || (!seen && (c != 'u' || n))) return 0;
        if (seen)
            *seen = true;
        else if (peek(l, 1) != '"' && peek(l, 1) != '\'')
            return 0;
    }
    int q = peek(l, (size_t)n);
    if ((q != '"' && q != '\'') || (f->bytes && f->format)) return 0;
    f->quote = (char)q;
    f->triple = peek(l, (size_t)n + 1) == q && peek(l, (size_t)n + 2) == q;
    return n + (f->triple ? 3 : 1);
}

static bool at_quote(const Lexer *l, const StrForm *f)
{
    return peek(l, 0) == f->quote &&
           (!f->triple || (peek(l, 1) == f->quote && peek(l, 2) == f->quote));
}

static void put_code(Text *out, uint32_t c)
{
    char b[4];
    int n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    b[0] = (char)(n == 1 ? c : (0xf0u << (4 - n)) | c >> (6 * (n - 1)));
    for (int k = 1; k < n; k++) b[k] = (char)(0x80 | (c >> (6 * (n - 1 - k)) & 0x3f));
    text_put(out, b, (size_t)n);
}

/* one escape; l->at is at the backslash */
static void lex_escape(Lexer *l, const StrForm *f, Text *out)
{
    static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
    size_t start = l->at++;
    int c = peek(l, 0);
    const char *simple = c ? strchr(from, c) : NULL;
    int digits = c == 'x' ? 2 : c == 'u' && !f->bytes ? 4 : c == 'U' && !f->bytes ? 8 : 0;
    if (simple) {
        l->at++;
        text_put(out, &to[simple - from], 1);
    } else if (c == '\n') {
        l->at++;
    } else if (c >= '0' && c <= '7') {
        uint32_t v = 0;
        for (int k = 0; k < 3 && peek(l, 0) >= '0' && peek(l, 0) <= '7'; k++)
            v = v * 8 + (uint32_t)(l->s[l->at++] - '0');
        if (f->bytes)
            text_put(out, &(char){(char)v}, 1);
        else
            put_code(out, v);
    } else if (digits) {
        uint32_t v = 0;
        int k = 0;
        for (l->at++; k < digits && digit_value(peek(l, 0)) < 16; k++)
            v = v * 16 + (uint32_t)digit_value(l->s[l->at++]);
        if (k < digits || v > 0x10ffff)
            report(l->cx, E0104, span_of(l, start, l->at), NULL,
                   "'\\%c' needs %d hexadecimal digits of a character", c, digits);
        else if (f->bytes)
            text_put(out, &(char){(char)v}, 1);
        else
            put_code(out, v);
    } else if (c == 'N' && !f->bytes && peek(l, 1) == '{') {
        while (l->at < l->n && peek(l, 0) != '}' && peek(l, 0) != '\n') l->at++;
        l->at += peek(l, 0) == '}';
        report(l->cx, E0104, span_of(l, start, l->at),
               "write the character itself, or \\u with its number",
               "named characters are not known here");
    } else {
        text_put(out, "\\", 1); /* an escape that is none stays as it is */
    }
}

/* the text of a string or of an f-string between fields, up to its quote, a field or (in a format)
 * a closing brace */
static void lex_chars(Lexer *l, const StrForm *f, bool in_format, Text *out)
{
    while (l->at < l->n && !at_quote(l, f)) {
        int c = peek(l, 0);
        if (c == '\n' && !f->triple) return;
        if (f->format && (c == '{' || c == '}')) {
            if (in_format || peek(l, 1) != c) return;
            l->at++;
        }
        if (c == '\\' && f->raw && l->at + 1 < l->n) {
            text_put(out, l->s + l->at, 2);
            l->at += 2;
        } else if (c == '\\') {
            lex_escape(l, f, out);
        } else if (c == '\r') {
            l->at++;
            if (peek(l, 0) != '\n') text_put(out, "\n", 1);
        } else {
            if (f->bytes && c >= 0x80)
                report(l->cx, E0104, span_of(l, l->at, l->at + 1), "write it as \\x",
                       "bytes hold ASCII characters only");
            text_put(out, l->s + l->at++, 1);
        }
    }
}

static void unclosed(Lexer *l, const StrForm *f, size_t from)
{
    report(l->cx, E0103, span_of(l, from, from + (f->triple ? 3 : 1)),
           f->triple ? NULL : "a string over several lines has three quotes",
           "this string is not closed%s", f->triple ? "" : " on its line");
}

static void lex_token(Lexer *l);
static void lex_format(Lexer *l, const StrForm *f, size_t from, bool in_format);

static void push_text(Lexer *l, TokenKind kind, const Text *text, size_t from, bool bytes)
{
    Token *t = push(l, kind, from);
    t->text = intern_n(l->cx, text->s ? text->s : "", text->n);
    t->len = text->n;
    t->bytes = bytes;
}

static void push_op(Lexer *l, size_t len)
{
    size_t from = l->at;
    l->at += len;
    push(l, T_OP, from)->text = intern_n(l->cx, l->s + from, len);
}

static void open_bracket(Lexer *l)
{
    if (l->nbracket == MAXBRACKET)
        fail(l->cx, E0106, span_of(l, l->at, l->at + 1), NULL,
             "more than %d brackets inside one another", (int)MAXBRACKET);
    l->bracket[l->nbracket].open = l->s[l->at];
    l->bracket[l->nbracket++].at = l->at;
}

/* a string cannot begin after this: a quote here belongs to the f-string around it */
static bool ends_operand(const Lexer *l)
{
    const Token *t = &l->out.at[l->out.n - 1];
    return t->kind == T_NAME || t->kind == T_INT || t->kind == T_FLOAT || t->kind == T_STR ||
           t->kind == T_FEND || (t->kind == T_OP && strchr(")]}", t->text[0]));
}

/* one field of an f-string, from "{" to "}" */
static void lex_field(Lexer *l, const StrForm *f, size_t from)
{
    int base = l->nbracket;
    open_bracket(l);
    push_op(l, 1);
    while (l->at < l->n && l->nbracket > base) {
        int c = peek(l, 0);
        bool own = l->nbracket == base + 1;
        if (own && at_quote(l, f) && ends_operand(l)) break; /* the string ends inside its field */
        if (own && c == '!' && peek(l, 1) != '=') {
            push_op(l, 1);
        } else if (own && c == ':') {
            push_op(l, 1);
            lex_format(l, f, from, true);
        } else {
            lex_token(l);
        }
    }
    if (l->nbracket > base) {
        report(l->cx, E0103, span_of(l, l->bracket[base].at, l->bracket[base].at + 1), NULL,
               "this field of the f-string is not closed");
        l->nbracket = base;
    }
}

/* the inside of an f-string, or of a field's format when `in_format` (then up to but without its
 * "}") */
static void lex_format(Lexer *l, const StrForm *f, size_t from, bool in_format)
{
    if (++l->fdepth > MAXFSTRING)
        fail(l->cx, E0106, span_of(l, from, l->at), NULL,
             "more than %d f-strings inside one another", (int)MAXFSTRING);
    for (;;) {
        Text text = text_new(&l->cx->arena);
        size_t start = l->at;
        lex_chars(l, f, in_format, &text);
        if (l->at > start) push_text(l, T_MIDDLE, &text, start, false);
        if (l->at >= l->n || peek(l, 0) == '\n' || at_quote(l, f) ||
            (in_format && peek(l, 0) == '}'))
            break;
        if (peek(l, 0) == '{') {
            lex_field(l, f, from);
        } else {
            report(l->cx, E0104, span_of(l, l->at, l->at + 1), "a brace itself is written twice",
                   "a single '}' in an f-string");
            l->at++;
        }
    }
    l->fdepth--;
}

static bool lex_string(Lexer *l)
{
    StrForm f;
    size_t from = l->at;
    int n = string_start(l, &f);
    if (!n) return false;
    l->at += (size_t)n;
    if (f.format) {
        push(l, T_FSTART, from);
        lex_format(l, &f, from, false);
    }
    Text text = text_new(&l->cx->arena);
    size_t start = l->at;
    if (!f.format) lex_chars(l, &f, false, &text);
    bool closed = l->at < l->n && at_quote(l, &f);
    if (closed)
        l->at += f.triple ? 3 : 1;
    else
        unclosed(l, &f, from);
    if (f.format)
        push(l, T_FEND, closed ? start : l->at);
    else
        push_text(l, T_STR, &text, from, f.bytes);
    return true;
}

/* ---- lines and brackets ---- */

static void close_bracket(Lexer *l, char c)
{
    char open = c == ')' ? '(' : c == ']' ? '[' : '{';
    Span here = span_of(l, l->at, l->at + 1);
    if (!l->nbracket) {
        report(l->cx, E0103, here, NULL, "'%c' closes nothing", c);
        return;
    }
    size_t at = l->bracket[l->nbracket - 1].at;
    if (l->bracket[l->nbracket - 1].open != open) {
        Diag *d = report(l->cx, E0103, here, NULL, "'%c' does not close '%c'", c,
                         l->bracket[l->nbracket - 1].open);
        note(l->cx, d, span_of(l, at, at + 1), "'%c' is opened here",
             l->bracket[l->nbracket - 1].open);
    }
    l->nbracket--;
}

static void lex_operator(Lexer *l)
{
    for (int i = 0; i < COUNT(operators); i++) {
        size_t len = strlen(operators[i]);
        if (len <= l->n - l->at && !memcmp(operators[i], l->s + l->at, len)) {
            char c = operators[i][0];
            if (strchr("([{", c))
                open_bracket(l);
            else if (strchr(")]}", c))
                close_bracket(l, c);
            push_op(l, len);
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
    push(l, key ? T_KEYWORD : T_NAME, from)->text = intern_n(l->cx, l->s + from, l->at - from);
}

/* a statement that begins here shows that a bracket above was forgotten: these words never stand
 * inside one */
static bool starts_statement(const Lexer *l)
{
    static const char *const words[] = {"def",   "class",    "with",  "return", "import",
                                        "while", "try",      "raise", "assert", "pass",
                                        "break", "continue", "del",   "global", "nonlocal"};
    size_t len = 0;
    while (is_letter(peek(l, len)) || is_digit(peek(l, len))) len++;
    size_t after = len;
    while (peek(l, after) == ' ') after++;
    bool name_only = peek(l, after) == '=' || peek(l, after) == ',' || peek(l, after) == ')' ||
                     peek(l, after) == ':';
    return !name_only && in_table(words, COUNT(words), l->s + l->at, len);
}

static void forget_brackets(Lexer *l)
{
    size_t at = l->bracket[l->nbracket - 1].at;
    report(l->cx, E0103, span_of(l, at, at + 1), NULL, "'%c' is never closed",
           l->bracket[l->nbracket - 1].open);
    l->nbracket = 0;
}

static void end_line(Lexer *l)
{
    if (l->out.n && l->out.at[l->out.n - 1].kind != T_NEWLINE &&
        l->out.at[l->out.n - 1].kind != T_INDENT && l->out.at[l->out.n - 1].kind != T_DEDENT)
        push(l, T_NEWLINE, l->at);
    l->line_start = true;
}

/* blanks at the start of a line become INDENT and DEDENT; empty lines and lines of comment count
 * for nothing */
static void lex_indent(Lexer *l)
{
    int col = 0, alt = 0; /* a tab goes to the next multiple of 8, or counts 1 */
    size_t from = l->at;
    for (;; l->at++) {
        int c = peek(l, 0);
        if (c == ' ')
            col++, alt++;
        else if (c == '\t')
            col = (col / 8 + 1) * 8, alt++;
        else if (c == '\f')
            col = alt = 0;
        else
            break;
    }
    int c = peek(l, 0);
    if (l->at >= l->n || c == '\n' || c == '\r' || c == '#' ||
        (c == '\\' && (peek(l, 1) == '\n' || peek(l, 1) == '\r')))
        return;
    l->line_start = false;
    if (col != alt && memchr(l->s + from, ' ', l->at - from) &&
        memchr(l->s + from, '\t', l->at - from))
        report(l->cx, E0102, span_of(l, from, l->at), "use four spaces a level",
               "tabs and spaces are mixed in this indentation");
    if (col > l->indent[l->nindent]) {
        if (l->nindent + 1 == MAXNEST)
            fail(l->cx, E0106, span_of(l, from, l->at), NULL,
                 "more than %d blocks inside one another", (int)MAXNEST - 1);
        l->indent[++l->nindent] = col;
        push(l, T_INDENT, from);
        return;
    }
    while (col < l->indent[l->nindent]) {
        l->nindent--;
        push(l, T_DEDENT, l->at);
    }
    if (col != l->indent[l->nindent])
        report(l->cx, E0102, span_of(l, from, l->at), NULL,
               "this indentation fits no block around it");
}

static void lex_newline(Lexer *l)
{
    size_t from = l->at;
    l->at += peek(l, 0) == '\r' && peek(l, 1) == '\n' ? 2 : 1;
    if (l->nbracket) {
        while (peek(l, 0) == ' ' || peek(l, 0) == '\t') l->at++;
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

static void lex_token(Lexer *l)
{
    if (l->line_start && !l->nbracket) lex_indent(l);
    int c = peek(l, 0);
    if (l->at >= l->n) return;
    if (c == ' ' || c == '\t' || c == '\f')
        l->at++;
    else if (c == '\n' || c == '\r')
        lex_newline(l);
    else if (c == '#')
        while (l->at < l->n && peek(l, 0) != '\n' && peek(l, 0) != '\r') l->at++;
    else if (c == '\\' && (peek(l, 1) == '\n' || peek(l, 1) == '\r'))
        l->at += peek(l, 1) == '\r' && peek(l, 2) == '\n' ? 3 : 2;
    else if (lex_string(l))
        return;
    else if (letter(l, false))
        lex_word(l);
    else if (is_digit(c) || (c == '.' && is_digit(peek(l, 1))))
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

Tokens lex(Cx *cx, uint32_t file)
{
    const Source *src = cx->source[file];
    Lexer *l = NEW(&cx->arena, Lexer);
    *l = (Lexer){.cx = cx, .s = src->text, .n = src->n, .file = file, .line_start = true};
    if (l->n >= 3 && !memcmp(l->s, "\xef\xbb\xbf", 3)) l->at = 3;
    guarded(cx, lex_all, l);
    if (l->nbracket) forget_brackets(l);
    l->at = l->n;
    end_line(l);
    for (; l->nindent; l->nindent--) push(l, T_DEDENT, l->n);
    push(l, T_EOF, l->n);
    return l->out;
}
