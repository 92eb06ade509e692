// own_tile_0: writer
#include <cstdint>
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_Y_p = 0;

void kernel_main()
{
    const uint32_t count = get_arg_val<uint32_t>(1);
    constexpr auto Y_args = TensorAccessorArgs<0>();
    const auto Y = TensorAccessor(Y_args, get_arg_val<uint32_t>(2));

    for (uint32_t block = 0; block < count; ++block) {
        cb_wait_front(cb_Y_p, 2);
        const uint32_t Y_t = get_read_ptr(cb_Y_p);
        // T.copy(Y_t, Y)
        for (int32_t c = 0; c < 2; ++c) {
            noc_async_write_page(c, Y, Y_t + c * 4096);
        }
        noc_async_write_barrier();
        cb_pop_front(cb_Y_p, 2);
    }
}
