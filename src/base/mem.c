/* An arena: chunks chained together, freed as one. Compile-side code allocates and never frees. */
#include "base/base.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct Chunk {
    Chunk *next;
    size_t size, used;
    _Alignas(16) unsigned char at[];
};

enum { CHUNK = 64 * 1024 };
#define LARGEST ((size_t)1 << 46)   /* a size beyond it is a mistake in a multiplication: no machine has it */

/* A request that cannot be met leaves to the outermost guard of the arena's compilation. */
static Chunk *chunk_new(const Arena *a, size_t size)
{
    Chunk *c = calloc(1, sizeof(Chunk) + size);
    if (!c && a->cx) leave_exhausted(a->cx, false);
    if (!c) abort();
    c->size = size;
    return c;
}

void *arena_alloc(Arena *a, size_t size)
{
    size = size < LARGEST ? (size + 15) & ~(size_t)15 : LARGEST;
    if (size == 0) size = 16;
    if (a->limit && size > a->limit - MIN(a->used, a->limit)) leave_exhausted(a->cx, true);
    if (!a->first || a->first->used + size > a->first->size) {
        Chunk *c = chunk_new(a, size > CHUNK ? size : CHUNK);
        c->next = a->first;
        a->first = c;
    }
    void *p = a->first->at + a->first->used;
    a->first->used += size;
    a->used += size;
    return p;
}

void arena_free(Arena *a)
{
    for (Chunk *c = a->first, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    *a = (Arena){.limit = a->limit, .cx = a->cx};
}

char *arena_copy(Arena *a, const char *s, size_t n)
{
    char *p = arena_alloc(a, n + 1);
    if (n) memcpy(p, s, n);
    return p;
}

char *arena_printf(Arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = arena_alloc(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}
