"""Products with weights of 2 and 4 bits, and products by groups (mixtures of experts)."""
from manifest import Row

FP4 = dict(in_dtype="bfloat16", out_dtype="bfloat16", accum_dtype="float32", num_bits=4)
SMALL = dict(M=40, N=48, K=128, block_M=32, block_N=32, block_K=64, num_stages=2, threads=128)
NIBBLES = dict(B="range(0,256)")
GEMV = dict(in_dtype="float16", out_dtype="float16", num_bits=4, n_partition=4)

ROWS = [
    Row("dequantize_gemm/example_dequant_gemm_bf16_fp4_hopper.py", "matmul", "main",
        own=[dict(M=256, N=256, K=256, fast_dequant=f, block_M=256, block_N=128, block_K=128, num_stages=2, threads=256, split=1, **FP4) for f in (False, True)],
        small=[dict(SMALL, fast_dequant=False, **FP4), dict(SMALL, K=64, fast_dequant=True, **FP4)], inputs=NIBBLES, also=[dict(K=0)], ref="quant.fp4_nt"),
    Row("dequantize_gemm/example_dequant_gemm_bf16_mxfp4_hopper.py", "matmul", "main",
        own=[dict(M=256, N=256, K=256, scale_size=32, fast_dequant=f, with_bias=b, block_M=256, block_N=128, block_K=128, num_stages=2, threads=256, split=1, **FP4)
             for f in (False, True) for b in (False, True)],
        small=[dict(SMALL, scale_size=32, fast_dequant=False, with_bias=True, **FP4), dict(SMALL, scale_size=32, fast_dequant=True, with_bias=False, **FP4)],
        inputs=dict(NIBBLES, Scale="range(0,5)"), also=[dict(K=64), dict(K=0)], ref="quant.mxfp4_nt"),
    Row("dequantize_gemm/example_dequant_gemm_fp4_hopper.py", "test_convert", "main", own=dict(N=256, K=256, block_N=64, block_K=64, in_dtype="float16"),
        small=[dict(N=70, K=80, block_N=32, block_K=32, in_dtype="float16")], inputs=NIBBLES, also=[dict(K=20), dict(K=0)], ref="quant.fp4_convert"),
    Row("dequantize_gemm/example_dequant_gemm_fp4_hopper.py", "matmul", "main",
        own=dict(M=256, N=256, K=256, in_dtype="float16", out_dtype="float16", accum_dtype="float32", block_M=128, block_N=128, block_K=128, num_stages=2, threads=256,
                 split=1),
        small=[dict(SMALL, in_dtype="float16", out_dtype="float16", accum_dtype="float32", split=1)], inputs=NIBBLES, also=[dict(K=64), dict(K=0)], ref="quant.fp4_tn"),
    Row("dequantize_gemm/example_dequant_gemm_fp4_hopper.py", "matmul", "main_split",
        own=dict(M=256, N=256, K=256, in_dtype="float16", out_dtype="float16", accum_dtype="float32", block_M=128, block_N=128, block_K=64, num_stages=2, threads=256,
                 split=2),
        small=[dict(SMALL, in_dtype="float16", out_dtype="float16", accum_dtype="float32", split=2)], inputs=NIBBLES, also=[dict(K=0)], ref="quant.fp4_tn_split"),
    Row("dequantize_gemm/example_dequant_gemm_w4a8.py", "_convert_test", "main", own=dict(N=256, K=256, block_N=64, block_K=64, in_dtype="int8"),
        small=[dict(N=70, K=80, block_N=32, block_K=32, in_dtype="int8")], inputs=NIBBLES, also=[dict(K=20), dict(K=0)], ref="quant.int4_convert"),
    Row("dequantize_gemm/example_dequant_gemm_w4a8.py", "matmul_int8xint4", "main", own=dict(M=128, N=256, K=256, in_dtype="int8", out_dtype="int32", accum_dtype="int32"),
        small=[dict(SMALL, in_dtype="int8", out_dtype="int32", accum_dtype="int32")], inputs=dict(NIBBLES, A="range(-128,128)"), also=[dict(K=64), dict(K=0)], ref="quant.int4_tn"),
    Row("dequantize_gemm/example_dequant_gemm_fine_grained.py", "matmul", "main",
        own=[dict(M=256, N=256, K=256, block_M=128, block_N=128, block_K=32, in_dtype=i, out_dtype=o, accum_dtype=o, num_stages=3, threads=128)
             for i, o in (("float16", "float16"), ("int8", "int32"))],
        small=[dict(M=40, N=70, K=80, block_M=32, block_N=32, block_K=32, in_dtype="float16", out_dtype="float16", accum_dtype="float32", num_stages=2, threads=128),
               dict(M=40, N=70, K=96, block_M=32, block_N=64, block_K=64, in_dtype="int8", out_dtype="int32", accum_dtype="int32", num_stages=2, threads=128)],
        inputs=dict(A="range(-9,9)", B="range(-128,128)"), also=[dict(K=20), dict(K=0)], ref="quant.uint4_nt"),
    Row("dequantize_gemm/example_dequant_gemm_fine_grained.py", "tl_matmul_with_ladder_weight_only_transform_block_reduce_int4", "main",
        own=dict(M=256, N=1024, K=512, in_dtype="float16", out_dtype="float16", accum_dtype="float16", transform_b=3),
        small=[dict(M=M, N=N, K=K, in_dtype="float16", out_dtype="float32", accum_dtype="float32", transform_b=3) for M, N, K in ((140, 272, 64), (20, 16, 32), (5, 144, 0))],
        inputs=dict(B="range(-128,128)"), ref="quant.ladder_nt",
        note="the decoder's text comes from a third-party package (bitblas), which is not read: it is one of those known by name"),
    Row("dequantize_gemm/example_dequant_gemv_fp16xint4.py", "dequantize_gemv", "main",
        own=[dict(M=1, N=1024, K=1024, accum_dtype="float16", reduce_thread=32, fast_decoding=f, **GEMV) for f in (False, True)],
        small=[dict(M=2, N=10, K=136, accum_dtype="float32", reduce_thread=8, fast_decoding=f, **GEMV) for f in (False, True)] + [
               dict(M=1, N=5, K=272, in_dtype="int8", out_dtype="int32", accum_dtype="int32", num_bits=4, n_partition=2, reduce_thread=8)],
        inputs=dict(A="range(-9,9)", B="range(-128,128)"), also=[dict(K=40), dict(K=0)], ref="quant.int4_rows"),
    Row("bitnet-1.58b/kernel_benchmark/tilelang_bitnet_158_int8xint2_decode.py", "bitnet_158_int8xint2_decode", "kernel",
        own=dict(M=1, N=256, K=256, in_dtype="int8", out_dtype="int32", accum_dtype="int32"),
        small=[dict(M=2, N=6, K=144, in_dtype="int8", out_dtype="int32", accum_dtype="int32", reduce_thread=8)],
        inputs=dict(A="range(-9,9)", B="range(-128,128)"), also=[dict(K=0), dict(K=64)], ref="quant.int2_rows"),

    Row("grouped_gemm/example_grouped_gemm_fwd.py", "grouped_gemm", "grouped_gemm",
        own=dict(batch_sizes_list=[64, 128], K=8192, N=8192, block_M=64, block_N=64, block_K=64, trans_b=False, num_stages=2, threads=256),
        small=[dict(batch_sizes_list=[35, 5, 32, 40], K=90, N=70, block_M=32, block_N=32, block_K=32, trans_b=t, num_stages=2, threads=128, _pad=0) for t in (False, True)],
        inputs="quant.groups", also=[dict(K=20), dict(K=0)], ref="quant.grouped"),
    Row("grouped_gemm/example_grouped_gemm_bwd.py", "grouped_gemm_fwd", "grouped_gemm_fwd",
        own=dict(batch_sum=192, batch_count=2, K=8192, N=8192, block_M=64, block_N=64, block_K=64, num_stages=2, threads=256),
        small=[dict(batch_sum=112, batch_count=4, K=90, N=70, block_M=32, block_N=32, block_K=32, num_stages=2, threads=128, batch_sizes_list=[35, 0, 37, 40], _pad=1)],
        inputs="quant.groups", also=[dict(K=20), dict(K=0)], ref="quant.grouped"),
    Row("grouped_gemm/example_grouped_gemm_bwd.py", "grouped_gemm_bwd", "grouped_gemm_bwd",
        own=dict(batch_sum=192, batch_count=2, M=8192, N=8192, block_M=64, block_N=64, block_K=64, num_stages=2, threads=256),
        small=[dict(batch_sum=53, batch_count=4, M=40, N=70, block_M=32, block_N=32, block_K=16, num_stages=2, threads=128, batch_sizes_list=[32, 5, 0, 16], _pad=0)],
        inputs="quant.groups", ref="quant.grouped_bwd", note="groups are whole blocks of K, or shorter than one: the mask forgets which block it is in"),
    Row("grouped_gemm/example_grouped_gemm_fwd_ptr.py", "grouped_gemm_ptr", "kernel",
        own=dict(batch_sizes_list=[64, 128], K=1024, N=1024, block_M=64, block_N=64, block_K=64, num_stages=2, threads=128),
        small=[dict(batch_sizes_list=[70, 5, 32], K=90, N=70, block_M=32, block_N=32, block_K=32, num_stages=2, threads=128)], also=[dict(K=20), dict(K=0)],
        tables=dict(A_ptrs="a", B_ptrs="b", C_ptrs="c"), pools="quant.pools", inputs="quant.first_tiles", ref="quant.grouped_apart"),
    Row("fusedmoe/example_fusedmoe_tilelang.py", "moe_forward_tilelang_shared", "moe_forward_tilelang_shared", own=dict(dhidden=7168, dexpert=2048, num_tokens=8192, dtype="float16"),
        small=[dict(dhidden=80, dexpert=70, num_tokens=40, dtype="float16", block_token=32, block_dhidden=32, block_dexpert=32, threads=128)],
        inputs=dict(input="normal(0.3)"), also=[dict(dhidden=20), dict(dhidden=0)], ref="quant.moe_shared"),
    Row("fusedmoe/example_fusedmoe_tilelang.py", "moe_forward_tilelang_routed", "moe_forward_tilelang_routed",
        own=dict(dhidden=7168, dexpert=2048, n_routed_experts=8, dtype="float16", group_sum=32768, group_count=8),
        small=[dict(dhidden=80, dexpert=70, n_routed_experts=3, dtype="float16", group_sum=75, group_count=3, block_token=32, block_dhidden=32, block_dexpert=32, threads=128,
                    _sizes=[35, 8, 32])],
        inputs="quant.routes", also=[dict(dhidden=20), dict(dhidden=0)], ref="quant.moe_routed"),
]
# what the harness gives as -D: sizes of groups only where the program has them as a parameter
for row in ROWS:
    if row.file == "grouped_gemm/example_grouped_gemm_bwd.py":
        row.small = [{("_" + k if k == "batch_sizes_list" else k): v for k, v in s.items()} for s in row.small]
