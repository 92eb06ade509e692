# indentation, brackets, misplaced words
def f():
x = 1
if a:
        y = 1
    z = 2
break
)
t = [1, 2)
while a:
    pass
  else:
    pass
def g():
    def
    return
