#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_UNARY(exp, std::exp(x))
