/* what the two data-movement processors may call */
#pragma once
#include "buffers.h"
#include "api/debug/assert.h"
#include "args.h"
#include "api/tensor/tensor_accessor.h"

inline uint32_t get_write_ptr(uint32_t cb, HERE)
{
    mock::at(line);
    return mock::write_ptr(cb);
}
inline uint32_t get_read_ptr(uint32_t cb, HERE)
{
    mock::at(line);
    return mock::read_ptr(cb);
}
inline uint32_t get_tile_size(uint32_t cb, HERE)
{
    mock::at(line);
    return mock::page_bytes(cb);
}
inline DataFormat get_dataformat(uint32_t cb, HERE)
{
    mock::at(line);
    return mock::format(cb);
}
inline bool cb_pages_available_at_front(uint32_t cb, uint32_t n, HERE)
{
    mock::at(line);
    return mock::available(cb, n);
}
inline bool cb_pages_reservable_at_back(uint32_t cb, uint32_t n, HERE)
{
    mock::at(line);
    return mock::reservable(cb, n);
}

inline uint64_t get_noc_addr(uint32_t x, uint32_t y, uint32_t addr, HERE)
{
    mock::at(line);
    return mock::l1_addr(x, y, addr);
}
inline uint64_t get_noc_multicast_addr(uint32_t x0, uint32_t y0, uint32_t x1, uint32_t y1,
                                       uint32_t addr, HERE)
{
    mock::at(line);
    return mock::multicast_addr(x0, y0, x1, y1, addr);
}
inline void noc_async_read(uint64_t src, uint32_t dst, uint32_t bytes, HERE)
{
    mock::at(line);
    mock::read(src, dst, bytes);
}
inline void noc_async_write(uint32_t src, uint64_t dst, uint32_t bytes, HERE)
{
    mock::at(line);
    mock::write(src, dst, bytes);
}
inline void noc_async_read_page(uint32_t id, const TensorAccessor &t, uint32_t dst,
                                uint32_t offset = 0, HERE)
{
    mock::at(line);
    mock::read(t.get_noc_addr(id, offset, line), dst, t.get_aligned_page_size());
}
inline void noc_async_write_page(uint32_t id, const TensorAccessor &t, uint32_t src,
                                 uint32_t size = 0, uint32_t offset = 0, HERE)
{
    mock::at(line);
    mock::write(src, t.get_noc_addr(id, offset, line), size ? size : t.get_aligned_page_size());
}
inline void noc_async_write_multicast(uint32_t src, uint64_t dst, uint32_t bytes,
                                      uint32_t num_dests, bool = false, HERE)
{
    mock::at(line);
    mock::multicast(src, dst, bytes, num_dests, false);
}
inline void noc_async_write_multicast_loopback_src(uint32_t src, uint64_t dst, uint32_t bytes,
                                                   uint32_t num_dests, bool = false, HERE)
{
    mock::at(line);
    mock::multicast(src, dst, bytes, num_dests, true);
}
inline void noc_async_read_barrier(HERE)
{
    mock::at(line);
    mock::read_barrier();
}
inline void noc_async_write_barrier(HERE)
{
    mock::at(line);
    mock::write_barrier();
}
inline void noc_async_writes_flushed(HERE)
{
    mock::at(line);
    mock::write_flush();
}
inline void noc_async_atomic_barrier() {}
inline void noc_async_full_barrier(HERE)
{
    mock::at(line);
    mock::read_barrier();
    mock::write_barrier();
}

inline uint32_t get_semaphore(uint32_t id, HERE)
{
    mock::at(line);
    return mock::semaphore(id);
}
inline void noc_semaphore_wait(volatile uint32_t *p, uint32_t v, HERE)
{
    mock::at(line);
    mock::semaphore_wait(p, v, false);
}
inline void noc_semaphore_wait_min(volatile uint32_t *p, uint32_t v, HERE)
{
    mock::at(line);
    mock::semaphore_wait(p, v, true);
}
inline void noc_semaphore_set(volatile uint32_t *p, uint32_t v, HERE)
{
    mock::at(line);
    mock::semaphore_set(p, v);
}
inline void noc_semaphore_inc(uint64_t addr, uint32_t n, HERE)
{
    mock::at(line);
    mock::semaphore_inc(addr, n);
}
inline void noc_semaphore_set_multicast(uint32_t src, uint64_t dst, uint32_t num_dests,
                                        bool = false, HERE)
{
    mock::at(line);
    mock::multicast(src, dst, 4, num_dests, false);
    mock::write_flush();
}
