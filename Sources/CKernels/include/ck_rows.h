// Softmax and its losses over the last axis: x is [rows, n], n >= 1. Row maxima are subtracted
// first, so no finite input overflows. A row that is all -infinity gives NaN.
#ifndef CK_ROWS_H
#define CK_ROWS_H

#include <stdint.h>

// y = exp(x - max) / sum exp(x - max). y may be x.
void ck_softmax_f32(float *y, const float *x, int64_t rows, int64_t n);

// dx = y (dy - sum y dy), with y of the forward pass. dx may be y or dy.
void ck_softmax_backward_f32(float *dx, const float *dy, const float *y, int64_t rows, int64_t n);

// y = x - max - log sum exp(x - max). y may be x.
void ck_log_softmax_f32(float *y, const float *x, int64_t rows, int64_t n);

// dx = dy - exp(y) sum dy, with y of the forward pass. dx may be y or dy.
void ck_log_softmax_backward_f32(float *dx, const float *dy, const float *y, int64_t rows,
                                 int64_t n);

// loss[row] = -log softmax(x)[row, label[row]]; p = softmax(x), or null if not wanted. A label
// outside 0 ..< n makes a loss of NaN. p may be x.
void ck_softmax_cross_entropy_f32(float *loss, float *p, const float *x, const int32_t *labels,
                                  int64_t rows, int64_t n);

// dx[row, j] = scale[row] (p[row, j] - (j == label[row])). dx may be p. With a label outside
// 0 ..< n the row is NaN. A null scale is 1.
void ck_softmax_cross_entropy_backward_f32(float *dx, const float *p, const int32_t *labels,
                                           const float *scale, int64_t rows, int64_t n);

// loss[row] = -sum over j of target[row, j] log softmax(x)[row, j]; what a target of 0 weighs
// counts as 0. p as above; p may be x.
void ck_softmax_cross_entropy_dense_f32(float *loss, float *p, const float *x,
                                        const float *targets, int64_t rows, int64_t n);

// dx[row, j] = scale[row] (p[row, j] sum target[row] - target[row, j]). dx may be p or targets.
void ck_softmax_cross_entropy_dense_backward_f32(float *dx, const float *p, const float *targets,
                                                 const float *scale, int64_t rows, int64_t n);

#endif
