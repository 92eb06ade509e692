/* Methods of strings that others are made of (prelude/str.py). arg[0] is the string. */
#include "lang/lang.h"
#include <string.h>

Value m_join(Eval *ev, Call *c)
{
    Text t = text_new(&ev->cx->arena);
    const Seq *s = eval_items(ev, c->arg[1], c->at[1]);
    for (int i = 0; i < s->n; i++)
        text_add(&t, "%s%s", i ? c->arg[0].s : "",
                 to_str(ev, plain_value(s->at[i]), c->at[1], "an item to join"));
    return text_value(ev, &t, c->span);
}

Value m_find(Eval *ev, Call *c)
{
    const char *s = c->arg[0].s, *hit = strstr(s, to_str(ev, c->arg[1], c->at[1], "the text"));
    Int at = 0;
    for (const char *p = s; hit && p < hit; p++) at += ((unsigned char)*p & 0xc0) != 0x80;
    return value_int(hit ? at : -1);
}

/* upper, lower */
Value m_case(Eval *ev, Call *c)
{
    char *s = arena_copy(&ev->cx->arena, c->arg[0].s, c->arg[0].len), first = c->fn->name[0] == 'u' ? 'a' : 'A';
    for (char *p = s; *p; p++)
        if (*p >= first && *p < first + 26) *p ^= 'a' ^ 'A';
    return value_str(ev->cx, s, c->arg[0].len);
}

