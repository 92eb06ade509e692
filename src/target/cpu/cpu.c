/* The cpu target: a merged schedule as one self-contained C file. The prelude, then for each launch
   its tiles as a struct and a function that runs one block of the grid, then the entry points.
   Tiles are members of one struct, so the C compiler knows that they do not overlap, and vectorises
   the loops over them without asking. */
#include "target/cpu/cpu.h"
#include <string.h>

static const Limits cpu_limits = {
    .target = "cpu",
    .roles = 1,
    .shared = (int64_t)1 << 40,
    .max_depth = 1,
    .max_groups = 1,
    .compute_loads_global = true,
    .compute_has_index = true,
    .atomics = true,
};

/* ---- parameters ----------------------------------------------------------------------------- */

static bool is_written(const Prog *p, const Buf *b, const Uses *const *uses)
{
    int i = 0;
    for (const Launch *l = p->launch; l; l = l->next, i++)
        if (cpu_use(uses[i], b).written) return true;
    return false;
}

static const char *dims_text(Emit *e, const Buf *b)
{
    Text t = text_new(&e->cx->arena);
    for (int d = 0; d < b->ndim; d++) {
        text_add(&t, d ? ", " : "");
        print_expr(&t, b->dim[d]);
    }
    return t.s;
}

/* the fields are named like the parameters; their names stay taken, so that all functions see the
 * same */
static void args_struct(Emit *e, const Uses *const *uses)
{
    const Prog *p = e->prog;
    emit_open(e, "typedef struct {");
    for (int i = 0; i < p->nparam; i++) {
        const Buf *b = p->param[i].buf;
        const Var *v = p->param[i].scalar;
        if (b)
            text_line(e->out, "%s%s *%s; /* (%s) */", is_written(p, b, uses) ? "" : "const ",
                      cpu_elem_type(e, b->type), name_new(e, b, b->name), dims_text(e, b));
        else
            text_line(e->out, "%s %s;", cpu_value_type(v->type), name_new(e, v, v->name));
    }
    for (int i = 0; i < p->nsize; i++)
        text_line(e->out, "%s %s;", cpu_value_type(p->size[i]->type),
                  name_new(e, p->size[i], p->size[i]->name));
    if (!p->nparam && !p->nsize) text_line(e->out, "int nothing;");
    e->out->indent--;
    text_line(e->out, "} %s_args;\n", e->symbol);
}

/* ---- values that several functions need ----------------------------------------------------- */

/* the sizes and scalars that `text` uses */
static void size_values(Emit *e, const char *text)
{
    const Prog *p = e->prog;
    for (int i = 0; i < p->nparam + p->nsize; i++) {
        const Var *v = i < p->nparam ? p->param[i].scalar : p->size[i - p->nparam];
        if (v && code_has_word(e->cx, text, name_of(e, v)))
            text_line(e->out, "const %s %s = args->%s;", cpu_value_type(v->type), name_of(e, v),
                      name_of(e, v));
    }
}

/* lines written to a text of their own; gives it, and puts the old one back */
typedef struct {
    Text text, *outer;
} Aside;

static void aside(Emit *e, Aside *a, int indent)
{
    *a = (Aside){.text = text_new(&e->cx->arena), .outer = e->out};
    a->text.indent = indent;
    e->out = &a->text;
}

static const char *aside_end(Emit *e, Aside *a)
{
    e->out = a->outer;
    return a->text.s;
}

/* ---- temporaries ---------------------------------------------------------------------------- */

static const char *bytes_text(Emit *e, const Buf *b)
{
    Text n = text_new(&e->cx->arena);
    text_add(&n, "sizeof(%s)", cpu_elem_type(e, b->type));
    for (int d = 0; d < b->ndim; d++)
        text_add(&n, b->dim[d]->kind == E_INT ? " * %s" : " * (size_t)%s",
                 expr_text(e, b->dim[d], P_UNARY));
    return n.s;
}

/* the temporaries of place k: they lie over each other, in room for the largest */
static void place_text(Emit *e, const int *place, int k)
{
    const Prog *p = e->prog;
    const char *bytes = NULL, *first = NULL;
    for (int i = 0; i < p->ntemp; i++) {
        if (place[i] != k) continue;
        const char *mine = bytes_text(e, p->temp[i]);
        if (!bytes)
            bytes = mine;
        else if (strcmp(bytes, mine) != 0)
            bytes = emit_f(e, "k_larger(%s, %s)", bytes, mine);
    }
    cpu_need(e, "place", DT_none, DT_none);
    for (int i = 0; i < p->ntemp; i++) {
        if (place[i] != k) continue;
        const char *name = name_of(e, p->temp[i]), *type = cpu_elem_type(e, p->temp[i]->type);
        if (first)
            text_line(e->out, "call->%s = (%s *)call->%s; /* the two are never needed together */",
                      name, type, first);
        else
            text_line(e->out, "call->%s = (%s *)k_place(workspace, &at, %s);", name, type, bytes);
        if (!first) first = name;
    }
}

/* NAME_call: what a block is called with when there are temporaries; NAME_place sets them side by
 * side in the workspace */
static void temps_text(Emit *e)
{
    const Prog *p = e->prog;
    text_line(e->out, "/* the arguments, and the temporaries in the workspace */");
    text_line(e->out, "typedef struct {");
    text_line(e->out, "    const %s_args *args;", e->symbol);
    for (int i = 0; i < p->ntemp; i++)
        text_line(e->out, "    %s *%s; /* (%s) */", cpu_elem_type(e, p->temp[i]->type),
                  name_new(e, p->temp[i], p->temp[i]->name), dims_text(e, p->temp[i]));
    text_line(e->out, "} %s_call;\n", e->symbol);

    text_line(
        e->out,
        "static size_t %s_place(const %s_args *args, unsigned char *workspace, %s_call *call)",
        e->symbol, e->symbol, e->symbol);
    emit_open(e, "{");
    Aside lines;
    aside(e, &lines, 1);
    text_line(e->out, "size_t at = 0;");
    text_line(e->out, "call->args = args;");
    int *place = NEWN(&e->cx->arena, int, p->ntemp + 1);
    int nplace = workspace_places(e->cx, p, place);
    for (int k = 0; k < nplace; k++) place_text(e, place, k);
    text_line(e->out, "return at;");
    const char *body = aside_end(e, &lines);
    size_values(e, body);
    text_put(e->out, body, strlen(body));
    e->out->indent--;
    text_line(e->out, "}\n");
}

/* ---- one launch ----------------------------------------------------------------------------- */

static void name_tile(Visitor *v, Stmt *s)
{
    Emit *e = v->user;
    if (s->kind != S_ALLOC || s->alloc->space == SP_LOCAL || name_of(e, s->alloc)) return;
    Use u = cpu_use(e->uses, s->alloc);
    if (u.read || u.written) name_new(e, s->alloc, s->alloc->name);
}

typedef struct {
    Emit *e;
    const Buf **seen;
    int nseen;
} Members;

static void tile_member(Visitor *v, Stmt *s)
{
    Members *m = v->user;
    Emit *e = m->e;
    if (s->kind != S_ALLOC || s->alloc->space == SP_LOCAL || !name_of(e, s->alloc)) return;
    for (int i = 0; i < m->nseen; i++)
        if (m->seen[i] == s->alloc) return;
    const Buf *b = s->alloc;
    if (m->nseen == MAXNAME)
        fail(e->cx, E0903, s->span, NULL, "more than %d tiles in one launch", MAXNAME);
    m->seen[m->nseen++] = b;
    Text t = text_new(&e->cx->arena);
    for (int d = 0; d < b->ndim; d++) text_add(&t, "[%s]", expr_text(e, b->dim[d], P_COND));
    text_line(e->out, "_Alignas(64) %s %s%s;", cpu_elem_type(e, b->type), name_of(e, b), t.s);
}

/* the struct of the launch's tiles, after its body is known; false: it has none */
static bool tiles_struct(Emit *e, const char *name)
{
    static const char *const beside[] = {"left", "right", "sum"};
    Members m = {.e = e, .seen = NEWN(&e->cx->arena, const Buf *, MAXNAME)};
    Visitor v = {.stmt = tile_member, .user = &m};
    Aside inner;
    aside(e, &inner, 1);
    walk_stmts(&v, e->launch->body);
    for (int k = 0; k < 3; k++)
        for (int t = 1; t < NDTYPE; t++)
            if (e->side[k][t])
                text_line(e->out, "_Alignas(64) %s %s_%s[%lld]; /* of gemm's operands */",
                          dtype_info[t].c, beside[k], cpu_short((DType)t),
                          (long long)e->side[k][t]);
    const char *members = aside_end(e, &inner);
    if (!*members) return false;
    text_line(e->out, "typedef struct {");
    text_put(e->out, members, strlen(members));
    text_line(e->out, "} %s_tiles;\n", name);
    return true;
}

static const char *grid_text(Emit *e, const Launch *l)
{
    Text t = text_new(&e->cx->arena);
    text_add(&t, "grid (");
    for (int d = 0; d < l->ngrid; d++) {
        text_add(&t, d ? ", " : "");
        print_expr(&t, l->grid[d]);
    }
    text_add(&t, ")");
    return t.s;
}

/* the block's place in the grid, the first dimension fastest */
static void block_values(Emit *e, const Launch *l)
{
    const char *at = "block";
    int64_t step = 1, n; /* constant sizes one after the other are one division */
    bool any = false;
    for (int d = 0; d < l->ngrid; d++) {
        const Var *v = l->block[d];
        const char *here = step == 1 ? at : emit_f(e, "%s / %lld", at, (long long)step);
        const char *size = expr_fit(
            e, cpu_cast(e, expr_piece(e, l->grid[d]), l->grid[d]->type, DT_int64), P_UNARY);
        bool known = expr_const(l->grid[d], &n);
        if (cpu_use(e->uses, v).read) {
            any = true;
            const char *x =
                d < l->ngrid - 1
                    ? emit_f(e, "%s %% %s", here, known ? expr_text(e, l->grid[d], P_COND) : size)
                    : here;
            const char *type = cpu_value_type(v->type), *name = name_new(e, v, v->name);
            text_line(e->out, "const %s %s = (%s)%s;", type, name, type,
                      strcmp(x, "block") ? emit_f(e, "(%s)", x) : x);
        }
        if (known && n > 0 && step < INT32_MAX) {
            step *= n;
        } else {
            at = emit_f(e, "%s / %s", here, size);
            step = 1;
        }
    }
    if (!any) text_line(e->out, "(void)block;");
}

/* pointers to the tensors under the names they have in the source */
static void tensor_values(Emit *e, const char *body)
{
    const Prog *p = e->prog;
    for (int i = 0; i < p->nparam + p->ntemp; i++) {
        const Buf *b = i < p->nparam ? p->param[i].buf : p->temp[i - p->nparam];
        if (!b || !code_has_word(e->cx, body, name_of(e, b))) continue;
        text_line(e->out, "%s%s *const %s = %s->%s;", cpu_use(e->uses, b).written ? "" : "const ",
                  cpu_elem_type(e, b->type), name_of(e, b), i < p->nparam ? "args" : "with",
                  name_of(e, b));
    }
}

static const char *body_text(Emit *e, int only)
{
    Text body = text_new(&e->cx->arena), *out = e->out;
    int mark = e->names.n;
    const Scope *root = e->scope;
    body.indent = only < 0;
    e->out = &body;
    e->only = only;
    e->inside = e->said = -1;
    e->count = e->nheld = 0;
    cpu_stmts(e, e->launch->body);
    e->out = out;
    e->scope = root;
    e->names.n = mark;
    return body.s;
}

/* the function that runs one block; what stands before its body is only what the body uses */
static void function_text(Emit *e, const char *name, bool has_tiles, const char *place,
                          const char *body)
{
    Aside values;
    aside(e, &values, 1);
    size_values(e, emit_f(e, "%s%s", place, body));
    tensor_values(e, body);
    const char *given = aside_end(e, &values), *args = "call";
    text_line(e->out, "static int %s(const void *call, void *scratch, int64_t block)", name);
    emit_open(e, "{");
    if (strstr(given, "with->")) text_line(e->out, "const %s_call *with = call;", e->symbol);
    if (e->prog->ntemp)
        args = strstr(given, "with->") ? "with->args"
                                       : emit_f(e, "((const %s_call *)call)->args", e->symbol);
    if (strstr(given, "args->")) text_line(e->out, "const %s_args *args = %s;", e->symbol, args);
    if (!*given) text_line(e->out, "(void)call;");
    text_put(e->out, given, strlen(given));
    text_put(e->out, place, strlen(place));
    text_line(e->out, has_tiles ? "%s_tiles *my = scratch;" : "(void)scratch;", name);
    if (e->faults) text_line(e->out, "int fault = 0;");
    text_line(e->out, "%s", "");
    text_put(e->out, body, strlen(body));
    text_line(e->out, "return %s;", e->faults ? "fault" : "0");
    e->out->indent--;
    text_line(e->out, "}\n");
}

static void launch_text(Emit *e, const Launch *l, int number, const Uses *uses)
{
    const char *name = emit_f(e, "%s_%d", e->symbol, number);
    int mark = e->names.n;
    e->names.nused = 0;
    bool outer_faults = e->faults;
    Scope root = {.launch = l};
    e->launch = l;
    e->scope = &root;
    e->uses = uses;
    e->faults = false;
    memset(e->side, 0, sizeof e->side);
    Visitor tiles = {.stmt = name_tile, .user = e};
    walk_stmts(&tiles, l->body);

    Aside place;
    aside(e, &place, 1);
    block_values(e, l);
    const char *where = aside_end(e, &place), *body = body_text(e, -1);
    for (int r = 0; r < NROLE; r++) e->role_text[number][r] = body_text(e, r);
    bool has_tiles = tiles_struct(e, name);
    text_line(e->out, "/* %s: one block of %s */", l->name, grid_text(e, l));
    function_text(e, name, has_tiles, where, body);
    e->faults = outer_faults;
    e->scope = NULL;
    e->names.n = mark;
}

/* ---- entry points --------------------------------------------------------------------------- */

static void workspace_text(Emit *e)
{
    text_line(e->out, "size_t %s_workspace(const %s_args *args)", e->symbol, e->symbol);
    text_line(e->out, "{");
    if (e->prog->ntemp) {
        text_line(e->out, "    %s_call call;", e->symbol);
        text_line(e->out, "    return %s_place(args, NULL, &call);", e->symbol);
    } else {
        text_line(e->out, "    (void)args;");
        text_line(e->out, "    return 0;");
    }
    text_line(e->out, "}\n");
}

/* the number of blocks of a launch: a constant, or computed where no dimension may be negative */
static const char *blocks_text(Emit *e, const Launch *l)
{
    int64_t n = 1, k;
    bool known = true;
    const char *dim[MAXGRID] = {"1", "1", "1"};
    for (int d = 0; d < l->ngrid; d++) {
        dim[d] = expr_text(e, l->grid[d], P_COND);
        known &= expr_const(l->grid[d], &k);
        if (known && __builtin_mul_overflow(n, MAX(k, 0), &n)) n = INT64_MAX; /* refused when run */
    }
    if (known) return emit_f(e, "%lld", (long long)n);
    cpu_need(e, "grid", DT_none, DT_none);
    return emit_f(e, "k_grid(%s, %s, %s)", dim[0], dim[1], dim[2]);
}

static void entry_text(Emit *e, const bool *has_tiles)
{
    const Prog *p = e->prog;
    int number = 0;
    text_line(e->out, "int %s(const %s_args *args, void *workspace, void *pool)", e->symbol,
              e->symbol);
    emit_open(e, "{");
    if (p->ntemp) {
        text_line(e->out, "%s_call call;", e->symbol);
        text_line(e->out, "%s_place(args, workspace, &call);", e->symbol);
    } else {
        text_line(e->out, "(void)workspace;");
    }
    if (!p->launch) text_line(e->out, "(void)args, (void)pool;");
    e->faults = false;
    Aside lines;
    aside(e, &lines, 1);
    cpu_need(e, "run", DT_none, DT_none);
    for (const Launch *l = p->launch; l; l = l->next, number++) {
        e->launch = l;
        const char *name = emit_f(e, "%s_%d", e->symbol, number);
        const char *size = has_tiles[number] ? emit_f(e, "sizeof(%s_tiles)", name) : "0";
        const char *run = emit_f(e, "k_run(pool, %s, %s, %s, %s)", blocks_text(e, l), size, name,
                                 p->ntemp ? "&call" : "args");
        text_line(e->out, "%sbad = %s;", number ? "if (!bad)\n        " : "int ", run);
    }
    const char *runs = aside_end(e, &lines);
    size_values(e, runs);
    if (e->faults) text_line(e->out, "int fault = 0;");
    text_put(e->out, runs, strlen(runs));
    text_line(e->out, "return %s;", !p->launch ? "0" : e->faults ? "fault ? fault : bad" : "bad");
    e->out->indent--;
    text_line(e->out, "}\n");
}

static const char *c_string(Emit *e, const char *s)
{
    Text t = text_new(&e->cx->arena);
    for (; *s; s++)
        text_add(&t, *s == '"' || *s == '\\' ? "\\%c" : (unsigned char)*s < 32 ? "?" : "%c", *s);
    return t.s;
}

static void error_text(Emit *e)
{
    text_line(e->out, "const char *%s_error(int code)", e->symbol);
    text_line(e->out, "{");
    text_line(e->out, "    switch (code) {");
    text_line(e->out, "    case -1: return \"no memory for the tiles\";");
    text_line(e->out, "    case 0: return \"no error\";");
    for (int i = 0; i < e->nfault; i++)
        text_line(e->out, "    case %d: return \"%s\";", i + 1, c_string(e, e->fault[i]));
    text_line(e->out, "    default: return \"unknown error\";");
    text_line(e->out, "    }");
    text_line(e->out, "}");
}

/* ---- the file ------------------------------------------------------------------------------- */

static void cpu_emit(Cx *cx, const Prog *p, Code *out)
{
    Emit *e = NEW(&cx->arena, Emit);
    CpuPlan *plan = NEW(&cx->arena, CpuPlan);
    e->cx = cx;
    e->c = &cpu_dialect;
    e->prog = p;
    e->symbol = plan->symbol = cpu_symbol(cx, p->name);
    e->rules = cpu_name_rules(e->symbol);
    e->names.rules = &e->rules;
    for (const Launch *l = p->launch; l; l = l->next) {
        if (l->npipe || l->norder)
            fail(cx, E0501, l->span, "give the cpu the tile program, or a schedule made for it",
                 "'%s' has pipes: the cpu runs one sequence a launch", l->name);
        plan->nlaunch++;
    }
    plan->role_text =
        arena_alloc(&cx->arena, sizeof *plan->role_text * (size_t)(plan->nlaunch + 1));
    e->role_text = (const char *(*)[NROLE])plan->role_text;
    const Uses **uses = NEWN(&cx->arena, const Uses *, plan->nlaunch + 1);
    bool *has_tiles = NEWN(&cx->arena, bool, plan->nlaunch + 1);
    int n = 0;
    for (const Launch *l = p->launch; l; l = l->next) uses[n++] = cpu_uses(cx, l);

    Text program = text_new(&cx->arena), file = text_new(&cx->arena);
    e->out = &program;
    cpu_need(e, "base", DT_none, DT_none);
    args_struct(e, uses);
    if (p->ntemp) temps_text(e);
    n = 0;
    for (const Launch *l = p->launch; l; l = l->next, n++) {
        launch_text(e, l, n, uses[n]);
        has_tiles[n] = strstr(program.s, emit_f(e, "} %s_%d_tiles;", e->symbol, n)) != NULL;
    }
    workspace_text(e);
    entry_text(e, has_tiles);
    error_text(e);

    text_add(&file, "/* %s for the CPU. Compile with: cc %s -shared -fPIC */\n", p->name,
             CPU_FLAGS);
    cpu_prelude(e, &file);
    text_add(&file, "/* ---- %s ---- */\n\n", p->name);
    text_put(&file, program.s, program.n);
    out->nfile = 1;
    out->file[0].name = arena_printf(&cx->arena, "%s.c", e->symbol);
    out->file[0].text = file.s;
    out->file[0].role = R_COMPUTE;
    out->file[0].launch = -1;
    plan->nfault = e->nfault;
    plan->fault = e->fault_code;
    out->plan = plan;
}

static const char *cpu_role_text(Cx *cx, const Code *code, int launch, Role role)
{
    (void)cx;
    const CpuPlan *plan = code->plan;
    return launch >= 0 && launch < plan->nlaunch ? plan->role_text[launch][role] : "";
}

const Target target_cpu = {
    .name = "cpu",
    .help = "C for the machine this runs on, through its compiler",
    .limits = &cpu_limits,
    .emit = cpu_emit,
    .role_text = cpu_role_text,
};
