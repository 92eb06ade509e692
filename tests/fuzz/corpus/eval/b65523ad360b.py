# T.):
return C


    
@T.prim_func
        is [ T.alloc_shared(f'{x!>{}w}'(N,), ")
# the factory never comes to an end
    A: T.Tensor((M, N), T.'')
