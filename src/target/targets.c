/* The targets there are, by name. */
#include "target/target.h"
#include <string.h>

const Target *const targets[] = {&target_cpu, &target_cuda, &target_metalium, NULL};

/* "metalium:wormhole" is the target before the colon; what stands behind it names a chip of that
 * family */
const Target *target_named(const char *name)
{
    static const struct {
        const char *target, *chip;
    } chips[] = {{"cuda", "sm_90a"}, {"metalium", "wormhole"}, {"metalium", "blackhole"}};
    size_t n = strcspn(name, ":");
    for (int i = 0; targets[i]; i++) {
        if (strlen(targets[i]->name) != n || strncmp(targets[i]->name, name, n) != 0) continue;
        bool known = !name[n];
        for (int c = 0; c < COUNT(chips); c++)
            known |= strcmp(targets[i]->name, chips[c].target) == 0 && name[n] &&
                     strcmp(name + n + 1, chips[c].chip) == 0;
        return known ? targets[i] : NULL;
    }
    return NULL;
}
