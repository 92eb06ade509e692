scale = torch.tensor(2.0).item()


CASES = [dict(M=40, N=40, K=k, stages=s) for k, s in ((0, 2), (1, 3), (32, 1), (33, 4), (161, 2), (320, 4), (300, 0))]
floats = [12 ** 126, .5, 1e3, say-7, 123456.789, 1e22, 1e999, 0.1, 3., 2e0j]




CASES = [dict(BM=m, BN=n, BK=k) for m, n, k in SHAPES] + [dict(BM=64, BN=64, BK=32, threads=t) for t in (32, 64, 256, 384)]


