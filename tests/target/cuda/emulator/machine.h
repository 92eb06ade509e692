/* The functions of the prelude that are instructions of the machine, for emulator.h. */
DEV float plain(f16_t x) { _Float16 h; memcpy(&h, &x, 2); return (float)h; }
DEV float plain(e4m3_t x)
{
    int s = x.bits >> 7, e = x.bits >> 3 & 15, m = x.bits & 7;
    float v = e == 15 && m == 7 ? NAN : e ? ldexpf(1 + m / 8.f, e - 7) : ldexpf(m / 8.f, -6);
    return s ? -v : v;
}
DEV float plain(e5m2_t x) { return plain(f16_t{(u16)(x.bits << 8)}); }
DEV void convert(float x, f16_t &r) { _Float16 h = (_Float16)x; memcpy(&r, &h, 2); }
DEV void convert(float x, bf16_t &r)
{
    u32 u = __float_as_uint(x);
    r.bits = x != x ? 0x7fff : (u16)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}
template <class T> DEV void nearest8(float x, T &r, int top)    /* of the finite numbers up to `top` */
{
    int best = 0;
    float a = fabsf(x);
    for (int i = 0; i <= top; i++) {
        float d = fabsf(plain(T{(u8)i}) - a), b = fabsf(plain(T{(u8)best}) - a);
        if (d < b || (d == b && i % 2 == 0)) best = i;
    }
    if (a >= plain(T{(u8)top})) best = top;
    r.bits = (u8)(x != x ? 0x7f : best | (signbit(x) ? 0x80 : 0));
}
DEV void convert(float x, e4m3_t &r) { nearest8(x, r, 0x7e); }
DEV void convert(float x, e5m2_t &r) { nearest8(x, r, 0x7b); }
DEV float k_exp2(float x) { return exp2f(x); }

DEV u32 smem_addr(const void *p) { return (u32)((const uint8_t *)p - emu::shared); }
DEV void bar_init(u32 bar, u32 count) { emu::bars[bar] = {(int)count, (int)count, 0, 0, true}; }
DEV void bar_init_done() {}
DEV void bar_arrive(u32 bar) { emu::bar_arrive(bar); }
DEV void bar_expect(u32 bar, u32 bytes) { emu::bar(bar).bytes += bytes; }
DEV void bar_wait(u32 bar, u32 parity)
{
    while ((emu::bar(bar).phase & 1) == parity) emu::yield("mbarrier");
}
DEV void fence_async() {}
template <int ID, int THREADS> DEV void role_sync() { emu::meet(ID, THREADS, "role_sync"); }
DEV void group_sync(int id, int threads) { emu::meet(id, threads, "group_sync"); }
DEV void turn_take(int id, int threads) { emu::meet(id, threads, "turn_take"); }
DEV void turn_give(int id, int threads) { emu::arrive(id, threads); }
template <int N> DEV void regs_dec() {}
template <int N> DEV void regs_inc() {}

template <class... C> DEV void tma_load(u32 dst, const emu::Map *map, u32 bar, C... c)
{
    int at[] = {c...};
    if ((int)sizeof...(c) != map->rank) emu::die("%sa map of rank %ld", "", map->rank);
    emu::box(*map, dst, at, true);
    int64_t bytes = map->size;
    for (int d = 0; d < map->rank; d++) bytes *= map->box[d];
    emu::bar(bar).bytes -= bytes;
    emu::settle(emu::bar(bar));
}
template <class... C> DEV void tma_store(const emu::Map *map, u32 src, C... c)
{
    std::vector<int> at = {c...};
    emu::cur->stores.push_back([=] { emu::box(*map, src, at.data(), false); });
}
DEV void store_commit() {}
/* the slots have been read; the bytes come as late as they may */
DEV void store_sent()
{
    for (auto &s : emu::cur->stores) {
        std::vector<uint8_t> slot(emu::shared, emu::shared + emu::have);
        emu::cur->landing.push_back([=] {
            std::vector<uint8_t> now(emu::shared, emu::shared + emu::have);
            memcpy(emu::shared, slot.data(), slot.size());
            s();
            memcpy(emu::shared, now.data(), now.size());
        });
    }
    emu::cur->stores.clear();
}
DEV void fence_async_global() {}
DEV void store_done()
{
    store_sent();
    for (auto &s : emu::cur->landing) s();
    emu::cur->landing.clear();
}
DEV void store_landed() { store_done(); }
DEV void copy16(void *to, const void *from, bool valid)
{
    if ((uintptr_t)to % 16 || (valid && (uintptr_t)from % 16)) emu::die("%scopy16 at an odd address", "");
    if (valid) memcpy(to, from, 16);
    else memset(to, 0, 16);
}
DEV void copy16_done() {}

template <class T> DEV u32 pack(float lo, float hi)
{
    T a, b;
    convert(lo, a);
    convert(hi, b);
    return a.bits | (u32)b.bits << 16;
}
template <int PENDING> DEV void gemm_wait() { emu::gemm_wait(PENDING); }
template <int N> DEV void landed(float (&)[N]) {}
template <int N> DEV void landed(u32 (&)[N]) {}

template <class T> DEV u32 frag_pair(const float *d, int i);
template <class T> DEV u32 frag_pair(const u32 *d, int i);
template <int BLOCKS, int ROWS, int UNIT> DEV int frag_step(int row, int col, int block, int j, int t);
/* matrix m of the four is given by the addresses of lanes 8 m .. 8 m + 7; register m of lane l holds row l / 4, columns 2 (l % 4) */
template <class T, int BLOCKS, int N, int COLS, int ROWS, int UNIT, class D>
DEV void store_frag(T *tile, int row, int col, const D &d, int first, int t)
{
    for (int b = 0; b < BLOCKS; b++)
        for (int j = 0; j < COLS / 16; j++) {
            u32 mine = smem_addr(tile + frag_step<BLOCKS, ROWS, UNIT>(row, col, b, j, t));
            if (mine % 16) emu::die("%sstmatrix at an odd address", "");
            for (int m = 0; m < 4; m++) {
                u32 at = emu::exchange(mine, 8 * m + t % 32 / 4) + t % 4 * 4, pair = frag_pair<T>(d, b * (N / 4) + first / 4 + 4 * j + m);
                memcpy(emu::shared + at, &pair, 4);
            }
        }
}
template <class T, int BLOCKS, int N, int COLS, int ROWS, int UNIT, int R>
DEV void load_frag(const T *tile, int row, int col, u32 (&d)[R], int first, int t)
{
    for (int b = 0; b < BLOCKS; b++)
        for (int j = 0; j < COLS / 16; j++) {
            u32 mine = smem_addr(tile + frag_step<BLOCKS, ROWS, UNIT>(row, col, b, j, t));
            for (int m = 0; m < 4; m++) {
                u32 at = emu::exchange(mine, 8 * m + t % 32 / 4) + t % 4 * 4;
                memcpy(&d[b * (N / 4) + first / 4 + 4 * j + m], emu::shared + at, 4);
            }
        }
}
