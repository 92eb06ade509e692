/* T.: foreign source. Its text is kept; the decoders of packed numbers that are known by name are
   written out by what they mean. */
#include "lang/dialect.h"
#include <string.h>

void import_source(Eval *ev, Value v, Span at)
{
    Dialect *d = dialect(ev);
    if (v.kind == VAL_NONE) return;
    if (d->nsource == COUNT(d->source))
        eval_fail(ev, E0206, at, NULL, "more than %d foreign sources", COUNT(d->source));
    d->source[d->nsource++] = to_str(ev, v, at, "the source");
}

Value t_import_source(Eval *ev, Call *c)
{
    import_source(ev, c->arg[0], c->at[0]);
    return NONE_VALUE;
}

/* does imported source define a function of this name */
static bool is_defined(Eval *ev, const char *name)
{
    size_t n = strlen(name);
    for (int i = 0; ev->dialect && i < ev->dialect->nsource; i++)
        for (const char *s = ev->dialect->source[i]; (s = strstr(s, name)); s += n)
            if (s[n] == '(' && s != ev->dialect->source[i] && (s[-1] == ' ' || s[-1] == '\n'))
                return true;
    return false;
}

/* ---- packed integers: element e lies at a bit of the source, minus a middle value ---- */

typedef struct {
    const char *name;
    int bits, middle, count; /* count: elements of one call when it does not say */
    bool pairs;              /* two by two, halves of a word; else four by four, bytes of a word */
    DType to;
} Decoder;

static const Decoder decoders[] = {
    {"decode_i4u_to_f16", 4, 0, 8, true, DT_float16},
    {"decode_i4s_to_f16", 4, 8, 8, true, DT_float16},
    {"decode_i2u_to_f16", 2, 0, 8, true, DT_float16},
    {"decode_i2s_to_f16", 2, 2, 8, true, DT_float16},
    {"decode_i4u_to_i8s", 4, 0, 16, false, DT_int8},
    {"decode_i4s_to_i8s", 4, 7, 16, false, DT_int8},
    {"decode_i2u_to_i8s", 2, 0, 16, false, DT_int8},
    {"decode_i2s_to_i8s", 2, 2, 16, false, DT_int8},
};

static int bit_of(const Decoder *d, int e)
{
    int in_byte = 8 / d->bits;
    if (d->pairs) return d->bits * (e / 2) + 4 * d->bits * (e % 2);
    return 32 * (e / (4 * in_byte)) + d->bits * (e / 4 % in_byte) + 8 * (e % 4);
}

/* some bits of memory, from this one on, as an int32 */
static Expr *bits_at(Eval *ev, Expr *from, int bit, int n, Span at)
{
    int width = dtype_info[from->type].bits;
    Expr *e = expr_cast(ev->cx, place_after(ev, from, expr_i32(ev->cx, bit / width)), DT_int32, at);
    e = build_op(ev, OP_shr, e, expr_i32(ev->cx, bit % width), at);
    return build_op(ev, OP_band, e, expr_i32(ev->cx, (1 << n) - 1), at);
}

static void put(Eval *ev, Expr *to, int e, Expr *v, Span at)
{
    Expr *place = place_after(ev, to, expr_i32(ev->cx, e));
    emit_store(ev, place->buf, place->idx, v, at);
}

static void decode(Eval *ev, const Decoder *d, Expr *from, Expr *to, int count, Span at)
{
    for (int e = 0; e < count; e++) {
        Expr *v = bits_at(ev, from, bit_of(d, e), d->bits, at);
        put(ev, to, e, build_op(ev, OP_sub, v, expr_i32(ev->cx, d->middle), at), at);
    }
}

/* ---- e2m1, eight in four bytes, their bits spread so that shifts and masks bring them to their
 * places in bfloat16 ---- */

/* bit b of four bytes of which the first is the highest */
static Expr *big_bit(Eval *ev, Expr *from, int word, int b, Span at)
{
    return bits_at(ev, from, 32 * word + 8 * (3 - b / 8) + b % 8, 1, at);
}

static void decode_fp4(Eval *ev, Expr *from, Expr *to, int words, Span at)
{
    static const int where[4][4] = {{15, 8, 7, 6}, {12, 5, 4, 3}, {9, 2, 1, 0}, {14, 11, 10, 13}};
    for (int w = 0; w < words; w++)
        for (int e = 0; e < 8; e++) { /* sign, exponent, mantissa; the upper half first */
            Expr *bit[4];
            for (int k = 0; k < 4; k++)
                bit[k] = big_bit(ev, from, w, where[e % 4][k] + (e < 4 ? 16 : 0), at);
            Expr *power = build_op(
                ev, OP_bor, build_op(ev, OP_shl, bit[1], expr_i32(ev->cx, 1), at), bit[2], at);
            Expr *zero = expr_i32(ev->cx, 0), *one = expr_i32(ev->cx, 1),
                 *two = expr_i32(ev->cx, 2);
            Expr *big = build_op(ev, OP_shl, build_op(ev, OP_add, bit[3], two, at),
                                 build_op(ev, OP_sub, power, one, at), at);
            Expr *halves =
                expr_op(ev->cx, OP_select, build_op(ev, OP_eq, power, zero, at), bit[3], big, at);
            Expr *size = build_op(ev, OP_mul, expr_cast(ev->cx, halves, DT_float32, at),
                                  expr_float(ev->cx, 0.5, DT_float32, at), at);
            Expr *minus = expr_op(ev->cx, OP_neg, size, NULL, NULL, at);
            put(ev, to, 8 * w + e,
                expr_op(ev->cx, OP_select, build_op(ev, OP_ne, bit[0], zero, at), minus, size, at),
                at);
        }
}

/* ---- calls ---- */

static Expr *pointer_arg(Eval *ev, Call *c, const Value *v, const char *what)
{
    if (v->kind != VAL_POINTER && !is_region(v))
        eval_fail(ev, E0204, c->span, "T.access_ptr(buffer, \"r\")",
                  "%s of '%s' is a pointer, not %s", what, c->fn->name, value_name[v->kind]);
    return to_place(ev, *v, c->span);
}

/* false: not a function whose meaning is known */
static bool known_function(Eval *ev, Call *c, const char *name, const Value *arg, int n)
{
    bool fp4 = !strcmp(name, "decode_fp4_to_bf16_twiddling");
    const Decoder *d = NULL;
    for (int i = 0; i < COUNT(decoders); i++)
        if (!strcmp(decoders[i].name, name)) d = &decoders[i];
    if ((!d && !fp4) || n < 2 || n > 3 || !is_defined(ev, name)) return false;
    Expr *from = pointer_arg(ev, c, &arg[0], "the source"),
         *to = pointer_arg(ev, c, &arg[1], "the destination");
    Int count = n == 3 ? to_int(ev, arg[2], c->span, "the number of elements") : d ? d->count : 8;
    int width = dtype_info[from->type].bits;
    if (count < 1 || count > 64 || !dtype_is_int(from->type) || (width != 8 && width != 32))
        return false;
    if (d)
        decode(ev, d, from, to, (int)count, c->span);
    else
        decode_fp4(ev, from, to, (int)count, c->span);
    return true;
}

/* T.call_extern(type, name, ...), T.call_extern(name, ..., dtype=type) */
Value t_call_extern(Eval *ev, Call *c)
{
    bool named = c->arg[1].kind != VAL_NONE;
    int first = named ? 1 : 2;
    if (c->rest.n < first)
        eval_fail(ev, E0203, c->span, NULL,
                  "T.call_extern needs the type of the result and a name");
    Value type = named ? c->arg[1] : c->rest.at[0];
    const char *name = to_str(ev, c->rest.at[first - 1], c->span, "the name of the function");
    DType t =
        type.kind == VAL_STR && !strcmp(type.s, "void") ? DT_none : to_dtype(ev, type, c->span);
    const Value *arg = c->rest.at + first;
    int n = c->rest.n - first;
    if (known_function(ev, c, name, arg, n)) return NONE_VALUE;
    Expr **e = NEWN(&ev->cx->arena, Expr *, n + 1);
    for (int i = 0; i < n; i++) {
        if (arg[i].kind == VAL_POINTER || is_region(&arg[i]))
            eval_fail(ev, E0901, c->span, "write what it does with T. functions",
                      "the foreign function '%s', which works on memory", name);
        e[i] = to_expr(ev, arg[i], c->span);
    }
    Expr *call = build_call(ev, c, FN_extern, e, n, name, t);
    return t == DT_none || t == DT_handle ? emit_eval(ev, call, c->span) : value_expr(call);
}
