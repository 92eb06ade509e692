/* The tables of the compiler as text: one header line, then one line a row, columns separated by
   tabs. The manual and the tests read them from here, so they cannot drift. */
#include "api/api.h"
#include <string.h>

static const char *word(const char *s)
{
    return s ? s : "-";
}

static void table_targets(Text *t)
{
    text_add(t, "target\troles\tshared\thelp\n");
    for (int i = 0; targets[i]; i++)
        text_add(t, "%s\t%d\t%lld\t%s\n", targets[i]->name, targets[i]->limits->roles,
                 (long long)targets[i]->limits->shared, targets[i]->help);
}

static void table_devices(Text *t)
{
    text_add(t, "device\ttarget\tpresent\thelp\n");
    for (int i = 0; devices[i]; i++) {
        const char *why = NULL;
        bool there = !devices[i]->present || devices[i]->present(&why);
        text_add(t, "%s\t%s\t%s\t%s\n", devices[i]->name, word(devices[i]->target),
                 there ? "yes" : word(why), devices[i]->help);
    }
}

static void table_passes(Text *t)
{
    text_add(t, "pass\thelp\n");
    for (const Pass *p = passes; p->name; p++) text_add(t, "%s\t%s\n", p->name, p->help);
}

static void table_ops(Text *t)
{
    text_add(t, "op\targs\trule\tsource\tnumpy\tdomain\tcpu\tcuda\tmetalium\n");
    for (int i = 0; i < NOP; i++) {
        const OpInfo *o = &op_info[i];
        text_add(t, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", o->name, o->nargs, rule_name[o->rule],
                 o->source, o->numpy, o->domain, word(o->c), word(o->cuda), word(o->tt));
    }
}

static void table_tileops(Text *t)
{
    text_add(t, "tileop\toperands\tengine\thelp\n");
    for (int i = 0; i < NTILEOP; i++)
        text_add(t, "%s\t%s\t%s\t%s\n", tileop_info[i].name, tileop_info[i].operands,
                 tileop_info[i].engine == ENGINE_MOVE ? "move" : "compute", tileop_info[i].help);
}

static void table_dtypes(Text *t)
{
    text_add(t, "dtype\tbits\tclass\tcpu\tcuda\tmetalium\n");
    for (int i = 1; i < NDTYPE; i++)
        text_add(t, "%s\t%d\t%s\t%s\t%s\t%s\n", dtype_info[i].name, dtype_info[i].bits,
                 class_name[dtype_info[i].cls], word(dtype_info[i].c), word(dtype_info[i].cuda),
                 word(dtype_info[i].tt));
}

static void table_errors(Text *t)
{
    text_add(t, "code\tkind\ttitle\twhy\n");
    for (int i = 0; i < NERR; i++)
        text_add(t, "%s\t%s\t%s\t%s\n", err_info[i].name, diag_kind_name[err_info[i].kind],
                 err_info[i].title, diag_why(t->arena, (ErrCode)i));
}

/* what -W and -R take */
static void table_warnings(Text *t)
{
    char slug[96];
    text_add(t, "name\tcode\tkind\tshown\n");
    for (int i = 0; i < NERR; i++) {
        Kind kind = err_info[i].kind;
        if (kind < K_WARNING) continue;
        message_slug((ErrCode)i, slug, sizeof slug);
        text_add(t, "%s\t%s\t%s\t%s\n", slug, err_info[i].name, diag_kind_name[kind],
                 kind == K_WARNING ? "yes" : "with -R");
    }
}

static void table_library(Text *t)
{
    text_add(t, "operator\tprogram\twhat it computes\n");
    for (const Operator *o = operators; o->name; o++)
        text_add(t, "lib:%s\tlib/%s\t%s\n", o->name, o->program, o->help);
}

static const struct {
    const char *name;
    void (*fill)(Text *);
} tables[] = {
    {"targets", table_targets}, {"devices", table_devices}, {"passes", table_passes},
    {"ops", table_ops},         {"tileops", table_tileops}, {"dtypes", table_dtypes},
    {"errors", table_errors},   {"library", table_library}, {"warnings", table_warnings},
    {"builtins", driver_builtins},
    {"doctor", machine_facts},
    {"language", driver_language},
};

static void table_job(Job *j)
{
    arena_free(&j->owner->shown);
    for (int i = 0; i < COUNT(tables); i++)
        if (strcmp(j->name, tables[i].name) == 0) {
            Text t = text_new(&j->owner->shown);
            tables[i].fill(&t);
            j->out = t.s;
        }
}

const char *kiln_table(kiln_context *cx, const char *name)
{
    Job j = {.owner = cx, .name = name};
    return shelter(&j, table_job) ? j.out : NULL;
}

/* "E0301", "e0301" or "301" */
static void explain_job(Job *j)
{
    const char *digits = j->name + (j->name[0] == 'E' || j->name[0] == 'e');
    arena_free(&j->owner->shown);
    digits += strspn(digits, "0");
    for (const ErrInfo *e = err_info; e < err_info + NERR; e++)
        if (*digits && strcmp(digits, e->name + 1 + strspn(e->name + 1, "0")) == 0)
            j->out = arena_printf(&j->owner->shown, "%s (%s): %s\n\n%s\n", e->name, diag_kind_name[e->kind], e->title,
                                  e->explain);
}

const char *kiln_explain(kiln_context *cx, const char *code)
{
    Job j = {.owner = cx, .name = code};
    return shelter(&j, explain_job) ? j.out : NULL;
}
