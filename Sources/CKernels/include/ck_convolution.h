// Convolutions where libraries are slow: of images with few channels, which they fill up to a whole
// register, and the gradient of the kernel for sequences too, which are images with one long row.
#ifndef CK_CONVOLUTION_H
#define CK_CONVOLUTION_H

#include <stddef.h>
#include <stdint.h>

// y[n, p, f] = sum over taps t and channels i of x[n, p stride + t dilation - low, i] k[t, i, f];
// all tensors have their channels last. The pairs are height and width.
typedef struct ck_convolution {
  int64_t batch, channels, filters;
  int64_t size[2], taps[2], result[2];
  int64_t stride[2], dilation[2], low[2];
} ck_convolution;

// The bytes of scratch that the functions below need, aligned to 64 bytes.
size_t ck_convolution_scratch(const ck_convolution *c);
size_t ck_convolution_gradient_scratch(const ck_convolution *c);

// y = x * k + bias + addend, held between `low` and `high`, of filters that are a multiple of 16; null
// bias and addend are 0.
void ck_convolution_f32(const ck_convolution *c, float *y, const float *x, const float *k,
                        const float *bias, const float *addend, float low, float high,
                        void *scratch);

// dk[t, i, f], and dbias[f] unless it is null, for the gradient dy of y. Sums are joined in fixed
// blocks, so no number of threads changes a bit.
void ck_convolution_gradient_f32(const ck_convolution *c, float *dk, float *dbias, const float *x,
                                 const float *dy, void *scratch);

// dk[t, i, f] of bfloat16 tensors, summed in floats, with the processor's instructions for them where
// there are any. Nothing of it is zero in size.
size_t ck_convolution_gradient_bf16_scratch(const ck_convolution *c);
void ck_convolution_gradient_bf16(const ck_convolution *c, uint16_t *dk, const uint16_t *x,
                                  const uint16_t *dy, void *scratch);

#endif
