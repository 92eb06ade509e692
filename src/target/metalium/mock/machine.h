/* The mock machine, as the kernels see it. The headers under api/ have the names and the signatures
   of the Metalium kernel API; what they do is declared here and defined in machine.cpp (cores,
   circular buffers, the network) and tile.cpp (formats, the destination registers, the matrix
   engine). A rule of the hardware that a kernel breaks ends the run with a message that names the
   core, the role and the line; it never hangs and never goes on with wrong data. */
#pragma once
#include <cstdint>

#define ALWI         inline
#define FORCE_INLINE inline
#define tt_l1_ptr
#define HERE int line = __builtin_LINE()

enum class DataFormat : uint8_t {
    Float32 = 0,
    Float16 = 1,
    Tf32 = 4,
    Float16_b = 5,
    Bfp8_b = 6,
    Bfp4_b = 7,
    Int32 = 8,
    UInt16 = 9,
    Lf8 = 10,
    Int8 = 14,
    UInt32 = 24,
    Fp8_e4m3 = 26,
    UInt8 = 30,
    Invalid = 255
};
enum class PoolType : uint8_t { SUM, AVG, MAX, MIN };
enum class ReduceDim : uint8_t { REDUCE_ROW, REDUCE_COL, REDUCE_SCALAR };
enum class BroadcastType : uint8_t { NONE, COL, ROW, SCALAR };
enum class EltwiseBinaryReuseDestType : uint8_t { NONE, DEST_TO_SRCA, DEST_TO_SRCB };
enum class SrcOrder : uint8_t { Regular, Reverse };
enum class VectorMode : uint8_t { None, R, C, RC };

namespace mock
{

/* ---- machine.cpp ---- */

[[noreturn]] void fault(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void at(int line); /* where the role is, for messages */
uint32_t arg(uint32_t i, bool common);

void reserve(uint32_t cb, uint32_t n);
void push(uint32_t cb, uint32_t n);
void wait(uint32_t cb, uint32_t n);
void pop(uint32_t cb, uint32_t n);
bool available(uint32_t cb, uint32_t n);
bool reservable(uint32_t cb, uint32_t n);
uint32_t write_ptr(uint32_t cb);
uint32_t read_ptr(uint32_t cb);
uint32_t page_bytes(uint32_t cb);
DataFormat format(uint32_t cb);
bool unpacks_to_dest(uint32_t cb);
const char *cb_name(uint32_t cb);
const void *front_page(uint32_t cb, uint32_t i, const char *op); /* page i of what was waited for */
void *back_page(uint32_t cb, int64_t i,
                const char *op); /* page i of what was reserved; -1: the next to pack */

uint64_t dram_addr(uint32_t base, uint32_t page_size, bool is_dram, uint32_t page, uint32_t offset);
uint64_t l1_addr(uint32_t x, uint32_t y, uint32_t addr);
uint64_t multicast_addr(uint32_t x0, uint32_t y0, uint32_t x1, uint32_t y1, uint32_t addr);
void read(uint64_t src, uint32_t dst, uint32_t bytes);
void write(uint32_t src, uint64_t dst, uint32_t bytes);
void multicast(uint32_t src, uint64_t dst, uint32_t bytes, uint32_t num_dests, bool self);
void read_barrier();
void write_flush();
void write_barrier();
uint32_t semaphore(uint32_t id);
void semaphore_wait(volatile uint32_t *p, uint32_t v, bool at_least);
void semaphore_set(volatile uint32_t *p, uint32_t v);
void semaphore_inc(uint64_t addr, uint32_t n);
extern bool fp32_dest, full_sync;

/* ---- tile.cpp ---- */

struct Engine;
extern Engine *now; /* of the core whose role runs */
Engine *engine_new();

enum Kind : uint8_t { EMPTY, FLOAT, INT32, UINT32, UINT16, UINT8 };
struct Tile { /* one tile of the destination registers, row by row */
    Kind kind;
    bool reduced; /* only what the reduction wrote is defined */
    union {
        float f[1024];
        int32_t i[1024];
        uint32_t u[1024];
    };
};
Tile &dst(uint32_t i, const char *op);               /* any state; the math section must be open */
Tile &dst_of(uint32_t i, Kind kind, const char *op); /* holds a value of that kind */
void dst_round(Tile &t);                             /* to the width of the registers */
Kind kind_of(DataFormat f);

void dst_acquire();
void dst_commit();
void dst_wait();
void dst_release();
void startup(uint32_t a, uint32_t b, uint32_t out, SrcOrder order);
void set_srca(uint32_t cb);
void set_srcb(uint32_t cb);
void set_pack(uint32_t cb);
enum Unit : uint8_t { NO_UNIT, COPY, ADD, SUB, MUL, MATMUL, REDUCE, TRANSPOSE, BROADCAST };
/* what the matrix engine was last set up for; `how` tells the variants of a unit apart */
void init(Unit unit, uint32_t how, uint32_t a, uint32_t b, const char *op);
void copy(uint32_t cb, uint32_t i, uint32_t d);
void binary(Unit unit, BroadcastType b, uint32_t cb0, uint32_t cb1, uint32_t i0, uint32_t i1,
            uint32_t d, const char *op);
void binary_reuse(Unit unit, EltwiseBinaryReuseDestType r, uint32_t cb, uint32_t i, uint32_t d,
                  const char *op);
void broadcast(BroadcastType b, uint32_t cb, uint32_t i, uint32_t d);
void matmul(uint32_t cb0, uint32_t cb1, uint32_t i0, uint32_t i1, uint32_t d, uint32_t ct,
            uint32_t rt, uint32_t kt, bool block);
void matmul_setup(uint32_t cb0, uint32_t cb1, uint32_t transpose, uint32_t ct, uint32_t rt,
                  uint32_t kt, bool block);
void reduce(PoolType p, ReduceDim r, uint32_t cb, uint32_t cb_scaler, uint32_t i, uint32_t i_scaler,
            uint32_t d);
void reduce_mask(int dim); /* -1: off */
void transpose(uint32_t cb, uint32_t i, uint32_t d);
void pack(uint32_t d, uint32_t cb, int64_t i);
void pack_accumulate(bool on);
void pack_relu(bool on);
void sfpu_init(const char *group);
void sfpu(const char *group, const char *op); /* its own init must be the last one */

/* ---- element operations on the destination registers ---- */

template <class F> void unary(const char *group, const char *op, uint32_t d, F f)
{
    sfpu(group, op);
    Tile &t = dst_of(d, FLOAT, op);
    for (float &x : t.f) x = (float)f(x);
    dst_round(t);
}
template <class F> void unary_int(const char *group, const char *op, uint32_t d, Kind kind, F f)
{
    sfpu(group, op);
    Tile &t = dst_of(d, kind, op);
    for (int32_t &x : t.i) x = (int32_t)f(x);
}
/* the operands first, then the result: it may be one of them */
template <class F>
void binary_sfpu(const char *group, const char *op, uint32_t a, uint32_t b, uint32_t d, F f)
{
    sfpu(group, op);
    const Tile &x = dst_of(a, FLOAT, op), &y = dst_of(b, FLOAT, op);
    Tile &z = dst(d, op);
    for (int i = 0; i < 1024; i++) z.f[i] = (float)f(x.f[i], y.f[i]);
    z.reduced = x.reduced;
    z.kind = FLOAT;
    dst_round(z);
}
template <class F>
void binary_int(const char *group, const char *op, uint32_t a, uint32_t b, uint32_t d, Kind kind,
                F f)
{
    sfpu(group, op);
    const Tile &x = dst_of(a, kind, op), &y = dst_of(b, kind, op);
    Tile &z = dst(d, op);
    for (int i = 0; i < 1024; i++)
        z.i[i] = kind == INT32 ? (int32_t)f(x.i[i], y.i[i]) : (int32_t)f(x.u[i], y.u[i]);
    z.reduced = x.reduced;
    z.kind = kind;
}
inline float bits_float(uint32_t b)
{
    float f;
    __builtin_memcpy(&f, &b, 4);
    return f;
}
inline uint32_t float_bits(float f)
{
    uint32_t b;
    __builtin_memcpy(&b, &f, 4);
    return b;
}

} // namespace mock

/* One row an element operation of the API. The expression is its meaning on the operands x, y and
 * the scalar s. */
#define MOCK_INIT(name)                                                                            \
    template <auto... P> inline void name##_tile_init(HERE)                                        \
    {                                                                                              \
        mock::at(line);                                                                            \
        mock::sfpu_init(#name);                                                                    \
    }
#define MOCK_UNARY_OF(name, group, ...)                                                            \
    template <auto... P> inline void name##_tile(uint32_t idst, HERE)                              \
    {                                                                                              \
        mock::at(line);                                                                            \
        mock::unary(#group, #name "_tile", idst, [](float x) { return __VA_ARGS__; });             \
    }
#define MOCK_UNARY(name, ...) MOCK_INIT(name) MOCK_UNARY_OF(name, name, __VA_ARGS__)
#define MOCK_SCALAR_OF(name, group, ...)                                                           \
    template <auto... P> inline void name(uint32_t idst, uint32_t param, HERE)                     \
    {                                                                                              \
        mock::at(line);                                                                            \
        const float s = mock::bits_float(param);                                                   \
        mock::unary(#group, #name, idst, [s](float x) { return __VA_ARGS__; });                    \
    }
#define MOCK_SCALAR(name, ...) MOCK_INIT(name) MOCK_SCALAR_OF(name##_tile, name, __VA_ARGS__)
#define MOCK_UNARY_INT(name, group, kind, ...)                                                     \
    inline void name(uint32_t idst, HERE)                                                          \
    {                                                                                              \
        mock::at(line);                                                                            \
        mock::unary_int(#group, #name, idst, mock::kind, [](int32_t x) { return __VA_ARGS__; });   \
    }
#define MOCK_SCALAR_INT(name, group, kind, ...)                                                    \
    inline void name(uint32_t idst, uint32_t param, HERE)                                          \
    {                                                                                              \
        mock::at(line);                                                                            \
        const int32_t s = (int32_t)param;                                                          \
        mock::unary_int(#group, #name, idst, mock::kind, [s](int32_t x) { return __VA_ARGS__; });  \
    }
#define MOCK_BINARY(name, ...)                                                                     \
    MOCK_INIT(name)                                                                                \
    template <auto... P>                                                                           \
    inline void name##_tile(uint32_t idst0, uint32_t idst1, uint32_t odst, HERE)                   \
    {                                                                                              \
        mock::at(line);                                                                            \
        mock::binary_sfpu(#name, #name "_tile", idst0, idst1, odst,                                \
                          [](float x, float y) { return __VA_ARGS__; });                           \
    }
/* the data format is a template argument */
#define MOCK_BINARY_INT_OF(name, group, ...)                                                       \
    template <DataFormat F>                                                                        \
    inline void name##_tile(uint32_t idst0, uint32_t idst1, uint32_t odst, HERE)                   \
    {                                                                                              \
        mock::at(line);                                                                            \
        mock::binary_int(#group, #name "_tile", idst0, idst1, odst, mock::kind_of(F),              \
                         [](auto x, auto y) { return __VA_ARGS__; });                              \
    }
#define MOCK_BINARY_INT(name, ...) MOCK_INIT(name) MOCK_BINARY_INT_OF(name, name, __VA_ARGS__)
