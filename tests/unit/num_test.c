/* Number formats against a definition of their own: a pattern's value from its fields with ldexp,
   rounding by searching all patterns for the nearest value. Nothing here is shared with base/num.c.
 */
#include "base/base.h"
#include "unit.h"
#include <math.h>
#include <string.h>

typedef struct {
    const char *name;
    int bits, exp, mant;
    int kind; /* 0: as IEEE, with infinities   1: saturates, infinities exist   2: saturates, one
                 NaN, no infinity   3: saturates, every pattern is a number */
    uint32_t (*from)(double);
    double (*to)(uint32_t);
} Format;

static uint32_t from_f16(double x)
{
    return f16_from(x);
}
static uint32_t from_bf16(double x)
{
    return bf16_from(x);
}
static uint32_t from_e4m3(double x)
{
    return e4m3_from(x);
}
static uint32_t from_e5m2(double x)
{
    return e5m2_from(x);
}
static uint32_t from_e2m1(double x)
{
    return e2m1_from(x);
}
static double to_e2m1(uint32_t b)
{
    return e2m1_to((uint8_t)b);
}
static double to_f16(uint32_t b)
{
    return f16_to((uint16_t)b);
}
static double to_bf16(uint32_t b)
{
    return bf16_to((uint16_t)b);
}
static double to_e4m3(uint32_t b)
{
    return e4m3_to((uint8_t)b);
}
static double to_e5m2(uint32_t b)
{
    return e5m2_to((uint8_t)b);
}

static const Format formats[] = {
    {"float16", 16, 5, 10, 0, from_f16, to_f16},
    {"bfloat16", 16, 8, 7, 0, from_bf16, to_bf16},
    {"float8_e4m3fn", 8, 4, 3, 2, from_e4m3, to_e4m3},
    {"float8_e5m2", 8, 5, 2, 1, from_e5m2, to_e5m2},
    {"float4_e2m1fn", 4, 2, 1, 3, from_e2m1, to_e2m1},
};

/* the value of a pattern, from the textbook */
static double value(const Format *k, uint32_t code)
{
    int bias = (1 << (k->exp - 1)) - 1, all = (1 << k->exp) - 1;
    int sign = code >> (k->bits - 1) & 1, e = (int)(code >> k->mant) & all,
        m = (int)(code & ((1u << k->mant) - 1));
    double x;
    if (k->kind != 3 && e == all && (k->kind != 2 || m == (1 << k->mant) - 1))
        x = k->kind != 2 && m == 0 ? (double)INFINITY : (double)NAN;
    else if (e == 0)
        x = ldexp(m, 1 - bias - k->mant);
    else
        x = ldexp(m + (1 << k->mant), e - bias - k->mant);
    return sign ? -x : x;
}

static uint32_t largest(const Format *k)
{
    uint32_t best = 0;
    for (uint32_t c = 0; c < 1u << (k->bits - 1); c++)
        if (isfinite(value(k, c))) best = c;
    return best;
}

/* the nearest of all finite patterns with this sign, ties to the even pattern; beyond half a step
 * over the largest: overflow */
static uint32_t nearest_code(const Format *k, double x)
{
    uint32_t max = largest(k), sign = signbit(x) ? 1u << (k->bits - 1) : 0, best = 0;
    long double a = fabsl((long double)x), least = INFINITY;
    long double top = value(k, max), step = top - (long double)value(k, max - 1);
    if (a >= top + step / 2) return sign | (k->kind == 0 ? max + 1 : max);
    for (uint32_t c = 0; c <= max; c++) {
        long double d = fabsl(value(k, c) - a);
        if (d < least || (d == least && !(c & 1))) {
            least = d;
            best = c;
        }
    }
    return sign | best;
}

static void check_one(const Format *k, double x, uint32_t want)
{
    uint32_t got = k->from(x);
    CHECK(got == want, "%s of %a: pattern %#x, expected %#x", k->name, x, got, want);
}

static void both_signs(const Format *k, double x, uint32_t want)
{
    check_one(k, x, want);
    check_one(k, -x, want | 1u << (k->bits - 1));
}

/* every pattern to double and back */
static void patterns(const Format *k)
{
    for (uint32_t c = 0; c < 1u << k->bits; c++) {
        double want = value(k, c), got = k->to(c);
        CHECK(want == got || (want != want && got != got), "%s pattern %#x is %a, expected %a",
              k->name, c, got, want);
        CHECK(signbit(want) == signbit(got) || want != want, "%s pattern %#x: sign", k->name, c);
        uint32_t back = k->from(got);
        if (isinf(want) && k->kind != 0)
            CHECK(back == (c & 1u << (k->bits - 1)) + largest(k),
                  "%s infinity saturates, found %#x", k->name, back);
        else
            CHECK(back == c || (k->kind == 2 && want != want && value(k, back) != value(k, back)),
                  "%s pattern %#x comes back as %#x", k->name, c, back);
    }
}

/* between every two neighbours: the midpoint, and the doubles next to it and to the values
 * themselves */
static void midpoints(const Format *k)
{
    uint32_t max = largest(k);
    for (uint32_t c = 0; c < max; c++) {
        double a = value(k, c), b = value(k, c + 1), mid = (a + b) / 2;
        both_signs(k, mid, c & 1 ? c + 1 : c);
        both_signs(k, nextafter(mid, 0), c);
        both_signs(k, nextafter(mid, INFINITY), c + 1);
        both_signs(k, nextafter(a, INFINITY), c);
        both_signs(k, nextafter(b, 0), c + 1);
    }
    double top = value(k, max), half = (top - value(k, max - 1)) / 2;
    uint32_t over = k->kind == 0 ? max + 1 : max;
    both_signs(k, nextafter(top + half, 0), max);
    both_signs(k, top + half, over);
    both_signs(k, top * 2, over);
    both_signs(k, 1e308, over);
    both_signs(k, INFINITY, over);
    both_signs(k, 4.9e-324, 0);
    both_signs(k, 1e-300, 0);
    if (k->kind == 3)
        CHECK(k->from(NAN) == max && k->from(-NAN) == max, "%s: NaN is not the largest", k->name);
    else
        CHECK(isnan(k->to(k->from(NAN))) && isnan(k->to(k->from(-NAN))), "%s loses NaN", k->name);
}

static uint64_t random_bits(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* random doubles of all magnitudes that matter against the search */
static void searched(const Format *k)
{
    uint64_t state = 88172645463325252u;
    int bias = (1 << (k->exp - 1)) - 1, n = k->bits == 16 ? 300 : 4000;
    for (int i = 0; i < n; i++) {
        double m = (double)(random_bits(&state) >> 11) / 9007199254740992.0 + 0.5;
        double x = ldexp(m, (int)(random_bits(&state) % (unsigned)(2 * bias + k->mant + 6)) - bias -
                                k->mant - 2);
        check_one(k, i & 1 ? -x : x, nearest_code(k, i & 1 ? -x : x));
    }
}

/* tf32: 11 significant bits in the range of fp32 */
static float tf32_slow(double x)
{
    int e;
    if (x == 0 || !isfinite(x)) return (float)x;
    frexp(x, &e);
    double step = ldexp(1, (e - 1 < -126 ? -126 : e - 1) - 10);
    double q = x / step, low = floor(q), d = q - low; /* exact: step is a power of two */
    double r = d > 0.5 || (d == 0.5 && fmod(low, 2) != 0) ? low + 1 : low;
    return fabs(r * step) >= ldexp(1, 128) ? (float)copysign(INFINITY, x) : (float)(r * step);
}

static void tf32(void)
{
    uint64_t state = 1181783497276652981u;
    for (int i = 0; i < 200000; i++) {
        double m = (double)(random_bits(&state) >> 11) / 9007199254740992.0 + 0.5;
        if (i % 4 == 0) /* a tie */
            m = (floor(m * 2048) + 0.5) / 2048;
        double x = copysign(ldexp(m, (int)(random_bits(&state) % 282) - 150), i & 1 ? -1.0 : 1.0);
        float got = tf32_from(x), want = tf32_slow(x);
        uint32_t bits;
        memcpy(&bits, &got, 4);
        CHECK(got == want && (bits & 0x1fff) == 0, "tf32 of %a: %a, expected %a", x, (double)got,
              (double)want);
    }
    CHECK(isnan(tf32_from(NAN)) && isinf(tf32_from(INFINITY)), "tf32 of NaN and infinity");
}

/* e8m0: powers of two; the nearest by a search, the greater one in the middle */
static void powers(void)
{
    for (int c = 0; c < 255; c++) {
        double v = ldexp(1, c - 127), up = ldexp(1, MIN(c + 1, 254) - 127);
        CHECK(e8m0_to((uint8_t)c) == v, "e8m0 pattern %#x is %a", c, e8m0_to((uint8_t)c));
        CHECK(e8m0_from(v) == c && e8m0_from(-v) == c, "e8m0 of %a: %#x", v, e8m0_from(v));
        CHECK(e8m0_from(nextafter(v * 1.5, 0)) == c, "e8m0 below the middle after %a", v);
        CHECK(e8m0_from(v * 1.5) == MIN(c + 1, 254), "e8m0 in the middle after %a", v);
        CHECK(e8m0_from(nextafter(up, 0)) == MIN(c + 1, 254), "e8m0 below %a", up);
    }
    CHECK(isnan(e8m0_to(255)) && e8m0_from(NAN) == 255, "e8m0 loses NaN");
    CHECK(e8m0_from(INFINITY) == 254 && e8m0_from(1e300) == 254, "e8m0 saturates");
    CHECK(e8m0_from(0) == 0 && e8m0_from(-0.0) == 0 && e8m0_from(4.9e-324) == 0, "e8m0 of 0");
}

/* every float between two neighbours of a format, or a sample of them, against the search */
static void from_floats(const Format *k)
{
    uint32_t max = largest(k), step = k->bits == 16 ? 0x1f3f1 : 0x3ff1;
    float top;
    uint32_t end;
    top = (float)(value(k, max) * 4);
    memcpy(&end, &top, 4);
    for (uint32_t b = 0; b <= end; b += k->bits == 16 ? step * 64 : step) {
        float x;
        memcpy(&x, &b, 4);
        both_signs(k, (double)x, nearest_code(k, (double)x));
    }
}

int main(void)
{
    for (int i = 0; i < COUNT(formats); i++) {
        patterns(&formats[i]);
        midpoints(&formats[i]);
        searched(&formats[i]);
        from_floats(&formats[i]);
    }
    powers();
    tf32();
    return unit_done();
}
