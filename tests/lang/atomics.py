# atomics on elements, on tiles, on elements side by side; what they give back
import tilelang.language as T


@T.prim_func
def atomics(A: T.Tensor((64, 64), "float32"), n: T.Tensor((4,), "int32"), B: T.Tensor((64, 64), "float32"), P: T.Tensor((4,), "float32")):
    with T.Kernel(2, threads=32) as bx:
        s = T.alloc_shared((32, 64), "float32")
        v = T.alloc_local((4,), "float32")
        T.copy(A[bx * 32, 0], s)
        T.atomic_add(B[bx * 32, 0], s, use_tma=True)
        T.atomic_max(B[0:32, :], s, memory_order="relaxed")
        T.atomic_add(B[bx, 0], 1)
        T.atomic_add(B[0:2, 0], 0.5)
        at = T.atomic_add(n[0], 1, return_prev=True) + 1
        n[at] = T.atomic_load(n[1], memory_order="acquire")
        T.atomic_store(n[2], at, "release")
        T.atomic_or(n[3], at)
        T.clear(v)
        T.atomic_addx4(B[bx, 4:8], v[0:4])
        P[0:2] = T.atomic_addx2(B[bx, 0:2], v[T.Ramp(0, 1, 2)], return_prev=True)
        for i, j in T.Parallel(32, 64):
            T.atomic_min(B[j, i], s[i, j])
        T.device_assert(at < 4, "too many")
        T.print(at, msg="at")
