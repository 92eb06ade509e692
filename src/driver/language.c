/* What a program may say, from the tables: element types and how they mix, operations, calls, functions.
   docs/language.md is what driver_language writes. */
#include "driver/driver.h"
#include "lang/lang.h"
#include <string.h>

static const char *word(const char *s)
{
    return s && *s ? s : "-";
}

void driver_builtins(Text *t)
{
    text_add(t, "scope\tname\tparameters\thelp\n");
    for (const Builtin *b = builtins; b->name; b++)
        text_add(t, "%s\t%s\t%s\t%s\n", b->scope, b->name, word(b->signature), word(b->help));
}

/* ---- Markdown -------------------------------------------------------------------------------- */

/* a row of a table. p: a text; c: a text as code; d: a number; y: is there such a text? Bars are quoted. */
static void row(Text *t, const char *form, ...)
{
    va_list ap;
    va_start(ap, form);
    for (; *form; form++) {
        const char *s = *form == 'd' ? arena_printf(t->arena, "%d", va_arg(ap, int)) : va_arg(ap, const char *);
        if (*form == 'y') s = s ? "yes" : "-";
        text_add(t, *form == 'c' ? "| `" : "| ");
        for (; *s; s++) text_add(t, *s == '|' ? "\\|" : "%c", *s);
        text_add(t, *form == 'c' ? "` " : " ");
    }
    va_end(ap);
    text_add(t, "|\n");
}

static void head(Text *t, const char *titles)
{
    text_add(t, "\n| %s |\n|", titles);
    for (const char *s = titles; s; s = strchr(s + 1, '|')) text_add(t, "---|");
    text_add(t, "\n");
}

/* "($0 + $1)" -> "a + b" */
static const char *spelled(Arena *a, const char *source)
{
    Text t = text_new(a);
    size_t n = strlen(source);
    bool round = source[0] == '(' && source[n - 1] == ')';
    for (const char *s = source + round; *s && !(round && s == source + n - 1); s++)
        if (*s == '$')
            text_add(&t, "%c", "abc"[*++s - '0']);
        else
            text_add(&t, "%c", *s);
    return t.s;
}

/* ---- types ----------------------------------------------------------------------------------- */

const char *const class_name[] = {"-", "bool", "signed", "unsigned", "float"};

static void types(Text *t)
{
    text_add(t, "\n## Element types\n\n"
                "Each is written `T.float16` or `\"float16\"`. The last three columns say on which machines a tensor may hold it; the\n"
                "interpreter knows all of them.\n");
    head(t, "type | bits | class | CPU | CUDA | Tenstorrent");
    for (int i = 1; i < NDTYPE; i++) {
        const DTypeInfo *d = &dtype_info[i];
        row(t, "cdpyyy", d->name, d->bits, class_name[d->cls], d->c, d->cuda, d->tt);
    }
}

/* what a type of the left and one of the top give together */
static void promotion(Text *t)
{
    static const DType shown[] = {DT_bool,    DT_int8,    DT_uint8,    DT_int32,   DT_uint32, DT_int64,
                                  DT_float16, DT_bfloat16, DT_float32, DT_float64};
    text_add(t, "\n## Two types in one operation\n\n"
                "Both operands of an arithmetic operation or a comparison are converted to one type:\n\n|  ");
    for (int j = 0; j < COUNT(shown); j++) text_add(t, "| %s ", dtype_info[shown[j]].name);
    text_add(t, "|\n|---|");
    for (int j = 0; j < COUNT(shown); j++) text_add(t, "---|");
    text_add(t, "\n");
    for (int i = 0; i < COUNT(shown); i++) {
        text_add(t, "| %s ", dtype_info[shown[i]].name);
        for (int j = 0; j < COUNT(shown); j++)
            text_add(t, "| %s ", dtype_info[dtype_promote(shown[i], shown[j])].name);
        text_add(t, "|\n");
    }
}

/* ---- operations ------------------------------------------------------------------------------ */

const char *const rule_name[] = {"arith", "cmp", "logic", "ints", "shift", "flt", "same", "select"};

static void element_ops(Text *t)
{
    static const char *const help[] = {
        [RULE_arith] = "both operands become one type, which is the result's",
        [RULE_cmp] = "both operands become one type; the result is a bool",
        [RULE_logic] = "bools, gives a bool",
        [RULE_ints] = "as arith, on integers and bools only",
        [RULE_shift] = "integers; the type of the left one",
        [RULE_flt] = "floats only; the operand's type",
        [RULE_same] = "the operand's type",
        [RULE_select] = "a bool, then as arith; only the value that is chosen is evaluated",
    };
    text_add(t, "\n## Element operations\n\nOn single elements, in `T.Parallel` loops and in index arithmetic. Rules of types:\n\n");
    for (int i = 0; i < COUNT(help); i++) text_add(t, "- *%s*: %s\n", rule_name[i], help[i]);
    text_add(t, "\nWhere Tenstorrent says no, the statement runs as scalar code there: right, and slower.\n");
    head(t, "operation | written | rule | as numpy says it | CPU | CUDA | Tenstorrent");
    for (const OpInfo *o = op_info; o < op_info + NOP; o++)
        row(t, "pcpcyyy", o->name, spelled(t->arena, o->source), rule_name[o->rule], o->numpy, o->c, o->cuda, o->tt);
}

static void tile_ops(Text *t)
{
    static const char *const access[] = {"r", "read", "w", "written", "u", "read and written"};
    text_add(t, "\n## Tile operations\n\nOn whole tiles or regions of them. Operands in order: what is done to each.\n");
    head(t, "operation | operands | runs in | what it does");
    for (int i = 0; i < NTILEOP; i++) {
        const TileOpInfo *o = &tileop_info[i];
        Text how = text_new(t->arena);
        for (const char *c = o->operands; *c; c++)
            for (int k = 0; k < COUNT(access); k += 2)
                if (*c == access[k][0]) text_add(&how, "%s%s", how.n ? ", " : "", access[k + 1]);
        row(t, "cppp", arena_printf(t->arena, "T.%s", o->name), how.s, o->engine == ENGINE_MOVE ? "any role" : "compute", o->help);
    }
}

static void calls(Text *t)
{
    static const char *const level[] = {"each thread by itself", "a warp together", "a block together", "the grid together"};
    static const struct {
        char letter;
        const char *what;
    } arg[] = {{'v', "number"}, {'i', "integer"}, {'c', "condition"}, {'r', "place read"}, {'w', "place written"},
               {'u', "place updated"}, {'b', "barrier"}, {'s', "text"}, {'*', "..."}, {'?', "(optional)"}};
    text_add(t, "\n## Calls between threads\n\nWhat threads say to each other. Programs that use them run as threads do: each statement "
                "once for each of them.\n");
    head(t, "call | arguments | gives | who | what it does");
    for (int i = 0; i < NFN; i++) {
        const FnInfo *f = &fn_info[i];
        Text args = text_new(t->arena);
        for (const char *c = f->args; *c; c++)
            for (int k = 0; k < COUNT(arg); k++)
                if (*c == arg[k].letter)
                    text_add(&args, "%s%s", !args.n ? "" : *c == '*' || *c == '?' ? " " : ", ", arg[k].what);
        const char *gives = !strcmp(f->result, "arg0") ? "the first one's type" : !strcmp(f->result, "void") ? "-" : f->result;
        row(t, "cpppp", arena_printf(t->arena, "T.%s", f->name), word(args.s), gives, level[f->level], f->help);
    }
}

/* ---- functions ------------------------------------------------------------------------------- */

typedef enum { PLAIN, HINT, LATER, NEVER } Standing;

static Standing standing(const Builtin *b)
{
    return b->run == t_hint ? HINT : b->run == t_todo ? LATER : b->run == t_unsupported ? NEVER : PLAIN;
}

/* what it takes: NULL for what is no function; from: NULL for one of T */
static void function(Text *t, const char *from, const char *name, const char *takes, const char *help)
{
    if (from) text_add(t, "| %s ", strcmp(from, "py") == 0 ? "Python" : from);
    row(t, takes && *takes ? "ccp" : "cpp", name, takes && *takes ? takes : takes ? "none" : "a value", word(help));
}

static void functions(Text *t)
{
    head(t, "name | parameters | what it is");
    for (const Builtin *b = builtins; b->name; b++)
        if (!strcmp(b->scope, "T") && standing(b) == PLAIN)
            function(t, NULL, arena_printf(t->arena, "T.%s", b->name), b->signature, b->help);
}

static void names_of(Text *t, Standing which)
{
    bool first = true;
    text_add(t, "\n");
    for (const Builtin *b = builtins; b->name; b++) {
        if (strcmp(b->scope, "T") || standing(b) != which) continue;
        text_add(t, "%s`T.%s`", first ? "" : ", ", b->name);
        first = false;
    }
    text_add(t, ".\n");
}

/* scopes other than T, in the order of the table: Python's own, modules, methods */
static void other_scopes(Text *t)
{
    text_add(t, "\n## Python\n\nThe compile-time part of a program is Python: numbers, strings, tuples, lists, dicts, sets, functions, "
                "lambdas, comprehensions,\nf-strings, classes, dataclasses and enums, `if`, `for`, `while`, `with`, `assert`, `raise`. "
                "These names are there besides:\n");
    head(t, "from | name | parameters | what it is");
    for (const Builtin *b = builtins; b->name; b++)
        if (strcmp(b->scope, "T")) function(t, b->scope, b->name, b->signature, b->help);
}

/* what of a scope is written in Python itself: prelude/SCOPE.py */
extern const Embedded lang_prelude[];

/* the first line of the text that a function or class begins with */
static const char *docstring(Cx *cx, const Node *n)
{
    const Node *s = n->kind == N_def || n->kind == N_class ? n->body : NULL;
    bool text = s && s->kind == N_expr && s->obj->kind == N_str;
    return text ? arena_copy(&cx->arena, s->obj->name, strcspn(s->obj->name, "\n")) : "as in Python";
}

/* "a, b=1" of a def, or of the __init__ of a class */
static const char *parameters(Cx *cx, const Node *n)
{
    const Node *def = n->kind == N_class ? n->body : n;
    while (def && n->kind == N_class && (def->kind != N_def || strcmp(def->name, "__init__"))) def = def->next;
    if (!def || def->kind != N_def) return "";
    Text line = text_new(&cx->arena);
    unparse(&line, def);
    const char *args = strchr(strstr(line.s, def->name), '(') + 1, *end = strstr(args, "):\n");
    if (def != n) args += strlen("self, ");
    return end ? arena_copy(&cx->arena, args, (size_t)(end - args)) : "";
}

typedef struct {
    Text *t;
    bool dialect;
} Rows; /* of T, or of all other scopes */

static void prelude_rows(Cx *cx, void *arg)
{
    const Rows *r = arg;
    for (const Embedded *e = lang_prelude; e->name; e++) {
        const char *part = strchr(e->name, '-');
        const char *scope = arena_copy(&cx->arena, e->name, (size_t)((part ? part : e->name + strlen(e->name) - strlen(".py")) - e->name));
        if (r->dialect != !strcmp(scope, "T") || !strcmp(scope, "kiln")) continue;
        for (const Node *n = parse_module(cx, cx_source(cx, e->name, e->text, strlen(e->text)))->body; n; n = n->next) {
            bool value = n->kind == N_assign && n->items->kind == N_name, def = n->kind == N_def || n->kind == N_class;
            const char *name = value ? n->items->name : n->name;
            if ((!value && !def) || (name[0] == '_' && name[1] != '_')) continue;
            const char *shown = r->dialect ? arena_printf(&cx->arena, "T.%s", name) : name;
            function(r->t, r->dialect ? NULL : scope, shown, parameters(cx, n), docstring(cx, n));
        }
    }
}

static void written_in_python(Text *t, bool dialect)
{
    Cx *cx = cx_open();
    if (cx) cx->parent = t->arena->cx;
    if (cx) guarded(cx, prelude_rows, &(Rows){t, dialect});
    cx_close(cx);
}

void driver_language(Text *t)
{
    text_add(t, "# The language\n\n"
                "This page is written by `kiln ops --doc` from the tables that the compiler itself reads, so it cannot say anything\n"
                "else than the compiler does. [tour.md](tour.md) is the page to read first; [cli.md](cli.md) tells of the command.\n\n"
                "A program is a Python file with `import tilelang.language as T`. A kernel is a function with `@T.prim_func`, a\n"
                "function with `@tilelang.jit` that launches by itself (eager style), or a factory that returns one (lazy style).\n"
                "Nothing of the file is run by Python: what is needed at compile time is evaluated, the body of the kernel becomes a\n"
                "tile program.\n");
    types(t);
    promotion(t);
    element_ops(t);
    tile_ops(t);
    calls(t);
    text_add(t, "\n## Functions of T\n\nAnd every element operation above that is written as a call.\n");
    functions(t);
    written_in_python(t, true);
    text_add(t, "\n## Hints\n\nThey mean nothing to the result and are taken as they are; a remark says so (`-R`):\n");
    names_of(t, HINT);
    text_add(t, "\n## Not built yet\n\nKnown names of the dialect that end with a message of kind *todo*:\n");
    names_of(t, LATER);
    text_add(t, "\n## Not for these machines\n\nNames that end with a message of kind *unsupported*:\n");
    names_of(t, NEVER);
    other_scopes(t);
    written_in_python(t, false);
}
