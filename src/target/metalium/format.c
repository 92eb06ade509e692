/* Element types in device memory. The chip has no 16-bit float of the IEEE kind that mixes with the
   others and few integers: what it does not have is held in a wider format, exactly; results are
   rounded to their own type where they are stored or handed to the host. */
#include "target/metalium/metalium.h"

const FormatInfo format_info[NFORMAT] = {
    [FMT_BF16] = {"Float16_b", 5, 2, "uint16_t"},
    [FMT_F32] = {"Float32", 0, 4, "float"},
    [FMT_I32] = {"Int32", 8, 4, "int32_t"},
    [FMT_U32] = {"UInt32", 24, 4, "uint32_t"},
};

bool format_of(DType t, Format *out)
{
    switch (t) {
    case DT_bfloat16:
    case DT_float8_e4m3fn:
    case DT_float8_e5m2:
    case DT_bool: *out = FMT_BF16; return true;
    case DT_float16:
    case DT_float32: *out = FMT_F32; return true;
    case DT_int8:
    case DT_int16:
    case DT_int32: *out = FMT_I32; return true;
    case DT_uint8:
    case DT_uint16:
    case DT_uint32: *out = FMT_U32; return true;
    default: return false;
    }
}

Format format_needed(Cx *cx, const Buf *b)
{
    Format f;
    if (!format_of(b->type, &f))
        fail(cx, E0901, b->span, NULL,
             "'%s' has type %s, which no data format of this target holds", b->name,
             dtype_info[b->type].name);
    return f;
}
