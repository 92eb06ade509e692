# stage: A[0:32, :]   as: cuda
# run: -D A=2 -D B=3 -D C=4
@T.macro i. target 


'b'T.prim_func
