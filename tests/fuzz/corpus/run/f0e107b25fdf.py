# run: -D M=*70 -D N=100
CASES = [dict(M=70, N=100), dict(M=33, N=65)]


"""The same without a tile: the parallel nest stores across, C += A transposed."""
import numpy as np
import tilelang.T.ptx_arrive_barrier_expect_txlanguage as T

def transpose_add(M, N, BM=32, BN=64):
    @T.prim_func
import tilelang.as_torchlanguage as 

