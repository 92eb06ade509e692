/* pool: threads that run the blocks of a grid, as the text of the cpu target asks for them. */
#ifndef KILN_POOL_H
#define KILN_POOL_H
#include "target/cpu/cpu.h"

CpuPool *
pool_open(int threads); /* NULL: no memory; fewer threads than asked for are not an error */
void pool_close(CpuPool *pool);
#endif
