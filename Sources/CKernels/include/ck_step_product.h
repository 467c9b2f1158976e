// Products of a few rows with a matrix that is used again and again, as in the steps of a
// recurrence. Unlike a library's they are made within a parallel region, by one thread for its rows.
#ifndef CK_STEP_PRODUCT_H
#define CK_STEP_PRODUCT_H

#include <stdbool.h>
#include <stdint.h>

// The packed form cuts the columns into panels of so many, each of which lies row by row:
// [n / 64, k, 64], filled up with zeros.
#define CK_PANEL 64

// How many floats the packed form of a matrix of k rows and n columns takes.
int64_t ck_packed_count(int64_t k, int64_t n);

// The packed form of b: [k, n], or [n, k] if it is `transposed`.
void ck_pack_f32(float *packed, const float *b, int64_t k, int64_t n, bool transposed);

// y += a b for `rows` rows of a, k long and `a_stride` apart, and of y, n long and `y_stride` apart.
// Where there is a `bias`, n long, y is overwritten: y = a b + bias.
void ck_step_product_f32(int64_t rows, int64_t k, int64_t n, const float *a, int64_t a_stride,
                         const float *packed, const float *bias, float *y, int64_t y_stride);

#endif
