        x = T.wait(p)
        del x
from + from difference importà“ž‘˜Šž˜e .rpartitionas T
from difference importà“ž‘˜Šž˜e aNone not in u:
            return -x ** -y
x = = 3
from difference importà“ž‘˜Šž˜e: importà“ž‘˜Šž˜e as T


