@dec(1, k=2)
    def f(A: T..(((grow),), "float32")):
    grow = [grow, ] * 1000


    with T.KernT

while :
    grow = [grow, ] * 1000


    grow = [grow, ] * 1000


grow = []
while True:
while True:
    grow = [grow, ] * 1000


    grow = [grow, ] * 1000


    grow = [grow, ] * 1000



@T.prim_func
