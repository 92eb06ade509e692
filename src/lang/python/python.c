/* Python's own functions on values, types and functions: builtins, functools, copy. */
#include "lang/lang.h"
#include "lang/syntax/lex.h"
#include <string.h>

/* ---- strings, types, attributes ---- */

/* str, repr */
Value py_str(Eval *ev, Call *c)
{
    return value_shown(ev, c->arg[0], c->fn->op);
}

Value py_format(Eval *ev, Call *c)
{
    Text t = text_new(&ev->cx->arena);
    value_format(ev, &t, &c->arg[0], to_str(ev, c->arg[1], c->at[1], "a format"), c->span);
    return text_value(ev, &t, c->span);
}

Value py_chr(Eval *ev, Call *c)
{
    Text t = text_new(&ev->cx->arena);
    Int code = to_int(ev, c->arg[0], c->at[0], "the character's number");
    if (code < 0 || code > 0x10ffff) eval_fail(ev, E0205, c->at[0], NULL, "there is no such character");
    text_utf8(&t, (uint32_t)code);
    return value_str(ev->cx, t.s, t.n);
}

Value py_ord(Eval *ev, Call *c)
{
    const char *s = to_str(ev, c->arg[0], c->at[0], "a character");
    uint32_t code;
    int len = lex_utf8(s, strlen(s), &code);
    if (!len || s[len]) eval_fail(ev, E0204, c->at[0], NULL, "'ord' takes one character");
    return value_int(code);
}

Value py_isinstance(Eval *ev, Call *c)
{
    return value_bool(is_instance(ev, &c->arg[0], &c->arg[1]));
}

Value py_issubclass(Eval *ev, Call *c)
{
    Value x = c->arg[0];
    const Seq *types = c->arg[1].kind == VAL_TUPLE ? c->arg[1].seq : &(Seq){1, 1, &c->arg[1]};
    if (x.kind != VAL_CLASS && x.kind != VAL_BUILTIN && x.kind != VAL_FOREIGN)
        eval_fail(ev, E0204, c->at[0], NULL, "%s is no class", value_name[x.kind]);
    bool is = false;
    for (int i = 0; i < types->n; i++) {
        Value t = types->at[i];
        is |= value_is(&x, &t) || (x.kind == VAL_CLASS && t.kind == VAL_CLASS && class_below(x.cls, t.cls)) ||
              (x.kind == VAL_BUILTIN && t.kind == VAL_BUILTIN && !strcmp(x.builtin->name, "bool") &&
               !strcmp(t.builtin->name, "int"));
    }
    return value_bool(is);
}

Value py_type(Eval *ev, Call *c)
{
    Value v = c->arg[0];
    const char *types = value_info[v.kind].types + (*value_info[v.kind].types == ' ');
    const Builtin *own = builtin_find("py", intern_n(ev->cx, types, strcspn(types, " ")));
    if (v.kind == VAL_OBJECT) return (Value){.kind = VAL_CLASS, .cls = v.object->cls};
    return own ? (Value){.kind = VAL_BUILTIN, .builtin = own} : value_foreign(ev->cx, "type(%s)", value_name[v.kind]);
}

static const char *attr_name(Eval *ev, Call *c)
{
    return intern(ev->cx, to_str(ev, c->arg[1], c->at[1], "the name of an attribute"));
}

Value py_getattr(Eval *ev, Call *c)
{
    Value out;
    const char *name = attr_name(ev, c);
    if (c->arg[0].kind == VAL_MODULE || !c->rest.n) return eval_attr(ev, c->arg[0], name, c->at[1]);
    return attr_lookup(ev, c->arg[0], name, c->at[1], &out) ? out : c->rest.at[0];
}

Value py_hasattr(Eval *ev, Call *c)
{
    Value v = c->arg[0], out;
    const char *name = attr_name(ev, c);
    if (v.kind == VAL_FOREIGN)
        eval_fail(ev, E0202, c->at[0], NULL, "'%s' is not part of the program: what it has is not known", v.s);
    return value_bool(v.kind == VAL_MODULE ? module_has(ev, v.module, name, c->at[1], &out)
                                           : attr_lookup(ev, v, name, c->at[1], &out));
}

/* also object.__setattr__, which goes past the guards of a frozen class */
Value py_setattr(Eval *ev, Call *c)
{
    const char *name = attr_name(ev, c);
    if (!c->fn->op)
        assign_attr(ev, c->arg[0], name, c->arg[2], c->span);
    else if (c->arg[0].kind == VAL_OBJECT)
        attr_set(ev->cx, &c->arg[0].object->attrs, name, c->arg[2]);
    else
        eval_fail(ev, E0204, c->at[0], NULL, "no object to set '%s' of", name);
    return NONE_VALUE;
}

Value py_callable(Eval *ev, Call *c)
{
    ValueKind k = c->arg[0].kind;
    bool object = k == VAL_OBJECT && class_find(c->arg[0].object->cls, intern(ev->cx, "__call__"));
    return value_bool(k == VAL_FUNC || k == VAL_BUILTIN || k == VAL_METHOD || k == VAL_PARTIAL ||
                      k == VAL_CLASS || object);
}

/* a number that tells objects apart, the same in every run */
Value py_hash(Eval *ev, Call *c)
{
    Value v = c->arg[0], out;
    if (call_special(ev, v, "__hash__", NULL, 0, c->span, &out)) return out;
    eval_key(ev, v, c->at[0]);
    Text t = text_new(&ev->cx->arena);
    value_show(ev, &t, &v, true);
    Int h = 17;
    for (size_t i = 0; i < t.n; i++) h = (h * 31 + (unsigned char)t.s[i]) & 0x7fffffffffffffff;
    return v.kind == VAL_INT || v.kind == VAL_BOOL ? value_int(v.i) : value_int(h);
}

/* super().__init__(...) where no base has one: an exception keeps its arguments */
Value m_super_init(Eval *ev, Call *c)
{
    Value self = c->arg[0];
    if (self.kind == VAL_OBJECT && self.object->cls->is_error)
        attr_set(ev->cx, &self.object->attrs, intern(ev->cx, "args"), value_tuple(ev->cx, c->rest));
    return NONE_VALUE;
}

/* copy.copy and copy.deepcopy */
static Value copied(Eval *ev, Value v, bool deep, int depth, Span at)
{
    Value out = v;
    if (depth > 100) eval_fail(ev, E0215, at, NULL, "a copy of values nested deeper than %d levels", 100);
    eval_step(ev, at);
    if (v.kind == VAL_LIST || v.kind == VAL_TUPLE) {
        out = value_seq(ev->cx, v.kind, v.seq->n);
        for (int i = 0; i < v.seq->n; i++)
            out.seq->at[i] = deep ? copied(ev, v.seq->at[i], true, depth + 1, at) : v.seq->at[i];
    } else if (v.kind == VAL_DICT || v.kind == VAL_SET) {
        out.dict = NEW(&ev->cx->arena, Dict);
        for (int i = 0; i < v.dict->n; i++)
            dict_set(ev->cx, out.dict, v.dict->key[i],
                     deep ? copied(ev, v.dict->val[i], true, depth + 1, at) : v.dict->val[i]);
        out.dict->missing = v.dict->missing;
    } else if (v.kind == VAL_OBJECT && !v.object->cls->is_enum) {
        const Dict *d = &v.object->attrs;
        out.object = NEW(&ev->cx->arena, Object);
        out.object->cls = v.object->cls;
        for (int i = 0; i < d->n; i++)
            attr_set(ev->cx, &out.object->attrs, d->key[i].s,
                     deep ? copied(ev, d->val[i], true, depth + 1, at) : d->val[i]);
        out.object->items = (Seq){d->n, d->n, out.object->attrs.val};
    }
    return out;
}

Value py_copy(Eval *ev, Call *c)
{
    return copied(ev, c->arg[0], c->fn->op, 0, c->span);
}

/* ---- decorators and function tools ---- */

/* property, cached_property, staticmethod, classmethod */
Value py_mark(Eval *ev, Call *c)
{
    Func *f = c->arg[0].func;
    if (c->arg[0].kind != VAL_FUNC)
        eval_fail(ev, E0204, c->at[0], NULL, "'%s' decorates a function, not %s", c->fn->name, value_name[c->arg[0].kind]);
    f->cached = c->fn->op == MARK_CACHED;
    f->property |= c->fn->op == MARK_PROPERTY || f->cached;
    f->is_static |= c->fn->op == MARK_STATIC;
    f->is_classmethod |= c->fn->op == MARK_CLASS;
    return c->arg[0];
}

/* @x.setter: the property x with another function that sets it */
Value m_setter(Eval *ev, Call *c)
{
    if (c->arg[0].kind != VAL_FUNC || !c->arg[0].func->property || c->arg[1].kind != VAL_FUNC)
        eval_fail(ev, E0204, c->span, NULL, "a setter belongs to a property");
    Func *both = NEW(&ev->cx->arena, Func);
    *both = *c->arg[0].func;
    both->setter = c->arg[1].func;
    return (Value){.kind = VAL_FUNC, .func = both};
}

/* super() in a method, and super(Class, self) */
Value py_super(Eval *ev, Call *c)
{
    Value v = {.kind = VAL_SUPER, .self = NEW(&ev->cx->arena, Value), .fn = NEW(&ev->cx->arena, Value)};
    const Frame *f = ev->frame;
    while (f && f->func && !f->func->owner) f = f->outer; /* from inside of a comprehension's lambda */
    const Node *self = f && f->func ? f->func->node->items : NULL;
    if (c->arg[0].kind == VAL_CLASS) {
        *v.fn = c->arg[0];
        *v.self = c->arg[1];
    } else {
        if (!self) eval_fail(raising(ev, "RuntimeError"), E0205, c->span, NULL, "super() outside of a method");
        *v.fn = (Value){.kind = VAL_CLASS, .cls = (Class *)f->func->owner};
        *v.self = eval_name(ev, self->name, c->span);
    }
    if (v.self->kind != VAL_OBJECT && v.self->kind != VAL_CLASS)
        eval_fail(ev, E0204, c->span, NULL, "super() of %s", value_name[v.self->kind]);
    return v;
}

Value py_partial(Eval *ev, Call *c)
{
    return value_partial(ev->cx, c->arg[0], c->rest, c->others);
}

Value py_cache(Eval *ev, Call *c)
{
    Value f = c->arg[0];
    if (f.kind == VAL_INT) /* lru_cache(100) */
        return value_partial(ev->cx, (Value){.kind = VAL_BUILTIN, .builtin = c->fn}, (Seq){0}, (Dict){0});
    if (f.kind == VAL_FUNC && f.func->role == F_PLAIN) f.func->cached = true;
    return f;
}

/* the cached results of a function are forgotten */
Value m_cache_clear(Eval *ev, Call *c)
{
    (void)ev;
    if (c->arg[0].kind == VAL_FUNC) c->arg[0].func->results = NULL;
    return NONE_VALUE;
}

/* f.compile(M=..., tunables...): the kernel that a factory makes */
Value m_compile(Eval *ev, Call *c)
{
    if (c->arg[0].kind == VAL_FUNC && is_eager(c->arg[0].func))
        eval_fail(ev, E0901, c->span, "call it with its tensors", "'compile' of an eager kernel");
    Value all = value_partial(ev->cx, c->arg[0], c->rest, c->others);
    return eval_call(ev, all, &(Args){.span = c->span, .callee = c->callee});
}

/* @wraps(f): the function below has f's name and parameters */
Value py_wraps(Eval *ev, Call *c)
{
    Value as = {.kind = VAL_BUILTIN, .builtin = builtin_find("functools", "update_wrapper")};
    return value_partial(ev->cx, as, (Seq){1, 1, c->arg}, (Dict){0});
}

Value py_update_wrapper(Eval *ev, Call *c)
{
    Value wrapped = c->arg[0], f = c->arg[1];
    (void)ev;
    if (f.kind == VAL_FUNC && wrapped.kind == VAL_FUNC) {
        f.func->wrapped = wrapped.func->wrapped ? wrapped.func->wrapped : wrapped.func;
        f.func->name = wrapped.func->name;
    }
    return f;
}

/* ---- the root of classes, and what has no meaning here ---- */

Value py_object(Eval *ev, Call *c)
{
    (void)c;
    return value_object(ev->cx, class_new(ev, "object", NULL, 0));
}

Value py_not_implemented(Eval *ev, Call *c)
{
    (void)c;
    return value_foreign(ev->cx, "NotImplemented");
}
