"""Random numbers."""
import kiln
import tilelang.language as T


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
