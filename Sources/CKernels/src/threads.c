#include "ck_threads.h"

// libgomp's entry points, declared here because the compiler brings no omp.h of its own.
extern void GOMP_parallel(void (*body)(void *), void *context, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern void omp_set_num_threads(int count);

#if defined(__x86_64__)
#include <immintrin.h>

// Results to zero, and operands too.
uint64_t ck_flush_denormals(void) {
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040);
  return before;
}
void ck_restore_denormals(uint64_t before) { _mm_setcsr((unsigned)before); }
#elif defined(__aarch64__)
uint64_t ck_flush_denormals(void) {
  uint64_t before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" : : "r"(before | (1u << 24)));
  return before;
}
void ck_restore_denormals(uint64_t before) { __asm__ volatile("msr fpcr, %0" : : "r"(before)); }
#else
uint64_t ck_flush_denormals(void) { return 0; }
void ck_restore_denormals(uint64_t before) { (void)before; }
#endif

struct region {
  ptrdiff_t count, grain;
  ck_body body;
  void *context;
};

static ptrdiff_t chunks_of(ptrdiff_t count, ptrdiff_t grain) {
  return count / grain + (count % grain != 0);
}

static void run_member(void *pointer) {
  ck_flush_denormals();  // the team's own threads keep it; the caller has it already
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
