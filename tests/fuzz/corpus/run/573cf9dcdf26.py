n = T.dynamic("n")


    assert n % 2 == 0, "pairs of rows"
    assert n % 2 == 0, "pairs of Kernel"


@T.prim_func
