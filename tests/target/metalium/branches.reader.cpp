// branches_0: reader
#include <cstdint>
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_x_p = 1;

void kernel_main()
{
    const uint32_t first = get_arg_val<uint32_t>(0), count = get_arg_val<uint32_t>(1);
    constexpr auto X_args = TensorAccessorArgs<0>();
    const auto X = TensorAccessor(X_args, get_arg_val<uint32_t>(2));

    for (uint32_t block = first; block < first + count; ++block) {
        const int32_t b = block;
        cb_reserve_back(cb_x_p, 1);
        const uint32_t x = get_write_ptr(cb_x_p);
        // T.copy(X[b * 32:b * 32 + 32, 0:32], x)
        noc_async_read_page(b, X, x);
        noc_async_read_barrier();
        cb_push_back(cb_x_p, 1);
    }
}
