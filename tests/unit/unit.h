/* What every unit test uses: checks that count. A test program prints `N passed, N failed` and
 * exits non-zero on a failure. */
#ifndef KILN_UNIT_H
#define KILN_UNIT_H
#include <stdio.h>

static long unit_passed, unit_failed;

/* a failure is printed once with what was found; the first twenty of them */
#define CHECK(ok, ...)                                                                             \
    do {                                                                                           \
        if (ok) {                                                                                  \
            unit_passed++;                                                                         \
        } else if (unit_failed++ < 20) {                                                           \
            printf("%s:%d: ", __FILE__, __LINE__);                                                 \
            printf(__VA_ARGS__);                                                                   \
            printf("\n");                                                                          \
        }                                                                                          \
    } while (0)

static inline int unit_done(void)
{
    printf("%ld passed, %ld failed\n", unit_passed, unit_failed);
    return unit_failed != 0;
}
#endif
