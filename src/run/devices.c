/* The devices there are, by name; the interpreter first: it needs nothing and is the measure of the
 * others. */
#include "run/run.h"
#include <string.h>

const Device *const devices[] = {&device_interp, &device_cpu, &device_mock, &device_cuda, NULL};

const Device *device_named(const char *name)
{
    for (int i = 0; devices[i]; i++)
        if (strcmp(devices[i]->name, name) == 0) return devices[i];
    return NULL;
}
