#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_UNARY(sqrt, std::sqrt(x))
