// softmax_0: compute
#include <cstdint>
#include "api/compute/common.h"
#include "api/compute/eltwise_unary/fill.h"
#include "api/compute/reduce.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/bcast.h"
#include "api/compute/eltwise_binary_sfpu.h"
#include "api/compute/eltwise_unary/exp.h"
#include "api/compute/eltwise_unary/where.h"

constexpr uint32_t cb_Y_p = 0;
constexpr uint32_t cb_x_p = 1;
constexpr uint32_t cb_x_p_tf32 = 2;
constexpr uint32_t cb_e = 3;
constexpr uint32_t cb_e_tf32 = 4;
constexpr uint32_t cb_top = 5;
constexpr uint32_t cb_total = 6;
constexpr uint32_t cb_e_low = 7;
constexpr uint32_t cb_one = 8;

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
        cb_reserve_back(cb_top, 1);
        pack_reconfig_data_format(cb_top);
        reconfig_data_format(cb_x_p_tf32, cb_one);
        tile_regs_acquire();
        reduce_init<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb_x_p_tf32, cb_one, cb_top);
        for (uint32_t c = 0; c < 2; ++c) {
            reduce_tile<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb_x_p_tf32, cb_one, c, 0, 0);
        }
        reduce_uninit();
        pack_out(cb_top, 1);
        cb_push_back(cb_top, 1);
        cb_wait_front(cb_top, 1);
        // e[i, j] = T.exp(x[i, j] - top[i])
        cb_reserve_back(cb_e, 2);
        cb_reserve_back(cb_e_tf32, 2);
        reconfig_data_format_srca(cb_top);
        for (uint32_t c = 0; c < 2; ++c) {
            tile_regs_acquire();
            copy_init(cb_x_p);
            copy_tile(cb_x_p, c, 0);
            unary_bcast_init<BroadcastType::COL>(cb_top);
            unary_bcast<BroadcastType::COL>(cb_top, 0, 1);
            sub_binary_tile_init();
            sub_binary_tile(0, 1, 0);
            exp_tile_init();
            exp_tile(0);
            pack_out(cb_e, 1);
        }
        cb_push_back(cb_e, 2);
        cb_push_back(cb_e_tf32, 2);
        cb_wait_front(cb_e, 2);
        cb_wait_front(cb_e_tf32, 2);
        cb_pop_front(cb_top, 1);
        cb_pop_front(cb_x_p, 2);
        cb_pop_front(cb_x_p_tf32, 2);
        // T.reduce_sum(e, total, dim=1)
        cb_reserve_back(cb_e_low, 2);
        // what the engine cuts off e
        for (uint32_t c = 0; c < 2; ++c) {
            tile_regs_acquire();
            reconfig_data_format_srca(cb_e);
            copy_init(cb_e);
            copy_tile(cb_e, c, 0);
            copy_tile(cb_e, c, 2);
            reconfig_data_format_srca(cb_e_tf32);
            copy_init(cb_e_tf32);
            copy_tile(cb_e_tf32, c, 1);
            sub_binary_tile_init();
            sub_binary_tile(0, 1, 0);
            eq_binary_tile_init();
            eq_binary_tile(2, 1, 2);
            fill_tile_init();
            fill_tile(3, 0.0f);
            where_tile_init();
            where_tile<DataFormat::Float32>(2, 3, 0, 0);
            pack_out(cb_e_low, 1);
        }
        cb_push_back(cb_e_low, 2);
        cb_wait_front(cb_e_low, 2);
        cb_reserve_back(cb_total, 1);
        reconfig_data_format(cb_one, cb_e_tf32);
        tile_regs_acquire();
        reduce_init<PoolType::SUM, ReduceDim::REDUCE_ROW>(cb_e_tf32, cb_one, cb_total);
        for (uint32_t c = 0; c < 2; ++c) {
            reduce_tile<PoolType::SUM, ReduceDim::REDUCE_ROW>(cb_e_tf32, cb_one, c, 0, 0);
        }
        for (uint32_t c = 0; c < 2; ++c) {
            reduce_tile<PoolType::SUM, ReduceDim::REDUCE_ROW>(cb_e_low, cb_one, c, 0, 0);
        }
        reduce_uninit();
        pack_out(cb_total, 1);
        cb_pop_front(cb_e_low, 2);
        cb_push_back(cb_total, 1);
        cb_wait_front(cb_total, 1);
        // e[i, j] = e[i, j] / total[i]
        cb_reserve_back(cb_e, 2);
        cb_reserve_back(cb_e_tf32, 2);
        reconfig_data_format_srca(cb_total);
        for (uint32_t c = 0; c < 2; ++c) {
            tile_regs_acquire();
            copy_init(cb_e);
            copy_tile(cb_e, c, 0);
            unary_bcast_init<BroadcastType::COL>(cb_total);
            unary_bcast<BroadcastType::COL>(cb_total, 0, 1);
            div_binary_tile_init();
            div_binary_tile(0, 1, 0);
            pack_out(cb_e, 1);
        }
        cb_push_back(cb_e, 2);
        cb_push_back(cb_e_tf32, 2);
        cb_pop_front(cb_e, 2);
        cb_pop_front(cb_e_tf32, 2);
        cb_wait_front(cb_e, 2);
        cb_wait_front(cb_e_tf32, 2);
        cb_pop_front(cb_total, 1);
        cb_reserve_back(cb_Y_p, 2);
        // T.copy(e, Y_t)
        copy_init(cb_e);
        for (uint32_t c = 0; c < 2; ++c) {
            tile_regs_acquire();
            copy_tile(cb_e, c, 0);
            pack_out(cb_Y_p, 1);
        }
        cb_pop_front(cb_e, 2);
        cb_pop_front(cb_e_tf32, 2);
        cb_push_back(cb_Y_p, 2);
    }
    cb_pop_front(cb_one, 1);
}
