/* Which sections of the prelude a program needs. A section begins with a line "/ * ==== name: needs
   ==== * /"; what it needs is a list of sections, each alone or as name.type; without a type it
   gets the type of the section that asks. */
#include "target/cpu/cpu.h"
#include <string.h>

extern const char target_cpu_prelude_h[];

static const char open_mark[] = "/* ==== ", close_mark[] = " ==== */\n";

typedef struct {
    const char *name, *needs, *text;
    size_t nname, nneeds, ntext;
} Section;

/* the section that begins at or after `at`; false at the end */
static bool section_next(const char **at, Section *s)
{
    const char *p = strstr(*at, open_mark);
    if (!p) return false;
    s->name = p + strlen(open_mark);
    const char *colon = strchr(s->name, ':'), *end = strstr(s->name, close_mark);
    s->nname = (size_t)(colon - s->name);
    s->needs = colon + 1;
    s->nneeds = end > s->needs ? (size_t)(end - s->needs) : 0;
    s->text = end + strlen(close_mark);
    const char *next = strstr(s->text, open_mark);
    s->ntext = next ? (size_t)(next - s->text) : strlen(s->text);
    while (s->ntext && s->text[s->ntext - 1] == '\n') s->ntext--;
    *at = s->text;
    return true;
}

static bool section_find(const char *name, Section *s)
{
    const char *at = target_cpu_prelude_h;
    while (section_next(&at, s))
        if (strlen(name) == s->nname && !memcmp(name, s->name, s->nname)) return true;
    return false;
}

bool cpu_has(const char *section)
{
    Section s;
    return section_find(section, &s);
}

static bool mentions(const Section *s, const char *word)
{
    const char *p = strstr(s->text, word);
    return p && p < s->text + s->ntext;
}

static DType type_of_short(const char *name, size_t n)
{
    for (int t = 1; t < NDTYPE; t++)
        if (strlen(cpu_short((DType)t)) == n && !memcmp(cpu_short((DType)t), name, n))
            return (DType)t;
    return DT_none;
}

void cpu_need(Emit *e, const char *name, DType num, DType elem)
{
    Section s;
    if (!section_find(name, &s))
        fail(e->cx, E0902, (Span){0}, NULL, "the cpu prelude has no section '%s'", name);
    num = mentions(&s, "_num") ? num : DT_none;
    elem = mentions(&s, "_elem") ? elem : DT_none;
    for (int i = 0; i < e->nneed; i++)
        if (!strcmp(e->need[i].section, name) && e->need[i].num == num && e->need[i].elem == elem)
            return;
    if (e->nneed == MAXNEED)
        fail(e->cx, E0902, (Span){0}, NULL, "more than %d pieces of the cpu prelude", MAXNEED);
    e->need[e->nneed].section = intern(e->cx, name);
    e->need[e->nneed].num = num;
    e->need[e->nneed++].elem = elem;
    for (const char *p = s.needs, *end = s.needs + s.nneeds; p < end; p++) {
        size_t n = 0, dot;
        while (p + n < end && p[n] != ' ') n++;
        for (dot = 0; dot < n && p[dot] != '.'; dot++)
            ;
        if (n)
            cpu_need(e, intern_n(e->cx, p, dot),
                     dot < n ? type_of_short(p + dot + 1, n - dot - 1) : num, elem);
        p += n;
    }
}

/* the section with its types filled in: num_t, _num, elem_t, _elem, elem_value() */
static void section_put(Emit *e, const Section *s, DType num, DType elem, Text *out)
{
    bool narrow = elem && dtype_is_float(elem) && dtype_info[elem].bits < 32;
    const struct {
        const char *word, *by;
    } sub[] = {
        {"num_t", num ? dtype_info[num].c : ""},
        {"_num", num ? emit_f(e, "_%s", cpu_short(num)) : ""},
        {"elem_t", elem ? dtype_info[elem].c : ""},
        {"_elem", elem ? emit_f(e, "_%s", cpu_short(elem)) : ""},
        {"elem_back", narrow ? emit_f(e, "%s_from", cpu_short(elem))
                      : elem ? emit_f(e, "(%s)", dtype_info[elem].c)
                             : ""},
        {"elem_value", narrow               ? emit_f(e, "%s_to", cpu_short(elem))
                       : num && num != elem ? emit_f(e, "(%s)", dtype_info[num].c)
                                            : ""},
    };
    for (size_t i = 0; i < s->ntext;) {
        int k = 0;
        for (; k < COUNT(sub); k++)
            if (!strncmp(s->text + i, sub[k].word, strlen(sub[k].word))) break;
        if (k < COUNT(sub)) {
            text_put(out, sub[k].by, strlen(sub[k].by));
            i += strlen(sub[k].word);
        } else {
            text_put(out, s->text + i++, 1);
        }
    }
    text_put(out, "\n\n", 2);
}

void cpu_prelude(Emit *e, Text *out)
{
    Section s;
    for (const char *at = target_cpu_prelude_h; section_next(&at, &s);)
        for (int i = 0; i < e->nneed; i++)
            if (strlen(e->need[i].section) == s.nname &&
                !memcmp(e->need[i].section, s.name, s.nname))
                section_put(e, &s, e->need[i].num, e->need[i].elem, out);
}
