/* Tokens to expressions: recursive descent, the grammar rule above each function. Binary operators
 * climb by the levels of pyops.def. */
#include "lang/lang.h"
#include <string.h>

enum { LEVEL_OR = 4, LEVEL_AND = 5, LEVEL_NOT = 6, LEVEL_BITOR = 8 }; /* of pyops.def */

static Node *parse_level(Parser *p, int level);

/* ---- what parse.c uses too ---- */

bool parse_at(const Parser *p, const char *text)
{
    return (p->at->kind == T_OP || p->at->kind == T_KEYWORD) && !strcmp(p->at->text, text);
}

bool parse_accept(Parser *p, const char *text)
{
    if (!parse_at(p, text)) return false;
    p->at++;
    return true;
}

/* how a message names the next token */
static const char *found(Parser *p)
{
    const Token *t = p->at;
    Arena *a = &p->cx->arena;
    switch (t->kind) {
    case T_EOF: return "the end of the file";
    case T_NEWLINE: return "the end of the line";
    case T_INDENT: return "an indented line";
    case T_DEDENT: return "the end of the block";
    case T_STR:
    case T_FSTART:
    case T_MIDDLE:
    case T_FEND: return "a string";
    case T_NAME: return arena_printf(a, "'%.60s'", t->text);
    default:
        return arena_printf(a, "'%.*s'", (int)MIN(t->span.len, 60),
                            p->cx->source[t->span.file]->text + t->span.at);
    }
}

/* what people write who come from other languages */
static const char *hint(const Parser *p, const char *wanted)
{
    static const struct {
        const char *text, *help;
    } hints[] = {
        {"&", "Python writes 'and'"},
        {"|", "Python writes 'or'"},
        {"=", "equality is '=='"},
        {"+", "there is no '++'; write += 1"},
    };
    if (p->at->kind == T_OP && !strcmp(wanted, "an expression"))
        for (int i = 0; i < COUNT(hints); i++)
            if (!strcmp(p->at->text, hints[i].text)) return hints[i].help;
    if (p->at->kind == T_OP && !strcmp(p->at->text, "=") && strcmp(wanted, "a name"))
        return "equality is '=='";
    if (p->at->kind == T_KEYWORD && !strcmp(wanted, "a name")) return "this word is reserved";
    return NULL;
}

/* the lexer has told of something in this statement: what follows from it is not told again */
static bool told(const Parser *p)
{
    for (const Diag *d = p->cx->diags; d; d = d->next)
        if (d->code >= E0102 && d->code <= E0105 && d->span.file == p->file &&
            d->span.at >= p->from && d->span.at <= p->at->span.at)
            return true;
    return false;
}

void parse_fail(Parser *p, const char *wanted)
{
    if (told(p)) leave(p->cx);
    Span s = p->at->span;
    if (s.len == 0 && p->at->kind != T_EOF) s.len = 1;
    fail(p->cx, E0101, s, hint(p, wanted), "expected %s, found %s", wanted, found(p));
}

void parse_expect(Parser *p, const char *text, const char *after)
{
    if (!parse_accept(p, text)) parse_fail(p, arena_printf(&p->cx->arena, "'%s' %s", text, after));
}

const char *parse_name(Parser *p, const char *what)
{
    if (p->at->kind != T_NAME) parse_fail(p, what);
    return (p->at++)->text;
}

Node *parse_done(Parser *p, Node *n)
{
    const Token *last = p->at - 1;
    if (last->span.at + last->span.len > n->span.at + n->span.len)
        n->span.len = last->span.at + last->span.len - n->span.at;
    int h = node_height(n);
    if (h > MAXHEIGHT)
        fail(p->cx, E0106, n->span, "use names for parts of it",
             "more than %d levels in one expression or block", (int)MAXHEIGHT);
    n->height = (uint16_t)h;
    return n;
}

void parse_enter(Parser *p)
{
    if (++p->nest > MAXNEST)
        fail(p->cx, E0106, p->at->span, NULL, "more than %d levels inside one another",
             (int)MAXNEST);
}

static Node *start(Parser *p, NodeKind k)
{
    return node_new(p->cx, k, p->at->span);
}

/* a node that begins where `first` began */
static Node *wrap(Parser *p, NodeKind k, Node *first)
{
    Node *n = node_new(p->cx, k, first->span);
    n->kid[0] = first;
    return n;
}

/* ---- strings ---- */

typedef struct {
    Node *first, *last;
} List;

static void list_add(List *l, Node *n)
{
    if (l->last)
        l->last->next = n;
    else
        l->first = n;
    l->last = n;
}

/* literal text of a string: joined to the text before it */
static void add_text(Parser *p, List *l, Span at, const char *s, size_t len)
{
    Node *n = l->last;
    if (n && n->kind == N_str) {
        Text both = text_new(&p->cx->arena);
        text_put(&both, n->name, n->len);
        text_put(&both, s, len);
        n->name = intern_n(p->cx, both.s, both.n);
        n->len = both.n;
    } else if (len) {
        n = node_new(p->cx, N_str, at);
        n->name = s;
        n->len = len;
        n->height = 1;
        list_add(l, n);
    }
}

static void parse_parts(Parser *p, List *l);

/* field: '{' exprs ['='] ['!' NAME] [':' parts] '}' */
static void parse_field(Parser *p, List *l)
{
    Node *n = start(p, N_field);
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
        List format = {0};
        parse_parts(p, &format);
        if (!format.first) { /* an empty format is a format */
            n->value = node_new(p->cx, N_str, p->at->span);
            n->value->name = "";
            n->value->height = 1;
        } else {
            n->value = format.first;
        }
    }
    parse_expect(p, "}", "to end the field");
    list_add(l, parse_done(p, n));
    p->nest--;
}

/* parts: (MIDDLE | field)* */
static void parse_parts(Parser *p, List *l)
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
    Node *n = start(p, N_fstr);
    List parts = {0};
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
    List all = {0};
    while (at_clause(p)) {
        Node *c = start(p, N_clause);
        List ifs = {0};
        c->op = parse_accept(p, "async");
        parse_expect(p, "for", "after 'async'");
        c->target = parse_targets(p);
        parse_expect(p, "in", "after the loop's targets");
        c->iter = parse_level(p, LEVEL_OR);
        while (parse_accept(p, "if")) list_add(&ifs, parse_level(p, LEVEL_OR));
        c->clauses = ifs.first;
        list_add(&all, parse_done(p, c));
    }
    return all.first;
}

static Node *parse_comp(Parser *p, Node *n, char bracket, Node *elt, Node *value)
{
    n->kind = N_comp;
    n->op = (uint8_t)bracket;
    n->elt = elt;
    n->value = value;
    n->clauses = parse_clauses(p);
    return n;
}

static Node *parse_star(Parser *p)
{
    Node *n = start(p, N_star);
    p->at++;
    n->obj = parse_level(p, LEVEL_BITOR);
    return parse_done(p, n);
}

/* star_named: '*' bitor | named      star_expr: '*' bitor | expr */
static Node *parse_star_named(Parser *p)
{
    return parse_at(p, "*") ? parse_star(p) : parse_named(p);
}

static Node *parse_star_expr(Parser *p)
{
    return parse_at(p, "*") ? parse_star(p) : parse_expr(p);
}

/* paren: '(' [yield | named clauses | star_named (',' star_named)* [',']] ')' */
static Node *parse_paren(Parser *p)
{
    Node *n = start(p, N_tuple);
    p->at++;
    if (parse_at(p, "yield")) {
        Node *y = parse_exprs(p);
        parse_expect(p, ")", "to close the bracket");
        return y;
    }
    List items = {0};
    bool comma = parse_at(p, ")");
    while (!parse_at(p, ")")) {
        list_add(&items, parse_star_named(p));
        if (items.first == items.last && at_clause(p)) {
            parse_comp(p, n, '(', items.first, NULL);
            parse_expect(p, ")", "to close the comprehension");
            return parse_done(p, n);
        }
        if (!parse_accept(p, ",")) break;
        comma = true;
    }
    parse_expect(p, ")", "to close the bracket");
    if (!comma && items.first->kind != N_star) return items.first;
    if (!comma)
        fail(p->cx, E0101, items.first->span, NULL,
             "a star needs a list, a tuple or a call around it");
    n->items = items.first;
    return parse_done(p, n);
}

/* list: '[' [named clauses | star_named (',' star_named)* [',']] ']' */
static Node *parse_list(Parser *p)
{
    Node *n = start(p, N_list);
    List items = {0};
    p->at++;
    while (!parse_at(p, "]")) {
        list_add(&items, parse_star_named(p));
        if (items.first == items.last && at_clause(p)) {
            parse_comp(p, n, '[', items.first, NULL);
            break;
        }
        if (!parse_accept(p, ",")) break;
    }
    parse_expect(p, "]", "to close the list");
    if (n->kind == N_list) n->items = items.first;
    return parse_done(p, n);
}

/* entry: '**' or_expr | expr ':' expr | star_named */
static Node *parse_entry(Parser *p)
{
    if (parse_at(p, "**")) {
        Node *n = start(p, N_dstar);
        p->at++;
        n->obj = parse_level(p, LEVEL_BITOR);
        return parse_done(p, n);
    }
    Node *key = parse_star_named(p);
    if (!parse_accept(p, ":")) return key;
    Node *n = wrap(p, N_pair, key);
    n->value = parse_expr(p);
    return parse_done(p, n);
}

/* braces: '{' [entry clauses | entry (',' entry)* [',']] '}'      all pairs, or none */
static Node *parse_braces(Parser *p)
{
    Node *n = start(p, N_dict);
    List items = {0};
    p->at++;
    while (!parse_at(p, "}")) {
        Node *e = parse_entry(p);
        bool pair = e->kind == N_pair || e->kind == N_dstar;
        if (!items.first)
            n->kind = pair ? N_dict : N_set;
        else if (pair != (n->kind == N_dict))
            fail(p->cx, E0101, e->span, NULL, "a dict has pairs 'key: value', a set has none");
        list_add(&items, e);
        if (items.first == items.last && at_clause(p)) {
            parse_comp(p, n, e->kind == N_pair ? ':' : '{', e->kind == N_pair ? e->left : e,
                       e->kind == N_pair ? e->value : NULL);
            break;
        }
        if (!parse_accept(p, ",")) break;
    }
    parse_expect(p, "}", "to close the braces");
    if (n->kind != N_comp) n->items = items.first;
    return parse_done(p, n);
}

/* ---- atoms, calls, subscripts ---- */

static Node *parse_number(Parser *p)
{
    Node *n = start(p, p->at->kind == T_INT ? N_int : N_float);
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
        Node *n = start(p, N_name);
        n->name = (p->at++)->text;
        return parse_done(p, n);
    }
    default: break;
    }
    if (parse_at(p, "(")) return parse_paren(p);
    if (parse_at(p, "[")) return parse_list(p);
    if (parse_at(p, "{")) return parse_braces(p);
    if (!parse_at(p, "None") && !parse_at(p, "True") && !parse_at(p, "False") &&
        !parse_at(p, "..."))
        parse_fail(p, "an expression");
    Node *n = start(p, N_const);
    n->name = parse_at(p, "...") ? intern(p->cx, "Ellipsis") : t->text;
    p->at++;
    return parse_done(p, n);
}

/* argument: '*' expr | '**' expr | NAME '=' expr | named [clauses] */
static Node *parse_arg(Parser *p)
{
    Node *n = start(p, N_star);
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
    return at_clause(p) ? parse_done(p, parse_comp(p, n, '(', e, NULL)) : e;
}

/* args: [argument (',' argument)* [',']] ')' */
Node *parse_args(Parser *p)
{
    List items = {0};
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
        list_add(&items, a);
        if (!parse_accept(p, ",")) break;
    }
    parse_expect(p, ")", "to close the call");
    return items.first;
}

/* slice: [expr] ':' [expr] [':' [expr]] | star_named */
static Node *parse_slice(Parser *p)
{
    Node *n = start(p, N_slice);
    if (!parse_at(p, ":")) {
        Node *e = parse_star_named(p);
        if (!parse_at(p, ":")) return e;
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
    List items = {0};
    bool comma = false;
    Node *tuple = start(p, N_tuple);
    do list_add(&items, parse_slice(p));
    while (parse_accept(p, ",") && (comma = true) && !parse_at(p, "]"));
    if (!comma && items.first->kind != N_star) return items.first;
    tuple->items = items.first;
    return parse_done(p, tuple);
}

/* primary: ['await'] atom ('.' NAME | '(' args | '[' index ']')* */
static Node *parse_primary(Parser *p)
{
    Node *await = parse_at(p, "await") ? start(p, N_await) : NULL;
    if (await) p->at++;
    Node *e = parse_atom(p);
    for (;;) {
        if (parse_accept(p, ".")) {
            e = wrap(p, N_attr, e);
            e->name = parse_name(p, "a name");
        } else if (parse_accept(p, "(")) {
            e = wrap(p, N_call, e);
            e->args = parse_args(p);
        } else if (parse_accept(p, "[")) {
            e = wrap(p, N_sub, e);
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

/* ---- operators ---- */

/* the binary operator of the next token, or -1; "**" is parse_unary's */
static int binary_op(const Parser *p)
{
    if (p->at->kind == T_OP)
        for (int op = PY_bitor; op < PY_pow; op++)
            if (!strcmp(pyop_info[op].text, p->at->text)) return op;
    return -1;
}

/* the comparison at the next token, eaten, or -1 */
static int take_comparison(Parser *p)
{
    for (int op = PY_eq; op <= PY_ge; op++)
        if (parse_at(p, pyop_info[op].text)) return p->at++, op;
    if (parse_accept(p, "in")) return PY_in;
    if (parse_at(p, "not") && p->at[1].kind == T_KEYWORD && !strcmp(p->at[1].text, "in"))
        return p->at += 2, PY_notin;
    if (parse_accept(p, "is")) return parse_accept(p, "not") ? PY_isnot : PY_is;
    return -1;
}

/* comparison: bitor (comparison_operator bitor)* */
static Node *parse_comparison(Parser *p)
{
    Node *first = parse_level(p, LEVEL_BITOR), *n = NULL;
    List links = {0};
    Span at = p->at->span;
    for (int op; (op = take_comparison(p)) >= 0; at = p->at->span) {
        Node *link = node_new(p->cx, N_link, at);
        link->op = (uint8_t)op;
        link->left = parse_level(p, LEVEL_BITOR);
        list_add(&links, parse_done(p, link));
    }
    if (!links.first) return first;
    n = wrap(p, N_compare, first);
    n->right = links.first;
    return parse_done(p, n);
}

/* power: primary ['**' unary]      unary: ('-' | '+' | '~') unary | power */
static Node *parse_unary(Parser *p)
{
    int op = parse_at(p, "-")   ? PY_neg
             : parse_at(p, "+") ? PY_pos
             : parse_at(p, "~") ? PY_invert
                                : -1;
    if (op >= 0) {
        Node *n = start(p, N_unary);
        n->op = (uint8_t)op;
        p->at++;
        parse_enter(p);
        n->left = parse_unary(p);
        p->nest--;
        return parse_done(p, n);
    }
    Node *base = parse_primary(p);
    if (!parse_accept(p, "**")) return base;
    Node *n = wrap(p, N_binary, base);
    n->op = PY_pow;
    parse_enter(p);
    n->right = parse_unary(p);
    p->nest--;
    return parse_done(p, n);
}

/* disjunction: conjunction ('or' conjunction)*      conjunction: inversion ('and' inversion)* */
static Node *parse_bool(Parser *p, PyOp op, int inner)
{
    Node *first = parse_level(p, inner);
    if (!parse_at(p, pyop_info[op].text)) return first;
    List items = {first, first};
    Node *n = node_new(p->cx, N_bool, first->span);
    n->op = (uint8_t)op;
    while (parse_accept(p, pyop_info[op].text)) list_add(&items, parse_level(p, inner));
    n->items = items.first;
    return parse_done(p, n);
}

/* inversion: 'not' inversion | comparison */
static Node *parse_not(Parser *p)
{
    if (!parse_at(p, "not")) return parse_comparison(p);
    Node *n = start(p, N_unary);
    n->op = PY_not;
    p->at++;
    parse_enter(p);
    n->left = parse_not(p);
    p->nest--;
    return parse_done(p, n);
}

/* binary: unary (operator binary)*      operators of at least this level, by climbing */
static Node *parse_binary(Parser *p, int level)
{
    Node *left = parse_unary(p);
    for (int op; (op = binary_op(p)) >= 0 && pyop_info[op].level >= level;) {
        left = wrap(p, N_binary, left);
        left->op = (uint8_t)op;
        p->at++;
        left->right = parse_binary(p, pyop_info[op].level + 1);
        parse_done(p, left);
    }
    return left;
}

static Node *parse_level(Parser *p, int level)
{
    switch (level) {
    case LEVEL_OR: return parse_bool(p, PY_or, LEVEL_AND);
    case LEVEL_AND: return parse_bool(p, PY_and, LEVEL_NOT);
    case LEVEL_NOT: return parse_not(p);
    default: return parse_binary(p, level);
    }
}

/* lambda: 'lambda' [params] ':' expr */
static Node *parse_lambda(Parser *p)
{
    Node *n = start(p, N_lambda);
    p->at++;
    n->items = parse_params(p, ":", false);
    parse_expect(p, ":", "after the parameters of the lambda");
    n->value = parse_expr(p);
    return parse_done(p, n);
}

/* expr: lambda | disjunction ['if' disjunction 'else' expr] */
Node *parse_expr(Parser *p)
{
    parse_enter(p);
    bool lambda = parse_at(p, "lambda"); /* its body takes an 'if' that follows; brackets end it */
    Node *e = lambda ? parse_lambda(p) : parse_level(p, LEVEL_OR);
    if (!lambda && parse_at(p, "if")) {
        Node *n = node_new(p->cx, N_ternary, e->span);
        p->at++;
        n->value = e;
        n->test = parse_level(p, LEVEL_OR);
        parse_expect(p, "else", "of the conditional expression");
        n->orelse = parse_expr(p);
        e = parse_done(p, n);
    }
    p->nest--;
    return e;
}

/* named: NAME ':=' expr | expr */
Node *parse_named(Parser *p)
{
    if (p->at->kind != T_NAME || p->at[1].kind != T_OP || strcmp(p->at[1].text, ":="))
        return parse_expr(p);
    Node *n = start(p, N_walrus);
    n->name = p->at->text;
    p->at += 2;
    n->value = parse_expr(p);
    return parse_done(p, n);
}

/* yield: 'yield' ['from' expr | exprs] */
static Node *parse_yield(Parser *p)
{
    Node *n = start(p, N_yield);
    p->at++;
    n->op = parse_accept(p, "from");
    if (n->op)
        n->obj = parse_expr(p);
    else if (p->at->kind != T_NEWLINE && !parse_at(p, ")") && !parse_at(p, ";") &&
             !parse_at(p, "=") && !parse_at(p, "}"))
        n->obj = parse_exprs(p);
    return parse_done(p, n);
}

/* what may follow the last comma of a tuple without brackets */
static bool ends_tuple(const Parser *p)
{
    return p->at->kind == T_NEWLINE || p->at->kind == T_EOF || parse_at(p, "=") ||
           parse_at(p, ":") || parse_at(p, ")") || parse_at(p, "]") || parse_at(p, "}") ||
           parse_at(p, ";") || parse_at(p, "in") ||
           (p->at->kind == T_OP && p->at->text[strlen(p->at->text) - 1] == '=');
}

static Node *parse_tuple(Parser *p, Node *(*item)(Parser *))
{
    Node *n = start(p, N_tuple);
    List items = {0};
    bool comma = false;
    do list_add(&items, item(p));
    while (parse_accept(p, ",") && (comma = true) && !ends_tuple(p));
    if (!comma) return items.first;
    n->items = items.first;
    return parse_done(p, n);
}

/* exprs: yield | star_expr (',' star_expr)* [','] */
Node *parse_exprs(Parser *p)
{
    return parse_at(p, "yield") ? parse_yield(p) : parse_tuple(p, parse_star_expr);
}

/* target: ['*'] bitor */
static Node *parse_one_target(Parser *p)
{
    return parse_at(p, "*") ? parse_star(p) : parse_level(p, LEVEL_BITOR);
}

/* bitors: target (',' target)* [',']      targets: bitors that may be assigned to */
Node *parse_bitors(Parser *p)
{
    return parse_tuple(p, parse_one_target);
}

Node *parse_targets(Parser *p)
{
    Node *n = parse_bitors(p);
    parse_target(p, n, "assigned to");
    return n;
}

void parse_target(Parser *p, Node *n, const char *verb)
{
    if (n->kind == N_tuple || n->kind == N_list) {
        for (Node *c = n->items; c; c = c->next) parse_target(p, c, verb);
    } else if (n->kind == N_star) {
        parse_target(p, n->obj, verb);
    } else if (n->kind != N_name && n->kind != N_attr && n->kind != N_sub) {
        const char *help =
            n->kind == N_compare ? "equality is tested by '==', a value is given by '='" : NULL;
        fail(p->cx, E0107, n->span, help, "this cannot be %s", verb);
    }
}
