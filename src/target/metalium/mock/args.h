/* run-time arguments, one list a core and one for all */
#pragma once
#include "api/compile_time_args.h"
template <class T> inline T get_arg_val(int i, HERE)
{
    static_assert(sizeof(T) == 4, "arguments are words");
    mock::at(line);
    const uint32_t v = mock::arg((uint32_t)i, false);
    T t;
    __builtin_memcpy(&t, &v, 4);
    return t;
}
template <class T> inline T get_common_arg_val(int i, HERE)
{
    static_assert(sizeof(T) == 4, "arguments are words");
    mock::at(line);
    const uint32_t v = mock::arg((uint32_t)i, true);
    T t;
    __builtin_memcpy(&t, &v, 4);
    return t;
}
