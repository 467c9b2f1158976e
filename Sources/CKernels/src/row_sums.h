// Sums and maxima along a row of floats, in sixteen lanes, always in the same order.
#ifndef CK_ROW_SUMS_H
#define CK_ROW_SUMS_H

#include "vector_math.h"

typedef float ck_lanes __attribute__((ext_vector_type(16), aligned(4)));

CK_INLINE float ck_lanes_sum(const ck_lanes *v) {
  float lane[16];
  memcpy(lane, v, sizeof lane);
  for (int w = 8; w > 0; w /= 2)
    for (int j = 0; j < w; j++) lane[j] += lane[j + w];
  return lane[0];
}

// The sum of VALUE, an expression of lanes made of LOAD(pointer) at index i, over i < n; LOAD is
// a vector load in the body and a scalar one in the tail.
#define CK_LOAD16(p) (*(const ck_lanes *)((p) + i))
#define CK_LOAD1(p) ((p)[i])
#define CK_ROW_SUM(result, n, VALUE)                         \
  {                                                          \
    CK_CONTRACT                                              \
    ck_lanes sums = 0, sums2 = 0;                            \
    float tail = 0;                                          \
    int64_t i = 0;                                           \
    for (; i + 32 <= (n); i += 16) {                         \
      sums += VALUE(CK_LOAD16);                              \
      i += 16;                                               \
      sums2 += VALUE(CK_LOAD16);                             \
    }                                                        \
    for (; i + 16 <= (n); i += 16) sums += VALUE(CK_LOAD16); \
    for (; i < (n); i++) tail += VALUE(CK_LOAD1);            \
    sums += sums2;                                           \
    result = ck_lanes_sum(&sums) + tail;                     \
  }

// The greatest element; where there is NaN, anything.
CK_INLINE float ck_row_max(const float *x, int64_t n) {
  float best = x[0];
  int64_t i = 0;
  if (n >= 16) {
    ck_lanes lanes = *(const ck_lanes *)x;
    for (i = 16; i + 16 <= n; i += 16) {
      const ck_lanes v = *(const ck_lanes *)(x + i);
      lanes = v > lanes ? v : lanes;
    }
    float lane[16];
    memcpy(lane, &lanes, sizeof lane);
    for (int j = 0; j < 16; j++) best = lane[j] > best ? lane[j] : best;
  }
  for (; i < n; i++) best = x[i] > best ? x[i] : best;
  return best;
}

#endif
