/* Tokens to statements, the grammar rule above each function. Each statement is parsed under a
   guard: after an error the rest of its line is skipped and the next one is tried, so that one run
   tells of several errors. */
#include "lang/lang.h"
#include <string.h>

enum { MAXERRORS = 20 };

static Node *parse_block(Parser *p, const char *after);
static Node *parse_statements(Parser *p, bool in_block);

static Node *start(Parser *p, NodeKind k)
{
    return node_new(p->cx, k, p->at->span);
}

/* ---- simple statements ---- */

/* dotted: NAME ('.' NAME)* */
static const char *parse_dotted(Parser *p, const char *what)
{
    const char *name = parse_name(p, what);
    while (parse_accept(p, "."))
        name = intern(p->cx, arena_printf(&p->cx->arena, "%s.%s", name, parse_name(p, "a name")));
    return name;
}

/* alias: dotted ['as' NAME] */
static Node *parse_alias(Parser *p, bool dotted)
{
    Node *n = start(p, N_alias);
    n->name = dotted ? parse_dotted(p, "the name of a module") : parse_name(p, "a name");
    if (parse_accept(p, "as")) {
        n->obj = start(p, N_name);
        n->obj->name = parse_name(p, "a name");
        n->obj->height = 1;
    }
    return parse_done(p, n);
}

static Node *parse_aliases(Parser *p, bool dotted)
{
    Node *first = NULL, **tail = &first;
    do {
        *tail = parse_alias(p, dotted);
        tail = &(*tail)->next;
    } while (parse_accept(p, ",") && !parse_at(p, ")"));
    return first;
}

/* import: 'import' alias (',' alias)* */
static Node *parse_import(Parser *p)
{
    Node *n = start(p, N_import);
    p->at++;
    n->items = parse_aliases(p, true);
    return parse_done(p, n);
}

/* from: 'from' '.'* [dotted] 'import' ('*' | '(' aliases ')' | aliases) */
static Node *parse_from(Parser *p)
{
    Node *n = start(p, N_from);
    p->at++;
    for (; parse_at(p, ".") || parse_at(p, "..."); p->at++) n->i += parse_at(p, ".") ? 1 : 3;
    n->name = n->i && parse_at(p, "import") ? "" : parse_dotted(p, "the name of a module");
    parse_expect(p, "import", "after the module");
    if (parse_accept(p, "*")) return parse_done(p, n);
    bool bracket = parse_accept(p, "(");
    n->items = parse_aliases(p, false);
    if (bracket) parse_expect(p, ")", "to close the bracket");
    return parse_done(p, n);
}

/* names: ('global' | 'nonlocal') NAME (',' NAME)* */
static Node *parse_names(Parser *p, NodeKind kind)
{
    Node *n = start(p, kind), **tail = &n->items;
    p->at++;
    do {
        *tail = start(p, N_name);
        (*tail)->name = parse_name(p, "a name");
        (*tail)->height = 1;
        tail = &(*tail)->next;
    } while (parse_accept(p, ","));
    return parse_done(p, n);
}

static bool ends_statement(const Parser *p)
{
    return p->at->kind == T_NEWLINE || p->at->kind == T_EOF || parse_at(p, ";");
}

/* return: 'return' [exprs]      raise: 'raise' [expr ['from' expr]] */
static Node *parse_return(Parser *p)
{
    Node *n = start(p, N_return);
    p->at++;
    if (!p->in_def) report(p->cx, E0108, n->span, NULL, "'return' outside of a function");
    if (!ends_statement(p)) n->obj = parse_exprs(p);
    return parse_done(p, n);
}

static Node *parse_raise(Parser *p)
{
    Node *n = start(p, N_raise);
    p->at++;
    if (!ends_statement(p)) n->obj = parse_expr(p);
    if (n->obj && parse_accept(p, "from")) n->value = parse_expr(p);
    return parse_done(p, n);
}

/* assert: 'assert' expr [',' expr]      del: 'del' targets */
static Node *parse_assert(Parser *p)
{
    Node *n = start(p, N_assert);
    p->at++;
    n->test = parse_expr(p);
    if (parse_accept(p, ",")) n->value = parse_expr(p);
    return parse_done(p, n);
}

static Node *parse_del(Parser *p)
{
    Node *n = start(p, N_del);
    p->at++;
    Node *what = parse_exprs(p);
    parse_target(p, what, "deleted");
    bool bare = what->kind == N_tuple && what->items && what->span.at == what->items->span.at;
    n->items = bare ? what->items : what;
    return parse_done(p, n);
}

static Node *parse_word(Parser *p, NodeKind kind)
{
    Node *n = start(p, kind);
    if (kind != N_pass && !p->in_loop)
        report(p->cx, E0108, n->span, NULL, "'%s' outside of a loop", node_info[kind].name);
    p->at++;
    return parse_done(p, n);
}

/* the operator of an augmented assignment at the next token, or -1 */
static int augment_op(const Parser *p)
{
    size_t len = p->at->kind == T_OP ? strlen(p->at->text) : 0;
    if (len >= 2 && p->at->text[len - 1] == '=')
        for (int op = PY_bitor; op <= PY_pow; op++)
            if (strlen(pyop_info[op].text) == len - 1 &&
                !strncmp(pyop_info[op].text, p->at->text, len - 1))
                return op;
    return -1;
}

/* expression: exprs | exprs ('=' exprs)+ | exprs AUGMENT exprs | exprs ':' expr ['=' exprs] */
static Node *parse_expression(Parser *p)
{
    Node *n = start(p, N_expr);
    Node *first = parse_exprs(p);
    int op = augment_op(p);
    n->obj = first;
    if (op >= 0) {
        if (first->kind == N_tuple || first->kind == N_list || first->kind == N_star)
            fail(p->cx, E0107, first->span, NULL, "several values cannot be changed by one '%s'",
                 p->at->text);
        parse_target(p, first, "assigned to");
        n->kind = N_augment;
        n->op = (uint8_t)op;
        p->at++;
        n->value = parse_exprs(p);
    } else if (parse_at(p, ":")) {
        if (first->kind != N_name && first->kind != N_attr && first->kind != N_sub)
            parse_fail(p, "the end of the statement");
        n->kind = N_annotate;
        p->at++;
        n->annotation = parse_expr(p);
        if (parse_accept(p, "=")) n->value = parse_exprs(p);
    } else if (parse_at(p, "=")) {
        Node *last = first;
        n->kind = N_assign;
        while (parse_accept(p, "=")) {
            parse_target(p, last, "assigned to");
            Node *next = parse_exprs(p);
            if (parse_at(p, "="))
                last = last->next = next;
            else
                n->value = next;
        }
    } else if (first->kind == N_star) {
        fail(p->cx, E0101, first->span, NULL, "a star needs a list, a tuple or a call around it");
    }
    return parse_done(p, n);
}

static Node *parse_simple(Parser *p)
{
    static const struct {
        const char *word;
        NodeKind kind;
        Node *(*parse)(Parser *);
    } forms[] = {
        {"import", N_import, parse_import}, {"from", N_from, parse_from},
        {"return", N_return, parse_return}, {"raise", N_raise, parse_raise},
        {"assert", N_assert, parse_assert}, {"del", N_del, parse_del},
    };
    for (int i = 0; i < COUNT(forms); i++)
        if (parse_at(p, forms[i].word)) return forms[i].parse(p);
    if (parse_at(p, "pass") || parse_at(p, "break") || parse_at(p, "continue"))
        return parse_word(p, parse_at(p, "pass")    ? N_pass
                             : parse_at(p, "break") ? N_break
                                                    : N_continue);
    if (parse_at(p, "global") || parse_at(p, "nonlocal"))
        return parse_names(p, parse_at(p, "global") ? N_global : N_nonlocal);
    return parse_expression(p);
}

/* ---- compound statements ---- */

/* the header is read: its span ends here, so that a caret shows the header and not the body */
static Node *parse_body(Parser *p, Node *n, const char *after)
{
    const Token *last = p->at - 1;
    n->span.len = last->span.at + last->span.len - n->span.at;
    n->body = parse_block(p, after);
    return n;
}

/* the height once all parts are there; unlike parse_done it leaves the span alone */
static Node *finish(Parser *p, Node *n)
{
    Span header = n->span;
    parse_done(p, n)->span = header;
    return n;
}

static Node *parse_loop_block(Parser *p, const char *after)
{
    bool outer = p->in_loop;
    p->in_loop = true;
    Node *body = parse_block(p, after);
    p->in_loop = outer;
    return body;
}

/* if: ('if' | 'elif') named block (if | ['else' block]) */
static Node *parse_if(Parser *p)
{
    Node *n = start(p, N_if);
    parse_enter(p);
    p->at++;
    n->test = parse_named(p);
    parse_body(p, n, "after the condition");
    if (parse_at(p, "elif"))
        n->orelse = parse_if(p);
    else if (parse_accept(p, "else"))
        n->orelse = parse_block(p, "after 'else'");
    p->nest--;
    return finish(p, n);
}

/* while: 'while' named block ['else' block] */
static Node *parse_while(Parser *p)
{
    Node *n = start(p, N_while);
    p->at++;
    n->test = parse_named(p);
    n->span.len = p->at[-1].span.at + p->at[-1].span.len - n->span.at;
    n->body = parse_loop_block(p, "after the condition");
    if (parse_accept(p, "else")) n->orelse = parse_block(p, "after 'else'");
    return finish(p, n);
}

/* for: 'for' targets 'in' exprs block ['else' block] */
static Node *parse_for(Parser *p)
{
    Node *n = start(p, N_for);
    p->at++;
    n->target = parse_targets(p);
    parse_expect(p, "in", "after the loop's targets");
    n->iter = parse_exprs(p);
    n->span.len = p->at[-1].span.at + p->at[-1].span.len - n->span.at;
    n->body = parse_loop_block(p, "after what the loop runs over");
    if (parse_accept(p, "else")) n->orelse = parse_block(p, "after 'else'");
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
    Node *n = start(p, N_item);
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
    Node *n = start(p, N_with), **tail = &n->items;
    p->at++;
    bool bracket = parse_at(p, "(") && bracket_then_colon(p);
    p->at += bracket;
    do {
        *tail = parse_item(p);
        tail = &(*tail)->next;
    } while (parse_accept(p, ",") && !parse_at(p, ")"));
    if (bracket) parse_expect(p, ")", "to close the bracket");
    return finish(p, parse_body(p, n, "after 'with ...'"));
}

/* handler: 'except' ['*'] [expr ['as' NAME]] block */
static Node *parse_handler(Parser *p)
{
    Node *n = start(p, N_handler);
    p->at++;
    parse_accept(p, "*");
    if (!parse_at(p, ":")) n->obj = parse_exprs(p);
    if (n->obj && parse_accept(p, "as")) n->name = parse_name(p, "a name");
    return finish(p, parse_body(p, n, "after 'except ...'"));
}

/* try: 'try' block handler* ['else' block] ['finally' block] */
static Node *parse_try(Parser *p)
{
    Node *n = start(p, N_try), **tail = &n->items;
    p->at++;
    parse_body(p, n, "after 'try'");
    while (parse_at(p, "except")) {
        n->op = p->at[1].kind == T_OP && !strcmp(p->at[1].text, "*");
        *tail = parse_handler(p);
        tail = &(*tail)->next;
    }
    if (n->items && parse_accept(p, "else")) n->orelse = parse_block(p, "after 'else'");
    if (parse_accept(p, "finally"))
        n->value = parse_block(p, "after 'finally'");
    else if (!n->items)
        parse_fail(p, "'except' or 'finally'");
    return finish(p, n);
}

/* param: '/' | '*' [NAME [':' expr]] | '**' NAME [':' expr] | NAME [':' expr] ['=' expr] */
static Node *parse_param(Parser *p, bool annotated)
{
    Node *n = start(p, N_param);
    n->op = parse_accept(p, "/")    ? PARAM_SLASH
            : parse_accept(p, "*")  ? PARAM_STAR
            : parse_accept(p, "**") ? PARAM_DSTAR
                                    : PARAM_PLAIN;
    n->name = "";
    if (n->op == PARAM_SLASH || (n->op == PARAM_STAR && parse_at(p, ","))) return parse_done(p, n);
    n->name = parse_name(p, "the name of a parameter");
    if (annotated && parse_accept(p, ":"))
        n->annotation = parse_at(p, "*") ? parse_exprs(p) : parse_expr(p);
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
    bool outer_def = p->in_def, outer_loop = p->in_loop;
    p->at++;
    Node *n = start(p, N_def); /* the span is the name */
    n->name = parse_name(p, "the name of the function");
    parse_expect(p, "(", "after the name of the function");
    n->items = parse_params(p, ")", true);
    parse_expect(p, ")", "to close the parameters");
    if (parse_accept(p, "->")) n->value = parse_exprs(p);
    p->in_def = true;
    p->in_loop = false;
    n->body = parse_block(p, "after the header of the function");
    p->in_def = outer_def;
    p->in_loop = outer_loop;
    return finish(p, n);
}

/* class: 'class' NAME ['(' args] block */
static Node *parse_class(Parser *p)
{
    bool outer_def = p->in_def, outer_loop = p->in_loop;
    p->at++;
    Node *n = start(p, N_class);
    n->name = parse_name(p, "the name of the class");
    if (parse_accept(p, "(")) n->items = parse_args(p);
    p->in_def = p->in_loop = false;
    n->body = parse_block(p, "after the header of the class");
    p->in_def = outer_def;
    p->in_loop = outer_loop;
    return finish(p, n);
}

/* decorated: ('@' named NEWLINE)+ ['async'] (def | class) */
static Node *parse_decorated(Parser *p)
{
    Node *first = NULL, **tail = &first;
    while (parse_accept(p, "@")) {
        *tail = parse_named(p);
        tail = &(*tail)->next;
        if (p->at->kind != T_NEWLINE) parse_fail(p, "the end of the line after the decorator");
        p->at++;
    }
    bool async = parse_accept(p, "async");
    if (!parse_at(p, "def") && !parse_at(p, "class"))
        parse_fail(p, "'def' or 'class' after a decorator");
    Node *n = parse_at(p, "def") ? parse_def(p) : parse_class(p);
    n->op = async;
    n->orelse = first;
    return finish(p, n);
}

/* pattern: bitors ['as' NAME]      patterns are read as expressions; a kernel never runs one */
static Node *parse_pattern(Parser *p)
{
    Node *e = parse_bitors(p);
    if (!parse_accept(p, "as")) return e;
    Node *n = node_new(p->cx, N_as, e->span);
    n->obj = e;
    n->name = parse_name(p, "a name");
    return parse_done(p, n);
}

/* match: 'match' exprs ':' NEWLINE INDENT ('case' pattern ['if' named] block)+ DEDENT */
static Node *parse_match(Parser *p)
{
    Node *n = start(p, N_match), **tail = &n->args;
    p->at++;
    n->obj = parse_exprs(p);
    parse_expect(p, ":", "after 'match ...'");
    if (p->at[0].kind != T_NEWLINE || p->at[1].kind != T_INDENT)
        parse_fail(p, "an indented block of cases");
    for (p->at += 2; p->at->kind != T_DEDENT && p->at->kind != T_EOF;) {
        Node *c = start(p, N_case);
        if (p->at->kind != T_NAME || strcmp(p->at->text, "case")) parse_fail(p, "'case'");
        p->at++;
        c->obj = parse_pattern(p);
        if (parse_accept(p, "if")) c->value = parse_named(p);
        *tail = finish(p, parse_body(p, c, "after the case"));
        tail = &c->next;
    }
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
static Node *parse_compound(Parser *p)
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

/* ---- blocks, recovery ---- */

typedef struct {
    Parser *p;
    Node *got;
    bool done;
} Job;

/* statement: compound | simple (';' simple)* [';'] NEWLINE */
static void parse_statement(Cx *cx, void *arg)
{
    Job *job = arg;
    Parser *p = job->p;
    (void)cx;
    p->from = p->at->span.at;
    if (p->at->kind == T_INDENT)
        fail(p->cx, E0102, p->at[1].span, NULL,
             "this line is indented, but nothing above it opens a block");
    job->got = parse_compound(p);
    job->done = job->got != NULL;
    if (job->done) return;
    Node **tail = &job->got;
    do {
        *tail = parse_simple(p);
        tail = &(*tail)->next;
    } while (parse_accept(p, ";") && p->at->kind != T_NEWLINE);
    if (p->at->kind != T_NEWLINE && p->at->kind != T_EOF) parse_fail(p, "the end of the statement");
    p->at += p->at->kind == T_NEWLINE;
    job->done = true;
}

/* to the start of the next line; a block that hangs on the broken line is read for its own errors
   and dropped */
static void skip_line(Parser *p)
{
    while (p->at->kind != T_NEWLINE && p->at->kind != T_EOF && p->at->kind != T_DEDENT &&
           p->at->kind != T_INDENT)
        p->at++;
    p->at += p->at->kind == T_NEWLINE;
    if (p->at->kind == T_INDENT && p->cx->nerror < MAXERRORS) {
        p->at++;
        p->in_def = p->in_loop = true;
        parse_statements(p, true);
    }
}

/* past the broken statement and the clauses that belong to it */
static void recover(Parser *p)
{
    skip_line(p);
    while (parse_at(p, "elif") || parse_at(p, "else") || parse_at(p, "except") ||
           parse_at(p, "finally"))
        skip_line(p);
}

/* statements up to the end of the block or the file */
static Node *parse_statements(Parser *p, bool in_block)
{
    Node *first = NULL, **tail = &first;
    while (p->at->kind != T_EOF && !(in_block && p->at->kind == T_DEDENT) &&
           p->cx->nerror < MAXERRORS) {
        Job job = {.p = p};
        const Parser before = *p;
        guarded(p->cx, parse_statement, &job);
        if (!job.done) {
            Token *broken = p->at;
            *p = before;
            p->at = broken;
            recover(p);
            Token *next = MAX(p->at, before.at + 1);
            *p = before;
            p->at = next;
            continue;
        }
        for (*tail = job.got; *tail; tail = &(*tail)->next)
            ;
    }
    if (in_block && p->at->kind == T_DEDENT) p->at++;
    return first;
}

/* block: ':' (simple-statement line | NEWLINE INDENT statement+ DEDENT) */
static Node *parse_block(Parser *p, const char *after)
{
    parse_expect(p, ":", after);
    if (p->at->kind != T_NEWLINE) { /* on the same line */
        Job job = {.p = p};
        if (p->at->kind == T_KEYWORD &&
            (parse_at(p, "if") || parse_at(p, "for") || parse_at(p, "while") ||
             parse_at(p, "with") || parse_at(p, "def") || parse_at(p, "class") ||
             parse_at(p, "try")))
            parse_fail(p, "a simple statement on the same line, or a new line");
        parse_statement(p->cx, &job);
        return job.got;
    }
    p->at++;
    if (p->at->kind != T_INDENT)
        fail(p->cx, E0102, p->at->span, "write 'pass' for an empty block",
             "expected an indented block here");
    p->at++;
    if (++p->block > MAXNEST)
        fail(p->cx, E0106, p->at->span, NULL, "more than %d blocks inside one another",
             (int)MAXNEST);
    int nest = p->nest;
    p->nest = 0;
    Node *body = parse_statements(p, true);
    p->nest = nest;
    p->block--;
    return body;
}

/* the lexer's messages came first; now in the order of the text */
static void sort_diags(Cx *cx, Diag *last_old)
{
    Diag **head = last_old ? &last_old->next : &cx->diags, *sorted = NULL;
    for (Diag *d = *head, *next; d; d = next) {
        Diag **to = &sorted;
        next = d->next;
        while (*to && (*to)->span.at <= d->span.at) to = &(*to)->next;
        d->next = *to;
        *to = d;
    }
    *head = sorted;
    cx->diag_end = head;
    while (*cx->diag_end) cx->diag_end = &(*cx->diag_end)->next;
}

/* module: statement* EOF */
Node *parse_module(Cx *cx, uint32_t file)
{
    Diag *before = cx->diags;
    while (before && before->next) before = before->next;
    Parser p = {.cx = cx, .file = file};
    Node *n = node_new(cx, N_module, (Span){file, 0, 0});
    Tokens t = lex(cx, file);
    p.at = t.at;
    n->body = parse_statements(&p, false);
    sort_diags(cx, before);
    n->height = (uint16_t)MIN(node_height(n), MAXHEIGHT);
    return n;
}
