/* two compile-time words a tensor: its configuration (2: interleaved in DRAM) and the size of a
 * page */
#pragma once
#include "api/compile_time_args.h"
template <uint32_t CTA, uint32_t CRTA = 0> struct TensorAccessorArgs {
    static constexpr bool is_dram = get_ct_arg<CTA>() & 2;
    static constexpr uint32_t AlignedPageSize = get_ct_arg<CTA + 1>();
    static_assert(!(get_ct_arg<CTA>() & ~2u), "only interleaved tensors are modelled");
    static constexpr uint32_t next_compile_time_args_offset() { return CTA + 2; }
};
