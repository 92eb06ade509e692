/* A program made a little simpler: way 0, way 1, ... each takes something else out of its syntax tree,
   large pieces first, or out of its text when it has no tree. Whoever asks keeps what still fails
   and asks again: delta debugging, with the oracle outside.

   Ways of a tree, phase by phase: parts of the lists of statements; blocks in place of the statements
   around them; elements of other lists (arguments, parameters, decorators, items) and what may be
   absent; an expression in place of the one around it; 1 in place of an expression. */
#include "lang/lang.h"
#include <string.h>

enum { NKID = 4 };

typedef struct {
    Cx *cx;
    int left; /* ways to pass over before the one that is wanted */
    bool done;
} Reducer;

static bool is_statement(const Node *n)
{
    switch (n->kind) {
    case N_alias:
    case N_item:
    case N_handler:
    case N_param:
    case N_case:
    case N_as: return false;
    default: return n->kind > N_module;
    }
}

static bool is_expression(const Node *n)
{
    return n->kind < N_module && node_info[n->kind].level > 0 && n->kind != N_star && n->kind != N_dstar;
}

static bool wanted(Reducer *r)
{
    if (r->left-- != 0) return false;
    r->done = true;
    return true;
}

/* ---- phases: each may change the node that *at leads to, and what hangs below it --------------- */

typedef void Phase(Reducer *r, Node **at);

/* takes elements from .. from + n - 1 out of a list; a block keeps a 'pass' */
static void cut(Reducer *r, Node **list, int from, int n, bool block)
{
    Node **at = list;
    for (; from > 0; from--) at = &(*at)->next;
    while (n-- > 0 && *at) *at = (*at)->next;
    if (!*list && block) *list = node_new(r->cx, N_pass, (Span){0});
}

/* all of the list, its halves, its quarters, ... its elements */
static void cut_parts(Reducer *r, Node **list, bool block)
{
    int n = 0;
    for (const Node *c = *list; c; c = c->next) n++;
    if (!n || (block && n == 1 && (*list)->kind == N_pass)) return;
    for (int size = n;; size = (size + 1) / 2) {
        for (int from = 0; from < n && !r->done; from += size)
            if (wanted(r)) cut(r, list, from, size, block);
        if (size == 1 || r->done) return;
    }
}

static void cut_statements(Reducer *r, Node **at)
{
    Node *n = *at;
    for (int k = 0; k < NKID && !r->done; k++)
        if (node_info[n->kind].kids[k] == '*' && n->kid[k] && is_statement(n->kid[k]))
            cut_parts(r, &n->kid[k], k == 2 && n->kind != N_module);
}

static void unwrap_blocks(Reducer *r, Node **at)
{
    Node *n = *at;
    bool wraps = n->kind == N_if || n->kind == N_for || n->kind == N_while || n->kind == N_with || n->kind == N_try;
    for (int k = 2; wraps && k < NKID && !r->done; k++) {
        if (!n->kid[k] || !is_statement(n->kid[k]) || !wanted(r)) continue;
        Node *last = n->kid[k];
        while (last->next) last = last->next;
        last->next = n->next;
        *at = n->kid[k];
    }
}

static void cut_others(Reducer *r, Node **at)
{
    Node *n = *at;
    for (int k = 0; k < NKID && !r->done; k++) {
        char s = node_info[n->kind].kids[k];
        if (s == '*' && n->kid[k] && !is_statement(n->kid[k])) cut_parts(r, &n->kid[k], false);
        if (s == 'o' && n->kid[k] && wanted(r)) n->kid[k] = NULL;
    }
}

static void put(Reducer *r, Node **at, const Node *with)
{
    Node *copy = node_new(r->cx, with->kind, with->span), *next = (*at)->next;
    *copy = *with;
    copy->next = next;
    *at = copy;
}

static void lift_kids(Reducer *r, Node **at)
{
    Node *n = *at;
    if (!is_expression(n)) return;
    for (int k = 0; k < NKID; k++)
        for (const Node *c = n->kid[k]; c && !r->done; c = c->next) {
            const Node *inner = c->kind == N_keyword ? c->value : c->kind == N_link ? c->left : c;
            if (inner && is_expression(inner) && wanted(r)) put(r, at, inner);
        }
}

static void to_one(Reducer *r, Node **at)
{
    Node *n = *at, one = {.kind = N_int, .i = 1};
    bool is_one = n->kind == N_int && n->i == 1 && !n->name;
    if (is_expression(n) && !is_one && n->kind != N_name && !r->done && wanted(r)) put(r, at, &one);
}

static void walk(Reducer *r, Phase *phase, Node **at)
{
    for (; *at && !r->done; at = &(*at)->next) {
        phase(r, at);
        for (int k = 0; k < NKID && !r->done; k++) walk(r, phase, &(*at)->kid[k]);
        if (!*at) return;
    }
}

static const char *simpler_tree(Cx *cx, uint32_t file, int step)
{
    static Phase *const phases[] = {cut_statements, unwrap_blocks, cut_others, lift_kids, to_one};
    Node *module = parse_module(cx, file);
    if (cx->nerror) leave(cx);
    Reducer *r = NEW(&cx->arena, Reducer);
    r->cx = cx;
    r->left = step - 1;
    for (int p = 0; p < COUNT(phases) && step > 0 && !r->done; p++) walk(r, phases[p], &module);
    if (step > 0 && !r->done) return NULL;
    Text t = text_new(&cx->arena);
    unparse(&t, module);
    return t.s ? t.s : "";
}

/* ---- text ------------------------------------------------------------------------------------- */

static const char *without(Cx *cx, const Source *s, size_t from, size_t to)
{
    Text t = text_new(&cx->arena);
    text_put(&t, s->text, from);
    text_put(&t, s->text + to, s->n - to);
    return t.s;
}

/* parts of what lies between marks: all of it, halves, quarters, ... */
static const char *cut_text(Cx *cx, const Source *s, const size_t *mark, int n, int *left)
{
    for (int size = n;; size = (size + 1) / 2) {
        for (int from = 0; from < n; from += size)
            if ((*left)-- == 0) return without(cx, s, mark[from], mark[MIN(from + size, n)]);
        if (size <= 1) return NULL;
    }
}

/* lines, then the characters of each line */
static const char *simpler_text(Cx *cx, uint32_t file, int step)
{
    const Source *s = cx->source[file];
    size_t *mark = NEWN(&cx->arena, size_t, s->n + 2);
    int n = 0, left = step - 1;
    if (step == 0) return s->text;
    for (size_t i = 0; i < s->n; i++)
        if (i == 0 || s->text[i - 1] == '\n') mark[n++] = i;
    mark[n] = s->n;
    const char *out = n ? cut_text(cx, s, mark, n, &left) : NULL;
    for (size_t from = 0; from < s->n && !out;) {
        size_t end = from;
        for (n = 0; end < s->n && s->text[end] != '\n'; end++) mark[n++] = end;
        mark[n] = end;
        if (n) out = cut_text(cx, s, mark, n, &left);
        from = end + 1;
    }
    return out;
}

const char *lang_simpler(Cx *cx, uint32_t file, bool tree, int step)
{
    return tree ? simpler_tree(cx, file, step) : simpler_text(cx, file, step);
}
