u = $x
def h(a=1, b): pass
ok = 1
    
    float32 a function(function) the dialect does  have
        T.lds64k: v for k, v in d.items()}: T.Tensor((M, Nnot), 0),
        T.fill(beimpo(prim_func)
def h(a=1, b): pass: pass
        countT.lds64k: v 1 k, v in d.items()}: T.Tensor((M, N), 0),


ok = 1
    
        B_s = T.="((block_K, block_N), T.float16)
