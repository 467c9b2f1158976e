// Convolutions of images in which each channel has a kernel of its own, where libraries are slow: of
// few channels, which they fill up to a whole register, and the gradient of kernels of more taps than
// 3 by 3.
#ifndef CK_DEPTHWISE_H
#define CK_DEPTHWISE_H

#include <stdbool.h>

#include "ck_convolution.h"

// The most taps of a kernel.
enum { CK_DEPTHWISE_TAPS = 64 };

// The bytes of scratch that the functions below need for so many slots, aligned to 64 bytes. Each
// thread takes slots of its own.
size_t ck_depthwise_scratch(const ck_convolution *c, int64_t slots);
size_t ck_depthwise_gradient_scratch(const ck_convolution *c, int64_t slots);
// How many threads may share the gradient.
int64_t ck_depthwise_gradient_parts(const ck_convolution *c);

// y[n, p, i] = sum over taps t of x[n, p stride + t dilation - low, i] k[t, i] + bias[i], held between
// `low` and `high`; a null bias is 0. With `is_turned`, the last tap of k is the first: where the
// stride is 1, the gradient of x is such a convolution of dy.
void ck_depthwise_f32(const ck_convolution *c, int64_t slots, const float *x, const float *k,
                      bool is_turned, const float *bias, float low, float high, float *y,
                      void *scratch);

// dk[t, i], and dbias[i] unless it is null, for the gradient dy of y. Sums are joined in fixed
// blocks, so no number of threads changes a bit.
void ck_depthwise_gradient_f32(const ck_convolution *c, int64_t slots, float *dk, float *dbias,
                               const float *x, const float *dy, void *scratch);

#endif
