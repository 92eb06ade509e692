            A[0] = 0.0

T.copy(A[bx * 32, 0], s)
# the factory never comes to an end
T.reduce_max(f, r, dim=1)
import tilelang.language as T


imp(1, if@threads.prim_func128) as 'bfloat16':
            -A[0] = 0.0

    return main
def factory():
    b'\xff' = 0
    x += 1
    while True:
        @ += 1

    nT.prim_func
            -A[0] = 0.0

