#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_INIT(fill)
inline void fill_tile(uint32_t idst, float value, HERE)
{
    mock::at(line);
    mock::sfpu("fill", "fill_tile");
    mock::Tile &t = mock::dst(idst, "fill_tile");
    for (float &x : t.f) x = value;
    t.kind = mock::FLOAT;
    t.reduced = false;
    mock::dst_round(t);
}
template <DataFormat F> inline void fill_tile_int(uint32_t idst, uint32_t value, HERE)
{
    mock::at(line);
    mock::sfpu("fill", "fill_tile_int");
    mock::Tile &t = mock::dst(idst, "fill_tile_int");
    for (uint32_t &x : t.u) x = value;
    t.kind = mock::kind_of(F);
    t.reduced = false;
}
