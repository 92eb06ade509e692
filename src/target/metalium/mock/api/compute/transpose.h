#pragma once
#include "api/compute/common.h"
inline void transpose_init(uint32_t icb, HERE)
{
    mock::at(line);
    mock::init(mock::TRANSPOSE, 0, icb, icb, "transpose_init");
}
inline void transpose_tile(uint32_t icb, uint32_t itile, uint32_t idst, HERE)
{
    mock::at(line);
    mock::transpose(icb, itile, idst);
}
