// branches_0: writer
#include <cstdint>
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_Y_p = 0;

void kernel_main()
{
    const uint32_t first = get_arg_val<uint32_t>(0), count = get_arg_val<uint32_t>(1);
    constexpr auto Y_args = TensorAccessorArgs<0>();
    const auto Y = TensorAccessor(Y_args, get_arg_val<uint32_t>(2));

    for (uint32_t block = first; block < first + count; ++block) {
        const int32_t b = block;
        cb_wait_front(cb_Y_p, 1);
        const uint32_t Y_t = get_read_ptr(cb_Y_p);
        // T.copy(Y_t, Y[b * 32:b * 32 + 32, 0:32])
        noc_async_write_page(b, Y, Y_t);
        noc_async_write_barrier();
        cb_pop_front(cb_Y_p, 1);
    }
}
