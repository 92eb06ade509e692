/* match: patterns are read as expressions, and compared here with a known value. */
#include "lang/lang.h"
#include <string.h>

static bool matches(Eval *ev, const Node *p, Value v);

static void bind(Eval *ev, const char *name, Value v)
{
    if (strcmp(name, "_")) env_set(ev, ev->env, name, v);
}

/* [a, *rest, b] */
static bool match_items(Eval *ev, const Node *p, const Seq *s)
{
    int n = 0, star = -1, at = 0;
    Seq value = {0};
    for (const Node *c = p->items; c; c = c->next, n++)
        if (c->kind == N_star) star = n;
    if (!spread(ev, s, n, star, &value)) return false;
    for (const Node *c = p->items; c; c = c->next, at++)
        if (!matches(ev, at == star ? c->obj : c, value.at[at])) return false;
    return true;
}

/* {"key": pattern, **rest} */
static bool match_dict(Eval *ev, const Node *p, Dict *d)
{
    Value rest = value_dict(ev->cx);
    dict_add_all(ev->cx, rest.dict, d);
    for (const Node *c = p->items; c; c = c->next) {
        if (c->kind == N_dstar) {
            bind(ev, c->obj->name, rest);
            continue;
        }
        Value key = eval(ev, c->left), *have = dict_find(d, key);
        if (!have || !matches(ev, c->value, *have)) return false;
        dict_remove(rest.dict, key);
    }
    return true;
}

/* Name(a, b, field=pattern): the class, then its fields in order or by name */
static bool match_class(Eval *ev, const Node *p, Value v)
{
    Value type = eval(ev, p->obj), part;
    int k = 0;
    if (type.kind != VAL_CLASS && type.kind != VAL_BUILTIN)
        eval_fail(ev, E0204, p->obj->span, NULL, "%s is no class", value_name[type.kind]);
    if (!is_instance(ev, &v, &type)) return false;
    for (const Node *a = p->args; a; a = a->next) {
        if (a->kind == N_keyword) {
            if (!attr_lookup(ev, v, a->name, a->span, &part) || !matches(ev, a->value, part)) return false;
        } else if (type.kind == VAL_BUILTIN) { /* int(x) */
            if (!matches(ev, a, v)) return false;
        } else {
            if (k >= type.cls->fields.n)
                eval_fail(ev, E0203, a->span, NULL, "'%s' has no %d fields to match in order",
                          type.cls->name, k + 1);
            if (!attr_lookup(ev, v, type.cls->fields.at[k++].s, a->span, &part) ||
                !matches(ev, a, part))
                return false;
        }
    }
    return true;
}

static bool matches(Eval *ev, const Node *p, Value v)
{
    eval_step(ev, p->span);
    switch (p->kind) {
    case N_name: bind(ev, p->name, v); return true;
    case N_as:
        if (!matches(ev, p->obj, v)) return false;
        bind(ev, p->name, v);
        return true;
    case N_binary:
        if (p->op == PY_bitor) return matches(ev, p->left, v) || matches(ev, p->right, v);
        break;
    case N_tuple:
    case N_list: {
        bool named = v.kind == VAL_OBJECT && v.object->cls->is_tuple;
        if (v.kind != VAL_TUPLE && v.kind != VAL_LIST && !named) return false;
        return match_items(ev, p, eval_items(ev, v, p->span));
    }
    case N_dict: return v.kind == VAL_DICT && match_dict(ev, p, v.dict);
    case N_call: return match_class(ev, p, v);
    case N_const: {
        Value want = eval(ev, p);
        return value_is(&want, &v);
    }
    default: break;
    }
    if (is_symbolic(&v))
        eval_fail(ev, E0207, p->span, "use 'if' in a kernel",
                  "'match' compares values that are known when the kernel is compiled");
    return to_bool(ev, eval_compare(ev, PY_eq, v, eval(ev, p), p->span), p->span, "a pattern");
}

Flow exec_match(Eval *ev, const Node *n)
{
    Value v = simplify(eval(ev, n->obj));
    for (const Node *c = n->args; c; c = c->next)
        if (matches(ev, c->obj, v) &&
            (!c->value || to_bool(ev, eval(ev, c->value), c->value->span, "the condition")))
            return exec(ev, c->body);
    return FLOW_NEXT;
}
