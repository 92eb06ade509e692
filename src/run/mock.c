/* Emitted Metalium kernels on a mock of the chip: the host's C++ compiler makes one program of the
   three kernels and the mock machine (src/target/metalium/mock). A call lays the tensors out as the
   plan says, in one file that stands for the DRAM, runs the launches in order, each in a process of
   its own (a kernel that goes wrong takes nothing with it), and takes the results out again. */
#include "run/compiler.h"
#include "target/metalium/metalium.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const Embedded target_metalium_mock[];

enum { COLUMNS = 8, CORES = 64, MAXDRAM = 1 << 30 };
#define FLAGS "-std=c++17 -fwrapv -w "

typedef struct { /* lives in the arena of the compilation */
    const MetaliumPlan *plan;
    char *folder; /* private; gone with the kernel */
} Loaded;

/* ---- compiling ------------------------------------------------------------------------------ */

/* FNV-1a: the folder of the compiled machine is named after the texts it is made of */
static uint64_t hash(uint64_t h, const char *s)
{
    for (; *s; s++) h = (h ^ (unsigned char)*s) * 0x100000001b3ull;
    return h;
}

/* NULL: there is no place that outlives the process. A relative XDG_CACHE_HOME is ignored, as its
 * standard wants it. */
const char *mock_cache(Arena *a)
{
    const char *command = compiler_command(&compiler_cxx);
    uint64_t h = hash(0xcbf29ce484222325ull, command ? command : "");
    for (const Embedded *m = target_metalium_mock; m->name; m++)
        h = hash(hash(h, m->name), m->text);
    for (int op = 0; op < NOP; op++)
        h = hash(hash(h, op_info[op].c ? op_info[op].c : ""), op_info[op].tt ? op_info[op].tt : "");
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (!base || *base != '/') base = home && *home ? arena_printf(a, "%s/.cache", home) : NULL;
    return base ? arena_printf(a, "%s/kiln/mock-%016llx", base, (unsigned long long)h) : NULL;
}

static bool write_text(Arena *a, const char *folder, const char *name, const char *text, Err *e)
{
    char *path = arena_printf(a, "%s/%s", folder, name), *slash = strrchr(path, '/');
    *slash = 0;
    if (!sys_mkdir(path, e)) return false;
    *slash = '/';
    return sys_write(path, text, strlen(text), e);
}

static bool mock_has(Arena *a, const char *header, const char *call)
{
    const char *made = arena_printf(a, "(%s,", call), *plain = arena_printf(a, " %s_tile(", call);
    for (const Embedded *m = target_metalium_mock; m->name; m++)
        if (header ? !strcmp(m->name, header) : strstr(m->text, made) || strstr(m->text, plain)) return true;
    return false;
}

/* "sqrt_tile($d)|eltwise_unary/sqrt.h" of a row of ops.def with one operand whose call the mock has not got: it means the row's own
   C text. All of them stand in made.h, which compute includes first; a header that is not there is empty. */
static bool write_made(Arena *a, const char *folder, Err *e)
{
    Text t = text_new(a);
    text_add(&t, "#pragma once\n#include \"api/compute/common.h\"\n#include <cmath>\n");
    for (const OpInfo *o = op_info; o < op_info + NOP; o++) {
        const char *tile = o->tt ? strstr(o->tt, "_tile($d)|") : NULL, *from = tile;
        if (!tile || o->nargs != 1 || !o->c || strstr(o->c, "k_")) continue;
        while (from > o->tt && from[-1] != ' ') from--;
        const char *name = arena_copy(a, from, (size_t)(tile - from)), *header = arena_printf(a, "api/compute/%s", tile + 10);
        if (mock_has(a, NULL, name)) continue;
        text_add(&t, "MOCK_UNARY(%s, ", name);
        for (const char *c = o->c; *c; c += *c == '$' ? 2 : 1) text_put(&t, *c == '$' ? "x" : c, 1);
        text_add(&t, ")\n");
        if (!mock_has(a, header, "") && !write_text(a, folder, header, "", e)) return false;
    }
    return write_text(a, folder, "made.h", t.s, e);
}

/* The machine's own part, compiled once for all kernels where that can be kept, else beside this one's. A cache may lose a file to
   whoever tidies up. */
static const char *machine(Arena *a, const char *own, Err *e)
{
    const char *folder = mock_cache(a);
    Err unwritable = {0};
    if (folder && sys_exists(arena_printf(a, "%s/mock.o", folder)) && sys_exists(arena_printf(a, "%s/made.h", folder)))
        return folder;
    if (!folder || !sys_mkdir(folder, &unwritable) || access(folder, W_OK) != 0) folder = arena_printf(a, "%s/machine", own);
    for (const Embedded *m = target_metalium_mock; m->name; m++)
        if (!write_text(a, folder, m->name, m->text, e)) return NULL;
    const char *out = arena_printf(a, "%s/mock.o", folder), *tmp = arena_printf(a, "%s.%ld", out, (long)getpid());
    const char *files[] = {tmp, arena_printf(a, "%s/machine.cpp", folder), arena_printf(a, "%s/tile.cpp", folder), NULL};
    if (!write_made(a, folder, e) || !compiler_run(a, &compiler_cxx, FLAGS "-O2 -r -o", files, tmp, e)) return NULL;
    if (rename(tmp, out) == 0) return folder;
    err_set(e, E0706, NULL, "cannot write '%s'", out);
    return NULL;
}

static int64_t page_bytes(const MetaliumTensor *t, int64_t last)
{
    int64_t size = format_info[t->format].bytes;
    if (t->tiled) return TT_TILE * TT_TILE * size;
    return MAX(1, (last * size + TT_ALIGN - 1) / TT_ALIGN) * TT_ALIGN;
}

/* two words a tensor: interleaved in DRAM, and the size of a page, 0 when it depends on the call */
static const char *compile_time_words(Arena *a, const MetaliumPlan *p, const MetaliumKernel *k)
{
    Text t = text_new(a);
    for (int i = 0; i < k->ntensor; i++) {
        const MetaliumTensor *x = &p->tensor[k->tensor[i]];
        int64_t last = 0;
        bool known = x->tiled || expr_const(x->buf->dim[x->buf->ndim - 1], &last);
        text_add(&t, "%s2, %lld", i ? ", " : "", known ? (long long)page_bytes(x, last) : 0);
    }
    return k->ntensor ? t.s : "0";
}

/* a unit a kernel: its text as it is, between the words the host would give and the next unit */
static bool build_launch(Arena *a, const Loaded *l, int at, const char *mock, Err *e)
{
    const MetaliumLaunch *m = &l->plan->launch[at];
    const char *made = arena_printf(a, "%s/%d", l->folder, at);
    const char *files[NROLE + 4] = {made, arena_printf(a, "-I%s", mock)};
    int n = 2;
    for (int r = 0; r < NROLE; r++) {
        const MetaliumKernel *k = &m->kernel[r];
        if (!k->text) continue;
        const char *unit = arena_printf(a, "%d_%s.cpp", at, role_name[r]);
        const char *text = arena_printf(a,
                                        "#define KERNEL_COMPILE_TIME_ARGS %s\n"
                                        "#define kernel_main %s_main\n"
                                        "%s#include \"%s\"\n",
                                        compile_time_words(a, l->plan, k), role_name[r],
                                        r == R_COMPUTE ? "#include \"made.h\"\n" : "", k->file);
        if (!write_text(a, l->folder, k->file, k->text, e) || !write_text(a, l->folder, unit, text, e)) return false;
        files[n++] = arena_printf(a, "%s/%s", l->folder, unit);
    }
    files[n++] = arena_printf(a, "%s/mock.o", mock);
    return compiler_run(a, &compiler_cxx, FLAGS "-O1 -o", files, made, e);
}

/* ---- loading -------------------------------------------------------------------------------- */

static void mock_unload(void *loaded)
{
    Loaded *l = loaded;
    if (l->folder) sys_rmdir(l->folder);
}

static void *mock_load(Cx *cx, const Prog *p, const Code *code, Err *e)
{
    (void)p;
    Loaded *l = NEW(&cx->arena, Loaded);
    *l = (Loaded){.plan = code->plan, .folder = sys_tempdir(&cx->arena, e)};
    const char *mock = l->folder ? machine(&cx->arena, l->folder, e) : NULL;
    bool ok = mock != NULL;
    for (int i = 0; i < l->plan->nlaunch && ok; i++) ok = build_launch(&cx->arena, l, i, mock, e);
    if (ok) return l;
    mock_unload(l);
    return NULL;
}

/* ---- tensors -------------------------------------------------------------------------------- */

typedef struct {
    Arena arena;
    Loaded *l;
    Call *c;
    unsigned char *dram;
    int64_t bytes;
    struct {
        int64_t dim[MAXDIM], at, page, pages;
        const Tensor *host;
    } * t; /* by tensor of the plan */
} Running;

static bool place_tensors(Running *r, Err *e)
{
    const MetaliumPlan *p = r->l->plan;
    r->t = arena_alloc(&r->arena, sizeof *r->t * (size_t)(p->ntensor + 1));
    for (int i = 0; i < p->ntensor; i++) {
        const MetaliumTensor *x = &p->tensor[i];
        int n = x->buf->ndim;
        int64_t pages = 1;
        for (int k = 0; k < p->prog->nparam; k++)
            if (p->prog->param[k].buf == x->buf) r->t[i].host = &r->c->arg[k].tensor;
        for (int d = 0; d < n; d++) {
            int64_t v = r->t[i].dim[d] = bind_dim(x->buf, d, p->prog, r->c->arg, r->c->size);
            if (v < 0) return err_set(e, E0602, NULL, "dimension %d of '%s' is not known", d, x->buf->name);
            bool tile = x->tiled && (d == x->row || d == x->col);
            if (tile || x->tiled || d + 1 < n) pages *= tile ? (v + TT_TILE - 1) / TT_TILE : v;
        }
        r->t[i].page = page_bytes(x, r->t[i].dim[n - 1]);
        r->t[i].pages = MAX(1, pages);
        r->t[i].at = r->bytes;
        if (r->t[i].pages > MAXDRAM / r->t[i].page ||
            (r->bytes += r->t[i].page * r->t[i].pages) > MAXDRAM)
            return err_set(e, E0618, NULL, "the tensors need more than the %d MiB of the mock chip",
                           MAXDRAM >> 20);
    }
    return true;
}

/* where element `at` (row-major) is in device memory, counted in elements */
static int64_t element_at(const Running *r, int i, int64_t at)
{
    const MetaliumTensor *x = &r->l->plan->tensor[i];
    int64_t idx[MAXDIM], page = 0, in, size = format_info[x->format].bytes;
    for (int d = x->buf->ndim - 1; d >= 0; d--) {
        idx[d] = at % r->t[i].dim[d];
        at /= r->t[i].dim[d];
    }
    for (int d = 0; d < x->buf->ndim; d++)
        if (x->tiled ? d != x->row && d != x->col : d + 1 < x->buf->ndim) page = page * r->t[i].dim[d] + idx[d];
    if (x->tiled) {
        int64_t rows = (r->t[i].dim[x->row] + TT_TILE - 1) / TT_TILE, cols = (r->t[i].dim[x->col] + TT_TILE - 1) / TT_TILE;
        int64_t y = idx[x->row], z = idx[x->col];
        page = (page * rows + y / TT_TILE) * cols + z / TT_TILE;
        in = y % 32 / 16 * 512 + z % 32 / 16 * 256 + y % 16 * 16 + z % 16; /* four faces */
    } else {
        in = idx[x->buf->ndim - 1];
    }
    return (r->t[i].at + page * r->t[i].page) / size + in;
}

/* an argument to the chip, or back */
static void transfer(Running *r, int i, bool back)
{
    static const DType type_of[NFORMAT] = {
        [FMT_BF16] = DT_bfloat16, [FMT_F32] = DT_float32, [FMT_I32] = DT_int32, [FMT_U32] = DT_uint32};
    const MetaliumTensor *x = &r->l->plan->tensor[i];
    Tensor chip = {.data = r->dram, .type = type_of[x->format]};
    const Tensor *host = r->t[i].host;
    int64_t n = 1;
    for (int d = 0; d < x->buf->ndim; d++) n *= r->t[i].dim[d];
    for (int64_t k = 0; k < n; k++)
        if (back)
            tensor_set(host, k, tensor_get(&chip, element_at(r, i, k)));
        else
            tensor_set(&chip, element_at(r, i, k), tensor_get(host, k));
}

/* what nobody wrote is a NaN, or absurd as an index; tiles of an argument end in zeros */
static void upload(Running *r)
{
    const MetaliumPlan *p = r->l->plan;
    for (int64_t i = 0; i + 1 < r->bytes; i += 2) memcpy(r->dram + i, &(uint16_t){0x7fff}, 2);
    for (int i = 0; i < p->ntensor; i++) {
        if (r->t[i].host && p->tensor[i].tiled) memset(r->dram + r->t[i].at, 0, (size_t)(r->t[i].page * r->t[i].pages));
        if (r->t[i].host) transfer(r, i, false);
    }
}

static void download(Running *r)
{
    const MetaliumPlan *p = r->l->plan;
    for (int i = 0; i < p->ntensor; i++)
        if (r->t[i].host && buf_use(p->prog, p->tensor[i].buf).written) transfer(r, i, true);
}

/* ---- launches ------------------------------------------------------------------------------- */

static uint32_t address(int tensor)
{
    return 0x100000u * (uint32_t)(tensor + 1);
}

static uint32_t arg_word(const Running *r, const MetaliumArg *a, int64_t first, int64_t count)
{
    uint32_t word[2] = {0};
    switch (a->kind) {
    case ARG_FIRST: return (uint32_t)first;
    case ARG_COUNT: return (uint32_t)count;
    case ARG_TENSOR: return address(a->index);
    case ARG_SIZE: return (uint32_t)r->c->size[a->index];
    default: break;
    }
    const Var *v = r->l->plan->prog->param[a->index].scalar;
    if (!dtype_is_float(v->type)) return (uint32_t)r->c->arg[a->index].i;
    call_scalar(r->c, v, word);
    return word[0];
}

static void launch_text(const Running *r, int at, int64_t blocks, Text *t)
{
    const MetaliumPlan *p = r->l->plan;
    const MetaliumLaunch *m = &p->launch[at];
    text_line(t, "arch blackhole"); /* the stricter alignment; what fits Wormhole's L1 fits here */
    text_line(t, "fp32_dest 1");
    text_line(t, "full_sync %d", m->full_sync);
    for (int i = 0; i < m->ncb; i++)
        text_line(t, "cb %d %d %d %d %d %d %s", i, m->cb[i].bytes, m->cb[i].pages,
                  format_info[m->cb[i].format].code, m->cb[i].to_dest, m->cb[i].alias,
                  m->cb[i].name);
    for (int i = 0; i < p->ntensor; i++)
        text_line(t, "dram %u %lld %lld %lld %s", address(i), (long long)r->t[i].page,
                  (long long)r->t[i].pages, (long long)r->t[i].at, p->tensor[i].buf->name);
    int64_t cores = MIN(blocks, CORES);
    for (int64_t k = 0; k < cores; k++) {
        int64_t first = blocks * k / cores, count = blocks * (k + 1) / cores - first;
        text_line(t, "core %lld %lld", (long long)k % COLUMNS, (long long)k / COLUMNS);
        for (int role = 0; role < NROLE; role++) {
            const MetaliumKernel *kernel = &m->kernel[role];
            if (!kernel->text) continue;
            text_add(t, "args %s %d", role_name[role], kernel->narg);
            for (int i = 0; i < kernel->narg; i++)
                text_add(t, " %u", arg_word(r, &kernel->arg[i], first, count));
            text_add(t, "\n");
        }
    }
}

static bool run_launch(Running *r, int at, const char *memory, Err *e)
{
    const MetaliumPlan *p = r->l->plan;
    const Launch *l = p->launch[at].launch;
    int64_t grid[MAXGRID];
    if (!bind_grid(l, r->c, grid, e)) return false;
    int64_t blocks = grid[0] * grid[1] * grid[2];
    if (!blocks) return true;
    Text plan = text_new(&r->arena), log = text_new(&r->arena);
    launch_text(r, at, blocks, &plan);
    const char *file = arena_printf(&r->arena, "%s.launch%d", memory, at);
    if (!sys_write(file, plan.s, plan.n, e)) return false;
    const char *argv[] = {arena_printf(&r->arena, "%s/%d", r->l->folder, at), file, memory, NULL};
    int status = sys_run(argv, &log, 600);
    unlink(file);
    if (status == 0) return true;
    if (status == 4) /* the program's own fault; the rest breaks a rule of the chip */
        return err_set(e, E0613, "run it on the interpreter, which tells the line", "'%s': %.200s",
                       l->name, log.s);
    return err_set(e, E0643, NULL, "launch '%s': %.900s", l->name,
                   log.n ? log.s
                         : "the program ended without a message, or took longer than ten minutes");
}

static bool run_once(Running *r, Err *e)
{
    const char *memory = arena_printf(&r->arena, "%s/memory%p", r->l->folder, (void *)r);
    upload(r);
    bool ok = sys_write(memory, r->dram, (size_t)r->bytes, e);
    double start = sys_now();
    for (int i = 0; i < r->l->plan->nlaunch && ok; i++) ok = run_launch(r, i, memory, e);
    r->c->seconds = sys_now() - start;
    size_t n = 0;
    char *back = ok ? sys_read(&r->arena, memory, &n, e) : NULL;
    if (back) memcpy(r->dram, back, MIN(n, (size_t)r->bytes));
    unlink(memory);
    if (back) download(r);
    return back != NULL;
}

static bool mock_call(void *loaded, Call *c, Err *e)
{
    Running r = {.l = loaded, .c = c};
    bool ok = place_tensors(&r, e);
    if (ok && !(r.dram = malloc((size_t)MAX(r.bytes, 64))))
        ok = err_set(e, E0618, NULL, "no memory for the tensors");
    if (ok) ok = run_once(&r, e);
    free(r.dram);
    arena_free(&r.arena);
    return ok;
}

static bool mock_present(const char **why)
{
    *why = "there is no C++ compiler (g++, or what CXX names)";
    return compiler_there(&compiler_cxx);
}

const Device device_mock = {
    .name = "mock",
    .help = "a mock of a Tenstorrent chip, which runs the emitted kernels on this machine",
    .target = "metalium",
    .present = mock_present,
    .load = mock_load,
    .call = mock_call,
    .unload = mock_unload,
};
