/* Which kernel of a file, and what is given for it: FILE:NAME, FILE:outer.inner, -D name=value. */
#include "lang/lang.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- which kernel ---- */

bool def_decorated(const Node *def, const char *name)
{
    for (const Node *d = def->orelse; d; d = d->next)
        if (d->kind != N_sub && ast_called(d, name)) return true;
    return false;
}

static bool see_launch(const Node *n, const char *name)
{
    return see_call(n, name) || see_call(n, "ClusterKernel");
}

bool def_has_kernel(const Node *n, bool inner)
{
    return ast_find(n, see_launch, "Kernel", inner);
}

bool def_is_kernel(const Node *n)
{
    if (n->kind != N_def || def_decorated(n, "macro")) return false;
    return def_decorated(n, "prim_func") || def_decorated(n, "jit") || def_has_kernel(n->body, true);
}

static int kernel_names(const Node *module, const char **names, int cap)
{
    int n = 0;
    for (const Node *s = module->body; s && n < cap; s = s->next)
        if (def_is_kernel(s)) names[n++] = s->name;
    return n;
}

static const char *choose(Eval *ev, const Node *module)
{
    const char *names[256];
    int n = kernel_names(module, names, COUNT(names));
    if (n == 1) return names[0];
    Text all = text_new(&ev->cx->arena);
    Span at = {module->span.file, 0, 0};
    for (int i = 0; i < n; i++) text_add(&all, "%s%s", i ? ", " : "", names[i]);
    if (!n)
        eval_fail(ev, E0210, at,
                  "a kernel is a function with T.Kernel in it; a function that makes one "
                  "elsewhere is named as FILE:NAME",
                  "there is no kernel in this file");
    eval_fail(ev, E0210, at, "name one as FILE:KERNEL", "there are %d kernels in this file: %s", n, all.s);
}

/* the k-th definition of that name in these statements, blocks included; NULL */
static const Node *find_def(const Node *list, const char *name, int *k)
{
    for (; list; list = list->next) {
        const Node *found = NULL;
        bool def = list->kind == N_def || list->kind == N_class;
        if (def && list->name == name && --*k == 0) return list;
        if (!def) found = find_def(list->body, name, k);
        if (!def && !found && list->kind != N_item) found = find_def(list->orelse, name, k);
        if (found) return found;
    }
    return NULL;
}

/* "name" or "name#k", the next part of a dotted name */
static const char *next_part(Eval *ev, const char **s, int *k)
{
    size_t len = strcspn(*s, "."), n = MIN(strcspn(*s, "#"), len);
    const char *name = intern_n(ev->cx, *s, n);
    *k = n < len ? (int)strtol(*s + n + 1, NULL, 10) : 1;
    *s += len + ((*s)[len] == '.');
    return name;
}

/* what is known of the parameters of a function whose body is entered: as in entry_param */
static void bind_outer(Eval *ev, Module *m, const Node *def)
{
    Value f = NONE_VALUE;
    if (def_decorated(def, "autotune")) module_lookup(ev, m->outer, def->name, &f);
    Func *tuned = f.kind == VAL_FUNC && f.func->node->body == def->body ? f.func : NULL;
    int k = 0;
    for (const Node *p = def->kind == N_def ? def->items : NULL; p; p = p->next, k++) {
        const Value *v = p->op == PARAM_PLAIN ? given_value(ev, p->name) : NULL;
        if (!v && tuned && (!p->value || tuned->defaults[k].kind == VAL_NONE))
            v = tuned_value(ev, tuned, p->name, &m->env);
        ev->env = &m->outer->env;
        m->now = -1; /* before all statements */
        if (v || p->value) env_set(ev, &m->env, p->name, v ? *v : eval(ev, p->value));
    }
    m->now = INT_MAX;
}

/* FILE:outer.inner: a definition inside of a function, whose body is read like a module */
static bool inner_value(Eval *ev, const char *entry, Value *out)
{
    Module *m = ev->main;
    const Node *body = m->tree->body, *outer = NULL;
    while (*entry) {
        int k;
        const char *name = next_part(ev, &entry, &k);
        const Node *def = find_def(body, name, &k);
        bool method = outer && outer->kind == N_class && !*entry;
        if (!def || (!*entry && !outer) || method) return false;
        if (outer) {
            m = module_inside(ev, m, body, def);
            bind_outer(ev, m, outer);
            module_check(ev, m);
        }
        if (!*entry) return module_lookup(ev, m, name, out);
        outer = def;
        body = def->body;
    }
    return false;
}

/* the value of a name of the module, or of one inside; with candidates as "did you mean" */
Value entry_value(Eval *ev, const char *entry)
{
    const char *names[256];
    Value v;
    Span at = {ev->main->tree->span.file, 0, 0};
    if (!entry) entry = choose(ev, ev->main->tree);
    const char *dot = strchr(entry, '.');
    const char *top = dot ? intern_n(ev->cx, entry, (size_t)(dot - entry)) : intern(ev->cx, entry);
    if (dot && inner_value(ev, entry, &v)) return v;
    if (module_lookup(ev, ev->main, top, &v)) {
        while (dot) { /* Class.method, object.attribute */
            const char *name = dot + 1;
            size_t len = strcspn(name, ".");
            if (v.kind == VAL_FUNC)
                eval_fail(ev, E0210, v.func->node->span, "the second of one name is NAME#2",
                          "there is no kernel '%s' in this file: '%s' defines no '%.*s'", entry,
                          v.func->name, (int)len, name);
            v = eval_attr(ev, v, intern_n(ev->cx, name, len), at);
            dot = name[len] ? name + len : NULL;
        }
        return v;
    }
    int n = kernel_names(ev->main->tree, names, COUNT(names));
    const char *near = did_you_mean(ev->cx, n == 1 ? names[0] : entry, names, n);
    eval_fail(ev, E0210, at, near, "there is no kernel '%s' in this file", entry);
}

/* ---- bindings ---- */

Value *given_value(Eval *ev, const char *name)
{
    for (int i = 0; i < ev->given.n; i++)
        if (!strcmp(ev->given.key[i].s, name)) {
            attr_set(ev->cx, &ev->used, ev->given.key[i].s, value_bool(true));
            return &ev->given.val[i];
        }
    return NULL;
}

/* the text after "name=": an expression of literals, T. and names of the program; else a bare word */
static Value parse_value(Eval *ev, const char *name, const char *text)
{
    static const char letters[] = "0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    Value v;
    bool word = strspn(text, letters) == strlen(text) && strspn(text, letters + 10) > 0;
    if (word && !word_in(text, " True False None ")) {
        bool own = !dtype_named(text) && module_lookup(ev, ev->main, intern(ev->cx, text), &v);
        return own ? v : value_text(ev->cx, "%s", text);
    }
    const char *line =
        arena_printf(&ev->cx->arena, "import tilelang.language as T\n%s = %s\n", name, text);
    Module *m = module_text(ev, arena_printf(&ev->cx->arena, "<-D %s>", name), line);
    m->outer = ev->main;
    if (!module_lookup(ev, m, intern(ev->cx, name), &v))
        eval_fail(ev, E0210, (Span){0}, NULL, "'-D %s=%s' is not a value", name, text);
    return v;
}

void read_bindings(Eval *ev, const char *const *bind)
{
    for (; bind && *bind; bind++) {
        size_t n = strcspn(*bind, "=");
        if (!(*bind)[n] || !n)
            eval_fail(ev, E0210, (Span){0}, "write -D name=value", "'-D %s' has no value", *bind);
        const char *name = intern_n(ev->cx, *bind, n);
        attr_set(ev->cx, &ev->given, name, parse_value(ev, name, *bind + n + 1));
    }
}

void check_used(Eval *ev, const Func *f)
{
    const char *names[64];
    int n = 0;
    for (const Node *p = f->node->items; p && n < COUNT(names); p = p->next)
        if (p->op == PARAM_PLAIN) names[n++] = p->name;
    for (int i = 0; i < ev->sizes.n && n < COUNT(names); i++)
        names[n++] = ev->sizes.at[i].expr->var->open;
    for (int i = 0; i < ev->given.n; i++) {
        const char *name = ev->given.key[i].s;
        if (attr_find(&ev->used, name)) continue;
        eval_fail(ev, E0210, f->node->span, did_you_mean(ev->cx, name, names, n),
                  "'%s' has no parameter '%s'", f->name, name);
    }
}
