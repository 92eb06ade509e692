// maps_0: reader
#include <cstdint>
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_x_p = 0;
constexpr uint32_t cb_a_p = 1;
constexpr uint32_t cb_b_p = 2;
constexpr uint32_t cb_reader_memory = 4;

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

inline void zero_l1(uint32_t address, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i += 4) *l1<uint32_t>(address + i) = 0;
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
    const uint32_t first = get_arg_val<uint32_t>(0), count = get_arg_val<uint32_t>(1);
    constexpr auto X_args = TensorAccessorArgs<0>();
    const auto X = TensorAccessor(X_args, get_arg_val<uint32_t>(2));
    constexpr auto scale_args = TensorAccessorArgs<2>();
    const auto scale = TensorAccessor(scale_args, get_arg_val<uint32_t>(3));
    constexpr auto shift_args = TensorAccessorArgs<4>();
    const auto shift = TensorAccessor(shift_args, get_arg_val<uint32_t>(4));
    cb_reserve_back(cb_reader_memory, 1);               // never pushed: memory of this kernel's own
    const uint32_t scratch = get_write_ptr(cb_reader_memory);

    for (uint32_t block = first; block < first + count; ++block) {
        const int32_t bx = block % 2;
        const int32_t by = block / 2;
        cb_reserve_back(cb_x_p, 2);
        const uint32_t x = get_write_ptr(cb_x_p);
        // T.copy(X[by * 32:by * 32 + 32, bx * 64:bx * 64 + 64], x)
        for (int32_t c = 0; c < 2; ++c) {
            if (by < 2 && bx * 2 + c < 4)
                noc_async_read_page(by * 4 + bx * 2 + c, X, x + c * 2048);
            else
                zero_l1(x + c * 2048, 2048);
        }
        noc_async_read_barrier();
        cb_push_back(cb_x_p, 2);
        cb_reserve_back(cb_a_p, 1);
        const L1<float> a = l1<float>(get_write_ptr(cb_a_p));
        // T.copy(scale[by * 32:by * 32 + 32], a)
        read_row<float>(scale, 0, by * 32, 32, 40, scratch + 64);
        noc_async_read_barrier();
        {
            const L1<float> from = row_at<float>(scratch + 64, by * 32);
            for (int32_t i = 0; i < 32; ++i) {
                a[tile_at(i, 0, 1)] = by * 32 + i < 40 ? from[i] : 0;
            }
        }
        cb_push_back(cb_a_p, 1);
        cb_reserve_back(cb_b_p, 2);
        const L1<uint16_t> b = l1<uint16_t>(get_write_ptr(cb_b_p));
        // T.copy(shift[bx * 64:bx * 64 + 64], b)
        read_row<uint16_t>(shift, 0, bx * 64, 64, 100, scratch + 64);
        noc_async_read_barrier();
        {
            const L1<uint16_t> from_1 = row_at<uint16_t>(scratch + 64, bx * 64);
            for (int32_t i = 0; i < 64; ++i) {
                b[tile_at(0, i, 2)] = bx * 64 + i < 100 ? from_1[i] : 0;
            }
        }
        cb_push_back(cb_b_p, 2);
    }
}
