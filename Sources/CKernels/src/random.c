#include "ck_random.h"

#include "philox.h"

void ck_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]) {
  uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
  ck_philox_rounds(c, key[0], key[1]);
  memcpy(out, c, sizeof c);
}

struct draw {
  void *out;
  ck_random_key key;
};

CK_HOT static void uniform_range(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const struct draw *draw = context;
  float *out = (float *)draw->out + begin;
#define STORE(i, w) out[i] = ck_uniform(words[w])
  CK_PHILOX_RANGE(begin, end - begin, &draw->key, , STORE)
#undef STORE
}

CK_HOT static void normal_range(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const struct draw *draw = context;
  float *out = (float *)draw->out + begin;
#define STORE(i, w) out[i] = values[w]
  CK_PHILOX_RANGE(begin, end - begin, &draw->key,
                  float values[4 * CK_PHILOX_GROUPS]; ck_normal_groups(values, words, groups);
                  , STORE)
#undef STORE
}

CK_HOT static void bits_range(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const struct draw *draw = context;
  uint32_t *out = (uint32_t *)draw->out + begin;
#define STORE(i, w) out[i] = words[w]
  CK_PHILOX_RANGE(begin, end - begin, &draw->key, , STORE)
#undef STORE
}

static void run(void *out, int64_t count, const uint32_t key[2], uint64_t step, ck_body body) {
  struct draw draw = {out, {{key[0], key[1]}, step}};
  ck_parallel(count, 4 * CK_PHILOX_GROUPS * 32, body, &draw);
}

void ck_random_uniform_f32(float *out, int64_t count, const uint32_t key[2], uint64_t step) {
  run(out, count, key, step, uniform_range);
}

void ck_random_normal_f32(float *out, int64_t count, const uint32_t key[2], uint64_t step) {
  run(out, count, key, step, normal_range);
}

void ck_random_bits_u32(uint32_t *out, int64_t count, const uint32_t key[2], uint64_t step) {
  run(out, count, key, step, bits_range);
}
