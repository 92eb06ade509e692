"""Matrix products: plain, of fp8 and int4, split, sparse, by hand-specialised warps, and with a vector."""
from manifest import Row

BIG = dict(M=1024, N=1024, K=1024, block_M=128, block_N=128, block_K=32)
TUNED = dict(block_M=128, block_N=256, block_K=64, num_stages=3, thread_num=256, enable_rasteration=True)
ODD = dict(M=70, N=80, K=90, block_M=32, block_N=32, block_K=32)
SHORT = dict(M=33, N=65, K=16, block_M=32, block_N=32, block_K=16)
NONE = dict(M=34, N=36, K=0, block_M=32, block_N=32, block_K=32)
AUTO = dict(num_stages=2, thread_num=128)
RASTER = dict(AUTO, enable_rasteration=True)
SKIP = dict(M=160, N=144, K=64)
GEMV = dict(N=1024, K=1024)


def warps(name, kernel="matmul", **more):
    return Row(f"warp_specialize/example_warp_specialize_gemm_{name}.py", kernel, kernel,
               own=dict(M=16384, N=16384, K=16384, block_M=128, block_N=128, block_K=64, **more), small=[dict(ODD, **more), dict(SHORT, **more), dict(NONE, **more)], ref="gemm.nn")


ROWS = [
    Row("quickstart.py", "matmul", "matmul", own=BIG, small=[ODD, SHORT, NONE], ref="gemm.nn_relu"),
    Row("gemm/example_gemm.py", "matmul", "matmul", own=BIG, small=[ODD, SHORT, NONE], ref="gemm.nn"),
    Row("analyze/example_gemm_analyze.py", "kernel", "kernel", own=dict(block_M=128, block_N=128, block_K=32, num_stages=3, thread_num=128, enable_rasteration=True),
        module=dict(M=70, N=80, K=90), small=[dict(block_M=32, block_N=32, block_K=32, **RASTER)], also=[dict(_module=dict(K=k)) for k in (0, 20)], ref="gemm.nt"),
    Row("gemm/example_gemm_autotune.py", "matmul", "gemm_autotune", own=dict(M=4096, N=4096, K=4096, **TUNED), small=[dict(ODD, **RASTER), dict(SHORT, **RASTER)],
        also=[dict(K=0)], ref="gemm.nt"),
    Row("gemm/example_gemm_autotune.py", "get_best_config.kernel", "main", own=dict(M=4096, N=4096, K=4096, **TUNED), small=[dict(ODD, **RASTER)], also=[dict(K=0), dict(K=20)], ref="gemm.nt"),
    Row("gemm/example_gemm_advanced_autotune.py", "matmul", "gemm_autotune", own=dict(M=4096, N=4096, K=4096, **TUNED),
        small=[dict(ODD, **RASTER), dict(SHORT, **RASTER)], also=[dict(K=0)], ref="gemm.nt"),
    Row("gemm/example_gemm_advanced_autotune.py", "_build_autotuner.kernel", "main", own=dict(M=4096, N=4096, K=4096, **TUNED), small=[dict(ODD, **RASTER)],
        also=[dict(K=0), dict(K=20)], ref="gemm.nt"),
    Row("gemm/example_gemm_autotune_early_stop.py", "make_kernel.kernel", "main", own=dict(block_M=128, block_N=128, block_K=32, **AUTO),
        module=dict(M=70, N=80, K=90), small=[dict(block_M=32, block_N=32, block_K=32, **AUTO)], also=[dict(_module=dict(K=k)) for k in (0, 20)], ref="gemm.nt"),
    Row("gemm/example_gemm_autotune_early_stop.py", "matmul_early_stop", "main", own=dict(M=4096, N=4096, K=4096), small=[dict(ODD, **AUTO), dict(SHORT, **AUTO)],
        also=[dict(K=0)], ref="gemm.nt"),
    Row("gemm/example_gemm_autotune_pass_configs.py", "get_best_config.kernel", "main", own=dict(M=4096, N=4096, K=4096, block_M=128, block_N=128, block_K=32, **AUTO),
        small=[dict(ODD, **AUTO)], also=[dict(K=0), dict(K=20)], ref="gemm.nt"),
    Row("gemm/example_gemm_autotune_pass_configs.py", "matmul_decorator", "main", own=dict(M=4096, N=4096, K=4096), small=[dict(ODD, **AUTO), dict(SHORT, **AUTO)],
        also=[dict(K=0)], ref="gemm.nt"),
    Row("gemm/example_gemm_intrinsics.py", "tl_matmul", "tl_matmul", own=dict(M=4096, N=4096, K=4096, in_dtype="float16", out_dtype="float16", accum_dtype="float32"),
        small=[dict(SKIP, in_dtype="float16", out_dtype="float32", accum_dtype="float32"), dict(SKIP, in_dtype="int8", out_dtype="int32", accum_dtype="int32")],
        also=[dict(K=32), dict(K=0)], ref="gemm.nt"),
    Row("gemm/example_gemm_persistent.py", "matmul_non_persistent", "matmul_non_persistent",
        own=dict(M=8192, N=8192, K=8192, block_M=128, block_N=256, block_K=64, threads=256, num_stages=3),
        small=[dict(ODD, threads=128, num_stages=2), dict(SHORT, threads=128, num_stages=3)], also=[dict(K=0)], ref="gemm.nn"),
    Row("gemm/example_gemm_persistent.py", "matmul_persistent", "matmul_persistent",
        own=dict(M=8192, N=8192, K=8192, block_M=128, block_N=256, block_K=64, threads=256, num_stages=3),
        small=[dict(ODD, threads=128, num_stages=2), dict(ODD, threads=128, num_stages=2, use_persistent_primitive=False)], also=[dict(K=0), dict(K=20)], ref="gemm.nn"),
    Row("gemm_tcgen05/gemm_mma.py", "matmul", "matmul", own=dict(M=128, N=128, K=32, block_M=128, block_N=128, block_K=32), small=[ODD, SHORT], also=[dict(K=0)], ref="gemm.nt"),
    Row("visual_layout_inference/visual_layout_inference.py", "matmul", "matmul", own=dict(M=128, N=128, K=128, block_M=32, block_N=32, block_K=32),
        small=[ODD, SHORT], also=[dict(K=0)], ref="gemm.nn"),
    Row("dynamic_shape/example_dynamic.py", "matmul_dynamic_mnk", "matmul_dynamic_mnk",
        own=dict(block_M=128, block_N=128, block_K=32, trans_A=False, trans_B=False, in_dtype="float16", out_dtype="float16", accum_dtype="float32",
                 num_stages=3, threads=128),
        small=[dict(block_M=32, block_N=32, block_K=32, trans_A=a, trans_B=b, in_dtype="float16", out_dtype="float32", accum_dtype="float32", num_stages=2,
                    threads=128, m=70, n=80, k=90) for a, b in ((False, False), (True, True))], also=[dict(k=0), dict(k=20)], ref="gemm.either"),

    Row("gemm_fp8/example_tilelang_gemm_fp8.py", "matmul", "matmul",
        own=[dict(M=1024, N=1024, K=1024, block_M=128, block_N=128, block_K=64, dtype=t) for t in ("float8_e4m3fn", "float8_e5m2")],
        small=[dict(ODD, dtype="float8_e4m3fn"), dict(SHORT, dtype="float8_e5m2")], also=[dict(K=0)], ref="gemm.nt"),
    Row("gemm_fp8/example_tilelang_gemm_fp8_2xAcc.py", "matmul", "matmul",
        own=[dict(M=1024, N=1024, K=8192, block_M=128, block_N=128, block_K=64, dtype=t) for t in ("float8_e4m3fn", "float8_e5m2")],
        small=[dict(ODD, dtype="float8_e4m3fn"), dict(M=40, N=36, K=150, block_M=32, block_N=32, block_K=32, dtype="float8_e5m2")], also=[dict(K=0), dict(K=20)], ref="gemm.nt"),
    Row("deepseek_deepgemm/example_deepgemm_fp8_2xAcc.py", "tl_gemm", "tl_gemm",
        own=[dict(M=1024, N=1024, K=8192, block_N=n, in_dtype="float8_e4m3fn", out_dtype=t, accum_dtype="float32") for n, t in ((128, "bfloat16"), (16, "float32"))],
        small=[dict(M=70, N=160, K=300, block_N=32, in_dtype="float8_e4m3fn", out_dtype="float32", accum_dtype="float32"),
               dict(M=65, N=40, K=128, block_N=16, in_dtype="float8_e4m3fn", out_dtype="bfloat16", accum_dtype="float32")],
        inputs=dict(scales_a="range(0.5,2)", scales_b="range(0.5,2)"), also=[dict(K=0)], ref="gemm.deepgemm"),
    Row("gemm_int4/example_tilelang_gemm_int4.py", "matmul_nt_int4", "main", own=dict(M=1024, N=1024, K=1024, block_M=128, block_N=128, block_K=64),
        small=[dict(ODD), dict(SHORT)], inputs=dict(A="range(-8,8)", B="range(-8,8)"), also=[dict(K=0)], ref="gemm.nt"),
    Row("gemm_splitk/example_tilelang_gemm_splitk.py", "matmul", "matmul", own=dict(BIG, split_k=4),
        small=[dict(M=70, N=80, K=192, block_M=32, block_N=32, block_K=32, split_k=3), dict(SHORT, K=64, split_k=4)], inputs=dict(C="normal"), also=[dict(K=0)], ref="gemm.nn_added"),
    Row("gemm_splitk/example_tilelang_gemm_splitk_vectorize_atomicadd.py", "matmul", "matmul", own=dict(BIG, split_k=4),
        small=[dict(M=70, N=80, K=192, block_M=32, block_N=32, block_K=32, split_k=3), dict(SHORT, K=64, split_k=4)], inputs=dict(C="normal"), also=[dict(K=0)], ref="gemm.nn_added"),
    Row("gemm_streamk/example_tilelang_gemm_streamk.py", "tl_matmul_streamk", "tl_matmul_streamk",
        own=dict(M=256, N=1024, K=512, streamk_tiles=20, block_M=16, block_N=128, block_K=32, trans_A=False, trans_B=True, dtypeAB="float16", dtypeC="float32",
                 accum_dtype="float32", num_stages=2, threads=64),
        module=dict(m=48, n=256, k=96, M=48, N=256, K=96, total_sm=4),
        small=[dict(M=48, N=256, K=96, streamk_tiles=2, block_M=16, block_N=128, block_K=32, trans_A=False, trans_B=True, dtypeAB="float16", dtypeC="float32",
                    accum_dtype="float32", num_stages=2, threads=64)], inputs=dict(C="zeros"), also=[dict(M=55, N=300, K=90, streamk_tiles=4, _module=dict(m=55, n=300, k=90, M=55, N=300, K=90)), dict(K=0, _module=dict(k=0, K=0))], ref="gemm.nt"),
    Row("gemm_sp/example_gemm_sp.py", "matmul_sp_fp16", "gemm_sp_fp16",
        own=[dict(M=16384, N=16384, K=16384, accum_dtype="float32", e_dtype=e, block_M=128, block_N=256, block_K=128, num_stages=2, thread_num=256,
                  policy="T.GemmWarpPolicy.Square", enable_rasterization=True) for e in ("int16", "int8", "int32")],
        small=[dict(M=70, N=80, K=k, accum_dtype="float32", e_dtype=e, block_M=32, block_N=32, block_K=32, num_stages=2, thread_num=128,
                    policy="T.GemmWarpPolicy.Square", enable_rasterization=True) for e, k in (("int16", 96), ("int8", 32), ("int32", 64))],
        inputs="gemm.sparse_operands", also=[dict(K=0), dict(K=80)], ref="gemm.semi_sparse"),
    Row("gemm_sp/sparse_utils.py", "_compress_fn", "compress_8bit_16bit_ordered_metadata",
        own=dict(D=1024, dtype="float16", meta_dtype="int16", block_M=16, block_K=1024, elem_per_thread=32),
        small=[dict(S=12, D=128, dtype="float16", meta_dtype="int16", block_M=4, block_K=64, elem_per_thread=32),
               dict(S=4, D=64, dtype="bfloat16", meta_dtype="int32", block_M=4, block_K=64, elem_per_thread=32)],
        inputs="gemm.semi_sparse_matrix", ref="gemm.compress"),
    Row("gemm_sp/sparse_utils.py", "_compress_fn", "compress_32bit_ordered_metadata",
        own=dict(D=1024, dtype="float32", meta_dtype="int16", block_M=16, block_K=1024, elem_per_thread=32),
        small=[dict(S=12, D=128, dtype="float32", meta_dtype="int16", block_M=4, block_K=64, elem_per_thread=32)],
        inputs="gemm.semi_sparse_matrix", ref="gemm.compress"),
    Row("blocksparse_gemm/example_blocksparse_gemm.py", "blocksparse_matmul", "blocksparse_matmul",
        own=dict(M=1024, N=1024, K=1024, block_M=128, block_N=128, block_K=32, num_stages=2, thread_num=128, enable_rasteration=True),
        small=[dict(M=96, N=64, K=96, block_M=32, block_N=32, block_K=32, num_stages=2, thread_num=128, enable_rasteration=True)],
        inputs=dict(BlockMask="range(0,2)"), also=[dict(K=32), dict(K=0)], ref="gemm.block_sparse"),

    Row("gemv/example_gemv.py", "naive_gemv", "naive_gemv", own=dict(GEMV, BLOCK_N=128, BLOCK_K=128), small=[dict(N=200, K=70, BLOCK_N=128, BLOCK_K=32)], also=[dict(K=0), dict(K=20)], ref="gemm.gemv"),
    Row("gemv/example_gemv.py", "naive_splitk_gemv", "naive_splitk_gemv", own=dict(GEMV, BLOCK_N=32, BLOCK_K=32), small=[dict(N=37, K=70, BLOCK_N=16, BLOCK_K=16)],
        also=[dict(K=0), dict(K=9)], ref="gemm.gemv"),
    Row("gemv/example_gemv.py", "splitk_gemv", "splitk_gemv", own=dict(GEMV, BLOCK_N=32, BLOCK_K=32, reduce_threads=32),
        small=[dict(N=37, K=70, BLOCK_N=16, BLOCK_K=32, reduce_threads=8)], also=[dict(K=0), dict(K=20)], ref="gemm.gemv"),
    Row("gemv/example_gemv.py", "splitk_gemv_vectorized", "splitk_gemv_vectorized", own=dict(GEMV, BLOCK_N=2, reduce_threads=32),
        small=[dict(N=5, K=600, BLOCK_N=2, reduce_threads=32)], also=[dict(K=0), dict(K=20)], ref="gemm.gemv"),
    Row("gemv/example_gemv.py", "splitk_gemv_vectorized_tvm", "splitk_gemv_vectorized_tvm", own=dict(GEMV, BLOCK_N=2, reduce_threads=32),
        small=[dict(N=5, K=600, BLOCK_N=2, reduce_threads=32)], also=[dict(K=0), dict(K=20)], ref="gemm.gemv"),
    Row("gemv/example_gemv.py", "gemv_alloc_reducer", "gemv_alloc_reducer", own=dict(M=1024, N=1024, block_M=128, block_N=128),
        small=[dict(M=70, N=90, block_M=32, block_N=32, num_stages=2, threads=128)], also=[dict(N=0), dict(N=20)], ref="gemm.rows_by_vector"),
    Row("gemv/example_gemv.py", "get_autotuned_kernel", "get_autotuned_kernel", own=dict(GEMV), small=[dict(N=5, K=600, BLOCK_N=2, reduce_threads=32)], also=[dict(K=0), dict(K=20)], ref="gemm.gemv"),

    warps("barrierpipe_stage2"), warps("softpipe_stage2"), warps("copy_0_gemm_1", "matmul_warp_specialize_copy_0_gemm_1"),
    warps("copy_1_gemm_0", "matmul_warp_specialize_copy_1_gemm_0"), warps("copy_gemm_0_1", "matmul_warp_specialize_copy_gemm_0_1"),
]
