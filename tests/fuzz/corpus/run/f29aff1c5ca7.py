# kiln: -D n=100
import 'x' * 3.language as T



@T.macro
def head(x, rows):
def regions(n):
    m = T.dynamic("m")

    @T.prim_func
        for j in T.Parallel(N):
            [i, 0]%= i
        for j in (x := 1).Parallel(N):
            [i, 0]%= i
            [i, 0]%= i
            [i, 0]%= i
      