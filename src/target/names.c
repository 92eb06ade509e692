/* Identifiers of emitted text, for every target: named after the source, unique among the
   declarations that are live at a place, never a word of the language, of the target's prelude or
   of the frame around a launch. */
#include "target/emitter.h"
#include <string.h>

struct Emit {
    EMITTER
};

/* of C and C++ both: a text may be read by either */
static const char keywords[] = " alignas alignof and and_eq asm auto bitand bitor bool break case "
                               "catch char class compl const const_cast constexpr continue "
                               "decltype default delete do double dynamic_cast else enum explicit "
                               "export extern false float for friend goto if inline int long "
                               "mutable namespace new noexcept not not_eq nullptr operator or "
                               "or_eq private protected public register reinterpret_cast restrict "
                               "return short signed sizeof static static_assert static_cast struct "
                               "switch template this thread_local throw true try typedef "
                               "typeid typename typeof union unsigned using virtual void volatile "
                               "wchar_t while xor xor_eq main size_t uintptr_t int8_t int16_t "
                               "int32_t int64_t uint8_t uint16_t uint32_t uint64_t ";

bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* the next place where `word` stands by itself, or NULL */
static const char *find_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += n)
        if ((at == text || !name_char(at[-1])) && !name_char(at[n])) return at;
    return NULL;
}

bool text_has_word(const char *text, const char *word)
{
    return find_word(text, word) != NULL;
}

bool code_has_word(Cx *cx, const char *text, const char *word)
{
    Text code = text_new(&cx->arena);
    for (const char *at = text; *at;) {
        const char *comment = strstr(at, "/*"), *end = comment ? strstr(comment, "*/") : NULL;
        text_put(&code, at, comment ? (size_t)(comment - at) : strlen(at));
        at = end ? end + 2 : "";
    }
    return text_has_word(code.s, word);
}

/* does `text` call, define or name as a type or a template something of this name? Its local
 * variables do not matter */
static bool declares(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = text; (at = find_word(at, word)); at += n) {
        bool type = (at - text >= 7 && !strncmp(at - 7, "struct ", 7)) ||
                    (at - text >= 8 && !strncmp(at - 8, "#define ", 8));
        if (type || at[n] == '(' || at[n] == '<') return true;
    }
    return false;
}

/* the functions that operations are spelled with; a row may be written with the f of float, or
 * without */
static bool spells_op(Cx *cx, const char *name)
{
    const char *twin = arena_printf(&cx->arena, "%sf", name);
    for (int op = 0; op < NOP; op++) {
        const char *text[] = {op_info[op].c, op_info[op].cuda};
        for (int i = 0; i < COUNT(text); i++)
            if (text[i] && (declares(text[i], name) || declares(text[i], twin))) return true;
    }
    return false;
}

bool name_reserved(Cx *cx, const NameRules *rules, const char *name)
{
    bool ours = name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z'));
    return ours || text_has_word(keywords, name) || text_has_word(rules->words, name) ||
           declares(rules->prelude, name) || spells_op(cx, name) ||
           (rules->also && rules->also(cx, rules, name));
}

const char *name_plain(Cx *cx, const char *want)
{
    if (!want || !*want) want = "v";
    char *s = arena_copy(&cx->arena, want, strlen(want));
    for (char *c = s; *c; c++)
        if (!name_char(*c)) *c = '_';
    return (*s >= '0' && *s <= '9') || *s == '_' ? arena_printf(&cx->arena, "var%s", s) : s;
}

static bool live(const Names *n, const char *name)
{
    for (int i = 0; i < n->n; i++)
        if (!strcmp(n->at[i].name, name)) return true;
    return false;
}

const char *name_as(Emit *e, const void *what, const char *name)
{
    Names *n = &e->names;
    if (n->n == MAXNAME)
        fail(e->cx, E0903, (Span){0}, "divide the program into more launches",
             "more than %d names at one place", MAXNAME);
    n->at[n->n++] = (Named){what, name};
    return name;
}

const char *name_new(Emit *e, const void *what, const char *want)
{
    const char *base = name_plain(e->cx, want);
    if (name_reserved(e->cx, e->names.rules, base)) base = emit_f(e, "var_%s", base);
    const char *name = base;
    for (int k = 1; live(&e->names, name); k++) name = emit_f(e, "%s_%d", base, k);
    return name_as(e, what, name);
}

bool name_used(const Emit *e, const void *what)
{
    for (int i = 0; i < e->names.nused; i++)
        if (e->names.used[i] == what) return true;
    return false;
}

const char *name_of(Emit *e, const void *what)
{
    Names *n = &e->names;
    int i = n->n - 1;
    while (i >= 0 && n->at[i].what != what) i--;
    if (name_used(e, what)) return i < 0 ? NULL : n->at[i].name;
    if (n->nused == n->capused) {
        n->capused = MAX(64, 2 * n->capused);
        const void **more = NEWN(&e->cx->arena, const void *, n->capused);
        if (n->nused) memcpy(more, n->used, sizeof *more * (size_t)n->nused);
        n->used = more;
    }
    n->used[n->nused++] = what;
    return i < 0 ? NULL : n->at[i].name;
}

void name_program(Emit *e)
{
    const Prog *p = e->prog;
    for (int i = 0; i < p->nparam; i++)
        if (p->param[i].buf)
            name_new(e, p->param[i].buf, p->param[i].buf->name);
        else
            name_new(e, p->param[i].scalar, p->param[i].scalar->name);
    for (int i = 0; i < p->ntemp; i++) name_new(e, p->temp[i], p->temp[i]->name);
    for (int i = 0; i < p->nsize; i++) name_new(e, p->size[i], p->size[i]->name);
}
