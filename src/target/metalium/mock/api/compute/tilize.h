#pragma once
#include "api/compute/common.h"
inline void tilize_init(uint32_t icb, uint32_t block, uint32_t ocb, HERE)
{
    mock::at(line);
    mock::init(mock::TILIZE, block, icb, ocb, "tilize_init");
}
inline void tilize_block(uint32_t icb, uint32_t block, uint32_t ocb, HERE)
{
    mock::at(line);
    mock::tilize(icb, block, ocb);
}
inline void tilize_uninit(uint32_t icb, uint32_t ocb, HERE)
{
    mock::at(line);
    mock::init(mock::NO_UNIT, 0, icb, ocb, "tilize_uninit");
}
