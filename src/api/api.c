/* Contexts and kernels. A kernel owns one compilation (its Cx) and what a device loaded from it.
   Every step runs under a guard; what was said goes to the context as text. */
#include "api/api.h"
#include <stdio.h>
#include <string.h>

struct kiln_kernel {
    kiln_context *owner;
    Cx *cx;
    Unit unit;
    Request request;
    bool color, remarks;
    const char *stage[4]; /* texts, made when asked for: ast, tile, sched, text */
    const Device *device; /* what `loaded` belongs to */
    void *loaded;
};

enum { ST_AST, ST_TILE, ST_SCHED, ST_TEXT, NST };
static const char *const stage_name[NST] = {"ast", "tile", "sched", "text"};

/* NST: none of them */
static int stage_named(const char *name)
{
    int i = 0;
    while (i < NST && (!name || strcmp(name, stage_name[i]) != 0)) i++;
    return i;
}

/* ---- contexts -------------------------------------------------------------------------------- */

const char *kiln_version(void)
{
    return KILN_VERSION;
}

static void make_context(Cx *own, void *arg)
{
    kiln_context *cx = NEW(&own->arena, kiln_context);
    *cx = (kiln_context){.own = own, .said = {.cx = own}, .shown = {.cx = own}, .messages = ""};
    *(kiln_context **)arg = cx;
}

kiln_context *kiln_open(void)
{
    kiln_context *cx = NULL;
    Cx *own = cx_open();
    if (own && !guarded(own, make_context, &cx)) cx_close(own);
    return cx;
}

void kiln_close(kiln_context *cx)
{
    if (!cx) return;
    arena_free(&cx->said);
    arena_free(&cx->shown);
    cx_close(cx->own); /* cx lives in its arena */
}

/* ---- compiling ------------------------------------------------------------------------------- */

/* reads as much of the caller's struct as its size says it has; "lib:gemm" names a program of the
 * library */
static kiln_source source_of(const kiln_source *from)
{
    kiln_source s = {0};
    memcpy(&s, from, MIN(from->size, sizeof s));
    if (!s.text && s.path && strncmp(s.path, "lib:", 4) == 0) s.text = ops_source(s.path + 4);
    return s;
}

static const char *const *copy_binds(Arena *a, const char *const *bind)
{
    int n = 0;
    while (bind && bind[n]) n++;
    const char **out = NEWN(a, const char *, n + 1);
    for (int i = 0; i < n; i++) out[i] = arena_text(a, bind[i]);
    return out;
}

static bool compile(kiln_kernel *k, const char *stage)
{
    int until = stage_named(stage);
    if (until == ST_AST) return (k->stage[ST_AST] = driver_text(k->cx, &k->request, TEXT_AST, 0)) != NULL;
    if (!driver_front(k->cx, &k->request, &k->unit)) return false;
    if (until == ST_TILE || !k->request.target) return true;
    if (!driver_schedule(k->cx, &k->request, &k->unit)) return false;
    return until == ST_SCHED || driver_emit(k->cx, &k->request, &k->unit);
}

static void compile_job(Job *j)
{
    kiln_source s = source_of(j->source);
    Cx *cx = j->cx;
    Arena *a = &cx->arena;
    kiln_kernel *k = j->kernel = NEW(a, kiln_kernel);
    *k = (kiln_kernel){.owner = j->owner, .cx = cx, .color = s.color != 0, .remarks = s.remarks != 0};
    k->request = (Request){.path = arena_text(a, s.path),
                           .text = arena_text(a, s.text),
                           .entry = arena_text(a, s.entry),
                           .bind = copy_binds(a, s.bind),
                           .target = arena_text(a, s.target),
                           .stop_after = arena_text(a, s.stop_after),
                           .sched = {.stages = s.stages, .groups = s.groups, .roles = s.roles}};
    bool ok = message_flags(cx, &s) && compile(k, s.stage);
    j->ok = message_tell(j->owner, cx, k->color, k->remarks) == KILN_OK && ok;
}

kiln_kernel *kiln_compile(kiln_context *owner, const kiln_source *source)
{
    message_begin(owner);
    Job j = {.owner = owner, .source = source, .cx = shelter_cx(owner)};
    if (j.cx && shelter(&j, compile_job) && j.ok) return j.kernel;
    cx_close(j.cx);
    return NULL;
}

/* a call that needs a compilation for as long as it lasts */
static const char *aside(Job *j, void (*job)(Job *))
{
    message_begin(j->owner);
    j->cx = shelter_cx(j->owner);
    bool ok = j->cx && shelter(j, job);
    cx_close(j->cx);
    return ok ? j->out : NULL;
}

static void source_job(Job *j)
{
    kiln_source s = source_of(j->source);
    Request rq = {.path = s.path, .text = s.text};
    arena_free(&j->owner->shown);
    const char *text = driver_text(j->cx, &rq, (SourceText)j->which, j->step);
    message_tell(j->owner, j->cx, s.color != 0, false);
    j->out = arena_text(&j->owner->shown, text);
}

const char *kiln_list(kiln_context *owner, const kiln_source *source)
{
    Job j = {.owner = owner, .source = source, .which = TEXT_LIST};
    return aside(&j, source_job);
}

const char *kiln_simpler(kiln_context *owner, const char *text, const char *how, int step)
{
    kiln_source s = {.size = sizeof s, .text = text};
    Job j = {.owner = owner, .source = &s, .which = strcmp(how, "tree") == 0 ? TEXT_TREE : TEXT_LINES, .step = step};
    return aside(&j, source_job);
}

static void say_job(Job *j)
{
    kiln_source s = source_of(j->source);
    for (int c = 0; message_flags(j->cx, &s) && c < NERR; c++)
        if (strcmp(err_info[c].name, j->name) == 0) report(j->cx, (ErrCode)c, (Span){0}, j->help, "%s", j->text);
    message_tell(j->owner, j->cx, s.color != 0, true);
}

kiln_status kiln_say(kiln_context *owner, const kiln_source *how, const char *code, const char *text, const char *help)
{
    Job j = {.owner = owner, .source = how, .name = code, .text = text, .help = help};
    aside(&j, say_job);
    return owner->last;
}

/* a call on a kernel that tells what it has to say */
static kiln_status ask(kiln_kernel *k, void (*job)(Job *), Job *j)
{
    message_begin(k->owner);
    cx_forget(k->cx);
    j->owner = k->owner;
    j->kernel = k;
    shelter(j, job);
    return k->owner->last;
}

/* What one target cannot do, by design, yet, or for want of memory, is no mistake of the program: it
 * becomes a remark. */
static void mere_targets(Cx *cx, const char *target)
{
    for (Diag *d = cx->diags; d; d = d->next) {
        if (d->kind != K_UNSUPPORTED && d->kind != K_TODO && d->code != E0309) continue;
        d->kind = K_REMARK;
        note(cx, d, (Span){0}, "this is what '%s' cannot do; it is no mistake of the program", target);
    }
}

static void prove_job(Job *j)
{
    kiln_kernel *k = j->kernel;
    Request rq = k->request;
    Unit unit = k->unit;
    rq.target = j->name;
    if (driver_schedule(k->cx, &rq, &unit)) driver_known(k->cx, &unit);
    if (unit.tile->stage == STAGE_TILE) mere_targets(k->cx, j->name);
    message_tell(k->owner, k->cx, k->color, k->remarks);
}

kiln_status kiln_prove(kiln_kernel *k, const char *target)
{
    Job j = {.name = target};
    return ask(k, prove_job, &j);
}

void kiln_free(kiln_kernel *k)
{
    if (!k) return;
    if (k->loaded) k->device->unload(k->loaded);
    cx_close(k->cx); /* k lives in its arena */
}

/* ---- texts ----------------------------------------------------------------------------------- */

static const Prog *main_prog(const kiln_kernel *k)
{
    return k->unit.tile;
}

const char *kiln_name(const kiln_kernel *k)
{
    return main_prog(k) ? main_prog(k)->name : "";
}

const char *kiln_target(const kiln_kernel *k)
{
    if (k->unit.target) return k->unit.target->name;
    return main_prog(k) ? main_prog(k)->target : NULL;
}

static const char *prog_text(kiln_kernel *k, const Prog *p)
{
    if (!p) return NULL;
    Text t = text_new(&k->cx->arena);
    print_prog(&t, p);
    return t.s;
}

static const char *files_text(kiln_kernel *k)
{
    const Code *c = &k->unit.code;
    if (c->nfile <= 1) return c->nfile ? c->file[0].text : NULL;
    Text t = text_new(&k->cx->arena);
    for (int i = 0; i < c->nfile; i++)
        text_add(&t, "%s// ---- %s ----\n%s", i ? "\n" : "", c->file[i].name, c->file[i].text);
    return t.s;
}

static void text_job(Job *j)
{
    kiln_kernel *k = j->kernel;
    switch (j->which) {
    case ST_AST: j->out = driver_text(k->cx, &k->request, TEXT_AST, 0); break;
    case ST_TILE: j->out = prog_text(k, k->unit.tile); break;
    case ST_SCHED: j->out = prog_text(k, k->unit.sched); break;
    default: j->out = files_text(k);
    }
}

const char *kiln_text(kiln_kernel *k, const char *stage)
{
    int i = stage_named(stage);
    if (i == NST || k->stage[i]) return i == NST ? NULL : k->stage[i];
    Job j = {.owner = k->owner, .kernel = k, .which = i};
    return shelter(&j, text_job) ? k->stage[i] = j.out : NULL;
}

int kiln_files(const kiln_kernel *k)
{
    return k->unit.code.nfile;
}

const char *kiln_file(const kiln_kernel *k, int i, const char **name)
{
    const Code *c = &k->unit.code;
    if (i < 0 || i >= c->nfile) return NULL;
    if (name) *name = c->file[i].name;
    return c->file[i].text;
}

static const Launch *launch_at(const kiln_kernel *k, int i)
{
    const Launch *l = main_prog(k) ? main_prog(k)->launch : NULL;
    while (l && i-- > 0) l = l->next;
    return i < 0 ? l : NULL;
}

int kiln_launches(const kiln_kernel *k)
{
    int n = 0;
    for (const Launch *l = main_prog(k) ? main_prog(k)->launch : NULL; l; l = l->next) n++;
    return n;
}

const char *kiln_launch_name(const kiln_kernel *k, int i)
{
    const Launch *l = launch_at(k, i);
    return l ? l->name : NULL;
}

static void role_job(Cx *cx, void *arg)
{
    Job *j = arg;
    j->out = j->kernel->unit.target->role_text(cx, &j->kernel->unit.code, j->which, (Role)j->step);
}

const char *kiln_role_text(kiln_kernel *k, int launch, const char *role)
{
    const Unit *u = &k->unit;
    int r = 0;
    while (r < NROLE && strcmp(role, role_name[r]) != 0) r++;
    if (r == NROLE || !u->target || !u->code.nfile || !launch_at(k, launch)) return NULL;
    Job j = {.kernel = k, .which = launch, .step = r};
    return !guarded(k->cx, role_job, &j) ? NULL : j.out ? j.out : "";
}

/* ---- parameters ------------------------------------------------------------------------------ */

int kiln_params(const kiln_kernel *k)
{
    return main_prog(k) ? main_prog(k)->nparam : 0;
}

static void param_job(Job *j)
{
    kiln_param *q = j->param;
    const Prog *p = main_prog(j->kernel);
    const Param *from = &p->param[j->which];
    const Buf *b = from->buf;
    q->name = b ? b->name : from->scalar->name;
    q->dtype = dtype_info[b ? b->type : from->scalar->type].name;
    q->scalar = q->read = !b;
    if (!b) return;
    q->ndim = b->ndim;
    for (int d = 0; d < b->ndim; d++) {
        if (!expr_const(b->dim[d], &q->dim[d])) q->dim[d] = -1;
        q->dim_text[d] = bind_text(&j->kernel->cx->arena, b->dim[d]);
    }
    BufUse u = buf_use(p, b);
    q->read = u.read;
    q->written = u.written;
}

kiln_status kiln_param_get(kiln_kernel *k, int i, kiln_param *out)
{
    if (i < 0 || i >= kiln_params(k)) return KILN_USAGE;
    kiln_param q = {.size = out->size};
    Job j = {.owner = k->owner, .kernel = k, .which = i, .param = &q};
    if (!shelter(&j, param_job)) return KILN_ENVIRONMENT;
    memcpy(out, &q, MIN(out->size, sizeof q));
    return KILN_OK;
}

int kiln_sizes(const kiln_kernel *k)
{
    return main_prog(k) ? main_prog(k)->nsize : 0;
}

const char *kiln_size_name(const kiln_kernel *k, int i)
{
    return i >= 0 && i < kiln_sizes(k) ? main_prog(k)->size[i]->open : NULL;
}

static void shape_job(Job *j)
{
    const Prog *p = main_prog(j->kernel);
    const Buf *b = p->param[j->which].buf;
    Arg *none = NEWN(&j->kernel->cx->arena, Arg, p->nparam);
    for (int d = 0; d < b->ndim; d++) j->dim[d] = bind_dim(b, d, p, none, j->at);
}

kiln_status kiln_shape(kiln_kernel *k, int i, const int64_t *sizes, int64_t *dim)
{
    if (i < 0 || i >= kiln_params(k) || !main_prog(k)->param[i].buf) return KILN_USAGE;
    Job j = {.owner = k->owner, .kernel = k, .which = i, .at = sizes, .dim = dim};
    return shelter(&j, shape_job) ? KILN_OK : KILN_ENVIRONMENT;
}

/* ---- running --------------------------------------------------------------------------------- */

static bool take_arg(const kiln_arg *from, const Param *param, Arg *to, Err *e)
{
    to->i = from->i;
    to->f = from->f;
    if (!param->buf) return true;
    if (from->ndim < 0 || from->ndim > MAXDIM)
        return err_set(e, E0701, NULL, "'%s' has %d dimensions; there may be up to %d",
                       param->buf->name, from->ndim, MAXDIM);
    to->tensor = (Tensor){.data = from->data,
                          .type = dtype_named(from->dtype ? from->dtype : ""),
                          .ndim = from->ndim};
    memcpy(to->tensor.dim, from->dim, sizeof(int64_t) * (size_t)from->ndim);
    if (to->tensor.type == DT_none)
        return err_set(e, E0701, NULL, "'%s' is given with the unknown element type '%s'",
                       param->buf->name, from->dtype ? from->dtype : "");
    return true;
}

static bool take_args(kiln_kernel *k, const Prog *p, const Job *j, Call *out, Err *e)
{
    Arena *a = &k->cx->arena;
    if (j->nargs != p->nparam)
        return err_set(e, E0701, NULL, "'%s' takes %d arguments, not %d", p->name, p->nparam, j->nargs);
    out->arg = NEWN(a, Arg, p->nparam);
    out->size = NEWN(a, int64_t, p->nsize);
    for (int i = 0; i < p->nparam; i++)
        if (!take_arg(&j->args[i], &p->param[i], &out->arg[i], e)) return false;
    return bind_sizes(p, out->arg, out->size, e);
}

typedef struct {
    kiln_kernel *k;
    const Device *device;
    Call *call;
    Err *err;
    bool ok;
} RunJob;

static void run_job(Cx *cx, void *arg)
{
    RunJob *j = arg;
    kiln_kernel *k = j->k;
    if (k->loaded && k->device != j->device) {
        k->device->unload(k->loaded);
        k->loaded = NULL;
    }
    k->device = j->device;
    if (!k->loaded) k->loaded = j->device->load(cx, j->call->prog, &k->unit.code, j->err);
    j->ok = k->loaded && j->device->call(k->loaded, j->call, j->err);
}

/* the program a device runs: its target's schedule, or, on the interpreter, the tile program */
static const Prog *prog_for(const kiln_kernel *k, const Device *d, Err *e)
{
    if (!d->target) return k->unit.tile;
    if (k->unit.sched && k->unit.code.nfile && strcmp(k->unit.target->name, d->target) == 0)
        return k->unit.sched;
    err_set(e, E0701, "compile it for that target",
            "'%s' runs what is compiled for %s; '%s' is compiled for %s", d->name, d->target,
            kiln_name(k), k->unit.sched ? k->unit.target->name : "no target");
    return NULL;
}

static bool run(const Job *job, Err *e)
{
    kiln_kernel *k = job->kernel;
    kiln_timing t = {0};
    if (job->timing) memcpy(&t, job->timing, MIN(job->timing->size, sizeof t));
    const Device *d = device_named(job->name);
    if (!d) return err_set(e, E0701, NULL, "there is no device '%s'", job->name);
    const Prog *p = prog_for(k, d, e);
    if (!p) return false;
    Call call = {.prog = p, .repeat = t.repeat, .say = t.say, .say_to = t.say_to};
    if (!take_args(k, p, job, &call, e)) return false;
    RunJob j = {.k = k, .device = d, .call = &call, .err = e};
    if (!guarded(k->cx, run_job, &j) || !j.ok) return false;
    t.seconds = call.seconds;
    t.flops = work_flops(k->cx, k->unit.tile, &call);
    if (job->timing) memcpy(job->timing, &t, MIN(job->timing->size, sizeof t));
    return true;
}

static void tell(kiln_kernel *k, const Err *e)
{
    if (e->set && !k->cx->nerror)
        message_tell_err(k->owner, k->cx, e, k->color);
    else
        message_tell(k->owner, k->cx, k->color, k->remarks);
}

static void call_job(Job *j)
{
    Err e = {0};
    if (!run(j, &e) && !e.set)
        err_set(&e, E0902, NULL, "'%s' failed on '%s' and did not say why", kiln_name(j->kernel), j->name);
    tell(j->kernel, &e);
}

kiln_status kiln_run(kiln_kernel *k, const char *device, kiln_arg *args, int nargs,
                     kiln_timing *timing)
{
    Job j = {.name = device, .args = args, .nargs = nargs, .timing = timing};
    return ask(k, call_job, &j);
}

static void blame_job(Job *j)
{
    kiln_kernel *k = j->kernel;
    const Prog *p = main_prog(k);
    Err e = {0};
    Call call = {.prog = p};
    if (j->which < 0 || j->which >= kiln_params(k) || !p->param[j->which].buf)
        err_set(&e, E0701, NULL, "there is no tensor of that number");
    else if (take_args(k, p, j, &call, &e))
        blame(k->cx, &call, j->which, j->at, j->name);
    tell(k, &e);
}

kiln_status kiln_blame(kiln_kernel *k, int param, const int64_t *index, const kiln_arg *args, int nargs,
                       const char *text)
{
    Job j = {.which = param, .at = index, .args = args, .nargs = nargs, .name = text};
    return ask(k, blame_job, &j);
}

const char *kiln_nearest(const char *word, const char *const *words, int n)
{
    return nearest(word, words, n);
}

int kiln_dtype_bits(const char *dtype)
{
    DType t = dtype_named(dtype);
    return t == DT_none ? 0 : dtype_info[t].bits;
}

double kiln_get(const char *dtype, const void *data, int64_t at)
{
    Tensor t = {.data = (void *)(uintptr_t)data, .type = dtype_named(dtype)};
    return t.type == DT_none ? 0 : tensor_get(&t, at);
}

void kiln_set(const char *dtype, void *data, int64_t at, double v)
{
    Tensor t = {.data = data, .type = dtype_named(dtype)};
    if (t.type != DT_none) tensor_set(&t, at, v);
}
