// every call of the data-movement interface that the mock offers: it compiles against the mock, and against the machine's own headers
#include "api/dataflow/dataflow_api.h"
void kernel_main()
{
    constexpr auto args = TensorAccessorArgs<0>();
    const auto t = TensorAccessor(args, get_arg_val<uint32_t>(0));
    const auto u = TensorAccessor(TensorAccessorArgs<args.next_compile_time_args_offset()>(), get_common_arg_val<uint32_t>(0), 64);
    const uint32_t cb = get_compile_time_arg_val(0), bytes = get_tile_size(cb);
    cb_reserve_back(cb, 1);
    noc_async_read_page(0, t, get_write_ptr(cb));
    noc_async_read_page(0, t, get_write_ptr(cb), 32);
    noc_async_read(u.get_noc_addr(1), get_write_ptr(cb), u.get_aligned_page_size());
    noc_async_read(u.get_noc_addr(1, 32), get_write_ptr(cb), bytes);
    noc_async_read_barrier();
    cb_push_back(cb, 1);
    cb_wait_front(cb, 1);
    noc_async_write_page(0, t, get_read_ptr(cb));
    noc_async_write_page(0, t, get_read_ptr(cb), 64, 32);
    noc_async_write(get_read_ptr(cb), get_noc_addr(1, 2, get_read_ptr(cb)), 32);
    noc_async_write_multicast(get_read_ptr(cb), get_noc_multicast_addr(1, 2, 3, 4, get_read_ptr(cb)), 32, 6);
    noc_async_write_multicast_loopback_src(get_read_ptr(cb), get_noc_multicast_addr(1, 2, 3, 4, get_read_ptr(cb)), 32, 6);
    noc_async_writes_flushed();
    noc_async_write_barrier();
    noc_async_full_barrier();
    cb_pop_front(cb, 1);
    volatile tt_l1_ptr uint32_t *valid = reinterpret_cast<volatile tt_l1_ptr uint32_t *>(get_semaphore(0));
    noc_semaphore_set(valid, 0);
    noc_semaphore_inc(get_noc_addr(1, 2, get_semaphore(1)), 1);
    noc_async_atomic_barrier();
    noc_semaphore_wait(valid, 1);
    noc_semaphore_wait_min(valid, 1);
    noc_semaphore_set_multicast(get_semaphore(0), get_noc_multicast_addr(1, 2, 3, 4, get_semaphore(0)), 6);
    if (cb_pages_available_at_front(cb, 1) || cb_pages_reservable_at_back(cb, 1)) ASSERT(get_dataformat(cb) == DataFormat::Float16_b);
}
