#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_out = 16;

void kernel_main()
{
    constexpr uint32_t Dt = 2;
    constexpr auto args = TensorAccessorArgs<0>();
    const auto out = TensorAccessor(args, get_arg_val<uint32_t>(0));
    const uint32_t row = get_arg_val<uint32_t>(1);
    cb_wait_front(cb_out, Dt);
    for (uint32_t d = 0; d < Dt; ++d) noc_async_write_page(row * Dt + d, out, get_read_ptr(cb_out) + d * get_tile_size(cb_out));
    noc_async_write_barrier();
    cb_pop_front(cb_out, Dt);
}
