/* Python's own functions on values, types and functions: builtins, functools, operator. */
#include "lang/lang.h"
#include <string.h>

/* ---- strings, types, attributes ---- */

Value py_str(Eval *ev, Call *c)
{
    return value_shown(ev, c->arg[0], false);
}

Value py_repr(Eval *ev, Call *c)
{
    return value_shown(ev, c->arg[0], true);
}

Value py_format(Eval *ev, Call *c)
{
    Text t = text_new(&ev->cx->arena);
    value_format(ev, &t, &c->arg[0], to_str(ev, c->arg[1], c->at[1], "a format"), c->span);
    return text_value(ev, &t, c->span);
}

/* hex, oct, bin: by the first letter after 0 */
static Value in_base(Eval *ev, Call *c, const char *spec)
{
    Text t = text_new(&ev->cx->arena);
    Value v = value_int(to_int(ev, c->arg[0], c->at[0], "the number"));
    value_format(ev, &t, &v, spec, c->span);
    return text_value(ev, &t, c->span);
}

Value py_hex(Eval *ev, Call *c)
{
    return in_base(ev, c, "#x");
}

Value py_oct(Eval *ev, Call *c)
{
    return in_base(ev, c, "#o");
}

Value py_bin(Eval *ev, Call *c)
{
    return in_base(ev, c, "#b");
}

Value py_chr(Eval *ev, Call *c)
{
    Int code = to_int(ev, c->arg[0], c->at[0], "the character's number");
    char b[4];
    if (code < 0 || code > 0x10ffff) eval_fail(ev, E0205, c->at[0], NULL, "there is no such character");
    uint32_t u = (uint32_t)code;
    size_t n = u < 0x80 ? 1 : u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;
    b[0] = (char)(n == 1 ? u : (0xf0u << (4 - n)) | u >> (6 * (n - 1)));
    for (size_t k = 1; k < n; k++) b[k] = (char)(0x80 | (u >> (6 * (n - 1 - k)) & 0x3f));
    return value_str(ev->cx, b, n);
}

Value py_ord(Eval *ev, Call *c)
{
    const unsigned char *s = (const unsigned char *)to_str(ev, c->arg[0], c->at[0], "a character");

    int more = *s < 0x80 ? 0 : *s < 0xe0 ? 1 : *s < 0xf0 ? 2 : 3;
    Int code = more ? *s & (0x3f >> more) : *s;
    for (int k = 1; k <= more && s[k]; k++) code = code << 6 | (s[k] & 0x3f);
    if (!*s || s[1 + more]) eval_fail(ev, E0204, c->at[0], NULL, "'ord' takes one character");
    return value_int(code);
}

Value py_isinstance(Eval *ev, Call *c)
{
    return value_bool(is_instance(ev, &c->arg[0], &c->arg[1]));
}

Value py_issubclass(Eval *ev, Call *c)
{
    Value of = c->arg[1];
    Value one = value_seq(ev->cx, VAL_TUPLE, 1), x = c->arg[0];
    one.seq->at[0] = of;
    const Seq *types = of.kind == VAL_TUPLE ? of.seq : one.seq;
    if (x.kind != VAL_CLASS && x.kind != VAL_BUILTIN && x.kind != VAL_FOREIGN)
        eval_fail(ev, E0204, c->at[0], NULL, "%s is no class", value_name[x.kind]);
    for (int i = 0; i < types->n; i++) {
        Value t = types->at[i];
        bool number = x.kind == VAL_BUILTIN && t.kind == VAL_BUILTIN && !strcmp(x.builtin->name, "bool") &&
                      !strcmp(t.builtin->name, "int");
        if (number || (x.kind == VAL_CLASS && t.kind == VAL_CLASS ? class_below(x.cls, t.cls) : value_is(&x, &t)))
            return value_bool(true);
    }
    return value_bool(false);
}

Value py_type(Eval *ev, Call *c)
{
    static const char *const names[NVAL] = {
        [VAL_INT] = "int",   [VAL_BOOL] = "bool",   [VAL_FLOAT] = "float",  [VAL_STR] = "str",
        [VAL_LIST] = "list", [VAL_TUPLE] = "tuple", [VAL_DICT] = "dict",    [VAL_SET] = "set",
        [VAL_RANGE] = "range", [VAL_SLICE] = "slice"};
    Value v = c->arg[0];
    if (v.kind == VAL_OBJECT) return (Value){.kind = VAL_CLASS, .cls = v.object->cls};
    if (!names[v.kind]) return value_foreign(ev->cx, "type(%s)", value_name[v.kind]);
    return (Value){.kind = VAL_BUILTIN, .builtin = builtin_find("py", names[v.kind])};
}

Value py_getattr(Eval *ev, Call *c)
{
    Value out;
    const char *name = intern(ev->cx, to_str(ev, c->arg[1], c->at[1], "the name of an attribute"));
    if (c->arg[0].kind == VAL_MODULE || !c->rest.n) return eval_attr(ev, c->arg[0], name, c->at[1]);
    return attr_lookup(ev, c->arg[0], name, c->at[1], &out) ? out : c->rest.at[0];
}

Value py_hasattr(Eval *ev, Call *c)
{
    Value out;
    const char *name = intern(ev->cx, to_str(ev, c->arg[1], c->at[1], "the name of an attribute"));
    if (c->arg[0].kind == VAL_FOREIGN)
        eval_fail(ev, E0202, c->at[0], NULL, "'%s' is not part of the program: what it has is not known",
                  c->arg[0].s);
    if (c->arg[0].kind == VAL_MODULE)
        return value_bool(c->arg[0].module->scope ? builtin_find(c->arg[0].module->scope, name) ||
                                                        (c->arg[0].module->dtypes && dtype_named(name))
                                                  : module_lookup(ev, c->arg[0].module, name, &out));
    return value_bool(attr_lookup(ev, c->arg[0], name, c->at[1], &out));
}

Value py_setattr(Eval *ev, Call *c)
{
    const char *name = intern(ev->cx, to_str(ev, c->arg[1], c->at[1], "the name of an attribute"));
    assign_attr(ev, c->arg[0], name, c->arg[2], c->span);
    return NONE_VALUE;
}

/* object.__setattr__: past the guards of a frozen class */
Value m_setattr(Eval *ev, Call *c)
{
    const char *name = intern(ev->cx, to_str(ev, c->arg[1], c->at[1], "the name of an attribute"));
    if (c->arg[0].kind != VAL_OBJECT) eval_fail(ev, E0204, c->at[0], NULL, "no object to set '%s' of", name);
    attr_set(ev->cx, &c->arg[0].object->attrs, name, c->arg[2]);
    return NONE_VALUE;
}

Value py_vars(Eval *ev, Call *c)
{
    return eval_attr(ev, c->arg[0], intern(ev->cx, "__dict__"), c->span);
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

Value py_first(Eval *ev, Call *c)
{
    (void)ev;
    return c->arg[0];
}

/* typing.cast(type, value), typing.NewType(name, type) */
Value py_second(Eval *ev, Call *c)
{
    (void)ev;
    return c->arg[1];
}

Value py_false(Eval *ev, Call *c)
{
    (void)ev;
    (void)c;
    return value_bool(false);
}

/* what a class without an __init__ of its own does with no arguments; the arguments of an exception */
Value m_nothing(Eval *ev, Call *c)
{
    (void)ev;
    (void)c;
    return NONE_VALUE;
}

Value m_set_args(Eval *ev, Call *c)
{
    Value args = {.kind = VAL_TUPLE, .seq = NEW(&ev->cx->arena, Seq)};
    *args.seq = c->rest;
    if (c->arg[0].kind == VAL_OBJECT)
        attr_set(ev->cx, &c->arg[0].object->attrs, intern(ev->cx, "args"), args);
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
    return copied(ev, c->arg[0], false, 0, c->span);
}

Value py_deepcopy(Eval *ev, Call *c)
{
    return copied(ev, c->arg[0], true, 0, c->span);
}

/* ---- decorators and function tools ---- */

static Func *func_arg(Eval *ev, Call *c)
{
    if (c->arg[0].kind != VAL_FUNC)
        eval_fail(ev, E0204, c->at[0], NULL, "'%s' decorates a function, not %s", c->fn->name,
                  value_name[c->arg[0].kind]);
    return c->arg[0].func;
}

Value py_property(Eval *ev, Call *c)
{
    Func *f = func_arg(ev, c);
    f->property = true;
    f->cached = !strcmp(c->fn->name, "cached_property");
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

Value py_staticmethod(Eval *ev, Call *c)
{
    func_arg(ev, c)->is_static = true;
    return c->arg[0];
}

Value py_classmethod(Eval *ev, Call *c)
{
    func_arg(ev, c)->is_classmethod = true;
    return c->arg[0];
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

static Value partial(Eval *ev, Value fn, Seq *pos, Dict *named)
{
    Value v = {.kind = VAL_PARTIAL,
               .self = NEWN(&ev->cx->arena, Value, 2),
               .fn = NEW(&ev->cx->arena, Value)};
    *v.fn = fn;
    v.self[0] = (Value){.kind = VAL_TUPLE, .seq = pos};
    v.self[1] = (Value){.kind = VAL_DICT, .dict = named};
    return v;
}

Value py_partial(Eval *ev, Call *c)
{
    Seq *pos = NEW(&ev->cx->arena, Seq);
    Dict *named = NEW(&ev->cx->arena, Dict);
    *pos = c->rest;
    *named = c->others;
    return partial(ev, c->arg[0], pos, named);
}

/* a decorator with options, whose function comes with the next call */
static Value later(Eval *ev, Call *c)
{
    return partial(ev, (Value){.kind = VAL_BUILTIN, .builtin = c->fn}, NEW(&ev->cx->arena, Seq),
                   NEW(&ev->cx->arena, Dict));
}

Value py_cache(Eval *ev, Call *c)
{
    Value f = c->arg[0];
    if (f.kind == VAL_NONE || f.kind == VAL_INT) return later(ev, c);
    if (f.kind == VAL_FUNC && f.func->role == F_PLAIN) f.func->cached = true;
    return f;
}

/* @wraps(f): the function below has f's name and parameters */
Value py_wraps(Eval *ev, Call *c)
{
    Seq *pos = NEW(&ev->cx->arena, Seq);
    seq_add(ev->cx, pos, c->arg[0]);
    Value as = {.kind = VAL_BUILTIN, .builtin = builtin_find("functools", "update_wrapper")};
    return partial(ev, as, pos, NEW(&ev->cx->arena, Dict));
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
    Value v = {.kind = VAL_OBJECT, .object = NEW(&ev->cx->arena, Object)};
    (void)c;
    v.object->cls = class_new(ev, "object", NULL, 0);
    return v;
}

Value py_not_implemented(Eval *ev, Call *c)
{
    (void)c;
    return value_foreign(ev->cx, "NotImplemented");
}

Value py_print(Eval *ev, Call *c)
{
    (void)ev;
    (void)c;
    return NONE_VALUE;
}

/* ---- operator ---- */

/* the operator whose special method is named like the function: add is __add__ */
static int operator_of(const char *name)
{
    for (int op = 0; op < NPYOP; op++) {
        const char *m = pyop_info[op].method;
        size_t n = strcspn(name, "_");
        if (*m && strlen(m) == n + 4 && !strncmp(m + 2, name, n)) return op;
    }
    return -1;
}

Value py_operator(Eval *ev, Call *c)
{
    int op = operator_of(c->fn->name);
    if (op == PY_in) return eval_compare(ev, PY_in, c->arg[1], c->arg[0], c->span);
    if (op >= PY_eq && op <= PY_ge) return eval_compare(ev, (PyOp)op, c->arg[0], c->arg[1], c->span);
    return eval_binary(ev, (PyOp)op, c->arg[0], c->arg[1], c->span);
}

