// The gradient of a convolution's kernel where libraries are slow: for images of few channels, which
// they fill up to a whole register, and for sequences, which are images with one long row.
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

// The bytes of scratch that the function below needs, aligned to 64 bytes.
size_t ck_convolution_gradient_scratch(const ck_convolution *c);

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
