// gemm_0: reader
#include <cstdint>
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_a_p = 1;
constexpr uint32_t cb_b_p = 2;

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
    constexpr auto A_args = TensorAccessorArgs<0>();
    const auto A = TensorAccessor(A_args, get_arg_val<uint32_t>(2));
    constexpr auto B_args = TensorAccessorArgs<2>();
    const auto B = TensorAccessor(B_args, get_arg_val<uint32_t>(3));

    for (uint32_t block = first; block < first + count; ++block) {
        const int32_t bx = block % 2;
        const int32_t by = block / 2;
        for (int32_t k = 0; k < 4; ++k) {
            cb_reserve_back(cb_a_p, 2);
            const uint32_t a = get_write_ptr(cb_a_p);
            // T.copy(A[by * 64:by * 64 + 64, k * 32:k * 32 + 32], a)
            for (int32_t r = 0; r < 2; ++r) {
                if (by * 2 + r < 3 && k < 4)
                    noc_async_read_page((by * 2 + r) * 4 + k, A, a + r * 2048);
                else
                    zero_l1(a + r * 2048, 2048);
            }
            noc_async_read_barrier();
            cb_push_back(cb_a_p, 2);
            cb_reserve_back(cb_b_p, 2);
            const uint32_t b = get_write_ptr(cb_b_p);
            // T.copy(B[bx * 64:bx * 64 + 64, k * 32:k * 32 + 32], b)
            for (int32_t r = 0; r < 2; ++r) {
                if (bx * 2 + r < 3 && k < 4)
                    noc_async_read_page((bx * 2 + r) * 4 + k, B, b + r * 2048);
                else
                    zero_l1(b + r * 2048, 2048);
            }
            noc_async_read_barrier();
            cb_push_back(cb_b_p, 2);
        }
    }
}
