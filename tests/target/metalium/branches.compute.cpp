// branches_0: compute
#include <cstdint>
#include "api/compute/common.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/eltwise_unary/binop_with_scalar.h"
#include "api/compute/eltwise_unary/fill.h"

constexpr uint32_t cb_Y_p = 0;
constexpr uint32_t cb_x_p = 1;
constexpr uint32_t cb_y = 2;
constexpr uint32_t cb_z = 3;

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
    const uint32_t first = get_arg_val<uint32_t>(0), count = get_arg_val<uint32_t>(1);
    const int32_t k = get_arg_val<int32_t>(2);
    compute_kernel_hw_startup(cb_Y_p, cb_Y_p);

    for (uint32_t block = first; block < first + count; ++block) {
        const int32_t b = block;
        cb_wait_front(cb_x_p, 1);
        if (b % 2 == 0) {
            // y[i, j] = x[i, j] * 2.0
            cb_reserve_back(cb_y, 1);
            tile_regs_acquire();
            copy_init(cb_x_p);
            copy_tile(cb_x_p, 0, 0);
            binop_with_scalar_tile_init();
            mul_unary_tile(0, bits(2.0f));
            pack_out(cb_y, 1);
            cb_push_back(cb_y, 1);
            cb_wait_front(cb_y, 1);
        } else {
            // T.fill(y, 1.0)
            cb_reserve_back(cb_y, 1);
            tile_regs_acquire();
            fill_tile_init();
            fill_tile(0, 1.0f);
            pack_all(cb_y, 1);
            cb_push_back(cb_y, 1);
            cb_wait_front(cb_y, 1);
        }
        cb_pop_front(cb_x_p, 1);
        for (int32_t t = 0; t < k; ++t) {
            // z[i, j] = y[i, j] + 1.0
            cb_reserve_back(cb_z, 1);
            tile_regs_acquire();
            copy_init(cb_y);
            copy_tile(cb_y, 0, 0);
            binop_with_scalar_tile_init();
            add_unary_tile(0, bits(1.0f));
            pack_out(cb_z, 1);
            cb_push_back(cb_z, 1);
            cb_wait_front(cb_z, 1);
            cb_pop_front(cb_y, 1);
            // T.copy(z, y)
            cb_reserve_back(cb_y, 1);
            copy_init(cb_z);
            tile_regs_acquire();
            copy_tile(cb_z, 0, 0);
            pack_out(cb_y, 1);
            cb_push_back(cb_y, 1);
            cb_wait_front(cb_y, 1);
            cb_pop_front(cb_z, 1);
        }
        cb_reserve_back(cb_Y_p, 1);
        // T.copy(y, Y_t)
        copy_init(cb_y);
        tile_regs_acquire();
        copy_tile(cb_y, 0, 0);
        pack_out(cb_Y_p, 1);
        cb_pop_front(cb_y, 1);
        cb_push_back(cb_Y_p, 1);
    }
}
