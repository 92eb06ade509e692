"""Linear attention in chunks: plain, with a decay for each head, state space models, and the gated delta rule, forwards and backwards."""
from manifest import Row

LIN = dict(B=1, S=128, H=2, DK=64, DV=64)
SCAN = dict(batch=2, seqlen=128, chunk_size=64, ngroups=2, nheads=4, headdim=48, dstate=32)
BIG = dict(batch=8, seqlen=4096, chunk_size=256, ngroups=1, nheads=80, headdim=64, dstate=128)
TYPES = dict(input_dtype="bfloat16", output_dtype="bfloat16", accum_dtype="float32", gate_dtype="float32")
HALF = dict(input_dtype="float16", output_dtype="float16", accum_dtype="float32", gate_dtype="float32")
OWN = dict(B=1, S=32768, H=32, DK=128, DV=128, chunk_size=64, threads=128)
SMALL = dict(B=2, S=48, H=2, DK=40, DV=24, chunk_size=16, threads=128)
SHORT = dict(SMALL, S=24, DK=20, chunk_size=8)        # a bound of magnitudes grows with every chunk, about chunk * |k| |w| times

ROWS = [
    Row("linear_attention/example_linear_attn_fwd.py", "tl_fused_chunk_fwd_kernel", "fused_chunk_linear_attn_fwd", own=dict(B=1, S=512, H=16, DK=128, DV=128),
        small=[LIN, dict(LIN, S=64, DK=128, H=1)], inputs=dict(O="zeros"), also=[dict(S=0)], ref="linear.forward"),
    Row("linear_attention/example_linear_attn_bwd.py", "tl_fused_chunk_bwd_kernel", "fused_chunk_linear_attn_bwd", own=dict(B=1, S=1024, H=16, DK=128, DV=128),
        small=[LIN, dict(LIN, S=64, DV=128, H=1)], inputs=dict(dQ="zeros", dK="zeros", dV="zeros"), also=[dict(S=0)], ref="linear.backward"),
    Row("linear_attention/example_retention_fwd.py", "chunk_retention_fwd_kernel", "chunk_retention_fwd", own=dict(B=8, S=4096, H=32, DK=128, DV=128),
        small=[LIN, dict(LIN, S=64, DK=128, H=1)], also=[dict(S=0)], ref="linear.retention"),
    Row("linear_attention/example_mamba_chunk_scan.py", "chunk_scan_fwd", "chunk_scan_fwd",
        own=dict(block_M=64, block_N=64, block_K=64, block_Dstate=128, num_stages=2, threads=128, **BIG),
        small=[dict(block_M=32, block_N=32, block_K=32, block_Dstate=32, num_stages=2, threads=128, **SCAN)], inputs="linear.decays", ref="linear.chunk_scan"),
    Row("linear_attention/example_mamba_chunk_state.py", "chunk_state_fwd", "chunk_state_fwd", own=dict(block_M=64, block_N=128, block_K=64, num_stages=4, threads=128, **BIG),
        small=[dict(block_M=32, block_N=32, block_K=32, num_stages=2, threads=128, **dict(SCAN, dstate=40))], inputs="linear.decays", also=[dict(seqlen=80, chunk_size=40), dict(seqlen=40, chunk_size=20)], ref="linear.chunk_state"),

    Row("gdn/example_cumsum.py", "tilelang_chunk_local_cumsum_scalar", "kernel",
        own=dict(B=1, S=32768, H=32, chunk_size=64, reverse=True, head_first=False, input_dtype="float32", output_dtype="float32", threads=256, use_fragment=False),
        small=[dict(B=2, S=50, H=3, chunk_size=32, block_S=32, reverse=r, head_first=h, use_fragment=f) for r, h, f in ((False, False, False), (True, True, False), (True, False, True))],
        ref="linear.chunk_cumsum"),
    Row("gdn/example_chunk_scaled_dot_kkt.py", "tilelang_chunk_scaled_dot_kkt_fwd", "kernel",
        own=dict(B=1, S=32768, H=32, DK=128, chunk_size=64, input_dtype="bfloat16", output_dtype="bfloat16", accum_dtype="float32", use_g=True, block_DK=64, threads=128,
                 num_stages=2),
        small=[dict(B=2, S=40, H=2, DK=40, chunk_size=16, block_S=16, input_dtype="float16", output_dtype="float16", use_g=g, block_DK=32, threads=128, num_stages=s)
               for g, s in ((True, 2), (False, 0))], also=[dict(DK=0), dict(DK=20)], ref="linear.chunk_kkt"),
    Row("gdn/example_chunk_o.py", "tilelang_chunk_fwd_o", "kernel", own=dict(scale=128 ** -0.5, use_g=True, block_DK=128, block_DV=128, num_stages=1, **TYPES, **OWN),
        small=[dict(scale=0.2, use_g=g, block_S=16, block_DK=32, block_DV=16, num_stages=1, **HALF, **SMALL) for g in (True, False)], also=[dict(DK=0), dict(DK=20)], ref="linear.chunk_o"),
    Row("gdn/example_chunk_delta_h.py", "tilelang_chunk_gated_delta_rule_fwd_h", "kernel",
        own=dict(state_dtype="float32", use_g=True, use_initial_state=False, store_final_state=True, save_new_value=True, block_DK=32, block_DV=32, num_stages=2, **TYPES, **OWN),
        small=[dict(state_dtype="float32", use_g=g, use_initial_state=True, store_final_state=True, save_new_value=True, block_DK=32, block_DV=16, num_stages=1, **HALF, **SHORT)
               for g in (True, False)], inputs="linear.delta_inputs", also=[dict(S=0), dict(S=8)], ref="linear.delta_h",
        note="without an initial state the first state written is a tile that nothing has set, so it is judged with one"),
    Row("gdn/example_wy_fast.py", "tilelang_recompute_w_u_fwd", "kernel", own=dict(block_DK=64, block_DV=32, num_stages=3, **TYPES, **OWN),
        small=[dict(block_S=16, block_DK=32, block_DV=16, num_stages=2, **HALF, **dict(SMALL, S=40))], also=[dict(DK=0), dict(DK=20)], ref="linear.wy_fast"),
    Row("gdn/example_chunk_delta_bwd.py", "tilelang_chunk_gated_delta_rule_bwd_dhu", "kernel",
        own=dict(state_dtype="float32", scale=128 ** -0.5, use_g=True, use_initial_state=True, use_final_state_gradient=True, block_DV=32, num_stages=1, **TYPES, **dict(OWN, H=8)),
        small=[dict(state_dtype="float32", scale=0.2, use_g=g, use_initial_state=True, use_final_state_gradient=g, block_DV=16, num_stages=1, **HALF, **SHORT) for g in (True, False)],
        inputs="linear.delta_inputs", also=[dict(S=0), dict(S=8)], ref="linear.delta_bwd"),
    Row("gdn/example_chunk_o_bwd.py", "tilelang_chunk_o_bwd_dqkwg", "kernel",
        own=dict(state_dtype="float32", scale=128 ** -0.5, use_g=True, use_dw=True, block_DK=64, block_DV=64, num_stages=0, **TYPES, **dict(OWN, H=8)),
        small=[dict(state_dtype="float32", scale=0.2, use_g=g, use_dw=True, block_DK=32, block_DV=16, num_stages=0, **HALF, **SMALL) for g in (False, True)],
        inputs="linear.gates_to_zero", also=[dict(DV=0), dict(DV=12)], ref="linear.chunk_o_bwd", note="it takes the last gate of a chunk to be 0, so gates are made so; the gate's gradient is not the operator's"),
    Row("gdn/example_wy_fast_bwd_split.py", "tilelang_wy_fast_bwd", "kernel", own=dict(state_dtype="float32", block_DK=32, block_DV=32, num_stages=0, **TYPES, **dict(OWN, H=8)),
        small=[dict(state_dtype="float32", block_DK=32, block_DV=16, num_stages=0, **HALF, **dict(SMALL, S=40))], inputs="linear.wy_inputs", also=[dict(DK=0), dict(DK=20)], ref="linear.wy_bwd"),
    Row("gdn/example_wy_fast_bwd_split.py", "tilelang_wy_fast_bwd_split", "kernel", own=dict(state_dtype="float32", block_DK=32, block_DV=32, num_stages=0, **TYPES, **dict(OWN, H=8)),
        small=[dict(state_dtype="float32", block_DK=32, block_DV=16, num_stages=0, **HALF, **dict(SMALL, S=40))], inputs="linear.wy_inputs", also=[dict(DK=0), dict(DK=20)], ref="linear.wy_bwd_split"),
]
