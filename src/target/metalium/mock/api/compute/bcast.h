#pragma once
#include "api/compute/common.h"
#define MOCK_BCAST(name, unit, dir, type)                                                          \
    inline void name##_bcast_##dir##_init(uint32_t icb0, uint32_t icb1, HERE)                      \
    {                                                                                              \
        mock::at(line);                                                                            \
        mock::init(mock::unit, (uint32_t)BroadcastType::type, icb0, icb1,                          \
                   #name "_bcast_" #dir "_init");                                                  \
    }                                                                                              \
    inline void name##_tiles_bcast_##dir(uint32_t icb0, uint32_t icb1, uint32_t itile0,            \
                                         uint32_t itile1, uint32_t idst, HERE)                     \
    {                                                                                              \
        mock::at(line);                                                                            \
        mock::binary(mock::unit, BroadcastType::type, icb0, icb1, itile0, itile1, idst,            \
                     #name "_tiles_bcast_" #dir);                                                  \
    }
MOCK_BCAST(add, ADD, rows, ROW)
MOCK_BCAST(add, ADD, cols, COL)
MOCK_BCAST(add, ADD, scalar, SCALAR)
MOCK_BCAST(sub, SUB, rows, ROW)
MOCK_BCAST(sub, SUB, cols, COL)
MOCK_BCAST(sub, SUB, scalar, SCALAR)
MOCK_BCAST(mul, MUL, rows, ROW)
MOCK_BCAST(mul, MUL, cols, COL)
MOCK_BCAST(mul, MUL, scalar, SCALAR)
#undef MOCK_BCAST

template <BroadcastType type> inline void unary_bcast_init(uint32_t icb, HERE)
{
    mock::at(line);
    mock::init(mock::BROADCAST, (uint32_t)type, icb, icb, "unary_bcast_init");
}
template <BroadcastType type>
inline void unary_bcast(uint32_t icb, uint32_t itile, uint32_t idst, HERE)
{
    mock::at(line);
    mock::broadcast(type, icb, itile, idst);
}
template <BroadcastType type> inline void unary_bcast_uninit(uint32_t) {}
