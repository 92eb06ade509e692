/* The compute role: tile operations. Every value is a block of tiles in a circular buffer. Defining
   one anew is: reserve a block, pack all of its tiles, push it, pop the old block if there is one,
   wait for the new one. What a statement was the last to read is popped after it. */
#include "target/metalium/metalium.h"
#include <string.h>

/* ---- blocks ---- */

static uint64_t bit(const Emit *e, const Value *v)
{
    return (uint64_t)1 << (v - e->value);
}

static void verb(Emit *e, const char *call, const Value *v)
{
    text_line(e->out, "%s(%s, %d);", call, e->to->cb[v->cb].name, tiles(&v->place));
    if (v->fpu_cb != v->cb)
        text_line(e->out, "%s(%s, %d);", call, e->to->cb[v->fpu_cb].name, tiles(&v->place));
}

void begin_block(Emit *e, Value *v)
{
    if (v->buf) verb(e, "cb_reserve_back", v);
    use_packer(e, v->cb);
}

void end_block(Emit *e, Value *v)
{
    if (!v->buf) return; /* a slot: the commit pushes it */
    verb(e, "cb_push_back", v);
    if (e->full & bit(e, v)) {
        v->twice = true;
        verb(e, "cb_pop_front", v);
    }
    verb(e, "cb_wait_front", v);
    e->full |= bit(e, v);
}

void drop(Emit *e, uint64_t values)
{
    for (int i = 0; i < e->nvalue; i++)
        if (values & (uint64_t)1 << i) verb(e, "cb_pop_front", &e->value[i]);
    e->full &= ~values;
}

/* all elements of a value the same */
static void fill_block(Emit *e, Value *v, const char *value)
{
    Format f = v->place.format;
    include(e, "eltwise_unary/fill.h");
    begin_block(e, v);
    text_line(e->out, "tile_regs_acquire();");
    text_line(e->out, "fill_tile_init();");
    if (is_float_format(f))
        text_line(e->out, "fill_tile(0, %s);", value);
    else
        text_line(e->out, "fill_tile_int<DataFormat::%s>(0, %s);", format_info[f].name, value);
    text_line(e->out, "pack_all(%s, %d);", e->to->cb[v->cb].name, tiles(&v->place));
    end_block(e, v);
}

/* A block for a value that is read, or left alive on one way only, before anything was put into it:
 * what it holds is not defined. */
void prime(Emit *e, uint64_t values)
{
    for (int i = 0; i < e->nvalue; i++) {
        if (!(values & (uint64_t)1 << i)) continue;
        Value *v = &e->value[i];
        text_line(e->out, "// %s is not set yet on this way", v->buf->name);
        fill_block(e, v, is_float_format(v->place.format) ? "0.0f" : "0");
    }
}

void compute_after(Emit *e, const Stmt *s)
{
    drop(e, e->full & ~live_after(e, s));
}

/* ---- what the engine is set for ---- */

static int key(const Emit *e, int cb)
{
    return (int)e->to->cb[cb].format | e->to->cb[cb].to_dest << 4;
}

void use_srca(Emit *e, int cb)
{
    if (!e->one_format && e->config.a != key(e, cb))
        text_line(e->out, "reconfig_data_format_srca(%s);", e->to->cb[cb].name);
    e->config.a = key(e, cb);
}

void use_sources(Emit *e, int a, int b)
{
    bool new_a = e->config.a != key(e, a), new_b = e->config.b != key(e, b);
    if (!e->one_format && new_a && new_b)
        text_line(e->out, "reconfig_data_format(%s, %s);", e->to->cb[a].name, e->to->cb[b].name);
    else if (!e->one_format && new_a)
        text_line(e->out, "reconfig_data_format_srca(%s);", e->to->cb[a].name);
    else if (!e->one_format && new_b)
        text_line(e->out, "reconfig_data_format_srcb(%s);", e->to->cb[b].name);
    e->config.a = key(e, a);
    e->config.b = key(e, b);
}

void use_packer(Emit *e, int cb)
{
    if (!e->one_format && e->config.packer != (int)e->to->cb[cb].format)
        text_line(e->out, "pack_reconfig_data_format(%s);", e->to->cb[cb].name);
    e->config.packer = (int)e->to->cb[cb].format;
}

void config_join(Emit *e, const Config *other)
{
    if (e->config.a != other->a) e->config.a = -1;
    if (e->config.b != other->b) e->config.b = -1;
    if (e->config.packer != other->packer) e->config.packer = -1;
}

void config_forget(Emit *e)
{
    e->config = (Config){-1, -1, -1};
}

void config_forget_sources(Emit *e)
{
    e->config.a = e->config.b = -1;
}

void include(Emit *e, const char *header)
{
    for (int i = 0; i < e->ninclude; i++)
        if (!strcmp(e->include[i], header)) return;
    if (e->ninclude < MAXINCLUDE) e->include[e->ninclude++] = header;
}

/* ---- loops ---- */

void compute_enter(Emit *e, const Stmt *loop)
{
    uint64_t through = live_head(e, loop) | live_after(e, loop);
    if (stmt_reads(e, loop)) unlifted(e, loop->span, "the bounds of a loop are elements of tiles");
    prime(e, through & ~e->full);
    config_forget(e);
}

void compute_leave(Emit *e)
{
    config_forget(e);
}

/* ---- regions as tiles ---- */

bool view_of(Emit *e, const Region *r, View *out)
{
    *out = (View){.v = value_of(e, r->buf)};
    if (!out->v || out->v->scalar)
        return unlifted(e, r->span, "'%s' is not a tile of compute", r->buf->name);
    int n = r->buf->ndim;
    Expr *zero = expr_i32(e->cx, 0), *row = n == 2 ? r->off[0] : zero, *col = r->off[n - 1];
    int64_t re = n == 2 ? r->ext[0] : 1, ce = r->ext[n - 1];
    if (out->v->place.vertical) {
        row = col;
        re = ce;
        col = zero;
        ce = 1;
    }
    if (!multiple_of(row, TT_TILE) || !multiple_of(col, TT_TILE))
        return unlifted(e, r->span, "a part of '%s' that does not start at a tile", r->buf->name);
    out->row = exact_div(e->cx, row, TT_TILE);
    out->col = exact_div(e->cx, col, TT_TILE);
    out->rt = (int)((re + TT_TILE - 1) / TT_TILE);
    out->ct = (int)((ce + TT_TILE - 1) / TT_TILE);
    return true;
}

/* the number of tile (row + r, col + c) in the whole value */
const char *tile_number(Emit *e, const View *v, Expr *r, Expr *c, Prec outer)
{
    Cx *cx = e->cx;
    Expr *row = expr_add(cx, v->row, r), *col = expr_add(cx, v->col, c);
    return expr_text(e, expr_add(cx, expr_mul(cx, row, expr_i32(cx, v->v->place.ct)), col), outer);
}

Steps steps_open(Emit *e, const char *name, int n, Span at)
{
    Steps s = {.count = emit_f(e, "%d", n), .names = e->names.n, .at = expr_i32(e->cx, 0)};
    if (n > 1) {
        Var *v = var_new(e->cx, name, DT_int32, V_LOOP, at);
        s.at = expr_var(e->cx, v, at);
        open_loop(e, name_new(e, v, name), s.count);
    }
    return s;
}

void steps_close(Emit *e, const Steps *s)
{
    close_loop(e, s->count);
    e->names.n = s->names;
}

/* ---- tiles a statement needs besides: one block, gone when it ends ---- */

void temp_need(Emit *e, const Stmt *s, TempKind kind)
{
    if (e->ntemp == MAXVALUE) {
        unlifted(e, s->span, "too many tiles");
        return;
    }
    e->temp[e->ntemp++] = (Temp){.stmt = s, .kind = kind};
}

Value *temp_open(Emit *e, const Stmt *s, TempKind kind, int rt, int ct)
{
    Value *v = NULL;
    for (int i = 0; i < e->ntemp; i++)
        if (e->temp[i].stmt == s && e->temp[i].kind == kind) v = &e->temp[i].value;
    Format f = e->to->cb[v->cb].format;
    v->place = (Place){.format = f, .rows = rt * TT_TILE, .cols = ct * TT_TILE, .rt = rt, .ct = ct};
    e->to->cb[v->cb].pages = e->to->cb[v->fpu_cb].pages = rt * ct;
    verb(e, "cb_reserve_back", v);
    use_packer(e, v->cb);
    return v;
}

void temp_ready(Emit *e, const Value *v)
{
    verb(e, "cb_push_back", v);
    verb(e, "cb_wait_front", v);
}

/* a second block behind the first, and the first one dropped when it is complete */
void temp_more(Emit *e, const Value *v)
{
    verb(e, "cb_reserve_back", v);
    use_packer(e, v->cb);
}

void temp_next(Emit *e, const Value *v)
{
    verb(e, "cb_push_back", v);
    verb(e, "cb_pop_front", v);
    verb(e, "cb_wait_front", v);
}

void temp_close(Emit *e, const Value *v)
{
    verb(e, "cb_pop_front", v);
}

View view_whole(Emit *e, Value *v)
{
    Expr *zero = expr_i32(e->cx, 0);
    return (View){v, zero, zero, v->place.rt, v->place.ct};
}

/* one operation on registers: its init, then the call */
void sfpu(Emit *e, const char *header, const char *name, const char *args)
{
    include(e, header);
    text_line(e->out, "%s_init();", name);
    text_line(e->out, "%s(%s);", name, args);
}

/* ---- gemm ---- */

/* the tiles of a, turned about the diagonal: the engine itself turns its second operand only */
static View turned(Emit *e, const Stmt *s, const View *a)
{
    Value *v = temp_open(e, s, TEMP_TURNED, a->ct, a->rt);
    const char *from = e->to->cb[a->v->fpu_cb].name;
    include(e, "transpose.h");
    use_srca(e, a->v->fpu_cb);
    text_line(e->out, "transpose_init(%s);", from);
    Steps r = steps_open(e, "r", a->ct, s->span), c = steps_open(e, "c", a->rt, s->span);
    text_line(e->out, "tile_regs_acquire();");
    text_line(e->out, "transpose_tile(%s, %s, 0);", from, tile_number(e, a, c.at, r.at, P_COND));
    text_line(e->out, "pack_out(%s, 1);", e->to->cb[v->cb].name);
    steps_close(e, &c);
    steps_close(e, &r);
    temp_ready(e, v);
    return view_whole(e, v);
}

/* elements beyond the edge of a slot that the reader fills are 0 */
bool zero_padded(const Value *v)
{
    return !v->buf && v->pipe && v->pipe->from == R_READER;
}

static bool gemm_lifts(Emit *e, const Stmt *s, const View *a, const View *b)
{
    const Region *ra = &s->tile.arg[0], *rb = &s->tile.arg[1], *rc = &s->tile.arg[2];
    if (ra->buf->ndim != 2 || rb->buf->ndim != 2 || rc->buf->ndim != 2 || !region_is_whole(rc))
        return unlifted(e, s->span, "a gemm into a part of a tile");
    if (!dtype_is_float(ra->buf->type) || !dtype_is_float(rb->buf->type) ||
        !dtype_is_float(rc->buf->type))
        return unlifted(e, s->span, "a gemm on integers");
    int64_t depth = ra->ext[s->tile.trans_a ? 0 : 1];
    if (depth % TT_TILE && !(zero_padded(a->v) && zero_padded(b->v)))
        return unlifted(e, s->span, "a gemm over %lld elements, not a multiple of %d",
                        (long long)depth, TT_TILE);
    return true;
}

static void compute_gemm(Emit *e, const Stmt *s)
{
    View a, b, c;
    if (!view_of(e, &s->tile.arg[0], &a) || !view_of(e, &s->tile.arg[1], &b) ||
        !view_of(e, &s->tile.arg[2], &c) || !gemm_lifts(e, s, &a, &b))
        return;
    include(e, "matmul.h");
    if (s->tile.trans_a) a = turned(e, s, &a);
    int cb_a = a.v->fpu_cb, cb_b = b.v->fpu_cb;
    const char *na = e->to->cb[cb_a].name, *nb = e->to->cb[cb_b].name,
               *nc = e->to->cb[c.v->cb].name;
    const char *init = emit_f(e, "matmul_init(%s, %s%s);", na, nb, s->tile.trans_b ? ", 1" : "");
    begin_block(e, c.v);
    if (s->tile.clear) {
        use_sources(e, cb_b, cb_a);
        text_line(e->out, "%s", init);
    } else if (c.rt * c.ct > 1 && !e->one_format)
        e->config.a = e->config.b = -1;
    Steps m = steps_open(e, "m", c.rt, s->span), n = steps_open(e, "n", c.ct, s->span);
    text_line(e->out, "tile_regs_acquire();");
    if (!s->tile.clear) {
        include(e, "tile_move_copy.h");
        use_srca(e, c.v->cb);
        text_line(e->out, "copy_init(%s);", nc);
        text_line(e->out, "copy_tile(%s, %s, 0);", nc, tile_number(e, &c, m.at, n.at, P_COND));
        use_sources(e, cb_b, cb_a);
        text_line(e->out, "%s", init);
    }
    Steps k = steps_open(e, "k", a.ct, s->span);
    text_line(e->out, "matmul_tiles(%s, %s, %s, %s, 0);", na, nb,
              tile_number(e, &a, m.at, k.at, P_COND),
              s->tile.trans_b ? tile_number(e, &b, n.at, k.at, P_COND)
                              : tile_number(e, &b, k.at, n.at, P_COND));
    steps_close(e, &k);
    text_line(e->out, "pack_out(%s, 1);", nc);
    steps_close(e, &n);
    steps_close(e, &m);
    if (s->tile.trans_a) temp_close(e, a.v);
    end_block(e, c.v);
}

/* ---- fill, copy ---- */

static void compute_fill(Emit *e, const Stmt *s)
{
    View v;
    if (!view_of(e, &s->tile.arg[0], &v)) return;
    if (!region_is_whole(&s->tile.arg[0])) {
        unlifted(e, s->span, "a fill of a part of a tile");
        return;
    }
    bool truth = s->tile.value->type == DT_bool && is_float_format(v.v->place.format);
    const char *value = expr_text(e, s->tile.value, P_COND);
    fill_block(e, v.v, truth ? emit_f(e, "%s ? 1.0f : 0.0f", value) : value);
}

bool is_float_format(Format f)
{
    return f == FMT_BF16 || f == FMT_F32;
}

static void copy_view(Emit *e, const View *a, const View *b, Span at)
{
    Format from = a->v->place.format, to = b->v->place.format;
    include(e, "tile_move_copy.h");
    begin_block(e, b->v);
    use_srca(e, a->v->cb);
    const char *na = e->to->cb[a->v->cb].name, *nb = e->to->cb[b->v->cb].name;
    text_line(e->out, "copy_init(%s);", na);
    Steps r = steps_open(e, "r", b->rt, at), c = steps_open(e, "c", b->ct, at);
    text_line(e->out, "tile_regs_acquire();");
    text_line(e->out, "copy_tile(%s, %s, 0);", na, tile_number(e, a, r.at, c.at, P_COND));
    if (from != to && !(is_float_format(from) && is_float_format(to))) {
        include(e, "eltwise_unary/typecast.h");
        const char *type = emit_f(
            e, "<static_cast<uint32_t>(DataFormat::%s), static_cast<uint32_t>(DataFormat::%s)>",
            format_info[from].name, format_info[to].name);
        text_line(e->out, "typecast_tile_init%s();", type);
        text_line(e->out, "typecast_tile%s(0);", type);
    }
    text_line(e->out, "pack_out(%s, 1);", nb);
    steps_close(e, &c);
    steps_close(e, &r);
    end_block(e, b->v);
}

static void compute_copy(Emit *e, const Stmt *s)
{
    const Region *src = &s->tile.arg[0], *dst = &s->tile.arg[1];
    View a, b;
    if (!view_of(e, src, &a) || !view_of(e, dst, &b)) return;
    if (!region_is_whole(dst))
        unlifted(e, s->span, "a copy into a part of a tile");
    else if (a.rt != b.rt || a.ct != b.ct)
        unlifted(e, s->span, "a copy that repeats or turns its source");
    else if (src->buf->type == DT_bool || dst->buf->type == DT_bool)
        unlifted(e, s->span, "a copy to or from bool");
    else
        copy_view(e, &a, &b, s->span);
}

void compute_commit(Emit *e, const Stmt *s, int tile, Value *slot)
{
    Value *own = commit_value(e, s, tile);
    if (!own) return;
    View a = view_whole(e, own), b = view_whole(e, slot);
    text_line(e->out, "// %s is complete", own->buf->name);
    text_line(e->out, "cb_reserve_back(%s, %d);", e->to->cb[slot->cb].name, tiles(&slot->place));
    copy_view(e, &a, &b, s->span);
}

/* ---- statements ---- */

void compute_tile(Emit *e, const Stmt *s)
{
    emit_comment(e, s);
    prime(e, stmt_reads(e, s) & ~e->full);
    switch (s->tile.op) {
    case TO_gemm: compute_gemm(e, s); break;
    case TO_fill: compute_fill(e, s); break;
    case TO_copy: compute_copy(e, s); break;
    case TO_reduce_sum:
    case TO_reduce_max:
    case TO_reduce_min:
    case TO_reduce_absmax: compute_reduce(e, s); break;
    default: unlifted(e, s->span, "T.%s", tileop_info[s->tile.op].name);
    }
}

/* ---- circular buffers for the values ---- */

static void mark(Emit *e, const Buf *b, bool fpu)
{
    Value *v = value_of(e, b);
    if (v) *(fpu ? &v->fpu_use : &v->dst_use) = true;
}

static void mark_load(Visitor *v, Expr *x)
{
    if (x->kind == E_LOAD) mark(v->user, x->buf, false);
}

static bool is_reduce(const Stmt *s)
{
    return s->kind == S_TILE && s->tile.op >= TO_reduce_sum && s->tile.op <= TO_reduce_absmax;
}

static void mark_stmt(Visitor *v, Stmt *s)
{
    Emit *e = v->user;
    if (s->kind == S_VERB && s->verb.verb == PV_ACQUIRE)
        for (int t = 0; t < s->verb.pipe->ntile; t++) mark(e, s->verb.slot[t], false);
    if (s->kind != S_TILE) return;
    if (is_reduce(s)) reduce_marks(e, s);
    if (s->tile.op == TO_gemm && s->tile.trans_a) temp_need(e, s, TEMP_TURNED);
    const char *o = tileop_info[s->tile.op].operands;
    for (int i = 0; o[i]; i++)
        if (o[i] == 'r' && !is_reduce(s))
            mark(e, s->tile.arg[i].buf, s->tile.op == TO_gemm);
        else if (o[i] == 'u' && !s->tile.clear)
            mark(e, s->tile.arg[i].buf, false);
}

static int cb_new(Emit *e, const char *want, Format f, int bytes, int pages, bool to_dest,
                  int alias)
{
    if (e->to->ncb == TT_CB) {
        unlifted(e, e->launch->span, "more than %d circular buffers", TT_CB);
        return 0;
    }
    const char *name = emit_f(e, "cb_%s", name_plain(e->cx, want));
    for (int k = 2, i = 0; i < e->to->ncb; i++)
        if (!strcmp(e->to->cb[i].name, name)) {
            name = emit_f(e, "cb_%s_%d", name_plain(e->cx, want), k++);
            i = -1;
        }
    e->to->cb[e->to->ncb] = (MetaliumCb){name, f, bytes, pages, to_dest, alias};
    return e->to->ncb++;
}

static const char *value_name(Emit *e, const Value *v)
{
    if (v->buf) return v->buf->name;
    const char *n = v->pipe->tile[v->tile].name;
    const char *base = n ? emit_f(e, "%s_%s", v->pipe->name, n) : v->pipe->name;
    return v->pipe->to & (v->pipe->to - 1) ? emit_f(e, "%s_%s", base, role_name[v->to]) : base;
}

/* What the engine reads it reads shortened, the registers take 32 bits in full: a value that both
   read has two views of one memory. */
static void number(Emit *e, Value *v, const char *name, int pages)
{
    Format f = v->place.format;
    int bytes = v->scalar ? TT_ALIGN : 1024 * format_info[f].bytes;
    bool wide = format_info[f].bytes == 4 && !v->scalar, fpu = v->fpu_use && is_float_format(f);
    v->cb = v->fpu_cb = cb_new(e, name, f, bytes, pages, wide && (v->dst_use || !fpu), -1);
    if (wide && fpu && v->dst_use)
        v->fpu_cb = cb_new(e, emit_f(e, "%s_tf32", name), f, bytes, pages, false, v->cb);
}

void compute_numbers(Emit *e)
{
    Role was = e->role;
    e->role = R_COMPUTE;
    e->cb_one = -1;
    for (const Stmt *s = e->launch->body; s; s = s->next)
        if (s->kind == S_ROLE && s->role.role == R_COMPUTE) {
            Visitor v = {.stmt = mark_stmt, .user = e}, loads = {.expr = mark_load, .user = e};
            walk_stmts(&v, s->role.body);
            walk_stmts(&loads, s->role.body);
        }
    for (int i = 0; i < e->nvalue; i++) {
        Value *v = &e->value[i];
        int n = v->scalar ? 1 : tiles(&v->place);
        number(e, v, value_name(e, v), v->buf ? n : n * v->pipe->depth);
    }
    static const char *const kinds[] = {"turned", "prepared", "high", "low"};
    for (int i = 0; i < e->ntemp; i++) {
        Temp *t = &e->temp[i];
        const Buf *b = t->stmt->tile.arg[0].buf;
        Value *of = value_of(e, b);
        t->value.place.format = of ? of->place.format : FMT_F32;
        t->value.fpu_use = t->kind != TEMP_HIGH;
        t->value.dst_use |= t->kind == TEMP_HIGH;
        number(e, &t->value, emit_f(e, "%s_%s", b->name, kinds[t->kind]), 1);
    }
    if (e->cb_one == 0) e->cb_one = cb_new(e, "one", FMT_BF16, 2048, 1, false, -1);
    e->role = was;
}

/* ---- the start of a kernel ---- */

void compute_begin(Emit *e, Stmt *body)
{
    live_find(e, body);
    e->full = 0;
    e->one_format = true;
    int first = -1;
    for (int i = 0; i < e->to->ncb; i++) {
        bool mine = i == e->cb_one;
        for (int k = 0; k < e->ntemp; k++)
            mine |= e->temp[k].value.cb == i || e->temp[k].value.fpu_cb == i;
        for (int k = 0; k < e->nvalue; k++) {
            const Value *v = &e->value[k];
            mine |= (v->cb == i || v->fpu_cb == i) && !v->scalar &&
                    (v->buf || v->to == R_COMPUTE || v->pipe->from == R_COMPUTE);
        }
        if (!mine) continue;
        first = first < 0 ? i : first;
        e->one_format &= key(e, i) == key(e, first);
    }
    if (first < 0) return;
    text_line(e->out, "compute_kernel_hw_startup(%s, %s);", e->to->cb[first].name,
              e->to->cb[first].name);
    e->config = (Config){key(e, first), key(e, first), (int)e->to->cb[first].format};
    if (e->cb_one < 0) return;
    include(e, "eltwise_unary/fill.h");
    const char *one = e->to->cb[e->cb_one].name;
    text_line(e->out, "// reductions multiply by a tile of ones");
    text_line(e->out, "cb_reserve_back(%s, 1);", one);
    use_packer(e, e->cb_one);
    text_line(e->out, "tile_regs_acquire();");
    text_line(e->out, "fill_tile_init();");
    text_line(e->out, "fill_tile(0, 1.0f);");
    text_line(e->out, "pack_all(%s, 1);", one);
    text_line(e->out, "cb_push_back(%s, 1);", one);
    text_line(e->out, "cb_wait_front(%s, 1);", one);
}
