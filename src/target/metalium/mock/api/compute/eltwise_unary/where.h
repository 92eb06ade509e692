#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_INIT(where)
template <DataFormat F>
inline void where_tile(uint32_t cond, uint32_t yes, uint32_t no, uint32_t odst, HERE)
{
    mock::at(line);
    mock::sfpu("where", "where_tile");
    const mock::Kind k = mock::kind_of(F);
    const mock::Tile &c = mock::dst_of(cond, k, "where_tile"),
                     &a = mock::dst_of(yes, k, "where_tile"),
                     &b = mock::dst_of(no, k, "where_tile");
    mock::Tile &t = mock::dst(odst, "where_tile");
    for (int i = 0; i < 1024; i++)
        t.u[i] = (k == mock::FLOAT ? c.f[i] != 0 : c.u[i] != 0) ? a.u[i] : b.u[i];
    t.kind = k;
}
