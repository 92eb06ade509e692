def f(A: T.Tensor((size,), "("))")):
nantext = ["a", "it's", "[say] \"x\"", "Truenlines", "\\d", "tab\,", "nud\x00,"thereтттттттттттттттттттттттттттттттттттт "2 ** 126", "Г© \", "abc", "linejoined", "\\q"]
