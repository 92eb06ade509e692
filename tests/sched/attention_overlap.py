# stage: sched   target: cuda
# Causal attention as a schedule by hand: two groups of 64 rows, the next scores issued under this softmax, groups taking turns.
import tilelang.language as T

@T.prim_func
def attention_overlap(
    Q: T.Tensor((1, 200, 2, 64), "bfloat16"),
    K: T.Tensor((1, 200, 1, 64), "bfloat16"),
    V: T.Tensor((1, 200, 1, 64), "bfloat16"),
    O: T.Tensor((1, 200, 2, 64), "bfloat16"),
):
    with T.Kernel(2, 2, 1, threads=256) as (bx, h, b):
        q = T.pipe((128, 64), "bfloat16", depth=1)
        k = T.pipe((64, 64), "bfloat16", depth=2)
        v = T.pipe((64, 64), "bfloat16", depth=2)
        o = T.pipe((128, 64), "bfloat16", depth=1)
        turn = T.order(2)
        with T.reader():
            q_s = T.acquire(q)
            T.copy(Q[b:b + 1, bx * 128:bx * 128 + 128, h:h + 1, 0:64], q_s)
            T.commit(q)
            k_0 = T.acquire(k)
            T.copy(K[b:b + 1, 0:64, 0:1, 0:64], k_0)
            T.commit(k)
            for n in T.serial(1, (T.min(200, bx * 128 + 128) + 63) // 64):
                k_s = T.acquire(k)
                T.copy(K[b:b + 1, n * 64:n * 64 + 64, 0:1, 0:64], k_s)
                T.commit(k)
                v_s = T.acquire(v)
                T.copy(V[b:b + 1, n * 64 - 64:n * 64, 0:1, 0:64], v_s)
                T.commit(v)
            last = (T.min(200, bx * 128 + 128) + 63) // 64 - 1
            v_l = T.acquire(v)
            T.copy(V[b:b + 1, last * 64:last * 64 + 64, 0:1, 0:64], v_l)
            T.commit(v)
        with T.compute(groups=2) as g:
            S = T.alloc_fragment((64, 64), "float32")
            P = T.alloc_fragment((64, 64), "bfloat16")
            acc = T.alloc_fragment((64, 64), "float32")
            top = T.alloc_fragment((64,), "float32")
            old = T.alloc_fragment((64,), "float32")
            alpha = T.alloc_fragment((64,), "float32")
            part = T.alloc_fragment((64,), "float32")
            total = T.alloc_fragment((64,), "float32")
            T.fill(acc, 0.0)
            qq = T.wait(q)
            kk = T.wait(k)
            T.gemm(qq[g * 64:g * 64 + 64, 0:64], kk, S, transpose_B=True, clear_accum=True)
            T.release(k)
            for i, j in T.Parallel(64, 64):
                S[i, j] = T.if_then_else(j <= bx * 128 + g * 64 + i and j < 200, S[i, j], -T.infinity("float32"))
            T.reduce_max(S, top, dim=1)
            for i, j in T.Parallel(64, 64):
                S[i, j] = T.exp2((S[i, j] - top[i]) * 0.18033688)
            T.reduce_sum(S, total, dim=1)
            T.copy(S, P)
            for n in T.serial(1, (T.min(200, bx * 128 + 128) + 63) // 64):
                kn = T.wait(k)
                T.take(turn)
                T.gemm(qq[g * 64:g * 64 + 64, 0:64], kn, S, transpose_B=True, clear_accum=True, start=True)
                vn = T.wait(v)
                T.gemm(P, vn, acc, start=True)
                T.give(turn)
                T.await_(1)
                T.release(k)
                for i, j in T.Parallel(64, 64):
                    S[i, j] = T.if_then_else(n * 64 + j <= bx * 128 + g * 64 + i and n * 64 + j < 200, S[i, j], -T.infinity("float32"))
                T.copy(top, old)
                T.reduce_max(S, top, dim=1, clear=False)
                for i in T.Parallel(64):
                    alpha[i] = T.exp2((old[i] - top[i]) * 0.18033688)
                for i, j in T.Parallel(64, 64):
                    S[i, j] = T.exp2((S[i, j] - top[i]) * 0.18033688)
                T.reduce_sum(S, part, dim=1)
                for i in T.Parallel(64):
                    total[i] = total[i] * alpha[i] + part[i]
                T.await_(0)
                T.release(v)
                for i, d in T.Parallel(64, 64):
                    acc[i, d] = acc[i, d] * alpha[i]
                T.copy(S, P)
            vl = T.wait(v)
            T.gemm(P, vl, acc)
            T.release(v)
            T.release(q)
            for i, d in T.Parallel(64, 64):
                acc[i, d] = acc[i, d] / total[i]
            oo = T.acquire(o)
            T.copy(acc, oo[g * 64:g * 64 + 64, 0:64])
            T.commit(o)
        with T.writer():
            ow = T.wait(o)
            T.copy(ow, O[b:b + 1, bx * 128:bx * 128 + 128, h:h + 1, 0:64])
            T.release(o)
