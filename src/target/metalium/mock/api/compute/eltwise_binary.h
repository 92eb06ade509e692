#pragma once
#include "api/compute/common.h"
#define MOCK_FPU(name, unit)                                                                       \
    inline void name##_init(uint32_t icb0, uint32_t icb1, bool acc_to_dest = false, HERE)          \
    {                                                                                              \
        mock::at(line);                                                                            \
        mock::init(mock::unit, acc_to_dest ? 16 : 0, icb0, icb1, #name "_init");                   \
    }                                                                                              \
    inline void name##_tiles(uint32_t icb0, uint32_t icb1, uint32_t itile0, uint32_t itile1,       \
                             uint32_t idst, HERE)                                                  \
    {                                                                                              \
        mock::at(line);                                                                            \
        mock::binary(mock::unit, BroadcastType::NONE, icb0, icb1, itile0, itile1, idst,            \
                     #name "_tiles");                                                              \
    }                                                                                              \
    template <EltwiseBinaryReuseDestType reuse>                                                    \
    inline void name##_reuse_dest_init(uint32_t icb, HERE)                                         \
    {                                                                                              \
        mock::at(line);                                                                            \
        mock::init(mock::unit, 8u | (uint32_t)reuse, icb, icb, #name "_reuse_dest_init");          \
    }                                                                                              \
    template <EltwiseBinaryReuseDestType reuse>                                                    \
    inline void name##_reuse_dest_tiles(uint32_t icb, uint32_t itile, uint32_t idst, HERE)         \
    {                                                                                              \
        mock::at(line);                                                                            \
        mock::binary_reuse(mock::unit, reuse, icb, itile, idst, #name "_reuse_dest_tiles");        \
    }
MOCK_FPU(add, ADD)
MOCK_FPU(sub, SUB)
MOCK_FPU(mul, MUL)
#undef MOCK_FPU
