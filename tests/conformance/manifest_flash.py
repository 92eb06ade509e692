"""Attention, forward and backward, with one length or several, with a sink, over two halves in blocks."""
from manifest import Row

FLASH = "flash_attention/"
SINK = "attention_sink/"
HALVES = "block_causal_attention/block_causal_attention.py"
HALVES_VARLEN = "block_causal_attention/block_causal_attention_varlen.py"

# seven queries or keys more than two tiles, causal and not; a last tile that holds one
GQA = dict(batch=8, heads=32, dim_qk=192, dim_v=128)
GQA_S = dict(batch=2, heads=4, dim_qk=48, dim_v=32)
PREP = [dict(batch=2, heads=2, seq_len=70, dim_v=80), dict(batch=1, heads=1, seq_len=33, dim_v=32), dict(batch=1, heads=1, seq_len=5, dim_v=0)]


def gqa_file(name, post_ref, post_small, split):
    """the five kernels of the two files of grouped heads"""
    tiles = dict(block_M=128, block_N=64)
    file = FLASH + name
    causal = [dict(is_causal=c) for c in (False, True)]
    back = [dict(GQA_S, seq_len=70, groups=2, block_M=32, block_N=16, is_causal=True),
        dict(GQA_S, seq_len=41, groups=4, block_M=16, block_N=32, is_causal=False),
            dict(GQA_S, batch=1, seq_len=16, groups=1, block_M=16, block_N=16, is_causal=True)]
    own_back = [dict(GQA, seq_len=1024, block_M=128, block_N=32, threads=256, num_stages=2, groups=16, **c) for c in causal]
    return [
        Row(file, "flashattn_fwd", "flash_fwd", own=[dict(GQA, seq_len=1024, groups=16, **tiles, **c) for c in causal],
            small=[dict(GQA_S, seq_len=70, groups=2, block_M=32, block_N=16, is_causal=True),
            dict(GQA_S, seq_len=41, groups=4, block_M=16, block_N=32, is_causal=False),
                   dict(GQA_S, batch=1, seq_len=16, groups=1, block_M=16, block_N=16, is_causal=False)], ref="attention.fwd_lse_bshd"),
        Row(file, "flashattn_bwd_preprocess", "flash_bwd_prep", own=dict(batch=8, heads=32, seq_len=1024, dim_v=128), small=PREP,
            ref="attention.row_dot_bshd"),
        Row(file, "flashattn_bwd_postprocess", "flash_bwd_post", own=dict(batch=8, heads=32, seq_len=1024, dim_qk=192, **post_small[1]),
            small=[dict(batch=2, heads=2, seq_len=150, dim_qk=24, **post_small[0]), dict(batch=1, heads=2, seq_len=64, dim_qk=16, **post_small[0])],
            ref=post_ref,
            inputs=dict.fromkeys(["dQ"] + (["dK", "dV"] if post_small[0] else []), "normal")),
        Row(file, "flashattn_bwd_atomic_add", "flash_bwd", own=own_back, small=back, ref="attention.bwd_bshd", inputs="attention.make_bwd_bshd"),
        Row(file, split, "flash_bwd", own=own_back, small=back, ref="attention.bwd_split_bshd", inputs="attention.make_bwd_bshd"),
    ]


def mha_bwd_file(name, layout):
    file = FLASH + name
    own = dict(batch=8, heads=32, seq_len=1024, dim=64)
    small = [dict(batch=2, heads=2, seq_len=70, dim=32, block_M=32, block_N=16, is_causal=True),
             dict(batch=1, heads=2, seq_len=41, dim=32, block_M=16, block_N=32, is_causal=False),
             dict(batch=1, heads=1, seq_len=16, dim=16, block_M=16, block_N=16, is_causal=True)]
    prep = [dict(batch=2, heads=2, seq_len=70, dim=80), dict(batch=1, heads=1, seq_len=5, dim=8), dict(batch=1, heads=2, seq_len=33, dim=0)]
    both = [dict(own, is_causal=c, block_M=64, block_N=64) for c in (False, True)]
    return [
        Row(file, "flashattn_fwd", "flash_fwd", own=both, small=small, ref=f"attention.fwd_lse_{layout}"),
        Row(file, "flashattn_bwd_preprocess", "flash_bwd_prep", own=own, small=prep, ref="attention.row_dot" + ("_bshd" if layout == "bshd" else "")),
        Row(file, "flashattn_bwd_postprocess", "flash_bwd_post", own=own, small=[dict(batch=2, heads=2, seq_len=150, dim=24)], ref="attention.copies",
            inputs=dict(dQ="normal")),
        Row(file, "flashattn_bwd", "flash_bwd", own=both, small=small, ref=f"attention.bwd_{layout}", inputs=f"attention.make_bwd_{layout}"),
    ]


LENS = dict(_q=[20, 0, 70, 33], _k=[20, 0, 70, 33])
VARLEN = dict(batch=4, total_q=123, total_kv=123, heads=4, dim_qk=48, dim_v=32, max_seq_len=70, N_CTX=80, **LENS)
ONE = dict(batch=1, total_q=70, total_kv=70, heads=4, dim_qk=32, dim_v=32, max_seq_len=70, N_CTX=70, _q=[70], _k=[70])
OWN_VARLEN = dict(batch=8, total_q=8100, total_kv=8100, N_CTX=1024, heads=32, max_seq_len=1024, dim_qk=192, dim_v=128)


def pick(d, *names, **more):
    return {**{k: v for k, v in d.items() if k in names or k.startswith("_")}, **more}


def varlen_file():
    file = FLASH + "example_gqa_bwd_tma_reduce_varlen.py"
    tiles = dict(block_M=32, block_N=16)
    back = [dict(VARLEN, groups=2, is_causal=True, **tiles), dict(VARLEN, groups=4, is_causal=False, block_M=16, block_N=32)]
    return [
        Row(file, "flashattn_fwd", "flash_fwd", own=dict(OWN_VARLEN, is_causal=True, block_M=128, block_N=64, groups=16),
            small=[dict(VARLEN, groups=2, is_causal=True, **tiles), dict(VARLEN, groups=4, is_causal=False, block_M=16, block_N=32)],
            ref="attention.varlen_fwd_lse", inputs="attention.make_lens"),
        Row(file, "flashattn_bwd_preprocess", "flash_bwd_prep", own=pick(OWN_VARLEN, "batch", "heads", "total_q", "N_CTX", "max_seq_len", "dim_v"),
            small=[pick(VARLEN, "batch", "heads", "total_q", "N_CTX", "max_seq_len", "dim_v")], also=[dict(dim_v=40), dict(dim_v=0)], ref="attention.varlen_row_dot",
            inputs="attention.make_lens"),
        Row(file, "flashattn_bwd_postprocess", "flash_bwd_post", own=dict(total_q=8100, total_kv=8100, heads=32, head_kv=2, dim_qk=192, dim_v=128),
            small=[dict(total_q=150, total_kv=130, heads=4, head_kv=2, dim_qk=24, dim_v=16)], ref="attention.copies", inputs=dict(dQ="normal",
            dK="normal", dV="normal")),
        Row(file, "flashattn_bwd_atomic_add", "flash_bwd", own=dict(OWN_VARLEN, is_causal=True, block_M=128, block_N=32, groups=16), small=back,
            ref="attention.varlen_bwd", inputs="attention.make_varlen_bwd"),
        Row(file, "flashattn_bwd_split", "flash_bwd", own=dict(OWN_VARLEN, is_causal=True, block_M=128, block_N=32, groups=16),
            small=[dict(ONE, groups=2, is_causal=True, **tiles), dict(ONE, groups=4, is_causal=False, block_M=16, block_N=32)],
            ref="attention.varlen_bwd_split", inputs="attention.make_varlen_bwd",
            note="one sequence: the last tile of a sequence stores zeros to the first rows of the next one, whose blocks store there too, in no order"),
    ]


MIXED = dict(_q=[33, 0, 50, 7], _k=[20, 9, 70, 33])          # more queries than keys, no query, fewer queries than keys
FWD_VARLEN = dict(batch_size=4, UQ=90, UKV=132, heads=4, dim=32, **MIXED)

ROWS = [
    Row(FLASH + "example_mha_fwd_bshd.py", "flashattn", "main",
        own=dict(batch=8, heads=32, seq_len=4096, dim=128, is_causal=False, block_M=128, block_N=128, num_stages=1, threads=128),
        small=[dict(batch=2, heads=2, seq_len=70, dim=32, is_causal=True, block_M=32, block_N=32),
               dict(batch=1, heads=2, seq_len=50, dim=32, is_causal=False, block_M=32, block_N=16),
               dict(batch=1, heads=1, seq_len=16, dim=16, is_causal=True, block_M=16, block_N=32)], ref="attention.mha_fwd_bshd"),
    Row(FLASH + "example_mha_fwd_bhsd.py", "flashattn", "main",
        own=dict(batch=1, heads=1, seq_q=256, seq_kv=256, dim=64, is_causal=False, block_M=64, block_N=64, num_stages=1, threads=128),
        small=[dict(batch=2, heads=2, seq_q=50, seq_kv=70, dim=32, is_causal=True, block_M=32, block_N=16),
               dict(batch=1, heads=2, seq_q=33, seq_kv=50, dim=32, is_causal=False, block_M=16, block_N=32)], also=[dict(seq_q=9, seq_kv=9)], ref="attention.mha_fwd_bhsd"),
    Row(FLASH + "example_gqa_fwd_bshd.py", "flashattn", "main",
        own=dict(batch=1, heads=64, seq_len=4096, dim=128, is_causal=False, groups=16, block_M=64, block_N=64, num_stages=2, threads=128),
        small=[dict(batch=2, heads=4, seq_len=70, dim=32, is_causal=True, groups=2, block_M=32, block_N=16, num_stages=2),
               dict(batch=1, heads=4, seq_len=50, dim=32, is_causal=False, groups=4, block_M=16, block_N=32, num_stages=0)],
               also=[dict(seq_len=10)], ref="attention.gqa_fwd_bshd"),
    Row(FLASH + "example_mha_fwd_varlen.py", "flashattn", "main",
        own=dict(batch_size=8, UQ=16300, UKV=16290, heads=64, dim=128, is_causal=False, block_M=64, block_N=64, num_stages=1, threads=128),
        small=[dict(FWD_VARLEN, is_causal=True, block_M=32, block_N=16), dict(FWD_VARLEN, is_causal=False, block_M=16, block_N=32)],
        also=[dict(block_M=16, _q=[33, 0, 50, 7], _k=[9, 20, 70, 33])], ref="attention.varlen_fwd", inputs="attention.make_lens"),
    Row(FLASH + "example_gqa_fwd_varlen.py", "flashattn", "main",
        own=dict(batch_size=8, groups=16, UQ=16300, UKV=16290, heads=64, dim=128, is_causal=False, block_M=128, block_N=128, num_stages=2,
        threads=256),
        small=[dict(FWD_VARLEN, groups=2, is_causal=True, block_M=32, block_N=16),
        dict(FWD_VARLEN, groups=4, is_causal=False, block_M=16, block_N=32)],
        also=[dict(block_M=16, _q=[33, 0, 50, 7], _k=[9, 20, 70, 33])], ref="attention.varlen_fwd", inputs="attention.make_lens"),
    *gqa_file("example_gqa_bwd.py", "attention.copies", ({}, {}), "flashattn_bwd_split"),
    *gqa_file("example_gqa_bwd_tma_reduce.py", "attention.copies", (dict(head_kv=1, dim_v=16), dict(head_kv=2, dim_v=128)),
        "flashattn_bwd_split_novarlen"),
    *varlen_file(),
    *mha_bwd_file("example_mha_bwd_bhsd.py", "bhsd"),
    *mha_bwd_file("example_mha_bwd_bshd.py", "bshd"),
]


# ---- with a sink ----------------------------------------------------------------------------------

def sink_file(name, groups, note=""):
    file = SINK + name
    own = dict(batch=1, heads=64, seq_len=4096, dim=128)
    grouped = dict(groups=8) if groups else {}
    few = dict(groups=2) if groups else {}
    windows = [dict(window_size=128), {}] if groups else [{}, dict(window_size=128)]
    back = [dict(batch=1, heads=2, seq_len=300, dim=16, **few), dict(batch=1, heads=2, seq_len=300, dim=16, window_size=64, **few),
            dict(batch=1, heads=2, seq_len=20, dim=16, **few)]
    return [
        Row(file, "flashattn_fwd", "flash_fwd", own=[dict(own, **grouped, **w) for w in windows],
            small=[dict(batch=1, heads=16, seq_len=70, dim=16, block_M=16, block_N=32, **few),
            dict(batch=1, heads=32, seq_len=70, dim=16, block_M=32, block_N=16, window_size=32, **few),
                   dict(batch=1, heads=16, seq_len=20, dim=16, block_M=16, block_N=16, dtype="bfloat16", **few)], ref="attention.sink_fwd_lse_bhsd",
                   note=note),
        Row(file, "flashattn_bwd_preprocess", "flash_bwd_prep", own=own,
            small=[dict(batch=2, heads=2, seq_len=70, dim=80), dict(batch=1, heads=1, seq_len=5, dim=8, dtype="bfloat16"), dict(batch=1, heads=2, seq_len=33, dim=0)],
            ref="attention.row_dot"),
        Row(file, "flashattn_bwd_postprocess", "flash_bwd_post", own=own, small=[dict(batch=2, heads=2, seq_len=150, dim=24)],
            ref="attention.copies", inputs=dict(dQ="normal")),
        Row(file, "flashattn_bwd", "flash_bwd", own=[dict(own, **grouped, **w) for w in windows], small=back, ref="attention.sink_bwd_bhsd",
            inputs="attention.make_sink_bwd_bhsd", note="tiles of 128 and 32, which the file takes from the machine's capability (9.0)"),
        Row(file, "flashattn_bwd_dsink", "flash_bwd_dsink", own=dict(batch=1, heads=64, seq_len=4096),
            small=[dict(batch=2, heads=3, seq_len=70, block=32), dict(batch=1, heads=1, seq_len=20, block=64)],
            ref="attention.dsink", inputs="attention.make_dsink"),
    ]


FRAGMENT = ("its fragment of sinks has as many places as there are heads and is filled block_M times: fewer heads than rows of a tile write past its end, as the "
            "file's own test does (8 heads, 64 rows); with its command line's 64 heads it is right")
SINK_LENS = dict(batch_size=4, groups=2, UQ=90, UKV=132, heads=4, dim=32, **MIXED)
SINK_BACK = dict(batch_size=3, groups=2, UQ=318, UKV=362, heads=2, dim=16, N_CTX=290, max_seq_len=285, _q=[33, 0, 285], _k=[20, 42, 300])
SINK_OWN = dict(batch_size=8, groups=16, UQ=16300, UKV=16290, N_CTX=2048, heads=64, max_seq_len=2048, dim=128)

ROWS += [
    Row(SINK + "example_mha_sink_fwd_bhsd.py", "flashattn", "main",
        own=[dict(batch=8, heads=32, seq_q=4096, seq_kv=4096, dim=128, block_M=128, block_N=128, num_stages=2, threads=256),
             dict(batch=8, heads=32, seq_q=4096, seq_kv=4096, dim=128, window_size=128, block_M=128, block_N=128, num_stages=2, threads=256)],
        small=[dict(batch=2, heads=2, seq_q=50, seq_kv=70, dim=32, block_M=32, block_N=16),
        dict(batch=1, heads=3, seq_q=70, seq_kv=70, dim=16, block_M=16, block_N=16, window_size=16),
               dict(batch=1, heads=2, seq_q=20, seq_kv=90, dim=16, block_M=32, block_N=32, window_size=32, dtype="bfloat16")],
               ref="attention.sink_fwd_bhsd"),
    Row(SINK + "example_gqa_sink_fwd_varlen.py", "flashattn_sink", "main",
        own=[dict(batch_size=8, groups=16, UQ=16300, UKV=16290, heads=64, dim=128, is_causal=c, block_M=128, block_N=128, num_stages=2,
        threads=256) for c in (False, True)],
        small=[dict(SINK_LENS, is_causal=True, block_M=32, block_N=16), dict(SINK_LENS, is_causal=False, block_M=16, block_N=32),
               dict(SINK_LENS, is_causal=True, block_M=16, block_N=16, window_size=16)],
        ref="attention.sink_varlen_fwd", inputs="attention.make_lens"),
    *sink_file("example_gqa_sink_bwd_bhsd.py", True, FRAGMENT),
    *sink_file("example_mha_sink_bwd_bhsd.py", False, FRAGMENT),
    Row(SINK + "example_gqa_sink_bwd_varlen.py", "flashattn_fwd", "main", own=[dict(SINK_OWN, is_causal=c) for c in (False, True)],
        small=[dict(SINK_LENS, N_CTX=60, max_seq_len=50, is_causal=True, block_M=32, block_N=16),
        dict(SINK_LENS, N_CTX=60, max_seq_len=50, is_causal=False, block_M=16, block_N=32),
               dict(SINK_LENS, N_CTX=60, max_seq_len=50, is_causal=True, block_M=16, block_N=16, window_size=16)],
        ref="attention.sink_varlen_fwd_lse", inputs="attention.make_lens"),
    Row(SINK + "example_gqa_sink_bwd_varlen.py", "flashattn_bwd_preprocess", "flash_bwd_prep",
        own=dict(batch_size=8, heads=64, UQ=16300, N_CTX=2048, max_seq_len=2048, dim=128),
        small=[dict(batch_size=4, heads=2, UQ=90, N_CTX=60, max_seq_len=50, dim=48, _free_tail=True, **MIXED)], also=[dict(dim=24), dict(dim=0)], ref="attention.varlen_row_dot",
        inputs="attention.make_lens"),
    Row(SINK + "example_gqa_sink_bwd_varlen.py", "flashattn_bwd_postprocess", "flash_bwd_post", own=dict(UQ=16300, heads=64, dim=128),
        small=[dict(UQ=150, heads=3, dim=24)],
        ref="attention.copies", inputs=dict(dQ="normal")),
    Row(SINK + "example_gqa_sink_bwd_varlen.py", "flashattn_bwd", "flash_bwd", own=[dict(SINK_OWN, is_causal=c) for c in (False, True)],
        small=[dict(SINK_BACK, is_causal=True), dict(SINK_BACK, is_causal=True, window_size=64),
            dict(SINK_BACK, is_causal=True, UQ=305, _q=[20, 0, 285])], ref="attention.varlen_bwd",
        inputs="attention.make_sink_varlen_bwd",
        note="tiles of 128 and 32, from the machine's capability; its grid counts tiles of keys by the longest query sequence"),
    Row(SINK + "example_gqa_sink_bwd_varlen.py", "flashattn_bwd_dsink", "flash_bwd_dsink",
        own=dict(batch_size=8, heads=64, N_CTX=2048, max_seq_len=2048),
        small=[dict(batch_size=4, heads=3, N_CTX=60, max_seq_len=50, block=16, **MIXED)], ref="attention.varlen_dsink",
        inputs="attention.make_varlen_dsink"),
]

# ---- two halves in blocks -------------------------------------------------------------------------

B = dict(batch=2, seq_len=256, heads=2, dim=64, dllm_block=16, softmax_scale=0.125)
B_OWN = [dict(B, dllm_block=d, dtype="float16") for d in (1, 16, 64)]
B_SMALL = [dict(batch=1, heads=2, seq_len=96, dim=32, dllm_block=4, softmax_scale=0.2, block_size=16),
    dict(batch=2, heads=1, seq_len=32, dim=16, dllm_block=16, softmax_scale=0.25, block_size=16),
           dict(batch=1, heads=1, seq_len=64, dim=16, dllm_block=1, softmax_scale=0.25, block_size=16, dtype="float16")]
V_OWN = [dict(batch=3, heads=2, dim=64, dllm_block=d, softmax_scale=0.125, dtype="float16") for d in (1, 16, 64)]
V_SMALL = [dict(batch=4, heads=2, dim=16, dllm_block=4, softmax_scale=0.2, block_size=16, total_tokens=192, _lens=[32, 96, 0, 64]),
           dict(batch=1, heads=1, dim=16, dllm_block=8, softmax_scale=0.25, block_size=8, total_tokens=48, _lens=[48], dtype="float16")]

ROWS += [
    Row(HALVES, "_fwd_template", "fwd", own=B_OWN, small=B_SMALL, ref="attention.block_causal_fwd"),
    Row(HALVES, "_bwd_preprocess_template", "prep", own=dict(batch=2, heads=2, seq_len=256, dim=64, dtype="float16"),
        small=[dict(batch=1, heads=2, seq_len=150, dim=128), dict(batch=2, heads=1, seq_len=20, dim=64, dtype="float16")],
        also=[dict(dim=0)], ref="attention.block_causal_prep"),
    Row(HALVES, "_bwd_dq_template", "dq_kernel", own=B_OWN, small=B_SMALL, ref="attention.block_causal_dq", inputs="attention.make_block_causal_bwd"),
    Row(HALVES, "_bwd_dkv_template", "dkv_kernel", own=B_OWN, small=B_SMALL, ref="attention.block_causal_dkv",
        inputs="attention.make_block_causal_bwd"),
    Row(HALVES_VARLEN, "_fwd_varlen_template", "fwd", own=V_OWN, small=V_SMALL, ref="attention.block_causal_varlen_fwd",
        inputs="attention.make_block_causal_varlen"),
    Row(HALVES_VARLEN, "_bwd_preprocess_varlen_template", "prep", own=dict(heads=2, dim=64, dtype="float16"),
        small=[dict(heads=3, dim=32, block_size=16, total_tokens=48),
        dict(heads=1, dim=16, block_size=16, total_tokens=40, dtype="float16")], also=[dict(dim=0)], ref="attention.block_causal_varlen_prep"),
    Row(HALVES_VARLEN, "_bwd_dq_varlen_template", "dq_kernel", own=V_OWN, small=V_SMALL, ref="attention.block_causal_varlen_dq",
        inputs="attention.make_block_causal_varlen_bwd"),
    Row(HALVES_VARLEN, "_bwd_dkv_varlen_template", "dkv_kernel", own=V_OWN, small=V_SMALL, ref="attention.block_causal_varlen_dkv",
        inputs="attention.make_block_causal_varlen_bwd"),
]
