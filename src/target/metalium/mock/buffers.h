/* the four verbs, the same in all roles */
#pragma once
#include "machine.h"
inline void cb_reserve_back(uint32_t cb, uint32_t n, HERE)
{
    mock::at(line);
    mock::reserve(cb, n);
}
inline void cb_push_back(uint32_t cb, uint32_t n, HERE)
{
    mock::at(line);
    mock::push(cb, n);
}
inline void cb_wait_front(uint32_t cb, uint32_t n, HERE)
{
    mock::at(line);
    mock::wait(cb, n);
}
inline void cb_pop_front(uint32_t cb, uint32_t n, HERE)
{
    mock::at(line);
    mock::pop(cb, n);
}
