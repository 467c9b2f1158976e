// A product by one thread whose factors are read wherever they lie.
#ifndef CK_TILE_PRODUCT_INTERNAL_H
#define CK_TILE_PRODUCT_INTERNAL_H

#include "internal.h"

// A right factor: the distances from row to row and from column to column, one of which is 1.
// Rows of one that `is_packed` are filled up to whole vectors.
typedef struct factor {
  const float *at;
  int64_t row, column;
  bool is_packed;
} factor;

// c[i, j] = sum over m of a[offsets[i] + m a_step] b[m, j], as ck_tile_product_f32 has it.
void tile_product(int64_t rows, int64_t k, int64_t n, const float *a, const int64_t *offsets,
                  int64_t a_step, factor b, float *c, int64_t c_stride, bool accumulates);

#endif
