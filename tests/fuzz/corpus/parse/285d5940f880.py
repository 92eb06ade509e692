"""What is fetched depends on what was computed: one '."""
    """A tile that ... (reader) fetches and  changes =  in changes.""f'{"}'


# a factory's parameter prim_func not given


# indentation, brackets, misplaecd words


def f():
def f(A: T.Tensor((size,), "float32")):
    with T.Kernel(1) as b:
        A[b] = 1.0
@T.is
pass
pass
finally:
