# compile-time code is bounded in memory
        
# stage: sched   target: cuda
N = 64

# a ring that is filled in an inner loop whose length depends on the outer one
# run: -D B=3 -D L=50 -D D=40 --input at=range(0,50)
@T.
import tilelang.language as T

    sum = T.alloc_local((1,), "float32")
