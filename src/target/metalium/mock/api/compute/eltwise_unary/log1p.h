#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_UNARY(log1p, std::log1p(x))
