#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_INIT(clamp)
inline void clamp_tile(uint32_t idst, uint32_t low, uint32_t high, HERE)
{
    mock::at(line);
    const float lo = mock::bits_float(low), hi = mock::bits_float(high);
    mock::unary("clamp", "clamp_tile", idst, [lo, hi](float x) {
        return x < lo ? lo : x > hi ? hi : x;
    });
}
