/* not yet */
#include "tile/verify.h"
void check_nest_races(Check *c, const Stmt *nest, const Scope *sc)
{
    (void)c, (void)nest, (void)sc;
}
void check_thread_races(Check *c, const Stmt *store, const Scope *sc)
{
    (void)c, (void)store, (void)sc;
}
void check_copy_overlap(Check *c, const Stmt *copy, const Scope *sc)
{
    (void)c, (void)copy, (void)sc;
}
