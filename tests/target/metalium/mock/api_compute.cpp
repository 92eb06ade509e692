// every call of the compute interface that the mock offers: it compiles against the mock, and against the machine's own headers
#include "api/compute/add_int_sfpu.h"
#include "api/compute/bcast.h"
#include "api/compute/binary_bitwise_sfpu.h"
#include "api/compute/binary_comp.h"
#include "api/compute/binary_max_min.h"
#include "api/compute/binary_shift.h"
#include "api/compute/cb_api.h"
#include "api/compute/common.h"
#include "api/compute/compute_kernel_api.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/eltwise_binary_sfpu.h"
#include "api/compute/eltwise_unary/binop_with_scalar.h"
#include "api/compute/eltwise_unary/cbrt.h"
#include "api/compute/eltwise_unary/clamp.h"
#include "api/compute/eltwise_unary/comp.h"
#include "api/compute/eltwise_unary/erf_erfc.h"
#include "api/compute/eltwise_unary/exp.h"
#include "api/compute/eltwise_unary/fill.h"
#include "api/compute/eltwise_unary/gelu.h"
#include "api/compute/eltwise_unary/isinf_isnan.h"
#include "api/compute/eltwise_unary/log1p.h"
#include "api/compute/eltwise_unary/logical_not.h"
#include "api/compute/eltwise_unary/negative.h"
#include "api/compute/eltwise_unary/rdiv.h"
#include "api/compute/eltwise_unary/recip.h"
#include "api/compute/eltwise_unary/relu.h"
#include "api/compute/eltwise_unary/rounding.h"
#include "api/compute/eltwise_unary/rsqrt.h"
#include "api/compute/eltwise_unary/sqrt.h"
#include "api/compute/eltwise_unary/trigonometry.h"
#include "api/compute/eltwise_unary/typecast.h"
#include "api/compute/eltwise_unary/where.h"
#include "api/compute/matmul.h"
#include "api/compute/mul_int_sfpu.h"
#include "api/compute/pack.h"
#include "api/compute/pack_untilize.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/reduce.h"
#include "api/compute/reg_api.h"
#include "api/compute/sub_int_sfpu.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/tilize.h"
#include "api/compute/transpose.h"
void kernel_main() {
compute_kernel_hw_startup(0,1,16);
add_int_tile_init();add_int_tile<DataFormat::Int32>(0, 1, 2);
binary_bitwise_tile_init();
bitwise_and_binary_tile<DataFormat::Int32>(0, 1, 2);
bitwise_or_binary_tile<DataFormat::Int32>(0, 1, 2);
bitwise_xor_binary_tile<DataFormat::Int32>(0, 1, 2);
eq_int_tile_init<DataFormat::Int32>();eq_int_tile<DataFormat::Int32>(0, 1, 2);
ne_int_tile_init<DataFormat::Int32>();ne_int_tile<DataFormat::Int32>(0, 1, 2);
lt_int_tile_init<DataFormat::Int32>();lt_int_tile<DataFormat::Int32>(0, 1, 2);
gt_int_tile_init<DataFormat::Int32>();gt_int_tile<DataFormat::Int32>(0, 1, 2);
le_int_tile_init<DataFormat::Int32>();le_int_tile<DataFormat::Int32>(0, 1, 2);
ge_int_tile_init<DataFormat::Int32>();ge_int_tile<DataFormat::Int32>(0, 1, 2);
binary_max_tile_init();
binary_max_tile(0, 1, 2);
binary_min_tile_init();
binary_min_tile(0, 1, 2);
binary_max_int32_tile_init();
binary_min_int32_tile_init();
binary_shift_tile_init();
binary_left_shift_tile<DataFormat::Int32>(0, 1, 2);
binary_right_shift_tile<DataFormat::Int32>(0, 1, 2);
sigmoid_tile_init();
sigmoid_tile(0);
silu_tile_init();
silu_tile(0);
tanh_tile_init();
tanh_tile(0);
square_tile_init();
square_tile(0);
log_tile_init();
log_tile(0);
exp2_tile_init();
exp2_tile(0);
expm1_tile_init();
expm1_tile(0);
abs_tile_init();
abs_tile(0);
sign_tile_init();
sign_tile(0);
signbit_tile_init();
signbit_tile(0);
abs_tile_int32(0);
log_with_base_tile_init();
log_with_base_tile(0, 0x3f800000);
power_tile_init();
power_tile(0, 0x3f800000);
heaviside_tile_init();
heaviside_tile(0, 0x3f800000);
unary_max_tile_init();
unary_max_tile(0, 0x3f800000);
unary_min_tile_init();
unary_min_tile(0, 0x3f800000);
unary_max_int32_tile_init();
unary_min_int32_tile_init();
unary_max_int32_tile(0, 1);
unary_min_int32_tile(0, 1);
add_binary_tile_init();
add_binary_tile(0, 1, 2);
sub_binary_tile_init();
sub_binary_tile(0, 1, 2);
mul_binary_tile_init();
mul_binary_tile(0, 1, 2);
div_binary_tile_init();
div_binary_tile(0, 1, 2);
rsub_binary_tile_init();
rsub_binary_tile(0, 1, 2);
power_binary_tile_init();
power_binary_tile(0, 1, 2);
eq_binary_tile_init();
eq_binary_tile(0, 1, 2);
ne_binary_tile_init();
ne_binary_tile(0, 1, 2);
lt_binary_tile_init();
lt_binary_tile(0, 1, 2);
gt_binary_tile_init();
gt_binary_tile(0, 1, 2);
le_binary_tile_init();
le_binary_tile(0, 1, 2);
ge_binary_tile_init();
ge_binary_tile(0, 1, 2);
binop_with_scalar_tile_init();
add_unary_tile(0, 1);
sub_unary_tile(0, 1);
mul_unary_tile(0, 1);
div_unary_tile(0, 1);
rsub_unary_tile(0, 1);
add_unary_tile_int32(0, 1);
sub_unary_tile_int32(0, 1);
cbrt_tile_init();
cbrt_tile(0);
clamp_tile_init();
gtz_tile_init();
gtz_tile(0);
gez_tile_init();
gez_tile(0);
ltz_tile_init();
ltz_tile(0);
lez_tile_init();
lez_tile(0);
eqz_tile_init();
eqz_tile(0);
nez_tile_init();
nez_tile(0);
gtz_tile_int32(0);
gez_tile_int32(0);
ltz_tile_int32(0);
lez_tile_int32(0);
eqz_tile_int32(0);
nez_tile_int32(0);
unary_eq_tile_init();
unary_eq_tile(0, 0x3f800000);
unary_ne_tile_init();
unary_ne_tile(0, 0x3f800000);
unary_gt_tile_init();
unary_gt_tile(0, 0x3f800000);
unary_ge_tile_init();
unary_ge_tile(0, 0x3f800000);
unary_lt_tile_init();
unary_lt_tile(0, 0x3f800000);
unary_le_tile_init();
unary_le_tile(0, 0x3f800000);
unary_eq_tile_int32(0, 1);
unary_ne_tile_int32(0, 1);
unary_gt_tile_int32(0, 1);
unary_ge_tile_int32(0, 1);
unary_lt_tile_int32(0, 1);
unary_le_tile_int32(0, 1);
erf_tile_init();
erf_tile(0);
erfc_tile_init();
erfc_tile(0);
exp_tile_init();
exp_tile(0);
fill_tile_init();
gelu_tile_init();
gelu_tile(0);
isinf_tile_init();
isinf_tile(0);
isnan_tile_init();
isnan_tile(0);
isfinite_tile_init();
isfinite_tile(0);
log1p_tile_init();
log1p_tile(0);
logical_not_tile_init();
negative_tile_init();
negative_tile(0);
negative_tile_int32(0);
rdiv_tile_init();
rdiv_tile(0, 0x3f800000);
recip_tile_init();
recip_tile(0);
relu_tile_init();
relu_tile(0);
relu_tile_int32(0);
relu_max_tile_init();
relu_max_tile(0, 0x3f800000);
relu_min_tile_init();
relu_min_tile(0, 0x3f800000);
leaky_relu_tile_init();
leaky_relu_tile(0, 0x3f800000);
rounding_op_tile_init();
floor_tile(0);
ceil_tile(0);
trunc_tile(0);
frac_tile(0);
rsqrt_tile_init();
rsqrt_tile(0);
sqrt_tile_init();
sqrt_tile(0);
sin_tile_init();
sin_tile(0);
cos_tile_init();
cos_tile(0);
tan_tile_init();
tan_tile(0);
asin_tile_init();
asin_tile(0);
acos_tile_init();
acos_tile(0);
atan_tile_init();
atan_tile(0);
sinh_tile_init();
sinh_tile(0);
cosh_tile_init();
cosh_tile(0);
asinh_tile_init();
asinh_tile(0);
acosh_tile_init();
acosh_tile(0);
atanh_tile_init();
atanh_tile(0);
where_tile_init();
mul_int_tile_init<DataFormat::Int32>();mul_int_tile<DataFormat::Int32>(0, 1, 2);
sub_int_tile_init();sub_int_tile<DataFormat::Int32>(0, 1, 2);
binary_max_int32_tile(0,1,2);
binary_min_int32_tile(0,1,2);
clamp_tile(0,0,1);
logical_not_tile<DataFormat::Float32>(0);
fill_tile(0,1.0f);
fill_tile_int<DataFormat::Int32>(0,1);
where_tile<DataFormat::Float32>(0,1,2,0);
typecast_tile_init<(uint32_t)DataFormat::Float32,(uint32_t)DataFormat::Int32>();typecast_tile<(uint32_t)DataFormat::Float32,(uint32_t)DataFormat::Int32>(0);
unary_bcast_init<BroadcastType::COL>(0);unary_bcast<BroadcastType::COL>(0,0,0);
transpose_init(0);transpose_tile(0,0,0);
tilize_init(0,2,16);tilize_block(0,2,16);tilize_uninit(0,16);
pack_untilize_init<2>(0,16);pack_untilize_block<2>(0,1,16);pack_untilize_uninit(16);
pack_tile<true>(0,16,1);
matmul_block_init(0,1,0,2,2,4);matmul_block(0,1,0,0,0,0,2,2,4);
pack_reconfig_l1_acc(1);
pack_relu_config(ReluConfig::zero());
reconfig_data_format(0,1);reconfig_data_format<SrcOrder::Reverse>(0,1);reconfig_data_format_srca(0);reconfig_data_format_srcb(0);pack_reconfig_data_format(16);
get_arg_val<uint32_t>(read_tile_value(0,0,0));get_common_arg_val<uint32_t>(0);
}
