/* Classes of the program: their definition, where attributes are looked up, instances, special
   methods. */
#include "lang/lang.h"
#include <string.h>

enum { MAXLINE = 64 }; /* classes in one line of inheritance */

/* ---- lines ---- */

Value *class_find(const Class *c, const char *name)
{
    for (int i = 0; i < c->nline; i++) {
        Value *v = attr_find(&c->line[i]->attrs, name);
        if (v) return v;
    }
    return NULL;
}

bool class_below(const Class *c, const Class *of)
{
    for (int i = 0; c && of && i < c->nline; i++)
        if (c->line[i] == of) return true;
    return false;
}

/* c stands behind the first place of another base's line: it has to wait */
static bool is_behind(const Class *c, Class *const *base, const int *at, int n)
{
    for (int k = 0; k < n; k++)
        for (int i = at[k] + 1; i < base[k]->nline; i++)
            if (base[k]->line[i] == c) return true;
    return false;
}

/* Python's order: a class before its bases, bases in the order in which they are named */
static void set_line(Eval *ev, Class *c, Class *const *base, int n)
{
    int at[MAXLINE] = {0}, most = 1;
    for (int k = 0; k < n; k++) most += base[k]->nline;
    if (n > MAXLINE || most > 4 * MAXLINE)
        eval_fail(ev, E0215, (Span){0}, NULL, "a class below more than %d others", (int)MAXLINE);
    c->line = NEWN(&ev->cx->arena, Class *, most);
    c->line[c->nline++] = c;
    for (bool more = true; more;) {
        Class *next = NULL;
        more = false;
        for (int k = 0; k < n && !next; k++) {
            if (at[k] >= base[k]->nline) continue;
            more = true;
            if (!is_behind(base[k]->line[at[k]], base, at, n)) next = base[k]->line[at[k]];
        }
        if (!next) break;
        c->line[c->nline++] = next;
        for (int k = 0; k < n; k++)
            if (at[k] < base[k]->nline && base[k]->line[at[k]] == next) at[k]++;
    }
}

static void add_traits(Class *c, const Class *base)
{
    for (int i = 0; i < COUNT(c->trait); i++) c->trait[i] |= base->trait[i];
}

static void add_field(Eval *ev, Class *c, Value name)
{
    for (int i = 0; i < c->fields.n; i++)
        if (c->fields.at[i].s == name.s) return;
    seq_add(ev->cx, &c->fields, name);
}

Class *class_new(Eval *ev, const char *name, Class *const *base, int n)
{
    Class *c = NEW(&ev->cx->arena, Class);
    c->name = name;
    for (int k = n - 1; k >= 0; k--) {
        add_traits(c, base[k]);
        for (int i = 0; i < base[k]->fields.n; i++) add_field(ev, c, base[k]->fields.at[i]);
    }
    set_line(ev, c, base, n);
    return c;
}

/* ---- members of an Enum ---- */

Value enum_member(Eval *ev, Class *c, Value name, Value value)
{
    Value m = value_object(ev->cx, c);
    attr_set(ev->cx, &m.object->attrs, intern(ev->cx, "name"), name);
    attr_set(ev->cx, &m.object->attrs, intern(ev->cx, "value"), value);
    return m;
}

bool is_member(const Class *c, const Value *v)
{
    return v->kind == VAL_OBJECT && v->object->cls == c;
}

/* among the first n attributes: itself, or the one of that value */
const Value *class_member(const Class *c, const Value *v, int n)
{
    for (int i = 0; i < n; i++) {
        const Value *m = &c->attrs.val[i];
        if (is_member(c, m) && (value_same(&m->object->attrs.val[1], v) || value_is(m, v))) return m;
    }
    return NULL;
}

/* what follows the last value: of a Flag the next bit, of a StrEnum the name in small letters */
static Value next_value(Eval *ev, const Class *c, const char *name, Int last, bool strings)
{
    if (strings) {
        char *s = arena_copy(&ev->cx->arena, name, strlen(name));
        for (char *p = s; *p; p++)
            if (*p >= 'A' && *p <= 'Z') *p = (char)(*p + 32);
        return value_text(ev->cx, "%s", s);
    }
    if (!c->is_flag) return value_int(last + 1);
    Int bit = 1;
    while (bit <= last && bit < (Int)1 << 62) bit *= 2;
    return value_int(bit);
}

static bool binds_plainly(const Node *body, const char *name)
{
    for (const Node *s = body; s; s = s->next)
        if (s->kind == N_assign)
            for (const Node *t = s->items; t; t = t->next) {
                if (t->kind == N_name && t->name == name) return true;
                if (t->kind == N_tuple && binds_plainly(t->items, name)) return true;
            }
    return false;
}

/* every name that the body assigns to becomes a member; a value that is there already is another
   name of that member */
static void make_members(Eval *ev, Class *c, const Node *body)
{
    Int last = 0;
    bool strings = c->ordered && c->plain && !c->is_flag;
    bool some = false;
    for (int i = 0; i < c->attrs.n; i++) { /* auto() is a string where all the others are */
        ValueKind k = c->attrs.val[i].kind;
        some |= k == VAL_STR;
        strings &= k == VAL_STR || k == VAL_ELLIPSIS || k == VAL_FUNC || c->attrs.key[i].s[0] == '_';
    }
    strings &= some;
    for (int i = 0; i < c->attrs.n; i++) {
        const char *name = c->attrs.key[i].s;
        Value *v = &c->attrs.val[i];
        if (name[0] == '_' || v->kind == VAL_FUNC || !binds_plainly(body, name)) continue;
        if (v->kind == VAL_ELLIPSIS) *v = next_value(ev, c, name, last, strings); /* auto() */
        if (v->kind == VAL_INT) last = v->i;
        const Value *same = class_member(c, v, i);
        *v = same ? *same : enum_member(ev, c, c->attrs.key[i], *v);
    }
}

/* ---- the class statement ---- */

/* a base that is Python's own says what kind of class this is */
static void builtin_base(Class *c, const char *name)
{
    static const Class kinds[] = {
        {.name = "Enum", .is_enum = true},
        {.name = "IntEnum", .is_enum = true, .plain = true, .ordered = true},
        {.name = "StrEnum", .is_enum = true, .plain = true, .ordered = true},
        {.name = "Flag", .is_enum = true, .is_flag = true, .plain = true},
        {.name = "IntFlag", .is_enum = true, .is_flag = true, .plain = true, .ordered = true},
        {.name = "NamedTuple", .is_tuple = true, .is_record = true},
        {.name = "BaseException", .is_error = true},
        {.name = "int", .plain = true},
        {.name = "str", .plain = true},
        {.name = "float", .plain = true},
    };
    for (int i = 0; i < COUNT(kinds); i++)
        if (!strcmp(kinds[i].name, name)) add_traits(c, &kinds[i]);
}

static void add_fields(Eval *ev, Class *c, const Node *body)
{
    for (const Node *s = body; s; s = s->next)
        if (s->kind == N_annotate && s->target->kind == N_name && !ast_called(s->annotation, "ClassVar"))
            add_field(ev, c, value_key(s->target->name));
}

/* the names of the body become attributes, in the order in which they were bound */
static void run_body(Eval *ev, Class *c, const Node *n)
{
    Env *outer = ev->env, *env = ev->env = env_new(ev, outer);
    env->is_class = true;
    exec(ev, n->body);
    ev->env = outer;
    Seq in_order = {0}; /* bindings are kept newest first */
    for (const Binding *b = env->first; b; b = b->next)
        if (b->value.kind != VAL_UNSET)
            seq_add(ev->cx, &in_order, value_key(b->name));
    for (int i = in_order.n - 1; i >= 0; i--) {
        Value v = env_find(env, in_order.at[i].s)->value;
        if (v.kind == VAL_FUNC && !v.func->owner) v.func->owner = c;
        if (v.kind == VAL_FUNC && v.func->setter) v.func->setter->owner = c;
        attr_set(ev->cx, &c->attrs, in_order.at[i].s, v);
    }
}

Value make_class(Eval *ev, const Node *n)
{
    Class *base[MAXLINE] = {0}, own = {0};
    int nbase = 0;
    for (const Node *b = n->items; b; b = b->next) {
        if (b->kind == N_keyword || b->kind == N_star || b->kind == N_dstar) continue;
        Value v = eval(ev, b);
        if (v.kind == VAL_CLASS && nbase < MAXLINE)
            base[nbase++] = v.cls;
        else if (v.kind == VAL_BUILTIN)
            builtin_base(&own, v.builtin->name);
        else if (v.kind == VAL_FOREIGN)
            own.foreign |= strncmp(v.s, "typing.", 7) && strncmp(v.s, "abc.", 4);
        else
            eval_fail(ev, E0204, b->span, NULL, "%s is no class", value_name[v.kind]);
    }
    Class *c = class_new(ev, n->name, base, nbase);
    if (in_prelude(ev->cx, n->span)) builtin_base(&own, n->name);
    own.plain &= own.is_enum || c->is_enum;
    add_traits(c, &own);
    if (!c->is_enum) add_fields(ev, c, n->body);
    run_body(ev, c, n);
    if (c->is_enum) make_members(ev, c, n->body);
    return (Value){.kind = VAL_CLASS, .cls = c};
}

/* ---- instances ---- */

static Value member_of_value(Eval *ev, Class *c, const Args *a)
{
    const Value *m = a->pos.n == 1 ? class_member(c, &a->pos.at[0], c->attrs.n) : NULL;
    if (m) return *m;
    eval_fail(ev, E0205, a->span, NULL, "'%s' has no member of that value", c->name);
}

Value make_object(Eval *ev, Class *c, const Args *a)
{
    if (c->is_enum) return member_of_value(ev, c, a);
    Value v = value_object(ev->cx, c);
    const Value *init = class_find(c, intern(ev->cx, "__init__"));
    if (class_find(c, intern(ev->cx, "__new__")))
        eval_fail(ev, E0901, a->span, "use __init__", "the class '%s' has a method __new__", c->name);
    if (c->is_error) { /* its arguments, whatever __init__ does with them */
        attr_set(ev->cx, &v.object->attrs, intern(ev->cx, "args"), value_tuple(ev->cx, a->pos));
    }
    if (init) {
        eval_call(ev, bind_method(ev, v, *init), a);
    } else if (c->is_record) {
        record_init(ev, c, v.object, a);
    } else if ((a->pos.n || a->named.n) && !c->is_error && !c->foreign) {
        eval_fail(ev, E0203, a->span, NULL, "'%s' takes no arguments", c->name);
    }
    return v;
}

bool call_special(Eval *ev, Value v, const char *name, const Value *arg, int n, Span at, Value *out)
{
    if (v.kind != VAL_OBJECT) return false;
    Value *fn = class_find(v.object->cls, intern(ev->cx, name));
    if (!fn || fn->kind == VAL_NONE) return false;
    *out = call_simple(ev, fn->kind == VAL_FUNC && !fn->func->is_static ? bind_method(ev, v, *fn) : *fn,
                       arg, n, at);
    return true;
}

Value plain_value(Value v)
{
    if (v.kind == VAL_OBJECT && v.object->cls->is_tuple)
        return (Value){.kind = VAL_TUPLE, .seq = &v.object->items};
    if (v.kind != VAL_OBJECT || !v.object->cls->plain) return v;
    const Dict *d = &v.object->attrs; /* name, value */
    return d->n > 1 ? d->val[1] : v;
}
