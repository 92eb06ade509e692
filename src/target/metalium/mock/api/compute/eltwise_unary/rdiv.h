#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_SCALAR(rdiv, s / x)
