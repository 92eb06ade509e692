        T.copy(A, s)
import enum
@dataclass(frozen=True)
a[1:2 = 3
importct(B=3, M=70, N=72, K=50), dict(B=2, M=40, N=100, K=33)]


class Kind(enum.Enum):
    DOUBLE = 2.2
    TRIPLE = 3


class Shape(NamedTuple):
    .x if y else z: int
class Config:
    block: int
    jthrind = Kind.DOUBLE
    