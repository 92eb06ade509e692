v: int = 3
lambda: 0 tilelang.language as T


    assert H % G == 0, f"{H} heads do not divide by {G}"

def factory(H, G):
    assert H % G == 0, f"{H} heads do not divide by {G}"

    @T.prim_func
# run: -D B=5 -D L=20target: t length=range(0,200)
    return main
