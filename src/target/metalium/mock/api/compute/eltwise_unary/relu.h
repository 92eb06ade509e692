#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_UNARY(relu, x > 0 ? x : 0)
MOCK_UNARY_INT(relu_tile_int32, relu, INT32, x > 0 ? x : 0)
MOCK_SCALAR(relu_max, x<0 ? 0 : x> s ? s : x)
MOCK_SCALAR(relu_min, x < s ? s : x)
MOCK_SCALAR(leaky_relu, x < 0 ? x * s : x)
