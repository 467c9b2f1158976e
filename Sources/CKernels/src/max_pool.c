#include "pooling.h"

typedef struct max_pool {
  float *out;
  const float *in;
  void *indices;
  int wide;
  bool apart;  // windows do not overlap
  const ck_pooling *shape;
} max_pool;

CK_INLINE bool greater(float v, float best) { return v > best || (v != v && best == best); }

// The four taps of a 2 x 2 window that all exist.
CK_INLINE void max_of_four(float *restrict y, uint8_t *restrict index, const float *restrict x,
                           int64_t right, int64_t down, int64_t n) {
  CK_LOOP16 for (int64_t c = 0; c < n; c++) {
    const float v0 = x[c], v1 = x[right + c], v2 = x[down + c], v3 = x[down + right + c];
    const bool second = greater(v1, v0), fourth = greater(v3, v2);
    const float top = second ? v1 : v0, bottom = fourth ? v3 : v2;
    const bool lower = greater(bottom, top);
    y[c] = lower ? bottom : top;
    const int32_t above = second ? 1 : 0, below = fourth ? 3 : 2;
    if (index) index[c] = (uint8_t)(lower ? below : above);
  }
}

CK_INLINE void max_of_window(const max_pool *p, const ck_taps *t, const float *x, int64_t to) {
  const ck_pooling *s = p->shape;
  float best[CK_POOL_CHANNELS];
  int32_t index[CK_POOL_CHANNELS];
  for (int64_t begin = 0; begin < s->channels; begin += CK_POOL_CHANNELS) {
    const int64_t n = ck_min64(CK_POOL_CHANNELS, s->channels - begin);
    bool first = true;
    for (int64_t c = 0; c < n; c++) best[c] = -INFINITY, index[c] = 0;
    CK_FOR_TAPS(s, *t, {
      const float *v = x + at + begin;
      const int32_t place = (int32_t)tap;
      if (first) {
        for (int64_t c = 0; c < n; c++) best[c] = v[c], index[c] = place;
        first = false;
      } else {
        CK_LOOP16 for (int64_t c = 0; c < n; c++) {
          const bool take = greater(v[c], best[c]);
          best[c] = take ? v[c] : best[c];
          index[c] = take ? place : index[c];
        }
      }
    })
    memcpy(p->out + to + begin, best, (size_t)n * sizeof(float));
    if (!p->indices) continue;
    if (p->wide) {
      memcpy((int32_t *)p->indices + to + begin, index, (size_t)n * sizeof(int32_t));
    } else {
      uint8_t *narrow = (uint8_t *)p->indices + to + begin;
      for (int64_t c = 0; c < n; c++) narrow[c] = (uint8_t)index[c];
    }
  }
}

CK_INLINE bool is_square(const ck_pooling *s) {
  return s->window[0] == 1 && s->window[1] == 2 && s->window[2] == 2;
}

// Whether every window of an image without padding has all its taps.
CK_INLINE bool lies_inside(const ck_pooling *s) {
  bool inside = true;
  for (int d = 0; d < 3; d++)
    inside = inside && (s->output[d] - 1) * s->stride[d] +
                               (s->window[d] - 1) * s->dilation[d] < s->input[d];
  return inside;
}

CK_HOT static void forward_lines(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const max_pool *p = context;
  const ck_pooling *s = p->shape;
  const bool square = is_square(s) && !(p->wide && p->indices);
  const bool inside = square && s->pad[0] + s->pad[1] + s->pad[2] == 0 && lies_inside(s);
  const int64_t right = s->dilation[2] * s->channels;
  const int64_t down = s->dilation[1] * s->input[2] * s->channels;
  for (ptrdiff_t line = begin; line < end; line++) {
    int64_t o[3] = {line / s->output[1] % s->output[0], line % s->output[1], 0};
    const float *x = p->in + line / s->output[1] / s->output[0] * ck_pool_inputs(s);
    const int64_t row = o[0] * s->stride[0] * s->input[1] + o[1] * s->stride[1];
    for (o[2] = 0; o[2] < s->output[2]; o[2]++) {
      const int64_t to = (line * s->output[2] + o[2]) * s->channels;
      ck_taps t = {.count = 4, .origin = (row * s->input[2] + o[2] * s->stride[2]) * s->channels};
      if (!inside) t = ck_taps_of(s, o);
      if (!square || t.count != 4) {
        max_of_window(p, &t, x, to);
      } else if (p->indices) {
        max_of_four(p->out + to, (uint8_t *)p->indices + to, x + t.origin, right, down,
                    s->channels);
      } else {
        max_of_four(p->out + to, NULL, x + t.origin, right, down, s->channels);
      }
    }
  }
}

void ck_max_pool_f32(float *y, void *indices, int wide, const float *x, const ck_pooling *shape) {
  if (ck_pool_is_empty(shape)) return;
  max_pool p = {y, x, indices, wide, false, shape};
  const int64_t work = shape->output[2] * shape->channels * ck_pool_window(shape);
  // What it reads lies in the caches of all cores, and comes slowly to one alone.
  ck_parallel(ck_pool_lines(shape), ck_grain(4 * work), forward_lines, &p);
}

// Adds each of n elements of dy to the tap it was taken from, if there is such a tap.
CK_INLINE void scatter(const max_pool *p, float *dx, const ck_taps *t, int64_t from, int64_t n) {
  const ck_pooling *s = p->shape;
  for (int64_t c = 0; c < n; c++) {
    const int64_t tap = p->wide ? ((const int32_t *)p->indices)[from + c]
                                : ((const uint8_t *)p->indices)[from + c];
    const int64_t k2 = tap % s->window[2], k1 = tap / s->window[2] % s->window[1];
    const int64_t k0 = tap / s->window[2] / s->window[1];
    const int64_t k[3] = {k0, k1, k2};
    bool exists = true;
    for (int d = 0; d < 3; d++) exists = exists && k[d] >= t->from[d] && k[d] < t->to[d];
    const int64_t at = t->origin + k0 * t->step[0] + k1 * t->step[1] + k2 * t->step[2] + c;
    if (exists) dx[at] += p->in[from + c];
  }
}

// The same tap by tap, in vectors, for narrow indices.
CK_INLINE void distribute(const max_pool *p, float *dx, const ck_taps *t, int64_t from, int64_t n) {
  const ck_pooling *s = p->shape;
  const float *restrict dy = p->in + from;
  const uint8_t *restrict index = (const uint8_t *)p->indices + from;
  CK_FOR_TAPS(s, *t, {
    float *restrict d = dx + at;
    const uint8_t place = (uint8_t)tap;
    if (p->apart) {
      CK_LOOP16 for (int64_t c = 0; c < n; c++) d[c] = index[c] == place ? dy[c] : 0.0f;
    } else {
      CK_LOOP16 for (int64_t c = 0; c < n; c++) d[c] += index[c] == place ? dy[c] : 0.0f;
    }
  })
}

// The four taps of a 2 x 2 window that no other window has.
CK_INLINE void spread_to_four(float *restrict dx, const float *restrict dy,
                              const uint8_t *restrict index, int64_t right, int64_t down,
                              int64_t n) {
  CK_LOOP16 for (int64_t c = 0; c < n; c++) {
    const float slope = dy[c];
    const int32_t tap = index[c];
    dx[c] = tap == 0 ? slope : 0.0f;
    dx[right + c] = tap == 1 ? slope : 0.0f;
    dx[down + c] = tap == 2 ? slope : 0.0f;
    dx[down + right + c] = tap == 3 ? slope : 0.0f;
  }
}

// Clears channels [begin, begin + n) of one sample.
CK_INLINE void clear(const ck_pooling *s, float *dx, int64_t n) {
  const int64_t pixels = ck_pool_inputs(s) / s->channels;
  if (n == s->channels) {
    memset(dx, 0, (size_t)(pixels * n) * sizeof(float));
  } else {
    for (int64_t i = 0; i < pixels; i++) memset(dx + i * s->channels, 0, (size_t)n * sizeof(float));
  }
}

CK_HOT static void backward_samples(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const max_pool *p = context;
  const ck_pooling *s = p->shape;
  const int64_t blocks = ck_pool_blocks(s);
  const int64_t width = blocks == 1 ? s->channels : CK_POOL_CHANNELS;
  bool tiles = p->apart;
  for (int d = 0; d < 3; d++)
    tiles = tiles && s->pad[d] == 0 && s->stride[d] == s->window[d] && s->dilation[d] == 1 &&
            s->output[d] * s->stride[d] == s->input[d];
  for (ptrdiff_t task = begin; task < end; task++) {
    const int64_t sample = task / blocks, channel = task % blocks * width;
    const int64_t n = ck_min64(width, s->channels - channel);
    float *dx = p->out + sample * ck_pool_inputs(s) + channel;
    if (!tiles) clear(s, dx, n);
    int64_t from = sample * s->output[0] * s->output[1] * s->output[2] * s->channels + channel;
    if (tiles && is_square(s)) {
      const int64_t right = s->channels, down = s->input[2] * s->channels;
      for (int64_t line = 0; line < s->output[0] * s->output[1]; line++, dx += down)
        for (int64_t i = 0; i < s->output[2]; i++, from += right, dx += 2 * right)
          spread_to_four(dx, p->in + from, (const uint8_t *)p->indices + from, right, down, n);
      continue;
    }
    int64_t o[3];
    for (o[0] = 0; o[0] < s->output[0]; o[0]++)
      for (o[1] = 0; o[1] < s->output[1]; o[1]++)
        for (o[2] = 0; o[2] < s->output[2]; o[2]++, from += s->channels) {
          const ck_taps t = ck_taps_of(s, o);
          if (p->wide || t.count > 32) scatter(p, dx, &t, from, n);
          else distribute(p, dx, &t, from, n);
        }
  }
}

void ck_max_pool_backward_f32(float *dx, const float *dy, const void *indices, int wide,
                              const ck_pooling *shape) {
  if (shape->batch <= 0 || shape->channels <= 0) return;
  bool apart = !wide && ck_pool_window(shape) <= 32;
  for (int d = 0; d < 3; d++)
    apart = apart && (shape->output[d] <= 1 ||
                      shape->stride[d] > (shape->window[d] - 1) * shape->dilation[d]);
  max_pool p = {dx, dy, (void *)indices, wide, apart, shape};
  const int64_t blocks = ck_pool_blocks(shape);
  ck_parallel(shape->batch * blocks, ck_grain(ck_pool_inputs(shape) / blocks), backward_samples,
              &p);
}
