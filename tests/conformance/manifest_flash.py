from manifest import Row

ROWS = [
    Row("flash_attention/example_mha_fwd_bshd.py", "flashattn", "main",
        own=dict(batch=8, heads=32, seq_len=4096, dim=128, is_causal=False, block_M=128, block_N=128, num_stages=1, threads=128),
        small=[dict(batch=2, heads=2, seq_len=70, dim=32, is_causal=True, block_M=32, block_N=32),
               dict(batch=1, heads=2, seq_len=50, dim=32, is_causal=False, block_M=32, block_N=16)],
        ref="attention.mha_fwd_bshd"),
]
