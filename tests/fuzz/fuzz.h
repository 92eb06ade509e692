/* What the fuzzers share: one input is one compilation of a text; whatever is wrong with our own work ends in fuzz_stop(), which a
   fuzzer reports as a crash. */
#ifndef KILN_FUZZ_H
#define KILN_FUZZ_H
#include "driver/driver.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t na, const uint8_t *b, size_t nb, uint8_t *out, size_t max, unsigned seed);

static inline _Noreturn void fuzz_stop(const char *why, const char *text)
{
    fprintf(stderr, "fuzz: %s\n%s\n", why, text ? text : "");
    abort();
}

/* prints every message, as the command would: carets must stay within the text, no message is a bug of ours, a refusal says why */
static inline void fuzz_messages(Cx *cx, bool refused)
{
    bool said = false;
    int n = 0;
    Arena own = {0};
    Text t = text_new(&own);
    for (const Diag *d = cx->diags; d; d = d->next) {
        t.n = 0;
        if (n++ < 3 || d->kind == K_BUG) diag_print(cx, d, &t, true);
        said |= d->kind < K_WARNING;
        if (d->kind == K_BUG) fuzz_stop("an internal error", t.s);
    }
    if (refused && !said) fuzz_stop("refused without a word", NULL);
    arena_free(&own);
}
enum { FUEL = 100000 }; /* a loop without end is to be over soon, so that there is time for others */

/* a text and the options in it: as in the tests, "# run: -D NAME=VALUE ..." */
enum { MAXBIND = 32 };
typedef struct {
    char *text;
    const char *bind[MAXBIND + 1];
} Input;

/* the words after each -D of the first line that begins with "# run:" */
static inline void find_binds(Input *in)
{
    int n = 0;
    char *line = strstr(in->text, "# run:");
    size_t len = line ? strcspn(line, "\n") : 0;
    char *copy = line ? strndup(line, len) : strdup(""), *rest = NULL;
    for (char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
        if (strcmp(w, "-D") != 0) continue;
        w = strtok_r(NULL, " ", &rest);
        if (w && n < MAXBIND) in->bind[n++] = strdup(w);
    }
    free(copy);
}

static inline void free_input(Input *in)
{
    for (int i = 0; in->bind[i]; i++) free((char *)(uintptr_t)in->bind[i]);
    free(in->text);
}
#endif
