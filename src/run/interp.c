/* The interpreter: what programs mean. It runs tile programs, and schedules with real rings of real
   depth, and reports what a machine would silently get wrong: accesses out of range, uninitialised
   values that matter, races, deadlocks, slots left behind.

   The blocks of a grid run one after another, the first grid index fastest. Within a block every
   task runs until it must wait. Because a task reads only what it holds, the result does not depend
   on the order in which tasks are tried. */
#include "run/interp.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t MEMORY_LIMIT = 8ll << 30; /* bytes of values in tiles and temporaries */

/* ---- errors ---- */

const char *interp_place(const Machine *m, Span at, char *out, size_t n)
{
    out[0] = 0;
    if (m->cx && at.file) {
        int line, col;
        span_line_col(m->cx, at, &line, &col);
        snprintf(out, n, "%s:%d: ", m->cx->source[at.file]->path, line);
    }
    return out;
}

const char *interp_list(char *out, size_t size, const int64_t *v, int n)
{
    size_t k = 0;
    out[0] = 0;
    for (int i = 0; i < n && k < size; i++)
        k += (size_t)snprintf(out + k, size - k, "%s%lld", i ? ", " : "", (long long)v[i]);
    return out;
}

char *interp_element(const Mem *m, int64_t k, char *out, size_t size)
{
    int64_t idx[MAXDIM];
    char where[160];
    for (int d = 0; d < m->ndim; d++) idx[d] = k / m->stride[d] % m->dim[d];
    snprintf(out, size, "'%s' at [%s]", m->name, interp_list(where, sizeof where, idx, m->ndim));
    return out;
}

int64_t interp_arith(Task *t, int64_t bad, Span at)
{
    if (bad && bad < BAD_BUFFER && !t->m->arith[bad].file) t->m->arith[bad] = at;
    return bad;
}

/* the role, and the variables of the loops around; outermost first */
static size_t add_where(const Task *t, const Where *w, char *out, size_t size)
{
    if (!w)
        return t->body->stmt ? (size_t)snprintf(out, size, "in the %s", role_name[t->body->role])
                             : 0;
    size_t n = add_where(t, w->outer, out, size);
    if (n < size)
        n += (size_t)snprintf(out + n, size - n, "%s%s = %lld", n ? ", " : "at ", w->var->name,
                              (long long)t->reg[w->reg].v.i);
    return n;
}

void interp_fail(Task *t, Span at, ErrCode code, const char *help, const char *fmt, ...)
{
    Machine *m = t->m;
    if (m->failed) return;
    m->failed = true;
    const Ins *ins = &t->body->ins[t->pc];
    if (!at.file && ins->stmt) at = ins->stmt->span;
    char text[900], place[256], where[256] = "";
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    add_where(t, ins->where, where, sizeof where);
    err_set(m->err, code, help, "%s%s%s%s%s", interp_place(m, at, place, sizeof place), text,
            where[0] ? " (" : "", where, where[0] ? ")" : "");
}

void interp_poison(Task *t, Span at, int64_t bad, const char *fmt, ...)
{
    static const char *const what[BAD_BUFFER] = {
        [BAD_DIVISION] = "division by zero",
        [BAD_SHIFT] = "a shift by a negative amount, or by more than the width",
        [BAD_CONVERSION] = "a float converted to an integer type that cannot hold it",
    };
    const Machine *m = t->m;
    char sink[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(sink, sizeof sink, fmt, ap);
    va_end(ap);
    if (bad < BAD_BUFFER)
        interp_fail(t, m->arith[bad], E0613, NULL, "%s, and %s gets the result", what[bad], sink);
    else if (bad < m->norigin)
        interp_fail(t, at, E0612, NULL, "%s gets an uninitialised value that comes from '%s'", sink,
                    m->origin[bad]);
    else
        interp_fail(t, at, E0612, NULL, "%s gets an uninitialised value", sink);
}

/* ---- memory ---- */

void *interp_memory(Machine *m, Arena *a, int64_t n, size_t size, const char *name)
{
    int64_t bytes;
    if (n < 0 || __builtin_mul_overflow(n, (int64_t)size, &bytes) ||
        bytes > MEMORY_LIMIT - m->memory) {
        if (!m->failed)
            err_set(m->err, E0618, "run smaller sizes",
                    "'%s' needs more memory than the interpreter may use (%lld MiB for all tiles)",
                    name, (long long)(MEMORY_LIMIT >> 20));
        m->failed = true;
        return NULL;
    }
    m->memory += bytes;
    return arena_alloc(a, (size_t)bytes);
}

bool interp_shape(Machine *m, Mem *mem)
{
    mem->n = 1;
    for (int d = mem->ndim - 1; d >= 0; d--) {
        mem->stride[d] = mem->n;
        if (mem->dim[d] >= 0 && !__builtin_mul_overflow(mem->n, mem->dim[d], &mem->n)) continue;
        if (!m->failed)
            err_set(m->err, E0618, NULL, "dimension %d of '%s' is %lld", d, mem->name,
                    (long long)mem->dim[d]);
        m->failed = true;
        return false;
    }
    return true;
}

/* a number for the poison that comes from a buffer of this name */
static uint8_t origin_of(Machine *m, const char *name)
{
    for (int i = BAD_BUFFER; i < m->norigin; i++)
        if (!strcmp(m->origin[i], name)) return (uint8_t)i;
    if (m->norigin == BAD_LAST) return BAD_LAST;
    m->origin[m->norigin] = name;
    return (uint8_t)m->norigin++;
}

static void make_poison(Mem *m)
{
    memset(m->bad, m->origin, (size_t)m->n);
}

/* values and poison for a tile of known shape */
static bool open_tile(Machine *m, Mem *mem, bool watched)
{
    if (!interp_shape(m, mem)) return false;
    mem->v = interp_memory(m, &m->one, mem->n, sizeof(Val), mem->name);
    mem->bad = interp_memory(m, &m->one, mem->n, 1, mem->name);
    if (watched) mem->shadow = interp_memory(m, &m->one, mem->n, sizeof(Shadow), mem->name);
    if (m->failed) return false;
    mem->origin = origin_of(m, mem->name);
    make_poison(mem);
    return true;
}

/* Tensors are used where they lie. Those the call is to fill, and temporaries, begin as poison. */
static bool open_tensors(Machine *m)
{
    const Prog *p = m->prog;
    Call *c = m->call;
    m->tensor = NEWN(&m->all, Mem, p->nparam);
    m->temp = NEWN(&m->all, Mem, p->ntemp);
    for (int i = 0; i < p->nparam; i++) {
        const Buf *b = p->param[i].buf;
        if (!b) continue;
        Mem *mem = &m->tensor[i];
        const Tensor *t = &c->arg[i].tensor;
        *mem = (Mem){
            .name = b->name, .type = b->type, .space = b->space, .ndim = b->ndim, .raw = t->data};
        memcpy(mem->dim, t->dim, sizeof mem->dim);
        if (!interp_shape(m, mem)) return false;
        if (!p->param[i].output) continue;
        mem->bad = interp_memory(m, &m->all, mem->n, 1, b->name);
        if (m->failed) return false;
        mem->origin = origin_of(m, b->name);
        make_poison(mem);
    }
    for (int i = 0; i < p->ntemp; i++) {
        const Buf *b = p->temp[i];
        Mem *mem = &m->temp[i];
        *mem = (Mem){.name = b->name, .type = b->type, .space = b->space, .ndim = b->ndim};
        for (int d = 0; d < b->ndim; d++) mem->dim[d] = bind_dim(b, d, p, c->arg, c->size);
        if (!interp_shape(m, mem)) return false;
        mem->raw = interp_memory(m, &m->all, mem->n, (size_t)dtype_bytes(b->type), b->name);
        mem->bad = interp_memory(m, &m->all, mem->n, 1, b->name);
        if (m->failed) return false;
        mem->origin = origin_of(m, b->name);
        make_poison(mem);
    }
    return true;
}

/* ---- a launch: tasks, rings ---- */

static const int64_t never = 0;             /* the tail of what is no slot: held for ever */
static const int64_t WATCH_LIMIT = 1 << 26; /* races on larger tensors are not looked for */

static Mem *tensor_of(Machine *m, const Buf *b)
{
    for (int i = 0; i < m->prog->nparam; i++)
        if (m->prog->param[i].buf == b) return &m->tensor[i];
    for (int i = 0; i < m->prog->ntemp; i++)
        if (m->prog->temp[i] == b) return &m->temp[i];
    return NULL;
}

static bool bind_buffers(Machine *m, Task *t, int body)
{
    const Program *p = m->code;
    for (int i = 0; i < p->nbuf; i++) {
        const Use *use = &p->use[i];
        const Buf *b = use->buf;
        Mem *mem = tensor_of(m, b);
        if (mem && !mem->shadow && use->watched && mem->n <= WATCH_LIMIT)
            mem->shadow = interp_memory(m, &m->one, mem->n, sizeof(Shadow), b->name);
        if (!mem && use->home == body) {
            mem = NEW(&m->one, Mem);
            *mem = (Mem){.name = b->name, .type = b->type, .space = b->space, .ndim = b->ndim};
            for (int d = 0; d < b->ndim; d++)
                mem->dim[d] = bind_dim(b, d, m->prog, m->call->arg, m->call->size);
            open_tile(m, mem, use->watched);
        }
        if (m->failed) return false;
        if (mem) t->bound[i] = (Bound){.mem = mem, .tail = &never};
    }
    return true;
}

/* Blocks of a grid run at the same time on a machine: what one writes no other may touch. */
static bool watch_blocks(Machine *m)
{
    const Program *p = m->code;
    for (int i = 0; i < p->nbuf; i++) {
        const Use *use = &p->use[i];
        Mem *mem = tensor_of(m, use->buf);
        if (!mem || !use->written || mem->n > WATCH_LIMIT) continue;
        mem->writer = interp_memory(m, &m->one, mem->n, sizeof *mem->writer, mem->name);
        if (use->read)
            mem->reader = interp_memory(m, &m->one, mem->n, sizeof *mem->reader, mem->name);
    }
    return !m->failed;
}

static bool open_task(Machine *m, Task *t, int body, int group)
{
    const Program *p = m->code;
    *t = (Task){.m = m, .body = &p->body[body], .number = (int)(t - m->task), .group = group};
    t->reg = NEWN(&m->one, Res, p->nreg);
    t->bound = NEWN(&m->one, Bound, p->nbuf);
    t->loop = NEWN(&m->one, LoopState, p->nloop);
    for (int i = 0; i < p->nreg; i++) t->reg[i].bad = BAD_LAST;
    return bind_buffers(m, t, body);
}

/* the first registers hold sizes, then scalars; interp_compile counts them in this order */
static void set_arguments(Machine *m, Task *t)
{
    const Prog *p = m->prog;
    int reg = 0;
    for (int i = 0; i < p->nsize; i++) t->reg[reg++] = (Res){.v.i = m->call->size[i]};
    for (int i = 0; i < p->nparam; i++) {
        const Var *v = p->param[i].scalar;
        if (!v) continue;
        Res r = {.bad = CLEAN};
        if (dtype_is_float(v->type))
            r.v.f = dtype_round(v->type, m->call->arg[i].f);
        else
            r.v.i = dtype_wrap(v->type, m->call->arg[i].i);
        t->reg[reg++] = r;
    }
}

static bool open_tasks(Machine *m)
{
    const Program *p = m->code;
    m->ntask = 1;
    for (int i = 1; i < p->nbody; i++) m->ntask += p->body[i].groups;
    m->task = NEWN(&m->one, Task, m->ntask);
    if (!open_task(m, &m->task[0], 0, 0)) return false;
    set_arguments(m, &m->task[0]);
    int n = 1;
    for (int i = 1; i < p->nbody; i++)
        for (int g = 0; g < p->body[i].groups; g++)
            if (!open_task(m, &m->task[n++], i, g)) return false;
    return true;
}

/* does a buffer that names tile k of this pipe need watching? */
static bool slot_watched(const Program *p, const Pipe *pipe, int k)
{
    for (int i = 0; i < p->nbuf; i++)
        if (p->use[i].watched && p->use[i].buf->pipe == pipe && p->use[i].buf->tile == k)
            return true;
    return false;
}

static bool open_ring(Machine *m, Ring *r, int number, int which)
{
    const Pipe *pipe = m->code->launch->pipe[number];
    *r = (Ring){.pipe = pipe, .which = which};
    r->slot = NEWN(&m->one, Mem, (size_t)pipe->depth * (size_t)pipe->ntile);
    r->gen = NEWN(&m->one, int64_t, pipe->depth);
    r->from = NEWN(&m->one, Part, m->ntask);
    r->to = NEWN(&m->one, Part, m->ntask);
    for (int i = 0; i < pipe->depth * pipe->ntile; i++) {
        int k = i % pipe->ntile;
        Mem *mem = &r->slot[i];
        *mem = (Mem){.name = pipe->name,
                     .type = pipe->tile[k].type,
                     .space = SP_SLOT,
                     .ndim = pipe->tile[k].ndim};
        memcpy(mem->dim, pipe->tile[k].dim, sizeof mem->dim);
        if (!open_tile(m, mem, slot_watched(m->code, pipe, k))) return false;
    }
    for (int i = 1; i < m->ntask; i++) {
        const Task *t = &m->task[i];
        bool mine = !pipe->each || t->body->role != R_COMPUTE || t->group == which;
        r->from[i].in = mine && t->body->gives[number];
        r->to[i].in = mine && t->body->takes[number];
    }
    return true;
}

static int groups_of(const Program *p)
{
    for (int i = 1; i < p->nbody; i++)
        if (p->body[i].role == R_COMPUTE) return p->body[i].groups;
    return 1;
}

static bool open_rings(Machine *m)
{
    const Launch *l = m->code->launch;
    m->first_ring = NEWN(&m->one, int, l->npipe + 1);
    for (int i = 0; i < l->npipe; i++)
        m->first_ring[i + 1] = m->first_ring[i] + (l->pipe[i]->each ? groups_of(m->code) : 1);
    m->nring = m->first_ring[l->npipe];
    m->ring = NEWN(&m->one, Ring, m->nring);
    for (int i = 0; i < l->npipe; i++)
        for (int k = m->first_ring[i]; k < m->first_ring[i + 1]; k++)
            if (!open_ring(m, &m->ring[k], i, k - m->first_ring[i])) return false;
    m->turn = NEWN(&m->one, int, l->norder);
    return true;
}

static bool open_scratch(Machine *m)
{
    int64_t n = m->code->scratch;
    for (int i = 0; i < COUNT(m->scratch); i++) {
        m->scratch[i] = interp_memory(m, &m->one, n, sizeof(Val), "T.copy");
        m->scratch_bad[i] = interp_memory(m, &m->one, n, 1, "T.copy");
    }
    m->acc = interp_memory(m, &m->one, n, sizeof(double), "T.gemm");
    return !m->failed;
}

/* ---- running ---- */

static bool bound_of(Task *t, const X *x, int64_t *out)
{
    return interp_index(t, x, out, "the bound of a loop");
}

static void enter_loop(Task *t, const Ins *ins)
{
    LoopState *l = &t->loop[ins->loop];
    if (!bound_of(t, ins->value, &l->at[0]) || !bound_of(t, ins->idx[0], &l->hi[0])) return;
    bool some = ins->step > 0 ? l->at[0] < l->hi[0] : l->at[0] > l->hi[0];
    t->reg[ins->reg[0]] = (Res){.v.i = l->at[0]};
    t->pc = some ? t->pc + 1 : ins->to;
}

static void next_loop(Task *t, const Ins *ins)
{
    LoopState *l = &t->loop[ins->loop];
    bool ends = __builtin_add_overflow(l->at[0], ins->step, &l->at[0]);
    bool some = !ends && (ins->step > 0 ? l->at[0] < l->hi[0] : l->at[0] > l->hi[0]);
    if (some) t->reg[ins->reg[0]] = (Res){.v.i = l->at[0]};
    t->pc = some ? ins->to : t->pc + 1;
}

/* A nest of parallel loops runs in order; no correct program can tell. */
static void enter_nest(Task *t, const Ins *ins)
{
    LoopState *l = &t->loop[ins->loop];
    bool some = true;
    for (int i = 0; i < ins->narg; i++) {
        if (!bound_of(t, ins->idx[i], &l->hi[i])) return;
        some &= l->hi[i] > 0;
        l->at[i] = 0;
        t->reg[ins->reg[i]] = (Res){.v.i = 0};
    }
    if (ins->watch && some) {
        t->nest = ++t->m->nest;
        t->iter = 0;
    }
    t->pc = some ? t->pc + 1 : ins->to;
}

static void next_nest(Task *t, const Ins *ins)
{
    LoopState *l = &t->loop[ins->loop];
    t->iter += ins->watch;
    for (int i = ins->narg - 1; i >= 0; i--) {
        bool more = ++l->at[i] < l->hi[i];
        if (!more) l->at[i] = 0;
        t->reg[ins->reg[i]].v.i = l->at[i];
        if (more) {
            t->pc = ins->to;
            return;
        }
    }
    if (ins->watch) {
        interp_nest_end(t, ins);
        t->nest = 0;
    }
    t->pc++;
}

static void branch(Task *t, const Ins *ins)
{
    Res r = interp_eval(t, ins->value);
    if (r.bad) interp_poison(t, ins->value->span, r.bad, "the condition of a branch");
    t->pc = r.v.i ? t->pc + 1 : ins->to;
}

/* runs until it must wait, ends or fails; true when it got anywhere */
static bool run_task(Task *t)
{
    Machine *m = t->m;
    for (bool moved = false; !m->failed; moved = true) {
        const Ins *ins = &t->body->ins[t->pc];
        switch (ins->kind) {
        case I_LET: t->reg[ins->reg[0]] = interp_eval(t, ins->value); break;
        case I_STORE: interp_store(t, ins); break;
        case I_LOOP: enter_loop(t, ins); continue;
        case I_NEXT: next_loop(t, ins); continue;
        case I_PAR: enter_nest(t, ins); continue;
        case I_PAR_NEXT: next_nest(t, ins); continue;
        case I_IF: branch(t, ins); continue;
        case I_JUMP: t->pc = ins->to; continue;
        case I_TILE: interp_tile(t, ins); break;
        case I_ALLOC: make_poison(t->bound[ins->buf].mem); break;
        case I_VERB:
            if (!interp_verb(t, ins)) return moved;
            break;
        case I_TURN:
            if (!interp_turn(t, ins)) return moved;
            break;
        case I_AWAIT: interp_land(t, ins->stmt->pending); break;
        case I_END: t->done = true; return true;
        }
        t->pc++;
    }
    return true;
}

static void reset_block(Machine *m)
{
    for (int i = 0; i < m->ntask; i++) {
        m->task[i].pc = 0;
        m->task[i].done = false;
    }
    for (int i = 0; i < m->nring; i++) {
        Ring *r = &m->ring[i];
        for (int k = 0; k < r->pipe->depth; k++) r->gen[k] = -1;
        for (int k = 0; k < m->ntask; k++) {
            r->from[k] = (Part){.in = r->from[k].in};
            r->to[k] = (Part){.in = r->to[k].in};
        }
    }
    for (int i = 0; i < m->code->launch->norder; i++) m->turn[i] = 0;
}

/* a role sees what stands before it, and its group */
static void inherit(Machine *m, Task *t)
{
    const Program *p = m->code;
    memcpy(t->reg, m->task[0].reg, sizeof *t->reg * (size_t)p->nreg);
    if (t->body->group_reg >= 0) t->reg[t->body->group_reg] = (Res){.v.i = t->group};
    for (int i = 0; i < p->nbuf; i++)
        if (p->use[i].home == 0) t->bound[i] = m->task[0].bound[i];
}

static void run_block(Machine *m)
{
    const Program *p = m->code;
    reset_block(m);
    m->block_number++;
    for (int d = 0; d < p->launch->ngrid; d++)
        m->task[0].reg[p->block_reg[d]] = (Res){.v.i = m->block[d]};
    run_task(&m->task[0]);
    for (int i = 1; i < m->ntask; i++) inherit(m, &m->task[i]);
    for (bool all = false; !all && !m->failed;) {
        bool moved = false;
        all = true;
        for (int i = 0; i < m->ntask && !m->failed; i++) {
            if (m->task[i].done) continue;
            moved |= run_task(&m->task[i]);
            all &= m->task[i].done;
        }
        if (!all && !moved && !m->failed) interp_deadlock(m);
    }
    if (!m->failed) interp_block_end(m);
}

static void run_grid(Machine *m)
{
    const Launch *l = m->code->launch;
    int64_t grid[MAXGRID] = {0};
    for (int i = 0; i < l->ngrid; i++) {
        if (bind_eval(l->grid[i], m->prog, m->call->arg, m->call->size, &grid[i])) continue;
        m->failed = true;
        err_set(m->err, E0902, NULL, "grid dimension %d of '%s' is no expression of sizes", i,
                l->name);
        return;
    }
    for (int i = 0; i < l->ngrid; i++)
        if (grid[i] <= 0) return;
    memset(m->block, 0, sizeof m->block);
    m->block_number = 0;
    if (!watch_blocks(m)) return;
    int d;
    do {
        run_block(m);
        for (d = 0; d < l->ngrid && ++m->block[d] == grid[d]; d++) m->block[d] = 0;
    } while (d < l->ngrid && !m->failed);
}

/* what was noted in memory of the launch */
static void forget(Mem *mem)
{
    mem->shadow = NULL;
    mem->writer = mem->reader = NULL;
}

static void run_launch(Machine *m, const Launch *l)
{
    int64_t before = m->memory;
    m->code = interp_compile(m, l);
    if (m->code && open_tasks(m) && open_rings(m) && open_scratch(m)) run_grid(m);
    for (int i = 0; i < m->prog->nparam; i++) forget(&m->tensor[i]);
    for (int i = 0; i < m->prog->ntemp; i++) forget(&m->temp[i]);
    m->memory = before;
    arena_free(&m->one);
}

static bool run_once(const Cx *cx, const Prog *p, Call *c, Err *e)
{
    Machine *m = calloc(1, sizeof *m);
    if (!m) return err_set(e, E0618, NULL, "out of memory");
    *m = (Machine){.cx = cx, .prog = p, .call = c, .err = e, .norigin = BAD_BUFFER};
    if (open_tensors(m))
        for (const Launch *l = p->launch; l && !m->failed; l = l->next) run_launch(m, l);
    bool ok = !m->failed;
    arena_free(&m->one);
    arena_free(&m->all);
    free(m);
    return ok;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

bool interp_run(const Cx *cx, const Prog *p, Call *c, Err *e)
{
    int n = MAX(c->repeat, 0);
    double start = sys_now(), *time = calloc((size_t)n + 1, sizeof *time);
    bool ok = time && run_once(cx, p, c, e);
    c->seconds = sys_now() - start;
    for (int i = 0; i < n && ok; i++) {
        start = sys_now();
        ok = run_once(cx, p, c, e);
        time[i] = sys_now() - start;
    }
    if (ok && n) {
        qsort(time, (size_t)n, sizeof *time, by_value);
        c->seconds = time[n / 2];
    }
    free(time);
    return ok;
}

/* ---- the device ---- */

typedef struct {
    const Cx *cx;
    const Prog *prog;
} Loaded;

static void *load(Cx *cx, const Prog *p, const Code *code, Err *e)
{
    (void)code;
    Loaded *l = malloc(sizeof *l);
    if (!l) {
        err_set(e, E0618, NULL, "out of memory");
        return NULL;
    }
    *l = (Loaded){cx, p};
    return l;
}

static bool call(void *loaded, Call *c, Err *e)
{
    const Loaded *l = loaded;
    return interp_run(l->cx, l->prog, c, e);
}

const Device device_interp = {
    .name = "interp",
    .help = "runs the tile program step by step and checks every access; slow, and the judge of "
            "all others",
    .load = load,
    .call = call,
    .unload = free,
};
