// acc += A B in a Float32 buffer, reloaded before each block of k; two buffers take turns
#include "api/compute/common.h"
#include "api/compute/matmul.h"
#include "api/compute/tile_move_copy.h"

constexpr uint32_t cb_a = 0, cb_b = 1, cb_acc = 2, cb_c = 16;

void kernel_main()
{
    constexpr uint32_t bm = 2, bn = 3, bk = 2;
    const uint32_t Kt = get_arg_val<uint32_t>(0), count = get_arg_val<uint32_t>(1);
    compute_kernel_hw_startup<SrcOrder::Reverse>(cb_a, cb_b, cb_acc);
    for (uint32_t block = 0; block < count; ++block) {
        for (uint32_t k0 = 0; k0 < Kt; k0 += bk) {
            cb_wait_front(cb_a, bm * bk);
            cb_wait_front(cb_b, bk * bn);
            cb_reserve_back(cb_acc, bm * bn);
            if (k0 > 0) cb_wait_front(cb_acc, bm * bn);
            for (uint32_t m = 0; m < bm; ++m)
                for (uint32_t n = 0; n < bn; ++n) {
                    tile_regs_acquire();
                    if (k0 > 0) {
                        reconfig_data_format_srca(cb_acc);
                        copy_init(cb_acc);
                        copy_tile(cb_acc, m * bn + n, 0);
                    }
                    reconfig_data_format<SrcOrder::Reverse>(cb_a, cb_b);
                    matmul_init(cb_a, cb_b);
                    for (uint32_t k = 0; k < bk; ++k) matmul_tiles(cb_a, cb_b, m * bk + k, k * bn + n, 0);
                    tile_regs_commit();
                    tile_regs_wait();
                    pack_tile(0, cb_acc);
                    tile_regs_release();
                }
            if (k0 > 0) cb_pop_front(cb_acc, bm * bn);
            cb_push_back(cb_acc, bm * bn);
            cb_pop_front(cb_a, bm * bk);
            cb_pop_front(cb_b, bk * bn);
        }
        cb_wait_front(cb_acc, bm * bn);
        cb_reserve_back(cb_c, bm * bn);
        reconfig_data_format_srca(cb_acc);
        pack_reconfig_data_format(cb_c);
        copy_init(cb_acc);
        for (uint32_t i = 0; i < bm * bn; ++i) {
            tile_regs_acquire();
            copy_tile(cb_acc, i, 0);
            tile_regs_commit();
            tile_regs_wait();
            pack_tile(0, cb_c);
            tile_regs_release();
        }
        pack_reconfig_data_format(cb_acc);
        cb_push_back(cb_c, bm * bn);
        cb_pop_front(cb_acc, bm * bn);
    }
}
