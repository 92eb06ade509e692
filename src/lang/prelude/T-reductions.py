"""Reductions over the threads of some axes of a block."""
import kiln
import tilelang.language as T

_open = []  # the operators of the T.attr around this place


class comm_reducer:
    """the operator of T.tvm_thread_allreduce"""

    def __init__(self, combiner, identity=None):
        x, y = T.float32(), T.float32()
        out, self.reduce = combiner(x, y), None
        for a, b in ((x, y), (y, x)):
            for form, reduce in ((a + b, T.allreduce_sum), (T.max(a, b), T.allreduce_max), (T.min(a, b), T.allreduce_min)):
                if kiln.same(out[0] if isinstance(out, tuple) else out, form):
                    self.reduce = reduce
        if self.reduce is None:
            kiln.fail("E0901", "a reduction by this function", "x + y, T.max(x, y) and T.min(x, y)", at="combiner")


class attr:
    """with T.attr(reducer, "reduce_scope", ...)"""

    def __init__(self, node, key, value=None):
        self.means = key == "reduce_scope" and isinstance(node, comm_reducer)
        self.node = node
        if not self.means:
            kiln.hint("T.attr", "only the operator of a reduction means something")

    def __enter__(self):
        if self.means:
            _open.append(self.node.reduce)

    def __exit__(self, *failure):
        if self.means:
            _open.pop()


def _axis(thread):
    for axis in (0, 1, 2):
        if T.get_thread_extent(axis) > 1 and kiln.same(thread, T.get_thread_binding(axis)):
            return 1 << axis
    if not isinstance(thread, int):
        kiln.fail("E0204", "a reduction goes over the indices of threads")
    return 0


def tvm_thread_allreduce(*args, dtype=None):
    """a reduction over the threads of some axes"""
    if not _open:
        kiln.fail("E0209", "T.tvm_thread_allreduce without the operator to reduce with",
                  'with T.attr(T.comm_reducer(...), "reduce_scope", ...):')
    if len(args) < 5:
        kiln.fail("E0203", "T.tvm_thread_allreduce needs size, value, condition, result and threads")
    size, value, condition, result, *threads = args
    if size != 1:
        kiln.fail("E0901", "a reduction of several values at once")
    if not kiln.same(condition, True):
        kiln.fail("E0901", "a reduction of the threads for which a condition holds")
    kiln.put(result, 0, _open[-1](value, sum([_axis(t) for t in threads])))
