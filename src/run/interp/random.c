/* Philox 4x32-10 ("Parallel random numbers: as easy as 1, 2, 3", 2011), with the state, the order of
   outputs and the conversions of the generator of that name in CUDA's library: the seed is the key,
   the sequence the upper half of the counter, the offset counts outputs. */
#include "run/interp/interp.h"
#include <math.h>

static void rounds(Philox *p)
{
    uint32_t c[4] = {p->counter[0], p->counter[1], p->counter[2], p->counter[3]};
    uint32_t key[2] = {p->key[0], p->key[1]};
    for (int i = 0; i < 10; i++) {
        uint64_t a = 0xD2511F53ull * c[0], b = 0xCD9E8D57ull * c[2];
        uint32_t next[4] = {(uint32_t)(b >> 32) ^ c[1] ^ key[0], (uint32_t)b,
                            (uint32_t)(a >> 32) ^ c[3] ^ key[1], (uint32_t)a};
        for (int k = 0; k < 4; k++) c[k] = next[k];
        key[0] += 0x9E3779B9u;
        key[1] += 0xBB67AE85u;
    }
    for (int k = 0; k < 4; k++) p->out[k] = c[k];
}

/* the lower half of the counter moves on, into the upper when it is full */
static void advance(Philox *p, uint64_t n)
{
    uint64_t low = p->counter[0] | (uint64_t)p->counter[1] << 32, sum = low + n;
    p->counter[0] = (uint32_t)sum;
    p->counter[1] = (uint32_t)(sum >> 32);
    if (sum >= low) return;
    if (!++p->counter[2]) p->counter[3]++;
}

void interp_random_open(Philox *p, uint64_t seed, uint64_t sequence, uint64_t offset)
{
    *p = (Philox){.open = true, .key = {(uint32_t)seed, (uint32_t)(seed >> 32)}};
    p->counter[2] = (uint32_t)sequence;
    p->counter[3] = (uint32_t)(sequence >> 32);
    advance(p, offset / 4);
    p->at = (int)(offset % 4);
    rounds(p);
}

uint32_t interp_random(Philox *p)
{
    uint32_t r = p->out[p->at++];
    if (p->at == 4) {
        advance(p, 1);
        rounds(p);
        p->at = 0;
    }
    return r;
}

static const float STEP = 2.3283064365386963e-10f; /* 2^-32 */

/* (0, 1]; a double takes two outputs, 53 bits of them */
double interp_random_uniform(Philox *p, DType t)
{
    if (t != DT_float64) return fmaf((float)interp_random(p), STEP, STEP / 2);
    uint64_t x = interp_random(p), y = interp_random(p), bits = x ^ y << (53 - 32);
    return (double)bits * 0x1p-53 + 0x1p-54;
}

/* Box and Muller make two at a time; the second one is kept */
double interp_random_normal(Philox *p, DType t)
{
    bool wide = t == DT_float64;
    p->spare[wide] = !p->spare[wide];
    if (!p->spare[wide]) return p->normal[wide];
    if (wide) {
        uint64_t x[4];
        for (int k = 0; k < 4; k++) x[k] = interp_random(p);
        double u = (double)(x[0] ^ x[1] << 21) * 0x1p-53 + 0x1p-54;
        double angle = M_PI * ((double)(x[2] ^ x[3] << 21) * 0x1p-52 + 0x1p-53);
        double s = sqrt(-2 * log(u));
        p->normal[1] = s * cos(angle);
        return s * sin(angle);
    }
    float a = fmaf((float)interp_random(p), STEP, STEP / 2);
    float b = fmaf((float)interp_random(p), STEP * 6.2831855f, STEP / 2 * 6.2831855f);
    float s = sqrtf(-2 * logf(a));
    p->normal[0] = (double)(s * cosf(b));
    return (double)(s * sinf(b));
}
