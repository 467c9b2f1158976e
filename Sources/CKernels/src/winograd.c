#include "winograd.h"

#include "transpose.h"

// Where the panel from `place` on begins in u: [panel, point, channel, place].
CK_INLINE int64_t panel_offset(const ck_winograd *c, int64_t place) {
  return POINTS * c->channels * place;
}
int64_t ck_winograd_kernel_size(const ck_winograd *c) {
  return panel_offset(c, whole_groups(c->filters));
}

// Points of the products of HEIGHT tiles.
enum { PRODUCT_STRIDE = HEIGHT * PANEL + 16 };

// A slot: the spread tiles, the products of HEIGHT of them, and a row of zeros.
static int64_t slot_size(const ck_winograd *c) {
  return spread_size(c) + POINTS * PRODUCT_STRIDE + c->size[1] * c->channels;
}
size_t ck_winograd_scratch(const ck_winograd *c) {
  return (size_t)(c->slots * slot_size(c)) * sizeof(float);
}

// The 16 values of G g G', for the 9 of g.
CK_INLINE void spread_kernel(const lanes *g, lanes *u) {
  lanes w[4][3];
  CK_UNROLL for (int s = 0; s < 3; s++) {
    const lanes sum = 0.5f * (g[s] + g[6 + s]);
    w[0][s] = g[s];
    w[1][s] = sum + 0.5f * g[3 + s];
    w[2][s] = sum - 0.5f * g[3 + s];
    w[3][s] = g[6 + s];
  }
  CK_UNROLL for (int i = 0; i < 4; i++) {
    const lanes sum = 0.5f * (w[i][0] + w[i][2]);
    u[4 * i] = w[i][0];
    u[4 * i + 1] = sum + 0.5f * w[i][1];
    u[4 * i + 2] = sum - 0.5f * w[i][1];
    u[4 * i + 3] = w[i][2];
  }
}

typedef struct kernel_call {
  const ck_winograd *c;
  const float *k;
  float *u;
} kernel_call;

CK_HOT static void spread_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const kernel_call *p = context;
  const int64_t channels = p->c->channels, filters = p->c->filters;
  for (int64_t i = begin; i < end; i++)
    for (int64_t f = 0; f < filters; f += 16) {
      lanes g[9], u[POINTS];
      const float *from = p->k + i * filters + first_at(f, filters);
      CK_UNROLL for (int t = 0; t < 9; t++)
        g[t] = *(const lanes *)(from + t * channels * filters);
      spread_kernel(g, u);
      const int64_t panel = f / PANEL * PANEL, width = panel_width(p->c, panel);
      float *to = p->u + panel_offset(p->c, panel) + i * width + f - panel;
      CK_UNROLL for (int q = 0; q < POINTS; q++) *(lanes *)(to + q * channels * width) = u[q];
    }
}

// A row is a group of the channels of dy, which are the filters that k knows.
CK_HOT static void spread_turned_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const kernel_call *p = context;
  const int64_t channels = p->c->channels, filters = p->c->filters;
  for (int64_t group = begin; group < end; group++)
    for (int64_t f = 0; f < filters; f += 16) {
      const int64_t i = first_at(group * GROUP, channels), shared = group * GROUP - i;
      const float *from = p->k + first_at(f, filters) * channels + i;
      float points[POINTS][16][16];
      for (int j = 0; j < 16; j++) {
        lanes g[9], u[POINTS];
        CK_UNROLL for (int t = 0; t < 9; t++)
          g[8 - t] = *(const lanes *)(from + (t * filters + j) * channels);
        spread_kernel(g, u);
        CK_UNROLL for (int q = 0; q < POINTS; q++) *(lanes *)points[q][j] = u[q];
      }
      const int64_t panel = f / PANEL * PANEL, width = panel_width(p->c, panel);
      float *to = p->u + panel_offset(p->c, panel) + (i + shared) * width + f - panel;
      for (int q = 0; q < POINTS; q++)
        ck_transpose(to + q * channels * width, width, points[q][0] + shared, 16, 16, 16 - shared);
    }
}

void ck_winograd_kernel_f32(const ck_winograd *c, const float *k, float *u) {
  kernel_call p = {c, k, u};
  ck_parallel(c->channels, ck_grain(c->filters * POINTS / 4), spread_rows, &p);
}

void ck_winograd_turned_kernel_f32(const ck_winograd *c, const float *k, float *u) {
  kernel_call p = {c, k, u};
  ck_parallel(ck_ceil_div(c->channels, GROUP), ck_grain(c->filters * 64), spread_turned_rows, &p);
}

typedef struct call {
  const ck_winograd *c;
  const float *x, *u, *bias, *addend;
  float low, high;
  float *y, *scratch;
} call;

// A' m A for the tiles from `first` up to `end`, and what follows it, at a vector of filters.
CK_INLINE void join_tiles(const call *p, int64_t first, int64_t end, const float *m, int64_t filter) {
  const ck_winograd *c = p->c;
  const int64_t width = c->result[1], filters = c->filters;
  const lanes bias = p->bias ? *(const lanes *)(p->bias + filter) : (lanes)0.0f;
  const lanes low = p->low, high = p->high;
  for (int64_t tile = first; tile < end;) {
    const place at = place_of(c, tile, end);
    const int64_t row = (at.image * c->result[0] + at.line * 2) * width;
    const bool has_row = at.line * 2 + 1 < c->result[0];
    for (int64_t run = 0; run < at.run; run++, m += PANEL) {
      lanes s[2][4], y[4];
      CK_UNROLL for (int j = 0; j < 4; j++) {
        const lanes m0 = *(const lanes *)(m + j * PRODUCT_STRIDE);
        const lanes m1 = *(const lanes *)(m + (4 + j) * PRODUCT_STRIDE);
        const lanes m2 = *(const lanes *)(m + (8 + j) * PRODUCT_STRIDE);
        const lanes m3 = *(const lanes *)(m + (12 + j) * PRODUCT_STRIDE);
        s[0][j] = m0 + m1 + m2;
        s[1][j] = m1 - m2 + m3;
      }
      CK_UNROLL for (int i = 0; i < 2; i++) {
        y[2 * i] = s[i][0] + s[i][1] + s[i][2] + bias;
        y[2 * i + 1] = s[i][1] - s[i][2] + s[i][3] + bias;
      }
      const int64_t column = (at.column + run) * 2;
      const bool has_column = column + 1 < width;
      const bool isThere[4] = {true, has_column, has_row, has_row && has_column};
      CK_UNROLL for (int i = 0; i < 4; i++) {
        if (!isThere[i]) continue;
        const int64_t to = (row + i / 2 * width + column + i % 2) * filters + filter;
        lanes value = y[i];
        if (p->addend) value += *(const lanes *)(p->addend + to);
        value = value < low ? low : value;
        value = value > high ? high : value;
        *(lanes *)(p->y + to) = value;
      }
    }
    tile += at.run;
  }
}

#define CK_HEIGHT(H)                                                                          \
  case H:                                                                                     \
    multiply_tile(H, vectors, channels, GROUP, v, GROUP, 1, GROUP_STRIDE, u, width, m, PANEL, \
                  false);                                                                     \
    break;

// m[tile, filter] at one point, for up to HEIGHT tiles.
CK_INLINE void multiply_wide(int tiles, const int vectors, int64_t channels, const float *v,
                             const float *u, float *m) {
  const int64_t width = 16 * vectors;
  switch (tiles) {
    CK_HEIGHT(1) CK_HEIGHT(2) CK_HEIGHT(3) CK_HEIGHT(4) CK_HEIGHT(5) CK_HEIGHT(6)
    CK_HEIGHT(7) CK_HEIGHT(8) CK_HEIGHT(9) CK_HEIGHT(10) CK_HEIGHT(11) CK_HEIGHT(12)
    default: break;
  }
}

// The same for half as many registers of half the width.
CK_INLINE void multiply_narrow(int tiles, int64_t width, int64_t channels, const float *v,
                               const float *u, float *m) {
  enum { vectors = 1 };
  for (; tiles > 0; tiles -= 6, v += 6 * GROUP, m += 6 * PANEL)
    switch (tiles) {
      CK_HEIGHT(1) CK_HEIGHT(2) CK_HEIGHT(3) CK_HEIGHT(4) CK_HEIGHT(5)
      default: multiply_tile(6, vectors, channels, GROUP, v, GROUP, 1, GROUP_STRIDE, u, width, m,
                             PANEL, false);
    }
}

CK_INLINE void run(const bool is_wide, const call *p, int64_t slot) {
  const ck_winograd *c = p->c;
  const int64_t tiles = tile_count(c), channels = c->channels;
  const int64_t begin = tiles * slot / c->slots, end = tiles * (slot + 1) / c->slots;
  const int64_t blocks = ck_ceil_div(end - begin, TILES);
  float *v = p->scratch + slot * slot_size(c), *m = v + spread_size(c);
  float *zeros = m + POINTS * PRODUCT_STRIDE;
  memset(zeros, 0, (size_t)(c->size[1] * c->channels) * sizeof(float));
  for (int64_t block = 0; block < blocks; block++) {
    const int64_t first = begin + (end - begin) * block / blocks;
    const int64_t last = begin + (end - begin) * (block + 1) / blocks;
    spread_image(c, p->x, zeros, first, last, v);
    const int64_t parts = ck_ceil_div(last - first, HEIGHT);
    for (int64_t panel = 0; panel < c->filters; panel += PANEL) {
      const int width = panel_width(c, panel);
      const float *u = p->u + panel_offset(c, panel);
      for (int64_t part = 0; part < parts; part++) {
        const int64_t from = (last - first) * part / parts;
        const int64_t to = (last - first) * (part + 1) / parts;
        for (int q = 0; q < POINTS; q++) {
          const float *left = v + q * SPREAD_STRIDE + from * GROUP;
          const float *right = u + q * channels * width;
          float *product = m + q * PRODUCT_STRIDE;
          if (!is_wide)
            for (int w = 0; w < width; w += 16)
              multiply_narrow((int)(to - from), width, channels, left, right + w, product + w);
          else if (width == PANEL)
            multiply_wide((int)(to - from), 2, channels, left, right, product);
          else
            multiply_wide((int)(to - from), 1, channels, left, right, product);
        }
        for (int w = 0; w < width; w += 16)
          join_tiles(p, first + from, first + to, m + w, first_at(panel + w, c->filters));
      }
    }
  }
}

CK_WIDE static void run_wide(const call *p, int64_t slot) { run(true, p, slot); }
CK_HOT static void run_narrow(const call *p, int64_t slot) { run(false, p, slot); }

static void run_slots(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const bool is_wide = ck_is_wide();
  for (ptrdiff_t slot = begin; slot < end; slot++) (is_wide ? run_wide : run_narrow)(context, slot);
}

void ck_winograd_f32(const ck_winograd *c, const float *x, const float *u, const float *bias,
                     const float *addend, float low, float high, float *y, void *scratch) {
  call p = {c, x, u, bias, addend, low, high, y, scratch};
  ck_parallel(c->slots, 1, run_slots, &p);
}
