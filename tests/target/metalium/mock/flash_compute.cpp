// online softmax over blocks of 32 keys; m, l and the running output live in circular buffers of this role
#include "api/compute/common.h"
#include "api/compute/bcast.h"
#include "api/compute/binary_max_min.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/eltwise_unary/binop_with_scalar.h"
#include "api/compute/eltwise_unary/exp.h"
#include "api/compute/eltwise_unary/recip.h"
#include "api/compute/matmul.h"
#include "api/compute/reduce.h"
#include "api/compute/tile_move_copy.h"

constexpr uint32_t cb_q = 0, cb_k = 1, cb_v = 2, cb_one = 3, cb_s = 4, cb_p = 5, cb_m = 6, cb_l = 7, cb_o = 8, cb_row = 9, cb_alpha = 10,
                   cb_pv = 11, cb_new = 12, cb_out = 16;

// what `tiles` leaves in the first n destination registers goes to cb; the old contents, if any, are dropped
template <class F> ALWI void produce(uint32_t cb, uint32_t n, F &&tiles, bool replace = false)
{
    cb_reserve_back(cb, n);
    tile_regs_acquire();
    tiles();
    tile_regs_commit();
    tile_regs_wait();
    for (uint32_t i = 0; i < n; ++i) pack_tile(i, cb);
    tile_regs_release();
    cb_push_back(cb, n);
    if (replace) cb_pop_front(cb, n);
    cb_wait_front(cb, n);
}

void kernel_main()
{
    constexpr uint32_t Dt = 2;
    const uint32_t blocks = get_arg_val<uint32_t>(0), scale = get_arg_val<uint32_t>(1);
    compute_kernel_hw_startup<SrcOrder::Reverse>(cb_q, cb_k, cb_s);
    cb_wait_front(cb_one, 1);
    cb_wait_front(cb_q, Dt);
    for (uint32_t j = 0; j < blocks; ++j) {
        cb_wait_front(cb_k, Dt);
        produce(cb_s, 1, [&] {
            matmul_init(cb_q, cb_k, 1);
            for (uint32_t d = 0; d < Dt; ++d) matmul_tiles(cb_q, cb_k, d, d, 0);
            binop_with_scalar_tile_init();
            mul_unary_tile(0, scale);
        });
        cb_pop_front(cb_k, Dt);
        produce(cb_row, 1, [&] {
            reduce_init<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb_s, cb_one, cb_row);
            reduce_tile<PoolType::MAX, ReduceDim::REDUCE_ROW>(cb_s, cb_one, 0, 0, 0);
        });
        reduce_uninit();
        produce(cb_new, 1, [&] {
            copy_init(cb_row);
            copy_tile(cb_row, 0, 0);
            if (j > 0) {
                copy_tile(cb_m, 0, 1);
                binary_max_tile_init();
                binary_max_tile(0, 1, 0);
            }
        });
        if (j > 0) {
            produce(cb_alpha, 1, [&] {
                sub_init(cb_m, cb_new);
                sub_tiles(cb_m, cb_new, 0, 0, 0);
                exp_tile_init();
                exp_tile(0);
            });
            cb_pop_front(cb_m, 1);
        }
        produce(cb_m, 1, [&] {
            copy_init(cb_new);
            copy_tile(cb_new, 0, 0);
        });
        cb_pop_front(cb_new, 1);
        cb_pop_front(cb_row, 1);
        produce(cb_p, 1, [&] {
            sub_bcast_cols_init(cb_s, cb_m);
            sub_tiles_bcast_cols(cb_s, cb_m, 0, 0, 0);
            exp_tile_init();
            exp_tile(0);
        });
        cb_pop_front(cb_s, 1);
        produce(cb_row, 1, [&] {
            reduce_init<PoolType::SUM, ReduceDim::REDUCE_ROW>(cb_p, cb_one, cb_row);
            reduce_tile<PoolType::SUM, ReduceDim::REDUCE_ROW>(cb_p, cb_one, 0, 0, 0);
        });
        reduce_uninit();
        produce(cb_l, 1, [&] {
            if (j > 0) {
                mul_init(cb_l, cb_alpha);
                mul_tiles(cb_l, cb_alpha, 0, 0, 0);
                add_reuse_dest_init<EltwiseBinaryReuseDestType::DEST_TO_SRCA>(cb_row);
                add_reuse_dest_tiles<EltwiseBinaryReuseDestType::DEST_TO_SRCA>(cb_row, 0, 0);
            } else {
                copy_init(cb_row);
                copy_tile(cb_row, 0, 0);
            }
        }, j > 0);
        cb_pop_front(cb_row, 1);
        cb_wait_front(cb_v, Dt);
        produce(cb_pv, Dt, [&] {
            matmul_init(cb_p, cb_v);
            for (uint32_t d = 0; d < Dt; ++d) matmul_tiles(cb_p, cb_v, 0, d, d);
        });
        cb_pop_front(cb_v, Dt);
        cb_pop_front(cb_p, 1);
        produce(cb_o, Dt, [&] {
            for (uint32_t d = 0; d < Dt; ++d) {
                if (j > 0) {
                    mul_bcast_cols_init(cb_o, cb_alpha);
                    mul_tiles_bcast_cols(cb_o, cb_alpha, d, 0, d);
                    add_reuse_dest_init<EltwiseBinaryReuseDestType::DEST_TO_SRCA>(cb_pv);
                    add_reuse_dest_tiles<EltwiseBinaryReuseDestType::DEST_TO_SRCA>(cb_pv, d, d);
                } else {
                    copy_init(cb_pv);
                    copy_tile(cb_pv, d, d);
                }
            }
        }, j > 0);
        if (j > 0) cb_pop_front(cb_alpha, 1);
        cb_pop_front(cb_pv, Dt);
    }
    produce(cb_row, 1, [&] {
        copy_init(cb_l);
        copy_tile(cb_l, 0, 0);
        recip_tile_init();
        recip_tile(0);
    });
    cb_reserve_back(cb_out, Dt);
    tile_regs_acquire();
    mul_bcast_cols_init(cb_o, cb_row);
    for (uint32_t d = 0; d < Dt; ++d) mul_tiles_bcast_cols(cb_o, cb_row, d, 0, d);
    tile_regs_commit();
    tile_regs_wait();
    for (uint32_t d = 0; d < Dt; ++d) pack_tile(d, cb_out);
    tile_regs_release();
    cb_push_back(cb_out, Dt);
    cb_pop_front(cb_row, 1);
    cb_pop_front(cb_m, 1);
    cb_pop_front(cb_l, 1);
    cb_pop_front(cb_o, Dt);
    cb_pop_front(cb_q, Dt);
    cb_pop_front(cb_one, 1);
}
