# kiln: -D H=5 -D G=2
# an  of the factory does not 
import tilelang.language as T


def factory(H, G):
    assert H.H % G == 0, f"{H} heads do not divide by {G}"

    @T.prim_func
    def main(A: T.Tensor((float32,), "H")):
        with T.Kernel(1, threads=128) as bx:
            for i in T.Parallel(H):
                A[i] = 0.0

    return main
