"""The delta rule with a decay for every channel (Kimi delta attention), in chunks, forwards and backwards. Decays are powers of two."""
from manifest import Row

T16 = dict(input_dtype="float16", output_dtype="float16", accum_dtype="float32", gate_dtype="float32")
T32 = dict(input_dtype="float32", output_dtype="float32", accum_dtype="float32", gate_dtype="float32")
TB = dict(input_dtype="bfloat16", output_dtype="bfloat16", accum_dtype="float32", gate_dtype="float32")
OWN = dict(B=1, S=8192, H=64, DK=128, DV=128, chunk_size=64, threads=128)
SMALL = dict(B=2, S=48, H=2, DK=40, DV=24, chunk_size=16, threads=128)
SHORT = dict(SMALL, S=24, DK=20, chunk_size=8)


def without(d, *names):
    return {k: v for k, v in d.items() if k not in names}


ROWS = [
    Row("kda/chunk_o.py", "tilelang_chunk_fwd_o", "kernel", own=dict(OWN, **TB, scale=1.0, block_DK=32, block_DV=32, num_stages=1),
        small=[dict(SMALL, **T16, scale=0.2, block_S=16, block_DK=32, block_DV=16, num_stages=1)], inputs="kda.gates", also=[dict(DK=0), dict(DK=20)], ref="kda.chunk_o"),
    Row("kda/chunk_delta_h_fwd.py", "tilelang_chunk_gated_delta_rule_fwd_h", "kernel",
        own=dict(OWN, **dict(TB, input_dtype="float16", output_dtype="float16"), state_dtype="float32", use_gk=True, use_initial_state=True, store_final_state=True,
                 save_new_value=True, block_DK=32, block_DV=32, num_stages=2),
        small=[dict(SHORT, **T16, state_dtype="float32", use_gk=g, use_initial_state=True, store_final_state=True, save_new_value=True, block_DV=16) for g in (True, False)],
        inputs="kda.gates", also=[dict(S=0), dict(S=8)], ref="kda.delta_h"),
    Row("kda/wy_fast.py", "tilelang_recompute_w_u_fwd", "kernel", own=dict(OWN, **TB, use_qg=False, use_kg=True, block_DK=64, block_DV=32, num_stages=3),
        small=[dict(SMALL, **T16, use_qg=False, use_kg=True, block_S=16, block_DK=32, block_DV=16, num_stages=2)], inputs="kda.gates", also=[dict(DK=0), dict(DK=20)], ref="kda.wy_fast",
        note="its output QG is never written"),
    Row("kda/chunk_bwd_dv.py", "tilelang_chunk_bwd_kernel_dv_local", "kernel",
        own=dict(without(OWN, "DK"), input_dtype="bfloat16", output_dtype="bfloat16", do_dtype="float32"),
        small=[dict(without(SMALL, "DK"), S=40, block_DV=16, input_dtype="float16", output_dtype="float16", do_dtype="float32")], also=[dict(DV=0), dict(DV=12)], ref="kda.bwd_dv"),
    Row("kda/chunk_bwd_gla_dA.py", "tilelang_chunk_bwd_kernel_dv_local", "kernel",
        own=dict(without(OWN, "DK"), scale=1.0, input_dtype="bfloat16", da_dtype="float32", do_dtype="bfloat16"),
        small=[dict(without(SMALL, "DK"), S=40, block_DV=16, scale=0.3, input_dtype="float16", da_dtype="float32", do_dtype="float16")], also=[dict(DV=0), dict(DV=12)], ref="kda.bwd_dA"),
    Row("kda/chunk_bwd_dqkwg.py", "chunk_bwd_dqkwg", "kernel",
        own=dict(OWN, scale=1.0, input_dtype="float32", gate_dtype="float32", block_DK=32, block_DV=32, num_stages=2),
        small=[dict(SMALL, scale=0.3, input_dtype="float32", gate_dtype="float32", block_DK=32, block_DV=16, num_stages=1)], inputs="kda.gates", also=[dict(DV=0), dict(DV=12)], ref="kda.bwd_dqkwg"),
    Row("kda/chunk_delta_bwd.py", "tilelang_chunk_gated_delta_rule_bwd_dhu", "kernel",
        own=dict(OWN, **TB, state_dtype="float32", scale=128 ** -0.5, use_gk=True, use_initial_state=True, use_final_state_gradient=True, block_DV=32, num_stages=1),
        small=[dict(SHORT, **T16, state_dtype="float32", scale=0.2, use_gk=g, use_initial_state=True, use_final_state_gradient=g, block_DV=16, num_stages=1) for g in (True, False)],
        inputs="kda.gates", also=[dict(S=0), dict(S=8)], ref="kda.delta_bwd"),
    Row("kda/wy_fast_bwd.py", "tilelang_wy_fast_bwd", "kernel", own=dict(dict(OWN, S=32768, H=8), **T32, state_dtype="float32", block_DK=32, block_DV=32, num_stages=0),
        small=[dict(dict(SMALL, S=40), **T32, state_dtype="float32", block_DK=32, block_DV=16, num_stages=0)], inputs="kda.gates", also=[dict(DK=0), dict(DK=20)], ref="kda.wy_bwd"),
    Row("kda/chunk_intra_token_parallel.py", "tilelang_chunk_kda_fwd_intra_token_parallel", "kernel", own=dict(without(OWN, "DV"), **TB, sub_chunk_size=16),
        small=[dict(without(SMALL, "DV"), **dict(T16, output_dtype="float32"), S=20, H=3, DK=24, chunk_size=8, sub_chunk_size=4, block_H=2)], inputs="kda.gates",
        ref="kda.intra_tokens"),
    Row("kda/chunk_inter_solve_fused.py", "tilelang_chunk_kda_fwd_inter_fused", "kernel", own=dict(without(OWN, "DV"), **TB, sub_chunk_size=16, scale=1.0),
        small=[dict(without(SMALL, "DV"), **T32, S=32, DK=24, chunk_size=16, sub_chunk_size=4, scale=0.3, block_DK=16)], inputs="kda.gates", also=[dict(DK=0), dict(DK=12), dict(S=39)], ref="kda.inter_solve"),
    Row("kda/chunk_bwd_intra.py", "tilelang_chunk_bwd_intra", "kernel", own=dict(without(OWN, "DV"), **dict(T32), H=8, state_dtype="float32", block_DK=32, num_stages=0),
        small=[dict(without(SMALL, "DV"), **T32, S=40, DK=24, state_dtype="float32", block_DK=16, block_BC=4, num_stages=0)], inputs="kda.gates", also=[dict(S=47), dict(S=1)], ref="kda.bwd_intra"),
]
