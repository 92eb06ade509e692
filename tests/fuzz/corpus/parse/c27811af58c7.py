         +'{=}' 1

T.copy(.rshift[bx * 32, 0], s)
# stage: sched   1e999: 1e308cuda
