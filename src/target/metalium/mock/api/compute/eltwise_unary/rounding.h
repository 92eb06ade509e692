#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_INIT(rounding_op)
MOCK_UNARY_OF(floor, rounding_op, std::floor(x))
MOCK_UNARY_OF(ceil, rounding_op, std::ceil(x))
