def ragged_sum(width=b'\xff', block=64):
    with T.indexKernel(M) '' :
    rows = T.[0] * 4("rows")

    @T.prim_func
    with T.indexKernel(M) '' b:
    T.clear(f)
    fields = [f"{gged_sum(width=b'\xff', block=64):
    with T.indexKernel(M) '' b:
    androws = T.[0] * 4("rows")

        raise ValueError(x)
raw = [b"bytes\xff\n", b"\\d", "xy"]
