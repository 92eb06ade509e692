/* What a run costs. The gemms are counted by playing the loops around them with numbers: grids,
   trip counts and branches are expressions of sizes, scalars and block indices, so no tensor is
   looked at. A loop whose body does not use its variable is multiplied, not played. */
#include "api/api.h"

enum { MAXENV = 64 };
typedef struct {
    const Prog *prog;
    const Arg *arg;
    const int64_t *size;
    int n;
    struct {
        const Var *var;
        int64_t value;
    } env[MAXENV];
    double steps; /* left; a program too large to play is unknown */
    bool unknown;
} Play;

static bool find(const Play *p, const Var *v, int64_t *out)
{
    for (int i = p->n - 1; i >= 0; i--)
        if (p->env[i].var == v) {
            *out = p->env[i].value;
            return true;
        }
    for (int i = 0; i < p->prog->nsize; i++)
        if (p->prog->size[i] == v) {
            *out = p->size[i];
            return true;
        }
    for (int i = 0; i < p->prog->nparam; i++)
        if (p->prog->param[i].scalar == v && !dtype_is_float(v->type)) {
            *out = p->arg[i].i;
            return true;
        }
    return false;
}

/* integers only; false: not known without the contents of tensors */
static bool value(const Play *p, const Expr *e, int64_t *out)
{
    if (dtype_is_float(e->type)) return false;
    switch (e->kind) {
    case E_INT: *out = e->i; return true;
    case E_VAR: return find(p, e->var, out);
    case E_CAST:
        if (!value(p, e->arg[0], out)) return false;
        *out = dtype_wrap(e->type, *out);
        return true;
    case E_OP: {
        int64_t a[MAXARG] = {0};
        for (int i = 0; i < op_info[e->op].nargs; i++)
            if (!value(p, e->arg[i], &a[i])) return false;
        if ((e->op == OP_div || e->op == OP_floordiv || e->op == OP_floormod) && a[1] == 0)
            return false;
        *out = dtype_wrap(e->type, op_fold_i(e->op, a[0], a[1], a[2]));
        return true;
    }
    default: return false;
    }
}

static void set(Play *p, const Var *v, int64_t x)
{
    if (p->n == MAXENV) {
        p->unknown = true;
        return;
    }
    p->env[p->n].var = v;
    p->env[p->n++].value = x;
}

typedef struct {
    Visitor v;
    const Var *var;
    bool uses, gemm;
} Look;

static void look_stmt(Visitor *v, Stmt *s)
{
    if (s->kind == S_TILE && s->tile.op == TO_gemm) ((Look *)v->user)->gemm = true;
}

static void look_expr(Visitor *v, Expr *e)
{
    Look *l = v->user;
    if (e->kind == E_VAR && e->var == l->var) l->uses = true;
}

static Look look(Stmt *list, const Var *var)
{
    Look l = {.var = var};
    l.v = (Visitor){.stmt = look_stmt, .expr = look_expr, .user = &l};
    walk_stmts(&l.v, list);
    return l;
}

static double play(Play *p, Stmt *list);

static double play_loop(Play *p, Stmt *s)
{
    const Var *var = s->loop.var[0];
    Look in = look(s->loop.body, var);
    if (!in.gemm || s->loop.how == LOOP_PARALLEL) return 0;
    int64_t lo, hi, step = s->loop.step;
    if (!value(p, s->loop.lo, &lo) || !value(p, s->loop.hi[0], &hi) || step == 0) {
        p->unknown = true;
        return 0;
    }
    int64_t trips = step > 0 ? (hi - lo + step - 1) / step : (lo - hi - step - 1) / -step;
    if (trips <= 0) return 0;
    int n = p->n;
    double sum = 0;
    for (int64_t t = 0; t < (in.uses ? trips : 1) && !p->unknown; t++) {
        p->n = n;
        set(p, var, lo + t * step);
        sum += play(p, s->loop.body);
    }
    p->n = n;
    return in.uses ? sum : sum * (double)trips;
}

static double play_if(Play *p, Stmt *s)
{
    if (!look(s->branch.then, NULL).gemm && !look(s->branch.other, NULL).gemm) return 0;
    int64_t yes;
    if (!value(p, s->branch.cond, &yes)) {
        p->unknown = true;
        return 0;
    }
    return play(p, yes ? s->branch.then : s->branch.other);
}

/* C has the rows and columns, A the depth; C may have leading dimensions of extent 1 */
static double gemm_flops(const Stmt *s)
{
    const Region *a = &s->tile.arg[0], *c = &s->tile.arg[2];
    double out = 2;
    for (int d = 0; d < c->buf->ndim; d++) out *= (double)c->ext[d];
    return out * (double)a->ext[a->buf->ndim - (s->tile.trans_a ? 2 : 1)];
}

static double play(Play *p, Stmt *list)
{
    double sum = 0;
    int n = p->n;
    for (Stmt *s = list; s && !p->unknown; s = s->next) {
        if (--p->steps < 0) p->unknown = true;
        int64_t x;
        switch (s->kind) {
        case S_LOOP: sum += play_loop(p, s); break;
        case S_IF: sum += play_if(p, s); break;
        case S_ROLE: sum += play(p, s->role.body) * s->role.groups; break;
        case S_LET:
            if (value(p, s->let.value, &x)) set(p, s->let.var, x);
            break;
        case S_TILE:
            if (s->tile.op == TO_gemm) sum += gemm_flops(s);
            break;
        default: break;
        }
    }
    p->n = n;
    return sum;
}

static double play_grid(Play *p, const Launch *l, int d)
{
    int64_t n;
    if (d == l->ngrid) return play(p, l->body);
    if (!value(p, l->grid[d], &n)) {
        p->unknown = true;
        return 0;
    }
    if (!look(l->body, l->block[d]).uses) return n > 0 ? (double)n * play_grid(p, l, d + 1) : 0;
    double sum = 0;
    int at = p->n;
    for (int64_t i = 0; i < n && !p->unknown; i++) {
        p->n = at;
        set(p, l->block[d], i);
        sum += play_grid(p, l, d + 1);
    }
    p->n = at;
    return sum;
}

double work_flops(const Prog *prog, const Arg *arg, const int64_t *size)
{
    Play p = {.prog = prog, .arg = arg, .size = size, .steps = 2e6};
    double sum = 0;
    for (const Launch *l = prog->launch; l && !p.unknown; l = l->next)
        if (look(l->body, NULL).gemm) sum += play_grid(&p, l, 0);
    return p.unknown ? -1 : sum;
}
