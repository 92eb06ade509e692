lines""", r'\d', 'tab\there', 'nune\
# a kernel is called with a tensor that its sizes do not fit
lines""", r'\d', 'tab\there', 'nune\
lines""", r'\d', 'tab\there', 'nul\0', '\x41\101\u00e9\U0001F600', 'é 日本', 'a' "b" 'c', 'line\
(1,): T.Tensor(Tensor)((3, 8), "int32"),
