/* What of a scope is written in the dialect itself: prelude/SCOPE.py, and prelude/SCOPE-PART.py for
   what works on the program that grows. Each text is parsed when one of its names is asked for. What
   goes wrong in it is told where the program calls it: a function of a part stands at the place of
   the call. */
#include "lang/dialect.h"
#include <string.h>

extern const Embedded lang_prelude[];

static bool is_part(const Embedded *e)
{
    return strchr(e->name, '-') != NULL;
}

static bool of_scope(const Embedded *e, const char *scope)
{
    size_t n = strlen(scope);
    return !strncmp(e->name, scope, n) && (e->name[n] == '-' || !strcmp(e->name + n, ".py"));
}

static Module *load(Eval *ev, const Embedded *e)
{
    for (Module *m = ev->modules; m; m = m->next)
        if (m->prelude == e) return m;
    Module *m = module_text(ev, arena_printf(&ev->cx->arena, "<prelude/%s>", e->name), e->text);
    m->prelude = e;
    return m;
}

bool prelude_lookup(Eval *ev, const char *scope, const char *name, Value *out)
{
    static const char *const forms[] = {"\ndef %s(", "\nclass %s:", "\nclass %s(", "\n%s = "};
    for (const Embedded *e = lang_prelude; e->name; e++) {
        bool here = of_scope(e, scope), there = here && !is_part(e);
        for (int i = 0; here && !there && i < COUNT(forms); i++)
            there = strstr(e->text, arena_printf(&ev->cx->arena, forms[i], name)) != NULL;
        if (there && module_lookup(ev, load(ev, e), intern(ev->cx, name), out)) return true;
    }
    return false;
}

int prelude_names(Eval *ev, const char *scope, const char **names, int cap)
{
    int n = 0;
    for (const Embedded *e = lang_prelude; e->name; e++)
        if (of_scope(e, scope)) n += module_names(load(ev, e), names + n, cap - n);
    return n;
}

Value prelude_call(Eval *ev, const char *name, const Value *arg, int n, Span at)
{
    Value f;
    if (!prelude_lookup(ev, "kiln", name, &f))
        eval_fail(ev, E0902, at, NULL, "the prelude has no '%s'", name);
    return call_simple(ev, f, arg, n, at);
}

static void stamp(Node *n, Span at)
{
    n->span = at;
    for (int k = 0; k < COUNT(n->kid); k++)
        for (Node *kid = n->kid[k]; kid; kid = kid->next) stamp(kid, at);
}

void prelude_blame(const Func *f, Span at)
{
    const Embedded *e = f->env->module->prelude;
    if (e && is_part(e)) stamp((Node *)f->node, at);
}

/* the function of a part that the program itself called */
Span prelude_place(Eval *ev, const char *param, Span otherwise)
{
    const Frame *f = NULL;
    for (const Frame *g = ev->frame; g && g->func && g->func->env->module->prelude; g = g->outer)
        f = g;
    const Args *a = f ? f->args : NULL;
    for (int i = 0; a && i < a->named.n; i++)
        if (!strcmp(a->names.at[i].s, param)) return a->named_at ? a->named_at[i] : otherwise;
    int k = 0;
    for (const Node *p = a ? f->func->node->items : NULL; p; p = p->next, k++)
        if (!strcmp(p->name, param)) return k < a->pos.n && a->pos_at ? a->pos_at[k] : otherwise;
    return otherwise;
}
