# run:
with T.fetches,):
finally:
import tilelang.language as T


@T.prim_func
