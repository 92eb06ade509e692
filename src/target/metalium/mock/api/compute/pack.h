#pragma once
#include "machine.h"
struct ReluConfig {
    bool on;
    static constexpr ReluConfig none() { return {false}; }
    static constexpr ReluConfig zero() { return {true}; }
};
template <bool out_of_order = false>
inline void pack_tile(uint32_t idst, uint32_t cb, uint32_t index = 0, HERE)
{
    mock::at(line);
    mock::pack(idst, cb, out_of_order ? (int64_t)index : -1);
}
inline void pack_reconfig_l1_acc(uint32_t on, HERE)
{
    mock::at(line);
    mock::pack_accumulate(on);
}
inline void pack_relu_config(const ReluConfig &c, HERE)
{
    mock::at(line);
    mock::pack_relu(c.on);
}
