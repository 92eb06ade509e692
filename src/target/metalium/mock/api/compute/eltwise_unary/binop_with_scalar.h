#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_INIT(binop_with_scalar)
MOCK_SCALAR_OF(add_unary_tile, binop_with_scalar, x + s)
MOCK_SCALAR_OF(sub_unary_tile, binop_with_scalar, x - s)
MOCK_SCALAR_OF(mul_unary_tile, binop_with_scalar, x *s)
MOCK_SCALAR_OF(div_unary_tile, binop_with_scalar, x *s) /* the caller passes the reciprocal */
MOCK_SCALAR_OF(rsub_unary_tile, binop_with_scalar, s - x)
MOCK_SCALAR_INT(add_unary_tile_int32, binop_with_scalar, INT32, (uint32_t)x + (uint32_t)s)
MOCK_SCALAR_INT(sub_unary_tile_int32, binop_with_scalar, INT32, (uint32_t)x - (uint32_t)s)
