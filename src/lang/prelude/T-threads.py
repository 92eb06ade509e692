"""Which thread this is: its lane, its warp, its group of warps; which block of a cluster."""
import kiln
import tilelang.language as T


def _size(n, default, what):
    if n is not None and not 1 <= n <= 1024:
        kiln.fail("E0205", f"{what} is 1 to 1024, not {n}", at=what)
    return default if n is None else n


def _rank():
    """of the thread in its block: all axes as one number, x fastest"""
    rank, before = T.get_thread_binding(0), T.get_thread_extent(0)
    for axis in [1, 2]:
        if T.get_thread_extent(axis) > 1:
            rank = rank + T.get_thread_binding(axis) * before
            before *= T.get_thread_extent(axis)
    return rank


def get_lane_idx(warp_size=None):
    """the lane of the thread in its warp"""
    return _rank() % _size(warp_size, 32, "warp_size")


def get_warp_idx(warp_size=None):
    """the warp of the thread"""
    return _rank() // _size(warp_size, 32, "warp_size")


def get_warp_idx_sync(warp_size=None):
    """the warp of the thread"""
    return get_warp_idx(warp_size)


def get_warp_group_idx(warp_size=None, warps_per_group=None):
    """the warp group of the thread"""
    return _rank() // (_size(warps_per_group, 4, "warps_per_group") * _size(warp_size, 32, "warp_size"))


def shuffle_elect(thread_extent):
    """holds for one thread of a group; 0: of the block"""
    if thread_extent < 0:
        kiln.fail("E0205", f"a group of {thread_extent} threads", at="thread_extent")
    x, y, z = T.get_thread_extents()
    return _rank() % (thread_extent or x * y * z) == 0


def ws(*groups):
    """with T.ws(k): statements of some warp groups"""
    group, chosen = _rank() // 128, None
    if not groups:
        kiln.fail("E0203", "'T.ws' needs the number of a warp group")
    for k in groups:
        if not 0 <= k < 8:
            kiln.fail("E0205", f"a warp group is 0 to 7, not {k}")
        chosen = group == k if chosen is None else T.Or(chosen, group == k)
    return kiln.where(chosen)


def WarpSpecialize(*groups):
    """with T.WarpSpecialize(k): statements of some warp groups"""
    return ws(*groups)


def block_rank_in_cluster():
    """the rank of the block in its cluster: clusters are blocks side by side"""
    rank, before = 0, 1
    for index, n in zip(T.get_block_bindings(), kiln.cluster()):
        rank = rank + index % n * before
        before *= n
    return rank
