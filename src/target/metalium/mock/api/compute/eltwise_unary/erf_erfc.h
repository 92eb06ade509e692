#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_UNARY(erf, std::erf(x))
MOCK_UNARY(erfc, std::erfc(x))
