/* What is legal at each stage. One walk over every launch knows the scope of each place; a table
   gives each tile operation its rule. Everything wrong is recorded, with the place and a way out;
   then the compilation is left. */
#include "tile/tile.h"
#include <string.h>

typedef struct Seen Seen;
struct Seen {
    const Seen *next;
    const Buf *buf;
    bool waited;
}; /* buffers that exist here; waited: a slot to be read only */

typedef struct {
    Cx *cx;
    const Prog *prog;
    const Limits *lim;
    const Launch *launch;
    const Seen *seen;
    int role; /* the one around this place, -1: none */
    int groups;
    bool in_nest, maybe; /* in a T.Parallel; under a condition or in a loop that may not run */
    int first_error;
} Check;

/* ---- launch_link ---------------------------------------------------------------------------- */

typedef struct {
    Cx *cx;
    const Launch *launch;
    int role;
} Link;

static void link_verb(Link *k, const Stmt *s)
{
    Pipe *p = s->verb.pipe;
    bool gives = s->verb.verb == PV_ACQUIRE || s->verb.verb == PV_COMMIT;
    if (k->role < 0) return; /* check_prog says what is wrong with it */
    if (!gives) {
        p->to |= 1u << k->role;
        return;
    }
    if ((int)p->from >= 0 && p->from != (Role)k->role)
        fail(k->cx, E0303, s->span, "give each producing role a pipe of its own",
             "both %s and %s produce into '%s'", role_name[p->from], role_name[k->role], p->name);
    p->from = (Role)k->role;
}

static void link_list(Link *k, const Stmt *list)
{
    for (const Stmt *s = list; s; s = s->next) {
        int outer = k->role;
        switch (s->kind) {
        case S_VERB: link_verb(k, s); break;
        case S_LOOP: link_list(k, s->loop.body); break;
        case S_IF:
            link_list(k, s->branch.then);
            link_list(k, s->branch.other);
            break;
        case S_ROLE:
            k->role = (int)s->role.role;
            link_list(k, s->role.body);
            k->role = outer;
            break;
        default: break;
        }
    }
}

void launch_link(Cx *cx, Launch *l)
{
    for (int i = 0; i < l->npipe; i++) {
        l->pipe[i]->from = (Role)-1;
        l->pipe[i]->to = 0;
    }
    Link k = {cx, l, -1};
    link_list(&k, l->body);
    for (int i = 0; i < l->npipe; i++) {
        Pipe *p = l->pipe[i];
        if ((int)p->from < 0 || !p->to)
            fail(cx, E0303, p->span,
                 "a pipe is acquired and committed by one role, waited for and released by others",
                 (int)p->from < 0 ? "no role produces into '%s'" : "no role takes from '%s'",
                 p->name);
        if (p->to & 1u << p->from)
            fail(cx, E0303, p->span, "a tile of one role alone is a T.alloc_shared",
                 "%s both produces into '%s' and takes from it", role_name[p->from], p->name);
    }
}

/* ---- words for messages --------------------------------------------------------------------- */

static const char *shape_text(Cx *cx, int n, const int64_t *ext)
{
    Text t = text_new(&cx->arena);
    for (int d = 0; d < n; d++) text_add(&t, d ? " x %lld" : "%lld", (long long)ext[d]);
    return n ? t.s : "scalar";
}

static const char *region_shape(Cx *cx, const Region *r)
{
    return shape_text(cx, r->buf->ndim, r->ext);
}

static const char *const space_name[] = {
    [SP_GLOBAL] = "global memory", [SP_TEMP] = "global memory",  [SP_SHARED] = "shared memory",
    [SP_FRAG] = "a fragment",      [SP_LOCAL] = "local scalars", [SP_SLOT] = "a pipe slot",
};

static Span at(const Span *best, Span other)
{
    return best->file ? *best : other;
}

static void note_buf(Check *c, Diag *d, const Buf *b)
{
    int64_t ext[MAXDIM];
    for (int k = 0; k < b->ndim; k++)
        if (!expr_const(b->dim[k], &ext[k])) return;
    if (b->span.file)
        note(c->cx, d, b->span, "'%s' is (%s) %s", b->name, shape_text(c->cx, b->ndim, ext),
             dtype_info[b->type].name);
}

/* ---- scopes, expressions -------------------------------------------------------------------- */

static bool known_var(const Check *c, const Var *v, const Scope *sc)
{
    for (; sc; sc = sc->outer) {
        const Stmt *s = sc->stmt;
        for (int d = 0; sc->launch && d < MAXGRID; d++)
            if ((d < sc->launch->ngrid && sc->launch->block[d] == v) || sc->launch->thread[d] == v)
                return true;
        if (!s) continue;
        if ((s->kind == S_LET && s->let.var == v) || (s->kind == S_ROLE && s->role.group == v))
            return true;
        if (s->kind == S_LOOP)
            for (int k = 0; k < s->loop.n; k++)
                if (s->loop.var[k] == v) return true;
    }
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

static void check_expr(Check *c, Expr *e, const Scope *sc);

static void check_index(Check *c, const Buf *b, Expr *const *idx, Span span, const Scope *sc)
{
    for (int d = 0; d < b->ndim; d++) {
        check_expr(c, idx[d], sc);
        if (dtype_is_float(idx[d]->type)) {
            report(c->cx, E0302, at(&idx[d]->span, span), "convert it with T.cast(x, \"int32\")",
                   "index %d of '%s' is a %s", d, b->name, dtype_info[idx[d]->type].name);
            continue;
        }
        int64_t i, n;
        if (b->space == SP_GLOBAL || b->space == SP_TEMP || c->maybe || !expr_const(idx[d], &i) ||
            !expr_const(b->dim[d], &n))
            continue;
        if (i < 0 || i >= n) {
            Diag *g = report(c->cx, E0305, at(&idx[d]->span, span), NULL,
                             "index %lld leaves dimension %d of '%s', which has %lld elements",
                             (long long)i, d, b->name, (long long)n);
            note_buf(c, g, b);
        }
    }
}

static void check_expr(Check *c, Expr *e, const Scope *sc)
{
    switch (e->kind) {
    case E_VAR:
        if (!known_var(c, e->var, sc))
            report(c->cx, E0307, e->span, "it is bound in another block", "'%s' is not bound here",
                   e->var->name);
        break;
    case E_OP: {
        bool maybe = c->maybe;
        for (int i = 0; i < op_info[e->op].nargs; i++) {
            check_expr(c, e->arg[i], sc);
            if (e->op == OP_select) c->maybe = true; /* only the chosen one is evaluated */
        }
        c->maybe = maybe;
        break;
    }
    case E_CAST:
    case E_BITS: check_expr(c, e->arg[0], sc); break;
    case E_LOAD:
        check_buf(c, e->buf, e->span, false);
        check_index(c, e->buf, e->idx, e->span, sc);
        break;
    default: break;
    }
}

static void check_integer(Check *c, Expr *e, const char *what, const Scope *sc)
{
    check_expr(c, e, sc);
    if (dtype_is_float(e->type))
        report(c->cx, E0302, e->span, "convert it with T.cast(x, \"int32\")", "%s is a %s", what,
               dtype_info[e->type].name);
}

static bool check_region(Check *c, const Region *r, Span span, bool write, const Scope *sc)
{
    int before = c->cx->nerror;
    check_buf(c, r->buf, at(&r->span, span), write);
    for (int d = 0; d < r->buf->ndim; d++) {
        int64_t off, n;
        check_integer(c, r->off[d], "the start of a region", sc);
        if (r->ext[d] <= 0) {
            report(c->cx, E0304, at(&r->span, span), NULL,
                   "the region of '%s' has %lld elements along dimension %d", r->buf->name,
                   (long long)r->ext[d], d);
            continue;
        }
        if (r->buf->space == SP_GLOBAL || r->buf->space == SP_TEMP ||
            !expr_const(r->buf->dim[d], &n))
            continue;
        bool fixed = expr_const(r->off[d], &off);
        if (r->ext[d] > n || (fixed && !c->maybe && (off < 0 || off + r->ext[d] > n))) {
            Diag *g =
                report(c->cx, E0305, at(&r->span, span), NULL,
                       "elements %lld to %lld of dimension %d leave '%s', which has %lld there",
                       fixed ? (long long)off : 0, (long long)((fixed ? off : 0) + r->ext[d] - 1),
                       d, r->buf->name, (long long)n);
            note_buf(c, g, r->buf);
        }
    }
    return c->cx->nerror == before;
}

/* ---- tile operations ------------------------------------------------------------------------ */

static bool on_chip(Check *c, const Region *r, const Stmt *s, bool fragment_only)
{
    Space sp = r->buf->space;
    if (fragment_only ? sp == SP_FRAG : sp != SP_GLOBAL && sp != SP_TEMP) return true;
    report(c->cx, E0306, at(&r->span, s->span),
           fragment_only ? "accumulate in a T.alloc_fragment and copy it from there"
                         : "T.copy it to a shared tile first",
           "T.%s does not take '%s', which lies in %s, here", tileop_info[s->tile.op].name,
           r->buf->name, space_name[sp]);
    return false;
}

static void rule_copy(Check *c, const Stmt *s)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    CopyShape shape;
    if (copy_shape(src, dst, &shape)) return;
    Diag *d = report(c->cx, E0304, s->span, "extents other than 1 pair in order",
                     "T.copy from %s (%s) to %s (%s)", src->buf->name, region_shape(c->cx, src),
                     dst->buf->name, region_shape(c->cx, dst));
    note_buf(c, d, src->buf);
    note_buf(c, d, dst->buf);
}

/* the two last extents; false: more dimensions than that */
static bool matrix(const Region *r, int64_t out[2])
{
    int n = r->buf->ndim;
    for (int d = 0; d < n - 2; d++)
        if (r->ext[d] != 1) return false;
    out[0] = n > 1 ? r->ext[n - 2] : 1;
    out[1] = n > 0 ? r->ext[n - 1] : 1;
    return n >= 2;
}

static void gemm_disagrees(Check *c, const Stmt *s, const char *share, const Region *x,
                           const char *xn, const Region *y, const char *yn, int64_t a, int64_t b)
{
    Diag *d = report(
        c->cx, E0304, s->span, NULL, "gemm needs %s (%s) and %s (%s) to share %s: %lld is not %lld",
        xn, region_shape(c->cx, x), yn, region_shape(c->cx, y), share, (long long)a, (long long)b);
    note_buf(c, d, x->buf);
    note_buf(c, d, y->buf);
}

static void rule_gemm(Check *c, const Stmt *s)
{
    const Region *a = &s->tile.arg[0], *b = &s->tile.arg[1], *acc = &s->tile.arg[2];
    int64_t x[2], y[2], z[2];
    if (!on_chip(c, a, s, false) || !on_chip(c, b, s, false) || !on_chip(c, acc, s, true)) return;
    if (!matrix(a, x) || !matrix(b, y) || !matrix(acc, z)) {
        report(c->cx, E0304, s->span, "leading extents must be 1",
               "gemm multiplies matrices, not %s, %s and %s", region_shape(c->cx, a),
               region_shape(c->cx, b), region_shape(c->cx, acc));
        return;
    }
    int64_t m = x[s->tile.trans_a], ka = x[!s->tile.trans_a], kb = y[s->tile.trans_b],
            n = y[!s->tile.trans_b];
    if (ka != kb)
        gemm_disagrees(c, s, "K", a, "A", b, "B", ka, kb);
    else if (m != z[0])
        gemm_disagrees(c, s, "M", a, "A", acc, "C", m, z[0]);
    else if (n != z[1])
        gemm_disagrees(c, s, "N", b, "B", acc, "C", n, z[1]);
    bool fa = dtype_is_float(a->buf->type), fb = dtype_is_float(b->buf->type),
         fc = dtype_is_float(acc->buf->type);
    if (fa != fb || fa != fc)
        report(c->cx, E0302, s->span,
               "multiply floats into a float accumulator, integers into an integer one",
               "gemm of %s and %s into %s", dtype_info[a->buf->type].name,
               dtype_info[b->buf->type].name, dtype_info[acc->buf->type].name);
}

static void rule_fill(Check *c, const Stmt *s)
{
    if (s->tile.value->type != s->tile.arg[0].buf->type)
        report(c->cx, E0302, s->span, "convert the value with T.cast",
               "'%s' of %s is filled with a %s", s->tile.arg[0].buf->name,
               dtype_info[s->tile.arg[0].buf->type].name, dtype_info[s->tile.value->type].name);
}

static void rule_reduce(Check *c, const Stmt *s)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    int n = src->buf->ndim, m = dst->buf->ndim, dim = s->tile.dim;
    if (!on_chip(c, src, s, false) || !on_chip(c, dst, s, false)) return;
    if (dim < 0 || dim >= n) {
        report(c->cx, E0304, s->span, NULL, "'%s' has %d dimensions; there is no axis %d to reduce",
               src->buf->name, n, dim);
        return;
    }
    bool fits = m == n || m == n - 1 || (n == 1 && m == 1);
    for (int d = 0, e = 0; d < n && fits; d++) {
        if (d == dim) {
            if (m == n) fits = dst->ext[e++] == 1;
        } else {
            fits = e < m && src->ext[d] == dst->ext[e++];
        }
    }
    if (fits) return;
    Diag *d = report(c->cx, E0304, s->span,
                     "the result has the shape of the operand without that axis, or with 1 there",
                     "T.%s of (%s) along axis %d does not give (%s)", tileop_info[s->tile.op].name,
                     region_shape(c->cx, src), dim, region_shape(c->cx, dst));
    note_buf(c, d, src->buf);
    note_buf(c, d, dst->buf);
}

static void rule_cumsum(Check *c, const Stmt *s)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    bool same =
        src->buf->ndim == dst->buf->ndim && s->tile.dim >= 0 && s->tile.dim < src->buf->ndim;
    if (!on_chip(c, src, s, false) || !on_chip(c, dst, s, false)) return;
    for (int d = 0; d < src->buf->ndim && same; d++) same = src->ext[d] == dst->ext[d];
    if (!same)
        report(c->cx, E0304, s->span, "both have one shape, and the axis is one of its own",
               "T.cumsum along axis %d from (%s) to (%s)", s->tile.dim, region_shape(c->cx, src),
               region_shape(c->cx, dst));
}

static void (*const rule[NTILEOP])(Check *, const Stmt *) = {
    [TO_copy] = rule_copy,
    [TO_gemm] = rule_gemm,
    [TO_fill] = rule_fill,
    [TO_reduce_sum] = rule_reduce,
    [TO_reduce_max] = rule_reduce,
    [TO_reduce_min] = rule_reduce,
    [TO_reduce_absmax] = rule_reduce,
    [TO_cumsum] = rule_cumsum,
};

static void check_tile(Check *c, const Stmt *s, const Scope *sc)
{
    const TileOpInfo *info = &tileop_info[s->tile.op];
    bool good = true;
    for (int i = 0; info->operands[i]; i++)
        good &= check_region(c, &s->tile.arg[i], s->span, info->operands[i] != 'r', sc);
    if (s->tile.value) check_expr(c, s->tile.value, sc);
    if (c->in_nest)
        report(c->cx, E0308, s->span,
               "a tile operation is collective: put it before or after the loop",
               "T.%s inside of T.Parallel", info->name);
    if (s->tile.start && (c->prog->stage == STAGE_TILE || s->tile.op != TO_gemm))
        report(c->cx, E0308, s->span, NULL, "start=True belongs to the gemms of a schedule");
    if (info->engine == ENGINE_COMPUTE && c->launch->npipe &&
        (c->role == R_READER || c->role == R_WRITER))
        report(c->cx, E0308, s->span, "move it to compute", "the %s moves tiles; T.%s computes",
               role_name[c->role], info->name);
    if (good) rule[s->tile.op](c, s);
}

/* ---- statements of a schedule --------------------------------------------------------------- */

static bool schedule_only(Check *c, const Stmt *s, const char *what)
{
    if (c->prog->stage == STAGE_SCHED) return true;
    report(c->cx, E0308, s->span,
           "a schedule begins with a comment that names its stage: # stage: sched   target: cuda",
           "%s in a tile program", what);
    return false;
}

static bool has_pipe(const Launch *l, const Pipe *p)
{
    for (int k = 0; k < l->npipe; k++)
        if (l->pipe[k] == p) return true;
    return false;
}

static void check_which(Check *c, const Stmt *s, const Scope *sc)
{
    const Pipe *p = s->verb.pipe;
    if (!p->each != !s->verb.which) {
        report(
            c->cx, E0303, s->span, p->each ? "say whose: T.wait(q[g])" : "take the subscript away",
            p->each ? "'%s' is a ring for each group" : "'%s' is one ring for all groups", p->name);
        return;
    }
    if (!s->verb.which) return;
    check_integer(c, s->verb.which, "the number of a group", sc);
    Range r = expr_range(s->verb.which, sc);
    if (r.known && (r.lo < 0 || r.hi >= c->groups))
        report(c->cx, E0303, s->span, NULL, "there are %d groups; '%s' is asked for ring %lld",
               c->groups, p->name, (long long)(r.lo < 0 ? r.lo : r.hi));
}

static void check_verb(Check *c, const Stmt *s, const Scope *sc)
{
    const Pipe *p = s->verb.pipe;
    if (!schedule_only(c, s, "a pipe verb")) return;
    if (c->role < 0)
        report(c->cx, E0308, s->span, "put it into T.reader(), T.compute() or T.writer()",
               "T.%s outside of a role", verb_name[s->verb.verb]);
    if (!has_pipe(c->launch, p))
        report(c->cx, E0303, s->span, NULL, "'%s' is not a pipe of this launch", p->name);
    if (c->in_nest)
        report(c->cx, E0308, s->span, NULL, "T.%s inside of T.Parallel", verb_name[s->verb.verb]);
    check_which(c, s, sc);
    if (s->verb.verb != PV_ACQUIRE && s->verb.verb != PV_WAIT) return;
    for (int t = 0; t < p->ntile; t++) {
        Seen *n = NEW(&c->cx->arena, Seen);
        *n = (Seen){c->seen, s->verb.slot[t], s->verb.verb == PV_WAIT};
        c->seen = n;
    }
}

static void check_list(Check *c, const Stmt *list, const Scope *sc);

static void check_role(Check *c, const Stmt *s, const Scope *sc)
{
    if (!schedule_only(c, s, "a role")) return;
    if (c->role >= 0)
        report(c->cx, E0308, s->span, NULL, "%s inside of %s", role_name[s->role.role],
               role_name[c->role]);
    if (s->role.groups < 1 || (s->role.groups > 1 && (s->role.role != R_COMPUTE || !s->role.group)))
        report(c->cx, E0308, s->span, "with T.compute(groups=2) as g:", "%d groups of %s",
               s->role.groups, role_name[s->role.role]);
    if (c->in_nest) report(c->cx, E0308, s->span, NULL, "a role inside of T.Parallel");
    int role = c->role;
    c->role = (int)s->role.role;
    check_list(c, s->role.body, &(Scope){.outer = sc, .stmt = s});
    c->role = role;
}

static void check_turn(Check *c, const Stmt *s)
{
    if (!schedule_only(c, s, "an order token")) return;
    if (c->role != R_COMPUTE)
        report(c->cx, E0308, s->span, NULL, "only the groups of compute take turns");
    else if (s->turn.order->n != c->groups)
        report(c->cx, E0308, s->span, NULL, "the token '%s' is for %d groups; compute has %d",
               s->turn.order->name, s->turn.order->n, c->groups);
}

/* ---- statements ----------------------------------------------------------------------------- */

static void check_alloc(Check *c, const Stmt *s)
{
    const Buf *b = s->alloc;
    if (b->space != SP_SHARED && b->space != SP_FRAG && b->space != SP_LOCAL)
        report(c->cx, E0306, s->span, NULL, "'%s' cannot be allocated in %s here", b->name,
               space_name[b->space]);
    if (b->space == SP_FRAG && (c->role == R_READER || c->role == R_WRITER))
        report(c->cx, E0306, s->span, NULL, "the %s has no fragments", role_name[c->role]);
    if (c->in_nest && b->space != SP_LOCAL)
        report(c->cx, E0308, s->span, "allocate it before the loop",
               "'%s' is allocated inside of T.Parallel", b->name);
    for (int d = 0; d < b->ndim; d++) {
        int64_t n;
        if (!expr_const(b->dim[d], &n))
            report(c->cx, E0304, s->span,
                   "tiles have sizes that are known when the kernel is compiled",
                   "dimension %d of '%s' is not constant", d, b->name);
        else if (n <= 0 || n > INT32_MAX)
            report(c->cx, E0304, s->span, NULL, "dimension %d of '%s' has %lld elements", d,
                   b->name, (long long)n);
    }
    Seen *n = NEW(&c->cx->arena, Seen);
    *n = (Seen){c->seen, b, false};
    c->seen = n;
}

static void check_store(Check *c, const Stmt *s, const Scope *sc)
{
    const Buf *b = s->store.buf;
    check_buf(c, b, s->span, true);
    check_index(c, b, s->store.idx, s->span, sc);
    check_expr(c, s->store.value, sc);
    if (s->store.value->type != b->type)
        report(c->cx, E0302, s->span, "convert the value with T.cast",
               "'%s' holds %s, the value is a %s", b->name, dtype_info[b->type].name,
               dtype_info[s->store.value->type].name);
}

static bool surely_runs(const Stmt *s)
{
    int64_t lo = 0, hi;
    for (int k = 0; k < s->loop.n; k++)
        if (!expr_const(s->loop.hi[k], &hi) ||
            (s->loop.how != LOOP_PARALLEL && !expr_const(s->loop.lo, &lo)) ||
            (s->loop.step > 0 ? lo >= hi : lo <= hi))
            return false;
    return true;
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

static void check_loop(Check *c, const Stmt *s, const Scope *sc)
{
    bool parallel = s->loop.how == LOOP_PARALLEL, nest = c->in_nest, maybe = c->maybe;
    if (s->loop.n < 1 || s->loop.n > (parallel ? MAXPAR : 1) || (!parallel && s->loop.step == 0))
        report(c->cx, E0301, s->span, NULL, "a loop of %d variables with step %lld", s->loop.n,
               (long long)s->loop.step);
    if (parallel) check_nest_size(c, s);
    if (!parallel) check_integer(c, s->loop.lo, "the start of a loop", sc);
    for (int k = 0; k < s->loop.n; k++) check_integer(c, s->loop.hi[k], "the end of a loop", sc);
    c->in_nest |= parallel;
    c->maybe |= !surely_runs(s);
    check_list(c, s->loop.body, &(Scope){.outer = sc, .stmt = s});
    c->in_nest = nest;
    c->maybe = maybe;
}

static void check_branch(Check *c, const Stmt *s, const Scope *sc)
{
    bool maybe = c->maybe;
    check_expr(c, s->branch.cond, sc);
    if (s->branch.cond->type != DT_bool)
        report(c->cx, E0302, s->span, "compare it with something", "the condition is a %s",
               dtype_info[s->branch.cond->type].name);
    c->maybe = true;
    check_list(c, s->branch.then, &(Scope){.outer = sc, .stmt = s});
    check_list(c, s->branch.other, &(Scope){.outer = sc, .stmt = s, .other = true});
    c->maybe = maybe;
}

static void check_stmt(Check *c, const Stmt *s, const Scope *sc)
{
    switch (s->kind) {
    case S_LOOP: check_loop(c, s, sc); break;
    case S_IF:
    case S_WHILE: check_branch(c, s, sc); break;
    case S_JUMP: break;
    case S_EVAL: check_expr(c, s->eval, sc); break;
    case S_LET:
        check_expr(c, s->let.value, sc);
        if (s->let.value->type != s->let.var->type)
            report(c->cx, E0302, s->span, NULL, "'%s' is a %s, its value a %s", s->let.var->name,
                   dtype_info[s->let.var->type].name, dtype_info[s->let.value->type].name);
        break;
    case S_STORE: check_store(c, s, sc); break;
    case S_TILE: check_tile(c, s, sc); break;
    case S_ALLOC: check_alloc(c, s); break;
    case S_ROLE: check_role(c, s, sc); break;
    case S_VERB: check_verb(c, s, sc); break;
    case S_AWAIT:
        if (schedule_only(c, s, "T.await_") && s->pending < 0)
            report(c->cx, E0308, s->span, NULL, "T.await_(%d)", s->pending);
        break;
    case S_TURN: check_turn(c, s); break;
    }
}

/* buffers of a list end with it; a let is seen by what follows it */
static void check_list(Check *c, const Stmt *list, const Scope *sc)
{
    const Seen *outer = c->seen;
    for (const Stmt *s = list; s && c->cx->nerror - c->first_error < 20; s = s->next) {
        check_stmt(c, s, sc);
        if (s->kind == S_LET) {
            Scope *n = NEW(&c->cx->arena, Scope);
            *n = (Scope){.outer = sc, .stmt = s};
            sc = n;
        }
    }
    c->seen = outer;
}

/* ---- launches ------------------------------------------------------------------------------- */

static void check_roles(Check *c)
{
    unsigned had = 0;
    for (const Stmt *s = c->launch->body; s; s = s->next) {
        if (s->kind != S_ROLE) {
            report(c->cx, E0308, s->span, "put it into the role that it belongs to",
                   "a launch with pipes has statements in roles only");
            continue;
        }
        if (had & 1u << s->role.role)
            report(c->cx, E0308, s->span, "write both parts into one block", "a second block of %s",
                   role_name[s->role.role]);
        had |= 1u << s->role.role;
        if (s->role.role == R_COMPUTE) c->groups = s->role.groups;
    }
    for (int k = 0; k < c->launch->npipe; k++) {
        const Pipe *p = c->launch->pipe[k];
        if (p->depth < 1 || p->ntile < 1)
            report(c->cx, E0303, p->span, NULL, "'%s' has %d slots of %d tiles", p->name, p->depth,
                   p->ntile);
    }
}

static int64_t slot_bytes(const Pipe *p)
{
    int64_t sum = 0;
    for (int t = 0; t < p->ntile; t++) {
        int64_t n = dtype_bytes(p->tile[t].type);
        for (int d = 0; d < p->tile[t].ndim; d++) n *= p->tile[t].dim[d];
        sum += n;
    }
    return sum;
}

static void add_bytes(Visitor *v, Stmt *s)
{
    int64_t *sum = v->user, n;
    if (s->kind == S_ALLOC && s->alloc->space == SP_SHARED && (n = buf_elems(s->alloc)) > 0)
        *sum += n * dtype_bytes(s->alloc->type);
}

static void check_limits(Check *c)
{
    const Launch *l = c->launch;
    int64_t bytes = 0;
    Visitor v = {.stmt = add_bytes, .user = &bytes};
    walk_stmts(&v, l->body);
    for (int k = 0; k < l->npipe; k++) {
        const Pipe *p = l->pipe[k];
        bytes += slot_bytes(p) * p->depth * (p->each ? c->groups : 1);
        if (p->depth > c->lim->max_depth)
            report(c->cx, E0309, p->span, NULL, "'%s' has %d slots; %s allows %d", p->name,
                   p->depth, c->lim->target, c->lim->max_depth);
    }
    if (bytes > c->lim->shared)
        report(c->cx, E0309, l->span, "use smaller tiles or fewer stages",
               "'%s' needs %lld bytes for its tiles; %s has %lld", l->name, (long long)bytes,
               c->lim->target, (long long)c->lim->shared);
    if (c->groups > MAX(c->lim->max_groups, 1))
        report(c->cx, E0309, l->span, NULL, "compute has %d groups; %s allows %d", c->groups,
               c->lim->target, MAX(c->lim->max_groups, 1));
}

static void check_launch(Check *c, const Launch *l)
{
    Scope outside = {.launch = l};
    c->launch = l;
    c->seen = NULL;
    c->role = -1;
    c->groups = 1;
    c->in_nest = c->maybe = false;
    if (l->ngrid < 1 || l->ngrid > MAXGRID)
        report(c->cx, E0301, l->span, "T.Kernel has one to three grid dimensions",
               "'%s' has %d grid dimensions", l->name, l->ngrid);
    for (int d = 0; d < l->ngrid; d++) check_integer(c, l->grid[d], "a grid dimension", NULL);
    if (l->npipe && schedule_only(c, l->body ? l->body : &(Stmt){.span = l->span}, "a pipe"))
        check_roles(c);
    check_list(c, l->body, &outside);
    if (c->lim && c->cx->nerror == c->first_error) check_limits(c);
}

void check_prog(Cx *cx, const Prog *p, const Limits *lim)
{
    Check c = {.cx = cx, .prog = p, .lim = lim, .first_error = cx->nerror};
    for (const Launch *l = p->launch; l; l = l->next) check_launch(&c, l);
    if (cx->nerror > c.first_error) leave(cx);
}
