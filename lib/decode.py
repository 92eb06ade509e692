"""Decoding over a paged cache: every sequence's keys are split over several blocks, a second launch combines the parts.

`table[b, p]` is the page that holds keys p * page .. of sequence b; entries beyond ceil(length / page) are never read.
A sequence of length 0 gives 0.
"""
import tilelang
import tilelang.language as T


@tilelang.jit
def paged_decode(H, Hkv, D, page=64, splits=4, BG=64, stages=2, dtype="bfloat16"):
    group = H // Hkv
    assert H % Hkv == 0 and group <= BG, f"{group} query heads a key head do not fit {BG} rows"
    scale2 = (1.0 / D) ** 0.5 * 1.44269504088896340736
    B = T.dynamic("B")
    pages = T.dynamic("pages")
    width = T.dynamic("width")

    @T.prim_func
    def main(
        Q: T.Tensor((B, H, D), dtype),
        K: T.Tensor((pages, page, Hkv, D), dtype),
        V: T.Tensor((pages, page, Hkv, D), dtype),
        table: T.Tensor((B, width), "int32"),
        length: T.Tensor((B,), "int32"),
        O: T.Tensor((B, H, D), dtype),
    ):
        part = T.alloc_global((B, Hkv, splits, BG, D), "float32")  # normalised, per split
        lse = T.alloc_global((B, Hkv, splits, BG), "float32")  # base 2; -inf where a split saw no key

        with T.Kernel(splits, Hkv, B, threads=128) as (s, h, b):
            Q_s = T.alloc_shared((BG, D), dtype)
            K_s = T.alloc_shared((page, D), dtype)
            V_s = T.alloc_shared((page, D), dtype)
            S = T.alloc_fragment((BG, page), "float32")
            P = T.alloc_fragment((BG, page), dtype)
            acc = T.alloc_fragment((BG, D), "float32")
            top = T.alloc_fragment((BG,), "float32")
            old = T.alloc_fragment((BG,), "float32")
            shift = T.alloc_fragment((BG,), "float32")
            alpha = T.alloc_fragment((BG,), "float32")
            sums = T.alloc_fragment((BG,), "float32")
            total = T.alloc_fragment((BG,), "float32")

            T.copy(Q[b, h * group, 0], Q_s)  # rows beyond the group belong to other heads; nobody reads their results
            T.clear(acc)
            T.clear(total)
            T.fill(top, -T.infinity("float32"))
            keys = length[b]
            each = T.ceildiv(T.ceildiv(keys, page), splits)
            first = s * each
            count = T.max(T.min(each, T.ceildiv(keys, page) - first), 0)
            for p in T.Pipelined(count, num_stages=stages):
                where = table[b, first + p]
                T.copy(K[where, :, h, :], K_s)
                T.gemm(Q_s, K_s, S, transpose_B=True, clear_accum=True)
                for i, j in T.Parallel(BG, page):
                    S[i, j] = T.if_then_else((first + p) * page + j < keys, S[i, j], -T.infinity("float32"))
                T.copy(top, old)
                T.reduce_max(S, top, dim=1, clear=False)
                for i in T.Parallel(BG):
                    shift[i] = T.if_then_else(top[i] > -T.infinity("float32"), top[i] * scale2, 0.0)
                for i in T.Parallel(BG):
                    alpha[i] = T.exp2(old[i] * scale2 - shift[i])
                for i, j in T.Parallel(BG, page):
                    S[i, j] = T.exp2(S[i, j] * scale2 - shift[i])
                T.reduce_sum(S, sums, dim=1)
                for i in T.Parallel(BG):
                    total[i] = total[i] * alpha[i] + sums[i]
                for i, d in T.Parallel(BG, D):
                    acc[i, d] = acc[i, d] * alpha[i]
                T.copy(S, P)
                T.copy(V[where, :, h, :], V_s)
                T.gemm(P, V_s, acc)
            for i, d in T.Parallel(BG, D):
                acc[i, d] = T.if_then_else(total[i] > 0.0, acc[i, d] / total[i], 0.0)
            for i in T.Parallel(BG):
                total[i] = T.if_then_else(total[i] > 0.0, shift[i] + T.log2(total[i]), -T.infinity("float32"))
            T.copy(acc, part[b, h, s, :, :])
            T.copy(total, lse[b, h, s, :])

        with T.Kernel(Hkv, B, threads=128) as (h, b):
            part_s = T.alloc_shared((BG, D), "float32")
            lse_s = T.alloc_shared((BG,), "float32")
            out = T.alloc_fragment((BG, D), "float32")
            out_s = T.alloc_shared((BG, D), dtype)
            high = T.alloc_fragment((BG,), "float32")
            prev = T.alloc_fragment((BG,), "float32")
            base = T.alloc_fragment((BG,), "float32")
            weight = T.alloc_fragment((BG,), "float32")
            keep = T.alloc_fragment((BG,), "float32")
            mass = T.alloc_fragment((BG,), "float32")

            T.clear(out)
            T.clear(mass)
            T.fill(high, -T.infinity("float32"))
            for s in T.Pipelined(splits, num_stages=stages):
                T.copy(part[b, h, s, :, :], part_s)
                T.copy(lse[b, h, s, :], lse_s)
                T.copy(high, prev)
                for i in T.Parallel(BG):
                    high[i] = T.max(high[i], lse_s[i])
                for i in T.Parallel(BG):
                    base[i] = T.if_then_else(high[i] > -T.infinity("float32"), high[i], 0.0)
                for i in T.Parallel(BG):
                    keep[i] = T.exp2(prev[i] - base[i])
                for i in T.Parallel(BG):
                    weight[i] = T.exp2(lse_s[i] - base[i])
                for i in T.Parallel(BG):
                    mass[i] = mass[i] * keep[i] + weight[i]
                for i, d in T.Parallel(BG, D):
                    out[i, d] = out[i, d] * keep[i] + part_s[i, d] * weight[i]
            for i, d in T.Parallel(BG, D):
                out[i, d] = T.if_then_else(mass[i] > 0.0, out[i, d] / mass[i], 0.0)
            T.copy(out, out_s)
            T.copy(out_s[0:group, :], O[b, h * group : (h + 1) * group, :])

    return main
