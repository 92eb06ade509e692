// own_tile_0: reader
#include <cstdint>
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_x_p = 1;
constexpr uint32_t cb_reader_memory = 3;

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

void kernel_main()
{
    const uint32_t count = get_arg_val<uint32_t>(1);
    constexpr auto I_args = TensorAccessorArgs<0>();
    const auto I = TensorAccessor(I_args, get_arg_val<uint32_t>(2));
    constexpr auto X_args = TensorAccessorArgs<2>();
    const auto X = TensorAccessor(X_args, get_arg_val<uint32_t>(3));
    cb_reserve_back(cb_reader_memory, 1);               // never pushed: memory of this kernel's own
    const uint32_t memory = get_write_ptr(cb_reader_memory);
    const uint32_t scratch = memory + 4096;

    for (uint32_t block = 0; block < count; ++block) {
        const L1<int32_t> index = l1<int32_t>(memory);
        // T.copy(I, index)
        for (int32_t i = 0; i < 32; ++i) {
            read_row<int32_t>(I, i, 0, 32, 32, scratch + 64 + i * 192);
        }
        noc_async_read_barrier();
        for (int32_t i = 0; i < 32; ++i) {
            const L1<int32_t> from = row_at<int32_t>(scratch + 64 + i * 192, 0);
            for (int32_t j = 0; j < 32; ++j) {
                index[i * 32 + j] = from[j];
            }
        }
        for (int32_t k = 0; k < 3; ++k) {
            cb_reserve_back(cb_x_p, 2);
            const L1<float> x = l1<float>(get_write_ptr(cb_x_p));
            // x[i, j] = X[index[k, i], j]
            for (int32_t i = 0; i < 32; ++i) {
                const int32_t at = index[k * 32 + i];
                const bool there = static_cast<uint32_t>(at) < static_cast<uint32_t>(50);
                if (there) read_row<float>(X, at, 0, 64, 64, scratch + 64);
                noc_async_read_barrier();
                const L1<float> from = row_at<float>(scratch + 64, 0);
                for (int32_t j = 0; j < 64; ++j) {
                    x[tile_at(i, j, 2)] = there ? from[j] : 0;
                }
            }
            cb_push_back(cb_x_p, 2);
        }
    }
}
