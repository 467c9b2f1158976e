// Where windows lie, for both kinds of pooling.
#ifndef CK_SRC_POOLING_H
#define CK_SRC_POOLING_H

#include "ck_pooling.h"
#include "internal.h"

enum { CK_POOL_CHANNELS = 64 };

// The taps of one output that exist: from[d] <= k < to[d]; `origin` is the input offset, in
// elements, of tap 0 (which need not exist) and `step` that of one tap further.
typedef struct ck_taps {
  int64_t from[3], to[3], step[3], origin, count;
} ck_taps;

CK_INLINE int64_t ck_pool_window(const ck_pooling *s) {
  return s->window[0] * s->window[1] * s->window[2];
}

// Sets dimension d of `taps` for output o; the caller adds up origins.
CK_INLINE int64_t ck_pool_taps(const ck_pooling *s, ck_taps *taps, int d, int64_t o) {
  const int64_t start = o * s->stride[d] - s->pad[d], step = s->dilation[d];
  const int64_t from = start < 0 ? ck_ceil_div(-start, step) : 0;
  const int64_t left = s->input[d] - start;
  const int64_t to = left <= 0 ? 0 : ck_min64(s->window[d], ck_ceil_div(left, step));
  taps->from[d] = ck_min64(from, to);
  taps->to[d] = to;
  return start;
}

CK_INLINE ck_taps ck_taps_of(const ck_pooling *s, const int64_t output[3]) {
  ck_taps t;
  const int64_t pixel = s->channels, line = s->input[2] * pixel, plane = s->input[1] * line;
  t.step[0] = s->dilation[0] * plane;
  t.step[1] = s->dilation[1] * line;
  t.step[2] = s->dilation[2] * pixel;
  t.origin = ck_pool_taps(s, &t, 0, output[0]) * plane;
  t.origin += ck_pool_taps(s, &t, 1, output[1]) * line;
  t.origin += ck_pool_taps(s, &t, 2, output[2]) * pixel;
  t.count = (t.to[0] - t.from[0]) * (t.to[1] - t.from[1]) * (t.to[2] - t.from[2]);
  return t;
}

// Runs the rest for each tap that exists, in order, with `tap` its place and `at` its input offset.
#define CK_FOR_TAPS(s, t, ...)                                                            \
  for (int64_t k0 = (t).from[0]; k0 < (t).to[0]; k0++)                                    \
    for (int64_t k1 = (t).from[1]; k1 < (t).to[1]; k1++)                                  \
      for (int64_t k2 = (t).from[2]; k2 < (t).to[2]; k2++) {                              \
        const int64_t tap = (k0 * (s)->window[1] + k1) * (s)->window[2] + k2;             \
        const int64_t at = (t).origin + k0 * (t).step[0] + k1 * (t).step[1] + k2 * (t).step[2]; \
        (void)tap;                                                                        \
        __VA_ARGS__                                                                        \
      }

// Forward tasks are lines of outputs; backward tasks are samples, and blocks of channels where
// there are few samples.
CK_INLINE int64_t ck_pool_lines(const ck_pooling *s) {
  return s->batch * s->output[0] * s->output[1];
}

CK_INLINE int64_t ck_pool_blocks(const ck_pooling *s) {
  return s->batch >= 8 ? 1 : ck_ceil_div(s->channels, CK_POOL_CHANNELS);
}

CK_INLINE int64_t ck_pool_inputs(const ck_pooling *s) {
  return s->input[0] * s->input[1] * s->input[2] * s->channels;
}

CK_INLINE bool ck_pool_is_empty(const ck_pooling *s) {
  return s->batch <= 0 || s->channels <= 0 || s->output[0] <= 0 || s->output[1] <= 0 ||
         s->output[2] <= 0;
}

#endif
