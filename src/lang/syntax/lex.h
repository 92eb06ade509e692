/* What the files of the lexer share: lex.c and lex_string.c. */
#ifndef KILN_LANG_LEX_H
#define KILN_LANG_LEX_H
#include "lang/lang.h"

enum { MAXBRACKET = 200, MAXFSTRING = 16, MAXTOKENS = 1 << 22 };

typedef struct {
    Cx *cx;
    const char *s; /* the text; s[n] is 0 */
    size_t n, at;
    uint32_t file;
    Tokens out;
    int cap;
    int nindent, indent[MAXNEST], alt[MAXNEST];     /* columns, a tab to the next multiple of 8; a tab as one */
    int nbracket;
    struct {
        char open;
        size_t at;
    } bracket[MAXBRACKET];
    int fdepth; /* f-strings around this place */
    bool line_start;
} Lexer;

Span lex_span(const Lexer *l, size_t from, size_t to);
int lex_peek(const Lexer *l, size_t ahead);             /* the byte that many places on; 0 at the end */
Token *lex_push(Lexer *l, TokenKind kind, size_t from);
void lex_push_op(Lexer *l, size_t len);
int lex_digit(int c);                                   /* the value of a digit of any base; 99 when it is none */
bool lex_is_letter(int c);                              /* of ASCII, and _ */
int lex_utf8(const char *text, size_t left, uint32_t *code);    /* its length at the text's start; 0 when there is none */
void text_utf8(Text *out, uint32_t c);
void lex_open(Lexer *l);                                /* a bracket at this place */
void lex_token(Lexer *l);
bool lex_string(Lexer *l);                              /* false when no string begins here */
#endif
