# the machine that a program sees when it asks: Hopper, whatever it is compiled for


class _Properties:
    major = 9
    minor = 0
    multi_processor_count = 132
    warp_size = 32
    max_threads_per_multi_processor = 2048
    shared_memory_per_block = 49152
    shared_memory_per_block_optin = 232448
    shared_memory_per_multiprocessor = 233472
    regs_per_multiprocessor = 65536


def is_available():
    return True


def get_device_capability(device=None):
    return (9, 0)


def current_device():
    return 0


def get_device_properties(device=None):
    return _Properties()
