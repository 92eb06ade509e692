#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_BINARY_INT(eq_int, x == y)
MOCK_BINARY_INT(ne_int, x != y)
MOCK_BINARY_INT(lt_int, x < y)
MOCK_BINARY_INT(gt_int, x > y)
MOCK_BINARY_INT(le_int, x <= y)
MOCK_BINARY_INT(ge_int, x >= y)
