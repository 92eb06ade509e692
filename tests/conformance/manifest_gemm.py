from manifest import Row

ROWS = [
    Row("gemm/example_gemm.py", "matmul", "matmul",
        own=dict(M=1024, N=1024, K=1024, block_M=128, block_N=128, block_K=32),
        small=[dict(M=70, N=80, K=90, block_M=32, block_N=32, block_K=32), dict(M=33, N=65, K=16, block_M=32, block_N=32, block_K=16)],
        ref="gemm.nn"),
]
