"""Attention to blocks of keys that are chosen, and decoding."""
from manifest import Row

BLOCKSPARSE = "blocksparse_attention/"
DECODE = "flash_decoding/"

# heads, head dimension, blocks of a sparse decoding step: 2 groups of 4 heads, sequences of 1 to 5 blocks with a remainder
STEP = dict(batch=3, heads=8, heads_kv=2, dim=32, dim_v=16, block_N=16, block_H=16, num_stages=2, threads=128)
STEP_OWN = dict(batch=8, heads=32, heads_kv=8, dim=128, dim_v=128, block_H=64, num_stages=2, threads=128)

ROWS = [
    Row(BLOCKSPARSE + "example_tilelang_block_sparse_attn.py", "blocksparse_flashattn", "blocksparse_flashattn",
        own=dict(batch=1, heads=1, seq_len=256, dim=64, downsample_len=4, is_causal=True),
        small=[dict(batch=1, heads=2, seq_len=150, dim=16, downsample_len=3, is_causal=True),
        dict(batch=1, heads=1, seq_len=128, dim=16, downsample_len=2, is_causal=False)],
        ref="attention.block_sparse_fwd", inputs="attention.make_block_sparse"),
    Row("seer_attention/block_sparse_attn_tilelang.py", "blocksparse_flashattn", "main",
        own=[dict(batch=4, heads=2, seq_q=256, seq_kv=256, dim=64, downsample_len=4, is_causal=True),
        dict(batch=1, heads=1, seq_q=128, seq_kv=256, dim=64, downsample_len=4, is_causal=True)],
        small=[dict(batch=1, heads=2, seq_q=150, seq_kv=150, dim=16, downsample_len=3, is_causal=True),
        dict(batch=1, heads=1, seq_q=70, seq_kv=192, dim=16, downsample_len=3, is_causal=False)],
        also=[dict(seq_q=40, seq_kv=40, downsample_len=1)], ref="attention.block_sparse_fwd", inputs="attention.make_block_sparse"),
    Row(BLOCKSPARSE + "example_tilelang_sparse_gqa_decode_varlen_indice.py", "flashattn", "main", own=dict(STEP_OWN, block_N=32),
        small=[dict(STEP, num_split=2, max_cache_seqlen=80, max_selected_blocks=4, _lens=[70, 9, 80]),
        dict(STEP, num_split=1, max_cache_seqlen=40, max_selected_blocks=3, _lens=[40, 1, 33])],
        also=[dict(num_split=9)], ref="decode.sparse_decode_indices", inputs="decode.make_sparse_indices"),
    Row(BLOCKSPARSE + "example_tilelang_sparse_gqa_decode_varlen_mask.py", "flashattn", "main", own=dict(STEP_OWN, block_N=32),
        small=[dict(STEP, num_split=2, max_cache_seqlen=80, num_blocks=5, _lens=[70, 9, 80]),
        dict(STEP, num_split=1, max_cache_seqlen=40, num_blocks=3, _lens=[40, 1, 33])],
        ref="decode.sparse_decode_mask", inputs="decode.make_sparse_mask",
        note="a split without a block before the last one that has any is not told from one with logarithm 0 and counts as 1: the mask leaves none such"),
    Row(BLOCKSPARSE + "example_tilelang_sparse_gqa_decode_paged.py", "flashattn", "main",
        own=dict(STEP_OWN, block_N=64, page_block_size=256, num_pages=1024),
        small=[dict(STEP, page_block_size=32, num_pages=12, num_split=2, max_num_blocks_per_seq=3, max_selected_blocks=5, _lens=[70, 9, 96]),
               dict(STEP, page_block_size=16, num_pages=10, num_split=1, max_num_blocks_per_seq=3, max_selected_blocks=2, _lens=[40, 1, 33])],
        also=[dict(num_split=9)], ref="decode.sparse_decode_paged", inputs="decode.make_sparse_indices"),
    Row("minference/example_vertical_slash_sparse_attn.py", "_tl_vs_sparse_flashattn", "vs_sparse_flashattn_ws",
        own=dict(batch=1, heads=1, seq_len=16384, dim=64, vertical_size=1000, slash_size=200),
        small=[dict(batch=1, heads=2, seq_len=230, dim=16, vertical_size=100, slash_size=4),
        dict(batch=1, heads=1, seq_len=64, dim=16, vertical_size=8, slash_size=1)],
        ref="attention.vertical_slash", inputs="attention.make_vertical_slash"),
    Row(DECODE + "example_gqa_decode.py", "flashattn", "flashattn_gqa_decode_split",
        own=dict(batch=1, heads=32, groups=8, seqlen_kv=8192, dim=128, block_N=128, block_H=64, num_split=8, num_stages=2, threads=128),
        small=[dict(batch=2, heads=8, groups=2, seqlen_kv=96, dim=32, block_N=16, block_H=16, num_split=2, num_stages=2, threads=128),
               dict(batch=1, heads=4, groups=1, seqlen_kv=40, dim=32, block_N=16, block_H=16, num_split=4, num_stages=0, threads=128)],
        ref="decode.gqa_decode", inputs="decode.make_gqa_decode",
        note="a split is a multiple of block_N or shorter: past the end of a longer one the mask is compared with the tile's own column"),
    Row(DECODE + "example_gqa_decode.py", "flashattn", "flashattn_gqa_decode_no_split",
        own=dict(batch=1, heads=32, groups=8, seqlen_kv=8192, dim=128, block_N=128, block_H=64, num_split=1, num_stages=0, threads=128),
        small=[dict(batch=2, heads=8, groups=2, seqlen_kv=70, dim=32, block_N=16, block_H=16, num_split=1, num_stages=1, threads=128),
               dict(batch=1, heads=40, groups=1, seqlen_kv=9, dim=32, block_N=16, block_H=8, num_split=1, num_stages=0, threads=128)],
        ref="decode.gqa_decode", inputs="decode.make_gqa_decode"),
    Row(DECODE + "example_gqa_decode_varlen_logits.py", "flashattn", "flashattn_gqa_decode_no_split",
        own=dict(batch=1, heads=32, k_heads=8, max_seqlen_kv=8192, total_seqlen_k=5000, dim=128, has_sink=True),
        small=[dict(batch=3, heads=8, k_heads=2, max_seqlen_kv=48, total_seqlen_k=121, dim=32, has_sink=False, block_N=16, block_H=16, _k=[48, 33,
        40]),
               dict(batch=1, heads=4, k_heads=1, max_seqlen_kv=16, total_seqlen_k=9, dim=16, has_sink=False, block_N=16, block_H=16, _k=[9])],
        ref="decode.decode_with_scores", inputs="decode.make_decode_with_scores",
        note="without the sink, which the program adds to the sum of exponentials as it is, not as its exponential (its own check draws it small); and all sequences "
             "have the same number of blocks, since the scores of blocks past a sequence's end are never set and are written"),
    Row(DECODE + "example_mha_inference.py", "flashattn", "flashattn_mha_inference",
        own=dict(batch=1, heads=32, seqlen_q=128, seqlen_kv=8192, dim=128, is_causal=False, block_M=128, block_N=64),
        small=[dict(batch=2, heads=2, seqlen_q=40, seqlen_kv=128, dim=32, is_causal=False, block_M=32, block_N=16),
               dict(batch=1, heads=1, seqlen_q=16, seqlen_kv=64, dim=16, is_causal=False, block_M=16, block_N=16)], module=dict(num_split=4),
        also=[dict(seqlen_kv=0)], ref="decode.split_decode_mha", note="keys are a multiple of four tiles; causal is not done yet in the file"),
]
