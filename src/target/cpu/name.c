/* Identifiers of the emitted text: named after the source, unique among the declarations that are
   live at a place, and never a word that C, the prelude or the frame of a launch uses. */
#include "target/cpu/cpu.h"
#include <string.h>

extern const char target_cpu_prelude_h[];

static const char taken[] =
    " auto break case char const continue default do double else enum extern float for goto if "
    "inline int long register restrict "
    "return short signed sizeof static struct switch typedef union unsigned void volatile while "
    "asm typeof bool true false main "
    "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t size_t memcpy memset malloc "
    "free aligned_alloc NULL INFINITY "
    "NAN INT64_MAX INT64_MIN linux unix i386 my args call with block scratch fault KILN ";

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool has_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += n)
        if ((at == text || !word_char(at[-1])) && !word_char(at[n])) return true;
    return false;
}

bool cpu_code_has(Emit *e, const char *text, const char *word)
{
    Text code = text_new(&e->cx->arena);
    for (const char *at = text; *at;) {
        const char *comment = strstr(at, "/*"), *end = comment ? strstr(comment, "*/") : NULL;
        text_put(&code, at, comment ? (size_t)(comment - at) : strlen(at));
        at = end ? end + 2 : "";
    }
    return has_word(code.s, word);
}

/* the functions that operations are spelled with must not be hidden; with f and without, as the
 * type asks */
static bool spells_op(Cx *cx, const char *name)
{
    const char *twin = arena_printf(&cx->arena, "%sf", name);
    for (int op = 0; op < NOP; op++)
        if (op_info[op].c && (has_word(op_info[op].c, name) || has_word(op_info[op].c, twin)))
            return true;
    return false;
}

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
            has_word(target_cpu_prelude_h, arena_printf(&cx->arena, "%s%s", stem, ending[i])))
            return true;
    return stem != name && has_word(" left right sum ", stem);
}

/* NAME, NAME_args, NAME_0, NAME_0_tiles ... */
static bool is_global(const char *symbol, const char *name)
{
    size_t n = strlen(symbol);
    if (strncmp(name, symbol, n) != 0) return false;
    return !name[n] ||
           (name[n] == '_' && (has_word(" args call place workspace error ", name + n + 1) ||
                               (name[n + 1] >= '0' && name[n + 1] <= '9')));
}

static bool reserved(Cx *cx, const char *symbol, const char *name)
{
    return has_word(taken, name) || spells_op(cx, name) || is_made(cx, name) ||
           (symbol && is_global(symbol, name)) ||
           (name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z')));
}

/* the dialect allows letters beyond ASCII, the text does not */
static const char *plain_letters(Cx *cx, const char *want)
{
    char *s = arena_copy(&cx->arena, want && *want ? want : "v", want && *want ? strlen(want) : 1);
    for (char *c = s; *c; c++)
        if (!word_char(*c)) *c = '_';
    return *s >= '0' && *s <= '9' ? arena_printf(&cx->arena, "v%s", s) : s;
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
    const char *s = plain_letters(cx, want);
    return reserved(cx, NULL, s) || has_word(library, s) ? arena_printf(&cx->arena, "%s_kernel", s)
                                                         : s;
}

static bool live(const Emit *e, const char *name)
{
    for (int i = 0; i < e->nname; i++)
        if (!strcmp(e->name[i].name, name)) return true;
    return false;
}

const char *cpu_name_new(Emit *e, const void *object, const char *want)
{
    const char *base = plain_letters(e->cx, want);
    if (reserved(e->cx, e->symbol, base))
        base = arena_printf(&e->cx->arena, "%s_var", base[0] == '_' ? "name" : base);
    const char *name = base;
    for (int k = 1; live(e, name); k++) name = arena_printf(&e->cx->arena, "%s_%d", base, k);
    if (e->nname == MAXNAME)
        fail(e->cx, E0903, e->prog->span, "divide the program into more launches",
             "more than %d names at one place", MAXNAME);
    e->name[e->nname].object = object;
    e->name[e->nname++].name = name;
    return name;
}

const char *cpu_name_of(const Emit *e, const void *object)
{
    for (int i = e->nname - 1; i >= 0; i--)
        if (e->name[i].object == object) return e->name[i].name;
    return NULL;
}

void cpu_name_drop(Emit *e, int mark)
{
    e->nname = mark;
}
