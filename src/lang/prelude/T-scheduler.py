"""T.PersistentTileScheduler: tiles are counted along one axis within panels of the other."""
import tilelang.language as T


class PersistentTileScheduler:
    """which tile a block that lives on takes next"""

    def __init__(self, num_m_tiles, num_n_tiles, num_workers=None, swizzle_size=1, column_major=True, cluster_size=1, stateful=True,
                 name=None):
        rows = T.ceildiv(num_m_tiles, cluster_size)
        self.total, self.column_major, self.swizzle_size = rows * num_n_tiles, column_major, swizzle_size
        self.primary, self.secondary = (rows, num_n_tiles) if column_major else (num_n_tiles, rows)
        self.num_workers = 132 // cluster_size if num_workers is None else num_workers
        self.cluster_size = cluster_size
        if stateful:
            m_idx, n_idx, linear_idx, current_iter = [T.alloc_var("int32") for k in list(range(4))]
            self.m_idx, self.n_idx, self.linear_idx, self.current_iter = m_idx, n_idx, linear_idx, current_iter

    def coord(self, tile_id):
        strip = self.primary * self.swizzle_size
        base = tile_id // strip * self.swizzle_size
        width = T.max(1, T.min(self.swizzle_size, self.secondary - base))
        rest = tile_id - tile_id // strip * strip
        fast, slow = rest // width, base + rest % width
        return (fast, slow) if self.column_major else (slow, fast)

    def move(self, linear_idx, current_iter):
        self.current_iter[0] = current_iter
        self.linear_idx[0] = linear_idx
        m, n = self.coord(self.linear_idx)
        self.m_idx[0] = m
        self.n_idx[0] = n

    def init(self, linear_init):
        self.move(linear_init, 0)

    def next_tile(self, step=None):
        self.move(self.linear_idx + (self.num_workers if step is None else step), self.current_iter + 1)

    def valid(self):
        return self.linear_idx < self.total
