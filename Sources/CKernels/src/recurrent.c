#include "ck_recurrent.h"

#include "vector_math.h"

typedef struct lstm_call {
  const ck_lstm_step *step;
  float *dgates, *dc_previous, *dh_previous;
  const float *dh, *dh_step, *dc;
  int64_t dh_step_stride;
} lstm_call;

static size_t bytes_of(int64_t count) { return (size_t)count * sizeof(float); }

CK_HOT static void lstm_forward_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  CK_CONTRACT
  const ck_lstm_step *s = ((const lstm_call *)context)->step;
  const int64_t n = s->units;
  for (ptrdiff_t row = begin; row < end; row++) {
    float *i = s->gates + row * s->gates_stride, *f = i + n, *g = f + n, *o = g + n;
    const float *c_previous = s->c_previous + row * s->c_previous_stride;
    float *c = s->c + row * s->c_stride, *h = s->h + row * s->h_stride;
    CK_LOOP16 for (int64_t j = 0; j < n; j++) {
      const float in = cm_sigmoid(i[j]), keep = cm_sigmoid(f[j]);
      const float new = cm_tanh(g[j]), out = cm_sigmoid(o[j]);
      const float cell = keep * c_previous[j] + in * new;
      i[j] = in;
      f[j] = keep;
      g[j] = new;
      o[j] = out;
      c[j] = cell;
      h[j] = out * cm_tanh(cell);
    }
    if (s->mask && !s->mask[row]) {
      memcpy(c, c_previous, bytes_of(n));
      memcpy(h, s->h_previous + row * s->h_previous_stride, bytes_of(n));
    }
  }
}

CK_HOT static void lstm_backward_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  CK_CONTRACT
  const lstm_call *call = context;
  const ck_lstm_step *s = call->step;
  const int64_t n = s->units;
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *i = s->gates + row * s->gates_stride, *f = i + n, *g = f + n, *o = g + n;
    float *di = call->dgates + row * s->gates_stride, *df = di + n, *dg = df + n, *d_o = dg + n;
    const float *c = s->c + row * s->c_stride;
    const float *c_previous = s->c_previous + row * s->c_previous_stride;
    const float *dh = call->dh + row * n, *dh_step = call->dh_step + row * call->dh_step_stride;
    const float *dc = call->dc + row * n;
    float *dc_previous = call->dc_previous + row * n, *dh_previous = call->dh_previous + row * n;
    if (s->mask && !s->mask[row]) {
      CK_LOOP16 for (int64_t j = 0; j < n; j++) dh_previous[j] = dh[j] + dh_step[j];
      memset(di, 0, bytes_of(4 * n));
      memmove(dc_previous, dc, bytes_of(n));
      continue;
    }
    CK_LOOP16 for (int64_t j = 0; j < n; j++) {
      const float in = i[j], keep = f[j], new = g[j], out = o[j];
      const float squashed = cm_tanh(c[j]), d = dh[j] + dh_step[j];
      const float cell = dc[j] + d * out * (1.0f - squashed * squashed);
      di[j] = cell * new * in * (1.0f - in);
      df[j] = cell * c_previous[j] * keep * (1.0f - keep);
      dg[j] = cell * in * (1.0f - new * new);
      d_o[j] = d * squashed * out * (1.0f - out);
      dc_previous[j] = cell * keep;
      dh_previous[j] = 0.0f;
    }
  }
}

void ck_lstm_forward_f32(const ck_lstm_step *step) {
  lstm_call call = {.step = step};
  ck_parallel(step->batch, ck_grain(20 * step->units), lstm_forward_rows, &call);
}

void ck_lstm_backward_f32(const ck_lstm_step *step, float *dgates, float *dc_previous,
                          float *dh_previous, const float *dh, const float *dh_step,
                          int64_t dh_step_stride, const float *dc) {
  lstm_call call = {step, dgates, dc_previous, dh_previous, dh, dh_step, dc, dh_step_stride};
  ck_parallel(step->batch, ck_grain(12 * step->units), lstm_backward_rows, &call);
}

typedef struct gru_call {
  const ck_gru_step *step;
  float *dgates, *drecurrent, *dh_previous;
  const float *dh, *dh_step;
  int64_t dh_step_stride;
} gru_call;

CK_HOT static void gru_forward_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  CK_CONTRACT
  const ck_gru_step *s = ((const gru_call *)context)->step;
  const int64_t n = s->units;
  for (ptrdiff_t row = begin; row < end; row++) {
    float *z = s->gates + row * s->gates_stride, *r = z + n, *c = r + n;
    const float *uz = s->recurrent + row * 3 * n, *ur = uz + n, *un = ur + n;
    const float *h_previous = s->h_previous + row * s->h_previous_stride;
    float *h = s->h + row * s->h_stride, *inner = s->inner + row * s->inner_stride;
    memcpy(inner, un, bytes_of(n));
    CK_LOOP16 for (int64_t j = 0; j < n; j++) {
      const float update = cm_sigmoid(z[j] + uz[j]), reset = cm_sigmoid(r[j] + ur[j]);
      const float new = cm_tanh(c[j] + reset * un[j]);
      z[j] = update;
      r[j] = reset;
      c[j] = new;
      h[j] = update * h_previous[j] + (1.0f - update) * new;
    }
    if (s->mask && !s->mask[row]) memcpy(h, h_previous, bytes_of(n));
  }
}

CK_HOT static void gru_backward_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  CK_CONTRACT
  const gru_call *call = context;
  const ck_gru_step *s = call->step;
  const int64_t n = s->units;
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *z = s->gates + row * s->gates_stride, *r = z + n, *c = r + n;
    const float *un = s->inner + row * s->inner_stride;
    const float *h_previous = s->h_previous + row * s->h_previous_stride;
    const float *dh = call->dh + row * n, *dh_step = call->dh_step + row * call->dh_step_stride;
    float *dz = call->dgates + row * s->gates_stride, *dr = dz + n, *dn = dr + n;
    float *duz = call->drecurrent + row * s->gates_stride, *dur = duz + n, *dun = dur + n;
    float *dh_previous = call->dh_previous + row * n;
    if (s->mask && !s->mask[row]) {
      memset(dz, 0, bytes_of(3 * n));
      memset(duz, 0, bytes_of(3 * n));
      CK_LOOP16 for (int64_t j = 0; j < n; j++) dh_previous[j] = dh[j] + dh_step[j];
      continue;
    }
    CK_LOOP16 for (int64_t j = 0; j < n; j++) {
      const float update = z[j], reset = r[j], new = c[j], d = dh[j] + dh_step[j];
      const float d_new = d * (1.0f - update) * (1.0f - new * new);
      const float d_reset = d_new * un[j] * reset * (1.0f - reset);
      const float d_update = d * (h_previous[j] - new) * update * (1.0f - update);
      dz[j] = d_update;
      dr[j] = d_reset;
      dn[j] = d_new;
      duz[j] = d_update;
      dur[j] = d_reset;
      dun[j] = d_new * reset;
      dh_previous[j] = d * update;
    }
  }
}

void ck_gru_forward_f32(const ck_gru_step *step) {
  gru_call call = {.step = step};
  ck_parallel(step->batch, ck_grain(15 * step->units), gru_forward_rows, &call);
}

void ck_gru_backward_f32(const ck_gru_step *step, float *dgates, float *drecurrent,
                         float *dh_previous, const float *dh, const float *dh_step,
                         int64_t dh_step_stride) {
  gru_call call = {step, dgates, drecurrent, dh_previous, dh, dh_step, dh_step_stride};
  ck_parallel(step->batch, ck_grain(6 * step->units), gru_backward_rows, &call);
}
