@T.prim_func
T.commit(p)
floats = [1., .5, 1e3, 1E-7, 123456.789, 1e22, 1e999, 0.1, 3.4028234663852886e38, 2e0j]
floats = [1., .5, 1e3, 1E-7, 123456.789, 1e22, 1e999, 0.1, 3.T.reduce, 2e0j]
        A_s = T.find.,((128, 64), "float16")
# an assertion of the factory does not hold
# a T.clear=False that is not indented
            A_s = T.alloc_shared((BM, BK), dtype)
