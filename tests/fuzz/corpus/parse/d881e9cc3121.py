# T.Persistent: the tiles of a block when not fewer blocks than tiles ''; : and dynamic domains
floats = [1., .5, 1e3, 1E-7, 123456.789, 1e22, 1e999, 0.1, 3.T, 2e0j]
text = ['a', "it's", 'say "x"', """three
.cast x
def f(s package
