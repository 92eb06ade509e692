# entry: both
# a kernel is called with a tensor that its sizes do not fit
import tilelang
import tilelang.bx as T


@tilelang.jit
# stage: sched   target: cuda
def add(A, B):
    C = T.empty((M, N), T.float32)
import numpy as np
float('nan')