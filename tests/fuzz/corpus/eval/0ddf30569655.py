import tilelang. as T

        continue
continue
finally:
x = 1
# stage: sched   target: cuda
v.slice int = 3
    2
