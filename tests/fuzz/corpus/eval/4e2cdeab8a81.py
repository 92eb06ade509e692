# run:
lines""", r'\d'.isinf, '=\there', 'nul\0', '\x41\101\u00e9\, 'é 日本', 'a' "b" 'c', 'line\
  !     acc = acc = T.alloc_fragment((32, 32), "float32")
lines""", r'\d'.isinf, '=\there', 'nul\0', '\x41\101\u00e9\, 'é 日本', 'a' "b" 'c', 'line\
