// core (0, 0) reads a page and sends it to its neighbour (1, 0); semaphore 0: ready, semaphore 1: valid
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_page = 0;

void kernel_main()
{
    const bool sender = get_arg_val<uint32_t>(0) == 0;
    constexpr auto args = TensorAccessorArgs<0>();
    const auto x = TensorAccessor(args, get_arg_val<uint32_t>(1));
    volatile tt_l1_ptr uint32_t *ready = reinterpret_cast<volatile tt_l1_ptr uint32_t *>(static_cast<uintptr_t>(get_semaphore(0)));
    volatile tt_l1_ptr uint32_t *valid = reinterpret_cast<volatile tt_l1_ptr uint32_t *>(static_cast<uintptr_t>(get_semaphore(1)));
    const uint32_t bytes = get_tile_size(cb_page);
    for (uint32_t i = 0; i < 5; ++i) {
        cb_reserve_back(cb_page, 1);
        const uint32_t to = get_write_ptr(cb_page);
        if (sender) {
            noc_async_read_page(i, x, to);
            noc_async_read_barrier();
            noc_semaphore_wait(ready, 1);
            noc_semaphore_set(ready, 0);
            noc_async_write_multicast(to, get_noc_multicast_addr(1, 0, 1, 0, to), bytes, 1);
            noc_semaphore_set(valid, 1);
            noc_semaphore_set_multicast(get_semaphore(1), get_noc_multicast_addr(1, 0, 1, 0, get_semaphore(1)), 1);
            noc_async_write_barrier();
        } else {
            noc_semaphore_set(valid, 0);
            noc_semaphore_inc(get_noc_addr(0, 0, get_semaphore(0)), 1);
            noc_semaphore_wait(valid, 1);
        }
        cb_push_back(cb_page, 1);
    }
}
