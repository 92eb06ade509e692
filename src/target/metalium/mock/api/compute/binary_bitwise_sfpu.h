#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_INIT(binary_bitwise)
MOCK_BINARY_INT_OF(bitwise_and_binary, binary_bitwise, x &y)
MOCK_BINARY_INT_OF(bitwise_or_binary, binary_bitwise, x | y)
MOCK_BINARY_INT_OF(bitwise_xor_binary, binary_bitwise, x ^ y)
