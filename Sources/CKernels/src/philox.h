// Ranges of the random sequences that ck_random.h defines, for any first element.
#ifndef CK_PHILOX_H
#define CK_PHILOX_H

#include "ck_random.h"
#include "vector_math.h"

enum { CK_PHILOX_GROUPS = 64 };

CK_INLINE void ck_philox_rounds(uint32_t c[4], uint32_t k0, uint32_t k1) {
  uint32_t c0 = c[0], c1 = c[1], c2 = c[2], c3 = c[3];
#pragma clang loop unroll(full)
  for (int round = 0; round < 10; round++) {
    const uint64_t p0 = (uint64_t)c0 * 0xd2511f53u, p1 = (uint64_t)c2 * 0xcd9e8d57u;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  c[0] = c0, c[1] = c1, c[2] = c2, c[3] = c3;
}

// words[4 i + j] = word j of group `first` + i.
CK_INLINE void ck_philox_groups(uint32_t *restrict words, uint64_t first, int groups,
                                const ck_random_key *key) {
  const uint32_t k0 = key->key[0], k1 = key->key[1];
  const uint32_t s0 = (uint32_t)key->step, s1 = (uint32_t)(key->step >> 32);
  CK_LOOP16
  for (int i = 0; i < groups; i++) {
    const uint64_t group = first + (uint64_t)i;
    uint32_t c[4] = {(uint32_t)group, (uint32_t)(group >> 32), s0, s1};
    ck_philox_rounds(c, k0, k1);
    words[4 * i] = c[0];
    words[4 * i + 1] = c[1];
    words[4 * i + 2] = c[2];
    words[4 * i + 3] = c[3];
  }
}

CK_INLINE float ck_uniform(uint32_t word) {
  return (float)(int32_t)(word >> 8) * 5.9604644775390625e-8f;
}

// values[i] for all elements of the groups, by Box and Muller.
CK_INLINE void ck_normal_groups(float *restrict values, const uint32_t *restrict words,
                                int groups) {
  CK_LOOP16
  for (int i = 0; i < 2 * groups; i++) {
    const float radius = cm_sqrt(-2.0f * cm_log(1.0f - ck_uniform(words[2 * i])));
    // The angle's quarter turns: the remainder is exact.
    const float turns = 4.0f * ck_uniform(words[2 * i + 1]);
    const float shifted = turns + CM_SHIFT;
    const uint32_t quadrant = cm_bits(shifted);
    const float r = (turns - (shifted - CM_SHIFT)) * 1.57079637f;
    values[2 * i] = radius * cm_sin_quadrant(r, quadrant + 1);
    values[2 * i + 1] = radius * cm_sin_quadrant(r, quadrant);
  }
}

// Calls for each group of words that covers elements begin ..< begin + count; STORE(i, word index)
// writes element begin + i.
#define CK_PHILOX_RANGE(begin, count, key, PREPARE, STORE)                            \
  for (int64_t at = 0; at < (count);) {                                               \
    uint32_t words[4 * CK_PHILOX_GROUPS];                                             \
    const int64_t skip = ((begin) + at) & 3;                                          \
    const int64_t n = ck_min64((count) - at, 4 * CK_PHILOX_GROUPS - skip);            \
    const int groups = (int)((skip + n + 3) / 4);                                     \
    ck_philox_groups(words, (uint64_t)((begin) + at) / 4, groups, key);               \
    PREPARE                                                                           \
    for (int64_t i = 0; i < n; i++) STORE(at + i, skip + i);                          \
    at += n;                                                                          \
  }

#endif
