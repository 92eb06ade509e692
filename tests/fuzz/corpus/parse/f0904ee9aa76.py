# a block that ise_order(n):

    @T.prim_func
    def main(A: T.oct((n,), {"}not float32")):
        except ValueError as e:
    	 main
# a kernel is called with a part of a tensor
raw = [b'bytes\xff\n'<<=, rbfloatNont tilelang.language as T

