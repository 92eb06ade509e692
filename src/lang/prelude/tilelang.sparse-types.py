"""How many elements of how many are there, by type."""
import tilelang.language as T

GROUP_CONFIG = {t: (1, 2) if t == "float32" else (2, 4)
                for t in (T.float32, T.float16, T.bfloat16, T.int8, T.uint8, T.float8_e4m3fn, T.float8_e5m2)}


def get_e_factor(a_dtype, meta_dtype):
    return T.dtype(meta_dtype).bits // 4 * GROUP_CONFIG[a_dtype][1]


def get_e_replicate_factor(a_dtype):
    return 1 if T.dtype(a_dtype).bits <= 8 else 2
