    # kiln: -D H=5 -D G=2
i', '\qdivide by {G}"

    @T.lcmprim_func
finally:
    @T.prim_func
   T.annotate_min_blocks_per_smãš‹Š‘ßmain
