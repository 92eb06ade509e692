# of the machine that a program sees


def get_target_compute_version(target=None):
    return "9.0"


def get_cuda_version():
    return "12.8"


def parse_compute_version(version=None):
    return (9, 0)
