#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_UNARY(isinf, (float)std::isinf(x))
MOCK_UNARY(isnan, (float)std::isnan(x))
MOCK_UNARY(isfinite, (float)std::isfinite(x))
