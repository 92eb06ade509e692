/* Is a tile written before it is read? One walk in the order of the program, with loops in their
   first iteration: conditions that the first values of the loop variables decide (k == 0) are
   followed, of the others both branches. A read is refuted when it surely happens and nothing can
   have been written before; proved when on every way to it something was; else it is unknown. Which
   part of a tile was written is not asked, nor are tensors of the caller and slots, which the
   protocol speaks of. */
#include "tile/verify/verify.h"
#include <string.h>

typedef enum {
    NEVER,
    SOMETIMES,
    ALWAYS
} Written; /* on no way to this place, on some, on every one */
typedef struct {
    const Buf *buf;
    Written written;
} Tile;

typedef struct {
    Check *c;
    int n, cap;
    Tile *tile;
    Point p;    /* first values of the loops around this place */
    bool sure;  /* this place is surely reached */
    bool dry;   /* only what is written counts */
    bool roles; /* roles run side by side: shared tiles come from others */
} Walk;

static Tile *tile_of(Walk *w, const Buf *b)
{
    b = buf_root(b);
    if (b->space == SP_GLOBAL || b->space == SP_SLOT || b->space == SP_BARRIER) return NULL;
    for (int i = 0; i < w->n; i++)
        if (w->tile[i].buf == b) return &w->tile[i];
    w->tile = arena_grow(&w->c->cx->arena, w->tile, w->n, &w->cap, sizeof *w->tile);
    w->tile[w->n] = (Tile){b, w->roles && b->space == SP_SHARED ? ALWAYS : NEVER};
    return &w->tile[w->n++];
}

/* ---- reads and writes ---------------------------------------------------------------------------
 */

static void wrote(Walk *w, const Buf *b)
{
    Tile *t = tile_of(w, b);
    if (t) t->written = w->dry ? MAX(t->written, SOMETIMES) : ALWAYS;
}

static const char *way_out(const Stmt *s, const Buf *b)
{
    if (s->kind == S_TILE && s->tile.op == TO_gemm)
        return "T.gemm adds to what is there: T.clear it first, or clear_accum=True";
    if (s->kind == S_TILE && !strncmp(tileop_info[s->tile.op].name, "reduce_", 7))
        return "clear=False combines with what is there: T.fill it first";
    return b->ndim ? "T.clear or T.fill it first" : "give it a value first";
}

static void read(Walk *w, const Buf *b, Span at, const Stmt *s)
{
    Tile *t = tile_of(w, b);
    if (w->dry || !t || t->written == ALWAYS) return;
    bool refuted = w->sure && t->written == NEVER;
    ErrCode code = refuted ? E0312 : E0313;
    t->written = ALWAYS; /* once is enough */
    if (check_told(w->c, code, at)) return;
    w->c->nremark += !refuted;
    Diag *d = report(w->c->cx, code, at, way_out(s, t->buf),
                     refuted ? "'%s' is read here, and nothing was written to it before"
                             : "'%s' may be read here before anything was written to it",
                     t->buf->name);
    note_buf(w->c, d, t->buf);
}

/* ---- ways
 * ---------------------------------------------------------------------------------------- */

static Written *kept(Walk *w)
{
    Written *k = NEWN(&w->c->cx->arena, Written, w->n + 1);
    for (int i = 0; i < w->n; i++) k[i] = w->tile[i].written;
    return k;
}

/* two ways meet: this one, and one on which the first n tiles were `other` */
static void meet(Walk *w, const Written *other, int n)
{
    for (int i = 0; i < w->n; i++) {
        Written o = i < n ? other[i] : NEVER, *mine = &w->tile[i].written;
        if (o != *mine) *mine = SOMETIMES;
    }
}

static void read_expr(Walk *w, const Expr *e, const Stmt *s);

static void read_call(Walk *w, const Expr *e, const Stmt *s)
{
    for (int k = 0; k < e->nargs; k++) {
        const Expr *a = e->args[k];
        char place = call_place(e, k);
        if (!place && e->fn == FN_extern && a->kind == E_LOAD) place = 'w'; /* whatever it does */
        if (!place) {
            read_expr(w, a, s);
            continue;
        }
        for (int d = 0; d < a->buf->ndim; d++) read_expr(w, a->idx[d], s);
        if (place == 'r' || place == 'u') read(w, a->buf, span_or(&a->span, s->span), s);
        if (place == 'w' || place == 'u') wrote(w, a->buf);
    }
}

/* of a choice the condition is surely read, and the one branch that is decided */
static void read_choice(Walk *w, const Expr *e, const Stmt *s)
{
    int64_t holds;
    bool sure = w->sure, decided = point_int(&w->p, e->arg[0], &holds);
    read_expr(w, e->arg[0], s);
    w->sure &= decided;
    for (int first = 1; first >= 0; first--)
        if (!decided || !holds == !first) read_expr(w, expr_chosen(e, first), s);
    w->sure = sure;
}

static void read_expr(Walk *w, const Expr *e, const Stmt *s)
{
    Expr **kid;
    if (!e) return;
    if (e->kind == E_CALL) {
        read_call(w, e, s);
    } else if (e->kind == E_OP && op_chooses(e->op)) {
        read_choice(w, e, s);
    } else {
        for (int i = 0, n = expr_kids(e, &kid); i < n; i++) read_expr(w, kid[i], s);
        if (e->kind == E_LOAD) read(w, e->buf, span_or(&e->span, s->span), s);
    }
}

static void walk_tile(Walk *w, const Stmt *s)
{
    const char *o = tileop_info[s->tile.op].operands;
    for (int i = 0; o[i]; i++) {
        const Region *r = &s->tile.arg[i];
        for (int d = 0; d < r->buf->ndim; d++) read_expr(w, r->off[d], s);
        if (o[i] == 'r' || (o[i] == 'u' && !s->tile.clear))
            read(w, r->buf, span_or(&r->span, s->span), s);
    }
    read_expr(w, s->tile.value, s);
    for (int i = 0; o[i]; i++)
        if (o[i] != 'r') wrote(w, s->tile.arg[i].buf);
}

/* ---- statements ---------------------------------------------------------------------------------
 */

static bool walk_list(Walk *w, const Stmt *list);

/* what later iterations write is there for what follows the loop, and for no read before */
static void write_all(Walk *w, const Stmt *list)
{
    Point p = w->p;
    w->dry = true;
    w->p.n = 0;
    walk_list(w, list);
    w->dry = false;
    w->p = p;
}

/* a body that runs at least once, or perhaps not at all */
static void walk_body(Walk *w, const Stmt *body, bool surely)
{
    bool sure = w->sure;
    int n = w->n;
    Written *before = kept(w);
    w->sure &= surely;
    walk_list(w, body);
    w->sure = sure;
    if (!surely) meet(w, before, n);
    if (!w->dry) write_all(w, body);
}

/* a nest runs for all values at once, so its variables have none */
static void walk_loop(Walk *w, const Stmt *s)
{
    bool parallel = s->loop.how == LOOP_PARALLEL, surely = true;
    int mark = w->p.n;
    int64_t lo = 0, hi;
    if (s->loop.lo && !parallel) read_expr(w, s->loop.lo, s);
    for (int k = 0; k < s->loop.n; k++) {
        read_expr(w, s->loop.hi[k], s);
        bool known =
            (parallel || point_int(&w->p, s->loop.lo, &lo)) && point_int(&w->p, s->loop.hi[k], &hi);
        if (known && (parallel || s->loop.step > 0 ? lo >= hi : lo <= hi) && !w->dry) return;
        surely &= known;
    }
    if (!parallel && !w->dry && point_int(&w->p, s->loop.lo, &lo))
        point_bind(&w->p, s->loop.var[0], (Num){.i = lo});
    walk_body(w, s->loop.body, surely);
    w->p.n = mark;
}

/* true: a jump may have been taken */
static bool walk_branch(Walk *w, const Stmt *s)
{
    int64_t holds;
    bool sure = w->sure, jumped = false;
    int mark = w->p.n, n = w->n;
    read_expr(w, s->branch.cond, s);
    if (point_int(&w->p, s->branch.cond, &holds)) {
        jumped = walk_list(w, holds ? s->branch.then : s->branch.other);
        w->p.n = mark;
        return jumped;
    }
    Written *before = kept(w);
    w->sure = false;
    jumped |= walk_list(w, s->branch.then);
    w->p.n = mark;
    Written *then = kept(w);
    int nthen = w->n;
    for (int i = 0; i < w->n; i++) w->tile[i].written = i < n ? before[i] : NEVER;
    jumped |= walk_list(w, s->branch.other);
    w->p.n = mark;
    w->sure = sure;
    meet(w, then, nthen);
    return jumped;
}

static void walk_while(Walk *w, const Stmt *s)
{
    int mark = w->p.n;
    read_expr(w, s->branch.cond, s);
    walk_body(w, s->branch.then, false);
    w->p.n = mark;
}

/* true: what follows may be jumped over */
static bool walk_list(Walk *w, const Stmt *list)
{
    bool jumped = false;
    StmtPart p[MAXPART];
    Num x;
    for (const Stmt *s = list; s; s = s->next) {
        bool sure = w->sure;
        w->sure &= !jumped;
        switch (s->kind) {
        case S_LOOP: walk_loop(w, s); break;
        case S_WHILE: walk_while(w, s); break;
        case S_IF: jumped |= walk_branch(w, s); break;
        case S_JUMP: jumped = true; break;
        case S_TILE: walk_tile(w, s); break;
        case S_ROLE: walk_list(w, s->role.body); break;
        case S_VERB: break;
        default:
            for (int i = 0, n = stmt_parts(s, p); i < n; i++)
                if (p[i].kind == PART_EXPR) read_expr(w, *p[i].expr, s);
            if (s->kind == S_STORE) wrote(w, s->store.buf);
            if (s->kind == S_LET && point_value(&w->p, s->let.value, &x, NULL))
                point_bind(&w->p, s->let.var, x);
        }
        w->sure = sure;
    }
    return jumped;
}

static void forget(Walk *w)
{
    int kept = 0;
    for (int i = 0; i < w->n; i++)
        if (w->tile[i].buf->space == SP_TEMP) w->tile[kept++] = w->tile[i];
    w->n = kept;
}

void check_init(Check *c)
{
    Walk w = {.c = c};
    for (const Launch *l = c->prog->launch; l; l = l->next) {
        w.sure = true;
        w.roles = l->npipe > 0;
        w.p.n = 0;
        walk_list(&w, l->body);
        forget(&w);
    }
}
