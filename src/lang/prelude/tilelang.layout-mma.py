"""The matrix instructions of a warp. In a lane, with g = lane // 4, t = lane % 4 and p elements in a register of 32 bits, element e
of register r is  A (row g + 8 (r % 2), column t p + e + 4 p (r // 2))   B (row t p + e + 4 p r, column g)
C (row g + 8 (r // 2), column 2 t + r % 2)"""
import kiln
import tilelang.language as T


class TensorCoreIntrinEmitter:
    """an object that emits mma.sync"""

    def __init__(self, a_dtype="float16", b_dtype="float16", accum_dtype="float16", a_transposed=False, b_transposed=False,
                 block_row_warps=2, block_col_warps=2, warp_row_tiles=8, warp_col_tiles=8, chunk=16, reduce_k=1, num_elems_per_byte=1,
                 is_m_first=False, thread_var=None):
        self.a_dtype, self.b_dtype, self.accum_dtype = T.dtype(a_dtype), T.dtype(b_dtype), T.dtype(accum_dtype)
        self.a_transposed, self.b_transposed, self.is_m_first = a_transposed, b_transposed, is_m_first
        self.block_row_warps, self.block_col_warps = block_row_warps, block_col_warps
        self.warp_row_tiles, self.warp_col_tiles, self.chunk = warp_row_tiles, warp_col_tiles, chunk
        bits = self.a_dtype.bits
        assert self.b_dtype.bits == bits >= 8 and reduce_k == 1 and num_elems_per_byte == 1, "matrix instructions on these types"
        self.M_DIM = self.micro_size_x = 8 if bits == 64 else 16
        self.n_dim = self.micro_size_y = 8 if bits == 64 or warp_col_tiles % 16 else 16
        self.k_dim = self.micro_size_k = min(256 // bits, chunk)
        assert warp_row_tiles % self.M_DIM == 0 and warp_col_tiles % 8 == 0 and self.k_dim in (4, 8, 16, 32), \
            f"a warp does steps of {self.M_DIM} x {self.n_dim} x {self.k_dim}, not {warp_row_tiles} x {warp_col_tiles} x {chunk}"
        self.warp_rows = self.mma_num_inst_m = warp_row_tiles // self.M_DIM
        self.warp_cols = self.mma_num_inst_n = warp_col_tiles // self.n_dim
        self.local_size_a = self.M_DIM * self.k_dim // 32
        self.local_size_b = self.n_dim * self.k_dim // 32
        self.local_size_out = self.M_DIM * self.n_dim // 32
        self.threads = 32 * block_row_warps * block_col_warps
        self.per_register = 32 // bits

    def extract_thread_binding(self, thread_id, is_m_first=None):
        """lane, column of the warp, row of the warp"""
        warp, rows, cols = thread_id // 32, self.block_row_warps, self.block_col_warps
        if self.is_m_first if is_m_first is None else is_m_first:
            return thread_id % 32, warp % cols, warp // cols % rows
        return thread_id % 32, warp // rows % cols, warp % rows

    def load(self, local, shared, ki, rk, is_a):
        lane, warp_n, warp_m = self.extract_thread_binding(T.get_thread_binding())
        shared = kiln.tile(shared, 2)
        count, each, step = (self.warp_rows, self.local_size_a, self.M_DIM) if is_a else (self.warp_cols, self.local_size_b, self.n_dim)
        base = warp_m * self.warp_row_tiles if is_a else warp_n * self.warp_col_tiles
        k0, half = rk * self.chunk + ki * self.k_dim, each // 2 if not is_a and self.n_dim == 16 else each
        p = self.per_register
        for i in list(range(count)):
            for e in list(range(each)):
                r, along = (e % half // p, lane % 4 * p + e % half % p) if p else (0, lane % 4)
                across = lane // 4 + (8 * (r % 2) if is_a else 8 * (e // half))
                k = k0 + along + 4 * p * (r // 2 if is_a else r)
                line = base + i * step + across
                turned = self.a_transposed if is_a else not self.b_transposed
                kiln.put(local, i * each + e, shared[k, line] if turned else shared[line, k])

    def ldmatrix_a(self, A_local, A_shared, ki, rk=0):
        self.load(A_local, A_shared, ki, rk, True)

    def ldmatrix_b(self, B_local, B_shared, ki, rk=0):
        self.load(B_local, B_shared, ki, rk, False)

    def mma_atom(self, A_local, B_local, C_local, i, j, k_inner=0):
        a, b, c = self.local_size_a, self.local_size_b, self.local_size_out
        ao = i * a + (k_inner * self.warp_rows * a if kiln.space(A_local) == "local.fragment" else 0)
        bo = j * b + (k_inner * self.warp_cols * b if kiln.space(B_local) == "local.fragment" else 0)
        co = i * self.warp_cols * c + j * c
        for half in list(range(self.n_dim // 8)):
            to = kiln.at(C_local, co + half * c // 2)
            T.mma(self.M_DIM, 8, self.k_dim, kiln.at(A_local, ao), kiln.at(B_local, bo + half * b // 2), to)

    def mma(self, A_local, B_local, C_local, k_inner=0):
        for i in list(range(self.warp_rows)):
            for j in list(range(self.warp_cols)):
                self.mma_atom(A_local, B_local, C_local, i, j, k_inner)

    def stmatrix(self, C_local, C, pid_m=None, pid_n=None):
        lane, warp_n, warp_m = self.extract_thread_binding(T.get_thread_binding())
        c, half = self.local_size_out, self.local_size_out // (self.n_dim // 8)
        for i in list(range(self.warp_rows)):
            for j in list(range(self.warp_cols)):
                m = (0 if pid_m is None else pid_m * self.block_row_warps * self.warp_rows) + warp_m * self.warp_rows + i
                n = (0 if pid_n is None else pid_n * self.block_col_warps * self.warp_cols) + warp_n * self.warp_cols + j
                for e in list(range(c)):
                    row, col = lane // 4 + 8 * (e % half // 2), lane % 4 * 2 + (e % half % 2 + 8 * (e // half))
                    value = kiln.at(C_local, (i * self.warp_cols + j) * c + e)
                    if len(C.shape) == 4:
                        C[m, n, row, col] = value
                    else:
                        C[m * self.M_DIM + row, n * self.n_dim + col] = value

    def make_mma_load_layout(self, *args, **options):
        return T.Layout((1,))

    def make_mma_store_layout(self, *args, **options):
        return T.Layout((1,))


class TensorCoreIntrinEmitterWithLadderTransform(TensorCoreIntrinEmitter):
    """the same of operands that may lie in the order of registers

    They come as blocks, (rows of blocks, columns of blocks, rows, columns), in which each lane's elements lie one after another in the
    order of the registers, several of them in a byte (kind 3)"""

    def __init__(self, a_dtype="float16", b_dtype="float16", accum_dtype="float16", a_transposed=False, b_transposed=False,
                 block_row_warps=2, block_col_warps=2, warp_row_tiles=8, warp_col_tiles=8, chunk=16, reduce_k=1, num_elems_per_byte=1,
                 is_m_first=False, transform_kind_a=0, transform_kind_b=0):
        assert reduce_k == 1, "one warp for all of a tile's K"
        super().__init__(a_dtype, b_dtype, accum_dtype, a_transposed, b_transposed, block_row_warps, block_col_warps, warp_row_tiles,
                         warp_col_tiles, chunk, 1, 1, is_m_first, None)
        assert {transform_kind_a, transform_kind_b} <= {0, 3}, "operands in rows (0) or in the order of registers (3)"
        self.kind_a, self.kind_b, self.num_elems_per_byte = transform_kind_a, transform_kind_b, num_elems_per_byte

    def ordered(self, local, shared, ki, rk, warp, count, each, per_byte):
        lane, inner = self.extract_thread_binding(T.get_thread_binding())[0], self.k_dim // per_byte
        own, column = each // per_byte, rk * (self.chunk // self.k_dim) + ki
        for j in list(range(count)):
            for e in list(range(own)):
                at = lane * own + e
                kiln.put(local, j * own + e, shared[warp * count + j, column, at // inner, at % inner])

    def ldmatrix_a(self, A_local, A_shared, ki, rk=0):
        if self.kind_a == 0:
            self.load(A_local, A_shared, ki, rk, True)
        else:
            warp = self.extract_thread_binding(T.get_thread_binding())[2]
            self.ordered(A_local, A_shared, ki, rk, warp, self.warp_rows, self.local_size_a, 1)

    def ldmatrix_b(self, B_local, B_shared, ki, rk=0):
        if self.kind_b == 0:
            self.load(B_local, B_shared, ki, rk, False)
        else:
            warp = self.extract_thread_binding(T.get_thread_binding())[1]
            self.ordered(B_local, B_shared, ki, rk, warp, self.warp_cols, self.local_size_b, self.num_elems_per_byte)
