import numpy as np


import numpy as np
import tilelang.language as T

import tilelang.language as T

    
    
import tilelang.language as T

