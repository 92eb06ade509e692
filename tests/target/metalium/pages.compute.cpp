// pages_0: compute
#include <cstdint>
#include "api/compute/common.h"
#include "api/compute/eltwise_unary/fill.h"
#include "api/compute/reduce.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/eltwise_binary_sfpu.h"

constexpr uint32_t cb_Y_p = 0;
constexpr uint32_t cb_x_p = 1;
constexpr uint32_t cb_n_p = 2;
constexpr uint32_t cb_part = 3;
constexpr uint32_t cb_total = 4;
constexpr uint32_t cb_one = 5;

template <class A, class B> inline auto k_floordiv(A a, B b) -> decltype(a + b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

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
        // T.fill(total, 0.0)
        cb_reserve_back(cb_total, 2);
        pack_reconfig_data_format(cb_total);
        tile_regs_acquire();
        fill_tile_init();
        fill_tile(0, 0.0f);
        pack_all(cb_total, 2);
        cb_push_back(cb_total, 2);
        cb_wait_front(cb_total, 2);
        cb_wait_front(cb_n_p, 1);
        const int32_t n = static_cast<int32_t>(read_tile_value(cb_n_p, 0, 0));
        cb_pop_front(cb_n_p, 1);
        for (int32_t k = 0, var_k_end = k_floordiv(n + 31, 32); k < var_k_end; ++k) {
            cb_wait_front(cb_x_p, 2);
            // T.reduce_sum(x, part, dim=0)
            cb_reserve_back(cb_part, 2);
            pack_reconfig_data_format(cb_part);
            reconfig_data_format(cb_x_p, cb_one);
            for (uint32_t c = 0; c < 2; ++c) {
                tile_regs_acquire();
                reduce_init<PoolType::SUM, ReduceDim::REDUCE_COL>(cb_x_p, cb_one, cb_part);
                reduce_tile<PoolType::SUM, ReduceDim::REDUCE_COL>(cb_x_p, cb_one, c, 0, 0);
                reduce_uninit();
                pack_out(cb_part, 1);
            }
            cb_push_back(cb_part, 2);
            cb_wait_front(cb_part, 2);
            cb_pop_front(cb_x_p, 2);
            // total[j] = total[j] + part[j]
            cb_reserve_back(cb_total, 2);
            reconfig_data_format_srca(cb_part);
            for (uint32_t c = 0; c < 2; ++c) {
                tile_regs_acquire();
                copy_init(cb_total);
                copy_tile(cb_total, c, 0);
                copy_init(cb_part);
                copy_tile(cb_part, c, 1);
                add_binary_tile_init();
                add_binary_tile(0, 1, 0);
                pack_out(cb_total, 1);
            }
            cb_push_back(cb_total, 2);
            cb_pop_front(cb_total, 2);
            cb_wait_front(cb_total, 2);
            cb_pop_front(cb_part, 2);
        }
        cb_reserve_back(cb_Y_p, 2);
        // T.copy(total, Y_t)
        pack_reconfig_data_format(cb_Y_p);
        reconfig_data_format_srca(cb_total);
        copy_init(cb_total);
        for (uint32_t c = 0; c < 2; ++c) {
            tile_regs_acquire();
            copy_tile(cb_total, c, 0);
            pack_out(cb_Y_p, 1);
        }
        cb_pop_front(cb_total, 2);
        cb_push_back(cb_Y_p, 2);
    }
    cb_pop_front(cb_one, 1);
}
