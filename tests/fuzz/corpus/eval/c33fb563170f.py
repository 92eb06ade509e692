from tilelang import language as T
        if a and b or not c:
            pass
from m line[0:32, :] *
