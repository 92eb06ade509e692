"""Sparse attention as DeepSeek's V3.2 does it, three launches: score every key, select the best, attend to those.

  indexer    logits[s, t] = sum_j W[s, j] relu(QI[s, j] . KI[t])  for t <= s, else -inf
  selector   index[s] = the topk keys with the greatest logits, lower t first among equals; -1 where fewer are visible
  attention  softmax over the selected keys; keys are rows of KV, values their first DV columns
"""
import tilelang
import tilelang.language as T


@tilelang.jit
def dsa(S, HI, DI, H, D, DV, topk, BM=64, BN=64, BH=64, BI=64, stages=2, dtype="bfloat16"):
    assert H <= BH, f"{H} heads do not fit {BH} rows"
    assert DV <= D, f"values have {DV} columns, keys only {D}"
    scale2 = (1.0 / D) ** 0.5 * 1.44269504088896340736

    @T.prim_func
    def main(
        QI: T.Tensor((S, HI, DI), dtype),
        KI: T.Tensor((S, DI), dtype),
        W: T.Tensor((S, HI), "float32"),
        Q: T.Tensor((S, H, D), dtype),
        KV: T.Tensor((S, D), dtype),
        index: T.Tensor((S, topk), "int32"),
        O: T.Tensor((S, H, DV), dtype),
    ):
        logits = T.alloc_global((S, S), "float32")

        with T.Kernel(T.ceildiv(S, BN), T.ceildiv(S, BM), threads=128) as (bx, by):
            q_s = T.alloc_shared((BM, DI), dtype)
            k_s = T.alloc_shared((BN, DI), dtype)
            w_s = T.alloc_shared((BM,), "float32")
            dot = T.alloc_fragment((BM, BN), "float32")
            score = T.alloc_fragment((BM, BN), "float32")

            T.copy(KI[bx * BN : (bx + 1) * BN, :], k_s)
            T.clear(score)
            for j in T.Pipelined(HI, num_stages=stages):
                T.copy(QI[by * BM : (by + 1) * BM, j, :], q_s)
                T.copy(W[by * BM : (by + 1) * BM, j], w_s)
                T.gemm(q_s, k_s, dot, transpose_B=True, clear_accum=True)
                for i, n in T.Parallel(BM, BN):
                    score[i, n] = score[i, n] + w_s[i] * T.max(dot[i, n], 0.0)
            for i, n in T.Parallel(BM, BN):
                score[i, n] = T.if_then_else(bx * BN + n <= by * BM + i, score[i, n], -T.infinity("float32"))
            T.copy(score, logits[by * BM, bx * BN])

        with T.Kernel(S, threads=128) as s:
            row = T.alloc_shared((S,), "float32")
            chosen = T.alloc_shared((topk,), "int32")
            key = T.alloc_fragment((S,), "uint32")  # orders as the logits do; 0 stands for a key that may not be chosen
            hit = T.alloc_fragment((S,), "int32")
            place = T.alloc_fragment((S,), "int32")
            count = T.alloc_fragment((1,), "int32")
            limit = T.alloc_var("uint32")

            T.copy(logits[s, :], row)
            for i in T.Parallel(S):
                bits = T.reinterpret(row[i], "uint32")
                key[i] = T.if_then_else(
                    row[i] > -T.infinity("float32"),
                    T.if_then_else(bits >= T.uint32(0x80000000), ~bits, bits | T.uint32(0x80000000)),
                    T.uint32(0),
                )
            limit = T.uint32(0)  # becomes the topk-th greatest key, bit by bit
            for bit in T.serial(32):
                trial = limit | (T.uint32(0x80000000) >> bit)
                for i in T.Parallel(S):
                    hit[i] = T.if_then_else(key[i] >= trial, 1, 0)
                T.reduce_sum(hit, count, dim=0)
                if count[0] >= topk:
                    limit = trial
            T.fill(chosen, -1)
            for i in T.Parallel(S):
                hit[i] = T.if_then_else(key[i] > limit, 1, 0)
            T.cumsum(hit, place, dim=0)
            for i in T.Parallel(S):
                if hit[i] == 1:
                    chosen[place[i] - 1] = i
            T.reduce_sum(hit, count, dim=0)
            for i in T.Parallel(S):
                hit[i] = T.if_then_else(key[i] == limit and key[i] > T.uint32(0), 1, 0)
            T.cumsum(hit, place, dim=0)
            for i in T.Parallel(S):
                if hit[i] == 1 and count[0] + place[i] <= topk:
                    chosen[count[0] + place[i] - 1] = i
            T.copy(chosen, index[s, :])

        with T.Kernel(S, threads=128) as s:
            Q_s = T.alloc_shared((BH, D), dtype)
            KV_s = T.alloc_shared((BI, D), dtype)
            O_s = T.alloc_shared((BH, DV), dtype)
            P = T.alloc_fragment((BH, BI), "float32")
            P_cast = T.alloc_fragment((BH, BI), dtype)
            acc = T.alloc_fragment((BH, DV), "float32")
            top = T.alloc_fragment((BH,), "float32")
            old = T.alloc_fragment((BH,), "float32")
            shift = T.alloc_fragment((BH,), "float32")
            alpha = T.alloc_fragment((BH,), "float32")
            sums = T.alloc_fragment((BH,), "float32")
            total = T.alloc_fragment((BH,), "float32")

            T.copy(Q[s, 0, 0], Q_s)  # heads beyond H read 0
            T.clear(acc)
            T.clear(total)
            T.fill(top, -T.infinity("float32"))
            for t in T.Pipelined(T.ceildiv(topk, BI), num_stages=stages):
                for i, d in T.Parallel(BI, D):
                    KV_s[i, d] = KV[index[s, t * BI + i], d]  # an index of -1 reads 0
                T.gemm(Q_s, KV_s, P, transpose_B=True, clear_accum=True)
                for i, j in T.Parallel(BH, BI):
                    P[i, j] = T.if_then_else(
                        t * BI + j < topk and index[s, t * BI + j] >= 0, P[i, j], -T.infinity("float32")
                    )
                T.copy(top, old)
                T.reduce_max(P, top, dim=1, clear=False)
                for i in T.Parallel(BH):
                    shift[i] = T.if_then_else(top[i] > -T.infinity("float32"), top[i] * scale2, 0.0)
                for i in T.Parallel(BH):
                    alpha[i] = T.exp2(old[i] * scale2 - shift[i])
                for i, j in T.Parallel(BH, BI):
                    P[i, j] = T.exp2(P[i, j] * scale2 - shift[i])
                T.reduce_sum(P, sums, dim=1)
                for i in T.Parallel(BH):
                    total[i] = total[i] * alpha[i] + sums[i]
                for i, d in T.Parallel(BH, DV):
                    acc[i, d] = acc[i, d] * alpha[i]
                T.copy(P, P_cast)
                T.gemm(P_cast, KV_s[:, 0:DV], acc)
            for i, d in T.Parallel(BH, DV):
                acc[i, d] = T.if_then_else(total[i] > 0.0, acc[i, d] / total[i], 0.0)
            T.copy(acc, O_s)
            T.copy(O_s, O[s, 0, 0])  # rows beyond H are outside of O and not written

    return main
