// pages_0: reader
#include <cstdint>
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_x_p = 1;
constexpr uint32_t cb_n_p = 2;
constexpr uint32_t cb_reader_memory = 6;

// elements of a type T in L1
template <class T> using L1 = volatile tt_l1_ptr T *;
template <class T> inline L1<T> l1(uint32_t address)
{
    return reinterpret_cast<L1<T>>(static_cast<uintptr_t>(address));
}

template <class A, class B> inline auto k_min(A a, B b) -> decltype(a + b)
{
    return a < b || b != b ? a : b;
}

template <class A, class B> inline auto k_floordiv(A a, B b) -> decltype(a + b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
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

// A page that holds a row of a tensor is a multiple of 64 bytes, and is read in pieces of 64 bytes.
inline uint32_t row_bytes(uint32_t elements, uint32_t size)
{
    return elements ? (elements * size + 63) / 64 * 64 : 64;
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

// one element of a row
template <class T, class A>
inline T load_element(const A &tensor, uint32_t page, uint32_t element, uint32_t scratch)
{
    const uint32_t at = element * sizeof(T);
    noc_async_read(tensor.get_noc_addr(page, at / 64 * 64), scratch, 64);
    noc_async_read_barrier();
    return *l1<T>(scratch + at % 64);
}

void kernel_main()
{
    const uint32_t first = get_arg_val<uint32_t>(0), count = get_arg_val<uint32_t>(1);
    const int32_t rows = get_arg_val<int32_t>(2);
    const int32_t B = get_arg_val<int32_t>(3);
    constexpr auto length_args = TensorAccessorArgs<0>();
    const auto length = TensorAccessor(length_args, get_arg_val<uint32_t>(4), row_bytes(B, 4));
    constexpr auto index_args = TensorAccessorArgs<2>();
    const auto index = TensorAccessor(index_args, get_arg_val<uint32_t>(5));
    constexpr auto X_args = TensorAccessorArgs<4>();
    const auto X = TensorAccessor(X_args, get_arg_val<uint32_t>(6));
    cb_reserve_back(cb_reader_memory, 1);               // never pushed: memory of this kernel's own
    const uint32_t scratch = get_write_ptr(cb_reader_memory);

    for (uint32_t block = first; block < first + count; ++block) {
        const int32_t b = block;
        const int32_t n = k_min(load_element<int32_t>(length, 0, b, scratch), 64);
        cb_reserve_back(cb_n_p, 1);
        const L1<int32_t> n_s = l1<int32_t>(get_write_ptr(cb_n_p));
        n_s[0] = n;
        cb_push_back(cb_n_p, 1);
        for (int32_t k = 0, var_k_end = k_floordiv(n + 31, 32); k < var_k_end; ++k) {
            cb_reserve_back(cb_x_p, 2);
            const L1<uint16_t> x = l1<uint16_t>(get_write_ptr(cb_x_p));
            zero_l1(get_write_ptr(cb_x_p), 4096);
            // x[i, j] = X[index[b, k * 32 + i], j]
            for (int32_t i = 0; i < 32; ++i) {
                const int32_t at = load_element<int32_t>(index, b, k * 32 + i, scratch);
                const bool there = static_cast<uint32_t>(at) < static_cast<uint32_t>(rows);
                if (there) read_row<uint16_t>(X, at, 0, 40, 40, scratch + 64);
                noc_async_read_barrier();
                const L1<uint16_t> from = row_at<uint16_t>(scratch + 64, 0);
                for (int32_t j = 0; j < 40; ++j) {
                    x[tile_at(i, j, 2)] = there ? from[j] : 0;
                }
            }
            cb_push_back(cb_x_p, 2);
        }
    }
}
