#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_UNARY(gelu, 0.5f * x * (1 + std::erf(x * 0.70710678f)))
