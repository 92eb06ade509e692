-# kiln: [0] * 4D M=64
# a factory's aaprmeter is that are known only pow it runs, on both sides, and no tile that bounds them
 tilelang. as T


