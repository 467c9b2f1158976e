// The rows of an image that a row of a convolution sees.
#ifndef CK_SRC_CONVOLUTION_ROWS_H
#define CK_SRC_CONVOLUTION_ROWS_H

#include "ck_convolution.h"
#include "internal.h"

// A line is a row of y of one image. What its places see lies in `taps[0]` rows of the image, which
// are copied with their padding. How many floats such a row takes:
CK_INLINE int64_t row_size(const ck_convolution *c) {
  const int64_t columns =
      (c->result[1] - 1) * c->stride[1] + (c->taps[1] - 1) * c->dilation[1] + 1;
  return ck_ceil_div(columns * c->channels, 16) * 16;
}

CK_INLINE void fill_rows(const ck_convolution *c, const float *image, int64_t line, float *rows) {
  const int64_t size = row_size(c), channels = c->channels;
  const int64_t begin = ck_max64(-c->low[1] * channels, -size);
  for (int64_t t = 0; t < c->taps[0]; t++, rows += size) {
    const int64_t y = line * c->stride[0] + t * c->dilation[0] - c->low[0];
    const int64_t from = ck_max64(begin, 0);
    const int64_t to = ck_min64(begin + size, c->size[1] * channels);
    if (y < 0 || y >= c->size[0] || from >= to) {
      memset(rows, 0, (size_t)size * sizeof(float));
      continue;
    }
    memset(rows, 0, (size_t)(from - begin) * sizeof(float));
    memcpy(rows + from - begin, image + y * c->size[1] * channels + from,
           (size_t)(to - from) * sizeof(float));
    memset(rows + to - begin, 0, (size_t)(begin + size - to) * sizeof(float));
  }
}

#endif
