/* The printer of syntax trees: text that parses to the same tree, node by node. What was written in
   another way (brackets, quotes, comments, blank lines) comes out in one way. */
#include "lang/lang.h"
#include <math.h>
#include <string.h>

enum { L_TUPLE = 1, L_NAMED = 2, L_OR = 4, L_BITOR = 8, L_UNARY = 14, L_POW = 15, L_PRIMARY = 17 }; /* of pyops.def */

static void put_expr(Text *out, const Node *n, int level);
static void put_statement(Text *out, const Node *n);
static void put_text(Text *out, Text *line, const Node *n, const char *t);

/* ---- literals ---- */

/* text between quotes; `field` text doubles its braces, `format` text has none */
static void put_chars(Text *out, const char *s, size_t n, bool bytes, bool field)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        bool surrogate = !bytes && c == 0xed && i + 2 < n && (unsigned char)s[i + 1] >= 0xa0;
        if (surrogate) {
            text_add(out, "\\u%04x",
                     0xd000u | ((unsigned char)s[i + 1] & 0x3fu) << 6 |
                         ((unsigned char)s[i + 2] & 0x3fu));
            i += 2;
        } else if (bytes && c >= 0x80) {
            text_add(out, "\\x%02x", c);
        } else if (!text_escape(out, c, '"')) {
            text_put(out, &s[i], 1);
            if (field && (c == '{' || c == '}')) text_put(out, &s[i], 1);
        }
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

static void put_comp(Text *out, const Node *n)
{
    text_add(out, "%c", n->op == ':' ? '{' : n->op);
    put_text(NULL, out, n, n->op == ':' ? "$0E: $1E$2E" : "$0N$2E");
    text_add(out, "%c", n->op == '(' ? ')' : n->op == '[' ? ']' : '}');
}

static void put_literal(Text *out, const Node *n)
{
    switch (n->kind) {
    case N_int:
        if (n->name)
            text_add(out, "%s", n->name); /* does not fit; kept as written */
        else
            text_int(out, n->i);
        break;
    case N_float:
        if (isinf(n->f))
            text_add(out, "1e999");
        else
            text_float(out, n->f);
        text_add(out, n->op ? "j" : "");
        break;
    case N_const: text_add(out, "%s", strcmp(n->name, "Ellipsis") ? n->name : "..."); break;
    case N_comp: put_comp(out, n); break;
    default: /* strings */
        text_add(out, n->kind == N_fstr ? "f\"" : n->op ? "b\"" : "\"");
        if (n->kind == N_fstr)
            put_parts(out, n->items, false);
        else
            put_chars(out, n->name, n->len, n->op, false);
        text_add(out, "\"");
    }
}

/* ---- the texts of ast.def ---- */

static int level_of(const Node *n)
{
    bool by_operator = n->kind == N_binary || n->kind == N_unary || n->kind == N_bool;
    return by_operator ? pyop_info[n->op].level : node_info[n->kind].level;
}

/* what a letter after $0 says of the place where the kid stands */
static int place_level(const Node *n, const Node *kid, char c)
{
    int own = pyop_info[n->op].level, least = strchr("TNEO", c) ? (int)(strchr("TNEO", c) - "TNEO") + L_TUPLE : L_BITOR;
    switch (c) {
    case 'l': return n->op == PY_pow ? L_POW + 1 : own; /* powers group to the right */
    case 'r': return n->op == PY_pow ? L_UNARY : own + 1;
    case 'P': return n->kind == N_attr && kid->kind == N_int ? L_PRIMARY + 1 : L_PRIMARY;
    case 'I':
    case 'C': return kid->kind == N_tuple && kid->items ? L_TUPLE : c == 'I' ? L_NAMED : L_BITOR;
    default: return least;
    }
}

static void put_kids(Text *line, const Node *n, int k, char level)
{
    for (const Node *c = n->kid[k]; c; c = c->next) {
        put_expr(line, c, place_level(n, c, level));
        if (!c->next || n->kind == N_compare || n->kind == N_comp) continue;
        if (n->kind == N_bool)
            text_add(line, " %s ", pyop_info[n->op].text);
        else
            text_add(line, n->kind == N_assign ? " = " : n->kind == N_clause ? " if " : ", ");
    }
}

static void end_line(Text *out, Text *line)
{
    if (line->n) text_line(out, "%s", line->s);
    *line = text_new(out->arena);
}

static void put_block(Text *out, const Node *body)
{
    out->indent++;
    for (; body; body = body->next) put_statement(out, body);
    out->indent--;
}

static void put_else(Text *out, Text *line, const Node *n)
{
    const Node *e = n->orelse;
    bool chain = e && e->kind == N_if && !e->next;
    if (e) text_add(line, chain ? "el" : "else:");
    if (chain) put_text(out, line, e, node_info[e->kind].text);
    if (e && !chain) {
        end_line(out, line);
        put_block(out, e);
    }
}

static void put_part(Text *out, Text *line, const Node *n, char what)
{
    static const char *const mark[] = {
        [PARAM_PLAIN] = "", [PARAM_SLASH] = "/", [PARAM_STAR] = "*", [PARAM_DSTAR] = "**"};
    switch (what) {
    case 'n': text_add(line, "%s", n->name); break;
    case 'o': text_add(line, n->op == PY_not ? "not " : "%s", pyop_info[n->op].text); break;
    case 'a': text_add(line, n->op ? "async " : ""); break;
    case '*': text_add(line, "%s", mark[n->op]); break;
    case ',': text_add(line, n->items && !n->items->next ? "," : ""); break;
    case 'e': put_else(out, line, n); break;
    case 'd':
        for (Int k = 0; k < n->i; k++) text_add(line, ".");
        break;
    default: /* @ */
        for (const Node *d = n->orelse; d; d = d->next) {
            text_add(line, "@");
            put_expr(line, d, L_NAMED);
            end_line(out, line);
        }
    }
}

static const char *skip(const char *text)
{
    for (int deep = 1; deep; text++) deep += (*text == '?') - (*text == ';');
    return text - 1;
}

static void put_text(Text *out, Text *line, const Node *n, const char *t)
{
    for (; *t; t++) {
        if (*t == '?') {
            bool without = t[1] == '!';
            t += 1 + without;
            bool there = *t == 'n' ? n->name && *n->name : *t == 'o' ? n->op != 0 : n->kid[*t - '0'] != NULL;
            if (there == without) t = skip(t);
        } else if (*t == '$' && t[1] >= '0' && t[1] <= '3') {
            put_kids(line, n, t[1] - '0', t[2]);
            t += 2;
        } else if (*t == '$') {
            put_part(out, line, n, *++t);
        } else if (*t == '|') {
            bool plain = t[1] == '=';
            t += 1 + plain;
            end_line(out, line);
            out->indent -= plain;
            put_block(out, n->kid[*t - '0']);
            out->indent += plain;
        } else if (*t == '#') {
            put_literal(line, n);
        } else if (*t != ';') {
            text_put(line, t, 1);
        }
    }
}

static void put_expr(Text *line, const Node *n, int level)
{
    int own = level_of(n);
    bool bare = own == 0 || n->kind == N_star || n->kind == N_dstar ||
                (n->kind == N_walrus ? level == L_NAMED : own >= level);
    bool bracket = !bare || (n->kind == N_tuple && !n->items);
    if (bracket) text_add(line, "(");
    put_text(NULL, line, n, node_info[n->kind].text);
    if (bracket) text_add(line, ")");
}

static void put_statement(Text *out, const Node *n)
{
    Text line = text_new(out->arena);
    put_text(out, &line, n, node_info[n->kind].text);
    end_line(out, &line);
}

static bool is_definition(const Node *n)
{
    return n->kind == N_def || n->kind == N_class;
}

void unparse(Text *out, const Node *n)
{
    if (n->kind < N_module) {
        put_expr(out, n, L_TUPLE);
    } else if (n->kind != N_module) {
        put_statement(out, n);
    } else {
        for (const Node *s = n->body; s; s = s->next) {
            if (s != n->body && is_definition(s)) text_line(out, "%s", "");
            put_statement(out, s);
            if (is_definition(s) && s->next && !is_definition(s->next)) text_line(out, "%s", "");
        }
    }
}
