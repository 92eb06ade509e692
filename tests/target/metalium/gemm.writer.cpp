// gemm_0: writer
#include <cstdint>
#include "api/dataflow/dataflow_api.h"

constexpr uint32_t cb_C_p = 0;

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
    constexpr auto C_args = TensorAccessorArgs<0>();
    const auto C = TensorAccessor(C_args, get_arg_val<uint32_t>(2));

    for (uint32_t block = first; block < first + count; ++block) {
        const int32_t bx = block % 2;
        const int32_t by = block / 2;
        cb_wait_front(cb_C_p, 4);
        const uint32_t C_t = get_read_ptr(cb_C_p);
        // T.copy(C_t, C[by * 64:by * 64 + 64, bx * 64:bx * 64 + 64])
        for (int32_t r = 0; r < 2; ++r) {
            for (int32_t c = 0; c < 2; ++c) {
                if (by * 2 + r < 3 && bx * 2 + c < 3) {
                    zero_edge<float>(C_t + (r * 2 + c) * 4096, 80 - (by * 2 + r) * 32, 70 - (bx * 2 + c) * 32);
                    noc_async_write_page((by * 2 + r) * 3 + bx * 2 + c, C, C_t + (r * 2 + c) * 4096);
                }
            }
        }
        noc_async_write_barrier();
        cb_pop_front(cb_C_p, 4);
    }
}
