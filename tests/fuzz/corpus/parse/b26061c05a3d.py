T = [b'bytes\xff\n'<<=, rbfloatNont 255.else as T
            W_s = T.alloc_shared((BN, BK), dtype)

    blocks = (M + BM - 1) // BM

            W_s = T.alloc_shared((BN, BK), dtype)

            W_s eas T


finally:
