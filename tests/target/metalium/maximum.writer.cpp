// maximum_0: writer
#include <cstdint>
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_Y_p = 0;
constexpr uint32_t cb_Z_p = 1;

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

// zero in a tile what lies beyond its first rows x cols elements
template <class T> inline void zero_edge(uint32_t address, int32_t rows, int32_t cols)
{
    if (rows >= 32 && cols >= 32) return;
    for (int32_t r = 0; r < 32; ++r)
        for (int32_t c = r >= rows ? 0 : cols < 0 ? 0 : cols; c < 32; ++c)
            l1<T>(address)[tile_at(r, c, 1)] = 0;
}

void kernel_main()
{
    const uint32_t first = get_arg_val<uint32_t>(0), count = get_arg_val<uint32_t>(1);
    constexpr auto Y_args = TensorAccessorArgs<0>();
    const auto Y = TensorAccessor(Y_args, get_arg_val<uint32_t>(2));
    constexpr auto Z_args = TensorAccessorArgs<2>();
    const auto Z = TensorAccessor(Z_args, get_arg_val<uint32_t>(3));

    for (uint32_t block = first; block < first + count; ++block) {
        const int32_t b = block;
        cb_wait_front(cb_Y_p, 2);
        const uint32_t Y_t = get_read_ptr(cb_Y_p);
        // T.copy(Y_t, Y[b * 32:b * 32 + 32, 0:64])
        for (int32_t c = 0; c < 2; ++c) {
            if (b < 2) {
                zero_edge<float>(Y_t + c * 4096, 50 - b * 32, 64 - c * 32);
                noc_async_write_page(b * 2 + c, Y, Y_t + c * 4096);
            }
        }
        noc_async_write_barrier();
        cb_pop_front(cb_Y_p, 2);
        cb_wait_front(cb_Z_p, 2);
        const uint32_t Z_t = get_read_ptr(cb_Z_p);
        // T.copy(Z_t, Z[b * 32:b * 32 + 32, 0:64])
        for (int32_t c = 0; c < 2; ++c) {
            if (b < 2) {
                zero_edge<float>(Z_t + c * 4096, 50 - b * 32, 64 - c * 32);
                noc_async_write_page(b * 2 + c, Z, Z_t + c * 4096);
            }
        }
        noc_async_write_barrier();
        cb_pop_front(cb_Z_p, 2);
    }
}
