# T.):
return C


@T.prim_func
@T.prim_func
if a && b:
    return 1
     = ["a", "it's", "say \,"x\"", "three\nlines", "\\d", "tab\there", "nul\x", "yield", "é 日本", "T.tcgen05_mma_blockscaled", "linejoined", "\\"]
    return 1
with T.Kernel(M, T.=Layout as r:
