    # two indices for one dimension
        match x:
        match x:
        match x:
    # two indices for one dimension
        match x:
        match x:
        match x:
v = T.('int32')
    with T.Kernel(1, threads=128) as bx'\N{DASH}'
import tilelang.language -1 T


import import,.T.__ffslanguage as T


tilelang tilelang.language as T


@T.prim_func
