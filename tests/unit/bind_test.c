/* Arguments against parameters: sizes solved from shapes, and the words of what does not fit. The
   parameters: A (n, 2 m + 1) float32, B (m, n, 4) int8, M (k) bool, x int8. */
#include "run/run.h"
#include "unit.h"
#include <stdio.h>
#include <string.h>

static const Span nowhere = {0};

typedef struct {
    Cx *cx;
    Prog prog;
    Param param[4];
    Var *size[3];
} Setup;

static Buf *tensor(Cx *cx, const char *name, DType t, int n, Expr *a, Expr *b, Expr *c)
{
    Expr *dim[3] = {a, b, c};
    return buf_new(cx, name, t, SP_GLOBAL, n, dim, nowhere);
}

static void open_setup(Setup *s)
{
    Cx *cx = s->cx = cx_open();
    Var *n = s->size[0] = var_new(cx, "n", DT_int32, V_SIZE, nowhere);
    Var *m = s->size[1] = var_new(cx, "m", DT_int32, V_SIZE, nowhere);
    Var *k = s->size[2] = var_new(cx, "k", DT_int32, V_SIZE, nowhere);
    Expr *en = expr_var(cx, n, nowhere), *em = expr_var(cx, m, nowhere);
    Expr *odd = expr_add(cx, expr_mul(cx, em, expr_i32(cx, 2)), expr_i32(cx, 1));
    s->param[0].buf = tensor(cx, "A", DT_float32, 2, en, odd, NULL);
    s->param[1].buf = tensor(cx, "B", DT_int8, 3, em, en, expr_i32(cx, 4));
    s->param[2].buf = tensor(cx, "M", DT_bool, 1, expr_var(cx, k, nowhere), NULL, NULL);
    s->param[3].scalar = var_new(cx, "x", DT_int8, V_SCALAR, nowhere);
    s->prog = (Prog){.name = "p", .nparam = 4, .nsize = 3, .param = s->param, .size = s->size};
}

/* arguments that fit: n = 5, m = 3, k = 2 */
static _Alignas(16) char memory[4096];
static void good(Arg arg[4])
{
    memset(arg, 0, sizeof *arg * 4);
    arg[0].tensor = (Tensor){memory, DT_float32, 2, {5, 7}};
    arg[1].tensor = (Tensor){memory, DT_int8, 3, {3, 5, 4}};
    arg[2].tensor = (Tensor){memory, DT_bool, 1, {2}};
    arg[3].i = -128;
}

static void refused(const Setup *s, const Arg *arg, const char *says)
{
    int64_t size[3];
    Err e = {0};
    CHECK(!bind_sizes(&s->prog, arg, size, &e), "expected '%s', found no error", says);
    CHECK(!strcmp(e.text, says), "expected '%s', found '%s'", says, e.text);
}

static void fits(const Setup *s)
{
    Arg arg[4];
    int64_t size[3] = {0}, v;
    Err e = {0};
    good(arg);
    CHECK(bind_sizes(&s->prog, arg, size, &e), "%s", e.text);
    CHECK(size[0] == 5 && size[1] == 3 && size[2] == 2, "n, m, k are %d, %d, %d", (int)size[0],
          (int)size[1], (int)size[2]);
    CHECK(bind_dim(s->param[0].buf, 1, &s->prog, arg, size) == 7, "dimension 1 of A");
    Expr *x = expr_var(s->cx, s->param[3].scalar, nowhere);
    Expr *e1 = expr_op(s->cx, OP_floordiv, x, expr_var(s->cx, s->size[1], nowhere), NULL, nowhere);
    CHECK(bind_eval(e1, &s->prog, arg, size, &v) && v == -43, "-128 // 3 is %d", (int)v);
    arg[2].tensor.type = DT_uint8;
    CHECK(bind_sizes(&s->prog, arg, size, &e), "bytes for bool: %s", e.text);
    arg[2].tensor.dim[0] = 0;
    arg[2].tensor.data = NULL;
    CHECK(bind_sizes(&s->prog, arg, size, &e) && size[2] == 0, "an empty tensor: %s", e.text);
}

static void errors(const Setup *s)
{
    Arg arg[4];
    good(arg);
    arg[0].tensor.type = DT_float16;
    refused(s, arg, "'A': expected elements of type float32, found float16");
    good(arg);
    arg[1].tensor.ndim = 2;
    refused(s, arg, "'B': expected 3 dimensions, found 2");
    good(arg);
    arg[1].tensor.dim[2] = 5;
    refused(s, arg, "'B', dimension 2: expected 4, found 5");
    good(arg);
    arg[1].tensor.dim[1] = 6;
    refused(s, arg, "'B', dimension 1: expected n = 5 (n = 5 from 'A'), found 6");
    good(arg);
    arg[1].tensor.dim[0] = 4;
    refused(s, arg, "'B', dimension 0: expected m = 3 (m = 3 from 'A'), found 4");
    good(arg);
    arg[0].tensor.dim[1] = 8;
    refused(s, arg,
            "'A', dimension 1: expected m * 2 + 1 for a whole number 'm' of at least 0, found 8");
    good(arg);
    arg[0].tensor.dim[0] = -5;
    refused(s, arg, "'A', dimension 0: expected at least 0, found -5");
    good(arg);
    arg[2].tensor.data = NULL;
    refused(s, arg, "'M': expected a tensor, found none");
    good(arg);
    arg[3].i = 128;
    refused(s, arg, "'x': expected a value of type int8, found 128");
    good(arg);
    arg[0].tensor.dim[0] = arg[0].tensor.dim[1] = (int64_t)1 << 40;
    refused(s, arg, "'A': expected a tensor that fits memory, found more than 2^63 bytes");
}

/* n appears only as 2 n + m: two unknowns in one dimension */
static void unsolved(const Setup *s)
{
    Cx *cx = s->cx;
    Expr *sum = expr_add(cx, expr_var(cx, s->size[0], nowhere), expr_var(cx, s->size[1], nowhere));
    Param param[1] = {{.buf = tensor(cx, "A", DT_float32, 1, sum, NULL, NULL)}};
    Prog p = {.name = "p", .nparam = 1, .nsize = 2, .param = param, .size = s->prog.size};
    Setup t = {.cx = cx, .prog = p};
    Arg arg[1] = {{.tensor = {memory, DT_float32, 1, {5}}}};
    refused(&t, arg, "size 'n': expected a parameter whose shape tells it, found none");
}

static void elements(void)
{
    static const DType types[] = {DT_bool,     DT_int8,          DT_int16,       DT_int32,
                                  DT_int64,    DT_uint8,         DT_uint16,      DT_uint32,
                                  DT_uint64,   DT_float8_e4m3fn, DT_float8_e5m2, DT_float16,
                                  DT_bfloat16, DT_float32,       DT_float64};
    for (int i = 0; i < COUNT(types); i++) {
        Tensor t = {memory, types[i], 1, {16}};
        CHECK(tensor_bytes(&t) == 16u * (size_t)dtype_bytes(types[i]), "bytes");
        tensor_set(&t, 3, 1);
        tensor_set(&t, 4, dtype_info[types[i]].cls == CLS_F ? -1.5 : 1);
        CHECK(tensor_get(&t, 3) == 1, "%s holds %g", dtype_info[types[i]].name, tensor_get(&t, 3));
        CHECK(tensor_get(&t, 4) == (dtype_info[types[i]].cls == CLS_F ? -1.5 : 1), "%s",
              dtype_info[types[i]].name);
    }
    Tensor t = {memory, DT_int8, 1, {16}};
    tensor_set(&t, 0, -7);
    CHECK(tensor_get(&t, 0) == -7, "int8 holds %g", tensor_get(&t, 0));
    t.type = DT_uint64;
    tensor_set(&t, 0, 0x1p63);
    CHECK(tensor_get(&t, 0) == 0x1p63, "uint64 holds %g", tensor_get(&t, 0));
}

int main(void)
{
    Setup s = {0};
    open_setup(&s);
    fits(&s);
    errors(&s);
    unsolved(&s);
    elements();
    cx_close(s.cx);
    return unit_done();
}
