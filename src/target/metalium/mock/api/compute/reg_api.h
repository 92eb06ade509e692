#pragma once
#include "machine.h"
inline void tile_regs_acquire(HERE)
{
    mock::at(line);
    mock::dst_acquire();
}
inline void tile_regs_commit(HERE)
{
    mock::at(line);
    mock::dst_commit();
}
inline void tile_regs_wait(HERE)
{
    mock::at(line);
    mock::dst_wait();
}
inline void tile_regs_release(HERE)
{
    mock::at(line);
    mock::dst_release();
}
