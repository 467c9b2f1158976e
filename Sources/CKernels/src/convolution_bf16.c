#include "ck_convolution.h"
#include "pair_product.h"
#include "pairs.h"
#include "transpose.h"
#include "vector_math.h"

// The sums run over places in pairs. Images are cut into strips of lines of y, which are taken in
// groups. What a strip sees of x is padded and turned to [channels, rows, columns], with as many
// planes as there are strides: plane r has the columns r, r + stride, ... A tap of a channel is then
// an offset, and a line of y its beginning.

enum { MAX_PARTS = 16, PAIRS = 256, STRIP = 1 << 15 };

typedef struct gradient {
  const ck_convolution *c;
  const uint16_t *x, *dy, *zeros;  // a row of zeros stands for what is not there
  uint16_t *dk;
  float *sums;    // [parts, taps, channels, columns]
  char *scratch;  // a group of strips for each part
  int64_t *offsets;
  int64_t columns, pairs, height, width, planes;
  int64_t lines, strips;  // the lines of a strip, and the strips of an image
  int64_t group, groups, parts;
} gradient;

static int64_t rows_of(const gradient *g) {
  return g->c->taps[0] * g->c->taps[1] * g->c->channels;
}
// The elements of a strip of x, and the words of one of dy.
static int64_t strip_size(const gradient *g) {
  return g->planes * g->c->channels * g->height * g->width;
}
static int64_t dy_size(const gradient *g) { return g->lines * g->pairs * g->columns; }
static size_t zero_bytes(const ck_convolution *c) {
  return (size_t)ck_max64(c->channels, c->filters) * sizeof(uint16_t);
}
static size_t part_bytes(const gradient *g) {
  const int64_t turned = (g->group + 1) * strip_size(g) * (int64_t)sizeof(uint16_t);
  const int64_t pairs = g->group * dy_size(g) * (int64_t)sizeof(uint32_t);
  const int64_t starts = g->group * g->lines * (int64_t)sizeof(int64_t);
  return (size_t)ck_ceil_div(turned + pairs + starts, 64) * 64;
}

static gradient described(const ck_convolution *c) {
  gradient g = {.c = c};
  g.columns = ck_ceil_div(c->filters, 16) * 16;
  g.pairs = ck_ceil_div(c->result[1], 2);
  g.planes = ck_min64(c->stride[1], (c->taps[1] - 1) * c->dilation[1] + 1);
  // Whole pairs, of which the last tap's last may begin at an odd column.
  g.width = 2 * (g.pairs + ck_ceil_div((c->taps[1] - 1) * c->dilation[1] / c->stride[1], 2));
  const int64_t line = g.planes * c->channels * g.width * c->stride[0];
  g.lines = ck_min64(c->result[0], ck_max64(4, STRIP / line));
  g.strips = ck_ceil_div(c->result[0], g.lines);
  g.height = (g.lines - 1) * c->stride[0] + (c->taps[0] - 1) * c->dilation[0] + 1;
  // As many strips that tiles stay in registers for a while.
  const int64_t count = c->batch * g.strips;
  g.group = ck_min64(count, ck_ceil_div(PAIRS, g.lines * g.pairs));
  g.groups = ck_ceil_div(count, g.group);
  g.parts = ck_min64(g.groups, rows_of(&g) * g.columns > 1 << 14 ? MAX_PARTS / 2 : MAX_PARTS);
  return g;
}

size_t ck_convolution_gradient_bf16_scratch(const ck_convolution *c) {
  const gradient g = described(c);
  return (size_t)g.parts * part_bytes(&g) +
         (size_t)(rows_of(&g) * (g.parts * g.columns)) * sizeof(float) +
         (size_t)rows_of(&g) * sizeof(int64_t) + zero_bytes(c);
}

// to[i] = (low[i], high[i]) for n elements, and zeros up to `filled`. They are floats only in name.
CK_INLINE void pair_rows(float *to, const uint16_t *low, const uint16_t *high, int64_t n,
                         int64_t filled) {
  int64_t i = 0;
  for (; i + 16 <= n; i += 16)
    *(words *)(to + i) =
        CK_WORDS(*(const halves *)(low + i)) | CK_WORDS(*(const halves *)(high + i)) << 16;
#pragma clang loop vectorize(disable)
  for (; i < n; i++) to[i] = cm_from_bits(low[i] | (uint32_t)high[i] << 16);
#pragma clang loop vectorize(disable)
  for (; i < filled; i++) to[i] = 0;
}

// Some lines of dy in pairs of places.
CK_HOT static void pair_dy(const gradient *g, const uint16_t *dy, int64_t lines, float *to) {
  const int64_t n = g->c->filters, width = g->c->result[1];
  for (int64_t line = 0; line < lines; line++, dy += width * n)
    for (int64_t p = 0; p < g->pairs; p++, to += g->columns)
      pair_rows(to, dy + 2 * p * n, 2 * p + 1 < width ? dy + (2 * p + 1) * n : g->zeros, n,
                g->columns);
}

// Rows of an image of x, from its row `first` on: pairs of columns, which are then turned as one
// matrix for each plane.
CK_HOT static void turn_strip(const gradient *g, const uint16_t *x, int64_t first, float *pairs,
                              float *to) {
  const ck_convolution *c = g->c;
  const int64_t n = c->channels, stride = c->stride[1], count = g->height * g->width / 2;
  for (int64_t plane = 0; plane < g->planes; plane++, to += n * count) {
    float *next = pairs;
    for (int64_t row = first; row < first + g->height; row++) {
      const uint16_t *from = row < 0 || row >= c->size[0] ? NULL : x + row * c->size[1] * n;
      for (int64_t j = 0; j < g->width; j += 2, next += n) {
        const int64_t a = j * stride + plane - c->low[1], b = a + stride;
        pair_rows(next, from && a >= 0 && a < c->size[1] ? from + a * n : g->zeros,
                  from && b >= 0 && b < c->size[1] ? from + b * n : g->zeros, n, n);
      }
    }
    ck_transpose(to, count, pairs, n, count, n);
  }
}

// Adds the gradient of a group of strips to a part's sums.
static void run_group(const gradient *g, int64_t group, char *scratch, float *sums) {
  const ck_convolution *c = g->c;
  float *dy = (float *)scratch;
  int64_t *starts = (int64_t *)(dy + g->group * dy_size(g)), lines = 0;
  float *x = (float *)(starts + g->group * g->lines);
  float *pairs = x + g->group * strip_size(g) / 2;
  const int64_t end = ck_min64((group + 1) * g->group, c->batch * g->strips);
  for (int64_t strip = group * g->group; strip < end; strip++) {
    const int64_t image = strip / g->strips, line = strip % g->strips * g->lines;
    const int64_t count = ck_min64(g->lines, c->result[0] - line);
    const int64_t at = (strip - group * g->group) * strip_size(g);
    pair_dy(g, g->dy + (image * c->result[0] + line) * c->result[1] * c->filters, count,
            dy + lines * g->pairs * g->columns);
    turn_strip(g, g->x + image * c->size[0] * c->size[1] * c->channels,
               line * c->stride[0] - c->low[0], pairs, x + at / 2);
    for (int64_t l = 0; l < count; l++) starts[lines++] = at + l * c->stride[0] * g->width;
  }
  ck_pair_product(&(pair_product){rows_of(g), g->columns, lines, g->pairs, (const uint16_t *)x,
                                  g->offsets, starts, (const uint32_t *)dy, sums});
}

static void run_parts(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const gradient *g = context;
  const int64_t size = rows_of(g) * g->columns;
  for (ptrdiff_t part = begin; part < end; part++) {
    float *sums = g->sums + part * size;
    memset(sums, 0, (size_t)size * sizeof(float));
    const int64_t last = g->groups * (part + 1) / g->parts;
    for (int64_t group = g->groups * part / g->parts; group < last; group++)
      run_group(g, group, g->scratch + part * (ptrdiff_t)part_bytes(g), sums);
  }
}

CK_HOT static void join_parts(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const gradient *g = context;
  const int64_t n = g->c->filters, size = rows_of(g) * g->columns;
  for (ptrdiff_t row = begin; row < end; row++) {
    float *sums = g->sums + row * g->columns;
    for (int64_t part = 1; part < g->parts; part++)
      CK_LOOP16 for (int64_t j = 0; j < n; j++) sums[j] += sums[part * size + j];
    uint16_t *to = g->dk + row * n;
    CK_LOOP16 for (int64_t j = 0; j < n; j++) to[j] = cm_to_bf16(sums[j]);
  }
}

void ck_convolution_gradient_bf16(const ck_convolution *c, uint16_t *dk, const uint16_t *x,
                                  const uint16_t *dy, void *scratch) {
  gradient g = described(c);
  const int64_t rows = rows_of(&g);
  g.x = x, g.dy = dy, g.dk = dk, g.scratch = scratch;
  g.sums = (float *)(g.scratch + g.parts * (ptrdiff_t)part_bytes(&g));
  g.offsets = (int64_t *)(g.sums + g.parts * rows * g.columns);
  g.zeros = memset(g.offsets + rows, 0, zero_bytes(c));
  for (int64_t row = 0; row < rows; row++) {
    const int64_t channel = row % c->channels, tap = row / c->channels;
    const int64_t column = tap % c->taps[1] * c->dilation[1];
    const int64_t plane = column % c->stride[1];
    g.offsets[row] = ((plane * c->channels + channel) * g.height +
                      tap / c->taps[1] * c->dilation[0]) * g.width + column / c->stride[1];
  }
  ck_parallel(g.parts, 1, run_parts, &g);
  ck_parallel(rows, ck_grain(g.parts * g.columns), join_parts, &g);
}
