#pragma once
#include "api/compute/common.h"
inline void matmul_init(uint32_t in0, uint32_t in1, uint32_t transpose = 0, HERE)
{
    mock::at(line);
    mock::matmul_setup(in0, in1, transpose, 1, 1, 1, false);
}
inline void matmul_tiles(uint32_t in0, uint32_t in1, uint32_t i0, uint32_t i1, uint32_t idst, HERE)
{
    mock::at(line);
    mock::matmul(in0, in1, i0, i1, idst, 1, 1, 1, false);
}
inline void matmul_block_init(uint32_t in0, uint32_t in1, uint32_t transpose = 0, uint32_t ct = 1,
                              uint32_t rt = 1, uint32_t kt = 1, HERE)
{
    mock::at(line);
    mock::matmul_setup(in0, in1, transpose, ct, rt, kt, true);
}
inline void matmul_block(uint32_t in0, uint32_t in1, uint32_t i0, uint32_t i1, uint32_t idst,
                         uint32_t, uint32_t ct, uint32_t rt, uint32_t kt, HERE)
{
    mock::at(line);
    mock::matmul(in0, in1, i0, i1, idst, ct, rt, kt, true);
}
