/* A growing string in an arena, with indentation: what printers and emitters write into. */
#include "base/base.h"
#include <stdio.h>
#include <string.h>

char *arena_text(Arena *a, const char *s)
{
    return s ? arena_copy(a, s, strlen(s)) : NULL;
}

void *arena_grow(Arena *a, void *old, int n, int *cap, size_t size)
{
    if (n < *cap) return old;
    *cap = MAX(16, 2 * *cap);
    void *p = arena_alloc(a, (size_t)*cap * size);
    if (n) memcpy(p, old, (size_t)n * size);
    return p;
}

Text text_new(Arena *a)
{
    return (Text){.arena = a, .s = arena_alloc(a, 256), .cap = 256};
}

static void reserve(Text *t, size_t more)
{
    if (t->n + more + 1 <= t->cap) return;
    size_t cap = t->cap ? t->cap : 256;
    while (t->n + more + 1 > cap) cap *= 2;
    char *s = arena_alloc(t->arena, cap);
    if (t->n) memcpy(s, t->s, t->n);
    t->s = s;
    t->cap = cap;
}

void text_put(Text *t, const char *s, size_t n)
{
    reserve(t, n);
    if (n) memcpy(t->s + t->n, s, n);
    t->n += n;
    t->s[t->n] = 0;
}

void text_vadd(Text *t, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    if (n < 0) n = 0; /* a text of more than INT_MAX is none */
    reserve(t, (size_t)n);
    vsnprintf(t->s + t->n, (size_t)n + 1, fmt, again);
    va_end(again);
    t->n += (size_t)n;
}

void text_add(Text *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    text_vadd(t, fmt, ap);
    va_end(ap);
}

void text_line(Text *t, const char *fmt, ...)
{
    size_t start = t->n;
    for (int i = 0; i < t->indent; i++) text_put(t, "    ", 4);
    size_t body = t->n;
    va_list ap;
    va_start(ap, fmt);
    text_vadd(t, fmt, ap);
    va_end(ap);
    if (t->n == body) t->n = start; /* no spaces on an empty line */
    text_put(t, "\n", 1);
}
