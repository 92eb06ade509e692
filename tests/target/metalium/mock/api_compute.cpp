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
#include "api/compute/eltwise_unary/comp.h"
#include "api/compute/eltwise_unary/exp.h"
#include "api/compute/eltwise_unary/fill.h"
#include "api/compute/eltwise_unary/logical_not.h"
#include "api/compute/eltwise_unary/negative.h"
#include "api/compute/eltwise_unary/recip.h"
#include "api/compute/eltwise_unary/relu.h"
#include "api/compute/eltwise_unary/rounding.h"
#include "api/compute/eltwise_unary/rsqrt.h"
#include "api/compute/eltwise_unary/sqrt.h"
#include "api/compute/eltwise_unary/typecast.h"
#include "api/compute/eltwise_unary/where.h"
#include "api/compute/matmul.h"
#include "api/compute/mul_int_sfpu.h"
#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/reduce.h"
#include "api/compute/reg_api.h"
#include "api/compute/sub_int_sfpu.h"
#include "api/compute/tile_move_copy.h"
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
tanh_tile_init();
tanh_tile(0);
log_tile_init();
log_tile(0);
exp2_tile_init();
exp2_tile(0);
abs_tile_init();
abs_tile(0);
abs_tile_int32(0);
log_with_base_tile_init();
log_with_base_tile(0, 0x3f800000);
unary_max_tile_init();
unary_max_tile(0, 0x3f800000);
unary_min_tile_init();
unary_min_tile(0, 0x3f800000);
add_binary_tile_init();
add_binary_tile(0, 1, 2);
sub_binary_tile_init();
sub_binary_tile(0, 1, 2);
mul_binary_tile_init();
mul_binary_tile(0, 1, 2);
div_binary_tile_init();
div_binary_tile(0, 1, 2);
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
rsub_unary_tile(0, 1);
nez_tile_init();
nez_tile(0);
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
exp_tile_init();
exp_tile(0);
fill_tile_init();
logical_not_tile_init();
negative_tile_init();
negative_tile(0);
negative_tile_int32(0);
recip_tile_init();
recip_tile(0);
relu_tile_init();
relu_tile(0);
rounding_op_tile_init();
floor_tile(0);
ceil_tile(0);
rsqrt_tile_init();
rsqrt_tile(0);
sqrt_tile_init();
sqrt_tile(0);
where_tile_init();
mul_int_tile_init<DataFormat::Int32>();mul_int_tile<DataFormat::Int32>(0, 1, 2);
sub_int_tile_init();sub_int_tile<DataFormat::Int32>(0, 1, 2);
binary_max_int32_tile(0,1,2);
binary_min_int32_tile(0,1,2);
logical_not_tile<DataFormat::Float32>(0);
fill_tile(0,1.0f);
fill_tile_int<DataFormat::Int32>(0,1);
where_tile<DataFormat::Float32>(0,1,2,0);
typecast_tile_init<(uint32_t)DataFormat::Float32,(uint32_t)DataFormat::Int32>();typecast_tile<(uint32_t)DataFormat::Float32,(uint32_t)DataFormat::Int32>(0);
unary_bcast_init<BroadcastType::COL>(0);unary_bcast<BroadcastType::COL>(0,0,0);
transpose_init(0);transpose_tile(0,0,0);
pack_tile<true>(0,16,1);
matmul_block_init(0,1,0,2,2,4);matmul_block(0,1,0,0,0,0,2,2,4);
pack_reconfig_l1_acc(1);
pack_relu_config(ReluConfig::zero());
reconfig_data_format(0,1);reconfig_data_format<SrcOrder::Reverse>(0,1);reconfig_data_format_srca(0);reconfig_data_format_srcb(0);pack_reconfig_data_format(16);
get_arg_val<uint32_t>(read_tile_value(0,0,0));get_common_arg_val<uint32_t>(0);
}
