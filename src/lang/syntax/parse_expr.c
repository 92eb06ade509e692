/* Tokens to expressions: recursive descent, the grammar rule above each function. Binary operators
 * climb by the levels of pyops.def. */
#include "lang/lang.h"
#include <string.h>

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

bool parse_ends(const Parser *p, const char *words)
{
    const Token *t = p->at;
    if (t->kind == T_NEWLINE || t->kind == T_EOF) return true;
    size_t n = t->kind == T_OP || t->kind == T_KEYWORD ? strlen(t->text) : 0;
    for (const char *w = words; n && *w; w = strchr(w, ' ') + 1)
        if (!strncmp(w, t->text, n) && w[n] == ' ') return true;
    return false;
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

Node *parse_start(Parser *p, NodeKind k)
{
    return node_new(p->cx, k, p->at->span);
}

Node *parse_after(Parser *p, NodeKind k)
{
    Node *n = parse_start(p, k);
    p->at++;
    return n;
}

Node *parse_leaf(Parser *p, NodeKind k, const char *name)
{
    Node *n = parse_start(p, k);
    n->name = name;
    n->height = 1;
    return n;
}

Node *parse_commas(Parser *p, Node *item(Parser *), const char *close)
{
    NodeList l = {0};
    do parse_add(&l, item(p));
    while (parse_accept(p, ",") && !parse_at(p, close));
    return l.first;
}

/* a node that begins where `first` began */
Node *parse_wrap(Parser *p, NodeKind k, Node *first)
{
    Node *n = node_new(p->cx, k, first->span);
    n->kid[0] = first;
    return n;
}

void parse_add(NodeList *l, Node *n)
{
    if (l->last)
        l->last->next = n;
    else
        l->first = n;
    l->last = n;
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
    Node *first = parse_level(p, LEVEL_BITOR);
    NodeList links = {0};
    Span at = p->at->span;
    for (int op; (op = take_comparison(p)) >= 0; at = p->at->span) {
        Node *link = node_new(p->cx, N_link, at);
        link->op = (uint8_t)op;
        link->left = parse_level(p, LEVEL_BITOR);
        parse_add(&links, parse_done(p, link));
    }
    if (!links.first) return first;
    Node *n = parse_wrap(p, N_compare, first);
    n->right = links.first;
    return parse_done(p, n);
}

/* the operator at the next token, and what it binds to its right */
static Node *parse_operand(Parser *p, Node *n, int op, Node **to, Node *operand(Parser *))
{
    n->op = (uint8_t)op;
    p->at++;
    parse_enter(p);
    *to = operand(p);
    p->nest--;
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
        Node *n = parse_start(p, N_unary);
        return parse_operand(p, n, op, &n->left, parse_unary);
    }
    Node *base = parse_primary(p), *n;
    if (!parse_at(p, "**")) return base;
    n = parse_wrap(p, N_binary, base);
    return parse_operand(p, n, PY_pow, &n->right, parse_unary);
}

/* disjunction: conjunction ('or' conjunction)*      conjunction: inversion ('and' inversion)* */
static Node *parse_bool(Parser *p, PyOp op, int inner)
{
    Node *first = parse_level(p, inner);
    if (!parse_at(p, pyop_info[op].text)) return first;
    NodeList items = {first, first};
    Node *n = node_new(p->cx, N_bool, first->span);
    n->op = (uint8_t)op;
    while (parse_accept(p, pyop_info[op].text)) parse_add(&items, parse_level(p, inner));
    n->items = items.first;
    return parse_done(p, n);
}

/* inversion: 'not' inversion | comparison */
static Node *parse_not(Parser *p)
{
    if (!parse_at(p, "not")) return parse_comparison(p);
    Node *n = parse_start(p, N_unary);
    return parse_operand(p, n, PY_not, &n->left, parse_not);
}

/* binary: unary (operator binary)*      operators of at least this level, by climbing */
static Node *parse_binary(Parser *p, int level)
{
    Node *left = parse_unary(p);
    for (int op; (op = binary_op(p)) >= 0 && pyop_info[op].level >= level;) {
        left = parse_wrap(p, N_binary, left);
        left->op = (uint8_t)op;
        p->at++;
        left->right = parse_binary(p, pyop_info[op].level + 1);
        parse_done(p, left);
    }
    return left;
}

Node *parse_level(Parser *p, int level)
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
    Node *n = parse_after(p, N_lambda);
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
    Node *n = parse_start(p, N_walrus);
    n->name = p->at->text;
    p->at += 2;
    n->value = parse_expr(p);
    return parse_done(p, n);
}

/* yield: 'yield' ['from' expr | exprs] */
static Node *parse_yield(Parser *p)
{
    Node *n = parse_after(p, N_yield);
    n->op = parse_accept(p, "from");
    if (n->op)
        n->obj = parse_expr(p);
    else if (!parse_ends(p, ") ; = } "))
        n->obj = parse_exprs(p);
    return parse_done(p, n);
}

/* what may follow the last comma of a tuple without brackets */
static bool ends_tuple(const Parser *p)
{
    return parse_ends(p, ": ) ] } ; in ") || (p->at->kind == T_OP && p->at->text[strlen(p->at->text) - 1] == '=');
}

static Node *parse_tuple(Parser *p, Node *(*item)(Parser *))
{
    Node *n = parse_start(p, N_tuple);
    NodeList items = {0};
    bool comma = false;
    do parse_add(&items, item(p));
    while (parse_accept(p, ",") && (comma = true) && !ends_tuple(p));
    if (!comma) return items.first;
    n->items = items.first;
    return parse_done(p, n);
}

/* star_expr: '*' bitor | expr */
static Node *parse_star_expr(Parser *p)
{
    return parse_at(p, "*") ? parse_star(p) : parse_expr(p);
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
