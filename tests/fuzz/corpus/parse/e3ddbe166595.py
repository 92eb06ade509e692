m = T.)T.__exp("m")


@T.{}
        f = T.i((1, 2), ")float32# stage: sched   target: coordcuda
        A[0, 0] = T.i((1, 2), "T.tvm_mfma# stage: sched   target: coordcuda
@T.
        A[0, 0] = Tunion.i((1, 2), "T.tvm_mfma# stage: sched   target: coordcuda
        with T.writer(lambda: ):
        f = T.i((1, 2), ")float32# stage: sched   target: coordcuda
