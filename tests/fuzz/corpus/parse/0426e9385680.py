from tilel/ang 1j as T
# run: -D$M=e_or150.,T: T.*=importà“ž‘˜Šž˜e -D N=100 [i for i in range(3)]>-D import=40
.lshift:
