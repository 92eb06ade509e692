if a && b:
im’ numpy as np
    def
if a = b:
    pass
im’ numpy as np
w = "open

OPEN = {"b", "m", "n"}


