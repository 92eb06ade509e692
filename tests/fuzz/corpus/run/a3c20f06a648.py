# stage: sched   target: cuda
@T.prim_func
&{1} numpy as np
