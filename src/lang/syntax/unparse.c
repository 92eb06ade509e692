/* The printer of syntax trees: text that parses to the same tree, node by node. What was written in
   another way (brackets, quotes, comments, blank lines) comes out in one way. */
#include "lang/lang.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    L_TUPLE = 1,
    L_NAMED = 2,
    L_EXPR = 3,
    L_OR = 4,
    L_BITOR = 8,
    L_UNARY = 14,
    L_POW = 15,
    L_PRIMARY = 17
}; /* of pyops.def */

static void put_expr(Text *out, const Node *n, int level);
static void put_block(Text *out, const Node *body);

/* ---- literals ---- */

static void put_int(Text *out, const Node *n)
{
    if (n->name) { /* does not fit; kept as written */
        text_add(out, "%s", n->name);
        return;
    }
    char digits[48], *c = digits + sizeof digits;
    *--c = 0;
    Int v = n->i;
    do *--c = (char)('0' + (int)(v % 10));
    while ((v /= 10) != 0);
    text_add(out, "%s", c);
}

/* the shortest decimal that reads back as the same double */
static void put_float(Text *out, const Node *n)
{
    char s[40];
    int least =
        n->f >= 1 && n->f < 1e16 ? (int)log10(n->f) + 1 : 1; /* 1000.0 reads better than 1e+03 */
    for (int digits = least; digits <= 17; digits++) {
        snprintf(s, sizeof s, "%.*g", digits, n->f);
        if (strtod(s, NULL) == n->f) break;
    }
    if (n->f > 1.7976931348623157e308) snprintf(s, sizeof s, "1e999");
    text_add(out, "%s%s%s", s, strpbrk(s, ".en") ? "" : ".0", n->op ? "j" : "");
}

/* text between quotes; `field` text doubles its braces, `format` text has none */
static void put_chars(Text *out, const char *s, size_t n, bool bytes, bool field)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        bool surrogate = !bytes && c == 0xed && i + 2 < n && (unsigned char)s[i + 1] >= 0xa0;
        if (c == '\\' || c == '"')
            text_add(out, "\\%c", c);
        else if (c == '\n')
            text_add(out, "\\n");
        else if (c == '\t')
            text_add(out, "\\t");
        else if (surrogate) {
            text_add(out, "\\u%04x",
                     0xd000u | ((unsigned char)s[i + 1] & 0x3fu) << 6 |
                         ((unsigned char)s[i + 2] & 0x3fu));
            i += 2;
        } else if (c < 0x20 || c == 0x7f || (bytes && c >= 0x80))
            text_add(out, "\\x%02x", c);
        else if (field && (c == '{' || c == '}'))
            text_add(out, "%c%c", c, c);
        else
            text_put(out, &s[i], 1);
    }
}

static void put_parts(Text *out, const Node *part, bool in_format)
{
    for (; part; part = part->next) {
        if (part->kind == N_str) {
            put_chars(out, part->name, part->len, false, !in_format);
            continue;
        }
        Text inner = text_new(out->arena);
        put_expr(&inner, part->obj, L_OR); /* in brackets: what may have a colon of its own */
        text_add(out, inner.s[0] == '{' ? "{ " : "{"); /* "{{" would be a brace */
        text_put(out, inner.s, inner.n);
        if (*part->name) text_add(out, "!%s", part->name);
        if (part->value) {
            text_add(out, ":");
            put_parts(out, part->value, true);
        }
        text_add(out, "}");
    }
}

/* ---- lists ---- */

static void put_list(Text *out, const Node *n, int level)
{
    for (; n; n = n->next) {
        put_expr(out, n, level);
        if (n->next) text_add(out, ", ");
    }
}

static void put_tuple(Text *out, const Node *n)
{
    put_list(out, n->items, L_EXPR);
    if (n->items && !n->items->next) text_add(out, ",");
}

static void put_params(Text *out, const Node *n)
{
    static const char *const mark[] = {
        [PARAM_PLAIN] = "", [PARAM_SLASH] = "/", [PARAM_STAR] = "*", [PARAM_DSTAR] = "**"};
    for (; n; n = n->next) {
        text_add(out, "%s%s", mark[n->op], n->name);
        if (n->annotation) {
            text_add(out, ": ");
            put_expr(out, n->annotation, n->annotation->kind == N_star ? L_TUPLE : L_EXPR);
        }
        if (n->value) {
            text_add(out, n->annotation ? " = " : "=");
            put_expr(out, n->value, L_EXPR);
        }
        if (n->next) text_add(out, ", ");
    }
}

static void put_clauses(Text *out, const Node *c)
{
    for (; c; c = c->next) {
        text_add(out, c->op ? " async for " : " for ");
        put_expr(out, c->target,
                 c->target->kind == N_tuple && c->target->items ? L_TUPLE : L_BITOR);
        text_add(out, " in ");
        put_expr(out, c->iter, L_OR);
        for (const Node *i = c->clauses; i; i = i->next) {
            text_add(out, " if ");
            put_expr(out, i, L_OR);
        }
    }
}

static void put_comp(Text *out, const Node *n)
{
    text_add(out, "%c", n->op == ':' ? '{' : n->op);
    put_expr(out, n->elt, n->op == ':' ? L_EXPR : L_NAMED);
    if (n->op == ':') {
        text_add(out, ": ");
        put_expr(out, n->value, L_EXPR);
    }
    put_clauses(out, n->clauses);
    text_add(out, "%c", n->op == '(' ? ')' : n->op == '[' ? ']' : '}');
}

static void put_args(Text *out, const Node *a)
{
    for (; a; a = a->next) {
        if (a->kind == N_keyword)
            text_add(out, "%s=", a->name);
        else if (a->kind == N_star || a->kind == N_dstar)
            text_add(out, a->kind == N_star ? "*" : "**");
        if (a->kind == N_keyword || a->kind == N_star || a->kind == N_dstar)
            put_expr(out, a->kid[a->kind == N_keyword], L_EXPR);
        else
            put_expr(out, a, L_NAMED);
        if (a->next) text_add(out, ", ");
    }
}

static void put_slice(Text *out, const Node *n)
{
    if (n->lo) put_expr(out, n->lo, L_EXPR);
    text_add(out, ":");
    if (n->hi) put_expr(out, n->hi, L_EXPR);
    if (n->step) {
        text_add(out, ":");
        put_expr(out, n->step, L_EXPR);
    }
}

/* ---- expressions ---- */

static int level_of(const Node *n)
{
    if (n->kind == N_binary || n->kind == N_unary || n->kind == N_bool)
        return pyop_info[n->op].level;
    return node_info[n->kind].level;
}

static void put_operator(Text *out, const Node *n)
{
    const PyOpInfo *op = &pyop_info[n->op];
    switch (n->kind) {
    case N_unary:
        text_add(out, n->op == PY_not ? "not " : "%s", op->text);
        put_expr(out, n->left, op->level);
        break;
    case N_bool:
        for (const Node *c = n->items; c; c = c->next) {
            put_expr(out, c, op->level + 1);
            if (c->next) text_add(out, " %s ", op->text);
        }
        break;
    case N_compare:
        put_expr(out, n->left, L_BITOR);
        for (const Node *c = n->right; c; c = c->next) {
            text_add(out, " %s ", pyop_info[c->op].text);
            put_expr(out, c->left, L_BITOR);
        }
        break;
    default: /* to the left, except for powers */
        put_expr(out, n->left, n->op == PY_pow ? L_POW + 1 : op->level);
        text_add(out, " %s ", op->text);
        put_expr(out, n->right, n->op == PY_pow ? L_UNARY : op->level + 1);
    }
}

static void put_atom(Text *out, const Node *n)
{
    switch (n->kind) {
    case N_name: text_add(out, "%s", n->name); break;
    case N_int: put_int(out, n); break;
    case N_float: put_float(out, n); break;
    case N_const: text_add(out, "%s", strcmp(n->name, "Ellipsis") ? n->name : "..."); break;
    case N_str:
        text_add(out, n->op ? "b\"" : "\"");
        put_chars(out, n->name, n->len, n->op, false);
        text_add(out, "\"");
        break;
    case N_fstr:
        text_add(out, "f\"");
        put_parts(out, n->items, false);
        text_add(out, "\"");
        break;
    case N_tuple: put_tuple(out, n); break;
    case N_list:
        text_add(out, "[");
        put_list(out, n->items, L_NAMED);
        text_add(out, "]");
        break;
    case N_set:
    case N_dict:
        text_add(out, "{");
        put_list(out, n->items, L_NAMED);
        text_add(out, "}");
        break;
    case N_pair:
        put_expr(out, n->left, L_EXPR);
        text_add(out, ": ");
        put_expr(out, n->right, L_EXPR);
        break;
    case N_comp: put_comp(out, n); break;
    default: text_add(out, "?%s", node_info[n->kind].name);
    }
}

static void put_primary(Text *out, const Node *n)
{
    put_expr(out, n->obj, n->obj->kind == N_int && n->kind == N_attr ? L_PRIMARY + 1 : L_PRIMARY);
    switch (n->kind) {
    case N_attr: text_add(out, ".%s", n->name); break;
    case N_call:
        text_add(out, "(");
        put_args(out, n->args);
        text_add(out, ")");
        break;
    default:
        text_add(out, "[");
        if (n->index->kind == N_tuple && n->index->items)
            put_tuple(out, n->index);
        else
            put_expr(out, n->index, L_NAMED);
        text_add(out, "]");
    }
}

static void put_plain(Text *out, const Node *n)
{
    switch (n->kind) {
    case N_attr:
    case N_call:
    case N_sub: put_primary(out, n); break;
    case N_unary:
    case N_bool:
    case N_compare:
    case N_binary: put_operator(out, n); break;
    case N_slice: put_slice(out, n); break;
    case N_star:
    case N_dstar:
        text_add(out, n->kind == N_star ? "*" : "**");
        put_expr(out, n->obj, L_BITOR);
        break;
    case N_lambda:
        text_add(out, n->items ? "lambda " : "lambda");
        put_params(out, n->items);
        text_add(out, ": ");
        put_expr(out, n->value, L_EXPR);
        break;
    case N_ternary:
        put_expr(out, n->value, L_OR);
        text_add(out, " if ");
        put_expr(out, n->test, L_OR);
        text_add(out, " else ");
        put_expr(out, n->orelse, L_EXPR);
        break;
    case N_walrus:
        text_add(out, "%s := ", n->name);
        put_expr(out, n->value, L_EXPR);
        break;
    case N_await:
        text_add(out, "await ");
        put_expr(out, n->obj, L_PRIMARY);
        break;
    case N_yield:
        text_add(out, n->op ? "yield from" : "yield");
        if (n->obj) {
            text_add(out, " ");
            put_expr(out, n->obj, L_TUPLE);
        }
        break;
    default: put_atom(out, n);
    }
}

static void put_expr(Text *out, const Node *n, int level)
{
    int own = level_of(n);
    bool bare = own == 0 || n->kind == N_star || n->kind == N_dstar ||
                (n->kind == N_walrus ? level == L_NAMED : own >= level);
    bool bracket = !bare || (n->kind == N_tuple && !n->items);
    if (bracket) text_add(out, "(");
    put_plain(out, n);
    if (bracket) text_add(out, ")");
}

/* ---- statements ---- */

static Text line_of(const Text *out)
{
    return text_new(out->arena);
}

static void put_line(Text *out, const Text *line)
{
    text_line(out, "%s", line->s ? line->s : "");
}

static void put_names(Text *out, const Node *n)
{
    for (; n; n = n->next)
        text_add(out, "%s%s%s%s", n->name, n->obj ? " as " : "", n->obj ? n->obj->name : "",
                 n->next ? ", " : "");
}

/* "word a, b" with what is there */
static void put_word(Text *l, const char *word, const Node *a, const char *between, const Node *b)
{
    text_add(l, "%s", word);
    if (a) {
        text_add(l, " ");
        put_expr(l, a, L_TUPLE);
    }
    if (b) {
        text_add(l, "%s", between);
        put_expr(l, b, L_EXPR);
    }
}

static void put_simple(Text *l, const Node *n)
{
    switch (n->kind) {
    case N_assign:
        for (const Node *t = n->items; t; t = t->next) {
            put_expr(l, t, L_TUPLE);
            text_add(l, " = ");
        }
        put_expr(l, n->value, L_TUPLE);
        break;
    case N_augment:
        put_expr(l, n->target, L_EXPR);
        text_add(l, " %s= ", pyop_info[n->op].text);
        put_expr(l, n->value, L_TUPLE);
        break;
    case N_annotate:
        put_expr(l, n->target, L_EXPR);
        text_add(l, ": ");
        put_expr(l, n->annotation, L_EXPR);
        if (n->value) {
            text_add(l, " = ");
            put_expr(l, n->value, L_TUPLE);
        }
        break;
    case N_return: put_word(l, "return", n->obj, "", NULL); break;
    case N_assert: put_word(l, "assert", n->test, ", ", n->value); break;
    case N_raise: put_word(l, "raise", n->obj, " from ", n->value); break;
    case N_del:
        text_add(l, "del ");
        put_list(l, n->items, L_EXPR);
        break;
    case N_global:
    case N_nonlocal:
    case N_import:
        text_add(l, "%s ", node_info[n->kind].name);
        put_names(l, n->items);
        break;
    case N_from:
        text_add(l, "from ");
        for (Int k = 0; k < n->i; k++) text_add(l, ".");
        text_add(l, "%s import %s", n->name, n->items ? "" : "*");
        put_names(l, n->items);
        break;
    case N_expr: put_expr(l, n->obj, L_TUPLE); break;
    default: text_add(l, "%s", node_info[n->kind].name); /* pass, break, continue */
    }
}

static void put_header(Text *l, const Node *n)
{
    if (n->op && (n->kind == N_for || n->kind == N_with || n->kind == N_def)) text_add(l, "async ");
    text_add(l, "%s ", node_info[n->kind].name);
    switch (n->kind) {
    case N_if:
    case N_while: put_expr(l, n->test, L_NAMED); break;
    case N_for:
        put_expr(l, n->target, L_TUPLE);
        text_add(l, " in ");
        put_expr(l, n->iter, L_TUPLE);
        break;
    case N_with:
        for (const Node *i = n->items; i; i = i->next) {
            put_expr(l, i->obj, L_EXPR);
            if (i->value) {
                text_add(l, " as ");
                put_expr(l, i->value, L_EXPR);
            }
            text_add(l, i->next ? ", " : "");
        }
        break;
    case N_def:
        text_add(l, "%s(", n->name);
        put_params(l, n->items);
        text_add(l, ")");
        if (n->value) {
            text_add(l, " -> ");
            put_expr(l, n->value, L_TUPLE);
        }
        break;
    case N_class:
        text_add(l, "%s", n->name);
        if (n->items) {
            text_add(l, "(");
            put_args(l, n->items);
            text_add(l, ")");
        }
        break;
    case N_match: put_expr(l, n->obj, L_TUPLE); break;
    case N_case:
        if (n->obj->kind == N_as) {
            put_expr(l, n->obj->obj, L_TUPLE);
            text_add(l, " as %s", n->obj->name);
        } else {
            put_expr(l, n->obj, L_TUPLE);
        }
        if (n->value) {
            text_add(l, " if ");
            put_expr(l, n->value, L_NAMED);
        }
        break;
    default: break;
    }
    text_add(l, ":");
}

static void put_try(Text *out, const Node *n)
{
    text_line(out, "try:");
    put_block(out, n->body);
    for (const Node *h = n->items; h; h = h->next) {
        Text l = line_of(out);
        put_word(&l, n->op ? "except*" : "except", NULL, " ", h->obj);
        text_add(&l, "%s%s:", h->name ? " as " : "", h->name ? h->name : "");
        put_line(out, &l);
        put_block(out, h->body);
    }
    if (n->orelse) {
        text_line(out, "else:");
        put_block(out, n->orelse);
    }
    if (n->value) {
        text_line(out, "finally:");
        put_block(out, n->value);
    }
}

static bool is_compound(const Node *n)
{
    return n->kind == N_if || n->kind == N_while || n->kind == N_for || n->kind == N_with ||
           n->kind == N_def || n->kind == N_class || n->kind == N_match || n->kind == N_case;
}

static void put_statement(Text *out, const Node *n)
{
    Text l = line_of(out);
    if (n->kind == N_try) {
        put_try(out, n);
    } else if (!is_compound(n)) {
        put_simple(&l, n);
        put_line(out, &l);
    } else {
        bool decorated = n->kind == N_def || n->kind == N_class;
        for (const Node *d = decorated ? n->orelse : NULL; d; d = d->next) {
            Text at = line_of(out);
            text_add(&at, "@");
            put_expr(&at, d, L_NAMED);
            put_line(out, &at);
        }
        put_header(&l, n);
        put_line(out, &l);
        put_block(out, n->kind == N_match ? n->args : n->body);
        for (const Node *e = decorated ? NULL : n->orelse; e; e = n->orelse) {
            bool chain = n->kind == N_if && e->kind == N_if && !e->next;
            Text other = line_of(out);
            text_add(&other, chain ? "el" : "else:");
            if (chain) put_header(&other, e);
            put_line(out, &other);
            put_block(out, chain ? e->body : e);
            if (!chain) break;
            n = e;
        }
    }
}

static void put_block(Text *out, const Node *body)
{
    out->indent++;
    for (; body; body = body->next) put_statement(out, body);
    out->indent--;
}

void unparse(Text *out, const Node *n)
{
    if (n->kind == N_module) {
        for (const Node *s = n->body; s; s = s->next) {
            bool apart = s != n->body && (s->kind == N_def || s->kind == N_class);
            if (apart) text_line(out, "%s", "");
            put_statement(out, s);
            if ((s->kind == N_def || s->kind == N_class) && s->next && s->next->kind != N_def &&
                s->next->kind != N_class)
                text_line(out, "%s", "");
        }
    } else if (n->kind < N_module) {
        put_expr(out, n, L_TUPLE);
    } else {
        put_statement(out, n);
    }
}
