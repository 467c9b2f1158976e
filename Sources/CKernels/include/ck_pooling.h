// Max and average pooling, channels last, over up to three spatial dimensions.
#ifndef CK_POOLING_H
#define CK_POOLING_H

#include <stdint.h>

// The shapes: x is [batch, input..., channels], y is [batch, output..., channels]. With fewer than
// three spatial dimensions the leading ones have input, output, window, stride and dilation 1.
// Output o takes the inputs o · stride - pad + k · dilation, 0 <= k < window, that exist; `pad` is
// the padding before. Every extent but batch, channels and output is at least 1, pad at least 0.
typedef struct ck_pooling {
  int64_t batch, channels;
  int64_t input[3], output[3], window[3], stride[3], dilation[3], pad[3];
} ck_pooling;

// y = the greatest input of the window, NaN if there is one, -infinity if there is none.
// indices, laid out as y, gets its place in the window, row-major over `window`, the first if there
// are several: int32_t where `wide`, else uint8_t, which needs a window of at most 256 elements.
// indices may be null.
void ck_max_pool_f32(float *y, void *indices, int wide, const float *x, const ck_pooling *shape);

// dx = for each input the sum of dy over the windows that chose it.
void ck_max_pool_backward_f32(float *dx, const float *dy, const void *indices, int wide,
                              const ck_pooling *shape);

// y = the mean over the window: over all its places where `count_padding` (places that do not exist
// are 0), else over those that exist (0 if there is none).
void ck_average_pool_f32(float *y, const float *x, int count_padding, const ck_pooling *shape);

// dx = for each input the sum of dy / count over its windows.
void ck_average_pool_backward_f32(float *dx, const float *dy, int count_padding,
                                  const ck_pooling *shape);

#endif
