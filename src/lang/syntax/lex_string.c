/* Strings and f-strings to tokens: prefixes, escapes, fields and their formats. */
#include "lang/syntax/lex.h"
#include <string.h>

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
    for (; n < 3 && lex_is_letter(lex_peek(l, (size_t)n)); n++) {
        int c = lex_peek(l, (size_t)n) | 32;
        bool *seen = c == 'r' ? &f->raw : c == 'b' ? &f->bytes : c == 'f' ? &f->format : NULL;
        if ((seen && *seen) || (!seen && (c != 'u' || n))) return 0;
        if (seen)
            *seen = true;
        else if (lex_peek(l, 1) != '"' && lex_peek(l, 1) != '\'')
            return 0;
    }
    int q = lex_peek(l, (size_t)n);
    if ((q != '"' && q != '\'') || (f->bytes && f->format)) return 0;
    f->quote = (char)q;
    f->triple = lex_peek(l, (size_t)n + 1) == q && lex_peek(l, (size_t)n + 2) == q;
    return n + (f->triple ? 3 : 1);
}

static bool at_quote(const Lexer *l, const StrForm *f)
{
    return lex_peek(l, 0) == f->quote &&
           (!f->triple || (lex_peek(l, 1) == f->quote && lex_peek(l, 2) == f->quote));
}

void text_utf8(Text *out, uint32_t c)
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
    int c = lex_peek(l, 0);
    const char *simple = c ? strchr(from, c) : NULL;
    int digits = c == 'x' ? 2 : c == 'u' && !f->bytes ? 4 : c == 'U' && !f->bytes ? 8 : 0;
    if (simple) {
        l->at++;
        text_put(out, &to[simple - from], 1);
    } else if (c == '\n') {
        l->at++;
    } else if (c >= '0' && c <= '7') {
        uint32_t v = 0;
        for (int k = 0; k < 3 && lex_peek(l, 0) >= '0' && lex_peek(l, 0) <= '7'; k++)
            v = v * 8 + (uint32_t)(l->s[l->at++] - '0');
        if (f->bytes)
            text_put(out, &(char){(char)v}, 1);
        else
            text_utf8(out, v);
    } else if (digits) {
        uint32_t v = 0;
        int k = 0;
        for (l->at++; k < digits && lex_digit(lex_peek(l, 0)) < 16; k++)
            v = v * 16 + (uint32_t)lex_digit(l->s[l->at++]);
        if (k < digits || v > 0x10ffff)
            report(l->cx, E0104, lex_span(l, start, l->at), NULL,
                   "'\\%c' needs %d hexadecimal digits of a character", c, digits);
        else if (f->bytes)
            text_put(out, &(char){(char)v}, 1);
        else
            text_utf8(out, v);
    } else if (c == 'N' && !f->bytes && lex_peek(l, 1) == '{') {
        while (l->at < l->n && lex_peek(l, 0) != '}' && lex_peek(l, 0) != '\n') l->at++;
        l->at += lex_peek(l, 0) == '}';
        report(l->cx, E0104, lex_span(l, start, l->at),
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
        int c = lex_peek(l, 0);
        if (c == '\n' && !f->triple) return;
        if (f->format && (c == '{' || c == '}')) {
            if (in_format || lex_peek(l, 1) != c) return;
            l->at++;
        }
        int next = lex_peek(l, 1);
        if (c == '\\' && f->raw && l->at + 1 < l->n) { /* it protects a quote, not a brace */
            size_t n = f->format && (next == '{' || next == '}') ? 1 : 2;
            text_put(out, l->s + l->at, n);
            l->at += n;
        } else if (c == '\\') {
            lex_escape(l, f, out);
        } else if (c == '\r') {
            l->at++;
            if (lex_peek(l, 0) != '\n') text_put(out, "\n", 1);
        } else {
            if (f->bytes && c >= 0x80)
                report(l->cx, E0104, lex_span(l, l->at, l->at + 1), "write it as \\x",
                       "bytes hold ASCII characters only");
            text_put(out, l->s + l->at++, 1);
        }
    }
}

static void unclosed(Lexer *l, const StrForm *f, size_t from)
{
    report(l->cx, E0103, lex_span(l, from, from + (f->triple ? 3 : 1)),
           f->triple ? NULL : "a string over several lines has three quotes",
           "this string is not closed%s", f->triple ? "" : " on its line");
}

static void lex_format(Lexer *l, const StrForm *f, size_t from, bool in_format);

static void push_text(Lexer *l, TokenKind kind, const Text *text, size_t from, bool bytes)
{
    Token *t = lex_push(l, kind, from);
    t->text = intern_n(l->cx, text->s ? text->s : "", text->n);
    t->len = text->n;
    t->bytes = bytes;
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
    lex_open(l);
    lex_push_op(l, 1);
    while (l->at < l->n && l->nbracket > base) {
        int c = lex_peek(l, 0);
        bool own = l->nbracket == base + 1;
        if (own && at_quote(l, f) && ends_operand(l)) break; /* the string ends inside its field */
        if (own && c == '!' && lex_peek(l, 1) != '=') {
            lex_push_op(l, 1);
        } else if (own && c == ':') {
            lex_push_op(l, 1);
            lex_format(l, f, from, true);
        } else {
            lex_token(l);
        }
    }
    if (l->nbracket > base) {
        report(l->cx, E0103, lex_span(l, l->bracket[base].at, l->bracket[base].at + 1), NULL,
               "this field of the f-string is not closed");
        l->nbracket = base;
    }
}

/* the inside of an f-string, or of a field's format when `in_format` (then up to but without its
 * "}") */
static void lex_format(Lexer *l, const StrForm *f, size_t from, bool in_format)
{
    if (++l->fdepth > MAXFSTRING)
        fail(l->cx, E0106, lex_span(l, from, l->at), NULL,
             "more than %d f-strings inside one another", (int)MAXFSTRING);
    for (;;) {
        Text text = text_new(&l->cx->arena);
        size_t start = l->at;
        lex_chars(l, f, in_format, &text);
        if (l->at > start) push_text(l, T_MIDDLE, &text, start, false);
        if (l->at >= l->n || lex_peek(l, 0) == '\n' || at_quote(l, f) ||
            (in_format && lex_peek(l, 0) == '}'))
            break;
        if (lex_peek(l, 0) == '{') {
            lex_field(l, f, from);
        } else {
            report(l->cx, E0104, lex_span(l, l->at, l->at + 1), "a brace itself is written twice",
                   "a single '}' in an f-string");
            l->at++;
        }
    }
    l->fdepth--;
}

bool lex_string(Lexer *l)
{
    StrForm f;
    size_t from = l->at;
    int n = string_start(l, &f);
    if (!n) return false;
    l->at += (size_t)n;
    if (f.format) {
        lex_push(l, T_FSTART, from);
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
        lex_push(l, T_FEND, closed ? start : l->at);
    else
        push_text(l, T_STR, &text, from, f.bytes);
    return true;
}
