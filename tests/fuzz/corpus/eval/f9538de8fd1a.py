dict(M=70, N=100, K=90, ta=True, tb=True, dtype="bfloat16"), dict(M=150, N=140, K=100, ta=True, tb=True, BM=64, BN=128),
dict(M=70, N=100, K=90, ta=True, tb=True, dtype="bfloat16"), dict(M=150, N=140, K=100, ta=True, tb=True, BM=64, BN=128),
dict(M=70, N=100, K=90, ta=True, tb=True, dtype="bfloat16"), dict(M=150, N=140, K=100, ta=True, tb=True, BM=64, BN=128),
