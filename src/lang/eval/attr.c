/* Attributes: of objects and classes, of the values of the program that grows, methods of every
   kind of value. */
#include "lang/dialect.h"
#include <string.h>

Span attr_span(const Node *n)
{
    uint32_t len = (uint32_t)strlen(n->name);
    return (Span){n->span.file, n->span.at + n->span.len - MIN(len, n->span.len), len};
}

Value bind_method(Eval *ev, Value self, Value fn)
{
    Value m = {
        .kind = VAL_METHOD, .self = NEW(&ev->cx->arena, Value), .fn = NEW(&ev->cx->arena, Value)};
    *m.self = self;
    *m.fn = fn;
    return m;
}

/* ---- objects and classes ---- */

static Value class_value(Class *c)
{
    return (Value){.kind = VAL_CLASS, .cls = c};
}

/* what was found in a class, as it is seen through an object or the class itself */
static Value through(Eval *ev, Value v, Value found, const char *name, Span at)
{
    bool object = v.kind == VAL_OBJECT;
    if (found.kind != VAL_FUNC) return found;
    if (found.func->is_classmethod) return bind_method(ev, object ? class_value(v.object->cls) : v, found);
    if (!object || found.func->is_static) return found;
    if (!found.func->property) return bind_method(ev, v, found);
    Value out = call_simple(ev, found, &v, 1, at);
    if (found.func->cached) attr_set(ev->cx, &v.object->attrs, name, out);
    return out;
}

static bool object_attr(Eval *ev, Value v, const char *name, Span at, Value *out)
{
    Class *c = v.kind == VAL_OBJECT ? v.object->cls : v.cls;
    Value *a = class_find(c, name);
    bool data = a && a->kind == VAL_FUNC && a->func->property && !a->func->cached;
    Value *own = v.kind == VAL_OBJECT && !data ? attr_find(&v.object->attrs, name) : NULL;
    if (own) {
        *out = *own;
    } else if (a) {
        *out = through(ev, v, *a, name, at);
    } else if (!strcmp(name, "__class__") && v.kind == VAL_OBJECT) {
        *out = class_value(c);
    } else if (!strcmp(name, "__dict__")) {
        *out = (Value){.kind = VAL_DICT, .dict = v.kind == VAL_OBJECT ? &v.object->attrs : &c->attrs};
    } else if (!strcmp(name, "__members__") && c->is_enum) {
        *out = value_dict(ev->cx);
        for (int i = 0; i < c->attrs.n; i++)
            if (is_member(c, &c->attrs.val[i]))
                dict_set(ev->cx, out->dict, c->attrs.key[i], c->attrs.val[i]);
    } else if (!strcmp(name, "_fields") && c->is_tuple) {
        *out = value_tuple(ev->cx, c->fields);
    } else if (v.kind == VAL_OBJECT && class_find(c, intern(ev->cx, "__getattr__"))) {
        Value key = value_text(ev->cx, "%s", name);
        return call_special(ev, v, "__getattr__", &key, 1, at, out);
    } else {
        return false;
    }
    return true;
}

/* super().name: what the classes after this one in the object's line have */
static bool super_attr(Eval *ev, Value v, const char *name, Span at, Value *out)
{
    Value self = *v.self;
    const Class *of = self.kind == VAL_OBJECT ? self.object->cls : self.cls, *after = v.fn->cls;
    int i = 0;
    while (i < of->nline && of->line[i] != after) i++;
    for (i++; i < of->nline; i++) {
        Value *a = attr_find(&of->line[i]->attrs, name);
        if (!a) continue;
        *out = through(ev, self, *a, name, at);
        return true;
    }
    if (!strcmp(name, "__init__") || !strcmp(name, "__post_init__") ||
        !strcmp(name, "__init_subclass__")) {
        *out = bind_method(ev, self, (Value){.kind = VAL_BUILTIN, .builtin = builtin_find("super", "__init__")});
        return true;
    }
    if (!of->foreign) return false;
    *out = value_foreign(ev->cx, "super().%s", name);
    return true;
}

void assign_attr(Eval *ev, Value o, const char *name, Value v, Span at)
{
    if (o.kind == VAL_CLASS) {
        attr_set(ev->cx, &o.cls->attrs, name, v);
        return;
    }
    if (o.kind == VAL_FOREIGN || o.kind == VAL_FUNC || o.kind == VAL_MODULE)
        return; /* settings of the host's libraries mean nothing here */
    if (o.kind != VAL_OBJECT)
        eval_fail(raising(ev, "AttributeError"), E0204, at, NULL,
                  "attributes of %s cannot be assigned to", value_name[o.kind]);
    const Class *c = o.object->cls;
    Value *a = class_find(c, name);
    if (a && a->kind == VAL_FUNC && a->func->property && !a->func->cached) {
        if (!a->func->setter)
            eval_fail(raising(ev, "AttributeError"), E0204, at, NULL,
                      "the property '%s' of '%s' has no setter", name, c->name);
        Value fn = {.kind = VAL_FUNC, .func = a->func->setter};
        call_simple(ev, fn, (Value[]){o, v}, 2, at);
        return;
    }
    if (c->frozen || c->is_tuple)
        eval_fail(raising(ev, "AttributeError"), E0204, at,
                  "dataclasses.replace makes a changed copy", "'%s' is frozen: '%s' cannot change",
                  c->name, name);
    attr_set(ev->cx, &o.object->attrs, name, v);
}

/* ---- the other kinds ---- */

static bool dtype_attr(Eval *ev, DType t, const char *name, Value *out)
{
    if (!strcmp(name, "bits"))
        *out = value_int(dtype_info[t].bits);
    else if (!strcmp(name, "itemsize") || !strcmp(name, "bytes"))
        *out = value_int(dtype_bytes(t));
    else if (!strcmp(name, "name") || !strcmp(name, "__name__"))
        *out = value_text(ev->cx, "%s", dtype_info[t].name);
    else if (!strcmp(name, "lanes"))
        *out = value_int(1);
    else if (!strcmp(name, "is_floating_point"))
        *out = value_bool(dtype_is_float(t));
    else if (!strcmp(name, "is_signed"))
        *out = value_bool(dtype_info[t].cls == CLS_F || dtype_info[t].cls == CLS_I);
    else
        return false;
    return true;
}

static bool buffer_attr(Eval *ev, const Buf *b, const char *name, Value *out)
{
    if (!strcmp(name, "shape")) {
        *out = value_seq(ev->cx, VAL_TUPLE, b->ndim);
        for (int d = 0; d < b->ndim; d++) out->seq->at[d] = simplify(value_expr(b->dim[d]));
    } else if (!strcmp(name, "data")) {
        *out = pointer_to(ev, value_buf((Buf *)b), (Span){0});
    } else if (!strcmp(name, "ndim")) {
        *out = value_int(b->ndim);
    } else if (!strcmp(name, "name")) {
        *out = value_text(ev->cx, "%s", b->name);
    } else {
        return false;
    }
    return true;
}

/* attributes that are data; false when the kind has none of that name */
static bool data_attr(Eval *ev, const Value *v, const char *name, Value *out)
{
    const Buf *b = v->kind == VAL_BUF ? v->buf : v->kind == VAL_REF ? v->ref->buf : NULL;
    const char *own = v->kind == VAL_CLASS     ? v->cls->name
                      : v->kind == VAL_BUILTIN ? v->builtin->name
                      : v->kind == VAL_FUNC    ? v->func->name
                                               : NULL;
    bool func = v->kind == VAL_FUNC;
    if (v->kind == VAL_DTYPE) return dtype_attr(ev, v->dtype, name, out);
    if (v->kind == VAL_STR && dtype_named(v->s) && word_in(name, " bits itemsize "))
        return dtype_attr(ev, dtype_named(v->s), name, out); /* a type by its name */
    if (own && (!strcmp(name, "__name__") || (func && !strcmp(name, "__qualname__"))))
        *out = value_text(ev->cx, "%s", own);
    else if (func && !strcmp(name, "__doc__"))
        *out = NONE_VALUE;
    else if (func && !strcmp(name, "__wrapped__") && v->func->wrapped)
        *out = (Value){.kind = VAL_FUNC, .func = (Func *)v->func->wrapped};
    else if (!strcmp(name, "dtype") && (b || v->kind == VAL_EXPR))
        *out = value_dtype(b ? b->type : v->expr->type);
    else if (v->kind == VAL_PARTIAL && word_in(name, " func args keywords "))
        *out = name[0] == 'f' ? *v->fn : v->self[name[0] == 'k'];
    else if (v->kind == VAL_INT && word_in(name, " real numerator "))
        *out = *v;
    else if (v->kind == VAL_RANGE && word_in(name, " start stop step "))
        *out = v->seq->at[name[2] == 'o' ? 1 : name[2] == 'e' ? 2 : 0];
    else
        return v->kind == VAL_BUF && buffer_attr(ev, b, name, out);
    return true;
}

static bool slot_attr(const Value *v, const char *name, Value *out)
{
    const Pipe *p = v->slot->verb.pipe;
    for (int i = 0; i < p->ntile; i++)
        if (p->tile[i].name && !strcmp(p->tile[i].name, name)) {
            *out = value_buf(v->slot->verb.slot[i]);
            return true;
        }
    return false;
}

/* where builtins.def keeps the methods of a kind */
static const char *method_scope(const Value *v)
{
    const Class *c = v->kind == VAL_OBJECT ? v->object->cls : v->kind == VAL_CLASS ? v->cls : NULL;
    return c && c->is_tuple ? "namedtuple" : value_info[v->kind].scope;
}

/* a type's own methods by its name: str.join, dict.fromkeys */
static const char *type_scope(const Value *v)
{
    bool own = v->kind == VAL_BUILTIN && !strcmp(v->builtin->scope, "py");
    return own && word_in(v->builtin->name, " str list tuple set dict int float object ") ? v->builtin->name : NULL;
}

static bool method_attr(Eval *ev, Value v, const char *name, Value *out)
{
    const char *type = type_scope(&v);
    const Builtin *f = builtin_find(type ? type : method_scope(&v), name);
    if (!f && v.kind == VAL_DTYPE && (f = builtin_find("str", name)))
        v = value_text(ev->cx, "%s", dtype_info[v.dtype].name);
    Value fn = {.kind = VAL_BUILTIN, .builtin = f}, plain = plain_value(v);
    if (!f && !prelude_lookup(ev, type ? type : method_scope(&v), name, &fn))
        return v.kind == VAL_OBJECT && plain.kind != VAL_OBJECT && attr_lookup(ev, plain, name, (Span){0}, out);
    *out = type ? fn : bind_method(ev, v, fn);
    return true;
}

bool attr_lookup(Eval *ev, Value v, const char *name, Span at, Value *out)
{
    switch (v.kind) {
    case VAL_FOREIGN: *out = value_foreign(ev->cx, "%s.%s", v.s, name); return true;
    case VAL_OBJECT:
    case VAL_CLASS:
        if (object_attr(ev, v, name, at, out)) return true;
        break;
    case VAL_SUPER: return super_attr(ev, v, name, at, out);
    case VAL_SLOT:
        if (slot_attr(&v, name, out)) return true;
        break;
    default: break;
    }
    if (data_attr(ev, &v, name, out) || method_attr(ev, v, name, out)) return true;
    const Class *c = v.kind == VAL_OBJECT ? v.object->cls : v.kind == VAL_CLASS ? v.cls : NULL;
    if (!c || !c->foreign) return false;
    *out = value_foreign(ev->cx, "%s.%s", c->name, name); /* perhaps of a base that is not read */
    return true;
}

Value eval_attr(Eval *ev, Value v, const char *name, Span at)
{
    Value out;
    if (v.kind == VAL_MODULE) return module_attr(ev, v.module, name, at);
    if (attr_lookup(ev, v, name, at, &out)) return out;
    const Class *c = v.kind == VAL_OBJECT ? v.object->cls : v.kind == VAL_CLASS ? v.cls : NULL;
    const char *names[64];
    int n = 0;
    for (int i = 0; c && i < c->fields.n && n < COUNT(names); i++) names[n++] = c->fields.at[i].s;
    for (int i = 0; c && i < c->attrs.n && n < COUNT(names); i++) names[n++] = c->attrs.key[i].s;
    for (int i = 0; v.kind == VAL_OBJECT && i < v.object->attrs.n && n < COUNT(names); i++)
        names[n++] = v.object->attrs.key[i].s;
    const char *near = did_you_mean(ev->cx, name, names, n), *help = near ? near : builtin_nearest(ev, method_scope(&v), name);
    if (c)
        eval_fail(raising(ev, "AttributeError"), E0204, at, help, "'%s' has no attribute '%s'",
                  c->name, name);
    eval_fail(raising(ev, "AttributeError"), E0204, at, help, "%s has no attribute '%s'",
              value_name[v.kind], name);
}
