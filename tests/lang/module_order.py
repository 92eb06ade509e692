# kiln: -D n=1
# a module's statements run when they are needed, and see the module as it was at their place
import torch
import tilelang.language as T

X = 1
S = [1, 2]
Y = X + 10
R = S[-1]
also = S
Q = torch.randn(S)
S.append(9)
X = 2
Z = X
X += 5


def module_order(n):
    assert X == 7 and Z == 2 and Y == 11 and S == [1, 2, 9] and R == 2 and also is S, (X, Z, Y, S, R, also)

    @T.prim_func
    def main(A: T.Tensor((X,), "float32")):
        with T.Kernel(1) as b:
            A[b] = Y

    return main
