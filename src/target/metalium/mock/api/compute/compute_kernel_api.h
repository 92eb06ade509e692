#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_UNARY(sigmoid, 1 / (1 + std::exp(-x)))
MOCK_UNARY(tanh, std::tanh(x))
MOCK_UNARY(log, std::log(x))
MOCK_UNARY(exp2, std::exp2(x))
MOCK_UNARY(abs, std::fabs(x))
MOCK_UNARY_INT(abs_tile_int32, abs, INT32, x < 0 ? -x : x)
MOCK_SCALAR(log_with_base, std::log(x) * s)
MOCK_SCALAR(unary_max, x > s ? x : s)
MOCK_SCALAR(unary_min, x < s ? x : s)
