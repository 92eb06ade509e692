/* The nodes of the syntax tree: their table, their maker, their equality. */
#include "lang/lang.h"
#include <string.h>

const NodeInfo node_info[NNODE] = {
#define NODE(kind, level, form, text) {#kind, level, form, text},
#include "lang/ast.def"
#undef NODE
};

const PyOpInfo pyop_info[NPYOP] = {
#define PYOP(name, text, level, method) {#name, text, level, method},
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
