/* Tokens to statements, the grammar rule above each function. Each statement is parsed under a
   guard: after an error the rest of its line is skipped and the next one is tried, so that one run
   tells of several errors. */
#include "lang/lang.h"
#include <string.h>

enum { MAXERRORS = 20 };

static Node *parse_statements(Parser *p, bool in_block);

/* ---- simple statements ---- */

/* dotted: NAME ('.' NAME)* */
static const char *parse_dotted(Parser *p, const char *what)
{
    const char *name = parse_name(p, what);
    while (parse_accept(p, "."))
        name = intern(p->cx, arena_printf(&p->cx->arena, "%s.%s", name, parse_name(p, "a name")));
    return name;
}

static Node *parse_bare_name(Parser *p)
{
    Node *n = parse_leaf(p, N_name, NULL);
    n->name = parse_name(p, "a name");
    return n;
}

/* alias: dotted ['as' NAME] */
static Node *parse_alias(Parser *p, const char *what, const char *name(Parser *, const char *))
{
    Node *n = parse_start(p, N_alias);
    n->name = name(p, what);
    if (parse_accept(p, "as")) n->obj = parse_bare_name(p);
    return parse_done(p, n);
}

static Node *parse_module_alias(Parser *p)
{
    return parse_alias(p, "the name of a module", parse_dotted);
}

static Node *parse_name_alias(Parser *p)
{
    return parse_alias(p, "a name", parse_name);
}

/* import: 'import' alias (',' alias)* */
static Node *parse_import(Parser *p)
{
    Node *n = parse_after(p, N_import);
    n->items = parse_commas(p, parse_module_alias, ")");
    return parse_done(p, n);
}

/* from: 'from' '.'* [dotted] 'import' ('*' | '(' aliases ')' | aliases) */
static Node *parse_from(Parser *p)
{
    Node *n = parse_after(p, N_from);
    for (; parse_at(p, ".") || parse_at(p, "..."); p->at++) n->i += parse_at(p, ".") ? 1 : 3;
    n->name = n->i && parse_at(p, "import") ? "" : parse_dotted(p, "the name of a module");
    parse_expect(p, "import", "after the module");
    if (parse_accept(p, "*")) return parse_done(p, n);
    bool bracket = parse_accept(p, "(");
    n->items = parse_commas(p, parse_name_alias, ")");
    if (bracket) parse_expect(p, ")", "to close the bracket");
    return parse_done(p, n);
}

/* global, nonlocal: ('global' | 'nonlocal') NAME (',' NAME)* */
static Node *parse_names(Parser *p)
{
    Node *n = parse_after(p, parse_at(p, "global") ? N_global : N_nonlocal);
    n->items = parse_commas(p, parse_bare_name, "");
    return parse_done(p, n);
}

static bool ends_statement(const Parser *p)
{
    return parse_ends(p, "; ");
}

/* return: 'return' [exprs]      raise: 'raise' [expr ['from' expr]] */
static Node *parse_return(Parser *p)
{
    Node *n = parse_after(p, N_return);
    if (!p->in_def) report(p->cx, E0108, n->span, NULL, "'return' outside of a function");
    if (!ends_statement(p)) n->obj = parse_exprs(p);
    return parse_done(p, n);
}

static Node *parse_raise(Parser *p)
{
    Node *n = parse_after(p, N_raise);
    if (!ends_statement(p)) n->obj = parse_expr(p);
    if (n->obj && parse_accept(p, "from")) n->value = parse_expr(p);
    return parse_done(p, n);
}

/* assert: 'assert' expr [',' expr]      del: 'del' targets */
static Node *parse_assert(Parser *p)
{
    Node *n = parse_after(p, N_assert);
    n->test = parse_expr(p);
    if (parse_accept(p, ",")) n->value = parse_expr(p);
    return parse_done(p, n);
}

static Node *parse_del(Parser *p)
{
    Node *n = parse_after(p, N_del);
    Node *what = parse_exprs(p);
    parse_target(p, what, "deleted");
    bool bare = what->kind == N_tuple && what->items && what->span.at == what->items->span.at;
    n->items = bare ? what->items : what;
    return parse_done(p, n);
}

static Node *parse_word(Parser *p)
{
    Node *n = parse_after(p, parse_at(p, "pass") ? N_pass : parse_at(p, "break") ? N_break : N_continue);
    if (n->kind != N_pass && !p->in_loop)
        report(p->cx, E0108, n->span, NULL, "'%s' outside of a loop", node_info[n->kind].name);
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
    Node *n = parse_start(p, N_expr);
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
        Node *(*parse)(Parser *);
    } forms[] = {
        {"import", parse_import}, {"from", parse_from}, {"return", parse_return}, {"raise", parse_raise},
        {"assert", parse_assert}, {"del", parse_del},   {"pass", parse_word},     {"break", parse_word},
        {"continue", parse_word}, {"global", parse_names}, {"nonlocal", parse_names},
    };
    for (int i = 0; i < COUNT(forms); i++)
        if (parse_at(p, forms[i].word)) return forms[i].parse(p);
    return parse_expression(p);
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
    while (p->at->kind == T_KEYWORD && parse_ends(p, "elif else except finally ")) skip_line(p);
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
Node *parse_block(Parser *p, const char *after)
{
    parse_expect(p, ":", after);
    if (p->at->kind != T_NEWLINE) { /* on the same line */
        Job job = {.p = p};
        if (p->at->kind == T_KEYWORD && parse_ends(p, "if for while with def class try "))
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

/* the lexer's messages came first; now in the order of the text. A text too large is not read to its
 * end: what comes after would be guessed. */
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
    for (Diag *d = sorted; d; d = d->next)
        if (d->code == E0106) d->next = NULL;
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
