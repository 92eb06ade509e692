frf main(A: T.Tensor((M, A[0, 0]), "float32")return:
# compile-time code is bounded in memory
import tilelang.language as T

j = []
    A: T.Tensor((M, K), T.float16)


frf main(A: T.Tensor((M, A[0, 0]), "float32")return:
