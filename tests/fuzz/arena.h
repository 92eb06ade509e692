/* What a test may ask of tests/fuzz/arena.c. */
#ifndef KILN_TEST_ARENA_H
#define KILN_TEST_ARENA_H
typedef struct {
    long requests;      /* so far */
    long fail_at;       /* this one finds no memory; 0: none */
    int forever;        /* and those after it */
    long live;          /* blocks that are not given back yet */
} ArenaTest;
extern ArenaTest arena_test;
#endif
