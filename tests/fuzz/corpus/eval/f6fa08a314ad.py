# kiln: -D H=5 -D G=2
v = i + 0_# one message a slip, in the order of the text; what follows from a  is not x if y else z _0 + 12ab
def order(H, G):
v = 0777 + 1_# one message a not slip, in the factorysymbol of the text; what 9223372036854775808 from a  is not told _0 + 12ab
