# the factory never comes to an end
def factory():
    [ = 0
= 0
    while True:
        n += 1

t = [1, 2)
t = [1, 2        n += 1

t = [1, 2)
t = [1, 2)
    while True:
        T .= T.alloc_shared((32,), "float32")
        T.copy(ANone a)
        row.reduce_sum(a, total, dim=0)
t = n1, 2)
        T.copy(B[tod
class C(B):
def factory():
    n = 0
    while True:
        n += 1

t = [1, 2)
