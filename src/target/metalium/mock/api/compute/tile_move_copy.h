#pragma once
#include "api/compute/common.h"
inline void copy_init(uint32_t cb, uint32_t transpose = 0, HERE)
{
    mock::at(line);
    if (transpose) mock::fault("copy_init with transpose is not modelled");
    mock::init(mock::COPY, 0, cb, cb, "copy_init");
}
inline void copy_tile(uint32_t cb, uint32_t itile, uint32_t idst, HERE)
{
    mock::at(line);
    mock::copy(cb, itile, idst);
}
