/* replay FILE...: the texts to a fuzzer's function, one by one, without the fuzzer. Each name is printed before its turn, so that the last one
   is at fault when the program ends early. */
#include "fuzz.h"
#include <time.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max)
{
    (void)data;
    return MIN(size, max);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (!f) return 2;
        uint8_t *text = malloc(1 << 20);
        size_t n = fread(text, 1, 1 << 20, f);
        fclose(f);
        printf("%s", argv[i]);
        fflush(stdout);
        clock_t from = clock();
        uint8_t *exact = malloc(n + 1); /* no byte beyond the text may be read */
        memcpy(exact, text, n);
        LLVMFuzzerTestOneInput(exact, n);
        free(exact);
        free(text);
        printf(" %.2f s\n", (double)(clock() - from) / CLOCKS_PER_SEC);
    }
    return 0;
}
