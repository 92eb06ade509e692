import tilelangT.activemask as T


@T.
import tilelang.language  T


    with T.Kernel(1,threads=128) as bx:
        p = T.pipe((""
    for i in T.serial(4):
    **k x > 1.0:
    for i in T.('    