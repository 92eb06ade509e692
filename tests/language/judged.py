"""Kernels of the public language tests that are run, too: on the interpreter, with small inputs, against what their own torch check says, in numpy
float64 (tests/conformance/bound.py carries how far a right kernel may be off). A row: file, kernel, settings (-D; a name with an underscore is for
the formula alone), formula: inputs and setting to outputs, and what inputs hold (specs of tests/conformance/manifest.py).

    judged.py [--device=NAME] [WORD]...        ALL=1: every setting of a row, else the first"""
import concurrent.futures, os, sys, types
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "conformance")]
import manifest, public, run
from bound import Num, cumsum, exp, log, maximum, minimum, num, where
from kiln import ALL, Report

F32 = lambda x: float(np.float32(x))
formulas = types.ModuleType("refs_judged")
sys.modules["refs_judged"] = formulas
ROWS = []


def J(file, kernel, settings, formula, **inputs):
    name = f"row{len(ROWS)}"
    setattr(formulas, name, formula)
    settings = settings if isinstance(settings, list) else [settings]
    ROWS.append(manifest.Row(f"test_tilelang_{file}.py", kernel, kernel, own=[], small=settings, ref="judged." + name, inputs=inputs or None))


# ---- formulas that several rows share ----------------------------------------------------------

def same(a, p):
    return {"B": Num(a["A"])}


def product(a, p):
    return {"C": num(a["A"]) @ a["B"]}


def product_nt(a, p):
    return {"C": num(a["A"]) @ a["B"].T}


def constant(name, value, dtype=np.int32):
    return lambda a, p: {name: np.full(a[name].shape, value, dtype)}


def masked_product(keep):
    """C = sum over the blocks of K whose mask keep() accepts"""
    def formula(a, p):
        bm, bn, bk = p["block_M"], p["block_N"], p["block_K"]
        c = num(np.zeros((p["M"], p["N"])))
        for k in range(p["K"] // bk):
            m = keep(a["BlockMask"][:, :, k]).repeat(bm, 0).repeat(bn, 1)
            c = c + (num(a["A"][:, k * bk:(k + 1) * bk]) @ a["B"][k * bk:(k + 1) * bk]) * m.astype(float)
        return {"C": c}
    return formula


def scanned(x, axis, reverse, largest=False):
    turn = (lambda v: np.flip(v, axis)) if reverse else (lambda v: v)
    if largest:
        return Num(turn(np.maximum.accumulate(turn(x), axis)))
    s = cumsum(num(turn(x)), axis)
    return Num(turn(s.x), turn(s.e))


def scan(largest=False, source="A", to="B"):
    """block by block"""
    def formula(a, p):
        x = a[source]
        out = num(np.zeros(x.shape))
        bm, bn = (p.get("block_N", p.get("chunk_size")), None) if x.ndim == 1 else (p["block_M"], p["block_N"])
        for i in range(0, x.shape[0], bm):
            if x.ndim == 1:
                out[i:i + bm] = scanned(x[i:i + bm], 0, p.get("reverse"), largest)
                continue
            for j in range(0, x.shape[1], bn):
                at = (slice(i, i + bm), slice(j, j + bn))
                out[at] = scanned(x[at], p.get("dim", 0), p.get("reverse"), largest)
        return {to: out}
    return formula


def whole_scan(a, p):
    return {"B": scanned(a["A"], p["dim"], p["reverse"], p.get("op", p.get("_op")) == "cummax")}


REDUCE = {"sum": lambda x, axis: num(x).sum(axis), "max": lambda x, axis: num(x).max(axis), "min": lambda x, axis: num(x).min(axis),
          "abssum": lambda x, axis: num(np.abs(x)).sum(axis), "absmax": lambda x, axis: num(np.abs(x)).max(axis)}


def reduced(axis=1, source="A", to="B", op=None, shape=None):
    def formula(a, p):
        r = REDUCE[op or p.get("op") or p["_op"]](a[source], axis)
        if p.get("dtype") == "float16" or p.get("_dtype") == "float16":        # accumulated in the destination's type, each step rounds
            n = a[source].size // max(r.size, 1)
            r = Num(r.x, r.e + n * 2.0 ** -11 * np.abs(a[source]).sum(axis))
        return {to: r.reshape(shape or a[to].shape)}
    return formula


MAT = dict(M=70, N=80, K=90, block_M=32, block_N=32, block_K=32)
MASK = dict(M=64, N=96, K=96, condition_dim=2, block_M=32, block_N=32, block_K=32, num_stages=2, thread_num=128, enable_rasteration=True)
TILE = dict(M=70, N=75, block_M=32, block_N=32)
EVEN = dict(M=64, N=96, block_M=32, block_N=32)
LINE = dict(N=150, block_N=64)

# ---- products, masks -----------------------------------------------------------------------------
J("language_alias", "matmul.main", MAT, product_nt)
for scope in ("global", "shared", "local"):
    J("language_all_of", f"blocksparse_matmul_{scope}.main", MASK, masked_product(lambda m: m.astype(bool).all(-1)), BlockMask="range(0,2)")
    J("language_any_of", f"blocksparse_matmul_{scope}.main", MASK, masked_product(lambda m: m.astype(bool).any(-1)), BlockMask="range(0,2)")
J("language_clear", "matmul.main", MAT, lambda a, p: {"C": Num(np.zeros((70, 80)))})
J("language_pipeline", "matmul.main", [dict(MAT, trans_A=False, trans_B=False, in_dtype="float16", out_dtype="float16", accum_dtype="float32", threads=128, order=o, stage=s)
                                       for o, s in (([0, 1, 2], [0, 0, 1]), ([1, 2, 0], [0, 0, 2]))], product)
J("language_pipeline", "blocksparse_matmul.block_sparse_matmul", [dict(M=64, N=96, K=96, block_M=32, block_N=32, block_K=32, num_stages=n) for n in (1, 3)],
  masked_product(lambda m: m.astype(bool)), BlockMask="range(0,2)")
J("language_eager_jit", "test_jit2_gemm.gemm", dict(MAT, dtype="float16"), product)
J("language_cluster", "matmul.gemm", MAT, product)
J("language_tma_copy", "matmul_tma_copy.main", dict(MAT, in_dtype="float16", out_dtype="float16", accum_dtype="float32", threads=128, num_stages=2), product)
J("language_tma_store", "matmul_tma_store.main", dict(MAT, in_dtype="float16", out_dtype="float16", accum_dtype="float32", threads=128, num_stages=2), product)

# ---- allocation, variables ---------------------------------------------------------------------
J("language_alloc", "alloc_var.main", dict(LINE, dtype="float16"), same)
J("language_alloc", "alloc_var_add.main", dict(LINE, dtype="float16"), lambda a, p: {"B": num(a["A"]) + 1})
J("language_alloc", "alloc_var_with_initializer.main", dict(LINE, dtype="int32", init_value=5), constant("B", 5))
J("language_alloc", "alloc_multi_vars_with_initializer.main", dict(LINE, dtype="int32"), constant("B", 3))
J("language_alloc", "alloc_global.main", dict(LINE, dtype="float16"), same)
J("language_alloc", "alloc_global_eagerjit", dict(LINE, dtype="float16"), same)
J("language_alloc_var_cmp", "kernel_alloc_var_eq", dict(N=9), lambda a, p: {"out": (a["data"] == 2).astype(np.int32)}, data="range(0,4)")
J("language_alloc_var_cmp", "kernel_alloc_var_ne", dict(N=9), lambda a, p: {"out": (a["data"] != 0).astype(np.int32)}, data="range(0,3)")
J("language_chain_equal", "chain_equal.main", dict(N=70, block_size=32), lambda a, p: {n: Num(np.ones(70)) for n in "ABC"})
J("language_var_init", "test_alloc_var_preserves_float64_initializer_dtype.kernel", {}, lambda a, p: {"A": Num([1e300])})
J("language_var_init", "test_var_assign.jit_kernel.test_var_assign", {}, lambda a, p: {"A": np.array([1, 2], np.int32)})
for name, size in (("mul", lambda n: n * 4), ("add", lambda n: n + 1), ("mul_add", lambda n: n * 3 + 1)):
    J("language_annot", f"test_tensor_annot_{name}.example_tensor_annot.kernel", dict(n=5), lambda a, p, size=size: {"A": np.zeros(size(5), np.int32)}, A="ones")

# ---- copies, bounds ------------------------------------------------------------------------------
J("language_copy", "tilelang_copy.main", [dict(TILE, src_dtype=s, dst_dtype=d) for s, d in (("float16", "float16"), ("float16", "bfloat16"), ("bfloat16", "float16"), ("float32", "float32"))],
  same)
J("language_copy", "tilelang_copy_buffer_load_with_parallel.main", TILE, same)
J("language_copy", "tilelang_copy_oob_safe_value.main", [dict(TILE, padded_M=96, padded_N=96, src_dtype="float32", dst_dtype=d, pad_value=v)
                                                         for d, v in (("float32", -99), ("float16", -99), ("float32", None))],
  lambda a, p: {"B": Num(np.pad(a["A"], ((0, 26), (0, 21)), constant_values=p["pad_value"] or 0))})
J("language_copy", "tilelang_elementwise_copy_oob_safe_value.main", dict(M=30, N=27, padded_M=32, padded_N=32),
  lambda a, p: {"B": Num(np.pad(a["A"], ((0, 2), (0, 5)), constant_values=-99))})
J("language_copy", "tilelang_copy_bufferload_cross_dtype.main", [dict(num_tokens=9, index_dtype=t) for t in ("int64", "int16")],
  lambda a, p: {"out": a["indices"].astype(np.int32)}, indices="range(0,30000)")
# two regions of one rank: as many elements as the source has
J("language_copy", "tilelang_copy_shape_mismatched.main", dict(M=20, N=16), lambda a, p: {"B": Num(np.concatenate([a["A"][:, :2], a["B"][:, 2:]], 1))}, B="normal")
J("language_composable_index", "tilelang_composable_copy.main", EVEN, lambda a, p: {"B": Num(a["A"].reshape(-1))})
J("language_annotate_safe_value", "tilelang_copy.main", dict(TILE, pad_value=10), lambda a, p: {"B": Num(np.concatenate([np.full((10, 75), 10.0), a["A"][:-10]]))})
for name in ("parallel", "copy", "parallel_range", "copy_range"):
    J("language_mask_op", f"tilelang_copy_mask_{name}.main", TILE, same)
J("language_let_layout", "blocksparse_copy_kernel.main", dict(M=64, N=96, N_S=3, block_M=32, block_N=32),
  lambda a, p: {"B": Num(np.block([[a["A"][m:m + 32, :32] if m >= 0 else np.zeros((32, 32)) for m in row] for row in a["BlockMask"]]))}, B="zeros", BlockMask="range(-2,32)")
J("language_let", "bind_kernel", {}, lambda a, p: {"B": num(a["A"]) + 1.0})
J("language_let", "producer_bind_kernel", {}, same)
J("language_let", "test_kernel", {}, lambda a, p: {"A": Num(np.concatenate([np.concatenate([a["A"][:1, :4], a["A"][:1, :4], a["A"][:1, 8:]], 1), a["A"][1:]]))})
J("language_tma_store", "auto_tma_store_copy.main", dict(EVEN, dtype="float16", threads=128), lambda a, p: {"C": Num(a["A"])})

# ---- eager programs ------------------------------------------------------------------------------
for n, setting in ((1, dict(N=150, M=140)), (2, {}), (3, dict(N=150)), (4, dict(N=150, M=140))):
    J("language_eager_jit", f"test_jit2_many_annot.copy{n}", setting, same)
    J("language_eager_jit", f"test_jit2_return.copy{n}", setting, same)
J("language_eager_jit", "test_jit2_compile_with_consts.transpose", dict(M=70, N=80, block_M=32, block_N=16), lambda a, p: {"Y": Num(a["X"].T)})
J("language_frontend_v2", "test_var_assign.test_var_assign", {}, lambda a, p: {"A": np.array([1, 2], np.int32)})
J("language_frontend_v2", "test_serial_for_with_step.stepped_serial", {}, lambda a, p: {"A": np.array([1, 2] * 5, np.int32)})
J("language_frontend_v2", "test_serial_for_with_step.stepped_serial_neg", {}, lambda a, p: {"A": np.arange(10, 0, -1).astype(np.int32)})
J("language_frontend_v2", "test_swap_logic.swap_var", {}, lambda a, p: {"A": Num(a["A"][::-1])})
J("language_frontend_v2", "test_swap_logic.swap_idx", {}, lambda a, p: {"A": Num(a["A"][::-1])})
J("language_frontend_v2", "test_while_loop.while_loop", {}, lambda a, p: {"A": np.array([45], np.int32)})
J("language_frontend_v2", "test_constexpr_if.probe", [dict(tmp=True), dict(tmp=False)],
  lambda a, p: {"A": np.array([a["A"][0], a["A"][0] + 1] if p["tmp"] else [a["A"][1] + 1, a["A"][1]], np.int32)}, A="range(0,50)")
J("language_frontend_v2", "test_frame_inside_macro.get_sample_kernel.sample_kernel", {}, lambda a, p: {"idx_out": (a["idx_out"] + 1).astype(np.int32)}, idx_out="range(0,50)",
  num_blocks=1)
plus = lambda a, p: {"B": num(a["A"]) + 1.0}
for name in ("out_idx_via_attr_lazy", "pass_configs_only_lazy", "compile_flags_only_lazy", "annotations_before_tensor_type", "annotations_after_tensor_type"):
    J("language_func_attrs", f"test_{name}.kernel", {}, plus)
J("language_func_attrs", "test_eager_mode_attrs.kernel", dict(M=7, N=9), plus)
J("language_func_attrs", "test_all_attrs_together_lazy.kernel", {}, lambda a, p: {"B": num(a["A"]) * 2.0})
J("language_func_attrs", "test_empty_dynamic_shape_is_allocated_by_tvm_ffi.kernel", dict(m=7), lambda a, p: {"B": num(a["A"][np.arange(15) % 7]) + 1.0})
J("language_func_attrs", "test_empty_dynamic_shape_from_scalar_uses_ffi_allocator_anchor.kernel", dict(m=7), lambda a, p: {"B": Num(np.arange(8.0))})
J("language_func_attrs", "test_multiple_empty_outputs_are_returned_from_tvm_ffi.kernel", dict(m=7), lambda a, p: {"B": num(a["A"]) + 1.0, "C": Num(np.arange(8.0))})
J("language_func_attrs", "test_manual_out_idx_multiple_dynamic_outputs_are_allocated_by_tvm_ffi.kernel", dict(m=7),
  lambda a, p: {"B": num(a["A"][np.arange(15) % 7]) + 1.0, "C": Num(np.arange(8.0))})

# ---- element operations --------------------------------------------------------------------------
for name, f in (("_ceildiv_kernel.ceildiv_kernel", lambda a, b: (a + b - 1) // b), ("_align_up_kernel.align_up_kernel", lambda a, b: (a + b - 1) // b * b)):
    J("language_ceildiv", name, [dict(a=a, b=32) for a in (128, 1, -1, -2)], lambda a, p, f=f: {"A": np.array([f(p["a"], 32)], np.int32)})
for name, f in (("_ceildiv_kernel_dyn.ceildiv_kernel", lambda a, b: (a + b - 1) // b), ("_align_up_kernel_dyn.align_up_kernel", lambda a, b: (a + b - 1) // b * b)):
    J("language_ceildiv", name, [dict(b=32, _inputs=dict(a=a)) for a in (-2, 1, 128)], lambda a, p, f=f: {"A": np.array([f(a["a"], 32)], np.int32)})
J("language_clamp", "clamp_within_bounds.main", [dict(LINE, dtype=t, min_val=-0.05, max_val=0.06) for t in ("float16", "float32")],
  lambda a, p: {"B": Num(np.clip(a["A"], F32(-0.05), F32(0.06)))})
J("language_clamp", "clamp_value_range.main", [dict(N=128, block_N=64, dtype=t) for t in ("float16", "float32")],
  lambda a, p: {"B": Num(np.concatenate([np.clip(x, x.min() / 2, x.max() / 2) for x in np.split(a["A"], 2, 1)], 1))})
OPS = {"max": np.maximum, "min": np.minimum, "clamp": lambda a, b: np.clip(a, -1, 1)}
J("language_clamp", "fp8_operand_kernel.main", [dict(LINE, dtype=t, op=o) for t in ("float8_e4m3fn", "float8_e5m2") for o in OPS], lambda a, p: {"C": Num(OPS[p["op"]](a["A"], a["B"]))},
  A="range(-4,5)", B="range(-4,5)")
J("language_clamp", "fp8_operand_vectorized_kernel.main", dict(N=128, block_N=64, dtype="float8_e4m3fn", op="max", vec=4), lambda a, p: {"C": Num(np.maximum(a["A"], a["B"]))})
J("language_clear", "test_shared_fill_cast_zero_uses_st_bulk.main", {}, lambda a, p: {"out": Num(np.zeros(128))})
J("language_clear", "test_fill_int8_negative.program.main", [dict(value=v) for v in (-7, -128, 5)], lambda a, p: {"out": np.full((8, 128), p["value"], np.int8)})
J("language_infinity", "get_inf_kernel.main", [dict(dtype=t) for t in ("float16", "float32", "bfloat16", "float64")], lambda a, p: {"A": Num(np.full(32, np.inf))})
J("language_if_range", "tilelang_if_range.main", dict(M=110, N=40, block_M=32, block_N=32),
  lambda a, p: {"B": num(a["A"]) * np.where((np.arange(110) > 16) & (np.arange(110) < 96), 2.0, 0.5)[:, None]})
J("language_int64", "fill_symbolic.main", dict(value=1.5, n=700), lambda a, p: {"x": Num(np.full(700, 1.5))})
J("language_parallel", "parallel_elementwise_static.main", dict(length=64), lambda a, p: {"B": num(a["A"]) + 1.0})
J("language_parallel", "parallel_elementwise_dynamic.main", [dict(max_len=64, threads=32, _inputs=dict(valid_len=v)) for v in (13, 0, 200)],
  lambda a, p: {"B": where(np.arange(64) < a["valid_len"], num(a["A"]) - 1.0, 0.0)})
first = lambda a: np.concatenate([a["A"][:, :3], np.where(a["A"][:, :1] * a["A"][:, 1:2] != 0, a["A"][:, 3:4], 0)], 1)
J("language_select", "get_select_kernel_1.main", {}, lambda a, p: {"B": Num(np.concatenate([first(a), np.where(a["A"][:, :1] == 0, 2.0, a["A"][:, 4:])], 1))})
J("language_select", "get_select_kernel_2.main", {},
  lambda a, p: {"B": Num(np.concatenate([first(a), np.repeat(np.where(a["A"][:, :1] == 0, 2.0, np.cos(a["A"][:, 1:2])), 4, 1)], 1), 4 * 2.0 ** -24)})
J("language_select", "get_parallel_select_kernel.main", {}, lambda a, p: {"B": Num(np.where(np.arange(1024) < 512, a["A"], 0))})
J("language_select", "get_parallel_data_dependent_select_kernel.main", {}, lambda a, p: {"B": Num(np.maximum(a["A"], 0))})
J("language_ternary", "tilelang_ternary.main", dict(TILE, M=64), lambda a, p: {"B": Num(np.where(np.arange(64)[:, None] < 32, a["A"], 0))})
J("language_tma_1d", "elementwise_add.elem_add", [dict(TILE, in_dtype="float32", out_dtype="float32", threads=128), dict(M=3, N=64, block_M=1, block_N=64, in_dtype="float32",
  out_dtype="float32", threads=64)], lambda a, p: {"C": num(a["A"]) + a["B"]})
J("language_unroll", "test_unroll_with_extent_only.unroll_kernel", {}, lambda a, p: {"out": Num(np.arange(512.0), np.where(np.arange(512) < 31, 0, np.inf))})
J("language_vectorize", "vectorize_test_invariant_index.main", dict(N=128, M=16, K=4), lambda a, p: {"B": num(a["A"]) * np.repeat(a["C"], 4, 1)})
J("language_vectorize", "vectorize_global_invariant_store_accumulate.main", dict(M=128, K=4), lambda a, p: {"B": num(a["A"]).sum(1)})
J("language_vectorize", "vectorize_local_invariant_store_accumulate.main", dict(M=128, K=4), lambda a, p: {"B": num(a["A"]).sum(1)})
J("language_vectorize", "vectorize_test_call_infinity", {}, lambda a, p: {"A": Num(np.full(4, np.inf))})
J("language_vectorize", "vectorize_test_all_dtypes.main", [dict(dtype=t, vec_num=n) for t in ("float32", "uint8", "int64", "bfloat16") for n in (4,)],
  lambda a, p: {"A": (Num if p["dtype"] in ("float32", "bfloat16") else lambda v: v.astype(p["dtype"]))(np.concatenate([np.arange(1, 5), a["A"][4:]]))})
for name in ("vectorized_cast_kernel", "parallel_vectorized_cast_kernel"):
    J("language_vectorized_cast", f"{name}.main", [dict(M=256, dtype_A=s, dtype_B=d) for s, d in (("float32", "float16"), ("float16", "float32"), ("float32", "bfloat16"), ("bfloat16", "float32"),
                                                                                           ("float32", "float8_e4m3fn"), ("float8_e5m2", "float32"))], same)

# ---- shapes ------------------------------------------------------------------------------------
J("language_transpose", "tilelang_transpose.main", [dict(TILE, dtype=t) for t in ("float16", "float32")], lambda a, p: {"B": Num(a["A"].T)})
J("language_transpose", "tilelang_transpose_square.main", dict(M=70, block_M=32), lambda a, p: {"B": Num(a["A"].T)})
SHAPE = [dict(N=96, M=8, dtype="float32"), dict(N=64, M=16, dtype="float16")]
for name in ("reshape_test", "reshape_test_smem_1d_2_2d", "reshape_test_smem_2d_2_1d", "reshape_fragment_test", "reshape_layout_transform_shared"):
    J("language_reshape", f"{name}.main", SHAPE, lambda a, p: {"B": Num(a["A"].reshape(a["B"].shape))})
J("language_reshape", "reduce_after_reshape_test.main", SHAPE, lambda a, p: {"B": Num(a["A"].reshape(-1, p["M"]).max(1))})
J("language_reshape", "test_reduce_absmax_after_reshape_3d.main", {}, lambda a, p: {"B": np.abs(a["A"]).reshape(2, 3, 128).max(2)}, A="range(-100,100)")
J("language_view", "view_test.main", dict(N=96, M=8, dtype="float32"), lambda a, p: {"B": Num(a["A"].reshape(a["B"].shape))})

# ---- scans, reductions ---------------------------------------------------------------------------
TURNS = [dict(TILE, dim=d, reverse=r) for d, r in ((0, False), (1, True), (0, True), (1, False))]
for name in ("smem", "fragment"):
    J("language_scan", f"cumsum_{name}_test.cumsum", [t for t in TURNS if not t["reverse"]] + [dict(EVEN, dim=1, reverse=True)], scan())
    J("language_scan", f"cummax_{name}_test.cummax", [dict(EVEN, dim=d, reverse=r) for d, r in ((0, False), (1, True))], scan(True))
    J("language_scan", f"cumsum_{name}_test_1d.cumsum", [dict(N=128, block_N=64, reverse=r) for r in (False, True)], scan())
J("language_scan", "cummax_smem_out_test.cummax", dict(EVEN, dim=1, reverse=False), scan(True))
J("language_scan", "cummax_smem_test_1d.cummax", [dict(N=128, block_N=64, reverse=r, threads=64) for r in (True, False)], scan(True))
J("language_scan", "cummax_fragment_test_1d.cummax", [dict(N=128, block_N=64, reverse=r) for r in (True, False)], scan(True))
J("language_scan", "cumsum_region_test_1d.cumsum_region", [dict(N=128, chunk_size=32, reverse=r) for r in (True, False)], scan(False, "InputG_fragment", "OutputG_fragment"))
J("language_scan", "cumsum_region_test_2d.cumsum_region", [dict(EVEN, dim=d, reverse=r) for d, r in ((1, True), (0, False))], scan(False, "InputG_fragment", "OutputG_fragment"))
STRIDED = [dict(M=8, N=40, dim=d, reverse=r) for d, r in ((0, False), (1, True))]
J("language_scan", "cumsum_strided_region_test.cumsum_strided", [dict(s, NBIG=64) for s in STRIDED], whole_scan)
J("language_scan", "cummax_strided_region_test.cummax_strided", [dict(s, NBIG=64, _op="cummax") for s in STRIDED], whole_scan)
J("language_scan", "scan_strided_out_of_place_test.scan_strided_out_of_place", [dict(s, src_pitch=64, dst_pitch=80, op=o) for s in STRIDED for o in ("cumsum", "cummax")], whole_scan)


def part_scan(a, p):
    rows = slice(p["r0"], p["r1"])
    out = num(a["A"]).copy()
    out[rows] = scanned(a["A"][rows], p["dim"], p["reverse"], p["op"] == "cummax")
    return {"B": out}


J("language_scan", "scan_offset_subregion_test.main", [dict(H=24, W=8, r0=8, r1=24, op=o, dim=d, reverse=r) for o, d, r in (("cumsum", 0, False), ("cummax", 1, True))], part_scan)
J("language_reduce", "test_reduce.kernel.main", [dict(op=o, dtype="float32", M=20, N=48, src_scope=s, dst_scope=d, threads=32, batch=1)
                                                 for o, s, d in (("sum", "fragment", "fragment"), ("max", "shared", "fragment"), ("min", "fragment", "shared"), ("abssum", "shared", "shared"),
                                                                 ("absmax", "fragment", "fragment"))], reduced())
J("language_reduce", "test_reduce_clear.kernel.main", [dict(op=o, dtype="float32", M=20, N=48, src_scope="fragment", dst_scope="fragment") for o in ("sum", "max")],
  lambda a, p: {"B": REDUCE[p["op"]](a["A"], 1) + (1.0 if p["op"] == "sum" else 0.0)})
J("language_reduce", "test_reduce_local_packed_correctness.kernel.main", [dict(op=o, _dtype="float16") for o in ("sum", "max", "min")], reduced(0))
J("language_reduce", "test_reduce_local_noncontiguous_dim_packed_codegen.main", dict(op="sum", _dtype="float16"), reduced(0))
J("language_reduce", "_make_sm80_batch_reduce_kernel.kernel", dict(_op="sum"), reduced())
J("language_reduce", "_make_partial_reduce_kernel.make_kernel.fragment_reduce", {}, lambda a, p: {"out": num(a["x"]) / num(a["x"]).sum(1)[:, None]}, x="range(0.5,1.5)")
J("language_reduce", "_make_finalize_reducer_kernel.kernel", [dict(block_M=16, block_N=24, dtype="float32", op=o, batch=1) for o in ("sum", "max", "min")], reduced())
J("language_reduce", "test_finalize_reducer_mixed_parallel_extents.kernel", {}, lambda a, p: {"C": (num(a["A"]).sum() + num(a["B"]).sum()).reshape(1)})
J("language_reduce", "test_finalize_reducer_default_alloc_v1_syntax.kernel", {}, lambda a, p: {"O": num(a["G"]) - (num(a["G"]) * a["Y"]).sum(1)[:, None]})
J("language_reduce", "test_finalize_reducer_epoch_inside_pipelined_loop.kernel", {}, lambda a, p: {"B": log(exp(num(a["A"] - a["A"].max())).sum()).reshape(1) + a["A"].max()})
J("language_reduce", "test_reduce_sum_reshape_straddle_layout_regression.kernel", {}, lambda a, p: {"B": num(a["A"].reshape(*a["B"].shape, -1)).sum(2)})
J("language_reduce", "test_reduce_packed_fp8_to_float16_absmax_runtime.kernel", dict(_op="absmax"), reduced())
J("language_reduce", "_make_nan_reduce_kernel.kernel", dict(reduce_fn="T.reduce_max", M=8, N=32, dtype="float16", threads=32, nan_propagate=True), lambda a, p: {"B": Num(a["A"].max(1))})
J("language_reduce_maxmin_nan", "_make_reduce_clear_false_kernel.kernel", dict(reduce_fn="T.reduce_max", length=32, dtype="float16", nan_propagate=True),
  lambda a, p: {"out": Num([max(a["a"].max(), -1.0)])})
total = lambda a, p: {"B": num(a["A"]).sum().reshape(1)}
rows = reduced(1, op="sum")
J("language_reducer_v2", "test_scalar_sum_regression_36_not_576.kernel", {}, total)
J("language_reducer_v2", "test_deferred_sum_across_serial_tiles.kernel", {}, rows)
J("language_reducer_v2", "test_pipelined_accumulation.kernel", {}, rows)
J("language_reducer_v2", "test_multiple_update_sites_mixed_extents.kernel", {}, lambda a, p: {"C": (num(a["A"]).sum() + num(a["B"]).sum()).reshape(1)})
J("language_reducer_v2", "test_max_min.kernel", [dict(op="max"), dict(op="min")], reduced())
J("language_reducer_v2", "test_int32_sum.kernel", {}, lambda a, p: {"B": a["A"].sum().reshape(1).astype(np.int32)}, A="range(-99,99)")
J("language_reducer_v2", "_scalar_sum_kernel.kernel", dict(extent=8, threads=128), total)
J("language_reducer_v2", "test_narrow_plan_local_complete_inner_serial.kernel", {}, rows)
J("language_reducer_v2", "test_narrow_plan_row_reduction_projected_width.kernel", {}, rows)
J("language_reducer_v2", "test_narrow_plan_permuted_indices.kernel", {}, lambda a, p: {"B": Num(a["A"].T)})
J("language_reducer_v2", "test_narrow_plan_unit_dim_indices.kernel", {}, rows)
BITS = {"bitand": np.bitwise_and, "bitor": np.bitwise_or, "bitxor": np.bitwise_xor}
J("language_reducer_v2", "_bitwise_rowreduce_kernel.kernel", [dict(M=16, K=64, threads=128, op=o) for o in BITS], lambda a, p: {"B": BITS[p["op"]].reduce(a["A"], 1).astype(np.int32)},
  A="range(-1000,1000)")

# ---- atomics -----------------------------------------------------------------------------------
CUBE = dict(K=3, M=40, N=36, block_M=16, block_N=16)
added = lambda a, p: {"B": num(a["A"]).sum(0) + a["B"]}
for name in ("atomic_add_program.atomic_add", "atomic_add_complicated_parallel_program.atomic_add", "tile_atomic_add_program.atomic_add", "atomic_memory_order_program.atomic_with_memory_order"):
    J("language_atomic", name, CUBE, added, B="normal")
for name, f in (("max", np.maximum), ("min", np.minimum)):
    J("language_atomic", f"atomic_{name}_program.atomic_{name}", CUBE, lambda a, p, f=f: {"B": Num(f(f.reduce(a["A"], 0), a["B"]))}, B="normal")
    J("language_atomic", f"tile_atomic_{name}_program.tile_atomic_{name}", CUBE, lambda a, p, f=f: {"B": Num(f(f.reduce(a["A"], 0), a["B"]))}, B="normal")
    J("language_atomic", f"run_atomic_{name}_scalar_literal.wrapper.kernel", [dict(dtype=t) for t in ("float16", "bfloat16")], lambda a, p, f=f: {"dst": Num(f(a["dst"], 42.0))}, dst="normal(60)")
J("language_atomic", "tile_atomic_add_expr_program.atomic_add", dict(M=40, N=36, block_M=16, block_N=16), lambda a, p: {"A": num(a["A"]) + 1.0}, A="normal")
J("language_atomic", "tile_atomic_max_expr_program.atomic_max", dict(M=40, N=36, block_M=16, block_N=16), lambda a, p: {"A": Num(np.maximum(a["A"], 0.5))}, A="normal")
J("language_atomic", "atomic_load_store_program.atomic_load_store", dict(M=40, N=36, block_M=16, block_N=16), same)
J("language_atomic", "atomic_return_prev_program.atomic_with_return_prev", dict(M=40, N=36, block_M=16, block_N=16), lambda a, p: {"B": num(a["A"]) + a["B"], "old_vals": Num(a["B"])}, B="normal")
J("language_atomic", "atomic_different_memory_orders_program.atomic_different_orders", dict(M=40, N=36, block_M=16, block_N=16),
  lambda a, p: {"B": num(a["A"]) + a["B"], "C": Num(np.maximum(a["A"], a["C"])), "D": Num(np.minimum(a["A"], a["D"]))}, B="normal", C="normal", D="normal")
J("language_atomic", "atomic_addx2_program.atomic_addx2", dict(M=32, N=32, block_M=8, block_N=16), lambda a, p: {"B": num(a["A"]) + a["B"]}, B="normal")
J("language_atomic", "atomic_addx4_program.atomic_addx4", dict(M=16, N=16, block_M=4, block_N=8), lambda a, p: {"B": num(a["A"]) + a["B"]}, B="normal")
J("language_atomic", "tma_atomic_add_program", {}, lambda a, p: {"out": num(a["out"]) + 16.0}, out="range(0,9)")
J("language_atomic", "atomic_scalar_return_prev_program.main", [dict(op_name=f"'{o}'", val=v) for o, v in (("atomic_max", 5.0), ("atomic_min", -5.0))],
  lambda a, p: {"Dst": Num((np.maximum if "max" in p["op_name"] else np.minimum)(a["Dst"], p["val"])), "Prev": Num(a["Dst"])}, Dst="normal")

# ---- threads, warps ------------------------------------------------------------------------------
THREADS = dict(num_threads=160)
J("language_get_warp_info", "_get_laneid_kernel.laneid_kernel", THREADS, lambda a, p: {"A": (np.arange(160) % 32).astype(np.int32)})
J("language_get_warp_info", "_get_warp_idx_kernel.warp_idx_kernel", THREADS, lambda a, p: {"A": (np.arange(160) // 32).astype(np.int32)})
J("language_get_warp_info", "_get_warp_idx_sync_kernel.warp_idx_sync_kernel", THREADS, lambda a, p: {"A": (np.arange(160) // 32).astype(np.int32)})
J("language_get_warp_info", "_get_warp_group_idx_kernel.warp_group_idx_kernel", THREADS, lambda a, p: {"A": (np.arange(160) // 128).astype(np.int32)})
J("language_get_warp_info", "_shuffle_elect_kernel.shuffle_elect_kernel", dict(num_threads=256, thread_extent=64), lambda a, p: {"A": (np.arange(256) % 64 == 0).astype(np.int32)})
VOTES = dict(ballot_sync=1, ballot=2 ** 32 - 1, ffs_ballot_sync=7, fns_ballot_sync=9, activemask=2 ** 32 - 1, syncthreads_count=16, syncthreads_and_false=0, syncthreads_or_false=0,
             match_all_sync_true=-1, match_all_sync_false=0)
for name, value in VOTES.items():
    J("language_warp_vote", f"kernel_{name}.main", {}, constant("B", value, np.int64))
for name in ("any_sync", "all_sync", "syncthreads_and_true", "syncthreads_or_true"):
    J("language_warp_vote", f"kernel_{name}.main", {}, lambda a, p: {"B": lambda got: None if (got != 0).all() else f"{got} has a 0"})
J("language_warp_vote", "kernel_match_any_sync.main", {}, lambda a, p: {"B": np.repeat([0xFFFF, -65536], 16).astype(np.int32)})
J("language_warp_sync", "kernel_with_shfl_sync.main", {}, constant("A", 310))


def shuffles(a, p):
    x, i = a["A"], np.arange(32)
    down, up = (lambda n: x[np.where(i + n < 32, i + n, i)]), (lambda n: x[np.where(i >= n, i - n, i)])
    return {"B": Num(np.stack([x[31 + 0 * i], x[i ^ 1], down(1), up(1), x[0 * i], x[i ^ 2], down(2), up(2)]))}


J("language_warp_sync", "shfl_all_ops_kernel.main", [dict(dtype=t) for t in ("float16", "float32")], shuffles)
WARP = {"sum": np.sum, "max": np.max, "min": np.min, "bitand": np.bitwise_and.reduce, "bitor": np.bitwise_or.reduce}
J("language_warp_reduce", "get_kernel.main", [dict(reduce_op=f"'{o}'", dtype=t) for o, t in (("sum", "float32"), ("max", "float32"), ("min", "float32"), ("bitand", "int32"), ("bitor", "int32"))],
  lambda a, p: {"x": Num(np.full(32, WARP[p["reduce_op"][1:-1]](a["x"])), 32 * 2.0 ** -24 * np.abs(a["x"]).sum()) if p["dtype"] == "float32"
                else np.full(32, WARP[p["reduce_op"][1:-1]](a["x"]), np.int32)}, x="range(1,4000)")


# ---- running -------------------------------------------------------------------------------------

def judge(report, folder, words, device="interp"):
    """runs the rows with a word in their name (all without words) and reports each; a kernel is right when all its settings are"""
    jobs = [(row, setting) for row in ROWS if not words or any(w in row.name for w in words) for setting in (row.small if ALL or words else row.small[:1])]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        done = list(pool.map(lambda j: run.guarded(run.small, os.path.join(folder, j[0].file), j[0], j[1], device), jobs))
    right = {}
    for (row, setting), (got, code, wrong) in zip(jobs, done):
        report.check(f"{device} {row.name} {run.setting_text(setting)}".strip(), wrong and wrong[:500])
        right[row.name] = right.get(row.name, True) and not wrong
    print(f"{sum(right.values())} of {len(right)} kernels judged right, {len(jobs)} settings, on {device}")
    return sum(right.values())


def main():
    words = [w for w in sys.argv[1:] if not w.startswith("--")]
    device = next((w.split("=", 1)[1] for w in sys.argv[1:] if w.startswith("--device=")), "interp")
    report = Report()
    home, why = public.folder()
    if home:
        judge(report, os.path.join(home, "testing", "python", "language"), words, device)
    else:
        report.skip(f"language tests: {why}")
    report.done()


if __name__ == "__main__":
    main()
