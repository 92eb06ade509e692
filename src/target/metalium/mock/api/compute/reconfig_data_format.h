#pragma once
#include "api/compute/src_order.h"
template <SrcOrder order = SrcOrder::Regular>
inline void reconfig_data_format(uint32_t icb0, uint32_t icb1, HERE)
{
    mock::at(line);
    mock::set_srca(order == SrcOrder::Reverse ? icb1 : icb0);
    mock::set_srcb(order == SrcOrder::Reverse ? icb0 : icb1);
}
inline void reconfig_data_format_srca(uint32_t cb, HERE)
{
    mock::at(line);
    mock::set_srca(cb);
}
inline void reconfig_data_format_srcb(uint32_t cb, HERE)
{
    mock::at(line);
    mock::set_srcb(cb);
}
inline void pack_reconfig_data_format(uint32_t cb, HERE)
{
    mock::at(line);
    mock::set_pack(cb);
}
