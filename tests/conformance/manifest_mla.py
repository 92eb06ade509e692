"""Attention over a latent cache: dense decoding and sparse."""
from manifest import Row

MLA = "deepseek_mla/"
V32 = "deepseek_v32/"
FINE = "dsa_sparse_finetune/"

OWN = dict(batch=132, heads=128, kv_head_num=1, seqlen_kv=8192, dim=512, pe_dim=64, block_N=64, block_H=64)
SCALE = 0.041666666666666664
STEP = dict(batch=2, heads=32, kv_head_num=1, dim=32, pe_dim=16, block_N=16, block_H=16)
PAGED = dict(batch=128, h_q=128, h_kv=1, max_seqlen_pad=8448, dv=512, dpe=64, block_N=64, block_H=64, block_size=64, softmax_scale=SCALE)
PAGED_S = dict(batch=3, h_q=32, h_kv=1, dv=32, dpe=16, block_N=16, block_H=16)
# three warp groups of 128 threads, tiles of 64 keys, copies of 64 columns: the program's own sizes
WS = dict(heads=64, kv_head_num=1, dim=128, pe_dim=64, block_N=64, block_H=64)
SPARSE = dict(batch=1, seq_len=5, seq_len_kv=40, dim=32, tail_dim=16, topk=32, block_I=16)
SPARSE_OWN = dict(heads=128, dim=512, tail_dim=64, topk=2048, kv_group=1, block_I=64, num_stages=2, threads=256)
WS_SPARSE = dict(batch=1, heads=64, dim=128, tail_dim=64, seq_len=3, seq_len_kv=150, _start=140, _full=128)
WS_SPARSE_OWN = dict(heads=128, dim=512, tail_dim=64, topk=2048, kv_stride=1, kv_group=1, CP0=False)
RACE = "its second group divides by a sum that the first one writes after the last barrier between them: a race, which the interpreter reports"
TILE = "whole tiles of keys: past the end of a cache (or of a split) nothing is masked"
PACKED = dict(seq_len=23, batch_plus_one=4, _lens=[9, 1, 13])

ROWS = [
    Row(MLA + "example_mla_decode.py", "flashattn", "main_split", own=dict(OWN, num_split=4, softmax_scale=SCALE),
        small=[dict(STEP, seqlen_kv=96, num_split=2, softmax_scale=0.15), dict(STEP, batch=1, seqlen_kv=64, num_split=4, softmax_scale=0.15)],
        also=[dict(seqlen_kv=0)], ref="mla.decode", note=TILE),
    Row(MLA + "example_mla_decode.py", "flashattn", "main_no_split", own=dict(OWN, num_split=1, softmax_scale=SCALE),
        small=[dict(STEP, seqlen_kv=48, num_split=1, softmax_scale=0.15), dict(STEP, batch=1, seqlen_kv=16, num_split=1, softmax_scale=0.15)],
        ref="mla.decode", note=TILE),
    Row(MLA + "example_mla_decode_paged.py", "mla_decode_tilelang", "main_split", own=dict(PAGED, num_split=4),
        small=[dict(PAGED_S, max_seqlen_pad=96, block_size=16, num_split=2, _lens=[70, 33, 96])], also=[dict(max_seqlen_pad=103)], ref="mla.decode_paged", inputs="mla.make_paged",
        note="a page is a tile: with longer pages the file's split program forgets where a split begins inside a page; and no split is empty, since 0 / 0 is joined then"),
    Row(MLA + "example_mla_decode_paged.py", "mla_decode_tilelang", "main_no_split", own=dict(PAGED, num_split=1),
        small=[dict(PAGED_S, max_seqlen_pad=96, block_size=32, num_split=1, _lens=[70, 9, 96]),
        dict(PAGED_S, max_seqlen_pad=32, block_size=16, num_split=1, _lens=[1, 16, 17])],
        also=[dict(max_seqlen_pad=103)], ref="mla.decode_paged", inputs="mla.make_paged"),
    Row(MLA + "example_mla_decode_persistent.py", "flashattn", "main_split_persistent", own=dict(OWN, batch=128, num_split=2),
        small=[dict(STEP, seqlen_kv=64, num_split=2), dict(STEP, batch=1, heads=160, seqlen_kv=16, num_split=1)], also=[dict(seqlen_kv=0)], ref="mla.decode",
        inputs=dict(glse="zeros", Output_partial="zeros"), note=TILE + "; a grid of as many blocks as the machine has multiprocessors (132)"),
    Row(MLA + "example_mla_decode_ws.py", "flashattn", "main_split", own=dict(OWN, num_split=2, softmax_scale=SCALE),
        small=[dict(WS, batch=1, seqlen_kv=512, num_split=2, softmax_scale=0.07)], also=[dict(seqlen_kv=256), dict(seqlen_kv=0)], ref="mla.decode", inputs=dict(glse="zeros",
        Output_partial="zeros"), refused=("E0614",),
        note=TILE + ", and they come in pairs; " + RACE),
    Row(MLA + "example_mla_decode_ws.py", "flashattn", "main_no_split", own=dict(OWN, num_split=1, softmax_scale=SCALE),
        small=[dict(WS, batch=1, seqlen_kv=384, num_split=1, softmax_scale=0.07),
        dict(WS, heads=128, batch=1, seqlen_kv=128, num_split=1, softmax_scale=0.07)], ref="mla.decode",
        inputs=dict(glse="zeros", Output_partial="zeros"), refused=("E0614",), note=TILE + ", and they come in pairs; " + RACE),
    Row(MLA + "experimental/example_mla_decode_kv_fp8.py", "flashattn", "main_no_split", own=dict(OWN, batch=128),
        small=[dict(STEP, seqlen_kv=48), dict(STEP, batch=1, seqlen_kv=16)], ref="mla.decode", note=TILE),
    Row("warp_specialize/example_warp_specialize_flashmla.py", "flashattn", "main_no_split",
        own=dict(OWN, batch=1, heads=64, seqlen_kv=1024, num_split=1),
        small=[dict(WS, batch=1, seqlen_kv=384, num_split=1), dict(WS, batch=1, seqlen_kv=128, num_split=1)], ref="mla.decode",
        inputs=dict(glse="zeros", Output_partial="zeros"),
        note=TILE + ", and they come in pairs; its own test is turned off upstream as not deterministic"),
    Row(V32 + "sparse_mla_fwd.py", "sparse_mla_fwd", "sparse_mla_fwd", own=SPARSE_OWN,
        small=[dict(SPARSE, heads=8, seq_len=21), dict(SPARSE, heads=128, seq_len=3, topk=16),
        dict(SPARSE, batch=2, heads=32, kv_group=2, seq_len=18)],
        ref="mla.sparse_fwd", inputs="mla.make_indices"),
    Row(V32 + "sparse_mla_fwd_pipelined.py", "sparse_mla_fwd", "sparse_mla_fwd", own=WS_SPARSE_OWN,
        small=[dict(WS_SPARSE, topk=256, kv_stride=1, CP0=False), dict(WS_SPARSE, heads=128, seq_len=2, topk=128, kv_stride=1, CP0=False)],
        ref="mla.sparse_fwd_without_lse", inputs="mla.make_indices",
        refused=("E0614",), note="names that do not count are left out of the copies, so that the first two tiles must be full; Lse is given back and never "
        "written; " + RACE),
    Row(V32 + "sparse_mla_fwd_seesaw.py", "sparse_mla_fwd", "sparse_mla_fwd", own=WS_SPARSE_OWN,
        small=[dict(WS_SPARSE, topk=256, kv_stride=1, CP0=False), dict(WS_SPARSE, heads=128, seq_len=2, topk=128, kv_stride=1, CP0=False)],
        ref="mla.sparse_fwd", inputs="mla.make_indices",
        note="names that do not count are left out of the copies, so that the first two tiles must be full"),
    Row(V32 + "sparse_mla_bwd.py", "preprocess", "preprocess", own=dict(B=1, S=4096, H=64, D=512),
        small=[dict(B=2, S=70, H=2, D=80), dict(B=1, S=5, H=1, D=8)], also=[dict(D=0)], ref="mla.row_dot"),
    Row(V32 + "sparse_mla_bwd.py", "postprocess", "postprocess", own=dict(B=1, S_kv=8192, D=512, D_tail=64, kv_group=1),
        small=[dict(B=2, S_kv=150, D=16, D_tail=8, kv_group=2)],
        ref="mla.to_bfloat16", inputs=dict(dKV="normal")),
    Row(V32 + "sparse_mla_bwd.py", "bwd", "bwd", own=dict(B=1, S=4096, S_kv=8192, H=64, D=512, D_tail=64, topk=2048, kv_group=1),
        small=[dict(B=1, S=21, S_kv=30, H=8, D=32, D_tail=16, topk=32, block_size=16),
        dict(B=1, S=3, S_kv=20, H=128, D=16, D_tail=16, topk=16, block_size=16),
               dict(B=2, S=10, S_kv=12, H=32, D=16, D_tail=16, topk=16, kv_group=2, block_size=16)], ref="mla.sparse_bwd",
               inputs="mla.make_sparse_bwd"),
    Row("deepseek_v4/sparse_attn_fwd_sm90.py", "sparse_attn_fwd", "main",
        own=[dict(batch=1, heads=8, seq_len=1024, seq_len_kv=1024, dim=64, topk=256),
        dict(batch=1, heads=128, seq_len=4096, seq_len_kv=8192, dim=512, topk=1024)],
        small=[dict(batch=1, heads=8, seq_len=5, seq_len_kv=50, dim=32, topk=32, block_N=16),
        dict(batch=2, heads=128, seq_len=3, seq_len_kv=20, dim=16, topk=16, block_N=16, dtype="float16")],
        also=[dict(topk=0)], ref="mla.sparse_sink_fwd", inputs="mla.make_sparse_sink"),
    Row(FINE + "sparse_mla_fwd.py", "sparse_mla_fwd", "sparse_mla_fwd",
        own=dict(heads=128, dim=512, tail_dim=64, topk=1024, kv_group=1, block_I=64, num_stages=2, threads=256),
        small=[dict(PACKED, heads=8, dim=32, tail_dim=16, topk=16, block_I=8), dict(PACKED, heads=128, dim=16, tail_dim=16, topk=16, block_I=16),
               dict(PACKED, heads=32, kv_group=2, dim=16, tail_dim=16, topk=16, block_I=8)], ref="mla.packed_fwd", inputs="mla.make_packed"),
    Row(FINE + "sparse_mla_topk_reducesum.py", "tl_sparse_mla_topk_reducesum_impl", "tl_sparse_mla_topk_reducesum_impl",
        own=dict(heads=16, dim=512, tail_dim=64, topk=128),
        small=[dict(PACKED, seq_len_kv=23, heads=16, dim=32, tail_dim=16, topk=16, block_I=8),
        dict(PACKED, seq_len_kv=23, heads=128, dim=16, tail_dim=16, topk=16, block_I=16)],
        ref="mla.packed_weight_sums", inputs="mla.make_packed_lse",
        note="16 heads or a greater power of 2: heads that only fill a tile would count 1 each"),
    Row(FINE + "sparse_mla_bwd.py", "preprocess", "preprocess", own=dict(H=64, D=512), small=[dict(S=70, H=2, D=80), dict(S=5, H=1, D=8)],
        also=[dict(D=0)], ref="mla.row_dot"),
    Row(FINE + "sparse_mla_bwd.py", "postprocess", "postprocess", own=dict(D=512, D_tail=64, kv_group=1),
        small=[dict(S_kv=150, D=16, D_tail=8, kv_group=2)],
        ref="mla.to_bfloat16", inputs=dict(dKV="normal")),
    Row(FINE + "sparse_mla_bwd.py", "bwd", "bwd", own=dict(H=64, D=512, D_tail=64, topk=512, kv_group=1),
        small=[dict(S=23, B_plus_one=4, _lens=[9, 1, 13], H=8, D=32, D_tail=16, topk=16, block_size=8),
        dict(S=23, B_plus_one=4, _lens=[9, 1, 13], H=32, D=16, D_tail=16, topk=16, kv_group=2, block_size=8)],
        also=[dict(topk=8)], ref="mla.packed_bwd", inputs="mla.make_packed_bwd", filled=("dKV",),
        note="the file adds to a dKV that nobody has filled (T.empty): here it begins as zeros. A name past the end adds 0 to a row of the next sequence"),
]
