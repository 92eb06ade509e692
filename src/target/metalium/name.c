/* Identifiers of the emitted kernels: named after the source, unique among the declarations that
   are live at a place, and never a word that C++ or the kernel interface uses. */
#include "target/metalium/metalium.h"
#include <string.h>

extern const char target_metalium_prelude_hpp[];

static const char taken[] =
    " alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl "
    "const constexpr continue decltype default delete do "
    "double else enum explicit export extern false float for friend goto if inline int long "
    "mutable namespace new noexcept not not_eq nullptr "
    "operator or or_eq private protected public register return short signed sizeof static struct "
    "switch template this throw true try typedef "
    "typeid typename union unsigned using virtual void volatile while xor xor_eq int32_t uint32_t "
    "int64_t uint64_t uint8_t uint16_t uintptr_t "
    "size_t kernel_main ckernel tt scratch memory first count block bits l1 L1 main ";

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

static bool reserved(const char *name)
{
    return has_word(taken, name) || !strncmp(name, "cb_", 3) || !strncmp(name, "noc_", 4) ||
           !strncmp(name, "k_", 2) || !strncmp(name, "get_", 4) ||
           (strlen(name) > 5 && !strcmp(name + strlen(name) - 5, "_tile")) ||
           (strchr(name, '_') && has_word(target_metalium_prelude_hpp, name)) || name[0] == '_';
}

const char *tt_plain(Cx *cx, const char *want)
{
    char *s = arena_copy(&cx->arena, want && *want ? want : "v", want && *want ? strlen(want) : 1);
    for (char *c = s; *c; c++)
        if (!word_char(*c)) *c = '_';
    return *s >= '0' && *s <= '9' ? arena_printf(&cx->arena, "v%s", s) : s;
}

static bool live(const Emit *e, const char *name)
{
    for (int i = 0; i < e->nname; i++)
        if (!strcmp(e->name[i].name, name)) return true;
    return false;
}

const char *tt_name_new(Emit *e, const void *what, const char *want)
{
    const char *plain = tt_plain(e->cx, want), *name = plain;
    if (reserved(name))
        name = arena_printf(&e->cx->arena, "%s_%s", plain, *plain == '_' ? "v" : "");
    for (int k = 2; live(e, name); k++) name = arena_printf(&e->cx->arena, "%s_%d", plain, k);
    if (e->nname == MAXNAMED)
        fail(e->cx, E0903, (Span){0}, NULL, "more than %d names are live in one kernel", MAXNAMED);
    e->name[e->nname].what = what;
    e->name[e->nname++].name = name;
    return name;
}

const char *tt_name(Emit *e, const void *what)
{
    for (int i = e->nname; i-- > 0;)
        if (e->name[i].what == what) return e->name[i].name;
    return NULL;
}

void tt_name_drop(Emit *e, int nname)
{
    e->nname = MIN(e->nname, nname);
}
