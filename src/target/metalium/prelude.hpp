// What emitted kernels may call besides the kernel interface. A kernel carries the functions it
// needs, nothing else.

// elements of a type T in L1
template <class T> using L1 = volatile tt_l1_ptr T *;
template <class T> inline L1<T> l1(uint32_t address)
{
    return reinterpret_cast<L1<T>>(static_cast<uintptr_t>(address));
}

inline uint32_t bits(float x) { return __builtin_bit_cast(uint32_t, x); }
inline float float_of(uint32_t b) { return __builtin_bit_cast(float, b); }

// bfloat16, to nearest even
inline float bf16_value(uint16_t b) { return float_of(static_cast<uint32_t>(b) << 16); }
inline uint16_t bf16_bits(float x)
{
    const uint32_t b = bits(x);
    return x != x ? 0x7fc0 : static_cast<uint16_t>((b + 0x7fff + (b >> 16 & 1)) >> 16);
}
inline float round_bf16(float x) { return bf16_value(bf16_bits(x)); }

// half precision, to nearest even
inline float round_f16(float x)
{
    const uint32_t b = bits(x), a = b & 0x7fffffff, sign = b & 0x80000000;
    if (a > 0x7f800000) return x;
    if (a >= 0x477ff000) return float_of(sign | 0x7f800000);
    if (a < 0x38800000) return float_of(sign | bits((float_of(a) + 0.5f) - 0.5f));
    return float_of(sign | ((a + 0xfff + (a >> 13 & 1)) & ~0x1fffu));
}

// 8-bit floats with m bits of mantissa, least exponent e, greatest value top: to nearest even,
// saturating
inline float round_f8(float x, int m, int e, float top)
{
    const uint32_t b = bits(x), a = b & 0x7fffffff, sign = b & 0x80000000;
    if (a > 0x7f800000) return x;
    const uint32_t low = static_cast<uint32_t>(e + 127) << 23, drop = 23 - static_cast<uint32_t>(m);
    const float magic = float_of(static_cast<uint32_t>(e + 127 + static_cast<int>(drop)) << 23);
    const uint32_t up = a + (1u << (drop - 1)) - 1 + (a >> drop & 1);
    const float r = a < low ? (float_of(a) + magic) - magic : float_of(up & ~((1u << drop) - 1));
    return float_of(sign | bits(r > top ? top : r));
}
inline float round_e4m3(float x) { return round_f8(x, 3, -6, 448.0f); }
inline float round_e5m2(float x) { return round_f8(x, 2, -14, 57344.0f); }

// towards zero, saturating
inline int32_t float_to_int(float x)
{
    if (x >= 2147483648.0f) return 2147483647;
    if (x <= -2147483648.0f) return -2147483647 - 1;
    return x != x ? 0 : static_cast<int32_t>(x);
}

inline uint32_t float_to_uint(float x)
{
    return !(x > 0) ? 0 : x >= 4294967296.0f ? 4294967295u : static_cast<uint32_t>(x);
}

template <class A, class B> inline auto k_max(A a, B b) -> decltype(a + b)
{
    return a > b || b != b ? a : b;
}

template <class A, class B> inline auto k_min(A a, B b) -> decltype(a + b)
{
    return a < b || b != b ? a : b;
}

template <class T> inline T k_abs(T a) { return a < 0 ? -a : a; }

template <class A, class B> inline auto k_floordiv(A a, B b) -> decltype(a + b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

template <class A, class B> inline auto k_floormod(A a, B b) -> decltype(a + b)
{
    return a - k_floordiv(a, b) * b;
}

// where element (r, c) lies in a matrix of tiles, `across` of them side by side: a tile is four
// faces of 16 x 16
inline uint32_t tile_at(uint32_t r, uint32_t c, uint32_t across)
{
    const uint32_t face = r % 32 / 16 * 2 + c % 32 / 16;
    return (r / 32 * across + c / 32) * 1024 + face * 256 + r % 16 * 16 + c % 16;
}

inline void zero_l1(uint32_t address, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i += 4) *l1<uint32_t>(address + i) = 0;
}

inline void copy_l1(uint32_t to, uint32_t from, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i += 4) *l1<uint32_t>(to + i) = *l1<uint32_t>(from + i);
}

// zero in a tile what lies beyond its first rows x cols elements
template <class T> inline void zero_edge(uint32_t address, int32_t rows, int32_t cols)
{
    if (rows >= 32 && cols >= 32) return;
    for (int32_t r = 0; r < 32; ++r)
        for (int32_t c = r >= rows ? 0 : cols < 0 ? 0 : cols; c < 32; ++c)
            l1<T>(address)[tile_at(r, c, 1)] = 0;
}

// A page that holds a row of a tensor is a multiple of 64 bytes, and is read in pieces of 64 bytes.
inline uint32_t row_bytes(uint32_t elements, uint32_t size)
{
    return elements ? (elements * size + 63) / 64 * 64 : 64;
}

// begins to read elements first .. first + n of a row of `width`; those outside of it are left out
template <class T, class A>
inline void read_row(const A &tensor, uint32_t page, int32_t first, int32_t n, int32_t width,
                     uint32_t to)
{
    const int32_t lo = first > 0 ? first : 0, hi = first + n < width ? first + n : width;
    if (lo >= hi) return;
    const uint32_t from = lo * sizeof(T) / 64 * 64, end = (hi * sizeof(T) + 63) / 64 * 64;
    noc_async_read(tensor.get_noc_addr(page, from), to, end - from);
}

// where read_row put, or would have put, element `first`
template <class T> inline L1<T> row_at(uint32_t to, int32_t first)
{
    return l1<T>(to + (first > 0 ? first * sizeof(T) % 64 : 0)) + (first < 0 ? first : 0);
}

// writes elements first .. first + n of a row of `width` that lie where row_at says: the network
// wants equal alignment at both ends
template <class T, class A>
inline void write_row(const A &tensor, uint32_t page, int32_t first, int32_t n, int32_t width,
                      uint32_t from)
{
    const int32_t lo = first > 0 ? first : 0, hi = first + n < width ? first + n : width;
    if (lo >= hi) return;
    const uint32_t at = lo * sizeof(T);
    noc_async_write(from + at % 64, tensor.get_noc_addr(page, at), (hi - lo) * sizeof(T));
}

// one element of a row
template <class T, class A>
inline T load_element(const A &tensor, uint32_t page, uint32_t element, uint32_t scratch)
{
    const uint32_t at = element * sizeof(T);
    noc_async_read(tensor.get_noc_addr(page, at / 64 * 64), scratch, 64);
    noc_async_read_barrier();
    return *l1<T>(scratch + at % 64);
}

template <class T, class A>
inline void store_element(const A &tensor, uint32_t page, uint32_t element, T value,
                          uint32_t scratch)
{
    const uint32_t at = element * sizeof(T);
    *l1<T>(scratch + at % 64) = value;
    noc_async_write(scratch + at % 64, tensor.get_noc_addr(page, at), sizeof(T));
    noc_async_write_barrier();
}

// the first n destination registers to the next n tiles of cb
ALWI void pack_out(uint32_t cb, uint32_t n)
{
    tile_regs_commit();
    tile_regs_wait();
    for (uint32_t i = 0; i < n; ++i) pack_tile(i, cb);
    tile_regs_release();
}

// the first destination register to the next n tiles of cb
ALWI void pack_all(uint32_t cb, uint32_t n)
{
    tile_regs_commit();
    tile_regs_wait();
    for (uint32_t i = 0; i < n; ++i) pack_tile(0, cb);
    tile_regs_release();
}
