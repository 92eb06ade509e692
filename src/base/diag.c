/* One compilation's context: interned names, sources, and diagnostics that are recorded and thrown
 * to a guard. */
#include "base/base.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const ErrInfo err_info[NERR] = {
#define ERR(code, kind, title, explain) {"E" #code, #kind, title, explain, kind},
#include "errors.def"
#undef ERR
};

/* ---- names and sources ---- */

struct Name {
    Name *next;
    size_t n;
    char s[];
};

enum { MAXBYTES = 200 << 20 };  /* of one compilation */

Cx *cx_open(void)
{
    Cx *cx = calloc(1, sizeof *cx);
    if (!cx) return NULL;
    cx->arena = (Arena){.limit = MAXBYTES, .cx = cx};
    cx->nsource = 1;
    cx_forget(cx);
    return cx;
}

void cx_forget(Cx *cx)
{
    cx->diags = NULL;
    cx->diag_end = &cx->diags;
    cx->nerror = 0;
    cx->exhausted = false;
}

void cx_close(Cx *cx)
{
    if (!cx) return;
    arena_free(&cx->arena);
    free(cx);
}

const char *intern_n(Cx *cx, const char *s, size_t n)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)s[i]) * 16777619u;
    Name **at = &cx->names[h % COUNT(cx->names)];
    for (Name *k = *at; k; k = k->next)
        if (k->n == n && memcmp(k->s, s, n) == 0) return k->s;
    Name *k = arena_alloc(&cx->arena, sizeof(Name) + n + 1);
    k->n = n;
    if (n) memcpy(k->s, s, n);
    k->next = *at;
    *at = k;
    return k->s;
}

const char *intern(Cx *cx, const char *s)
{
    return intern_n(cx, s, strlen(s));
}

uint32_t cx_source(Cx *cx, const char *path, const char *text, size_t n)
{
    if (cx->nsource == COUNT(cx->source))
        fail(cx, E0903, (Span){0}, NULL, "a program of more than %d files", COUNT(cx->source) - 1);
    Source *s = NEW(&cx->arena, Source);
    s->path = arena_text(&cx->arena, path);
    s->text = arena_copy(&cx->arena, text, n);
    s->n = n;
    cx->source[cx->nsource] = s;
    return (uint32_t)cx->nsource++;
}

/* ---- recording ---- */

enum { MAXERROR = 200 };        /* a text with more is no program: the others are counted, not kept */

/* a warning or a remark is what the options make of it; errors are errors */
static Kind treated(const Cx *cx, ErrCode code)
{
    Kind kind = err_info[code].kind;
    if (kind < K_WARNING) return kind;
    Treat t = (Treat)cx->opt.treat[code];
    bool all = cx->opt.werror && kind == K_WARNING && t == TREAT_DEFAULT;
    return t == TREAT_ERROR || all ? K_ERROR : kind;
}

static Diag *record(Cx *cx, ErrCode code, Span at, const char *help, const char *fmt, va_list ap)
{
    Text t = text_new(&cx->arena);
    text_vadd(&t, fmt, ap);
    Diag *d = NEW(&cx->arena, Diag);
    d->code = code;
    d->kind = treated(cx, code);
    d->span = at;
    d->text = t.s;
    d->help = arena_text(&cx->arena, help);
    text_clean(t.s);
    if (d->help) text_clean(d->help);
    if (cx->opt.treat[code] == TREAT_OFF && d->kind >= K_WARNING) return d;
    if (d->kind < K_WARNING && ++cx->nerror > MAXERROR) return d;
    *cx->diag_end = d;
    cx->diag_end = &d->next;
    return d;
}

Diag *report(Cx *cx, ErrCode code, Span at, const char *help, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    Diag *d = record(cx, code, at, help, fmt, ap);
    va_end(ap);
    return d;
}

void note(Cx *cx, Diag *d, Span at, const char *fmt, ...)
{
    Text t = text_new(&cx->arena);
    va_list ap;
    va_start(ap, fmt);
    text_vadd(&t, fmt, ap);
    va_end(ap);
    Note *n = NEW(&cx->arena, Note), **end = &d->notes;
    n->span = at;
    n->text = t.s;
    text_clean(t.s);
    while (*end) end = &(*end)->next;
    *end = n;
}

_Noreturn void leave(Cx *cx)
{
    while (!cx->guard && cx->parent) {
        cx = cx->parent;
        cx->nerror++; /* what its guard looks at */
    }
    if (!cx->guard) abort(); /* a fail() outside every guarded(): a mistake of ours */
    longjmp(cx->guard->at, 1);
}

/* says so once, without a request: there is no memory for more */
_Noreturn void leave_exhausted(Cx *cx, bool limit)
{
    if (!cx->exhausted) {
        ErrCode code = limit ? E0903 : E0904;
        cx->last = (Diag){.code = code,
                          .kind = err_info[code].kind,
                          .text = limit ? "compiling this program needs more than the 200 MB it may have"
                                        : "out of memory",
                          .help = limit ? "make fewer copies: unroll less, use smaller lists" : NULL};
        *cx->diag_end = &cx->last;
        cx->diag_end = &cx->last.next;
    }
    cx->exhausted = true;
    cx->nerror++;
    leave(cx);
}

_Noreturn void fail(Cx *cx, ErrCode code, Span at, const char *help, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    record(cx, code, at, help, fmt, ap);
    va_end(ap);
    leave(cx);
}

bool guarded(Cx *cx, void (*fn)(Cx *, void *), void *arg)
{
    Guard g = {.outer = cx->guard};
    int before = cx->nerror;
    cx->guard = &g;
    if (setjmp(g.at) == 0) fn(cx, arg);
    cx->guard = g.outer;
    if (cx->exhausted && g.outer) leave(cx);
    return cx->nerror == before;
}

/* ---- did you mean ---- */

static int distance(const char *a, const char *b)
{
    enum { LIMIT = 48 };
    int n = (int)strlen(a), m = (int)strlen(b), row[LIMIT + 1];
    if (n > LIMIT || m > LIMIT) return LIMIT;
    for (int j = 0; j <= m; j++) row[j] = j;
    for (int i = 1; i <= n; i++) {
        int diag = row[0];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            int next = MIN(MIN(row[j] + 1, row[j - 1] + 1), diag + (a[i - 1] != b[j - 1]));
            diag = row[j];
            row[j] = next;
        }
    }
    return row[m];
}

const char *nearest(const char *name, const char *const *names, int n)
{
    const char *best = NULL;
    int least = 1 + (int)strlen(name) / 3;
    for (int i = 0; i < n; i++) {
        int d = distance(name, names[i]);
        if (d <= least && d < (int)strlen(name)) {
            best = names[i];
            least = d - 1;
        }
    }
    return best;
}

bool err_set(Err *e, ErrCode code, const char *help, const char *fmt, ...)
{
    e->code = code;
    e->set = true;
    e->at = (Span){0};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    snprintf(e->help, sizeof e->help, "%s", help ? help : "");
    return false;
}
