/* Runs the text of the cuda target on the host, to see that it is right where there is no GPU: every thread of a block is a
   fiber, they take turns at barriers. Replaces the functions of the prelude that are one instruction of the machine, and WGMMA.
   Modelled as unkindly as the machine allows: a gemm reads its operands when it is awaited and its accumulator holds NaN until
   then; a TMA store reads its slot when it is waited for. A block in which no thread can go on is a deadlock and says where. */
#include <math.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <algorithm>
#include <functional>
#include <map>
#include <vector>
#define __device__
#define __forceinline__ inline
#define __global__
#define __launch_bounds__(...)
#define __grid_constant__
struct Dim { unsigned x, y, z; };

namespace emu {
enum { SHARED = 232448, MAXTHREADS = 1024, STACK = 256 << 10 };
struct Fiber {
    ucontext_t first;
    jmp_buf at;
    bool started, done;
    Dim tid;
    const char *waits;
    std::vector<std::function<void()>> stores, landing; /* TMA stores on their way: not yet read; not yet landed */
};
alignas(1024) static uint8_t shared[SHARED];
static std::vector<Fiber> fibers;
static std::vector<char *> stacks;
static Fiber *cur;
static ucontext_t unused;
static jmp_buf home;
static Dim block, grid;
static int64_t have;                                    /* bytes of shared memory that the launch asked for */
static long progress;                                   /* grows with every step that can set another thread free */

[[noreturn]] static void die(const char *fmt, const char *what = "", long a = 0, long b = 0)
{
    fprintf(stderr, fmt, what, a, b);
    fprintf(stderr, "\n");
    exit(3);
}
/* _setjmp and _longjmp change the stack without a system call; only the first entry takes a context */
static void yield(const char *what)
{
    cur->waits = what;
    if (!_setjmp(cur->at)) _longjmp(home, 1);
}
static void resume(Fiber &f)
{
    if (_setjmp(home)) return;
    cur = &f;
    if (f.started) _longjmp(f.at, 1);
    f.started = true;
    setcontext(&f.first);
}
static int thread() { return (int)(cur - fibers.data()); }

/* ---- named barriers and warps ---------------------------------------------------------------- */
struct Named { int arrived; long turn; };
static std::map<int, Named> named;
static bool arrive(int id, int threads)
{
    Named &n = named[id];
    progress++;
    if (++n.arrived < threads) return false;
    n.arrived = 0;
    n.turn++;
    return true;
}
static void meet(int id, int threads, const char *what)
{
    long turn = named[id].turn;
    if (arrive(id, threads)) return;
    while (named[id].turn == turn) yield(what);
}
static uint64_t lanes[MAXTHREADS];
template <class T> T exchange(T x, int from)            /* of the same warp; all 32 lanes take part */
{
    int w = thread() / 32;
    lanes[thread()] = 0;
    memcpy(&lanes[thread()], &x, sizeof x);
    meet(1000 + w, 32, "shuffle");
    T out;
    memcpy(&out, &lanes[w * 32 + from], sizeof out);
    meet(2000 + w, 32, "shuffle");
    return out;
}

/* ---- mbarriers ------------------------------------------------------------------------------- */
struct Bar { int count, pending; long bytes; unsigned phase; bool init; };
static std::map<uint32_t, Bar> bars;
static Bar &bar(uint32_t at)
{
    Bar &b = bars[at];
    if (!b.init) die("%smbarrier at %ld is not initialised", "", at);
    return b;
}
static void settle(Bar &b)
{
    progress++;
    if (b.pending > 0 || b.bytes != 0) return;
    b.pending = b.count;
    b.phase ^= 1;
}
static void bar_arrive(uint32_t at)
{
    Bar &b = bar(at);
    if (b.pending == 0) die("%stoo many arrivals at mbarrier %ld", "", at);
    b.pending--;
    settle(b);
}

/* ---- TMA ------------------------------------------------------------------------------------- */
struct Map { uint8_t *base; int rank, size, swizzle; int64_t dim[5], box[5]; };
static uint32_t swizzled(uint32_t at, int bytes) { return bytes ? at ^ (((at >> 7) & (bytes / 16 - 1)) << 4) : at; }
static void box(const Map &m, uint32_t slot, const int *c, bool load)
{
    int64_t n = 1, elem = 0;
    for (int d = 0; d < m.rank; d++) n *= m.box[d];
    if (slot % 128 || (m.swizzle && slot % (8 * m.swizzle))) die("%sTMA at the odd address %ld", "", slot);
    if (c[0] * m.size % 16) die("%sa box that starts %ld bytes into its row", "", c[0] * m.size);     /* an illegal instruction on the device */
    if (m.box[0] * m.size % 16 || (m.swizzle && m.box[0] * m.size != m.swizzle)) die("%sa box %ld bytes wide", "", m.box[0] * m.size);
    for (; elem < n; elem++) {
        int64_t rest = elem, at = 0, stride = 1;
        bool in = true;
        for (int d = 0; d < m.rank; d++) {
            int64_t x = c[d] + rest % m.box[d];
            in &= x >= 0 && x < m.dim[d];
            at += x * stride;
            stride *= m.dim[d];
            rest /= m.box[d];
        }
        uint8_t *s = shared + swizzled(slot + (uint32_t)(elem * m.size), m.swizzle);
        if (load && in) memcpy(s, m.base + at * m.size, m.size);
        else if (load) memset(s, 0, m.size);
        else if (in) memcpy(m.base + at * m.size, s, m.size);
    }
}

/* ---- WGMMA ----------------------------------------------------------------------------------- */
struct Step { int n, first, a, b, clear; };             /* registers from `first`; a: register of A or offset; offsets in 16 bytes */
struct Shape { bool a_regs, bf16, a_mn, b_mn; unsigned a_high, b_high; std::vector<Step> steps; };
struct Issued { float *d; std::vector<float> old; const Shape *g; uint32_t a, b; std::vector<uint32_t> regs[4]; int first_lane; };
static std::vector<std::vector<Issued>> in_flight;

static float number(uint16_t bits, bool bf16)
{
    if (bf16) { uint32_t u = (uint32_t)bits << 16; float f; memcpy(&f, &u, 4); return f; }
    _Float16 h;
    memcpy(&h, &bits, 2);
    return (float)h;
}
/* element (row, k) of an operand: row counts the axis that is not k */
static float operand(uint32_t low, unsigned high, bool mn, int row, int k, bool bf16)
{
    static const int width_of[] = {0, 128, 64, 32};
    int width = width_of[high >> 30];
    uint32_t start = (low & 0x3fff) << 4, chunk_bytes = ((low >> 16) & 0x3fff) << 4, group = (high & 0x3fff) << 4, at;
    if (!mn) at = start + row / 8 * group + row % 8 * width + k * 2;
    else at = start + row / (width / 2) * chunk_bytes + k / 8 * group + k % 8 * width + row % (width / 2) * 2;
    at = swizzled(at, width);
    if ((int64_t)at >= have) die("%sWGMMA reads shared memory at %ld", "", at);
    uint16_t bits;
    memcpy(&bits, shared + at, 2);
    return number(bits, bf16);
}
static void finish(Issued &g)
{
    int t = g.first_lane % 128, w = t / 32, lane = t % 32;
    memcpy(g.d, g.old.data(), g.old.size() * 4);
    for (const Step &s : g.g->steps)
        for (int r = 0; r < s.n / 2; r++) {
            int row = 16 * w + lane / 4 + (r / 2 % 2) * 8, col = r / 4 * 8 + 2 * (lane % 4) + r % 2;
            double sum = s.clear ? 0 : g.d[s.first + r];
            for (int k = 0; k < 16; k++) {
                float a;
                if (g.g->a_regs) {
                    uint32_t pair = g.regs[k % 8 / 2][s.a + 2 * (k / 8) + (row % 16) / 8];
                    a = number((uint16_t)(k % 2 ? pair >> 16 : pair), g.g->bf16);
                } else a = operand(g.a + s.a, g.g->a_high, g.g->a_mn, row, k, g.g->bf16);
                sum += (double)a * operand(g.b + s.b, g.g->b_high, g.g->b_mn, col, k, g.g->bf16);
            }
            g.d[s.first + r] = (float)sum;
        }
}
static void issue(float *d, int nd, const uint32_t *regs, int nregs, uint32_t a, uint32_t b, const Shape &g)
{
    int t = thread(), quad = t / 4 * 4;
    auto &mine = in_flight[t];
    for (size_t i = 0; i < mine.size(); i++)            /* the same accumulator again: in order */
        if (mine[i].d == d) { finish(mine[i]); mine.erase(mine.begin() + i--); mine.insert(mine.begin(), Issued{nullptr}); }
    Issued n{d, std::vector<float>(d, d + nd), &g, a, b, {}, t};
    for (int i = 0; i < nregs; i++)
        for (int q = 0; q < 4; q++) n.regs[q].push_back(exchange(regs[i], quad % 32 + q));
    for (int i = 0; i < nd; i++) d[i] = NAN;
    mine.push_back(n);
}
static void gemm_wait(size_t pending)
{
    auto &mine = in_flight[thread()];
    while (mine.size() > pending) {
        if (mine[0].d) finish(mine[0]);
        mine.erase(mine.begin());
    }
}

/* ---- a launch -------------------------------------------------------------------------------- */
static std::function<void()> body;
static void enter() { body(); cur->done = true; progress++; _longjmp(home, 1); }
static void run_block(int threads)
{
    named.clear();
    bars.clear();
    memset(shared, 0xff, sizeof shared);                /* NaN in every float type */
    fibers.assign(threads, Fiber());
    in_flight.assign(threads, {});
    for (int t = 0; t < threads; t++) {
        Fiber &f = fibers[t];
        if ((int)stacks.size() <= t) stacks.push_back((char *)malloc(STACK));
        f.tid = {(unsigned)t, 0, 0};
        getcontext(&f.first);
        f.first.uc_stack.ss_sp = stacks[t];
        f.first.uc_stack.ss_size = STACK;
        f.first.uc_link = &unused;
        makecontext(&f.first, enter, 0);
    }
    for (bool alive = true; alive;) {
        long before = progress;
        alive = false;
        for (Fiber &f : fibers) {
            if (f.done) continue;
            alive = true;
            resume(f);
        }
        if (!alive || progress != before) continue;
        for (Fiber &f : fibers)
            if (!f.done && f.tid.x % 32 == 0) fprintf(stderr, "warp %u waits at %s\n", f.tid.x / 32, f.waits);
        die("%sdeadlock in block %ld, %ld", "", block.x, block.y);
    }
    for (auto &m : in_flight)
        if (!m.empty()) die("%sa gemm is in flight at the end", "");
    for (Fiber &f : fibers)
        if (!f.stores.empty() || !f.landing.empty()) die("%sa TMA store is not waited for at the end", "");
}
static void launch(Dim g, int threads, int64_t bytes, std::function<void()> fn)
{
    have = bytes;
    grid = g;
    body = fn;
    for (block.z = 0; block.z < g.z; block.z++)
        for (block.y = 0; block.y < g.y; block.y++)
            for (block.x = 0; block.x < g.x; block.x++) run_block(threads);
}
}

#define threadIdx (emu::cur->tid)
#define blockIdx (emu::block)
#define gridDim (emu::grid)
#define min(a, b) std::min<decltype((a) + (b))>(a, b)
template <class T> T __shfl_xor_sync(unsigned, T x, int m) { return emu::exchange(x, (int)(threadIdx.x % 32) ^ m); }
template <class T> T __shfl_sync(unsigned, T x, int from) { return emu::exchange(x, from); }
template <class T> T __shfl_up_sync(unsigned, T x, int d) { int l = threadIdx.x % 32; return emu::exchange(x, l < d ? l : l - d); }
inline void __syncwarp() { emu::meet(3000 + emu::thread() / 32, 32, "__syncwarp"); }
inline void __syncthreads() { emu::meet(0, (int)emu::fibers.size(), "__syncthreads"); }
inline float __uint_as_float(uint32_t x) { float f; memcpy(&f, &x, 4); return f; }
inline float __int_as_float(int x) { return __uint_as_float((uint32_t)x); }
inline uint32_t __float_as_uint(float x) { uint32_t u; memcpy(&u, &x, 4); return u; }
inline float __double2float_rz(double x) { float f = (float)x; return fabs((double)f) > fabs(x) ? nextafterf(f, 0) : f; }
inline float __expf(float x) { return expf(x); }
inline float __logf(float x) { return logf(x); }
inline float __log2f(float x) { return log2f(x); }
inline float rsqrtf(float x) { return 1 / sqrtf(x); }
inline double rsqrt(double x) { return 1 / sqrt(x); }

/* threads take turns at barriers alone: nobody comes in between */
template <class B> static B atomic_attempt(B *at, B was, B now)
{
    B seen = *at;
    if (seen == was) *at = now;
    return seen;
}
