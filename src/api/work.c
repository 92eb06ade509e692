/* What a run costs. The gemms are counted by playing the loops around them with numbers: grids,
   trip counts and branches are expressions of sizes, scalars and block indices, so no tensor is
   looked at. A loop whose body does not use its variable is multiplied, not played. */
#include "api/api.h"

typedef struct {
    Point at;     /* what has a value */
    double steps; /* left; a program too large to play is unknown */
    bool unknown;
} Play;

/* what the sum depends on is not known */
static double give_up(Play *p)
{
    p->unknown = true;
    return 0;
}

static bool is_gemm(void *user, const Stmt *s)
{
    (void)user;
    return s->kind == S_TILE && s->tile.op == TO_gemm;
}

typedef struct {
    const Var *var;
    bool found;
} Use;

static void note_use(Visitor *v, Expr *e)
{
    Use *u = v->user;
    u->found |= e->kind == E_VAR && e->var == u->var;
}

static bool uses(Stmt *list, const Var *var)
{
    Use u = {.var = var};
    walk_stmts(&(Visitor){.expr = note_use, .user = &u}, list);
    return u.found;
}

static double play(Play *p, Stmt *list);

static double play_loop(Play *p, Stmt *s)
{
    if (!stmt_any(s->loop.body, is_gemm, NULL) || s->loop.how == LOOP_PARALLEL) return 0;
    int64_t lo, hi, step = s->loop.step;
    if (!point_int(&p->at, s->loop.lo, &lo) || !point_int(&p->at, s->loop.hi[0], &hi) || step == 0) return give_up(p);
    int64_t trips = step > 0 ? (hi - lo + step - 1) / step : (lo - hi - step - 1) / -step;
    if (trips <= 0) return 0;
    int n = p->at.n;
    bool each = uses(s->loop.body, s->loop.var[0]);
    double sum = 0;
    for (int64_t t = 0; t < (each ? trips : 1) && !p->unknown; t++) {
        p->at.n = n;
        point_bind(&p->at, s->loop.var[0], (Num){.i = lo + t * step});
        sum += play(p, s->loop.body);
    }
    p->at.n = n;
    return each ? sum : sum * (double)trips;
}

static double play_if(Play *p, Stmt *s)
{
    int64_t yes;
    if (!stmt_any(s->branch.then, is_gemm, NULL) && !stmt_any(s->branch.other, is_gemm, NULL)) return 0;
    if (!point_int(&p->at, s->branch.cond, &yes)) return give_up(p);
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
    int n = p->at.n;
    for (Stmt *s = list; s && !p->unknown; s = s->next) {
        if (--p->steps < 0) p->unknown = true;
        int64_t x;
        switch (s->kind) {
        case S_LOOP: sum += play_loop(p, s); break;
        case S_IF: sum += play_if(p, s); break;
        case S_ROLE: sum += play(p, s->role.body) * s->role.groups; break;
        case S_LET:
            if (point_int(&p->at, s->let.value, &x)) point_bind(&p->at, s->let.var, (Num){.i = x});
            break;
        case S_TILE:
            if (s->tile.op == TO_gemm) sum += gemm_flops(s);
            break;
        default: break;
        }
    }
    p->at.n = n;
    return sum;
}

double work_flops(Cx *cx, const Prog *prog, const Call *call)
{
    Play p = {.at = bind_point(call), .steps = 2e6};
    double sum = 0;
    for (const Launch *l = prog->launch; l && !p.unknown; l = l->next) sum += play(&p, launch_nest(cx, l, false));
    return p.unknown ? -1 : sum;
}
