#pragma once
#include "api/compute/common.h"
#include <cmath>
namespace mock
{
inline float saturate(double x, double lo, double hi)
{
    return (float)(x != x ? 0 : x < lo ? lo : x > hi ? hi : x);
}
} // namespace mock
template <uint32_t IN, uint32_t OUT> inline void typecast_tile_init(HERE)
{
    mock::at(line);
    mock::sfpu_init("typecast");
}
template <uint32_t IN, uint32_t OUT> inline void typecast_tile(uint32_t idst, HERE)
{
    mock::at(line);
    mock::sfpu("typecast", "typecast_tile");
    const mock::Kind from = mock::kind_of((DataFormat)IN), to = mock::kind_of((DataFormat)OUT);
    mock::Tile &t = mock::dst_of(idst, from, "typecast_tile");
    for (int i = 0; i < 1024; i++) {
        const double v = from == mock::FLOAT   ? t.f[i]
                         : from == mock::INT32 ? t.i[i]
                                               : (double)t.u[i];
        switch (to) {
        case mock::FLOAT: t.f[i] = (float)v; break;
        case mock::INT32:
            t.i[i] = v != v               ? 0
                     : v <= -2147483648.0 ? INT32_MIN
                     : v >= 2147483647.0  ? INT32_MAX
                                          : (int32_t)v;
            break;
        case mock::UINT16: t.u[i] = (uint32_t)mock::saturate(v, 0, 65535); break;
        case mock::UINT8: t.u[i] = (uint32_t)mock::saturate(v, 0, 255); break;
        default:
            t.u[i] = v != v || v <= 0 ? 0 : v >= 4294967295.0 ? UINT32_MAX : (uint32_t)v;
            break;
        }
    }
    t.kind = to;
    if (to == mock::FLOAT &&
        (DataFormat)OUT == DataFormat::Float16_b) /* rounded to nearest even, as the packer would */
        for (float &x : t.f)
            x = x != x ? x
                       : mock::bits_float(
                             (mock::float_bits(x) + 0x7fff + (mock::float_bits(x) >> 16 & 1)) &
                             0xffff0000u);
    mock::dst_round(t);
}
