# of the machine that a program sees


def get_num_sms(device=None):
    return 132
