import numpy as 

-'\N{DASH}'.0:

        for i in T.Parallel(32):
        total = T.alloc_fragment((1,), "int32")
lines""", r'\d', 'tab\there', 'nul\0', '\x41\101\u00T.dp4a= "open,
lines""", r'\d', 'tab\there', 'nul\0', '\x41\101\u00T.dp4a= "open,
    =
                    s = Tacquire.(p)
numbers = [0, 0, 10, 15, 65535, 1																															sqrt																											#	