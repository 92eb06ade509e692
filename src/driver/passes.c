/* The one list of passes, for all targets: they differ by what Limits says. Timing, --stop-after
 * and checking need no code in a pass. */
#include "driver/driver.h"

const Pass passes[] = {
    {"threads", sched_threads,
     "a launch that says what each thread does becomes one of tiles, where it has one order"},
    {"ring", sched_ring,
     "a tile with an axis of slots, made by hand, becomes the tile of one, its loop a pipelined one"},
    {"plan", sched_plan,
     "global memory in element code becomes copies of staged tiles, or gathers"},
    {"index", sched_index,
     "values of parallel indices become tiles the reader fills, where compute has none"},
    {"split", sched_split,
     "every statement to reader, compute or writer; shared tiles between them become pipes"},
    {"control", sched_control, "scalars that compute may not load come through control pipes"},
    {"groups", sched_groups, "the rows of compute divided among groups"},
    {"depth", sched_depth, "as many pipe slots as the program asks for and memory holds"},
    {"overlap", sched_overlap, "gemms started early and awaited late, where that is safe"},
    {NULL, NULL, NULL},
};
