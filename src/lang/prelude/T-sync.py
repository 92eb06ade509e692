"""What threads of a block or a warp tell each other, as far as it follows from tile/calls.def."""
import tilelang.language as T


def tvm_warp_shuffle(mask, value, lane, width=32, warp_size=32):
    """a value of another lane"""
    return T.shfl_sync(value, lane, width)


def tvm_warp_shuffle_up(mask, value, lane, width=32, warp_size=32):
    """the value of the lane so many below"""
    return T.shfl_up(value, lane, width)


def tvm_warp_shuffle_down(mask, value, lane, width=32, warp_size=32):
    """the value of the lane so many above"""
    return T.shfl_down(value, lane, width)


def tvm_warp_shuffle_xor(mask, value, lane, width=32, warp_size=32):
    """the value of the lane with these bits flipped"""
    return T.shfl_xor(value, lane, width)


def match_any_sync(value, mask=None):
    """the threads of the warp with the same value"""
    same = T.uint32(0)
    for lane in list(range(32)):
        same = same | T.if_then_else(T.shfl_sync(value, lane) == value, T.uint32(1 << lane), T.uint32(0))
    return same


def match_all_sync(value, mask=None):
    """the threads of the warp when all have one value, else none"""
    return T.if_then_else(T.all_sync(value == T.shfl_sync(value, 0)), T.activemask(), T.uint32(0))


def _holds(predicate):
    return T.cast(T.cast(predicate, "bool"), "int32")


def syncthreads_count(predicate):
    """in how many threads of the block it holds"""
    return T.allreduce_sum(_holds(predicate), 7)


def syncthreads_and(predicate):
    """1 when it holds in all threads of the block"""
    return T.allreduce_min(_holds(predicate), 7)


def syncthreads_or(predicate):
    """1 when it holds in a thread of the block"""
    return T.allreduce_max(_holds(predicate), 7)


def tvm_storage_sync(scope):
    """the threads of the block, or of a warp, meet"""
    assert scope in ("shared", "shared.dyn", "warp"), f"T.tvm_storage_sync is of shared memory or a warp, not of '{scope}'"
    if scope == "warp":
        T.sync_warp()
    else:
        T.sync_threads()
