/* The part of the library that is written in the dialect itself (prelude/ *.py): a row of
   builtins.def whose handler is t_prelude is a function or class there. What goes wrong in it is
   told at the caller's line. */
#include "lang/dialect.h"
#include <string.h>

extern const Embedded lang_prelude[];

static Module *text_of(Eval *ev, const char *name)
{
    const char *const forms[] = {arena_printf(&ev->cx->arena, "\ndef %s(", name),
                                 arena_printf(&ev->cx->arena, "\nclass %s:", name),
                                 arena_printf(&ev->cx->arena, "\nclass %s(", name),
                                 arena_printf(&ev->cx->arena, "\n%s = ", name)};
    for (const Embedded *e = lang_prelude; e->name; e++) {
        bool there = false;
        for (int k = 0; k < COUNT(forms); k++) there |= strstr(e->text, forms[k]) != NULL;
        if (!there) continue;
        for (Module *m = ev->modules; m; m = m->next)
            if (m->prelude == e) return m;
        Module *m = module_text(ev, e->name, e->text);
        m->prelude = e;
        return m;
    }
    return NULL;
}

static Value value_of(Eval *ev, const char *name, Span at)
{
    Value v;
    Module *m = text_of(ev, name);
    if (!m || !module_lookup(ev, m, intern(ev->cx, name), &v))
        eval_fail(ev, E0902, at, NULL, "the prelude has no '%s'", name);
    return v;
}

Value prelude_call(Eval *ev, const char *name, const Args *a)
{
    return eval_call(ev, value_of(ev, name, a->span), a);
}

/* a value, or a function with all of its parameters in order */
Value t_prelude(Eval *ev, Call *c)
{
    Args a = {.span = c->span, .callee = c->callee};
    if (!c->fn->signature) return value_of(ev, c->fn->name, c->span);
    for (int i = 0; i < c->n; i++) seq_add(ev->cx, &a.pos, c->arg[i]);
    return prelude_call(ev, c->fn->name, &a);
}

static void stamp(Node *n, Span at)
{
    for (; n; n = n->next) {
        n->span = at;
        for (int k = 0; k < COUNT(n->kid); k++) stamp(n->kid[k], at);
    }
}

/* before the program's own code calls f: the text of the prelude stands where the call stands */
void prelude_blame(Eval *ev, const Func *f, Span at)
{
    const Module *m = f->env->module;
    const Func *by = ev->frame ? ev->frame->func : NULL;
    if (m->prelude && !(by && by->env && by->env->module->prelude)) stamp(m->tree, at);
}

/* ---- module kiln: what the prelude needs and the dialect has no words for ---- */

/* kiln.tile(x, n): a region with its axes of one element left out until n are left */
Value kiln_tile(Eval *ev, Call *c)
{
    Region r = to_region(ev, c->arg[0], c->at[0]);
    Int n = to_int(ev, c->arg[1], c->at[1], "the number of axes");
    Ref *ref = NEW(&ev->cx->arena, Ref);
    ref->buf = r.buf;
    int left = r.buf->ndim;
    for (int d = 0; d < r.buf->ndim; d++) {
        ref->lo[d] = r.off[d];
        bool drop = left > n && r.ext[d] == 1;
        if (!drop) ref->hi[d] = build_op(ev, OP_add, r.off[d], expr_i32(ev->cx, r.ext[d]), c->span);
        left -= drop;
        ref->slices |= !drop;
    }
    if (left != n)
        eval_fail(ev, E0204, c->at[0], NULL, "'%s' has %d axes here, not %d", r.buf->name, left,
                  (int)n);
    return (Value){.kind = VAL_REF, .ref = ref};
}

/* kiln.extents(x): of the axes of a region */
Value kiln_extents(Eval *ev, Call *c)
{
    Region r = to_region(ev, c->arg[0], c->at[0]);
    Value v = c->arg[0], out = value_seq(ev->cx, VAL_TUPLE, 0);
    for (int d = 0; d < r.buf->ndim; d++)
        if (v.kind != VAL_REF || v.ref->hi[d]) seq_add(ev->cx, out.seq, value_int(r.ext[d]));
    return out;
}

/* kiln.at(x, k): the element k after a place, along the last axis; kiln.put(x, k, v) stores one */
Value kiln_at(Eval *ev, Call *c)
{
    Expr *place =
        place_after(ev, to_place(ev, c->arg[0], c->at[0]), to_expr(ev, c->arg[1], c->at[1]));
    if (c->n > 2)
        emit_store(ev, place->buf, place->idx, to_typed(ev, c->arg[2], place->type, c->at[2]),
                   c->span);
    return c->n > 2 ? NONE_VALUE : value_expr(place);
}

Value kiln_is_fragment(Eval *ev, Call *c)
{
    (void)ev;
    return value_bool(c->arg[0].kind == VAL_BUF && c->arg[0].buf->space == SP_FRAG);
}
