#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_INIT(binary_shift)
MOCK_BINARY_INT_OF(binary_left_shift, binary_shift, (uint32_t)x << ((uint32_t)y & 31))
MOCK_BINARY_INT_OF(binary_right_shift, binary_shift, x >> ((uint32_t)y & 31))
