// one block of queries (one tile row); then K and V blocks of one tile row each; first of all the tile of ones that reductions need
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_q = 0, cb_k = 1, cb_v = 2, cb_one = 3;

void kernel_main()
{
    constexpr uint32_t Dt = 2;
    const uint32_t blocks = get_arg_val<uint32_t>(3), row = get_arg_val<uint32_t>(4);
    constexpr auto q_args = TensorAccessorArgs<0>();
    constexpr auto k_args = TensorAccessorArgs<q_args.next_compile_time_args_offset()>();
    constexpr auto v_args = TensorAccessorArgs<k_args.next_compile_time_args_offset()>();
    const auto q = TensorAccessor(q_args, get_arg_val<uint32_t>(0));
    const auto k = TensorAccessor(k_args, get_arg_val<uint32_t>(1));
    const auto v = TensorAccessor(v_args, get_arg_val<uint32_t>(2));
    const uint32_t bytes = get_tile_size(cb_q);

    cb_reserve_back(cb_one, 1);
    volatile tt_l1_ptr uint16_t *one = reinterpret_cast<volatile tt_l1_ptr uint16_t *>(get_write_ptr(cb_one));
    for (uint32_t i = 0; i < 1024; ++i) one[i] = i % 256 < 16 ? 0x3f80 : 0;
    cb_push_back(cb_one, 1);

    cb_reserve_back(cb_q, Dt);
    for (uint32_t d = 0; d < Dt; ++d) noc_async_read_page(row * Dt + d, q, get_write_ptr(cb_q) + d * bytes);
    noc_async_read_barrier();
    cb_push_back(cb_q, Dt);
    for (uint32_t j = 0; j < blocks; ++j) {
        cb_reserve_back(cb_k, Dt);
        for (uint32_t d = 0; d < Dt; ++d) noc_async_read_page(j * Dt + d, k, get_write_ptr(cb_k) + d * bytes);
        noc_async_read_barrier();
        cb_push_back(cb_k, Dt);
        cb_reserve_back(cb_v, Dt);
        for (uint32_t d = 0; d < Dt; ++d) noc_async_read_page(j * Dt + d, v, get_write_ptr(cb_v) + d * bytes);
        noc_async_read_barrier();
        cb_push_back(cb_v, Dt);
    }
}
