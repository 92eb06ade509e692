/* Program -> dialect text. Printed from the program alone; the front end reads it back node by
 * node. */
#include "tile/tile.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- expressions ---- */

/* how tight an operation binds */
enum { P_NONE, P_OR, P_AND, P_NOT, P_CMP, P_BOR, P_BXOR, P_BAND, P_SHIFT, P_SUM, P_PROD };
enum { P_UNARY = P_PROD + 1, P_CALL };

/* other operations are calls; a negative literal binds as a unary minus does, which is tight enough
 * everywhere */
static const char binds[NOP] = {
    [OP_or] = P_OR,         [OP_and] = P_AND,       [OP_not] = P_NOT,   [OP_bor] = P_BOR,
    [OP_bxor] = P_BXOR,     [OP_band] = P_BAND,     [OP_shl] = P_SHIFT, [OP_shr] = P_SHIFT,
    [OP_add] = P_SUM,       [OP_sub] = P_SUM,       [OP_mul] = P_PROD,  [OP_div] = P_PROD,
    [OP_floordiv] = P_PROD, [OP_floormod] = P_PROD, [OP_neg] = P_UNARY, [OP_bnot] = P_UNARY,
    [OP_lt] = P_CMP,        [OP_le] = P_CMP,        [OP_gt] = P_CMP,    [OP_ge] = P_CMP,
    [OP_eq] = P_CMP,        [OP_ne] = P_CMP};

/* the shortest text that reads back as f */
static void put_float(Text *t, double f, bool single)
{
    char s[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(s, sizeof s, "%.*g", digits, f);
        if (single ? strtof(s, NULL) == (float)f : strtod(s, NULL) == f) break;
    }
    text_add(t, "%s%s", s, strpbrk(s, ".e") ? "" : ".0");
}

static void float_literal(Text *t, const Expr *e)
{
    const char *type = dtype_info[e->type].name;
    if (isnan(e->f))
        text_add(t, "T.nan(\"%s\")", type);
    else if (isinf(e->f))
        text_add(t, "%sT.infinity(\"%s\")", e->f < 0 ? "-" : "", type);
    else if (e->type == DT_float32)
        put_float(t, e->f, true);
    else {
        text_add(t, "T.%s(", type);
        put_float(t, e->f, false);
        text_add(t, ")");
    }
}

static void int_literal(Text *t, const Expr *e)
{
    if (e->type == DT_bool)
        text_add(t, "%s", e->i ? "True" : "False");
    else if (e->type == DT_int32)
        text_add(t, "%lld", (long long)e->i);
    else if (e->type == DT_uint64)
        text_add(t, "T.uint64(%llu)", (unsigned long long)e->i);
    else
        text_add(t, "T.%s(%lld)", dtype_info[e->type].name, (long long)e->i);
}

static void put(Text *t, const Expr *e, int outer);

/* several with commas between, in brackets */
static void put_all(Text *t, const char *open, Expr *const *e, int n, const char *close)
{
    for (int i = 0; i < n; i++) {
        text_add(t, "%s", i ? ", " : open);
        put(t, e[i], P_NONE);
    }
    text_add(t, "%s", n ? close : "");
}

/* text, an expression (or nothing) and text */
static void put_in(Text *t, const char *before, const Expr *e, const char *after)
{
    if (!e) return;
    text_add(t, "%s", before);
    put(t, e, P_NONE);
    text_add(t, "%s", after);
}

static void put_string(Text *t, const char *s)
{
    text_add(t, "\"");
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            text_add(t, "\\%c", *s);
        else if (*s == '\n')
            text_add(t, "\\n");
        else if ((unsigned char)*s < ' ' || *s == 127)
            text_add(t, "\\x%02x", *s);
        else
            text_put(t, s, 1);
    }
    text_add(t, "\"");
}

static void put_index(Text *t, const Buf *b, Expr *const *idx)
{
    text_add(t, "%s", b->name);
    put_all(t, "[", idx, b->ndim, "]");
}

/* an infix row of ops.def is written in brackets; they are printed where the surroundings bind as
 * tight */
static void put_op(Text *t, const Expr *e, int outer)
{
    const char *s = op_info[e->op].source;
    int mine = binds[e->op] ? binds[e->op] : P_CALL;
    bool infix = s[0] == '(', bare = infix && mine > outer;
    size_t n = strlen(s);
    for (size_t i = bare ? 1 : 0; i < (bare ? n - 1 : n); i++) {
        if (s[i] != '$') {
            text_put(t, &s[i], 1);
            continue;
        }
        int k = s[++i] - '0';
        /* left-associative: the left operand may bind equally, except in comparisons, which Python
         * would chain */
        int inner = !infix                                                 ? P_NONE
                    : k == 0 && op_info[e->op].nargs == 2 && mine != P_CMP ? mine - 1
                                                                           : mine;
        put(t, e->arg[k], op_info[e->op].nargs == 1 && infix ? mine - 1 : inner);
    }
}

static void put_call(Text *t, const Expr *e)
{
    const char *sep = "";
    text_add(t, "T.%s(", fn_info[e->fn].name);
    if (!strcmp(fn_info[e->fn].result, "any")) {
        text_add(t, "\"%s\"", e->type == DT_none ? "void" : dtype_info[e->type].name);
        sep = ", ";
    }
    if (e->text) {
        text_add(t, "%s", sep);
        put_string(t, e->text);
        sep = ", ";
    }
    put_all(t, sep, e->args, e->nargs, "");
    text_add(t, ")");
}

static void put(Text *t, const Expr *e, int outer)
{
    switch (e->kind) {
    case E_INT: int_literal(t, e); break;
    case E_FLOAT: float_literal(t, e); break;
    case E_VAR: text_add(t, "%s", e->var->name); break;
    case E_OP: put_op(t, e, outer); break;
    case E_CAST:
    case E_BITS:
        put_in(t, e->kind == E_CAST ? "T.cast(" : "T.reinterpret(", e->arg[0], ", \"");
        text_add(t, "%s\")", dtype_info[e->type].name);
        break;
    case E_LOAD: put_index(t, e->buf, e->idx); break;
    case E_CALL: put_call(t, e); break;
    }
}

void print_expr(Text *out, const Expr *e)
{
    put(out, e, P_NONE);
}

/* off + ext, as the builder would fold it */
static void put_end(Text *t, const Expr *off, int64_t ext)
{
    if (off->kind == E_INT) {
        text_add(t, "%lld",
                 (long long)((uint64_t)off->i + (uint64_t)ext)); /* wraps, as folding does */
        return;
    }
    if (off->kind == E_OP && off->op == OP_add && off->arg[1]->kind == E_INT) {
        put(t, off->arg[0], P_SUM - 1);
        ext = (int64_t)((uint64_t)ext + (uint64_t)off->arg[1]->i);
    } else {
        put(t, off, P_SUM - 1);
    }
    if (ext) text_add(t, ext < 0 ? " - %lld" : " + %lld", (long long)(ext < 0 ? -ext : ext));
}

static void print_region(Text *out, const Region *r)
{
    text_add(out, "%s", r->buf->name);
    if (region_is_whole(r)) return;
    for (int d = 0; d < r->buf->ndim; d++) {
        text_add(out, d ? ", " : "[");
        put(out, r->off[d], P_NONE);
        text_add(out, ":");
        put_end(out, r->off[d], r->ext[d]);
    }
    text_add(out, "]");
}

/* ---- statements ---- */

static void begin(Text *t)
{
    for (int i = 0; i < t->indent; i++) text_add(t, "    ");
}

static void print_list(Text *t, const Stmt *list)
{
    t->indent++;
    if (!list) text_line(t, "pass");
    for (const Stmt *s = list; s; s = s->next) print_stmt(t, s);
    t->indent--;
}

static void print_loop(Text *t, const Stmt *s)
{
    static const char *const how[] = {"T.serial", "T.Parallel", "T.unroll", "T.vectorized",
                                      "T.Pipelined"};
    text_add(t, "for ");
    for (int i = 0; i < s->loop.n; i++) text_add(t, "%s%s", i ? ", " : "", s->loop.var[i]->name);
    text_add(t, " in %s(", how[s->loop.how]);
    bool from = s->loop.n == 1 && (s->loop.lo->kind != E_INT || s->loop.lo->i || s->loop.step != 1);
    if (from) put_in(t, "", s->loop.lo, ", ");
    put_all(t, "", s->loop.hi, s->loop.n, "");
    if (s->loop.step != 1) text_add(t, ", %lld", (long long)s->loop.step);
    if (s->loop.how == LOOP_PIPELINED) text_add(t, ", num_stages=%d", s->loop.stages);
    text_add(t, "):\n");
    print_list(t, s->loop.body);
}

/* does it work along one axis */
static bool has_axis(TileOp op)
{
    return !strncmp(tileop_info[op].name, "reduce_", 7) || op == TO_cumsum || op == TO_cummax;
}

static void print_tile(Text *t, const Stmt *s)
{
    const TileOpInfo *op = &tileop_info[s->tile.op];
    bool copies = s->tile.op == TO_copy;
    text_add(t, "T.%s(",
             copies && s->tile.barrier ? "tma_copy"
             : s->tile.async           ? "async_copy"
                                       : op->name);
    bool atomic = !strncmp(op->name, "atomic_", 7); /* written as the dialect does: (dst, src) */
    for (int i = 0; op->operands[i]; i++) {
        text_add(t, i ? ", " : "");
        print_region(t, &s->tile.arg[atomic ? !i : i]);
    }
    put_in(t, copies ? ", outside=" : ", ", s->tile.value, "");
    put_in(t, ", barrier=", s->tile.barrier, "");
    if (has_axis(s->tile.op)) text_add(t, ", dim=%d", s->tile.dim);
    if (has_axis(s->tile.op) && op->operands[1] == 'u' && !s->tile.clear)
        text_add(t, ", clear=False");
    text_add(t, "%s%s%s%s%s%s)\n", s->tile.nan ? ", nan_propagate=True" : "",
             s->tile.trans_a ? ", transpose_A=True" : "",
             s->tile.trans_b ? ", transpose_B=True" : "",
             s->tile.op == TO_gemm && s->tile.clear ? ", clear_accum=True" : "",
             s->tile.start ? ", start=True" : "", s->tile.reverse ? ", reverse=True" : "");
}

/* shape, strides where they are not row-major, type */
static void print_shape(Text *t, const Buf *b)
{
    const char *close = b->ndim == 1 ? ",)" : ")";
    if (!b->ndim) text_add(t, "()");
    put_all(t, "(", b->dim, b->ndim, close);
    if (b->stride[0]) put_all(t, ", (", b->stride, b->ndim, close);
    text_add(t, ", \"%s\"", dtype_info[b->type].name);
}

static void print_barriers(Text *t, const Buf *b)
{
    text_add(t, "alloc_barrier([");
    for (int64_t i = 0; i < buf_elems(b); i++)
        text_add(t, "%s%lld", i ? ", " : "", (long long)b->arrive[i]);
    text_add(t, "])\n");
}

static void print_alloc(Text *t, const Buf *b)
{
    text_add(t, "%s = T.", b->name);
    if (b->space == SP_BARRIER) {
        print_barriers(t, b);
        return;
    }
    if (b->of || b->pointer) {
        text_add(t, b->of ? "view(%s" : "make_tensor(", b->of ? b->of->name : "");
        put_in(t, "", b->pointer, "");
        text_add(t, ", ");
        print_shape(t, b);
        text_add(t, ")\n");
        return;
    }
    if (b->space == SP_LOCAL && b->ndim == 0) {
        text_add(t, "alloc_var(\"%s\")\n", dtype_info[b->type].name);
        return;
    }
    text_add(t, "alloc_%s(",
             b->space == SP_SHARED ? "shared"
             : b->space == SP_FRAG ? "fragment"
             : b->space == SP_TEMP ? "global"
                                   : "local");
    print_shape(t, b);
    text_add(t, ")\n");
}

static void print_verb(Text *t, const Stmt *s)
{
    if (s->verb.verb == PV_ACQUIRE || s->verb.verb == PV_WAIT) text_add(t, "%s = ", s->verb.handle);
    text_add(t, "T.%s(%s", verb_name[s->verb.verb], s->verb.pipe->name);
    put_in(t, "[", s->verb.which, "]");
    text_add(t, ")\n");
}

static void print_role(Text *t, const Stmt *s)
{
    text_add(t, "with T.%s(", role_name[s->role.role]);
    if (s->role.groups > 1) text_add(t, "groups=%d", s->role.groups);
    text_add(t, ")");
    if (s->role.group) text_add(t, " as %s", s->role.group->name);
    text_add(t, ":\n");
    print_list(t, s->role.body);
}

void print_stmt(Text *t, const Stmt *s)
{
    begin(t);
    switch (s->kind) {
    case S_LOOP: print_loop(t, s); break;
    case S_IF:
    case S_WHILE:
        put_in(t, s->kind == S_IF ? "if " : "while ", s->branch.cond, ":\n");
        print_list(t, s->branch.then);
        if (!s->branch.other) break;
        text_line(t, "else:");
        print_list(t, s->branch.other);
        break;
    case S_LET:
        text_add(t, "%s", s->let.var->name);
        put_in(t, " = ", s->let.value, "\n");
        break;
    case S_JUMP:
        text_add(t, "%s\n",
                 s->jump == JUMP_BREAK      ? "break"
                 : s->jump == JUMP_CONTINUE ? "continue"
                                            : "T.thread_return()");
        break;
    case S_EVAL: put_in(t, "", s->eval, "\n"); break;
    case S_STORE:
        put_index(t, s->store.buf, s->store.idx);
        put_in(t, " = ", s->store.value, "\n");
        break;
    case S_TILE: print_tile(t, s); break;
    case S_ALLOC: print_alloc(t, s->alloc); break;
    case S_ROLE: print_role(t, s); break;
    case S_VERB: print_verb(t, s); break;
    case S_AWAIT: text_add(t, "T.await_(%d)\n", s->pending); break;
    case S_TURN:
        text_add(t, "T.%s(%s)\n", s->turn.give ? "give" : "take", s->turn.order->name);
        break;
    }
}

const char *stmt_line(Cx *cx, const Stmt *s)
{
    Text t = text_new(&cx->arena);
    print_stmt(&t, s);
    t.s[strcspn(t.s, "\n")] = 0;
    return t.s;
}

/* ---- launches and programs ---- */

static void print_pipe(Text *t, const Pipe *p)
{
    begin(t);
    text_add(t, "%s = T.pipe(", p->name);
    bool named = p->tile[0].name != NULL;
    text_add(t, named ? "{" : "");
    for (int i = 0; i < p->ntile; i++) {
        text_add(t, i ? ", " : "");
        if (named) text_add(t, "\"%s\": (", p->tile[i].name);
        text_add(t, "(");
        for (int d = 0; d < p->tile[i].ndim; d++)
            text_add(t, "%s%lld", d ? ", " : "", (long long)p->tile[i].dim[d]);
        text_add(t, "%s), \"%s\"%s", p->tile[i].ndim == 1 ? "," : "",
                 dtype_info[p->tile[i].type].name, named ? ")" : "");
    }
    text_add(t, "%s, depth=%d%s)", named ? "}" : "", p->depth, p->each ? ", each=\"group\"" : "");
    const char *sep = "";
    text_add(t, "  # %s -> ", role_name[p->from]);
    for (int r = 0; r < NROLE; r++)
        if (p->to & 1u << r) {
            text_add(t, "%s%s", sep, role_name[r]);
            sep = ", ";
        }
    text_add(t, "\n");
}

static void print_threads(Text *t, const Launch *l)
{
    const int *n = l->thread_ext;
    if (n[2] > 1)
        text_add(t, "threads=(%d, %d, %d)", n[0], n[1], n[2]);
    else if (n[1] > 1)
        text_add(t, "threads=(%d, %d)", n[0], n[1]);
    else
        text_add(t, "threads=%d", l->threads);
}

static void print_launch(Text *t, const Launch *l)
{
    begin(t);
    text_add(t, "with T.Kernel(");
    put_all(t, "", l->grid, l->ngrid, ", ");
    print_threads(t, l);
    text_add(t, ") as %s", l->ngrid > 1 ? "(" : "");
    for (int i = 0; i < l->ngrid; i++) text_add(t, "%s%s", i ? ", " : "", l->block[i]->name);
    text_add(t, "%s:\n", l->ngrid > 1 ? ")" : "");
    t->indent++;
    for (int i = 0; i < MAXGRID; i++)
        if (l->thread[i]) text_line(t, "%s = T.get_thread_binding(%d)", l->thread[i]->name, i);
    for (int i = 0; i < l->npipe; i++) print_pipe(t, l->pipe[i]);
    for (int i = 0; i < l->norder; i++)
        text_line(t, "%s = T.order(%d)", l->order[i]->name, l->order[i]->n);
    t->indent--;
    if (l->body || (l->npipe == 0 && l->norder == 0)) print_list(t, l->body);
}

static void print_params(Text *t, const Prog *p)
{
    text_add(t, "def %s(", p->name);
    t->indent++;
    for (int i = 0; i < p->nparam; i++) {
        const Param *a = &p->param[i];
        text_add(t, "\n");
        begin(t);
        if (a->buf) {
            text_add(t, "%s: T.%s(", a->buf->name, a->buf->stride[0] ? "StridedTensor" : "Tensor");
            print_shape(t, a->buf);
            text_add(t, "%s),", a->output ? ", out=True" : "");
        } else {
            text_add(t, "%s: T.%s,", a->scalar->name, dtype_info[a->scalar->type].name);
        }
    }
    t->indent--;
    text_add(t, "%s):\n", p->nparam ? "\n" : "");
}

void print_prog(Text *t, const Prog *p)
{
    text_add(t, "# stage: %s%s%s\n", p->stage == STAGE_TILE ? "tile" : "sched",
             p->target ? "   target: " : "", p->target ? p->target : "");
    text_add(t, "import tilelang.language as T\n\n");
    for (int i = 0; i < p->nsize; i++)
        text_add(t, "%s = T.dynamic(\"%s\"%s%s%s)\n", p->size[i]->name, p->size[i]->open,
                 p->size[i]->type == DT_int32 ? "" : ", \"",
                 p->size[i]->type == DT_int32 ? "" : dtype_info[p->size[i]->type].name,
                 p->size[i]->type == DT_int32 ? "" : "\"");
    text_add(t, "%s\n@T.prim_func\n", p->nsize ? "\n" : "");
    print_params(t, p);
    t->indent++;
    for (int i = 0; i < p->ntemp; i++) {
        begin(t);
        print_alloc(t, p->temp[i]);
    }
    for (const Launch *l = p->launch; l; l = l->next) print_launch(t, l);
    if (!p->launch) text_line(t, "pass");
    t->indent--;
}
