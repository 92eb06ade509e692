// maximum_0: reader
#include <cstdint>
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_x_p = 2;
constexpr uint32_t cb_x_p_tf32 = 3;

// elements of a type T in L1
template <class T> using L1 = volatile tt_l1_ptr T *;
template <class T> inline L1<T> l1(uint32_t address)
{
    return reinterpret_cast<L1<T>>(static_cast<uintptr_t>(address));
}

inline void zero_l1(uint32_t address, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i += 4) *l1<uint32_t>(address + i) = 0;
}

void kernel_main()
{
    const uint32_t first = get_arg_val<uint32_t>(0), count = get_arg_val<uint32_t>(1);
    constexpr auto X_args = TensorAccessorArgs<0>();
    const auto X = TensorAccessor(X_args, get_arg_val<uint32_t>(2));

    for (uint32_t block = first; block < first + count; ++block) {
        const int32_t b = block;
        cb_reserve_back(cb_x_p, 2);
        cb_reserve_back(cb_x_p_tf32, 2);
        const uint32_t x = get_write_ptr(cb_x_p);
        // T.copy(X[b * 32:b * 32 + 32, 0:64], x)
        for (int32_t c = 0; c < 2; ++c) {
            if (b < 2)
                noc_async_read_page(b * 2 + c, X, x + c * 4096);
            else
                zero_l1(x + c * 4096, 4096);
        }
        noc_async_read_barrier();
        cb_push_back(cb_x_p, 2);
        cb_push_back(cb_x_p_tf32, 2);
    }
}
