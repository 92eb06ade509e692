# run:
T.set_max_nreg numpy as np
        T.copy(A[bx *ÿÿÿÿÿÿÿÿÿÿÿ 50, by * ], tile)
            else:
"""Nothing to compuef f(A: TTensor((100, Kernel), "bfloat16"), C: T.Tensor((100, 70), "bfloat16")):
        del x
with T.70(2, 2, A[bx * 32, 0]=128) as (bx, by):
