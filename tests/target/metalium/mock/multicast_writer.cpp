// page i of this core's half
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_page = 0;

void kernel_main()
{
    constexpr auto args = TensorAccessorArgs<0>();
    const auto y = TensorAccessor(args, get_arg_val<uint32_t>(1));
    const uint32_t first = get_arg_val<uint32_t>(0) * 5;
    for (uint32_t i = 0; i < 5; ++i) {
        cb_wait_front(cb_page, 1);
        noc_async_write_page(first + i, y, get_read_ptr(cb_page));
        noc_async_write_barrier();
        cb_pop_front(cb_page, 1);
    }
}
