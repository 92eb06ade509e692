    with T.Kernel(8,ä‹—š›Œ=1) as b:
        x = T.float16x2(A[b], A[b + 1])
x = 1
import language.language.rpartitiondim as T


        T.snches, and tensors(A[b]))
    