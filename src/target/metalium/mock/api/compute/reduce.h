#pragma once
#include "api/compute/common.h"
template <PoolType pool, ReduceDim dim>
inline void reduce_init(uint32_t icb, uint32_t icb_scaler, uint32_t, HERE)
{
    mock::at(line);
    mock::init(mock::REDUCE, (uint32_t)pool << 4 | (uint32_t)dim, icb, icb_scaler, "reduce_init");
    mock::reduce_mask((int)dim);
}
inline void reduce_uninit(uint32_t = 0, HERE)
{
    mock::at(line);
    mock::reduce_mask(-1);
}
template <PoolType pool, ReduceDim dim>
inline void reduce_tile(uint32_t icb, uint32_t icb_scaler, uint32_t itile, uint32_t itile_scaler,
                        uint32_t idst, HERE)
{
    mock::at(line);
    mock::reduce(pool, dim, icb, icb_scaler, itile, itile_scaler, idst);
}
