// Products within a parallel region, by one thread, whose left factor is read wherever its elements
// lie: the parts of an attention, the gradient of a convolution.
#ifndef CK_TILE_PRODUCT_H
#define CK_TILE_PRODUCT_H

#include <stdbool.h>
#include <stdint.h>

// c[i, j] = sum over m of a[offsets[i] + m a_step] b[m, j], added to what c is where it
// `accumulates`, for m < rows, i < k and j < n; b's rows are `b_stride` apart and c's `c_stride`.
// Null offsets are 0, 1, 2...: then this is the product of a's transpose, whose rows are `a_step`
// apart. The order of the sums does not depend on k and n.
void ck_tile_product_f32(int64_t rows, int64_t k, int64_t n, const float *a, const int64_t *offsets,
                         int64_t a_step, const float *b, int64_t b_stride, float *c,
                         int64_t c_stride, bool accumulates);

// c[i, j] = sum over m of a[m a_step + i] b[m, j] for m < rows, i < k and j < n, at most 64: b is one
// panel as ck_pack_f32 leaves it.
void ck_panel_product_f32(int64_t rows, int64_t k, int64_t n, const float *a, int64_t a_step,
                          const float *b, float *c, int64_t c_stride);

// The most rows that the product below is for.
#define CK_THIN 64

// y = a b' by all threads: dense rows of a and b, n long, and of y, k long, for a large b. k is a
// multiple of 8. Sums run along the rows, so that b need not be transposed.
void ck_thin_transposed_product_f32(int64_t rows, int64_t k, int64_t n, const float *a,
                                    const float *b, float *y);

#endif
