// Layer and RMS normalization of float tensors, batch normalization of float and bfloat16.
#ifndef CK_NORMALIZATION_H
#define CK_NORMALIZATION_H

#include <stddef.h>
#include <stdint.h>

#include "ck_elementwise.h"

// For each row of x, [rows, n]: mean, rstd = 1 / sqrt(variance + epsilon) (the variance of the
// row, biased), y = (x - mean) rstd gamma + beta. gamma and beta are [n]; null counts as 1 and 0.
// mean and rstd are [rows]. y may be x.
void ck_layer_norm_f32(float *y, float *mean, float *rstd, const float *x, const float *gamma,
                       const float *beta, int64_t rows, int64_t n, float epsilon);

// The same with mean = 0 and the mean square in place of the variance.
void ck_rms_norm_f32(float *y, float *rstd, const float *x, const float *gamma, int64_t rows,
                     int64_t n, float epsilon);

// The gradients of both; for RMS normalization `mean` is null. With xhat = (x - mean) rstd and
// g = dy gamma: dx = rstd (g - average(g) - xhat average(g xhat)), without average(g) for RMS;
// dgamma = sum over rows of dy xhat, dbeta = sum over rows of dy. dgamma and dbeta may be null.
// dx may be dy. Scratch: ck_layer_norm_scratch(rows, n) bytes, aligned to 8.
size_t ck_layer_norm_scratch(int64_t rows, int64_t n);
void ck_layer_norm_backward_f32(float *dx, float *dgamma, float *dbeta, const float *dy,
                                const float *x, const float *mean, const float *rstd,
                                const float *gamma, int64_t rows, int64_t n, void *scratch);

// The mean and the biased variance of each column of x, [rows, n], rows >= 1: squared deviations
// from each block's own mean, joined in double. Then y = (x - mean) gamma / sqrt(variance +
// epsilon) + beta, held between `low` and `high`: 0 and infinity make it a ReLU. gamma and beta are
// [n]; null counts as 1 and 0. x and y are of `type`, CK_F32 or CK_BF16, and y may be x.
// Scratch: ck_batch_norm_scratch(rows, n) bytes, aligned to 8.
size_t ck_batch_norm_scratch(int64_t rows, int64_t n);
void ck_batch_norm(ck_dtype type, void *y, float *mean, float *variance, const void *x,
                   const float *gamma, const float *beta, int64_t rows, int64_t n, float epsilon,
                   float low, float high, void *scratch);

// The gradients. Where y is not null it is what the forward pass gave, and dy counts only where
// low < y < high.
// With xhat = (x - mean) / sqrt(variance + epsilon): dbeta = sum dy, dgamma = sum dy xhat,
// dx = gamma / sqrt(variance + epsilon) (dy - dbeta / rows - xhat dgamma / rows). dgamma and dbeta
// must be there. dx, dy, x and y are of `type`; dx may be dy or x.
void ck_batch_norm_backward(ck_dtype type, void *dx, float *dgamma, float *dbeta, const void *dy,
                            const void *x, const void *y, const float *mean, const float *variance,
                            const float *gamma, int64_t rows, int64_t n, float epsilon, float low,
                            float high, void *scratch);

#endif
