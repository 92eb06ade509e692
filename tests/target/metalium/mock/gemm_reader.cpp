// A (Mt x Kt tiles) and B (Kt x Nt tiles), block by block of k; the last block may be short and is filled up with zeros
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_a = 0, cb_b = 1;

inline void zero_page(uint32_t address, uint32_t bytes)
{
    volatile tt_l1_ptr uint32_t *p = reinterpret_cast<volatile tt_l1_ptr uint32_t *>(address);
    for (uint32_t i = 0; i < bytes / 4; ++i) p[i] = 0;
}

void kernel_main()
{
    constexpr uint32_t bm = 2, bn = 3, bk = 2;
    const uint32_t a_addr = get_arg_val<uint32_t>(0), b_addr = get_arg_val<uint32_t>(1);
    const uint32_t Mt = get_arg_val<uint32_t>(2), Nt = get_arg_val<uint32_t>(3), Kt = get_arg_val<uint32_t>(4);
    const uint32_t first = get_arg_val<uint32_t>(5), count = get_arg_val<uint32_t>(6);
    constexpr auto a_args = TensorAccessorArgs<0>();
    constexpr auto b_args = TensorAccessorArgs<a_args.next_compile_time_args_offset()>();
    const auto a = TensorAccessor(a_args, a_addr);
    const auto b = TensorAccessor(b_args, b_addr);
    const uint32_t bytes = get_tile_size(cb_a), blocks_n = (Nt + bn - 1) / bn;
    for (uint32_t block = first; block < first + count; ++block) {
        const uint32_t m0 = block / blocks_n * bm, n0 = block % blocks_n * bn;
        for (uint32_t k0 = 0; k0 < Kt; k0 += bk) {
            cb_reserve_back(cb_a, bm * bk);
            uint32_t to = get_write_ptr(cb_a);
            for (uint32_t m = m0; m < m0 + bm; ++m)
                for (uint32_t k = k0; k < k0 + bk; ++k, to += bytes) {
                    if (m < Mt && k < Kt) noc_async_read_page(m * Kt + k, a, to);
                    else zero_page(to, bytes);
                }
            noc_async_read_barrier();
            cb_push_back(cb_a, bm * bk);
            cb_reserve_back(cb_b, bk * bn);
            to = get_write_ptr(cb_b);
            for (uint32_t k = k0; k < k0 + bk; ++k)
                for (uint32_t n = n0; n < n0 + bn; ++n, to += bytes) {
                    if (k < Kt && n < Nt) noc_async_read_page(k * Nt + n, b, to);
                    else zero_page(to, bytes);
                }
            noc_async_read_barrier();
            cb_push_back(cb_b, bk * bn);
        }
    }
}
