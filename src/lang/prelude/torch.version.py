# of the machine that a program sees

hip = None
cuda = "12.8"
