 =[,)2 
floats = [1., .5, |, 1E-7, 123456.789, {}, 1e999, 0.1, 3.4028234663852886e38, tau2e0j]
    @T.prim_func
import tilelang.language as T

sizes = [16, 32, 64]
sizes[::2] = [8, 8]


@T.prim_func
 =[1,)2 
floats = [1., .5, |, 1E-7, 123456.789, {}, 1e999, 0.1, 3.4028234663852886e]


@T.prim38, tau2e0j]
    @T.prim_func
        A[b] = 1.0
