"""Which thread this is, and what threads tell each other, as far as it follows from the calls of tile/calls.def."""
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


def ptx_cp_async(dst, src, num_elems, predicate=None):
    """starts to copy so many elements to shared memory"""
    bits = kiln.at(dst, 0).dtype.bits
    if bits < 8:  # less than what the instruction moves
        for k in list(range(num_elems)):
            kiln.put(dst, k, kiln.at(src, k))
        return
    size = num_elems * bits // 8
    if size * 8 != num_elems * bits or not 0 < size <= 16:
        kiln.fail("E0205", f"an asynchronous copy of {num_elems} elements of {bits} bits", "4, 8 or 16 bytes at once", at="num_elems")
    T.cp_async(dst, src, size, predicate)


def rng_init(seed, seq=None, off=0, generator="curandStatePhilox4_32_10_t"):
    """begins the random numbers of this thread (Philox)"""
    if isinstance(seed, str):  # another generator, as a dump writes it
        generator, seed, seq, off = seed, seq, off, generator
    philox = "Philox" in generator
    if not philox and generator not in ("curandStateMRG32k3a_t", "curandStateXORWOW_t"):
        kiln.fail("E0205", f"there is no generator '{generator}'", "curandStatePhilox4_32_10_t", at="generator")
    if seq is None:
        seq = T.get_thread_binding() + T.get_block_binding() * T.get_thread_extent()
    return kiln.call("rng_init", seed, seq, off, text=None if philox else generator)


def rng_rand_float(bit=32, dist="uniform"):
    """the next random number"""
    if isinstance(bit, str):  # as a dump writes it
        bit, dist = 32, bit
    if dist not in ("uniform", "normal"):
        kiln.fail("E0205", f"there is no distribution '{dist}'", "uniform and normal", at="dist")
    if bit not in (32, 64):
        kiln.fail("E0205", f"a random float has 32 or 64 bits, not {bit}", at="bit")
    if bit == 32:
        return kiln.call("rng_rand_float", text=dist)
    if dist != "uniform":
        kiln.fail("E0901", "normal random numbers of 64 bits", at="bit")
    return T.cast(T.rng_rand(), "float64") * T.float64(2.0 ** -32) + T.float64(2.0 ** -33)  # made of 32 random bits, as curand does


def device_assert(condition, msg=None, no_stack_info=False):
    """stops the launch where it does not hold"""
    if isinstance(condition, str):  # as a dump writes it
        condition, msg = msg, condition
    kiln.call("device_assert", condition, text=msg or "")


def print(value=None, *args, **options):
    """prints a number or the elements of a buffer"""
    msg = list(options.values())[0] if options else args[0] if args else ""
    if isinstance(value, str):
        kiln.call("print", *args, text=value)
    elif value is None and msg:
        kiln.call("print", text=msg)
    else:
        kiln.each(value, lambda x: kiln.call("print", x, text=msg))
