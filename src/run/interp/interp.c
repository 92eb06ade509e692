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

static const char *place_of(const Machine *m, Span at, char *out, size_t n)
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

int interp_line(const Task *t, const Stmt *s)
{
    int line = 0, col;
    if (t->m->cx && s && s->span.file) span_line_col(t->m->cx, s->span, &line, &col);
    return line;
}

bool interp_refuse(Machine *m, const char *help, const char *fmt, ...)
{
    char text[900];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (!m->failed) err_set(m->err, E0618, help, "%s", text);
    m->failed = true;
    return false;
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
    const Res *r = w->varies ? interp_lane(t, w->reg, t->lead) : &t->reg[w->reg];
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
    err_set(m->err, code, help, "%s%s%s%s%s", place_of(m, at, place, sizeof place), text,
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

/* ---- room ---- */

static const size_t STACK_SIZE = 1 << 16;

Mark interp_mark(Machine *m)
{
    return (Mark){m->stack, m->stack ? m->stack->used : 0};
}

void interp_pop(Machine *m, Mark mark)
{
    m->stack = mark.s ? mark.s : m->stack_first;
    if (m->stack) m->stack->used = mark.used;
}

Res *interp_push(Machine *m, int64_t n)
{
    Stack *s = m->stack;
    size_t need = (size_t)n;
    while (s && s->used + need > s->cap) {
        s = s->next;
        if (s) s->used = 0;
    }
    if (!s) {
        size_t cap = MAX(STACK_SIZE, need);
        s = arena_alloc(&m->one, sizeof *s + sizeof *s->at * cap);
        s->cap = cap;
        Stack **end = &m->stack_first;
        while (*end) end = &(*end)->next;
        *end = s;
    }
    m->stack = s;
    Res *at = s->at + s->used;
    s->used += need;
    return at;
}

void *interp_grow(Arena *a, void *at, int n, int *cap, size_t size)
{
    if (n < *cap) return at;
    *cap = MAX(*cap * 2, 32);
    void *more = arena_alloc(a, size * (size_t)*cap);
    return at ? memcpy(more, at, size * (size_t)n) : more;
}

/* ---- a launch ---- */

static bool open_scratch(Machine *m)
{
    int64_t n = m->code->scratch;
    m->once = NEWN(&m->one, Once, m->code->nonce);
    for (int i = 0; i < COUNT(m->scratch); i++) {
        m->scratch[i].v = interp_memory(m, &m->one, n, sizeof(Val), "T.copy");
        m->scratch[i].bad = interp_memory(m, &m->one, n, 1, "T.copy");
    }
    return !m->failed;
}

/* every task of a block has its turn, the oldest first; true: some got anywhere */
static bool run_tasks(Machine *m, Block *b)
{
    Task *now[1 + THREAD_MASK];
    bool moved = false;
    int n = 0;
    for (Task *t = b->group; t; t = t->next) now[n++] = t;
    for (int i = 0; i < n && !m->failed; i++)
        if (!now[i]->done) moved |= interp_run_task(now[i]);
    return moved;
}

static bool run_resident(Machine *m)
{
    bool moved = false;
    for (Block **at = &m->first; *at && !m->failed;) {
        Block *b = *at;
        while (b->group && !m->failed && run_tasks(m, b)) moved = true;
        if (b->group || m->failed) {
            at = &b->next;
            continue;
        }
        interp_block_end(m, b);
        *at = b->next;
        m->spare = b;
        moved = true;
    }
    return moved;
}

static void add_block(Machine *m, Block *b)
{
    Block **end = &m->first;
    while (*end) end = &(*end)->next;
    if (b) b->next = NULL;
    *end = b;
}

/* Blocks begin in order; one begins when those before it have ended or can do nothing but wait. */
static void run_blocks(Machine *m, const int64_t *grid)
{
    const Launch *l = m->code->launch;
    int64_t at[MAXGRID] = {0};
    for (int64_t k = 0; k < m->blocks && !m->failed; k++) {
        add_block(m, interp_start_block(m, at, (uint32_t)k + 1));
        while (!m->failed && (run_resident(m) || interp_release(m)) && m->first) {}
        if (m->first && !m->failed && !m->code->waits) interp_stuck(m);
        for (int d = 0; d < l->ngrid && ++at[d] == grid[d]; d++) at[d] = 0;
    }
    while (m->first && !m->failed)
        if (!run_resident(m) && !interp_release(m)) interp_stuck(m);
}

static void run_grid(Machine *m)
{
    int64_t grid[MAXGRID] = {0};
    m->failed = !bind_grid(m->code->launch, m->call, grid, m->err);
    m->blocks = grid[0] * grid[1] * grid[2];
    if (!m->failed && m->blocks && interp_watch_tensors(m)) run_blocks(m, grid);
}

static void run_launch(Machine *m, const Launch *l)
{
    int64_t before = m->memory;
    m->code = interp_compile(m, l);
    m->first = m->spare = NULL;
    m->stack = m->stack_first = NULL;
    m->grid = (Bar){0};
    if (m->code && open_scratch(m)) run_grid(m);
    for (int i = 0; i < m->ntensor; i++) { /* what was noted in memory of the launch */
        m->tensor[i].shadow = NULL;
        m->tensor[i].stamp = NULL;
    }
    m->memory = before;
    arena_free(&m->one);
}

static void run_all(Cx *own, void *machine)
{
    Machine *m = machine;
    (void)own;
    if (interp_open_tensors(m))
        for (const Launch *l = m->prog->launch; l && !m->failed; l = l->next) run_launch(m, l);
}

/* a context of its own: when memory is used up, this call ends and nothing else */
static bool run_once(const Cx *cx, const Prog *p, Call *c, Err *e)
{
    Cx *own = cx_open();
    if (!own) return err_set(e, E0904, NULL, "out of memory");
    Machine m = {.cx = cx, .prog = p, .call = c, .err = e, .norigin = BAD_BUFFER};
    m.all.cx = m.one.cx = own;
    bool ok = guarded(own, run_all, &m) && !m.failed;
    if (!ok && !e->set) err_set(e, E0904, NULL, "out of memory");
    arena_free(&m.one);
    arena_free(&m.all);
    cx_close(own);
    return ok;
}

bool interp_run(const Cx *cx, const Prog *p, Call *c, Err *e)
{
    int n = MAX(c->repeat, 0);
    double *time = calloc((size_t)n + 1, sizeof *time);
    bool ok = time != NULL;
    for (int i = 0; i <= n && ok; i++) {
        double start = sys_now();
        ok = run_once(cx, p, c, e);
        time[i] = sys_now() - start;
    }
    if (ok) c->seconds = n ? median(time + 1, n) : time[0];
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
    (void)code, (void)e;
    Loaded *l = NEW(&cx->arena, Loaded);
    *l = (Loaded){cx, p};
    return l;
}

static bool call(void *loaded, Call *c, Err *e)
{
    const Loaded *l = loaded;
    return interp_run(l->cx, l->prog, c, e);
}

static void unload(void *loaded)
{
    (void)loaded;
}

const Device device_interp = {
    .name = "interp",
    .help = "runs the tile program step by step and checks every access; slow, and the judge of "
            "all others",
    .load = load,
    .call = call,
    .unload = unload,
};
