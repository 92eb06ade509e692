/* Device prelude of the cuda target (sm_90a): one small function per instruction that the verbs and tile
   operations of a schedule need. Needs no header: NVRTC compiles the emitted text, this page first, as it is.

     numbers       fp16, bf16, e4m3, e5m2 as bit patterns; arithmetic on them is done in float
     pipes         mbarriers, ring positions, named barriers
     bulk copies   TMA tensor copies of rank 1 to 5, in both directions
     matrices      ldmatrix, stmatrix, addresses in a swizzled tile, pairs of narrow numbers
     lanes         reductions over 4 lanes (one row of an accumulator) and over a warp                */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;
#define DEV __device__ __forceinline__

/* ---- numbers -------------------------------------------------------------------------------- */

struct f16_t { u16 bits; };
struct bf16_t { u16 bits; };
struct e4m3_t { u8 bits; };
struct e5m2_t { u8 bits; };

/* the value of x in a type that C++ can compute with */
template <class T> DEV T plain(T x) { return x; }
DEV float plain(f16_t x) { float r; asm("cvt.f32.f16 %0, %1;" : "=f"(r) : "h"(x.bits)); return r; }
DEV float plain(bf16_t x) { return __uint_as_float((u32)x.bits << 16); }
DEV float plain(e4m3_t x)
{
    u32 pair;
    asm("cvt.rn.f16x2.e4m3x2 %0, %1;" : "=r"(pair) : "h"((u16)x.bits));
    return plain(f16_t{(u16)pair});
}
DEV float plain(e5m2_t x)
{
    u32 pair;
    asm("cvt.rn.f16x2.e5m2x2 %0, %1;" : "=r"(pair) : "h"((u16)x.bits));
    return plain(f16_t{(u16)pair});
}

/* Something wider than float goes to a narrow number through float rounded to odd: then it is rounded once. */
DEV float to_odd(double x)
{
    float r = __double2float_rz(x);
    bool inexact = (double)r != x && x == x;
    return inexact ? __uint_as_float(__float_as_uint(r) | 1) : r;
}
template <class S> DEV float single(S x) { return (float)plain(x); }
DEV float single(double x) { return to_odd(x); }
DEV float single(int x) { return to_odd((double)x); }
DEV float single(u32 x) { return to_odd((double)x); }
DEV float single(i64 x) { return to_odd((double)x); }
DEV float single(u64 x) { return to_odd((double)x); }

DEV void convert(float x, f16_t &r) { asm("cvt.rn.f16.f32 %0, %1;" : "=h"(r.bits) : "f"(x)); }
DEV void convert(float x, bf16_t &r) { asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(r.bits) : "f"(x)); }
DEV void convert(float x, e4m3_t &r)
{
    u16 pair;
    asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(pair) : "f"(0.f), "f"(x));
    r.bits = (u8)pair;
}
DEV void convert(float x, e5m2_t &r)
{
    u16 pair;
    asm("cvt.rn.satfinite.e5m2x2.f32 %0, %1, %2;" : "=h"(pair) : "f"(0.f), "f"(x));
    r.bits = (u8)pair;
}

/* to<T>(x): x as a T, rounded to nearest even */
template <class T> struct To { template <class S> static DEV T of(S x) { return (T)plain(x); } };
template <class T> struct ToNarrow {
    static DEV T of(T x) { return x; }
    template <class S> static DEV T of(S x) { T r; convert(single(x), r); return r; }
};
template <> struct To<f16_t> : ToNarrow<f16_t> {};
template <> struct To<bf16_t> : ToNarrow<bf16_t> {};
template <> struct To<e4m3_t> : ToNarrow<e4m3_t> {};
template <> struct To<e5m2_t> : ToNarrow<e5m2_t> {};
template <class T, class S> DEV T to(S x) { return To<T>::of(x); }

/* ---- atomic updates --------------------------------------------------------------------------- */

/* one attempt: *at becomes `now` if it is `was`; gives what it was */
DEV u16 atomic_attempt(u16 *at, u16 was, u16 now)
{
    u16 r;
    asm volatile("atom.cas.b16 %0, [%1], %2, %3;" : "=h"(r) : "l"(at), "h"(was), "h"(now) : "memory");
    return r;
}
DEV u32 atomic_attempt(u32 *at, u32 was, u32 now)
{
    u32 r;
    asm volatile("atom.cas.b32 %0, [%1], %2, %3;" : "=r"(r) : "l"(at), "r"(was), "r"(now) : "memory");
    return r;
}
DEV u64 atomic_attempt(u64 *at, u64 was, u64 now)
{
    u64 r;
    asm volatile("atom.cas.b64 %0, [%1], %2, %3;" : "=l"(r) : "l"(at), "l"(was), "l"(now) : "memory");
    return r;
}
template <int bytes> struct BitsOf;
template <> struct BitsOf<2> { typedef u16 type; };
template <> struct BitsOf<4> { typedef u32 type; };
template <> struct BitsOf<8> { typedef u64 type; };
template <class T, class F> DEV void atomic_update(T *at, F next)
{
    typedef typename BitsOf<sizeof(T)>::type B;
    union Both { B bits; T value; DEV Both() {} } was, now;
    B seen = *(volatile B *)at;
    do {
        was.bits = seen;
        now.value = next(was.value);
        seen = atomic_attempt((B *)at, was.bits, now.bits);
    } while (seen != was.bits);
}
template <class T> DEV void atomic_add(T *at, T x) { atomic_update(at, [x](T y) { return to<T>(plain(y) + plain(x)); }); }
DEV void atomic_add(float *at, float x) { asm volatile("red.add.f32 [%0], %1;" :: "l"(at), "f"(x) : "memory"); }
DEV void atomic_add(double *at, double x) { asm volatile("red.add.f64 [%0], %1;" :: "l"(at), "d"(x) : "memory"); }
DEV void atomic_add(int *at, int x) { asm volatile("red.add.s32 [%0], %1;" :: "l"(at), "r"(x) : "memory"); }
DEV void atomic_add(u32 *at, u32 x) { asm volatile("red.add.u32 [%0], %1;" :: "l"(at), "r"(x) : "memory"); }
DEV void atomic_add(f16_t *at, f16_t x) { asm volatile("red.add.noftz.f16 [%0], %1;" :: "l"(at), "h"(x.bits) : "memory"); }
DEV void atomic_add(bf16_t *at, bf16_t x) { asm volatile("red.add.noftz.bf16 [%0], %1;" :: "l"(at), "h"(x.bits) : "memory"); }
template <class T> DEV void atomic_max(T *at, T x) { atomic_update(at, [x](T y) { return plain(y) < plain(x) ? x : y; }); }
template <class T> DEV void atomic_min(T *at, T x) { atomic_update(at, [x](T y) { return plain(x) < plain(y) ? x : y; }); }
template <class T> DEV void atomic_and(T *at, T x) { atomic_update(at, [x](T y) { return (T)(y & x); }); }
template <class T> DEV void atomic_or(T *at, T x) { atomic_update(at, [x](T y) { return (T)(y | x); }); }
template <class T> DEV void atomic_xor(T *at, T x) { atomic_update(at, [x](T y) { return (T)(y ^ x); }); }
template <class T> DEV void atomic_exch(T *at, T x) { atomic_update(at, [x](T) { return x; }); }

template <class T, class S> DEV T bits_as(S x) { union { S from; T to; } u; u.from = x; return u.to; }
#define K_INF __int_as_float(0x7f800000)
#define K_NAN __int_as_float(0x7fffffff)

/* ---- element operations --------------------------------------------------------------------- */

template <class T> DEV T k_floordiv(T a, T b) { T q = a / b; return a % b != 0 && (a % b < 0) != (b < 0) ? (T)(q - 1) : q; }
template <class T> DEV T k_floormod(T a, T b) { T r = a % b; return r != 0 && (r < 0) != (b < 0) ? (T)(r + b) : r; }
template <class T> DEV T k_max(T a, T b) { return a > b ? a : b; }
template <class T> DEV T k_min(T a, T b) { return a < b ? a : b; }
template <class T> DEV T k_abs(T a) { return a < 0 ? (T)-a : a; }
DEV float k_max(float a, float b) { return fmaxf(a, b); }
DEV float k_min(float a, float b) { return fminf(a, b); }
DEV float k_abs(float a) { return fabsf(a); }
DEV double k_max(double a, double b) { return fmax(a, b); }
DEV double k_min(double a, double b) { return fmin(a, b); }
DEV double k_abs(double a) { return fabs(a); }
DEV float lowest(float) { return -K_INF; }
DEV float highest(float) { return K_INF; }
DEV double lowest(double) { return -(double)K_INF; }
DEV double highest(double) { return (double)K_INF; }
template <class T> DEV T highest(T) { return T(-1) < T(0) ? (T)(((T(1) << (8 * sizeof(T) - 2)) - 1) * 2 + 1) : (T)~T(0); }
template <class T> DEV T lowest(T x) { return T(-1) < T(0) ? (T)(-highest(x) - 1) : T(0); }
template <class T> DEV bool within(T i, T n) { return i >= 0 && i < n; }
DEV bool within(i64 i, i64 n) { return (u64)i < (u64)n; }
DEV bool within(int i, int n) { return (u32)i < (u32)n; }
DEV float k_exp2(float x) { float r; asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(x)); return r; }
DEV double k_exp2(double x) { return exp2(x); }

/* ---- pipes ---------------------------------------------------------------------------------- */

DEV u32 smem_addr(const void *p) { return (u32)__cvta_generic_to_shared(p); }
DEV void bar_init(u32 bar, u32 count)
{
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" :: "r"(bar), "r"(count) : "memory");
}
DEV void bar_init_done() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }
DEV void bar_arrive(u32 bar) { asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" :: "r"(bar) : "memory"); }
DEV void bar_expect(u32 bar, u32 bytes)                 /* the phase also waits for this many bytes of TMA */
{
    asm volatile("mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%0], %1;" :: "r"(bar), "r"(bytes) : "memory");
}
DEV void bar_wait(u32 bar, u32 parity)
{
    asm volatile("{\n.reg .pred p;\n"
                 "AGAIN: mbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1;\n"
                 "@p bra DONE;\nbra AGAIN;\nDONE:\n}\n" :: "r"(bar), "r"(parity) : "memory");
}

DEV bool first_lane() { return threadIdx.x % 32 == 0; }
DEV void fence_async_global() { asm volatile("fence.proxy.async.global;" ::: "memory"); }     /* what was stored is seen by TMA */
DEV void fence_async() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

/* A position in a pipe: which slot, and the parity a consumer waits for (a producer waits for the other). */
template <int DEPTH> struct Ring {
    u32 slot = 0, phase = 0;
    DEV void advance() { if (++slot == DEPTH) { slot = 0; phase ^= 1; } }
};

/* One role's end of a pipe: DEPTH full barriers at `bars`, then DEPTH empty ones. Producers acquire and commit, consumers
   wait and release. A role of one thread arrives by itself; of a warp, lane 0 arrives when all lanes are done. */
template <int DEPTH> struct PipeBars {
    u32 bars;
    DEV PipeBars(u32 at) : bars(at) {}
    DEV u32 full(u32 slot) const { return bars + 8 * slot; }
    DEV u32 empty(u32 slot) const { return bars + 8 * (DEPTH + slot); }
};
DEV void warp_commit(u32 bar)                           /* what was stored is also there for TMA and WGMMA */
{
    fence_async();
    __syncwarp();
    if (first_lane()) bar_arrive(bar);
}
DEV void warp_release(u32 bar)
{
    __syncwarp();
    if (first_lane()) bar_arrive(bar);
}

/* the common case: at most one slot is held at a time */
template <int DEPTH> struct Pipe : PipeBars<DEPTH> {
    Ring<DEPTH> at;
    DEV Pipe(u32 bars_at) : PipeBars<DEPTH>(bars_at) {}
    DEV u32 acquire() { bar_wait(this->empty(at.slot), at.phase ^ 1); return at.slot; }
    DEV u32 wait() { bar_wait(this->full(at.slot), at.phase); return at.slot; }
    DEV void commit() { bar_arrive(this->full(at.slot)); at.advance(); }
    DEV void release() { bar_arrive(this->empty(at.slot)); at.advance(); }
    DEV void commit_warp() { warp_commit(this->full(at.slot)); at.advance(); }
    DEV void release_warp() { warp_release(this->empty(at.slot)); at.advance(); }
};

/* head: the slot to acquire or wait for next; tail: the oldest slot held, to commit or release next */
template <int DEPTH> struct LaggingPipe : PipeBars<DEPTH> {
    Ring<DEPTH> head, tail;
    DEV LaggingPipe(u32 bars_at) : PipeBars<DEPTH>(bars_at) {}
    DEV u32 acquire() { u32 s = head.slot; bar_wait(this->empty(s), head.phase ^ 1); head.advance(); return s; }
    DEV u32 wait() { u32 s = head.slot; bar_wait(this->full(s), head.phase); head.advance(); return s; }
    DEV void commit() { bar_arrive(this->full(tail.slot)); tail.advance(); }
    DEV void release() { bar_arrive(this->empty(tail.slot)); tail.advance(); }
    DEV void commit_warp() { warp_commit(this->full(tail.slot)); tail.advance(); }
    DEV void release_warp() { warp_release(this->empty(tail.slot)); tail.advance(); }
};

template <int DEPTH> DEV void pipe_init(u32 bars, u32 producers, u32 consumers)
{
    for (u32 s = 0; s < DEPTH; s++) {
        bar_init(bars + 8 * s, producers);
        bar_init(bars + 8 * (DEPTH + s), consumers);
    }
}

/* the threads of one role meet; groups of a role, each at a barrier of its own; 0 is __syncthreads */
template <int ID, int THREADS> DEV void role_sync()
{
    asm volatile("bar.sync %0, %1;" :: "n"(ID), "n"(THREADS) : "memory");
}
DEV void group_sync(int id, int threads) { asm volatile("bar.sync %0, %1;" :: "r"(id), "r"(threads) : "memory"); }
DEV void turn_take(int id, int threads) { asm volatile("bar.sync %0, %1;" :: "r"(id), "r"(threads) : "memory"); }
DEV void turn_give(int id, int threads) { asm volatile("bar.arrive %0, %1;" :: "r"(id), "r"(threads) : "memory"); }
template <int N> DEV void regs_dec() { asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" :: "n"(N)); }
template <int N> DEV void regs_inc() { asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" :: "n"(N)); }

/* ---- bulk copies ---------------------------------------------------------------------------- */

struct alignas(64) TMap { u64 w[16]; };                 /* CUtensorMap, opaque */

#define TMA_LOAD "cp.async.bulk.tensor."
#define TMA_FULL "d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, "
DEV void tma_load(u32 dst, const TMap *map, u32 bar, int c0)
{
    asm volatile(TMA_LOAD "1" TMA_FULL "{%3}], [%2];" :: "r"(dst), "l"(map), "r"(bar), "r"(c0) : "memory");
}
DEV void tma_load(u32 dst, const TMap *map, u32 bar, int c0, int c1)
{
    asm volatile(TMA_LOAD "2" TMA_FULL "{%3, %4}], [%2];"
                 :: "r"(dst), "l"(map), "r"(bar), "r"(c0), "r"(c1) : "memory");
}
DEV void tma_load(u32 dst, const TMap *map, u32 bar, int c0, int c1, int c2)
{
    asm volatile(TMA_LOAD "3" TMA_FULL "{%3, %4, %5}], [%2];"
                 :: "r"(dst), "l"(map), "r"(bar), "r"(c0), "r"(c1), "r"(c2) : "memory");
}
DEV void tma_load(u32 dst, const TMap *map, u32 bar, int c0, int c1, int c2, int c3)
{
    asm volatile(TMA_LOAD "4" TMA_FULL "{%3, %4, %5, %6}], [%2];"
                 :: "r"(dst), "l"(map), "r"(bar), "r"(c0), "r"(c1), "r"(c2), "r"(c3) : "memory");
}
DEV void tma_load(u32 dst, const TMap *map, u32 bar, int c0, int c1, int c2, int c3, int c4)
{
    asm volatile(TMA_LOAD "5" TMA_FULL "{%3, %4, %5, %6, %7}], [%2];"
                 :: "r"(dst), "l"(map), "r"(bar), "r"(c0), "r"(c1), "r"(c2), "r"(c3), "r"(c4) : "memory");
}

#define TMA_STORE "cp.async.bulk.tensor."
#define TMA_GROUP "d.global.shared::cta.bulk_group [%0, "
DEV void tma_store(const TMap *map, u32 src, int c0)
{
    asm volatile(TMA_STORE "1" TMA_GROUP "{%2}], [%1];" :: "l"(map), "r"(src), "r"(c0) : "memory");
}
DEV void tma_store(const TMap *map, u32 src, int c0, int c1)
{
    asm volatile(TMA_STORE "2" TMA_GROUP "{%2, %3}], [%1];" :: "l"(map), "r"(src), "r"(c0), "r"(c1) : "memory");
}
DEV void tma_store(const TMap *map, u32 src, int c0, int c1, int c2)
{
    asm volatile(TMA_STORE "3" TMA_GROUP "{%2, %3, %4}], [%1];"
                 :: "l"(map), "r"(src), "r"(c0), "r"(c1), "r"(c2) : "memory");
}
DEV void tma_store(const TMap *map, u32 src, int c0, int c1, int c2, int c3)
{
    asm volatile(TMA_STORE "4" TMA_GROUP "{%2, %3, %4, %5}], [%1];"
                 :: "l"(map), "r"(src), "r"(c0), "r"(c1), "r"(c2), "r"(c3) : "memory");
}
DEV void tma_store(const TMap *map, u32 src, int c0, int c1, int c2, int c3, int c4)
{
    asm volatile(TMA_STORE "5" TMA_GROUP "{%2, %3, %4, %5, %6}], [%1];"
                 :: "l"(map), "r"(src), "r"(c0), "r"(c1), "r"(c2), "r"(c3), "r"(c4) : "memory");
}
DEV void store_commit() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }
DEV void store_sent()                                   /* the stores so far have read their slots */
{
    store_commit();
    asm volatile("cp.async.bulk.wait_group.read 0;" ::: "memory");
}
DEV void store_landed()                                 /* and their bytes are in the tensor */
{
    store_commit();
    asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
}
DEV void store_done() { asm volatile("cp.async.bulk.wait_group 0;" ::: "memory"); }             /* the bytes are there */

/* 16 bytes to shared memory, or zeros; several are on their way until copy16_done */
DEV void copy16(void *to, const void *from, bool valid)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" :: "r"(smem_addr(to)), "l"(from), "r"(valid ? 16 : 0) : "memory");
}
DEV void copy16_done() { asm volatile("cp.async.wait_all;" ::: "memory"); }

/* ---- matrices ------------------------------------------------------------------------------- */

template <class T> DEV u32 pack(float lo, float hi);    /* two 2-byte numbers in a register, the first one low */
template <> DEV u32 pack<bf16_t>(float lo, float hi)
{
    u32 r;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(hi), "f"(lo));
    return r;
}
template <> DEV u32 pack<f16_t>(float lo, float hi)
{
    u32 r;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(hi), "f"(lo));
    return r;
}
template <class T> DEV T half(u32 pair, int which) { return T{(u16)(which % 2 ? pair >> 16 : pair)}; }
template <class T> DEV void put(u32 &pair, int which, T x)
{
    pair = which % 2 ? (pair & 0xffff) | (u32)x.bits << 16 : (pair & 0xffff0000) | x.bits;
}

/* Element (r, c) of a tile whose columns are cut into chunks of 8 * UNIT numbers of 2 bytes: each chunk is ROWS rows, the
   16-byte columns of a row exchanged so that 8 rows spread over all banks. As TMA and WGMMA do it: 128, 64 or 32 bytes wide. */
template <int ROWS, int UNIT> DEV int swizzled(int r, int c)
{
    int col = c / 8;
    return (col / UNIT * ROWS + r) * 8 * UNIT + ((col % UNIT) ^ (r / (8 / UNIT) % UNIT)) * 8 + c % 8;
}

/* The low word of a WGMMA matrix descriptor: where the operand starts and how far apart its chunks are. */
DEV u32 descriptor(const void *tile, u32 offset, u32 chunk_bytes)
{
    return (smem_addr(tile) + offset) >> 4 | (chunk_bytes >> 4) << 16;
}
template <int PENDING> DEV void gemm_wait() { asm volatile("wgmma.wait_group.sync.aligned %0;" :: "n"(PENDING) : "memory"); }
template <int N> DEV void landed(float (&d)[N])         /* what follows uses the registers as the gemm left them */
{
    #pragma unroll
    for (int i = 0; i < N; i++) asm volatile("" : "+f"(d[i]));
}
template <int N> DEV void landed(u32 (&d)[N])
{
    #pragma unroll
    for (int i = 0; i < N; i++) asm volatile("" : "+r"(d[i]));
}

/* ---- fragments ------------------------------------------------------------------------------ */

/* A fragment of N columns as WGMMA leaves an accumulator; a warpgroup has BLOCKS times 64 rows. Thread t owns rows number
   0 .. 2 BLOCKS and of each the columns number 0 .. N / 4; numbers of 2 bytes lie in pairs, as WGMMA takes its operand A. */
template <int BLOCKS> DEV int frag_row(int t, int r)
{
    return t / 128 * (64 * BLOCKS) + r / 2 * 64 + t / 32 % 4 * 16 + r % 2 * 8 + t % 32 / 4;
}
DEV int frag_col(int t, int c) { return c / 2 * 8 + t % 4 * 2 + c % 2; }
template <int N> DEV constexpr int frag_reg(int r, int c) { return r / 2 * (N / 2) + c / 2 * 4 + r % 2 * 2 + c % 2; }

template <class T, int N> DEV void pack_frag(u32 (&to)[N], const float (&from)[2 * N])
{
    #pragma unroll
    for (int i = 0; i < N; i++) to[i] = pack<T>(from[2 * i], from[2 * i + 1]);
}
template <class T> DEV u32 frag_pair(const float *d, int i) { return pack<T>(d[2 * i], d[2 * i + 1]); }
template <class T> DEV u32 frag_pair(const u32 *d, int i) { return d[i]; }

/* where this lane's row of step j (16 columns) of a block lies for ldmatrix and stmatrix */
template <int BLOCKS, int ROWS, int UNIT> DEV int frag_step(int row, int col, int block, int j, int t)
{
    int r = row + t / 128 * (64 * BLOCKS) + block * 64 + t / 32 % 4 * 16 + t % 16;
    return swizzled<ROWS, UNIT>(r, col + 16 * j + t % 32 / 16 * 8);
}
/* COLS columns of a fragment, from `first` on, to and from a swizzled tile, from (row, col) on */
template <class T, int BLOCKS, int N, int COLS, int ROWS, int UNIT, class D>
DEV void store_frag(T *tile, int row, int col, const D &d, int first, int t)
{
    #pragma unroll
    for (int b = 0; b < BLOCKS; b++) {
        #pragma unroll
        for (int j = 0; j < COLS / 16; j++) {
            int i = b * (N / 4) + first / 4 + 4 * j;
            asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1, %2, %3, %4};"
                         :: "r"(smem_addr(tile + frag_step<BLOCKS, ROWS, UNIT>(row, col, b, j, t))), "r"(frag_pair<T>(d, i)),
                            "r"(frag_pair<T>(d, i + 1)), "r"(frag_pair<T>(d, i + 2)), "r"(frag_pair<T>(d, i + 3)) : "memory");
        }
    }
}
template <class T, int BLOCKS, int N, int COLS, int ROWS, int UNIT, int R>
DEV void load_frag(const T *tile, int row, int col, u32 (&d)[R], int first, int t)
{
    #pragma unroll
    for (int b = 0; b < BLOCKS; b++) {
        #pragma unroll
        for (int j = 0; j < COLS / 16; j++) {
            int i = b * (N / 4) + first / 4 + 4 * j;
            asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                         : "=r"(d[i]), "=r"(d[i + 1]), "=r"(d[i + 2]), "=r"(d[i + 3])
                         : "r"(smem_addr(tile + frag_step<BLOCKS, ROWS, UNIT>(row, col, b, j, t))) : "memory");
        }
    }
}

/* ---- reductions ----------------------------------------------------------------------------- */

template <class T> struct Sum { static DEV T none() { return 0; } static DEV T of(T a, T b) { return a + b; } };
template <class T> struct Max { static DEV T none() { return lowest(T()); } static DEV T of(T a, T b) { return k_max(a, b); } };
template <class T> struct Min { static DEV T none() { return highest(T()); } static DEV T of(T a, T b) { return k_min(a, b); } };
template <class T> struct AbsMax { static DEV T none() { return 0; } static DEV T of(T a, T b) { return k_max(a, k_abs(b)); } };

template <class T> DEV T lane_xor(T x, int mask) { return __shfl_xor_sync(~0u, x, mask); }
template <class F, class T> DEV T quad_reduce(T x) { x = F::of(x, lane_xor(x, 1)); return F::of(x, lane_xor(x, 2)); }

/* out = or joins the reduction of each row of a fragment: the thread's own columns, two at a time, then the row's 4 lanes */
template <template <class> class F, int N, bool CLEAR, class T, int R, int D> DEV void reduce_rows(T (&out)[R], const T (&d)[D])
{
    #pragma unroll
    for (int r = 0; r < R; r++) {
        T a = F<T>::of(F<T>::none(), d[frag_reg<N>(r, 0)]), b = F<T>::of(F<T>::none(), d[frag_reg<N>(r, 1)]);
        #pragma unroll
        for (int c = 2; c < N / 4; c += 2) {
            a = F<T>::of(a, d[frag_reg<N>(r, c)]);
            b = F<T>::of(b, d[frag_reg<N>(r, c + 1)]);
        }
        T x = quad_reduce<F<T>>(F<T>::of(a, b));
        out[r] = CLEAR ? x : F<T>::of(out[r], x);
    }
}

/* the threads that share a line: a warp, or all of a role, which meet at a barrier and have 256 bytes to talk through */
struct Warp {
    int me;
    static DEV int size() { return 32; }
    template <class F, class T> DEV T reduce(T x) const
    {
        #pragma unroll
        for (int m = 16; m; m /= 2) x = F::of(x, lane_xor(x, m));
        return x;
    }
    template <class T> DEV T scan(T x, T &total) const  /* the sum up to this thread */
    {
        #pragma unroll
        for (int m = 1; m < 32; m *= 2) {
            T y = __shfl_up_sync(~0u, x, m);
            if (me % 32 >= m) x += y;
        }
        total = __shfl_sync(~0u, x, 31);
        return x;
    }
};
template <int THREADS> struct Team {
    int me, id;
    void *scratch;
    static DEV int size() { return THREADS; }
    template <class F, class T> DEV T reduce(T x) const
    {
        T *part = (T *)scratch;
        x = Warp{me}.reduce<F>(x);
        group_sync(id, THREADS);
        if (me % 32 == 0) part[me / 32] = x;
        group_sync(id, THREADS);
        x = part[0];
        for (int w = 1; w < THREADS / 32; w++) x = F::of(x, part[w]);
        return x;
    }
    template <class T> DEV T scan(T x, T &total) const
    {
        T *part = (T *)scratch, own;
        x = Warp{me}.scan(x, own);
        group_sync(id, THREADS);
        if (me % 32 == 31) part[me / 32] = own;
        group_sync(id, THREADS);
        total = 0;
        for (int w = 0; w < THREADS / 32; w++) {
            if (w == me / 32) x += total;
            total += part[w];
        }
        return x;
    }
};
template <class F, class T, class Threads, class Get> DEV T reduce_line(Threads team, int n, Get get)
{
    T x = F::none();
    for (int k = team.me; k < n; k += team.size()) x = F::of(x, get(k));
    return team.template reduce<F>(x);
}
template <class T, bool REVERSE, class Threads, class Get, class Put> DEV void scan_line(Threads team, int n, Get get, Put put)
{
    T before = 0, total;
    for (int at = 0; at < n; at += team.size()) {
        int i = at + team.me, k = REVERSE ? n - 1 - i : i;
        T sum = team.scan(i < n ? get(k) : T(0), total);
        if (i < n) put(k, before + sum);
        before += total;
    }
}

DEV int warp_uniform(int x) { return __shfl_sync(~0u, x, 0); }
