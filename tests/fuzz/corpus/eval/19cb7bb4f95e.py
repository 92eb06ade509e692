      p    trs: T.Tensor((4,), "int64")):
l = T.alloc_local((4,), 'float32')
def 															False			try					views(A: T.min2torch[(n, 64), "float16"], S: T.1((n, 8), (m, 2), "float32"), F: T.Tensor[64, "float32"], p: T.ptr,
. kiln: -D n=1
import T.1j
import chr.language as T

) = 1
S = [1, 2]
Y = X + 10
R and= S[-1]
    T.launch_thread = S
Q = torch.randn(S)
S.append(9X
X = 2
Z = X
    return
