#pragma once
#include "buffers.h"
inline uint32_t read_tile_value(uint32_t cb, uint32_t tile, uint32_t element, HERE)
{
    mock::at(line);
    return ((const uint32_t *)mock::front_page(cb, tile, "read_tile_value"))[element];
}
