#pragma once
#include "api/compute/common.h"
MOCK_BINARY(add_binary, x + y)
MOCK_BINARY(sub_binary, x - y)
MOCK_BINARY(mul_binary, x *y)
MOCK_BINARY(div_binary, x / y)
MOCK_BINARY(eq_binary, (float)(x == y))
MOCK_BINARY(ne_binary, (float)(x != y))
MOCK_BINARY(lt_binary, (float)(x < y))
MOCK_BINARY(gt_binary, (float)(x > y))
MOCK_BINARY(le_binary, (float)(x <= y))
MOCK_BINARY(ge_binary, (float)(x >= y))
