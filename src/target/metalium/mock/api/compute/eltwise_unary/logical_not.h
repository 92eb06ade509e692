#pragma once
#include "api/compute/common.h"
#include <cmath>
MOCK_INIT(logical_not)
template <DataFormat F> inline void logical_not_tile(uint32_t idst, HERE)
{
    mock::at(line);
    if (mock::kind_of(F) == mock::FLOAT)
        mock::unary("logical_not", "logical_not_tile", idst,
                    [](float x) { return (float)(x == 0); });
    else
        mock::unary_int("logical_not", "logical_not_tile", idst, mock::kind_of(F),
                        [](int32_t x) { return x == 0; });
}
