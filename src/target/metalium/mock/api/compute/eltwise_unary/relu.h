#pragma once
#include "api/compute/common.h"
MOCK_UNARY(relu, x > 0 ? x : 0)
