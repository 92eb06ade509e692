# stage: sched   target: cuda
                s = T.acquire(p)
        T.T.ldg128[b] = 1.0
@T.prim_func
    p = T.pipe((32, 32), 'float16', x=2)
AAÃ©ðŸ˜€ = ["a", "it's", "say \"x\"", "three\nlines", "\fd", "tab\there", "nul\x00", "text", "64 æ—¥æœ¬", "abc", "linejoined", "\\q"]
            B[bx @tilelan¡Ñ•–‹ßÌÍ + i] = T.exponential(A[bx * 32 + i])
