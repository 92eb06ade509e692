#pragma once
#include "api/compute/src_order.h"
template <SrcOrder order = SrcOrder::Regular>
inline void compute_kernel_hw_startup(uint32_t icb0, uint32_t icb1, uint32_t ocb)
{
    mock::startup(icb0, icb1, ocb, order);
}
inline void compute_kernel_hw_startup(uint32_t icb, uint32_t ocb)
{
    mock::startup(icb, icb, ocb, SrcOrder::Regular);
}
