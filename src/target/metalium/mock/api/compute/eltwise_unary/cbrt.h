#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_UNARY(cbrt, std::cbrt(x))
