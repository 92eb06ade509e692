// maps_0: compute
#include <cstdint>
#include "api/compute/common.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/bcast.h"
#include "api/compute/eltwise_binary_sfpu.h"
#include "api/compute/eltwise_unary/relu.h"
#include "api/compute/eltwise_unary/binop_with_scalar.h"

constexpr uint32_t cb_x_p = 0;
constexpr uint32_t cb_a_p = 1;
constexpr uint32_t cb_b_p = 2;
constexpr uint32_t cb_y_p = 3;

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

void kernel_main()
{
    const uint32_t count = get_arg_val<uint32_t>(1);
    const float alpha = get_arg_val<float>(2);
    compute_kernel_hw_startup(cb_x_p, cb_x_p);

    for (uint32_t block = 0; block < count; ++block) {
        cb_wait_front(cb_x_p, 2);
        cb_wait_front(cb_a_p, 1);
        cb_wait_front(cb_b_p, 2);
        cb_reserve_back(cb_y_p, 2);
        // y[i, j] = T.cast(T.max(T.cast(x[i, j], "float32") * a[i] + T.cast(b[j], "float32"), 0.0) * alpha, "bfloat16")
        pack_reconfig_data_format(cb_y_p);
        for (uint32_t c = 0; c < 2; ++c) {
            tile_regs_acquire();
            reconfig_data_format_srca(cb_x_p);
            copy_init(cb_x_p);
            copy_tile(cb_x_p, c, 0);
            reconfig_data_format_srca(cb_a_p);
            unary_bcast_init<BroadcastType::COL>(cb_a_p);
            unary_bcast<BroadcastType::COL>(cb_a_p, 0, 1);
            mul_binary_tile_init();
            mul_binary_tile(0, 1, 0);
            reconfig_data_format(cb_b_p, cb_b_p);
            unary_bcast_init<BroadcastType::ROW>(cb_b_p);
            unary_bcast<BroadcastType::ROW>(cb_b_p, c, 1);
            add_binary_tile_init();
            add_binary_tile(0, 1, 0);
            relu_tile_init();
            relu_tile(0);
            binop_with_scalar_tile_init();
            mul_unary_tile(0, bits(alpha));
            pack_out(cb_y_p, 1);
        }
        cb_pop_front(cb_x_p, 2);
        cb_pop_front(cb_a_p, 1);
        cb_pop_front(cb_b_p, 2);
        cb_push_back(cb_y_p, 2);
    }
}
