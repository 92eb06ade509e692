/* What a run costs. The gemms are counted by playing the loops around them with numbers: grids,
   trip counts and branches are expressions of sizes, scalars and block indices, so no tensor is
   looked at. A loop whose body does not use its variable is multiplied, not played. */
#include "api/api.h"

typedef struct {
    Env env;
    double steps; /* left; a program too large to play is unknown */
    bool unknown;
} Play;

/* integers only; false: not known without the contents of tensors */
static bool value(Play *p, const Expr *e, int64_t *out)
{
    Span64 r = env_range(&p->env, e);
    *out = r.lo;
    return is_point(r);
}

static void set(Play *p, const Var *v, int64_t x)
{
    p->unknown |= !env_push(&p->env, (Frame){.kind = F_VAR, .var = v, .now = {x, x, true}});
}

/* what the sum depends on is not known */
static double give_up(Play *p)
{
    p->unknown = true;
    return 0;
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
    if (!value(p, s->loop.lo, &lo) || !value(p, s->loop.hi[0], &hi) || step == 0)
        return give_up(p);
    int64_t trips = step > 0 ? (hi - lo + step - 1) / step : (lo - hi - step - 1) / -step;
    if (trips <= 0) return 0;
    int n = p->env.nframe;
    double sum = 0;
    for (int64_t t = 0; t < (in.uses ? trips : 1) && !p->unknown; t++) {
        p->env.nframe = n;
        set(p, var, lo + t * step);
        sum += play(p, s->loop.body);
    }
    p->env.nframe = n;
    return in.uses ? sum : sum * (double)trips;
}

static double play_if(Play *p, Stmt *s)
{
    if (!look(s->branch.then, NULL).gemm && !look(s->branch.other, NULL).gemm) return 0;
    int64_t yes;
    if (!value(p, s->branch.cond, &yes)) return give_up(p);
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
    int n = p->env.nframe;
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
    p->env.nframe = n;
    return sum;
}

double work_flops(Cx *cx, const Prog *prog, const Arg *arg, const int64_t *size)
{
    Play p = {.env = {.prog = prog, .arg = arg, .size = size}, .steps = 2e6};
    double sum = 0;
    for (const Launch *l = prog->launch; l && !p.unknown; l = l->next) sum += play(&p, launch_nest(cx, l, false));
    return p.unknown ? -1 : sum;
}
