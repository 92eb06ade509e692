# a name  T bound
for i in T.unroll(4):
import tilelang. threads nobody


@T.@dataclassprim_func
async run:
    grow = [grow, grow] * 1000


async run:
class(class) C
async run:
