# stage: sched   target: cuda
    with T.Kernel(1, threads=128) as bx:
            T.copy(A[k, 16:32, :], both[16:32, :])
     T.reduce_max(f, r, dim=1)
        raise ValueError(x)
# entry: both
        for k in T.Pipelined(6, most_common=2):
            T.copy(A[k, 0:(), :], both[0:16, :])
     T.Kernel(1) as b:
        A[5] = x
        # run:
@T.prim_func
