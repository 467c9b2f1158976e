#include "pooling.h"

typedef struct average_pool {
  float *out;
  const float *in;
  int count_padding;
  const ck_pooling *shape;
} average_pool;

CK_INLINE float share_of(const average_pool *p, const ck_taps *t) {
  const int64_t count = p->count_padding ? ck_pool_window(p->shape) : ck_max64(1, t->count);
  return 1.0f / (float)count;
}

CK_HOT static void forward_lines(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const average_pool *p = context;
  const ck_pooling *s = p->shape;
  for (ptrdiff_t line = begin; line < end; line++) {
    int64_t o[3] = {line / s->output[1] % s->output[0], line % s->output[1], 0};
    const float *x = p->in + line / s->output[1] / s->output[0] * ck_pool_inputs(s);
    for (o[2] = 0; o[2] < s->output[2]; o[2]++) {
      const ck_taps t = ck_taps_of(s, o);
      const float share = share_of(p, &t);
      float *y = p->out + (line * s->output[2] + o[2]) * s->channels;
      for (int64_t first = 0; first < s->channels; first += CK_POOL_CHANNELS) {
        const int64_t n = ck_min64(CK_POOL_CHANNELS, s->channels - first);
        float sum[CK_POOL_CHANNELS] = {0};
        CK_FOR_TAPS(s, t, {
          const float *restrict v = x + at + first;
          CK_LOOP16 for (int64_t c = 0; c < n; c++) sum[c] += v[c];
        })
        for (int64_t c = 0; c < n; c++) y[first + c] = sum[c] * share;
      }
    }
  }
}

void ck_average_pool_f32(float *y, const float *x, int count_padding, const ck_pooling *shape) {
  if (ck_pool_is_empty(shape)) return;
  average_pool p = {y, x, count_padding, shape};
  const int64_t work = shape->output[2] * shape->channels * ck_pool_window(shape);
  ck_parallel(ck_pool_lines(shape), ck_grain(work / 2), forward_lines, &p);
}

CK_HOT static void backward_samples(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const average_pool *p = context;
  const ck_pooling *s = p->shape;
  const int64_t blocks = ck_pool_blocks(s), pixels = ck_pool_inputs(s) / s->channels;
  const int64_t width = blocks == 1 ? s->channels : CK_POOL_CHANNELS;
  for (ptrdiff_t task = begin; task < end; task++) {
    const int64_t sample = task / blocks, channel = task % blocks * width;
    const int64_t n = ck_min64(width, s->channels - channel);
    float *dx = p->out + sample * ck_pool_inputs(s) + channel;
    for (int64_t i = 0; i < pixels; i++) memset(dx + i * s->channels, 0, (size_t)n * sizeof(float));
    const float *dy =
        p->in + sample * s->output[0] * s->output[1] * s->output[2] * s->channels + channel;
    int64_t o[3];
    for (o[0] = 0; o[0] < s->output[0]; o[0]++)
      for (o[1] = 0; o[1] < s->output[1]; o[1]++)
        for (o[2] = 0; o[2] < s->output[2]; o[2]++, dy += s->channels) {
          const ck_taps t = ck_taps_of(s, o);
          const float share = share_of(p, &t);
          CK_FOR_TAPS(s, t, {
            float *restrict d = dx + at;
            CK_LOOP16 for (int64_t c = 0; c < n; c++) d[c] += share * dy[c];
          })
        }
  }
}

void ck_average_pool_backward_f32(float *dx, const float *dy, int count_padding,
                                  const ck_pooling *shape) {
  if (shape->batch <= 0 || shape->channels <= 0) return;
  average_pool p = {dx, dy, count_padding, shape};
  const int64_t blocks = ck_pool_blocks(shape);
  ck_parallel(shape->batch * blocks, ck_grain(ck_pool_inputs(shape) / blocks), backward_samples,
              &p);
}
