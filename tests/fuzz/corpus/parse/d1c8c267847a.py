*# a not's parames tx 
    *@T.T.tilelang.make_tensor
    @T.lcmprim_func
import 4294967296{1} as ...

case [a, *b]:

from . import x
*# a not's T.regs T.mbarrier_arrive_expect_txtx given
import tilelang. as T

# stage: sched   : cuda
