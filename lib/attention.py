"""Flash attention forward with grouped queries; O and the natural logarithm of the softmax's sum.

Query i stands at position i + Sk - Sq and, when causal, sees the keys up to there. A row that sees no key gives 0 and -inf.
"""
import tilelang
import tilelang.language as T


@tilelang.jit
def attention(B, Sq, Sk, H, Hkv, D, causal=True, BM=128, BN=128, stages=2, dtype="bfloat16"):
    assert H % Hkv == 0, f"{H} query heads cannot share {Hkv} heads of keys"
    group = H // Hkv
    ahead = Sk - Sq
    scale = (1.0 / D) ** 0.5
    scale2 = scale * 1.44269504088896340736  # exp(x) = exp2(x log2 e)

    @T.prim_func
    def main(
        Q: T.Tensor((B, Sq, H, D), dtype),
        K: T.Tensor((B, Sk, Hkv, D), dtype),
        V: T.Tensor((B, Sk, Hkv, D), dtype),
        O: T.Tensor((B, Sq, H, D), dtype),
        LSE: T.Tensor((B, H, Sq), "float32"),
    ):
        with T.Kernel(T.ceildiv(Sq, BM), H, B, threads=256) as (block, h, b):
            bx = T.ceildiv(Sq, BM) - 1 - block  # the longest rows first
            Q_s = T.alloc_shared((BM, D), dtype)
            K_s = T.alloc_shared((BN, D), dtype)
            V_s = T.alloc_shared((BN, D), dtype)
            O_s = T.alloc_shared((BM, D), dtype)
            S = T.alloc_fragment((BM, BN), "float32")
            P = T.alloc_fragment((BM, BN), dtype)
            acc = T.alloc_fragment((BM, D), "float32")
            top = T.alloc_fragment((BM,), "float32")  # running maximum of the scores
            old = T.alloc_fragment((BM,), "float32")
            shift = T.alloc_fragment((BM,), "float32")  # scaled maximum, 0 where no key was seen yet
            alpha = T.alloc_fragment((BM,), "float32")
            part = T.alloc_fragment((BM,), "float32")
            total = T.alloc_fragment((BM,), "float32")

            T.copy(Q[b, bx * BM : (bx + 1) * BM, h, :], Q_s)
            T.clear(acc)
            T.clear(total)
            T.fill(top, -T.infinity("float32"))
            last = T.max(T.min(Sk, (bx + 1) * BM + ahead), 0) if causal else Sk
            for n in T.Pipelined(T.ceildiv(last, BN), num_stages=stages):
                T.copy(K[b, n * BN : (n + 1) * BN, h // group, :], K_s)
                T.gemm(Q_s, K_s, S, transpose_B=True, clear_accum=True)
                for i, j in T.Parallel(BM, BN):
                    if causal:
                        S[i, j] = T.if_then_else(
                            n * BN + j <= bx * BM + i + ahead and n * BN + j < Sk, S[i, j], -T.infinity("float32")
                        )
                    else:
                        S[i, j] = T.if_then_else(n * BN + j < Sk, S[i, j], -T.infinity("float32"))
                T.copy(top, old)
                T.reduce_max(S, top, dim=1, clear=False)
                for i in T.Parallel(BM):
                    shift[i] = T.if_then_else(top[i] > -T.infinity("float32"), top[i] * scale2, 0.0)
                for i in T.Parallel(BM):
                    alpha[i] = T.exp2(old[i] * scale2 - shift[i])
                for i, j in T.Parallel(BM, BN):
                    S[i, j] = T.exp2(S[i, j] * scale2 - shift[i])
                T.reduce_sum(S, part, dim=1)
                for i in T.Parallel(BM):
                    total[i] = total[i] * alpha[i] + part[i]
                for i, d in T.Parallel(BM, D):
                    acc[i, d] = acc[i, d] * alpha[i]
                T.copy(S, P)
                T.copy(V[b, n * BN : (n + 1) * BN, h // group, :], V_s)
                T.gemm(P, V_s, acc)
            for i, d in T.Parallel(BM, D):
                acc[i, d] = T.if_then_else(total[i] > 0.0, acc[i, d] / total[i], 0.0)
            T.copy(acc, O_s)
            T.copy(O_s, O[b, bx * BM : (bx + 1) * BM, h, :])
            for i in T.Parallel(BM):
                total[i] = T.if_then_else(total[i] > 0.0, top[i] * scale + T.log(total[i]), -T.infinity("float32"))
            T.copy(total, LSE[b, h, bx * BM : (bx + 1) * BM])

    return main
