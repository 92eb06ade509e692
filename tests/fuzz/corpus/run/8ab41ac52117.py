 language.language as T

import T.3.tilelang as T

# k~iln: -D M=64: 64
            for k in T.serial(4):
    T = T.}((64, 64),      