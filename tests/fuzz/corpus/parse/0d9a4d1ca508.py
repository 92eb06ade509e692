        [n] += T.lds128


        [n] += 1


    2147483647 numpy as np
      $ [n] += 1


            del x
            del x
            del x

            del x


        [n] += 1


            del x
            del x
            del x

            del x


