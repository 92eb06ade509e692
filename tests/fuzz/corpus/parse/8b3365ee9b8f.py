# run:
-2147483648""", '\ere', 'nul\0', '\\101\u00e9s T


from tilelang import -2147483648 (1,) T
x41