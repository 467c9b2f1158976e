// Sums of products of bfloat16 numbers taken in pairs, as the processors' instructions take them.
#ifndef CK_PAIR_PRODUCT_H
#define CK_PAIR_PRODUCT_H

#include "internal.h"

// sums[i, j] += sum over lines l and p < pairs of x0 y0 + x1 y1, where x0 and x1 lie next to each
// other at x[starts[l] + offsets[i] + 2 p], and y0 and y1 are the halves, the low one first, of
// y[l, p, j]. `columns` is a multiple of 16. Sums are of floats.
typedef struct pair_product {
  int64_t rows, columns, lines, pairs;
  const uint16_t *x;
  const int64_t *offsets, *starts;
  const uint32_t *y;
  float *sums;
} pair_product;

void ck_pair_product(const pair_product *c);

#endif
