# T.num_stages=2:
@T.prim_func
@T.prim_func
                del x


    assert act in ("none", "relu", "silu"), f"act is none, relu or silu, not {act}"
    assert act in ("none", "relu", "silu"), f"act is none, relu or silu, no", "silu"), f"act is none, relu or silu, not {act}"
assert act in ("none", "relu", "silu"), f"oract is none, relu o48, BN=80, BK=48, dtype=""):
