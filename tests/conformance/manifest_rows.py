"""Programs on rows of a matrix: norms, softmax, the greatest elements, casts to few bits, sums of streams; a convolution; random numbers."""
from manifest import Row

CONV = dict(block_M=64, block_N=128, block_K=32, num_stages=3)
CONVS = [dict(N=2, C=20, H=9, W=7, F=40, K=3, S=1, D=1, P=1, block_M=32, block_N=32, block_K=32, num_stages=2),
         dict(N=1, C=33, H=12, W=11, F=36, K=3, S=2, D=2, P=2, block_M=16, block_N=32, block_K=16, num_stages=3)]
TUNED = dict(block_M=128, block_N=256, block_K=64, num_stages=3, thread_num=256, enable_rasteration=True)
MHC = dict(rms_eps=1e-6, hc_pre_eps=1e-6, hc_sinkhorn_eps=1e-6)

ROWS = [
    Row("elementwise/example_elementwise_add.py", "elementwise_add", "elementwise_add",
        own=dict(M=1024, N=1024, block_M=32, block_N=32, in_dtype="float32", out_dtype="float32", threads=128),
        small=[dict(M=70, N=75, block_M=32, block_N=32, in_dtype="float32", out_dtype="float32", threads=128),
               dict(M=33, N=20, block_M=16, block_N=32, in_dtype="float16", out_dtype="float32", threads=128)], ref="rows.add"),
    Row("online_softmax/online_softmax.py", "softmax_kernel", "softmax_kernel", own=dict(), module=dict(M=5, N=96),
        small=[dict(BLOCK_M=2, BLOCK_N=32, dtype="float16"), dict(BLOCK_M=1, BLOCK_N=96, dtype="float32", _module=dict(M=3))], also=[dict(_module=dict(N=0))], ref="rows.softmax_rows",
        note="a row is whole blocks: columns beyond it count as 0, not as -inf"),
    Row("norm/layernorm.py", "_layernorm_fwd", "main", own=dict(N=4096, D=4096), small=[dict(N=7, D=50, blk_m=2, threads=128), dict(N=3, D=96, in_dtype="float16", out_dtype="float16")],
        ref="rows.layernorm"),
    Row("norm/layernorm.py", "_layernorm_bwd", "main", own=dict(N=4096, D=4096), small=[dict(N=8, D=50, blk_m=4, threads=128), dict(N=3, D=32, blk_m=1, in_dtype="float16")],
        inputs=dict(Rstd="range(0.5,2)", DGamma="normal", DBeta="normal"), ref="rows.layernorm_bwd"),
    Row("norm/rms_norm.py", "rms_norm_splitk", "rms_norm_splitk", own=dict(M=8192, N=8192, blk_m=1, blk_k=512),
        small=[dict(M=7, N=80, blk_m=2, blk_k=32), dict(M=3, N=33, blk_m=1, blk_k=32)], also=[dict(N=20), dict(N=0)], ref="rows.rms_norm"),
    Row("norm/rms_norm.py", "rms_norm", "rms_norm", own=dict(M=8192, N=8192, blk_m=1), small=[dict(M=7, N=80, blk_m=2), dict(M=3, N=33, blk_m=1)], ref="rows.rms_norm"),
    Row("topk/example_topk.py", "tl_topk", "tl_topk", own=dict(M=320, N=128, topk=6, blk_m=64),
        small=[dict(M=70, N=48, topk=6, blk_m=32), dict(M=5, N=17, topk=1, blk_m=4)], also=[dict(topk=0)], ref="rows.topk"),
    Row("cast/example_per_token_cast_to_fp8.py", "per_token_cast_to_fp8", "per_token_cast_to_fp8", own=dict(M=8192, N=8192, blk_m=8),
        small=[dict(M=21, N=300, blk_m=8), dict(M=3, N=128, blk_m=8)], ref="rows.cast_per_token"),
    Row("cast/example_group_per_split_token_cast_to_fp8.py", "group_per_split_token_cast_to_fp8", "group_per_split_token_cast_to_fp8",
        own=dict(M=8192, N=8192, BG=2, M_max=6144, blk_m=8), small=[dict(M=31, N=256, BG=4, M_max=16, blk_m=8, _sizes=[5, 0, 13, 13])],
        inputs="rows.group_sizes", also=[dict(N=300, M_max=23)], ref="rows.cast_groups"),
    Row("deepseek_v4/act_quant.py", "fp8_quant_kernel", "fp8_quant_kernel", own=[dict(N=1024, block_size=128, round_scale=r) for r in (False, True)],
        small=[dict(M=40, N=96, block_size=32, round_scale=True), dict(M=40, N=80, block_size=32, round_scale=False)], inputs=dict(x="normal(0.7)"), ref="rows.fp8_quant"),
    Row("deepseek_v4/act_quant.py", "fp4_quant_kernel", "fp4_quant_kernel", own=dict(N=1024, block_size=32), small=[dict(M=40, N=96, block_size=32)],
        inputs=dict(x="normal(0.7)"), also=[dict(N=80)], ref="rows.fp4_quant"),
    Row("hadamard_transform/example_hadamard.py", "hadamard", "hadamard", own=dict(b=64, n=32768, dtype="float32"),
        small=[dict(b=3, n=256, dtype="float32"), dict(b=2, n=16, dtype="float16"), dict(b=1, n=1024, dtype="float32")], also=[dict(n=8), dict(n=2)], ref="rows.hadamard"),
    Row("rand/rand_uint.py", "tilelang_rand_1d", "tilelang_rand_1d", own=[dict(M=1024, seed=42), dict(M=512, seed=123), dict(M=128, seed=0)],
        small=[dict(M=300, seed=42), dict(M=128, seed=0)], ref="rows.philox"),

    Row("deepseek_mhc/example_mhc_post.py", "mhc_post_tilelang", "mhc_post_tilelang", own=[dict(hc=4, hidden=h) for h in (1280, 2560, 7168)],
        small=[dict(num_tokens=3, hc=4, hidden=96, h_blk=64), dict(num_tokens=1, hc=2, hidden=32, h_blk=32)], also=[dict(hidden=0)], ref="rows.mhc_post"),
    Row("deepseek_mhc/example_mhc_pre.py", "mhc_pre_big_fuse_tilelang", "mhc_pre_big_fuse_tilelang",
        own=dict(hidden_size=4096, hc_post_mult_value=1.0, sinkhorn_repeat=10, n_splits=1, hc_mult=4, **MHC),
        small=[dict(num_tokens=3, hidden_size=96, hc_post_mult_value=1.5, sinkhorn_repeat=3, n_splits=2, hc_mult=4, **MHC),
               dict(num_tokens=1, hidden_size=512, hc_post_mult_value=1.0, sinkhorn_repeat=1, n_splits=1, hc_mult=4, **MHC)],
        inputs=dict(gemm_out_sqrsum="range(50,200)", gemm_out_mul="normal(0.5)"), also=[dict(hidden_size=0)], ref="rows.mhc_pre"),
    Row("deepseek_mhc/example_mhc_pre.py", "mhc_pre_gemm_sqrsum_tilelang", "mhc_pre_gemm_sqrsum_tilelang", own=dict(hc_mult3=24, hc_hidden_size=16384),
        small=[dict(num_tokens=37, hc_mult3=24, hc_hidden_size=96, token_block=16, hidden_block=32)], inputs="rows.tfloat32_fn", also=[dict(hc_hidden_size=32), dict(hc_hidden_size=0)], ref="rows.mhc_gemm_sqrsum"),
    Row("deepseek_mhc/example_mhc_bwd.py", "sinkhorn_bwd_implicit_cg", "sinkhorn_bwd_implicit_cg", own=dict(n_stream=16), small=[dict(seqlen=5, n_stream=4, tilesize=2, threads=64)],
        inputs="rows.doubly_stochastic", ref="rows.sinkhorn_bwd"),

    Row("analyze/example_conv_analyze.py", "kernel", "kernel", own=dict(N=64, C=256, H=512, W=512, F=512, K=3, S=1, D=1, P=1, threads=256, **CONV),
        small=[dict(c, threads=128) for c in CONVS], also=[dict(C=3), dict(C=0)], ref="rows.convolution"),
    Row("convolution/example_convolution.py", "convolution", "convolution", own=dict(N=128, C=128, H=64, W=64, F=128, K=3, S=1, D=1, P=1, threads=256, **CONV),
        small=[dict(c, threads=128) for c in CONVS], also=[dict(C=3), dict(C=0)], ref="rows.convolution"),
    Row("convolution/example_convolution_autotune.py", "convolution", "convolution", own=dict(N=128, C=128, H=64, W=64, F=128, K=3, S=1, D=1, P=1, **TUNED),
        small=[dict(c, thread_num=128, enable_rasteration=True) for c in CONVS], also=[dict(C=3), dict(C=0)], ref="rows.convolution"),
]
