"""Python at compile time against Python: each row is evaluated by CPython here and by the evaluator in a kernel, where `assert repr(row) == "..."` holds
or fails. What raises here must be refused there. A row may begin with statements, "; " between them, the last part is the value; bodies of several lines
stand in BODIES. LATER are rows that a version may refuse with a code (not with a wrong value)."""
import os, re, tempfile, warnings
from kiln import TMP, Report, call

warnings.simplefilter("ignore")
HEAD = """import tilelang.language as T
import math, itertools, functools, dataclasses, enum, operator, collections
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import NamedTuple
"""
ROWS = r'''
1 + 2 * 3 - 4 // 3 % 5
-7 // 2, -7 % 2, 7 // -2, 7 % -2, -7 // -2, -7 % -2
7.5 // 2, -7.5 // 2, 7.5 % -2, -7.5 % 2, 0.0 % 3, 5 % 2.5
7 / 2, 6 / 2, -1 / 4, 1e300 * 10, 2 ** 10, 2 ** -1, (-2) ** 3, 2.0 ** 0.5, 0 ** 0
1 << 40, -1 >> 3, 255 & 15, 240 | 15, 6 ^ 3, ~5, ~-1, -(-3), +True
True + True, True * 3, False - 1, True & False, True | False, True ^ True, ~True
2 ** 62, 2 ** 63 - 1, -2 ** 63, 2 ** 100, -2 ** 100 // 3, 2 ** 100 % 97
1 < 2 < 3, 1 < 3 < 2, 1 == 1.0, 1 is None, None is None, None is not None
3 != 4 != 3, 'a' < 'b' <= 'b', (1, 2) < (1, 3), [1, 2] == [1, 2], (1,) == [1], [1, 'a'] != [1, 'b']
(1, 2) <= (1, 2, 3), (2,) > (1, 9), [3] >= [3], 'abc' > 'abd', '' < 'a'
1 in [1, 2], 3 not in (1, 2), 'b' in 'abc', 'x' in {'x': 1}, 2 in {1, 2}, 5 in range(0, 10, 5), 6 in range(0, 10, 5)
0 or 'x', 1 and 'y', '' or [] or 0, 1 and 2 and 3, not 0, not [1], None or 5
1 if True else 2, 'a' if [] else 'b', (1 if 0 else 2) + 3
1_000, 0x1F, 0o17, 0b101, 1e3, 1.5e-3, .5, 5., 1_0.0_1
'a' 'b', 'it''s', "q\"q", '\n\t\\', r'\n', '\x41', '\u00e4', '\101', """tri'ple"""
'a' * 3, 3 * 'ab', 'a' + 'b', [1] * 2 + [3], (1,) * 3, 2 * [0, 1], 'x' * 0, [1] * -1
'hello'[0], 'hello'[-1], 'hello'[1:3], 'hello'[::-1], 'hello'[::2], 'hello'[-3:], 'hello'[:-3], 'hello'[10:]
[1, 2, 3][0], [1, 2, 3][-1], [1, 2, 3][1:], [1, 2, 3][::-1], [1, 2, 3, 4][1::2], (1, 2, 3)[:2], (1, 2, 3)[5:]
[1, 2, 3, 4, 5][4:1:-1], [1, 2, 3][-100:100], range(10)[2:8:3], range(10)[-1], range(5)[::-1]
len('abc'), len([1, 2]), len({}), len((1,)), len(range(3, 10, 2)), len({1, 1, 2}), len('ä')
list(range(5)), list(range(2, 8)), list(range(10, 0, -3)), tuple(range(0)), list(range(-3, 3, 2)), range(3), range(1, 5, 2)
list(enumerate('ab')), list(enumerate([5], 3)), list(zip([1, 2], 'ab')), list(zip([1, 2, 3], [4, 5])), list(zip())
min(3, 1, 2), max([4, 9, 2]), min('b', 'a'), max((1, 2), (1, 3)), min([], default=7), max([1, -5], key=abs), min(1, 2.0), max(1.0, 1)
sum([1, 2, 3]), sum((1.5, 2)), sum([], 5), sum([[1], [2]], []), abs(-3), abs(2.5), abs(-0.0), abs(True)
int('12'), int(3.9), int(-3.9), int(True), int('ff', 16), int('0b11', 2), int(' 7 '), int('-5'), float('1.5'), float(3), float('inf'), float('-inf'), float('1e3')
bool(0), bool('0'), bool([]), bool(0.0), bool(None), str(1), str(1.0), str(True), str(None), str('a'), repr('a'), str([1, 'a', None]), str((1,)), str({'a': 1}), str(())
repr(1.5), repr(1e100), repr(1e16), repr(123456789.125), repr(0.1), repr(1e-5), repr(0.0001), repr(-0.0), repr(2.0 ** 70), repr(float('inf')), repr(1 / 3)
repr('it\'s'), repr("a\"b'c"), repr('\n'), repr('\\'), repr('\x01'), repr('ä'), str({1}), repr([[], {}, ()]), repr({1: [2]}), repr(range(2))
tuple([1, 2]), list('ab'), list({'a': 1, 'b': 2}), tuple(), list(), dict(), dict(a=1), dict([('x', 1)]), dict({'y': 2}, z=3), set() == set()
isinstance(1, int), isinstance(True, int), isinstance(1.0, int), isinstance('a', str), isinstance([1], (tuple, list)), isinstance(None, int), isinstance({}, dict), isinstance((), tuple)
type(1) == int, type('a') == str, type(1.0) is float, type([]) == list, type(True) == bool
round(2.5), round(3.5), round(-2.5), round(2.567, 2), round(1234, -2), round(2.5, 0), round(7), round(0.5), round(1.5)
all([1, 2]), all([]), all([0]), any([0, 1]), any([]), any(x > 2 for x in [1, 2, 3]), all(x for x in (1, 0))
sorted([3, 1, 2]), sorted('cab'), sorted([3, 1], reverse=True), sorted([-3, 1, 2], key=abs), sorted([(1, 'b'), (1, 'a')]), sorted({3: 0, 1: 0}), sorted([2, 1, 2.0, 1.0])
list(reversed([1, 2, 3])), list(reversed('ab')), list(reversed(range(3))), list(map(abs, [-1, 2])), list(map(lambda x, y: x + y, [1, 2], [3, 4])), list(filter(None, [0, 1, 2])), list(filter(lambda x: x % 2, range(5)))
divmod(7, 2), divmod(-7, 2), divmod(7.5, 2), pow(2, 5), pow(2, -1), pow(2.0, 3)
callable(len), callable(3), callable(lambda: 0), hasattr('a', 'upper'), hasattr(1, 'nothing'), getattr('ab', 'upper')(), getattr(1, 'nothing', 9)
math.ceil(1.2), math.ceil(-1.2), math.floor(1.8), math.floor(-1.2), math.trunc(-1.7), math.ceil(3), math.floor(2 ** 40 + 0.5)
math.sqrt(2), math.exp(1), math.log(10), math.log(8, 2), math.log2(10), math.log10(1000), math.sin(1), math.cos(1), math.tanh(0.5), math.fabs(-2), math.pow(2, 0.5)
math.gcd(12, 18), math.gcd(0, 5), math.gcd(12, 18, 27), math.gcd(), math.lcm(4, 6), math.lcm(2, 3, 4), math.lcm(0, 5), math.prod([1, 2, 3, 4]), math.prod([], start=2), math.prod([1.5, 2])
math.isqrt(17), math.isqrt(0), math.isqrt(2 ** 60), math.isinf(float('inf')), math.isnan(float('nan')), math.isinf(1), math.pi, math.e, math.inf, -math.inf
operator.mul(3, 4), operator.add('a', 'b'), functools.reduce(operator.mul, [1, 2, 3, 4]), functools.reduce(lambda a, b: a - b, [1, 2], 10)
list(itertools.product([1, 2], 'ab')), list(itertools.product([0, 1], repeat=2)), list(itertools.chain([1], (2, 3), 'a')), list(itertools.product())
functools.partial(pow, 2)(5), functools.partial(int, base=2)('101'), functools.partial(lambda a, b, c=0: (a, b, c), 1, c=5)(2)
'a,b,c'.split(','), ' a  b '.split(), 'abc'.split('x'), ','.join(['a', 'b']), ''.join([]), '-'.join('xyz')
'abc'.startswith('ab'), 'abc'.startswith(('x', 'a')), 'abc'.endswith('bc'), '12'.isdigit(), ''.isdigit(), '1a'.isdigit(), 'aB'.upper(), 'aB'.lower(), '  a '.strip(), 'aXbX'.replace('X', '--'), 'aaa'.replace('a', '')
'{} {}'.format(1, 'a'), '{1}{0}'.format('a', 'b'), '{x:>5}|'.format(x=3), '{:.2f}'.format(3.14159), '{{}}'.format(), '{0!r:>4}'.format('a')
f'{1 + 1}', f'{"a"!r}', f'{3:>4}|{3:<4}|{3:^4}|', f'{3.14159:.2f}', f'{10:04d}', f'{255:x} {255:X} {255:b} {255:o}', f'{1000000:,}', f'{0.5:.0%}', f'{1e10:g} {1.5:g} {1e10:e}'
f'{3:+d} {-3:+d} {3: d}', f'{"a":*^5}', f'{True}', f'{None}', f'{[1, 2]}', f'{2.0}', f'{"x":5}|', f'{5!s:>3}', f'{{}}{1}', f'{1 if True else 2}'
x = 7; f'{x=}', f'{x:{x}}', f'{x:>{x + 1}}', f'{x!r}', f'{x + 1 = }'
f'{12345.678:.1f} {0.000123:.3g} {1e-7} {123456.0:.2e}', f'{-5:05d}', f'{"abc":.2}', f'{3:#x} {3:#b}', f'{1.0:.3}', f'{12:5}|{"a":>3}|{1.5:8.3f}|'
[i * i for i in range(5)], [i for i in range(10) if i % 3 == 0], [(i, j) for i in range(2) for j in 'ab'], {i: i * i for i in range(3)}, sorted({i % 2 for i in range(5)}), list(i + 1 for i in range(3))
[[j for j in range(i)] for i in range(3)], [x for x in [1, 2, 3] if x > 1 if x < 3], sum(i for i in range(4)), [a + b for a, b in [(1, 2), (3, 4)]], {k: v for k, v in {'a': 1}.items()}
a, *b = [1, 2, 3]; a, b
*a, b = 'xyz'; a, b
a, (b, c) = 1, (2, 3); a, b, c
a = b = [1]; a.append(2); b, a is b
a = 1; a += 2; a *= 5; a -= 1; a //= 2; a **= 2; a %= 10; a <<= 2; a |= 1; a ^= 3; a >>= 1; a &= 7; a
x = [1, 2]; x += [3]; x *= 2; x
x = [1, 2, 3]; x[0] = 9; x[-1] = 8; x
x = [1, 2, 3, 4]; del x[1]; x
x = {'a': 1}; x['b'] = 2; x['a'] += 5; x
x = {'a': 1, 'b': 2}; del x['a']; x
x = {'a': 1}; list(x.values()), list(x.keys()), list(x.items()), x.get('a'), x.get('z'), x.get('z', 5), x.pop('a'), x
x = {'a': 1}; x.update({'b': 2}); x.update(c=3); x.setdefault('d', []), x.setdefault('a', 9), x, x.copy() == x
x = {**{'a': 1}, 'b': 2, **{'a': 3}}; x, [*range(2), *'ab'], (*[1], 2), {*[1], *[1]}
x = [3, 1, 2]; x.append(4); x.extend([5, 6]); x.insert(0, 0); x.insert(-1, 7); x, x.index(2), x.count(1), x.pop(), x.pop(0), x.copy(), x
x = [1, [2, 3]]; y = x.copy(); y[1].append(4); x, y
(lambda a, b=2, *c, d=4, **e: (a, b, c, d, e))(1), (lambda *a: a)(*[1, 2], 3), (lambda **k: k)(**{'a': 1}, b=2), (lambda a, /, b, *, c: (a, b, c))(1, b=2, c=3)
(y := 5) + y, [z := 1, z + 1], (1, 2)[0 if False else 1]
{1: 'a', 1.0: 'b', True: 'c'}, {(1, 2): 3}[(1, 2)], {'a': {'b': [10]}}['a']['b'][0], {1: 2} == {1: 2.0}, {} == {}, {'a': 1} != {'a': 2}
() == (), (1, (2, 3)) == (1, (2, 3)), (1, 2) == (1, 2, 3), 'a' == 1, None == 0, [] == (), 1.5 == 1.5, float('nan') == float('nan')
(5).bit_length(), (255).bit_length(), (0).bit_length(), (-8).bit_length()
1 == True, 'a' is 'a', [] is [], 3 is not None, not (1 and 0), not 1 == 2
10 ** 18 * 10, 2 ** 64 + 1, (2 ** 64) // 3, -(2 ** 64) % 1000, (2 ** 70) >> 60, 2 ** 65 / 2 ** 64, 2 ** 64 == 2.0 ** 64
1e308 * 10, -1e308 * 10, 0.1 + 0.2, 1 - 0.9, 1e16 + 1, 3 * 0.1, 5e-324, 2.5e-310 * 2
int(1e18), int(2.0 ** 62), float(2 ** 53 + 1), 2 ** 53 + 1 == float(2 ** 53), int('123456789012345678901234567890')
str(12345678901234567890), str(-0.5), str(1e22), str(1e21), str(123456789012345680.0), str(1.0e-10)
'%d %s' % (1, 'a'), '%5.2f|' % 3.14159, '%x' % 255, '%r' % 'a', '%%', '%-5d|%05d' % (3, 4)
"abc".count("b"), "abc".find("c"), "a-b".partition("-"), "abc".index("b"), "x".ljust(3), "x".rjust(3), "7".zfill(3), "abc".title(), "ab".capitalize(), "a\nb".splitlines()
(1.5).is_integer(), (2.0).is_integer()
slice(1, 2), slice(None), [1, 2, 3][slice(0, 2)]
bin(5), hex(255), oct(8), chr(65), ord('A'), hash(1) == hash(1), id(1) == id(1)
complex(1, 2), 1j * 1j
slice(1, 2), slice(None, 5), [1, 2, 3, 4][slice(0, None, 2)], 'abcdef'[slice(-2, None)]
format(3.14159, '.2f'), format('a', '>3'), format(5), hex(255), hex(-1), oct(8), bin(10), bin(-3), chr(65), chr(228), ord('a'), ord('ä')
issubclass(bool, int), issubclass(int, (str, int)), issubclass(int, str), type(1).__name__, type('').__name__
next(iter([1, 2])), next(iter([]), 7), list(iter((1, 2))), pow(3, 4, 5), pow(2, 100, 7)
id(None) == id(None), hash('a') == hash('a'), Ellipsis is ..., NotImplemented is NotImplemented, hash((1, 2)) == hash((1, 2))
round(math.log1p(0.5), 12), round(math.expm1(0.5), 12), round(math.tan(1), 12), round(math.asin(0.5), 12), round(math.acos(0.5), 12), round(math.atan(0.5), 12)
round(math.sinh(1), 12), round(math.cosh(1), 12), round(math.asinh(1), 12), round(math.atanh(0.5), 12), round(math.erf(0.5), 12), round(math.erfc(0.5), 12), round(math.gamma(5.5), 8), round(math.lgamma(5.5), 8), round(math.cbrt(27), 9)
round(math.degrees(1), 9), round(math.radians(90), 12), round(math.atan2(1, -1), 12), round(math.hypot(3, 4), 9), math.fmod(7.5, 2), math.fmod(-7.5, 2), math.copysign(2, -0.0), math.exp2(3)
math.fsum([0.5, 0.25, 1]), math.factorial(10), math.factorial(0), math.comb(10, 3), math.comb(3, 5), math.isfinite(1.0), math.isfinite(float('inf')), math.isclose(1.0, 1.0 + 1e-12), math.isclose(1.0, 1.1), math.tau
operator.sub(5, 2), operator.truediv(5, 2), operator.floordiv(-5, 2), operator.mod(-5, 3), operator.pow(2, 3), operator.and_(6, 3), operator.or_(6, 3), operator.xor(6, 3), operator.lshift(1, 4), operator.rshift(16, 2)
operator.eq(1, 1.0), operator.ne(1, 2), operator.lt(1, 2), operator.le(2, 2), operator.gt(1, 2), operator.ge(2, 2), operator.contains([1], 1), operator.neg(3), operator.invert(5), operator.not_(0), operator.getitem([4, 5], 1)
operator.itemgetter(1)([3, 4]), operator.itemgetter(0, 2)('abc'), sorted([(1, 'b'), (0, 'c')], key=operator.itemgetter(1))
list(itertools.permutations([1, 2, 3], 2)), list(itertools.permutations('ab')), list(itertools.combinations('abc', 2)), list(itertools.combinations([1], 2)), list(itertools.combinations_with_replacement('ab', 2))
list(itertools.chain.from_iterable([[1], [2, 3]])), list(itertools.accumulate([1, 2, 3])), list(itertools.accumulate([1, 2, 3], operator.mul)), list(itertools.accumulate([1, 2], initial=10)), list(itertools.repeat('a', 3))
list(itertools.islice(range(10), 3)), list(itertools.islice(range(10), 2, 8, 3)), list(itertools.zip_longest([1, 2], 'a', fillvalue=0)), list(itertools.starmap(pow, [(2, 3), (3, 2)]))
list(itertools.takewhile(lambda x: x < 3, [1, 2, 3, 1])), list(itertools.dropwhile(lambda x: x < 3, [1, 2, 3, 1])), list(itertools.pairwise([1, 2, 3])), [(k, list(g)) for k, g in itertools.groupby('aabca')], [(k, list(g)) for k, g in itertools.groupby([1, 3, 2], key=lambda x: x % 2)]
import copy; x = [1, [2]]; y = copy.copy(x); z = copy.deepcopy(x); x[1].append(3); y, z
collections.OrderedDict([('a', 1), ('b', 2)])['b'], list(collections.OrderedDict(a=1)), collections.Counter('abca').most_common(1), collections.Counter([1, 1, 2])[1], collections.Counter([1])[5]
x = collections.defaultdict(list); x['a'].append(1); x['a'].append(2); x['a'], x['b'], len(x)
x = collections.defaultdict(int); x['a'] += 3; x['a'], x['zz']
x = collections.deque([1, 2]); x.append(3); x.appendleft(0); x.popleft(), x.pop(), list(x), len(x)
x = [3, 1, 2]; x.sort(); x.reverse(); x.remove(1); x, x.sort(key=lambda v: -v), x
x = [3, 1]; x.sort(reverse=True); x.clear(); x, (1, 2, 1).count(1), (1, 2, 1).index(2)
x = {1, 2}; x.add(3); x.discard(9); x.remove(1); sorted(x), sorted(x.copy()), len(x)
x = {1, 2}; x.update([5], {6}); x.discard(1); sorted(x), sorted(x.union([9], {8})), sorted(x.intersection([5, 2])), sorted(x.difference([5])), sorted(x.symmetric_difference([2, 100]))
{1} <= {1, 2}, {1, 2} < {1, 2}, {1, 2} >= {2}, sorted({1, 2} | {3}), sorted({1, 2} & {2}), sorted({1, 2} - {2}), sorted({1, 2} ^ {2, 3}), {1}.issubset([1, 2]), {1, 2}.issuperset({1}), {1}.isdisjoint([2]), {1, 2} == {2, 1}
x = {1, 2}; x |= {3}; x &= {2, 3}; x -= {3}; x ^= {7}; sorted(x)
x = {'a': 1, 'b': 2}; x.popitem(), x, dict.fromkeys('ab', 0), dict.fromkeys([1]), {'a': 1} | {'b': 2}, list({'a': 1}.items())
x = {'a': 1}; x |= {'b': 2}; x.clear(); x, {'a': 1}.keys() == {'a': 2}.keys(), 'a' in {'a': 1}.keys(), 1 in {'a': 1}.values(), ('a', 1) in {'a': 1}.items()
'a b c'.split(' ', 1), 'a,b,c'.rsplit(',', 1), 'a\nb\r\nc'.splitlines(), 'k=v=w'.partition('='), 'k=v=w'.rpartition('='), 'k'.partition('='), '  a b '.split(None, 1), 'abc'.rsplit('b')
'prefix_x'.removeprefix('prefix_'), 'x.py'.removesuffix('.py'), 'abcabc'.find('c'), 'abcabc'.rfind('c'), 'abc'.find('z'), 'abcabc'.index('b'), 'abcabc'.rindex('b'), 'aXaXa'.count('X'), ''.count(''), 'aaa'.replace('a', 'b', 2)
'xxaxx'.strip('x'), 'xxa'.lstrip('x'), 'axx'.rstrip('x'), ' a '.lstrip(), ' a '.rstrip(), 'hello world'.title(), 'heLLo'.capitalize(), 'aB'.swapcase(), 'AB'.casefold()
'12'.isnumeric(), '12'.isdecimal(), 'ab'.isalpha(), 'a1'.isalnum(), ' \t'.isspace(), 'a_1'.isidentifier(), '1a'.isidentifier(), 'AB'.isupper(), 'ab'.islower(), ''.isalpha(), 'Ab'.isupper()
'a'.ljust(3, '.'), 'a'.rjust(3, '.'), 'a'.center(4, '.'), 'a'.center(5), '7'.zfill(3), '-7'.zfill(4), 'abc'.zfill(2)
(7).bit_count(), (1.5).is_integer(), (2.0).is_integer(), (255).bit_length()
'%s and %s' % ('a', 1), '%d%%' % 5, '%.3f' % 2.0, '%5d|%-5d|%05d' % (1, 2, 3), '%x %X %o' % (255, 255, 8), '%r' % ('a',), '%e' % 12345.678, '%g' % 0.0001, '%c' % 'x'
f'{1234567.891:,.2f} {1234567:_} {5:b} {-5:+} {0.25:%} {1e-9:.3e}', f'{"é":>3}', f'{3.0:g}', f'{[1]!s:>5}', f'{7:<3}|{7:=+5}|{7:^5}', f'{True:d} {False!r}', f'{65:c}'
'{0[1]} {1[k]}'.format([5, 6], {'k': 7}), '{:{w}}|'.format('a', w=4), '{a}{a}'.format(a=1), '{:>8,}'.format(12345), '{!r}'.format('q')
x = [i for i in range(5)]; x[1:3] = [9, 9, 9]; x
x = list(range(6)); x[::2] = [0, 0, 0]; x
x = list(range(6)); del x[1:3]; del x[::2]; x
[*range(3)], {**{}}, [*{'a': 1}], (*'ab',), [x for x in (1, 2) for _ in range(2)], {(i, j) for i in range(2) for j in range(2)} == {(0, 0), (0, 1), (1, 0), (1, 1)}
max('abc', key=lambda c: -ord(c)), min([[2], [1, 5]]), max({'a': 1, 'b': 0}), sum([0.1] * 3), sum((x for x in [1]), 10), max(3, 3.0), min(True, 0)
(lambda x: (lambda y: x + y))(1)(2), (lambda *, k=3: k)(), [f(2) for f in (lambda x: x, lambda x: x * x)], (lambda: (yield_ := 3))()
1 if 2 else 3 if 4 else 5, [] or {} or 'z', None or 0 or '' or [], 5 and 0 or 6, (1 < 2) + (2 < 1), not not 'a'
str(1e5), str(1e15), str(1e16), str(123456.789), str(1.5e300), str(5e-324), str(0.1 + 0.2), str(100.0), str(-1e-7), str(float('nan')), str(-float('inf'))
int('-0x1f', 16), int('z', 36), int('1_000'), int(b'12') if False else 0, int(-0.0), int(2.999), int('0o17', 8), int('0b1', 0)
float('  2.5  '), float('1_0.5'), float('nan') != float('nan'), float('Infinity'), float('.5e-3'), float(True)
round(1e20), round(-0.5), round(2.675, 2), round(1.005, 2), round(15, -1), round(25, -1), round(0.1 + 0.2, 5), round(1e300, 2)
7 // 2.0, -7 % 2.5, 2 ** 0.5, (-8) ** 2, 10 ** -2, 4 ** 0.5, 0.0 ** 0, 1 ** 100, (-1) ** 101, 2 ** 3 ** 2
10 % 3, -10 % 3, 10 % -3, divmod(-10, 3), divmod(10, -3), divmod(10.5, -3), -1 // 10, 1 // -10, -0.0 // 1
'''.strip("\n").split("\n")
RAISES = r'''
1 // 0
1 % 0
1 / 0
1.0 // 0
[][0]
(1, 2)[5]
'abc'[10]
{}['a']
{'a': 1}['b']
int('x')
int('')
float('x')
[1].index(2)
[].pop()
{}.pop('a')
a, b = [1]
a, b = [1, 2, 3]
a, *b, c = [1]
'a' + 1
1 + 'a'
[1] + (2,)
None + 1
-'a'
'a' < 1
[1] < ['a']
len(5)
for x in 5: pass; 1
(lambda a: a)()
(lambda a: a)(1, 2)
(lambda a: a)(b=1)
(lambda a, *, b: a)(1)
(lambda a: a)(1, a=2)
undefined_name
[].nothing
'a'.nothing()
assert False, 'why'; 1
assert 1 == 2; 1
raise ValueError('x'); 1
1 << -1
min([])
max()
sorted([1, 'a'])
sum(['a'])
{[]: 1}
{[1]}
math.sqrt(-1)
math.log(0)
math.isqrt(-1)
math.gcd(1.5, 2)
range(1, 2, 0)
list(zip([1], [2, 3], strict=True))
'{}'.format()
'{x}'.format(y=1)
f'{1:q}'
f'{"a":d}'
del zzz; 1
(1)(2)
1[0]
(1, 2)[0] = 3; 1
'abc'[0] = 'x'; 1
functools.reduce(operator.add, [])
round('a')
abs('a')
int(float('inf'))
int(float('nan'))
math.floor(float('inf'))
next(iter([]))
chr(-1)
ord('ab')
math.factorial(-1)
math.comb(-1, 2)
math.gamma(0)
math.acos(2)
math.fmod(1, 0)
operator.getitem([1], 5)
operator.itemgetter(3)([1])
[1].remove(2)
{1}.remove(2)
{}.popitem()
'abc'.index('z')
'abc'.rindex('z')
collections.deque([]).popleft()
'%d' % 'a'
'%d %d' % (1,)
'%d' % (1, 2)
'%q' % 1
list(itertools.combinations([1, 2], -1))
int('12', 99)
int('9', 8)
round(float('nan'))
issubclass(1, int)
isinstance(1, 5)
pow(2, 3, 0)
hash([])
[1, 2, 3][::0]
'a'.join([1])
','.join(5)
'a' * 'b'
(1, 2) + [3]
{1: 2} + {3: 4}
{1} + {2}
[] - []
2 ** 'a'
~1.5
1.5 << 1
1 & 1.0
'a' in 5
5 in 'abc'
None < None
{} < {}
1 < 'a'
x = [1, 2]; x[5] = 1; x
x = (1,); x[0] = 2; x
x = 'a'; x.y = 1; x
x = [0, 1, 2, 3]; x[::2] = [1]; x
class C: pass; C().missing
(lambda **k: k)(**{1: 2})
(lambda a, b: a)(*[1, 2, 3])
dict([1])
dict([(1, 2, 3)])
enumerate(5)
zip(5)
sorted([{}, {}])
max([1, 'a'])
sum([[1]], 0)
float('abc')
float([])
int([])
'{:d}'.format('a')
'{:.2f}'.format('a')
f'{[]:5}'
f'{3:s}'
'{0} {2}'.format(1, 2)
range('a')
range(1.5)
len(1.5)
'x'.split('')
'abc'.nothing
''' .strip("\n").split("\n")
LATER = ("complex", "int('1234567890123", "yield_", "x[::2]", "1_0.5", "'%c'")
BODIES = [
    ("closures", "def make(n):\n    def add(x):\n        return x + n\n    return add\nout = make(3)(4), [f(1) for f in [make(i) for i in range(3)]]"),
    ("nonlocal", "def counter():\n    n = 0\n    def step():\n        nonlocal n\n        n += 1\n        return n\n    return step\nc = counter()\nout = c(), c(), c()"),
    ("late binding", "fs = []\nfor i in range(3):\n    fs.append(lambda: i)\nout = [f() for f in fs]"),
    ("defaults are made once", "def f(x, into=[]):\n    into.append(x)\n    return into\nf(1)\nout = f(2)"),
    ("recursion", "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nout = [fib(i) for i in range(10)]"),
    ("while, break, else", "n, steps = 27, 0\nwhile n != 1:\n    n = n // 2 if n % 2 == 0 else 3 * n + 1\n    steps += 1\n    if steps > 1000:\n        break\nelse:\n    steps = -steps\nout = steps"),
    ("for, continue, else", "out = []\nfor i in range(6):\n    if i % 2:\n        continue\n    if i == 4:\n        break\n    out.append(i)\nelse:\n    out.append('else')"),
    ("for else without break", "out = []\nfor i in []:\n    pass\nelse:\n    out.append('else')"),
    ("try", "out = []\ntry:\n    out.append(1)\nexcept ValueError:\n    out.append(2)\nelse:\n    out.append(3)\nfinally:\n    out.append(4)"),
    ("a caught error", "out = []\ntry:\n    raise ValueError('x')\nexcept ValueError as e:\n    out.append(str(e))\nfinally:\n    out.append(4)"),
    ("classes", "class A:\n    k = 5\n    def __init__(self, x, y=2):\n        self.x = x\n        self.y = y\n    def total(self, *more):\n        return self.x + self.y + self.k + sum(more)\n    @property\n    def twice(self):\n        return 2 * self.x\n    @staticmethod\n    def s(a):\n        return a + 1\n    @classmethod\n    def make(cls, a):\n        return cls(a, a)\na = A(1)\na.x += 10\nb = A.make(3)\nout = a.total(1, 2), a.twice, A.s(4), b.x, b.y, A.k, isinstance(a, A), hasattr(a, 'x'), getattr(a, 'zz', 0)"),
    ("inheritance", "class A:\n    def f(self):\n        return 'A'\n    def g(self):\n        return self.f() + '!'\nclass B(A):\n    def f(self):\n        return 'B'\nclass C(B):\n    pass\nout = A().g(), B().g(), C().g(), isinstance(C(), A), isinstance(A(), B)"),
    ("super", "class A:\n    def __init__(self, x):\n        self.x = x\n    def f(self):\n        return self.x\nclass B(A):\n    def __init__(self, x):\n        super().__init__(x + 1)\n    def f(self):\n        return super().f() * 10\nout = B(1).f()"),
    ("operators of a class", "class V:\n    def __init__(self, x):\n        self.x = x\n    def __add__(self, o):\n        return V(self.x + o.x)\n    def __mul__(self, k):\n        return V(self.x * k)\n    def __eq__(self, o):\n        return self.x == o.x\n    def __lt__(self, o):\n        return self.x < o.x\n    def __getitem__(self, i):\n        return self.x + i\n    def __len__(self):\n        return self.x\n    def __call__(self, y):\n        return self.x - y\n    def __neg__(self):\n        return V(-self.x)\n    def __contains__(self, y):\n        return y == self.x\n    def __bool__(self):\n        return self.x > 0\nv = V(3) + V(4)\nout = v.x, (v * 2).x, v == V(7), v < V(8), v[3], len(v), v(2), (-v).x, 7 in v, bool(v), not v"),
    ("dataclass", "@dataclass\nclass P:\n    x: int\n    y: int = 2\n    z: list = dataclasses.field(default_factory=list)\n    def s(self):\n        return self.x + self.y\np = P(1)\nq = P(1, y=2)\nr = P(5, 6, [7])\nout = p.s(), p == q, p == r, r.z, P.y"),
    ("frozen dataclass", "@dataclass(frozen=True)\nclass P:\n    x: int = 3\n    @property\n    def d(self):\n        return self.x * 2\nout = P().d, P(4).x, P(4) == P(4)"),
    ("enum", "class E(Enum):\n    A = 1\n    B = 'b'\nclass I(IntEnum):\n    X = 3\n    Y = enum.auto()\nout = E.A.value, E.B.name, E.A == E.A, E.A == E.B, I.X + 1, I.Y.value, E.A is E.A, I.X == 3"),
    ("named tuple", "class N(NamedTuple):\n    a: int\n    b: int = 5\nn = N(1)\nM = collections.namedtuple('M', 'p q')\nm = M(3, q=4)\nout = n.a, n.b, n[1], m.p + m.q, tuple(m), len(n)"),
    ("match", "def f(x):\n    match x:\n        case 0:\n            return 'zero'\n        case 1 | 2:\n            return 'few'\n        case [a, b]:\n            return a + b\n        case [a, *rest]:\n            return rest\n        case {'k': v}:\n            return v\n        case str():\n            return 'text'\n        case n if n > 100:\n            return 'many'\n        case _:\n            return None\nout = [f(x) for x in (0, 1, 2, [3, 4], [5, 6, 7], {'k': 8}, 'a', 101, 50)]"),
    ("cache", "@functools.lru_cache(maxsize=None)\ndef f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\nout = f(80)"),
    ("a decorator", "def twice(f):\n    @functools.wraps(f)\n    def g(*a, **k):\n        return 2 * f(*a, **k)\n    return g\n@twice\ndef h(x, y=1):\n    return x + y\nout = h(3), h(3, y=4)"),
    ("star arguments", "def f(a, b=2, *c, d, e=5, **g):\n    return (a, b, c, d, e, g)\nout = f(1, d=4), f(1, 2, 3, 4, d=5, z=6), f(*[1, 2], **{'d': 3})"),
    ("a generator", "def g(n):\n    for i in range(n):\n        yield i * i\nout = list(g(4)), sum(g(3))"),
    ("global names", "out = (lambda: len([1]))()"),
    ("shadowed names", "len = lambda x: 42\nout = len([])"),
    ("conditional definitions", "if 1 < 2:\n    def f():\n        return 'a'\nelse:\n    def f():\n        return 'b'\nout = f()"),
    ("deleted", "x = [1, 2, 3]\ny = {'a': 1, 'b': 2}\ndel x[0], y['a']\nz = 5\ndel z\nout = x, y"),
    ("nested data", "cfg = {'tiles': [(64, 32), (128, 64)], 'f': {'x': lambda t: t[0] * t[1]}}\nout = [cfg['f']['x'](t) for t in cfg['tiles']]"),
    ("zip and unpack", "pairs = [(1, 'a'), (2, 'b')]\nnums, chars = zip(*pairs)\nout = nums, chars"),
    ("with nothing", "import contextlib\nout = 1"),
    ("annotations", "x: int = 3\ny: 'list[int]'\ndef f(a: int, b: 'str' = 'q') -> tuple:\n    z: float = 1.5\n    return a, b, z\nout = x, f(1)"),
    ("chained", "out = [x for x in range(30) if not any(x % d == 0 for d in range(2, x)) and x > 1]"),
    ("strings built", "s = ''\nfor i, c in enumerate('abc'):\n    s += f'{i}{c}' + (',' if i < 2 else '')\nout = s, s.split(','), s.upper()"),
    ("dataclass, more", "@dataclass(order=True)\nclass P:\n    x: int\n    y: int = dataclasses.field(default=3)\np, q = P(1), P(1, 4)\nr = dataclasses.replace(p, x=9)\nout = p < q, r.x, dataclasses.asdict(p), dataclasses.astuple(q), [f.name for f in dataclasses.fields(P)], dataclasses.is_dataclass(P), repr(p), p != q"),
    ("dataclass with a post-init", "@dataclass\nclass P:\n    x: int\n    def __post_init__(self):\n        self.y = self.x * 2\nout = P(4).y"),
    ("dataclass that inherits", "@dataclass\nclass A:\n    x: int = 1\n@dataclass\nclass B(A):\n    y: int = 2\nout = B().x, B(5, 6).y, isinstance(B(), A), repr(B())"),
    ("frozen is frozen", "@dataclass(frozen=True)\nclass P:\n    x: int = 3\np = P()\nok = True\ntry:\n    p.x = 4\n    ok = False\nexcept Exception:\n    pass\nout = ok, p.x"),
    ("hash of a frozen one", "@dataclass(frozen=True)\nclass P:\n    x: int\nd = {P(1): 'a', P(2): 'b'}\nout = d[P(1)], P(2) in d, P(3) in d"),
    ("enum, more", "class C(Enum):\n    RED = 1\n    BLUE = 2\n    @property\n    def low(self):\n        return self.name.lower()\nclass F(enum.IntFlag):\n    A = 1\n    B = 2\nclass S(enum.StrEnum):\n    X = 'x'\nout = [c.name for c in C], C(2).name, C['RED'].value, C.RED.low, len(C), C.RED in C, (F.A | F.B).value, S.X == 'x', C.RED != C.BLUE, isinstance(C.RED, C), {C.RED: 5}[C.RED]"),
    ("named tuple, more", "N = collections.namedtuple('N', ['a', 'b'], defaults=[7])\nn = N(1)\nx, y = n\nout = n._replace(a=5).a, n._asdict(), N._make([3, 4]).b, x, y, n == (1, 7), n.index(7), n.count(1), n._fields"),
    ("properties", "class T:\n    def __init__(self):\n        self._v = 1\n    @property\n    def v(self):\n        return self._v\n    @v.setter\n    def v(self, x):\n        self._v = x * 2\nt = T()\nt.v = 5\nout = t.v"),
    ("class data", "class A:\n    items = []\n    n = 0\n    def add(self, x):\n        self.items.append(x)\n        self.n += 1\na, b = A(), A()\na.add(1)\nb.add(2)\nA.n = 10\nout = a.items, a.n, b.n, A.n, vars(a)['n']"),
    ("setattr, getattr", "class A:\n    pass\na = A()\nsetattr(a, 'x', 3)\na.y = 4\nout = a.x, getattr(a, 'y'), getattr(a, 'z', None), hasattr(a, 'x'), hasattr(a, 'q')"),
    ("str and repr of a class", "class A:\n    def __repr__(self):\n        return 'R'\n    def __str__(self):\n        return 'S'\n    def __hash__(self):\n        return 3\n    def __eq__(self, o):\n        return True\nout = str(A()), repr(A()), f'{A()}', f'{A()!r}', '%s' % A()"),
    ("iteration of a class", "class A:\n    def __init__(self):\n        self.data = [1, 2, 3]\n    def __iter__(self):\n        return iter(self.data)\n    def __getitem__(self, i):\n        return self.data[i]\n    def __setitem__(self, i, v):\n        self.data[i] = v\n    def __len__(self):\n        return len(self.data)\n    def __contains__(self, x):\n        return x in self.data\na = A()\na[0] = 9\nout = [x for x in a], a[1], len(a), 2 in a, list(a), sum(a)"),
    ("reflected operators", "class V:\n    def __init__(self, x):\n        self.x = x\n    def __radd__(self, o):\n        return V(o + self.x)\n    def __rmul__(self, o):\n        return V(o * self.x)\n    def __sub__(self, o):\n        return NotImplemented\n    def __rsub__(self, o):\n        return V(o - self.x)\n    def __iadd__(self, o):\n        self.x += o\n        return self\n    def __abs__(self):\n        return abs(self.x)\n    def __int__(self):\n        return self.x\n    def __floordiv__(self, o):\n        return V(self.x // o)\nv = V(3)\nv += 4\nout = (2 + v).x, (3 * v).x, (10 - v).x, v.x, abs(V(-2)), (v // 2).x"),
    ("super with arguments", "class A:\n    def __init__(self, x):\n        self.x = x\nclass B(A):\n    def __init__(self, x, y):\n        super(B, self).__init__(x)\n        self.y = y\nout = B(1, 2).x, B(1, 2).y"),
    ("several bases", "class A:\n    def f(self):\n        return 'A'\nclass M:\n    def g(self):\n        return 'M'\nclass B(A, M):\n    pass\nout = B().f(), B().g(), isinstance(B(), M), issubclass(B, A)"),
    ("raise and catch", "out = []\ndef f(x):\n    if x == 0:\n        raise ValueError('zero')\n    if x == 1:\n        return {}['missing']\n    if x == 2:\n        return 1 // 0\n    if x == 3:\n        return [][1]\n    if x == 4:\n        assert False, 'no'\n    return x\nfor i in range(6):\n    try:\n        out.append(f(i))\n    except ValueError as e:\n        out.append('V' + str(e))\n    except (KeyError, IndexError):\n        out.append('K')\n    except ZeroDivisionError:\n        out.append('Z')\n    except AssertionError as e:\n        out.append('A')\n    finally:\n        out.append('.')"),
    ("raise again", "class Mine(Exception):\n    pass\ndef f():\n    try:\n        raise Mine('a')\n    except Mine:\n        raise\nout = 0\ntry:\n    f()\nexcept Mine as e:\n    out = str(e)"),
    ("raise from", "out = 0\ntry:\n    try:\n        int('x')\n    except ValueError as e:\n        raise RuntimeError('y') from e\nexcept RuntimeError as r:\n    out = str(r)"),
    ("generators", "def g():\n    yield 1\n    yield from [2, 3]\n    for i in range(2):\n        yield i * 10\nit = g()\nout = next(it), list(it), [x for x in g() if x > 1], sum(g()), dict(enumerate(g()))[1]"),
    ("generator expressions", "out = sum(x * x for x in range(4)), list(x for x in 'ab'), any(x > 2 for x in range(5)), max((len(s) for s in ['a', 'bbb']), default=0), tuple(i for i in ())"),
    ("match on classes", "@dataclass\nclass P:\n    x: int\n    y: int\ndef f(v):\n    match v:\n        case P(x=0, y=y):\n            return ('on axis', y)\n        case P(x, y) if x == y:\n            return 'diagonal'\n        case P():\n            return 'P'\n        case int(n) | float(n):\n            return n\n        case [1, [2, *r], {'a': q, **more}]:\n            return r, q, more\n        case (a, b) as whole:\n            return whole\n        case None | True:\n            return 'singleton'\n        case -1 | 'x':\n            return 'literal'\nout = [f(v) for v in (P(0, 5), P(2, 2), P(1, 2), 3, 2.5, [1, [2, 3], {'a': 4, 'b': 5}], (8, 9), None, True, 'x', 'none')]"),
    ("match on constants", "class C:\n    A = 1\n    B = 2\ndef f(v):\n    match v:\n        case C.A:\n            return 'a'\n        case C.B:\n            return 'b'\n        case [] | {}:\n            return 'empty'\n    return 'other'\nout = f(1), f(2), f([]), f({}), f(9)"),
    ("partial and reduce", "def f(a, b, *c, d=1):\n    return a, b, c, d\ng = functools.partial(f, 1, d=9)\nout = g(2, 3), g(2, d=0), functools.reduce(lambda a, b: a + b, [[1], [2]], []), functools.reduce(max, [3, 9, 2])"),
    ("cached", "calls = []\n@functools.cache\ndef f(x):\n    calls.append(x)\n    return x + 1\nf(1), f(1), f(2)\nclass A:\n    @functools.cached_property\n    def p(self):\n        calls.append('p')\n        return 5\na = A()\nout = a.p + a.p, calls"),
    ("loops over many things", "out = []\nfor i, (a, b) in enumerate({'x': 1, 'y': 2}.items()):\n    out.append((i, a, b))\nfor c in 'ab':\n    out.append(c)\nfor x in {1: 2}:\n    out.append(x)\nfor a, *r in [(1, 2, 3)]:\n    out.append(r)"),
    ("while with else and walrus", "n, out = 5, []\nwhile (m := n - 1) > 0:\n    n = m\n    out.append(m)\nelse:\n    out.append('end')"),
    ("aliases in memory", "a = [1]\nb = a\nc = a[:]\nb += [2]\nd = (a, c)\na = a + [3]\nout = a, b, c, d"),
    ("arguments are bound in order", "log = []\ndef n(x):\n    log.append(x)\n    return x\ndef f(*a, **k):\n    return a, k\nout = f(n(1), *[n(2)], x=n(3), **{'y': n(4)}), log"),
    ("short circuits", "log = []\ndef n(x):\n    log.append(x)\n    return x\nout = n(0) and n(1), n(2) or n(3), n(1) < n(0) < n(9), (n(5) if n(0) else n(6)), log"),
    ("typing", "from typing import Optional, Union, List, cast, TYPE_CHECKING\ndef f(a: Optional[int] = None, b: Union[int, str] = 1) -> List[int]:\n    return [cast(int, a or 0), b]\nout = f(), f(2, 3), TYPE_CHECKING"),
    ("sorted is stable", "rows = [(2, 'b'), (1, 'z'), (2, 'a'), (1, 'y')]\nout = sorted(rows, key=lambda r: r[0]), sorted(rows, key=lambda r: -r[0]), sorted(rows, reverse=True), sorted('hello', key='hello'.index)"),
    ("a sort of records", "rows = [{'n': 'b', 'v': 2}, {'n': 'a', 'v': 2}, {'n': 'c', 'v': 1}]\nout = [r['n'] for r in sorted(rows, key=lambda r: (r['v'], r['n']))]"),
]
IN_LATER = ("a caught error", "a generator", "with nothing", "super", "operators of a class")


def indented(text, by=4):
    return "".join(" " * by + line + "\n" for line in text.splitlines())


def parts(row):
    """(statements, the value)"""
    cut = re.split(r"; (?![^'\"]*['\"](?:$|[,;)]))", row) if "; " in row else [row]
    return cut[:-1], cut[-1]


def expected(body, value):
    """repr of the value by Python, or None when it raises"""
    scope = {}
    text = HEAD.replace("import tilelang.language as T\n", "") + "def value():\n" + indented(body) + f"    return {value}\n"
    try:
        exec(compile(text, "row", "exec"), scope)
        return repr(scope["value"]()).replace("value.<locals>.", ""), None
    except Exception as e:
        return None, e


def kernel(body, value, want):
    check = f"    assert repr(({value})) == {want!r}, repr(({value}))\n" if want is not None else f"    out = {value}\n"
    return (f"{HEAD}\ndef value():\n{indented(body)}{check}    return 1.0\n\n@T.prim_func\ndef k(A: T.Tensor((8,), 'float32')):\n"
            "    with T.Kernel(1) as bx:\n        A[0] = value()\n")


def judge(body, value, later, raises=False):
    want, why = expected(body, value)
    if raises != (want is None):
        return f"Python: {why or want}"
    with tempfile.NamedTemporaryFile("w", suffix=".py", dir=TMP, delete=False) as f:
        f.write(kernel(body, value, want))
    status, _, err = call("check", f.name)
    os.unlink(f.name)
    refused = status == 1 and re.search(r"(error|todo|unsupported)\[E\d+\]", err)
    failed = refused and "E0205" in err
    if raises:
        return None if refused else f"status {status}, but Python raises {type(why).__name__}: {why}"
    if status == 0 or (later and refused and not failed):
        return None
    return f"not {want}\n{err[:400]}"


def main():
    report = Report()
    cases = []
    for row in ROWS:
        before, value = parts(row)
        cases.append((row, lambda b="\n".join(before) or "pass", v=value, later=any(word in row for word in LATER): judge(b, v, later)))
    for row in RAISES:
        before, value = parts(row)
        if "=" in value and not before and re.match(r"^[a-z*, \[\]()0-9']+ = ", value):
            before, value = [value], "1"
        cases.append(("raises: " + row, lambda b="\n".join(before) or "pass", v=value: judge(b, v, False, True)))
    for name, body in BODIES:
        cases.append((name, lambda b=body, later=name in IN_LATER: judge(b, "out", later)))
    report.each(cases)
    report.done()


if __name__ == "__main__":
    main()
