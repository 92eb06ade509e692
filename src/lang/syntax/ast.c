/* The nodes of the syntax tree: their table, their maker, their equality. */
#include "lang/lang.h"
#include <string.h>

const NodeInfo node_info[NNODE] = {
#define NODE(kind, level, kids, text) {#kind, level, kids, text},
#include "lang/ast.def"
#undef NODE
};

const PyOpInfo pyop_info[NPYOP] = {
#define PYOP(name, text, level, method, tile) {#name, text, level, method, tile},
#include "lang/pyops.def"
#undef PYOP
};

Node *node_new(Cx *cx, NodeKind k, Span s)
{
    Node *n = NEW(&cx->arena, Node);
    n->kind = k;
    n->span = s;
    return n;
}

int node_height(const Node *n)
{
    int h = 0;
    for (int k = 0; k < COUNT(n->kid); k++)
        for (const Node *c = n->kid[k]; c; c = c->next) h = MAX(h, c->height);
    return h + 1;
}

static bool same_text(const Node *a, const Node *b)
{
    if (!a->name || !b->name) return a->name == b->name;
    return a->kind == N_str ? a->len == b->len && !memcmp(a->name, b->name, a->len)
                            : !strcmp(a->name, b->name);
}

bool ast_same(const Node *a, const Node *b)
{
    for (; a && b; a = a->next, b = b->next) {
        if (a->kind != b->kind || a->op != b->op || a->i != b->i ||
            memcmp(&a->f, &b->f, sizeof a->f) || !same_text(a, b))
            return false;
        for (int k = 0; k < COUNT(a->kid); k++)
            if (!ast_same(a->kid[k], b->kid[k])) return false;
    }
    return a == b; /* both lists ended */
}

/* ---- looking for something ---- */

const Node *ast_find(const Node *n, See *what, const char *name, bool inner)
{
    const Node *found = NULL;
    for (; n && !found; n = n->next) {
        if (what(n, name)) return n;
        if (!inner && (n->kind == N_def || n->kind == N_lambda || n->kind == N_class)) continue;
        for (int k = 0; k < COUNT(n->kid) && !found; k++) found = ast_find(n->kid[k], what, name, inner);
    }
    return found;
}

bool ast_called(const Node *n, const char *name)
{
    if (n && (n->kind == N_call || n->kind == N_sub)) n = n->obj;
    return n && (n->kind == N_attr || n->kind == N_name) && !strcmp(n->name, name);
}

bool see_name(const Node *n, const char *name)
{
    return n->kind == N_name && n->name == name;
}

bool see_call(const Node *n, const char *name)
{
    return n->kind == N_call && ast_called(n, name);
}

bool see_declaration(const Node *n, const char *name)
{
    return n->kind == N_annotate && !n->value && n->target->kind == N_name && n->target->name == name;
}

bool word_in(const char *word, const char *words)
{
    size_t n = strlen(word);
    for (const char *at = words; n && (at = strstr(at, word)); at++)
        if (at[-1] == ' ' && at[n] == ' ') return true;
    return false;
}
