 tile@lang.language as T


if a = b:
    f
T.prim_func
