"""Native sparse attention: chosen blocks of keys, 16 query heads a group; and the index of sparse attention."""
from manifest import Row

NSA = "deepseek_nsa/"
HISA = "dsa_hisa/"
FINE = "dsa_sparse_finetune/"
OWN = dict(batch=2, heads=16, seq_len=64, dim=32, is_causal=True, block_size=32, groups=16, selected_blocks=1, scale=0.1)
SMALL = [dict(batch=1, heads=8, seq_len=41, dim=24, is_causal=True, block_size=16, groups=4, selected_blocks=3), dict(batch=2, heads=16, seq_len=20, dim=32, is_causal=True, block_size=32, groups=16, selected_blocks=1, scale=0.1)]
BACK = [dict(batch=1, heads=4, seq_len=41, dim=24, is_causal=True, block_size=16, groups=4, selected_blocks=2), dict(batch=2, heads=4, seq_len=20, dim=16, is_causal=True, block_size=16, groups=4, selected_blocks=1, scale=0.1)]
MAIN = "the number of key heads is a name that the file binds only where it is run as a program"

ROWS = [
    Row(NSA + "example_tilelang_nsa_fwd.py", "native_sparse_attention", "native_sparse_attention", own=OWN, small=SMALL, ref="nsa.forward", inputs="nsa.make_blocks"),
    Row(NSA + "benchmark/benchmark_nsa_fwd.py", "tilelang_sparse_attention", "tilelang_sparse_attention",
        own=dict(batch=2, heads=64, seq_len=1024, dim=32, is_causal=True, block_size=64, groups=16, selected_blocks=16, scale=0.1), small=SMALL, ref="nsa.forward", inputs="nsa.make_blocks"),
    Row(NSA + "example_tilelang_nsa_decode.py", "native_sparse_attention", "native_sparse_attention", own=dict(batch=2, heads=16, seq_len=64, dim=16, block_size=32, groups=16, selected_blocks=1),
        small=[dict(batch=2, heads=8, seq_len=48, dim=24, block_size=16, groups=4, selected_blocks=3), dict(batch=1, heads=16, seq_len=16, dim=16, block_size=16, groups=16, selected_blocks=1, scale=0.3)],
        ref="nsa.decode", inputs="nsa.make_decode", note="one block a query: with more, the file does not rescale what it has when the maximum changes"),
    Row(NSA + "example_tilelang_nsa_fwd_varlen.py", "native_sparse_attention_varlen", "native_sparse_attention_varlen",
        own=dict(heads=16, c_seq_len=64, batch=2, dim=64, is_causal=True, block_size=32, groups=16, selected_blocks=1),
        small=[dict(heads=8, c_seq_len=61, batch=2, dim=24, is_causal=True, block_size=16, groups=4, selected_blocks=3, _lens=[20, 41]),
               dict(heads=4, c_seq_len=20, batch=2, dim=16, is_causal=True, block_size=16, groups=4, selected_blocks=1, _lens=[1, 19])],
        ref="nsa.varlen", inputs="nsa.make_varlen", note="all slots of all queries count: the file looks up a query's count without its sequence's offset"),
    Row(NSA + "example_tilelang_nsa_bwd.py", "tilelang_kernel_fwd", "tilelang_kernel_fwd", own=dict(batch=1, heads=16, seq_len=32, dim=32, is_causal=True, block_size=32, groups=16, selected_blocks=1, scale=0.17677669529663687),
        small=SMALL, ref="nsa.forward_lse", inputs="nsa.make_blocks"),
    Row(NSA + "example_tilelang_nsa_bwd.py", "tilelang_kernel_bwd_dkv", "tilelang_kernel_bwd_dkv", own=dict(batch=1, heads=16, seq_len=32, dim=32, is_causal=True, block_size=32, groups=16, selected_blocks=1),
        small=BACK, ref="nsa.backward_dkv", inputs="nsa.make_backward", note=MAIN),
    Row(NSA + "example_tilelang_nsa_bwd.py", "tilelang_kernel_bwd_dqkv", "tilelang_kernel_bwd_dqkv", own=dict(batch=1, heads=16, seq_len=32, dim=32, is_causal=True, block_size=32, groups=16, selected_blocks=1),
        small=BACK, ref="nsa.backward_dqkv", inputs="nsa.make_backward", note=MAIN),
    Row(NSA + "example_tilelang_nsa_bwd.py", "tilelang_kernel_preprocess", "tilelang_kernel_preprocess", own=dict(batch=1, seq_len=32, heads=16, dim=32),
        small=[dict(batch=2, seq_len=70, heads=2, dim=80), dict(batch=1, seq_len=5, heads=1, dim=8)], ref="nsa.row_dot"),
    Row(NSA + "example_tilelang_nsa_bwd.py", "tilelang_kernel_block_mask", "tilelang_kernel_block_mask", own=dict(batch=1, seq_len=32, heads=1, selected_blocks=1, block_size=32),
        small=[dict(batch=2, seq_len=70, heads=2, selected_blocks=3, block_size=16), dict(batch=1, seq_len=5, heads=1, selected_blocks=1, block_size=16)],
        ref="nsa.slot_mask", inputs="nsa.make_slots", note="a slot is written to the place of its number, not of its block: the same where a query has one of each"),

    Row("deepseek_v32/fp8_lighting_indexer.py", "mqa_attn_return_logits", "mqa_attn_return_logits", own=dict(heads=32, index_dim=64),
        small=[dict(heads=4, index_dim=32, seq_len=11, seq_len_kv=70, block_N=16, block_Q=4), dict(heads=8, index_dim=32, seq_len=5, seq_len_kv=20, block_N=32, block_Q=2)],
        ref="dsa.mqa_logits", inputs="dsa.make_ranges"),
    Row("deepseek_v32/fp8_lighting_indexer.py", "clean_logits_", "clean_logits_", own={},
        small=[dict(seq_len=5, seq_len_kv=300, threads=64, block_K=128), dict(seq_len=3, seq_len_kv=20, threads=32, block_K=64)], ref="dsa.clean", inputs="dsa.make_logit_ranges"),
    Row("deepseek_v32/topk_selector.py", "tl_topk_impl", "tl_topk_impl", own=dict(topk=2048), small=[dict(topk=40, batch=3, seq_len=5000), dict(topk=64, batch=1, seq_len=64)],
        ref="dsa.topk_selector", inputs="dsa.make_topk_selector"),
    Row(HISA + "block_sparse_mqa_fp8.py", "fp8_native_block_sparse_mqa_attn_return_logits", "fp8_native_block_sparse_mqa_attn_return_logits",
        own=[dict(seq_len=1024, seq_len_kv=1024, heads=64, index_dim=128, kv_block_size=128, topk=8), dict(seq_len=8192, seq_len_kv=8192, heads=64, index_dim=128, kv_block_size=64, topk=128)],
        small=[dict(seq_len=7, seq_len_kv=150, heads=16, index_dim=32, kv_block_size=32, topk=3), dict(seq_len=2, seq_len_kv=40, heads=8, index_dim=32, kv_block_size=64, topk=1, block_N=16)],
        ref="dsa.block_logits", inputs="dsa.make_ranges"),
    Row(HISA + "clean_and_maintain_logits.py", "clean_and_maintain_logits_", "clean_and_maintain_logits_", own=[dict(seq_len=4096, seq_len_kv=4096), dict(seq_len=65536, seq_len_kv=65536)],
        small=[dict(seq_len=5, seq_len_kv=300, threads=64, block_K=128), dict(seq_len=3, seq_len_kv=20, threads=32, block_K=64)], ref="dsa.clean_keep_ends", inputs="dsa.make_logit_ranges_nonempty"),
    Row(HISA + "fp8_block_mean_pooling.py", "fp8_native_block_mean_pooling", "fp8_native_block_mean_pooling", own=dict(seq_len_k=16384, dim=128, pooling_block_size=128),
        small=[dict(seq_len_k=150, dim=32, pooling_block_size=20, block_N=8), dict(seq_len_k=20, dim=16, pooling_block_size=64, block_N=64)], ref="dsa.block_means", inputs="dsa.make_keys"),
    Row(HISA + "pool_mqa_fp8.py", "pool_mqa_attn_return_logits_fp8", "pool_mqa_attn_return_logits_fp8", own=dict(seq_len=32768, seq_len_blocked_kv=256, heads=64, index_dim=128, block_N=256),
        small=[dict(seq_len=11, seq_len_blocked_kv=70, heads=4, index_dim=32, block_N=16, block_Q=4), dict(seq_len=5, seq_len_blocked_kv=20, heads=8, index_dim=32, block_N=32, block_Q=2)],
        ref="dsa.pool_logits", inputs="dsa.make_pool_ranges"),
    Row(FINE + "indexer_topk_reducesum.py", "tl_indexer_topk_reducesum_impl", "tl_indexer_topk_reducesum_kernel", own=dict(heads=64, dim=128, topk=64, dtype="bfloat16"),
        small=[dict(heads=8, dim=32, topk=16, block_K=8, dtype="bfloat16", seq_len=70, batch_plus_one=3, _lens=[53, 17]), dict(heads=8, dim=16, topk=8, block_K=8, seq_len=20, batch_plus_one=3, _lens=[1, 19])],
        ref="dsa.topk_scores", inputs="dsa.make_topk_scores"),
    Row(FINE + "indexer_bwd.py", "tl_indexer_bwd_impl", "tl_indexer_bwd_impl", own=dict(heads=16, dim=128, topk=64),
        small=[dict(heads=8, dim=32, topk=16, block_I=8, seq_len=23, batch_plus_one=3, _lens=[10, 13]), dict(heads=16, dim=16, topk=8, block_I=8, seq_len=9, batch_plus_one=2, _lens=[9])],
        ref="dsa.indexer_bwd", inputs="dsa.make_indexer_bwd", filled=("dIndexK",), note="the file adds to a dIndexK that nobody has filled (T.empty): here it begins as zeros"),
]
