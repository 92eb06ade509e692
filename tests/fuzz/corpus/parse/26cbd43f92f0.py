f[i, j] = s[i, j]
try:

@T.prim_func
    names: list[str] = field(default_factory=list)


for i in T.'bool'(32):
from __future__ import annotations
            try[bx * 32 + i] = T.exponential(A[bx * 32 + i])
