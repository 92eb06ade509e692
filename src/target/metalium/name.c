/* Names that the kernel interface of the chip takes. */
#include "target/metalium/metalium.h"
#include <string.h>

extern const char target_metalium_prelude_hpp[];

static bool also(Cx *cx, const NameRules *r, const char *name)
{
    static const char *const begins[] = {"cb_", "noc_", "k_", "get_"};
    size_t n = strlen(name);
    (void)cx, (void)r;
    for (int i = 0; i < COUNT(begins); i++)
        if (!strncmp(name, begins[i], strlen(begins[i]))) return true;
    return n > 5 && !strcmp(name + n - 5, "_tile");
}

const NameRules tt_name_rules = {
    " kernel_main ckernel tt scratch memory first count block bits l1 L1 ",
    target_metalium_prelude_hpp, also, NULL};
