#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_UNARY(negative, -x)
MOCK_UNARY_INT(negative_tile_int32, negative, INT32, -x)
