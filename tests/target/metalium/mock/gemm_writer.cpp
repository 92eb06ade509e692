// blocks of C; tiles past the edge are not written
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_c = 16;

void kernel_main()
{
    constexpr uint32_t bm = 2, bn = 3;
    const uint32_t c_addr = get_arg_val<uint32_t>(0), Mt = get_arg_val<uint32_t>(1), Nt = get_arg_val<uint32_t>(2);
    const uint32_t first = get_arg_val<uint32_t>(3), count = get_arg_val<uint32_t>(4);
    constexpr auto c_args = TensorAccessorArgs<0>();
    const auto c = TensorAccessor(c_args, c_addr);
    const uint32_t bytes = get_tile_size(cb_c), blocks_n = (Nt + bn - 1) / bn;
    for (uint32_t block = first; block < first + count; ++block) {
        const uint32_t m0 = block / blocks_n * bm, n0 = block % blocks_n * bn;
        cb_wait_front(cb_c, bm * bn);
        uint32_t from = get_read_ptr(cb_c);
        for (uint32_t m = m0; m < m0 + bm; ++m)
            for (uint32_t n = n0; n < n0 + bn; ++n, from += bytes)
                if (m < Mt && n < Nt) noc_async_write_page(m * Nt + n, c, from);
        noc_async_write_barrier();
        cb_pop_front(cb_c, bm * bn);
    }
}
