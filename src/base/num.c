/* Number formats: fp16, bf16, fp8 (e4m3fn, e5m2, e8m0fnu), fp4 (e2m1) and tf32, to and from double.

   Every conversion is exact over all bit patterns and rounds once, to nearest even, straight from
   the double: no detour over fp32, which would round twice. Subnormals are kept. fp16 and bf16
   overflow to infinity; the fp8 and fp4 formats saturate, infinities included, as the machines'
   saturating conversions do. A NaN stays a NaN with its sign and as much of its payload as fits;
   e2m1 has none and takes its largest value instead. e8m0 holds powers of two and nothing else: no
   sign (it is dropped), no zero (it becomes the smallest power, 2^-127). */
#include "base/base.h"
#include <string.h>

typedef struct {
    int mant, emin; /* bits after the point; exponent of the smallest normal number */
    uint32_t sign;  /* the sign bit */
    uint32_t max;   /* the largest finite pattern */
    uint32_t over;  /* what lies beyond: infinity, or max where the format saturates */
    uint32_t nan;   /* the quiet NaN */
    bool inf; /* max + 1 is infinity, and NaNs follow with a payload; else `nan` is the only one */
} Format;

static const Format fp16 = {10, -14, 0x8000, 0x7bff, 0x7c00, 0x7e00, true};
static const Format bf16 = {7, -126, 0x8000, 0x7f7f, 0x7f80, 0x7fc0, true};
static const Format e4m3 = {3, -6, 0x80, 0x7e, 0x7e, 0x7f, false};
static const Format e5m2 = {2, -14, 0x80, 0x7b, 0x7b, 0x7e, true};
static const Format e2m1 = {1, 0, 0x8, 0x7, 0x7, 0x7, false};

static uint64_t bits_of(double x)
{
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static double double_of(uint64_t b)
{
    double x;
    memcpy(&x, &b, sizeof x);
    return x;
}

static const uint64_t FRACTION = (1ull << 52) - 1;

/* full / 2^shift to the nearest integer, ties to even; full < 2^53 */
static uint64_t shift_round(uint64_t full, int shift)
{
    if (shift > 53) return 0;
    uint64_t low = full & ((1ull << shift) - 1), half = 1ull << (shift - 1), r = full >> shift;
    return r + (low > half || (low == half && (r & 1)));
}

static uint32_t narrow_nan(const Format *f, uint64_t b)
{
    if (!f->inf) return f->nan;
    uint32_t payload = (uint32_t)((b & FRACTION) >> (52 - f->mant));
    return payload ? (f->max + 1) | payload : f->nan;
}

static uint32_t narrow(const Format *f, double x)
{
    uint64_t b = bits_of(x);
    uint32_t sign = b >> 63 ? f->sign : 0;
    int e = (int)(b >> 52 & 0x7ff);
    if (e == 0x7ff) return sign | (b & FRACTION ? narrow_nan(f, b) : f->over);
    if (e == 0) return sign; /* below half of the smallest subnormal of every format here */
    int exponent = e - 1023, place = exponent > f->emin ? exponent : f->emin;
    /* in units of the last place; a carry runs on into the exponent by itself, a subnormal has
     * exponent bits 0 */
    uint64_t units = shift_round((b & FRACTION) | 1ull << 52, place - f->mant - (exponent - 52));
    uint64_t code = ((uint64_t)(place - f->emin) << f->mant) + units;
    return sign | (code > f->max ? f->over : (uint32_t)code);
}

static double widen(const Format *f, uint32_t code)
{
    uint64_t sign = code & f->sign ? 1ull << 63 : 0;
    uint32_t mag = code & (f->sign - 1), fraction = mag & ((1u << f->mant) - 1), e = mag >> f->mant;
    if (mag > f->max) {
        uint64_t payload = f->inf ? (uint64_t)fraction << (52 - f->mant) : 1ull << 51;
        return double_of(sign | 0x7ffull << 52 | payload);
    }
    if (e == 0) {
        double last = double_of((uint64_t)(f->emin - f->mant + 1023) << 52);
        return double_of(bits_of(fraction * last) | sign);
    }
    return double_of(sign | (uint64_t)((int)e - 1 + f->emin + 1023) << 52 |
                     (uint64_t)fraction << (52 - f->mant));
}

#define CONVERSIONS(name, type, format)                                                            \
    type name##_from(double x)                                                                     \
    {                                                                                              \
        return (type)narrow(&format, x);                                                           \
    }                                                                                              \
    double name##_to(type b)                                                                       \
    {                                                                                              \
        return widen(&format, b);                                                                  \
    }
CONVERSIONS(f16, uint16_t, fp16)
CONVERSIONS(bf16, uint16_t, bf16)
CONVERSIONS(e4m3, uint8_t, e4m3)
CONVERSIONS(e5m2, uint8_t, e5m2)

/* fp32 with 10 bits after the point; the low 13 bits of the result are 0 */
float tf32_from(double x)
{
    static const Format tf32 = {10, -126, 1u << 18, 0x3fbff, 0x3fc00, 0x3fe00, true};
    uint32_t bits = narrow(&tf32, x) << 13;
    float r;
    memcpy(&r, &bits, sizeof r);
    return r;
}

uint8_t e2m1_from(double x)
{
    return x != x ? e2m1.nan : (uint8_t)narrow(&e2m1, x);
}
double e2m1_to(uint8_t b)
{
    return widen(&e2m1, b & 0xf);
}

/* the nearest power of two, the greater one in the middle */
uint8_t e8m0_from(double x)
{
    if (x != x) return 0xff;
    uint64_t b = bits_of(x) & ~(1ull << 63);
    int e = (int)((b + (1ull << 51)) >> 52) - 1023 + 127; /* half carries into the exponent */
    return (uint8_t)MIN(MAX(e, 0), 0xfe);
}
double e8m0_to(uint8_t b)
{
    return double_of(b == 0xff ? 0x7ff8ull << 48 : (uint64_t)(b - 127 + 1023) << 52);
}
