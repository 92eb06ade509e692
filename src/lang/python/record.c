/* Records: dataclasses and named tuples, and the functions of the modules dataclasses, enum and
   collections that make them and take them apart. */
#include "lang/lang.h"
#include <string.h>

/* ---- fields ---- */

/* what field(...) gave: an object of this class with its options as attributes */
static const char field_class[] = "dataclasses.Field";

static const Dict *field_options(const Value *v)
{
    bool field = v && v->kind == VAL_OBJECT && v->object->cls->name == field_class;
    return field ? &v->object->attrs : NULL;
}

static const Value *option(Eval *ev, const Dict *d, const char *name)
{
    return d ? attr_find(d, intern(ev->cx, name)) : NULL;
}

static bool is_set(Eval *ev, const Dict *d, const char *name, bool otherwise)
{
    const Value *v = option(ev, d, name);
    return v && v->kind != VAL_NONE ? to_bool(ev, *v, (Span){0}, name) : otherwise;
}

/* the default of a field of c; false when it has none */
static bool field_default(Eval *ev, Class *c, const char *name, Span at, Value *out)
{
    const Value *v = class_find(c, name);
    const Dict *d = field_options(v);
    if (!v) return false;
    if (!d) {
        *out = *v;
        return true;
    }
    const Value *factory = option(ev, d, "default_factory"), *given = option(ev, d, "default");
    if (factory)
        *out = call_simple(ev, *factory, NULL, 0, at);
    else if (given)
        *out = *given;
    return factory || given;
}

void record_init(Eval *ev, Class *c, Object *o, const Args *a)
{
    int n = c->fields.n;
    Signature s = {.name = c->name, .slot = NEWN(&ev->cx->arena, Formal, n + 1), .n = n, .fields = true};
    Bound b = {.arg = NEWN(&ev->cx->arena, Value, n + 1), .at = NEWN(&ev->cx->arena, Span, n + 1)};
    for (int i = 0; i < n; i++) {
        const Dict *d = field_options(class_find(c, c->fields.at[i].s));
        bool by_name = !is_set(ev, d, "init", true) || is_set(ev, d, "kw_only", c->by_name);
        s.slot[i] = (Formal){.name = c->fields.at[i].s, .by_name = by_name};
    }
    bind_args(ev, &s, a, &b);
    for (int i = 0; i < n; i++) {
        const char *name = s.slot[i].name;
        Value v = b.arg[i];
        if (v.kind == VAL_UNSET && !field_default(ev, c, name, a->span, &v)) {
            if (!is_set(ev, field_options(class_find(c, name)), "init", true)) continue; /* __post_init__ sets it */
            eval_fail(ev, E0203, a->span, NULL, "'%s' needs its field '%s'", c->name, name);
        }
        attr_set(ev->cx, &o->attrs, name, v);
    }
    Value self = {.kind = VAL_OBJECT, .object = o}, none;
    o->items = (Seq){o->attrs.n, o->attrs.n, o->attrs.val};
    if (!c->is_tuple) call_special(ev, self, "__post_init__", NULL, 0, a->span, &none);
}

Seq *record_items(Eval *ev, const Value *v)
{
    Seq *s = NEW(&ev->cx->arena, Seq);
    *s = (Seq){v->object->attrs.n, v->object->attrs.n, v->object->attrs.val};
    return s;
}

/* ---- dataclasses ---- */

Value py_dataclass(Eval *ev, Call *c)
{
    if (c->arg[0].kind != VAL_CLASS)
        eval_fail(ev, E0204, c->at[0], NULL, "'dataclass' decorates a class, not %s",
                  value_name[c->arg[0].kind]);
    Class *k = c->arg[0].cls;
    k->is_record = true;
    k->frozen = is_set(ev, &c->others, "frozen", k->frozen);
    k->ordered = is_set(ev, &c->others, "order", k->ordered);
    k->by_name = is_set(ev, &c->others, "kw_only", k->by_name);
    k->by_identity = !is_set(ev, &c->others, "eq", true);
    return c->arg[0];
}

Value py_field(Eval *ev, Call *c)
{
    Value v = value_object(ev->cx, class_new(ev, field_class, NULL, 0));
    v.object->attrs = c->others;
    return v;
}

static Object *record_arg(Eval *ev, Call *c)
{
    if (c->arg[0].kind != VAL_OBJECT || !c->arg[0].object->cls->is_record)
        eval_fail(ev, E0204, c->at[0], NULL, "'%s' takes an object of a dataclass, not %s",
                  c->fn->name, value_name[c->arg[0].kind]);
    return c->arg[0].object;
}

Value py_fields(Eval *ev, Call *c)
{
    Value v = c->arg[0], out = value_seq(ev->cx, VAL_TUPLE, 0);
    Class *k = v.kind == VAL_CLASS ? v.cls : record_arg(ev, c)->cls;
    for (int i = 0; i < k->fields.n; i++) {
        Value f = value_object(ev->cx, class_new(ev, field_class, NULL, 0));
        attr_set(ev->cx, &f.object->attrs, intern(ev->cx, "name"), k->fields.at[i]);
        const Value *d = class_find(k, k->fields.at[i].s);
        attr_set(ev->cx, &f.object->attrs, intern(ev->cx, "init"),
                 value_bool(is_set(ev, field_options(d), "init", true)));
        if (d && !field_options(d)) attr_set(ev->cx, &f.object->attrs, intern(ev->cx, "default"), *d);
        seq_add(ev->cx, out.seq, f);
    }
    return out;
}

Value py_is_dataclass(Eval *ev, Call *c)
{
    const Class *k = c->arg[0].kind == VAL_OBJECT  ? c->arg[0].object->cls
                     : c->arg[0].kind == VAL_CLASS ? c->arg[0].cls
                                                   : NULL;
    (void)ev;
    return value_bool(k && k->is_record && !k->is_tuple);
}

/* ---- named tuples ---- */

/* the names in "a, b" or ["a", "b"], or in pairs of name and type */
static Seq *field_names(Eval *ev, Call *c)
{
    Value fn;
    if (!prelude_lookup(ev, "str", "_names", &fn)) return NULL;
    return call_simple(ev, fn, &c->arg[1], 1, c->span).seq;
}

Value py_namedtuple(Eval *ev, Call *c)
{
    Class *cls = class_new(ev, to_str(ev, c->arg[0], c->at[0], "the name of the class"), NULL, 0);
    cls->is_record = cls->is_tuple = true;
    cls->fields = *field_names(ev, c);
    const Value *defaults = attr_find(&c->others, intern(ev->cx, "defaults"));
    if (!defaults || defaults->kind == VAL_NONE) return (Value){.kind = VAL_CLASS, .cls = cls};
    const Seq *d = eval_items(ev, *defaults, c->span);
    for (int i = 0; i < d->n && i < cls->fields.n; i++)
        attr_set(ev->cx, &cls->attrs, cls->fields.at[cls->fields.n - 1 - i].s, d->at[d->n - 1 - i]);
    return (Value){.kind = VAL_CLASS, .cls = cls};
}

/* Enum("Name", "A B") and Enum("Name", [...]) */
Value py_enum(Eval *ev, Call *c)
{
    if (c->arg[1].kind == VAL_NONE)
        eval_fail(ev, E0204, c->span, NULL, "'%s' is made by a class statement", c->fn->name);
    Class *cls = class_new(ev, to_str(ev, c->arg[0], c->at[0], "the name of the class"), NULL, 0);
    cls->is_enum = true;
    cls->plain = cls->ordered = strcmp(c->fn->name, "Enum") != 0;
    const Seq *names = field_names(ev, c);
    for (int i = 0; i < names->n; i++)
        attr_set(ev->cx, &cls->attrs, names->at[i].s, enum_member(ev, cls, names->at[i], value_int(i + 1)));
    return (Value){.kind = VAL_CLASS, .cls = cls};
}

/* ---- isinstance ---- */

static bool is_kind(const Value *v, const char *type)
{
    if (!word_in(type, value_info[v->kind].types)) /* a T.alloc_var is an expression, too */
        return !strcmp(type, "object") || (!strcmp(type, "PrimExpr") && is_symbolic(v));
    if (word_in(type, " PrimFunc JITKernel ")) return v->func->role == F_PRIM;
    if (!strcmp(type, "IntImm")) return v->expr->kind == E_INT;
    return strcmp(type, "Var") || v->expr->kind == E_VAR;
}

bool is_instance(Eval *ev, const Value *v, const Value *type)
{
    if (type->kind == VAL_TUPLE) {
        for (int i = 0; i < type->seq->n; i++)
            if (is_instance(ev, v, &type->seq->at[i])) return true;
        return false;
    }
    if (type->kind == VAL_NONE) return v->kind == VAL_NONE; /* in int | None */
    if (type->kind == VAL_CLASS)
        return v->kind == VAL_OBJECT && class_below(v->object->cls, type->cls);
    if (type->kind == VAL_FOREIGN) {
        const char *dot = strrchr(type->s, '.');
        return is_kind(v, dot ? dot + 1 : type->s);
    }
    if (type->kind != VAL_BUILTIN)
        eval_fail(ev, E0204, (Span){0}, NULL, "isinstance needs a type, not %s", value_name[type->kind]);
    Value plain = plain_value(*v);
    if (v->kind == VAL_OBJECT && v->object->cls->is_tuple && !strcmp(type->builtin->name, "tuple"))
        return true;
    if (v->kind == VAL_OBJECT && v->object->cls->is_enum && !strcmp(type->builtin->scope, "enum"))
        return !strcmp(type->builtin->name, "Enum") || plain.kind != VAL_OBJECT;
    return is_kind(&plain, type->builtin->name);
}
