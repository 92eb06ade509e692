/* What can be iterated over: known containers, iterators, objects with __iter__; comprehensions and
   generators. Everything that iterates is computed at once: at compile time nothing is endless. */
#include "lang/lang.h"
#include <string.h>

enum { MAXITEMS = 1 << 20 };

static Value range_items(Eval *ev, Value v, Span at)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    Int lo = to_int(ev, v.seq->at[0], at, "the start of the range"),
        hi = to_int(ev, v.seq->at[1], at, "the end of the range");
    Int step = to_int(ev, v.seq->at[2], at, "the step of the range");
    for (Int i = lo; step > 0 ? i < hi : i > hi; i += step) {
        if (out.seq->n >= MAXITEMS)
            eval_fail(ev, E0216, at, NULL, "a range of more than %d values", (int)MAXITEMS);
        seq_add(ev->cx, out.seq, value_int(i));
    }
    return out;
}

/* the characters of a text, each a string */
static Value text_items(Eval *ev, Value v)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    for (size_t i = 0, n; i < v.len; i += n) {
        for (n = 1; i + n < v.len && ((unsigned char)v.s[i + n] & 0xc0) == 0x80;) n++;
        seq_add(ev->cx, out.seq, value_str(ev->cx, v.s + i, n));
    }
    return out;
}

typedef struct {
    Value v, got;
    Span at;
} Next;

static void call_next(Eval *ev, void *arg)
{
    Next *n = arg;
    if (!call_special(ev, n->v, "__next__", NULL, 0, n->at, &n->got))
        eval_fail(ev, E0204, n->at, NULL, "'%s' is no iterator", n->v.object->cls->name);
}

/* an object with __iter__, or with __len__ and __getitem__; __next__ until it raises StopIteration */
static Seq *object_items(Eval *ev, Value v, Span at)
{
    Value it, out = value_seq(ev->cx, VAL_LIST, 0);
    if (v.object->cls->is_tuple) return &v.object->items;
    if (!call_special(ev, v, "__iter__", NULL, 0, at, &it)) {
        if (!call_special(ev, v, "__len__", NULL, 0, at, &it))
            eval_fail(ev, E0204, at, NULL, "'%s' cannot be iterated over", v.object->cls->name);
        Int n = to_int(ev, it, at, "the length");
        for (Int i = 0; i < n; i++) {
            Value k = value_int(i), item;
            if (call_special(ev, v, "__getitem__", &k, 1, at, &item)) seq_add(ev->cx, out.seq, item);
        }
        return out.seq;
    }
    if (it.kind != VAL_OBJECT) return eval_items(ev, it, at);
    for (;;) {
        Next next = {.v = it, .at = at};
        Caught c;
        eval_step(ev, at);
        if (attempt(ev, call_next, &next, &c)) {
            seq_add(ev->cx, out.seq, next.got);
            continue;
        }
        if (class_below(c.error.object->cls, error_class(ev, "StopIteration"))) return out.seq;
        raise_again(ev, &c);
    }
}

static Seq *class_items(Eval *ev, const Class *c, Span at)
{
    Value out = value_seq(ev->cx, VAL_LIST, 0);
    if (!c->is_enum) eval_fail(ev, E0204, at, NULL, "the class '%s' cannot be iterated over", c->name);
    for (int i = 0; i < c->attrs.n; i++) {
        const Value *v = &c->attrs.val[i]; /* once, under its first name */
        if (is_member(c, v) && v->object->attrs.val[0].s == c->attrs.key[i].s)
            seq_add(ev->cx, out.seq, *v);
    }
    return out.seq;
}

Seq *eval_items(Eval *ev, Value v, Span at)
{
    Seq *s;
    switch (v.kind) {
    case VAL_LIST:
    case VAL_TUPLE: return v.seq;
    case VAL_SET:
    case VAL_DICT:
        s = NEW(&ev->cx->arena, Seq);
        eval_spend(ev, v.dict->n / 8, at);
        for (int i = 0; i < v.dict->n; i++) seq_add(ev->cx, s, v.dict->key[i]);
        return s;
    case VAL_ITER: /* what is left of it; then it is empty */
        s = NEW(&ev->cx->arena, Seq);
        s->at = v.iter->all.at + v.iter->at;
        s->n = s->cap = v.iter->all.n - v.iter->at;
        v.iter->at = v.iter->all.n;
        return s;
    case VAL_DTYPE: /* a type is its name, too */
        return text_items(ev, value_text(ev->cx, "%s", dtype_info[v.dtype].name)).seq;
    case VAL_STR: return text_items(ev, v).seq;
    case VAL_RANGE: return range_items(ev, v, at).seq;
    case VAL_CLASS: return class_items(ev, v.cls, at);
    case VAL_OBJECT: return object_items(ev, v, at);
    case VAL_FOREIGN:
        eval_fail(ev, E0202, at, NULL,
                  "'%s' is not part of the program: what it holds is not known here", v.s);
    case VAL_EXPR:
    case VAL_REF:
    case VAL_BUF:
        eval_fail(ev, E0204, at, "loop over its indices with T.serial or T.Parallel",
                  "a buffer or a value of the kernel cannot be iterated over");
    default: eval_fail(ev, E0204, at, NULL, "%s cannot be iterated over", value_name[v.kind]);
    }
}

Value eval_key(Eval *ev, Value v, Span at)
{
    if (v.kind == VAL_LIST || v.kind == VAL_DICT || v.kind == VAL_SET)
        eval_fail(ev, E0204, at, "use a tuple", "%s cannot be a key: it can change", value_name[v.kind]);
    return v;
}

/* ---- comprehensions ---- */

/* the loops of a comprehension, from clause c inwards */
static void comp_loop(Eval *ev, const Node *n, const Node *c, Value *out, const Seq *items)
{
    if (!c) {
        Value v = eval(ev, n->elt);
        if (n->op == ':')
            dict_set(ev->cx, out->dict, eval_key(ev, v, n->elt->span), eval(ev, n->value));
        else if (n->op == '{')
            dict_set(ev->cx, out->dict, eval_key(ev, v, n->elt->span), NONE_VALUE);
        else
            seq_add(ev->cx, out->seq, v);
        return;
    }
    if (!items) items = eval_items(ev, eval(ev, c->iter), c->iter->span);
    Seq all = *items;
    for (int i = 0; i < all.n; i++) {
        bool keep = true;
        exec_bind(ev, c->target, all.at[i]);
        for (const Node *f = c->clauses; f && keep; f = f->next)
            keep = to_bool(ev, eval(ev, f), f->span, "the filter of a comprehension");
        if (keep) comp_loop(ev, n, c->next, out, NULL);
    }
}

Value eval_comp(Eval *ev, const Node *n)
{
    Value out = n->op == ':' ? value_dict(ev->cx)
                : n->op == '{' ? value_set(ev->cx, NULL)
                               : value_seq(ev->cx, VAL_LIST, 0);
    /* the first iterable belongs to the code around it */
    const Seq *first = eval_items(ev, eval(ev, n->clauses->iter), n->clauses->iter->span);
    Env *own = ev->env = env_new(ev, ev->env); /* not on the stack: lambdas inside may keep it */
    own->is_comp = true;
    comp_loop(ev, n, n->clauses, &out, first);
    ev->env = own->outer;
    return n->op == '(' ? value_iter(ev->cx, out.seq) : out;
}

/* ---- generators: the call runs the body to its end and gives what was yielded ---- */

Value eval_yield(Eval *ev, const Node *n)
{
    Value v = n->obj ? eval(ev, n->obj) : NONE_VALUE;
    Seq *to = ev->frame ? ev->frame->yielded : NULL;
    if (!to) eval_fail(ev, E0209, n->span, NULL, "'yield' outside of a function");
    if (!n->op) {
        seq_add(ev->cx, to, v);
        return NONE_VALUE;
    }
    seq_add_all(ev->cx, to, eval_items(ev, v, n->span));
    return NONE_VALUE;
}
