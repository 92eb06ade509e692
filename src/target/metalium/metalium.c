/* The target: what a core can hold, the kernels of each launch, and their frame (arguments,
 * accessors, the loop over blocks). */
#include "target/metalium/metalium.h"
#include <ctype.h>
#include <string.h>

static bool lifts(Cx *cx, const Launch *split, const char **why);

/* L1 of Wormhole, the smaller of the two, behind what the firmware keeps */
enum { L1_BYTES = 1499136 - 0x19d40 };

static const Limits limits = {
    .target = "metalium",
    .roles = 3,
    .shared = 640 << 10,
    .max_depth = 4,
    .lifts = lifts,
};

/* ---- one kernel ---- */

/* the blocks of this core, in order; what nobody reads is not declared */
static void open_blocks(Emit *e)
{
    const Launch *l = e->launch;
    bool used = false;
    for (int d = 0; d < l->ngrid; d++) {
        name_new(e, l->block[d], l->block[d]->name);
        used |= name_used(e, l->block[d]);
    }
    text_line(e->out, used ? "for (uint32_t block = first; block < first + count; ++block) {"
                           : "for (uint32_t block = 0; block < count; ++block) {");
    e->out->indent++;
    Expr *below = NULL;
    for (int d = 0; d < l->ngrid; d++) {
        const char *at = below ? emit_f(e, "block / %s", expr_text(e, below, P_UNARY)) : "block";
        if (name_used(e, l->block[d]) && d + 1 < l->ngrid)
            text_line(e->out, "const int32_t %s = %s %% %s;", name_of(e, l->block[d]), at,
                      expr_text(e, l->grid[d], P_UNARY));
        else if (name_used(e, l->block[d]))
            text_line(e->out, "const int32_t %s = %s;", name_of(e, l->block[d]), at);
        below = below ? expr_mul(e->cx, below, l->grid[d]) : l->grid[d];
    }
}

/* the body; run twice, because what is used decides what is declared */
static void kernel_pass(Emit *e, Stmt *list, Text *start, Text *body)
{
    Scope top = {.launch = e->launch};
    *start = text_new(&e->cx->arena);
    *body = text_new(&e->cx->arena);
    start->indent = body->indent = 1;
    e->names.n = 0;
    if (e->prog) name_program(e);
    e->kernel->ntensor = 0;
    e->nmemory = 0;
    e->memory_bytes = e->scratch_bytes = 0;
    e->reading = e->writing = false;
    memset(e->taken, 0, sizeof e->taken);
    e->scope = &top;
    e->out = start;
    if (e->role == R_COMPUTE) compute_begin(e, list);
    e->out = body;
    open_blocks(e);
    config_forget(e);
    emit_list(e, list);
    barrier(e, false);
    body->indent--;
    text_line(body, "}");
    if (e->role == R_COMPUTE && e->cb_one >= 0)
        text_line(body, "cb_pop_front(%s, 1);", e->to->cb[e->cb_one].name);
}

static int add_arg(Emit *e, ArgKind kind, int index)
{
    if (e->kernel->narg == TT_ARGS)
        fail(e->cx, E0903, e->launch->span, NULL, "more than %d arguments of one kernel", TT_ARGS);
    e->kernel->arg[e->kernel->narg] = (MetaliumArg){kind, index};
    return e->kernel->narg++;
}

static void emit_accessor(Emit *e, Text *out, int k)
{
    const MetaliumTensor *t = &e->plan->tensor[e->kernel->tensor[k]];
    int64_t last;
    const char *name = name_of(e, t->buf);
    int arg = add_arg(e, ARG_TENSOR, e->kernel->tensor[k]);
    const char *args = emit_f(e, "%s_args", name_plain(e->cx, t->buf->name));
    text_line(out, "constexpr auto %s = TensorAccessorArgs<%d>();", args, 2 * k);
    if (t->tiled || expr_const(t->buf->dim[t->buf->ndim - 1], &last))
        text_line(out, "const auto %s = TensorAccessor(%s, get_arg_val<uint32_t>(%d));", name, args,
                  arg);
    else
        text_line(
            out,
            "const auto %s = TensorAccessor(%s, get_arg_val<uint32_t>(%d), row_bytes(%s, %d));",
            name, args, arg, expr_text(e, t->buf->dim[t->buf->ndim - 1], P_COND),
            format_info[t->format].bytes);
}

/* run-time arguments: the blocks, sizes, scalars, then the tensors, whose pages may depend on sizes
 */
static void emit_arguments(Emit *e, Text *out, const char *body)
{
    const Prog *p = e->prog;
    e->kernel->narg = 0;
    for (int i = 0; i < e->kernel->ntensor; i++) { /* sizes of pages are read here first */
        const MetaliumTensor *t = &e->plan->tensor[e->kernel->tensor[i]];
        if (!t->tiled) expr_text(e, t->buf->dim[t->buf->ndim - 1], P_COND);
    }
    int first = add_arg(e, ARG_FIRST, 0), count = add_arg(e, ARG_COUNT, 0);
    if (text_has_word(body, "first"))
        text_line(
            out,
            "const uint32_t first = get_arg_val<uint32_t>(%d), count = get_arg_val<uint32_t>(%d);",
            first, count);
    else
        text_line(out, "const uint32_t count = get_arg_val<uint32_t>(%d);", count);
    for (int i = 0; i < p->nsize; i++)
        if (name_used(e, p->size[i]))
            text_line(out, "const %s %s = get_arg_val<int32_t>(%d);", c_type(p->size[i]->type),
                      name_of(e, p->size[i]), add_arg(e, ARG_SIZE, i));
    for (int i = 0; i < p->nparam; i++) {
        const Var *v = p->param[i].scalar;
        if (!v || !name_used(e, v)) continue;
        const char *type = dtype_is_float(v->type)            ? "float"
                           : dtype_info[v->type].cls == CLS_U ? "uint32_t"
                                                              : "int32_t";
        text_line(out, "const %s %s = get_arg_val<%s>(%d);", c_type(v->type), name_of(e, v), type,
                  add_arg(e, ARG_SCALAR, i));
    }
    for (int i = 0; i < e->kernel->ntensor; i++) emit_accessor(e, out, i);
}

static void emit_own_memory(Emit *e, Text *out)
{
    if (e->own_cb < 0) return;
    const char *cb = e->to->cb[e->own_cb].name;
    text_line(out,
              "cb_reserve_back(%s, 1);               // never pushed: memory of this kernel's own",
              cb);
    if (e->memory_bytes) text_line(out, "const uint32_t memory = get_write_ptr(%s);", cb);
    if (e->scratch_bytes && e->memory_bytes)
        text_line(out, "const uint32_t scratch = memory + %lld;", (long long)e->memory_bytes);
    else if (e->scratch_bytes)
        text_line(out, "const uint32_t scratch = get_write_ptr(%s);", cb);
}

static void own_memory(Emit *e)
{
    e->own_cb = -1;
    int64_t bytes = e->memory_bytes + e->scratch_bytes;
    if (!bytes) return;
    if (e->to->ncb == TT_CB)
        fail(e->cx, E0501, e->launch->span, "use fewer tiles",
             "the launch needs more than %d circular buffers", TT_CB);
    if (bytes > L1_BYTES)
        fail(e->cx, E0502, e->launch->span, "use smaller tiles",
             "the %s needs %lld bytes of L1, a core has %d", role_name[e->role], (long long)bytes,
             L1_BYTES);
    const char *name = e->to->merged ? "cb_memory" : emit_f(e, "cb_%s_memory", role_name[e->role]);
    e->own_cb = e->to->ncb;
    e->to->cb[e->to->ncb++] = (MetaliumCb){name, FMT_U32, (int)bytes, 1, true, -1};
}

/* does it call a function of C's mathematics in float, as rows of ops.def do: a name that ends in
 * f? */
static bool calls_math(Cx *cx, const char *text)
{
    for (int op = 0; op < NOP; op++)
        for (const char *f = op_info[op].c; f && (f = strstr(f, "f(")); f++) {
            const char *from = f;
            while (from > op_info[op].c && isalnum((unsigned char)from[-1])) from--;
            if (text_has_word(text, arena_printf(&cx->arena, "%.*sf", (int)(f - from), from)))
                return true;
        }
    return false;
}

static void emit_frame(Emit *e, const char *start, const char *body)
{
    Cx *cx = e->cx;
    Text main = text_new(&cx->arena), all = text_new(&cx->arena);
    main.indent = 1;
    emit_arguments(e, &main, body);
    emit_own_memory(e, &main);
    text_put(&main, start, strlen(start));
    text_put(&main, "\n", 1);
    text_put(&main, body, strlen(body));
    if (e->to->merged)
        text_line(&all, "// %s: the whole launch on one data-movement processor", e->launch->name);
    else
        text_line(&all, "// %s: %s", e->launch->name, role_name[e->role]);
    text_line(&all, "#include <cstdint>");
    if (calls_math(cx, main.s)) text_line(&all, "#include <cmath>");
    if (e->role == R_COMPUTE) {
        text_line(&all, "#include \"api/compute/common.h\"");
        for (int i = 0; i < e->ninclude; i++)
            text_line(&all, "#include \"api/compute/%s\"", e->include[i]);
    } else {
        text_line(&all, "#include \"api/dataflow/dataflow_api.h\"");
    }
    text_put(&all, "\n", 1);
    bool any = false;
    for (int i = 0; i < e->to->ncb; i++)
        if (text_has_word(main.s, e->to->cb[i].name)) {
            text_line(&all, "constexpr uint32_t %s = %d;", e->to->cb[i].name, i);
            any = true;
        }
    if (any) text_put(&all, "\n", 1);
    prelude_pick(&all, main.s);
    text_line(&all, "void kernel_main()");
    text_line(&all, "{");
    text_put(&all, main.s, main.n);
    text_line(&all, "}");
    e->kernel->text = all.s;
    e->kernel->file = arena_printf(&cx->arena, "%s_%s.cpp", e->launch->name, role_name[e->role]);
}

static void emit_kernel(Emit *e, Role role, Stmt *list)
{
    Text start, body;
    e->role = role;
    e->kernel = &e->to->kernel[role];
    e->names.nused = e->ninclude = 0;
    for (int pass = 0; pass < 2; pass++) kernel_pass(e, list, &start, &body);
    if (e->why)
        fail(e->cx, E0901, e->why_at.file ? e->why_at : e->launch->span, NULL,
             "tiles of this target cannot express it: %s", e->why);
    own_memory(e);
    emit_frame(e, start.s, body.s);
}

/* ---- one launch ---- */

static void finish_buffers(Emit *e)
{
    int64_t total = 0;
    for (int i = 0; i < e->nvalue; i++)
        if (e->value[i].twice) {
            e->to->cb[e->value[i].cb].pages *= 2;
            if (e->value[i].fpu_cb != e->value[i].cb) e->to->cb[e->value[i].fpu_cb].pages *= 2;
        }
    for (int i = 0; i < e->to->ncb; i++)
        if (e->to->cb[i].alias < 0)
            total += ((int64_t)e->to->cb[i].bytes * e->to->cb[i].pages + TT_ALIGN - 1) / TT_ALIGN *
                     TT_ALIGN;
    if (total > L1_BYTES)
        fail(e->cx, E0502, e->launch->span, "use smaller tiles or fewer stages",
             "the launch needs %lld bytes of L1, a core has %d", (long long)total, L1_BYTES);
}

static Emit *emit_new(Cx *cx, const Prog *p, const Launch *l, MetaliumPlan *plan,
                      MetaliumLaunch *to)
{
    Emit *e = NEW(&cx->arena, Emit);
    e->names.rules = &tt_name_rules;
    e->c = &metalium_dialect;
    e->cx = cx;
    e->prog = p;
    e->launch = l;
    e->plan = plan;
    e->to = to;
    e->cb_one = e->own_cb = -1;
    return e;
}

static void emit_launch(Cx *cx, MetaliumPlan *plan, const Launch *l, MetaliumLaunch *to)
{
    Emit *e = emit_new(cx, plan->prog, l, plan, to);
    to->launch = l;
    to->merged = l->npipe == 0;
    if (to->merged) {
        emit_kernel(e, R_READER, l->body);
        finish_buffers(e);
        return;
    }
    if (place_values(e)) compute_numbers(e);
    if (e->why)
        fail(cx, E0901, e->why_at.file ? e->why_at : l->span, NULL,
             "tiles of this target cannot express it: %s", e->why);
    static const Role order[] = {R_COMPUTE, R_READER,
                                 R_WRITER}; /* compute first: it decides how slots are used */
    for (int i = 0; i < NROLE; i++)
        for (Stmt *s = l->body; s; s = s->next)
            if (s->kind == S_ROLE && s->role.role == order[i])
                emit_kernel(e, order[i], s->role.body);
    finish_buffers(e);
}

/* asked by the scheduler, before control pipes are there: is all of compute tile operations? */
static bool lifts(Cx *cx, const Launch *split, const char **why)
{
    MetaliumLaunch *to = NEW(&cx->arena, MetaliumLaunch);
    Emit *e = emit_new(cx, NULL, split, NULL, to);
    Text start, body;
    e->role = R_COMPUTE;
    e->kernel = &to->kernel[R_COMPUTE];
    if (place_values(e)) compute_numbers(e);
    for (Stmt *s = split->body; s && !e->why; s = s->next)
        if (s->kind == S_ROLE && s->role.role == R_COMPUTE)
            kernel_pass(e, s->role.body, &start, &body);
    *why = e->why;
    return !e->why;
}

/* ---- the program ---- */

static MetaliumPlan *plan_new(Cx *cx, const Prog *p)
{
    MetaliumPlan *plan = NEW(&cx->arena, MetaliumPlan);
    plan->prog = p;
    plan->tensor = NEWN(&cx->arena, MetaliumTensor, p->nparam + p->ntemp + 1);
    for (int i = 0; i < p->nparam + p->ntemp; i++) {
        Buf *b = i < p->nparam ? p->param[i].buf : p->temp[i - p->nparam];
        if (!b) continue;
        MetaliumTensor *t = &plan->tensor[plan->ntensor++];
        t->buf = b;
        t->format = format_needed(cx, b);
    }
    layout_tensors(cx, plan);
    for (const Launch *l = p->launch; l; l = l->next) plan->nlaunch++;
    plan->launch = NEWN(&cx->arena, MetaliumLaunch, plan->nlaunch);
    return plan;
}

static void add_file(Cx *cx, Code *out, const char *name, const char *text, Role role, int launch)
{
    if (out->nfile == MAXFILE) fail(cx, E0903, (Span){0}, NULL, "more than %d kernels", MAXFILE);
    out->file[out->nfile].name = name;
    out->file[out->nfile].text = text;
    out->file[out->nfile].role = role;
    out->file[out->nfile++].launch = launch;
}

static void emit(Cx *cx, const Prog *sched, Code *out)
{
    MetaliumPlan *plan = plan_new(cx, sched);
    int k = 0;
    for (const Launch *l = sched->launch; l; l = l->next, k++) {
        emit_launch(cx, plan, l, &plan->launch[k]);
        for (int r = 0; r < NROLE; r++)
            if (plan->launch[k].kernel[r].text)
                add_file(cx, out, plan->launch[k].kernel[r].file, plan->launch[k].kernel[r].text,
                         (Role)r, k);
    }
    plan->json = plan_json(cx, plan);
    add_file(cx, out, "plan.json", plan->json, R_READER, -1);
    out->plan = plan;
}

/* what a kernel does for one block: the body of its loop over blocks */
static const char *role_text(Cx *cx, const Code *code, int launch, Role role)
{
    const MetaliumPlan *plan = code->plan;
    const char *text = launch < plan->nlaunch ? plan->launch[launch].kernel[role].text : NULL;
    const char *loop = text ? strstr(text, "\n    for (uint32_t block = ") : NULL;
    if (!loop) return text;
    const char *body = strchr(loop + 1, '\n') + 1, *end = strstr(body, "\n    }\n");
    return end ? arena_copy(&cx->arena, body, (size_t)(end + 1 - body)) : body;
}

const Target target_metalium = {
    .name = "metalium",
    .help = "Tenstorrent: reader, compute and writer kernels of a core, and a plan for the host",
    .limits = &limits,
    .emit = emit,
    .role_text = role_text,
};
