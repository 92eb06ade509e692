/* What a block of the grid has while it runs: memory for its tiles, the rings of its pipes, its
   tasks. An ended block leaves all of it to the next one. */
#include "run/interp/interp.h"
#include <string.h>

static const int64_t never = 0;             /* the tail of what is no slot: held for ever */
static const int64_t WATCH_LIMIT = 1 << 26; /* races on larger tensors are not looked for */

/* ---- tensors ---- */

static Mem describe(const Machine *m, const Buf *b)
{
    Mem mem = {.name = b->name, .type = b->type, .space = b->space, .ndim = b->ndim};
    for (int d = 0; d < b->ndim; d++)
        mem.dim[d] = bind_dim(b, d, m->prog, m->call->arg, m->call->size);
    return mem;
}

/* Tensors are used where they lie. Those the call is to fill, and temporaries, begin as poison. */
bool interp_open_tensors(Machine *m)
{
    const Prog *p = m->prog;
    m->ntensor = p->nparam + p->ntemp;
    m->tensor = NEWN(&m->all, Mem, m->ntensor);
    for (int i = 0; i < m->ntensor; i++) {
        bool temp = i >= p->nparam;
        const Buf *b = temp ? p->temp[i - p->nparam] : p->param[i].buf;
        const Arg *arg = temp ? NULL : &m->call->arg[i];
        bool poison = temp || (p->param[i].output && !arg->i);
        if (!b) continue;
        m->tensor[i] = describe(m, b);
        if (!interp_open_tensor(m, &m->tensor[i], b, temp ? NULL : arg->tensor.data, poison))
            return false;
    }
    return true;
}

static Mem *tensor_of(Machine *m, const Buf *b)
{
    for (int i = 0; i < m->ntensor; i++)
        if ((i < m->prog->nparam ? m->prog->param[i].buf : m->prog->temp[i - m->prog->nparam]) == b)
            return &m->tensor[i];
    return NULL;
}

/* Blocks of a grid run at the same time on a machine: what one writes no other may touch. Iterations
 * of a nest do, too. */
bool interp_watch_tensors(Machine *m)
{
    const Program *p = m->code;
    for (int i = 0; i < p->nbuf; i++) {
        Mem *mem = tensor_of(m, p->use[i].buf);
        if (!mem || mem->n > WATCH_LIMIT) continue;
        if (p->use[i].written)
            mem->stamp = interp_memory(m, &m->one, mem->n, sizeof(Stamp), mem->name);
        if (p->use[i].watched)
            mem->shadow = interp_memory(m, &m->one, mem->n, sizeof(Shadow), mem->name);
    }
    return !m->failed;
}

/* ---- tiles ---- */

/* a tensor behind a pointer must lie in one that was passed to the call */
static void follow_pointer(Task *t, const Ins *ins, Mem *mem)
{
    Machine *m = t->m;
    int64_t at;
    if (!interp_index(t, ins->value, &at, "a pointer")) return;
    const Buf *b = m->code->use[ins->buf].buf;
    *mem = describe(m, b);
    if (!interp_open_tensor(m, mem, b, (void *)(intptr_t)at, false)) return;
    char *from = mem->raw, *to = from + (mem->n * mem->stamp_bits + 7) / 8;
    for (int i = 0; i < m->prog->nparam; i++) {
        const Mem *p = &m->tensor[i];
        char *start = p->raw, *end = start + (p->n * p->stamp_bits + 7) / 8;
        if (start && from >= start && to <= end) return;
    }
    interp_fail(t, ins->stmt->span, E0626, NULL,
                "'%s' at address %#llx lies in no tensor of this call", mem->name,
                (unsigned long long)at);
}

void interp_alloc(Task *t, const Ins *ins)
{
    Mem *mem = t->bound[ins->buf].mem;
    if (ins->value) {
        follow_pointer(t, ins, mem);
    } else if (ins->pipe >= 0) {
        Mem *of = interp_mem(t, ins->pipe, false, ins->stmt->span);
        if (of) interp_view(t->m, mem, of);
    } else {
        for (int k = 0; k < (mem->per ? t->n : 1); k++)
            interp_forget(mem, mem->per ? t->lane[k] : -1);
    }
}

/* what a block has for itself; views get their memory where they come into being */
static Mem *own_tile(Machine *m, const Use *use)
{
    const Buf *b = use->buf;
    Mem *mem = NEW(&m->one, Mem);
    *mem = describe(m, b);
    if (b->of || b->pointer) return mem;
    interp_open_tile(m, mem, use, m->code->stamps && b->space == SP_SHARED);
    for (int64_t k = 0; mem->bar && k < mem->n; k++) mem->bar[k].expected = b->arrive[k];
    return mem;
}

/* ---- rings ---- */

static bool open_ring(Machine *m, Block *b, Ring *r, int number, int which)
{
    const Program *p = m->code;
    const Pipe *pipe = p->launch->pipe[number];
    *r = (Ring){.pipe = pipe, .which = which};
    r->slot = NEWN(&m->one, Mem, (size_t)pipe->depth * (size_t)pipe->ntile);
    r->gen = NEWN(&m->one, int64_t, pipe->depth);
    for (int i = 0; i < 2; i++) r->side[i] = NEWN(&m->one, Part, b->ntask);
    for (int i = 0; i < pipe->depth * pipe->ntile; i++) {
        int k = i % pipe->ntile;
        Use use = {0};
        Mem *mem = &r->slot[i];
        *mem = (Mem){.name = pipe->name, .type = pipe->tile[k].type, .space = SP_SLOT};
        mem->ndim = pipe->tile[k].ndim;
        memcpy(mem->dim, pipe->tile[k].dim, sizeof mem->dim);
        for (int u = 0; u < p->nbuf; u++)
            use.watched |= p->use[u].watched && p->use[u].buf->pipe == pipe && p->use[u].buf->tile == k;
        if (!interp_open_tile(m, mem, &use, false)) return false;
    }
    for (int i = 1; i < b->ntask; i++) {
        const Task *t = &b->task[i];
        bool mine = !pipe->each || t->body->role != R_COMPUTE || t->group == which;
        for (int k = 0; k < 2; k++) r->side[k][i].in = mine && t->body->side[k][number];
    }
    return true;
}

static bool open_rings(Machine *m, Block *b)
{
    const Launch *l = m->code->launch;
    int groups = 1;
    for (int i = 1; i < m->code->nbody; i++)
        if (m->code->body[i].role == R_COMPUTE) groups = m->code->body[i].groups;
    m->first_ring = NEWN(&m->one, int, l->npipe + 1);
    for (int i = 0; i < l->npipe; i++)
        m->first_ring[i + 1] = m->first_ring[i] + (l->pipe[i]->each ? groups : 1);
    b->nring = m->first_ring[l->npipe];
    b->ring = NEWN(&m->one, Ring, b->nring);
    for (int i = 0; i < l->npipe; i++)
        for (int k = m->first_ring[i]; k < m->first_ring[i + 1]; k++)
            if (!open_ring(m, b, &b->ring[k], i, k - m->first_ring[i])) return false;
    b->turn = NEWN(&m->one, int, l->norder);
    return true;
}

/* ---- tasks ---- */

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
    for (int i = 0; i < p->nbuf && !m->failed; i++) {
        Mem *mem = tensor_of(m, p->use[i].buf);
        if (!mem && p->use[i].home == body) mem = own_tile(m, &p->use[i]);
        if (mem) t->bound[i] = (Bound){.mem = mem, .tail = &never};
    }
    return !m->failed;
}

/* the first registers hold sizes, then scalars; interp_compile counts them in this order */
static void set_arguments(Machine *m, Task *t)
{
    const Prog *p = m->prog;
    int reg = 0;
    for (int i = 0; i < p->nsize; i++) t->reg[reg++] = (Res){.v.i = m->call->size[i]};
    for (int i = 0; i < p->nparam; i++) {
        const Var *v = p->param[i].scalar;
        const Arg *arg = &m->call->arg[i];
        if (v)
            t->reg[reg++].v = dtype_is_float(v->type)
                                  ? interp_convert((Val){.f = arg->f}, v->type, v->type).v
                                  : interp_convert((Val){.i = arg->i}, v->type, v->type).v;
    }
    for (int i = 0; i < reg; i++) t->reg[i].bad = CLEAN;
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

/* ---- a block begins ---- */

static Block *open_block(Machine *m)
{
    Block *b = m->spare;
    m->spare = NULL;
    if (b) return b;
    b = NEW(&m->one, Block);
    return open_tasks(m, b) && open_rings(m, b) && interp_open_threads(m, b) ? b : NULL;
}

static void reset_block(Block *b, int norder)
{
    b->ordered = 0;
    memset(b->turn, 0, sizeof *b->turn * (size_t)norder);
    for (int i = 0; i < b->ntask; i++) {
        Task *t = &b->task[i];
        t->pc = 0;
        t->done = t->waits = false;
        t->ordered = 0;
        t->spins = 0;
    }
    for (Ring *r = b->ring; r < b->ring + b->nring; r++) {
        memset(r->gen, -1, sizeof *r->gen * (size_t)r->pipe->depth);
        for (int k = 0; k < 2 * b->ntask; k++) {
            Part *p = &r->side[k % 2][k / 2];
            p->head = p->tail = 0;
        }
    }
}

/* a role sees what stands before it, and its group */
static void inherit(const Program *p, const Task *from, Task *t)
{
    memcpy(t->reg, from->reg, sizeof *t->reg * (size_t)p->nreg);
    if (t->body->group_reg >= 0) t->reg[t->body->group_reg] = (Res){.v.i = t->group};
    for (int i = 0; i < p->nbuf; i++)
        if (p->use[i].home == 0) t->bound[i] = from->bound[i];
}

Block *interp_start_block(Machine *m, const int64_t *at, uint32_t number)
{
    const Program *p = m->code;
    Block *b = open_block(m);
    if (!b) return NULL;
    reset_block(b, p->launch->norder);
    b->number = number;
    memcpy(b->at, at, sizeof b->at);
    for (int d = 0; d < p->launch->ngrid; d++)
        b->task[0].reg[p->block_reg[d]] = (Res){.v.i = at[d]};
    interp_start_threads(m, b);
    if (p->nbody > 1) interp_run_task(&b->task[0]);
    for (int i = 1; i < b->ntask; i++) {
        inherit(p, &b->task[0], &b->task[i]);
        interp_add_task(b, &b->task[i]);
    }
    return b;
}
