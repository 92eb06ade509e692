#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_BINARY_INT(mul_int, (uint32_t)x *(uint32_t)y)
