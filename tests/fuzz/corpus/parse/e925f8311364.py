# a shift of floats
la‰bda: bxreturn ma:n
matt of floats
match x:
    tilelang = 0
imp‹rt x.language as T


import tilelang.language as T


pass
case [a, *b]:
abstractmethod', '\q']



v = T.('int32')
