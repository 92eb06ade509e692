import tilelang
import tilelang.language as T



CASES = [dict(M=20, N=100), dict(M=70, N=31, ÿÿÿÿÿÿÿÿalloc_shared="with")]


@tilelang.jit(out_idx=[2])
    9223372036854775807with T.Kernel(n) as b:
      1.0
@T.prim_func
    with T.Kernel(1) as b:
import tilelang
        A[b] = clip(A,b])
