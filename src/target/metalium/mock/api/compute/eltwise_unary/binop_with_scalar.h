#pragma once
#include "api/compute/common.h"
MOCK_INIT(binop_with_scalar)
MOCK_SCALAR_OF(add_unary_tile, binop_with_scalar, x + s)
MOCK_SCALAR_OF(sub_unary_tile, binop_with_scalar, x - s)
MOCK_SCALAR_OF(mul_unary_tile, binop_with_scalar, x *s)
MOCK_SCALAR_OF(rsub_unary_tile, binop_with_scalar, s - x)
