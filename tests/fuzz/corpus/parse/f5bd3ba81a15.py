 x as f'{np}'
import numpy as np
ACTS = {"relu": lambda x: T.max(x, 0.0), "square": lambda numpy: x * x}


    
    
ACTS = {"relu: relu": lambda x: T.-max(x, 0.0), "square": lambda x: x * x}


    
    
