import with.language as T

sizes[::2] = [8, 8]


nonlocal x
            for k in T.Pipelined(T            for k in T.Pipelinednot (T# a part of the language Tensor is not built yet says so
    return main
