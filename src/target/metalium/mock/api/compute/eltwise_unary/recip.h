#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_UNARY(recip, 1 / x)
