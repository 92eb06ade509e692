// pages_0: writer
#include <cstdint>
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_Y_p = 0;
constexpr uint32_t cb_writer_memory = 7;

// elements of a type T in L1
template <class T> using L1 = volatile tt_l1_ptr T *;
template <class T> inline L1<T> l1(uint32_t address)
{
    return reinterpret_cast<L1<T>>(static_cast<uintptr_t>(address));
}

// where element (r, c) lies in a matrix of tiles, `across` of them side by side: a tile is four
// faces of 16 x 16
inline uint32_t tile_at(uint32_t r, uint32_t c, uint32_t across)
{
    const uint32_t face = r % 32 / 16 * 2 + c % 32 / 16;
    return (r / 32 * across + c / 32) * 1024 + face * 256 + r % 16 * 16 + c % 16;
}

// begins to read elements first .. first + n of a row of `width`; those outside of it are left out
template <class T, class A>
inline void read_row(const A &tensor, uint32_t page, int32_t first, int32_t n, int32_t width,
                     uint32_t to)
{
    const int32_t lo = first > 0 ? first : 0, hi = first + n < width ? first + n : width;
    if (lo >= hi) return;
    const uint32_t from = lo * sizeof(T) / 64 * 64, end = (hi * sizeof(T) + 63) / 64 * 64;
    noc_async_read(tensor.get_noc_addr(page, from), to, end - from);
}

// where read_row put, or would have put, element `first`
template <class T> inline L1<T> row_at(uint32_t to, int32_t first)
{
    return l1<T>(to + (first > 0 ? first * sizeof(T) % 64 : 0)) + (first < 0 ? first : 0);
}

// writes elements first .. first + n of a row of `width` that lie where row_at says: the network
// wants equal alignment at both ends
template <class T, class A>
inline void write_row(const A &tensor, uint32_t page, int32_t first, int32_t n, int32_t width,
                      uint32_t from)
{
    const int32_t lo = first > 0 ? first : 0, hi = first + n < width ? first + n : width;
    if (lo >= hi) return;
    const uint32_t at = lo * sizeof(T);
    noc_async_write(from + at % 64, tensor.get_noc_addr(page, at), (hi - lo) * sizeof(T));
}

void kernel_main()
{
    const uint32_t first = get_arg_val<uint32_t>(0), count = get_arg_val<uint32_t>(1);
    constexpr auto Y_args = TensorAccessorArgs<0>();
    const auto Y = TensorAccessor(Y_args, get_arg_val<uint32_t>(2));
    cb_reserve_back(cb_writer_memory, 1);               // never pushed: memory of this kernel's own
    const uint32_t scratch = get_write_ptr(cb_writer_memory);

    for (uint32_t block = first; block < first + count; ++block) {
        const int32_t b = block;
        cb_wait_front(cb_Y_p, 2);
        const L1<float> Y_t = l1<float>(get_read_ptr(cb_Y_p));
        // T.copy(Y_t, Y[b:b + 1, 0:40])
        {
            const L1<float> to = row_at<float>(scratch + 64, 0);
            for (int32_t i = 0; i < 40; ++i) {
                to[i] = Y_t[tile_at(0, i, 2)];
            }
            write_row<float>(Y, b, 0, 40, 40, scratch + 64);
            noc_async_write_barrier();
        }
        cb_pop_front(cb_Y_p, 2);
    }
}
