#pragma once
#include "api/compute/common.h"
template <uint32_t ct = 8> inline void pack_untilize_init(uint32_t icb, uint32_t ocb, HERE)
{
    mock::at(line);
    mock::init(mock::TILIZE, 1000 | ct << 16, icb, ocb, "pack_untilize_init");
}
template <uint32_t ct = 8>
inline void pack_untilize_block(uint32_t icb, uint32_t rt, uint32_t ocb, HERE)
{
    mock::at(line);
    mock::untilize(icb, ct, rt, ocb);
}
inline void pack_untilize_uninit(uint32_t ocb, HERE)
{
    mock::at(line);
    mock::init(mock::NO_UNIT, 0, ocb, ocb, "pack_untilize_uninit");
}
