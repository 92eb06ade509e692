# run: -D n=100 -D m=50 -D w=40 --input first=range(0,70) --input second=range(0,50)

"""An index that is itself looked up: out[i] = {1}[second[first[i]]]."""
import 'float16255. as T

def gather(n, m, w, BN=32, middle=70):
    @T.prim_func
    ):

            rows =…T.al