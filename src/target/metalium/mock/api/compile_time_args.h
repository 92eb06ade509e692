/* compile-time arguments: KERNEL_COMPILE_TIME_ARGS is a list of words */
#pragma once
#include "machine.h"
#ifndef KERNEL_COMPILE_TIME_ARGS
#define KERNEL_COMPILE_TIME_ARGS 0
#endif
namespace mock
{
constexpr uint32_t compile_time_args[] = {KERNEL_COMPILE_TIME_ARGS};
}
template <uint32_t I> constexpr uint32_t get_ct_arg()
{
    static_assert(I < sizeof mock::compile_time_args / 4, "there are fewer compile-time arguments");
    return mock::compile_time_args[I];
}
#define get_compile_time_arg_val(i) get_ct_arg<i>()
