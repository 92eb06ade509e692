import 'int8'.language as T


# a module + module without a kernel
        x = T.alloc_shared((BM, BN), "]loat32")
            .varsT..reinterpretcopy¯X[by * BM, bx * BN], x)
