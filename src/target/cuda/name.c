/* Identifiers of the emitted text: named after the source, unique among the declarations that are
   live at a place, and never a word that C++, the prelude or the frame of a kernel uses. */
#include <string.h>
#include "target/cuda/emit.h"

extern const char target_cuda_prelude_cuh[];

static const char keywords[] = "alignas alignof and and_eq asm auto bitand bitor bool break case "
                               "catch char class compl const const_cast constexpr "
                               "continue decltype default delete do double dynamic_cast else enum "
                               "explicit export extern false float for friend goto "
                               "if inline int long mutable namespace new noexcept not not_eq "
                               "nullptr operator or or_eq private protected public "
                               "register reinterpret_cast return short signed sizeof static "
                               "static_assert static_cast struct switch template this "
                               "thread_local throw true try typedef typeid typename union unsigned "
                               "using virtual void volatile wchar_t while xor "
                               "xor_eq main threadIdx blockIdx blockDim gridDim warpSize size_t u8 "
                               "u16 u32 u64 i64 smem tid bars warp";

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool cuda_text_has_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += n) {
        bool starts = at == text || !word_char(at[-1]);
        if (starts && !word_char(at[n])) return true;
    }
    return false;
}

/* does `text` call, define or name as a template or a type something of this name? Its local
 * variables do not matter. */
static bool declares(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += n) {
        if ((at > text && word_char(at[-1])) || word_char(at[n])) continue;
        bool type = at - text > 7 &&
                    (strncmp(at - 7, "struct ", 7) == 0 || strncmp(at - 8, "#define ", 8) == 0);
        if (type || at[n] == '(' || at[n] == '<') return true;
    }
    return false;
}

/* no number behind such a name makes it free */
static bool reserved_beginning(const char *name)
{
    return name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z'));
}

/* an operation is spelled with functions that must not be hidden either */
static bool reserved(const char *name)
{
    if (cuda_text_has_word(keywords, name) || declares(target_cuda_prelude_cuh, name)) return true;
    for (int op = 0; op < NOP; op++)
        if (op_info[op].cuda && declares(op_info[op].cuda, name)) return true;
    return reserved_beginning(name);
}

static bool live(const Emit *e, const char *name)
{
    for (int i = 0; i < e->nname; i++)
        if (strcmp(e->name[i].name, name) == 0) return true;
    return false;
}

/* the dialect allows letters beyond ASCII; the text does not */
static const char *plain_letters(Emit *e, const char *want)
{
    char *s = arena_copy(&e->cx->arena, want, strlen(want));
    for (char *c = s; *c; c++)
        if (!word_char(*c)) *c = '_';
    bool begins = *s && !(*s >= '0' && *s <= '9') && !reserved_beginning(s);
    return begins ? s : arena_printf(&e->cx->arena, "v%s", s);
}

const char *cuda_name_new(Emit *e, const void *object, const char *want)
{
    const char *base = plain_letters(e, want ? want : "v"), *name = base;
    for (int k = 1; reserved(name) || live(e, name); k++)
        name = arena_printf(&e->cx->arena, "%s_%d", base, k);
    if (e->nname == MAXNAME)
        fail(e->cx, E0901, e->plan->launch->span, NULL,
             "launch '%s' has more than %d names at one place", e->plan->launch->name, MAXNAME);
    e->name[e->nname++] = (NameOf){object, name, false};
    return name;
}

const char *cuda_name_of(Emit *e, const void *object)
{
    for (int i = e->nname - 1; i >= 0; i--)
        if (e->name[i].object == object) {
            e->name[i].used = true;
            return e->name[i].name;
        }
    return NULL;
}

bool cuda_name_used(const Emit *e, const void *object)
{
    for (int i = e->nname - 1; i >= 0; i--)
        if (e->name[i].object == object) return e->name[i].used;
    return false;
}

int cuda_name_mark(const Emit *e)
{
    return e->nname;
}

void cuda_name_drop(Emit *e, int mark)
{
    e->nname = mark;
}
