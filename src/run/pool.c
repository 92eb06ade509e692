/* Threads that run the blocks of a grid. The caller is one of them, and one at a time; the others
   sleep between the runs. A block is taken by whoever is free. Every thread keeps a piece of scratch memory that
   grows to what the runs ask for. */
#include "run/pool.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef struct {
    void *at;
    size_t bytes;
} Scratch;
typedef struct Pool Pool;
typedef struct {
    Pool *pool;
    pthread_t thread;
    Scratch scratch;
} Worker;

struct Pool {
    CpuPool face; /* first: what the emitted text sees */
    int nworker;  /* threads beside the caller */
    Worker *worker;
    Scratch own;          /* the caller's */
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t start, done;
    uint64_t round; /* counts the runs */
    int busy;       /* workers that have not finished this one */
    bool stop;

    int64_t n; /* the run */
    size_t bytes;
    CpuBlock *block;
    const void *call;
    _Atomic int64_t next;
    _Atomic int bad; /* the first result that is not 0 */
};

static bool grow(Scratch *s, size_t bytes)
{
    if (s->bytes >= bytes) return true;
    free(s->at);
    s->bytes = 0;
    s->at = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (s->at) s->bytes = bytes;
    return s->at != NULL;
}

static void say(Pool *p, int result)
{
    int none = 0;
    atomic_compare_exchange_strong(&p->bad, &none, result);
}

static void take_blocks(Pool *p, Scratch *s)
{
    if (!grow(s, p->bytes)) {
        say(p, -1);
        return;
    }
    while (!atomic_load_explicit(&p->bad, memory_order_relaxed)) {
        int64_t at = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed);
        if (at >= p->n) return;
        int bad = p->block(p->call, s->at, at);
        if (bad) say(p, bad);
    }
}

static void *work(void *arg)
{
    Worker *w = arg;
    Pool *p = w->pool;
    uint64_t seen = 0;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->round == seen && !p->stop) pthread_cond_wait(&p->start, &p->lock);
        if (p->stop) break;
        seen = p->round;
        pthread_mutex_unlock(&p->lock);
        take_blocks(p, &w->scratch);
        pthread_mutex_lock(&p->lock);
        if (--p->busy == 0) pthread_cond_signal(&p->done);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static int run(CpuPool *face, int64_t n, size_t bytes, CpuBlock *block, const void *call)
{
    Pool *p = (Pool *)face;
    p->n = n;
    p->bytes = bytes;
    p->block = block;
    p->call = call;
    atomic_store(&p->next, 0);
    atomic_store(&p->bad, 0);
    bool shared = n > 1 && p->nworker > 0;
    if (shared) {
        pthread_mutex_lock(&p->lock);
        p->busy = p->nworker;
        p->round++;
        pthread_cond_broadcast(&p->start);
        pthread_mutex_unlock(&p->lock);
    }
    take_blocks(p, &p->own);
    if (shared) {
        pthread_mutex_lock(&p->lock);
        while (p->busy) pthread_cond_wait(&p->done, &p->lock);
        pthread_mutex_unlock(&p->lock);
    }
    return atomic_load(&p->bad);
}

CpuPool *pool_open(int threads)
{
    Pool *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->face.run = run;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->start, NULL);
    pthread_cond_init(&p->done, NULL);
    p->worker = threads > 1 ? calloc((size_t)threads - 1, sizeof *p->worker) : NULL;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); /* signals are for the threads of the program */
    for (int i = 0; p->worker && i < threads - 1; i++) {
        p->worker[i].pool = p;
        if (pthread_create(&p->worker[i].thread, NULL, work, &p->worker[i]) != 0) break;
        p->nworker++;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return &p->face;
}

void pool_close(CpuPool *pool)
{
    Pool *p = (Pool *)pool;
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->start);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->nworker; i++) {
        pthread_join(p->worker[i].thread, NULL);
        free(p->worker[i].scratch.at);
    }
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->start);
    pthread_cond_destroy(&p->done);
    free(p->own.at);
    free(p->worker);
    free(p);
}
