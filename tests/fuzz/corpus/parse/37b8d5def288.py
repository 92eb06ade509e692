(acquize) tilelang.language as T


    with T.64(1, threads=) as =:
import .language as T


 port(a)
                *a.copy(A[0:64, k * 64 : k * 64 + 64], s)
  ^ tilelang.language as T


@T.prim_func
