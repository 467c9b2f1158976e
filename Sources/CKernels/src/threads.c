#include "ck_threads.h"

// libgomp's entry points, declared here because the compiler brings no omp.h of its own.
extern void GOMP_parallel(void (*body)(void *), void *context, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern void omp_set_num_threads(int count);

struct region {
  ptrdiff_t count, grain;
  ck_body body;
  void *context;
};

static ptrdiff_t chunks_of(ptrdiff_t count, ptrdiff_t grain) {
  return count / grain + (count % grain != 0);
}

static void run_member(void *pointer) {
  const struct region *region = pointer;
  const ptrdiff_t members = omp_get_num_threads(), member = omp_get_thread_num();
  const ptrdiff_t chunks = chunks_of(region->count, region->grain);
  const ptrdiff_t begin = chunks * member / members * region->grain;
  ptrdiff_t end = chunks * (member + 1) / members * region->grain;
  if (end > region->count) end = region->count;
  if (begin < end) region->body(begin, end, region->context);
}

void ck_parallel(ptrdiff_t count, ptrdiff_t grain, ck_body body, void *context) {
  if (count <= 0) return;
  if (grain < 1) grain = 1;
  ptrdiff_t threads = ck_thread_count();
  const ptrdiff_t chunks = chunks_of(count, grain);
  if (threads > chunks) threads = chunks;
  if (threads <= 1) {
    body(0, count, context);
    return;
  }
  struct region region = {count, grain, body, context};
  GOMP_parallel(run_member, &region, (unsigned)threads, 0);
}

int ck_thread_count(void) {
  const int count = omp_get_max_threads();
  return count < 1 ? 1 : count;
}

void ck_set_thread_count(int count) { omp_set_num_threads(count < 1 ? 1 : count); }
