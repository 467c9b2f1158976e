// The one team of threads: libgomp's, which oneDNN's kernels use too, so that no two pools fight
// for the cores.
#ifndef CK_THREADS_H
#define CK_THREADS_H

#include <stddef.h>
#include <stdint.h>

typedef void (*ck_body)(ptrdiff_t begin, ptrdiff_t end, void *context);

// Calls `body` for ranges that cover [0, count) exactly once. Ranges begin at multiples of
// `grain`; with count <= grain there is one call, on the calling thread. Returns when all are done.
// libgomp keeps one team for each thread that calls: call from one thread.
void ck_parallel(ptrdiff_t count, ptrdiff_t grain, ck_body body, void *context);

// The number of threads that the calling thread's next parallel region may use, at least 1.
int ck_thread_count(void);

// Sets it; values below 1 count as 1. It holds for the calling thread.
void ck_set_thread_count(int count);

// Makes the calling thread take numbers too small for full precision as 0: running averages that
// fade away would otherwise make each step ten times slower. Returns what was set before.
uint64_t ck_flush_denormals(void);
// Sets again what `ck_flush_denormals` returned.
void ck_restore_denormals(uint64_t before);

#endif
