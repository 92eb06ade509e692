/* Which kernels a file holds and what they take, by its text alone: nothing is evaluated, so a file
   whose kernels do not compile is listed too. */
#include "lang/lang.h"
#include <string.h>

typedef struct {
    Cx *cx;
    Text *out;
    const Node *def; /* that is listed */
    const char *style;
} Lister;

static const char *node_text(Lister *l, const Node *n)
{
    if (!n) return "-";
    Text t = text_new(&l->cx->arena);
    unparse(&t, n);
    for (char *s = t.s; *s; s++)
        if (*s == '\n' || *s == '\t') *s = ' ';
    while (t.n && t.s[t.n - 1] == ' ') t.s[--t.n] = 0;
    return t.s;
}

static void row(Lister *l, const char *what, const char *name, const char *type, const char *value)
{
    int line, col;
    span_line_col(l->cx, l->def->span, &line, &col);
    text_add(l->out, "%s\t%s\t%d\t%s\t%s\t%s\t%s\n", l->def->name, l->style, line, what, name, type,
             value);
}

/* T.Tensor((M, N), "float16"), or T.Tensor[[M, N], dtype] */
static bool is_tensor(const Node *n)
{
    if (n && (n->kind == N_call || n->kind == N_sub)) n = n->obj;
    return n && (n->kind == N_attr || n->kind == N_name) &&
           (strstr(n->name, "Tensor") || strstr(n->name, "Buffer"));
}

static const char *star_name(Lister *l, const Node *p)
{
    return p->op == PARAM_STAR    ? arena_printf(&l->cx->arena, "*%s", p->name)
           : p->op == PARAM_DSTAR ? arena_printf(&l->cx->arena, "**%s", p->name)
                                  : p->name;
}

/* what the call is given: of a prim_func all of its parameters, of an eager kernel those with a type of an argument */
static void list_params(Lister *l, const Node *def, bool arguments)
{
    for (const Node *p = def->items; p; p = p->next) {
        if (p->op == PARAM_SLASH || (p->op == PARAM_STAR && !*p->name)) continue;
        const Node *in_body = ast_find(def->body, see_declaration, p->name, false);
        const Node *type = in_body ? in_body->annotation : p->annotation;
        bool tensor = is_tensor(type);
        const char *what = tensor ? "tensor" : arguments || in_body ? "scalar" : "parameter";
        row(l, what, star_name(l, p), node_text(l, type), node_text(l, p->value));
    }
}

static bool uses(const Node *def, const char *name)
{
    return ast_find(def->body, see_name, name, true) || ast_find(def->items, see_name, name, true);
}

/* the next name in "m, n", the argument of T.const and T.dynamic; what it is bound to, where the text does not tell */
static const char *size_name(Lister *l, const Node *call, size_t *at, const char *bound)
{
    const char *s = call->args && call->args->kind == N_str ? call->args->name + *at : "";
    s += strspn(s, ", ");
    size_t n = strcspn(s, ", ");
    if (!n) return bound;
    *at = (size_t)(s + n - call->args->name);
    return intern_n(l->cx, s, n);
}

/* M, N = T.const("M, N"), n = T.dynamic("n"); outside of the kernel only what it uses */
static void list_sizes(Lister *l, const Node *n, bool own)
{
    for (; n; n = n->next) {
        if (n->kind == N_assign && n->value->kind == N_call && n->items) {
            const Node *fn = n->value->obj;
            const char *name = fn->kind == N_attr || fn->kind == N_name ? fn->name : "";
            bool is_const = !strcmp(name, "const"), open = !strcmp(name, "dynamic") || !strcmp(name, "symbolic");
            const Node *target = n->items->kind == N_tuple || n->items->kind == N_list ? n->items->items : n->items;
            bool many = target != n->items;
            size_t at = 0;
            for (; target && (is_const || open); target = many ? target->next : NULL) {
                if (target->kind != N_name) continue;
                const char *said = size_name(l, n->value, &at, target->name);
                if (own || uses(l->def, target->name)) row(l, is_const ? "const" : "dynamic", said, "-", "-");
            }
        }
        if (n->kind == N_def && !own) continue;
        for (int k = 0; k < COUNT(n->kid); k++)
            if (n->kind != N_assign) list_sizes(l, n->kid[k], own);
    }
}

static bool see_kernel(const Node *n, const char *decorator)
{
    return n->kind == N_def && def_decorated(n, decorator);
}

static void list_kernel(Lister *l, const Node *module)
{
    const Node *def = l->def;
    bool prim = def_decorated(def, "prim_func");
    const Node *inner = prim ? NULL : ast_find(def->body, see_kernel, "prim_func", true);
    bool eager = !prim && !inner && def_is_eager(def, def_decorated(def, "jit"));
    l->style = prim ? "prim_func" : eager ? "eager" : "lazy";
    row(l, "kernel", def->name, "-", "-");
    list_params(l, def, prim);
    if (inner) list_params(l, inner, true);
    list_sizes(l, module->body, false);
    list_sizes(l, def->body, true);
}

const char *lang_list(Cx *cx, uint32_t file)
{
    Text rows = text_new(&cx->arena), *out = &rows;
    Node *module = parse_module(cx, file);
    if (cx->nerror) leave(cx);
    text_add(out, "kernel\tstyle\tline\twhat\tname\ttype\tdefault\n");
    for (const Node *s = module->body; s; s = s->next) {
        Lister l = {.cx = cx, .out = out, .def = s};
        bool composes = def_is_eager(s, false) && !def_decorated(s, "macro");
        if (composes || def_is_kernel(s)) list_kernel(&l, module);
    }
    return out->s;
}
