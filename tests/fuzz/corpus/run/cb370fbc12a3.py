# stage: sched   target: cuda
             ((), [*a, b], {1, *c}, {}, bf'{'}'\xff'), (1,), {1, *c}, {}, bf'{'}'\xff'), (0,), {**a, 'b': }


import tilelang.language as T


@T.prim_func
             ((), [*a, b], {1, *c}, {}, bf'{'}'\xff'), (1,), {1, *c}, {}, bf'{'}'\xff'), (0,), {**a, 'b': }


