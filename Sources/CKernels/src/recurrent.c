#include "ck_recurrent.h"

#include "ck_step_product.h"
#include "vector_math.h"

static size_t bytes_of(int64_t count) { return (size_t)count * sizeof(float); }

// Whether the sample's state passes the step by.
CK_INLINE bool is_masked(const uint8_t *mask, int64_t batch, int64_t t, int64_t sample) {
  return mask && !mask[t * batch + sample];
}

// Asks memory for what the next step needs: rows of samples lie too far apart to be foreseen.
CK_INLINE void ask(const float *from, int64_t count) {
  for (int64_t j = 0; j < count; j += 16) __builtin_prefetch(from + j, 0, 2);
}

// Adds what comes for a step, if anything does.
CK_INLINE void add(float *to, const float *steps, int64_t at, int64_t n) {
  if (steps) CK_LOOP16 for (int64_t j = 0; j < n; j++) to[j] += steps[at + j];
}

// A call for some samples through all steps, of `work` products of two numbers for each sample.
static void for_samples(int64_t batch, int64_t work, ck_body body, void *context) {
  const int64_t share = ck_ceil_div(batch, ck_thread_count());
  ck_parallel(batch, ck_max64(share, CK_GRAIN * 8 / ck_max64(work, 1)), body, context);
}

typedef struct columns_call {
  int64_t rows, k, n;
  const float *a;
  int64_t a_stride;
  const float *packed, *bias;
  float *y;
  int64_t y_stride;
} columns_call;

static void some_columns(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const columns_call *c = context;
  const int64_t first = begin * CK_PANEL, last = ck_min64(end * CK_PANEL, c->n);
  ck_step_product_f32(c->rows, c->k, last - first, c->a, c->a_stride, c->packed + first * c->k,
                      c->bias ? c->bias + first : NULL, c->y + first, c->y_stride);
}

// The product for some samples. Where they are all there are, threads share its columns if it is
// large: nobody else has anything to do.
static void product(bool are_all, int64_t rows, int64_t k, int64_t n, const float *a,
                    int64_t a_stride, const float *packed, const float *bias, float *y,
                    int64_t y_stride) {
  columns_call call = {rows, k, n, a, a_stride, packed, bias, y, y_stride};
  const int64_t panels = ck_ceil_div(n, CK_PANEL);
  const int64_t grain = ck_max64(1, CK_GRAIN * 4 / (rows * k * CK_PANEL));
  if (are_all) ck_parallel(panels, grain, some_columns, &call);
  else some_columns(0, panels, &call);
}

typedef struct lstm_call {
  const ck_lstm *lstm;
  float *dgates, *dh, *dc;
  const float *dh_steps;
} lstm_call;

CK_HOT static void lstm_step(const ck_lstm *s, int64_t t, ptrdiff_t begin, ptrdiff_t end) {
  CK_CONTRACT
  const int64_t n = s->units;
  for (ptrdiff_t sample = begin; sample < end; sample++) {
    const int64_t at = (sample * s->time + t) * n;
    float *i = s->gates + 4 * at, *f = i + n, *g = f + n, *o = g + n;
    const float *c_previous = t == 0 ? s->c_first + sample * n : s->c + at - n;
    float *c = s->c + at, *h = s->h + at;
    if (t + 1 < s->time) ask(i + 4 * n, 4 * n);
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
    if (is_masked(s->mask, s->batch, t, sample)) {
      memcpy(c, c_previous, bytes_of(n));
      memcpy(h, t == 0 ? s->h_first + sample * n : h - n, bytes_of(n));
    }
  }
}

static void lstm_samples(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const ck_lstm *s = ((const lstm_call *)context)->lstm;
  const int64_t n = s->units, row = s->time * n;
  for (int64_t t = 0; t < s->time; t++) {
    const float *h = t == 0 ? s->h_first + begin * n : s->h + begin * row + (t - 1) * n;
    product(end - begin == s->batch, end - begin, n, 4 * n, h, t == 0 ? n : row, s->kernel, NULL,
            s->gates + 4 * (begin * row + t * n), 4 * row);
    lstm_step(s, t, begin, end);
  }
}

CK_HOT static void lstm_step_back(const lstm_call *call, int64_t t, ptrdiff_t begin, ptrdiff_t end) {
  CK_CONTRACT
  const ck_lstm *s = call->lstm;
  const int64_t n = s->units;
  for (ptrdiff_t sample = begin; sample < end; sample++) {
    const int64_t at = (sample * s->time + t) * n;
    const float *i = s->gates + 4 * at, *f = i + n, *g = f + n, *o = g + n;
    float *di = call->dgates + 4 * at, *df = di + n, *dg = df + n, *d_o = dg + n;
    const float *c = s->c + at;
    const float *c_previous = t == 0 ? s->c_first + sample * n : c - n;
    float *dh = call->dh + sample * n, *dc = call->dc + sample * n;
    if (t > 0) {
      ask(i - 4 * n, 4 * n);
      if (call->dh_steps) ask(call->dh_steps + at - n, n);
      if (t > 1) ask(c_previous - n, n);
    }
    add(dh, call->dh_steps, at, n);
    if (is_masked(s->mask, s->batch, t, sample)) {
      memset(di, 0, bytes_of(4 * n));
      continue;
    }
    CK_LOOP16 for (int64_t j = 0; j < n; j++) {
      const float in = i[j], keep = f[j], new = g[j], out = o[j];
      const float squashed = cm_tanh(c[j]), d = dh[j];
      const float cell = dc[j] + d * out * (1.0f - squashed * squashed);
      di[j] = cell * new * in * (1.0f - in);
      df[j] = cell * c_previous[j] * keep * (1.0f - keep);
      dg[j] = cell * in * (1.0f - new * new);
      d_o[j] = d * squashed * out * (1.0f - out);
      dc[j] = cell * keep;
      dh[j] = 0.0f;
    }
  }
}

static void lstm_samples_back(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const lstm_call *call = context;
  const ck_lstm *s = call->lstm;
  const int64_t n = s->units, row = s->time * n;
  for (int64_t t = s->time - 1; t >= 0; t--) {
    lstm_step_back(call, t, begin, end);
    product(end - begin == s->batch, end - begin, 4 * n, n,
            call->dgates + 4 * (begin * row + t * n), 4 * row, s->kernel, NULL,
            call->dh + begin * n, n);
  }
}

void ck_lstm_f32(const ck_lstm *lstm) {
  lstm_call call = {.lstm = lstm};
  for_samples(lstm->batch, lstm->time * lstm->units * lstm->units * 4, lstm_samples, &call);
}

void ck_lstm_gradient_f32(const ck_lstm *lstm, float *dgates, const float *dh_steps, float *dh,
                          float *dc) {
  lstm_call call = {lstm, dgates, dh, dc, dh_steps};
  for_samples(lstm->batch, lstm->time * lstm->units * lstm->units * 4, lstm_samples_back, &call);
}

typedef struct gru_call {
  const ck_gru *gru;
  float *dgates, *drecurrent, *dh;
  const float *h_previous, *dh_steps;
} gru_call;

CK_HOT static void gru_step(const ck_gru *s, int64_t t, ptrdiff_t begin, ptrdiff_t end) {
  CK_CONTRACT
  const int64_t n = s->units;
  for (ptrdiff_t sample = begin; sample < end; sample++) {
    const int64_t at = (sample * s->time + t) * n;
    float *z = s->gates + 3 * at, *r = z + n, *c = r + n;
    const float *uz = s->recurrent + sample * 3 * n, *ur = uz + n, *un = ur + n;
    const float *h_previous = t == 0 ? s->h_first + sample * n : s->h + at - n;
    float *h = s->h + at;
    if (t + 1 < s->time) ask(z + 3 * n, 3 * n);
    memcpy(s->inner + at, un, bytes_of(n));
    CK_LOOP16 for (int64_t j = 0; j < n; j++) {
      const float update = cm_sigmoid(z[j] + uz[j]), reset = cm_sigmoid(r[j] + ur[j]);
      const float new = cm_tanh(c[j] + reset * un[j]);
      z[j] = update;
      r[j] = reset;
      c[j] = new;
      h[j] = update * h_previous[j] + (1.0f - update) * new;
    }
    if (is_masked(s->mask, s->batch, t, sample)) memcpy(h, h_previous, bytes_of(n));
  }
}

static void gru_samples(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const ck_gru *s = ((const gru_call *)context)->gru;
  const int64_t n = s->units, row = s->time * n;
  for (int64_t t = 0; t < s->time; t++) {
    const float *h = t == 0 ? s->h_first + begin * n : s->h + begin * row + (t - 1) * n;
    product(end - begin == s->batch, end - begin, n, 3 * n, h, t == 0 ? n : row, s->kernel, s->bias,
            s->recurrent + begin * 3 * n, 3 * n);
    gru_step(s, t, begin, end);
  }
}

CK_HOT static void gru_step_back(const gru_call *call, int64_t t, ptrdiff_t begin, ptrdiff_t end) {
  CK_CONTRACT
  const ck_gru *s = call->gru;
  const int64_t n = s->units;
  for (ptrdiff_t sample = begin; sample < end; sample++) {
    const int64_t at = (sample * s->time + t) * n;
    const float *z = s->gates + 3 * at, *r = z + n, *c = r + n, *un = s->inner + at;
    const float *h_previous = call->h_previous + at;
    float *dz = call->dgates + 3 * at, *dr = dz + n, *dn = dr + n;
    float *duz = call->drecurrent + 3 * at, *dur = duz + n, *dun = dur + n;
    float *dh = call->dh + sample * n;
    if (t > 0) {
      ask(z - 3 * n, 3 * n);
      ask(un - n, n);
      ask(h_previous - n, n);
      if (call->dh_steps) ask(call->dh_steps + at - n, n);
    }
    add(dh, call->dh_steps, at, n);
    if (is_masked(s->mask, s->batch, t, sample)) {
      memset(dz, 0, bytes_of(3 * n));
      memset(duz, 0, bytes_of(3 * n));
      continue;
    }
    CK_LOOP16 for (int64_t j = 0; j < n; j++) {
      const float update = z[j], reset = r[j], new = c[j], d = dh[j];
      const float d_new = d * (1.0f - update) * (1.0f - new * new);
      const float d_reset = d_new * un[j] * reset * (1.0f - reset);
      const float d_update = d * (h_previous[j] - new) * update * (1.0f - update);
      dz[j] = d_update;
      dr[j] = d_reset;
      dn[j] = d_new;
      duz[j] = d_update;
      dur[j] = d_reset;
      dun[j] = d_new * reset;
      dh[j] = d * update;
    }
  }
}

static void gru_samples_back(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const gru_call *call = context;
  const ck_gru *s = call->gru;
  const int64_t n = s->units, row = s->time * n;
  for (int64_t t = s->time - 1; t >= 0; t--) {
    gru_step_back(call, t, begin, end);
    product(end - begin == s->batch, end - begin, 3 * n, n,
            call->drecurrent + 3 * (begin * row + t * n), 3 * row, s->kernel, NULL,
            call->dh + begin * n, n);
  }
}

void ck_gru_f32(const ck_gru *gru) {
  gru_call call = {.gru = gru};
  for_samples(gru->batch, gru->time * gru->units * gru->units * 3, gru_samples, &call);
}

void ck_gru_gradient_f32(const ck_gru *gru, const float *h_previous, float *dgates,
                         float *drecurrent, const float *dh_steps, float *dh) {
  gru_call call = {gru, dgates, drecurrent, dh, h_previous, dh_steps};
  for_samples(gru->batch, gru->time * gru->units * gru->units * 3, gru_samples_back, &call);
}
