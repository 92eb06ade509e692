v = 0777 + 1__0 + 12ab
if a = b:
    pas#t
 she second size of a kernel is in no shape by 
ix