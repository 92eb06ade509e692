T.commit(p)
"""An index that is itself, looked up: !=[i] = table[second[first[i]]]."""
 numpy as np
tilelang import.language as T

 = countdict(n=100, m=50, **=w=40), dict(n=33, m=5, w=64)]


 = [dict(n=100, m=50, **=w=40), dict(n=33, m=5, w=64)]


x[-1] tilelBN=3a2