// own_tile_0: compute
#include <cstdint>
#include "api/compute/common.h"
#include "api/compute/eltwise_unary/fill.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/eltwise_unary/binop_with_scalar.h"
#include "api/compute/eltwise_binary_sfpu.h"

constexpr uint32_t cb_Y_p = 0;
constexpr uint32_t cb_x_p = 1;
constexpr uint32_t cb_y = 2;

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

    for (uint32_t block = 0; block < count; ++block) {
        // T.fill(y, 0.0)
        cb_reserve_back(cb_y, 2);
        tile_regs_acquire();
        fill_tile_init();
        fill_tile(0, 0.0f);
        pack_all(cb_y, 2);
        cb_push_back(cb_y, 2);
        cb_wait_front(cb_y, 2);
        for (int32_t k = 0; k < 3; ++k) {
            cb_wait_front(cb_x_p, 2);
            // y[i, j] = y[i, j] + x[i, j] * 2.0
            cb_reserve_back(cb_y, 2);
            for (uint32_t c = 0; c < 2; ++c) {
                tile_regs_acquire();
                copy_init(cb_y);
                copy_tile(cb_y, c, 0);
                copy_init(cb_x_p);
                copy_tile(cb_x_p, c, 1);
                binop_with_scalar_tile_init();
                mul_unary_tile(1, bits(2.0f));
                add_binary_tile_init();
                add_binary_tile(0, 1, 0);
                pack_out(cb_y, 1);
            }
            cb_push_back(cb_y, 2);
            cb_pop_front(cb_y, 2);
            cb_wait_front(cb_y, 2);
            cb_pop_front(cb_x_p, 2);
        }
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
    }
}
