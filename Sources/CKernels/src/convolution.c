#include "ck_convolution.h"

#include "ck_tile_product.h"
#include "convolution_rows.h"

// After the rows that a line sees, a row of ones gives the gradient of the bias. The gradient is then a
// sum of outer products, in which a tap of a channel is an offset into the rows.

enum { PARTS = 16 };

typedef struct gradient {
  const ck_convolution *c;
  const float *x, *dy;
  int64_t *offsets;
  float *sums, *rows;
} gradient;

// How many floats a part's sums take, the bias last.
static int64_t tap_count(const ck_convolution *c) {
  return c->taps[0] * c->taps[1] * c->channels + 1;
}
static int64_t sum_size(const ck_convolution *c) {
  return ck_ceil_div(tap_count(c) * c->filters, 16) * 16;
}
size_t ck_convolution_gradient_scratch(const ck_convolution *c) {
  const int64_t part = sum_size(c) + (c->taps[0] + 1) * row_size(c);
  return (size_t)(PARTS * part) * sizeof(float) + (size_t)tap_count(c) * sizeof(int64_t);
}

static void run_parts(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const gradient *g = context;
  const ck_convolution *c = g->c;
  const int64_t lines = c->batch * c->result[0], image = c->size[0] * c->size[1] * c->channels;
  for (ptrdiff_t part = begin; part < end; part++) {
    float *sum = g->sums + part * sum_size(c);
    float *rows = g->rows + part * (c->taps[0] + 1) * row_size(c);
    float *ones = rows + c->taps[0] * row_size(c);
    for (int64_t i = 0; i < row_size(c); i++) ones[i] = 1.0f;
    const int64_t first = lines * part / PARTS, last = lines * (part + 1) / PARTS;
    if (first == last) memset(sum, 0, (size_t)(tap_count(c) * c->filters) * sizeof(float));
    for (int64_t line = first; line < last; line++) {
      fill_rows(c, g->x + line / c->result[0] * image, line % c->result[0], rows);
      ck_tile_product_f32(c->result[1], tap_count(c), c->filters, rows, g->offsets,
                           c->stride[1] * c->channels,
                           g->dy + line * c->result[1] * c->filters, c->filters, sum, c->filters,
                           line > first);
    }
  }
}

CK_HOT static void join_parts(float *sums, int64_t count, int64_t stride) {
  for (int part = 1; part < PARTS; part++) {
    const float *other = sums + part * stride;
    CK_LOOP16 for (int64_t i = 0; i < count; i++) sums[i] += other[i];
  }
}

void ck_convolution_gradient_f32(const ck_convolution *c, float *dk, float *dbias, const float *x,
                                 const float *dy, void *scratch) {
  float *sums = scratch, *rows = sums + PARTS * sum_size(c);
  int64_t *offsets = (int64_t *)(rows + PARTS * (c->taps[0] + 1) * row_size(c)), *next = offsets;
  for (int64_t t = 0; t < c->taps[0]; t++)
    for (int64_t s = 0; s < c->taps[1]; s++)
      for (int64_t i = 0; i < c->channels; i++)
        *next++ = t * row_size(c) + s * c->dilation[1] * c->channels + i;
  *next = c->taps[0] * row_size(c);
  gradient g = {c, x, dy, offsets, sums, rows};
  ck_parallel(PARTS, 1, run_parts, &g);
  join_parts(sums, tap_count(c) * c->filters, sum_size(c));
  const int64_t taps = (tap_count(c) - 1) * c->filters;
  memcpy(dk, sums, (size_t)taps * sizeof(float));
  if (dbias) memcpy(dbias, sums + taps, (size_t)c->filters * sizeof(float));
}
