// Convolutions with kernels of 3 by 3 as Winograd's F(2 x 2, 3 x 3): 16 products of tiles where the
// sum over the taps takes 36. Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks".
#ifndef CK_WINOGRAD_H
#define CK_WINOGRAD_H

#include <stddef.h>
#include <stdint.h>

#include "ck_elementwise.h"

// y[n, p, f] = sum over taps t and channels i of x[n, p + t - low, i] k[t, i, f]; all tensors have
// their channels last, and there are at least 16 channels and 16 filters. The pairs are height and
// width. Tensors are of `type`, CK_F32 or CK_BF16, sums of floats. In bfloat16 what is multiplied,
// sums of up to 16 numbers, is rounded once more, and channels are even for all but the gradient of
// the kernel.
typedef struct ck_winograd {
  ck_dtype type;
  int64_t batch, channels, filters;
  int64_t size[2], result[2], low[2];
  int64_t slots;  // how many threads have scratch
} ck_winograd;

// The bytes of a kernel as the products take it.
size_t ck_winograd_kernel_size(const ck_winograd *c);
// The bytes of scratch that the functions below need, aligned to 64 bytes.
size_t ck_winograd_scratch(const ck_winograd *c);
size_t ck_winograd_gradient_scratch(const ck_winograd *c);

// u from k[t, i, f].
void ck_winograd_kernel(const ck_winograd *c, const void *k, void *u);
// u for the gradient of the input, which is a convolution of dy: from the kernel k[2 - t, f, i] of
// the convolution whose gradient it is.
void ck_winograd_turned_kernel(const ck_winograd *c, const void *k, void *u);

// y = x * k + bias + addend, held between `low` and `high`; null bias and addend are 0.
void ck_winograd_output(const ck_winograd *c, const void *x, const void *u, const void *bias,
                        const void *addend, float low, float high, void *y, void *scratch);

// dk[t, i, f], and dbias[f] unless it is null, for the gradient dy of y. Sums are joined in fixed
// blocks, so no number of threads changes a bit.
void ck_winograd_gradient(const ck_winograd *c, void *dk, void *dbias, const void *x,
                          const void *dy, void *scratch);

#endif
