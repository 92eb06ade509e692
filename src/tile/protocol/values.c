/* Numbers that govern verbs: trip counts, conditions, numbers of rings. They are linear forms over
   atoms; an atom is everything that is not arithmetic on known numbers, named by its text. Two
   roles that compute the same text compute the same value, so an atom chosen once holds for all of
   them. Comparisons are atoms that know their operands: they follow from chosen counts where those
   are small, and are free choices otherwise, which allows more than can happen, never less.  */
#include "tile/protocol/protocol.h"
#include "tile/verify/affine.h"
#include <string.h>

static const int64_t FAR = (int64_t)1 << 40; /* beyond it nothing is known */

Val val_int(int64_t k)
{
    return (Val){.k = k};
}

void val_print(Text *out, const Val *v)
{
    text_add(out, "%lld", (long long)v->k);
    for (int i = 0; i < v->n; i++)
        text_add(out, "+%lld*#%d", (long long)v->t[i].coef, v->t[i].atom);
}

/* ---- atoms ---------------------------------------------------------------------------------- */

static int *place_of(const Game *g, const char *text)
{
    uint64_t h = 0xCBF29CE484222325u, mask = 2 * (uint64_t)g->capatom - 1;
    for (const char *c = text; *c; c++) h = (h ^ (unsigned char)*c) * 0x100000001B3u;
    for (h = (h ^ h >> 29) & mask; g->at[h] && strcmp(g->atom[g->at[h] - 1].text, text);
         h = (h + 1) & mask)
        ;
    return &g->at[h];
}

Val val_atom(Game *g, bool boolean, const Val *arg, int n, const char *fmt, ...)
{
    if (!g->scratch.s) g->scratch = text_new(&g->cx->arena);
    g->scratch.n = 0;
    va_list ap;
    va_start(ap, fmt);
    text_vadd(&g->scratch, fmt, ap);
    va_end(ap);
    for (int i = 0; i < n; i++) {
        text_add(&g->scratch, i ? "," : "(");
        val_print(&g->scratch, &arg[i]);
    }
    if (g->natom == g->capatom) {
        g->atom = arena_grow(&g->cx->arena, g->atom, g->natom, &g->capatom, sizeof *g->atom);
        g->at = NEWN(&g->cx->arena, int, 2 * g->capatom);
        for (int i = 0; i < g->natom; i++) *place_of(g, g->atom[i].text) = i + 1;
    }
    int *at = place_of(g, g->scratch.s);
    if (!*at) {
        *at = ++g->natom;
        Atom *a = &g->atom[*at - 1];
        *a = (Atom){.boolean = boolean, .lo = -FAR, .hi = FAR, .narg = n};
        a->text = arena_copy(&g->cx->arena, g->scratch.s, g->scratch.n);
        a->arg = NEWN(&g->cx->arena, Val, n);
        if (n) memcpy(a->arg, arg, sizeof *arg * (size_t)n);
    }
    Val v = {.n = 1};
    v.t[0].atom = *at - 1;
    v.t[0].coef = 1;
    return v;
}

/* where a number surely lies; what follows a loop of open length is known for the played part only
 */
static void interval(const Game *g, const Val *v, int64_t *lo, int64_t *hi)
{
    Wide least = v->k, most = v->k;
    bool low = !v->loop, high = !v->loop;
    for (int i = 0; i < v->n; i++) {
        const Atom *a = &g->atom[v->t[i].atom];
        Wide c = v->t[i].coef, x = c * a->lo, y = c * a->hi;
        least += MIN(x, y);
        most += MAX(x, y);
        low &= (c > 0 ? a->lo : a->hi) != (c > 0 ? -FAR : FAR);
        high &= (c > 0 ? a->hi : a->lo) != (c > 0 ? FAR : -FAR);
    }
    *lo = low && least > -FAR ? (int64_t)MIN(least, FAR) : -FAR;
    *hi = high && most < FAR ? (int64_t)MAX(most, -FAR) : FAR;
}

/* where the result of an operation lies */
static void bound(const Game *g, Atom *a)
{
    int64_t lo[MAXARG] = {0}, hi[MAXARG] = {0};
    for (int i = 0; i < a->narg; i++) interval(g, &a->arg[i], &lo[i], &hi[i]);
    if (a->op == OP_min || a->op == OP_max) {
        bool least = a->op == OP_min;
        a->lo = least ? MIN(lo[0], lo[1]) : MAX(lo[0], lo[1]);
        a->hi = least ? MIN(hi[0], hi[1]) : MAX(hi[0], hi[1]);
    } else if (a->op == OP_floormod && lo[1] > 0) {
        a->lo = 0;
        a->hi = MIN(hi[1] - 1, FAR);
    } else if (a->op == OP_floordiv && lo[1] > 0 && lo[1] == hi[1]) {
        if (lo[0] > -FAR) a->lo = (int64_t)wide_floor(lo[0], lo[1]);
        if (hi[0] < FAR) a->hi = (int64_t)wide_floor(hi[0], lo[1]);
    }
}

/* an operation on values that are not all numbers */
static Val op_atom(Game *g, Op op, bool boolean, int n, const Val *arg)
{
    Val v = val_atom(g, boolean, arg, n, "%s", op_info[op].name);
    Atom *a = &g->atom[v.t[0].atom];
    a->op = op;
    a->follows = true;
    bound(g, a);
    return v;
}

/* ---- arithmetic ----------------------------------------------------------------------------- */

/* in order, so that equal forms have equal text */
static bool add_term(Val *v, int atom, int64_t coef)
{
    int i = 0;
    while (i < v->n && v->t[i].atom < atom) i++;
    if (i < v->n && v->t[i].atom == atom) {
        if (__builtin_add_overflow(v->t[i].coef, coef, &v->t[i].coef)) return false;
        if (!v->t[i].coef) memmove(&v->t[i], &v->t[i + 1], sizeof *v->t * (size_t)(--v->n - i));
        return true;
    }
    if (v->n == MAXTERMS) return false;
    memmove(&v->t[i + 1], &v->t[i], sizeof *v->t * (size_t)(v->n++ - i));
    v->t[i].atom = atom;
    v->t[i].coef = coef;
    return true;
}

/* which loop the sum follows, and how fast */
static void add_loop(Val *r, const Val *b, int64_t by)
{
    if (!b->loop) return;
    if (!r->loop) {
        r->loop = b->loop;
        r->step = b->step * by;
        r->iter = b->iter;
    } else if (r->loop != b->loop || r->iter != b->iter) {
        r->loop = MIXED;
    } else if (r->loop != MIXED && !(r->step += b->step * by)) {
        r->loop = 0;
    }
}

Val val_add(Game *g, Val a, Val b, int64_t by)
{
    Val r = a;
    int64_t k;
    bool small = by <= INT32_MAX && by >= INT32_MIN && b.step <= INT32_MAX && b.step >= INT32_MIN,
         fits =
             small && !__builtin_mul_overflow(b.k, by, &k) && !__builtin_add_overflow(r.k, k, &r.k);
    for (int i = 0; i < b.n && fits; i++)
        fits = !__builtin_mul_overflow(b.t[i].coef, by, &k) && (!k || add_term(&r, b.t[i].atom, k));
    if (!fits) return op_atom(g, OP_add, false, 3, (Val[]){a, b, val_int(by)});
    add_loop(&r, &b, by);
    return r;
}

static bool is_number(const Val *v)
{
    return !v->n && !v->loop;
}

/* A number compared with 0. Where it follows a loop whose length is chosen, only so many iterations
   are played: the comparison is known when it has changed for good within the first `shift` of
   them, so that two rings and more are played after it. */
static bool compares(const Game *g, const Val *diff)
{
    if (diff->n) return false;
    if (diff->loop == 0) return true;
    if (diff->loop == MIXED || diff->step == 0) return false;
    int64_t at = diff->k - diff->step * diff->iter,
            step = diff->step < 0 ? -diff->step : diff->step;
    if (diff->step > 0) at = -at;
    return at <= g->shift * step; /* at / step is the iteration in which it changes */
}

static Val compare(Game *g, Op op, const Val *arg)
{
    /* one form for all comparisons: the difference against 0, as <, <= or == */
    bool swap = op == OP_gt || op == OP_ge, negate = op == OP_ne;
    Val diff = val_add(g, arg[swap], arg[!swap], -1);
    op = op == OP_gt ? OP_lt : op == OP_ge ? OP_le : op == OP_ne ? OP_eq : op;
    if (compares(g, &diff)) return val_int(op_fold_i(op, diff.k, 0, 0) ^ negate);
    Val a = op_atom(g, op, true, 2, (Val[]){diff, val_int(0)});
    return negate ? val_add(g, val_int(1), a, -1) : a;
}

/* remainders by small numbers repeat within what is played */
static bool remainder_known(const Val *arg)
{
    return is_number(&arg[1]) && !arg[0].n && arg[0].loop != MIXED && arg[1].k > 0 &&
           arg[1].k <= MAXPERIOD;
}

static Val op_value(Game *g, const Expr *e, const Val *arg)
{
    int n = op_info[e->op].nargs;
    bool floats = false, exact = true, boolean = e->type == DT_bool;
    for (int i = 0; i < n; i++) {
        floats |= dtype_is_float(e->arg[i]->type);
        exact &= is_number(&arg[i]);
    }
    if (floats) return op_atom(g, e->op, boolean, n, arg);
    if (op_info[e->op].rule == RULE_cmp) return compare(g, e->op, arg);
    switch (e->op) {
    case OP_add: return val_add(g, arg[0], arg[1], 1);
    case OP_sub: return val_add(g, arg[0], arg[1], -1);
    case OP_neg: return val_add(g, val_int(0), arg[0], -1);
    case OP_not: return val_add(g, val_int(1), arg[0], -1);
    case OP_mul:
        for (int i = 0; i < 2; i++)
            if (is_number(&arg[i])) return val_add(g, val_int(0), arg[!i], arg[i].k);
        break;
    case OP_select:
        if (!arg[0].n) return arg[0].k ? arg[1] : arg[2];
        break;
    case OP_and:
    case OP_or:
        for (int i = 0; i < 2; i++)
            if (!arg[i].n) return (arg[i].k != 0) == (e->op == OP_or) ? arg[i] : arg[!i];
        break;
    case OP_max:
    case OP_min: {
        Val diff = val_add(g, arg[0], arg[1], -1);
        if (compares(g, &diff)) return (diff.k > 0) == (e->op == OP_max) ? arg[0] : arg[1];
        break;
    }
    case OP_floordiv:
    case OP_floormod:
    case OP_div:
        if (!arg[1].n && arg[1].k == 0) exact = false;
        exact |= e->op == OP_floormod && remainder_known(arg);
        break;
    default: break;
    }
    if (exact)
        return val_int(op_fold_i(e->op, arg[0].k, n > 1 ? arg[1].k : 0, n > 2 ? arg[2].k : 0));
    return op_atom(g, e->op, boolean, n, arg);
}

/* ---- values at a place ---------------------------------------------------------------------- */

/* a value that nobody else can know, and that is another one each time this place is passed: named
 * by the position */
Val val_private(Game *g, const char *what, DType t)
{
    const Walker *w = &g->s->walker[g->now];
    Text at = text_new(&g->cx->arena);
    for (int f = 0; f < w->nframe; f++)
        text_add(&at, " %d.%lld", w->frame[f].at ? w->frame[f].at->number : 0,
                 (long long)w->frame[f].left);
    return val_atom(g, t == DT_bool, NULL, 0, "%s@%d at%s", what, g->now, at.s);
}

static Val var_value(Game *g, const Var *v)
{
    if (v->kind == V_GROUP) return val_int(g->agent[g->now].group);
    int c = game_name(g, v);
    if (c >= 0) return g->s->cell[c];
    /* blocks, sizes and scalar parameters: the same variable for all roles. A variable of a loop
     * without verbs is not asked for */
    Val x = val_atom(g, v->type == DT_bool, NULL, 0, "%s@%p", v->name, (const void *)v);
    if (v->kind == V_SIZE || v->kind == V_BLOCK) g->atom[x.t[0].atom].lo = 0;
    return x;
}

static Val slot_value(Game *g, const Expr *e, const Val *idx)
{
    const Buf *b = e->buf;
    int slot = game_name(g, b);
    if (slot < 0) return val_private(g, b->name, e->type);
    const Pipe *p = g->launch->pipe[g->name[slot].pipe];
    Place at = g->s->slot[slot];
    bool scalar = p->ntile == 1 && !p->each && buf_elems(b) == 1;
    if (scalar && p->depth <= SENT) return g->s->sent[at.ring * SENT + at.at % SENT];
    if (p->each) return val_private(g, b->name, e->type);
    /* whatever the producer put there: the same for all who read it */
    return val_atom(g, e->type == DT_bool, idx, b->ndim, "slot@%d.%d %lld", at.ring, b->tile,
                    (long long)at.at);
}

static Val load_value(Game *g, const Expr *e, const Val *idx)
{
    const Buf *b = e->buf;
    int c = b->space == SP_LOCAL && b->ndim == 0 ? game_name(g, b) : -1;
    if (b->space == SP_SLOT) return slot_value(g, e, idx);
    if (c >= 0) return g->s->cell[c];
    if ((b->space != SP_GLOBAL && b->space != SP_TEMP) || game_writes(g, b))
        return val_private(g, b->name, e->type);
    return val_atom(g, e->type == DT_bool, idx, b->ndim, "%s@%p", b->name, (const void *)b);
}

Val val_of(Game *g, const Expr *e)
{
    Expr **kid;
    Val arg[MAXDIM];
    int n = e->kind == E_CALL ? 0 : expr_kids(e, &kid);
    for (int i = 0; i < n; i++) arg[i] = val_of(g, kid[i]);
    switch (e->kind) {
    case E_INT: return val_int(e->i);
    case E_FLOAT: return val_atom(g, false, NULL, 0, "%a", e->f);
    case E_VAR: return var_value(g, e->var);
    case E_OP: return op_value(g, e, arg);
    case E_LOAD: return load_value(g, e, arg);
    case E_CALL: return val_atom(g, e->type == DT_bool, NULL, 0, "%s", fn_info[e->fn].name);
    case E_CAST:
    case E_BITS:
        if (dtype_is_int(e->type) && !dtype_is_float(e->arg[0]->type) &&
            dtype_info[e->type].bits >= 32)
            return arg[0]; /* counts are small; the interpreter reports what overflows */
        return val_atom(g, e->type == DT_bool, arg, 1, "%s@", dtype_info[e->type].name);
    }
    return val_int(0);
}

/* ---- choices -------------------------------------------------------------------------------- */

/* Only small counts are tried. What compares a count with a loop's variable, or with a small
   number, behaves alike for the larger ones; what weighs them differently, or puts a large number
   between them, does not. */
static bool scales(const Game *g, const Val *v)
{
    int64_t c = 0, rest = v->k - v->step * v->iter, step = v->step < 0 ? -v->step : v->step;
    if (v->loop == MIXED) return false;
    for (int i = 0; i < v->n; i++) {
        int64_t k = v->t[i].coef < 0 ? -v->t[i].coef : v->t[i].coef;
        if (c && k != c) return false;
        c = k;
    }
    if (!v->n) c = MAX(step, 1);
    return (!v->loop || step == c) && rest <= (g->shift + 2) * c && rest >= -(g->shift + 2) * c;
}

static bool may_follow(const Game *g, const Atom *a)
{
    bool plain = a->op == OP_max || a->op == OP_min || a->op == OP_select || a->boolean;
    for (int i = 0; a->follows && i < a->narg; i++)
        if (!scales(g, &a->arg[i])) return false;
    return a->follows && plain;
}

/* its value: chosen, or it follows from what is chosen */
static bool atom_known(Game *g, int atom, int64_t *out)
{
    Atom *a = &g->atom[atom];
    int64_t v[MAXARG] = {0};
    if (a->chosen) {
        a->asked = ++g->clock;
        *out = a->value;
        return true;
    }
    if (!may_follow(g, a)) return false;
    for (int i = 0; i < a->narg; i++) {
        const Val *x = &a->arg[i];
        v[i] = x->k;
        for (int k = 0; k < x->n; k++) {
            int64_t y;
            if (!atom_known(g, x->t[k].atom, &y)) return false;
            v[i] += x->t[k].coef * y;
        }
    }
    *out = op_fold_i(a->op, v[0], v[1], v[2]);
    return true;
}

/* what to choose so that the atom is known: a count in it that loops run by, else the atom itself
 */
static int to_choose(Game *g, int atom)
{
    const Atom *a = &g->atom[atom];
    if (!may_follow(g, a)) return atom;
    for (int i = 0; i < a->narg; i++)
        for (int k = 0; k < a->arg[i].n; k++) {
            int t = a->arg[i].t[k].atom;
            if (g->atom[t].chosen) continue;
            if (g->atom[t].counts) return t;
            int deeper = to_choose(g, t);
            if (deeper != t) return deeper;
        }
    return atom;
}

void val_counts(Game *g, const Val *v)
{
    for (int i = 0; i < v->n; i++) {
        Atom *a = &g->atom[v->t[i].atom];
        g->ncount += !a->counts;
        a->counts = true;
    }
}

bool val_known(Game *g, const Val *v, int64_t *out)
{
    *out = v->k;
    for (int i = 0; i < v->n; i++) {
        int64_t x;
        if (!atom_known(g, v->t[i].atom, &x)) {
            g->need = to_choose(g, v->t[i].atom);
            return false;
        }
        *out += v->t[i].coef * x;
    }
    return true;
}

/* Numbers on both sides of what is tried behave like those at its ends. */
void atom_tried(const Game *g, const Atom *a, int64_t *lo, int64_t *hi)
{
    int64_t least = -1 - g->shift, most = g->reach + g->shift;
    *lo = a->boolean ? 0 : a->lo + 2 > most ? MIN(0, most) : MAX(a->lo, least);
    *hi = a->boolean ? 1 : MAX(MIN(a->hi, most), *lo);
}
