#include "winograd.h"

#include "pairs.h"

static const winograd_loops *loops_of(const ck_winograd *c) {
  if (c->type == CK_BF16) return ck_has_pairs() ? &ck_winograd_bf16_paired : &ck_winograd_bf16_any;
  return ck_is_wide() ? &ck_winograd_f32_wide : &ck_winograd_f32_narrow;
}

// How many words the channels make.
static int64_t word_count(const ck_winograd *c) {
  return c->type == CK_BF16 ? ck_ceil_div(c->channels, 2) : c->channels;
}

size_t ck_winograd_kernel_size(const ck_winograd *c) {
  return (size_t)(POINTS * word_count(c) * whole_groups(c->filters)) * sizeof(float);
}
// Scratch begins with shares and slots; after those of a gradient there are sums.
static int64_t slots_size(const ck_winograd *c, int64_t slot_size) {
  return c->slots * (slot_size + (int64_t)sizeof(share));
}
size_t ck_winograd_scratch(const ck_winograd *c) { return (size_t)slots_size(c, slot_size(c)); }
size_t ck_winograd_gradient_scratch(const ck_winograd *c) {
  return (size_t)slots_size(c, gradient_slot_size(c)) +
         (size_t)(part_count(c) * sum_size(c)) * sizeof(float);
}

void ck_winograd_kernel(const ck_winograd *c, const void *k, void *u) {
  kernel_call p = {c, k, u};
  ck_parallel(word_count(c), ck_grain(c->filters * POINTS / 4), loops_of(c)->kernel, &p);
}

void ck_winograd_turned_kernel(const ck_winograd *c, const void *k, void *u) {
  kernel_call p = {c, k, u};
  const int64_t groups = ck_ceil_div(c->channels, GROUP);
  ck_parallel(groups, ck_grain(c->filters * 64), loops_of(c)->turned_kernel, &p);
}

void ck_winograd_output(const ck_winograd *c, const void *x, const void *u, const void *bias,
                        const void *addend, float low, float high, void *y, void *scratch) {
  share *shares = scratch;
  output_call p = {c, shares, x, u, bias, addend, low, high, y, (char *)(shares + c->slots)};
  divide(shares, block_count(c), c->slots);
  ck_parallel(c->slots, 1, loops_of(c)->output, &p);
}

void ck_winograd_gradient(const ck_winograd *c, void *dk, void *dbias, const void *x,
                          const void *dy, void *scratch) {
  const int64_t parts = part_count(c);
  share *shares = scratch;
  float *sums = (float *)((char *)scratch + slots_size(c, gradient_slot_size(c)));
  gradient_call g = {c, shares, x, dy, dk, dbias, sums, (char *)(shares + c->slots)};
  divide(shares, gradient_tasks(c), c->slots);
  ck_parallel(c->slots, 1, loops_of(c)->gradient, &g);
  ck_parallel(c->channels, ck_grain(c->filters * POINTS * parts / 4), loops_of(c)->join, &g);
}
