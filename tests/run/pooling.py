# run: -D H=21 -D W=37 -D C=20
"""Greatest of 2 x 2 windows of an image, with a stride in the loads; edges are padded with what cannot win."""
import numpy as np
import tilelang.language as T

CASES = [dict(H=21, W=37, C=20), dict(H=2, W=2, C=33)]


def pooling(H, W, C, BW=16, BC=16):
    OH, OW = (H + 1) // 2, (W + 1) // 2

    @T.prim_func
    def main(X: T.Tensor((H, W, C), "float32"), Y: T.Tensor((OH, OW, C), "float32")):
        with T.Kernel(T.ceildiv(C, BC), T.ceildiv(OW, BW), OH, threads=128) as (bc, bw, h):
            best = T.alloc_fragment((BW, BC), "float32")
            T.fill(best, -T.infinity("float32"))
            for dy, dx in T.grid(2, 2):
                for w, c in T.Parallel(BW, BC):
                    y = h * 2 + dy
                    x = (bw * BW + w) * 2 + dx
                    best[w, c] = T.max(best[w, c], T.if_then_else(y < H and x < W, X[y, x, bc * BC + c], -T.infinity("float32")))
            T.copy(best, Y[h, bw * BW : (bw + 1) * BW, bc * BC : (bc + 1) * BC])

    return main


def inputs(rng, H, W, C, **_):
    return {"X": ("float32", rng.standard_normal((H, W, C)))}


def ref(a, H, W, C, **_):
    p = np.full((H + H % 2, W + W % 2, C), -np.inf)
    p[:H, :W] = a["X"]
    return {"Y": ("float32", p.reshape(p.shape[0] // 2, 2, p.shape[1] // 2, 2, C).max((1, 3)))}
