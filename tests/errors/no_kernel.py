# a module without a kernel
import tilelang.language as T

N = 64
