/* The mock machine: cores with three roles each, circular buffers, semaphores, the network and
   DRAM. A role is a fiber; the roles of all cores take turns and yield only where the hardware
   would wait. When a whole turn changes nothing, that is a deadlock, and it is reported. usage:
   PROGRAM LAUNCH MEMORY; LAUNCH is a text (see load()), MEMORY the file that holds the DRAM
   buffers. Exit status: 0 done, 2 a rule was broken (the message is on stderr), 3 the launch file
   is wrong. */
#include "machine.h"
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>
#include <vector>

void reader_main() __attribute__((weak));
void compute_main() __attribute__((weak));
void writer_main() __attribute__((weak));

namespace mock
{
namespace
{

const uint32_t L1_FIRST = 0x19d40, L1_STRIDE = 1u << 21, SEMAPHORES = 0x100, MAX_CB = 32;
const char *const role_names[3] = {"reader", "compute", "writer"};
void (*const role_main[3])() = {reader_main, compute_main, writer_main};

struct Role;
struct Cb {
    bool used = false, to_dest = false,
         alias = false; /* alias: a second view of the memory of another buffer */
    std::string name;
    uint32_t base = 0, page = 0,
             pages = 0; /* base: address on the host, the same number the kernels see */
    DataFormat format = DataFormat::Invalid;
    uint32_t rd = 0, wr = 0, full = 0; /* positions in pages; pages pushed and not popped */
    uint32_t reserved = 0, waited = 0, packed = 0;
    Role *producer = nullptr, *consumer = nullptr;
};
struct Transfer {
    uint64_t remote;
    uint32_t local, bytes;
    bool captured;
    std::vector<uint8_t> data;
    std::vector<uint64_t> to; /* multicast */
};
struct Core;
struct Role {
    Core *core;
    int kind = 0, line = 0;
    bool done = false;
    std::string waits; /* what a blocked role waits for */
    std::vector<uint32_t> args;
    std::vector<Transfer> reads, writes;
    ucontext_t context;
    std::vector<char> stack;
};
struct Core {
    uint32_t x = 0, y = 0, l1 = 0;
    Cb cb[MAX_CB];
    Role role[3];
    Engine *engine = engine_new();
};
struct Dram {
    std::string name;
    uint32_t address;
    uint64_t page, pages;
    uint8_t *data;
};

bool blackhole;
uint32_t l1_bytes = 1499136, l1_end = L1_FIRST;
std::vector<Core *> cores;
std::vector<Dram> drams;
std::vector<uint32_t> semaphores, common_args[3];
ucontext_t scheduler;
Role *self;
uint64_t events; /* grows when anything happens that another role may wait for */

[[noreturn]] void bad_launch(const char *what)
{
    fprintf(stderr, "mock: bad launch file: %s\n", what);
    exit(3);
}

void poison(uint32_t addr, uint64_t bytes)
{
    uint16_t *p = (uint16_t *)(uintptr_t)addr;
    for (uint64_t i = 0; i < bytes / 2; i++)
        p[i] = 0x7fff; /* a NaN in every float format, absurd as an index */
}

Cb &cb_of(uint32_t id)
{
    if (id >= MAX_CB || !self->core->cb[id].used) fault("there is no circular buffer %u", id);
    return self->core->cb[id];
}
Cb &produced(uint32_t id)
{
    Cb &c = cb_of(id);
    if (!c.producer) c.producer = self;
    if (c.producer != self)
        fault("cb %u '%s' has two producers, %s and %s", id, c.name.c_str(),
              role_names[c.producer->kind], role_names[self->kind]);
    return c;
}
Cb &consumed(uint32_t id)
{
    Cb &c = cb_of(id);
    if (!c.consumer) c.consumer = self;
    if (c.consumer != self)
        fault("cb %u '%s' has two consumers, %s and %s", id, c.name.c_str(),
              role_names[c.consumer->kind], role_names[self->kind]);
    return c;
}

/* until ready() holds; `what` tells what is waited for */
template <class Ready, class What> void block(Ready ready, What what)
{
    while (!ready()) {
        self->waits = what();
        swapcontext(&self->context, &scheduler);
    }
    self->waits.clear();
}

std::string count(const char *verb, uint32_t id, const Cb &c, uint32_t n)
{
    char s[256];
    snprintf(s, sizeof s, "%s(cb %u '%s', %u): %u of %u pages are full", verb, id, c.name.c_str(),
             n, c.full, c.pages);
    return s;
}

/* ---- the network ---- */

enum : uint64_t { TO_DRAM = 1, TO_L1 = 2, TO_MANY = 3 };
uint64_t kind_of_addr(uint64_t a)
{
    return a >> 60;
}

uint32_t l1_offset(uint32_t addr, const char *what)
{
    const uint32_t base = self->core->l1;
    if (addr < base || addr - base >= l1_bytes)
        fault("%s: 0x%x is not an address in L1", what, addr);
    return addr - base;
}
Core *core_at(uint32_t x, uint32_t y)
{
    for (Core *c : cores)
        if (c->x == x && c->y == y) return c;
    fault("there is no core (%u, %u) in this launch", x, y);
}

/* the buffer pages [addr, addr + bytes) of this core that the role may fill (producer side) or read
 * (consumer side) */
void check_local(uint32_t addr, uint32_t bytes, bool fill, const char *what)
{
    const uint32_t off = l1_offset(addr, what);
    if (off + (uint64_t)bytes > l1_bytes)
        fault("%s: %u bytes at 0x%x pass the end of L1", what, bytes, off);
    if (off < L1_FIRST) return;
    for (uint32_t id = 0; id < MAX_CB; id++) {
        Cb &c = self->core->cb[id];
        if (!c.used || c.alias || addr < c.base || addr >= c.base + c.page * c.pages) continue;
        const uint64_t wr = c.base + (uint64_t)c.wr * c.page,
                       wr_end = wr + (uint64_t)c.reserved * c.page;
        const uint64_t rd = c.base + (uint64_t)c.rd * c.page,
                       rd_end = rd + (uint64_t)c.waited * c.page;
        const uint64_t end = c.base + (uint64_t)c.page * c.pages, last = addr + (uint64_t)bytes;
        if (c.producer == self && addr >= wr && last <= wr_end && last <= end) return;
        if (!fill && c.consumer == self && addr >= rd && last <= rd_end && last <= end) return;
        fault("%s: %u bytes at page %u of cb %u '%s' are outside of what this role %s", what, bytes,
              (unsigned)((addr - c.base) / c.page), id, c.name.c_str(),
              fill ? "reserved" : "reserved or waited for");
    }
    fault("%s: L1 address 0x%x is in no circular buffer", what, off);
}

/* where the bytes are; checks the page, the buffer and the alignment */
uint8_t *remote(uint64_t a, uint32_t local, uint32_t bytes, uint32_t align, const char *what)
{
    if ((a ^ local) % align)
        fault("%s: the alignment of the addresses does not match (0x%llx and 0x%x modulo %u)", what,
              (unsigned long long)(a & 0xffffffffff), local, align);
    if (kind_of_addr(a) == TO_DRAM) {
        Dram &d = drams[(a >> 44) & 0xffff];
        const uint64_t off = a & 0xfffffffffff;
        if (off + bytes > d.page * d.pages)
            fault("%s: byte %llu is past the end of '%s'", what, (unsigned long long)(off + bytes),
                  d.name.c_str());
        if (off % d.page + bytes > d.page)
            fault("%s: %u bytes at byte %llu of page %llu leave the page of '%s' (%llu bytes)",
                  what, bytes, (unsigned long long)(off % d.page),
                  (unsigned long long)(off / d.page), d.name.c_str(), (unsigned long long)d.page);
        return d.data + off;
    }
    if (kind_of_addr(a) == TO_L1) {
        Core *c = core_at((a >> 50) & 0x3ff, (a >> 40) & 0x3ff);
        const uint64_t off = a & 0xffffffff;
        if (off + bytes > l1_bytes) fault("%s: past the end of L1", what);
        return (uint8_t *)(uintptr_t)(c->l1 + off);
    }
    fault("%s: 0x%llx is not an address on the network", what, (unsigned long long)a);
}

void deliver(Transfer &t)
{
    if (!t.captured) memcpy(t.data.data(), (void *)(uintptr_t)t.local, t.bytes);
    if (t.to.empty())
        memcpy(remote(t.remote, t.local, t.bytes, 1, "noc_async_write"), t.data.data(), t.bytes);
    for (uint64_t a : t.to)
        memcpy(remote(a, t.local, t.bytes, 1, "noc_async_write_multicast"), t.data.data(), t.bytes);
    events++;
}

bool overlaps(const Transfer &t, const Cb &c, uint32_t page, uint32_t n)
{
    const uint64_t lo = c.base + (uint64_t)page * c.page, hi = lo + (uint64_t)n * c.page;
    return t.local < hi && t.local + (uint64_t)t.bytes > lo;
}

/* ---- the launch ---- */

/* LAUNCH: lines "arch NAME", "fp32_dest 0|1", "full_sync 0|1", "cb ID PAGE PAGES FORMAT TO_DEST
   ALIAS NAME", "dram ADDRESS PAGE PAGES OFFSET NAME", "semaphore ID VALUE", "common ROLE N
   WORD...", "core X Y", and after a core its "args ROLE N WORD...". */
void words(FILE *f, std::vector<uint32_t> &to)
{
    unsigned n, v;
    if (fscanf(f, "%u", &n) != 1) bad_launch("args");
    while (n--) {
        if (fscanf(f, "%u", &v) != 1) bad_launch("args");
        to.push_back(v);
    }
}
int role_named(FILE *f)
{
    char name[64];
    if (fscanf(f, "%63s", name) != 1) bad_launch("role");
    for (int r = 0; r < 3; r++)
        if (!strcmp(name, role_names[r])) return r;
    bad_launch(name);
}
void load(FILE *f, uint8_t *memory, uint64_t size)
{
    char key[64], name[256];
    Cb plan[MAX_CB];
    unsigned id, page, pages, form, dest, v;
    int alias;
    unsigned long long address, off;
    while (fscanf(f, "%63s", key) == 1) {
        if (!strcmp(key, "arch")) {
            if (fscanf(f, "%63s", name) != 1) bad_launch(key);
            blackhole = !strcmp(name, "blackhole");
            if (blackhole) l1_bytes = 1572864;
        } else if (!strcmp(key, "fp32_dest") || !strcmp(key, "full_sync")) {
            if (fscanf(f, "%u", &v) != 1) bad_launch(key);
            *(key[1] == 'p' ? &fp32_dest : &full_sync) = v;
        } else if (!strcmp(key, "cb")) {
            if (fscanf(f, "%u %u %u %u %u %d %255s", &id, &page, &pages, &form, &dest, &alias,
                       name) != 7 ||
                id >= MAX_CB || !page || !pages)
                bad_launch(key);
            Cb &c = plan[id];
            c.used = true, c.name = name, c.page = page, c.pages = pages,
            c.format = (DataFormat)form, c.to_dest = dest;
            c.alias = alias >= 0;
            c.base = l1_end;
            if (c.alias) { /* the memory of another one, which comes before it */
                if (alias >= (int)MAX_CB || !plan[alias].used ||
                    plan[alias].page * plan[alias].pages != page * pages)
                    bad_launch("alias");
                c.base = plan[alias].base;
                continue;
            }
            if (page % 16) bad_launch("a page is not a multiple of 16 bytes");
            l1_end += (page * pages + 63) / 64 * 64;
            if (l1_end > l1_bytes) {
                fprintf(stderr, "mock: the circular buffers need %u bytes, L1 has %u\n", l1_end,
                        l1_bytes);
                exit(2);
            }
        } else if (!strcmp(key, "dram")) {
            if (fscanf(f, "%llu %u %u %llu %255s", &address, &page, &pages, &off, name) != 5)
                bad_launch(key);
            if (off + (uint64_t)page * pages > size)
                bad_launch("a buffer passes the end of the memory file");
            drams.push_back({name, (uint32_t)address, page, pages, memory + off});
        } else if (!strcmp(key, "semaphore")) {
            if (fscanf(f, "%u %u", &id, &v) != 2 || id != semaphores.size()) bad_launch(key);
            semaphores.push_back(v);
        } else if (!strcmp(key, "common")) {
            int r = role_named(f);
            words(f, common_args[r]);
        } else if (!strcmp(key, "core")) {
            Core *c = new Core;
            if (fscanf(f, "%u %u", &c->x, &c->y) != 2) bad_launch(key);
            for (uint32_t k = 0; k < MAX_CB; k++) c->cb[k] = plan[k];
            cores.push_back(c);
        } else if (!strcmp(key, "args")) {
            if (cores.empty()) bad_launch("args before a core");
            int r = role_named(f);
            words(f, cores.back()->role[r].args);
        } else
            bad_launch(key);
    }
}

void run_role();

void boot(Core *c, uint32_t l1)
{
    c->l1 = l1;
    poison(l1 + L1_FIRST, l1_end - L1_FIRST);
    for (uint32_t i = 0; i < semaphores.size(); i++)
        *(uint32_t *)(uintptr_t)(l1 + SEMAPHORES + 16 * i) = semaphores[i];
    for (Cb &cb : c->cb) cb.base += l1;
    for (int r = 0; r < 3; r++) {
        Role &role = c->role[r];
        role.core = c, role.kind = r, role.done = !role_main[r];
        if (role.done) continue;
        role.stack.resize(256 << 10);
        getcontext(&role.context);
        role.context.uc_stack.ss_sp = role.stack.data();
        role.context.uc_stack.ss_size = role.stack.size();
        role.context.uc_link = nullptr;
        makecontext(&role.context, run_role, 0);
    }
}

void finish()
{
    if (!self->reads.empty())
        fault("the role ends with %zu reads that no noc_async_read_barrier waited for",
              self->reads.size());
    if (!self->writes.empty())
        fault("the role ends with %zu writes that no noc_async_write_barrier waited for",
              self->writes.size());
    self->done = true;
    events++;
}
void run_role()
{
    role_main[self->kind]();
    finish();
    swapcontext(&self->context, &scheduler);
}

[[noreturn]] void deadlock()
{
    fprintf(stderr, "mock: deadlock: no role can go on\n");
    int shown = 0;
    for (Core *c : cores)
        for (Role &r : c->role)
            if (!r.done && shown++ < 12)
                fprintf(stderr, "    core (%u, %u) %s line %d waits in %s\n", c->x, c->y,
                        role_names[r.kind], r.line, r.waits.c_str());
    exit(2);
}

void left_over(Core *c)
{
    for (uint32_t id = 0; id < MAX_CB; id++) {
        Cb &cb = c->cb[id];
        if (!cb.used || !cb.full) continue;
        fprintf(stderr,
                "mock: core (%u, %u): %u pages are left in cb %u '%s' at the end: it was pushed "
                "more than popped\n",
                c->x, c->y, cb.full, id, cb.name.c_str());
        exit(2);
    }
}

/* In turns. Cores that never talk to one another could run one after the other; in turns serves
 * both. */
void run()
{
    for (bool live = true; live;) {
        const uint64_t before = events;
        live = false;
        for (Core *c : cores)
            for (Role &r : c->role) {
                if (r.done) continue;
                live = true;
                self = &r;
                now = c->engine;
                swapcontext(&scheduler, &r.context);
            }
        if (live && events == before) deadlock();
    }
    for (Core *c : cores) left_over(c);
}

} // namespace

bool fp32_dest, full_sync;

void fault(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "mock: core (%u, %u) %s line %d: ", self->core->x, self->core->y,
            role_names[self->kind], self->line);
    vfprintf(stderr, fmt, ap);
    fprintf(stderr, "\n");
    va_end(ap);
    exit(2);
}
void at(int line)
{
    self->line = line;
}

uint32_t arg(uint32_t i, bool common)
{
    const std::vector<uint32_t> &a = common ? common_args[self->kind] : self->args;
    if (i >= a.size()) fault("run-time argument %u of %zu", i, a.size());
    return a[i];
}

/* ---- circular buffers ---- */

void reserve(uint32_t id, uint32_t n)
{
    Cb &c = produced(id);
    if (n > c.pages)
        fault("cb_reserve_back(cb %u '%s', %u) asks for more than the %u pages there are: it would "
              "wait for ever",
              id, c.name.c_str(), n, c.pages);
    block([&] { return c.full + n <= c.pages; },
          [&] { return count("cb_reserve_back", id, c, n); });
    if (c.wr + n > c.pages)
        fault("cb_reserve_back(cb %u '%s', %u) at page %u of %u: the block would wrap around", id,
              c.name.c_str(), n, c.wr, c.pages);
    if (n > c.reserved) c.reserved = n;
}
void push(uint32_t id, uint32_t n)
{
    Cb &c = produced(id);
    if (n > c.reserved)
        fault("cb_push_back(cb %u '%s', %u) of %u reserved pages", id, c.name.c_str(), n,
              c.reserved);
    for (const Transfer &t : self->reads)
        if (overlaps(t, c, c.wr, n))
            fault("cb_push_back(cb %u '%s', %u) before noc_async_read_barrier: the data is still "
                  "on its way",
                  id, c.name.c_str(), n);
    if (self->kind == 1 && !c.alias && c.packed < n)
        fault("cb_push_back(cb %u '%s', %u) of %u packed tiles", id, c.name.c_str(), n, c.packed);
    c.reserved -= n;
    c.packed = c.packed > n ? c.packed - n : 0;
    c.full += n;
    c.wr += n;
    if (c.wr == c.pages) c.wr = 0;
    events++;
}
void wait(uint32_t id, uint32_t n)
{
    Cb &c = consumed(id);
    if (n > c.pages)
        fault("cb_wait_front(cb %u '%s', %u) asks for more than the %u pages there are: it would "
              "wait for ever",
              id, c.name.c_str(), n, c.pages);
    block([&] { return c.full >= n; }, [&] { return count("cb_wait_front", id, c, n); });
    if (n > c.waited) c.waited = n;
}
void pop(uint32_t id, uint32_t n)
{
    Cb &c = consumed(id);
    if (n > c.waited)
        fault("cb_pop_front(cb %u '%s', %u) of %u pages waited for", id, c.name.c_str(), n,
              c.waited);
    if (c.rd + n > c.pages)
        fault("cb_pop_front(cb %u '%s', %u) at page %u of %u: the block would wrap around", id,
              c.name.c_str(), n, c.rd, c.pages);
    for (const Transfer &t : self->writes)
        if (!t.captured && overlaps(t, c, c.rd, n))
            fault("cb_pop_front(cb %u '%s', %u) before noc_async_writes_flushed: the data has not "
                  "left yet",
                  id, c.name.c_str(), n);
    if (!c.alias) poison(c.base + c.rd * c.page, (uint64_t)n * c.page);
    c.waited -= n;
    c.full -= n;
    c.rd += n;
    if (c.rd == c.pages) c.rd = 0;
    events++;
}
bool available(uint32_t id, uint32_t n)
{
    return consumed(id).full >= n;
}
bool reservable(uint32_t id, uint32_t n)
{
    Cb &c = produced(id);
    return c.full + n <= c.pages;
}
uint32_t write_ptr(uint32_t id)
{
    Cb &c = cb_of(id);
    return c.base + c.wr * c.page;
}
uint32_t read_ptr(uint32_t id)
{
    Cb &c = cb_of(id);
    return c.base + c.rd * c.page;
}
uint32_t page_bytes(uint32_t id)
{
    return cb_of(id).page;
}
DataFormat format(uint32_t id)
{
    return cb_of(id).format;
}
bool unpacks_to_dest(uint32_t id)
{
    return cb_of(id).to_dest;
}
const char *cb_name(uint32_t id)
{
    return cb_of(id).name.c_str();
}

const void *front_page(uint32_t id, uint32_t i, const char *op)
{
    Cb &c = consumed(id);
    if (i >= c.waited)
        fault("%s reads tile %u of cb %u '%s', of which %u were waited for", op, i, id,
              c.name.c_str(), c.waited);
    if (c.rd + i >= c.pages)
        fault("%s reads tile %u of cb %u '%s' from page %u of %u: the block would wrap around", op,
              i, id, c.name.c_str(), c.rd, c.pages);
    return (const void *)(uintptr_t)(c.base + (c.rd + i) * c.page);
}
void *back_page(uint32_t id, int64_t i, const char *op)
{
    Cb &c = produced(id);
    const uint32_t k = i < 0 ? c.packed : (uint32_t)i;
    if (k >= c.reserved)
        fault("%s into tile %u of cb %u '%s', of which %u are reserved", op, k, id, c.name.c_str(),
              c.reserved);
    c.packed++;
    return (void *)(uintptr_t)(c.base + (c.wr + k) * c.page);
}

/* ---- the network ---- */

uint64_t dram_addr(uint32_t base, uint32_t page_size, bool is_dram, uint32_t page, uint32_t offset)
{
    if (!is_dram) fault("a tensor in L1 is not modelled");
    for (size_t k = 0; k < drams.size(); k++) {
        const Dram &d = drams[k];
        if (d.address != base) continue;
        if (page_size != d.page)
            fault("the accessor of '%s' has pages of %u bytes, the buffer of %llu", d.name.c_str(),
                  page_size, (unsigned long long)d.page);
        if (page >= d.pages)
            fault("page %u of '%s', which has %llu", page, d.name.c_str(),
                  (unsigned long long)d.pages);
        if (offset >= d.page)
            fault("offset %u in a page of '%s' of %llu bytes", offset, d.name.c_str(),
                  (unsigned long long)d.page);
        return TO_DRAM << 60 | (uint64_t)k << 44 | (page * d.page + offset);
    }
    fault("no buffer starts at address 0x%x", base);
}
uint64_t l1_addr(uint32_t x, uint32_t y, uint32_t addr)
{
    return TO_L1 << 60 | (uint64_t)x << 50 | (uint64_t)y << 40 | l1_offset(addr, "get_noc_addr");
}
uint64_t multicast_addr(uint32_t x0, uint32_t y0, uint32_t x1, uint32_t y1, uint32_t addr)
{
    return TO_MANY << 60 | (uint64_t)x0 << 53 | (uint64_t)y0 << 46 | (uint64_t)x1 << 39 |
           (uint64_t)y1 << 32 | l1_offset(addr, "get_noc_multicast_addr");
}

void read(uint64_t src, uint32_t dst, uint32_t bytes)
{
    check_local(dst, bytes, true, "noc_async_read");
    const uint32_t align = kind_of_addr(src) == TO_DRAM ? (blackhole ? 64 : 32) : 16;
    remote(src, dst, bytes, align, "noc_async_read");
    poison(dst, bytes); /* until the barrier */
    self->reads.push_back({src, dst, bytes, false, {}, {}});
}
void write(uint32_t src, uint64_t dst, uint32_t bytes)
{
    check_local(src, bytes, false, "noc_async_write");
    remote(dst, src, bytes, 16, "noc_async_write");
    self->writes.push_back({dst, src, bytes, false, std::vector<uint8_t>(bytes), {}});
}
void multicast(uint32_t src, uint64_t dst, uint32_t bytes, uint32_t num_dests, bool with_self)
{
    l1_offset(src, "noc_async_write_multicast");
    Transfer t = {dst, src, bytes, false, std::vector<uint8_t>(bytes), {}};
    const uint32_t x0 = (dst >> 53) & 127, y0 = (dst >> 46) & 127, x1 = (dst >> 39) & 127,
                   y1 = (dst >> 32) & 127;
    for (uint32_t y = y0; y <= y1; y++)
        for (uint32_t x = x0; x <= x1; x++) {
            if (core_at(x, y) == self->core && !with_self) continue;
            t.to.push_back(TO_L1 << 60 | (uint64_t)x << 50 | (uint64_t)y << 40 |
                           (dst & 0xffffffff));
        }
    if (t.to.size() != num_dests)
        fault("a multicast to %zu cores says num_dests = %u", t.to.size(), num_dests);
    self->writes.push_back(t);
}
void read_barrier()
{
    for (Transfer &t : self->reads)
        memcpy((void *)(uintptr_t)t.local, remote(t.remote, t.local, t.bytes, 1, "noc_async_read"),
               t.bytes);
    self->reads.clear();
}
void write_flush()
{
    for (Transfer &t : self->writes) {
        if (!t.captured) memcpy(t.data.data(), (void *)(uintptr_t)t.local, t.bytes);
        t.captured = true;
    }
}
void write_barrier()
{
    for (Transfer &t : self->writes) deliver(t);
    self->writes.clear();
}

uint32_t semaphore(uint32_t id)
{
    if (id >= semaphores.size()) fault("semaphore %u of %zu", id, semaphores.size());
    return self->core->l1 + SEMAPHORES + 16 * id;
}
void semaphore_wait(volatile uint32_t *p, uint32_t v, bool at_least)
{
    block([&] { return at_least ? *p >= v : *p == v; },
          [&] {
              return "noc_semaphore_wait for " + std::to_string(v) + ", it is " +
                     std::to_string(*p);
          });
}
void semaphore_set(volatile uint32_t *p, uint32_t v)
{
    *p = v;
    events++;
}
void semaphore_inc(uint64_t addr, uint32_t n)
{
    *(uint32_t *)remote(addr, (uint32_t)addr, 4, 4, "noc_semaphore_inc") += n;
    events++;
}

} // namespace mock

/* what the host's processor traps on; the chip's cores do not, and give -1 */
static void divided_by_zero(int)
{
    fprintf(stderr, "division by zero, in the %s", mock::role_names[mock::self->kind]);
    _exit(4);
}

int main(int argc, char **argv)
{
    using namespace mock;
    signal(SIGFPE, divided_by_zero);
    FILE *f = argc == 3 ? fopen(argv[1], "r") : nullptr;
    const int fd = argc == 3 ? open(argv[2], O_RDWR) : -1;
    struct stat st;
    if (!f || fd < 0 || fstat(fd, &st)) bad_launch("usage: PROGRAM LAUNCH MEMORY");
    void *memory =
        st.st_size ? mmap(nullptr, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                   : nullptr;
    if (memory == MAP_FAILED) bad_launch("the memory file cannot be mapped");
    load(f, (uint8_t *)memory, (uint64_t)st.st_size);
    if (cores.empty()) return 0;
    /* below 4 GiB, so that an L1 address is a 32-bit number that is also a pointer, as on the
     * machine */
    void *l1 = mmap((void *)0x20000000, cores.size() * (size_t)L1_STRIDE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (l1 == MAP_FAILED) bad_launch("no room below 4 GiB");
    for (size_t k = 0; k < cores.size(); k++)
        boot(cores[k], (uint32_t)(uintptr_t)l1 + (uint32_t)k * L1_STRIDE);
    run();
    return 0;
}
