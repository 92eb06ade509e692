/* Tiles: data formats and faces in memory, the destination registers and their protocol, the matrix
   engine and the packer. Numbers are kept as the hardware keeps them: operands from a Float32
   buffer lose the last 13 bits on the way to the matrix engine (TF32), results are rounded to the
   width of the destination registers and to the format of the buffer they are packed to. */
#include "machine.h"
#include <cmath>
#include <cstring>

namespace mock
{
namespace
{

enum Section { IDLE, MATH, COMMITTED, PACKING };
const char *const section_text[] = {"no section is open", "the math section is open",
                                    "the math section is committed", "the pack section is open"};

} // namespace

/* the compute side of one core */
struct Engine {
    Section section = IDLE;
    Tile regs[16] = {};
    Unit unit = NO_UNIT; /* what the matrix engine was last set up for, by which call */
    uint32_t how = 0;
    const char *by = "nothing";
    int srca = -1, srcb = -1; /* format, and 256 when it unpacks to the destination registers */
    DataFormat packer = DataFormat::Invalid;
    bool started = false, accumulate = false, relu = false;
    int mask = -1; /* reduce mask of the packer: a ReduceDim, or off */
    const char *sfpu_group = "nothing";
};
Engine *now;
Engine *engine_new()
{
    return new Engine;
}

namespace
{

uint32_t capacity()
{
    return (fp32_dest ? 4 : 8) * (full_sync ? 2 : 1);
}

/* where element (r, c) of a tile lies: four faces of 16 x 16 */
constexpr int place(int r, int c)
{
    return (r / 16 * 2 + c / 16) * 256 + r % 16 * 16 + c % 16;
}

float bf16_to(uint16_t b)
{
    return bits_float((uint32_t)b << 16);
}
uint16_t bf16_from(float x)
{
    const uint32_t b = float_bits(x);
    if (x != x) return (uint16_t)(b >> 16 | 0x40);
    return (uint16_t)((b + 0x7fff + (b >> 16 & 1)) >> 16);
}
float f16_to(uint16_t h)
{
    const int e = h >> 10 & 31, m = h & 1023;
    const float v = e == 31 ? (m ? NAN : INFINITY)
                    : e     ? std::ldexp((float)(m + 1024), e - 25)
                            : std::ldexp((float)m, -24);
    return h >> 15 ? -v : v;
}
uint16_t f16_from(float x)
{
    const uint16_t sign = (uint16_t)(float_bits(x) >> 16 & 0x8000);
    if (x != x) return sign | 0x7e00;
    const float a = std::fabs(x);
    if (a >= 65520) return sign | 0x7c00;
    int e;
    std::frexp(a, &e);
    const int scale = a < 6.103515625e-05f ? 24 : 11 - e;    /* the last place is 2 ** -scale */
    const int m = (int)std::nearbyint(std::ldexp(a, scale)); /* to nearest even */
    return (uint16_t)(sign | (a < 6.103515625e-05f ? m : ((e + 14) << 10) + m - 1024));
}
float tf32(float x)
{
    return x != x || std::isinf(x) ? x : bits_float(float_bits(x) & 0xffffe000u);
}

bool is_float(DataFormat f)
{
    return kind_of(f) == FLOAT;
}
bool wide(DataFormat f)
{
    return f == DataFormat::Float32 || f == DataFormat::Int32 || f == DataFormat::UInt32;
}

void unpack(const void *p, DataFormat f, Tile &t, bool through_src)
{
    t.kind = kind_of(f);
    t.reduced = false;
    for (int r = 0; r < 32; r++)
        for (int c = 0; c < 32; c++) {
            const int k = r * 32 + c, at = place(r, c);
            switch (f) {
            case DataFormat::Float32:
                t.f[k] = through_src ? tf32(((const float *)p)[at]) : ((const float *)p)[at];
                break;
            case DataFormat::Float16_b: t.f[k] = bf16_to(((const uint16_t *)p)[at]); break;
            case DataFormat::Float16: t.f[k] = f16_to(((const uint16_t *)p)[at]); break;
            case DataFormat::UInt16: t.u[k] = ((const uint16_t *)p)[at]; break;
            case DataFormat::UInt8: t.u[k] = ((const uint8_t *)p)[at]; break;
            default: t.u[k] = ((const uint32_t *)p)[at]; break;
            }
        }
}
void pack_to(const Tile &t, void *p, DataFormat f)
{
    for (int r = 0; r < 32; r++)
        for (int c = 0; c < 32; c++) {
            const int k = r * 32 + c, at = place(r, c);
            switch (f) {
            case DataFormat::Float32: ((float *)p)[at] = t.f[k]; break;
            case DataFormat::Float16_b: ((uint16_t *)p)[at] = bf16_from(t.f[k]); break;
            case DataFormat::Float16: ((uint16_t *)p)[at] = f16_from(t.f[k]); break;
            case DataFormat::UInt16: ((uint16_t *)p)[at] = (uint16_t)t.u[k]; break;
            case DataFormat::UInt8: ((uint8_t *)p)[at] = (uint8_t)t.u[k]; break;
            default: ((uint32_t *)p)[at] = t.u[k]; break;
            }
        }
}

void need_math(const char *op)
{
    if (!now->started) fault("%s before compute_kernel_hw_startup", op);
    if (now->section != MATH)
        fault("%s without tile_regs_acquire (%s)", op, section_text[now->section]);
}
void need_engine(Unit unit, uint32_t how, const char *op)
{
    need_math(op);
    if (now->unit != unit || now->how != how)
        fault("%s without its init: the engine was last set up by %s", op, now->by);
}
int source_key(uint32_t cb)
{
    return (int)format(cb) | (unpacks_to_dest(cb) ? 256 : 0);
}
void need_source(uint32_t cb, char reg, const char *op)
{
    const int set = reg == 'A' ? now->srca : now->srcb;
    if (source_key(cb) != set)
        fault("%s: cb %u '%s' has format %d, Src%c is set for %d (reconfig_data_format is missing)",
              op, cb, cb_name(cb), source_key(cb), reg, set);
}
/* an operand of the matrix engine, through SrcA or SrcB */
Tile source(uint32_t cb, uint32_t i, char reg, const char *op)
{
    need_source(cb, reg, op);
    if (unpacks_to_dest(cb))
        fault("%s: cb %u '%s' is unpacked to the destination registers, the matrix engine cannot "
              "read it",
              op, cb, cb_name(cb));
    if (!is_float(format(cb))) fault("%s: cb %u '%s' does not hold floats", op, cb, cb_name(cb));
    Tile t;
    unpack(front_page(cb, i, op), format(cb), t, true);
    return t;
}
void need_same_exponent(const char *op)
{
    if ((now->srca == (int)DataFormat::Float16) != (now->srcb == (int)DataFormat::Float16))
        fault("%s mixes Float16 with a format of 8 exponent bits", op);
}
void spread(Tile &t, BroadcastType b)
{
    for (int r = 0; r < 32; r++)
        for (int c = 0; c < 32; c++) {
            const int from = b == BroadcastType::COL      ? r * 32
                             : b == BroadcastType::ROW    ? c
                             : b == BroadcastType::SCALAR ? 0
                                                          : r * 32 + c;
            if (from > r * 32 + c) continue;
            t.u[r * 32 + c] = t.u[from];
        }
}
float apply(Unit u, float x, float y)
{
    return u == ADD ? x + y : u == SUB ? x - y : x * y;
}

} // namespace

Kind kind_of(DataFormat f)
{
    switch (f) {
    case DataFormat::Float32:
    case DataFormat::Float16:
    case DataFormat::Float16_b: return FLOAT;
    case DataFormat::Int32: return INT32;
    case DataFormat::UInt32: return UINT32;
    case DataFormat::UInt16: return UINT16;
    case DataFormat::UInt8: return UINT8;
    default: fault("data format %d is not modelled", (int)f);
    }
}

/* ---- destination registers ---- */

void dst_acquire()
{
    if (now->section != IDLE) fault("tile_regs_acquire: %s", section_text[now->section]);
    now->section = MATH;
    for (Tile &t : now->regs)
        memset((void *)&t, 0, sizeof t); /* an acquired section reads as zero */
}
void dst_commit()
{
    if (now->section != MATH) fault("tile_regs_commit: %s", section_text[now->section]);
    now->section = COMMITTED;
}
void dst_wait()
{
    if (now->section != COMMITTED)
        fault("tile_regs_wait: %s: the packer would wait for ever", section_text[now->section]);
    now->section = PACKING;
}
void dst_release()
{
    if (now->section != PACKING) fault("tile_regs_release: %s", section_text[now->section]);
    now->section = IDLE;
}
Tile &dst(uint32_t i, const char *op)
{
    need_math(op);
    if (i >= capacity())
        fault("%s: tile %u of the destination registers, which hold %u", op, i, capacity());
    return now->regs[i];
}
Tile &dst_of(uint32_t i, Kind kind, const char *op)
{
    Tile &t = dst(i, op);
    if (t.kind == EMPTY) fault("%s: tile %u of the destination registers holds nothing", op, i);
    if (t.kind != kind) fault("%s: tile %u of the destination registers holds another type", op, i);
    return t;
}
void dst_round(Tile &t)
{
    if (fp32_dest || t.kind != FLOAT) return;
    for (float &x : t.f) x = bf16_to(bf16_from(x));
}

/* ---- set-up ---- */

void startup(uint32_t a, uint32_t b, uint32_t out, SrcOrder order)
{
    if (now->started) fault("compute_kernel_hw_startup a second time");
    now->started = true;
    now->srca = source_key(order == SrcOrder::Reverse ? b : a);
    now->srcb = source_key(order == SrcOrder::Reverse ? a : b);
    now->packer = format(out);
}
void set_srca(uint32_t cb)
{
    now->srca = source_key(cb);
}
void set_srcb(uint32_t cb)
{
    now->srcb = source_key(cb);
}
void set_pack(uint32_t cb)
{
    now->packer = format(cb);
}
void init(Unit unit, uint32_t how, uint32_t a, uint32_t b, const char *op)
{
    if (!now->started) fault("%s before compute_kernel_hw_startup", op);
    (void)cb_name(a), (void)cb_name(b); /* both must exist */
    now->unit = unit;
    now->how = how;
    now->by = op;
}
void sfpu_init(const char *group)
{
    if (!now->started) fault("%s_tile_init before compute_kernel_hw_startup", group);
    now->sfpu_group = group;
}
void sfpu(const char *group, const char *op)
{
    need_math(op);
    if (strcmp(group, now->sfpu_group))
        fault("%s without %s_tile_init: the last one was for %s", op, group, now->sfpu_group);
}

/* ---- the matrix engine ---- */

void copy(uint32_t cb, uint32_t i, uint32_t d)
{
    need_engine(COPY, 0, "copy_tile");
    need_source(cb, 'A', "copy_tile");
    const DataFormat f = format(cb);
    if (f != DataFormat::Float32 && wide(f) && !unpacks_to_dest(cb))
        fault("copy_tile: cb %u '%s' holds 32-bit integers and needs unpack-to-dest", cb,
              cb_name(cb));
    if (wide(f) && kind_of(f) != FLOAT && !fp32_dest)
        fault("copy_tile: 32-bit integers need fp32_dest_acc_en");
    if (unpacks_to_dest(cb) && !fp32_dest)
        fault("copy_tile: unpack-to-dest needs fp32_dest_acc_en");
    Tile &t = dst(d, "copy_tile");
    unpack(front_page(cb, i, "copy_tile"), f, t, !unpacks_to_dest(cb));
    dst_round(t);
}
void broadcast(BroadcastType b, uint32_t cb, uint32_t i, uint32_t d)
{
    need_engine(BROADCAST, (uint32_t)b, "unary_bcast");
    const DataFormat f = format(cb);
    need_source(cb, 'A', "unary_bcast");
    if (!wide(f))
        need_source(
            cb, 'B',
            "unary_bcast"); /* through SrcB; 32-bit formats go to the destination registers */
    if (wide(f) && !unpacks_to_dest(cb))
        fault("unary_bcast: cb %u '%s' is 32 bits wide and needs unpack-to-dest", cb, cb_name(cb));
    Tile &t = dst(d, "unary_bcast");
    unpack(front_page(cb, i, "unary_bcast"), f, t, false);
    spread(t, b);
    dst_round(t);
}
void binary(Unit unit, BroadcastType b, uint32_t cb0, uint32_t cb1, uint32_t i0, uint32_t i1,
            uint32_t d, const char *op)
{
    need_engine(unit, (now->how & 16) | (uint32_t)b, op);
    const Tile x = source(cb0, i0, 'A', op);
    Tile y = source(cb1, i1, 'B', op);
    need_same_exponent(op);
    spread(y, b);
    Tile &z = dst(d, op);
    const bool add = now->how & 16;
    for (int k = 0; k < 1024; k++) z.f[k] = apply(unit, x.f[k], y.f[k]) + (add ? z.f[k] : 0);
    z.kind = FLOAT;
    z.reduced = false;
    dst_round(z);
}
void binary_reuse(Unit unit, EltwiseBinaryReuseDestType r, uint32_t cb, uint32_t i, uint32_t d,
                  const char *op)
{
    const bool to_a = r == EltwiseBinaryReuseDestType::DEST_TO_SRCA;
    need_engine(unit, 8u | (uint32_t)r, op);
    const Tile y = source(cb, i, to_a ? 'B' : 'A', op);
    Tile &z = dst_of(d, FLOAT, op);
    for (int k = 0; k < 1024; k++)
        z.f[k] = to_a ? apply(unit, tf32(z.f[k]), y.f[k]) : apply(unit, y.f[k], tf32(z.f[k]));
    dst_round(z);
}
void transpose(uint32_t cb, uint32_t i, uint32_t d)
{
    need_engine(TRANSPOSE, 0, "transpose_tile");
    const Tile x = source(cb, i, 'A', "transpose_tile");
    Tile &z = dst(d, "transpose_tile");
    for (int k = 0; k < 1024; k++) z.f[k] = x.f[k % 32 * 32 + k / 32];
    z.kind = FLOAT;
    z.reduced = false;
    dst_round(z);
}

void matmul_setup(uint32_t cb0, uint32_t cb1, uint32_t transposed, uint32_t ct, uint32_t rt,
                  uint32_t kt, bool block)
{
    init(MATMUL, (transposed ? 1u : 0) | (block ? 2u : 0) | ct << 4 | rt << 12 | kt << 20, cb0, cb1,
         block ? "matmul_block_init" : "matmul_init");
}
namespace
{
void multiply(const Tile &x, const Tile &y, bool transposed, Tile &z)
{
    static Tile t; /* y, rows by k */
    for (int k = 0; k < 1024; k++) t.f[k] = transposed ? y.f[k % 32 * 32 + k / 32] : y.f[k];
    for (int r = 0; r < 32; r++)
        for (int k = 0; k < 32; k++) {
            const float a = x.f[r * 32 + k];
            for (int c = 0; c < 32; c++) z.f[r * 32 + c] += a * t.f[k * 32 + c];
        }
    z.kind = FLOAT;
    z.reduced = false;
    dst_round(z);
}
} // namespace
void matmul(uint32_t cb0, uint32_t cb1, uint32_t i0, uint32_t i1, uint32_t d, uint32_t ct,
            uint32_t rt, uint32_t kt, bool block)
{
    const char *op = block ? "matmul_block" : "matmul_tiles";
    need_math(op);
    const uint32_t how = now->how,
                   want = (how & 1) | (block ? 2u : 0) | ct << 4 | rt << 12 | kt << 20;
    need_engine(MATMUL, want, op);
    for (uint32_t r = 0; r < rt; r++)
        for (uint32_t c = 0; c < ct; c++) {
            const Tile x = source(cb0, i0 + r * kt, 'B', op), y = source(cb1, i1 + c, 'A', op);
            need_same_exponent(op);
            multiply(x, y, how & 1, dst(d + r * ct + c, op));
        }
}

void reduce(PoolType p, ReduceDim r, uint32_t cb, uint32_t cb_scaler, uint32_t i, uint32_t i_scaler,
            uint32_t d)
{
    const char *op = "reduce_tile";
    need_engine(REDUCE, (uint32_t)p << 4 | (uint32_t)r, op);
    if (now->mask != (int)r) fault("reduce_tile without reduce_init of that direction");
    const bool swapped = r == ReduceDim::REDUCE_ROW && p != PoolType::MAX;
    const Tile x = source(cb, i, swapped ? 'B' : 'A', op),
               s = source(cb_scaler, i_scaler, swapped ? 'A' : 'B', op);
    for (int k = 0; k < 32; k++)
        if (s.f[k] != s.f[0] || s.f[512 + k] != s.f[0])
            fault("reduce_tile: row 0 of each face of the scaler tile must hold the scaler");
    if (p == PoolType::MIN) fault("reduce_tile: MIN is not modelled");
    if (p == PoolType::MAX && s.f[0] != 1) fault("reduce_tile: the scaler of a maximum must be 1");
    Tile &z = dst(d, op);
    const bool fresh = z.kind == EMPTY;
    if (!fresh && !z.reduced)
        fault("reduce_tile: tile %u of the destination registers does not hold a reduction", d);
    const int n = r == ReduceDim::REDUCE_SCALAR ? 1 : 32;
    for (int k = 0; k < n; k++) {
        float acc = p == PoolType::MAX ? -INFINITY : 0;
        for (int j = 0; j < (n == 1 ? 1024 : 32); j++) {
            const float v = n == 1                       ? x.f[j]
                            : r == ReduceDim::REDUCE_ROW ? x.f[k * 32 + j]
                                                         : x.f[j * 32 + k];
            if (p == PoolType::MAX)
                acc = v > acc || v != v ? v : acc;
            else
                acc += v * s.f[0];
        }
        float &to = z.f[r == ReduceDim::REDUCE_ROW ? k * 32 : k];
        to = fresh ? acc : p == PoolType::MAX ? std::fmax(to, acc) : to + acc;
    }
    /* the rest is whatever the engine leaves there */
    for (int k = 0; k < 1024 && fresh; k++)
        if (r == ReduceDim::REDUCE_ROW ? k % 32 : r == ReduceDim::REDUCE_COL ? k / 32 : k)
            z.f[k] = NAN;
    z.kind = FLOAT;
    z.reduced = true;
    dst_round(z);
}
void reduce_mask(int dim)
{
    now->mask = dim;
}

/* ---- the packer ---- */

void pack(uint32_t d, uint32_t cb, int64_t i)
{
    if (now->section != PACKING)
        fault("pack_tile without tile_regs_wait (%s)", section_text[now->section]);
    if (d >= capacity())
        fault("pack_tile: tile %u of the destination registers, which hold %u", d, capacity());
    const DataFormat f = format(cb);
    if (f != now->packer)
        fault("pack_tile: cb %u '%s' has format %d, the packer is set for %d "
              "(pack_reconfig_data_format is missing)",
              cb, cb_name(cb), (int)f, (int)now->packer);
    Tile t = now->regs[d];
    if (t.kind == EMPTY) fault("pack_tile: tile %u of the destination registers holds nothing", d);
    if (t.kind != kind_of(f))
        fault("pack_tile: tile %u of the destination registers does not hold what cb %u '%s' takes",
              d, cb, cb_name(cb));
    if (now->mask >= 0 && !t.reduced)
        fault("pack_tile of a tile that is no reduction: reduce_uninit is missing");
    for (int k = 0; now->mask >= 0 && k < 1024; k++)
        if (now->mask == (int)ReduceDim::REDUCE_ROW   ? k % 32
            : now->mask == (int)ReduceDim::REDUCE_COL ? k / 32
                                                      : k)
            t.f[k] = 0;
    if (now->relu)
        for (float &x : t.f) x = x > 0 ? x : 0;
    void *to = back_page(cb, i, "pack_tile");
    if (now->accumulate) {
        Tile old;
        unpack(to, f, old, false);
        for (int k = 0; k < 1024; k++) t.f[k] += old.f[k];
    }
    pack_to(t, to, f);
}
void pack_accumulate(bool on)
{
    now->accumulate = on;
}
void pack_relu(bool on)
{
    now->relu = on;
}

} // namespace mock
