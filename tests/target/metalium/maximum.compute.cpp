// maximum_0: compute
#include <cstdint>
#include "api/compute/common.h"
#include "api/compute/eltwise_unary/fill.h"
#include "api/compute/reduce.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/bcast.h"
#include "api/compute/eltwise_binary_sfpu.h"
#include "api/compute/eltwise_unary/where.h"
#include "api/compute/compute_kernel_api.h"

constexpr uint32_t cb_Y_p = 0;
constexpr uint32_t cb_Z_p = 1;
constexpr uint32_t cb_x_p = 2;
constexpr uint32_t cb_x_p_tf32 = 3;
constexpr uint32_t cb_y = 4;
constexpr uint32_t cb_top = 5;
constexpr uint32_t cb_peak = 6;
constexpr uint32_t cb_x_low = 7;
constexpr uint32_t cb_x_high = 8;
constexpr uint32_t cb_x_prepared = 9;
constexpr uint32_t cb_one = 10;

inline uint32_t bits(float x) { return __builtin_bit_cast(uint32_t, x); }
inline float float_of(uint32_t b) { return __builtin_bit_cast(float, b); }

// the first n destination registers to the next n tiles of cb
ALWI void pack_out(uint32_t cb, uint32_t n)
{
    tile_regs_commit();
    tile_regs_wait();
    for (uint32_t i = 0; i < n; ++i) pack_tile(i, cb);
    tile_regs_release();
}

// the first destination register to the next n tiles of cb
ALWI void pack_all(uint32_t cb, uint32_t n)
{
    tile_regs_commit();
    tile_regs_wait();
    for (uint32_t i = 0; i < n; ++i) pack_tile(0, cb);
    tile_regs_release();
}

void kernel_main()
{
    const uint32_t count = get_arg_val<uint32_t>(1);
    compute_kernel_hw_startup(cb_Y_p, cb_Y_p);
    // reductions multiply by a tile of ones
    cb_reserve_back(cb_one, 1);
    pack_reconfig_data_format(cb_one);
    tile_regs_acquire();
    fill_tile_init();
    fill_tile(0, 1.0f);
    pack_all(cb_one, 1);
    cb_push_back(cb_one, 1);
    cb_wait_front(cb_one, 1);

    for (uint32_t block = 0; block < count; ++block) {
        cb_wait_front(cb_x_p, 2);
        cb_wait_front(cb_x_p_tf32, 2);
        // T.reduce_max(x, top, dim=1)
        cb_reserve_back(cb_x_high, 1);
        pack_reconfig_data_format(cb_x_high);
        reconfig_data_format(cb_x_p_tf32, cb_one);
        tile_regs_acquire();
        reduce_init<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb_x_p_tf32, cb_one, cb_x_high);
        for (uint32_t c = 0; c < 2; ++c) {
            reduce_tile<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb_x_p_tf32, cb_one, c, 0, 0);
        }
        reduce_uninit();
        pack_out(cb_x_high, 1);
        cb_push_back(cb_x_high, 1);
        cb_wait_front(cb_x_high, 1);
        cb_reserve_back(cb_x_low, 2);
        // x less the maximum so far
        for (uint32_t c = 0; c < 2; ++c) {
            tile_regs_acquire();
            reconfig_data_format_srca(cb_x_p);
            copy_init(cb_x_p);
            copy_tile(cb_x_p, c, 0);
            copy_tile(cb_x_p, c, 2);
            unary_bcast_init<BroadcastType::COL>(cb_x_high);
            unary_bcast<BroadcastType::COL>(cb_x_high, 0, 1);
            sub_binary_tile_init();
            sub_binary_tile(0, 1, 0);
            eq_binary_tile_init();
            eq_binary_tile(2, 1, 2);
            fill_tile_init();
            fill_tile(3, 0.0f);
            where_tile_init();
            where_tile<DataFormat::Float32>(2, 3, 0, 0);
            pack_out(cb_x_low, 1);
        }
        cb_push_back(cb_x_low, 2);
        cb_wait_front(cb_x_low, 2);
        cb_reserve_back(cb_x_high, 1);
        reconfig_data_format(cb_x_low, cb_one);
        tile_regs_acquire();
        reduce_init<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb_x_low, cb_one, cb_x_high);
        for (uint32_t c = 0; c < 2; ++c) {
            reduce_tile<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb_x_low, cb_one, c, 0, 0);
        }
        reduce_uninit();
        reconfig_data_format_srca(cb_x_high);
        copy_init(cb_x_high);
        copy_tile(cb_x_high, 0, 1);
        add_binary_tile_init();
        add_binary_tile(0, 1, 0);
        pack_out(cb_x_high, 1);
        cb_pop_front(cb_x_low, 2);
        cb_push_back(cb_x_high, 1);
        cb_pop_front(cb_x_high, 1);
        cb_wait_front(cb_x_high, 1);
        cb_reserve_back(cb_x_low, 2);
        // x less the maximum so far
        for (uint32_t c = 0; c < 2; ++c) {
            tile_regs_acquire();
            reconfig_data_format_srca(cb_x_p);
            copy_init(cb_x_p);
            copy_tile(cb_x_p, c, 0);
            copy_tile(cb_x_p, c, 2);
            unary_bcast_init<BroadcastType::COL>(cb_x_high);
            unary_bcast<BroadcastType::COL>(cb_x_high, 0, 1);
            sub_binary_tile_init();
            sub_binary_tile(0, 1, 0);
            eq_binary_tile_init();
            eq_binary_tile(2, 1, 2);
            fill_tile_init();
            fill_tile(3, 0.0f);
            where_tile_init();
            where_tile<DataFormat::Float32>(2, 3, 0, 0);
            pack_out(cb_x_low, 1);
        }
        cb_push_back(cb_x_low, 2);
        cb_wait_front(cb_x_low, 2);
        cb_reserve_back(cb_top, 1);
        reconfig_data_format(cb_x_low, cb_one);
        tile_regs_acquire();
        reduce_init<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb_x_low, cb_one, cb_top);
        for (uint32_t c = 0; c < 2; ++c) {
            reduce_tile<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb_x_low, cb_one, c, 0, 0);
        }
        reduce_uninit();
        reconfig_data_format_srca(cb_x_high);
        copy_init(cb_x_high);
        copy_tile(cb_x_high, 0, 1);
        add_binary_tile_init();
        add_binary_tile(0, 1, 0);
        pack_out(cb_top, 1);
        cb_pop_front(cb_x_low, 2);
        cb_pop_front(cb_x_high, 1);
        cb_push_back(cb_top, 1);
        cb_wait_front(cb_top, 1);
        // T.reduce_absmax(x, peak, dim=1)
        cb_reserve_back(cb_x_prepared, 2);
        for (uint32_t c = 0; c < 2; ++c) {
            tile_regs_acquire();
            copy_init(cb_x_p);
            copy_tile(cb_x_p, c, 0);
            abs_tile_init();
            abs_tile(0);
            pack_out(cb_x_prepared, 1);
        }
        cb_push_back(cb_x_prepared, 2);
        cb_wait_front(cb_x_prepared, 2);
        cb_reserve_back(cb_peak, 1);
        reconfig_data_format_srca(cb_x_prepared);
        tile_regs_acquire();
        reduce_init<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb_x_prepared, cb_one, cb_peak);
        for (uint32_t c = 0; c < 2; ++c) {
            reduce_tile<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb_x_prepared, cb_one, c, 0, 0);
        }
        reduce_uninit();
        pack_out(cb_peak, 1);
        cb_pop_front(cb_x_prepared, 2);
        cb_push_back(cb_peak, 1);
        cb_wait_front(cb_peak, 1);
        // y[i, j] = T.if_then_else(x[i, j] == top[i], 1.0, 0.0)
        cb_reserve_back(cb_y, 2);
        reconfig_data_format_srca(cb_top);
        for (uint32_t c = 0; c < 2; ++c) {
            tile_regs_acquire();
            copy_init(cb_x_p);
            copy_tile(cb_x_p, c, 0);
            unary_bcast_init<BroadcastType::COL>(cb_top);
            unary_bcast<BroadcastType::COL>(cb_top, 0, 1);
            eq_binary_tile_init();
            eq_binary_tile(0, 1, 0);
            fill_tile_init();
            fill_tile(1, 1.0f);
            fill_tile(2, 0.0f);
            where_tile_init();
            where_tile<DataFormat::Float32>(0, 1, 2, 0);
            pack_out(cb_y, 1);
        }
        cb_push_back(cb_y, 2);
        cb_wait_front(cb_y, 2);
        cb_pop_front(cb_top, 1);
        cb_reserve_back(cb_Y_p, 2);
        // T.copy(y, Y_t)
        copy_init(cb_y);
        for (uint32_t c = 0; c < 2; ++c) {
            tile_regs_acquire();
            copy_tile(cb_y, c, 0);
            pack_out(cb_Y_p, 1);
        }
        cb_pop_front(cb_y, 2);
        cb_push_back(cb_Y_p, 2);
        // y[i, j] = x[i, j] / T.max(peak[i], 0.001)
        cb_reserve_back(cb_y, 2);
        for (uint32_t c = 0; c < 2; ++c) {
            tile_regs_acquire();
            copy_init(cb_x_p);
            copy_tile(cb_x_p, c, 0);
            unary_bcast_init<BroadcastType::COL>(cb_peak);
            unary_bcast<BroadcastType::COL>(cb_peak, 0, 1);
            unary_max_tile_init();
            unary_max_tile(1, bits(0.001f));
            div_binary_tile_init();
            div_binary_tile(0, 1, 0);
            pack_out(cb_y, 1);
        }
        cb_push_back(cb_y, 2);
        cb_wait_front(cb_y, 2);
        cb_pop_front(cb_peak, 1);
        cb_pop_front(cb_x_p, 2);
        cb_pop_front(cb_x_p_tf32, 2);
        cb_reserve_back(cb_Z_p, 2);
        // T.copy(y, Z_t)
        copy_init(cb_y);
        for (uint32_t c = 0; c < 2; ++c) {
            tile_regs_acquire();
            copy_tile(cb_y, c, 0);
            pack_out(cb_Z_p, 1);
        }
        cb_pop_front(cb_y, 2);
        cb_push_back(cb_Z_p, 2);
    }
    cb_pop_front(cb_one, 1);
}
