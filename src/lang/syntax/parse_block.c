/* Tokens to statements that hold blocks: branches, loops, contexts, handlers, definitions, matches.
   The grammar rule stands above each function. */
#include "lang/lang.h"
#include <string.h>

/* ---- compound statements ---- */

/* the header is read: its span ends here, so that a caret shows the header and not the body */
static Node *parse_body(Parser *p, Node *n, const char *after)
{
    const Token *last = p->at - 1;
    bool in_def = p->in_def, in_loop = p->in_loop, names = n->kind == N_def || n->kind == N_class;
    if (names)
        p->in_def = n->kind == N_def; /* the span is the name */
    else
        n->span.len = last->span.at + last->span.len - n->span.at;
    p->in_loop = n->kind == N_for || n->kind == N_while || (in_loop && !names);
    n->body = parse_block(p, after);
    p->in_def = in_def;
    p->in_loop = in_loop;
    return n;
}

static void parse_else(Parser *p, Node *n)
{
    if (parse_accept(p, "else")) n->orelse = parse_block(p, "after 'else'");
}

/* the height once all parts are there; unlike parse_done it leaves the span alone */
static Node *finish(Parser *p, Node *n)
{
    Span header = n->span;
    parse_done(p, n)->span = header;
    return n;
}

/* if: ('if' | 'elif') named block (if | ['else' block]) */
static Node *parse_if(Parser *p)
{
    Node *n = parse_start(p, N_if);
    parse_enter(p);
    p->at++;
    n->test = parse_named(p);
    parse_body(p, n, "after the condition");
    if (parse_at(p, "elif"))
        n->orelse = parse_if(p);
    else
        parse_else(p, n);
    p->nest--;
    return finish(p, n);
}

/* while: 'while' named block ['else' block] */
static Node *parse_while(Parser *p)
{
    Node *n = parse_after(p, N_while);
    n->test = parse_named(p);
    parse_else(p, parse_body(p, n, "after the condition"));
    return finish(p, n);
}

/* for: 'for' targets 'in' exprs block ['else' block] */
static Node *parse_for(Parser *p)
{
    Node *n = parse_after(p, N_for);
    n->target = parse_targets(p);
    parse_expect(p, "in", "after the loop's targets");
    n->iter = parse_exprs(p);
    parse_else(p, parse_body(p, n, "after what the loop runs over"));
    return finish(p, n);
}

/* the bracket at the next token closes just before a colon */
static bool bracket_then_colon(const Parser *p)
{
    int depth = 0;
    for (const Token *t = p->at; t->kind != T_EOF && t->kind != T_NEWLINE; t++) {
        if (t->kind != T_OP) continue;
        depth += strchr("([{", t->text[0]) != NULL;
        if (strchr(")]}", t->text[0]) && --depth == 0)
            return t[1].kind == T_OP && !strcmp(t[1].text, ":");
    }
    return false;
}

/* item: expr ['as' target] */
static Node *parse_item(Parser *p)
{
    Node *n = parse_start(p, N_item);
    n->obj = parse_expr(p);
    if (parse_accept(p, "as")) {
        Node *target = parse_expr(p);
        parse_target(p, target, "assigned to");
        n->value = target;
    }
    return parse_done(p, n);
}

/* with: 'with' (item (',' item)* | '(' item (',' item)* [','] ')') block */
static Node *parse_with(Parser *p)
{
    Node *n = parse_after(p, N_with);
    bool bracket = parse_at(p, "(") && bracket_then_colon(p);
    p->at += bracket;
    n->items = parse_commas(p, parse_item, ")");
    if (bracket) parse_expect(p, ")", "to close the bracket");
    return finish(p, parse_body(p, n, "after 'with ...'"));
}

/* handler: 'except' ['*'] [expr ['as' NAME]] block */
static Node *parse_handler(Parser *p)
{
    Node *n = parse_after(p, N_handler);
    n->op = parse_accept(p, "*");
    if (!parse_at(p, ":")) n->obj = parse_exprs(p);
    if (n->obj && parse_accept(p, "as")) n->name = parse_name(p, "a name");
    return finish(p, parse_body(p, n, "after 'except ...'"));
}

/* try: 'try' block handler* ['else' block] ['finally' block] */
static Node *parse_try(Parser *p)
{
    Node *n = parse_after(p, N_try), **tail = &n->items;
    parse_body(p, n, "after 'try'");
    while (parse_at(p, "except")) {
        *tail = parse_handler(p);
        n->op = (*tail)->op;
        tail = &(*tail)->next;
    }
    if (n->items) parse_else(p, n);
    if (parse_accept(p, "finally"))
        n->value = parse_block(p, "after 'finally'");
    else if (!n->items)
        parse_fail(p, "'except' or 'finally'");
    return finish(p, n);
}

/* param: '/' | '*' [NAME [':' expr]] | '**' NAME [':' expr] | NAME [':' expr] ['=' expr] */
static Node *parse_param(Parser *p, bool annotated)
{
    Node *n = parse_start(p, N_param);
    n->op = parse_accept(p, "/")    ? PARAM_SLASH
            : parse_accept(p, "*")  ? PARAM_STAR
            : parse_accept(p, "**") ? PARAM_DSTAR
                                    : PARAM_PLAIN;
    n->name = "";
    if (n->op == PARAM_SLASH || (n->op == PARAM_STAR && parse_at(p, ","))) return parse_done(p, n);
    n->name = parse_name(p, "the name of a parameter");
    if (annotated && parse_accept(p, ":"))
        n->annotation = n->op == PARAM_STAR && parse_at(p, "*") ? parse_star(p) : parse_expr(p);
    if (n->op == PARAM_PLAIN && parse_accept(p, "=")) n->value = parse_expr(p);
    return parse_done(p, n);
}

/* params: [param (',' param)* [',']] */
Node *parse_params(Parser *p, const char *close, bool annotated)
{
    Node *first = NULL, **tail = &first;
    bool star = false, defaults = false;
    while (!parse_at(p, close)) {
        Node *n = parse_param(p, annotated);
        for (const Node *o = first; o; o = o->next)
            if ((*n->name && o->name == n->name) || o->op == PARAM_DSTAR ||
                (n->op == PARAM_STAR && o->op == PARAM_STAR))
                fail(p->cx, E0108, n->span, NULL,
                     o->name == n->name && *n->name ? "the parameter '%s' is there twice"
                                                    : "the parameter '%s' cannot follow",
                     n->name);
        star |= n->op != PARAM_PLAIN && n->op != PARAM_SLASH;
        if (n->op == PARAM_PLAIN && !star && defaults && !n->value)
            fail(p->cx, E0108, n->span, NULL,
                 "the parameter '%s' has no default but follows one that has", n->name);
        defaults |= n->value != NULL;
        *tail = n;
        tail = &n->next;
        if (!parse_accept(p, ",")) break;
    }
    return first;
}

/* def: 'def' NAME '(' params ')' ['->' expr] block */
static Node *parse_def(Parser *p)
{
    p->at++;
    Node *n = parse_start(p, N_def);
    n->name = parse_name(p, "the name of the function");
    parse_expect(p, "(", "after the name of the function");
    n->items = parse_params(p, ")", true);
    parse_expect(p, ")", "to close the parameters");
    if (parse_accept(p, "->")) n->value = parse_exprs(p);
    return finish(p, parse_body(p, n, "after the header of the function"));
}

/* class: 'class' NAME ['(' args] block */
static Node *parse_class(Parser *p)
{
    p->at++;
    Node *n = parse_start(p, N_class);
    n->name = parse_name(p, "the name of the class");
    if (parse_accept(p, "(")) n->items = parse_args(p);
    return finish(p, parse_body(p, n, "after the header of the class"));
}

/* decorated: ('@' named NEWLINE)+ ['async'] (def | class) */
static Node *parse_decorated(Parser *p)
{
    NodeList all = {0};
    while (parse_accept(p, "@")) {
        parse_add(&all, parse_named(p));
        if (p->at->kind != T_NEWLINE) parse_fail(p, "the end of the line after the decorator");
        p->at++;
    }
    bool async = parse_accept(p, "async");
    if (!parse_at(p, "def") && !parse_at(p, "class"))
        parse_fail(p, "'def' or 'class' after a decorator");
    Node *n = parse_at(p, "def") ? parse_def(p) : parse_class(p);
    n->op = async;
    n->orelse = all.first;
    return finish(p, n);
}

static bool is_plain_number(const Node *n)
{
    if (n->kind == N_unary && n->op == PY_neg) n = n->left;
    return n->kind == N_int || n->kind == N_float;
}

/* what an expression may be that stands for a pattern */
static bool is_pattern(const Node *n)
{
    switch (n->kind) {
    case N_name:
    case N_str: return true;
    case N_int:
    case N_float:
    case N_unary: return is_plain_number(n);
    case N_const: return strcmp(n->name, "Ellipsis") != 0;
    case N_attr: return (n->obj->kind == N_name || n->obj->kind == N_attr) && is_pattern(n->obj);
    case N_star:
    case N_dstar: return n->obj->kind == N_name;
    case N_as: return is_pattern(n->obj);
    case N_keyword: return is_pattern(n->value);
    case N_pair: return is_pattern(n->left) && n->left->kind != N_name && is_pattern(n->right);
    case N_binary:
        if (n->op == PY_bitor) return is_pattern(n->left) && is_pattern(n->right);
        return (n->op == PY_add || n->op == PY_sub) && is_plain_number(n->left) && is_plain_number(n->right);
    case N_call:
        if (n->obj->kind != N_name && n->obj->kind != N_attr) return false;
        for (const Node *a = n->args; a; a = a->next)
            if (a->kind == N_star || a->kind == N_dstar || !is_pattern(a)) return false;
        return true;
    case N_tuple:
    case N_list:
    case N_dict:
        for (const Node *i = n->items; i; i = i->next)
            if (!is_pattern(i)) return false;
        return true;
    default: return false;
    }
}

/* pattern: bitors ['as' NAME]      patterns are read as expressions */
static Node *parse_pattern(Parser *p)
{
    Node *e = parse_bitors(p);
    if (!is_pattern(e)) report(p->cx, E0101, e->span, NULL, "this is no pattern");
    if (!parse_accept(p, "as")) return e;
    Node *n = node_new(p->cx, N_as, e->span);
    n->obj = e;
    n->name = parse_name(p, "a name");
    return parse_done(p, n);
}

/* match: 'match' exprs ':' NEWLINE INDENT ('case' pattern ['if' named] block)+ DEDENT */
static Node *parse_match(Parser *p)
{
    Node *n = parse_after(p, N_match);
    NodeList cases = {0};
    n->obj = parse_exprs(p);
    parse_expect(p, ":", "after 'match ...'");
    if (p->at[0].kind != T_NEWLINE || p->at[1].kind != T_INDENT)
        parse_fail(p, "an indented block of cases");
    for (p->at += 2; p->at->kind != T_DEDENT && p->at->kind != T_EOF;) {
        Node *c = parse_start(p, N_case);
        if (p->at->kind != T_NAME || strcmp(p->at->text, "case")) parse_fail(p, "'case'");
        p->at++;
        c->obj = parse_pattern(p);
        if (parse_accept(p, "if")) c->value = parse_named(p);
        parse_add(&cases, finish(p, parse_body(p, c, "after the case")));
    }
    n->args = cases.first;
    p->at += p->at->kind == T_DEDENT;
    return finish(p, n);
}

/* `match` is a keyword only where a statement follows that no expression can be */
static bool at_match(const Parser *p)
{
    if (p->at->kind != T_NAME || strcmp(p->at->text, "match")) return false;
    const Token *t = p->at + 1;
    if (t->kind == T_OP && !strchr("([{-*", t->text[0])) return false;
    while (t->kind != T_NEWLINE && t->kind != T_EOF) t++;
    return t[-1].kind == T_OP && !strcmp(t[-1].text, ":") && t[0].kind == T_NEWLINE &&
           t[1].kind == T_INDENT && t[2].kind == T_NAME && !strcmp(t[2].text, "case");
}

/* compound: if | while | for | with | try | def | class | decorated | match | 'async' (for | with |
 * def); NULL when it is none */
Node *parse_compound(Parser *p)
{
    static const struct {
        const char *word;
        Node *(*parse)(Parser *);
    } forms[] = {
        {"if", parse_if},       {"for", parse_for},     {"with", parse_with},   {"def", parse_def},
        {"@", parse_decorated}, {"while", parse_while}, {"class", parse_class}, {"try", parse_try},
    };
    bool async = parse_accept(p, "async");
    for (int i = 0; i < COUNT(forms); i++) {
        if (!parse_at(p, forms[i].word)) continue;
        Node *n = forms[i].parse(p);
        n->op |= async;
        return n;
    }
    if (async) parse_fail(p, "'def', 'for' or 'with' after 'async'");
    return at_match(p) ? parse_match(p) : NULL;
}
