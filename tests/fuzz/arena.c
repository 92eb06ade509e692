/* An arena for finding mistakes: as base/mem.c, but what lies between two requests may not be touched (under AddressSanitizer), and the
   n-th request may be made to fail. Takes the place of base/mem.c in test builds. */
#include "base/base.h"
#include "arena.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, n) ((void)(at), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(at, n) ((void)(at), (void)(n))
#endif

struct Chunk {
    Chunk *next;
    size_t size, used;
    _Alignas(16) unsigned char at[];
};

enum { CHUNK = 16 * 1024, GAP = 16 };
ArenaTest arena_test;

static Chunk *chunk_new(const Arena *a, size_t size)
{
    Chunk *c = calloc(1, sizeof(Chunk) + size);
    if (!c && a->cx) leave_exhausted(a->cx, false);
    if (!c) abort();
    c->size = size;
    arena_test.live++;
    ASAN_POISON_MEMORY_REGION(c->at, size);
    return c;
}

void *arena_alloc(Arena *a, size_t size)
{
    size_t exact = size ? size : 1;
    if (a->cx) arena_test.requests++;
    bool fails = arena_test.requests == arena_test.fail_at || (arena_test.fail_at && arena_test.forever && arena_test.requests > arena_test.fail_at);
    if (fails && a->cx) leave_exhausted(a->cx, false);
    if (size > (size_t)1 << 46) size = (size_t)1 << 46;
    size = ((size + 15) & ~(size_t)15) + GAP;
    if (a->limit && size > a->limit - MIN(a->used, a->limit)) leave_exhausted(a->cx, true);
    if (!a->first || a->first->used + size > a->first->size) {
        Chunk *c = chunk_new(a, size > CHUNK ? size : CHUNK);
        c->next = a->first;
        a->first = c;
    }
    void *p = a->first->at + a->first->used;
    ASAN_UNPOISON_MEMORY_REGION(p, exact);
    a->first->used += size;
    a->used += size;
    return p;
}

void arena_free(Arena *a)
{
    for (Chunk *c = a->first, *next; c; c = next) {
        next = c->next;
        ASAN_UNPOISON_MEMORY_REGION(c->at, c->size);
        free(c);
        arena_test.live--;
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
