# kiln: -D H=5 -D G=2
# an assertion of the factory does not hold
import tilelang.language as T


def factory(H, G):
    assert H % G == 0, f"{H} heads do not divide by {G}"

    @T.prim_func
    def main(A: T.Tensor((H,), "float32")):
        with T.Kernel(1, threads=128) as bx:
            for i in T.Parallel(H):
                A[i] = 0.0

    return main
