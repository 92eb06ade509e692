/* Names of the C text: what the emitter and its prelude make themselves. */
#include "target/cpu/cpu.h"
#include <string.h>

extern const char target_cpu_prelude_h[];

/* the names that the emitter and the prelude make with the short name of a type at the end:
 * k_max_f32, left_f64, bf16_to ... */
static bool is_made(Cx *cx, const char *name)
{
    static const char *const ending[] = {"", "_num", "_elem", "_elem_num"};
    const char *stem = name;
    for (int t = 1; t < NDTYPE; t++) {
        size_t n = strlen(stem), m = strlen(cpu_short((DType)t));
        if (n > m + 1 && stem[n - m - 1] == '_' && !strcmp(stem + n - m, cpu_short((DType)t))) {
            stem = arena_copy(&cx->arena, stem, n - m - 1);
            t = 0;
        }
    }
    for (int i = 0; i < COUNT(ending); i++)
        if (strchr(stem, '_') &&
            text_has_word(target_cpu_prelude_h, arena_printf(&cx->arena, "%s%s", stem, ending[i])))
            return true;
    return stem != name && text_has_word(" left right sum ", stem);
}

/* NAME, NAME_args, NAME_0, NAME_0_tiles ... */
static bool is_global(const char *symbol, const char *name)
{
    size_t n = strlen(symbol);
    if (strncmp(name, symbol, n) != 0) return false;
    return !name[n] ||
           (name[n] == '_' && (text_has_word(" args call place workspace error ", name + n + 1) ||
                               (name[n + 1] >= '0' && name[n + 1] <= '9')));
}

static bool also(Cx *cx, const NameRules *r, const char *name)
{
    return is_made(cx, name) || (r->symbol && is_global(r->symbol, name));
}

NameRules cpu_name_rules(const char *symbol)
{
    static const char words[] = " memcpy memset malloc free aligned_alloc NULL INFINITY NAN "
                                "INT64_MAX INT64_MIN linux unix i386 "
                                "my args call with block scratch fault KILN ";
    return (NameRules){words, target_cpu_prelude_h, also, symbol};
}

const char *cpu_symbol(Cx *cx, const char *want)
{
    /* words of the C library that a kernel may well be called by, and that the text's headers
     * declare */
    static const char library[] =
        " abs labs div exit abort system random rand remove rename index select copysign fma fmax "
        "fmin pow sqrt cbrt sin cos tan round trunc "
        "nearbyint rint erf erfc gamma j0 j1 jn y0 y1 yn scalb hypot remainder drem strlen strcpy "
        "memcmp memmove memccpy bcopy bzero "
        "atoi qsort bsearch getenv putenv calloc realloc ";
    const NameRules rules = cpu_name_rules(NULL);
    const char *s = name_plain(cx, want);
    return name_reserved(cx, &rules, s) || text_has_word(library, s)
               ? arena_printf(&cx->arena, "%s_kernel", s)
               : s;
}
