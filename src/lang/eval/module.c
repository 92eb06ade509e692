/* Modules. A source module's statements are run one by one, each when a name that it binds is asked
   for: torch references, argument parsing and benchmarks are never run. Files are found in the
   program's own package only; anything else is foreign, and an error where it is needed. */
#include "lang/lang.h"
#include <limits.h>
#include <string.h>

enum { MAXMODULES = 200 };

struct Pending {
    struct Pending *next;
    const Node *stmt;
    int index;
    bool ran, late; /* late: of the block that runs when the file is the program, for what nothing else binds */
};

/* modules that builtins.def describes, by the scope of their rows. strict: every other name is a
 * mistake, not merely foreign */
static const struct {
    const char *name, *scope;
    bool strict, dtypes;
} known[] = {
    {"tilelang.language", "T", true, true},
    {"kiln", "kiln", true, false},
    {"tilelang", "tilelang", false, false},
    {"tilelang.autotuner", "tilelang", false, false},
    {"tilelang.math", "tilelang.math", false, false},
    {"tilelang.layout", "tilelang.layout", false, false},
    {"math", "math", true, false},
    {"itertools", "itertools", false, false},
    {"functools", "functools", false, false},
    {"dataclasses", "dataclasses", false, false},
    {"enum", "enum", false, false},
    {"typing", "typing", false, false},
    {"typing_extensions", "typing", false, false},
    {"abc", "abc", false, false},
    {"copy", "copy", false, false},
    {"collections", "collections", false, false},
    {"operator", "operator", false, false},
    {"os", "os", false, false},
    {"tilelang.cuda.intrinsics", "tilelang.layout", false, false},
    {"tilelang.intrinsics", "tilelang.layout", false, false},
    {"tilelang.cuda.intrinsics.sparse_layout", "tilelang.sparse", false, false},
    {"tilelang.cuda.intrinsics.macro.mma_macro_generator", "tilelang.layout", false, false},
    {"tilelang.intrinsics.mma_macro_generator", "tilelang.layout", false, false},
    {"tilelang.cuda.language.intrinsics", "tilelang.layout", false, false},
    {"tilelang.cuda.intrinsics.layout.mma_layout", "tilelang.layout", false, false},
    {"tilelang.cuda.intrinsics.layout", "tilelang.layout", false, false},
    {"tilelang.carver.arch.driver", "tilelang.carver.arch.driver", false, false},
    {"tvm", "tvm", false, false},
    {"tilelang.tvm", "tvm", false, false},
    {"tvm.tir", "tvm.tir", false, false},
    {"tvm.tirx", "tvm.tir", false, false},
    {"tilelang.tvm.tir", "tvm.tir", false, false},
    {"tilelang.tvm.tirx", "tvm.tir", false, false},
    {"tilelang.contrib.nvcc", "tilelang.contrib.nvcc", false, false},
    {"torch", "torch", false, true},
    {"torch.cuda", "torch.cuda", false, false},
    {"torch.version", "torch.version", false, false},
    {"numpy", "torch", false, true},
};

/* ---- which statements bind a name ---- */

/* the name that a target or a method call changes: x of x, x.y, x[i] */
static const char *root(const Node *n)
{
    while (n && (n->kind == N_attr || n->kind == N_sub)) n = n->obj;
    return n && n->kind == N_name ? n->name : NULL;
}

/* one of these targets changes what the name holds */
static bool target_binds(const Node *n, const char *name)
{
    for (; n; n = n->next) {
        bool many = n->kind == N_tuple || n->kind == N_list;
        if (many ? target_binds(n->items, name) : root(n->kind == N_star ? n->obj : n) == name) return true;
    }
    return false;
}

static bool alias_binds(const Node *n, const char *name)
{
    for (const Node *a = n->items; a; a = a->next) {
        size_t len = strcspn(a->name, "."); /* import a.b binds a */
        if (a->obj ? a->obj->name == name : strlen(name) == len && !strncmp(a->name, name, len)) return true;
    }
    return false;
}

/* lists and dicts that a module fills piece by piece */
static bool call_binds(const Node *e, const char *name)
{
    static const char changing[] = " append extend insert update add setdefault remove pop sort clear ";
    if (e->kind != N_call || e->obj->kind != N_attr || e->obj->obj->kind != N_name || e->obj->obj->name != name)
        return false;
    return word_in(e->obj->name, changing);
}

static bool is_main_test(const Node *n)
{
    return n->kind == N_compare && n->left->kind == N_name && !strcmp(n->left->name, "__name__");
}

static bool binds(const Node *n, const char *name)
{
    switch (n->kind) {
    case N_assign: return target_binds(n->items, name);
    case N_augment: return target_binds(n->target, name);
    case N_annotate: return n->value && target_binds(n->target, name);
    case N_def:
    case N_class: return n->name == name;
    case N_import:
    case N_from: return alias_binds(n, name);
    case N_expr: return call_binds(n->obj, name);
    case N_for:
        if (target_binds(n->target, name)) return true;
        break;
    default: break;
    }
    for (int k = 0; k < COUNT(n->kid); k++) /* the statements inside */
        for (const Node *s = n->kid[k]; s && s->kind > N_module; s = s->next)
            if (!(k == 2 && n->kind == N_if && is_main_test(n->test)) && binds(s, name)) return true;
    return false;
}

/* ---- source modules ---- */

static struct Pending **add_list(Eval *ev, struct Pending **tail, const Node *list, int *index, bool late)
{
    for (const Node *s = list; s; s = s->next) {
        *tail = NEW(&ev->cx->arena, struct Pending);
        **tail = (struct Pending){.stmt = s, .index = (*index)++, .late = late};
        tail = &(*tail)->next;
    }
    return tail;
}

static void add_pending(Eval *ev, Module *m)
{
    int index = 0;
    struct Pending **tail = add_list(ev, &m->pending, m->tree->body, &index, false);
    for (const Node *s = m->tree->body; s; s = s->next)
        if (s->kind == N_if && is_main_test(s->test)) tail = add_list(ev, tail, s->body, &index, true);
}

static Module *new_module(Eval *ev, Module with)
{
    Module *m = NEW(&ev->cx->arena, Module);
    *m = with;
    m->next = ev->modules;
    m->env.module = m;
    return ev->modules = m;
}

static Module *source_module(Eval *ev, uint32_t file, const char *name, const char *dir,
                             bool is_package)
{
    int count = 0, errors = ev->cx->nerror;
    for (const Module *m = ev->modules; m; m = m->next) count++;
    if (count >= MAXMODULES)
        eval_fail(ev, E0218, (Span){0}, NULL, "a program of more than %d modules", (int)MAXMODULES);
    Module *m = new_module(ev, (Module){.name = name, .dir = dir, .is_package = is_package, .now = INT_MAX});
    m->tree = parse_module(ev->cx, file);
    if (ev->cx->nerror > errors) leave(ev->cx);
    add_pending(ev, m);
    return m;
}

static const char *folder_of(Cx *cx, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (path[0] == '<') return NULL; /* a text, not a file */
    return slash ? arena_copy(&cx->arena, path, (size_t)(slash - path)) : ".";
}

static bool has_init(Cx *cx, const char *dir)
{
    return sys_exists(arena_printf(&cx->arena, "%s/__init__.py", dir));
}

static const char *parent(Cx *cx, const char *dir)
{
    if (!strcmp(dir, ".")) return "..";
    const char *slash = strrchr(dir, '/');
    if (!strcmp(slash ? slash + 1 : dir, "..")) return arena_printf(&cx->arena, "%s/..", dir);
    return slash ? arena_copy(&cx->arena, dir, (size_t)(slash - dir)) : ".";
}

/* Nothing outside of this folder is read: the outermost package around the program, else the
   program's own folder. */
static const char *find_root(Cx *cx, const char *dir)
{
    const char *root = dir;
    for (int up = 0; root && up < 64 && has_init(cx, root) && has_init(cx, parent(cx, root)); up++)
        root = parent(cx, root);
    return root;
}

Module *module_main(Eval *ev, uint32_t file)
{
    Cx *cx = ev->cx;
    const char *path = cx->source[file]->path, *dir = folder_of(cx, path);
    ev->root = find_root(cx, dir);
    ev->real_root = ev->root ? sys_real(&cx->arena, ev->root, true) : NULL;
    Module *m = source_module(ev, file, "__program__", dir, false);
    m->path = dir ? sys_real(&cx->arena, path, false) : NULL;
    return m;
}

Module *module_text(Eval *ev, const char *path, const char *text)
{
    return source_module(ev, cx_source(ev->cx, path, text, strlen(text)), path, NULL, false);
}

/* runs a statement of the module as if nothing else were going on; it sees the module as it was
 * then */
static void run_pending(Eval *ev, Module *m, struct Pending *p)
{
    Eval was = *ev;
    int now = m->now;
    p->ran = true;
    Node *only = NEW(&ev->cx->arena, Node);
    *only = *p->stmt;
    only->next = NULL;
    Frame none = {.outer = ev->frame};
    Running running = {.outer = ev->running, .module = m, .now = p->index};
    ev->env = &m->env;
    ev->frame = &none;
    ev->running = &running;
    ev->launch = NULL;
    ev->tail = NULL;
    ev->branches = ev->loops = 0;
    m->now = p->index;
    exec(ev, only);
    m->now = now;
    ev->env = was.env;
    ev->frame = was.frame;
    ev->running = was.running;
    ev->launch = was.launch;
    ev->tail = was.tail;
    ev->branches = was.branches;
    ev->loops = was.loops;
}

void module_resume(Eval *ev)
{
    for (Module *m = ev->modules; m; m = m->next) m->now = INT_MAX;
    for (const Running *r = ev->running; r; r = r->outer)
        if (r->module->now == INT_MAX) r->module->now = r->now;
}

void module_settle(Eval *ev)
{
    for (Module *m = ev->modules; m; m = m->next) {
        m->now = INT_MAX;
        for (Binding *b = m->env.first; b; b = b->next) {
            bool own = false;
            for (struct Pending *p = m->pending; p && b->resolved; p = p->next)
                own |= binds(p->stmt, b->name);
            if (own && b->value.kind == VAL_UNSET) b->value.kind = VAL_POISON;
        }
    }
}

/* a statement that changes what a name holds, instead of binding it anew */
static bool changes(const Node *n, const char *name)
{
    if (n->kind == N_expr) return call_binds(n->obj, name);
    if (n->kind == N_augment) return target_binds(n->target, name);
    bool changed = false;
    for (const Node *t = n->kind == N_assign ? n->items : NULL; t; t = t->next) {
        Node only = *t;
        only.next = NULL;
        changed |= t->kind != N_name && target_binds(&only, name);
    }
    return changed;
}

typedef struct {
    Module *module;
    struct Pending *p;
} Early;

static void run_early(Eval *ev, void *arg)
{
    Early *e = arg;
    run_pending(ev, e->module, e->p);
}

/* Before a list or dict changes, what was made of it earlier is made. What cannot be is not needed
 * by a kernel, or fails when it is. */
static void run_readers(Eval *ev, Module *m, const struct Pending *change, const char *name)
{
    for (struct Pending *p = m->pending; p != change; p = p->next) {
        bool reads = p->stmt->kind == N_assign && ast_find(p->stmt->value, see_name, name, false);
        if (!p->ran && reads && !attempt(ev, run_early, &(Early){m, p}, NULL)) p->ran = false;
    }
}

typedef struct {
    Module *module;
    const Node *test;
    bool holds;
} Test;

static void read_test(Eval *ev, void *arg)
{
    Test *t = arg;
    Value v = simplify(eval_in(ev, &t->module->env, t->test));
    t->holds = is_symbolic(&v) || to_bool(ev, v, t->test->span, "the condition");
}

/* asserts about what is not known here are left out */
void module_check(Eval *ev, Module *m)
{
    for (struct Pending *p = m->pending; p; p = p->next) {
        Test t = {.module = m, .test = p->stmt->test};
        bool told = p->stmt->kind == N_assert && attempt(ev, read_test, &t, NULL);
        if (told && !t.holds) run_pending(ev, m, p);
    }
}

static bool star_lookup(Eval *ev, Module *m, const char *name, Value *out);

static Binding *module_binding(Module *m, const char *name)
{
    Binding *b = m->env.first;
    while (b && b->name != name) b = b->next;
    return b;
}

static void run_binders(Eval *ev, Module *m, const char *name, bool late)
{
    for (struct Pending *p = m->pending; p && p->index < m->now; p = p->next) {
        if (p->ran || p->late != late || !binds(p->stmt, name)) continue;
        if (changes(p->stmt, name)) run_readers(ev, m, p, name);
        run_pending(ev, m, p);
    }
}

bool module_lookup(Eval *ev, Module *m, const char *name, Value *out)
{
    Binding *b = module_binding(m, name);
    if (m->tree && (!b || b->resolved < m->now)) {
        if (!b) env_set(ev, &m->env, name, (Value){0});
        b = module_binding(m, name);
        b->resolved = m->now; /* what its own statements see of it is what they have made so far */
        run_binders(ev, m, name, false);
        if (b->value.kind == VAL_UNSET) run_binders(ev, m, name, true);
    }
    while (b && b->value.kind != VAL_UNSET && b->at > m->now) b = b->older;
    if (b && b->value.kind != VAL_UNSET) {
        *out = b->value;
        return true;
    }
    if (!strcmp(name, "__name__")) {
        *out = value_text(ev->cx, "%s", m->name);
        return true;
    }
    if (m->tree && star_lookup(ev, m, name, out)) return true;
    return m->outer && module_lookup(ev, m->outer, name, out);
}

/* ---- inside of a function: its body is read like a module, up to the definition that is wanted ---- */

static bool holds(const Node *list, const Node *def)
{
    for (; list; list = list->next) {
        if (list == def) return true;
        if (list->kind == N_def || list->kind == N_class) continue;
        if (holds(list->body, def) || (list->kind != N_item && holds(list->orelse, def))) return true;
    }
    return false;
}

/* for x in items: x is the first of them */
static Node *first_item(Eval *ev, const Node *loop)
{
    Node *call[2], *n = node_new(ev->cx, N_assign, loop->span);
    static const char *const names[] = {"next", "iter"};
    for (int i = 0; i < 2; i++) {
        call[i] = node_new(ev->cx, N_call, loop->iter->span);
        call[i]->obj = node_new(ev->cx, N_name, loop->iter->span);
        call[i]->obj->name = intern(ev->cx, names[i]);
    }
    call[0]->args = call[1];
    call[1]->args = loop->iter;
    n->items = loop->target;
    n->value = call[0];
    return n;
}

/* the statements up to def, blocks around it opened; gives the end of the list */
static Node **flatten(Eval *ev, Node **tail, const Node *list, const Node *def, bool *found)
{
    for (; list && !*found; list = list->next) {
        Node *copy = NEW(&ev->cx->arena, Node);
        bool inside = list != def && list->kind != N_def && list->kind != N_class &&
                      (holds(list->body, def) || holds(list->orelse, def));
        if (inside && list->kind == N_for) {
            *tail = first_item(ev, list);
            tail = &(*tail)->next;
        }
        if (inside) {
            tail = flatten(ev, tail, holds(list->body, def) ? list->body : list->orelse, def, found);
            continue;
        }
        if (list != def && binds(list, def->name)) continue; /* another one of that name */
        *copy = *list;
        copy->next = NULL;
        *tail = copy;
        tail = &copy->next;
        *found = list == def;
    }
    return tail;
}

Module *module_inside(Eval *ev, Module *outer, const Node *body, const Node *def)
{
    bool found = false;
    Module *m = new_module(ev, (Module){.name = outer->name, .dir = outer->dir, .outer = outer,
                                        .is_package = outer->is_package, .now = INT_MAX});
    m->tree = node_new(ev->cx, N_module, def->span);
    flatten(ev, &m->tree->body, body, def, &found);
    add_pending(ev, m);
    return m;
}

int module_names(const Module *m, const char **names, int cap)
{
    int n = 0;
    for (const Node *s = m->tree ? m->tree->body : NULL; s && n < cap; s = s->next) {
        if (s->kind == N_def || s->kind == N_class) names[n++] = s->name;
        const Node *list =
            s->kind == N_assign || s->kind == N_import || s->kind == N_from ? s->items : NULL;
        for (const Node *t = list; t && n < cap; t = t->next)
            if (t->kind == N_name || t->kind == N_alias)
                names[n++] = t->obj && t->kind == N_alias ? t->obj->name : t->name;
    }
    return n;
}

/* ---- finding modules ---- */

static Module *known_module(Eval *ev, const char *name)
{
    for (Module *m = ev->modules; m; m = m->next)
        if (m->scope && !strcmp(m->name, name)) return m;
    for (int i = 0; i < COUNT(known); i++) {
        if (strcmp(known[i].name, name)) continue;
        return new_module(ev, (Module){.name = known[i].name, .scope = known[i].scope,
                                       .strict = known[i].strict, .dtypes = known[i].dtypes});
    }
    return NULL;
}

/* the true path of a source file of the program; NULL when there is none, or when it lies elsewhere */
static const char *own_file(Eval *ev, const char *path)
{
    const char *real = ev->real_root ? sys_real(&ev->cx->arena, path, false) : NULL;
    size_t n = real ? strlen(ev->real_root) : 0;
    bool inside = real && !strncmp(real, ev->real_root, n) && (real[n] == '/' || !strcmp(ev->real_root, "/"));
    return inside ? real : NULL;
}

static Module *load_file(Eval *ev, const char *path, const char *name, const char *dir,
                         bool is_package)
{
    const char *real = own_file(ev, path);
    if (!real) return NULL;
    for (Module *m = ev->modules; m; m = m->next)
        if (m->tree && m->path && !strcmp(m->path, real)) return m;
    Err e = {0};
    size_t n = 0;
    char *text = sys_read(&ev->cx->arena, path, &n, &e);
    if (!text) eval_fail(ev, E0702, (Span){0}, NULL, "%s", e.text);
    Module *m = source_module(ev, cx_source(ev->cx, path, text, n), name, dir, is_package);
    m->path = real;
    return m;
}

/* a.b.c below a folder: each part is a package or, the last one, a file */
static Module *load_below(Eval *ev, const char *dir, const char *dotted)
{
    Arena *a = &ev->cx->arena;
    while (dir) {
        size_t len = strcspn(dotted, ".");
        const char *part = arena_copy(a, dotted, len), *path = arena_printf(a, "%s/%s", dir, part);
        if (!dotted[len]) {
            Module *m = load_file(ev, arena_printf(a, "%s.py", path), part, dir, false);
            return m ? m : load_file(ev, arena_printf(a, "%s/__init__.py", path), part, path, true);
        }
        dir = path;
        dotted += len + 1;
    }
    return NULL;
}

/* Absolute imports start at the program's folder, at the packages around it, and, for the name of
   the outermost package itself, at the folder that holds it. */
static Module *load_absolute(Eval *ev, const char *dotted)
{
    const char *dir = ev->main ? ev->main->dir : NULL;
    if (!dir) return NULL;
    for (;;) {
        Module *m = load_below(ev, dir, dotted);
        if (m) return m;
        if (!strcmp(dir, ev->root)) break;
        dir = parent(ev->cx, dir);
    }
    const char *name = ev->real_root ? strrchr(ev->real_root, '/') : NULL;
    size_t len = strcspn(dotted, ".");
    if (!name || !has_init(ev->cx, dir) || strlen(name + 1) != len || strncmp(name + 1, dotted, len))
        return NULL;
    if (dotted[len]) return load_below(ev, dir, dotted + len + 1);
    return load_file(ev, arena_printf(&ev->cx->arena, "%s/__init__.py", dir), name + 1, dir, true);
}

/* a folder of modules without an __init__.py */
static Module *bare_package(Eval *ev, const char *dir)
{
    return new_module(ev, (Module){.name = "", .dir = dir, .is_package = true});
}

static Module *load_folder(Eval *ev, const char *name)
{
    const char *dir = ev->main && ev->main->dir && !strchr(name, '.')
                          ? arena_printf(&ev->cx->arena, "%s/%s", ev->main->dir, name)
                          : NULL;
    const char *real = dir ? sys_real(&ev->cx->arena, dir, true) : NULL;
    size_t n = real && ev->real_root ? strlen(ev->real_root) : 0;
    return n && !strncmp(real, ev->real_root, n) && real[n] == '/' ? bare_package(ev, dir) : NULL;
}

/* a name below a foreign module is foreign, too, unless builtins.def describes it */
static Value foreign(Eval *ev, const char *name)
{
    Module *m = known_module(ev, name);
    if (m) return (Value){.kind = VAL_MODULE, .module = m};
    return value_foreign(ev->cx, "%s", name);
}

static Value module_value(Module *m)
{
    return (Value){.kind = VAL_MODULE, .module = m};
}

/* the module of `import dotted`, or a foreign name */
static Value find_module(Eval *ev, const char *dotted)
{
    Module *m = known_module(ev, dotted);
    if (!m) m = load_absolute(ev, dotted);
    if (!m) m = load_folder(ev, dotted);
    return m ? module_value(m) : foreign(ev, dotted);
}

/* from . import x: level 1 is the module's own package */
static Value find_relative(Eval *ev, const Node *n)
{
    const char *dir = ev->env->module->dir;
    if (!dir)
        eval_fail(ev, E0211, n->span, "give the program as a file",
                  "a relative import in a text that has no folder");
    for (Int up = n->i; up > 1; up--) {
        if (!has_init(ev->cx, dir))
            eval_fail(ev, E0211, n->span, NULL, "the relative import leaves the program's package");
        dir = parent(ev->cx, dir);
    }
    Module *m = *n->name ? load_below(ev, dir, n->name)
                         : load_file(ev, arena_printf(&ev->cx->arena, "%s/__init__.py", dir),
                                     n->name, dir, true);
    if (m) return module_value(m);
    if (*n->name)
        eval_fail(ev, E0211, n->span, NULL, "there is no module '%s' in this package", n->name);
    return module_value(bare_package(ev, dir));
}

/* ---- names of modules ---- */

static bool known_attr(Eval *ev, Module *m, const char *name, Span at, Value *out)
{
    const Builtin *f = builtin_find(m->scope, name);
    if (!f && !strcmp(m->scope, "tvm.tir")) f = builtin_find("T", name);
    if (f && f->signature) {
        *out = (Value){.kind = VAL_BUILTIN, .builtin = f};
    } else if (f) { /* a row without signature is a value */
        Call c = {.fn = f, .span = at, .callee = at};
        *out = f->run(ev, &c);
    } else if (m->dtypes && dtype_named(name) != DT_none) {
        *out = value_dtype(dtype_named(name));
    } else if (!prelude_lookup(ev, m->scope, name, out)) {
        Module *sub = known_module(ev, arena_printf(&ev->cx->arena, "%s.%s", m->name, name));
        if (!sub) return false;
        *out = module_value(sub);
    }
    return true;
}

bool module_has(Eval *ev, Module *m, const char *name, Span at, Value *out)
{
    return m->scope ? known_attr(ev, m, name, at, out) : module_lookup(ev, m, name, out);
}

Value module_attr(Eval *ev, Module *m, const char *name, Span at)
{
    Value v;
    if (module_has(ev, m, name, at, &v)) return v;
    if (m->scope && m->strict)
        eval_fail(ev, E0201, at, builtin_nearest(ev, m->scope, name), "'%s.%s' is not known",
                  !strcmp(m->scope, "T") ? "T" : m->name, name);
    if (m->scope) return foreign(ev, arena_printf(&ev->cx->arena, "%s.%s", m->name, name));
    Module *sub = m->is_package ? load_below(ev, m->dir, name) : NULL;
    if (sub) return module_value(sub);
    eval_fail(ev, E0201, at, NULL, "the module '%s' has no name '%s'", m->name, name);
}

static Value from_module(Eval *ev, Value m, const char *name, Span at)
{
    return m.kind == VAL_FOREIGN ? foreign(ev, arena_printf(&ev->cx->arena, "%s.%s", m.s, name))
                                 : module_attr(ev, m.module, name, at);
}

static Value source_of(Eval *ev, const Node *n)
{
    return n->i ? find_relative(ev, n) : find_module(ev, n->name);
}

/* from m import *: asked when nothing else binds the name */
static bool star_lookup(Eval *ev, Module *m, const char *name, Value *out)
{
    Env *was = ev->env;
    bool found = false;
    if (m->searched || name[0] == '_') return false; /* two modules that import all of each other */
    m->searched = true;
    ev->env = &m->env;
    for (const Node *s = m->tree->body; s && !found; s = s->next) {
        if (s->kind != N_from || s->items) continue;
        Value from = source_of(ev, s);
        if (from.kind == VAL_MODULE)
            found = module_has(ev, from.module, name, s->span, out);
    }
    ev->env = was;
    m->searched = false;
    return found;
}

void exec_import(Eval *ev, const Node *n)
{
    if (n->kind == N_from) {
        if (!n->i && !strcmp(n->name, "__future__")) return;
        Value from = source_of(ev, n);
        for (const Node *a = n->items; a; a = a->next)
            env_set(ev, ev->env, a->obj ? a->obj->name : a->name,
                    from_module(ev, from, a->name, a->span));
        return;
    }
    for (const Node *a = n->items; a; a = a->next) {
        if (a->obj) {
            env_set(ev, ev->env, a->obj->name, find_module(ev, a->name));
            continue;
        }
        const char *top = intern_n(ev->cx, a->name, strcspn(a->name, "."));
        env_set(ev, ev->env, top, find_module(ev, top));
    }
}
