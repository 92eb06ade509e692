/* The interpreter: what programs mean. It runs tile programs, and schedules with real rings of real
   depth, and reports what a machine would silently get wrong: accesses out of range, uninitialised
   values that matter, races, deadlocks, slots left behind.

   The blocks of a grid run one after another, the first grid index fastest; one that waits for
   others stays and has its turn again. Within a block every task runs until it must wait. Because a
   task reads only what it holds, the result does not depend on the order in which tasks are tried. */
#include "run/interp/interp.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    const Res *r = w->varies ? &t->b->lane[w->reg * t->m->code->nthread + t->lead] : &t->reg[w->reg];
    if (n < size)
        n += (size_t)snprintf(out + n, size - n, "%s%s = %lld", n ? ", " : "at ", w->var->name,
                              (long long)r->v.i);
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
    m->err->at = at;
}

void interp_poison(Task *t, Span at, int64_t bad, const char *fmt, ...)
{
    static const char *const what[BAD_BUFFER] = {
        [BAD_DIVISION] = "division by zero",
        [BAD_SHIFT] = "a shift by a negative amount, or by more than the width",
        [BAD_CONVERSION] = "a float converted to an integer type that cannot hold it",
        [BAD_LANE] = "a shuffle from a lane that is not there",
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

/* ---- tensors ---- */

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
        *mem = (Mem){.name = b->name, .type = b->type, .space = b->space, .ndim = b->ndim};
        memcpy(mem->dim, t->dim, sizeof mem->dim);
        bool poison = p->param[i].output && !c->arg[i].i;
        if (!interp_open_tensor(m, mem, b, t->data, poison)) return false;
    }
    for (int i = 0; i < p->ntemp; i++) {
        const Buf *b = p->temp[i];
        Mem *mem = &m->temp[i];
        *mem = (Mem){.name = b->name, .type = b->type, .space = b->space, .ndim = b->ndim};
        for (int d = 0; d < b->ndim; d++) mem->dim[d] = bind_dim(b, d, p, c->arg, c->size);
        if (!interp_open_tensor(m, mem, b, NULL, true)) return false;
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

/* what a block has for itself; views get their memory where they come into being */
static Mem *own_tile(Machine *m, const Use *use)
{
    const Buf *b = use->buf;
    Mem *mem = NEW(&m->one, Mem);
    *mem = (Mem){.name = b->name, .type = b->type, .space = b->space, .ndim = b->ndim};
    for (int d = 0; d < b->ndim; d++)
        mem->dim[d] = bind_dim(b, d, m->prog, m->call->arg, m->call->size);
    if (b->of || b->pointer) return mem;
    interp_open_tile(m, mem, use, m->code->stamps && b->space == SP_SHARED);
    for (int64_t k = 0; mem->bar && k < mem->n; k++) mem->bar[k].expected = b->arrive[k];
    return mem;
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
        if (!mem && use->home == body) mem = own_tile(m, use);
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
        Mem *mem = tensor_of(m, p->use[i].buf);
        if (mem && p->use[i].written && mem->n <= WATCH_LIMIT)
            mem->stamp = interp_memory(m, &m->one, mem->n, sizeof(Stamp), mem->name);
    }
    return !m->failed;
}

static bool open_task(Machine *m, Block *b, int number, int body, int group)
{
    const Program *p = m->code;
    Task *t = &b->task[number];
    *t = (Task){.m = m, .b = b, .body = &p->body[body], .number = number, .group = group, .n = 1};
    t->lane = NEW(&m->one, uint16_t);
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

static bool open_tasks(Machine *m, Block *b)
{
    const Program *p = m->code;
    b->ntask = 1;
    for (int i = 1; i < p->nbody; i++) b->ntask += p->body[i].groups;
    b->task = NEWN(&m->one, Task, b->ntask);
    if (!open_task(m, b, 0, 0, 0)) return false;
    set_arguments(m, &b->task[0]);
    int n = 1;
    for (int i = 1; i < p->nbody; i++)
        for (int g = 0; g < p->body[i].groups; g++)
            if (!open_task(m, b, n++, i, g)) return false;
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

static bool open_ring(Machine *m, Block *b, Ring *r, int number, int which)
{
    const Pipe *pipe = m->code->launch->pipe[number];
    *r = (Ring){.pipe = pipe, .which = which};
    r->slot = NEWN(&m->one, Mem, (size_t)pipe->depth * (size_t)pipe->ntile);
    r->gen = NEWN(&m->one, int64_t, pipe->depth);
    r->from = NEWN(&m->one, Part, b->ntask);
    r->to = NEWN(&m->one, Part, b->ntask);
    for (int i = 0; i < pipe->depth * pipe->ntile; i++) {
        int k = i % pipe->ntile;
        Mem *mem = &r->slot[i];
        *mem = (Mem){.name = pipe->name,
                     .type = pipe->tile[k].type,
                     .space = SP_SLOT,
                     .ndim = pipe->tile[k].ndim};
        memcpy(mem->dim, pipe->tile[k].dim, sizeof mem->dim);
        Use use = {.watched = slot_watched(m->code, pipe, k)};
        if (!interp_open_tile(m, mem, &use, false)) return false;
    }
    for (int i = 1; i < b->ntask; i++) {
        const Task *t = &b->task[i];
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

static bool open_rings(Machine *m, Block *b)
{
    const Launch *l = m->code->launch;
    m->first_ring = NEWN(&m->one, int, l->npipe + 1);
    for (int i = 0; i < l->npipe; i++)
        m->first_ring[i + 1] = m->first_ring[i] + (l->pipe[i]->each ? groups_of(m->code) : 1);
    b->nring = m->first_ring[l->npipe];
    b->ring = NEWN(&m->one, Ring, b->nring);
    for (int i = 0; i < l->npipe; i++)
        for (int k = m->first_ring[i]; k < m->first_ring[i + 1]; k++)
            if (!open_ring(m, b, &b->ring[k], i, k - m->first_ring[i])) return false;
    b->turn = NEWN(&m->one, int, l->norder);
    return true;
}

/* memory for one more block that runs at the same time as others, or what an ended one left */
static Block *open_block(Machine *m)
{
    Block *b = m->spare;
    if (b) {
        m->spare = NULL;
        return b;
    }
    b = NEW(&m->one, Block);
    return open_tasks(m, b) && open_rings(m, b) && interp_open_threads(m, b) ? b : NULL;
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

/* ---- views ---- */

/* a tensor behind a pointer must lie in one that was passed to the call */
static bool follow_pointer(Task *t, const Ins *ins, Mem *mem)
{
    Machine *m = t->m;
    int64_t at;
    if (!interp_index(t, ins->value, &at, "a pointer")) return false;
    *mem = (Mem){.name = mem->name, .type = mem->type, .space = mem->space, .ndim = mem->ndim};
    const Buf *b = m->code->use[ins->buf].buf;
    for (int d = 0; d < b->ndim; d++) {
        Res r = {.bad = CLEAN};
        if (!bind_eval(b->dim[d], m->prog, m->call->arg, m->call->size, &r.v.i)) r.v.i = -1;
        mem->dim[d] = r.v.i;
    }
    if (!interp_open_tensor(m, mem, b, (void *)(intptr_t)at, false)) return false;
    char *from = mem->raw, *to = from + (mem->n * dtype_info[mem->type].bits + 7) / 8;
    for (int i = 0; i < m->prog->nparam; i++) {
        const Mem *p = &m->tensor[i];
        char *start = p->raw, *end = start + (p->n * dtype_info[MAX(p->type, 1)].bits + 7) / 8;
        if (start && from >= start && to <= end) return true;
    }
    interp_fail(t, ins->stmt->span, E0626, NULL,
                "'%s' at address %#llx lies in no tensor of this call", mem->name,
                (unsigned long long)at);
    return false;
}

/* a buffer comes into being; what it held before is poison, a variable of its own is 0 */
static void alloc(Task *t, const Ins *ins)
{
    Mem *mem = t->bound[ins->buf].mem;
    if (ins->value) {
        follow_pointer(t, ins, mem);
    } else if (ins->pipe >= 0) {
        Bound *of = interp_bound(t, ins->pipe, ins->stmt->span);
        if (of) interp_view(t->m, mem, of->mem);
    } else if (!mem->per) {
        interp_forget(mem);
    } else {
        for (int k = 0; k < t->n; k++) interp_forget_copy(mem, t->lane[k]);
    }
}

/* ---- one instruction ---- */

bool interp_step(Task *t, const Ins *ins)
{
    switch (ins->kind) {
    case I_LET: t->reg[ins->reg[0]] = interp_eval(t, ins->value); break;
    case I_STORE: interp_store(t, ins); break;
    case I_LOOP: enter_loop(t, ins); return true;
    case I_NEXT: next_loop(t, ins); return true;
    case I_PAR: enter_nest(t, ins); return true;
    case I_PAR_NEXT: next_nest(t, ins); return true;
    case I_IF:
    case I_WHILE: branch(t, ins); return true;
    case I_BACK:
        if (++t->spins >= MAXTURNS)
            interp_fail(t, (Span){0}, E0627, NULL, "a while loop has not ended after %lld turns",
                        (long long)t->spins);
        t->pc = ins->to;
        return true;
    case I_JUMP:
    case I_LEAVE: t->pc = ins->to; return true;
    case I_RETURN: t->pc = t->body->nins - 1; return true;
    case I_TILE: interp_tile(t, ins); break;
    case I_ALLOC: alloc(t, ins); break;
    case I_CALL:
        if (!interp_call_stmt(t, ins)) return false;
        break;
    case I_VERB:
        if (!interp_verb(t, ins)) return false;
        break;
    case I_TURN:
        if (!interp_turn(t, ins)) return false;
        break;
    case I_AWAIT: interp_land(t, ins->stmt->pending); break;
    case I_ENTER: break;
    case I_END: t->done = true; return true;
    }
    t->pc++;
    return true;
}

/* runs until it must wait, ends or fails; true when it got anywhere */
static bool run_task(Task *t)
{
    Machine *m = t->m;
    uint64_t changes = m->changes;
    t->step = m->clock;
    for (bool moved = false; !m->failed && !t->done; moved = true) {
        const Ins *ins = &t->body->ins[t->pc];
        if (!interp_step(t, ins)) return moved;
        if (ins->kind == I_BACK && t->spins % TURNS == 0) return m->changes != changes;
    }
    return true;
}

/* ---- blocks ---- */

static void reset_block(Block *b)
{
    b->done = false;
    b->ordered = 0;
    for (int i = 0; i < b->ntask; i++) {
        Task *t = &b->task[i];
        t->pc = 0;
        t->done = t->waits = false;
        t->synced = t->joined = t->ordered = 0;
        t->spins = 0;
    }
    for (int i = 0; i < b->nring; i++) {
        Ring *r = &b->ring[i];
        for (int k = 0; k < r->pipe->depth; k++) r->gen[k] = -1;
        for (int k = 0; k < b->ntask; k++) {
            r->from[k] = (Part){.in = r->from[k].in};
            r->to[k] = (Part){.in = r->to[k].in};
        }
    }
}

/* a role sees what stands before it, and its group */
static void inherit(Machine *m, Block *b, Task *t)
{
    const Program *p = m->code;
    memcpy(t->reg, b->task[0].reg, sizeof *t->reg * (size_t)p->nreg);
    if (t->body->group_reg >= 0) t->reg[t->body->group_reg] = (Res){.v.i = t->group};
    for (int i = 0; i < p->nbuf; i++)
        if (p->use[i].home == 0) t->bound[i] = b->task[0].bound[i];
}

static Block *start_block(Machine *m, const int64_t *at, uint32_t number)
{
    Block *b = open_block(m);
    if (!b) return NULL;
    reset_block(b);
    b->number = number;
    memcpy(b->at, at, sizeof b->at);
    for (int d = 0; d < m->code->launch->ngrid; d++)
        b->task[0].reg[m->code->block_reg[d]] = (Res){.v.i = at[d]};
    for (int i = 0; i < m->code->launch->norder; i++) b->turn[i] = 0;
    interp_start_threads(m, b);
    if (m->code->nbody > 1) {
        run_task(&b->task[0]);
        for (int i = 1; i < b->ntask; i++) inherit(m, b, &b->task[i]);
    }
    Block **end = &m->first;
    while (*end) end = &(*end)->next;
    b->next = NULL;
    *end = b;
    m->nblock++;
    return b;
}

/* every task of a block has its turn; true: some got anywhere */
static bool run_tasks(Machine *m, Block *b)
{
    bool moved = false;
    b->done = true;
    if (m->code->threads) {
        Task *now[1 + THREAD_MASK];
        int n = 0;
        for (Task *t = b->group; t; t = t->next) now[n++] = t;
        for (int i = n - 1; i >= 0 && !m->failed; i--)
            if (!now[i]->done) moved |= interp_run_group(now[i]);
        b->done = !b->group;
        return moved;
    }
    for (int i = 0; i < b->ntask && !m->failed; i++) {
        if (b->task[i].done) continue;
        moved |= run_task(&b->task[i]);
        b->done &= b->task[i].done;
    }
    return moved;
}

static bool run_resident(Machine *m)
{
    bool moved = false;
    for (Block **at = &m->first; *at && !m->failed;) {
        Block *b = *at;
        while (run_tasks(m, b) && !b->done && !m->failed) moved = true;
        if (b->done && !m->failed) {
            interp_block_end(m, b);
            *at = b->next;
            m->spare = b;
            m->nblock--;
            moved = true;
        } else {
            at = &b->next;
        }
    }
    return moved;
}

/* Blocks begin in order; one begins when those before it have ended or can do nothing but wait. */
static void run_blocks(Machine *m, const int64_t *grid)
{
    const Launch *l = m->code->launch;
    int64_t at[MAXGRID] = {0};
    for (int64_t k = 0; k < m->blocks && !m->failed; k++) {
        start_block(m, at, (uint32_t)k + 1);
        while (!m->failed && (run_resident(m) || interp_release(m)) && m->first) {}
        if (m->first && !m->failed && !m->code->waits) interp_stuck(m);
        for (int d = 0; d < l->ngrid && ++at[d] == grid[d]; d++) at[d] = 0;
    }
    while (m->first && !m->failed)
        if (!run_resident(m) && !interp_release(m)) interp_stuck(m);
}

static void run_grid(Machine *m)
{
    const Launch *l = m->code->launch;
    int64_t grid[MAXGRID] = {0};
    m->blocks = 1;
    for (int i = 0; i < l->ngrid; i++) {
        if (!bind_eval(l->grid[i], m->prog, m->call->arg, m->call->size, &grid[i])) {
            m->failed = true;
            err_set(m->err, E0902, NULL, "grid dimension %d of '%s' is no expression of sizes", i,
                    l->name);
            return;
        }
        m->blocks *= MAX(grid[i], 0);
    }
    if (m->blocks && watch_blocks(m)) run_blocks(m, grid);
}

/* what was noted in memory of the launch */
static void forget(Mem *mem)
{
    mem->shadow = NULL;
    mem->stamp = NULL;
}

static void run_launch(Machine *m, const Launch *l)
{
    int64_t before = m->memory;
    m->code = interp_compile(m, l);
    m->first = m->spare = NULL;
    m->nblock = 0;
    m->stack = m->stack_first = NULL;
    m->grid = (Meet){0};
    if (m->code && open_scratch(m)) run_grid(m);
    for (int i = 0; i < m->prog->nparam; i++) forget(&m->tensor[i]);
    for (int i = 0; i < m->prog->ntemp; i++) forget(&m->temp[i]);
    m->memory = before;
    arena_free(&m->one);
}

static void run_all(Cx *own, void *machine)
{
    Machine *m = machine;
    (void)own;
    if (open_tensors(m))
        for (const Launch *l = m->prog->launch; l && !m->failed; l = l->next) run_launch(m, l);
}

/* a context of its own: when memory is used up, this call ends and nothing else */
static bool run_once(const Cx *cx, const Prog *p, Call *c, Err *e)
{
    Cx *own = cx_open();
    Machine *m = own ? calloc(1, sizeof *m) : NULL;
    if (!m) {
        if (own) cx_close(own);
        return err_set(e, E0904, NULL, "out of memory");
    }
    *m = (Machine){.cx = cx, .prog = p, .call = c, .err = e, .norigin = BAD_BUFFER};
    m->all.cx = m->one.cx = own;
    if (!guarded(own, run_all, m)) m->failed = true;
    bool ok = !m->failed;
    if (!ok && !e->set) err_set(e, E0904, NULL, "out of memory");
    arena_free(&m->one);
    arena_free(&m->all);
    free(m);
    cx_close(own);
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
