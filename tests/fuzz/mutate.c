/* Mutations that know what a program looks like: lines with what is indented below them, tokens, numbers at the edge, the words of the
   tables. A quarter of the mutations is left to the fuzzer's own, on bytes. */
#include "fuzz.h"

typedef struct {
    uint64_t seed;
    uint8_t *s;         /* the text, in place */
    size_t n, max;
} Mutator;

static unsigned below(Mutator *m, size_t n)
{
    m->seed ^= m->seed << 13, m->seed ^= m->seed >> 7, m->seed ^= m->seed << 17;
    return n ? (unsigned)((m->seed >> 11) % n) : 0;
}

/* ---- words ----------------------------------------------------------------------------------- */

static const char *const words[] = {
#define OPERATOR(text) text,
#define KEYWORD(text) text,
#include "lang/tokens.def"
#undef OPERATOR
#undef KEYWORD
};
static const char *const calls[] = {
#define BUILTIN(scope, name, handler, signature, help) #scope "." #name,
#include "lang/builtins.def"
#undef BUILTIN
};
static const char *const odd[] = {
    "0", "1", "-1", "2", "3", "127", "128", "255", "256", "65535", "65536", "2147483647", "2147483648", "-2147483648", "4294967296",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1 << 62", "2 ** 126", "170141183460469231731687303715884105727",
    "0x7fffffffffffffffffffffffffffffff", "1e308", "1e-320", "1e999", "0.0", "-0.0", "float('inf')", "float('nan')", "1j", "''", "'x' * 3",
    "None", "True", "False", "...", "()", "[]", "{}", "{1}", "(1,)", "[0] * 4", "range(3)", "lambda x: x", "lambda: 0", "*a", "**k", "x[::2]",
    "x[-1]", "x[:, None]", "f'{x!r:>{w}}'", "b'\\xff'", "'\\N{DASH}'", "(yield)", "not x", "x if y else z", "[i for i in range(3)]",
    "{k: v for k, v in d.items()}", "(x := 1)", "'float16'", "'bfloat16'", "'float8_e4m3'", "'int8'", "'bool'", "T.float32", "T.dynamic('n')",
    "bx", "by", "tx", "i", "j", "k", "bx * 64", "T.ceildiv(M, 64)", "A[0, 0]", "A[bx * 32, 0]", "A[0:32, :]", "dim=0", "clear=False",
    "num_stages=2", "threads=128", "transpose_B=True", "@T.prim_func", "@tilelang.jit", "@T.macro", "@dataclass",
};
static const char *const lines[] = {
    "pass", "return x", "break", "continue", "x = 0", "x += 1", "del x", "global x", "nonlocal x", "assert x, 'why'", "raise ValueError(x)",
    "import math", "from . import x", "from tilelang import language as T", "for i in range(4):", "while x < 4:", "if x:", "elif x:", "else:",
    "try:", "except ValueError as e:", "finally:", "with T.Kernel(4, threads=128) as bx:", "with T.Kernel(T.ceildiv(n, 32)) as bx:", "def f(x, *a, y=1, **k):",
    "class C(B):", "match x:", "case [a, *b]:", "for i, j in T.Parallel(32, 32):", "for k in T.Pipelined(4, num_stages=2):", "for i in T.serial(0, 8, 2):",
    "for i in T.unroll(4):", "for i in T.vectorized(4):", "s = T.alloc_shared((32, 32), 'float16')", "f = T.alloc_fragment((32, 32), 'float32')",
    "v = T.alloc_var('int32')", "l = T.alloc_local((4,), 'float32')", "T.copy(A[bx * 32, 0], s)", "T.copy(f, B[0, 0])", "T.gemm(s, s, f)", "T.clear(f)",
    "T.fill(f, -T.infinity('float32'))", "T.reduce_max(f, r, dim=1)", "T.cumsum(f, dim=1)", "f[i, j] = s[i, j]", "B[i] = A[i] + 1",
    "with T.reader():", "with T.compute():", "with T.writer():", "p = T.pipe((32, 32), 'float16', depth=2)", "T.commit(p)", "x = T.wait(p)",
};

#define PICK(m, list) (list)[below(m, sizeof(list) / sizeof((list)[0]))]

static const char *any_word(Mutator *m)
{
    switch (below(m, 4)) {
    case 0: return PICK(m, words);
    case 1: return PICK(m, odd);
    default: {
        const char *w = PICK(m, calls);
        return w[0] == 'T' && w[1] == '.' ? w : strchr(w, '.') + (below(m, 2) ? 1 : 0);
    }
    }
}

/* ---- places ---------------------------------------------------------------------------------- */

typedef struct { size_t at, n; } Part;

static size_t line_start(const Mutator *m, size_t at)
{
    while (at > 0 && m->s[at - 1] != '\n') at--;
    return at;
}

static size_t line_end(const Mutator *m, size_t at)
{
    while (at < m->n && m->s[at] != '\n') at++;
    return at < m->n ? at + 1 : at;
}

static size_t indent_of(const Mutator *m, size_t at)
{
    size_t n = 0;
    while (at + n < m->n && m->s[at + n] == ' ') n++;
    return n;
}

static Part any_line(Mutator *m)
{
    size_t at = line_start(m, below(m, m->n));
    return (Part){at, line_end(m, at) - at};
}

/* a line and all that is indented deeper below it */
static Part any_block(Mutator *m)
{
    Part p = any_line(m);
    size_t depth = indent_of(m, p.at), end = p.at + p.n;
    while (end < m->n && (m->s[end] == '\n' || indent_of(m, end) > depth)) end = line_end(m, end);
    return (Part){p.at, end - p.at};
}

static bool is_word(uint8_t c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

/* a word, a number, or one character of punctuation; never blanks */
static Part any_token(Mutator *m)
{
    size_t at = below(m, m->n), end;
    while (at < m->n && (m->s[at] == ' ' || m->s[at] == '\n')) at++;
    while (at > 0 && at < m->n && is_word(m->s[at]) && is_word(m->s[at - 1])) at--;
    end = at;
    while (end < m->n && is_word(m->s[end])) end++;
    if (end == at && end < m->n) end++;
    return (Part){at, end - at};
}

static bool replace(Mutator *m, Part p, const void *by, size_t n)
{
    if (m->n - p.n + n > m->max) return false;
    uint8_t *copy = malloc(n + 1);
    memcpy(copy, by, n);
    memmove(m->s + p.at + n, m->s + p.at + p.n, m->n - p.at - p.n);
    memcpy(m->s + p.at, copy, n);
    m->n = m->n - p.n + n;
    free(copy);
    return true;
}

/* ---- mutations ------------------------------------------------------------------------------- */

static bool swap_tokens(Mutator *m)
{
    Part a = any_token(m), b = any_token(m);
    uint8_t first[64], second[64];
    if (a.at > b.at) { Part t = a; a = b, b = t; }
    if (a.at + a.n > b.at || a.n > sizeof first || b.n > sizeof second) return false;
    memcpy(first, m->s + a.at, a.n);
    memcpy(second, m->s + b.at, b.n);
    return replace(m, b, first, a.n) && replace(m, a, second, b.n);
}

static bool move_block(Mutator *m, bool keep)
{
    Part from = any_block(m);
    if (!from.n) return false;
    uint8_t *copy = malloc(from.n);
    memcpy(copy, m->s + from.at, from.n);
    if (!keep) replace(m, from, "", 0);
    bool ok = replace(m, (Part){any_line(m).at, 0}, copy, from.n);
    free(copy);
    return ok;
}

static bool insert_line(Mutator *m)
{
    char text[256];
    Part at = any_line(m);
    int n = snprintf(text, sizeof text, "%*s%s\n", (int)(indent_of(m, at.at) % 64 + (below(m, 4) ? 0 : 4)), "", PICK(m, lines));
    return replace(m, (Part){at.at, 0}, text, (size_t)n);
}

static bool indent_block(Mutator *m)
{
    Part p = below(m, 2) ? any_block(m) : any_line(m);
    bool deeper = below(m, 2) != 0;
    for (size_t at = p.at, end = p.at + p.n; at < end && at < m->n; at = line_end(m, at)) {
        if (deeper && !replace(m, (Part){at, 0}, "    ", 4)) return false;
        if (deeper) end += 4;
        if (!deeper && indent_of(m, at) >= 4) replace(m, (Part){at, 4}, "", 0), end -= MIN(end, 4);
    }
    return true;
}

/* (x) around a token, or x + x, x[x], x(x) */
static bool wrap_token(Mutator *m)
{
    static const char *const forms[] = {"(%s)", "%s + %s", "%s[%s]", "%s(%s)", "[%s]", "{%s}", "f'{%s}'", "-%s", "not %s", "%s,", "%s.%s", "*%s", "%s: %s", "%s = %s", "lambda: %s"};
    char token[64], text[256];
    Part p = any_token(m);
    if (p.n >= sizeof token) return false;
    memcpy(token, m->s + p.at, p.n);
    token[p.n] = 0;
    const char *form = PICK(m, forms);
    size_t n = 0;
    for (const char *f = form; *f && n < sizeof text - 65; f++) {
        if (*f != '%') { text[n++] = *f; continue; }
        memcpy(text + n, token, p.n);
        n += p.n;
        f++;
    }
    return replace(m, p, text, n);
}

static bool mutate(Mutator *m)
{
    Part p;
    const char *w;
    if (!m->n) return insert_line(m);
    switch (below(m, 11)) {
    case 0: p = any_token(m); return replace(m, p, "", 0);
    case 1: p = any_token(m); w = any_word(m); return replace(m, p, w, strlen(w));
    case 2: p = any_token(m); w = PICK(m, odd); return replace(m, p, w, strlen(w));
    case 3: p = any_token(m); p.n = 0; w = any_word(m); return replace(m, p, w, strlen(w));
    case 4: return swap_tokens(m);
    case 5: p = any_block(m); return replace(m, p, "", 0);
    case 6: return move_block(m, true);
    case 7: return move_block(m, false);
    case 8: return insert_line(m);
    case 9: return indent_block(m);
    default: return wrap_token(m);
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    Mutator m = {.seed = seed * 0x9E3779B97F4A7C15u + 1, .s = data, .n = size, .max = max};
    if (below(&m, 4) == 0) return LLVMFuzzerMutate(data, size, max);
    for (unsigned times = 1 + below(&m, 4); times > 0; times--) mutate(&m);
    return m.n;
}

/* a block of b put into a */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint8_t *out, size_t max, unsigned seed)
{
    if (na > max) na = max;
    memcpy(out, a, na);
    Mutator m = {.seed = seed * 0x9E3779B97F4A7C15u + 1, .s = out, .n = na, .max = max};
    Mutator from = {.seed = m.seed + 7, .s = (uint8_t *)(uintptr_t)b, .n = nb, .max = nb};
    Part block = any_block(&from), at = na ? (below(&m, 2) ? any_block(&m) : any_line(&m)) : (Part){0};
    if (below(&m, 2)) at.n = 0;
    replace(&m, at, b + block.at, block.n);
    return m.n;
}
