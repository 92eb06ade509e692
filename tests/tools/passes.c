/* passes [--ints LO,HI] FILE[:KERNEL] [NAME=VALUE ...]: the program runs on the interpreter as it
   is, then after every scheduling pass for every kind of machine: each time every parameter must
   hold the same bytes. The machines are data: besides the targets' own limits there are some that
   make the passes work harder. One line a machine: "ok cuda", "FAIL small-groups after split: ...";
   "invalid ..." when the program itself does not run on the values drawn. */
#include "driver/driver.h"
#include "run/run.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *name; Limits limits; } machine[] = {
    {"three-roles", {.target = "cuda", .roles = 3, .shared = 224 * 1024, .max_depth = 8, .max_groups = 2, .group_rows = 64,
                     .compute_loads_global = true, .compute_has_index = true, .atomics = true, .async_gemm = true}},
    {"small-groups", {.target = "cuda", .roles = 3, .shared = 224 * 1024, .max_depth = 3, .max_groups = 2, .group_rows = 8,
                      .compute_loads_global = true, .compute_has_index = true, .atomics = true, .async_gemm = true}},
    {"little-memory", {.target = "cuda", .roles = 3, .shared = 20 * 1024, .max_depth = 8, .max_groups = 2, .group_rows = 8,
                       .compute_loads_global = true, .compute_has_index = true, .atomics = true, .async_gemm = true}},
    {"tiles-alone", {.target = "metalium", .roles = 3, .shared = 1024 * 1024, .max_depth = 8, .max_groups = 1}},
    {"one-role", {.target = "cpu", .roles = 1, .shared = (int64_t)1 << 40, .max_depth = 1, .max_groups = 1,
                  .compute_loads_global = true, .compute_has_index = true, .atomics = true}},
};

/* ---- values --------------------------------------------------------------------------------- */

static int64_t ints_lo = 0, ints_hi = 7;

static uint64_t next_random(uint64_t *s)
{
    *s ^= *s << 13, *s ^= *s >> 7, *s ^= *s << 17;
    return *s;
}

static Arg *draw(const Prog *p, const int64_t *size)
{
    uint64_t seed = 88172645463325252u;
    Arg *arg = calloc((size_t)p->nparam + 1, sizeof *arg);
    for (int i = 0; i < p->nparam; i++) {
        const Buf *b = p->param[i].buf;
        arg[i].i = 3, arg[i].f = 1.5;
        if (!b) continue;
        Tensor *t = &arg[i].tensor;
        *t = (Tensor){.type = b->type, .ndim = b->ndim};
        int64_t n = 1;
        for (int d = 0; d < b->ndim; d++) n *= t->dim[d] = bind_dim(b, d, p, arg, size);
        t->data = calloc(1, tensor_bytes(t) + 1);
        for (int64_t k = 0; k < n; k++) {
            uint64_t r = next_random(&seed) >> 11;
            tensor_set(t, k, dtype_is_float(b->type) ? (double)r * 0x1p-52 - 1 : (double)(ints_lo + (int64_t)(r % (uint64_t)(ints_hi - ints_lo))));
        }
    }
    return arg;
}

static void drop(const Prog *p, Arg *arg)
{
    for (int i = 0; i < p->nparam; i++) free(arg[i].tensor.data);
    free(arg);
}

static const char *differs(const Prog *p, const Arg *a, const Arg *b)
{
    for (int i = 0; i < p->nparam; i++)
        if (p->param[i].buf && memcmp(a[i].tensor.data, b[i].tensor.data, tensor_bytes(&a[i].tensor)) != 0) return p->param[i].buf->name;
    return NULL;
}

static bool run(const Cx *cx, const Prog *p, Arg *arg, int64_t *size, Err *e)
{
    Call c = {.prog = p, .arg = arg, .size = size};
    return interp_run(cx, p, &c, e);
}

/* ---- passes --------------------------------------------------------------------------------- */

typedef struct { Prog *prog; const Limits *lim; const Pass *pass; bool last; } Job;

static void one_pass(Cx *cx, void *arg)
{
    Job *j = arg;
    SchedOptions none = {0};
    j->pass->run(cx, j->prog, j->lim, &none);
    if (cx->nerror) leave(cx);
    for (Launch *l = j->prog->launch; l; l = l->next) launch_link(cx, l);
    check_prog(cx, j->prog, j->last ? j->lim : NULL);
    for (Launch *l = j->prog->launch; l; l = l->next) {
        Text why = text_new(&cx->arena);
        if (!check_protocol(cx, l, &why)) fail(cx, E0401, l->span, NULL, "%s", why.s);
    }
}

static Prog *copy_of(Cx *cx, const Prog *p)
{
    Prog *q = NEW(&cx->arena, Prog);
    *q = *p;
    q->stage = STAGE_SCHED;
    Launch **tail = &q->launch;
    for (const Launch *l = p->launch; l; l = l->next) {
        Launch *m = NEW(&cx->arena, Launch);
        *m = *l;
        m->body = list_copy(cx, l->body, &(Subst){0});
        *tail = m;
        tail = &m->next;
    }
    *tail = NULL;
    return q;
}

static void print_diags(Cx *cx)
{
    Text t = text_new(&cx->arena);
    for (const Diag *d = cx->diags; d; d = d->next) diag_print(cx, d, &t, false);
    printf("%s", t.s);
}

/* true: every pass kept the meaning */
static bool try_machine(Cx *cx, const Prog *tile, int k, const Arg *want, int64_t *size)
{
    Job j = {.prog = copy_of(cx, tile), .lim = &machine[k].limits};
    j.prog->target = j.lim->target;
    for (j.pass = passes; j.pass->name; j.pass++) {
        j.last = !j.pass[1].name;
        if (!guarded(cx, one_pass, &j)) {
            bool large = cx->diags && j.last;
            for (const Diag *d = cx->diags; d; d = d->next) large &= d->kind >= K_WARNING || d->code == E0309;
            printf(large ? "ok %s refuses it: too large\n" : "FAIL %s in %s\n", machine[k].name, j.pass->name);
            if (!large) print_diags(cx);
            return large;
        }
        Err e = {0};
        Arg *got = draw(tile, size);
        bool ran = run(cx, j.prog, got, size, &e);
        const char *bad = ran ? differs(tile, want, got) : e.text;
        if (bad) {
            Text t = text_new(&cx->arena);
            print_prog(&t, j.prog);
            printf("FAIL %s after %s: %s%s\n%s", machine[k].name, j.pass->name, ran ? "other values in " : "", bad, t.s);
        }
        drop(tile, got);
        if (bad) return false;
    }
    printf("ok %s\n", machine[k].name);
    return true;
}

int main(int argc, char **argv)
{
    const char *bind[64] = {0}, *path = NULL;
    int nbind = 0, wrong = 0;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--ints") && i + 1 < argc) {
            char *end;
            ints_lo = strtoll(argv[++i], &end, 10);
            ints_hi = *end ? strtoll(end + 1, NULL, 10) : ints_lo + 1;
        } else if (!path)
            path = argv[i];
        else if (nbind < 63)
            bind[nbind++] = argv[i];
    }
    if (!path) return 2;
    char *colon = strrchr(path, ':');
    if (colon) *colon = 0;
    for (int k = 0; k < COUNT(machine); k++) {      /* each in a compilation of its own */
        Cx *cx = cx_open();
        Unit u;
        Err e = {0};
        Request rq = {.path = path, .entry = colon ? colon + 1 : NULL, .bind = bind};
        if (!driver_front(cx, &rq, &u)) {
            print_diags(cx);
            printf("invalid: refused\n");
            cx_close(cx);
            return 3;
        }
        int64_t size[64] = {0};
        for (int s = 0; s < u.tile->nsize && s < 64; s++) {
            size[s] = 70;
            for (int b = 0; b < nbind; b++) {
                size_t n = strlen(u.tile->size[s]->name);
                if (!strncmp(bind[b], u.tile->size[s]->name, n) && bind[b][n] == '=') size[s] = atoll(bind[b] + n + 1);
            }
        }
        Arg *want = draw(u.tile, size);
        if (u.tile->stage == STAGE_SCHED || !run(cx, u.tile, want, size, &e)) {
            printf("invalid: %s\n", u.tile->stage == STAGE_SCHED ? "a schedule already" : e.text);
            drop(u.tile, want);
            cx_close(cx);
            return 3;
        }
        wrong += !try_machine(cx, u.tile, k, want, size);
        drop(u.tile, want);
        cx_close(cx);
    }
    return wrong != 0;
}
