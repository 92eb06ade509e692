/* Tokens to atoms: strings, displays, comprehensions, and what follows an atom: calls, subscripts,
   attributes. The grammar rule stands above each function. */
#include "lang/lang.h"
#include <string.h>

/* ---- strings ---- */

/* literal text of a string: joined to the text before it */
static void add_text(Parser *p, NodeList *l, Span at, const char *s, size_t len)
{
    Node *n = l->last;
    if (n && n->kind == N_str) {
        Text both = text_new(&p->cx->arena);
        text_put(&both, n->name, n->len);
        text_put(&both, s, len);
        n->name = intern_n(p->cx, both.s, both.n);
        n->len = both.n;
    } else if (len) {
        parse_add(l, n = parse_leaf(p, N_str, s));
        n->span = at;
        n->len = len;
    }
}

static void parse_parts(Parser *p, NodeList *l);

/* field: '{' exprs ['='] ['!' NAME] [':' parts] '}' */
static void parse_field(Parser *p, NodeList *l)
{
    Node *n = parse_start(p, N_field);
    uint32_t from = p->at->span.at + 1;
    parse_enter(p);
    p->at++;
    n->obj = parse_exprs(p);
    bool show = parse_accept(p, "=");
    if (show) /* f"{x = }" says the text too, with its blanks */
        add_text(p, l, n->span,
                 intern_n(p->cx, p->cx->source[p->file]->text + from, p->at->span.at - from),
                 p->at->span.at - from);
    n->name = show && parse_at(p, "}") ? "r" : "";
    if (parse_accept(p, "!")) n->name = parse_name(p, "a conversion: r, s or a");
    if (strcmp(n->name, "") && strcmp(n->name, "r") && strcmp(n->name, "s") && strcmp(n->name, "a"))
        fail(p->cx, E0101, p->at[-1].span, NULL, "expected a conversion r, s or a, found '%.60s'",
             n->name);
    if (parse_accept(p, ":")) {
        NodeList format = {0};
        parse_parts(p, &format);
        n->value = format.first ? format.first : parse_leaf(p, N_str, ""); /* an empty format is a format */
    }
    parse_expect(p, "}", "to end the field");
    parse_add(l, parse_done(p, n));
    p->nest--;
}

/* parts: (MIDDLE | field)* */
static void parse_parts(Parser *p, NodeList *l)
{
    for (;;) {
        if (p->at->kind == T_MIDDLE) {
            add_text(p, l, p->at->span, p->at->text, p->at->len);
            p->at++;
        } else if (parse_at(p, "{")) {
            parse_field(p, l);
        } else {
            return;
        }
    }
}

/* strings: (STR | FSTART parts FEND)+      neighbours are one string */
static Node *parse_strings(Parser *p)
{
    Node *n = parse_start(p, N_fstr);
    NodeList parts = {0};
    bool bytes = p->at->bytes, fields = false;
    for (; p->at->kind == T_STR || p->at->kind == T_FSTART; p->at++) {
        if (p->at->bytes != bytes)
            fail(p->cx, E0101, p->at->span, NULL, "bytes and text cannot be joined");
        if (p->at->kind == T_STR) {
            add_text(p, &parts, p->at->span, p->at->text, p->at->len);
            continue;
        }
        p->at++;
        parse_parts(p, &parts);
        if (p->at->kind != T_FEND) parse_fail(p, "the end of the f-string");
    }
    for (const Node *c = parts.first; c; c = c->next) fields |= c->kind == N_field;
    if (fields) {
        n->items = parts.first;
    } else { /* without fields it is a plain string */
        n->kind = N_str;
        n->name = parts.first ? parts.first->name : "";
        n->len = parts.first ? parts.first->len : 0;
        n->op = bytes;
    }
    return parse_done(p, n);
}

/* ---- displays and comprehensions ---- */

static bool at_clause(const Parser *p)
{
    return parse_at(p, "for") ||
           (parse_at(p, "async") && p->at[1].kind == T_KEYWORD && !strcmp(p->at[1].text, "for"));
}

/* clauses: (['async'] 'for' targets 'in' or_expr ('if' or_expr)*)+ */
static Node *parse_clauses(Parser *p)
{
    NodeList all = {0};
    while (at_clause(p)) {
        Node *c = parse_start(p, N_clause);
        NodeList ifs = {0};
        c->op = parse_accept(p, "async");
        parse_expect(p, "for", "after 'async'");
        c->target = parse_targets(p);
        parse_expect(p, "in", "after the loop's targets");
        c->iter = parse_level(p, LEVEL_OR);
        while (parse_accept(p, "if")) parse_add(&ifs, parse_level(p, LEVEL_OR));
        c->clauses = ifs.first;
        parse_add(&all, parse_done(p, c));
    }
    return all.first;
}

static Node *parse_comp(Parser *p, Node *n, char bracket, Node *elt)
{
    bool pair = elt->kind == N_pair;
    n->kind = N_comp;
    n->op = (uint8_t)(pair ? ':' : bracket);
    n->elt = pair ? elt->left : elt;
    n->value = pair ? elt->value : NULL;
    n->clauses = parse_clauses(p);
    return n;
}

Node *parse_star(Parser *p)
{
    Node *n = parse_after(p, N_star);
    n->obj = parse_level(p, LEVEL_BITOR);
    return parse_done(p, n);
}

/* star_named: '*' bitor | named */
static Node *parse_star_named(Parser *p)
{
    return parse_at(p, "*") ? parse_star(p) : parse_named(p);
}

/* entry: '**' or_expr | expr ':' expr | star_named */
static Node *parse_entry(Parser *p)
{
    if (parse_at(p, "**")) {
        Node *n = parse_after(p, N_dstar);
        n->obj = parse_level(p, LEVEL_BITOR);
        return parse_done(p, n);
    }
    Node *key = parse_star_named(p);
    if (!parse_accept(p, ":")) return key;
    Node *n = parse_wrap(p, N_pair, key);
    n->value = parse_expr(p);
    return parse_done(p, n);
}

/* items: [item clauses | item (',' item)* [',']]      in braces all are pairs, or none; false: one item without a comma */
static bool parse_items(Parser *p, Node *n, Node *item(Parser *), const char *close, const char *what)
{
    static const char open[] = ")(][}{";
    NodeList items = {0};
    bool comma = parse_at(p, close);
    while (!parse_at(p, close)) {
        Node *e = item(p);
        bool pair = e->kind == N_pair || e->kind == N_dstar;
        if (n->kind == N_dict && !items.first && !pair) n->kind = N_set;
        if (pair != (n->kind == N_dict))
            fail(p->cx, E0101, e->span, NULL, "a dict has pairs 'key: value', a set has none");
        parse_add(&items, e);
        if (items.first == items.last && at_clause(p)) {
            if (n->kind == N_tuple) what = "to close the comprehension";
            parse_comp(p, n, strchr(open, close[0])[1], e);
            break;
        }
        if (!parse_accept(p, ",")) break;
        comma = true;
    }
    parse_expect(p, close, what);
    if (n->kind != N_comp) n->items = items.first;
    parse_done(p, n);
    return comma || n->kind == N_comp;
}

/* list: '[' items of star_named ']'      braces: '{' items of entry '}' */
static Node *parse_list(Parser *p)
{
    Node *n = parse_after(p, N_list);
    parse_items(p, n, parse_star_named, "]", "to close the list");
    return n;
}

static Node *parse_braces(Parser *p)
{
    Node *n = parse_after(p, N_dict);
    parse_items(p, n, parse_entry, "}", "to close the braces");
    return n;
}

/* paren: '(' (yield | items of star_named) ')' */
static Node *parse_paren(Parser *p)
{
    Node *n = parse_after(p, N_tuple);
    if (parse_at(p, "yield")) {
        Node *y = parse_exprs(p);
        parse_expect(p, ")", "to close the bracket");
        return y;
    }
    if (parse_items(p, n, parse_star_named, ")", "to close the bracket")) return n;
    if (n->items->kind == N_star)
        fail(p->cx, E0101, n->items->span, NULL, "a star needs a list, a tuple or a call around it");
    return n->items;
}

/* ---- atoms, calls, subscripts ---- */

static Node *parse_number(Parser *p)
{
    Node *n = parse_start(p, p->at->kind == T_INT ? N_int : N_float);
    n->i = p->at->i;
    n->f = p->at->f;
    n->name = p->at->big ? p->at->text : NULL;
    n->op = p->at->imaginary;
    p->at++;
    return parse_done(p, n);
}

/* atom: NAME | INT | FLOAT | strings | 'None' | 'True' | 'False' | '...' | paren | list | braces */
static Node *parse_atom(Parser *p)
{
    const Token *t = p->at;
    switch (t->kind) {
    case T_INT:
    case T_FLOAT: return parse_number(p);
    case T_STR:
    case T_FSTART: return parse_strings(p);
    case T_NAME: {
        Node *n = parse_leaf(p, N_name, t->text);
        p->at++;
        return n;
    }
    default: break;
    }
    if (parse_at(p, "(")) return parse_paren(p);
    if (parse_at(p, "[")) return parse_list(p);
    if (parse_at(p, "{")) return parse_braces(p);
    if (!parse_at(p, "None") && !parse_at(p, "True") && !parse_at(p, "False") &&
        !parse_at(p, "..."))
        parse_fail(p, "an expression");
    Node *n = parse_start(p, N_const);
    n->name = parse_at(p, "...") ? intern(p->cx, "Ellipsis") : t->text;
    p->at++;
    return parse_done(p, n);
}

/* argument: '*' expr | '**' expr | NAME '=' expr | named [clauses] */
static Node *parse_arg(Parser *p)
{
    Node *n = parse_start(p, N_star);
    if (parse_at(p, "*") || parse_at(p, "**")) {
        n->kind = parse_at(p, "*") ? N_star : N_dstar;
        p->at++;
        n->obj = parse_expr(p);
        return parse_done(p, n);
    }
    if (p->at->kind == T_NAME && p->at[1].kind == T_OP && !strcmp(p->at[1].text, "=")) {
        n->kind = N_keyword;
        n->name = p->at->text;
        p->at += 2;
        n->value = parse_expr(p);
        return parse_done(p, n);
    }
    Node *e = parse_named(p);
    return at_clause(p) ? parse_done(p, parse_comp(p, n, '(', e)) : e;
}

/* args: [argument (',' argument)* [',']] ')' */
Node *parse_args(Parser *p)
{
    NodeList items = {0};
    bool keywords = false;
    while (!parse_at(p, ")")) {
        Node *a = parse_arg(p);
        bool bare = a->kind != N_keyword && a->kind != N_star && a->kind != N_dstar;
        if (bare && keywords)
            fail(p->cx, E0108, a->span, NULL, "an argument without a name follows one with a name");
        keywords |= a->kind == N_keyword || a->kind == N_dstar;
        for (const Node *o = items.first; o && a->kind == N_keyword; o = o->next)
            if (o->kind == N_keyword && o->name == a->name)
                fail(p->cx, E0108, a->span, NULL, "the argument '%s' is given twice", a->name);
        parse_add(&items, a);
        if (!parse_accept(p, ",")) break;
    }
    parse_expect(p, ")", "to close the call");
    return items.first;
}

/* slice: [expr] ':' [expr] [':' [expr]] | star_named */
static Node *parse_slice(Parser *p)
{
    Node *n = parse_start(p, N_slice);
    if (!parse_at(p, ":")) {
        Node *e = parse_star_named(p);
        if (!parse_at(p, ":") || e->kind == N_star) return e;
        n->lo = e;
    }
    parse_expect(p, ":", "in a slice");
    if (!parse_at(p, ":") && !parse_at(p, "]") && !parse_at(p, ",")) n->hi = parse_expr(p);
    if (parse_accept(p, ":") && !parse_at(p, "]") && !parse_at(p, ",")) n->step = parse_expr(p);
    return parse_done(p, n);
}

/* index: slice (',' slice)* [',']       with a comma it is a tuple */
static Node *parse_index(Parser *p)
{
    NodeList items = {0};
    bool comma = false;
    Node *tuple = parse_start(p, N_tuple);
    do parse_add(&items, parse_slice(p));
    while (parse_accept(p, ",") && (comma = true) && !parse_at(p, "]"));
    if (!comma && items.first->kind != N_star) return items.first;
    tuple->items = items.first;
    return parse_done(p, tuple);
}

/* primary: ['await'] atom ('.' NAME | '(' args | '[' index ']')* */
Node *parse_primary(Parser *p)
{
    Node *await = parse_at(p, "await") ? parse_start(p, N_await) : NULL;
    if (await) p->at++;
    Node *e = parse_atom(p);
    for (;;) {
        if (parse_accept(p, ".")) {
            e = parse_wrap(p, N_attr, e);
            e->name = parse_name(p, "a name");
        } else if (parse_accept(p, "(")) {
            e = parse_wrap(p, N_call, e);
            e->args = parse_args(p);
        } else if (parse_accept(p, "[")) {
            e = parse_wrap(p, N_sub, e);
            e->index = parse_index(p);
            parse_expect(p, "]", "to close the subscript");
        } else {
            break;
        }
        parse_done(p, e);
    }
    if (!await) return e;
    await->obj = e;
    return parse_done(p, await);
}
