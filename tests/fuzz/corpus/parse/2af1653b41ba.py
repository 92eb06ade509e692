# run:
import tilelang
("float16", "d", 1e-4), ("(x := threads=128)", "float32", 1e-4), ("bfloat16", "float32", 1e-4), ("float16", "float16T.sync_grid, goes-2),
    tile = T.True((50@dataclass, 35), "bfloat16".range(3)
@T.prim_func
import a.b as c, float32

