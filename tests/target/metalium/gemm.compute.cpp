// gemm_0: compute
#include <cstdint>
#include "api/compute/common.h"
#include "api/compute/eltwise_unary/fill.h"
#include "api/compute/matmul.h"
#include "api/compute/tile_move_copy.h"

constexpr uint32_t cb_C_p = 0;
constexpr uint32_t cb_a_p = 1;
constexpr uint32_t cb_b_p = 2;
constexpr uint32_t cb_acc = 3;

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
    compute_kernel_hw_startup(cb_C_p, cb_C_p);

    for (uint32_t block = 0; block < count; ++block) {
        // T.fill(acc, 0.0)
        cb_reserve_back(cb_acc, 4);
        pack_reconfig_data_format(cb_acc);
        tile_regs_acquire();
        fill_tile_init();
        fill_tile(0, 0.0f);
        pack_all(cb_acc, 4);
        cb_push_back(cb_acc, 4);
        cb_wait_front(cb_acc, 4);
        for (int32_t k = 0; k < 4; ++k) {
            cb_wait_front(cb_a_p, 2);
            cb_wait_front(cb_b_p, 2);
            // T.gemm(a, b, acc, transpose_B=True)
            cb_reserve_back(cb_acc, 4);
            pack_reconfig_data_format(cb_acc);
            for (uint32_t m = 0; m < 2; ++m) {
                for (uint32_t n = 0; n < 2; ++n) {
                    tile_regs_acquire();
                    reconfig_data_format_srca(cb_acc);
                    copy_init(cb_acc);
                    copy_tile(cb_acc, m * 2 + n, 0);
                    reconfig_data_format(cb_b_p, cb_a_p);
                    matmul_init(cb_a_p, cb_b_p, 1);
                    matmul_tiles(cb_a_p, cb_b_p, m, n, 0);
                    pack_out(cb_acc, 1);
                }
            }
            cb_push_back(cb_acc, 4);
            cb_pop_front(cb_acc, 4);
            cb_wait_front(cb_acc, 4);
            cb_pop_front(cb_a_p, 2);
            cb_pop_front(cb_b_p, 2);
        }
        cb_reserve_back(cb_C_p, 4);
        // T.copy(acc, C_t)
        pack_reconfig_data_format(cb_C_p);
        reconfig_data_format_srca(cb_acc);
        copy_init(cb_acc);
        for (uint32_t r = 0; r < 2; ++r) {
            for (uint32_t c = 0; c < 2; ++c) {
                tile_regs_acquire();
                copy_tile(cb_acc, r * 2 + c, 0);
                pack_out(cb_C_p, 1);
            }
        }
        cb_pop_front(cb_acc, 4);
        cb_push_back(cb_C_p, 4);
    }
}
