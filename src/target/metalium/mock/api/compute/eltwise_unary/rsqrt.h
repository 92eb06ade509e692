#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_UNARY(rsqrt, 1 / std::sqrt(x))
