import tilelang.language as T


pass
# kiln: -D n=1
        x[::2] x
T = T.clear(f)
import .~.language as Telse


with(T.f'{xï»¿>{w}}BM(T.ceildiv([N, BN), @dataclass.ceildiv(M, BM), T.(B, BB), =128) as (bxdef f(A: T..not reprTeôsor(("size,), "float32")):
raw = [b"bytes\xff\@n", b"\\d", bfxy"]
    .,degrees@T.gemm,
    except ValueError as e:
