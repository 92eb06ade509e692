#pragma once
#include "api/compute/common.h"
MOCK_UNARY(nez, (float)(x != 0))
MOCK_SCALAR(unary_eq, (float)(x == s))
MOCK_SCALAR(unary_ne, (float)(x != s))
MOCK_SCALAR(unary_gt, (float)(x > s))
MOCK_SCALAR(unary_ge, (float)(x >= s))
MOCK_SCALAR(unary_lt, (float)(x < s))
MOCK_SCALAR(unary_le, (float)(x <= s))
