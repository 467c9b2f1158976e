#include "convolution_rows.h"
#include "tiles.h"

enum { PARTS = 16, PANEL = 32, HEIGHT = 12 };

typedef struct output {
  const ck_convolution *c;
  const float *x, *k, *bias, *addend;
  float low, high, *y, *rows;
  bool is_inside;    // images are seen where they lie, without padding
  int64_t row_step;  // from a row that a line sees to the next
} output;

// Whether no place sees anything outside of an image.
static bool lies_inside(const ck_convolution *c) {
  bool is_inside = true;
  for (int d = 0; d < 2; d++) {
    const int64_t last = (c->result[d] - 1) * c->stride[d] + (c->taps[d] - 1) * c->dilation[d];
    is_inside = is_inside && c->low[d] == 0 && last < c->size[d];
  }
  return is_inside;
}

static int64_t part_size(const ck_convolution *c) { return c->taps[0] * row_size(c); }

size_t ck_convolution_scratch(const ck_convolution *c) {
  return (size_t)(PARTS * part_size(c)) * sizeof(float);
}

// `height` places of y from `to` on, whose first sees the rows from `rows` on, at `vectors` times 16
// filters, constants where this is inlined: the sums stay in registers.
CK_INLINE void tile(const int height, const int vectors, const output *p, const float *rows,
                    int64_t filter, int64_t to) {
  CK_CONTRACT
  const ck_convolution *c = p->c;
  const int64_t filters = c->filters, channels = c->channels, step = c->stride[1] * channels;
  const lanes low = p->low, high = p->high;
  const float *k = p->k + filter;
  lanes sums[HEIGHT][2];
  CK_UNROLL for (int v = 0; v < vectors; v++) {
    const lanes bias = p->bias ? *(const lanes *)(p->bias + filter + 16 * v) : (lanes)0.0f;
    CK_UNROLL for (int r = 0; r < height; r++) sums[r][v] = bias;
  }
  for (int64_t t = 0; t < c->taps[0]; t++, rows += p->row_step)
    for (int64_t s = 0; s < c->taps[1]; s++)
      for (int64_t i = 0; i < channels; i++, k += filters) {
        const float *x = rows + s * c->dilation[1] * channels + i;
        CK_UNROLL for (int r = 0; r < height; r++)
          CK_UNROLL for (int v = 0; v < vectors; v++)
            sums[r][v] += (lanes)x[r * step] * *(const lanes *)(k + 16 * v);
      }
  CK_UNROLL for (int r = 0; r < height; r++)
    CK_UNROLL for (int v = 0; v < vectors; v++) {
      const int64_t at = (to + r) * filters + filter + 16 * v;
      lanes y = sums[r][v];
      if (p->addend) y += *(const lanes *)(p->addend + at);
      y = y < low ? low : y;
      y = y > high ? high : y;
      *(lanes *)(p->y + at) = y;
    }
}

#define CK_HEIGHT(H) \
  case H: tile(H, vectors, p, rows, filter, to); break;

// Up to 24 of 32 registers hold sums.
CK_WIDE static void wide_tile(int height, int vectors_there, const output *p, const float *rows,
                              int64_t filter, int64_t to) {
  if (vectors_there == 2) {
    enum { vectors = 2 };
    switch (height) {
      CK_HEIGHT(1) CK_HEIGHT(2) CK_HEIGHT(3) CK_HEIGHT(4) CK_HEIGHT(5) CK_HEIGHT(6)
      CK_HEIGHT(7) CK_HEIGHT(8) CK_HEIGHT(9) CK_HEIGHT(10) CK_HEIGHT(11) CK_HEIGHT(12)
    }
  } else {
    enum { vectors = 1 };
    switch (height) {
      CK_HEIGHT(1) CK_HEIGHT(2) CK_HEIGHT(3) CK_HEIGHT(4) CK_HEIGHT(5) CK_HEIGHT(6)
      CK_HEIGHT(7) CK_HEIGHT(8) CK_HEIGHT(9) CK_HEIGHT(10) CK_HEIGHT(11) CK_HEIGHT(12)
    }
  }
}

// Up to 12 of 16 registers of half the width do.
CK_HOT static void narrow_tile(int height, int vectors_there, const output *p, const float *rows,
                               int64_t filter, int64_t to) {
  enum { vectors = 1 };
  for (; vectors_there > 0; vectors_there--, filter += 16)
    switch (height) {
      CK_HEIGHT(1) CK_HEIGHT(2) CK_HEIGHT(3) CK_HEIGHT(4) CK_HEIGHT(5) CK_HEIGHT(6)
    }
}
#undef CK_HEIGHT

static void run_parts(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const output *p = context;
  const ck_convolution *c = p->c;
  const bool is_wide = ck_is_wide();
  const int64_t lines = c->batch * c->result[0], width = c->result[1];
  const int64_t image = c->size[0] * c->size[1] * c->channels;
  const int64_t tiles = ck_ceil_div(width, is_wide ? HEIGHT : HEIGHT / 2);
  for (ptrdiff_t part = begin; part < end; part++) {
    float *copy = p->rows + part * part_size(c);
    for (int64_t line = lines * part / PARTS; line < lines * (part + 1) / PARTS; line++) {
      const float *from = p->x + line / c->result[0] * image;
      const int64_t row = line % c->result[0];
      const float *rows = p->is_inside ? from + row * c->stride[0] * c->size[1] * c->channels : copy;
      if (!p->is_inside) fill_rows(c, from, row, copy);
      for (int64_t filter = 0; filter < c->filters; filter += PANEL) {
        const int vectors = (int)ck_min64(PANEL, c->filters - filter) / 16;
        for (int64_t i = 0; i < tiles; i++) {
          const int64_t first = width * i / tiles, after = width * (i + 1) / tiles;
          (is_wide ? wide_tile : narrow_tile)((int)(after - first), vectors, p,
                                              rows + first * c->stride[1] * c->channels, filter,
                                              line * width + first);
        }
      }
    }
  }
}

void ck_convolution_f32(const ck_convolution *c, float *y, const float *x, const float *k,
                        const float *bias, const float *addend, float low, float high,
                        void *scratch) {
  const bool is_inside = lies_inside(c);
  const int64_t row_step = is_inside ? c->dilation[0] * c->size[1] * c->channels : row_size(c);
  output p = {c, x, k, bias, addend, low, high, y, scratch, is_inside, row_step};
  const int64_t products = c->batch * c->result[0] * c->result[1] * c->filters * c->taps[0] *
                           c->taps[1] * c->channels;
  ck_parallel(PARTS, ck_grain(products / PARTS / 4), run_parts, &p);
}
