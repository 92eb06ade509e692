/* What is legal at each stage. One walk over every launch knows the scope of each place: which
   variables and buffers exist, what role and which loops are around it. At each place it asks the
   other files of the verifier (verify.h). Everything wrong is recorded, with the place and a way
   out; then the compilation is left. */
#include "tile/verify/verify.h"
#include <string.h>

enum { MAXREMARK = 200, MAXREPEATED = 8, BUDGET = 150000 };

/* ---- words for messages --------------------------------------------------------------------- */

const char *shape_text(Cx *cx, int n, const int64_t *ext)
{
    Text t = text_new(&cx->arena);
    for (int d = 0; d < n; d++) text_add(&t, d ? " x %lld" : "%lld", (long long)ext[d]);
    return n ? t.s : "scalar";
}

Span span_or(const Span *best, Span other)
{
    return best->file ? *best : other;
}

void note_buf(Check *c, Diag *d, const Buf *b)
{
    int64_t ext[MAXDIM];
    for (int k = 0; k < b->ndim; k++)
        if (!expr_const(b->dim[k], &ext[k])) return;
    if (b->span.file)
        note(c->cx, d, b->span, "'%s' is (%s) %s", b->name, shape_text(c->cx, b->ndim, ext),
             dtype_info[b->type].name);
}

/* the verifier runs after every pass: what it has said once of a place it does not say again */
bool check_told(const Check *c, ErrCode code, Span at)
{
    if (c->nremark >= MAXREMARK) return true;
    for (const Diag *d = c->cx->diags; d && at.file; d = d->next)
        if (d->code == code && d->span.file == at.file && d->span.at == at.at &&
            d->span.len == at.len)
            return true;
    return false;
}

/* ---- what exists here ----------------------------------------------------------------------- */

static bool known_var(const Check *c, const Var *v, const Scope *sc)
{
    int k;
    if (scope_of(sc, v, &k)) return true;
    for (int i = 0; i < c->prog->nsize; i++)
        if (c->prog->size[i] == v) return true;
    for (int i = 0; i < c->prog->nparam; i++)
        if (c->prog->param[i].scalar == v) return true;
    return false;
}

static const Seen *known_buf(const Check *c, const Buf *b)
{
    static const Seen outside = {0};
    for (const Seen *s = c->seen; s; s = s->next)
        if (s->buf == b) return s;
    for (int i = 0; i < c->prog->nparam; i++)
        if (c->prog->param[i].buf == b) return &outside;
    for (int i = 0; i < c->prog->ntemp; i++)
        if (c->prog->temp[i] == b) return &outside;
    return NULL;
}

void check_see(Check *c, const Buf *b, bool waited)
{
    Seen *n = NEW(&c->cx->arena, Seen);
    *n = (Seen){c->seen, b, waited};
    c->seen = n;
}

static void check_buf(Check *c, const Buf *b, Span span, bool write)
{
    const Seen *s = known_buf(c, b);
    if (!s) {
        Diag *d = report(c->cx, E0307, span, "allocate it before, in a block around this place",
                         "'%s' does not exist here", b->name);
        note_buf(c, d, b);
    } else if (write && s->waited) {
        report(c->cx, E0303, span, "a slot that was waited for belongs to its producer",
               "'%s' may only be read", b->name);
    }
    if (b->space == SP_FRAG && (c->role == R_READER || c->role == R_WRITER))
        report(c->cx, E0306, span, "fragments belong to compute; take it through a pipe",
               "the %s cannot use the fragment '%s'", role_name[c->role], b->name);
}

/* ---- expressions ---------------------------------------------------------------------------- */

static void check_index(Check *c, const Buf *b, Expr *const *idx, Span span, const Scope *sc)
{
    for (int d = 0; d < b->ndim; d++) check_integer(c, idx[d], "an index", sc);
    for (int d = 0; d < b->ndim; d++) check_bounds(c, b, d, idx[d], 0, span, sc);
}

void check_place(Check *c, const Expr *e, char letter, const Scope *sc)
{
    check_buf(c, e->buf, e->span, letter == 'w' || letter == 'u');
    check_index(c, e->buf, e->idx, e->span, sc);
}

/* of a choice only the chosen one is evaluated: the other operands stand under the condition */
static void check_choice(Check *c, Expr *e, const Scope *sc)
{
    Stmt test = {.kind = S_IF, .span = e->span};
    test.branch.cond = e->arg[0];
    check_expr(c, e->arg[0], sc);
    for (int other = 0; other < 2; other++)
        if (expr_chosen(e, !other))
            check_expr(c, expr_chosen(e, !other),
                       &(Scope){.outer = sc, .stmt = &test, .other = other});
}

void check_expr(Check *c, Expr *e, const Scope *sc)
{
    Expr **kid;
    if (e->type == DT_none)
        report(c->cx, E0302, e->span, "make it a statement of its own", "this call gives no value");
    if (e->kind == E_VAR && !known_var(c, e->var, sc))
        report(c->cx, E0307, e->span, "it is bound in another block", "'%s' is not bound here",
               e->var->name);
    if (e->kind == E_LOAD) {
        check_place(c, e, 'r', sc);
    } else if (e->kind == E_CALL) {
        check_call(c, e, sc);
    } else if (e->kind == E_OP && op_chooses(e->op)) {
        check_choice(c, e, sc);
    } else {
        for (int i = 0, n = expr_kids(e, &kid); i < n; i++) check_expr(c, kid[i], sc);
    }
}

void check_integer(Check *c, Expr *e, const char *what, const Scope *sc)
{
    check_expr(c, e, sc);
    if (dtype_is_float(e->type))
        report(c->cx, E0302, e->span, "convert it with T.cast(x, \"int32\")", "%s is a %s", what,
               dtype_info[e->type].name);
}

/* ---- tile operations ------------------------------------------------------------------------ */

static bool check_region(Check *c, const Region *r, Span span, bool write, const Scope *sc)
{
    int before = c->cx->nerror;
    check_buf(c, r->buf, span_or(&r->span, span), write);
    for (int d = 0; d < r->buf->ndim; d++) {
        check_integer(c, r->off[d], "the start of a region", sc);
        if (r->ext[d] <= 0)
            report(c->cx, E0304, span_or(&r->span, span), NULL,
                   "the region of '%s' has %lld elements along dimension %d", r->buf->name,
                   (long long)r->ext[d], d);
        else
            check_bounds(c, r->buf, d, r->off[d], r->ext[d], span_or(&r->span, span), sc);
    }
    return c->cx->nerror == before;
}

static void check_tile(Check *c, const Stmt *s, const Scope *sc)
{
    const TileOpInfo *info = &tileop_info[s->tile.op];
    bool good = true;
    for (int i = 0; info->operands[i]; i++)
        good &= check_region(c, &s->tile.arg[i], s->span, info->operands[i] != 'r', sc);
    if (s->tile.value) check_expr(c, s->tile.value, sc);
    if (s->tile.barrier) check_place(c, s->tile.barrier, 'b', sc);
    if (c->in_nest)
        report(c->cx, E0308, s->span,
               "a tile operation is collective: put it before or after the loop",
               "T.%s inside of T.Parallel", info->name);
    if (s->tile.start && s->tile.op != TO_gemm)
        report(c->cx, E0308, s->span, NULL, "only a gemm can be started and awaited later");
    if (info->engine == ENGINE_COMPUTE && c->launch->npipe &&
        (c->role == R_READER || c->role == R_WRITER))
        report(c->cx, E0308, s->span, "move it to compute", "the %s moves tiles; T.%s computes",
               role_name[c->role], info->name);
    if (good) check_tile_rule(c, s);
    if (good && s->tile.op == TO_copy) check_copy_overlap(c, s, sc);
}

/* ---- buffers -------------------------------------------------------------------------------- */

/* -1: not known, or beyond 64 bits */
static int64_t bits_of(const Buf *b)
{
    int64_t n = dtype_info[b->type].bits, k;
    for (int d = 0; d < b->ndim; d++)
        if (!expr_const(b->dim[d], &k) || k < 0 || __builtin_mul_overflow(n, k, &n)) return -1;
    return n;
}

static void check_dims(Check *c, const Stmt *s, const Buf *b)
{
    for (int d = 0; d < b->ndim; d++) {
        int64_t n;
        if (!expr_const(b->dim[d], &n))
            report(c->cx, E0304, s->span,
                   "tiles have sizes that are known when the kernel is compiled",
                   "dimension %d of '%s' is not constant", d, b->name);
        else if (n <= 0 || n > INT32_MAX)
            report(c->cx, E0304, s->span, NULL, "dimension %d of '%s' has %lld elements", d,
                   b->name, (long long)n);
        else if (d == b->ndim - 1 && bits_of(b) < 0)
            report(c->cx, E0304, s->span, NULL, "'%s' has more elements than can be counted",
                   b->name);
    }
}

/* the same bytes, seen as another shape or type */
static void check_view(Check *c, const Stmt *s, const Scope *sc)
{
    const Buf *b = s->alloc, *of = b->of;
    check_buf(c, of, s->span, false);
    if (b->space != of->space)
        report(c->cx, E0306, s->span, NULL, "the view '%s' and '%s' lie in different memories",
               b->name, of->name);
    for (int d = 0; d < b->ndim; d++) check_integer(c, b->dim[d], "a dimension", sc);
    int64_t mine = bits_of(b), its = bits_of(of);
    if (mine < 0 || its < 0 || mine <= its) return;
    Diag *d = report(c->cx, E0304, s->span, "a view shows the same bytes",
                     "the view '%s' has %lld bytes, '%s' has %lld", b->name,
                     (long long)((mine + 7) / 8), of->name, (long long)((its + 7) / 8));
    note_buf(c, d, of);
}

static void check_barriers(Check *c, const Stmt *s)
{
    const Buf *b = s->alloc;
    if (b->ndim != 1 || b->type != DT_uint64 || !b->arrive)
        report(c->cx, E0306, s->span, NULL, "'%s' is no row of barriers", b->name);
    for (int64_t i = 0; b->arrive && i < buf_elems(b); i++)
        if (b->arrive[i] < 1)
            report(c->cx, E0304, s->span, "a phase needs one arrival at least",
                   "barrier %lld of '%s' waits for %lld arrivals", (long long)i, b->name,
                   (long long)b->arrive[i]);
}

static void check_global(Check *c, const Buf *b, Span at, const Scope *sc)
{
    for (int d = 0; d < b->ndim; d++) {
        int64_t n;
        check_integer(c, b->dim[d], "a dimension", sc);
        if (b->stride[0] && !b->stride[d])
            report(c->cx, E0304, at, NULL, "dimension %d of '%s' has no stride", d, b->name);
        else if (b->stride[0])
            check_integer(c, b->stride[d], "a stride", sc);
        if (expr_const(b->dim[d], &n) && n < 0)
            report(c->cx, E0304, at, NULL, "dimension %d of '%s' has %lld elements", d, b->name,
                   (long long)n);
    }
    if (!b->pointer) return;
    check_expr(c, b->pointer, sc);
    if (!dtype_is_int(b->pointer->type) || dtype_info[b->pointer->type].bits != 64)
        report(c->cx, E0302, b->pointer->span, "an address has 64 bits", "the pointer is a %s",
               dtype_info[b->pointer->type].name);
}

static void check_alloc(Check *c, const Stmt *s, const Scope *sc)
{
    const Buf *b = s->alloc;
    bool tile = b->space == SP_SHARED || b->space == SP_FRAG || b->space == SP_LOCAL ||
                b->space == SP_BARRIER;
    if (!tile && !b->of && !b->pointer)
        report(c->cx, E0306, s->span, NULL, "'%s' cannot be allocated here", b->name);
    if (b->space == SP_FRAG && (c->role == R_READER || c->role == R_WRITER))
        report(c->cx, E0306, s->span, NULL, "the %s has no fragments", role_name[c->role]);
    if (c->in_nest && b->space != SP_LOCAL && !b->of && !b->pointer)
        report(c->cx, E0308, s->span, "allocate it before the loop",
               "'%s' is allocated inside of T.Parallel", b->name);
    if (tile) check_dims(c, s, b);
    if (tile && b->stride[0])
        report(c->cx, E0304, s->span, NULL, "the tile '%s' has strides", b->name);
    if (b->of) check_view(c, s, sc);
    if (b->space == SP_BARRIER) check_barriers(c, s);
    if (b->pointer) check_global(c, b, s->span, sc);
    check_see(c, b, false);
}

/* ---- statements ----------------------------------------------------------------------------- */

static void check_store(Check *c, const Stmt *s, const Scope *sc)
{
    const Buf *b = s->store.buf;
    check_buf(c, b, s->span, true);
    check_index(c, b, s->store.idx, s->span, sc);
    check_expr(c, s->store.value, sc);
    if (b->space == SP_BARRIER)
        report(c->cx, E0306, s->span, "T.barrier_arrive and T.barrier_wait use it",
               "'%s' is a barrier, nothing is stored there", b->name);
    if (s->store.value->type != b->type)
        report(c->cx, E0302, s->span, "convert the value with T.cast",
               "'%s' holds %s, the value is a %s", b->name, dtype_info[b->type].name,
               dtype_info[s->store.value->type].name);
    if (c->threads && !c->in_nest) check_thread_races(c, s, sc);
}

/* the iterations of a nest are counted in 32 bits on every machine */
static void check_nest_size(Check *c, const Stmt *s)
{
    int64_t total = 1, hi;
    for (int k = 0; k < s->loop.n; k++) {
        if (!expr_const(s->loop.hi[k], &hi) || hi < 0) return;
        if (__builtin_mul_overflow(total, hi, &total) || total > INT32_MAX) {
            report(c->cx, E0903, s->span, "make it a loop around a smaller nest",
                   "a T.Parallel nest of more than %d iterations", INT32_MAX);
            return;
        }
    }
}

/* is there a break or continue of this very loop, or a return, among its statements */
static bool jumps(const Stmt *list, bool own)
{
    StmtPart p[MAXPART];
    for (const Stmt *s = list; s; s = s->next) {
        if (s->kind == S_JUMP && (own || s->jump == JUMP_RETURN)) return true;
        for (int i = 0, n = stmt_parts(s, p); i < n; i++)
            if (p[i].kind == PART_LIST && jumps(*p[i].list, own && s->kind == S_IF)) return true;
    }
    return false;
}

static void check_body(Check *c, const Stmt *s, const Stmt *body, bool breakable, const Scope *sc)
{
    bool outer = c->breakable, unsure = c->unsure;
    c->breakable = breakable;
    c->unsure |= jumps(body, true);
    check_list(c, body, &(Scope){.outer = sc, .stmt = s});
    c->breakable = outer;
    c->unsure = unsure || jumps(body, false);
}

static void check_loop(Check *c, const Stmt *s, const Scope *sc)
{
    bool parallel = s->loop.how == LOOP_PARALLEL, nest = c->in_nest;
    int before = c->cx->nerror;
    if (s->loop.n < 1 || s->loop.n > (parallel ? MAXPAR : 1) || (!parallel && s->loop.step == 0))
        report(c->cx, E0301, s->span, NULL, "a loop of %d variables with step %lld", s->loop.n,
               (long long)s->loop.step);
    if (parallel) check_nest_size(c, s);
    if (!parallel) check_integer(c, s->loop.lo, "the start of a loop", sc);
    for (int k = 0; k < s->loop.n; k++) check_integer(c, s->loop.hi[k], "the end of a loop", sc);
    c->in_nest |= parallel;
    check_body(c, s, s->loop.body, !parallel, sc);
    c->in_nest = nest;
    if (parallel && !nest && c->cx->nerror == before) check_nest_races(c, s, sc);
}

static void check_cond(Check *c, const Stmt *s, const Scope *sc)
{
    check_expr(c, s->branch.cond, sc);
    if (s->branch.cond->type != DT_bool)
        report(c->cx, E0302, s->span, "compare it with something", "the condition is a %s",
               dtype_info[s->branch.cond->type].name);
}

static void check_branch(Check *c, const Stmt *s, const Scope *sc)
{
    check_cond(c, s, sc);
    check_list(c, s->branch.then, &(Scope){.outer = sc, .stmt = s});
    check_list(c, s->branch.other, &(Scope){.outer = sc, .stmt = s, .other = true});
}

static void check_jump(Check *c, const Stmt *s)
{
    static const char *const name[] = {"break", "continue", "T.thread_return"};
    if (c->launch->npipe)
        report(c->cx, E0308, s->span, "bound the loop instead",
               "%s in a launch with pipes: who takes part in a verb would depend on it",
               name[s->jump]);
    if (s->jump == JUMP_RETURN ? c->in_nest : !c->breakable)
        report(c->cx, E0308, s->span,
               c->in_nest ? "the iterations of T.Parallel run in any order; use an if" : NULL,
               c->in_nest ? "%s inside of T.Parallel" : "%s outside of a loop", name[s->jump]);
}

static void check_stmt(Check *c, const Stmt *s, const Scope *sc)
{
    switch (s->kind) {
    case S_LOOP: check_loop(c, s, sc); break;
    case S_IF: check_branch(c, s, sc); break;
    case S_WHILE:
        check_cond(c, s, sc);
        check_body(c, s, s->branch.then, true, sc);
        break;
    case S_JUMP: check_jump(c, s); break;
    case S_EVAL:
        if (s->eval->kind == E_CALL)
            check_call(c, s->eval, sc);
        else
            check_expr(c, s->eval, sc);
        break;
    case S_LET:
        check_expr(c, s->let.value, sc);
        if (s->let.value->type != s->let.var->type)
            report(c->cx, E0302, s->span, NULL, "'%s' is a %s, its value a %s", s->let.var->name,
                   dtype_info[s->let.var->type].name, dtype_info[s->let.value->type].name);
        break;
    case S_STORE: check_store(c, s, sc); break;
    case S_TILE: check_tile(c, s, sc); break;
    case S_ALLOC: check_alloc(c, s, sc); break;
    case S_ROLE: check_role(c, s, sc); break;
    case S_VERB: check_verb(c, s, sc); break;
    case S_AWAIT:
        if (s->pending < 0) report(c->cx, E0308, s->span, NULL, "T.await_(%d)", s->pending);
        break;
    case S_TURN: check_turn(c, s); break;
    }
}

/* buffers of a list end with it; a let is seen by what follows it */
void check_list(Check *c, const Stmt *list, const Scope *sc)
{
    const Seen *outer = c->seen;
    for (const Stmt *s = list; s && c->cx->nerror - c->first_error < 20; s = s->next) {
        check_stmt(c, s, sc);
        if (s->kind == S_LET) {
            Scope *n = NEW(&c->cx->arena, Scope);
            *n = (Scope){.outer = sc, .stmt = s};
            sc = n;
        }
        c->unsure |=
            s->kind == S_IF && (jumps(s->branch.then, false) || jumps(s->branch.other, false));
    }
    c->seen = outer;
}

/* ---- launches ------------------------------------------------------------------------------- */

static void check_repeated(Check *c, const Launch *l)
{
    const Stmt *s[MAXREPEATED];
    int n = launch_repeated(l, s, MAXREPEATED);
    for (int i = 0; i < n; i++)
        if (!check_told(c, E0316, s[i]->span))
            report(c->cx, E0316, s[i]->span,
                   "`for i in T.Parallel(1):` around it runs it once for the block",
                   "this runs once for each of the %d threads", l->threads);
}

static void check_launch(Check *c, const Launch *l)
{
    Scope outside = {.launch = l};
    c->launch = l;
    c->seen = NULL;
    c->role = -1;
    c->groups = 1;
    c->in_nest = c->breakable = c->unsure = false;
    c->threads = launch_threads(l);
    if (l->ngrid < 1 || l->ngrid > MAXGRID)
        report(c->cx, E0301, l->span, "T.Kernel has one to three grid dimensions",
               "'%s' has %d grid dimensions", l->name, l->ngrid);
    for (int d = 0; d < l->ngrid; d++) {
        int64_t n;
        check_integer(c, l->grid[d], "a grid dimension", NULL);
        if (expr_const(l->grid[d], &n) && (n < 0 || n > INT32_MAX))
            report(c->cx, E0301, l->span, NULL, "a grid of %lld blocks", (long long)n);
    }
    if (l->npipe && check_schedule_only(c, l->body ? l->body : &(Stmt){.span = l->span}, "a pipe"))
        check_roles(c);
    check_list(c, l->body, &outside);
    if (c->cx->nerror > c->first_error) return;
    check_repeated(c, l);
    if (c->lim) check_limits(c);
}

void check_prog(Cx *cx, const Prog *p, const Limits *lim)
{
    Check c = {.cx = cx, .prog = p, .lim = lim, .first_error = cx->nerror, .budget = BUDGET};
    for (int i = 0; i < p->nparam; i++)
        if (p->param[i].buf) check_global(&c, p->param[i].buf, p->param[i].buf->span, NULL);
    for (int i = 0; i < p->ntemp; i++) check_global(&c, p->temp[i], p->temp[i]->span, NULL);
    for (const Launch *l = p->launch; l; l = l->next) check_launch(&c, l);
    if (cx->nerror == c.first_error) check_init(&c);
    if (cx->nerror > c.first_error) leave(cx);
}
