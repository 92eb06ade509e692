#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_BINARY(binary_max, x > y ? x : y)
MOCK_BINARY(binary_min, x < y ? x : y)
MOCK_INIT(binary_max_int32)
MOCK_INIT(binary_min_int32)
inline void binary_max_int32_tile(uint32_t a, uint32_t b, uint32_t d, HERE)
{
    mock::at(line);
    mock::binary_int("binary_max_int32", "binary_max_int32_tile", a, b, d, mock::INT32,
                     [](auto x, auto y) { return x > y ? x : y; });
}
inline void binary_min_int32_tile(uint32_t a, uint32_t b, uint32_t d, HERE)
{
    mock::at(line);
    mock::binary_int("binary_min_int32", "binary_min_int32_tile", a, b, d, mock::INT32,
                     [](auto x, auto y) { return x < y ? x : y; });
}
