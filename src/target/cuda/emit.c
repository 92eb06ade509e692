/* Kernels and the program: one text of all launches behind the prelude, and the plan that a launch
 * needs. */
#include <string.h>
#include "target/cuda/emit.h"

extern const char target_cuda_prelude_cuh[];

/* ---- pipes ---------------------------------------------------------------------------------- */

static bool commits(void *pipe, const Stmt *s)
{
    return s->kind == S_VERB && s->verb.pipe == pipe && s->verb.verb == PV_COMMIT;
}

static bool releases(void *pipe, const Stmt *s)
{
    return s->kind == S_VERB && s->verb.pipe == pipe && s->verb.verb == PV_RELEASE;
}

/* how many arrivals complete a barrier of the pipe: one a warp of the roles that commit (or
 * release), one of a single lane */
static void arrivals(const Emit *e, const PipePlan *p, int *full, int *empty)
{
    *full = *empty = 0;
    for (int r = 0; r < NROLE; r++) {
        const RolePlan *role = &e->plan->role[r];
        if (!role->present) continue;
        int n = role->warps * (p->rings > 1 ? 1 : role->groups);
        if (stmt_any(role->body, commits, p->pipe)) *full += n;
        if (stmt_any(role->body, releases, p->pipe)) *empty += n;
    }
}

static void init_pipes(Emit *e)
{
    if (!e->plan->npipe) return;
    text_line(e->out, "const u32 bars = smem_addr(smem + %d);", (int)e->plan->bars_at);
    emit_open(e, "if (threadIdx.x == 0) {");
    for (int i = 0; i < e->plan->npipe; i++) {
        const PipePlan *p = &e->plan->pipe[i];
        int full, empty;
        arrivals(e, p, &full, &empty);
        for (int k = 0; k < p->rings; k++)
            text_line(e->out, "pipe_init<%d>(bars + %d, %d, %d);%*s/* %s */", p->depth,
                      8 * (p->bars + 2 * p->depth * k), full, empty, 4, "", p->pipe->name);
    }
    text_line(e->out, "bar_init_done();");
    emit_close(e);
    text_line(e->out, "__syncthreads();");
}

/* ---- roles ---------------------------------------------------------------------------------- */

/* a role into a text of its own, kept for showing it beside other targets */
static void role_block(Emit *e, Role role, const char *cond, bool more)
{
    const RolePlan *r = &e->plan->role[role];
    Text *out = e->out, own = text_new(&e->cx->arena);
    own.indent = out->indent + (cond ? 1 : 0);
    e->out = &own;
    cuda_role_emit(e, r);
    e->out = out;
    e->need->role_text[role] = own.s;
    if (cond)
        text_line(out, "%sif (%s) {    /* ---- %s ---- */", more ? "} else " : "", cond,
                  role_name[role]);
    text_put(out, own.s, own.n);
}

static const char *warps_of(Emit *e, const RolePlan *r)
{
    int last = r->first_warp + r->warps * r->groups;
    const char *s = r->warps * r->groups == 1 ? emit_f(e, "warp == %d", r->first_warp)
                    : r->first_warp ? emit_f(e, "warp >= %d && warp < %d", r->first_warp, last)
                                    : emit_f(e, "warp < %d", last);
    return r->lane ? emit_f(e, "%s && threadIdx.x %% 32 == 0", s) : s;
}

static void roles_text(Emit *e)
{
    LaunchPlan *p = e->plan;
    const RolePlan *reader = &p->role[R_READER], *writer = &p->role[R_WRITER];
    text_line(e->out, "const int warp = warp_uniform(threadIdx.x / 32);");
    if (p->producer_warps) {
        text_line(e->out, "if (warp < %d) {", p->producer_warps);
        e->out->indent++;
        if (p->regs_producer) text_line(e->out, "regs_dec<%d>();", p->regs_producer);
        if (reader->present) role_block(e, R_READER, warps_of(e, reader), false);
        if (writer->present) role_block(e, R_WRITER, warps_of(e, writer), reader->present);
        text_line(e->out, "}");
        e->out->indent--;
        emit_open(e, "} else {    /* ---- compute ---- */");
    }
    if (p->regs_compute) text_line(e->out, "regs_inc<%d>();", p->regs_compute);
    if (p->role[R_COMPUTE].present) role_block(e, R_COMPUTE, NULL, false);
    if (p->producer_warps) {
        emit_close(e);
    }
}

/* ---- kernel --------------------------------------------------------------------------------- */

static void see_map(Visitor *v, Stmt *s)
{
    Emit *e = v->user;
    cuda_move_collect(e, s, e->role->role);
}

/* names that every role may use: tensors, sizes, scalars, block indices */
static void global_names(Emit *e, Launch *l)
{
    name_program(e);
    for (int r = 0; r < NROLE; r++) {
        if (r == R_COMPUTE || !e->plan->role[r].present) continue;
        Visitor v = {.stmt = see_map, .user = e};
        e->role = &e->plan->role[r];
        walk_stmts(&v, e->role->body);
    }
    static const char axis[MAXGRID] = {'x', 'y', 'z'};
    for (int d = 0; d < l->ngrid; d++)
        text_line(e->out, "const int %s = blockIdx.%c;",
                  name_new(e, l->block[d], l->block[d]->name), axis[d]);
}

static void add_arg(Emit *e, CudaArgKind kind, const Buf *b, const Var *v)
{
    if (e->need->narg == MAXCUDAARG)
        fail(e->cx, E0901, e->plan->launch->span, NULL,
             "launch '%s' needs more than %d kernel arguments", e->plan->launch->name, MAXCUDAARG);
    e->need->arg[e->need->narg++] = (CudaArg){.kind = kind, .buf = b, .var = v};
}

/* after the body: it takes what its text uses */
static void arguments(Emit *e)
{
    for (int i = 0; i < e->prog->nparam; i++) {
        const Param *p = &e->prog->param[i];
        const void *object = p->buf ? (const void *)p->buf : p->scalar;
        if (name_used(e, object)) add_arg(e, p->buf ? CA_BUFFER : CA_VAR, p->buf, p->scalar);
    }
    for (int i = 0; i < e->prog->ntemp; i++)
        if (name_used(e, e->prog->temp[i])) add_arg(e, CA_BUFFER, e->prog->temp[i], NULL);
    for (int i = 0; i < e->prog->nsize; i++)
        if (name_used(e, e->prog->size[i])) add_arg(e, CA_VAR, NULL, e->prog->size[i]);
}

static const char *parameter_text(Emit *e, const CudaArg *a)
{
    if (a->kind == CA_MAP) return emit_f(e, "const __grid_constant__ TMap %s", name_of(e, a));
    if (a->kind == CA_BUFFER)
        return emit_f(e, "%s *%s", dtype_info[a->buf->type].cuda, name_of(e, a->buf));
    return emit_f(e, "%s %s", cuda_value_type(a->var->type), name_of(e, a->var));
}

/* what somebody who launches the kernel by hand must know, and where things lie */
static void describe(Emit *e, Text *t)
{
    const LaunchPlan *p = e->plan;
    const RolePlan *c = &p->role[R_COMPUTE];
    text_line(t,
              "/* %s: %d threads a block (%d warps for reader and writer, %d x %d for compute), %d "
              "bytes of shared memory",
              p->launch->name, 32 * p->warps, p->producer_warps, c->groups, c->warps,
              (int)p->shared);
    text_add(t, "   grid:");
    for (int d = 0; d < p->launch->ngrid; d++) {
        text_add(t, d ? ", " : " ");
        print_expr(t, p->launch->grid[d]);
    }
    text_add(t, "\n");
    for (int i = 0; i < e->need->narg; i++) {
        const CudaArg *a = &e->need->arg[i];
        if (a->kind != CA_MAP) continue;
        text_add(t, "   %s: boxes of %s,", name_of(e, a), a->buf->name);
        for (int k = 0; k < a->buf->ndim; k++)
            text_add(t, "%s%d", k ? " x " : " ", (int)a->map.box[k]);
        text_add(t, " from the inner dimension on, swizzle %d bytes\n", a->map.swizzle);
    }
    for (int i = 0; i < p->npipe; i++) {
        const PipePlan *q = &p->pipe[i];
        text_line(t, "   at %d: pipe %s, %d x %d slots of %d bytes", (int)q->at, q->pipe->name,
                  q->rings, q->depth, (int)q->slot_bytes);
    }
    for (int i = 0; i < p->nplace; i++)
        if (p->place[i]->where == AT_SHARED)
            text_line(t, "   at %d: %s, %d x %d bytes", (int)p->place[i]->at,
                      p->place[i]->buf->name, c->groups, (int)p->place[i]->tile.bytes);
    text_put(t, "*/\n", 3);
}

static const NameRules name_rules = {
    " threadIdx blockIdx blockDim gridDim warpSize u8 u16 u32 u64 i64 smem tid bars warp ",
    target_cuda_prelude_cuh, NULL, NULL};

static void kernel_text(Emit *e, Launch *l, Text *out)
{
    Text body = text_new(&e->cx->arena), head = text_new(&e->cx->arena);
    Scope in = {.launch = l};
    body.indent = 1;
    e->out = &body;
    e->scope = &in;
    e->launch = l;
    e->names.n = e->names.nused = e->nwrapped = 0;
    cuda_plan_launch(e, l);
    e->need->kernel = l->name;
    e->need->launch = l;
    e->need->threads = 32 * e->plan->warps;
    e->need->shared = e->plan->shared;
    global_names(e, l);
    if (e->plan->merged) {
        text_line(e->out, "const int tid = threadIdx.x;");
        role_block(e, R_COMPUTE, NULL, false);
    } else {
        init_pipes(e);
        roles_text(e);
    }
    arguments(e);
    for (int i = 0; i < e->need->narg; i++)
        text_add(&head, "%s%s", i ? ", " : "", parameter_text(e, &e->need->arg[i]));
    describe(e, out);
    text_line(out, "extern \"C\" __global__ void __launch_bounds__(%d, 1)", e->need->threads);
    text_line(out, "%s(%s)", l->name, head.s);
    text_line(out, "{");
    if (text_has_word(body.s, "smem"))
        text_line(out, "    extern __shared__ __align__(1024) u8 smem[];");
    text_put(out, body.s, body.n);
    text_line(out, "}");
    text_line(out, "%s", "");
}

/* ---- program -------------------------------------------------------------------------------- */

static void emit_program(Cx *cx, const Prog *sched, Code *code)
{
    Emit *e = NEW(&cx->arena, Emit);
    e->names.rules = &name_rules;
    CudaPlan *plan = NEW(&cx->arena, CudaPlan);
    Text kernels = text_new(&cx->arena), all = text_new(&cx->arena);
    int n = 0;
    e->cx = cx;
    e->c = &cuda_dialect;
    e->prog = sched;
    e->gemms = text_new(&cx->arena);
    for (const Launch *l = sched->launch; l; l = l->next) n++;
    plan->launch = NEWN(&cx->arena, CudaLaunch, n);
    for (Launch *l = sched->launch; l; l = l->next) {
        e->need = &plan->launch[plan->nlaunch++];
        kernel_text(e, l, &kernels);
    }
    text_line(&all, "%s", target_cuda_prelude_cuh);
    text_line(&all, "/* ==== %s ==== */", sched->name);
    text_line(&all, "%s", "");
    text_put(&all, e->gemms.s, e->gemms.n);
    if (e->gemms.n) text_line(&all, "%s", "");
    text_put(&all, kernels.s, kernels.n);
    code->nfile = 1;
    code->file[0].name = arena_printf(&cx->arena, "%s.cu", sched->name);
    code->file[0].text = all.s;
    code->file[0].role = R_COMPUTE;
    code->file[0].launch = 0;
    code->plan = plan;
}

static const char *role_text(Cx *cx, const Code *code, int launch, Role role)
{
    const CudaPlan *plan = code->plan;
    (void)cx;
    return launch < plan->nlaunch ? plan->launch[launch].role_text[role] : NULL;
}

static const Limits limits = {
    .target = "cuda",
    .roles = 3,
    .shared = 224 * 1024,
    .max_depth = 8,
    .max_groups = 2,
    .group_rows = 64,
    .compute_loads_global = true,
    .compute_has_index = true,
    .atomics = true,
    .async_gemm = true,
};

const Target target_cuda = {
    .name = "cuda",
    .help = "CUDA text for NVIDIA Hopper (sm_90a): TMA, mbarriers, WGMMA",
    .limits = &limits,
    .emit = emit_program,
    .role_text = role_text,
};
