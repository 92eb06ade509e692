// compact_0: the whole launch on one data-movement processor
#include <cstdint>
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_memory = 0;

// elements of a type T in L1
template <class T> using L1 = volatile tt_l1_ptr T *;
template <class T> inline L1<T> l1(uint32_t address)
{
    return reinterpret_cast<L1<T>>(static_cast<uintptr_t>(address));
}

inline uint32_t bits(float x) { return __builtin_bit_cast(uint32_t, x); }
inline float float_of(uint32_t b) { return __builtin_bit_cast(float, b); }

// bfloat16, to nearest even
inline float bf16_value(uint16_t b) { return float_of(static_cast<uint32_t>(b) << 16); }
inline uint16_t bf16_bits(float x)
{
    const uint32_t b = bits(x);
    return x != x ? 0x7fc0 : static_cast<uint16_t>((b + 0x7fff + (b >> 16 & 1)) >> 16);
}
inline float round_bf16(float x) { return bf16_value(bf16_bits(x)); }

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

template <class T, class A>
inline void store_element(const A &tensor, uint32_t page, uint32_t element, T value,
                          uint32_t scratch)
{
    const uint32_t at = element * sizeof(T);
    *l1<T>(scratch + at % 64) = value;
    noc_async_write(scratch + at % 64, tensor.get_noc_addr(page, at), sizeof(T));
    noc_async_write_barrier();
}

void kernel_main()
{
    const uint32_t first = get_arg_val<uint32_t>(0), count = get_arg_val<uint32_t>(1);
    constexpr auto X_args = TensorAccessorArgs<0>();
    const auto X = TensorAccessor(X_args, get_arg_val<uint32_t>(2));
    constexpr auto Y_args = TensorAccessorArgs<2>();
    const auto Y = TensorAccessor(Y_args, get_arg_val<uint32_t>(3));
    constexpr auto count_args = TensorAccessorArgs<4>();
    const auto var_count = TensorAccessor(count_args, get_arg_val<uint32_t>(4));
    cb_reserve_back(cb_memory, 1);               // never pushed: memory of this kernel's own
    const uint32_t memory = get_write_ptr(cb_memory);
    const uint32_t scratch = memory + 896;

    for (uint32_t block = first; block < first + count; ++block) {
        const int32_t b = block;
        const L1<float> x = l1<float>(memory);
        const L1<uint16_t> y = l1<uint16_t>(memory + 256);
        const L1<int32_t> hit = l1<int32_t>(memory + 384);
        const L1<int32_t> place = l1<int32_t>(memory + 640);
        // T.copy(X[b:b + 1, 0:50], x)
        read_row<float>(X, b, 0, 50, 50, scratch + 64);
        noc_async_read_barrier();
        {
            const L1<float> from = row_at<float>(scratch + 64, 0);
            for (int32_t i = 0; i < 50; ++i) {
                x[i] = from[i];
            }
        }
        // T.fill(y, T.bfloat16(0.0))
        for (int32_t i = 0; i < 50; ++i) {
            y[i] = bf16_bits(0.0f);
        }
        // hit[i] = T.if_then_else(x[i] > 0.0, 1, 0)
        for (int32_t i = 0; i < 50; ++i) {
            hit[i] = x[i] > 0.0f ? 1 : 0;
        }
        // T.cumsum(hit, place, dim=0)
        {
            int32_t all = 0;
            for (int32_t n = 0; n < 50; ++n) {
                all = all + hit[n];
                place[n] = all;
            }
        }
        // for i in T.Parallel(50):
        for (int32_t i = 0; i < 50; ++i) {
            if (hit[i] == 1) {
                y[place[i] - 1] = bf16_bits(x[i]);
            }
        }
        // T.copy(y, Y[b:b + 1, 0:50])
        {
            const L1<uint16_t> to = row_at<uint16_t>(scratch + 64, 0);
            for (int32_t i = 0; i < 50; ++i) {
                to[i] = y[i];
            }
            write_row<uint16_t>(Y, b, 0, 50, 50, scratch + 64);
            noc_async_write_barrier();
        }
        store_element<int32_t>(var_count, 0, b, place[49], scratch);
    }
}
